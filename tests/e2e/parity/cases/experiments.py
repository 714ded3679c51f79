"""Creating, reading, changing, deleting and restoring experiments."""

from parity.case import a_run, case, delete, experiment, get, kv, post, read, run, search, table

MISSING = "123456"

NAMES = ["", " ", "\t\n", "a" * 500, "a" * 501, "ä" * 500, "ä" * 501, "naïve 実験 🎉", "with/slash", "with:colon",
         "../up", "quote'\"`", "line\nbreak", " padded ", "%2e%2e", "NULL", "0"]

LOCATIONS = ["s3://bucket/path", "S3://bucket/path", "/local/path", "relative/path", "file:///local/path",
             "mlflow-artifacts:/x", "mlflow-artifacts://host/x", "http://host/x", "https://host/x", "ftp://host/x",
             "hdfs://host/x", "dbfs:/x", "gs://bucket/x", "s3://bucket/path?query=1", "s3://bucket/path#fragment",
             "s3://bucket/a;params", "s3://bucket/../up", "s3://bucket/path?a=../..", "s3://bucket/path?a=%2e%2e%2f",
             "", "s3://bucket/" + "a" * 2100, "/with space/x", "unknown://host/x", "s3:", "://", "/a/../b", "s3://bucket/p/"]

IDS = ["abc", "-1", "1.5", "0x1", " 1", "99999999999", "9" * 40, "", "1e3", "00", "١"]

KEYS = ["", "a" * 250, "a" * 251, "with space", "a/b", "a.b:c-d_e", "a$b", "../a", "/a", "a//b", ".", "..", "a/../b",
        "ключ", "a\nb", "%41", "mlflow.note.content", "a'b", 'a"b', "a\\b"]


def _create(name):
    return post("experiments/create", {"name": name}, save={"x": "experiment_id"}), get("experiments/get", {"experiment_id": "$x"})


def _locate(location):
    return (post("experiments/create", {"name": "$n", "artifact_location": location}, save={"exp": "experiment_id"}),
            get("experiments/get", {"experiment_id": "$exp"}), run(), read())


def _with_id(text):
    return (get("experiments/get", {"experiment_id": text}), post("experiments/delete", {"experiment_id": text}),
            post("experiments/update", {"experiment_id": text, "new_name": "$n"}),
            post("experiments/restore", {"experiment_id": text}), run(exp=text),
            post("runs/search", {"experiment_ids": [text]}))


def _tag(key):
    return (experiment(), post("experiments/set-experiment-tag", {"experiment_id": "$exp", "key": key, "value": "v"}),
            get("experiments/get", {"experiment_id": "$exp"}),
            post("experiments/delete-experiment-tag", {"experiment_id": "$exp", "key": key}))


