//! The language of a host of logs: a listing by `GET /plugin/{id}/logs`, and lines as they happen by
//! a WebSocket at `/ws/logs/{id}`, which says `initial`, then `append`, and `ping` in between.
//!
//! Read with tolerance: what is missing is empty, and what nobody knows is skipped.

use crate::core::log::Level;
use crate::core::log::head::{head, stamp};
use serde::Serialize;
use serde_json::{Value, json};

/// A line as a host tells it. Of a line it did not understand it knows the `message` only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Entry {
    pub timestamp: String,
    pub level: String,
    pub file: String,
    pub line: u64,
    pub message: String,
}

/// A listing: the last lines of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    pub entries: Vec<Entry>,
    /// How many lines the log has, if the host says so.
    pub total: Option<u64>,
    /// Why there is nothing.
    pub error: Option<String>,
}

/// What a host says over its socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    Initial(Listing),
    Append(Vec<Entry>),
    /// It is there, or says what nobody knows.
    Other,
}

impl Entry {
    fn read(value: &Value) -> Self {
        let text = |name: &str| match value.get(name) {
            Some(Value::String(text)) => text.clone(),
            None | Some(Value::Null) => String::new(),
            Some(other) => other.to_string(),
        };
        let line = match value.get("line") {
            Some(Value::String(line)) => line.parse().ok(),
            Some(line) => line.as_u64(),
            None => None,
        };
        Self {
            timestamp: text("timestamp"),
            level: text("level"),
            file: text("file"),
            line: line.unwrap_or(0),
            message: value
                .as_str()
                .map_or_else(|| text("message"), ToOwned::to_owned),
        }
    }

    /// A line of a file, as it is told. One that says nothing of itself is a `message` only.
    pub fn of(line: &str, offset_s: i32) -> Self {
        let bytes = line.as_bytes();
        let said = head(bytes, offset_s);
        let timestamp = match stamp(bytes, offset_s) {
            Some((_, used)) => line
                .get(..used)
                .map(|at| at.trim_matches(['[', ']']).to_owned()),
            None => said.at.and_then(|at| {
                let at = jiff::Timestamp::from_millisecond(at.0).ok()?;
                Some(format!("{at:.3}"))
            }),
        };
        let level = said.level.map_or("UNKNOWN", Level::sign);
        let message = line.get(said.text..).unwrap_or(line);
        Self {
            timestamp: timestamp.unwrap_or_default(),
            level: level.to_owned(),
            file: String::new(),
            line: 0,
            message: message.to_owned(),
        }
    }

    /// The entry as a line of a file, with its end. What goes on over several lines is indented, so
    /// that nothing in it passes for another entry.
    pub fn written(&self) -> String {
        let mut words = vec![];
        if !self.timestamp.is_empty() {
            words.push(self.timestamp.replace(['\n', '\r'], " "));
        }
        if !self.level.is_empty() && self.level != "UNKNOWN" {
            words.push(self.level.replace(['\n', '\r'], " "));
        }
        if !self.file.is_empty() {
            words.push(format!(
                "{}:{}",
                self.file.replace(['\n', '\r'], " "),
                self.line
            ));
        }
        words.push(self.message.trim_end_matches('\n').replace('\n', "\n  "));
        format!("{}\n", words.join(" "))
    }
}

fn entries(value: &Value) -> Vec<Entry> {
    let logs = value.get("logs").and_then(Value::as_array);
    logs.into_iter().flatten().map(Entry::read).collect()
}

fn listed(value: &Value) -> Listing {
    let error = value.get("error").or_else(|| value.get("detail"));
    Listing {
        entries: entries(value),
        total: value.get("total_lines").and_then(Value::as_u64),
        error: error
            .and_then(Value::as_str)
            .filter(|error| !error.is_empty())
            .map(ToOwned::to_owned),
    }
}

/// Reads the answer to a request for the last lines.
pub fn listing(body: &[u8]) -> Result<Listing, String> {
    match serde_json::from_slice::<Value>(body) {
        Ok(value @ Value::Object(_)) => Ok(listed(&value)),
        Ok(_) => Err("the answer is no listing of a log".to_owned()),
        Err(error) => Err(format!("the answer is no listing of a log: {error}")),
    }
}

/// Reads what came over the socket.
pub fn told(text: &str) -> Told {
    let Ok(value) = serde_json::from_str::<Value>(text) else {
        return Told::Other;
    };
    match value.get("type").and_then(Value::as_str) {
        Some("initial") => Told::Initial(listed(&value)),
        Some("append") => Told::Append(entries(&value)),
        _ => Told::Other,
    }
}

/// The answer to a request for the last lines.
pub fn listed_as(id: &str, entries: &[Entry], file: Result<&str, &str>, total: u64) -> Value {
    let mut listing = json!({
        "plugin_id": id,
        "logs": entries,
        "total_lines": total,
        "returned_lines": entries.len(),
    });
    let (name, what) = match file {
        Ok(file) => ("log_file", file),
        Err(error) => ("error", error),
    };
    listing[name] = what.into();
    listing
}

