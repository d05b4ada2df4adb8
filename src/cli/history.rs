//! `hearsay history`: lists, searches, shows, exports, renames and deletes stored conversations.
//!
//! Data goes to `out`, words about it to `people`. Resuming is only looked up here; opening the
//! screen with it is the caller's.

use crate::core::ids::ConversationId;
use crate::core::record::{Found, Summary};
use crate::core::time::Wall;
use crate::core::transcript::Role;
use crate::core::words::{Lang, Word};
use crate::shell::export::{self, Format, Manner, date, one_line, role_name, stamp};
use crate::store::Store;
use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use jiff::tz::TimeZone;
use serde_json::json;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Fewer characters of an id could be the beginning of a word somebody mistyped.
const SHORTEST: usize = 4;

/// What to do with the stored conversations.
#[derive(Debug, Args)]
pub struct HistoryArgs {
    #[command(subcommand)]
    wish: Wish,
}

#[derive(Debug, Subcommand)]
enum Wish {
    /// List the conversations, the last used first
    List {
        /// How many at most
        #[arg(long, default_value_t = 30)]
        limit: usize,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Find messages that hold all these words, the newest first
    Search {
        #[arg(required = true)]
        words: Vec<String>,
        /// How many at most
        #[arg(long, default_value_t = 30)]
        limit: usize,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print a conversation
    Show {
        /// The id, its beginning, or `last`
        id: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Write a conversation as a document
    Export {
        /// The id, its beginning, or `last`
        id: String,
        #[arg(long, value_enum, default_value_t = Format::Md)]
        format: Format,
        /// Write to this file instead of standard output
        #[arg(long, short)]
        output: Option<PathBuf>,
        /// Write over a file that is there
        #[arg(long, requires = "output")]
        force: bool,
    },
    /// Give a conversation another title
    Rename {
        /// The id, its beginning, or `last`
        id: String,
        #[arg(required = true)]
        title: Vec<String>,
    },
    /// Delete a conversation for good
    Delete {
        /// The id, its beginning, or `last`
        id: String,
        /// Do it without asking back
        #[arg(long, short)]
        yes: bool,
    },
    /// Go on with a conversation
    Resume {
        /// The id, its beginning, or `last`
        #[arg(default_value = "last")]
        id: String,
    },
}

/// What a subcommand needs to know about its surroundings.
#[derive(Clone, Debug)]
pub struct Surroundings<'a> {
    /// The store's file.
    pub database: &'a Path,
    pub lang: Lang,
    /// Dates are shown in this zone.
    pub zone: TimeZone,
    /// May matches be emphasised with escape sequences? Only on a terminal that wants colours.
    pub emphasis: bool,
}

/// What is left to do for the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing.
    Done,
    /// Open the screen with this conversation.
    Resume(ConversationId),
}

/// Carries out a subcommand. That nobody reads the output any longer is no error.
pub fn run(
    args: &HistoryArgs,
    around: &Surroundings<'_>,
    out: &mut dyn Write,
    people: &mut dyn Write,
) -> anyhow::Result<Outcome> {
    let is_broken_pipe = |error: &anyhow::Error| {
        error
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    };
    let done = carry_out(&args.wish, around, out, people).and_then(|outcome| {
        out.flush()?;
        Ok(outcome)
    });
    match done {
        Err(error) if is_broken_pipe(&error) => Ok(Outcome::Done),
        other => other,
    }
}

fn carry_out(
    wish: &Wish,
    around: &Surroundings<'_>,
    out: &mut dyn Write,
    people: &mut dyn Write,
) -> anyhow::Result<Outcome> {
    // Looking must not leave an empty store behind.
    let mut store = match around.database.try_exists() {
        Ok(false) => None,
        Ok(true) | Err(_) => Some(Store::open(around.database)?),
    };
    match wish {
        Wish::List { limit, json } => {
            let listed = store.map_or(Ok(vec![]), |store| store.list(*limit))?;
            if *json {
                let listed = listed.iter().map(export::summary).collect();
                export::write_json(&serde_json::Value::Array(listed), out)?;
            } else if listed.is_empty() {
                writeln!(people, "{}", around.say(Word::HistoryEmpty, &[]))?;
            } else {
                list(&listed, around, out)?;
            }
        }
        Wish::Search { words, limit, json } => {
            let words = words.join(" ");
            let found = store.map_or(Ok(vec![]), |store| store.search(&words, *limit))?;
            if *json {
                let found = found.iter().map(hit).collect();
                export::write_json(&serde_json::Value::Array(found), out)?;
            } else if found.is_empty() {
                let words = one_line(&words);
                writeln!(
                    people,
                    "{}",
                    around.say(Word::HistoryNothingFound, &[&words])
                )?;
            } else {
                for hit in &found {
                    write_hit(hit, around, out)?;
                }
            }
        }
        Wish::Show { id, json } => {
            let (store, conversation) = find(store.as_mut(), id, around, people)?;
            let format = if *json { Format::Json } else { Format::Txt };
            export::write(store, &conversation, format, &around.manner(), out)?;
        }
        Wish::Export {
            id,
            format,
            output,
            force,
        } => {
            let (store, conversation) = find(store.as_mut(), id, around, people)?;
            let to_file = output.as_ref().filter(|path| path.as_os_str() != "-");
            let Some(path) = to_file else {
                export::write(store, &conversation, *format, &around.manner(), out)?;
                return Ok(Outcome::Done);
            };
            let name = one_line(&path.display().to_string());
            // As a whole, so that what cannot be written down leaves no file behind.
            let mut document = vec![];
            export::write(
                store,
                &conversation,
                *format,
                &around.manner(),
                &mut document,
            )?;
            match export::save(path, &document, *force) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    bail!(around.say(Word::HistoryThere, &[&name]));
                }
                done => done.with_context(|| format!("`{name}`"))?,
            }
            writeln!(people, "{}", around.say(Word::HistoryExported, &[&name]))?;
        }
        Wish::Rename { id, title } => {
            let (store, conversation) = find(store.as_mut(), id, around, people)?;
            let title = one_line(&title.join(" "));
            if title.trim().is_empty() {
                bail!(around.say(Word::HistoryBlankTitle, &[]));
            }
            store.rename(conversation.id, &title)?;
            writeln!(
                people,
                "{}",
                around.say(Word::HistoryRenamed, &[title.trim()])
            )?;
        }
        Wish::Delete { id, yes } => {
            let (store, conversation) = find(store.as_mut(), id, around, people)?;
            let title = around.title(&conversation);
            let count = conversation.messages.to_string();
            if !yes {
                bail!(around.say(Word::HistoryDeleteWants, &[&title, &count]));
            }
            store.delete(conversation.id)?;
            writeln!(
                people,
                "{}",
                around.say(Word::HistoryDeleted, &[&title, &count])
            )?;
        }
        Wish::Resume { id } => {
            let (_, conversation) = find(store.as_mut(), id, around, people)?;
            return Ok(Outcome::Resume(conversation.id));
        }
    }
    Ok(Outcome::Done)
}

