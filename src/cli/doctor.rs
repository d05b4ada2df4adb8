//! `hearsay doctor`: what works, what does not, and how to mend it. Each check tries the real
//! thing: it opens the store, dials the backend, asks it for its brains.

mod sound;
mod speech;
mod wire;

use super::Exit;
use crate::config::{Flags, Loaded};
use crate::core::backend::{Brains, Down, Up};
use crate::core::defuse::defuse;
use crate::core::line::{Line, LinkEvent, LinkOrder};
use crate::core::words::{Lang, Word, fill};
use crate::link;
use crate::shell::boot;
use crate::shell::clock::Clock;
use crate::store::{self, Store};
use crate::view::text::width;
use serde_json::json;
use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::time::Duration;

/// How long the backend may take to answer all questions.
const PATIENCE: Duration = Duration::from_secs(15);

#[derive(Debug, clap::Args)]
pub struct DoctorArgs {
    /// Print the checks as one JSON document
    #[arg(long)]
    pub json: bool,
    /// Play a short sound, too, and listen for it
    #[arg(long)]
    pub sound: bool,
    /// Only this: talk to the backend at this URL, or of this name, and tell how it keeps to its
    /// language
    #[arg(long, value_name = "NAME|URL", conflicts_with = "sound")]
    pub wire: Option<String>,
}

/// How a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Good,
    /// It works, but less than it could.
    Limited,
    Broken,
}

/// One part, how it is, and what helps.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Check {
    part: Cow<'static, str>,
    state: State,
    found: String,
    hint: Option<String>,
}

impl Check {
    fn of(part: impl Into<Cow<'static, str>>, state: State, found: String) -> Self {
        Self {
            part: part.into(),
            state,
            found,
            hint: None,
        }
    }

    fn good(part: &'static str, found: impl Into<String>) -> Self {
        Self::of(part, State::Good, found.into())
    }

    fn limited(part: &'static str, found: impl Into<String>, hint: Option<String>) -> Self {
        Self {
            part: part.into(),
            state: State::Limited,
            found: found.into(),
            hint,
        }
    }

    fn broken(
        part: impl Into<Cow<'static, str>>,
        found: impl Into<String>,
        hint: Option<String>,
    ) -> Self {
        Self {
            part: part.into(),
            state: State::Broken,
            found: found.into(),
            hint,
        }
    }
}

/// Checks everything and prints it. Exits with 1 when something is broken.
pub fn run(args: &DoctorArgs, flags: &Flags) -> anyhow::Result<ExitCode> {
    if let Some(backend) = &args.wire {
        return along_the_wire(backend, args.json, flags);
    }
    let settled = super::settle(flags);
    let lang = match &settled {
        Ok(loaded) => loaded.settings.lang,
        Err(_unsettled) => Lang::default(),
    };
    let system = format!("{} {}", std::env::consts::OS, std::env::consts::ARCH);
    let program = fill(
        Word::DoctorOn.text(lang),
        &[env!("CARGO_PKG_VERSION"), &system],
    );
    let mut checks = vec![Check::good("program", program), terminal(lang)];
    let mut hearing = vec![];
    match settled {
        Ok(loaded) => {
            let settings = &loaded.settings;
            hearing = sound::checks(&settings.sound, args.sound, lang);
            hearing.extend([speech::ears(settings)?, speech::voice(settings)?]);
            checks.push(configuration(&loaded));
            checks.push(store_check(&loaded));
            checks.extend(backends(&loaded)?);
        }
        Err(error) => {
            let hint = Some(error.hint());
            checks.push(Check::broken("configuration", error.to_string(), hint));
        }
    }
    checks.extend(hearing);
    tell(&checks, args.json, lang)
}

/// Walks what its language asks of one backend.
fn along_the_wire(backend: &str, as_json: bool, flags: &Flags) -> anyhow::Result<ExitCode> {
    let flags = Flags {
        backend: Some(backend.to_owned()),
        ..flags.clone()
    };
    let mut loaded = super::settle(&flags)?;
    loaded.settings.standby.clear();
    tell(&wire::walk(&loaded)?, as_json, loaded.settings.lang)
}

/// Prints the checks, and whether something is broken.
fn tell(checks: &[Check], as_json: bool, lang: Lang) -> anyhow::Result<ExitCode> {
    print(checks, as_json, lang)?;
    let broken = checks.iter().any(|check| check.state == State::Broken);
    Ok(if broken {
        Exit::Unanswered.into()
    } else {
        ExitCode::SUCCESS
    })
}

/// What people call a part.
fn part(part: &str) -> Option<Word> {
    Some(match part {
        "program" => Word::PartProgram,
        "terminal" => Word::PartTerminal,
        "configuration" => Word::PartConfiguration,
        "store" => Word::PartStore,
        "backend" => Word::PartBackend,
        "standby" => Word::PartStandby,
        "brain" => Word::PartBrain,
        "echo" => Word::PartEcho,
        "microphone" => Word::PartMicrophone,
        "loudspeaker" => Word::PartLoudspeaker,
        "ears" => Word::PartEars,
        "voice" => Word::PartVoice,
        _ => return None,
    })
}

