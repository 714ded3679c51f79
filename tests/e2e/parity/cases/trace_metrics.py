"""Traces, spans and assessments in numbers, how filters go together, and the prompts of a trace."""

from parity.case import a_run, case, experiment, post, raw, table
from parity.traces import TRACE, V3, a_trace, assess, ingest, location, otel_id, span, start

METRICS = f"{V3}/metrics"
CORRELATION = f"{V3}/calculate-filter-correlation"
LAST = 99_999_999_999_999
USAGE, COST, SESSION, NAME = "mlflow.trace.tokenUsage", "mlflow.trace.cost", "mlflow.trace.session", "mlflow.traceName"

# state, seconds since 1970, duration, tags, metadata
TRACES = [
    ("OK", 1, "0.010s", {NAME: "n", "env": "prod", "a b": "50%"}, {USAGE: '{"input_tokens": 3, "output_tokens": 4, "total_tokens": 7}', SESSION: "s", "mlflow.sourceRun": "$run"}),
    ("OK", 2, "0.020s", {NAME: "m", "env": "dev"}, {USAGE: '{"input_tokens": 10, "total_tokens": 11, "cache_read_input_tokens": 1, "cache_creation_input_tokens": 2}', SESSION: "s"}),
    ("ERROR", 90_000, "0.041s", {NAME: "n"}, {COST: '{"total_cost": 0.5}', SESSION: "t"}),
    ("IN_PROGRESS", 90_001, ..., {}, {"x": "y"}),
    ("STATE_UNSPECIFIED", 90_059, "1s", {NAME: ""}, {}),
]


def setup():
    yield a_run()
    for number, (state, second, duration, tags, metadata) in enumerate(TRACES, 1):
        time = f"197{second // 60_000}-01-02T01:00:{second % 60:02d}Z" if second > 60 else f"1970-01-01T00:00:0{second}Z"
        yield start(f"$exp-{number}", state=state, request_time=time, execution_duration=duration, tags=tags, trace_metadata=metadata, request_preview=..., response_preview=...)
    yield post("traces/link-to-run", {"trace_ids": ["$exp-3"], "run_id": "$run"})
    yield assess("$exp-1", "q", "a", feedback={"value": 0.25})
    yield assess("$exp-1", "q", "b", feedback={"value": 1}, overrides="$a")
    yield assess("$exp-2", "q", feedback={"value": "yes"})
    yield assess("$exp-2", "r", feedback={"value": False})
    yield assess("$exp-3", "e", expectation={"value": "x"})
    yield assess("$exp-3", "q", feedback={"value": None, "error": {"error_code": "E"}})
    yield ingest("a", span("ask", 0, 1500, "1", mlflow__spanType="CHAIN"), span("llm", 0, 500, "2", "1", mlflow__spanType="LLM", mlflow__llm__model="big", mlflow__llm__provider="us",
                 mlflow__llm__cost={"input_cost": 0.25, "output_cost": 0.5, "total_cost": 0.75}),
                 span("llm", 600, 900, "3", "1", 2, mlflow__spanType="LLM", mlflow__llm__model="small", mlflow__llm__cost={"input_cost": 0.125, "output_cost": 0.0, "total_cost": 0.125}))
    yield ingest("b", span("ask", 86_400_000, 86_400_010, "1", mlflow__spanType="TOOL"))


def _ask(view="TRACES", metric="trace_count", aggregations=("COUNT",), **fields):
    aggregations = [{"aggregation_type": "PERCENTILE", "percentile_value": one} if isinstance(one, (int, float)) else {"aggregation_type": one} for one in aggregations]
    return _form({"view_type": view, "metric_name": metric, "aggregations": aggregations} | fields)


def _form(fields):
    body = {"experiment_ids": ["$exp"], "view_type": "TRACES", "metric_name": "trace_count", "aggregations": [{"aggregation_type": "COUNT"}]} | fields
    return post(METRICS, {key: value for key, value in body.items() if value is not ...})


ALL = ("SUM", "AVG", "MIN", "MAX", 0, 50, 90, 99.5, 100)
TIMES = ("AVG", "MIN", "MAX", 25, 50, 95)
BY_DAY = {"time_interval_seconds": 86_400, "start_time_ms": 0, "end_time_ms": LAST}
BY_MINUTE = {"time_interval_seconds": 60, "start_time_ms": 0, "end_time_ms": LAST}

