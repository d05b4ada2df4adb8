//! Plays a script: does what each step says, and lets the program run until what the step waits
//! for is there.

mod talk;

use super::report::{Report, fault, told};
use super::step::{Step, Verb};
use crate::core::action::{Action, Plain};
use crate::core::backend::Down;
use crate::core::effect::Effect;
use crate::core::ids::TurnId;
use crate::core::line::{Line, LinkEvent};
use crate::core::mode::Mode;
use crate::core::model::Model;
use crate::core::msg::Msg;
use crate::core::record::{Keep, Kept};
use crate::core::sound::SoundEvent;
use crate::core::time::Moment;
use crate::core::transcript::{Message, Role};
use crate::core::turn::Stage;
use crate::core::update::deadline;
use crate::core::voice::Voice;
use crate::core::words::{Word, fill};
use crate::shell::program::Program;
use crate::shell::run::Signal;
use std::io;
use std::time::Duration;
use tokio::sync::mpsc;

/// How long a line may take to come up.
const CONNECTING: Duration = Duration::from_secs(30);
/// So many characters of an answer are shown.
const SHOWN: usize = 200;

/// A program that is led by a script instead of a person.
pub(super) struct Player {
    pub(super) program: Program,
    pub(super) signals: mpsc::Receiver<Signal>,
    pub(super) report: Report,
    /// No recording is longer.
    pub(super) longest: Duration,
    /// How much of whose speech was heard since something was asked for.
    heard: Option<(TurnId, u64)>,
    /// The backend has said what it can do.
    greeted: bool,
    /// The store has said what is still to be sent of an earlier run.
    recalled: bool,
    /// The program ends, for this one wants it to.
    over: Option<Wish>,
}

/// Who wants the program to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Script,
    System,
}

/// Why a step ends before it held.
pub(super) enum End {
    /// What was there instead.
    Unmet(String),
    /// The program ends, for somebody asked for it.
    Left,
    /// Nobody reads the report any more.
    Broken(io::Error),
}

impl From<io::Error> for End {
    fn from(error: io::Error) -> Self {
        Self::Broken(error)
    }
}

impl Player {
    pub(super) const fn new(
        program: Program,
        signals: mpsc::Receiver<Signal>,
        report: Report,
        longest: Duration,
    ) -> Self {
        Self {
            program,
            signals,
            report,
            longest,
            heard: None,
            greeted: false,
            recalled: false,
            over: None,
        }
    }

    /// Whether the system asked the program to end.
    pub(super) fn is_stopped(&self) -> bool {
        self.over == Some(Wish::System)
    }

    pub(super) fn now(&self) -> Moment {
        self.program.clock.now().mono
    }

    /// Begins, and waits for the line.
    pub(super) async fn connect(&mut self) -> Result<(), End> {
        let lang = self.model().lang;
        self.take(Msg::Start { resume: None })?;
        let up = self
            .until(self.now() + CONNECTING, |player| {
                match &player.model().line {
                    Line::Up(_) => player.is_ready().then_some(Ok(())),
                    Line::Refused { cause } | Line::GivenUp { cause, .. } => {
                        Some(Err(cause.tell(lang)))
                    }
                    Line::Closed
                    | Line::Dialing { .. }
                    | Line::Waiting { .. }
                    | Line::Resting { .. } => None,
                }
            })
            .await?;
        let late = || match &self.model().line {
            Line::Waiting { cause, .. } | Line::Resting { cause } => cause.tell(lang),
            _ => self.say(Word::ScriptConnecting, &[&CONNECTING.as_secs().to_string()]),
        };
        up.unwrap_or_else(|| Err(late())).map_err(End::Unmet)
    }

    /// Leaves as a person does.
    pub(super) fn leave(&mut self) -> io::Result<()> {
        if self.over.is_some() {
            return Ok(());
        }
        self.take(Msg::Terminate)
    }

