//! The decisions of `update`, as sentences.

mod branch;
mod browse;
mod call;
mod connect;
mod doctor;
mod find;
mod guest;
mod inspect;
mod layers;
mod log;
mod look;
mod point;
mod remote;
mod settings;
mod share;
mod shelf;
mod tidings;
mod tools;
mod voice;
mod written;

use super::super::backend::{Down, Greeting, Trouble, Up};
use super::super::chord::{Chord, Code};
use super::super::effect::{Effect, Effects};
use super::super::ids::{Epoch, Seed, TurnId};
use super::super::line::{Cause, Health, Line, LinkEvent, LinkOrder};
use super::super::mode::Mode;
use super::super::model::{Choice, Layer, Model, Setup};
use super::super::msg::{Msg, Phase};
use super::super::record::{Keep, Kept, StoreTrouble, Summary};
use super::super::shelf::ShelfOrder;
use super::super::sound::SoundOrder;
use super::super::time::{Moment, Now, Wall};
use super::super::transcript::{Ending, Message, Role, Stored};
use super::super::words::Lang;
use super::{deadline, update};
use proptest::prelude::*;
use std::time::Duration;

fn model() -> Model {
    Model::new(Setup {
        size: (100, 30),
        choice: Choice {
            tools: true,
            ..Choice::default()
        },
        seed: 7,
        ..Setup::default()
    })
}

fn at(ms: u64) -> Now {
    Now {
        mono: Moment::from_ms(ms),
        wall: Wall(1_795_000_000_000 + ms as i64),
    }
}

fn line(line: Line) -> Msg {
    Msg::Link(LinkEvent::Line {
        epoch: Epoch(1),
        line,
    })
}

fn heard(down: Down) -> Msg {
    Msg::Link(LinkEvent::Heard {
        epoch: Epoch(1),
        down,
    })
}

fn model_online() -> Model {
    let mut model = model();
    update(&mut model, at(0), Msg::Start { resume: None });
    update(&mut model, at(1), line(Line::Dialing { attempt: 1 }));
    update(&mut model, at(2), line(Line::Up(Health::default())));
    update(
        &mut model,
        at(3),
        heard(Down::Greeting(Greeting::default())),
    );
    model
}

fn key(chord: &str) -> Msg {
    Msg::Key {
        chord: chord.parse().unwrap(),
        phase: Phase::Press,
    }
}

fn type_in(model: &mut Model, now: Now, text: &str) {
    for c in text.chars() {
        let chord = Chord {
            code: Code::Char(c),
            ctrl: false,
            alt: false,
            shift: false,
        };
        update(
            model,
            now,
            Msg::Key {
                chord,
                phase: Phase::Press,
            },
        );
    }
}

fn say(model: &mut Model, now: Now, text: &str) -> Effects {
    type_in(model, now, text);
    update(model, now, key("enter"))
}

fn sound(order: &SoundOrder) -> &'static str {
    match order {
        SoundOrder::Record { .. } => "record",
        SoundOrder::Stop { .. } => "stop recording",
        SoundOrder::Discard { .. } => "discard",
        SoundOrder::Send(_) => "send recording",
        SoundOrder::Live(_) => "send live",
        SoundOrder::Withdraw => "withdraw",
        SoundOrder::Stream(_) => "stream",
        SoundOrder::Attend { .. } => "attend",
        SoundOrder::HangUp => "close the call",
        SoundOrder::Mute(true) => "mute",
        SoundOrder::Mute(false) => "unmute",
        SoundOrder::KeepOpen(true) => "keep open",
        SoundOrder::KeepOpen(false) => "let it end",
        SoundOrder::Export { .. } => "export",
        SoundOrder::Replay { .. } => "replay",
        SoundOrder::Expect { .. } => "expect speech",
        SoundOrder::Hush => "hush",
        SoundOrder::Pause => "pause",
        SoundOrder::Resume => "resume",
        SoundOrder::Volume(_) => "volume",
        SoundOrder::Chime(_) => "chime",
        SoundOrder::List => "list devices",
        SoundOrder::Use { .. } => "use device",
        SoundOrder::Listen(_) => "meter",
    }
}

