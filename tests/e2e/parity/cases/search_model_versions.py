"""The filter and order grammar of model versions and prompt versions, over one fixed set."""

from parity.case import case, get, kv, patch
from parity.registry import IS_PROMPT, alias, delete_version, registered, search_versions, set_tag, stage, version

PATH = "model-versions/search"
PROMPT = {IS_PROMPT: "true"}

def setup():
    """Names share the prefix `$n`, with which every search is narrowed down to this case."""
    alpha, beta, prompt, half = "${n}_alpha", "${n}_Beta", "${n}_prompt", "${n}_half"
    return [
        registered(alpha, tags=kv(team="model")), registered(beta), registered(prompt, tags=kv(**PROMPT)), registered(half, tags=kv(**PROMPT)),
        version(alpha, run_id="run1", source="s3://bucket/one", tags=kv(team="red", note="50%"), description="first"),
        version(alpha, run_id="run2", source="s3://bucket/two", tags=kv(team="blue", **{"a b": "c"})),
        version(alpha, source="s3://Bucket/Three", tags=kv(team="Red")),
        version(beta, run_id="run1", source="s3://bucket/one"),
        version(beta, run_id="run3", source="s3://bucket/gone", tags=kv(team="red")),
        version(prompt, source="dummy-source", tags=kv(team="red", **PROMPT, **{"mlflow.prompt.text": "Hi {{name}}"})),
        version(prompt, source="dummy-source", tags=kv(**PROMPT, **{"mlflow.prompt.text": "Hello {{name}}"})),
        version(half, tags=kv(team="red")),
        version(beta, tags=kv(empty="", **{IS_PROMPT: "false"})),
        stage("Production", "1", alpha), alias("champion", "2", alpha), delete_version("2", beta), set_tag("late", "1", "3", alpha),
        patch("model-versions/update", {"name": alpha, "version": "2", "description": "touched"}),
    ]

