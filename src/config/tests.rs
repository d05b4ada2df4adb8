use super::error::ConfigError;
use super::settings::{Backend, Call, Colors, Echo, McpPlace, Named, Settings, Sound, Where};
use super::*;
use crate::core::control::Controls;
use crate::core::voice::Speak;
use crate::core::words::Lang;
use proptest::prelude::*;
use std::time::Duration;
use tracing::level_filters::LevelFilter;

/// Loads this file text with these variables and flags.
fn load_with(
    text: &str,
    variables: &[(&str, &str)],
    mut flags: Flags,
) -> Result<Loaded, ConfigError> {
    let layer = file::parse(Path::new("/f.toml"), text)?;
    flags.data_dir.get_or_insert_with(|| "/data".to_owned());
    let env = |name: &str| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    settle(&flags, &env, layer, Some("/f.toml".into()))
}

fn file(text: &str) -> Result<Loaded, ConfigError> {
    load_with(text, &[], Flags::default())
}

fn env(variables: &[(&str, &str)]) -> Result<Loaded, ConfigError> {
    load_with("", variables, Flags::default())
}

fn message(loaded: Result<Loaded, ConfigError>) -> (String, String) {
    let error = loaded.map(|loaded| loaded.settings).unwrap_err();
    assert_eq!(error.exit_code(), 2);
    (error.to_string(), error.hint())
}

/// The settings of the example once every comment that is a setting counts.
fn example_in_force() -> String {
    let sets = |line: &&str| {
        line.strip_prefix('#')
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase()))
    };
    // The free tables at its end are samples, not defaults.
    let (fixed, _samples) = example::render()
        .split_once("\n# Backends to talk to")
        .map(|(fixed, samples)| (fixed.to_owned(), samples.to_owned()))
        .unwrap();
    let lines = fixed.lines();
    lines
        .map(|line| {
            if sets(&line) {
                line.get(1..).unwrap()
            } else {
                line
            }
        })
        .fold(String::new(), |text, line| text + line + "\n")
}

#[test]
fn the_example_file_is_the_schema_and_holds_exactly_the_defaults() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config.example.toml");
    if std::env::var_os("UPDATE_EXAMPLE").is_some() {
        std::fs::write(&path, example::render()).unwrap();
    }
    assert_eq!(
        std::fs::read_to_string(&path).unwrap(),
        example::render(),
        "run this test with UPDATE_EXAMPLE=1 to render the file anew"
    );
    let defaults = file("").unwrap().settings;
    let as_it_is = file(&example::render()).unwrap();
    assert_eq!(as_it_is.settings, defaults);
    let layer = file::parse(Path::new("/f.toml"), &example_in_force()).unwrap();
    assert_eq!(layer.doubts, vec![]);
    let values: Vec<_> = layer.values.into_values().map(|(value, _)| value).collect();
    let wanted: Vec<_> = KEYS.iter().map(|key| key.default.clone()).collect();
    assert_eq!(values, wanted);
    // What somebody wrote down is set, even to the default.
    let mut in_force = file(&example_in_force()).unwrap().settings;
    let voice = &mut in_force.voice;
    let set = (
        voice.synthesis_voice.take(),
        voice.recognition_language.take(),
    );
    let named = |name: &str| Some(name.to_owned());
    assert_eq!(set, (named("zh-CN-XiaoxiaoNeural"), named("zh-CN")));
    assert_eq!(in_force, defaults);
}

#[test]
fn the_samples_of_the_example_are_settings_too() {
    let samples = example::render()
        .split_once("\n# Backends to talk to")
        .map(|(_, samples)| samples.replace("\n#", "\n"))
        .unwrap();
    let samples: String = samples
        .lines()
        .filter(|line| !line.starts_with(' ') && !line.starts_with(", by"))
        .fold(String::new(), |text, line| text + line + "\n");
    let loaded = file(&samples).unwrap();
    assert_eq!(
        loaded.warnings,
        [
            "`backends.home.token` comes from the variable `HOME_TOKEN`, which is not set",
            "`mcp.home.token` comes from the variable `HOME_MCP_TOKEN`, which is not set",
        ]
    );
    assert_eq!(loaded.settings.keys.len(), schema::CONTEXTS.len());
    let [files, home] = &loaded.settings.tools.servers[..] else {
        panic!("{:?}", loaded.settings.tools)
    };
    let McpPlace::Program { words, passed, set } = &files.place else {
        panic!("{files:?}")
    };
    assert_eq!(words.len(), 4);
    assert_eq!(*passed, ["NODE_OPTIONS"]);
    assert_eq!(*set, [("LOG".to_owned(), "quiet".to_owned())]);
    assert_eq!(files.allow, ["read_text_file", "list_directory"]);
    assert_eq!(files.never, ["write_file"]);
    assert!(matches!(home.place, McpPlace::Address { .. }), "{home:?}");
    assert_eq!(
        (home.allow.as_slice(), home.timeout.as_secs()),
        (&["*".to_owned()][..], 60)
    );
}

