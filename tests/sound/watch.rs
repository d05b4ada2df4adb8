//! Whether the machine keeps time: threads that want the processor every few milliseconds, as a
//! sound server does, and note how late they get it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How often a thread wants the processor.
const STEP: Duration = Duration::from_millis(5);
/// How late it may get it. Devices hand over blocks of 10 to 20 ms, and what was asked for that late
/// more than once has missed one.
const LATE: Duration = Duration::from_millis(10);

/// Looks on while something is tried.
pub(crate) struct Watch {
    over: Arc<AtomicBool>,
    threads: Vec<JoinHandle<Kept>>,
}

/// How time was kept.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Kept {
    worst: Duration,
    late: u32,
    looks: u32,
}

impl Watch {
    /// One thread for each processor, since each of them may be held up by itself.
    pub(crate) fn begin() -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let processors = thread::available_parallelism().map_or(1, usize::from);
        let threads = (0..processors).map(|_| {
            let over = Arc::clone(&over);
            thread::spawn(move || look(&over))
        });
        Self {
            threads: threads.collect(),
            over,
        }
    }

    pub(crate) fn end(self) -> Kept {
        self.over.store(true, Ordering::Relaxed);
        let all = self
            .threads
            .into_iter()
            .map(|thread| thread.join().unwrap());
        all.fold(Kept::default(), |one, other| Kept {
            worst: one.worst.max(other.worst),
            late: one.late + other.late,
            looks: one.looks + other.looks,
        })
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "what is measured is how long a sleep takes"
)]
fn look(over: &AtomicBool) -> Kept {
    let mut kept = Kept::default();
    while !over.load(Ordering::Relaxed) {
        let before = Instant::now();
        thread::sleep(STEP);
        let late = before.elapsed().saturating_sub(STEP);
        kept.worst = kept.worst.max(late);
        kept.late += u32::from(late > LATE);
        kept.looks += 1;
    }
    kept
}

impl Kept {
    /// Nothing was late.
    pub(crate) fn is_good(&self) -> bool {
        self.late == 0
    }
}

impl std::fmt::Display for Kept {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { worst, late, looks } = self;
        let (worst, limit) = (worst.as_millis(), LATE.as_millis());
        write!(
            out,
            "{late} of {looks} times a thread woke more than {limit} ms late, at worst {worst} ms"
        )
    }
}
