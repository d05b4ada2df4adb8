//! Tells the model as lines, one for each thing that happens: for screen readers, for terminals
//! that cannot move a cursor, for files.
//!
//! [`Telling`] remembers what was told and answers with the news. Nothing is told twice, nothing
//! that was told changes, and nothing but text is in it. What a line that is written means is
//! `core::update`'s.

mod layers;
mod prose;

use super::text::Run;
use super::theme::Role;
use super::words::{badge, say, seconds};
use crate::core::call::Floor;
use crate::core::fault::Fault;
use crate::core::ids::{ConversationId, MessageId};
use crate::core::line::{Cause, Line};
use crate::core::mode::Mode;
use crate::core::model::{Layer, Model, Toast, Tone};
use crate::core::transcript::{Ending, Message, Role as Speaker, Transcript};
use crate::core::words::{Word, fill};
use layers::Shown;
pub use layers::is_awaited;
use prose::Prose;
use std::collections::HashSet;
use std::time::Duration;

/// So many messages of a conversation that is opened are told.
const LAST: usize = 6;
/// Characters of what a tool was asked and answered.
const TOOL: usize = 200;

/// What was told so far.
#[derive(Debug, Default)]
pub struct Telling {
    /// What there is to say before anything else.
    welcome: Vec<Word>,
    mode: Mode,
    connection: Option<String>,
    microphone: Option<String>,
    floor: Option<Floor>,
    late: bool,
    unsent: usize,
    draft: String,
    toasts: Vec<Toast>,
    fault: Option<Fault>,
    shown: Shown,
    conversation: Option<ConversationId>,
    loading: bool,
    /// The messages of the conversation that were told to their end.
    done: HashSet<MessageId>,
    /// Those that go on.
    open: Vec<(MessageId, Progress)>,
    /// Whose words the last line held.
    speaker: Option<MessageId>,
    /// What the user wrote last: it stands there already.
    written: Option<String>,
}

/// How far a message was told.
#[derive(Clone, Debug, Default)]
struct Progress {
    thoughts: Prose,
    text: Prose,
    /// That there is a recording.
    recording: bool,
    /// Uses of tools: begun, over.
    tools: (usize, usize),
}

impl Telling {
    /// Nothing yet. `dumb`: the terminal leaves no choice, which is told.
    pub fn new(dumb: bool) -> Self {
        Self {
            welcome: if dumb {
                vec![Word::PlainDumb, Word::PlainWelcome]
            } else {
                vec![Word::PlainWelcome]
            },
            ..Self::default()
        }
    }

    /// The user wrote this, and sees it.
    pub fn written(&mut self, text: &str) {
        self.written = Some(text.trim().to_owned());
        self.speaker = None;
    }

    /// What is to be told since the last time, each a line without its end.
    pub fn news(&mut self, model: &Model) -> Vec<String> {
        let welcome = std::mem::take(&mut self.welcome);
        let welcome = welcome.into_iter().map(|word| say(model, word).to_owned());
        let mut lines: Vec<String> = welcome.collect();
        self.connection(model, &mut lines);
        self.conversation(model, &mut lines);
        self.state(model, &mut lines);
        self.sound(model, &mut lines);
        let before = lines.len();
        self.notices(model, &mut lines);
        self.waiting(model, &mut lines);
        if let Some(shown) = self.shown.news(model) {
            lines.extend(shown);
        }
        if lines.len() > before {
            self.speaker = None;
        }
        for line in &mut lines {
            // One line for one thing, wherever its words come from.
            let harmless = Run::role(line, Role::Text).text;
            harmless.replace('\n', " ").trim_end().clone_into(line);
        }
        lines
    }

