//! hearsay, a voice assistant that lives in the terminal.
//!
//! *core decides, wire speaks, codec unpacks, link keeps the line up, sound hears and plays, mind
//! thinks, serve answers, store remembers, tail follows, config settles, view draws, shell does.*
//! Each folder is one verb:
//!
//! - [`core`] decides. Everything that can happen is a `Msg`, everything we know is the `Model`,
//!   everything we may ask of the world is an `Effect`; `update` joins the three. Pure.
//! - [`wire`] speaks: turns bytes of a backend's language into core's `Up` and `Down` and back. Pure.
//! - [`codec`] packs and unpacks: the forms in which files, servers and lines carry sound, and
//!   streams of events. Pure.
//! - [`link`] keeps the line up: dials, greets, beats, notices silence, dials again.
//! - [`sound`] hears and plays: microphones, loudspeakers, files in their place, recordings.
//! - [`mind`] thinks: brains (any OpenAI-compatible server, or the built-in one) and their tools,
//!   ears and voices.
//! - [`serve`] answers: the backend itself, which runs inside the program by default.
//! - [`store`] remembers: conversations in one SQLite file, with full-text search.
//! - [`tail`] follows: logs that grow, rotate and vanish, a million lines long.
//! - [`config`] settles: defaults, file, environment and flags, and where each value came from.
//! - [`view`] draws the model, and is the only reader that draws. Pure.
//! - [`shell`] does: the only place with a terminal, tasks and a clock.
//! - [`cli`] is the command line, one file for each subcommand.
//!
//! ```text
//!  keys ─► terminal ─┐                        ┌─► view ─► screen
//!  socket ─► link ───┼─► Msg ─► update(Model) ┤
//!  store, sound ─────┤                        └─► Effects ─► perform ─► link, store, sound, clipboard
//!  deadlines ────────┘
//! ```

pub mod cli;
pub mod codec;
pub mod config;
pub mod core;
pub mod link;
pub mod mind;
pub mod serve;
pub mod shell;
pub mod sound;
pub mod store;
pub mod tail;
pub mod view;
pub mod wire;
