//! The desk's own thread: it sees to it that every order reaches whom it is for, and tells the
//! program what they say. It waits for notes and for nothing else.

use super::chimes;
use super::doors::Doors;
use super::ear::{Ear, EarNote, EarSettings};
use super::mouth::{Mouth, MouthNote};
use super::note::Note;
use super::places::Places;
use super::send::{Feed, Known, Lane, Live, Sending, Tap, stream};
use super::take::{Limits, Taken, file_of};
use super::{DeskSettings, Hand, Notes, Tell};
use crate::core::ids::TurnId;
use crate::core::sound::{Chime, Hear, SoundEvent, SoundOrder, Speech};
use crate::sound::apart::apart;
use crate::sound::device::Wish;
use crate::sound::echo::EchoMode;
use crate::sound::vad::Span;
use crate::sound::{SoundError, Way};
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

/// How many recordings are remembered by where somebody speaks in them.
const REMEMBERED: usize = 64;
/// How long a list of devices is waited for.
const LIST: Duration = Duration::from_secs(6);

pub(super) struct Worker {
    settings: DeskSettings,
    doors: Arc<Doors>,
    tell: Tell,
    hand: Hand,
    notes: Notes,
    ear: Option<Ear>,
    /// An ear that only tells how loud it is.
    meter: Option<Ear>,
    mouth: Option<Mouth>,
    /// Ears and mouths that run, those that are ending included.
    running: usize,
    recording: Option<TurnId>,
    /// A call goes on.
    call: bool,
    /// The last that was discarded while it was recorded.
    discarded: Option<TurnId>,
    expected: Option<TurnId>,
    /// What is expected is not to be heard yet.
    paused: bool,
    /// Where somebody speaks in recordings of this run.
    spans: VecDeque<(TurnId, Option<Span>)>,
    sendings: Vec<Sending>,
    lane: Lane,
    /// The recording that is sent while it is made, and the one that is to be after it.
    live: Option<Live>,
    next_live: Option<Hear>,
    /// What the ear gets for it as soon as there is one.
    feed: Option<Feed>,
    /// All of a call is sent, and what the ear gets for it as soon as there is one.
    stream: Option<Sending>,
    tap: Option<Tap>,
    places: Places,
    closing: bool,
    /// Who waits until it is closed.
    closers: Vec<mpsc::Sender<()>>,
}

impl Worker {
    /// Starts the thread.
    pub(super) fn start(
        settings: DeskSettings,
        doors: Arc<Doors>,
        tell: Tell,
        hand: Hand,
    ) -> Notes {
        let (notes, inbox) = mpsc::channel();
        let told = Arc::clone(&tell);
        let worker = Self {
            settings,
            doors,
            tell,
            hand,
            notes: notes.clone(),
            ear: None,
            meter: None,
            mouth: None,
            running: 0,
            recording: None,
            call: false,
            discarded: None,
            expected: None,
            paused: false,
            spans: VecDeque::new(),
            sendings: vec![],
            lane: Lane::default(),
            live: None,
            next_live: None,
            feed: None,
            stream: None,
            tap: None,
            places: Places::default(),
            closing: false,
            closers: vec![],
        };
        let thread = thread::Builder::new().name("sound desk".to_owned());
        if thread.spawn(move || worker.run(&inbox)).is_err() {
            told(trouble(Way::In, None, SoundError::Hung));
        }
        notes
    }

    fn run(mut self, inbox: &mpsc::Receiver<Note>) {
        // Whoever closes waits until this is dropped with the thread.
        while let Ok(note) = inbox.recv() {
            self.note(note);
            if self.closing && self.running == 0 {
                break;
            }
        }
    }

    fn note(&mut self, note: Note) {
        match note {
            Note::Order(_) | Note::Speech(_) if self.closing => {}
            Note::Order(order) => self.order(order),
            Note::Speech(speech) => self.speech(speech),
            Note::Close(closer) => {
                (self.ear, self.meter, self.mouth) = (None, None, None);
                self.sendings.iter().for_each(Sending::stop);
                self.withdraw();
                self.closing = true;
                self.closers.extend(closer);
            }
            Note::Say(event) => self.say(event),
            Note::Taken(taken) => self.taken(&taken),
            Note::At(way, id, name) => {
                let wish = self.settings.wish(way).clone();
                if let Some(id) = id
                    && self.places.moved(way, &wish, &id, &name)
                {
                    self.say(SoundEvent::Moved { way, device: name });
                }
            }
            Note::EarRests(seen) => {
                let ear = self.ear.take();
                let stays = |ear: &Ear| ear.sent != seen || !self.settings.preroll.is_zero();
                self.ear = ear.filter(stays);
            }
            Note::MouthRests(seen) => {
                // A file that is written stays the same file.
                let lasts = matches!(self.settings.loudspeaker, Wish::File(_) | Wish::Raw);
                let mouth = self.mouth.take();
                // In a call it stays open: the way of its sound to the microphone stays the same.
                let stays = lasts || self.call;
                self.mouth = mouth.filter(|mouth| mouth.sent != seen || stays);
            }
            Note::EarGone | Note::MouthGone => self.running -= 1,
            Note::NotSpoken(turn) => {
                self.expected.take_if(|expected| *expected == turn);
            }
            Note::Far(far) => self.tell_ear(EarNote::Far(far)),
            Note::ChimeOver => self.tell_ear(EarNote::Deaf(false)),
        }
    }

