//! Settles what the program was told: defaults, then the file, then the environment, then the
//! flags, and where each value came from.
//!
//! [`schema`] is the only home of a setting. [`load`] answers with [`Settings`] or with everything
//! that is wrong at once. Changing the file is [`edit`]; who prints errors is `cli`.

pub mod beside;
mod chinese;
mod doubt;
pub mod edit;
pub mod error;
pub mod example;
pub mod explain;
mod file;
pub mod flags;
pub mod kind;
pub mod schema;
pub mod secret;
pub mod settings;
pub mod tongue;
mod typed;

pub use error::{ConfigError, Origin, Problem};
pub use explain::Explained;
pub use file::Binding;
pub use flags::Flags;
pub use secret::Secret;
pub use settings::Settings;

use crate::core::words::Lang;
use directories::ProjectDirs;
use doubt::Doubt;
use file::{BackendTable, Layer, McpTable, Place};
use kind::{Kind, Value};
use schema::{KEYS, Key};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// Answers what a variable holds.
pub type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The configuration in force.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub settings: Settings,
    /// What the user should know, though the program starts.
    pub warnings: Vec<String>,
    /// The file that was read, or would have been.
    pub file: Option<PathBuf>,
    resolved: Resolved,
    /// What was said on the command line, to settle everything again.
    flags: Flags,
}

/// Every value with its origin, before it is typed. It holds secrets as the file writes them.
#[derive(Clone)]
pub(in crate::config) struct Resolved {
    /// In the order of [`KEYS`].
    values: Vec<(Value, Origin)>,
    backends: BTreeMap<String, BackendTable>,
    mcp: BTreeMap<String, McpTable>,
    bindings: Vec<Binding>,
}

impl fmt::Debug for Resolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

impl Loaded {
    /// Every value with its origin, its range and its comment.
    pub fn explained(&self) -> Vec<Explained> {
        explain::all(self)
    }

    /// Did anybody say this setting, or is it the program's own value?
    fn is_said(&self, key: &str) -> bool {
        self.resolved.values[schema::index(key)].1 != Origin::Default
    }

    /// Every secret that the configuration holds or names, for who has to leave them out. What a
    /// password manager would have to be asked for is in nothing that we write.
    pub fn secrets(&self) -> Vec<String> {
        let settings = &self.settings;
        let mut all: Vec<String> = vec![];
        let own = settings.secrets();
        all.extend(own.iter().filter_map(|(_, secret)| secret.held()));
        let backends = std::iter::once(&settings.backend).chain(&settings.standby);
        let remote = backends.filter_map(|backend| match backend {
            settings::Backend::Remote(named) => Some(named),
            settings::Backend::Embedded => None,
        });
        let named = remote.chain(&settings.backends);
        all.extend(named.filter_map(|named| named.token.held()));
        for server in &settings.tools.servers {
            match &server.place {
                settings::McpPlace::Address { token, .. } => all.extend(token.held()),
                settings::McpPlace::Program { set, .. } => {
                    all.extend(set.iter().map(|(_, value)| value.clone()));
                }
            }
        }
        all
    }

    /// The configuration as the file and the environment have it by now.
    pub fn again(&self) -> Result<Self, ConfigError> {
        of_process(&self.flags)
    }
}

/// The configuration of this process, with doubts about its environment.
pub fn of_process(flags: &Flags) -> Result<Loaded, ConfigError> {
    let mut loaded = load(flags, &process_env)?;
    tongue::adopt(&mut loaded);
    let names = std::env::vars_os().filter_map(|(name, _value)| name.into_string().ok());
    let strangers = unknown_variables(names, loaded.settings.lang);
    loaded.warnings.extend(strangers);
    Ok(loaded)
}

