//! A microphone or a loudspeaker that is kept: opened on a thread of its own, because drivers
//! hang; opened again where it broke off; and left for a better one when there is one.
//!
//! What other threads find arrives in the inbox of whoever owns the line, who hands it over with
//! [`Line::arrived`] and looks in again at [`Line::deadline`].

use super::doors::Doors;
use super::search::{Next, Search};
use crate::sound::device::Wish;
use crate::sound::pace::now;
use crate::sound::{Capture, Pace, Playback, SoundError, Way};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

/// How often somebody looks whether there is a better device, where nobody tells.
const LOOK_ROUND: Duration = Duration::from_secs(1);

/// A stream that rests so long may be that of a device which is gone. Then somebody looks sooner.
const SUSPICIOUS: Duration = Duration::from_millis(250);

/// Who was looked for in vain is looked for again after this, if somebody still waits.
const AGAIN: Duration = Duration::from_secs(5);

/// A stream a line can keep.
pub(super) trait Stream: Sized + Send + 'static {
    const WAY: Way;
    fn open(doors: &Doors, wish: &Wish, pace: Pace) -> Result<Self, SoundError>;
    fn id(&self) -> Option<&str>;
    fn name(&self) -> &str;
}

impl Stream for Capture {
    const WAY: Way = Way::In;

    fn open(doors: &Doors, wish: &Wish, pace: Pace) -> Result<Self, SoundError> {
        (doors.capture)(wish, pace)
    }

    fn id(&self) -> Option<&str> {
        Self::id(self)
    }

    fn name(&self) -> &str {
        Self::name(self)
    }
}

impl Stream for Playback {
    const WAY: Way = Way::Out;

    fn open(doors: &Doors, wish: &Wish, pace: Pace) -> Result<Self, SoundError> {
        (doors.playback)(wish, pace)
    }

    fn id(&self) -> Option<&str> {
        Self::id(self)
    }

    fn name(&self) -> &str {
        Self::name(self)
    }
}

/// What another thread found.
pub(super) enum Arrived<S> {
    /// The nth try to open came to this.
    Opened(u64, Result<Box<S>, SoundError>),
    /// While what the nth try opened is open, this one came, which is better.
    Better(u64, String),
    /// What the nth try opened rests, and nothing is there any more.
    Gone(u64),
}

/// Why somebody looks whether there is a better device.
enum Look {
    /// Something changed.
    News,
    /// Nobody tells of changes any more.
    Deaf,
    /// The stream rests as if its device were gone.
    Suspicion,
    /// The stream is closed: nobody needs to look any more.
    Over,
}

/// Who looks. Ends when this is dropped.
struct Watch(mpsc::Sender<Look>);

impl Drop for Watch {
    fn drop(&mut self) {
        // One that broke is over already.
        let _ = self.0.send(Look::Over);
    }
}

/// Says when it is dropped that there will be no more news.
struct Reporter(mpsc::Sender<Look>);

impl Drop for Reporter {
    fn drop(&mut self) {
        // As above.
        let _ = self.0.send(Look::Deaf);
    }
}

/// What became of a line.
#[derive(Debug, PartialEq)]
pub(super) enum Came {
    /// Nothing that anybody needs to know.
    Nothing,
    /// It is open. What it is called for programs, if it is a device, and for people.
    Open(Option<String>, String),
    /// It is being looked for.
    Looking(SoundError),
    /// It was looked for in vain.
    Vain(SoundError),
}

/// A stream that is kept.
pub(super) struct Line<S> {
    doors: Arc<Doors>,
    search: Search,
    pace: Pace,
    stream: Option<S>,
    /// Looks round for a better device while the stream is open.
    watch: Option<Watch>,
    /// When the stream moved last, or was suspected last.
    moved: Instant,
    /// The number of the last try.
    attempt: u64,
    /// That of the try which opened what is open.
    opened: u64,
    /// When a try that is under way hangs.
    hangs_at: Option<Instant>,
    again_at: Option<Instant>,
    post: Arc<dyn Fn(Arrived<S>) + Send + Sync>,
}

