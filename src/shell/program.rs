//! The model and everything that carries out its wishes, except for a screen: what the user sees,
//! and what a script drives without one.

use super::boot::NewLine;
use super::bundle;
use super::clock::Clock;
use super::connect;
use super::diary::Seen;
use super::doctor;
use super::export;
use super::import;
use super::inspect;
use super::reader::{Reader, reader};
use super::record::Recorder;
use super::remote::Remote;
use super::settings;
use super::shelf::Keeper;
use super::tools::Tools;
use super::trace::Trace;
use super::vault::Vault;
use crate::config::{Loaded, at_home, edit, process_env};
use crate::core::backend::Down;
use crate::core::effect::{Effect, Effects};
use crate::core::line::{LinkEvent, LinkOrder};
use crate::core::log::LogEvent;
use crate::core::model::Model;
use crate::core::msg::Msg;
use crate::core::record::Kept;
use crate::core::remote::refusal;
use crate::core::shelf::ShelfEvent;
use crate::core::sound::{ClipPart, SoundEvent};
use crate::core::update::{deadline, update};
use crate::core::words::{Word, fill};
use crate::link::Tape;
use crate::sound::desk::Desk;
use crate::store;
use std::collections::VecDeque;
use std::path::PathBuf;
use tokio::sync::{mpsc, watch};

/// A program at work.
pub struct Program {
    pub clock: Clock,
    pub model: Model,
    pub ports: Ports,
    /// What is typed where nobody may see it.
    pub vault: Vault,
    pub recorder: Option<Recorder>,
    pub trace: Option<Trace>,
}

/// Where messages come from and wishes go to.
pub struct Ports {
    pub line: mpsc::Receiver<LinkEvent>,
    pub kept: mpsc::UnboundedReceiver<Kept>,
    pub heard: mpsc::UnboundedReceiver<SoundEvent>,
    pub shelved: mpsc::UnboundedReceiver<ShelfEvent>,
    pub logged: (
        mpsc::UnboundedSender<LogEvent>,
        mpsc::UnboundedReceiver<LogEvent>,
    ),
    pub tools: Tools,
    pub remote: Remote,
    pub orders: mpsc::Sender<LinkOrder>,
    /// What passed on the line of late.
    pub tape: Tape,
    /// Where recordings go: to the line in use.
    pub clips: watch::Sender<mpsc::Sender<ClipPart>>,
    /// A line that is ready to take the place of the one in use.
    pub fresh: (
        mpsc::UnboundedSender<NewLine>,
        mpsc::UnboundedReceiver<NewLine>,
    ),
    /// Orders the link had no room for yet. The user gives them, so they stay few.
    pub backlog: VecDeque<LinkOrder>,
    pub store: store::Handle,
    pub sound: Desk,
    pub keeper: Keeper,
    pub reader: Reader,
    /// What is being looked for beside the loop, such as what is on the clipboard.
    pub finding: (mpsc::UnboundedSender<Msg>, mpsc::UnboundedReceiver<Msg>),
    /// The configuration the program began with.
    pub loaded: Loaded,
    /// The file that holds the settings; none is written if there is none.
    pub settings: Option<PathBuf>,
}

impl Program {
    /// Takes one message in and carries out what follows from it, except for what needs a
    /// screen: that is answered.
    pub fn take(&mut self, msg: Msg) -> Effects {
        // Before anything is written down.
        let Some(msg) = self.vault.hide(&self.model, msg) else {
            return vec![];
        };
        let now = self.clock.now();
        if let Some(recorder) = &mut self.recorder
            && let Err(error) = recorder.write(now, &msg)
        {
            // A full disk ends the recording, not the conversation.
            self.recorder = None;
            let told = fill(
                Word::RecordingEnded.text(self.model.lang),
                &[&error.to_string()],
            );
            tracing::warn!("{told}");
            let mut left = self.take(Msg::Warning(told));
            left.extend(self.take(msg));
            return left;
        }
        if let Some(trace) = &mut self.trace {
            note(trace, &msg);
        }
        let refused = match &msg {
            Msg::Order(order) => refusal(&self.model, order),
            _ => None,
        };
        let seen = Seen::of(&self.model);
        let before = self.model.modes.current();
        let effects = update(&mut self.model, now, msg);
        seen.note(&self.model);
        let after = self.model.modes.current();
        if let Some(trace) = &mut self.trace
            && before != after
        {
            trace.note("state", after.name());
        }
        let left = effects
            .into_iter()
            .filter_map(|effect| self.perform(effect))
            .collect();
        self.ports.flush_backlog();
        self.ports.remote.tell(&self.model, refused);
        left
    }

