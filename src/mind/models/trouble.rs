//! Why a place did not give a file, and whether to ask it again. Pure.

use super::hash::Hash;
use super::looks::Mask;
use super::receipt::Trust;
use crate::core::words::{Lang, Word, fill};
use crate::mind::BrainError;
use std::time::Duration;

/// Why a place did not give a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It asks to be left alone for a while.
    Busy { status: u16, wait: Option<Duration> },
    /// It ended before its end.
    Cut { got: u64, of: Option<u64> },
    /// It gives it to others, or to nobody.
    Denied { status: u16 },
    /// It has a fault of its own.
    Faulty { status: u16 },
    /// What came is not what somebody vouches for. `stale`: a part of it is from an earlier run.
    Hash {
        expected: Hash,
        got: Hash,
        trust: Trust,
        stale: bool,
    },
    /// It is not as long as it must be.
    Length { size: u64, told: u64 },
    /// There is no connection to it.
    Line(BrainError),
    /// It sends us on and on.
    Loop,
    /// Something else came in the place of the file.
    Masked(Mask),
    /// It does not have it.
    Missing { status: u16 },
    /// It answers in a way that makes no sense.
    Odd { why: String },
    /// Hardly anything came for so long.
    Stalled { waited: Duration },
    /// It sends us to where everybody on the way could put something else in its place.
    Unsafe { to: String },
}

/// Whether asking the same place once more can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    Never,
    /// After the usual wait.
    Later,
    /// After at least so long.
    After(Duration),
}

impl Trouble {
    pub(super) const fn again(&self) -> Again {
        match self {
            Self::Busy {
                wait: Some(wait), ..
            } => Again::After(*wait),
            Self::Busy { wait: None, .. }
            | Self::Cut { .. }
            | Self::Faulty { .. }
            | Self::Hash { stale: true, .. }
            | Self::Stalled { .. } => Again::Later,
            Self::Line(why) => match why {
                // A server that is starting, a network that is changing.
                BrainError::HungUp { .. }
                | BrainError::NobodyThere { .. }
                | BrainError::Silent { .. }
                | BrainError::Unreachable { .. } => Again::Later,
                _ => Again::Never,
            },
            Self::Denied { .. }
            | Self::Hash { stale: false, .. }
            | Self::Length { .. }
            | Self::Loop
            | Self::Masked(_)
            | Self::Missing { .. }
            | Self::Odd { .. }
            | Self::Unsafe { .. } => Again::Never,
        }
    }

    /// Is nobody there at all?
    pub(super) const fn is_absence(&self) -> bool {
        matches!(
            self,
            Self::Line(BrainError::NobodyThere { .. } | BrainError::Unreachable { .. })
        )
    }

