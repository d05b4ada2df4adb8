//! Whoever leaves is not held up, whatever the program waits for.

use super::frames::text;
use super::peer::{Act, Server, Then};
use super::{CTRL_Q, House};
use crate::support::disk::Mounted;
use crate::support::fault_proxy::{FaultProxy, Way};
use crate::support::model_server::Reply;
use crate::support::page;
use crate::support::pty::{Pty, missing};
#[cfg(target_os = "linux")]
use crate::support::silent_names::SilentNames;
use std::time::{Duration, Instant};

/// Waits for everything longer than any test may take: who waited for the line would be noticed.
const PATIENT: &str = "[link]\nping_ms = 600000\npong_timeout_ms = 600000\n\
     connect_timeout_ms = 600000\ngreeting_timeout_ms = 600000\n";

/// Leaves, and tells how long that took.
fn leave(mut pty: Pty, amid: &str) {
    let began = Instant::now();
    pty.keys(CTRL_Q);
    let status = pty.end();
    told(amid, "`Ctrl+Q`", began);
    assert!(status.success(), "{amid}: {status:?}");
    pty.assert_restored();
}

fn told(amid: &str, how: &str, began: Instant) {
    let took = began.elapsed().as_millis().to_string();
    page::row("| amid | by |", amid, &[how.to_owned(), took]);
}

