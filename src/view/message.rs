//! Sets one message: who speaks, what was thought and done on the way, the text, how it ended.

use super::text::stream::{Kind, Stream};
use super::text::wrap::wrap;
use super::text::{Row, Run, clip, width};
use super::theme::{Ink, Role};
use super::words::seconds;
use crate::core::backend::{Clip, SUMMARY, ToolUse};
use crate::core::heard;
use crate::core::transcript::{Ending, Message, Role as Speaker, Stored};
use crate::core::words::{Lang, Word, fill};
use std::ops::Range;
use std::time::Duration;

/// What the look of every message depends on. When it changes, all of them are set anew.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Setting {
    /// Columns of the chat.
    pub room: usize,
    pub lang: Lang,
    pub show_reasoning: bool,
    /// What tools were asked and answered is shown in full.
    pub show_details: bool,
    /// Who answers now: shown above a reply that does not say yet who wrote it.
    pub speaker: String,
    /// What the built-in brain is called.
    pub built_in: String,
    /// The keys for asking again and for showing the thinking.
    pub again: Option<String>,
    pub reveal: Option<String>,
}

/// What the look of one message depends on besides its texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Circumstances {
    /// The model server is loading its model for this reply.
    pub loading: bool,
    /// Nothing follows: asking again would ask this.
    pub last: bool,
    /// What becomes of its recording, as long as its words are not known.
    pub heard: Heard,
}

/// What becomes of a recording whose words are not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Heard {
    /// Nothing any more: it can be tried again.
    #[default]
    Not,
    /// It waits to be sent.
    Waits,
    /// The backend makes words of it.
    Now,
}

/// A message, set in rows.
#[derive(Debug)]
pub struct Set {
    stamp: (u32, Stored, bool, Circumstances),
    /// Columns in front of everything but the head.
    indent: u16,
    /// In front of the first row.
    mark: Row,
    head: Vec<Row>,
    thinking: Option<Stream>,
    middle: Vec<Row>,
    body: Stream,
    foot: Vec<Row>,
}

/// Columns of the mark in front of a message.
const INDENT: u16 = 2;

impl Set {
    /// A message, set for the first time.
    pub fn new(message: &Message, around: Circumstances, setting: &Setting) -> Self {
        let indent = if setting.room > 3 * usize::from(INDENT) {
            INDENT
        } else {
            0
        };
        let room = setting.room.saturating_sub(usize::from(indent)).max(1);
        let kind = match message.role {
            Speaker::User => Kind::Plain(Ink::of(Role::Text)),
            Speaker::Assistant => Kind::Markdown,
            Speaker::Note => Kind::Plain(Ink::of(Role::Dim)),
        };
        let mut set = Self {
            stamp: stamp(message, around),
            indent,
            mark: vec![],
            head: vec![],
            thinking: None,
            middle: vec![],
            body: Stream::new(kind, room),
            foot: vec![],
        };
        set.fill(message, around, setting, room);
        set
    }

    /// Brings it up to date. What did not change is not set again.
    pub fn update(&mut self, message: &Message, around: Circumstances, setting: &Setting) {
        let stamp = stamp(message, around);
        if self.stamp != stamp {
            self.stamp = stamp;
            let room = setting.room.saturating_sub(usize::from(self.indent)).max(1);
            self.fill(message, around, setting, room);
        }
    }

    /// How many rows it takes.
    pub fn height(&self) -> usize {
        let thinking = self.thinking.as_ref().map_or(0, Stream::height);
        self.head.len() + thinking + self.middle.len() + self.body.height() + self.foot.len()
    }

    /// A row, and the column it begins at.
    pub fn row(&self, at: usize) -> Option<(u16, &Row)> {
        let Some(mut at) = at.checked_sub(self.head.len()) else {
            return self.head.get(at).map(|row| (0, row));
        };
        let indented = |row| (self.indent, row);
        if let Some(thinking) = &self.thinking {
            match at.checked_sub(thinking.height()) {
                None => return thinking.row(at).map(indented),
                Some(rest) => at = rest,
            }
        }
        if let Some(row) = self.middle.get(at) {
            return Some(indented(row));
        }
        at -= self.middle.len();
        match at.checked_sub(self.body.height()) {
            None => self.body.row(at).map(indented),
            Some(at) => self.foot.get(at).map(indented),
        }
    }

    /// Where what was not heard begins, when so much was: the row and the column in it.
    pub fn unheard(&self, heard: &str) -> (usize, usize) {
        let first = self.body().start;
        let lines = self.body.rows().map(|row| {
            let texts = row.iter().map(|run| run.text.as_str());
            texts.collect::<String>()
        });
        let lines: Vec<String> = lines.collect();
        let mut left = heard::part(&lines.join("\n"), heard).len();
        for (at, line) in lines.iter().enumerate() {
            if left <= line.len() {
                return (first + at, width(line.get(..left).unwrap_or_default()));
            }
            left -= line.len() + 1;
        }
        (first + lines.len(), 0)
    }

