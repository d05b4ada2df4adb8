//! The whole program as its user meets it: in a real terminal, with real keys and signals.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "what the tests share may fail a test, and a multiplexer can only be looked at again and again"
)]

mod support;

use std::path::Path;
use std::process::Command;
use support::pty::{Pty, hearsay, missing, other};

const ENTER: &str = "\r";
const CTRL_Q: &str = "\x11";
const CTRL_Z: &str = "\x1a";

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("config.toml"), "").unwrap();
    folder
}

fn leave(mut pty: Pty) {
    pty.keys(CTRL_Q);
    let status = pty.end();
    assert!(status.success(), "{status:?}");
    pty.assert_restored();
}

/// Runs the program without a terminal and hands out what it printed.
fn printed(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_hearsay"))
        .args(arguments)
        .env("HEARSAY_DATA_DIR", folder.join("data"))
        .env("HEARSAY_CONFIG", folder.join("config.toml"))
        .env("HEARSAY_BRAIN", "builtin")
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_question_is_answered_kept_found_and_resumed() {
    if missing() {
        return;
    }
    let folder = folder();
    let mut pty = Pty::assistant(folder.path(), 100, 30);
    pty.say("what is 17 * 3?");
    pty.wait_for_text("51");
    leave(pty);

    let list = printed(folder.path(), &["history", "list"]);
    assert!(list.contains("what is 17 * 3?"), "{list}");
    let found = printed(folder.path(), &["history", "search", "17"]);
    assert!(found.contains("17"), "{found}");

    let pty = Pty::start(hearsay(folder.path(), &["history", "resume"]), 100, 30);
    pty.wait_for_text("51");
    leave(pty);
}

#[test]
fn chinese_is_typed_shown_and_answered() {
    if missing() {
        return;
    }
    let folder = folder();
    let mut pty = Pty::assistant(folder.path(), 80, 24);
    pty.keys("三乘以四");
    pty.wait_for("the typed text with the caret behind it", |screen| {
        let (row, column) = screen.cursor_position();
        let typed = screen.contents_between(row, 0, row, column);
        typed.trim_end().ends_with("三乘以四") && !screen.hide_cursor()
    });
    pty.keys(ENTER);
    pty.wait_for_text("12");
    leave(pty);
}

#[test]
fn a_small_terminal_shows_what_matters() {
    if missing() {
        return;
    }
    let folder = folder();
    let mut pty = Pty::assistant(folder.path(), 40, 12);
    pty.say("what is 6 * 7?");
    pty.wait_for_text("42");
    leave(pty);
}

#[test]
fn a_draft_is_there_after_a_restart() {
    if missing() {
        return;
    }
    let folder = folder();
    let mut pty = Pty::assistant(folder.path(), 80, 24);
    pty.keys("half a thought");
    pty.wait_for_text("half a thought");
    leave(pty);
    let pty = Pty::assistant(folder.path(), 80, 24);
    pty.wait_for_text("half a thought");
    leave(pty);
}

#[test]
fn every_signal_that_ends_us_gives_the_terminal_back() {
    if missing() {
        return;
    }
    for signal in ["TERM", "HUP", "INT", "QUIT"] {
        let folder = folder();
        // A shell compares the settings of the terminal before and after.
        let script = format!(
            "before=$(stty -g); \"{}\"; [ \"$before\" = \"$(stty -g)\" ] && echo same settings",
            env!("CARGO_BIN_EXE_hearsay")
        );
        let mut pty = Pty::start(other(folder.path(), "sh", &["-c", &script]), 80, 24);
        pty.wait_for_text("idle");
        let child = child_of(pty.pid());
        assert!(
            Command::new("kill")
                .args(["-s", signal, &child])
                .status()
                .unwrap()
                .success()
        );
        pty.wait_for_text("same settings");
        pty.end();
        pty.assert_restored();
    }
}

/// The only child of a process.
fn child_of(pid: u32) -> String {
    let listed = Command::new("ps")
        .args(["-o", "pid=", "--ppid", &pid.to_string()])
        .output()
        .unwrap();
    String::from_utf8(listed.stdout).unwrap().trim().to_owned()
}

#[test]
fn a_shell_gets_the_terminal_while_we_sleep_and_we_come_back_whole() {
    if missing() {
        return;
    }
    if Command::new("bash").arg("--version").output().is_err() {
        println!("skipped: there is no bash for its job control");
        return;
    }
    let folder = folder();
    let shell = other(folder.path(), "bash", &["--norc", "--noprofile", "-i"]);
    let mut pty = Pty::start(shell, 80, 24);
    pty.wait_for_text("$");
    pty.say(env!("CARGO_BIN_EXE_hearsay"));
    pty.wait_for_text("idle");
    pty.keys("kept in mind");
    pty.wait_for_text("kept in mind");
    pty.keys(CTRL_Z);
    pty.wait_for("the shell", |screen| {
        !screen.alternate_screen() && screen.contents().contains("Stopped")
    });
    pty.say("stty -a | grep -o -w -e '-echo' || echo the echo is on");
    pty.wait_for_text("the echo is on");
    pty.say("fg");
    pty.wait_for("the screen, painted anew", |screen| {
        screen.alternate_screen()
            && screen.contents().contains("idle")
            && screen.contents().contains("kept in mind")
    });
    pty.keys(CTRL_Q);
    pty.wait_for("the shell, ready for a command", |screen| {
        let rows = screen.contents();
        !screen.alternate_screen() && rows.trim_end().ends_with("\n$")
    });
    pty.say("exit");
    pty.end();
    pty.assert_restored();
}

/// Not a test of its own: the child of the one below, in a terminal.
#[test]
fn child_that_panics() {
    if missing() {
        return;
    }
    let Ok(folder) = std::env::var("HEARSAY_TEST_PANIC") else {
        return;
    };
    let place = std::env::var("HEARSAY_TEST_PANIC_IN").unwrap();
    let logs = hearsay::shell::logs::Logs::new(None);
    hearsay::shell::panic::install(folder.into(), logs, || {});
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut screen =
            hearsay::shell::terminal::Screen::enter(hearsay::shell::terminal::Extent::Whole)
                .unwrap();
        screen
            .draw(|frame| frame.render_widget("a frame", frame.area()))
            .unwrap();
        let panics = || panic!("a fault somewhere \u{1b}]0;owned\u{7}");
        match place.as_str() {
            "the loop" => panics(),
            "a task" => drop(tokio::spawn(async move { panics() }).await),
            "a task that blocks" => drop(tokio::task::spawn_blocking(panics).await),
            _ => drop(std::thread::spawn(panics).join()),
        }
    });
}

