//! A key with its modifiers, in our own words: no terminal library's types enter core.
//!
//! The text form is what configuration, help and scripts write: `ctrl-enter`, `alt-left`, `?`,
//! `space`. Terminals name the same press in several ways; [`Chord::normal`] makes them one.

use serde::{Deserialize, Serialize};
use std::fmt::{self, Write};
use std::str::FromStr;

/// A key with its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Chord {
    pub code: Code,
    pub ctrl: bool,
    pub alt: bool,
    pub shift: bool,
}

/// A key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Code {
    /// A character, as typed. Without ctrl and alt, `shift` is never set together with it: `A`
    /// is `A`. With one of them, letters are lower case and `shift` tells the rest.
    Char(char),
    Enter,
    Esc,
    Tab,
    Backspace,
    Delete,
    Insert,
    Home,
    End,
    PageUp,
    PageDown,
    Left,
    Right,
    Up,
    Down,
    F(u8),
}

/// Keys with a name: the code, the name to write, the label to show.
const NAMED: &[(Code, &str, &str)] = &[
    (Code::Enter, "enter", "Enter"),
    (Code::Esc, "esc", "Esc"),
    (Code::Tab, "tab", "Tab"),
    (Code::Backspace, "backspace", "Backspace"),
    (Code::Delete, "delete", "Del"),
    (Code::Insert, "insert", "Ins"),
    (Code::Home, "home", "Home"),
    (Code::End, "end", "End"),
    (Code::PageUp, "page-up", "PgUp"),
    (Code::PageDown, "page-down", "PgDn"),
    (Code::Left, "left", "Left"),
    (Code::Right, "right", "Right"),
    (Code::Up, "up", "Up"),
    (Code::Down, "down", "Down"),
    (Code::Char(' '), "space", "Space"),
    (Code::Char('-'), "minus", "-"),
    (Code::Char('+'), "plus", "+"),
];

/// What people also write.
const ALIASES: &[(&str, &str)] = &[
    ("escape", "esc"),
    ("return", "enter"),
    ("del", "delete"),
    ("ins", "insert"),
    ("pageup", "page-up"),
    ("pgup", "page-up"),
    ("pagedown", "page-down"),
    ("pgdown", "page-down"),
    ("pgdn", "page-down"),
];

/// The text is no chord.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAChord {
    /// Nothing is written, or nothing behind the last modifier.
    #[error("`{text}` names no key")]
    Empty { text: String },
    /// No key has this name; `nearest` is the most similar one.
    #[error("no key is called `{name}`")]
    Key {
        name: String,
        nearest: Option<&'static str>,
    },
    /// No modifier has this name; `nearest` is the most similar one.
    #[error("no modifier is called `{name}`")]
    Modifier {
        name: String,
        nearest: Option<&'static str>,
    },
}

impl NotAChord {
    /// What to write instead.
    pub fn hint(&self) -> String {
        match self {
            Self::Key {
                nearest: Some(nearest),
                ..
            }
            | Self::Modifier {
                nearest: Some(nearest),
                ..
            } => format!("use `{nearest}`"),
            Self::Modifier { .. } => "use `ctrl`, `alt` or `shift`".to_owned(),
            Self::Empty { .. } | Self::Key { .. } => {
                "write a key like `ctrl-k`, `alt-enter`, `f5` or `?`".to_owned()
            }
        }
    }
}

/// The character, if it is the only one: some letters have no single counterpart in the other case.
fn only(mut cased: impl Iterator<Item = char>) -> Option<char> {
    let first = cased.next()?;
    cased.next().is_none().then_some(first)
}

impl Chord {
    /// A key without modifiers.
    pub const fn plain(code: Code) -> Self {
        Self {
            code,
            ctrl: false,
            alt: false,
            shift: false,
        }
    }

    /// The one form of this press:
    /// - with ctrl, letters are lower case, as terminals cannot tell `ctrl-K` from `ctrl-k`;
    ///   shift counts only where the terminal reported it by itself;
    /// - with alt, an upper-case letter is the lower-case one with shift: some terminals send
    ///   one, some the other;
    /// - with neither, shift is in the character itself: `shift-a` is `A`, `shift-?` is `?`.
    #[must_use]
    pub fn normal(self) -> Self {
        let Code::Char(c) = self.code else {
            return self;
        };
        if !self.ctrl && !self.alt {
            let typed = if self.shift && c.is_lowercase() {
                only(c.to_uppercase()).unwrap_or(c)
            } else {
                c
            };
            return Self::plain(Code::Char(typed));
        }
        match only(c.to_lowercase()) {
            Some(lower) if lower != c => Self {
                code: Code::Char(lower),
                shift: self.shift || !self.ctrl,
                ..self
            },
            _ => self,
        }
    }

    /// The character this chord types, if it types one.
    pub fn typed(self) -> Option<char> {
        match self.normal() {
            Self {
                code: Code::Char(c),
                ctrl: false,
                alt: false,
                ..
            } if !c.is_control() => Some(c),
            _ => None,
        }
    }

