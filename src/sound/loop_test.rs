//! Plays a chirp and looks for it in what the microphone hears: whether sound goes all the way
//! round, how loud it comes back, and how late.

use super::level::{Level, level};
use super::recorder::{Clip, Recorder};
use super::{Capture, Playback, SoundError, block};
use std::time::Duration;

/// The rate of the test. Speech needs no more, and neither does a delay to the millisecond.
pub const RATE: u32 = 16_000;
/// Half a second of the room without us, to know its noise.
const BEFORE: usize = 25;
/// How long an echo is waited for, in blocks: two seconds. Loudspeakers without a wire take half
/// of one.
const AFTER: usize = 100;
/// The most a test records.
pub const LONGEST: Duration = Duration::from_secs(5);
/// How alike a part of the recording must be to the chirp. Noise reaches 0.16, and a chirp
/// keeps more than half in a room with much echo.
const ALIKE: f32 = 0.3;

/// What came of a loop test.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The microphone, as people call it.
    pub microphone: String,
    /// The loudspeaker.
    pub loudspeaker: String,
    /// Before the chirp.
    pub room: Level,
    /// When the chirp came back, and how.
    pub echo: Option<Echo>,
    pub clip: Clip,
    /// Samples the microphone lost, holes in what was played, gaps the system told of.
    pub lost: u64,
}

/// A chirp that came back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Echo {
    pub level: Level,
    /// From our hands to our ears: what both devices, their drivers and the air between need.
    pub delay: Duration,
    /// How much like the chirp it is; 1 is the same.
    pub alike: f32,
}

/// Plays a chirp, records meanwhile, and looks for it. Both devices run at [`RATE`]. `tell` is
/// called for every block, to show that it goes on.
pub fn run(
    mut microphone: Capture,
    mut loudspeaker: Playback,
    mut recorder: Recorder,
    tell: &dyn Fn(),
) -> Result<Report, SoundError> {
    let chirp = chirp();
    let mut heard = vec![];
    let mut samples = vec![];
    let mut said_at = 0;
    for number in 0..BEFORE + AFTER {
        if !microphone.next(&mut samples)? {
            break;
        }
        tell();
        recorder.add(&samples)?;
        heard.append(&mut samples);
        if number + 1 == BEFORE {
            said_at = heard.len();
            loudspeaker.play(&chirp)?;
        }
    }
    let lost =
        microphone.gauge().dropped() + microphone.gauge().gaps() + loudspeaker.gauge().gaps();
    let names = (microphone.name().to_owned(), loudspeaker.name().to_owned());
    loudspeaker.finish()?;
    let (before, after) = heard.split_at(said_at);
    // The first moments of a microphone are often a click.
    let room = level(before.get(block(RATE) * 5..).unwrap_or_default());
    Ok(Report {
        microphone: names.0,
        loudspeaker: names.1,
        room,
        echo: find(&chirp, after),
        clip: recorder.finish()?,
        lost,
    })
}

/// A tone that climbs from 500 to 4000 Hz: unlike anything a room does by itself, and its place
/// in a recording is known to a fraction of a millisecond.
pub fn chirp() -> Vec<f32> {
    const LENGTH: usize = 2048;
    const EDGE: usize = 160;
    let (low, high) = (500.0f32, 4000.0);
    let seconds = LENGTH as f32 / RATE as f32;
    (0..LENGTH)
        .map(|n| {
            let at = n as f32 / RATE as f32;
            let turns = low * at + (high - low) * at * at / (2.0 * seconds);
            // It begins and ends softly, so that nothing clicks.
            let edge = n.min(LENGTH - 1 - n).min(EDGE) as f32 / EDGE as f32;
            0.4 * edge * (turns * std::f32::consts::TAU).sin()
        })
        .collect()
}

/// Where the chirp is in what was heard, if anywhere.
fn find(chirp: &[f32], heard: &[f32]) -> Option<Echo> {
    let own: f32 = chirp.iter().map(|sample| sample * sample).sum();
    let mut energy: f64 = (heard.get(..chirp.len())?.iter())
        .map(|sample| f64::from(sample * sample))
        .sum();
    let mut best: Option<(usize, f32)> = None;
    for (at, part) in heard.windows(chirp.len()).enumerate() {
        let product: f32 = part.iter().zip(chirp).map(|(one, other)| one * other).sum();
        // A sum that loses as much as it gains may end a little below zero.
        let size = (energy.max(1e-9) as f32 * own).sqrt();
        // A loudspeaker may be wired the other way round.
        let alike = (product / size).abs();
        if alike >= ALIKE && best.is_none_or(|(_, most)| alike > most) {
            best = Some((at, alike));
        }
        let (leaving, coming) = (heard.get(at), heard.get(at + chirp.len()));
        let square = |sample: Option<&f32>| sample.map_or(0.0, |s| f64::from(s * s));
        energy += square(coming) - square(leaving);
    }
    let (at, alike) = best?;
    Some(Echo {
        level: level(heard.get(at..at + chirp.len()).unwrap_or_default()),
        delay: Duration::from_micros(at as u64 * 1_000_000 / u64::from(RATE)),
        alike,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Noise that is the same in each run.
    fn noise(samples: usize, loudness: f32) -> Vec<f32> {
        let mut seed = 1u32;
        (0..samples)
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                ((seed >> 8) as f32 / 8_388_608.0 - 1.0) * loudness
            })
            .collect()
    }

    fn with_chirp(mut heard: Vec<f32>, at: usize, loudness: f32) -> Vec<f32> {
        for (sample, part) in heard[at..].iter_mut().zip(chirp()) {
            *sample += part * loudness;
        }
        heard
    }

    #[test]
    fn a_chirp_is_found_in_noise_whatever_its_sign_and_loudness() {
        for (loudness, noisy) in [(1.0, 0.0), (-1.0, 0.1), (0.01, 0.003), (0.1, 0.05)] {
            let heard = with_chirp(noise(7_000, noisy), 4_000, loudness);
            let echo = find(&chirp(), &heard).unwrap();
            assert_eq!(echo.delay, Duration::from_millis(250), "{loudness} {noisy}");
            assert!(echo.alike > ALIKE, "{echo:?}");
        }
    }

    #[test]
    fn nothing_is_found_where_nothing_is() {
        for heard in [
            noise(8_000, 0.5),
            vec![0.0; 4_000],
            vec![0.3; 4_000],
            vec![],
            vec![0.1; 2047],
        ] {
            assert_eq!(find(&chirp(), &heard), None);
        }
    }
}
