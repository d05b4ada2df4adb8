//! What a setting may hold: its kind, its range, and how text and TOML become a value of it.

use std::borrow::Cow;
use std::fmt;

/// A value of a setting, checked against its kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Bool(bool),
    Float(f64),
    Int(i64),
    Text(Cow<'static, str>),
}

/// What a setting may hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// `embedded`, a name from `[backends]`, or the address of a backend.
    Backend,
    /// Several of those, separated by commas, or none.
    Backends,
    Bool,
    /// `auto`, `builtin`, `local`, a model on this machine, or the base URL of a model server.
    Brain,
    Choice(&'static [&'static str]),
    /// A program and its arguments, or nothing.
    Command,
    Float {
        min: f64,
        max: f64,
    },
    /// What hears or speaks: one of these names, a command line, or the base URL of a server.
    Engine(&'static [&'static str]),
    /// An `http` or `https` address, or nothing.
    HttpUrl,
    /// Several of those, separated by commas, or none.
    HttpUrls,
    Int {
        min: i64,
        max: i64,
    },
    /// `auto`, a language that comes with the program, or the name of a file of words.
    Lang,
    /// The address of a backend, or nothing.
    LinkUrl,
    Path,
    Secret,
    /// Where the conversations are kept.
    Store,
    Text,
}

/// The value is of another kind or out of range: what it must be instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wants(pub String);

const HTTP: &[&str] = &["http", "https"];
const LINK: &[&str] = &["ws", "wss", "http", "https"];

impl Kind {
    /// What it must be, in the words that follow "must be".
    pub fn wants(self) -> Cow<'static, str> {
        match self {
            Self::Backend => "`embedded`, a name from `[backends]` or a URL \
                 (`ws://`, `wss://`, `http://`, `https://`)"
                .into(),
            Self::Backends => {
                "names from `[backends]`, URLs or `embedded`, separated by commas".into()
            }
            Self::Bool => "`true` or `false`".into(),
            Self::Brain => {
                "`auto`, `builtin`, `local`, `model:NAME` or a URL (`http://`, `https://`)".into()
            }
            Self::Choice(choices) => {
                let quoted: Vec<_> = choices.iter().map(|one| format!("`{one}`")).collect();
                format!("one of {}", quoted.join(", ")).into()
            }
            Self::Command => "a program and its arguments, in which every quote is closed".into(),
            Self::Engine(names) => {
                let quoted: Vec<_> = names.iter().map(|one| format!("`{one}`")).collect();
                let names = quoted.join(", ");
                format!("{names}, `model:NAME`, `command:CMD` or a URL (`http://`, `https://`)")
                    .into()
            }
            Self::Float { min, max } => format!("between {min} and {max}").into(),
            Self::HttpUrl => "a URL (`http://`, `https://`) or empty".into(),
            Self::HttpUrls => "URLs (`http://`, `https://`), separated by commas, or empty".into(),
            Self::Int { min, max } => format!("between {min} and {max}").into(),
            Self::Lang => {
                "`auto`, `en`, `zh` or the name of a file in `words`, such as `de`".into()
            }
            Self::LinkUrl => "a URL (`ws://`, `wss://`, `http://`, `https://`) or empty".into(),
            Self::Path => "a path".into(),
            Self::Secret => "`env:NAME`, `file:PATH`, `command:CMD` or the secret itself".into(),
            Self::Store => "a path or `sqlite:///PATH` (only SQLite is supported)".into(),
            Self::Text => "a text on one line".into(),
        }
    }

    /// Values that are worth offering. Others may be right, too.
    pub fn choices(self) -> &'static [&'static str] {
        match self {
            Self::Backend => &["embedded"],
            Self::Bool => &["true", "false"],
            Self::Brain => &["auto", "builtin", "local"],
            Self::Choice(choices) => choices,
            Self::Engine(names) => names,
            Self::Lang => &["auto", "en", "zh"],
            Self::Backends
            | Self::Command
            | Self::Float { .. }
            | Self::HttpUrl
            | Self::HttpUrls
            | Self::Int { .. }
            | Self::LinkUrl
            | Self::Path
            | Self::Secret
            | Self::Store
            | Self::Text => &[],
        }
    }

    /// Checks a value as the file holds it.
    pub fn check(self, value: Value) -> Result<Value, Wants> {
        let value = match (self, value) {
            (Self::Float { .. }, Value::Int(whole)) => Value::Float(whole as f64),
            (_, value) => value,
        };
        match (self, &value) {
            (Self::Bool, Value::Bool(_)) => return Ok(value),
            (Self::Int { min, max }, Value::Int(found)) if (min..=max).contains(found) => {
                return Ok(value);
            }
            (Self::Float { min, max }, Value::Float(found)) if (min..=max).contains(found) => {
                return Ok(value);
            }
            (_, Value::Text(text)) if self.takes_text(text) => return Ok(value),
            _ => {}
        }
        // A number out of range is told the range; anything else also that a number is wanted.
        Err(Wants(match (self, &value) {
            (Self::Int { .. }, Value::Int(_)) | (Self::Float { .. }, Value::Float(_)) => {
                self.wants().into_owned()
            }
            (Self::Int { .. }, _) => format!("a whole number {}", self.wants()),
            (Self::Float { .. }, _) => format!("a number {}", self.wants()),
            _ => self.wants().into_owned(),
        }))
    }

    /// Reads a value from text without quotes, as variables, flags and `config set` hold it.
    pub fn parse(self, text: &str) -> Result<Value, Wants> {
        let as_text = || Value::Text(Cow::Owned(text.to_owned()));
        let trimmed = text.trim();
        let value = match self {
            Self::Bool => match trimmed.to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" | "1" => Value::Bool(true),
                "false" | "no" | "off" | "0" => Value::Bool(false),
                _ => as_text(),
            },
            Self::Int { .. } => trimmed.parse().map_or_else(|_| as_text(), Value::Int),
            Self::Float { .. } => trimmed.parse().map_or_else(|_| as_text(), Value::Float),
            _ => as_text(),
        };
        self.check(value)
    }

    fn takes_text(self, text: &str) -> bool {
        // Values are printed on terminals: what could steer one is no setting.
        if text.chars().any(steers) {
            return false;
        }
        match self {
            Self::Backend => is_name(text) || is_url(text, LINK),
            Self::Backends => listed(text).all(|one| is_name(one) || is_url(one, LINK)),
            Self::Brain => {
                let model = text.strip_prefix("model:");
                matches!(text, "auto" | "builtin" | "local")
                    || model.is_some_and(|name| !name.trim().is_empty())
                    || is_url(text, HTTP)
            }
            Self::Choice(choices) => choices.contains(&text),
            Self::Engine(names) => {
                let mut begins = ["command:", "model:"].iter();
                let rest = begins.find_map(|begin| text.strip_prefix(begin));
                names.contains(&text)
                    || rest.is_some_and(|rest| !rest.trim().is_empty())
                    || is_url(text, HTTP)
            }
            Self::Command => text.is_empty() || crate::core::command::words(text).is_ok(),
            Self::HttpUrl => text.is_empty() || is_url(text, HTTP),
            Self::HttpUrls => listed(text).all(|one| is_url(one, HTTP)),
            Self::Lang => text == "auto" || is_language(text),
            Self::LinkUrl => text.is_empty() || is_url(text, LINK),
            Self::Store => match text.split_once("://") {
                Some(("sqlite", path)) => path.len() > 1 && path.starts_with('/'),
                Some(_) => false,
                // What SQLite itself calls `:memory:` would be forgotten at the end.
                None => !text.starts_with("sqlite:") && text != ":memory:",
            },
            Self::Path | Self::Secret | Self::Text => true,
            Self::Bool | Self::Float { .. } | Self::Int { .. } => false,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => write!(f, "{value}"),
            Self::Float(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Text(value) => f.write_str(value),
        }
    }
}