    /// How the screen shows it: `Ctrl+K`, `Alt+Enter`, `Space`, `?`.
    pub fn label(self) -> String {
        let chord = self.normal();
        let mut label = String::new();
        for (held, name) in [
            (chord.ctrl, "Ctrl+"),
            (chord.alt, "Alt+"),
            (chord.shift, "Shift+"),
        ] {
            if held {
                label.push_str(name);
            }
        }
        match chord.code {
            Code::Char(c) if !label.is_empty() && c.is_lowercase() => {
                label.push(only(c.to_uppercase()).unwrap_or(c));
            }
            Code::F(number) => label.push_str(&["F", &number.to_string()].concat()),
            code => match NAMED.iter().find(|(known, ..)| *known == code) {
                Some((_, _, shown)) => label.push_str(shown),
                None => label.push_str(&chord.code.to_string()),
            },
        }
        label
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((_, name, _)) = NAMED.iter().find(|(code, ..)| code == self) {
            return f.write_str(name);
        }
        match self {
            Self::F(number) => write!(f, "f{number}"),
            // Characters that would not show are written by number.
            Self::Char(c) if c.is_control() || c.is_whitespace() => {
                write!(f, "u{{{:x}}}", u32::from(*c))
            }
            Self::Char(c) => f.write_char(*c),
            other => unreachable!("{other:?} has a name"),
        }
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let chord = self.normal();
        for (held, name) in [
            (chord.ctrl, "ctrl-"),
            (chord.alt, "alt-"),
            (chord.shift, "shift-"),
        ] {
            if held {
                f.write_str(name)?;
            }
        }
        chord.code.fmt(f)
    }
}

fn nearest(name: &str, known: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    known
        .map(|known| (strsim::damerau_levenshtein(known, name), known))
        .filter(|(distance, known)| *distance <= 1 + known.len() / 4)
        .min()
        .map(|(_, known)| known)
}

impl FromStr for Code {
    type Err = NotAChord;

    fn from_str(text: &str) -> Result<Self, NotAChord> {
        let mut chars = text.chars();
        if let (Some(only), None) = (chars.next(), chars.next()) {
            return Ok(Self::Char(only));
        }
        let name = text.to_lowercase();
        let alias = ALIASES.iter().find(|(alias, _)| *alias == name);
        let name = alias.map_or(name.as_str(), |(_, name)| name);
        if let Some((code, ..)) = NAMED.iter().find(|(_, known, _)| *known == name) {
            return Ok(*code);
        }
        if let Some(number) = name.strip_prefix('f').and_then(|n| n.parse().ok()) {
            return Ok(Self::F(number));
        }
        let number = name.strip_prefix("u{").and_then(|n| n.strip_suffix('}'));
        let by_number = number.and_then(|hex| char::from_u32(u32::from_str_radix(hex, 16).ok()?));
        if let Some(c) = by_number {
            return Ok(Self::Char(c));
        }
        if text.is_empty() {
            return Err(NotAChord::Empty {
                text: text.to_owned(),
            });
        }
        Err(NotAChord::Key {
            nearest: nearest(name, NAMED.iter().map(|(_, known, _)| *known)),
            name: text.to_owned(),
        })
    }
}

impl FromStr for Chord {
    type Err = NotAChord;

