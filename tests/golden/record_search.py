"""Records how MLflow reads filters, orderings and page tokens, for the table test in src/search/tests.

    pip install mlflow==3.18.0
    python tests/golden/record_search.py > tests/golden/search.json

Every input goes through a real SQLAlchemy store over an empty SQLite file, so that what counts is what a client would be
told; what the store accepts is written down in neutral form with the help of MLflow's own parsers. Python prints sets in
random order and objects with their addresses: the former are sorted here, the latter left out.
"""

import base64
import json
import re
import sys
import tempfile

from mlflow.entities import ViewType
from mlflow.entities.logged_model_status import LoggedModelStatus
from mlflow.exceptions import MlflowException
from mlflow.store.model_registry.sqlalchemy_store import SqlAlchemyStore as RegistryStore
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
from mlflow.utils.search_logged_model_utils import parse_filter_string
from mlflow.utils.search_utils import (
    SearchExperimentsUtils,
    SearchLoggedModelsPaginationToken,
    SearchModelUtils,
    SearchModelVersionUtils,
    SearchUtils,
)

COMPARISONS = ["=", "!=", ">", ">=", "<", "<=", "LIKE", "like", "ILIKE", "iLike", "==", "<>", "=!", "RLIKE", "NOT LIKE", "REGEXP"]

# Shapes that mean something in all three languages; {s} is a text subject, {n} a numeric one, {l} one that takes lists.
SHAPES = [
    "", " ", "\n", "   \t", ";", "{s} = 'x';", "{s} = 'x'; ", "{s} = 'x'; {s} = 'y'", "; {s} = 'x'", "{s} = 'x' ;\n",
    "{s} = 'x'", "{s}='x'", "  {s}   =\n\t'x'  ", "{s} = \"x\"", "{s} = `x`", "{s} = x", "{s} = 5", "{s} = 1.5", "{s} = true",
    "{s} = NULL", "{s} = ''", "{s} = 'it''s'", "{s} = 'it\\'s'", "{s} = \"say \"\"hi\"\"\"", "{s} = 'a\"b'", "{s} = \"a'b\"",
    "{s} = 'x", "{s} = x'", "{s} = 'C:\\dir\\'", "{s} = 'C:\\' AND {s} = 'x'", "{s} = '日本語 ü 😀'", "{s} = 'a\nb'", "{s} = '-- no'",
    "{s} = '/* no */'", "{s} = 'a AND b'", "{s} = 'a;b'", "{s} = '(a)'", "{s} = ('x')", "{s} = ()", "{s} LIKE ('x')", "{s} LIKE('x')",
    "{s} = 'x' AND {n} > 1", "{s} = 'x' and {n} > 1", "{s} = 'x' aNd {n} > 1", "{s} = 'x' {n} > 1", "{s} = 'x' AND", "AND {s} = 'x'",
    "AND", "AND AND", "{s} = 'x' AND AND {n} > 1", "{s} = 'x' OR {n} > 1", "NOT {s} = 'x'", "({s} = 'x')", "({s} = 'x') AND {n} > 1",
    "{s} = 'x' AND ({n} > 1)", "AND({s} = 'x')", "{s} = 'x', {n} > 1", "{s} = 'x' && {n} > 1", "{s} = 'x'AND {n}>1",
    "{s}", "{s} =", "= 'x'", "'x' = {s}", "5 = {n}", "{s} = 'x' = 'y'", "{s} 'x'", "{s} = = 'x'", "{s} {s} = 'x'", "{s} = 'x' foo",
    "{s} BETWEEN 'a' AND 'b'", "{n} BETWEEN 1 AND 2", "{s} IN 'x'", "{s} IS NULL", "{s} is not null", "{s} IS  NULL", "{s} IS NOT  NULL",
    "{s} IS NOT NULL AND {n} > 1", "{n} > 1 AND {s} IS NULL", "{s} IS 'x'", "{s} = 'x' -- note", "-- note\n{s} = 'x'", "/* a */ {s} = 'x'",
    "{s} = 'x' /* a */", "{s} = /* a */ 'x'", "{s} = 'x' # a", "{s} = 'x' + 'y'", "{s} = 'x' || 'y'", "{s} = a.b", "{s} = a.b.c",
    "{s} = f('x')", "{s} = ?", "{s} = %s", "{s} = :x", "{s} = $1", "{s} = @x", "{s} = [x]", "{s} = {{x}}", "{s} = \\x", "{s} = 'x'::text",
    "?", "%", "😀", "`", "'", "\"", "´", "(", ")", "((", "[", "]", "{{", ".", ",", "*", "-", "--", "/*", "$$", "\\",
    "{n} > 1", "{n}>1", "{n} > -1", "{n} > +1", "{n} > - 1", "{n} > 1.5", "{n} > .5", "{n} > -.5", "{n} > 5.", "{n} > 1e5", "{n} > 1E-5",
    "{n} > 1e+5", "{n} > 1.5e5", "{n} > 1.e5", "{n} > 1e999", "{n} > 0x1", "{n} > 1_000", "{n} > 007", "{n} > 12abc", "{n} > 1a",
    "{n} > 99999999999999999999", "{n} > 9223372036854775807", "{n} > -9223372036854775808", "{n} > 1.", "{n} > inf", "{n} > nan",
    "{n} > NaN", "{n} > '5'", "{n} > \"5\"", "{n} > x", "{n} > 1 2", "{n} > 1,2", "{n} > (1)", "{n} IN (1, 2)", "{n} > 1+1", "{n} > 1AND {n} < 5",
    "{n} IS NULL", "{n} IS NOT NULL", "{n} > NULL", "{n} > 1 AND {n} < 5 AND {n} != 3 AND {n} >= 0 AND {n} <= 9",
    "{l} IN ('a')", "{l} IN ('1','2')", "{l} in ('1', \"2\")", "{l} IN ('1',)", "{l} IN('1')", "{l} NOT IN ('1')", "{l} not  in ('1','2')",
    "{l} IN ()", "{l} IN (,)", "{l} IN ('1',,)", "{l} IN ('1' '2')", "{l} IN ('1';'2')", "{l} IN (1)", "{l} IN (1, 2)", "{l} IN ('1', 2)",
    "{l} IN ('1', 1.5, None, True)", "{l} IN (a)", "{l} IN ('1'", "{l} IN '1')", "{l} IN (('1'))", "{l} IN (('1','2'))", "{l} IN (('1'), ('2'))", "{l} IN (('1',),)", "{l} IN ['1']",
    "{l} IN ('1') AND {n} > 1", "{n} > 1 AND {l} IN ('1')", "{l} IN ('it''s')", "{l} IN ('a\\nb')", "{l} IN ('a\\u00e9\\x41')", "{l} IN ('a\\qb')",
    "{l} IN (\n'1',\n'2'\n)", "{l} NOT ('1')", "{l} = '1'", "{l} != '1'", "{l} = '1_0'", "{l} = ' 1 '", "{l} = '+1'", "{l} = '1.0'", "{l} = ''",
    "{l} IN (-1)", "{l} IN (b'x')", "{l} IN ('a' AND 'b')", "x y {l} IN ('1')", "{l} IN ('1') IN ('2')",
    "SELECT * FROM runs", "1 = 1", "1=1; DROP TABLE runs", "' OR '1'='1", "{s} = 'x' UNION SELECT 1", "{s} = 'x' ORDER BY {n}", "select", "text LIKE 'x'",
]

