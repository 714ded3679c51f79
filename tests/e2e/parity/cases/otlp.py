"""Spans by OTLP: what becomes of them, what they say about their trace, and what is refused."""

import gzip
import json
import math

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from parity.case import case, delete, experiment, get, post, put, raw, run, table
from parity.spans import (COST, END, JSON, OTLP, PROTOBUF, START, TAG, USAGE, export, export_json, name_of, packed, protobuf, search, sent, span, spans_of,
                          trace_of)
from parity.traces import V3, start, start_v2

SPANS = [
    {}, {"name": ""}, {"name": "é😀"}, {"kind": 0}, {"kind": 3}, {"kind": 5}, {"kind": 6}, {"kind": -1}, {"status": (1, "m")}, {"status": (2, "bad")}, {"status": (2, "")}, {"status": (9, "m")},
    {"end_time_unix_nano": 0}, {"end_time_unix_nano": 5}, {"start_time_unix_nano": 0}, {"start_time_unix_nano": 2**63}, {"end_time_unix_nano": 2**64 - 1},
    {"trace_id": b""}, {"trace_id": b"\1" * 17}, {"span_id": b""}, {"span_id": b"\1"}, {"span_id": b"\0" * 8}, {"span_id": b"\1" * 9}, {"span_id": b"\0" + b"\1" * 8},
    {"parent_span_id": b"\0" * 8}, {"parent_span_id": b"\1" * 9}, {"parent_span_id": (1).to_bytes(8)}, {"parent_span_id": b"\2"}, {"trace_state": "a=b", "flags": 257, "dropped_attributes_count": 3},
    {"events": [{"name": "e", "time_unix_nano": 5, "attributes": {"s": "x", "y": b"ab", "l": [1, 2], "f": 2.5, "d": {"a": [True]}, "n": None}}, {}]},
    {"links": [{"trace_id": b"\1" * 16, "span_id": b"\2" * 8}, {"trace_id": b"\1", "attributes": {"y": b"ab", "s": "x", "l": [b"a"]}}]}, {"links": [{"trace_id": b"\1" * 17}]},
]

ATTRIBUTES = [
    {"s": "text", "i": 5, "f": 1.5, "b": True, "none": None, "empty": "", "u": "é\0", "big": 1e16, "small": 1e-7, "max": 2**63 - 1},
    {"nan": math.nan, "inf": math.inf, "less": -math.inf}, {"y": b"\0\xff'a\n\\"}, {"y": b"'\""}, {"l": ["a", 1, None, []], "d": {"x": 1, "y": {"z": "é"}}, "e": [], "o": {}},
    {"j": '{"a": 1}', "k": " [1]", "q": '"quoted"', "n": "5", "t": "true", "z": "null", "bad": "{", "nan": '{"a": NaN}', "two": '{} {}'},
    [("a", "1"), ("b", "2"), ("a", "3"), ("mlflow.traceRequestId", "evil"), ("c", "4")], {"d": {}}, [("d", {"a": 1}), ("", "no key")],
    {"mlflow.spanType": "LLM"}, {"mlflow.spanType": '"LLM"'}, {"mlflow.spanType": 5}, {"mlflow.spanType": None}, {"mlflow.spanType": ""}, {"mlflow.spanType": "t" * 500}, {"mlflow.spanType": {"a": 1}},
    {"mlflow.llm.model": "m" * 501, "mlflow.llm.provider": "p"}, {"mlflow.llm.model": 5}, {"session.id": "s", "user.id": "me"}, {"session.id": 6, "user.id": 5}, {"session.id": "", "user.id": ""},
    {"session.id": "s" * 250}, {"session.id": "s" * 251}, {"gen_ai.conversation.id": "c"}, {"session.id": '"quoted"', "user.id": '{"a": 1}'},
    {TAG + "a": "b", TAG + "n": 5, TAG + "d": {"a": 1}, TAG: "x", TAG + "a$b": "v", TAG + "k" * 251: "v", TAG + "long": "v" * 8001}, {TAG + "mlflow.traceName": "named"},
    {TAG + "mlflow.traceName": "n" * 4097}, {TAG + "mlflow.artifactLocation": "evil", TAG + "mlflow.trace.spansLocation": "evil"},
]

