//! One recording while it is made: what goes into its file, how loud it is, where somebody
//! speaks in it, and when it ends by itself.

use crate::core::ids::TurnId;
use crate::core::sound::{Loudness, Recorded};
use crate::sound::SoundError;
use crate::sound::desk::send::Feed;
use crate::sound::level::{Level, decibels};
use crate::sound::polish::{Polish, Polisher};
use crate::sound::recorder::Recorder;
use crate::sound::vad::{RATE, Span, Vad};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// From here on a sample cannot be told from a louder one.
const CLIPS: f32 = 32_767.0 / 32_768.0;
/// Zeros for so long are no pause: the microphone is muted.
const MUTE: u64 = 3 * RATE as u64;
/// A microphone that is another is heard so soon that nobody misses anything.
const NOTICED: Duration = Duration::from_millis(50);
/// Silence stands for the time in which there was none, but no more than this.
const STANDS: Duration = Duration::from_secs(2);
/// A chime that does not end is not waited for any longer than this.
const DEAF: u64 = RATE as u64;

/// When a recording ends by itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) longest: Duration,
    /// After so long a silence; zero is never.
    pub(super) silence: Duration,
    /// What is still recorded when it is stopped.
    pub(super) tail: Duration,
}

/// A recording that is being made.
pub(super) struct Take {
    pub(super) clip: TurnId,
    path: PathBuf,
    recorder: Recorder,
    polisher: Option<Polisher>,
    /// What came out of it last.
    polished: Vec<f32>,
    vad: Vad,
    limits: Limits,
    samples: u64,
    clipped: u32,
    lost: u64,
    gap_ms: u32,
    /// Nothing but zeros so far.
    mute: bool,
    /// What is left of the tail, once it was stopped.
    tail: Option<u64>,
    /// A chime is in the air. So much of it was left out.
    deaf: Option<u64>,
    /// It is sent while it is made.
    feed: Option<Feed>,
}

/// How a recording goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goes {
    On,
    /// There are only zeros, which is told once.
    Mute,
    /// It is over.
    End,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Taken {
    pub(super) clip: TurnId,
    pub(super) recorded: Recorded,
    /// Where somebody speaks in it.
    pub(super) span: Option<Span>,
    /// All of that was sent while it was made, but for the end.
    pub(super) live: bool,
    /// What ended it, if that was not asked for.
    pub(super) error: Option<SoundError>,
    pub(super) mute: bool,
}

impl Take {
    /// Begins the file.
    pub(super) fn begin(
        clip: TurnId,
        folder: &Path,
        limits: Limits,
        polish: Polish,
    ) -> Result<Self, SoundError> {
        private_folder(folder)?;
        let path = file_of(folder, clip);
        let recorder = Recorder::create(&path, RATE, limits.longest)?;
        let mut take = Self::into(recorder, clip, path, limits);
        take.polisher = Polisher::new(polish);
        Ok(take)
    }

    fn into(recorder: Recorder, clip: TurnId, path: PathBuf, limits: Limits) -> Self {
        Self {
            polisher: None,
            polished: vec![],
            clip,
            recorder,
            path,
            vad: Vad::default(),
            limits,
            samples: 0,
            clipped: 0,
            lost: 0,
            gap_ms: 0,
            mute: true,
            tail: None,
            deaf: None,
            feed: None,
        }
    }

    /// Sends it while it is made.
    pub(super) fn feed(&mut self, feed: Option<Feed>) {
        self.feed = feed;
    }

    /// Nothing was heard yet.
    pub(super) fn is_empty(&self) -> bool {
        self.samples == 0
    }

    pub(super) fn is_speaking(&self) -> bool {
        self.vad.is_speaking()
    }

    /// The user is done: only the tail is missing, as far as it is not silent so far.
    pub(super) fn stop(&mut self) -> Goes {
        let tail = in_samples(self.limits.tail).saturating_sub(self.vad.silence());
        self.tail.get_or_insert(tail);
        if tail == 0 || self.is_empty() {
            Goes::End
        } else {
            Goes::On
        }
    }

    /// Whether what comes is left out.
    pub(super) fn deafen(&mut self, deaf: bool) {
        self.deaf = deaf.then_some(0);
    }

    /// The microphone is another from here on.
    pub(super) fn moved(&mut self) {
        self.vad.moved();
    }

    /// There was no microphone for so long since something was heard last.
    pub(super) fn away(&mut self, away: Duration) {
        if self.is_empty() || away < NOTICED {
            return;
        }
        let ms = u32::try_from(away.as_millis()).unwrap_or(u32::MAX);
        self.gap_ms = self.gap_ms.saturating_add(ms);
        let silence = vec![0.0; in_samples(away.min(STANDS)) as usize];
        self.samples += silence.len() as u64;
        // What cannot be written is told with the next block.
        let _ = self.record(&silence);
    }

    /// The microphone that is given up lost so many samples.
    pub(super) fn lost(&mut self, samples: u64) {
        self.lost += samples;
    }

