//! Follows one answer that comes over HTTP: a stream of events, one JSON document, or something
//! that is no answer at all. What it says becomes [`Said`]; whose answer it is, `beside` knows.

use super::read::trouble;
use crate::codec::sse::{Decoder, Event, TooLong};
use crate::core::backend::Trouble;
use crate::core::words::{Lang, Word, fill};
use crate::wire::Piece;
use serde_json::{Map, Value};

/// So much is read of what is no stream.
const MOST: usize = 4 << 20;

/// What an answer says next.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Said {
    /// The server has the words.
    Begun,
    Text(String),
    Reasoning(String),
    /// All of it is written. Its speech may still be on its way.
    Done,
    Trouble(Trouble),
    /// Nobody answers words there.
    NoRoute(Trouble),
}

/// One answer on its way.
#[derive(Debug)]
pub(super) struct Reply {
    /// Where it comes from, for people.
    place: String,
    lang: Lang,
    status: u16,
    retry_after_s: Option<u64>,
    form: Form,
    /// The server said that this was all; an answer that stops without that was cut.
    finished: bool,
    /// Its end was told.
    over: bool,
}

#[derive(Debug)]
enum Form {
    /// Nothing has come yet.
    Unknown,
    Events(Decoder),
    Whole(Vec<u8>),
}

impl Reply {
    pub(super) fn new(place: &str, lang: Lang) -> Self {
        Self {
            place: place.to_owned(),
            lang,
            status: 0,
            retry_after_s: None,
            form: Form::Unknown,
            finished: false,
            over: false,
        }
    }

    /// Takes in a piece of it, and tells what that says.
    pub(super) fn take(&mut self, piece: Piece, told: &mut Vec<Said>) {
        if self.over {
            return;
        }
        match piece {
            Piece::Head {
                status,
                kind,
                retry_after_s,
            } => self.head(status, &kind, retry_after_s, told),
            Piece::Body(bytes) => self.body(&bytes, told),
            Piece::End => self.end(None, told),
            Piece::Failed { why } if self.status == 0 => {
                let what = self.say(Word::HttpUnreachable, &[&self.place, &why]);
                self.ends(Said::NoRoute(named("unreachable", what)), told);
            }
            Piece::Failed { why } => self.end(Some(&why), told),
        }
    }

    fn head(&mut self, status: u16, kind: &str, wait: Option<u64>, told: &mut Vec<Said>) {
        self.status = status;
        self.retry_after_s = wait;
        let kind = kind.to_ascii_lowercase();
        if !(200..300).contains(&status) {
            self.form = Form::Whole(vec![]);
        } else if kind.contains("html") {
            self.page(told);
        } else {
            if kind.contains("json") {
                self.form = Form::Whole(vec![]);
            } else if kind.contains("event-stream") {
                self.form = Form::Events(Decoder::default());
            }
            told.push(Said::Begun);
        }
    }

