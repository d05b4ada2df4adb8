//! Does: the only place with a terminal, tasks and a clock. What it does, `core` decided.

pub mod boot;
mod clipboard;
mod clips;
pub mod clock;
mod device;
mod diary;
mod embedded;
pub mod frames;
pub mod keys;
pub mod log_screen;
pub mod log_source;
pub mod logs;
pub mod models;
mod odd;
pub mod panic;
pub mod program;
pub mod reader;
pub mod record;
pub mod run;
pub mod shelf;
pub mod signals;
pub mod speech;
pub mod terminal;
pub mod tools;
pub mod trace;
