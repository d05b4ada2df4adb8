//! Tools at the backend: who is asked for permission and what becomes of it, how many calls are
//! carried out, what happens to a conversation that grows too long.

use super::rig::{Peer, Scripted, Step, backend, say};
use super::{about, message};
use crate::core::backend::SUMMARY;
use crate::mind::{BrainError, Call, Finish, Said, Thought};
use serde_json::{Value, json};

fn call(id: usize, name: &str, arguments: &str) -> Step {
    Step::Think(Thought::Call(Call {
        id: format!("c{id}"),
        name: name.to_owned(),
        arguments: arguments.to_owned(),
    }))
}

fn calls(calls: &[(&str, &str)]) -> Vec<Step> {
    let steps = calls.iter().enumerate();
    let mut steps: Vec<_> = steps
        .map(|(at, (name, arguments))| call(at, name, arguments))
        .collect();
    steps.push(Step::End(Ok(Finish::Calls)));
    steps
}

/// A message whose answer may use tools.
fn free(id: &str, text: &str) -> Value {
    let mut message = message(id, text);
    message["use_tools"] = json!(true);
    message
}

/// One of somebody who can be asked.
fn asked(id: &str, text: &str) -> Value {
    let mut message = free(id, text);
    message["errands"] = json!(true);
    message
}

fn report(errand: &Value, result: &str) -> Value {
    json!({ "type": "errand_report", "message_id": errand["message_id"],
            "errand_id": errand["errand_id"], "result": result })
}

/// What the brain was told of the tools it used last.
fn told(brain: &Scripted) -> Vec<String> {
    let asked = brain.asked();
    let said = &asked.last().unwrap().said;
    let told = said.iter().filter_map(|said| match said {
        Said::Tool { text, .. } => Some(text.clone()),
        _ => None,
    });
    told.collect()
}

