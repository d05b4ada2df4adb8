//! A server of tools as a child process, written by hand so that it can misbehave: the test
//! program itself, started again to run one of its tests.
//!
//! What libtest prints around it is no JSON, which every client has to put up with.

use hearsay::mind::mcp::Line;
use serde_json::{Value, json};
use std::io::{BufRead, Write};

/// Says how the server behaves, and that the test is to be one.
const MODE: &str = "HEARSAY_TEST_TOOL_SERVER";

/// The name of the test that is the server.
const TEST: &str = "a_tool_server_when_asked_to_be_one";

/// A server that behaves like this.
pub fn line(mode: &str) -> Line {
    let program = std::env::current_exe().unwrap();
    Line {
        program: program.to_str().unwrap().to_owned(),
        arguments: ["--exact", TEST, "--nocapture"].map(str::to_owned).to_vec(),
        set: vec![(MODE.to_owned(), mode.to_owned())],
        ..Line::default()
    }
}

/// The same as the settings write it.
pub fn settings(name: &str, mode: &str) -> String {
    let line = line(mode);
    let words = [[line.program].as_slice(), &line.arguments]
        .concat()
        .join(" ");
    format!("[mcp.{name}]\ncommand = \"{words}\"\nenv = \"{MODE}={mode}\"\n")
}

/// The body of the test named above: serves if the surroundings say so, and never returns then.
pub fn serve() {
    let Ok(mode) = std::env::var(MODE) else {
        return;
    };
    if mode == "dead" {
        eprintln!("starting\nno token given");
        std::process::exit(3);
    }
    let mut asked = std::io::stdin().lock().lines();
    while let Some(Ok(line)) = asked.next() {
        let message: Value = serde_json::from_str(&line).unwrap();
        let id = &message["id"];
        match message["method"].as_str().unwrap_or_default() {
            "initialize" if mode == "mute" => {}
            "initialize" => answer(
                id,
                json!({
                    "protocolVersion": message["params"]["protocolVersion"],
                    "capabilities": { "tools": { "listChanged": true } },
                    "serverInfo": { "name": "test", "version": "1" },
                }),
            ),
            "notifications/initialized" => begin(&mode),
            "notifications/cancelled" => eprintln!("cancelled {}", message["params"]["requestId"]),
            "tools/list" => answer(id, tools(&mode)),
            "tools/call" => call(id, &message["params"]),
            other => eprintln!("asked for {other}"),
        }
    }
    // Its input has ended: nobody is there any more.
    std::process::exit(0);
}

/// What it does by itself once it is greeted.
fn begin(mode: &str) {
    let endless = |text: &str| {
        let mut out = std::io::stdout().lock();
        while out.write_all(text.as_bytes()).is_ok() {}
        std::process::exit(0);
    };
    let notice = json!({ "jsonrpc": "2.0", "method": "notifications/tools/list_changed" });
    match mode {
        "flood" => endless(&format!("{notice}\n")),
        "garbage" => endless("this is no JSON at all, but it goes on and on and on\n"),
        "line" => endless("no end of a line "),
        _ => {}
    }
}

fn tools(mode: &str) -> Value {
    let tool = |name: &str, about: &str| {
        let text = json!({ "type": "object", "properties": { "text": { "type": "string" } },
                           "required": ["text"] });
        json!({ "name": name, "description": about, "inputSchema": text })
    };
    if mode == "many" {
        let many: Vec<_> = (0..500).map(|n| tool(&format!("t{n}"), "")).collect();
        // And there is always more.
        return json!({ "tools": many, "nextCursor": "on" });
    }
    json!({ "tools": [
        tool("echo", "Says the same again."),
        tool("hang", "Never answers."),
        tool("huge", "Says very much."),
        tool("die", "Ends the server."),
        tool("fail", "Fails."),
        tool("surroundings", "Tells the names of the variables it was given."),
    ] })
}

fn call(id: &Value, params: &Value) {
    let text = params["arguments"]["text"].as_str().unwrap_or_default();
    let say = |text: &str| json!({ "content": [{ "type": "text", "text": text }] });
    match params["name"].as_str().unwrap_or_default() {
        "echo" => answer(id, say(text)),
        "huge" => answer(id, say(&"much ".repeat(text.parse().unwrap_or(1 << 20)))),
        "hang" => {}
        "die" => {
            eprintln!("asked to die");
            std::process::exit(7);
        }
        "fail" => {
            let mut failed = say("it could not be done");
            failed["isError"] = json!(true);
            answer(id, failed);
        }
        "surroundings" => {
            let names: Vec<_> = std::env::vars().map(|(name, _)| name).collect();
            answer(id, say(&names.join(" ")));
        }
        other => say_line(&json!({ "jsonrpc": "2.0", "id": id,
            "error": { "code": -32602, "message": format!("no tool {other}") } })),
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "so the answers read as they are sent"
)]
fn answer(id: &Value, result: Value) {
    say_line(&json!({ "jsonrpc": "2.0", "id": id, "result": result }));
}

fn say_line(message: &Value) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{message}").unwrap();
    out.flush().unwrap();
}
