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
/// How long the tone that is stopped sounds before it is, in blocks.
const TONE: usize = 25;
/// How much of the tone is on its way to the loudspeaker, in blocks.
const AHEAD: usize = 5;
/// How long its end is waited for, in blocks.
const END: usize = 50;
/// The most a test records.
pub const LONGEST: Duration = Duration::from_secs(6);
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
    /// How long a tone was still heard after it was stopped, the way back to our ears included.
    pub stop: Option<Duration>,
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
    let tone = tone();
    let mut pieces = tone.chunks(block(RATE));
    let mut heard = vec![];
    let mut samples = vec![];
    let (mut said_at, mut tone_at, mut stopped_at) = (0, 0, 0);
    for number in 1..=BEFORE + AFTER + TONE + END {
        if !microphone.next(&mut samples)? {
            break;
        }
        tell();
        recorder.add(&samples)?;
        heard.append(&mut samples);
        if number == BEFORE {
            said_at = heard.len();
            loudspeaker.play(&chirp)?;
            loudspeaker.complete()?;
        } else if number == BEFORE + AFTER {
            tone_at = heard.len();
            for piece in pieces.by_ref().take(AHEAD) {
                loudspeaker.play(piece)?;
            }
        } else if number == BEFORE + AFTER + TONE {
            stopped_at = heard.len();
            loudspeaker.hush();
        } else if (BEFORE + AFTER..BEFORE + AFTER + TONE).contains(&number)
            && let Some(piece) = pieces.next()
        {
            loudspeaker.play(piece)?;
        }
    }
    let gauge = loudspeaker.gauge();
    let lost = microphone.gauge().dropped() + microphone.gauge().gaps() + gauge.gaps();
    let names = (microphone.name().to_owned(), loudspeaker.name().to_owned());
    loudspeaker.finish()?;
    let part = |from: usize, to: usize| heard.get(from..to).unwrap_or_default();
    let said = if tone_at > 0 { tone_at } else { heard.len() };
    let echo = find(&chirp, part(said_at, said));
    Ok(Report {
        microphone: names.0,
        loudspeaker: names.1,
        // The first moments of a microphone are often a click.
        room: level(part(block(RATE) * 5, said_at)),
        stop: echo.and_then(|_heard| end_of(part(tone_at, heard.len()), stopped_at - tone_at)),
        echo,
        clip: recorder.finish()?,
        lost,
    })
}

/// How long after `stopped` a tone was still heard. `None` when it was not heard before, or does
/// not end.
fn end_of(heard: &[f32], stopped: usize) -> Option<Duration> {
    let window = block(RATE) / 4;
    let sounding = level(heard.get(stopped.checked_sub(window * 16)?..stopped)?);
    let rest = heard.get(stopped..)?;
    // A tenth is 20 dB below the tone: what is left then is the room.
    let is_loud = |part: &[f32]| level(part).rms > sounding.rms / 10.0;
    let last = rest
        .chunks(window)
        .rposition(is_loud)
        .map_or(0, |last| last + 1);
    let ended = last < rest.len() / window;
    let samples = (last * window) as u64;
    (sounding.rms > 0.0 && ended)
        .then(|| Duration::from_micros(samples * 1_000_000 / u64::from(RATE)))
}

/// The tone that is stopped.
fn tone() -> Vec<f32> {
    (0..(TONE + AHEAD) * block(RATE))
        .map(|n| 0.2 * (n as f32 * 440.0 * std::f32::consts::TAU / RATE as f32).sin())
        .collect()
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
    fn the_end_of_a_tone_is_told_to_the_millisecond() {
        let with_end = |end: usize| {
            let mut heard = [tone(), vec![0.0; 8_000]].concat();
            heard[end..].fill(0.0);
            for (sample, noise) in heard.iter_mut().zip(noise(20_000, 0.005)) {
                *sample += noise;
            }
            heard
        };
        for (end, expected) in [(8_400, Some(25)), (8_000, Some(0)), (7_000, Some(0))] {
            let found = end_of(&with_end(end), 8_000);
            assert_eq!(found, expected.map(Duration::from_millis), "{end}");
        }
        assert_eq!(end_of(&tone(), 8_000), None, "it does not end");
        assert_eq!(
            end_of(&vec![0.0; 16_000], 8_000),
            None,
            "it was never there"
        );
        assert_eq!(end_of(&[], 0), None);
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
