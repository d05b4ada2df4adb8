//! Remembers the last frames that passed on the lines, for whoever looks at a turn afterwards.
//!
//! It listens beside a language, so it costs a line nothing but a look at the head of each frame.
//! Frames of one kind that pass in a row are one entry, so that a thousand pieces of an answer push
//! nothing out. It is limited to a quarter of a megabyte.

use crate::core::backend::Up;
use crate::core::inspect::Passed;
use crate::core::redact::redact;
use crate::core::sound::ClipPart;
use crate::core::time::{Moment, Now, Wall};
use crate::wire::{Answer, Dialect, Frame, Out};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// So many entries are kept.
const ENTRIES: usize = 512;
/// So many bytes of the first frame of each.
const HEAD: usize = 240;
/// The kind of a frame is looked for in so many bytes at its beginning.
const SEARCHED: usize = 200;
/// No kind has a longer name.
const LONGEST_KIND: usize = 40;

/// The last frames of the lines. Clones share it.
#[derive(Clone, Default)]
pub struct Tape(Arc<Mutex<VecDeque<Passed>>>);

impl Tape {
    /// A language that is listened to.
    pub fn beside(&self, dialect: Box<dyn Dialect>) -> Box<dyn Dialect> {
        Box::new(Taped {
            dialect,
            tape: self.clone(),
        })
    }

    /// What passed between two moments, without what looks like a secret.
    pub fn between(&self, since: Wall, until: Wall) -> Vec<Passed> {
        let tape = self.tape();
        let then = |passed: &&Passed| passed.until >= since && passed.at <= until;
        tape.iter()
            .filter(then)
            .map(|passed| Passed {
                head: redact(&passed.head).into_owned(),
                ..passed.clone()
            })
            .collect()
    }

    fn tape(&self) -> MutexGuard<'_, VecDeque<Passed>> {
        // Nothing is left half done while it is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, at: Wall, up: bool, frame: &Frame) {
        let (kind, head, bytes) = match frame {
            Frame::Text(text) => (kind(text), beginning(text, HEAD), text.len()),
            Frame::Binary(bytes) => ("", "", bytes.len()),
        };
        let mut tape = self.tape();
        if let Some(last) = tape.back_mut()
            && last.up == up
            && last.kind == kind
        {
            last.times = last.times.saturating_add(1);
            last.bytes = last.bytes.saturating_add(bytes as u64);
            last.until = at;
            return;
        }
        if tape.len() == ENTRIES {
            tape.pop_front();
        }
        tape.push_back(Passed {
            at,
            until: at,
            up,
            kind: kind.to_owned(),
            times: 1,
            bytes: bytes as u64,
            head: head.to_owned(),
        });
    }
}

/// What the frame calls itself, in its own words; nothing where it does not.
fn kind(text: &str) -> &str {
    let text = beginning(text, SEARCHED);
    let named = text.split_once("\"type\"").map(|(_, rest)| rest);
    let value = named.and_then(|rest| rest.trim_start().strip_prefix(':'));
    let value = value.and_then(|rest| rest.trim_start().strip_prefix('"'));
    let kind = value.and_then(|rest| rest.split_once('"'));
    kind.map_or("", |(kind, _)| beginning(kind, LONGEST_KIND))
}

fn beginning(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most)).unwrap_or(text)
}

/// A language that is listened to.
struct Taped {
    dialect: Box<dyn Dialect>,
    tape: Tape,
}

impl Taped {
    /// Notes what is to be sent, beyond what was there before.
    fn sent(&self, before: usize, now: Now, out: &Out) {
        for frame in out.frames.iter().skip(before) {
            self.tape.note(now.wall, true, frame);
        }
    }
}

impl Dialect for Taped {
    fn dial(&mut self, now: Now, out: &mut Out) {
        let before = out.frames.len();
        self.dialect.dial(now, out);
        self.sent(before, now, out);
    }

    fn agreed(&mut self, protocol: &str, now: Now) {
        self.dialect.agreed(protocol, now);
    }

    fn hello(&mut self, now: Now, out: &mut Out) {
        let before = out.frames.len();
        self.dialect.hello(now, out);
        self.sent(before, now, out);
    }

    fn encode(&mut self, up: &Up, now: Now, out: &mut Out) -> bool {
        let before = out.frames.len();
        let said = self.dialect.encode(up, now, out);
        self.sent(before, now, out);
        said
    }

