//! The settings as the program reads them: plain typed fields, grouped as the file groups them.

use super::file::Binding;
use super::secret::Secret;
use crate::core::control::Controls;
use crate::core::keys::KeySet;
use crate::core::voice::Speak;
use crate::core::words::Lang;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;
use tracing::level_filters::LevelFilter;

/// Everything the program can be told beforehand.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    pub lang: Lang,
    /// The language of the user's own sentences, such as `de`: they stand for the English ones.
    pub tongue: Option<String>,
    pub data_dir: PathBuf,
    /// `debug` has already raised it.
    pub log_level: LevelFilter,
    pub backend: Backend,
    /// The backends of the file, for pickers.
    pub backends: Vec<Named>,
    /// Who answers while that one is away, the best one first.
    pub standby: Vec<Backend>,
    pub brain: Brain,
    pub persona: String,
    pub use_tools: bool,
    pub link: Link,
    pub timeouts: Timeouts,
    pub ears: Ears,
    pub voice: Voice,
    pub sound: Sound,
    pub models: Models,
    pub call: Call,
    pub tools: Tools,
    pub store: Store,
    pub ui: Ui,
    pub serve: Serve,
    /// The file's bindings, in its order; the first one for a chord counts.
    pub keys: Vec<Binding>,
    /// Where to record the session.
    pub record: Option<PathBuf>,
    /// Where to write the moments of the session.
    pub trace: Option<PathBuf>,
}

impl Settings {
    /// The language that is spoken to the microphone: the one that was set, else that of the
    /// screen.
    pub fn spoken_language(&self) -> &str {
        let of_screen = match (self.lang, self.tongue.as_deref()) {
            (Lang::En, Some(tongue)) => tongue,
            (Lang::En, None) => "en-US",
            (Lang::Zh, _) => "zh-CN",
        };
        let set = self.voice.recognition_language.as_deref();
        set.unwrap_or(of_screen)
    }

    /// The secrets that are settings of their own, by the names of those.
    pub(super) fn secrets(&self) -> [(&'static str, &Secret); 5] {
        [
            ("brain.key", &self.brain.key),
            ("ears.key", &self.ears.key),
            ("voice.key", &self.voice.key),
            ("models.token", &self.models.token),
            ("serve.database_url", &self.serve.database_url),
        ]
    }
}

/// Who answers.
#[derive(Clone, Debug, PartialEq)]
pub enum Backend {
    /// The one inside the program.
    Embedded,
    /// One at an address; `name` is the URL itself when it has no other.
    Remote(Named),
}

impl Backend {
    /// What the user calls it.
    pub fn name(&self) -> &str {
        match self {
            Self::Embedded => "embedded",
            Self::Remote(named) => &named.name,
        }
    }
}

/// A backend at an address.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Named {
    pub name: String,
    pub url: String,
    pub token: Secret,
    /// Whatever else its table says, for the language that it speaks.
    pub more: BTreeMap<&'static str, String>,
}

/// What thinks.
#[derive(Clone, Debug, PartialEq)]
pub struct Brain {
    /// `auto`, `builtin`, `local`, `model:NAME` or a base URL.
    pub choice: String,
    pub model: Option<String>,
    /// The server that `auto` tries first.
    pub url: Option<String>,
    pub key: Secret,
    pub first_token: Duration,
    pub between_tokens: Duration,
    pub memory_tokens: usize,
    /// `None`: what the server or the model's name says.
    pub window_tokens: Option<usize>,
}

/// How the line to the backend is kept up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub reconnect: bool,
    /// `None`: never give up.
    pub reconnect_attempts: Option<u32>,
    pub reconnect_interval: Duration,
    pub reconnect_max: Duration,
    pub heartbeat: Duration,
    pub ping: Duration,
    pub pong_timeout: Duration,
    pub connect_timeout: Duration,
    pub greeting_timeout: Duration,
    /// How long a backend may stay away before the next one is tried.
    pub standby_after: Duration,
    /// Keep the next one connected.
    pub standby_warm: bool,
    /// Certificates trusted besides those of the system.
    pub ca_file: Option<PathBuf>,
    /// Whoever answers is believed.
    pub accept_invalid_certs: bool,
}

/// How long each stage may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeouts {
    pub sse: Timeout,
    pub tts: Timeout,
    pub stt: Timeout,
}

/// `base`, and `per_char` for each character, but never more than `max`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeout {
    pub base: Duration,
    pub per_char: Duration,
    pub max: Duration,
}

/// What makes words of speech.
#[derive(Clone, Debug, PartialEq)]
pub struct Ears {
    /// `auto`, `none`, `model:NAME`, a program's name, `command:CMD` or a base URL.
    pub choice: String,
    pub model: String,
    pub key: Secret,
}

