//! A desk in a folder of its own, and sounds for it.

use super::*;
use crate::sound::level::to_i16;
use crate::sound::recorder::wav_writer;

/// A desk, what it tells and what it hands over.
pub(super) struct House {
    pub(super) folder: TempDir,
    pub(super) desk: Desk,
    pub(super) events: mpsc::Receiver<SoundEvent>,
    pub(super) parts: mpsc::Receiver<ClipPart>,
}

/// A test that waits longer than this has failed.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

impl House {
    /// With `mic.wav` as its microphone and `out.wav` as its loudspeaker, as fast as it goes.
    pub(super) fn new(change: impl FnOnce(&mut DeskSettings)) -> Self {
        Self::with(change, Doors::of_the_system())
    }

    pub(super) fn with(change: impl FnOnce(&mut DeskSettings), doors: Doors) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let mut settings = DeskSettings {
            microphone: Wish::File(path("mic.wav")),
            loudspeaker: Wish::File(path("out.wav")),
            pace: Pace::Fast,
            ..DeskSettings::new(path("clips"))
        };
        change(&mut settings);
        let (tell, events) = mpsc::channel();
        let (hand, parts) = mpsc::channel();
        let desk = Desk::with(
            settings,
            doors,
            move |event| drop(tell.send(event)),
            move |part| hand.send(part).is_ok(),
        );
        Self {
            folder,
            desk,
            events,
            parts,
        }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn clip(&self, clip: TurnId) -> PathBuf {
        self.path("clips").join(format!("{clip}.wav"))
    }

    /// The next event that is no meter.
    pub(super) fn next(&self) -> SoundEvent {
        loop {
            let event = self.events.recv_timeout(PATIENCE).unwrap();
            if !matches!(event, SoundEvent::Level { .. } | SoundEvent::Heard { .. }) {
                return event;
            }
        }
    }

    /// Waits for what `wanted` finds.
    pub(super) fn wait<T>(&self, wanted: impl Fn(&SoundEvent) -> Option<T>) -> T {
        loop {
            let event = self.events.recv_timeout(PATIENCE).unwrap();
            if let Some(found) = wanted(&event) {
                return found;
            }
        }
    }

    pub(super) fn recorded(&self) -> Recorded {
        self.wait(|event| match event {
            SoundEvent::Recorded { recorded, .. } => Some(*recorded),
            _ => None,
        })
    }

    pub(super) fn spoken(&self, turn: TurnId) {
        self.wait(|event| (*event == SoundEvent::Spoken { turn }).then_some(()));
    }

    /// Closes the desk, and reads what its loudspeaker wrote.
    pub(super) fn played(&self) -> Vec<f32> {
        self.desk.close(PATIENCE);
        read(&self.path("out.wav")).1
    }

    /// What was handed over of one recording.
    pub(super) fn handed(&self) -> Vec<ClipPart> {
        let mut parts = vec![];
        loop {
            let part = self.parts.recv_timeout(PATIENCE).unwrap();
            let over = matches!(part, ClipPart::End { .. } | ClipPart::Broken { .. });
            parts.push(part);
            if over {
                return parts;
            }
        }
    }

    pub(super) fn record(&self, clip: TurnId) {
        self.desk.ask(SoundOrder::Record { clip });
    }

    pub(super) fn say(&self, turn: TurnId, rate: u32, samples: Vec<i16>) {
        let sound = Sound::Samples { rate, samples };
        self.desk.speech(Speech::More { turn, sound });
    }

    pub(super) fn end(&self, turn: TurnId) {
        self.desk.speech(Speech::End { turn });
    }
}

pub(super) fn write(path: &Path, rate: u32, samples: &[f32]) {
    let mut writer = wav_writer(File::create(path).unwrap(), rate).unwrap();
    for sample in samples {
        writer.write_sample(to_i16(*sample)).unwrap();
    }
    writer.finalize().unwrap();
}

pub(super) fn read(path: &Path) -> (u32, Vec<f32>) {
    let mut wav = Unpacked::open(File::open(path).unwrap()).unwrap();
    let mut samples = vec![];
    wav.read(1 << 30, &mut samples).unwrap();
    (wav.rate(), samples)
}

pub(super) fn silence(ms: usize) -> Vec<f32> {
    vec![0.0; ms * 16]
}

/// A tone at 16 kHz.
pub(super) fn tone(ms: usize) -> Vec<f32> {
    (0..ms * 16)
        .map(|n| (n as f32 * 0.2).sin() * 0.25)
        .collect()
}

/// What a detector takes for speech.
pub(super) fn speech(ms: usize) -> Vec<f32> {
    crate::sound::vad::like_speech(ms)
}

/// Samples that can be told from each other, one value for each millisecond.
pub(super) fn count(samples: usize) -> Vec<f32> {
    (0..samples)
        .map(|n| from_i16((n / 16 + 1) as i16))
        .collect()
}