#[test]
fn a_server_of_tools_is_a_program_or_an_address_and_its_settings_are_checked() {
    let wrong = |text: &str| file(text).unwrap_err().to_string();
    for text in [
        "[mcp.a]",
        "[mcp.a]\nallow = \"x\"",
        "[mcp.a]\ncommand = \"x\"\nurl = \"https://h\"",
    ] {
        let told = wrong(text);
        assert!(
            told.contains("`mcp.a` must be a table with either"),
            "{told}"
        );
    }
    for (line, part) in [
        ("command = \"x 'y\"", "every quote is closed"),
        ("url = \"ftp://h\"", "a URL"),
        ("timeout_s = 0", "between 1 and 3600"),
    ] {
        let told = wrong(&format!("[mcp.a]\n{line}"));
        assert!(told.contains(part), "{told}");
    }
    let secret = "[mcp.a]\nurl = \"https://h\"\ntoken = \"s3cret\"";
    let loaded = file(secret).unwrap();
    assert!(!format!("{loaded:?}").contains("s3cret"));
    let explained = loaded.explain("mcp").unwrap();
    assert_eq!(explained.len(), 2);
    assert!(
        explained.iter().all(|one| !one.toml.contains("s3cret")),
        "{explained:?}"
    );
    let typo = file("[mcp.a]\ncommand = \"x\"\ncomand = \"y\"").unwrap();
    assert!(
        typo.warnings[0].contains("mcp.NAME.command"),
        "{:?}",
        typo.warnings
    );
}

#[test]
fn with_nothing_said_the_documented_defaults_hold() {
    let settings = file("").unwrap().settings;
    assert_eq!(settings.lang, Lang::En);
    assert_eq!(settings.backend, Backend::Embedded);
    assert_eq!(settings.log_level, LevelFilter::INFO);
    assert_eq!(settings.store.path, Path::new("/data/hearsay.db"));
    assert_eq!(settings.link.reconnect_attempts, Some(5));
    assert_eq!(settings.link.heartbeat, Duration::from_secs(30));
    let sse = settings.timeouts.sse;
    assert_eq!(
        (sse.base, sse.per_char, sse.max),
        (
            Duration::from_secs(30),
            Duration::from_millis(100),
            Duration::from_mins(5)
        )
    );
    assert!(!settings.brain.key.is_set());
    let sound = Sound {
        microphone: "default".into(),
        loudspeaker: "default".into(),
        fast: false,
        speak: Speak::Spoken,
        review: false,
        chimes: false,
        state_chimes: false,
        echo: Echo::Auto,
        tail: Duration::from_millis(300),
        preroll: Duration::ZERO,
        silence: Duration::from_secs(30),
        longest: Duration::from_mins(10),
        keep_recordings: false,
        noise: Where::Calls,
        gain: Where::Never,
    };
    assert_eq!(settings.sound, sound);
    let call = Call {
        ask_ahead: false,
        silence: Duration::from_mins(10),
        controls: Controls::default(),
    };
    assert_eq!(settings.call, call);
}