    fn clip(&mut self, part: &ClipPart, now: Now, out: &mut Out) -> bool {
        let before = out.frames.len();
        let sent = self.dialect.clip(part, now, out);
        self.sent(before, now, out);
        sent
    }

    fn decode(&mut self, frame: &Frame, now: Now, out: &mut Out) {
        self.tape.note(now.wall, false, frame);
        let before = out.frames.len();
        self.dialect.decode(frame, now, out);
        self.sent(before, now, out);
    }

    fn answered(&mut self, answer: Answer, now: Now, out: &mut Out) {
        let before = out.frames.len();
        self.dialect.answered(answer, now, out);
        self.sent(before, now, out);
    }

    fn beat(&mut self, now: Now, out: &mut Out) {
        let before = out.frames.len();
        self.dialect.beat(now, out);
        self.sent(before, now, out);
    }

    fn deadline(&self) -> Option<Moment> {
        self.dialect.deadline()
    }

    fn due(&mut self, now: Now, out: &mut Out) {
        let before = out.frames.len();
        self.dialect.due(now, out);
        self.sent(before, now, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Language, Place};

    fn text(text: &str) -> Frame {
        Frame::Text(text.to_owned())
    }

    #[test]
    fn frames_of_one_kind_in_a_row_are_one_entry() {
        let tape = Tape::default();
        tape.note(
            Wall(1),
            true,
            &text(r#"{"type":"text_message","content":"x"}"#),
        );
        for n in 0..1000 {
            tape.note(
                Wall(2 + n),
                false,
                &text(r#"{"type": "stream_chunk","chunk":"你好"}"#),
            );
        }
        tape.note(Wall(1002), false, &Frame::Binary(vec![0; 640].into()));
        tape.note(Wall(1003), false, &text("good day"));
        let told: Vec<_> = tape
            .between(Wall(0), Wall(2000))
            .into_iter()
            .map(|passed| {
                (
                    passed.up,
                    passed.kind,
                    passed.times,
                    passed.at,
                    passed.until,
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                (true, "text_message".to_owned(), 1, Wall(1), Wall(1)),
                (false, "stream_chunk".to_owned(), 1000, Wall(2), Wall(1001)),
                (false, String::new(), 2, Wall(1002), Wall(1003)),
            ]
        );
        assert_eq!(tape.between(Wall(1004), Wall(2000)), []);
        assert_eq!(tape.between(Wall(500), Wall(600)).len(), 1);
    }

    #[test]
    fn it_is_limited_and_tells_no_secret() {
        let tape = Tape::default();
        for n in 0..2000 {
            let frame = format!(r#"{{"type":"k{n}","token":"s3cret{}"}}"#, "好".repeat(400));
            tape.note(Wall(n), n % 2 == 0, &text(&frame));
        }
        let told = tape.between(Wall(0), Wall(9999));
        assert_eq!(told.len(), ENTRIES);
        assert!(told.iter().all(|passed| passed.head.len() <= HEAD));
        assert!(told.iter().all(|passed| !passed.head.contains("s3cret")));
    }

    #[test]
    fn what_is_said_and_heard_passes_by_it_unchanged() {
        let tape = Tape::default();
        let mut plain = Language::Yychat.speaker(&Place::default());
        let mut taped = tape.beside(Language::Yychat.speaker(&Place::default()));
        let now = Now::default();
        let greeting = text(r#"{"type":"connection_established","client_id":"c"}"#);
        for dialect in [&mut plain, &mut taped] {
            dialect.dial(now, &mut Out::default());
        }
        let heard =
            |dialect: &mut Box<dyn Dialect>| Out::of(|out| dialect.decode(&greeting, now, out));
        assert_eq!(heard(&mut taped), heard(&mut plain));
        let status = |dialect: &mut Box<dyn Dialect>| {
            Out::of(|out| {
                assert!(dialect.encode(&Up::AskStatus, now, out));
            })
        };
        assert_eq!(status(&mut taped), status(&mut plain));
        let kinds: Vec<_> = tape.between(Wall(0), Wall(0));
        let kinds: Vec<_> = kinds.iter().map(|passed| passed.kind.as_str()).collect();
        assert_eq!(kinds.first(), Some(&"connection_established"));
        assert_eq!(kinds.last(), Some(&"get_status"));
    }
}
