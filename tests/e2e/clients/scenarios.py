"""What people do with the MLflow client. Run with the Python of one of the client environments:

    MLFLOW_TRACKING_URI=… python scenarios.py train artifacts …

Prints "ok NAME" or "failed NAME" and a traceback per scenario. It must run unchanged under every client version.
"""

import contextlib
import json
import math
import os
import pathlib
import sys
import tempfile
import time
import traceback
import warnings

warnings.filterwarnings("ignore")

with contextlib.suppress(ImportError):
    import setuptools  # noqa: F401  (before anything imports distutils, which it replaces)

import mlflow  # noqa: E402
from mlflow.exceptions import MlflowException  # noqa: E402
from mlflow.tracking import MlflowClient  # noqa: E402

MAJOR = int(mlflow.__version__.split(".")[0])


def _experiment(name):
    return mlflow.set_experiment(f"{name}-{mlflow.__version__}-{time.time_ns()}").experiment_id


def _data():
    import numpy
    import pandas

    values = numpy.random.default_rng(7).random((120, 4))
    frame = pandas.DataFrame(values, columns=["a", "b", "c", "d"])
    return frame, (frame.a + frame.b > 1).astype(int)


def _same(left, right):
    assert left == right, f"{left!r} is not {right!r}"


def train():
    """A training component of a pipeline: cross validation by hand, then the model, loaded back in both flavors."""
    from sklearn.ensemble import GradientBoostingClassifier
    from sklearn.model_selection import cross_val_score

    _experiment("train")
    frame, label = _data()
    with mlflow.start_run() as run:
        mlflow.log_params({"n_estimators": 8, "max_depth": 2, "learning_rate": 0.1, "feature_count": frame.shape[1]})
        model = GradientBoostingClassifier(n_estimators=8, max_depth=2, learning_rate=0.1, random_state=42)
        scores = cross_val_score(model, frame, label, cv=3, scoring="f1_weighted")
        model.fit(frame, label)
        mlflow.log_metrics({"cv_f1_mean": float(scores.mean()), "cv_f1_std": float(scores.std())})
        logged = mlflow.sklearn.log_model(model, artifact_path="model", input_example=frame.head(2), serialization_format="cloudpickle")
    found = mlflow.get_run(run.info.run_id)
    _same(found.data.params["max_depth"], "2")
    _same(found.data.metrics["cv_f1_mean"], float(scores.mean()))
    _same(found.info.status, "FINISHED")
    for uri in (f"runs:/{run.info.run_id}/model", logged.model_uri):
        _same(list(mlflow.pyfunc.load_model(uri).predict(frame)), list(model.predict(frame)))
    _same(list(mlflow.sklearn.load_model(logged.model_uri).predict_proba(frame)[:, 1]), list(model.predict_proba(frame)[:, 1]))
    if MAJOR < 3:
        history = json.loads(found.data.tags["mlflow.log-model.history"])
        _same(history[0]["artifact_path"], "model")


def autolog():
    """Autologging of a fit, as it is switched on with one line."""
    from sklearn.ensemble import GradientBoostingClassifier

    _experiment("autolog")
    frame, label = _data()
    mlflow.sklearn.autolog()
    try:
        with mlflow.start_run() as run:
            model = GradientBoostingClassifier(n_estimators=8, max_depth=3, random_state=1).fit(frame, label)
            model.score(frame, label)
    finally:
        mlflow.sklearn.autolog(disable=True)
    found = mlflow.get_run(run.info.run_id)
    _same(found.data.params["n_estimators"], "8")
    assert found.data.metrics["training_accuracy_score"] > 0.8, found.data.metrics
    assert "estimator_name" in found.data.tags, found.data.tags
    assert found.inputs.dataset_inputs, "the training data was not logged as a dataset"
    names = {entry.path for entry in MlflowClient().list_artifacts(run.info.run_id)}
    assert "estimator.html" in names, names
    loaded = mlflow.pyfunc.load_model(f"runs:/{run.info.run_id}/model")
    _same(list(loaded.predict(frame)), list(model.predict(frame)))


def nested():
    """Parent and children, and finding the children by their parent."""
    experiment = _experiment("nested")
    with mlflow.start_run(run_name="parent") as parent:
        children = []
        for number in range(3):
            with mlflow.start_run(run_name=f"child {number}", nested=True) as child:
                mlflow.log_metric("depth", number)
                children.append(child.info.run_id)
    found = MlflowClient().search_runs([experiment], f"tags.mlflow.parentRunId = '{parent.info.run_id}'",
                                       order_by=["metrics.depth ASC"])
    _same([run.info.run_id for run in found], children)
    _same([run.info.run_name for run in found], ["child 0", "child 1", "child 2"])


