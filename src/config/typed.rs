//! Turns resolved values into typed settings, and finds what fits each key but not the whole: a
//! backend that is named but not described, a home that nobody knows.

use super::error::{Origin, Problem};
use super::kind::{Kind, Value, is_language, is_link_url, listed};
use super::schema::{FIELDS, KEYS, MCP, Name, index};
use super::secret::Secret;
use super::settings::{
    Backend, Background, Brain, Call, Colors, Consent, Ears, Echo, Link, Mcp, McpPlace, Models,
    Named, Notify, Plain, Serve, Settings, Sound, Store, Timeout, Timeouts, Tools, Ui, Voice,
    Where,
};
use super::{Env, Resolved, at_home};
use crate::core::control::{Control, Controls};
use crate::core::keys::KeySet;
use crate::core::voice::Speak;
use crate::core::words::Lang;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tracing::level_filters::LevelFilter;

/// Reads checked values; the schema's test proves that each is of its kind.
struct Reader<'a> {
    resolved: &'a Resolved,
    env: Env<'a>,
    problems: &'a mut Vec<Problem>,
}

/// Builds the settings. What fits each key but not the whole is added to `problems`.
pub(super) fn build(resolved: &Resolved, env: Env<'_>, problems: &mut Vec<Problem>) -> Settings {
    let mut read = Reader {
        resolved,
        env,
        problems,
    };
    let data_dir = read.data_dir();
    let backends = read.backends();
    Settings {
        lang: read.lang(),
        tongue: read.tongue(),
        log_level: read.log_level(),
        backend: read.backend(&backends),
        standby: read.standby(&backends),
        backends,
        brain: Brain {
            choice: read.text("brain.use"),
            model: filled(read.text("brain.model")),
            url: filled(read.text("brain.url")),
            key: read.key("brain.key"),
            first_token: Duration::from_secs(read.whole("brain.first_token_s")),
            between_tokens: Duration::from_secs(read.whole("brain.between_tokens_s")),
            memory_tokens: read.whole("brain.memory_tokens") as usize,
            window_tokens: Some(read.whole("brain.window_tokens") as usize)
                .filter(|tokens| *tokens > 0),
        },
        persona: read.text("persona"),
        use_tools: read.truth("use_tools"),
        link: Link {
            reconnect: read.truth("link.reconnect"),
            reconnect_attempts: Some(read.whole("link.reconnect_attempts") as u32)
                .filter(|attempts| *attempts > 0),
            reconnect_interval: read.millis("link.reconnect_interval_ms"),
            reconnect_max: read.millis("link.reconnect_max_ms"),
            heartbeat: read.millis("link.heartbeat_ms"),
            ping: read.millis("link.ping_ms"),
            pong_timeout: read.millis("link.pong_timeout_ms"),
            connect_timeout: read.millis("link.connect_timeout_ms"),
            greeting_timeout: read.millis("link.greeting_timeout_ms"),
            standby_after: read.millis("link.standby_after_ms"),
            standby_warm: read.truth("link.standby_warm"),
            ca_file: read.file("link.ca_file"),
            accept_invalid_certs: read.truth("link.danger_accept_invalid_certs"),
        },
        timeouts: Timeouts {
            sse: Timeout {
                base: read.seconds("timeouts.sse_base_s"),
                per_char: read.seconds("timeouts.sse_per_char_s"),
                max: read.seconds("timeouts.sse_max_s"),
            },
            tts: Timeout {
                base: read.seconds("timeouts.tts_base_s"),
                per_char: read.seconds("timeouts.tts_per_char_s"),
                max: read.seconds("timeouts.tts_max_s"),
            },
            stt: Timeout {
                base: read.seconds("timeouts.stt_base_s"),
                per_char: read.seconds("timeouts.stt_per_char_s"),
                max: read.seconds("timeouts.stt_max_s"),
            },
        },
        ears: Ears {
            choice: read.text("ears.use"),
            model: read.text("ears.model"),
            key: read.key("ears.key"),
        },
        voice: Voice {
            choice: read.text("voice.use"),
            model: read.text("voice.model"),
            key: read.key("voice.key"),
            synthesis_voice: read.if_set("voice.synthesis_voice"),
            synthesis_speed: read.number("voice.synthesis_speed"),
            synthesis_volume: read.number("voice.synthesis_volume"),
            recognition_language: read.if_set("voice.recognition_language"),
        },
        sound: Sound {
            microphone: read.text("sound.microphone"),
            loudspeaker: read.text("sound.loudspeaker"),
            fast: read.truth("sound.fast"),
            speak: match read.text("sound.speak").as_str() {
                "never" => Speak::Never,
                "always" => Speak::Always,
                _ => Speak::Spoken,
            },
            review: read.truth("sound.review"),
            chimes: read.truth("sound.chimes"),
            state_chimes: read.truth("sound.state_chimes"),
            echo: match read.text("sound.echo").as_str() {
                "on" => Echo::On,
                "off" => Echo::Off,
                _ => Echo::Auto,
            },
            tail: read.millis("sound.tail_ms"),
            preroll: read.millis("sound.preroll_ms"),
            silence: Duration::from_secs(read.whole("sound.silence_s")),
            longest: Duration::from_secs(read.whole("sound.longest_s")),
            keep_recordings: read.truth("sound.keep_recordings"),
            noise: read.place("sound.noise"),
            gain: read.place("sound.gain"),
        },
        models: Models {
            hub: filled(read.text("models.hub")),
            mirrors: listed(&read.text("models.mirrors"))
                .map(str::to_owned)
                .collect(),
            token: read.key("models.token"),
            offline: read.truth("models.offline"),
            onnxruntime: read.text("models.onnxruntime"),
        },
        call: Call {
            ask_ahead: read.truth("call.ask_ahead"),
            silence: Duration::from_secs(read.whole("call.silence_s")),
            controls: read.controls(),
        },
        tools: Tools {
            clipboard: read.consent("tools.clipboard"),
            fetch: read.consent("tools.fetch"),
            fetch_private: read.truth("tools.fetch_private"),
            servers: read.servers(),
        },
        store: read.store(&data_dir),
        ui: Ui {
            max_fps: read.whole("ui.max_fps") as u32,
            colors: match read.text("ui.colors").as_str() {
                "truecolor" => Colors::TrueColor,
                "256" => Colors::Indexed256,
                "16" => Colors::Basic16,
                "none" => Colors::None,
                _ => Colors::Auto,
            },
            background: match read.text("ui.background").as_str() {
                "dark" => Background::Dark,
                "light" => Background::Light,
                _ => Background::Auto,
            },
            show_reasoning: read.truth("ui.show_reasoning"),
            plain: match read.text("ui.plain").as_str() {
                "always" => Plain::Always,
                "never" => Plain::Never,
                _ => Plain::Auto,
            },
            bell: read.truth("ui.bell"),
            theme: read.text("ui.theme"),
            still: read.text("ui.motion") == "reduced",
            keys: match read.text("ui.keys").as_str() {
                "vi" => KeySet::Vi,
                _ => KeySet::Modern,
            },
            notify: match read.text("ui.notify").as_str() {
                "osc9" => Notify::Osc9,
                "osc777" => Notify::Osc777,
                "bell" => Notify::Bell,
                "never" => Notify::Never,
                _ => Notify::Auto,
            },
            inline: read.truth("ui.inline"),
            mouse: read.truth("ui.mouse"),
            panel: read.truth("ui.panel"),
        },
        serve: Serve {
            listen: read.text("serve.listen"),
            token_file: read.file("serve.token_file"),
            certificate: read.file("serve.certificate"),
            certificate_key: read.file("serve.certificate_key"),
            hosts: read.list("serve.hosts"),
            origins: read.list("serve.origins"),
            connections: read.whole("serve.connections") as usize,
            turns: read.whole("serve.turns") as usize,
            rate: Some(read.whole("serve.rate") as u32).filter(|rate| *rate > 0),
            message_bytes: read.whole("serve.message_bytes") as usize,
            idle: Duration::from_secs(read.whole("serve.idle_s")),
            request: Duration::from_secs(read.whole("serve.request_s")),
            stall: Duration::from_secs(read.whole("serve.stall_s")),
            drain: Duration::from_secs(read.whole("serve.drain_s")),
            database_url: read.key("serve.database_url"),
            pool_size: read.whole("serve.pool_size") as usize,
            pool_timeout: Duration::from_secs(read.whole("serve.pool_timeout_s")),
            pool_recycle: Duration::from_secs(read.whole("serve.pool_recycle_s")),
        },
        data_dir,
        keys: resolved.bindings.clone(),
        record: None,
        trace: None,
    }
}

