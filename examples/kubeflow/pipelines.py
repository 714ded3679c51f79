"""Three pipelines: release a model as a canary, roll it out to everybody, roll back. `python pipelines.py` compiles them."""

from kfp import compiler, dsl, kubernetes

import components

SECRET = {"uri": "MLFLOW_TRACKING_URI", "token": "MLFLOW_TRACKING_TOKEN"}


def connected(task):
    """Lets a step reach Tracklet, by the secret `tracklet` of the namespace that the pipeline runs in."""
    kubernetes.use_secret_as_env(task, secret_name="tracklet", secret_key_to_env=SECRET)
    # What a step answers depends on the registry, which Kubeflow's cache knows nothing about.
    return task.set_caching_options(False)


def serve(model, namespace, service_account, canary_percent):
    return connected(components.deploy(model=model, namespace=namespace, service_account=service_account,
                                       canary_percent=canary_percent))


@dsl.pipeline(name="iris-release")
def release(
    model: str = "iris",
    max_depth: int = 3,
    threshold: float = 0.9,
    min_gain: float = 0.01,
    canary_percent: int = 10,
    namespace: str = "models",
    service_account: str = "models",
) -> str:
    """Trains; a model that passes the gate is registered, becomes the champion and gets its share of the traffic."""
    trained = connected(components.train(experiment=model, max_depth=max_depth))
    passed = connected(components.quality_gate(run_id=trained.output, model=model, threshold=threshold, min_gain=min_gain))
    registered = connected(components.register(run_id=trained.output, model=model)).after(passed)
    champion = connected(components.set_champion(model=model, version=registered.output))
    serve(model, namespace, service_account, canary_percent).after(champion)
    return champion.output


@dsl.pipeline(name="iris-rollout")
def roll_out(model: str = "iris", namespace: str = "models", service_account: str = "models"):
    """Gives the champion all the traffic."""
    serve(model, namespace, service_account, canary_percent=100)


@dsl.pipeline(name="iris-rollback")
def roll_back(model: str = "iris", namespace: str = "models", service_account: str = "models") -> str:
    """Makes the version before the champion again, and gives it all the traffic."""
    champion = connected(components.roll_back(model=model))
    serve(model, namespace, service_account, canary_percent=100).after(champion)
    return champion.output


if __name__ == "__main__":
    for pipeline in (release, roll_out, roll_back):
        compiler.Compiler().compile(pipeline, f"{pipeline.name}.yaml")
