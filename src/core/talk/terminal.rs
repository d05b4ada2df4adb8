//! Which terminal this is: a short name that stays the same from run to run, under which is kept
//! what was learned about it.
//!
//! It tells apart what treats keys differently: the program that draws, the multiplexer between,
//! and the line, which may deliver late. It says nothing about what the terminal can do.

/// Answers what a variable of the environment holds.
type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What `TERM` begins with where a terminal has one of its own.
const OWN_TERM: &[(&str, &str)] = &[
    ("xterm-kitty", "kitty"),
    ("xterm-ghostty", "ghostty"),
    ("alacritty", "alacritty"),
    ("contour", "contour"),
    ("foot", "foot"),
    ("konsole", "konsole"),
    ("linux", "linux"),
    ("rio", "rio"),
    ("rxvt", "rxvt"),
    ("st-", "st"),
    ("wezterm", "wezterm"),
];

/// What `TERM_PROGRAM` says.
const PROGRAMS: &[(&str, &str)] = &[
    ("Apple_Terminal", "apple-terminal"),
    ("Hyper", "hyper"),
    ("WarpTerminal", "warp"),
    ("WezTerm", "wezterm"),
    ("contour", "contour"),
    ("ghostty", "ghostty"),
    ("iTerm.app", "iterm2"),
    ("kitty", "kitty"),
    ("mintty", "mintty"),
    ("rio", "rio"),
    ("vscode", "vscode"),
];

/// Variables that only one terminal sets.
const MARKS: &[(&str, &str)] = &[
    ("KITTY_WINDOW_ID", "kitty"),
    ("GHOSTTY_RESOURCES_DIR", "ghostty"),
    ("WEZTERM_PANE", "wezterm"),
    ("ALACRITTY_WINDOW_ID", "alacritty"),
    ("ITERM_SESSION_ID", "iterm2"),
    ("KONSOLE_VERSION", "konsole"),
    ("WT_SESSION", "windows-terminal"),
    ("VTE_VERSION", "vte"),
    ("XTERM_VERSION", "xterm"),
];

/// Multiplexers: the variable that they set, and what `TERM` begins with in them.
const BETWEEN: &[(&str, &str, &str)] = &[
    ("TMUX", "tmux", "tmux"),
    ("ZELLIJ", "zellij", "zellij"),
    ("STY", "screen", "screen"),
];

/// More of a name would say no more.
const LONGEST: usize = 32;

/// The name: `kitty`, `vte over ssh`, `tmux in xterm`.
pub fn name(env: Env<'_>) -> String {
    let set = |name: &str| env(name).filter(|value| !value.is_empty());
    let term = set("TERM").unwrap_or_default();
    let multiplexer = multiplexer(env);
    let drawn = if multiplexer.is_some() {
        // TERM and TERM_PROGRAM are the multiplexer's own here.
        marked(&set)
    } else {
        begins(OWN_TERM, &term)
            .or_else(|| program(&set("TERM_PROGRAM")?))
            .or_else(|| marked(&set))
            .or_else(|| generic(&term))
    };
    let mut name = match (multiplexer, drawn) {
        (Some(between), Some(drawn)) => format!("{between} in {drawn}"),
        (Some(between), None) => between.to_owned(),
        (None, Some(drawn)) => drawn,
        (None, None) => "unknown".to_owned(),
    };
    if set("SSH_TTY").or_else(|| set("SSH_CONNECTION")).is_some() {
        name.push_str(" over ssh");
    }
    name
}

