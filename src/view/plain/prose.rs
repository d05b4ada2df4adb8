//! Makes lines to be read aloud of a text that grows: what marks up the text goes, a long paragraph
//! comes sentence by sentence.
//!
//! Where lines end depends on the text alone, not on how it arrived, so that an answer that
//! streams reads like one that was there from the start.

use crate::core::words::{Lang, Word, fill};
use crate::view::text::Run;
use crate::view::text::markdown::blocks;
use crate::view::theme::Role;

/// A line ends with the first sentence that reaches so many characters.
const LINE: usize = 80;
/// No line is set to any width.
const ENDLESS: usize = 100_000;

/// How far a text was told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Prose {
    told: usize,
    /// Inside a block of code: what closes it.
    fence: Option<String>,
}

impl Prose {
    /// The lines that are there by now and were not told before.
    pub(super) fn more(&mut self, text: &str, complete: bool, lang: Lang) -> Vec<String> {
        let mut lines = vec![];
        while let Some(rest) = text.get(self.told..).filter(|rest| !rest.is_empty()) {
            let Some((piece, next)) = self.piece(rest, complete) else {
                break;
            };
            self.told += next;
            lines.extend(self.line(piece, lang));
        }
        if complete && self.fence.take().is_some() {
            lines.push(Word::PlainCodeEnd.text(lang).to_owned());
        }
        lines
    }

    /// The next line of the text, and where the one after it begins; `None`: it is not whole.
    fn piece<'a>(&self, rest: &'a str, complete: bool) -> Option<(&'a str, usize)> {
        let (line, whole) = match rest.split_once('\n') {
            Some((line, _)) => (line, Some(line.len() + 1)),
            None => (rest, complete.then_some(rest.len())),
        };
        let splits = self.fence.is_none() && !line.trim_start().starts_with(['|', '`', '~']);
        if let Some(end) = sentence(line).filter(|_end| splits) {
            return line.get(..end).map(|piece| (piece, end));
        }
        whole.map(|next| (line, next))
    }

    fn line(&mut self, line: &str, lang: Lang) -> Option<String> {
        let bare = line.trim();
        let mark: String = bare
            .chars()
            .take_while(|c| matches!(c, '`' | '~'))
            .collect();
        if let Some(fence) = &self.fence {
            if mark.starts_with(fence.as_str()) && mark.len() == bare.len() {
                self.fence = None;
                return Some(Word::PlainCodeEnd.text(lang).to_owned());
            }
            return Some(Run::role(line.trim_end(), Role::Code).text);
        }
        if mark.len() >= 3 {
            let language = bare.get(mark.len()..).unwrap_or_default().trim();
            let begins = fill(Word::PlainCode.text(lang), &[language]);
            self.fence = Some(mark);
            return Some(Run::role(begins.trim(), Role::Code).text);
        }
        if bare.is_empty()
            || bare
                .chars()
                .all(|c| matches!(c, '-' | '*' | '_' | '=' | ' '))
        {
            return None;
        }
        if let Some(cells) = bare.strip_prefix('|') {
            let cells = cells.strip_suffix('|').unwrap_or(cells);
            if cells.chars().all(|c| matches!(c, '-' | ':' | '|' | ' ')) {
                return None;
            }
            let cells: Vec<String> = cells.split('|').map(|cell| marked(cell.trim())).collect();
            return Some(cells.join("; "));
        }
        Some(marked(bare)).filter(|line| !line.is_empty())
    }
}

/// A line without what marks it up.
fn marked(line: &str) -> String {
    let rows = blocks(line, ENDLESS)
        .into_iter()
        .flat_map(|block| block.rows);
    let rows: Vec<String> = rows
        .map(|row| row.into_iter().map(|run| run.text).collect())
        .filter(|row: &String| !row.is_empty())
        .collect();
    // What is set as markup may have no text at all; then it stands as it is.
    let text = if rows.is_empty() {
        line.to_owned()
    } else {
        rows.join(" ")
    };
    Run::role(&text, Role::Text).text
}

/// Where the first sentence ends that makes a line long enough, if something follows it and no
/// emphasis spans it.
fn sentence(line: &str) -> Option<usize> {
    let mut before = None;
    for (count, (at, c)) in line.char_indices().enumerate() {
        let ends = match before {
            Some('.' | '!' | '?' | ':' | ';') => c.is_whitespace(),
            Some('。' | '！' | '？' | '；') => {
                !matches!(c, '”' | '’' | '」' | '』' | '）' | '。' | '！' | '？')
            }
            _ => false,
        };
        before = Some(c);
        if !ends || count < LINE {
            continue;
        }
        let piece = line.get(..at)?;
        let even = |mark: &str| piece.matches(mark).count() % 2 == 0;
        if even("`") && even("**") && even("_") {
            return Some(at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(text: &str) -> Vec<String> {
        Prose::default().more(text, true, Lang::En)
    }

    #[test]
    fn markup_is_not_read_aloud() {
        let text = "# Tea\n\nUse **hot** water, see [the guide](https://example.org).\n\n\
            - first `leaves`\n- then *wait*\n\n---\n\n| leaf | minutes |\n|---|:--|\n| green | 2 |\n\n\
            ```rust\nlet a = \"**\";\n\n```\nDone.";
        assert_eq!(
            lines(text),
            [
                "Tea",
                "Use hot water, see the guide (https://example.org).",
                "• first leaves",
                "• then wait",
                "leaf; minutes",
                "green; 2",
                "code rust",
                "let a = \"**\";",
                "",
                "end of code",
                "Done.",
            ]
        );
    }

    #[test]
    fn a_long_paragraph_comes_in_sentences() {
        let long = "word ".repeat(20);
        let text = format!("Short one. {long}end. Next one. {long}now.");
        assert_eq!(
            lines(&text),
            [
                format!("Short one. {long}end."),
                format!("Next one. {long}now."),
            ]
        );
        let chinese = format!("{}。“好。”{}！完", "茶".repeat(90), "水".repeat(90));
        assert_eq!(
            lines(&chinese),
            [
                format!("{}。", "茶".repeat(90)),
                format!("“好。”{}！", "水".repeat(90)),
                "完".to_owned(),
            ]
        );
    }

    #[test]
    fn what_is_not_whole_waits() {
        let mut prose = Prose::default();
        assert_eq!(prose.more("Hello the", false, Lang::En), [""; 0]);
        assert_eq!(
            prose.more("Hello there.\nAnd", false, Lang::En),
            ["Hello there."]
        );
        assert_eq!(prose.more("Hello there.\nAnd", true, Lang::En), ["And"]);
        assert_eq!(prose.more("Hello there.\nAnd", true, Lang::En), [""; 0]);
    }

    proptest! {
        #[test]
        fn it_does_not_matter_how_a_text_arrives(
            text in "([a-z ]{0,60}[.!?。]?[ \n*`|#-]{0,2}){0,12}",
            cuts in prop::collection::vec(0_usize..400, 0..8),
        ) {
            let mut prose = Prose::default();
            let mut told = vec![];
            let mut cuts = cuts;
            cuts.sort_unstable();
            for cut in cuts {
                if let Some(part) = text.get(..cut) {
                    told.extend(prose.more(part, false, Lang::En));
                }
            }
            told.extend(prose.more(&text, true, Lang::En));
            prop_assert_eq!(told, lines(&text));
        }

        #[test]
        fn no_text_steers_a_terminal(text in any::<String>()) {
            for line in lines(&text) {
                prop_assert!(!line.chars().any(|c| c.is_control() && c != '\t'), "{:?}", line);
            }
        }
    }
}
