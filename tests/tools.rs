//! Tools in the real program: a model asks for them, the user allows them, a server of tools works
//! behind it.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "what the tests share may fail a test")]

mod support;

use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Output};
use support::model_server::{ModelServer, Reply, finish, text};
use support::pty::{Pty, hearsay, missing};
use support::tool_server;

#[test]
fn a_tool_server_when_asked_to_be_one() {
    tool_server::serve();
}

/// A model that asks for these uses of tools.
fn asks_for(calls: &[(&str, &str)]) -> Reply {
    let calls: Vec<_> = calls
        .iter()
        .enumerate()
        .map(|(at, (name, arguments))| {
            json!({ "index": at, "id": format!("c{at}"),
                    "function": { "name": name, "arguments": arguments } })
        })
        .collect();
    Reply::events(&[
        json!({ "choices": [{ "index": 0, "delta": { "tool_calls": calls } }] }),
        finish("tool_calls"),
    ])
}

fn says(words: &str) -> Reply {
    Reply::events(&[text(words), finish("stop")])
}

fn folder(settings: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("config.toml"), settings).unwrap();
    folder
}

async fn ask(folder: &Path, brain: &str, question: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hearsay"));
    command
        .args(["ask", "--json", question])
        .env("HEARSAY_DATA_DIR", folder.join("data"))
        .env("HEARSAY_CONFIG", folder.join("config.toml"))
        .env("HEARSAY_BRAIN", brain);
    // The model server lives on this thread.
    let output = tokio::task::spawn_blocking(move || command.output());
    output.await.unwrap().unwrap()
}

/// What was said about tools, as name and outcome.
fn tools(output: &Output) -> Vec<(String, Value)> {
    let out = String::from_utf8_lossy(&output.stdout);
    let events = out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    events
        .filter(|event| event["type"] == "tool" && !event["outcome"].is_null())
        .map(|event| {
            (
                event["name"].as_str().unwrap().to_owned(),
                event["outcome"].clone(),
            )
        })
        .collect()
}

