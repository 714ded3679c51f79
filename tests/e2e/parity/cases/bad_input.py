"""Input that is meant to hurt: unstorable text, numbers too big for a column, tokens, sizes."""

from parity.case import a_run, batch, case, experiment, get, kv, metric, post, raw, read, run, search, table

# Text that PostgreSQL cannot store or that is not text at all.
TEXTS = ["\x00", "a\x00b", "\ud800", "a\udfffb", "\ud83c", "\uffff", "\ufffe", "\u202e", "\u200b", "\r\n", "\x01", "\x7f", "e\u0301", "x" * 70000]

LONG = "x" * 5000

TOKENS = ["abc", "", " ", "e30=", "bnVsbA==", "W10=", "eyJvZmZzZXQiOiAtMX0=", "eyJvZmZzZXQiOiAwfQ==", "eyJvZmZzZXQiOiAxLjV9", "eyJvZmZzZXQiOiAiMSJ9", "eyJvZmZzZXQiOiB0cnVlfQ==",
          "eyJvZmZzZXQiOiA5OTk5OTk5OTk5OTk5OTk5OTk5OTk5fQ==", "eyJvZmZzZXQiOiA5MjIzMzcyMDM2ODU0Nzc1ODA3fQ==", "eyJvZmZzZXQiOiAxfQ", "%00", "ü", "a" * 10000, "/w==", "gA=="]

SIZES = [0, -1, 1, 50000, 50001, 2**31 - 1, 2**31, 2**53, 2**63 - 1, 2**63, -(2**63), 10**30]


def _text(text):
    return (a_run(), post("experiments/create", {"name": f"${{n}}{text}"}), post("runs/set-tag", {"run_id": "$run", "key": "t", "value": text}),
            post("runs/set-tag", {"run_id": "$run", "key": text, "value": "v"}), post("runs/log-parameter", {"run_id": "$run", "key": "p", "value": text}),
            post("runs/log-parameter", {"run_id": "$run", "key": text, "value": "v"}), post("runs/log-metric", {"run_id": "$run", "key": text, "value": 1, "timestamp": 1}),
            batch(tags=kv(bt=text)), batch(params=kv(bp=text)), post("runs/update", {"run_id": "$run", "run_name": text}), read(),
            post("runs/create", {"experiment_id": "$exp", "start_time": 1, "run_name": text}),
            post("runs/create", {"experiment_id": "$exp", "start_time": 2, "user_id": text}), post("runs/create", {"experiment_id": "$exp", "start_time": 3, "tags": kv(a=text)}), post("experiments/set-experiment-tag", {"experiment_id": "$exp", "key": "k", "value": text}),
            post("experiments/create", {"name": "${n}loc", "artifact_location": f"/x/{text}"}), post("experiments/update", {"experiment_id": "$exp", "new_name": text}),
            post("runs/log-inputs", {"run_id": "$run", "datasets": [{"dataset": {"name": text, "digest": "d", "source_type": "s", "source": "{}"}}]}),
            post("logged-models", {"experiment_id": "$exp", "name": text}), post("logged-models", {"experiment_id": "$exp", "name": "m", "tags": kv(a=text)}),
            post("runs/search", {"experiment_ids": ["$exp"], "filter": f"tags.t = '{text}'"}), post("runs/search", {"experiment_ids": ["$exp"], "filter": f"params.`{text}` = 'a'"}),
            post("runs/search", {"experiment_ids": ["$exp"], "order_by": [f"params.`{text}`"]}), post("runs/search", {"experiment_ids": [text]}),
            post("runs/search", {"experiment_ids": ["$exp"], "filter": text}), post("runs/delete", {"run_id": text}), post("runs/delete-tag", {"run_id": "$run", "key": text}))


