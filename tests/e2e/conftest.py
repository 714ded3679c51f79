"""Fixtures that every suite shares: the throw-away PostgreSQL and S3 server of this session."""

import pytest

from support.postgres import Postgres
from support.seaweed import Seaweed


@pytest.fixture(scope="session")
def postgres():
    server = Postgres()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def seaweed():
    server = Seaweed()
    yield server
    server.stop()
