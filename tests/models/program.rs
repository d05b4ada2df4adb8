//! `hearsay models` as its user runs it.

use super::house::{GRAPH, LIST, TOKENS, graph, hash, hub, tokens};
use super::support::hub::{Act, Hub};
use super::support::pty::{self, Pty};
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// A home with the list of one model, and a hub that has it.
struct Home {
    folder: TempDir,
}

/// What a run said and how it ended; the home reads `HOME`, the hub `HUB`.
#[derive(Debug, PartialEq, Eq)]
struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Home {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("models.toml"), LIST).unwrap();
        fs::write(folder.path().join("config.toml"), "").unwrap();
        Self { folder }
    }

    fn command(&self, hub: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hearsay"));
        command
            .arg("models")
            .args(arguments)
            .env_clear()
            .env("HOME", self.folder.path())
            .env("HEARSAY_CONFIG", self.folder.path().join("config.toml"))
            .env("HEARSAY_DATA_DIR", self.folder.path().join("data"))
            .env("HF_ENDPOINT", hub)
            .env("LANG", "C.UTF-8")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn run(&self, hub: &Hub, arguments: &[&str]) -> Ran {
        self.ran(&hub.base(), self.command(&hub.base(), arguments))
    }

    fn ran(&self, hub: &str, mut command: Command) -> Ran {
        let output = command.output().unwrap();
        let home = self.folder.path().to_str().unwrap();
        let plain = |bytes: Vec<u8>| {
            let text = String::from_utf8(bytes).unwrap();
            text.replace(home, "HOME").replace(hub, "HUB")
        };
        Ran {
            code: output.status.code(),
            out: plain(output.stdout),
            err: plain(output.stderr),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("data/models/tiny").join(name)
    }
}

fn ran(code: i32, out: &str, err: &str) -> Ran {
    Ran {
        code: Some(code),
        out: out.to_owned(),
        err: err.to_owned(),
    }
}

/// Waits until so many bytes of the graph are here.
fn until_came(home: &Home, bytes: u64, child: &mut Child) {
    let part = home.path("graph.onnx.part");
    while fs::metadata(&part).map_or(0, |about| about.len()) < bytes {
        assert_eq!(child.try_wait().unwrap(), None, "it ended by itself");
        std::thread::yield_now();
    }
}

const PLAN: &str = "\
tiny: ears, en
  size     about 1.0 MB, 2 files
  licence  MIT
  from     HUB/test/tiny
  to       HOME/data/models/tiny
  check    its publisher's SHA-256 is not known here: against what the hub tells, else the first file is recorded and trusted from then on
";

#[test]
fn nothing_is_fetched_without_a_yes() {
    let (home, hub) = (Home::new(), hub());
    let told = "error: nothing was fetched: there is no terminal to ask in\n\
        hint: run `hearsay models pull tiny --yes`\n";
    for arguments in [&["pull", "tiny"][..], &["pull"]] {
        let expected = ran(2, "", &format!("{PLAN}{told}"));
        // Without a name, what suits the language is meant; here two models do.
        let mut run = home.run(&hub, arguments);
        if arguments.len() == 1 {
            run.err = run.err.replace("moonshine-base", "tiny");
            assert_eq!(run.code, Some(2));
            assert!(run.err.ends_with(told), "{run:?}");
        } else {
            assert_eq!(run, expected);
        }
    }
    home.run(&hub, &["list"]);
    home.run(&hub, &["list", "--json"]);
    home.run(&hub, &["verify"]);
    home.run(&hub, &["path"]);
    assert!(hub.asked().is_empty());
    assert!(!home.folder.path().join("data/models").exists());
}

#[test]
fn a_model_is_fetched_checked_damaged_mended_and_removed() {
    let (home, hub) = (Home::new(), hub());
    let (graph_hash, tokens_hash) = (hash(&graph()), hash(&tokens()));
    let pulled = home.run(&hub, &["pull", "tiny", "--yes"]);
    let progress = |err: &str| {
        let kept = err.lines().filter(|line| !line.contains(" %, "));
        kept.fold(String::new(), |text, line| text + line + "\n")
    };
    let graph_line =
        format!("`graph.onnx`: 300 kB, SHA-256 {graph_hash}, recorded, for nobody names one\n");
    let tokens_line =
        format!("`tokens.txt`: 16 B, SHA-256 {tokens_hash}, recorded, for nobody names one\n");
    assert_eq!(
        (pulled.code, pulled.out.as_str(), progress(&pulled.err)),
        (
            Some(0),
            "HOME/data/models/tiny\n",
            format!("{PLAN}{graph_line}{tokens_line}`tiny` is here\n")
        )
    );
    assert!(
        pulled.err.contains("graph.onnx: 100 %, 300 kB of 300 kB\n"),
        "{pulled:?}"
    );
    let again = home.run(&hub, &["pull", "tiny"]);
    let already = "`tiny` is here already, and right\n";
    assert_eq!(again, ran(0, "HOME/data/models/tiny\n", already));

    let right = "HOME/data/models/tiny/graph.onnx`: right, recorded, for nobody names one\n\
        `HOME/data/models/tiny/tokens.txt`: right, recorded, for nobody names one\n\
        `tiny` is whole and right\n";
    assert_eq!(
        home.run(&hub, &["verify"]),
        ran(0, &format!("`{right}"), "")
    );

    let mut damaged = graph();
    damaged[100] ^= 1;
    fs::write(home.path("graph.onnx"), &damaged).unwrap();
    let verified = home.run(&hub, &["verify", "tiny"]);
    let corrupt = format!(
        "`HOME/data/models/tiny/graph.onnx` is corrupt: its SHA-256 should be {graph_hash}, but is \
         {}\n`HOME/data/models/tiny/tokens.txt`: right, recorded, for nobody names one\n",
        hash(&damaged)
    );
    let hint = "error: `tiny` is damaged\nhint: run `hearsay models pull tiny` to mend it\n";
    assert_eq!(verified, ran(1, &corrupt, hint));
    let json = home.run(&hub, &["verify", "tiny", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json[0]["right"], false);
    assert_eq!(json[0]["files"][0]["verdict"], "corrupt");

    let mended = home.run(&hub, &["pull", "tiny", "--yes"]);
    assert_eq!(mended.code, Some(0), "{mended:?}");
    assert!(mended.err.contains("damaged: graph.onnx"), "{mended:?}");
    assert_eq!(fs::read(home.path("graph.onnx")).unwrap(), graph());
    assert_eq!(hub.asked().len(), 3, "the other file was left alone");

    let refused = home.run(&hub, &["rm", "tiny"]);
    assert_eq!(refused.code, Some(2));
    assert!(home.path("graph.onnx").exists());
    let removed = home.run(&hub, &["rm", "tiny", "--yes"]);
    assert_eq!(removed.code, Some(0), "{removed:?}");
    assert!(!home.path("").exists());
    let gone = home.run(&hub, &["rm", "tiny", "--yes"]);
    let not_here = "error: `tiny` is not on this machine\n\
        hint: run `hearsay models pull tiny`\n";
    assert_eq!(gone, ran(1, "", not_here));
}

#[test]
fn a_pull_that_is_killed_in_the_middle_goes_on_where_it_was() {
    let (home, hub) = (Home::new(), hub());
    hub.plan(GRAPH, [Act::Hold(120_000), Act::Hold(60_000)]);
    for came in [120_000, 180_000] {
        let mut child = home
            .command(&hub.base(), &["pull", "tiny", "--yes"])
            .spawn()
            .unwrap();
        until_came(&home, came, &mut child);
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!home.path("graph.onnx").exists());
    }
    let list = home.run(&hub, &["list"]);
    assert!(list.out.contains("180 kB of it are here"), "{list:?}");
    let done = home.run(&hub, &["pull", "tiny", "--yes"]);
    assert_eq!(done.code, Some(0), "{done:?}");
    assert_eq!(fs::read(home.path("graph.onnx")).unwrap(), graph());
    let ranges: Vec<_> = hub.asked().into_iter().map(|one| one.range).collect();
    let from = |bytes: usize| Some(format!("bytes={bytes}-"));
    assert_eq!(ranges, [None, from(120_000), from(180_000), None]);
}

#[test]
fn the_life_of_a_model_is_told_in_chinese() {
    let (home, hub) = (Home::new(), hub());
    let run = |arguments: &[&str]| {
        let mut command = home.command(&hub.base(), arguments);
        command.env("HEARSAY_LANG", "zh");
        home.ran(&hub.base(), command)
    };
    hub.plan(GRAPH, [Act::Hold(120_000)]);
    let mut killed = home
        .command(&hub.base(), &["pull", "tiny", "--yes"])
        .spawn()
        .unwrap();
    until_came(&home, 120_000, &mut killed);
    killed.kill().unwrap();
    killed.wait().unwrap();
    let list = run(&["list"]);
    assert!(list.out.contains("已有 120 kB"), "{list:?}");
    let pulled = run(&["pull", "tiny", "--yes"]);
    assert_eq!(pulled.code, Some(0), "{pulled:?}");
    assert!(pulled.err.ends_with("`tiny` 已在本机\n"), "{pulled:?}");

    let mut damaged = graph();
    damaged[100] ^= 1;
    fs::write(home.path("graph.onnx"), &damaged).unwrap();
    let verified = run(&["verify", "tiny"]);
    let told = "error: `tiny` 已损坏\nhint: 请运行 `hearsay models pull tiny` 修复\n";
    assert_eq!((verified.code, verified.err.as_str()), (Some(1), told));
    let corrupt = format!("已损坏：SHA-256 应为 {}", hash(&graph()));
    assert!(verified.out.contains(&corrupt), "{verified:?}");
    let mended = run(&["pull", "tiny", "--yes"]);
    assert_eq!(mended.code, Some(0), "{mended:?}");
    assert_eq!(fs::read(home.path("graph.onnx")).unwrap(), graph());
    let removed = run(&["rm", "tiny", "--yes"]);
    assert_eq!(removed.code, Some(0), "{removed:?}");
    let gone = run(&["rm", "tiny", "--yes"]);
    let told = "error: 本机没有 `tiny`\nhint: 请运行 `hearsay models pull tiny`\n";
    assert_eq!(gone, ran(1, "", told));
}

#[cfg(unix)]
#[test]
fn a_pull_that_is_interrupted_says_how_to_go_on() {
    let (home, hub) = (Home::new(), hub());
    hub.plan(GRAPH, [Act::Hold(120_000)]);
    let mut child = home
        .command(&hub.base(), &["pull", "tiny", "--yes"])
        .spawn()
        .unwrap();
    until_came(&home, 120_000, &mut child);
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{err}");
    assert!(
        err.ends_with(
            "error: stopped; what came of `tiny` is kept\n\
             hint: run `hearsay models pull tiny` to try again\n"
        ),
        "{err}"
    );
}

#[test]
fn errors_end_with_what_to_do_and_a_code_that_scripts_can_tell() {
    let (home, hub) = (Home::new(), hub());
    let unknown = home.run(&hub, &["pull", "tinny"]);
    let told = "error: no model is called `tinny`\nhint: did you mean `tiny`?\n";
    assert_eq!(unknown, ran(2, "", told));
    let outside = home.run(&hub, &["rm", "../..", "--yes"]);
    assert_eq!(outside.code, Some(2), "{outside:?}");

    let nobody = {
        let gone = Hub::start(&[]);
        gone.base()
    };
    let mut command = home.command(&nobody, &["pull", "tiny", "--yes"]);
    command.env("HEARSAY_LANG", "zh");
    let run = home.ran(&nobody, command);
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(run.err.contains("没有程序在监听"), "{run:?}");

    let mut command = home.command(&hub.base(), &["pull", "tiny"]);
    command.env("HF_HUB_OFFLINE", "1");
    let run = home.ran(&hub.base(), command);
    assert_eq!(run.code, Some(1));
    let files = format!("`graph.onnx` from HUB/{GRAPH}; `tokens.txt` from HUB/{TOKENS}");
    assert!(run.err.contains(&files), "{run:?}");
    assert!(hub.asked().is_empty());

    fs::write(
        home.folder.path().join("models.toml"),
        "[[model]]\nid = 3\n",
    )
    .unwrap();
    let run = home.run(&hub, &["list"]);
    let told = "error: HOME/models.toml:1: `id` must be a text\n\
        hint: correct the line; `docs/models.md` shows how a model is listed\n";
    assert_eq!(run, ran(2, "", told));
}

#[test]
fn a_model_is_imported_and_its_path_told() {
    let (home, hub) = (Home::new(), hub());
    let folder = home.folder.path().join("stick");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("graph.onnx"), graph()).unwrap();
    let stick = folder.to_str().unwrap();
    let some = home.run(&hub, &["import", stick, "--as", "tiny"]);
    let told = "copying `graph.onnx`\n\
        error: `tiny` is not whole yet; missing are `tokens.txt`\n\
        hint: run `hearsay models pull tiny`\n";
    assert_eq!(some, ran(1, "", told));
    fs::write(folder.join("tokens.txt"), tokens()).unwrap();
    let all = home.run(&hub, &["import", stick, "--as", "tiny"]);
    assert_eq!(
        (all.code, all.out.as_str()),
        (Some(0), "HOME/data/models/tiny\n")
    );
    let path = home.run(&hub, &["path", "tiny"]);
    assert_eq!(path, ran(0, "HOME/data/models/tiny\n", ""));
    let path = home.run(&hub, &["path"]);
    assert_eq!(path, ran(0, "HOME/data/models\n", ""));
    assert!(hub.asked().is_empty());
}