    fn order(&mut self, order: SoundOrder) {
        match order {
            SoundOrder::Attend { clip } => self.attend(clip),
            SoundOrder::HangUp => self.hang_up(),
            SoundOrder::Mute(muted) if self.call => {
                self.tell_ear(EarNote::Mute(muted));
                self.end_stream();
            }
            SoundOrder::Mute(_) => {}
            SoundOrder::KeepOpen(open) => self.tell_ear(EarNote::KeepOpen(open)),
            SoundOrder::Record { clip } => self.record(clip),
            SoundOrder::Stop { clip } => self.tell_ear(EarNote::Stop { clip }),
            SoundOrder::Discard { clip } => self.discard(clip),
            SoundOrder::Send(hear) => self.send(hear),
            SoundOrder::Live(hear) => self.live(hear),
            SoundOrder::Withdraw => self.withdraw(),
            SoundOrder::Stream(hear) => self.stream(hear),
            SoundOrder::Export { clip, to } => self.export(clip, to),
            SoundOrder::Replay { clip } => {
                self.expected = None;
                let path = self.file(clip);
                self.mouth(MouthNote::Replay { turn: clip, path });
            }
            SoundOrder::Expect { turn } => {
                if self.expected != Some(turn) {
                    self.hush();
                    self.expected = Some(turn);
                }
            }
            SoundOrder::Hush => self.hush(),
            SoundOrder::Pause => {
                self.paused = true;
                self.tell_mouth(MouthNote::Pause);
            }
            SoundOrder::Resume => {
                self.paused = false;
                self.tell_mouth(MouthNote::Resume);
            }
            SoundOrder::Volume(volume) => {
                self.settings.volume = volume;
                self.tell_mouth(MouthNote::Volume(volume));
            }
            SoundOrder::Chime(chime) => self.chime(chime),
            SoundOrder::List => self.list(),
            SoundOrder::Use { way, device } => self.use_device(way, device.as_deref()),
            SoundOrder::Listen(device) => self.listen(device),
        }
    }

    fn speech(&mut self, speech: Speech) {
        let (turn, ends) = match &speech {
            Speech::Words { turn, .. } | Speech::More { turn, .. } => (*turn, false),
            Speech::End { turn } => (*turn, true),
        };
        if self.expected != Some(turn) {
            return;
        }
        if ends {
            self.expected = None;
        }
        self.mouth(MouthNote::Speech(speech));
        if self.paused {
            // It was told when nobody spoke yet.
            self.tell_mouth(MouthNote::Pause);
        }
    }

    fn attend(&mut self, clip: TurnId) {
        self.meter = None;
        if self.ear.is_none() {
            let wish = self.settings.microphone.clone();
            self.ear = self.ear(wish, false);
        }
        self.feed();
        let Some(ear) = &mut self.ear else {
            return self.say(trouble(Way::In, Some(clip), SoundError::Hung));
        };
        ear.tell(EarNote::Attend { clip });
        if !std::mem::replace(&mut self.call, true) {
            match self.settings.echo {
                EchoMode::Off => self.tell_mouth(MouthNote::Call(true)),
                EchoMode::Auto | EchoMode::On => self.mouth(MouthNote::Call(true)),
            }
        }
    }

    fn hang_up(&mut self) {
        if std::mem::take(&mut self.call) {
            self.tell_ear(EarNote::HangUp);
            self.end_stream();
            self.tell_mouth(MouthNote::Call(false));
        }
    }

    fn record(&mut self, clip: TurnId) {
        self.hang_up();
        let fresh = self.mouth.is_some();
        self.hush();
        self.meter = None;
        if self.ear.is_none() {
            let wish = self.settings.microphone.clone();
            self.ear = self.ear(wish, false);
        }
        self.feed();
        match &mut self.ear {
            Some(ear) => {
                self.recording = Some(clip);
                ear.tell(EarNote::Record { clip, fresh });
            }
            None => self.say(trouble(Way::In, Some(clip), SoundError::Hung)),
        }
    }

