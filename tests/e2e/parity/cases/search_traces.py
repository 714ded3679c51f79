"""Searching traces, by both APIs."""

from parity.case import a_run, case, get, kv, patch, post, table
from parity.traces import V3, location, start

SESSION, USAGE, COST = "mlflow.trace.session", "mlflow.trace.tokenUsage", "mlflow.trace.cost"

# state, seconds, duration, tags, metadata, client request id
TRACES = [
    ("OK", 1, "0.100s", {"mlflow.traceName": "answer", "env": "prod"}, {"mlflow.sourceRun": "$run", SESSION: "s1"}, "c1"),
    ("ERROR", 2, "0.200s", {"mlflow.traceName": "Answer", "env": "dev", "a b": "50%"}, {SESSION: "s1", USAGE: '{"input_tokens": 1, "total_tokens": 3}'}, None),
    ("IN_PROGRESS", 3, None, {"env": "Prod"}, {"x": "y", COST: '{"total_cost": 0.5}'}, "c2"),
    ("OK", 3, "2s", {"mlflow.traceName": "other"}, {"x": "z"}, "C1"),
    ("STATE_UNSPECIFIED", 5, "0s", {}, {}, ""),
]

FILTERS = """

status = 'OK'
status != 'OK'
status IN ('OK', 'ERROR')
status NOT IN ('OK')
status LIKE 'O%'
status ILIKE 'ok'
status RLIKE '^(OK|ERROR)$'
status RLIKE '('
status rlike 'R'
status > 'OK'
status IS NULL
status = 5
attributes.status = 'OK'
attribute.status = 'OK'
trace.status = 'OK'
attr.status = 'OK'
`status` = 'OK'
timestamp > 2000
timestamp >= 2000 AND timestamp < 5000
timestamp = 3000
timestamp > '2000'
timestamp > 2000.5
timestamp > -1
TIMESTAMP > 2000
timestamp
timestamp >
timestamp LIKE 5
status = 'OK' AND timestamp > 2000
timestamp > 2000 AND status = 'OK'
timestamp_ms > 2000
timestamp_ms != 3000
timestamp_ms IN (1)
attributes.timestamp > 2000
trace.timestamp_ms > 2000
execution_time > 150
execution_time_ms <= 200
end_time >= 3000
end_time_ms < 3000
request_id = '$exp-1'
request_id IN ('$exp-1', '$exp-3')
request_id NOT IN ('$exp-1')
request_id LIKE '$exp%'
client_request_id = 'c1'
client_request_id != 'c1'
client_request_id = ''
client_request_id ILIKE 'c1'
client_request_id IN ('c1')
name = 'answer'
name != 'answer'
name LIKE 'A%'
name ILIKE 'a%'
name RLIKE 'sw'
name IN ('answer')
name IS NULL
name IS NOT NULL
attributes.name = 'answer'
tags.name = 'answer'
tags.mlflow.traceName = 'answer'
tags.`mlflow.traceName` IS NULL
run_id = '$run'
run_id = '$exp-run'
run_id = 'nope'
run_id != 'nope'
run_id IN ('$run')
run_id LIKE '%'
prompt = 'a/1'
prompt = 'a'
prompt != 'a/1'
prompt LIKE 'a/%'
tags.env = 'prod'
tag.env != 'prod'
tags.env ILIKE 'PROD'
tags.env LIKE 'p%'
tags.env RLIKE '^[pP]'
tags.env IS NULL
tags.env IS NOT NULL
tags.env IN ('prod')
tags.env = ('prod')
tags.env > 'a'
tags.env = 5
tags.`a b` = '50%'
tags."a b" LIKE '50%'
tags.nokey != 'x'
tags.env = 'prod' AND tags.env = 'dev'
tags.timestamp = 'x'
metadata.x = 'y'
request_metadata.x != 'y'
metadata.x IS NULL
metadata.x IS NOT NULL
metadata.x IN ('y')
metadata.x = 5
metadata.`mlflow.trace.session` = 's1'
metadata.mlflow.trace.session != 's1'
metadata.mlflow.trace.session IS NULL
metadata.mlflow.trace.session IN ('s1')
metadata.`mlflow.trace.tokenUsage` = '{"input_tokens": 1, "total_tokens": 3}'
metadata.`mlflow.trace.tokenUsage` = '{"total_tokens": 3, "input_tokens": 1}'
metadata.`mlflow.trace.tokenUsage` != '{"input_tokens": 1, "total_tokens": 3}'
metadata.`mlflow.trace.tokenUsage` != 'x'
metadata.`mlflow.trace.tokenUsage` IS NULL
metadata.`mlflow.trace.tokenUsage` IS NOT NULL
metadata.`mlflow.trace.tokenUsage` LIKE '%'
metadata.`mlflow.trace.cost` = '{"total_cost": 0.5}'
metadata.`mlflow.trace.cost` = '{"total_cost": 0.50}'
metadata.`mlflow.trace.cost` IS NOT NULL
metadata.run_id = '$run'
span.name = 'x'
span.name like 'x'
span.name LIKE 'x'
span.type IN ('LLM')
span.status = 'OK' AND span.name != 'x'
span.content LIKE '%x%'
span.content = 'x'
span.attributes.a LIKE '%x%'
span.attributes.`a b` = 'x'
span.attributes. = 'x'
span.nope = 'x'
span.name = 5
span.name IS NULL
trace.text LIKE '%x%'
attributes.text LIKE '%x%'
trace.text = 'x'
text LIKE 'x'
feedback.good = 'yes'
feedback.good != 'yes'
feedback.good > 0.5
feedback.good > '0.5'
feedback.good = 5
feedback.good = true
feedback.good IS NULL
feedback.good IS NOT NULL
feedback.good LIKE 'y%'
feedback.good RLIKE 'y'
feedback.good IN ('yes')
feedback.name = 'x'
feedback. = 'x'
expectation.answer = 'x'
expectation.answer IS NULL
expectation.answer >= 1
issue.id = 'iss-1'
issue.id != 'iss-1'
issue.name = 'x'
issue.x = 'x'
issue.id IN ('iss-1')
assessment.x = 'y'
params.x = 'y'
metrics.x > 1
foo = 'x'
experiment_id = '$exp'
Status = 'OK'
status = 'OK' OR status = 'ERROR'
(status = 'OK')
NOT status = 'OK'
status = OK
status = 'OK
status = 'OK';
status BETWEEN 'A' AND 'Z'
1 = 1
""".strip("\n").split("\n")