/// The effects in one word each, which is what most tests are about.
fn names(effects: &[Effect]) -> Vec<&'static str> {
    effects
        .iter()
        .map(|effect| match effect {
            Effect::Link(LinkOrder::Dial) => "dial",
            Effect::Link(LinkOrder::HangUp) => "hang up",
            Effect::Link(LinkOrder::Hurry(true)) => "hurry",
            Effect::Link(LinkOrder::Hurry(false)) => "no hurry",
            Effect::Link(LinkOrder::Say(Up::Say(_))) => "say",
            Effect::Link(LinkOrder::Say(Up::Interrupt { .. })) => "interrupt",
            Effect::Link(LinkOrder::Say(_)) => "tell",
            Effect::Sound(order) => sound(order),
            Effect::Shelf(ShelfOrder::List) => "list models",
            Effect::Shelf(ShelfOrder::Pull { .. }) => "pull",
            Effect::Shelf(ShelfOrder::Stop) => "stop pull",
            Effect::Check(_) => "look",
            Effect::Log(_) => "log",
            Effect::Settings(_) => "settings",
            Effect::Connect(_) => "connect",
            Effect::Exchange => "exchange",
            Effect::Import(_) => "import",
            Effect::Export { .. } => "export",
            Effect::Inspect(_) => "inspect",
            Effect::Bundle(_) => "bundle",
            Effect::Set { .. } => "set",
            Effect::Use(_) => "use",
            Effect::Keep(Keep::Message { .. }) => "keep message",
            Effect::Keep(Keep::Question { .. }) => "keep question",
            Effect::Keep(Keep::Confirmed { .. }) => "confirm",
            Effect::Keep(Keep::TakeBack { .. }) => "take back",
            Effect::Keep(Keep::Turn { .. }) => "keep turn",
            Effect::Keep(Keep::Draft { .. }) => "keep draft",
            Effect::Keep(_) => "ask store",
            Effect::ReadClipboard { .. } => "read clipboard",
            Effect::Copy(_) => "copy",
            Effect::Bell => "bell",
            Effect::Notify(_) => "notify",
            Effect::Mouse(_) => "mouse",
            Effect::Redraw => "redraw",
            Effect::Suspend => "suspend",
            Effect::Quit => "quit",
        })
        .collect()
}

fn running(model: &Model) -> TurnId {
    model.turn.as_ref().unwrap().id
}

fn last_reply(model: &Model) -> (String, Ending) {
    let reply = model.conversation.transcript.last(Role::Assistant).unwrap();
    (reply.text.clone(), reply.ending.clone())
}

#[test]
fn words_are_kept_before_they_are_sent() {
    let mut model = model_online();
    let effects = say(&mut model, at(10), "hello");
    assert_eq!(names(&effects), ["keep question", "keep draft", "say"]);
    assert_eq!(model.modes.current(), Mode::TextSse);
    assert_eq!(model.conversation.title, "hello");
    assert!(model.composer.is_empty());
}

#[test]
fn an_answer_grows_ends_and_is_kept_with_its_times() {
    let mut model = model_online();
    say(&mut model, at(10), "hello");
    let turn = Some(running(&model));
    update(&mut model, at(20), heard(Down::Thinking { turn }));
    update(
        &mut model,
        at(30),
        heard(Down::Text {
            turn,
            more: "Good ".into(),
        }),
    );
    update(
        &mut model,
        at(40),
        heard(Down::Text {
            turn,
            more: "day".into(),
        }),
    );
    let effects = update(
        &mut model,
        at(50),
        heard(Down::Done {
            turn,
            full: None,
            by: None,
            usage: None,
        }),
    );
    assert_eq!(
        last_reply(&model),
        ("Good day".to_owned(), Ending::Complete)
    );
    assert_eq!(model.modes.current(), Mode::Idle);
    let [
        Effect::Keep(Keep::Message { .. }),
        Effect::Keep(Keep::Turn { turn: times, .. }),
    ] = effects.as_slice()
    else {
        panic!("{effects:?}");
    };
    let stages: Vec<_> = times
        .stages
        .iter()
        .map(|(name, ms)| (name.as_str(), *ms))
        .collect();
    assert_eq!(
        stages,
        [
            ("sent", 0),
            ("thinking", 10),
            ("first_text", 20),
            ("text_done", 40)
        ]
    );
    assert_eq!(times.outcome, "done");
}

