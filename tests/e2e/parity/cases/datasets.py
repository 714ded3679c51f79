"""Datasets and models as inputs and outputs of runs."""

from parity.case import a_model, a_run, case, experiment, kv, post, read, run, search, table

PATH = "runs/log-inputs"
BASE = {"name": "iris", "digest": "abc", "source_type": "local", "source": "{}"}

ENTRIES = [
    {"dataset": BASE}, {"dataset": BASE, "tags": []}, {"dataset": BASE | {"schema": "{}", "profile": "{}"}},
    {"dataset": BASE | {"schema": "", "profile": ""}}, {"dataset": BASE, "tags": kv(**{"mlflow.data.context": "train", "b": "2"})},
    {"dataset": BASE | {"name": ""}}, {"dataset": BASE | {"digest": ""}}, {"dataset": BASE | {"source_type": ""}},
    {"dataset": BASE | {"source": ""}}, {"dataset": {}}, {}, {"tags": []}, {"dataset": {"name": "a"}},
    {"dataset": {"name": "a", "digest": "b"}}, {"dataset": {"name": "a", "digest": "b", "source_type": "c"}}, {"dataset": None},
    {"dataset": "abc"}, {"dataset": [BASE]}, {"dataset": BASE | {"name": "n" * 500}}, {"dataset": BASE | {"name": "n" * 501}},
    {"dataset": BASE | {"digest": "d" * 36}}, {"dataset": BASE | {"digest": "d" * 37}}, {"dataset": BASE | {"name": 5}},
    {"dataset": BASE | {"source_type": "s" * 36}}, {"dataset": BASE | {"source_type": "s" * 37}},
    {"dataset": BASE | {"source": "s" * 65535}}, {"dataset": BASE | {"source": "s" * 65536}},
    {"dataset": BASE | {"schema": "s" * 65536}}, {"dataset": BASE | {"schema": "s" * 1048576}},
    {"dataset": BASE | {"profile": "p" * 100000}},
    {"dataset": BASE, "tags": kv(**{"k" * 255: "v"})}, {"dataset": BASE, "tags": kv(**{"k" * 256: "v"})},
    {"dataset": BASE, "tags": kv(a="v" * 500)}, {"dataset": BASE, "tags": kv(a="v" * 501)}, {"dataset": BASE, "tags": kv(a="1") + kv(a="2")},
    {"dataset": BASE, "tags": [{"key": "a"}]}, {"dataset": BASE, "tags": [{"value": "a"}]}, {"dataset": BASE, "tags": "abc"},
    {"dataset": BASE, "tags": kv(**{"": "v"})}, {"dataset": BASE, "tags": kv(**{"odd $ key": "v"})}, {"dataset": BASE, "unknown": 1},
]

SEARCHES = [{}, {"experiment_ids": []}, {"experiment_ids": ["$exp"]}, {"experiment_ids": "$exp"}, {"experiment_ids": ["$exp", "$other"]},
            {"experiment_ids": ["999999"]}, {"experiment_ids": ["abc"]}, {"experiment_ids": [str(number) for number in range(20)]},
            {"experiment_ids": [str(number) for number in range(21)]}, {"experiment_ids": [5]}, {"experiment_ids": None}]

OUTPUTS = [[], [{"model_id": "$model", "step": 0}], [{"model_id": "$model", "step": 5}], [{"model_id": "$model"}],
           [{"model_id": "$model", "step": 1}, {"model_id": "$model", "step": 2}], [{"model_id": "m-" + "0" * 32, "step": 0}],
           [{"step": 0}], [{}], "abc", None, [{"model_id": "", "step": 0}], [{"model_id": "$model", "step": "x"}],
           [{"model_id": "$model", "step": -1}], [{"model_id": "x" * 600, "step": 0}], [{"model_id": 5, "step": 0}]]


def _log(entry):
    return a_run(), post(PATH, {"run_id": "$run", "datasets": [entry]}), read(), search()


def _search(body):
    return (a_run(), experiment("other", "${n}_other"), run("second", "$other"),
            post(PATH, {"run_id": "$run", "datasets": [{"dataset": BASE, "tags": kv(**{"mlflow.data.context": "train"})}]}),
            post(PATH, {"run_id": "$second", "datasets": [{"dataset": BASE | {"name": "other"}}]}),
            post("/ajax-api/2.0/mlflow/experiments/search-datasets", body))


def _output(models):
    return a_run(), a_model(), post("runs/outputs", {"run_id": "$run", "models": models}), read(), search()


def _input(models):
    return a_run(), a_model(), post(PATH, {"run_id": "$run", "models": models}), read(), search()


CASES = [
    case("no datasets", a_run(), post(PATH, {"run_id": "$run"}), post(PATH, {"run_id": "$run", "datasets": []}), post(PATH), read()),
    case("odd lists", a_run(), *[post(PATH, {"run_id": "$run", "datasets": value}) for value in ("abc", None, {}, [1], [None], [[]])], read()),
    case("same twice in a request", a_run(), post(PATH, {"run_id": "$run", "datasets": [
        {"dataset": BASE, "tags": kv(a="1")}, {"dataset": BASE | {"source": "other"}, "tags": kv(a="2")}]}), read()),
    case("same again", a_run(), post(PATH, {"run_id": "$run", "datasets": [{"dataset": BASE, "tags": kv(a="1")}]}),
         post(PATH, {"run_id": "$run", "datasets": [{"dataset": BASE | {"source": "other"}, "tags": kv(a="2", b="3")}]}), read()),
    case("shared by runs", a_run(), run("second"), *[post(PATH, {"run_id": f"${name}", "datasets": [{"dataset": BASE, "tags": kv(
        **{"mlflow.data.context": context})}]}) for name, context in (("run", "train"), ("second", "test"))], read(), read("$second"),
         post("/ajax-api/2.0/mlflow/experiments/search-datasets", {"experiment_ids": ["$exp"]})),
    case("one by one", a_run(), *[post(PATH, {"run_id": "$run", "datasets": [{"dataset": BASE | {"name": name}}]}) for name in "cab"],
         read(), search("dataset.name = 'a'"), search("dataset.name = 'z'")),
    case("outputs twice", a_run(), a_model(), *[post("runs/outputs", {"run_id": "$run", "models": [{"model_id": "$model", "step": 0}]})] * 2, read()),
    *table("dataset", ENTRIES, _log),
    *table("search", SEARCHES, _search),
    *table("output", OUTPUTS, _output),
    *table("input", [[{"model_id": "$model"}], [{"model_id": "nope"}], [{}], "abc", [{"model_id": "$model"}, {"model_id": "$model"}]], _input),
]