#[test]
fn default_file_environment_and_flag_win_in_this_order_for_every_kind() {
    // key, in the file, in the variable, as a flag: what each layer makes of it.
    let cases: &[(&str, &str, &str, Option<&str>)] = &[
        ("lang", "\"zh\"", "en", Some("zh")),
        ("log_level", "\"warn\"", "error", Some("off")),
        ("backend", "\"ws://file\"", "ws://env", Some("ws://flag")),
        ("persona", "\"file\"", "env", Some("flag")),
        (
            "brain.use",
            "\"builtin\"",
            "http://env",
            Some("http://flag"),
        ),
        ("brain.model", "\"file\"", "env", Some("flag")),
        ("ears.use", "\"none\"", "http://env", Some("pocketsphinx")),
        ("voice.use", "\"say\"", "command:env", Some("none")),
        ("data_dir", "\"/file\"", "/env", Some("/flag")),
        ("use_tools", "false", "true", None),
        ("link.ping_ms", "2000", "3000", None),
        ("voice.synthesis_speed", "2", "3.5", None),
        ("brain.url", "\"http://file\"", "http://env", None),
        ("link.url", "\"ws://file\"", "ws://env", None),
        ("store.url", "\"file.db\"", "env.db", None),
        ("ui.background", "\"dark\"", "light", None),
    ];
    for (name, in_file, in_env, in_flag) in cases {
        let key = &KEYS[schema::index(name)];
        let (section, short) = key.split();
        let text = match section {
            "" => format!("{short} = {in_file}"),
            section => format!("\n[{section}]\n{short} = {in_file}"),
        };
        let variable = key.variable();
        let value = |text: &str, env: Option<&str>, flag: Option<&str>| {
            let variables: Vec<_> = env
                .iter()
                .map(|value| (variable.as_str(), *value))
                .collect();
            let flag = |name: &str| flag.filter(|_| key.flag == name).map(str::to_owned);
            let flags = Flags {
                backend: flag("--backend"),
                brain: flag("--brain"),
                data_dir: flag("--data-dir"),
                ears: flag("--ears"),
                voice: flag("--voice"),
                lang: flag("--lang"),
                log_level: flag("--log-level"),
                model: flag("--model"),
                persona: flag("--persona"),
                ..Flags::default()
            };
            let layer = file::parse(Path::new("/f.toml"), text).unwrap();
            let env = |name: &str| {
                let found = variables.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            let loaded = settle(&flags, &env, layer, None).unwrap();
            let (value, origin) = loaded.resolved.values[schema::index(name)].clone();
            (value.to_string(), origin)
        };
        let default = (key.default.to_string(), Origin::Default);
        assert_eq!(value("", None, None), default);
        let path = PathBuf::from("/f.toml");
        let line = if section.is_empty() { 1 } else { 3 };
        let from_file = Origin::File { path, line };
        let bare = in_file.trim_matches('"').to_owned();
        assert_eq!(value(&text, None, None), (bare, from_file));
        let name = variable.clone();
        let from_env = (in_env.to_string(), Origin::Env { name });
        assert_eq!(value(&text, Some(in_env), None), from_env);
        if let Some(in_flag) = in_flag {
            let from_flag = (in_flag.to_string(), Origin::Flag { name: key.flag });
            assert_eq!(value(&text, Some(in_env), Some(in_flag)), from_flag);
        }
    }
}

#[test]
fn the_other_names_of_variables_count_and_the_most_specific_one_wins() {
    let settings = env(&[
        ("OPENAI_BASE_URL", "http://openai"),
        ("OPENAI_API_KEY", "canary"),
        ("HEARSAY_BRAIN", "builtin"),
        ("HEARSAY_MODEL", "qwen"),
        ("HEARSAY_PERSONA", "professional"),
        ("HEARSAY_LANG", "zh"),
        ("HEARSAY_LOG_LEVEL", "warn"),
        ("HEARSAY_RECORD", "/r"),
        ("HEARSAY_TRACE", "/t"),
        ("WS_RECONNECT_ATTEMPTS", "0"),
        ("WS_RECONNECT_INTERVAL", "5000"),
        ("WS_HEARTBEAT_INTERVAL", "4000"),
        ("HEARSAY_LINK_HEARTBEAT_MS", "3000"),
        ("TTS_TIMEOUT_PER_CHAR", "0.5"),
        ("DATABASE_URL", "sqlite:///srv/a.db?mode=rwc"),
        ("DEBUG", "1"),
        ("NO_COLOR", "yes"),
        ("WEBSOCKET_URL", ""),
    ])
    .unwrap()
    .settings;
    let brain = &settings.brain;
    assert_eq!(brain.url.as_deref(), Some("http://openai"));
    assert_eq!(brain.key.read().unwrap().as_deref(), Some("canary"));
    assert_eq!(brain.key.describe(), "(set, from env:OPENAI_API_KEY)");
    assert_eq!(
        (brain.choice.as_str(), brain.model.as_deref()),
        ("builtin", Some("qwen"))
    );
    assert_eq!(settings.persona, "professional");
    assert_eq!(settings.lang, Lang::Zh);
    assert_eq!(settings.record, Some("/r".into()));
    assert_eq!(settings.trace, Some("/t".into()));
    assert_eq!(settings.link.reconnect_attempts, None);
    assert_eq!(settings.link.reconnect_interval, Duration::from_secs(5));
    assert_eq!(settings.link.heartbeat, Duration::from_secs(3));
    assert_eq!(settings.timeouts.tts.per_char, Duration::from_millis(500));
    assert_eq!(settings.store.path, Path::new("/srv/a.db"));
    assert_eq!(settings.log_level, LevelFilter::DEBUG);
    assert_eq!(settings.ui.colors, Colors::None);
    assert_eq!(settings.backend, Backend::Embedded);
}

#[test]
fn the_language_follows_the_locale_until_somebody_sets_it() {
    let cases: &[(&[(&str, &str)], Lang)] = &[
        (&[], Lang::En),
        (&[("LANG", "zh_CN.UTF-8")], Lang::Zh),
        (&[("LANG", "de_DE.UTF-8")], Lang::En),
        (&[("LC_ALL", "C"), ("LANG", "zh_CN.UTF-8")], Lang::En),
        (&[("LC_ALL", ""), ("LC_MESSAGES", "zh_TW")], Lang::Zh),
        (&[("LANG", "zh_CN"), ("HEARSAY_LANG", "en")], Lang::En),
    ];
    for (variables, lang) in cases {
        assert_eq!(
            env(variables).unwrap().settings.lang,
            *lang,
            "{variables:?}"
        );
    }
}

#[test]
fn debug_raises_the_level_unless_a_stronger_layer_sets_one() {
    let level = |text: &str, variables: &[(&str, &str)], flag: Option<&str>| {
        let log_level = flag.map(str::to_owned);
        let flags = Flags {
            log_level,
            ..Flags::default()
        };
        load_with(text, variables, flags)
            .unwrap()
            .settings
            .log_level
    };
    assert_eq!(level("debug = true", &[], None), LevelFilter::DEBUG);
    assert_eq!(
        level("debug = true\nlog_level = \"trace\"", &[], None),
        LevelFilter::TRACE
    );
    assert_eq!(
        level("log_level = \"error\"", &[("DEBUG", "1")], None),
        LevelFilter::DEBUG
    );
    assert_eq!(
        level("", &[("DEBUG", "1")], Some("error")),
        LevelFilter::ERROR
    );
}

#[test]
fn the_language_spoken_to_us_is_that_of_the_screen_until_somebody_sets_it() {
    let language = "VOICE_RECOGNITION_LANGUAGE";
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[], "en-US"),
        (&[("LANG", "zh_CN.UTF-8")], "zh-CN"),
        (&[(language, "zh-CN")], "zh-CN"),
        (&[(language, "")], "en-US"),
        (&[("LANG", "zh_CN"), (language, "en-GB")], "en-GB"),
    ];
    for (variables, spoken) in cases {
        let settings = env(variables).unwrap().settings;
        assert_eq!(settings.spoken_language(), *spoken, "{variables:?}");
    }
}

