"""Whatever somebody logs, it does not run in Tracklet's own pages, nor from Tracklet's own address."""

import base64
import urllib.parse
import uuid

import pytest

from support.chromium import Error, expect

from . import own as ours
from .own import address, unfold
from .stage import BASELINE

pytestmark = pytest.mark.skipif(BASELINE, reason="MLflow has no such pages")

EVIL = """<script>alert('script')</script>"'><img src=x onerror=alert('img')><svg onload=alert('svg')>{{7*7}}javascript:alert(1)"""
NAME = "<img src=x onerror=alert(1)>"
KEY = "a script alert.1 /b"  # of what MLflow lets into names of metrics and params
DOCUMENT = b"<!DOCTYPE html><body onload=alert('html')><script>alert('html')</script><p>owned</p></body>"
DRAWING = (b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40" onload="alert(\'svg\')"><script>alert("svg")</script>'
           b'<foreignObject><body xmlns="http://www.w3.org/1999/xhtml"><script>alert("foreign")</script></body></foreignObject></svg>')
FILES = {
    f"{NAME}.txt": DOCUMENT, "page.html": DOCUMENT, "page.xhtml": DOCUMENT, "drawing.svg": DRAWING, "not.png": DOCUMENT,
    "table.csv": b"<script>alert(1)</script>,b\n\"<img src=x onerror=alert(1)>\",=cmd()\n",
    "data.json": b'{"</script><script>alert(1)</script>": ["<img src=x onerror=alert(1)>"]}', "code.js": b"alert('js')",
}


# An application whose every word is bad, as long as words can be, and deeper than anybody can see.
TALKING = """
import mlflow
from mlflow.entities import SpanEvent

mlflow.set_tracking_uri({uri!r})
mlflow.set_experiment(experiment_id={experiment!r})
said = {said!r}
trace = mlflow.start_span_no_context(said, inputs={{said: said, "deep": [[[{{"list": list(range(40))}}]]]}}, span_type=said[:90],
                                     tags={{"team": said, said[:100].replace("$", ""): "x"}}, metadata={{"mlflow.trace.session": said[:200], "note": said}})
span = trace
for number in range(30):
    span = mlflow.start_span_no_context(said if number == 7 else f"level {{number}}", parent_span=span)
    span.set_attribute(said, said)
    span.end(outputs=said)
trace.add_event(SpanEvent(said, attributes={{said: said}}))
trace.set_status("ERROR")
trace.end(outputs=said)
mlflow.flush_trace_async_logging()
mlflow.log_feedback(trace_id=trace.trace_id, name=said[:200], value=said, rationale=said)
mlflow.log_feedback(trace_id=trace.trace_id, name="error", error=ValueError(said))
mlflow.log_expectation(trace_id=trace.trace_id, name="expectation", value={{said: said}})
"""


@pytest.fixture(scope="module")
def talked(stage):
    """An experiment with a trace that says bad things wherever something can be said."""
    site = stage.site("3.18.0")
    experiment = site.client.experiment(f"talk {uuid.uuid4().hex[:8]}")
    ours.run_program(TALKING.format(uri=site.url.rstrip("/"), experiment=experiment, said=EVIL + "x" * 300))
    (trace,) = site.client.get("traces", experiment_ids=experiment)["traces"]
    return experiment, trace["request_id"]


@pytest.fixture(scope="module")
def evil(stage):
    """The experiment and two runs; everything that can have a name has a bad one."""
    site = stage.site("3.18.0")
    client = site.client
    note = {"key": "mlflow.note.content", "value": EVIL}
    made = client.post("experiments/create", name=f"{EVIL} {uuid.uuid4().hex[:8]}", tags=[note, {"key": "team", "value": EVIL}])
    experiment, runs = made["experiment_id"], []
    for number in range(2):
        run = client.run(experiment, run_name=f"{EVIL}{number}", user_id=EVIL[:200], start_time=1_700_000_000_000,
                         tags=[note, {"key": "team", "value": EVIL}, {"key": "mlflow.source.name", "value": EVIL}])
        points = [{"key": KEY, "value": step, "timestamp": step, "step": step} for step in range(5)]
        client.post("runs/log-batch", run_id=run, metrics=points, params=[{"key": KEY, "value": f"{EVIL}{number}"}])
        dataset = {"name": EVIL, "digest": "<b>", "source_type": NAME, "source": EVIL, "schema": EVIL}
        client.post("runs/log-inputs", run_id=run, datasets=[{"dataset": dataset, "tags": [{"key": "mlflow.data.context", "value": EVIL}]}])
        runs.append(run)
    for path, content in FILES.items():
        ours.upload(site, runs[0], path, content)
    return experiment, *runs


@pytest.fixture(params=["3.18.0", "3.18.0 behind Envoy"], ids=["plain", "behind-Envoy"])
def own(request, stage):
    return stage.site(request.param)


@pytest.fixture
def page(own, visit):
    """A dialog, or a request to elsewhere, is what the attacker wanted."""
    page, wanted = visit(), []
    page.on("dialog", lambda dialog: (wanted.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: None if request.url.startswith(own.url) else wanted.append(request.url))
    yield page
    page.wait_for_timeout(200)
    assert wanted == []


@pytest.mark.goes_wrong("status", "^40[04] GET ")
def test_nothing_runs_in_a_page(own, evil, page):
    experiment, run, other = evil
    said = urllib.parse.quote(EVIL, safe="")
    views = ["", f"?q={said}", f"experiments/{experiment}", f"experiments/{experiment}?q={said}", f"experiments/{said}",
             f"experiments/{experiment}?col=tags.{said}&col=params.{said}&sort=-tags.team", f"runs/{run}", f"runs/{run}?find={said}",
             f"runs/{run}/metrics", f"runs/{run}/metrics?metric={said}", f"runs/{said}", f"runs/{run}/artifacts", f"{said}",
             f"compare?run={run}&run={other}", f"compare?run={said}", f"compare?run={run}&find={said}"]
    views += [f"runs/{run}/artifacts?path={urllib.parse.quote(path)}" for path in FILES]
    for view in views:
        page.goto(own.url + "tracklet/" + view)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        unfold(page)
        assert page.locator("main script, main img[src='x'], main [onload], main [onerror]").count() == 0, view
    page.goto(address(own, f"runs/{run}"))
    expect(page.get_by_role("heading", level=1)).to_contain_text(EVIL)


def test_nothing_runs_in_a_page_of_traces(own, talked, page):
    experiment, trace = talked
    page.set_viewport_size(ours.PHONE["viewport"])
    views = [f"experiments/{experiment}/traces", *[f"traces/{trace}?span={span}" for span in (*_spans(own, trace)[7:10], urllib.parse.quote(EVIL))]]
    for view in [*views, f"traces/{trace}"]:
        page.goto(own.url + "tracklet/" + view)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        unfold(page)
        assert page.locator("main script, main img, main [onload], main [onerror]").count() == 0, view
        assert page.evaluate("() => document.documentElement.scrollWidth") <= ours.PHONE["viewport"]["width"], view
    expect(page.get_by_role("heading", level=1)).to_contain_text(EVIL)


def _spans(own, trace):
    """The ids of a trace's spans, which are in hexadecimal in addresses."""
    found = own.client.get(f"/ajax-api/3.0/mlflow/get-trace-artifact?request_id={trace}")["spans"]
    return [base64.b64decode(span["span_id"]).hex() for span in found]


@pytest.mark.goes_wrong("console", "Blocked script execution|violates the following Content Security Policy")
def test_a_drawing_cannot_run_from_its_own_address(own, evil, page):
    page.goto(address(own, f"runs/{evil[1]}/image?path=drawing.svg"))
    assert page.evaluate("() => self.origin") == "null", "the file shares the server's origin"
    page.goto(address(own, f"runs/{evil[1]}/artifacts?path=drawing.svg"))
    drawing = page.get_by_role("img", name="drawing.svg")
    expect(drawing).to_be_visible()
    assert drawing.evaluate("image => image.complete")


@pytest.mark.parametrize("path", FILES)
def test_a_file_comes_as_a_download(own, evil, page, path):
    quoted = urllib.parse.quote(path)
    addresses = [f"{own.url}get-artifact?run_uuid={evil[1]}&path={quoted}"]
    if not path.endswith((".svg", ".png")):
        addresses.append(address(own, f"runs/{evil[1]}/image?path=") + quoted)
    for url in addresses:
        with page.expect_download() as download, pytest.raises(Error, match="Download is starting"):
            page.goto(url)
        assert download.value.url == url