CONDITIONS = """
name = '${n}_alpha'
name != '${n}_alpha'
name LIKE '%alpha'
name LIKE '%ALPHA'
name ILIKE '%ALPHA'
name like '%a'
name IN ('${n}_alpha')
name IN ('${n}_alpha', '${n}_Beta')
name IN ('${n}_alpha',)
name NOT IN ('${n}_alpha')
name in ('${n}_alpha')
name IN ()
name IN (1)
name > 'a'
name IS NULL
name IS NOT NULL
name = 5
name = alpha
name = "${n}_alpha"
name = `alpha`
attribute.name LIKE '%a'
attributes.name LIKE '%a'
`name` LIKE '%a'
Name LIKE '%a'
run_id = 'run1'
run_id != 'run1'
run_id LIKE 'run%'
run_id ILIKE 'RUN%'
run_id IN ('run1')
run_id IN ('run1', 'run2')
run_id IN ("run1", 'run3')
run_id IN ('run1',)
run_id NOT IN ('run1')
run_id NOT IN ('run1', 'run2')
run_id IN ()
run_id IN (run1)
run_id IN ('')
run_id IN ('run1', 5)
run_id IN 'run1'
run_id = ''
run_id != ''
run_id IS NULL
run_id IS NOT NULL
run_id > 'a'
run_id = 1
run_id = 'REDACTED-RUN-ID'
attributes.run_id = 'run1'
runId = 'run1'
source_path = 's3://bucket/one'
source_path != 's3://bucket/one'
source_path LIKE 's3://bucket/%'
source_path ILIKE 's3://bucket/%'
source_path LIKE '%o%'
source_path IN ('s3://bucket/one')
source_path NOT IN ('s3://bucket/one')
source_path IS NULL
source_path > 'a'
source_path = 'REDACTED-SOURCE-PATH'
source_path = 's3://bucket/gone'
source = 's3://bucket/one'
version_number = 1
version_number != 1
version_number > 1
version_number >= 2
version_number < 2
version_number <= 2
version_number > 0
version_number > -1
version_number = 1.0
version_number > 1.5
version_number = '1'
version_number > '1'
version_number = abc
version_number = 'abc'
version_number LIKE '1'
version_number IN (1)
version_number IN (1, 2)
version_number IN ('1')
version_number IS NULL
version_number = 1e0
version_number = 99999999999
version_number < 99999999999999999999999
version_number = 0x1
version_number == 1
version_number <> 1
version_number=1
version_number>1
version_number BETWEEN 1 AND 2
version = 1
attributes.version_number = 1
attribute.version_number > 1
`version_number` = 1
Version_number = 1
creation_timestamp > 0
last_updated_timestamp > 0
current_stage = 'Production'
stage = 'Production'
status = 'READY'
user_id = 'me'
aliases = 'champion'
description LIKE '%'
run_link = 'x'
tags.team = 'red'
tags.team != 'red'
tags.team LIKE 'r%'
tags.team LIKE 'R%'
tags.team ILIKE 'R%'
tags.team like '%e%'
tags.team IN ('red')
tags.team NOT IN ('red')
tags.team IS NULL
tags.team IS NOT NULL
tags.team > 'a'
tags.team = 5
tags.team = red
tags.team = "red"
tag.team = 'red'
tags.`team` = 'red'
tags."team" = 'red'
tags.`a b` = 'c'
tags.note = '50%'
tags.note LIKE '50%'
tags.empty = ''
tags.nokey = 'x'
tags.nokey != 'x'
tags.late = '1'
tags.team = 'model'
tags.team = 'red' AND tags.note = '50%'
tags.team = 'red' and tags.note LIKE '%'
tags.team LIKE 'r%' AND tags.team LIKE '%d'
tags.team = 'red' AND tags.team = 'blue'
tags.team = 'red' AND version_number > 1
tags.team = 'red' AND run_id = 'run1'
tags.team = 'red' OR tags.team = 'blue'
NOT tags.team = 'red'
(tags.team = 'red')
tags.`mlflow.prompt.is_prompt` = 'true'
tags.`mlflow.prompt.is_prompt` = 'false'
tags.`mlflow.prompt.is_prompt` != 'true'
tags.`mlflow.prompt.is_prompt` != 'false'
tags.`mlflow.prompt.is_prompt` = 'True'
tags.`mlflow.prompt.is_prompt` = 'TRUE'
tags.`mlflow.prompt.is_prompt` LIKE 'true'
tags.`mlflow.prompt.is_prompt` LIKE 't%'
tag.`mlflow.prompt.is_prompt` = 'true'
tags."mlflow.prompt.is_prompt" = 'true'
tags.`mlflow.prompt.is_prompt` = 'true' AND tags.team = 'red'
tags.`mlflow.prompt.is_prompt` != 'true' AND tags.team = 'red'
tags.team = 'red' AND tags.`mlflow.prompt.is_prompt` = 'true'
tags.`mlflow.prompt.is_prompt` = 'true' AND tags.`mlflow.prompt.is_prompt` = 'false'
tags.`mlflow.prompt.text` LIKE 'Hi%'
tags.`mlflow.prompt.text` LIKE 'Hi%' AND tags.`mlflow.prompt.is_prompt` = 'true'
name = '${n}_prompt'
name = '${n}_prompt' AND tags.`mlflow.prompt.is_prompt` = 'true'
name = '${n}_half'
name = '${n}_half' AND tags.`mlflow.prompt.is_prompt` = 'true'
tags. = 'x'
tags = 'x'
params.a = 'x'
metrics.a > 1
1 = 1
name = 'a' AND
name = 'a', name = 'b'
name = 'a'; name = 'b'
name = 'a' -- comment
name = 'a''b'
name = 'a
üñí = 'x'
""".strip().split("\n")

WHOLE = ["name LIKE '$n%' AND", "name LIKE '$n%';", ";", "abc", "'", "`", "(", "name LIKE '$n%' AND AND name = 'x'", "  name LIKE '$n%'  ", "\nname\nLIKE\n'$n%'\n", "name='${n}_alpha'",
         "version_number>0AND name='x'", "%", "name = 'a\x00b'", "x" * 5000, "run_id = 'run1'AND name = '${n}_alpha'"]

ORDERS = [[], ["name"], ["name DESC"], ["name asc"], ["NAME"], ["version_number"], ["version_number DESC"], ["version_number ASC", "name DESC"], ["name", "version_number"], ["name DESC", "version_number ASC"],
          ["creation_timestamp"], ["creation_timestamp DESC"], ["last_updated_timestamp"], ["last_updated_timestamp DESC"], ["last_updated_timestamp", "name"], ["creation_timestamp", "last_updated_timestamp"],
          ["name", "name"], ["name DESC", "name ASC"], ["version_number", "version_number"], ["timestamp"], ["version"], ["creation_time"], ["last_updated_time"], ["run_id"], ["source_path"], ["current_stage"],
          ["tags.team"], ["attribute.name"], ["attributes.version_number DESC"], ["`name`"], ["`version_number` DESC"], ['"name"'], ["'name'"], ["name DESCENDING"], ["name ASC DESC"], ["name, version_number"],
          ["  name   DESC "], [""], [" "], ["DESC"], ["1"], ["üñí"], ["version_number;"]]

