//! The fourth: the cable is pulled in mid-sentence and in mid-recording, and the program is killed besides:
//! whatever was said is answered once, in order.

use crate::house::{EARS, House};
use crate::room::{Room, WORDS};
use crate::support::model_server::{ModelServer, Reply, sse, text};
use crate::support::pty::{Pty, missing};
use crate::{lasted, leave, page};
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Child, Stdio};

/// Keeps dialing.
const PATIENT: &str = "[link]\nreconnect_attempts = 0\nreconnect_max_ms = 5000\n";
const SPACE: &str = " ";

/// `hearsay serve` on another machine, as far as the program can tell.
struct Far {
    child: Child,
}

impl Far {
    fn start(house: &House, port: u16, brain: &ModelServer, engines: &ModelServer) -> Self {
        let listen = format!("127.0.0.1:{port}");
        let (brain, engines) = (brain.base(), engines.base());
        let mut command = crate::hearsay(house.home(), &["serve"]);
        let mut child = command
            .env_remove("HEARSAY_CONFIG")
            .env("HEARSAY_DATA_DIR", house.path("far"))
            .env("HEARSAY_SERVE_LISTEN", listen)
            .env("HEARSAY_BRAIN", &brain)
            .env("HEARSAY_MODEL", "tiny")
            .env("HEARSAY_EARS", &engines)
            .env("HEARSAY_VOICE", &engines)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        assert!(line.starts_with("ws://"), "it does not listen: {line}");
        Self { child }
    }

    /// The cable is pulled: nobody says goodbye.
    fn pulled(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Far {
    fn drop(&mut self) {
        // It was pulled already, as a rule.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the brain was asked last, each time.
fn asked(brain: &ModelServer) -> Vec<String> {
    let asked = brain.asked().into_iter();
    let asked = asked.filter(|asked| asked.path.ends_with("/chat/completions"));
    let last = |asked: crate::support::model_server::Asked| {
        let messages = asked.body["messages"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let last = messages.last().map(|message| message["content"].clone());
        last.and_then(|text| text.as_str().map(str::to_owned))
            .unwrap_or_default()
    };
    asked.map(last).collect()
}

fn killed(mut pty: Pty) {
    let pid = rustix::process::Pid::from_raw(pty.pid() as i32).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    pty.end();
}

#[test]
fn what_is_said_while_the_cable_is_out_arrives_once_and_in_order() {
    if missing() {
        return;
    }
    let house = House::with(PATIENT);
    let engines = house.engines(&[]);
    let half = Reply::stream(sse(&[text("Once upon a time there was a cable, and")])).then_hang();
    let answers = [
        half,
        Reply::words(&["That is five."]),
        Reply::words(&["That is nine."]),
    ];
    let brain = house.runtime.block_on(ModelServer::start(answers));
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let far = Far::start(&house, port, &brain, &engines);
    let url = format!("ws://127.0.0.1:{port}/ws/chat");
    let room = Room::new(&house);
    let arguments = [
        "--backend",
        &url,
        "--mic",
        &room.microphone,
        "--speaker",
        "file:out.wav",
    ];
    let any_brain = [("HEARSAY_BRAIN", "auto")];
    let mut pty = house.opened(&arguments, &any_brain);
    pty.wait_for_text("connected");
    pty.say("tell me a story");
    pty.wait_for_text("there was a cable, and");
    far.pulled();
    // In mid-sentence: what came stays, and is marked.
    pty.wait_for_text("down:");
    pty.wait_for_text("there was a cable, and");
    let far = Far::start(&house, port, &brain, &engines);
    pty.wait_for_text("connected");
    pty.wait_for_text("idle");
    // In mid-recording.
    pty.keys(SPACE);
    pty.wait_for_text("microphone open");
    room.says(&WORDS);
    lasted(&pty, "●", 1);
    far.pulled();
    lasted(&pty, "●", 4);
    pty.wait_for_text("down");
    pty.keys(SPACE);
    pty.wait_for_text("waits to be sent");
    pty.say("what is 4 + 5?");
    page::screen("4.1", &pty, &["2 unsent", "retry", "waits to be sent"]);
    assert_eq!(asked(&brain), ["tell me a story"]);
    killed(pty);

    let pty = house.opened(&arguments, &any_brain);
    pty.wait_for_text("waits to be sent");
    let gone = |screen: &vt100::Screen, notice: &str| !screen.contents().contains(notice);
    pty.wait_for("no notice", |screen| gone(screen, "from before"));
    page::screen("4.2", &pty, &["2 unsent", "retry", "what is 4 + 5?"]);
    let far = Far::start(&house, port, &brain, &engines);
    pty.wait_for_text("That is nine.");
    pty.wait_for("no notice", |screen| {
        gone(screen, "connected again") && gone(screen, "from before")
    });
    page::screen("4.3", &pty, &["That is five.", "That is nine.", "idle"]);
    leave(pty);
    drop(far);
    let heard = engines.asked();
    let heard = heard.iter().filter(|asked| asked.path == EARS).count();
    let expected = [
        "tell me a story",
        "what is two plus three",
        "what is 4 + 5?",
    ];
    assert_eq!(
        (asked(&brain), heard),
        (expected.map(str::to_owned).to_vec(), 1)
    );
    let spoken = house.spoken("out.wav");
    assert!(spoken.contains(&"five".to_owned()), "{spoken:?}");
    assert_eq!(house.recordings(), []);
}
