//! What Chinese sentences want.

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
    "请问",
    "请",
    "帮我",
    "给我",
    "麻烦你",
    "麻烦",
    "你能不能",
    "能不能",
    "你能",
    "可以",
    "你可以",
    "告诉我",
    "我想知道",
    "你知道",
    "你好,",
    "嗨,",
    "那么",
    "我想",
    "我要",
];
const ENDS: &[&str] = &[
    "吧",
    "啊",
    "呀",
    "谢谢",
    "好吗",
    "可以吗",
    "行吗",
    "呢",
    "吗",
];

/// What the sentence wants, if it is one of those known here.
pub(super) fn intent(line: &str, now: &Zoned) -> Option<Intent> {
    let plain = Heard::new(line, true);
    let bare = plain.clone().without(STARTS, ENDS);
    first(RULES, &plain, now)
        .or_else(|| first(RULES, &bare, now))
        .or_else(|| sum(&bare))
}

/// 那巴黎呢？: the place asked about.
pub(super) fn follow_up(line: &str) -> Option<String> {
    let heard = Heard::new(line, true);
    ["(那|那么|)(在|){}呢", "(那|那么|还有)(在|){}"]
        .iter()
        .find_map(|phrase| matched(phrase, &heard, &|blanks| blanks.first().cloned()))
}

fn sum(heard: &Heard) -> Option<Intent> {
    let text = heard.matched();
    let starts = ["计算1下", "计算一下", "计算", "算一下", "算算", "算", "求"];
    let ends = [
        "等于多少",
        "是多少",
        "等于几",
        "得多少",
        "得几",
        "是几",
        "多少",
        "等于",
    ];
    let text = starts
        .iter()
        .find_map(|start| text.strip_prefix(start))
        .unwrap_or(&text);
    let text = ends
        .iter()
        .find_map(|end| text.strip_suffix(end))
        .unwrap_or(text);
    Sum::spoken(text.trim_matches([',', ':', ' '])).map(Intent::from)
}
