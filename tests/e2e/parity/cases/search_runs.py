"""The filter and order grammar of runs, over one fixed set of runs."""

from parity.case import batch, case, experiment, kv, metric, post, run

# name, status, times, metrics, params, tags: chosen so that most filters split them.
RUNS = [
    ("alpha", "FINISHED", 100, 500, {"acc": 0.9, "loss": 0.1}, {"lr": "0.1", "opt": "adam"}, {"env": "prod", "owner": "ann"}),
    ("beta", "FAILED", 200, 400, {"acc": 0.5, "loss": 0.7}, {"lr": "0.01", "opt": "sgd"}, {"env": "dev", "owner": "bob"}),
    ("gamma", "RUNNING", 300, None, {"acc": 0.5}, {"lr": "0.1"}, {"env": "Prod"}),
    ("delta", "KILLED", 400, 450, {"loss": "NaN", "acc": 0}, {"opt": "Adam"}, {}),
    ("Alpha_2", "FINISHED", 500, 600, {"acc": -1, "loss": "Infinity", "x/y z": 3}, {"lr": "", "long key": "50%"}, {"a b": "c d", "note": "it_s"}),
    ("no metrics", "SCHEDULED", 600, None, {}, {"lr": "1e-3"}, {"env": "", "mlflow.note.content": "hello"}),
    ("gamma", "FINISHED", 350, 700, {"acc": 1e300, "loss": 0}, {"opt": "adam"}, {"env": "prod", "üñí": "ü"}),
]


def setup():
    steps = [experiment()]
    for number, (name, status, start, end, metrics, params, tags) in enumerate(RUNS):
        one = f"r{chr(97 + number)}"
        steps.append(run(one, run_name=name, start_time=start, user_id=f"user{number % 2}", tags=kv(**tags)))
        steps.append(batch(f"${one}", metrics=[metric(key, value, 5, 1) for key, value in metrics.items()], params=kv(**params)))
        ending = {} if end is None else {"end_time": end}
        steps.append(post("runs/update", {"run_id": f"${one}", "status": status} | ending))
    steps.append(post("runs/log-inputs", {"run_id": "$ra", "datasets": [_dataset("iris", "d1", "train"), _dataset("wine", "d2", "test")]}))
    steps.append(post("runs/log-inputs", {"run_id": "$rb", "datasets": [_dataset("iris", "d3", "test")]}))
    steps.append(post("runs/log-inputs", {"run_id": "$rc", "datasets": [_dataset("Iris", "d1", None)]}))
    return steps


def _dataset(name, digest, context):
    tags = kv(**{"mlflow.data.context": context}) if context else []
    return {"tags": tags, "dataset": {"name": name, "digest": digest, "source_type": "local", "source": "{}"}}


