//! The words of each instrumentation library.

use serde_json::Value as Json;

use super::special;
use super::{checked, decoded, first};
use crate::trace_spans::value::Attributes;
use crate::types::message::integral;

/// What a library calls what.
#[derive(Default)]
pub(super) struct Vendor {
    who: Who,
    kind_key: Option<&'static str>,
    kinds: &'static [(&'static str, &'static str)],
    /// In, out, altogether, read from a cache, written to one; others for the last.
    tokens: [&'static [&'static str]; 5],
    inputs: &'static [&'static str],
    outputs: &'static [&'static str],
    pub(super) models: &'static [&'static str],
    pub(super) provider: Option<&'static str>,
    pub(super) tools: &'static [&'static str],
}

/// Who has rules of its own.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Who {
    #[default]
    Plain,
    GeminiCli,
    ClaudeCode,
    Traceloop,
    Vercel,
    VoltAgent,
    LiveKit,
    Laminar,
}

const NONE: &[&str] = &[];

const GEN_AI_TOKENS: [&[&str]; 5] = [
    &["gen_ai.usage.input_tokens"],
    &["gen_ai.usage.output_tokens"],
    NONE,
    &["gen_ai.usage.cache_read.input_tokens"],
    &["gen_ai.usage.cache_write.input_tokens", "gen_ai.usage.cache_creation.input_tokens"],
];
const GEN_AI_INPUTS: &[&str] = &["gen_ai.input.messages", "gen_ai.tool.call.arguments"];
const GEN_AI_OUTPUTS: &[&str] = &["gen_ai.output.messages", "gen_ai.tool.call.result"];
const GEN_AI_MODELS: &[&str] = &["gen_ai.response.model", "gen_ai.request.model"];
const GEN_AI_TOOLS: &[&str] = &["gen_ai.tool.definitions"];
const GEN_AI_PROVIDER: Option<&str> = Some("gen_ai.provider.name");
const OPERATION: &str = "gen_ai.operation.name";
const GEN_AI_KINDS: &[(&str, &str)] = &[
    ("chat", "CHAT_MODEL"),
    ("create_agent", "AGENT"),
    ("embeddings", "EMBEDDING"),
    ("execute_tool", "TOOL"),
    ("generate_content", "LLM"),
    ("invoke_agent", "AGENT"),
    ("text_completion", "LLM"),
    ("response", "LLM"),
];

const fn empty() -> Vendor {
    Vendor {
        who: Who::Plain,
        kind_key: None,
        kinds: &[],
        tokens: [NONE; 5],
        inputs: NONE,
        outputs: NONE,
        models: NONE,
        provider: None,
        tools: NONE,
    }
}

/// `OpenTelemetry`'s own words for generative AI, with a rule of their own for the kind.
const fn gen_ai(who: Who, kinds: &'static [(&'static str, &'static str)]) -> Vendor {
    Vendor {
        who,
        kind_key: Some(OPERATION),
        kinds,
        tokens: GEN_AI_TOKENS,
        inputs: GEN_AI_INPUTS,
        outputs: GEN_AI_OUTPUTS,
        models: GEN_AI_MODELS,
        provider: GEN_AI_PROVIDER,
        tools: GEN_AI_TOOLS,
    }
}

const OPEN_INFERENCE: Vendor = Vendor {
    kind_key: Some("openinference.span.kind"),
    kinds: &[
        ("TOOL", "TOOL"),
        ("CHAIN", "CHAIN"),
        ("LLM", "LLM"),
        ("RETRIEVER", "RETRIEVER"),
        ("EMBEDDING", "EMBEDDING"),
        ("AGENT", "AGENT"),
        ("RERANKER", "RERANKER"),
        ("UNKNOWN", "UNKNOWN"),
        ("GUARDRAIL", "GUARDRAIL"),
        ("EVALUATOR", "EVALUATOR"),
    ],
    tokens: [
        &["llm.token_count.prompt"],
        &["llm.token_count.completion"],
        &["llm.token_count.total"],
        &["llm.token_count.prompt_details.cache_read"],
        &["llm.token_count.prompt_details.cache_write"],
    ],
    inputs: &["input.value"],
    outputs: &["output.value"],
    models: &["llm.response.model_name", "llm.model_name", "llm.request.model_name", "embedding.model_name"],
    provider: Some("llm.provider"),
    ..empty()
};

const GEMINI_CLI: Vendor =
    gen_ai(Who::GeminiCli, &[("llm_call", "LLM"), ("tool_call", "TOOL"), ("agent_call", "AGENT")]);

