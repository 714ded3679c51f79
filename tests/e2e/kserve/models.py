"""Trains on iris, and logs and registers models as people do. Run with the Python of one of the client environments:

    MLFLOW_TRACKING_URI=… python models.py FOLDER

Prints one JSON object: what was logged, where copies of the uploaded files are (below FOLDER), and what the model answers.
It must run unchanged under every client version.
"""

import json
import pathlib
import shutil
import sys
import warnings

warnings.filterwarnings("ignore")

import mlflow  # noqa: E402
import sklearn  # noqa: E402
from mlflow.models import infer_signature  # noqa: E402
from mlflow.store.artifact.http_artifact_repo import HttpArtifactRepository  # noqa: E402
from mlflow.tracking import MlflowClient  # noqa: E402
from sklearn.datasets import load_iris  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402

FOLDER = pathlib.Path(sys.argv[1])
REQUIREMENTS = [f"scikit-learn=={sklearn.__version__}"]  # given, since finding them out takes longer than all the rest
MAJOR = int(mlflow.__version__.split(".")[0])
VERSION = mlflow.__version__.replace(".", "-")


def keep_copies():
    """Keeps what the client uploads, since it removes its own copy: the truth that downloads are compared with."""
    upload = HttpArtifactRepository.log_artifacts

    def log_artifacts(self, local_dir, artifact_path=None):
        shutil.copytree(local_dir, FOLDER / "uploaded", dirs_exist_ok=True)
        upload(self, local_dir, artifact_path)

    HttpArtifactRepository.log_artifacts = log_artifacts


def code():
    """A package as `code_paths` takes it: one of its files is empty, and counts."""
    package = FOLDER / "helpers"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "scale.py").write_text("FACTOR = 2\n")
    return str(package)


def log(model, title, **options):
    """`log_model`; answers the id of its run, which also has files whose path begins like the model's."""
    where = {"name": "model"} if MAJOR >= 3 else {"artifact_path": "model"}
    with mlflow.start_run() as run:
        mlflow.log_text("not a part of the model", "model-notes/notes.txt")
        mlflow.sklearn.log_model(model, registered_model_name=title, pip_requirements=REQUIREMENTS, **where, **options)
    return run.info.run_id


def main():
    keep_copies()
    mlflow.set_experiment(f"kserve {VERSION}")
    client = MlflowClient()
    data, target = load_iris(return_X_y=True, as_frame=True)
    model = LogisticRegression(max_iter=500).fit(data, target)
    rows = data.iloc[::15]
    signature = infer_signature(data, model.predict(data))

    signed = log(model, f"iris-{VERSION}", signature=signature, code_paths=[code()])
    uploaded = FOLDER / "uploaded"
    uploaded.rename(FOLDER / "iris")
    unsigned = log(model, f"unsigned-{VERSION}")
    for title in (f"iris-{VERSION}", f"unsigned-{VERSION}"):
        client.set_registered_model_alias(title, "champion", "1")

    # The mistake that people make: the version's source is the folder above the model's.
    with mlflow.start_run() as run:
        mlflow.sklearn.save_model(model, FOLDER / "saved", signature=signature, pip_requirements=REQUIREMENTS)
        mlflow.log_artifacts(FOLDER / "saved", "deep/model")
        mlflow.log_text("nothing to serve", "notes/notes.txt")
    client.create_registered_model(f"deep-{VERSION}")
    client.create_model_version(f"deep-{VERSION}", f"{run.info.artifact_uri}/deep", run.info.run_id)
    client.set_registered_model_alias(f"deep-{VERSION}", "champion", "1")

    print(json.dumps({
        "signed": signed, "unsigned": unsigned, "deep": run.info.run_id, "copy": str(FOLDER / "iris"),
        "source": client.get_model_version_download_uri(f"iris-{VERSION}", "1"),
        "columns": list(rows.columns), "rows": rows.values.tolist(), "answers": model.predict(rows).tolist(),
    }))


if __name__ == "__main__":
    main()
