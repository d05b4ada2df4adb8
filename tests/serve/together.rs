//! Several clients of one server share a conversation.

use crate::folder;
use crate::house::{Client, Server};
use crate::support::model_server::{ModelServer, Reply, finish, sse, text};
use crate::support::pty::{self, Pty};
use serde_json::{Value, json};

const C: &str = "11111111-0000-4000-8000-000000000001";

/// A server whose brain says `tea is`, and the rest when it is let.
async fn house(
    folder: &std::path::Path,
) -> (Server, ModelServer, tokio::sync::watch::Sender<bool>) {
    let models = json!({"data": [{"id": "m"}]});
    let rest = sse(&[text(" a drink"), finish("stop")]) + "data: [DONE]\n\n";
    let (reply, goes_on) = Reply::stream(sse(&[text("tea is")])).then_held(rest);
    let brain = ModelServer::start([reply])
        .await
        .with("/v1/models", Reply::json(200, &models));
    let server = Server::start(folder, &[], &[("HEARSAY_BRAIN", &brain.base())]);
    (server, brain, goes_on)
}

async fn greeted(server: &Server) -> Client {
    let mut client = server.connect().await;
    let greeting = client.hear("connection_established").await;
    let can = greeting["capabilities"].as_array().unwrap();
    assert!(can.contains(&json!("shared")), "{greeting}");
    client
}

async fn join(client: &mut Client) {
    client
        .say(json!({"type": "join_conversation", "conversation_id": C}))
        .await;
    // What comes after its answer was asked after it.
    client.say(json!({"type": "ping"})).await;
    client.hear("pong").await;
}

fn question(message: &str) -> Value {
    json!({
        "type": "text_message", "content": "what is tea?", "use_tools": false,
        "conversation_id": C, "message_id": message,
    })
}

/// Who said what, and how it stands.
fn told(frame: &Value) -> (&str, &str, &str) {
    assert_eq!(frame["session_id"], C, "{frame}");
    let field = |name: &str| frame[name].as_str().unwrap();
    (field("role"), field("content"), field("state"))
}

#[tokio::test]
async fn who_joins_hears_what_others_ask_and_are_answered_as_it_comes() {
    let folder = folder();
    let (server, _brain, goes_on) = house(folder.path()).await;
    let (mut asks, mut listens) = (greeted(&server).await, greeted(&server).await);
    join(&mut listens).await;
    // Who asks is not told what they know.
    join(&mut asks).await;
    asks.say(question("m1")).await;
    asks.hear("stream_chunk").await;
    let frame = listens.hear("shared").await;
    assert_eq!(frame["message_id"], "m1");
    assert_eq!(told(&frame), ("user", "what is tea?", "complete"));
    let frame = listens.hear("shared").await;
    assert_eq!(told(&frame), ("assistant", "", "open"));
    let frame = listens.hear("shared").await;
    assert_eq!(told(&frame), ("assistant", "tea is", "more"));
    // Who comes later hears as much of it, and the rest like everybody.
    let mut late = greeted(&server).await;
    late.say(json!({"type": "join_conversation", "conversation_id": C}))
        .await;
    let frame = late.hear("shared").await;
    assert_eq!(told(&frame), ("user", "what is tea?", "complete"));
    let frame = late.hear("shared").await;
    assert_eq!(told(&frame), ("assistant", "tea is", "open"));
    goes_on.send(true).unwrap();
    let heard = asks.until("stream_end").await;
    assert!(heard.iter().all(|one| one["type"] != "shared"), "{heard:?}");
    for client in [&mut listens, &mut late] {
        let mut frame = client.hear("shared").await;
        if frame["state"] == "more" {
            assert_eq!(told(&frame), ("assistant", " a drink", "more"));
            frame = client.hear("shared").await;
        }
        assert_eq!(told(&frame), ("assistant", "tea is a drink", "complete"));
        assert_eq!(frame["model"], "m", "{frame}");
    }
    // Who comes now hears all of it as something of the past.
    let mut last = greeted(&server).await;
    join(&mut last).await;
    last.say(json!({"type": "join_conversation", "conversation_id": C}))
        .await;
    let frame = last.hear("shared").await;
    assert_eq!(told(&frame), ("user", "what is tea?", "complete"));
    let frame = last.hear("shared").await;
    assert_eq!(told(&frame), ("assistant", "tea is a drink", "complete"));
    asks.say(
        json!({"type": "voice_command", "command": "clear_conversation", "conversation_id": C}),
    )
    .await;
    asks.hear("conversation_cleared").await;
    let cleared = listens.hear("shared_cleared").await;
    assert_eq!(cleared["session_id"], C);
}

