//! Themes, the keys of vi, and what moves by itself.

use super::super::super::keys::{KeySet, Keymap};
use super::*;

fn press(model: &mut Model, ms: u64, chord: &str) -> Effects {
    update(model, at(ms), key(chord))
}

fn model_of(set: KeySet) -> Model {
    let mut model = model_online();
    model.keymap = Keymap::of(set);
    model
}

fn act(model: &mut Model, ms: u64, action: &str) -> Effects {
    update(model, at(ms), Msg::Act(action.parse().unwrap()))
}

fn told(model: &Model) -> &str {
    model.toasts.last().map_or("", |toast| &toast.text)
}

#[test]
fn a_theme_is_seen_while_it_is_looked_at_and_stays_only_if_it_is_taken() {
    let mut model = model_online();
    act(&mut model, 10, "theme");
    let mut seen = vec![model.theme().to_owned()];
    for _step in 0..3 {
        press(&mut model, 11, "down");
        seen.push(model.theme().to_owned());
    }
    assert_eq!(seen, ["auto", "dark", "light", "contrast"]);
    assert_eq!(press(&mut model, 12, "esc"), []);
    assert_eq!(model.theme(), "auto");

    act(&mut model, 13, "theme");
    type_in(&mut model, at(14), "contr");
    assert_eq!(model.theme(), "contrast");
    let effects = press(&mut model, 15, "enter");
    let set = Effect::Set {
        name: "ui.theme",
        value: "contrast".to_owned(),
    };
    assert_eq!(effects, [set]);
    assert_eq!(
        (model.theme(), told(&model)),
        ("contrast", "theme: contrast")
    );
}

#[test]
fn a_theme_that_is_not_there_changes_nothing_and_says_which_are() {
    let mut model = model_online();
    assert_eq!(act(&mut model, 10, "use-theme pink"), []);
    assert_eq!(model.theme(), "auto");
    assert_eq!(
        told(&model),
        "no theme is called `pink`; there are: auto, dark, light, contrast, sixteen"
    );
    assert_eq!(act(&mut model, 11, "use-theme light").len(), 1);
    assert_eq!(model.theme(), "light");
}

#[test]
fn with_the_keys_of_vi_esc_makes_letters_commands_until_one_writes_again() {
    let mut model = model_of(KeySet::Vi);
    type_in(&mut model, at(10), "one two");
    press(&mut model, 11, "esc");
    assert!(model.normal);
    for (ms, chord) in (12..).zip(["b", "D", "z", "h", "x"]) {
        press(&mut model, ms, chord);
    }
    // What means nothing writes nothing.
    assert_eq!(model.composer.text(), "one");
    for (ms, chord) in (20..).zip(["A", "s", "esc", "0", "i", "t", "esc", "l", "a", "-"]) {
        press(&mut model, ms, chord);
    }
    assert_eq!(model.composer.text(), "to-nes");
    assert!(!model.normal);
    // In an empty chat nothing is deleted, and nobody leaves by it.
    model.composer.take();
    press(&mut model, 41, "esc");
    assert_eq!(names(&press(&mut model, 42, "x")), Vec::<&str>::new());
    // What types nothing means what it always does.
    press(&mut model, 43, "f1");
    assert!(matches!(model.layers.last(), Some(Layer::Page(_))));
    press(&mut model, 44, "esc");
    // What is pasted is to be written.
    update(&mut model, at(45), Msg::Paste("hello".into()));
    assert!(!model.normal);
    press(&mut model, 46, "esc");
    assert!(names(&press(&mut model, 47, "enter")).contains(&"say"));
    assert!(!model.normal);
}

#[test]
fn with_the_keys_of_vi_esc_first_stops_what_goes_on_and_without_them_it_writes_on() {
    let mut model = model_of(KeySet::Vi);
    say(&mut model, at(10), "hello");
    assert!(names(&press(&mut model, 11, "esc")).contains(&"interrupt"));
    assert!(!model.normal);
    press(&mut model, 12, "esc");
    assert!(model.normal);

    let mut model = model_online();
    press(&mut model, 10, "esc");
    type_in(&mut model, at(11), "i");
    assert_eq!((model.normal, model.composer.text()), (false, "i"));
}

#[test]
fn what_was_chosen_in_the_palette_comes_first_the_next_time() {
    let mut model = model_online();
    let first = |model: &mut Model| {
        press(model, 20, "ctrl-p");
        let Some(Layer::Picker(picker)) = model.layers.last() else {
            panic!("there is no palette");
        };
        let first: Vec<String> = picker.items[..3]
            .iter()
            .map(|item| item.action.to_string())
            .collect();
        press(model, 21, "esc");
        first
    };
    let before = first(&mut model);
    for words in ["mcp", "times", "mcp"] {
        press(&mut model, 30, "ctrl-p");
        type_in(&mut model, at(31), words);
        press(&mut model, 32, "enter");
        press(&mut model, 33, "esc");
    }
    let after = first(&mut model);
    assert_eq!(after, ["mcp", "times", before[0].as_str()]);
}

#[test]
fn where_nothing_is_to_move_a_meter_steps_once_in_a_second_and_no_spinner_turns() {
    use super::super::super::sound::{Loudness, SoundEvent, Way};
    let mut model = model_online();
    model.look.still = true;
    act(&mut model, 50, "talk");
    let loud = |peak_db| {
        Msg::Sound(SoundEvent::Level {
            way: Way::In,
            loudness: Loudness {
                peak_db,
                rms_db: -20.0,
            },
            speech: false,
        })
    };
    let mut shown = vec![];
    for (ms, peak) in [(100, -9.0), (600, -8.0), (1200, -7.0), (1300, -6.0)] {
        update(&mut model, at(ms), loud(peak));
        shown.push(model.voice.level.map(|(loudness, _)| loudness.peak_db));
    }
    assert_eq!(shown, [Some(-9.0), Some(-9.0), Some(-7.0), Some(-7.0)]);
    let turning = |still: bool| {
        let mut model = model_online();
        model.look.still = still;
        say(&mut model, at(2000), "hello");
        deadline(&model).is_some_and(|due| due <= at(2000).mono + super::super::SPIN)
    };
    assert_eq!([turning(false), turning(true)], [true, false]);
}