SUBJECTS = {
    "runs": [
        "metrics.a", "metric.a", "Metrics.a", "METRICS.a", "metrics.", "metrics", ".a", "metrics.a.b.c", "metrics.`a b`", "metrics.\"a b\"", "metrics.'a b'",
        "metrics.\"x/y\"", "metrics.x/y", "metrics.a-b", "metrics.a:b", "metrics.1", "metrics.12ab", "metrics.0lr", "metrics._a", "metrics.a_b", "metrics.été",
        "metrics.日本", "metrics.*", "metrics.select", "metrics.in", "metrics.from", "metrics.values", "metrics.case", "metrics.and", "metrics.like",
        "metrics.null", "metrics.desc", "metrics . a", "metrics. a", "metrics .a", "metrics.f(1)", "metrics.a[0]", "metrics.[a]", "metrics.a desc",
        "metrics.a::int", "metrics.``", "metrics.`a``b`", "metrics.`a.b`", "metrics.\"a`b\"", "metrics.`\"a\"`", "metrics.`'a'`", "`metrics`.a", "\"metrics\".a", "`metrics.a`",
        "params.a", "param.a", "parameter.a", "parameters.a", "tags.a", "tag.a", "tags.`a b`", "tags.mlflow.source.name", "tags.`mlflow.source.name`",
        "attributes.status", "attribute.status", "attr.status", "run.status", "status", "`status`", "\"status\"", "'status'", "Status", "attributes.`status`",
        "start_time", "end_time", "created", "Created", "CREATED", "attributes.created", "run_id", "run_uuid", "run_name", "`run name`", "`Run name`", "`Run Name`",
        "\"Run Name\"", "attributes.`run name`", "`RUN NAME`", "run name", "artifact_uri", "user_id", "experiment_id", "lifecycle_stage", "duration", "inputs",
        "dataset.name", "datasets.digest", "dataset.context", "dataset.`name`", "dataset.profile", "dataset.", "foo.bar", "foo", "f(x)", "a+b", "1", "1.5", "?", "@x", "#xy", "[a b]",
        "true", "timestamp", "text", "user", "source", "metrics.a->b", "metrics.a->>'b'",
    ],
    "experiments": [
        "name", "`name`", "\"name\"", "Name", "attribute.name", "attributes.name", "attr.name", "run.name", "`attribute`.name", "experiment_id", "creation_time",
        "last_update_time", "creation_timestamp", "lifecycle_stage", "artifact_location", "tags.a", "tag.a", "tags.`a b`", "tags.\"a b\"", "tags.mlflow.note.content", "tags.", "tag",
        "metrics.a", "params.a", "TAGS.a", "`name`.x", "1", "f(x)", "tags.select", "tags.in", "tags.x/y", "text",
    ],
    "logged_models": [
        "name", "`name`", "\"name\"", "Name", "attributes.name", "attribute.name", "attributes.`name`", "model_id", "model_type", "status", "source_run_id",
        "status_message", "lifecycle_stage", "experiment_id", "artifact_location", "creation_time", "creation_timestamp", "creation_timestamp_ms",
        "attributes.creation_time", "attributes.creation_timestamp_ms", "last_updated_timestamp", "last_updated_timestamp_ms", "last_updated_time",
        "attributes.last_updated_timestamp_ms", "metrics.a", "metric.a", "Metrics.a", "metrics.`a b`", "metrics.\"a b\"", "metrics.x/y", "metrics.a.b", "metrics.",
        "params.a", "param.a", "params.`a b`", "tags.a", "tag.a", "tags.`a.b`", "tags.\"x\"", "tags.'x'", "foo", "foo.bar", "datasets.name", "x", "1", "1.5", "f(x)", "a+b",
        "experiment", "to_mlflow_entity", "metadata", "`x", "?", "text", "tags.select", "tags.in",
    ],
    "registered_models": [
        "name", "`name`", "\"name\"", "'name'", "Name", "NAME", "attribute.name", "attributes.name", "attr.name", "run.name", "attribute.`name`", "attribute.\"name\"", "`attribute`.name",
        "model.name", "timestamp", "last_updated_timestamp", "creation_timestamp", "run_id", "source_path", "version_number", "description", "aliases", "stage", "tags.a", "tag.a",
        "Tags.a", "TAGS.a", "tags.", "tags", "tag", ".a", "tags.a.b.c", "tags.`a b`", "tags.\"a b\"", "tags.'a b'", "tags.`a.b`", "tags.`\"a\"`", "tags.``", "`tags`.a", "`tags.a`", "tags.x/y",
        "tags.mlflow.prompt.is_prompt", "tags.`mlflow.prompt.is_prompt`", "tag.\"mlflow.prompt.is_prompt\"", "tags.select", "tags.in", "tags.1", "tags.12ab", "tags.日本", "metrics.a", "params.a",
        "foo", "foo.bar", "f(x)", "a+b", "1", "1.5", "?", "text", "true",
    ],
    "model_versions": [
        "name", "`name`", "\"name\"", "'name'", "Name", "attribute.name", "attributes.name", "attr.name", "attribute.`name`", "`attribute`.name", "run_id", "RUN_ID", "attribute.run_id", "`run_id`",
        "source_path", "attribute.source_path", "source", "attribute.source", "version_number", "attribute.version_number", "`version_number`", "attribute.`version_number`", "version", "attribute.version",
        "creation_timestamp", "last_updated_timestamp", "timestamp", "creation_time", "current_stage", "stage", "status", "user_id", "description", "tags.a", "tag.a", "Tags.a", "tags.", "tags",
        "tags.a.b", "tags.`a b`", "tags.\"a b\"", "tags.`a.b`", "tags.version_number", "tags.name", "tags.`mlflow.prompt.is_prompt`", "tags.select", "tags.in", "tags.x/y", "metrics.a", "foo", "foo.bar",
        "f(x)", "a+b", "1", "1.5", "?", "text",
    ],
}

