//! Everything the program knows. `update` changes it, `view` draws it, nobody else touches it.

use super::action::Action;
use super::backend::{Activation, Brains, Errand, ToolCall, ToolServer};
use super::browser::Browser;
use super::budget::{self, Budget};
use super::bundle::Parts;
use super::call::{Call, Floor};
use super::checkup::Checkup;
use super::compare::Comparison;
use super::composer::Composer;
use super::connect::{Connecting, Trial};
use super::events::Queue;
use super::fault::{Fault, Faults};
use super::finder::Finder;
use super::form::Form;
use super::ids::{ConversationId, Epoch, MessageId, Seed, TurnId};
use super::import::{Progress, Report};
use super::inspect::Inspector;
use super::keys::Keymap;
use super::line::Line;
use super::log::LogPage;
use super::look::Look;
use super::mode::Modes;
use super::mood::Mood;
use super::past::Past;
use super::picker::Picker;
use super::record::{TurnTimes, Waiting};
use super::settings::Settings;
use super::shelf::Shelf;
use super::story::Stories;
use super::time::{Moment, Now};
use super::transcript::Transcript;
use super::trips::Bars;
use super::turn::Turn;
use super::voice::{Voice, Wishes};
use super::words::{Lang, Word};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// The state of the whole program.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and all combinations happen"
)]
pub struct Model {
    /// The time of the message handled last.
    pub now: Now,
    pub lang: Lang,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// Whether the terminal has the user's attention; unknown terminals count as focused.
    pub focused: bool,
    pub modes: Modes,
    pub line: Line,
    /// What became of it so far.
    pub past: Past,
    pub epoch: Epoch,
    /// What the configuration calls the backend: `embedded`, a name or a URL.
    pub backend: String,
    pub brains: Option<Brains>,
    pub choice: Choice,
    /// The tools the backend has, as far as it told.
    pub tools: Vec<ToolServer>,
    /// What the user is to be asked about the tools of which turn, the open question first.
    pub errands: VecDeque<(TurnId, Errand)>,
    /// Whether a backend elsewhere may use the clipboard.
    pub consent: Consent,
    /// Personas the backend offers: id and name.
    pub personas: Vec<(String, String)>,
    pub conversation: Conversation,
    pub turn: Option<Turn>,
    pub voice: Voice,
    /// Models for hearing and speaking on this machine.
    pub shelf: Shelf,
    /// How the parts of the program are doing, as far as somebody has looked.
    pub checkup: Checkup,
    /// The empty chat says what works here.
    pub welcome: bool,
    pub settings: Settings,
    /// The way to another backend, as far as the user has come.
    pub connecting: Connecting,
    /// Conversations are being brought in.
    pub importing: Option<Progress>,
    /// When the turns of this run reached their stages: the last of them, the newest last.
    pub times: VecDeque<TurnTimes>,
    /// The call that goes on.
    pub call: Option<Call>,
    /// What the terminal is called, for what is learned of it; empty where nothing is kept.
    pub terminal: String,
    pub composer: Composer,
    /// Letters are commands and write nothing, as in vi.
    pub normal: bool,
    pub scroll: Scroll,
    /// What lies over the chat, the topmost last.
    pub layers: Vec<Layer>,
    pub toasts: Vec<Toast>,
    pub faults: Faults,
    pub keymap: Keymap,
    pub seed: Seed,
    pub show_reasoning: bool,
    /// How the backend feels about what it said last.
    pub mood: Option<Mood>,
    /// What the backend wants to say by itself, as soon as nothing else goes on: its turn, and
    /// what it heard.
    pub opened: Option<(TurnId, Option<String>)>,
    /// What tools were asked and answered is shown in full.
    pub show_details: bool,
    /// Set while the store refuses to write, so that the user is told once and the screen says it.
    pub store_down: bool,
    /// Events raised by the message at hand; empty between messages.
    pub queue: Queue,
    /// What the user said and the backend has not been told yet: the line is down, or another
    /// answer is still coming. In order.
    pub waiting: VecDeque<Waiting>,
    pub budgets: Budgets,
    /// In which life of the line the backend heard what was said before, and in which
    /// conversation.
    pub briefed: Option<(Epoch, ConversationId)>,
    pub sharing: Sharing,
    /// What this terminal can draw graphs with.
    pub bars: Bars,
    /// What was chosen in the palette, the last first.
    pub recent: Vec<Action>,
    /// Ring the bell when a timer is due.
    pub bell: bool,
    /// Tell who looks elsewhere what happened.
    pub notify: bool,
    pub look: Look,
    /// Until when a second press quits.
    pub quit_armed: Option<Moment>,
    /// A letter that was a command, and when: it is typed after all if a word goes on with it.
    pub lone_key: Option<(char, Moment)>,
    /// Rows of the chat at the last drawing.
    pub page: u16,
    /// Lines of text below the screen at the last drawing.
    pub unseen: u32,
    /// When the composer's text is to be kept.
    pub draft_due: Option<Moment>,
    /// When the growing reply is to be kept next.
    pub checkpoint_due: Option<Moment>,
    /// A log is being read, for a page.
    pub reading: bool,
    /// What happened in the last turns.
    pub stories: Stories,
    /// The backend tells what it sent to its brain.
    pub tells_prompts: bool,
    /// What is ticked for a report of a fault.
    pub bundle: Parts,
}