#[tokio::test]
async fn an_answer_that_is_stopped_is_cut_for_everybody_and_who_left_hears_nothing() {
    let folder = folder();
    let (server, _brain, _goes_on) = house(folder.path()).await;
    let (mut asks, mut listens) = (greeted(&server).await, greeted(&server).await);
    let mut left = greeted(&server).await;
    join(&mut listens).await;
    join(&mut left).await;
    left.say(json!({"type": "join_conversation"})).await;
    left.say(json!({"type": "ping"})).await;
    left.hear("pong").await;
    asks.say(question("m1")).await;
    asks.hear("stream_chunk").await;
    asks.say(json!({"type": "interrupt", "message_id": "m1", "session_id": C}))
        .await;
    asks.hear("interrupt_confirmed").await;
    let mut frame = listens.hear("shared").await;
    while frame["state"] != "cut" {
        frame = listens.hear("shared").await;
    }
    assert_eq!(told(&frame), ("assistant", "tea is", "cut"));
    left.say(json!({"type": "ping"})).await;
    let heard = left.until("pong").await;
    assert_eq!(heard.len(), 1, "{heard:?}");
}

#[tokio::test]
async fn a_line_that_breaks_in_the_middle_costs_nobody_a_word_and_doubles_none() {
    let folder = folder();
    let (server, _brain, goes_on) = house(folder.path()).await;
    let (mut asks, mut listens) = (greeted(&server).await, greeted(&server).await);
    join(&mut listens).await;
    asks.say(question("m1")).await;
    asks.hear("stream_chunk").await;
    drop(listens);
    goes_on.send(true).unwrap();
    asks.hear("stream_end").await;
    let mut again = greeted(&server).await;
    again
        .say(json!({"type": "join_conversation", "conversation_id": C}))
        .await;
    again.say(json!({"type": "text_message", "content": "what is 2 + 3?", "brain": "builtin", "conversation_id": "other"})).await;
    let heard = again.until("stream_end").await;
    let shared = heard.iter().filter(|one| one["type"] == "shared");
    let shared: Vec<_> = shared.map(told).collect();
    assert_eq!(
        shared,
        [
            ("user", "what is tea?", "complete"),
            ("assistant", "tea is a drink", "complete")
        ]
    );
}

/// The same words stand so often on a screen.
fn count(screen: &vt100::Screen, words: &str) -> usize {
    screen.contents().matches(words).count()
}

#[test]
fn two_screens_show_one_conversation_while_it_is_held() {
    if pty::missing() {
        return;
    }
    let (home, here, there) = (folder(), folder(), folder());
    // Whoever looks at a screen lets nothing else go on.
    let (let_go, held) = tokio::sync::oneshot::channel::<()>();
    let (tell, told) = std::sync::mpsc::channel();
    let path = home.path().to_owned();
    let brain = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.unwrap().block_on(async {
            let (server, _brain, goes_on) = house(&path).await;
            tell.send((server, goes_on)).unwrap();
            let _ = held.await;
        });
    });
    let (server, goes_on) = told.recv().unwrap();
    let screen = |folder: &std::path::Path| {
        let mut command = pty::hearsay(folder, &["--backend", &server.url]);
        // The server chooses who answers.
        command.env_remove("HEARSAY_BRAIN");
        let pty = Pty::start(command, 100, 30);
        pty.wait_for_text("connected");
        pty
    };
    let (mut one, mut other) = (screen(here.path()), screen(there.path()));
    // Two programs on one machine have one store as well. What is written in one of them before the
    // other begins would be its draft, too.
    let mut third = screen(here.path());
    for pty in [&mut one, &mut other, &mut third] {
        pty.say(&format!("/open {C}"));
    }
    one.say("what is tea?");
    for pty in [&one, &other, &third] {
        pty.wait_for("the beginning of the answer", |screen| {
            count(screen, "› what is tea?") == 1 && count(screen, "tea is") == 1
        });
    }
    // It is nobody's turn but that of who asked.
    for pty in [&other, &third] {
        pty.wait_for_text("idle");
    }
    goes_on.send(true).unwrap();
    for pty in [&one, &other, &third] {
        pty.wait_for("the answer", |screen| {
            count(screen, "tea is a drink") == 1 && count(screen, "› what is tea?") == 1
        });
    }
    // The other one goes on, and everybody sees it.
    other.say("/use-brain builtin");
    other.say("what is 17 * 3?");
    for pty in [&one, &other, &third] {
        pty.wait_for("what the other asked", |screen| {
            count(screen, "› what is 17 * 3?") == 1 && count(screen, "= 51") == 1
        });
    }
    // What was seen is kept: once, wherever it is opened again.
    for folder in [&here, &there] {
        let mut pty = Pty::start(pty::hearsay(folder.path(), &[]), 100, 30);
        pty.wait_for_text("idle");
        pty.say(&format!("/open {C}"));
        pty.wait_for("both answers", |screen| {
            count(screen, "tea is a drink") == 1 && count(screen, "= 51") == 1
        });
    }
    drop(let_go);
    brain.join().unwrap();
}
