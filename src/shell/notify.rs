//! How a terminal is told to notify somebody who looks elsewhere. Pure: variables in, bytes out.

use crate::config::settings::Notify;
use crate::core::defuse::defuse;

/// The way of a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// As iTerm2 began it.
    Osc9,
    /// As rxvt began it.
    Osc777,
    /// It can only ring.
    Bell,
}

/// A notice is no longer than this.
const LONGEST: usize = 120;

impl Way {
    /// The way that is wished for, or the one that this terminal is known to take.
    pub fn of(wish: Notify, variable: &dyn Fn(&str) -> Option<String>) -> Self {
        match wish {
            Notify::Osc9 => return Self::Osc9,
            Notify::Osc777 => return Self::Osc777,
            Notify::Bell | Notify::Never => return Self::Bell,
            Notify::Auto => {}
        }
        let has = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
        let term = variable("TERM").unwrap_or_default();
        // A multiplexer keeps such sequences to itself, and shows a bell of a window out of sight.
        if has("TMUX") || has("ZELLIJ") || term.starts_with("screen") || term.starts_with("tmux") {
            return Self::Bell;
        }
        let program = variable("TERM_PROGRAM").unwrap_or_default();
        let known = ["iTerm.app", "WezTerm", "ghostty"].contains(&program.as_str());
        if known || term.contains("kitty") || term.contains("ghostty") {
            return Self::Osc9;
        }
        let rxvt = ["rxvt", "foot"].iter().any(|name| term.starts_with(name));
        if rxvt || has("VTE_VERSION") {
            return Self::Osc777;
        }
        Self::Bell
    }

    /// What is written to the terminal for a text from anywhere.
    pub fn bytes(self, text: &str) -> Vec<u8> {
        // A semicolon would end a field, and a line or a control character the sequence.
        let flat: String = defuse(text)
            .chars()
            .map(|c| match c {
                ';' => ',',
                '\n' | '\t' => ' ',
                c => c,
            })
            .take(LONGEST)
            .collect();
        match self {
            // Beginning with our name, it is none of the numbers that mean something else.
            Self::Osc9 => format!("\x1b]9;hearsay: {flat}\x1b\\").into_bytes(),
            Self::Osc777 => format!("\x1b]777;notify;hearsay;{flat}\x1b\\").into_bytes(),
            Self::Bell => b"\x07".to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_terminal_is_told_in_its_way() {
        type Variables = [(&'static str, &'static str)];
        let table: &[(Notify, &Variables, Way)] = &[
            (Notify::Auto, &[("TERM", "xterm-256color")], Way::Bell),
            (Notify::Auto, &[("TERM", "linux")], Way::Bell),
            (Notify::Auto, &[("TERM", "xterm-kitty")], Way::Osc9),
            (Notify::Auto, &[("TERM", "xterm-ghostty")], Way::Osc9),
            (Notify::Auto, &[("TERM_PROGRAM", "iTerm.app")], Way::Osc9),
            (Notify::Auto, &[("TERM_PROGRAM", "WezTerm")], Way::Osc9),
            (Notify::Auto, &[("TERM", "foot-extra")], Way::Osc777),
            (Notify::Auto, &[("VTE_VERSION", "7600")], Way::Osc777),
            (
                Notify::Auto,
                &[("VTE_VERSION", "7600"), ("TMUX", "/tmp/s,1,0")],
                Way::Bell,
            ),
            (
                Notify::Auto,
                &[("TERM", "screen-256color"), ("TERM_PROGRAM", "WezTerm")],
                Way::Bell,
            ),
            (Notify::Osc9, &[("TMUX", "/tmp/s,1,0")], Way::Osc9),
            (Notify::Osc777, &[], Way::Osc777),
            (Notify::Bell, &[("TERM", "xterm-kitty")], Way::Bell),
        ];
        for (wish, variables, wanted) in table {
            let variable = |name: &str| {
                let found = variables.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(Way::of(*wish, &variable), *wanted, "{wish:?} {variables:?}");
        }
    }

    #[test]
    fn a_notice_is_one_sequence_whatever_its_text_holds() {
        let nasty = "a\x1b]52;c;AAAA\x07\u{9c}b\n;c\u{202e}d";
        for way in [Way::Osc9, Way::Osc777, Way::Bell] {
            let bytes = way.bytes(&nasty.repeat(100));
            let text = String::from_utf8(bytes).unwrap();
            let inner = text.trim_start_matches("\x1b]").trim_end_matches("\x1b\\");
            let steers = |c: char| c.is_control() || c == '\u{202e}';
            assert!(way == Way::Bell || !inner.contains(steers), "{text:?}");
            assert!(text.chars().count() < LONGEST + 40);
        }
        assert_eq!(
            Way::Osc777.bytes("a;b"),
            b"\x1b]777;notify;hearsay;a,b\x1b\\"
        );
    }
}
