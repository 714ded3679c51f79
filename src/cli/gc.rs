//! `tracklet gc`: MLflow's rules for where things are.

use std::path::Path;

use super::{args, artifacts, env::Env, server, tracking, vars::Vars};
use crate::config::artifact_root;
use crate::gc::Options;

/// Builds the options; the error is a sentence for the operator.
pub(super) fn options(args: args::Gc, env: Env, cwd: &Path) -> Result<Options, String> {
    let vars = Vars(env);
    let refused = |name: &String| !args.all_workspaces && !name.is_empty() && name != "default";
    if let Some(workspace) = args.workspace.filter(refused) {
        return Err(format!("--workspace {workspace} is not supported: there is no workspace but 'default'"));
    }
    let backend = args.backend_store_uri.filter(|uri| !uri.is_empty());
    let destination = args.artifacts_destination.filter(|uri| !uri.is_empty());
    let tracking = args.tracking.tracking_uri.clone().filter(|uri| !uri.is_empty());
    let scheme = tracking.as_deref().and_then(|uri| uri.split_once(':')).map(|(scheme, _)| scheme.to_ascii_lowercase());
    let is_server = matches!(scheme.as_deref(), Some("http" | "https"));
    if backend.is_none() && is_server {
        return Err("This cli can only be used with a backend that allows hard-deleting runs: give \
                    --backend-store-uri, the database of the tracking server"
            .to_owned());
    }
    if tracking.is_none() && destination.is_none() {
        return Err("Tracking URL is not set. Please set MLFLOW_TRACKING_URI environment variable or provide \
                    --tracking-uri cli option. Or name the folder or bucket of proxied artifacts with \
                    --artifacts-destination."
            .to_owned());
    }
    let destination = destination.map(|given| artifact_root(&given, cwd));
    artifacts::check_destination(destination.as_deref())?;
    Ok(Options {
        database: server::database(backend.as_deref().or(tracking.as_deref()), cwd)?,
        destination,
        server: if is_server { tracking::server(&args.tracking, &vars)? } else { None },
        retries: args.tracking.retries,
        s3: artifacts::s3(None, &vars)?,
        older_than: args.older_than.filter(|age| !age.is_empty()).map(|age| age.parse()).transpose()?,
        run_ids: ids(args.run_ids),
        experiment_ids: ids(args.experiment_ids),
        logged_model_ids: ids(args.logged_model_ids),
        jobs: args.jobs,
        job_ids: ids(args.job_ids),
        ignore_missing: args.all_workspaces,
    })
}

/// The ids in a list; an empty list is none, which is another thing than none of them.
fn ids(given: Option<String>) -> Option<Vec<String>> {
    Some(server::list(given.as_deref())).filter(|ids| !ids.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::{Command, parse_from};
    use super::*;

    fn parse(args: &str, vars: &[(&str, &str)]) -> Result<Options, String> {
        let args = ["tracklet", "gc"].into_iter().chain(args.split_whitespace()).map(Into::into);
        let env = |name: &str| vars.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        match parse_from(args, &env, Path::new("/w")) {
            Ok(Command::Gc(options)) => Ok(*options),
            other => Err(format!("{other:?}")),
        }
    }

    #[test]
    fn where_things_are() {
        let server = ("MLFLOW_TRACKING_URI", "https://h/p/");
        let database = ("MLFLOW_TRACKING_URI", "sqlite:////t.db");
        let place = ("MLFLOW_ARTIFACTS_DESTINATION", "s3://b/p");
        for (args, vars, expected) in [
            ("--artifacts-destination ./a", &[][..], "sqlite:///mlflow.db /w/a -"),
            ("--backend-store-uri sqlite:////x.db", &[server][..], "sqlite:////x.db - https://h/p"),
            ("--backend-store-uri sqlite:////x.db", &[server, place], "sqlite:////x.db s3://b/p https://h/p"),
            ("", &[database], "sqlite:////t.db - -"),
            ("", &[database, ("MLFLOW_BACKEND_STORE_URI", "sqlite:////x.db")], "sqlite:////x.db - -"),
            ("--tracking-uri sqlite:////u.db", &[database], "sqlite:////u.db - -"),
        ] {
            let options = parse(args, vars).unwrap();
            let destination = options.destination.as_deref().unwrap_or("-");
            let server = options.server.as_ref().map_or("-", |server| server.url.as_str());
            assert_eq!(format!("{} {destination} {server}", options.database), expected, "{args} {vars:?}");
        }
    }

    #[test]
    fn what_is_to_go() {
        let options =
            parse("--artifacts-destination a --run-ids a,b --experiment-ids 1 --job-ids= --older-than 1.5h", &[]);
        let options = options.unwrap();
        assert_eq!(options.run_ids, Some(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(options.experiment_ids, Some(vec!["1".to_owned()]));
        assert_eq!((options.logged_model_ids, options.job_ids, options.jobs), (None, None, false));
        assert_eq!(options.older_than.map(|age| age.millis()), Some(5_400_000));
        let all = parse("--artifacts-destination a --all-workspaces --jobs", &[("MLFLOW_WORKSPACE", "w")]).unwrap();
        assert!(all.ignore_missing && all.jobs);
        assert_eq!(parse("--artifacts-destination a --older-than=", &[]).unwrap().older_than, None);
        assert!(parse("--artifacts-destination a --workspace default", &[]).is_ok());
    }

    #[test]
    fn what_is_refused() {
        for (args, vars, expected) in [
            ("", &[][..], "Tracking URL is not set. Please set MLFLOW_TRACKING_URI"),
            ("--tracking-uri http://h", &[], "This cli can only be used with a backend that allows hard-deleting runs"),
            ("--artifacts-destination gs://b", &[], "--artifacts-destination gs: is not supported"),
            ("--artifacts-destination a --older-than soon", &[], "Could not parse any time information from 'soon'."),
            ("--artifacts-destination a --backend-store-uri mysql://h/d", &[], "--backend-store-uri: "),
            ("--artifacts-destination a", &[("MLFLOW_WORKSPACE", "red")], "--workspace red is not supported"),
        ] {
            let refusal = parse(args, vars).unwrap_err();
            assert!(refusal.contains(expected), "{args} {vars:?}: {refusal}");
        }
    }
}
