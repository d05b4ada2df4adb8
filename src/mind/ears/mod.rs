//! Ears: make words of a recording.

mod openai;
mod program;

pub use super::speech::Wanted;

use super::SpeechError;
use super::speech::{Choice, Limits, Part, unknown};
use crate::core::sound::RATE;
use crate::core::words::{Lang, Word, fill};
use program::Listener;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// What was recorded: mono, [`crate::core::sound::RATE`] samples to the second.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recording {
    pub samples: Vec<i16>,
    /// The language that is spoken, such as `zh-CN`, where it is known.
    pub language: Option<String>,
}

/// Words on their way. Dropping it stops the listening.
pub type Hearing<'a> = Pin<Box<dyn Future<Output = Result<String, SpeechError>> + Send + 'a>>;

/// Something that hears.
pub trait Ears: Send + Sync {
    /// What people call it.
    fn name(&self) -> String;

    /// Answers with the words, empty if nobody spoke. What they seem to be on the way goes into
    /// `partials`, whole each time; when nobody reads those it makes no difference.
    fn hear(&self, recording: Recording, partials: mpsc::Sender<String>) -> Hearing<'_>;
}

/// What can be chosen, as it is told to who chose something else.
const CHOICES: &str = "`auto`, `none`, `pocketsphinx`, `command:CMD`, a URL";

/// The ears that are wanted. Starts nothing and asks nobody: that they do hear turns out when
/// they are to. `lang`: what is missing is told in this language.
///
/// `auto` takes ears on this machine and no others: sound leaves it only for an address that
/// somebody wrote down.
pub fn choose(wanted: &Wanted, lang: Lang) -> Result<Arc<dyn Ears>, SpeechError> {
    let say = |word: Word, arguments: &[&str]| fill(word.text(lang), arguments);
    let missing = |what: String| {
        let install = wanted.install("pocketsphinx pocketsphinx-en-us", lang);
        let hint = say(Word::SpeechEarsHint, &[&install]);
        SpeechError::Missing { what, hint }
    };
    match Choice::read(&wanted.choice) {
        Choice::Nothing => Err(SpeechError::Missing {
            what: say(Word::SpeechEarsOff, &[]),
            hint: say(Word::SpeechChooseHint, &["ears", CHOICES]),
        }),
        Choice::Here => match Listener::pocketsphinx(wanted) {
            Some(ears) => Ok(Arc::new(ears)),
            None => Err(missing(say(Word::SpeechNoEars, &[]))),
        },
        Choice::Named("pocketsphinx") => match Listener::pocketsphinx(wanted) {
            Some(ears) => Ok(Arc::new(ears)),
            None => Err(missing(say(Word::SpeechNotThere, &["pocketsphinx"]))),
        },
        Choice::Command(line) => Ok(Arc::new(Listener::command(line, wanted.limits))),
        Choice::Server(base) => Ok(Arc::new(openai::OpenAi::new(
            wanted.server(base, Part::Ears),
        ))),
        Choice::Named(other) => Err(unknown(other, "ears", CHOICES, lang)),
    }
}

/// The ears that can be chosen here, as what is written to choose them and what people call them.
pub fn known(wanted: &Wanted, lang: Lang) -> Vec<(String, String)> {
    let mut known = vec![];
    if Listener::pocketsphinx(wanted).is_some() {
        let name = fill(Word::SpeechEnglishName.text(lang), &["pocketsphinx"]);
        known.push(("pocketsphinx".to_owned(), name));
    }
    if let (Choice::Server(_) | Choice::Command(_), Ok(ears)) =
        (Choice::read(&wanted.choice), choose(wanted, lang))
    {
        known.push((wanted.choice.clone(), ears.name()));
    }
    known
}

/// How long a recording lasts, which ears may take for it on top of all patience; refused if that
/// is longer than is taken.
fn length(recording: &Recording, limits: Limits, engine: &str) -> Result<Duration, SpeechError> {
    let seconds = (recording.samples.len() as u64).div_ceil(u64::from(RATE));
    if seconds <= limits.seconds {
        return Ok(Duration::from_secs(seconds));
    }
    Err(SpeechError::TooLong {
        engine: engine.to_owned(),
        seconds,
        most: limits.seconds,
    })
}

/// The two letters that name the language of a tag such as `zh-CN`.
fn language_code(tag: &str) -> String {
    let code = tag.split(['-', '_']).next().unwrap_or_default();
    code.to_ascii_lowercase()
}
