//! Speaks the answer, where the settings want answers to what is written spoken.

use crate::config::Settings;
use crate::core::ids::TurnId;
use crate::core::sound::{SoundError, SoundEvent, SoundOrder, Way};
use crate::link::Play;
use crate::shell::boot;
use crate::sound::desk::Desk;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// How long the loudspeaker may take to let go.
const CLOSING: Duration = Duration::from_secs(2);

/// The loudspeaker, for one answer.
pub(super) struct Mouth {
    desk: Desk,
    events: mpsc::UnboundedReceiver<SoundEvent>,
    turn: TurnId,
    heard: bool,
}

impl Mouth {
    /// Waits for the speech of this turn, if it is to be spoken.
    pub(super) fn of(settings: &Settings, turn: TurnId) -> Option<Self> {
        if !settings.sound.speak.to(false) {
            return None;
        }
        let (tell, events) = mpsc::unbounded_channel();
        let desk = boot::mouth(settings, move |event| {
            // Nobody listens once the answer was heard.
            let _ = tell.send(event);
        });
        desk.ask(SoundOrder::Volume(boot::wishes(settings).volume));
        desk.ask(SoundOrder::Expect { turn });
        Some(Self {
            desk,
            events,
            turn,
            heard: false,
        })
    }

    /// Where the speech goes.
    pub(super) fn play(&self) -> Play {
        let desk = self.desk.clone();
        Arc::new(move |speech| desk.speech(speech))
    }

    /// Waits until the answer was heard to its end, or cannot be; `false`: nothing of it was
    /// heard. Cancel-safe.
    pub(super) async fn over(&mut self) -> Result<bool, SoundError> {
        while let Some(event) = self.events.recv().await {
            match event {
                SoundEvent::Sounding { turn } if turn == self.turn => self.heard = true,
                SoundEvent::Spoken { turn } if turn == self.turn => break,
                SoundEvent::Trouble {
                    way: Way::Out,
                    error,
                    passing: false,
                    ..
                } => return Err(error),
                _ => {}
            }
        }
        Ok(self.heard)
    }
}

impl Drop for Mouth {
    fn drop(&mut self) {
        self.desk.close(CLOSING);
    }
}
