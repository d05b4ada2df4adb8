//! What happened in the last turns, note by note, for whoever asks where the time of one went.
//!
//! Pure. What comes in pieces is one note that grows in numbers only, and turns, notes and texts
//! are limited: all of it together never takes more than half a megabyte.

use super::backend::Down;
use super::ids::TurnId;
use super::time::Wall;
use std::collections::VecDeque;

/// So many turns are remembered.
pub const TURNS: usize = 20;
/// So many notes of each.
pub const NOTES: usize = 64;
/// So many bytes of text in each note.
pub const LONGEST: usize = 400;

/// Something that happened in a turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    pub at: Wall,
    pub what: What,
    /// Its text, or the beginning of it.
    pub text: String,
    /// How often it happened in a row, until when, and of how many bytes all of it was.
    pub times: u32,
    pub until: Wall,
    pub bytes: usize,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The words of a recording seemed to be these.
    Guess,
    /// These are its words.
    Words,
    Loading,
    Reasoning,
    Text,
    /// A tool is used.
    Tool,
    /// It answered.
    ToolDone,
    /// It could not do it.
    ToolFailed,
    /// Something is to be done at this end.
    Errand,
    Stopped,
    Trouble,
}

impl What {
    /// Whether it comes in pieces, of which each by itself says little.
    const fn flows(self) -> bool {
        matches!(self, Self::Text | Self::Reasoning | Self::Loading)
    }
}

/// What is remembered of one turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    pub turn: TurnId,
    pub notes: Vec<Note>,
    /// So many notes in their midst were left out.
    pub left_out: u32,
}

/// The last turns, the newest last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stories(VecDeque<Story>);

impl Stories {
    /// What is remembered of a turn.
    pub fn of(&self, turn: TurnId) -> Option<&Story> {
        self.0.iter().rev().find(|story| story.turn == turn)
    }

    /// The backend said something; without a name of its own it is about the running turn.
    pub fn heard(&mut self, running: Option<TurnId>, at: Wall, down: &Down) {
        let (turn, what, text) = match down {
            Down::Partial { turn, text } => (*turn, What::Guess, text.as_str()),
            Down::Transcript { turn, text } => (*turn, What::Words, text.as_str()),
            Down::Loading { turn } => (*turn, What::Loading, ""),
            Down::Reasoning { turn, more } => (*turn, What::Reasoning, more.as_str()),
            Down::Text { turn, more } => (*turn, What::Text, more.as_str()),
            Down::Tool { turn, tool } => {
                let (what, text) = match &tool.outcome {
                    None => (What::Tool, &tool.arguments),
                    Some(Ok(text)) => (What::ToolDone, text),
                    Some(Err(text)) => (What::ToolFailed, text),
                };
                let text = format!("{} {}", tool.name, cut(text));
                self.add(turn.or(running), at, what, &text);
                return;
            }
            Down::Errand { turn, errand } => (Some(*turn), What::Errand, errand.id.as_str()),
            Down::Interrupted { turn } => (*turn, What::Stopped, ""),
            Down::Trouble { turn, trouble } => (*turn, What::Trouble, trouble.what.as_str()),
            _ => return,
        };
        self.add(turn.or(running), at, what, text);
    }

    fn add(&mut self, turn: Option<TurnId>, at: Wall, what: What, text: &str) {
        let Some(turn) = turn else {
            return;
        };
        if self.of(turn).is_none() {
            if self.0.len() == TURNS {
                self.0.pop_front();
            }
            self.0.push_back(Story {
                turn,
                notes: vec![],
                left_out: 0,
            });
        }
        let story = self.0.iter_mut().rev().find(|story| story.turn == turn);
        if let Some(story) = story {
            story.add(at, what, text);
        }
    }
}

impl Story {
    fn add(&mut self, at: Wall, what: What, text: &str) {
        if let Some(last) = self.notes.last_mut()
            && last.what == what
            && what.flows()
        {
            last.times = last.times.saturating_add(1);
            last.bytes = last.bytes.saturating_add(text.len());
            last.until = at;
            return;
        }
        if self.notes.len() == NOTES {
            // How it began and how it ended says more than what was between.
            self.notes.remove(NOTES / 2);
            self.left_out = self.left_out.saturating_add(1);
        }
        self.notes.push(Note {
            at,
            what,
            text: if what.flows() { "" } else { cut(text) }.to_owned(),
            times: 1,
            until: at,
            bytes: text.len(),
        });
    }
}

/// As much of a text as is kept.
fn cut(text: &str) -> &str {
    text.get(..text.floor_char_boundary(LONGEST))
        .unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::backend::ToolUse;
    use proptest::prelude::*;

    const TURN: Option<TurnId> = Some(TurnId(1));

    fn text(more: &str) -> Down {
        Down::Text {
            turn: TURN,
            more: more.to_owned(),
        }
    }

    #[test]
    fn a_thousand_pieces_are_one_note() {
        let mut stories = Stories::default();
        for n in 0..1000 {
            stories.heard(TURN, Wall(n), &text("ab"));
        }
        let story = stories.of(TurnId(1)).unwrap();
        let expected = Note {
            at: Wall(0),
            what: What::Text,
            text: String::new(),
            times: 1000,
            until: Wall(999),
            bytes: 2000,
        };
        assert_eq!(story.notes, [expected]);
    }

    #[test]
    fn what_names_no_turn_is_about_the_running_one() {
        let mut stories = Stories::default();
        let tool = ToolUse {
            name: "sum".into(),
            arguments: "{}".into(),
            outcome: Some(Ok("2".into())),
        };
        stories.heard(TURN, Wall(3), &Down::Tool { turn: None, tool });
        stories.heard(None, Wall(3), &Down::Interrupted { turn: None });
        let notes = &stories.of(TurnId(1)).unwrap().notes;
        assert_eq!(notes.len(), 1);
        assert_eq!(
            (notes[0].what, notes[0].text.as_str()),
            (What::ToolDone, "sum 2")
        );
    }

    proptest! {
        #[test]
        fn it_never_grows_beyond_its_limits(
            said in prop::collection::vec((0..40_u128, 0..4_u8, ".{0,900}"), 0..400),
        ) {
            let mut stories = Stories::default();
            for (turn, kind, text) in said {
                let turn = Some(TurnId(turn));
                let down = match kind {
                    0 => Down::Partial { turn, text },
                    1 => Down::Text { turn, more: text },
                    2 => Down::Transcript { turn, text },
                    _ => Down::Interrupted { turn },
                };
                stories.heard(None, Wall(0), &down);
            }
            prop_assert!(stories.0.len() <= TURNS);
            for story in &stories.0 {
                prop_assert!(story.notes.len() <= NOTES);
                prop_assert!(story.notes.iter().all(|note| note.text.len() <= LONGEST));
            }
        }
    }
}
