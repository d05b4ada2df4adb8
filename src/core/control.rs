//! What may be said to the call itself: whole utterances that stop it, hold it, or make it louder.
//!
//! Pure. Which utterances those are is a setting; these are the usual ones, in both languages.

use super::call::bare;
use serde::{Deserialize, Serialize};

/// What a whole utterance means, when it is short and means something to the call itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Control {
    /// Be silent.
    Stop,
    /// Hold the call.
    Wait,
    Louder,
    Softer,
    Slower,
    Faster,
    /// Say it again.
    Repeat,
    HangUp,
}

impl Control {
    /// All of them; of two with the same utterance the first counts.
    pub const ALL: [Self; 8] = [
        Self::Stop,
        Self::Wait,
        Self::Louder,
        Self::Softer,
        Self::Slower,
        Self::Faster,
        Self::Repeat,
        Self::HangUp,
    ];

    /// The utterances that usually mean it, separated by commas.
    pub const fn usual(self) -> &'static str {
        match self {
            Self::Stop => {
                "stop, stop it, be quiet, quiet, silence, shut up, 停, 停下, 别说了, 安静, 闭嘴"
            }
            Self::Wait => {
                "wait, wait a moment, hold on, one moment, just a moment, 等一下, 等等, 稍等"
            }
            Self::Louder => "louder, speak up, 大声点, 大声一点",
            Self::Softer => "softer, quieter, 小声点, 小声一点",
            Self::Slower => "slower, speak slower, 慢点, 慢一点",
            Self::Faster => "faster, speak faster, 快点, 快一点",
            Self::Repeat => {
                "repeat, repeat that, say that again, say it again, again, 再说一遍, 重复一遍"
            }
            Self::HangUp => "hang up, goodbye, good bye, bye, bye bye, 挂断, 挂了, 再见",
        }
    }
}

/// The utterances that are meant for the call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Controls(Vec<(Control, Vec<String>)>);

impl Default for Controls {
    fn default() -> Self {
        Self::new(Control::usual)
    }
}

impl Controls {
    /// From the utterances for each, separated by commas of either script.
    pub fn new<'a>(of: impl Fn(Control) -> &'a str) -> Self {
        let forms = |control| {
            let forms = of(control).split([',', '，', '、']);
            let forms = forms.map(bare).filter(|form| !form.is_empty());
            (control, forms.collect())
        };
        Self(Control::ALL.map(forms).into())
    }

    /// What a whole utterance means to the call. One that only begins so means what it says.
    pub fn of(&self, text: &str) -> Option<Control> {
        let said = bare(text);
        let known = self.0.iter().find(|(_, forms)| forms.contains(&said));
        known.map(|(control, _)| *control)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_utterance_is_a_control() {
        for (text, expected) in [
            ("Stop.", Some(Control::Stop)),
            ("stop doing that and try x", None),
            ("Hang up!", Some(Control::HangUp)),
            ("再说一遍。", Some(Control::Repeat)),
            ("wait a moment", Some(Control::Wait)),
            ("louder please", None),
            ("", None),
        ] {
            assert_eq!(Controls::default().of(text), expected, "{text}");
        }
    }

    #[test]
    fn whoever_likes_other_words_says_which() {
        let controls = Controls::new(|control| match control {
            Control::Stop => " Enough!, 够了，basta, ,",
            Control::Wait => "enough",
            _ => "",
        });
        for (text, expected) in [
            ("enough", Some(Control::Stop)),
            ("够了。", Some(Control::Stop)),
            ("Basta", Some(Control::Stop)),
            ("stop", None),
            ("", None),
        ] {
            assert_eq!(controls.of(text), expected, "{text}");
        }
    }
}
