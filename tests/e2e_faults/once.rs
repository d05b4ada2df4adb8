//! Everything that is said is answered once, whatever the network does and whoever is killed: the
//! real program, the real backend in a process of its own, and a bad network between them.

use super::far::EAGER;
use super::{House, kill, leave};
use crate::support::fault_proxy::{End, FaultProxy};
use crate::support::pty::missing;
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// `hearsay serve`, killed when this is dropped.
struct Served(Child);

impl Served {
    fn start(house: &House, listen: &str) -> (Self, std::net::SocketAddr) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_hearsay"))
            .args(["serve", "--listen", listen])
            .env("HEARSAY_DATA_DIR", house.folder.path().join("backend"))
            .env("HEARSAY_CONFIG", house.folder.path().join("config.toml"))
            .env("HEARSAY_BRAIN", "builtin")
            .env("HEARSAY_EARS", "none")
            .env("HEARSAY_VOICE", "builtin")
            .env("HOME", house.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        let (_, rest) = line.trim().split_once("://").unwrap();
        let address = rest.split('/').next().unwrap().parse().unwrap();
        (Self(child), address)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[test]
fn what_is_said_is_answered_once_under_flapping_and_kills_of_both_sides() {
    if missing() {
        return;
    }
    let house = House::new(EAGER);
    let (mut served, address) = Served::start(&house, "127.0.0.1:0");
    let network = house.runtime.block_on(FaultProxy::start(address));
    let url = format!("ws://{}/ws/chat", network.address);
    let mut pty = house.opened(&["--backend", &url], &[]);
    pty.wait_for_text("connected");
    let mut asked = vec![];
    for round in 0..8 {
        for question in 0..3 {
            let text = format!("what is {round} + {}?", 100 + question);
            pty.say(&text);
            // Sent, or kept so that it is said later: either way it is not lost any more.
            pty.wait_for("words that are kept", |screen| {
                let shown = screen.contents();
                shown.contains(&text) && !shown.contains("›·")
            });
            asked.push(text);
            network.cut(if question % 2 == 0 {
                End::Reset
            } else {
                End::Fin
            });
        }
        match round % 4 {
            1 => {
                drop(served);
                served = Served::start(&house, &address.to_string()).0;
            }
            3 => {
                kill(pty);
                pty = house.opened(&["history", "resume", "--backend", &url], &[]);
            }
            _ => {}
        }
    }
    // Nobody tells us when the last of them is answered.
    let answers = || messages(&house, "data/hearsay.db").len() - asked.len();
    let seen = (0..2400).any(|_look| {
        answers() >= asked.len() || {
            std::thread::sleep(std::time::Duration::from_millis(50));
            false
        }
    });
    assert!(seen, "{} answers:\n{}", answers(), pty.picture());
    pty.wait_for_text("idle");
    leave(pty);
    let told = messages(&house, "data/hearsay.db");
    let said = |messages: &[Value]| -> Vec<String> {
        let mine = messages.iter().filter(|message| message["role"] == "user");
        mine.map(|message| message["text"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(said(&told), asked);
    let mut begun = 0;
    for question in told.iter().filter(|message| message["role"] == "user") {
        let of = |other: &&Value| other["turn"] == question["turn"] && other["role"] != "user";
        let answers: Vec<&Value> = told.iter().filter(of).collect();
        let [answer] = answers[..] else {
            panic!("{} answers: {question} in {told:#?}", answers.len());
        };
        // It is right, or it had begun when the line broke, and is marked.
        let sum = right(question["text"].as_str().unwrap());
        let cut = !answer["cut"].is_null();
        assert!(
            cut || answer["text"].as_str().unwrap().contains(&sum),
            "{answer}"
        );
        begun += usize::from(cut);
    }
    // The backend took each in once, and in order; what it had begun when it was killed may be
    // missing there.
    drop(served);
    let kept = std::fs::read_dir(house.folder.path().join("backend/serve")).unwrap();
    let kept: Vec<PathBuf> = kept
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "db"))
        .collect();
    let [kept] = &kept[..] else {
        panic!("one owner: {kept:?}");
    };
    let taken = said(&messages(&house, kept));
    let mut rest = asked.iter();
    assert!(
        taken.iter().all(|one| rest.any(|asked| asked == one)),
        "{taken:?}"
    );
    assert!(taken.len() + begun >= asked.len(), "{taken:?}");
}

/// What a database keeps of its last conversation.
fn messages(house: &House, file: impl AsRef<Path>) -> Vec<Value> {
    let file = house.folder.path().join(file);
    let output = Command::new(env!("CARGO_BIN_EXE_hearsay"))
        .args(["history", "export", "last", "--format", "json"])
        .env("HEARSAY_CONFIG", house.folder.path().join("config.toml"))
        .env("DATABASE_URL", format!("sqlite:///{}", file.display()))
        .output()
        .unwrap();
    let shown: Value = serde_json::from_slice(&output.stdout).unwrap();
    shown["messages"].as_array().unwrap().clone()
}

/// The answer to `what is 1 + 2?`.
fn right(question: &str) -> String {
    let numbers = question.split(|other: char| !other.is_ascii_digit());
    let sum: u32 = numbers
        .filter_map(|number| number.parse::<u32>().ok())
        .sum();
    format!("= {sum}")
}
