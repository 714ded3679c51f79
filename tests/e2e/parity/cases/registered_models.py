"""Registered models: creating, reading, renaming, describing, tagging, deleting."""

from parity.case import case, delete, get, kv, patch, post, table
from parity.registry import (IS_PROMPT, SOURCE, a_version, alias, delete_tag, get_alias, get_version, latest, model,
                             registered, set_tag, stage, update, version)

NAMES = ["", " ", "\t\n", "a" * 256, "a" * 257, "ä" * 256, "ä" * 257, "naïve 実験 🎉", "with/slash", "/", "with:colon", ":", "a/b:c",
         ".", "..", "...", "../up", "./x", "a.b", "a/", "quote'\"`", "line\nbreak", " padded ", "%2e%2e", "%2F", "NULL", "0", "m-" + "0" * 32,
         "back\\slash", "hash#tag", "question?", "x@y", "a&b=c", "e\u0301", "a\x00b", "\u200b", None, 5, True, [], ["a"], {}]

FIELDS = [{"description": ""}, {"description": "text"}, {"description": "ü" * 5000}, {"description": "x" * 5001}, {"description": None},
          {"description": 5}, {"description": ["a"]}, {"tags": kv(a="1", b="")}, {"tags": kv(a="1") + kv(a="2")}, {"tags": []}, {"tags": None},
          {"tags": "a"}, {"tags": 5}, {"tags": [5]}, {"tags": [{}]}, {"tags": [{"key": "a"}]}, {"tags": [{"value": "a"}]}, {"tags": {"key": "a", "value": "b"}},
          {"tags": kv(**{"": "v"})}, {"tags": kv(**{"k" * 250: "v"})}, {"tags": kv(**{"k" * 251: "v"})}, {"tags": kv(a="v" * 5000)},
          {"tags": kv(a="v" * 5001)}, {"tags": kv(**{"b$d": "v"})}, {"tags": kv(**{"ключ": "значение"})}, {"tags": [{"key": 5, "value": 6}]},
          {"tags": kv(**{IS_PROMPT: "true"})}, {"tags": kv(**{IS_PROMPT: "false"})}, {"tags": kv(**{IS_PROMPT: "True"})}, {"tags": kv(**{IS_PROMPT: ""})},
          {"unknown": 1}, {"deployment_job_id": "1"}, {"user_id": "me"}, {"last_updated_timestamp": 5}, {"tags": [{"key": f"t{n}", "value": "v"} for n in range(150)]}]

KEYS = ["", " ", "a" * 250, "a" * 251, "ä" * 250, "with space", "a/b", "a.b:c-d_e", "a$b", "../a", "/a", "a//b", ".", "..", "a/../b", "ключ", "a\nb", "%41",
        "mlflow.note.content", "a'b", 'a"b', "a\\b", "a\x00b", None, 5, ["a"]]
VALUES = ["", " ", "v" * 5000, "v" * 5001, "ü" * 5000, "🎉", "a\nb", "a\x00b", "%", None, 5, 1.5, True, ["a"], {"a": 1}]

PROMPT = kv(**{IS_PROMPT: "true", "team": "red"})
CALLS = ["registered-models/create", "registered-models/rename", "registered-models/set-tag", "registered-models/get-latest-versions",
         "registered-models/alias"]


def _named(name):
    """A name in every place where a name can stand."""
    return (registered(name), get("registered-models/get", {"name": name}), version(name), set_tag("a", "1", name=name), set_tag("a", "1", "1", name=name),
            alias("champion", name=name), get_alias("champion", name=name), latest(name), stage("Staging", name=name),
            patch("registered-models/update", {"name": name, "description": "d"}), get("model-versions/get", {"name": name, "version": "1"}),
            get("model-versions/get-download-uri", {"name": name, "version": "1"}), get("registered-models/get", {"name": name}),
            delete("model-versions/delete", body={"name": name, "version": "1"}), delete("registered-models/delete", body={"name": name}),
            get("registered-models/get", {"name": name}))


def _created(fields):
    return registered(**fields), model()


def _renamed(name):
    return a_version(), post("registered-models/rename", {"name": "$n", "new_name": name}), model(), delete("registered-models/delete", body={"name": name})


def _described(text):
    return registered(description="before"), update(text), model()


def _tagged(key):
    return registered(), set_tag(key), model(), delete_tag(key), model(), delete_tag(key)


def _valued(value):
    return registered(), set_tag("t", "first"), set_tag("t", value), model()


