"""Everything that goes wrong in a page without anybody seeing it, and the short list of what may."""

import dataclasses
import re


@dataclasses.dataclass(frozen=True)
class Problem:
    kind: str  # console, exception, status, network
    text: str
    where: str

    def __str__(self):
        return f"{self.kind}: {self.text}   [{self.where}]"


@dataclasses.dataclass(frozen=True)
class Allowed:
    """`pattern` is searched in the text of a problem of that kind. `bundles`: only there; all, if empty."""

    kind: str
    pattern: str
    reason: str
    bundles: tuple = ()

    def covers(self, problem, bundle):
        fits = not self.bundles or bundle in self.bundles
        return fits and self.kind == problem.kind and re.search(self.pattern, problem.text) is not None


NOT_SERVED = "MLflow's issues, scorers and datasets of questions are not served; the pages say so"
NEW, OLD = ("3.18.0",), ("2.17.2",)
ALLOWED = [
    Allowed("network", r"net::ERR_ABORTED", "the page gave the request up itself, because it was left or changed its mind"),
    Allowed("status", r"^404 GET \S*/ajax-api/2\.0/mlflow/users/current$",
            "how MLflow's own server without accounts says that there are none", NEW),
    Allowed("status", r"^404 GET \S*/ajax-api/2\.0/mlflow/experiments/get-by-name\?", "how the form finds out that a name is free"),
    Allowed("status", r"^(404|500|501) GET \S*/ajax-api/3\.0/mlflow/assistant/(config|providers)",
            "the assistant is a program of its own that has to be installed beside a server; the pages then leave it alone", NEW),
    Allowed("console", r"^Fetch failed:  Response$", "a failed request a second time, without its status", OLD),
    Allowed("console", r"^null ResizeObserver loop completed with undelivered notifications\.$",
            "Chromium says that a page was still being laid out; the bundle prints it"),
    Allowed("status", r"^501 GET \S*/model-versions/get-artifact\?\S*&presigned=true$",
            "how MLflow's own server says that clients do not talk to the object store themselves", NEW),
    Allowed("network", r"^net::ERR_NAME_NOT_RESOLVED GET https://mlflow\.org/docs/\S+\.mp4$", "a film, on the page of a list without traces", NEW),
    Allowed("status", r"^404 POST \S*/ajax-api/3\.0/mlflow/(issues|datasets)/search$", NOT_SERVED, NEW),
    Allowed("status", r"^404 GET \S*/ajax-api/3\.0/mlflow/scorers/list\?", NOT_SERVED, NEW),
]


class Watch:
    """Remembers the problems of all pages of a browser context."""

    def __init__(self, context):
        self.problems = []
        context.on("console", self._console)
        context.on("weberror", lambda error: self._add("exception", str(error.error), error.page.url if error.page else ""))
        context.on("requestfailed", lambda request: self._add("network", f"{request.failure} {request.method} {request.url}", request))
        context.on("response", self._response)

    def unexpected(self, bundle="", also=()):
        """What is neither on the list nor what a test does on purpose."""
        allowed = [*ALLOWED, *also]
        return [str(problem) for problem in self.problems if not any(entry.covers(problem, bundle) for entry in allowed)]

    def _console(self, message):
        # A failed request is reported a second time here, without its status; `_response` has the whole of it.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self._add("console", message.text, message.location.get("url", ""))

    def _response(self, response):
        if response.status >= 400:
            self._add("status", f"{response.status} {response.request.method} {response.url}", response.request)

    def _add(self, kind, text, where):
        if not isinstance(where, str):
            where = where.headers.get("referer", "") or where.resource_type
        self.problems.append(Problem(kind, text, where))
