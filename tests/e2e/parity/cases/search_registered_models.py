"""The filter and order grammar of registered models and prompts, over one fixed set."""

from parity.case import case, delete, get, kv
from parity.registry import (IS_PROMPT, alias, registered, search_models, set_tag, stage, update, version)

PATH = "registered-models/search"
PROMPT = {IS_PROMPT: "true"}


def setup():
    """Names share the prefix `$n`, with which every search is narrowed down to this case."""
    return [
        registered("${n}_alpha", tags=kv(team="red", note="50%"), description="first"),
        registered("${n}_Beta", tags=kv(team="blue", **{"a b": "c", "empty": ""})),
        registered("${n}_gamma", tags=kv(team="Red", note="it_s")),
        registered("${n}_delta"),
        registered("${n}_no prompt", tags=kv(team="red", **{IS_PROMPT: "false"})),
        registered("${n}_prompt", tags=kv(team="red", **PROMPT)),
        registered("${n}_Prompt 2", tags=kv(team="blue", **PROMPT)),
        registered("${n}_almost", tags=kv(**{IS_PROMPT: "True"})),
        version("${n}_alpha"), version("${n}_alpha"), stage("Production", "1", "${n}_alpha"), alias("champion", "2", "${n}_alpha"),
        version("${n}_gamma"), update("touched", "${n}_Beta"), set_tag("late", "1", name="${n}_delta"),
    ]


CONDITIONS = """
name = '${n}_alpha'
name != '${n}_alpha'
name LIKE '%alpha'
name LIKE '%ALPHA'
name LIKE '%a_p%'
name ILIKE '%ALPHA'
name like '%a'
name ilike '%BETA'
name Like '%a'
name NOT LIKE '%a'
name LIKE 'a'
name LIKE ''
name LIKE '%'
name IN ('${n}_alpha')
name IN ('${n}_alpha', '${n}_Beta', 'nobody')
name in ('${n}_alpha')
name IN ('${n}_alpha',)
name IN ("${n}_alpha")
name IN ()
name IN (1)
name IN '${n}_alpha'
name IN ('a', 1)
name IN (${n}_alpha)
name NOT IN ('${n}_alpha')
name not in ('${n}_alpha', '${n}_Beta')
name > 'a'
name >= 'a'
name < 'z'
name <> '${n}_alpha'
name == '${n}_alpha'
name IS NULL
name IS NOT NULL
name = 5
name = alpha
name = `alpha`
name = "${n}_alpha"
name = ''
name = '${n}_alpha' AND name LIKE '%a'
name = 'a''b'
name = 'a"b'
name = '${n}_alpha
name
= 'a'
name =
attribute.name LIKE '%a'
attributes.name LIKE '%a'
attr.name LIKE '%a'
model.name LIKE '%a'
`name` LIKE '%a'
"name" LIKE '%a'
Name LIKE '%a'
attribute.`name` LIKE '%a'
description LIKE '%'
timestamp > 0
last_updated_timestamp > 0
creation_timestamp > 0
version_number > 0
tags.team = 'red'
tags.team != 'red'
tags.team LIKE 'r%'
tags.team LIKE 'R%'
tags.team ILIKE 'R%'
tags.team like '%e%'
tags.team NOT LIKE 'r%'
tags.team IN ('red')
tags.team NOT IN ('red')
tags.team IS NULL
tags.team IS NOT NULL
tags.team > 'a'
tags.team = 5
tags.team = red
tags.team = "red"
tag.team = 'red'
Tags.team = 'red'
tags.`team` = 'red'
tags."team" = 'red'
tags.'team' = 'red'
tags.`a b` = 'c'
tags."a b" = 'c'
tags.a b = 'c'
tags.note = '50%'
tags.note LIKE '50%'
tags.note LIKE 'it_s'
tags.note LIKE 'it\\_s'
tags.empty = ''
tags.empty != 'x'
tags.nokey = 'x'
tags.nokey != 'x'
tags.late = '1'
tags.team = 'red' AND tags.note = '50%'
tags.team = 'red' and tags.note LIKE '%'
tags.team LIKE 'r%' AND tags.team LIKE '%d'
tags.team = 'red' AND tags.team = 'blue'
tags.team != 'red' AND tags.team != 'blue'
tags.team = 'red' AND name LIKE '%alpha'
tags.team = 'red' OR tags.team = 'blue'
NOT tags.team = 'red'
(tags.team = 'red')
tags.`mlflow.prompt.is_prompt` = 'true'
tags.`mlflow.prompt.is_prompt` = 'false'
tags.`mlflow.prompt.is_prompt` != 'true'
tags.`mlflow.prompt.is_prompt` != 'false'
tags.`mlflow.prompt.is_prompt` = 'True'
tags.`mlflow.prompt.is_prompt` = 'TRUE'
tags.`mlflow.prompt.is_prompt` != 'False'
tags.`mlflow.prompt.is_prompt` = 'other'
tags.`mlflow.prompt.is_prompt` LIKE 'true'
tags.`mlflow.prompt.is_prompt` LIKE 't%'
tags.`mlflow.prompt.is_prompt` ILIKE 'TRUE'
tags.`mlflow.prompt.is_prompt` = ''
tags.mlflow.prompt.is_prompt = 'true'
tag.`mlflow.prompt.is_prompt` = 'true'
tag.`mlflow.prompt.is_prompt` != 'true'
tags."mlflow.prompt.is_prompt" = 'true'
tags.`mlflow.prompt.is_prompt` = 'true' AND tags.team = 'red'
tags.`mlflow.prompt.is_prompt` != 'false' AND tags.team = 'red'
tags.`mlflow.prompt.is_prompt` != 'true' AND tags.team = 'red'
tags.`mlflow.prompt.is_prompt` = 'false' AND tags.team = 'red'
tags.team = 'red' AND tags.`mlflow.prompt.is_prompt` = 'true'
tags.`mlflow.prompt.is_prompt` = 'true' AND tags.`mlflow.prompt.is_prompt` = 'false'
tags.`mlflow.prompt.is_prompt` = 'false' AND tags.`mlflow.prompt.is_prompt` = 'true'
tags.`mlflow.prompt.is_prompt` != 'true' AND name ILIKE '%PROMPT%'
tags. = 'x'
tags = 'x'
.name = 'x'
params.a = 'x'
metrics.a > 1
run_id = 'x'
'name' = 'x'
1 = 1
name = 'a' AND
AND name = 'a'
name = 'a' AND AND name = 'b'
name = 'a', name = 'b'
name = 'a'; name = 'b'
name BETWEEN 'a' AND 'b'
select 1
-- comment
name = 'a' -- comment
name = 'a' /* comment */
name LIKE '%a' AND name LIKE '%a%' AND name LIKE '%l%'
üñí = 'x'
tags.üñí = 'x'
""".strip().split("\n")

