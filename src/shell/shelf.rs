//! The keeper of models: a thread that lists them and brings one here when it is told to. It begins
//! with the first order, so nothing of it is there before somebody asks; it ends with its handle,
//! and what it was fetching is kept as far as it came.

use super::clerk::{Clerk, alone};
use super::models;
use crate::config::Loaded;
use crate::core::shelf::{Offer, Pause, Pull, ShelfEvent, ShelfOrder, Standing};
use crate::core::words::Lang;
use crate::mind::models::{Catalogue, Hub, Limits, ModelsError, Order, Shelf, State, Step};
use std::io;
use std::time::Duration;
use tokio::sync::mpsc;

/// Progress is told this often at most: it moves a line on the screen, and each step is a frame.
const PROGRESS: Duration = Duration::from_millis(250);

/// What is heard of it.
type Tell = Box<dyn Fn(ShelfEvent) + Send>;

/// A handle to the keeper.
pub type Keeper = Clerk<ShelfOrder>;

/// The keeper of the models on this machine.
pub fn keeper(loaded: &Loaded, tell: impl Fn(ShelfEvent) + Send + 'static) -> Keeper {
    let (loaded, tell): (_, Tell) = (loaded.clone(), Box::new(tell));
    Clerk::new("models", move |inbox| {
        if let Err(error) = alone(serve(&loaded, &tell, inbox)) {
            tell(failed(&disk(error), loaded.settings.lang));
        }
    })
}

fn disk(source: io::Error) -> ModelsError {
    let path = "models".into();
    ModelsError::Disk { path, source }
}

/// Carries out one order after another; while one model is on its way, only those that concern it.
async fn serve(loaded: &Loaded, tell: &Tell, mut inbox: mpsc::UnboundedReceiver<ShelfOrder>) {
    while let Some(order) = inbox.recv().await {
        match order {
            ShelfOrder::List => tell(listed(loaded)),
            // It is over already.
            ShelfOrder::Stop => {}
            ShelfOrder::Pull { model } => {
                let coming = pull(loaded, &model, tell);
                tokio::pin!(coming);
                loop {
                    tokio::select! {
                        done = &mut coming => {
                            tell(match done {
                                Ok(()) => ShelfEvent::Pulled { model: model.clone() },
                                Err(event) => event,
                            });
                            break;
                        }
                        order = inbox.recv() => match order {
                            Some(ShelfOrder::List) => tell(listed(loaded)),
                            Some(ShelfOrder::Stop) => {
                                tell(ShelfEvent::Stopped { model: model.clone() });
                                break;
                            }
                            // The model of the program asks for one at a time.
                            Some(ShelfOrder::Pull { .. }) => {}
                            None => return,
                        }
                    }
                }
            }
        }
    }
}

/// Brings a model here.
async fn pull(loaded: &Loaded, model: &str, tell: &Tell) -> Result<(), ShelfEvent> {
    let lang = loaded.settings.lang;
    let failed = |error: ModelsError| failed(&error, lang);
    let (catalogue, hub) = sources(loaded)?;
    let entry = catalogue
        .get(model)
        .ok_or_else(|| failed(ModelsError::unknown(model, &catalogue)))?;
    let shelf: Shelf = models::shelf(loaded);
    let order = Order {
        entry,
        hub: &hub,
        limits: Limits {
            progress: PROGRESS,
            ..Limits::default()
        },
    };
    let mut far = Pull {
        model: model.to_owned(),
        ..Pull::default()
    };
    let mut hear = |step: Step<'_>| {
        match step {
            Step::Waiting => far.pause = Some(Pause::Elsewhere),
            Step::Again { wait, .. } => {
                let seconds = wait.as_secs_f64().ceil() as u64;
                far.pause = Some(Pause::Again { seconds });
            }
            Step::Bytes {
                nth,
                of,
                done,
                total,
                ..
            } => {
                far = Pull {
                    model: far.model.clone(),
                    nth,
                    of,
                    done,
                    total,
                    pause: None,
                };
            }
            Step::Checking { .. } | Step::Elsewhere { .. } | Step::Kept { .. } => return,
        }
        tell(ShelfEvent::Pulling(far.clone()));
    };
    shelf.pull(&order, &mut hear).await.map_err(failed)?;
    Ok(())
}

fn sources(loaded: &Loaded) -> Result<(Catalogue, Hub), ShelfEvent> {
    let lang = loaded.settings.lang;
    let catalogue = models::catalogue(loaded).map_err(|error| failed(&error, lang))?;
    let hub = models::hub(loaded).map_err(|error| ShelfEvent::Failed {
        what: error.to_string(),
        hint: Some(error.hint()),
    })?;
    Ok((catalogue, hub))
}

fn failed(error: &ModelsError, lang: Lang) -> ShelfEvent {
    tracing::warn!("{}", error.tell(Lang::En));
    ShelfEvent::Failed {
        what: error.tell(lang),
        hint: error.hint(lang),
    }
}

/// The models there are.
fn listed(loaded: &Loaded) -> ShelfEvent {
    let (catalogue, hub) = match sources(loaded) {
        Ok(sources) => sources,
        Err(event) => return event,
    };
    let shelf = models::shelf(loaded);
    let offers = catalogue.all().iter().map(|entry| Offer {
        model: entry.id.clone(),
        task: entry.task,
        languages: entry.languages.clone(),
        licence: entry.licence.clone(),
        weight: entry.weight(),
        pinned: entry.files.iter().all(|file| file.sha256.is_some()),
        source: entry.home(&hub.base),
        standing: match shelf.state(entry) {
            State::Absent => Standing::Absent,
            State::Partial { bytes } => Standing::Partial { bytes },
            State::Damaged { .. } => Standing::Damaged,
            State::Here { bytes } => Standing::Here { bytes },
        },
    });
    ShelfEvent::Listed(offers.collect())
}
