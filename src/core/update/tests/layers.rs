//! What happens in and behind pickers, pages and questions, and while a conversation changes.

use super::super::super::ids::ConversationId;
use super::super::super::model::{Answer, Drawn, Question};
use super::*;

fn act(model: &mut Model, now: Now, action: &str) -> Effects {
    update(model, now, Msg::Act(action.parse().unwrap()))
}

fn text(model: &mut Model, now: Now, more: &str) {
    let turn = Some(running(model));
    let more = more.to_owned();
    update(model, now, heard(Down::Text { turn, more }));
}

fn loaded(id: ConversationId, messages: Vec<Message>) -> Msg {
    Msg::Kept(Kept::Loaded {
        conversation: Summary {
            id,
            title: "stored".into(),
            persona: None,
            started: Wall(0),
            used: Wall(0),
            messages: messages.len(),
            forgotten: 0,
        },
        messages,
        above: None,
        before: None,
    })
}

fn texts(model: &Model) -> Vec<&str> {
    let messages = model.conversation.transcript.messages().iter();
    messages.map(|message| message.text.as_str()).collect()
}

#[test]
fn only_a_plain_yes_agrees_and_every_way_to_close_says_no() {
    for (chord, open, wishes) in [
        ("y", false, vec!["pull"]),
        ("Y", false, vec!["pull"]),
        ("ctrl-y", true, vec![]),
        ("alt-y", true, vec![]),
        ("n", false, vec![]),
        ("esc", false, vec![]),
        ("ctrl-c", false, vec![]),
        ("q", false, vec![]),
        ("enter", true, vec![]),
        ("page-up", true, vec![]),
        ("ctrl-l", true, vec!["redraw"]),
    ] {
        let mut model = model_online();
        model.layers.push(Layer::Question(Question {
            text: "fetch it?".into(),
            detail: None,
            ready: at(12).mono,
            yes: Answer::PullModel("small".into()),
        }));
        let effects = update(&mut model, at(13), key(chord));
        assert_eq!(names(&effects), wishes, "{chord}");
        assert_eq!(!model.layers.is_empty(), open, "{chord}");
    }
}

#[test]
fn deleting_stops_the_answer_first_so_that_it_cannot_bring_the_conversation_back() {
    let mut model = model_online();
    say(&mut model, at(10), "hello");
    text(&mut model, at(11), "half");
    let gone = model.conversation.id;
    assert_eq!(
        names(&act(&mut model, at(12), "delete-conversation")),
        ["interrupt", "keep message", "keep turn", "ask store"]
    );
    let more = "more".to_owned();
    update(&mut model, at(14), heard(Down::Text { turn: None, more }));
    let deleted = Kept::Deleted { conversation: gone };
    update(&mut model, at(15), Msg::Kept(deleted));
    assert_eq!(texts(&model), [""; 0]);
    assert_eq!(model.modes.current(), Mode::Idle);
}

#[test]
fn what_is_said_while_a_conversation_is_being_opened_stays_below_what_is_loaded() {
    let mut model = model_online();
    let id = Seed::new(9).conversation();
    let mut seed = Seed::new(3);
    let turn = seed.turn();
    let mut old = Message::new(seed.message(), turn, Role::User, Wall(0));
    old.text = "old".into();
    old.ending = Ending::Complete;
    act(&mut model, at(10), &format!("open {id}"));
    say(&mut model, at(11), "new");
    let effects = update(&mut model, at(12), loaded(id, vec![old]));
    assert_eq!(texts(&model), ["old", "new"]);
    assert_eq!(names(&effects), ["ask store", "say"]);
}

#[test]
fn a_conversation_that_is_no_longer_wanted_holds_up_nothing() {
    let mut model = model_online();
    let id = Seed::new(9).conversation();
    act(&mut model, at(10), &format!("open {id}"));
    act(&mut model, at(11), "new");
    assert_eq!(
        names(&say(&mut model, at(12), "hello")),
        ["keep question", "keep draft", "say"]
    );
    update(&mut model, at(13), loaded(id, vec![]));
    assert_eq!(texts(&model), ["hello"]);
}

