"""The latest version of each stage."""

from parity.case import case, get, post, raw, table
from parity.registry import a_version, alias, delete_version, latest, model, registered, set_tag, stage, version

STAGES = [[], ["None"], ["Staging"], ["staging"], ["STAGING", "production"], ["Production", "Production"], ["Archived"], ["None", "Staging", "Production", "Archived"],
          ["none"], ["Deleted_Internal"], ["unknown"], ["Staging", "unknown"], [""], [" Staging"], None, "Staging", [5], [None], {"a": 1}, 5, [["Staging"]]]
QUERIES = ["name=$n", "name=$n&stages=Staging", "name=$n&stages=staging&stages=NONE", "name=$n&stages=", "name=$n&stages=unknown", "name=$n&stages=Staging,None",
           "name=$n&stages=Staging&stages=Staging", "name=$n&stages[]=Staging", "stages=Staging", "name=&stages=Staging", "name=$n&name=other"]


def _setup():
    """Versions 1 to 7: two in each stage but None, which has one."""
    places = ("Staging", "Production", "Archived", "Staging", "Production", "Archived")
    return a_version(7), [stage(place, str(number)) for number, place in enumerate(places, 1)], alias("champion", "5"), set_tag("a", "1", "5")


CASES = [
    *table("stages", STAGES, lambda stages: (_setup(), latest(stages=stages))),
    case("queries", _setup(), *[get("registered-models/get-latest-versions", query, unordered="model_versions") for query in QUERIES]),
    case("bodies", _setup(), post("registered-models/get-latest-versions", {}), raw("POST", "registered-models/get-latest-versions", "", None),
         raw("POST", "registered-models/get-latest-versions", "[]"), raw("POST", "registered-models/get-latest-versions", "{")),
    case("in the model", _setup(), model()),
    case("none", registered(), latest(), model(), get("registered-models/get-latest-versions", {"name": "$n"})),
    case("all deleted", a_version(2), delete_version("1"), delete_version("2"), latest(), model()),
    case("the latest deleted", a_version(3), stage("Staging", "1"), stage("Staging", "2"), delete_version("2"), delete_version("3"), latest(), model()),
    case("more than nine", registered(), [version() for _ in range(11)], latest(), model()),
    case("an older one is moved", a_version(3), stage("Staging", "3"), stage("Staging", "1"), latest(stages=["Staging"]), stage("None", "3"), latest()),
]
