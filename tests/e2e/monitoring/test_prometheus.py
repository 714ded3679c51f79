"""A real Prometheus scrapes two servers over one database: what it adds up is what was sent."""

import concurrent.futures
import urllib.request

import pytest

from monitoring import questions
from support import databases, machine
from support.client import Client, Refused
from support.prometheus import Prometheus, complaints
from support.servers import start_tracklet

WRITERS, BATCHES, UPLOADS = 6, 20, 10
CONTENT = b"x" * 100_000
LOG_BATCH = 'route="/api/2.0/mlflow/runs/log-batch"'


@pytest.fixture(scope="module")
def servers(postgres, seaweed):
    """One with `/metrics` on its only port, one with a port of its own for it."""
    store = databases.create("postgres", postgres)
    own = f"127.0.0.1:{machine.free_port()}"
    options = {"env": seaweed.environment()}
    folder = ("--artifacts-destination", f"s3://{seaweed.BUCKET}/monitoring")
    first = start_tracklet(store.uri, *folder, **options).wait()
    second = start_tracklet(store.uri, *folder, "--metrics-address", own, "--allowed-hosts", "localhost,127.0.0.1:*",
                            **options).wait()
    yield [(first, first.origin.removeprefix("http://")), (second, own)]
    for server in (first, second):
        server.stop()


@pytest.fixture(scope="module")
def prometheus(servers):
    server = Prometheus([target for _, target in servers])
    yield server
    server.stop()


def _write(server, run, number):
    client = Client(server)
    for step in range(BATCHES):
        client.post("runs/log-batch", run_id=run, metrics=[{"key": f"w{number}", "value": 1, "timestamp": 1, "step": step}])
    for step in range(2):
        with pytest.raises(Refused):
            client.post("runs/log-batch", run_id=f"none-{number}-{step}")


def _move(server, number):
    url = f"{server.origin}/api/2.0/mlflow-artifacts/artifacts/monitoring/{number}"
    urllib.request.urlopen(urllib.request.Request(url, data=CONTENT, method="PUT"), timeout=30).read()
    with urllib.request.urlopen(url, timeout=30) as answer:
        assert answer.read() == CONTENT


def test_what_is_added_up_is_what_was_sent(servers, prometheus):
    apis = [server for server, _ in servers]
    run = Client(apis[0]).run(Client(apis[0]).experiment("monitored"))
    with concurrent.futures.ThreadPoolExecutor(WRITERS * 2) as pool:
        work = [pool.submit(_write, api, run, f"{api.origin[-1]}{number}") for api in apis for number in range(WRITERS)]
        work += [pool.submit(_move, api, f"{api.origin[-1]}{number}") for api in apis for number in range(UPLOADS)]
        for done in work:
            done.result()

    requests = "sum(tracklet_http_requests_total{%s})"
    prometheus.wait_for(requests % f'{LOG_BATCH},status="200"', 2 * WRITERS * BATCHES)
    prometheus.wait_for(requests % f'{LOG_BATCH},status="404"', 2 * WRITERS * 2)
    prometheus.wait_for("sum(tracklet_http_request_duration_seconds_count{%s})" % LOG_BATCH, 2 * WRITERS * (BATCHES + 2))
    for _, target in servers:
        assert prometheus.value(requests % f'{LOG_BATCH},status="200",instance="{target}"') == WRITERS * BATCHES
    for operation in ("put", "get"):
        counted = 'sum(tracklet_object_store_requests_total{operation="%s",status="200"})' % operation
        assert prometheus.value(counted) == 2 * UPLOADS, operation
    for direction in ("sent", "received"):
        moved = prometheus.value('sum(tracklet_object_store_bytes_total{direction="%s"})' % direction)
        assert 2 * UPLOADS * len(CONTENT) <= moved < 2 * UPLOADS * len(CONTENT) + 10_000, direction
    assert prometheus.value('sum(tracklet_db_operation_duration_seconds_count{operation="write"})') >= 2 * WRITERS * BATCHES
    assert prometheus.value("sum(tracklet_db_operation_failures_total)") == 0
    assert prometheus.value('count(tracklet_db_pool_connections{pool="shared"} > 0)') == 2
    assert prometheus.value("sum(up)") == 2


def test_each_page_is_as_promtool_wants_it(servers, prometheus):
    for _, target in servers:
        page = urllib.request.urlopen(f"http://{target}/metrics", timeout=10).read()
        assert complaints(page) == []
    assert complaints(b"# HELP a_ms x\n# TYPE a_ms counter\na_ms 1\n") != []


def test_the_questions_of_the_documentation_have_answers(prometheus):
    asked = [question for question in questions.asked() if "registry" not in question]
    assert len(asked) >= 3
    for question in asked:
        machine.wait_until(lambda: prometheus.query(question), question, patience=15)


def test_names_of_the_process_are_those_of_every_library(servers, prometheus):
    for (server, target), name in zip(servers, ("first", "second")):
        started = prometheus.value('process_start_time_seconds{instance="%s"}' % target)
        status = (machine.pathlib.Path("/proc") / str(server.process.pid) / "stat").stat().st_mtime
        assert abs(started - status) < 60, name
        resident = prometheus.value('process_resident_memory_bytes{instance="%s"}' % target)
        assert 5e6 < resident < 5e8
