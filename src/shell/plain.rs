//! The program without a screen: lines come in, lines go out. Nothing here decides anything about
//! the conversation; what is told is `view::plain`'s, what a line means `core::update`'s.

use super::boot::{self, Begun};
use super::logs::{self, Logs};
use super::program::Program;
use super::run::{Signal, stop};
use super::{clipboard, panic, remote, signals};
use crate::config::settings::{self, Settings};
use crate::config::{ConfigError, Loaded};
use crate::core::action::{Action, Plain};
use crate::core::effect::{Effect, Effects};
use crate::core::ids::ConversationId;
use crate::core::line::Line;
use crate::core::model::{Layer, Model, PageKind};
use crate::core::msg::Msg;
use crate::core::time::Moment;
use crate::core::update::deadline;
use crate::core::words::{Word, fill};
use crate::view::plain::{Telling, is_awaited};
use std::io::{self, BufRead, IsTerminal, Read, Write};
use std::time::Duration;
use tokio::sync::mpsc;

/// Lines that may wait for the loop; a full inbox makes the reader wait.
const INBOX: usize = 64;
/// No line is longer, in bytes: what follows is another line.
const LONGEST: u64 = 1 << 20;
/// How many waiting messages are taken in before anything is told.
const BATCH: usize = 256;
/// How long leaving may wait for who reads what is told.
const LAST_LINES: Duration = Duration::from_millis(500);

/// Why there is no screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The user wants it so.
    Asked,
    /// The terminal cannot have one.
    Dumb,
}

/// Whether there is to be no screen, and why.
pub fn wanted(settings: &Settings) -> Option<Why> {
    match settings.ui.plain {
        settings::Plain::Always => Some(Why::Asked),
        settings::Plain::Never => None,
        settings::Plain::Auto => {
            let dumb = std::env::var("TERM").is_ok_and(|term| term == "dumb");
            dumb.then_some(Why::Dumb)
        }
    }
}

/// Runs until the user leaves, or until all is answered that was piped in.
/// `act`: what is done before anything else.
pub fn stay(
    loaded: &Loaded,
    why: Why,
    resume: Option<ConversationId>,
    act: Option<Action>,
) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(run(loaded, why, resume, act));
    // A name lookup may still hang in a thread of the runtime; nobody waits for it.
    runtime.shutdown_background();
    outcome
}

async fn run(
    loaded: &Loaded,
    why: Why,
    resume: Option<ConversationId>,
    act: Option<Action>,
) -> anyhow::Result<()> {
    let settings = &loaded.settings;
    let (keymap, conflicts) = boot::keymap(settings).map_err(ConfigError::Bad)?;
    let logs = Logs::new(Some(settings.data_dir.join(logs::NAME)));
    logs.install(settings.log_level);
    let Begun {
        mut program,
        unconnected,
        ..
    } = boot::begin(loaded, keymap, (80, 24))?;
    let (store, sound) = (program.ports.store.clone(), program.ports.sound.clone());
    let rescue = store.clone();
    panic::install(settings.data_dir.clone(), logs.clone(), move || {
        rescue.close(boot::LAST_WRITES);
    });
    let doubts = unconnected.connect(loaded, &mut program)?;
    program.ports.remote = remote::door(settings);
    let out = Out::open()?;
    let mut talk = Talk {
        lines: read()?,
        signals: signals::listen()?,
        telling: Telling::new(why == Why::Dumb),
        program,
        out,
        end: End::Open,
        #[cfg(unix)]
        echo: super::echo::Echo::default(),
    };
    for msg in boot::first(loaded, conflicts.into_iter().chain(doubts), resume) {
        talk.take(msg);
    }
    if let Some(act) = act {
        talk.take(Msg::Act(act));
    }
    talk.run().await;
    remote::farewell().await;
    boot::close(&sound, &store);
    talk.out.close();
    Ok(())
}

/// Whether more will be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Open,
    /// No more will be; what was, is answered yet.
    Read,
    /// The loop ends.
    Over,
}

/// Everything the loop owns.
struct Talk {
    program: Program,
    lines: mpsc::Receiver<String>,
    signals: mpsc::Receiver<Signal>,
    telling: Telling,
    out: Out,
    end: End,
    #[cfg(unix)]
    echo: super::echo::Echo,
}

