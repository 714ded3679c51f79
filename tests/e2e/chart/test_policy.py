"""checkov has nothing to say against any scenario that is not explained here."""

import json
import subprocess

from chart import helm
from chart.references import pod_of
from support import machine

# Check and the kinds that it may be said of, with the reason.
EXPLAINED = {
    "CKV_K8S_11": ({"CronJob", "Deployment", "Job", "Pod"}, "a limit of CPU slows a server down that has work to do, and helps nobody: its neighbours have requests"),
    "CKV_K8S_15": ({"CronJob", "Deployment", "Job", "Pod"}, "a tag of a release never changes; air-gapped clusters cannot pull always"),
    "CKV_K8S_35": ({"CronJob", "Deployment", "Job"}, "the program reads MLflow's and AWS's variables, which are no files"),
    "CKV_K8S_43": ({"CronJob", "Deployment", "Job", "Pod"}, "image.digest is the user's choice; the scenario air-gapped makes it"),
    "CKV_K8S_8": ({"Pod"}, "the test asks once and ends"),
    "CKV_K8S_9": ({"Pod"}, "the test asks once and ends"),
    "CKV2_K8S_6": ({"Deployment", "Pod"}, "networkPolicy is an option; Jobs and the test let nobody connect to them"),
}
# Containers that a user adds are not the chart's.
OF_THE_USER = {"extras"}


def findings():
    """(check, kind, name, scenario) of everything that checkov finds."""
    folder = machine.scratch("policy")
    for scenario in set(helm.SCENARIOS) - OF_THE_USER:
        (folder / f"{scenario}.yaml").write_text(helm.text(scenario))
    python = machine.environment("checkov")
    command = [python / "python", python / "checkov", "--directory", folder, "--framework", "kubernetes", "--output", "json",
               "--quiet", "--compact", "--skip-download"]
    done = subprocess.run(command, text=True, capture_output=True, timeout=300, env={"PATH": "/usr/bin:/bin", "HOME": str(folder)})
    report = json.loads(done.stdout)
    assert report["summary"]["passed"] > 1000 and not report["summary"]["parsing_errors"]
    for found in report["results"]["failed_checks"]:
        kind, _, name, *_ = found["resource"].split(".")
        yield found["check_id"], kind, name, found["file_path"].strip("/")


def test_every_finding_is_explained():
    found = set(findings())
    assert [entry for entry in sorted(found) if entry[1] not in EXPLAINED.get(entry[0], ((), ""))[0]] == []
    assert {check for check, *_ in found} == set(EXPLAINED), "explained, and not found any more"


def test_every_pod_meets_the_restricted_standard():
    """Pod Security's `restricted`, which a namespace can enforce."""
    volumes = {"configMap", "downwardAPI", "emptyDir", "persistentVolumeClaim", "projected", "secret", "name"}
    count = 0
    for scenario in set(helm.SCENARIOS) - OF_THE_USER:
        for entry in helm.scenario(scenario):
            pod = pod_of(entry)
            for container in pod["containers"] if pod else ():
                count += 1
                both = pod["securityContext"] | container["securityContext"]
                said = {key: both.get(key) for key in ("runAsNonRoot", "allowPrivilegeEscalation", "capabilities", "seccompProfile")}
                assert said == {"runAsNonRoot": True, "allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]},
                                "seccompProfile": {"type": "RuntimeDefault"}}, f"{scenario} {entry['kind']}"
                assert container["securityContext"]["readOnlyRootFilesystem"] and pod["automountServiceAccountToken"] is False
                assert {kind for volume in pod.get("volumes", ()) for kind in volume} <= volumes
    assert count > 40