/// How long the phases of a turn may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budgets {
    pub sse: Budget,
    pub tts: Budget,
    pub stt: Budget,
}

/// What must be known before the first message.
#[derive(Clone, Debug, PartialEq)]
pub struct Setup {
    pub lang: Lang,
    pub size: (u16, u16),
    pub backend: String,
    pub choice: Choice,
    /// Personas the backend is known to offer before it says so: id and name.
    pub personas: Vec<(String, String)>,
    pub keymap: Keymap,
    pub seed: u64,
    pub budgets: Budgets,
    pub show_reasoning: bool,
    pub bars: Bars,
    pub bell: bool,
    pub notify: bool,
    pub voice: Wishes,
    pub terminal: String,
    pub look: Look,
}

impl Default for Setup {
    /// What nobody has set.
    fn default() -> Self {
        Self {
            lang: Lang::En,
            size: (80, 24),
            backend: "embedded".to_owned(),
            choice: Choice::default(),
            personas: vec![],
            keymap: Keymap::modern(),
            seed: 1,
            budgets: Budgets {
                sse: budget::SSE,
                tts: budget::TTS,
                stt: budget::STT,
            },
            show_reasoning: true,
            bars: Bars::default(),
            bell: true,
            notify: true,
            voice: Wishes::default(),
            terminal: String::new(),
            look: Look::default(),
        }
    }
}

impl Model {
    /// The state before anything has happened.
    pub fn new(setup: Setup) -> Self {
        let mut seed = Seed::new(setup.seed);
        Self {
            now: Now::default(),
            lang: setup.lang,
            size: setup.size,
            focused: true,
            modes: Modes::default(),
            line: Line::Closed,
            past: Past::default(),
            epoch: Epoch::default(),
            backend: setup.backend,
            brains: None,
            tools: vec![],
            errands: VecDeque::new(),
            consent: Consent::Ask,
            choice: setup.choice,
            personas: setup.personas,
            conversation: Conversation::new(seed.conversation()),
            turn: None,
            voice: Voice::new(setup.voice),
            shelf: Shelf::default(),
            checkup: Checkup::default(),
            welcome: false,
            settings: Settings::default(),
            connecting: Connecting::default(),
            importing: None,
            times: VecDeque::new(),
            call: None,
            terminal: setup.terminal,
            composer: Composer::default(),
            normal: false,
            scroll: Scroll::default(),
            layers: vec![],
            toasts: vec![],
            faults: Faults::default(),
            keymap: setup.keymap,
            seed,
            show_reasoning: setup.show_reasoning,
            mood: None,
            opened: None,
            show_details: false,
            store_down: false,
            queue: Queue::default(),
            waiting: VecDeque::new(),
            briefed: None,
            sharing: Sharing::default(),
            budgets: setup.budgets,
            bars: setup.bars,
            recent: vec![],
            bell: setup.bell,
            notify: setup.notify,
            look: setup.look,
            quit_armed: None,
            lone_key: None,
            page: 0,
            unseen: 0,
            draft_due: None,
            checkpoint_due: None,
            reading: false,
            stories: Stories::default(),
            tells_prompts: false,
            bundle: Parts::default(),
        }
    }
}

