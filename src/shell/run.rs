//! The loop: waits for something to happen, lets `update` decide, carries out what it asks for,
//! and draws when a frame is due. Nothing here decides anything about the conversation.

use super::clock::Clock;
use super::frames::{FrameClock, Haste};
use super::logs::Logs;
use super::record::Recorder;
use super::terminal::Screen;
use super::trace::Trace;
use crate::core::backend::Down;
use crate::core::effect::{Effect, Effects};
use crate::core::line::{Line, LinkEvent, LinkOrder};
use crate::core::model::{Drawn, Model};
use crate::core::msg::Msg;
use crate::core::record::Kept;
use crate::core::update::{deadline, update};
use crate::core::words::{Word, fill};
use crate::store;
use crate::view::{self, Cache};
use std::collections::VecDeque;
use std::io;
use tokio::sync::mpsc;

/// How many waiting messages are taken in before the screen is drawn.
const BATCH: usize = 256;

/// Everything the loop owns.
pub struct Run {
    pub clock: Clock,
    pub model: Model,
    pub screen: Screen,
    pub cache: Cache,
    pub logs: Logs,
    pub frames: FrameClock,
    pub ports: Ports,
    pub recorder: Option<Recorder>,
    pub trace: Option<Trace>,
    /// Set when the loop is to end.
    pub over: bool,
}

/// Where messages come from and wishes go to.
pub struct Ports {
    pub keys: mpsc::Receiver<Msg>,
    pub signals: mpsc::Receiver<Signal>,
    pub line: mpsc::Receiver<LinkEvent>,
    pub kept: mpsc::UnboundedReceiver<Kept>,
    pub orders: mpsc::Sender<LinkOrder>,
    /// Orders the link had no room for yet. The user gives them, so they stay few.
    pub backlog: VecDeque<LinkOrder>,
    pub store: store::Handle,
}

/// What the system asks of us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Leave in order.
    Terminate,
    /// Sleep until continued.
    Suspend,
    /// The user brought us back.
    Continue,
}

/// One thing to take in.
enum Woken {
    Msg(Msg),
    Signal(Signal),
    /// The terminal took bytes, or a moment came.
    Time,
    /// The terminal is gone.
    Gone,
}

impl Run {
    /// Runs until the user or the system wants to leave.
    pub async fn run(mut self) -> io::Result<()> {
        while !self.over {
            match self.wait().await {
                Woken::Msg(msg) => self.take(msg)?,
                Woken::Signal(signal) => self.signal(signal)?,
                Woken::Time => {}
                Woken::Gone => self.take(Msg::Terminate)?,
            }
            for _taken in 0..BATCH {
                match self.ports.ready() {
                    Some(msg) if !self.over => self.take(msg)?,
                    _ => break,
                }
            }
            let now = self.clock.now().mono;
            if deadline(&self.model).is_some_and(|at| at <= now) {
                self.take(Msg::Due)?;
            }
            self.ports.flush_backlog();
            self.draw()?;
        }
        self.screen.leave();
        Ok(())
    }

    /// Sleeps until something happens. The order matters: the user before the network, so that
    /// a flood from the backend never delays a key.
    async fn wait(&mut self) -> Woken {
        let frame = if self.screen.busy() {
            None
        } else {
            self.frames.due()
        };
        let wake = [frame, deadline(&self.model)].into_iter().flatten().min();
        let clock = self.clock;
        let sleep = async move {
            match wake {
                Some(at) => tokio::time::sleep_until(clock.instant(at).into()).await,
                None => std::future::pending().await,
            }
        };
        let busy = self.screen.busy();
        tokio::select! {
            biased;
            key = self.ports.keys.recv() => key.map_or(Woken::Gone, Woken::Msg),
            Some(signal) = self.ports.signals.recv() => Woken::Signal(signal),
            Some(kept) = self.ports.kept.recv() => Woken::Msg(Msg::Kept(kept)),
            Some(event) = self.ports.line.recv() => Woken::Msg(Msg::Link(event)),
            flushed = self.screen.flush(), if busy => flushed.map_or(Woken::Gone, |()| Woken::Time),
            () = sleep => Woken::Time,
        }
    }

