"""MLServer with the MLflow runtime, started as KServe's `kserve-mlserver` runtime starts it."""

import json
import urllib.request

from . import machine
from .servers import CLEAN


class MLServer:
    """Serves the model in `folder`, which has its MLmodel at the root. With `container` as that of a ServingRuntime says it, apart from
    addresses and folder. Wait for it with `wait`."""

    def __init__(self, folder, name="iris", container=None):
        environment = machine.environment("mlserver-1.7.1")
        ports = {kind: machine.free_port() for kind in ("HTTP", "GRPC", "METRICS")}
        self.name, self.url = name, f"http://127.0.0.1:{ports['HTTP']}"
        self._scratch = machine.scratch("mlserver")
        self.log = self._scratch / "log"
        addresses = {"MLSERVER_HOST": "127.0.0.1"} | {f"MLSERVER_{kind}_PORT": str(port) for kind, port in ports.items()}
        said = {"MLSERVER_MODEL_IMPLEMENTATION": "mlserver_mlflow.MLflowRuntime", "MLSERVER_MODEL_NAME": name,
                "MLSERVER_MODEL_URI": str(folder), "MLSERVER_PARALLEL_WORKERS": "0"}
        command = ["mlserver", "start", folder]
        if container:
            fill = lambda text: text.replace("{{.Name}}", name).replace("/mnt/models", str(folder))
            said = {entry["name"]: fill(entry["value"]) for entry in container["env"]}
            assert addresses.keys() - said.keys() == {"MLSERVER_HOST"}
            command = [fill(part) for part in container["command"] + container["args"]]
        env = CLEAN | said | addresses | {
            "PATH": f"{environment}:{CLEAN['PATH']}", "GIT_PYTHON_REFRESH": "quiet", "MLFLOW_DISABLE_TELEMETRY": "true",
        }
        self._process = machine.spawn([environment / command[0], *command[1:]], self.log, env=env, cwd=self._scratch)

    def wait(self):
        """Returns when the model is loaded, as KServe's readiness probe sees it."""
        machine.wait_until(lambda: machine.answers(f"{self.url}/v2/models/{self.name}/ready"), "mlserver", self._process,
                           self.log, patience=180)
        return self

    def infer(self, columns, rows):
        """Predictions over the protocol that KServe calls v2."""
        inputs = [{"name": column, "shape": [len(rows)], "datatype": "FP64", "data": list(values)}
                  for column, values in zip(columns, zip(*rows, strict=True), strict=True)]
        return self._post(f"v2/models/{self.name}/infer", {"inputs": inputs})["outputs"][0]["data"]

    def invocations(self, columns, rows):
        """Predictions over MLflow's own scoring protocol."""
        return self._post("invocations", {"dataframe_split": {"columns": columns, "data": rows}})["predictions"]

    def stop(self):
        machine.stop(self._process, machine.signal.SIGKILL)

    def _post(self, path, content):
        request = urllib.request.Request(f"{self.url}/{path}", json.dumps(content).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as reply:
            return json.load(reply)
