//! What a model server means when it says no: reads the many shapes of its errors and finds the
//! [`BrainError`] they amount to.

use crate::mind::{BrainError, Endpoint};
use reqwest::header::{DATE, HeaderMap, LOCATION, RETRY_AFTER};
use serde_json::Value;
use std::time::Duration;

/// The most that is shown of what a server says.
const SAID: usize = 300;

/// What a server says about its refusal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::mind) struct Said {
    /// In words, on one line, without the key.
    pub(in crate::mind) words: String,
    /// The HTTP status it would have liked to send; errors in mid-stream carry one inside.
    pub(super) status: Option<u16>,
}

impl Said {
    /// Reads the body of a refusal, whatever it is.
    pub(in crate::mind) fn from_body(body: &[u8], endpoint: &Endpoint) -> Self {
        let text = String::from_utf8_lossy(body);
        match serde_json::from_str::<Value>(&text) {
            Ok(value) => Self::from_json(&value, endpoint),
            // A page for a browser says nothing that fits a line.
            Err(_) if text.trim_start().starts_with('<') => Self::default(),
            Err(_) => Self {
                words: tidy(&text, endpoint),
                status: None,
            },
        }
    }

    /// Reads an error object in any of its shapes.
    pub(in crate::mind) fn from_json(value: &Value, endpoint: &Endpoint) -> Self {
        let code = find_code(value).and_then(|code| match code {
            Value::Number(number) => number.as_u64()?.try_into().ok(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        });
        Self {
            words: tidy(&words(value).unwrap_or_default(), endpoint),
            status: code.filter(|code| (400..600).contains(code)),
        }
    }

    /// Whether the words speak of any of these.
    fn mentions(&self, what: &[&str]) -> bool {
        let words = self.words.to_lowercase();
        what.iter().any(|what| words.contains(what))
    }

    /// Whether the server stumbled over the wish for token counts.
    pub(super) fn is_about_stream_options(&self) -> bool {
        self.mentions(&["stream_options", "include_usage"])
    }

    /// Whether the server stumbled over the tools.
    pub(super) fn is_about_tools(&self) -> bool {
        self.mentions(&["tool", "function call"])
    }
}

/// What an HTTP status other than success amounts to. `key` tells whether one was sent.
pub(in crate::mind) fn refused(
    base: String,
    status: u16,
    headers: &HeaderMap,
    said: Said,
    model: Option<&str>,
    key: bool,
) -> BrainError {
    let retry_after = retry_after(headers);
    let about_key = said.mentions(&["api key", "api_key", "apikey", "authentication"]);
    let about_model = match status {
        404 => said.mentions(&["model"]),
        400 => said.mentions(&[
            "model not found",
            "unknown model",
            "invalid model",
            "no such model",
        ]),
        _ => false,
    };
    let loading = said.mentions(&["loading"]);
    let said = said.words;
    match (status, model) {
        (300..=399, _) => BrainError::Redirected {
            to: target(headers),
            base,
        },
        (401 | 403, _) if !key => BrainError::KeyWanted { base, said },
        (401 | 403, _) => BrainError::KeyRefused { base, said },
        (_, Some(model)) if about_model => BrainError::ModelUnknown {
            base,
            model: model.to_owned(),
            said,
        },
        (404 | 405, _) => BrainError::NotFound { base, said },
        (503, _) if loading => BrainError::Loading { base, retry_after },
        (429 | 503 | 529, _) => BrainError::Busy {
            base,
            said,
            retry_after,
        },
        (408 | 500.., _) => BrainError::Faulty {
            base,
            status,
            said,
            retry_after,
        },
        (400, _) if about_key && key => BrainError::KeyRefused { base, said },
        (400, _) if about_key => BrainError::KeyWanted { base, said },
        _ => BrainError::Rejected { base, status, said },
    }
}

/// Where a redirect points, without what might be secret in it.
fn target(headers: &HeaderMap) -> String {
    let target = headers.get(LOCATION).and_then(|value| value.to_str().ok());
    let target = target.unwrap_or("an address it does not name");
    target
        .split(['?', '#'])
        .next()
        .unwrap_or_default()
        .chars()
        .take(SAID)
        .collect()
}

/// How long to wait before asking again: seconds, or a date. The server's own clock is compared
/// with, because the one here may be wrong by hours.
pub(in crate::mind) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let until = http_date(text)?;
    let now = headers
        .get(DATE)
        .and_then(|date| http_date(date.to_str().ok()?))
        .unwrap_or_else(jiff::Timestamp::now);
    Some(
        until
            .duration_since(now)
            .try_into()
            .unwrap_or(Duration::ZERO),
    )
}