FILTERS = """
metrics.acc > 0.5
metrics.acc >= 0.5
metrics.acc < 0.5
metrics.acc <= 0.5
metrics.acc = 0.5
metrics.acc != 0.5
metric.acc > 0.5
metrics.acc > -1
metrics.acc = -1
metrics.acc >= -1.0
metrics.acc > 1e0
metrics.acc >= 1e300
metrics.acc > .5
metrics.acc > 5.
metrics.acc > +1
metrics.acc>0.5
metrics.acc   >    0.5
metrics.acc > 0.5 AND metrics.loss < 1
metrics.acc > 0.5 and params.opt = 'adam'
metrics.acc > 0.5 And tags.env = 'prod' aNd attributes.status = 'FINISHED'
metrics.loss = 0
metrics.loss != 0
metrics.loss != 3
metrics.loss > 0
metrics.loss > 1e308
metrics.nokey > 0
metrics.nokey != 0
metrics.`x/y z` = 3
metrics."x/y z" = 3
metrics.'x/y z' = 3
metrics.x/y z = 3
metrics.acc = '0.5'
metrics.acc = "0.5"
metrics.acc = abc
metrics.acc LIKE '0%'
metrics.acc IN (0.5)
metrics.acc IS NULL
metrics.acc IS NOT NULL
metrics.acc BETWEEN 0 AND 1
metrics.acc == 0.5
metrics.acc <> 0.5
metrics.acc => 0.5
metrics.acc = NaN
metrics.acc = 0x10
metrics.acc = 1_000
metrics.acc = 1e400
metrics.acc > - 1
metrics.acc > --1
params.opt = 'adam'
params.opt = "adam"
params.opt != 'adam'
params.opt LIKE 'ad%'
params.opt LIKE 'a_am'
params.opt like 'ad%'
params.opt ILIKE 'AD%'
params.opt ilike 'ADAM'
params.opt Like 'Ad%'
param.opt = 'adam'
parameters.opt = 'adam'
parameter.opt = 'adam'
params.lr = '0.1'
params.lr = 0.1
params.lr = ''
params.lr != ''
params.lr > '0.1'
params.lr IS NULL
params.lr IS NOT NULL
params.lr is null
params.lr is not null
params.lr Is Not Null
params.opt IS NULL AND tags.env IS NOT NULL
params.`long key` = '50%'
params."long key" LIKE '50\\%'
params.`long key` LIKE '%\\%'
params.`long key` LIKE '50%'
params.opt IN ('adam')
params.opt IN ('adam', 'sgd')
params.opt NOT IN ('adam')
params.nokey = 'x'
params.nokey != 'x'
params.nokey IS NULL
params.opt = adam
params.opt = `adam`
params.opt = 'ad''am'
params.opt = 'it\\'s'
params.opt = "it's"
params.opt = 'say "hi"'
params.opt = 'adam
params.opt = ''''
params.opt = ''
tags.env = 'prod'
tags.env != 'prod'
tags.env LIKE 'P%'
tags.env ILIKE 'P%'
tags.env = ''
tags.env IS NULL
tags.env IS NOT NULL
tag.env = 'prod'
tags.`a b` = 'c d'
tags."a b" = 'c d'
tags.`env` = "prod"
tags.nokey != 'x'
tags.mlflow.note.content = 'hello'
tags.`mlflow.note.content` = 'hello'
tags.note = 'it_s'
tags.note LIKE 'it\\_s'
tags.note LIKE 'it_s'
tags.üñí = 'ü'
tags.`üñí` = 'ü'
tags.`üñí` ILIKE 'Ü'
tags.env = 'prod' AND tags.owner = 'ann'
tags.env = 'prod' AND tags.env = 'dev'
tags.env = 5
tags.mlflow.runName = 'alpha'
tags.`mlflow.runName` = 'alpha'
tags.env IN ('prod', 'dev')
tags. = 'a'
tags.`` = 'a'
status = 'FINISHED'
status != 'FINISHED'
status LIKE 'F%'
status ILIKE 'f%'
status = 'finished'
status = 'NOPE'
status IN ('FINISHED', 'FAILED')
status IS NULL
attributes.status = 'FAILED'
attribute.status = 'FAILED'
attr.status = 'FAILED'
run.status = 'FAILED'
attributes.`status` = 'FAILED'
`status` = 'FAILED'
status = FAILED
Status = 'FAILED'
STATUS = 'FAILED'
run_name = 'alpha'
run_name != 'alpha'
run_name LIKE '%lpha%'
run_name ILIKE 'ALPHA%'
run_name = 'gamma'
`run name` = 'alpha'
`Run name` = 'alpha'
`Run Name` = 'alpha'
"run name" = 'alpha'
attributes.`run name` = 'alpha'
attributes."Run Name" = 'alpha'
attributes.run_name = 'no metrics'
run_name IN ('alpha')
run_name IS NULL
run_name > 'a'
run_name = 5
run_id = '$ra'
run_id != '$ra'
run_id LIKE '%'
run_id ILIKE '%'
run_id IN ('$ra')
run_id IN ('$ra', '$rb')
run_id IN ("$ra", "$rb")
run_id in ('$ra','$rb',)
run_id NOT IN ('$ra', '$rb')
run_id not in ('$ra')
run_id IN ()
run_id IN ('')
run_id IN (5)
run_id IN ('$ra', 5)
run_id IN '$ra'
run_id IN $ra
run_id IN ['$ra']
run_id IN (('$ra'))
run_id IN ('$ra'
run_id = 'none'
attributes.run_id IN ('$ra', '$rc') AND metrics.acc > 0.6
start_time > 300
start_time >= 300
start_time = 300
start_time != 300
start_time < 300
start_time <= 300
start_time > 300.5
start_time > '300'
start_time > -1
start_time > 1e2
start_time IN (300)
attributes.start_time > 300
attr.created > 300
Created > 300
created > 300
attributes.Created > 300
end_time > 450
end_time != 450
end_time = 0
end_time IS NULL
artifact_uri LIKE '%artifacts'
artifact_uri != 'x'
artifact_uri ILIKE '%ARTIFACTS'
user_id = 'user0'
user_id != 'user0'
user_id LIKE 'user%'
user_id IN ('user0')
attributes.user_id ILIKE 'USER1'
experiment_id = '0'
lifecycle_stage = 'active'
attributes.nothing = 'x'
nothing = 'x'
unknown = 'x'
attributes.unknown = 'x'
nothing.acc > 1
model.acc > 1
dataset.name = 'iris'
datasets.name = 'iris'
dataset.name != 'iris'
dataset.name LIKE 'i%'
dataset.name LIKE 'I%'
dataset.name ILIKE 'I%'
dataset.name IN ('iris', 'wine')
dataset.name NOT IN ('wine')
dataset.digest = 'd1'
dataset.digest IN ('d1', 'd3')
dataset.digest LIKE 'd%'
dataset.context = 'train'
datasets.context = 'test'
dataset.context != 'train'
dataset.context IN ('train')
dataset.context NOT IN ('train')
dataset.context ILIKE 'T%'
dataset.name = 'iris' AND dataset.context = 'test'
dataset.name = 'iris' AND dataset.digest = 'd1' AND dataset.context = 'train'
dataset.name = 'wine' AND dataset.name = 'iris'
dataset.nothing = 'x'
dataset.name > 'a'
dataset.name = 5
dataset.name IS NULL
dataset = 'iris'
metrics.acc > 0.5 OR metrics.acc < 0
NOT metrics.acc > 0.5
(metrics.acc > 0.5)
(metrics.acc > 0.5) AND (metrics.loss < 1)
metrics.acc > 0.5;
metrics.acc > 0.5; metrics.loss < 1
;
metrics.acc > 0.5 AND
AND metrics.acc > 0.5
metrics.acc > 0.5 AND AND metrics.loss < 1
metrics.acc > 0.5 metrics.loss < 1
metrics.acc > 0.5, metrics.loss < 1
metrics.acc >
metrics.acc
> 0.5
0.5 < metrics.acc
'a' = 'a'
1 = 1
metrics.acc > metrics.loss
metrics. > 0.5
metrics > 0.5
.acc > 0.5
metrics..acc > 0.5
metrics.acc.b > 0.5
metrics acc > 0.5
abc
SELECT 1
DROP TABLE runs
metrics.acc > 0.5 -- comment
metrics.acc > 0.5 /* comment */
/* comment */ metrics.acc > 0.5
metrics.acc > 0.5 AND -- comment
params.opt = 'adam' # comment
metrics.acc > (0.5)
metrics.acc > 0.5 + 1
metrics.acc > 1/2
metrics.acc > @x
metrics.acc > :x
metrics.acc > ?
metrics.acc > NULL
metrics.acc > TRUE
params.opt = TRUE
params.order = 'x'
params.key = 'x'
params.select = 'x'
params.`order` = 'x'
tags.desc = 'x'
tags.user = 'x'
tags.name = 'x'
tags.type = 'x'
tags.date = 'x'
metrics.count > 1
metrics.max > 1
metrics.f1-score > 1
metrics.`f1-score` > 1
metrics.a:b > 1
metrics.1acc > 1
metrics.@acc > 1
metrics.val_acc > 1
metrics.acc_1 > 1
params.a.b.c = 'x'
run_name = 'α'
run_name = '%'
run_name LIKE '%'
run_name LIKE ''
run_name LIKE '\\'
tags.env = 'prod' AND params.lr = '0.1' AND metrics.acc > 0 AND status = 'FINISHED' AND start_time > 0 AND run_name LIKE 'a%'
""".strip().split("\n") + ["", " ", "\n", "\t metrics.acc\n>\n0.5 ", "run_id IN (\n'$ra'\n)", "params.opt = 'a\nb'"]