VALUES = {
    "runs": ["1", "1.5", "'x'"],
    "experiments": ["1", "1.5", "'x'", "'1'"],
    "logged_models": ["1", "1.5", "'x'", "'READY'", "'1'"],
    "registered_models": ["1", "1.5", "'x'", "\"true\""],
    "model_versions": ["1", "1.5", "'x'", "'1'"],
}

FILL = {
    "runs": [("params.p", "metrics.m", "run_id"), ("tags.t", "start_time", "dataset.name"), ("status", "end_time", "status")],
    "experiments": [("name", "creation_time", "experiment_id"), ("tags.t", "last_update_time", "name")],
    "logged_models": [("name", "metrics.m", "model_id"), ("params.p", "creation_timestamp_ms", "tags.t"), ("tags.t", "creation_time", "experiment_id")],
    "registered_models": [("name", "name", "name"), ("tags.t", "last_updated_timestamp", "attribute.name")],
    "model_versions": [("name", "version_number", "name"), ("tags.t", "attribute.version_number", "run_id"), ("source_path", "creation_timestamp", "source_path")],
}

PROMPTS = [
    *[f"{key} {op} {value}" for key in ("tags.`mlflow.prompt.is_prompt`", "tag.\"mlflow.prompt.is_prompt\"", "tags.mlflow.prompt.is_prompt")
      for op in ("=", "!=", "LIKE", "ilike") for value in ("'true'", "'false'", "\"TRUE\"", "'False'", "'tr%'", "''", "'x'", "' true'")],
    "name = 'a' AND tags.`mlflow.prompt.is_prompt` = 'true'", "tags.`mlflow.prompt.is_prompt` = 'true' AND name = 'a' AND tags.b != 'c'",
    "tags.`mlflow.prompt.is_prompt` = 'true' AND tags.`mlflow.prompt.is_prompt` = 'false'", "tags.`mlflow.prompt.is_prompt` = 'false' AND tags.`mlflow.prompt.is_prompt` = 'true'",
    "tags.`mlflow.prompt.is_prompt` != 'false' AND tags.`mlflow.prompt.is_prompt` LIKE 't%'", "tags.`mlflow.prompt.is_prompt` LIKE 't%' AND tags.`mlflow.prompt.is_prompt` = 'true'",
    "tags.`mlflow.prompt.is_prompt` != 'true' AND tags.`mlflow.prompt.is_prompt` != 'true'", "tags.`mlflow.prompt.Is_prompt` = 'true'", "tags.`mlflow.prompt.is_prompt ` = 'true'",
]

