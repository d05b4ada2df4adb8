//! Why a brain could not answer, as data, as a sentence, and with what to do about it.

use crate::core::backend::Trouble;
use std::time::Duration;

/// Why a brain could not answer. `base` is the address of the model server; `said` is what the
/// server itself says about it, short and on one line, empty when it says nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BrainError {
    #[error("`{base}` is not the address of a model server: {why}")]
    Address { base: String, why: String },
    #[error(
        "the model server at {base} takes no more questions just now{}",
        colon(said)
    )]
    Busy {
        base: String,
        said: String,
        retry_after: Option<Duration>,
    },
    #[error("the model server closed the connection in the middle of the answer")]
    Cut { base: String },
    #[error(
        "the model server at {base} has a fault of its own (HTTP {status}){}",
        colon(said)
    )]
    Faulty {
        base: String,
        status: u16,
        said: String,
        retry_after: Option<Duration>,
    },
    #[error("no machine is called `{host}`")]
    HostUnknown { host: String },
    #[error("the model server at {base} closed the connection without an answer")]
    HungUp { base: String },
    #[error("the key for {base} was not sent: the connection is not encrypted")]
    KeyOverPlainHttp { base: String },
    #[error("the model server at {base} refused the key{}", colon(said))]
    KeyRefused { base: String, said: String },
    #[error("the key for {base} holds characters that no header can carry")]
    KeyUnusable { base: String },
    #[error("the model server at {base} wants a key{}", colon(said))]
    KeyWanted { base: String, said: String },
    #[error("the model server at {base} is still loading its model")]
    Loading {
        base: String,
        retry_after: Option<Duration>,
    },
    #[error(
        "the model server at {base} does not have the model `{model}`{}",
        colon(said)
    )]
    ModelUnknown {
        base: String,
        model: String,
        said: String,
    },
    #[error("nothing listens at {base}")]
    NobodyThere { base: String },
    #[error("{base} answers, but has no chat there{}", colon(said))]
    NotFound { base: String, said: String },
    #[error("{base} answered with a web page, not as a model server")]
    Page { base: String },
    #[error("the model server at {base} sends us on to {to}")]
    Redirected { base: String, to: String },
    #[error(
        "the model server at {base} did not take the question (HTTP {status}){}",
        colon(said)
    )]
    Rejected {
        base: String,
        status: u16,
        said: String,
    },
    #[error("the model server at {base} sent no word for {} s", seconds(waited))]
    Silent { base: String, waited: Duration },
    #[error("the answer from {base} stopped for {} s", seconds(waited))]
    Stalled { base: String, waited: Duration },
    #[error("the model server at {base} gave up{}", colon(said))]
    Stopped { base: String, said: String },
    #[error("no safe connection to {base}: {why}")]
    Tls { base: String, why: String },
    #[error("{base} cannot be reached: {why}")]
    Unreachable { base: String, why: String },
    #[error("the answer from {base} makes no sense: {why}")]
    Unreadable { base: String, why: String },
}

impl BrainError {
    /// A short word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Address { .. } => "bad_address",
            Self::Busy { .. } => "rate_limited",
            Self::Cut { .. } | Self::HungUp { .. } => "connection_lost",
            Self::Faulty { .. } | Self::Stopped { .. } => "brain_failed",
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

    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Address { .. } => {
                "write it like `http://127.0.0.1:11434/v1`; a key belongs into the configuration, \
                 not into the address"
                    .to_owned()
            }
            Self::Busy { retry_after, .. } => match retry_after {
                Some(wait) => format!("ask again in {} s", seconds(wait)),
                None => "wait a little and ask again, or choose another model".to_owned(),
            },
            Self::Cut { .. } | Self::HungUp { .. } | Self::Stopped { .. } => {
                "ask again; if it happens every time, look into the log of the model server"
                    .to_owned()
            }
            Self::Faulty { retry_after, .. } => match retry_after {
                Some(wait) => format!("ask again in {} s", seconds(wait)),
                None => "ask again; if it stays, look into the log of the model server".to_owned(),
            },
            Self::HostUnknown { .. } => {
                "check the spelling of the address and the network".to_owned()
            }
            Self::KeyOverPlainHttp { .. } => {
                "use an address that begins with `https://`, or take the key out of the \
                 configuration if this server needs none"
                    .to_owned()
            }
            Self::KeyRefused { .. } => {
                "check the key, for instance in `OPENAI_API_KEY`, and that it belongs to this \
                 server"
                    .to_owned()
            }
            Self::KeyUnusable { .. } => {
                "copy the key again: it must be one line of plain letters and digits".to_owned()
            }
            Self::KeyWanted { .. } => "set `OPENAI_API_KEY`".to_owned(),
            Self::Loading { .. } => "ask again in a few seconds".to_owned(),
            Self::ModelUnknown { .. } => {
                "choose one of the models it offers, or let the server fetch this one".to_owned()
            }
            Self::NobodyThere { .. } => {
                "start the model server, or check the port in the address".to_owned()
            }
            Self::NotFound { .. } => {
                "check the path of the address: it usually ends in `/v1`".to_owned()
            }
            Self::Page { .. } => {
                "check the address; on a guest network, sign in with a browser first".to_owned()
            }
            Self::Redirected { to, .. } => {
                format!("if you trust it, set the address to `{to}`; the key was not sent there")
            }
            Self::Rejected { .. } => "check the model and the settings of this brain".to_owned(),
            Self::Silent { .. } | Self::Stalled { .. } => {
                "ask again; a smaller model answers sooner".to_owned()
            }
            Self::Tls { .. } => {
                "check the address, the clock of this machine, and the certificate of the server"
                    .to_owned()
            }
            Self::Unreachable { .. } => "check the network and the address".to_owned(),
            Self::Unreadable { .. } => {
                "check that the address belongs to an OpenAI-compatible server".to_owned()
            }
        }
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

    /// The same, as a backend tells it to its clients.
    pub fn trouble(&self) -> Trouble {
        Trouble {
            code: self.code().to_owned(),
            what: self.to_string(),
            hint: Some(self.hint()),
            retry_after_s: self
                .retry_after()
                .map(|wait| wait.as_millis().div_ceil(1000) as u64),
        }
    }
}

/// What the server says, as the tail of a sentence.
fn colon(said: &str) -> String {
    if said.is_empty() {
        String::new()
    } else {
        format!(": {said}")
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
    fn an_error_becomes_trouble_with_a_sentence_a_hint_and_a_wait() {
        let busy = BrainError::Busy {
            base: "http://h/v1".to_owned(),
            said: "slow down".to_owned(),
            retry_after: Some(Duration::from_millis(1500)),
        };
        assert_eq!(
            busy.trouble(),
            Trouble {
                code: "rate_limited".to_owned(),
                what: "the model server at http://h/v1 takes no more questions just now: slow down"
                    .to_owned(),
                hint: Some("ask again in 1.5 s".to_owned()),
                retry_after_s: Some(2),
            }
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