#[test]
fn a_panic_anywhere_gives_the_terminal_back_and_says_where_the_report_is() {
    if missing() {
        return;
    }
    for place in ["the loop", "a task", "a task that blocks", "a thread"] {
        let folder = folder();
        let program = std::env::current_exe().unwrap();
        let arguments = ["--exact", "child_that_panics", "--nocapture"];
        let mut command = other(folder.path(), program.to_str().unwrap(), &arguments);
        command.env("HEARSAY_TEST_PANIC", folder.path());
        command.env("HEARSAY_TEST_PANIC_IN", place);
        let mut pty = Pty::start(command, 100, 30);
        let status = pty.end();
        assert_eq!(status.exit_code(), 101, "{place}");
        pty.assert_restored();
        let screen = pty.picture();
        assert!(
            screen.contains("hearsay met a fault of its own"),
            "{place}: {screen}"
        );
        assert!(screen.contains("a fault somewhere"), "{place}: {screen}");
        assert!(!pty.raw().windows(4).any(|bytes| bytes == b"\x1b]0;"));
        let report = std::fs::read_to_string(folder.path().join("crash.txt")).unwrap();
        assert!(report.contains("a fault somewhere"), "{report}");
    }
}

#[test]
fn a_large_paste_is_taken_as_one_text_and_one_that_is_too_large_is_explained() {
    if missing() {
        return;
    }
    let folder = folder();
    let mut pty = Pty::assistant(folder.path(), 80, 24);
    pty.paste("first line\r\nsecond line\rthird line");
    pty.wait_for("three lines, not sent", |screen| {
        let text = screen.contents();
        text.contains("first line") && text.contains("second line") && text.contains("third line")
    });
    let line = "0123456789abcdef ".repeat(60_000);
    pty.paste(&line.repeat(10));
    pty.wait_for_text("a message holds 1 MB");
    leave(pty);
}