# Alone, because they are about the shape of the whole filter; none of them finds what other cases made.
WHOLE = ["name LIKE '$n%' AND", "name LIKE '$n%';", "name LIKE '$n%' ;", ";", "abc", "'", "`", "(", "name LIKE '$n%' AND AND name = 'x'", "  name LIKE '$n%'  ", "\nname\nLIKE\n'$n%'\n",
         "name='${n}_alpha'", "name = '${n}_alpha'AND name = '${n}_alpha'", "%", "name = 'a\x00b'", "x" * 5000]

ORDERS = [[], ["name"], ["name ASC"], ["name DESC"], ["name asc"], ["name desc"], ["NAME"], ["timestamp"], ["timestamp DESC"], ["last_updated_timestamp"], ["last_updated_timestamp DESC"],
          ["timestamp", "name DESC"], ["timestamp DESC", "name"], ["name", "name"], ["name", "timestamp"], ["timestamp", "last_updated_timestamp"], ["name DESC", "name ASC"], ["creation_timestamp"],
          ["creation_time"], ["last_updated_time"], ["description"], ["tags.team"], ["tag.team DESC"], ["version"], ["attribute.name"], ["attributes.name DESC"], ["`name`"], ["`name` DESC"], ['"name"'], ["'name'"],
          ["name DESCENDING"], ["name ASC DESC"], ["name, timestamp"], ["  name   DESC "], ["name\tDESC"], [""], [" "], ["DESC"], ["1"], ["`timestamp` DESC"], ["Timestamp"], ["üñí"], ["name;"], ["random()"]]

QUERIES = ["max_results=5", "max_results=abc", "max_results=", "max_results=0", "max_results=-1", "max_results=1", "max_results=1000", "max_results=1001", "max_results=99999999999", "max_results=9223372036854775808",
           "max_results=1.5", "max_results=5.0", "max_results=1e2", "max_results=%205", "max_results=0x5", "max_results=5&max_results=6", "maxResults=5", "max_results=5&maxResults=2", "max_results",
           "max_results=true", "max_results=5&unknown=1", "page_token=abc", "page_token=", "page_token=e30=", "page_token=eyJvZmZzZXQiOiAwfQ==", "page_token=eyJvZmZzZXQiOiAxfQ==", "page_token=eyJvZmZzZXQiOiAtMX0=",
           "page_token=eyJvZmZzZXQiOiAiMSJ9", "page_token=eyJvZmZzZXQiOiAxLjV9", "page_token=bnVsbA==", "page_token=W10=", "page_token=eyJvZmZzZXQiOiAxfQ", "page_token=%FF", "page_token=%00", "page_token=" + "a" * 3000,
           "page_token=eyJvZmZzZXQiOiA5OTk5OTk5OTk5OTk5OTk5OTk5OTk5fQ==", "page_token=eyJvZmZzZXQiOiA5MjIzMzcyMDM2ODU0Nzc1ODA3fQ==", "order_by=", "order_by=name&order_by=timestamp%20DESC",
           "orderBy=name%20DESC", "order_by[]=name%20DESC", "order_by=name&max_results=2", "filter_string=name", "filter=name%20%3D%20'x'", "&&&", "=", "viewType=ALL", "max_results=2&filter=tags.team%20%3D%20'red'",
           "filter=%00", "filter=%FF", "filter=a&filter=b"]

