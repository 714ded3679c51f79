//! `tracklet pull`: what to pull, and from whom.

use std::path::PathBuf;

use super::{args, artifacts, env::Env, tracking, vars::Vars};
use crate::pull::{Address, Options, Pair, Retries};

/// Builds the options; the error is a sentence for the operator.
pub(super) fn options(args: args::Pull, env: Env) -> Result<Options, String> {
    let vars = Vars(env);
    Ok(Options {
        pairs: pairs(&args.pairs)?,
        server: tracking::server(&args.tracking, &vars)?,
        s3: artifacts::s3(None, &vars)?,
        jobs: args.jobs.into(),
        retries: Retries(args.tracking.retries),
        quiet: args.quiet,
    })
}

fn pairs(given: &[String]) -> Result<Vec<Pair>, String> {
    let mut pairs: Vec<Pair> = Vec::new();
    for pair in given.chunks(2) {
        let [uri, folder] = pair else {
            return Err(format!("'{}' has no PATH: arguments are pairs of URI and PATH", pair.join(" ")));
        };
        let folder = PathBuf::from(folder);
        if folder.as_os_str().is_empty() {
            return Err(format!("the PATH for '{uri}' is empty"));
        }
        if pairs.iter().any(|earlier| earlier.folder.components().eq(folder.components())) {
            return Err(format!("'{}' is given twice: each URI needs a PATH of its own", folder.display()));
        }
        pairs.push(Pair { address: Address::parse(uri)?, folder });
    }
    Ok(pairs)
}
