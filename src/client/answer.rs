//! What answers, and the lack of one, mean to a client.

use std::time::{Duration, SystemTime};

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};

use super::failure::{Failure, innermost};

/// What a connection's end, or its failure to come about, means. `base` is the server's address, `trust` says how to name
/// certificates.
pub(crate) fn unreachable(base: &str, timeout: Duration, trust: &str, error: &reqwest::Error) -> Failure {
    let cause = innermost(error);
    if error.is_timeout() {
        return Failure::temporary(format!("no answer from {base} within {timeout:?}"));
    }
    if cause.contains("certificate") {
        return Failure::last(format!("{base}: {cause}")).hint(trust);
    }
    let what = if error.is_connect() { "cannot be reached" } else { "broke off" };
    Failure::temporary(format!("{base} {what}: {cause}"))
}

/// Whether the same request may get another answer later.
pub(crate) fn is_passing(status: StatusCode) -> bool {
    match status {
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => true,
        StatusCode::NOT_IMPLEMENTED => false,
        _ => status.is_server_error(),
    }
}

/// What `Retry-After` asks for, in seconds or as a date.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    match text.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => httpdate::parse_http_date(text).ok()?.duration_since(now).ok(),
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = httpdate::parse_http_date("Mon, 23 Nov 2026 08:00:00 GMT").unwrap();
        for (value, expected) in [
            (None, None),
            (Some("7"), Some(7)),
            (Some("Mon, 23 Nov 2026 08:00:09 GMT"), Some(9)),
            (Some("Mon, 23 Nov 2026 07:00:00 GMT"), None),
            (Some("soon"), None),
            (Some("-1"), None),
        ] {
            let headers = value.map(|value| (RETRY_AFTER, HeaderValue::from_static(value))).into_iter().collect();
            assert_eq!(retry_after(&headers, now), expected.map(Duration::from_secs), "{value:?}");
        }
    }

    #[test]
    fn a_server_in_trouble_may_recover() {
        for (status, expected) in
            [(400, false), (404, false), (408, true), (429, true), (500, true), (501, false), (503, true)]
        {
            assert_eq!(is_passing(StatusCode::from_u16(status).unwrap()), expected, "{status}");
        }
    }
}
