"""Reads the history of a model's aliases, page by page, and checks that it hangs together."""

PATH = "/api/tracklet/1.0/registry/events"


def history(client, name, **query):
    """(alias, from, to) of all events, the newest first."""
    return [(event["alias"], event.get("from_version"), event.get("to_version")) for event in events(client, name, **query)]


def events(client, name, **query):
    found, token = [], {}
    while True:
        page = client.get(PATH, name=name, **query, **token)
        found += page.get("events", [])
        if "next_page_token" not in page:
            return found
        token = {"page_token": page["next_page_token"]}


def assert_is_a_chain(newest_first):
    """Each alias begins with nothing and goes on from where it was; no step stays in place; time does not run backwards."""
    last, time = {}, 0
    for event in reversed(newest_first):
        alias, before, after = event["alias"], event.get("from_version"), event.get("to_version")
        assert last.get(alias) == before, f"{alias} was {last.get(alias)} and then moved from {before}"
        assert before != after, event
        assert event["timestamp"] >= time, event
        last[alias], time = after, event["timestamp"]
    return {alias: version for alias, version in last.items() if version is not None}
