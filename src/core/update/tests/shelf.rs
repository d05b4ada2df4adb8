//! What the user sees and is asked of models that come to this machine.

use super::super::super::mode::Mode;
use super::super::super::picker::{Picker, PickerKind};
use super::super::super::shelf::{Offer, Pull, ShelfEvent, Standing, Task};
use super::*;
use proptest::prelude::*;

fn act(model: &mut Model, now: Now, action: &str) -> Effects {
    update(model, now, Msg::Act(action.parse().unwrap()))
}

fn shelf(model: &mut Model, now: Now, event: ShelfEvent) -> Effects {
    update(model, now, Msg::Shelf(event))
}

fn offer(name: &str, standing: Standing) -> Offer {
    Offer {
        model: name.to_owned(),
        task: Task::Ears,
        languages: vec!["en".to_owned()],
        licence: "MIT".to_owned(),
        weight: Some((77_000_000, false)),
        pinned: false,
        source: "https://hub.example/o/r".to_owned(),
        standing,
    }
}

fn offers() -> ShelfEvent {
    ShelfEvent::Listed(vec![
        offer("here", Standing::Here { bytes: 7 }),
        offer("away", Standing::Absent),
        offer("partly", Standing::Partial { bytes: 9_000 }),
    ])
}

fn pulling(done: u64) -> ShelfEvent {
    ShelfEvent::Pulling(Pull {
        model: "away".to_owned(),
        nth: 1,
        of: 2,
        done,
        total: Some(100),
        pause: None,
    })
}

fn picker(model: &Model) -> &Picker {
    match model.layers.last() {
        Some(Layer::Picker(picker)) if picker.kind == PickerKind::SpeechModels => picker,
        other => panic!("{other:?}"),
    }
}

fn toast(model: &Model) -> &str {
    &model.toasts.last().unwrap().text
}

/// The question whether to fetch is on the screen.
fn asked() -> Model {
    let mut model = model_online();
    assert_eq!(
        names(&act(&mut model, at(10), "pull-model away")),
        ["list models"]
    );
    assert_eq!(names(&shelf(&mut model, at(11), offers())), [""; 0]);
    model
}

#[test]
fn nothing_is_fetched_before_its_size_licence_and_source_were_agreed_to() {
    let mut model = asked();
    let Some(Layer::Question(question)) = model.layers.last() else {
        panic!("{:?}", model.layers);
    };
    assert_eq!(
        question.text,
        "fetch `away`? about 77 MB, licence: MIT, from https://hub.example/o/r"
    );
    for no in ["n", "esc", "q", "ctrl-c"] {
        let mut model = model.clone();
        assert_eq!(names(&update(&mut model, at(12), key(no))), [""; 0], "{no}");
        assert_eq!(model.shelf.pull, None);
    }
    assert_eq!(names(&update(&mut model, at(12), key("y"))), ["pull"]);
    assert_eq!(model.shelf.pull.as_ref().unwrap().model, "away");
}

#[test]
fn the_list_says_what_is_here_and_keeps_up_with_what_comes() {
    let mut model = model_online();
    assert_eq!(
        names(&act(&mut model, at(10), "speech-models")),
        ["list models"]
    );
    shelf(&mut model, at(11), offers());
    let notes = |model: &Model| -> Vec<String> {
        let items = picker(model).items.iter();
        items.map(|item| item.note.clone()).collect()
    };
    assert_eq!(
        notes(&model),
        [
            "here · 7 B · MIT · ears en",
            "not here · about 77 MB · MIT · ears en",
            "9 kB here · about 77 MB · MIT · ears en"
        ]
    );
    update(&mut model, at(12), key("down"));
    assert_eq!(picker(&model).chosen, 1);
    shelf(&mut model, at(13), pulling(10));
    assert_eq!(picker(&model).chosen, 1, "the user's place stays");
    assert_eq!(
        notes(&model)[1],
        "being fetched · about 77 MB · MIT · ears en"
    );
    // Choosing the one that comes stops it.
    assert_eq!(
        names(&update(&mut model, at(14), key("enter"))),
        ["stop pull"]
    );
    let stopped = ShelfEvent::Stopped {
        model: "away".to_owned(),
    };
    assert_eq!(names(&shelf(&mut model, at(15), stopped)), [""; 0]);
    assert_eq!(toast(&model), "stopped; what came of `away` is kept");
    assert_eq!(model.shelf.pull, None);
}

#[test]
fn one_comes_at_a_time_and_what_is_here_is_not_asked_for() {
    let mut model = asked();
    update(&mut model, at(12), key("y"));
    act(&mut model, at(13), "pull-model partly");
    shelf(&mut model, at(14), offers());
    assert_eq!(toast(&model), "`away` is being fetched; one at a time");
    let done = ShelfEvent::Pulled {
        model: "away".to_owned(),
    };
    shelf(&mut model, at(15), done);
    assert_eq!(toast(&model), "`away` is here");
    act(&mut model, at(16), "pull-model here");
    shelf(&mut model, at(17), offers());
    assert_eq!(toast(&model), "`here` is here");
    act(&mut model, at(18), "pull-model nowhere");
    shelf(&mut model, at(19), offers());
    assert_eq!(toast(&model), "no model is called `nowhere`");
    act(&mut model, at(20), "stop-pull");
    assert_eq!(toast(&model), "nothing is being fetched");
    assert!(model.layers.is_empty());
}

#[test]
fn a_conversation_goes_on_while_a_model_comes_and_while_it_does_not() {
    let mut model = asked();
    update(&mut model, at(12), key("y"));
    say(&mut model, at(13), "hello");
    shelf(&mut model, at(14), pulling(50));
    assert_eq!(model.modes.current(), Mode::TextSse);
    let failed = ShelfEvent::Failed {
        what: "the hub is gone".to_owned(),
        hint: Some("run it again".to_owned()),
    };
    assert_eq!(names(&shelf(&mut model, at(15), failed)), [""; 0]);
    assert_eq!(model.modes.current(), Mode::TextSse, "the answer comes");
    assert_eq!(model.shelf.pull, None);
    let Some(Layer::Card(fault)) = model.layers.last() else {
        panic!("{:?}", model.layers);
    };
    assert_eq!(fault.what, "the hub is gone");
    assert_eq!(fault.hint.as_deref(), Some("run it again"));
}

fn events() -> impl Strategy<Value = Msg> {
    let name = prop::sample::select(&["here", "away", "partly"][..]);
    let act = |text: String| Msg::Act(text.parse().unwrap());
    prop_oneof![
        name.clone()
            .prop_map(move |name| act(format!("pull-model {name}"))),
        Just(act("speech-models".to_owned())),
        Just(act("stop-pull".to_owned())),
        Just(Msg::Shelf(offers())),
        (0..100_u64).prop_map(|done| Msg::Shelf(pulling(done))),
        name.prop_map(|name| Msg::Shelf(ShelfEvent::Pulled {
            model: name.to_owned()
        })),
        Just(Msg::Shelf(ShelfEvent::Failed {
            what: "no".to_owned(),
            hint: None
        })),
        prop::sample::select(&["n", "esc", "enter", "down", "a"][..]).prop_map(key),
    ]
}

proptest! {
    #[test]
    fn without_a_yes_nothing_is_ever_fetched(steps in prop::collection::vec(events(), 0..30)) {
        let mut model = model_online();
        for (nth, msg) in steps.into_iter().enumerate() {
            let effects = update(&mut model, at(10 + nth as u64), msg);
            prop_assert!(!names(&effects).contains(&"pull"));
        }
    }
}
