//! What clients share: the brains, the store and the timers.

use super::rig::{self, Peer, START, Scripted, Step, backend, on_store, say};
use super::{assistant, message, user};
use crate::core::backend::{By, Down, Say, ToolUse, Up};
use crate::core::ids::{ConversationId, MessageId, TurnId};
use crate::core::time::{Now, Wall};
use crate::core::transcript::{Ending, Message, Role};
use crate::core::words::Lang;
use crate::mind::{Call, Thought};
use crate::serve::figures::Figures;
use crate::wire::yychat::Yychat;
use crate::wire::{Dialect, Frame, Out};
use futures_util::StreamExt;
use jiff::{Timestamp, tz::TimeZone};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn brains_are_listed_when_asked_and_told_once() {
    let (backend, ..) = backend(&Scripted::new([vec![say("x")]]));
    let mut peer = Peer::dial(&backend).await;
    let listed = json!({"type": "brains", "current": "scripted", "all": [{"id": "scripted",
        "name": "Scripted", "models": ["m1", "m2"], "model": "m1"}],
        "why": "the built-in brain answers, as configured"});
    for again in [
        json!({"type": "list_brains"}),
        json!({"type": "list_brains", "again": true}),
    ] {
        peer.say(again).await;
        assert_eq!(peer.hear().await, listed);
    }
    peer.say(json!({"type": "ping"})).await;
    assert_eq!(peer.hear().await["type"], "pong");
}

#[tokio::test]
async fn a_conversation_goes_on_from_the_store_without_doubling_the_newest_question() {
    let brain = Scripted::new([vec![say("ok")], vec![say("what?")]]);
    let (backend, store, _path) = backend(&brain);
    let talk = ConversationId(7);
    let line = |n: u128, role, text: &str, ending| {
        let mut line = Message::new(MessageId(n), TurnId(n / 2), role, Wall(START));
        text.clone_into(&mut line.text);
        line.ending = ending;
        line
    };
    let lines = [
        line(2, Role::User, "earlier", Ending::Complete),
        line(3, Role::Assistant, "half", Ending::Cut("stopped".into())),
        line(4, Role::User, "now", Ending::Complete),
    ];
    let written =
        store.run(move |store| store.write_messages(lines.iter().map(|line| (talk, None, line))));
    written.await.unwrap().unwrap();
    let mut peer = Peer::dial(&backend).await;
    let mut ask = message(&TurnId(2).to_string(), "now");
    ask["conversation_id"] = json!(talk.to_string());
    peer.say(ask.clone()).await;
    peer.hear_until("stream_end").await;
    assert_eq!(
        brain.asked()[0].said[1..],
        [
            user("earlier"),
            assistant("half\n[this answer was cut off here]"),
            user("now"),
        ]
    );
    peer.say(
        json!({"type": "voice_command", "command": "clear_conversation",
        "conversation_id": talk.to_string()}),
    )
    .await;
    let cleared = json!({"type": "conversation_cleared", "conversation_id": talk.to_string()});
    assert_eq!(peer.hear().await, cleared);
    ask["message_id"] = json!(TurnId(9).to_string());
    peer.say(ask).await;
    peer.hear_until("stream_end").await;
    assert_eq!(brain.asked()[1].said[1..], [user("now")]);
}

#[tokio::test(start_paused = true)]
async fn what_the_backend_says_itself_is_in_the_language_of_the_last_message() {
    let brain = Scripted::new([vec![Step::End(Err(crate::mind::BrainError::Cut {
        base: "http://h/v1".into(),
    }))]]);
    let (backend, store, _path) = backend(&brain);
    let mut peer = Peer::dial(&backend).await;
    peer.say(json!({"type": "text_message", "content": " ", "lang": "zh"}))
        .await;
    assert_eq!(peer.hear().await["error"]["message"], "消息里没有文字");
    // One that nobody speaks here changes nothing.
    peer.say(json!({"type": "text_message", "content": "x", "lang": "xx"}))
        .await;
    let heard = peer.hear_until("error").await;
    let told = crate::mind::BrainError::Cut {
        base: String::new(),
    };
    let trouble = &heard.last().unwrap()["error"]["message"];
    assert_eq!(*trouble, told.tell(Lang::Zh));
    let asked: Vec<_> = brain.asked().iter().map(|ask| ask.lang).collect();
    assert_eq!(asked, [Lang::Zh]);
    let set = store.run(|store| store.add_timer("茶", Wall(START - 90_000), Wall(START)));
    set.await.unwrap().unwrap();
    peer.say(json!({"type": "heartbeat"})).await;
    let heard = peer.hear_until("ring").await;
    let label = &heard.last().unwrap()["label"];
    assert_eq!(*label, "茶（错过了：应于 23:30 响铃）");
}

