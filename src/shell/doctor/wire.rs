//! `hearsay doctor --wire URL`: holds a short conversation with a live backend, one step for each
//! thing a backend should do, and prints what it does, what it leaves out and where it has a way
//! of its own. The steps are the same for every language; what only a language can see, its own
//! side of it tells in `Habits`.

use crate::config::Loaded;
use crate::core::backend::{Down, NO_TURNS, Say, Standing, Trouble, UNTOLD, Up, VoiceWish};
use crate::core::checkup::{Check, Part, State};
use crate::core::connect::EMBEDDED;
use crate::core::ids::{ConversationId, Seed, TurnId};
use crate::core::line::{Line, LinkEvent, LinkOrder};
use crate::core::sound::{ClipPart, Hear, RATE, Speech};
use crate::core::update::offers;
use crate::core::words::{Lang, Word, fill};
use crate::link::Play;
use crate::shell::boot;
use crate::shell::clock::Clock;
use crate::store;
use crate::wire::Language;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

/// How long a backend may take for one step. A model may have to be loaded first.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long it may take for what costs it nothing.
const SHORT: Duration = Duration::from_secs(5);

/// How long what follows a stop is listened to.
const REST: Duration = Duration::from_secs(1);

/// A server that does not cut the turns of a call has said so by then, or was silent for so long.
const CALL: Duration = Duration::from_secs(11);

/// How long a code may take to be entered elsewhere.
const CODE: Duration = Duration::from_mins(5);

/// How far is walked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Length {
    /// A greeting and one answer.
    Brief,
    Whole,
}

/// Dials the backend of the settings and walks all steps; each is told when it is known.
pub fn walk(loaded: &Loaded, tell: &mut dyn FnMut(Check)) -> anyhow::Result<()> {
    walk_so_far(loaded, Length::Whole, tell)
}

/// Dials the backend of the settings and asks it one question.
pub fn brief(loaded: &Loaded, tell: &mut dyn FnMut(Check)) -> anyhow::Result<()> {
    walk_so_far(loaded, Length::Brief, tell)
}

fn walk_so_far(loaded: &Loaded, length: Length, tell: &mut dyn FnMut(Check)) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let walked = runtime.block_on(async {
        let store = store::spawn(loaded.settings.store.path.clone(), |_kept| {});
        let spoken = Arc::new(Notify::new());
        let sounds = Arc::new(Notify::new());
        let (over, more) = (Arc::clone(&spoken), Arc::clone(&sounds));
        let play: Play = Arc::new(move |speech| match speech {
            Speech::End { .. } => over.notify_one(),
            Speech::More { .. } | Speech::Words { .. } => more.notify_one(),
        });
        let offers = match length {
            Length::Brief => vec![],
            Length::Whole => offers(),
        };
        let line = boot::line(loaded, &store, Clock::start(), play, &offers)?;
        let mut seed = Seed::new(boot::seed());
        let mut walk = Walk {
            length,
            lang: loaded.settings.lang,
            line,
            spoken,
            sounds,
            conversation: seed.conversation(),
            turns: false,
            seed,
            found: tell,
        };
        let backend = &loaded.settings.backend;
        walk.all(backend.name(), boot::language(backend)).await;
        store.close(Duration::from_secs(1));
        anyhow::Ok(())
    });
    runtime.shutdown_background();
    walked
}

/// What comes next of an answer: so many characters, or its end.
enum Next {
    More(usize),
    End(Result<Option<String>, Trouble>),
}

struct Walk<'a> {
    length: Length,
    lang: Lang,
    line: boot::LineEnds,
    /// The end of something spoken came.
    spoken: Arc<Notify>,
    /// Some of it came.
    sounds: Arc<Notify>,
    seed: Seed,
    conversation: ConversationId,
    /// It was asked to cut the turns of calls.
    turns: bool,
    found: &'a mut dyn FnMut(Check),
}

