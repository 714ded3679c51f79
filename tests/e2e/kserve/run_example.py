"""Runs one of the pipelines of examples/kubeflow on this machine. Run with the Python of the kfp environment:

    MLFLOW_TRACKING_URI=… KUBECONFIG=… python run_example.py FOLDER PIPELINE '{"parameter": value}'

Prints what the pipeline answers as the last line; ends with 1 when a step fails.
"""

import json
import os
import pathlib
import sys

os.environ["COMPONENT_IMAGE"] = "this environment"  # which has everything installed
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "examples/kubeflow"))

import pipelines  # noqa: E402
from kfp import local  # noqa: E402

if __name__ == "__main__":
    folder, name, parameters = sys.argv[1:]
    local.init(local.SubprocessRunner(use_venv=False), pipeline_root=folder)
    task = getattr(pipelines, name)(**json.loads(parameters))
    print(json.dumps(task.outputs))
