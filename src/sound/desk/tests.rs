//! The desk as a whole, with files and made-up devices in place of real ones.

use super::*;
use crate::core::ids::{ConversationId, TurnId};
use crate::core::sound::{Chime, Device, Hear, Loudness, Recorded, Sound};
use crate::sound::SoundError;
use crate::sound::level::from_i16;
use crate::sound::unpacked::Unpacked;
use std::fs::File;
use std::path::Path;
use tempfile::TempDir;

mod calling;
mod hearing;
mod house;
mod machine;
mod moving;
mod room;
mod saying;

use house::{House, silence, speech, tone, write};
