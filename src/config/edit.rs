//! Changes the configuration file: one setting, keeping everything else as it is.
//!
//! A setting that stands there as a comment is put in the comment's place. The file is written
//! beside the old one and renamed, so that at no moment a reader finds half of it.

use super::error::{ConfigError, Origin, Problem};
use super::file::{self, Layer};
use super::kind::Value;
use super::schema::{KEYS, Name};
use super::{Env, Flags, chinese};
use crate::core::words::Lang;
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use toml_edit::{Document, DocumentMut, Item, Table, TableLike};

/// What became of a `set`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    pub file: PathBuf,
    /// The variable that wins over the file for this setting, so that nothing seems to change.
    pub overridden_by: Option<String>,
    /// The file now holds the secret itself.
    pub literal_secret: bool,
}

/// Sets one setting in the file. Checks the value first; creates file and folders where missing.
pub fn set(path: &Path, key: &str, text: &str, env: Env<'_>) -> Result<Set, ConfigError> {
    let name = Name::of(key).map_err(|nearest| ConfigError::Unknown {
        key: key.to_owned(),
        nearest,
    })?;
    let value = value(&name, key, text)?;
    let old = file::read(path)?.unwrap_or_default();
    let layer = file::parse(path, &old)?;
    if let (Name::Fixed(_), Value::Text(backend)) = (&name, &value)
        && key == "backend"
    {
        backend_exists(backend, &layer)?;
    }
    let new = changed(path, &old, &parts(&name, key), &value)?;
    stays_whole(path, layer, &new)?;
    write(path, &new)?;
    let variables = match name {
        Name::Fixed(at) => KEYS.get(at).map(super::schema::Key::all_variables),
        _ => None,
    };
    let plain = |text: &str| {
        !text.is_empty()
            && ["env:", "file:", "command:"]
                .iter()
                .all(|source| !text.starts_with(source))
    };
    Ok(Set {
        file: path.to_owned(),
        overridden_by: variables
            .unwrap_or_default()
            .into_iter()
            .find(|name| env(name).is_some_and(|value| !value.is_empty())),
        literal_secret: file::is_secret(&name) && plain(text),
    })
}

/// Takes one setting out of the file, so that its default counts; `false`: it does not stand there.
/// Its line stays as a comment.
pub fn unset(path: &Path, key: &str) -> Result<bool, ConfigError> {
    let name = Name::of(key).map_err(|nearest| ConfigError::Unknown {
        key: key.to_owned(),
        nearest,
    })?;
    let old = file::read(path)?.unwrap_or_default();
    let layer = file::parse(path, &old)?;
    let Some(new) = without(path, &old, &parts(&name, key))? else {
        return Ok(false);
    };
    stays_whole(path, layer, &new)?;
    write(path, &new)?;
    Ok(true)
}

/// The text of the file without one setting; `None`: it does not stand there.
fn without(path: &Path, old: &str, parts: &[String]) -> Result<Option<String>, ConfigError> {
    let wrong = |error| file::syntax(path, old, &error);
    let read = Document::parse(old).map_err(wrong)?;
    let (last, tables) = parts.split_last().expect("a name has at least one part");
    let walked = tables
        .iter()
        .try_fold(read.as_item(), |item, table| item.get(table));
    let found = walked.and_then(|table| {
        let (key, item) = table.as_table_like()?.get_key_value(last)?;
        Some((table, key.span()?.start, item.span()?.end))
    });
    let Some((table, begin, end)) = found else {
        return Ok(None);
    };
    if table.is_inline_table() {
        // There is no line of its own to be a comment.
        let mut document: DocumentMut = old.parse::<DocumentMut>().map_err(wrong)?;
        let mut item = document.as_item_mut();
        for table in tables {
            let Some(next) = item.get_mut(table) else {
                return Ok(None);
            };
            item = next;
        }
        if let Some(table) = item.as_table_like_mut() {
            table.remove(last);
        }
        return Ok(Some(document.to_string()));
    }
    let mut text = String::with_capacity(old.len() + 8);
    let mut at = 0;
    for line in old.split_inclusive('\n') {
        let after = at + line.len();
        if at < end && after > begin {
            text.push('#');
        }
        text.push_str(line);
        at = after;
    }
    Ok(Some(text))
}

