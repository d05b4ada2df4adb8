//! `hearsay config`: the layers, the file, the editor, and what is never shown.

use crate::house::{House, Ran, ran, rights};
use crate::support;
use std::fs;

/// Stands for a key or token. Nothing may ever print it.
const CANARY: &str = "sk-canary-5d1f";

#[test]
fn path_tells_the_file_whether_it_exists_or_not() {
    let house = House::new();
    let usual = ran(0, "HOME/.config/hearsay/config.toml\n", "");
    assert_eq!(house.run(&["config", "path"]), usual);
    let named = house.run(&["config", "path", "--config", "/x/y.toml"]);
    assert_eq!(named, ran(0, "/x/y.toml\n", ""));
    let named = house.run_with(&["config", "path"], &[("HEARSAY_CONFIG", "/x/z.toml")], b"");
    assert_eq!(named, ran(0, "/x/z.toml\n", ""));
}

#[test]
fn what_is_wrong_with_the_file_is_told_with_its_line_and_what_would_be_right() {
    for (text, told) in [
        (
            &b"[link\nping_ms = 3\n"[..],
            ran(
                2,
                "",
                "error: HOME/.config/hearsay/config.toml:1:6: unclosed table, expected `]`\n  \
                 [link\n       ^\n\
                 hint: correct the line; strings need quotes, sections look like `[link]`\n",
            ),
        ),
        (
            b"[link]\npng_ms = 3000\n",
            ran(
                0,
                "10000\n",
                "warning: HOME/.config/hearsay/config.toml:2: `link.png_ms` is no setting; \
                 did you mean `link.ping_ms`?\n",
            ),
        ),
        (
            b"lang = \"en\"\n[link]\nping_ms = 3\n",
            ran(
                2,
                "",
                "error: HOME/.config/hearsay/config.toml:3: `link.ping_ms` must be between \
                 1000 and 600000, but is: 3\n\
                 hint: remove `link.ping_ms` to use the default\n",
            ),
        ),
        (
            b"lang = \"french\"\n[link]\nping_ms = \"x\"\n",
            ran(
                2,
                "",
                "error: HOME/.config/hearsay/config.toml:1: `lang` must be `auto`, `en`, `zh` \
                 or the name of a file in `words`, such as `de`, but is: \"french\"\n\
                 HOME/.config/hearsay/config.toml:3: `link.ping_ms` must be a whole number \
                 between 1000 and 600000, but is: \"x\"\n\
                 hint: correct each of them, or remove it to use its default\n",
            ),
        ),
        (
            b"lang = \"en\"\n# \xff\n",
            ran(
                2,
                "",
                "error: HOME/.config/hearsay/config.toml:2: the file is not UTF-8 text from \
                 here on\nhint: save it as UTF-8\n",
            ),
        ),
    ] {
        let house = House::with_config(text);
        assert_eq!(house.run(&["config", "get", "link.ping_ms"]), told);
    }
}

#[test]
fn a_file_that_cannot_be_read_is_told_with_what_helps() {
    let house = House::new();
    assert_eq!(
        house.run(&["config", "get", "--config", "missing.toml"]),
        ran(
            2,
            "",
            "error: missing.toml: no such file, though flag --config names it\n\
             hint: create missing.toml, or leave it out\n"
        )
    );
    fs::create_dir_all(house.config()).unwrap();
    assert_eq!(
        house.run(&["config", "get"]),
        ran(
            1,
            "",
            "error: HOME/.config/hearsay/config.toml: could not be read: Is a directory \
             (os error 21)\nhint: name a file, not a folder\n"
        )
    );
}

#[test]
fn every_layer_wins_over_those_below_it_and_explain_says_which_one_did() {
    let house = House::new();
    let from = |house: &House, arguments: &[&str], env: &[(&str, &str)]| {
        let arguments = [arguments, &["config", "explain", "persona"]].concat();
        let told = house.run_with(&arguments, env, b"");
        assert_eq!((told.code, told.err.as_str()), (Some(0), ""));
        let lines: Vec<String> = told
            .out
            .lines()
            .take(2)
            .map(|line| line.trim().to_owned())
            .collect();
        lines.join(" ")
    };
    let variable = [("HEARSAY_PERSONA", "c")];
    assert_eq!(
        from(&house, &[], &[]),
        "persona = \"friendly\" from      default"
    );
    house.write(".config/hearsay/config.toml", "\npersona = \"b\"\n");
    assert_eq!(
        from(&house, &[], &[]),
        "persona = \"b\" from      HOME/.config/hearsay/config.toml:2"
    );
    assert_eq!(
        from(&house, &[], &variable),
        "persona = \"c\" from      variable HEARSAY_PERSONA"
    );
    assert_eq!(
        from(&house, &["--persona", "d"], &variable),
        "persona = \"d\" from      flag --persona"
    );
}

