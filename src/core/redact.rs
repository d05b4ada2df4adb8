//! Takes out of a text what looks like a key, a token or a password, and what is known to be one,
//! before it is shown beside where it came from or handed on. Pure.
//!
//! What looks like a secret is taken for one: a word too few is better than a key too many.

use regex_lite::{Captures, Regex};
use std::borrow::Cow;
use std::sync::OnceLock;

/// What stands for a secret.
pub const HIDDEN: &str = "(hidden)";

/// Nothing shorter is looked for as a known secret: it would be found in every other word.
const SHORTEST: usize = 4;

/// A text without what looks like a secret.
pub fn redact(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    for pattern in patterns() {
        let clean = pattern.replace_all(&text, |found: &Captures<'_>| {
            let part = |name| found.name(name).map_or("", |part| part.as_str());
            format!("{}{HIDDEN}{}", part("before"), part("after"))
        });
        if let Cow::Owned(clean) = clean {
            text = Cow::Owned(clean);
        }
    }
    text
}

/// A text without these secrets, and without what looks like one.
pub fn redact_known(text: &str, secrets: &[String]) -> String {
    let mut text = text.to_owned();
    for secret in secrets {
        let secret = secret.trim();
        if secret.len() < SHORTEST {
            continue;
        }
        // In JSON it is written with escapes.
        let written = serde_json::Value::from(secret).to_string();
        let inner = written
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'));
        let written = inner.unwrap_or(&written);
        for secret in [secret, written] {
            if text.contains(secret) {
                text = text.replace(secret, HIDDEN);
            }
        }
    }
    redact(&text).into_owned()
}

/// What secrets look like. What is called `before` and `after` is none and stays.
fn patterns() -> &'static [Regex] {
    static PATTERNS: OnceLock<Vec<Regex>> = OnceLock::new();
    PATTERNS.get_or_init(|| {
        [
            // A name that says what it holds, in JSON, TOML, a query or a header.
            r#"(?i)(?<before>(?:authorization|api[-_ ]?key|access[-_]?key|[a-z_-]*token|[a-z_-]*secret|passw(?:or)?d|passphrase|cookie)\\?["']?\s*[:=]\s*(?:(?:bearer|basic|token)\s+)?\\?["']?)[^\s"'&,;}\\]+"#,
            r"(?i)(?<before>\b(?:bearer|basic)\s+)[a-z0-9._~+/=-]{6,}",
            // The user and the password of an address.
            r"(?<before>://)[^/\s@]+:[^/\s@]+(?<after>@)",
            // Keys that say by their beginning what they are.
            r"\b(?:sk|pk|rk|hf|gsk|xai|ghp|gho|ghs|glpat|xox[a-z])[-_][A-Za-z0-9_-]{8,}",
            r"\bAKIA[0-9A-Z]{12,}",
            r"\beyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_.-]+",
        ]
        .iter()
        .map(|pattern| Regex::new(pattern).expect("our own patterns are expressions"))
        .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_looks_like_a_secret_is_taken_out_and_the_rest_stays() {
        for (text, expected) in [
            ("how is tea made?", "how is tea made?"),
            (
                r#"{"type":"hello","token":"abc123","n":1}"#,
                r#"{"type":"hello","token":"(hidden)","n":1}"#,
            ),
            (
                r#"{\"api_key\":\"abc 123\"}"#,
                r#"{\"api_key\":\"(hidden) 123\"}"#,
            ),
            (
                "Authorization: Bearer abc.def",
                "Authorization: Bearer (hidden)",
            ),
            (
                "authorization=Basic dXNlcg==",
                "authorization=Basic (hidden)",
            ),
            (
                "it said Bearer abcdef-12 to us",
                "it said Bearer (hidden) to us",
            ),
            ("ws://h/ws?token=s3cret&x=1", "ws://h/ws?token=(hidden)&x=1"),
            ("http://me:secret@h/v1", "http://(hidden)@h/v1"),
            ("access_token = 'tok'", "access_token = '(hidden)'"),
            ("the key is sk-abcdefgh12345", "the key is (hidden)"),
            ("AKIAABCDEFGHIJKLMNOP", "(hidden)"),
            ("eyJhbGciOi.eyJzdWIi.sig", "(hidden)"),
            ("password: 你好吗", "password: (hidden)"),
            ("tokens: 12", "tokens: 12"),
        ] {
            assert_eq!(redact(text), expected, "{text}");
        }
    }

    #[test]
    fn a_known_secret_is_found_wherever_it_stands() {
        let secrets = ["rosebud \"x\"".to_owned(), "abc".to_owned(), String::new()];
        let told = redact_known(r#"rosebud "x" and {"a":"rosebud \"x\""} abc"#, &secrets);
        assert_eq!(told, r#"(hidden) and {"a":"(hidden)"} abc"#);
    }

    proptest! {
        #[test]
        fn a_known_secret_is_never_left(
            before in ".{0,20}", secret in "[a-zA-Z0-9+/=_-]{8,40}", after in ".{0,20}",
        ) {
            let told = redact_known(&format!("{before}{secret}{after}"), std::slice::from_ref(&secret));
            prop_assert!(!told.contains(&secret), "{}", told);
        }
    }
}
