//! OpenTelemetry's own variables. They may stand in the environment of every program of a cluster, so that what they ask
//! of others is noticed, and does not keep the server from starting; only an endpoint that is none does, and certificates
//! that are not there.

use std::path::PathBuf;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use url::Url;

use super::vars::Vars;
use crate::config::Otlp;
use crate::spans::Sampler;

/// Where spans go; nowhere unless an endpoint is named.
pub(super) fn otlp(vars: &Vars, notices: &mut Vec<String>) -> Result<Option<Otlp>, String> {
    let Some(endpoint) = endpoint(vars)? else { return Ok(None) };
    if is_off(vars, notices) {
        return Ok(None);
    }
    let default = Otlp::to(endpoint);
    let mut read = Reader { vars, notices };
    Ok(Some(Otlp {
        headers: read.pairs(&["OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"], is_header),
        resource: read.resource(),
        sampler: read.sampler(),
        timeout: read
            .number(&["OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"])
            .map_or(default.timeout, milliseconds),
        gzip: read.gzip(),
        ca_bundle: file(vars, &["OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", "OTEL_EXPORTER_OTLP_CERTIFICATE"]),
        client_certificate: file(
            vars,
            &["OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE", "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE"],
        ),
        client_key: file(vars, &["OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY", "OTEL_EXPORTER_OTLP_CLIENT_KEY"]),
        queue: read.count("OTEL_BSP_MAX_QUEUE_SIZE").unwrap_or(default.queue),
        batch: read.count("OTEL_BSP_MAX_EXPORT_BATCH_SIZE").unwrap_or(default.batch),
        delay: read.number(&["OTEL_BSP_SCHEDULE_DELAY"]).map_or(default.delay, milliseconds),
        ..default
    }))
}

/// The endpoint for traces as it is, else the one for everything with the path of traces behind it.
fn endpoint(vars: &Vars) -> Result<Option<String>, String> {
    let names = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];
    let Some((name, given)) = first(vars, &names) else { return Ok(None) };
    let url = Url::parse(given.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    // What it is stays unsaid, for it may hold a password.
    let mut url = url.ok_or_else(|| format!("{name} is not an http:// or https:// URL"))?;
    if name == "OTEL_EXPORTER_OTLP_ENDPOINT" {
        let path = format!("{}/v1/traces", url.path().trim_end_matches('/'));
        url.set_path(&path);
    }
    Ok(Some(url.into()))
}

fn is_off(vars: &Vars, notices: &mut Vec<String>) -> bool {
    let protocol = first(vars, &["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"]);
    let exporter = vars.text("OTEL_TRACES_EXPORTER");
    if vars.text("OTEL_SDK_DISABLED").is_some_and(|text| text.eq_ignore_ascii_case("true"))
        || exporter.as_deref() == Some("none")
    {
        return true;
    }
    if let Some(exporter) = exporter.filter(|exporter| exporter != "otlp") {
        notices.push(format!("OTEL_TRACES_EXPORTER={exporter}: no spans are exported, there is otlp alone"));
        return true;
    }
    if let Some((name, protocol)) = protocol.filter(|(_, protocol)| protocol != "http/protobuf") {
        let advice = "there is http/protobuf alone, which collectors take on port 4318";
        notices.push(format!("{name}={protocol}: no spans are exported, {advice}"));
        return true;
    }
    false
}

