"""Prompts as the 3.x client stores them: models and versions with tags of their own."""

from parity.case import case, delete, experiment, get, kv, patch, post, table
from parity.registry import (IS_PROMPT, alias, delete_alias, delete_tag, delete_version, get_alias, get_version, latest, model, registered, search_models,
                             search_versions, set_tag, stage, version)

TEXT, TYPE, EXPERIMENTS = "mlflow.prompt.text", "_mlflow_prompt_type", "_mlflow_experiment_ids"
CHAT = '[{"role": "system", "content": "You are {{kind}}."}, {"role": "user", "content": "Hi"}]'

SOURCES = ["dummy-source", "prompt-template", "dummy-source/", "Dummy-source", "s3://bucket/prompt", "/etc/passwd", "runs:/abc/prompt", "models:/$n/1", "", " dummy-source", "file:///dummy-source", None]
FLAGS = ["true", "True", "TRUE", "false", "", "1", None, True]
TEXTS = ["", " ", "Hi {{name}}", "x" * 100_000, "x" * 100_001, "ü" * 100_000, "line\nbreak", "a\x00b", "🎉", "{{", CHAT]


def a_prompt(name="$n", **fields):
    return registered(name, tags=kv(**{IS_PROMPT: "true"}), **fields)


def prompt_version(text="Hi {{name}}", name="$n", source="dummy-source", flag="true", **more):
    tags = kv(**{TEXT: text, IS_PROMPT: flag, TYPE: "text"})
    return version(name, source=source, tags=tags, **more)


CASES = [
    case("life of a prompt", experiment("exp"), get("registered-models/get", {"name": "$n"}), registered(tags=kv(team="red", **{IS_PROMPT: "true"})),
         prompt_version(description="first"), set_tag(EXPERIMENTS, ",$exp,"), get_version(), prompt_version("Hello {{name}}", description="second"), model(), latest(),
         alias("production", "1"), get_alias("production"), alias("production", "2"), get_alias("production"), get_alias("latest"), set_tag("author", "me", "2"), set_tag("topic", "greeting"),
         get_version("2"), model(), delete_tag("author", "2"), delete_tag("topic"), delete_alias("production"), model(),
         search_models("tags.`mlflow.prompt.is_prompt` = 'true' AND name = '$n'"), search_versions("name = '$n' AND tags.`mlflow.prompt.is_prompt` = 'true'"), search_versions("name = '$n'"),
         search_models("name = '$n'"), delete_version("1"), get_version("1"), delete_version("2"), delete("registered-models/delete", body={"name": "$n"}), model()),
    case("chat", a_prompt(), version(source="dummy-source", tags=kv(**{TEXT: CHAT, IS_PROMPT: "true", TYPE: "chat", "_mlflow_prompt_response_format": '{"type": "object"}'})), get_version()),
    case("of an experiment", experiment("exp"), a_prompt(), a_prompt("${n}_other"), set_tag(EXPERIMENTS, ",$exp,"), set_tag(EXPERIMENTS, ",1,", name="${n}_other"),
         search_models("tags.`mlflow.prompt.is_prompt` = 'true' AND tags.`_mlflow_experiment_ids` ILIKE '%,$exp,%'"),
         search_models("name ILIKE '$n%' AND tags.`mlflow.prompt.is_prompt` = 'true' AND tags.`_mlflow_experiment_ids` ILIKE '%,$exp,%'")),
    *table("source", SOURCES, lambda source: (a_prompt(), prompt_version(source=source), get_version(), get("model-versions/get-download-uri", {"name": "$n", "version": "1"}))),
    *table("flag", FLAGS, lambda flag: (a_prompt(), prompt_version(flag=flag), get_version(), search_versions("name = '$n' AND tags.`mlflow.prompt.is_prompt` = 'true'"))),
    *table("text", TEXTS, lambda text: (a_prompt(), prompt_version(text), get_version(), set_tag(TEXT, text, "1"), get_version())),
    case("version of a model as a prompt", registered(), prompt_version(), get_version(), search_versions("name = '$n'"), search_versions("name = '$n' AND tags.`mlflow.prompt.is_prompt` = 'true'")),
    case("version of a prompt as a model", a_prompt(), version(), get_version(), search_versions("name = '$n'")),
    case("flag twice", a_prompt(), version(source="dummy-source", tags=kv(**{IS_PROMPT: "false"}) + kv(**{IS_PROMPT: "true"})),
         version(source="dummy-source", tags=kv(**{IS_PROMPT: "true"}) + kv(**{IS_PROMPT: "false"})), model()),
    case("stages", a_prompt(), prompt_version(), stage("Production"), get_version(), patch("model-versions/update", {"name": "$n", "version": "1", "description": "d"}), latest()),
    case("missing", get_alias("production"), get_version(), set_tag("a", "1", "1"), delete_tag("a", "1"), delete_alias("production"), alias("production"), prompt_version()),
    case("renamed", a_prompt(), prompt_version(), alias("production"), post("registered-models/rename", {"name": "$n", "new_name": "${n}_new"}), get_alias("production", "${n}_new"),
         search_models("tags.`mlflow.prompt.is_prompt` = 'true' AND name LIKE '$n%'")),
    case("no longer a prompt", a_prompt(), prompt_version(), delete_tag(IS_PROMPT), search_models("name = '$n'"), search_versions("name = '$n'"), registered(), delete_tag(IS_PROMPT, "1"),
         search_versions("name = '$n'")),
    case("with odd fields", a_prompt(), prompt_version(run_id="abc", run_link="link", model_id="m-" + "0" * 32), get_version()),
]