impl Talk {
    async fn run(&mut self) {
        while self.end != End::Over {
            self.tell();
            self.finish();
            if self.end == End::Over {
                break;
            }
            let unread = self.unread();
            let wake = [deadline(&self.program.model), unread]
                .into_iter()
                .flatten()
                .min();
            let clock = self.program.clock;
            let sleep = async move {
                match wake {
                    Some(at) => tokio::time::sleep_until(clock.instant(at).into()).await,
                    None => std::future::pending().await,
                }
            };
            let reads = self.end == End::Open && !self.is_asking() && unread.is_none();
            tokio::select! {
                biased;
                line = self.lines.recv(), if reads => self.line(line),
                Some(signal) = self.signals.recv() => self.signal(signal),
                () = self.out.gone() => self.take(Msg::Terminate),
                msg = self.program.ports.next() => self.take(msg),
                () = sleep => {}
            }
            for _taken in 0..BATCH {
                match self.program.ports.ready() {
                    Some(msg) if self.end != End::Over => self.take(msg),
                    _ => break,
                }
            }
            let effects = self.program.look_at_clock();
            self.perform(effects);
            self.program.ports.flush_backlog();
        }
        self.tell();
    }

    /// An answer is looked at: what is written next is for what is asked then. What is piped in
    /// waits for a trial, too.
    fn is_asking(&self) -> bool {
        let model = &self.program.model;
        let form = matches!(model.layers.last(), Some(Layer::Form(_)));
        model.connecting.awaited && (form || !io::stdin().is_terminal())
    }

    /// When the question on top may be answered. People may be writing something else when it
    /// comes; what is piped in is meant for it, and waits.
    fn unread(&self) -> Option<Moment> {
        let Some(Layer::Question(question)) = self.program.model.layers.last() else {
            return None;
        };
        let waits = self.program.clock.now().mono < question.ready && !io::stdin().is_terminal();
        waits.then_some(question.ready)
    }

    /// Tells the news. A page is read once it is told.
    fn tell(&mut self) {
        for line in self.telling.news(&self.program.model) {
            self.out.line(line);
        }
        let model = &self.program.model;
        let read = |layer: &Layer| match layer {
            Layer::Page(page) => match page.kind {
                // It closes by itself when it is not waited for any more.
                PageKind::Code(_) => false,
                // Some are told once everything was looked up.
                _ => !is_awaited(model, &page.kind),
            },
            Layer::Picker(_)
            | Layer::Browser(_)
            | Layer::Finder(_)
            | Layer::Question(_)
            | Layer::Form(_)
            | Layer::Card(_) => false,
        };
        if model.layers.last().is_some_and(read) {
            self.take(Msg::Act(Plain::Cancel.into()));
        }
    }

    /// A line was written; `None`: none will be any more.
    fn line(&mut self, line: Option<String>) {
        match line {
            Some(line) => {
                self.telling.written(&line);
                self.take(Msg::Written(line));
            }
            // Who ends a terminal's input leaves; a file ends because it is read.
            None if io::stdin().is_terminal() => self.take(Msg::Terminate),
            None => self.end = End::Read,
        }
    }

    /// Leaves once there is no more to read, and nothing is going on that was read before.
    fn finish(&mut self) {
        let model = &self.program.model;
        if self.end != End::Read {
            return;
        }
        let unanswered = match model.layers.last() {
            Some(Layer::Question(_) | Layer::Picker(_) | Layer::Finder(_) | Layer::Form(_)) => {
                !model.connecting.awaited
            }
            Some(Layer::Browser(browser)) => browser.is_answered(),
            Some(Layer::Page(_) | Layer::Card(_)) | None => false,
        };
        if unanswered {
            // Nobody is there to answer.
            self.take(Msg::Act(Plain::Cancel.into()));
        } else if model.call.is_some() {
            self.take(Msg::Act(Plain::Call.into()));
        } else if !is_busy(model) {
            self.take(Msg::Terminate);
        }
    }

    fn signal(&mut self, signal: Signal) {
        match signal {
            Signal::Terminate => self.take(Msg::Terminate),
            Signal::Interrupt => self.take(Msg::Act(Plain::Break.into())),
            Signal::Suspend => stop(),
            Signal::Continue => {}
        }
    }

    fn take(&mut self, msg: Msg) {
        let effects = self.program.take(msg);
        #[cfg(unix)]
        {
            let top = self.program.model.layers.last();
            let secret = matches!(top, Some(Layer::Form(form)) if form.secret);
            self.echo.hide(secret);
        }
        self.perform(effects);
    }