#[test]
fn whoever_leaves_waits_for_no_backend() {
    if missing() {
        return;
    }
    let half = text(r#"{"type":"stream_chunk","content":"ab"}"#)[..9].to_vec();
    let large = "x".repeat(900_000);
    for (amid, act, up, say) in [
        ("nothing", Act::Serve, true, None),
        (
            "half a frame, then silence",
            Act::Asked(half, Then::Freeze),
            true,
            Some("hello"),
        ),
        (
            "a backend that reads nothing, with 900 kB to be sent",
            Act::Asked(vec![], Then::Freeze),
            true,
            Some(large.as_str()),
        ),
        (
            "an upgrade that is never answered",
            Act::Instead(vec![], Then::Hold),
            false,
            None,
        ),
        (
            "half a head, then silence",
            Act::Instead(b"HTTP/1.1 101 Sw".to_vec(), Then::Freeze),
            false,
            None,
        ),
        (
            "no greeting",
            Act::Ungreeted(vec![], Then::Freeze),
            false,
            None,
        ),
    ] {
        let house = House::new(PATIENT);
        let mut server = house.runtime.block_on(Server::start(vec![act]));
        let url = format!("ws://{}", server.address);
        let mut pty = house.opened(&["--backend", &url], &[]);
        if up {
            pty.wait_for_text("connected");
        }
        if let Some(say) = say {
            pty.paste(say);
            pty.say("");
        }
        if amid != "nothing" {
            // It has done what it does.
            house.runtime.block_on(server.told.recv()).unwrap();
        }
        leave(pty, amid);
    }
    let house = House::new(PATIENT);
    let server = house.runtime.block_on(Server::start(vec![]));
    let network = house.runtime.block_on(FaultProxy::start(server.address));
    let mut pty = house.opened(&["--backend", &format!("ws://{}", network.address)], &[]);
    pty.wait_for_text("connected");
    let dead = Way {
        black_hole: true,
        ..Way::default()
    };
    network.set(|faults| (faults.up, faults.down) = (dead, dead));
    pty.say("does anybody hear me?");
    pty.wait_for_text("› does anybody hear me?");
    leave(pty, "packets that vanish");
}

#[test]
fn whoever_leaves_does_not_wait_until_the_line_is_dialed_again() {
    if missing() {
        return;
    }
    let house = House::new("[link]\nreconnect_interval_ms = 600000\n");
    let server = house.runtime.block_on(Server::start(vec![]));
    let place = house.runtime.block_on(server.kill());
    let mut pty = house.opened(&["--backend", &format!("ws://{place}")], &[]);
    pty.wait_for_text("retry");
    pty.say("does anybody hear me?");
    pty.wait_for_text("1 unsent");
    leave(pty, "nobody listens, and the next attempt is far");
    let kept = house.printed(&["history", "show", "last"]);
    assert!(kept.contains("does anybody hear me?"), "{kept}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_server_for_names_that_never_answers_is_told_of_and_left_in_a_moment() {
    let test = "leaving::a_server_for_names_that_never_answers_is_told_of_and_left_in_a_moment";
    let Some(_names) = SilentNames::within(test) else {
        return;
    };
    if missing() {
        return;
    }
    let url = "ws://backend.example/ws/chat";
    let amid = "a server for names that never answers";
    let house = House::new(PATIENT);
    let mut pty = house.opened(&["--backend", url], &[]);
    pty.wait_for_text("connecting");
    pty.say("does anybody hear me?");
    pty.wait_for_text("1 unsent");
    leave(pty, amid);
    let kept = house.printed(&["history", "show", "last"]);
    assert!(kept.contains("does anybody hear me?"), "{kept}");

    let house = House::new("[link]\nconnect_timeout_ms = 1000\n");
    let mut pty = house.opened(&["--backend", url], &[]);
    pty.wait_for_text("nobody answers there");
    // As people leave who know no key.
    let began = Instant::now();
    pty.keys("\x03\x03");
    let status = pty.end();
    let amid = "a server for names that never answers, again and again";
    told(amid, "`Ctrl+C` twice", began);
    assert!(status.success(), "{status:?}");
    pty.assert_restored();
}

#[test]
fn every_signal_ends_what_is_under_way_and_keeps_it() {
    if missing() {
        return;
    }
    for signal in ["TERM", "HUP", "INT", "QUIT"] {
        let house = House::new("");
        let mut server = house.model([Reply::silence()]);
        let mut pty = house.thinking_with(&server);
        pty.say("anybody there?");
        house.until_questions(&mut server, 1);
        end(&mut pty, signal, &format!("{signal} while a model thinks"));
        let kept = house.printed(&["history", "show", "last"]);
        assert!(kept.contains("anybody there?"), "{kept}");

        let house = House::new("");
        let mut pty = house.opened(&["--mic", "null", "--speaker", "null"], &[]);
        pty.wait_for_text("connected");
        pty.keys(" ");
        pty.wait_for_text("microphone open");
        pty.wait_for_text("● 1.");
        end(&mut pty, signal, &format!("{signal} while somebody talks"));
        let clips = std::fs::read_dir(house.folder.path().join("data/clips")).unwrap();
        let lengths: Vec<_> = clips
            .map(|clip| hound::WavReader::open(clip.unwrap().path()).unwrap())
            .map(|clip| clip.duration())
            .collect();
        // Whole, and as long as it was.
        assert!(
            matches!(lengths[..], [length] if length >= 16_000),
            "{lengths:?}"
        );
    }
}

fn end(pty: &mut Pty, signal: &str, amid: &str) {
    let began = Instant::now();
    let sent = std::process::Command::new("kill")
        .args(["-s", signal, &pty.pid().to_string()])
        .status();
    assert!(sent.unwrap().success());
    let status = pty.end();
    told(amid, "signal", began);
    assert!(status.success(), "{amid}: {status:?}");
    pty.assert_restored();
}

#[test]
fn a_terminal_that_does_not_read_costs_frames_and_no_words() {
    if missing() {
        return;
    }
    let house = House::new("");
    let long: Vec<String> = (0..300).map(|line| format!("line {line}\n\n")).collect();
    let pieces: Vec<&str> = long.iter().map(String::as_str).collect();
    let server = house.model([
        Reply::words(&pieces),
        Reply::words(&["short"]),
        Reply::silence(),
    ]);
    let mut pty = house.thinking_with(&server);
    pty.hold();
    pty.say("tell me a long story");
    house.until_kept("line 299");
    pty.say("and now?");
    house.until_kept("short");
    pty.read_on();
    pty.wait_for("the screen as it is", |screen| {
        let shown = screen.contents();
        shown.contains("line 299") && shown.contains("short") && shown.contains("idle")
    });
    // Nobody who leaves waits for it, either.
    pty.hold();
    pty.say(&"key by key, ".repeat(300));
    let began = Instant::now();
    pty.keys(CTRL_Q);
    while !pty.has_ended() {
        assert!(began.elapsed() < Duration::from_mins(1), "it goes on");
        std::thread::sleep(Duration::from_millis(1));
    }
    told("a terminal that does not read", "`Ctrl+Q`", began);
}

#[test]
fn a_full_disk_leaves_the_configuration_as_it_is() {
    let house = House::new("");
    let Some(_disk) = Mounted::new(house.folder.path().join("small"), "size=64k") else {
        return;
    };
    let file = house.folder.path().join("small/config.toml");
    let before = "# mine\nlang = \"zh\"\n";
    std::fs::write(&file, before).unwrap();
    crate::support::disk::fill(&house.folder.path().join("small/ballast"));
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_hearsay"))
        .args(["config", "set", "lang", "en"])
        .env("HEARSAY_DATA_DIR", house.folder.path().join("data"))
        .env("HEARSAY_CONFIG", &file)
        .output()
        .unwrap();
    assert!(!output.status.success(), "{output:?}");
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(
        told.contains("error: ") && told.contains("hint: "),
        "{told}"
    );
    assert_eq!(std::fs::read_to_string(&file).unwrap(), before);
    let left = std::fs::read_dir(house.folder.path().join("small")).unwrap();
    assert_eq!(left.count(), 2, "the file and the ballast");
}