    /// The rows of its text.
    pub fn body(&self) -> Range<usize> {
        let thinking = self.thinking.as_ref().map_or(0, Stream::height);
        let first = self.head.len() + thinking + self.middle.len();
        first..first + self.body.height()
    }

    /// How many rows of its text stay as they are, whatever more of it comes.
    pub fn finished(&self) -> usize {
        self.body.finished()
    }

    /// What stands in front of the first row.
    pub fn mark(&self) -> &Row {
        &self.mark
    }

    fn fill(&mut self, message: &Message, around: Circumstances, setting: &Setting, room: usize) {
        let complete = message.ending != Ending::Open;
        let pending = complete && message.stored == Stored::Pending;
        let text = if complete {
            message.text.trim_end()
        } else {
            &message.text
        };
        // As long as the words of a recording are not known it stands in their place.
        let recording = message
            .clip
            .map(|clip| recording(clip, text, around, setting));
        match &recording {
            Some(line) if text.is_empty() => self.body.feed(line, true),
            _ => self.body.feed(text, complete),
        }
        match message.role {
            Speaker::User => {
                // The dot goes when the store has the words.
                let mark = if pending { "›·" } else { "› " };
                self.mark = vec![Run::role(mark, Role::User)];
            }
            Speaker::Note => self.mark = vec![Run::role("· ", Role::Accent)],
            Speaker::Assistant => {
                self.head = vec![head(message, around, setting, pending)];
                self.thoughts(message, setting, room);
                if self.indent == 0 {
                    self.head.iter_mut().for_each(|row| shorten(row, room));
                }
            }
        }
        self.foot.clear();
        if let Some(line) = recording.filter(|_line| !message.text.is_empty()) {
            self.foot
                .push(vec![Run::role(&clip(&line, room), Role::Dim)]);
        }
        if let Ending::Cut(why) = &message.ending {
            let mut line = format!("— {}", fill(Word::Cut.text(setting.lang), &[why]));
            if let (true, Some(key)) = (around.last, &setting.again) {
                line.push_str(" · ");
                line.push_str(&fill(Word::AsksAgain.text(setting.lang), &[key]));
            }
            self.foot
                .extend(wrap(&[Run::role(&line, Role::Warning)], room));
        }
        if message.stored == Stored::No {
            let line = Word::NotStored.text(setting.lang);
            self.foot
                .extend(wrap(&[Run::role(line, Role::Warning)], room));
        }
    }

    /// The model's thinking, in full until the answer begins, and the tools it used.
    fn thoughts(&mut self, message: &Message, setting: &Setting, room: usize) {
        self.middle.clear();
        let complete = message.ending != Ending::Open;
        let reasoning = message.reasoning.trim_end();
        let answered = complete || !message.text.is_empty();
        if reasoning.is_empty() {
            self.thinking = None;
        } else if answered && !setting.show_reasoning {
            self.thinking = None;
            let lines = reasoning.lines().count().to_string();
            let mut line = fill(Word::Thought.text(setting.lang), &[&lines]);
            if let Some(key) = &setting.reveal {
                line.push_str(" · ");
                line.push_str(&fill(Word::ShowsIt.text(setting.lang), &[key]));
            }
            self.middle
                .push(vec![Run::role(&clip(&line, room), Role::Dim)]);
        } else {
            let kind = Kind::Plain(Ink::of(Role::Comment));
            let thinking = self.thinking.get_or_insert_with(|| Stream::new(kind, room));
            thinking.feed(&message.reasoning, answered);
            if !message.tools.is_empty() {
                self.middle.push(vec![]);
            }
        }
        for tool in &message.tools {
            if setting.show_details {
                self.middle.extend(tool_lines(tool, setting.lang, room));
            } else {
                self.middle.push(tool_line(tool, setting.lang, room));
            }
        }
        let before = self.thinking.is_some() || !self.middle.is_empty();
        if before && !message.text.trim().is_empty() {
            self.middle.push(vec![]);
        }
    }
}

/// That there is a recording, and what becomes of it while it stands for its words.
fn recording(recording: Clip, words: &str, around: Circumstances, setting: &Setting) -> String {
    let length = seconds(Duration::from_millis(recording.length_ms.into()));
    let mut line = format!("● {}", fill(Word::Recording.text(setting.lang), &[&length]));
    if !words.is_empty() {
        return line;
    }
    let doing = match around.heard {
        Heard::Now => Word::RecordingHeard,
        Heard::Waits => Word::RecordingWaits,
        Heard::Not => Word::RecordingKept,
    };
    line.push_str(" · ");
    line.push_str(doing.text(setting.lang));
    if let (Heard::Not, true, Some(key)) = (around.heard, around.last, &setting.again) {
        line.push_str(" · ");
        line.push_str(&fill(Word::AsksAgain.text(setting.lang), &[key]));
    }
    line
}

