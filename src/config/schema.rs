//! Every setting there is: the one home of its name, kind, default, variables and comment.
//!
//! Parsing, the example file, `explain`, hints and ranges all follow from this table.

use super::kind::{Kind, Value, is_name};
use crate::core::control::Control;
use std::borrow::Cow;

/// One setting.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// `section.key`, or `key` for the few without a section.
    pub name: &'static str,
    pub kind: Kind,
    pub default: Value,
    /// Variables that set it besides `HEARSAY_` and its name, the strongest first.
    pub variables: &'static [&'static str],
    /// The flag that sets it, with its dashes; empty when there is none.
    pub flag: &'static str,
    pub comment: &'static str,
}

impl Key {
    /// The variable every setting has: `link.ping_ms` is `HEARSAY_LINK_PING_MS`.
    pub fn variable(&self) -> String {
        format!(
            "HEARSAY_{}",
            self.name.replace('.', "_").to_ascii_uppercase()
        )
    }

    /// All variables that set it, the strongest first.
    pub fn all_variables(&self) -> Vec<String> {
        let mut all = vec![self.variable()];
        all.extend(
            self.variables
                .iter()
                .map(|name| (*name).to_owned())
                .filter(|name| *name != self.variable()),
        );
        all
    }

    /// Section and key; the section is empty for the few without one.
    pub fn split(&self) -> (&'static str, &'static str) {
        self.name.split_once('.').unwrap_or(("", self.name))
    }
}

const fn key(
    name: &'static str,
    kind: Kind,
    default: Value,
    variables: &'static [&'static str],
    comment: &'static str,
) -> Key {
    Key {
        name,
        kind,
        default,
        variables,
        flag: "",
        comment,
    }
}

const fn flagged(
    flag: &'static str,
    name: &'static str,
    kind: Kind,
    default: Value,
    variables: &'static [&'static str],
    comment: &'static str,
) -> Key {
    Key {
        name,
        kind,
        default,
        variables,
        flag,
        comment,
    }
}

const fn text(text: &'static str) -> Value {
    Value::Text(Cow::Borrowed(text))
}

const YES: Value = Value::Bool(true);
const NO: Value = Value::Bool(false);

/// From a second to ten minutes: below, beats flood the line; above, a dead line goes unnoticed.
const BEAT: Kind = int(1_000, 600_000);
/// From a tenth of a second to ten minutes.
const PATIENCE: Kind = int(100, 600_000);
/// Where something is done to what the microphone hears.
const PLACES: &[&str] = &["never", "calls", "always"];
const UP_TO_A_DAY: Kind = float(0.0, 86_400.0);
const UP_TO_A_MINUTE: Kind = float(0.0, 60.0);

const fn int(min: i64, max: i64) -> Kind {
    Kind::Int { min, max }
}

const fn float(min: f64, max: f64) -> Kind {
    Kind::Float { min, max }
}

