//! Tells the model's thinking aloud from its answer when both arrive as one text, the thinking
//! between `<think>` and `</think>`.
//!
//! An opening tag counts only where models put it: at the start of a line, outside of code. A tag
//! within a sentence is something the answer talks about, and swallowing the rest of the answer
//! with it would be worse than showing it.

/// The tags in use, opening and closing.
const TAGS: [(&str, &str); 2] = [("<think>", "</think>"), ("<thinking>", "</thinking>")];

/// What opens and closes a block of code.
const FENCE: &str = "```";

/// White space longer than this is no indent before a tag. The limit keeps the work in
/// proportion to the text whatever a server sends.
const DEEPEST: usize = 256;

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Reasoning,
}

/// Where in the text we are.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// At the start of a line; white space and the start of a possible tag are held back.
    LineStart,
    /// Further on in a line.
    Line,
    /// Between the tags; the start of a possible closing tag is held back.
    Within { close: &'static str },
}

/// The one reader of one answer's text.
#[derive(Debug)]
pub(super) struct ThinkTags {
    place: Place,
    held: String,
    /// In a block of code.
    fenced: bool,
    /// Some thinking has ended, and nothing was said before it: the white space that follows
    /// belongs to the tag and not to the answer.
    bare: bool,
    said: bool,
}

impl ThinkTags {
    pub(super) fn new() -> Self {
        Self {
            place: Place::LineStart,
            held: String::new(),
            fenced: false,
            bare: false,
            said: false,
        }
    }

    /// Takes more of the text and hands it on, sorted.
    pub(super) fn feed(&mut self, more: &str, each: &mut impl FnMut(Kind, &str)) {
        // Cut where lines and tags end, so that a step never leaves a long rest behind.
        for piece in more.split_inclusive(['\n', '>']) {
            if matches!(self.place, Place::Line) {
                self.line(piece, each);
            } else {
                self.held.push_str(piece);
                while self.step(each) {}
            }
        }
    }

    /// The text is over: hands on what was held back.
    pub(super) fn finish(&mut self, each: &mut impl FnMut(Kind, &str)) {
        let held = std::mem::take(&mut self.held);
        match self.place {
            Place::Within { .. } => hand(Kind::Reasoning, &held, each),
            Place::LineStart if self.bare && held.trim().is_empty() => {}
            Place::LineStart | Place::Line => hand(Kind::Text, &held, each),
        }
    }

    /// Handles what is held as far as it is clear; true if the place changed and the rest needs
    /// another look.
    fn step(&mut self, each: &mut impl FnMut(Kind, &str)) -> bool {
        match self.place {
            Place::Line => false,
            Place::LineStart => self.line_start(each),
            Place::Within { close } => {
                if let Some((thinking, rest)) = self.held.split_once(close) {
                    hand(Kind::Reasoning, thinking, each);
                    self.held = rest.to_owned();
                    self.bare = !self.said;
                    self.place = Place::LineStart;
                    return true;
                }
                let kept = (1..close.len())
                    .rev()
                    .find(|length| {
                        let start = close.get(..*length);
                        start.is_some_and(|start| self.held.ends_with(start))
                    })
                    .unwrap_or(0);
                let tail = self.held.split_off(self.held.len() - kept);
                hand(Kind::Reasoning, &self.held, each);
                self.held = tail;
                false
            }
        }
    }

    fn line_start(&mut self, each: &mut impl FnMut(Kind, &str)) -> bool {
        let start = self.held.trim_start();
        let tags = TAGS.iter().filter(|_| !self.fenced);
        let opened = tags
            .clone()
            .find_map(|(open, close)| Some((start.strip_prefix(open)?, close)));
        if let Some((rest, close)) = opened {
            self.held = rest.to_owned();
            self.place = Place::Within { close };
            return true;
        }
        if start.is_empty() && self.held.ends_with('\n') {
            let blank = std::mem::take(&mut self.held);
            // Blank lines before the first word are no part of the answer.
            if self.said {
                hand(Kind::Text, &blank, each);
            }
            return false;
        }
        let mut possible = tags.map(|(open, _)| *open).chain([FENCE]);
        if start.starts_with(FENCE) {
            self.fenced = !self.fenced;
        } else if self.held.len() < DEEPEST && possible.any(|mark| mark.starts_with(start)) {
            return false;
        }
        let line = if self.bare { start } else { &self.held }.to_owned();
        self.held.clear();
        self.bare = false;
        self.said = true;
        self.line(&line, each);
        false
    }

