//! A small voice of our own, so that a machine with nothing installed still speaks: a robot that
//! knows English and Mandarin.
//!
//! `text` cuts clauses, `english` and `mandarin` make sounds of them, `prosody` gives the sounds
//! lengths and a pitch, `track` moves a vocal tract through them, `synth` is that vocal tract. All
//! of it is pure and gives the same samples for the same words.

mod english;
mod mandarin;
mod phones;
mod prosody;
mod resonator;
mod source;
mod synth;
mod text;
mod track;

use super::wish::speed;
use super::{Pcm, Speaking, Utterance, Voice};
use crate::core::words::{Lang, Word};
use synth::{FRAME, Synth};
use text::Clauses;
pub(in crate::mind) use text::{Said, beside, figured, said, written};
use tokio::sync::mpsc::Sender;
use track::Track;

/// How many frames are handed on at once: 40 ms.
const PIECE: usize = 16;

/// The robot.
#[derive(Clone, Copy, Debug)]
pub(super) struct Robot {
    /// The language its name is told in.
    lang: Lang,
}

impl Robot {
    pub(super) const fn new(lang: Lang) -> Self {
        Self { lang }
    }
}

impl Voice for Robot {
    fn name(&self) -> String {
        Word::SpeechRobot.text(self.lang).to_owned()
    }

    fn speak(&self, utterance: Utterance, out: Sender<Pcm>) -> Speaking<'_> {
        Box::pin(async move {
            for samples in Speech::new(utterance) {
                let rate = resonator::RATE as u32;
                if out.send(Pcm { rate, samples }).await.is_err() {
                    break;
                }
                // Whoever wants to stop it gets to do so.
                tokio::task::yield_now().await;
            }
            Ok(())
        })
    }
}

/// An utterance as pieces of sound, each made when it is asked for.
#[derive(Debug)]
struct Speech {
    clauses: Clauses,
    speed: f32,
    track: Track,
    synth: Synth,
}

impl Speech {
    fn new(utterance: Utterance) -> Self {
        Self {
            speed: speed(&utterance.wish),
            clauses: Clauses::new(utterance.text, utterance.lang),
            track: Track::default(),
            synth: Synth::default(),
        }
    }
}

impl Iterator for Speech {
    type Item = Vec<i16>;

    fn next(&mut self) -> Option<Vec<i16>> {
        let mut samples = Vec::with_capacity(PIECE * FRAME);
        while samples.len() < PIECE * FRAME {
            if let Some(frame) = self.track.next() {
                self.synth.make(&frame, &mut samples);
                continue;
            }
            let Some(clause) = self.clauses.next() else {
                break;
            };
            let (parts, pitch) = prosody::lay_out(&clause, self.speed);
            self.track = Track::new(parts, pitch);
        }
        Some(samples).filter(|samples| !samples.is_empty())
    }
}

#[cfg(test)]
mod tests;