/// The settings, in the order of the example file: those without a section first.
#[rustfmt::skip]
pub static KEYS: &[Key] = &[
    flagged("--lang", "lang", Kind::Lang, text("auto"), &[],
        "Language of the screen: `en`, `zh`, or a file of yours (docs/languages.md); `auto` follows LC_ALL, LC_MESSAGES and LANG."),
    flagged("--data-dir", "data_dir", Kind::Path, text(""), &[],
        "Folder for conversations, notes and drafts; empty: the usual data folder of the system."),
    flagged("--log-level", "log_level", Kind::Choice(&["off", "error", "warn", "info", "debug", "trace"]), text("info"), &[],
        "How much is written to the log."),
    key("debug", Kind::Bool, NO, &["DEBUG"],
        "Raises `log_level` to `debug`."),
    flagged("--backend", "backend", Kind::Backend, text("embedded"), &[],
        "Who answers: `embedded` (inside this program), a name from [backends], or a URL."),
    flagged("--persona", "persona", Kind::Text, text("friendly"), &[],
        "Who the assistant is; the palette lists the personas."),
    key("use_tools", Kind::Bool, YES, &[],
        "Lets the brain use tools: timers, notes, to-dos, conversions, and those of [tools] and [mcp]."),

    flagged("--brain", "brain.use", Kind::Brain, text("auto"), &["HEARSAY_BRAIN"],
        "What thinks: `auto` (a model server if one is found, else the built-in brain), `builtin`, `local` (a model on this machine, see `hearsay models`), `model:NAME` (one of several), or a base URL."),
    flagged("--model", "brain.model", Kind::Text, text(""), &["HEARSAY_MODEL"],
        "The model to use; empty: the server's first one."),
    key("brain.url", Kind::HttpUrl, text(""), &["OPENAI_BASE_URL"],
        "Base URL of an OpenAI-compatible server that `auto` tries first."),
    key("brain.key", Kind::Secret, text(""), &["OPENAI_API_KEY"],
        "Key of the model server: `env:NAME`, `file:PATH` or `command:CMD`. The key itself works too, but then the file is a secret."),
    key("brain.first_token_s", int(1, 3_600), Value::Int(180), &[],
        "Seconds to wait for the first word; a model that is being loaded needs many."),
    key("brain.between_tokens_s", int(1, 3_600), Value::Int(30), &[],
        "Seconds of silence within an answer before it counts as lost. `timeouts.sse_base_s` may end the wait before."),
    key("brain.memory_tokens", int(500, 1_000_000), Value::Int(6_000), &[],
        "How much of the conversation the brain is shown, in tokens (estimated); what is older is summarised. A model whose window is smaller is shown less."),
    key("brain.window_tokens", int(0, 100_000_000), Value::Int(0), &[],
        "How many tokens the model can take at once; 0: what its server says, or what is known of its name."),

    key("link.url", Kind::LinkUrl, text(""), &["WEBSOCKET_URL"],
        "Address of a backend; counts only while nothing sets `backend`."),
    key("link.reconnect", Kind::Bool, YES, &[],
        "Connects again when the line is lost."),
    key("link.reconnect_attempts", int(0, 1_000), Value::Int(5), &["WS_RECONNECT_ATTEMPTS"],
        "How often it tries before it gives up; 0: never give up."),
    key("link.reconnect_interval_ms", int(10, 600_000), Value::Int(1_000), &["WS_RECONNECT_INTERVAL"],
        "Delay before the second attempt (the first is immediate); doubled each time."),
    key("link.reconnect_max_ms", int(10, 3_600_000), Value::Int(60_000), &[],
        "The longest delay between two attempts."),
    key("link.heartbeat_ms", BEAT, Value::Int(30_000), &["WS_HEARTBEAT_INTERVAL"],
        "Time between two heartbeat messages; some backends close a line without them."),
    key("link.ping_ms", BEAT, Value::Int(10_000), &[],
        "Silence after which the line is tested with a ping; at most, for a bad line is tested sooner."),
    key("link.pong_timeout_ms", BEAT, Value::Int(5_000), &[],
        "Time for the answer to a ping, up to four times as much on a slow line; without one the line counts as dead."),
    key("link.connect_timeout_ms", PATIENCE, Value::Int(10_000), &[],
        "Time to connect."),
    key("link.greeting_timeout_ms", PATIENCE, Value::Int(10_000), &[],
        "Time for the backend's greeting after connecting."),
    key("link.standby", Kind::Backends, text(""), &[],
        "Backends that take over while `backend` is away, the best one first; what was said so far goes with the first words to each."),
    key("link.standby_after_ms", PATIENCE, Value::Int(3_000), &[],
        "How long a backend may stay away before the next one is tried."),
    key("link.standby_warm", Kind::Bool, NO, &[],
        "Keeps the next one connected, so that it takes over at once."),
    key("link.ca_file", Kind::Path, text(""), &[],
        "File of certificates (PEM) that are trusted besides those of the system."),
    flagged("--danger-accept-invalid-certs", "link.danger_accept_invalid_certs", Kind::Bool, NO, &["HEARSAY_DANGER_ACCEPT_INVALID_CERTS"],
        "Believes any certificate: whoever is on the way can read and change everything. The screen says so all the time."),

    key("timeouts.sse_base_s", UP_TO_A_DAY, Value::Float(30.0), &["SSE_TIMEOUT_BASE"],
        "An answer may pause for base + per_char x length of the question, at most max (seconds)."),
    key("timeouts.sse_per_char_s", UP_TO_A_MINUTE, Value::Float(0.1), &["SSE_TIMEOUT_PER_CHAR"],
        "Seconds added for each character of the question."),
    key("timeouts.sse_max_s", UP_TO_A_DAY, Value::Float(300.0), &["SSE_TIMEOUT_MAX"],
        "The longest pause of an answer."),
    key("timeouts.tts_base_s", UP_TO_A_DAY, Value::Float(60.0), &["TTS_TIMEOUT_BASE"],
        "Speech of an answer may keep silent for base + per_char x length of the answer, at most max (seconds)."),
    key("timeouts.tts_per_char_s", UP_TO_A_MINUTE, Value::Float(0.2), &["TTS_TIMEOUT_PER_CHAR"],
        "Seconds added for each character of the answer."),
    key("timeouts.tts_max_s", UP_TO_A_DAY, Value::Float(600.0), &["TTS_TIMEOUT_MAX"],
        "The longest silence of speech."),
    key("timeouts.stt_base_s", UP_TO_A_DAY, Value::Float(30.0), &["STT_TIMEOUT_BASE"],
        "Making words of a recording may take base + per_char x the characters it is likely to hold, at most max (seconds)."),
    key("timeouts.stt_per_char_s", UP_TO_A_MINUTE, Value::Float(0.05), &["STT_TIMEOUT_PER_CHAR"],
        "Seconds added for each character a recording of that length is likely to hold."),
    key("timeouts.stt_max_s", UP_TO_A_DAY, Value::Float(180.0), &["STT_TIMEOUT_MAX"],
        "The longest wait for the words of a recording."),

    flagged("--ears", "ears.use", Kind::Engine(&["auto", "none", "system", "pocketsphinx"]), text("auto"), &["HEARSAY_EARS"],
        "What makes words of speech: `auto` (a model or a program on this machine, never another machine), `model:NAME` (a folder in `models` below `data_dir`), a program's name, `command:CMD` (WAV in, words out), or the base URL of an OpenAI-compatible server."),
    key("ears.model", Kind::Text, text("whisper-1"), &[],
        "The model that a server hears with; all but whisper-1 are asked to tell what they hear on the way."),
    key("ears.key", Kind::Secret, text(""), &[],
        "Key of the server that hears: `env:NAME`, `file:PATH` or `command:CMD`. It is sent to no other server."),

    flagged("--voice", "voice.use", Kind::Engine(&["auto", "none", "builtin", "system", "espeak-ng", "espeak", "say", "sapi"]), text("auto"), &["HEARSAY_VOICE"],
        "What speaks: `auto` (a model or a program on this machine, never another machine, or else `builtin`), `model:NAME` (a folder in `models` below `data_dir`), `builtin` (a robot of our own, English and Mandarin), a program's name, `command:CMD` (words in, WAV out), or the base URL of an OpenAI-compatible server."),
    key("voice.model", Kind::Text, text("tts-1"), &[],
        "The model that a server speaks with."),
    key("voice.key", Kind::Secret, text(""), &[],
        "Key of the server that speaks: `env:NAME`, `file:PATH` or `command:CMD`. It is sent to no other server."),
    key("voice.synthesis_voice", Kind::Text, text("zh-CN-XiaoxiaoNeural"), &["VOICE_SYNTHESIS_VOICE"],
        "Who speaks: a voice of the server or the program that is used. Of a name like the default one, a program takes the language and the region; words in another language are spoken by its best voice for that. While nobody sets it, the voice is the backend's choice."),
    key("voice.synthesis_speed", float(0.25, 4.0), Value::Float(1.0), &["VOICE_SYNTHESIS_SPEED"],
        "How fast: 2 is twice as fast as usual."),
    key("voice.synthesis_volume", float(0.0, 2.0), Value::Float(1.0), &["VOICE_SYNTHESIS_VOLUME"],
        "How loud speech is played: 1 is as it was made, 0 is silent."),
    key("voice.recognition_language", Kind::Text, text("zh-CN"), &["VOICE_RECOGNITION_LANGUAGE"],
        "The language that is spoken to the microphone. While nobody sets it, it is that of the screen: `zh-CN` where that is Chinese, else `en-US`."),

    flagged("--mic", "sound.microphone", Kind::Text, text("default"), &["HEARSAY_MIC"],
        "What hears: `default`, a device's id or a part of its name (`hearsay devices`), `file:PATH` (WAV), `stdin` (raw samples) or `null`."),
    flagged("--speaker", "sound.loudspeaker", Kind::Text, text("default"), &["HEARSAY_SPEAKER"],
        "What plays: `default`, a device's id or a part of its name, `file:PATH` (WAV), `stdout` (raw samples) or `null`."),
    flagged("--fast", "sound.fast", Kind::Bool, NO, &["HEARSAY_FAST"],
        "Lets files and pipes in the place of devices go as fast as they can, not at the pace of a device."),
    flagged("--speak", "sound.speak", Kind::Choice(&["never", "spoken", "always"]), text("spoken"), &["HEARSAY_SPEAK"],
        "Which answers are spoken: none, those to what was spoken, or all."),
    key("sound.review", Kind::Bool, NO, &[],
        "Puts what was heard into the composer, to be edited, instead of sending it."),
    key("sound.chimes", Kind::Bool, NO, &[],
        "Plays a short sound when the microphone opens and closes, and when something fails."),
    key("sound.echo", Kind::Choice(&["auto", "on", "off"]), text("auto"), &["HEARSAY_ECHO"],
        "Takes the loudspeaker out of the microphone in a call: `auto` (and where that works too badly, the microphone is deaf while the loudspeaker speaks), `on`, or `off` for headphones."),
    key("sound.tail_ms", int(0, 3_000), Value::Int(300), &[],
        "So much is recorded after the last word once the end of a recording was asked for, so that none is clipped. Whoever is silent by then waits for nothing."),
    key("sound.preroll_ms", int(0, 3_000), Value::Int(0), &[],
        "So much of what was said before the talk key is recorded as well. The microphone then stays open, in memory only; 0: it is closed between recordings."),
    key("sound.silence_s", int(0, 600), Value::Int(30), &[],
        "A recording ends by itself after so many seconds in which nobody speaks; 0: never."),
    key("sound.longest_s", int(1, 3_600), Value::Int(600), &[],
        "A recording ends by itself after so many seconds."),
    key("sound.keep_recordings", Kind::Bool, NO, &[],
        "Keeps recordings after their turn; without it only those that could not be answered are kept."),
    key("sound.noise", Kind::Choice(PLACES), text("calls"), &[],
        "Takes steady noise out of the microphone: `never`, in `calls`, or `always`, in recordings of the talk key, too. What is kept of a recording is what is sent."),
    key("sound.gain", Kind::Choice(PLACES), text("never"), &[],
        "Makes a soft voice louder: `never`, in `calls`, or `always`."),
    key("sound.state_chimes", Kind::Bool, NO, &[],
        "Plays a short sound also when an answer is begun or complete, a call or the connection ends, or something fails; never while the microphone is open."),

    key("models.hub", Kind::HttpUrl, text(""), &["HF_ENDPOINT"],
        "Where `hearsay models` fetches from; empty: https://huggingface.co. Nothing is ever fetched unasked."),
    key("models.mirrors", Kind::HttpUrls, text(""), &[],
        "Hubs that are asked when that one does not give a file, the best one first. What comes is checked, whoever gives it."),
    key("models.token", Kind::Secret, text(""), &["HF_TOKEN"],
        "Token for what the hub gives to its users only: `env:NAME`, `file:PATH` or `command:CMD`. It is sent to no mirror."),
    key("models.offline", Kind::Bool, NO, &["HF_HUB_OFFLINE"],
        "Fetches nothing, even when asked to."),
    key("models.onnxruntime", Kind::Text, text(""), &[],
        "Runs models with a library of onnxruntime in the place of the engine of the program, which needs a build with the feature `onnxruntime`: `auto` (`ORT_DYLIB_PATH`, else the usual places), or the path of the library or of its folder; empty: never."),

    key("call.ask_ahead", Kind::Bool, NO, &[],
        "What is said during an answer is asked after it, instead of ending it."),
    key("call.silence_s", int(0, 86_400), Value::Int(600), &[],
        "A call in which nobody says anything for so many seconds ends by itself; 0: never."),
    key("call.stop", Kind::Text, text(Control::Stop.usual()), &[],
        "Whole utterances that silence the assistant, separated by commas; empty: none. The other words for a call follow."),
    key("call.wait", Kind::Text, text(Control::Wait.usual()), &[],
        "Holds the call, with the microphone closed."),
    key("call.louder", Kind::Text, text(Control::Louder.usual()), &[], "Speaks louder."),
    key("call.softer", Kind::Text, text(Control::Softer.usual()), &[], "Speaks softer."),
    key("call.slower", Kind::Text, text(Control::Slower.usual()), &[], "Speaks slower."),
    key("call.faster", Kind::Text, text(Control::Faster.usual()), &[], "Speaks faster."),
    key("call.repeat", Kind::Text, text(Control::Repeat.usual()), &[], "Says the last answer again."),
    key("call.hang_up", Kind::Text, text(Control::HangUp.usual()), &[], "Ends the call."),

    key("tools.clipboard", Kind::Choice(&["ask", "always", "never"]), text("ask"), &[],
        "May the brain read and write the clipboard: it asks each time, always, or never."),
    key("tools.fetch", Kind::Choice(&["never", "ask", "always"]), text("never"), &[],
        "May the brain read pages of the web (https only, their text only): never, it asks each time, or always."),
    key("tools.fetch_private", Kind::Bool, NO, &[],
        "Lets it read pages of this machine and of the local network as well, and without encryption there."),

    key("store.url", Kind::Store, text(""), &["DATABASE_URL"],
        "File of the conversations, as a path or `sqlite:///PATH`; empty: `hearsay.db` in `data_dir`."),

    key("ui.max_fps", int(1, 60), Value::Int(60), &[],
        "The most frames drawn in a second; fewer spare a slow connection."),
    key("ui.colors", Kind::Choice(&["auto", "truecolor", "256", "16", "none"]), text("auto"), &["NO_COLOR"],
        "Colours of the terminal; NO_COLOR set to anything means `none`."),
    key("ui.background", Kind::Choice(&["auto", "dark", "light"]), text("auto"), &[],
        "Background of the terminal, for colours that can be read on it."),
    key("ui.show_reasoning", Kind::Bool, YES, &[],
        "Shows a model's thinking, dim, above its answer."),
    key("ui.bell", Kind::Bool, YES, &[],
        "Rings the terminal's bell when a timer or an alarm is due."),
    flagged("--plain", "ui.plain", Kind::Choice(&["auto", "always", "never"]), text("auto"), &["HEARSAY_PLAIN"],
        "Lines of text instead of a screen, for screen readers: `auto` (where TERM says that the terminal is dumb), `always` or `never`."),
    key("ui.theme", Kind::Text, text("auto"), &["HEARSAY_THEME"],
        "Theme: `auto` (what the terminal shows decides), `dark`, `light`, `contrast`, `sixteen`, or the name of a file in `themes` beside this one."),
    key("ui.motion", Kind::Choice(&["full", "reduced"]), text("full"), &["HEARSAY_MOTION"],
        "What moves on the screen by itself: `full`, or `reduced`: no spinner, and meters once in a second."),
    key("ui.keys", Kind::Choice(&["modern", "vi"]), text("modern"), &["HEARSAY_KEYS"],
        "The set of keys: `modern`, or `vi`, where Esc in the chat gives letters a meaning until `i` is pressed. `[keys]` goes over either."),
    key("ui.notify", Kind::Choice(&["auto", "osc9", "osc777", "bell", "never"]), text("auto"), &[],
        "How you are notified while you look elsewhere (an answer is complete, something is to be decided, a call is over): `auto` (as the terminal can), `osc9`, `osc777`, `bell`, or `never`. It takes a terminal that reports its focus."),
    flagged("--inline", "ui.inline", Kind::Bool, NO, &["HEARSAY_INLINE"],
        "Leaves the screen as it is: what was said stays in the terminal's own memory, and the composer and the status take the last rows. What needs a whole screen gets one as long as it is open."),
    key("ui.mouse", Kind::Bool, NO, &[],
        "Lets the mouse scroll, choose and click. The terminal's own selection then wants Shift held, so it is off until somebody wishes for it; the palette turns it on and off, too."),
    key("ui.panel", Kind::Bool, YES, &[],
        "Shows beside the chat how everything stands, where the screen has 150 columns or more."),

    key("serve.listen", Kind::Text, text("127.0.0.1:9800"), &[],
        "Where `hearsay serve` listens: an address and a port, or a port alone on this machine. Elsewhere than on this machine it wants a token."),
    key("serve.token_file", Kind::Path, text(""), &[],
        "File of the tokens that let clients in, one in a line, or `NAME TOKEN`: each name has conversations, notes and timers of its own. Empty: none on this machine, `serve.token` in `data_dir` elsewhere. A file that is not there is made, with a token."),
    key("serve.certificate", Kind::Path, text(""), &[],
        "File of the certificates (PEM) to encrypt with, the server's own first; empty: nothing is encrypted."),
    key("serve.certificate_key", Kind::Path, text(""), &[],
        "File of the key (PEM) of that certificate."),
    key("serve.hosts", Kind::Text, text(""), &[],
        "Names of this server, separated by commas, besides `localhost` and addresses."),
    key("serve.origins", Kind::Text, text(""), &[],
        "Pages that may talk to this server, as `https://chat.example.org`, separated by commas, besides those of this machine."),
    key("serve.connections", int(1, 1_000_000), Value::Int(100), &[],
        "Clients that may be connected at the same time."),
    key("serve.turns", int(1, 1_000_000), Value::Int(100), &[],
        "Answers, recordings and speech that may be under way at the same time."),
    key("serve.rate", int(0, 1_000_000), Value::Int(50), &[],
        "Messages of a client, and requests of an address, in a second; twice as many at once. 0: as many as come."),
    key("serve.message_bytes", int(1_024, 16_777_216), Value::Int(2_097_152), &[],
        "The longest message that is carried out. Recordings may be longer: ten minutes."),
    key("serve.idle_s", int(1, 86_400), Value::Int(300), &[],
        "A client that says nothing for so many seconds, while nothing is under way for it, is hung up on. A ping is enough."),
    key("serve.request_s", int(1, 3_600), Value::Int(5), &[],
        "Seconds for the head of a request; its body may take twelve times as long."),
    key("serve.stall_s", int(1, 3_600), Value::Int(30), &[],
        "Seconds that a client may let its answers wait unread."),
    key("serve.drain_s", int(0, 3_600), Value::Int(30), &[],
        "Seconds that what is under way may take to come to its end, when the server is told to end."),
    key("serve.database_url", Kind::Secret, text(""), &["DATABASE_URL"],
        "PostgreSQL database in which several servers keep what is said together, as `env:NAME`, `file:PATH` or `command:CMD` of `postgres://USER:PASSWORD@HOST:5432/DATABASE`. Empty: files in `data_dir`."),
    key("serve.pool_size", int(1, 1_000), Value::Int(10), &["DATABASE_POOL_SIZE"],
        "Connections to that database at most."),
    key("serve.pool_timeout_s", int(1, 600), Value::Int(5), &["DATABASE_POOL_TIMEOUT"],
        "Seconds to wait for a connection to the database, and for an answer through it. What could not be written by then is written later."),
    key("serve.pool_recycle_s", int(1, 1_000_000), Value::Int(1_800), &["DATABASE_POOL_RECYCLE"],
        "Seconds after which a new connection to the database takes the place of an old one."),
];

