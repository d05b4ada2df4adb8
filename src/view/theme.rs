//! Says how each role looks. The rest of `view` names roles only; colours live here.
//!
//! A theme is a file: [`skin`] reads one, [`looks`] knows which there are and which fits the
//! terminal. Where the terminal decides and shows sixteen colours, those are used together with
//! bold, dim, underline and reverse, so that whatever the user made of light and dark keeps working.
//! Every role that carries a meaning also differs by a modifier or a mark, because some terminals
//! and some eyes see no colour.

pub mod looks;
pub mod skin;

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};
use skin::Skin;

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

/// The roles, each with its name in the file of a theme, in the order of the enum.
pub const ROLES: [(Role, &str); 18] = [
    (Role::Text, "text"),
    (Role::Dim, "dim"),
    (Role::User, "user"),
    (Role::Assistant, "assistant"),
    (Role::Heading, "heading"),
    (Role::Code, "code"),
    (Role::Keyword, "keyword"),
    (Role::Literal, "literal"),
    (Role::Number, "number"),
    (Role::Comment, "comment"),
    (Role::Link, "link"),
    (Role::Quote, "quote"),
    (Role::Ok, "ok"),
    (Role::Warning, "warning"),
    (Role::Error, "error"),
    (Role::Accent, "accent"),
    (Role::Selection, "selection"),
    (Role::Title, "title"),
];

impl Role {
    /// What tells it apart where there is no colour.
    const fn bare(self) -> Modifier {
        match self {
            Self::Text | Self::Literal | Self::Number | Self::Ok => Modifier::empty(),
            Self::Dim | Self::Quote => Modifier::DIM,
            Self::User
            | Self::Assistant
            | Self::Heading
            | Self::Title
            | Self::Keyword
            | Self::Warning
            | Self::Error
            | Self::Accent => Modifier::BOLD,
            Self::Code => Modifier::ITALIC,
            Self::Comment => Modifier::ITALIC.union(Modifier::DIM),
            Self::Link => Modifier::UNDERLINED,
            Self::Selection => Modifier::REVERSED,
        }
    }
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

/// The look of one role.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Paint {
    /// `Reset` is the terminal's own colour.
    pub front: Color,
    pub back: Color,
    pub modifiers: Modifier,
}

/// Turns roles into styles, in the colours that the terminal has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    paints: [Paint; ROLES.len()],
    /// What everything stands on; `Reset` is the terminal's own.
    ground: Color,
}

impl Default for Theme {
    /// The terminal's own sixteen colours.
    fn default() -> Self {
        Self::new(&Skin::built_in("sixteen"), Depth::Sixteen)
    }
}

impl Theme {
    /// A skin on a terminal of so many colours.
    pub fn new(skin: &Skin, depth: Depth) -> Self {
        let mut paints = skin.paints;
        for (paint, (role, _)) in paints.iter_mut().zip(ROLES) {
            paint.front = shown(paint.front, depth);
            paint.back = shown(paint.back, depth);
            if depth == Depth::None {
                paint.modifiers |= role.bare();
            }
        }
        Self {
            paints,
            ground: shown(skin.ground, depth),
        }
    }

    /// The style of a piece of text.
    pub fn style(self, ink: Ink) -> Style {
        let paint = self.paints[ink.role as usize];
        let mut style = Style::new().add_modifier(ink.emphasis.union(paint.modifiers));
        style.fg = Some(paint.front).filter(|colour| *colour != Color::Reset);
        style.bg = Some(paint.back).filter(|colour| *colour != Color::Reset);
        style
    }

    /// The style of a role without emphasis.
    pub fn of(self, role: Role) -> Style {
        self.style(Ink::of(role))
    }

    /// Lays the ground below what is drawn, if the theme has one of its own.
    pub fn lay(self, buffer: &mut Buffer) {
        if self.ground == Color::Reset {
            return;
        }
        let text = self.paints[Role::Text as usize].front;
        for cell in &mut buffer.content {
            if cell.fg == Color::Reset {
                cell.fg = text;
            }
            if cell.bg == Color::Reset {
                cell.bg = self.ground;
            }
        }
    }
}

/// A colour as a terminal of so many can show it.
fn shown(colour: Color, depth: Depth) -> Color {
    match (colour, depth) {
        (_, Depth::None) | (Color::Indexed(16..), Depth::Sixteen) => Color::Reset,
        (Color::Rgb(red, green, blue), Depth::Indexed) => {
            Color::Indexed(nearest_indexed((red, green, blue)))
        }
        (Color::Rgb(red, green, blue), Depth::Sixteen) => nearest_of_sixteen((red, green, blue)),
        (colour, _) => colour,
    }
}