#[test]
fn the_variables_of_other_programs_count_and_those_of_our_own_name_win() {
    let house = House::new();
    let home = house.home().to_str().unwrap().to_owned();
    let address = format!("sqlite://{home}/o.db");
    for (variable, value, key, found) in [
        (
            "WEBSOCKET_URL",
            "ws://localhost:9/ws",
            "link.url",
            "ws://localhost:9/ws",
        ),
        ("WS_RECONNECT_ATTEMPTS", "7", "link.reconnect_attempts", "7"),
        (
            "WS_RECONNECT_INTERVAL",
            "5000",
            "link.reconnect_interval_ms",
            "5000",
        ),
        (
            "WS_HEARTBEAT_INTERVAL",
            "31000",
            "link.heartbeat_ms",
            "31000",
        ),
        ("VOICE_SYNTHESIS_VOICE", "v", "voice.synthesis_voice", "v"),
        (
            "VOICE_SYNTHESIS_SPEED",
            "1.5",
            "voice.synthesis_speed",
            "1.5",
        ),
        (
            "VOICE_SYNTHESIS_VOLUME",
            "0.5",
            "voice.synthesis_volume",
            "0.5",
        ),
        (
            "VOICE_RECOGNITION_LANGUAGE",
            "de-DE",
            "voice.recognition_language",
            "de-DE",
        ),
        ("SSE_TIMEOUT_BASE", "31", "timeouts.sse_base_s", "31"),
        (
            "SSE_TIMEOUT_PER_CHAR",
            "0.3",
            "timeouts.sse_per_char_s",
            "0.3",
        ),
        ("SSE_TIMEOUT_MAX", "301", "timeouts.sse_max_s", "301"),
        ("TTS_TIMEOUT_BASE", "61", "timeouts.tts_base_s", "61"),
        (
            "TTS_TIMEOUT_PER_CHAR",
            "0.4",
            "timeouts.tts_per_char_s",
            "0.4",
        ),
        ("TTS_TIMEOUT_MAX", "601", "timeouts.tts_max_s", "601"),
        ("STT_TIMEOUT_BASE", "32", "timeouts.stt_base_s", "32"),
        (
            "STT_TIMEOUT_PER_CHAR",
            "0.5",
            "timeouts.stt_per_char_s",
            "0.5",
        ),
        ("STT_TIMEOUT_MAX", "181", "timeouts.stt_max_s", "181"),
        ("DATABASE_URL", &address, "store.url", "sqlite://HOME/o.db"),
        ("DEBUG", "true", "debug", "true"),
        (
            "OPENAI_BASE_URL",
            "http://localhost:8/v1",
            "brain.url",
            "http://localhost:8/v1",
        ),
        (
            "HEARSAY_BACKEND",
            "ws://localhost:1/",
            "backend",
            "ws://localhost:1/",
        ),
        ("HEARSAY_BRAIN", "builtin", "brain.use", "builtin"),
        ("HEARSAY_DATA_DIR", "/d", "data_dir", "/d"),
        ("HEARSAY_LANG", "zh", "lang", "zh"),
        ("HEARSAY_LOG_LEVEL", "warn", "log_level", "warn"),
        ("HEARSAY_MODEL", "m", "brain.model", "m"),
    ] {
        let told = house.run_with(&["config", "get", key], &[(variable, value)], b"");
        assert_eq!(told, ran(0, &format!("{found}\n"), ""), "{variable}");
    }
    let both = [
        ("WS_HEARTBEAT_INTERVAL", "31000"),
        ("HEARSAY_LINK_HEARTBEAT_MS", "32000"),
    ];
    let told = house.run_with(&["config", "get", "link.heartbeat_ms"], &both, b"");
    assert_eq!(told, ran(0, "32000\n", ""));
    assert_eq!(
        house.run_with(
            &["config", "get", "lang"],
            &[("WS_HEARTBEAT_INTERVAL", "4")],
            b""
        ),
        ran(
            2,
            "",
            "error: `WS_HEARTBEAT_INTERVAL` must be between 1000 and 600000, but is: 4\n\
             hint: unset `WS_HEARTBEAT_INTERVAL`, or give it such a value\n"
        )
    );
}