    /// Lets the model look at the clock, if it wants to.
    pub fn look_at_clock(&mut self) -> Effects {
        let now = self.clock.now().mono;
        if deadline(&self.model).is_some_and(|at| at <= now) {
            self.take(Msg::Due)
        } else {
            vec![]
        }
    }

    /// Carries out a wish, unless it needs a screen.
    fn perform(&mut self, effect: Effect) -> Option<Effect> {
        match effect {
            Effect::Link(order) => {
                if let (Some(trace), LinkOrder::Say(_)) = (&mut self.trace, &order) {
                    trace.note("send", "");
                }
                self.ports.backlog.push_back(order);
            }
            Effect::Keep(keep) => self.ports.store.ask(keep),
            Effect::Sound(order) => self.ports.sound.ask(order),
            Effect::Shelf(order) => self.ports.keeper.ask(order),
            Effect::Check(order) => {
                let found = self.ports.finding.0.clone();
                doctor::look(&self.ports.loaded, order, move |event| {
                    // As below.
                    let _ = found.send(Msg::Check(event));
                });
            }
            Effect::Log(order) => self.ports.reader.ask(order),
            Effect::Settings(order) => {
                let (loaded, file) = (self.ports.loaded.clone(), self.ports.settings.clone());
                let (found, lang) = (self.ports.finding.0.clone(), self.model.lang);
                tokio::task::spawn_blocking(move || {
                    let event = settings::answer(&loaded, file.as_deref(), lang, &order);
                    // As below.
                    let _ = found.send(Msg::Settings(event));
                });
            }
            Effect::Connect(order) => {
                let ports = &self.ports;
                let bench = connect::Bench {
                    loaded: ports.loaded.clone(),
                    file: ports.settings.clone(),
                    secret: self.vault.text().to_owned(),
                    store: ports.store.clone(),
                    sound: ports.sound.clone(),
                    clock: self.clock,
                    lang: self.model.lang,
                    runtime: tokio::runtime::Handle::current(),
                    fresh: ports.fresh.0.clone(),
                };
                let found = ports.finding.0.clone();
                connect::work(bench, order, move |event| {
                    // As below.
                    let _ = found.send(Msg::Connect(event));
                });
            }
            Effect::Export {
                conversation,
                format,
                place,
            } => {
                let found = self.ports.finding.0.clone();
                let database = self.ports.loaded.settings.store.path.clone();
                let home = self.ports.loaded.settings.data_dir.clone();
                let manner = export::Manner {
                    lang: self.model.lang,
                    zone: jiff::tz::TimeZone::system(),
                };
                tokio::task::spawn_blocking(move || {
                    let place = place.map(|place| at_home(&place.to_string_lossy(), &process_env));
                    let place = place.as_deref();
                    let done =
                        export::to_file(&database, conversation, &format, place, &home, &manner);
                    let outcome = done
                        .map(|path| path.display().to_string())
                        .map_err(|error| format!("{error:#}"));
                    // As below.
                    let _ = found.send(Msg::Exported(outcome));
                });
            }
            Effect::Inspect(inquiry) => {
                let found = self.ports.finding.0.clone();
                let settings = &self.ports.loaded.settings;
                let places = inspect::Places {
                    data: settings.data_dir.clone(),
                    database: settings.store.path.clone(),
                    tape: self.ports.tape.clone(),
                };
                tokio::task::spawn_blocking(move || {
                    let findings = inspect::find(&places, &inquiry);
                    // As below.
                    let _ = found.send(Msg::Inspected(Box::new(findings)));
                });
            }
            Effect::Bundle(order) => {
                let found = self.ports.finding.0.clone();
                let (loaded, lang) = (self.ports.loaded.clone(), self.model.lang);
                // The doctor dials, which takes a runtime of its own.
                let begun =
                    std::thread::Builder::new()
                        .name("bundle".to_owned())
                        .spawn(move || {
                            let written = bundle::write(Ok(&loaded), &order, lang);
                            let outcome = written
                                .map(|path| path.display().to_string())
                                .map_err(|error| format!("{error:#}"));
                            // As below.
                            let _ = found.send(Msg::Bundled(outcome));
                        });
                if let Err(error) = begun {
                    tracing::error!("no thread to gather a report with: {error}");
                }
            }
            Effect::Import(path) => {
                let path = at_home(&path.to_string_lossy(), &process_env);
                let found = self.ports.finding.0.clone();
                let store = self.ports.loaded.settings.store.path.clone();
                import::begin(path, store, move |event| {
                    // As below.
                    let _ = found.send(Msg::Import(event));
                });
            }
            Effect::Exchange => {
                // It was sent before the message that we follow.
                if let Ok(line) = self.ports.fresh.1.try_recv() {
                    self.ports.exchange(line);
                }
            }
            Effect::Set { name, value } => self.set(name, &value),
            Effect::Use(call) => self.ports.tools.run(call),
            Effect::ReadClipboard { turn, errand } => {
                let found = self.ports.finding.0.clone();
                tokio::spawn(async move {
                    let text = super::clipboard::read().await;
                    let msg = Msg::Clipboard {
                        turn,
                        errand,
                        found: text,
                    };
                    // The loop is gone only when the program ends.
                    let _ = found.send(msg);
                });
            }
            Effect::Copy(_)
            | Effect::Bell
            | Effect::Notify(_)
            | Effect::Mouse(_)
            | Effect::Redraw
            | Effect::Suspend
            | Effect::Quit => {
                return Some(effect);
            }
        }
        None
    }