    /// Carries out what a screen would.
    fn perform(&mut self, effects: Effects) {
        for effect in effects {
            match effect {
                Effect::Copy(text) => self.copy(text),
                Effect::Bell => self.out.bell(),
                Effect::Suspend => stop(),
                Effect::Quit => self.end = End::Over,
                // There is nothing to paint, what is told is told as a line, and the program has
                // carried out the others.
                Effect::Redraw
                | Effect::Notify(_)
                | Effect::Mouse(_)
                | Effect::Link(_)
                | Effect::Check(_)
                | Effect::Log(_)
                | Effect::Settings(_)
                | Effect::Connect(_)
                | Effect::Exchange
                | Effect::Export { .. }
                | Effect::Inspect(_)
                | Effect::Bundle(_)
                | Effect::Import(_)
                | Effect::Keep(_)
                | Effect::Sound(_)
                | Effect::Shelf(_)
                | Effect::Use(_)
                | Effect::Set { .. }
                | Effect::ReadClipboard { .. } => {}
            }
        }
    }

    /// Puts a text on the clipboard of this machine: a dumb terminal cannot be asked to.
    fn copy(&self, text: String) {
        let (found, lang) = (
            self.program.ports.finding.0.clone(),
            self.program.model.lang,
        );
        tokio::spawn(async move {
            if let Err(why) = clipboard::write(&text).await {
                let told = fill(Word::NotCopied.text(lang), &[&why]);
                // The loop is gone only when the program ends.
                let _ = found.send(Msg::Warning(told));
            }
        });
    }
}

/// Something that was asked for is still on its way.
fn is_busy(model: &Model) -> bool {
    let looking = match model.layers.last() {
        Some(Layer::Browser(browser)) => !browser.is_answered(),
        Some(Layer::Page(page)) => is_awaited(model, &page.kind),
        _ => false,
    };
    let hopeless = matches!(model.line, Line::Refused { .. } | Line::GivenUp { .. });
    looking
        || model.connecting.awaited
        || model.importing.is_some()
        || model.turn.is_some()
        || model.voice.speaking.is_some()
        || model.voice.recording.is_some()
        || model.conversation.loading
        || !model.waiting.is_empty() && !hopeless
}

/// Starts reading lines. The inbox closes at the end of the input.
fn read() -> io::Result<mpsc::Receiver<String>> {
    let (sender, inbox) = mpsc::channel(INBOX);
    // Blocks in the system, and ends with the process: there is no way to interrupt a read.
    std::thread::Builder::new()
        .name("lines".to_owned())
        .spawn(move || {
            let mut input = io::stdin().lock();
            let mut line = vec![];
            loop {
                line.clear();
                let taken = input.by_ref().take(LONGEST).read_until(b'\n', &mut line);
                if taken.unwrap_or(0) == 0 {
                    break;
                }
                let text = String::from_utf8_lossy(&line);
                let text = text.trim_end_matches(['\n', '\r']).to_owned();
                if sender.blocking_send(text).is_err() {
                    break;
                }
            }
        })?;
    Ok(inbox)
}

/// Where lines go: a thread writes them, so that nobody waits for who reads them.
struct Out {
    lines: Option<std::sync::mpsc::Sender<String>>,
    /// Closes when nobody reads any more, or all is written.
    writing: mpsc::Receiver<()>,
    done: std::sync::mpsc::Receiver<()>,
    rings: bool,
}

impl Out {
    fn open() -> io::Result<Self> {
        let (lines, inbox) = std::sync::mpsc::channel::<String>();
        let (alive, writing) = mpsc::channel(1);
        let (wrote, done) = std::sync::mpsc::channel();
        std::thread::Builder::new()
            .name("told".to_owned())
            .spawn(move || {
                let mut out = io::stdout().lock();
                while let Ok(line) = inbox.recv() {
                    if out
                        .write_all(line.as_bytes())
                        .and_then(|()| out.flush())
                        .is_err()
                    {
                        break;
                    }
                }
                drop(alive);
                // Nobody may wait for it any more.
                let _ = wrote.send(());
            })?;
        Ok(Self {
            lines: Some(lines),
            writing,
            done,
            rings: io::stdout().is_terminal(),
        })
    }

    fn line(&self, line: String) {
        self.write(line + "\n");
    }

    fn bell(&self) {
        if self.rings {
            self.write("\u{7}".to_owned());
        }
    }

    fn write(&self, text: String) {
        if let Some(lines) = &self.lines {
            // Who does not read any more is noticed by `gone`.
            let _ = lines.send(text);
        }
    }

    /// Waits until nobody reads any more.
    async fn gone(&mut self) {
        let _closed = self.writing.recv().await;
    }

    /// Waits for what is still to be written, though not for long.
    fn close(mut self) {
        self.lines = None;
        let _ = self.done.recv_timeout(LAST_LINES);
    }
}
