//! A theme as it is written: a file with a line for each role.
//!
//! A line holds a colour for the text, `on` and another for what is behind it, and modifiers, all of
//! which may be missing: `warning = "#ebc364 bold"`. What a file does not say is as in another theme,
//! its `base`.

use super::{Paint, ROLES};
use crate::core::words::{Lang, Word, fill};
use ratatui::style::{Color, Modifier};
use toml_edit::Document;

/// A theme, in all colours it was written in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skin {
    pub(super) paints: [Paint; ROLES.len()],
    /// What everything stands on; `Reset` is the terminal's own.
    pub(super) ground: Color,
}

const DARK: &str = include_str!("../../../assets/themes/dark.toml");
const LIGHT: &str = include_str!("../../../assets/themes/light.toml");
const CONTRAST: &str = include_str!("../../../assets/themes/contrast.toml");
const SIXTEEN: &str = include_str!("../../../assets/themes/sixteen.toml");

/// The modifiers and what a file calls them.
const MODIFIERS: &[(&str, Modifier)] = &[
    ("bold", Modifier::BOLD),
    ("dim", Modifier::DIM),
    ("italic", Modifier::ITALIC),
    ("underlined", Modifier::UNDERLINED),
    ("reversed", Modifier::REVERSED),
];

/// The terminal's own colours and what a file calls them.
const COLOURS: &[(&str, Color)] = &[
    ("default", Color::Reset),
    ("black", Color::Black),
    ("red", Color::Red),
    ("green", Color::Green),
    ("yellow", Color::Yellow),
    ("blue", Color::Blue),
    ("magenta", Color::Magenta),
    ("cyan", Color::Cyan),
    ("white", Color::Gray),
    ("bright-black", Color::DarkGray),
    ("bright-red", Color::LightRed),
    ("bright-green", Color::LightGreen),
    ("bright-yellow", Color::LightYellow),
    ("bright-blue", Color::LightBlue),
    ("bright-magenta", Color::LightMagenta),
    ("bright-cyan", Color::LightCyan),
    ("bright-white", Color::White),
];

impl Skin {
    /// The theme of that name that comes with the program; for no such name, the one of sixteen
    /// colours.
    pub(super) fn built_in(name: &str) -> Self {
        let text = match name {
            "dark" => DARK,
            "light" => LIGHT,
            "contrast" => CONTRAST,
            _ => SIXTEEN,
        };
        let bare = Self {
            paints: [Paint::default(); ROLES.len()],
            ground: Color::Reset,
        };
        Self::over(bare, text, Lang::En).expect("a test reads the themes of the program")
    }

    /// Reads a theme, or says in which line what is wrong. `base`: what it is based on when it
    /// does not say.
    pub fn read(text: &str, base: &str, lang: Lang) -> Result<Self, (usize, String)> {
        let base = Document::parse(text)
            .ok()
            .and_then(|document| Some(document.get("base")?.as_str()?.to_owned()))
            .unwrap_or_else(|| base.to_owned());
        Self::over(Self::built_in(&base), text, lang)
    }

    fn over(mut skin: Self, text: &str, lang: Lang) -> Result<Self, (usize, String)> {
        let line = |at: usize| 1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count();
        let document = Document::parse(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let why = error.message().lines().collect::<Vec<_>>().join(", ");
            (line(at), why)
        })?;
        for (key, item) in document.iter() {
            let at = item.span().map_or(0, |span| span.start);
            let wrong = |word: Word, parts: &[&str]| (line(at), fill(word.text(lang), parts));
            let value = item.as_str();
            if key == "base" {
                let known = value.filter(|base| crate::core::look::BUILT_IN.contains(base));
                if known.is_none() {
                    let themes = crate::core::look::BUILT_IN.join(", ");
                    return Err(wrong(Word::ThemeBase, &[&themes]));
                }
                continue;
            }
            let painted = value.and_then(paint);
            if key == "ground" {
                let ground = painted.filter(|paint| paint.back == Color::Reset);
                let ground = ground.ok_or_else(|| wrong(Word::ThemePaint, &[key]))?;
                skin.ground = ground.front;
                continue;
            }
            let Some(role) = ROLES.iter().position(|(_, name)| *name == key) else {
                let roles = ROLES.map(|(_, name)| name).join(", ");
                return Err(wrong(Word::ThemeRole, &[key, &roles]));
            };
            skin.paints[role] = painted.ok_or_else(|| wrong(Word::ThemePaint, &[key]))?;
        }
        Ok(skin)
    }
}

