//! Does: the only place with a terminal, tasks and a clock. What it does, `core` decided.

pub mod boot;
mod clipboard;
mod clips;
pub mod clock;
pub mod connect;
mod device;
mod diary;
pub mod doctor;
#[cfg(unix)]
mod echo;
mod embedded;
pub mod frames;
mod import;
pub mod keys;
pub mod log_screen;
pub mod log_source;
pub mod logs;
pub mod models;
mod odd;
pub mod panic;
pub mod plain;
pub mod program;
pub mod reader;
pub mod record;
pub mod run;
pub mod served;
pub mod settings;
pub mod shelf;
pub mod signals;
pub mod speech;
pub mod terminal;
mod tokens;
pub mod tools;
pub mod trace;
pub mod vault;
