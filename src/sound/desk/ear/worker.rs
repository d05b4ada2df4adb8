//! What the thread of an ear does.

use super::call::Call;
use super::{EarNote, EarSettings, METER};
use crate::core::ids::TurnId;
use crate::core::sound::{RATE, SoundEvent};
use crate::sound::desk::doors::Doors;
use crate::sound::desk::line::{Arrived, Came, Line};
use crate::sound::desk::send::{Feed, Tap};
use crate::sound::desk::take::{Goes, Take, loudness};
use crate::sound::desk::{Note, Notes};
use crate::sound::level::Meter;
use crate::sound::pace::now;
use crate::sound::vad::Vad;
use crate::sound::{Capture, Polled, SoundError, Way, block};
use std::collections::VecDeque;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

/// A tail that is so late does not come: the microphone gives nothing any more.
const LATE: Duration = Duration::from_millis(500);

/// The thread itself.
pub(super) struct Worker {
    settings: EarSettings,
    line: Line<Capture>,
    take: Option<Take>,
    /// The call that goes on, and whether the microphone is closed to it.
    call: Option<Box<Call>>,
    muted: bool,
    /// The next recording is sent while it is made.
    feed: Option<Feed>,
    /// All of the next call goes here.
    tap: Option<Tap>,
    /// Hears what is only metered.
    vad: Vad,
    /// What was heard before a recording, and how much of that is kept.
    before: VecDeque<f32>,
    room: usize,
    name: String,
    /// When something was heard last, and whether the microphone is another since.
    heard: Option<Instant>,
    moved: bool,
    /// It was told that a call is without a microphone.
    vain: bool,
    meter: Meter,
    metered: Instant,
    /// What the stream had lost when that was asked last.
    counted: u64,
    /// When a recording that was stopped is over even if its tail does not come.
    over_at: Option<Instant>,
    seen: u64,
    /// As many were seen when it told last that it rests.
    rested: u64,
    desk: Notes,
}

impl Worker {
    pub(super) fn new(
        settings: EarSettings,
        doors: Arc<Doors>,
        post: impl Fn(Arrived<Capture>) + Send + Sync + 'static,
        desk: Notes,
    ) -> Self {
        let room = settings.preroll.as_millis() as usize * RATE as usize / 1000;
        Self {
            line: Line::new(doors, settings.wish.clone(), settings.pace, post),
            take: None,
            call: None,
            muted: false,
            feed: None,
            tap: None,
            vad: Vad::default(),
            before: VecDeque::with_capacity(room),
            room,
            settings,
            name: String::new(),
            heard: None,
            moved: false,
            vain: false,
            meter: Meter::default(),
            metered: now(),
            counted: 0,
            over_at: None,
            seen: 0,
            rested: 0,
            desk,
        }
    }

    pub(super) fn run(mut self, inbox: &mpsc::Receiver<EarNote>) {
        let mut samples = vec![];
        if self.settings.meter {
            // Another would tell of itself what is asked of this one.
            self.line.only();
            let came = self.line.open();
            self.came(came);
        }
        loop {
            let waits = self.listen(&mut samples);
            if self.over_at.is_some_and(|at| at <= now()) {
                self.finish(None);
            }
            self.rest();
            let note = match self.until(waits) {
                None => inbox.recv().ok(),
                Some(Duration::ZERO) => match inbox.try_recv() {
                    Ok(note) => Some(note),
                    Err(mpsc::TryRecvError::Empty) => continue,
                    Err(mpsc::TryRecvError::Disconnected) => None,
                },
                Some(limit) => match inbox.recv_timeout(limit) {
                    Ok(note) => Some(note),
                    Err(mpsc::RecvTimeoutError::Timeout) => {
                        let came = self.line.look();
                        self.came(came);
                        continue;
                    }
                    Err(mpsc::RecvTimeoutError::Disconnected) => None,
                },
            };
            match note {
                None | Some(EarNote::Close) => break,
                Some(note) => self.note(note),
            }
        }
        self.finish(None);
        self.hang_up();
        drop(self.line.close());
        self.post(Note::EarGone);
    }

