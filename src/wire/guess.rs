//! Finds out what a backend speaks whose address does not tell: the subprotocol it picks does, or
//! its first frame.
//!
//! Most servers speak first. One of the xiaozhi family waits for our hello, so that it is said to
//! who keeps silent; others pass over it.

use super::{Answer, Dialect, Frame, Language, Out, Place, Upgrade};
use crate::core::backend::{Down, Habit, Standing, Up};
use crate::core::sound::ClipPart;
use crate::core::time::{Moment, Now};
use crate::core::words::{Word, fill};
use serde_json::Value;
use std::time::Duration;

/// A server that speaks first has done so by then.
const SILENCE: Duration = Duration::from_millis(1500);

/// The languages as subprotocols, the one first that servers are known to ask for.
const NAMES: [(&str, Language); 3] = [
    ("realtime", Language::Realtime),
    ("xiaozhi", Language::Xiaozhi),
    ("yychat", Language::Yychat),
];

/// Speaks whatever a backend turns out to speak.
pub(super) struct Guess {
    place: Place,
    /// What it speaks, from its first frame on.
    found: Option<(Language, Box<dyn Dialect>)>,
    /// It has greeted in that language, which counts for all lives to come. As long as it has not,
    /// each life looks anew: somebody else may listen there by then.
    sure: bool,
    /// When it is said hello to.
    hello: Option<Moment>,
    /// It was said hello to, by this speaker.
    greeted: Option<Box<dyn Dialect>>,
}

impl Guess {
    /// For a backend at this place.
    pub(super) fn new(place: &Place) -> Self {
        Self {
            place: place.clone(),
            found: None,
            sure: false,
            hello: None,
            greeted: None,
        }
    }

    fn inner(&mut self) -> Option<&mut Box<dyn Dialect>> {
        self.found.as_mut().map(|(_, dialect)| dialect)
    }

    /// Somebody who has been told that the socket is open, and what they say to that.
    fn speaker(&self, language: Language, now: Now) -> (Box<dyn Dialect>, Vec<Frame>) {
        let mut dialect = language.speaker(&self.place);
        dialect.dial(now, &mut Out::default());
        let out = Out::of(|out| dialect.hello(now, out));
        (dialect, out.frames)
    }

    /// The first frame of a backend tells what it speaks.
    fn settle(&mut self, frame: &Frame, now: Now, out: &mut Out) {
        let language = spoken(frame);
        let greeted = self
            .greeted
            .take()
            .filter(|_| language == Language::Xiaozhi);
        let dialect = greeted.unwrap_or_else(|| {
            let (dialect, said) = self.speaker(language, now);
            out.frames.extend(said);
            dialect
        });
        self.hello = None;
        self.found = Some((language, dialect));
    }
}

/// What somebody speaks who begins with this.
fn spoken(frame: &Frame) -> Language {
    let Frame::Text(text) = frame else {
        return Language::Xiaozhi;
    };
    let Ok(first) = serde_json::from_str::<Value>(text) else {
        // Only servers of that family tell in plain text why they hang up.
        return Language::Xiaozhi;
    };
    let kind = first
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default();
    match kind {
        "hello" | "mcp" | "stt" | "tts" | "llm" | "alert" => Language::Xiaozhi,
        _ if kind.starts_with("session.") || kind.starts_with("conversation.") => {
            Language::Realtime
        }
        // Plain yychat servers greet whatever happens.
        "error" if first.get("timestamp").is_none() => Language::Realtime,
        _ => Language::Yychat,
    }
}

impl Dialect for Guess {
    fn dial(&mut self, now: Now, out: &mut Out) {
        (self.hello, self.greeted) = (None, None);
        self.found.take_if(|_found| !self.sure);
        if let Some(inner) = self.inner() {
            return inner.dial(now, out);
        }
        // Who waits for a hello looks at who says it.
        let identity = &self.place.identity;
        out.dial = Some(Upgrade {
            headers: vec![
                ("Protocol-Version", "1".to_owned()),
                ("Device-Id", identity.device.clone()),
                ("Client-Id", identity.client.clone()),
            ],
            protocols: NAMES.map(|(name, _)| name.to_owned()).to_vec(),
            ..Upgrade::default()
        });
    }

