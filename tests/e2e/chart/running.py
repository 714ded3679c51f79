"""Runs what a rendered Pod says, as a kubelet would, but on this machine: its command, arguments and variables, nothing else."""

import base64
import re
import subprocess

from chart import helm
from support import machine


class Pod:
    """A rendered Deployment, Job or Pod. `secrets` are the Secrets of the cluster: {name: {key: value}}."""

    def __init__(self, manifests, entry, secrets):
        spec = entry["spec"]
        self.spec = spec["template"]["spec"] if "template" in spec else spec
        (self.container,) = self.spec["containers"]
        self.environment = dict(self._variables(manifests, secrets))
        expand = lambda text: re.sub(r"\$\((\w+)\)", lambda found: self.environment[found[1]], text)
        self.command = [expand(part) for part in self.container["command"] + self.container["args"]]

    def _variables(self, manifests, secrets):
        made = {entry["metadata"]["name"]: {key: base64.b64decode(value).decode() for key, value in entry["data"].items()}
                for entry in manifests if entry["kind"] == "Secret"}
        for source in self.container.get("envFrom", []):
            yield from helm.find(manifests, "ConfigMap", source["configMapRef"]["name"])["data"].items()
        for variable in self.container.get("env", []):
            reference = variable.get("valueFrom", {}).get("secretKeyRef")
            yield variable["name"], (made | secrets)[reference["name"]][reference["key"]] if reference else variable["value"]

    def program(self, name, path):
        """Names the program that the image has under `name`."""
        assert self.command[0] == name
        self.command[0] = path
        return self

    def run(self):
        return subprocess.run(self.command, env=self.environment, text=True, capture_output=True, timeout=120, cwd="/")

    def start(self):
        """Starts it as nobody in particular, in the root folder."""
        self.log = machine.scratch("pod") / "log"
        self.process = machine.spawn(self.command, self.log, env=self.environment, cwd="/")
        return self

    def probe(self, which):
        """Whether a probe is answered."""
        path = self.container[f"{which}Probe"]["httpGet"]["path"]
        (port,) = [port["containerPort"] for port in self.container["ports"]]
        return machine.answers(f"http://127.0.0.1:{port}{path}")

    def ready(self):
        machine.wait_until(lambda: self.probe("startup"), "the rendered Pod", self.process, self.log)
        return self

    def stop(self):
        return machine.stop(self.process, patience=self.spec["terminationGracePeriodSeconds"])