impl<S: Stream> Line<S> {
    /// How often its stream is looked at while it has nothing to give.
    pub(super) fn look_every(&self) -> Duration {
        self.doors.look
    }

    pub(super) fn new(
        doors: Arc<Doors>,
        wish: Wish,
        pace: Pace,
        post: impl Fn(Arrived<S>) + Send + Sync + 'static,
    ) -> Self {
        let search = Search::new(wish, doors.haste);
        Self {
            doors,
            search,
            pace,
            stream: None,
            watch: None,
            moved: now(),
            attempt: 0,
            opened: 0,
            hangs_at: None,
            again_at: None,
            post: Arc::new(post),
        }
    }

    /// Uses nothing but what is wished for.
    pub(super) fn only(&mut self) {
        self.search.only();
    }

    /// The stream, while it is open.
    pub(super) fn stream(&mut self) -> Option<&mut S> {
        self.stream.as_mut()
    }

    /// It is open, or is going to be.
    pub(super) fn is_wanted(&self) -> bool {
        self.stream.is_some() || self.hangs_at.is_some() || self.again_at.is_some()
    }

    /// Opens it, unless that is done or under way.
    pub(super) fn open(&mut self) -> Came {
        if self.is_wanted() {
            return Came::Nothing;
        }
        let wish = self.search.start();
        self.attempt(wish)
    }

    /// Uses another device from here on; at once, if it is open.
    pub(super) fn wish(&mut self, wish: Wish) -> Came {
        if *self.search.wish() == wish {
            return Came::Nothing;
        }
        self.search.anew(wish);
        if !self.is_wanted() {
            return Came::Nothing;
        }
        self.watch = None;
        let_go(self.stream.take());
        let wish = self.search.start();
        self.attempt(wish)
    }

    /// Closes it and stops looking for it.
    pub(super) fn close(&mut self) -> Option<S> {
        // What is on its way belongs to an earlier try.
        self.attempt += 1;
        (self.hangs_at, self.again_at, self.watch) = (None, None, None);
        self.search.anew(self.search.wish().clone());
        self.stream.take()
    }

    /// The stream broke off.
    pub(super) fn lost(&mut self, error: SoundError) -> Came {
        self.watch = None;
        let_go(self.stream.take());
        let next = self.search.lost(error, now());
        self.follow(next)
    }

    /// It was looked for in vain, and somebody still waits for it.
    pub(super) fn again_later(&mut self) {
        self.again_at = Some(now() + AGAIN / self.doors.haste);
    }

    /// The stream gives or takes sound.
    pub(super) fn works(&mut self) {
        self.search.found();
        self.moved = now();
    }

    /// It does not just now. A server says late that a device was pulled out, but nothing moves
    /// from then on.
    pub(super) fn rests(&mut self) {
        let now = now();
        if now.saturating_duration_since(self.moved) > SUSPICIOUS
            && let Some(watch) = &self.watch
        {
            self.moved = now;
            // A watch that hangs looks round when it can.
            let _ = watch.0.send(Look::Suspicion);
        }
    }

    /// Another thread found something.
    pub(super) fn arrived(&mut self, arrived: Arrived<S>) -> Came {
        match arrived {
            Arrived::Opened(attempt, opened) if attempt == self.attempt => {
                self.hangs_at = None;
                match opened {
                    Ok(stream) => self.opened(*stream),
                    Err(error) => self.failed(error),
                }
            }
            Arrived::Better(opened, id) if opened == self.opened && self.hangs_at.is_none() => {
                self.attempt(Wish::Named(id))
            }
            Arrived::Gone(opened) if opened == self.opened && self.hangs_at.is_none() => {
                let name = self.stream.as_ref().map(|stream| stream.name().to_owned());
                name.map_or(Came::Nothing, |device| {
                    self.lost(SoundError::Gone { device })
                })
            }
            Arrived::Opened(..) | Arrived::Better(..) | Arrived::Gone(_) => Came::Nothing,
        }
    }

    /// When it must be looked after next.
    pub(super) fn deadline(&self) -> Option<Instant> {
        [self.hangs_at, self.again_at].into_iter().flatten().min()
    }