impl Value {
    /// The value as TOML writes it.
    pub fn to_toml(&self) -> toml_edit::Value {
        match self {
            Self::Bool(value) => (*value).into(),
            Self::Float(value) => (*value).into(),
            Self::Int(value) => (*value).into(),
            Self::Text(value) => value.as_ref().into(),
        }
    }
}

/// May a backend be called this? Names stay distinct from URLs and need no quotes in the file.
pub fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}

/// The entries of a list.
pub fn listed(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|one| !one.is_empty())
}

/// Is it an address with one of these schemes and a host?
fn is_url(text: &str, schemes: &[&str]) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else {
        return false;
    };
    schemes
        .iter()
        .any(|known| known.eq_ignore_ascii_case(scheme))
        && !rest.contains(char::is_whitespace)
        && rest
            .split(['/', '?', '#'])
            .next()
            .is_some_and(|host| !host.is_empty())
}

/// Is it a backend's address?
pub fn is_link_url(text: &str) -> bool {
    is_url(text, LINK)
}

/// Could this character move a terminal's cursor, or turn its text around?
fn steers(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Text from outside, fit for one line of a message: nothing that steers a terminal, no password
/// of a URL, and not longer than a line.
pub fn shown(text: &str) -> String {
    let text = without_password(text);
    let mut shown: String = text
        .chars()
        .take(100)
        .map(|c| if steers(c) { '\u{fffd}' } else { c })
        .collect();
    if text.chars().nth(100).is_some() {
        shown.push('…');
    }
    shown
}

/// The text, with the user and password of a URL hidden.
pub fn without_password(text: &str) -> Cow<'_, str> {
    let hidden = text.split_once("://").and_then(|(scheme, rest)| {
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(end)?;
        let (_, host) = authority.rsplit_once('@')?;
        Some(format!("{scheme}://(hidden)@{host}{path}"))
    });
    hidden.map_or(Cow::Borrowed(text), Cow::Owned)
}