fn filled(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

impl Reader<'_> {
    fn entry(&self, name: &str) -> (&Value, &Origin) {
        let (value, origin) = &self.resolved.values[index(name)];
        (value, origin)
    }

    fn text(&self, name: &str) -> String {
        self.entry(name).0.to_string()
    }

    /// What may be said to a call.
    fn controls(&self) -> Controls {
        let forms = Control::ALL.map(|control| {
            (
                control,
                self.text(match control {
                    Control::Stop => "call.stop",
                    Control::Wait => "call.wait",
                    Control::Louder => "call.louder",
                    Control::Softer => "call.softer",
                    Control::Slower => "call.slower",
                    Control::Faster => "call.faster",
                    Control::Repeat => "call.repeat",
                    Control::HangUp => "call.hang_up",
                }),
            )
        });
        Controls::new(|control| {
            let known = forms.iter().find(|(of, _)| *of == control);
            known.map_or("", |(_, forms)| forms.as_str())
        })
    }

    /// The text, if somebody set it, to anything but nothing.
    fn if_set(&self, name: &str) -> Option<String> {
        let (value, origin) = self.entry(name);
        filled(value.to_string()).filter(|_| *origin != Origin::Default)
    }

    fn truth(&self, name: &str) -> bool {
        matches!(self.entry(name).0, Value::Bool(true))
    }

    fn whole(&self, name: &str) -> u64 {
        match self.entry(name).0 {
            Value::Int(value) => value.unsigned_abs(),
            _ => 0,
        }
    }

    fn number(&self, name: &str) -> f64 {
        match self.entry(name).0 {
            Value::Float(value) => *value,
            _ => 0.0,
        }
    }

    fn place(&self, name: &str) -> Where {
        match self.text(name).as_str() {
            "always" => Where::Always,
            "calls" => Where::Calls,
            _ => Where::Never,
        }
    }

    fn list(&self, name: &str) -> Vec<String> {
        let text = self.text(name);
        listed(&text).map(str::to_owned).collect()
    }

    fn millis(&self, name: &str) -> Duration {
        Duration::from_millis(self.whole(name))
    }

    fn seconds(&self, name: &str) -> Duration {
        Duration::try_from_secs_f64(self.number(name)).unwrap_or_default()
    }

    /// A path as it was meant: `~` is home, and what the file says begins at the file's folder.
    fn path(&self, text: &str, origin: &Origin) -> PathBuf {
        let path = at_home(text, self.env);
        match origin {
            Origin::File { path: file, .. } => folder_of(file).join(path),
            _ => path,
        }
    }

    /// A path that may be left out.
    fn file(&self, name: &str) -> Option<PathBuf> {
        let (value, origin) = self.entry(name);
        filled(value.to_string()).map(|text| self.path(&text, origin))
    }

    fn data_dir(&mut self) -> PathBuf {
        let (value, origin) = self.entry("data_dir");
        let text = value.to_string();
        if !text.is_empty() {
            return self.path(&text, origin);
        }
        if let Some(folders) = super::folders() {
            return folders.data_dir().to_owned();
        }
        let origin = origin.clone();
        self.problems.push(Problem {
            origin,
            key: "data_dir".to_owned(),
            wants: "set, because no home folder is known".to_owned(),
            found: None,
        });
        PathBuf::new()
    }

    /// The language of the screen as the setting or the environment says it: `zh_CN`.
    fn said_language(&self) -> String {
        let text = self.text("lang");
        if text != "auto" {
            return text;
        }
        let said = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .filter_map(|name| (self.env)(name))
            .find(|value| !value.is_empty())
            .unwrap_or_default();
        // `de_DE.UTF-8@euro`
        said.split(['.', '@']).next().unwrap_or_default().to_owned()
    }

    fn lang(&self) -> Lang {
        if self.said_language().to_ascii_lowercase().starts_with("zh") {
            Lang::Zh
        } else {
            Lang::En
        }
    }

    fn tongue(&self) -> Option<String> {
        let said = self.said_language();
        let brought = ["en", "zh"].contains(&said.get(..2)?.to_ascii_lowercase().as_str());
        (is_language(&said) && !brought).then(|| said.replace('_', "-"))
    }

    fn log_level(&self) -> LevelFilter {
        let (value, level_origin) = self.entry("log_level");
        let level = value.to_string().parse().unwrap_or(LevelFilter::INFO);
        let debug_origin = self.entry("debug").1;
        // `--log-level error` wins over a DEBUG that happens to be set.
        if self.truth("debug") && debug_origin.rank() >= level_origin.rank() {
            level.max(LevelFilter::DEBUG)
        } else {
            level
        }
    }

    fn key(&self, key: &'static str) -> Secret {
        let (value, origin) = self.entry(key);
        match origin {
            Origin::Env { name } => Secret::from_variable(key, name, &value.to_string()),
            origin => self.secret(key, &value.to_string(), origin),
        }
    }

    fn secret(&self, key: &str, text: &str, origin: &Origin) -> Secret {
        let folder = match origin {
            Origin::File { path, .. } => folder_of(path),
            _ => Path::new(""),
        };
        Secret::written(key, text, folder, self.env)
    }

    fn backends(&mut self) -> Vec<Named> {
        let mut backends = vec![];
        for (name, table) in &self.resolved.backends {
            let mut named = Named {
                name: name.clone(),
                ..Named::default()
            };
            for (at, (value, origin)) in &table.values {
                let (field, text) = (&FIELDS[*at], value.to_string());
                match field.kind {
                    Kind::LinkUrl => named.url = text,
                    Kind::Secret => {
                        let key = format!("backends.{name}.{}", field.name());
                        named.token = self.secret(&key, &text, origin);
                    }
                    _ => drop(named.more.insert(field.name(), text)),
                }
            }
            if named.url.is_empty() {
                self.problems.push(Problem {
                    origin: table.origin.clone().unwrap_or(Origin::Default),
                    key: format!("backends.{name}.url"),
                    wants: super::file::wants(&Name::Backend {
                        backend: name.clone(),
                        field: 0,
                    }),
                    found: Some(String::new()),
                });
                continue;
            }
            backends.push(named);
        }
        backends
    }

    fn consent(&self, name: &str) -> Consent {
        match self.text(name).as_str() {
            "always" => Consent::Always,
            "ask" => Consent::Ask,
            _ => Consent::Never,
        }
    }

    /// The servers of tools. One is either a program or an address.
    fn servers(&mut self) -> Vec<Mcp> {
        let mut servers = vec![];
        for (name, table) in &self.resolved.mcp {
            let value = |key: &str| {
                let at = MCP.iter().position(|(known, ..)| *known == key);
                at.and_then(|at| table.values.get(&at))
            };
            let text = |key: &str| value(key).map(|(value, _)| value.to_string());
            let filled_in = |key: &str| text(key).and_then(filled);
            let place = match (filled_in("command"), filled_in("url")) {
                (Some(command), None) => {
                    let words = crate::core::command::words(&command).unwrap_or_default();
                    let env = filled_in("env").unwrap_or_default();
                    let (set, passed): (Vec<_>, Vec<_>) =
                        listed(&env).partition(|one| one.contains('='));
                    let set = set.into_iter().filter_map(|one| one.split_once('='));
                    McpPlace::Program {
                        words,
                        passed: passed.into_iter().map(str::to_owned).collect(),
                        set: set
                            .map(|(name, value)| (name.trim().to_owned(), value.to_owned()))
                            .collect(),
                    }
                }
                (None, Some(url)) => {
                    let key = format!("mcp.{name}.token");
                    let token = value("token")
                        .map(|(text, origin)| self.secret(&key, &text.to_string(), origin));
                    let token = token.unwrap_or_default();
                    McpPlace::Address { url, token }
                }
                (Some(_), Some(_)) | (None, None) => {
                    self.problems.push(Problem {
                        origin: table.origin.clone().unwrap_or(Origin::Default),
                        key: format!("mcp.{name}"),
                        wants: "a table with either `command` or `url`".to_owned(),
                        found: None,
                    });
                    continue;
                }
            };
            let list = |key: &str| {
                let text = filled_in(key).unwrap_or_default();
                listed(&text).map(str::to_owned).collect()
            };
            let seconds = match value("timeout_s") {
                Some((Value::Int(seconds), _)) => seconds.unsigned_abs(),
                _ => 60,
            };
            servers.push(Mcp {
                name: name.clone(),
                place,
                allow: list("allow"),
                never: list("never"),
                timeout: Duration::from_secs(seconds),
            });
        }
        servers
    }

    fn backend(&mut self, backends: &[Named]) -> Backend {
        let text = self.text("backend");
        self.named_backend("backend", &text, backends)
            .unwrap_or(Backend::Embedded)
    }

    /// Those who may take over; whoever is named twice counts once.
    fn standby(&mut self, backends: &[Named]) -> Vec<Backend> {
        let all = self.text("link.standby");
        let mut named = vec![self.text("backend")];
        let mut standby = vec![];
        for one in listed(&all) {
            if !named.iter().any(|known| known == one) {
                named.push(one.to_owned());
                standby.extend(self.named_backend("link.standby", one, backends));
            }
        }
        standby
    }

    /// The backend a setting means.
    fn named_backend(&mut self, key: &str, text: &str, backends: &[Named]) -> Option<Backend> {
        if text == "embedded" {
            return Some(Backend::Embedded);
        }
        if is_link_url(text) {
            return Some(Backend::Remote(Named {
                name: text.to_owned(),
                url: text.to_owned(),
                ..Named::default()
            }));
        }
        if let Some(named) = backends.iter().find(|named| named.name == text) {
            return Some(Backend::Remote(named.clone()));
        }
        // A name whose table lacks its URL is told once, there.
        if !self.resolved.backends.contains_key(text) {
            let names: Vec<_> = backends
                .iter()
                .map(|named| format!("`{}`", named.name))
                .collect();
            let mut wants = KEYS[index(key)].kind.wants().into_owned();
            if !names.is_empty() {
                wants = format!("{wants}; `[backends]` has {}", names.join(", "));
            }
            self.problems.push(Problem {
                origin: self.entry(key).1.clone(),
                key: key.to_owned(),
                wants,
                found: Some(text.to_owned()),
            });
        }
        None
    }

    fn store(&self, data_dir: &Path) -> Store {
        let (value, origin) = self.entry("store.url");
        let text = value.to_string();
        let path = match text.strip_prefix("sqlite://") {
            // Other programs put options of their driver after the path.
            Some(path) => {
                let path = path.split('?').next().unwrap_or_default();
                // Four slashes mean an absolute path to some programs; it is the same path.
                PathBuf::from(format!("/{}", path.trim_start_matches('/')))
            }
            None if text.is_empty() => data_dir.join("hearsay.db"),
            None => self.path(&text, origin),
        };
        Store { path }
    }
}

fn folder_of(file: &Path) -> &Path {
    file.parent().unwrap_or(Path::new(""))
}