#[test]
fn what_is_said_while_the_line_is_down_waits_and_leaves_in_order() {
    let mut model = model();
    update(&mut model, at(0), Msg::Start { resume: None });
    assert_eq!(
        names(&say(&mut model, at(1), "one")),
        ["keep question", "dial", "keep draft"]
    );
    update(&mut model, at(2), line(Line::Dialing { attempt: 1 }));
    assert_eq!(
        names(&say(&mut model, at(3), "two")),
        ["keep question", "keep draft"]
    );
    assert_eq!(model.modes.current(), Mode::Idle);
    let said = |effects: &Effects| match effects.as_slice() {
        [.., Effect::Link(LinkOrder::Say(Up::Say(say)))] => say.text.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        said(&update(
            &mut model,
            at(4),
            line(Line::Up(Health::default()))
        )),
        "one"
    );
    let turn = Some(running(&model));
    let full = Some("1".to_owned());
    let done = heard(Down::Done {
        turn,
        full,
        by: None,
        usage: None,
    });
    assert_eq!(said(&update(&mut model, at(5), done)), "two");
    assert!(model.waiting.is_empty());
}

#[test]
fn words_the_link_could_not_send_wait_in_front_of_all_others() {
    let mut model = model_online();
    let effects = say(&mut model, at(10), "one");
    let Some(Effect::Link(LinkOrder::Say(up))) = effects.last().cloned() else {
        panic!("{effects:?}");
    };
    say(&mut model, at(11), "two");
    update(
        &mut model,
        at(12),
        line(Line::Waiting {
            attempt: 1,
            until: Moment::from_ms(99),
            cause: Cause::Lost {
                why: "reset".into(),
            },
        }),
    );
    // The line fell before the backend showed that it has the words.
    let waiting: Vec<_> = model.waiting.iter().map(|w| w.say.text.as_str()).collect();
    assert_eq!(waiting, ["one", "two"]);
    assert!(model.turn.is_none());
    let mut model = model_online();
    say(&mut model, at(10), "one");
    say(&mut model, at(11), "two");
    update(
        &mut model,
        at(12),
        Msg::Link(LinkEvent::Unsent {
            epoch: Epoch(1),
            up,
        }),
    );
    assert_eq!(running(&model), {
        // The same seed says the same ids: the first words are on their way again.
        let mut seed = Seed::new(7);
        seed.conversation();
        seed.turn()
    });
    assert_eq!(model.waiting.len(), 1);
}

#[test]
fn words_are_said_again_until_the_backend_shows_that_it_has_them() {
    let lost = || {
        line(Line::Waiting {
            attempt: 1,
            until: Moment::from_ms(99),
            cause: Cause::Lost {
                why: "reset".into(),
            },
        })
    };
    let up = || line(Line::Up(Health::default()));
    let mut model = model_online();
    say(&mut model, at(10), "one");
    assert_eq!(names(&update(&mut model, at(11), lost())), [""; 0]);
    assert_eq!(names(&update(&mut model, at(12), up())), ["say"]);
    let turn = Some(running(&model));
    let thinking = heard(Down::Thinking { turn });
    let effects = update(&mut model, at(13), thinking.clone());
    let [
        Effect::Keep(Keep::Confirmed {
            reply: Some(begun), ..
        }),
    ] = &effects[..]
    else {
        panic!("{effects:?}");
    };
    assert_eq!(begun.ending, Ending::Open);
    assert_eq!(names(&update(&mut model, at(14), thinking)), [""; 0]);
    // From here on it is an answer that was cut.
    let effects = update(&mut model, at(15), lost());
    assert_eq!(names(&effects), ["keep message", "keep turn"]);
    let Effect::Keep(Keep::Message { message, .. }) = &effects[0] else {
        panic!("{effects:?}");
    };
    assert_eq!((message.id, message.turn), (begun.id, begun.turn));
    assert!(model.waiting.is_empty());

    // Words that bring the line down every time are not said for ever.
    say(&mut model, at(20), "two");
    for round in 0..2 {
        assert_eq!(names(&update(&mut model, at(21 + round), up())), ["say"]);
        update(&mut model, at(21 + round), lost());
    }
    assert_eq!(names(&update(&mut model, at(30), up())), ["say"]);
    let effects = update(&mut model, at(31), lost());
    assert_eq!(names(&effects), ["confirm", "keep message", "keep turn"]);
    assert!(model.waiting.is_empty());
}

#[test]
fn words_of_an_earlier_run_are_shown_and_said() {
    let mut before = model();
    say(&mut before, at(1), "one");
    say(&mut before, at(2), "two");
    let left: Vec<_> = before.waiting.iter().cloned().collect();
    let conversation = before.conversation.id;

    let mut model = model_online();
    model.seed = Seed::new(8);
    model.conversation.id = model.seed.conversation();
    let effects = update(&mut model, at(10), Msg::Kept(Kept::Outbox(left.clone())));
    assert_eq!(names(&effects), ["ask store"]);
    assert_eq!(model.conversation.id, conversation);
    // Asked twice, they wait once.
    update(&mut model, at(11), Msg::Kept(Kept::Outbox(left)));
    assert_eq!(model.waiting.len(), 2);
    let loaded = Msg::Kept(Kept::Loaded {
        conversation: Summary {
            id: conversation,
            title: "one".into(),
            persona: None,
            started: Wall(0),
            used: Wall(0),
            messages: 2,
            forgotten: 0,
        },
        messages: before.conversation.transcript.messages().to_vec(),
        above: None,
        before: None,
    });
    assert_eq!(
        names(&update(&mut model, at(12), loaded)),
        ["ask store", "say"]
    );
}

