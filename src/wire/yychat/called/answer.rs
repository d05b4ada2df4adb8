//! One answer of a call: what has come of it, and whether somebody wants it.

use crate::core::backend::{Down, Say, Trouble};
use crate::core::ids::TurnId;
use crate::core::sound::{Sound, Speech};
use crate::core::time::Moment;
use std::time::Duration;

/// So long the program may take to want an answer.
const CLAIM: Duration = Duration::from_secs(30);
/// An answer of which nothing comes for so long is over.
const LULL: Duration = Duration::from_secs(5);
/// The same when its words were told, which is the last that comes.
const LAST: Duration = Duration::from_millis(1500);
/// A server that was asked may take so long to begin.
const BEGIN: Duration = Duration::from_mins(1);
/// So many pieces wait at most: ten minutes of speech.
const MOST: usize = 6000;

/// What the server calls the conversation of an answer, and its message.
pub(super) type Named = (Option<String>, Option<String>);

/// A part of an answer.
#[derive(Debug)]
enum Part {
    Sound(Sound),
    Text(String),
}

/// What of it is wanted.
#[derive(Debug)]
enum Want {
    /// Its question is not known yet.
    Loose,
    /// The program has not said so yet; the parts wait.
    Open,
    /// Somebody hears it, or only reads it.
    Claimed {
        turn: TurnId,
        aloud: bool,
        /// What it answers, if it was asked.
        say: Option<Box<Say>>,
    },
    Nothing,
}

/// An answer of the server.
#[derive(Debug)]
pub(super) struct Answer {
    turn: Option<TurnId>,
    want: Want,
    items: Vec<String>,
    message: Option<String>,
    session: Option<String>,
    waits: Vec<Part>,
    words: String,
    /// When no more of it is expected.
    until: Moment,
}

impl Answer {
    /// One that is expected.
    pub(super) fn to(turn: TurnId, now: Moment) -> Self {
        Self {
            turn: Some(turn),
            want: Want::Open,
            until: now + CLAIM,
            ..Self::loose(now)
        }
    }

    /// One whose question is not known, and is waited for until then.
    pub(super) fn loose(until: Moment) -> Self {
        Self {
            turn: None,
            want: Want::Loose,
            items: vec![],
            message: None,
            session: None,
            waits: vec![],
            words: String::new(),
            until,
        }
    }

    pub(super) fn is_loose(&self) -> bool {
        matches!(self.want, Want::Loose)
    }

    pub(super) fn is_dropped(&self) -> bool {
        matches!(self.want, Want::Nothing)
    }

    /// Somebody hears it, or may still want to.
    pub(super) fn is_wanted(&self) -> bool {
        matches!(self.want, Want::Claimed { .. })
    }

    /// The program has not said yet whether it wants it.
    pub(super) fn waits(&self) -> bool {
        matches!(self.want, Want::Loose | Want::Open)
    }

    pub(super) fn is_to(&self, turn: TurnId) -> bool {
        self.turn == Some(turn) && !self.is_dropped()
    }

    pub(super) fn has(&self, item: &str) -> bool {
        self.items.iter().any(|known| known == item)
    }

    /// Nothing has come of it.
    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub(super) fn items(self) -> Vec<String> {
        self.items
    }

    pub(super) fn deadline(&self) -> Moment {
        self.until
    }

    /// Its question is known now.
    pub(super) fn is_for(&mut self, turn: TurnId) {
        (self.turn, self.want) = (Some(turn), Want::Open);
        self.until = self.until + CLAIM;
    }

    /// The server calls its sound so.
    pub(super) fn is_called(&mut self, item: Option<&str>) {
        if let Some(item) = item.filter(|item| !self.has(item)) {
            self.items.push(item.to_owned());
        }
    }

    /// The server calls its message and conversation so.
    pub(super) fn is_named(&mut self, (message, session): (Option<&str>, Option<&str>)) {
        for (known, named) in [(&mut self.message, message), (&mut self.session, session)] {
            if let Some(named) = named.filter(|named| known.as_deref() != Some(*named)) {
                *known = Some(named.to_owned());
            }
        }
    }

    pub(super) fn sound(&mut self, sound: Sound, now: Moment, downs: &mut Vec<Down>) {
        self.lasts(now + LULL);
        self.add(Part::Sound(sound), downs);
    }

    pub(super) fn text(&mut self, text: &str, now: Moment, downs: &mut Vec<Down>) {
        self.lasts(now + LAST);
        if !text.is_empty() {
            self.add(Part::Text(text.to_owned()), downs);
        }
    }

