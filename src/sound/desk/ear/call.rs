//! A call as an ear hears it: what is played is taken out of what is heard, and what is left is
//! cut into utterances, each of which becomes a recording while it is said.

use crate::core::ids::TurnId;
use crate::core::sound::SoundEvent;
use crate::sound::desk::send::{Feed, Tap};
use crate::sound::desk::take::{Limits, Take};
use crate::sound::desk::{Note, Notes};
use crate::sound::echo::EchoMode;
use crate::sound::far::Far;
use crate::sound::level::Meter;
use crate::sound::polish::Polish;
use crate::sound::sieve::Sieve;
use crate::sound::turn::{Change, Frame, Turns};
use crate::sound::vad::{FRAME, RATE};
use crate::sound::{SoundError, Way};
use std::collections::VecDeque;
use std::path::PathBuf;
use std::time::Duration;

/// What is kept of the time before somebody is known to speak: 320 ms before they began, and the
/// 260 ms that it takes at most to know.
const BEFORE: usize = 36 * FRAME;
/// What is said while nobody asks for it is kept for so many frames: half a minute.
const WAITING: usize = 30 * RATE as usize / FRAME;
/// An utterance is over long before this.
const LIMITS: Limits = Limits {
    longest: Duration::from_mins(1),
    silence: Duration::ZERO,
    tail: Duration::ZERO,
};
/// Where turns are cut from outside, it may last longer.
const LONGEST: Duration = Duration::from_mins(10);
/// How often it is told how well the echo is cancelled: once in a second of sound.
const TOLD: usize = RATE as usize;
/// Zeros for so long are no silence: the microphone is muted.
const MUTE: usize = 3 * RATE as usize;

/// A call.
pub(super) struct Call {
    folder: PathBuf,
    desk: Notes,
    sieve: Sieve,
    turns: Turns,
    /// What is said next becomes this recording.
    clip: Option<TurnId>,
    take: Option<Take>,
    /// The recording that it is for is sent while it is made.
    feed: Option<Feed>,
    /// All that is heard goes here, and who is there says where turns begin and end: what is said
    /// is recorded until the next is attended to.
    tap: Option<Tap>,
    /// It was told that somebody speaks.
    told_begun: bool,
    /// Nothing was heard since the microphone was opened.
    fresh: bool,
    /// Frames that wait until somebody asks for what is said.
    waiting: VecDeque<(Vec<f32>, Frame)>,
    before: VecDeque<f32>,
    /// Samples since it was told how well the echo is cancelled.
    told: usize,
    /// Zeros since the microphone was opened; `None` once there was something else.
    zeros: Option<usize>,
}

impl Call {
    pub(super) fn new(mode: EchoMode, polish: Polish, folder: PathBuf, desk: Notes) -> Self {
        Self {
            folder,
            desk,
            sieve: Sieve::new(mode, polish),
            turns: Turns::default(),
            clip: None,
            take: None,
            feed: None,
            tap: None,
            told_begun: false,
            fresh: true,
            waiting: VecDeque::new(),
            before: VecDeque::with_capacity(BEFORE + FRAME),
            told: 0,
            zeros: Some(0),
        }
    }

    /// What is said next becomes this recording.
    pub(super) fn attend(&mut self, clip: TurnId) {
        if self.take.as_ref().is_none_or(|take| take.clip != clip) {
            if self.tap.is_some() && self.take.is_some() {
                self.turns.cut();
                self.end(None);
            }
            self.clip = Some(clip);
            self.catch_up();
        }
    }

    /// The recording that this is for is sent while it is made.
    pub(super) fn live(&mut self, feed: Feed) {
        self.feed = Some(feed);
    }

    /// All that is heard goes here, with what was heard just before.
    pub(super) fn stream(&mut self, mut tap: Tap) {
        let before: Vec<f32> = self.before.iter().copied().collect();
        tap.add(&before);
        self.tap = Some(tap);
    }