    /// Hands on a line or a piece of it.
    fn line(&mut self, text: &str, each: &mut impl FnMut(Kind, &str)) {
        hand(Kind::Text, text, each);
        let ended = text.ends_with('\n');
        self.place = if ended { Place::LineStart } else { Place::Line };
    }
}

fn hand(kind: Kind, text: &str, each: &mut impl FnMut(Kind, &str)) {
    if !text.is_empty() {
        each(kind, text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// All the thinking and all the text of an answer that arrives in these pieces.
    fn sort<'a>(pieces: impl IntoIterator<Item = &'a str>) -> (String, String) {
        let mut sorted = (String::new(), String::new());
        let mut tags = ThinkTags::new();
        let mut each = |kind, text: &str| match kind {
            Kind::Reasoning => sorted.0.push_str(text),
            Kind::Text => sorted.1.push_str(text),
        };
        for piece in pieces {
            tags.feed(piece, &mut each);
        }
        tags.finish(&mut each);
        sorted
    }

    #[test]
    fn thinking_is_told_from_the_answer() {
        let table = [
            ("<think>hm</think>yes", "hm", "yes"),
            ("\n <think>hm</think>\n\nyes\n", "hm", "yes\n"),
            ("<thinking>hm</thinking> yes", "hm", "yes"),
            ("<think>a</think><think>b</think>c", "ab", "c"),
            ("<think></think>yes", "", "yes"),
            ("<think>never closed", "never closed", ""),
            ("<think>cut in a tag</thi", "cut in a tag</thi", ""),
            ("<think>a<b></c></think>d", "a<b></c>", "d"),
            ("<think>only</think>\n", "only", ""),
            ("plain", "", "plain"),
            ("  indented", "", "  indented"),
            ("<thin", "", "<thin"),
            ("<table>", "", "<table>"),
            ("the tag <think> opens", "", "the tag <think> opens"),
            ("so\n<think>hm</think>\nyes", "hm", "so\n\nyes"),
            ("so\n\n <thin air>\n", "", "so\n\n <thin air>\n"),
            (
                "code:\n```xml\n<think>no</think>\n```\n<think>hm</think>",
                "hm",
                "code:\n```xml\n<think>no</think>\n```\n",
            ),
            ("``", "", "``"),
            ("a\n", "", "a\n"),
            ("\n\na\n\n\nb", "", "a\n\n\nb"),
            ("a\n\n  <think>hm</think>\n\nb", "hm", "a\n\n\n\nb"),
            ("", "", ""),
            (" ", "", " "),
            ("<think>想</think>答", "想", "答"),
        ];
        for (text, thinking, answer) in table {
            let expected = (thinking.to_owned(), answer.to_owned());
            assert_eq!(sort([text]), expected, "{text:?}");
            let letters: Vec<String> = text.chars().map(String::from).collect();
            assert_eq!(
                sort(letters.iter().map(String::as_str)),
                expected,
                "{text:?} by letters"
            );
        }
    }

    #[test]
    fn the_work_stays_in_proportion_to_the_text() {
        // A reader that copies the rest at every step would sit at each of these for minutes.
        for piece in ["\n", "<think></think>", "\n ", " ", "<", "```\n"] {
            let text = piece.repeat((1 << 18) / piece.len());
            sort([text.as_str()]);
        }
        sort(vec![" "; 1 << 16]);
    }

    proptest! {
        #[test]
        fn pieces_of_any_size_are_sorted_as_the_whole(
            pieces in proptest::collection::vec("(<think>|</think>|<thi|nk>|</|```|[ a\n<`])", 0..12),
        ) {
            let text = pieces.concat();
            prop_assert_eq!(sort(pieces.iter().map(String::as_str)), sort([text.as_str()]));
        }
    }
}