/// The times of so many turns are remembered.
const TIMES: usize = 100;

impl Model {
    /// Remembers the times of a turn, or what else became of one.
    pub fn timed(&mut self, times: TurnTimes) {
        let known = self.times.iter_mut().rev();
        if let Some(known) = known.into_iter().find(|known| known.turn == times.turn) {
            *known = times;
            return;
        }
        if self.times.len() == TIMES {
            self.times.pop_front();
        }
        self.times.push_back(times);
    }

    /// Whose turn it is to speak in the call that goes on.
    pub fn floor(&self) -> Option<Floor> {
        let call = self.call.as_ref()?;
        let speaking = self.voice.speaking.as_ref();
        let sounds = speaking.is_some_and(|speaking| speaking.sounding.is_some());
        Some(call.floor(self.turn.is_some() || speaking.is_some(), sounds))
    }

    /// How far the page on top is to be scrolled, if one is.
    pub fn scrolled(&self) -> Option<u32> {
        match self.layers.last() {
            Some(Layer::Page(page)) => Some(page.scroll),
            _ => None,
        }
    }
}

/// What the user chose for the turns to come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    pub brain: Option<String>,
    pub model: Option<String>,
    pub persona: Option<String>,
    pub tools: bool,
}

/// The open conversation.
#[derive(Clone, Debug, PartialEq)]
pub struct Conversation {
    pub id: ConversationId,
    /// Empty until the first message gives it one.
    pub title: String,
    pub transcript: Transcript,
    /// So many messages, the first ones, no brain is told of any more.
    pub forgotten: usize,
    /// Older messages are on their way from the store.
    pub loading: bool,
    /// The message to be shown once they are there.
    pub sought: Option<MessageId>,
    /// The conversations that begin like this one, itself among them, the oldest first; empty
    /// until they are known.
    pub versions: Vec<ConversationId>,
    /// The question that stands in the composer to be asked otherwise.
    pub editing: Option<MessageId>,
}

impl Conversation {
    /// A conversation in which nothing was said yet.
    pub fn new(id: ConversationId) -> Self {
        Self {
            id,
            title: String::new(),
            transcript: Transcript::default(),
            forgotten: 0,
            loading: false,
            sought: None,
            versions: vec![],
            editing: None,
        }
    }
}

/// What others say in the open conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sharing {
    /// The backend tells.
    pub can: bool,
    /// In which life of the line, and about which conversation, we asked to be told.
    pub joined: Option<(Epoch, ConversationId)>,
    /// Turns of others whose answers may go on.
    pub open: Vec<TurnId>,
}

/// Which part of the transcript is on screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scroll {
    /// The line at the top of the screen; `None` follows the end.
    pub anchor: Option<Anchor>,
    /// Lines still to move from there, negative for up. The view knows how long lines are and
    /// answers with the anchor that results.
    pub wish: i32,
}

/// A line of the transcript.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    pub message: MessageId,
    /// Counted from the message's first line.
    pub line: u32,
}

/// What drawing found out, told back to the model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Drawn {
    /// Where the wish led.
    pub anchor: Option<Anchor>,
    /// How many lines of text lie below the screen.
    pub unseen: u32,
    /// The first loaded message is nearly on screen: time to fetch what is above.
    pub near_top: bool,
    /// Rows of the chat, for paging.
    pub page: u16,
    /// How far the page on top is scrolled: no further than its text goes.
    pub scrolled: Option<u32>,
}

/// What lies over the chat. Every one of them closes with Esc.
#[derive(Clone, Debug, PartialEq)]
pub enum Layer {
    Picker(Picker),
    /// The earlier conversations.
    Browser(Box<Browser>),
    /// A search in the open conversation. The chat stays in sight.
    Finder(Box<Finder>),
    Page(Page),
    Question(Question),
    /// Asks for a line of text.
    Form(Form),
    /// Explains a fault: what, why, what to do.
    Card(Fault),
}

