//! `tracklet pull`: what to pull, and from whom.

use std::path::PathBuf;

use super::{args, artifacts, env::Env, tracking, vars::Vars};
use crate::client::Retries;
use crate::pull::{Address, Options, Pair};

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

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use super::*;
    use crate::cli::{Command, Exit, parse_from};
    use crate::client::{Credentials, Server};

    fn parse(args: &[&str], vars: &[(&str, &str)]) -> Result<Command, Exit> {
        let env = |name: &str| vars.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        parse_from(["tracklet"].iter().chain(args).map(Into::into), &env, Path::new("/"))
    }

    fn pull(args: &[&str], vars: &[(&str, &str)]) -> Options {
        match parse(&[&["pull"], args].concat(), vars).unwrap() {
            Command::Pull(options) => *options,
            other => panic!("{other:?}"),
        }
    }

    fn server(vars: &[(&str, &str)]) -> Server {
        pull(&["models:/m/1", "p"], vars).server.unwrap()
    }

    #[test]
    fn pairs_and_defaults() {
        let options = pull(&["models://iris@champion", "/mnt/models", "s3://b/k", "x"], &[]);
        assert_eq!((options.server, options.jobs, options.retries, options.quiet), (None, 8, Retries(7), false));
        let pairs: Vec<_> =
            options.pairs.iter().map(|pair| (pair.address.to_string(), pair.folder.to_str().unwrap())).collect();
        assert_eq!(pairs, [("models:/iris@champion".to_owned(), "/mnt/models"), ("s3://b/k".to_owned(), "x")]);
    }

    #[test]
    fn variables_stand_in_for_options() {
        let vars = [
            ("MLFLOW_TRACKING_URI", "http://h:5000/mlflow/"),
            ("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "3"),
            ("MLFLOW_HTTP_REQUEST_TIMEOUT", "9"),
            ("TRACKLET_PULL_JOBS", "2"),
            ("MLFLOW_S3_ENDPOINT_URL", "http://s3:9000/"),
        ];
        let options = pull(&["models:/m/1", "p", "--retries", "4", "-q"], &vars);
        assert_eq!((options.jobs, options.retries, options.quiet), (2, Retries(4), true));
        assert_eq!(options.s3.endpoint_url.as_deref(), Some("http://s3:9000"));
        let server = options.server.unwrap();
        assert_eq!((server.url.as_str(), server.timeout), ("http://h:5000/mlflow", Duration::from_secs(9)));
    }

    #[test]
    fn credentials_have_an_order() {
        let basic = |user: &str, password: &str| Credentials::Basic(user.into(), password.into());
        let plain = ("MLFLOW_TRACKING_URI", "https://h");
        let (user, password) = (("MLFLOW_TRACKING_USERNAME", "u"), ("MLFLOW_TRACKING_PASSWORD", "p"));
        let token = ("MLFLOW_TRACKING_TOKEN", "t");
        for (vars, expected) in [
            (vec![plain], Credentials::None),
            (vec![plain, user], Credentials::None),
            (vec![plain, token], Credentials::Bearer("t".into())),
            (vec![plain, user, password, token], basic("u", "p")),
            (vec![("MLFLOW_TRACKING_URI", "https://a%40b:c%2Fd@h/?x#y"), user, password], basic("a@b", "c/d")),
        ] {
            let server = server(&vars);
            assert!(server.credentials == expected, "{vars:?}");
            assert_eq!(server.url, "https://h");
        }
    }

    #[test]
    fn the_most_specific_certificates_are_trusted() {
        let plain = ("MLFLOW_TRACKING_URI", "https://h");
        let bundles =
            [("MLFLOW_TRACKING_SERVER_CERT_PATH", "/a"), ("REQUESTS_CA_BUNDLE", "/b"), ("CURL_CA_BUNDLE", "/c")];
        for (from, (variable, path)) in bundles.iter().enumerate() {
            let vars: Vec<_> = [plain].into_iter().chain(bundles.iter().skip(from).copied()).collect();
            assert_eq!(server(&vars).ca_bundle, Some((*variable, PathBuf::from(path))));
        }
        let with = |name, value| server(&[plain, (name, value)]);
        assert_eq!(server(&[plain]).ca_bundle, None);
        assert!(with("MLFLOW_TRACKING_INSECURE_TLS", "True").insecure);
        let certificate = with("MLFLOW_TRACKING_CLIENT_CERT_PATH", "/k").client_certificate;
        assert_eq!(certificate, Some(("MLFLOW_TRACKING_CLIENT_CERT_PATH", PathBuf::from("/k"))));
    }

    #[test]
    fn what_cannot_be_followed_is_refused() {
        let uri = |uri| [("MLFLOW_TRACKING_URI", uri)];
        for (args, vars, part) in [
            (&["models:/m/1", "p", "models:/m/2"][..], uri("http://h"), "has no PATH"),
            (&["models:/m/1", "p", "models:/m/2", "p/"], uri("http://h"), "given twice"),
            (&["models:/m/1", ""], uri("http://h"), "is empty"),
            (&["models:/m", "p", "gs://b/k", "q"], uri("http://h"), "must begin with"),
            (&["models:/m/1", "p"], uri("sqlite:///mlflow.db"), "--tracking-uri (MLFLOW_TRACKING_URI)"),
            (&["models:/m/1", "p"], uri("ftp://user:hush@h"), "--tracking-uri (MLFLOW_TRACKING_URI)"),
            (&["models:/m/1"], uri("http://h"), "2 values"),
            (&["--jobs", "0", "models:/m/1", "p"], uri("http://h"), "--jobs"),
        ] {
            let refusal = parse(&[&["pull"], args].concat(), &vars).unwrap_err();
            assert!(refusal.to_string().contains(part), "{refusal}");
            assert!(!refusal.to_string().contains("hush"));
            assert_eq!(refusal.status(), 2);
        }
    }

    #[test]
    fn a_manifest_is_asked_for_with_what_was_given() {
        let vars = [("MLFLOW_TRACKING_URI", "http://h")];
        for (options, query) in [
            (&[][..], vec![]),
            (&["--namespace", "n", "--storage", "models"], vec![("namespace", "n"), ("storage", "models")]),
            (
                &["--canary-traffic-percent", "10", "--min-replicas", "0", "--pin", "alias", "--name", "x"],
                vec![("name", "x"), ("canaryTrafficPercent", "10"), ("minReplicas", "0"), ("pin", "alias")],
            ),
            (
                &["--runtime", "r", "--service-account", "s", "--server-url", "http://t"],
                vec![("runtime", "r"), ("serviceAccountName", "s"), ("serverUrl", "http://t")],
            ),
        ] {
            let args = [&["kserve", "manifest", "models:/iris@champion"], options].concat();
            let Ok(Command::Manifest(asked)) = parse(&args, &vars) else { panic!("{args:?}") };
            let asked: Vec<_> = asked.query.iter().map(|(name, value)| (*name, value.as_str())).collect();
            assert_eq!(asked, query);
        }
        for wrong in [&["--canary-traffic-percent", "101"][..], &["--storage", "x"], &["--pin", "x"], &["models:/x/1"]]
        {
            assert!(parse(&[&["kserve", "manifest", "models:/i/1"], wrong].concat(), &vars).is_err(), "{wrong:?}");
        }
        let refusal = parse(&["kserve", "manifest", "models:/i/1"], &[]).unwrap_err();
        assert!(refusal.to_string().contains("set MLFLOW_TRACKING_URI"), "{refusal}");
    }
}
