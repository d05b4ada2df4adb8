//! Remote control: a program in lines, and orders from beside it.

use crate::house::House;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A program in lines that runs until its input ends.
struct Running {
    child: Child,
    input: Option<ChildStdin>,
    told: BufReader<ChildStdout>,
}

impl Running {
    /// Starts it, and waits until its line is up: its door is open then.
    fn start(house: &House) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_hearsay"))
            .arg("--plain")
            .env_clear()
            .env("HOME", house.home())
            .env("LANG", "C.UTF-8")
            .env("HEARSAY_BRAIN", "builtin")
            .current_dir(house.home())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take();
        let told = BufReader::new(child.stdout.take().unwrap());
        let mut running = Self { child, input, told };
        running.until("connection: connected");
        running
    }

    /// Waits until it tells this.
    fn until(&mut self, wanted: &str) {
        let mut line = String::new();
        while line.trim_end() != wanted {
            line.clear();
            let taken = self.told.read_line(&mut line).unwrap();
            assert!(taken > 0, "it never said `{wanted}`");
        }
    }

    fn end(mut self) {
        drop(self.input.take());
        let mut rest = String::new();
        self.told.read_to_string(&mut rest).unwrap();
        assert!(self.child.wait().unwrap().success());
    }
}

#[test]
fn orders_are_carried_out_and_what_makes_no_sense_is_refused() {
    let house = House::new();
    let mut running = Running::start(&house);
    let done = house.run(&["ctl", "say", "what is 17 * 3?"]);
    assert_eq!(
        (done.code, done.out.as_str(), done.err.as_str()),
        (Some(0), "", "")
    );
    running.until("you: what is 17 * 3?");
    running.until("built-in: 17 × 3 = 51");
    running.until("state: idle");
    let status = house.run(&["ctl", "status"]);
    let told = "idle · connected (embedded) · microphone off\n";
    assert_eq!((status.code, status.out.as_str()), (Some(0), told));
    let status = house.run(&["ctl", "status", "--json"]);
    let status: serde_json::Value = serde_json::from_str(&status.out).unwrap();
    assert_eq!(status["state"], "idle");
    assert_eq!(status["microphone"], "off");
    let refused = house.run(&["ctl", "mute"]);
    assert_eq!(
        (refused.code, refused.err.as_str()),
        (Some(1), "error: there is no call\n")
    );
    let wrong = house.run(&["ctl", "do", "quti"]);
    let told = "error: no action is called `quti`\nhint: perhaps `quit` was meant\n";
    assert_eq!((wrong.code, wrong.err.as_str()), (Some(2), told));
    let pid = running.child.id().to_string();
    let done = house.run(&["ctl", "--pid", &pid, "do", "toggle-tools"]);
    assert_eq!(done.code, Some(0));
    running.until("note: tools forbidden");
    let left = house.run(&["ctl", "do", "quit"]);
    assert_eq!((left.code, left.err.as_str()), (Some(0), ""));
    running.end();
}

#[test]
fn who_follows_is_told_each_change_until_the_program_ends() {
    let house = House::new();
    let mut running = Running::start(&house);
    let mut follower = Command::new(env!("CARGO_BIN_EXE_hearsay"))
        .args(["ctl", "status", "--follow", "--json"])
        .env_clear()
        .env("HOME", house.home())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(follower.stdout.take().unwrap()).lines();
    let mut next = || -> serde_json::Value {
        let line = lines.next().unwrap().unwrap();
        serde_json::from_str(&line).unwrap()
    };
    assert_eq!(next()["state"], "idle");
    let input = running.input.as_mut().unwrap();
    writeln!(input, "what is 6 * 7?").unwrap();
    let states: Vec<serde_json::Value> = (0..2).map(|_| next()["state"].clone()).collect();
    assert!(states.contains(&"text_sse".into()), "{states:?}");
    running.end();
    assert!(lines.count() < 100);
    assert!(follower.wait().unwrap().success());
}

#[test]
fn the_door_is_ours_alone_and_goes_with_the_program() {
    let house = House::new();
    let running = Running::start(&house);
    let folder = house.home().join(".local/share/hearsay/run");
    let rights =
        |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let sockets: Vec<_> = std::fs::read_dir(&folder).unwrap().collect();
    assert_eq!(sockets.len(), 1);
    let socket = sockets[0].as_ref().unwrap().path();
    assert_eq!((rights(&folder), rights(&socket)), (0o700, 0o600));
    // Whatever comes through it, the program goes on.
    for nonsense in ["", "\n", "{\"order\":\"explode\"}\n", "\u{0}\u{1b}[2J\n"] {
        let mut guest = std::os::unix::net::UnixStream::connect(&socket).unwrap();
        guest.write_all(nonsense.as_bytes()).unwrap();
        guest.shutdown(std::net::Shutdown::Write).unwrap();
        let mut answer = String::new();
        guest.read_to_string(&mut answer).unwrap();
        assert_eq!(answer, "");
    }
    assert_eq!(house.run(&["ctl", "status"]).code, Some(0));
    running.end();
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
}

#[test]
fn where_no_program_runs_it_says_so() {
    let house = House::new();
    let nobody = house.run(&["ctl", "talk"]);
    assert_eq!(nobody.code, Some(3));
    assert_eq!(
        nobody.err,
        "error: no hearsay runs that could be controlled\n\
         hint: start `hearsay` in another terminal first\n"
    );
    let nobody = house.run(&["ctl", "--pid", "1", "talk"]);
    assert_eq!(nobody.code, Some(3));
    // What a killed program left behind is no program.
    let folder = house.home().join(".local/share/hearsay/run");
    std::fs::create_dir_all(&folder).unwrap();
    drop(std::os::unix::net::UnixListener::bind(folder.join("77.sock")).unwrap());
    assert_eq!(house.run(&["ctl", "status"]).code, Some(3));
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
}
