//! Keeps what is typed into a line that nobody may see. It is taken out of the messages before they
//! are recorded, traced or known to the model, which learns only how much there is.

use crate::core::action::{Action, Plain};
use crate::core::chord::Chord;
use crate::core::connect::{MASK, is_place};
use crate::core::keys::Context;
use crate::core::model::{Layer, Model};
use crate::core::msg::{Msg, Phase};

/// No token is longer.
const LONGEST: usize = 4000;

/// What was typed.
#[derive(Default)]
pub struct Vault {
    text: String,
    /// Keys that went down here: where they come up is nobody's business either.
    held: Vec<Chord>,
}

impl Vault {
    /// What was typed last.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The message as it may be known; `None`: not at all.
    pub fn hide(&mut self, model: &Model, msg: Msg) -> Option<Msg> {
        if let Msg::Key {
            chord,
            phase: Phase::Release,
        } = &msg
            && let Some(at) = self.held.iter().position(|held| held == chord)
        {
            self.held.remove(at);
            return None;
        }
        let form = match model.layers.last() {
            Some(Layer::Form(form)) if form.secret => form,
            _ => return Some(msg),
        };
        match msg {
            Msg::Key {
                phase: Phase::Release,
                ..
            } => Some(msg),
            Msg::Key { chord, .. } => Some(self.key(model, form.text(), chord, msg)),
            Msg::Paste(text) => {
                self.begin(form.text());
                self.insert(&text);
                Some(self.masked())
            }
            Msg::Written(line) => {
                let line = line.trim();
                if line.is_empty() || line.starts_with('/') {
                    return Some(msg_written(line));
                }
                self.text.clear();
                self.insert(line);
                Some(msg_written(&self.shown()))
            }
            msg => Some(msg),
        }
    }

    fn key(&mut self, model: &Model, shown: &str, chord: Chord, msg: Msg) -> Msg {
        let action = model.keymap.action(Context::Picker, chord);
        match action {
            Some(Action::Plain(Plain::Backspace)) => {
                self.begin(shown);
                self.text.pop();
            }
            Some(Action::Plain(
                Plain::DeleteWordLeft | Plain::KillToStart | Plain::KillToEnd | Plain::Undo,
            )) => self.text.clear(),
            Some(_) => return msg,
            None => {
                let Some(typed) = chord.typed() else {
                    return msg;
                };
                self.begin(shown);
                self.insert(typed.encode_utf8(&mut [0; 4]));
                if !self.held.contains(&chord) {
                    self.held.push(chord);
                }
            }
        }
        self.masked()
    }

    /// What is shown is what there is, or it is of another line: that begins anew.
    fn begin(&mut self, shown: &str) {
        if self.shown() != shown {
            self.text.clear();
            if is_place(shown) {
                self.text.push_str(shown);
            }
        }
    }

    fn insert(&mut self, text: &str) {
        let room = LONGEST.saturating_sub(self.text.chars().count());
        let printable = text.chars().filter(|c| !c.is_control());
        self.text.extend(printable.take(room));
    }

    /// Where a secret is may be shown; what it is may not.
    fn shown(&self) -> String {
        let text = self.text.trim();
        if is_place(text) {
            return text.to_owned();
        }
        MASK.to_string().repeat(self.text.chars().count())
    }

    fn masked(&self) -> Msg {
        Msg::Masked(self.shown())
    }
}

fn msg_written(line: &str) -> Msg {
    Msg::Written(line.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::connect::Step;
    use crate::core::form::{Form, FormKind};
    use crate::core::model::Setup;

    fn asking(secret: bool, shown: &str) -> Model {
        let mut model = Model::new(Setup::default());
        let kind = FormKind::Connect(Step::Token);
        let mut form = Form::new(kind, "token".into(), vec![], shown);
        form.secret = secret;
        model.layers.push(Layer::Form(form));
        model
    }

    fn key(chord: &str, phase: Phase) -> Msg {
        let chord = chord.parse().unwrap();
        Msg::Key { chord, phase }
    }

    /// What becomes known while these are pressed and let go, one after another.
    fn known(vault: &mut Vault, model: &mut Model, chords: &[&str]) -> Vec<Msg> {
        let mut known = vec![];
        for chord in chords {
            for phase in [Phase::Press, Phase::Release] {
                let msg = vault.hide(model, key(chord, phase));
                if let (Some(Msg::Masked(text)), Some(Layer::Form(form))) =
                    (&msg, model.layers.last_mut())
                {
                    form.replace(text);
                }
                known.extend(msg);
            }
        }
        known
    }

    fn masked(text: &str) -> Msg {
        Msg::Masked(text.to_owned())
    }

    #[test]
    fn a_token_is_known_by_its_length_alone() {
        let (mut vault, mut model) = (Vault::default(), asking(true, ""));
        let told = known(&mut vault, &mut model, &["h", "i", "!", "backspace", "9"]);
        let release = key("backspace", Phase::Release);
        let expected = [
            masked("•"),
            masked("••"),
            masked("•••"),
            masked("••"),
            release,
            masked("•••"),
        ];
        assert_eq!(told, expected);
        assert_eq!(vault.text(), "hi9");
        let pasted = vault.hide(&model, Msg::Paste(" tail\n".into()));
        assert_eq!(pasted, Some(masked("••••••••")));
        assert_eq!(vault.text(), "hi9 tail");
    }

    #[test]
    fn the_place_of_a_secret_is_none() {
        let (mut vault, mut model) = (Vault::default(), asking(true, ""));
        let told = known(&mut vault, &mut model, &["e", "n", "v", ":", "T"]);
        assert_eq!(told[2..], [masked("•••"), masked("env:"), masked("env:T")]);
        known(&mut vault, &mut model, &["ctrl-u"]);
        assert_eq!(vault.text(), "");
    }

    #[test]
    fn what_leads_away_is_passed_on_and_elsewhere_everything_is() {
        let (mut vault, model) = (Vault::default(), asking(true, ""));
        for chord in ["enter", "esc", "ctrl-c", "up"] {
            let msg = key(chord, Phase::Press);
            assert_eq!(vault.hide(&model, msg.clone()), Some(msg), "{chord}");
        }
        let model = asking(false, "");
        let msg = key("h", Phase::Press);
        assert_eq!(vault.hide(&model, msg.clone()), Some(msg));
    }

    #[test]
    fn a_line_is_an_answer_unless_it_is_a_command_or_empty() {
        let (mut vault, model) = (Vault::default(), asking(true, "••"));
        let written = |text: &str| Msg::Written(text.to_owned());
        for (line, known) in [
            ("hunter2", "•••••••"),
            ("file:token", "file:token"),
            ("/cancel", "/cancel"),
            ("", ""),
        ] {
            assert_eq!(vault.hide(&model, written(line)), Some(written(known)));
        }
        // A token that is typed over another replaces it.
        let (mut vault, mut model) = (Vault::default(), asking(true, ""));
        known(&mut vault, &mut model, &["o", "l", "d"]);
        let mut model = asking(true, "");
        known(&mut vault, &mut model, &["n"]);
        assert_eq!(vault.text(), "n");
    }
}