    /// Takes a block. With an error it is over.
    pub(super) fn add(&mut self, block: &[f32]) -> Result<Goes, SoundError> {
        if let Some(left_out) = &mut self.deaf
            && *left_out < DEAF
        {
            *left_out += block.len() as u64;
            return Ok(Goes::On);
        }
        let goes_on = self.record(block)?;
        let before = self.samples;
        self.samples += block.len() as u64;
        self.mute &= block.iter().all(|sample| *sample == 0.0);
        let clipped = block.iter().filter(|sample| sample.abs() >= CLIPS).count();
        self.clipped += clipped as u32;
        if let Some(left) = &mut self.tail {
            *left = left.saturating_sub(block.len() as u64);
            if *left == 0 {
                return Ok(Goes::End);
            }
        }
        let patience = in_samples(self.limits.silence);
        if !goes_on || patience > 0 && self.vad.silence() >= patience {
            return Ok(Goes::End);
        }
        if self.mute && before < MUTE && self.samples >= MUTE {
            return Ok(Goes::Mute);
        }
        Ok(Goes::On)
    }

    /// Puts a block into the file as it is to be sent.
    fn record(&mut self, block: &[f32]) -> Result<bool, SoundError> {
        let kept = match &mut self.polisher {
            None => block,
            Some(polisher) => {
                self.polished.clear();
                polisher.add(block, &mut self.polished);
                &self.polished
            }
        };
        self.vad.add(kept);
        if let Some(feed) = &mut self.feed {
            feed.add(kept, self.vad.span());
        }
        self.recorder.add(kept)
    }

    /// Ends the file.
    pub(super) fn end(mut self, mut error: Option<SoundError>) -> Taken {
        if let Some(mut polisher) = self.polisher.take() {
            self.polished.clear();
            polisher.finish(&mut self.polished);
            self.vad.add(&self.polished);
            if let Some(feed) = &mut self.feed {
                feed.add(&self.polished, self.vad.span());
            }
            let added = self.recorder.add(&self.polished);
            error = error.or(added.err());
        }
        let span = self.vad.span();
        let level = self.recorder.level();
        let length = span.map_or(self.samples, |span| span.to - span.from);
        let ended = self.recorder.finish().err();
        Taken {
            clip: self.clip,
            recorded: Recorded {
                length_ms: (length * 1000 / u64::from(RATE)) as u32,
                loudness: loudness(level),
                speech: span.is_some(),
                clipped: self.clipped,
                lost: self.lost,
                gap_ms: self.gap_ms,
            },
            span,
            live: self.feed.is_some_and(Feed::end),
            error: error.or(ended),
            mute: self.mute && self.samples > 0,
        }
    }

    /// Forgets it. Whoever speaks next under its name is sent in its place.
    pub(super) fn discard(self) -> Option<Feed> {
        drop(self.recorder);
        // What is not there any more need not be removed.
        let _ = std::fs::remove_file(&self.path);
        self.feed.map(Feed::nothing)
    }
}

/// The file of a recording.
pub(super) fn file_of(folder: &Path, clip: TurnId) -> PathBuf {
    folder.join(format!("{clip}.wav"))
}

/// As the rest of the program is told.
pub(super) fn loudness(level: Level) -> Loudness {
    Loudness {
        peak_db: decibels(level.peak),
        rms_db: decibels(level.rms),
    }
}

fn in_samples(length: Duration) -> u64 {
    u64::try_from(length.as_millis()).unwrap_or(u64::MAX / 1000) * u64::from(RATE) / 1000
}

