//! The loop: waits for something to happen, lets the program take it in, does what needs a screen,
//! and draws when a frame is due. Nothing here decides anything about the conversation.

use super::frames::{FrameClock, Haste};
use super::notify::Way;
use super::program::Program;
use super::terminal::Screen;
use crate::core::backend::Down;
use crate::core::effect::{Effect, Effects};
use crate::core::line::{Line, LinkEvent};
use crate::core::model::{Drawn, Model};
use crate::core::msg::Msg;
use crate::core::record::Kept;
use crate::core::update::deadline;
use crate::view::inline::{self, Scrollback};
use crate::view::{self, Cache};
use std::io;
use tokio::sync::mpsc;

/// How many waiting messages are taken in before the screen is drawn. A frame that the user waits
/// for comes before the next of them.
const BATCH: usize = 256;

/// Everything the loop owns.
pub struct Run {
    pub program: Program,
    pub keys: mpsc::Receiver<Msg>,
    pub signals: mpsc::Receiver<Signal>,
    pub screen: Screen,
    pub cache: Cache,
    /// What the terminal was told, where it keeps what was said.
    pub scrollback: Option<Scrollback>,
    pub frames: FrameClock,
    /// How the terminal notifies.
    pub notify: Way,
    /// Set when the loop is to end.
    pub over: bool,
}

/// What the system asks of us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Leave in order.
    Terminate,
    /// Ctrl-C, where the terminal makes a signal of it.
    Interrupt,
    /// Sleep until continued.
    Suspend,
    /// The user brought us back.
    Continue,
}