#[test]
fn unsent_words_can_be_taken_back() {
    let mut model = model();
    say(&mut model, at(1), "one");
    say(&mut model, at(2), "two");
    assert_eq!(
        names(&update(&mut model, at(3), key("ctrl-x"))),
        ["take back"]
    );
    assert_eq!(model.composer.text(), "two");
    assert_eq!(model.waiting.len(), 1);
    assert_eq!(model.conversation.transcript.messages().len(), 1);
    update(&mut model, at(4), key("ctrl-x"));
    assert_eq!(model.composer.text(), "two\none");
    assert!(model.conversation.transcript.is_empty());
    assert_eq!(names(&update(&mut model, at(5), key("ctrl-x"))), [""; 0]);
}

#[test]
fn what_waits_for_another_conversation_is_not_said_into_this_one() {
    let mut model = model();
    say(&mut model, at(1), "one");
    update(&mut model, at(2), key("ctrl-n"));
    assert!(model.toasts.last().unwrap().text.contains("1 unsent in"));
    assert_eq!(
        names(&update(
            &mut model,
            at(3),
            line(Line::Up(Health::default()))
        )),
        [""; 0]
    );
    assert_eq!(model.waiting.len(), 1);
}

#[test]
fn enter_on_a_page_sends_nothing() {
    let mut model = model_online();
    type_in(&mut model, at(1), "written");
    update(&mut model, at(2), key("f1"));
    assert_eq!(names(&update(&mut model, at(3), key("enter"))), [""; 0]);
    assert_eq!(model.composer.text(), "written");
}

#[test]
fn esc_stops_the_answer_here_and_now_whatever_still_comes() {
    let mut model = model_online();
    say(&mut model, at(10), "tell me a story");
    let turn = Some(running(&model));
    update(
        &mut model,
        at(20),
        heard(Down::Text {
            turn,
            more: "Once".into(),
        }),
    );
    let effects = update(&mut model, at(30), key("esc"));
    assert_eq!(names(&effects), ["interrupt", "keep message", "keep turn"]);
    assert_eq!(model.modes.current(), Mode::Idle);
    update(
        &mut model,
        at(40),
        heard(Down::Text {
            turn,
            more: " upon".into(),
        }),
    );
    update(
        &mut model,
        at(41),
        heard(Down::Text {
            turn: None,
            more: " a".into(),
        }),
    );
    assert_eq!(
        last_reply(&model),
        ("Once".into(), Ending::Cut("stopped by you".into()))
    );
}

#[test]
fn a_failed_turn_is_explained_and_typing_goes_on() {
    let mut model = model_online();
    say(&mut model, at(10), "hello");
    let turn = Some(running(&model));
    let trouble = Trouble {
        code: "unauthorized".into(),
        what: "the key was refused".into(),
        hint: Some("check `brain.key`".into()),
        retry_after_s: None,
    };
    update(&mut model, at(20), heard(Down::Trouble { turn, trouble }));
    assert_eq!(model.modes.current(), Mode::Error);
    let Some(Layer::Card(card)) = model.layers.last() else {
        panic!("{:?}", model.layers);
    };
    assert_eq!(card.hint.as_deref(), Some("check `brain.key`"));
    assert_eq!(
        last_reply(&model).1,
        Ending::Cut("the key was refused".into())
    );
    type_in(&mut model, at(30), "a");
    assert_eq!((model.modes.current(), model.layers.len()), (Mode::Idle, 0));
    assert_eq!(model.composer.text(), "a");
}

#[test]
fn silence_warns_at_four_fifths_and_ends_the_turn_at_the_limit() {
    let mut model = model_online();
    say(&mut model, at(0), "hi");
    // 30 s and a tenth for each of two characters.
    update(&mut model, at(24_159), Msg::Due);
    assert!(!model.turn.as_ref().unwrap().late);
    update(&mut model, at(24_160), Msg::Due);
    assert!(model.turn.as_ref().unwrap().late);
    let effects = update(&mut model, at(30_200), Msg::Due);
    assert_eq!(
        names(&effects),
        ["interrupt", "confirm", "keep message", "keep turn"]
    );
    assert_eq!(model.modes.current(), Mode::Error);
}