/// Where keys can be bound, as the sections of `[keys]` are called.
pub const CONTEXTS: &[&str] = &[
    "chat", "empty", "picker", "browser", "page", "log", "normal",
];

/// A setting of one backend, in its table `[backends.NAME]`.
#[derive(Debug)]
pub struct Field {
    /// Its dotted name, with `NAME` for the backend's.
    pub dotted: &'static str,
    pub kind: Kind,
    /// What the example file writes, as TOML.
    pub example: &'static str,
    pub comment: &'static str,
}

impl Field {
    /// Its name within the table.
    pub fn name(&self) -> &'static str {
        self.dotted.rsplit('.').next().unwrap_or(self.dotted)
    }
}

/// The settings of one backend. What a language needs to know about its backends is a line here.
pub const FIELDS: &[Field] = &[
    Field {
        dotted: "backends.NAME.url",
        kind: Kind::LinkUrl,
        example: r#""wss://example.org/ws""#,
        comment: "Address of this backend.",
    },
    Field {
        dotted: "backends.NAME.token",
        kind: Kind::Secret,
        example: r#""env:HOME_TOKEN""#,
        comment: "Token for this backend: `env:NAME`, `file:PATH`, `command:CMD` or the token itself.",
    },
    Field {
        dotted: "backends.NAME.language",
        kind: Kind::Choice(LANGUAGES),
        example: r#""auto""#,
        comment: "What this backend speaks; `auto` sees it from the address, or else from its first frame.",
    },
    Field {
        dotted: "backends.NAME.model",
        kind: Kind::Text,
        example: r#""""#,
        comment: "The model that a realtime backend is to use; empty: the one of its address, or its own choice.",
    },
    Field {
        dotted: "backends.NAME.voice",
        kind: Kind::Text,
        example: r#""""#,
        comment: "The voice of a realtime backend, such as `marin`; empty: its own choice.",
    },
    Field {
        dotted: "backends.NAME.instructions",
        kind: Kind::Text,
        example: r#""""#,
        comment: "What a realtime backend is told to be like; empty: nothing.",
    },
    Field {
        dotted: "backends.NAME.transcriber",
        kind: Kind::Text,
        example: r#""""#,
        comment: "The model with which a realtime backend makes words of recordings; empty: its usual one.",
    },
    Field {
        dotted: "backends.NAME.text",
        kind: Kind::Choice(TEXT_WAYS),
        example: r#""auto""#,
        comment: "How typed words reach a yychat server: `socket`, `http`, or `auto`, which tries.",
    },
    Field {
        dotted: "backends.NAME.api",
        kind: Kind::HttpUrl,
        example: r#""https://example.org""#,
        comment: "The HTTP side of a yychat server, where it is not beside its socket.",
    },
    Field {
        dotted: "backends.NAME.version",
        kind: Kind::Int { min: 1, max: 3 },
        example: "1",
        comment: "How sound is wrapped, if it speaks xiaozhi. Most servers know only 1.",
    },
    Field {
        dotted: "backends.NAME.frame_ms",
        kind: Kind::Int { min: 20, max: 60 },
        example: "60",
        comment: "Milliseconds of sound in a packet to it, if it speaks xiaozhi: 20, 40 or 60.",
    },
    Field {
        dotted: "backends.NAME.turn_detection",
        kind: Kind::Choice(DETECTIONS),
        example: r#""own""#,
        comment: "Who says in a call where a turn ends: we (`own`), or the backend (`server`); a realtime one also by what was said (`semantic`), one that speaks xiaozhi also deaf while it answers (`alternate`).",
    },
];

