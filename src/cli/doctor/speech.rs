//! Whether there is something that hears and something that speaks. A voice on this machine is
//! tried, unheard; a server is not, for somebody may pay for each word.

use super::Check;
use crate::config::Settings;
use crate::core::backend::VoiceWish;
use crate::core::words::{Lang, Word, fill};
use crate::mind::SpeechError;
use crate::mind::speech::Wanted;
use crate::mind::voice::{self, Pcm, Utterance, Voice};
use crate::shell::{clock::Clock, speech};
use std::time::Duration;
use tokio::sync::mpsc;

/// How long a voice may take for two words.
const PATIENCE: Duration = Duration::from_secs(5);

/// What makes words of speech.
pub(super) fn ears(settings: &Settings) -> Check {
    match speech::ears(settings, None, settings.lang) {
        Ok(ears) => {
            let found = fill(Word::DoctorEars.text(settings.lang), &[&ears.name()]);
            Check::good("ears", found)
        }
        Err(error) => limited("ears", &error, settings.lang),
    }
}

/// What makes speech of words.
pub(super) fn voice(settings: &Settings) -> anyhow::Result<Check> {
    let lang = settings.lang;
    let voice = match speech::voice(settings, None, settings.lang) {
        Ok(voice) => voice,
        Err(error) => return Ok(limited("voice", &error, lang)),
    };
    let name = voice.name();
    let choice = settings.voice.choice.clone();
    let wanted = Wanted {
        choice,
        ..Wanted::default()
    };
    if wanted.is_far() {
        let found = fill(Word::DoctorVoiceFar.text(lang), &[&name]);
        return Ok(Check::good("voice", found));
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let clock = Clock::start();
    let began = clock.now().mono;
    let spoken = runtime.block_on(async {
        // A limit needs a runtime to be set in.
        tokio::time::timeout(PATIENCE, speak(&*voice, lang)).await
    });
    let took = clock.now().mono.since(began).as_millis().to_string();
    runtime.shutdown_background();
    Ok(match spoken {
        Ok(Ok(seconds)) => {
            let seconds = format!("{seconds:.1}");
            let found = fill(Word::DoctorVoice.text(lang), &[&name, &seconds, &took]);
            if name == Word::SpeechRobot.text(lang) {
                // It is understood, and no more.
                Check::limited("voice", found, Some(voice::better(&wanted, lang)))
            } else {
                Check::good("voice", found)
            }
        }
        Ok(Err(error)) => limited("voice", &error, lang),
        Err(_late) => {
            let waited = PATIENCE;
            let engine = name;
            limited("voice", &SpeechError::Silent { engine, waited }, lang)
        }
    })
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
fn limited(part: &'static str, error: &SpeechError, lang: Lang) -> Check {
    Check::limited(part, error.tell(lang), error.hint(lang))
}
