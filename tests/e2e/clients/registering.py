"""What people do with the model registry. Run with the Python of one of the client environments:

    MLFLOW_TRACKING_URI=… python registering.py registered_in_log_model aliases …

Like scenarios.py it must run unchanged under every client version, and prints the same.
"""

import json
import os
import pathlib
import socket
import subprocess
import sys
import time
import urllib.request

from scenarios import MAJOR, MlflowClient, _data, _experiment, _refused, _same, main, mlflow


def _name(kind):
    return f"{kind}-{mlflow.__version__}-{time.time_ns()}"


def _train(inverted=False, **options):
    """A run with a model in it; the inverted one says the opposite of the other."""
    from sklearn.tree import DecisionTreeClassifier

    frame, label = _data()
    with mlflow.start_run() as run:
        model = DecisionTreeClassifier(max_depth=3, random_state=1).fit(frame, 1 - label if inverted else label)
        # Where none are named, the client looks for them for seconds, without the server; scenarios.py has it do that.
        logged = mlflow.sklearn.log_model(model, artifact_path="model", serialization_format="cloudpickle", pip_requirements=["scikit-learn"], **options)
    return run.info.run_id, logged, list(model.predict(frame))


def _predicts(uri):
    return list(mlflow.pyfunc.load_model(uri).predict(_data()[0]))


def registered_in_log_model():
    """Training registers what it logs; serving loads it by number, stage, alias and as the latest."""
    _experiment("registering")
    name, client = _name("forest"), MlflowClient()
    first_run, logged, first = _train(registered_model_name=name)
    second_run, _, second = _train(inverted=True, registered_model_name=name)
    assert first != second
    one, two = client.get_model_version(name, "1"), client.get_model_version(name, "2")
    _same((one.run_id, two.run_id), (first_run, second_run))
    _same((one.current_stage, one.status, one.tags, one.name), ("None", "READY", {}, name))
    if MAJOR >= 3:
        _same(str(logged.registered_model_version), "1")
        _same(one.source, f"models:/{logged.model_id}")
        versions = json.loads(client.get_logged_model(logged.model_id).tags["mlflow.modelVersions"])
        _same({(entry["name"], int(entry["version"])) for entry in versions}, {(name, 1)})
    client.transition_model_version_stage(name, "1", "Production")
    client.set_registered_model_alias(name, "champion", "1")
    for uri, said in {"1": first, "2": second, "Production": first, "None": second, "latest": second}.items():
        _same(_predicts(f"models:/{name}/{uri}"), said)
    _same(_predicts(f"models:/{name}@champion"), first)
    client.set_registered_model_alias(name, "champion", "2")
    client.transition_model_version_stage(name, "2", "production", archive_existing_versions=True)
    _same(_predicts(f"models:/{name}@champion"), second)
    _same(_predicts(f"models:/{name}/production"), second)
    _same(client.get_model_version(name, "1").current_stage, "Archived")
    _same(list(mlflow.sklearn.load_model(f"models:/{name}@champion").predict(_data()[0])), second)
    _refused(lambda: mlflow.pyfunc.load_model(f"models:/{name}@nobody"), "INVALID_PARAMETER_VALUE")
    _refused(lambda: mlflow.pyfunc.load_model(f"models:/{name}/9"), "RESOURCE_DOES_NOT_EXIST")


def registered_afterwards():
    """A finished run is registered by hand, and the version is copied to another name."""
    _experiment("registering")
    name, client = _name("late"), MlflowClient()
    run_id, logged, said = _train()
    made = mlflow.register_model(f"runs:/{run_id}/model", name, tags={"stage": "tried"})
    _same((str(made.version), made.run_id, made.tags["stage"]), ("1", run_id, "tried"))
    _same(_predicts(f"models:/{name}/1"), said)
    again = mlflow.register_model(logged.model_uri, name)
    _same(str(again.version), "2")
    _same(_predicts(f"models:/{name}/2"), said)
    copied = client.copy_model_version(f"models:/{name}/1", f"{name}-prod")
    _same((copied.name, str(copied.version), copied.run_id), (f"{name}-prod", "1", run_id))
    _same(_predicts(f"models:/{name}-prod/1"), said)
    client.set_registered_model_alias(name, "champion", "2")
    _same(str(client.copy_model_version(f"models:/{name}@champion", f"{name}-prod").version), "2")
    _same(_predicts(f"models:/{name}-prod/2"), said)
    got = pathlib.Path(mlflow.artifacts.download_artifacts(f"models:/{name}/1"))
    assert (got / "MLmodel").is_file(), list(got.iterdir())
    assert client.get_model_version_download_uri(name, "1"), "no place to download from"