    fn agreed(&mut self, protocol: &str, now: Now) {
        let named = NAMES.into_iter().find(|(name, _)| *name == protocol);
        if let Some((_, language)) = named.filter(|_named| self.found.is_none()) {
            let mut dialect = language.speaker(&self.place);
            dialect.dial(now, &mut Out::default());
            self.found = Some((language, dialect));
        }
    }

    fn hello(&mut self, now: Now, out: &mut Out) {
        match self.inner() {
            Some(inner) => inner.hello(now, out),
            None => self.hello = Some(now.mono + SILENCE),
        }
    }

    fn encode(&mut self, up: &Up, now: Now, out: &mut Out) -> bool {
        let Some((language, inner)) = &mut self.found else {
            return false;
        };
        let known = inner.encode(up, now, out);
        if let (Up::AskHabits { lang }, Some(Down::Habits(habits))) = (up, out.downs.last_mut()) {
            let seen = fill(Word::WireByFrame.text(*lang), &[language.name()]);
            habits.insert(
                0,
                Habit {
                    point: Word::WireLanguage.text(*lang).to_owned(),
                    standing: Standing::Keeps,
                    seen,
                },
            );
        }
        known
    }

    fn clip(&mut self, part: &ClipPart, now: Now, out: &mut Out) -> bool {
        self.inner().is_some_and(|inner| inner.clip(part, now, out))
    }

    fn decode(&mut self, frame: &Frame, now: Now, out: &mut Out) {
        if self.found.is_none() {
            self.settle(frame, now, out);
        }
        if let Some(inner) = self.inner() {
            inner.decode(frame, now, out);
        }
        let greets = |down: &Down| matches!(down, Down::Greeting(_));
        self.sure |= out.downs.iter().any(greets);
    }

    fn answered(&mut self, answer: Answer, now: Now, out: &mut Out) {
        if let Some(inner) = self.inner() {
            inner.answered(answer, now, out);
        }
    }

    fn beat(&mut self, now: Now, out: &mut Out) {
        if let Some(inner) = self.inner() {
            inner.beat(now, out);
        }
    }

    fn deadline(&self) -> Option<Moment> {
        match &self.found {
            Some((_, inner)) => inner.deadline(),
            None => self.hello,
        }
    }

