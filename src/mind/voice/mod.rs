//! Voices: make sound of words.

mod builtin;
mod lines;
mod model;
mod openai;
mod outlet;
mod pinyin;
mod program;
mod wish;

pub use super::speech::Wanted;

use super::SpeechError;
use super::engine::Files;
use super::speech::{Choice, Part, unknown};
use crate::core::backend::VoiceWish;
use crate::core::words::{Lang, Word, fill};
use builtin::Robot;
pub(super) use builtin::{Said, beside, figured, said, written};
use model::Models;
pub(super) use pinyin::numbered;
use program::{Kind, Speaker};
use std::env::consts::OS;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::mpsc;

/// A sentence to be spoken.
#[derive(Clone, Debug, PartialEq)]
pub struct Utterance {
    /// Words only: no markup, nothing that cannot be said.
    pub text: String,
    /// The language the words are in.
    pub lang: Lang,
    pub wish: VoiceWish,
}

/// Samples of 16 bit, mono.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pcm {
    pub rate: u32,
    pub samples: Vec<i16>,
}

/// Speech on its way. Dropping it stops the speaking, and ends every process behind it.
pub type Speaking<'a> = Pin<Box<dyn Future<Output = Result<(), SpeechError>> + Send + 'a>>;

/// Something that speaks.
pub trait Voice: Send + Sync {
    /// What people call it.
    fn name(&self) -> String;

    /// Speaks a sentence, piece by piece, into `out`.
    fn speak(&self, utterance: Utterance, out: mpsc::Sender<Pcm>) -> Speaking<'_>;
}

/// What can be chosen, as it is told to who chose something else.
const CHOICES: &str = "`auto`, `none`, `model:NAME`, `builtin`, `system`, `espeak-ng`, `espeak`, `say`, `sapi`, `command:CMD`, a URL";

/// What is written to choose our own voice.
pub const BUILTIN: &str = "builtin";
/// What is written to choose a voice of the system and not our own.
const SYSTEM: &str = "system";

/// The voice that is wanted. Starts nothing and asks nobody: that it does speak turns out when it
/// is to. `lang`: what is missing is told in this language.
///
/// `auto` takes a voice on this machine and no other: words leave it only for an address that
/// somebody wrote down. Models come first; what they cannot say, and everything where there are
/// none, is said by the voice of the system, or else by our own, so it is never nothing.
pub fn choose(wanted: &Wanted, lang: Lang) -> Result<Arc<dyn Voice>, SpeechError> {
    let say = |word: Word, arguments: &[&str]| fill(word.text(lang), arguments);
    let missing = |what: String| {
        let install = wanted.install("espeak-ng", lang);
        let hint = say(Word::SpeechVoiceHint, &[&install]);
        SpeechError::Missing { what, hint }
    };
    let here = Kind::of(OS);
    match Choice::read(&wanted.choice) {
        Choice::Nothing => Err(SpeechError::Missing {
            what: say(Word::SpeechVoiceOff, &[]),
            hint: say(Word::SpeechChooseHint, &["voice", CHOICES]),
        }),
        Choice::Here => {
            let models = wanted.models_that(Part::Voice);
            if wanted.choice != SYSTEM && !models.is_empty() {
                return Ok(Arc::new(models_of(wanted, models, lang)));
            }
            match of_system(wanted) {
                Some(voice) => Ok(Arc::new(voice)),
                None if wanted.choice == SYSTEM => Err(missing(say(Word::SpeechNoVoice, &[]))),
                None => Ok(Arc::new(Robot::new(lang))),
            }
        }
        Choice::Model(name) => {
            let files = wanted.model(name, Part::Voice, lang)?;
            Ok(Arc::new(models_of(wanted, vec![files], lang)))
        }
        Choice::Named(BUILTIN) => Ok(Arc::new(Robot::new(lang))),
        Choice::Named(name)
            if [Kind::Say, Kind::Sapi, Kind::EspeakNg, Kind::Espeak]
                .iter()
                .any(|kind| kind.id() == name) =>
        {
            let kind = here.iter().find(|kind| kind.id() == name);
            match kind.and_then(|kind| Speaker::find(*kind, wanted)) {
                Some(voice) => Ok(Arc::new(voice)),
                None => Err(missing(say(Word::SpeechNotThere, &[name]))),
            }
        }
        Choice::Command(line) => Ok(Arc::new(Speaker::command(line, wanted.limits))),
        Choice::Server(base) => Ok(Arc::new(openai::OpenAi::new(
            wanted.server(base, Part::Voice),
        ))),
        Choice::Named(other) => Err(unknown(other, "voice", CHOICES, lang)),
    }
}

/// The voice of the system, if it has one.
fn of_system(wanted: &Wanted) -> Option<Speaker> {
    let kinds = Kind::of(OS).iter();
    kinds.copied().find_map(|kind| Speaker::find(kind, wanted))
}

/// Models, and below them on the ladder the voice of the system or our own.
fn models_of(wanted: &Wanted, files: Vec<Files>, lang: Lang) -> Models {
    let below: Arc<dyn Voice> = match of_system(wanted) {
        Some(voice) => Arc::new(voice),
        None => Arc::new(Robot::new(lang)),
    };
    let engines = files.into_iter().map(|files| wanted.engine(files));
    Models::new(engines.collect(), below)
}

/// How a better voice than our own is had.
pub fn better(wanted: &Wanted, lang: Lang) -> String {
    let here = Kind::of(OS);
    let way = if here
        .iter()
        .any(|kind| Speaker::find(*kind, wanted).is_some())
    {
        fill(
            Word::SpeechChooseHint.text(lang),
            &["voice", "`auto`, a URL"],
        )
    } else {
        let install = wanted.install("espeak-ng", lang);
        fill(Word::SpeechVoiceHint.text(lang), &[&install])
    };
    fill(Word::SpeechBetterHint.text(lang), &[&way])
}

/// The voices that can be chosen here, as what is written to choose them and what people call
/// them.
pub fn known(wanted: &Wanted, lang: Lang) -> Vec<(String, String)> {
    let here = Kind::of(OS).iter().filter_map(|kind| {
        let voice = Speaker::find(*kind, wanted)?;
        let name = match kind {
            Kind::Say | Kind::Sapi => Word::SpeechSystemVoice.text(lang).to_owned(),
            Kind::EspeakNg | Kind::Espeak | Kind::Command => voice.name(),
        };
        Some((kind.id().to_owned(), name))
    });
    let robot = (BUILTIN.to_owned(), Robot::new(lang).name());
    let models = wanted.models_that(Part::Voice).into_iter();
    let models = models.map(|files| (format!("model:{}", files.name()), files.name()));
    let mut known: Vec<_> = models.chain(here).chain([robot]).collect();
    if let (Choice::Server(_) | Choice::Command(_), Ok(voice)) =
        (Choice::read(&wanted.choice), choose(wanted, lang))
    {
        known.push((wanted.choice.clone(), voice.name()));
    }
    known
}
