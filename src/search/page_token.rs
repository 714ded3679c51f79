//! Page tokens: where the next page starts, in base64 and JSON, as MLflow writes and reads them.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{common, python};
use crate::error::{Error, Result};

/// Largest page of runs and of experiments.
const MAX_RESULTS: i64 = 50_000;

/// Checks the size of a page of runs or experiments.
///
/// # Errors
/// `INVALID_PARAMETER_VALUE` with MLflow's message.
pub fn check_max_results(max_results: i64) -> Result<()> {
    let wrong = match max_results {
        ..1 => " It must be a positive integer".to_owned(),
        1..=MAX_RESULTS => return Ok(()),
        _ => format!(" It must be at most {MAX_RESULTS}"),
    };
    Err(Error::invalid(format!("Invalid value {max_results} for parameter 'max_results' supplied.{wrong}")))
}

/// The token of the page that starts at `offset`, for runs and experiments.
#[must_use]
pub fn create(offset: i64) -> String {
    STANDARD.encode(format!("{{\"offset\": {offset}}}"))
}

/// Where the page of `token` starts: 0 for the empty token, else what [`create`] was given.
///
/// # Errors
/// `INVALID_PARAMETER_VALUE` with MLflow's message, also for tokens that are no object, on which it fails with
/// status 500, and for negative offsets.
pub fn parse(token: &str) -> Result<i64> {
    if token.is_empty() {
        return Ok(0);
    }
    let decoded = decode(token).ok_or_else(|| Error::invalid("Invalid page token, could not base64-decode"))?;
    let parsed: Value = serde_json::from_slice(&decoded).map_err(|_| {
        let shown = python::echo(&python::repr_bytes(&decoded));
        Error::invalid(format!("Invalid page token, decoded value={shown}"))
    })?;
    let offset = match parsed.get("offset") {
        Some(Value::Number(number)) => number.as_i64().or_else(|| number.as_f64().and_then(whole)),
        Some(Value::Bool(true)) => Some(1),
        Some(Value::String(text)) if !text.is_empty() => Some(common::integer(text).ok_or_else(|| {
            let text = python::echo(text);
            Error::invalid(format!("Invalid page token, not stringable {text}"))
        })?),
        _ => None,
    };
    offset.filter(|offset| *offset > 0).ok_or_else(|| {
        let shown = python::echo(&python::repr_json(&parsed));
        Error::invalid(format!("Invalid page token, parsed value={shown}"))
    })
}

/// One field of the ordering of logged models, as the request has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderField {
    /// A column or `metrics.` and a key.
    pub field_name: String,
    /// Smallest first? The request's default is yes.
    pub ascending: bool,
    /// Only the metric's values on this dataset count.
    pub dataset_name: Option<String>,
    /// With `dataset_name`, only those on this version of it.
    pub dataset_digest: Option<String>,
}

/// What a search for logged models asks for; a token is good for the very same search only.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoggedModelSearch<'a> {
    /// The experiments, in the order of the request.
    pub experiment_ids: &'a [String],
    /// The filter, empty if there is none.
    pub filter: &'a str,
    /// The ordering, empty if there is none.
    pub order_by: &'a [OrderField],
}

/// What a token of a search for logged models holds.
#[derive(Serialize, Deserialize)]
struct Token {
    experiment_ids: Option<Vec<String>>,
    filter_string: Option<String>,
    order_by: Option<Vec<OrderField>>,
    offset: Option<i64>,
}