fn http_date(text: &str) -> Option<jiff::Timestamp> {
    let zoned = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text.trim());
    zoned.ok()
}

/// The words in an error object: a string, an object with a message, or a list of either.
fn words(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()).filter(|text| !text.trim().is_empty()),
        Value::Array(parts) => {
            let all: Vec<_> = parts.iter().filter_map(words).collect();
            (!all.is_empty()).then(|| all.join("; "))
        }
        Value::Object(object) => {
            let keys = [
                "error",
                "message",
                "msg",
                "detail",
                "errors",
                "description",
                "type",
            ];
            let said = keys.iter().find_map(|key| words(object.get(*key)?))?;
            // Validation errors say in `loc` which field they mean.
            let place = object.get("loc").and_then(Value::as_array);
            let place: Vec<_> = place
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            if place.is_empty() {
                Some(said)
            } else {
                Some(format!("{said} ({})", place.join(".")))
            }
        }
        _ => None,
    }
}

/// The error code, at the top or deeper down.
fn find_code(value: &Value) -> Option<&Value> {
    let keys = ["code", "status", "status_code"];
    let here = keys
        .iter()
        .filter_map(|key| value.get(key))
        .find(|code| is_code(code));
    here.or_else(|| {
        let inner = [value.get("error"), value.get("detail"), value.get(0)];
        inner.into_iter().flatten().find_map(find_code)
    })
}

fn is_code(value: &Value) -> bool {
    value.is_u64()
        || value
            .as_str()
            .is_some_and(|text| text.parse::<u16>().is_ok())
}