/// One thing to take in.
#[expect(
    clippy::large_enum_variant,
    reason = "few of them live at a time, and a box for each would cost more"
)]
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
                let clock = self.program.clock;
                if self.frames.is_pressing(|| clock.now().mono) && !self.screen.busy() {
                    break;
                }
                match self.ready() {
                    Some(msg) if !self.over => self.take(msg)?,
                    _ => break,
                }
            }
            let due = self.program.clock.now().mono;
            if deadline(&self.program.model).is_some_and(|at| at <= due) {
                self.take(Msg::Due)?;
            }
            self.program.ports.flush_backlog();
            self.draw()?;
        }
        self.tell_the_rest()?;
        self.screen.leave();
        Ok(())
    }

    /// Leaves everything that was said to a terminal that keeps it.
    fn tell_the_rest(&mut self) -> io::Result<()> {
        let mut more = true;
        while let (true, Some(scrollback)) = (more, &mut self.scrollback) {
            let (model, size) = (&self.program.model, self.screen.size());
            let strip = inline::draw(model, &mut self.cache, scrollback, size, true);
            self.screen.strip(&strip)?;
            more = strip.more;
        }
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
        let wake = [frame, deadline(&self.program.model)]
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
        let busy = self.screen.busy();
        tokio::select! {
            biased;
            key = self.keys.recv() => key.map_or(Woken::Gone, Woken::Msg),
            Some(signal) = self.signals.recv() => Woken::Signal(signal),
            msg = self.program.ports.next() => Woken::Msg(msg),
            flushed = self.screen.flush(), if busy => flushed.map_or(Woken::Gone, |()| Woken::Time),
            () = sleep => Woken::Time,
        }
    }

    /// A message that waits already, the user's first.
    fn ready(&mut self) -> Option<Msg> {
        let key = self.keys.try_recv().ok();
        key.or_else(|| self.program.ports.ready())
    }

    /// Takes one message in and carries out what follows from it.
    pub fn take(&mut self, msg: Msg) -> io::Result<()> {
        if let Msg::Resize(columns, rows) = msg {
            self.screen.resize(columns, rows)?;
        }
        let msg = match msg {
            Msg::Click(column, row) => match self.cache.spot(column, row) {
                Some(spot) => Msg::Pointed(spot),
                None => return Ok(()),
            },
            msg => msg,
        };
        let moved = |program: &Program| {
            let model = &program.model;
            (model.modes.current(), model.turn.is_some())
        };
        let before = moved(&self.program);
        let haste = haste(&self.program.model, &msg);
        let effects = self.program.take(msg);
        // Where something begins or ends, people look: that frame does not wait.
        let haste = if before == moved(&self.program) {
            haste
        } else {
            Some(Haste::Now)
        };
        if let Some(haste) = haste {
            self.frames.request(self.program.model.now.mono, haste);
        }
        self.perform(effects)
    }

    fn signal(&mut self, signal: Signal) -> io::Result<()> {
        match signal {
            Signal::Terminate | Signal::Interrupt => self.take(Msg::Terminate),
            Signal::Suspend => self.suspend(),
            Signal::Continue => {
                self.screen.repaint()?;
                let now = self.program.clock.now().mono;
                self.frames.request(now, Haste::Now);
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

    /// Carries out what needs a screen.
    fn perform(&mut self, effects: Effects) -> io::Result<()> {
        for effect in effects {
            match effect {
                Effect::Copy(text) => self.screen.copy(&text)?,
                Effect::Bell => self.screen.bell()?,
                Effect::Notify(text) => self.screen.tell(&self.notify.bytes(&text))?,
                Effect::Mouse(on) => self.screen.mouse(on)?,
                Effect::Redraw => self.screen.repaint()?,
                Effect::Suspend => self.suspend()?,
                Effect::Quit => self.over = true,
                // The program has carried these out.
                Effect::Link(_)
                | Effect::Keep(_)
                | Effect::Sound(_)
                | Effect::Shelf(_)
                | Effect::Check(_)
                | Effect::Log(_)
                | Effect::Settings(_)
                | Effect::Connect(_)
                | Effect::Exchange
                | Effect::Export { .. }
                | Effect::Inspect(_)
                | Effect::Bundle(_)
                | Effect::Import(_)
                | Effect::Use(_)
                | Effect::Set { .. }
                | Effect::ReadClipboard { .. } => {}
            }
        }
        Ok(())
    }

    /// Draws, if a frame is due and the terminal has taken the last one.
    pub fn draw(&mut self) -> io::Result<()> {
        let now = self.program.clock.now();
        if self.over || self.screen.busy() || !self.frames.is_due(now.mono) {
            return Ok(());
        }
        self.program.model.now = now;
        self.frames.drawn(now.mono);
        let mut drawn = Drawn::default();
        let Self {
            screen,
            program,
            cache,
            scrollback,
            frames,
            ..
        } = self;
        match scrollback {
            Some(scrollback) if !inline::whole(&program.model) => {
                let size = screen.size();
                let strip = inline::draw(&program.model, cache, scrollback, size, false);
                screen.strip(&strip)?;
                if strip.more {
                    frames.request(now.mono, Haste::Soon);
                }
                drawn = strip.drawn;
            }
            _ => screen.draw(|frame| drawn = view::draw(frame, &program.model, cache))?,
        }
        if let Some(trace) = &mut self.program.trace {
            trace.note("frame", "");
        }
        if self.news(&drawn) {
            self.take(Msg::Drawn(drawn))?;
        }
        Ok(())
    }

    /// Whether the model does not know yet what the drawing found out.
    fn news(&self, drawn: &Drawn) -> bool {
        let model = &self.program.model;
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

/// How soon the screen must follow a message; `None` when nothing on it changes.
fn haste(model: &Model, msg: &Msg) -> Option<Haste> {
    match msg {
        Msg::Key { .. }
        | Msg::Paste(_)
        | Msg::Click(..)
        | Msg::Pointed(_)
        | Msg::Wheel { .. }
        | Msg::Written(_)
        | Msg::Order(_)
        | Msg::Resize(..)
        | Msg::Focus(_)
        | Msg::Act(_)
        | Msg::Settings(_)
        | Msg::Connect(_)
        | Msg::Import(_)
        | Msg::Exported(_)
        | Msg::Inspected(_)
        | Msg::Bundled(_)
        | Msg::Masked(_)
        | Msg::Warning(_)
        | Msg::Clipboard { .. }
        | Msg::Log(_)
        | Msg::Kept(Kept::Loaded { .. })
        | Msg::Terminate => Some(Haste::Now),
        Msg::Link(LinkEvent::Heard { down, .. }) => match down {
            Down::Beat | Down::Unreadable { .. } => None,
            // The first piece is what the user waits for; the rest follows at reading speed.
            Down::Text { .. } if awaits_text(model) => Some(Haste::Now),
            Down::Text { .. } => Some(Haste::Later),
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
        // A scroll wish is fulfilled by the drawing that found this out.
        Msg::Drawn(_) => None,
        Msg::Start { .. }
        | Msg::Left(_)
        | Msg::Link(
            LinkEvent::Elsewhere { .. } | LinkEvent::Unsent { .. } | LinkEvent::Unheard { .. },
        )
        | Msg::Kept(_)
        | Msg::Sound(_)
        | Msg::Shelf(_)
        | Msg::Check(_)
        | Msg::Used { .. }
        | Msg::Ring(_)
        | Msg::Due => Some(Haste::Soon),
    }
}

fn awaits_text(model: &Model) -> bool {
    let reply = model.turn.as_ref().map(|turn| turn.reply);
    reply.is_some_and(|reply| model.conversation.transcript.get(reply).is_none())
}

/// Stops the process until the user brings it back.
#[cfg(unix)]
pub(super) fn stop() {
    // The signal cannot be refused, and there is nothing to do if the system says no.
    let _ = signal_hook::low_level::raise(signal_hook::consts::SIGSTOP);
}

#[cfg(not(unix))]
pub(super) const fn stop() {}

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
