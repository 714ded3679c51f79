//! Requests, named as MLflow's messages.

use crate::error::Result;
use crate::types::message::{Fields, Message};

/// `GET 3.0/traces/get`.
#[derive(Debug)]
pub struct GetTrace {
    /// The trace.
    pub trace_id: String,
    /// Whether a trace will do of which not all spans have come.
    pub allow_partial: bool,
}

impl Message for GetTrace {
    fn read(fields: &mut Fields) -> Result<Self> {
        let allow_partial = fields.flag("allow_partial")?.unwrap_or_default();
        let trace_id: String = fields.required("trace_id")?;
        Ok(Self { trace_id, allow_partial })
    }
}

/// `GET 3.0/traces/batchGet`.
#[derive(Debug, Clone)]
pub struct BatchGetTraces {
    /// The traces; those that do not exist, or of which not all spans have come, are left out of the answer.
    pub trace_ids: Vec<String>,
    /// The experiments to look in, everywhere without.
    pub experiment_ids: Option<Vec<String>>,
}

impl Message for BatchGetTraces {
    fn read(fields: &mut Fields) -> Result<Self> {
        if !fields.has("trace_ids") {
            fields.required::<String>("trace_ids")?;
        }
        let trace_ids = fields.list("trace_ids")?;
        let experiment_ids = if fields.has("experiment_ids") { Some(fields.list("experiment_ids")?) } else { None };
        Ok(Self { trace_ids, experiment_ids })
    }
}
