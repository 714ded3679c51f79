"""Collects the cases of all rooms: every module under cases/ has a list CASES, or builds one."""

import dataclasses
import importlib
import pkgutil

from parity import cases
from parity.variants import SPECIAL, VARIANTS


def rooms():
    found = {}
    for module in sorted(pkgutil.iter_modules(cases.__path__), key=lambda entry: entry.name):
        room = module.name
        content = importlib.import_module(f"parity.cases.{room}").CASES
        found[room] = [dataclasses.replace(entry, room=room) for entry in content]
    return found


def plan():
    """(variant, backend, case) of everything that is compared."""
    every = rooms()
    for variant in VARIANTS:
        wanted = variant.rooms or [room for room in every if room not in SPECIAL]
        for backend in variant.backends:
            for room in wanted:
                for entry in every[room]:
                    yield variant, backend, entry