def metrics():
    """Thousands of points, in batches and one by one, and the odd values."""
    from mlflow.entities import Metric, Param, RunTag

    _experiment("metrics")
    client = MlflowClient()
    with mlflow.start_run() as run:
        run_id = run.info.run_id
        for start in range(0, 5000, 1000):
            client.log_batch(run_id, [Metric("loss", 1 / (step + 1), 1000 + step, step) for step in range(start, start + 1000)])
        for step in range(30):
            mlflow.log_metric("acc", step / 30, step=step)
        mlflow.log_metrics({"nan": math.nan, "inf": math.inf, "minus": -math.inf, "tiny": 5e-324, "negative": -0.25}, step=3)
        client.log_batch(run_id, [Metric("x", 1.0, 1, -5)], [Param("p", "1")], [RunTag("t", "1")])
    history = client.get_metric_history(run_id, "loss")
    _same([(point.step, point.value, point.timestamp) for point in history], [(step, 1 / (step + 1), 1000 + step) for step in range(5000)])
    _same(len(client.get_metric_history(run_id, "acc")), 30)
    latest = client.get_run(run_id).data.metrics
    _same((latest["loss"], latest["acc"], latest["tiny"], latest["negative"], latest["x"]), (1 / 5000, 29 / 30, 5e-324, -0.25, 1.0))
    assert math.isnan(latest["nan"]), latest
    assert latest["inf"] > 1e308 and latest["minus"] < -1e308, latest
    _same(client.get_metric_history(run_id, "nokey"), [])


NAMES = ["plain.txt", "with space.txt", "ünïcode.txt", "名前/日本.bin", "100%.txt", "plus+plus.txt", "deep/er/and/deeper/x.json", "dots..in..name", ".hidden",
         "quote's.txt", "amp&and.txt", "semi;colon,comma.txt", "equal=sign.txt", "(brackets).txt", "tilde~.txt", "UPPER.TXT", "empty"]


def artifacts():
    """Files in folders with odd names: up, listed, down again, unchanged."""
    _experiment("artifacts")
    client = MlflowClient()
    with tempfile.TemporaryDirectory() as folder, mlflow.start_run() as run:
        run_id = run.info.run_id
        content = {}
        for name in NAMES:
            path = pathlib.Path(folder, "up", name)
            path.parent.mkdir(parents=True, exist_ok=True)
            content[name] = b"" if name == "empty" else name.encode() * 100
            path.write_bytes(content[name])
        mlflow.log_artifacts(str(pathlib.Path(folder, "up")))
        mlflow.log_artifacts(str(pathlib.Path(folder, "up")), "folder with space/ü")
        mlflow.log_artifact(str(pathlib.Path(folder, "up", "plain.txt")), "one")
        _same({name for name in _walk(client, run_id, "") if "/" not in name or name.split("/")[0] in ("名前", "deep")}, set(NAMES))
        _same(set(_walk(client, run_id, "folder with space/ü")), {f"folder with space/ü/{name}" for name in NAMES})
        for base in ("", "folder with space/ü"):
            target = pathlib.Path(folder, "down", base or "root")
            target.mkdir(parents=True)
            got = pathlib.Path(mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path=base, dst_path=str(target)))
            for name in NAMES:
                _same((got / name).read_bytes(), content[name])
        single = client.download_artifacts(run_id, "one/plain.txt", folder)
        _same(pathlib.Path(single).read_bytes(), content["plain.txt"])
        sizes = {entry.path: entry.file_size for entry in client.list_artifacts(run_id) if not entry.is_dir}
        _same(sizes["with space.txt"], len(content["with space.txt"]))
        _same(client.list_artifacts(run_id, "nothing"), [])
        _same(client.list_artifacts(run_id, "plain.txt"), [])
        big = pathlib.Path(folder, "big.bin")
        big.write_bytes(os.urandom(1 << 20) * 24)
        mlflow.log_artifact(str(big))
        back = mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path="big.bin", dst_path=str(pathlib.Path(folder, "down")))
        _same(pathlib.Path(back).read_bytes() == big.read_bytes(), True)


def _walk(client, run_id, path):
    for entry in client.list_artifacts(run_id, path or None):
        if entry.path == path:
            continue  # 2.13.0 lists a folder within itself where an object store has an object for the folder
        if entry.is_dir:
            yield from _walk(client, run_id, entry.path)
        else:
            yield entry.path