/// The multiplexer that we run in on this machine, if any.
pub fn multiplexer(env: Env<'_>) -> Option<&'static str> {
    let inside = |variable: &str| env(variable).is_some_and(|value| !value.is_empty());
    let (_, name, _) = BETWEEN.iter().find(|(variable, ..)| inside(variable))?;
    Some(name)
}

fn marked(set: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let (_, name) = MARKS.iter().find(|(mark, _)| set(mark).is_some())?;
    Some((*name).to_owned())
}

fn program(program: &str) -> Option<String> {
    let (_, name) = PROGRAMS.iter().find(|(known, _)| *known == program)?;
    Some((*name).to_owned())
}

fn begins(table: &[(&str, &str)], term: &str) -> Option<String> {
    let (_, name) = table.iter().find(|(start, _)| term.starts_with(start))?;
    Some((*name).to_owned())
}

/// What a `TERM` says that many share. A multiplexer's, without its variable, runs on the machine
/// that the user sits at.
fn generic(term: &str) -> Option<String> {
    if let Some((.., name)) = BETWEEN.iter().find(|(.., start)| term.starts_with(start)) {
        return Some((*name).to_owned());
    }
    if term.starts_with("xterm") {
        return Some("xterm".to_owned());
    }
    let plain = |c: &char| c.is_ascii_alphanumeric() || "-._+".contains(*c);
    let name: String = term.chars().filter(plain).take(LONGEST).collect();
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_surrounding_has_its_name() {
        for (variables, expected) in [
            ("", "unknown"),
            ("TERM=", "unknown"),
            ("TERM=xterm-256color", "xterm"),
            ("TERM=xterm-kitty KITTY_WINDOW_ID=1", "kitty"),
            ("TERM=xterm-kitty SSH_TTY=/dev/pts/1", "kitty over ssh"),
            ("TERM=xterm-256color VTE_VERSION=7600", "vte"),
            (
                "TERM=xterm-256color VTE_VERSION=7600 SSH_CONNECTION=a",
                "vte over ssh",
            ),
            ("TERM=xterm-256color SSH_TTY=/dev/pts/1", "xterm over ssh"),
            ("TERM=xterm-256color XTERM_VERSION=XTerm(379)", "xterm"),
            ("TERM=xterm-256color WT_SESSION=guid", "windows-terminal"),
            (
                "TERM=xterm-256color TERM_PROGRAM=iTerm.app TERM_PROGRAM_VERSION=3.5",
                "iterm2",
            ),
            (
                "TERM=xterm-256color TERM_PROGRAM=vscode TERM_PROGRAM_VERSION=1.9",
                "vscode",
            ),
            (
                "TERM=xterm-256color TERM_PROGRAM=Apple_Terminal",
                "apple-terminal",
            ),
            // Started from kitty, which leaves its mark.
            ("TERM=alacritty KITTY_WINDOW_ID=1", "alacritty"),
            ("TERM=foot-extra", "foot"),
            ("TERM=linux", "linux"),
            ("TERM=st-256color", "st"),
            (
                "TERM=tmux-256color TERM_PROGRAM=tmux TMUX=/tmp/x,1,0",
                "tmux",
            ),
            (
                "TERM=tmux-256color TMUX=/tmp/x,1,0 XTERM_VERSION=1",
                "tmux in xterm",
            ),
            (
                "TERM=screen-256color TMUX=/tmp/x,1,0 KITTY_WINDOW_ID=2",
                "tmux in kitty",
            ),
            ("TERM=screen STY=1.pts VTE_VERSION=1", "screen in vte"),
            (
                "TERM=xterm-256color ZELLIJ=0 TMUX= ALACRITTY_WINDOW_ID=1",
                "zellij in alacritty",
            ),
            (
                "TERM=tmux-256color TMUX=/tmp/x,1,0 SSH_TTY=/dev/pts/1",
                "tmux over ssh",
            ),
            // tmux on the user's own machine, and ssh inside.
            ("TERM=tmux-256color SSH_TTY=/dev/pts/1", "tmux over ssh"),
            ("TERM=vt220\u{1b}[31m", "vt22031m"),
        ] {
            let env = |name: &str| {
                let mut set = variables.split(' ').filter_map(|pair| pair.split_once('='));
                set.find(|(known, _)| *known == name)
                    .map(|(_, value)| value.to_owned())
            };
            assert_eq!(name(&env), expected, "{variables}");
        }
    }
}
