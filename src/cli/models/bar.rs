//! Shows how far a pull is: a line that moves in a terminal, lines below each other elsewhere.

use super::Around;
use crate::core::shelf::megabytes;
use crate::core::words::Word;
use crate::mind::models::{Step, Trust};
use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write as _};
use tokio::time::Instant;
use unicode_width::UnicodeWidthStr;

/// Cells of the bar itself.
const CELLS: u64 = 20;
/// The width of a terminal that does not tell.
const USUAL: u16 = 80;

/// What is shown of a pull.
pub(super) struct Bar<'a> {
    around: &'a Around,
    /// A line can be drawn over.
    moves: bool,
    /// There is a line to be drawn over.
    drawn: bool,
    /// The file at hand, when its first bytes came, and how many were here then.
    file: Option<(String, Instant, u64)>,
    /// The last tenth that was told.
    tenth: u64,
}

impl<'a> Bar<'a> {
    pub(super) fn new(around: &'a Around) -> Self {
        let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        Self {
            around,
            moves: io::stderr().is_terminal() && !dumb,
            drawn: false,
            file: None,
            tenth: 0,
        }
    }

    /// Takes in what happened.
    pub(super) fn hear(&mut self, model: &str, step: &Step<'_>) {
        let around = self.around;
        match step {
            Step::Waiting => self.line(&around.say(Word::PullWaiting, &[model])),
            Step::Checking { file } if self.moves => {
                self.draw(&around.say(Word::PullChecking, &[file]));
            }
            Step::Checking { .. } => {}
            Step::Bytes {
                file,
                nth,
                of,
                done,
                total,
            } => self.bytes(file, (*nth, *of), *done, *total),
            Step::Again { url, why, wait, .. } => {
                let wait = wait.as_secs_f64().ceil().to_string();
                let why = why.tell(around.lang);
                self.line(&around.say(Word::PullAgainIn, &[url, &why, &wait]));
            }
            Step::Elsewhere { url, why, next, .. } => {
                let why = why.tell(around.lang);
                self.line(&around.say(Word::PullElsewhere, &[url, &why, next]));
            }
            Step::Kept { kept, new } => {
                self.file = None;
                if *new {
                    let size = megabytes(kept.size);
                    let hash = kept.sha256.to_string();
                    let trust = trust(around, kept.trust);
                    let told = [kept.name.as_str(), &size, &hash, &trust];
                    self.line(&around.say(Word::PullKept, &told));
                }
            }
        }
    }

    fn bytes(&mut self, file: &str, (nth, of): (usize, usize), done: u64, total: Option<u64>) {
        let now = Instant::now();
        if self.file.as_ref().is_none_or(|(name, ..)| name != file) {
            self.file = Some((file.to_owned(), now, done));
            self.tenth = total.map_or(0, |total| tenth(done, total));
        }
        let (since, from) = match &self.file {
            Some((_, since, from)) => (*since, *from),
            None => (now, done),
        };
        let around = self.around;
        let size = match total {
            Some(total) => around.say(Word::PullOf, &[&megabytes(done), &megabytes(total)]),
            None => megabytes(done),
        };
        if !self.moves {
            let Some(total) = total else { return };
            let reached = tenth(done, total);
            if reached > self.tenth {
                self.tenth = reached;
                self.line(&format!("{file}: {} %, {size}", reached * 10));
            }
            return;
        }
        let mut text = format!("{nth}/{of} {file}  ");
        if let Some(total) = total.filter(|total| *total > 0) {
            let cells = (done * CELLS / total).min(CELLS) as usize;
            let bar = "#".repeat(cells);
            let percent = done * 100 / total;
            // Writing into a string cannot fail.
            let _ = write!(text, "[{bar:<20}] {percent:>3} %  ");
        }
        text.push_str(&size);
        let seconds = now.duration_since(since).as_secs_f64();
        let rate = done.saturating_sub(from) as f64 / seconds;
        // The first second tells nothing.
        if seconds > 1.0 && rate > 1.0 {
            let _ = write!(text, "  {}/s", megabytes(rate as u64));
            if let Some(total) = total {
                let left = (total.saturating_sub(done) as f64 / rate)
                    .ceil()
                    .to_string();
                let _ = write!(text, "  {}", around.say(Word::PullLeft, &[&left]));
            }
        }
        self.draw(&text);
    }

    /// Draws over the line.
    fn draw(&mut self, text: &str) {
        let columns = crossterm::terminal::size().map_or(USUAL, |(columns, _)| columns);
        let room = usize::from(columns.saturating_sub(1));
        let mut shown = String::new();
        for c in text.chars() {
            shown.push(c);
            if shown.width() > room {
                shown.pop();
                break;
            }
        }
        self.drawn = true;
        // Nobody is left to show it to when stderr is gone.
        let _ = write!(io::stderr(), "\r{shown}\x1b[K");
    }

    /// Says something that stays.
    fn line(&mut self, text: &str) {
        self.end();
        // As above.
        let _ = writeln!(io::stderr(), "{text}");
    }

    /// Takes the moving line away.
    pub(super) fn end(&mut self) {
        if self.drawn {
            self.drawn = false;
            // As above.
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

fn tenth(done: u64, total: u64) -> u64 {
    (done * 10).checked_div(total).unwrap_or(0)
}

/// Who vouches for a file.
pub(super) fn trust(around: &Around, trust: Trust) -> String {
    let word = match trust {
        Trust::Catalogue => Word::TrustCatalogue,
        Trust::Hub => Word::TrustHub,
        Trust::FirstUse => Word::TrustFirst,
    };
    around.say(word, &[])
}
