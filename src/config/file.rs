//! The configuration file as a layer: found, read, and taken apart into checked values that know
//! their line. What a user mistyped is collected, so that one run tells all of it.

use super::doubt::Doubt;
use super::error::{ConfigError, Origin, Problem};
use super::kind::{Kind, Value, shown};
use super::schema::{self, FIELDS, KEYS, Name};
use crate::core::action::Action;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};
use toml_edit::{Document, Item, TableLike, TomlError};
use unicode_width::UnicodeWidthStr;

/// No configuration is longer. A device or a film named by mistake is not read to its end.
const LONGEST: u64 = 1024 * 1024;
/// More unknown names than this say nothing new.
const MOST_WARNINGS: usize = 20;

/// What one file says. It holds secrets as the file writes them, so it is never printed.
#[derive(Default)]
pub(super) struct Layer {
    /// The values, by their place in [`KEYS`].
    pub(super) values: BTreeMap<usize, (Value, Origin)>,
    pub(super) backends: BTreeMap<String, BackendTable>,
    pub(super) mcp: BTreeMap<String, McpTable>,
    pub(super) bindings: Vec<Binding>,
    pub(super) problems: Vec<Problem>,
    pub(super) doubts: Vec<Doubt>,
}

/// One table of `[backends]`.
#[derive(Clone, Default)]
pub(super) struct BackendTable {
    /// What it sets, by the place in [`FIELDS`].
    pub(super) values: BTreeMap<usize, (Value, Origin)>,
    /// Where the table stands.
    pub(super) origin: Option<Origin>,
}

/// One table of `[mcp]`.
#[derive(Clone, Default)]
pub(super) struct McpTable {
    /// By their place in [`schema::MCP`].
    pub(super) values: BTreeMap<usize, (Value, Origin)>,
    /// Where the table stands.
    pub(super) origin: Option<Origin>,
}

/// One binding of the file. The chord is still text: `core::chord` knows whether it is one.
#[derive(Clone, Debug, PartialEq)]
pub struct Binding {
    /// `chat`, `empty`, `picker`, `browser`, `page` or `log`.
    pub context: &'static str,
    pub chord: String,
    /// `None` takes the chord's default meaning away.
    pub action: Option<Action>,
    pub origin: Origin,
}

impl Binding {
    /// The setting's dotted name.
    pub fn key(&self) -> String {
        format!("keys.{}.{}", self.context, self.chord)
    }

    /// The binding's action as text.
    pub fn action_text(&self) -> String {
        self.action
            .as_ref()
            .map_or_else(|| "none".to_owned(), Action::to_string)
    }

    /// What to tell when the chord is none: put it into [`ConfigError::Bad`].
    pub fn not_a_chord(&self) -> Problem {
        Problem {
            origin: self.origin.clone(),
            key: self.key(),
            wants: "named after a chord such as `ctrl-x`".to_owned(),
            found: Some(self.chord.clone()),
        }
    }
}

/// The text of the file; `None` when it does not exist.
pub(super) fn read(path: &Path) -> Result<Option<String>, ConfigError> {
    let unreadable = |source| ConfigError::Unreadable {
        path: path.to_owned(),
        source,
    };
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file.map_err(unreadable)?,
    };
    let mut bytes = vec![];
    file.take(LONGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > LONGEST {
        return Err(ConfigError::TooLong {
            path: path.to_owned(),
            limit: LONGEST,
        });
    }
    String::from_utf8(bytes).map(Some).map_err(|error| {
        let good = error
            .as_bytes()
            .iter()
            .take(error.utf8_error().valid_up_to());
        ConfigError::NotText {
            path: path.to_owned(),
            line: 1 + good.filter(|byte| **byte == b'\n').count(),
        }
    })
}

/// Takes the text of a file apart. Only text that is no TOML at all is an error here; values that
/// cannot be are among the layer's problems.
pub(super) fn parse(path: &Path, text: &str) -> Result<Layer, ConfigError> {
    let document = Document::parse(text).map_err(|error| syntax(path, text, &error))?;
    let mut reader = Reader {
        path,
        lines: text.match_indices('\n').map(|(at, _)| at).collect(),
        layer: Layer::default(),
        unknown: 0,
    };
    reader.table(&[], document.as_table());
    let more = reader.unknown.saturating_sub(MOST_WARNINGS);
    if more > 0 {
        reader.layer.doubts.push(Doubt::More {
            path: path.to_owned(),
            count: more,
        });
    }
    Ok(reader.layer)
}

