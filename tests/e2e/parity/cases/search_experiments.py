"""The filter and order grammar of experiments, over one fixed set of experiments."""

from parity.case import case, experiment, get, kv, post

PATH = "experiments/search"


def setup():
    """Names share the prefix `$n`, with which every search is narrowed down to this case."""
    return [
        post("experiments/create", {"name": "${n}_alpha", "tags": kv(team="red", note="50%")}, save={"a": "experiment_id"}),
        post("experiments/create", {"name": "${n}_Beta", "tags": kv(team="blue", **{"a b": "c"})}, save={"b": "experiment_id"}),
        post("experiments/create", {"name": "${n}_gamma", "tags": kv(team="Red")}, save={"c": "experiment_id"}),
        post("experiments/create", {"name": "${n}_delta"}, save={"d": "experiment_id"}),
        post("experiments/delete", {"experiment_id": "$d"}),
    ]


CONDITIONS = """
name = '${n}_alpha'
name != '${n}_alpha'
name LIKE '%alpha'
name LIKE '%ALPHA'
name ILIKE '%ALPHA'
name like '%a'
name ilike '%BETA'
name IN ('${n}_alpha')
name > 'a'
name IS NULL
name = 5
name = alpha
attribute.name LIKE '%a'
attributes.name LIKE '%a'
attr.name LIKE '%a'
experiment.name LIKE '%a'
`name` LIKE '%a'
Name LIKE '%a'
experiment_id = '$a'
experiment_id != '$a'
experiment_id = $a
experiment_id IN ('$a', '$b')
experiment_id NOT IN ('$a', '$b')
experiment_id IN ('$a',)
experiment_id in ('$a')
experiment_id IN ()
experiment_id IN ($a)
experiment_id IN ('abc')
experiment_id LIKE '7%'
experiment_id > '5'
experiment_id = 'abc'
creation_time > 0
creation_time >= 0
creation_time < 5
creation_time != 5
creation_time = 0
creation_time > 1.5
creation_time > '0'
creation_time > -1
creation_time LIKE '1%'
creation_time IS NULL
last_update_time > 0
last_update_time <= 99999999999999
attribute.last_update_time > 0
artifact_location LIKE '%'
lifecycle_stage = 'active'
nothing = 'x'
unknown = 'x'
tags.team = 'red'
tags.team != 'red'
tags.team LIKE 'r%'
tags.team ILIKE 'R%'
tags.team IS NULL
tags.team IS NOT NULL
tags.team is not null
tag.team = 'red'
tags.`a b` = 'c'
tags."a b" = 'c'
tags.nokey = 'x'
tags.nokey != 'x'
tags.nokey IS NULL
tags.team IN ('red')
tags.team = 5
tags.team > 'a'
tags.team = 'red' AND tags.note = '50%'
tags.team = 'red' and name LIKE '%alpha'
tags.team = 'red' OR tags.team = 'blue'
NOT tags.team = 'red'
(tags.team = 'red')
tags.team = 'red';
tags.team =
= 'red'
AND
tags.note LIKE '50\\%'
tags.note LIKE '%\\%'
metrics.acc > 1
params.lr = '1'
""".strip().split("\n")

ORDERS = [[], ["name"], ["name ASC"], ["name DESC"], ["name desc"], ["experiment_id"], ["experiment_id DESC"], ["experiment_id ASC"],
          ["creation_time"], ["creation_time DESC"], ["last_update_time"], ["last_update_time DESC", "name"], ["attribute.name"],
          ["attributes.name DESC"], ["`name`"], ["name", "name"], ["name", "name DESC"], ["nothing"], ["unknown"], ["tags.team"], ["metrics.acc"], [""],
          ["name sideways"], ["name, experiment_id"], ["lifecycle_stage"], ["artifact_location"], ["  name   DESC "], ["Name"], [5], [None]]

FORMS = [{"max_results": 0}, {"max_results": -1}, {"max_results": 1}, {"max_results": 50000}, {"max_results": 50001}, {"max_results": "3"},
         {"max_results": "abc"}, {"max_results": 1.5}, {"max_results": None}, {"max_results": 2**63}, {"max_results": True},
         {"page_token": "abc"}, {"page_token": ""}, {"page_token": 5}, {"page_token": "eyJvZmZzZXQiOiAwfQ=="},
         {"page_token": "eyJvZmZzZXQiOiAtMX0="}, {"page_token": "e30="}, {"view_type": "ACTIVE_ONLY"}, {"view_type": "DELETED_ONLY"},
         {"view_type": "ALL"}, {"view_type": 1}, {"view_type": 2}, {"view_type": 3}, {"view_type": 0}, {"view_type": "NOPE"},
         {"view_type": None}, {"filter": 5}, {"filter": None}, {"order_by": "name"}, {"order_by": {}}, {"unknown": 1}, {"viewType": "ALL"}]

QUERIES = ["", "max_results=5", "max_results=abc", "max_results=", "max_results=5&max_results=6", "max_results=5&view_type=ALL",
           "max_results=5&view_type=3", "max_results=5&view_type=NOPE", "max_results=5&order_by=name&order_by=experiment_id%20DESC",
           "max_results=5&unknown=1", "maxResults=5", "max_results=5&maxResults=5", "max_results=5.5", "max_results=-1",
           "max_results=%20%205", "max_results=0x5", "max_results=5&page_token=abc", "max_results=5&filter=", "max_results=1e2",
           "max_results=5&view_type=", "max_results=5&filter=%00", "max_results=5&filter=%FF", "&&&", "=", "max_results"]

BASE = {"max_results": 100}
NARROW = "name LIKE '$n%'"
# Most conditions are narrowed down; these are tried alone because they are about the shape of the whole filter.
WHOLE = ["", " ", "name LIKE '$n%' AND", "name LIKE '$n%';", "abc", "'", "`", "name LIKE '$n%' AND AND name = 'x'"]


def _query(text):
    """GET with a filter that no experiment of another case fits, unless the query has one of its own."""
    own = "filter" in text
    return get(PATH, text if own or not text else f"{text}&filter=name%20LIKE%20'$n%25'")


def _chunks(name, bodies, size=40):
    for start in range(0, len(bodies), size):
        yield case(f"{name} {start:03d}", setup(), [post(PATH, body) for body in bodies[start:start + size]])


CASES = [
    *_chunks("filter", [BASE | {"filter": f"{NARROW} AND {text}"} for text in CONDITIONS]),
    *_chunks("leading", [BASE | {"filter": f"{text} AND {NARROW}"} for text in CONDITIONS[:20]]),
    *_chunks("whole", [{"max_results": 1, "filter": text} for text in WHOLE]),
    *_chunks("order", [BASE | {"filter": NARROW, "order_by": order} for order in ORDERS]),
    *_chunks("form", [BASE | {"filter": NARROW} | fields for fields in FORMS]),
    case("query", setup(), [_query(text) for text in QUERIES]),
    case("paging", setup(), *[post(PATH, {"filter": NARROW, "max_results": size, "order_by": order}, pages="experiments")
                               for size in (1, 2, 3, 4) for order in ([], ["name"], ["experiment_id DESC"])],
         get(PATH, [("filter", NARROW), ("max_results", "2")], pages="experiments"),
         post(PATH, {"filter": NARROW, "max_results": 2, "view_type": "ALL"}, pages="experiments")),
    case("no limit", experiment(), post(PATH), get(PATH), post(PATH, {"filter": NARROW})),
    case("all by view", *[post(PATH, {"max_results": 1, "view_type": view, "order_by": ["experiment_id ASC"]}) for view in ("ACTIVE_ONLY", "ALL")]),
]
