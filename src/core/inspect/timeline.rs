//! Puts what is known of a turn in the order in which it happened.

use super::super::ids::TurnId;
use super::super::log::Level;
use super::super::mode::Mode;
use super::super::model::Model;
use super::super::story::What;
use super::super::time::Wall;
use super::super::times::{parts, slowest};
use super::super::turn::Stage;
use super::super::words::{Lang, Word, fill};
use super::{Entry, Inspector, Kind, Known, Passed, Prompt, inquiry, known, recorded};

/// Everything that is known of a turn, in the order in which it happened.
pub fn entries(model: &Model, inspector: &Inspector) -> Vec<Entry> {
    let known = known(model, inspector);
    let lang = model.lang;
    let mut all = Timeline {
        sent: known.sent,
        lang,
        entries: vec![],
    };
    if inspector.states {
        all.states(model, |_whenever| true);
        return all.entries;
    }
    all.recording(&known, inspector);
    all.stages(&known);
    all.story(model, inspector.turn);
    all.prompt(&known, inspector);
    if let Some(reply) = known.reply {
        let (bytes, label) = (reply.text.len(), Word::InspectBytes);
        let label = fill(label.text(lang), &[&bytes.to_string()]);
        let at = known.over.max(reply.at);
        all.add(at, Kind::Answer, label, reply.text.clone());
    }
    let (since, until) = {
        let inquiry = inquiry(model, inspector);
        (inquiry.since, inquiry.until)
    };
    all.states(model, |at| since <= at && at <= until);
    if let Some(found) = &inspector.found {
        for passed in &found.passed {
            all.passed(passed);
        }
        for line in &found.log {
            let level = line.level.map_or("", Level::name);
            all.add(
                line.at,
                Kind::Log,
                format!("{level} {}", line.text),
                String::new(),
            );
            if let Some(last) = all.entries.last_mut() {
                last.nth = line.nth;
            }
        }
    }
    all.entries.sort_by_key(|entry| entry.at);
    all.entries
}

/// What is gathered.
struct Timeline {
    sent: Wall,
    lang: Lang,
    entries: Vec<Entry>,
}

impl Timeline {
    fn add(&mut self, at: Wall, kind: Kind, label: String, said: String) {
        self.entries.push(Entry {
            at: at.0.saturating_sub(self.sent.0),
            kind,
            label,
            said,
            nth: None,
        });
    }

    /// A moment of the turn.
    const fn moment(&self, ms: u64) -> Wall {
        Wall(self.sent.0.saturating_add(ms as i64))
    }

    fn say(&self, word: Word, arguments: &[&str]) -> String {
        fill(word.text(self.lang), arguments)
    }

    /// The changes of state at some moments, each with its cause.
    fn states(&mut self, model: &Model, wanted: impl Fn(Wall) -> bool) {
        for change in model.modes.history() {
            if wanted(change.at.wall) {
                let (from, to) = (change.from.name(), change.to.name());
                // What went wrong may be told in the words of somebody else.
                let (label, said) = match change.to {
                    Mode::Error => (format!("{from} → {to}"), change.cause.clone()),
                    _ => (format!("{from} → {to} · {}", change.cause), String::new()),
                };
                self.add(change.at.wall, Kind::State, label, said);
            }
        }
    }

    fn recording(&mut self, known: &Known<'_>, inspector: &Inspector) {
        let Some(question) = known.question else {
            return;
        };
        if let Some(ms) = recorded(known) {
            let seconds = format!("{}.{} s", ms / 1000, ms % 1000 / 100);
            let mut label = self.say(Word::Recording, &[&seconds]);
            if let Some(found) = &inspector.found {
                label.push(' ');
                if found.shape.is_empty() {
                    label.push_str(Word::InspectGone.text(self.lang));
                } else {
                    label.extend(found.shape.iter().map(|level| bar(*level)));
                }
            }
            let from = Wall(self.sent.0.saturating_sub(ms));
            self.add(from, Kind::Audio, label, String::new());
        }
        if !question.text.is_empty() {
            let bytes = question.text.len().to_string();
            let label = self.say(Word::InspectBytes, &[&bytes]);
            self.add(self.sent, Kind::Words, label, question.text.clone());
        }
    }

