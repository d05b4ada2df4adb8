//! A log of a million lines: how long it takes until its end is on the screen, to go through it, to
//! narrow and to search it, and how much memory that takes.
//!
//! `cargo bench --bench logs` makes the log in the folder for temporary files, and removes it.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a bench reads the clock and prints what it measured"
)]

use hearsay::core::log::filter::Clock;
use hearsay::core::log::{Go, Level, Wants};
use hearsay::core::time::Wall;
use hearsay::tail::{Reel, Viewer};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::time::{Duration, Instant};

/// Lines of the log.
const LINES: u64 = 1_000_000;
/// Lines on the screen.
const ROWS: u16 = 50;
const LEVELS: [&str; 8] = [
    "INFO", "INFO", "INFO", "DEBUG", "WARN", "INFO", "ERROR", "INFO",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::temp_dir().join(format!("hearsay-bench-{}.log", std::process::id()));
    let measured = write(&path)
        .map_err(Into::into)
        .and_then(|()| measure(&path));
    std::fs::remove_file(&path)?;
    measured
}

fn write(path: &Path) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    for n in 0..LINES {
        let (second, ms) = (n / 20, n % 20 * 50);
        let (hour, minute) = (second / 3600 % 24, second / 60 % 60);
        let level = LEVELS[(n % 8) as usize];
        writeln!(
            file,
            "2026-11-20T{hour:02}:{minute:02}:{:02}.{ms:03}Z {level:5} request {n} took {} ms from \
             10.0.{}.{} path=/v1/chat/completions",
            second % 60,
            n * 7 % 913,
            n % 256,
            n * 3 % 256,
        )?;
    }
    file.flush()
}

fn measure(path: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let size = std::fs::metadata(path)?.len();
    println!("{LINES} lines, {} MB", size / 1_000_000);
    let clock = Clock {
        now: Wall(0),
        offset_s: 0,
    };
    let before = memory();
    let begun = now();
    let mut viewer = Viewer::new("bench".to_owned(), Reel::open(path, 0, 0)?, clock);
    viewer.rows(ROWS);
    while viewer.work()?.1 {}
    drop(viewer.window());
    told("opened, its end on the screen", begun.elapsed());

    let mut times = vec![];
    for n in 0..2000_u32 {
        let go = if n % 500 == 0 { Go::Top } else { Go::PageDown };
        let begun = now();
        viewer.go(go);
        drop(viewer.window());
        times.push(begun.elapsed());
    }
    times.sort_unstable();
    told("a page further, median", times[times.len() / 2]);
    told("a page further, slowest", times[times.len() - 1]);
    viewer.go(Go::Bottom);

    for (name, level, text) in [
        ("narrowed to warnings and errors", Some(Level::Warn), ""),
        ("narrowed to a word in few lines", None, "request 777777"),
        ("narrowed to an expression", None, "took 9[0-9]{2} ms"),
    ] {
        let wants = Wants {
            level,
            text: text.to_owned(),
            span: String::new(),
        };
        let begun = now();
        viewer.want(&wants, Wall(0))?;
        viewer.work()?;
        drop(viewer.window());
        let first = begun.elapsed();
        while viewer.work()?.1 {}
        told(&format!("{name}: something to see"), first);
        told(&format!("{name}: all of it"), begun.elapsed());
    }
    viewer.want(&Wants::default(), Wall(0))?;
    let begun = now();
    viewer.search("10\\.0\\.7\\.\\d+ path")?;
    while viewer.work()?.1 {}
    told("searched for an expression, all counted", begun.elapsed());
    if let (Some(before), Some(after)) = (before, memory()) {
        println!(
            "memory above an empty program: {} kB",
            after.saturating_sub(before)
        );
    }
    Ok(())
}

fn told(what: &str, took: Duration) {
    println!("{what}: {:.3} ms", took.as_secs_f64() * 1e3);
}

fn now() -> Instant {
    Instant::now()
}

/// The most memory this program has had, in kB, where the system says so.
fn memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