    fn connection(&mut self, model: &Model, lines: &mut Vec<String>) {
        let tell = |word: Word, arguments: &[&str]| Some(fill(say(model, word), arguments));
        let told = match &model.line {
            Line::Closed => tell(Word::LineClosed, &[]),
            Line::Dialing { .. } => return,
            Line::Up(health) if health.unverified => tell(Word::LineUp, &[])
                .map(|up| format!("{up}, {}", say(model, Word::LineUnverified))),
            Line::Up(_) => tell(Word::LineUp, &[]),
            Line::Waiting {
                until,
                cause,
                attempt,
            } => {
                let left = until
                    .since(model.now.mono)
                    .as_millis()
                    .div_ceil(1000)
                    .to_string();
                let (cause, attempt) = (cause.tell(model.lang), attempt.to_string());
                let known = fill(say(model, Word::LineWaiting), &[&cause, "", &attempt]);
                // The seconds that are left are told once, not each.
                if self.connection.as_ref() == Some(&known) {
                    return;
                }
                let told = fill(say(model, Word::LineWaiting), &[&cause, &left, &attempt]);
                lines.push(fill(say(model, Word::PlainConnection), &[&told]));
                self.connection = Some(known);
                return;
            }
            Line::Resting { .. } => tell(Word::LineResting, &[]),
            // This cause says itself that it is a refusal.
            Line::Refused { cause } if matches!(cause, Cause::Denied { .. }) => {
                Some(cause.tell(model.lang))
            }
            Line::Refused { cause } => tell(Word::LineRefused, &[&cause.tell(model.lang)]),
            Line::GivenUp { cause, .. } => tell(Word::LineGivenUp, &[&cause.tell(model.lang)]),
        };
        if self.connection == told {
            return;
        }
        // Before the first attempt nothing is wrong yet.
        let news = self.connection.is_some() || !matches!(model.line, Line::Closed);
        if let Some(told) = told.as_deref().filter(|_told| news) {
            lines.push(fill(say(model, Word::PlainConnection), &[told]));
        }
        if news {
            self.connection = told;
        }
    }

    fn state(&mut self, model: &Model, lines: &mut Vec<String>) {
        let mode = model.modes.current();
        let late = model.turn.as_ref().is_some_and(|turn| turn.late);
        if late && !self.late {
            lines.push(fill(
                say(model, Word::PlainState),
                &[say(model, Word::Late)],
            ));
        }
        self.late = late;
        if mode != self.mode {
            lines.push(fill(
                say(model, Word::PlainState),
                &[say(model, mode.word())],
            ));
            self.mode = mode;
            self.speaker = None;
        }
    }

    /// The microphone, and whose turn it is in a call.
    fn sound(&mut self, model: &Model, lines: &mut Vec<String>) {
        let recording = model.voice.recording.as_ref();
        let device = match &model.call {
            Some(call) => call.device.clone().filter(|_| call.listens()),
            None => recording
                .filter(|recording| recording.ended.is_none())
                .and_then(|recording| recording.hearing.as_ref())
                .map(|(_, device)| device.clone())
                .or_else(|| model.voice.listening.clone()),
        };
        if device != self.microphone {
            let word = match (&device, &model.call) {
                (Some(_), _) => Word::MicrophoneOpen,
                (None, Some(call)) if !call.listens() => Word::MicrophoneMuted,
                (None, _) => Word::MicrophoneOff,
            };
            lines.push(match (&device, recording.is_some()) {
                (Some(_), true) => say(model, Word::PlainRecording).to_owned(),
                (Some(device), false) => {
                    fill(say(model, Word::PlainSays), &[say(model, word), device])
                }
                (None, _) => say(model, word).to_owned(),
            });
            self.microphone = device;
        }
        let floor = model.floor();
        if floor == self.floor {
            return;
        }
        self.floor = floor;
        let word = match floor {
            Some(Floor::Open) => Word::FloorOpen,
            Some(Floor::Thinking) => Word::FloorThinking,
            Some(Floor::Assistant) => Word::FloorAssistant,
            Some(Floor::Held) => Word::FloorHeld,
            // The microphone tells the one, what was said the other.
            Some(Floor::Opening | Floor::Muted | Floor::You) | None => return,
        };
        lines.push(fill(say(model, Word::PlainCallIs), &[say(model, word)]));
    }