#[test]
fn a_burst_of_keys_is_read_to_its_end() {
    if missing() {
        return;
    }
    let folder = folder();
    let mut pty = Pty::assistant(folder.path(), 80, 24);
    // More than is read at a time, and not a paste that ends it.
    pty.keys(["key by key, ".repeat(250).as_str(), "the end"].concat());
    pty.wait_for_text("the end");
    leave(pty);
}

#[test]
fn sizes_may_change_wildly() {
    if missing() {
        return;
    }
    let folder = folder();
    let mut pty = Pty::assistant(folder.path(), 100, 30);
    pty.say("what is 6 * 7?");
    pty.wait_for_text("42");
    for round in 0..100_u16 {
        pty.resize(1 + round * 7 % 200, 1 + round * 11 % 60);
    }
    pty.resize(1, 1);
    pty.resize(80, 24);
    pty.wait_for("the conversation at its new size", |screen| {
        let text = screen.contents();
        text.contains("42") && text.contains("idle")
    });
    leave(pty);
}

#[test]
fn a_terminal_of_one_cell_takes_words_all_the_same() {
    if missing() {
        return;
    }
    for (columns, rows) in [(1, 1), (1, 30), (100, 1)] {
        let folder = folder();
        let mut pty = Pty::start(hearsay(folder.path(), &[]), columns, rows);
        // There is no room to say that it is ready, but for this.
        pty.wait_for_bytes(b"\x1b[?2026l");
        pty.say("what is 6 * 7?");
        pty.resize(80, 24);
        pty.wait_for("the answer", |screen| {
            let text = screen.contents();
            text.contains("42") && text.contains("idle")
        });
        pty.resize(columns, rows);
        leave(pty);
    }
}

#[test]
fn a_wrong_configuration_is_explained_before_the_screen_is_taken() {
    if missing() {
        return;
    }
    let folder = folder();
    let file = folder.path().join("config.toml");
    std::fs::write(&file, "[ui]\nmax_fps = 600\n").unwrap();
    let mut pty = Pty::start(hearsay(folder.path(), &[]), 100, 30);
    assert_eq!(pty.end().exit_code(), 2);
    let screen = pty.picture();
    assert!(screen.contains("between 1 and 60"), "{screen}");
    pty.assert_restored();

    // A key that nobody knows changes nothing: that is worth a warning, not a refusal.
    std::fs::write(&file, "[ui]\nmax_fsp = 50\n").unwrap();
    let pty = Pty::assistant(folder.path(), 100, 30);
    pty.wait_for_text("ui.max_fps");
    leave(pty);
}

#[test]
fn a_store_that_cannot_be_used_does_not_stop_the_chat() {
    if missing() {
        return;
    }
    let folder = folder();
    std::fs::create_dir(folder.path().join("data")).unwrap();
    std::fs::write(folder.path().join("data/hearsay.db"), "this is no database").unwrap();
    let mut pty = Pty::assistant(folder.path(), 100, 30);
    pty.say("what is 6 * 7?");
    pty.wait_for_text("42");
    leave(pty);
    let kept = std::fs::read_to_string(folder.path().join("data/hearsay.db")).unwrap();
    assert_eq!(kept, "this is no database");
}

/// A multiplexer of our own.
struct Tmux<'a>(&'a Path);

impl Tmux<'_> {
    fn run(&self, arguments: &[&str]) -> String {
        let output = Command::new("tmux")
            .arg("-S")
            .arg(self.0.join("tmux"))
            .args(["-f", "/dev/null"])
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("LANG", "C.UTF-8")
            .env("TERM", "xterm-256color")
            .env("HEARSAY_DATA_DIR", self.0.join("data"))
            .env("HEARSAY_CONFIG", self.0.join("config.toml"))
            .env("HEARSAY_BRAIN", "builtin")
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Waits until the pane shows a text. Nobody tells us when a pane changes.
    fn until(&self, text: &str) {
        let screen = || self.run(&["capture-pane", "-p"]);
        let seen = (0..600).any(|_look| screen().contains(text) || pause());
        assert!(seen, "{text} never came:\n{}", screen());
    }
}

/// A moment's rest between two looks at something that cannot be waited for.
fn pause() -> bool {
    std::thread::sleep(std::time::Duration::from_millis(50));
    false
}

