//! A log and nothing else on the screen: no line, no store, no sound. The keys, what they mean and
//! how it looks are those of the log's page in the program.

use super::clock::Clock;
use super::frames::{FrameClock, Haste};
use super::logs::Logs;
use super::reader::{Reader, reader};
use super::run::Signal;
use super::terminal::{Extent, Screen};
use super::{boot, keys, panic, signals, themes};
use crate::config::{ConfigError, Loaded};
use crate::core::action::{Action, Plain};
use crate::core::effect::{Effect, Effects};
use crate::core::log::{LogOrder, Wants};
use crate::core::model::{Layer, Model, PageKind, Setup};
use crate::core::msg::Msg;
use crate::core::update::{deadline, update};
use crate::view::{self, Cache};
use anyhow::Context as _;
use std::io;
use tokio::sync::mpsc;

/// What is looked at.
struct Looking {
    clock: Clock,
    model: Model,
    reader: Reader,
    screen: Screen,
    cache: Cache,
    frames: FrameClock,
    over: bool,
}

/// Shows a log until the user leaves: this one, or the program's own.
pub fn run(
    loaded: &Loaded,
    source: Option<String>,
    wants: &Wants,
    search: &str,
) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(look(loaded, source, wants, search));
    runtime.shutdown_background();
    outcome
}

async fn look(
    loaded: &Loaded,
    source: Option<String>,
    wants: &Wants,
    search: &str,
) -> anyhow::Result<()> {
    let settings = &loaded.settings;
    let (keymap, _conflicts) = boot::keymap(settings).map_err(ConfigError::Bad)?;
    let mut screen = Screen::enter(Extent::Whole).context("the terminal cannot be used")?;
    screen.mouse(settings.ui.mouse)?;
    panic::install(settings.data_dir.clone(), Logs::new(None), || {});
    let (tell, mut logged) = mpsc::unbounded_channel();
    let (looks, look, _) = themes::looks(loaded);
    let mut looking = Looking {
        clock: Clock::start(),
        model: Model::new(Setup {
            lang: settings.lang,
            size: screen.size(),
            keymap,
            bell: false,
            notify: false,
            look,
            ..Setup::default()
        }),
        reader: reader(loaded, move |event| {
            // Nobody listens any more when the screen is left.
            let _ = tell.send(event);
        }),
        screen,
        cache: Cache::new(looks),
        frames: FrameClock::new(settings.ui.max_fps),
        over: false,
    };
    let (mut keys, mut signals) = (keys::spawn(looking.screen.size())?, signals::listen()?);
    let open = source.map_or(Action::Plain(Plain::Log), Action::ReadLog);
    looking.take(Msg::Act(open))?;
    looking.begin(wants, search);
    while !looking.over {
        looking.draw()?;
        let (clock, busy) = (looking.clock, looking.screen.busy());
        let frame = looking.frames.due().filter(|_due| !busy);
        let wake = [frame, deadline(&looking.model)]
            .into_iter()
            .flatten()
            .min();
        let sleep = async {
            match wake {
                Some(at) => tokio::time::sleep_until(clock.instant(at).into()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            key = keys.recv() => looking.take(key.unwrap_or(Msg::Terminate))?,
            Some(signal) = signals.recv() => looking.signal(signal)?,
            Some(event) = logged.recv() => looking.take(Msg::Log(event))?,
            flushed = looking.screen.flush(), if busy => flushed?,
            () = sleep => {}
        }
        let now = clock.now().mono;
        if deadline(&looking.model).is_some_and(|at| at <= now) {
            looking.take(Msg::Due)?;
        }
    }
    looking.screen.leave();
    Ok(())
}

impl Looking {
    /// What was asked for on the command line.
    fn begin(&mut self, wants: &Wants, search: &str) {
        for layer in &mut self.model.layers {
            if let Layer::Page(page) = layer
                && let PageKind::Log(page) = &mut page.kind
            {
                page.wants.clone_from(wants);
                search.clone_into(&mut page.search);
            }
        }
        if !wants.all() {
            self.reader.ask(LogOrder::Want(wants.clone()));
        }
        if !search.is_empty() {
            self.reader.ask(LogOrder::Search(search.to_owned()));
        }
    }

    fn take(&mut self, msg: Msg) -> io::Result<()> {
        if let Msg::Resize(columns, rows) = msg {
            self.screen.resize(columns, rows)?;
        }
        let now = self.clock.now();
        let effects = update(&mut self.model, now, msg);
        self.frames.request(now.mono, Haste::Now);
        self.perform(effects)?;
        // There is nothing behind the page.
        self.over |= self.model.layers.is_empty();
        Ok(())
    }

    fn perform(&mut self, effects: Effects) -> io::Result<()> {
        for effect in effects {
            match effect {
                Effect::Log(order) => self.reader.ask(order),
                Effect::Copy(text) => self.screen.copy(&text)?,
                Effect::Mouse(on) => self.screen.mouse(on)?,
                Effect::Redraw => self.screen.repaint()?,
                Effect::Suspend => self.signal(Signal::Suspend)?,
                Effect::Quit => self.over = true,
                // There is no line, no store and no sound.
                _ => {}
            }
        }
        Ok(())
    }

    fn signal(&mut self, signal: Signal) -> io::Result<()> {
        match signal {
            Signal::Terminate | Signal::Interrupt => self.over = true,
            Signal::Suspend => {
                self.screen.leave();
                super::run::stop();
                self.screen.again()?;
                let (columns, rows) = crossterm::terminal::size()?;
                self.take(Msg::Resize(columns, rows))?;
            }
            Signal::Continue => {
                self.screen.repaint()?;
                let now = self.clock.now().mono;
                self.frames.request(now, Haste::Now);
            }
        }
        Ok(())
    }

    fn draw(&mut self) -> io::Result<()> {
        let now = self.clock.now().mono;
        if self.over || self.screen.busy() || !self.frames.is_due(now) {
            return Ok(());
        }
        self.frames.drawn(now);
        let (model, cache, mut scrolled) = (&self.model, &mut self.cache, None);
        self.screen
            .draw(|frame| scrolled = view::draw_log(frame, model, cache))?;
        // A page goes no further than its text.
        if let Some(Layer::Page(page)) = self.model.layers.last_mut() {
            page.scroll = scrolled.unwrap_or(page.scroll);
        }
        Ok(())
    }
}
