//! A room in which nobody speaks until a test lets them: a pipe in the place of a microphone.

use crate::house::{House, hummed};
use crate::support::tones;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::process::Command;
use std::sync::mpsc;

/// The words of it do not matter where the ears know what they hear.
pub(crate) const WORDS: [&str; 5] = ["what", "is", "two", "plus", "three"];

/// Somebody in front of a microphone.
pub(crate) struct Room {
    /// What `--mic` is told.
    pub(crate) microphone: String,
    says: mpsc::Sender<Vec<i16>>,
}

impl Room {
    pub(crate) fn new(house: &House) -> Self {
        let path = house.path("microphone.wav");
        assert!(
            Command::new("mkfifo")
                .arg(&path)
                .status()
                .unwrap()
                .success()
        );
        let (says, told) = mpsc::channel::<Vec<i16>>();
        let microphone = format!("file:{}", path.display());
        std::thread::spawn(move || {
            // Each time the microphone is opened, and until the test is over.
            while let Ok(mut ear) = OpenOptions::new().write(true).open(&path) {
                let mut heard = ear.write_all(&tones::wav_claiming(&[], tones::RATE, u32::MAX));
                while heard.is_ok() {
                    let next = match told.try_recv() {
                        Ok(words) => words,
                        Err(mpsc::TryRecvError::Empty) => vec![0; 320],
                        Err(mpsc::TryRecvError::Disconnected) => return,
                    };
                    heard = ear.write_all(&tones::bytes(&next));
                }
            }
        });
        Self { microphone, says }
    }

    /// Says these words; they are heard after what the pipe holds already.
    pub(crate) fn says(&self, words: &[&str]) {
        self.says.send(hummed(tones::say(words))).unwrap();
    }
}
