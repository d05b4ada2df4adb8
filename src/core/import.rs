//! Conversations from other clients, on their way in: how far it is, and what came of it. `store`
//! reads them.

use super::words::{Lang, Word, fill};
use serde::{Deserialize, Serialize};

/// How far it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// In hundredths of the file.
    pub percent: u8,
    pub conversations: usize,
    pub messages: usize,
}

impl Progress {
    /// For people.
    pub fn tell(&self, lang: Lang) -> String {
        let figures = [
            self.percent.to_string(),
            self.conversations.to_string(),
            self.messages.to_string(),
        ];
        fill(
            Word::Importing.text(lang),
            &figures.each_ref().map(String::as_str),
        )
    }
}

/// What could not be read, and where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Complaint {
    /// Of the conversations, counted from 1.
    pub nth: usize,
    /// The line of the file, where it has lines.
    pub line: Option<usize>,
    pub why: Why,
}

impl Complaint {
    fn tell(&self, lang: Lang) -> String {
        let why = match &self.why {
            Why::Cut => Word::ImportCut.text(lang),
            Why::TooLong => Word::ImportTooLong.text(lang),
            Why::Unreadable(why) => why,
        };
        let nth = self.nth.to_string();
        match self.line {
            Some(line) => fill(
                Word::ImportAtLine.text(lang),
                &[&nth, &line.to_string(), why],
            ),
            None => fill(Word::ImportAt.text(lang), &[&nth, why]),
        }
    }
}

/// Why something could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Why {
    /// The file ends within it.
    Cut,
    TooLong,
    /// In the words of whoever read it.
    Unreadable(String),
}

/// What came of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Which client wrote it.
    pub client: String,
    /// New here.
    pub conversations: usize,
    pub messages: usize,
    /// They were here already; some may have grown.
    pub known: usize,
    /// These hold no words.
    pub empty: usize,
    /// The first of what could not be read.
    pub complaints: Vec<Complaint>,
    /// How many there are.
    pub refused: usize,
}

impl Report {
    /// For people, a line each.
    pub fn tell(&self, lang: Lang) -> Vec<String> {
        let say = |word: Word, numbers: &[usize]| {
            let numbers: Vec<String> = numbers.iter().map(usize::to_string).collect();
            let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
            fill(word.text(lang), &numbers)
        };
        let client = fill(Word::ImportFrom.text(lang), &[&self.client]);
        let new = say(Word::ImportNew, &[self.conversations, self.messages]);
        let mut lines = vec![format!("{client} {new}")];
        for (count, word) in [
            (self.known, Word::ImportKnown),
            (self.empty, Word::ImportEmpty),
            (self.refused, Word::ImportRefused),
        ] {
            if count > 0 {
                lines.push(say(word, &[count]));
            }
        }
        lines.extend(self.complaints.iter().map(|one| one.tell(lang)));
        let more = self.refused.saturating_sub(self.complaints.len());
        if more > 0 {
            lines.push(say(Word::ImportMore, &[more]));
        }
        lines
    }
}

/// What is heard of an import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ImportEvent {
    Going(Progress),
    Done(Report),
    /// Nothing could be read; both texts are for people.
    Failed {
        what: String,
        hint: Option<String>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_tells_what_is_new_and_where_the_rest_is() {
        let report = Report {
            client: "ChatGPT".into(),
            conversations: 2,
            messages: 9,
            known: 1,
            empty: 0,
            complaints: vec![
                Complaint {
                    nth: 3,
                    line: Some(7),
                    why: Why::Unreadable("it has no id".into()),
                },
                Complaint {
                    nth: 4,
                    line: None,
                    why: Why::Cut,
                },
            ],
            refused: 5,
        };
        let expected = [
            "ChatGPT: 2 new conversations, 9 new messages",
            "here already: 1",
            "not readable: 5",
            "conversation 3, line 7: it has no id",
            "conversation 4: the file ends within it",
            "and 3 more",
        ];
        assert_eq!(report.tell(Lang::En), expected);
    }
}