def registry_client():
    """The registry's methods of MlflowClient, one after the other."""
    name, client = _name("client"), MlflowClient()
    made = client.create_registered_model(name, tags={"team": "red", "level": "1"}, description="first")
    _same((made.name, made.tags, made.description, made.latest_versions), (name, {"team": "red", "level": "1"}, "first", []))
    _refused(lambda: client.create_registered_model(name), "RESOURCE_ALREADY_EXISTS")
    client.set_registered_model_tag(name, "team", "blue")
    client.delete_registered_model_tag(name, "level")
    _same(client.update_registered_model(name, "second").description, "second")
    _same(client.get_registered_model(name).tags, {"team": "blue"})
    for number in range(1, 4):
        version = client.create_model_version(name, f"s3://bucket/{number}", description=f"number {number}", tags={"number": str(number)}, await_creation_for=0)
        _same((str(version.version), version.tags), (str(number), {"number": str(number)}))
    client.set_model_version_tag(name, "1", "note", "ünï 🎉")
    client.set_model_version_tag(name, "1", "gone", "1")
    client.delete_model_version_tag(name, "1", "gone")
    client.set_model_version_tag(name, "2", "many", "x" * 5000)
    client.update_model_version(name, "1", "changed")
    found = client.get_model_version(name, "1")
    _same((found.description, found.tags, found.source), ("changed", {"number": "1", "note": "ünï 🎉"}, "s3://bucket/1"))
    _same(client.get_model_version_download_uri(name, "3"), "s3://bucket/3")
    client.transition_model_version_stage(name, "1", "Staging")
    client.transition_model_version_stage(name, "2", "Production")
    client.transition_model_version_stage(name, "3", "Production", archive_existing_versions=True)
    _same({version.current_stage: str(version.version) for version in client.get_latest_versions(name)}, {"Staging": "1", "Production": "3", "Archived": "2"})
    _same([str(version.version) for version in client.get_latest_versions(name, ["Production"])], ["3"])
    _same(client.get_model_version_stages(name, "1"), ["None", "Staging", "Production", "Archived"])
    client.delete_model_version(name, "3")
    _refused(lambda: client.get_model_version(name, "3"), "RESOURCE_DOES_NOT_EXIST")
    _same(str(client.create_model_version(name, "s3://bucket/4", await_creation_for=0).version), "4")
    client.rename_registered_model(name, f"{name}-new")
    _same(client.get_registered_model(f"{name}-new").description, "second")
    _refused(lambda: client.get_registered_model(name), "RESOURCE_DOES_NOT_EXIST")
    _same(client.get_model_version(f"{name}-new", "2").tags["many"], "x" * 5000)
    _refused(lambda: client.transition_model_version_stage(f"{name}-new", "1", "Nowhere"), "INVALID_PARAMETER_VALUE")
    _refused(lambda: client.create_model_version(f"{name}-new", "/etc/passwd", await_creation_for=0), "INVALID_PARAMETER_VALUE")
    client.delete_registered_model(f"{name}-new")
    _refused(lambda: client.get_registered_model(f"{name}-new"), "RESOURCE_DOES_NOT_EXIST")
    _same(client.search_model_versions(f"name = '{name}-new'"), [])


