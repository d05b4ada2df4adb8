//! Backends elsewhere that vanish in the middle of an answer and come back.

use super::far::{EAGER, Far, asked};
use super::{House, kill, leave};
use crate::support::model_server::{Reply, sse, text};

#[test]
fn a_backend_that_dies_in_mid_answer_leaves_what_came_and_is_asked_again_when_back() {
    if crate::support::pty::missing() {
        return;
    }
    let house = House::new(EAGER);
    let half = Reply::stream(sse(&[text("Half an ans")])).then_hang();
    let model = house.model([half, Reply::words(&["The whole answer."])]);
    let mut far = Far::closed(&house);
    far.start(&model);
    let mut pty = house.opened(&["--backend", &far.url(), "--brain", "auto"], &[]);
    pty.wait_for_text("connected");
    pty.say("a long story");
    pty.wait_for_text("Half an ans");
    far.crash();
    pty.wait_for("the cut answer and the state of the line", |screen| {
        let text = screen.contents();
        text.contains("cut: the connection was lost") && text.contains("retry")
    });
    far.start(&model);
    pty.wait_for_text("connected");
    pty.keys(super::CTRL_R);
    pty.wait_for_text("The whole answer.");
    let count = |text: &str| pty.picture().matches(text).count();
    assert_eq!((count("Half an ans"), count("The whole answer.")), (1, 1));
    assert_eq!(asked(&model), ["a long story", "a long story"]);
    leave(pty);
}

#[test]
fn what_was_typed_while_the_line_was_down_survives_a_kill_and_is_said_once() {
    if crate::support::pty::missing() {
        return;
    }
    let house = House::new(EAGER);
    let model = house.model([
        Reply::words(&["answer one"]),
        Reply::words(&["answer two"]),
        Reply::words(&["answer three"]),
    ]);
    let mut far = Far::closed(&house);
    let url = far.url();
    let backend = ["--backend", url.as_str(), "--brain", "auto"];
    let mut pty = house.opened(&backend, &[]);
    for (number, text) in ["first", "second", "third"].iter().enumerate() {
        pty.say(text);
        let unsent = format!("{} unsent", number + 1);
        pty.wait_for("words that are kept", |screen| {
            // The mark has a dot until the store has them.
            let screen = screen.contents();
            screen.contains(&unsent) && screen.contains(&format!("› {text}"))
        });
    }
    kill(pty);
    let pty = house.opened(&backend, &[]);
    pty.wait_for("what waits", |screen| {
        let text = screen.contents();
        text.contains("third") && text.contains("3 unsent")
    });
    far.start(&model);
    pty.wait_for("all answers, each behind its question", |screen| {
        let text = screen.contents();
        let expected = [
            "› first",
            "answer one",
            "› second",
            "answer two",
            "› third",
            "answer three",
        ];
        let places = expected.map(|words| text.find(words));
        places.iter().all(Option::is_some) && places.is_sorted()
    });
    assert_eq!(asked(&model), ["first", "second", "third"]);
    leave(pty);
    // Nothing is left over for the next run.
    let pty = house.opened(&backend, &[]);
    pty.wait_for_text("connected");
    leave(pty);
    assert_eq!(asked(&model), ["first", "second", "third"]);
}

#[test]
fn another_backend_goes_on_with_the_conversation_where_one_is_away() {
    if crate::support::pty::missing() {
        return;
    }
    let house = House::new("[link]\nstandby_after_ms = 300\n");
    let (first, second) = (
        house.model([Reply::words(&["It is a herb."])]),
        house.model([Reply::words(&["As I said: a herb."])]),
    );
    let (mut main, mut spare) = (Far::closed(&house), Far::closed(&house));
    main.start(&first);
    spare.start(&second);
    let (url, other) = (main.url(), spare.url());
    let mut pty = house.opened(
        &["--backend", &url, "--brain", "auto"],
        &[("HEARSAY_LINK_STANDBY", &other)],
    );
    pty.wait_for_text("connected");
    pty.say("what is tea?");
    pty.wait_for_text("It is a herb.");
    main.crash();
    pty.wait_for_text(&format!("127.0.0.1:{}", spare.port));
    pty.say("say that again");
    pty.wait_for_text("As I said: a herb.");
    let said: Vec<_> = second
        .asked()
        .into_iter()
        .filter(|asked| asked.method == "POST")
        .flat_map(|asked| asked.body["messages"].as_array().unwrap().clone())
        .filter(|message| message["role"] != "system")
        .map(|message| message["content"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(said, ["what is tea?", "It is a herb.", "say that again"]);
    leave(pty);
}

#[test]
fn a_kill_in_mid_answer_keeps_what_was_shown() {
    if crate::support::pty::missing() {
        return;
    }
    let house = House::new("");
    let half = Reply::stream(sse(&[text("As far as it got")])).then_hang();
    let mut model = house.model([half, Reply::words(&["Once more."])]);
    let mut pty = house.thinking_with(&model);
    pty.say("tell me");
    pty.wait_for_text("As far as it got");
    // A growing reply is kept once a second.
    house.until_kept("As far as it got");
    kill(pty);
    house.runtime.block_on(model.until_hung_up());
    let env = [
        ("HEARSAY_BRAIN", model.base()),
        ("HEARSAY_MODEL", "m".to_owned()),
    ];
    let env = env.each_ref().map(|(name, value)| (*name, value.as_str()));
    let mut pty = house.opened(&["history", "resume"], &env);
    pty.wait_for("the cut answer", |screen| {
        let text = screen.contents();
        text.contains("As far as it got") && text.contains("cut:")
    });
    pty.keys(super::CTRL_R);
    pty.wait_for_text("Once more.");
    leave(pty);
}
