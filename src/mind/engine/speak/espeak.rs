//! Asks `espeak-ng` for the phonemes of words, where it is installed: many voices were taught with
//! its phonemes, and nobody else has quite the same.
//!
//! It is a program of its own. The words go in on its input; what it answers is read to its end.

use crate::core::words::Lang;
use crate::mind::voice::{figured, numbered};
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// Its name.
const PROGRAM: &str = "espeak-ng";

/// The phonemes of a clause, without the mark at its end; nothing where the program is missing or
/// does not know the language.
pub(super) fn phonemes(clause: &str, lang: Lang) -> Option<String> {
    let clause = &figured(clause, lang);
    match lang {
        Lang::En => ask("en-us", clause),
        Lang::Zh if reads_chinese() => ask("cmn", clause),
        Lang::Zh => ask("cmn-latn-pinyin", &numbered(clause)),
    }
}

/// Where the dictionary for characters is missing, it spells them out in English, and says so only
/// in its phonemes.
fn reads_chinese() -> bool {
    static READS: OnceLock<bool> = OnceLock::new();
    *READS.get_or_init(|| ask("cmn", "你").is_some_and(|phonemes| !phonemes.is_empty()))
}

fn ask(voice: &str, words: &str) -> Option<String> {
    let mut child = Command::new(PROGRAM)
        .args(["-q", "--ipa", "--stdin", "-b", "1", "-v", voice])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut input = child.stdin.take()?;
    // A clause is shorter than any pipe, so this does not wait for what is read below.
    let told = input.write_all(words.replace("[[", "[ [").as_bytes());
    drop(input);
    let output = child.wait_with_output().ok()?;
    if told.is_err() || !output.status.success() {
        return None;
    }
    let said = String::from_utf8(output.stdout).ok()?;
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    // `(en)` marks words of another language, which it could not read in this one.
    (voice != "cmn" || !said.contains("(en)")).then(|| without_switches(&said))
}

/// Leaves out where it switches languages.
fn without_switches(said: &str) -> String {
    let mut out = String::with_capacity(said.len());
    let mut inside = false;
    for c in said.chars() {
        match c {
            '(' => inside = true,
            ')' => inside = false,
            c if !inside => out.push(c),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn switches_between_languages_are_no_phonemes() {
        assert_eq!(without_switches("(en)hˈaɪ(cmn) nˈi"), "hˈaɪ nˈi");
        assert_eq!(without_switches("hˈaɪ"), "hˈaɪ");
    }
}