const TRACELOOP: Vendor = Vendor {
    who: Who::Traceloop,
    kind_key: Some("traceloop.span.kind"),
    kinds: &[("workflow", "WORKFLOW"), ("task", "TASK"), ("agent", "AGENT"), ("tool", "TOOL"), ("unknown", "UNKNOWN")],
    tokens: [
        &["gen_ai.usage.prompt_tokens"],
        &["gen_ai.usage.completion_tokens"],
        &["llm.usage.total_tokens"],
        NONE,
        NONE,
    ],
    inputs: &["traceloop.entity.input"],
    outputs: &["traceloop.entity.output"],
    provider: Some("gen_ai.system"),
    ..empty()
};

const GOOGLE_ADK: Vendor = Vendor {
    inputs: &["gcp.vertex.agent.llm_request", "gcp.vertex.agent.tool_call_args"],
    outputs: &["gcp.vertex.agent.llm_response", "gcp.vertex.agent.tool_response"],
    ..empty()
};

const VERCEL: Vendor = Vendor {
    who: Who::Vercel,
    kind_key: Some("ai.operationId"),
    kinds: &[
        ("ai.generateText", "LLM"),
        ("ai.generateText.doGenerate", "LLM"),
        ("ai.toolCall", "TOOL"),
        ("ai.streamText", "LLM"),
        ("ai.streamText.doStream", "LLM"),
        ("ai.generateObject", "LLM"),
        ("ai.generateObject.doGenerate", "LLM"),
        ("ai.streamObject", "LLM"),
        ("ai.streamObject.doStream", "LLM"),
        ("ai.embed", "EMBEDDING"),
        ("ai.embed.doEmbed", "EMBEDDING"),
        ("ai.embedMany", "EMBEDDING"),
    ],
    inputs: &["ai.prompt", "ai.toolCall.args", "ai.value", "ai.values"],
    outputs: &["ai.response.text", "ai.toolCall.result", "ai.response.object", "ai.embedding", "ai.embeddings"],
    ..empty()
};

const VOLT_AGENT: Vendor = Vendor {
    who: Who::VoltAgent,
    kinds: &[("agent", "AGENT"), ("llm", "LLM"), ("tool", "TOOL"), ("memory", "MEMORY")],
    tokens: [
        &["usage.prompt_tokens", "llm.usage.prompt_tokens"],
        &["usage.completion_tokens", "llm.usage.completion_tokens"],
        &["usage.total_tokens", "llm.usage.total_tokens"],
        NONE,
        NONE,
    ],
    inputs: &["agent.messages", "llm.messages", "input"],
    outputs: &["output"],
    ..empty()
};

const LIVE_KIT: Vendor = Vendor {
    inputs: &["lk.user_input", "lk.user_transcript", "lk.chat_ctx", "lk.input_text"],
    outputs: &["lk.response.text", "lk.response.function_calls"],
    ..gen_ai(Who::LiveKit, GEN_AI_KINDS)
};

const LAMINAR: Vendor = Vendor {
    who: Who::Laminar,
    kind_key: Some("lmnr.span.type"),
    kinds: &[
        ("LLM", "LLM"),
        ("TOOL", "TOOL"),
        ("DEFAULT", "CHAIN"),
        ("PIPELINE", "CHAIN"),
        ("EXECUTOR", "AGENT"),
        ("EVALUATOR", "EVALUATOR"),
        ("HUMAN_EVALUATOR", "EVALUATOR"),
        ("EVALUATION", "EVALUATOR"),
        ("CACHED", "LLM"),
    ],
    inputs: &["lmnr.span.input"],
    outputs: &["lmnr.span.output"],
    models: GEN_AI_MODELS,
    provider: Some("gen_ai.system"),
    ..empty()
};

const LANGFUSE: Vendor = Vendor {
    kind_key: Some("langfuse.observation.type"),
    kinds: &[
        ("generation", "LLM"),
        ("embedding", "EMBEDDING"),
        ("tool", "TOOL"),
        ("retriever", "RETRIEVER"),
        ("agent", "AGENT"),
        ("chain", "CHAIN"),
        ("evaluator", "EVALUATOR"),
        ("guardrail", "GUARDRAIL"),
        ("span", "UNKNOWN"),
    ],
    inputs: &["langfuse.observation.input"],
    outputs: &["langfuse.observation.output"],
    ..empty()
};