/// Who says where a turn of a call ends.
const DETECTIONS: &[&str] = &["own", "server", "semantic", "alternate"];

/// The languages of backends.
const LANGUAGES: &[&str] = &["auto", "yychat", "xiaozhi", "realtime", "realtime-beta"];

/// The ways of typed words to a yychat server.
const TEXT_WAYS: &[&str] = &["auto", "socket", "http"];

/// The settings of a table of `[mcp]`: a server of tools.
#[rustfmt::skip]
pub const MCP: &[(&str, Kind, &str)] = &[
    ("command", Kind::Command,
        "Program that serves the tools, with its arguments. It is started directly, without a shell."),
    ("url", Kind::HttpUrl,
        "Address of a server of tools that speaks streamable HTTP; instead of `command`."),
    ("token", Kind::Secret,
        "Token for that address: `env:NAME`, `file:PATH`, `command:CMD` or the token itself."),
    ("env", Kind::Text,
        "Variables for the program, separated by commas: NAME passes ours on, NAME=VALUE sets one. It gets none of ours but these and the harmless ones such as PATH."),
    ("allow", Kind::Text,
        "Tools that may be used without asking, separated by commas; `*`: all of them."),
    ("never", Kind::Text,
        "Tools that may never be used, separated by commas."),
    ("timeout_s", int(1, 3_600),
        "Seconds one use of a tool may take; 60 while nobody sets it."),
];

