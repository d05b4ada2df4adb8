//! What a sentence wants: a pure decision. The phrases of each language are a file each.

use super::phrase::{Heard, matched};
use super::{chinese, english};
use crate::core::words::Lang;
use crate::mind::tools::{Place, Request, Time, ToolError};
use jiff::Zoned;

/// Longer sentences are no command; arithmetic may be longer, and is limited by itself.
const LONGEST: usize = 1_000;

/// What a sentence wants.
#[derive(Debug)]
pub(super) enum Intent {
    /// Something that a tool does.
    Do(Request),
    /// It is clear what is wanted, and why it cannot be done.
    Cannot(ToolError),
    Greeting,
    Help,
    Mood,
    Name,
    Status,
    Thanks,
}

impl<T: Into<Request>> From<T> for Intent {
    fn from(request: T) -> Self {
        Self::Do(request.into())
    }
}

/// A matched phrase: what its blanks took, and what else is known.
pub(super) struct Filled<'a> {
    blanks: &'a [String],
    pub(super) now: &'a Zoned,
    /// The sentence was a question.
    pub(super) asks: bool,
}

impl Filled<'_> {
    /// What a blank took; nothing if the phrase has no such blank.
    pub(super) fn blank(&self, at: usize) -> &str {
        self.blanks.get(at).map_or("", String::as_str)
    }

    /// Text to be kept: without the colon or comma before it. A question is not to be kept.
    pub(super) fn text(&self, at: usize) -> Option<String> {
        let text = self.blank(at);
        let text = text.trim_start_matches([':', '：', ',', '，', ' ']);
        (!self.asks && !text.is_empty()).then(|| text.to_owned())
    }
}

/// Phrases that want the same, and what that is. Making nothing of it leaves the sentence to the
/// next rule.
pub(super) struct Rule {
    pub(super) phrases: &'static [&'static str],
    pub(super) make: fn(&Filled<'_>) -> Option<Intent>,
}

/// What the last of these lines of the user wants. The line before decides only what "and in
/// Paris?" is about.
pub(super) fn intent(lines: &[&str], now: &Zoned) -> Option<Intent> {
    let (last, before) = lines.split_last()?;
    if let Some(intent) = alone(last, now) {
        return Some(intent);
    }
    let place = english::follow_up(last).or_else(|| chinese::follow_up(last))?;
    let place = Place::find(&place).ok()?;
    let about_time = before
        .iter()
        .rev()
        .find_map(|line| match alone(line, now) {
            Some(Intent::Do(Request::Time(_))) => Some(true),
            None if english::follow_up(line)
                .or_else(|| chinese::follow_up(line))
                .is_some() =>
            {
                None
            }
            _ => Some(false),
        })?;
    about_time.then(|| Time { place: Some(place) }.into())
}

fn alone(line: &str, now: &Zoned) -> Option<Intent> {
    match language(line) {
        Some(Lang::Zh) => chinese::intent(line, now).or_else(|| english::intent(line, now)),
        _ => english::intent(line, now),
    }
}

/// The first rule that makes something of the sentence.
pub(super) fn first(rules: &[&[Rule]], heard: &Heard, now: &Zoned) -> Option<Intent> {
    if heard.len() > LONGEST {
        return None;
    }
    rules.iter().copied().flatten().find_map(|rule| {
        let make = |blanks: &[String]| {
            (rule.make)(&Filled {
                blanks,
                now,
                asks: heard.asks,
            })
        };
        rule.phrases
            .iter()
            .find_map(|phrase| matched(phrase, heard, &make))
    })
}

/// The language of a line: Chinese characters make it Chinese, letters English. Kana make it
/// Japanese, which is answered in English.
pub(super) fn language(line: &str) -> Option<Lang> {
    let kana = |c: char| matches!(c, '\u{3041}'..='\u{30ff}');
    let han = |c: char| matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{323af}');
    if line.contains(han) && !line.contains(kana) {
        Some(Lang::Zh)
    } else if line.contains(char::is_alphabetic) {
        Some(Lang::En)
    } else {
        None
    }
}