    /// Looks after what is due.
    pub(super) fn look(&mut self) -> Came {
        let now = now();
        if self.hangs_at.is_some_and(|at| at <= now) {
            self.hangs_at = None;
            self.attempt += 1;
            return self.failed(SoundError::Hung);
        }
        if self.again_at.is_some_and(|at| at <= now) {
            self.again_at = None;
            let wish = self.search.start();
            return self.attempt(wish);
        }
        Came::Nothing
    }

    fn failed(&mut self, error: SoundError) -> Came {
        if self.stream.is_some() {
            // The one that is open is as good as it was.
            return Came::Nothing;
        }
        let next = self.search.failed(error, now());
        self.follow(next)
    }

    fn follow(&mut self, next: Next) -> Came {
        match next {
            Next::Open(wish) => self.attempt(wish),
            Next::Wait { until, tell } => {
                self.again_at = Some(until);
                tell.map_or(Came::Nothing, Came::Looking)
            }
            Next::GiveUp(error) => {
                drop(self.close());
                Came::Vain(error)
            }
        }
    }

    fn attempt(&mut self, wish: Wish) -> Came {
        self.attempt += 1;
        (self.again_at, self.hangs_at) = (None, Some(now() + self.doors.hangs));
        let (attempt, pace) = (self.attempt, self.pace);
        let (doors, post) = (Arc::clone(&self.doors), Arc::clone(&self.post));
        let opener = thread::Builder::new().name("sound open".to_owned());
        let opener = opener.spawn(move || {
            let opened = S::open(&doors, &wish, pace).map(Box::new);
            post(Arrived::Opened(attempt, opened));
        });
        match opener {
            Ok(_left_to_itself) => Came::Nothing,
            Err(_no_thread) => {
                self.hangs_at = None;
                Came::Vain(SoundError::Hung)
            }
        }
    }

    fn opened(&mut self, stream: S) -> Came {
        let (id, name) = (stream.id().map(str::to_owned), stream.name().to_owned());
        self.watch = id.clone().and_then(|id| self.watched(id));
        (self.opened, self.again_at) = (self.attempt, None);
        self.moved = now();
        let_go(self.stream.replace(stream));
        Came::Open(id, name)
    }

    /// Looks round for a better device until the stream is closed: when there is news, or again and
    /// again where nobody tells.
    fn watched(&self, id: String) -> Option<Watch> {
        let (ask, asked) = mpsc::channel();
        let (attempt, wish) = (self.attempt, self.search.wish().clone());
        let (doors, post) = (Arc::clone(&self.doors), Arc::clone(&self.post));
        let reporter = Reporter(ask.clone());
        let watch = move || {
            let tell = move || {
                // Nobody looks any more.
                let _ = reporter.0.send(Look::News);
            };
            let round = LOOK_ROUND / doors.haste;
            // Where there are none, that is said when `tell` is dropped.
            let _news = (doors.news)(&id, Box::new(tell));
            let mut told = true;
            // Something may have changed before anybody told.
            let mut look = Look::News;
            loop {
                let mut settled = true;
                match look {
                    Look::Over => return,
                    Look::Deaf => told = false,
                    Look::News | Look::Suspicion => match (doors.best)(&wish, S::WAY) {
                        Some(best) if best != id => {
                            // It may be there and not open yet, which is no news.
                            settled = false;
                            post(Arrived::Better(attempt, best));
                        }
                        None if matches!(look, Look::Suspicion) => post(Arrived::Gone(attempt)),
                        Some(_) | None => {}
                    },
                }
                look = if told && settled {
                    asked.recv().unwrap_or(Look::Over)
                } else {
                    asked.recv_timeout(round).unwrap_or(Look::News)
                };
            }
        };
        let watch = thread::Builder::new()
            .name("sound watch".to_owned())
            .spawn(watch);
        watch.is_ok().then_some(Watch(ask))
    }
}

/// Closes what is of no use any more, however long that takes: the next must not wait for it.
fn let_go<S: Send + 'static>(stream: Option<S>) {
    if let Some(stream) = stream {
        let close = move || drop(stream);
        // Without a thread it was closed here and now.
        let _ = thread::Builder::new()
            .name("sound close".to_owned())
            .spawn(close);
    }
}