def aliases():
    """Set, moved, deleted; the reserved names are refused."""
    name, client = _name("aliases"), MlflowClient()
    client.create_registered_model(name)
    for number in range(1, 4):
        client.create_model_version(name, f"s3://bucket/{number}", await_creation_for=0)
    client.set_registered_model_alias(name, "champion", "1")
    client.set_registered_model_alias(name, "challenger", "2")
    _same(str(client.get_model_version_by_alias(name, "champion").version), "1")
    client.set_registered_model_alias(name, "champion", "2")
    _same(sorted(client.get_model_version(name, "2").aliases), ["challenger", "champion"])
    _same(client.get_model_version(name, "1").aliases, [])
    _same({alias: str(version) for alias, version in client.get_registered_model(name).aliases.items()}, {"champion": "2", "challenger": "2"})
    for reserved in ("latest", "v3", "with space", "a/b"):
        _refused(lambda alias=reserved: client.set_registered_model_alias(name, alias, "1"), "INVALID_PARAMETER_VALUE")
    _refused(lambda: client.set_registered_model_alias(name, "champion", "9"), "RESOURCE_DOES_NOT_EXIST")
    client.delete_registered_model_alias(name, "challenger")
    client.delete_registered_model_alias(name, "challenger")
    _refused(lambda: client.get_model_version_by_alias(name, "challenger"), "INVALID_PARAMETER_VALUE")
    client.delete_model_version(name, "2")
    _refused(lambda: client.get_model_version_by_alias(name, "champion"), "INVALID_PARAMETER_VALUE")
    _same(client.get_registered_model(name).aliases, {})