ORDERS = [[], ["timestamp"], ["timestamp ASC"], ["timestamp_ms DESC"], ["TIMESTAMP"], ["execution_time ASC"], ["execution_time_ms DESC"], ["end_time ASC"], ["end_time_ms DESC"],
          ["status ASC"], ["status", "timestamp ASC"], ["request_id DESC"], ["experiment_id"], ["name ASC"], ["name DESC"], ["tags.env ASC"], ["tags.env DESC"], ["tags.`a b`"],
          ["tags.mlflow.traceName"], ["metadata.x DESC"], ["metadata.mlflow.trace.session"], ["metadata.mlflow.trace.cost"], ["run_id ASC"], ["run_id"], ["attributes.status DESC"], ["trace.status"],
          ["client_request_id"], ["prompt"], ["text"], ["span.name"], ["feedback.a"], ["issue.id"], ["nope"], ["params.x"], ["status", "status"], ["name", "tags.name"], ["timestamp", "timestamp_ms"],
          ["status UP"], ["status ASC x"], [""], [5], ["timestamp desc nulls first"], ["`status`"]]

FORMS = [{"max_results": 1}, {"max_results": 500}, {"max_results": 501}, {"max_results": 0}, {"max_results": -1}, {"max_results": "2"}, {"max_results": "x"}, {"max_results": 1.5},
         {"filter": 5}, {"filter": None}, {"order_by": "status"}, {"order_by": None}, {"page_token": ""}, {"page_token": "x"}, {"page_token": "eyJvZmZzZXQiOiAyfQ=="},
         {"page_token": "eyJvZmZzZXQiOiA5OX0="}, {"page_token": 5}, {"locations": []}, {"locations": None}, {"locations": "abc"}, {"locations": [5]}, {"locations": [{}]},
         {"locations": [location("0")]}, {"locations": [location("abc")]}, {"locations": [location("")]}, {"locations": [location("1.5")]}, {"locations": [location("1.5" * 9)]},
         {"locations": [location("999999")]}, {"locations": [location(), location()]}, {"locations": [{"inference_table": {"full_table_name": "a.b.c"}}]}]


def setup():
    steps = [a_run()]
    for number, (state, second, duration, tags, metadata, client) in enumerate(TRACES, 1):
        steps.append(start(f"$exp-{number}", state=state, request_time=f"1970-01-01T00:00:0{second}Z", execution_duration=duration or ..., tags=tags,
                           trace_metadata=metadata, client_request_id=client or ..., request_preview=..., response_preview=...))
    steps.append(post("traces/link-to-run", {"trace_ids": ["$exp-3"], "run_id": "$exp-run"}))
    return steps


def search(**fields):
    body = {"locations": [location()]} | fields
    return post(f"{V3}/search", {key: value for key, value in body.items() if value is not ...})


def older(**fields):
    return get("traces", [(key, entry) for key, value in ({"experiment_ids": ["$exp"]} | fields).items() for entry in (value if isinstance(value, list) else [value])])


def _chunks(rows, size=20):
    return [rows[at:at + size] for at in range(0, len(rows), size)]


CASES = [
    *[case(f"filter {number:02d}", setup(), [search(filter=text) for text in chunk]) for number, chunk in enumerate(_chunks(FILTERS))],
    *[case(f"order {number:02d}", setup(), [search(order_by=order) for order in chunk]) for number, chunk in enumerate(_chunks(ORDERS))],
    *table("form", FORMS, lambda fields: (setup(), search(**fields))),
    case("pages", setup(), post(f"{V3}/search", {"locations": [location()], "max_results": 2}, pages="traces")),
    case("no locations", setup(), search(locations=...)),
    case("older clients", setup(), older(), older(filter="status = 'OK'"), older(order_by=["status", "timestamp ASC"]), older(max_results="2"), older(max_results="501"), older(max_results="x"),
         older(filter="x"), older(experiment_ids=["$exp", "0"]), older(experiment_ids=["abc"]), older(experiment_ids=[]), get("traces", {"filter": "x"}),
         get("traces", [("experiment_ids", "$exp"), ("max_results", "2")], pages="traces")),
    case("what changed", setup(), patch("traces/$exp-1/tags", {"key": "env", "value": "new"}), search(filter="tags.env = 'new'"), patch("traces/$exp-1/tags", {"key": "mlflow.traceName", "value": "new"}),
         search(filter="name = 'new'"), post("traces/delete-traces", {"experiment_id": "$exp", "request_ids": ["$exp-1"]}), search(),
         post("traces", {"experiment_id": "$exp", "timestamp_ms": 9, "tags": kv(env="old")}), search(filter="tags.env = 'old'")),
]
