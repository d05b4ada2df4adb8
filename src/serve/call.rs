//! A call: all that is heard comes here, and leaves it cut into turns. Pure.
//!
//! What is done with a turn is done as ever: `hear` makes words of it, `turn` answers them, `speak`
//! says the answer. Whose words interrupt what, `client` decides.

use super::error::ServeError;
use crate::codec::base64;
use crate::codec::resample::Resampler;
use crate::core::sound::RATE;
use crate::sound::turn::{Change, Frame, Turns};
use crate::sound::vad::{FRAME, Scorer};

/// What sound and words of a call bear as their `scenario`.
pub(super) const CALL: &str = "voice_call";

/// Samples in a second, both ways.
pub(super) const CALL_RATE: u32 = 24_000;

/// So much of what came before somebody began to speak belongs to what they say: half a second.
const BEFORE: usize = RATE as usize / 2;

/// Sound that comes back from the loudspeaker at the other end is taken out there, as in every
/// call; what is left of it is taken to be so many times softer than a voice.
const OVER: f32 = 2.0;

/// A call.
pub(super) struct Call {
    pub(super) conversation: String,
    pub(super) voice: Option<String>,
    pub(super) persona: Option<String>,
    resampler: Resampler,
    scorer: Scorer,
    turns: Turns,
    /// What waits until a frame is full.
    frame: Vec<f32>,
    /// What is being said, or else what came last.
    kept: Vec<f32>,
    /// Somebody may be speaking.
    open: bool,
    /// What is said is only told.
    pub(super) unanswered: bool,
    /// The name of what is being said, once it is certain that something is.
    pub(super) said: Option<String>,
}

/// What is heard in a call.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// Somebody speaks.
    Began,
    /// They have said this.
    Turn(Vec<i16>),
}

impl Call {
    pub(super) fn new(
        conversation: String,
        voice: Option<String>,
        persona: Option<String>,
    ) -> Self {
        Self {
            conversation,
            voice,
            persona,
            resampler: Resampler::new(CALL_RATE, RATE),
            scorer: Scorer::default(),
            turns: Turns::default(),
            frame: Vec::with_capacity(FRAME),
            kept: vec![],
            open: false,
            unanswered: false,
            said: None,
        }
    }

    /// Takes more of what is heard, while something is said at the other end or nothing is.
    pub(super) fn add(&mut self, samples: &[f32], played: bool) -> Vec<Heard> {
        let mut more = vec![];
        self.resampler.add(samples, &mut more);
        let mut heard = vec![];
        for sample in more {
            self.frame.push(sample);
            if self.frame.len() == FRAME {
                heard.extend(self.judge(played));
            }
        }
        heard
    }

    /// Judges a whole frame.
    fn judge(&mut self, played: bool) -> Option<Heard> {
        let score = self.scorer.score(&self.frame);
        self.kept.append(&mut self.frame);
        let change = self.turns.add(Frame {
            score,
            over: OVER,
            played,
        });
        let heard = match change {
            Some(Change::Start) => {
                self.open = true;
                None
            }
            Some(Change::Begun) => Some(Heard::Began),
            Some(Change::End) => return Some(Heard::Turn(self.take())),
            Some(Change::Nothing) => {
                self.open = false;
                None
            }
            Some(Change::Sign | Change::NoSign | Change::Pause { .. } | Change::On) | None => None,
        };
        if !self.open {
            let surplus = self.kept.len().saturating_sub(BEFORE);
            self.kept.drain(..surplus);
        }
        heard
    }

    fn take(&mut self) -> Vec<i16> {
        self.open = false;
        let whole = |sample: f32| (sample * 32_768.0).clamp(-32_768.0, 32_767.0) as i16;
        self.kept.drain(..).map(whole).collect()
    }

    /// Whoever speaks is done, the client says: what they said, if they said something.
    pub(super) fn cut(&mut self) -> Option<Vec<i16>> {
        self.said.as_ref()?;
        self.turns = Turns::default();
        Some(self.take())
    }
}

/// The samples in a frame of a call.
pub(super) fn samples(audio: Option<&str>, rate: Option<u32>) -> Result<Vec<f32>, ServeError> {
    let wrong = |why: String| ServeError::Audio { why };
    let text = audio.ok_or(ServeError::NoAudio)?;
    if let Some(rate) = rate.filter(|rate| *rate != CALL_RATE) {
        return Err(wrong(format!("it is of {rate} Hz, and not of {CALL_RATE}")));
    }
    let bytes = base64::decode(text).ok_or_else(|| wrong("it is no base64".to_owned()))?;
    if !bytes.len().is_multiple_of(2) {
        return Err(wrong("half a sample is in it".to_owned()));
    }
    let whole = |pair: &[u8]| match pair {
        [low, high] => f32::from(i16::from_le_bytes([*low, *high])) / 32_768.0,
        _ => 0.0,
    };
    Ok(bytes.chunks_exact(2).map(whole).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sound::vad::like_speech;

    /// Something said, as a client of a call hears it.
    fn said(ms: usize) -> Vec<f32> {
        let (mut resampler, mut out) = (Resampler::new(RATE, CALL_RATE), vec![]);
        resampler.add(&like_speech(ms), &mut out);
        out
    }

    fn silence(ms: usize) -> Vec<f32> {
        vec![0.0; ms * CALL_RATE as usize / 1000]
    }

    fn call() -> Call {
        Call::new("c".to_owned(), None, None)
    }

    #[test]
    fn what_is_said_is_cut_into_turns_however_it_comes() {
        for piece in [240, 4096, usize::MAX] {
            let mut call = call();
            let all = [
                silence(500),
                said(1500),
                silence(2500),
                said(1200),
                silence(2500),
            ]
            .concat();
            let pieces = all.chunks(piece.min(all.len()));
            let heard: Vec<Heard> = pieces.flat_map(|piece| call.add(piece, false)).collect();
            let [
                Heard::Began,
                Heard::Turn(first),
                Heard::Began,
                Heard::Turn(second),
            ] = &*heard
            else {
                panic!("{}", heard.len());
            };
            // Its beginning and its end are in it, and little else.
            for (turn, ms) in [(first, 1500), (second, 1200)] {
                let long = turn.len() * 1000 / RATE as usize;
                assert!((ms..ms + 2500).contains(&long), "{long} of {ms}");
            }
        }
    }

    #[test]
    fn a_knock_is_no_turn_and_nothing_is_kept_of_silence() {
        let mut call = call();
        assert_eq!(call.add(&silence(60_000), false), []);
        assert!(call.kept.len() <= BEFORE);
        assert_eq!(call.add(&said(60), false), []);
        assert_eq!(call.add(&silence(2000), false), []);
        assert_eq!(call.cut(), None);
    }

    #[test]
    fn nobody_speaks_for_ever() {
        let mut call = call();
        let heard = call.add(&said(70_000), false);
        let turns = heard.iter().filter(|one| matches!(one, Heard::Turn(_)));
        assert!(turns.count() >= 2, "{}", heard.len());
    }

    #[test]
    fn what_is_no_sound_of_a_call_is_refused() {
        for (audio, rate, wanted) in [
            (Some("AAAAAA=="), None, true),
            (Some("AAAAAA=="), Some(24_000), true),
            (Some(""), None, true),
            (Some("AAAAAA=="), Some(16_000), false),
            (Some("AAAA"), None, false),
            (Some("!"), None, false),
            (None, None, false),
        ] {
            assert_eq!(samples(audio, rate).is_ok(), wanted, "{audio:?} {rate:?}");
        }
    }
}
