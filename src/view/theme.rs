//! Says how each role looks. The rest of `view` names roles only; colours live here.
//!
//! By default the terminal's own sixteen colours are used together with bold, dim, underline and
//! reverse, so that whatever the user made of light and dark keeps working. Every role that
//! carries a meaning also differs by a modifier or a mark, because some terminals and some eyes
//! see no colour.

use ratatui::style::{Color, Modifier, Style};

/// How many colours the terminal shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Depth {
    Truecolor,
    /// The 256 colours of xterm.
    Indexed,
    /// The terminal's own sixteen.
    #[default]
    Sixteen,
    /// Modifiers only, as `NO_COLOR` asks.
    None,
}

/// What the terminal's background is like; matters beyond sixteen colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Background {
    #[default]
    Dark,
    Light,
}

/// What a piece of text is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Role {
    #[default]
    Text,
    /// Less important than what stands around it.
    Dim,
    /// The user's own mark.
    User,
    /// The name of who answers.
    Assistant,
    Heading,
    Code,
    Keyword,
    Literal,
    Number,
    Comment,
    Link,
    Quote,
    Ok,
    Warning,
    Error,
    /// Draws the eye without alarm: what is going on, what is active.
    Accent,
    /// The chosen line of a list.
    Selection,
    /// Titles of the screen and of what lies over it.
    Title,
}

/// The role of a piece of text and the emphasis its author gave it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ink {
    pub role: Role,
    pub emphasis: Modifier,
}

impl Ink {
    /// The role, plain.
    pub const fn of(role: Role) -> Self {
        Self {
            role,
            emphasis: Modifier::empty(),
        }
    }

    /// The same with more emphasis.
    #[must_use]
    pub const fn with(self, emphasis: Modifier) -> Self {
        Self {
            role: self.role,
            emphasis: self.emphasis.union(emphasis),
        }
    }
}

/// Turns roles into styles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Theme {
    pub depth: Depth,
    pub background: Background,
}

/// One row of the table: the terminal's colour, the shade on dark and on light, the modifier that
/// always goes with it, and the one that stands in where there is no colour.
struct Look {
    sixteen: Color,
    dark: (u8, u8, u8),
    light: (u8, u8, u8),
    always: Modifier,
    colourless: Modifier,
}

const fn look(
    sixteen: Color,
    dark: (u8, u8, u8),
    light: (u8, u8, u8),
    always: Modifier,
    colourless: Modifier,
) -> Look {
    Look {
        sixteen,
        dark,
        light,
        always,
        colourless,
    }
}

const NO: Modifier = Modifier::empty();
const BOLD: Modifier = Modifier::BOLD;
const DIM: Modifier = Modifier::DIM;
const ITALIC: Modifier = Modifier::ITALIC;
const UNDERLINED: Modifier = Modifier::UNDERLINED;

impl Role {
    /// The role's row; `None` leaves the terminal's own foreground.
    const fn look(self) -> Option<Look> {
        Some(match self {
            Self::Text | Self::Selection => return None,
            Self::Dim | Self::Quote => {
                look(Color::Reset, (138, 143, 152), (107, 112, 120), NO, DIM)
            }
            Self::User => look(Color::Cyan, (95, 200, 215), (0, 110, 130), BOLD, NO),
            Self::Assistant => look(Color::Green, (140, 200, 120), (40, 120, 40), BOLD, NO),
            Self::Heading | Self::Title => {
                look(Color::Reset, (235, 235, 240), (25, 25, 30), BOLD, NO)
            }
            Self::Code => look(Color::Cyan, (150, 200, 210), (20, 100, 120), NO, ITALIC),
            Self::Keyword => look(Color::Magenta, (200, 150, 220), (135, 50, 150), NO, BOLD),
            Self::Literal => look(Color::Green, (150, 200, 130), (50, 115, 40), NO, NO),
            Self::Number => look(Color::Yellow, (225, 185, 120), (150, 90, 0), NO, NO),
            Self::Comment => look(Color::Reset, (132, 137, 147), (105, 110, 120), ITALIC, DIM),
            Self::Link => look(Color::Blue, (120, 170, 240), (20, 80, 180), UNDERLINED, NO),
            Self::Ok => look(Color::Green, (130, 200, 120), (30, 120, 40), NO, NO),
            Self::Warning => look(Color::Yellow, (235, 195, 100), (150, 95, 0), BOLD, NO),
            Self::Error => look(Color::Red, (240, 120, 110), (180, 30, 30), BOLD, NO),
            Self::Accent => look(Color::Cyan, (95, 200, 215), (0, 110, 130), NO, BOLD),
        })
    }
}

