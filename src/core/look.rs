//! How the screen looks, as far as the user chooses: which themes there are, and which one counts.
//! What a theme is made of is `view::theme`'s.

use super::action::Action;
use super::model::{Layer, Model};
use super::picker::PickerKind;

/// The theme that the terminal decides.
pub const AUTO: &str = "auto";
/// The themes that come with the program.
pub const BUILT_IN: &[&str] = &["dark", "light", "contrast", "sixteen"];

/// What was chosen, and what can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// The themes there are, beside the one that the terminal decides.
    pub themes: Vec<String>,
    pub theme: String,
    /// Nothing moves by itself.
    pub still: bool,
    /// The mouse is ours, not the terminal's.
    pub mouse: bool,
    /// How things stand is told beside the chat, where there is room.
    pub panel: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            themes: BUILT_IN.iter().map(|name| (*name).to_owned()).collect(),
            theme: AUTO.to_owned(),
            still: false,
            mouse: false,
            panel: true,
        }
    }
}

impl Look {
    /// Whether there is a theme of this name.
    pub fn has(&self, theme: &str) -> bool {
        theme == AUTO || self.themes.iter().any(|known| known == theme)
    }
}

impl Model {
    /// The theme to be seen: the one that is looked at in the list of them, else the one in force.
    pub fn theme(&self) -> &str {
        let looked_at = match self.layers.last() {
            Some(Layer::Picker(picker)) if picker.kind == PickerKind::Themes => picker.chosen(),
            _ => None,
        };
        match looked_at.map(|item| &item.action) {
            Some(Action::UseTheme(theme)) => theme,
            _ => &self.look.theme,
        }
    }
}
