"""The pages for users of other charts: their examples install, and the Pods of those charts start with the image swapped."""

import re
import subprocess

import pytest
import yaml

from chart import helm
from chart.references import Release
from support import machine
from support.servers import CLEAN, start_tracklet

DOCS = machine.ROOT / "docs"
PAGES = sorted((DOCS / "chart").glob("from-*.md"))
AWS = ("Secret", "aws", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
# What the examples take for granted: that of the chart that people come from.
OUTSIDE = {
    ("from-mlflow", 0): [("Secret", "mlflow-db-secret", "uri"), AWS],
    ("from-mlflow", 1): [("PersistentVolumeClaim", "mlflow")],
    ("from-community-charts", 0): [("Secret", "mlflow-database", "username", "password"), ("Secret", "aws", "id", "secret")],
    ("from-mlops-for-all", 0): [],
}


def examples(page):
    """The values for this chart on a page: those behind a line that ends in "becomes:" or with its paths."""
    text = page.read_text()
    return [yaml.safe_load(block) for block in re.findall(r"(?:becomes:|owner:)\n\n```yaml\n(.*?)```", text, re.DOTALL)]


EXAMPLES = [(page.stem, number, values) for page in PAGES for number, values in enumerate(examples(page))]


def test_the_examples_are_found():
    assert {(page, number) for page, number, _ in EXAMPLES} == set(OUTSIDE)


@pytest.mark.parametrize("page, number, values", EXAMPLES, ids=lambda entry: entry if isinstance(entry, str) else "")
def test_an_example_fits_together(page, number, values):
    assert Release(helm.render(values), OUTSIDE[page, number]).check() == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_value_that_a_page_names_exists(page):
    """The right column of the tables, and the list of names that stay the same."""
    known = set(re.findall(r"^\| `([\w.]+)` \|", (helm.CHART / "README.md").read_text(), re.MULTILINE))
    known |= {name.rsplit(".", count)[0] for name in known for count in range(1, name.count(".") + 1)}
    text = page.read_text()
    # A name that begins with a dot goes on where the one before it branched off.
    cells = re.findall(r"^\| [^|]+ \| ([^|]+) \|$", text, re.MULTILINE)
    named = {name for cell in cells for name in re.findall(r"`([a-z]\w+(?:\.\w+)*)", cell)}
    same = re.search(r"\n\n((?:`\w+`[, \n]*(?:and )?)+)have the same names", text)
    named |= set(re.findall(r"`(\w+)`", same[1])) if same else set()
    commands = {"mlflow", "name", "value"}
    assert named, "the names were not found"
    assert named - known - commands == set()


# What Kubernetes tells a Pod of a Service of its namespace, unless it is asked not to; of one named mlflow.
LINKS = {"MLFLOW_PORT": "tcp://10.0.0.1:80", "MLFLOW_SERVICE_HOST": "10.0.0.1", "MLFLOW_SERVICE_PORT": "80", "MLFLOW_SERVICE_PORT_HTTP": "80",
         "MLFLOW_PORT_80_TCP": "tcp://10.0.0.1:80", "MLFLOW_PORT_80_TCP_PROTO": "tcp", "MLFLOW_PORT_80_TCP_PORT": "80", "MLFLOW_PORT_80_TCP_ADDR": "10.0.0.1"}
# The ConfigMap and the key that the chart of community-charts gives to every server.
COMMUNITY = LINKS | {"MLFLOW_VERSION": "3.18.0", "MLFLOW_CONFIGURE_LOGGING": "true", "MLFLOW_LOGGING_LEVEL": "INFO", "MLFLOW_DISABLE_TELEMETRY": "true",
                     "DO_NOT_TRACK": "true", "MLFLOW_SERVER_ALLOWED_HOSTS": "localhost,127.0.0.1,mlflow.example.org,10.*", "MLFLOW_FLASK_SERVER_SECRET_KEY": "4f1c"}
# What the Pods of each chart say: arguments behind `mlflow`, and variables. FOLDER and PORT stand for this machine's.
DEPLOYMENTS = {
    "mlflow": (["server", "--host=0.0.0.0", "--port=PORT", "--workers=4", "--static-prefix=/mlflow", "--expose-prometheus=FOLDER/metrics"],
               {"MLFLOW_BACKEND_STORE_URI": "URI", "MLFLOW_ARTIFACTS_DESTINATION": "s3://mlflow/chart", "S3": ""}),
    "mlflow, SQLite": (["server", "--host=0.0.0.0", "--port=PORT", "--workers=4", "--static-prefix=/mlflow"],
                       {"MLFLOW_BACKEND_STORE_URI": "sqlite:///FOLDER/mlflow.db", "MLFLOW_REGISTRY_STORE_URI": "sqlite:///FOLDER/mlflow.db",
                        "MLFLOW_DEFAULT_ARTIFACT_ROOT": "FOLDER/artifacts"}),
    "community-charts": (["server", "--host=0.0.0.0", "--port=PORT", "--backend-store-uri=postgresql+psycopg2://",
                          "--artifacts-destination=s3://mlflow/chart", "--serve-artifacts", "--static-prefix=/mlflow",
                          "--uvicorn-opts='--log-level=info'"],
                         COMMUNITY | {"PG": "", "S3": ""}),
    "community-charts, as it comes": (["server", "--host=0.0.0.0", "--port=PORT", "--backend-store-uri=sqlite:///:memory:", "--default-artifact-root=./mlruns",
                                       "--expose-prometheus=FOLDER/metrics", "--uvicorn-opts='--log-level=info'"], COMMUNITY),
    "community-charts, not proxied": (["server", "--host=0.0.0.0", "--port=PORT", "--backend-store-uri=postgresql://",
                                       "--default-artifact-root=s3://mlflow/chart", "--gunicorn-opts='--log-level=info'", "--static-prefix=/mlflow"],
                                      COMMUNITY | {"PG": "", "S3": ""}),
    "mlops-for-all": (["server", "--backend-store-uri", "URI", "--artifacts-destination", "S3://mlflow/mlflow", "--serve-artifacts",
                       "--host", "0.0.0.0", "--port", "PORT", "--static-prefix", "/mlflow"],
                      {"AWS_BUCKET": "mlflow", "PORT": "5000", "S3": ""}),
}


def test_the_garbage_collection_of_community_charts_goes_on(postgres):
    """Its CronJob: the command, and the variables of the server."""
    folder, database = machine.scratch("swapped"), postgres.create_database()
    program = folder / "mlflow"
    program.symlink_to(machine.tracklet())
    environment = CLEAN | COMMUNITY | {"PGHOST": "127.0.0.1", "PGPORT": str(postgres.port), "PGDATABASE": database, "PGUSER": postgres.USER,
                                       "PGPASSWORD": "secret", "MLFLOW_TRACKING_URI": "http://mlflow:80"}
    done = start_tracklet(postgres.uri(database)).wait().stop()
    assert done == 0
    command = [program, "gc", "--backend-store-uri=postgresql+psycopg2://", "--older-than=30d", "--all-workspaces"]
    done = subprocess.run(command, env=environment, cwd=folder, text=True, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("chart", DEPLOYMENTS)
def test_a_pod_of_another_chart_starts_with_the_image_swapped(chart, postgres, seaweed):
    arguments, variables = DEPLOYMENTS[chart]
    folder, port = machine.scratch("swapped"), str(machine.free_port())
    program = folder / "mlflow"
    program.symlink_to(machine.tracklet())
    database = postgres.create_database()
    concrete = {"URI": postgres.uri(database), "FOLDER": str(folder), "PORT": port}
    groups = {"S3": seaweed.environment(), "PG": {"PGHOST": "127.0.0.1", "PGPORT": str(postgres.port), "PGDATABASE": database,
                                                  "PGUSER": postgres.USER, "PGPASSWORD": "secret"}}

    def fill(text):
        return re.sub("|".join(concrete), lambda found: concrete[found[0]], text)

    environment = CLEAN | {name: fill(value) for name, value in variables.items() if name not in groups}
    for name in groups.keys() & variables.keys():
        environment |= groups[name]
    command = [program, *map(fill, arguments)]
    log = folder / "log"
    process = machine.spawn(command, log, env=environment, cwd=folder)
    try:
        # The probes of some charts leave the prefix out.
        machine.wait_until(lambda: machine.answers(f"http://127.0.0.1:{port}/health"), chart, process, log, patience=20)
        prefix = "/mlflow" if "/mlflow" in "".join(arguments).partition("--static-prefix")[2] else ""
        assert machine.answers(f"http://127.0.0.1:{port}{prefix}/health")
        assert machine.answers(f"http://127.0.0.1:{port}{prefix}/api/2.0/mlflow/experiments/get?experiment_id=0")
    finally:
        assert machine.stop(process) == 0