#[test]
fn a_debug_variable_meant_for_others_is_a_warning() {
    let loaded = env(&[("DEBUG", "express:*")]).unwrap();
    assert_eq!(loaded.settings.log_level, LevelFilter::INFO);
    assert_eq!(
        loaded.warnings,
        ["`DEBUG` is express:*, which is not `true` or `false`; it is ignored"]
    );
}

#[test]
fn a_backend_is_embedded_an_address_or_a_name() {
    let home = "[backends.home]\nurl = \"wss://h/ws\"\n";
    let remote = |name: &str, url: &str| {
        Backend::Remote(Named {
            name: name.into(),
            url: url.into(),
            ..Named::default()
        })
    };
    let by_variable = env(&[("WEBSOCKET_URL", "ws://a")]).unwrap();
    let explained = by_variable.explain("backend").unwrap().remove(0);
    assert_eq!(
        (explained.value, explained.origin.to_string()),
        ("ws://a".to_owned(), "variable WEBSOCKET_URL".to_owned())
    );
    let cases = [
        (String::new(), vec![], Backend::Embedded),
        (home.to_owned(), vec![], Backend::Embedded),
        (
            format!("backend = \"home\"\n{home}"),
            vec![],
            remote("home", "wss://h/ws"),
        ),
        (
            "backend = \"ws://a\"".into(),
            vec![],
            remote("ws://a", "ws://a"),
        ),
        (
            String::new(),
            vec![("WEBSOCKET_URL", "ws://a")],
            remote("ws://a", "ws://a"),
        ),
        (
            "backend = \"embedded\"".into(),
            vec![("WEBSOCKET_URL", "ws://a")],
            Backend::Embedded,
        ),
    ];
    for (text, variables, backend) in cases {
        let loaded = load_with(&text, &variables, Flags::default()).unwrap();
        assert_eq!(loaded.settings.backend, backend, "{text}");
    }
}

