"""Traces: sending, starting and ending, reading, tags, deleting, linking."""

from parity.case import case, delete, experiment, kv, patch, post, raw, run, table
from parity.traces import TRACE, V3, a_trace, read, read_v2, start, start_v2

LONG = "x" * 8001
USAGE, COST, SESSION, NAME = "mlflow.trace.tokenUsage", "mlflow.trace.cost", "mlflow.trace.session", "mlflow.traceName"
OWN = ["mlflow.artifactLocation", "mlflow.trace.spansLocation", "mlflow.trace.archiveLocation", "mlflow.trace.archivalFailure"]

HEADS = [
    {}, {"request_preview": ...}, {"request_preview": ""}, {"request_preview": "a\0b"}, {"request_preview": "é" * 1000}, {"request_preview": "p" * 1001},
    {"response_preview": "p" * 1001}, {"request_preview": 5}, {"client_request_id": "c"}, {"client_request_id": ""}, {"client_request_id": "c" * 50},
    {"client_request_id": "c" * 51}, {"state": ...}, {"state": "STATE_UNSPECIFIED"}, {"state": "IN_PROGRESS"}, {"state": 2}, {"state": 7}, {"state": "FINE"},
    {"state": None}, {"tags": ...}, {"tags": {}}, {"tags": {"": ""}}, {"tags": {"a$b/../c": "v"}}, {"tags": {"k" * 250: "v"}}, {"tags": {"k" * 251: "v"}},
    {"tags": {"k": "v" * 4096}}, {"tags": {"k": "v" * 4097}}, {"tags": {"k": "v" * 8000}}, {"tags": {"k": LONG}}, {"tags": {"k": 5}}, {"tags": [1]},
    {"tags": {key: "mine" for key in OWN}}, {"tags": {NAME: "n" * 4096}}, {"tags": {NAME: "n" * 4097}}, {"tags": {NAME: ""}},
    {"trace_metadata": ...}, {"trace_metadata": {"k": "v" * 251}}, {"trace_metadata": {"k" * 251: "v"}}, {"trace_metadata": {"k": LONG}},
    {"trace_metadata": {"mlflow.trace.infoFinalized": "false"}}, {"trace_metadata": {SESSION: "s" * 250}}, {"trace_metadata": {SESSION: "s" * 251}},
    {"unknown": 1}, {"trace_location": ...}, {"trace_location": {}}, {"exp": "999999"}, {"exp": "abc"}, {"exp": ""}, {"exp": "0"}, {"exp": 5},
    {"trace_location": {"mlflow_experiment": {"experiment_id": "$exp"}}}, {"trace_location": {"type": "NOWHERE"}},
    {"trace_location": {"type": "INFERENCE_TABLE", "inference_table": {"full_table_name": "a.b.c"}}},
]