    fn body(&mut self, bytes: &[u8], told: &mut Vec<Said>) {
        if let Form::Unknown = self.form {
            // Nobody said what it is; its first byte does.
            match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
                None => return,
                Some(b'<') => return self.page(told),
                Some(b'{') => self.form = Form::Whole(vec![]),
                Some(_) => self.form = Form::Events(Decoder::default()),
            }
        }
        match &mut self.form {
            Form::Unknown => {}
            Form::Whole(whole) => {
                let room = MOST.saturating_sub(whole.len());
                whole.extend(bytes.iter().take(room));
            }
            Form::Events(decoder) => {
                let mut decoder = std::mem::take(decoder);
                let read = decoder.feed(bytes, |event| {
                    self.event(event, told);
                    Ok(())
                });
                self.form = Form::Events(decoder);
                if let Err(TooLong) = read {
                    self.nothing(told);
                }
            }
        }
    }

    /// The bytes are over; `broken` says why, if something went wrong.
    fn end(&mut self, broken: Option<&str>, told: &mut Vec<Said>) {
        match std::mem::replace(&mut self.form, Form::Unknown) {
            Form::Whole(whole) => self.whole(&whole, told),
            Form::Events(mut decoder) => {
                // What waits for its blank line was whole, or is no JSON.
                let _too_long = decoder.finish(|event| {
                    self.event(event, told);
                    Ok::<(), TooLong>(())
                });
            }
            Form::Unknown => {}
        }
        if self.over {
            return;
        }
        if self.finished {
            self.ends(Said::Done, told);
        } else if let Some(why) = broken {
            let what = self.say(Word::HttpCut, &[why]);
            self.ends(Said::Trouble(named("connection_lost", what)), told);
        } else {
            let why = self.say(Word::HttpNoEnd, &[]);
            let what = self.say(Word::HttpCut, &[&why]);
            self.ends(Said::Trouble(named("connection_lost", what)), told);
        }
    }

    /// A document instead of a stream: an answer in one piece, or why there is none.
    fn whole(&mut self, bytes: &[u8], told: &mut Vec<Said>) {
        let read = serde_json::from_slice::<Value>(bytes);
        let map = match &read {
            Ok(Value::Object(map)) => Some(map),
            _ => None,
        };
        if (200..300).contains(&self.status) {
            match map {
                Some(map)
                    if ["choices", "error", "detail"]
                        .iter()
                        .any(|name| map.contains_key(*name)) =>
                {
                    self.said(map, told);
                }
                _ => self.nothing(told),
            }
            // A document says all there is.
            self.finished = true;
            return;
        }
        let wrong = map.filter(|map| map.contains_key("error") || map.contains_key("detail"));
        let mut said = wrong.map(trouble).unwrap_or_default();
        let explains =
            wrong.is_some_and(|map| map.contains_key("error") || map["detail"].is_object());
        if wrong.is_none() {
            let status = self.status.to_string();
            said = named(
                "http_status",
                self.say(Word::HttpStatus, &[&self.place, &status]),
            );
        }
        said.retry_after_s = said.retry_after_s.or(self.retry_after_s);
        if matches!(self.status, 401 | 403) {
            "key_refused".clone_into(&mut said.code);
            said.hint = said
                .hint
                .or_else(|| Some(self.say(Word::HttpTokenHint, &[])));
        }
        let no_route = matches!(self.status, 405 | 501) || self.status == 404 && !explains;
        let said = if no_route {
            Said::NoRoute(said)
        } else {
            Said::Trouble(said)
        };
        self.ends(said, told);
    }

    fn event(&mut self, event: Event<'_>, told: &mut Vec<Said>) {
        let data = event.data.trim();
        if self.over {
            return;
        }
        if data == "[DONE]" {
            self.ends(Said::Done, told);
        } else if let Ok(Value::Object(map)) = serde_json::from_str(data) {
            self.said(&map, told);
        }
    }

    /// One object of a stream, or a whole answer.
    fn said(&mut self, map: &Map<String, Value>, told: &mut Vec<Said>) {
        match map.get("type").and_then(Value::as_str) {
            Some("stream_end") => return self.ends(Said::Done, told),
            Some("error") => return self.ends(Said::Trouble(trouble(map)), told),
            _ => {}
        }
        let choice = map.get("choices").and_then(|choices| choices.get(0));
        let wrong = ["error", "detail"].iter().any(|name| {
            let value = map.get(*name);
            value.is_some_and(|value| !value.is_null())
        });
        if wrong && choice.is_none() {
            return self.ends(Said::Trouble(trouble(map)), told);
        }
        let Some(choice) = choice else {
            return;
        };
        let piece = choice.get("delta").filter(|delta| delta.is_object());
        let piece = piece.or_else(|| choice.get("message"));
        let words = |name| piece.and_then(|piece| text(piece.get(name)?));
        let reason = choice.get("finish_reason").and_then(Value::as_str);
        if reason == Some("error") {
            // Such servers put the reason where the answer would be.
            let what = words("content").unwrap_or_else(|| self.say(Word::HttpNoEnd, &[]));
            return self.ends(Said::Trouble(named("backend_failed", what)), told);
        }
        let thought = words("reasoning_content").or_else(|| words("reasoning"));
        told.extend(thought.map(Said::Reasoning));
        told.extend(words("content").map(Said::Text));
        self.finished |= reason.is_some_and(|reason| !reason.is_empty());
    }

    /// A web page, as networks send it that want a login first.
    fn page(&mut self, told: &mut Vec<Said>) {
        let mut said = named("not_an_answer", self.say(Word::HttpPage, &[&self.place]));
        said.hint = Some(self.say(Word::HttpPageHint, &[]));
        self.ends(Said::Trouble(said), told);
    }

    fn nothing(&mut self, told: &mut Vec<Said>) {
        let what = self.say(Word::HttpNothing, &[&self.place]);
        self.ends(Said::Trouble(named("not_an_answer", what)), told);
    }

    fn ends(&mut self, said: Said, told: &mut Vec<Said>) {
        if !std::mem::replace(&mut self.over, true) {
            told.push(said);
        }
    }

    fn say(&self, word: Word, arguments: &[&str]) -> String {
        fill(word.text(self.lang), arguments)
    }
}

fn named(code: &str, what: String) -> Trouble {
    Trouble {
        code: code.to_owned(),
        what,
        ..Trouble::default()
    }
}

/// Words, which some servers send as a list of parts.
fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let words = parts.iter().filter_map(|part| part.get("text")?.as_str());
            words.collect()
        }
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests;