#[test]
fn a_multiplexer_shows_the_same_and_closing_its_window_loses_nothing() {
    if missing() {
        return;
    }
    if Command::new("tmux").arg("-V").output().is_err() {
        println!("skipped: there is no tmux");
        return;
    }
    let folder = folder();
    let tmux = Tmux(folder.path());
    let program = env!("CARGO_BIN_EXE_hearsay");
    tmux.run(&["new-session", "-d", "-x", "100", "-y", "30", program]);
    tmux.until("idle");
    tmux.run(&["send-keys", "-l", "三乘以四"]);
    tmux.until("三乘以四");
    tmux.run(&["send-keys", "Enter"]);
    tmux.until("12");
    tmux.run(&["set-buffer", "one\ntwo"]);
    tmux.run(&["paste-buffer", "-p"]);
    tmux.until("two");
    let pid = tmux.run(&["display-message", "-p", "#{pane_pid}"]);
    tmux.run(&["kill-server"]);
    let process = Path::new("/proc").join(pid.trim());
    assert!((0..600).any(|_look| !process.exists() || pause()));
    let pty = Pty::assistant(folder.path(), 100, 30);
    pty.wait_for_text("two");
    leave(pty);
}

#[test]
fn inline_what_was_said_stays_and_the_strip_goes() {
    if missing() {
        return;
    }
    for end in ["keys", "TERM", "INT"] {
        let folder = folder();
        let mut pty = Pty::start(hearsay(folder.path(), &["--inline"]), 70, 20);
        pty.wait_for_text("idle");
        pty.say("what is 17 * 3?");
        pty.wait_for("the answer, and the strip below it", |screen| {
            let text = screen.contents();
            text.contains("51") && text.contains("idle") && !screen.alternate_screen()
        });
        // A page takes the screen, and gives it back.
        pty.keys("\x1bOP");
        pty.wait_for("the help", vt100::Screen::alternate_screen);
        pty.keys("\x1b");
        pty.wait_for("the chat again", |screen| {
            let text = screen.contents();
            !screen.alternate_screen() && text.contains("51") && text.contains("idle")
        });
        pty.resize(50, 12);
        pty.say("三乘以四");
        pty.wait_for("an answer in the new size", |screen| {
            let text = screen.contents();
            text.contains("= 12") && text.contains("idle")
        });
        if end == "keys" {
            pty.keys(CTRL_Q);
        } else {
            let pid = pty.pid().to_string();
            Command::new("kill")
                .args(["-s", end, &pid])
                .status()
                .unwrap();
        }
        assert!(pty.end().success(), "{end}");
        pty.assert_restored();
        let left = pty.picture();
        assert!(
            left.contains("= 12") && !left.contains("idle"),
            "{end}: {left}"
        );
    }
}

#[test]
fn the_mouse_is_reported_only_while_it_is_wished_for_and_writes_nothing() {
    if missing() {
        return;
    }
    let folder = folder();
    let config = folder.path().join("config.toml");
    std::fs::write(config, "[ui]\nmouse = true\n").unwrap();
    let mut pty = Pty::assistant(folder.path(), 90, 24);
    pty.wait_for_bytes(b"\x1b[?1006h");
    pty.keys("hello");
    // The wheel, a click on nothing, a click that comes in two pieces.
    pty.keys("\x1b[<64;10;5M\x1b[<0;10;5M\x1b[<0;10;5m\x1b[<65;10");
    pty.keys(";5M there");
    pty.wait_for_text("hello there");
    let picture = pty.picture();
    assert!(
        !picture.contains("[<") && !picture.contains(";5M"),
        "{picture}"
    );
    // A click on the hint sends.
    let (row, column) = pty.look(|screen| {
        let rows: Vec<String> = screen.rows(0, 90).collect();
        let row = rows
            .iter()
            .position(|row| row.contains("Enter sends"))
            .unwrap();
        (row, rows[row].find("Enter sends").unwrap())
    });
    let column = pty.look(|screen| {
        let rows: Vec<String> = screen.rows(0, 90).collect();
        rows[row].get(..column).unwrap().chars().count()
    });
    pty.keys(format!("\x1b[<0;{};{}M", column + 1, row + 1));
    pty.wait_for("an answer", |screen| {
        let text = screen.contents();
        text.contains("built-in") && text.matches("hello there").count() == 1
    });
    leave(pty);
}
