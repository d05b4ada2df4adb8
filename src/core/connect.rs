//! The way to another model server or backend: what is asked on it, and what was answered so far.
//! `core::update::connect` leads the user along, `shell::connect` tries what was answered, writes it
//! down and puts the new line in the place of the old one.
//!
//! A token that is typed is not in here: the shell keeps it, and the model knows that there is one.

use super::checkup::{Check, State};
use super::model::Choice;
use super::words::{Lang, Word, fill};
use serde::{Deserialize, Serialize};

/// Stands for a character that is not shown.
pub const MASK: char = '•';

/// The backend inside the program, as the settings call it.
pub const EMBEDDED: &str = "embedded";

/// What one may connect to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// A backend that the settings know by its name, the one inside the program among them.
    Known,
    ModelServer,
    Realtime,
    Xiaozhi,
    Yychat,
}

impl Kind {
    /// Those that are asked about, in the order in which they are offered.
    pub const ASKED: [Self; 4] = [
        Self::ModelServer,
        Self::Yychat,
        Self::Xiaozhi,
        Self::Realtime,
    ];

    /// How actions and settings write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::ModelServer => "model-server",
            Self::Realtime => "realtime",
            Self::Xiaozhi => "xiaozhi",
            Self::Yychat => "yychat",
        }
    }

    /// What people call it.
    pub const fn word(self) -> Word {
        match self {
            Self::Known => Word::ConnectKnown,
            Self::ModelServer => Word::ConnectModelServer,
            Self::Realtime => Word::ConnectRealtime,
            Self::Xiaozhi => Word::ConnectXiaozhi,
            Self::Yychat => Word::ConnectYychat,
        }
    }

    /// What is to be known of its address.
    pub const fn address(self) -> Word {
        match self {
            Self::Known | Self::Yychat => Word::ConnectYychatAddress,
            Self::ModelServer => Word::ConnectModelServerAddress,
            Self::Realtime => Word::ConnectRealtimeAddress,
            Self::Xiaozhi => Word::ConnectXiaozhiAddress,
        }
    }

    /// What is asked, one after another.
    pub const fn steps(self) -> &'static [Step] {
        match self {
            Self::Known => &[],
            Self::ModelServer => &[Step::Address, Step::Token, Step::Model],
            Self::Realtime => &[Step::Address, Step::Token, Step::Model, Step::Name],
            Self::Xiaozhi | Self::Yychat => &[Step::Address, Step::Token, Step::Name],
        }
    }
}

/// One question on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    Address,
    Token,
    Model,
    Name,
}

impl Step {
    /// What is asked for, in a word.
    pub const fn word(self) -> Word {
        match self {
            Self::Address => Word::StepAddress,
            Self::Token => Word::StepToken,
            Self::Model => Word::StepModel,
            Self::Name => Word::StepName,
        }
    }

    /// Whether nothing is an answer, too.
    pub const fn optional(self) -> bool {
        matches!(self, Self::Token | Self::Model)
    }
}

/// The token of what is to be connected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Token {
    /// It wants none.
    #[default]
    None,
    /// `env:NAME`, `file:PATH` or `command:CMD`.
    At(String),
    /// So many characters were typed, and the shell has them.
    Typed(usize),
}

/// Where secrets may be found, as the settings write it.
pub const PLACES: [&str; 3] = ["env:", "file:", "command:"];

/// Whether a text names the place of a secret, and is none itself.
pub fn is_place(text: &str) -> bool {
    PLACES.iter().any(|place| text.starts_with(place))
}

/// What was answered so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    pub kind: Kind,
    pub address: String,
    pub token: Token,
    pub model: String,
    /// What the settings call it.
    pub name: String,
}

impl Draft {
    /// Nothing was answered yet.
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            address: String::new(),
            token: Token::None,
            model: String::new(),
            name: String::new(),
        }
    }

    /// A backend that the settings know.
    pub fn known(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::new(Kind::Known)
        }
    }

    /// Takes an answer.
    pub fn answer(&mut self, step: Step, text: &str) {
        let text = text.trim();
        match step {
            Step::Address => text.clone_into(&mut self.address),
            Step::Token if text.is_empty() => self.token = Token::None,
            Step::Token if is_place(text) => self.token = Token::At(text.to_owned()),
            Step::Token => self.token = Token::Typed(text.chars().count()),
            Step::Model => text.clone_into(&mut self.model),
            Step::Name => text.clone_into(&mut self.name),
        }
    }

    /// What was answered, as it may be shown.
    pub fn text(&self, step: Step) -> String {
        match (step, &self.token) {
            (Step::Address, _) => self.address.clone(),
            (Step::Token, Token::None) => String::new(),
            (Step::Token, Token::At(place)) => place.clone(),
            (Step::Token, Token::Typed(count)) => MASK.to_string().repeat(*count),
            (Step::Model, _) => self.model.clone(),
            (Step::Name, _) => self.name.clone(),
        }
    }

    /// What people call it.
    pub fn called(&self, lang: Lang) -> String {
        match self.kind {
            Kind::Known if self.name == EMBEDDED => Word::ConnectEmbedded.text(lang).to_owned(),
            Kind::ModelServer => self.address.clone(),
            Kind::Known | Kind::Realtime | Kind::Xiaozhi | Kind::Yychat => self.name.clone(),
        }
    }
}