/// The one conversation that an id, its beginning or `last` means.
fn find<'a>(
    store: Option<&'a mut Store>,
    id: &str,
    around: &Surroundings<'_>,
    people: &mut dyn Write,
) -> anyhow::Result<(&'a mut Store, Summary)> {
    let name = one_line(id);
    let Some(store) = store else {
        bail!(around.say(Word::HistoryEmpty, &[]));
    };
    let mut found = if id == "last" {
        store.list(1)?
    } else if id.chars().count() < SHORTEST {
        bail!(around.say(Word::HistoryTooShort, &[&name, &SHORTEST.to_string()]));
    } else {
        store.begins_with(id)?
    };
    match (found.pop(), found.is_empty()) {
        (Some(one), true) => Ok((store, one)),
        (Some(another), false) => {
            found.push(another);
            list_with(&found, around, people, |summary| summary.id.to_string())?;
            bail!(around.say(Word::HistoryAmbiguous, &[&name]));
        }
        (None, _) if id == "last" => bail!(around.say(Word::HistoryEmpty, &[])),
        (None, _) => bail!(around.say(Word::HistoryNoSuch, &[&name])),
    }
}

fn list(listed: &[Summary], around: &Surroundings<'_>, out: &mut dyn Write) -> io::Result<()> {
    list_with(listed, around, out, |summary| short(summary.id))
}

fn list_with(
    listed: &[Summary],
    around: &Surroundings<'_>,
    out: &mut dyn Write,
    id: impl Fn(&Summary) -> String,
) -> io::Result<()> {
    for summary in listed {
        writeln!(
            out,
            "{}  {}  {:>5}  {}",
            id(summary),
            around.date(summary.used),
            summary.messages,
            around.title(summary)
        )?;
    }
    Ok(())
}

fn write_hit(hit: &Found, around: &Surroundings<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (id, date) = (short(hit.conversation), around.date(hit.at));
    writeln!(out, "{id}  {date}  {}", one_line(&hit.title))?;
    write!(out, "          {}: ", around.role(hit.role))?;
    let mut end = 0;
    for (from, to) in &hit.marks {
        // Each part is defused by itself: the marks count bytes of the text as it was.
        let plain = hit.excerpt.get(end..*from).unwrap_or_default();
        let marked = hit.excerpt.get(*from..*to).unwrap_or_default();
        write!(out, "{}", one_line(plain))?;
        if around.emphasis {
            write!(out, "\x1b[1m{}\x1b[22m", one_line(marked))?;
        } else {
            write!(out, "{}", one_line(marked))?;
        }
        end = *to;
    }
    writeln!(
        out,
        "{}",
        one_line(hit.excerpt.get(end..).unwrap_or_default())
    )
}

fn hit(hit: &Found) -> serde_json::Value {
    json!({
        "conversation": hit.conversation,
        "title": hit.title,
        "message": hit.message,
        "at": stamp(hit.at),
        "role": role_name(hit.role),
        "excerpt": hit.excerpt,
        "marks": hit.marks,
    })
}

/// As much of an id as tells a lifetime of conversations apart.
fn short(id: ConversationId) -> String {
    id.to_string().chars().take(8).collect()
}

impl Surroundings<'_> {
    /// How documents are written here.
    fn manner(&self) -> Manner {
        Manner {
            lang: self.lang,
            zone: self.zone.clone(),
        }
    }

    fn say(&self, word: Word, arguments: &[&str]) -> String {
        self.manner().say(word, arguments)
    }

    fn role(&self, role: Role) -> &'static str {
        self.manner().role(role)
    }

    fn title(&self, summary: &Summary) -> String {
        self.manner().title(summary)
    }

    /// A moment for people, in their zone.
    fn date(&self, at: Wall) -> String {
        date(at, &self.zone)
    }
}

#[cfg(test)]
mod tests;
