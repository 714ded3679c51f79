"""Files of model versions, whatever their source is."""

from parity.case import Step, a_model, a_run, case, get, kv, post, put, table

FILES = "${root}-artifacts/artifacts"
RUN, MODEL = f"{FILES}/$exp/$run/artifacts", f"{FILES}/$exp/models/$model/artifacts"
TARGET = "/model-versions/get-artifact"
SHOWN = ("content-disposition", "x-content-type-options", "content-type", "accept-ranges", "content-range", "content-length", "cache-control")
NOBODY = "0" * 32
PROMPT = kv(**{"mlflow.prompt.is_prompt": "true"})


def _version(source, name="$n", **fields):
    return post("model-versions/create", {"name": name, "source": source} | fields)


def _world():
    """A run and a logged model with files, and a registered model with a version of each kind."""
    files = [(RUN, name) for name in ("model/MLmodel", "model/data/a b.txt", "model/data/%C3%BC.json", "model/empty", "other.txt")] + [(MODEL, "MLmodel"), (MODEL, "data/model.pkl")]
    return (a_run(), a_model(source_run_id="$run"), *[put(f"{root}/{name.replace(' ', '%20')}", b"" if name.endswith("empty") else f"content of {name}".encode()) for root, name in files],
            post("registered-models/create", {"name": "$n"}),
            _version("mlflow-artifacts:/$exp/$run/artifacts/model", run_id="$run"), _version("runs:/$run/model", run_id="$run"), _version("models:/$model", model_id="$model"), _version("models:/${n}/1"),
            _version("models:/${n}/2"), _version("mlflow-artifacts:/$exp/$run/artifacts", run_id="$run"), _version("runs:/$run", run_id="$run"), _version("mlflow-artifacts:/$exp/$run/artifacts/none", run_id="$run"),
            _version("mlflow-artifacts:/$exp/$run/artifacts/model/MLmodel", run_id="$run"), _version("mlflow-artifacts:/$exp/$run/artifacts//model/", run_id="$run"))


def _ask(**query):
    return get(TARGET, {"name": "$n", "version": "1"} | query, show=SHOWN)


def _every_version(path):
    return _world(), [_ask(version=str(number), path=path) for number in range(1, 11)]


PATHS = ["MLmodel", "model/MLmodel", "data/a b.txt", "data/ü.json", "empty", "data/model.pkl", "none", "data", "data/", "", "."]
ESCAPES = ["..", "../other.txt", "%2e%2e/other.txt", "%252e%252e/other.txt", "data/../../other.txt", "/etc/passwd", "%2fetc%2fpasswd", "file:///etc/passwd", "C:/x", "..\\other.txt", "a%00b", "a#b", "./MLmodel", "data/../MLmodel", "data//a b.txt", "MLmodel/"]
QUERIES = ["", "path=MLmodel", "name=$n&path=MLmodel", "version=1&path=MLmodel", "name=$n&version=1", "name=&version=1&path=MLmodel", "name=$n&version=&path=MLmodel", "name=$n&version=x&path=MLmodel", "name=$n&version=0&path=MLmodel",
           "name=$n&version=-1&path=MLmodel", "name=$n&version=99&path=MLmodel", "name=$n&version=1.0&path=MLmodel", "name=nobody&version=1&path=MLmodel", "name=a/b&version=1&path=MLmodel", "name=a:b&version=1&path=MLmodel", "name=$n&version=%201&path=MLmodel",
           "name=$n&version=1&path=MLmodel&path=other", "name=$n&name=x&version=1&path=MLmodel", "name=nobody&version=1&path=../x", "name=nobody&version=1", "name=$n&version=1&path=MLmodel&presigned=true", "name=$n&version=2&path=MLmodel&presigned=true",
           "name=$n&version=1&path=MLmodel&presigned=false", "name=nobody&version=1&path=x&presigned=true", "name=$n&version=1&path=../x&presigned=true", "name=$n&version=latest&path=MLmodel", "name=$n&alias=x&path=MLmodel"]

# Sources that this server does not open.
CLOSED = ["gs://bucket/model", "unknown://host/model", "wasbs://c@a.blob.core.windows.net/m", "localhost:/etc", "sqlite:///etc"]
ELSEWHERE = ("/nowhere/$n", "file:///nowhere/$n")


def _closed(source):
    # What MLflow says depends on which libraries it finds.
    return post("registered-models/create", {"name": "$n"}), _version(source), _ask(path="passwd"), _ask(path="hostname"), _ask(path="a", presigned="true")


def _elsewhere(location):
    return (post("experiments/create", {"name": "$n", "artifact_location": location}, save={"exp": "experiment_id"}), post("runs/create", {"experiment_id": "$exp"}, save={"run": "run.info.run_id"}),
            post("registered-models/create", {"name": "$n"}), _version(f"{location}/$run/artifacts", run_id="$run"), _version("runs:/$run/x", run_id="$run"), _ask(path="a"), _ask(path="a", version="2"), _ask(path="a", presigned="true"))


CASES = [
    *table("path", PATHS, _every_version),
    *table("escape", ESCAPES, lambda path: (_world(), [_ask(version=str(number), path=path) for number in (1, 2, 3, 6)])),
    *table("query", QUERIES, lambda query: (_world(), get(TARGET, query))),
    *table("closed", CLOSED, _closed),
    case("drive letter", _closed("c:/model")),
    *table("elsewhere", ELSEWHERE, _elsewhere),
    case("prompt", post("registered-models/create", {"name": "$n", "tags": PROMPT}), _version("dummy-source", tags=PROMPT), _ask(path="a"), _ask(path="../../../etc/passwd"), _ask(path="a", presigned="true")),
    case("gone", _world(), post("runs/delete", {"run_id": "$run"}), _ask(path="MLmodel"), _ask(path="MLmodel", version="2"), Step("DELETE", "model-versions/delete", body={"name": "$n", "version": "1"}), _ask(path="MLmodel"),
         _ask(path="MLmodel", version="4"), Step("DELETE", "logged-models/$model"), _ask(path="MLmodel", version="3")),
    case("of no run", post("registered-models/create", {"name": "$n"}), _version(f"runs:/{NOBODY}/model", run_id=NOBODY), _ask(path="MLmodel"), _ask(path="a", presigned="true")),
    case("ranges", _world(), *[get(TARGET, {"name": "$n", "version": "1", "path": "MLmodel"}, headers=(("Range", value),), show=SHOWN) for value in ("bytes=0-3", "bytes=-4", "bytes=99-")]),
    case("head", _world(), *[Step("HEAD", TARGET, query=(("name", "$n"), ("version", version), ("path", path)), show=SHOWN) for version, path in (("1", "MLmodel"), ("2", "MLmodel"), ("1", "none"), ("99", "x"), ("1", "../x"))]),
    case("elsewhere in the table", _world(), *[get(path, {"name": "$n", "version": "1", "path": "MLmodel"}) for path in ("/ajax-api/2.0/mlflow/model-versions/get-artifact", "/api/2.0/mlflow/model-versions/get-artifact")],
         post(TARGET, {"name": "$n", "version": "1", "path": "MLmodel"})),
]