ORDERS = [
    [], ["metrics.acc"], ["metrics.acc ASC"], ["metrics.acc DESC"], ["metrics.acc asc"], ["metrics.acc desc"], ["metrics.loss ASC"],
    ["metrics.loss DESC"], ["metrics.nokey"], ["metrics.nokey DESC"], ["params.lr"], ["params.lr DESC"], ["params.opt ASC", "metrics.acc DESC"],
    ["tags.env"], ["tags.env DESC"], ["tags.`a b`"], ["tags.\"a b\" DESC"], ["metrics.`x/y z` DESC"], ["attributes.start_time"],
    ["attributes.start_time DESC"], ["start_time"], ["start_time ASC"], ["start_time DESC"], ["attribute.start_time"], ["attr.start_time"],
    ["run.start_time"], ["end_time"], ["end_time DESC"], ["status"], ["status DESC"], ["run_name"], ["run_name DESC"], ["attributes.run_name"],
    ["`run name`"], ["attributes.`Run Name` DESC"], ["user_id"], ["user_id DESC", "metrics.acc"], ["Created"], ["attributes.created DESC"], ["experiment_id"], ["lifecycle_stage"], ["metrics.acc", "metrics.acc"],
    ["metrics.acc", "metrics.acc DESC"], ["start_time", "start_time"], ["start_time", "attributes.start_time DESC"], ["metrics.acc sideways"],
    ["metrics.acc DESC DESC"], ["metrics.acc, metrics.loss"], ["metrics"], ["acc"], [""], [" "], ["metrics."], ["nothing.acc"], ["dataset.name"],
    ["params.a b"], ["metric.acc"], ["param.lr"], ["tag.env"], ["  metrics.acc   DESC  "], ["metrics.acc\tDESC"], ["'metrics.acc'"], ["5"],
    ["metrics.acc DESC", "start_time ASC"], ["tags.env", "params.opt DESC", "metrics.loss"], ["metrics.acc NULLS FIRST"],
]

