"""Tables: on the terminal, and between the marks of docs/performance.md."""

import dataclasses
import datetime
import os
import pathlib
import platform
import re
import subprocess

DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs/performance.md"
NAMES = {"tracklet": "Tracklet", "fasttrackml": "FastTrackML", "mlflow": "MLflow"}


@dataclasses.dataclass
class Row:
    """One figure of each server: a `Cost`, or a number."""

    title: str
    values: dict
    digits: int = 2
    more_is_better: bool = False
    notes: dict = dataclasses.field(default_factory=dict)

    def number(self, name):
        value = self.values.get(name)
        return getattr(value, "cpu_ms", value)

    def times(self, name):
        """How many times better Tracklet is."""
        other, own = self.number(name), self.number("tracklet")
        if other is None or own is None or min(other, own) <= 0:
            return "–"
        return f"{own / other if self.more_is_better else other / own:.1f}"

    def shown(self, name):
        value = self.number(name)
        return "–" if value is None else f"{value:,.{self.digits}f}"


def table(rows):
    """Markdown. Ratios say how many times less Tracklet needs, or how many times more it moves."""
    costs = any(hasattr(value, "cpu_ms") for row in rows for value in row.values.values())
    lines = [["CPU ms for each request" if costs else "", *NAMES.values(), "FastTrackML ÷ Tracklet", "MLflow ÷ Tracklet"]]
    for row in rows:
        lines.append([row.title, *map(row.shown, NAMES), row.times("fasttrackml"), row.times("mlflow")])
    parts = [_markdown(lines)]
    details = [row for row in rows if any(hasattr(value, "cpu_ms") for value in row.values.values())]
    if details:
        lines = [["of it server + database, ms; requests/s", *NAMES.values()]]
        for row in details:
            cells = [f"{cost.server_ms:.2f} + {cost.database_ms:.2f}; {cost.rate:,.{1 if cost.rate < 10 else 0}f}/s" if cost else "–"
                     for cost in map(row.values.get, NAMES)]
            lines.append([row.title, *cells])
        parts.append(_markdown(lines))
    for row in rows:
        if row.notes:
            parts.append(f"{row.title}: " + "; ".join(f"{NAMES[name]} {note}" for name, note in row.notes.items()) + ".")
    return "\n\n".join(parts)


def _markdown(lines):
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]

    def shown(line):
        cells = [line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True))]
        return "| " + " | ".join(cells) + " |"
    rule = "|" + "|".join(["-" * (widths[0] + 2), *("-" * (width + 1) + ":" for width in widths[1:])]) + "|"
    return "\n".join([shown(lines[0]), rule, *map(shown, lines[1:])])


def machine():
    """What the figures were measured on; no names."""
    text = pathlib.Path("/proc/cpuinfo").read_text()
    model = re.search(r"model name\s*: (.*)", text)
    memory = int(re.search(r"MemTotal:\s*(\d+)", pathlib.Path("/proc/meminfo").read_text())[1]) // (1 << 20)
    system = re.search(r'PRETTY_NAME="(.*)"', pathlib.Path("/etc/os-release").read_text())
    return (f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M} UTC; {os.cpu_count()} CPUs "
            f"({model[1].strip() if model else platform.machine()}), {memory} GiB of memory, "
            f"{system[1] if system else 'Linux'}, kernel {platform.release().split('-')[0]}, "
            f"PostgreSQL {_postgres()}, load average before {_load:.1f}")


def _postgres():
    from .postgres import program
    done = subprocess.run([program("postgres"), "--version"], capture_output=True, text=True, check=True)
    return done.stdout.split()[2]


_load = os.getloadavg()[0]


def write(part, text):
    """Replaces what stands between the marks of a part."""
    document = DOCUMENT.read_text()
    begin, end = f"<!-- {part} -->", f"<!-- end of {part} -->"
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    if not pattern.search(document):
        raise RuntimeError(f"{DOCUMENT.name} has no marks {begin} … {end}")
    DOCUMENT.write_text(pattern.sub(lambda _: f"{begin}\n{text}\n{end}", document))
