//! Hands a recording to the backend, on a thread of its own: the link takes it at its own pace.
//! One that is still being made is [`live`]'s, all of a call is [`stream`]'s.

mod live;
mod stream;

pub(super) use live::{Feed, Live};
pub(super) use stream::{Tap, stream};

use super::{Hand, Note, Notes};
use crate::codec::resample::Resampler;
use crate::core::ids::TurnId;
use crate::core::sound::{ClipPart, Hear, SoundEvent};
use crate::sound::level::to_i16;
use crate::sound::unpacked::{UnpackError, Unpacked};
use crate::sound::vad::{RATE, Span, Vad};
use crate::sound::{SoundError, Way};
use std::fs::File;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

/// A part has 100 ms at most.
const PART: usize = RATE as usize / 10;

/// Held by whoever hands on parts, from the beginning of a recording to its end: the parts of two
/// never mix.
pub(super) type Lane = Arc<Mutex<()>>;

/// What is known of a recording without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// Where somebody speaks in it, if anybody does.
    Span(Option<Span>),
    /// It was made before the program started.
    Nothing,
}

/// A recording on its way.
pub(super) struct Sending {
    pub(super) turn: TurnId,
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Sending {
    /// Begins to send, when nothing else is being sent.
    pub(super) fn start(
        hear: Hear,
        path: std::path::PathBuf,
        known: Known,
        hand: Hand,
        desk: Notes,
        lane: Lane,
    ) -> Option<Self> {
        let turn = hear.turn;
        Self::spawn(turn, move |stop| {
            let _alone = lane.lock().unwrap_or_else(PoisonError::into_inner);
            let goes_on = || !stop.load(Ordering::Relaxed);
            if let Err(error) = send(hear, &path, known, &*hand, &goes_on) {
                let _ = desk.send(Note::Say(SoundEvent::Trouble {
                    way: Way::In,
                    clip: Some(turn),
                    error,
                    passing: false,
                }));
            }
        })
    }

    /// Does the work of sending on a thread of its own.
    fn spawn(turn: TurnId, work: impl FnOnce(&AtomicBool) + Send + 'static) -> Option<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        thread::Builder::new()
            .name("sound send".to_owned())
            .spawn(move || work(&stopped))
            .ok()
            .map(|thread| Self { turn, stop, thread })
    }

    /// The rest is not wanted any more.
    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// It has ended.
    pub(super) fn is_over(&self) -> bool {
        self.thread.is_finished()
    }
}

/// A recording as it is read: blocks of a tenth of a second, whatever rate the file has.
struct Reader<'path> {
    wav: Unpacked<File>,
    path: &'path Path,
    resampler: Resampler,
    raw: Vec<f32>,
    over: bool,
}

impl<'path> Reader<'path> {
    fn open(path: &'path Path) -> Result<Self, SoundError> {
        let file = File::open(path).map_err(|error| SoundError::unreadable(path, &error))?;
        let wav = Unpacked::open(file).map_err(|error| error.of(path))?;
        let resampler = Resampler::new(wav.rate(), RATE);
        Ok(Self {
            wav,
            path,
            resampler,
            raw: vec![],
            over: false,
        })
    }

    /// Appends some samples; `false` at the end.
    fn read(&mut self, into: &mut Vec<f32>) -> Result<bool, SoundError> {
        if self.over {
            return Ok(false);
        }
        self.raw.clear();
        self.wav
            .read(PART, &mut self.raw)
            .map_err(|error| UnpackError::Io(error).of(self.path))?;
        if self.raw.is_empty() {
            self.over = true;
            self.resampler.finish(into);
        } else {
            self.resampler.add(&self.raw, into);
        }
        Ok(true)
    }
}

/// Sends what was said, without the silence around it. A recording in which nobody speaks goes
/// whole: whoever sends it nevertheless has heard something in it.
fn send(
    hear: Hear,
    path: &Path,
    known: Known,
    hand: &dyn Fn(ClipPart) -> bool,
    goes_on: &dyn Fn() -> bool,
) -> Result<(), SoundError> {
    let turn = hear.turn;
    let broken = |error| {
        hand(ClipPart::Broken { turn });
        Err(error)
    };
    let span = match known {
        Known::Span(span) => span,
        Known::Nothing => match span_of(path, goes_on) {
            Ok(span) => span,
            Err(error) => return broken(error),
        },
    };
    let mut reader = match Reader::open(path) {
        Ok(reader) => reader,
        Err(error) => return broken(error),
    };
    if !goes_on() || !hand(ClipPart::Begin(hear)) {
        return Ok(());
    }
    let Span { from, to } = span.unwrap_or(Span {
        from: 0,
        to: u64::MAX,
    });
    let (mut at, mut block, mut part) = (0, vec![], Vec::with_capacity(PART));
    loop {
        block.clear();
        match reader.read(&mut block) {
            Ok(true) if at < to => {}
            Ok(_over) => break,
            Err(error) => return broken(error),
        }
        for sample in &block {
            if (from..to).contains(&at) {
                part.push(to_i16(*sample));
            }
            at += 1;
            if part.len() == PART {
                if !goes_on() {
                    hand(ClipPart::Broken { turn });
                    return Ok(());
                }
                let samples = std::mem::replace(&mut part, Vec::with_capacity(PART));
                if !hand(ClipPart::More { turn, samples }) {
                    return Ok(());
                }
            }
        }
    }
    let rest = part.is_empty()
        || hand(ClipPart::More {
            turn,
            samples: part,
        });
    if rest {
        hand(ClipPart::End { turn });
    }
    Ok(())
}

/// Where somebody speaks in a recording.
fn span_of(path: &Path, goes_on: &dyn Fn() -> bool) -> Result<Option<Span>, SoundError> {
    let mut reader = Reader::open(path)?;
    let (mut vad, mut block) = (Vad::default(), vec![]);
    while goes_on() && reader.read(&mut block)? {
        vad.add(&block);
        block.clear();
    }
    Ok(vad.span())
}

#[cfg(test)]
mod tests;
