//! The Realtime language of OpenAI, and of everybody who speaks it after them: one socket for
//! text, recordings and speech, a session that lives for an hour, and a response for each turn.
//!
//! There are two shapes of it. Today's nests what is said about sound, the older one, which many
//! servers kept, does not, and names some events differently. Both are understood at any time;
//! what we say has the shape that the server's first frame shows.

mod answers;
mod client;
mod event;
mod habits;
mod place;
mod recorded;
mod session;
mod tools;

pub use client::Realtime;
