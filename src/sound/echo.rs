//! Takes what the loudspeaker plays out of what the microphone hears, and says how well that
//! works, so that nobody takes the assistant's own voice for the user's.
//!
//! The work is that of a [`Canceller`], which gets both ends by turns in frames of 10 ms: what was
//! played ([`Far`]) always before what was heard. Time never stops for it: where nothing is played,
//! or nobody says what is, that is silence. Where it works too badly the microphone is deaf while
//! the loudspeaker speaks, and a while longer.

mod cushion;
mod gauge;
mod sonora;

use super::far::Far;
use super::level::level;
use super::polish::Polish;
use super::vad::RATE;
use cushion::Cushion;
use gauge::Cancelled;
use std::collections::VecDeque;

pub use sonora::Sonora;

/// The samples of a frame: 10 ms.
pub const FRAME: usize = RATE as usize / 100;
/// As loud as this is something that is played: -60 dB.
const PLAYED: f32 = 0.001;
/// So many frames after something was played its echo is over: the way through the devices and
/// the room takes up to 300 ms.
const LINGERS: u32 = 40;
/// So many frames after the two got out of step a canceller may leave more than it usually does.
const UNSURE: u32 = 60;
/// So much of what is heard may be the loudspeaker meanwhile.
const LEAKS: f32 = 0.7;

/// Takes one sound out of another.
pub trait Canceller: Send {
    /// The next 10 ms of what is played.
    fn far(&mut self, frame: &[f32; FRAME]);
    /// The next 10 ms of what is heard, which become what is left of them.
    fn near(&mut self, frame: &mut [f32; FRAME]);
}

/// When the loudspeaker is taken out of the microphone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EchoMode {
    /// Always; and where it works too badly, the microphone is deaf while the loudspeaker speaks.
    #[default]
    Auto,
    /// Always, and nothing else is done about it.
    On,
    /// Never: the loudspeaker is on somebody's ears.
    Off,
}

/// What is known of 10 ms of sound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Heard {
    /// Something is played, or its echo is in the air.
    pub played: bool,
    /// The microphone is deaf for it.
    pub deaf: bool,
    /// How loud what is left of the loudspeaker alone may be.
    pub left: f32,
}

impl Heard {
    /// Silence, and nothing played.
    pub const NOTHING: Self = Self {
        played: false,
        deaf: false,
        left: 0.0,
    };

    /// What is known of it together with the 10 ms behind it.
    pub fn join(&mut self, next: Self) {
        self.played |= next.played;
        self.deaf |= next.deaf;
        self.left = self.left.max(next.left);
    }
}

/// The echo of a call.
pub struct Echo {
    canceller: Option<Box<dyn Canceller>>,
    /// Makes a soft voice louder, once it is known what is left of the loudspeaker.
    gain: Option<Box<dyn Canceller>>,
    cancelled: Cancelled,
    mode: EchoMode,
    far: Option<Box<Far>>,
    /// What was played, in step with what is heard.
    played: Cushion,
    read: Vec<f32>,
    /// What was heard, at [`RATE`], until a frame is full.
    heard: VecDeque<f32>,
    /// Frames since something was played that can be heard.
    silent: u32,
    /// For so many frames the canceller may leave more than usual.
    unsure: u32,
}

impl Echo {
    /// With nothing played yet.
    pub fn new(mode: EchoMode, polish: Polish) -> Self {
        let cancels = mode != EchoMode::Off;
        let works = |echo: bool, noise: bool, gain: bool| {
            let works = Box::new(Sonora::new(echo, Polish { noise, gain })) as Box<_>;
            (echo || noise || gain).then_some(works)
        };
        Self {
            canceller: works(cancels, polish.noise, false),
            gain: works(false, false, polish.gain),
            cancelled: Cancelled::default(),
            mode,
            far: None,
            played: Cushion::default(),
            read: vec![],
            heard: VecDeque::new(),
            silent: LINGERS,
            unsure: 0,
        }
    }

    /// This is what is played from here on.
    pub fn hear(&mut self, far: Box<Far>) {
        self.far = Some(far);
        self.played.begin();
        self.cancelled.replaced();
    }

    /// The microphone is another from here on.
    pub fn moved(&mut self) {
        self.heard.clear();
        self.played.begin();
        self.cancelled.moved();
    }

    /// What is played is softer from here on, or as loud as it was.
    pub fn duck(&self, ducked: bool) {
        if let Some(far) = &self.far {
            far.duck(ducked);
        }
    }

    /// How many decibels of what is played are taken out, or that nothing of it is heard anyway;
    /// and whether the microphone hears while something is. `None` while nothing is played, or
    /// nothing is known yet.
    pub fn cancelled(&self) -> Option<(Option<f32>, bool)> {
        let played = self.mode != EchoMode::Off && self.silent < LINGERS;
        let db = self.cancelled.decibels();
        let known = played && (db.is_some() || self.cancelled.is_trusted());
        known.then(|| (db, !self.is_deaf()))
    }

    fn is_deaf(&self) -> bool {
        self.mode == EchoMode::Auto && !self.cancelled.is_trusted()
    }

    /// Takes what the microphone heard, and gives what is left of it in frames. `speaking`:
    /// somebody does, so what is left is not that of the loudspeaker.
    pub fn add(
        &mut self,
        heard: &[f32],
        speaking: bool,
        mut give: impl FnMut(&[f32; FRAME], Heard),
    ) {
        self.heard.extend(heard);
        while self.heard.len() >= FRAME {
            let mut frame = taken(&mut self.heard);
            self.play();
            let heard = level(&frame).rms;
            if let Some(canceller) = &mut self.canceller {
                canceller.near(&mut frame);
            }
            let rms = level(&frame).rms;
            // Where no echo is cancelled, what is gone was noise.
            let before = if self.mode == EchoMode::Off {
                rms
            } else {
                heard
            };
            let played = self.silent < LINGERS;
            self.cancelled.add(before, rms, played, speaking);
            let mut left = self.cancelled.left(before);
            if self.unsure > 0 {
                left = left.max(before * LEAKS);
            }
            if let Some(gain) = &mut self.gain {
                gain.near(&mut frame);
                left *= level(&frame).rms / rms.max(f32::MIN_POSITIVE);
            }
            let deaf = played && self.is_deaf();
            let told = Heard { played, deaf, left };
            give(&frame, told);
        }
    }

    /// Hands the canceller what was played while the next frame was heard.
    fn play(&mut self) {
        self.read.clear();
        if let Some(far) = &mut self.far {
            far.read(&mut self.read);
        }
        self.far.take_if(|far| far.is_over());
        let played = self.played.next(&self.read, self.cancelled.works());
        self.unsure = if played.slipped {
            UNSURE
        } else {
            self.unsure.saturating_sub(1)
        };
        self.silent = self.silent.saturating_add(1);
        self.give(&played.frame);
        for _ in 0..played.lost {
            if let Some(canceller) = &mut self.canceller {
                canceller.near(&mut [0.0; FRAME]);
            }
            let frame = self.played.take();
            self.give(&frame);
        }
    }

    /// Hands the canceller a frame of what was played.
    fn give(&mut self, frame: &[f32; FRAME]) {
        if level(frame).rms > PLAYED {
            self.silent = 0;
        }
        if let Some(canceller) = &mut self.canceller {
            canceller.far(frame);
        }
    }
}

/// The first frame of what there is.
fn taken(samples: &mut VecDeque<f32>) -> [f32; FRAME] {
    let mut frame = [0.0; FRAME];
    for (to, from) in frame.iter_mut().zip(samples.drain(..FRAME)) {
        *to = from;
    }
    frame
}
