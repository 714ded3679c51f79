//! Where the web UI is served from, and what is installed there from where.

use std::path::{Path, PathBuf};
use std::time::Duration;

use percent_encoding::percent_decode_str;
use url::Url;

use super::{args, env::Env, pip_conf::PipConf, vars::Vars};
use crate::client::{Credentials, Retries, Server};
use crate::config::Ui;
use crate::install::{DEFAULT_VERSION, Options, Source};

/// The UI that comes with the system or an image.
const SYSTEM: &str = "/usr/share/tracklet/ui";
/// Variables that name certificates to trust instead of the system's, when pip has no setting of its own.
const CA_BUNDLES: [&str; 2] = ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"];

/// The UI that the server is to serve.
pub(super) fn served(given: Option<&str>, vars: &Vars, cwd: &Path) -> Ui {
    match given.filter(|folder| !folder.is_empty()) {
        Some(folder) => Ui::Folder(cwd.join(folder)),
        None => Ui::Installed(own_folder(vars).into_iter().chain([PathBuf::from(SYSTEM)]).collect()),
    }
}

/// Where the user's data is, as the XDG Base Directory Specification has it: relative paths do not count.
fn own_folder(vars: &Vars) -> Option<PathBuf> {
    let absolute = |name| vars.text(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let data = absolute("XDG_DATA_HOME").or_else(|| absolute("HOME").map(|home| home.join(".local/share")));
    data.map(|data| data.join("tracklet/ui"))
}

/// What to install; the error is a sentence for the operator.
pub(super) fn install(args: args::Install, env: Env, cwd: &Path) -> Result<Options, String> {
    let vars = Vars(env);
    let folder = args.dir.map(|folder| cwd.join(folder)).or_else(|| own_folder(&vars));
    let version = args.version.map(checked_version).transpose()?;
    let source = match args.from {
        Some(wheel) => Source::Wheel { file: cwd.join(wheel), version },
        None => Source::Index {
            index: index(args.index_url.as_deref(), args.timeout, &vars)?,
            version: version.unwrap_or_else(|| DEFAULT_VERSION.to_owned()),
            retries: Retries(args.retries),
        },
    };
    Ok(Options {
        source,
        folder: folder.ok_or("neither XDG_DATA_HOME nor HOME is set: name a folder with --dir")?,
        sha256: args.sha256.map(checked_digest).transpose()?,
        quiet: args.quiet,
    })
}

fn checked_version(version: String) -> Result<String, String> {
    let is_fit = |c: char| c.is_ascii_alphanumeric() || ".+!".contains(c);
    if version.starts_with(|c: char| c.is_ascii_digit()) && version.chars().all(is_fit) {
        return Ok(version);
    }
    Err(format!("--version: '{version}' is no version of MLflow, such as {DEFAULT_VERSION}"))
}

fn checked_digest(digest: String) -> Result<String, String> {
    if digest.len() == 64 && digest.chars().all(|c| c.is_ascii_hexdigit()) {
        return Ok(digest.to_ascii_lowercase());
    }
    Err("--sha256 takes 64 hexadecimal digits".to_owned())
}

/// The package index and how to be let in, as pip is told.
fn index(given: Option<&str>, timeout: u32, vars: &Vars) -> Result<Server, String> {
    let pip = PipConf::read(vars);
    let given = given.filter(|url| !url.is_empty()).or_else(|| pip.text("index-url")).ok_or_else(|| {
        format!(
            "no package index is named: set PIP_INDEX_URL, or give --index-url. Or let pip download the wheel (pip \
             download --no-deps mlflow=={DEFAULT_VERSION}), and give it with --from"
        )
    })?;
    // The value may hold a password, so it is not repeated.
    let unusable =
        || "--index-url (PIP_INDEX_URL, or index-url in pip.conf) is not an http:// or https:// URL".to_owned();
    let mut url = Url::parse(given).map_err(|_| unusable())?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(unusable());
    }
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let credentials = match (url.username(), url.password()) {
        ("", None) => Credentials::None,
        (user, password) => Credentials::Basic(decoded(user), decoded(password.unwrap_or_default())),
    };
    url.set_query(None);
    url.set_fragment(None);
    let cleaned = url.set_username("").and_then(|()| url.set_password(None));
    cleaned.map_err(|()| unusable())?;
    let file = |name: &'static str| vars.text(name).map(|path| (name, PathBuf::from(path)));
    let configured = |name, setting: &'static str| {
        file(name).or_else(|| pip.text(setting).map(|path| (setting, PathBuf::from(path))))
    };
    let trusted = vars.text("PIP_TRUSTED_HOST");
    Ok(Server {
        insecure: is_trusted(&url, trusted.as_deref().or_else(|| pip.text("trusted-host")).unwrap_or_default()),
        url: url.as_str().trim_end_matches('/').to_owned(),
        credentials,
        ca_bundle: configured("PIP_CERT", "cert").or_else(|| CA_BUNDLES.into_iter().find_map(file)),
        client_certificate: configured("PIP_CLIENT_CERT", "client-cert"),
        client_key: None,
        timeout: Duration::from_secs(timeout.max(1).into()),
    })
}

