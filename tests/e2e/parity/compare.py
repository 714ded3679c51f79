"""Judges what two servers answered in one case."""

import json

from parity.normalise import summary


def compare(name, backend, case, expected, actual, differences, seen):
    """A text about every step that differs and is not in `differences`; entries that were met are added to `seen`."""
    complaints, lasting = [], False
    for number, (step, left, right) in enumerate(zip(case.steps, expected, actual, strict=True), 1):
        if _canonical(left) == _canonical(right):
            continue
        lines = summary(left), summary(right)
        met = [entry for entry in differences if (lasting or not entry.follows) and entry.covers(name, backend, *lines)]
        seen.update(met)
        lasting = lasting or any(entry.lasting for entry in met)
        if not met and not (lasting and _succeeded(left) and _succeeded(right)):
            complaints.append(_complaint(number, step, left, right, *lines))
    return "\n".join(complaints)


def _succeeded(form):
    """Also when the id it was asked for never came to be."""
    return all(page["status"] == 200 or "nothing-at-" in str(page) for page in (form if isinstance(form, list) else [form]))


def _canonical(form):
    """Text, because a bare NaN does not equal itself, and 1 equals 1.0 and true."""
    return json.dumps(form, sort_keys=True)


def _complaint(number, step, left, right, left_line, right_line):
    body = step.body if isinstance(step.body, bytes) else json.dumps(step.body)
    text = [f"step {number}: {step.method} {step.path} {step.query or ''} {str(body)[:600]}",
            f"  mlflow:   {left_line[:1500]}", f"  tracklet: {right_line[:1500]}"]
    if isinstance(left, dict) and isinstance(right, dict):
        text += [f"    {path}: {a!r} / {b!r}" for path, a, b in deltas(left, right)][:12]
    return "\n".join(text)


def deltas(left, right, path=""):
    """The places in which two JSON values differ."""
    if isinstance(left, dict) and isinstance(right, dict):
        for key in sorted(set(left) | set(right)):
            yield from deltas(left.get(key, "<absent>"), right.get(key, "<absent>"), f"{path}.{key}")
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        for position, (a, b) in enumerate(zip(left, right)):
            yield from deltas(a, b, f"{path}.{position}")
    elif _canonical(left) != _canonical(right):
        yield path, left, right
