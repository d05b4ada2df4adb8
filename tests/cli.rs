//! The command line as a person and a script meet it: the real program in an empty home, judged
//! by what it prints, where, and how it ends.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    reason = "a test ends where it finds something wrong"
)]

#[path = "cli/ask.rs"]
mod ask;
#[path = "cli/bundle.rs"]
mod bundle;
#[path = "cli/config.rs"]
mod config;
#[path = "cli/ctl.rs"]
mod ctl;
#[path = "cli/demo.rs"]
mod demo;
#[path = "cli/history.rs"]
mod history;
#[path = "cli/house.rs"]
mod house;
#[path = "cli/plain.rs"]
mod plain;
mod support;
#[path = "cli/unread.rs"]
mod unread;

use house::{House, ran};

const SUBCOMMANDS: &[&str] = &[
    "ask",
    "bench",
    "bundle",
    "completions",
    "config",
    "ctl",
    "demo",
    "devices",
    "doctor",
    "history",
    "keys",
    "link",
    "man",
    "replay",
    "script",
];
const FLAGS: &[&str] = &[
    "--backend",
    "--brain",
    "--config",
    "--data-dir",
    "--lang",
    "--log-level",
    "--model",
    "--persona",
    "--record",
    "--trace",
];

fn variable(flag: &str) -> String {
    let name = flag.trim_start_matches('-').replace('-', "_");
    format!("HEARSAY_{}", name.to_uppercase())
}

#[test]
fn help_names_every_subcommand_and_every_shared_flag_with_its_variable() {
    let house = House::new();
    let help = house.run(&["--help"]);
    assert_eq!((help.code, help.err.as_str()), (Some(0), ""));
    for name in SUBCOMMANDS {
        let line = format!("\n  {name} ");
        assert!(help.out.contains(&line), "{name}: {}", help.out);
    }
    for flag in FLAGS {
        assert!(help.out.contains(&format!("      {flag} <")), "{flag}");
        let variable = format!("[env: {}]", variable(flag));
        assert!(help.out.contains(&variable), "{variable}");
    }
    for name in SUBCOMMANDS {
        let help = house.run(&[name, "--help"]);
        assert_eq!((help.code, help.err.as_str()), (Some(0), ""), "{name}");
        for flag in FLAGS {
            assert!(help.out.contains(flag), "{name} does not take {flag}");
        }
    }
}

#[test]
fn the_version_is_the_package_s() {
    let version = concat!("hearsay ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(House::new().run(&["-V"]), ran(0, version, ""));
    let told = House::new().run(&["--version"]);
    assert_eq!((told.code, told.err.as_str()), (Some(0), ""));
    let facts = told.out.strip_prefix(version).unwrap().lines();
    let names: Vec<_> = facts.map(|fact| fact.split(": ").next().unwrap()).collect();
    assert_eq!(names, ["commit", "target", "profile"], "{}", told.out);
}

#[test]
fn a_mistyped_flag_or_subcommand_gets_the_nearest_one() {
    let house = House::new();
    for (arguments, err) in [
        (
            &["--bakend", "x"][..],
            "error: unexpected argument '--bakend' found\n\n  \
             tip: a similar argument exists: '--backend'\n\n\
             Usage: hearsay --backend <NAME|URL>\n\n\
             For more information, try '--help'.\n",
        ),
        (
            &["histry"],
            "error: unrecognized subcommand 'histry'\n\n  \
             tip: a similar subcommand exists: 'history'\n\n\
             Usage: hearsay [OPTIONS] [COMMAND]\n\n\
             For more information, try '--help'.\n",
        ),
    ] {
        assert_eq!(house.run(arguments), ran(2, "", err));
    }
    let unknown = house.run(&["history", "lst"]);
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.err.contains("'list'"), "{}", unknown.err);
}

#[test]
fn completions_and_the_manual_come_from_the_same_definition() {
    let house = House::new();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = house.run(&["completions", shell]);
        assert_eq!((script.code, script.err.as_str()), (Some(0), ""), "{shell}");
        for name in SUBCOMMANDS {
            assert!(script.out.contains(name), "{shell}: {name}");
        }
        assert!(script.out.contains("data-dir"), "{shell}");
    }
    let wrong = house.run(&["completions", "tcsh"]);
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.err.contains("powershell"), "{}", wrong.err);
    let manual = house.run(&["man"]);
    assert_eq!((manual.code, manual.err.as_str()), (Some(0), ""));
    assert!(manual.out.contains(".TH hearsay 1"), "{}", manual.out);
    for flag in FLAGS {
        let escaped = flag.replace('-', "\\-");
        assert!(manual.out.contains(&escaped), "{flag}");
    }
}