#[test]
fn set_changes_one_value_and_keeps_comments_order_and_rights() {
    let before = "# mine\npersona = \"x\" # why\n\n[ui]\n# slow line\nmax_fps = 30\n\n[link]\nping_ms = 3000\n";
    let house = House::with_config(before);
    assert_eq!(
        house.run(&["config", "set", "ui.max_fps", "20"]),
        ran(0, "", "")
    );
    assert_eq!(
        house.run(&["config", "set", "persona", "y"]),
        ran(0, "", "")
    );
    let after = before.replace("30\n", "20\n").replace("\"x\"", "\"y\"");
    assert_eq!(fs::read_to_string(house.config()).unwrap(), after);
    for (key, value, err) in [
        (
            "link.png_ms",
            "3",
            "error: no setting is called `link.png_ms`\nhint: the nearest one is `link.ping_ms`\n",
        ),
        (
            "link.ping_ms",
            "3",
            "error: `link.ping_ms` must be between 1000 and 600000, but is: 3\n\
             hint: `hearsay config explain link.ping_ms` says more\n",
        ),
    ] {
        assert_eq!(house.run(&["config", "set", key, value]), ran(2, "", err));
    }
    assert_eq!(fs::read_to_string(house.config()).unwrap(), after);
    assert_eq!(
        house.run_with(
            &["config", "set", "lang", "zh"],
            &[("HEARSAY_LANG", "en")],
            b""
        ),
        ran(
            0,
            "",
            "warning: the variable `HEARSAY_LANG` is set and wins over the file\n"
        )
    );
}