    fn notices(&mut self, model: &Model, lines: &mut Vec<String>) {
        for toast in model
            .toasts
            .iter()
            .filter(|toast| !self.toasts.contains(toast))
        {
            let word = match toast.tone {
                Tone::Good | Tone::Plain => Word::PlainNote,
                Tone::Warning => Word::PlainWarning,
            };
            lines.push(fill(say(model, word), &[&toast.text]));
        }
        self.toasts.clone_from(&model.toasts);
        let fault = model.layers.iter().rev().find_map(|layer| match layer {
            Layer::Card(fault) => Some(fault),
            Layer::Picker(_)
            | Layer::Browser(_)
            | Layer::Finder(_)
            | Layer::Page(_)
            | Layer::Form(_)
            | Layer::Question(_) => None,
        });
        if fault != self.fault.as_ref() {
            self.fault = fault.cloned();
            lines.extend(
                fault
                    .into_iter()
                    .flat_map(|fault| layers::fault(model, fault)),
            );
        }
    }

    /// What was written or said and is not on its way.
    fn waiting(&mut self, model: &Model, lines: &mut Vec<String>) {
        let unsent = match model.line {
            Line::Up(_) => 0,
            // It may be on its way in a moment.
            Line::Closed | Line::Dialing { .. } => self.unsent,
            Line::Waiting { .. }
            | Line::Resting { .. }
            | Line::Refused { .. }
            | Line::GivenUp { .. } => model.waiting.len(),
        };
        if unsent > self.unsent {
            let unsent = fill(say(model, Word::Unsent), &[&unsent.to_string()]);
            lines.push(fill(say(model, Word::PlainNote), &[&unsent]));
        }
        self.unsent = unsent;
        let draft = model.composer.text();
        if draft != self.draft {
            draft.clone_into(&mut self.draft);
            if !draft.trim().is_empty() {
                lines.push(fill(say(model, Word::PlainDraft), &[draft]));
                let hint = say(model, Word::PlainDraftHint);
                lines.push(fill(say(model, Word::PlainHint), &[hint]));
            }
        }
    }

    fn conversation(&mut self, model: &Model, lines: &mut Vec<String>) {
        let conversation = &model.conversation;
        if self.conversation != Some(conversation.id) {
            let first = self.conversation.replace(conversation.id).is_none();
            self.done.clear();
            self.open.clear();
            self.loading = conversation.loading;
            if !first && !conversation.loading {
                let title = say(model, Word::NewTitle);
                lines.push(fill(say(model, Word::PlainConversation), &[title]));
            }
        }
        if self.loading {
            if conversation.loading {
                return;
            }
            self.loading = false;
            self.opened(model, &conversation.transcript, lines);
        }
        for message in conversation.transcript.messages() {
            if !self.done.contains(&message.id) {
                self.message(model, message, lines);
            }
        }
    }

    /// A conversation of the store is there: its title, and how it ended.
    fn opened(&mut self, model: &Model, transcript: &Transcript, lines: &mut Vec<String>) {
        let title = match model.conversation.title.as_str() {
            "" => say(model, Word::NewTitle),
            title => title,
        };
        lines.push(fill(say(model, Word::PlainConversation), &[title]));
        let earlier = transcript.count().saturating_sub(LAST);
        if earlier > 0 {
            let count = earlier.to_string();
            lines.push(fill(say(model, Word::PlainEarlier), &[&count]));
        }
        let passed = transcript.messages().len().saturating_sub(LAST);
        let passed = transcript.messages().iter().take(passed);
        self.done.extend(passed.map(|message| message.id));
    }

    fn message(&mut self, model: &Model, message: &Message, lines: &mut Vec<String>) {
        let at = self.open.iter().position(|(id, _)| *id == message.id);
        let mut progress = at.map(|at| self.open.swap_remove(at).1).unwrap_or_default();
        let over = match message.role {
            Speaker::User => self.question(model, message, &mut progress, lines),
            Speaker::Note => {
                let text = message.text.trim();
                lines.push(fill(say(model, Word::PlainNote), &[text]));
                true
            }
            Speaker::Assistant => self.answer(model, message, &mut progress, lines),
        };
        if over {
            self.done.insert(message.id);
        } else {
            self.open.push((message.id, progress));
        }
    }