PREVIEWS = [
    "plain", '"quoted"', '{"a": "é"}', {"a": "é"}, ["x" * 2000], "x" * 1000, "x" * 1001, 5, True, None, "",
    {"messages": [{"role": "user", "content": "1"}, {"role": "assistant", "content": "2"}]}, {"messages": [{"role": "x", "content": "3"}]}, {"messages": [{"role": "x"}]}, {"messages": []},
    {"messages": "no"}, {"choices": [{"message": {"role": "assistant", "content": "a\0b"}}]}, {"choices": []}, {"choices": [{}]}, {"output": [{"role": "assistant", "content": [{"type": "output_text", "text": "o"}]}]},
    {"request": {"input": [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "T"}]}]}}, {"input": [{"role": "user", "content": ["a", "b"]}]},
    {"messages": [{"role": "user", "content": ""}]}, {"messages": [{"role": "user", "content": None}]}, {"messages": [{"role": "user", "content": {"a": 1}}]},
]

USED = [
    '{"input_tokens": 3, "output_tokens": 4, "total_tokens": 7}', {"input_tokens": 3, "cache_read_input_tokens": 1}, {"cache_creation_input_tokens_above_1hr": 2}, {}, [], "5", "{", None,
    {"input_tokens": 1.5, "output_tokens": 2.0, "total_tokens": True}, {"input_tokens": "3"}, {"input_tokens": None}, {"unknown": 3},
]
SPENT = ['{"input_cost": 0.5, "output_cost": 0.25, "total_cost": 0.75}', {"total_cost": 1}, {"total_cost": "1"}, {"total_cost": None}, {"x": 1}, [1], "5", "{", None]

# Each span: number, parent, tokens.
TREES = [
    [(1, None, 1), (2, 1, 2)], [(1, None, None), (2, 1, 2), (3, 1, 3)], [(1, None, None), (2, 1, 2), (3, 2, 3), (4, 3, 4)], [(2, 1, 2), (3, 1, 3)], [(1, 1, 1)], [(1, 2, 1), (2, 1, 2)],
    [(1, None, None), (2, 1, None), (3, 2, 3), (4, 2, 4), (5, None, 5)],
]

RESOURCES = [
    {"service.name": "mine", "telemetry.sdk.name": "x", "mlflow.x": "y", "i": 5, "l": ["a", "é"], "mixed": ["a", 1], "d": {"a": 1}, "none": None, "": "e", "f": 1.5, "t": True},
    {"service.name": "claude-code"}, {"service.name": "claude-code", "a$b": "v", "/x": "v", "k" * 251: "v"}, {"long": "v" * 8001}, {"y": b"ab"}, {}, {"service.name": 5},
]

# The same span sent in two requests: what the second has otherwise.
AGAIN = [
    {}, {"name": "again"}, {"end_time_unix_nano": END + 10**9}, {"start_time_unix_nano": START - 10**9}, {"status": (2, "late")}, {"span_id": b"\2"}, {"span_id": b"\2", "parent_span_id": b"\1"},
    {"span_id": b"\2", "parent_span_id": b"\1", "attributes": {USAGE: {"input_tokens": 5}, COST: {"input_cost": 1.0}}}, {"attributes": {USAGE: {"input_tokens": 5}}},
    {"attributes": {"session.id": "t", "user.id": "you", TAG + "a": "2", TAG + "mlflow.traceName": "other", "mlflow.spanInputs": "other", "mlflow.spanOutputs": "other"}},
]
FIRST = {"attributes": {USAGE: {"input_tokens": 3}, "session.id": "s", "user.id": "me", TAG + "a": "1", "mlflow.spanInputs": "in"}}