/// A page to read.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    pub kind: PageKind,
    /// Lines scrolled from the top. In a log one is elsewhere: see there.
    pub scroll: u32,
}

/// What a page shows.
#[derive(Clone, Debug, PartialEq)]
pub enum PageKind {
    Help,
    Log(Box<LogPage>),
    /// Where the time of the last turns went.
    Times,
    /// The backend's own figures.
    Status(Vec<(String, String)>),
    /// A code that has to be entered elsewhere before the line can come up.
    Code(Activation),
    /// The tools there are.
    Tools(Vec<ToolServer>),
    /// How every part is doing.
    Doctor,
    /// What works here, in short.
    Welcome,
    /// What came of an import.
    Imported(Report),
    /// Two versions of the conversation.
    Compare(Box<Comparison>),
    /// One turn on one timeline.
    Inspect(Box<Inspector>),
}

/// A decision the user must take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    pub text: String,
    /// Exactly what it is about.
    pub detail: Option<String>,
    /// Keys count as an answer from here on; before, whoever typed has not read it.
    pub ready: Moment,
    pub yes: Answer,
}

/// What the user has said about the clipboard to a backend elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// Nothing, or no.
    Ask,
    /// It may be written, or read, once for this answer.
    Once {
        of: TurnId,
        writes: bool,
    },
    Conversation(ConversationId),
}

/// What happens on yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Fetch this model.
    PullModel(String),
    /// The backend, which waits for either answer, puts this on the clipboard.
    Copy { call: ToolCall, text: String },
    /// The first of the errands is about it; no is told as well.
    Permit,
    /// It is about the clipboard, which a backend elsewhere wants.
    Clipboard,
    /// Use what was tried, whose trial stands so.
    Connect(Trial),
}

impl Answer {
    /// The keys that answer, each with what it means.
    pub const fn choices(&self) -> &'static [(char, Word)] {
        match self {
            Self::PullModel(_) | Self::Copy { .. } => &[('y', Word::Yes), ('n', Word::No)],
            Self::Permit => &[
                ('y', Word::PermitOnce),
                ('c', Word::PermitConversation),
                ('a', Word::PermitFrom),
                ('n', Word::No),
                ('v', Word::PermitNone),
            ],
            Self::Clipboard => &[
                ('y', Word::PermitOnce),
                ('c', Word::PermitConversation),
                ('n', Word::No),
            ],
            Self::Connect(Trial::Running) => &[('n', Word::ConnectStop)],
            Self::Connect(Trial::Good) => &[
                ('y', Word::ConnectUse),
                ('r', Word::ConnectAgain),
                ('e', Word::ConnectChange),
                ('n', Word::No),
            ],
            Self::Connect(Trial::Bad) => &[
                ('e', Word::ConnectChange),
                ('r', Word::ConnectAgain),
                ('u', Word::ConnectAnyway),
                ('n', Word::No),
            ],
        }
    }
}

/// A short notice that goes away by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast {
    pub text: String,
    pub tone: Tone,
    pub until: Moment,
}

/// How a notice is meant. Never told by colour alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Good,
    Plain,
    Warning,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::time::Wall;

    #[test]
    fn the_times_of_the_last_turns_are_remembered_each_once() {
        let times = |turn: u128, outcome: &str| TurnTimes {
            turn: Some(TurnId(turn)),
            stages: vec![],
            outcome: outcome.to_owned(),
            at: Wall(0),
            ..TurnTimes::default()
        };
        let mut model = Model::new(Setup::default());
        for turn in 0..120 {
            model.timed(times(turn, "done"));
        }
        model.timed(times(118, "cut"));
        let known: Vec<_> = model.times.iter().collect();
        assert_eq!(known.len(), TIMES);
        assert_eq!(known.first(), Some(&&times(20, "done")));
        let last = [times(118, "cut"), times(119, "done")];
        assert_eq!(known[98..], [&last[0], &last[1]]);
    }
}
