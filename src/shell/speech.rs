//! Finds ears and voice as the settings want them.

use crate::config::{Secret, Settings};
use crate::core::words::Lang;
use crate::mind::ears::{self, Ears};
use crate::mind::speech::Wanted;
use crate::mind::voice::{self, Voice};
use crate::mind::{self, SpeechError};
use std::sync::Arc;

/// The ears that the user wishes, or else those that the settings want. Nothing is started or
/// asked.
pub fn ears(
    settings: &Settings,
    wish: Option<&str>,
    lang: Lang,
) -> Result<Arc<dyn Ears>, SpeechError> {
    let ears = &settings.ears;
    let choice = wish.unwrap_or(&ears.choice);
    ears::choose(&wanted(choice, &ears.model, &ears.key)?, lang)
}

/// The voice that the settings want. Nothing is started or asked.
pub fn voice(settings: &Settings, lang: Lang) -> Result<Arc<dyn Voice>, SpeechError> {
    let voice = &settings.voice;
    voice::choose(&wanted(&voice.choice, &voice.model, &voice.key)?, lang)
}

/// The key is read only for who is sent it: reading may run a program.
fn wanted(choice: &str, model: &str, key: &Secret) -> Result<Wanted, SpeechError> {
    let mut wanted = Wanted {
        choice: choice.to_owned(),
        model: model.to_owned(),
        ..Wanted::default()
    };
    if wanted.is_far() {
        let key = key.read().map_err(|error| SpeechError::Missing {
            what: error.to_string(),
            hint: error.hint(),
        })?;
        wanted.key = key.map(mind::Secret::new);
    }
    Ok(wanted)
}