const fn stamp(message: &Message, around: Circumstances) -> (u32, Stored, bool, Circumstances) {
    let open = matches!(message.ending, Ending::Open);
    (message.revision, message.stored, open, around)
}

/// Who answers, and what is going on while there is nothing to read yet.
fn head(message: &Message, around: Circumstances, setting: &Setting, pending: bool) -> Row {
    let name = match &message.by {
        Some(by) if by.brain == "builtin" => setting.built_in.clone(),
        Some(by) => by.model.clone().unwrap_or_else(|| by.brain.clone()),
        None if message.ending == Ending::Open => setting.speaker.clone(),
        None => Word::Assistant.text(setting.lang).to_owned(),
    };
    let mut row = vec![Run::role(&clip(&name, setting.room), Role::Assistant)];
    let doing = match message.ending {
        Ending::Open if around.loading => Some(Word::LoadingModel),
        Ending::Open if message.text.is_empty() => Some(Word::Thinking),
        Ending::Open | Ending::Complete | Ending::Cut(_) => None,
    };
    if let Some(doing) = doing {
        let doing = format!(" · {}", doing.text(setting.lang));
        let room = setting.room.saturating_sub(width(&row[0].text));
        row.push(Run::role(&clip(&doing, room), Role::Dim));
    } else if pending {
        row.push(Run::role(" ·", Role::Dim));
    }
    row
}

fn shorten(row: &mut Row, room: usize) {
    let text: String = row.iter().map(|run| run.text.as_str()).collect();
    *row = vec![Run::role(&clip(&text, room), Role::Assistant)];
}

/// What a tool is called. The backend's own summary of the conversation is no tool of the brain.
pub(super) fn tool_name(tool: &ToolUse, lang: Lang) -> String {
    match (tool.name.as_str(), &tool.outcome) {
        (SUMMARY, Some(Err(_))) => {
            let count = Word::SummaryFailed.text(lang);
            fill(count, &[&tool.arguments])
        }
        (SUMMARY, _) => fill(Word::Summarised.text(lang), &[&tool.arguments]),
        (name, _) => name.to_owned(),
    }
}

/// Rows of a use of a tool that is shown in full.
const IN_FULL: usize = 100;

/// One use of a tool in full: what was asked of it, and below what came out.
fn tool_lines(tool: &ToolUse, lang: Lang, room: usize) -> Vec<Row> {
    let mut call = format!("⚙ {}", tool_name(tool, lang));
    if !matches!(tool.arguments.as_str(), "" | "{}") && tool.name != SUMMARY {
        call.push(' ');
        call.push_str(&tool.arguments);
    }
    let mut rows = wrap(&[Run::role(&call, Role::Dim)], room);
    let (outcome, role) = match &tool.outcome {
        None => ("…", Role::Dim),
        Some(Ok(outcome)) => (outcome.trim_end(), Role::Dim),
        Some(Err(why)) => (why.trim_end(), Role::Warning),
    };
    let inner = room.saturating_sub(2).max(1);
    for line in outcome.lines() {
        for mut row in wrap(&[Run::role(line, role)], inner) {
            row.insert(0, Run::role("│ ", Role::Dim));
            rows.push(row);
        }
        if rows.len() > IN_FULL {
            rows.truncate(IN_FULL);
            rows.push(vec![Run::role("│ …", Role::Dim)]);
            break;
        }
    }
    rows
}

/// One use of a tool, folded: what was asked of it and what came out.
fn tool_line(tool: &ToolUse, lang: Lang, room: usize) -> Row {
    let flat = |text: &str| {
        let mut flat = String::new();
        for word in text.split_whitespace() {
            // The row shows a few words; the rest of a long outcome is not even looked at.
            if flat.len() > 4 * room {
                break;
            }
            if !flat.is_empty() {
                flat.push(' ');
            }
            flat.extend(word.chars().take(4 * room));
        }
        Run::new(&flat, Ink::default()).text
    };
    let mut call = format!("⚙ {}", flat(&tool_name(tool, lang)));
    let arguments = if tool.name == SUMMARY {
        String::new()
    } else {
        flat(&tool.arguments)
    };
    if !matches!(arguments.as_str(), "" | "{}") {
        call.push(' ');
        call.push_str(&arguments);
    }
    let (outcome, role) = match &tool.outcome {
        None => (" …".to_owned(), Role::Dim),
        // Some backends tell of a tool no more than its name.
        Some(Ok(outcome)) if outcome.is_empty() => (String::new(), Role::Dim),
        Some(Ok(outcome)) => (format!(" → {}", flat(outcome)), Role::Dim),
        Some(Err(why)) => (format!(" ✗ {}", flat(why)), Role::Warning),
    };
    // Both halves are told, the outcome first when room is short.
    let call_room = room.saturating_sub(width(&outcome)).max(room * 2 / 3);
    let call = clip(&call, call_room.min(room));
    let outcome = clip(&outcome, room.saturating_sub(width(&call)));
    vec![Run::role(&call, Role::Dim), Run::role(&outcome, role)]
}