QUESTIONS = [
    *[_ask(**fields) for fields in (
        {}, {"dimensions": ["trace_status"]}, {"dimensions": ["trace_name"]}, {"dimensions": ["trace_name", "trace_status"]}, {"dimensions": ["trace_status", "trace_name"]},
        {"dimensions": ["trace_status", "trace_status"]}, BY_DAY, BY_MINUTE, BY_MINUTE | {"dimensions": ["trace_status"]}, BY_DAY | {"max_results": 1}, {"start_time_ms": 1500}, {"end_time_ms": 1500},
        {"start_time_ms": 2000, "end_time_ms": 2000}, {"start_time_ms": 3, "end_time_ms": 2}, {"experiment_ids": ["$exp", "0"]}, {"experiment_ids": ["999999"]}, {"experiment_ids": []},
        {"max_results": 0}, {"max_results": 1, "dimensions": ["trace_status"]}, {"page_token": "x"})],
    *[_ask(metric=metric, aggregations=ALL, **fields) for metric in ("input_tokens", "output_tokens", "total_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
      for fields in ({}, {"dimensions": ["trace_name"]}, BY_DAY)],
    *[_ask(metric="latency", aggregations=TIMES, **fields) for fields in ({}, {"dimensions": ["trace_name"]}, BY_MINUTE, {"filters": ["trace.status = 'NONE'"]})],
    _ask(metric="session_count"), _ask(metric="session_count", **BY_DAY),
    *[_ask("SPANS", "span_count", **fields) for fields in (
        {}, {"dimensions": ["span_name"]}, {"dimensions": ["span_type", "span_status"]}, {"dimensions": ["span_model_name", "span_model_provider"]}, {"dimensions": ["span_model_name"]}, BY_DAY,
        {"dimensions": ["span_name", "span_type", "span_status"]}, {"start_time_ms": 1_767_323_045_000, "end_time_ms": 1_767_323_045_000}, {"end_time_ms": 0})],
    *[_ask("SPANS", "latency", TIMES, **fields) for fields in ({}, {"dimensions": ["span_name"]}, {"dimensions": ["span_status"]}, BY_DAY)],
    *[_ask("SPANS", metric, ALL, **fields) for metric in ("input_cost", "output_cost", "total_cost") for fields in (
        {}, {"dimensions": ["span_model_name"]}, {"dimensions": ["span_model_provider"]}, BY_DAY, {"start_time_ms": 1_767_323_045_001}, {"end_time_ms": 1_767_323_045_599})],
    _ask("SPANS", "total_cost", ["SUM"], start_time_ms=-9_223_372_036_854_775_808, end_time_ms=9_223_372_036_854_775_807),
    _ask("SPANS", "total_cost", ["SUM"], start_time_ms=9_223_372_036_854_775_807), _ask("SPANS", "total_cost", ["SUM"], end_time_ms=-9_223_372_036_854_775_808),
    *[_ask("ASSESSMENTS", "assessment_count", **fields) for fields in ({}, {"dimensions": ["assessment_name"]}, {"dimensions": ["assessment_value"]}, {"dimensions": ["assessment_name", "assessment_value"]}, BY_DAY)],
    *[_ask("ASSESSMENTS", "assessment_value", TIMES, **fields) for fields in ({}, {"dimensions": ["assessment_name"]}, BY_DAY | {"dimensions": ["assessment_name"]})],
]

FILTERS = [
    "trace.status = 'OK'", 'trace.status = "OK"', "trace.status='OK'", " trace.status = 'OK' ", "trace.tag.env = 'prod'", "trace.tag.`a b` = '50%'", 'trace.tag."a b" = "50%"', f"trace.tag.`{NAME}` = 'n'",
    f"trace.tag.{NAME} = 'n'", "trace.tag.nope = 'x'", "trace.metadata.x = 'y'", f"trace.metadata.`{SESSION}` = 's'", f"trace.metadata.{SESSION} = 's'", "trace.metadata.`mlflow.sourceRun` = '$run'",
    f"trace.metadata.`{COST}` = '{{\"total_cost\": 0.5}}'", f"trace.metadata.`{COST}` = '{{\"total_cost\":0.5}}'", f"trace.metadata.`{USAGE}` = '{{\"input_tokens\": 3, \"output_tokens\": 4, \"total_tokens\": 7}}'",
    "span.name = 'llm'", "span.type = 'LLM'", "span.status = 'ERROR'", "assessment.name = 'q'", "assessment.type = 'feedback'",
    "", " ", "x", "status = 'OK'", "trace = 'x'", "trace.x = 'x'", "trace.status.x = 'x'", "trace.tag = 'x'", "trace.tag. = 'x'", "x.y = 'z'", "`trace`.status = 'OK'", "trace.`status` = 'OK'", "trace.status",
    "trace.status != 'OK'", "trace.status LIKE 'O%'", "trace.status = 5", "trace.status = OK", "trace.status = ", "'OK' = trace.status", "trace.status IN ('OK')", "trace.status IS NULL",
    "trace.status = 'OK' AND trace.status = 'OK'", "trace.status = 'OK'; trace.status = 'OK'", "trace.status = 'OK';", "(trace.status = 'OK')", "trace.status = 'it''s'", "TRACE.status = 'OK'",
]

FORMS = [{"view_type": ...}, {"view_type": "X"}, {"view_type": 1}, {"view_type": None}, {"metric_name": ...}, {"metric_name": ""}, {"metric_name": "nope"}, {"metric_name": 5}, {"aggregations": ...}, {"aggregations": []},
         {"aggregations": "x"}, {"aggregations": [{}]}, {"aggregations": [5]}, {"aggregations": [{"aggregation_type": "SUM"}]}, {"aggregations": [{"aggregation_type": "X"}]}, {"aggregations": [{"aggregation_type": 1}]},
         {"aggregations": [{"aggregation_type": "COUNT"}, {"aggregation_type": "COUNT"}]}, {"aggregations": [{"aggregation_type": "PERCENTILE"}], "metric_name": "latency"},
         {"aggregations": [{"aggregation_type": "PERCENTILE", "percentile_value": 100.5}], "metric_name": "latency"}, {"aggregations": [{"aggregation_type": "PERCENTILE", "percentile_value": -1}], "metric_name": "latency"},
         {"aggregations": [{"aggregation_type": "COUNT", "percentile_value": 5}]}, {"aggregations": [{"aggregation_type": "MIN"}, {"aggregation_type": "COUNT"}]}, {"dimensions": ["nope"]}, {"dimensions": ["span_name"]},
         {"dimensions": "trace_name"}, {"dimensions": [5]}, {"metric_name": "session_count", "dimensions": ["trace_name"]}, {"filters": "x"}, {"filters": [5]}, {"time_interval_seconds": 60},
         {"time_interval_seconds": 60, "start_time_ms": 0}, {"time_interval_seconds": 0}, {"time_interval_seconds": -60, "start_time_ms": 0, "end_time_ms": LAST}, {"time_interval_seconds": "x"},
         {"start_time_ms": "x"}, {"start_time_ms": "5"}, {"max_results": -1}, {"max_results": "x"}, {"max_results": 2_000_000}, {"experiment_ids": ...}, {"experiment_ids": ["abc"]}, {"experiment_ids": "0"},
         {"experiment_ids": [5]}, {"view_type": "SPANS"}, {"view_type": "SPANS", "metric_name": "nope"}, {"view_type": "ASSESSMENTS", "metric_name": "nope"}, {"unknown": 1}]

CORRELATIONS = [{}, {"filter_string2": "status = 'OK'"}, {"filter_string2": "status = 'ERROR'"}, {"filter_string1": "timestamp > 0"}, {"base_filter": "timestamp > 1000"}, {"base_filter": ""}, {"base_filter": "name = 'none'"},
                {"filter_string2": "feedback.q = 'yes'"}, {"filter_string1": "feedback.q IS NOT NULL", "filter_string2": "span.name = 'x'"}, {"filter_string1": "run_id = '$run'", "filter_string2": "name = 'n'"},
                {"filter_string1": ""}, {"filter_string2": ...}, {"filter_string1": 5}, {"filter_string1": "x"}, {"base_filter": "x"}, {"base_filter": 5}, {"experiment_ids": []}, {"experiment_ids": ...},
                {"experiment_ids": ["abc"]}, {"experiment_ids": ["$exp", "0"], "filter_string2": "name = 'm'"}, {"experiment_ids": "0"}, {"unknown": 1}]

PROMPTS = [[{"name": "p", "version": "1"}], [{"name": "p", "version": "1"}, {"name": "q", "version": "2"}], [{"name": "p", "version": "1"}] * 2, [], ..., None, "x", [5], [{"name": "p", "version": "x"}], [{"name": "p"}],
           [{"version": " 07 "}], [{"name": "p", "version": 3}], [{"name": "p" * 40, "version": "1"}], [{"name": "a b/c", "version": "1"}]]


def _correlate(fields):
    body = {"experiment_ids": ["$exp"], "filter_string1": "status = 'OK'", "filter_string2": "name = 'n'"} | fields
    return post(CORRELATION, {key: value for key, value in body.items() if value is not ...})


def _link(versions):
    body = {"trace_id": TRACE} if versions is ... else {"trace_id": TRACE, "prompt_versions": versions}
    search = [post(f"{V3}/search", {"locations": [location()], "filter": f"prompt = '{prompt}'"}) for prompt in ("p/1", "q/2", "/7")]
    return a_trace(), post("traces/link-prompts", body), post("traces/link-prompts", body), search


def _chunks(rows, size=25):
    return [rows[at:at + size] for at in range(0, len(rows), size)]


CASES = [
    *[case(f"question {number}", setup(), chunk) for number, chunk in enumerate(_chunks(QUESTIONS))],
    *[case(f"filter {number}", setup(), [[_ask(filters=[text]), _ask("SPANS", "span_count", filters=[text]), _ask("ASSESSMENTS", "assessment_count", filters=[text])] for text in chunk])
      for number, chunk in enumerate(_chunks(FILTERS, 15))],
    case("filters", setup(), _ask(filters=["trace.status = 'OK'", "trace.tag.env = 'prod'"]), _ask("SPANS", "total_cost", ["SUM"], filters=["trace.status = 'OK'", "span.name = 'llm'"]),
         _ask("SPANS", "total_cost", ["SUM"], filters=["span.status = 'OK'"]), _ask("SPANS", "span_count", filters=["span.name = 'llm'", "trace.x = 'y'"])),
    *table("form", FORMS, lambda fields: (a_trace(), _form(fields))),
    *table("correlation", CORRELATIONS, lambda fields: (setup(), _correlate(fields))),
    *table("prompts", PROMPTS, _link),
    case("prompts of no trace", post("traces/link-prompts", {"trace_id": "nope", "prompt_versions": [{"name": "p", "version": "1"}]}), post("traces/link-prompts", {"trace_id": "nope", "prompt_versions": []}),
         post("traces/link-prompts", {"prompt_versions": [{"name": "p", "version": "1"}]}), post("traces/link-prompts", {"trace_id": "", "prompt_versions": [{"name": "p", "version": "1"}]})),
    case("what is too large to add up", a_trace(), assess(TRACE, "q", feedback={"value": 1e300}), assess(TRACE, "q", feedback={"value": 1e300}), _ask("ASSESSMENTS", "assessment_value", ["AVG"]),
         _ask("ASSESSMENTS", "assessment_value", ["MAX", 50])),
    case("bodies", experiment(), raw("POST", METRICS, "{"), raw("POST", METRICS, "{}", None), raw("POST", CORRELATION, ""), raw("POST", "traces/link-prompts", "[]")),
    case("spans of a trace", experiment(), ingest("a", span("ask", 0, 10), span("llm", 1, 2, "2", "1", mlflow__llm__cost={"total_cost": 1.5})), start(f"tr-{otel_id('a')}"),
         _ask("SPANS", "total_cost", ["SUM"], filters=["trace.status = 'OK'"]), post("traces/delete-traces", {"experiment_id": "$exp", "request_ids": [f"tr-{otel_id('a')}"]}), _ask("SPANS", "span_count")),
]
