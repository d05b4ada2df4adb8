//! What a wheel and a click do.

use super::super::super::action::{Action, Plain};
use super::super::super::point::Spot;
use super::*;

fn click(model: &mut Model, ms: u64, spot: Spot) -> Effects {
    update(model, at(ms), Msg::Pointed(spot))
}

fn act(text: &str) -> Msg {
    Msg::Act(text.parse().unwrap())
}

#[test]
fn a_click_chooses_and_a_click_on_what_is_chosen_takes_it() {
    let mut model = model_online();
    update(&mut model, at(10), act("theme"));
    assert_eq!(click(&mut model, 11, Spot::Entry(3)), []);
    assert_eq!(
        (model.theme(), model.look.theme.as_str()),
        ("contrast", "auto")
    );
    assert_eq!(click(&mut model, 12, Spot::Entry(99)), []);
    assert_eq!(names(&click(&mut model, 13, Spot::Entry(3))), ["set"]);
    assert_eq!(
        (model.look.theme.as_str(), model.layers.len()),
        ("contrast", 0)
    );
}

#[test]
fn a_hint_does_what_its_key_does_where_it_stands() {
    let mut model = model_online();
    let hint = |plain: Plain| Spot::Do(Action::Plain(plain));
    type_in(&mut model, at(10), "hello");
    let sent = click(&mut model, 11, hint(Plain::Send));
    assert!(names(&sent).contains(&"say"), "{sent:?}");
    let stopped = click(&mut model, 12, hint(Plain::Cancel));
    assert!(names(&stopped).contains(&"interrupt"), "{stopped:?}");
    update(&mut model, at(13), act("help"));
    click(&mut model, 14, hint(Plain::Cancel));
    assert_eq!(model.layers.len(), 0);
}

#[test]
fn a_link_is_copied_and_opens_nothing() {
    let mut model = model_online();
    let link = |text: &str| Spot::Link(text.to_owned());
    let copied = click(&mut model, 10, link("https://example.org/a"));
    assert_eq!(copied, [Effect::Copy("https://example.org/a".to_owned())]);
    for hostile in [
        "javascript:x",
        "https://a\u{1b}]52;c;AAAA\u{7}",
        "file:///x",
    ] {
        assert_eq!(click(&mut model, 11, link(hostile)), [], "{hostile}");
    }
}

#[test]
fn the_wheel_scrolls_what_is_on_top() {
    let mut model = model_online();
    let wheel = |model: &mut Model, up| update(model, at(20), Msg::Wheel { up });
    wheel(&mut model, true);
    assert_eq!(model.scroll.wish, -3);
    wheel(&mut model, false);
    assert_eq!(model.scroll.wish, 0);
    update(&mut model, at(21), act("help"));
    wheel(&mut model, false);
    assert_eq!(model.scrolled(), Some(3));
    wheel(&mut model, true);
    wheel(&mut model, true);
    assert_eq!(model.scrolled(), Some(0));
    update(&mut model, at(22), key("esc"));
    update(&mut model, at(23), act("theme"));
    wheel(&mut model, false);
    assert_eq!(model.theme(), "dark");
    assert_eq!(model.composer.text(), "");
}

#[test]
fn the_mouse_is_turned_on_and_off_with_a_word_about_selecting() {
    let mut model = model_online();
    let effects = update(&mut model, at(10), act("toggle-mouse"));
    assert_eq!(effects, [Effect::Mouse(true)]);
    let told = model.toasts.last().map(|toast| toast.text.clone());
    assert!(told.is_some_and(|text| text.contains("Shift")));
    let effects = update(&mut model, at(11), act("toggle-mouse"));
    assert_eq!(effects, [Effect::Mouse(false)]);
}