/// Reads a line of a theme.
fn paint(text: &str) -> Option<Paint> {
    let mut paint = Paint::default();
    let (mut front, mut words) = (None, text.split_whitespace());
    while let Some(word) = words.next() {
        if word == "on" {
            paint.back = colour(words.next()?)?;
        } else if let Some((_, modifier)) = MODIFIERS.iter().find(|(name, _)| *name == word) {
            paint.modifiers |= *modifier;
        } else if front.replace(colour(word)?).is_some() {
            return None;
        }
    }
    paint.front = front.unwrap_or_default();
    Some(paint)
}

fn colour(word: &str) -> Option<Color> {
    if let Some((_, colour)) = COLOURS.iter().find(|(name, _)| *name == word) {
        return Some(*colour);
    }
    if let Some(shade) = word.strip_prefix('#') {
        let digits = shade.len() == 6 && shade.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = u32::from_str_radix(shade, 16).ok().filter(|_| digits)?;
        let [_, red, green, blue] = number.to_be_bytes();
        return Some(Color::Rgb(red, green, blue));
    }
    word.parse().ok().map(Color::Indexed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::look::BUILT_IN;
    use proptest::prelude::*;

    #[test]
    fn the_themes_of_the_program_say_how_every_role_looks() {
        for (name, text) in [
            ("dark", DARK),
            ("light", LIGHT),
            ("contrast", CONTRAST),
            ("sixteen", SIXTEEN),
        ] {
            assert!(BUILT_IN.contains(&name));
            let document = Document::parse(text).unwrap();
            for (_, role) in ROLES {
                assert!(document.get(role).is_some(), "{name}: {role}");
            }
            Skin::built_in(name);
        }
    }

    #[test]
    fn a_line_is_a_colour_what_is_behind_it_and_modifiers() {
        let of = |front, back, modifiers| {
            Some(Paint {
                front,
                back,
                modifiers,
            })
        };
        let (reset, none) = (Color::Reset, Modifier::empty());
        for (text, expected) in [
            ("", of(reset, reset, none)),
            ("default", of(reset, reset, none)),
            ("cyan bold", of(Color::Cyan, reset, Modifier::BOLD)),
            (
                "bold dim #0a0B0c on 208",
                of(
                    Color::Rgb(10, 11, 12),
                    Color::Indexed(208),
                    Modifier::BOLD | Modifier::DIM,
                ),
            ),
            ("reversed", of(reset, reset, Modifier::REVERSED)),
            ("grean", None),
            ("cyan red", None),
            ("cyan on", None),
            ("#fff", None),
            ("#+12345", None),
            ("256", None),
        ] {
            assert_eq!(paint(text), expected, "{text}");
        }
    }

    #[test]
    fn what_a_file_does_not_say_is_as_in_its_base() {
        let skin = Skin::read("base = \"light\"\nuser = \"red\"", "dark", Lang::En).unwrap();
        let mut expected = Skin::built_in("light");
        expected.paints[super::super::Role::User as usize] = paint("red").unwrap();
        assert_eq!(skin, expected);
        let skin = Skin::read("", "dark", Lang::En);
        assert_eq!(skin, Ok(Skin::built_in("dark")));
    }

    #[test]
    fn what_is_wrong_with_a_file_is_told_with_its_line() {
        let paints = "must be a colour (`#rrggbb`, a name such as `cyan` or `bright-red`, a number up \
                      to 255), `on` and another, and `bold`, `dim`, `italic`, `underlined` or \
                      `reversed`";
        for (text, line, why) in [
            (
                "text = \"\"\nuser = \"grean\"",
                2,
                format!("`user` {paints}"),
            ),
            ("user = 7", 1, format!("`user` {paints}")),
            ("ground = \"red on blue\"", 1, format!("`ground` {paints}")),
            (
                "base = \"drak\"",
                1,
                "`base` must be one of: dark, light, contrast, sixteen".to_owned(),
            ),
        ] {
            let found = Skin::read(text, "dark", Lang::En);
            assert_eq!(found, Err((line, why)), "{text}");
        }
        let unknown = Skin::read("\n\nusr = \"red\"", "dark", Lang::En).unwrap_err();
        assert!(
            unknown
                .1
                .starts_with("no role is called `usr`; there are: text, dim, user,")
        );
        assert_eq!(unknown.0, 3);
        let broken = Skin::read("text = \"\"\nuser = = ", "dark", Lang::En).unwrap_err();
        assert_eq!(broken.0, 2);
    }

    proptest! {
        #[test]
        fn any_text_is_a_theme_or_a_sentence(text in any::<String>(), line in "[a-z#0-9 ]{0,20}") {
            let _ = Skin::read(&text, "dark", Lang::Zh);
            let _ = Skin::read(&format!("user = \"{line}\""), "dark", Lang::En);
        }
    }
}
