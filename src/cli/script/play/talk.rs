//! Lets the microphone of a script hear a file.

use super::super::report::{fault, told};
use super::{End, Player};
use crate::core::action::{Action, Plain};
use crate::core::mode::Mode;
use crate::core::msg::Msg;
use crate::core::voice::Recording;
use crate::core::words::Word;
use std::path::Path;
use std::time::Duration;

impl Player {
    /// Lets the microphone hear a file.
    pub(super) async fn talk(
        &mut self,
        file: &Path,
        stop: Option<Duration>,
        within: Duration,
    ) -> Result<(), End> {
        if self.voice().recording.is_some() {
            return Err(End::Unmet(self.say(Word::ScriptMicOpen, &[])));
        }
        // A conversation that is being opened is not talked into.
        let free = |player: &Self| {
            let modes = &player.model().modes;
            modes.locked(player.now()).is_none().then_some(())
        };
        self.until(self.now() + within, free).await?;
        let before = self.voice().wishes.microphone.clone();
        self.use_microphone(&format!("file:{}", file.display()));
        self.act(Plain::Talk.into())?;
        let talked = self.record(stop, within).await;
        self.use_microphone(before.as_deref().unwrap_or("default"));
        talked?;
        match fault(self.model()) {
            Some(fault) if self.model().modes.current() == Mode::Error => {
                Err(End::Unmet(told(&fault)))
            }
            _ => Ok(()),
        }
    }

    /// Another microphone, as the script wants it. Nobody needs to be told.
    fn use_microphone(&mut self, id: &str) {
        self.program
            .take(Msg::Act(Action::UseMicrophone(id.to_owned())));
        self.report.seen(&self.program.model);
    }

    /// Waits until a recording is over.
    async fn record(&mut self, stop: Option<Duration>, within: Duration) -> Result<(), End> {
        let Some(clip) = self
            .voice()
            .recording
            .as_ref()
            .map(|recording| recording.clip)
        else {
            let why = self.report.notes().last().cloned();
            let why = why.unwrap_or_else(|| self.say(Word::ScriptNotHeard, &[]));
            return Err(End::Unmet(why));
        };
        let recording = move |player: &Self| -> Option<Recording> {
            let recording = player.voice().recording.clone();
            recording.filter(|recording| recording.clip == clip)
        };
        let limit = self.now() + within;
        let hears = move |player: &Self| match recording(player) {
            Some(recording) => recording.hearing.map(|(since, _)| since),
            None => Some(player.now()),
        };
        let Some(since) = self.until(limit, hears).await? else {
            let ms = within.as_millis().to_string();
            return Err(End::Unmet(self.say(Word::ScriptNoSound, &[&ms])));
        };
        let over = move |player: &Self| recording(player).is_none().then_some(());
        if let Some(stop) = stop
            && self.until(since + stop, over).await?.is_none()
        {
            self.act(Plain::Talk.into())?;
        }
        let limit = since + self.longest + within;
        if self.until(limit, over).await?.is_none() {
            return Err(End::Unmet(self.say(Word::ScriptNoEnd, &[])));
        }
        Ok(())
    }
}
