//! Models are fetched from hubs that misbehave in every way that is known of hubs, by programs that
//! are killed in the middle, and never unless somebody asks.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where it finds something wrong"
)]

mod support;

#[path = "models/answers.rs"]
mod answers;
#[path = "models/house.rs"]
mod house;
#[path = "models/import.rs"]
mod import;
#[path = "models/places.rs"]
mod places;
#[path = "models/program.rs"]
mod program;
#[path = "models/screen.rs"]
mod screen;
#[path = "models/unasked.rs"]
mod unasked;
