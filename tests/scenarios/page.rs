//! The screens of `docs/scenarios.md`: blocks that are called `text 3.1`, which is the first screen
//! of the third scenario.
//!
//! A test waits until its screen is the one of the page, so whatever is still on its way there
//! may take as long as it likes. What differs from run to run is masked: times, levels, lengths.
//! `UPDATE_SCENARIOS=1 cargo test --test scenarios` writes the blocks anew.

use crate::support::pty::Pty;
use regex_lite::Regex;
use std::fs::File;
use std::io::{Read as _, Seek as _, Write as _};
use std::sync::LazyLock;
use std::time::Duration;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/scenarios.md");

/// What is different each time, and what stands for it.
static MASKS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let masks = [
        (r"/tmp/[^/ ]+/", "~/"),
        (r"127\.0\.0\.1:\d+", "127.0.0.1:#"),
        // A meter, and its number; the two of a call, the second of which comes and goes.
        (
            r"[█▏▎▍▌▋▊▉· ][█▏▎▍▌▋▊▉·][█▏▎▍▌▋▊▉· ]+-?\d+ dB( out [█▏▎▍▌▋▊▉· ]+-?\d+ dB)?",
            " ▒▒▒▒ # dB",
        ),
        (r"[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]", "⠿"),
        (r"connected( (<1|\d+) ms)?(, (fair|poor))?", "connected"),
        (r"已连接( (<1|\d+) ms)?(，(一般|很差))?", "已连接"),
        (r"\b\d+:\d\d:\d\d[,.]\d\d\d\b", "#:##:##,###"),
        (
            r"\b\d\d\d\d-\d\d-\d\d( |T)\d\d:\d\d(:\d\d)?",
            "####-##-## ##:##",
        ),
        (r"\b\d+:\d\d\b", "#:##"),
        (r"\b\d+(\.\d+)? (ms|s|min)\b", "# s"),
        (r"\b\d+(\.\d+)? (毫秒|秒)", "# 秒"),
        (r"retry \d+ in", "retry # in"),
        (
            r"last answer after # s(, most of it [a-z]+( [a-z]+)?)?",
            "last answer after # s",
        ),
        (r"cut in after “[^”]*”", "cut in after “…”"),
        // What is being said, as far as there is room for it.
        (r"^(  )[“…][^”]*(”| *$)", "$1“…”"),
        // The bar of a turn, and its parts: the longest is named.
        (r"^(│ )[░·█▒▓]+ *│$", "$1▒▒▒▒ │"),
        (
            r"^│ .*thinking # s \(slowest\).*│$",
            "│ █ thinking # s (slowest) │",
        ),
        (
            r"^│ .*[░·▒▓] [a-z ]+ # s \(slowest\).*│$",
            "│ … # s (slowest) │",
        ),
    ];
    let masks = masks.into_iter();
    masks
        .map(|(from, to)| (Regex::new(from).unwrap(), to))
        .collect()
});

/// A text in which nothing is left that is different each time. A row in which something was masked
/// has no columns to keep.
pub(crate) fn masked(text: &str) -> String {
    let mut out = String::new();
    for row in text.lines() {
        let row = row.trim_end();
        let mut masked = row.to_owned();
        for (from, to) in MASKS.iter() {
            masked = from.replace_all(&masked, *to).into_owned();
        }
        if masked != row || masked.contains("connected") || masked.contains("已连接") {
            masked = spaced(&masked);
        }
        out.push_str(masked.trim_end());
        out.push('\n');
    }
    out
}

/// With no more than three blanks or lines at a place, and the frame of a page where it was.
fn spaced(row: &str) -> String {
    static BLANKS: LazyLock<Regex> = LazyLock::new(|| Regex::new("( {3}) +|(─{3})─+").unwrap());
    let blanks = row.len() - row.trim_start().len();
    let (before, rest) = row.split_at(blanks);
    let rest = BLANKS.replace_all(rest, "$1$2");
    match rest.strip_suffix('│') {
        Some(inside) => format!("{before}{:<99}│", inside.trim_end()),
        None => format!("{before}{rest}"),
    }
}

fn updates() -> bool {
    std::env::var_os("UPDATE_SCENARIOS").is_some()
}

/// The committed block of this name.
fn committed(name: &str) -> String {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let (_, block, _) = parts(&page, name);
    block.to_owned()
}

/// What is before a block, in it, and behind it.
fn parts<'a>(page: &'a str, name: &str) -> (&'a str, &'a str, &'a str) {
    let fence = format!("```text {name}\n");
    let at = page.find(&fence);
    let at = at.unwrap_or_else(|| panic!("the page has no block `{name}`")) + fence.len();
    let (before, rest) = page.split_at(at);
    let (block, after) = rest.split_at(rest.find("```").unwrap());
    (before, block, after)
}

fn write(name: &str, text: &str) {
    let mut file = File::options().read(true).write(true).open(PAGE).unwrap();
    // Others write their blocks at the same time.
    file.lock().unwrap();
    let mut page = String::new();
    file.read_to_string(&mut page).unwrap();
    let (before, _, after) = parts(&page, name);
    let page = format!("{before}{text}{after}");
    file.set_len(0).unwrap();
    file.rewind().unwrap();
    file.write_all(page.as_bytes()).unwrap();
}

/// The screen as the page holds it. The last rows may be empty.
fn shown(screen: &vt100::Screen) -> String {
    let text = masked(&screen.contents());
    format!("{}\n", text.trim_end())
}

/// Waits until the screen has all these words, and is the one that the page shows.
pub(crate) fn screen(name: &str, pty: &Pty, words: &[&str]) {
    let has_words = |screen: &vt100::Screen| {
        let text = screen.contents();
        words.iter().all(|word| text.contains(word))
    };
    if !updates() {
        let expected = committed(name);
        pty.wait_for(
            &format!("{words:?} and this screen:\n{expected}\nafter what is here"),
            |screen| has_words(screen) && shown(screen) == expected,
        );
        return;
    }
    loop {
        pty.wait_for(&format!("{words:?}"), has_words);
        let before = pty.look(shown);
        std::thread::sleep(Duration::from_millis(900));
        if pty.look(|screen| has_words(screen) && shown(screen) == before) {
            return write(name, &before);
        }
    }
}

/// A text that is not on a screen: lines, or a file.
pub(crate) fn text(name: &str, text: &str) {
    let text = masked(text);
    if updates() {
        return write(name, &text);
    }
    assert_eq!(text, committed(name), "block {name} of docs/scenarios.md");
}

/// A screen some rows of which depend on how busy the machine is: it holds these words, and the page
/// shows one as it was.
pub(crate) fn sketch(name: &str, pty: &Pty, words: &[&str]) {
    if updates() {
        return screen(name, pty, words);
    }
    pty.wait_for(&format!("{words:?}"), |screen| {
        let text = screen.contents();
        words.iter().all(|word| text.contains(word))
    });
}