    fn due(&mut self, now: Now, out: &mut Out) {
        if let Some(inner) = self.inner() {
            return inner.due(now, out);
        }
        if self.hello.take_if(|hello| *hello <= now.mono).is_some() {
            let (greeted, said) = self.speaker(Language::Xiaozhi, now);
            out.frames.extend(said);
            self.greeted = Some(greeted);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::words::Lang;
    use crate::wire::golden::NOON;

    fn guess() -> Guess {
        let place = Place {
            url: "ws://h:1/".to_owned(),
            ..Place::default()
        };
        let mut guess = Guess::new(&place);
        let out = Out::of(|out| guess.dial(NOON, out));
        assert!(out.dial.is_some());
        assert_eq!(Out::of(|out| guess.hello(NOON, out)), Out::default());
        guess
    }

    /// What is said to who is silent for too long, and to this.
    fn begin(guess: &mut Guess, silent: bool, text: &str) -> Out {
        if silent {
            let later = Now {
                mono: NOON.mono + SILENCE,
                ..NOON
            };
            let out = Out::of(|out| guess.due(later, out));
            let [Frame::Text(hello)] = &out.frames[..] else {
                panic!("{out:?}")
            };
            assert!(hello.contains(r#""type":"hello""#), "{hello}");
            assert_eq!(guess.deadline(), None);
        }
        Out::of(|out| guess.decode(&Frame::Text(text.to_owned()), NOON, out))
    }

    #[test]
    fn the_first_frame_tells_the_language() {
        use Language::{Realtime, Xiaozhi, Yychat};
        for (text, expected) in [
            (
                r#"{"type":"connection_established","client_id":"c"}"#,
                Yychat,
            ),
            (
                r#"{"type":"session.created","session":{"id":"s"}}"#,
                Realtime,
            ),
            (
                r#"{"type":"conversation.created","conversation":{}}"#,
                Realtime,
            ),
            (
                r#"{"type":"error","event_id":"e","error":{"code":"x","message":"y"}}"#,
                Realtime,
            ),
            (
                r#"{"type":"error","message":"unknown","timestamp":1.5}"#,
                Yychat,
            ),
            (r#"{"type":"hello","transport":"websocket"}"#, Xiaozhi),
            (r#"{"type":"mcp","payload":{}}"#, Xiaozhi),
            ("认证失败", Xiaozhi),
            (r#"{"type":"other"}"#, Yychat),
            ("[]", Yychat),
        ] {
            for silent in [false, true] {
                let mut guess = guess();
                begin(&mut guess, silent, text);
                let found = guess.found.as_ref().map(|(language, _)| *language);
                assert_eq!(found, Some(expected), "{text} {silent}");
            }
        }
    }

    #[test]
    fn the_subprotocol_that_is_picked_tells_the_language() {
        use Language::{Realtime, Xiaozhi, Yychat};
        for (name, expected, hello) in [
            ("realtime", Some(Realtime), 0),
            ("xiaozhi", Some(Xiaozhi), 1),
            ("yychat", Some(Yychat), 0),
            ("other", None, 0),
        ] {
            let mut guess = Guess::new(&Place::default());
            let out = Out::of(|out| guess.dial(NOON, out));
            let offered = out.dial.unwrap().protocols;
            assert_eq!(offered, ["realtime", "xiaozhi", "yychat"]);
            guess.agreed(name, NOON);
            // Who waits for a hello is said one at once.
            let said = Out::of(|out| guess.hello(NOON, out)).frames;
            assert_eq!(said.len(), hello, "{name}");
            let first = Frame::Text(r#"{"type":"other"}"#.to_owned());
            Out::of(|out| guess.decode(&first, NOON, out));
            let found = guess.found.as_ref().map(|(language, _)| *language);
            assert_eq!(found, expected.or(Some(Yychat)), "{name}");
        }
    }

    #[test]
    fn who_has_greeted_is_known_for_good_and_who_has_not_is_looked_at_anew() {
        for (first, language, remembered) in [
            (
                r#"{"type":"connection_established","client_id":"c"}"#,
                Language::Yychat,
                true,
            ),
            (r#"{"type":"hello"}"#, Language::Xiaozhi, true),
            (
                r#"{"type":"session.created","session":{}}"#,
                Language::Realtime,
                true,
            ),
            ("认证失败", Language::Xiaozhi, false),
            (r#"{"type":"starting"}"#, Language::Yychat, false),
        ] {
            let mut guess = guess();
            begin(&mut guess, false, first);
            assert!(Out::of(|out| guess.dial(NOON, out)).dial.is_some());
            let found = guess.found.as_ref().map(|(language, _)| *language);
            assert_eq!(found, remembered.then_some(language), "{first}");
            // One that waits for a hello need not wait this time.
            let said = Out::of(|out| guess.hello(NOON, out)).frames;
            let at_once = remembered && language == Language::Xiaozhi;
            assert_eq!(said.len(), usize::from(at_once), "{first}");
            assert_eq!(guess.deadline().is_some(), !remembered, "{first}");
        }
    }

    #[test]
    fn whoever_waits_for_a_hello_is_said_one_and_is_up_with_its_answer() {
        let hello = r#"{"type":"hello","transport":"websocket","session_id":"s"}"#;
        let mut guess = guess();
        let out = begin(&mut guess, true, hello);
        assert!(matches!(out.downs[..], [Down::Greeting(_)]), "{out:?}");
        assert_eq!(out.frames, [], "it was said before");
        let lang = Lang::En;
        let habits = Out::of(|out| {
            assert!(guess.encode(&Up::AskHabits { lang }, NOON, out));
        });
        let [Down::Habits(habits)] = &habits.downs[..] else {
            panic!("{habits:?}")
        };
        assert_eq!(habits[0].seen, "xiaozhi, by its first frame");
    }

    #[test]
    fn nothing_is_said_before_it_is_known_to_whom() {
        let mut guess = guess();
        let up = Up::Beat;
        assert_eq!(
            Out::of(|out| assert!(!guess.encode(&up, NOON, out))),
            Out::default()
        );
        assert_eq!(Out::of(|out| guess.beat(NOON, out)), Out::default());
    }
}
