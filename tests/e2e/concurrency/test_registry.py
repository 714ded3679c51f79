"""Many writers of one model at once, through two servers over one database."""

import json
import random

from concurrency.threads import THREADS, together
from registry.events import assert_is_a_chain, events
from support.client import Refused

EACH = 6


def test_version_numbers_have_no_gap(site):
    store, clients = site
    name = clients[0].model("numbers")

    def work(thread):
        return [clients[(thread + step) % len(clients)].version(name) for step in range(EACH)]

    made = together(work)
    assert sorted(number for numbers in made for number in numbers) == list(range(1, THREADS * EACH + 1))
    assert all(numbers == sorted(numbers) for numbers in made)
    assert store.query("SELECT min(version), max(version), count(*) FROM model_versions WHERE name = ?", (name,)) == [(1, THREADS * EACH, THREADS * EACH)]


def test_numbers_are_not_used_again_under_deletion(site):
    _, clients = site
    name = clients[0].model("deleted numbers")

    def work(thread):
        client, made = clients[thread % len(clients)], []
        for _ in range(EACH):
            made.append(client.version(name))
            client.delete("model-versions/delete", name=name, version=str(made[-1]))
        return made

    made = [number for numbers in together(work) for number in numbers]
    assert sorted(made) == list(range(1, THREADS * EACH + 1))


def test_an_alias_has_one_holder(site):
    """Everybody moves it; meanwhile, whoever looks sees it somewhere, and afterwards the history is one line."""
    store, clients = site
    name = clients[0].model("moved", versions=8)
    clients[0].post("registered-models/alias", name=name, alias="champion", version="1")

    def work(thread):
        chance, client = random.Random(thread), clients[thread % len(clients)]
        for _ in range(EACH):
            client.post("registered-models/alias", name=name, alias="champion", version=str(chance.randint(1, 8)))
            seen = client.get("registered-models/alias", name=name, alias="champion")["model_version"]
            assert seen["aliases"] == ["champion"], seen
            model = client.get("registered-models/get", name=name)["registered_model"]
            assert [entry["alias"] for entry in model["aliases"]] == ["champion"], model

    together(work)
    held = store.query("SELECT version FROM registered_model_aliases WHERE name = ?", (name,))
    assert len(held) == 1
    assert assert_is_a_chain(events(clients[-1], name)) == {"champion": str(held[0][0])}


def test_aliases_come_and_go(site):
    """Set, moved, deleted, and the versions under them deleted, in any order: the history stays a line for each alias."""
    store, clients = site
    name = clients[0].model("come and go", versions=40)
    aliases = ["champion", "challenger", "canary"]

    def work(thread):
        chance, client = random.Random(thread), clients[thread % len(clients)]
        for _ in range(EACH):
            alias, version = chance.choice(aliases), str(chance.randint(1, 40))
            action = chance.random()
            try:
                if action < 0.6:
                    client.post("registered-models/alias", name=name, alias=alias, version=version)
                elif action < 0.8:
                    client.delete("registered-models/alias", name=name, alias=alias)
                else:
                    client.delete("model-versions/delete", name=name, version=version)
            except Refused as refused:
                assert refused.answer.status == 404, refused

    together(work)
    held = {alias: str(version) for alias, version in store.query("SELECT alias, version FROM registered_model_aliases WHERE name = ?", (name,))}
    assert assert_is_a_chain(events(clients[-1], name)) == held
    gone = store.query("SELECT a.alias FROM registered_model_aliases a JOIN model_versions v ON v.name = a.name AND v.version = a.version "
                       "WHERE a.name = ? AND v.current_stage = 'Deleted_Internal'", (name,))
    assert gone == []


def test_stages_with_archiving_leave_one(site):
    store, clients = site
    name = clients[0].model("stages", versions=THREADS)

    def work(thread):
        client = clients[thread % len(clients)]
        client.post("model-versions/transition-stage", name=name, version=str(thread + 1), stage="Production", archive_existing_versions=True)

    together(work)
    rows = store.query("SELECT current_stage, count(*) FROM model_versions WHERE name = ? GROUP BY current_stage", (name,))
    assert sorted(rows) == [("Archived", THREADS - 1), ("Production", 1)]