    /// All its sound has come.
    pub(super) fn is_complete(&mut self, now: Moment) {
        if self.is_wanted() {
            // What it says may be told behind its sound.
            self.until = if self.words.is_empty() {
                now + LAST
            } else {
                now
            };
        }
    }

    fn lasts(&mut self, until: Moment) {
        if self.is_wanted() || self.is_dropped() {
            self.until = until;
        }
    }

    fn add(&mut self, part: Part, downs: &mut Vec<Down>) {
        match &self.want {
            Want::Nothing => {}
            Want::Loose | Want::Open => {
                // Whoever floods us with what nobody wants yet is heard as far as this.
                if self.waits.len() < MOST {
                    self.waits.push(part);
                }
            }
            Want::Claimed { turn, aloud, .. } => {
                let (turn, aloud) = (*turn, *aloud);
                match part {
                    Part::Sound(sound) if aloud => {
                        downs.push(Down::Speech(Speech::More { turn, sound }));
                    }
                    Part::Sound(_) => {}
                    Part::Text(words) => {
                        let apart = if self.words.is_empty() { "" } else { " " };
                        let more = format!("{apart}{words}");
                        self.words.push_str(&more);
                        if aloud {
                            downs.push(Down::Speech(Speech::Words { turn, words }));
                        }
                        let turn = Some(turn);
                        downs.push(Down::Text { turn, more });
                    }
                }
            }
        }
    }

    /// The program wants it, as the answer to this, if it was asked.
    pub(super) fn claim(
        &mut self,
        turn: TurnId,
        aloud: bool,
        say: Option<&Say>,
        now: Moment,
        downs: &mut Vec<Down>,
    ) {
        let told = |part: &Part| matches!(part, Part::Text(_));
        let patience = match (self.waits.is_empty(), self.waits.iter().any(told)) {
            (true, _) => BEGIN,
            (false, false) => LULL,
            (false, true) => LAST,
        };
        self.until = now + patience;
        self.turn = Some(turn);
        downs.push(Down::Thinking { turn: self.turn });
        let say = say.cloned().map(Box::new);
        self.want = Want::Claimed { turn, aloud, say };
        // What it says goes before how that sounds.
        let (words, sounds): (Vec<_>, Vec<_>) = self.waits.drain(..).partition(told);
        for part in words.into_iter().chain(sounds) {
            self.add(part, downs);
        }
    }

    /// What has come of another one is more of this.
    pub(super) fn goes_on(&mut self, other: Self, now: Moment, downs: &mut Vec<Down>) {
        self.items.extend(other.items);
        self.lasts(now + LULL);
        for part in other.waits {
            self.add(part, downs);
        }
    }

    /// Nobody wants it any more: how the server calls it, and what was said of it.
    pub(super) fn drop(
        &mut self,
        heard: Option<&str>,
        now: Moment,
    ) -> (Named, Option<(Say, String)>) {
        if let Some(heard) = heard {
            heard.clone_into(&mut self.words);
        }
        let kept = self.kept();
        self.want = Want::Nothing;
        self.waits.clear();
        self.until = now + LULL;
        ((self.session.take(), self.message.take()), kept)
    }

    /// Nothing more comes.
    pub(super) fn end(&mut self, downs: &mut Vec<Down>) {
        if let Want::Claimed { turn, aloud, .. } = self.want {
            if aloud {
                downs.push(Down::Speech(Speech::End { turn }));
            }
            downs.push(Down::Done {
                turn: Some(turn),
                full: None,
                by: None,
                usage: None,
            });
        }
    }

    /// Something went wrong, and nothing more comes. One that nobody has wanted yet is asked for
    /// once more when somebody does.
    pub(super) fn fail(&mut self, trouble: &Trouble, downs: &mut Vec<Down>) {
        if let Want::Claimed { turn, aloud, .. } = self.want {
            if aloud {
                downs.push(Down::Speech(Speech::End { turn }));
            }
            let (turn, trouble) = (Some(turn), trouble.clone());
            downs.push(Down::Trouble { turn, trouble });
        }
    }

    /// The question and what was answered.
    pub(super) fn kept(&self) -> Option<(Say, String)> {
        match &self.want {
            Want::Claimed { say: Some(say), .. } => Some((Say::clone(say), self.words.clone())),
            Want::Claimed { .. } | Want::Loose | Want::Open | Want::Nothing => None,
        }
    }
}