def _in_query(text):
    quoted = text.encode("utf-8", "surrogatepass")
    encoded = "".join(f"%{byte:02X}" for byte in quoted[:200])
    return (a_run(), get("runs/get", f"run_id={encoded}"), get("experiments/get", f"experiment_id={encoded}"), get("experiments/get-by-name", f"experiment_name={encoded}"),
            get("metrics/get-history", f"run_id=$run&metric_key={encoded}"), get("artifacts/list", f"run_id=$run&path={encoded}"), get(f"logged-models/{encoded}"),
            get("experiments/search", f"max_results=1&filter={encoded}"))


def _token(token):
    return (a_run(), post("runs/search", {"experiment_ids": ["$exp"], "max_results": 1, "page_token": token}),
            post("experiments/search", {"max_results": 1, "filter": "name = '$n'", "page_token": token}),
            post("logged-models/search", {"experiment_ids": ["$exp"], "page_token": token}),
            get("metrics/get-history", {"run_id": "$run", "metric_key": "m", "max_results": 1, "page_token": token}))


def _size(size):
    return (a_run(), post("runs/search", {"experiment_ids": ["$exp"], "max_results": size}), post("experiments/search", {"max_results": size, "filter": "name = '$n'"}),
            post("logged-models/search", {"experiment_ids": ["$exp"], "max_results": size}),
            get("metrics/get-history", {"run_id": "$run", "metric_key": "m", "max_results": size}),
            get("metrics/get-history-bulk-interval", {"run_ids": "$run", "metric_key": "m", "max_results": size}),
            get("/ajax-api/2.0/mlflow/metrics/get-history-bulk", {"run_id": "$run", "metric_key": "m", "max_results": size}))


CASES = [
    *table("text", TEXTS, _text),
    *table("query text", TEXTS, _in_query),
    *table("token", TOKENS, _token),
    *table("page size", SIZES, _size),
    case("huge filter", experiment(), run(), search("params.a = '" + "x" * 10_000_000 + "'")),
    case("huge filter key", experiment(), run(), search("params.`" + "x" * 1_000_000 + "` = 'a'")),
    case("many clauses", experiment(), run(), search(" AND ".join(["params.a = 'b'"] * 20)), search(" AND ".join(f"tags.t{n} = 'b'" for n in range(40)))),
    case("deep parentheses", experiment(), run(), search("(" * 50 + "params.a = 'b'" + ")" * 50)),
    case("many orders", experiment(), run(), search(order_by=[f"metrics.m{n}" for n in range(30)])),
    case("many experiments", experiment(), run(), post("runs/search", {"experiment_ids": [str(n) for n in range(900_000, 902_000)] + ["$exp"], "max_results": 5})),
    case("long list in a filter", experiment(), run(), search("run_id IN (" + ", ".join(f"'{n:032x}'" for n in range(2000)) + ", '$run')")),
    case("long ids", get("runs/get", {"run_id": LONG}), get("experiments/get", {"experiment_id": LONG}), get("experiments/get", {"experiment_id": "9" * LONG.__len__()}),
         get("experiments/get-by-name", {"experiment_name": LONG}), get(f"logged-models/{LONG}"), get(f"/{LONG}")),
    case("a bad row fails nobody else", a_run(), run("second"), batch(metrics=[metric("a", 1)], params=kv(p="\x00")), read(), batch("$second", metrics=[metric("a", 1)]), read("$second")),
    case("integers out of range", a_run(), *[post("runs/log-metric", {"run_id": "$run", "key": f"m{position}", "value": 1, "timestamp": value, "step": 0})
                                            for position, value in enumerate((2**63 - 1, 2**63, 2**64, -(2**63) - 1))],
         *[post("runs/update", {"run_id": "$run", "end_time": value}) for value in (2**63 - 1, 2**63, -(2**63))], read(), search("end_time > 0"),
         search(f"end_time = {2**63 - 1}"), search(f"end_time > {2**63}"), search(f"start_time > {10**30}"), search(f"metrics.m0 > {10**400}")),
    case("overlong headers", raw("POST", "runs/search", "{}", content_type="application/json; x=" + "y" * 7000)),
]
