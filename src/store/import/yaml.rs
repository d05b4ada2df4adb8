//! Reads as much of YAML as programs write when they save something: nested lists and tables, and
//! texts of every kind. Anchors, tags and several documents are refused.

use serde_json::{Map, Value};

/// The text cannot be read: in which line, and why.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotRead {
    pub line: usize,
    pub why: &'static str,
}

/// What a text holds.
pub(super) fn read(text: &str) -> Result<Value, NotRead> {
    let mut reader = Reader {
        lines: text.lines().map(str::to_owned).collect(),
        at: 0,
        deep: 0,
    };
    if reader
        .lines
        .first()
        .is_some_and(|line| line.trim_end() == "---")
    {
        reader.at = 1;
    }
    let value = reader.block(0)?;
    match reader.next() {
        None => Ok(value),
        Some(_) => Err(reader.no("it is not indented like what is before it")),
    }
}

/// Deeper things are no conversations.
const DEEPEST: usize = 50;

struct Reader {
    lines: Vec<String>,
    /// The line that is read next.
    at: usize,
    deep: usize,
}

impl Reader {
    const fn no(&self, why: &'static str) -> NotRead {
        let line = self.at + 1;
        NotRead { line, why }
    }

    /// How far the next line that says something is indented, and what it says.
    fn next(&mut self) -> Option<(usize, String)> {
        loop {
            let line = self.lines.get(self.at)?;
            let said = line.trim_start_matches(' ');
            if said.trim().is_empty() || said.starts_with('#') {
                self.at += 1;
                continue;
            }
            return Some((line.len() - said.len(), said.trim_end().to_owned()));
        }
    }

    /// What is indented at least so far.
    fn block(&mut self, least: usize) -> Result<Value, NotRead> {
        self.deep += 1;
        if self.deep > DEEPEST {
            return Err(self.no("it is nested too deeply"));
        }
        let value = match self.next() {
            Some((indent, said)) if indent >= least => {
                if is_entry(&said) {
                    self.list(indent)
                } else if key(&said).is_some() {
                    self.table(indent)
                } else {
                    self.at += 1;
                    self.scalar(&said, indent)
                }
            }
            _ => Ok(Value::Null),
        };
        self.deep -= 1;
        value
    }

    fn list(&mut self, indent: usize) -> Result<Value, NotRead> {
        let mut list = vec![];
        while let Some((here, said)) = self.next() {
            if here != indent || !is_entry(&said) {
                break;
            }
            let rest = said.get(1..).unwrap_or_default();
            let inner = rest.trim_start();
            if inner.is_empty() {
                self.at += 1;
                list.push(self.block(indent + 1)?);
            } else if key(inner).is_some() || is_entry(inner) {
                // The dash is part of the indentation of what follows it.
                let deeper = indent + 1 + (rest.len() - inner.len());
                if let Some(line) = self.lines.get_mut(self.at) {
                    *line = format!("{}{inner}", " ".repeat(deeper));
                }
                list.push(self.block(deeper)?);
            } else {
                self.at += 1;
                list.push(self.scalar(inner, indent)?);
            }
        }
        Ok(Value::Array(list))
    }

    fn table(&mut self, indent: usize) -> Result<Value, NotRead> {
        let mut table = Map::new();
        while let Some((here, said)) = self.next() {
            if here != indent || is_entry(&said) {
                break;
            }
            let Some((name, rest)) = key(&said) else {
                return Err(self.no("it is no `name: value`"));
            };
            self.at += 1;
            let value = if rest.is_empty() {
                match self.next() {
                    Some((deeper, _)) if deeper > indent => self.block(deeper)?,
                    Some((same, said)) if same == indent && is_entry(&said) => self.list(indent)?,
                    _ => Value::Null,
                }
            } else {
                self.scalar(&rest, indent)?
            };
            table.insert(name, value);
        }
        Ok(Value::Object(table))
    }

    /// A value that begins on a line that was read; what goes on below is indented further.
    fn scalar(&mut self, text: &str, indent: usize) -> Result<Value, NotRead> {
        match text.chars().next() {
            Some(style @ ('|' | '>')) => Ok(self.lines_of(style == '>', text, indent)),
            Some(quote @ ('"' | '\'')) => self.quoted(quote, text),
            Some('[' | '{') => serde_json::from_str(text).map_err(|_no| {
                self.at -= 1;
                self.no("it is no list that JSON would read")
            }),
            Some('&' | '*' | '!') => {
                self.at -= 1;
                Err(self.no("anchors and tags are not read"))
            }
            _ => Ok(self.plain(text, indent)),
        }
    }