QUERIES = ["max_results=5", "max_results=abc", "max_results=", "max_results=0", "max_results=-1", "max_results=1", "max_results=200000", "max_results=200001", "max_results=99999999999", "max_results=9223372036854775808",
           "max_results=1.5", "max_results=1e2", "max_results=%205", "max_results=5&max_results=6", "maxResults=5", "max_results", "max_results=true", "page_token=abc", "page_token=", "page_token=e30=",
           "page_token=eyJvZmZzZXQiOiAwfQ==", "page_token=eyJvZmZzZXQiOiAxfQ==", "page_token=eyJvZmZzZXQiOiAtMX0=", "page_token=eyJvZmZzZXQiOiAiMSJ9", "page_token=bnVsbA==", "page_token=W10=", "page_token=%FF",
           "page_token=eyJvZmZzZXQiOiA5MjIzMzcyMDM2ODU0Nzc1ODA3fQ==", "order_by=", "order_by=name&order_by=version_number%20DESC", "orderBy=name%20DESC", "order_by=name&max_results=2", "filter_string=name",
           "filter=name%20%3D%20'x'", "&&&", "=", "max_results=2&filter=version_number%20%3D%201", "filter=%00", "filter=a&filter=b"]

NARROW = "name LIKE '$n%'"

def _query(text):
    """With a filter that no model of another case fits, unless the query has one of its own."""
    return get(PATH, text if "filter=" in text else f"{text}&filter=name%20LIKE%20'$n%25'")

def _chunks(name, steps, size=40):
    for start in range(0, len(steps), size):
        yield case(f"{name} {start:03d}", setup(), steps[start:start + size])

CASES = [
    *_chunks("filter", [search_versions(f"{NARROW} AND {text}") for text in CONDITIONS]),
    *_chunks("leading", [search_versions(f"{text} AND {NARROW}") for text in CONDITIONS[:10] + CONDITIONS[24:34] + CONDITIONS[60:80] + CONDITIONS[130:150]]),
    *_chunks("whole", [search_versions(text, max_results=1) for text in WHOLE]),
    *_chunks("order", [search_versions(NARROW, order_by=order) for order in ORDERS]),
    *_chunks("query", [_query(text) for text in QUERIES]),
    case("paging", setup(), *[search_versions(NARROW, max_results=size, order_by=order, pages="model_versions") for size in (1, 2, 3, 4, 5, 6)
                              for order in ([], ["name DESC"], ["version_number"], ["last_updated_timestamp"], ["creation_timestamp DESC"])],
         search_versions("tags.`mlflow.prompt.is_prompt` = 'true' AND " + NARROW, max_results=1, pages="model_versions")),
    case("token of another search", setup(), get(PATH, {"filter": NARROW, "max_results": 2}, save={"token": "next_page_token"}),
         search_versions(NARROW, max_results=2, page_token="$token", order_by=["name DESC"]), search_versions("tags.team = 'red' AND " + NARROW, max_results=1, page_token="$token"),
         get("registered-models/search", {"filter": NARROW, "max_results": 2, "page_token": "$token"})),
    case("no aliases in search", registered(), version(), alias("champion"), search_versions("name = '$n'")),
    case("more than nine", registered(), [version(save=f"w{chr(97 + number)}") for number in range(12)], search_versions("name = '$n'"), search_versions("name = '$n'", order_by=["version_number DESC"]),
         search_versions("name = '$n' AND version_number > 9"), search_versions("name = '$n'", max_results=5, pages="model_versions")),
    case("after rename", registered(), version(), version(), patch("registered-models/update", {"name": "$n", "description": "d"}), search_versions("name = '$n'")),
    case("many runs", registered(), [version(run_id=f"r{number}") for number in range(3)], search_versions("name = '$n' AND run_id IN (" + ", ".join(f"'r{number}'" for number in range(400)) + ")")),
    case("no filter", registered(), version(), search_versions(max_results=1), search_versions("", max_results=1), search_versions(" ", max_results=1),
         search_versions("version_number > 0", max_results=1), get(PATH, "max_results=1&filter=")),
    case("nothing found", search_versions("name = '$n'"), search_versions("name = '$n'", max_results=1)),
    case("of a deleted model", registered(), version(), get("registered-models/get", {"name": "$n"}), delete_version(), search_versions("name = '$n'")),
]