def registry_search():
    """Models and versions, page by page."""
    name, client = _name("search"), MlflowClient()
    for number in range(7):
        client.create_registered_model(f"{name}-{number}", tags={"even": str(number % 2 == 0)})
    seen, token = [], None
    while True:
        page = client.search_registered_models(f"name LIKE '{name}-%'", max_results=3, order_by=["name DESC"], page_token=token)
        seen += [entry.name for entry in page]
        token = page.token
        if not token:
            break
    _same(seen, [f"{name}-{number}" for number in range(6, -1, -1)])
    _same([entry.name for entry in client.search_registered_models(f"name LIKE '{name}-%' AND tags.even = 'False'")], [f"{name}-{number}" for number in (1, 3, 5)])
    _same([entry.name for entry in mlflow.search_registered_models(filter_string=f"name = '{name}-2'")], [f"{name}-2"])
    for number in range(5):
        client.create_model_version(f"{name}-0", f"s3://bucket/{number}", tags={"half": str(number // 2)}, await_creation_for=0)
    client.delete_model_version(f"{name}-0", "2")
    seen, token = [], None
    while True:
        page = client.search_model_versions(f"name = '{name}-0'", max_results=2, order_by=["version_number ASC"], page_token=token)
        seen += [int(entry.version) for entry in page]
        token = page.token
        if not token:
            break
    _same(seen, [1, 3, 4, 5])
    _same([int(entry.version) for entry in client.search_model_versions(f"name = '{name}-0' and tags.half = '1'", order_by=["version_number DESC"])], [4, 3])
    _same([int(entry.version) for entry in mlflow.search_model_versions(filter_string=f"name = '{name}-0'", order_by=["version_number DESC"], max_results=1)], [5])
    _refused(lambda: client.search_registered_models("nonsense = 'x'"), "INVALID_PARAMETER_VALUE")
    _refused(lambda: client.search_model_versions("current_stage = 'x'"), "INVALID_PARAMETER_VALUE")


def prompts():
    """MLflow 3's prompts, which live in the registry of models and are hidden among them."""
    client, name = MlflowClient(), _name("prompt").replace(".", "_")
    genai = mlflow.genai
    _experiment("prompts")
    one = genai.register_prompt(name, "Hi {{who}}", commit_message="first", tags={"author": "me"})
    _same((one.version, one.template, one.variables, one.commit_message, one.tags["author"]), (1, "Hi {{who}}", {"who"}, "first", "me"))
    two = genai.register_prompt(name, [{"role": "system", "content": "You are {{kind}}."}, {"role": "user", "content": "{{question}}"}],
                                commit_message="chat", response_format={"type": "object"})
    _same((two.version, two.variables), (2, {"kind", "question"}))
    genai.set_prompt_alias(name, alias="production", version=1)
    _same(genai.load_prompt(f"prompts:/{name}@production").template, "Hi {{who}}")
    _same(genai.load_prompt(f"prompts:/{name}/1").format(who="you"), "Hi you")
    _same(genai.load_prompt(name, version=2).format(kind="kind", question="Why?"),
          [{"role": "system", "content": "You are kind."}, {"role": "user", "content": "Why?"}])
    _same(genai.load_prompt(f"prompts:/{name}/2").response_format, {"type": "object"})
    genai.set_prompt_alias(name, alias="production", version=2)
    _same(client.get_prompt_version_by_alias(name, "production").version, 2)
    _same(genai.load_prompt(f"prompts:/{name}@latest", cache_ttl_seconds=0).version, 2)
    _same(genai.load_prompt(f"prompts:/{name}/9", allow_missing=True), None)
    _same(genai.load_prompt(f"prompts:/{name}-no/1", allow_missing=True), None)
    genai.set_prompt_tag(name, "team", "red")
    genai.set_prompt_version_tag(name, 1, "reviewed", "yes")
    _same(genai.get_prompt_tags(name)["team"], "red")
    _same(client.get_prompt_version(name, "1").tags["reviewed"], "yes")
    genai.delete_prompt_tag(name, "team")
    genai.delete_prompt_version_tag(name, 1, "reviewed")
    assert "team" not in genai.get_prompt_tags(name), genai.get_prompt_tags(name)
    _same([prompt.name for prompt in genai.search_prompts(f"name = '{name}'")], [name])
    _same([version.version for version in sorted(client.search_prompt_versions(name), key=lambda version: version.version)], [1, 2])
    _same([model.name for model in client.search_registered_models(f"name = '{name}'")], [])
    _refused(lambda: client.create_registered_model(name), "RESOURCE_ALREADY_EXISTS")
    long = "x" * 90_000
    _same(genai.register_prompt(name, long).version, 3)
    _same(genai.load_prompt(f"prompts:/{name}/3").template, long)
    genai.delete_prompt_alias(name, alias="production")
    _refused(lambda: genai.load_prompt(f"prompts:/{name}@production", cache_ttl_seconds=0), "INVALID_PARAMETER_VALUE")
    for number in ("1", "2", "3"):
        client.delete_prompt_version(name, number)
    client.delete_prompt(name)
    _same(client.get_prompt(name), None)


def serving():
    """A FastAPI program serves what an alias names; the alias is moved, and the program is told to load again."""
    _experiment("serving")
    name, client = _name("served"), MlflowClient()
    first_run, _, first = _train(registered_model_name=name)
    second_run, _, second = _train(inverted=True, registered_model_name=name)
    client.set_registered_model_alias(name, "champion", "1")
    rows = json.dumps(_data()[0].to_dict("records")).encode()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def ask(path, body=b""):
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as reply:
            return json.load(reply)

    command = [sys.executable, "-m", "uvicorn", "--app-dir", str(pathlib.Path(__file__).parent), "--host", "127.0.0.1", "--port", str(port), "serving:app"]
    service = subprocess.Popen(command, env={**os.environ, "MODEL_URI": f"models:/{name}@champion"})
    try:
        _wait(lambda: ask("/predict", rows), service)
        _same(ask("/predict", rows)["predictions"], first)
        client.set_registered_model_alias(name, "champion", "2")
        _same(ask("/predict", rows)["predictions"], first)
        _same(ask("/reload")["run_id"], second_run)
        _same(ask("/predict", rows)["predictions"], second)
        client.set_registered_model_alias(name, "champion", "1")
        _same(ask("/reload")["run_id"], first_run)
        _same(ask("/predict", rows)["predictions"], first)
    finally:
        service.terminate()
        service.wait(20)


def _wait(action, process, patience=90):
    deadline = time.monotonic() + patience
    while True:
        try:
            return action()
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.2)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], globals()))
