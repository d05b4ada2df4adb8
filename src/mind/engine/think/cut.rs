//! Cuts a text where the tokenizers of models cut it, before its parts are spelled with pieces: at
//! the borders of words, numbers, signs and lines. Pure.
//!
//! Two rules are in use, that of GPT-2 and a newer one; the newer one lets a sign begin a word, and
//! line ends follow signs. What a model was taught with another one it still reads, less well.

/// How a text is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// The newer rule.
    pub(super) newer: bool,
    /// How many digits stay together.
    pub(super) digits: usize,
}

/// What is cut off from what stands before it, as in "it's".
const SHORT: [&str; 7] = ["s", "t", "re", "ve", "m", "ll", "d"];

impl Cut {
    /// As the part of `tokenizer.json` says that is about it.
    pub(super) fn of(says: &str) -> Self {
        let newer = says.contains(r"[^\\r\\n\\p{L}\\p{N}]?\\p{L}+");
        let digits = if says.contains(r"\\p{N}{1,3}") {
            3
        } else if newer || says.contains(r#""individual_digits":true"#) {
            1
        } else {
            usize::MAX
        };
        Self { newer, digits }
    }

    /// The parts, which together are the text.
    pub(super) fn parts<'a>(&self, text: &'a str) -> Vec<&'a str> {
        let mut parts = vec![];
        let mut rest = text;
        while !rest.is_empty() {
            let (part, after) = rest.split_at(self.first(rest));
            parts.push(part);
            rest = after;
        }
        parts
    }

    /// How many bytes the first part has; at least one character.
    fn first(&self, text: &str) -> usize {
        let mut characters = text.chars();
        let first = characters.next().unwrap_or(' ');
        let second = characters.next();
        if let Some(length) = short(text, self.newer) {
            return length;
        }
        // A blank belongs to what follows it; in the newer rule any sign belongs to a word.
        let joins = first == ' ' || self.newer && is_sign(first) || self.newer && is_gap(first);
        let word = second.filter(|second| second.is_alphabetic() && joins && !is_line(first));
        if first.is_alphabetic() {
            return run(text, 0, char::is_alphabetic);
        }
        if word.is_some() {
            return run(text, first.len_utf8(), char::is_alphabetic);
        }
        let blank = usize::from(first == ' ');
        let then = if blank == 1 { second } else { Some(first) };
        match then {
            Some(c) if c.is_numeric() && (blank == 0 || !self.newer && self.digits > 3) => {
                let digits = text.get(blank..).unwrap_or_default().chars();
                let digits = digits.take(self.digits).take_while(|c| c.is_numeric());
                return blank + digits.map(char::len_utf8).sum::<usize>();
            }
            Some(c) if is_sign(c) => {
                let end = run(text, blank, is_sign);
                return if self.newer {
                    run(text, end, is_line)
                } else {
                    end
                };
            }
            _ => {}
        }
        self.gap(text)
    }

    /// White space: up to its last line end in the newer rule; the last blank is left to a word.
    fn gap(self, text: &str) -> usize {
        let end = run(text, 0, is_gap);
        let whole = text.get(..end).unwrap_or_default();
        if self.newer
            && let Some(line) = whole.rfind(is_line)
        {
            return line + 1;
        }
        if end == text.len() {
            return end;
        }
        match whole.char_indices().next_back() {
            Some((last, _)) if last > 0 => last,
            _ => end,
        }
    }
}

fn is_line(c: char) -> bool {
    matches!(c, '\r' | '\n')
}

fn is_gap(c: char) -> bool {
    c.is_whitespace()
}

fn is_sign(c: char) -> bool {
    !c.is_whitespace() && !c.is_alphabetic() && !c.is_numeric()
}

/// Where the run of such characters ends that begins at `from`.
fn run(text: &str, from: usize, is: impl Fn(char) -> bool) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    from + rest.find(|c| !is(c)).unwrap_or(rest.len())
}

fn short(text: &str, any_case: bool) -> Option<usize> {
    let rest = text.strip_prefix('\'')?;
    let length = SHORT.iter().filter_map(|short| {
        let begin = rest.get(..short.len())?;
        let same = begin == *short || any_case && begin.eq_ignore_ascii_case(short);
        same.then_some(1 + short.len())
    });
    length.max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const OLD: Cut = Cut {
        newer: false,
        digits: usize::MAX,
    };
    const NEW: Cut = Cut {
        newer: true,
        digits: 1,
    };

    #[test]
    fn each_rule_cuts_as_it_is_written() {
        let single = Cut { digits: 1, ..OLD };
        let three = Cut { digits: 3, ..NEW };
        let table: &[(Cut, &str, &[&str])] = &[
            (OLD, "Hello world", &["Hello", " world"]),
            (OLD, "it's 2026!", &["it", "'s", " 2026", "!"]),
            (OLD, "a  b", &["a", " ", " b"]),
            (OLD, "a\n\nb", &["a", "\n", "\n", "b"]),
            (OLD, "end  ", &["end", "  "]),
            (OLD, "(x)", &["(", "x", ")"]),
            (single, "in 2026", &["in", " ", "2", "0", "2", "6"]),
            (NEW, "Hello world", &["Hello", " world"]),
            (NEW, "IT'S 42", &["IT", "'S", " ", "4", "2"]),
            (NEW, "(x)", &["(x", ")"]),
            (NEW, "a\n\nb", &["a", "\n\n", "b"]),
            (NEW, "so:\n\n- b", &["so", ":\n\n", "-", " b"]),
            (NEW, "你好，世界", &["你好", "，世界"]),
            (NEW, "a  b", &["a", " ", " b"]),
            (three, "20261122", &["202", "611", "22"]),
        ];
        for (cut, text, parts) in table {
            assert_eq!(cut.parts(text), *parts, "{text:?} {cut:?}");
        }
    }

    #[test]
    fn the_rule_is_told_by_the_file() {
        let newer =
            r#"{"pattern":{"Regex":"(?i:'s|'t)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?x"}}"#;
        assert_eq!(Cut::of(newer), NEW);
        let llama = newer.replace(r"\\p{N}| ", r"\\p{N}{1,3}| ");
        assert_eq!(Cut::of(&llama), Cut { digits: 3, ..NEW });
        assert_eq!(Cut::of(r#"{"type":"ByteLevel"}"#), OLD);
        let smol = r#"{"type":"Digits","individual_digits":true}"#;
        assert_eq!(Cut::of(smol), Cut { digits: 1, ..OLD });
    }

    proptest! {
        #[test]
        fn nothing_is_lost_by_cutting(text in ".{0,80}", newer: bool, digits in 1..4_usize) {
            let parts = Cut { newer, digits }.parts(&text);
            prop_assert_eq!(&parts.concat(), &text);
            prop_assert!(parts.iter().all(|part| !part.is_empty()));
        }
    }
}
