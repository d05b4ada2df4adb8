//! One line of text that is asked for: what it is about, what may be offered, and what is wrong with
//! it so far. What becomes of it is `core::update`'s.

use super::action::Plain;
use super::composer::{Applied, Composer};
use super::connect::Step;
use super::words::Word;

/// A line that is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Form {
    pub kind: FormKind,
    pub title: String,
    /// What is to be known to answer, a paragraph each.
    pub about: Vec<String>,
    pub line: Composer,
    /// What up and down walk through.
    pub offers: Vec<String>,
    /// Which of them was offered last.
    pub offered: Option<usize>,
    /// Why this cannot be the answer.
    pub wrong: Option<String>,
    /// What is written is not shown, and never a message: the shell keeps it.
    pub secret: bool,
    /// Nothing is an answer, too.
    pub optional: bool,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormKind {
    /// The value of this setting.
    Setting(String),
    /// A step on the way to another backend.
    Connect(Step),
    /// Where the conversation goes, in this form.
    Export(String),
}

impl FormKind {
    /// What the keys do.
    pub const fn keys(&self) -> Word {
        match self {
            Self::Setting(_) => Word::SettingKeys,
            Self::Connect(_) => Word::ConnectKeys,
            Self::Export(_) => Word::ExportKeys,
        }
    }
}

/// No answer is longer.
const LONGEST: usize = 4000;

impl Form {
    /// A form that begins with an answer, its caret at the end.
    pub fn new(kind: FormKind, title: String, about: Vec<String>, text: &str) -> Self {
        let mut form = Self {
            kind,
            title,
            about,
            line: Composer::default(),
            offers: vec![],
            offered: None,
            wrong: None,
            secret: false,
            optional: false,
        };
        form.insert(text);
        form
    }

    /// What was answered so far.
    pub fn text(&self) -> &str {
        self.line.text().trim()
    }

    /// Types. An answer is one line: line breaks become spaces.
    pub fn insert(&mut self, text: &str) {
        let text: String = text.chars().take(LONGEST).collect();
        let text = text.replace("\r\n", " ").replace(['\r', '\n', '\t'], " ");
        let _ = self.line.paste(&text);
    }

    /// Puts an answer in the place of what is there.
    pub fn replace(&mut self, text: &str) {
        self.line = Composer::default();
        self.insert(text);
    }

    /// Offers the next value, or the one before.
    pub fn walk(&mut self, back: bool) {
        if self.offers.is_empty() {
            return;
        }
        let count = self.offers.len();
        let here = self.offered;
        let here = here.or_else(|| self.offers.iter().position(|one| one == self.text()));
        let next = match here {
            Some(at) if back => (at + count - 1) % count,
            Some(at) => (at + 1) % count,
            None => 0,
        };
        self.offered = Some(next);
        if let Some(offer) = self.offers.get(next).cloned() {
            self.replace(&offer);
        }
    }

    /// Edits the line, and says whether it changed. One that is not shown is edited elsewhere.
    pub fn edit(&mut self, edit: Plain) -> Applied {
        if self.secret {
            return match self.line.clone().apply(edit) {
                Applied::Unhandled => Applied::Unhandled,
                Applied::Changed | Applied::Moved | Applied::Nothing => Applied::Nothing,
            };
        }
        if matches!(
            edit,
            Plain::Newline | Plain::Up | Plain::Down | Plain::OlderInput | Plain::NewerInput
        ) {
            return Applied::Unhandled;
        }
        self.line.apply(edit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(text: &str, offers: &[&str]) -> Form {
        let kind = FormKind::Setting("lang".to_owned());
        let mut form = Form::new(kind, "lang".to_owned(), vec![], text);
        form.offers = offers.iter().map(|one| (*one).to_owned()).collect();
        form
    }

    #[test]
    fn offers_go_round_from_where_the_answer_is() {
        let mut form = form("en", &["auto", "en", "zh"]);
        let mut seen = vec![];
        for back in [false, false, false, true] {
            form.walk(back);
            seen.push(form.text().to_owned());
        }
        assert_eq!(seen, ["zh", "auto", "en", "auto"]);
        let mut free = self::form("12", &[]);
        free.walk(false);
        assert_eq!(free.text(), "12");
    }

    #[test]
    fn an_answer_stays_one_line() {
        let mut form = form("", &[]);
        form.insert("a\r\nb\tc");
        assert_eq!(form.text(), "a b c");
        assert_eq!(form.edit(Plain::Newline), Applied::Unhandled);
        form.insert(&"x".repeat(10_000));
        assert!(form.text().len() <= LONGEST + 5);
    }
}
