//! Which chord means which action, where.
//!
//! The defaults are one table for each context; the user's own bindings go over them. Carrying
//! actions out is `core::update`; reading the bindings from a file is `config`. A plain character
//! that is bound to nothing in the chat or in a picker is typed text: the caller sees to that.

use super::action::{Action, Plain};
use super::chord::Chord;
use super::words::{Lang, Word, fill};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Where a key is pressed. The topmost layer decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Context {
    /// The chat with its composer.
    Chat,
    /// The chat while nothing is written: what is bound here comes first.
    Empty,
    /// A picker.
    Picker,
    /// The earlier conversations.
    Browser,
    /// A page to read, a question or a card.
    Page,
    /// The page of a log.
    Log,
    /// The timeline of a turn.
    Inspector,
    /// The chat while letters are commands, as in vi.
    Normal,
}

/// Which bindings there are before the user's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeySet {
    /// Those of text boxes and of readline.
    #[default]
    Modern,
    /// The same, and letters that are commands.
    Vi,
}

/// The bindings in force.
#[derive(Clone, Debug, PartialEq)]
pub struct Keymap {
    set: KeySet,
    bindings: Vec<(Context, Chord, Action)>,
}

/// Keys that work the same wherever one is.
const EVERYWHERE: &[(Plain, &str)] = &[
    (Plain::Redraw, "ctrl-l"),
    // Where job control exists; hence undo cannot be ctrl-z.
    (Plain::Suspend, "ctrl-z"),
    (Plain::Quit, "ctrl-q"),
];

/// Editing as in readline and as in text boxes, for the message and for a picker's query.
///
/// Terminals cannot tell some keys apart, so these stay unbound or mean the same: ctrl-i is tab,
/// ctrl-m is enter, ctrl-[ is esc, and ctrl-h is backspace on some.
const EDITING: &[(Plain, &str)] = &[
    (Plain::Left, "left ctrl-b"),
    (Plain::Right, "right ctrl-f"),
    (Plain::WordLeft, "ctrl-left alt-left alt-b"),
    (Plain::WordRight, "ctrl-right alt-right alt-f"),
    (Plain::LineStart, "home ctrl-a"),
    (Plain::LineEnd, "end ctrl-e"),
    // Shift is easily still held from the capital before.
    (Plain::Backspace, "backspace shift-backspace ctrl-h"),
    // In an empty chat the caller takes ctrl-d for leaving, as shells do.
    (Plain::DeleteRight, "delete ctrl-d"),
    (Plain::DeleteWordLeft, "ctrl-w alt-backspace ctrl-backspace"),
    (Plain::DeleteWordRight, "alt-d ctrl-delete alt-delete"),
    (Plain::KillToStart, "ctrl-u"),
    // As in readline, which is why the palette is not here.
    (Plain::KillToEnd, "ctrl-k"),
    (Plain::Yank, "ctrl-y"),
    (Plain::Transpose, "ctrl-t"),
    // Most terminals send one byte for ctrl-_, ctrl-/ and ctrl-7, and it is reported as ctrl-7;
    // those that tell keys apart report what was pressed.
    (Plain::Undo, "ctrl-_ ctrl-7 ctrl-/ ctrl-shift-minus alt-z"),
    // Not ctrl-shift-z: where shift is not reported it would suspend the program.
    (Plain::Redo, "alt-shift-z"),
];