CASES = [
    *table("name", NAMES, _named),
    *table("create", FIELDS, _created),
    *table("rename", NAMES, _renamed),
    *table("description", ["", "text", "ü" * 5000, "x" * 5001, None, 5, ["a"], "a\x00b", "a\nb"], _described),
    *table("tag", KEYS, _tagged),
    *table("tag value", VALUES, _valued),
    case("missing", model(), update("d"), post("registered-models/rename", {"name": "$n", "new_name": "${n}2"}), set_tag("a"), delete_tag("a"), latest(),
         latest(stages=["Staging"]), get("registered-models/get-latest-versions", {"name": "$n"}), delete("registered-models/delete", body={"name": "$n"}),
         version(), alias("champion"), get_alias("champion"), delete("registered-models/alias", body={"name": "$n", "alias": "champion"})),
    case("without parameters", [post(path) for path in CALLS], get("registered-models/get"), get("registered-models/alias"), get("registered-models/get-latest-versions"),
         patch("registered-models/update"), delete("registered-models/delete"), delete("registered-models/delete", body={}),
         delete("registered-models/delete-tag", body={}), delete("registered-models/alias", body={}), delete("registered-models/delete-tag")),
    case("parameters in the other place", registered(), post("registered-models/rename", query={"name": "$n", "new_name": "${n}2"}),
         delete("registered-models/delete-tag", query={"name": "$n", "key": "a"}), delete("registered-models/alias", query={"name": "$n", "alias": "a"}),
         delete("registered-models/delete", query={"name": "$n"}), model(), get("registered-models/get", body={"name": "$n"})),
    case("twice", registered(), registered(), registered(tags=kv(a="1"))),
    case("prompt twice", registered(tags=PROMPT), registered(tags=PROMPT)),
    case("prompt onto a model", registered(), registered(tags=PROMPT)),
    case("model onto a prompt", registered(tags=PROMPT), registered(), registered(tags=kv(**{IS_PROMPT: "false"}))),
    case("quoted names twice", registered("it's ${n}"), registered("it's ${n}", tags=PROMPT), registered('"it\'s" ${n}'), registered('"it\'s" ${n}', tags=PROMPT),
         registered("back\\slash ü\n ${n}"), registered("back\\slash ü\n ${n}", tags=PROMPT)),
    case("names differ by case", registered("${n}_a"), registered("${n}_A"), model("${n}_A"), model("${n}_a")),
    case("name of a deleted one", a_version(2), set_tag("a"), alias("champion"), delete("registered-models/delete", body={"name": "$n"}),
         delete("registered-models/delete", body={"name": "$n"}), registered(), model(), version(), model(), get_alias("champion")),
    case("everything at once", registered(description="d", tags=kv(team="red")), version(), version(save="w"), stage("Production"), alias("champion"),
         alias("next", "2"), set_tag("b", "2"), set_tag("c", "3", "1"), model(), latest(), get_version(), get_version("2")),
    case("rename takes everything along", registered(description="d", tags=kv(a="1")), version(tags=kv(b="2")), version(), alias("champion", "2"), stage("Staging", "2"),
         post("registered-models/rename", {"name": "$n", "new_name": "${n}_new"}), model(), model("${n}_new"), get_version("1", "${n}_new"), get_version("2", "${n}_new"),
         get_version("1"), get_alias("champion", "${n}_new"), get_alias("champion"), version(name="${n}_new"), registered(), version()),
    case("rename to itself", a_version(), alias("champion"), post("registered-models/rename", {"name": "$n", "new_name": "$n"}), model(), get_version()),
    case("rename onto another", a_version(), a_version(1, "${n}_other"), post("registered-models/rename", {"name": "$n", "new_name": "${n}_other"}), model(), model("${n}_other")),
    case("rename without a new name", registered(), post("registered-models/rename", {"name": "$n"}), model()),
    case("rename in case only", registered("${n}_a"), post("registered-models/rename", {"name": "${n}_a", "new_name": "${n}_A"}), model("${n}_A"), model("${n}_a")),
    case("rename keeps deleted numbers", a_version(2), delete("model-versions/delete", body={"name": "$n", "version": "2"}),
         post("registered-models/rename", {"name": "$n", "new_name": "${n}_new"}), version("${n}_new"), get_version("2", "${n}_new")),
    case("rename a prompt", registered(tags=PROMPT), post("registered-models/rename", {"name": "$n", "new_name": "${n}_new"}), model("${n}_new")),
    case("update without a description", registered(description="before"), patch("registered-models/update", {"name": "$n"}), model()),
    case("update leaves the rest", registered(description="before", tags=kv(a="1")), version(), alias("champion"), update("after"), model()),
    case("same description again", registered(description="d"), update("d")),
    case("tag replaced", registered(tags=kv(a="1")), set_tag("a", "2"), set_tag("b", ""), post("registered-models/set-tag", {"name": "$n", "key": "a"}), model()),
    case("tags are not the version's", a_version(), set_tag("a", "1"), get_version(), set_tag("a", "2", "1"), model(), delete_tag("a"), get_version()),
    case("made a prompt later", registered(), set_tag(IS_PROMPT, "true"), registered(), registered(tags=PROMPT), model()),
    case("methods", registered(), get("registered-models/create"), post("registered-models/get", {"name": "$n"}), post("registered-models/update", {"name": "$n"}),
         post("registered-models/delete", {"name": "$n"}), delete("registered-models/get", body={"name": "$n"}), patch("registered-models/rename", {"name": "$n"}),
         post("registered-models/search"), post("model-versions/search"), post("model-versions/get", {"name": "$n", "version": "1"}), model()),
    case("spelling", registered(), post("registered-models/rename", {"name": "$n", "newName": "${n}_new"}), model("${n}_new"),
         post("model-versions/create", {"name": "${n}_new", "source": SOURCE, "runId": "abc", "runLink": "link"}), get_version("1", "${n}_new")),
]
