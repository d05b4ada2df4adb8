//! Hears and plays: microphones, loudspeakers, and files and pipes in their place.
//!
//! [`device`] lists and opens; a [`Capture`] gives blocks of 20 ms and a [`Playback`] takes
//! samples, both mono `f32` at the rate the caller wishes, whatever the device speaks. Samples
//! cross from a driver's thread to ours through rings without locks ([`ring`]). What is
//! recorded is on the disk while it is recorded ([`recorder`]).
//!
//! In a call both are open at once: what is played is heard on its way out ([`far`]) and taken
//! out of the microphone ([`echo`]), and what is left is cut into what is said ([`turn`]).
//!
//! Drivers and sound servers may hang, so whoever has a screen to keep alive works with sound
//! [`apart`]. Nothing here runs unless it is asked.

pub mod apart;
pub mod desk;
pub mod device;
pub mod echo;
pub mod far;
pub mod level;
pub mod loop_test;
mod pace;
pub mod recorder;
mod resample;
pub mod ring;
mod stream;
pub mod turn;
pub mod unpacked;
pub mod vad;

pub use crate::core::sound::{NotWav, SoundError, Way};
pub use pace::Pace;
pub use stream::{Capture, Playback, Polled};

/// The samples of 20 ms: what a capture gives and a device is asked for at once. Less costs
/// more wake-ups than it saves time; more is heard as a delay.
pub const fn block(rate: u32) -> usize {
    (rate / 50) as usize
}
