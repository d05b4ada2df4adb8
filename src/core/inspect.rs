//! One turn on one timeline: its recording, what it seemed to say, the states and stages, the
//! prompt, tools, frames on the wire and lines of the log, each with its time.
//!
//! Pure. What the program knows by itself is in the model; what has to be looked up is told as
//! [`Findings`], and only when somebody looks.

mod timeline;

pub use timeline::entries;

use super::backend::PromptTold;
use super::ids::{ConversationId, TurnId};
use super::log::Level;
use super::model::Model;
use super::record::TurnTimes;
use super::time::Wall;
use super::transcript::{Message, Role};
use super::turn::{Outcome, Stage};
use super::words::Word;
use serde::{Deserialize, Serialize};

/// States that changed so long before a turn belong to it, in milliseconds: what led to it.
const BEFORE_MS: i64 = 1_000;
/// A turn that is over is looked at so much longer: what it set going goes on.
const AFTER_MS: i64 = 1_500;

/// What passed on the line: one frame, or several of a kind in a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passed {
    pub at: Wall,
    /// When the last of them did.
    pub until: Wall,
    /// From us to the backend.
    pub up: bool,
    /// What it calls itself; empty for one without text.
    pub kind: String,
    pub times: u32,
    /// Of all of them.
    pub bytes: u64,
    /// The beginning of the first, without secrets.
    pub head: String,
}

/// A line of our own log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    pub at: Wall,
    pub level: Option<Level>,
    pub text: String,
    /// Of the lines that name the turn it is this one, counted from 0.
    pub nth: Option<usize>,
}

/// What is to be looked up of a turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inquiry {
    pub turn: TurnId,
    pub conversation: ConversationId,
    /// It has a recording.
    pub recorded: bool,
    pub since: Wall,
    pub until: Wall,
}

/// What was found of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings {
    pub turn: TurnId,
    pub passed: Vec<Passed>,
    pub log: Vec<LogLine>,
    /// How loud the recording is, from its beginning to its end, in hundredths; empty if it is
    /// not there any more.
    pub shape: Vec<u8>,
    /// Its times, where an earlier run kept them.
    pub times: Option<TurnTimes>,
}

/// What is known of the prompt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Prompt {
    /// The backend does not tell.
    #[default]
    Untold,
    Asked,
    Known(PromptTold),
}

/// The page on which a turn is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspector {
    pub turn: TurnId,
    /// Which line is chosen, and whether it is shown in full.
    pub chosen: usize,
    pub unfolded: bool,
    /// All changes of state of this run are shown in the place of the timeline.
    pub states: bool,
    /// What was looked up; `None` while it is.
    pub found: Option<Box<Findings>>,
    /// It was still going on when that was done.
    pub live: bool,
    pub prompt: Prompt,
}

impl Inspector {
    /// Nothing is known yet.
    pub const fn new(turn: TurnId) -> Self {
        Self {
            turn,
            chosen: 0,
            unfolded: false,
            states: false,
            found: None,
            live: false,
            prompt: Prompt::Untold,
        }
    }
}

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Audio,
    Guess,
    Words,
    State,
    Stage,
    Prompt,
    Tool,
    Answer,
    Spoken,
    Up,
    Down,
    Log,
    Trouble,
}

impl Kind {
    /// What people call it.
    pub const fn word(self) -> Word {
        match self {
            Self::Audio => Word::InspectAudio,
            Self::Guess => Word::InspectGuess,
            Self::Words => Word::InspectWords,
            Self::State => Word::InspectState,
            Self::Stage => Word::InspectStage,
            Self::Prompt => Word::InspectPrompt,
            Self::Tool => Word::InspectTool,
            Self::Answer => Word::InspectAnswer,
            Self::Spoken => Word::InspectSpoken,
            Self::Up => Word::InspectUp,
            Self::Down => Word::InspectDown,
            Self::Log => Word::InspectLog,
            Self::Trouble => Word::InspectTrouble,
        }
    }
}

/// A line of the timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Milliseconds since the question was sent.
    pub at: i64,
    pub kind: Kind,
    /// What may be handed on.
    pub label: String,
    /// What was said, or shows what was: stays here unless the user hands it on.
    pub said: String,
    /// The line of the log that it is.
    pub nth: Option<usize>,
}