#[tokio::test(start_paused = true)]
async fn a_timer_rings_once_though_two_backends_see_it_and_says_when_it_was_missed() {
    let (one, path) = rig::store();
    let other = crate::store::spawn(path, |_kept| {});
    let set = |label: &'static str, due: i64| {
        one.run(move |store| store.add_timer(label, Wall(due), Wall(START)))
    };
    set("yesterday", START - 86_400_000).await.unwrap().unwrap();
    set("missed", START - 90_000).await.unwrap().unwrap();
    set("tea", START + 3_600_000).await.unwrap().unwrap();
    let brains = [Scripted::new([]), Scripted::new([])];
    let first = on_store(brains[0].clone(), one.clone());
    let second = on_store(brains[1].clone(), other.clone());
    let mut peer = Peer::dial(&first).await;
    let ring = |label: &str| json!({"type": "ring", "label": label});
    let missed = "yesterday (missed: it was due at 2009-02-12 23:31)";
    assert_eq!(peer.hear().await, ring(missed));
    assert_eq!(
        peer.hear().await,
        ring("missed (missed: it was due at 23:30)")
    );
    let mut late = Peer::dial(&second).await;
    let heard = tokio::select! {
        ring = peer.hear() => ring,
        ring = late.hear() => ring,
    };
    assert_eq!(heard, ring("tea"));
    assert_eq!(one.run(|store| store.timers()).await.unwrap().unwrap(), []);
    // Whatever is said next is no second ring.
    for peer in [&mut peer, &mut late] {
        peer.say(json!({"type": "ping"})).await;
        assert_eq!(peer.hear().await["type"], "pong");
    }
}

#[tokio::test(start_paused = true)]
async fn a_timer_of_another_program_is_noticed_at_the_next_sign_of_life() {
    let (backend, _store, path) = backend(&Scripted::new([]));
    let mut peer = Peer::dial(&backend).await;
    let other = crate::store::spawn(path, |_kept| {});
    let set = other.run(|store| store.add_timer("tea", Wall(START + 60_000), Wall(START)));
    set.await.unwrap().unwrap();
    peer.say(json!({"type": "heartbeat"})).await;
    assert_eq!(peer.hear().await["type"], "heartbeat_response");
    assert_eq!(peer.hear().await, json!({"type": "ring", "label": "tea"}));
}

fn now() -> Now {
    Now {
        wall: Wall(START),
        ..Now::default()
    }
}

/// What our own client makes of the next frame.
async fn understand(client: &mut Yychat, peer: &mut Peer) -> Vec<Down> {
    let heard = peer.socket.next().await.unwrap().unwrap();
    let frame = Frame::Text(heard.to_text().unwrap().to_owned());
    Out::of(|out| client.decode(&frame, now(), out)).downs
}

async fn send(client: &mut Yychat, peer: &mut Peer, up: &Up) {
    let out = Out::of(|out| assert!(client.encode(up, now(), out)));
    for frame in out.frames {
        let Frame::Text(text) = frame else {
            panic!("this language has text only");
        };
        peer.say_text(&text).await;
    }
}

