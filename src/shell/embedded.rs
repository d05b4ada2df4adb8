//! Puts the backend inside the program together, from the settings and the store.

use super::{boot, speech};
use crate::config::{self, Loaded, Secret};
use crate::core::ids::Seed;
use crate::mind::{self, probe};
use crate::serve::{Backend, Brains, Choice, Parts, Personas, ReadKey, Wanted};
use crate::store;
use std::path::Path;
use std::sync::Arc;

/// The personas of this program and its user, and what is to be told about them. The user's are
/// not read where the backend inside the program has no part.
pub(super) fn personas(loaded: &Loaded) -> (Personas, Vec<String>) {
    let settings = &loaded.settings;
    let mut backends = std::iter::once(&settings.backend).chain(&settings.standby);
    let folder = loaded.file.as_deref().and_then(Path::parent);
    match folder.filter(|_folder| backends.any(|one| *one == config::settings::Backend::Embedded)) {
        Some(folder) => Personas::load(&folder.join("personas"), settings.lang),
        None => (Personas::default(), vec![]),
    }
}

/// The backend of this program. `rings`: somebody stays to hear timers. Must be called within the
/// program's runtime.
pub(super) fn backend(
    loaded: &Loaded,
    store: &store::Handle,
    personas: Personas,
    rings: bool,
) -> Backend {
    let settings = &loaded.settings;
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
    Backend::start(Parts {
        brains: Brains::Choose(Box::new(wanted)),
        personas,
        // Its only client is the user.
        ears: speech::listen(settings),
        voice: speech::talk(settings),
        choices: speech::choices(settings),
        store: store.clone(),
        memory_tokens: brain.memory_tokens,
        lang: settings.lang,
        clock: Arc::new(jiff::Zoned::now),
        rings,
        seed: Seed::new(boot::seed()),
    })
}

fn key(secret: Secret) -> ReadKey {
    Arc::new(move || {
        let key = secret
            .read()
            .map_err(|error| (error.to_string(), error.hint()))?;
        Ok(key.map(mind::Secret::new))
    })
}
