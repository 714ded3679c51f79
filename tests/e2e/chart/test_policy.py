"""checkov has nothing to say against any scenario that is not explained here."""

import json
import subprocess

from chart import helm
from support import machine

# Check and the kinds that it may be said of, with the reason.
EXPLAINED = {
    "CKV_K8S_11": ({"Deployment", "Job", "Pod"}, "a limit of CPU slows a server down that has work to do, and helps nobody: its neighbours have requests"),
    "CKV_K8S_15": ({"Deployment", "Job", "Pod"}, "a tag of a release never changes; air-gapped clusters cannot pull always"),
    "CKV_K8S_35": ({"Deployment", "Job"}, "the program reads MLflow's and AWS's variables, which are no files"),
    "CKV_K8S_43": ({"Deployment", "Job", "Pod"}, "image.digest is the user's choice; the scenario air-gapped makes it"),
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
    command = [machine.environment("checkov") / "checkov", "--directory", folder, "--framework", "kubernetes", "--output", "json",
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