MESSAGES = [{"role": "user", "content": "hi"}]
PARTS = [{"role": "user", "parts": [{"text": "a"}]}, {"role": "model", "parts": [{"text": "b"}]}, 5]
# What instrumentation libraries say in words of their own. No model that has a price: those are not known here.
VENDORS = [
    *[{"openinference.span.kind": kind} for kind in ("LLM", "CHAIN", "RERANKER", "UNKNOWN", "llm", 5, None)], {"openinference.span.kind": "TOOL", "mlflow.spanType": "UNKNOWN"},
    {"openinference.span.kind": "TOOL", "mlflow.spanType": "CHAIN"}, {"openinference.span.kind": "TOOL", "mlflow.spanType": ""},
    {"input.value": "i", "output.value": {"a": "é"}, "llm.token_count.prompt": 3, "llm.token_count.completion": "4", "llm.token_count.prompt_details.cache_read": 1, "llm.model_name": "mine", "llm.provider": "me"},
    {"input.value": "", "output.value": {}, "llm.token_count.total": 7.5, "llm.token_count.prompt": "x"}, {"input.value": "i", "mlflow.spanInputs": "mine"},
    *[{"gen_ai.operation.name": name} for name in ("chat", "Chat", "embeddings", "execute_tool", "llm_call")], {"gen_ai.operation.name": "llm_call", "gen_ai.agent.name": "gemini-cli"},
    {"gen_ai.input.messages": MESSAGES, "gen_ai.output.messages": json.dumps(MESSAGES), "gen_ai.usage.input_tokens": 1, "gen_ai.usage.output_tokens": 2, "gen_ai.usage.cache_creation.input_tokens": 3,
     "gen_ai.request.model": "mine", "gen_ai.provider.name": "me", "gen_ai.tool.definitions": [{"name": "t"}]},
    {"gen_ai.tool.call.arguments": {"a": 1}, "gen_ai.tool.call.result": "r", "gen_ai.response.model": "mine-2", "gen_ai.request.model": "mine"}, {"gen_ai.usage.cache_write.input_tokens": 3, "gen_ai.usage.output_tokens": 0},
    {"gen_ai.agent.name": "gemini-cli", "gen_ai.input.messages": PARTS, "gen_ai.output.messages": PARTS}, {"gen_ai.agent.name": "gemini-cli", "gen_ai.input.messages": "plain", "gen_ai.output.messages": "plain"},
    {"gen_ai.agent.name": "gemini-cli", "gen_ai.operation.name": "system_prompt", "gen_ai.input.messages": PARTS}, {"gen_ai.agent.name": "gemini-cli", "gen_ai.input.messages": {"contents": []}, "gen_ai.output.messages": [{}]},
    *[{"span.type": kind, "user_prompt": "p", "new_context": "c", "response.model_output": "o"} for kind in ("claude_code.interaction", "interaction", "llm_request", "tool", "claude_code.other", "other")],
    {"span.type": "llm_request", "input_tokens": 5, "output_tokens": "6", "cache_read_tokens": 1, "cache_creation_tokens": 2}, {"span.type": "interaction", "user_prompt": "<REDACTED>", "input_tokens": 5},
    {"span.type": "tool", "tool_input": "<REDACTED>", "full_command": "ls", "file_path": "é"},
    {"traceloop.span.kind": "workflow", "traceloop.entity.input": "i", "traceloop.entity.output": "o", "gen_ai.usage.prompt_tokens": 1, "gen_ai.usage.completion_tokens": 2, "llm.usage.total_tokens": 9, "gen_ai.system": "me"},
    {"gen_ai.prompt.0.content": "", "gen_ai.prompt.12.content": "i", "gen_ai.completion.0.content": "o", "gen_ai.prompt.x.content": "n"}, {"gen_ai.completion.0.tool_calls.1.arguments": "a", "gen_ai.completion.0.contents": "o"},
    {"gcp.vertex.agent.llm_request": "i", "gcp.vertex.agent.tool_response": "o"}, {"ai.operationId": "ai.embed", "ai.value": "i", "ai.embedding": [1, 2]},
    {"ai.operationId": "ai.generateText.doGenerate", "ai.prompt.messages": json.dumps(MESSAGES), "ai.prompt.tools": [json.dumps({"name": "é"})], "ai.response.text": "o", "ai.response.finishReason": "stop"},
    {"ai.operationId": "ai.streamText.doStream"}, {"span.type": "llm", "entity.type": "agent", "llm.messages": MESSAGES, "output": "o", "usage.prompt_tokens": 1, "llm.usage.completion_tokens": 2, "voltagent.operation_id": "v"},
    {"entity.type": "agent", "agent.messages": MESSAGES, "input": "i"}, {"lk.agent_name": "a", "lk.user_input": "i", "lk.response.text": "o"}, {"lk.retry_count": 1}, {"lk.function_tool.name": "t"}, {"lk.tts.x": 1},
    {"gen_ai.request.model": "mine"}, {"gen_ai.operation.name": "CHAT", "lk.x": 1}, {"lmnr.span.type": "PIPELINE", "lmnr.span.input": "i", "lmnr.span.output": "o", "gen_ai.system": "me", "gen_ai.response.model": "mine"},
    {"langfuse.observation.type": "generation", "langfuse.observation.input": "i", "langfuse.observation.output": "o"}, {"langfuse.observation.type": "span"},
    {"mlflow.spanInputs": {"model": "mine"}}, {"mlflow.spanInputs": {"model": 5}, "mlflow.spanOutputs": {"model": "mine"}}, {"mlflow.spanOutputs": {"model": "mine"}}, {"mlflow.spanInputs": {"model": ""}, "mlflow.spanOutputs": "x"},
]
SAID = [
    [("gen_ai.content.prompt", {"gen_ai.prompt": "p"}), ("gen_ai.content.completion", {"gen_ai.completion": "c"})], [("gen_ai.content.prompt", {}), ("gen_ai.content.prompt", {"gen_ai.prompt": ["p"]})],
    [("gen_ai.system.message", {"content": "s"}), ("gen_ai.user.message", {"content": '{"é": 1}'}), ("gen_ai.assistant.message", {}), ("gen_ai.choice", {"content": "c", "role": "r"}), ("gen_ai.choice", {"content": "d"})],
    [("tool.output", {"output": "o"})], [("other", {"content": "c"})],
]

