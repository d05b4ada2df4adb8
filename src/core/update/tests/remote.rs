//! What is wanted from outside, and what is told of it.

use super::super::super::remote::{Connection, Microphone, Order, Status, Turn, refusal};
use super::*;

fn order(model: &mut Model, ms: u64, order: Order) -> Effects {
    update(model, at(ms), Msg::Order(order))
}

#[test]
fn an_order_says_what_is_wanted_so_to_give_it_twice_changes_nothing() {
    let mut model = model_online();
    assert_eq!(names(&order(&mut model, 10, Order::Talk)), ["record"]);
    assert_eq!(order(&mut model, 20, Order::Talk), []);
    assert_eq!(
        names(&order(&mut model, 30, Order::Stop)),
        ["stop recording"]
    );

    let mut model = model_online();
    assert!(names(&order(&mut model, 10, Order::Call)).contains(&"attend"));
    assert_eq!(order(&mut model, 20, Order::Call), []);
    assert!(names(&order(&mut model, 30, Order::Mute)).contains(&"mute"));
    assert_eq!(order(&mut model, 40, Order::Mute), []);
    assert!(names(&order(&mut model, 50, Order::Unmute)).contains(&"unmute"));
    assert_eq!(order(&mut model, 60, Order::Unmute), []);
    assert!(names(&order(&mut model, 70, Order::HangUp)).contains(&"close the call"));
    assert!(model.call.is_none());
}

#[test]
fn what_is_said_from_outside_is_asked_and_leaves_everything_else_alone() {
    let mut model = model_online();
    model.composer.insert("half a thought");
    let effects = order(&mut model, 10, Order::Say(" what is tea? ".to_owned()));
    assert!(names(&effects).contains(&"say"), "{effects:?}");
    let asked = model.conversation.transcript.last(Role::User).unwrap();
    assert_eq!(asked.text, "what is tea?");
    assert_eq!(model.composer.text(), "half a thought");
    assert!(names(&order(&mut model, 20, Order::Stop)).contains(&"interrupt"));
}

#[test]
fn a_recording_is_thrown_away_on_request() {
    let mut model = model_online();
    order(&mut model, 10, Order::Talk);
    assert_eq!(names(&order(&mut model, 20, Order::Cancel)), ["discard"]);
}

#[test]
fn what_makes_no_sense_as_things_stand_is_refused_with_a_reason() {
    let idle = model_online();
    let mut calling = model_online();
    order(&mut calling, 10, Order::Call);
    let say = |text: &str| Order::Say(text.to_owned());
    for (model, wanted, why) in [
        (&idle, Order::Mute, Some("there is no call")),
        (&idle, Order::Unmute, Some("there is no call")),
        (&idle, Order::HangUp, Some("there is no call")),
        (
            &idle,
            Order::Stop,
            Some("nothing goes on that could be stopped"),
        ),
        (
            &idle,
            Order::Cancel,
            Some("nothing goes on that could be stopped"),
        ),
        (&idle, say("  "), Some("there are no words to say")),
        (
            &calling,
            Order::Talk,
            Some("a call goes on, and hears you without it"),
        ),
        (&idle, Order::Talk, None),
        (&idle, Order::Status, None),
        (&calling, Order::Mute, None),
        (&calling, Order::HangUp, None),
        (&calling, say("hello"), None),
    ] {
        assert_eq!(refusal(model, &wanted).as_deref(), why, "{wanted:?}");
        // And nothing comes of it.
        let mut model = model.clone();
        let before = model.clone();
        let effects = update(&mut model, before.now, Msg::Order(wanted.clone()));
        if why.is_some() {
            assert_eq!((effects, model), (vec![], before), "{wanted:?}");
        }
    }
}

#[test]
fn the_status_tells_what_a_bar_wants_to_show() {
    let mut model = model_online();
    let idle = Status {
        state: "idle".to_owned(),
        connection: Connection::Up,
        backend: "embedded".to_owned(),
        microphone: Microphone::Off,
        call: None,
        speaking: false,
        unsent: 0,
    };
    assert_eq!(Status::of(&model), idle);
    assert_eq!(
        idle.tell(Lang::En),
        "idle · connected (embedded) · microphone off"
    );
    order(&mut model, 10, Order::Call);
    // It is being opened, and hears nothing yet.
    assert_eq!(Status::of(&model).microphone, Microphone::Off);
    order(&mut model, 20, Order::Mute);
    let calling = Status {
        state: "voice_call".to_owned(),
        microphone: Microphone::Muted,
        call: Some(Turn::Muted),
        ..idle
    };
    assert_eq!(Status::of(&model), calling);
    assert_eq!(
        calling.tell(Lang::Zh),
        "通话中 · 已连接 (内嵌) · 麦克风已静音 · 通话：已静音"
    );
}

#[test]
fn orders_survive_their_written_form() {
    for wanted in [
        Order::Talk,
        Order::HangUp,
        Order::Say("a\n\"b\" 你".to_owned()),
        Order::Do("use-brain http://a/v1".parse().unwrap()),
        Order::Status,
    ] {
        let text = serde_json::to_string(&wanted).unwrap();
        assert_eq!(serde_json::from_str::<Order>(&text).unwrap(), wanted);
    }
    assert!(serde_json::from_str::<Order>(r#"{"do":"quti"}"#).is_err());
}