impl LoggedModelSearch<'_> {
    /// The token of the page of this search that starts at `offset`.
    #[must_use]
    pub fn create(&self, offset: i64) -> String {
        STANDARD.encode(json!(self.token(offset)).to_string())
    }

    /// Where the page of `token` starts; 0 for the empty token.
    ///
    /// # Errors
    /// `INVALID_PARAMETER_VALUE`: the token is broken, or belongs to another search.
    pub fn parse(&self, token: &str) -> Result<i64> {
        if token.is_empty() {
            return Ok(0);
        }
        let broken =
            |shown: &str, why: &str| Error::invalid(format!("Invalid page token: {}. {why}", python::echo(shown)));
        let decoded = decode(token).ok_or_else(|| broken(token, "It is not base64."))?;
        let found: Token = serde_json::from_slice(&decoded)
            .map_err(|error| broken(&String::from_utf8_lossy(&decoded), &error.to_string()))?;
        let found = Token {
            filter_string: found.filter_string.filter(|filter| !filter.is_empty()),
            order_by: found.order_by.filter(|order_by| !order_by.is_empty()),
            ..found
        };
        let offset = found.offset.unwrap_or(0);
        let expected = self.token(offset);
        let same = [
            expected.experiment_ids == found.experiment_ids,
            expected.filter_string == found.filter_string,
            expected.order_by == found.order_by,
        ];
        for ((what, noun, show), same) in PARTS.into_iter().zip(same) {
            if !same {
                let (expected, found) = (python::echo(&show(&expected)), python::echo(&show(&found)));
                return Err(Error::invalid(format!(
                    "{what} not match the requested {noun}. Expected: {expected}. Found: {found}"
                )));
            }
        }
        Some(offset).filter(|offset| *offset >= 0).ok_or_else(|| broken(token, "Its offset is negative."))
    }

    fn token(&self, offset: i64) -> Token {
        Token {
            experiment_ids: Some(self.experiment_ids.to_vec()),
            filter_string: Some(self.filter.to_owned()).filter(|filter| !filter.is_empty()),
            order_by: Some(self.order_by.to_vec()).filter(|order_by| !order_by.is_empty()),
            offset: Some(offset),
        }
    }
}

/// How an error speaks of a part of a token, and how it prints it.
type Part = (&'static str, &'static str, fn(&Token) -> String);

const PARTS: [Part; 3] = [
    ("Experiment IDs in the page token do", "experiment IDs", Token::shown_ids),
    ("Filter string in the page token does", "filter string", Token::shown_filter),
    ("Order by in the page token does", "order by", Token::shown_order),
];

impl Token {
    fn shown_ids(&self) -> String {
        let ids = self.experiment_ids.as_ref();
        ids.map_or_else(none, |ids| python::list(ids.iter().map(|id| python::repr(id))))
    }

    fn shown_filter(&self) -> String {
        self.filter_string.clone().unwrap_or_else(none)
    }

    fn shown_order(&self) -> String {
        self.order_by.as_ref().map_or_else(none, |fields| python::list(fields.iter().map(OrderField::shown)))
    }
}

impl OrderField {
    fn shown(&self) -> String {
        let text = |text: &Option<String>| text.as_ref().map_or_else(none, |text| python::repr(text));
        format!(
            "{{'field_name': {}, 'ascending': {}, 'dataset_name': {}, 'dataset_digest': {}}}",
            python::repr(&self.field_name),
            if self.ascending { "True" } else { "False" },
            text(&self.dataset_name),
            text(&self.dataset_digest)
        )
    }
}

fn none() -> String {
    "None".to_owned()
}

/// Reads base64 as leniently as Python: what is no base64 is skipped, only missing padding counts.
fn decode(token: &str) -> Option<Vec<u8>> {
    let mut digits: Vec<u8> = Vec::with_capacity(token.len());
    let mut padding = 0;
    for byte in token.bytes() {
        match byte {
            b'=' if digits.len() % 4 >= 2 => {
                padding += 1;
                if digits.len() % 4 + padding == 4 {
                    break;
                }
            }
            b'+' | b'/' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {
                padding = 0;
                digits.push(byte);
            }
            _ => {}
        }
    }
    let is_complete = matches!((digits.len() % 4, padding), (0, _) | (2, 2) | (3, 1));
    (is_complete && token.is_ascii()).then(|| STANDARD_NO_PAD.decode(&digits).ok()).flatten()
}

/// The whole part of a number.
fn whole(number: f64) -> Option<i64> {
    let text = format!("{:.0}", number.trunc());
    text.parse().ok()
}
