//! `hearsay models pull`: shows what is to come, asks, and brings it here.

use super::bar::Bar;
use super::{Around, PullArgs, ask, complain};
use crate::cli::Exit;
use crate::core::shelf::megabytes;
use crate::core::words::Word;
use crate::mind::models::{Entry, Limits, ModelsError, Order, Receipt, State, Verdict};
use std::io::{self, Write};
use std::process::ExitCode;

/// Brings models here, one after another.
pub(super) fn run(args: &PullArgs, mut around: Around) -> anyhow::Result<ExitCode> {
    if let Some(hub) = &args.hub {
        around.hub.base.clone_from(hub);
    }
    let around = &around;
    let entries = if args.models.is_empty() {
        around.catalogue.defaults(&around.spoken)
    } else {
        let named = args.models.iter().map(|model| around.entry(model));
        named.collect::<Result<Vec<_>, _>>()?
    };
    if entries.is_empty() {
        let told = around.say(Word::PullNoDefault, &[&around.spoken]);
        crate::cli::complain(&told, None);
        return Ok(Exit::Usage.into());
    }
    let mut wanted = vec![];
    for entry in entries {
        if is_right(entry, around)? {
            around.note(Word::PullAlready, &[&entry.id]);
            folder(entry, around)?;
        } else {
            wanted.push(entry);
        }
    }
    if wanted.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    for entry in &wanted {
        plan(entry, around);
    }
    // Offline there is nothing to agree to: the pull says what is missing.
    if !args.yes && !around.hub.offline {
        match ask(Word::PlanAsk.text(around.lang))? {
            Some(true) => {}
            Some(false) => {
                around.note(Word::PullDeclined, &[]);
                return Ok(Exit::Unanswered.into());
            }
            None => {
                let ids: Vec<_> = wanted.iter().map(|entry| entry.id.as_str()).collect();
                let hint = around.say(Word::PullNeedsYesHint, &[&ids.join(" ")]);
                let told = around.say(Word::PullNeedsYes, &[]);
                crate::cli::complain(&told, Some(&hint));
                return Ok(Exit::Usage.into());
            }
        }
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(all(&wanted, around));
    // A name lookup may still hang in a thread of the runtime; nobody waits for it.
    runtime.shutdown_background();
    outcome
}

/// Whether a model is here and every file of it is what it was when it came.
fn is_right(entry: &Entry, around: &Around) -> Result<bool, ModelsError> {
    if !matches!(around.shelf.state(entry), State::Here { .. }) {
        return Ok(false);
    }
    let findings = around.shelf.verify(&entry.id, &mut |_file| {})?;
    Ok(findings
        .iter()
        .all(|finding| matches!(finding.verdict, Verdict::Good(_))))
}

async fn all(wanted: &[&Entry], around: &Around) -> anyhow::Result<ExitCode> {
    let mut code = ExitCode::SUCCESS;
    for entry in wanted {
        let mut bar = Bar::new(around);
        let order = Order {
            entry,
            hub: &around.hub,
            limits: Limits::default(),
        };
        let mut tell = |step: crate::mind::models::Step<'_>| bar.hear(&entry.id, &step);
        let done: Option<Result<Receipt, ModelsError>> = tokio::select! {
            done = around.shelf.pull(&order, &mut tell) => Some(done),
            // What came so far is on the disk.
            _ = tokio::signal::ctrl_c() => None,
        };
        bar.end();
        match done {
            Some(Ok(_receipt)) => {
                around.note(Word::PullDone, &[&entry.id]);
                folder(entry, around)?;
            }
            Some(Err(error)) => code = complain(&error, around.lang),
            None => {
                let hint = around.say(Word::PullAgainHint, &[&entry.id]);
                let told = around.say(Word::PullStopped, &[&entry.id]);
                crate::cli::complain(&told, Some(&hint));
                return Ok(Exit::Unanswered.into());
            }
        }
    }
    Ok(code)
}

/// What programs want to know: where the model is.
fn folder(entry: &Entry, around: &Around) -> io::Result<()> {
    let folder = around.shelf.place(&entry.id).display().to_string();
    writeln!(io::stdout(), "{}", crate::core::defuse::defuse(&folder))
}

/// Shows what a model is, before anything of it is fetched.
fn plan(entry: &Entry, around: &Around) {
    let mut size = around.say(
        Word::PlanFiles,
        &[&around.weight(entry), &entry.files.len().to_string()],
    );
    match around.shelf.state(entry) {
        State::Absent => {}
        State::Partial { bytes } => {
            let here = around.say(Word::ModelPartial, &[&megabytes(bytes)]);
            size = format!("{size}; {here}");
        }
        state @ (State::Damaged { .. } | State::Here { .. }) => {
            let files = match state {
                State::Damaged { files } => files,
                _ => corrupt(entry, around),
            };
            let damaged = around.say(Word::ModelIsDamaged, &[&files.join(", ")]);
            size = format!("{size}; {damaged}");
        }
    }
    let licence = match &entry.licence_url {
        Some(url) => format!("{} ({url})", entry.licence),
        None => entry.licence.clone(),
    };
    let check = if entry.files.iter().all(|file| file.sha256.is_some()) {
        Word::PlanPinned
    } else {
        Word::PlanUnpinned
    };
    let mut from = entry.home(&around.hub.base);
    if around.hub.is_plain(entry) {
        from = format!("{from} ({})", around.say(Word::PlanPlain, &[]));
    }
    let rows = [
        (Word::PlanSize, size),
        (Word::PlanLicence, licence),
        (Word::PlanFrom, from),
        (
            Word::PlanTo,
            around.shelf.place(&entry.id).display().to_string(),
        ),
        (Word::PlanCheck, around.say(check, &[])),
    ];
    let rows = rows.map(|(word, text)| [around.say(word, &[]), text]);
    let head = format!(
        "{}: {}, {}",
        entry.id,
        around.task(entry.task),
        entry.languages.join(" ")
    );
    let mut errors = io::stderr().lock();
    // Nobody is left to tell when stderr is gone.
    let _ = writeln!(errors, "{}", crate::core::defuse::defuse(&head));
    for line in super::columns(&rows) {
        let _ = writeln!(errors, "  {}", crate::core::defuse::defuse(&line));
    }
}

/// The files of a model that are not what they were.
fn corrupt(entry: &Entry, around: &Around) -> Vec<String> {
    let findings = around.shelf.verify(&entry.id, &mut |_file| {});
    let wrong = findings.unwrap_or_default().into_iter();
    wrong
        .filter(|finding| !matches!(finding.verdict, Verdict::Good(_)))
        .map(|finding| finding.file)
        .collect()
}
