"""What the cases of the model registry are made of."""

from parity.case import delete, get, patch, post

SOURCE = "s3://bucket/models/forest"
IS_PROMPT = "mlflow.prompt.is_prompt"


def registered(name="$n", **fields):
    return post("registered-models/create", {"name": name} | fields)


def version(name="$n", save="v", **fields):
    return post("model-versions/create", {"name": name, "source": SOURCE} | fields, save={save: "model_version.version"})


def a_version(count=1, name="$n"):
    """What most cases begin with: a model `$n` with versions 1, 2, …"""
    return registered(name), [version(name, f"v{chr(97 + number)}") for number in range(count)]


def model(name="$n"):
    return get("registered-models/get", {"name": name})


def get_version(number="1", name="$n"):
    return get("model-versions/get", {"name": name, "version": number})


def delete_version(number="1", name="$n"):
    return delete("model-versions/delete", body={"name": name, "version": number})


def update(description, name="$n"):
    return patch("registered-models/update", {"name": name, "description": description})


def stage(stage, number="1", name="$n", **fields):
    return post("model-versions/transition-stage", {"name": name, "version": number, "stage": stage} | fields)


def latest(name="$n", **fields):
    """Which comes first of several stages is the database's choice."""
    return post("registered-models/get-latest-versions", {"name": name} | fields, unordered="model_versions")


def alias(alias, number="1", name="$n"):
    return post("registered-models/alias", {"name": name, "alias": alias, "version": number})


def get_alias(alias, name="$n"):
    return get("registered-models/alias", {"name": name, "alias": alias})


def delete_alias(alias, name="$n"):
    return delete("registered-models/alias", body={"name": name, "alias": alias})


def set_tag(key, value="v", number=None, name="$n"):
    """Of a version, or of the model when there is no number."""
    kind, place = _place(name, number)
    return post(f"{kind}/set-tag", place | {"key": key, "value": value})


def delete_tag(key, number=None, name="$n"):
    kind, place = _place(name, number)
    return delete(f"{kind}/delete-tag", body=place | {"key": key})


def _place(name, number):
    return ("registered-models", {"name": name}) if number is None else ("model-versions", {"name": name, "version": number})


def search_models(condition=None, **fields):
    return get("registered-models/search", _search(condition, fields), **_options(fields))


def search_versions(condition=None, **fields):
    return get("model-versions/search", _search(condition, fields), **_options(fields))


def _search(condition, fields):
    query = [] if condition is None else [("filter", condition)]
    for name, value in fields.items():
        if name != "pages":
            query += [(name, entry) for entry in value] if isinstance(value, list) else [(name, value)]
    return tuple(query)


def _options(fields):
    return {"pages": fields["pages"]} if "pages" in fields else {}
