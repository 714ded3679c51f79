"""The expressions that docs/metrics.md shows."""

from support import machine


def asked():
    text = (machine.ROOT / "docs/metrics.md").read_text()
    return [line.strip() for line in text.splitlines() if line.startswith("    ") and "tracklet_" in line]
