//! Sifts what a microphone hears in a call: the loudspeaker is taken out of it, and each frame of
//! what is left is judged, for [`super::turn`] to find in them who speaks.

use super::echo::{self, Echo, EchoMode, Heard};
use super::far::Far;
use super::level::level;
use super::polish::Polish;
use super::turn::Frame;
use super::vad::{FRAME, Scorer};

/// Nothing softer than this is left of a loudspeaker: -66 dB.
const QUIET: f32 = 0.0005;

/// What stands between a microphone and whoever looks for turns.
pub struct Sieve {
    echo: Echo,
    scorer: Scorer,
    /// What is left of the microphone, until a frame is full, and what is known of it.
    frame: Vec<f32>,
    known: Heard,
}

impl Sieve {
    pub fn new(mode: EchoMode, polish: Polish) -> Self {
        Self {
            echo: Echo::new(mode, polish),
            scorer: Scorer::default(),
            frame: Vec::with_capacity(FRAME),
            known: Heard::NOTHING,
        }
    }

    /// This is what is played from here on.
    pub fn hear(&mut self, far: Box<Far>) {
        self.echo.hear(far);
    }

    /// The microphone is another from here on, or is open again.
    pub fn moved(&mut self) {
        self.echo.moved();
        self.scorer.reset();
        self.frame.clear();
    }

    /// What is played is softer from here on, or as loud as it was.
    pub fn duck(&self, ducked: bool) {
        self.echo.duck(ducked);
    }

    /// How many decibels of what is played are taken out, and whether the microphone hears while
    /// something is: see [`Echo::cancelled`].
    pub fn cancelled(&self) -> Option<(Option<f32>, bool)> {
        self.echo.cancelled()
    }

    /// Takes what the microphone heard. `meter` gets all that is left of it, 10 ms at a time, and
    /// `give` whole frames with what is known of them. `speaking`: somebody does.
    pub fn add(
        &mut self,
        heard: &[f32],
        speaking: bool,
        mut meter: impl FnMut(&[f32; echo::FRAME]),
        mut give: impl FnMut(Vec<f32>, Frame),
    ) {
        let Self {
            echo,
            scorer,
            frame,
            known,
        } = self;
        echo.add(heard, speaking, |samples, now| {
            meter(samples);
            known.join(now);
            for sample in samples {
                frame.push(*sample);
                if frame.len() == FRAME {
                    let full = std::mem::replace(frame, Vec::with_capacity(FRAME));
                    let judged = judge(scorer, full, *known);
                    give(judged.0, judged.1);
                    *known = now;
                }
            }
        });
    }
}

/// How much a frame is like speech, and how much louder than what may be left of the loudspeaker.
fn judge(scorer: &mut Scorer, mut samples: Vec<f32>, known: Heard) -> (Vec<f32>, Frame) {
    if known.deaf {
        samples.fill(0.0);
    }
    let score = scorer.score(&samples);
    let frame = Frame {
        score: if known.deaf { 0.0 } else { score },
        over: level(&samples).rms / known.left.max(QUIET),
        played: known.played,
    };
    (samples, frame)
}
