//! The models that can be asked for by name: those the program knows, and those its user adds.
//! Pure: it reads texts; which files hold them is the caller's.

use super::hash::Hash;
use crate::core::shelf::Task;
use std::fmt;
use toml_edit::{Array, Document, Item, TableLike, Value};

/// The list inside the program.
const BUILT_IN: &str = include_str!("../../../assets/models.toml");

/// A model that can be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What people type, and the name of its folder.
    pub id: String,
    pub task: Task,
    /// Codes of languages; `*` stands for many more.
    pub languages: Vec<String>,
    pub licence: String,
    pub licence_url: Option<String>,
    /// What its files weigh together, roughly, in megabytes.
    pub about_mb: Option<u64>,
    /// The languages it is pulled for when no model is named.
    pub default_for: Vec<String>,
    pub source: Source,
    pub files: Vec<File>,
}

/// Where a model is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// In a repository of a hub, and of all that mirror it.
    Hub {
        repository: String,
        revision: String,
    },
    /// Below an address of its own.
    Url(String),
}

/// One file of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Where it is in what was published.
    pub path: String,
    /// Where it is in the model's folder.
    pub name: String,
    pub size: Option<u64>,
    pub sha256: Option<Hash>,
}

/// Something in a list is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    pub line: usize,
    pub why: String,
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

/// The models that can be asked for, in the order in which they are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalogue(Vec<Entry>);

impl Default for Catalogue {
    fn default() -> Self {
        Self(read(BUILT_IN).expect("a test reads the list of the program"))
    }
}

impl Catalogue {
    /// The program's models and those of another list, which take the place of their namesakes.
    pub fn with(more: &str) -> Result<Self, Flaw> {
        let mut all = Self::default();
        for entry in read(more)? {
            match all.0.iter_mut().find(|known| known.id == entry.id) {
                Some(known) => *known = entry,
                None => all.0.push(entry),
            }
        }
        Ok(all)
    }

    pub fn all(&self) -> &[Entry] {
        &self.0
    }

    pub fn get(&self, id: &str) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.id == id)
    }

    /// The known name that looks most like this one.
    pub fn nearest(&self, id: &str) -> Option<&str> {
        // Nobody mistypes a page, and comparing one takes its time.
        let close = self.0.iter().filter(|_entry| id.len() < 100);
        close
            .map(|entry| (strsim::damerau_levenshtein(&entry.id, id), &entry.id))
            .filter(|(distance, known)| *distance <= 1 + known.len() / 4)
            .min()
            .map(|(_, known)| known.as_str())
    }

    /// What is pulled for a language such as `en-US` when no model is named: one for each task.
    pub fn defaults(&self, language: &str) -> Vec<&Entry> {
        let language = language.split(['-', '_']).next().unwrap_or_default();
        let suits = |task: Task, wanted: &str| {
            let suited = |entry: &&Entry| {
                entry.task == task && entry.default_for.iter().any(|one| one == wanted)
            };
            self.0.iter().find(suited)
        };
        [Task::Ears, Task::Voice]
            .into_iter()
            .filter_map(|task| suits(task, language).or_else(|| suits(task, "*")))
            .collect()
    }
}

impl Entry {
    /// What it weighs, as far as that is known beforehand, and whether that is exact.
    pub fn weight(&self) -> Option<(u64, bool)> {
        let exact: Option<u64> = self.files.iter().map(|file| file.size).sum();
        match exact {
            Some(bytes) => Some((bytes, true)),
            None => self.about_mb.map(|mb| (mb * 1_000_000, false)),
        }
    }

    /// Where its publisher keeps it, for people.
    pub fn home(&self, hub: &str) -> String {
        match &self.source {
            Source::Hub { repository, .. } => format!("{hub}/{repository}"),
            Source::Url(url) => url.clone(),
        }
    }
}

/// Reads a list.
fn read(text: &str) -> Result<Vec<Entry>, Flaw> {
    let line = |at: usize| 1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count();
    let document = Document::parse(text).map_err(|error| Flaw {
        line: line(error.span().map_or(0, |span| span.start)),
        why: error.message().lines().collect::<Vec<_>>().join(", "),
    })?;
    for (key, item) in document.iter() {
        if key != "model" || !item.is_array_of_tables() {
            return Err(Flaw {
                line: line(item.span().map_or(0, |span| span.start)),
                why: format!("`{key}` means nothing here; a model begins with `[[model]]`"),
            });
        }
    }
    let tables = document.get("model").and_then(Item::as_array_of_tables);
    let mut entries: Vec<Entry> = vec![];
    for table in tables.into_iter().flatten() {
        let at = line(table.span().map_or(0, |span| span.start));
        let flaw = |why| Flaw { line: at, why };
        let entry = entry(table).map_err(flaw)?;
        if entries.iter().any(|known| known.id == entry.id) {
            return Err(flaw(format!("`{}` is listed twice", entry.id)));
        }
        entries.push(entry);
    }
    Ok(entries)
}

const KEYS: &[&str] = &[
    "about_mb",
    "default_for",
    "files",
    "id",
    "languages",
    "licence",
    "licence_url",
    "repository",
    "revision",
    "task",
    "url",
];