/// Makes a folder that only its owner can look into. One that is there stays as it is: it may be
/// shared on purpose.
fn private_folder(folder: &Path) -> Result<(), SoundError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    (builder.create(folder)).map_err(|error| SoundError::unwritable(folder, &error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::sound::SoundEvent;
    use crate::sound::vad::like_speech;

    const LIMITS: Limits = Limits {
        longest: Duration::from_mins(1),
        silence: Duration::ZERO,
        tail: Duration::from_millis(100),
    };

    /// A take in a folder of its own.
    fn take(folder: &Path) -> Take {
        Take::begin(TurnId(1), folder, LIMITS, Polish::default()).unwrap()
    }

    #[test]
    fn what_is_too_loud_is_counted() {
        let folder = tempfile::tempdir().unwrap();
        let mut take = take(folder.path());
        take.add(&[0.5, 1.0, -1.0, 0.99998, -0.5]).unwrap();
        take.lost(7);
        take.lost(2);
        let taken = take.end(None);
        let loudness = taken.recorded.loudness;
        let expected = Recorded {
            length_ms: 0,
            loudness,
            speech: false,
            clipped: 3,
            lost: 9,
            gap_ms: 0,
        };
        assert_eq!(taken.recorded, expected);
        assert!(loudness.peak_db.abs() < 0.001 && loudness.rms_db < -1.0);
        // What is told can be recorded and read again.
        let (clip, recorded) = (taken.clip, taken.recorded);
        let event = SoundEvent::Recorded { clip, recorded };
        let text = serde_json::to_string(&event).unwrap();
        assert_eq!(serde_json::from_str::<SoundEvent>(&text).unwrap(), event);
    }

    #[test]
    fn silence_stands_for_the_time_without_a_microphone_and_it_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let mut take = take(folder.path());
        // Before anything was heard nobody said anything.
        take.away(Duration::from_secs(1));
        take.add(&[0.5; 1600]).unwrap();
        take.away(Duration::from_millis(49));
        take.away(Duration::from_millis(300));
        take.add(&[0.25; 800]).unwrap();
        take.away(Duration::from_secs(9));
        assert_eq!(take.samples, 1600 + 4800 + 800 + 32_000);
        assert_eq!(take.end(None).recorded.gap_ms, 9300);
        let mut kept = std::fs::File::open(file_of(folder.path(), TurnId(1))).unwrap();
        let mut bytes = vec![];
        std::io::Read::read_to_end(&mut kept, &mut bytes).unwrap();
        let (samples, _rate) = crate::codec::wav::whole(&bytes).unwrap();
        let mut parts: Vec<(f32, usize)> = vec![];
        for sample in samples {
            match parts.last_mut() {
                Some((last, times)) if (*last - sample).abs() < f32::EPSILON => *times += 1,
                _ => parts.push((sample, 1)),
            }
        }
        let lengths: Vec<_> = parts.iter().map(|(_, times)| *times).collect();
        assert_eq!(lengths, [1600, 4800, 800, 32_000]);
    }

    #[test]
    fn a_chime_is_left_out_but_not_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let mut take = take(folder.path());
        take.deafen(true);
        assert_eq!(take.add(&vec![0.1; 8000]), Ok(Goes::On));
        assert!(take.is_empty());
        take.deafen(false);
        take.add(&[0.2; 100]).unwrap();
        take.deafen(true);
        for _ in 0..10 {
            take.add(&[0.3; 2000]).unwrap();
        }
        assert_eq!(take.samples, 100 + 20_000 - 16_000);
    }

    #[test]
    fn a_stop_is_followed_by_the_tail() {
        let folder = tempfile::tempdir().unwrap();
        let mut take = take(folder.path());
        assert_eq!(
            take.stop(),
            Goes::End,
            "there is nothing a tail could follow"
        );
        take.tail = None;
        take.add(&[0.1; 320]).unwrap();
        assert_eq!(take.stop(), Goes::On);
        let goes: Vec<Goes> = (0..5).map(|_| take.add(&[0.1; 320]).unwrap()).collect();
        assert_eq!(goes, [Goes::On, Goes::On, Goes::On, Goes::On, Goes::End]);
    }

    #[test]
    fn a_stop_in_silence_waits_for_no_more_of_it() {
        let folder = tempfile::tempdir().unwrap();
        // The detector needs a moment itself to know that it is silent.
        for (silent, waits) in [(0, true), (60, true), (250, false), (900, false)] {
            let mut take = take(folder.path());
            take.add(&like_speech(1000)).unwrap();
            take.add(&vec![0.0; silent * 16]).unwrap();
            assert_eq!(take.stop() == Goes::On, waits, "{silent} ms");
            take.discard();
        }
    }

    #[test]
    fn a_recording_is_as_long_with_noise_taken_out_as_without() {
        let folder = tempfile::tempdir().unwrap();
        let polish = Polish {
            noise: true,
            gain: true,
        };
        let mut take = Take::begin(TurnId(1), folder.path(), LIMITS, polish).unwrap();
        for block in like_speech(1007).chunks(320) {
            assert_eq!(take.add(block), Ok(Goes::On));
        }
        let taken = take.end(None);
        assert!(taken.error.is_none() && taken.recorded.speech);
        let file = std::fs::File::open(file_of(folder.path(), TurnId(1))).unwrap();
        let mut samples = vec![];
        let mut sound = crate::sound::unpacked::Unpacked::open(file).unwrap();
        sound.read(1 << 30, &mut samples).unwrap();
        assert_eq!(samples.len(), like_speech(1007).len());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_full_disk_ends_it_and_is_told() {
        let path = Path::new("/dev/full");
        let full = std::fs::File::options().write(true).open(path).unwrap();
        let recorder = Recorder::into(full, path, RATE, LIMITS.longest).unwrap();
        let mut take = Take::into(recorder, TurnId(1), path.to_owned(), LIMITS);
        let error = (0..100).find_map(|_| take.add(&[0.1; 320]).err()).unwrap();
        let path = path.to_owned();
        assert_eq!(error, SoundError::NoSpace { path });
        let taken = take.end(Some(error.clone()));
        assert_eq!(taken.error, Some(error));
        assert!(taken.recorded.loudness.peak_db > -21.0);
    }

    #[test]
    fn what_is_discarded_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let take = take(folder.path());
        assert!(file_of(folder.path(), TurnId(1)).exists());
        take.discard();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