HEADERS = [
    {"x_mlflow_experiment_id": None}, {"x_mlflow_experiment_id": "abc"}, {"x_mlflow_experiment_id": "999999"}, {"x_mlflow_experiment_id": "-1"}, {"x_mlflow_experiment_id": "1.5"},
    {"Content-Type": None}, {"Content-Type": ""}, {"Content-Type": "text/plain"}, {"Content-Type": "application/x-protobuf; charset=x"}, {"Content-Type": "APPLICATION/X-PROTOBUF"},
    {"Content-Type": "application/protobuf"}, {"Content-Type": JSON}, *[{"Content-Encoding": name} for name in ("gzip", "GZIP", "deflate", "br", "identity", "", "gzip, deflate")],
]

BODIES = [b"", b"hello world", b"\n", ExportTraceServiceRequest(resource_spans=[{}]).SerializeToString(), protobuf(b"")]
JSON_BODIES = ["", "{", "{}", "[]", '"a"', "null", '{"resourceSpans": null}', '{"resourceSpans": []}', '{"resourceSpans": {}}', '{"resource_spans": [{}]}', '{"resourceSpans": [{"x": 1}]}', b"\xff",
               '{"resourceSpans": [{"scopeSpans": [{"spans": [5]}]}]}', '{"resourceSpans": [{"scopeSpans": 5}]}']

IN_JSON = [
    {}, {"startTimeUnixNano": START}, {"startTimeUnixNano": 1.7e18}, {"startTimeUnixNano": "x"}, {"startTimeUnixNano": -1}, {"kind": "SPAN_KIND_SERVER"}, {"kind": 2}, {"kind": "NOPE"}, {"kind": 77},
    {"traceId": "xyz"}, {"traceId": "abc"}, {"traceId": None}, {"traceId": ...}, {"spanId": "zz"}, {"spanId": ""}, {"parentSpanId": ""}, {"parentSpanId": "0102030405060709"}, {"name": 5}, {"name": None},
    {"status": {"code": 2, "message": "m"}}, {"status": {"code": "STATUS_CODE_ERROR"}}, {"status": None}, {"links": None}, {"unknown": 1}, {"traceState": "a=b"},
    {"events": [{"name": "e", "timeUnixNano": "5", "attributes": [{"key": "a", "value": {"stringValue": "x"}}]}]}, {"links": [{"traceId": "00" * 16, "spanId": "01"}]},
    *[{"attributes": value} for value in ({}, [5], None, [{"key": "a"}], [{"key": "a", "value": 5}], [{"key": "a", "value": None}])],
    *[{"attributes": [{"key": "a", "value": value}]} for value in (
        {"stringValue": "x"}, {"stringValue": 5}, {"string_value": "x"}, {"intValue": "5"}, {"intValue": 6}, {"intValue": 1.0}, {"intValue": 1.5}, {"intValue": "x"}, {"doubleValue": 1}, {"doubleValue": "1.5"},
        {"doubleValue": "NaN"}, {"boolValue": True}, {"boolValue": "true"}, {"bytesValue": "YWI="}, {"bytesValue": "YWI"}, {"bytesValue": "!"}, {"unknown": 1}, {"stringValue": "x", "intValue": 1},
        {"arrayValue": {"values": [{"stringValue": "x"}, {}]}}, {"arrayValue": {}}, {"kvlistValue": {"values": [{"key": "k", "value": {"intValue": 1}}]}})],
]