EXTRA = {
    "runs": [
        "dataset.context IN ('train', 'eval')", "dataset.name = 'a' AND datasets.digest LIKE 'x%'", "tags.a IN ('x')", "params.a IN ('x')", "metrics.a IN (1)",
        "attributes.run_id IN ('a', 'b') AND metrics.a > 1 AND params.`x y` LIKE '%z%' AND tags.\"mlflow.user\" ILIKE 'me'", "run_name LIKE 'a%'", "run_name IN ('a')",
        "status IN ('FINISHED')", "artifact_uri IN ('x')", "dataset.name NOT IN ('a')", "metrics.a > 1 AND foo = 'x' OR", "metrics.a LIKE 1 AND foo = 'x'",
    ],
    "experiments": ["experiment_id IN ('1', 'x')", "experiment_id IN ('1', '99999999999')", "experiment_id = '99999999999'", "experiment_id = 1", "experiment_id IN (1)",
                    "creation_time = '5'", "creation_time > 5.", "name IN ('a')", "tags.a IN ('x')", "experiment_id > '1'", "experiment_id LIKE '1'", "tags.a > 'x'", "experiment_id = 'x'"],
    "registered_models": PROMPTS + [
        "name IN ('a', 'b')", "name NOT IN ('a', \"b\") AND tags.a = 'x'", "attribute.name in ('a')", "tags.a IN ('x')", "tags.a NOT IN ('x')", "name LIKE '%a_'", "name ilike 'A%'",
        "tags.a = 'x' AND tags.a != 'y' AND tags.b LIKE 'z%'", "tags.a > 'x'", "tags.a IS NULL", "name IS NULL", "1 IS NULL", "foo IS NOT NULL", "name = 'a' AND tags.a > 'x' AND foo = 'y'",
        "name > 'a' AND tags.a > 'x'", "name = 1 AND foo = 'x'", "name IN ('a') AND name IN ()", "run_id IN ('a')", "name = tags.a", "name = 'a' and name != 'b'",
    ],
    "model_versions": PROMPTS + [
        "name IN ('a', 'b')", "run_id IN ('a', 'b')", "run_id NOT IN ('a')", "source_path IN ('a')", "version_number IN ('1')", "version_number IN (1)", "version_number IN (1, 2)",
        "version_number = '5'", "version_number > \"5\"", "version_number = ' 7 '", "version_number = '+7'", "version_number = '-7'", "version_number = '1_0'", "version_number = '1.0'",
        "version_number = 'x'", "version_number = 'it\\'s'", "version_number = ''", "version_number = x", "version_number = -1", "version_number = 1.0", "version_number = 1e3", "version_number = 0x1",
        "version_number > 1 AND version_number <= 10", "version_number LIKE 1", "version_number LIKE '1'", "version_number ILIKE 1.5", "version_number != 2147483648", "version_number = 007",
        "source_path LIKE 's3://%'", "source_path = 's3://a/b' AND run_id = 'r'", "source_path > 'a'", "source_path = 5", "run_id = 5", "run_id = 5.5", "name = 1e5", "tags.a = 5", "tags.a IN ('x')",
        "tags.a = 'x' AND tags.a != 'y' AND tags.b LIKE 'z%'", "tags.a IS NULL", "name IS NOT NULL", "5 IS NULL", "name = 'a' AND tags.a > 'x' AND foo = 'y'", "name > 'a' AND tags.a > 'x'",
        "version_number LIKE 1 AND foo = 'x'", "version_number = 'x' AND version_number LIKE 1", "current_stage = 'Production'", "aliases = 'a'", "run_id = ''", "run_id != ''",
    ],
    "logged_models": [
        "status = 'READY'", "status != 'PENDING'", "status = 'FAILED'", "status = 'UNSPECIFIED'", "status = 'ready'", "status = READY", "status = 'LOGGED_MODEL_READY'",
        "status LIKE 'R%'", "status IN ('READY', 'FAILED')", "status NOT IN ('READY',)", "status IN ('x')", "status IN ()", "status = ''", "name = ''x''", "name = '''x'''",
        "tags.a IN ('x', 'y')", "params.a NOT IN ('x')", "metrics.a IN (1)", "name IN ('a', 1)", "name = a + b", "name in ('a')", "metrics.a > 1 and params.b = 'x'",
        "experiment_id = '1'", "experiment_id IN ('1','2')", "experiment_id LIKE '1'", "metrics.a > Infinity", "metrics.a = '1'",
    ],
}

