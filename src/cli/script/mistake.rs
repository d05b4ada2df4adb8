//! What can be wrong with a script, told so that a person can put it right.

use super::step::VERBS;
use crate::core::action::NotAnAction;
use crate::core::mode::Mode;
use crate::core::sound::SoundError;
use crate::core::words::{Lang, Word, fill};
use std::io;
use std::path::{Path, PathBuf};

/// Why a script cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum ScriptError {
    #[error("{}:{line}: {}", path.display(), fill(Word::ScriptNotText.text(*lang), &[]))]
    NotText {
        path: PathBuf,
        line: usize,
        lang: Lang,
    },
    /// It is no TOML.
    #[error("{}:{line}:{column}: {why}", path.display())]
    Syntax {
        path: PathBuf,
        line: usize,
        column: usize,
        why: String,
        lang: Lang,
    },
    #[error("{}: {}", path.display(), fill(Word::ScriptTooLong.text(*lang), &[&limit.to_string()]))]
    TooLong {
        path: PathBuf,
        limit: u64,
        lang: Lang,
    },
    #[error("{}: {source}", path.display())]
    Unreadable {
        path: PathBuf,
        source: io::Error,
        lang: Lang,
    },
    /// These steps make no sense.
    #[error("{}", lines(path, *lang, mistakes))]
    Wrong {
        path: PathBuf,
        lang: Lang,
        mistakes: Vec<(usize, Mistake)>,
    },
}

impl ScriptError {
    /// What to do about it.
    pub fn hint(&self) -> String {
        let (word, lang) = match self {
            Self::NotText { lang, .. } => (Word::ScriptNotTextHint, lang),
            Self::Syntax { lang, .. } => (Word::ScriptSyntaxHint, lang),
            Self::TooLong { lang, .. } => (Word::ScriptTooLongHint, lang),
            Self::Unreadable { lang, .. } => (Word::ScriptUnreadableHint, lang),
            Self::Wrong { lang, .. } => (Word::ScriptWrongHint, lang),
        };
        word.text(*lang).to_owned()
    }
}

fn lines(path: &Path, lang: Lang, mistakes: &[(usize, Mistake)]) -> String {
    let path = path.display();
    let tell =
        |(line, mistake): &(usize, Mistake)| format!("{path}:{line}: {}", mistake.tell(lang));
    mistakes.iter().map(tell).collect::<Vec<_>>().join("\n")
}

/// What is wrong with a part of a script.
#[derive(Clone, Debug, PartialEq)]
pub enum Mistake {
    /// There are no steps.
    Empty,
    /// A step does nothing.
    NoVerb,
    /// A step does several things.
    Verbs(Vec<String>),
    /// Nobody knows this name; the second one is like it.
    Unknown(String, Option<&'static str>),
    /// An option of other verbs.
    Stray(&'static str, &'static [&'static str]),
    /// A value is none for its name.
    Value {
        key: String,
        needs: Word,
        found: String,
    },
    /// Like [`Mistake::Value`], and one that is like it.
    State { found: String, nearest: Mode },
    /// A verb needs an action, and this is none.
    Action(NotAnAction),
    /// The microphone cannot hear this.
    Sound(SoundError),
}

impl Mistake {
    fn tell(&self, lang: Lang) -> String {
        let say = |word: Word, arguments: &[&str]| fill(word.text(lang), arguments);
        let quoted = |names: &mut dyn Iterator<Item = &str>| {
            let names: Vec<_> = names.map(|name| format!("`{name}`")).collect();
            names.join(", ")
        };
        match self {
            Self::Empty => say(Word::ScriptEmpty, &[]),
            Self::NoVerb => {
                let verbs = quoted(&mut VERBS.iter().map(|(name, _)| *name));
                say(Word::ScriptNoVerb, &[&verbs])
            }
            Self::Verbs(verbs) => {
                let verbs = quoted(&mut verbs.iter().map(String::as_str));
                say(Word::ScriptVerbs, &[&verbs])
            }
            Self::Unknown(key, Some(nearest)) => say(Word::ScriptUnknownNear, &[key, nearest]),
            Self::Unknown(key, None) => say(Word::ScriptUnknown, &[key]),
            Self::Stray(key, verbs) => {
                let verbs = quoted(&mut verbs.iter().copied());
                say(Word::ScriptStray, &[key, &verbs])
            }
            Self::Value { key, needs, found } => {
                say(Word::ScriptValue, &[key, needs.text(lang), found])
            }
            Self::State { found, nearest } => say(Word::ScriptNoState, &[found, nearest.name()]),
            Self::Action(error) => match error {
                NotAnAction::Unknown {
                    name,
                    nearest: Some(nearest),
                } => say(Word::UnknownActionNear, &[name, nearest]),
                NotAnAction::Unknown { name, .. } => say(Word::UnknownAction, &[name]),
                NotAnAction::Surplus { name } => say(Word::ActionTakesNothing, &[name]),
                NotAnAction::Argument { name, needs } => {
                    say(Word::ActionNeeds, &[name, needs.text(lang)])
                }
            },
            Self::Sound(error) => error.tell(lang),
        }
    }
}
