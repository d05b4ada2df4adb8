//! What a brain can do besides talking: the same abilities serve a real model as tools and the
//! built-in brain as its whole mind.
//!
//! An ability is one file: what a model is told about it, how its arguments are read, what it
//! does, and how the outcome is told in both languages. A line in `abilities!` registers it.

mod arguments;
mod chance;
mod date;
mod desk;
mod error;
mod history;
#[cfg(test)]
pub(in crate::mind) mod memory;
mod note;
mod number;
pub(in crate::mind) mod numeral;
mod pick;
mod place;
mod sum;
pub(in crate::mind) mod tell;
mod time;
mod timer;
mod todo;
mod unit;
pub(in crate::mind) mod when;

pub(in crate::mind) use chance::Chance;
pub(in crate::mind) use date::Date;
pub use desk::{Desk, DeskError, Later};
pub use error::{Kind, ToolError};
pub(in crate::mind) use history::History;
pub(in crate::mind) use note::Note;
pub(in crate::mind) use place::Place;
pub(in crate::mind) use sum::Sum;
pub(in crate::mind) use time::Time;
pub(in crate::mind) use timer::Timer;
pub(in crate::mind) use todo::Todo;
pub(in crate::mind) use unit::Convert;

use super::{Call, ToolSpec};
use crate::core::time::Wall;
use crate::core::words::Lang;
pub(in crate::mind) use arguments::Arguments;
use chance::Luck;
use jiff::Zoned;
use serde_json::Value;
use std::sync::Arc;

/// Tells the time where the user is.
pub type Clock = Arc<dyn Fn() -> Zoned + Send + Sync>;

/// What came of a request: a sentence either way.
pub(in crate::mind) type Told = Result<String, ToolError>;

/// What a model is told about an ability, and how its arguments are read.
struct Ability {
    name: &'static str,
    description: &'static str,
    parameters: fn() -> Value,
    read: fn(&Arguments, &Zoned) -> Result<Request, ToolError>,
}

macro_rules! abilities {
    ($($file:ident::$Request:ident,)*) => {
        /// Something an ability is asked to do.
        #[derive(Debug)]
        pub(in crate::mind) enum Request { $($Request($Request),)* }

        const ABILITIES: &[Ability] = &[$($file::ABILITY,)*];

        $(impl From<$Request> for Request {
            fn from(request: $Request) -> Self {
                Self::$Request(request)
            }
        })*

        impl Toolbox {
            /// Does it, and tells the outcome in a language.
            pub(in crate::mind) async fn run(&self, request: Request, lang: Lang) -> Told {
                match request {
                    $(Request::$Request(request) => request.run(self, lang).await,)*
                }
            }
        }
    };
}

abilities! {
    time::Time,
    date::Date,
    sum::Sum,
    unit::Convert,
    timer::Timer,
    note::Note,
    todo::Todo,
    chance::Chance,
    history::History,
}

/// All tools, and what they work with.
pub struct Toolbox {
    desk: Arc<dyn Desk>,
    clock: Clock,
    luck: Luck,
}

impl Toolbox {
    /// The desk keeps notes, things to do and timers; the seed decides all chance.
    pub fn new(desk: Arc<dyn Desk>, clock: Clock, seed: u64) -> Self {
        let luck = Luck::new(seed);
        Self { desk, clock, luck }
    }

    /// The tools a model may call.
    pub fn specs(&self) -> Vec<ToolSpec> {
        let specs = ABILITIES.iter().map(|ability| ToolSpec {
            name: ability.name.to_owned(),
            description: ability.description.to_owned(),
            parameters: (ability.parameters)(),
        });
        specs.collect()
    }

    /// Is there a tool of this name?
    pub fn knows(&self, name: &str) -> bool {
        ABILITIES.iter().any(|ability| ability.name == name)
    }

    /// Runs one call. Both outcomes are told to the model.
    pub async fn call(&self, call: &Call) -> Result<String, String> {
        self.outcome(call).await.map_err(|error| error.to_string())
    }

    async fn outcome(&self, call: &Call) -> Told {
        let Some(ability) = ABILITIES.iter().find(|ability| ability.name == call.name) else {
            let known: Vec<_> = ABILITIES
                .iter()
                .map(|ability| format!("`{}`", ability.name))
                .collect();
            return Err(ToolError::NoTool {
                name: call.name.clone(),
                known: known.join(", "),
            });
        };
        let arguments = Arguments::read(&call.arguments)?;
        let request = (ability.read)(&arguments, &self.now())?;
        self.run(request, Lang::En).await
    }

    /// What time it is where the user is.
    pub(in crate::mind) fn now(&self) -> Zoned {
        (self.clock)()
    }
}

/// Names, amounts and moments are no longer than this. Sentences are tried in every split, so
/// that longer text must be turned away at once.
fn short(text: &str) -> Option<&str> {
    text.chars().nth(60).is_none().then_some(text)
}

fn wall(moment: &Zoned) -> Wall {
    Wall(moment.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests;
