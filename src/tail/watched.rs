//! A log that several follow, each from a place of their own, over one watch. Nobody watches while
//! nobody follows.
//!
//! Its reels are kept as long as it is, so that a line has one number for all, whenever they came.

use super::TailError;
use super::alert::Alert;
use super::reel::Reel;
use super::roll::{LONGEST, Lines};
use crate::core::log::filter::Filter;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep_until};

/// A log that grows is told this often at most: what comes meanwhile is one piece.
const GAP: Duration = Duration::from_millis(50);
/// So much is read in one go.
const BYTES: usize = 64 << 20;

/// A log that several follow.
#[derive(Debug)]
pub struct Watched {
    path: PathBuf,
    reel: Mutex<Reel>,
    /// The number after the last line that has ended.
    ended: watch::Sender<u64>,
    watching: Mutex<bool>,
}

/// Lines of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    pub lines: Vec<String>,
    /// The number of the line that comes next.
    pub next: u64,
    /// Lines before the first one are gone and were not taken.
    pub gap: bool,
}

fn locked<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Watched {
    /// The log at a path, with so many files that were put aside before it. Nothing has to be there
    /// yet, and nothing is read.
    pub fn open(path: &Path, before: usize, offset_s: i32) -> Result<Self, TailError> {
        Ok(Self {
            path: path.to_owned(),
            reel: Mutex::new(Reel::open(path, before, offset_s)?),
            ended: watch::Sender::new(0),
            watching: Mutex::new(false),
        })
    }

    /// What the file is called.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads what is new, and answers the number after the last line that has ended. Waits for the
    /// disk.
    fn advance(reel: &mut Reel) -> Result<u64, TailError> {
        while reel.advance(BYTES)?.read > 0 {}
        Ok(reel.ended())
    }

    fn unreadable(&self, source: std::io::Error) -> TailError {
        TailError::Read {
            path: self.path.clone(),
            source,
        }
    }

    /// The last lines that are wanted, no more than so many. Waits for the disk.
    pub fn last(&self, most: usize, filter: Option<&Filter>) -> Result<Taken, TailError> {
        let mut reel = locked(&self.reel);
        let end = Self::advance(&mut reel)?;
        let mut found = VecDeque::new();
        let mut lines = Lines::default();
        let last = end.checked_sub(1).and_then(|last| reel.block_of(last));
        let blocks = last.map_or(0..0, |last| reel.blocks().start..last + 1);
        for block in blocks.rev() {
            let first = reel.first_of(block).unwrap_or(end);
            reel.read(block, &mut lines)
                .map_err(|source| self.unreadable(source))?;
            let heads = filter
                .map(|_| reel.heads(block, &lines))
                .unwrap_or_default();
            let ended = usize::try_from(end.saturating_sub(first)).unwrap_or(usize::MAX);
            for nth in (0..lines.len().min(ended)).rev() {
                let wanted = filter.is_none_or(|filter| {
                    let head = heads.get(nth).copied().unwrap_or_default();
                    filter.wants(&head, lines.get(nth).unwrap_or_default())
                });
                if wanted {
                    found.push_front(text(&lines, nth));
                }
                if found.len() >= most {
                    break;
                }
            }
            if found.len() >= most {
                break;
            }
        }
        Ok(Taken {
            lines: found.into(),
            next: end,
            gap: false,
        })
    }

    /// The lines from this one on, of about so many bytes. Waits for the disk; reads nothing that
    /// nobody was told of.
    pub fn after(&self, from: u64, bytes: usize) -> Result<Taken, TailError> {
        let reel = locked(&self.reel);
        let (start, end) = (reel.lines().start, reel.ended());
        let mut taken = Taken {
            lines: vec![],
            next: from.max(start),
            gap: from < start,
        };
        let (mut lines, mut held) = (Lines::default(), 0);
        while taken.next < end && held < bytes {
            let Some(block) = reel.block_of(taken.next) else {
                // What was to be there is not: whoever asks next finds what came after it.
                taken.next = end;
                break;
            };
            let first = reel.first_of(block).unwrap_or(taken.next);
            reel.read(block, &mut lines)
                .map_err(|source| self.unreadable(source))?;
            let from = usize::try_from(taken.next - first).unwrap_or(usize::MAX);
            let ended = usize::try_from(end - first).unwrap_or(usize::MAX);
            for nth in from..lines.len().min(ended) {
                let line = text(&lines, nth);
                held += line.len();
                taken.lines.push(line);
            }
            // At least one: a file that was cut meanwhile has fewer than it had.
            taken.next = end.min(first + (lines.len() as u64).max(from as u64 + 1));
        }
        Ok(taken)
    }

    /// Tells when there are more lines, with the number after the last one. Must be called within a
    /// runtime.
    pub fn listen(self: &Arc<Self>) -> watch::Receiver<u64> {
        let mut watching = locked(&self.watching);
        let news = self.ended.subscribe();
        if !std::mem::replace(&mut *watching, true) {
            tokio::spawn(Arc::clone(self).watch());
        }
        news
    }

    /// Whether somebody follows it.
    pub fn is_watched(&self) -> bool {
        *locked(&self.watching)
    }

    async fn watch(self: Arc<Self>) {
        let alert = Alert::new(&self.path);
        loop {
            let log = Arc::clone(&self);
            let read = spawn_blocking(move || Self::advance(&mut locked(&log.reel))).await;
            match read {
                Ok(Ok(ended)) => {
                    self.ended
                        .send_if_modified(|known| std::mem::replace(known, ended) != ended);
                }
                // It is tried again when the file changes, and by the clock.
                Ok(Err(error)) => tracing::debug!("{error}"),
                Err(error) => tracing::warn!("a log was not read: {error}"),
            }
            let told = Instant::now();
            tokio::select! {
                () = alert.wait() => {}
                () = self.ended.closed() => {
                    let mut watching = locked(&self.watching);
                    if self.ended.receiver_count() == 0 {
                        *watching = false;
                        return;
                    }
                }
            }
            sleep_until(told + GAP).await;
        }
    }
}