ORDERS = [
    "{k}", "{k} ASC", "{k} DESC", "{k} asc", "{k} Desc", "{k}  DESC", "{k}\tDESC", "{k}\nDESC", " {k}", "{k} ", " {k} DESC", "{k} DESC ", "{k} FOO", "{k} ASC DESC",
    "{k} DESC NULLS LAST", "{k}, {k}", "{k} DESC, {k} ASC", "{k};", "{k} DESC;", "{k} foo bar", "{k} = 1", "({k})", "{k} + 1", "-- {k}", "{k} -- x", "{k} /* x */ DESC",
    "{k} DESC -- x", "{k}'s DESC", "{k} 'DESC'", "{k} `DESC`", "{k} AS b", "NOT {k}",
]

ORDER_LISTS = {
    "runs": [
        [], [""], [" "], ["ASC"], ["DESC"], ["desc desc"], ["5"], ["5 DESC"], ["'metrics.a'"], ["metrics.`a b` DESC"], ["metrics.\"a b\" DESC"], ["metrics.'a b' DESC"],
        ["metrics.`a b`"], ["metrics.\"a b\""], ["metrics.`a\"b` DESC"], ["metrics.`it's` DESC"], ["metrics.`it's`"], ["metrics.`a\\b` DESC"], ["metrics.a\\b DESC"], ["metrics.`a.b` DESC"],
        ["tags.`mlflow.source.name` DESC"], ["`start_time` DESC"], ["\"start_time\" DESC"], ["attribute.start_time"], ["attributes.`start_time` desc"], ["created DESC"], ["Created"],
        ["run name"], ["`run name`"], ["`Run Name` DESC"], ["run_name"], ["attributes.run_name"], ["status"], ["end_time"], ["user_id"], ["artifact_uri"], ["run_id"], ["run_id DESC"],
        ["experiment_id"], ["lifecycle_stage"], ["foo"], ["foo.bar"], ["dataset.name"], ["timestamp"], ["timestamp DESC"], ["text"], ["select DESC"], ["metrics.a", "metrics.a"],
        ["metrics.a DESC", "metric.a ASC"], ["params.a", "param.a"], ["metrics.a", "params.a", "tags.a"], ["start_time", "created"], ["start_time DESC", "foo"], ["metrics.a", "metrics.a", "foo"],
        ["foo", "metrics.a", "metrics.a"], ["run_id", "start_time ASC"], ["metrics.x/y"], ["metrics.x-y DESC"], ["metrics.1"], ["metrics.0a DESC"], ["metrics.select DESC"], ["metrics.in DESC"],
        ["metrics.a[0]"], ["metrics.f(1) DESC"], ["metrics. a DESC"], ["metrics . a DESC"], ["metrics."], ["metrics.日本 DESC"], ["日本"], ["metrics.it's", "metrics.\"q\"", "metrics.it's"],
        ["tags.'it\"s'", "tags.'it\"s'"], ["metrics.a\n"], ["`metrics`.a DESC"], ["`metrics`.a"], ["metrics.*"], ["*"], ["?"], ["metrics.`` DESC"], ["metrics.``"], ["``"], ["`` DESC"],
    ],
    "experiments": [
        [], [""], ["name"], ["name DESC"], ["experiment_id"], ["experiment_id asc"], ["creation_time DESC", "experiment_id ASC"], ["last_update_time"], ["last_update_time DESC"],
        ["tags.a"], ["metrics.a"], ["attribute.name desc"], ["attr.name"], ["foo"], ["name", "name"], ["name", "foo"], ["`name` DESC"], ["creation_timestamp"], ["timestamp"], ["lifecycle_stage"],
    ],
    "registered_models": [
        [], [""], [" "], ["name"], ["name DESC"], ["name asc"], ["`name`"], ["`name` DESC"], ["\"name\""], ["\"name\" DESC"], ["'name' DESC"], ["Name"], ["NAME desc"], ["attribute.name"], ["attribute.name DESC"],
        ["timestamp"], ["timestamp ASC"], ["timestamp DESC"], ["timestamp desc"], ["TIMESTAMP"], ["Timestamp DESC"], [" timestamp"], ["timestamp "], ["timestamp\tDESC"], ["timestamp \n DESC"], ["timestamp DESC "],
        ["timestamp FOO"], ["timestamp DESC NULLS LAST"], ["timestamp, name"], ["timestamp DESC, name"], ["timestamp;"], ["timestamp -- x"], ["timestamp /* x */ DESC"], ["`timestamp`"], ["`timestamp` DESC"],
        ["attribute.timestamp"], ["timestamp()"], ["timestamp 'x'"], ["timestamp DESC DESC"], ["timestampDESC"], ["timestamp.a"],
        ["last_updated_timestamp"], ["last_updated_timestamp DESC"], ["creation_timestamp"], ["creation_timestamp DESC"], ["creation_time"], ["tags.a"], ["tags.name"], ["version_number"], ["foo"], ["foo DESC"],
        ["it's DESC"], ["name", "name"], ["name DESC", "name ASC"], ["timestamp", "last_updated_timestamp"], ["timestamp DESC", "name"], ["name", "timestamp"], ["name", "foo"], ["name", "name", "foo"], ["foo", "name", "name"],
        ["timestamp", "name", "last_updated_timestamp DESC"],
    ],
    "model_versions": [
        [], [""], [" "], ["name"], ["name DESC"], ["`name`"], ["`name` DESC"], ["\"name\""], ["Name"], ["attribute.name"], ["attributes.name DESC"], ["attr.name"], ["attribute.`name` DESC"], ["attribute.`name`"],
        ["version_number"], ["version_number DESC"], ["version_number asc"], ["version"], ["version DESC"], ["creation_timestamp"], ["creation_timestamp DESC"], ["last_updated_timestamp"], ["last_updated_timestamp DESC"],
        ["timestamp"], ["timestamp DESC"], ["creation_time"], ["run_id"], ["source_path"], ["current_stage"], ["tags.a"], ["tags.name"], ["tag.version_number DESC"], ["tags.`name`"], ["tags.foo", "name"], ["foo"], ["foo.bar"],
        ["metrics.a"], ["name", "name"], ["name", "tags.name"], ["name DESC", "attribute.name"], ["name", "version_number", "creation_timestamp", "last_updated_timestamp"], ["name", "foo"], ["name", "name", "foo"],
        ["foo", "name", "name"], ["creation_timestamp", "last_updated_timestamp"], ["it's", "it's"],
    ],
}