/// Two or three letters, and perhaps a region or a script behind them: `de`, `pt-BR`, `zh_CN`.
pub(super) fn is_language(text: &str) -> bool {
    let (language, rest) = text
        .split_once(['-', '_'])
        .map_or((text, None), |(language, rest)| (language, Some(rest)));
    let letters = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphabetic());
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    matches!(language.len(), 2..=3)
        && language.bytes().all(|byte| byte.is_ascii_lowercase())
        && rest.is_none_or(|rest| {
            matches!(rest.len(), 2..=4) && letters(rest) || rest.len() == 3 && digits(rest)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_takes_what_it_says_and_nothing_else() {
        let small = Kind::Int { min: 1, max: 60 };
        let speed = Kind::Float {
            min: 0.25,
            max: 4.0,
        };
        let lang = Kind::Lang;
        let engine = Kind::Engine(&["auto", "none"]);
        let cases: &[(Kind, &str, Option<Value>)] = &[
            (Kind::Bool, "On", Some(Value::Bool(true))),
            (Kind::Bool, "0", Some(Value::Bool(false))),
            (Kind::Bool, "maybe", None),
            (small, " 60 ", Some(Value::Int(60))),
            (small, "61", None),
            (small, "1.5", None),
            (small, "99999999999999999999", None),
            (speed, "4", Some(Value::Float(4.0))),
            (speed, "NaN", None),
            (speed, "inf", None),
            (lang, "zh", Some(Value::Text("zh".into()))),
            (lang, "ZH", None),
            (lang, "pt-BR", Some(Value::Text("pt-BR".into()))),
            (lang, "english", None),
            (lang, "../x", None),
            (lang, "", None),
            (Kind::Text, "东京", Some(Value::Text("东京".into()))),
            (Kind::Text, "a\x1b[2J", None),
            (Kind::Text, "a\u{202e}b", None),
            (Kind::Backend, "home", Some(Value::Text("home".into()))),
            (Kind::Backend, "ws://h", Some(Value::Text("ws://h".into()))),
            (Kind::Backend, "ftp://h", None),
            (Kind::Backend, "ws://", None),
            (Kind::Backends, "", Some(Value::Text("".into()))),
            (
                Kind::Backends,
                "home, ws://h",
                Some(Value::Text("home, ws://h".into())),
            ),
            (Kind::Backends, "home ws://h", None),
            (Kind::Backend, "ws:///path", None),
            (Kind::Brain, "builtin", Some(Value::Text("builtin".into()))),
            (Kind::Brain, "local", Some(Value::Text("local".into()))),
            (
                Kind::Brain,
                "model:qwen",
                Some(Value::Text("model:qwen".into())),
            ),
            (Kind::Brain, "model:", None),
            (Kind::Brain, "home", None),
            (engine, "auto", Some(Value::Text("auto".into()))),
            (
                engine,
                "https://h/v1",
                Some(Value::Text("https://h/v1".into())),
            ),
            (
                engine,
                "command:hear -",
                Some(Value::Text("command:hear -".into())),
            ),
            (engine, "command: ", None),
            (engine, "whisper", None),
            (Kind::Brain, "ws://h", None),
            (Kind::HttpUrl, "", Some(Value::Text("".into()))),
            (Kind::HttpUrl, "localhost:11434", None),
            (
                Kind::Command,
                "npx -y 'a b'",
                Some(Value::Text("npx -y 'a b'".into())),
            ),
            (Kind::Command, "npx 'a", None),
            (Kind::Store, "a.db", Some(Value::Text("a.db".into()))),
            (
                Kind::Store,
                "sqlite:///a.db",
                Some(Value::Text("sqlite:///a.db".into())),
            ),
            (Kind::Store, "sqlite://a.db", None),
            (Kind::Store, "sqlite::memory:", None),
            (Kind::Store, ":memory:", None),
            (Kind::Store, "postgres://localhost/a", None),
        ];
        for (kind, text, value) in cases {
            assert_eq!(kind.parse(text).ok(), *value, "{kind:?} {text}");
        }
    }

    #[test]
    fn a_password_in_an_address_is_not_shown() {
        let cases = [
            ("postgres://me:secret@db/x", "postgres://(hidden)@db/x"),
            ("wss://h/a@b", "wss://h/a@b"),
            ("nothing", "nothing"),
            ("a\x1b]0;b\x07", "a\u{fffd}]0;b\u{fffd}"),
        ];
        for (text, wanted) in cases {
            assert_eq!(shown(text), wanted);
        }
        assert_eq!(shown(&"x".repeat(500)).chars().count(), 101);
    }
}
