//! What is read out of an answer while it is still written: sentence by sentence, one after
//! another. Pure.

use crate::core::backend::{Up, VoiceWish};
use crate::core::ids::{ConversationId, TurnId};

/// An answer that is read out.
#[derive(Debug)]
pub(super) struct Reading {
    /// How, and in which conversation; nothing where all of it was given to be read at once.
    how: Option<(ConversationId, VoiceWish)>,
    /// What was written and is not read yet.
    text: String,
    /// Some of it was written.
    written: bool,
    /// Some of it is being read.
    reads: bool,
    /// No more is written.
    over: bool,
}

/// What is to be done about it.
#[derive(Debug, PartialEq)]
pub(super) enum Step {
    Nothing,
    Read(Box<Up>),
    /// All of it was read.
    End,
}

impl Reading {
    /// One that is written from now on.
    pub(super) fn new(conversation: ConversationId, voice: VoiceWish) -> Self {
        Self {
            how: Some((conversation, voice)),
            text: String::new(),
            written: false,
            reads: false,
            over: false,
        }
    }

    /// One that is being read already, whole.
    pub(super) fn whole() -> Self {
        Self {
            how: None,
            text: String::new(),
            written: true,
            reads: true,
            over: true,
        }
    }

    /// More is written. `over`: no more is; then the text counts only if there was none.
    pub(super) fn write(&mut self, turn: TurnId, text: Option<&str>, over: bool) -> Step {
        if let Some(text) = text.filter(|_text| !over || !self.written) {
            self.text.push_str(text);
            self.written = true;
        }
        self.over |= over;
        self.next(turn)
    }

    /// What was to be read was read.
    pub(super) fn read(&mut self, turn: TurnId) -> Step {
        self.reads = false;
        self.next(turn)
    }

    fn next(&mut self, turn: TurnId) -> Step {
        if self.reads {
            return Step::Nothing;
        }
        let end = if self.over {
            self.text.len()
        } else {
            sentences(&self.text)
        };
        let rest = self.text.split_off(end);
        let text = std::mem::replace(&mut self.text, rest);
        match &self.how {
            Some((conversation, voice)) if !text.trim().is_empty() => {
                self.reads = true;
                Step::Read(Box::new(Up::Read {
                    turn,
                    conversation: *conversation,
                    text: text.trim().to_owned(),
                    voice: voice.clone(),
                }))
            }
            _ if self.over => Step::End,
            _ => Step::Nothing,
        }
    }
}

/// Where the last sentence ends that is complete.
fn sentences(text: &str) -> usize {
    let mut end = 0;
    let mut before = None;
    for (at, c) in text.char_indices() {
        if matches!(c, '\n' | '。' | '！' | '？') {
            end = at + c.len_utf8();
        } else if c.is_whitespace() && matches!(before, Some('.' | '!' | '?')) {
            end = at;
        }
        before = Some(c);
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TURN: TurnId = TurnId(1);

    fn reading() -> Reading {
        let voice = VoiceWish {
            voice: None,
            speed: 1.0,
            engine: None,
        };
        Reading::new(ConversationId(2), voice)
    }

    fn text(step: Step) -> Option<String> {
        match step {
            Step::Read(up) => match *up {
                Up::Read { text, .. } => Some(text),
                other => panic!("{other:?}"),
            },
            Step::Nothing => None,
            Step::End => panic!("it ended"),
        }
    }

    #[test]
    fn whole_sentences_are_read_and_what_comes_meanwhile_waits() {
        let mut one = reading();
        assert_eq!(text(one.write(TURN, Some("It costs 3.5"), false)), None);
        let read = text(one.write(TURN, Some(" euros. And"), false));
        assert_eq!(read.as_deref(), Some("It costs 3.5 euros."));
        assert_eq!(text(one.write(TURN, Some(" you? Well. No"), false)), None);
        assert_eq!(text(one.read(TURN)).as_deref(), Some("And you? Well."));
        assert_eq!(
            one.write(TURN, Some("all of it again"), true),
            Step::Nothing
        );
        assert_eq!(text(one.read(TURN)).as_deref(), Some("No"));
        assert_eq!(one.read(TURN), Step::End);
    }

    #[test]
    fn an_answer_in_one_piece_and_one_without_words_end_too() {
        let mut one = reading();
        assert_eq!(
            text(one.write(TURN, Some("你好。"), true)).as_deref(),
            Some("你好。")
        );
        assert_eq!(one.read(TURN), Step::End);
        assert_eq!(reading().write(TURN, None, true), Step::End);
        assert_eq!(reading().write(TURN, Some(" "), true), Step::End);
        assert_eq!(Reading::whole().read(TURN), Step::End);
    }

    proptest! {
        #[test]
        fn all_that_is_written_is_read_once_and_in_order(
            pieces in prop::collection::vec("[a-c。.! \n]{0,6}", 0..20),
        ) {
            let mut one = reading();
            let mut read = String::new();
            let mut reads = false;
            let mut steps = vec![];
            for piece in &pieces {
                steps.push(one.write(TURN, Some(piece), false));
                if reads || matches!(steps.last(), Some(Step::Read(_))) {
                    steps.push(one.read(TURN));
                }
                for step in steps.drain(..) {
                    reads = matches!(step, Step::Read(_));
                    read.push_str(&text(step).unwrap_or_default());
                }
            }
            let mut last = one.write(TURN, None, true);
            if reads {
                last = one.read(TURN);
            }
            while last != Step::End {
                read.push_str(&text(last).unwrap_or_default());
                last = one.read(TURN);
            }
            prop_assert_eq!(last, Step::End);
            let words = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(words(&read), words(&pieces.concat()));
        }
    }
}