#[test]
fn a_reply_that_still_arrives_is_not_late() {
    let mut model = model_online();
    say(&mut model, at(0), "hi");
    let turn = Some(running(&model));
    update(
        &mut model,
        at(25_000),
        heard(Down::Text {
            turn,
            more: "a".into(),
        }),
    );
    update(&mut model, at(30_200), Msg::Due);
    assert!(!model.turn.as_ref().unwrap().late);
}

#[test]
fn a_line_that_breaks_cuts_the_answer_and_keeps_what_came() {
    let mut model = model_online();
    say(&mut model, at(10), "hello");
    let turn = Some(running(&model));
    update(
        &mut model,
        at(20),
        heard(Down::Text {
            turn,
            more: "Good".into(),
        }),
    );
    let waiting = Line::Waiting {
        attempt: 1,
        until: Moment::from_ms(1000),
        cause: Cause::Lost {
            why: "reset".into(),
        },
    };
    let effects = update(&mut model, at(30), line(waiting));
    assert_eq!(names(&effects), ["keep message", "keep turn"]);
    assert_eq!(
        last_reply(&model),
        ("Good".into(), Ending::Cut("the connection was lost".into()))
    );
    assert_eq!(model.modes.current(), Mode::Idle);
    let path: Vec<_> = model
        .modes
        .history()
        .iter()
        .map(|change| change.to)
        .collect();
    assert_eq!(path, [Mode::TextSse, Mode::Error, Mode::Idle]);
}

#[test]
fn what_an_earlier_life_of_the_line_delivers_is_not_read() {
    let mut model = model_online();
    let later = LinkEvent::Line {
        epoch: Epoch(2),
        line: Line::Up(Health::default()),
    };
    update(&mut model, at(5), Msg::Link(later));
    say(&mut model, at(10), "hello");
    let turn = Some(running(&model));
    update(
        &mut model,
        at(20),
        heard(Down::Text {
            turn,
            more: "old".into(),
        }),
    );
    assert_eq!(model.conversation.transcript.last(Role::Assistant), None);
}

#[test]
fn a_slash_is_a_command_only_when_it_names_one() {
    let mut model = model_online();
    assert_eq!(
        names(&say(&mut model, at(10), "/quit")),
        ["keep draft", "hang up", "quit"]
    );
    let mut model = model_online();
    assert_eq!(names(&say(&mut model, at(10), "/quti")), [""; 0]);
    assert_eq!(
        model.toasts[0].text,
        "no command is called `quti`; did you mean `quit`?"
    );
    assert_eq!(model.composer.text(), "/quti");
    // What follows a command that takes nothing would be lost.
    let mut model = model_online();
    let effects = say(&mut model, at(10), "/new idea for dinner");
    assert_eq!(names(&effects), [""; 0]);
    assert_eq!(model.toasts[0].text, "`new` takes nothing after its name");
    assert_eq!(model.composer.text(), "/new idea for dinner");
    let mut model = model_online();
    let effects = say(&mut model, at(10), "/etc/hosts is what?");
    assert_eq!(names(&effects), ["keep question", "keep draft", "say"]);
}

#[test]
fn ctrl_c_stops_then_clears_then_leaves() {
    let mut model = model_online();
    say(&mut model, at(10), "hello");
    assert_eq!(
        names(&update(&mut model, at(11), key("ctrl-c"))),
        ["interrupt", "confirm", "keep message", "keep turn"]
    );
    type_in(&mut model, at(12), "half");
    assert_eq!(
        names(&update(&mut model, at(13), key("ctrl-c"))),
        ["keep draft"]
    );
    assert!(model.composer.is_empty());
    assert_eq!(names(&update(&mut model, at(14), key("ctrl-c"))), [""; 0]);
    assert_eq!(
        names(&update(&mut model, at(15), key("ctrl-c"))),
        ["keep draft", "hang up", "quit"]
    );
}

#[test]
fn a_second_ctrl_c_that_comes_too_late_does_not_leave() {
    let mut model = model_online();
    update(&mut model, at(10), key("ctrl-c"));
    assert_eq!(
        names(&update(&mut model, at(2_010), key("ctrl-c"))),
        [""; 0]
    );
}