/// The chat.
const CHAT: &[(Plain, &str)] = &[
    (Plain::Send, "enter"),
    (Plain::SendOtherWay, "alt-s"),
    // A key that types nothing; in some systems the second one changes the way of input.
    (Plain::Talk, "f9 ctrl-space ctrl-@"),
    // Ctrl-j works in every terminal, shift-enter only in those that report it.
    (Plain::Newline, "alt-enter ctrl-j shift-enter"),
    (Plain::Cancel, "esc"),
    (Plain::Break, "ctrl-c"),
    (Plain::Palette, "ctrl-p"),
    (Plain::Help, "f1 ctrl-g"),
    (Plain::NewConversation, "ctrl-n"),
    (Plain::Conversations, "ctrl-o"),
    (Plain::Again, "ctrl-r"),
    (Plain::Regenerate, "alt-g"),
    (Plain::EditLast, "alt-e"),
    (Plain::PreviousVersion, "alt-,"),
    (Plain::NextVersion, "alt-."),
    (Plain::Compare, "alt-/"),
    // Ctrl-c cancels and ctrl-y yanks; alt-c is free and still says copy.
    (Plain::CopyReply, "alt-c"),
    (Plain::Blocks, "alt-k"),
    // As readline and Emacs search.
    (Plain::Find, "ctrl-s"),
    (Plain::TakeBack, "ctrl-x"),
    (Plain::Call, "f10"),
    (Plain::Mute, "f6"),
    (Plain::ToggleAskAhead, "shift-f6"),
    (Plain::ReadAloud, "f8"),
    (Plain::Pause, "f7"),
    (Plain::Brains, "f2"),
    (Plain::Models, "f3"),
    (Plain::Personas, "f4"),
    (Plain::DialNow, "f5"),
    (Plain::Times, "f11"),
    (Plain::Log, "f12"),
    (Plain::TurnLog, "shift-f12"),
    (Plain::Inspect, "shift-f11 alt-i"),
    (Plain::ToggleReasoning, "alt-r"),
    (Plain::ToggleDetails, "alt-t"),
    (Plain::ScrollUp, "ctrl-up shift-up"),
    (Plain::ScrollDown, "ctrl-down shift-down"),
    (Plain::PageUp, "page-up"),
    (Plain::PageDown, "page-down"),
    (Plain::Top, "ctrl-home"),
    (Plain::Bottom, "ctrl-end"),
    (Plain::Up, "up"),
    (Plain::Down, "down"),
    (Plain::TextStart, "alt-<"),
    (Plain::TextEnd, "alt->"),
    // Up and down do this too, from the first and the last line.
    (Plain::OlderInput, "alt-up alt-p"),
    (Plain::NewerInput, "alt-down alt-n"),
];

/// Nothing is written, so a space would be no beginning of anything.
const EMPTY: &[(Plain, &str)] = &[
    (Plain::Talk, "space"),
    // Only while the line is down; whoever goes on typing has typed it.
    (Plain::DialNow, "r"),
];

/// A picker: enter chooses, most other keys edit the query.
const PICKER: &[(Plain, &str)] = &[
    (Plain::Send, "enter"),
    (Plain::Cancel, "esc ctrl-c ctrl-g"),
    (Plain::Up, "up ctrl-p shift-tab"),
    (Plain::Down, "down ctrl-n tab"),
    (Plain::PageUp, "page-up"),
    (Plain::PageDown, "page-down"),
    (Plain::Top, "ctrl-home"),
    (Plain::Bottom, "ctrl-end"),
];

/// The earlier conversations: a list as any other, with something to do to each.
const BROWSER: &[(Plain, &str)] = &[
    (Plain::Retitle, "f2 alt-r"),
    (Plain::Pin, "f4 alt-p"),
    // Not delete, which edits the query.
    (Plain::Delete, "ctrl-x f8"),
    (Plain::Undelete, "alt-u"),
];

/// A page: the keys of a pager.
const PAGE: &[(Plain, &str)] = &[
    (Plain::Cancel, "esc q ctrl-c ctrl-g"),
    (Plain::ScrollUp, "up k"),
    (Plain::ScrollDown, "down j"),
    (Plain::PageUp, "page-up"),
    (Plain::PageDown, "page-down space"),
    (Plain::Top, "home ctrl-home g"),
    (Plain::Bottom, "end ctrl-end G"),
    (Plain::Compare, "alt-/"),
];

