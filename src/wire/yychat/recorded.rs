//! Recordings on their way to a server: in pieces to ours, in one piece to plain ones.

use super::asked::{About, Asked};
use super::binary;
use super::frames::{AudioInput, ClientFrame, RECORDING};
use crate::codec::{base64, wav};
use crate::core::ids::TurnId;
use crate::core::sound::{ClipPart, Hear, RATE};

/// A recording for a plain server may be so long: 25 MB is what such servers take.
const MOST_SAMPLES: usize = 25_000_000 / 2;

/// So many recordings that were taken back are remembered until the server confirms it.
const FEW: usize = 8;

/// The recordings of one connection.
#[derive(Debug, Default)]
pub(super) struct Recorded {
    /// Those that were sent and have yet to be heard.
    pub(super) asked: Asked,
    /// The one that is being sent.
    sending: Option<Sending>,
    /// Those we took back, which the server has yet to confirm.
    broken: Vec<TurnId>,
}

#[derive(Debug)]
struct Sending {
    hear: Hear,
    /// What a plain server is to get in one piece; `None` once that is too much.
    gathered: Option<Vec<i16>>,
}

/// What a piece of a recording becomes.
#[derive(Debug, PartialEq)]
pub(super) enum Sent {
    Text(Box<ClientFrame>),
    Binary(Vec<u8>),
}

impl Recorded {
    /// What is sent for a piece of a recording; `pieces`: the server takes it in pieces.
    pub(super) fn part(&mut self, part: &ClipPart, pieces: bool) -> Option<Sent> {
        match part {
            ClipPart::Open(_) => None,
            ClipPart::Begin(hear) => {
                self.asked.ask(hear.turn);
                self.sending = Some(Sending {
                    hear: hear.clone(),
                    gathered: Some(vec![]),
                });
                pieces.then(|| {
                    text(ClientFrame::AudioInput(AudioInput {
                        chunked: true,
                        audio_format: Some("pcm".to_owned()),
                        ears: hear.ears.clone(),
                        ..input(hear)
                    }))
                })
            }
            ClipPart::More { turn, samples } if pieces => self
                .is_sending(*turn)
                .then(|| Sent::Binary(binary::recording(*turn, samples))),
            ClipPart::More { turn, samples } => {
                let sending = self.sending.as_mut().filter(|one| one.hear.turn == *turn)?;
                let gathered = sending.gathered.take()?;
                if gathered.len() + samples.len() <= MOST_SAMPLES {
                    let mut gathered = gathered;
                    gathered.extend_from_slice(samples);
                    sending.gathered = Some(gathered);
                }
                None
            }
            ClipPart::End { turn } => {
                let sent = self.sending.take_if(|one| one.hear.turn == *turn)?;
                if pieces {
                    return Some(text(ClientFrame::AudioComplete {
                        message_id: Some(turn.to_string()),
                        scenario: Some(RECORDING.to_owned()),
                    }));
                }
                let Some(gathered) = sent.gathered else {
                    self.asked.end(About::Open(*turn));
                    return None;
                };
                Some(text(ClientFrame::AudioInput(AudioInput {
                    audio_base64: Some(base64::encode(&wav::write(&gathered, RATE))),
                    audio_format: Some("wav".to_owned()),
                    ..input(&sent.hear)
                })))
            }
            ClipPart::Broken { turn } => {
                let broken = self.sending.take_if(|one| one.hear.turn == *turn)?;
                self.asked.end(About::Open(*turn));
                if pieces {
                    // A server that confirms nothing must not fill the memory.
                    if self.broken.len() == FEW {
                        self.broken.remove(0);
                    }
                    self.broken.push(*turn);
                }
                pieces.then(|| {
                    text(ClientFrame::Interrupt {
                        session_id: Some(broken.hear.conversation.to_string()),
                        message_id: Some(turn.to_string()),
                        heard: None,
                    })
                })
            }
        }
    }

    /// Does this confirm that a recording was taken back? Nobody waits for that, and a second
    /// attempt may be on its way under the same name. `last`: nothing more is said about it.
    pub(super) fn taken_back(&mut self, message_id: Option<&str>, last: bool) -> bool {
        let id = message_id.and_then(|text| text.parse().ok());
        let found = self.broken.iter().position(|turn| Some(*turn) == id);
        if let Some(at) = found.filter(|_| last) {
            self.broken.remove(at);
        }
        found.is_some()
    }

    fn is_sending(&self, turn: TurnId) -> bool {
        self.sending
            .as_ref()
            .is_some_and(|one| one.hear.turn == turn)
    }
}

fn text(frame: ClientFrame) -> Sent {
    Sent::Text(Box::new(frame))
}

/// What is told of every recording.
fn input(hear: &Hear) -> AudioInput {
    AudioInput {
        message_id: Some(hear.turn.to_string()),
        conversation_id: Some(hear.conversation.to_string()),
        sample_rate: Some(RATE),
        language: hear.language.clone(),
        ..AudioInput::default()
    }
}
