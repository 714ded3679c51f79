"""Versions of registered models: numbers, reading, describing, stages, tags, deleting."""

from parity.case import a_run, case, delete, get, kv, patch, post, table
from parity.registry import (SOURCE, a_version, alias, delete_tag, delete_version, get_alias, get_version, latest, model, registered,
                             search_versions, set_tag, stage, version)

FIELDS = [{}, {"run_id": "r" * 32}, {"run_id": "r" * 33}, {"run_id": ""}, {"run_id": None}, {"run_id": 5}, {"run_link": "http://host/run"}, {"run_link": ""},
          {"run_link": "l" * 500}, {"run_link": "l" * 501}, {"run_link": 5}, {"description": ""}, {"description": "text"}, {"description": "ü" * 5000},
          {"description": "x" * 5001}, {"description": None}, {"description": 5}, {"tags": kv(a="1", b="")}, {"tags": kv(a="1") + kv(a="2")}, {"tags": []},
          {"tags": None}, {"tags": "a"}, {"tags": [5]}, {"tags": [{}]}, {"tags": [{"key": "a"}]}, {"tags": [{"value": "a"}]}, {"tags": kv(**{"": "v"})},
          {"tags": kv(**{"k" * 250: "v"})}, {"tags": kv(**{"k" * 251: "v"})}, {"tags": kv(a="v" * 100_000)}, {"tags": kv(a="v" * 100_001)},
          {"tags": kv(**{"mlflow.prompt.text": "v" * 100_001})}, {"tags": kv(**{"b$d": "v"})}, {"tags": [{"key": 5, "value": 6}]}, {"unknown": 1},
          {"local_model_path": "/x"}, {"version": "9"}, {"current_stage": "Production"}, {"status": "PENDING_REGISTRATION"}, {"model_id": ""}, {"model_id": 5},
          {"model_id": "m-" + "0" * 32}, {"model_params": kv(a="1")}, {"source": "s3://bucket/" + "a" * 480}, {"source": "s3://bucket/" + "a" * 500},
          {"source": ""}, {"source": None}, {"source": 5}, {"source": "/etc/passwd"}, {"source": "s3://bucket/a/../b"}, {"source": "s3://bucket/ü ä"},
          {"source": "runs:/" + "0" * 32 + "/model"}, {"source": "models:/nobody/1"}, {"source": "abc"}]

NUMBERS = ["abc", "-1", "0", "1.5", "999999999999", "2147483647", "2147483648", "9" * 40, "", " ", " 1", "1 ", "+1", "01", "1e0", "1_0", "0x1", "\u0661", "latest",
           "v1", "@champion", "1\n", "1\x00", None, 1, 1.0, True, ["1"]]

STAGES = ["None", "none", "NONE", "Staging", "staging", "sTaGiNg", "Production", "PRODUCTION", "Archived", "archived", "Deleted_Internal", "deleted", "", " ", " Staging",
          "unknown", "ü", None, 5, ["Staging"]]

KEYS = ["", " ", "a" * 250, "a" * 251, "ä" * 250, "with space", "a/b", "a$b", "../a", "/a", ".", "..", "ключ", "a\nb", "mlflow.note.content", "a'b", "a\x00b", None, 5]
VALUES = ["", " ", "v" * 5001, "v" * 100_000, "v" * 100_001, "ü" * 100_000, "🎉", "a\x00b", None, 5, 1.5, True, ["a"]]


def _created(fields):
    return registered(), version(**fields), get_version(), version(), get("model-versions/get-download-uri", {"name": "$n", "version": "1"})


def _numbered(number):
    """A number in every place where one can stand."""
    return (a_version(), get("model-versions/get", {"name": "$n", "version": number}), get("model-versions/get-download-uri", {"name": "$n", "version": number}),
            patch("model-versions/update", {"name": "$n", "version": number, "description": "d"}), stage("Staging", number),
            stage("Staging", number, archive_existing_versions=True), set_tag("a", "1", number), delete_tag("a", number), alias("champion", number),
            get_alias("champion"), delete_version(number), get_version())


def _staged(place):
    return (a_version(3), stage("Staging", "1"), stage("Production", "2"), stage(place, "3"), model(), stage(place, "3", archive_existing_versions=True),
            model(), stage(place, "2", archive_existing_versions=False), latest(), get_version("1"), get_version("2"), get_version("3"))


def _tagged(key):
    return a_version(), set_tag(key, "v", "1"), get_version(), delete_tag(key, "1"), get_version(), delete_tag(key, "1")


def _valued(value):
    return a_version(), set_tag("t", "first", "1"), set_tag("t", value, "1"), get_version()


def _archive(value):
    return a_version(2), stage("Staging", "1"), stage("Staging", "2", archive_existing_versions=value), get_version("1")