/// The environment of the process, as [`load`] wants it.
pub fn process_env(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Warns of variables that look like ours and are not: a typo would change nothing without a word.
pub fn unknown_variables(names: impl IntoIterator<Item = String>, lang: Lang) -> Vec<String> {
    let mut strangers: Vec<_> = names
        .into_iter()
        .filter(|name| name.starts_with("HEARSAY_"))
        .collect();
    if strangers.is_empty() {
        return vec![];
    }
    let known: Vec<String> = KEYS
        .iter()
        .flat_map(Key::all_variables)
        .chain(["CONFIG", "RECORD", "TRACE"].map(|name| format!("HEARSAY_{name}")))
        .collect();
    strangers.retain(|name| !known.contains(name));
    strangers.sort_unstable();
    let warning = |name: String| {
        let distance = |known: &&String| strsim::damerau_levenshtein(known, &name);
        let nearest = known.iter().min_by_key(distance);
        let nearest = nearest.filter(|nearest| distance(nearest) <= 3).cloned();
        Doubt::UnknownVariable { name, nearest }.tell(lang)
    };
    strangers.into_iter().map(warning).collect()
}

/// Settles everything. Answers with all values that cannot be, not with the first one.
pub fn load(flags: &Flags, env: Env<'_>) -> Result<Loaded, ConfigError> {
    let place = place(flags, env);
    let layer = match &place.path {
        Some(path) => match file::read(path)? {
            Some(text) => file::parse(path, &text)?,
            None if place.named_by == Origin::Default => Layer::default(),
            None => {
                return Err(ConfigError::Missing {
                    path: path.clone(),
                    named_by: place.named_by,
                });
            }
        },
        None => Layer::default(),
    };
    settle(flags, env, layer, place.path)
}

/// Where the file is: where the user says, or where the system keeps such files.
fn place(flags: &Flags, env: Env<'_>) -> Place {
    if let Some(path) = &flags.config {
        return Place {
            path: Some(path.clone()),
            named_by: Origin::Flag { name: "--config" },
        };
    }
    if let Some(path) = env("HEARSAY_CONFIG").filter(|path| !path.is_empty()) {
        return Place {
            path: Some(at_home(&path, env)),
            named_by: Origin::Env {
                name: "HEARSAY_CONFIG".to_owned(),
            },
        };
    }
    Place {
        path: folders().map(|folders| folders.config_dir().join("config.toml")),
        named_by: Origin::Default,
    }
}

/// The path of the file, whether it exists or not.
pub fn path(flags: &Flags, env: Env<'_>) -> Result<PathBuf, ConfigError> {
    place(flags, env).path.ok_or(ConfigError::NoHome {
        what: "the configuration",
        flag: "--config",
    })
}

fn folders() -> Option<ProjectDirs> {
    ProjectDirs::from("", "", "hearsay")
}

/// Where running programs keep what is theirs alone: the system's folder for that, or one in the
/// data folder.
pub fn runtime_folder(data_dir: &Path) -> PathBuf {
    let folders = folders();
    let of_system = folders.as_ref().and_then(ProjectDirs::runtime_dir);
    of_system.map_or_else(|| data_dir.join("run"), Path::to_path_buf)
}

/// A path whose `~` is the home folder.
pub fn at_home(text: &str, env: Env<'_>) -> PathBuf {
    let rest = match text.strip_prefix('~') {
        Some("") => Some(""),
        Some(rest) => rest.strip_prefix('/'),
        None => None,
    };
    match (rest, env("HOME").filter(|home| !home.is_empty())) {
        (Some(rest), Some(home)) => Path::new(&home).join(rest),
        _ => PathBuf::from(text),
    }
}

fn settle(
    flags: &Flags,
    env: Env<'_>,
    mut layer: Layer,
    file: Option<PathBuf>,
) -> Result<Loaded, ConfigError> {
    let mut problems = std::mem::take(&mut layer.problems);
    let mut doubts = std::mem::take(&mut layer.doubts);
    let mut values: Vec<_> = KEYS
        .iter()
        .enumerate()
        .map(|(at, key)| {
            from_flag(key, flags, &mut problems)
                .or_else(|| from_env(key, env, &mut problems, &mut doubts))
                .or_else(|| layer.values.remove(&at))
                .unwrap_or_else(|| (key.default.clone(), Origin::Default))
        })
        .collect();
    backend_by_address(&mut values);
    let resolved = Resolved {
        values,
        backends: layer.backends,
        mcp: layer.mcp,
        bindings: layer.bindings,
    };
    let mut settings = typed::build(&resolved, env, &mut problems);
    if !problems.is_empty() {
        return Err(ConfigError::Bad(problems));
    }
    let path_from = |name: &str| env(name).filter(|path| !path.is_empty());
    settings.record = (flags.record.clone())
        .or_else(|| path_from("HEARSAY_RECORD").map(|path| at_home(&path, env)));
    settings.trace = (flags.trace.clone())
        .or_else(|| path_from("HEARSAY_TRACE").map(|path| at_home(&path, env)));
    warn_of_secrets(&settings, file.as_deref(), &mut doubts);
    let tell = |doubt: &Doubt| doubt.tell(settings.lang);
    Ok(Loaded {
        warnings: doubts.iter().map(tell).collect(),
        settings,
        file,
        resolved,
        flags: flags.clone(),
    })
}

/// The old way to name a backend, by `link.url` alone, counts where nobody uses the new one.
fn backend_by_address(values: &mut [(Value, Origin)]) {
    let address = values[schema::index("link.url")].clone();
    let backend = &mut values[schema::index("backend")];
    if backend.1 == Origin::Default && address.0 != Value::Text(Cow::Borrowed("")) {
        *backend = address;
    }
}

fn from_flag(key: &Key, flags: &Flags, problems: &mut Vec<Problem>) -> Option<(Value, Origin)> {
    let text = flags.get(key.flag)?;
    let origin = Origin::Flag { name: key.flag };
    match key.kind.parse(text) {
        Ok(value) => Some((value, origin)),
        Err(wants) => {
            problems.push(problem(key, origin, wants.0, text));
            None
        }
    }
}

/// Other programs have a variable of this name with a meaning of their own: what we cannot read
/// was not said to us.
const SHARED: &str = "DEBUG";

/// Names the file of the conversations, or the database that servers share: its scheme says which.
const DATABASE: &str = "DATABASE_URL";

fn from_env(
    key: &Key,
    env: Env<'_>,
    problems: &mut Vec<Problem>,
    doubts: &mut Vec<Doubt>,
) -> Option<(Value, Origin)> {
    let own = key.variable();
    // An empty variable is how shells take one back: it says nothing.
    let (name, text) = std::iter::once(own.as_str())
        .chain(key.variables.iter().copied())
        .find_map(|name| {
            let text = env(name).filter(|text| !text.is_empty())?;
            let shared = text.trim_start().starts_with("postgres");
            let meant = name != DATABASE || shared == (key.kind == Kind::Secret);
            meant.then_some((name, text))
        })?;
    let origin = Origin::Env {
        name: name.to_owned(),
    };
    if name == "NO_COLOR" {
        return Some((Value::Text(Cow::Borrowed("none")), origin));
    }
    match key.kind.parse(&text) {
        Ok(value) => Some((value, origin)),
        Err(wants) if name == SHARED => {
            let text = kind::shown(&text);
            doubts.push(Doubt::Ignored {
                variable: name.to_owned(),
                found: text,
                wants: wants.0,
            });
            None
        }
        Err(wants) => {
            problems.push(problem(key, origin, wants.0, &text));
            None
        }
    }
}

fn problem(key: &Key, origin: Origin, wants: String, found: &str) -> Problem {
    Problem {
        origin,
        key: key.name.to_owned(),
        wants,
        found: (key.kind != Kind::Secret).then(|| found.to_owned()),
    }
}

/// Tells of secrets that others can read and of secrets that are not there.
fn warn_of_secrets(settings: &Settings, file: Option<&Path>, doubts: &mut Vec<Doubt>) {
    let tokens = (settings.backends.iter())
        .map(|named| (format!("backends.{}.token", named.name), &named.token));
    let mcp = (settings.tools.servers.iter()).filter_map(|server| match &server.place {
        settings::McpPlace::Address { token, .. } => {
            Some((format!("mcp.{}.token", server.name), token))
        }
        settings::McpPlace::Program { .. } => None,
    });
    let keys = settings.secrets();
    let keys = keys.iter().map(|(name, key)| ((*name).to_owned(), *key));
    let mut told = vec![];
    for (name, secret) in keys.chain(tokens).chain(mcp) {
        if let Some(variable) = secret.missing_variable() {
            let variable = kind::shown(variable);
            doubts.push(Doubt::NotSet {
                secret: name.clone(),
                variable,
            });
        }
        let exposed = if secret.is_literal() {
            file
        } else {
            secret.file()
        };
        if let Some(path) = exposed.filter(|path| others_read(path) && !told.contains(path)) {
            doubts.push(Doubt::Exposed {
                path: path.to_owned(),
                secret: name.clone(),
            });
            told.push(path);
        }
    }
}

#[cfg(unix)]
fn others_read(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|about| about.permissions().mode() & 0o044 != 0)
}

#[cfg(not(unix))]
fn others_read(_path: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests;
