//! What Prometheus is told, and where.

use super::args;
use super::server::list;
use crate::config::Monitoring;

/// Each is told of every alias, twice.
const MOST_METRICS: usize = 20;

pub(super) fn monitoring(args: &args::Monitoring) -> Result<Monitoring, String> {
    let mut model_metrics = list(args.registry_metrics.as_deref());
    model_metrics.sort_unstable();
    model_metrics.dedup();
    if model_metrics.len() > MOST_METRICS {
        return Err(format!("--registry-metrics: more than {MOST_METRICS} names"));
    }
    Ok(Monitoring {
        address: args.metrics_address.as_deref().map_or(Ok(None), address)?,
        aliases: args.registry_metrics_aliases,
        model_metrics,
    })
}

/// `HOST:PORT`, with an IPv6 address in brackets.
fn address(given: &str) -> Result<Option<(String, u16)>, String> {
    if given.is_empty() {
        return Ok(None);
    }
    let address = given.rsplit_once(':').and_then(|(host, port)| {
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let host = bare.or_else(|| Some(host).filter(|host| !host.contains(':')))?;
        Some((host.to_owned(), port.parse().ok()?)).filter(|_| !host.is_empty())
    });
    let refuse = || format!("--metrics-address: '{given}' is not HOST:PORT, as in 0.0.0.0:9090");
    address.map(Some).ok_or_else(refuse)
}
