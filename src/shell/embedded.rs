//! Puts the backend inside the program together, from the settings and the store.

use super::{boot, speech};
use crate::config::settings::{Consent, McpPlace, Settings};
use crate::config::{self, Loaded, Secret, beside};
use crate::core::ids::Seed;
use crate::mind::local::Here;
use crate::mind::mcp::{self, Limits, Place, Servers, Spec};
use crate::mind::{self, fetch, probe};
use crate::serve::{
    Backend, Brains, Choice, Choices, Listen, Lists, Parts, Permits, Personas, ReadKey, Remember,
    Served, Talk, Tools, Wanted,
};
use crate::store::{self, Archive};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The personas of this program and its user, and what is to be told about them. The user's are
/// not read where the backend inside the program has no part.
pub(super) fn personas(loaded: &Loaded) -> (Personas, Vec<String>) {
    let settings = &loaded.settings;
    let mut backends = std::iter::once(&settings.backend).chain(&settings.standby);
    if backends.any(|one| *one == config::settings::Backend::Embedded) {
        all_personas(loaded)
    } else {
        (Personas::default(), vec![])
    }
}

/// The same where this program is nothing but a backend.
pub(super) fn all_personas(loaded: &Loaded) -> (Personas, Vec<String>) {
    let folder = loaded.file.as_deref().and_then(Path::parent);
    let files = folder.map(|folder| beside::files(&folder.join("personas")));
    let files = files.into_iter().flatten();
    let files = files.map(|file| (file.name, file.path, file.text));
    Personas::load(files, loaded.settings.lang)
}

/// What several backends hear and speak with.
#[derive(Clone)]
pub(super) struct Senses {
    pub(super) ears: Listen,
    pub(super) voice: Talk,
    pub(super) choices: Choices,
}

/// The backend of this program. `rings`: somebody stays to hear timers. Must be called within the
/// program's runtime.
pub(super) fn backend(
    loaded: &Loaded,
    store: &store::Handle,
    personas: Personas,
    rings: bool,
) -> Backend {
    Backend::start(parts(loaded, store.clone().into(), personas, rings))
}

/// The same for clients elsewhere, on these terms. They name no addresses, and what they decide
/// about tools is not written into the settings of this machine.
pub(super) fn backend_for(
    loaded: &Loaded,
    store: Archive,
    personas: Personas,
    senses: Senses,
    served: Served,
) -> Backend {
    let settings = &loaded.settings;
    let wanted = Wanted {
        any_address: false,
        ..wanted(settings)
    };
    let mut loaded = loaded.clone();
    loaded.file = None;
    let parts = Parts {
        brains: Brains::Choose(Box::new(wanted)),
        ears: senses.ears,
        voice: senses.voice,
        choices: senses.choices,
        ..parts(&loaded, store, personas, true)
    };
    Backend::start_for(parts, served)
}

fn wanted(settings: &Settings) -> Wanted {
    let brain = &settings.brain;
    Wanted {
        choice: Choice::read(&brain.choice),
        url: brain.url.clone(),
        key: key(brain.key.clone()),
        model: brain.model.clone(),
        window: brain.window_tokens,
        first_token: brain.first_token,
        between_tokens: brain.between_tokens,
        targets: probe::TARGETS.to_vec(),
        here: Some(Here {
            models: speech::models(settings),
            program: std::env::current_exe().unwrap_or_default(),
            library: settings.models.onnxruntime.clone(),
            patience: brain.first_token,
        }),
        any_address: true,
    }
}

fn parts(loaded: &Loaded, store: Archive, personas: Personas, rings: bool) -> Parts {
    let settings = &loaded.settings;
    Parts {
        brains: Brains::Choose(Box::new(wanted(settings))),
        personas,
        // Its only client is the user.
        ears: speech::listen(settings),
        voice: speech::talk(settings),
        choices: speech::choices(settings),
        tools: tools(loaded),
        store,
        memory_tokens: settings.brain.memory_tokens,
        lang: settings.lang,
        clock: Arc::new(jiff::Zoned::now),
        rings,
        seed: Seed::new(boot::seed()),
    }
}

/// The tools that are not harmless in themselves, as the settings want them. What the user decides
/// about them is written into the settings.
fn tools(loaded: &Loaded) -> Tools {
    let tools = &loaded.settings.tools;
    let own = [("clipboard", tools.clipboard), (fetch::NAME, tools.fetch)];
    let named = |consent| {
        let fits = own.iter().filter(move |(_, is)| *is == consent);
        fits.map(|(name, _)| (*name).to_owned()).collect()
    };
    let ours = Lists {
        allow: named(Consent::Always),
        never: named(Consent::Never),
    };
    let mut lists = BTreeMap::from([(String::new(), ours)]);
    for server in &tools.servers {
        let said = Lists {
            allow: server.allow.clone(),
            never: server.never.clone(),
        };
        lists.insert(server.name.clone(), said);
    }
    let file = loaded.file.clone();
    let remember: Remember = Arc::new(move |server, lists| {
        if let Some(file) = &file {
            write_down(file, server, lists);
        }
    });
    Tools {
        servers: Servers::new(tools.servers.iter().map(spec)),
        permits: Permits::new(lists, remember),
        fetch_private: tools.fetch_private,
    }
}

/// Writes what the user decided into the settings. What cannot be written holds until the end.
fn write_down(file: &Path, server: &str, lists: &Lists) {
    let all = |names: &[String]| names.join(", ");
    let settings: Vec<(String, String)> = if server.is_empty() {
        let consent = |names: &[String], consent: &'static str| {
            let named = names
                .iter()
                .map(move |name| (format!("tools.{name}"), consent.to_owned()));
            named.collect::<Vec<_>>()
        };
        [
            consent(&lists.allow, "always"),
            consent(&lists.never, "never"),
        ]
        .concat()
    } else {
        vec![
            (format!("mcp.{server}.allow"), all(&lists.allow)),
            (format!("mcp.{server}.never"), all(&lists.never)),
        ]
    };
    for (name, value) in settings {
        if let Err(error) = config::edit::set(file, &name, &value, &config::process_env) {
            tracing::warn!("`{name}` was not written: {error}");
        }
    }
}

/// A server of tools as the settings want it.
fn spec(server: &config::settings::Mcp) -> Spec {
    let place = match &server.place {
        McpPlace::Program { words, passed, set } => {
            let mut words = words.iter().cloned();
            Place::Program(mcp::Line {
                program: words.next().unwrap_or_default(),
                arguments: words.collect(),
                passed: passed.clone(),
                set: set.clone(),
                guard: guard(),
            })
        }
        McpPlace::Address { url, token } => Place::Address {
            url: url.clone(),
            token: key(token.clone()),
        },
    };
    let limits = Limits {
        call: server.timeout,
        ..Limits::default()
    };
    Spec {
        name: server.name.clone(),
        place,
        limits,
    }
}

/// What starts a program in our place and sees to it that it ends with us, however we end: this
/// program itself, where the system can be asked for that.
fn guard() -> Vec<String> {
    if cfg!(target_os = "linux") {
        let ours = std::process::id().to_string();
        ["/proc/self/exe", "with-parent", &ours]
            .map(str::to_owned)
            .to_vec()
    } else {
        vec![]
    }
}

fn key(secret: Secret) -> ReadKey {
    Arc::new(move || {
        let key = secret
            .read()
            .map_err(|error| (error.to_string(), error.hint()))?;
        Ok(key.map(mind::Secret::new))
    })
}