    /// Takes one message in and carries out what follows from it.
    pub fn take(&mut self, msg: Msg) -> io::Result<()> {
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
            self.take(Msg::Warning(told))?;
        }
        if let Some(trace) = &mut self.trace {
            note(trace, &msg);
        }
        if let Msg::Resize(columns, rows) = msg {
            self.screen.resize(columns, rows)?;
        }
        let before = (self.model.modes.current(), self.model.turn.is_some());
        let haste = haste(&self.model, &msg);
        let effects = update(&mut self.model, now, msg);
        let after = (self.model.modes.current(), self.model.turn.is_some());
        // Where something begins or ends, people look: that frame does not wait.
        let haste = if before == after {
            haste
        } else {
            Some(Haste::Now)
        };
        if let Some(haste) = haste {
            self.frames.request(now.mono, haste);
        }
        if let Some(trace) = &mut self.trace
            && before.0 != after.0
        {
            trace.note("state", after.0.name());
        }
        self.perform(effects)
    }

    fn signal(&mut self, signal: Signal) -> io::Result<()> {
        match signal {
            Signal::Terminate => self.take(Msg::Terminate),
            Signal::Suspend => self.suspend(),
            Signal::Continue => {
                self.screen.repaint()?;
                self.frames.request(self.clock.now().mono, Haste::Now);
                Ok(())
            }
        }
    }

    fn suspend(&mut self) -> io::Result<()> {
        self.screen.leave();
        stop();
        self.screen.again()?;
        let (columns, rows) = crossterm::terminal::size()?;
        self.take(Msg::Resize(columns, rows))
    }

    fn perform(&mut self, effects: Effects) -> io::Result<()> {
        for effect in effects {
            match effect {
                Effect::Link(order) => {
                    if let (Some(trace), LinkOrder::Say(_)) = (&mut self.trace, &order) {
                        trace.note("send", "");
                    }
                    self.ports.backlog.push_back(order);
                }
                Effect::Keep(keep) => self.ports.store.ask(keep),
                Effect::Sound(_) | Effect::Set { .. } => {}
                Effect::Copy(text) => self.screen.copy(&text)?,
                Effect::Bell => self.screen.bell()?,
                Effect::Redraw => self.screen.repaint()?,
                Effect::Suspend => self.suspend()?,
                Effect::Quit => self.over = true,
            }
        }
        self.ports.flush_backlog();
        Ok(())
    }

    /// Draws, if a frame is due and the terminal has taken the last one.
    pub fn draw(&mut self) -> io::Result<()> {
        let now = self.clock.now();
        if self.over || self.screen.busy() || !self.frames.is_due(now.mono) {
            return Ok(());
        }
        self.model.now = now;
        self.frames.drawn(now.mono);
        let mut drawn = Drawn::default();
        let Self {
            screen,
            model,
            logs,
            cache,
            ..
        } = self;
        screen.draw(|frame| drawn = view::draw(frame, model, logs, cache))?;
        if let Some(trace) = &mut self.trace {
            trace.note("frame", "");
        }
        if self.news(&drawn) {
            self.take(Msg::Drawn(drawn))?;
        }
        Ok(())
    }

    /// Whether the model does not know yet what the drawing found out.
    fn news(&self, drawn: &Drawn) -> bool {
        let model = &self.model;
        let fetch = drawn.near_top
            && model.conversation.transcript.above.is_some()
            && !model.conversation.loading;
        fetch
            || model.scroll.wish != 0
            || model.scroll.anchor != drawn.anchor
            || model.page != drawn.page
            || model.unseen != drawn.unseen
            || drawn.scrolled.is_some() && model.scrolled() != drawn.scrolled
    }
}

impl Ports {
    /// A message that waits already, the user's first.
    fn ready(&mut self) -> Option<Msg> {
        self.keys
            .try_recv()
            .ok()
            .or_else(|| self.kept.try_recv().ok().map(Msg::Kept))
            .or_else(|| self.line.try_recv().ok().map(Msg::Link))
    }

    /// Hands the link what it has room for, in order.
    fn flush_backlog(&mut self) {
        while let Some(order) = self.backlog.pop_front() {
            if let Err(mpsc::error::TrySendError::Full(order)) = self.orders.try_send(order) {
                self.backlog.push_front(order);
                return;
            }
        }
    }
}

/// How soon the screen must follow a message; `None` when nothing on it changes.
fn haste(model: &Model, msg: &Msg) -> Option<Haste> {
    match msg {
        Msg::Key { .. }
        | Msg::Paste(_)
        | Msg::Resize(..)
        | Msg::Focus(_)
        | Msg::Act(_)
        | Msg::Warning(_)
        | Msg::Kept(Kept::Loaded { .. })
        | Msg::Terminate => Some(Haste::Now),
        Msg::Link(LinkEvent::Heard { down, .. }) => match down {
            Down::Beat | Down::Unreadable { .. } => None,
            // The first piece is what the user waits for; the rest follows at reading speed.
            Down::Text { .. } if awaits_text(model) => Some(Haste::Now),
            _ => Some(Haste::Soon),
        },
        Msg::Link(LinkEvent::Line { line, .. }) => {
            let same = match (line, &model.line) {
                // A new round trip time on a line inside the program interests nobody.
                (Line::Up(_), Line::Up(_)) if model.backend == "embedded" => true,
                (Line::Up(new), Line::Up(old)) => new.looks_like(old),
                _ => false,
            };
            (!same).then_some(Haste::Soon)
        }
        Msg::Start { .. }
        | Msg::Link(LinkEvent::Elsewhere { .. } | LinkEvent::Unsent { .. })
        | Msg::Kept(_)
        | Msg::Sound(_)
        | Msg::Due => Some(Haste::Soon),
        // A scroll wish is fulfilled by the drawing that found this out.
        Msg::Drawn(_) => None,
    }
}

fn awaits_text(model: &Model) -> bool {
    let reply = model.turn.as_ref().map(|turn| turn.reply);
    reply.is_some_and(|reply| model.conversation.transcript.get(reply).is_none())
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
        _ => {}
    }
}

/// Stops the process until the user brings it back.
#[cfg(unix)]
fn stop() {
    // The signal cannot be refused, and there is nothing to do if the system says no.
    let _ = signal_hook::low_level::raise(signal_hook::consts::SIGSTOP);
}

#[cfg(not(unix))]
const fn stop() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heartbeats_draw_nothing() {
        let beat = LinkEvent::Heard {
            epoch: crate::core::ids::Epoch(1),
            down: Down::Beat,
        };
        let model = Model::new(crate::core::model::Setup::default());
        assert_eq!(haste(&model, &Msg::Link(beat)), None);
        assert_eq!(haste(&model, &Msg::Focus(true)), Some(Haste::Now));
    }
}