/// What speaks, and how; and which language is spoken to us.
#[derive(Clone, Debug, PartialEq)]
pub struct Voice {
    /// `auto`, `none`, `model:NAME`, a program's name, `command:CMD` or a base URL.
    pub choice: String,
    pub model: String,
    pub key: Secret,
    /// `None`: nobody set it.
    pub synthesis_voice: Option<String>,
    pub synthesis_speed: f64,
    pub synthesis_volume: f64,
    /// `None`: nobody set it; see [`Settings::spoken_language`].
    pub recognition_language: Option<String>,
}

/// What the brain may use that is not harmless in itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Tools {
    pub clipboard: Consent,
    pub fetch: Consent,
    /// Pages of this machine and of the local network, too.
    pub fetch_private: bool,
    /// Servers of tools.
    pub servers: Vec<Mcp>,
}

/// Whether something may be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    Never,
    /// The user is asked each time.
    Ask,
    Always,
}

/// A server of tools.
#[derive(Clone, Debug, PartialEq)]
pub struct Mcp {
    pub name: String,
    pub place: McpPlace,
    /// Tools that need no asking; `*` is all of them.
    pub allow: Vec<String>,
    pub never: Vec<String>,
    pub timeout: Duration,
}

/// Where it is.
#[derive(Clone, Debug, PartialEq)]
pub enum McpPlace {
    /// The program and its arguments; our variables it gets, and those that are set for it.
    Program {
        words: Vec<String>,
        passed: Vec<String>,
        set: Vec<(String, String)>,
    },
    Address {
        url: String,
        token: Secret,
    },
}

/// Microphone and loudspeaker.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own"
)]
pub struct Sound {
    /// What hears, as the user wrote it.
    pub microphone: String,
    pub loudspeaker: String,
    /// Files and pipes do not keep the pace of a device.
    pub fast: bool,
    pub speak: Speak,
    pub review: bool,
    pub chimes: bool,
    pub state_chimes: bool,
    pub echo: Echo,
    pub tail: Duration,
    pub preroll: Duration,
    pub silence: Duration,
    pub longest: Duration,
    pub keep_recordings: bool,
    pub noise: Where,
    pub gain: Where,
}

/// Where something is done to what the microphone hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Where {
    Never,
    Calls,
    Always,
}

/// What is done about the loudspeaker in the microphone of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Echo {
    Auto,
    On,
    Off,
}

/// Where models are fetched from, when somebody asks for one.
#[derive(Clone, Debug, PartialEq)]
pub struct Models {
    /// `None`: the usual one.
    pub hub: Option<String>,
    pub mirrors: Vec<String>,
    pub token: Secret,
    pub offline: bool,
    /// The onnxruntime that runs models; empty: our own engine.
    pub onnxruntime: String,
}

/// What a call does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// What is said during an answer waits for its end.
    pub ask_ahead: bool,
    /// It ends by itself after so long a silence; zero is never.
    pub silence: Duration,
    pub controls: Controls,
}

/// Where conversations are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    pub path: PathBuf,
}

/// The screen.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and all combinations happen"
)]
pub struct Ui {
    pub max_fps: u32,
    pub colors: Colors,
    pub background: Background,
    pub show_reasoning: bool,
    pub bell: bool,
    pub plain: Plain,
    /// `auto`, or the name of one.
    pub theme: String,
    /// Nothing moves by itself.
    pub still: bool,
    pub keys: KeySet,
    pub notify: Notify,
    /// What was said stays in the terminal's own memory.
    pub inline: bool,
    pub mouse: bool,
    pub panel: bool,
}

/// How somebody is notified who looks elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notify {
    /// As the terminal can.
    Auto,
    Osc9,
    Osc777,
    Bell,
    Never,
}

/// Whether lines of text take the place of a screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plain {
    /// Where the terminal leaves no choice.
    Auto,
    Always,
    Never,
}

/// How others are served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Serve {
    /// As it was written.
    pub listen: String,
    pub token_file: Option<PathBuf>,
    pub certificate: Option<PathBuf>,
    pub certificate_key: Option<PathBuf>,
    pub hosts: Vec<String>,
    pub origins: Vec<String>,
    pub connections: usize,
    pub turns: usize,
    /// `None`: as many as come.
    pub rate: Option<u32>,
    pub message_bytes: usize,
    pub idle: Duration,
    pub request: Duration,
    pub stall: Duration,
    pub drain: Duration,
    /// A database that several servers share.
    pub database_url: Secret,
    pub pool_size: usize,
    pub pool_timeout: Duration,
    pub pool_recycle: Duration,
}

/// How many colours the terminal shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colors {
    Auto,
    TrueColor,
    Indexed256,
    Basic16,
    None,
}

/// What the colours must be readable on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Background {
    Auto,
    Dark,
    Light,
}
