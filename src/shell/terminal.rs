//! The terminal: entered and left in full, written to without ever waiting for it.
//!
//! Frames are drawn into memory and handed to the terminal in one write. A terminal that does
//! not read (a stopped multiplexer, a slow line) costs frames, never messages: while bytes of
//! one frame are still on their way, no further frame is drawn.

use super::inline::{Inline, reflows, wiped};
use super::odd;
use crate::view::inline::Strip;
use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste, EnableFocusChange,
    KeyboardEnhancementFlags, PopKeyboardEnhancementFlags, PushKeyboardEnhancementFlags,
};
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
};
use crossterm::{Command, cursor, terminal};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Frame, Terminal, TerminalOptions, Viewport};
use std::cell::RefCell;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};

/// Whether the terminal is ours right now: what `restore` looks at.
static ENTERED: AtomicBool = AtomicBool::new(false);
/// Whether all of its screen is.
static WHOLE: AtomicBool = AtomicBool::new(false);
/// How many rows above the cursor a strip of ours begins, where only that is; else `NO_STRIP`.
static STRIP: AtomicU16 = AtomicU16::new(NO_STRIP);
const NO_STRIP: u16 = u16::MAX;
/// Whether the terminal reports the mouse to us.
static MOUSE: AtomicBool = AtomicBool::new(false);
/// Buttons and the wheel, in a form that holds any size of screen. No movements: nothing follows
/// from one, and a slow line has better things to carry.
const MOUSE_ON: &str = "\x1b[?1000h\x1b[?1006h";
const MOUSE_OFF: &str = "\x1b[?1006l\x1b[?1000l";

/// Where ratatui draws: memory.
#[derive(Clone, Default)]
struct Canvas(Rc<RefCell<Vec<u8>>>);

impl Write for Canvas {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The screen while it is ours.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Canvas>>,
    canvas: Canvas,
    area: Rect,
    out: out::Out,
    /// Bytes of the last frame that the terminal has not taken yet.
    pending: Vec<u8>,
    /// How the last frame ended: where it left the cursor.
    ending: Vec<u8>,
    /// What was said stays in the terminal's memory, and we have a strip below it.
    inline: Option<Inline>,
    /// The terminal sets anew what is too wide for it.
    reflows: bool,
    /// The mouse is wished for.
    mouse: bool,
}

/// How much of the terminal is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    Whole,
    /// A strip below what is there, and all of it only for a while.
    Inline,
}

/// A frame without a cell is shorter than this.
const ENDING: usize = 64;

impl Screen {
    /// Takes the terminal over.
    pub fn enter(extent: Extent) -> io::Result<Self> {
        let out = out::Out::open()?;
        let (columns, rows) = terminal::size()?;
        let canvas = Canvas::default();
        let area = Rect::new(0, 0, columns, rows);
        let terminal = Terminal::with_options(
            CrosstermBackend::new(canvas.clone()),
            TerminalOptions {
                viewport: Viewport::Fixed(area),
            },
        )?;
        let mut screen = Self {
            terminal,
            canvas,
            area,
            out,
            pending: vec![],
            ending: vec![],
            inline: (extent == Extent::Inline).then(Inline::default),
            reflows: reflows(&|name| std::env::var(name).ok()),
            mouse: false,
        };
        screen.set_modes()?;
        Ok(screen)
    }

    /// Columns and rows.
    pub fn size(&self) -> (u16, u16) {
        (self.area.width, self.area.height)
    }

    fn set_modes(&mut self) -> io::Result<()> {
        terminal::enable_raw_mode()?;
        ENTERED.store(true, Ordering::SeqCst);
        let mut modes = String::new();
        if self.inline.is_none() {
            ansi(&mut modes, &EnterAlternateScreen);
        }
        WHOLE.store(self.inline.is_none(), Ordering::SeqCst);
        STRIP.store(
            self.inline.as_ref().map_or(NO_STRIP, |_strip| 0),
            Ordering::SeqCst,
        );
        ansi(&mut modes, &EnableBracketedPaste);
        ansi(&mut modes, &EnableFocusChange);
        // Pushed without asking: a terminal that does not know them ignores them, and asking
        // would stall the start on one that never answers.
        let flags = KeyboardEnhancementFlags::DISAMBIGUATE_ESCAPE_CODES
            | KeyboardEnhancementFlags::REPORT_EVENT_TYPES;
        ansi(&mut modes, &PushKeyboardEnhancementFlags(flags));
        if self.inline.is_none() {
            ansi(&mut modes, &terminal::Clear(terminal::ClearType::All));
        }
        self.write(modes.as_bytes())?;
        self.report()
    }

    /// Lets the terminal report the mouse, or not.
    pub fn mouse(&mut self, on: bool) -> io::Result<()> {
        self.mouse = on;
        self.report()
    }