#[test]
fn paths_of_the_file_begin_at_its_folder_and_a_tilde_is_home() {
    let store = |text: &str| {
        let loaded = load_with(text, &[("HOME", "/home/me")], Flags::default()).unwrap();
        loaded.settings.store.path
    };
    assert_eq!(store("store.url = \"a.db\""), Path::new("/a.db"));
    assert_eq!(store("store.url = \"~/a.db\""), Path::new("/home/me/a.db"));
    assert_eq!(store("store.url = \"~me/a.db\""), Path::new("/~me/a.db"));
    assert_eq!(
        store("store.url = \"sqlite:///srv/a.db\""),
        Path::new("/srv/a.db")
    );
}

#[test]
fn every_error_says_where_what_it_must_be_and_what_it_is() {
    let remove = |key: &str| format!("remove `{key}` to use the default");
    let many = "correct each of them, or remove it to use its default".to_owned();
    let line = "correct the line; strings need quotes, sections look like `[link]`".to_owned();
    let cases: Vec<(Result<Loaded, ConfigError>, &str, String)> = vec![
        (
            file("[link]\n\nping_ms = 5\n"),
            "/f.toml:3: `link.ping_ms` must be between 1000 and 600000, but is: 5",
            remove("link.ping_ms"),
        ),
        (
            file("link.ping_ms = \"fast\""),
            "/f.toml:1: `link.ping_ms` must be a whole number between 1000 and 600000, but is: \"fast\"",
            remove("link.ping_ms"),
        ),
        (
            file("voice = { synthesis_speed = true }"),
            "/f.toml:1: `voice.synthesis_speed` must be a number between 0.25 and 4, but is: true",
            remove("voice.synthesis_speed"),
        ),
        (
            file("use_tools = 1"),
            "/f.toml:1: `use_tools` must be `true` or `false`, but is: 1",
            remove("use_tools"),
        ),
        (
            file("lang = \"\""),
            "/f.toml:1: `lang` must be `auto`, `en`, `zh` or the name of a file in `words`, such as `de`, but is: \"\"",
            remove("lang"),
        ),
        (
            file("lang = [1]"),
            "/f.toml:1: `lang` must be `auto`, `en`, `zh` or the name of a file in `words`, such as `de`, but is: an array",
            remove("lang"),
        ),
        (
            file("[lang]\nx = 1"),
            "/f.toml:1: `lang` must be `auto`, `en`, `zh` or the name of a file in `words`, such as `de`, but is: a table",
            remove("lang"),
        ),
        (
            file("link = 5"),
            "/f.toml:1: `link` must be a section, `[link]`, but is: 5",
            remove("link"),
        ),
        (
            file("store.url = \"postgres://me:canary@db/x\""),
            "/f.toml:1: `store.url` must be a path or `sqlite:///PATH` (only SQLite is supported), but is: \"postgres://(hidden)@db/x\"",
            remove("store.url"),
        ),
        (
            file("brain.key = 5"),
            "/f.toml:1: `brain.key` must be `env:NAME`, `file:PATH`, `command:CMD` or the secret itself",
            remove("brain.key"),
        ),
        (
            file("backend = \"hom\"\n[backends.home]\nurl = \"ws://h\""),
            "/f.toml:1: `backend` must be `embedded`, a name from `[backends]` or a URL (`ws://`, `wss://`, `http://`, `https://`); `[backends]` has `home`, but is: hom",
            remove("backend"),
        ),
        (
            file("[backends.home]\ntoken = \"env:X\""),
            "/f.toml:1: `backends.home.url` must be a URL (`ws://`, `wss://`, `http://`, `https://`), but is empty",
            remove("backends.home.url"),
        ),
        (
            file("[keys.chat]\nctrl-x = \"quti\""),
            "/f.toml:2: `keys.chat.ctrl-x` must be an action or `none` (no action is called `quti`; the nearest is `quit`), but is: \"quti\"",
            remove("keys.chat.ctrl-x"),
        ),
        (
            file("[keys.page]\nx = \"rename\""),
            "/f.toml:2: `keys.page.x` must be an action or `none` (`rename` needs a title), but is: \"rename\"",
            remove("keys.page.x"),
        ),
        (
            file("persona = \"a\\u001b[2Jb\""),
            "/f.toml:1: `persona` must be a text on one line, but is: \"a\u{fffd}[2Jb\"",
            remove("persona"),
        ),
        (
            env(&[("WS_HEARTBEAT_INTERVAL", "soon")]),
            "`WS_HEARTBEAT_INTERVAL` must be a whole number between 1000 and 600000, but is: soon",
            "unset `WS_HEARTBEAT_INTERVAL`, or give it such a value".into(),
        ),
        (
            env(&[("OPENAI_API_KEY", "canary\n")]),
            "`OPENAI_API_KEY` must be `env:NAME`, `file:PATH`, `command:CMD` or the secret itself",
            "unset `OPENAI_API_KEY`, or give it such a value".into(),
        ),
        (
            load_with(
                "",
                &[],
                Flags {
                    brain: Some("gpt".into()),
                    ..Flags::default()
                },
            ),
            "`--brain` must be `auto`, `builtin`, `local`, `model:NAME` or a URL (`http://`, `https://`), but is: gpt",
            "leave `--brain` out, or give it such a value".into(),
        ),
        (
            load_with(
                "lang = 1\n[ui]\nmax_fps = 90\n",
                &[("DATABASE_URL", "mysql://x")],
                Flags::default(),
            ),
            "/f.toml:1: `lang` must be `auto`, `en`, `zh` or the name of a file in `words`, such as `de`, but is: 1\n\
             /f.toml:3: `ui.max_fps` must be between 1 and 60, but is: 90\n\
             `DATABASE_URL` must be a path or `sqlite:///PATH` (only SQLite is supported), but is: mysql://x",
            many,
        ),
        (
            file("lang = \"zh\"\n  persona = 东京 # x\n"),
            "/f.toml:2:13: string values must be quoted, expected literal string\n    persona = 东京 # x\n              ^",
            line.clone(),
        ),
        (
            file("[link\nping_ms = 1"),
            "/f.toml:1:6: unclosed table, expected `]`\n  [link\n       ^",
            line.clone(),
        ),
        (
            file("a = \"\x1b[2J\""),
            "/f.toml:1:6: invalid basic string, expected non-double-quote visible characters, `\\`\n  a = \"\u{fffd}[2J\"\n       ^",
            line.clone(),
        ),
        (
            file("lang = \"en\"\nlang = \"zh\""),
            "/f.toml:2:1: duplicate key\n  lang = \"zh\"\n  ^",
            line,
        ),
    ];
    for (loaded, wanted, hint) in cases {
        assert_eq!(message(loaded), (wanted.to_owned(), hint));
    }
}