#[test]
fn a_message_counts_as_stored_only_at_its_last_revision() {
    let mut model = model_online();
    say(&mut model, at(10), "hello");
    let turn = Some(running(&model));
    update(
        &mut model,
        at(20),
        heard(Down::Text {
            turn,
            more: "a".into(),
        }),
    );
    let reply = model.conversation.transcript.last(Role::Assistant).unwrap();
    let (id, early) = (reply.id, reply.revision);
    update(
        &mut model,
        at(30),
        heard(Down::Text {
            turn,
            more: "b".into(),
        }),
    );
    let stored = |model: &Model| model.conversation.transcript.get(id).unwrap().stored;
    update(
        &mut model,
        at(40),
        Msg::Kept(Kept::Message {
            message: id,
            revision: early,
        }),
    );
    assert_eq!(stored(&model), Stored::Pending);
    let now = model.conversation.transcript.get(id).unwrap().revision;
    update(
        &mut model,
        at(50),
        Msg::Kept(Kept::Message {
            message: id,
            revision: now,
        }),
    );
    assert_eq!(stored(&model), Stored::Yes);
}

#[test]
fn a_full_disk_is_told_once_and_the_chat_goes_on() {
    let mut model = model_online();
    let effects = say(&mut model, at(10), "hello");
    let Some(Effect::Keep(keep)) = effects.first().cloned() else {
        panic!("{effects:?}");
    };
    let kept = Kept::Trouble {
        keep: Box::new(keep),
        trouble: StoreTrouble::Full,
    };
    update(&mut model, at(20), Msg::Kept(kept.clone()));
    update(&mut model, at(21), Msg::Kept(kept));
    assert_eq!(model.faults.total(), 1);
    assert!(model.store_down);
    let question = model.conversation.transcript.last(Role::User).unwrap();
    assert_eq!(question.stored, Stored::No);
    assert_eq!(model.modes.current(), Mode::TextSse);
}

#[test]
fn an_answer_that_died_with_the_program_is_told_as_cut_in_the_language_of_the_reader() {
    let mut model = model_online();
    model.lang = Lang::Zh;
    let turn = model.seed.turn();
    let reply = Message::new(model.seed.message(), turn, Role::Assistant, at(1).wall);
    let loaded = Kept::Loaded {
        conversation: Summary {
            id: model.conversation.id,
            title: "one".into(),
            persona: None,
            started: Wall(0),
            used: Wall(0),
            messages: 1,
            forgotten: 0,
        },
        messages: vec![reply],
        above: None,
        before: None,
    };
    update(&mut model, at(20), Msg::Kept(loaded));
    let reply = &model.conversation.transcript.messages()[0];
    assert_eq!(reply.ending, Ending::Cut("程序结束了".to_owned()));
}

#[test]
fn nothing_new_begins_while_a_conversation_is_being_opened() {
    let mut model = model_online();
    let id = Seed::new(9).conversation();
    update(
        &mut model,
        at(10),
        Msg::Act(format!("open {id}").parse().unwrap()),
    );
    assert_eq!(
        names(&say(&mut model, at(11), "hello")),
        ["keep question", "keep draft"]
    );
    // The store never answers: the lock releases itself.
    update(&mut model, at(10 + 300_000), Msg::Due);
    assert_eq!(model.modes.current(), Mode::TextSse);
}

#[test]
fn a_refused_line_is_a_fault_with_its_reason() {
    let mut model = model_online();
    let cause = Cause::Denied {
        status: Some(401),
        reason: "bad token".into(),
    };
    update(&mut model, at(10), line(Line::Refused { cause }));
    let Some(Layer::Card(card)) = model.layers.last() else {
        panic!("{:?}", model.layers);
    };
    assert_eq!(card.what, "`embedded` refused the connection");
    assert_eq!(card.why.as_deref(), Some("refused: 401 bad token"));
    assert_eq!(
        names(&say(&mut model, at(20), "hello")),
        ["keep question", "dial", "keep draft"]
    );
}

#[test]
fn a_line_at_rest_is_dialed_by_writing_and_by_nothing_else() {
    let resting = || {
        let mut model = model_online();
        let cause = Cause::ClosedByPeer {
            code: Some(1000),
            reason: String::new(),
        };
        update(&mut model, at(4), line(Line::Resting { cause }));
        model
    };
    let dial = Effect::Link(LinkOrder::Dial);
    for (msg, dials) in [
        (key("a"), true),
        (Msg::Paste("words".into()), true),
        (key("f1"), false),
        (key("up"), false),
        (Msg::Focus(true), false),
        (Msg::Due, false),
    ] {
        let mut model = resting();
        let effects = update(&mut model, at(60_000), msg.clone());
        assert_eq!(effects.contains(&dial), dials, "{msg:?}");
        assert!(model.layers.is_empty() || !dials);
    }
}

