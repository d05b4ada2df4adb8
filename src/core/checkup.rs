//! What works here, what does not, and what helps: one list of checks with two faces, the text of
//! `hearsay doctor` and a page of the screen. `shell::doctor` tries the parts; what the running
//! program knows by itself, such as how its line is doing, is told from that.

use super::action::Plain;
use super::backend::Brains;
use super::line::{Cause, Line};
use super::model::Model;
use super::words::{Lang, Word, fill};
use serde::{Deserialize, Serialize};

/// What is checked, in the order in which it is told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Part {
    Program,
    Terminal,
    Configuration,
    Store,
    Backend,
    Standby,
    Brain,
    Microphone,
    Loudspeaker,
    /// The way from the loudspeaker to the microphone.
    Echo,
    Ears,
    Voice,
    /// One step of a conversation with a backend, in the user's words.
    Step(String),
}

impl Part {
    /// How programs read it.
    pub fn name(&self) -> &str {
        match self {
            Self::Program => "program",
            Self::Terminal => "terminal",
            Self::Configuration => "configuration",
            Self::Store => "store",
            Self::Backend => "backend",
            Self::Standby => "standby",
            Self::Brain => "brain",
            Self::Microphone => "microphone",
            Self::Loudspeaker => "loudspeaker",
            Self::Echo => "echo",
            Self::Ears => "ears",
            Self::Voice => "voice",
            Self::Step(step) => step,
        }
    }

    /// What people call it.
    pub fn tell(&self, lang: Lang) -> &str {
        match self {
            Self::Program => Word::PartProgram.text(lang),
            Self::Terminal => Word::PartTerminal.text(lang),
            Self::Configuration => Word::PartConfiguration.text(lang),
            Self::Store => Word::PartStore.text(lang),
            Self::Backend => Word::PartBackend.text(lang),
            Self::Standby => Word::PartStandby.text(lang),
            Self::Brain => Word::PartBrain.text(lang),
            Self::Microphone => Word::PartMicrophone.text(lang),
            Self::Loudspeaker => Word::PartLoudspeaker.text(lang),
            Self::Echo => Word::PartEcho.text(lang),
            Self::Ears => Word::PartEars.text(lang),
            Self::Voice => Word::PartVoice.text(lang),
            Self::Step(step) => step,
        }
    }
}

/// How a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    Good,
    /// It works, but less than it could.
    Limited,
    Broken,
}

impl State {
    /// How programs read it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Limited => "limited",
            Self::Broken => "broken",
        }
    }

    /// The mark in front of a part: its meaning is never told by colour alone.
    pub const fn mark(self) -> Word {
        match self {
            Self::Good => Word::MarkGood,
            Self::Limited => Word::MarkLimited,
            Self::Broken => Word::MarkBroken,
        }
    }
}

/// One part, how it is, and what helps; the texts are in the user's language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    pub part: Part,
    pub state: State,
    pub found: String,
    pub hint: Option<String>,
}

impl Check {
    /// A check that needs no advice.
    pub fn of(part: Part, state: State, found: impl Into<String>) -> Self {
        Self {
            part,
            state,
            found: found.into(),
            hint: None,
        }
    }

    /// The part works.
    pub fn good(part: Part, found: impl Into<String>) -> Self {
        Self::of(part, State::Good, found)
    }

    /// The part works less than it could.
    pub fn limited(part: Part, found: impl Into<String>, hint: Option<String>) -> Self {
        Self {
            hint,
            ..Self::of(part, State::Limited, found)
        }
    }

    /// The part does not work.
    pub fn broken(part: Part, found: impl Into<String>, hint: Option<String>) -> Self {
        Self {
            hint,
            ..Self::of(part, State::Broken, found)
        }
    }

    /// The backend does not answer, for this cause.
    pub fn unreachable(name: &str, cause: &Cause, lang: Lang) -> Self {
        let hint = Word::DoctorBackendHint.text(lang).to_owned();
        let found = format!("{name}: {}", cause.tell(lang));
        Self::broken(Part::Backend, found, Some(hint))
    }

    /// The backend answered as it should.
    pub fn greeted(name: &str, lang: Lang) -> Self {
        let found = fill(Word::DoctorGreeted.text(lang), &[name]);
        Self::good(Part::Backend, found)
    }

