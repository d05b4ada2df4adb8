//! Draws the last row: what is going on, in words.
//!
//! Left: the state, the time of the running turn, what the user can do about it, what is wrong.
//! Right: the connection, the backend, the brain, the microphone. On a narrow screen things go
//! in a fixed order, see [`Part`]. The state stays to the last, and so does an open microphone.

use super::spots::Spots;
use super::text::{Row, Run, clip, put, row_width, width};
use super::theme::{Role, Theme};
use super::words::{current_badge, current_brain, key, say, seconds};
use super::{call, voice};
use crate::core::action::Plain;
use crate::core::keys::Context;
use crate::core::line::{Cause, Line, Quality};
use crate::core::mode::Mode;
use crate::core::model::Model;
use crate::core::mood::Mood;
use crate::core::words::{Word, fill};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// What may be left out, the least needed first.
#[derive(Clone, Copy)]
enum Part {
    Microphone,
    BrainName,
    Backend,
    /// Ears or a voice are lent to the backend.
    Lent,
    /// Figures of the connection, and why it is down.
    Figures,
    DialKey,
    /// What the user can do next.
    Hint,
    Time,
    /// How long until the next attempt to connect, as a sentence.
    Retry,
    Model,
    /// How the backend feels.
    Mood,
    Line,
    Late,
    Unsent,
    NotStored,
    Spinner,
}

/// How many parts there are to leave out, one after another.
const LEVELS: usize = Part::Spinner as usize + 1;

/// How much is left out.
#[derive(Clone, Copy)]
struct Level(usize);

impl Level {
    const fn shows(self, part: Part) -> bool {
        part as usize >= self.0
    }
}

const SPINNER: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/// Draws the status bar into one row.
pub(super) fn draw(
    area: Rect,
    buffer: &mut Buffer,
    model: &Model,
    spots: &mut Spots,
    theme: Theme,
) {
    let room = usize::from(area.width);
    let fitting = (0..LEVELS)
        .map(|level| sides(model, Level(level)))
        .find(|(left, right)| {
            let gap = if right.row.is_empty() { 0 } else { 2 };
            row_width(&left.row) + gap + row_width(&right.row) <= room
        });
    let (mut left, right) = fitting.unwrap_or_else(|| sides(model, Level(LEVELS)));
    if let [state] = left.row.as_mut_slice() {
        state.text = clip(&state.text, room);
    }
    put(buffer, (area.x, area.y), area.width, &left.row, theme);
    left.point((area.x, area.y), spots);
    let right_width = row_width(&right.row).min(room) as u16;
    if right_width > 0 {
        let x = area.right() - right_width;
        put(buffer, (x, area.y), right_width, &right.row, theme);
        right.point((x, area.y), spots);
    }
}

/// The phase of the animation at a moment.
pub(super) fn spinner(model: &Model) -> &'static str {
    if model.look.still {
        return "…";
    }
    let phase = model.now.mono.0.as_millis() / 100 % SPINNER.len() as u128;
    SPINNER[phase as usize]
}

/// One side of the bar, and which of its runs do something when they are clicked on.
#[derive(Default)]
struct Side {
    row: Row,
    does: Vec<(usize, Plain)>,
}

impl Side {
    /// What was added last does this.
    fn does(&mut self, plain: Plain) {
        self.does.push((self.row.len().saturating_sub(1), plain));
    }

    fn point(&self, at: (u16, u16), spots: &mut Spots) {
        let mut x = at.0;
        for (index, run) in self.row.iter().enumerate() {
            let wide = width(&run.text) as u16;
            if let Some((_, plain)) = self.does.iter().find(|(known, _)| *known == index) {
                spots.hint(Rect::new(x, at.1, wide, 1), *plain);
            }
            x = x.saturating_add(wide);
        }
    }
}

fn sides(model: &Model, level: Level) -> (Side, Side) {
    (doing(model, level), around(model, level))
}

