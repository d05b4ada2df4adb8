//! A program in a real pseudo terminal, seen through a terminal emulator.
//!
//! Tests wait for what they expect to see. The limit of such a wait is far beyond anything that
//! happens in a working program: reaching it is a failure, not a measurement.

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// How long anything may take before the test is called a failure.
const LIMIT: Duration = Duration::from_mins(1);

/// What the terminal has received so far.
struct Seen {
    parser: vt100::Parser,
    raw: Vec<u8>,
    ended: bool,
    /// Nothing more is read for now.
    held: bool,
    /// A frame has begun, and its end has not come yet.
    torn: bool,
}

/// What a frame begins with and ends with.
const FRAME: [&[u8]; 2] = [b"\x1b[?2026h", b"\x1b[?2026l"];

impl Seen {
    fn take(&mut self, bytes: &[u8]) {
        let before = self.raw.len();
        self.parser.process(bytes);
        self.raw.extend_from_slice(bytes);
        // A mark may have come in two pieces.
        let news = &self.raw[before.saturating_sub(FRAME[0].len() - 1)..];
        let last = |mark: &[u8]| news.windows(mark.len()).rposition(|window| window == mark);
        match FRAME.map(last) {
            [None, None] => {}
            [begun, ended] => self.torn = begun > ended,
        }
    }
}

/// The running program and its terminal.
pub struct Pty {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    seen: Arc<(Mutex<Seen>, Condvar)>,
}

fn cells(n: u16) -> NonZeroU16 {
    NonZeroU16::new(n).unwrap()
}

/// A command for the program itself, with an empty environment but for what it needs, and
/// everything it keeps below `folder`.
pub fn hearsay(folder: &Path, arguments: &[&str]) -> CommandBuilder {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_hearsay"));
    command.args(arguments);
    surroundings(&mut command, folder);
    command
}

/// A command for another program, in the same surroundings.
pub fn other(folder: &Path, program: &str, arguments: &[&str]) -> CommandBuilder {
    let mut command = CommandBuilder::new(program);
    command.args(arguments);
    surroundings(&mut command, folder);
    command
}

fn surroundings(command: &mut CommandBuilder, folder: &Path) {
    command.env_clear();
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("HOME", folder);
    command.env("TERM", "xterm-256color");
    command.env("LANG", "C.UTF-8");
    command.env("TZ", "UTC");
    command.env("HEARSAY_DATA_DIR", folder.join("data"));
    command.env("HEARSAY_CONFIG", folder.join("config.toml"));
    // No test may meet a model server that happens to run on this machine.
    command.env("HEARSAY_BRAIN", "builtin");
    command.env("PS1", "$ ");
    // Where coverage is measured, the program writes its share of it.
    if let Some(profile) = std::env::var_os("LLVM_PROFILE_FILE") {
        command.env("LLVM_PROFILE_FILE", profile);
    }
    command.cwd(folder);
}

/// Whether this system has no pseudo terminals, as bare containers do; says so.
pub fn missing() -> bool {
    let Err(why) = native_pty_system().openpty(size(80, 24)) else {
        return false;
    };
    println!("skipped: no pseudo terminal can be opened here: {why}");
    true
}

impl Pty {
    /// Starts a command in a terminal of this size.
    pub fn start(command: CommandBuilder, columns: u16, rows: u16) -> Self {
        let pair = native_pty_system().openpty(size(columns, rows)).unwrap();
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut output = pair.master.try_clone_reader().unwrap();
        let keys = pair.master.take_writer().unwrap();
        let seen = Arc::new((
            Mutex::new(Seen {
                parser: vt100::Parser::new(cells(rows), cells(columns), 0),
                raw: vec![],
                ended: false,
                held: false,
                torn: false,
            }),
            Condvar::new(),
        ));
        let told = Arc::clone(&seen);
        std::thread::spawn(move || {
            let mut buffer = [0; 8192];
            loop {
                let taken = output.read(&mut buffer).unwrap_or(0);
                let seen = told.0.lock().unwrap();
                let mut seen = told.1.wait_while(seen, |seen| seen.held).unwrap();
                if taken == 0 {
                    seen.ended = true;
                    told.1.notify_all();
                    return;
                }
                seen.take(&buffer[..taken]);
                told.1.notify_all();
            }
        });
        Self {
            child,
            master: pair.master,
            keys,
            seen,
        }
    }

    /// The assistant on a screen of this size, once it is ready to be typed into.
    pub fn assistant(folder: &Path, columns: u16, rows: u16) -> Self {
        let pty = Self::start(hearsay(folder, &[]), columns, rows);
        pty.wait_for("the first frame", |screen| {
            screen.contents().contains("idle")
        });
        pty
    }