/// What the shell may be asked on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectOrder {
    /// Which model servers are here, and which backends do the settings know?
    Look,
    /// Can this be the answer to a step? The draft holds it.
    Take { nth: u32, step: Step, draft: Draft },
    /// Try it.
    Test { nth: u32, draft: Draft },
    /// Write it down, and make a line that leads there.
    Keep { nth: u32, draft: Draft },
    /// Make a line as the settings are by now.
    Renew { nth: u32 },
}

/// What comes of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ConnectEvent {
    /// Name and address of each.
    Looked {
        servers: Vec<(String, String)>,
        backends: Vec<(String, String)>,
    },
    /// It can be; the draft as it is understood, and what may be offered for what comes next.
    Taken {
        nth: u32,
        step: Step,
        draft: Draft,
        offers: Vec<String>,
    },
    /// It cannot be; both texts are for people.
    Refused {
        nth: u32,
        what: String,
        hint: String,
    },
    /// A part of the trial.
    Found { nth: u32, check: Check },
    /// The trial is over.
    Over { nth: u32 },
    /// A line that leads there is ready to take the place of the one in use.
    Ready { nth: u32, now: InUse },
    /// Nothing was changed; both texts are for people.
    Failed {
        nth: u32,
        what: String,
        hint: String,
    },
}

/// What is used from now on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InUse {
    pub backend: String,
    pub choice: Choice,
    /// Personas it is known to offer before it says so: id and name.
    pub personas: Vec<(String, String)>,
    /// Where it stands now; `None`: the settings say so already.
    pub written: Option<Written>,
}

/// Where a choice was written down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// The file, if there is one.
    pub file: Option<String>,
    /// What wins over the file at the next start.
    pub beaten: Option<String>,
}

/// How far the user has come.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Connecting {
    /// What was answered; kept when the user leaves.
    pub draft: Option<Draft>,
    /// How many things were asked of the shell; answers to earlier ones are dropped.
    pub nth: u32,
    /// The shell has not answered yet.
    pub awaited: bool,
    /// What the trial has shown so far.
    pub checks: Vec<Check>,
}

/// How a trial stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trial {
    Running,
    Good,
    Bad,
}

impl Connecting {
    /// Something is asked of the shell: what it answers to something else is dropped.
    pub const fn ask(&mut self) -> u32 {
        self.nth = self.nth.wrapping_add(1);
        self.awaited = true;
        self.nth
    }

    /// Whatever the shell is asked is not waited for any more.
    pub const fn give_up(&mut self) {
        self.nth = self.nth.wrapping_add(1);
        self.awaited = false;
    }

    /// How it came out.
    pub fn outcome(&self) -> Trial {
        let broken = self.checks.iter().any(|check| check.state == State::Broken);
        if broken || self.checks.is_empty() {
            Trial::Bad
        } else {
            Trial::Good
        }
    }

    /// What the trial has shown, in lines.
    pub fn told(&self, lang: Lang) -> Option<String> {
        let lines = self.checks.iter().flat_map(|check| {
            let mark = check.state.mark().text(lang);
            let first = format!("{mark} {}: {}", check.part.tell(lang), check.found);
            let hint = check.hint.as_ref();
            let hint = hint.map(|hint| fill(Word::PlainHint.text(lang), &[hint]));
            std::iter::once(first).chain(hint)
        });
        let lines: Vec<String> = lines.collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_answered_is_shown_again_and_a_typed_token_never() {
        let table = [
            (Step::Address, "ws://h/ws", "ws://h/ws"),
            (Step::Token, "", ""),
            (Step::Token, "env:HOME_TOKEN", "env:HOME_TOKEN"),
            (Step::Token, "file:token", "file:token"),
            (Step::Token, "command:pass show it", "command:pass show it"),
            (Step::Token, "hunter2", "•••••••"),
            (Step::Token, "•••", "•••"),
            (Step::Model, " qwen3:8b ", "qwen3:8b"),
            (Step::Name, "home", "home"),
        ];
        for (step, text, shown) in table {
            let mut draft = Draft::new(Kind::Yychat);
            draft.answer(step, text);
            assert_eq!(draft.text(step), shown, "{text}");
            assert!(!format!("{draft:?}").contains("hunter2"));
        }
    }

    #[test]
    fn a_trial_is_good_when_something_was_seen_and_nothing_is_broken() {
        use super::super::checkup::Part;
        let check = |state| Check::of(Part::Backend, state, "it");
        let table: [(&[State], Trial); 4] = [
            (&[], Trial::Bad),
            (&[State::Good], Trial::Good),
            (&[State::Good, State::Limited], Trial::Good),
            (&[State::Good, State::Broken], Trial::Bad),
        ];
        for (states, outcome) in table {
            let connecting = Connecting {
                checks: states.iter().copied().map(check).collect(),
                ..Connecting::default()
            };
            assert_eq!(connecting.outcome(), outcome, "{states:?}");
        }
    }
}
