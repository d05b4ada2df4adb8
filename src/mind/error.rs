//! Why a brain could not answer, as data, as a sentence, and with what to do about it.

use crate::core::line::{Cause, Distrust};
use crate::core::words::{Lang, Word, fill};
use crate::mind::SpeechError;
use std::fmt;
use std::time::Duration;

/// Why a brain could not answer. `base` is the address of the model server; `said` is what the
/// server itself says about it, short and on one line, empty when it says nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BrainError {
    Address {
        base: String,
        why: String,
    },
    Busy {
        base: String,
        said: String,
        retry_after: Option<Duration>,
    },
    Cut {
        base: String,
    },
    Faulty {
        base: String,
        status: u16,
        said: String,
        retry_after: Option<Duration>,
    },
    /// A model on this machine could not.
    Here {
        why: Box<SpeechError>,
    },
    HostUnknown {
        host: String,
    },
    HungUp {
        base: String,
    },
    KeyOverPlainHttp {
        base: String,
    },
    KeyRefused {
        base: String,
        said: String,
    },
    KeyUnusable {
        base: String,
    },
    KeyWanted {
        base: String,
        said: String,
    },
    Loading {
        base: String,
        retry_after: Option<Duration>,
    },
    ModelUnknown {
        base: String,
        model: String,
        said: String,
    },
    NobodyThere {
        base: String,
    },
    NotFound {
        base: String,
        said: String,
    },
    Page {
        base: String,
    },
    Redirected {
        base: String,
        to: String,
    },
    Rejected {
        base: String,
        status: u16,
        said: String,
    },
    Silent {
        base: String,
        waited: Duration,
    },
    Stalled {
        base: String,
        waited: Duration,
    },
    Stopped {
        base: String,
        said: String,
    },
    Tls {
        base: String,
        why: Distrust,
    },
    Unreachable {
        base: String,
        why: String,
    },
    Unreadable {
        base: String,
        why: String,
    },
}

impl fmt::Display for BrainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.tell(Lang::En))
    }
}

impl std::error::Error for BrainError {}