/// The page of a log: the keys of a pager again.
const LOG: &[(Plain, &str)] = &[
    (Plain::Cancel, "esc q ctrl-c ctrl-g"),
    (Plain::ScrollUp, "up k"),
    (Plain::ScrollDown, "down j"),
    (Plain::PageUp, "page-up b"),
    (Plain::PageDown, "page-down space"),
    (Plain::Top, "home ctrl-home g"),
    (Plain::Bottom, "end ctrl-end G"),
    (Plain::Left, "left"),
    (Plain::Right, "right"),
    (Plain::Send, "enter"),
    (Plain::CopyReply, "c"),
    (Plain::Help, "f1 ?"),
    (Plain::Follow, "f"),
    (Plain::Search, "/"),
    (Plain::NextHit, "n"),
    (Plain::PreviousHit, "N"),
    (Plain::OnlyText, "&"),
    (Plain::OnlyLevel, "l"),
    (Plain::OnlyTime, "t"),
    (Plain::AllLines, "a"),
    (Plain::Mark, "m"),
    (Plain::NextMark, "]"),
    (Plain::PreviousMark, "["),
    (Plain::Inspect, "i"),
];

/// The timeline of a turn: a pager with a chosen line.
const INSPECTOR: &[(Plain, &str)] = &[
    (Plain::Cancel, "esc q ctrl-c ctrl-g"),
    (Plain::ScrollUp, "up k"),
    (Plain::ScrollDown, "down j"),
    (Plain::PageUp, "page-up"),
    (Plain::PageDown, "page-down space"),
    (Plain::Top, "home ctrl-home g"),
    (Plain::Bottom, "end ctrl-end G"),
    (Plain::Left, "left"),
    (Plain::Right, "right"),
    (Plain::Send, "enter"),
    (Plain::TurnLog, "l shift-f12"),
    (Plain::Insert, "m"),
    (Plain::Again, "r"),
    (Plain::CopyReply, "c"),
    (Plain::Bundle, "b"),
    (Plain::Status, "s"),
    (Plain::Inspect, "i shift-f11 alt-i"),
    (Plain::Help, "f1 ?"),
];

/// The chat while letters are commands. What types nothing and is not here means what it means
/// while one writes.
const NORMAL: &[(Plain, &str)] = &[
    (Plain::Insert, "i"),
    (Plain::Append, "a"),
    (Plain::AppendEnd, "A"),
    (Plain::Send, "enter"),
    (Plain::Talk, "space f9 ctrl-space ctrl-@"),
    (Plain::Cancel, "esc"),
    (Plain::Left, "h left backspace"),
    (Plain::Right, "l right"),
    (Plain::Up, "k up"),
    (Plain::Down, "j down"),
    (Plain::WordLeft, "b"),
    (Plain::WordRight, "w e"),
    (Plain::LineStart, "0 ^ home"),
    (Plain::LineEnd, "$ end"),
    (Plain::DeleteRight, "x delete"),
    (Plain::Backspace, "X"),
    (Plain::KillToEnd, "D"),
    (Plain::Yank, "p"),
    (Plain::Undo, "u"),
    (Plain::Redo, "ctrl-r"),
    (Plain::PageUp, "ctrl-u ctrl-b page-up"),
    (Plain::PageDown, "ctrl-d ctrl-f page-down"),
    (Plain::ScrollUp, "K"),
    (Plain::ScrollDown, "J"),
    (Plain::Top, "g"),
    (Plain::Bottom, "G"),
    (Plain::Find, "/"),
    (Plain::Palette, ":"),
    (Plain::CopyReply, "y"),
    (Plain::Help, "? f1"),
];

impl Context {
    /// All of them, in the order in which help lists them.
    pub const ALL: &[Self] = &[
        Self::Chat,
        Self::Empty,
        Self::Picker,
        Self::Browser,
        Self::Page,
        Self::Log,
        Self::Inspector,
        Self::Normal,
    ];

    /// The name used in the configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Empty => "empty",
            Self::Picker => "picker",
            Self::Browser => "browser",
            Self::Page => "page",
            Self::Log => "log",
            Self::Inspector => "inspector",
            Self::Normal => "normal",
        }
    }

    const fn tables(self, set: KeySet) -> &'static [&'static [(Plain, &'static str)]] {
        match self {
            Self::Chat => &[CHAT, EDITING, EVERYWHERE],
            Self::Empty => &[EMPTY],
            Self::Picker => &[PICKER, EDITING, EVERYWHERE],
            Self::Browser => &[PICKER, BROWSER, EDITING, EVERYWHERE],
            Self::Page => &[PAGE, EVERYWHERE],
            Self::Log => &[LOG, EVERYWHERE],
            Self::Inspector => &[INSPECTOR, EVERYWHERE],
            Self::Normal => match set {
                KeySet::Modern => &[],
                KeySet::Vi => &[NORMAL],
            },
        }
    }
}

