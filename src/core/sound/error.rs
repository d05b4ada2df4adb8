//! What can go wrong with sound, sorted by what helps against it.

use super::Way;
use crate::core::words::{Lang, Word, fill};
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};

/// Why something could not be heard, played or recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{}", self.tell(Lang::En))]
pub enum SoundError {
    /// Another program has the device for itself.
    Busy { device: String },
    /// The system does not let us use the device.
    Denied { device: String },
    /// There is a file of that name already, and a recording never replaces one.
    Exists { path: PathBuf },
    /// The device was there and is not any more.
    Gone { device: String },
    /// Sound did not answer in time: a sound server that hangs, or a driver.
    Hung,
    /// The microphone gives zeros only, which no room does.
    Mute { device: String },
    /// Nothing to hear with, or nothing to play with.
    NoDevice { way: Way },
    /// No space for what is written.
    NoSpace { path: PathBuf },
    /// Neither a sound server nor a sound library is on this system.
    NoSystem,
    /// Speech came as a file of this kind, which cannot be played here.
    NotPlayable { kind: String },
    /// A file that is no WAV file, or one that cannot be read.
    NotWav { path: PathBuf, why: NotWav },
    /// The device speaks no format that we know.
    OddFormat { device: String, format: String },
    /// The system says something we have no better word for.
    Other { device: String, why: String },
    /// The sound server went away, or does not answer as one.
    ServerDead { why: String },
    /// The sound server is there, and is somebody else's.
    ServerRefuses { why: String },
    /// The device is open and gives or takes nothing.
    Stalled { device: String },
    /// More speech came at once than is kept.
    TooMuch,
    /// No device of that name.
    Unknown {
        wish: String,
        way: Way,
        near: Vec<String>,
    },
    /// A file that cannot be read.
    Unreadable { path: PathBuf, why: String },
    /// A file or a pipe that cannot be written.
    Unwritable { path: PathBuf, why: String },
}

/// What is wrong with a file that should be WAV.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NotWav {
    /// The file ends before the sound begins.
    Cut,
    Empty,
    /// WAV, in a form we cannot read: what the header says.
    Odd(String),
    /// It begins like this.
    Other(String),
}

impl SoundError {
    /// A file that cannot be read, in the words of the system.
    pub fn unreadable(path: &Path, error: &io::Error) -> Self {
        let path = path.to_owned();
        let why = error.to_string();
        Self::Unreadable { path, why }
    }

    /// A file that cannot be written, sorted by what helps.
    pub fn unwritable(path: &Path, error: &io::Error) -> Self {
        let path = path.to_owned();
        match error.kind() {
            io::ErrorKind::AlreadyExists => Self::Exists { path },
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoSpace { path },
            _ => {
                let why = error.to_string();
                Self::Unwritable { path, why }
            }
        }
    }

    /// What happened, as a sentence.
    pub fn tell(&self, lang: Lang) -> String {
        let say = |word: Word, arguments: &[&str]| fill(word.text(lang), arguments);
        let shown = |path: &Path| path.display().to_string();
        match self {
            Self::Busy { device } => say(Word::SoundBusy, &[device]),
            Self::Denied { device } => say(Word::SoundDenied, &[device]),
            Self::Exists { path } => say(Word::SoundExists, &[&shown(path)]),
            Self::Gone { device } => say(Word::SoundGone, &[device]),
            Self::Hung => say(Word::SoundHung, &[]),
            Self::Mute { device } => say(Word::SoundMute, &[device]),
            Self::NoDevice { way: Way::In } => say(Word::SoundNoMicrophone, &[]),
            Self::NoDevice { way: Way::Out } => say(Word::SoundNoLoudspeaker, &[]),
            Self::NoSystem => say(Word::SoundNoSystem, &[]),
            Self::NoSpace { path } => say(Word::SoundNoSpace, &[&shown(path)]),
            Self::NotPlayable { kind } => say(Word::SoundNotPlayable, &[kind]),
            Self::NotWav { path, why } => {
                let path = shown(path);
                match why {
                    NotWav::Cut => say(Word::SoundWavCut, &[&path]),
                    NotWav::Empty => say(Word::SoundWavEmpty, &[&path]),
                    NotWav::Odd(form) => say(Word::SoundWavOdd, &[&path, form]),
                    NotWav::Other(start) => say(Word::SoundNotWav, &[&path, start]),
                }
            }
            Self::OddFormat { device, format } => say(Word::SoundOddFormat, &[device, format]),
            Self::Other { device, why } => say(Word::SoundOther, &[device, why]),
            Self::ServerDead { why } => say(Word::SoundServerDead, &[why]),
            Self::ServerRefuses { why } => say(Word::SoundServerRefuses, &[why]),
            Self::Stalled { device } => say(Word::SoundStalled, &[device]),
            Self::TooMuch => say(Word::SoundTooMuch, &[]),
            Self::Unknown {
                wish, way: Way::In, ..
            } => say(Word::SoundUnknownMicrophone, &[wish]),
            Self::Unknown {
                wish,
                way: Way::Out,
                ..
            } => say(Word::SoundUnknownLoudspeaker, &[wish]),
            Self::Unreadable { path, why } => say(Word::SoundUnreadable, &[&shown(path), why]),
            Self::Unwritable { path, why } => say(Word::SoundUnwritable, &[&shown(path), why]),
        }
    }

    /// What to do about it.
    pub fn hint(&self, lang: Lang) -> String {
        let word = match self {
            Self::Busy { .. } => Word::SoundBusyHint,
            Self::Denied { .. } => Word::SoundDeniedHint,
            Self::Exists { .. } | Self::Unwritable { .. } => Word::SoundPathHint,
            Self::Gone { .. } | Self::Stalled { .. } => Word::SoundGoneHint,
            Self::Hung | Self::ServerDead { .. } => Word::SoundServerHint,
            Self::ServerRefuses { .. } => Word::SoundServerRefusesHint,
            Self::Mute { .. } => Word::SoundMuteHint,
            Self::NoDevice { .. } => Word::SoundNoDeviceHint,
            Self::NoSystem => Word::SoundNoSystemHint,
            Self::NoSpace { .. } => Word::SoundNoSpaceHint,
            Self::NotPlayable { .. } => Word::SoundNotPlayableHint,
            Self::NotWav { .. } => Word::SoundNotWavHint,
            Self::OddFormat { .. } | Self::Other { .. } => Word::SoundOtherHint,
            Self::TooMuch => Word::SoundTooMuchHint,
            Self::Unknown { near, .. } if near.is_empty() => Word::SoundOtherHint,
            Self::Unknown { near, .. } => {
                let near: Vec<String> = near.iter().map(|id| format!("`{id}`")).collect();
                return fill(Word::SoundNearHint.text(lang), &[&near.join(", ")]);
            }
            Self::Unreadable { .. } => Word::SoundUnreadableHint,
        };
        word.text(lang).to_owned()
    }
}
