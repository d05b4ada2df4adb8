//! Tries every part: what works, what does not, and how to mend it. Each check tries the real
//! thing: it opens the store, dials the backend, asks it for its brains. `hearsay doctor` prints
//! what is found, and the screen shows it while the conversation goes on.

mod sound;
mod speech;
mod wire;

pub use sound::{heard_again, pace, patience};
pub use wire::{brief, walk};

use super::boot;
use super::clock::Clock;
use crate::config::settings::Backend;
use crate::config::{ConfigError, Loaded};
use crate::core::backend::{Down, Up};
use crate::core::checkup::{Check, CheckEvent, CheckOrder, Depth, Part};
use crate::core::line::{Line, LinkEvent, LinkOrder};
use crate::core::trips::Bars;
use crate::core::words::{Lang, Word, fill};
use crate::link;
use crate::store::{self, Store};
use std::io::{self, IsTerminal};
use std::thread;
use std::time::Duration;
use tokio::runtime::Runtime;

/// How long a backend may take to answer all questions.
const PATIENCE: Duration = Duration::from_secs(15);

/// What is looked at.
#[derive(Clone, Debug, Default)]
pub struct Look {
    pub depth: Depth,
    /// A backend that is not dialed, because somebody talks to it already.
    pub in_use: Option<String>,
}

/// Looks at everything, beside whoever asks, and tells what it finds. The configuration is read
/// anew. The thread ends with its look; nobody waits for it when the program ends.
pub fn look(loaded: &Loaded, order: CheckOrder, tell: impl Fn(CheckEvent) + Send + 'static) {
    let loaded = loaded.clone();
    let number = order.look;
    let begun = thread::Builder::new()
        .name("doctor".to_owned())
        .spawn(move || {
            let lang = loaded.settings.lang;
            let look = Look {
                depth: order.depth,
                in_use: Some(order.in_use),
            };
            let again = loaded.again();
            examine(again.as_ref(), &look, lang, &mut |check| {
                let look = number;
                tell(CheckEvent::Found { look, check });
            });
            tell(CheckEvent::Over { look: number });
        });
    if let Err(error) = begun {
        tracing::error!("no thread for the doctor: {error}");
    }
}

/// Looks what is there, and opens, loads and dials nothing.
fn glance(settled: Result<&Loaded, &ConfigError>, lang: Lang, tell: &mut dyn FnMut(Check)) {
    tell(terminal(lang));
    match settled {
        Ok(loaded) => {
            tell(speech::ears_there(&loaded.settings));
            tell(speech::voice_there(&loaded.settings));
            tell(sound::microphone_there(&loaded.settings.sound, lang));
        }
        Err(error) => {
            let hint = Some(error.hint());
            tell(Check::broken(Part::Configuration, error.to_string(), hint));
        }
    }
}

/// Tries every part, one after another, and tells each when it is known.
pub fn examine(
    settled: Result<&Loaded, &ConfigError>,
    look: &Look,
    lang: Lang,
    tell: &mut dyn FnMut(Check),
) {
    if look.depth == Depth::Glance {
        glance(settled, lang, tell);
        return;
    }
    let system = format!("{} {}", std::env::consts::OS, std::env::consts::ARCH);
    let program = fill(
        Word::DoctorOn.text(lang),
        &[env!("CARGO_PKG_VERSION"), &system],
    );
    tell(Check::good(Part::Program, program));
    tell(terminal(lang));
    let loaded = match settled {
        Ok(loaded) => loaded,
        Err(error) => {
            let hint = Some(error.hint());
            tell(Check::broken(Part::Configuration, error.to_string(), hint));
            return;
        }
    };
    tell(configuration(loaded));
    tell(store_check(loaded));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            tell(Check::broken(Part::Program, error.to_string(), None));
            return;
        }
    };
    backends(&runtime, loaded, look.in_use.as_deref(), tell);
    let aloud = look.depth == Depth::Aloud;
    sound::checks(&loaded.settings.sound, aloud, lang, tell);
    tell(speech::ears(&runtime, &loaded.settings));
    tell(speech::voice(&runtime, &loaded.settings));
    // A name lookup may still hang in a thread of the runtime; nobody waits for it.
    runtime.shutdown_background();
}

fn terminal(lang: Lang) -> Check {
    let say = |word: Word, arguments: &[&str]| fill(word.text(lang), arguments);
    let name = std::env::var("TERM").unwrap_or_else(|_| "unknown".to_owned());
    if !io::stdout().is_terminal() {
        return Check::good(Part::Terminal, say(Word::DoctorNoTerminal, &[]));
    }
    let (columns, rows) = crossterm::terminal::size().unwrap_or_default();
    let found = say(
        Word::DoctorTerminal,
        &[&name, &columns.to_string(), &rows.to_string()],
    );
    if name == "dumb" {
        let hint = say(Word::DoctorDumbHint, &[]);
        return Check::broken(Part::Terminal, found, Some(hint));
    }
    if Bars::of(&|name| std::env::var(name).ok()) == Bars::Ascii {
        let hint = say(Word::DoctorNotUtf8Hint, &[]);
        return Check::limited(
            Part::Terminal,
            say(Word::DoctorNotUtf8, &[&found]),
            Some(hint),
        );
    }
    Check::good(Part::Terminal, found)
}