#[test]
fn a_store_that_fails_at_something_else_does_not_end_the_wait_for_a_conversation() {
    let mut model = model_online();
    let id = Seed::new(9).conversation();
    act(&mut model, at(10), &format!("open {id}"));
    let failed = |keep| {
        Msg::Kept(Kept::Trouble {
            keep: Box::new(keep),
            trouble: StoreTrouble::Busy,
        })
    };
    let draft = Keep::Draft { text: "a".into() };
    update(&mut model, at(11), failed(draft));
    assert!(model.modes.locked(at(11).mono).is_some());
    let load = Keep::Load {
        conversation: id,
        before: None,
        limit: 200,
        back_to: None,
    };
    update(&mut model, at(12), failed(load));
    assert_eq!(model.modes.locked(at(12).mono), None);
}

#[test]
fn hanging_up_keeps_unconfirmed_words_for_the_next_line() {
    let mut model = model_online();
    say(&mut model, at(10), "hello");
    assert_eq!(names(&act(&mut model, at(11), "hang-up")), ["hang up"]);
    assert_eq!(model.line, Line::Closed);
    assert_eq!(model.waiting.len(), 1);
    assert_eq!(update(&mut model, at(12), line(Line::Closed)), []);
    let effects = update(&mut model, at(13), line(Line::Up(Health::default())));
    assert_eq!(names(&effects), ["say"]);
}

#[test]
fn a_backend_that_cannot_be_told_is_not_said_to_forget() {
    let mut model = model_online();
    act(&mut model, at(10), "hang-up");
    assert_eq!(act(&mut model, at(11), "forget"), []);
    let toasts: Vec<_> = model.toasts.iter().map(|toast| &toast.text).collect();
    assert_eq!(toasts, ["not connected"]);
}

#[test]
fn what_is_copied_is_an_answer_with_words() {
    let mut model = model_online();
    say(&mut model, at(10), "one");
    text(&mut model, at(11), "first");
    update(&mut model, at(12), key("esc"));
    say(&mut model, at(13), "two");
    update(&mut model, at(14), key("esc"));
    assert_eq!(
        act(&mut model, at(15), "copy"),
        [Effect::Copy("first".into())]
    );
}

#[test]
fn a_list_goes_to_its_ends() {
    let mut model = model_online();
    update(&mut model, at(10), key("ctrl-p"));
    let chosen = |model: &Model| match model.layers.last() {
        Some(Layer::Picker(picker)) => (picker.chosen, picker.matches.len()),
        other => panic!("{other:?}"),
    };
    update(&mut model, at(11), key("ctrl-end"));
    assert!(matches!(chosen(&model), (last, count) if last + 1 == count));
    update(&mut model, at(12), key("ctrl-home"));
    assert_eq!(chosen(&model).0, 0);
    assert_eq!(model.scroll.wish, 0);
}

#[test]
fn a_page_scrolls_back_from_where_its_text_ends() {
    let mut model = model_online();
    update(&mut model, at(10), key("f1"));
    update(&mut model, at(11), key("end"));
    let drawn = Drawn {
        scrolled: Some(40),
        ..Drawn::default()
    };
    update(&mut model, at(12), Msg::Drawn(drawn));
    update(&mut model, at(13), key("up"));
    assert_eq!(model.scrolled(), Some(39));
}

#[test]
fn a_limit_that_another_message_overtakes_is_still_noticed() {
    let mut model = model_online();
    say(&mut model, at(10), "hello");
    update(&mut model, at(11), Msg::Focus(false));
    update(&mut model, at(60_000), line(Line::Up(Health::default())));
    assert!(deadline(&model).is_some_and(|due| due <= at(60_000).mono));
    update(&mut model, at(60_000), Msg::Due);
    assert_eq!(model.turn, None);
}
