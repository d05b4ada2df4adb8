//! What takes minutes because the time is real: ten of silence, and a minute and a half of being
//! stopped. That nothing is lost then is tested in paused time, in `src/link`; this is the whole
//! program, and runs when it is asked for:
//!
//! ```sh
//! HEARSAY_LONG=1 cargo test --test e2e_faults long -- --nocapture
//! ```

use super::peer::{Act, Server};
use super::{House, leave};
use crate::support::pty::missing;
use crate::support::{page, skip};
use std::time::{Duration, Instant};

/// How long nobody says anything.
const SILENCE: Duration = Duration::from_mins(10);
/// A backend that puts a silent line away does so after this time.
const IDLE: Duration = Duration::from_mins(1);
/// One that puts lines away on which nothing is asked, after this.
const UNMOVED: Duration = Duration::from_secs(570);
/// How long the program is stopped.
const STOPPED: Duration = Duration::from_secs(90);

/// Whether nobody asked for it; says so.
fn unasked() -> bool {
    let unasked = std::env::var_os("HEARSAY_LONG").is_none();
    if unasked {
        skip("it takes 10 minutes; set `HEARSAY_LONG` to run it");
    }
    unasked || missing()
}

/// Says something, and tells how soon it is answered. The backend answers with the question.
fn answered(pty: &mut crate::support::pty::Pty, text: &str) -> String {
    let began = Instant::now();
    pty.say(text);
    pty.wait_for("the question and its answer", |screen| {
        screen.contents().matches(text).count() == 2
    });
    began.elapsed().as_millis().to_string()
}

#[test]
fn ten_minutes_of_silence_lose_nothing_whatever_a_backend_takes_for_life() {
    if unasked() {
        return;
    }
    // To one, heartbeats are a sign of life, and it puts others away after a minute. The other one
    // puts lines away on which nothing is asked for nine and a half.
    let houses = [
        (Act::Patient(IDLE), House::new("")),
        (Act::Unmoved(UNMOVED), House::new("")),
    ];
    let mut open = houses.map(|(act, house)| {
        let server = house.runtime.block_on(Server::start(vec![act]));
        let url = format!("ws://{}", server.address);
        let mut pty = house.opened(&["--backend", &url], &[]);
        pty.wait_for_text("connected");
        answered(&mut pty, "the first");
        (pty, house, server)
    });
    std::thread::sleep(SILENCE);
    let [(kept, ..), (put_away, ..)] = &mut open;
    for (fault, pty, shown) in [
        (
            "10 min of silence, a backend that closes silent lines after 1 min",
            kept,
            "connected",
        ),
        (
            "10 min of silence, a backend that closes lines without questions",
            put_away,
            "connects when you type",
        ),
    ] {
        pty.wait_for_text(shown);
        let took = answered(pty, "the second");
        let cells = [shown.to_owned(), "-".to_owned(), took, "0".to_owned()];
        page::row("| fault | the user saw |", fault, &cells);
    }
    for (pty, _house, _server) in open {
        leave(pty);
    }
}

#[test]
fn a_program_that_was_stopped_for_a_while_is_ready_at_once_and_does_nothing_twice() {
    if unasked() {
        return;
    }
    let house = House::new("");
    let server = house
        .runtime
        .block_on(Server::start(vec![Act::Patient(IDLE)]));
    let url = format!("ws://{}", server.address);
    let mut pty = house.opened(&["--backend", &url], &[]);
    pty.wait_for_text("connected");
    answered(&mut pty, "the first");
    let signal = |signal: &str| {
        let sent = std::process::Command::new("kill")
            .args(["-s", signal, &pty.pid().to_string()])
            .status();
        assert!(sent.unwrap().success());
    };
    signal("STOP");
    std::thread::sleep(STOPPED);
    let before = pty.raw().len();
    signal("CONT");
    let took = answered(&mut pty, "the second");
    let written = pty.raw().len() - before;
    let saw = format!("{written} bytes to the terminal in all");
    let cells = [saw, "-".to_owned(), took, "0".to_owned()];
    page::row(
        "| fault | the user saw |",
        "the program is stopped for 90 s",
        &cells,
    );
    leave(pty);
}
