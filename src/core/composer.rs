//! The text being written: any number of lines, edited by grapheme.

/// A text with a caret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Composer {
    text: String,
    caret: usize,
}

impl Composer {
    /// What is written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where the caret stands: a byte offset on a grapheme boundary.
    pub const fn caret(&self) -> usize {
        self.caret
    }
}