struct Reader<'a> {
    path: &'a Path,
    /// Where the lines end.
    lines: Vec<usize>,
    layer: Layer,
    unknown: usize,
}

impl Reader<'_> {
    /// Goes down as deep as the schema does, never as deep as the file might.
    fn table(&mut self, above: &[&str], table: &dyn TableLike) {
        for (name, item) in table.iter() {
            let here: Vec<&str> = above.iter().copied().chain([name]).collect();
            let span = table.key(name).and_then(toml_edit::Key::span);
            let origin = self.origin(span.or_else(|| item.span()));
            match Name::of_parts(&here) {
                Some(Name::Section) => self.section(&here, item, origin),
                Some(name) => self.value(&name, &here.join("."), item, origin),
                None => self.unknown_name(&here, &origin),
            }
        }
    }

    fn section(&mut self, here: &[&str], item: &Item, origin: Origin) {
        let Some(table) = item.as_table_like() else {
            self.layer.problems.push(Problem {
                origin,
                key: here.join("."),
                wants: format!("a section, `[{}]`", here.join(".")),
                found: Some(found(item)),
            });
            return;
        };
        if let ["backends", name] = here {
            let backend = self.layer.backends.entry((*name).to_owned()).or_default();
            backend.origin.get_or_insert_with(|| origin.clone());
        }
        if let ["mcp", name] = here {
            let server = self.layer.mcp.entry((*name).to_owned()).or_default();
            server.origin.get_or_insert(origin);
        }
        self.table(here, table);
    }

    fn value(&mut self, name: &Name, dotted: &str, item: &Item, origin: Origin) {
        let checked = match value_of(item) {
            Some(value) => check(name, value),
            None => Err(wants(name)),
        };
        let value = match checked {
            Ok(value) => value,
            Err(wants) => {
                let found = (!is_secret(name)).then(|| found(item));
                let key = dotted.to_owned();
                self.layer.problems.push(Problem {
                    origin,
                    key,
                    wants,
                    found,
                });
                return;
            }
        };
        let layer = &mut self.layer;
        match name {
            Name::Fixed(index) => {
                layer.values.insert(*index, (value, origin));
            }
            Name::Backend { backend, field } => {
                let backend = layer.backends.entry(backend.clone()).or_default();
                backend.values.insert(*field, (value, origin));
            }
            Name::Mcp { server, key } => {
                let server = layer.mcp.entry(server.clone()).or_default();
                server.values.insert(*key, (value, origin));
            }
            Name::Chord { context, chord } => layer.bindings.push(Binding {
                context,
                chord: chord.clone(),
                action: value.to_string().parse().ok(),
                origin,
            }),
            Name::Section => {}
        }
    }

    fn unknown_name(&mut self, here: &[&str], origin: &Origin) {
        self.unknown += 1;
        if self.unknown > MOST_WARNINGS {
            return;
        }
        let dotted = shown(&here.join("."));
        self.layer.doubts.push(Doubt::Unknown {
            origin: origin.clone(),
            key: dotted,
            nearest: schema::nearest(here),
        });
    }

    fn origin(&self, span: Option<Range<usize>>) -> Origin {
        let start = span.map_or(0, |span| span.start);
        Origin::File {
            path: self.path.to_owned(),
            line: 1 + self.lines.partition_point(|end| *end < start),
        }
    }
}

/// Checks a value for what a name means; otherwise says what it must be.
pub(super) fn check(name: &Name, value: Value) -> Result<Value, String> {
    match name {
        Name::Fixed(index) => {
            let kind = KEYS.get(*index).map_or(Kind::Text, |key| key.kind);
            kind.check(value).map_err(|wants| wants.0)
        }
        Name::Backend { field, .. } => match (FIELDS[*field].kind, value) {
            // A backend without an address is none.
            (Kind::LinkUrl, Value::Text(text)) if text.is_empty() => Err(wants(name)),
            (kind, value) => kind.check(value).map_err(|_wants| wants(name)),
        },
        Name::Mcp { key, .. } => mcp_kind(*key).check(value).map_err(|wants| wants.0),
        Name::Chord { .. } => match Kind::Text.check(value) {
            Ok(Value::Text(text)) if text == "none" => Ok(Value::Text(text)),
            Ok(Value::Text(text)) => match text.parse::<Action>() {
                Ok(_) => Ok(Value::Text(text)),
                Err(error) => Err(format!("{} ({error}{})", wants(name), nearest(&error))),
            },
            _ => Err(wants(name)),
        },
        Name::Section => Err(wants(name)),
    }
}

