//! Keeps a terminal from showing what is written into it, while a secret is asked for in plain
//! lines. It shows again when this is dropped.

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

/// Whether what is written is shown.
#[derive(Default)]
pub(super) struct Echo {
    /// How the terminal was, while it shows nothing.
    before: Option<Termios>,
}

impl Echo {
    /// Hides what is written, or shows it again. A pipe shows nothing anyway.
    pub(super) fn hide(&mut self, hidden: bool) {
        let input = rustix::stdio::stdin();
        match (hidden, self.before.take()) {
            (true, None) => {
                let Ok(before) = tcgetattr(input) else {
                    return;
                };
                let mut quiet = before.clone();
                quiet.local_modes.remove(LocalModes::ECHO);
                if tcsetattr(input, OptionalActions::Now, &quiet).is_ok() {
                    self.before = Some(before);
                }
            }
            (true, before) => self.before = before,
            (false, Some(before)) => {
                // A terminal that is gone needs nothing.
                let _ = tcsetattr(input, OptionalActions::Now, &before);
            }
            (false, None) => {}
        }
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        self.hide(false);
    }
}