MODEL_ORDERS = [
    "", "name", " name", "Name", "`name`", "model_id", "model_type", "status", "creation_time", "creation_timestamp", "creation_timestamp_ms", "last_updated_timestamp",
    "last_updated_timestamp_ms", "last_updated_time", "source_run_id", "status_message", "lifecycle_stage", "experiment_id", "artifact_location", "foo", "metrics.a", "metrics.a b",
    "metrics.`a`", "metrics.a.b", "metrics.", "metrics", "metric.a", "params.a", "tags.a", "attributes.name", ".a", "a.", "name DESC",
]


def b64(text):
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


TOKENS = [
    "", "e", "ey", "eyJ", "!!!!", "a b", "é", "====", "AAAA", "AA==", "AA=", b64(""), b64("x"), b64("{}"), b64("[]"), b64("5"), b64("null"), b64('"x"'), b64('{"offset": 0}'),
    b64('{"offset": 1}'), b64('{"offset": 100}'), b64('{"offset":100}'), b64('{"offset": "5"}'), b64('{"offset": " 5 "}'), b64('{"offset": "x"}'), b64('{"offset": ""}'), b64('{"offset": 1.7}'),
    b64('{"offset": true}'), b64('{"offset": false}'), b64('{"offset": null}'), b64('{"offset": [1]}'), b64('{"offset": {"a": 1}}'), b64('{"offset": -1}'), b64('{"offset": 99999999999999999999}'),
    b64('{"Offset": 5}'), b64('{"a": "it\'s", "b": [1, 2.5, true, null], "c": "é\\n"}'), b64('{"offset": 5} x'), b64('{"offset": 5'), b64(b"\xff\xfe"), b64("a'b"), b64('a"b\'c\\\n\t\x01'),
    " " + b64('{"offset": 7}') + "\n", b64('{"offset": 7}').replace("=", ""), b64('{"offset": 77}') + "=", b64('{"offset": 5, "offset": 6}'),
]

