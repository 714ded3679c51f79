"""What every suite shares: the throw-away PostgreSQL and S3 server of this session, and how suites are spread over processes."""

import pytest
from xdist.scheduler import LoadScopeScheduling

from support.postgres import Postgres
from support.seaweed import Seaweed


class BySuite(LoadScopeScheduling):
    """With several processes (-n) a suite stays in one: its tests share servers, and parity looks back at all that it played."""

    def _split_scope(self, nodeid):
        return nodeid.split("/")[0]


def pytest_xdist_make_scheduler(config, log):
    return BySuite(config, log)


def pytest_collection_modifyitems(config, items):
    order = {suite: number for number, suite in enumerate(config.getini("testpaths"))}
    items.sort(key=lambda item: order.get(item.nodeid.split("/")[0], len(order)))


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