/// The turn that a page is about, as far as the program knows it.
struct Known<'a> {
    question: Option<&'a Message>,
    reply: Option<&'a Message>,
    times: Option<TurnTimes>,
    /// When it was sent.
    sent: Wall,
    /// When it was over; the moment at hand while it is not.
    over: Wall,
}

fn known<'a>(model: &'a Model, inspector: &Inspector) -> Known<'a> {
    let turn = inspector.turn;
    let of_turn = |role: Role| {
        let mut messages = model.conversation.transcript.messages().iter().rev();
        messages.find(|message| message.turn == turn && message.role == role)
    };
    let (question, reply) = (of_turn(Role::User), of_turn(Role::Assistant));
    let running = model.turn.as_ref().filter(|running| running.id == turn);
    let times = if let Some(running) = running {
        Some(running.times(Outcome::Done, model.now.wall))
    } else {
        let mut times = model.times.iter().rev();
        let here = times.find(|times| times.turn == Some(turn)).cloned();
        here.or_else(|| {
            inspector
                .found
                .as_ref()
                .and_then(|found| found.times.clone())
        })
    };
    let wall = model.now.wall;
    let asked = question.or(reply).map_or(wall, |message| message.at);
    let stage = |times: &TurnTimes, wanted: Stage| {
        let mut stages = times.stages.iter();
        let found = stages.find(|(name, _)| name == wanted.name());
        found.map(|(_, ms)| *ms as i64)
    };
    let sent = match (running, &times) {
        (Some(running), _) => {
            let ago = model.now.mono.since(running.started).as_millis() as i64;
            Wall(wall.0.saturating_sub(ago))
        }
        // They were written down when the text was complete.
        (None, Some(times)) => {
            let done = stage(times, Stage::TextDone).unwrap_or_default();
            Wall(times.at.0.saturating_sub(done))
        }
        (None, None) => asked,
    };
    let last = times.iter().flat_map(|times| &times.stages);
    let last = last.map(|(_, ms)| *ms as i64).max().unwrap_or(0);
    let over = if running.is_some() {
        wall
    } else {
        Wall(sent.0.saturating_add(last))
    };
    Known {
        question,
        reply,
        times,
        sent,
        over,
    }
}

/// How long the recording of a turn is, in milliseconds.
fn recorded(known: &Known<'_>) -> Option<i64> {
    let clip = known.question.and_then(|question| question.clip);
    clip.map(|clip| i64::from(clip.length_ms))
}

/// What has to be looked up for a page.
pub fn inquiry(model: &Model, inspector: &Inspector) -> Inquiry {
    let known = known(model, inspector);
    let before = recorded(&known).unwrap_or(0).saturating_add(BEFORE_MS);
    Inquiry {
        turn: inspector.turn,
        conversation: model.conversation.id,
        recorded: recorded(&known).is_some(),
        since: Wall(known.sent.0.saturating_sub(before)),
        until: Wall(known.over.0.saturating_add(AFTER_MS)),
    }
}

/// What the question was, where it is on the screen.
pub fn asked<'a>(model: &'a Model, inspector: &Inspector) -> Option<&'a str> {
    let question = known(model, inspector).question?;
    question.text.lines().find(|line| !line.trim().is_empty())
}

/// The times of the turn, as far as they are known.
pub fn times(model: &Model, inspector: &Inspector) -> Option<TurnTimes> {
    known(model, inspector).times
}

/// The timeline as lines of text; without `texts`, nothing of what was said is in them.
pub fn told(model: &Model, inspector: &Inspector, texts: bool) -> Vec<String> {
    let line = |entry: &Entry| {
        let kind = entry.kind.word().text(model.lang);
        let mut line = format!("{} {kind} {}", clock(entry.at), entry.label);
        if texts && !entry.said.is_empty() {
            line.push_str(": ");
            line.push_str(&entry.said);
        }
        line
    };
    entries(model, inspector).iter().map(line).collect()
}

/// A time of the timeline, such as `+0.590`.
pub fn clock(ms: i64) -> String {
    let sign = if ms < 0 { '-' } else { '+' };
    let ms = ms.unsigned_abs();
    format!("{sign}{}.{:03}", ms / 1000, ms % 1000)
}