    /// Where only a strip is ours, the wheel is for what the terminal keeps.
    fn report(&mut self) -> io::Result<()> {
        let on = self.mouse && WHOLE.load(Ordering::SeqCst);
        if MOUSE.swap(on, Ordering::SeqCst) == on {
            return Ok(());
        }
        self.write(if on { MOUSE_ON } else { MOUSE_OFF }.as_bytes())
    }

    /// Hands the terminal back, to come again with [`Screen::again`].
    pub fn leave(&mut self) {
        let rest = std::mem::take(&mut self.pending);
        out::write_in_time(&rest);
        restore();
    }

    /// Takes the terminal over again after [`Screen::leave`].
    pub fn again(&mut self) -> io::Result<()> {
        let (columns, rows) = terminal::size()?;
        if let Some(inline) = &mut self.inline {
            // It begins where the cursor is by now.
            *inline = Inline::default();
        }
        self.set_modes()?;
        self.resize(columns, rows)
    }

    /// The terminal has a new size; what it shows is unknown from here on.
    pub fn resize(&mut self, columns: u16, rows: u16) -> io::Result<()> {
        if let Some(inline) = &mut self.inline
            && columns != self.area.width
        {
            inline.resized(columns, self.reflows && columns < self.area.width);
        }
        self.area = Rect::new(0, 0, columns, rows);
        self.repaint()
    }

    /// Forgets what the terminal shows, so that the next frame paints everything.
    pub fn repaint(&mut self) -> io::Result<()> {
        self.ending.clear();
        if let Some(inline) = &mut self.inline {
            inline.stale();
        }
        // Clearing would ask the terminal where its cursor is, and wait for an answer.
        self.terminal.resize(self.area)
    }

    /// Whether bytes of the last frame are still on their way.
    pub fn busy(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Shows a strip below what the terminal keeps.
    pub fn strip(&mut self, strip: &Strip) -> io::Result<()> {
        let mut frame = String::new();
        if self.inline.is_some() && WHOLE.swap(false, Ordering::SeqCst) {
            self.report()?;
            frame.push_str(CLEARED);
            ansi(&mut frame, &LeaveAlternateScreen);
        }
        let Some(inline) = &mut self.inline else {
            return Ok(());
        };
        let size = (self.area.width, self.area.height);
        frame.push_str(&inline.write(strip, size));
        STRIP.store(inline.above(), Ordering::SeqCst);
        if frame.is_empty() {
            return Ok(());
        }
        self.frame(frame.as_bytes())
    }

    /// Draws one frame and hands it over, unless it would change nothing.
    pub fn draw(&mut self, paint: impl FnOnce(&mut Frame)) -> io::Result<()> {
        if self.inline.is_some() && !WHOLE.swap(true, Ordering::SeqCst) {
            let mut modes = String::new();
            ansi(&mut modes, &EnterAlternateScreen);
            ansi(&mut modes, &terminal::Clear(terminal::ClearType::All));
            self.write(modes.as_bytes())?;
            self.report()?;
            self.ending.clear();
            self.terminal.resize(self.area)?;
        }
        self.terminal.draw(|frame| {
            paint(frame);
            odd::mark(frame.buffer_mut());
        })?;
        let drawn = std::mem::take(&mut *self.canvas.0.borrow_mut());
        if self.ending.ends_with(&drawn) {
            return Ok(());
        }
        let rest = drawn.len().saturating_sub(ENDING);
        self.ending = drawn.get(rest..).unwrap_or_default().to_vec();
        self.frame(&drawn)
    }

    /// Hands a frame over, to be shown at once.
    fn frame(&mut self, drawn: &[u8]) -> io::Result<()> {
        let mut begin = String::new();
        ansi(&mut begin, &BeginSynchronizedUpdate);
        let mut end = String::new();
        ansi(&mut end, &EndSynchronizedUpdate);
        self.write(&[begin.as_bytes(), drawn, end.as_bytes()].concat())
    }

    /// Puts a text on the clipboard, if the terminal allows it.
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        let mut sequence = String::new();
        ansi(
            &mut sequence,
            &crossterm::clipboard::CopyToClipboard::to_clipboard_from(text),
        );
        self.write(sequence.as_bytes())
    }

    /// Rings the bell.
    pub fn bell(&mut self) -> io::Result<()> {
        self.write(b"\x07")
    }

    /// Sends what shows no cell: a notice of [`super::notify`].
    pub fn tell(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write(bytes)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.pending.is_empty() {
            let taken = self.out.try_write(bytes)?;
            self.pending.extend(bytes.iter().skip(taken));
        } else {
            self.pending.extend_from_slice(bytes);
        }
        Ok(())
    }

    /// Waits until the terminal has taken some of what is on its way.
    pub async fn flush(&mut self) -> io::Result<()> {
        let taken = self.out.write(&self.pending).await?;
        self.pending.drain(..taken);
        Ok(())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.leave();
    }
}