MODEL_TOKENS = [
    "eyJ", b64("x"), b64("{}"), b64('{"experiment_ids": ["1"]}'), b64('{"experiment_ids": ["0"], "filter_string": "name = \'x\'", "order_by": null, "offset": 5}'),
    b64('{"experiment_ids": ["0"], "filter_string": null, "order_by": [{"field_name": "name", "ascending": true, "dataset_name": null, "dataset_digest": null}], "offset": 5}'),
    b64('{"experiment_ids": ["0"], "filter_string": null, "order_by": null, "offset": 5}'), b64('{"experiment_ids": ["0"]}'), b64('{"experiment_ids": ["0"], "offset": 0, "filter_string": ""}'),
    b64('{"experiment_ids": "0"}'), b64("[]"), b64(b"\xff"), "é",
]

SET = re.compile(r"\{('[^']*'(?:, '[^']*')+)\}")


ADDRESS = re.compile(r" at 0x[0-9a-f]+")


def settled(message):
    return ADDRESS.sub("", SET.sub(lambda m: "{" + ", ".join(sorted(m.group(1).split(", "))) + "}", message))


def outcome(run, accepted):
    try:
        run()
        return {"ok": accepted()}
    except MlflowException as error:
        return {"code": error.error_code, "message": settled(error.message)}
    except Exception as error:  # what the server answers with status 500
        return {"code": "INTERNAL_ERROR", "message": settled(f"{type(error).__name__}: {error}")}


def number(value):
    return {"number": repr(float(value))}


def value_of(value):
    if value is None:
        return None
    if isinstance(value, (tuple, list)):
        return {"texts": [str(v) if type(v) in (int, float) else v for v in value]}
    if isinstance(value, float):
        return number(value)
    return {"int": str(value)} if isinstance(value, int) else {"text": value}


def run_condition(c):
    kind, key, value = c["type"], SearchUtils.translate_key_alias(c["key"]), c["value"]
    if kind == "metric":
        value = float(value)
    if (kind, key) == ("attribute", "run_name"):
        kind, key = "tag", "mlflow.runName"
    return [kind, key, c["comparator"].upper(), value_of(value)]


def experiment_condition(c):
    value = c["value"]
    if (c["type"], c["key"]) == ("attribute", "experiment_id"):
        value = {"ints": [int(v) for v in value]} if isinstance(value, tuple) else value_of(int(value))
        return [c["type"], c["key"], c["comparator"].upper(), value]
    return [c["type"], c["key"], c["comparator"].upper(), value_of(value)]


def model_condition(c):
    kind, value = c.entity.type.value, c.value
    if kind == "attributes" and c.entity.key in ("status", "experiment_id"):
        convert = int if c.entity.key == "experiment_id" else lambda v: LoggedModelStatus(v).to_int()
        value = {"ints": [convert(v) for v in value]} if isinstance(value, tuple) else {"int": str(convert(value))}
        return [kind, c.entity.key, c.op, value]
    return [kind, c.entity.key, c.op, value_of(value)]


def registry_condition(c):
    value = c["value"]
    if (c["type"], c["key"]) == ("attribute", "version_number"):
        value = int(value)
    return [c["type"], c["key"], c["comparator"], value_of(value)]


def version_order(o):
    kind, key, ascending = SearchModelVersionUtils.parse_order_by_for_search_model_versions(o)
    return ["attribute", key, ascending]


def registered_model_order(o):
    key, ascending = SearchUtils.parse_order_by_for_search_registered_models(o)
    return ["attribute", "last_updated_timestamp" if key == "timestamp" else key, ascending]


def filters(room):
    found = [shape.format(s=s, n=n, l=l) for s, n, l in FILL[room] for shape in SHAPES]
    for subject in SUBJECTS[room]:
        found += [f"{subject} {op} {value}" for op in ("=", ">", "LIKE") for value in VALUES[room]]
    kinds = {
        "runs": ["metrics.a", "params.a", "tags.a", "status", "start_time", "run_id", "run_name", "dataset.name"],
        "experiments": ["name", "experiment_id", "creation_time", "tags.a"],
        "logged_models": ["name", "metrics.a", "params.a", "tags.a", "creation_time", "status", "experiment_id"],
        "registered_models": ["name", "tags.a", "attribute.name", "tags.`mlflow.prompt.is_prompt`"],
        "model_versions": ["name", "run_id", "source_path", "version_number", "tags.a"],
    }
    for subject in kinds[room]:
        found += [f"{subject} {op} {value}" for op in COMPARISONS for value in VALUES[room]]
        found += [f"{subject} {tail}" for tail in ("IS NULL", "IS NOT NULL", "IN ('1')", "NOT IN ('1', '2')")]
    return list(dict.fromkeys(found + EXTRA[room]))