    /// How long to wait for a note. `None` is for ever: then nothing runs.
    fn until(&mut self, waits: bool) -> Option<Duration> {
        let look = self.line.look_every();
        if self.line.stream().is_some() {
            return Some(if waits { look } else { Duration::ZERO });
        }
        let deadline = self.line.deadline()?;
        Some(deadline.saturating_duration_since(now()).max(look))
    }

    fn note(&mut self, note: EarNote) {
        let came = match note {
            EarNote::Arrived(arrived) => {
                // A stream that is replaced has lost what it lost.
                let lost = self.lost();
                let came = self.line.arrived(arrived);
                let is_new = matches!(came, Came::Open(..));
                if is_new {
                    (self.counted, self.moved) = (0, true);
                }
                if let Some(take) = &mut self.take {
                    take.lost(lost);
                    if is_new {
                        take.moved();
                    }
                }
                if let Some(call) = self.call.as_mut().filter(|_call| is_new) {
                    call.moved();
                }
                came
            }
            EarNote::Use(wish) => {
                self.seen += 1;
                let lost = self.lost();
                if let Some(take) = &mut self.take {
                    take.lost(lost);
                }
                self.line.wish(wish)
            }
            EarNote::Record { clip, fresh } => {
                self.seen += 1;
                self.record(clip, fresh)
            }
            EarNote::Attend { clip } => {
                self.seen += 1;
                self.attend(clip)
            }
            EarNote::Live(feed) => {
                self.seen += 1;
                match &mut self.call {
                    Some(call) => call.live(feed),
                    None => self.feed = Some(feed),
                }
                Came::Nothing
            }
            EarNote::Stream(tap) => {
                self.seen += 1;
                match &mut self.call {
                    Some(call) => call.stream(tap),
                    None => self.tap = Some(tap),
                }
                Came::Nothing
            }
            EarNote::HangUp => {
                self.seen += 1;
                self.hang_up();
                Came::Nothing
            }
            EarNote::Mute(muted) => {
                self.seen += 1;
                self.mute(muted)
            }
            EarNote::KeepOpen(open) => {
                self.seen += 1;
                if let Some(call) = &mut self.call {
                    call.keep_open(open);
                }
                Came::Nothing
            }
            EarNote::Far(far) => {
                if let Some(call) = &mut self.call {
                    call.hear(far);
                }
                Came::Nothing
            }
            EarNote::Stop { clip } => {
                self.seen += 1;
                if let Some(take) = self.take.as_mut().filter(|take| take.clip == clip) {
                    self.over_at = Some(now() + self.settings.limits.tail + LATE);
                    if take.stop() == Goes::End || self.line.stream().is_none() {
                        self.finish(None);
                    }
                }
                Came::Nothing
            }
            EarNote::Discard { clip } => {
                self.seen += 1;
                if let Some(take) = self.take.take_if(|take| take.clip == clip) {
                    take.discard();
                    self.close();
                }
                Came::Nothing
            }
            EarNote::Deaf(deaf) => {
                self.seen += 1;
                if let Some(take) = &mut self.take {
                    take.deafen(deaf);
                }
                Came::Nothing
            }
            EarNote::Close => Came::Nothing,
        };
        self.came(came);
    }

    fn attend(&mut self, clip: TurnId) -> Came {
        self.finish(None);
        let settings = &self.settings;
        let (echo, polish) = (settings.echo, settings.polish.call);
        let begin = || Call::new(echo, polish, settings.folder.clone(), self.desk.clone());
        let call = self.call.get_or_insert_with(|| Box::new(begin()));
        if let Some(feed) = self.feed.take() {
            call.live(feed);
        }
        if let Some(tap) = self.tap.take() {
            call.stream(tap);
        }
        call.attend(clip);
        if self.muted {
            Came::Nothing
        } else {
            self.line.open()
        }
    }

