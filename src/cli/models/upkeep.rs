//! `hearsay models verify`, `rm` and `import`: what is done with models that are here, or came by
//! other ways than a hub.

use super::{Around, ask, bar, complain};
use crate::cli::Exit;
use crate::core::shelf::megabytes;
use crate::core::words::Word;
use crate::mind::models::{Finding, ModelsError, State, Verdict};
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

/// Checks models that are here. Exits with 1 when one of them is damaged.
pub(super) fn verify(models: &[String], json: bool, around: &Around) -> anyhow::Result<ExitCode> {
    let models = if models.is_empty() {
        all_here(around)
    } else {
        let named = models.iter().map(|model| around.named(model));
        named.collect::<Result<Vec<_>, _>>()?
    };
    if models.is_empty() && !json {
        around.note(Word::VerifyNone, &[]);
    }
    let mut good = true;
    let mut list = vec![];
    for model in &models {
        let findings = match around.shelf.verify(model, &mut |_file| {}) {
            Ok(findings) => findings,
            Err(error) => {
                complain(&error, around.lang);
                good = false;
                continue;
            }
        };
        let right = findings
            .iter()
            .all(|finding| matches!(finding.verdict, Verdict::Good(_)));
        let whole = is_whole(model, around);
        good &= right && whole;
        if json {
            let files: Vec<_> = findings.iter().map(described).collect();
            list.push(json!({"id": model, "right": right, "whole": whole, "files": files}));
        } else {
            tell(model, &findings, right, whole, around)?;
        }
    }
    if json {
        let list = format!("{:#}", Value::Array(list));
        writeln!(io::stdout(), "{}", crate::cli::harmless(&list))?;
    }
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        Exit::Unanswered.into()
    })
}

/// The models of which something is here.
fn all_here(around: &Around) -> Vec<String> {
    let listed = around.catalogue.all().iter();
    let listed = listed.filter(|entry| around.shelf.receipt(&entry.id).is_some());
    let strangers = around.shelf.strangers(&around.catalogue);
    listed
        .map(|entry| entry.id.clone())
        .chain(strangers.into_iter().map(|receipt| receipt.model))
        .collect()
}

fn is_whole(model: &str, around: &Around) -> bool {
    match around.catalogue.get(model) {
        Some(entry) => !matches!(
            around.shelf.state(entry),
            State::Absent | State::Partial { .. }
        ),
        None => around
            .shelf
            .receipt(model)
            .is_some_and(|receipt| receipt.whole),
    }
}

fn tell(
    model: &str,
    findings: &[Finding],
    right: bool,
    whole: bool,
    around: &Around,
) -> io::Result<()> {
    for finding in findings {
        let path = around.shelf.place(model).join(&finding.file);
        let path = path.display().to_string();
        let told = match &finding.verdict {
            Verdict::Good(trust) => {
                around.say(Word::VerifyGood, &[&path, &bar::trust(around, *trust)])
            }
            Verdict::Corrupt { expected, got } => around.say(
                Word::VerifyCorrupt,
                &[&path, &expected.to_string(), &got.to_string()],
            ),
            Verdict::Gone => around.say(Word::VerifyGone, &[&path]),
            Verdict::Unreadable { why } => around.say(Word::VerifyUnreadable, &[&path, why]),
        };
        writeln!(io::stdout(), "{told}")?;
    }
    if right && whole {
        writeln!(io::stdout(), "{}", around.say(Word::VerifyWhole, &[model]))?;
        return Ok(());
    }
    let word = if right {
        Word::VerifyPartial
    } else {
        Word::VerifyBad
    };
    let hint = around.say(Word::VerifyBadHint, &[model]);
    crate::cli::complain(&around.say(word, &[model]), Some(&hint));
    Ok(())
}

fn described(finding: &Finding) -> Value {
    let file = &finding.file;
    match &finding.verdict {
        Verdict::Good(trust) => json!({"file": file, "verdict": "right", "trust": trust.name()}),
        Verdict::Corrupt { expected, got } => json!({"file": file, "verdict": "corrupt",
            "expected": expected.to_string(), "got": got.to_string()}),
        Verdict::Gone => json!({"file": file, "verdict": "gone"}),
        Verdict::Unreadable { why } => {
            json!({"file": file, "verdict": "unreadable", "why": why})
        }
    }
}

/// Removes models.
pub(super) fn remove(models: &[String], yes: bool, around: &Around) -> anyhow::Result<ExitCode> {
    let mut code = ExitCode::SUCCESS;
    for model in models {
        let model = around.named(model)?;
        let Some(bytes) = around.shelf.weight(&model) else {
            code = complain(&ModelsError::NotHere { model }, around.lang);
            continue;
        };
        let weight = megabytes(bytes);
        let agreed = if yes {
            Some(true)
        } else {
            ask(&around.say(Word::RmAsk, &[&model, &weight]))?
        };
        let Some(agreed) = agreed else {
            let told = around.say(Word::RmNeedsYes, &[&model, &weight]);
            crate::cli::complain(&told, None);
            return Ok(Exit::Usage.into());
        };
        if !agreed {
            around.note(Word::RmKept, &[]);
            code = Exit::Unanswered.into();
            continue;
        }
        around.shelf.remove(&model)?;
        around.note(Word::RmDone, &[&model, &weight]);
    }
    Ok(code)
}

/// Takes a model over. Exits with 1 when it is not whole afterwards.
pub(super) fn import(
    from: &Path,
    model: Option<&str>,
    around: &Around,
) -> anyhow::Result<ExitCode> {
    let mut tell = |file: &str| around.note(Word::ImportTaking, &[file]);
    let imported = around
        .shelf
        .import(from, model, &around.catalogue, &mut tell)?;
    if imported.missing.is_empty() {
        around.note(Word::PullDone, &[&imported.model]);
        let folder = around.shelf.place(&imported.model).display().to_string();
        writeln!(io::stdout(), "{}", crate::core::defuse::defuse(&folder))?;
        return Ok(ExitCode::SUCCESS);
    }
    let missing: Vec<_> = imported
        .missing
        .iter()
        .map(|name| format!("`{name}`"))
        .collect();
    let told = around.say(Word::ImportSome, &[&imported.model, &missing.join(", ")]);
    let hint = around.say(Word::ModelsNotHereHint, &[&imported.model]);
    crate::cli::complain(&told, Some(&hint));
    Ok(Exit::Unanswered.into())
}