/// What is said about a binding.
pub const BINDING: &str = "What this chord does: an action's name, or `none`.";

/// What a dotted name means.
#[derive(Clone, Debug, PartialEq)]
pub enum Name {
    /// A setting of one backend, by its place in [`FIELDS`].
    Backend { backend: String, field: usize },
    Chord {
        context: &'static str,
        chord: String,
    },
    /// A setting, by its place in [`KEYS`].
    Fixed(usize),
    /// A setting of a server of tools, by its place in [`MCP`].
    Mcp { server: String, key: usize },
    /// Holds settings, is none.
    Section,
}

impl Name {
    /// What a dotted name means; for none, the nearest known one.
    pub fn of(dotted: &str) -> Result<Self, Option<&'static str>> {
        let mut parts: Vec<&str> = dotted.splitn(3, '.').collect();
        // The name of a chord may hold a dot, that of a backend may not.
        if parts.first() != Some(&"keys") {
            parts = dotted.split('.').collect();
        }
        Self::of_parts(&parts).ok_or_else(|| nearest(&parts))
    }

    /// What a name means whose parts are already taken apart.
    pub fn of_parts(parts: &[&str]) -> Option<Self> {
        let context = |name: &str| CONTEXTS.iter().find(|known| **known == name).copied();
        let section = match parts {
            ["backends" | "keys" | "mcp"] => true,
            ["keys", name] => context(name).is_some(),
            ["backends" | "mcp", name] => is_name(name),
            [one] => KEYS.iter().any(|key| key.split().0 == *one),
            _ => false,
        };
        if section {
            return Some(Self::Section);
        }
        match parts {
            ["keys", name, chord] if !chord.is_empty() => {
                if let Some(context) = context(name) {
                    let chord = (*chord).to_owned();
                    return Some(Self::Chord { context, chord });
                }
            }
            ["backends", name, field] if is_name(name) => {
                let backend = (*name).to_owned();
                let field = FIELDS.iter().position(|known| known.name() == *field);
                return field.map(|field| Self::Backend { backend, field });
            }
            _ => {}
        }
        if let ["mcp", name, field] = parts
            && is_name(name)
        {
            let key = MCP.iter().position(|(known, ..)| known == field)?;
            let server = (*name).to_owned();
            return Some(Self::Mcp { server, key });
        }
        let found = KEYS.iter().position(|key| match (key.split(), parts) {
            (("", name), [one]) => name == *one,
            ((section, name), [first, second]) => section == *first && name == *second,
            _ => false,
        });
        found.map(Self::Fixed)
    }
}