/// Whether a setting could have this value, as far as that shows without its file; or what it must
/// be instead, in the words that follow "must be".
pub fn check(key: &str, text: &str, lang: Lang) -> Result<(), String> {
    let name = Name::of(key).map_err(|_nearest| match lang {
        Lang::En => "the name of a setting".to_owned(),
        Lang::Zh => "设置的名称".to_owned(),
    })?;
    let checked = checked(&name, text).map(|_value| ());
    checked.map_err(|wants| match lang {
        Lang::En => wants,
        Lang::Zh => chinese::wants(&name).into_owned(),
    })
}

fn checked(name: &Name, text: &str) -> Result<Value, String> {
    match name {
        Name::Fixed(at) => KEYS[*at].kind.parse(text).map_err(|wants| wants.0),
        Name::Mcp { key, .. } => file::mcp_kind(*key).parse(text).map_err(|wants| wants.0),
        name => file::check(name, Value::Text(text.to_owned().into())),
    }
}

fn value(name: &Name, key: &str, text: &str) -> Result<Value, ConfigError> {
    checked(name, text).map_err(|wants| {
        let found = (!file::is_secret(name)).then(|| text.to_owned());
        bad(key, wants, found)
    })
}

fn bad(key: &str, wants: String, found: Option<String>) -> ConfigError {
    ConfigError::Bad(vec![Problem {
        origin: Origin::Default,
        key: key.to_owned(),
        wants,
        found,
    }])
}

fn backend_exists(backend: &str, layer: &Layer) -> Result<(), ConfigError> {
    let known = backend == "embedded"
        || super::kind::is_link_url(backend)
        || layer.backends.contains_key(backend);
    if known {
        return Ok(());
    }
    let wants = super::kind::Kind::Backend.wants().into_owned();
    Err(bad("backend", wants, Some(backend.to_owned())))
}

/// Refuses a change after which the file as a whole would be refused, such as the token of a
/// backend that has no address. What was wrong before is no reason.
fn stays_whole(path: &Path, before: Layer, new: &str) -> Result<(), ConfigError> {
    let problems = |layer| {
        let settled = super::settle(&Flags::default(), &|_| None, layer, None);
        match settled {
            Err(ConfigError::Bad(problems)) => problems,
            _ => vec![],
        }
    };
    let before = problems(before);
    let mut after = problems(file::parse(path, new)?);
    after.retain(|problem| !before.contains(problem));
    if after.is_empty() {
        return Ok(());
    }
    Err(ConfigError::Bad(after))
}

/// The tables on the way to a setting, and its own name.
fn parts(name: &Name, key: &str) -> Vec<String> {
    match name {
        Name::Chord { context, chord } => {
            vec!["keys".to_owned(), (*context).to_owned(), chord.clone()]
        }
        _ => key.split('.').map(str::to_owned).collect(),
    }
}

