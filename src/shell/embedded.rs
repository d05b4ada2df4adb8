//! Puts the backend inside the program together, from the settings and the store.

use super::boot;
use crate::config::{Loaded, Secret};
use crate::core::ids::Seed;
use crate::mind::{self, probe};
use crate::serve::{Backend, Brains, Choice, Parts, Personas, ReadKey, Wanted};
use crate::store;
use std::path::Path;
use std::sync::Arc;

/// The backend of this program. Must be called within its runtime.
#[expect(
    clippy::unnecessary_wraps,
    reason = "a way to a backend like the others, which can fail"
)]
pub(super) fn backend(loaded: &Loaded, store: &store::Handle) -> anyhow::Result<Backend> {
    let settings = &loaded.settings;
    let folder = loaded.file.as_deref().and_then(Path::parent);
    let (personas, warnings) = match folder {
        Some(folder) => Personas::load(&folder.join("personas")),
        None => (Personas::default(), vec![]),
    };
    for warning in warnings {
        tracing::warn!("{warning}");
    }
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
    Ok(Backend::start(Parts {
        brains: Brains::Choose(Box::new(wanted)),
        personas,
        store: store.clone(),
        memory_tokens: brain.memory_tokens,
        lang: settings.lang,
        clock: Arc::new(jiff::Zoned::now),
        seed: Seed::new(boot::seed()),
    }))
}

fn key(secret: Secret) -> ReadKey {
    Arc::new(move || {
        let key = secret
            .read()
            .map_err(|error| (error.to_string(), error.hint()))?;
        Ok(key.map(mind::Secret::new))
    })
}
