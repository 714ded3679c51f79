"""log-batch: limits, duplicates, order, and what is left of a refused one."""

from parity.case import a_run, batch, case, experiment, get, kv, metric, post, read, run, search, table


def _metrics(count, key="m"):
    return [metric(f"{key}{number}", number, 1, 0) for number in range(count)]


def _pairs(count, key):
    return [{"key": f"{key}{number}", "value": str(number)} for number in range(count)]


SIZES = [
    {"metrics": _metrics(1000)}, {"metrics": _metrics(1001)}, {"params": _pairs(100, "p")}, {"params": _pairs(101, "p")},
    {"tags": _pairs(100, "t")}, {"tags": _pairs(101, "t")},
    {"metrics": _metrics(800), "params": _pairs(100, "p"), "tags": _pairs(100, "t")},
    {"metrics": _metrics(801), "params": _pairs(100, "p"), "tags": _pairs(100, "t")},
    {}, {"metrics": [], "params": [], "tags": []},
    {"tags": [{"key": f"t{number}", "value": "v" * 7990} for number in range(100)]},
    {"tags": [{"key": f"t{number}", "value": "v" * 9990} for number in range(100)]},
    {"tags": [{"key": f"t{number}", "value": "v" * 10100} for number in range(100)]},
]

BAD = [
    {"metrics": [metric("ok", 1), metric("b$d", 1)], "params": kv(p="1"), "tags": kv(t="1")},
    {"metrics": [metric("ok", 1)], "params": kv(**{"p$": "1"}), "tags": kv(t="1")},
    {"metrics": [metric("ok", 1)], "params": kv(p="1"), "tags": kv(**{"t$": "1"})},
    {"metrics": [metric("ok", 1), metric("neg", 1, -1)], "params": kv(p="1")},
    {"metrics": [metric("ok", 1), metric("str", "x")], "params": kv(p="1")},
    {"metrics": [metric("ok", 1)], "params": kv(p="1") + kv(p="1"), "tags": kv(t="1")},
    {"metrics": [metric("ok", 1)], "params": kv(p="1") + kv(p="2"), "tags": kv(t="1")},
    {"metrics": [metric("ok", 1)], "params": [{"key": "p"}], "tags": kv(t="1")},
    {"metrics": [metric("ok", 1)], "params": [{"value": "p"}], "tags": kv(t="1")},
    {"params": kv(p="1"), "tags": [{"key": "t"}]},
    {"params": kv(p="1"), "tags": [{"value": "t"}]},
    {"params": kv(a="changed", b="new"), "metrics": [metric("ok", 1)], "tags": kv(t="1")},
    {"metrics": "abc"}, {"metrics": {"key": "a"}}, {"metrics": [1]}, {"metrics": ["a"]}, {"metrics": [None]}, {"metrics": None},
    {"params": "abc"}, {"params": {"p": "1"}}, {"params": [["p", "1"]]}, {"params": None}, {"params": [{"key": 1, "value": 2}]},
    {"tags": "abc"}, {"tags": {"t": "1"}}, {"tags": [1]}, {"tags": None}, {"tags": [{"key": "t", "value": None}]},
    {"params": [{"key": "p", "value": 5}]}, {"params": [{"key": "p", "value": ""}]}, {"params": [{"key": "", "value": ""}]},
    {"tags": kv(t="1") + kv(t="2")}, {"tags": kv(**{"mlflow.runName": "by batch"})}, {"params": kv(p="v" * 6001)},
    {"tags": kv(t="v" * 8001)}, {"params": kv(**{"k" * 251: "v"})}, {"tags": kv(**{"k" * 251: "v"})}, {"metrics": [metric("k" * 251, 1)]},
    {"metrics": [metric("m", 1, 2**63)]}, {"metrics": [metric("m", 1, 1, 2**63)]}, {"metrics": [metric("m", 1, "7", "8")]},
    {"metrics": [metric("m", True)]}, {"metrics": [metric("m", None)]}, {"metrics": [metric(5, 1)]}, {"metrics": [metric("", 1)]},
]


def _size(fields):
    return a_run(), batch(**fields), search("attributes.run_name = 'first'")


def _bad(fields):
    return a_run(), batch(params=kv(a="1")), batch(**fields), read()


CASES = [
    case("nothing but an id", a_run(), post("runs/log-batch", {"run_id": "$run"}), post("runs/log-batch"),
         post("runs/log-batch", {"metrics": [metric("a", 1)]})),
    case("everything", a_run(), batch(metrics=_metrics(5), params=_pairs(5, "p"), tags=_pairs(5, "t")), read()),
    case("same params again", a_run(), batch(params=_pairs(5, "p")), batch(params=_pairs(6, "p")), read()),
    case("two experiments", experiment(), run(), experiment("other", "${n}_other"), run("second", "$other"),
         batch(metrics=_metrics(3)), batch("$second", metrics=_metrics(2)), read(), read("$second"),
         get("metrics/get-history", {"run_id": "$second", "metric_key": "m1"})),
    *table("size", SIZES, _size),
    *table("bad", BAD, _bad),
]
