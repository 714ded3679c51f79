"""Tracklet's own pages as a person meets them, and what is on the way."""

import pathlib
import subprocess
import urllib.parse
import urllib.request

from support import databases, machine
from support.servers import CLEAN, start_tracklet

DESKTOP = {"viewport": {"width": 1280, "height": 800}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}

# What is in {} is the site's `logged`, see stage.Logged; `one` and `two` are two of the children.
PAGES = {
    "experiments": "",
    "experiments, filtered": "?q=name+LIKE+%27fruit%25%27&sort=name",
    "runs": "experiments/{experiment_id}",
    "runs, chosen columns": "experiments/{experiment_id}?sort=-metrics.accuracy&col=metrics.accuracy&col=params.depth&col=tags.team",
    "no run": "experiments/0",
    "run": "runs/{one}",
    "run with everything": "runs/{parent}",
    "metrics": "runs/{one}/metrics",
    "one metric": "runs/{one}/metrics?metric=loss&log=1&x=time",
    "artifacts": "runs/{parent}/artifacts",
    "table": "runs/{parent}/artifacts?path=data/table.csv",
    "json": "runs/{parent}/artifacts?path=data/fruit.json",
    "text": "runs/{parent}/artifacts?path=notes.txt",
    "image": "runs/{parent}/artifacts?path=pictures/gradient.png",
    "compared": "compare?run={one}&run={two}",
    "differences": "compare?run={one}&run={two}&run={parent}&diff=1",
    "models": "models",
    "prompts": "models?view=prompts",
    "model": "models/{model}",
    "history of a model": "models/{model}/history",
    "version": "models/{model}/versions/1",
}
# These say what is wrong, with a status to match.
WRONG = {
    "broken filter": "experiments/{experiment_id}?q=metrics.loss+%3C",
    "unknown run": "runs/nothing",
    "unknown artifact": "runs/{one}/artifacts?path=none.txt",
    "nothing to compare": "compare",
    "no page": "nothing/here",
}


def address(site, path):
    """The whole address of a page named by its path below `tracklet/`."""
    one, two, *_ = site.logged.children.values()
    return site.url + "tracklet/" + path.format(**vars(site.logged), one=one, two=two)


def pages(site, *kinds):
    """Names and addresses."""
    return {name: address(site, path) for kind in kinds for name, path in kind.items()}


def unfold(page):
    """Shows what the page has folded away."""
    page.locator("main").evaluate("main => main.querySelectorAll('details').forEach(fold => { fold.open = true })")


def sweep(client, name, count):
    """An experiment with so many runs, of which the later ones have the greater `score`."""
    experiment = client.experiment(name)
    for number in range(count):
        run = client.run(experiment, run_name=f"try {number:03}", start_time=1_700_000_000_000 + number * 60_000)
        client.post("runs/log-batch", run_id=run, params=[{"key": "width", "value": str(number % 7)}],
                    metrics=[{"key": "score", "value": number / 100, "timestamp": 1, "step": 0}])
        client.post("runs/update", run_id=run, status="FINISHED", end_time=1_700_000_030_000 + number * 60_000)
    return experiment


def upload(site, run, path, content):
    """Puts an artifact where the run keeps them."""
    root = site.client.get("artifacts/list", run_id=run)["root_uri"].split(":/", 1)[1].lstrip("/")
    place = f"api/2.0/mlflow-artifacts/artifacts/{urllib.parse.quote(root)}/{urllib.parse.quote(path)}"
    with urllib.request.urlopen(urllib.request.Request(site.url + place, content, method="PUT"), timeout=30) as answer:
        assert answer.status == 200


def start_fresh():
    """A server with nothing in it, as somebody starts it who has no web UI of MLflow's."""
    return start_tracklet(databases.Sqlite().uri).wait()


def run_program(text):
    """Runs what a page told somebody to run."""
    python = machine.environment("mlflow-3.18.0") / "python"
    environment = CLEAN | {"GIT_PYTHON_REFRESH": "quiet", "MLFLOW_DISABLE_TELEMETRY": "true"}
    done = subprocess.run([python, "-c", text], env=environment, text=True, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr[-3000:]


def export_spans(variables):
    """Sends a trace with OpenTelemetry's own exporter."""
    program = pathlib.Path(__file__).parents[1] / "clients/exporting.py"
    command = [machine.environment("opentelemetry") / "python", program]
    done = subprocess.run(command, env=CLEAN | variables, text=True, capture_output=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr[-3000:]


# One trace within a run.
EVALUATING = """
import mlflow

mlflow.set_tracking_uri({uri!r})

@mlflow.trace
def judge(answer):
    return True

with mlflow.start_run({run!r}):
    judge("In autumn.")
mlflow.flush_trace_async_logging()
"""

# An application that asks, looks something up, fails at something, and answers: once well, once not.
ANSWERING = """
import mlflow

mlflow.set_tracking_uri({uri!r})
mlflow.set_experiment(experiment_id={experiment!r})

@mlflow.trace(span_type="RETRIEVER")
def find(question):
    return [{{"page_content": "Apples ripen in autumn."}}]

@mlflow.trace(span_type="TOOL")
def calendar(day):
    raise ValueError("no such day")

@mlflow.trace(name="answer", span_type="AGENT")
def answer(messages, fails):
    mlflow.update_current_trace(tags={{"team": "orchard"}}, metadata={{"mlflow.trace.session": "Monday's"}})
    find(messages[-1]["content"])
    with mlflow.start_span("think", span_type="CHAT_MODEL") as span:
        span.set_inputs({{"temperature": 0.5}})
        span.set_attribute("mlflow.chat.tokenUsage", {{"input_tokens": 120, "output_tokens": 40, "total_tokens": 160}})
        for step in range(90):
            with mlflow.start_span(f"step {{step}}"):
                pass
    if fails:
        calendar(40)
    return "In autumn."

answer([{{"role": "user", "content": "When do apples ripen?"}}], False)
try:
    answer([{{"role": "user", "content": "And pears?"}}], True)
except ValueError:
    pass
mlflow.flush_trace_async_logging()
"""