/// The known name that looks most like this one, if any does.
pub(super) fn nearest(parts: &[&str]) -> Option<&'static str> {
    let name = parts.join(".");
    // Comparing costs length times length: nobody mistypes a name into one this long.
    if name.len() > 64 {
        return None;
    }
    match parts {
        ["backends", _, field, ..] => {
            let distance = |known: &&Field| strsim::damerau_levenshtein(field, known.name());
            return FIELDS.iter().min_by_key(distance).map(|known| known.dotted);
        }
        ["backends", _] => return Some("backends.NAME.url"),
        ["keys", ..] => return Some("keys.chat.CHORD"),
        ["mcp", ..] => return Some("mcp.NAME.command"),
        _ => {}
    }
    let mut known: Vec<_> = KEYS.iter().map(|key| (key.name, key.name)).collect();
    if parts.len() == 1 {
        // A key without its section is a common slip, and it may be a section that is mistyped.
        let sections = KEYS
            .iter()
            .map(|key| key.split().0)
            .chain(["backends", "keys", "mcp"]);
        known.extend(KEYS.iter().map(|key| (key.split().1, key.name)));
        known.extend(
            sections
                .filter(|section| !section.is_empty())
                .map(|one| (one, one)),
        );
    }
    known
        .into_iter()
        .map(|(text, name_of_it)| (strsim::damerau_levenshtein(text, &name), text, name_of_it))
        // Of a short name a third at most may be wrong: what is left of less looks like anything.
        .filter(|(distance, text, _)| {
            *distance <= 1 + text.len() / 4 && 3 * *distance <= text.len().max(name.len())
        })
        .min()
        .map(|(_, _, name_of_it)| name_of_it)
}