/// The first of these variables that is set.
fn first(vars: &Vars, names: &[&'static str]) -> Option<(&'static str, String)> {
    names.iter().find_map(|name| vars.text(name).map(|text| (*name, text)))
}

fn file(vars: &Vars, names: &[&'static str]) -> Option<PathBuf> {
    first(vars, names).map(|(_, path)| PathBuf::from(path))
}

/// Reads what is replaced by its default when it is wrong.
struct Reader<'a> {
    vars: &'a Vars<'a>,
    notices: &'a mut Vec<String>,
}

impl Reader<'_> {
    /// `name=value`, separated by commas, the values percent-encoded; one wrong pair spoils the whole.
    fn pairs(&mut self, names: &[&'static str], is_pair: fn(&str, &str) -> bool) -> Vec<(String, String)> {
        let Some((variable, text)) = first(self.vars, names) else { return Vec::new() };
        let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        let pair = |entry: &str| {
            let (name, value) = entry.split_once('=')?;
            let value = percent_decode_str(value.trim()).decode_utf8().ok()?;
            let name = name.trim();
            (is_pair(name, &value) && !value.contains(char::is_control)).then(|| (name.to_owned(), value.into_owned()))
        };
        let pairs: Option<Vec<_>> = entries.map(pair).collect();
        pairs.unwrap_or_else(|| {
            self.notices.push(format!("{variable} is ignored: it is not a list of NAME=VALUE"));
            Vec::new()
        })
    }

    fn resource(&mut self) -> Vec<(String, String)> {
        let mut resource = self.pairs(&["OTEL_RESOURCE_ATTRIBUTES"], |name, _| !name.is_empty());
        if let Some(name) = self.vars.text("OTEL_SERVICE_NAME") {
            resource.retain(|(known, _)| known != "service.name");
            resource.push(("service.name".to_owned(), name));
        }
        for (name, value) in [("service.name", "tracklet"), ("service.version", env!("CARGO_PKG_VERSION"))] {
            if !resource.iter().any(|(known, _)| known == name) {
                resource.push((name.to_owned(), value.to_owned()));
            }
        }
        resource
    }

    fn sampler(&mut self) -> Sampler {
        let Some(name) = self.vars.text("OTEL_TRACES_SAMPLER") else { return Sampler::default() };
        let (follows_parent, root) =
            name.strip_prefix("parentbased_").map_or((false, name.as_str()), |root| (true, root));
        match root {
            "always_on" => Sampler::new(follows_parent, 1.0),
            "always_off" => Sampler::new(follows_parent, 0.0),
            "traceidratio" => Sampler::new(follows_parent, self.ratio()),
            _ => {
                self.notices.push(format!("OTEL_TRACES_SAMPLER={name} is not known here: parentbased_always_on it is"));
                Sampler::default()
            }
        }
    }

    fn ratio(&mut self) -> f64 {
        let Some(text) = self.vars.text("OTEL_TRACES_SAMPLER_ARG") else { return 1.0 };
        let ratio = text.trim().parse().ok().filter(|ratio| (0.0..=1.0).contains(ratio));
        ratio.unwrap_or_else(|| {
            self.notices.push(format!("OTEL_TRACES_SAMPLER_ARG={text} is ignored: it is not a number from 0 to 1"));
            1.0
        })
    }

    fn gzip(&mut self) -> bool {
        let names = ["OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "OTEL_EXPORTER_OTLP_COMPRESSION"];
        match first(self.vars, &names) {
            Some((_, way)) if way == "gzip" => true,
            Some((name, way)) if way != "none" => {
                self.notices.push(format!("{name}={way} is ignored: there is gzip alone"));
                false
            }
            _ => false,
        }
    }

    fn number(&mut self, names: &[&'static str]) -> Option<u64> {
        let (name, text) = first(self.vars, names)?;
        let number = text.trim().parse().ok();
        if number.is_none() {
            self.notices.push(format!("{name}={text} is ignored: it is not a whole number"));
        }
        number
    }

    /// A number of spans; one that would take all memory is no bound.
    fn count(&mut self, name: &'static str) -> Option<usize> {
        let number = self.number(&[name])?;
        Some(usize::try_from(number.clamp(1, 1 << 16)).unwrap_or(1 << 16))
    }
}

fn is_header(name: &str, value: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)) && value.is_ascii()
}

/// A time that clocks can be set to.
fn milliseconds(number: u64) -> Duration {
    Duration::from_millis(number).min(Duration::from_hours(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ON: (&str, &str) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318");

    /// What comes of these variables, and the notices.
    fn read(given: &[(&str, &str)]) -> (Result<Option<Otlp>, String>, Vec<String>) {
        let mut notices = Vec::new();
        let env = |name: &str| given.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        (otlp(&Vars(&env), &mut notices), notices)
    }

    /// The settings, of variables that nothing is wrong with.
    fn on(given: &[(&str, &str)]) -> Otlp {
        let (otlp, notices) = read(&[&[ON], given].concat());
        assert_eq!(notices, Vec::<String>::new(), "{given:?}");
        otlp.unwrap().unwrap()
    }

    #[test]
    fn spans_go_to_the_endpoint_for_traces() {
        let (all, traces) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
        for (given, expected) in [
            (&[(all, "http://c:4318")][..], Ok(Some("http://c:4318/v1/traces"))),
            (&[(all, "https://c/otlp/")], Ok(Some("https://c/otlp/v1/traces"))),
            (&[(traces, "http://c:4318/in"), (all, "x")], Ok(Some("http://c:4318/in"))),
            (&[(traces, "http://c:4318")], Ok(Some("http://c:4318/"))),
            (&[(all, ""), (traces, "")], Ok(None)),
            (&[], Ok(None)),
            (&[(all, "c:4317")], Err("OTEL_EXPORTER_OTLP_ENDPOINT is not an http:// or https:// URL")),
            (&[(traces, "/v1/traces")], Err("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is not an http:// or https:// URL")),
        ] {
            let (otlp, _) = read(given);
            let endpoint = otlp.map(|otlp| otlp.map(|otlp| otlp.endpoint));
            let endpoint = endpoint.as_ref().map(Option::as_deref).map_err(String::as_str);
            assert_eq!(endpoint, expected, "{given:?}");
        }
    }

    #[test]
    fn everything_is_as_opentelemetry_has_it() {
        let default = Otlp::to("http://collector:4318/v1/traces".to_owned());
        let version = ("service.version".to_owned(), env!("CARGO_PKG_VERSION").to_owned());
        let about = |name: &str| vec![("service.name".to_owned(), name.to_owned()), version.clone()];
        assert_eq!(on(&[]), Otlp { resource: about("tracklet"), ..default });
        assert_eq!(on(&[("OTEL_SERVICE_NAME", "mlflow")]).resource, about("mlflow"));
        assert_eq!(on(&[("OTEL_RESOURCE_ATTRIBUTES", "service.name=b")]).resource, about("b"));
        let both = [("OTEL_SERVICE_NAME", "a"), ("OTEL_RESOURCE_ATTRIBUTES", "service.name=b,k=v%2C%20w, x = y ")];
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let resource = [vec![pair("k", "v, w"), pair("x", "y")], about("a")].concat();
        assert_eq!(on(&both).resource, resource);
        let headers = [("OTEL_EXPORTER_OTLP_HEADERS", "Authorization=Bearer%20hush,x-mlflow-experiment-id=7")];
        let otlp = on(&headers);
        assert_eq!(otlp.headers, [pair("Authorization", "Bearer hush"), pair("x-mlflow-experiment-id", "7")]);
        assert!(!format!("{otlp:?}").contains("hush"));
        let otlp = on(&[
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "20000"),
            ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
            ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/ca.pem"),
            ("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "/own.pem"),
            ("OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY", "/own.key"),
            ("OTEL_BSP_MAX_QUEUE_SIZE", "0"),
            ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "18446744073709551615"),
            ("OTEL_BSP_SCHEDULE_DELAY", "18446744073709551615"),
        ]);
        assert_eq!((otlp.timeout, otlp.gzip), (Duration::from_secs(20), true));
        assert_eq!((otlp.queue, otlp.batch, otlp.delay), (1, 1 << 16, Duration::from_hours(1)));
        let files = [otlp.ca_bundle, otlp.client_certificate, otlp.client_key].map(Option::unwrap_or_default);
        assert_eq!(files, ["/ca.pem", "/own.pem", "/own.key"].map(PathBuf::from));
    }

    #[test]
    fn samplers_are_known_by_their_names() {
        for (name, argument, expected) in [
            ("always_on", "", Sampler::new(false, 1.0)),
            ("always_off", "", Sampler::new(false, 0.0)),
            ("traceidratio", "0.25", Sampler::new(false, 0.25)),
            ("traceidratio", "", Sampler::new(false, 1.0)),
            ("parentbased_always_on", "", Sampler::new(true, 1.0)),
            ("parentbased_always_off", "", Sampler::new(true, 0.0)),
            ("parentbased_traceidratio", "0.1", Sampler::new(true, 0.1)),
        ] {
            let given = [("OTEL_TRACES_SAMPLER", name), ("OTEL_TRACES_SAMPLER_ARG", argument)];
            assert_eq!(on(&given).sampler, expected, "{name} {argument}");
        }
    }

    #[test]
    fn what_others_understand_is_noticed_and_does_no_harm() {
        for (name, value, notice, exported) in [
            ("OTEL_SDK_DISABLED", "TRUE", None, false),
            ("OTEL_SDK_DISABLED", "false", None, true),
            ("OTEL_TRACES_EXPORTER", "none", None, false),
            ("OTEL_TRACES_EXPORTER", "otlp", None, true),
            ("OTEL_TRACES_EXPORTER", "console", Some("there is otlp alone"), false),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", Some("there is http/protobuf alone"), false),
            ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/json", Some("there is http/protobuf alone"), false),
            ("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd", Some("there is gzip alone"), true),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "10s", Some("is not a whole number"), true),
            ("OTEL_EXPORTER_OTLP_HEADERS", "hush", Some("is not a list of NAME=VALUE"), true),
            ("OTEL_EXPORTER_OTLP_HEADERS", "a=hush%0d%0ab", Some("is not a list of NAME=VALUE"), true),
            ("OTEL_EXPORTER_OTLP_HEADERS", "a b=hush", Some("is not a list of NAME=VALUE"), true),
            ("OTEL_EXPORTER_OTLP_HEADERS", "a=hush%C3%A9", Some("is not a list of NAME=VALUE"), true),
            ("OTEL_RESOURCE_ATTRIBUTES", "a=1,b", Some("is not a list of NAME=VALUE"), true),
            ("OTEL_TRACES_SAMPLER", "xray", Some("parentbased_always_on it is"), true),
        ] {
            let (otlp, notices) = read(&[ON, (name, value)]);
            assert_eq!(otlp.unwrap().is_some(), exported, "{name}={value}");
            assert_eq!(notices.len(), usize::from(notice.is_some()), "{notices:?}");
            let said = notices.concat();
            assert!(said.contains(notice.unwrap_or_default()) && !said.contains("hush"), "{said}");
            // Whoever exports nothing hears of nothing.
            assert_eq!(read(&[(name, value)]), (Ok(None), Vec::new()), "{name}={value}");
        }
    }
}