NARROW = "name LIKE '$n%'"


def _query(text):
    """With a filter that no model of another case fits, unless the query has one of its own."""
    return get(PATH, text if "filter=" in text else f"{text}&filter=name%20LIKE%20'$n%25'")


def _chunks(name, steps, size=40):
    for start in range(0, len(steps), size):
        yield case(f"{name} {start:03d}", setup(), steps[start:start + size])


CASES = [
    *_chunks("filter", [search_models(f"{NARROW} AND {text}") for text in CONDITIONS]),
    *_chunks("leading", [search_models(f"{text} AND {NARROW}") for text in CONDITIONS[:12] + CONDITIONS[56:64] + CONDITIONS[96:120]]),
    *_chunks("whole", [search_models(text, max_results=1) for text in WHOLE]),
    *_chunks("order", [search_models(NARROW, order_by=order) for order in ORDERS]),
    *_chunks("query", [_query(text) for text in QUERIES]),
    case("paging", setup(), *[search_models(NARROW, max_results=size, order_by=order, pages="registered_models") for size in (1, 2, 4, 5, 6) for order in ([], ["name DESC"], ["timestamp"])],
         search_models("tags.`mlflow.prompt.is_prompt` = 'true' AND " + NARROW, max_results=1, pages="registered_models"),
         search_models("tags.team = 'red' AND " + NARROW, max_results=1, pages="registered_models")),
    case("token of another search", setup(), get(PATH, {"filter": NARROW, "max_results": 2}, save={"token": "next_page_token"}),
         search_models(NARROW, max_results=2, page_token="$token", order_by=["name DESC"]), search_models("tags.team = 'red' AND " + NARROW, max_results=1, page_token="$token"),
         get("model-versions/search", {"filter": NARROW, "max_results": 2, "page_token": "$token"}), search_models(NARROW, max_results=3, page_token="$token")),
    case("emptied by deletion", registered(), search_models("name = '$n'"), version(), search_models("name = '$n'"), stage("Staging"), search_models("name = '$n'")),
    case("no filter", registered(" !${n}"), search_models(max_results=1), search_models("", max_results=1), search_models(" ", max_results=1), get(PATH, "max_results=1&filter="),
         delete("registered-models/delete", body={"name": " !${n}"})),
    case("nothing found", search_models("name = '$n'"), search_models("name = '$n'", max_results=1), search_models("name = '$n'", order_by=["timestamp"])),
    case("order of names", [registered(f"${{n}}{name}") for name in ("_a", "_B", "_b", "_A", "_ä", "_z", "_1", "_10", "_2", "__", "_ ", "_-", "_.", "_é", "_🎉")],
         search_models("name LIKE '${n}%'"), search_models("name LIKE '${n}%'", order_by=["name DESC"]), search_models("name LIKE '${n}%'", max_results=4, pages="registered_models")),
    case("unicode", registered("${n}_Ünï", tags=kv(ort="Köln")), search_models("name ILIKE '${n}_üNÏ'"), search_models("name LIKE '${n}_Ün%'"), search_models("tags.ort ILIKE 'köLN' AND name LIKE '$n%'"),
         search_models("tags.ort ILIKE 'KÖLN' AND name LIKE '$n%'"), search_models("name = '${n}_Ünï'")),
    case("wildcards in names", registered("${n}%a"), registered("${n}_a"), registered("${n}xa"), registered("${n}\\a"), search_models("name LIKE '${n}%a'"), search_models("name LIKE '${n}_a'"),
         search_models("name LIKE '${n}\\%a'"), search_models("name LIKE '${n}\\\\a'"), search_models("name ILIKE '${n}\\_a'"), search_models("name LIKE '${n}\\a'"), search_models("name LIKE '${n}\\'")),
    case("long list", registered(), search_models("name IN (" + ", ".join(f"'x{number}'" for number in range(400)) + ", '$n')")),
]
