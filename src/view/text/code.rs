//! Colours program text lightly: comments, strings, numbers and keywords of a dozen languages.
//!
//! A chat shows little code, so a lexer of one page does: no grammar, no tables to load. Where it
//! knows no language it still finds nothing wrong, for everything is shown as plain code.

use super::{Row, Run};
use crate::view::theme::Role;

/// What the lexer needs to know about a language.
struct Language {
    names: &'static [&'static str],
    /// What begins a comment that ends with its line.
    line: &'static [&'static str],
    /// What encloses a comment of any length.
    block: Option<(&'static str, &'static str)>,
    quotes: &'static [char],
    keywords: &'static str,
}

const C_BLOCK: Option<(&str, &str)> = Some(("/*", "*/"));

const LANGUAGES: &[Language] = &[
    Language {
        names: &["rust", "rs"],
        line: &["//"],
        block: C_BLOCK,
        quotes: &['"'],
        keywords: "as async await break const continue crate dyn else enum extern false fn for if \
            impl in let loop match mod move mut pub ref return self Self static struct super trait \
            true type unsafe use where while",
    },
    Language {
        names: &["python", "py"],
        line: &["#"],
        block: None,
        quotes: &['"', '\''],
        keywords: "and as assert async await break class continue def del elif else except False \
            finally for from global if import in is lambda None nonlocal not or pass raise return \
            True try while with yield",
    },
    Language {
        names: &["javascript", "js", "jsx", "typescript", "ts", "tsx"],
        line: &["//"],
        block: C_BLOCK,
        quotes: &['"', '\'', '`'],
        keywords: "async await break case catch class const continue default delete do else enum \
            export extends false finally for from function if implements import in instanceof \
            interface let new null of return static super switch this throw true try type typeof \
            undefined var void while yield",
    },
    Language {
        names: &["c", "h", "cpp", "c++", "cc", "hpp", "cxx"],
        line: &["//"],
        block: C_BLOCK,
        quotes: &['"', '\''],
        keywords: "auto bool break case catch char class const constexpr continue default delete do \
            double else enum extern false float for if inline int long namespace new nullptr \
            operator private protected public return short signed sizeof static struct switch \
            template this throw true try typedef typename union unsigned using virtual void \
            volatile while",
    },
    Language {
        names: &[
            "java", "kotlin", "kt", "csharp", "cs", "c#", "swift", "scala", "dart",
        ],
        line: &["//"],
        block: C_BLOCK,
        quotes: &['"', '\''],
        keywords: "abstract as boolean break case catch char class const continue default do double \
            else enum extends false final finally float for fun func guard if implements import in \
            int interface is let long namespace new null object override package private protected \
            public return static string struct super switch this throw true try val var void when \
            while",
    },
    Language {
        names: &["go", "golang"],
        line: &["//"],
        block: C_BLOCK,
        quotes: &['"', '`', '\''],
        keywords: "break case chan const continue default defer else fallthrough false for func go \
            goto if import interface map nil package range return select struct switch true type \
            var",
    },
    Language {
        names: &["sh", "bash", "shell", "zsh", "console", "fish"],
        line: &["#"],
        block: None,
        quotes: &['"', '\''],
        keywords: "case do done elif else esac export fi for function if in local return select set \
            then unset until while",
    },
    Language {
        names: &["sql", "sqlite", "postgresql", "mysql"],
        line: &["--"],
        block: C_BLOCK,
        quotes: &['\'', '"'],
        keywords: "ALTER AND AS BEGIN BY CASE COMMIT CREATE DELETE DESC DISTINCT DROP ELSE END EXISTS \
            FROM GROUP HAVING IN INDEX INNER INSERT INTO IS JOIN KEY LEFT LIKE LIMIT NOT NULL ON OR \
            ORDER OUTER PRIMARY SELECT SET TABLE THEN UNION UPDATE VALUES VIEW WHEN WHERE WITH \
            alter and as begin by case commit create delete desc distinct drop else end exists from \
            group having in index inner insert into is join key left like limit not null on or \
            order outer primary select set table then union update values view when where with",
    },
    Language {
        names: &["ruby", "rb"],
        line: &["#"],
        block: None,
        quotes: &['"', '\''],
        keywords: "alias and begin break case class def do else elsif end ensure false for if in \
            module next nil not or require rescue return self super then true unless until when \
            while yield",
    },
    Language {
        names: &["lua"],
        line: &["--"],
        block: Some(("--[[", "]]")),
        quotes: &['"', '\''],
        keywords: "and break do else elseif end false for function if in local nil not or repeat \
            return then true until while",
    },
    Language {
        names: &["json", "jsonc", "json5"],
        line: &["//"],
        block: C_BLOCK,
        quotes: &['"'],
        keywords: "true false null",
    },
    Language {
        names: &[
            "toml",
            "yaml",
            "yml",
            "ini",
            "conf",
            "dockerfile",
            "make",
            "makefile",
        ],
        line: &["#", ";"],
        block: None,
        quotes: &['"', '\''],
        keywords: "true false null yes no",
    },
    Language {
        names: &["html", "xml", "svg"],
        line: &[],
        block: Some(("<!--", "-->")),
        quotes: &['"'],
        keywords: "",
    },
    Language {
        names: &["css", "scss"],
        line: &[],
        block: C_BLOCK,
        quotes: &['"', '\''],
        keywords: "important media import",
    },
];