#[tokio::test(start_paused = true)]
async fn our_own_client_understands_every_frame() {
    let call = Call {
        id: "1".into(),
        name: "no_such_tool".into(),
        arguments: "{}".into(),
    };
    let brain = Scripted::new([
        vec![
            Step::Think(Thought::Loading),
            Step::Think(Thought::Reasoning("hm".into())),
            Step::Think(Thought::Call(call)),
        ],
        vec![say("yes"), Step::Wait(Duration::from_secs(1)), say("!")],
        vec![say("a"), Step::Hang],
    ]);
    let (backend, ..) = backend(&brain);
    let mut client = Yychat::default();
    let stream = backend.connect();
    let (socket, _) = tokio_tungstenite::client_async("ws://h/ws/chat", stream)
        .await
        .unwrap();
    let id = String::new();
    let mut peer = Peer { socket, id };
    let greeting = understand(&mut client, &mut peer).await;
    assert!(matches!(&greeting[..], [Down::Greeting(greeting)] if greeting.personas.len() == 3));
    let ask = |turn| {
        Up::Say(Say {
            turn,
            conversation: ConversationId(9),
            text: "hi".into(),
            persona: None,
            brain: None,
            model: None,
            tools: true,
            errands: false,
            lang: Lang::En,
            voice: None,
            clip: None,
            history: vec![],
        })
    };
    let id = TurnId(5);
    let turn = Some(id);
    send(&mut client, &mut peer, &ask(id)).await;
    let mut heard = vec![];
    while !matches!(heard.last(), Some(Down::Done { .. })) {
        heard.extend(understand(&mut client, &mut peer).await);
    }
    let Down::Tool { tool: used, .. } = &heard[4] else {
        panic!("{heard:?}");
    };
    assert!(matches!(used.outcome, Some(Err(_))), "{used:?}");
    let tool = |outcome| Down::Tool {
        turn,
        tool: ToolUse {
            name: "no_such_tool".into(),
            arguments: "{}".into(),
            outcome,
        },
    };
    let text = |more: &str| Down::Text {
        turn,
        more: more.into(),
    };
    assert_eq!(
        heard,
        [
            Down::Thinking { turn },
            Down::Loading { turn },
            Down::Reasoning {
                turn,
                more: "hm".into()
            },
            tool(None),
            tool(used.outcome.clone()),
            text("yes"),
            text("!"),
            Down::Done {
                turn,
                full: Some("yes!".into()),
                by: Some(By {
                    brain: "scripted".into(),
                    model: Some("m1".into())
                }),
                usage: None,
            },
        ]
    );
    let id = TurnId(6);
    send(&mut client, &mut peer, &ask(id)).await;
    let conversation = ConversationId(9);
    send(
        &mut client,
        &mut peer,
        &Up::Interrupt {
            turn: id,
            conversation,
            heard: None,
        },
    )
    .await;
    send(&mut client, &mut peer, &Up::AskBrains { again: true }).await;
    send(&mut client, &mut peer, &Up::AskStatus).await;
    send(&mut client, &mut peer, &Up::Forget { conversation }).await;
    send(&mut client, &mut peer, &Up::Beat).await;
    let mut heard = vec![];
    while heard.len() < 4 {
        heard.extend(understand(&mut client, &mut peer).await);
        heard.retain(|down| !matches!(down, Down::Thinking { .. } | Down::Text { .. }));
    }
    let [interrupted, rest @ ..] = &heard[..] else {
        panic!("nothing was heard");
    };
    assert_eq!(*interrupted, Down::Interrupted { turn: Some(id) });
    let kinds = rest.iter().map(|down| match down {
        Down::Brains(_) => "brains",
        Down::Status(_) => "status",
        Down::Beat => "beat",
        other => panic!("{other:?}"),
    });
    let mut kinds: Vec<_> = kinds.collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["beat", "brains", "status"]);
}

#[test]
fn the_figures_are_a_sentence() {
    let figures = Figures::new(Arc::new(|| {
        Timestamp::from_millisecond(START)
            .unwrap()
            .to_zoned(TimeZone::UTC)
    }));
    figures.came();
    figures.read();
    assert_eq!(
        figures.tell(Lang::En),
        "up for 0 s; clients: 1; messages: 1"
    );
    assert_eq!(figures.tell(Lang::Zh), "已运行 0 s；客户端：1；消息：1");
}