/// The nearest of the terminal's own colours, as most terminals show them.
fn nearest_of_sixteen(shade: (u8, u8, u8)) -> Color {
    const OWN: [(Color, (u8, u8, u8)); 16] = [
        (Color::Black, (0, 0, 0)),
        (Color::Red, (205, 0, 0)),
        (Color::Green, (0, 205, 0)),
        (Color::Yellow, (205, 205, 0)),
        (Color::Blue, (0, 0, 238)),
        (Color::Magenta, (205, 0, 205)),
        (Color::Cyan, (0, 205, 205)),
        (Color::Gray, (229, 229, 229)),
        (Color::DarkGray, (127, 127, 127)),
        (Color::LightRed, (255, 0, 0)),
        (Color::LightGreen, (0, 255, 0)),
        (Color::LightYellow, (255, 255, 0)),
        (Color::LightBlue, (92, 92, 255)),
        (Color::LightMagenta, (255, 0, 255)),
        (Color::LightCyan, (0, 255, 255)),
        (Color::White, (255, 255, 255)),
    ];
    let far = |(red, green, blue): (u8, u8, u8)| {
        let apart = |one: u8, other: u8| u32::from(one.abs_diff(other)).pow(2);
        apart(red, shade.0) + apart(green, shade.1) + apart(blue, shade.2)
    };
    let nearest = OWN.iter().min_by_key(|(_, own)| far(*own));
    nearest.map_or(Color::Reset, |(colour, _)| *colour)
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
    use crate::core::look::BUILT_IN;

    #[test]
    fn the_roles_stand_in_the_order_of_their_numbers_and_each_has_a_name_of_its_own() {
        for (at, (role, name)) in ROLES.iter().enumerate() {
            assert_eq!(*role as usize, at, "{name}");
            let same = ROLES.iter().filter(|(_, other)| other == name);
            assert_eq!(same.count(), 1, "{name}");
        }
    }

    #[test]
    fn without_colour_no_role_of_any_theme_has_one_and_its_modifier_tells_it() {
        for name in BUILT_IN {
            let theme = Theme::new(&Skin::built_in(name), Depth::None);
            for (role, _) in ROLES {
                let style = theme.of(role);
                assert_eq!((style.fg, style.bg), (None, None), "{name} {role:?}");
                assert!(style.add_modifier.contains(role.bare()), "{name} {role:?}");
            }
        }
    }

    #[test]
    fn sixteen_colours_are_all_a_terminal_of_sixteen_is_told() {
        for name in BUILT_IN {
            let theme = Theme::new(&Skin::built_in(name), Depth::Sixteen);
            for (role, _) in ROLES {
                let style = theme.of(role);
                for colour in [style.fg, style.bg] {
                    assert!(
                        !matches!(colour, Some(Color::Rgb(..) | Color::Indexed(_))),
                        "{name} {role:?}"
                    );
                }
            }
        }
    }

    /// How far a shade stands out from a background, from 1 to 21, as WCAG 2 defines it.
    fn contrast(shade: Color, paper: Color) -> f64 {
        let light = |colour: Color| {
            let Color::Rgb(red, green, blue) = colour else {
                panic!("{colour:?} is no shade");
            };
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
        for (name, paper, enough) in [
            ("dark", Color::Rgb(30, 30, 34), 4.5),
            ("light", Color::Rgb(255, 255, 255), 4.5),
            ("contrast", Color::Rgb(0, 0, 0), 7.0),
        ] {
            let skin = Skin::built_in(name);
            for (paint, (role, _)) in skin.paints.iter().zip(ROLES) {
                let paper = match paint.back {
                    Color::Reset => paper,
                    own => own,
                };
                if paint.front != Color::Reset {
                    let contrast = contrast(paint.front, paper);
                    assert!(contrast >= enough, "{name} {role:?}: {contrast:.1}");
                }
            }
        }
    }

    #[test]
    fn every_depth_gives_a_role_the_nearest_look_it_has() {
        let warning = Style::new().add_modifier(Modifier::BOLD);
        for (name, depth, colour) in [
            ("dark", Depth::Truecolor, Some(Color::Rgb(235, 195, 100))),
            ("light", Depth::Truecolor, Some(Color::Rgb(150, 95, 0))),
            ("dark", Depth::Indexed, Some(Color::Indexed(179))),
            ("light", Depth::Indexed, Some(Color::Indexed(94))),
            ("sixteen", Depth::Truecolor, Some(Color::Yellow)),
            ("sixteen", Depth::Sixteen, Some(Color::Yellow)),
            ("contrast", Depth::Sixteen, Some(Color::LightYellow)),
            ("dark", Depth::None, None),
        ] {
            let expected = colour.map_or(warning, |colour| warning.fg(colour));
            let theme = Theme::new(&Skin::built_in(name), depth);
            assert_eq!(theme.of(Role::Warning), expected, "{name} {depth:?}");
        }
    }

    #[test]
    fn a_theme_with_a_ground_of_its_own_paints_what_has_no_colour() {
        let mut buffer = Buffer::with_lines(["a", "b"]);
        buffer[(0, 0)].set_style(Style::new().fg(Color::Red));
        let before = buffer.clone();
        Theme::default().lay(&mut buffer);
        assert_eq!(buffer, before);
        let skin = Skin::built_in("contrast");
        Theme::new(&skin, Depth::Truecolor).lay(&mut buffer);
        let colours = [0, 1].map(|y| (buffer[(0, y)].fg, buffer[(0, y)].bg));
        let (white, black) = (Color::Rgb(255, 255, 255), Color::Rgb(0, 0, 0));
        assert_eq!(colours, [(Color::Red, black), (white, black)]);
    }

    #[test]
    fn shades_find_their_place_among_the_256_and_among_sixteen() {
        for (shade, indexed, own) in [
            ((255, 0, 0), 196, Color::LightRed),
            ((138, 143, 152), 246, Color::DarkGray),
            ((0, 0, 255), 21, Color::Blue),
        ] {
            assert_eq!(nearest_indexed(shade), indexed, "{shade:?}");
            assert_eq!(nearest_of_sixteen(shade), own, "{shade:?}");
        }
    }
}