/// In the order in which they are asked. Spring AI's spans are those of `OpenTelemetry`'s own words.
pub(super) const ALL: [Vendor; 11] = [
    OPEN_INFERENCE,
    GEMINI_CLI,
    Vendor { who: Who::ClaudeCode, ..empty() },
    gen_ai(Who::Plain, GEN_AI_KINDS),
    TRACELOOP,
    GOOGLE_ADK,
    VERCEL,
    VOLT_AGENT,
    LIVE_KIT,
    LAMINAR,
    LANGFUSE,
];

impl Vendor {
    /// The kind of work.
    pub(super) fn kind(&self, attributes: &Attributes) -> Option<&'static str> {
        let named = |key: &str| {
            let name = decoded(attributes.get(key)?.as_str()?);
            self.kind_of(name.as_str()?)
        };
        match self.who {
            Who::GeminiCli if !special::is_gemini_cli(attributes) => None,
            Who::ClaudeCode => special::claude_code(attributes).map(special::Claude::kind),
            Who::VoltAgent => named("span.type").or_else(|| named("entity.type")),
            Who::LiveKit => special::live_kit_kind(attributes, |operation| self.kind_of(operation)),
            _ => named(self.kind_key?),
        }
    }

    fn kind_of(&self, name: &str) -> Option<&'static str> {
        self.kinds.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
    }

    /// What went in, as JSON text.
    pub(super) fn inputs(&self, attributes: &Attributes) -> Option<Json> {
        let plain = || first(attributes, self.inputs).map(Json::from);
        match self.who {
            Who::GeminiCli if !special::is_gemini_cli(attributes) => None,
            Who::GeminiCli => first(attributes, self.inputs).map(|text| special::gemini_inputs(text, attributes)),
            Who::ClaudeCode => special::claude_inputs(attributes),
            Who::Traceloop => plain().or_else(|| special::numbered_inputs(attributes)),
            Who::Vercel if special::is_vercel_chat(attributes) => special::vercel(attributes, "ai.prompt."),
            _ => plain(),
        }
    }

    /// What came out, as JSON text.
    pub(super) fn outputs(&self, attributes: &Attributes) -> Option<Json> {
        let plain = || first(attributes, self.outputs).map(Json::from);
        match self.who {
            Who::GeminiCli if !special::is_gemini_cli(attributes) => None,
            Who::GeminiCli => first(attributes, self.outputs).map(special::gemini_outputs),
            Who::ClaudeCode => special::claude_outputs(attributes),
            Who::Traceloop => plain().or_else(|| special::numbered_outputs(attributes)),
            Who::Vercel if special::is_vercel_chat(attributes) => special::vercel(attributes, "ai.response."),
            _ => plain(),
        }
    }

    /// Tokens: in, out, altogether, read from a cache, written to one.
    pub(super) fn tokens(&self, attributes: &Attributes) -> [Option<i64>; 5] {
        match self.who {
            Who::ClaudeCode => special::claude_tokens(attributes),
            _ => {
                self.tokens.map(|keys| count(attributes.get(*keys.iter().find(|key| attributes.contains_key(**key))?)?))
            }
        }
    }

    /// How the web UI is to read messages.
    pub(super) fn format(&self, attributes: &Attributes) -> Option<&'static str> {
        let any = |keys: &[&str]| keys.iter().any(|key| attributes.contains_key(*key));
        match self.who {
            Who::GeminiCli if special::is_gemini_cli(attributes) => Some("gemini"),
            Who::VoltAgent if any(&["voltagent.operation_id", "voltagent.conversation_id"]) => Some("voltagent"),
            Who::LiveKit if attributes.keys().any(|key| key.starts_with("lk.")) => Some("livekit"),
            Who::Laminar if any(&["lmnr.span.type"]) => Some("openai"),
            _ => None,
        }
    }
}

/// A whole number, also as a text in a JSON text.
pub(super) fn count(value: &Json) -> Option<i64> {
    match decoded(value.as_str()?) {
        Json::Bool(truth) => Some(truth.into()),
        Json::Number(number) if number.is_f64() => None,
        Json::Number(number) => number.as_i64().or_else(|| number.as_f64().and_then(integral)),
        Json::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// The attribute's text, if it says something other than that it was left out.
pub(super) fn unredacted<'a>(attributes: &'a Attributes, key: &str) -> Option<&'a str> {
    checked(attributes, key).filter(|text| decoded(text) != "<REDACTED>")
}
