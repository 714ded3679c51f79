"""Runs the parts that are named, or all of them, and prints the tables."""

import os
import signal
import sys

from . import report, servers
from .contenders import Contenders
from .parts.artifacts import artifacts
from .parts.pages import pages
from .parts.reads import history, search
from .parts.registry import registry
from .parts.start import start
from .parts.traces import spans, trace_search
from .parts.writes import log_batch, log_metric
from .settings import FULL, SIZES

PARTS = {"start": start, "log-metric": log_metric, "log-batch": log_batch, "search": search, "history": history,
         "registry": registry, "pages": pages, "spans": spans, "trace-search": trace_search, "artifacts": artifacts}


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped
    chosen = sys.argv[1:] or list(PARTS)
    unknown = set(chosen) - set(PARTS)
    if unknown:
        sys.exit(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    # Figures of smaller sizes or fewer servers are for the terminal only.
    kept = FULL and len(servers.ALL) == len(report.NAMES) and not os.environ.get("BENCH_NO_DOCUMENT")
    machine = report.machine()
    print(machine, SIZES, sep="\n")
    contenders, tables = Contenders(), {}
    try:
        for part in (name for name in PARTS if name in chosen):
            print(f"{part}: {PARTS[part].__doc__}", flush=True)
            tables[part] = report.table(PARTS[part](contenders))
            print(tables[part], flush=True)
            if kept:
                report.write(part, f"Measured {machine}.\n\n{tables[part]}")
    finally:
        contenders.stop()
    print("", machine, *tables.values(), sep="\n\n")


main()
