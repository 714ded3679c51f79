"""What a look at the runs of a large experiment costs: the built-in page, whole, beside MLflow's answer to the same question."""

import base64
import json
import re
import urllib.parse

from .. import data
from ..report import Row
from ..settings import SIZES
from .reads import spread_out

PAGE = 50
FILTER = "metrics.m0 > 0.5 and params.p1 = '3'"
RUN = re.compile(r'/tracklet/runs/([0-9a-f]{32})"')


def pages(contenders):
    """The table of runs as HTML; the other side answers runs/search as JSON, which its page has yet to draw. FastTrackML has no page."""
    chosen = [contender for contender in contenders if contender.name != "fasttrackml"]
    experiments = {}
    for contender in chosen:
        made = contender.server.call("POST", "experiments/create", {"name": "very many runs"})
        experiments[contender.name] = made["experiment_id"]
        print(f"  {contender.name}: writing {SIZES.page_runs:,} runs", flush=True)
        data.fill_runs(contender, made["experiment_id"], SIZES.page_runs, after=SIZES.runs)
    return [Row(title, _looks(contenders, chosen, experiments, title, query)) for title, query in _views()]


def _views():
    """(title, parameters of the page)"""
    return [
        ("first page", {}),
        ("ordered by a metric", {"sort": "-metrics.m1"}),
        ("filtered by a metric and a param", {"q": FILTER}),
        ("the same, ordered by another metric", {"q": FILTER, "sort": "-metrics.m1"}),
        ("a page in the middle", {"page": SIZES.page_runs // 2 // PAGE + 1}),
        ("chosen columns", {"col": ["metrics.m0", "metrics.m7", "params.p1", "tags.t2"]}),
    ]


def _looks(contenders, chosen, experiments, title, query):
    print(f"  {title}", flush=True)
    found = {}

    def prepare(contender, _):
        experiment = experiments[contender.name]
        request = _page(experiment, query) if contender.name == "tracklet" else _search(experiment, query)

        def check():
            found[contender.name] = _found(contender, request)
            assert len(found[contender.name]) == PAGE, f"{contender.name} found {len(found[contender.name])}"
            assert len(set(map(tuple, found.values()))) == 1, f"{contender.name} found other runs than the rest"
        return spread_out(request, SIZES.clients), spread_out(request, SIZES.pages), check

    return contenders.compare(prepare, chosen)


def _page(experiment, query):
    return "GET", f"/tracklet/experiments/{experiment}?{urllib.parse.urlencode(query, doseq=True)}", None


def _search(experiment, query):
    body = {"experiment_ids": [experiment], "max_results": PAGE, "filter": query.get("q", "")}
    if "sort" in query:
        body["order_by"] = [f"{query['sort'].removeprefix('-')} DESC"]
    if "page" in query:
        offset = json.dumps({"offset": (query["page"] - 1) * PAGE})
        body["page_token"] = base64.b64encode(offset.encode()).decode()
    return "POST", "runs/search", json.dumps(body).encode()


def _found(contender, request):
    answer = contender.server.fetch(*request).decode()
    if request[0] == "GET":
        return list(dict.fromkeys(RUN.findall(answer)))
    return [run["info"]["run_id"] for run in json.loads(answer)["runs"]]
