//! The form in which a model wants a conversation: which pieces begin and end what somebody said.
//! Told by the pieces it has. Pure.

use super::spell::Speller;
use crate::mind::engine::talk::{Line, Speaker};
use crate::mind::engine::tokens::Tokens;

/// How a conversation is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Qwen, SmolLM and many more.
    ChatMl,
    /// From Llama 3 on.
    Llama,
}

/// The form of one model.
#[derive(Debug)]
pub(super) struct Form {
    kind: Kind,
    open: usize,
    /// Closes the name of who speaks, where a piece does.
    named: Option<usize>,
    close: usize,
    first: Option<usize>,
    /// What ends an answer.
    pub(super) ends: Vec<usize>,
}

/// What else ends an answer, in one model or another.
const ENDS: [&str; 5] = [
    "<|im_end|>",
    "<|eot_id|>",
    "<|endoftext|>",
    "<|end_of_text|>",
    "<|eom_id|>",
];

impl Form {
    /// The form of a model with these pieces; nothing if it was not taught to converse.
    pub(super) fn of(tokens: &Tokens) -> Option<Self> {
        let number = |piece| tokens.number(piece);
        let ends = ENDS.iter().filter_map(|end| number(end)).collect();
        if let (Some(open), Some(close)) = (number("<|im_start|>"), number("<|im_end|>")) {
            return Some(Self {
                kind: Kind::ChatMl,
                open,
                named: None,
                close,
                first: None,
                ends,
            });
        }
        Some(Self {
            kind: Kind::Llama,
            open: number("<|start_header_id|>")?,
            named: Some(number("<|end_header_id|>")?),
            close: number("<|eot_id|>")?,
            first: number("<|begin_of_text|>"),
            ends,
        })
    }

    /// A conversation, and the beginning of its answer.
    pub(super) fn write(&self, said: &[Line], speller: &Speller) -> Vec<usize> {
        let mut pieces: Vec<usize> = self.first.into_iter().collect();
        for line in said {
            self.begin(line.by, speller, &mut pieces);
            pieces.extend(speller.spell(line.text.trim()));
            pieces.push(self.close);
            if self.kind == Kind::ChatMl {
                pieces.extend(speller.spell("\n"));
            }
        }
        self.begin(Speaker::Assistant, speller, &mut pieces);
        pieces
    }

    fn begin(&self, by: Speaker, speller: &Speller, pieces: &mut Vec<usize>) {
        let name = match by {
            Speaker::System => "system",
            Speaker::User => "user",
            Speaker::Assistant => "assistant",
        };
        pieces.push(self.open);
        pieces.extend(speller.spell(name));
        pieces.extend(self.named);
        pieces.extend(speller.spell(match self.kind {
            Kind::ChatMl => "\n",
            Kind::Llama => "\n\n",
        }));
    }
}