/// Whether `PIP_TRUSTED_HOST` names the host, with or without its port.
fn is_trusted(url: &Url, trusted: &str) -> bool {
    let host = url.host_str().unwrap_or_default();
    let with_port = format!("{host}:{}", url.port_or_known_default().unwrap_or_default());
    trusted.split_whitespace().any(|named| named == host || named == with_port)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Command, Exit, parse_from};
    use crate::config::Config;

    fn parse(args: &[&str], vars: &[(&str, &str)]) -> Result<Command, Exit> {
        // The files of the machine that runs the tests do not count.
        let vars: Vec<_> = [("PIP_CONFIG_FILE", "/dev/null")].into_iter().chain(vars.iter().copied()).collect();
        let env = |name: &str| vars.iter().rfind(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        parse_from(args.iter().map(Into::into), &env, Path::new("/cwd"))
    }

    fn config(args: &[&str], vars: &[(&str, &str)]) -> Config {
        match parse(args, vars) {
            Ok(Command::Server(config)) => *config,
            other => panic!("{args:?}: {other:?}"),
        }
    }

    fn options(args: &[&str], vars: &[(&str, &str)]) -> Options {
        match parse(&[&["tracklet", "ui", "install"], args].concat(), vars) {
            Ok(Command::UiInstall(options)) => *options,
            other => panic!("{args:?}: {other:?}"),
        }
    }

    #[test]
    fn ui_alone_is_the_server() {
        for program in ["tracklet", "/usr/bin/mlflow"] {
            assert_eq!(config(&[program, "ui", "--port", "1"], &[("MLFLOW_HOST", "h")]).host, "h");
            assert_eq!(config(&[program, "ui"], &[]).port, 5000);
            let vars = [("HOME", "/home/u"), ("PIP_INDEX_URL", "http://i")];
            assert!(matches!(parse(&[program, "ui", "install"], &vars), Ok(Command::UiInstall(_))), "{program}");
            assert!(parse(&[program, "ui", "instal"], &vars).is_err());
            assert!(parse(&[program, "server", "install"], &vars).is_err());
        }
    }

    #[test]
    fn the_ui_is_looked_for_where_it_is_installed() {
        let installed = |folders: &[&str]| Ui::Installed(folders.iter().map(PathBuf::from).collect());
        for (args, vars, expected) in [
            (&[][..], &[][..], installed(&[SYSTEM])),
            (&[], &[("HOME", "/home/u")], installed(&["/home/u/.local/share/tracklet/ui", SYSTEM])),
            (&[], &[("HOME", "/home/u"), ("XDG_DATA_HOME", "/data")], installed(&["/data/tracklet/ui", SYSTEM])),
            (&[], &[("HOME", "/home/u"), ("XDG_DATA_HOME", "data")], {
                installed(&["/home/u/.local/share/tracklet/ui", SYSTEM])
            }),
            (&[], &[("HOME", "/home/u"), ("TRACKLET_UI_DIR", "/u")], Ui::Folder("/u".into())),
            (&["--ui-dir", "build"], &[("TRACKLET_UI_DIR", "/u")], Ui::Folder("/cwd/build".into())),
            (&["--ui-dir", ""], &[], installed(&[SYSTEM])),
        ] {
            assert_eq!(config(&[&["tracklet", "server"], args].concat(), vars).ui, expected, "{args:?} {vars:?}");
        }
    }

    #[test]
    fn what_to_install_follows_from_options_and_variables() {
        let vars = [("HOME", "/home/u"), ("PIP_INDEX_URL", "https://a%40b:p%2Fw@index.example/simple/")];
        let Options { source: Source::Index { index, version, retries }, folder, sha256, quiet } = options(&[], &vars)
        else {
            panic!("no index")
        };
        assert_eq!((index.url.as_str(), version.as_str()), ("https://index.example/simple", "3.18.0"));
        assert!(index.credentials == Credentials::Basic("a@b".into(), "p/w".into()));
        assert_eq!((retries, index.timeout, index.insecure), (Retries(5), Duration::from_secs(30), false));
        assert_eq!((folder, sha256, quiet), (PathBuf::from("/home/u/.local/share/tracklet/ui"), None, false));

        let digest = "AB".repeat(32);
        let args = ["--from", "m.whl", "--dir", "ui", "--sha256", &digest, "--version", "2.17.2", "-q"];
        let expected = Options {
            source: Source::Wheel { file: "/cwd/m.whl".into(), version: Some("2.17.2".into()) },
            folder: "/cwd/ui".into(),
            sha256: Some("ab".repeat(32)),
            quiet: true,
        };
        assert_eq!(options(&args, &[]), expected);
    }

    #[test]
    fn the_index_is_the_one_that_pip_or_uv_uses() {
        let index = |vars: &[(&str, &str)]| match options(&[], &[&[("HOME", "/h")], vars].concat()).source {
            Source::Index { index, .. } => index,
            other @ Source::Wheel { .. } => panic!("{other:?}"),
        };
        let (pip, uv, old) =
            (("PIP_INDEX_URL", "http://pip"), ("UV_DEFAULT_INDEX", "http://uv"), ("UV_INDEX_URL", "http://old"));
        for (vars, expected) in [(&[pip, uv, old][..], "http://pip"), (&[uv, old], "http://uv"), (&[old], "http://old")]
        {
            assert_eq!(index(vars).url, expected);
        }
        for (trusted, expected) in
            [("", false), ("h", false), ("pip.example", false), ("a pip", true), ("pip:80", true)]
        {
            assert_eq!(index(&[pip, ("PIP_TRUSTED_HOST", trusted)]).insecure, expected, "{trusted}");
        }
        let trusting = index(&[pip, ("REQUESTS_CA_BUNDLE", "/b"), ("PIP_CERT", "/a"), ("PIP_CLIENT_CERT", "/c")]);
        assert_eq!(trusting.ca_bundle, Some(("PIP_CERT", PathBuf::from("/a"))));
        assert_eq!(trusting.client_certificate, Some(("PIP_CLIENT_CERT", PathBuf::from("/c"))));
    }

    #[test]
    fn pips_own_file_counts_after_variables() {
        let folder = std::env::temp_dir().join(format!("tracklet-cli-{}-pip", std::process::id()));
        let file = folder.join("pip.conf");
        std::fs::create_dir_all(&folder).expect("a temporary folder");
        let text = "[global]\nindex-url = http://pip.example/simple\ncert = /c\ntrusted-host = pip.example";
        std::fs::write(&file, text).expect("a file");
        let file = file.to_string_lossy().into_owned();
        let vars = [("HOME", "/nowhere"), ("PIP_CONFIG_FILE", file.as_str())];
        let index = |more: &[(&str, &str)]| match options(&[], &[&vars, more].concat()).source {
            Source::Index { index, .. } => index,
            other @ Source::Wheel { .. } => panic!("{other:?}"),
        };
        let alone = index(&[]);
        assert_eq!((alone.url.as_str(), alone.insecure), ("http://pip.example/simple", true));
        assert_eq!(alone.ca_bundle, Some(("cert", PathBuf::from("/c"))));
        let other = index(&[("PIP_INDEX_URL", "http://var"), ("PIP_CERT", "/d")]);
        assert_eq!((other.url.as_str(), other.insecure), ("http://var", false));
        assert_eq!(other.ca_bundle, Some(("PIP_CERT", PathBuf::from("/d"))));
        let _ = std::fs::remove_dir_all(folder);
    }

    #[test]
    fn what_cannot_be_installed_is_refused() {
        let home = ("HOME", "/h");
        for (args, vars, part) in [
            (&[][..], &[home][..], "no package index is named: set PIP_INDEX_URL"),
            (&["--index-url", "ftp://u:hush@h"], &[home], "is not an http:// or https:// URL"),
            (&[], &[home, ("PIP_INDEX_URL", "u:hush@h/simple")], "is not an http:// or https:// URL"),
            (&["--from", "m.whl"], &[], "name a folder with --dir"),
            (&["--from", "m.whl", "--version", "latest"], &[home], "'latest' is no version"),
            (&["--from", "m.whl", "--version", "3.1/../x"], &[home], "is no version"),
            (&["--from", "m.whl", "--sha256", "12"], &[home], "64 hexadecimal digits"),
            (&["m.whl"], &[home], "unexpected argument"),
        ] {
            let refusal = parse(&[&["tracklet", "ui", "install"], args].concat(), vars).unwrap_err();
            assert!(refusal.to_string().contains(part), "{refusal}");
            assert!(!refusal.to_string().contains("hush"), "{refusal}");
            assert_eq!(refusal.status(), 2);
        }
    }
}