#[test]
fn words_that_cross_the_goodbye_of_a_backend_bring_the_line_back() {
    let cause = || Cause::ClosedByPeer {
        code: Some(1001),
        reason: String::new(),
    };
    let dial = Effect::Link(LinkOrder::Dial);
    for said in [true, false] {
        let mut model = model_online();
        if said {
            say(&mut model, at(3), "one");
        }
        let effects = update(&mut model, at(4), line(Line::Resting { cause: cause() }));
        assert_eq!(effects.contains(&dial), said);
        assert_eq!(model.waiting.len(), usize::from(said));
        // Whoever hangs up wants no line.
        let effects = update(&mut model, at(5), line(Line::Closed));
        assert!(!effects.contains(&dial));
    }
}

#[test]
fn an_idle_model_sleeps() {
    let mut model = model_online();
    update(&mut model, at(60_000), Msg::Due);
    assert_eq!(deadline(&model), None);
}

#[test]
fn the_first_words_on_a_new_line_bring_what_was_said_before() {
    let mut model = model_online();
    let history = |effects: &[Effect]| match effects {
        [.., Effect::Link(LinkOrder::Say(Up::Say(say)))] => {
            let told = say.history.iter();
            Some(told.map(|told| (told.text.clone(), told.cut)).collect())
        }
        _ => None,
    };
    let answer = |model: &mut Model, ms, text: &str| {
        let turn = model.turn.as_ref().map(|turn| turn.id);
        let more = text.to_owned();
        update(model, at(ms), heard(Down::Text { turn, more }));
        let (full, by, usage) = (None, None, None);
        let done = Down::Done {
            turn,
            full,
            by,
            usage,
        };
        update(model, at(ms + 1), heard(done));
    };
    let nothing: Option<Vec<(String, bool)>> = Some(vec![]);
    assert_eq!(history(&say(&mut model, at(10), "one")), nothing);
    answer(&mut model, 11, "1");
    assert_eq!(history(&say(&mut model, at(20), "two")), nothing);
    answer(&mut model, 21, "2");

    let again = |line| {
        Msg::Link(LinkEvent::Line {
            epoch: Epoch(2),
            line,
        })
    };
    update(&mut model, at(30), again(Line::Dialing { attempt: 1 }));
    update(&mut model, at(31), again(Line::Up(Health::default())));
    let told = ["one", "1", "two", "2"].map(|text| (text.to_owned(), false));
    assert_eq!(
        history(&say(&mut model, at(40), "three")),
        Some(told.to_vec())
    );

    // What is to be forgotten is told to nobody.
    update(&mut model, at(50), key("esc"));
    update(&mut model, at(51), Msg::Act("forget".parse().unwrap()));
    model.briefed = None;
    assert_eq!(history(&say(&mut model, at(60), "four")), nothing);
}

fn anything() -> impl Strategy<Value = Msg> {
    let keys = prop::sample::select(vec![
        "enter", "esc", "ctrl-c", "ctrl-r", "a", "ctrl-p", "f1", "up", "y", "ctrl-n", "ctrl-o",
        "f12", "ctrl-x",
    ]);
    let lines = prop::sample::select(vec![
        Line::Closed,
        Line::Dialing { attempt: 2 },
        Line::Up(Health::default()),
        Line::Up(Health {
            rtt: Some(Duration::from_millis(3)),
            ..Health::default()
        }),
        Line::Resting {
            cause: Cause::Lost { why: "idle".into() },
        },
        Line::Refused {
            cause: Cause::NotABackend { why: "html".into() },
        },
        Line::GivenUp {
            attempts: 5,
            cause: Cause::Lost { why: "eof".into() },
        },
    ]);
    let down = prop::sample::select(vec![
        Down::Thinking { turn: None },
        Down::Text {
            turn: None,
            more: "word ".into(),
        },
        Down::Text {
            turn: Some(TurnId(1)),
            more: "stale".into(),
        },
        Down::Reasoning {
            turn: None,
            more: "hm".into(),
        },
        Down::Done {
            turn: None,
            full: Some("all".into()),
            by: None,
            usage: None,
        },
        Down::Done {
            turn: Some(TurnId(1)),
            full: None,
            by: None,
            usage: None,
        },
        Down::Interrupted { turn: None },
        Down::Trouble {
            turn: None,
            trouble: Trouble::default(),
        },
        Down::Ring {
            label: "tea".into(),
        },
        Down::Unreadable { why: "?".into() },
    ]);
    prop_oneof![
        4 => keys.prop_map(key),
        2 => lines.prop_map(line),
        4 => down.prop_map(heard),
        1 => Just(Msg::Due),
        1 => Just(Msg::Paste("pasted\ntext".into())),
        1 => Just(Msg::Resize(40, 12)),
        1 => Just(Msg::Act("conversations".parse().unwrap())),
    ]
}

