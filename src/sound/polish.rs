//! Takes steady noise out of a microphone and makes a soft voice louder. In a call the canceller
//! of its echo does so on the way; for a recording there is nothing to cancel, only this. Pure.

use super::echo::{Canceller, FRAME, Sonora};

/// How many samples it takes to take out noise: the work overlaps its frames.
const LATE: usize = 96;

/// What is done to what a microphone hears.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Polish {
    /// Steady noise is taken out: a fan, a road, hum.
    pub noise: bool,
    /// A soft voice is made louder, but not the room that it speaks in.
    pub gain: bool,
}

impl Polish {
    /// It changes nothing.
    pub fn is_nothing(self) -> bool {
        !(self.noise || self.gain)
    }
}

/// Works on samples as they pass. What goes in comes out a moment later, all of it.
pub struct Polisher {
    works: Sonora,
    /// What waits until a frame is full.
    frame: Vec<f32>,
    /// What goes in comes out so many samples later.
    late: usize,
    /// So many of them are still to come before the first that went in.
    early: usize,
}

impl Polisher {
    /// `None` if there is nothing to be done.
    pub fn new(polish: Polish) -> Option<Self> {
        let late = if polish.noise { LATE } else { 0 };
        (!polish.is_nothing()).then(|| Self {
            works: Sonora::new(false, polish),
            frame: Vec::with_capacity(FRAME),
            late,
            early: late,
        })
    }

    /// Takes samples, and appends what is ready.
    pub fn add(&mut self, mut samples: &[f32], into: &mut Vec<f32>) {
        while !samples.is_empty() {
            let taken = samples.len().min(FRAME - self.frame.len());
            let (now, later) = samples.split_at(taken);
            self.frame.extend_from_slice(now);
            samples = later;
            let Some(frame) = self.frame.first_chunk::<FRAME>() else {
                continue;
            };
            let mut frame = *frame;
            self.works.near(&mut frame);
            let skipped = self.early.min(FRAME);
            self.early -= skipped;
            into.extend(frame.iter().skip(skipped));
            self.frame.clear();
        }
    }

    /// Appends what is still on its way.
    pub fn finish(&mut self, into: &mut Vec<f32>) {
        let (before, rest) = (into.len(), self.frame.len() + self.late);
        self.add(&[0.0; FRAME + LATE], into);
        into.truncate(before + rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sound::level::{decibels, level};
    use crate::sound::vad::{RATE, like_speech};

    /// Noise that is always the same, so loud.
    fn noise(length: usize, loud: f32) -> Vec<f32> {
        let mut seed = 1_u32;
        (0..length)
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                ((seed >> 8) as f32 / (1 << 23) as f32 - 1.0) * loud
            })
            .collect()
    }

    fn polished(polish: Polish, samples: &[f32]) -> Vec<f32> {
        let mut polisher = Polisher::new(polish).unwrap();
        let mut out = vec![];
        for piece in samples.chunks(327) {
            polisher.add(piece, &mut out);
        }
        polisher.finish(&mut out);
        out
    }

    fn rms(samples: &[f32]) -> f32 {
        decibels(level(samples).rms)
    }

    #[test]
    fn nothing_to_do_is_nothing_to_have() {
        assert!(Polisher::new(Polish::default()).is_none());
    }

    #[test]
    fn noise_goes_and_the_voice_stays_where_it_was() {
        let (noise_only, gain_only) = (
            Polish {
                noise: true,
                gain: false,
            },
            Polish {
                noise: false,
                gain: true,
            },
        );
        let second = RATE as usize;
        let voice = like_speech(2000);
        let mut heard = noise(4 * second, 0.02);
        for (sum, sample) in heard[2 * second..].iter_mut().zip(&voice) {
            *sum += sample;
        }
        let out = polished(noise_only, &heard);
        assert_eq!(out.len(), heard.len());
        let (before, after) = (
            rms(&heard[second..2 * second]),
            rms(&out[second..2 * second]),
        );
        assert!(after < before - 9.0, "noise: {before} dB, {after} dB");
        let (before, after) = (rms(&voice), rms(&out[2 * second..]));
        assert!(
            (after - before).abs() < 3.0,
            "voice: {before} dB, {after} dB"
        );
        // The same place, but for what a filter does to the lowest tones.
        let alike = |late: usize| -> f32 {
            let out = &out[2 * second + late..];
            voice.iter().zip(out).map(|(a, b)| a * b).sum()
        };
        let best = (0..400).max_by(|a, b| alike(*a).total_cmp(&alike(*b)));
        assert!(best.unwrap() <= 48, "{best:?}");
        let out = polished(gain_only, &heard);
        assert_eq!(out.len(), heard.len());
    }

    #[test]
    fn a_soft_voice_becomes_louder_and_a_loud_one_and_the_room_do_not() {
        let gain = Polish {
            noise: false,
            gain: true,
        };
        let voice = like_speech(6000);
        for (change, least, most) in [(0.03, 6.0, 30.0), (1.0, -3.0, 8.0), (4.0, -20.0, 1.0)] {
            let said: Vec<f32> = voice
                .iter()
                .map(|sample| (sample * change).clamp(-1.0, 1.0))
                .collect();
            let out = polished(gain, &said);
            let half = said.len() / 2;
            let louder = rms(&out[half..]) - rms(&said[half..]);
            assert!(
                (least..most).contains(&louder),
                "{change}: {louder} dB at {}",
                rms(&said)
            );
            assert!(level(&out).peak <= 1.0);
        }
        let room = noise(6 * RATE as usize, 0.001);
        let louder = rms(&polished(gain, &room)) - rms(&room);
        assert!(louder < 16.0, "{louder}");
    }
}
