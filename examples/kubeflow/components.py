"""The steps from training to serving. Each is a function that runs in a container of its own, and imports what it needs there."""

import os

from kfp import dsl

# Steps start faster from an image that has requirements.txt installed. Name it here, and nothing is installed at run time.
IMAGE = os.environ.get("COMPONENT_IMAGE")
PACKAGES = ["mlflow-skinny==2.17.2", "scikit-learn==1.5.2", "pandas==2.2.3", "numpy==1.26.4", "requests", "kubernetes", "PyYAML"]


def component(function):
    return dsl.component(function, base_image=IMAGE or "python:3.11", packages_to_install=None if IMAGE else PACKAGES)


@component
def train(experiment: str, max_depth: int) -> str:
    """Trains on iris; answers the id of the run that has the model and its accuracy."""
    import mlflow
    import sklearn
    from mlflow.models import infer_signature
    from sklearn.datasets import load_iris
    from sklearn.model_selection import train_test_split
    from sklearn.tree import DecisionTreeClassifier

    data, target = load_iris(return_X_y=True, as_frame=True)
    seen, unseen, seen_target, unseen_target = train_test_split(data, target, test_size=0.4, random_state=0, stratify=target)
    mlflow.set_experiment(experiment)
    with mlflow.start_run() as run:
        model = DecisionTreeClassifier(max_depth=max_depth, random_state=0).fit(seen, seen_target)
        mlflow.log_param("max_depth", max_depth)
        mlflow.log_metric("accuracy", model.score(unseen, unseen_target))
        # KServe's runtime reads from the signature what to accept: never log a model for serving without one.
        signature = infer_signature(seen, model.predict(seen))
        mlflow.sklearn.log_model(model, "model", signature=signature, pip_requirements=[f"scikit-learn=={sklearn.__version__}"])
    return run.info.run_id


@component
def quality_gate(run_id: str, model: str, threshold: float, min_gain: float) -> float:
    """Fails, and the pipeline with it, unless the model is good enough and better than the champion; answers its accuracy."""
    from mlflow import MlflowClient

    client = MlflowClient()
    accuracy = client.get_run(run_id).data.metrics["accuracy"]
    if accuracy < threshold:
        raise SystemExit(f"refused: accuracy {accuracy:.4f} is below {threshold}")
    registered = client.search_registered_models(f"name = '{model}'")
    version = registered[0].aliases.get("champion") if registered else None
    if version is None:
        print(f"accepted: accuracy {accuracy:.4f}, and there is no champion yet")
        return accuracy
    champion = client.get_run(client.get_model_version(model, version).run_id).data.metrics["accuracy"]
    if accuracy < champion + min_gain:
        raise SystemExit(f"refused: accuracy {accuracy:.4f} is not {min_gain} better than {champion:.4f} of champion {version}")
    print(f"accepted: accuracy {accuracy:.4f} after {champion:.4f} of champion {version}")
    return accuracy


@component
def register(run_id: str, model: str) -> str:
    """Registers the run's model; answers the number of the version."""
    import mlflow

    return mlflow.register_model(f"runs:/{run_id}/model", model).version


@component
def set_champion(model: str, version: str) -> str:
    """Points the alias at a version; answers its URI."""
    from mlflow import MlflowClient

    MlflowClient().set_registered_model_alias(model, "champion", version)
    return f"models:/{model}/{version}"


@component
def roll_back(model: str) -> str:
    """Points the alias back at the version before, as the registry's history tells; answers its URI."""
    import os

    import requests
    from mlflow import MlflowClient

    token = os.environ.get("MLFLOW_TRACKING_TOKEN")
    answer = requests.get(
        f"{os.environ['MLFLOW_TRACKING_URI']}/api/tracklet/1.0/registry/events",
        params={"name": model, "alias": "champion"},
        headers={"Authorization": f"Bearer {token}"} if token else {},
        timeout=60,
    )
    answer.raise_for_status()
    events = answer.json().get("events", [])  # the newest first
    champion = events[0].get("to_version") if events else None
    if champion is None:
        raise SystemExit(f"{model} has no champion to go back from")
    # Only ever backwards: a second rollback must not return to the version that the first one left.
    before = [event["from_version"] for event in events if int(event.get("from_version", champion)) < int(champion)]
    if not before:
        raise SystemExit(f"version {champion} of {model} is the first champion")
    MlflowClient().set_registered_model_alias(model, "champion", before[0])
    return f"models:/{model}/{before[0]}"


@component
def deploy(model: str, namespace: str, service_account: str, canary_percent: int, manifest: dsl.Output[dsl.Artifact]):
    """Fetches the champion's InferenceService and applies it. With a canary share, the revision before keeps the rest."""
    import os
    from urllib.parse import quote

    import requests
    import yaml
    from kubernetes import config, dynamic

    token = os.environ.get("MLFLOW_TRACKING_TOKEN")
    # pin=version: another storage URI is what makes KServe roll out a new revision, and a moved alias is none.
    query = {"name": model, "namespace": namespace, "serviceAccountName": service_account, "storage": "archive", "pin": "version"}
    if canary_percent < 100:
        query["canaryTrafficPercent"] = canary_percent
    answer = requests.get(
        f"{os.environ['MLFLOW_TRACKING_URI']}/kserve/models/{quote(model, safe='')}@champion/inferenceservice.yaml",
        params=query,
        headers={"Authorization": f"Bearer {token}"} if token else {},
        timeout=60,
    )
    answer.raise_for_status()
    with open(manifest.path, "w") as file:
        file.write(answer.text)
    # Server-side apply also removes what this field manager no longer writes, as the canary share after a rollout.
    client = dynamic.DynamicClient(config.new_client_from_config())
    services = client.resources.get(api_version="serving.kserve.io/v1beta1", kind="InferenceService")
    services.server_side_apply(yaml.safe_load(answer.text), field_manager="iris-pipeline", force_conflicts=True)
