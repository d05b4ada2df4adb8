//! Makes of written text what can be spoken, sentence by sentence while it arrives. Pure.

use crate::core::words::Lang;

/// Cuts a growing text into sentences that can be spoken.
#[derive(Clone, Debug, Default)]
pub struct Cutter {
    rest: String,
}

impl Cutter {
    /// Takes more of the text and gives the sentences that are complete.
    pub fn push(&mut self, more: &str) -> Vec<String> {
        self.rest.push_str(more);
        let mut sentences = vec![];
        while let Some(end) = self.rest.find(['.', '!', '?', '\n', '。', '！', '？']) {
            let end = end
                + self
                    .rest
                    .get(end..)
                    .map_or(0, |rest| rest.chars().next().map_or(0, char::len_utf8));
            let sentence: String = self.rest.drain(..end).collect();
            if !sentence.trim().is_empty() {
                sentences.push(sentence.trim().to_owned());
            }
        }
        sentences
    }

    /// The text is over: what is left of it.
    pub fn finish(&mut self) -> Vec<String> {
        let rest = std::mem::take(&mut self.rest);
        if rest.trim().is_empty() {
            vec![]
        } else {
            vec![rest.trim().to_owned()]
        }
    }
}

/// The language a sentence is in, as far as its letters show it; `fallback` if they do not.
pub fn language(text: &str, fallback: Lang) -> Lang {
    let han = text
        .chars()
        .filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c))
        .count();
    let latin = text.chars().filter(char::is_ascii_alphabetic).count();
    match (han, latin) {
        (0, 0) => fallback,
        _ if han * 4 >= latin => Lang::Zh,
        _ => Lang::En,
    }
}