/// What the model was told of the tools it used, in the order of its calls.
fn told(asked: &Value) -> Vec<String> {
    let messages = asked["messages"].as_array().unwrap().iter();
    let of_tools = messages.filter(|message| message["role"] == "tool");
    of_tools
        .map(|message| message["content"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_model_uses_the_tools_of_a_server_several_at_once() {
    let model = ModelServer::start([
        asks_for(&[
            ("files__echo", r#"{"text":"你好"}"#),
            ("calculate", r#"{"expression":"6*7"}"#),
            ("files__echo", r#"{"text": "#),
            ("files__fail", r#"{"text":"x"}"#),
            ("files__die", r#"{"text":"x"}"#),
            ("nothing", "{}"),
        ]),
        says("all done"),
    ])
    .await;
    let settings =
        tool_server::settings("files", "good") + "allow = \"echo, fail\"\nnever = \"die\"\n";
    let folder = folder(&settings);
    let output = ask(folder.path(), &model.base(), "go").await;
    assert!(output.status.success(), "{output:?}");
    let asked = model.asked();
    let questions: Vec<_> = asked.iter().filter(|one| one.method == "POST").collect();
    let offered: Vec<_> = questions[0].body["tools"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tool| tool["function"]["name"].as_str().unwrap())
        .collect();
    assert!(
        offered.contains(&"files__echo") && offered.contains(&"search_history"),
        "{offered:?}"
    );
    assert!(
        !offered.contains(&"files__die"),
        "what may never be used is not offered"
    );
    assert!(
        !offered.contains(&"fetch") && !offered.contains(&"clipboard"),
        "{offered:?}"
    );
    let told = told(&questions[1].body);
    let parts = [
        "你好",
        "42",
        "cannot be read: EOF",
        "could not be done",
        "no tool",
        "no tool",
    ];
    for (told, part) in told.iter().zip(parts) {
        assert!(told.contains(part), "{told} has no {part}");
    }
    assert_eq!(told.len(), 6);
    assert_eq!(tools(&output).len(), 6);
}

#[tokio::test]
async fn where_nobody_can_be_asked_a_tool_is_refused_and_how_to_allow_it_is_told() {
    let model =
        ModelServer::start([asks_for(&[("files__echo", r#"{"text":"a"}"#)]), says("no")]).await;
    let folder = folder(&tool_server::settings("files", "good"));
    let output = ask(folder.path(), &model.base(), "go").await;
    let tools = tools(&output);
    let why = tools[0].1["error"].as_str().unwrap();
    assert!(why.ends_with("with `mcp.files.allow = \"echo\"`"), "{why}");
}

#[tokio::test]
async fn a_thousand_calls_in_one_answer_are_bounded() {
    let thousand = vec![("calculate", r#"{"expression":"1+1"}"#); 1_000];
    let model = ModelServer::start([asks_for(&thousand), says("enough")]).await;
    let output = ask(folder("").path(), &model.base(), "go").await;
    assert!(output.status.success(), "{output:?}");
    let asked = model.asked();
    let told = told(&asked.last().unwrap().body);
    let done = told.iter().filter(|one| one.contains("1 + 1 = 2")).count();
    assert_eq!((told.len(), done), (64, 32));
}

#[tokio::test]
async fn the_built_in_brain_uses_a_tool_when_it_is_told_to_by_name() {
    let settings = tool_server::settings("files", "good") + "allow = \"*\"\n";
    let folder = folder(&settings);
    let output = ask(folder.path(), "builtin", "use tool files__echo hello there").await;
    let out = String::from_utf8_lossy(&output.stdout);
    assert!(out.contains(r#""text":"hello there""#), "{out}");
}

/// A model server that goes on beside the test, and its address.
fn beside(replies: Vec<Reply>) -> String {
    let (told, base) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let model = ModelServer::start(replies).await;
            told.send(model.base()).unwrap();
            std::future::pending::<()>().await;
        });
    });
    base.recv().unwrap()
}

#[test]
fn a_tool_is_asked_for_on_the_screen_and_the_decision_is_kept() {
    if missing() {
        return;
    }
    let use_it = || asks_for(&[("files__echo", r#"{"text":"quite secret"}"#)]);
    let model = beside(vec![
        use_it(),
        says("first done"),
        use_it(),
        says("second done"),
    ]);
    let folder = folder(&tool_server::settings("files", "good"));
    let mut command = hearsay(folder.path(), &[]);
    command.env("HEARSAY_BRAIN", model);
    let mut pty = Pty::start(command, 100, 30);
    pty.wait_for_text("idle");
    pty.say("/mcp");
    pty.wait_for_text("files · ready");
    pty.wait_for_text("asks    files__echo");
    pty.keys("\x1b");
    pty.wait_for_text("F1 helps");
    pty.say("first");
    pty.wait_for_text("may the tool files__echo be used?");
    pty.wait_for_text(r#"{"text":"quite secret"}"#);
    // The keys are shown as soon as they count.
    pty.wait_for_text("a always");
    pty.keys("a");
    pty.wait_for_text("first done");
    pty.say("second");
    pty.wait_for_text("second done");
    pty.keys("\x11");
    assert!(pty.end().success());
    let settings = std::fs::read_to_string(folder.path().join("config.toml")).unwrap();
    assert!(settings.contains("allow = \"echo\""), "{settings}");
}

/// The processes that serve tools here, of this mode.
#[cfg(target_os = "linux")]
fn serving(mark: &str) -> usize {
    let processes = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let fits = processes.filter(|process| {
        std::fs::read(process.path().join("environ"))
            .is_ok_and(|all| String::from_utf8_lossy(&all).contains(mark))
    });
    fits.count()
}

#[cfg(target_os = "linux")]
#[test]
fn the_servers_of_tools_end_with_the_program_even_if_it_is_killed() {
    if missing() {
        return;
    }
    for signal in [rustix::process::Signal::KILL, rustix::process::Signal::TERM] {
        let mark = format!("good-{}-{}", std::process::id(), signal.as_raw());
        let folder = folder(&tool_server::settings("files", &mark));
        let mut command = hearsay(folder.path(), &[]);
        command.env("HEARSAY_BRAIN", "builtin");
        let mut pty = Pty::start(command, 100, 30);
        pty.wait_for_text("idle");
        pty.say("/mcp");
        pty.wait_for_text("files · ready");
        assert!(serving(&mark) > 0);
        let id = i32::try_from(pty.pid()).unwrap();
        let id = rustix::process::Pid::from_raw(id).unwrap();
        rustix::process::kill_process(id, signal).unwrap();
        pty.end();
        while serving(&mark) > 0 {
            std::thread::yield_now();
        }
    }
}