impl Theme {
    /// The style of a piece of text.
    pub fn style(self, ink: Ink) -> Style {
        let mut style = Style::new().add_modifier(ink.emphasis);
        if ink.role == Role::Selection {
            return style.add_modifier(Modifier::REVERSED);
        }
        let Some(look) = ink.role.look() else {
            return style;
        };
        style = style.add_modifier(look.always);
        let shade = match self.background {
            Background::Dark => look.dark,
            Background::Light => look.light,
        };
        match self.depth {
            Depth::Truecolor => style.fg(Color::Rgb(shade.0, shade.1, shade.2)),
            Depth::Indexed => style.fg(Color::Indexed(nearest_indexed(shade))),
            // Where the table names no colour of the sixteen, the modifier has to do.
            Depth::Sixteen if look.sixteen == Color::Reset => style.add_modifier(look.colourless),
            Depth::Sixteen => style.fg(look.sixteen),
            Depth::None => style.add_modifier(look.colourless),
        }
    }

    /// The style of a role without emphasis.
    pub fn of(self, role: Role) -> Style {
        self.style(Ink::of(role))
    }
}

/// The nearest colour of xterm's 6x6x6 cube or its grey ramp.
fn nearest_indexed((red, green, blue): (u8, u8, u8)) -> u8 {
    const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let step = |value: u8| {
        (0..6_u8)
            .min_by_key(|at| STEPS[usize::from(*at)].abs_diff(value))
            .unwrap_or(0)
    };
    let (r, g, b) = (step(red), step(green), step(blue));
    if red.abs_diff(green) < 16 && green.abs_diff(blue) < 16 {
        let grey = (u16::from(red) + u16::from(green) + u16::from(blue)) / 3;
        return 232 + (grey.saturating_sub(3) / 10).min(23) as u8;
    }
    16 + 36 * r + 6 * g + b
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Role; 18] = [
        Role::Text,
        Role::Dim,
        Role::User,
        Role::Assistant,
        Role::Heading,
        Role::Code,
        Role::Keyword,
        Role::Literal,
        Role::Number,
        Role::Comment,
        Role::Link,
        Role::Quote,
        Role::Ok,
        Role::Warning,
        Role::Error,
        Role::Accent,
        Role::Selection,
        Role::Title,
    ];

    #[test]
    fn without_colour_no_role_has_one() {
        let theme = Theme {
            depth: Depth::None,
            background: Background::Dark,
        };
        for role in ALL {
            let style = theme.of(role);
            assert_eq!((style.fg, style.bg), (None, None), "{role:?}");
        }
    }

    #[test]
    fn the_default_theme_uses_only_the_terminals_own_colours() {
        for role in ALL {
            let style = Theme::default().of(role);
            assert!(
                !matches!(style.fg, Some(Color::Rgb(..) | Color::Indexed(_))),
                "{role:?}"
            );
        }
    }

    /// How far a shade stands out from a background, from 1 to 21, as WCAG 2 defines it.
    fn contrast(shade: (u8, u8, u8), paper: (u8, u8, u8)) -> f64 {
        let light = |(red, green, blue): (u8, u8, u8)| {
            let linear = |value: u8| {
                let value = f64::from(value) / 255.0;
                if value <= 0.03928 {
                    value / 12.92
                } else {
                    ((value + 0.055) / 1.055).powf(2.4)
                }
            };
            0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue) + 0.05
        };
        let (one, other) = (light(shade), light(paper));
        one.max(other) / one.min(other)
    }

    #[test]
    fn every_shade_can_be_read_on_its_background() {
        for role in ALL {
            let Some(look) = role.look() else {
                continue;
            };
            let dark = contrast(look.dark, (30, 30, 34));
            let light = contrast(look.light, (255, 255, 255));
            assert!(dark >= 4.5, "{role:?} on dark: {dark:.1}");
            assert!(light >= 4.5, "{role:?} on light: {light:.1}");
        }
    }

    #[test]
    fn light_and_dark_and_every_depth_give_each_role_its_own_look() {
        let style = |depth, background, role| Theme { depth, background }.of(role);
        let warning = Style::new().add_modifier(Modifier::BOLD);
        let table = [
            (
                Depth::Truecolor,
                Background::Dark,
                Some(Color::Rgb(235, 195, 100)),
            ),
            (
                Depth::Truecolor,
                Background::Light,
                Some(Color::Rgb(150, 95, 0)),
            ),
            (Depth::Indexed, Background::Dark, Some(Color::Indexed(179))),
            (Depth::Indexed, Background::Light, Some(Color::Indexed(94))),
            (Depth::Sixteen, Background::Light, Some(Color::Yellow)),
            (Depth::None, Background::Dark, None),
        ];
        for (depth, background, colour) in table {
            let expected = colour.map_or(warning, |colour| warning.fg(colour));
            assert_eq!(
                style(depth, background, Role::Warning),
                expected,
                "{depth:?}"
            );
        }
    }

    #[test]
    fn shades_find_their_place_among_the_256() {
        let table = [
            ((255, 0, 0), 196),
            ((138, 143, 152), 246),
            ((0, 0, 255), 21),
        ];
        for (shade, indexed) in table {
            assert_eq!(nearest_indexed(shade), indexed, "{shade:?}");
        }
    }
}
