//! Does: the only place with a terminal, tasks and a clock. What it does, `core` decided.

pub mod clock;
pub mod frames;
pub mod keys;
pub mod logs;
pub mod panic;
pub mod record;
pub mod run;
pub mod signals;
pub mod terminal;
pub mod trace;