    /// Nobody takes what is heard any more: turns are cut here again.
    fn alone(&mut self) {
        self.tap = None;
        if self.turns.is_speaking() {
            self.tell_begun();
        } else {
            self.end(None);
        }
    }

    /// This is what is played from here on.
    pub(super) fn hear(&mut self, far: Box<Far>) {
        self.sieve.hear(far);
    }

    /// The microphone is another from here on, or is open again.
    pub(super) fn moved(&mut self) {
        self.sieve.moved();
        (self.fresh, self.zeros) = (true, Some(0));
        if let Some(take) = &mut self.take {
            take.moved();
        }
    }

    /// There was no microphone for so long since something was heard last.
    pub(super) fn away(&mut self, away: Duration) {
        if let Some(take) = &mut self.take {
            take.away(away);
        }
    }

    /// What is being said is not complete until this is taken back.
    pub(super) fn keep_open(&mut self, open: bool) {
        self.turns.keep_open(open);
    }

    /// Somebody speaks, or only stopped for breath.
    pub(super) fn is_speaking(&self) -> bool {
        self.turns.is_speaking()
    }

    /// Takes what the microphone heard, of which so many samples before it were lost, and meters
    /// what is left of it.
    pub(super) fn add(&mut self, heard: &[f32], lost: u64, device: &str, meter: &mut Meter) {
        self.greet(device);
        if let Some(take) = &mut self.take {
            take.lost(lost);
        }
        self.count_zeros(heard, device);
        let mut frames = vec![];
        let keep = |samples, frame| frames.push((samples, frame));
        let left = |left: &[f32; _]| meter.add(left);
        self.sieve.add(heard, self.turns.is_speaking(), left, keep);
        for frame in frames {
            if self.tap.as_mut().is_some_and(|tap| !tap.add(&frame.0)) {
                self.alone();
            }
            if self.waiting.len() == WAITING {
                self.waiting.pop_front();
            }
            self.waiting.push_back(frame);
            self.catch_up();
        }
        self.tell_echo(heard.len());
    }

    /// The microphone hears, which is told once.
    fn greet(&mut self, device: &str) {
        let clip = self.clip.or(self.take.as_ref().map(|take| take.clip));
        if let Some(clip) = clip.filter(|_clip| self.fresh) {
            self.fresh = false;
            let device = device.to_owned();
            self.say(SoundEvent::Hearing { clip, device });
        }
    }

    fn count_zeros(&mut self, heard: &[f32], device: &str) {
        let Some(zeros) = &mut self.zeros else {
            return;
        };
        *zeros += heard.len();
        let many = *zeros >= MUTE;
        let mute = heard.iter().all(|sample| *sample == 0.0);
        if many || !mute {
            self.zeros = None;
        }
        if many && mute {
            let device = device.to_owned();
            self.trouble(None, SoundError::Mute { device }, true);
        }
    }

    fn tell_echo(&mut self, samples: usize) {
        self.told += samples;
        if self.told >= TOLD
            && let Some((cancelled_db, open)) = self.sieve.cancelled()
        {
            self.told = 0;
            self.say(SoundEvent::Echo { cancelled_db, open });
        }
    }

    /// Takes up the frames that wait, while somebody asks for what is said in them.
    fn catch_up(&mut self) {
        while (self.clip.is_some() || self.take.is_some())
            && let Some((samples, frame)) = self.waiting.pop_front()
        {
            self.segment(&samples, frame);
        }
    }

    fn segment(&mut self, samples: &[f32], frame: Frame) {
        let change = self.turns.add(frame);
        if self.take.is_some() {
            self.keep(samples);
        } else {
            self.before.extend(samples);
            let surplus = self.before.len().saturating_sub(BEFORE);
            self.before.drain(..surplus);
        }
        match change {
            None => {}
            Some(Change::Sign) => self.sieve.duck(true),
            Some(Change::NoSign) => self.sieve.duck(false),
            Some(Change::Start) => {
                self.sieve.duck(frame.played);
                self.begin();
                if frame.played {
                    // Whoever is played gives way before it is certain, and goes on if it was
                    // nothing.
                    self.tell_begun();
                }
            }
            Some(Change::Begun) => self.tell_begun(),
            Some(Change::Pause { left }) => self.patience(Some(left)),
            Some(Change::On) => self.patience(None),
            Some(Change::End) if self.tap.is_some() => self.sieve.duck(false),
            Some(Change::End) => self.end(None),
            Some(Change::Nothing) => self.discard(),
        }
    }