/// What a name's value must be, in the words that follow "must be".
pub(super) fn wants(name: &Name) -> String {
    match name {
        Name::Fixed(index) => KEYS
            .get(*index)
            .map_or(Kind::Text.wants(), |key| key.kind.wants())
            .into_owned(),
        Name::Backend { field, .. } => match FIELDS[*field].kind {
            Kind::LinkUrl => "a URL (`ws://`, `wss://`, `http://`, `https://`)".to_owned(),
            kind => kind.wants().into_owned(),
        },
        Name::Mcp { key, .. } => mcp_kind(*key).wants().into_owned(),
        Name::Chord { .. } => "an action or `none`".to_owned(),
        Name::Section => "a section".to_owned(),
    }
}

/// What a setting of a server of tools may hold.
pub(super) fn mcp_kind(key: usize) -> Kind {
    schema::MCP
        .get(key)
        .map_or(Kind::Text, |(_, kind, _)| *kind)
}

fn nearest(error: &crate::core::action::NotAnAction) -> String {
    match error {
        crate::core::action::NotAnAction::Unknown {
            nearest: Some(nearest),
            ..
        } => {
            format!("; the nearest is `{nearest}`")
        }
        _ => String::new(),
    }
}

/// Is what this name holds never shown?
pub(super) fn is_secret(name: &Name) -> bool {
    match name {
        Name::Backend { field, .. } => FIELDS[*field].kind == Kind::Secret,
        Name::Mcp { key, .. } => mcp_kind(*key) == Kind::Secret,
        Name::Fixed(index) => KEYS.get(*index).is_some_and(|key| key.kind == Kind::Secret),
        _ => false,
    }
}

fn value_of(item: &Item) -> Option<Value> {
    match item.as_value()? {
        toml_edit::Value::String(text) => Some(Value::Text(Cow::Owned(text.value().clone()))),
        toml_edit::Value::Integer(number) => Some(Value::Int(*number.value())),
        toml_edit::Value::Float(number) => Some(Value::Float(*number.value())),
        toml_edit::Value::Boolean(truth) => Some(Value::Bool(*truth.value())),
        _ => None,
    }
}

/// A value as the message shows it: scalars as they are, the rest by its kind.
fn found(item: &Item) -> String {
    match value_of(item) {
        Some(Value::Text(text)) => format!("\"{text}\""),
        Some(value) => value.to_string(),
        None => match item.type_name() {
            "inline table" => "a table".to_owned(),
            other if other.starts_with(['a', 'e', 'i', 'o', 'u']) => format!("an {other}"),
            other => format!("a {other}"),
        },
    }
}

/// Most columns of a broken line that are shown on each side of the place.
const AROUND: usize = 60;

pub(super) fn syntax(path: &Path, text: &str, error: &TomlError) -> ConfigError {
    let at = error.span().map_or(0, |span| span.start).min(text.len());
    let before = text.get(..at).unwrap_or(text);
    let line = 1 + before.matches('\n').count();
    let left = before.rsplit('\n').next().unwrap_or_default();
    let column = 1 + left.chars().count();
    let right = text
        .get(at..)
        .unwrap_or_default()
        .lines()
        .next()
        .unwrap_or_default();
    // A window: the line may be a megabyte long.
    let skipped = (column - 1).saturating_sub(AROUND);
    let left: String = left.chars().skip(skipped).map(harmless).collect();
    let right: String = right.chars().take(AROUND).map(harmless).collect();
    let mut why = error.message().lines().collect::<Vec<_>>().join(", ");
    if why.is_empty() {
        "this is no TOML".clone_into(&mut why);
    }
    ConfigError::Syntax {
        path: path.to_owned(),
        line,
        column,
        why: why.chars().map(harmless).collect(),
        caret: format!("{}^", " ".repeat(left.width())),
        text: format!("{left}{right}").trim_end().to_owned(),
    }
}

fn harmless(c: char) -> char {
    match c {
        '\t' => ' ',
        c if shown(c.encode_utf8(&mut [0; 4])) == "\u{fffd}" => '\u{fffd}',
        c => c,
    }
}

/// Where the file is, and who says so.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Place {
    pub(super) path: Option<PathBuf>,
    pub(super) named_by: Origin,
}
