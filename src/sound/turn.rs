//! Decides when somebody begins to speak in a call, and when what they say is complete. Pure.
//!
//! It is told of each frame of 16 ms how much it is like speech, and whether it is louder than
//! what the canceller leaves of the loudspeaker. While something is played it is harder to
//! begin, and a first sign is told before it is certain. How long a pause is waited out depends
//! on what was said, and on how this speaker pauses.

use super::vad::{FRAME, RATE};
use std::time::Duration;

/// A frame that scores so much may begin a turn.
const START: f32 = 0.7;
/// So much, while something is played and hardly less is left of it than that ...
const LOUD_START: f32 = 0.8;
/// ... or so much, if far less is left.
const SURE_START: f32 = 0.6;
/// So much is a first sign of it.
const SIGN: f32 = 0.4;
/// Speech is so many times louder than what is left of the loudspeaker: 6 dB.
const CLEAR: f32 = 2.0;
/// So many times louder is far less left: 12 dB.
const SURE: f32 = 4.0;
/// One that scores so much keeps it going.
const KEEP: f32 = 0.6;
/// A turn begins when three of the last five frames say so ...
const NEEDED: u32 = 3;
const OF: u32 = 5;
/// ... or, while something is played, four of six.
const LOUD_NEEDED: u32 = 4;
const LOUD_OF: u32 = 6;
/// Speech began so many frames before the first that was known for it: 50 ms.
const LATE: u32 = 3;

/// How long a frame is.
const FRAME_MS: u32 = FRAME as u32 * 1000 / RATE;
/// Somebody speaks for certain when they have for so long ...
const CERTAIN: u32 = frames(200);
/// ... with so much speech in it, if what is played hides a part of it.
const MOSTLY: u32 = frames(112);
/// What has less speech than this is none.
const LEAST: u32 = frames(160);
/// Speech into what is played that stops for so long before it is certain was none.
const DOUBT: u32 = frames(200);
/// Silence shorter than this is none: words have stops.
const STOP: u32 = frames(96);
/// The longest that somebody may speak.
const LONGEST: u32 = frames(30_000);

/// Speech shorter than this may be only its beginning.
const SHORT: u32 = frames(800);
/// Whoever spoke so long knew what they wanted to say.
const LONG: u32 = frames(3000);
/// Who goes on so soon after they were taken to be done was not.
const WENT_ON: u32 = frames(1500);
/// How much longer, or shorter, a pause is waited out than before.
const STEP: u32 = frames(150);
/// The longest that a pause is waited out.
const MOST: u32 = frames(1200);

const fn frames(ms: u32) -> u32 {
    ms.div_ceil(FRAME_MS)
}

/// A frame of sound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// How much it is like speech, from 0 to 1.
    pub score: f32,
    /// So many times louder is it than what is left of the loudspeaker.
    pub over: f32,
    /// The loudspeaker is heard.
    pub played: bool,
}

impl Frame {
    /// It is no rest of what is played.
    fn is_clear(&self) -> bool {
        !self.played || self.over >= CLEAR
    }

    fn may_start(&self) -> bool {
        let least = match (self.played, self.over >= SURE) {
            (false, _) => START,
            (true, false) => LOUD_START,
            (true, true) => SURE_START,
        };
        self.score >= least && self.is_clear()
    }

    fn is_speech(&self) -> bool {
        self.score >= KEEP && self.is_clear()
    }

    fn is_sign(&self) -> bool {
        self.played && self.score >= SIGN && self.is_clear()
    }
}

/// What a frame changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Somebody may have begun to speak while something is played.
    Sign,
    /// They have not.
    NoSign,
    /// Somebody began to speak. Whoever is played gives way.
    Start,
    /// It is certain, and will be told with an end.
    Begun,
    /// Nobody speaks for the moment; so long, and it is complete.
    Pause { left: Duration },
    /// Speech goes on.
    On,
    /// It is complete.
    End,
    /// It was too short to be anything.
    Nothing,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    /// Nobody speaks. `sign`: somebody may.
    Silent {
        sign: bool,
    },
    Speaking(Speaking),
}

/// Somebody speaks.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Speaking {
    /// Frames since it began.
    length: u32,
    /// Those with speech in them.
    speech: u32,
    /// Those since the last of these.
    quiet: u32,
    begun: bool,
    /// A pause was told.
    paused: bool,
    /// Something was played when it began.
    into: bool,
}