/// A text and the spaces that fill it up to so many columns.
fn padded(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

fn print(checks: &[Check], as_json: bool, lang: Lang) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if as_json {
        let list: Vec<_> = checks
            .iter()
            .map(|check| {
                let state = match check.state {
                    State::Good => "good",
                    State::Limited => "limited",
                    State::Broken => "broken",
                };
                json!({"part": check.part, "state": state, "found": check.found,
                    "hint": check.hint})
            })
            .collect();
        return writeln!(out, "{:#}", json!({ "checks": list }));
    }
    for check in checks {
        let mark = match check.state {
            State::Good => Word::MarkGood,
            State::Limited => Word::MarkLimited,
            State::Broken => Word::MarkBroken,
        };
        let mark = padded(mark.text(lang), 4);
        let name = part(&check.part).map_or(&*check.part, |word| word.text(lang));
        let name = padded(&defuse(name), 14);
        let mut lines = check.found.lines();
        let first = lines.next().unwrap_or_default();
        writeln!(out, "{mark}  {name} {}", defuse(first))?;
        for line in lines {
            writeln!(out, "{:20} {}", "", defuse(line))?;
        }
        if let Some(hint) = &check.hint {
            let hint = fill(Word::DoctorHint.text(lang), &[hint]);
            writeln!(out, "{:20} {}", "", defuse(&hint))?;
        }
    }
    Ok(())
}

fn terminal(lang: Lang) -> Check {
    let say = |word: Word, arguments: &[&str]| fill(word.text(lang), arguments);
    let name = std::env::var("TERM").unwrap_or_else(|_| "unknown".to_owned());
    if !io::stdout().is_terminal() {
        return Check::good("terminal", say(Word::DoctorNoTerminal, &[]));
    }
    let (columns, rows) = crossterm::terminal::size().unwrap_or_default();
    let found = say(
        Word::DoctorTerminal,
        &[&name, &columns.to_string(), &rows.to_string()],
    );
    let utf8 = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .is_none_or(|locale| locale.to_lowercase().replace('-', "").contains("utf8"));
    if name == "dumb" {
        let hint = say(Word::DoctorDumbHint, &[]);
        return Check::broken("terminal", found, Some(hint));
    }
    if !utf8 {
        let hint = say(Word::DoctorNotUtf8Hint, &[]);
        return Check::limited("terminal", say(Word::DoctorNotUtf8, &[&found]), Some(hint));
    }
    Check::good("terminal", found)
}

fn configuration(loaded: &Loaded) -> Check {
    let say = |word: Word, arguments: &[&str]| fill(word.text(loaded.settings.lang), arguments);
    let place = match &loaded.file {
        None => say(Word::DoctorNoFile, &[]),
        Some(path) if path.exists() => format!("`{}`", path.display()),
        Some(path) => say(Word::DoctorNotThere, &[&path.display().to_string()]),
    };
    if loaded.warnings.is_empty() {
        Check::good("configuration", place)
    } else {
        let found = format!("{place}\n{}", loaded.warnings.join("\n"));
        Check::limited(
            "configuration",
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
                Check::limited("store", say(Word::DoctorReadOnly, &[&found]), Some(hint))
            } else {
                Check::good("store", found)
            }
        }
        Err(error) => {
            let hint = error.hint();
            Check::broken("store", error.to_string(), hint)
        }
    }
}

/// Dials the backend, and those that stand by.
fn backends(loaded: &Loaded) -> anyhow::Result<Vec<Check>> {
    let mut checks = backend(loaded)?;
    for standby in &loaded.settings.standby {
        let mut other = loaded.clone();
        other.settings.backend = standby.clone();
        other.settings.standby.clear();
        let dialed = backend(&other)?.into_iter();
        checks.extend(
            dialed
                .filter(|check| check.part == "backend")
                .map(|check| Check {
                    part: "standby".into(),
                    ..check
                }),
        );
    }
    Ok(checks)
}

fn backend(loaded: &Loaded) -> anyhow::Result<Vec<Check>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let checks = runtime.block_on(async {
        let store = store::spawn(loaded.settings.store.path.clone(), |_kept| {});
        let mut line = boot::line(loaded, &store, Clock::start(), link::silent())?;
        let checked = tokio::time::timeout(PATIENCE, dial(loaded, &mut line)).await;
        store.close(Duration::from_secs(1));
        anyhow::Ok(checked.unwrap_or_else(|_elapsed| {
            let late = Word::DoctorLate.text(loaded.settings.lang);
            let found = fill(late, &[&PATIENCE.as_secs().to_string()]);
            vec![Check::broken("backend", found, None)]
        }))
    })?;
    runtime.shutdown_background();
    Ok(checks)
}

async fn dial(loaded: &Loaded, line: &mut boot::LineEnds) -> Vec<Check> {
    let name = loaded.settings.backend.name().to_owned();
    let lang = loaded.settings.lang;
    let mut checks = vec![];
    // The link lives as long as we hold its ends.
    let _ = line.orders.send(LinkOrder::Dial).await;
    while let Some(event) = line.events.recv().await {
        match event {
            LinkEvent::Heard {
                down: Down::Greeting(greeting),
                ..
            } => {
                let greeted = fill(Word::DoctorGreeted.text(lang), &[&name]);
                checks.push(Check::good("backend", greeted));
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
                checks.push(brain(&brains, lang));
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
                let hint = Word::DoctorBackendHint.text(lang);
                let found = format!("{name}: {}", cause.tell(lang));
                checks.push(Check::broken("backend", found, Some(hint.to_owned())));
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

fn brain(brains: &Brains, lang: Lang) -> Check {
    let list: Vec<String> = brains
        .all
        .iter()
        .map(|brain| match &brain.model {
            Some(model) => format!("{} ({}, {model})", brain.name, brain.id),
            None => format!("{} ({})", brain.name, brain.id),
        })
        .collect();
    let found = format!("{}\n{}", brains.why, list.join("\n"));
    if brains.current == "builtin" {
        let hint = Word::DoctorBrainHint.text(lang).to_owned();
        return Check::limited("brain", found, Some(hint));
    }
    Check::good("brain", found)
}