def test_one_name_one_model(site):
    _, clients = site

    def work(thread):
        try:
            clients[thread % len(clients)].post("registered-models/create", name="contended", tags=[{"key": "by", "value": str(thread)}])
        except Refused as refused:
            assert refused.answer.status == 400 and b"RESOURCE_ALREADY_EXISTS" in refused.answer.body, refused
            return None
        return str(thread)

    winner, = [made for made in together(work) if made is not None]
    model = clients[-1].get("registered-models/get", name="contended")["registered_model"]
    assert model["tags"] == [{"key": "by", "value": winner}]


def test_renaming_while_writing(site):
    """Versions, tags and aliases go to the model wherever it is, or to nobody."""
    store, clients = site
    names = ["here", "there"]
    clients[0].model("here", versions=1)

    def work(thread):
        client, made = clients[thread % len(clients)], 0
        for step in range(EACH):
            try:
                if thread % 4 == 0:
                    client.post("registered-models/rename", name=names[step % 2], new_name=names[1 - step % 2])
                else:
                    name = names[(thread + step) % 2]
                    client.version(name)
                    made += 1
                    client.post("registered-models/alias", name=name, alias="champion", version="1")
                    client.post("registered-models/set-tag", name=name, key=f"t{thread}", value="1")
            except Refused as refused:
                assert refused.answer.status == 404 or b"RESOURCE_ALREADY_EXISTS" in refused.answer.body, refused
        return made

    made = sum(together(work))
    rows = store.query("SELECT DISTINCT name FROM model_versions WHERE name IN ('here', 'there')")
    assert len(rows) == 1
    assert store.query("SELECT count(*), max(version) FROM model_versions WHERE name IN ('here', 'there')") == [(made + 1, made + 1)]
    assert_is_a_chain(events(clients[0], rows[0][0]))


def test_tags_of_many(site):
    _, clients = site
    name = clients[0].model("tags", versions=1)

    def work(thread):
        client = clients[thread % len(clients)]
        for step in range(EACH):
            client.post("registered-models/set-tag", name=name, key="contended", value=str(thread))
            client.post("registered-models/set-tag", name=name, key=f"t{thread}", value=str(step))
            client.post("model-versions/set-tag", name=name, version="1", key=f"t{thread}", value=str(step))

    together(work)
    for place in (clients[-1].get("registered-models/get", name=name)["registered_model"],
                  clients[-1].get("model-versions/get", name=name, version="1")["model_version"]):
        tags = {entry["key"]: entry["value"] for entry in place["tags"]}
        assert {key: value for key, value in tags.items() if key != "contended"} == {f"t{thread}": str(EACH - 1) for thread in range(THREADS)}


def test_a_logged_model_remembers_every_version(site):
    """Under many names, so that no registered model's row puts the writers in order."""
    _, clients = site
    experiment = clients[0].experiment("remembered")
    model = clients[0].post("logged-models", experiment_id=experiment, name="forest")["model"]["info"]["model_id"]

    def work(thread):
        client = clients[thread % len(clients)]
        name = f"remembered {thread}"
        client.post("registered-models/create", name=name)
        for _ in range(EACH):
            client.post("model-versions/create", name=name, source=f"models:/{model}", model_id=model)

    together(work)
    tags = {tag["key"]: tag["value"] for tag in clients[-1].get(f"logged-models/{model}")["model"]["info"]["tags"]}
    found = sorted((entry["name"], entry["version"]) for entry in json.loads(tags["mlflow.modelVersions"]))
    assert found == sorted((f"remembered {thread}", number) for thread in range(THREADS) for number in range(1, EACH + 1))


def test_many_want_to_be_called_the_same(site):
    """By creation and by renaming: one has the name, the others are told that it is taken."""
    _, clients = site
    for thread in range(0, THREADS, 2):
        clients[0].model(f"candidate {thread}")

    def work(thread):
        client = clients[thread % len(clients)]
        try:
            if thread % 2:
                client.model("wanted")
            else:
                client.post("registered-models/rename", name=f"candidate {thread}", new_name="wanted")
        except Refused as refused:
            assert refused.answer.status == 400 and b"RESOURCE_ALREADY_EXISTS" in refused.answer.body, refused
            return 0
        return 1

    assert sum(together(work)) == 1
