"""Aliases of versions."""

from parity.case import case, delete, get, post, table
from parity.registry import (a_version, alias, delete_alias, delete_version, get_alias, get_version, latest, model, registered,
                             search_versions, set_tag, stage)

ALIASES = ["champion", "Champion", "latest", "LATEST", "Latest", "latest1", "v3", "V12", "v", "v1a", "v-1", "v 1", "v1.0", "v01", "v\u0661", "1", "12", "", " ", ".", "..", "a b", "a.b", "a/b", "a:b", "a@b",
           "a_b-c", "-", "_", "--", "ä", "名前", "x" * 255, "x" * 256, "x" * 257, "a\n", "\na", "v1\n", "latest\n", "%", "a'b", 'a"b', "a\\b", "a\x00b", "mlflow", "None", "Production", "staging",
           None, 5, True, ["a"], {}]


def _called(name):
    return (a_version(2), alias(name), get_alias(name), model(), get_version(), alias(name, "2"), get_alias(name), get("registered-models/alias", "name=$n"), latest(),
            delete_alias(name), delete_alias(name), get_alias(name), model())


CASES = [
    *table("alias", ALIASES, _called),
    case("moved", a_version(3), alias("champion", "1"), get_alias("champion"), alias("champion", "3"), get_alias("champion"), get_version("1"), get_version("3"), alias("champion", "3"), model()),
    case("several on one version", a_version(2), alias("a"), alias("b"), alias("c"), alias("A"), get_version(), model(), latest(), delete_alias("b"), get_version(), search_versions("name = '$n'")),
    case("same alias in two models", a_version(), a_version(2, "${n}_other"), alias("champion"), alias("champion", "2", "${n}_other"), get_alias("champion"), get_alias("champion", "${n}_other"),
         delete_alias("champion"), get_alias("champion", "${n}_other")),
    case("missing version", a_version(), alias("champion", "2"), alias("champion", "0"), alias("champion", "-1"), alias("champion", "abc"), alias("champion", ""), alias("champion", "1.0"), alias("champion", " 1"),
         alias("champion", None), alias("champion", 1), get_alias("champion"), model()),
    case("moved to a missing version", a_version(), alias("champion"), alias("champion", "2"), alias("champion", "abc"), get_alias("champion")),
    case("missing model", alias("champion"), get_alias("champion"), get_alias("latest"), delete_alias("champion"), alias("latest"), alias("a b"), get_alias("a b"), delete_alias("a b")),
    case("missing alias", a_version(), get_alias("nobody"), delete_alias("nobody"), get_alias("latest"), get_alias("v1"), delete_alias("latest"), delete_alias("v1")),
    case("without parameters", a_version(), post("registered-models/alias", {"name": "$n"}), post("registered-models/alias", {"name": "$n", "alias": "a"}), post("registered-models/alias", {"alias": "a", "version": "1"}),
         post("registered-models/alias", {"name": "$n", "version": "1"}), get("registered-models/alias", {"name": "$n"}), get("registered-models/alias", {"alias": "a"}),
         delete("registered-models/alias", body={"name": "$n"}), delete("registered-models/alias", body={"alias": "a"}), delete("registered-models/alias", query={"name": "$n", "alias": "a"})),
    case("of a deleted version", a_version(2), alias("champion"), alias("other", "2"), delete_version(), get_alias("champion"), model(), alias("champion", "2"), get_alias("champion"), get_version("2")),
    case("latest", registered(), get_alias("latest"), a_version(3, "${n}_many"), stage("Production", "2", "${n}_many"), get_alias("latest", "${n}_many"), get_alias("LATEST", "${n}_many"),
         delete_version("3", "${n}_many"), get_alias("latest", "${n}_many"), stage("Archived", "2", "${n}_many"), get_alias("latest", "${n}_many"), delete_version("2", "${n}_many"), delete_version("1", "${n}_many"),
         get_alias("latest", "${n}_many")),
    case("latest has its aliases", a_version(10), alias("champion", "10"), alias("old", "9"), set_tag("a", "1", "10"), get_alias("latest")),
    case("does not touch times", a_version(2), alias("champion"), model(), get_version(), search_versions("name = '$n'")),
    case("after rename", a_version(2), alias("champion", "2"), post("registered-models/rename", {"name": "$n", "new_name": "${n}_new"}), get_alias("champion", "${n}_new"), alias("champion", "1", "${n}_new"),
         get_alias("champion", "${n}_new"), delete_alias("champion"), delete_alias("champion", "${n}_new"), model("${n}_new")),
]