    /// What happened, as the end of a sentence.
    pub fn tell(&self, lang: Lang) -> String {
        let say = |word: Word, arguments: &[&str]| fill(word.text(lang), arguments);
        match self {
            Self::Busy {
                status,
                wait: Some(wait),
            } => say(
                Word::PullBusyFor,
                &[&status.to_string(), &wait.as_secs().max(1).to_string()],
            ),
            Self::Busy { status, wait: None } => say(Word::PullBusy, &[&status.to_string()]),
            Self::Cut { got, of: Some(of) } => {
                say(Word::PullCut, &[&got.to_string(), &of.to_string()])
            }
            Self::Cut { got, of: None } => say(Word::PullCutSomewhere, &[&got.to_string()]),
            Self::Denied { status } => say(Word::PullDenied, &[&status.to_string()]),
            Self::Faulty { status } => say(Word::PullFaulty, &[&status.to_string()]),
            Self::Hash {
                expected,
                got,
                trust,
                ..
            } => {
                let word = match trust {
                    Trust::Catalogue => Word::PullHashCatalogue,
                    Trust::Hub => Word::PullHashHub,
                    Trust::FirstUse => Word::PullHashFirst,
                };
                say(word, &[&expected.to_string(), &got.to_string()])
            }
            Self::Length { size, told } => {
                say(Word::PullLength, &[&size.to_string(), &told.to_string()])
            }
            Self::Line(why) => match why {
                BrainError::HostUnknown { .. }
                | BrainError::NobodyThere { .. }
                | BrainError::Tls { .. }
                | BrainError::Unreachable { .. } => why.tell(lang),
                BrainError::Silent { waited, .. } => {
                    say(Word::PullStalled, &[&waited.as_secs().to_string()])
                }
                BrainError::KeyOverPlainHttp { .. } => say(Word::PullTokenPlain, &[]),
                BrainError::HungUp { .. } => say(Word::PullHungUp, &[]),
                other => say(Word::PullOdd, &[&other.tell(lang)]),
            },
            Self::Loop => say(Word::PullLoop, &[]),
            Self::Masked(mask) => {
                let word = match mask {
                    Mask::Empty => Word::PullEmpty,
                    Mask::Message => Word::PullMessage,
                    Mask::Page => Word::PullPage,
                    Mask::Pointer => Word::PullPointer,
                };
                say(word, &[])
            }
            Self::Missing { status } => say(Word::PullMissing, &[&status.to_string()]),
            Self::Odd { why } => say(Word::PullOdd, &[why]),
            Self::Stalled { waited } => say(Word::PullStalled, &[&waited.as_secs().to_string()]),
            Self::Unsafe { to } => say(Word::PullUnsafe, &[to]),
        }
    }

    /// What helps, where that is something else than to try again.
    pub fn hint(&self, lang: Lang) -> Option<String> {
        let word = match self {
            Self::Denied { .. } => Word::PullDeniedHint,
            Self::Hash {
                trust: Trust::FirstUse,
                ..
            } => Word::PullHashFirstHint,
            Self::Hash { .. } | Self::Length { .. } => Word::PullHashHint,
            Self::Masked(Mask::Page) => Word::PullPageHint,
            Self::Line(why) => match why {
                BrainError::KeyOverPlainHttp { .. } | BrainError::KeyUnusable { .. } => {
                    Word::PullTokenHint
                }
                BrainError::Tls { .. } => Word::BrainTlsHint,
                BrainError::HostUnknown { .. } => Word::PullHostHint,
                _ => return None,
            },
            _ => return None,
        };
        Some(word.text(lang).to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_pass_is_tried_again_and_what_was_decided_is_not() {
        let hash = Hash::read(&"00".repeat(32)).unwrap();
        let mismatch = |stale| Trouble::Hash {
            expected: hash,
            got: hash,
            trust: Trust::Hub,
            stale,
        };
        let wait = Duration::from_secs(9);
        let base = || "http://h".to_owned();
        let table = [
            (
                Trouble::Busy {
                    status: 429,
                    wait: Some(wait),
                },
                Again::After(wait),
            ),
            (
                Trouble::Busy {
                    status: 429,
                    wait: None,
                },
                Again::Later,
            ),
            (Trouble::Cut { got: 1, of: None }, Again::Later),
            (Trouble::Faulty { status: 500 }, Again::Later),
            (Trouble::Stalled { waited: wait }, Again::Later),
            (mismatch(true), Again::Later),
            (mismatch(false), Again::Never),
            (Trouble::Denied { status: 403 }, Again::Never),
            (Trouble::Missing { status: 404 }, Again::Never),
            (Trouble::Masked(Mask::Pointer), Again::Never),
            (Trouble::Loop, Again::Never),
            (
                Trouble::Line(BrainError::NobodyThere { base: base() }),
                Again::Later,
            ),
            (
                Trouble::Line(BrainError::HostUnknown { host: base() }),
                Again::Never,
            ),
        ];
        for (trouble, again) in table {
            assert_eq!(trouble.again(), again, "{trouble:?}");
        }
    }
}
