"""A two-step Kubeflow pipeline whose training component logs to MLflow. Run with the Python of the kfp environment:

    MLFLOW_TRACKING_URI=… python pipeline.py FOLDER

Prints the id of the run it logged.
"""

import json
import pathlib
import sys

from kfp import dsl, local
from kfp.dsl import Dataset, Input, Metrics, Model, Output


@dsl.component
def prepare(rows: int, data: Output[Dataset]):
    import numpy
    import pandas

    values = numpy.random.default_rng(7).random((rows, 4))
    frame = pandas.DataFrame(values, columns=list("abcd"))
    frame.assign(label=(frame.a + frame.b > 1).astype(int)).to_csv(data.path, index=False)


@dsl.component
def train(data: Input[Dataset], model: Output[Model], metrics: Output[Metrics], experiment: str, depth: int = 2) -> str:
    import mlflow
    import pandas
    from sklearn.ensemble import GradientBoostingClassifier
    from sklearn.model_selection import cross_val_score

    frame = pandas.read_csv(data.path)
    features, label = frame.drop(columns=["label"]), frame["label"]
    mlflow.set_experiment(experiment)
    mlflow.sklearn.autolog(log_models=False)
    with mlflow.start_run() as run:
        mlflow.log_params({"feature_count": features.shape[1], "training_rows": features.shape[0]})
        classifier = GradientBoostingClassifier(n_estimators=8, max_depth=depth, random_state=42)
        scores = cross_val_score(classifier, features, label, cv=3, scoring="f1_weighted")
        classifier.fit(features, label)
        mlflow.log_metrics({"cv_f1_mean": float(scores.mean()), "cv_f1_std": float(scores.std())})
        mlflow.sklearn.log_model(classifier, artifact_path="model")
    metrics.log_metric("cv_f1_mean", float(scores.mean()))
    model.metadata["mlflow_run_id"] = run.info.run_id
    loaded = mlflow.pyfunc.load_model(f"runs:/{run.info.run_id}/model")
    assert list(loaded.predict(features)) == list(classifier.predict(features))
    return run.info.run_id


@dsl.pipeline(name="training")
def training(experiment: str, rows: int = 120) -> str:
    prepared = prepare(rows=rows)
    return train(data=prepared.outputs["data"], experiment=experiment).outputs["Output"]


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    # The components run in this interpreter's environment, which has the MLflow client.
    local.init(local.SubprocessRunner(use_venv=False), pipeline_root=str(folder / "root"))
    task = training(experiment=f"pipeline {folder.name}")
    print(json.dumps({"run_id": task.output}))