/// One line of a length that people read, and never the key.
fn tidy(text: &str, endpoint: &Endpoint) -> String {
    let text = match &endpoint.key {
        Some(key) => key.cover(text),
        None => text.to_owned(),
    };
    let mut line = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        if word.is_empty() {
            continue;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if line.len() > SAID {
            break;
        }
    }
    if line.chars().count() > SAID {
        line = line.chars().take(SAID).chain(['…']).collect();
    }
    line.trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mind::Secret;
    use reqwest::header::HeaderValue;

    fn endpoint() -> Endpoint {
        Endpoint {
            key: Some(Secret::new("sk-canary")),
            ..Endpoint::new("http://h/v1")
        }
    }

    #[test]
    fn every_shape_of_error_is_read() {
        let table: &[(&str, &str, Option<u16>)] = &[
            (
                r#"{"error":{"message":"no such key.","type":"t","code":"invalid_api_key"}}"#,
                "no such key",
                None,
            ),
            (
                r#"{"error":{"message":"busy","code":429}}"#,
                "busy",
                Some(429),
            ),
            (
                r#"{"error":{"message":"busy","code":"503"}}"#,
                "busy",
                Some(503),
            ),
            (r#"{"error":{"message":"busy","code":null}}"#, "busy", None),
            (
                r#"{"error":{"message":null,"type":"overloaded"}}"#,
                "overloaded",
                None,
            ),
            (r#"{"error":"model not found"}"#, "model not found", None),
            (r#"{"detail":"Not Found"}"#, "Not Found", None),
            (r#"{"detail":{"error":"worse"}}"#, "worse", None),
            (
                r#"{"detail":[{"loc":["body","stream_options"],"msg":"extra fields"},{"msg":"b"}]}"#,
                "extra fields (body.stream_options); b",
                None,
            ),
            (
                r#"{"object":"error","message":"too long","code":400}"#,
                "too long",
                Some(400),
            ),
            (
                r#"[{"error":{"code":403,"message":"no"}}]"#,
                "no",
                Some(403),
            ),
            (
                r#"{"error":{"message":"a\r\n\u001b[31mb"}}"#,
                "a [31mb",
                None,
            ),
            (
                r#"{"error":{"message":"Wrong key: sk-canary"}}"#,
                "Wrong key: [key]",
                None,
            ),
            ("upstream is down\n", "upstream is down", None),
            ("<html>502</html>", "", None),
            ("{}", "", None),
            ("", "", None),
        ];
        for (body, words, status) in table {
            assert_eq!(
                Said::from_body(body.as_bytes(), &endpoint()),
                Said {
                    words: (*words).to_owned(),
                    status: *status
                },
                "{body}"
            );
        }
        let long = Said::from_body("x".repeat(9000).as_bytes(), &endpoint());
        assert_eq!(long.words.chars().count(), SAID + 1);
    }

    #[test]
    fn every_status_has_a_meaning_of_its_own() {
        let base = || "b".to_owned();
        let said = |words: &str| Said {
            words: words.to_owned(),
            status: None,
        };
        let mean = |status, words: &str, key| {
            refused(
                base(),
                status,
                &HeaderMap::new(),
                said(words),
                Some("m"),
                key,
            )
        };
        let text = str::to_owned;
        let table = [
            (
                mean(401, "x", true),
                BrainError::KeyRefused {
                    base: base(),
                    said: text("x"),
                },
            ),
            (
                mean(403, "", false),
                BrainError::KeyWanted {
                    base: base(),
                    said: text(""),
                },
            ),
            (
                mean(400, "Incorrect API key", true),
                BrainError::KeyRefused {
                    base: base(),
                    said: text("Incorrect API key"),
                },
            ),
            (
                mean(400, "x", true),
                BrainError::Rejected {
                    base: base(),
                    status: 400,
                    said: text("x"),
                },
            ),
            (
                mean(404, "The model is gone", true),
                BrainError::ModelUnknown {
                    base: base(),
                    model: text("m"),
                    said: text("The model is gone"),
                },
            ),
            (
                mean(404, "Not Found", true),
                BrainError::NotFound {
                    base: base(),
                    said: text("Not Found"),
                },
            ),
            (
                mean(400, "Invalid model name passed in", true),
                BrainError::ModelUnknown {
                    base: base(),
                    model: text("m"),
                    said: text("Invalid model name passed in"),
                },
            ),
            (
                mean(429, "x", true),
                BrainError::Busy {
                    base: base(),
                    said: text("x"),
                    retry_after: None,
                },
            ),
            (
                mean(503, "Loading model", true),
                BrainError::Loading {
                    base: base(),
                    retry_after: None,
                },
            ),
            (
                mean(502, "x", true),
                BrainError::Faulty {
                    base: base(),
                    status: 502,
                    said: text("x"),
                    retry_after: None,
                },
            ),
        ];
        for (found, expected) in table {
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_date_by_the_clock_of_the_server() {
        let table = [
            ("7", Some(7000)),
            (" 1.5 ", Some(1500)),
            ("-3", None),
            ("1e999", None),
            ("soon", None),
            ("Sun, 06 Nov 1994 08:50:07 GMT", Some(30_000)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
        ];
        for (value, wait) in table {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, HeaderValue::from_static(value));
            headers.insert(
                DATE,
                HeaderValue::from_static("Sun, 06 Nov 1994 08:49:37 GMT"),
            );
            assert_eq!(
                retry_after(&headers),
                wait.map(Duration::from_millis),
                "{value}"
            );
        }
    }

    #[test]
    fn a_redirect_is_told_without_what_might_be_secret_in_it() {
        let mut headers = HeaderMap::new();
        headers.insert(
            LOCATION,
            HeaderValue::from_static("https://other/v1?token=canary"),
        );
        assert_eq!(
            refused("b".to_owned(), 307, &headers, Said::default(), None, true),
            BrainError::Redirected {
                base: "b".to_owned(),
                to: "https://other/v1".to_owned()
            }
        );
    }
}
