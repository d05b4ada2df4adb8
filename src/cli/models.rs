//! `hearsay models`: what there is for hearing and speaking on this machine, and bringing it here.

mod bar;
mod pull;
mod upkeep;

use super::Exit;
use crate::config::Loaded;
use crate::core::defuse::defuse;
use crate::core::shelf::{Task, megabytes};
use crate::core::words::{Lang, Word, fill};
use crate::mind::models::{Catalogue, Entry, Hub, ModelsError, Receipt, Shelf, State};
use crate::shell;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use unicode_width::UnicodeWidthStr;

/// What to do with models.
#[derive(Debug, Args)]
pub struct ModelsArgs {
    #[command(subcommand)]
    wish: Wish,
}

#[derive(Debug, Subcommand)]
enum Wish {
    /// Print the models there are, with size, licence, and whether they are here
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Bring models here, go on with what was cut, and mend what is damaged
    #[command(
        long_about = "Bring models here, go on with what was cut, and mend what is damaged.\n\n\
            Size, licence and source are shown first, and nothing is fetched without a yes. What \
            came is kept when it is cut, and the same command goes on with it.\n\n\
            Prints the folder of each model. Exits with 1 when a model is not here afterwards, 2 \
            when the command makes no sense, and 3 when no hub can be reached."
    )]
    Pull(PullArgs),
    /// Read every file of models that are here and tell which are damaged
    Verify {
        /// Models to check; without one, all that are here
        #[arg(value_name = "ID")]
        models: Vec<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Remove models from this machine
    Rm {
        /// Models to remove
        #[arg(value_name = "ID", required = true)]
        models: Vec<String>,
        /// Remove them without asking
        #[arg(long, short)]
        yes: bool,
    },
    /// Take a model over from a folder, a file, or an archive made by `tar`
    Import {
        /// A folder, a file, or an archive
        #[arg(value_name = "PATH")]
        from: PathBuf,
        /// The model that it is, where it does not say so itself
        #[arg(long = "as", value_name = "ID")]
        model: Option<String>,
    },
    /// Print the folder of a model, or of all of them
    Path {
        /// A model
        #[arg(value_name = "ID")]
        model: Option<String>,
    },
}

#[derive(Debug, Args)]
struct PullArgs {
    /// Models to bring here; without one, those that suit the language you speak
    #[arg(value_name = "ID")]
    models: Vec<String>,
    /// Fetch without asking
    #[arg(long, short)]
    yes: bool,
    /// Fetch from this hub [config: models.hub] [env: HF_ENDPOINT]
    #[arg(long, value_name = "URL")]
    hub: Option<String>,
}

/// Everything the subcommands need.
struct Around {
    shelf: Shelf,
    catalogue: Catalogue,
    hub: Hub,
    lang: Lang,
    /// The language that is spoken to the microphone.
    spoken: String,
}

/// Does what was asked.
pub fn run(args: &ModelsArgs, loaded: &Loaded) -> anyhow::Result<ExitCode> {
    let lang = loaded.settings.lang;
    let done = done(args, loaded);
    match done.as_ref().map_err(|error| error.downcast_ref()) {
        Err(Some(error)) => Ok(complain(error, lang)),
        _ => done,
    }
}

