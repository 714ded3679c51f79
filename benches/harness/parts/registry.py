"""What the registry costs with many models, and with many versions of one: beside MLflow, and beside itself when small."""

import hashlib
import urllib.parse

from .. import data
from ..report import Row
from ..settings import SIZES
from .reads import spread_out

SMALL = 50, 100  # models, versions of one of them
NAME, PAGE = "many versions", 20
VERSIONS = {"filter": f"name = '{NAME}'", "max_results": PAGE}
MODELS = {"max_results": PAGE}


def registry(contenders):
    """Reading and searching a small registry and then a large one. FastTrackML has none."""
    chosen = [contender for contender in contenders if contender.name != "fasttrackml"]
    for contender in chosen:
        contender.server.call("POST", "registered-models/create", {"name": NAME})
    small = _measure(contenders, chosen, *SMALL)
    large = _measure(contenders, chosen, SIZES.models, SIZES.versions)
    return [_row(title, small[title], large[title]) for title in large]


def _row(title, small, large):
    """The note is 1 where the cost does not depend on how much there is."""
    return Row(title, large, notes={name: f"{large[name].cpu_ms / small[name].cpu_ms:.2f} times the small registry's" for name in large})


def _measure(contenders, chosen, models, versions):
    print(f"  {models:,} models, {versions:,} versions of one", flush=True)
    for contender in chosen:
        data.fill_registry(contender, models, versions)
        place = {"name": NAME, "alias": "champion", "version": str(versions // 2)}
        contender.server.call("POST", "registered-models/alias", place)
    costs = {}
    for title, path, query, walk in _questions(models, versions):
        print(f"  {title}", flush=True)
        costs[title] = _compare(contenders, chosen, path, query, walk)
    return costs


def _questions(models, versions):
    """(title, path, query, how many pages come before)"""
    return [
        ("version by alias", "registered-models/alias", {"name": NAME, "alias": "champion"}, 0),
        ("version by number", "model-versions/get", {"name": NAME, "version": versions // 2}, 0),
        ("latest version of a stage", "registered-models/get-latest-versions", {"name": NAME, "stages": "Production"}, 0),
        ("a model of many versions", "registered-models/get", {"name": NAME}, 0),
        ("models by name", "registered-models/search", MODELS | {"filter": f"name = 'model-{models // 2:05d}'"}, 0),
        ("models by LIKE", "registered-models/search", MODELS | {"filter": "name LIKE 'model-0000%'"}, 0),
        ("models by tag", "registered-models/search", MODELS | {"filter": "tags.team = 'team 7'"}, 0),
        ("models, first page", "registered-models/search", MODELS, 0),
        ("models, a page in the middle", "registered-models/search", MODELS, models // 2 // PAGE),
        ("versions by run", "model-versions/search", {"filter": f"run_id = '{_run(versions // 2)}'", "max_results": PAGE}, 0),
        ("versions by tag", "model-versions/search", VERSIONS | {"filter": f"name = '{NAME}' AND tags.team = 'team 7'"}, 0),
        ("versions, first page", "model-versions/search", VERSIONS, 0),
        ("versions, a page in the middle", "model-versions/search", VERSIONS, versions // 2 // PAGE),
    ]


def _run(number):
    return hashlib.md5(f"run {number}".encode()).hexdigest()


def _compare(contenders, chosen, path, query, walk):
    pages = {}

    def prepare(contender, _):
        target = _target(contender, path, query, walk)

        def check():
            pages[contender.name] = _found(contender.server.call("GET", target))
            assert pages[contender.name], f"{contender.name} found nothing: {target}"
            assert len(set(map(tuple, pages.values()))) == 1, f"{contender.name} found others than the rest: {pages}"
        request = ("GET", target, None)
        return spread_out(request, SIZES.clients), spread_out(request, SIZES.registry), check

    return contenders.compare(prepare, chosen)


def _target(contender, path, query, walk):
    token = {}
    for _ in range(walk):
        token = {"page_token": contender.server.call("GET", f"{path}?{urllib.parse.urlencode(query | token)}")["next_page_token"]}
    return f"{path}?{urllib.parse.urlencode(query | token)}"


def _found(answer):
    """What identifies an answer: names and numbers, in order; those of a model's stages have none."""
    found = answer.get("registered_models", []) + answer.get("model_versions", [])
    for single in ("registered_model", "model_version"):
        found += [answer[single]] if single in answer else []
    latest = sorted(entry["version"] for model in found for entry in model.get("latest_versions", []))
    return [f"{entry['name']} {entry.get('version')}" for entry in found] + latest
