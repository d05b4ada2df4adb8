//! Puts the backend inside the program together, from the settings and the store.

use super::boot;
use crate::config::{Loaded, Secret};
use crate::core::ids::Seed;
use crate::mind::{self, probe};
use crate::serve::{Backend, Brains, Choice, Parts, Personas, ReadKey, Wanted};
use crate::store;
use std::path::Path;
use std::sync::Arc;

/// The backend of this program, and what is to be told about its personas. `rings`: somebody stays
/// to hear timers. Must be called within the program's runtime.
pub(super) fn backend(
    loaded: &Loaded,
    store: &store::Handle,
    rings: bool,
) -> (Backend, Vec<String>) {
    let settings = &loaded.settings;
    let folder = loaded.file.as_deref().and_then(Path::parent);
    let (personas, warnings) = match folder {
        Some(folder) => Personas::load(&folder.join("personas"), settings.lang),
        None => (Personas::default(), vec![]),
    };
    let brain = &settings.brain;
    let wanted = Wanted {
        choice: Choice::read(&brain.choice),
        url: brain.url.clone(),
        key: key(brain.key.clone()),
        model: brain.model.clone(),
        first_token: brain.first_token,
        between_tokens: brain.between_tokens,
        targets: probe::TARGETS.to_vec(),
        any_address: true,
    };
    let backend = Backend::start(Parts {
        brains: Brains::Choose(Box::new(wanted)),
        personas,
        store: store.clone(),
        memory_tokens: brain.memory_tokens,
        lang: settings.lang,
        clock: Arc::new(jiff::Zoned::now),
        rings,
        seed: Seed::new(boot::seed()),
    });
    (backend, warnings)
}

fn key(secret: Secret) -> ReadKey {
    Arc::new(move || {
        let key = secret
            .read()
            .map_err(|error| (error.to_string(), error.hint()))?;
        Ok(key.map(mind::Secret::new))
    })
}
