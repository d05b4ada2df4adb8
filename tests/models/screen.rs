//! Models on the real screen: the list, the question, the line that moves, and a conversation that
//! does not wait for it.

use super::house::{GRAPH, LIST, graph, hub};
use super::support::hub::{Act, Hub};
use super::support::pty::{self, Pty};
use std::fs;
use tempfile::TempDir;

fn start(hub: &Hub, columns: u16, rows: u16) -> (TempDir, Pty) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("models.toml"), LIST).unwrap();
    fs::write(folder.path().join("config.toml"), "").unwrap();
    let mut command = pty::hearsay(folder.path(), &[]);
    command.env("HF_ENDPOINT", hub.base());
    let pty = Pty::start(command, columns, rows);
    pty.wait_for_text("connected");
    (folder, pty)
}

#[test]
fn a_conversation_goes_on_while_a_model_comes() {
    if pty::missing() {
        return;
    }
    let hub = hub();
    hub.plan(GRAPH, [Act::Hold(150_001), Act::Hold(75_002)]);
    let (folder, mut pty) = start(&hub, 100, 30);
    pty.keys("/speech-models\r");
    pty.wait_for_text("models that hear and speak");
    pty.keys("tiny");
    pty.wait_for_text("not here · about 1.0 MB · MIT · ears en");
    assert!(hub.asked().is_empty(), "looking fetches nothing");
    pty.keys("\r");
    pty.wait_for_text("fetch `tiny`? about 1.0 MB, licence: MIT, from");
    assert!(hub.asked().is_empty(), "asking fetches nothing");
    pty.keys("y");
    pty.wait_for_text("fetching tiny 1/2 50 %");
    // The hub stands still, and the assistant does not.
    pty.keys("what is 6 times 7?\r");
    pty.wait_for_text("42");
    pty.wait_for_text("fetching tiny 1/2 50 %");
    pty.keys("/stop-pull\r");
    pty.wait_for_text("stopped; what came of `tiny` is kept");
    pty.wait_for("the line is gone", |screen| {
        !screen.contents().contains("fetching tiny")
    });
    let part = folder.path().join("data/models/tiny/graph.onnx.part");
    assert_eq!(fs::metadata(&part).unwrap().len(), 150_001);
    // It goes on where it was, is cut by the end of the program, and goes on again.
    pty.keys("/pull-model tiny\r");
    pty.wait_for_text("fetch `tiny`?");
    pty.keys("y");
    pty.wait_for_text("fetching tiny 1/2 75 %");
    pty.keys("\u{11}");
    pty.end();
    pty.assert_restored();
    let mut command = pty::hearsay(folder.path(), &[]);
    command.env("HF_ENDPOINT", hub.base());
    let mut pty = Pty::start(command, 40, 12);
    pty.wait_for_text("connected");
    pty.keys("/pull-model tiny\r");
    pty.wait_for_text("fetch `tiny`?");
    pty.keys("y");
    pty.wait_for_text("`tiny` is here");
    let whole = folder.path().join("data/models/tiny/graph.onnx");
    assert_eq!(fs::read(whole).unwrap(), graph());
    let ranges: Vec<_> = hub.asked().into_iter().map(|one| one.range).collect();
    let from = |bytes: usize| Some(format!("bytes={bytes}-"));
    assert_eq!(ranges, [None, from(150_001), from(225_003), None]);
}

#[test]
fn a_pull_that_fails_leaves_the_conversation_alone() {
    if pty::missing() {
        return;
    }
    let hub = Hub::start(&[]);
    let (_folder, mut pty) = start(&hub, 100, 30);
    pty.keys("/pull-model tiny\r");
    pty.wait_for_text("fetch `tiny`?");
    pty.keys("y");
    pty.wait_for_text("there (HTTP 404)");
    pty.wait_for_text("run `hearsay models pull tiny`");
    pty.keys("what is 6 times 7?\r");
    pty.wait_for_text("42");
}