    fn stages(&mut self, known: &Known<'_>) {
        let Some(times) = &known.times else {
            return;
        };
        let parts = parts(times);
        let slow = slowest(&parts);
        for (name, ms) in &times.stages {
            let stage = Stage::of(name);
            let part = parts.iter().find(|part| Some(part.until) == stage);
            let wait = part.and_then(|part| Some((part, part.until.wait()?)));
            let mut label = name.clone();
            if let Some((part, word)) = wait {
                let waited = format!("{} ms", part.ms);
                label = format!("{label} · {} {waited}", word.text(self.lang));
                if slow == Some(*part) {
                    label = format!("{label} {}", Word::PartSlowest.text(self.lang));
                }
            }
            self.add(self.moment(*ms), Kind::Stage, label, String::new());
        }
        for (ms, text) in &times.said {
            let label = self.say(Word::InspectBytes, &[&text.len().to_string()]);
            self.add(self.moment(*ms), Kind::Spoken, label, text.clone());
        }
    }

    fn story(&mut self, model: &Model, turn: TurnId) {
        let Some(story) = model.stories.of(turn) else {
            return;
        };
        for note in &story.notes {
            let kind = match note.what {
                What::Guess => Kind::Guess,
                What::Words => Kind::Words,
                What::Tool | What::ToolDone | What::ToolFailed | What::Errand => Kind::Tool,
                What::Text | What::Reasoning | What::Loading => Kind::Answer,
                What::Stopped | What::Trouble => Kind::Trouble,
            };
            let word = match note.what {
                What::Guess | What::Words => Word::InspectBytes,
                What::Tool => Word::InspectToolAsked,
                What::ToolDone => Word::InspectToolDone,
                What::ToolFailed => Word::InspectToolFailed,
                What::Errand => Word::InspectErrand,
                What::Text => Word::InspectPieces,
                What::Reasoning => Word::InspectReasoning,
                What::Loading => Word::InspectLoading,
                What::Stopped => Word::InspectStopped,
                What::Trouble => Word::InspectTroubled,
            };
            let (times, bytes) = (note.times.to_string(), note.bytes.to_string());
            let took = note.until.0.saturating_sub(note.at.0).to_string();
            let label = match note.what {
                What::Text | What::Reasoning => self.say(word, &[&times, &bytes, &took]),
                _ => self.say(word, &[&bytes]),
            };
            self.add(note.at, kind, label, note.text.clone());
        }
        if story.left_out > 0 {
            let label = self.say(Word::InspectLeftOut, &[&story.left_out.to_string()]);
            let at = story.notes.last().map_or(self.sent, |last| last.at);
            self.add(at, Kind::Answer, label, String::new());
        }
    }

    fn prompt(&mut self, known: &Known<'_>, inspector: &Inspector) {
        let (label, said) = match &inspector.prompt {
            Prompt::Untold => (self.say(Word::PromptUntold, &[]), String::new()),
            Prompt::Asked => ("…".to_owned(), String::new()),
            Prompt::Known(told) if told.said.is_empty() => {
                (self.say(Word::PromptNone, &[]), String::new())
            }
            Prompt::Known(told) => {
                let bytes: usize = told.said.iter().map(|(_, text)| text.len()).sum();
                let counts = [told.said.len(), told.tools.len(), bytes];
                let counts = counts.map(|count| count.to_string());
                let label = self.say(Word::PromptTold, &counts.each_ref().map(String::as_str));
                let said = told.said.iter();
                let mut text: Vec<_> = said.map(|(who, text)| format!("[{who}] {text}")).collect();
                if !told.tools.is_empty() {
                    text.push(format!("[tools] {}", told.tools.join(", ")));
                }
                (label, text.join("\n"))
            }
        };
        let thinking = known.times.iter().flat_map(|times| &times.stages);
        let mut thinking = thinking.filter(|(name, _)| name == Stage::Thinking.name());
        let at = thinking.next().map_or(0, |(_, ms)| *ms);
        self.add(self.moment(at), Kind::Prompt, label, said);
    }

    fn passed(&mut self, passed: &Passed) {
        let kind = if passed.up { Kind::Up } else { Kind::Down };
        let name = if passed.kind.is_empty() {
            Word::InspectBinary.text(self.lang)
        } else {
            &passed.kind
        };
        let bytes = passed.bytes.to_string();
        let label = if passed.times > 1 {
            let took = passed.until.0.saturating_sub(passed.at.0).to_string();
            let times = passed.times.to_string();
            self.say(Word::InspectFrames, &[name, &times, &bytes, &took])
        } else {
            self.say(Word::InspectFrame, &[name, &bytes])
        };
        self.add(passed.at, kind, label, passed.head.clone());
    }
}

/// A level, in hundredths, as a block.
fn bar(level: u8) -> char {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let nth = usize::from(level.min(99)) * BLOCKS.len() / 100;
    BLOCKS.get(nth).copied().unwrap_or('█')
}