    /// What the user said. Answers whether it is told to its end.
    fn question(
        &mut self,
        model: &Model,
        message: &Message,
        progress: &mut Progress,
        lines: &mut Vec<String>,
    ) -> bool {
        let turn = model.turn.as_ref();
        let guessed = turn.is_some_and(|turn| turn.question == message.id && turn.hearing);
        let text = message.text.trim();
        if let Some(clip) = message.clip.filter(|_| text.is_empty() || guessed) {
            if !std::mem::replace(&mut progress.recording, true) {
                let length = seconds(Duration::from_millis(clip.length_ms.into()));
                let recording = fill(say(model, Word::Recording), &[&length]);
                lines.push(fill(
                    say(model, Word::PlainSays),
                    &[say(model, Word::RoleUser), &recording],
                ));
                self.speaker = None;
            }
            return false;
        }
        if progress.recording || message.clip.is_some() || model.call.is_some() {
            lines.push(fill(say(model, Word::PlainHeard), &[text]));
        } else if self.written.as_deref() == Some(text) {
            // It stands where it was written.
            self.written = None;
            return true;
        } else {
            lines.push(fill(
                say(model, Word::PlainSays),
                &[say(model, Word::RoleUser), text],
            ));
        }
        self.speaker = None;
        true
    }

    /// What was answered. Answers whether it is told to its end.
    fn answer(
        &mut self,
        model: &Model,
        message: &Message,
        progress: &mut Progress,
        lines: &mut Vec<String>,
    ) -> bool {
        let complete = message.ending != Ending::Open;
        if model.show_reasoning {
            let answered = complete || !message.text.is_empty();
            let thoughts = message.reasoning.trim_end();
            for line in progress.thoughts.more(thoughts, answered, model.lang) {
                lines.push(fill(say(model, Word::PlainThinks), &[&line]));
                self.speaker = None;
            }
        }
        self.tools(model, message, progress, lines);
        let text = if complete {
            message.text.trim_end()
        } else {
            &message.text
        };
        let name = message.by.as_ref().map_or_else(
            || say(model, Word::Assistant).to_owned(),
            |by| badge(model, by),
        );
        for line in progress.text.more(text, complete, model.lang) {
            if self.speaker.replace(message.id) == Some(message.id) {
                lines.push(line);
            } else {
                lines.push(fill(say(model, Word::PlainSays), &[&name, &line]));
            }
        }
        if let Ending::Cut(why) = &message.ending {
            lines.push(fill(say(model, Word::Cut), &[why]));
            self.speaker = None;
        }
        complete
    }

    fn tools(
        &mut self,
        model: &Model,
        message: &Message,
        progress: &mut Progress,
        lines: &mut Vec<String>,
    ) {
        let short = |text: &str| -> String {
            let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
            flat.chars().take(TOOL).collect()
        };
        let before = lines.len();
        for (at, tool) in message.tools.iter().enumerate() {
            let name = super::message::tool_name(tool, model.lang);
            if at >= progress.tools.0 {
                progress.tools.0 = at + 1;
                lines.push(fill(say(model, Word::PlainTool), &[&name]));
            }
            let Some(outcome) = tool.outcome.as_ref().filter(|_| at == progress.tools.1) else {
                continue;
            };
            progress.tools.1 = at + 1;
            let (word, outcome) = match outcome {
                Ok(outcome) => (Word::PlainToolDone, outcome),
                Err(why) => (Word::PlainToolFailed, why),
            };
            if !outcome.trim().is_empty() {
                lines.push(fill(say(model, word), &[&name, &short(outcome)]));
            }
        }
        if lines.len() > before {
            self.speaker = None;
        }
    }
}
