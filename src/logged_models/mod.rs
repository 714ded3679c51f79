//! temp
pub mod wire {
    use serde::Serialize;
    #[derive(Debug, Serialize)]
    pub struct ModelInput {
        pub model_id: String,
    }
    #[derive(Debug, Serialize)]
    pub struct ModelOutput {
        pub model_id: String,
        pub step: i64,
    }
}
pub mod store {
    use super::wire::*;
    use crate::db::Conn;
    use crate::error::Result;
    use std::collections::HashMap;
    #[derive(Debug, Clone)]
    pub struct ModelMetric {
        pub model_id: String,
        pub key: String,
        pub value: f64,
        pub timestamp: i64,
        pub step: i64,
        pub dataset_name: Option<String>,
        pub dataset_digest: Option<String>,
    }
    pub fn inputs_of_run(_: &mut Conn, _: &str) -> Result<Vec<ModelInput>> {
        Ok(vec![])
    }
    pub fn outputs_of_runs(_: &mut Conn, _: &[String]) -> Result<HashMap<String, Vec<ModelOutput>>> {
        Ok(HashMap::new())
    }
    pub fn log_inputs(_: &mut Conn, _: &str, _: &[String]) -> Result<()> {
        Ok(())
    }
    pub fn log_metrics(_: &mut Conn, _: i32, _: &str, _: &[ModelMetric]) -> Result<()> {
        Ok(())
    }
}
