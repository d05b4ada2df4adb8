//! Does: the only place with a terminal, tasks and a clock. What it does, `core` decided.

pub mod boot;
mod clipboard;
mod clips;
pub mod clock;
mod device;
pub mod doctor;
mod embedded;
pub mod frames;
pub mod keys;
pub mod logs;
pub mod models;
mod odd;
pub mod panic;
pub mod program;
pub mod record;
pub mod run;
pub mod settings;
pub mod shelf;
pub mod signals;
pub mod speech;
pub mod terminal;
pub mod tools;
pub mod trace;