    pub(super) async fn step(&mut self, step: &Step) -> Result<(), End> {
        let limit = self.now() + step.within;
        if matches!(step.verb, Verb::Type(_) | Verb::Say { .. } | Verb::Do(_)) {
            self.heard = None;
            self.report.asked();
        }
        match &step.verb {
            Verb::Type(text) => {
                self.take(Msg::Paste(text.clone()))?;
                self.act(Plain::Send.into())
            }
            Verb::Say { file, stop, .. } => self.talk(file, *stop, step.within).await,
            Verb::Wait(mode) => self.wait(*mode, limit).await,
            Verb::Expect(text) => {
                let answer = |model: &Model| model.turn.is_none().then_some(());
                self.words(text, Role::Assistant, answer, limit).await
            }
            Verb::ExpectHeard(text) => {
                // What is told before it is heard to its end is a guess.
                let heard = |model: &Model| {
                    let turn = model.turn.as_ref();
                    turn.is_none_or(|turn| !turn.hearing).then_some(())
                };
                self.words(text, Role::User, heard, limit).await
            }
            Verb::ExpectNote(text) => self.note(text, limit).await,
            Verb::ExpectState(mode) => {
                let now = self.model().modes.current();
                let unmet = || self.say(Word::ScriptStateIs, &[now.name()]);
                hold(now == *mode, unmet)
            }
            Verb::ExpectSpoken(range) => {
                let quiet = |player: &Self| (!player.is_answering()).then_some(());
                self.until(limit, quiet).await?;
                let ms = self.heard.map_or(0, |(_, ms)| ms);
                let unmet = || self.say(Word::ScriptSpokenIs, &[&ms.to_string()]);
                hold(range.contains(&ms) && !self.is_answering(), unmet)
            }
            Verb::Interrupt(after) => self.interrupt(*after, limit).await,
            Verb::Do(action) => {
                self.act(action.clone())?;
                if self.over.is_some() {
                    Err(End::Left)
                } else {
                    Ok(())
                }
            }
            Verb::Pause(time) => {
                let until = self.now() + *time;
                self.until(until, |_player| None::<()>).await?;
                Ok(())
            }
        }
    }

    async fn wait(&mut self, wanted: Mode, limit: Moment) -> Result<(), End> {
        let look = |player: &Self| {
            let current = player.model().modes.current();
            // Nobody closes the card, so this state stays.
            (current == wanted || current == Mode::Error).then_some(())
        };
        self.until(limit, look).await?;
        let current = self.model().modes.current();
        let unmet = || match fault(self.model()).filter(|_fault| current == Mode::Error) {
            Some(fault) => self.say(Word::ScriptFault, &[&told(&fault)]),
            None => self.say(Word::ScriptStateIs, &[current.name()]),
        };
        hold(current == wanted, unmet)
    }

    /// Waits until the last question, or its answer, holds a text, or is complete without it.
    async fn words(
        &mut self,
        wanted: &str,
        role: Role,
        complete: impl Fn(&Model) -> Option<()>,
        limit: Moment,
    ) -> Result<(), End> {
        let wanted = wanted.to_lowercase();
        let held = |model: &Model| {
            let text = last(model, role).map(|message| message.text.to_lowercase());
            let is_sure = role == Role::Assistant || complete(model).is_some();
            is_sure && text.is_some_and(|text| text.contains(&wanted))
        };
        let look = |player: &Self| {
            let model = player.model();
            // In a call something more may be said at any time.
            let waits = model.voice.recording.is_some()
                || model.call.is_some()
                || !model.waiting.is_empty();
            (held(model) || (!waits && complete(model).is_some())).then_some(())
        };
        self.until(limit, look).await?;
        let model = self.model();
        let (is, none) = match role {
            Role::Assistant => (Word::ScriptAnswerIs, Word::ScriptNoAnswer),
            Role::User | Role::Note => (Word::ScriptQuestionIs, Word::ScriptNoQuestion),
        };
        let found = last(model, role).map(|message| message.text.trim());
        let unmet = || match found.filter(|found| !found.is_empty()) {
            Some(found) => self.say(is, &[&shortened(found)]),
            None => self.say(none, &[]),
        };
        hold(held(model), unmet)
    }

    /// Waits until the user was told something.
    async fn note(&mut self, wanted: &str, limit: Moment) -> Result<(), End> {
        let wanted = wanted.to_lowercase();
        let told = |player: &Self| {
            let notes = player.report.notes().iter();
            let mut told = notes.filter(|note| note.to_lowercase().contains(&wanted));
            told.next().map(drop)
        };
        let found = self.until(limit, told).await?;
        let unmet = || match self.report.notes().last() {
            Some(note) => self.say(Word::ScriptNoteIs, &[&shortened(note)]),
            None => self.say(Word::ScriptNoNote, &[]),
        };
        hold(found.is_some(), unmet)
    }

