"""Filters of traces by what is said of them and by what happened in them."""

from parity.case import case, experiment, post
from parity.traces import V3, assess, ingest, location, otel_id, span, start

SESSION = "mlflow.trace.session"

FILTERS = [
    *[f"{kind}.{name} {test}" for kind, name in (("feedback", "q"), ("expectation", "e"), ("feedback", "`a b`"), ("feedback", "nope"))
      for test in ("= 'yes'", "= '1.0'", "= 'true'", "= '1'", "!= 'yes'", "LIKE '%e%'", "ILIKE 'YES'", "RLIKE '^.y'", "> 0.5", ">= 1", "< 1", "<= 0.25", "> -1", "IS NULL", "IS NOT NULL")],
    "feedback.score = '0.25'", "feedback.score = '0.250'", "feedback.score > 0.2", "feedback.score > 0.25", "feedback.text = 'it is \"so\"'", "feedback.text LIKE '%so%'", "feedback.list = '[1.0, \"a\"]'",
    "feedback.session = 'yes'", "feedback.session IS NULL", "feedback.session IS NOT NULL", "feedback.session != 'yes'", "feedback.q = 'yes' AND feedback.score > 0", "feedback.q IS NULL AND expectation.e IS NULL",
    "feedback.q = 5", "feedback.q > 'yes'", "feedback.q IN ('yes')", "feedback.q = yes", "feedback. = 'x'", "feedback = 'x'", "feedback.q = true", "expectation.e = 'Paris'", "expectation.e LIKE '\"P%'", "expectation.n > 4",
    "expectation.n = '5'", "expectation.n = '5.0'", "issue.id = 'iss-1'", "issue.id != 'iss-1'", "issue.name = 'x'", "issue.id LIKE 'i%'",
    "span.name = 'llm'", "span.name != 'llm'", "span.name LIKE 'l%'", "span.name ILIKE 'L%'", "span.name RLIKE '^l+m$'", "span.name RLIKE '['", "span.name IN ('llm', 'x')", "span.name NOT IN ('llm', 'ask')", "span.type = 'LLM'",
    "span.type != 'LLM'", "span.status = 'ERROR'", "span.status IN ('ERROR', 'OK')", "span.name = 'llm' AND span.status = 'ERROR'", "span.name = 'ask' AND span.type = 'LLM'", "span.content LIKE '%gpt%'",
    "span.content ILIKE '%GPT%'", "span.content = 'x'", "trace.text LIKE '%gpt%'", "text LIKE '%gpt%'", "span.attributes.model = 'gpt'", "span.attributes.model LIKE '%gpt%'", "span.attributes.model ILIKE '%GPT%'",
    "span.attributes.model != 'gpt'", "span.attributes.model RLIKE 'gpt'", "span.attributes.model RLIKE '^gpt'", "span.attributes.model RLIKE 't$'", "span.attributes.model RLIKE '^gpt$'", "span.attributes.model RLIKE '^pt$'",
    "span.attributes.`a b` LIKE '%1%'", "span.attributes.a.b LIKE '%c%'", "span.attributes.nope LIKE '%c%'", "span.attributes.temperature LIKE '%0.5%'", "span.attributes. LIKE '%c%'", "span.attributes LIKE 'x'", "span.x = 'y'",
    "span.name IS NULL", "span.name > 5", "SPAN.name = 'llm'", "span.name like 'l%'", "span.NAME = 'llm'", "status = 'OK' AND span.name = 'llm' AND feedback.q = 'yes'", "name RLIKE '^n'", "tags.env RLIKE 'p.o'", "tags.env RLIKE '('",
    "metadata.x RLIKE 'y|z'", "request_id RLIKE '0$'", "client_request_id RLIKE 'x'", "status RLIKE 'O'",
]


def setup():
    yield experiment()
    yield start(f"tr-{otel_id('a')}", request_time="1970-01-01T00:00:01Z", trace_metadata={SESSION: "s"}, tags={"mlflow.traceName": "n1", "env": "prod"})
    yield start(f"tr-{otel_id('b')}", request_time="1970-01-01T00:00:02Z", trace_metadata={SESSION: "s", "x": "y"}, tags={"mlflow.traceName": "m"})
    yield start(f"tr-{otel_id('c')}", request_time="1970-01-01T00:00:03Z", state="ERROR", trace_metadata={}, tags={})
    yield start(f"tr-{otel_id('d')}", request_time="1970-01-01T00:00:04Z", trace_metadata={}, tags={})
    yield assess(f"tr-{otel_id('a')}", "q", feedback={"value": "yes"})
    yield assess(f"tr-{otel_id('a')}", "score", feedback={"value": 0.25})
    yield assess(f"tr-{otel_id('a')}", "session", feedback={"value": "yes"}, metadata={SESSION: "s"})
    yield assess(f"tr-{otel_id('a')}", "a b", feedback={"value": True})
    yield assess(f"tr-{otel_id('b')}", "q", "old", feedback={"value": "yes"})
    yield assess(f"tr-{otel_id('b')}", "q", feedback={"value": 1}, overrides="$old")
    yield assess(f"tr-{otel_id('b')}", "text", feedback={"value": 'it is "so"'})
    yield assess(f"tr-{otel_id('b')}", "list", feedback={"value": [1, "a"]})
    yield assess(f"tr-{otel_id('b')}", "e", expectation={"value": "Paris"})
    yield assess(f"tr-{otel_id('c')}", "n", expectation={"serialized_value": {"serialization_format": "JSON_FORMAT", "value": "5"}})
    yield assess(f"tr-{otel_id('c')}", "iss-1", issue={"issue_name": "slow"})
    yield assess(f"tr-{otel_id('c')}", "q", feedback={"value": None, "error": {"error_code": "E"}})
    yield ingest("a", span("ask", mlflow__spanType="CHAIN"), span("llm", 1, 2, "2", "1", mlflow__spanType="LLM", model="gpt", temperature=0.5, **{"a b": 1}))
    yield ingest("c", span("ask", status=2, mlflow__spanType="CHAIN", **{"a__b": {"c": "d"}}), span("llm", 1, 2, "2", "1", 2, mlflow__spanType="LLM", model="gpt-4"))


def _chunks(rows, size=20):
    return [rows[at:at + size] for at in range(0, len(rows), size)]


CASES = [case(f"filter {number:02d}", setup(), [post(f"{V3}/search", {"locations": [location()], "filter": text}) for text in chunk]) for number, chunk in enumerate(_chunks(FILTERS))]
