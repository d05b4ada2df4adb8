//! The store against what really happens to programs: killed in the middle of a write, two at
//! once on one file, a full disk, a disk that cannot be written.
//!
//! Each victim is a real process: this test binary, started again as the one test `child`, which
//! does the part that a variable names. It writes `stored ID REVISION` to stderr after the store
//! said so, and what it said is what must be found again.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test says what it skips, and ends where it finds something wrong"
)]
#![cfg(unix)]

#[path = "store_crash/child.rs"]
mod child;

use child::{CONVERSATION, FOLDER, HOW_MANY, PART, WRITER, message};
use hearsay::core::ids::{MessageId, Seed};
use hearsay::core::transcript::Message;
use hearsay::store::Store;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

/// Kills in one run; `HEARSAY_CRASH_ROUNDS` asks for more.
const ROUNDS: usize = 60;
/// Far more than anything here takes.
const LONG: Duration = Duration::from_mins(1);

/// What the children were told to be stored: the newest revision of each message.
type Promised = BTreeMap<MessageId, u32>;

/// A child and what it says.
struct Victim {
    process: Child,
    said: Receiver<(MessageId, u32)>,
}

fn this_binary() -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["child::child", "--exact", "--ignored", "--nocapture"]);
    command
}

/// Starts a child that writes messages: `how_many`, or until it is killed.
fn writer(folder: &Path, name: &str, how_many: Option<usize>) -> Victim {
    let mut command = this_binary();
    command
        .env(PART, "write")
        .env(FOLDER, folder)
        .env(WRITER, name);
    if let Some(how_many) = how_many {
        command.env(HOW_MANY, how_many.to_string());
    }
    let mut process = command
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(process.stderr.take().unwrap()).lines();
    let (tell, said) = mpsc::channel();
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            // A line that a kill cut short promises nothing.
            if let Some(promise) = read_promise(&line) {
                tell.send(promise).unwrap();
            }
        }
    });
    Victim { process, said }
}

fn read_promise(line: &str) -> Option<(MessageId, u32)> {
    let (id, revision) = line
        .strip_prefix("stored ")?
        .strip_suffix('.')?
        .split_once(' ')?;
    Some((id.parse().ok()?, revision.parse().ok()?))
}

impl Victim {
    /// Waits until the child has promised `promises` times, and a little longer.
    fn kill_after(&mut self, promises: usize, longer: Duration, promised: &mut Promised) {
        for _ in 0..promises {
            let (id, revision) = self.said.recv_timeout(LONG).unwrap();
            promised.insert(id, revision);
        }
        let nobody: (mpsc::Sender<()>, Receiver<()>) = mpsc::channel();
        assert_eq!(
            nobody.1.recv_timeout(longer),
            Err(RecvTimeoutError::Timeout)
        );
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        self.collect(promised);
    }

    /// What it said until it ended.
    fn collect(&mut self, promised: &mut Promised) {
        while let Ok((id, revision)) = self.said.recv_timeout(LONG) {
            promised.insert(id, revision);
        }
    }

    fn ends_well(mut self, promised: &mut Promised) {
        self.collect(promised);
        assert!(self.process.wait().unwrap().success());
    }
}

/// Opens the store as the program does, and compares it with what was promised.
fn assert_whole(folder: &Path, promised: &Promised) -> usize {
    let path = folder.join("x.db");
    let store = Store::open(&path).unwrap();
    let (found, above) = match store.summary(CONVERSATION) {
        Ok(_) => store.load(CONVERSATION, None, usize::MAX).unwrap(),
        // It was killed before the first message.
        Err(_) => (vec![], None),
    };
    assert_eq!(above, None, "numbers begin at 1");
    let by_id: BTreeMap<MessageId, &Message> = found.iter().map(|one| (one.id, one)).collect();
    for (id, revision) in promised {
        let message = by_id.get(id).unwrap_or_else(|| panic!("{id} is lost"));
        assert!(
            message.revision >= *revision,
            "{id} fell back to an older revision"
        );
    }
    for stored in &found {
        let written = message(stored.id, stored.revision);
        assert_eq!(stored.text, written.text, "{}: half a revision", stored.id);
        let words = child::word(stored.id);
        let hits = store.search(&words, 10).unwrap();
        let hits: Vec<MessageId> = hits.iter().map(|hit| hit.message).collect();
        assert_eq!(hits, [stored.id], "the index does not know `{words}`");
    }
    drop(store);
    child::assert_sound(&path);
    found.len()
}

