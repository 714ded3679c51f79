"""Runs what a rendered Pod says, as a kubelet would, but on this machine: its command, arguments and variables, nothing else."""

import base64
import os
import re
import shutil
import subprocess

from chart import helm
from chart.references import pod_of
from support import machine

# What the cluster says of a Pod.
FIELDS = {"metadata.name": "t-tracklet-1", "status.hostIP": "127.0.0.1"}


class Pod:
    """A rendered Deployment, Job, CronJob or Pod. `secrets` are the Secrets of the cluster: {name: {key: value}}."""

    def __init__(self, manifests, entry, secrets):
        self.spec = pod_of(entry)
        (self.container,) = self.spec["containers"]
        self.environment = {}
        for name, value in self._variables(manifests, secrets):
            self.environment[name] = self._expand(value)
        self.command = [self._expand(part) for part in self.container["command"] + self.container["args"]]

    def _expand(self, text):
        return re.sub(r"\$\((\w+)\)", lambda found: self.environment[found[1]], text)

    def _variables(self, manifests, secrets):
        made = {entry["metadata"]["name"]: {key: base64.b64decode(value).decode() for key, value in entry["data"].items()}
                for entry in manifests if entry["kind"] == "Secret"}
        for source in self.container.get("envFrom", []):
            yield from helm.find(manifests, "ConfigMap", source["configMapRef"]["name"])["data"].items()
        for variable in self.container.get("env", []):
            source = variable.get("valueFrom", {})
            if reference := source.get("secretKeyRef"):
                yield variable["name"], (made | secrets)[reference["name"]][reference["key"]]
            else:
                yield variable["name"], FIELDS[source["fieldRef"]["fieldPath"]] if source else variable["value"]

    def program(self, name, path):
        """Names the program that the image has under `name`."""
        assert self.command[0] == name
        self.command[0] = path
        return self

    def run(self):
        return subprocess.run(self.command, env=self.environment, text=True, capture_output=True, timeout=120, cwd="/")

    def start(self, volumes=None):
        """Starts it in the root folder. With `volumes`, writable folders, also as the Pod's user and with nothing else that it could
        write to, where this is run by root."""
        self.log = machine.scratch("pod") / "log"
        confine = [] if volumes is None or os.geteuid() else self._confined(volumes)
        environment = self.environment | ({"PATH": os.environ["PATH"]} if confine else {})
        self.process = machine.spawn([*confine, *self.command], self.log, env=environment, cwd="/")
        return self

    def _confined(self, volumes):
        """The security contexts of Pod and container as a prefix of the command."""
        both = self.spec["securityContext"] | self.container["securityContext"]
        assert both["runAsNonRoot"] and both["readOnlyRootFilesystem"] and not both["allowPrivilegeEscalation"]
        assert both["capabilities"] == {"drop": ["ALL"]}
        for volume in volumes:
            shutil.chown(volume, both["runAsUser"], both["fsGroup"])
        kept = "".join(f"mount --bind '{volume}' '{volume}' && " for volume in volumes)
        user = (f"setpriv --reuid {both['runAsUser']} --regid {both['runAsGroup']} --groups {both['fsGroup']} --inh-caps=-all "
                "--bounding-set=-all --no-new-privs")
        return ["unshare", "--mount", "--propagation", "private", "sh", "-c", f'{kept}mount --options remount,bind,ro / && exec {user} "$@"', "sh"]

    def mount_secret(self, name, files):
        """Puts a Secret's files where a kubelet would, as it would own them, but below a folder of this machine."""
        (mount,) = [entry for entry in self.container["volumeMounts"] if entry["name"] == name]
        (volume,) = [entry for entry in self.spec["volumes"] if entry["name"] == name]
        folder = machine.scratch("secret")
        for key, content in files.items():
            path = folder / key
            path.write_bytes(content)
            path.chmod(volume["secret"].get("defaultMode", 0o644))
            if os.geteuid() == 0:
                os.chown(path, 0, self.spec["securityContext"]["fsGroup"])
        for variable, value in self.environment.items():
            self.environment[variable] = value.replace(mount["mountPath"], str(folder))

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
