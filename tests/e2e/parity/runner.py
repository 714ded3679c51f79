"""Plays a case against one server."""

import json
import re
import time
import urllib.parse

from parity.normalise import Normaliser
from support.wire import Wire

_PLACEHOLDER = re.compile(r"\$\{?([a-z_][a-z_0-9]*)\}?")
_MAX_PAGES = 200


class Player:
    """One server and how its URLs are built.

    `root` is what relative paths are put behind; `prefix` is the static prefix, put before every path; `mark` begins
    the names of the cases.
    """

    def __init__(self, server, root="/api/2.0/mlflow/", prefix="", mark=""):
        self.server, self.root, self.prefix, self._mark = server, root, prefix, mark
        self._wire = Wire(server.origin)

    def play(self, case):
        """The comparable answers of all steps, in order."""
        name = re.sub(r"[^a-z0-9]+", "_", f"{self._mark}{case.room} {case.name}".lower())
        variables = {"n": name, "root": self.root.rstrip("/")}
        normaliser = Normaliser([(self.server.origin, "<server>"), (str(self.server.folder or ""), "<folder>"), (self.server.place, "<place>")])
        return [self._step(step, variables, normaliser) for step in case.steps]

    def _step(self, step, variables, normaliser):
        if step.pages is None:
            return self._send(step, variables, normaliser, None)
        forms, token = [], None
        while token != "" and len(forms) < _MAX_PAGES:
            answer_form, token = self._page(step, variables, normaliser, token)
            forms.append(answer_form)
        return forms

    def _page(self, step, variables, normaliser, token):
        raw = []
        form = self._send(step, variables, normaliser, token, raw)
        following = raw[0].get("next_page_token", "") if raw and isinstance(raw[0], dict) else ""
        return form, following

    def _send(self, step, variables, normaliser, token, raw=None):
        time.sleep(step.pause)
        query, body = fill(step.query, variables), fill(step.body, variables)
        if token is not None:
            if step.method == "GET":
                query = [*query, ("page_token", token)]
            else:
                body = body | {"page_token": token}
        headers = step.headers
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            headers = (("Content-Type", "application/json"),) if headers is None else headers
        answer = self._wire.send(step.method, self._target(step, query, variables), fill(headers or (), variables), body)
        try:
            content = answer.json()
        except ValueError:
            content = None
        for name, path in step.save:
            variables[name] = dig(content, path)
        if raw is not None:
            raw.append(content)
        return _settled(normaliser.answer(answer, step.show), step.unordered)

    def _target(self, step, query, variables):
        path = fill(step.path, variables)
        target = self.prefix + (path if path.startswith("/") else self.root + path)
        if query:
            target += "?" + (query if isinstance(query, str) else urllib.parse.urlencode(query, encoding="utf-8"))
        return target


def _settled(form, unordered):
    body = form.get("body")
    if isinstance(body, dict) and unordered in body:
        body[unordered] = sorted(body[unordered], key=lambda entry: json.dumps(entry, sort_keys=True))
    return form


def fill(value, variables):
    """`value` with its placeholders replaced; unknown ones stay, so that a failed step shows in the next one."""
    if isinstance(value, str):
        whole = _PLACEHOLDER.fullmatch(value)
        if whole and whole.group(1) in variables:
            return variables[whole.group(1)]
        return _PLACEHOLDER.sub(lambda match: str(variables.get(match.group(1), match.group())), value)
    if isinstance(value, bytes):
        for name, text in variables.items():
            value = value.replace(b"${%s}" % name.encode(), str(text).encode())
        return value
    if isinstance(value, dict):
        return {key: fill(entry, variables) for key, entry in value.items()}
    if isinstance(value, tuple):
        return tuple(fill(entry, variables) for entry in value)
    if isinstance(value, list):
        return [fill(entry, variables) for entry in value]
    return value


def dig(content, path):
    """What stands at a dotted path, or a text that says that nothing does."""
    for part in path.split("."):
        try:
            content = content[int(part)] if isinstance(content, list) else content[part]
        except (KeyError, IndexError, TypeError, ValueError):
            return f"nothing-at-{path}"
    return content