proptest! {
    #[test]
    fn a_turn_runs_exactly_while_the_state_says_so(
        msgs in prop::collection::vec((0_u64..40_000, anything()), 0..80),
    ) {
        let mut model = model_online();
        let mut now = 10;
        for (wait, msg) in msgs {
            now += wait;
            update(&mut model, at(now), msg);
            prop_assert_eq!(model.turn.is_some(), model.modes.current() == Mode::TextSse);
            prop_assert!(model.queue.is_empty());
            let open = model
                .conversation
                .transcript
                .messages()
                .iter()
                .filter(|message| message.ending == Ending::Open)
                .count();
            prop_assert!(open <= usize::from(model.turn.is_some()), "an ended turn is open");
            for change in model.modes.history() {
                let reset = change.to == Mode::Idle;
                prop_assert!(
                    reset || super::super::mode::Modes::may(change.from, change.to),
                    "{change:?}"
                );
            }
            if let Some(at) = deadline(&model) {
                prop_assert!(at.0 > Duration::ZERO);
            }
        }
    }

    #[test]
    fn nothing_the_user_says_is_forgotten_or_said_again_once_confirmed(
        msgs in prop::collection::vec((0_u64..2_000, anything()), 0..60),
    ) {
        let mut model = model_online();
        let mut now = 10;
        let (mut kept, mut over) = (vec![], vec![]);
        for (wait, msg) in msgs {
            now += wait;
            for effect in update(&mut model, at(now), msg) {
                match effect {
                    Effect::Keep(Keep::Question { message, say, .. }) => {
                        prop_assert_eq!(message.turn, say.turn);
                        kept.push(say.turn);
                    }
                    Effect::Keep(Keep::Confirmed { turn, .. } | Keep::TakeBack { turn, .. }) => {
                        over.push(turn);
                    }
                    Effect::Link(LinkOrder::Say(Up::Say(say))) => {
                        prop_assert!(kept.contains(&say.turn), "sent before it was kept");
                        prop_assert!(!over.contains(&say.turn), "sent again");
                    }
                    _ => {}
                }
            }
            let running = model.turn.iter().filter_map(|turn| turn.unconfirmed.as_ref());
            let mut held: Vec<_> = model.waiting.iter().chain(running).map(|w| w.say.turn).collect();
            held.extend(&over);
            for turn in &kept {
                prop_assert_eq!(held.iter().filter(|held| *held == turn).count(), 1);
            }
        }
    }
}

#[test]
fn voices_that_a_backend_offers_later_can_be_chosen() {
    let mut model = model_online();
    let act = |model: &mut Model, text: &str| {
        update(model, at(10), Msg::Act(text.parse().unwrap()));
    };
    act(&mut model, "voices");
    assert!(model.layers.is_empty(), "there is nothing to choose from");
    let offers = |personas: &[(&str, &str)], voices: &[(&str, &str)]| {
        let owned = |list: &[(&str, &str)]| {
            let pairs = list
                .iter()
                .map(|(id, name)| ((*id).to_owned(), (*name).to_owned()));
            pairs.collect()
        };
        heard(Down::Offers {
            personas: owned(personas),
            voices: owned(voices),
        })
    };
    update(&mut model, at(11), offers(&[("zen", "Zen")], &[]));
    update(
        &mut model,
        at(12),
        offers(&[], &[("nova", "Nova"), ("echo", "Echo")]),
    );
    assert_eq!(
        model.personas,
        [("zen".to_owned(), "Zen".to_owned())],
        "what is empty says nothing"
    );
    act(&mut model, "voices");
    let Some(Layer::Picker(picker)) = model.layers.last() else {
        panic!("no picker");
    };
    let labels: Vec<&str> = picker
        .items
        .iter()
        .map(|item| item.label.as_str())
        .collect();
    assert_eq!(labels, ["what the backend prefers", "Nova", "Echo"]);
    update(&mut model, at(13), key("down"));
    update(&mut model, at(14), key("enter"));
    assert_eq!(model.voice.wishes.voice().engine.as_deref(), Some("nova"));
}
