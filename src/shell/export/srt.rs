//! Writes what was spoken in a conversation as subtitles, with the times at which it was heard.
//!
//! When a sentence of an answer began is known; when a word in it did is an estimate by its
//! length. What was only written is left out.

use crate::core::heard;
use crate::core::record::TurnTimes;
use crate::core::transcript::{Message, Role};
use crate::core::turn::Stage;
use std::io::{self, Write};

/// Something that was heard, in milliseconds of the wall clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cue {
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) who: Role,
    pub(super) text: String,
}

/// What was spoken, in the order in which it was.
pub(super) fn cues(messages: &[Message], turns: &[TurnTimes]) -> Vec<Cue> {
    let mut cues = vec![];
    for turn in turns {
        let stage = |wanted: Stage| {
            let mut found = turn.stages.iter().filter(|(name, _)| name == wanted.name());
            found.next().map(|(_, ms)| *ms as i64)
        };
        // The times were written down when the text was complete.
        let sent = turn.at.0 - stage(Stage::TextDone).unwrap_or_default();
        let question = messages
            .iter()
            .find(|message| message.role == Role::User && Some(message.turn) == turn.turn);
        if let Some(question) = question.filter(|_| stage(Stage::Heard).is_some()) {
            let text = one_line(&question.text);
            let took = question.clip.map(|clip| u64::from(clip.length_ms));
            let took = took.unwrap_or_else(|| heard::takes(&text)) as i64;
            cues.push(Cue {
                from: sent - took,
                to: sent,
                who: Role::User,
                text,
            });
        }
        let mut said = turn.said.iter().peekable();
        while let Some((ms, words)) = said.next() {
            let text = one_line(words);
            let from = *ms as i64;
            let next = said.peek().map(|(ms, _)| *ms as i64);
            let end = next.or(stage(Stage::Spoken)).filter(|end| *end > from);
            let likely = from + heard::takes(&text).max(300) as i64;
            cues.push(Cue {
                from: sent + from,
                to: sent + end.unwrap_or(likely),
                who: Role::Assistant,
                text,
            });
        }
    }
    cues.retain(|cue| !cue.text.is_empty());
    cues.sort_by_key(|cue| cue.from);
    cues
}

/// A cue for each word.
pub(super) fn words(cues: &[Cue]) -> Vec<Cue> {
    let mut out = vec![];
    for cue in cues {
        let all = heard::takes(&cue.text).max(1) as i64;
        let length = cue.to - cue.from;
        let (mut passed, mut from) = (0, cue.from);
        for word in heard::each_word(&cue.text) {
            passed += heard::takes(word) as i64;
            let to = cue.from + length * passed.min(all) / all;
            let text = word.trim().to_owned();
            out.push(Cue {
                from,
                to: to.max(from),
                text,
                ..*cue
            });
            from = to;
        }
    }
    out
}

/// Writes them, counted from the first.
pub(super) fn write(
    cues: &[Cue],
    name: impl Fn(Role) -> &'static str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let start = cues.iter().map(|cue| cue.from).min().unwrap_or(0);
    let mut who = None;
    for (n, cue) in cues.iter().enumerate() {
        let (from, to) = (clock(cue.from - start), clock(cue.to - start));
        writeln!(out, "{}\n{from} --> {to}", n + 1)?;
        // Who speaks is said when it changes.
        if who.replace(cue.who) != Some(cue.who) {
            write!(out, "{}: ", name(cue.who))?;
        }
        writeln!(out, "{}\n", cue.text)?;
    }
    Ok(())
}

/// `01:02:03,456`.
fn clock(ms: i64) -> String {
    let (seconds, ms) = (ms / 1000, ms % 1000);
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    format!(
        "{:02}:{:02}:{seconds:02},{ms:03}",
        minutes / 60,
        minutes % 60
    )
}

fn one_line(text: &str) -> String {
    super::one_line(text).trim().to_owned()
}