    /// How the line to a backend is doing.
    pub fn line(name: &str, line: &Line, lang: Lang) -> Self {
        let say = |word: Word| format!("{name}: {}", word.text(lang));
        match line {
            Line::Up(_) => Self::greeted(name, lang),
            Line::Dialing { .. } => Self::limited(Part::Backend, say(Word::LineDialing), None),
            Line::Closed => Self::limited(Part::Backend, say(Word::NotConnected), None),
            // It comes back by itself as soon as somebody needs it.
            Line::Resting { cause } => {
                let found = format!("{name}: {}", cause.tell(lang));
                Self::limited(Part::Backend, found, None)
            }
            Line::Waiting { cause, .. } | Line::Refused { cause } | Line::GivenUp { cause, .. } => {
                Self::unreachable(name, cause, lang)
            }
        }
    }

    /// What thinks, as the backend told.
    pub fn brain(brains: &Brains, lang: Lang) -> Self {
        let list: Vec<String> = brains
            .all
            .iter()
            .map(|brain| match &brain.model {
                Some(model) => format!("{} ({}, {model})", brain.name, brain.id),
                None => format!("{} ({})", brain.name, brain.id),
            })
            .collect();
        let found = format!("{}\n{}", brains.why, list.join("\n"));
        // One that was asked for and is not there: whoever asks is refused.
        if !brains.current.is_empty() && brains.current().is_none() {
            let is_model = brains.current == "local" || brains.current.starts_with("model:");
            let word = if is_model {
                Word::ServeNoLocalBrainHint
            } else {
                Word::DoctorBrainHint
            };
            return Self::broken(Part::Brain, found, Some(word.text(lang).to_owned()));
        }
        if brains.current == "builtin" {
            let hint = Word::DoctorBrainHint.text(lang).to_owned();
            return Self::limited(Part::Brain, found, Some(hint));
        }
        Self::good(Part::Brain, found)
    }

    /// What one key does about it, where one does.
    pub fn remedy(&self) -> Option<Remedy> {
        if self.state == State::Good {
            return None;
        }
        let (key, plain) = match self.part {
            Part::Backend => ('c', Plain::DialNow),
            Part::Brain => ('b', Plain::LookForBrains),
            Part::Microphone | Part::Echo => ('m', Plain::Microphones),
            Part::Loudspeaker => ('l', Plain::Loudspeakers),
            Part::Ears | Part::Voice => ('v', Plain::SpeechModels),
            Part::Program
            | Part::Terminal
            | Part::Configuration
            | Part::Store
            | Part::Standby
            | Part::Step(_) => return None,
        };
        Some(Remedy { key, plain })
    }
}

/// A key that helps, and what it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remedy {
    pub key: char,
    pub plain: Plain,
}

/// The key that looks at everything again.
pub const AGAIN: char = 'r';
/// The key that also plays a sound and listens for it.
pub const ALOUD: char = 't';

/// How closely is looked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// Only what is there: no device is opened, no model loaded, nobody dialed.
    Glance,
    /// Every part is tried, but for what would be heard.
    #[default]
    Whole,
    /// A sound is played as well, and listened for.
    Aloud,
}

/// What is to be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckOrder {
    /// Which look it is: what is found belongs to it.
    pub look: u32,
    pub depth: Depth,
    /// The backend in use, which is not dialed a second time: it might hang up on the first line.
    pub in_use: String,
}

/// What a look finds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CheckEvent {
    Found { look: u32, check: Check },
    Over { look: u32 },
}

/// The parts that every look finds, but for what the program knows by itself.
const EXPECTED: [Part; 8] = [
    Part::Program,
    Part::Terminal,
    Part::Configuration,
    Part::Store,
    Part::Microphone,
    Part::Loudspeaker,
    Part::Ears,
    Part::Voice,
];

/// The same of a glance.
const SEEN: [Part; 4] = [Part::Terminal, Part::Microphone, Part::Ears, Part::Voice];

/// What was found so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checkup {
    pub look: u32,
    pub depth: Depth,
    /// The look goes on.
    pub going: bool,
    pub checks: Vec<Check>,
}

impl Checkup {
    /// Begins a new look, unless one goes on that looks as closely.
    pub fn begin(&mut self, depth: Depth, in_use: &str) -> Option<CheckOrder> {
        if self.going && self.depth >= depth {
            return None;
        }
        *self = Self {
            look: self.look.wrapping_add(1),
            depth,
            going: true,
            checks: vec![],
        };
        Some(CheckOrder {
            look: self.look,
            depth,
            in_use: in_use.to_owned(),
        })
    }