#[test]
fn a_file_made_by_set_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let house = House::new();
    assert_eq!(
        house.run(&["config", "set", "link.ping_ms", "3000"]),
        ran(0, "", "")
    );
    let told = house.run(&["config", "get", "link.ping_ms"]);
    assert_eq!(told, ran(0, "3000\n", ""));
    let mode = fs::metadata(house.config()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn edit_opens_the_editor_on_a_file_that_explains_itself_and_checks_it_afterwards() {
    let house = House::new();
    let script = house.home().join("editor");
    support::program(&script, "echo 'lang = \"french\"' > \"$2\"\necho \"$1\"");
    let editor = format!("{} --wait", script.display());
    let told = house.run_with(&["config", "edit"], &[("EDITOR", "true")], b"");
    assert_eq!(told, ran(0, "", ""));
    let example = include_str!("../../config.example.toml");
    assert_eq!(fs::read_to_string(house.config()).unwrap(), example);
    assert_eq!(
        house.run_with(&["config", "edit"], &[("EDITOR", &editor)], b""),
        ran(
            2,
            "--wait\n",
            "error: HOME/.config/hearsay/config.toml:1: `lang` must be `auto`, `en`, `zh` \
             or the name of a file in `words`, such as `de`, but is: \"french\"\nhint: remove `lang` to use the default\n"
        )
    );
    for (editor, why) in [
        ("/missing/ed", "No such file or directory (os error 2)"),
        ("false", "it ended with exit status: 1"),
    ] {
        let err = format!(
            "error: the editor `{editor}` did not do its work: {why}\n\
             hint: set `EDITOR` to an editor you have\n"
        );
        let told = house.run_with(&["config", "edit"], &[("EDITOR", editor)], b"");
        assert_eq!(told, ran(1, "", &err));
    }
}

fn without_canary(ran: Ran) -> Ran {
    assert!(!ran.out.contains(CANARY), "{}", ran.out);
    assert!(!ran.err.contains(CANARY), "{}", ran.err);
    ran
}

#[test]
fn a_secret_is_never_shown_and_one_that_others_can_read_is_warned_of() {
    let text = format!(
        "[brain]\nkey = \"{CANARY}\"\n[backends.home]\nurl = \"ws://127.0.0.1:1\"\n\
         token = \"{CANARY}\"\n"
    );
    let house = House::with_config(&text);
    let once = [
        ("WS_RECONNECT_ATTEMPTS", "1"),
        ("WS_RECONNECT_INTERVAL", "10"),
    ];
    let told = |arguments: &[&str]| without_canary(house.run_with(arguments, &once, b""));
    let set = "(set, from the configuration file)\n";
    assert_eq!(told(&["config", "get", "brain.key"]), ran(0, set, ""));
    assert_eq!(
        told(&["config", "get", "backends.home.token"]),
        ran(0, set, "")
    );
    told(&["config", "get"]);
    told(&["config", "explain"]);
    told(&["config", "set", "link.ping_ms", "3000"]);
    told(&["doctor", "--backend", "home", "--log-level", "trace"]);
    told(&["ask", "--backend", "home", "--log-level", "trace", "x"]);
    let variable = [("OPENAI_API_KEY", CANARY)];
    let told = house.run_with(&["config", "explain", "brain.key"], &variable, b"");
    without_canary(told);
    for broken in [
        format!("[brain]\nkey = [\"{CANARY}\"]\n"),
        format!("[backends.home]\ntoken = \"{CANARY}\"\n"),
    ] {
        without_canary(House::with_config(broken).run(&["config", "get"]));
    }
    rights(&house.config(), 0o644);
    assert_eq!(
        without_canary(house.run(&["config", "get", "lang"])),
        ran(
            0,
            "auto\n",
            "warning: HOME/.config/hearsay/config.toml: holds the secret `brain.key`, and \
             others can read it; run `chmod 600 HOME/.config/hearsay/config.toml`\n"
        )
    );
}

#[test]
fn a_secret_on_the_command_line_is_taken_with_a_warning() {
    let house = House::new();
    let told = without_canary(house.run(&["config", "set", "brain.key", CANARY]));
    assert_eq!(
        told,
        ran(
            0,
            "",
            "warning: HOME/.config/hearsay/config.toml now holds a secret, and so may your \
             shell's history; `hearsay config set brain.key command:CMD` or `env:NAME` avoids \
             that\n"
        )
    );
}

#[test]
fn another_language_is_one_file() {
    let house = House::new();
    let folder = house.home().join(".config/hearsay/words");
    fs::create_dir_all(&folder).unwrap();
    let template = house.run(&["--lang", "en", "config", "words"]).out;
    let missed = house.run(&["--lang", "de", "config", "words"]);
    let told = "warning: there is no language `de`: no file HOME/.config/hearsay/words/de.toml; \
                `hearsay config words` prints one to translate\n";
    assert_eq!(missed, ran(0, &template, told));

    // What is printed to be translated is such a file already; one sentence of it is wrong.
    let english = "StateIdle = \"idle\"";
    assert!(template.contains(english), "{template}");
    let words = template.replace(english, "StateIdle = \"bereit\"\nStateOdd = \"x\"");
    fs::write(folder.join("de.toml"), &words).unwrap();
    let line = 1 + words
        .lines()
        .position(|line| line.starts_with("StateOdd"))
        .unwrap();
    let told = format!(
        "warning: HOME/.config/hearsay/words/de.toml:{line}: no sentence is called `StateOdd`; \
         this sentence stays English\n"
    );
    let again = ran(0, &words.replace("StateOdd = \"x\"\n", ""), &told);
    assert_eq!(house.run(&["--lang", "de", "config", "words"]), again);
    let of_environment = house.run_with(&["config", "words"], &[("LANG", "de_AT.UTF-8")], b"");
    assert_eq!(of_environment, again);

    fs::write(folder.join("de.toml"), b"StateIdle = \"bereit").unwrap();
    let torn = house.run(&["--lang", "de", "config", "words"]);
    assert_eq!((torn.code, &torn.out), (Some(0), &template));
    assert!(
        torn.err
            .starts_with("warning: HOME/.config/hearsay/words/de.toml:1: "),
        "{torn:?}"
    );
    assert!(
        torn.err.ends_with("; the screen stays English\n"),
        "{torn:?}"
    );
}