impl Walk<'_> {
    async fn all(&mut self, name: &str, language: Option<&str>) {
        if !self.greeting(name).await {
            return;
        }
        // One that its first frame told is a habit.
        if let Some(language) = language {
            let found = self.tell(Word::WireByAddress, &[language]);
            self.note(Word::WireLanguage, State::Good, found);
        }
        if self.length == Length::Brief {
            self.text().await;
            return;
        }
        self.say(Up::Beat).await;
        self.status().await;
        self.text().await;
        self.recording().await;
        self.stopping().await;
        // Servers of that language have tools of their own.
        if language != Some(Language::Yychat.name()) {
            self.tools().await;
        }
        if self.turns {
            self.calling().await;
        }
        self.habits().await;
    }

    /// The line comes up, or everything else is of no use.
    async fn greeting(&mut self, name: &str) -> bool {
        let since = Instant::now();
        // The link lives as long as we hold its ends.
        let _ = self.line.orders.send(LinkOrder::Dial).await;
        let mut patience = PATIENCE;
        let event = loop {
            let event = self.until(patience, |event| match event {
                LinkEvent::Heard {
                    down: Down::Greeting(greeting),
                    ..
                } => Some(Ok(Ok(greeting))),
                LinkEvent::Heard {
                    down: Down::Activation(Some(activation)),
                    ..
                } => Some(Err(activation)),
                LinkEvent::Line {
                    line:
                        Line::Refused { cause }
                        | Line::Resting { cause }
                        | Line::GivenUp { cause, .. }
                        | Line::Waiting { cause, .. },
                    ..
                } => Some(Ok(Err(cause))),
                _ => None,
            });
            match event.await {
                // Somebody has to enter it before there is anything to try.
                Some(Err(activation)) => {
                    let code = [activation.code.as_str(), activation.message.trim()];
                    let found = self.tell(Word::ConnectCode, &code);
                    self.note(Word::WireGreeting, State::Limited, found);
                    patience = CODE;
                }
                Some(Ok(event)) => break Some(event),
                None => break None,
            }
        };
        match event {
            Some(Ok(greeting)) => {
                self.turns = greeting.capabilities.iter().any(|can| can == "turns");
                let ms = since.elapsed().as_millis().to_string();
                let found = self.tell(Word::WireGreeted, &[&ms, &greeting.client]);
                let can = match self.length {
                    Length::Brief => String::new(),
                    Length::Whole => greeting.capabilities.join(", "),
                };
                let found = [found, can].join("\n").trim_end().to_owned();
                // Of the backend inside the program it goes without saying.
                if self.length == Length::Whole || name != EMBEDDED {
                    self.note(Word::WireGreeting, State::Good, found);
                }
                true
            }
            Some(Err(cause)) => {
                let found = format!("{name}: {}", cause.tell(self.lang));
                let hint = match self.length {
                    Length::Brief => Word::ConnectCheck,
                    Length::Whole => Word::DoctorBackendHint,
                };
                let hint = Some(self.tell(hint, &[]));
                let part = self.tell(Word::WireGreeting, &[]);
                (self.found)(Check::broken(Part::Step(part), found, hint));
                false
            }
            None => {
                self.silent(Word::WireGreeting, State::Broken, patience);
                false
            }
        }
    }

    async fn status(&mut self) {
        self.say(Up::AskStatus).await;
        let figures = self.until(SHORT, |event| match event {
            LinkEvent::Heard {
                down: Down::Status(figures),
                ..
            } => Some(Some(figures)),
            LinkEvent::Unsent { .. } => Some(None),
            _ => None,
        });
        if let Some(Some(figures)) = figures.await {
            let count = figures.len().to_string();
            let rows = figures
                .iter()
                .map(|(name, value)| format!("{name}: {value}"));
            let rows = [
                vec![self.tell(Word::WireFigures, &[&count])],
                rows.collect(),
            ]
            .concat();
            self.note(Word::WireStatus, State::Good, rows.join("\n"));
        } else {
            self.silent(Word::WireStatus, State::Limited, SHORT);
        }
    }

    /// A question whose answer is to be spoken, too.
    async fn text(&mut self) {
        let question = self.tell(Word::DoctorQuestion, &[]);
        let since = Instant::now();
        let turn = self.ask(question, false).await;
        let (mut length, mut first) = (0, None);
        // Some servers end an answer only when all of it was spoken, which takes its time: as long as
        // more of it comes, it is waited for.
        let sounds = Arc::clone(&self.sounds);
        let end = loop {
            let next = self.until(PATIENCE, |event| match event {
                LinkEvent::Heard {
                    down: Down::Text { turn: about, more },
                    ..
                } if about.is_none_or(|about| about == turn) => {
                    Some(Next::More(more.chars().count()))
                }
                LinkEvent::Heard {
                    down: Down::Done { full, .. },
                    ..
                } => Some(Next::End(Ok(full))),
                LinkEvent::Heard {
                    down:
                        Down::Trouble {
                            turn: Some(about),
                            trouble,
                        },
                    ..
                } if about == turn => Some(Next::End(Err(trouble))),
                _ => None,
            });
            let next = tokio::select! {
                next = next => next,
                () = sounds.notified() => continue,
            };
            match next {
                Some(Next::More(more)) => {
                    first.get_or_insert_with(|| since.elapsed());
                    length += more;
                }
                Some(Next::End(end)) => break Some(end),
                None => break None,
            }
        };
        match end {
            Some(Ok(full)) => {
                let whole = full.map_or(0, |full| full.chars().count());
                let length = length.max(whole).to_string();
                let first = first.unwrap_or_else(|| since.elapsed()).as_millis();
                let found = self.tell(Word::WireAnswered, &[&length, &first.to_string()]);
                self.note(Word::WireText, State::Good, found);
                if self.length == Length::Whole {
                    // What comes of this is a habit.
                    let _ = timeout(PATIENCE, self.spoken.notified()).await;
                }
            }
            Some(Err(trouble)) => {
                let part = self.tell(Word::WireText, &[]);
                let found = format!("{}: {}", trouble.code, trouble.what);
                (self.found)(Check::broken(Part::Step(part), found, trouble.hint));
            }
            None => self.silent(Word::WireText, State::Broken, PATIENCE),
        }
    }

    /// A second of silence, which nobody should take for words.
    async fn recording(&mut self) {
        let turn = self.seed.turn();
        let hear = Hear {
            turn,
            conversation: self.conversation,
            language: None,
            ears: None,
        };
        let since = Instant::now();
        let samples = vec![0; RATE as usize];
        for part in [
            ClipPart::Begin(hear),
            ClipPart::More { turn, samples },
            ClipPart::End { turn },
        ] {
            let _ = self.line.clips.send(part).await;
        }
        let words = self.until(PATIENCE, |event| match event {
            LinkEvent::Heard {
                down: Down::Transcript { text, .. },
                ..
            } => Some(Ok(text)),
            LinkEvent::Heard {
                down: Down::Trouble { trouble, .. },
                ..
            } => Some(Err(trouble.what)),
            LinkEvent::Unheard { .. } => Some(Err(String::new())),
            _ => None,
        });
        let words = words.await;
        let ms = since.elapsed().as_millis().to_string();
        match words {
            Some(Ok(text)) if text == UNTOLD => {
                let found = self.tell(Word::WireHeardUntold, &[]);
                self.note(Word::WireHearing, State::Limited, found);
            }
            Some(Ok(text)) if text.trim().is_empty() => {
                let found = self.tell(Word::WireSilence, &[&ms]);
                self.note(Word::WireHearing, State::Good, found);
            }
            Some(Ok(text)) => {
                let found = self.tell(Word::WireHeard, &[&ms, &text]);
                self.note(Word::WireHearing, State::Good, found);
            }
            Some(Err(why)) => self.note(Word::WireHearing, State::Limited, why),
            None => self.silent(Word::WireHearing, State::Limited, PATIENCE),
        }
    }

    /// An answer that is stopped as soon as it begins. What follows is a habit.
    async fn stopping(&mut self) {
        let question = self.tell(Word::DoctorLongQuestion, &[]);
        let turn = self.ask(question, false).await;
        let begun = self.until(PATIENCE, |event| match event {
            LinkEvent::Heard {
                down: Down::Text { .. } | Down::Done { .. } | Down::Trouble { .. },
                ..
            } => Some(()),
            _ => None,
        });
        begun.await;
        let conversation = self.conversation;
        let heard = None;
        self.say(Up::Interrupt {
            turn,
            conversation,
            heard,
        })
        .await;
        self.until(REST, |_event| None::<()>).await;
    }

    /// A question for which it needs a tool of ours. Whether it used one is a habit.
    async fn tools(&mut self) {
        let question = self.tell(Word::DoctorToolQuestion, &[]);
        let turn = self.ask(question, true).await;
        loop {
            let call = self.until(PATIENCE, |event| match event {
                LinkEvent::Heard {
                    down: Down::Call(call),
                    ..
                } => Some(Some(call.id)),
                LinkEvent::Heard {
                    down: Down::Done { turn: about, .. } | Down::Trouble { turn: about, .. },
                    ..
                } if about == Some(turn) => Some(None),
                _ => None,
            });
            let Some(Some(id)) = call.await else {
                return;
            };
            let outcome = Ok(r#"{"volume": 50}"#.to_owned());
            self.say(Up::Result { id, outcome }).await;
        }
    }

    /// A call whose turns the server is to cut, in which nobody says anything.
    async fn calling(&mut self) {
        let turn = self.seed.turn();
        let hear = Hear {
            turn,
            conversation: self.conversation,
            language: None,
            ears: None,
        };
        let samples = vec![0; RATE as usize / 4];
        for part in [ClipPart::Open(hear), ClipPart::More { turn, samples }] {
            let _ = self.line.clips.send(part).await;
        }
        let refused = self.until(CALL, |event| match event {
            LinkEvent::Heard {
                down: Down::Trouble { trouble, .. },
                ..
            } if trouble.code == NO_TURNS => Some(trouble.what),
            _ => None,
        });
        if let Some(why) = refused.await {
            let found = self.tell(Word::WireCallsOurs, &[&why]);
            self.note(Word::WireCalls, State::Limited, found);
        } else {
            let found = self.tell(Word::WireCallsTheirs, &[]);
            self.note(Word::WireCalls, State::Good, found);
        }
        let _ = self.line.clips.send(ClipPart::End { turn }).await;
    }

    async fn habits(&mut self) {
        self.say(Up::AskHabits { lang: self.lang }).await;
        let habits = self.until(SHORT, |event| match event {
            LinkEvent::Heard {
                down: Down::Habits(habits),
                ..
            } => Some(habits),
            LinkEvent::Unsent { .. } => Some(vec![]),
            _ => None,
        });
        for habit in habits.await.unwrap_or_default() {
            let state = match habit.standing {
                Standing::Keeps => State::Good,
                Standing::Deviates | Standing::Lacks => State::Limited,
            };
            (self.found)(Check::of(Part::Step(habit.point), state, habit.seen));
        }
    }

    async fn ask(&mut self, text: String, tools: bool) -> TurnId {
        let turn = self.seed.turn();
        let voice = (self.length == Length::Whole).then_some(VoiceWish {
            voice: None,
            speed: 1.0,
            engine: None,
        });
        self.say(Up::Say(Say {
            turn,
            conversation: self.conversation,
            text,
            persona: None,
            brain: None,
            model: None,
            tools,
            errands: false,
            lang: self.lang,
            voice,
            clip: None,
            history: vec![],
        }))
        .await;
        turn
    }

    async fn say(&self, up: Up) {
        // A link that has gone shows by its silence.
        let _ = self.line.orders.send(LinkOrder::Say(up)).await;
    }

    /// The first event that is something, if it comes in time.
    async fn until<T>(
        &mut self,
        patience: Duration,
        mut is: impl FnMut(LinkEvent) -> Option<T>,
    ) -> Option<T> {
        let search = async {
            loop {
                let event = self.line.events.recv().await?;
                if let Some(found) = is(event) {
                    return Some(found);
                }
            }
        };
        timeout(patience, search).await.ok().flatten()
    }

    fn silent(&mut self, point: Word, state: State, patience: Duration) {
        let found = self.tell(Word::WireNoAnswer, &[&patience.as_secs().to_string()]);
        self.note(point, state, found);
    }

    fn note(&mut self, point: Word, state: State, found: String) {
        let part = self.tell(point, &[]);
        (self.found)(Check::of(Part::Step(part), state, found));
    }

    fn tell(&self, word: Word, arguments: &[&str]) -> String {
        fill(word.text(self.lang), arguments)
    }
}