#[test]
fn each_command_has_a_manual_page_of_its_own() {
    let house = House::new();
    let pages = house.home().join("pages");
    let wrote = house.run(&["man", "--into", pages.to_str().unwrap()]);
    assert_eq!(wrote, ran(0, "", ""));
    for name in SUBCOMMANDS {
        let page = std::fs::read_to_string(pages.join(format!("hearsay-{name}.1"))).unwrap();
        assert!(page.contains(".TH"), "{name}");
    }
    assert!(pages.join("hearsay.1").exists());
    let hidden = ["demo-ears", "engine", "with-parent"].map(|name| format!("hearsay-{name}.1"));
    assert!(hidden.iter().all(|page| !pages.join(page).exists()));
    let file = house.write("file", "");
    let wrong = house.run(&["man", "--into", file.to_str().unwrap()]);
    assert_eq!((wrong.code, wrong.out.as_str()), (Some(1), ""));
    assert!(
        wrong
            .err
            .starts_with("error: `HOME/file` cannot be written"),
        "{}",
        wrong.err
    );
}

#[test]
fn shells_accept_the_completion_scripts() {
    let house = House::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = house.run(&["completions", shell]).out;
        let file = house.write(shell, script);
        match std::process::Command::new(shell)
            .arg("-n")
            .arg(file)
            .status()
        {
            Ok(status) => assert!(status.success(), "{shell}"),
            Err(why) => skip(&format!("{shell}: {why}")),
        }
    }
}

#[expect(clippy::print_stdout, reason = "a test says what it skips")]
fn skip(why: &str) {
    println!("skipped: {why}");
}

const EMPTY: &str = "error: the question is empty\n\
     hint: try `hearsay ask \"what time is it?\"`, or `hearsay ask -` to read the question from \
     standard input\n";

#[test]
fn without_a_terminal_and_without_a_question_it_says_what_to_do() {
    let house = House::new();
    for (arguments, stdin) in [
        (&[][..], &b""[..]),
        (&[], b" \n\t\n"),
        (&["ask", "-"], b""),
        (&["ask", ""], b""),
    ] {
        let told = house.run_with(arguments, &[], stdin);
        assert_eq!(told, ran(2, "", EMPTY), "{arguments:?}");
    }
}

#[test]
fn what_is_no_text_or_too_long_is_refused_before_anybody_is_asked() {
    let house = House::new();
    for (stdin, err) in [
        (
            b"\xff\xfehello".to_vec(),
            "error: the question is no valid UTF-8 text: byte 1 is wrong\n\
             hint: convert it first, for example with `iconv -t UTF-8`\n",
        ),
        (
            "你好\u{1f600}".as_bytes()[..9].to_vec(),
            "error: the question is no valid UTF-8 text: byte 7 is wrong\n\
             hint: convert it first, for example with `iconv -t UTF-8`\n",
        ),
        (
            vec![b'a'; 10_000_000],
            "error: the question is longer than 1048576 bytes\nhint: ask about a part of it\n",
        ),
    ] {
        for arguments in [&["ask", "-"][..], &[]] {
            let told = house.run_with(arguments, &[], &stdin);
            assert_eq!(told, ran(2, "", err));
        }
    }
    assert!(!house.store().exists());
}

#[test]
fn a_backend_that_is_not_there_is_told_apart_from_a_question_without_answer() {
    let house = House::new();
    // Nobody can listen on port 1 of this address without being asked to.
    let nobody = "ws://127.0.0.1:1/";
    let env = [
        ("WS_RECONNECT_ATTEMPTS", "1"),
        ("WS_RECONNECT_INTERVAL", "10"),
    ];
    let told = house.run_with(&["ask", "--backend", nobody, "hello"], &env, b"");
    assert_eq!((told.code, told.out.as_str()), (Some(3), ""));
    assert!(
        told.err
            .starts_with("error: no connection to the backend: "),
        "{}",
        told.err
    );
    assert!(
        told.err.ends_with("hint: run `hearsay doctor`\n"),
        "{}",
        told.err
    );
    let told = house.run_with(&["ask", "--json", "--backend", nobody, "hello"], &env, b"");
    assert_eq!(told.code, Some(3));
    let event: serde_json::Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!(
        (&event["type"], &event["code"]),
        (&"error".into(), &"no_connection".into())
    );
}

