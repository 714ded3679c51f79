import pytest

from support.certificates import Authority
from support.containers import Engine


@pytest.fixture(scope="session")
def engine():
    engine = Engine()
    yield engine
    engine.stop()


@pytest.fixture(scope="session")
def image(engine):
    engine.build("tracklet")
    return "tracklet"


@pytest.fixture(scope="session")
def authority():
    return Authority()
