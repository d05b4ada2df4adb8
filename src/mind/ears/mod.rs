//! Ears: make words of a recording.

mod model;
mod openai;
mod program;

pub use super::speech::Wanted;

use super::SpeechError;
use super::engine::Files;
use super::speech::{Choice, Limits, Part, unknown};
use crate::core::sound::RATE;
use crate::core::words::{Lang, Word, fill};
use model::Models;
use program::Listener;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// What was recorded: mono, [`crate::core::sound::RATE`] samples to the second.
#[derive(Debug, Default)]
pub struct Recording {
    pub samples: Vec<i16>,
    /// What follows, where it is still being spoken; it ends when the other end is dropped.
    pub rest: Option<mpsc::Receiver<Vec<i16>>>,
    /// The language that is spoken, such as `zh-CN`, where it is known.
    pub language: Option<String>,
}

impl Recording {
    /// Waits until all of it was spoken, for ears that hear nothing but the whole.
    async fn whole(&mut self, limits: Limits) {
        // One piece more than is taken, so that it shows that it is too long.
        let most = (limits.seconds + 1).saturating_mul(u64::from(RATE));
        while let Some(rest) = &mut self.rest {
            match rest.recv().await {
                Some(more) if (self.samples.len() as u64) < most => self.samples.extend(more),
                _ => self.rest = None,
            }
        }
    }
}

/// What the words seem to be so far, all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Partial {
    pub text: String,
    /// How many bytes of them the guess before had, too.
    pub stable: usize,
}

/// What was said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Words {
    /// Empty if nobody spoke.
    pub text: String,
    /// The language they are in, such as `zh`, where the ears tell.
    pub language: Option<String>,
    /// How sure the ears are of them, from 0 to 1, where they tell.
    pub confidence: Option<f32>,
}

impl From<String> for Words {
    fn from(text: String) -> Self {
        Self {
            text,
            ..Self::default()
        }
    }
}

/// Words on their way. Dropping it stops the listening.
pub type Hearing<'a> = Pin<Box<dyn Future<Output = Result<Words, SpeechError>> + Send + 'a>>;

/// Something that hears.
pub trait Ears: Send + Sync {
    /// What people call it.
    fn name(&self) -> String;

    /// Answers with the words. What they seem to be on the way goes into `partials`; when nobody
    /// reads those it makes no difference.
    fn hear(&self, recording: Recording, partials: mpsc::Sender<Partial>) -> Hearing<'_>;
}

/// What can be chosen, as it is told to who chose something else.
const CHOICES: &str = "`auto`, `none`, `model:NAME`, `pocketsphinx`, `command:CMD`, a URL";

/// The ears that are wanted. Starts nothing and asks nobody: that they do hear turns out when
/// they are to. `lang`: what is missing is told in this language.
///
/// `auto` takes ears on this machine and no others: sound leaves it only for an address that
/// somebody wrote down. Models come before programs: all of them together, for each knows its
/// languages.
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
        Choice::Here => {
            let models = wanted.models_that(Part::Ears);
            match Listener::pocketsphinx(wanted) {
                _ if !models.is_empty() => Ok(Arc::new(models_of(wanted, models))),
                Some(ears) => Ok(Arc::new(ears)),
                None => Err(missing(say(Word::SpeechNoEars, &[]))),
            }
        }
        Choice::Model(name) => {
            let files = wanted.model(name, Part::Ears, lang)?;
            Ok(Arc::new(models_of(wanted, vec![files])))
        }
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
    let models = wanted.models_that(Part::Ears).into_iter();
    let mut known: Vec<_> = models
        .map(|files| (format!("model:{}", files.name()), files.name()))
        .collect();
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

fn models_of(wanted: &Wanted, files: Vec<Files>) -> Models {
    Models::new(
        files
            .into_iter()
            .map(|files| wanted.engine(files))
            .collect(),
    )
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