# Random values: their order is only tried on a single run.
RANDOM_ORDERS = [["run_id"], ["run_id DESC"], ["artifact_uri DESC"], ["run_id", "start_time"], ["attributes.run_id"], ["run_uuid"]]

FORMS = [
    {"max_results": 0}, {"max_results": -1}, {"max_results": 1}, {"max_results": 50000}, {"max_results": 50001}, {"max_results": "3"},
    {"max_results": "abc"}, {"max_results": 2.0}, {"max_results": 2.5}, {"max_results": None}, {"max_results": True}, {"max_results": 2**31},
    {"max_results": 2**63}, {"page_token": "abc"}, {"page_token": ""}, {"page_token": None}, {"page_token": 5},
    {"page_token": "eyJvZmZzZXQiOiAwfQ=="}, {"page_token": "eyJvZmZzZXQiOiAtMX0="}, {"page_token": "eyJvZmZzZXQiOiAyfQ=="},
    {"page_token": "e30="}, {"page_token": "eyJvZmZzZXQiOiAiYSJ9"}, {"page_token": "////"}, {"page_token": "ü"},
    {"run_view_type": "ACTIVE_ONLY"}, {"run_view_type": "DELETED_ONLY"}, {"run_view_type": "ALL"}, {"run_view_type": 1}, {"run_view_type": 2},
    {"run_view_type": 3}, {"run_view_type": "2"}, {"run_view_type": 0}, {"run_view_type": 9}, {"run_view_type": "all"}, {"run_view_type": "NOPE"},
    {"run_view_type": None}, {"experiment_ids": []}, {"experiment_ids": None}, {"experiment_ids": "$exp"}, {"experiment_ids": ["$exp", "$exp"]},
    {"experiment_ids": ["$exp", "999999"]}, {"experiment_ids": ["abc"]}, {"experiment_ids": [5]}, {"experiment_ids": [""]},
    {"filter": None}, {"filter": 5}, {"filter": ["a"]}, {"filter": {}}, {"order_by": "metrics.acc"}, {"order_by": None}, {"order_by": [5]},
    {"order_by": [None]}, {"order_by": {}}, {"unknown": 1}, {"filter_string": "metrics.acc > 0.5"}, {"orderBy": ["metrics.acc"]},
]

BASE = {"experiment_ids": ["$exp"], "max_results": 100}

# The runs are made once for all the searches of a case: forty searches a case keep failures readable and set-up cheap.
CHUNK = 40


def _chunks(name, bodies):
    for start in range(0, len(bodies), CHUNK):
        yield case(f"{name} {start:03d}", setup(), [post("runs/search", body) for body in bodies[start:start + CHUNK]])


CASES = [
    *_chunks("filter", [BASE | {"filter": text} for text in FILTERS]),
    *_chunks("order", [BASE | {"order_by": order} for order in ORDERS]),
    *_chunks("random order", [BASE | {"filter": "run_id = '$ra'", "order_by": order} for order in RANDOM_ORDERS]),
    *_chunks("form", [BASE | fields for fields in FORMS]),
    case("paging", setup(), *[post("runs/search", BASE | {"max_results": size, "order_by": order}, pages="runs")
                               for size in (1, 2, 3, 7, 8) for order in ([], ["metrics.acc DESC"], ["params.lr"], ["tags.env DESC"])]),
    case("filtered paging", setup(), post("runs/search", BASE | {"max_results": 2, "filter": "metrics.acc > -5"}, pages="runs")),
    case("deleted ones", setup(), post("runs/delete", {"run_id": "$ra"}), *[post("runs/search", BASE | {"run_view_type": view, "filter": "params.lr = '0.1'"})
                                                                           for view in ("ACTIVE_ONLY", "DELETED_ONLY", "ALL")]),
    case("two experiments", experiment(), run(), experiment("other", "${n}_other"), run("second", "$other", start_time=7),
         post("runs/search", {"experiment_ids": ["$exp", "$other"], "max_results": 10}),
         post("runs/search", {"experiment_ids": ["$other"], "max_results": 10}),
         post("experiments/delete", {"experiment_id": "$other"}),
         post("runs/search", {"experiment_ids": ["$exp", "$other"], "max_results": 10, "run_view_type": "ALL"})),
    case("no body", post("runs/search"), post("runs/search", {"max_results": 5})),
]

