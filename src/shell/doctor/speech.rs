//! Whether there is something that hears and something that speaks. A voice and a model on this
//! machine are tried, unheard; a server is not, for somebody may pay for each word.

use crate::config::Settings;
use crate::core::backend::VoiceWish;
use crate::core::checkup::{Check, Part};
use crate::core::shelf::Task;
use crate::core::sound::RATE;
use crate::core::words::{Lang, Word, fill};
use crate::mind::ears::Recording;
use crate::mind::speech::Wanted;
use crate::mind::voice::{self, Pcm, Utterance, Voice};
use crate::mind::{SpeechError, engine};
use crate::shell::{clock::Clock, speech};
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;

/// How long a voice may take for two words, and a model to be loaded.
const PATIENCE: Duration = Duration::from_secs(5);

/// What would make words of speech. It is not tried.
pub(super) fn ears_there(settings: &Settings) -> Check {
    let lang = settings.lang;
    match speech::ears(settings, None, lang) {
        Ok(ears) => {
            let text = fill(Word::DoctorEars.text(lang), &[&ears.name()]);
            Check::good(Part::Ears, text)
        }
        Err(error) => limited(Part::Ears, &error, lang),
    }
}

/// What would speak. It is not tried.
pub(super) fn voice_there(settings: &Settings) -> Check {
    let lang = settings.lang;
    match speech::voice(settings, None, lang) {
        Ok(voice) => {
            let name = voice.name();
            let text = fill(Word::GlanceSpeaks.text(lang), &[&name]);
            if name == Word::SpeechRobot.text(lang) {
                return Check::limited(Part::Voice, text, None);
            }
            Check::good(Part::Voice, text)
        }
        Err(error) => limited(Part::Voice, &error, lang),
    }
}

/// What makes words of speech.
pub(super) fn ears(runtime: &Runtime, settings: &Settings) -> Check {
    let lang = settings.lang;
    let found = match speech::ears(settings, None, lang) {
        Ok(found) => found,
        Err(error) => return limited(Part::Ears, &error, lang),
    };
    let choice = settings.ears.choice.as_str();
    let mut models = engine::installed(&speech::models(settings)).into_iter();
    let is_model = choice.starts_with("model:")
        || ["auto", "system"].contains(&choice)
            && models.any(|files| files.kind.task() == Task::Ears);
    if is_model {
        // It has to be loaded to hear even a moment of silence.
        let silence = Recording {
            samples: vec![0; RATE as usize / 10],
            language: Some(settings.spoken_language().to_owned()),
            ..Recording::default()
        };
        let heard = runtime.block_on(async {
            let (partials, _unread) = mpsc::channel(1);
            tokio::time::timeout(PATIENCE, found.hear(silence, partials)).await
        });
        match heard {
            Ok(Ok(_words)) => {}
            Ok(Err(error)) => return limited(Part::Ears, &error, lang),
            Err(_late) => {
                let (engine, waited) = (found.name(), PATIENCE);
                return limited(Part::Ears, &SpeechError::Silent { engine, waited }, lang);
            }
        }
    }
    let text = fill(Word::DoctorEars.text(lang), &[&found.name()]);
    Check::good(Part::Ears, text)
}

/// What makes speech of words.
pub(super) fn voice(runtime: &Runtime, settings: &Settings) -> Check {
    let lang = settings.lang;
    let voice = match speech::voice(settings, None, settings.lang) {
        Ok(voice) => voice,
        Err(error) => return limited(Part::Voice, &error, lang),
    };
    let name = voice.name();
    let choice = settings.voice.choice.clone();
    let wanted = Wanted {
        models: speech::models(settings),
        choice,
        ..Wanted::default()
    };
    if wanted.is_far() {
        let found = fill(Word::DoctorVoiceFar.text(lang), &[&name]);
        return Check::good(Part::Voice, found);
    }
    let clock = Clock::start();
    let began = clock.now().mono;
    let spoken = runtime.block_on(async {
        // A limit needs a runtime to be set in.
        tokio::time::timeout(PATIENCE, speak(&*voice, lang)).await
    });
    let took = clock.now().mono.since(began).as_millis().to_string();
    match spoken {
        Ok(Ok(seconds)) => {
            let seconds = format!("{seconds:.1}");
            let found = fill(Word::DoctorVoice.text(lang), &[&name, &seconds, &took]);
            if name == Word::SpeechRobot.text(lang) {
                // It is understood, and no more.
                Check::limited(Part::Voice, found, Some(voice::better(&wanted, lang)))
            } else {
                Check::good(Part::Voice, found)
            }
        }
        Ok(Err(error)) => limited(Part::Voice, &error, lang),
        Err(_late) => {
            let waited = PATIENCE;
            let engine = name;
            limited(Part::Voice, &SpeechError::Silent { engine, waited }, lang)
        }
    }
}

/// How many seconds of sound a greeting makes.
async fn speak(voice: &dyn Voice, lang: Lang) -> Result<f64, SpeechError> {
    let greeting = Utterance {
        text: Word::DoctorGreeting.text(lang).to_owned(),
        lang,
        wish: VoiceWish {
            voice: None,
            speed: 1.0,
            engine: None,
        },
    };
    let (out, mut inbox) = mpsc::channel::<Pcm>(4);
    let mut seconds = 0.0;
    let listen = async {
        while let Some(piece) = inbox.recv().await {
            seconds += piece.samples.len() as f64 / f64::from(piece.rate.max(1));
        }
    };
    let (spoken, ()) = tokio::join!(voice.speak(greeting, out), listen);
    spoken.map(|()| seconds)
}

/// Text still goes both ways without.
fn limited(part: Part, error: &SpeechError, lang: Lang) -> Check {
    Check::limited(part, error.tell(lang), error.hint(lang))
}