TIMES = ["1970-01-01T00:00:00Z", "2026-01-02T03:04:05.678901Z", "2026-01-02T03:04:05.678901234Z", "2026-01-02T03:04:05+02:00", "2026-01-02T03:04:05.5-04:30",
         "1969-12-31T23:59:59.999Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "2024-02-29T00:00:00Z", "2026-02-29T00:00:00Z", "2026-01-02", "", 5, None, ...]
DURATIONS = ["0s", "1s", "0.001s", "0.0015s", "-1.500s", "1.123456789s", "1.1234567891s", "1", "s", "", "315576000000s", "315576000001s", 5, None, ...]

USAGES = ['{"input_tokens": 3, "output_tokens": 4, "total_tokens": 7}', '{"total_tokens": 7.0, "x": 1}', '{"total_tokens": "7"}', '{"total_tokens": " 1e3 "}',
          '{"total_tokens": 1.5}', '{"total_tokens": true}', '{"total_tokens": null}', '{"total_tokens": 9223372036854775808}', '{"total_tokens": -1}', "[1]", "{", "",
          '{"cache_read_input_tokens": 1, "cache_creation_input_tokens": 2, "cache_creation_input_tokens_above_1hr": 3, "input_tokens": 4}']
COSTS = ['{"input_cost": 0.00001, "output_cost": 2, "total_cost": 2.00001}', '{"total_cost": "1.5"}', '{"total_cost": NaN}', '{"total_cost": "inf"}', '{"total_cost": 1e16}',
         '{"total_cost": false}', '{"x": 1}', '"a"']

IDS = ["tr-$exp", "$exp", "a b-$exp", "x$exp.", "x$exp ", "a/$exp", "..", ".", "", "%41-$exp", "a?$exp", "a#$exp", "a\n$exp", "é$exp", "a\\$exp", "i" * 44 + "$exp", "i" * 45 + "$exp"]

AGAIN = [{}, {"state": "ERROR", "execution_duration": ...}, {"tags": {"b": "2"}}, {"tags": {"a": "2", NAME: "other"}}, {"trace_metadata": {"x": "y", "mlflow.user": "you"}},
         {"request_preview": ..., "response_preview": "more"}, {"client_request_id": "c"}, {"request_time": "2026-01-02T00:00:00Z"},
         {"trace_metadata": {USAGE: '{"total_tokens": 7}', SESSION: "s"}}, {"exp": "$other"}, {"tags": {NAME: "n" * 4097}}]

STARTS = [{}, {"timestamp_ms": ...}, {"timestamp_ms": "7"}, {"timestamp_ms": "x"}, {"timestamp_ms": 1.5}, {"timestamp_ms": 9223372036854775807}, {"experiment_id": "999999"},
          {"experiment_id": "abc"}, {"experiment_id": ""}, {"experiment_id": ...}, {"experiment_id": 5}, {"tags": kv(a="1", b="")}, {"tags": kv(a="1") + kv(a="2")},
          {"tags": [{"key": "a"}]}, {"tags": [{"value": "a"}]}, {"tags": [{"key": "", "value": "a"}]}, {"tags": "abc"}, {"tags": {"a": "1"}}, {"tags": kv(**{key: "mine" for key in OWN})},
          {"tags": kv(**{NAME: "n"})}, {"tags": kv(**{NAME: "n" * 4097})}, {"tags": kv(a=LONG)}, {"request_metadata": kv(a="1", **{SESSION: "s", USAGE: '{"total_tokens": 1}'})},
          {"request_metadata": kv(a="v" * 300)}, {"request_metadata": kv(**{SESSION: "s" * 251})}, {"request_metadata": [{"value": "a"}]}, {"unknown": 1}]
ENDS = [{}, {"status": "ERROR"}, {"status": "IN_PROGRESS"}, {"status": "TRACE_STATUS_UNSPECIFIED"}, {"status": ...}, {"status": 1}, {"status": 9}, {"status": "FINE"}, {"timestamp_ms": ...},
        {"timestamp_ms": "7"}, {"timestamp_ms": 1}, {"timestamp_ms": -9223372036854775808}, {"tags": kv(a="2", b="3")}, {"tags": kv(**{NAME: "n"})}, {"tags": kv(**{OWN[0]: "mine"})},
        {"tags": [{"value": "a"}]}, {"request_metadata": kv(m="2", **{USAGE: '{"total_tokens": 1}'})}, {"request_metadata": "abc"}, {"request_id": "other"}]

TAGS = [{"key": "b", "value": "2"}, {"key": "a", "value": "2"}, {"key": "a", "value": ""}, {"key": "a"}, {"key": ""}, {}, {"key": "a", "value": 5}, {"key": 5}, {"key": "a$b", "value": "v"},
        {"key": "/a", "value": "v"}, {"key": "k" * 250, "value": "v"}, {"key": "k" * 251, "value": "v"}, {"key": "a", "value": "v" * 8000}, {"key": "a", "value": LONG},
        {"key": NAME, "value": "n"}, {"key": NAME, "value": "n" * 4096}, {"key": NAME, "value": "n" * 4097}, {"key": NAME}, *[{"key": key, "value": "mine"} for key in OWN]]
DELETED_TAGS = [{"key": "a"}, {"key": "x"}, {"key": NAME}, {"key": ""}, {}, {"key": 5}, *[{"key": key} for key in OWN]]

DELETIONS = [{"max_timestamp_millis": 2000}, {"max_timestamp_millis": 1000, "max_traces": 9}, {"max_timestamp_millis": 9999, "max_traces": 1}, {"max_timestamp_millis": 9999, "max_traces": 0},
             {"max_timestamp_millis": 9999, "max_traces": -1}, {"max_timestamp_millis": 0}, {"max_timestamp_millis": -1}, {"max_timestamp_millis": "2000"}, {"max_timestamp_millis": "x"},
             {"request_ids": ["$exp-1", "$exp-3", "nope"]}, {"request_ids": []}, {"request_ids": ["$exp-1"], "max_traces": 1}, {"request_ids": ["$exp-1"], "max_timestamp_millis": 1},
             {"request_ids": "abc"}, {"request_ids": [5]}, {}, {"experiment_id": "0", "request_ids": ["$exp-1"]}, {"experiment_id": "abc", "max_timestamp_millis": 1},
             {"experiment_id": "", "max_timestamp_millis": 1}, {"experiment_id": ..., "max_timestamp_millis": 1}, {"experiment_id": "999999", "max_timestamp_millis": 1}]

LINKS = [{"trace_ids": [TRACE]}, {"trace_ids": [TRACE, "$exp-nope"]}, {"trace_ids": []}, {"trace_ids": "abc"}, {"trace_ids": [5]}, {"run_id": ""}, {"run_id": ...}, {"trace_ids": ...},
         {"run_id": "$exp-nope"}, {"trace_ids": [f"$exp-{n}" for n in range(100)]}, {"trace_ids": [f"$exp-{n}" for n in range(101)]}, {"run_id": "r" * 37}, {"trace_ids": ["i" * 37]}]

BATCHES = [{"trace_ids": ["$exp-2", "nope", "$exp-1"]}, {"trace_ids": ["$exp-2", "$exp-1", "$exp-2"]}, {"trace_ids": []}, {}, {"trace_ids": "abc"}, {"trace_ids": [5]}, {"trace_ids": None},
           {"trace_ids": ["$exp-1"], "experiment_ids": ["$exp"]}, {"trace_ids": ["$exp-1"], "experiment_ids": ["0"]}, {"trace_ids": ["$exp-1"], "experiment_ids": []},
           {"trace_ids": ["$exp-1"], "experiment_ids": ["abc"]}]


def _given(fields):
    return {key: value for key, value in fields.items() if value is not ...}


def _start(fields):
    return experiment(), start(**fields), read(), read_v2()


def _with(name):
    return lambda value: _start({name: value})


def _metadata(key):
    return lambda text: _start({"trace_metadata": {key: text}})


def _id(trace):
    return experiment(), start(trace), read(TRACE if "/" in trace or not trace.strip(".") else "tr-$exp")


def _again(fields):
    return experiment(), experiment("other", "${n}_other"), start(client_request_id="first"), start(**fields), read()


def _start_v2(fields):
    return experiment(), post("traces", _given({"experiment_id": "$exp", "timestamp_ms": 5} | fields), save={"trace": "trace_info.request_id"}), read("$trace"), read_v2("$trace")


def _end(fields):
    end = patch("traces/$trace", _given({"timestamp_ms": 12, "status": "OK"} | fields))
    return experiment(), start_v2(tags=kv(a="1"), request_metadata=kv(m="1")), end, read_v2("$trace"), read("$trace")


def _tag(fields):
    return a_trace(), patch(f"traces/{TRACE}/tags", fields), read()


def _delete_tag(fields):
    return a_trace(), delete(f"traces/{TRACE}/tags", body=fields), read()


def _four():
    return experiment(), [start(f"$exp-{n}", request_time=f"1970-01-01T00:00:0{n}Z") for n in range(1, 5)]


def _delete(fields):
    return _four(), post("traces/delete-traces", _given({"experiment_id": "$exp"} | fields)), [read(f"$exp-{n}") for n in range(1, 5)]


def _link(fields):
    links = _given({"trace_ids": [TRACE], "run_id": "$run"} | fields)
    return a_trace(), run(), post("traces/link-to-run", links), post("traces/link-to-run", links)


CASES = [
    *table("head", HEADS, _start),
    *table("time", TIMES, _with("request_time")),
    *table("duration", DURATIONS, _with("execution_duration")),
    *table("usage", USAGES, _metadata(USAGE)),
    *table("cost", COSTS, _metadata(COST)),
    *table("id", IDS, _id),
    *table("again", AGAIN, _again),
    *table("older start", STARTS, _start_v2),
    *table("older end", ENDS, _end),
    *table("set tag", TAGS, _tag),
    *table("delete tag", DELETED_TAGS, _delete_tag),
    *table("delete", DELETIONS, _delete),
    *table("link", LINKS, _link),
    *table("infos", BATCHES, lambda fields: (_four(), post(f"{V3}/batchGetInfos", fields))),
    case("no trace", post(V3, {}), post(V3, {"trace": {}}), post(V3, {"trace": None}), post(V3, {"trace": 5}), post(V3, {"trace": {"trace_info": 5}})),
    case("no such trace", read("nope"), read_v2("nope"), patch("traces/nope", {"status": "OK"}), patch("traces/nope/tags", {"key": "a", "value": "b"}),
         patch("traces/nope/tags", {"key": NAME, "value": "b"}), delete("traces/nope/tags", body={"key": "a"}), delete("traces/nope/tags", body={"key": NAME})),
    case("bodies", experiment(), raw("POST", V3, "{"), raw("POST", V3, "{}", None), raw("POST", "traces", ""), raw("DELETE", "traces/nope/tags", "{}", None)),
    case("of a deleted experiment", a_trace(), post("experiments/delete", {"experiment_id": "$exp"}), read(), start("$exp-2"), start(), start_v2(),
         patch(f"traces/{TRACE}/tags", {"key": "b", "value": "c"}), post("traces/delete-traces", {"experiment_id": "$exp", "request_ids": [TRACE]})),
    case("sent after it was started", experiment(), start_v2(tags=kv(a="1")), start("$trace", tags={"b": "2"}), read("$trace"), patch("traces/$trace", {"timestamp_ms": 7, "status": "ERROR"}), read("$trace")),
    case("tags by the newer API", a_trace(), patch(f"{V3}/{TRACE}/tags", {"key": "b", "value": "2"}), delete(f"{V3}/{TRACE}/tags", body={"key": "a"}), read(),
         post(f"{V3}/delete-traces", {"experiment_id": "$exp", "request_ids": [TRACE]}), read()),
    case("spelling", experiment(), post(V3, {"trace": {"traceInfo": {"traceId": TRACE, "traceLocation": {"type": 1, "mlflowExperiment": {"experimentId": "$exp"}}, "requestTime": "2026-01-02T03:04:05Z",
                                                                      "traceMetadata": {"a": "b"}}}}), read()),
]