fn done(args: &ModelsArgs, loaded: &Loaded) -> anyhow::Result<ExitCode> {
    let around = Around {
        shelf: shell::models::shelf(loaded),
        catalogue: shell::models::catalogue(loaded)?,
        hub: shell::models::hub(loaded)?,
        lang: loaded.settings.lang,
        spoken: loaded.settings.spoken_language().to_owned(),
    };
    match &args.wish {
        Wish::List { json } => around.list(*json)?,
        Wish::Pull(args) => return pull::run(args, around),
        Wish::Verify { models, json } => return upkeep::verify(models, *json, &around),
        Wish::Rm { models, yes } => return upkeep::remove(models, *yes, &around),
        Wish::Import { from, model } => return upkeep::import(from, model.as_deref(), &around),
        Wish::Path { model } => {
            let path = match model {
                Some(model) => around.shelf.place(&around.named(model)?),
                None => around.shelf.folder().to_owned(),
            };
            writeln!(io::stdout(), "{}", defuse(&path.display().to_string()))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Tells what went wrong, and answers with what the program ends with.
fn complain(error: &ModelsError, lang: Lang) -> ExitCode {
    super::complain(&error.tell(lang), error.hint(lang).as_deref());
    if error.is_no_connection() {
        Exit::NoConnection.into()
    } else if error.is_usage() {
        Exit::Usage.into()
    } else {
        Exit::Unanswered.into()
    }
}

impl Around {
    fn say(&self, word: Word, arguments: &[&str]) -> String {
        defuse(&fill(word.text(self.lang), arguments)).into_owned()
    }

    /// Tells people something.
    fn note(&self, word: Word, arguments: &[&str]) {
        // Nobody is left to tell when stderr is gone.
        let _ = writeln!(io::stderr(), "{}", self.say(word, arguments));
    }

    /// A model that can be asked for.
    fn entry(&self, model: &str) -> Result<&Entry, ModelsError> {
        let found = self.catalogue.get(model);
        found.ok_or_else(|| ModelsError::unknown(model, &self.catalogue))
    }

    /// The name of a model that can be asked for, or is here.
    fn named(&self, model: &str) -> Result<String, ModelsError> {
        let strangers = self.shelf.strangers(&self.catalogue);
        match strangers.iter().find(|receipt| receipt.model == model) {
            Some(receipt) => Ok(receipt.model.clone()),
            None => Ok(self.entry(model)?.id.clone()),
        }
    }

    /// What a model weighs, as people read it.
    fn weight(&self, entry: &Entry) -> String {
        match entry.weight() {
            Some((bytes, true)) => megabytes(bytes),
            Some((bytes, false)) => self.say(Word::ModelAbout, &[&megabytes(bytes)]),
            None => self.say(Word::ModelUnweighed, &[]),
        }
    }

    fn task(&self, task: Task) -> String {
        let word = match task {
            Task::Ears => Word::PartEars,
            Task::Voice => Word::PartVoice,
            Task::Brain => Word::PartBrain,
        };
        self.say(word, &[])
    }

    fn state(&self, state: &State) -> String {
        match state {
            State::Absent => self.say(Word::ModelAbsent, &[]),
            State::Partial { bytes } => self.say(Word::ModelPartial, &[&megabytes(*bytes)]),
            State::Damaged { files } => self.say(Word::ModelIsDamaged, &[&files.join(", ")]),
            State::Here { .. } => self.say(Word::ModelHere, &[]),
        }
    }

    fn list(&self, json: bool) -> io::Result<()> {
        let strangers = self.shelf.strangers(&self.catalogue);
        let mut out = io::stdout().lock();
        if json {
            let listed = self
                .catalogue
                .all()
                .iter()
                .map(|entry| self.described(entry));
            let all: Vec<Value> = listed.chain(strangers.iter().map(stranger)).collect();
            let folder = self.shelf.folder().display().to_string();
            let list = json!({"folder": folder, "models": all});
            return writeln!(out, "{}", super::harmless(&format!("{list:#}")));
        }
        let mut rows: Vec<[String; 6]> = vec![];
        for entry in self.catalogue.all() {
            let state = self.shelf.state(entry);
            let weight = match &state {
                State::Here { bytes } => megabytes(*bytes),
                _ => self.weight(entry),
            };
            rows.push([
                entry.id.clone(),
                self.task(entry.task),
                entry.languages.join(" "),
                weight,
                entry.licence.clone(),
                self.state(&state),
            ]);
        }
        for receipt in &strangers {
            rows.push([
                receipt.model.clone(),
                String::new(),
                String::new(),
                megabytes(receipt.weight()),
                receipt.licence.clone(),
                self.say(Word::ModelStranger, &[]),
            ]);
        }
        for line in columns(&rows) {
            writeln!(out, "{}", defuse(&line))?;
        }
        out.flush()?;
        if io::stderr().is_terminal() {
            self.note(Word::ModelsListHint, &[]);
        }
        Ok(())
    }

    fn described(&self, entry: &Entry) -> Value {
        let (state, bytes, damaged) = match self.shelf.state(entry) {
            State::Absent => ("absent", 0, vec![]),
            State::Partial { bytes } => ("partial", bytes, vec![]),
            State::Damaged { files } => ("damaged", 0, files),
            State::Here { bytes } => ("here", bytes, vec![]),
        };
        let weight = entry.weight();
        let files: Vec<_> = entry.files.iter().map(|file| &file.name).collect();
        json!({
            "id": entry.id,
            "task": entry.task.name(),
            "languages": entry.languages,
            "licence": entry.licence,
            "licence_url": entry.licence_url,
            "size": weight.map(|(bytes, _)| bytes),
            "size_is_exact": weight.is_some_and(|(_, exact)| exact),
            "source": entry.home(&self.hub.base),
            "files": files,
            "state": state,
            "bytes_here": bytes,
            "damaged": damaged,
            "folder": self.shelf.place(&entry.id).display().to_string(),
        })
    }
}

fn stranger(receipt: &Receipt) -> Value {
    json!({
        "id": receipt.model,
        "licence": receipt.licence,
        "source": receipt.source,
        "state": if receipt.whole { "here" } else { "partial" },
        "bytes_here": receipt.weight(),
    })
}

/// Rows with their columns below each other.
fn columns<const N: usize>(rows: &[[String; N]]) -> Vec<String> {
    let widest = |column: usize| rows.iter().map(|row| row[column].width()).max();
    let widths: Vec<_> = (0..N).map(|column| widest(column).unwrap_or(0)).collect();
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(&widths);
        let cells = cells.map(|(cell, width)| {
            let pad = width.saturating_sub(cell.width());
            format!("{cell}{}", " ".repeat(pad))
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

/// Asks people something that is answered with yes or no. Without a terminal nobody can be asked.
fn ask(question: &str) -> io::Result<Option<bool>> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Ok(None);
    }
    write!(io::stderr(), "{question}")?;
    io::stderr().flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    let answer = answer.trim().to_lowercase();
    Ok(Some(matches!(answer.as_str(), "y" | "yes" | "是" | "好")))
}
