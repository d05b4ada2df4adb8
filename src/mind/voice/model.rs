//! Voices that are models on this machine. What none of them can say is said by the voice below
//! them on the ladder.

use super::wish::{Asked, speed};
use super::{Pcm, Speaking, Utterance, Voice};
use crate::core::words::Lang;
use crate::mind::SpeechError;
use crate::mind::engine::remote::Engine;
use crate::mind::engine::talk::{Frame, Reply};
use std::sync::Arc;
use tokio::sync::mpsc::Sender;

/// Models that speak.
pub(super) struct Models {
    engines: Vec<Engine>,
    /// Who speaks what they cannot.
    below: Arc<dyn Voice>,
}

impl Models {
    /// At least one.
    pub(super) fn new(engines: Vec<Engine>, below: Arc<dyn Voice>) -> Self {
        Self { engines, below }
    }

    /// The model for an utterance, and which of its voices is wished for. A wish that names a model
    /// or one of a region, as online services do, chooses among those that know the language.
    fn best(&self, utterance: &Utterance) -> Option<(&Engine, Option<String>)> {
        let lang = utterance.lang;
        let asked = Asked::read(&utterance.wish, lang);
        let known = |engine: &&Engine| {
            let known = engine.files().languages();
            known.is_empty() || known.iter().any(|one| one == lang.code())
        };
        let fits = || self.engines.iter().filter(known);
        let named = match asked {
            Asked::Own(name) => fits().find(|engine| engine.name() == name),
            Asked::Region(region) => {
                fits().find(|engine| engine.name().contains(&of(lang, region)))
            }
            Asked::Anybody => None,
        };
        let engine = named.or_else(|| fits().max_by_key(|engine| engine.files().bytes()))?;
        let within = match asked {
            Asked::Own(name) if named.is_none() => Some(name.to_owned()),
            _ => None,
        };
        Some((engine, within))
    }

    async fn say(&self, utterance: Utterance, out: &Sender<Pcm>) -> Result<(), SpeechError> {
        let Some((engine, voice)) = self.best(&utterance) else {
            return self.below.speak(utterance, out.clone()).await;
        };
        let speed = speed(&utterance.wish);
        let mut job = engine
            .say(utterance.text.clone(), utterance.lang, voice, speed)
            .await?;
        let mut begun = false;
        loop {
            match job.reply().await {
                Ok(Frame::Sound { rate, samples }) => {
                    begun = true;
                    if out.send(Pcm { rate, samples }).await.is_err() {
                        return Ok(());
                    }
                }
                Ok(Frame::Words(Reply::Spoken)) if begun => return Ok(()),
                // Nothing of it is among what it was taught.
                Ok(Frame::Words(Reply::Spoken | Reply::Stopped)) => {
                    drop(job);
                    return self.below.speak(utterance, out.clone()).await;
                }
                Ok(Frame::Words(_)) => {}
                // Nothing was heard of it yet, so somebody else can say all of it.
                Err(error) if !begun => {
                    drop(job);
                    tracing::warn!("{error}");
                    return self.below.speak(utterance, out.clone()).await;
                }
                Err(error) => return Err(error),
            }
        }
    }
}

/// How models name a language and a region.
fn of(lang: Lang, region: &str) -> String {
    format!("{}_{region}", lang.code())
}

impl Voice for Models {
    fn name(&self) -> String {
        let names: Vec<String> = self.engines.iter().map(Engine::name).collect();
        names.join(", ")
    }

    fn speak(&self, utterance: Utterance, out: Sender<Pcm>) -> Speaking<'_> {
        Box::pin(async move {
            tokio::select! {
                spoken = self.say(utterance, &out) => spoken,
                () = out.closed() => Ok(()),
            }
        })
    }
}