/// Who speaks in a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Turns {
    state: State,
    /// Which of the last frames may begin a turn, the youngest in the lowest bit.
    lately: u32,
    /// How much more patience this speaker needs, in frames.
    more: u32,
    /// Frames since the last turn was complete, and how much speech it had.
    last: Option<(u32, u32)>,
    /// No pause completes what is being said.
    open: bool,
}

impl Default for Turns {
    fn default() -> Self {
        Self {
            state: State::Silent { sign: false },
            lately: 0,
            more: 0,
            last: None,
            open: false,
        }
    }
}

impl Turns {
    /// Takes the next frame.
    pub fn add(&mut self, frame: Frame) -> Option<Change> {
        if let Some((since, _)) = &mut self.last {
            *since = since.saturating_add(1);
        }
        self.lately = self.lately << 1 | u32::from(frame.may_start());
        match self.state {
            State::Silent { sign } => self.silent(sign, frame),
            State::Speaking(speaking) => self.speaking(speaking, frame),
        }
    }

    /// Somebody speaks, or only stopped for breath.
    pub fn is_speaking(&self) -> bool {
        matches!(self.state, State::Speaking(_))
    }

    /// No pause completes what is being said, until this is taken back; then one that was long
    /// enough does so at once.
    pub fn keep_open(&mut self, open: bool) {
        self.open = open;
    }

    /// Nobody speaks from here on, whatever was being said.
    pub fn cut(&mut self) {
        self.state = State::Silent { sign: false };
        self.lately = 0;
    }

    /// Nobody is heard from here on: what was being said, if anything was, is over.
    pub fn finish(&mut self) -> Option<Change> {
        self.open = false;
        match self.state {
            State::Speaking(now) => Some(self.over(now)),
            State::Silent { .. } => None,
        }
    }

    fn silent(&mut self, sign: bool, frame: Frame) -> Option<Change> {
        let (needed, of) = if frame.played {
            (LOUD_NEEDED, LOUD_OF)
        } else {
            (NEEDED, OF)
        };
        let window = self.lately & ((1 << of) - 1);
        if window.count_ones() >= needed {
            self.learn();
            self.state = State::Speaking(Speaking {
                length: of + LATE,
                speech: window.count_ones(),
                quiet: 0,
                begun: false,
                paused: false,
                into: frame.played,
            });
            return Some(Change::Start);
        }
        let may = frame.is_sign() || sign && frame.played && window > 0;
        self.state = State::Silent { sign: may };
        match (sign, may) {
            (false, true) => Some(Change::Sign),
            (true, false) => Some(Change::NoSign),
            _ => None,
        }
    }

    fn speaking(&mut self, mut now: Speaking, frame: Frame) -> Option<Change> {
        now.length += 1;
        let change = if frame.is_speech() {
            now.speech += 1;
            now.quiet = 0;
            let enough = if now.into { MOSTLY } else { LEAST };
            if !now.begun && now.length >= CERTAIN && now.speech >= enough {
                (now.begun, now.paused) = (true, false);
                Some(Change::Begun)
            } else {
                std::mem::take(&mut now.paused).then_some(Change::On)
            }
        } else {
            now.quiet += 1;
            let patience = self.patience(now.speech);
            if now.quiet >= patience && !(self.open && now.begun)
                || !now.begun && now.into && now.quiet >= DOUBT
            {
                return Some(self.over(now));
            }
            let left = patience.saturating_sub(now.quiet) * FRAME_MS;
            let left = Duration::from_millis(left.into());
            let pauses = now.quiet == STOP && !std::mem::replace(&mut now.paused, true);
            pauses.then_some(Change::Pause { left })
        };
        if now.length >= LONGEST {
            return Some(self.over(now));
        }
        self.state = State::Speaking(now);
        change
    }

    fn over(&mut self, now: Speaking) -> Change {
        self.cut();
        if !now.begun && (now.into || now.speech < LEAST) {
            return Change::Nothing;
        }
        self.last = Some((0, now.speech));
        Change::End
    }

    /// How many frames of silence say that so much speech is complete.
    fn patience(&self, speech: u32) -> u32 {
        let patience = if speech < SHORT {
            frames(900)
        } else if speech < LONG {
            frames(600)
        } else {
            frames(450)
        };
        (patience + self.more).min(MOST)
    }

    /// Somebody speaks again: were they done before?
    fn learn(&mut self) {
        self.more = match self.last.take() {
            Some((since, _)) if since <= WENT_ON => (self.more + STEP).min(MOST),
            Some((_, speech)) if speech >= LONG => self.more.saturating_sub(STEP),
            _ => self.more,
        };
    }
}

#[cfg(test)]
mod tests;
