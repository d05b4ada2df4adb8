//! Looking how everything is doing, while the conversation goes on.

use super::super::super::checkup::{Check, CheckEvent, CheckOrder, Depth, Part};
use super::super::super::picker::{Picker, PickerKind};
use super::super::super::sound::SoundEvent;
use super::*;

fn act(model: &mut Model, action: &str) -> Effects {
    update(model, at(10), Msg::Act(action.parse().unwrap()))
}

fn found(model: &mut Model, check: Check) -> Effects {
    let look = model.checkup.look;
    update(model, at(11), Msg::Check(CheckEvent::Found { look, check }))
}

#[test]
fn the_page_looks_when_it_opens_and_again_when_asked() {
    let mut model = model_online();
    let look = |look, depth| {
        let in_use = "embedded".to_owned();
        vec![Effect::Check(CheckOrder {
            look,
            depth,
            in_use,
        })]
    };
    assert_eq!(act(&mut model, "doctor"), look(1, Depth::Whole));
    // One look at a time.
    assert_eq!(update(&mut model, at(11), key("r")), vec![]);
    update(&mut model, at(12), Msg::Check(CheckEvent::Over { look: 1 }));
    assert_eq!(update(&mut model, at(13), key("t")), look(2, Depth::Aloud));
    assert_eq!(update(&mut model, at(14), key("esc")), vec![]);
    assert_eq!(model.layers, vec![]);
}

#[test]
fn a_key_helps_where_something_is_amiss_and_nowhere_else() {
    let mut model = model_online();
    act(&mut model, "doctor");
    assert_eq!(update(&mut model, at(11), key("m")), vec![]);
    let none = Check::limited(Part::Microphone, "no microphone", None);
    found(&mut model, none);
    let names = names(&update(&mut model, at(12), key("m")));
    assert_eq!(names, ["list devices"]);
    // The same letter means nothing where the page is not on top.
    update(&mut model, at(13), key("esc"));
    assert_eq!(update(&mut model, at(14), key("m")), vec![]);
    assert_eq!(model.composer.text(), "m");
}

#[test]
fn a_microphone_that_gives_sound_is_one_whatever_a_look_found() {
    let microphone = |found: Check| {
        let mut model = model_online();
        act(&mut model, "doctor");
        self::found(&mut model, found);
        let (clip, device) = (TurnId(1), "Headset".to_owned());
        let hearing = SoundEvent::Hearing { clip, device };
        update(&mut model, at(11), Msg::Sound(hearing));
        let mut checks = model.checkup.checks.into_iter();
        checks.find(|check| check.part == Part::Microphone)
    };
    let none = Check::limited(Part::Microphone, "no microphone", None);
    let headset = Check::good(Part::Microphone, "`Headset`");
    assert_eq!(microphone(none), Some(headset));
    let known = Check::good(Part::Microphone, "as it was");
    assert_eq!(microphone(known.clone()), Some(known));
    assert_eq!(microphone(Check::good(Part::Ears, "hear")), None);
}

#[test]
fn what_lies_over_the_page_leads_back_to_it() {
    let mut model = model_online();
    act(&mut model, "doctor");
    found(
        &mut model,
        Check::limited(Part::Ears, "nothing hears", None),
    );
    assert_eq!(
        names(&update(&mut model, at(11), key("v"))),
        ["list models"]
    );
    let listed = Msg::Shelf(super::super::super::shelf::ShelfEvent::Listed(vec![]));
    update(&mut model, at(12), listed);
    let kind = |layer: Option<&Layer>| match layer {
        Some(Layer::Picker(Picker { kind, .. })) => Some(*kind),
        _ => None,
    };
    assert_eq!(kind(model.layers.last()), Some(PickerKind::SpeechModels));
    update(&mut model, at(13), key("esc"));
    assert!(matches!(model.layers.last(), Some(Layer::Page(_))));
}

#[test]
fn the_conversation_goes_on_behind_the_page() {
    let mut model = model_online();
    act(&mut model, "doctor");
    let more = heard(Down::Text {
        turn: None,
        more: "hello".into(),
    });
    update(&mut model, at(12), more);
    assert!(matches!(model.layers.last(), Some(Layer::Page(_))));
}

#[test]
fn the_welcome_is_in_the_empty_chat_and_goes_with_the_first_words() {
    let mut model = model_online();
    let looked = act(&mut model, "welcome");
    let in_use = "embedded".to_owned();
    let (look, depth) = (1, Depth::Glance);
    assert_eq!(
        looked,
        [Effect::Check(CheckOrder {
            look,
            depth,
            in_use
        })]
    );
    assert_eq!((model.welcome, &model.layers), (true, &vec![]));
    // People can type at once.
    type_in(&mut model, at(12), "hi");
    assert_eq!(model.composer.text(), "hi");
    act(&mut model, "new");
    assert!(!model.welcome, "it is not shown again by itself");
}