    /// A text without quotes, which may go on below.
    fn plain(&mut self, text: &str, indent: usize) -> Value {
        let bare = |text: &str| {
            text.split(" #")
                .next()
                .unwrap_or_default()
                .trim()
                .to_owned()
        };
        let mut text = bare(text);
        while let Some((deeper, said)) = self.next() {
            if deeper <= indent || is_entry(&said) || key(&said).is_some() {
                break;
            }
            text = format!("{text} {}", bare(&said));
            self.at += 1;
        }
        match text.as_str() {
            "" | "~" | "null" => Value::Null,
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => match text.parse::<serde_json::Number>() {
                Ok(number) => Value::Number(number),
                Err(_) => Value::String(text),
            },
        }
    }

    fn quoted(&mut self, quote: char, text: &str) -> Result<Value, NotRead> {
        let begun = self.at;
        let mut whole = text.to_owned();
        loop {
            if let Some(text) = unquoted(quote, &whole) {
                return Ok(Value::String(text));
            }
            let Some(line) = self.lines.get(self.at) else {
                self.at = begun.saturating_sub(1);
                return Err(self.no("a quote is not closed"));
            };
            let line = line.trim();
            // An empty line is a break, any other end of a line a space.
            let between = match (line.is_empty(), whole.ends_with('\n')) {
                (true, _) => "\n",
                (false, true) => "",
                (false, false) => " ",
            };
            whole = format!("{}{between}{line}", whole.trim_end_matches(' '));
            self.at += 1;
        }
    }

    /// A text in lines of its own: as they are, or joined to paragraphs.
    fn lines_of(&mut self, folded: bool, style: &str, indent: usize) -> Value {
        let told = style
            .chars()
            .find_map(|c| c.to_digit(10))
            .map(|told| told as usize);
        let mut deeper = told.map(|told| indent + told);
        let mut lines: Vec<String> = vec![];
        while let Some(line) = self.lines.get(self.at) {
            let said = line.trim_start_matches(' ');
            let here = line.len() - said.len();
            if said.trim().is_empty() {
                let rest = line
                    .get(deeper.unwrap_or(here).min(here)..)
                    .unwrap_or_default();
                lines.push(rest.trim_end_matches('\r').to_owned());
                self.at += 1;
                continue;
            }
            let deep = *deeper.get_or_insert(here);
            if here < deep || here <= indent && told.is_none() && indent > 0 || deep == 0 {
                break;
            }
            lines.push(line.get(deep..).unwrap_or_default().to_owned());
            self.at += 1;
        }
        let kept = lines.iter().rposition(|line| !line.trim().is_empty());
        let kept = kept.map_or(0, |last| last + 1);
        let after = lines.len() - kept;
        lines.truncate(kept);
        let mut text = if folded {
            fold(&lines)
        } else {
            lines.join("\n")
        };
        if style.contains('+') {
            text.push_str(&"\n".repeat(after + 1));
        } else if !style.contains('-') && !text.is_empty() {
            text.push('\n');
        }
        Value::String(text)
    }
}

/// Lines become paragraphs; what is indented further stays as it is.
fn fold(lines: &[String]) -> String {
    let mut text = String::new();
    let mut breaks = false;
    for line in lines {
        let indented = line.starts_with(' ');
        if line.is_empty() {
            text.push('\n');
            breaks = true;
            continue;
        }
        if !text.is_empty() && !breaks {
            text.push(if indented { '\n' } else { ' ' });
        }
        text.push_str(line);
        breaks = false;
    }
    text
}

fn is_entry(said: &str) -> bool {
    said == "-" || said.starts_with("- ")
}

