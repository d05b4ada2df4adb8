//! The themes there are, and the one that is worn: for a name and a terminal its colours.

use super::skin::Skin;
use super::{Background, Depth, Theme};
use crate::core::look::{AUTO, BUILT_IN};

/// All themes, on one terminal.
#[derive(Clone, Debug, Default)]
pub struct Looks {
    depth: Depth,
    background: Background,
    /// The user's own.
    own: Vec<(String, Skin)>,
}

impl Looks {
    /// The themes of the program and the user's own, which come first where names are the same.
    pub const fn new(depth: Depth, background: Background, own: Vec<(String, Skin)>) -> Self {
        Self {
            depth,
            background,
            own,
        }
    }

    /// Their names, the program's first.
    pub fn names(&self) -> Vec<String> {
        let own = self.own.iter().map(|(name, _)| name.as_str());
        let more = own.filter(|name| !BUILT_IN.contains(name));
        BUILT_IN
            .iter()
            .copied()
            .chain(more)
            .map(str::to_owned)
            .collect()
    }

    /// What the terminal decides for.
    pub const fn fitting(depth: Depth, background: Background) -> &'static str {
        match (depth, background) {
            (Depth::Sixteen | Depth::None, _) => "sixteen",
            (_, Background::Dark) => "dark",
            (_, Background::Light) => "light",
        }
    }

    /// The theme of that name; an unknown one is as if the terminal had decided.
    pub fn theme(&self, name: &str) -> Theme {
        let own = self.own.iter().find(|(known, _)| known == name);
        if let Some((_, skin)) = own {
            return Theme::new(skin, self.depth);
        }
        let fitting = Self::fitting(self.depth, self.background);
        let name = match name {
            AUTO => fitting,
            // The terminal's own sixteen fit its own background better than what comes near.
            "dark" | "light" if self.depth == Depth::Sixteen => fitting,
            known if BUILT_IN.contains(&known) => known,
            _ => fitting,
        };
        Theme::new(&Skin::built_in(name), self.depth)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::words::Lang;

    #[test]
    fn the_terminal_decides_unless_the_user_does() {
        let built_in = |name, depth| Theme::new(&Skin::built_in(name), depth);
        for (depth, background, name, expected) in [
            (Depth::Truecolor, Background::Dark, "auto", "dark"),
            (Depth::Truecolor, Background::Light, "auto", "light"),
            (Depth::Indexed, Background::Light, "auto", "light"),
            (Depth::Sixteen, Background::Light, "auto", "sixteen"),
            (Depth::None, Background::Light, "auto", "sixteen"),
            (Depth::Truecolor, Background::Dark, "light", "light"),
            (Depth::Truecolor, Background::Dark, "sixteen", "sixteen"),
            (Depth::Sixteen, Background::Dark, "light", "sixteen"),
            (Depth::Sixteen, Background::Dark, "contrast", "contrast"),
            (Depth::Truecolor, Background::Dark, "nobody", "dark"),
        ] {
            let theme = Looks::new(depth, background, vec![]).theme(name);
            assert_eq!(
                theme,
                built_in(expected, depth),
                "{name} {depth:?} {background:?}"
            );
        }
    }

    #[test]
    fn the_users_own_themes_are_among_them_and_win_over_ours() {
        let mine = Skin::read("user = \"red\"", "dark", Lang::En).unwrap();
        let own = vec![
            ("dark".to_owned(), mine.clone()),
            ("mine".to_owned(), mine.clone()),
        ];
        let looks = Looks::new(Depth::Truecolor, Background::Dark, own);
        assert_eq!(
            looks.names(),
            ["dark", "light", "contrast", "sixteen", "mine"]
        );
        let theme = Theme::new(&mine, Depth::Truecolor);
        assert_eq!([looks.theme("mine"), looks.theme("dark")], [theme; 2]);
    }
}