    /// Takes in what was found. What belongs to an earlier look is old.
    pub fn hear(&mut self, event: CheckEvent) {
        match event {
            CheckEvent::Found { look, check } if look == self.look => self.checks.push(check),
            CheckEvent::Over { look } if look == self.look => self.going = false,
            CheckEvent::Found { .. } | CheckEvent::Over { .. } => {}
        }
    }

    /// The parts that are still being looked at.
    pub fn missing(&self) -> Vec<Part> {
        let found = |part: &Part| self.checks.iter().any(|check| check.part == *part);
        let expected = match self.depth {
            Depth::Glance => &SEEN[..],
            Depth::Whole | Depth::Aloud => &EXPECTED[..],
        };
        let missing = expected.iter().filter(|part| self.going && !found(part));
        missing.cloned().collect()
    }
}

/// Everything that is known, in the order in which it is told: what was looked at, and what the
/// program knows of its line and its brain.
pub fn checks(model: &Model) -> Vec<Check> {
    let mut checks = vec![Check::line(&model.backend, &model.line, model.lang)];
    if let (Line::Up(_), Some(brains)) = (&model.line, &model.brains) {
        checks.push(Check::brain(brains, model.lang));
    }
    checks.extend(model.checkup.checks.iter().cloned());
    checks.sort_by(|one, other| one.part.cmp(&other.part));
    checks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::backend::BrainInfo;

    #[test]
    fn what_an_earlier_look_finds_is_old() {
        let mut checkup = Checkup::default();
        let first = checkup.begin(Depth::Glance, "embedded").unwrap();
        assert_eq!(checkup.begin(Depth::Glance, "embedded"), None);
        let found = |look| CheckEvent::Found {
            look,
            check: Check::good(Part::Program, "1"),
        };
        checkup.hear(found(first.look));
        assert_eq!(checkup.missing(), SEEN);
        // A closer look does not wait for a glance.
        let second = checkup.begin(Depth::Aloud, "home").unwrap();
        assert_eq!(checkup.missing(), EXPECTED);
        assert_eq!(checkup.begin(Depth::Whole, "home"), None);
        checkup.hear(found(first.look));
        checkup.hear(CheckEvent::Over { look: first.look });
        assert_eq!((checkup.checks.len(), checkup.going), (0, true));
        assert_eq!(
            (second.depth, second.in_use.as_str()),
            (Depth::Aloud, "home")
        );
        checkup.hear(CheckEvent::Over { look: second.look });
        assert_eq!(checkup.missing(), []);
    }

    #[test]
    fn a_key_helps_only_where_something_is_amiss_and_each_key_does_one_thing() {
        let parts = EXPECTED
            .into_iter()
            .chain([Part::Backend, Part::Brain, Part::Echo]);
        let mut keys = vec![(AGAIN, None), (ALOUD, None)];
        for part in parts {
            let check = |state| Check::of(part.clone(), state, "");
            assert_eq!(check(State::Good).remedy(), None, "{part:?}");
            let broken = check(State::Broken).remedy();
            assert_eq!(broken, check(State::Limited).remedy(), "{part:?}");
            let Some(remedy) = broken else { continue };
            let known = keys.iter().find(|(key, _)| *key == remedy.key);
            let same = known.is_none_or(|(_, plain)| *plain == Some(remedy.plain));
            assert!(same, "`{}` means two things", remedy.key);
            keys.push((remedy.key, Some(remedy.plain)));
        }
    }

    #[test]
    fn a_brain_that_was_asked_for_and_is_not_there_does_not_work() {
        let info = |id: &str| BrainInfo {
            id: id.to_owned(),
            ..BrainInfo::default()
        };
        let brains = |current: &str| Brains {
            all: vec![info("builtin"), info("model:tiny"), info("http://h/v1")],
            current: current.to_owned(),
            why: "why".to_owned(),
        };
        for (current, state, hint) in [
            ("builtin", State::Limited, Some("start Ollama")),
            ("model:tiny", State::Good, None),
            ("http://h/v1", State::Good, None),
            // It does not say.
            ("", State::Good, None),
            (
                "model:whisper",
                State::Broken,
                Some("`hearsay models list`"),
            ),
            ("local", State::Broken, Some("`hearsay models list`")),
            ("http://x/v1", State::Broken, Some("start Ollama")),
        ] {
            let check = Check::brain(&brains(current), Lang::En);
            assert_eq!(check.state, state, "{current}");
            let begins = |hint: &str| {
                check
                    .hint
                    .as_deref()
                    .is_some_and(|told| told.starts_with(hint))
            };
            assert!(hint.map_or(check.hint.is_none(), begins), "{check:?}");
        }
    }
}
