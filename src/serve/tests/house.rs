//! What clients share: the brains, the store and the timers.

use super::rig::{Peer, START, Scripted, backend, on_store, say};
use super::{assistant, message, user};
use crate::core::ids::{ConversationId, MessageId, TurnId};
use crate::core::time::Wall;
use crate::core::transcript::{Ending, Message, Role};
use serde_json::json;

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
    let (backend, store, _folder) = backend(&brain);
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
async fn a_timer_rings_once_though_two_backends_see_it_and_says_when_it_was_missed() {
    let folder = tempfile::tempdir().unwrap();
    let open = || crate::store::spawn(folder.path().join("x.db"), |_kept| {});
    let (one, other) = (open(), open());
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
