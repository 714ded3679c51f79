"""Kubeflow's profiles, as docs/kubernetes.md lets them in."""

import json
import re
import subprocess

from chart import helm
from support import machine


def policies(owners):
    """What the commands of the document would apply where these profiles are: {name: owner}."""
    (commands,) = re.findall(r"```sh\n(kubectl get profiles.+?)```", (machine.ROOT / "docs/kubernetes.md").read_text(), re.DOTALL)
    found = {"items": [{"metadata": {"name": name}, "spec": {"owner": {"kind": "User", "name": owner}}} for name, owner in owners.items()]}
    script, asked = re.subn(r"kubectl get profiles\.kubeflow\.org --output json", "cat", commands)
    script, applied = re.subn(r"kubectl apply --filename -", "cat", script)
    assert asked == applied == 1
    done = subprocess.run(["sh", "-ec", script], input=json.dumps(found), text=True, capture_output=True, check=True, cwd=machine.ROOT)
    return helm.documents(done.stdout)