def helpers():
    """log_dict, log_text, log_figure, log_table and their readers."""
    import pandas
    from matplotlib.figure import Figure

    _experiment("helpers")
    figure = Figure()
    figure.subplots().plot([1, 2, 3])
    with mlflow.start_run() as run:
        mlflow.log_dict({"a": [1, "ü"]}, "data/a.json")
        mlflow.log_dict({"a": [1, "ü"]}, "data/a.yaml")
        mlflow.log_text("line\nünï", "notes/text.txt")
        mlflow.log_figure(figure, "plots/line.png")
        mlflow.log_table({"q": ["1", "2"], "n": [1, 2]}, "tables/t.json")
        mlflow.log_table(pandas.DataFrame({"q": ["3"], "n": [3]}), "tables/t.json")
    uri = run.info.artifact_uri
    _same(mlflow.artifacts.load_dict(f"{uri}/data/a.json"), {"a": [1, "ü"]})
    _same(mlflow.artifacts.load_text(f"{uri}/notes/text.txt"), "line\nünï")
    _same(list(mlflow.load_table("tables/t.json", run_ids=[run.info.run_id])["n"]), [1, 2, 3])
    assert "mlflow.loggedArtifacts" in mlflow.get_run(run.info.run_id).data.tags
    with tempfile.TemporaryDirectory() as folder:
        png = mlflow.artifacts.download_artifacts(artifact_uri=f"{uri}/plots/line.png", dst_path=folder)
        _same(pathlib.Path(png).read_bytes()[:4], b"\x89PNG")


def lifecycle():
    """Deleting and restoring runs and experiments, tags, renaming."""
    experiment = _experiment("lifecycle")
    client = MlflowClient()
    with mlflow.start_run() as run:
        mlflow.set_tag("a", "1")
        mlflow.set_tags({"b": "2", "c": "3"})
    run_id = run.info.run_id
    client.delete_tag(run_id, "b")
    _same({key: value for key, value in client.get_run(run_id).data.tags.items() if len(key) == 1}, {"a": "1", "c": "3"})
    client.update_run(run_id, status="FAILED", name="renamed")
    _same((client.get_run(run_id).info.status, client.get_run(run_id).info.run_name), ("FAILED", "renamed"))
    client.delete_run(run_id)
    _same(client.search_runs([experiment]), [])
    client.restore_run(run_id)
    _same(len(client.search_runs([experiment])), 1)
    client.set_experiment_tag(experiment, "team", "red")
    client.rename_experiment(experiment, f"renamed-{run_id}")
    _same(client.get_experiment_by_name(f"renamed-{run_id}").tags["team"], "red")
    client.delete_experiment(experiment)
    _same(client.get_experiment(experiment).lifecycle_stage, "deleted")
    _refused(lambda: client.create_run(experiment), "INVALID_PARAMETER_VALUE")
    client.restore_experiment(experiment)
    _same(client.get_experiment(experiment).lifecycle_stage, "active")
    _same(client.get_experiment_by_name("there is none"), None)


def errors():
    """Errors arrive as the exceptions that people catch."""
    client = MlflowClient()
    experiment = _experiment("errors")
    run_id = client.create_run(experiment).info.run_id
    client.log_param(run_id, "p", "1")
    client.log_param(run_id, "p", "1")
    _refused(lambda: client.log_param(run_id, "p", "2"), "INVALID_PARAMETER_VALUE")
    _refused(lambda: client.get_run("0" * 32), "RESOURCE_DOES_NOT_EXIST")
    _refused(lambda: client.create_experiment(client.get_experiment(experiment).name), "RESOURCE_ALREADY_EXISTS")
    _refused(lambda: client.search_runs([experiment], "nonsense = = 1"), "INVALID_PARAMETER_VALUE")
    _refused(lambda: client.delete_tag(run_id, "none"), "RESOURCE_DOES_NOT_EXIST")
    client.set_terminated(run_id)


def _refused(action, code):
    try:
        action()
    except MlflowException as error:
        _same(error.error_code, code)
    else:
        raise AssertionError(f"was accepted, {code} expected")


