//! What Prometheus is told, and where.

/// What Prometheus is told, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Monitoring {
    /// Name or address and port of a listener for `/metrics` alone, which the other one then does not serve.
    pub address: Option<(String, u16)>,
    /// Of how many aliases of models more is said than that they exist.
    pub aliases: u16,
    /// The metrics whose values are told of versions that have an alias.
    pub model_metrics: Vec<String>,
}

impl Default for Monitoring {
    fn default() -> Self {
        Self { address: None, aliases: 500, model_metrics: Vec::new() }
    }
}