/// The text of the file with one setting changed.
fn changed(path: &Path, old: &str, parts: &[String], value: &Value) -> Result<String, ConfigError> {
    let mut document: DocumentMut = old
        .parse::<DocumentMut>()
        .map_err(|error| file::syntax(path, old, &error))?;
    let mut toml = value.to_toml();
    let (last, tables) = parts.split_last().expect("a name has at least one part");
    let present = tables
        .iter()
        .try_fold(document.as_item(), |item, table| item.get(table))
        .is_some_and(|table| table.get(last).is_some());
    if !present
        && let Some(text) =
            uncommented(old, tables, last, &toml).or_else(|| appended(old, tables, last, &toml))
    {
        return Ok(text);
    }
    let mut table: &mut dyn TableLike = document.as_table_mut();
    let mut inline = false;
    for (depth, name) in tables.iter().enumerate() {
        let outermost = depth + 1 < tables.len();
        let next = table.entry(name).or_insert_with(|| {
            let mut new = Table::new();
            // `[backends]` above `[backends.home]` would say nothing.
            new.set_implicit(outermost);
            Item::Table(new)
        });
        let section = parts.get(..=depth).unwrap_or_default().join(".");
        let kind = next.type_name();
        inline = next.is_inline_table();
        table = next.as_table_like_mut().ok_or_else(|| {
            bad(
                &section,
                format!("a section, `[{section}]`"),
                Some(kind.into()),
            )
        })?;
    }
    match table.get_mut(last) {
        Some(Item::Value(existing)) => {
            // The comment behind the value stays.
            let decor = existing.decor().clone();
            *existing = toml;
            *existing.decor_mut() = decor;
        }
        Some(item) if !item.is_none() => {
            let wants = "a value".to_owned();
            return Err(bad(&parts.join("."), wants, Some(item.type_name().into())));
        }
        _ => {
            // The space in front of a closing brace belongs to the last value, whichever it is.
            if inline && let Some((_, Item::Value(before))) = table.iter_mut().last() {
                let suffix = before.decor().suffix().and_then(|suffix| suffix.as_str());
                let suffix = suffix.unwrap_or_default().to_owned();
                before.decor_mut().set_suffix("");
                *toml.decor_mut() = toml_edit::Decor::new(" ", suffix);
            }
            table.insert(last, Item::Value(toml));
        }
    }
    Ok(document.to_string())
}

/// Puts a setting in the place of the comment that shows its default. `None` when there is no such
/// comment, or when the outcome would not say what was asked for.
fn uncommented(
    old: &str,
    tables: &[String],
    name: &str,
    value: &toml_edit::Value,
) -> Option<String> {
    let mut section = String::new();
    let wanted = tables.join(".");
    let mut text = String::with_capacity(old.len() + 32);
    let mut done = false;
    for line in old.split_inclusive('\n') {
        let bare = line.trim();
        if bare.starts_with('[') {
            bare.trim_matches(['[', ']']).clone_into(&mut section);
        }
        let is_it = !done
            && section == wanted
            && bare
                .strip_prefix('#')
                .and_then(|rest| rest.strip_prefix(name))
                .is_some_and(|rest| rest.trim_start().starts_with('='));
        if is_it {
            done = true;
            let end = line.strip_prefix(line.trim_end()).unwrap_or_default();
            let _infallible = write!(text, "{name} = {value}{end}");
        } else {
            text.push_str(line);
        }
    }
    // A comment inside a string of several lines is no comment.
    (done && says(&text, tables, name, value)).then_some(text)
}

/// Adds a section that is not there yet at the end, below whatever comments end the file. `None`
/// when the section is there, or when the outcome would not say what was asked for.
fn appended(old: &str, tables: &[String], name: &str, value: &toml_edit::Value) -> Option<String> {
    let document = old.parse::<DocumentMut>().ok()?;
    let there = tables
        .iter()
        .try_fold(document.as_item(), |item, table| item.get(table));
    if there.is_some() || tables.is_empty() {
        return None;
    }
    let section: Vec<_> = tables
        .iter()
        .map(|table| toml_edit::Key::new(table).to_string())
        .collect();
    let gap = if old.trim().is_empty() { "" } else { "\n\n" };
    let text = format!(
        "{}{gap}[{}]\n{} = {value}\n",
        old.trim_end(),
        section.join("."),
        toml_edit::Key::new(name)
    );
    says(&text, tables, name, value).then_some(text)
}

/// Whether a text is a document that gives a setting exactly this value.
fn says(text: &str, tables: &[String], name: &str, value: &toml_edit::Value) -> bool {
    let Ok(document) = text.parse::<DocumentMut>() else {
        return false;
    };
    tables
        .iter()
        .try_fold(document.as_item(), |item, table| item.get(table))
        .and_then(|table| table.get(name)?.as_value())
        .is_some_and(|set| set.clone().decorated("", "").to_string() == value.to_string())
}