/// The lines of a program text, each as runs in the roles of code.
pub fn highlight(language: &str, text: &str) -> Vec<Row> {
    let name = language.to_ascii_lowercase();
    let known = LANGUAGES
        .iter()
        .find(|known| known.names.contains(&name.as_str()));
    let mut lines = vec![vec![]];
    match known {
        Some(known) => lex(known, text, &mut lines),
        None => push(&mut lines, text, Role::Code),
    }
    lines
}

/// Adds a piece, which may hold line feeds, to the lines.
fn push(lines: &mut Vec<Row>, text: &str, role: Role) {
    for (index, piece) in text.split('\n').enumerate() {
        if index > 0 {
            lines.push(vec![]);
        }
        let Some(line) = lines.last_mut() else { return };
        if piece.is_empty() {
            continue;
        }
        match line.last_mut() {
            Some(last) if last.ink.role == role => last.text.push_str(&Run::role(piece, role).text),
            _ => line.push(Run::role(piece, role)),
        }
    }
}

fn lex(language: &Language, text: &str, lines: &mut Vec<Row>) {
    let mut rest = text;
    // A `#` or `;` begins a comment only at the start of a word: `$#`, `a;b` are none.
    let mut after_word = false;
    while let Some(first) = rest.chars().next() {
        let (length, role) = token(language, rest, first, after_word);
        let (piece, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        push(lines, piece, role);
        after_word = !piece.ends_with(char::is_whitespace);
        rest = after;
    }
}

/// The length in bytes and the role of what stands at the beginning of `rest`.
fn token(language: &Language, rest: &str, first: char, after_word: bool) -> (usize, Role) {
    if let Some((open, close)) = language.block
        && let Some(inside) = rest.strip_prefix(open)
    {
        let length = inside.find(close).map(|at| open.len() + at + close.len());
        return (length.unwrap_or(rest.len()), Role::Comment);
    }
    let comment = |mark: &str| rest.starts_with(mark) && (mark.len() > 1 || !after_word);
    if language.line.iter().any(|mark| comment(mark)) {
        return (rest.find('\n').unwrap_or(rest.len()), Role::Comment);
    }
    if language.quotes.contains(&first) {
        return (quoted(rest, first), Role::Literal);
    }
    let span = |belongs: fn(char) -> bool| rest.find(|c| !belongs(c)).unwrap_or(rest.len());
    if first.is_ascii_digit() {
        return (
            span(|c| c.is_ascii_alphanumeric() || c == '.' || c == '_'),
            Role::Number,
        );
    }
    if first.is_alphabetic() || first == '_' {
        let length = span(|c| c.is_alphanumeric() || c == '_');
        let word = rest.get(..length).unwrap_or(rest);
        let known = language
            .keywords
            .split_ascii_whitespace()
            .any(|k| k == word);
        return (length, if known { Role::Keyword } else { Role::Code });
    }
    if first.is_whitespace() {
        return (span(char::is_whitespace), Role::Code);
    }
    (first.len_utf8(), Role::Code)
}

/// The length of a string literal. Three quotes in a row, as in Python, and backquotes span
/// lines; other literals end with their line at the latest, so that an apostrophe does not
/// colour the rest of the page.
fn quoted(rest: &str, quote: char) -> usize {
    let triple: String = [quote; 3].iter().collect();
    if let Some(inside) = rest.strip_prefix(&triple) {
        return inside.find(&triple).map_or(rest.len(), |at| at + 6);
    }
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\n' if quote != '`' => return at,
            _ if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn roles(language: &str, text: &str) -> Vec<(String, Role)> {
        highlight(language, text)
            .into_iter()
            .flatten()
            .map(|run| (run.text, run.ink.role))
            .filter(|(text, _)| !text.trim().is_empty())
            .collect()
    }

    #[test]
    fn comments_strings_numbers_and_keywords_are_told_apart() {
        let found = roles("rust", "let x = \"a \\\" b\"; // 42\n/* two\nlines */ 0x2a");
        let expected = [
            ("let", Role::Keyword),
            (" x = ", Role::Code),
            ("\"a \\\" b\"", Role::Literal),
            ("; ", Role::Code),
            ("// 42", Role::Comment),
            ("/* two", Role::Comment),
            ("lines */", Role::Comment),
            ("0x2a", Role::Number),
        ];
        assert_eq!(found, expected.map(|(text, role)| (text.to_owned(), role)));
    }

    #[test]
    fn an_apostrophe_colours_its_line_at_most() {
        let found = roles("python", "it's\nreturn");
        assert_eq!(found.last(), Some(&("return".to_owned(), Role::Keyword)));
    }

    #[test]
    fn an_unknown_language_is_plain_code() {
        assert_eq!(
            roles("klingon", "let 1"),
            [("let 1".to_owned(), Role::Code)]
        );
    }

    proptest! {
        #[test]
        fn every_character_is_kept(text in "[a-z\"'`#/*\\\\ \n0-9好é;-]{0,60}", language in 0..14_usize) {
            let name = LANGUAGES[language].names[0];
            let lines: Vec<String> = highlight(name, &text)
                .iter()
                .map(|line| line.iter().map(|run| run.text.as_str()).collect())
                .collect();
            prop_assert_eq!(lines.join("\n"), text);
        }
    }
}