/// The name in front of a colon, and what is behind it.
fn key(said: &str) -> Option<(String, String)> {
    if let Some(quote @ ('"' | '\'')) = said.chars().next() {
        let close = said.get(1..)?.find(quote)? + 1;
        let rest = said.get(close + 1..)?.strip_prefix(':')?;
        let fits = rest.is_empty() || rest.starts_with(' ');
        let name = said.get(1..close)?;
        return fits.then(|| (name.to_owned(), rest.trim().to_owned()));
    }
    if said.starts_with(['[', '{', '|', '>', '#']) {
        return None;
    }
    if let Some(name) = said.strip_suffix(':')
        && !name.contains(": ")
    {
        return Some((name.trim().to_owned(), String::new()));
    }
    let (name, rest) = said.split_once(": ")?;
    Some((name.trim().to_owned(), rest.trim().to_owned()))
}

/// The text between quotes, if they are closed.
fn unquoted(quote: char, text: &str) -> Option<String> {
    let mut chars = text.chars().skip(1).peekable();
    let mut plain = String::new();
    while let Some(c) = chars.next() {
        match c {
            '\'' if quote == '\'' && chars.peek() == Some(&'\'') => {
                chars.next();
                plain.push('\'');
            }
            c if c == quote => return Some(plain),
            '\\' if quote == '"' => match chars.next()? {
                'n' => plain.push('\n'),
                't' => plain.push('\t'),
                'r' => plain.push('\r'),
                '0' => plain.push('\0'),
                'e' => plain.push('\u{1b}'),
                digits @ ('x' | 'u' | 'U') => {
                    let count = match digits {
                        'x' => 2,
                        'u' => 4,
                        _ => 8,
                    };
                    let code: String = chars.by_ref().take(count).collect();
                    let code = u32::from_str_radix(&code, 16).ok();
                    plain.push(code.and_then(char::from_u32).unwrap_or('\u{fffd}'));
                }
                other => plain.push(other),
            },
            c => plain.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn what_programs_write_is_read() {
        let table = [
            ("", json!(null)),
            (
                "a: 1\nb: true\nc: null\nd: ~\n",
                json!({"a": 1, "b": true, "c": null, "d": null}),
            ),
            (
                "---\na: x # not this\n# nor this\nb: http://h:1/x\n",
                json!({"a": "x", "b": "http://h:1/x"}),
            ),
            (
                "- 1\n- two\n- 'it''s'\n- \"a\\n\\u4f60\\\"\"\n",
                json!([1, "two", "it's", "a\n你\""]),
            ),
            (
                "m:\n- role: user\n  content: hi\n- role: assistant\n  content: |-\n    one\n\n      two\n    # three\n",
                json!({"m": [{"role": "user", "content": "hi"},
                    {"role": "assistant", "content": "one\n\n  two\n# three"}]}),
            ),
            (
                "m:\n  - - 1\n    - 2\n  - []\n  -\n    k: v\n",
                json!({"m": [[1, 2], [], {"k": "v"}]}),
            ),
            (
                "a: |\n  x\n\nb: >-\n  one\n  two\n\n  three\n",
                json!({"a": "x\n", "b": "one two\nthree"}),
            ),
            ("a: |+\n  x\n\nb: 1\n", json!({"a": "x\n\n", "b": 1})),
            ("a: |2-\n    deep\n  x\n", json!({"a": "  deep\nx"})),
            (
                "a: \"one\n  two\n\n  three\"\nb: 1\n",
                json!({"a": "one two\nthree", "b": 1}),
            ),
            (
                "a: one\n  two\nb: {\"c\": [1]}\n",
                json!({"a": "one two", "b": {"c": [1]}}),
            ),
            ("'a b': 1\n\"c\": 2\n", json!({"a b": 1, "c": 2})),
            ("a:\nb:\n- 1\n", json!({"a": null, "b": [1]})),
        ];
        for (text, value) in table {
            assert_eq!(read(text), Ok(value), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_line() {
        for (text, line) in [
            ("a: 1\nb: *x\n", 2),
            ("a: \"open\n", 1),
            ("a: 1\nnonsense\n", 2),
            ("a: {b: c}\n", 1),
            ("- 1\n b: 2\n", 2),
        ] {
            assert_eq!(read(text).unwrap_err().line, line, "{text}");
        }
        let mut deep = String::new();
        for depth in 0..200 {
            deep.push_str(&" ".repeat(depth));
            deep.push_str("-\n");
        }
        assert!(read(&deep).is_err());
    }

    proptest! {
        #[test]
        fn no_text_confuses_it(text in "[a-c:|>\\-'\"{}\\[\\]#& \n\\\\]{0,80}") {
            let _ = read(&text);
        }
    }
}