def orders(room):
    keys = {
        "runs": ["metrics.a", "start_time", "tags.t"],
        "experiments": ["name", "creation_time"],
        "registered_models": ["name", "timestamp", "last_updated_timestamp"],
        "model_versions": ["version_number", "attribute.name"],
    }[room]
    found = [[shape.format(k=k)] for k in keys for shape in ORDERS] + ORDER_LISTS[room]
    return [list(o) for o in dict.fromkeys(map(tuple, found))]


def main():
    store = SqlAlchemyStore(f"sqlite:///{tempfile.mkdtemp()}/golden.db", tempfile.mkdtemp())
    experiment, active = ["0"], ViewType.ACTIVE_ONLY

    def runs(f="", o=(), t=None):
        return store.search_runs(experiment, f, active, 5, list(o), t)

    def experiments(f="", o=(), t=None):
        return store.search_experiments(active, 5, f, list(o), t)

    def models(f=None, o=None, t=None):
        return store.search_logged_models(experiment, f, None, 5, o, t)

    registry = RegistryStore(f"sqlite:///{tempfile.mkdtemp()}/golden.db")

    def registered_models(f="", o=(), t=None):
        return registry.search_registered_models(f, 5, list(o), t)

    def model_versions(f="", o=(), t=None):
        return registry.search_model_versions(f, 5, list(o), t)

    def with_hiding(parse):
        """What the parser reads, and whether prompts are hidden."""

        def accepted(f):
            parsed = parse(f)
            return [[registry_condition(c) for c in parsed], not RegistryStore._is_querying_prompt(parsed)]

        return accepted

    registered_model_filter = with_hiding(SearchModelUtils.parse_search_filter)
    model_version_filter = with_hiding(SearchModelVersionUtils.parse_search_filter)

    def run_order(o):
        kind, key, ascending = SearchUtils.parse_order_by_for_search_runs(o)
        return [kind, SearchUtils.translate_key_alias(key), ascending]

    record = {
        "runs.filter": [[f, outcome(lambda: runs(f), lambda: [run_condition(c) for c in SearchUtils.parse_search_filter(f)])] for f in filters("runs")],
        "runs.order_by": [[o, outcome(lambda: runs(o=o), lambda: [run_order(e) for e in o])] for o in orders("runs")],
        "experiments.filter": [
            [f, outcome(lambda: experiments(f), lambda: [experiment_condition(c) for c in SearchExperimentsUtils.parse_search_filter(f)])]
            for f in filters("experiments")
        ],
        "experiments.order_by": [
            [o, outcome(lambda: experiments(o=o), lambda: [list(SearchExperimentsUtils.parse_order_by_for_search_experiments(e)) for e in o])]
            for o in orders("experiments")
        ],
        "logged_models.filter": [
            [f, outcome(lambda: models(f), lambda: [model_condition(c) for c in parse_filter_string(f)])] for f in filters("logged_models")
        ],
        "logged_models.order_by": [[o, outcome(lambda: models(o=[{"field_name": o}]), lambda: None)] for o in MODEL_ORDERS],
        "registered_models.filter": [
            [f, outcome(lambda: registered_models(f), lambda: registered_model_filter(f))] for f in filters("registered_models")
        ],
        "registered_models.order_by": [
            [o, outcome(lambda: registered_models(o=o), lambda: [registered_model_order(e) for e in o])] for o in orders("registered_models")
        ],
        "registered_models.page_token": [
            [t, outcome(lambda: registered_models(t=t), lambda: SearchUtils.parse_start_offset_from_page_token(t))] for t in TOKENS
        ],
        "model_versions.filter": [
            [f, outcome(lambda: model_versions(f), lambda: model_version_filter(f))] for f in filters("model_versions")
        ],
        "model_versions.order_by": [
            [o, outcome(lambda: model_versions(o=o), lambda: [version_order(e) for e in o])] for o in orders("model_versions")
        ],
        "model_versions.page_token": [
            [t, outcome(lambda: model_versions(t=t), lambda: SearchUtils.parse_start_offset_from_page_token(t))] for t in TOKENS
        ],
        "page_token": [[t, outcome(lambda: runs(t=t), lambda: SearchUtils.parse_start_offset_from_page_token(t))] for t in TOKENS],
        "logged_models.page_token": [[t, outcome(lambda: models(t=t), lambda: SearchLoggedModelsPaginationToken.decode(t).offset)] for t in MODEL_TOKENS],
    }
    for index, (room, cases) in enumerate(record.items()):
        print("{" if index == 0 else ",", json.dumps(room) + ": [")
        print(",\n".join(json.dumps(case) for case in cases) + "\n]")
    print("}")


if __name__ == "__main__":
    sys.exit(main())