CASES = [
    case("default", get("experiments/get", {"experiment_id": "0"}), get("experiments/get-by-name", {"experiment_name": "Default"})),
    case("missing", get("experiments/get", {"experiment_id": MISSING}),
         get("experiments/get-by-name", {"experiment_name": "nobody"}),
         post("experiments/delete", {"experiment_id": MISSING}), post("experiments/restore", {"experiment_id": MISSING}),
         post("experiments/update", {"experiment_id": MISSING, "new_name": "$n"}),
         post("experiments/set-experiment-tag", {"experiment_id": MISSING, "key": "a", "value": "b"}),
         post("experiments/delete-experiment-tag", {"experiment_id": MISSING, "key": "a"}), run(exp=MISSING),
         post("runs/search", {"experiment_ids": [MISSING]})),
    case("without parameters", get("experiments/get"), get("experiments/get-by-name"), post("experiments/create"),
         post("experiments/delete"), post("experiments/restore"), post("experiments/update"),
         post("experiments/set-experiment-tag"), post("experiments/delete-experiment-tag")),
    case("twice", experiment(), experiment("again")),
    case("name of a deleted one", experiment(), post("experiments/delete", {"experiment_id": "$exp"}),
         experiment("again"), get("experiments/get-by-name", {"experiment_name": "$n"})),
    case("tags at creation", post("experiments/create", {"name": "$n", "tags": kv(b="2", a="1", empty="")},
                                  save={"exp": "experiment_id"}), get("experiments/get", {"experiment_id": "$exp"})),
    case("same tag twice at creation", post("experiments/create", {"name": "$n", "tags": kv(a="1") + kv(a="2")},
                                            save={"exp": "experiment_id"}), get("experiments/get-by-name", {"experiment_name": "$n"})),
    case("bad tag at creation", post("experiments/create", {"name": "$n", "tags": kv(**{"a$": "1"})}),
         post("experiments/create", {"name": "$n", "tags": [{"key": "a"}]}, save={"x": "experiment_id"}),
         get("experiments/get", {"experiment_id": "$x"}),
         post("experiments/create", {"name": "${n}2", "tags": [{"value": "a"}]}),
         post("experiments/create", {"name": "${n}3", "tags": "a"}),
         post("experiments/create", {"name": "${n}4", "tags": [{}]})),
    case("long tag", experiment(),
         post("experiments/set-experiment-tag", {"experiment_id": "$exp", "key": "a", "value": "v" * 20000}),
         post("experiments/set-experiment-tag", {"experiment_id": "$exp", "key": "b", "value": "v" * 20001}),
         get("experiments/get", {"experiment_id": "$exp"})),
    case("tag replaced", experiment(),
         post("experiments/set-experiment-tag", {"experiment_id": "$exp", "key": "a", "value": "1"}),
         post("experiments/set-experiment-tag", {"experiment_id": "$exp", "key": "a", "value": "2"}),
         post("experiments/set-experiment-tag", {"experiment_id": "$exp", "key": "a"}),
         post("experiments/set-experiment-tag", {"experiment_id": "$exp", "key": "e", "value": ""}),
         get("experiments/get", {"experiment_id": "$exp"}),
         post("experiments/delete-experiment-tag", {"experiment_id": "$exp", "key": "nokey"})),
    case("tag of a deleted one", experiment(), post("experiments/delete", {"experiment_id": "$exp"}),
         post("experiments/set-experiment-tag", {"experiment_id": "$exp", "key": "a", "value": "1"}),
         post("experiments/delete-experiment-tag", {"experiment_id": "$exp", "key": "a"})),
    case("rename", experiment(), experiment("other", "${n}_other"),
         post("experiments/update", {"experiment_id": "$exp", "new_name": "${n}_new"}),
         post("experiments/update", {"experiment_id": "$exp", "new_name": "${n}_new"}),
         get("experiments/get", {"experiment_id": "$exp"}),
         post("experiments/update", {"experiment_id": "$exp"}),
         post("experiments/update", {"experiment_id": "$exp", "new_name": ""}),
         get("experiments/get", {"experiment_id": "$exp"})),
    case("rename onto another", experiment(), experiment("other", "${n}_other"),
         post("experiments/update", {"experiment_id": "$exp", "new_name": "${n}_other"}),
         get("experiments/get", {"experiment_id": "$exp"})),
    case("rename to a bad name", experiment(),
         post("experiments/update", {"experiment_id": "$exp", "new_name": "a" * 501}),
         post("experiments/update", {"experiment_id": "$exp", "new_name": "  "}),
         post("experiments/update", {"experiment_id": "$exp", "new_name": 5}),
         get("experiments/get", {"experiment_id": "$exp"})),
    case("rename a deleted one", experiment(), post("experiments/delete", {"experiment_id": "$exp"}),
         post("experiments/update", {"experiment_id": "$exp", "new_name": "${n}_new"}),
         get("experiments/get", {"experiment_id": "$exp"})),
    case("delete twice", experiment(), post("experiments/delete", {"experiment_id": "$exp"}),
         post("experiments/delete", {"experiment_id": "$exp"}), post("experiments/restore", {"experiment_id": "$exp"}),
         post("experiments/restore", {"experiment_id": "$exp"})),
    case("delete takes the runs along", a_run(), run("second"), post("runs/delete", {"run_id": "$second"}),
         post("experiments/delete", {"experiment_id": "$exp"}), read(), read("$second"),
         run(exp="$exp"), search(run_view_type="ALL"),
         post("experiments/restore", {"experiment_id": "$exp"}), get("runs/get", {"run_id": "$second"}),
         search(run_view_type="ALL"), search(run_view_type="DELETED_ONLY")),
    case("runs of a deleted one are read only", a_run(), post("experiments/delete", {"experiment_id": "$exp"}),
         post("runs/set-tag", {"run_id": "$run", "key": "a", "value": "b"}), post("runs/restore", {"run_id": "$run"}),
         post("runs/log-metric", {"run_id": "$run", "key": "a", "value": 1, "timestamp": 1})),
    case("delete the default", post("experiments/delete", {"experiment_id": "0"}),
         get("experiments/get", {"experiment_id": "0"}), post("experiments/restore", {"experiment_id": "0"})),
    case("get by method", delete("experiments/get"), get("experiments/create")),
    *table("name", NAMES, _create),
    *table("location", LOCATIONS, _locate),
    *table("id", IDS, _with_id),
    *table("tag key", KEYS, _tag),
]