def _tree(tree):
    return sent(tree, *[span(number, parent, attributes={USAGE: {"input_tokens": tokens}} if tokens else {}) for number, parent, tokens in tree])


def _attribute(key):
    return lambda value: sent([key, value], span(attributes={key: value}))


def _said(events):
    events = [{"name": name, "time_unix_nano": 5, "attributes": attributes} for name, attributes in events]
    return sent(events, span(events=events), span(2, 1, events=events, attributes={"span.type": "tool"}))


def _again(fields):
    trace = trace_of(["again", fields])
    return experiment(), export(protobuf(trace, span(**FIRST))), export(protobuf(trace, span(**fields))), spans_of(trace)


def _after_head(fields):
    trace = trace_of(["after", fields])
    head = start(name_of(trace), trace_metadata={"mlflow.trace.tokenUsage": '{"input_tokens": 9}'}, request_time="2023-11-14T22:13:21Z")
    return experiment(), head, export(protobuf(trace, span(**fields))), spans_of(trace)


def _before_head(fields):
    trace = trace_of(["before", fields])
    return experiment(), export(protobuf(trace, span(**fields))), start(name_of(trace), execution_duration="2s", request_preview=...), spans_of(trace)


def _header(headers):
    trace = trace_of(["header", headers])
    headers = dict(headers)
    content_type = headers.pop("Content-Type", PROTOBUF)
    return experiment(), export(protobuf(trace, span()), content_type, **headers), spans_of(trace)


def _in_json(fields):
    given = {"traceId": trace_of(["json", fields]).hex(), "spanId": "0102030405060708", "name": "j", "startTimeUnixNano": str(START), "endTimeUnixNano": str(END)} | fields
    return experiment(), export_json({key: value for key, value in given.items() if value is not ...}), spans_of(trace_of(["json", fields]))


UUID = "6f1d7f4e-9b0a-4b50-9a52-61a0fbb1a7c0"
PACKED = protobuf(trace_of("packed"), span())
BOMB = gzip.compress(b"\0" * 10_000_000, mtime=0) * 7