/// What is going on, what can be done about it, and what is wrong.
fn doing(model: &Model, level: Level) -> Side {
    let mut side = Side::default();
    let row = &mut side.row;
    let mode = model.modes.current();
    let role = match mode {
        Mode::Idle => Role::Dim,
        Mode::Error => Role::Error,
        Mode::TextSse
        | Mode::TextTts
        | Mode::VoiceStt
        | Mode::VoiceSse
        | Mode::VoiceTts
        | Mode::VoiceCall => Role::Accent,
    };
    if (model.turn.is_some() || model.voice.recording.is_some()) && level.shows(Part::Spinner) {
        row.push(Run::role(&format!("{} ", spinner(model)), Role::Accent));
    }
    let paused = (model.voice.speaking.as_ref()).is_some_and(|speaking| speaking.paused);
    let word = match mode {
        Mode::TextTts | Mode::VoiceTts if paused => Word::StatePaused,
        Mode::VoiceStt if model.turn.is_some() => Word::StateRecognising,
        other => other.word(),
    };
    row.push(Run::role(say(model, word), role));
    if model.normal && level.shows(Part::Hint) {
        part(row, say(model, Word::NormalMode), Role::Accent);
    }
    let answers = model.turn.is_some() || model.voice.speaking.is_some();
    if let Some(mood) = model
        .mood
        .filter(|mood| answers && *mood != Mood::default())
        && level.shows(Part::Mood)
    {
        row.push(Run::role(&format!(" {}", mood.face()), Role::Text));
    }
    if let Some(turn) = &model.turn {
        if level.shows(Part::Time) {
            let elapsed = seconds(model.now.mono.since(turn.started));
            row.push(Run::role(&format!(" {elapsed}"), Role::Dim));
        }
        if turn.late && level.shows(Part::Late) {
            part(row, say(model, Word::Late), Role::Warning);
        }
    }
    if let Some(hint) = next(model, mode)
        && level.shows(Part::Hint)
    {
        part(&mut side.row, &hint, Role::Dim);
        if let Some(plain) = does(model, mode) {
            side.does(plain);
        }
    }
    let row = &mut side.row;
    if !model.waiting.is_empty() && level.shows(Part::Unsent) {
        let count = model.waiting.len().to_string();
        let unsent = fill(say(model, Word::Unsent), &[&count]);
        part(row, &unsent, Role::Warning);
    }
    if model.store_down && level.shows(Part::NotStored) {
        part(row, say(model, Word::NotStored), Role::Warning);
    }
    side
}

/// What a click on the hint does that says what can be done next.
const fn does(model: &Model, mode: Mode) -> Option<Plain> {
    if model.voice.recording.is_some() {
        return Some(Plain::Talk);
    }
    match mode {
        Mode::Idle => Some(Plain::Send),
        // Several keys are named there; the one that loses nothing is meant.
        Mode::TextTts | Mode::VoiceTts if model.voice.speaking.is_some() => Some(Plain::Pause),
        Mode::VoiceCall => None,
        Mode::Error
        | Mode::TextSse
        | Mode::TextTts
        | Mode::VoiceStt
        | Mode::VoiceSse
        | Mode::VoiceTts => Some(Plain::Cancel),
    }
}

/// What the user can do next in a state. An empty composer says itself how to write.
fn next(model: &Model, mode: Mode) -> Option<String> {
    if model.voice.recording.is_some() {
        return voice::next(model);
    }
    if let Some(call) = &model.call {
        let written = !model.composer.is_empty();
        return call::next(model, call).filter(|_| written);
    }
    if let (Mode::TextTts | Mode::VoiceTts, Some(speaking)) = (mode, &model.voice.speaking) {
        let stop = key(model, Context::Chat, Plain::Cancel)?;
        let pause = key(model, Context::Chat, Plain::Pause)?;
        let word = if speaking.paused {
            Word::KeyResumes
        } else {
            Word::KeyPauses
        };
        return Some(fill(say(model, word), &[&stop, &pause]));
    }
    let (action, word) = match mode {
        Mode::Idle if model.composer.is_empty() => return None,
        Mode::Idle => (Plain::Send, Word::KeySends),
        Mode::Error => (Plain::Cancel, Word::KeyGoesOn),
        Mode::TextSse
        | Mode::TextTts
        | Mode::VoiceStt
        | Mode::VoiceSse
        | Mode::VoiceTts
        | Mode::VoiceCall => (Plain::Cancel, Word::KeyStops),
    };
    let key = key(model, Context::Chat, action)?;
    Some(fill(say(model, word), &[&key]))
}

/// What answers, and how it is reached.
fn around(model: &Model, level: Level) -> Side {
    let mut side = Side::default();
    if level.shows(Part::Line) {
        let (text, role) = line(model, level);
        part(&mut side.row, &text, role);
        if !matches!(model.line, Line::Up(_) | Line::Dialing { .. }) {
            side.does(Plain::DialNow);
        }
    }
    let row = &mut side.row;
    if level.shows(Part::Backend) {
        let name = match model.backend.as_str() {
            "embedded" => say(model, Word::Embedded),
            name => name,
        };
        part(row, &short(name), Role::Dim);
    }
    if model.voice.lent && level.shows(Part::Lent) {
        part(row, say(model, Word::Lent), Role::Dim);
    }
    if level.shows(Part::Model) {
        let badge = current_badge(model);
        match current_brain(model).filter(|brain| *brain != badge) {
            Some(brain) if level.shows(Part::BrainName) => {
                part(row, &short(&brain), Role::Dim);
                row.push(Run::role(&format!(" {}", short(&badge)), Role::Text));
            }
            _ => part(row, &short(&badge), Role::Text),
        }
        side.does(Plain::Models);
    }
    let (word, open) = voice::microphone(model);
    let shown = open || level.shows(Part::Microphone);
    if shown {
        let role = if open { Role::Error } else { Role::Dim };
        part(&mut side.row, word, role);
        side.does(if model.call.is_some() {
            Plain::Mute
        } else {
            Plain::Talk
        });
    }
    side
}