    fn begin(&mut self) {
        let Some(clip) = self.clip.take() else {
            return;
        };
        let limits = Limits {
            longest: self.tap.as_ref().map_or(LIMITS.longest, |_| LONGEST),
            ..LIMITS
        };
        match Take::begin(clip, &self.folder, limits, Polish::default()) {
            Ok(mut take) => {
                take.feed(self.feed.take_if(|feed| feed.turn() == clip));
                self.take = Some(take);
            }
            Err(error) => {
                self.turns.cut();
                self.sieve.duck(false);
                return self.trouble(Some(clip), error, false);
            }
        }
        let before: Vec<f32> = self.before.drain(..).collect();
        self.keep(&before);
    }

    fn tell_begun(&mut self) {
        if let Some(clip) = self.take.as_ref().map(|take| take.clip)
            && self.tap.is_none()
            && !std::mem::replace(&mut self.told_begun, true)
        {
            self.say(SoundEvent::Begun { clip });
        }
    }

    fn keep(&mut self, samples: &[f32]) {
        if let Some(take) = &mut self.take
            && let Err(error) = take.add(samples)
        {
            self.turns.cut();
            self.end(Some(error));
        }
    }

    fn end(&mut self, error: Option<SoundError>) {
        self.sieve.duck(false);
        let Some(take) = self.take.take() else {
            return;
        };
        self.told_begun = false;
        let clip = take.clip;
        let mut taken = take.end(error);
        // It would not have been recorded otherwise.
        taken.recorded.speech = true;
        let error = taken.error.clone();
        self.post(Note::Taken(Box::new(taken)));
        if let Some(error) = error {
            self.trouble(Some(clip), error, false);
        }
    }

    /// What was said was nothing: whoever speaks next is recorded in its place.
    fn discard(&mut self) {
        self.sieve.duck(false);
        if let Some(take) = self.take.take() {
            let clip = take.clip;
            self.clip.get_or_insert(clip);
            self.feed = take.discard().or(self.feed.take());
            if std::mem::take(&mut self.told_begun) {
                self.say(SoundEvent::Nothing { clip });
            }
        }
    }

    /// The microphone is gone for long: what was being said is over.
    pub(super) fn gone(&mut self) {
        match self.turns.finish() {
            Some(_) | None if self.tap.is_some() => self.sieve.duck(false),
            Some(Change::End) => self.end(None),
            Some(_) => self.discard(),
            None => {}
        }
    }

    /// The microphone is closed: what is being said is finished, and told if it was something.
    pub(super) fn finish(&mut self) {
        match self.turns.finish() {
            Some(Change::End) => self.end(None),
            _ if self.tap.is_some() => self.end(None),
            _ => self.discard(),
        }
        self.tap = None;
        self.waiting.clear();
        self.before.clear();
    }

    fn patience(&self, left: Option<Duration>) {
        if self.tap.is_some() {
            return;
        }
        let left_ms = left.map(|left| left.as_millis() as u32);
        self.say(SoundEvent::Patience { left_ms });
    }

    fn trouble(&self, clip: Option<TurnId>, error: SoundError, passing: bool) {
        let way = Way::In;
        self.say(SoundEvent::Trouble {
            way,
            clip,
            error,
            passing,
        });
    }

    fn say(&self, event: SoundEvent) {
        self.post(Note::Say(event));
    }

    fn post(&self, note: Note) {
        // A desk that is gone has nobody to tell.
        let _ = self.desk.send(note);
    }
}

#[cfg(test)]
mod tests;