    /// Writes a setting. One that cannot be written is still in force until the end.
    fn set(&self, name: &str, value: &str) {
        let Some(path) = &self.ports.settings else {
            return;
        };
        let environment = |name: &str| std::env::var(name).ok();
        if let Err(error) = edit::set(path, name, value, &environment) {
            tracing::warn!("`{name}` was not written: {error}");
        }
    }
}

impl Ports {
    /// Waits for what store, sound, line and the keeper of models tell, in this order.
    pub async fn next(&mut self) -> Msg {
        tokio::select! {
            biased;
            Some(kept) = self.kept.recv() => Msg::Kept(kept),
            Some(found) = self.finding.1.recv() => found,
            Some(heard) = self.heard.recv() => Msg::Sound(heard),
            msg = self.tools.next() => msg,
            msg = self.remote.next() => msg,
            Some(event) = self.line.recv() => Msg::Link(event),
            Some(event) = self.shelved.recv() => Msg::Shelf(event),
            Some(event) = self.logged.1.recv() => Msg::Log(event),
            else => std::future::pending().await,
        }
    }

    /// A message that waits already.
    pub fn ready(&mut self) -> Option<Msg> {
        let kept = self.kept.try_recv().ok().map(Msg::Kept);
        let heard = || self.heard.try_recv().ok().map(Msg::Sound);
        kept.or_else(heard)
            .or_else(|| self.line.try_recv().ok().map(Msg::Link))
            .or_else(|| self.shelved.try_recv().ok().map(Msg::Shelf))
            .or_else(|| self.logged.1.try_recv().ok().map(Msg::Log))
    }

    /// Talks to another line from here on. The old one hangs up, since nobody orders any more.
    fn exchange(&mut self, line: NewLine) {
        self.line = line.ends.events;
        self.orders = line.ends.orders;
        self.tape = line.ends.tape;
        // What was meant for the old one is no use to the new one.
        self.backlog.clear();
        self.clips.send_replace(line.ends.clips);
        self.tools = line.tools;
        let news = self.logged.0.clone();
        self.reader = reader(&line.loaded, move |event| {
            // The loop is gone only when the program ends.
            let _ = news.send(event);
        });
        self.loaded = line.loaded;
    }

    /// Hands the link what it has room for, in order.
    pub fn flush_backlog(&mut self) {
        while let Some(order) = self.backlog.pop_front() {
            if let Err(mpsc::error::TrySendError::Full(order)) = self.orders.try_send(order) {
                self.backlog.push_front(order);
                return;
            }
        }
    }
}

fn note(trace: &mut Trace, msg: &Msg) {
    match msg {
        Msg::Key { chord, .. } => trace.note("key", &chord.to_string()),
        Msg::Paste(_) => trace.note("key", "paste"),
        Msg::Link(LinkEvent::Heard {
            down: Down::Text { .. },
            ..
        }) => trace.note("token", ""),
        Msg::Link(LinkEvent::Heard { .. }) => trace.note("receive", ""),
        Msg::Sound(SoundEvent::Hearing { .. }) => trace.note("capture", ""),
        Msg::Sound(SoundEvent::Sounding { .. }) => trace.note("play", ""),
        _ => {}
    }
}