#[test]
fn the_doctor_answers_programs_in_json_whatever_is_wrong() {
    for (house, broken) in [
        (House::new(), "backend"),
        (House::with_config("[link\n"), "configuration"),
    ] {
        let checked = house.run(&["doctor", "--json", "--backend", "ws://127.0.0.1:1/"]);
        assert_eq!((checked.code, checked.err.as_str()), (Some(1), ""));
        let report: serde_json::Value = serde_json::from_str(&checked.out).unwrap();
        let checks = report["checks"].as_array().unwrap();
        let part = |name: &str| checks.iter().find(|check| check["part"] == name);
        assert_eq!(part("program").unwrap()["state"], "good");
        assert_eq!(part(broken).unwrap()["state"], "broken");
        assert!(part(broken).unwrap()["hint"].is_string(), "{report}");
        let told = house.run(&["doctor", "--backend", "ws://127.0.0.1:1/"]);
        assert_eq!(told.code, Some(1));
        assert!(
            told.out.contains(&format!("BAD   {broken}")),
            "{}",
            told.out
        );
    }
}

#[test]
fn the_doctor_finds_a_mistyped_variable() {
    let env = [("HEARSAY_BRIAN", "builtin"), ("HEARSAY_BRAIN", "builtin")];
    let told = House::new().run_with(&["doctor"], &env, b"");
    assert_eq!(told.code, Some(0));
    let doubt = "the variable `HEARSAY_BRIAN` sets nothing; did you mean `HEARSAY_BRAIN`?";
    assert!(told.out.contains(doubt), "{}", told.out);
}

#[test]
fn the_doctor_speaks_chinese_in_columns() {
    let env = [
        ("HEARSAY_LANG", "zh"),
        ("HEARSAY_BRAIN", "builtin"),
        ("ALSA_CONFIG_PATH", "/dev/null"),
        ("PULSE_SERVER", "unix:/none"),
        ("HEARSAY_EARS", "http://127.0.0.1:9/v1"),
        ("HEARSAY_VOICE", "command:cat"),
    ];
    let told = House::new().run_with(&["doctor"], &env, b"");
    assert_eq!(told.code, Some(0));
    let lines: Vec<_> = told.out.lines().collect();
    let (ears, voice) = (lines[lines.len() - 2], lines[lines.len() - 1]);
    assert_eq!(
        [lines[1], lines[5], ears, voice],
        [
            "正常  终端           输出不是终端，助手界面不会打开",
            "注意  大脑           按配置由内置大脑回答",
            "正常  听觉           `whisper-1 (http://127.0.0.1:9/v1)` 识别语音",
            "注意  语音           `cat` 给出的不是可播放的声音：\"你好。\"",
        ]
    );
}

#[test]
fn a_reader_who_leaves_early_is_no_error() {
    let house = House::new();
    let program = env!("CARGO_BIN_EXE_hearsay");
    for arguments in [
        "man",
        "config explain",
        "completions bash",
        "doctor --backend ws://127.0.0.1:1",
    ] {
        let script = format!("{{ {program} {arguments}; echo $? >&3; }} 3>code | true");
        let status = std::process::Command::new("sh")
            .args(["-c", &script])
            .current_dir(house.home())
            .env("HOME", house.home())
            .status()
            .unwrap();
        assert!(status.success());
        let code = std::fs::read_to_string(house.home().join("code")).unwrap();
        let fine = if arguments.starts_with("doctor") {
            ["0", "1"]
        } else {
            ["0", "0"]
        };
        assert!(fine.contains(&code.trim()), "{arguments}: {code}");
    }
}

#[test]
fn what_is_no_recording_is_not_played() {
    let house = House::new();
    let file = house.write("bad.jsonl", "x\n");
    assert_eq!(
        house.run(&["replay", file.to_str().unwrap()]),
        ran(
            1,
            "",
            "error: `HOME/bad.jsonl` is no recording: expected value at line 1 column 1\n"
        )
    );
    assert_eq!(
        house.run(&["replay", "missing"]),
        ran(
            1,
            "",
            "error: cannot read `missing`: No such file or directory (os error 2)\n\
             hint: check the names of the file and its folder\n"
        )
    );
}