#[test]
fn in_a_terminal_it_asks_and_shows_how_far_it_is() {
    if pty::missing() {
        return;
    }
    let (home, hub) = (Home::new(), hub());
    let start = |arguments: &[&str]| {
        let mut command = pty::hearsay(home.folder.path(), arguments);
        command.env("HF_ENDPOINT", hub.base());
        Pty::start(command, 100, 30)
    };
    let mut no = start(&["models", "pull", "tiny"]);
    no.wait_for_text("fetch it? [y/N]");
    no.keys("n\r");
    no.wait_for_text("nothing was fetched");
    assert!(hub.asked().is_empty());
    hub.plan(GRAPH, [Act::Hold(150_000)]);
    let mut yes = start(&["models", "pull", "tiny"]);
    yes.wait_for_text("fetch it? [y/N]");
    yes.keys("y\r");
    // The bar of the first pull stands still with the hub; a second program sees that and waits.
    yes.wait_for_text("1/2 graph.onnx  [#########");
    let second = start(&["models", "pull", "tiny", "--yes"]);
    second.wait_for_text("another program is fetching `tiny`; waiting until it is done");
    yes.keys("\u{3}");
    yes.wait_for_text("stopped; what came of `tiny` is kept");
    second.wait_for_text("`tiny` is here");
}