impl fmt::Display for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text is no context.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "keys belong to `chat`, `empty`, `picker`, `browser`, `page`, `log`, `inspector` or `normal`, not to `{name}`"
)]
pub struct NotAContext {
    pub name: String,
}

impl FromStr for Context {
    type Err = NotAContext;

    fn from_str(text: &str) -> Result<Self, NotAContext> {
        let name = text.trim().to_lowercase();
        Self::ALL
            .iter()
            .find(|context| context.name() == name)
            .copied()
            .ok_or_else(|| NotAContext {
                name: text.to_owned(),
            })
    }
}

/// The user bound one chord to two things; the first is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    pub context: Context,
    pub chord: Chord,
    /// What the chord means now; `None` is nothing.
    pub kept: Option<Action>,
    /// What it was also to mean.
    pub dropped: Option<Action>,
}

impl Conflict {
    /// The sentence.
    pub fn tell(&self, lang: Lang) -> String {
        let meaning = |action: &Option<Action>| match action {
            Some(action) => format!("`{action}`"),
            None => Word::KeyMeansNothing.text(lang).to_owned(),
        };
        fill(
            Word::KeyTwice.text(lang),
            &[
                &self.chord.to_string(),
                &self.context.to_string(),
                &meaning(&self.kept),
                &meaning(&self.dropped),
            ],
        )
    }
}

/// A chord of the tables.
fn written(chord: &str) -> Chord {
    chord.parse().expect("the tables hold chords")
}

impl Default for Keymap {
    fn default() -> Self {
        Self::modern()
    }
}

impl Keymap {
    /// The default bindings.
    pub fn modern() -> Self {
        Self::of(KeySet::Modern)
    }

    /// The bindings of a set.
    pub fn of(set: KeySet) -> Self {
        let mut bindings = vec![];
        for context in Context::ALL {
            for (plain, chords) in context.tables(set).iter().copied().flatten() {
                for chord in chords.split(' ') {
                    bindings.push((*context, written(chord), Action::Plain(*plain)));
                }
            }
        }
        Self { set, bindings }
    }

    /// Whether letters may be commands in the chat.
    pub const fn has_normal(&self) -> bool {
        matches!(self.set, KeySet::Vi)
    }

    /// The bindings of a set with the user's over them; `None` unbinds a chord. Also says which
    /// chords the user bound twice.
    pub fn with(
        set: KeySet,
        overrides: &[(Context, Chord, Option<Action>)],
    ) -> (Self, Vec<Conflict>) {
        let mut keymap = Self::of(set);
        let mut conflicts = vec![];
        let mut settled: Vec<(Context, Chord, &Option<Action>)> = vec![];
        for (context, chord, action) in overrides {
            let (context, chord) = (*context, chord.normal());
            let earlier = settled
                .iter()
                .find(|(c, k, _)| (*c, *k) == (context, chord));
            match earlier {
                Some((.., kept)) if *kept == action => {}
                Some((.., kept)) => conflicts.push(Conflict {
                    context,
                    chord,
                    kept: (*kept).clone(),
                    dropped: action.clone(),
                }),
                None => {
                    settled.push((context, chord, action));
                    keymap.bind(context, chord, action.clone());
                }
            }
        }
        (keymap, conflicts)
    }

    /// Binds a chord anew. It goes before the action's other chords, so that the screen shows
    /// the one the user chose.
    fn bind(&mut self, context: Context, chord: Chord, action: Option<Action>) {
        self.bindings
            .retain(|(c, k, _)| (*c, *k) != (context, chord));
        if let Some(action) = action {
            let same = |(c, _, a): &(Context, Chord, Action)| *c == context && *a == action;
            let at = self.bindings.iter().position(same);
            let at = at.unwrap_or(self.bindings.len());
            self.bindings.insert(at, (context, chord, action));
        }
    }

