//! Finds ears and voice as the settings want them.

use crate::config::{Secret, Settings};
use crate::core::words::Lang;
use crate::mind::ears::{self, Ears};
use crate::mind::speech::{Part, Wanted};
use crate::mind::voice::{self, Voice};
use crate::mind::{self, SpeechError};
use crate::serve::{Choices, Listen, Talk};
use std::sync::{Arc, OnceLock};

/// Finds ears for a backend, again and again. Those that the settings want are made once, so that
/// what they learn about a server lasts; ears that are missing are looked for anew each time.
pub fn listen(settings: &Settings) -> Listen {
    let (settings, usual) = (settings.clone(), OnceLock::new());
    Arc::new(move |wish, lang| {
        if wish.is_some_and(|wish| wish != settings.ears.choice) {
            return ears(&settings, wish, lang);
        }
        if let Some(ears) = usual.get() {
            return Ok(Arc::clone(ears));
        }
        let found = ears(&settings, None, lang)?;
        Ok(Arc::clone(usual.get_or_init(|| found)))
    })
}

/// Finds the voice for a backend, in the same way.
pub fn talk(settings: &Settings) -> Talk {
    let (settings, usual) = (settings.clone(), OnceLock::new());
    Arc::new(move |wish, lang| {
        if wish.is_some_and(|wish| wish != settings.voice.choice) {
            return voice(&settings, wish, lang);
        }
        if let Some(voice) = usual.get() {
            return Ok(Arc::clone(voice));
        }
        let found = voice(&settings, None, lang)?;
        Ok(Arc::clone(usual.get_or_init(|| found)))
    })
}

/// What there is to choose from, for the user of this program.
pub fn choices(settings: &Settings) -> Choices {
    let (ears, voice) = (settings.ears.choice.clone(), settings.voice.choice.clone());
    let of = |choice: &str| Wanted {
        choice: choice.to_owned(),
        ..Wanted::default()
    };
    Arc::new(move |part, lang| match part {
        Part::Ears => ears::known(&of(&ears), lang),
        Part::Voice => voice::known(&of(&voice), lang),
    })
}

/// The ears that the user wishes, or else those that the settings want. Nothing is started or
/// asked.
pub fn ears(
    settings: &Settings,
    wish: Option<&str>,
    lang: Lang,
) -> Result<Arc<dyn Ears>, SpeechError> {
    let ears = &settings.ears;
    let choice = wish.unwrap_or(&ears.choice);
    // The key belongs to the server of the settings.
    let none = Secret::default();
    let key = if choice == ears.choice {
        &ears.key
    } else {
        &none
    };
    ears::choose(&wanted(choice, &ears.model, key)?, lang)
}

/// The voice that the user wishes, or else the one that the settings want, in the same way.
pub fn voice(
    settings: &Settings,
    wish: Option<&str>,
    lang: Lang,
) -> Result<Arc<dyn Voice>, SpeechError> {
    let voice = &settings.voice;
    let choice = wish.unwrap_or(&voice.choice);
    let none = Secret::default();
    let key = if choice == voice.choice {
        &voice.key
    } else {
        &none
    };
    voice::choose(&wanted(choice, &voice.model, key)?, lang)
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
