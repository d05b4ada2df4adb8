//! What the settings say about a server of tools, and how a command line is taken apart. Pure.

use crate::mind::Secret;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Fetches a token. It may run a command, so it is called where it may wait; `Err` holds the
/// sentence and the hint.
pub type ReadToken = Arc<dyn Fn() -> Result<Option<Secret>, (String, String)> + Send + Sync>;

/// A server of tools, as it is configured.
#[derive(Clone)]
pub struct Spec {
    /// The user's name for it; its tools carry it in front.
    pub name: String,
    pub place: Place,
    pub limits: Limits,
}

/// How long things may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// From the start to the first word; some servers are fetched from a registry first.
    pub start: Duration,
    /// One use of a tool.
    pub call: Duration,
    /// The pause before a server that failed is started again; doubled each time.
    pub pause: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            start: Duration::from_secs(60),
            call: Duration::from_secs(60),
            pause: Duration::from_secs(1),
        }
    }
}

/// Where it is.
#[derive(Clone)]
pub enum Place {
    /// A program that we start and talk to through its input and output.
    Program(Line),
    /// An address that speaks streamable HTTP.
    Address { url: String, token: ReadToken },
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Program(line) => line.fmt(f),
            Self::Address { url, .. } => f.debug_struct("Address").field("url", url).finish(),
        }
    }
}

/// A program to be started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    pub program: String,
    pub arguments: Vec<String>,
    /// Variables of ours that it gets besides the harmless ones.
    pub passed: Vec<String>,
    /// Variables that are set for it.
    pub set: Vec<(String, String)>,
    /// Starts it in our place and ends it when we end: a program and the arguments before the
    /// line. Empty: it is started directly.
    pub guard: Vec<String>,
}

/// Why a text is no command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotALine {
    #[error("a command line; this one is empty")]
    Empty,
    #[error("a command line in which every quote is closed")]
    Open,
}

/// The words of a command line. Quotes and backslashes keep blanks together; nothing else means
/// anything, for no shell reads it.
pub fn words(line: &str) -> Result<Vec<String>, NotALine> {
    let (mut words, mut word, mut quote) = (vec![], None::<String>, None);
    let mut letters = line.chars();
    while let Some(c) = letters.next() {
        match (c, quote) {
            ('\'' | '"', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (c, Some(open)) if c == open => quote = None,
            // A path of Windows is full of backslashes: only those that keep something count.
            ('\\', None | Some('"')) => {
                let rest = letters.clone().next();
                let kept = rest.filter(|c| matches!(c, '"' | '\'' | '\\' | ' '));
                if kept.is_some() {
                    letters.next();
                }
                word.get_or_insert_default().push(kept.unwrap_or('\\'));
            }
            (c, None) if c.is_whitespace() => words.extend(word.take()),
            (c, _) => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        return Err(NotALine::Open);
    }
    words.extend(word);
    if words.first().is_none_or(String::is_empty) {
        return Err(NotALine::Empty);
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_is_taken_apart_as_people_write_it() {
        let table: &[(&str, Result<&[&str], NotALine>)] = &[
            (
                "npx -y server /home/me",
                Ok(&["npx", "-y", "server", "/home/me"]),
            ),
            (
                r#"  uvx  "my server"  'a  b' "#,
                Ok(&["uvx", "my server", "a  b"]),
            ),
            (r#"a"b c"d ''"#, Ok(&["ab cd", ""])),
            (r"a\ b c\d", Ok(&["a b", r"c\d"])),
            (r#""a\"b" 'c\d'"#, Ok(&["a\"b", r"c\d"])),
            (r"C:\tools\x.exe", Ok(&[r"C:\tools\x.exe"])),
            ("echo $HOME; rm", Ok(&["echo", "$HOME;", "rm"])),
            ("", Err(NotALine::Empty)),
            ("  ", Err(NotALine::Empty)),
            ("'' a", Err(NotALine::Empty)),
            ("a 'b", Err(NotALine::Open)),
        ];
        for (line, expected) in table {
            let expected =
                expected.map(|words| words.iter().map(|word| (*word).to_owned()).collect());
            assert_eq!(words(line), expected, "{line}");
        }
    }
}