    /// Ends the call, if there is one: what is being said is told, and the microphone is closed.
    fn hang_up(&mut self) {
        (self.muted, self.vain) = (false, false);
        if let Some(mut call) = self.call.take() {
            drop(self.line.close());
            call.finish();
        }
    }

    fn mute(&mut self, muted: bool) -> Came {
        let Some(call) = &mut self.call else {
            return Came::Nothing;
        };
        (self.muted, self.vain) = (muted, false);
        if muted {
            drop(self.line.close());
            call.finish();
            Came::Nothing
        } else {
            self.line.open()
        }
    }

    fn record(&mut self, clip: TurnId, fresh: bool) -> Came {
        self.hang_up();
        // The microphone that is open may stay so.
        if let Some(take) = self.take.take() {
            self.end(take, None);
        }
        let (limits, polish) = (self.settings.limits, self.settings.polish.recording);
        match Take::begin(clip, &self.settings.folder, limits, polish) {
            Ok(mut take) => {
                take.feed(self.feed.take_if(|feed| feed.turn() == clip));
                self.take = Some(take);
            }
            Err(error) => {
                self.trouble(Some(clip), error, false);
                self.close();
                return Came::Nothing;
            }
        }
        if fresh {
            self.before.clear();
        }
        if self.line.stream().is_none() {
            self.before.clear();
            return self.line.open();
        }
        // What was lost before is no part of it.
        self.lost();
        let before: Vec<f32> = self.before.drain(..).collect();
        for piece in before.chunks(block(RATE)) {
            self.keep(piece);
        }
        Came::Nothing
    }

    /// Takes what the microphone has. Tells whether more must be waited for.
    fn listen(&mut self, samples: &mut Vec<f32>) -> bool {
        let Some(stream) = self.line.stream() else {
            return true;
        };
        let polled = stream.poll(samples);
        if !samples.is_empty() {
            self.line.works();
            self.heard(samples.len());
            self.keep(samples);
            self.meter(samples);
        }
        match polled {
            Ok(Polled::Block) => false,
            Ok(Polled::Nothing) => {
                self.line.rests();
                true
            }
            Ok(Polled::End) => {
                self.finish(None);
                if let Some(call) = &mut self.call {
                    call.finish();
                }
                drop(self.line.close());
                true
            }
            Err(error) => {
                let lost = self.lost();
                if let Some(take) = &mut self.take {
                    take.lost(lost);
                }
                if self.over_at.is_some() {
                    // Nobody speaks any more.
                    self.finish(None);
                    return true;
                }
                let came = self.line.lost(error);
                self.came(came);
                true
            }
        }
    }

    /// Something is heard. If the microphone is another, what is being said lacks the time since
    /// the one before was heard.
    fn heard(&mut self, samples: usize) {
        let now = now();
        let last = self.heard.replace(now);
        let (true, Some(last)) = (std::mem::take(&mut self.moved), last) else {
            return;
        };
        let these = Duration::from_secs_f64(samples as f64 / f64::from(RATE));
        let away = now.saturating_duration_since(last).saturating_sub(these);
        match (&mut self.take, &mut self.call) {
            (Some(take), _) => take.away(away),
            (None, Some(call)) => call.away(away),
            (None, None) => {}
        }
    }