/// Whether the terminal may report the mouse now.
pub(super) fn reports_mouse() -> bool {
    MOUSE.load(Ordering::SeqCst)
}

/// An empty screen: a terminal that has only one goes on there.
const CLEARED: &str = "\x1b[H\x1b[J";

fn ansi(to: &mut String, command: &impl Command) {
    // Writing into a string cannot fail.
    let _ = command.write_ansi(to);
}

/// Undoes everything `enter` did, in reverse order. Safe at any moment and from any thread; does
/// nothing when the terminal is not ours, and gives up on a terminal that does not read.
pub fn restore() {
    if !ENTERED.swap(false, Ordering::SeqCst) {
        return;
    }
    // CAN ends whatever escape sequence was cut in the middle.
    let mut modes = String::from("\x18");
    if MOUSE.swap(false, Ordering::SeqCst) {
        modes.push_str(MOUSE_OFF);
    }
    ansi(&mut modes, &EndSynchronizedUpdate);
    ansi(&mut modes, &PopKeyboardEnhancementFlags);
    ansi(&mut modes, &DisableFocusChange);
    ansi(&mut modes, &DisableBracketedPaste);
    let _ = write!(modes, "\x1b[0m\x1b[?7h");
    if WHOLE.load(Ordering::SeqCst) {
        modes.push_str(CLEARED);
        ansi(&mut modes, &LeaveAlternateScreen);
    }
    let above = STRIP.load(Ordering::SeqCst);
    if above != NO_STRIP {
        modes.push_str(&wiped(above));
    }
    ansi(&mut modes, &cursor::Show);
    out::write_in_time(modes.as_bytes());
    // Nothing can be done about a terminal that is gone.
    let _ = terminal::disable_raw_mode();
}

#[cfg(unix)]
mod out {
    //! Writes to a description of the terminal that is ours alone: setting it to non-blocking
    //! does not reach the shell that shares our standard streams.

    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::fs::{Mode, OFlags, open};
    use std::fs::File;
    use std::io::{self, Write};
    use std::os::fd::AsFd;
    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;

    /// How long leaving may wait for a terminal that does not read.
    const PATIENCE: Timespec = Timespec {
        tv_sec: 0,
        tv_nsec: 50_000_000,
    };

    pub(super) struct Out(File);

    fn tty() -> io::Result<File> {
        let fd = open(
            "/dev/tty",
            OFlags::RDWR | OFlags::NONBLOCK | OFlags::NOCTTY,
            Mode::empty(),
        )?;
        Ok(File::from(fd))
    }

    impl Out {
        pub(super) fn open() -> io::Result<Self> {
            tty().map(Self)
        }

        /// Writes what fits right now.
        pub(super) fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
            let mut taken = 0;
            while taken < bytes.len() {
                match (&self.0).write(bytes.get(taken..).unwrap_or_default()) {
                    Ok(more) => taken += more,
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(taken)
        }

        /// Waits until something fits, and writes that.
        #[expect(
            deprecated,
            reason = "sound for a file; the constructor after it is not safe code"
        )]
        pub(super) async fn write(&self, bytes: &[u8]) -> io::Result<usize> {
            // Watched for no longer than this takes: a terminal that is watched wakes us once more
            // for each frame that it has taken.
            let watched = AsyncFd::with_interest(self.0.as_fd(), Interest::WRITABLE)?;
            loop {
                let mut ready = watched.writable().await?;
                match self.try_write(bytes)? {
                    0 if !bytes.is_empty() => ready.clear_ready(),
                    taken => return Ok(taken),
                }
            }
        }
    }

    /// Writes everything, but waits no longer than a moment for a terminal that does not read.
    pub(super) fn write_in_time(bytes: &[u8]) {
        let Ok(mut tty) = tty() else { return };
        let mut rest = bytes;
        for _attempt in 0..10 {
            match tty.write(rest) {
                Ok(taken) => rest = rest.get(taken..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let mut fds = [PollFd::new(&tty, PollFlags::OUT)];
                    let _ = poll(&mut fds, Some(&PATIENCE));
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return,
            }
            if rest.is_empty() {
                return;
            }
        }
    }
}

#[cfg(not(unix))]
mod out {
    //! Consoles without descriptors to wait on: written to directly.

    use std::io::{self, Write};

    pub(super) struct Out;

    impl Out {
        pub(super) fn open() -> io::Result<Self> {
            Ok(Self)
        }

        pub(super) fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
            let mut out = io::stdout().lock();
            out.write_all(bytes)?;
            out.flush()?;
            Ok(bytes.len())
        }

        pub(super) async fn write(&self, bytes: &[u8]) -> io::Result<usize> {
            self.try_write(bytes)
        }
    }

    pub(super) fn write_in_time(bytes: &[u8]) {
        let _ = Out.try_write(bytes);
    }
}