    /// Reads `ctrl-k`, and also `Ctrl+K`. The result is in [normal](Chord::normal) form.
    fn from_str(text: &str) -> Result<Self, NotAChord> {
        let mut chord = Self::plain(Code::Esc);
        let mut rest = text.trim();
        // A separator at the very end is the key itself: `ctrl--`, `+`.
        while let Some((name, key)) = rest.split_once(['-', '+']) {
            let modifier = match name.to_lowercase().as_str() {
                "ctrl" | "control" => &mut chord.ctrl,
                "alt" | "option" | "meta" => &mut chord.alt,
                "shift" => &mut chord.shift,
                // `page-up` and `-` hold a separator, too.
                _ if rest.parse::<Code>().is_ok() => break,
                name => {
                    let nearest = nearest(name, ["ctrl", "alt", "shift"].into_iter());
                    if nearest.is_some() || key.parse::<Code>().is_ok() {
                        let name = name.to_owned();
                        return Err(NotAChord::Modifier { name, nearest });
                    }
                    break;
                }
            };
            *modifier = true;
            rest = key;
        }
        chord.code = rest.parse().map_err(|problem| match problem {
            NotAChord::Empty { .. } => NotAChord::Empty {
                text: text.to_owned(),
            },
            other => other,
        })?;
        Ok(chord.normal())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn chord(text: &str) -> Chord {
        text.parse().unwrap()
    }

    fn held(code: Code, ctrl: bool, alt: bool, shift: bool) -> Chord {
        Chord {
            code,
            ctrl,
            alt,
            shift,
        }
    }

    #[test]
    fn chords_are_written_as_people_say_them() {
        for (text, expected, label) in [
            (
                "ctrl-enter",
                held(Code::Enter, true, false, false),
                "Ctrl+Enter",
            ),
            ("alt-left", held(Code::Left, false, true, false), "Alt+Left"),
            (
                "shift-tab",
                held(Code::Tab, false, false, true),
                "Shift+Tab",
            ),
            ("f1", Chord::plain(Code::F(1)), "F1"),
            ("f", Chord::plain(Code::Char('f')), "f"),
            ("space", Chord::plain(Code::Char(' ')), "Space"),
            (
                "ctrl-space",
                held(Code::Char(' '), true, false, false),
                "Ctrl+Space",
            ),
            ("A", Chord::plain(Code::Char('A')), "A"),
            ("?", Chord::plain(Code::Char('?')), "?"),
            (
                "ctrl-k",
                held(Code::Char('k'), true, false, false),
                "Ctrl+K",
            ),
            (
                "alt-shift-z",
                held(Code::Char('z'), false, true, true),
                "Alt+Shift+Z",
            ),
            (
                "ctrl-alt-shift-page-up",
                held(Code::PageUp, true, true, true),
                "Ctrl+Alt+Shift+PgUp",
            ),
            ("minus", Chord::plain(Code::Char('-')), "-"),
            (
                "ctrl-plus",
                held(Code::Char('+'), true, false, false),
                "Ctrl++",
            ),
            (
                "alt-你",
                held(Code::Char('你'), false, true, false),
                "Alt+你",
            ),
            (
                "ctrl-u{3000}",
                held(Code::Char('\u{3000}'), true, false, false),
                "Ctrl+u{3000}",
            ),
        ] {
            assert_eq!(text.parse(), Ok(expected), "{text}");
            assert_eq!(expected.to_string(), text);
            assert_eq!(expected.label(), label);
        }
    }

    #[test]
    fn other_ways_of_writing_mean_the_same() {
        for (other, text) in [
            ("Ctrl+K", "ctrl-k"),
            ("ctrl-K", "ctrl-k"),
            (" control-k ", "ctrl-k"),
            ("alt-Z", "alt-shift-z"),
            ("Meta-Shift-z", "alt-shift-z"),
            ("shift-a", "A"),
            ("shift-?", "?"),
            ("Escape", "esc"),
            ("alt+Return", "alt-enter"),
            ("shift-PgUp", "shift-page-up"),
            ("-", "minus"),
            ("ctrl--", "ctrl-minus"),
            ("ctrl++", "ctrl-plus"),
        ] {
            assert_eq!(chord(other).to_string(), text, "{other}");
        }
    }

    #[test]
    fn what_is_no_chord_is_answered_with_the_nearest_name() {
        let key = |name: &str, nearest| NotAChord::Key {
            name: name.to_owned(),
            nearest,
        };
        for (text, problem) in [
            ("ctrl-entr", key("entr", Some("enter"))),
            ("page-upp", key("page-upp", Some("page-up"))),
            ("qwertz", key("qwertz", None)),
            ("f999", key("f999", None)),
            (
                "ctlr-k",
                NotAChord::Modifier {
                    name: "ctlr".to_owned(),
                    nearest: Some("ctrl"),
                },
            ),
            (
                "hyper-k",
                NotAChord::Modifier {
                    name: "hyper".to_owned(),
                    nearest: None,
                },
            ),
            (
                "ctrl-",
                NotAChord::Empty {
                    text: "ctrl-".to_owned(),
                },
            ),
            (
                "",
                NotAChord::Empty {
                    text: String::new(),
                },
            ),
        ] {
            assert_eq!(text.parse::<Chord>(), Err(problem), "{text}");
        }
        assert_eq!(key("entr", Some("enter")).hint(), "use `enter`");
    }

    #[test]
    fn only_a_character_without_ctrl_and_alt_types_something() {
        let typed = [
            "a", "shift-a", "space", "你", "ctrl-a", "alt-a", "enter", "u{7}",
        ]
        .map(|text| chord(text).typed());
        assert_eq!(
            typed,
            [
                Some('a'),
                Some('A'),
                Some(' '),
                Some('你'),
                None,
                None,
                None,
                None
            ]
        );
    }

    fn any_chord() -> impl Strategy<Value = Chord> {
        let codes: Vec<Code> = NAMED.iter().map(|(code, ..)| *code).collect();
        let code = prop_oneof![
            prop::sample::select(codes),
            any::<char>().prop_map(Code::Char),
            prop::sample::select(vec![
                'a', 'Z', '-', 'ß', 'İ', 'ǅ', 'ı', 'ſ', '\u{130}', 'Σ', 'ς', 'K'
            ])
            .prop_map(Code::Char),
            any::<u8>().prop_map(Code::F),
        ];
        (code, any::<bool>(), any::<bool>(), any::<bool>())
            .prop_map(|(code, ctrl, alt, shift)| held(code, ctrl, alt, shift))
    }

    proptest! {
        #[test]
        fn every_chord_survives_its_text_form(chord in any_chord()) {
            prop_assert_eq!(chord.to_string().parse(), Ok(chord.normal()));
        }

        #[test]
        fn a_normal_chord_stays_as_it_is(chord in any_chord()) {
            prop_assert_eq!(chord.normal().normal(), chord.normal());
            prop_assert!(!chord.label().is_empty());
        }

        #[test]
        fn any_text_is_read_without_panic(text in any::<String>()) {
            let _ = text.parse::<Chord>();
        }
    }
}