    fn keep(&mut self, samples: &[f32]) {
        if self.call.is_some() {
            let lost = self.lost();
            if let Some(call) = &mut self.call {
                call.add(samples, lost, &self.name, &mut self.meter);
            }
            return;
        }
        let Some(take) = &mut self.take else {
            if self.room > 0 {
                self.before.extend(samples);
                let surplus = self.before.len().saturating_sub(self.room);
                self.before.drain(..surplus);
            } else if self.settings.meter {
                self.vad.add(samples);
            }
            return;
        };
        let clip = take.clip;
        let was_empty = take.is_empty();
        let goes = take.add(samples);
        if was_empty && !take.is_empty() {
            let device = self.name.clone();
            self.say(SoundEvent::Hearing { clip, device });
        }
        match goes {
            Ok(Goes::On) => {}
            Ok(Goes::Mute) => {
                let device = self.name.clone();
                self.trouble(None, SoundError::Mute { device }, true);
            }
            Ok(Goes::End) => self.finish(None),
            Err(error) => self.finish(Some(error)),
        }
    }

    fn meter(&mut self, samples: &[f32]) {
        let speech = match (&self.call, &self.take, self.settings.meter) {
            // It was metered without what is played.
            (Some(call), _, _) => call.is_speaking(),
            (None, Some(take), _) => take.is_speaking(),
            (None, None, true) => self.vad.is_speaking(),
            (None, None, false) => return,
        };
        if self.call.is_none() {
            self.meter.add(samples);
        }
        let now = now();
        if now.saturating_duration_since(self.metered) < METER {
            return;
        }
        self.metered = now;
        let meter = std::mem::take(&mut self.meter);
        self.say(SoundEvent::Level {
            way: Way::In,
            loudness: loudness(meter.level()),
            speech,
        });
    }

    /// What the microphone has lost since this was asked last.
    fn lost(&mut self) -> u64 {
        let gauge = self.line.stream().map(|stream| stream.gauge());
        let lost = gauge.map_or(0, |gauge| gauge.dropped() + gauge.gaps());
        lost.saturating_sub(std::mem::replace(&mut self.counted, lost))
    }

    /// Ends a recording, if there is one: the microphone is closed before that is told.
    fn finish(&mut self, error: Option<SoundError>) {
        self.over_at = None;
        let Some(mut take) = self.take.take() else {
            return;
        };
        take.lost(self.lost());
        self.close();
        self.end(take, error);
    }

    /// Closes the microphone, unless it is to stay open.
    fn close(&mut self) {
        if self.room == 0 && !self.settings.meter {
            drop(self.line.close());
        }
    }

    fn end(&mut self, mut take: Take, error: Option<SoundError>) {
        self.over_at = None;
        take.lost(self.lost());
        let clip = take.clip;
        match error {
            // With nothing in it, there is nothing to tell but why.
            Some(error) if take.is_empty() => {
                take.discard();
                self.trouble(Some(clip), error, false);
            }
            error => {
                let taken = take.end(error);
                let device = || self.name.clone();
                let mute = taken.mute.then(|| SoundError::Mute { device: device() });
                let error = taken.error.clone().or(mute);
                self.post(Note::Taken(Box::new(taken)));
                if let Some(error) = error {
                    self.trouble(Some(clip), error, false);
                }
            }
        }
    }

    /// Tells once that there is nothing to record for now.
    fn rest(&mut self) {
        if self.take.is_none() && self.call.is_none() && self.rested != self.seen {
            self.rested = self.seen;
            self.post(Note::EarRests(self.seen));
        }
    }

    fn came(&mut self, came: Came) {
        match came {
            Came::Nothing => {}
            Came::Open(id, name) => {
                self.vain = false;
                self.name.clone_from(&name);
                self.vad.moved();
                if !self.settings.meter {
                    self.post(Note::At(Way::In, id, name));
                }
            }
            Came::Looking(error) => self.trouble(None, error, true),
            Came::Vain(error) if self.take.is_some() => self.finish(Some(error)),
            Came::Vain(error) => self.vain(error),
        }
    }

    /// There is no microphone. A call goes on without one, and takes the next that is there.
    fn vain(&mut self, error: SoundError) {
        let told = match &mut self.call {
            Some(call) => {
                call.gone();
                self.line.again_later();
                std::mem::replace(&mut self.vain, true)
            }
            None => false,
        };
        if !told {
            self.trouble(None, error, false);
        }
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
