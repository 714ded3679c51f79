"""The values in the documents, as somebody copies them."""

import re

import yaml

from support import machine


def examples():
    """Document, number of the example in it, and its values."""
    for document, pattern in {"docs/kubernetes.md": r"```yaml\n# values\n(.*?)```", "chart/README.md": r"```yaml\n(.*?)```"}.items():
        for number, block in enumerate(re.findall(pattern, (machine.ROOT / document).read_text(), re.DOTALL)):
            yield document, number, yaml.safe_load(block)


def example(heading):
    """The first values below a heading of docs/kubernetes.md."""
    text = (machine.ROOT / "docs/kubernetes.md").read_text()
    return yaml.safe_load(re.search(rf"^#+ {re.escape(heading)}\n.*?```yaml\n# values\n(.*?)```", text, re.DOTALL | re.MULTILINE)[1])