#[test]
fn files_that_cannot_be_read_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("latin1"), b"lang = \"en\"\npersona = \"caf\xe9\"\n").unwrap();
    std::fs::write(at("long"), vec![b'#'; 1024 * 1024 + 1]).unwrap();
    let load = |path: PathBuf| {
        let flags = Flags {
            config: Some(path),
            data_dir: Some("/data".into()),
            ..Flags::default()
        };
        let error = load(&flags, &|_| None).unwrap_err();
        error
            .to_string()
            .replace(&folder.path().display().to_string(), "D")
    };
    assert_eq!(
        load(at("none")),
        "D/none: no such file, though flag --config names it"
    );
    assert_eq!(
        load(at("latin1")),
        "D/latin1:2: the file is not UTF-8 text from here on"
    );
    assert_eq!(
        load(at("long")),
        "D/long: longer than 1048576 bytes, which no configuration is"
    );
    assert_eq!(
        load(folder.path().to_owned()),
        "D: could not be read: Is a directory (os error 21)"
    );
    let named = |name: &str| (name == "HEARSAY_CONFIG").then(|| at("none").display().to_string());
    let error = super::load(&Flags::default(), &named).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("no such file, though variable HEARSAY_CONFIG names it"),
        "{error}"
    );
}

#[test]
fn an_unknown_setting_is_a_warning_with_the_nearest_one() {
    let loaded = file("xyzzy = 1\n[lnik]\nping_ms = 5000\n[link]\npign_ms = 1\n").unwrap();
    assert_eq!(
        loaded.warnings,
        [
            "/f.toml:1: `xyzzy` is no setting; it is ignored",
            "/f.toml:2: `lnik` is no setting; did you mean `link`?",
            "/f.toml:5: `link.pign_ms` is no setting; did you mean `link.ping_ms`?",
        ]
    );
    let many = (0..30).fold(String::new(), |text, n| text + &format!("xyzzy{n} = 1\n"));
    let warnings = file(&many).unwrap().warnings;
    assert_eq!(warnings.len(), 21);
    assert_eq!(warnings[20], "/f.toml: 10 more unknown settings");
}

