//! `tracklet kserve manifest`: which model, and what the server is to write.

use super::{args, env::Env, tracking, vars::Vars};
use crate::client::Retries;
use crate::pull::{Address, Manifest};

/// Builds the question; the error is a sentence for the operator.
pub(super) fn manifest(args: args::Manifest, env: Env) -> Result<Manifest, String> {
    let server = tracking::server(&args.tracking, &Vars(env))?;
    let server = server.ok_or("no tracking server is named: set MLFLOW_TRACKING_URI, or give --tracking-uri")?;
    Ok(Manifest {
        address: Address::parse(&args.uri)?,
        server,
        query: query(args.service),
        retries: Retries(args.tracking.retries),
    })
}

/// The endpoint's parameters; those that were not given are left out.
fn query(service: args::Service) -> Vec<(&'static str, String)> {
    let given = [
        ("namespace", service.namespace),
        ("name", service.name),
        ("canaryTrafficPercent", service.canary_traffic_percent.map(|percent| percent.to_string())),
        ("minReplicas", service.min_replicas.map(|replicas| replicas.to_string())),
        ("runtime", service.runtime),
        ("serviceAccountName", service.service_account),
        ("storage", service.storage),
        ("pin", service.pin),
        ("serverUrl", service.server_url),
    ];
    given.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}