    async fn interrupt(&mut self, after: Duration, limit: Moment) -> Result<(), End> {
        let begun = |player: &Self| {
            let model = player.model();
            match (&model.voice.speaking, &model.turn) {
                (Some(speaking), _) => speaking.sounding.map(Some),
                (None, Some(turn)) => turn.reached(Stage::FirstText).map(Some),
                (None, None) => model.waiting.is_empty().then_some(None),
            }
        };
        let Some(Some(begun)) = self.until(limit, begun).await? else {
            return Err(End::Unmet(self.say(Word::ScriptNothingToStop, &[])));
        };
        let over = |player: &Self| (!player.is_answering()).then_some(());
        if self.until(begun + after, over).await?.is_some() {
            return Err(End::Unmet(self.say(Word::ScriptOverBefore, &[])));
        }
        // What lies over the chat is in the way, as it is for a person.
        for _layer in 0..=self.model().layers.len() {
            self.act(Plain::Cancel.into())?;
        }
        Ok(())
    }

    /// Lets the program run until this is found, at most until then. Looks between any two
    /// things that happen, so that no state is missed.
    async fn until<T>(
        &mut self,
        limit: Moment,
        look: impl Fn(&Self) -> Option<T>,
    ) -> Result<Option<T>, End> {
        loop {
            if self.over.is_some() {
                return Err(End::Left);
            }
            let found = look(self);
            let now = self.now();
            if found.is_some() || limit <= now {
                return Ok(found);
            }
            let wake = deadline(self.model()).map_or(limit, |at| at.min(limit));
            let wake = self.program.clock.instant(wake);
            tokio::select! {
                biased;
                Some(signal) = self.signals.recv() => self.signal(signal)?,
                msg = self.program.ports.next() => self.take(msg)?,
                () = tokio::time::sleep_until(wake.into()) => {}
            }
            let effects = self.program.look_at_clock();
            self.carried_out(&effects)?;
            self.program.ports.flush_backlog();
        }
    }

    fn signal(&mut self, signal: Signal) -> io::Result<()> {
        match signal {
            Signal::Terminate | Signal::Interrupt => {
                self.over = Some(Wish::System);
                self.take(Msg::Terminate)
            }
            // There is no screen to give back.
            Signal::Suspend | Signal::Continue => Ok(()),
        }
    }

    fn act(&mut self, action: Action) -> Result<(), End> {
        Ok(self.take(Msg::Act(action))?)
    }

    fn take(&mut self, msg: Msg) -> io::Result<()> {
        match &msg {
            Msg::Sound(SoundEvent::Heard { turn, ms }) => self.heard = Some((*turn, *ms)),
            Msg::Link(LinkEvent::Heard {
                down: Down::Greeting(_),
                ..
            }) => self.greeted = true,
            Msg::Kept(Kept::Outbox(_)) => self.recalled = true,
            Msg::Kept(Kept::Trouble { keep, .. }) => {
                self.recalled |= matches!(**keep, Keep::LoadOutbox);
            }
            _ => {}
        }
        let effects = self.program.take(msg);
        self.carried_out(&effects)
    }

    /// Of what needs a screen, only the end counts here.
    fn carried_out(&mut self, effects: &[Effect]) -> io::Result<()> {
        if effects.contains(&Effect::Quit) {
            self.over.get_or_insert(Wish::Script);
        }
        self.report.news(&self.program.model)
    }

    /// What was left over from an earlier run is there, in its conversation, and what the backend
    /// can do is known.
    fn is_ready(&self) -> bool {
        let modes = &self.model().modes;
        self.greeted && self.recalled && modes.locked(self.now()).is_none()
    }

    /// Something is being answered or spoken.
    fn is_answering(&self) -> bool {
        let model = self.model();
        model.turn.is_some() || model.voice.speaking.is_some() || !model.waiting.is_empty()
    }

    const fn model(&self) -> &Model {
        &self.program.model
    }

    const fn voice(&self) -> &Voice {
        &self.program.model.voice
    }

    fn say(&self, word: Word, arguments: &[&str]) -> String {
        fill(word.text(self.model().lang), arguments)
    }
}

/// The last question, or the answer to it.
fn last(model: &Model, role: Role) -> Option<&Message> {
    let messages = model.conversation.transcript.messages();
    let question = messages
        .iter()
        .rposition(|message| message.role == Role::User)?;
    let mut since = messages.get(question..)?.iter().rev();
    since.find(|message| message.role == role)
}

fn hold(holds: bool, unmet: impl FnOnce() -> String) -> Result<(), End> {
    if holds {
        Ok(())
    } else {
        Err(End::Unmet(unmet()))
    }
}

fn shortened(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}