fn configuration(loaded: &Loaded) -> Check {
    let say = |word: Word, arguments: &[&str]| fill(word.text(loaded.settings.lang), arguments);
    let place = match &loaded.file {
        None => say(Word::DoctorNoFile, &[]),
        Some(path) if path.exists() => format!("`{}`", path.display()),
        Some(path) => say(Word::DoctorNotThere, &[&path.display().to_string()]),
    };
    if loaded.warnings.is_empty() {
        Check::good(Part::Configuration, place)
    } else {
        let found = format!("{place}\n{}", loaded.warnings.join("\n"));
        Check::limited(
            Part::Configuration,
            found,
            Some(say(Word::DoctorConfigurationHint, &[])),
        )
    }
}

fn store_check(loaded: &Loaded) -> Check {
    let say = |word: Word, arguments: &[&str]| fill(word.text(loaded.settings.lang), arguments);
    let path = &loaded.settings.store.path;
    let open = Store::open(path).and_then(|store| {
        let list = store.list(usize::MAX)?;
        Ok((
            list.len(),
            list.iter().map(|summary| summary.messages).sum::<usize>(),
            store.is_limited(),
        ))
    });
    match open {
        Ok((conversations, messages, limited)) => {
            let found = say(
                Word::DoctorStore,
                &[
                    &path.display().to_string(),
                    &conversations.to_string(),
                    &messages.to_string(),
                ],
            );
            if limited {
                let hint = say(Word::DoctorReadOnlyHint, &[]);
                Check::limited(
                    Part::Store,
                    say(Word::DoctorReadOnly, &[&found]),
                    Some(hint),
                )
            } else {
                Check::good(Part::Store, found)
            }
        }
        Err(error) => {
            let hint = error.hint();
            Check::broken(Part::Store, error.to_string(), hint)
        }
    }
}

/// Dials the backend and those that stand by, but for the one that is in use.
fn backends(runtime: &Runtime, loaded: &Loaded, in_use: Option<&str>, tell: &mut dyn FnMut(Check)) {
    let settings = &loaded.settings;
    let all = [(&settings.backend, Part::Backend)].into_iter();
    let all = all.chain(settings.standby.iter().map(|one| (one, Part::Standby)));
    for (backend, part) in all.filter(|(one, _)| in_use != Some(one.name())) {
        let found = runtime.block_on(dial(loaded, backend));
        for check in found {
            match (check.part == Part::Backend, &part) {
                (true, _) => tell(Check {
                    part: part.clone(),
                    ..check
                }),
                // What another would think with matters once it is in use.
                (false, Part::Backend) => tell(check),
                (false, _) => {}
            }
        }
    }
}

/// Dials one backend, and asks it for its brains.
async fn dial(loaded: &Loaded, backend: &Backend) -> Vec<Check> {
    let mut loaded = loaded.clone();
    loaded.settings.backend = backend.clone();
    loaded.settings.standby.clear();
    let store = store::spawn(loaded.settings.store.path.clone(), |_kept| {});
    let checked = match boot::line(&loaded, &store, Clock::start(), link::silent(), &[]) {
        Ok(line) => tokio::time::timeout(PATIENCE, greet(&loaded, line)).await,
        Err(error) => {
            let found = format!("{}: {error:#}", backend.name());
            let hint = Word::DoctorBackendHint.text(loaded.settings.lang);
            Ok(vec![Check::broken(
                Part::Backend,
                found,
                Some(hint.to_owned()),
            )])
        }
    };
    store.close(Duration::from_secs(1));
    checked.unwrap_or_else(|_elapsed| {
        let late = Word::DoctorLate.text(loaded.settings.lang);
        let found = fill(late, &[&PATIENCE.as_secs().to_string()]);
        vec![Check::broken(Part::Backend, found, None)]
    })
}

/// Waits for the greeting and the brains. The link lives as long as we hold its ends.
async fn greet(loaded: &Loaded, mut line: boot::LineEnds) -> Vec<Check> {
    let name = loaded.settings.backend.name();
    let lang = loaded.settings.lang;
    let mut checks = vec![];
    let _ = line.orders.send(LinkOrder::Dial).await;
    while let Some(event) = line.events.recv().await {
        match event {
            LinkEvent::Heard {
                down: Down::Greeting(greeting),
                ..
            } => {
                checks.push(Check::greeted(name, lang));
                if !greeting.capabilities.iter().any(|can| can == "brains") {
                    return checks;
                }
                let _ = line
                    .orders
                    .send(LinkOrder::Say(Up::AskBrains { again: true }))
                    .await;
            }
            LinkEvent::Heard {
                down: Down::Brains(brains),
                ..
            } => {
                checks.push(Check::brain(&brains, lang));
                return checks;
            }
            LinkEvent::Line {
                line:
                    Line::Refused { cause }
                    | Line::Resting { cause }
                    | Line::GivenUp { cause, .. }
                    | Line::Waiting { cause, .. },
                ..
            } => {
                checks.push(Check::unreachable(name, &cause, lang));
                return checks;
            }
            LinkEvent::Line { .. }
            | LinkEvent::Heard { .. }
            | LinkEvent::Elsewhere { .. }
            | LinkEvent::Unsent { .. }
            | LinkEvent::Unheard { .. } => {}
        }
    }
    checks
}