#[cfg(unix)]
#[test]
fn who_chose_chinese_is_told_in_chinese_what_is_doubtful() {
    let loaded = file("lang = \"zh\"\n[ui]\nmax_fsp = 3\n").unwrap();
    assert_eq!(
        loaded.warnings,
        ["/f.toml:3：没有设置 `ui.max_fsp`；是否想用 `ui.max_fps`？"]
    );
}

#[test]
fn a_secret_that_others_can_read_is_a_warning() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let (path, key) = (folder.path().join("c.toml"), folder.path().join("key"));
    let warnings = |text: &str, mode: u32| {
        for file in [&path, &key] {
            std::fs::write(file, text).unwrap();
            std::fs::set_permissions(file, std::fs::Permissions::from_mode(mode)).unwrap();
        }
        let flags = Flags {
            config: Some(path.clone()),
            data_dir: Some("/data".into()),
            ..Flags::default()
        };
        let warnings = load(&flags, &|_| None).unwrap().warnings.join("\n");
        warnings.replace(&folder.path().display().to_string(), "D")
    };
    let literal = "[brain]\nkey = \"canary\"\n";
    assert_eq!(warnings(literal, 0o600), "");
    assert_eq!(
        warnings(literal, 0o644),
        "D/c.toml: holds the secret `brain.key`, and others can read it; run `chmod 600 D/c.toml`"
    );
    assert_eq!(
        warnings("[brain]\nkey = \"file:key\"\n", 0o640),
        "D/key: holds the secret `brain.key`, and others can read it; run `chmod 600 D/key`"
    );
    assert_eq!(warnings("lang = \"en\"\n", 0o644), "");
}