CASES = [
    *table("span", SPANS, lambda fields: sent(["span", fields], span(**fields))),
    *table("attributes", ATTRIBUTES, lambda attributes: sent(attributes, span(attributes=attributes))),
    *table("inputs", PREVIEWS, _attribute("mlflow.spanInputs")),
    *table("outputs", PREVIEWS, _attribute("mlflow.spanOutputs")),
    *table("usage", USED, _attribute(USAGE)),
    *table("cost", SPENT, _attribute(COST)),
    *table("tree", TREES, _tree),
    *table("vendor", VENDORS, lambda attributes: sent(["vendor", attributes], span(attributes=attributes))),
    *table("events", SAID, _said),
    *table("resource", RESOURCES, lambda resource: sent(resource, span(), span(2, 1), resource=resource)),
    *table("again", AGAIN, _again),
    *table("after the head", AGAIN, _after_head),
    *table("before the head", AGAIN, _before_head),
    *table("header", HEADERS, _header),
    *table("body", BODIES, lambda body: (experiment(), export(body))),
    *table("json body", JSON_BODIES, lambda body: (experiment(), export(body, JSON))),
    *table("json", IN_JSON, _in_json),
    case("packed", experiment(), [export(body, Content_Encoding="gzip" if kind == "gzip" else "deflate") for kind, body in packed(PACKED).items()], spans_of(trace_of("packed"))),
    case("packed twice", experiment(), [export(packed(PACKED)["gzip"] + more, Content_Encoding="gzip") for more in (gzip.compress(b"", mtime=0), b"\0\0", b"xx")]),
    case("packed and cut", experiment(), export(packed(PACKED)["gzip"][:-3], Content_Encoding="gzip"), export(packed(PACKED)["deflate"][:-2], Content_Encoding="deflate"), export(PACKED[:-3])),
    case("a bomb", experiment(), export(BOMB, Content_Encoding="gzip")),
    case("two roots", sent("two roots", span(1, attributes={"mlflow.spanInputs": "one"}), span(2, status=(2, ""), attributes={"mlflow.spanInputs": "two"}))),
    case("many attributes", sent("many", span(attributes=[(f"key {number % 1500}", number) for number in range(2000)]))),
    case("two traces", experiment(), export(protobuf(trace_of("two 1"), span(), span(2, trace_id=trace_of("two 2")))), spans_of(trace_of("two 1")), spans_of(trace_of("two 2"))),
    case("one bad span among others", experiment(), export(protobuf(trace_of("bad"), span(), span(2, span_id=b""))), get(f"{V3}/{name_of(trace_of('bad'))}")),
    case("in another experiment", experiment(), experiment("other", "${n}_other"), export(protobuf(trace_of("other"), span())), export(protobuf(trace_of("other"), span(2)), exp="$other")),
    case("in a deleted experiment", experiment(), post("experiments/delete", {"experiment_id": "$exp"}), export(protobuf(trace_of("deleted"), span())), spans_of(trace_of("deleted"))),
    case("of a run", experiment(), run(), [export(protobuf(trace_of(run_id), span()), x_mlflow_run_id=run_id) for run_id in ("$run", "r" * 37, "")],
         post(f"{V3}/search", {"locations": [{"mlflow_experiment": {"experiment_id": "$exp"}}], "filter": "run_id = '$run'"})),
    case("head of a trace of files", experiment(), start(name_of(trace_of("files"))), get(f"{V3}/batchGet", {"trace_ids": name_of(trace_of("files"))})),
    case("spans in a file", experiment(), start_v2(), put("/api/2.0/mlflow-artifacts/artifacts/$exp/traces/$trace/artifacts/traces.json", b'{"spans": []}'),
         [get(f"/ajax-api/{version}/mlflow/get-trace-artifact", {"request_id": "$trace"}, show=("content-disposition", "cache-control")) for version in ("2.0", "3.0")]),
    case("files of a trace", experiment(), export(protobuf(trace_of("attached"), span())), [get("/ajax-api/3.0/mlflow/get-trace-artifact", {"request_id": name_of(trace_of("attached"))} | path, show=("content-disposition",))
         for path in ({}, {"path": UUID})],
         put(f"/api/2.0/mlflow-artifacts/artifacts/$exp/traces/{name_of(trace_of('attached'))}/artifacts/attachments/{UUID}", b"attached"),
         get("/ajax-api/3.0/mlflow/get-trace-artifact", {"request_id": name_of(trace_of("attached")), "path": UUID}, show=("content-disposition",))),
    case("methods", get(OTLP), put(OTLP), delete(OTLP), raw("POST", OTLP + "/", b"")),
    case("reading", [get(f"{V3}/get", query) for query in ("", "trace_id=", "trace_id=nope", "trace_id=nope&allow_partial=true", "trace_id=nope&allow_partial=x", "allow_partial=true")],
         [get(f"{V3}/batchGet", query) for query in ("", "trace_ids=", "trace_ids=nope", "trace_ids=nope&trace_ids=x", "trace_ids=nope&experiment_ids=0", "trace_ids=nope&experiment_ids=abc")],
         [get(f"/ajax-api/{version}/mlflow/get-trace-artifact", query) for version in ("2.0", "3.0")
          for query in ("", "request_id=", "request_id=nope", "request_id=nope&path=a", "request_id=nope&path=../a", "request_id=nope&path=6f1d7f4e-9b0a-4b50-9a52-61a0fbb1a7c0")]),
    case("incomplete", experiment(), export(protobuf(trace_of("incomplete"), span(2, 1))), start(name_of(trace_of("incomplete")), trace_metadata={"mlflow.trace.sizeStats": json.dumps({"num_spans": 2})}),
         get(f"{V3}/get", {"trace_id": name_of(trace_of("incomplete"))}), spans_of(trace_of("incomplete")), export(protobuf(trace_of("incomplete"), span(1))),
         get(f"{V3}/get", {"trace_id": name_of(trace_of("incomplete"))}), spans_of(trace_of("incomplete"))),
]