#[tokio::test(start_paused = true)]
async fn the_clipboard_is_read_only_with_the_users_consent() {
    let read = || calls(&[("clipboard", r#"{"action":"read"}"#)]);
    let scripts = [
        read(),
        vec![say("1")],
        read(),
        vec![say("2")],
        read(),
        vec![say("3")],
    ];
    let brain = Scripted::new(scripts);
    let (backend, ..) = backend(&brain);
    let mut peer = Peer::dial(&backend).await;
    for (message, said, expected) in [
        ("m1", "no", "the user said no to this use of the tool"),
        ("m2", "conversation", "what was copied"),
        ("m3", "", "what was copied"),
    ] {
        peer.say(asked(message, "go")).await;
        if !said.is_empty() {
            let errand = peer.hear_until("errand").await.pop().unwrap();
            assert_eq!(
                errand,
                about(
                    "errand",
                    message,
                    json!({ "errand_id": errand["errand_id"], "task": "permit",
                            "tool": "clipboard", "arguments": r#"{"action":"read"}"# })
                )
            );
            peer.say(report(&errand, said)).await;
        }
        if expected == "what was copied" {
            let errand = peer.hear_until("errand").await.pop().unwrap();
            assert_eq!(errand["task"], "read_clipboard");
            peer.say(report(&errand, "what was copied")).await;
        }
        peer.hear_until("stream_end").await;
        let told = told(&brain);
        assert!(told[0].ends_with(expected), "{told:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_cannot_be_asked_is_offered_no_such_tool_and_who_wants_none_gets_none() {
    let brain = Scripted::new([
        calls(&[("clipboard", "{}"), ("volume", "{}")]),
        vec![say("1")],
        vec![call(0, "calculate", r#"{"expression":"1+1"}"#), say("2")],
    ]);
    let (backend, ..) = backend(&brain);
    let mut peer = Peer::dial(&backend).await;
    peer.say(free("m1", "go")).await;
    peer.hear_until("stream_end").await;
    for told in told(&brain) {
        assert!(told.contains("there is no tool `"), "{told}");
    }
    peer.say(message("m2", "go")).await;
    let heard = peer.hear_until("stream_end").await;
    assert!(
        heard.iter().all(|frame| frame["type"] != "tool_use"),
        "{heard:?}"
    );
    assert_eq!(brain.asked().last().unwrap().tools, []);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_goes_away_while_it_is_asked_stops_the_answer() {
    let brain = Scripted::new([calls(&[("clipboard", "{}")]), vec![say("never")]]);
    let (backend, ..) = backend(&brain);
    let mut peer = Peer::dial(&backend).await;
    peer.say(asked("m", "go")).await;
    peer.hear_until("errand").await;
    drop(peer);
    let mut peer = Peer::dial(&backend).await;
    peer.say(
        json!({ "type": "errand_report", "message_id": "m", "errand_id": "e1",
                     "result": "always" }),
    )
    .await;
    peer.say(json!({ "type": "get_status" })).await;
    let status = peer.hear_until("status_response").await.pop().unwrap();
    assert_eq!(status["data"]["answering"], 0);
    assert_eq!(brain.asked().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_rounds_and_the_calls_of_each_are_bounded() {
    let many = vec![("calculate", r#"{"expression":"1+1"}"#); 1_000];
    let brain = Scripted::new((0..20).map(|_| calls(&many)));
    let (backend, ..) = backend(&brain);
    let mut peer = Peer::dial(&backend).await;
    peer.say(free("m", "go")).await;
    let heard = peer.hear_until("error").await;
    assert_eq!(heard.last().unwrap()["error"]["code"], "too_many_tools");
    assert_eq!(brain.asked().len(), 8);
    let uses = heard.iter().filter(|frame| frame["type"] == "tool_use");
    assert_eq!(uses.count(), 8 * 32 * 2);
    assert_eq!(told(&brain).len(), 7 * 64);
}

/// Asks so many long questions; answers with what was heard of the last one.
async fn talk(peer: &mut Peer, questions: usize) -> Vec<Value> {
    let mut last = vec![];
    for n in 0..questions {
        let id = format!("{n:032x}");
        let question = format!("question {n} {}", "word ".repeat(100));
        peer.say(message(&id, &question)).await;
        last = peer.hear_until("stream_end").await;
    }
    last
}

/// What was told of a summary at its end: how many messages, the summary, why there is none.
fn summary(heard: &[Value]) -> Option<(usize, Value, Value)> {
    let told = heard.iter().rfind(|frame| frame["name"] == SUMMARY)?;
    let count = told["arguments"].as_str().unwrap().parse().unwrap();
    Some((count, told["result"].clone(), told["error"].clone()))
}

/// How many questions the brain of the rig is asked until the first of them are summarised.
async fn enough() -> usize {
    let brain = Scripted::new((0..40).map(|_| vec![say("Well.")]));
    let (backend, ..) = backend(&brain);
    let mut peer = Peer::dial(&backend).await;
    for n in 0_usize..20 {
        let question = format!("question {n} {}", "word ".repeat(100));
        peer.say(message(&format!("{n:032x}"), &question)).await;
        if summary(&peer.hear_until("stream_end").await).is_some() {
            return n + 1;
        }
    }
    panic!("it never had enough")
}

#[tokio::test(start_paused = true)]
async fn the_oldest_part_of_a_long_conversation_is_summarised_and_the_brain_goes_on_with_that() {
    let questions = enough().await;
    let mut scripts: Vec<_> = (1..questions)
        .map(|n| vec![say(&format!("answer {n}"))])
        .collect();
    scripts.push(vec![say("They counted"), say(" questions.")]);
    scripts.push(vec![say("and on")]);
    let brain = Scripted::new(scripts);
    let (backend, ..) = backend(&brain);
    let mut peer = Peer::dial(&backend).await;
    let heard = talk(&mut peer, questions).await;
    let (count, result, error) = summary(&heard).unwrap();
    assert_eq!(
        (result, error),
        (json!("They counted questions."), Value::Null)
    );
    let asked = brain.asked();
    let summing = &asked[asked.len() - 2];
    assert_eq!(summing.tools, []);
    let Some(Said::User(material)) = summing.said.last() else {
        panic!("{summing:?}")
    };
    assert!(material.contains("question 0") && material.contains("answer 1"));
    let answering = asked.last().unwrap();
    let Some(Said::System(instructions)) = answering.said.first() else {
        panic!("{answering:?}")
    };
    assert!(
        instructions.ends_with("They counted questions."),
        "{instructions}"
    );
    // Besides the instructions and the question itself.
    let left = answering.said.len() - 2;
    assert_eq!(
        count + left,
        2 * (questions - 1),
        "nothing is told twice, or lost"
    );
    assert_eq!(heard.last().unwrap()["full_content"], "and on");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_summarised_is_left_out_and_that_is_said() {
    let questions = enough().await;
    let mut scripts: Vec<_> = (1..questions).map(|_| vec![say("Well.")]).collect();
    let base = "http://h".to_owned();
    scripts.push(vec![Step::End(Err(BrainError::NobodyThere { base }))]);
    scripts.push(vec![say("and on")]);
    let brain = Scripted::new(scripts);
    let (backend, ..) = backend(&brain);
    let mut peer = Peer::dial(&backend).await;
    let heard = talk(&mut peer, questions).await;
    let (count, _, error) = summary(&heard).unwrap();
    let why = error.as_str().unwrap();
    assert!(
        why.starts_with("they do not fit any more and could not be summarised"),
        "{why}"
    );
    assert_eq!(heard.last().unwrap()["full_content"], "and on");
    let left = brain.asked().last().unwrap().said.len() - 2;
    assert_eq!(count + left, 2 * (questions - 1));
}