/// Adds a part behind a separator.
fn part(row: &mut Row, text: &str, role: Role) {
    if !row.is_empty() {
        row.push(Run::role(" · ", Role::Dim));
    }
    row.push(Run::role(text, role));
}

/// A name of any length in at most 28 columns.
fn short(name: &str) -> String {
    let name = name
        .trim_start_matches("http://")
        .trim_start_matches("https://");
    clip(name, 28)
}

/// The connection in words, in full.
pub(super) fn told(model: &Model) -> (String, Role) {
    line(model, Level(0))
}

/// The connection in words, with the key that mends it.
fn line(model: &Model, level: Level) -> (String, Role) {
    let figures = level.shows(Part::Figures);
    let told = |cause: &Cause| {
        let room = if level.shows(Part::Backend) { 48 } else { 28 };
        clip(&cause.tell(model.lang), room)
    };
    let because = |word, cause| fill(say(model, word), &[&told(cause)]);
    let (mut text, role) = match &model.line {
        Line::Closed => (say(model, Word::LineClosed).to_owned(), Role::Warning),
        Line::Dialing { attempt } if *attempt > 1 && figures => {
            let attempt = attempt.to_string();
            let text = fill(say(model, Word::LineDialingAgain), &[&attempt]);
            return (text, Role::Dim);
        }
        Line::Dialing { .. } => return (say(model, Word::LineDialing).to_owned(), Role::Dim),
        Line::Up(health) => {
            let up = say(model, Word::LineUp);
            let text = match health.rtt.filter(|_| figures).map(|rtt| rtt.as_millis()) {
                Some(0) => format!("{up} <1 ms"),
                Some(ms) => format!("{up} {ms} ms"),
                None => up.to_owned(),
            };
            let (text, role) = match health.quality {
                Quality::Good => (text, Role::Dim),
                Quality::Fair => (format!("{text}, {}", say(model, Word::LineFair)), Role::Dim),
                Quality::Poor => (
                    format!("{text}, {}", say(model, Word::LinePoor)),
                    Role::Warning,
                ),
            };
            if health.unverified {
                // Stays as long as it is true, and at any width.
                let text = if figures {
                    format!("{text}, {}", say(model, Word::LineUnverified))
                } else {
                    say(model, Word::LineUnverifiedShort).to_owned()
                };
                return (text, Role::Warning);
            }
            return (text, role);
        }
        Line::Waiting {
            until,
            cause,
            attempt,
        } => {
            // Rounded up: `in 0 s` would promise what has not happened.
            let left = until.since(model.now.mono).as_millis().div_ceil(1000);
            let left = left.to_string();
            let text = if figures {
                let attempt = attempt.to_string();
                fill(
                    say(model, Word::LineWaiting),
                    &[&told(cause), &left, &attempt],
                )
            } else if level.shows(Part::Retry) {
                fill(say(model, Word::LineWaitingPlain), &[&left])
            } else {
                fill(say(model, Word::LineWaitingShort), &[&left])
            };
            (text, Role::Warning)
        }
        Line::Resting { .. } => {
            let word = if figures {
                Word::LineResting
            } else {
                Word::LineRestingShort
            };
            return (say(model, word).to_owned(), Role::Dim);
        }
        Line::Refused { .. } if !figures => {
            (say(model, Word::LineRefusedShort).to_owned(), Role::Error)
        }
        // This cause says itself that it is a refusal.
        Line::Refused { cause } if matches!(cause, Cause::Denied { .. }) => {
            (told(cause), Role::Error)
        }
        Line::Refused { cause } => (because(Word::LineRefused, cause), Role::Error),
        Line::GivenUp { cause, .. } if figures => (because(Word::LineGivenUp, cause), Role::Error),
        Line::GivenUp { .. } => (say(model, Word::LineClosed).to_owned(), Role::Error),
    };
    let empty = model.composer.is_empty();
    let lone = empty
        .then(|| key(model, Context::Empty, Plain::DialNow))
        .flatten();
    if level.shows(Part::DialKey)
        && let Some(key) = lone.or_else(|| key(model, Context::Chat, Plain::DialNow))
    {
        text.push_str(" · ");
        text.push_str(&fill(say(model, Word::KeyConnects), &[&key]));
    }
    (text, role)
}
