//! The line to the backend as the rest of the program sees it. `link` lives it; here it is told.

use super::backend::Down;
use super::ids::{Epoch, TurnId};
use super::time::Moment;
use super::words::{Lang, Word, fill};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Where the line is in its life. Only `Up` carries what the user says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Line {
    /// Not asked for, or closed on purpose.
    #[default]
    Closed,
    /// Connecting, or waiting for the greeting. `attempt` counts from 1.
    Dialing { attempt: u32 },
    /// The backend has greeted us.
    Up(Health),
    /// Waiting to dial again at `until`.
    Waiting {
        attempt: u32,
        until: Moment,
        cause: Cause,
    },
    /// The backend closed the line in order while nobody was waiting for anything. It is dialed
    /// again as soon as the user does something that needs it, and not before.
    Resting { cause: Cause },
    /// Trying again would not help: the peer said no.
    Refused { cause: Cause },
    /// The limit of attempts is reached; the user may ask for another.
    GivenUp { attempts: u32, cause: Cause },
}

/// How a line that is up does. Told at most once a second.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Health {
    /// The last round trip. None: not measured yet, or the last question has no answer.
    pub rtt: Option<Duration>,
    /// What to expect of it.
    pub quality: Quality,
    /// Encrypted, but with nobody knows whom: the user has switched the check off.
    pub unverified: bool,
}

impl Health {
    /// Whether people are told the same of both: a fraction of a millisecond is no news.
    pub fn looks_like(&self, other: &Self) -> bool {
        let ms = |health: &Self| health.rtt.map(|rtt| rtt.as_millis());
        ms(self) == ms(other)
            && self.quality == other.quality
            && self.unverified == other.unverified
    }
}

/// How good a line is: round trips, how much they differ, and what has failed of late.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Quality {
    #[default]
    Good,
    Fair,
    Poor,
}

/// Why a line went down, told apart by what helps against it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cause {
    /// We hung up.
    Intentional,
    /// The name of the host leads to no address.
    Nameless { host: String, why: String },
    /// The machine is there, but no program listens.
    NobodyListens { at: String },
    /// No way leads there, or nobody answered.
    Unreachable { why: String },
    /// The peer closed the connection in order.
    ClosedByPeer { code: Option<u16>, reason: String },
    /// The connection ended without a word.
    Lost { why: String },
    /// Nothing was heard for too long although the connection looked open.
    Silent { after: Duration },
    /// Connected, but no greeting came.
    NoGreeting { after: Duration },
    /// The peer answered, and the answer was no.
    Denied { status: Option<u16>, reason: String },
    /// What answers there does not speak the protocol.
    NotABackend { why: String },
    /// What came over an open line broke the rules of the protocol.
    Garbled { why: String },
    /// The peer could not show that it is who it should be.
    Untrusted { host: String, why: Distrust },
    /// The address or a setting makes no sense.
    Unusable { why: String },
}

/// Why an encrypted line did not come about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Distrust {
    Expired,
    NotYetValid,
    /// The certificate is for another name.
    WrongName,
    /// Signed by itself, or by an authority that nobody here knows.
    UnknownIssuer,
    /// What answers there speaks, but not TLS.
    NoTls,
    /// The peer broke the handshake off.
    Alert(String),
    Other(String),
}

impl Cause {
    /// The cause as a sentence for people.
    pub fn tell(&self, lang: Lang) -> String {
        let seconds = |after: &Duration| after.as_secs_f32().round().to_string();
        match self {
            Self::Intentional => Word::CauseIntentional.text(lang).to_owned(),
            Self::Nameless { host, why } => fill(Word::CauseNameless.text(lang), &[host, why]),
            Self::NobodyListens { at } => fill(Word::CauseNobodyListens.text(lang), &[at]),
            Self::Unreachable { why } => fill(Word::CauseUnreachable.text(lang), &[why]),
            Self::ClosedByPeer { code, reason } => {
                let code = code.map_or_else(|| "-".to_owned(), |code| code.to_string());
                fill(Word::CauseClosed.text(lang), &[&code, reason])
                    .trim_end()
                    .to_owned()
            }
            Self::Lost { why } => fill(Word::CauseLost.text(lang), &[why]),
            Self::Silent { after } => fill(Word::CauseSilent.text(lang), &[&seconds(after)]),
            Self::NoGreeting { after } => {
                fill(Word::CauseNoGreeting.text(lang), &[&seconds(after)])
            }
            Self::Denied { status, reason } => {
                let status = status.map_or_else(String::new, |status| format!("{status} "));
                fill(Word::CauseDenied.text(lang), &[&status, reason])
            }
            Self::NotABackend { why } => fill(Word::CauseNotABackend.text(lang), &[why]),
            Self::Garbled { why } => fill(Word::CauseGarbled.text(lang), &[why]),
            Self::Untrusted { host, why } => {
                let (word, detail) = match why {
                    Distrust::Expired => (Word::CauseExpired, host),
                    Distrust::NotYetValid => (Word::CauseNotYetValid, host),
                    Distrust::WrongName => (Word::CauseWrongName, host),
                    Distrust::UnknownIssuer => (Word::CauseUnknownIssuer, host),
                    Distrust::NoTls => (Word::CauseNoTls, host),
                    Distrust::Alert(alert) => (Word::CauseAlert, alert),
                    Distrust::Other(why) => (Word::CauseUnusable, why),
                };
                fill(word.text(lang), &[detail])
            }
            Self::Unusable { why } => fill(Word::CauseUnusable.text(lang), &[why]),
        }
    }
}

/// What the link reports. `epoch` says which life of the line it is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum LinkEvent {
    /// The line changed.
    Line { epoch: Epoch, line: Line },
    /// The backend said something.
    Heard { epoch: Epoch, down: Down },
    /// From here on this backend answers: the one before is away, or back.
    Elsewhere { epoch: Epoch, backend: String },
    /// This could not be sent: the line is not up, the backend has no words for it, or it is
    /// larger than any message may be.
    Unsent {
        epoch: Epoch,
        up: super::backend::Up,
    },
    /// The recording of this turn does not arrive, or not whole: the line is not up, was lost
    /// meanwhile, or the recording is too long for the backend. What was recorded is kept.
    Unheard { epoch: Epoch, turn: TurnId },
}

/// What the link may be told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(
    clippy::large_enum_variant,
    reason = "few of them live at a time, and a box for each would cost more"
)]
pub enum LinkOrder {
    /// Bring the line up, now: also cuts a waiting time short.
    Dial,
    /// Close it on purpose and stay closed.
    HangUp,
    /// Somebody talks: a dead line must be noticed within seconds from here on, or need not any
    /// more.
    Hurry(bool),
    /// Say this, if the line is up.
    Say(super::backend::Up),
}