impl BrainError {
    /// A short word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Address { .. } => "bad_address",
            Self::Busy { .. } => "rate_limited",
            Self::Cut { .. } | Self::HungUp { .. } => "connection_lost",
            Self::Faulty { .. } | Self::Stopped { .. } => "brain_failed",
            Self::Here { .. } => "model_failed",
            Self::HostUnknown { .. } => "host_unknown",
            Self::KeyOverPlainHttp { .. } => "key_withheld",
            Self::KeyRefused { .. } | Self::KeyUnusable { .. } | Self::KeyWanted { .. } => {
                "key_refused"
            }
            Self::Loading { .. } => "model_loading",
            Self::ModelUnknown { .. } => "model_unknown",
            Self::NobodyThere { .. } | Self::Unreachable { .. } => "brain_unreachable",
            Self::NotFound { .. } | Self::Page { .. } | Self::Unreadable { .. } => {
                "not_a_model_server"
            }
            Self::Redirected { .. } => "redirected",
            Self::Rejected { .. } => "rejected",
            Self::Silent { .. } | Self::Stalled { .. } => "timeout",
            Self::Tls { .. } => "tls",
        }
    }

    /// What happened, as a sentence.
    pub fn tell(&self, lang: Lang) -> String {
        let say = |word: Word, arguments: &[&str]| fill(word.text(lang), arguments);
        let colon = |said: &str| match said {
            "" => String::new(),
            said => say(Word::BrainSaid, &[said]),
        };
        match self {
            Self::Address { base, why } => say(Word::BrainAddress, &[base, why]),
            Self::Busy { base, said, .. } => say(Word::BrainBusy, &[base, &colon(said)]),
            Self::Cut { .. } => say(Word::BrainCut, &[]),
            Self::Faulty {
                base, status, said, ..
            } => say(
                Word::BrainFaulty,
                &[base, &colon(said), &status.to_string()],
            ),
            Self::Here { why } => why.tell(lang),
            Self::HostUnknown { host } => say(Word::BrainHostUnknown, &[host]),
            Self::HungUp { base } => say(Word::BrainHungUp, &[base]),
            Self::KeyOverPlainHttp { base } => say(Word::BrainPlainHttp, &[base]),
            Self::KeyRefused { base, said } => say(Word::BrainKeyRefused, &[base, &colon(said)]),
            Self::KeyUnusable { base } => say(Word::BrainKeyUnusable, &[base]),
            Self::KeyWanted { base, said } => say(Word::BrainKeyWanted, &[base, &colon(said)]),
            Self::Loading { base, .. } => say(Word::BrainLoading, &[base]),
            Self::ModelUnknown { base, model, said } => {
                say(Word::BrainModelUnknown, &[base, &colon(said), model])
            }
            Self::NobodyThere { base } => say(Word::BrainNobodyThere, &[base]),
            Self::NotFound { base, said } => say(Word::BrainNotFound, &[base, &colon(said)]),
            Self::Page { base } => say(Word::BrainPage, &[base]),
            Self::Redirected { base, to } => say(Word::BrainRedirected, &[base, to]),
            Self::Rejected { base, status, said } => say(
                Word::BrainRejected,
                &[base, &colon(said), &status.to_string()],
            ),
            Self::Silent { base, waited } => say(Word::BrainSilent, &[base, &seconds(waited)]),
            Self::Stalled { base, waited } => say(Word::BrainStalled, &[base, &seconds(waited)]),
            Self::Stopped { base, said } => say(Word::BrainStopped, &[base, &colon(said)]),
            Self::Tls {
                base,
                why: Distrust::Other(why),
            } => say(Word::BrainTls, &[base, why]),
            Self::Tls { base, why } => {
                let (host, why) = (base.clone(), why.clone());
                Cause::Untrusted { host, why }.tell(lang)
            }
            Self::Unreachable { base, why } => say(Word::BrainUnreachable, &[base, why]),
            Self::Unreadable { base, why } => say(Word::BrainUnreadable, &[base, why]),
        }
    }

    /// What to do about it.
    pub fn hint(&self, lang: Lang) -> String {
        let word = match self {
            Self::Busy {
                retry_after: Some(wait),
                ..
            }
            | Self::Faulty {
                retry_after: Some(wait),
                ..
            } => return fill(Word::BrainAskAgainIn.text(lang), &[&seconds(wait)]),
            Self::Redirected { to, .. } => {
                return fill(Word::BrainRedirectedHint.text(lang), &[to]);
            }
            Self::Address { .. } => Word::BrainAddressHint,
            Self::Busy { .. } => Word::BrainBusyHint,
            Self::Cut { .. } | Self::HungUp { .. } | Self::Stopped { .. } => Word::BrainCutHint,
            Self::Faulty { .. } => Word::BrainFaultyHint,
            Self::Here { why } => return why.hint(lang).unwrap_or_default(),
            Self::HostUnknown { .. } => Word::BrainHostUnknownHint,
            Self::KeyOverPlainHttp { .. } => Word::BrainPlainHttpHint,
            Self::KeyRefused { .. } => Word::BrainKeyRefusedHint,
            Self::KeyUnusable { .. } => Word::BrainKeyUnusableHint,
            Self::KeyWanted { .. } => Word::BrainKeyWantedHint,
            Self::Loading { .. } => Word::BrainLoadingHint,
            Self::ModelUnknown { .. } => Word::BrainModelUnknownHint,
            Self::NobodyThere { .. } => Word::BrainNobodyThereHint,
            Self::NotFound { .. } => Word::BrainNotFoundHint,
            Self::Page { .. } => Word::BrainPageHint,
            Self::Rejected { .. } => Word::BrainRejectedHint,
            Self::Silent { .. } | Self::Stalled { .. } => Word::BrainSilentHint,
            Self::Tls {
                why: Distrust::NoTls,
                ..
            } => Word::BrainNoTlsHint,
            Self::Tls { .. } => Word::BrainTlsHint,
            Self::Unreachable { .. } => Word::BrainUnreachableHint,
            Self::Unreadable { .. } => Word::BrainUnreadableHint,
        };
        word.text(lang).to_owned()
    }

    /// How long the server asks to be left alone.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Busy { retry_after, .. }
            | Self::Faulty { retry_after, .. }
            | Self::Loading { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

/// Whole seconds, or tenths where whole ones would say nothing.
fn seconds(wait: &Duration) -> String {
    if wait.subsec_millis() == 0 || wait.as_secs() >= 10 {
        wait.as_secs().to_string()
    } else {
        format!("{:.1}", wait.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_a_sentence_and_a_hint_in_the_language_of_the_user() {
        let busy = BrainError::Busy {
            base: "http://h/v1".to_owned(),
            said: "slow down".to_owned(),
            retry_after: Some(Duration::from_millis(1500)),
        };
        let told = [Lang::En, Lang::Zh].map(|lang| (busy.tell(lang), busy.hint(lang)));
        let expected = [
            (
                "the model server at http://h/v1 takes no more questions just now: slow down",
                "ask again in 1.5 s",
            ),
            (
                "http://h/v1 的模型服务器暂不接受更多问题：slow down",
                "请在 1.5 秒后再问",
            ),
        ];
        assert_eq!(
            told,
            expected.map(|(what, hint)| (what.to_owned(), hint.to_owned()))
        );
    }

    #[test]
    fn a_server_that_cannot_be_trusted_is_told_in_both_languages() {
        let base = "https://h/v1".to_owned();
        let told = |why| {
            let base = base.clone();
            let error = BrainError::Tls { base, why };
            [Lang::En, Lang::Zh].map(|lang| error.tell(lang))
        };
        assert_eq!(
            told(Distrust::Expired),
            [
                "the certificate of `https://h/v1` has expired",
                "`https://h/v1` 的证书已过期"
            ]
        );
        assert_eq!(
            told(Distrust::Other("odd".to_owned())),
            [
                "no safe connection to https://h/v1: odd",
                "无法与 https://h/v1 建立安全连接：odd"
            ]
        );
    }

    #[test]
    fn what_the_server_does_not_say_leaves_no_trace_in_the_sentence() {
        let refused = BrainError::KeyRefused {
            base: "https://h".to_owned(),
            said: String::new(),
        };
        assert_eq!(
            refused.to_string(),
            "the model server at https://h refused the key"
        );
        let silent = BrainError::Silent {
            base: "https://h".to_owned(),
            waited: Duration::from_secs(90),
        };
        assert_eq!(
            silent.to_string(),
            "the model server at https://h sent no word for 90 s"
        );
    }
}
