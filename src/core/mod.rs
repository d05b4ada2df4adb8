//! Decides. Nothing here reads a clock, a file, a socket or a random source: `now` and seeds
//! arrive as values, wishes leave as effects, and the same messages always give the same model.

pub mod action;
pub mod backend;
pub mod budget;
pub mod call;
pub mod chord;
pub mod command;
pub mod composer;
pub mod control;
pub mod defuse;
pub mod desk;
pub mod effect;
pub mod events;
pub mod fault;
pub mod heard;
pub mod ids;
pub mod keys;
pub mod line;
pub mod mode;
pub mod model;
pub mod mood;
pub mod msg;
pub mod over;
pub mod past;
pub mod picker;
pub mod record;
pub mod shelf;
pub mod sound;
pub mod talk;
pub mod time;
pub mod times;
pub mod transcript;
pub mod turn;
pub mod update;
pub mod voice;
pub mod words;