fn entry(table: &dyn TableLike) -> Result<Entry, String> {
    if let Some((key, _)) = table.iter().find(|(key, _)| !KEYS.contains(key)) {
        return Err(format!(
            "`{key}` means nothing here; known are {}",
            KEYS.join(", ")
        ));
    }
    let text = |key: &str| {
        optional(
            table,
            key,
            |item| item.as_str().map(str::to_owned),
            "a text",
        )
    };
    let needed = |key: &str| text(key)?.ok_or_else(|| format!("`{key}` is missing"));
    let id = needed("id")?;
    if !is_name(&id) || id.len() > 64 || ends_in(&id, "lock") {
        return Err(format!(
            "`{id}` cannot name a folder: letters, digits, `.`, `-` and `_` can"
        ));
    }
    let task = match needed("task")?.as_str() {
        "ears" => Task::Ears,
        "voice" => Task::Voice,
        "brain" => Task::Brain,
        other => {
            let why = format!("`task` is `ears`, `voice` or `brain`, but is: {other}");
            return Err(why);
        }
    };
    let about_mb = optional(table, "about_mb", positive, "a number of megabytes")?;
    let source = match (text("repository")?, text("url")?) {
        (Some(repository), None) => {
            let both = repository.split_once('/');
            if !both.is_some_and(|(owner, name)| is_name(owner) && is_name(name)) {
                return Err(format!(
                    "`repository` is `owner/name`, but is: {repository}"
                ));
            }
            let revision = text("revision")?.unwrap_or_else(|| "main".to_owned());
            if !is_name(&revision) {
                return Err(format!("`{revision}` is no revision"));
            }
            Source::Hub {
                repository,
                revision,
            }
        }
        (None, Some(url)) => Source::Url(url.trim_end_matches('/').to_owned()),
        _ => return Err("it needs either `repository` or `url`".to_owned()),
    };
    let files = match table.get("files").and_then(Item::as_array) {
        Some(all) if !all.is_empty() => all.iter().map(file).collect::<Result<Vec<_>, _>>()?,
        _ => return Err("`files` must be a list of files".to_owned()),
    };
    for (nth, file) in files.iter().enumerate() {
        if files
            .iter()
            .skip(nth + 1)
            .any(|other| other.name == file.name)
        {
            return Err(format!(
                "two files would be `{}`; `as` names one",
                file.name
            ));
        }
    }
    Ok(Entry {
        id,
        task,
        languages: texts(table, "languages")?,
        licence: needed("licence")?,
        licence_url: text("licence_url")?,
        about_mb,
        default_for: texts(table, "default_for")?,
        source,
        files,
    })
}

fn file(value: &Value) -> Result<File, String> {
    let table = value
        .as_inline_table()
        .ok_or("a file is written as `{ path = \"...\" }`")?;
    let table: &dyn TableLike = table;
    let known = ["as", "path", "sha256", "size"];
    if let Some((key, _)) = table.iter().find(|(key, _)| !known.contains(key)) {
        return Err(format!("`{key}` means nothing for a file"));
    }
    let text = |key: &str| {
        optional(
            table,
            key,
            |item| item.as_str().map(str::to_owned),
            "a text",
        )
    };
    let path = text("path")?.ok_or("a file needs a `path`")?;
    let name = match text("as")? {
        Some(name) => name,
        None => path.rsplit('/').next().unwrap_or_default().to_owned(),
    };
    for one in [&path, &name] {
        if !one.split('/').all(is_name) || one.len() > 200 || is_ours(one) {
            return Err(format!("`{one}` cannot name a file of a model"));
        }
    }
    let hash = optional(
        table,
        "sha256",
        |item| Hash::read(item.as_str()?),
        "64 hexadecimal digits",
    )?;
    Ok(File {
        size: optional(table, "size", positive, "a number of bytes")?,
        sha256: hash,
        path,
        name,
    })
}

/// A part of a path that is a name on every system and leads nowhere else.
fn is_name(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    !text.is_empty()
        && !text.starts_with(['.', '-'])
        && !text.ends_with('.')
        && text.chars().all(fits)
}

/// Names that the program gives to files of its own in a model's folder.
pub(super) fn is_ours(name: &str) -> bool {
    name.eq_ignore_ascii_case(super::receipt::NAME)
        || ends_in(name, "part")
        || ends_in(name, "from")
}

/// Whether a name has this ending, in any letters: to some file systems they are the same.
pub(super) fn ends_in(name: &str, ending: &str) -> bool {
    let found = name.rsplit_once('.').map(|(_, found)| found);
    found.is_some_and(|found| found.eq_ignore_ascii_case(ending))
}

fn positive(item: &Item) -> Option<u64> {
    let number = u64::try_from(item.as_integer()?).ok()?;
    // A petabyte is no model, and sums of these are not to run over.
    (1..1 << 50).contains(&number).then_some(number)
}

fn optional<T>(
    table: &dyn TableLike,
    key: &str,
    read: impl Fn(&Item) -> Option<T>,
    wants: &str,
) -> Result<Option<T>, String> {
    let Some(item) = table.get(key) else {
        return Ok(None);
    };
    match read(item) {
        Some(value) => Ok(Some(value)),
        None => Err(format!("`{key}` must be {wants}")),
    }
}

fn texts(table: &dyn TableLike, key: &str) -> Result<Vec<String>, String> {
    let all = |list: &Array| {
        let all = list.iter().map(|one| Some(one.as_str()?.to_owned()));
        all.collect::<Option<Vec<_>>>()
    };
    let read = |item: &Item| all(item.as_array()?);
    Ok(optional(table, key, read, "a list of texts")?.unwrap_or_default())
}

#[cfg(test)]
mod tests;