/// The setting with this name, which the program itself spells.
pub(super) fn index(name: &str) -> usize {
    KEYS.iter()
        .position(|key| key.name == name)
        .expect("the program asks for settings of the table only")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_a_value_of_its_kind() {
        for key in KEYS {
            assert_eq!(
                key.kind.check(key.default.clone()),
                Ok(key.default.clone()),
                "{}",
                key.name
            );
        }
    }

    #[test]
    fn names_and_variables_are_unique_and_those_without_a_section_come_first() {
        let mut names: Vec<_> = KEYS.iter().map(|key| key.name).collect();
        let mut variables: Vec<_> = KEYS.iter().flat_map(Key::all_variables).collect();
        let (before, after) = (names.len(), variables.len());
        names.sort_unstable();
        names.dedup();
        variables.sort_unstable();
        variables.dedup();
        // `DATABASE_URL` is one of two settings, as its scheme says.
        assert_eq!((names.len(), variables.len()), (before, after - 1));
        let sections: Vec<_> = KEYS.iter().map(|key| key.split().0).collect();
        let mut blocks = sections.clone();
        blocks.dedup();
        let mut unique = blocks.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(blocks.first(), Some(&""));
        assert_eq!(blocks.len(), unique.len(), "a section is in one piece");
    }

    #[test]
    fn a_typo_is_answered_with_the_nearest_name() {
        let cases = [
            ("link.pign_ms", Some("link.ping_ms")),
            ("link.heartbeat", Some("link.heartbeat_ms")),
            ("lnik.ping_ms", Some("link.ping_ms")),
            ("ping_ms", Some("link.ping_ms")),
            ("presona", Some("persona")),
            ("lnik", Some("link")),
            ("backends.home.adress", Some("backends.NAME.url")),
            ("backends.home.tokn", Some("backends.NAME.token")),
            ("keys.chta.ctrl-x", Some("keys.chat.CHORD")),
            ("xyzzy", None),
        ];
        for (typo, wanted) in cases {
            assert_eq!(Name::of(typo), Err(wanted), "{typo}");
        }
    }

    #[test]
    fn free_names_are_taken_apart() {
        let chord = |chord: &str| Name::Chord {
            context: "chat",
            chord: chord.into(),
        };
        let backend = "home".to_owned();
        let cases = [
            ("keys.chat.ctrl-x", chord("ctrl-x")),
            ("keys.chat.ctrl-.", chord("ctrl-.")),
            ("keys.chat", Name::Section),
            ("backends.home", Name::Section),
            ("backends.home.url", Name::Backend { backend, field: 0 }),
            ("link", Name::Section),
            ("lang", Name::Fixed(index("lang"))),
            ("ui.bell", Name::Fixed(index("ui.bell"))),
        ];
        for (dotted, name) in cases {
            assert_eq!(Name::of(dotted), Ok(name), "{dotted}");
        }
    }
}