    fn ear(&mut self, wish: Wish, meter: bool) -> Option<Ear> {
        let settings = EarSettings {
            wish,
            pace: self.settings.pace,
            folder: self.settings.folder.clone(),
            limits: Limits {
                longest: self.settings.longest,
                silence: self.settings.silence,
                tail: self.settings.tail,
            },
            echo: self.settings.echo,
            polish: self.settings.polish,
            preroll: if meter {
                Duration::ZERO
            } else {
                self.settings.preroll
            },
            meter,
        };
        let ear = Ear::start(settings, Arc::clone(&self.doors), self.notes.clone());
        self.running += usize::from(ear.is_some());
        ear
    }

    fn taken(&mut self, taken: &Taken) {
        let clip = taken.clip;
        self.recording.take_if(|recording| *recording == clip);
        if self.discarded == Some(clip) {
            return self.remove(clip);
        }
        self.spans.retain(|(known, _)| *known != clip);
        self.spans.truncate(REMEMBERED - 1);
        self.spans.push_front((clip, taken.span));
        if let Some(live) = self.live.as_mut().filter(|live| live.turn() == clip) {
            live.whole = taken.live;
        }
        let recorded = taken.recorded;
        self.say(SoundEvent::Recorded { clip, recorded });
    }

    fn discard(&mut self, clip: TurnId) {
        for sending in self.sendings.iter().filter(|one| one.turn == clip) {
            sending.stop();
        }
        if let Some(live) = self.live.take_if(|live| live.turn() == clip) {
            live.stop();
            self.live_next();
        }
        self.spans.retain(|(known, _)| *known != clip);
        if self.recording == Some(clip)
            && let Some(ear) = &mut self.ear
        {
            self.recording = None;
            self.discarded = Some(clip);
            ear.tell(EarNote::Discard { clip });
        } else {
            self.remove(clip);
        }
    }

    fn remove(&self, clip: TurnId) {
        // What is not there any more need not be removed.
        let _ = std::fs::remove_file(self.file(clip));
    }

    fn send(&mut self, hear: Hear) {
        let turn = hear.turn;
        self.end_stream();
        self.sendings.retain(|sending| !sending.is_over());
        for earlier in self.sendings.iter().filter(|one| one.turn == turn) {
            earlier.stop();
        }
        let live = self
            .live
            .take_if(|live| live.turn() == turn || live.begun());
        let sending = match live {
            Some(live) if live.turn() == turn && live.whole => Some(live.complete()),
            live => {
                if let Some(live) = live {
                    live.stop();
                }
                let known = self.spans.iter().find(|(clip, _)| *clip == turn);
                let known = known.map_or(Known::Nothing, |(_, span)| Known::Span(*span));
                let (hand, desk) = (Arc::clone(&self.hand), self.notes.clone());
                let lane = Arc::clone(&self.lane);
                Sending::start(hear, self.file(turn), known, hand, desk, lane)
            }
        };
        match sending {
            Some(sending) => self.sendings.push(sending),
            None => self.say(trouble(Way::In, Some(turn), SoundError::Hung)),
        }
        self.live_next();
    }

    /// Hands on the recording of this name while it is made, as soon as the one before it was.
    fn live(&mut self, hear: Hear) {
        if self.live.as_ref().is_some_and(|live| live.whole) {
            self.next_live = Some(hear);
            return;
        }
        self.withdraw();
        let (hand, lane) = (Arc::clone(&self.hand), Arc::clone(&self.lane));
        // It is sent when it is made, if there is no thread for it now.
        if let Some((live, feed)) = Live::start(hear, hand, lane) {
            (self.live, self.feed) = (Some(live), Some(feed));
            if self.call {
                self.feed();
            }
        }
    }

    fn live_next(&mut self) {
        if self.live.is_none()
            && let Some(hear) = self.next_live.take()
        {
            self.live(hear);
        }
    }

    /// Nothing of what is being recorded has arrived.
    fn withdraw(&mut self) {
        (self.next_live, self.feed) = (None, None);
        if let Some(live) = self.live.take() {
            live.stop();
        }
        self.end_stream();
    }

    /// Hands on all that is heard from here on.
    fn stream(&mut self, hear: Hear) {
        self.withdraw();
        let (hand, lane) = (Arc::clone(&self.hand), Arc::clone(&self.lane));
        let Some((sending, tap)) = stream(hear, hand, lane) else {
            return self.say(trouble(Way::In, None, SoundError::Hung));
        };
        (self.stream, self.tap) = (Some(sending), Some(tap));
        if self.call {
            self.feed();
        }
    }

