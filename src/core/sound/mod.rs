//! The microphone and the loudspeaker as the rest of the program sees them. `sound` works them;
//! here they are told what to do, and tell what became of it. Samples never pass here.

mod error;
mod pcm;

pub use error::{NotWav, SoundError};
pub use pcm::Pcm;

use super::ids::TurnId;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Which way sound goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Way {
    /// From a microphone to us.
    In,
    /// From us to a loudspeaker.
    Out,
}

/// How many samples of a recording there are in a second.
pub const RATE: u32 = 16_000;

/// What microphone and loudspeaker may be told. A recording has the name of the turn that it
/// begins.
#[derive(Clone, Debug, PartialEq)]
pub enum SoundOrder {
    /// Open the microphone and record. What is played falls silent.
    Record { clip: TurnId },
    /// The user is done: record what is still in the air, close the microphone, tell what it is.
    Stop { clip: TurnId },
    /// Close the microphone if it is open for this, and forget what was recorded.
    Discard { clip: TurnId },
    /// Hand what was recorded to the backend.
    Send(Hear),
    /// The recording of this name begins next. Hand it to the backend while it is made; its end
    /// follows with [`SoundOrder::Send`].
    Live(Hear),
    /// What was handed over of a recording that is being made has not arrived: all of it follows
    /// with [`SoundOrder::Send`].
    Withdraw,
    /// In a call: hand everything to the backend that is heard from here on. It says where somebody's
    /// turn ends; what is attended to next is the next one. Ends with the microphone's closing, and
    /// with [`SoundOrder::Withdraw`]; from then on turns are cut here again.
    Stream(Hear),
    /// A call: open the microphone, or keep it open, cancel what the loudspeaker says in it, and
    /// make a recording of the next thing that somebody says.
    Attend { clip: TurnId },
    /// The call is over: close the microphone. What is being said is recorded to its end so far.
    HangUp,
    /// Close the microphone of the call, really, or open it again. What is being said is recorded
    /// to its end so far.
    Mute(bool),
    /// What is being said in the call is not complete, however long its speaker pauses, until this
    /// is taken back.
    KeepOpen(bool),
    /// Copy what was recorded to where the user wants it.
    Export { clip: TurnId, to: PathBuf },
    /// Let the user hear what was recorded.
    Replay { clip: TurnId },
    /// From here on the speech of this turn is played, and no other's.
    Expect { turn: TurnId },
    /// Silence, at once. Nobody's speech is expected any more.
    Hush,
    /// Stop where it is, to go on later.
    Pause,
    /// Go on with the word that was cut off.
    Resume,
    /// How loud speech is, where 1 is as it was made.
    Volume(f32),
    /// A short sound of our own.
    Chime(Chime),
    /// Tell which devices there are.
    List,
    /// Use this device from now on, by its id; `None` follows the system.
    Use { way: Way, device: Option<String> },
    /// Open this microphone only to tell how loud it is; `None` closes it.
    Listen(Option<String>),
}

/// A short sound that says what happened, for people who do not look at the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Chime {
    /// The microphone hears from here on.
    Open,
    /// It does not any more.
    Closed,
    /// Something went wrong.
    Failed,
    /// An answer is being made.
    Thinking,
    /// An answer is complete.
    Answered,
    /// A call is over.
    CallOver,
    /// The connection does not come back by itself.
    Lost,
}

/// A recording on its way to a backend that is to make words of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hear {
    pub turn: TurnId,
    pub conversation: super::ids::ConversationId,
    /// The language that is spoken, such as `zh-CN`; `None` leaves it to the backend.
    pub language: Option<String>,
    /// Which ears are to hear it, where the backend has several; `None` is its choice.
    pub ears: Option<String>,
}

/// A piece of a recording as it travels to the backend, in this order: one `Begin`, pieces, one
/// `End`. Samples are 16 bit, mono, [`RATE`] to the second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClipPart {
    Begin(Hear),
    /// In the place of `Begin`: what follows is all that is heard in a call, and the backend says
    /// where somebody's turn ends. The first turn has this name.
    Open(Hear),
    More {
        turn: TurnId,
        samples: Vec<i16>,
    },
    End {
        turn: TurnId,
    },
    /// The rest will not come.
    Broken {
        turn: TurnId,
    },
}

/// Speech of the backend on its way to the loudspeaker: pieces of a turn, then its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Speech {
    /// The words that the sound behind this says.
    Words {
        turn: TurnId,
        words: String,
    },
    More {
        turn: TurnId,
        sound: Sound,
    },
    /// All of it has come.
    End {
        turn: TurnId,
    },
}

/// Sound as a backend sends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sound {
    Samples {
        rate: u32,
        samples: Pcm,
    },
    /// A whole file; its first bytes say of what kind.
    File(Vec<u8>),
}

/// How loud something is, in decibels below the loudest there can be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Loudness {
    pub peak_db: f32,
    pub rms_db: f32,
}

/// What was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    /// As long as it is kept, silence around the words left out.
    pub length_ms: u32,
    pub loudness: Loudness,
    /// Somebody spoke in it.
    pub speech: bool,
    /// So many samples were too loud to be told from each other.
    pub clipped: u32,
    /// So many samples did not come through in time.
    pub lost: u64,
    /// The microphone was another from some moment on, or came back, and for so long nothing was
    /// heard.
    #[serde(default)]
    pub gap_ms: u32,
}

/// A device of the system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Stays the same from start to start, and is what to choose it by.
    pub id: String,
    pub name: String,
    pub way: Way,
    /// The one that is used when none is wished for.
    pub default: bool,
}

/// What microphone and loudspeaker tell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum SoundEvent {
    /// The microphone gives sound: what is said from here on is recorded.
    Hearing { clip: TurnId, device: String },
    /// How loud it is right now, at most 20 times a second. `speech`: somebody speaks.
    Level {
        way: Way,
        loudness: Loudness,
        speech: bool,
    },
    /// In a call: somebody began to speak. What is said loudly goes softer from the first sign
    /// on; this is told as soon as it is likely, so that it can fall silent.
    Begun { clip: TurnId },
    /// In a call: whoever began to speak said nothing, and nothing is recorded.
    Nothing { clip: TurnId },
    /// In a call: nobody speaks at the moment; what was said is taken as complete in so many
    /// milliseconds. `None`: it goes on.
    Patience { left_ms: Option<u32> },
    /// In a call: how much of what the loudspeaker says is taken out of the microphone, in
    /// decibels, at most once a second; `None`: nothing of it is heard, as with headphones.
    /// `open`: the microphone hears while the loudspeaker speaks; else it is deaf meanwhile.
    Echo {
        cancelled_db: Option<f32>,
        open: bool,
    },
    /// These words begin to be heard.
    Saying { turn: TurnId, words: String },
    /// The recording is over, because it was asked for or had reached its longest length.
    Recorded { clip: TurnId, recorded: Recorded },
    /// The words of a turn can be heard from here on.
    Sounding { turn: TurnId },
    /// So much of them was heard. At most four times a second.
    Heard { turn: TurnId, ms: u64 },
    /// They were heard to their end, or will not be heard.
    Spoken { turn: TurnId },
    /// The devices there are, for the picker.
    Devices(Vec<Device>),
    /// Sound now comes from, or goes to, another device than before.
    Moved { way: Way, device: String },
    /// The recording is where the user wanted it.
    Exported { to: PathBuf },
    /// Something went wrong; `clip` when a recording ended with it. What was recorded is kept.
    Trouble {
        way: Way,
        clip: Option<TurnId>,
        error: SoundError,
        /// It is being tried again; this is only to tell.
        passing: bool,
    },
}
