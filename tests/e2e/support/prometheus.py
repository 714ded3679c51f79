"""A throw-away Prometheus, and promtool."""

import json
import subprocess
import urllib.parse
import urllib.request

from . import machine


class Prometheus:
    """Scrapes `targets` (host:port) every second."""

    def __init__(self, targets):
        folder = machine.scratch("prometheus")
        config, log = folder / "prometheus.json", folder / "log"
        config.write_text(json.dumps({  # JSON is YAML
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
            "scrape_configs": [{"job_name": "tracklet", "static_configs": [{"targets": targets}]}],
        }))
        self.origin = f"http://127.0.0.1:{machine.free_port()}"
        command = ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}",
                   f"--web.listen-address={self.origin.removeprefix('http://')}"]
        self._process = machine.spawn(command, log, cwd=folder)
        machine.wait_until(lambda: machine.answers(f"{self.origin}/-/ready"), "prometheus", self._process, log)

    def query(self, expression):
        """The rows of an instant query: a list of labels and value."""
        query = urllib.parse.urlencode({"query": expression})
        with urllib.request.urlopen(f"{self.origin}/api/v1/query?{query}", timeout=10) as reply:
            answer = json.load(reply)
        return [(row["metric"], float(row["value"][1])) for row in answer["data"]["result"]]

    def value(self, expression):
        """The only row's value; None if there is no row."""
        rows = self.query(expression)
        assert len(rows) <= 1, rows
        return rows[0][1] if rows else None

    def wait_for(self, expression, value):
        machine.wait_until(lambda: self.value(expression) == value, f"{expression} is {self.value(expression)}, not {value}",
                           patience=20)

    def stop(self):
        machine.stop(self._process)


def complaints(page):
    """What promtool has to say about a page of metrics."""
    checked = subprocess.run(["promtool", "check", "metrics"], input=page, capture_output=True, check=False)
    return [] if checked.returncode == 0 else (checked.stdout + checked.stderr).decode().splitlines() or ["refused"]
