"""Turns an answer into a form in which two servers can be compared.

What a server is free to choose is replaced by a stable placeholder, numbered in order of appearance: ids, the current
time, invented run names, addresses and folders. Everything else is left as it is.
"""

import datetime
import json
import re
import time

# Experiments made during the tests have ids from here on, so that they can be told from other numbers in any text.
FIRST_EXPERIMENT = 700_000

# The codes that old clients never look at, and MLflow derives from error_code alone.
IGNORED = {"sqlstate", "error_class"}

_TOKENS = re.compile(r"(?P<model>m-[0-9a-f]{32})|(?P<id>\b[0-9a-f]{32}\b)|(?P<uuid>\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b)"
                     r"|(?P<exp>(?<!\d)70\d{4}(?!\d))|(?P<now>(?<!\d)1[0-9]{12}(?!\d))|(?P<time>\b20\d\d-\d\d-\d\dT[0-9:.]+Z)")
_INVENTED = re.compile(r"[a-z]+-[a-z]+-\d{1,4}")
_OPAQUE = {"next_page_token", "upload_id"}
_PORT = re.compile(r"127\.0\.0\.1:\d{5}")
_BOUNDARY = re.compile(r"(?<=boundary=)[0-9a-f]+|(?<=--)[0-9a-f]{26}")
# What a signature covers is up to the signer: only how long it holds is compared.
_SIGNED = re.compile(r"\?[^ ]*X-Amz-Signature=[^ ]*")
_SQL = re.compile(r"(\(raised as a result[^)]*\)\n)?\((?:sqlite3|psycopg2)\..*", re.DOTALL)
_BACKEND = re.compile(r"(?<=it was currently set to )\S+(?=\. )")
_SET = re.compile(r"\{('[^{}:]*')\}")
_UNORDERED = ({"key", "value"}, {"key", "value", "timestamp", "step"})


class Normaliser:
    """Numbers placeholders over all the answers that one server gives in one case."""

    def __init__(self, replace=()):
        self._seen = {}
        # Longest first, so that a folder is not cut off by its parent.
        self._replace = sorted(((old, new) for old, new in replace if old), key=lambda pair: -len(pair[0]))

    def answer(self, answer, show=()):
        """The comparable form of one HTTP answer: a dict with status, kind and content."""
        form = {"status": answer.status}
        kind = answer.headers.get("content-type", "").split(";")[0].strip().lower()
        content = self._content(answer, kind)
        if answer.status < 400:
            form["type"] = kind
        if isinstance(content, dict) and "error_code" in content and answer.status >= 400:
            form |= {"error_code": content.pop("error_code"), "message": content.pop("message", None)}
            if content:
                form["more"] = content
        else:
            form["body"] = content
        if show and answer.status < 400:
            form["headers"] = {name: self._text(answer.headers[name]) for name in show if name in answer.headers}
        return form

    def value(self, value, key=""):
        if isinstance(value, dict):
            return {name: self.value(value[name], name) for name in sorted(value) if name not in IGNORED}
        if isinstance(value, list):
            entries = [self.value(entry, key) for entry in ordered(value)]
            return by_chance(key, entries)
        if isinstance(value, str):
            value = _message(value) if key == "message" else value
            return f"<{key}>" if key in _OPAQUE else self._text(value)
        if isinstance(value, int) and not isinstance(value, bool) and _is_now(value):
            return "<now>"
        return value

    def _content(self, answer, kind):
        if kind == "application/json":
            try:
                return self.value(json.loads(answer.body))
            except ValueError:
                pass
        if answer.status >= 400:
            return "<not JSON>"
        try:
            return self._text(answer.body.decode())
        except UnicodeDecodeError:
            return answer.body.hex()

    def _text(self, text):
        for old, new in self._replace:
            text = text.replace(old, new)
        text = _PORT.sub("127.0.0.1:<port>", text)
        text = _BOUNDARY.sub("<boundary>", text)
        text = _SIGNED.sub(_signature, text)
        if _INVENTED.fullmatch(text):
            return "<invented name>"
        return _TOKENS.sub(self._token, text)

    def _token(self, match):
        kind, text = match.lastgroup, match.group()
        if kind == "now":
            return "<now>" if _is_now(int(text)) else text
        if kind == "time":
            return "<now>" if _is_now(_millis(text)) else text
        numbers = self._seen.setdefault(kind, {})
        return f"<{kind} {numbers.setdefault(text, len(numbers) + 1)}>"


def _signature(match):
    expires = re.search(r"X-Amz-Expires=\d+", match.group())
    return f"?<signed for {expires.group() if expires else 'ever'}>"


def _message(text):
    """MLflow prints the database's own complaint with the statement, where its database is, and Python's sets in random order."""
    if "[SQL: " in text:
        return _SQL.sub("<SQL error>", text)
    text = _BACKEND.sub("<backend>", text)
    return _SET.sub(lambda match: "{%s}" % ", ".join(sorted(match.group(1).split(", "))), text)


def _millis(text):
    try:
        return datetime.datetime.fromisoformat(text).timestamp() * 1000
    except ValueError:  # a day that no calendar has
        return 0


def _is_now(value):
    return abs(value - time.time() * 1000) < 86_400_000


def ordered(entries):
    """Tags, params and latest metrics of one entity come in no particular order."""
    if entries and all(isinstance(entry, dict) and set(entry) in _UNORDERED for entry in entries):
        keys = [entry["key"] for entry in entries]
        if len(set(keys)) == len(keys):
            return sorted(entries, key=lambda entry: entry["key"])
    return entries


# Lists whose order MLflow leaves to random ids or to the database, so that no two servers can agree on it.
_BY_CHANCE = {"assessments", "dataset_inputs", "dataset_summaries", "model_inputs", "model_outputs", "latest_versions", "aliases"}


def by_chance(key, entries):
    if key in _BY_CHANCE:
        return sorted(entries, key=lambda entry: json.dumps(entry, sort_keys=True))
    if key == "metrics" and all(isinstance(entry, dict) and "run_id" in entry for entry in entries):
        return sorted(entries, key=lambda entry: str(entry["run_id"]))
    return entries


def summary(form):
    """One line that differences.py matches against."""
    if isinstance(form, list):
        return " | ".join(summary(page) for page in form)
    if "error_code" in form:
        more = f" {json.dumps(form['more'], sort_keys=True)}" if "more" in form else ""
        return f"{form['status']} {form['error_code']} {form['message']}{more}"
    shown = {key: value for key, value in form.items() if key not in ("status", "body", "type")}
    body = form.get("body")
    text = body if isinstance(body, str) else json.dumps(body, sort_keys=True, ensure_ascii=False)
    return " ".join([str(form["status"]), form.get("type", ""), text, *(f"{k}={v}" for k, v in shown.items())])
