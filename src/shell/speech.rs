//! Finds ears and voice as the settings want them.

use crate::config::{Secret, Settings};
use crate::core::words::{Lang, Word, fill};
use crate::mind::ears::{self, Ears};
use crate::mind::engine;
use crate::mind::speech::{Part, Wanted, is_name};
use crate::mind::voice::{self, Voice};
use crate::mind::{self, SpeechError};
use crate::serve::{Choices, Listen, Talk};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// What was found last for a choice, and which models there were then: what it knows about a server
/// lasts, a model that is loaded stays, and one that was added counts.
type Kept<T> = Mutex<HashMap<String, (Vec<PathBuf>, Arc<T>)>>;

/// How many choices are kept; there are hardly two.
const KEPT: usize = 4;

/// Finds ears for a backend, again and again; what is missing is looked for anew each time.
///
/// Whoever talks to the backend may wish for ears by their name. A command line or an address is
/// taken from the settings alone.
pub fn listen(settings: &Settings) -> Listen {
    let (settings, kept) = (settings.clone(), Kept::default());
    Arc::new(move |wish, lang| {
        named(wish, &settings.ears.choice, lang)?;
        let choice = wish.unwrap_or(&settings.ears.choice);
        keep(&kept, &settings, choice, || ears(&settings, wish, lang))
    })
}

/// Finds the voice for a backend, in the same way.
pub fn talk(settings: &Settings) -> Talk {
    let (settings, kept) = (settings.clone(), Kept::default());
    Arc::new(move |wish, lang| {
        named(wish, &settings.voice.choice, lang)?;
        let choice = wish.unwrap_or(&settings.voice.choice);
        keep(&kept, &settings, choice, || voice(&settings, wish, lang))
    })
}

/// Whoever talks to the backend may wish for what hears and speaks by its name. A command line or
/// an address is taken from the settings alone.
fn named(wish: Option<&str>, settled: &str, lang: Lang) -> Result<(), SpeechError> {
    match wish.filter(|wish| *wish != settled && !is_name(wish)) {
        Some(wish) => Err(SpeechError::Missing {
            what: fill(Word::SpeechWishRefused.text(lang), &[wish]),
            hint: Word::SpeechWishRefusedHint.text(lang).to_owned(),
        }),
        None => Ok(()),
    }
}

/// What there is to choose from, for the user of this program.
pub fn choices(settings: &Settings) -> Choices {
    let settings = settings.clone();
    Arc::new(move |part, lang| {
        let of = |choice: &str| Wanted {
            models: models(&settings),
            choice: choice.to_owned(),
            ..Wanted::default()
        };
        match part {
            Part::Ears => ears::known(&of(&settings.ears.choice), lang),
            Part::Voice => voice::known(&of(&settings.voice.choice), lang),
        }
    })
}

fn keep<T: ?Sized>(
    kept: &Kept<T>,
    settings: &Settings,
    choice: &str,
    find: impl FnOnce() -> Result<Arc<T>, SpeechError>,
) -> Result<Arc<T>, SpeechError> {
    let installed = engine::installed(&models(settings));
    let there: Vec<PathBuf> = installed.into_iter().map(|files| files.folder).collect();
    // Whoever panicked with it has changed nothing.
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, found)) = kept.get(choice).filter(|(then, _)| *then == there) {
        return Ok(Arc::clone(found));
    }
    let found = find()?;
    if kept.len() >= KEPT {
        kept.clear();
    }
    kept.insert(choice.to_owned(), (there, Arc::clone(&found)));
    Ok(found)
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
    ears::choose(&wanted(settings, choice, &ears.model, key)?, lang)
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
    voice::choose(&wanted(settings, choice, &voice.model, key)?, lang)
}

/// The folder of models, each in a folder of its own.
pub fn models(settings: &Settings) -> PathBuf {
    settings.data_dir.join("models")
}

/// The key is read only for who is sent it: reading may run a program.
fn wanted(
    settings: &Settings,
    choice: &str,
    model: &str,
    key: &Secret,
) -> Result<Wanted, SpeechError> {
    let mut wanted = Wanted {
        models: models(settings),
        library: settings.models.onnxruntime.clone(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Flags, load};

    #[test]
    fn nobody_but_the_settings_names_a_command_or_an_address() {
        let settings = |ears: &str| {
            let flags = Flags {
                ears: Some(ears.to_owned()),
                ..Flags::default()
            };
            load(&flags, &|_name| None).unwrap().settings
        };
        let listen_as = |ears: &str, wish: &str| listen(&settings(ears))(Some(wish), Lang::En);
        for wish in [
            "command:touch /tmp/x",
            "http://127.0.0.1:9/v1",
            "https://example.org/v1",
            "file:///etc/passwd",
        ] {
            let refused = listen_as("none", wish)
                .err()
                .map(|error| error.tell(Lang::En));
            let refused = refused.unwrap_or_default();
            assert!(
                refused.contains("only the configuration"),
                "{wish}: {refused}"
            );
        }
        // What the settings say may be wished for as well: it is what hears anyway.
        for ours in ["command:cat", "http://127.0.0.1:9/v1"] {
            assert!(listen_as(ours, ours).is_ok(), "{ours}");
        }
    }
}