/// The frame that says what there is.
pub fn initial(entries: &[Entry], file: &str, total: u64) -> String {
    json!({"type": "initial", "logs": entries, "log_file": file, "total_lines": total}).to_string()
}

/// The frame that says what is new.
pub fn append(entries: &[Entry]) -> String {
    json!({"type": "append", "logs": entries}).to_string()
}

/// The frame that says that somebody is there.
pub const PING: &str = r#"{"type":"ping"}"#;

/// Whether a log may be called so. Nothing else may become part of a path.
pub fn is_id(id: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    !id.is_empty() && id.len() <= 128 && id.chars().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entry(timestamp: &str, level: &str, file: &str, line: u64, message: &str) -> Entry {
        Entry {
            timestamp: timestamp.into(),
            level: level.into(),
            file: file.into(),
            line,
            message: message.into(),
        }
    }

    #[test]
    fn edge_44_frames_say_what_there_is_and_what_is_new() {
        let one = entry("2024-01-01 00:00:00", "INFO", "x.py", 123, "hi");
        let strange = entry("", "UNKNOWN", "", 0, "no head");
        let text = r#"{"type":"initial","logs":[{"timestamp":"2024-01-01 00:00:00","level":"INFO","file":"x.py","line":123,"message":"hi"},{"timestamp":"","level":"UNKNOWN","file":null,"line":null,"message":"no head"}],"log_file":"a.log","total_lines":7}"#;
        let listing = Listing {
            entries: vec![one.clone(), strange.clone()],
            total: Some(7),
            error: None,
        };
        assert_eq!(told(text), Told::Initial(listing.clone()));
        assert_eq!(
            told(&initial(&listing.entries, "a.log", 7)),
            Told::Initial(listing)
        );
        assert_eq!(
            told(&append(std::slice::from_ref(&one))),
            Told::Append(vec![one])
        );
        for other in [
            r#"{"type":"ping"}"#,
            "ping",
            "[]",
            "{}",
            r#"{"type":"append","logs":7}"#,
        ] {
            assert!(
                matches!(told(other), Told::Other | Told::Append(_)),
                "{other}"
            );
        }
        assert_eq!(strange.written(), "no head\n");
    }

    #[test]
    fn an_answer_is_a_listing_or_says_why_there_is_none() {
        let body =
            br#"{"plugin_id":"p","logs":[],"total_lines":0,"returned_lines":0,"error":"no file"}"#;
        assert_eq!(listing(body).unwrap().error.as_deref(), Some("no file"));
        assert!(listing(b"<html>").is_err());
        assert!(listing(b"[1]").is_err());
    }

    #[test]
    fn a_line_is_told_and_read_as_what_it_was() {
        for (line, timestamp, level, message) in [
            (
                "2024-01-01T00:00:00.123Z WARN  slow",
                "2024-01-01T00:00:00.123Z",
                "WARN",
                "slow",
            ),
            (
                "[2024-01-01 00:00:00] hi",
                "2024-01-01 00:00:00",
                "UNKNOWN",
                "hi",
            ),
            ("ERROR: no", "", "ERROR", "no"),
            ("  at frame 3", "", "UNKNOWN", "  at frame 3"),
            ("", "", "UNKNOWN", ""),
            (
                r#"{"time":"2024-01-01T00:00:00Z","level":"info","msg":"m"}"#,
                "2024-01-01T00:00:00.000Z",
                "INFO",
                r#"{"time":"2024-01-01T00:00:00Z","level":"info","msg":"m"}"#,
            ),
        ] {
            let told = Entry::of(line, 0);
            assert_eq!(told, entry(timestamp, level, "", 0, message), "{line}");
            let (before, after) = (head(line.as_bytes(), 0), told.written());
            let after = head(after.trim_end().as_bytes(), 0);
            assert_eq!((after.at, after.level), (before.at, before.level), "{line}");
        }
        let body = listed_as("a", &[Entry::of("hi", 0)], Ok("a.log"), 7).to_string();
        let read = listing(body.as_bytes()).unwrap();
        assert_eq!(
            (read.total, read.entries.len(), read.error),
            (Some(7), 1, None)
        );
        let body = listed_as("a", &[], Err("there is no file yet"), 0).to_string();
        assert!(listing(body.as_bytes()).unwrap().error.is_some());
        assert_eq!(told(PING), Told::Other);
    }

    #[test]
    fn no_id_leads_anywhere_else() {
        for (id, allowed) in [
            ("_server", true),
            ("my-plugin_2", true),
            ("", false),
            ("..", false),
            ("a/b", false),
            ("a%2fb", false),
            ("日志", false),
            ("a\0", false),
        ] {
            assert_eq!(is_id(id), allowed, "{id}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_taken_and_every_entry_is_one_of_a_file(body in ".{0,60}", message in "[a\n]{0,9}") {
            let _ = listing(body.as_bytes());
            let _ = told(&body);
            let entry = entry("2024-01-01 00:00:00", "INFO", "", 0, &message);
            let written = entry.written();
            prop_assert!(written.ends_with('\n'));
            prop_assert!(written.lines().skip(1).all(|line| line.starts_with("  ")));
        }
    }
}