    fn end_stream(&mut self) {
        self.tap = None;
        if let Some(stream) = self.stream.take() {
            stream.stop();
        }
    }

    /// Lets the ear feed what is sent while it is recorded.
    fn feed(&mut self) {
        if let Some(ear) = &mut self.ear
            && let Some(feed) = self.feed.take()
        {
            ear.tell(EarNote::Live(feed));
        }
        if let Some(ear) = &mut self.ear
            && let Some(tap) = self.tap.take()
        {
            ear.tell(EarNote::Stream(tap));
        }
    }

    fn export(&mut self, clip: TurnId, to: PathBuf) {
        let from = self.file(clip);
        self.aside(move || match crate::sound::recorder::copy(&from, &to) {
            Ok(()) => SoundEvent::Exported { to },
            Err(error) => trouble(Way::In, None, error),
        });
    }

    fn list(&mut self) {
        let doors = Arc::clone(&self.doors);
        self.aside(
            move || match apart(LIST, |()| {}, move |_tell| (doors.list)()) {
                Ok(devices) => SoundEvent::Devices(devices),
                Err(error) => trouble(Way::Out, None, error),
            },
        );
    }

    /// Does something that takes its time on a thread of its own, and tells what came of it.
    fn aside(&mut self, work: impl FnOnce() -> SoundEvent + Send + 'static) {
        let desk = self.notes.clone();
        let aside = thread::Builder::new()
            .name("sound aside".to_owned())
            .spawn(move || desk.send(Note::Say(work())));
        if aside.is_err() {
            self.say(trouble(Way::In, None, SoundError::Hung));
        }
    }

    fn use_device(&mut self, way: Way, device: Option<&str>) {
        let wish = device.map_or(Wish::Default, |device| Wish::read(device, way));
        self.places.forget(way);
        self.settings.wish(way).clone_from(&wish);
        match (way, &mut self.ear) {
            (Way::In, Some(ear)) => ear.tell(EarNote::Use(wish)),
            (Way::In, None) => {}
            (Way::Out, _) => self.tell_mouth(MouthNote::Use(wish)),
        }
    }

    fn listen(&mut self, device: Option<String>) {
        self.meter = None;
        if self.recording.is_none()
            && !self.call
            && let Some(device) = device
        {
            self.meter = self.ear(Wish::read(&device, Way::In), true);
        }
    }

    fn chime(&mut self, chime: Chime) {
        // What a call hears is taken for speech.
        if !self.settings.chimes || self.call {
            return;
        }
        if self.recording.is_some() {
            // Only what says that it begins belongs into a recording, and is left out of it.
            let Some(ear) = self.ear.as_mut().filter(|_ear| chime == Chime::Open) else {
                return;
            };
            ear.tell(EarNote::Deaf(true));
        }
        self.mouth(MouthNote::Chime(chimes::wav(chime)));
    }

    /// Silence. Nobody's speech is expected.
    fn hush(&mut self) {
        self.paused = false;
        self.expected = None;
        self.tell_mouth(MouthNote::Hush);
    }

    /// Tells the mouth, and makes one if there is none.
    fn mouth(&mut self, note: MouthNote) {
        if self.mouth.is_none() {
            let settings = &self.settings;
            self.mouth = Mouth::start(
                settings.loudspeaker.clone(),
                settings.pace,
                settings.volume,
                self.call,
                Arc::clone(&self.doors),
                self.notes.clone(),
            );
            self.running += usize::from(self.mouth.is_some());
        }
        self.tell_mouth(note);
    }

    fn tell_ear(&mut self, note: EarNote) {
        if let Some(ear) = &mut self.ear {
            ear.tell(note);
        }
    }

    fn tell_mouth(&mut self, note: MouthNote) {
        if let Some(mouth) = &mut self.mouth {
            mouth.tell(note);
        }
    }

    fn file(&self, clip: TurnId) -> PathBuf {
        file_of(&self.settings.folder, clip)
    }

    fn say(&mut self, event: SoundEvent) {
        if let SoundEvent::Trouble {
            clip: Some(clip), ..
        } = &event
        {
            self.recording.take_if(|recording| recording == clip);
        }
        (self.tell)(event);
    }
}

fn trouble(way: Way, clip: Option<TurnId>, error: SoundError) -> SoundEvent {
    SoundEvent::Trouble {
        way,
        clip,
        error,
        passing: false,
    }
}