    /// Types these bytes.
    pub fn keys(&mut self, keys: impl AsRef<[u8]>) {
        self.keys.write_all(keys.as_ref()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Types a text and presses enter.
    pub fn say(&mut self, text: &str) {
        self.keys(text);
        self.keys("\r");
    }

    /// Delivers a text as a terminal delivers what is pasted.
    pub fn paste(&mut self, text: &str) {
        self.keys("\x1b[200~");
        self.keys(text);
        self.keys("\x1b[201~");
    }

    /// Reads nothing more from the program, as a terminal does that was stopped.
    pub fn hold(&self) {
        self.seen.0.lock().unwrap().held = true;
    }

    /// Reads on.
    pub fn read_on(&self) {
        self.seen.0.lock().unwrap().held = false;
        self.seen.1.notify_all();
    }

    /// Changes the size of the terminal.
    pub fn resize(&self, columns: u16, rows: u16) {
        let mut seen = self.seen.0.lock().unwrap();
        seen.parser
            .screen_mut()
            .set_size(cells(rows), cells(columns));
        drop(seen);
        self.master.resize(size(columns, rows)).unwrap();
    }

    /// Waits until the screen is as wanted, with all of a frame on it. Panics with the screen when the program ends first
    /// or it takes for ever.
    pub fn wait_for(&self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) {
        self.wait(what, |seen| !seen.torn && wanted(seen.parser.screen()));
    }

    /// Waits until this text is on the screen.
    pub fn wait_for_text(&self, text: &str) {
        self.wait_for(text, |screen| screen.contents().contains(text));
    }

    /// Waits until these bytes have been sent to the terminal.
    pub fn wait_for_bytes(&self, bytes: &[u8]) {
        self.wait(&String::from_utf8_lossy(bytes), |seen| {
            seen.raw.windows(bytes.len()).any(|window| window == bytes)
        });
    }

    fn wait(&self, what: &str, wanted: impl Fn(&Seen) -> bool) {
        let (seen, news) = &*self.seen;
        let guard = seen.lock().unwrap();
        let (guard, late) = news
            .wait_timeout_while(guard, LIMIT, |seen| !wanted(seen) && !seen.ended)
            .unwrap();
        assert!(
            !late.timed_out() && wanted(&guard),
            "{what} never came:\n{}",
            picture(guard.parser.screen())
        );
    }

    /// The screen as text, for messages and for judging by eye.
    pub fn picture(&self) -> String {
        picture(self.seen.0.lock().unwrap().parser.screen())
    }

    /// Looks at the screen.
    pub fn look<T>(&self, look: impl FnOnce(&vt100::Screen) -> T) -> T {
        look(self.seen.0.lock().unwrap().parser.screen())
    }

    /// Every byte the terminal has received.
    pub fn raw(&self) -> Vec<u8> {
        self.seen.0.lock().unwrap().raw.clone()
    }

    /// The process id of the program.
    pub fn pid(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// Whether the program has ended, whoever reads what it wrote.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits for the end of the program.
    pub fn end(&mut self) -> ExitStatus {
        let (seen, news) = &*self.seen;
        let guard = seen.lock().unwrap();
        let (guard, late) = news
            .wait_timeout_while(guard, LIMIT, |seen| !seen.ended)
            .unwrap();
        assert!(
            !late.timed_out(),
            "the program goes on:\n{}",
            picture(guard.parser.screen())
        );
        drop(guard);
        self.child.wait().unwrap()
    }

    /// Checks that nothing of ours is left in the terminal.
    pub fn assert_restored(&self) {
        let seen = self.seen.0.lock().unwrap();
        let screen = seen.parser.screen();
        assert!(!screen.alternate_screen(), "the alternate screen is left");
        assert!(!screen.bracketed_paste(), "bracketed paste is off");
        assert!(!screen.hide_cursor(), "the cursor is shown");
        let count = |bytes: &[u8]| {
            seen.raw
                .windows(bytes.len())
                .filter(|window| *window == bytes)
                .count()
        };
        assert_eq!(count(b"\x1b[>3u"), count(b"\x1b[<1u"), "keyboard flags");
        assert_eq!(
            count(b"\x1b[?1004h"),
            count(b"\x1b[?1004l"),
            "focus reports"
        );
        assert_eq!(
            count(b"\x1b[?1000h"),
            count(b"\x1b[?1000l"),
            "mouse reports"
        );
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        // Usually it has ended long ago.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize {
        rows,
        cols: columns,
        pixel_width: 0,
        pixel_height: 0,
    }
}

fn picture(screen: &vt100::Screen) -> String {
    let mut text = String::new();
    for row in screen.rows(0, screen.size().1.get()) {
        let _ = writeln!(text, "|{row}");
    }
    text
}
