"""Logs what the pages are to show, as people do. Run with the Python of one of the client environments:

    MLFLOW_TRACKING_URI=… python people.py

Prints one JSON object, see stage.Logged. It must run unchanged under every client version.
"""

import json
import math
import warnings

warnings.filterwarnings("ignore")

import mlflow  # noqa: E402
import numpy  # noqa: E402
import pandas  # noqa: E402
import sklearn  # noqa: E402
from mlflow.entities import Metric  # noqa: E402
from mlflow.models import infer_signature  # noqa: E402
from mlflow.tracking import MlflowClient  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402

MAJOR = int(mlflow.__version__.split(".")[0])
EXPERIMENT = f"fruit {mlflow.__version__}"
MODEL = f"fruit-{mlflow.__version__.replace('.', '-')}"
# Given, since finding them out takes longer than all the rest.
REQUIREMENTS = [f"scikit-learn=={sklearn.__version__}"]
FRAME = pandas.DataFrame({"weight": [80.0, 120.0, 150.0, 210.0] * 5, "red": [1, 0, 1, 0] * 5, "ripe": [0, 0, 1, 1] * 5})


def picture():
    """A gradient that is easily recognised in a screenshot."""
    line = numpy.linspace(0, 255, 96, dtype="uint8")
    return numpy.stack([numpy.tile(line, (64, 1)), numpy.tile(line[::-1], (64, 1)), numpy.full((64, 96), 120, "uint8")], axis=-1)


def files():
    mlflow.log_text("weight,red\n80,1\n120,0\n", "data/table.csv")
    mlflow.log_dict({"apple": {"weight": 80, "ripe": False}}, "data/fruit.json")
    mlflow.log_text("<html><body><h1>Fruit report</h1><p>All is ripe.</p></body></html>", "report.html")
    mlflow.log_text("first line of the notes\nsecond line\n", "notes.txt")
    mlflow.log_image(picture(), "pictures/gradient.png")


def train(client, name, rate, depth):
    """One run: parameters, a curve of fifty steps, its place in the order."""
    with mlflow.start_run(run_name=name, nested=True) as run:
        mlflow.log_params({"rate": rate, "depth": depth})
        curve = [Metric("loss", math.exp(-rate * step), 1_700_000_000_000 + step * 1000, step) for step in range(50)]
        client.log_batch(run.info.run_id, curve)
        mlflow.log_metrics({"accuracy": 1 - 1 / depth})
        mlflow.set_tags({"team": "orchard", "mlflow.note.content": f"A run with depth **{depth}**."})
    return run.info.run_id


def model(client):
    """Two versions of one registered model; the first is the champion."""
    columns = FRAME[["weight", "red"]]
    fitted = LogisticRegression(max_iter=300).fit(columns, FRAME.ripe)
    where = {"name": "model"} if MAJOR >= 3 else {"artifact_path": "model"}
    signature = infer_signature(columns, fitted.predict(columns))
    for _ in range(2):
        mlflow.sklearn.log_model(fitted, signature=signature, registered_model_name=MODEL, pip_requirements=REQUIREMENTS, **where)
    client.set_registered_model_alias(MODEL, "champion", "1")


def main():
    client = MlflowClient()
    experiment = mlflow.set_experiment(EXPERIMENT).experiment_id
    children = {}
    with mlflow.start_run(run_name="parent") as parent:
        mlflow.log_param("fruits", "apple")
        mlflow.log_metric("best", 0.75)
        mlflow.log_input(mlflow.data.from_pandas(FRAME, name="harvest", targets="ripe"), context="training")
        files()
        model(client)
        for number, (rate, depth) in enumerate([(0.05, 4), (0.1, 3), (0.3, 2)], 1):
            children[f"child {number}"] = train(client, f"child {number}", rate, depth)
    print(json.dumps({"experiment": EXPERIMENT, "experiment_id": experiment, "parent": parent.info.run_id,
                      "children": children, "model": MODEL}))


main()
