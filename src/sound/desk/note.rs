//! What the desk may be told, by the program and by its own threads.

use super::take::Taken;
use crate::core::ids::TurnId;
use crate::core::sound::{SoundEvent, SoundOrder, Speech};
use crate::sound::Way;
use crate::sound::far::Far;
use std::sync::mpsc;

/// What the desk may be told.
pub(super) enum Note {
    Order(SoundOrder),
    Speech(Speech),
    /// Close, and say so.
    Close(Option<mpsc::Sender<()>>),
    /// Tell the program.
    Say(SoundEvent),
    /// A recording is over.
    Taken(Box<Taken>),
    /// A device was opened: which, and what people call it.
    At(Way, Option<String>, String),
    /// In a call, this is what is played from here on.
    Far(Box<Far>),
    /// The ear has nothing to record, and had seen so many orders.
    EarRests(u64),
    EarGone,
    /// The mouth has nothing to say, and had seen so many orders.
    MouthRests(u64),
    MouthGone,
    /// The speech of this turn cannot be played.
    NotSpoken(TurnId),
    /// No chime is in the air any more.
    ChimeOver,
}