def searching():
    """search_runs and search_experiments, page by page and as a data frame."""
    experiment = _experiment("searching")
    client = MlflowClient()
    runs = []
    for number in range(25):
        run_id = client.create_run(experiment, start_time=number + 1, run_name=f"run {number}").info.run_id
        client.log_metric(run_id, "m", number)
        client.log_param(run_id, "even", str(number % 2 == 0))
        runs.append(run_id)
    seen, token = [], None
    while True:
        page = client.search_runs([experiment], max_results=4, order_by=["metrics.m DESC"], page_token=token)
        seen += [run.info.run_id for run in page]
        token = page.token
        if not token:
            break
    _same(seen, runs[::-1])
    _same(len(client.search_runs([experiment], "params.even = 'True' and metrics.m >= 10")), 8)
    frame = mlflow.search_runs([experiment], order_by=["attributes.start_time ASC"])
    _same(list(frame["metrics.m"]), [float(number) for number in range(25)])
    name = client.get_experiment(experiment).name
    _same([found.experiment_id for found in mlflow.search_experiments(filter_string=f"name = '{name}'")], [experiment])


def datasets():
    """log_input, and searching by what went in."""
    experiment = _experiment("datasets")
    frame, label = _data()
    data = mlflow.data.from_pandas(frame.assign(label=label), source="https://example.com/a.csv", name="grid", targets="label")
    with mlflow.start_run() as run:
        mlflow.log_input(data, context="training", tags={"split": "a"})
        mlflow.log_input(data, context="training")
    found = mlflow.get_run(run.info.run_id).inputs.dataset_inputs
    _same([(entry.dataset.name, entry.dataset.digest) for entry in found], [("grid", data.digest)])
    _same({tag.key: tag.value for tag in found[0].tags}["mlflow.data.context"], "training")
    client = MlflowClient()
    _same(len(client.search_runs([experiment], "dataset.name = 'grid' and dataset.context = 'training'")), 1)
    _same(len(client.search_runs([experiment], "dataset.name = 'other'")), 0)


def threads():
    """Several threads of one process logging to their own runs and to a shared one."""
    from concurrent.futures import ThreadPoolExecutor

    experiment = _experiment("threads")
    client = MlflowClient()
    shared = client.create_run(experiment).info.run_id

    def work(number):
        own = client.create_run(experiment).info.run_id
        for step in range(10):
            client.log_metric(own, "m", step, step=step)
            client.log_metric(shared, f"m{number % 2}", step, timestamp=number, step=step)
        client.log_param(shared, f"p{number}", number)
        return len(client.get_metric_history(own, "m"))

    with ThreadPoolExecutor(8) as pool:
        _same(list(pool.map(work, range(8))), [10] * 8)
    _same(len(client.get_metric_history(shared, "m0")), 40)
    _same(len(client.get_run(shared).data.params), 8)


def logged_models():
    """What MLflow 3 clients do with models of their own."""
    experiment = _experiment("models")
    with mlflow.start_run() as run:
        model = mlflow.initialize_logged_model(name="forest", model_type="classifier", params={"depth": "3"}, tags={"stage": "try"})
        mlflow.log_metric("acc", 0.75, model_id=model.model_id, step=1)
        mlflow.finalize_logged_model(model.model_id, status="READY")
        other = mlflow.create_external_model(name="external", source_run_id=run.info.run_id)
    mlflow.set_logged_model_tags(model.model_id, {"owner": "me", "stage": "done"})
    mlflow.delete_logged_model_tag(model.model_id, "owner")
    found = mlflow.get_logged_model(model.model_id)
    _same((found.name, str(found.status), found.params, found.tags["stage"]), ("forest", "READY", {"depth": "3"}, "done"))
    _same([(metric.key, metric.value) for metric in found.metrics], [("acc", 0.75)])
    assert "owner" not in found.tags, found.tags
    listed = mlflow.search_logged_models([experiment], "metrics.acc > 0.5", output_format="list")
    _same([entry.model_id for entry in listed], [model.model_id])
    listed = mlflow.search_logged_models([experiment], order_by=[{"field_name": "creation_timestamp", "ascending": True}], output_format="list")
    _same([entry.model_id for entry in listed], [model.model_id, other.model_id])
    MlflowClient().delete_logged_model(other.model_id)
    _same(len(mlflow.search_logged_models([experiment], output_format="list")), 1)


def main(names, scenarios):
    failed = False
    for name in names:
        try:
            scenarios[name]()
            print(f"ok {name}", flush=True)
        except BaseException:
            failed = True
            print(f"failed {name}", flush=True)
            traceback.print_exc(file=sys.stdout)
            while mlflow.active_run():
                mlflow.end_run()
        print(f"end {name}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], globals()))
