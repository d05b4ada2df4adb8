//! What English sentences want.

mod desk;
mod questions;

use super::intent::{Intent, Rule, first};
use super::phrase::{Heard, matched};
use crate::mind::tools::Sum;
use jiff::Zoned;

/// The phrases known, in the order in which they are tried.
const RULES: &[&[Rule]] = &[questions::RULES, desk::RULES];

/// Courtesies before and after what is wanted.
const STARTS: &[&str] = &[
    "please ",
    "hey, ",
    "hey ",
    "hello, ",
    "hi, ",
    "ok, ",
    "okay, ",
    "ok ",
    "okay ",
    "hearsay, ",
    "hearsay ",
    "can you ",
    "could you ",
    "would you ",
    "will you ",
    "do you know ",
    "tell me ",
    "i want you to ",
    "so, ",
    "so ",
];
const ENDS: &[&str] = &[" please", ", thanks", " for me"];

/// What the sentence wants, if it is one of those known here.
pub(super) fn intent(line: &str, now: &Zoned) -> Option<Intent> {
    let plain = Heard::new(line, false).without(&[], ENDS);
    let bare = plain.clone().without(STARTS, ENDS);
    first(RULES, &bare, now)
        .or_else(|| first(RULES, &plain, now))
        .or_else(|| sum(&bare))
}

/// "and in Paris?": the place asked about.
pub(super) fn follow_up(line: &str) -> Option<String> {
    let heard = Heard::new(line, false);
    let phrases = [
        "(and|what about|how about|and what about|and how about) in {}",
        "(and|what about|how about|and what about|and how about) {}",
    ];
    phrases
        .iter()
        .find_map(|phrase| matched(phrase, &heard, &|blanks| blanks.first().cloned()))
}

fn sum(heard: &Heard) -> Option<Intent> {
    let text = heard.matched();
    let starts = [
        "what is ",
        "what's ",
        "whats ",
        "calculate ",
        "compute ",
        "how much is ",
        "work out ",
        "evaluate ",
        "solve ",
        "=",
    ];
    let bare = starts.iter().find_map(|start| text.strip_prefix(start));
    Sum::spoken(bare.unwrap_or(&text).trim()).map(Intent::from)
}