/// Creates the file from the example, unless it exists: every setting is there as a comment.
pub fn create(path: &Path) -> Result<(), ConfigError> {
    match file::read(path) {
        Ok(None) => write(path, &super::example::render()),
        // What cannot be read is the editor's business: the user may be about to mend it.
        _ => Ok(()),
    }
}

/// Writes the file so that at every moment either the old or the new text is there, whole.
fn write(path: &Path, text: &str) -> Result<(), ConfigError> {
    replace(path, text).map_err(|source| ConfigError::Unwritable {
        path: path.to_owned(),
        source,
    })
}

fn replace(path: &Path, text: &str) -> io::Result<()> {
    let target = behind_links(path)?;
    let folder = target
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    create_folders(folder)?;
    let (beside, mut file) = open_beside(folder, &target)?;
    let written = (|| {
        file.write_all(text.as_bytes())?;
        if let Ok(about) = fs::metadata(&target) {
            file.set_permissions(about.permissions())?;
        }
        file.sync_all()?;
        fs::rename(&beside, &target)
    })();
    if let Err(error) = written {
        // Best effort: the error that matters is the first one.
        let _left_behind = fs::remove_file(&beside);
        return Err(error);
    }
    // The new name is as durable as the text only after this; some systems cannot do it.
    if let Ok(folder) = File::open(folder) {
        let _unsupported = folder.sync_all();
    }
    Ok(())
}

/// The file itself, behind however many symbolic links, so that the links stay.
fn behind_links(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..40 {
        let Ok(next) = fs::read_link(&path) else {
            return Ok(path);
        };
        path = path.parent().unwrap_or(Path::new("")).join(next);
    }
    Err(io::Error::other("too many symbolic links"))
}

