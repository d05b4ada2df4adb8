//! Says what each setting is, where its value comes from and what it could be.

use super::error::{ConfigError, Origin};
use super::kind::{Kind, Value, without_password};
use super::schema::{self, FIELDS, KEYS, Name};
use super::secret::Secret;
use super::settings::McpPlace;
use super::{Loaded, Resolved, chinese, file};
use crate::core::words::Lang;

/// One setting, explained.
#[derive(Clone, Debug, PartialEq)]
pub struct Explained {
    /// Its dotted name.
    pub key: String,
    /// Its value for people; a secret only says where it comes from.
    pub value: String,
    /// Its value as the file would write it.
    pub toml: String,
    pub origin: Origin,
    pub comment: &'static str,
    /// What it may be.
    pub range: String,
    /// The default as the file would write it; free keys have none.
    pub default: Option<String>,
    /// Variables that set it, the strongest first.
    pub variables: Vec<String>,
    /// The flag that sets it.
    pub flag: Option<&'static str>,
    /// Values that are worth offering.
    pub choices: Vec<String>,
    pub secret: bool,
}

impl Explained {
    /// What it is, in a language.
    pub fn about(&self, lang: Lang) -> &'static str {
        let told = match lang {
            Lang::En => None,
            Lang::Zh => Name::of(&self.key).ok().as_ref().and_then(chinese::about),
        };
        told.unwrap_or(self.comment)
    }

    /// What it may be, in the words that follow "must be" there.
    pub fn range(&self, lang: Lang) -> String {
        match (lang, Name::of(&self.key)) {
            (Lang::Zh, Ok(name)) => chinese::wants(&name).into_owned(),
            _ => self.range.clone(),
        }
    }
}

/// Everything there is, in the order of the schema, the free keys last.
pub(super) fn all(loaded: &Loaded) -> Vec<Explained> {
    let resolved = &loaded.resolved;
    let mut all: Vec<_> = KEYS
        .iter()
        .zip(&resolved.values)
        .map(|(key, (value, origin))| {
            let (value, toml) = match key.kind {
                Kind::Secret => {
                    let secrets = loaded.settings.secrets();
                    let secret = secrets.iter().find(|(name, _)| *name == key.name);
                    hidden(secret.expect("every secret of the schema is a setting").1)
                }
                _ => open(&computed(loaded, key.name, value)),
            };
            Explained {
                key: key.name.to_owned(),
                value,
                toml,
                origin: origin.clone(),
                comment: key.comment,
                range: key.kind.wants().into_owned(),
                default: Some(key.default.to_toml().to_string()),
                variables: key.all_variables(),
                flag: Some(key.flag).filter(|flag| !flag.is_empty()),
                choices: choices(key.kind, resolved),
                secret: key.kind == Kind::Secret,
            }
        })
        .collect();
    let free =
        |key: String, shown: (String, String), origin: &Origin, comment, name: &Name| Explained {
            key,
            value: shown.0,
            toml: shown.1,
            origin: origin.clone(),
            comment,
            range: file::wants(name),
            default: None,
            variables: vec![],
            flag: None,
            choices: kind_of(name).map_or_else(Vec::new, |kind| choices(kind, resolved)),
            secret: file::is_secret(name),
        };
    for (backend, table) in &resolved.backends {
        let named = loaded
            .settings
            .backends
            .iter()
            .find(|named| named.name == *backend);
        for (at, (value, origin)) in &table.values {
            let (field, Some(named)) = (&FIELDS[*at], named) else {
                continue;
            };
            let shown = match field.kind {
                Kind::Secret => hidden(&named.token),
                _ => open(value),
            };
            let name = Name::Backend {
                backend: backend.clone(),
                field: *at,
            };
            let key = format!("backends.{backend}.{}", field.name());
            all.push(free(key, shown, origin, field.comment, &name));
        }
    }
    for (server, table) in &resolved.mcp {
        for (at, (value, origin)) in &table.values {
            let (key, _, comment) = schema::MCP[*at];
            let name = Name::Mcp {
                server: server.clone(),
                key: *at,
            };
            let token = loaded.settings.tools.servers.iter();
            let token = token
                .filter(|one| one.name == *server)
                .find_map(|one| match &one.place {
                    McpPlace::Address { token, .. } => Some(token),
                    McpPlace::Program { .. } => None,
                });
            let shown = match token {
                Some(token) if file::is_secret(&name) => hidden(token),
                _ if file::is_secret(&name) => hidden(&Secret::default()),
                _ => open(value),
            };
            let key = format!("mcp.{server}.{key}");
            all.push(free(key, shown, origin, comment, &name));
        }
    }
    for binding in &resolved.bindings {
        let name = Name::Chord {
            context: binding.context,
            chord: binding.chord.clone(),
        };
        let shown = open(&Value::Text(binding.action_text().into()));
        all.push(free(
            binding.key(),
            shown,
            &binding.origin,
            schema::BINDING,
            &name,
        ));
    }
    all
}

/// The kind of a free key that has one.
fn kind_of(name: &Name) -> Option<Kind> {
    match name {
        Name::Backend { field, .. } => FIELDS.get(*field).map(|field| field.kind),
        Name::Mcp { key, .. } => Some(file::mcp_kind(*key)),
        Name::Fixed(_) | Name::Chord { .. } | Name::Section => None,
    }
}

/// What is worth offering; of backends also those that have a name.
fn choices(kind: Kind, resolved: &Resolved) -> Vec<String> {
    let mut choices: Vec<String> = kind.choices().iter().map(|one| (*one).to_owned()).collect();
    if kind == Kind::Backend {
        choices.extend(resolved.backends.keys().cloned());
    }
    choices
}

/// A default that depends on the system is shown as what it comes to.
fn computed(loaded: &Loaded, key: &str, value: &Value) -> Value {
    let path = match key {
        "data_dir" => &loaded.settings.data_dir,
        "store.url" => &loaded.settings.store.path,
        _ => return value.clone(),
    };
    match value {
        Value::Text(text) if text.is_empty() => Value::Text(path.display().to_string().into()),
        value => value.clone(),
    }
}

fn open(value: &Value) -> (String, String) {
    let value = match value {
        Value::Text(text) => Value::Text(without_password(text).into_owned().into()),
        value => value.clone(),
    };
    (value.to_string(), value.to_toml().to_string())
}

fn hidden(secret: &Secret) -> (String, String) {
    (secret.describe(), secret.describe())
}

impl Loaded {
    /// Explains the settings with this name: one, or all of a section. A free key that nobody has
    /// set is nothing to explain.
    pub fn explain(&self, key: &str) -> Result<Vec<Explained>, ConfigError> {
        let name = Name::of(key).map_err(|nearest| ConfigError::Unknown {
            key: key.to_owned(),
            nearest,
        })?;
        let section = format!("{key}.");
        let found: Vec<_> = self
            .explained()
            .into_iter()
            .filter(|one| one.key == key || name == Name::Section && one.key.starts_with(&section))
            .collect();
        if found.is_empty() && name != Name::Section {
            return Err(ConfigError::NotSet {
                key: key.to_owned(),
            });
        }
        Ok(found)
    }
}