/// A line as text; of one that is too long, its beginning.
fn text(lines: &Lines, nth: usize) -> String {
    let line = String::from_utf8_lossy(lines.get(nth).unwrap_or_default());
    match lines.left_out(nth) {
        0 => line.into_owned(),
        more => format!("{line} … ({} bytes)", LONGEST as u64 + more),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::log::Wants;
    use crate::core::log::filter::Clock;
    use crate::core::time::Wall;
    use proptest::prelude::*;
    use std::fs::OpenOptions;
    use std::io::Write;

    fn add(path: &Path, text: &str) {
        let mut options = OpenOptions::new();
        let mut file = options.create(true).append(true).open(path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    #[test]
    fn the_last_lines_are_told_and_those_that_have_not_ended_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        let log = Watched::open(&path, 2, 0).unwrap();
        assert_eq!(log.last(5, None).unwrap(), Taken::default());
        let lines: Vec<String> = (0..200).map(|n| format!("line {n}\n")).collect();
        add(&path, &lines.concat());
        add(&path, "half");
        let last = log.last(3, None).unwrap();
        assert_eq!(last.lines, ["line 197", "line 198", "line 199"]);
        assert_eq!(last.next, 200);
        assert_eq!(log.last(1000, None).unwrap().lines.len(), 200);
        add(&path, " a line\n");
        assert_eq!(log.last(1, None).unwrap().lines, ["half a line"]);
    }

    #[test]
    fn only_what_is_wanted_is_listed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        add(&path, "2024-01-01 00:00:00 ERROR boom\n  at a\n");
        add(&path, &"2024-01-01 00:00:01 INFO fine\n".repeat(100));
        let wants = Wants {
            level: crate::core::log::Level::of("error"),
            ..Wants::default()
        };
        let clock = Clock {
            now: Wall(0),
            offset_s: 0,
        };
        let filter = wants.read(clock).unwrap();
        let log = Watched::open(&path, 0, 0).unwrap();
        let found = log.last(9, Some(&filter)).unwrap().lines;
        assert_eq!(found, ["2024-01-01 00:00:00 ERROR boom", "  at a"]);
    }

    proptest! {
        /// Whatever happens to the file, each place comes by every line once.
        #[test]
        fn each_follows_from_a_place_of_its_own(steps in prop::collection::vec((1_usize..200, any::<bool>(), any::<bool>()), 1..12)) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("a.log");
            add(&path, "");
            let log = Watched::open(&path, 2, 0).unwrap();
            let (mut all, mut number) = (vec![], 0);
            let mut places = [(0, vec![]), (0, vec![])];
            for (count, rotate, both) in steps {
                for _ in 0..count {
                    add(&path, &format!("{number}\n"));
                    all.push(number.to_string());
                    number += 1;
                }
                Watched::advance(&mut locked(&log.reel)).unwrap();
                if rotate {
                    std::fs::rename(&path, folder.path().join("a.log.1")).unwrap();
                    add(&path, "");
                }
                let [first, second] = &mut places;
                for (next, seen) in std::iter::once(first).chain(both.then_some(second)) {
                    loop {
                        let taken = log.after(*next, 40).unwrap();
                        if taken.lines.is_empty() {
                            break;
                        }
                        prop_assert!(!taken.gap || *next < locked(&log.reel).lines().start);
                        seen.extend(taken.lines);
                        *next = taken.next;
                    }
                }
            }
            let (_, seen) = &places[0];
            prop_assert_eq!(seen, &all);
            let (_, seen) = &places[1];
            // It is behind by what was told while it did not look.
            prop_assert!(seen.len() <= all.len());
        }
    }

    #[tokio::test]
    async fn whoever_follows_is_told_and_nobody_watches_for_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        let log = Arc::new(Watched::open(&path, 2, 0).unwrap());
        assert!(!log.is_watched());
        let (mut one, mut other) = (log.listen(), log.listen());
        add(&path, "a\n");
        for news in [&mut one, &mut other] {
            news.wait_for(|ended| *ended == 1).await.unwrap();
        }
        drop(one);
        assert!(log.is_watched());
        drop(other);
        while log.is_watched() {
            tokio::task::yield_now().await;
        }
        // It begins anew.
        let mut again = log.listen();
        add(&path, "b\n");
        again.wait_for(|ended| *ended == 2).await.unwrap();
        assert_eq!(log.after(1, 9).unwrap().lines, ["b"]);
    }
}
