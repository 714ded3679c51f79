"""The values in the documents install, and everything that they name fits together."""

import json
import re
import subprocess

import pytest

from chart import helm, profiles
from chart.documents import examples
from chart.references import Release
from support import machine

DATABASE, S3 = ("Secret", "mlflow-database", "uri"), ("Secret", "mlflow-s3", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
CA = ("ConfigMap", "company-ca", "ca.crt")
# Document and number of the example to what it takes for granted.
OUTSIDE = {
    ("docs/kubernetes.md", 0): [("Secret", "mlflow-database", "password"), S3, CA],
    ("docs/kubernetes.md", 1): [("Secret", "mlflow-db-app", "username", "password", "host", "port", "dbname"), S3],
    ("docs/kubernetes.md", 2): [],
    ("docs/kubernetes.md", 3): [DATABASE, S3],
    ("docs/kubernetes.md", 4): [],
    ("docs/kubernetes.md", 5): [("Secret", "otel-headers", "OTEL_EXPORTER_OTLP_HEADERS")],
    ("docs/kubernetes.md", 6): [],
    ("docs/kubernetes.md", 7): [DATABASE, S3, CA, ("Secret", "registry")],
    ("docs/kubernetes.md", 8): [DATABASE, S3],
    ("chart/README.md", 0): [("Secret", "mlflow-db", "password"), ("Secret", "mlflow-s3", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")],
}


EXAMPLES = list(examples())


def test_the_examples_are_found():
    assert {(document, number) for document, number, _ in EXAMPLES} == set(OUTSIDE)


@pytest.mark.parametrize("document, number, values", EXAMPLES, ids=lambda entry: entry if isinstance(entry, str) else "")
def test_an_example_fits_together(document, number, values):
    assert Release(helm.render(values), OUTSIDE[document, number]).check() == []


def test_every_value_that_is_named_exists():
    rows = set(re.findall(r"^\| `([\w.]+)` \|", (helm.CHART / "README.md").read_text(), re.MULTILINE))
    known = rows | {row.rsplit(".", count)[0] for row in rows for count in range(1, row.count(".") + 1)}
    groups = {row.split(".")[0] for row in rows if "." in row}
    text = (machine.ROOT / "docs/kubernetes.md").read_text()
    named = set(re.findall(r"`((?:%s)(?:\.[a-z]\w*)+)" % "|".join(groups), text))
    assert len(named) > 20
    assert named - known == set()


def test_the_policies_of_profiles():
    """Each is about the Pods of the release that the document installs, and about one profile."""
    made = profiles.policies({"team-a": "ann@a.example", "team-b": "bob@b.example"})
    assert [entry["metadata"] for entry in made] == [{"name": f"tracklet-{name}", "namespace": "mlflow"} for name in ("team-a", "team-b")]
    assert [name for name in ("team-c", "team-a", "bob@b.example") if name not in str(made[1])] == ["team-c", "team-a"]
    release = helm.documents(helm.succeed(helm.helm(4, "template", "tracklet", helm.CHART, "--namespace", "mlflow")))
    for entry in made:
        assert entry["spec"]["selector"]["matchLabels"] == helm.find(release, "Deployment")["spec"]["selector"]["matchLabels"]


def test_the_link_of_the_dashboard():
    """The pipe in the document, with what Kubeflow has before it."""
    text = (machine.ROOT / "docs/kubernetes.md").read_text()
    program = re.search(r"\| jq '(.+)'", text)[1]
    before = {"data": {"links": json.dumps({"menuLinks": [{"type": "item", "link": "/jupyter/", "text": "Notebooks", "icon": "book"}]})}}
    done = subprocess.run(["jq", program], input=json.dumps(before), text=True, capture_output=True, check=True)
    links = json.loads(json.loads(done.stdout)["data"]["links"])["menuLinks"]
    assert [link["link"] for link in links] == ["/jupyter/", "/mlflow/"]
    assert links[0].keys() == links[1].keys()
