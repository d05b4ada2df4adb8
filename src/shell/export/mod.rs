//! Writes conversations down as documents: for the command line to wherever it says, for the screen
//! to a file beside whatever is there.

mod document;
mod figures;
mod html;
mod srt;

pub use document::{summary, write, write_json};

use crate::core::defuse::defuse;
use crate::core::ids::ConversationId;
use crate::core::record::Summary;
use crate::core::time::Wall;
use crate::core::transcript::Role;
use crate::core::words::{Lang, Word, fill};
use crate::store::Store;
use anyhow::Context as _;
use clap::ValueEnum;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// How a conversation is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Markdown
    Md,
    Json,
    /// Plain text
    Txt,
    /// A page for a browser, without scripts
    Html,
    /// Subtitles of what was spoken, a sentence at a time
    Srt,
    /// The same, a word at a time
    SrtWords,
}

impl Format {
    /// How files of it end.
    const fn ending(self) -> &'static str {
        match self {
            Self::Md => "md",
            Self::Json => "json",
            Self::Txt => "txt",
            Self::Html => "html",
            Self::Srt | Self::SrtWords => "srt",
        }
    }
}

/// In which language and zone documents are written.
#[derive(Clone, Debug)]
pub struct Manner {
    pub lang: Lang,
    pub zone: TimeZone,
}

impl Manner {
    /// A sentence in the language of the reader.
    pub fn say(&self, word: Word, arguments: &[&str]) -> String {
        fill(word.text(self.lang), arguments)
    }

    /// Who speaks, for people.
    pub fn role(&self, role: Role) -> &'static str {
        let word = match role {
            Role::User => Word::RoleUser,
            Role::Assistant => Word::RoleAssistant,
            Role::Note => Word::RoleNote,
        };
        word.text(self.lang)
    }

    /// What a conversation is called.
    pub fn title(&self, summary: &Summary) -> String {
        match summary.title.trim() {
            "" => self.say(Word::HistoryUntitled, &[]),
            title => one_line(title),
        }
    }

    /// A moment for people, in their zone.
    fn date(&self, at: Wall) -> String {
        date(at, &self.zone)
    }
}

/// A moment for people, in their zone.
pub fn date(at: Wall, zone: &TimeZone) -> String {
    Timestamp::from_millisecond(at.0).map_or_else(
        |_| "-".to_owned(),
        |at| {
            let at = at.to_zoned(zone.clone());
            at.strftime("%Y-%m-%d %H:%M").to_string()
        },
    )
}

/// Who speaks, for programs.
pub fn role_name(role: Role) -> &'static str {
    match role {
        Role::User => "user",
        Role::Assistant => "assistant",
        Role::Note => "note",
    }
}

/// A moment for programs, in UTC; `null` when it is no moment of the calendar.
pub fn stamp(at: Wall) -> Option<String> {
    Timestamp::from_millisecond(at.0)
        .ok()
        .map(|at| at.to_string())
}

/// Harmless text without line ends.
pub fn one_line(text: &str) -> String {
    defuse(text).replace(['\n', '\t'], " ")
}

/// Writes a conversation into a file: this one, one in this folder, or one in the folder where the
/// program runs, or else in this home of ours. What is there already is not touched. Answers where
/// it went.
pub fn to_file(
    database: &Path,
    conversation: ConversationId,
    format: &str,
    place: Option<&Path>,
    home: &Path,
    manner: &Manner,
) -> anyhow::Result<PathBuf> {
    let format = Format::from_str(format, true)
        .map_err(|_unknown| anyhow::anyhow!(manner.say(Word::ExportFormats, &[format])))?;
    let store = Store::open(database)?;
    let summary = store.summary(conversation)?;
    let mut document = vec![];
    write(&store, &summary, format, manner, &mut document)?;
    let own = named(&manner.title(&summary), format);
    match place {
        Some(place) if !place.is_dir() => add(place, &document),
        Some(folder) => add(&folder.join(own), &document),
        None => {
            let here = std::env::current_dir().unwrap_or_default();
            add(&here.join(&own), &document).or_else(|_not_here| {
                let home = home.join("exports");
                std::fs::create_dir_all(&home)?;
                add(&home.join(&own), &document)
            })
        }
    }
}

/// Writes a new file of this name, or of this name and a number, and answers which it is.
pub fn add(path: &Path, content: &[u8]) -> anyhow::Result<PathBuf> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let ending = path.extension().map(|end| format!(".{}", end.display()));
    let ending = ending.unwrap_or_default();
    let mut path = path.to_owned();
    for nth in 2.. {
        match save(&path, content, false) {
            Err(error) if nth < 1000 && error.kind() == io::ErrorKind::AlreadyExists => {
                path = folder.join(format!("{stem}-{nth}{ending}"));
            }
            done => {
                done.with_context(|| format!("`{}`", path.display()))?;
                break;
            }
        }
    }
    Ok(path)
}

/// Writes a file that only its owner can read; `over` one that is there, if that is agreed.
pub fn save(path: &Path, content: &[u8], over: bool) -> io::Result<()> {
    let mut options = File::options();
    options
        .write(true)
        .create_new(!over)
        .create(over)
        .truncate(over);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(content)?;
    file.flush()
}

/// A name for the file of a conversation, which any system takes.
fn named(title: &str, format: Format) -> String {
    let mut name = String::new();
    for c in title.chars().take(60) {
        if c.is_alphanumeric() {
            name.extend(c.to_lowercase());
        } else if !name.ends_with('-') && !name.is_empty() {
            name.push('-');
        }
    }
    let name = match name.trim_end_matches('-') {
        "" => "hearsay",
        name => name,
    };
    format!("{name}.{}", format.ending())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::ids::{MessageId, TurnId};
    use crate::core::transcript::Message;

    #[test]
    fn a_conversation_goes_to_a_file_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("hearsay.db");
        let conversation = ConversationId(9);
        let mut message =
            Message::new(MessageId(1), TurnId(1), Role::User, Wall(1_700_000_000_000));
        "东京: a/trip?".clone_into(&mut message.text);
        let mut store = Store::open(&database).unwrap();
        store.write_message(conversation, None, &message).unwrap();
        let manner = Manner {
            lang: Lang::En,
            zone: TimeZone::UTC,
        };
        let export = |format: &str, place: &Path| {
            to_file(
                &database,
                conversation,
                format,
                Some(place),
                folder.path(),
                &manner,
            )
        };
        let first = export("md", folder.path()).unwrap();
        assert_eq!(first, folder.path().join("东京-a-trip.md"));
        assert_eq!(
            export("md", folder.path()).unwrap(),
            folder.path().join("东京-a-trip-2.md")
        );
        let named = folder.path().join("mine.txt");
        assert_eq!(export("html", &named).unwrap(), named);
        assert!(std::fs::read_to_string(&named).unwrap().contains("<html"));
        let text = std::fs::read_to_string(&first).unwrap();
        assert!(text.starts_with("# 东京: a/trip?\n"), "{text}");
        assert_eq!(
            export("txt", &named).unwrap(),
            folder.path().join("mine-2.txt"),
            "what is there is not touched"
        );
        assert!(std::fs::read_to_string(&named).unwrap().contains("<html"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(&first).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        let before = std::fs::read_dir(folder.path()).unwrap().count();
        assert!(export("pdf", folder.path()).is_err());
        assert!(export("srt", folder.path()).is_err(), "nothing was spoken");
        assert!(export("md", &folder.path().join("no/such/folder.md")).is_err());
        let left = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(left, before, "what fails leaves nothing behind");
    }
}
