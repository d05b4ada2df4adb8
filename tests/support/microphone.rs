//! A program with a microphone (`--mic stdin`) into which a test says what it wants when it wants
//! to: silence until a cue comes, then words, then silence until the next one.
//!
//! So no test has to guess how long a busy machine takes before it is ready to hear: the cue is
//! what the program has told, or what a server has seen of it.

use super::tones;
use std::io::{BufRead as _, BufReader, Write};
use std::process::{Child, Output};
use std::sync::{Arc, Mutex};
use std::thread::{JoinHandle, spawn};

/// Raw samples have three times the rate of recordings.
const TIMES: usize = 3;
/// How long a piece of silence is, in samples of a recording: 20 ms.
const PIECE: usize = tones::RATE as usize / 50;

/// What is said, and when.
pub struct Cue {
    /// Looks at what the program has told so far.
    when: Box<dyn Fn(&str) -> bool + Send>,
    samples: Vec<i16>,
}

impl Cue {
    /// As soon as this is so.
    pub fn when(is: impl Fn() -> bool + Send + 'static, samples: Vec<i16>) -> Self {
        Self {
            when: Box::new(move |_told| is()),
            samples,
        }
    }

    /// As soon as the program has told this.
    pub fn told(what: &str, samples: Vec<i16>) -> Self {
        let what = what.to_owned();
        Self {
            when: Box::new(move |told| told.contains(&what)),
            samples,
        }
    }
}

/// Waits for the end of a program, whose three streams are pipes, and speaks to it meanwhile.
pub fn hold(mut child: Child, cues: Vec<Cue>) -> Output {
    let told = Arc::<Mutex<String>>::default();
    let (out, noted) = (child.stdout.take().unwrap(), Arc::clone(&told));
    let reader = spawn(move || {
        for line in BufReader::new(out).lines() {
            let mut told = noted.lock().unwrap();
            told.push_str(&line.unwrap());
            told.push('\n');
        }
    });
    let speaker = speak(child.stdin.take().unwrap(), Arc::clone(&told), cues);
    let mut output = child.wait_with_output().unwrap();
    reader.join().unwrap();
    speaker.join().unwrap();
    output.stdout = std::mem::take(&mut *told.lock().unwrap()).into_bytes();
    output
}

/// Speaks until nobody hears it any more. It is heard as fast as time goes by, which paces this.
fn speak(
    mut into: impl Write + Send + 'static,
    told: Arc<Mutex<String>>,
    cues: Vec<Cue>,
) -> JoinHandle<()> {
    spawn(move || {
        let mut cues = cues.into_iter().peekable();
        loop {
            let cue = cues.next_if(|cue| (cue.when)(&told.lock().unwrap()));
            let samples = cue.map_or_else(|| vec![0; PIECE], |cue| cue.samples);
            let bytes = samples.iter().flat_map(|one| [one.to_le_bytes(); TIMES]);
            if into
                .write_all(&bytes.flatten().collect::<Vec<u8>>())
                .is_err()
            {
                return;
            }
        }
    })
}
