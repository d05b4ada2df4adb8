//! Tells the model's thinking aloud from its answer when both arrive as one text, the thinking
//! between `<think>` and `</think>`.
//!
//! Tags count only where models put them: before the first word of the answer. A tag further on
//! is something the answer talks about, and swallowing the rest of the answer with it would be
//! worse than showing it.

/// The tags in use, opening and closing.
const TAGS: [(&str, &str); 2] = [("<think>", "</think>"), ("<thinking>", "</thinking>")];

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Reasoning,
}

/// Where in the text we are.
#[derive(Debug)]
enum Place {
    /// Nothing but white space and perhaps the start of a tag so far, held back in `held`.
    /// `after` is set once a thinking part has ended here.
    Before { after: bool },
    /// Between the tags; the start of a possible closing tag is held back.
    Within { close: &'static str },
    /// In the answer.
    Past,
}

/// The one reader of one answer's text.
#[derive(Debug)]
pub(super) struct ThinkTags {
    place: Place,
    held: String,
}

impl ThinkTags {
    pub(super) fn new() -> Self {
        Self {
            place: Place::Before { after: false },
            held: String::new(),
        }
    }

    /// Takes more of the text and hands it on, sorted.
    pub(super) fn feed(&mut self, more: &str, each: &mut impl FnMut(Kind, &str)) {
        if matches!(self.place, Place::Past) {
            return hand(Kind::Text, more, each);
        }
        self.held.push_str(more);
        while self.step(each) {}
    }

    /// The text is over: hands on what was held back.
    pub(super) fn finish(&mut self, each: &mut impl FnMut(Kind, &str)) {
        let kind = match self.place {
            Place::Before { after: true } if self.held.trim().is_empty() => return,
            Place::Before { .. } | Place::Past => Kind::Text,
            Place::Within { .. } => Kind::Reasoning,
        };
        hand(kind, &std::mem::take(&mut self.held), each);
    }

    /// Handles what is held as far as it is clear; true if the place changed and the rest needs
    /// another look.
    fn step(&mut self, each: &mut impl FnMut(Kind, &str)) -> bool {
        match self.place {
            Place::Past => {
                hand(Kind::Text, &std::mem::take(&mut self.held), each);
                false
            }
            Place::Before { after } => {
                let start = self.held.trim_start();
                let opened = TAGS
                    .iter()
                    .find_map(|(open, close)| Some((start.strip_prefix(open)?, *close)));
                if let Some((rest, close)) = opened {
                    self.held = rest.to_owned();
                    self.place = Place::Within { close };
                    return true;
                }
                if TAGS.iter().any(|(open, _)| open.starts_with(start)) {
                    return false;
                }
                if after {
                    self.held = start.to_owned();
                }
                self.place = Place::Past;
                true
            }
            Place::Within { close } => {
                if let Some((thinking, rest)) = self.held.split_once(close) {
                    hand(Kind::Reasoning, thinking, each);
                    self.held = rest.to_owned();
                    self.place = Place::Before { after: true };
                    return true;
                }
                let kept = (1..close.len())
                    .rev()
                    .find(|length| {
                        close
                            .get(..*length)
                            .is_some_and(|start| self.held.ends_with(start))
                    })
                    .unwrap_or(0);
                let tail = self.held.split_off(self.held.len() - kept);
                hand(Kind::Reasoning, &self.held, each);
                self.held = tail;
                false
            }
        }
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

    proptest! {
        #[test]
        fn pieces_of_any_size_are_sorted_as_the_whole(
            pieces in proptest::collection::vec("(<think>|</think>|<thi|nk>|</|[ a\n<])", 0..12),
        ) {
            let text = pieces.concat();
            prop_assert_eq!(sort(pieces.iter().map(String::as_str)), sort([text.as_str()]));
        }
    }
}
