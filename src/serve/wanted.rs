//! What the configuration says about brains. Finding them and choosing among them is `shelf`.

use crate::mind::local::Here;
use crate::mind::probe::Target;
use crate::mind::{Brain, Secret};
use std::sync::Arc;
use std::time::Duration;

/// The name of the brain inside the program.
pub(super) const BUILTIN: &str = "builtin";

/// Fetches the key of the model server. It may run a command, so it is called where it may wait;
/// `Err` holds the sentence and the hint.
pub type ReadKey = Arc<dyn Fn() -> Result<Option<Secret>, (String, String)> + Send + Sync>;

/// Where a backend's answers come from.
pub enum Brains {
    /// This brain, unless a turn asks for another, and there is no other.
    Only(Arc<dyn Brain>),
    /// The built-in one, the model servers within reach, and the models on this machine.
    Choose(Box<Wanted>),
}

/// What the configuration says about brains.
#[derive(Clone)]
pub struct Wanted {
    /// Which brain answers when a turn does not say.
    pub choice: Choice,
    /// The server that `auto` takes.
    pub url: Option<String>,
    /// The key of `url`, or of the chosen address when there is no `url`; sent nowhere else.
    pub key: ReadKey,
    /// The model of that server.
    pub model: Option<String>,
    /// How many tokens that server's model can take; `None`: what is known of it.
    pub window: Option<usize>,
    pub first_token: Duration,
    pub between_tokens: Duration,
    /// Where model servers are looked for.
    pub targets: Vec<Target>,
    /// Where models on this machine are, if any of them may answer.
    pub here: Option<Here>,
    /// May clients name any address? Only sensible where client and server are one program.
    pub any_address: bool,
}

/// Which brain answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The configured server, else one that is found, else the built-in brain.
    Auto,
    Builtin,
    /// The largest model on this machine that answers.
    Local,
    /// One of them, by its name.
    Model(String),
    /// The server at an address.
    At(String),
}

impl Choice {
    /// `auto`, `builtin`, `local`, `model:NAME` or an address.
    pub fn read(text: &str) -> Self {
        match (text, text.strip_prefix("model:")) {
            ("auto", _) => Self::Auto,
            (BUILTIN, _) => Self::Builtin,
            ("local", _) => Self::Local,
            (_, Some(name)) => Self::Model(name.to_owned()),
            (address, None) => Self::At(address.to_owned()),
        }
    }
}

impl Wanted {
    /// The addresses that the configuration names; the first is the one that gets the key.
    pub(super) fn named(&self) -> impl Iterator<Item = &str> {
        let chosen = match &self.choice {
            Choice::At(address) => Some(address.as_str()),
            Choice::Auto | Choice::Builtin | Choice::Local | Choice::Model(_) => None,
        };
        let url = self.url.as_deref();
        let other = chosen.filter(move |chosen| url.is_none_or(|url| !same(url, chosen)));
        url.into_iter().chain(other)
    }
}

/// Are these the same address?
pub(super) fn same(one: &str, other: &str) -> bool {
    one.trim_end_matches('/') == other.trim_end_matches('/')
}
