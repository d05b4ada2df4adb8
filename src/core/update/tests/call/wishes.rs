//! What a call does as its user wishes: it asks ahead, waits for the rest, ends by itself, and
//! obeys the words that were chosen.

use super::super::super::super::control::{Control, Controls};
use super::super::super::deadline;
use super::*;

#[test]
fn whoever_asks_ahead_ends_no_answer_and_is_answered_after_it() {
    let (mut model, turn) = spoken_to("It is noon.", 2000);
    let effects = update(&mut model, at(2050), key("shift-f6"));
    assert_eq!(names(&effects), [""; 0]);
    let (clip, effects) = begin(&mut model, 2100);
    assert_eq!(names(&effects), [""; 0], "it speaks on");
    end(&mut model, 2800, clip, true);
    let effects = transcript(&mut model, 3000, clip, "and in Paris");
    assert_eq!(names(&effects), ["keep question"]);
    // What is typed waits as well; what is an order does not.
    let typed = say(&mut model, at(3100), "and in Rome");
    assert!(!names(&typed).contains(&"hush"), "{typed:?}");
    assert_eq!(
        said(&model),
        ["what time is it", "and in Paris", "and in Rome"]
    );
    let effects = update(&mut model, at(4000), told(SoundEvent::Spoken { turn }));
    assert!(names(&effects).contains(&"say"), "{effects:?}");
    assert_eq!(last_reply(&model).1, Ending::Complete);
    let stop = utter(&mut model, 4100);
    let effects = transcript(&mut model, 5300, stop, "stop");
    assert!(names(&effects).contains(&"interrupt"), "{effects:?}");
}

#[test]
fn what_seems_to_go_on_waits_for_its_rest() {
    let mut model = in_call();
    let first = utter(&mut model, 1000);
    let effects = transcript(&mut model, 2300, first, "book a table for two and");
    assert_eq!(names(&effects), [""; 0]);
    let call = model.call.as_ref().unwrap();
    assert_eq!(call.patience, Some(Moment::from_ms(3500)));
    let second = utter(&mut model, 2500);
    assert_eq!(names(&update(&mut model, at(3600), Msg::Due)), [""; 0]);
    let effects = transcript(&mut model, 3700, second, "one for four");
    let asked = ["discard", "keep question", "expect speech", "say"];
    assert_eq!(names(&effects), asked);
    assert_eq!(said(&model), ["book a table for two and one for four"]);
    assert_eq!(model.call.as_ref().unwrap().turns, 1);
}

#[test]
fn what_does_not_go_on_after_all_is_asked_as_it_is() {
    let mut model = in_call();
    let first = utter(&mut model, 1000);
    transcript(&mut model, 2300, first, "I would like to go to the");
    assert!(deadline(&model) <= Some(Moment::from_ms(3500)));
    assert_eq!(names(&update(&mut model, at(3499), Msg::Due)), [""; 0]);
    let effects = update(&mut model, at(3500), Msg::Due);
    assert_eq!(names(&effects), ["keep question", "expect speech", "say"]);
    // Hanging up asks it without a voice.
    let mut model = in_call();
    let first = utter(&mut model, 1000);
    transcript(&mut model, 2300, first, "I would like to go to the");
    update(&mut model, at(2400), key("f10"));
    assert_eq!(said(&model), ["I would like to go to the"]);
}

#[test]
fn a_call_in_which_nobody_speaks_ends_by_itself_and_says_so() {
    let mut model = in_call();
    ask(&mut model, 1000, "hello");
    let turn = model.turn.as_ref().unwrap().id;
    answer(&mut model, 3000, turn, "Hello.");
    update(&mut model, at(4000), told(SoundEvent::Spoken { turn }));
    for ms in [5_000, 300_000, 603_000] {
        update(&mut model, at(ms), Msg::Due);
        assert!(model.call.is_some(), "{ms}");
    }
    let effects = update(&mut model, at(604_100), Msg::Due);
    assert!(names(&effects).contains(&"close the call"), "{effects:?}");
    let note = model.conversation.transcript.last(Role::Note).unwrap();
    assert_eq!(note.text, "nobody spoke for 10:00, so the call was ended");
    // Never, if that is wished for.
    let mut model = in_call();
    model.voice.wishes.call_silence_s = 0;
    update(&mut model, at(9_000_000), Msg::Due);
    assert!(model.call.is_some());
}

#[test]
fn the_words_for_a_call_are_a_setting() {
    let (mut model, _) = spoken_to("It is noon.", 2000);
    model.voice.wishes.controls = Controls::new(|control| match control {
        Control::HangUp => "over and out",
        _ => "",
    });
    let clip = utter(&mut model, 2200);
    let effects = transcript(&mut model, 3500, clip, "Over and out!");
    assert!(names(&effects).contains(&"close the call"), "{effects:?}");
}

#[test]
fn the_end_of_a_call_sums_it_up() {
    let mut model = in_call();
    let turn = ask(&mut model, 1000, "hello");
    let done = Down::Done {
        turn: Some(turn),
        full: Some("Hello.".into()),
        by: None,
        usage: Some(Usage {
            prompt: 40,
            completion: 2,
        }),
    };
    update(&mut model, at(2600), heard(done));
    sounds(&mut model, 2700, turn, "Hello.");
    let effects = update(&mut model, at(4000), told(SoundEvent::Spoken { turn }));
    let [Effect::Keep(Keep::Turn { turn: times, .. })] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert_eq!(times.said, [(700, "Hello.".to_owned())]);
    assert_eq!(times.usage.map(|usage| usage.completion), Some(2));
    update(&mut model, at(60_100), key("f10"));
    assert_eq!(
        model.toasts.last().map(|toast| toast.text.as_str()),
        Some("call ended after 1:00, 1 turns, usually answered after 0.7 s, 42 tokens")
    );
}