    /// What this chord means here.
    pub fn action(&self, context: Context, chord: Chord) -> Option<&Action> {
        let chord = chord.normal();
        self.bindings
            .iter()
            .find(|(c, k, _)| *c == context && *k == chord)
            .map(|(_, _, a)| a)
    }

    /// The chords bound to an action here, the one to show first.
    pub fn chords(&self, context: Context, action: &Action) -> Vec<Chord> {
        self.bindings(context)
            .filter(|(_, bound)| *bound == action)
            .map(|(chord, _)| chord)
            .collect()
    }

    /// What is bound here, in the order of the tables; an action's chords stand together.
    pub fn bindings(&self, context: Context) -> impl Iterator<Item = (Chord, &Action)> {
        self.bindings
            .iter()
            .filter(move |(c, ..)| *c == context)
            .map(|(_, chord, action)| (*chord, action))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::chord::Code;
    use proptest::prelude::*;

    fn chord(text: &str) -> Chord {
        text.parse().unwrap()
    }

    fn texts(chords: &[Chord]) -> Vec<String> {
        chords.iter().map(Chord::to_string).collect()
    }

    #[test]
    fn no_default_is_bound_twice_and_an_actions_chords_stand_together() {
        let keymap = Keymap::of(KeySet::Vi);
        for context in Context::ALL {
            let bindings: Vec<_> = keymap.bindings(*context).collect();
            let mut chords: Vec<Chord> = bindings.iter().map(|(chord, _)| *chord).collect();
            chords.sort_unstable();
            let mut unique = chords.clone();
            unique.dedup();
            assert_eq!(texts(&chords), texts(&unique), "{context}");

            let mut actions: Vec<&Action> = bindings.iter().map(|(_, action)| *action).collect();
            actions.dedup();
            let runs = actions.len();
            let unique: std::collections::HashSet<_> = actions.into_iter().collect();
            assert_eq!(runs, unique.len(), "{context}");
        }
    }

    #[test]
    fn keys_a_terminal_cannot_tell_apart_are_not_bound_to_different_things() {
        let keymap = Keymap::of(KeySet::Vi);
        for context in Context::ALL {
            for (one, other) in [
                ("ctrl-i", "tab"),
                ("ctrl-m", "enter"),
                ("ctrl-[", "esc"),
                ("ctrl-h", "backspace"),
                ("ctrl-/", "ctrl-7"),
                ("ctrl-_", "ctrl-7"),
                ("ctrl-space", "ctrl-@"),
            ] {
                let one = keymap.action(*context, chord(one));
                let other = keymap.action(*context, chord(other));
                assert!(one.is_none() || one == other, "{context} {one:?} {other:?}");
            }
        }
    }

    #[test]
    fn every_way_of_typing_stays_free_in_chat_and_picker() {
        let keymap = Keymap::modern();
        for context in [Context::Chat, Context::Picker, Context::Browser] {
            let typing: Vec<_> = keymap
                .bindings(context)
                .filter(|(chord, _)| chord.typed().is_some())
                .collect();
            assert_eq!(typing, []);
        }
    }

    #[test]
    fn what_a_key_does_depends_on_where_it_is_pressed() {
        let keymap = Keymap::modern();
        for (text, chat, picker, page) in [
            ("enter", Some(Plain::Send), Some(Plain::Send), None),
            ("ctrl-p", Some(Plain::Palette), Some(Plain::Up), None),
            (
                "ctrl-k",
                Some(Plain::KillToEnd),
                Some(Plain::KillToEnd),
                None,
            ),
            ("q", None, None, Some(Plain::Cancel)),
            ("space", None, None, Some(Plain::PageDown)),
            (
                "home",
                Some(Plain::LineStart),
                Some(Plain::LineStart),
                Some(Plain::Top),
            ),
            (
                "ctrl-z",
                Some(Plain::Suspend),
                Some(Plain::Suspend),
                Some(Plain::Suspend),
            ),
            ("alt-Z", Some(Plain::Redo), Some(Plain::Redo), None),
        ] {
            let meanings = [Context::Chat, Context::Picker, Context::Page]
                .map(|context| keymap.action(context, chord(text)).cloned());
            let expected = [chat, picker, page].map(|plain| plain.map(Action::Plain));
            assert_eq!(meanings, expected, "{text}");
        }
    }

    #[test]
    fn a_chord_is_found_however_the_terminal_reports_it() {
        let reported = Chord {
            code: Code::Char('Z'),
            ctrl: false,
            alt: true,
            shift: true,
        };
        assert_eq!(
            Keymap::modern().action(Context::Chat, reported),
            Some(&Action::Plain(Plain::Redo))
        );
    }

    #[test]
    fn the_users_bindings_go_over_the_defaults_and_are_shown_first() {
        let palette = Action::Plain(Plain::Palette);
        let persona = Action::UsePersona("friendly".into());
        let (keymap, conflicts) = Keymap::with(
            KeySet::Modern,
            &[
                (Context::Chat, chord("ctrl-k"), Some(palette.clone())),
                (Context::Chat, chord("f1"), None),
                (Context::Chat, chord("f9"), Some(persona.clone())),
            ],
        );
        assert_eq!(conflicts, []);
        assert_eq!(
            texts(&keymap.chords(Context::Chat, &palette)),
            ["ctrl-k", "ctrl-p"]
        );
        assert_eq!(
            texts(&keymap.chords(Context::Chat, &Action::Plain(Plain::Help))),
            ["ctrl-g"]
        );
        assert_eq!(
            keymap.chords(Context::Chat, &Action::Plain(Plain::KillToEnd)),
            []
        );
        assert_eq!(keymap.action(Context::Chat, chord("f9")), Some(&persona));
        assert_eq!(
            keymap.action(Context::Picker, chord("ctrl-k")),
            Some(&Action::Plain(Plain::KillToEnd))
        );
    }

    #[test]
    fn a_chord_the_user_bound_twice_keeps_its_first_meaning_and_is_reported() {
        let help = Some(Action::Plain(Plain::Help));
        let (keymap, conflicts) = Keymap::with(
            KeySet::Modern,
            &[
                (Context::Chat, chord("ctrl-K"), help.clone()),
                (Context::Chat, chord("Ctrl+k"), None),
                (Context::Chat, chord("ctrl-k"), help.clone()),
                (Context::Page, chord("ctrl-k"), None),
            ],
        );
        assert_eq!(keymap.action(Context::Chat, chord("ctrl-k")), help.as_ref());
        let sentences: Vec<String> = conflicts.iter().map(|one| one.tell(Lang::En)).collect();
        assert_eq!(
            sentences,
            ["`ctrl-k` is bound twice in `chat`: to `help` and to nothing; the first is used"]
        );
    }

    #[test]
    fn a_context_survives_its_text_form() {
        for context in Context::ALL {
            assert_eq!(context.to_string().parse(), Ok(*context));
            assert_eq!(
                serde_json::to_value(context).unwrap(),
                serde_json::json!(context.name())
            );
        }
        assert_eq!(
            "chta".parse::<Context>(),
            Err(NotAContext {
                name: "chta".into()
            })
        );
    }

    proptest! {
        #[test]
        fn after_overrides_no_chord_means_two_things(
            picks in prop::collection::vec((0..4_usize, 0..60_usize, prop::option::of(0..50_usize)), 0..20)
        ) {
            let chords: Vec<Chord> = Keymap::modern().bindings(Context::Chat).map(|b| b.0).collect();
            let overrides: Vec<_> = picks
                .into_iter()
                .map(|(context, chord, action)| (
                    Context::ALL[context],
                    chords[chord % chords.len()],
                    action.map(|action| Action::Plain(Plain::ALL[action])),
                ))
                .collect();
            let (keymap, conflicts) = Keymap::with(KeySet::Modern, &overrides);
            for (context, chord, action) in &overrides {
                let bound = keymap.bindings(*context).filter(|(bound, _)| bound == chord).count();
                prop_assert!(bound <= 1);
                let reported = conflicts.iter().any(|c| (c.context, c.chord) == (*context, *chord));
                prop_assert!(reported || keymap.action(*context, *chord) == action.as_ref());
            }
        }
    }
}