#[test]
fn explain_tells_everything_but_secrets() {
    let text = "[brain]\nkey = \"canary\"\n[backends.home]\nurl = \"ws://me:canary@h\"\n\
                token = \"canary\"\n[keys.chat]\nctrl-x = \"quit\"\n";
    let loaded = load_with(text, &[("WS_HEARTBEAT_INTERVAL", "5000")], Flags::default()).unwrap();
    let token = &loaded.settings.backends[0].token;
    assert_eq!(token.read().unwrap().as_deref(), Some("canary"));
    let all = format!("{:?}{token:?}{:?}", loaded.explained(), loaded.resolved);
    assert!(!all.contains("canary"), "{all}");
    let one = |key: &str| loaded.explain(key).unwrap().remove(0);
    assert_eq!(
        one("link.heartbeat_ms"),
        Explained {
            key: "link.heartbeat_ms".into(),
            value: "5000".into(),
            toml: "5000".into(),
            origin: Origin::Env {
                name: "WS_HEARTBEAT_INTERVAL".into()
            },
            comment: KEYS[schema::index("link.heartbeat_ms")].comment,
            range: "between 1000 and 600000".into(),
            default: Some("30000".into()),
            variables: vec![
                "HEARSAY_LINK_HEARTBEAT_MS".into(),
                "WS_HEARTBEAT_INTERVAL".into()
            ],
            flag: None,
            choices: vec![],
            secret: false,
        }
    );
    let shown = |key: &str| (one(key).value, one(key).origin.to_string());
    let at = |line: usize| format!("/f.toml:{line}");
    let cases = [
        ("brain.key", "(set, from the configuration file)", at(2)),
        ("backends.home.url", "ws://(hidden)@h", at(4)),
        (
            "backends.home.token",
            "(set, from the configuration file)",
            at(5),
        ),
        ("keys.chat.ctrl-x", "quit", at(7)),
        ("data_dir", "/data", "flag --data-dir".into()),
        ("store.url", "/data/hearsay.db", "default".into()),
    ];
    for (key, value, origin) in cases {
        assert_eq!(shown(key), (value.to_owned(), origin), "{key}");
    }
    assert_eq!(loaded.explain("backends").unwrap().len(), 2);
    let error = loaded.explain("keys.chat.ctrl-y").unwrap_err();
    assert_eq!(error.to_string(), "`keys.chat.ctrl-y` is not set");
    let error = loaded.explain("link.pign_ms").unwrap_err();
    assert_eq!(error.hint(), "the nearest one is `link.ping_ms`");
}

#[test]
fn a_file_as_deep_or_as_long_as_can_be_does_no_harm() {
    let deep = [
        "a.".repeat(100_000) + "a = 1",
        "a = ".to_owned() + &"[".repeat(100_000),
        "a = ".to_owned() + &"{a=".repeat(100_000),
        "[".to_owned() + &"a.".repeat(100_000) + "a]",
        "\"".to_owned() + &"a".repeat(900_000) + "\" = 1",
        (0..60_000).fold(String::new(), |text, n| text + &format!("linkk.n{n} = 1\n")),
    ];
    for text in deep {
        if let Ok(loaded) = file(&text) {
            assert!(matches!(loaded.warnings.len(), 1 | 21));
        }
    }
}

fn loads_or_explains(bytes: &[u8]) -> Result<Option<Settings>, TestCaseError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    std::fs::write(&path, bytes).unwrap();
    let flags = Flags {
        config: Some(path.clone()),
        data_dir: Some("/data".into()),
        ..Flags::default()
    };
    let outcome = load(&flags, &|_| None);
    // A refused file is refused by `set` too, or mended by it; either way it stays readable.
    let _mended_or_refused = edit::set(&path, "lang", "zh", &|_| None);
    match outcome {
        Ok(loaded) => {
            loaded.explained();
            Ok(Some(loaded.settings))
        }
        Err(error) => {
            let text = format!("{error}{}", error.hint());
            prop_assert!(
                !text.chars().any(|c| c.is_control() && c != '\n'),
                "{text:?}"
            );
            Ok(None)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_bytes_as_a_file_load_or_are_explained(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        loads_or_explains(&bytes)?;
    }

    #[test]
    fn anything_that_looks_like_a_file_loads_or_is_explained(text in "([a-z\\[\\]=\"'#., \n\t]|link|keys|chat|backends|lang|é|东|\x1b|[0-9]){0,60}") {
        loads_or_explains(text.as_bytes())?;
    }

    #[test]
    fn any_value_of_any_setting_loads_or_is_explained(at in 0..KEYS.len(), text in any::<String>(), number in any::<i64>()) {
        for value in [Value::Text(text.into()), Value::Int(number), Value::Float(number as f64)] {
            let text = format!("{} = {}", KEYS[at].name, value.to_toml());
            loads_or_explains(text.as_bytes())?;
        }
    }
}

#[test]
fn a_variable_that_only_looks_like_ours_is_named() {
    let names = [
        "HEARSAY_LANG",
        "PATH",
        "HEARSAY_BRIAN",
        "HEARSAY_XYZZY",
        "HEARSAY_TRACE",
    ];
    assert_eq!(
        unknown_variables(names.map(str::to_owned), Lang::En),
        [
            "the variable `HEARSAY_BRIAN` sets nothing; did you mean `HEARSAY_BRAIN`?",
            "the variable `HEARSAY_XYZZY` sets nothing",
        ]
    );
}