#[test]
fn a_kill_in_mid_write_loses_nothing_that_was_told_to_be_stored() {
    let rounds = std::env::var("HEARSAY_CRASH_ROUNDS").map_or(ROUNDS, |n| n.parse().unwrap());
    let mut dice = Seed::new(20_261_121);
    let (mut kills, mut promises, mut messages) = (0, 0, 0);
    while kills < rounds {
        // A new file every ten rounds: its making is killed as well.
        let folder = tempfile::tempdir().unwrap();
        let mut promised = Promised::new();
        for round in 0..10.min(rounds - kills) {
            let mut victim = writer(folder.path(), &format!("{kills}"), None);
            let before = if round % 3 == 0 { 0 } else { dice.draw() % 24 };
            let longer = if before == 0 { 40_000 } else { 4_000 };
            let longer = Duration::from_micros(dice.draw() % longer);
            victim.kill_after(usize::try_from(before).unwrap(), longer, &mut promised);
            messages = messages.max(assert_whole(folder.path(), &promised));
            kills += 1;
        }
        promises += promised.len();
    }
    println!(
        "{kills} kills, {promises} messages promised, none lost, {messages} in the longest store"
    );
    assert!(promises > rounds, "too few were written to prove anything");
}

#[test]
fn two_programs_on_one_file_lose_nothing_and_one_survives_the_death_of_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let mut promised = Promised::new();
    let steady: Vec<Victim> = ["left", "right"]
        .map(|name| writer(folder.path(), name, Some(80)))
        .into();
    let mut doomed = writer(folder.path(), "doomed", None);
    doomed.kill_after(20, Duration::from_millis(1), &mut promised);
    for victim in steady {
        victim.ends_well(&mut promised);
    }
    let found = assert_whole(folder.path(), &promised);
    assert!(found >= 2 * 80 + 20 / 3, "{found}");
}

#[test]
fn a_full_disk_is_named_costs_nothing_stored_and_is_forgiven_when_there_is_space() {
    on_a_disk_of_its_own("fill", "mount -t tmpfs -o size=700k none \"$1\"");
}

#[test]
fn a_disk_that_cannot_be_written_is_named_and_can_still_be_read() {
    on_a_disk_of_its_own(
        "read_only",
        "mount --bind \"$1\" \"$1\" && mount -o remount,ro,bind \"$1\"",
    );
}

#[test]
fn a_limit_on_the_size_of_files_costs_nothing_stored() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("sh");
    command.args([
        "-c",
        "trap '' XFSZ; ulimit -f 700 || exit 77; exec \"$@\"",
        "sh",
    ]);
    finish(command, "limit", folder.path());
}

/// Runs a part of the child where only it sees what is mounted; nothing is left to be undone.
fn on_a_disk_of_its_own(part: &str, mount: &str) {
    let folder = tempfile::tempdir().unwrap();
    if part == "read_only" {
        let mut promised = Promised::new();
        writer(folder.path(), "before", Some(3)).ends_well(&mut promised);
        assert_eq!(assert_whole(folder.path(), &promised), 3);
    }
    let mut command = Command::new("unshare");
    if !rustix::process::geteuid().is_root() {
        command.arg("--map-root-user");
    }
    let script = format!("{{ {mount}; }} || exit 77; shift; exec \"$@\"");
    command
        .args(["--mount", "sh", "-c", &script, "sh"])
        .arg(folder.path());
    finish(command, part, folder.path());
}

/// Runs `command` with this binary as its last arguments. Says why when the system does not
/// allow such a disk: that is no fault of the store.
fn finish(mut command: Command, part: &str, folder: &Path) {
    let binary = this_binary();
    command
        .arg(binary.get_program())
        .args(binary.get_args())
        .env(PART, part)
        .env(FOLDER, folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut process = match command.spawn() {
        Ok(process) => process,
        Err(why) => return println!("skipped: {}: {why}", command.get_program().display()),
    };
    let mut said = String::new();
    process
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    process
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    match process.wait().unwrap().code() {
        Some(0) if said.contains(child::DONE) => println!("{said}"),
        Some(1 | 77) => println!(
            "skipped: the system allows no such disk here: {}",
            said.trim()
        ),
        code => panic!("{code:?}: {said}"),
    }
}
