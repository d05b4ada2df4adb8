//! A command line, taken apart the way people write it, without a shell.

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