#[cfg(unix)]
fn create_folders(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn create_folders(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

/// A new file beside the old one, for its owner only.
fn open_beside(folder: &Path, target: &Path) -> io::Result<(PathBuf, File)> {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut taken = io::Error::other("no name is free");
    // A program that was killed may have left its file behind.
    for count in 0..16 {
        let beside = folder.join(format!(".{name}.{}.{count}", std::process::id()));
        match options.open(&beside) {
            Ok(file) => return Ok((beside, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => taken = error,
            Err(error) => return Err(error),
        }
    }
    Err(taken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::example;

    fn set_in(text: &str, key: &str, value: &str) -> Result<String, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        fs::write(&path, text).unwrap();
        let set = set(&path, key, value, &|_| None);
        let after = fs::read_to_string(&path).unwrap();
        if set.is_err() {
            assert_eq!(after, text, "a refused value changes nothing");
        }
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(left.len(), 1, "nothing is left behind");
        set.map(|_| after).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_taken_out_stays_as_a_comment() {
        let unset_in = |text: &str, key: &str| {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("config.toml");
            fs::write(&path, text).unwrap();
            let unset = unset(&path, key).map_err(|error| error.to_string());
            unset.map(|stood| (stood, fs::read_to_string(&path).unwrap()))
        };
        let cases = [
            (
                "# mine\nlang = \"zh\" # yes\n[ui]\nbell = true\n",
                "lang",
                "# mine\n#lang = \"zh\" # yes\n[ui]\nbell = true\n",
            ),
            ("[ui]\nbell = true", "ui.bell", "[ui]\n#bell = true"),
            ("ui.bell = true\n", "ui.bell", "#ui.bell = true\n"),
            (
                "persona = \"\"\"\na\"\"\"\nlang = \"en\"\n",
                "persona",
                "#persona = \"\"\"\n#a\"\"\"\nlang = \"en\"\n",
            ),
            (
                "[backends]\nhome = { url = \"ws://h/ws\", model = \"m\" }\n",
                "backends.home.model",
                "[backends]\nhome = { url = \"ws://h/ws\"}\n",
            ),
        ];
        for (text, key, expected) in cases {
            assert_eq!(
                unset_in(text, key),
                Ok((true, expected.to_owned())),
                "{key}"
            );
        }
        assert_eq!(unset_in("", "lang"), Ok((false, String::new())));
        let whole = "[backends.home]\nurl = \"ws://h/ws\"\ntoken = \"env:T\"\n";
        assert!(unset_in(whole, "backends.home.url").is_err());
        assert!(unset_in("", "nonsense").is_err());
    }

    #[test]
    fn a_new_section_stands_below_the_comments_that_end_the_file() {
        let old = "[keys.chat]\n#f1 = \"help\"\n# the end\n";
        assert_eq!(
            set_in(old, "backends.home.url", "ws://h/ws").unwrap(),
            "[keys.chat]\n#f1 = \"help\"\n# the end\n\n[backends.home]\nurl = \"ws://h/ws\"\n"
        );
    }

    #[test]
    fn a_change_after_which_the_file_would_be_refused_is_refused() {
        let error = set_in("", "backends.home.token", "env:T").unwrap_err();
        assert!(error.contains("backends.home"), "{error}");
        let url = "[backends.home]\nurl = \"ws://h/ws\"\n";
        assert!(set_in(url, "backends.home.token", "env:T").is_ok());
    }

    #[test]
    fn set_changes_what_was_asked_and_keeps_the_rest() {
        let cases = [
            (
                "# mine\n[link] # the line\nping_ms  =  5000   # often\nreconnect = true\n",
                "link.ping_ms",
                "7000",
                "# mine\n[link] # the line\nping_ms  =  7000   # often\nreconnect = true\n",
            ),
            (
                "link.ping_ms = 5000\n",
                "link.ping_ms",
                "7000",
                "link.ping_ms = 7000\n",
            ),
            (
                "link = { ping_ms = 5000 }\n",
                "link.reconnect",
                "off",
                "link = { ping_ms = 5000, reconnect = false }\n",
            ),
            (
                "",
                "persona",
                "professional",
                "persona = \"professional\"\n",
            ),
            (
                "[link]\nping_ms = 5000\n",
                "lang",
                "zh",
                "lang = \"zh\"\n[link]\nping_ms = 5000\n",
            ),
            (
                "",
                "keys.chat.ctrl-x",
                "quit",
                "[keys.chat]\nctrl-x = \"quit\"\n",
            ),
            (
                "",
                "keys.chat.ctrl-.",
                "none",
                "[keys.chat]\n\"ctrl-.\" = \"none\"\n",
            ),
            (
                "[backends.work]\nurl = \"ws://w\"\n",
                "backends.home.url",
                "wss://h/ws",
                "[backends.work]\nurl = \"ws://w\"\n\n[backends.home]\nurl = \"wss://h/ws\"\n",
            ),
            (
                "[backends.work]\nurl = \"ws://w\"\n",
                "backend",
                "work",
                "backend = \"work\"\n[backends.work]\nurl = \"ws://w\"\n",
            ),
            (
                "[ui]\n# frames\n#max_fps = 60\n#bell = true\n",
                "ui.max_fps",
                "30",
                "[ui]\n# frames\nmax_fps = 30\n#bell = true\n",
            ),
            (
                "note = \"\"\"\n#lang = \"auto\"\n\"\"\"\n",
                "lang",
                "zh",
                "note = \"\"\"\n#lang = \"auto\"\n\"\"\"\nlang = \"zh\"\n",
            ),
        ];
        for (before, key, value, after) in cases {
            assert_eq!(set_in(before, key, value).as_deref(), Ok(after), "{key}");
        }
    }

    #[test]
    fn every_setting_of_the_example_changes_one_line_only() {
        let example = example::render();
        for key in KEYS {
            let value = match key.kind {
                super::super::kind::Kind::Backend => "ws://h".to_owned(),
                super::super::kind::Kind::Store => "a.db".to_owned(),
                _ => key.default.to_string(),
            };
            let after = set_in(&example, key.name, &value).unwrap();
            let different: Vec<_> = example
                .lines()
                .zip(after.lines())
                .filter(|(old, new)| old != new)
                .collect();
            assert_eq!(different.len(), 1, "{}: {different:?}", key.name);
            assert_eq!(example.lines().count(), after.lines().count());
            let layer = file::parse(Path::new("f"), &after).unwrap();
            assert_eq!(layer.values.len(), 1, "{}", key.name);
        }
    }

    #[test]
    fn what_cannot_be_is_refused_before_anything_is_written() {
        let cases = [
            (
                "link.ping_ms",
                "5",
                "`link.ping_ms` must be between 1000 and 600000, but is: 5",
            ),
            (
                "link.pign_ms",
                "5000",
                "no setting is called `link.pign_ms`",
            ),
            ("link", "5", "`link` must be a section, but is: 5"),
            (
                "backend",
                "home",
                "`backend` must be `embedded`, a name from `[backends]` or a URL (`ws://`, \
                 `wss://`, `http://`, `https://`), but is: home",
            ),
            (
                "keys.chat.ctrl-x",
                "quti",
                "`keys.chat.ctrl-x` must be an action or `none` (no action is called `quti`; the \
                 nearest is `quit`), but is: quti",
            ),
            (
                "brain.key",
                "canary\x07",
                "`brain.key` must be `env:NAME`, `file:PATH`, `command:CMD` or the secret itself",
            ),
        ];
        for (key, value, message) in cases {
            assert_eq!(set_in("# mine\n", key, value), Err(message.to_owned()));
        }
        let message = set_in("link = 5\n", "link.ping_ms", "5000").unwrap_err();
        assert_eq!(
            message,
            "`link` must be a section, `[link]`, but is: integer"
        );
        assert!(set_in("[link\n", "lang", "en").is_err());
    }

    #[test]
    fn set_says_who_wins_over_the_file_and_when_a_secret_lies_open() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        let env = |name: &str| (name == "WS_HEARTBEAT_INTERVAL").then(|| "2000".to_owned());
        let outcome = |key: &str, value: &str| {
            let set = set(&path, key, value, &env).unwrap();
            (set.overridden_by, set.literal_secret)
        };
        let winner = Some("WS_HEARTBEAT_INTERVAL".to_owned());
        assert_eq!(outcome("link.heartbeat_ms", "5000"), (winner, false));
        assert_eq!(outcome("brain.key", "env:KEY"), (None, false));
        assert_eq!(outcome("brain.key", "canary"), (None, true));
    }

    #[cfg(unix)]
    #[test]
    fn files_are_private_links_stay_and_rights_are_kept() {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let folder = tempfile::tempdir().unwrap();
        let new = folder.path().join("a/b/config.toml");
        set(&new, "lang", "zh", &|_| None).unwrap();
        assert_eq!((mode(&new), mode(new.parent().unwrap())), (0o600, 0o700));

        let real = folder.path().join("real.toml");
        fs::write(&real, "").unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
        let link = folder.path().join("link.toml");
        std::os::unix::fs::symlink("real.toml", &link).unwrap();
        set(&link, "lang", "zh", &|_| None).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&real).unwrap(), "lang = \"zh\"\n");
        assert_eq!(mode(&real), 0o640);
    }

    #[test]
    fn what_cannot_be_put_in_place_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let taken = folder.path().join("config.toml");
        fs::create_dir(&taken).unwrap();
        fs::write(taken.join("inside"), "").unwrap();
        let error = write(&taken, "lang = \"zh\"\n").unwrap_err();
        assert!(matches!(error, ConfigError::Unwritable { .. }), "{error}");
        assert_eq!(error.exit_code(), 1);
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(left.len(), 1);
    }
}