CASES = [
    *table("create", FIELDS, _created),
    *table("number", NUMBERS, _numbered),
    *table("stage", STAGES, _staged),
    *table("archive", [True, False, None, "true", "True", "false", "yes", 0, 1, 2, [], ""], _archive),
    *table("tag", KEYS, _tagged),
    *table("tag value", VALUES, _valued),
    *table("description", ["", "text", "ü" * 5000, "x" * 5001, None, 5, ["a"], "a\x00b"],
           lambda text: (registered(), version(description="before"), patch("model-versions/update", {"name": "$n", "version": "1", "description": text}), get_version())),
    case("without parameters", post("model-versions/create"), post("model-versions/create", {"name": "$n"}), post("model-versions/create", {"source": SOURCE}), get("model-versions/get"),
         get("model-versions/get", {"name": "$n"}), get("model-versions/get", {"version": "1"}), get("model-versions/get-download-uri"), get("model-versions/get-download-uri", {"name": "$n"}),
         patch("model-versions/update"), patch("model-versions/update", {"name": "$n"}), post("model-versions/transition-stage"),
         post("model-versions/transition-stage", {"name": "$n", "version": "1"}), post("model-versions/set-tag"), post("model-versions/set-tag", {"name": "$n", "version": "1"}),
         delete("model-versions/delete"), delete("model-versions/delete", body={"name": "$n"}), delete("model-versions/delete-tag", body={}),
         delete("model-versions/delete-tag", body={"name": "$n", "version": "1"})),
    case("parameters in the query", a_version(), delete("model-versions/delete-tag", query={"name": "$n", "version": "1", "key": "a"}),
         delete("model-versions/delete", query={"name": "$n", "version": "1"}), get_version()),
    case("missing version", registered(), get_version(), get("model-versions/get-download-uri", {"name": "$n", "version": "1"}), patch("model-versions/update", {"name": "$n", "version": "1"}),
         stage("Staging"), set_tag("a", "1", "1"), delete_tag("a", "1"), delete_version(), alias("champion")),
    case("missing model", get_version(), get("model-versions/get-download-uri", {"name": "$n", "version": "1"}), patch("model-versions/update", {"name": "$n", "version": "1"}), stage("Staging"),
         stage("unknown"), stage("Staging", archive_existing_versions=True), set_tag("a", "1", "1"), delete_tag("a", "1"), delete_version(), version()),
    case("numbers are not used again", a_version(3), delete_version("3"), version(), get_version("3"), get_version("4"), delete_version("1"), delete_version("2"), delete_version("4"),
         version(), model()),
    case("deleted", registered(), version(description="d", tags=kv(a="1"), run_id="abc", run_link="link"), version(), alias("champion"), alias("next", "2"), stage("Production"), delete_version(),
         delete_version(), get_version(), get("model-versions/get-download-uri", {"name": "$n", "version": "1"}), patch("model-versions/update", {"name": "$n", "version": "1"}), stage("Staging"),
         set_tag("a", "1", "1"), delete_tag("a", "1"), alias("again"), get_alias("champion"), model(), latest(), search_versions("name = '$n'"), delete("registered-models/delete", body={"name": "$n"})),
    case("a deleted one is not archived", a_version(3), stage("Staging", "1"), delete_version("1"), stage("Staging", "2"), stage("Staging", "3", archive_existing_versions=True), model(), get_version("1")),
    case("of many runs", a_run(), registered(), version(source=SOURCE, run_id="$run"), get_version(), search_versions("run_id = '$run'"), post("runs/delete", {"run_id": "$run"}), get_version()),
    case("update without a description", registered(), version(description="before"), patch("model-versions/update", {"name": "$n", "version": "1"}), get_version(), model()),
    case("update leaves the rest", registered(), version(description="before", tags=kv(a="1"), run_id="abc"), alias("champion"), stage("Staging"),
         patch("model-versions/update", {"name": "$n", "version": "1", "description": "after"}), get_version()),
    case("stage twice", a_version(), stage("Staging"), stage("Staging"), stage("None"), stage("None"), get_version()),
    case("archive takes all", a_version(4), [stage("Production", str(number)) for number in (1, 2, 3)], stage("Production", "4", archive_existing_versions=True), latest(),
         [get_version(str(number)) for number in (1, 2, 3, 4)]),
    case("archive leaves itself", a_version(2), stage("Production", "1"), stage("Production", "2"), stage("Production", "1", archive_existing_versions=True), get_version("1"), get_version("2")),
    case("archive with an odd number", a_version(2), stage("Production", "1"), stage("Production", "01", archive_existing_versions=True), get_version("1")),
    case("archive only for active stages", a_version(2), stage("None", "1", archive_existing_versions=True), stage("archived", "1", archive_existing_versions=True), get_version("1")),
    case("tag replaced", registered(), version(tags=kv(a="1")), set_tag("a", "2", "1"), set_tag("b", "", "1"), post("model-versions/set-tag", {"name": "$n", "version": "1", "key": "a"}), get_version()),
    case("tags of two versions", a_version(2), set_tag("a", "1", "1"), set_tag("a", "2", "2"), delete_tag("a", "1"), get_version("1"), get_version("2")),
    case("version of a version", a_version(2), alias("champion", "2"), version("$n", source="models:/$n/1"), get_version("3"), version("$n", source="models:/$n@champion"),
         get_version("4"), get("model-versions/get-download-uri", {"name": "$n", "version": "4"}), version("$n", source="models:/$n/9"), version("$n", source="models:/$n@nobody"),
         version("$n", source="models:/$n/Production"), version("$n", source="models:/$n/latest"), version("$n", source="models:/$n"), version("$n", source="models:/")),
    case("copied to another model", registered(), version(run_id="abc"), registered("${n}_copy"), version("${n}_copy", source="models:/$n/1"), get_version("1", "${n}_copy"),
         get("model-versions/get-download-uri", {"name": "${n}_copy", "version": "1"}), delete_version(), get("model-versions/get-download-uri", {"name": "${n}_copy", "version": "1"})),
    case("int version in a query", a_version(), get("model-versions/get", "name=$n&version=1&version=2"), get("model-versions/get", "name=$n&version=%2B1"), get("model-versions/get", "name=$n&version=1.0")),
]
