//! Looking through the settings and changing them.

use super::super::super::form::{Form, FormKind};
use super::super::super::model::Choice;
use super::super::super::picker::PickerKind;
use super::super::super::settings::{InForce, Setting, SettingsEvent, SettingsOrder, Source};
use super::super::super::voice::Wishes;
use super::super::super::words::Lang;
use super::*;

fn setting(key: &str, value: &str) -> Setting {
    Setting {
        key: key.into(),
        value: value.into(),
        from: Source::Default,
        about: "What it is about.".into(),
        range: "something".into(),
        default: Some(value.into()),
        choices: vec![],
        secret: key.ends_with("key"),
    }
}

fn all() -> Vec<Setting> {
    vec![
        setting("lang", "en"),
        setting("brain.key", "(not set)"),
        setting("link.url", "ws://(hidden)@h"),
        setting("link.ping_ms", "10000"),
        setting("ui.max_fps", "60"),
    ]
}

fn act(model: &mut Model, action: &str) -> Effects {
    update(model, at(10), Msg::Act(action.parse().unwrap()))
}

fn tell(model: &mut Model, event: SettingsEvent) -> Effects {
    update(model, at(11), Msg::Settings(event))
}

/// The line in which this setting is changed is open, over the list.
fn changing(key: &str) -> Model {
    let mut model = model_online();
    act(&mut model, "settings");
    tell(&mut model, SettingsEvent::Listed(all()));
    act(&mut model, &format!("change {key}"));
    tell(&mut model, SettingsEvent::Listed(all()));
    model
}

fn form(model: &Model) -> &Form {
    match model.layers.last() {
        Some(Layer::Form(form)) => form,
        other => panic!("{other:?}"),
    }
}

fn is_list(layer: Option<&Layer>) -> bool {
    matches!(layer, Some(Layer::Picker(picker)) if picker.kind == PickerKind::Settings)
}

fn orders(effects: Effects) -> Vec<SettingsOrder> {
    let order = |effect| match effect {
        Effect::Settings(order) => Some(order),
        _ => None,
    };
    effects.into_iter().filter_map(order).collect()
}

fn written(key: &str, from: &Source) -> SettingsEvent {
    let all = all().into_iter().map(|one| Setting {
        from: from.clone(),
        ..one
    });
    SettingsEvent::Written {
        key: key.into(),
        all: all.collect(),
        now: InForce {
            lang: Lang::Zh,
            choice: Choice::default(),
            voice: Wishes::default(),
            show_reasoning: true,
            bell: true,
            notify: true,
            theme: "auto".to_owned(),
            still: false,
            mouse: false,
            panel: true,
        },
    }
}

#[test]
fn a_setting_is_opened_tried_written_and_the_list_is_there_again() {
    let mut model = model_online();
    assert_eq!(orders(act(&mut model, "settings")), [SettingsOrder::List]);
    tell(&mut model, SettingsEvent::Listed(all()));
    assert!(is_list(model.layers.last()));
    type_in(&mut model, at(11), "lang");
    let opened = update(&mut model, at(12), key("enter"));
    assert_eq!(orders(opened), [SettingsOrder::List]);
    tell(&mut model, SettingsEvent::Listed(all()));
    assert_eq!(form(&model).kind, FormKind::Setting("lang".into()));
    update(&mut model, at(13), key("ctrl-u"));
    let (key_, text) = ("lang".to_owned(), "zh".to_owned());
    let tried = update(&mut model, at(14), Msg::Paste("zh".into()));
    let nth = model.settings.tried;
    let order = SettingsOrder::Try {
        key: key_.clone(),
        text: text.clone(),
        nth,
    };
    assert_eq!(orders(tried), [order]);
    let set = orders(update(&mut model, at(15), key("enter")));
    assert_eq!(set, [SettingsOrder::Set { key: key_, text }]);
    tell(&mut model, written("lang", &Source::File(1)));
    assert!(is_list(model.layers.last()));
    assert_eq!(model.lang, Lang::Zh, "it counts at once");
}

#[test]
fn what_was_tried_before_the_last_key_judges_nothing() {
    let mut model = changing("link.ping_ms");
    update(&mut model, at(12), key("5"));
    let old = model.settings.tried;
    update(&mut model, at(13), key("0"));
    let tried = |nth| SettingsEvent::Tried {
        nth,
        wants: Some("between 1 and 2".into()),
    };
    tell(&mut model, tried(old));
    assert_eq!(form(&model).wrong, None);
    tell(&mut model, tried(old + 1));
    assert_eq!(
        form(&model).wrong.as_deref(),
        Some("must be between 1 and 2")
    );
    update(&mut model, at(14), key("backspace"));
    assert_eq!(form(&model).wrong, None, "it is judged anew");
}

#[test]
fn what_counts_says_so_and_what_does_not_says_why() {
    for (setting, from, told) in [
        ("lang", Source::File(1), "`lang` 现为 en"),
        (
            "ui.max_fps",
            Source::File(1),
            "`ui.max_fps` is written: 60; it counts from the next start",
        ),
        (
            "link.ping_ms",
            Source::File(1),
            "`link.ping_ms` is now 10000",
        ),
        (
            "lang",
            Source::Variable("HEARSAY_LANG".into()),
            "`lang` is written, but the variable HEARSAY_LANG wins over the file",
        ),
        (
            "lang",
            Source::Flag("--lang".into()),
            "`lang` is written, but the flag --lang wins over the file",
        ),
    ] {
        let mut model = changing(setting);
        tell(&mut model, written(setting, &from));
        assert_eq!(model.toasts.last().unwrap().text, told);
    }
}

#[test]
fn what_the_line_is_made_of_makes_a_new_one() {
    use super::super::super::connect::ConnectOrder;
    let mut model = changing("link.ping_ms");
    let effects = tell(&mut model, written("link.ping_ms", &Source::File(1)));
    let nth = model.connecting.nth;
    assert_eq!(effects, [Effect::Connect(ConnectOrder::Renew { nth })]);
}

#[test]
fn a_setting_is_taken_out_of_the_file_from_the_list() {
    let mut model = model_online();
    act(&mut model, "settings");
    tell(&mut model, SettingsEvent::Listed(all()));
    let unset = |key: &str| SettingsOrder::Unset { key: key.into() };
    let deleted = update(&mut model, at(12), key("delete"));
    assert_eq!(orders(deleted), [unset("lang")]);
    // A query is edited first.
    type_in(&mut model, at(13), "lang");
    assert_eq!(orders(update(&mut model, at(14), key("delete"))), []);
    assert_eq!(
        orders(act(&mut model, "default ui.bell")),
        [unset("ui.bell")]
    );
    // What has no default is gone then.
    tell(&mut model, written("backends.home.url", &Source::Default));
    let told = &model.toasts.last().unwrap().text;
    assert_eq!(told, "`backends.home.url` is not in the file any more");
}

#[test]
fn what_was_refused_stays_to_be_mended() {
    let mut model = changing("link.ping_ms");
    update(&mut model, at(12), key("5"));
    let (what, hint) = ("no".to_owned(), "do this".to_owned());
    tell(&mut model, SettingsEvent::Failed { what, hint });
    let form = form(&model);
    assert_eq!(
        (form.text(), form.wrong.as_deref()),
        ("100005", Some("no; do this"))
    );
}

#[test]
fn a_secret_itself_is_not_taken_and_what_nobody_saw_is_not_wiped_out() {
    for (setting, typed, expected) in [
        ("brain.key", "sk-canary", None),
        ("brain.key", "env:KEY", Some("env:KEY")),
        ("brain.key", "", None),
        ("link.url", "", None),
        ("link.url", "ws://h", Some("ws://h")),
    ] {
        let mut model = changing(setting);
        assert_eq!(form(&model).text(), "");
        type_in(&mut model, at(12), typed);
        let set = orders(update(&mut model, at(13), key("enter")));
        let expected: Vec<_> = expected
            .map(|text| SettingsOrder::Set {
                key: setting.to_owned(),
                text: text.to_owned(),
            })
            .into_iter()
            .collect();
        assert_eq!(set, expected, "{setting} {typed}");
    }
}

#[test]
fn esc_leads_back_step_by_step_and_an_unknown_name_is_told() {
    let mut model = changing("lang");
    update(&mut model, at(12), key("esc"));
    assert!(is_list(model.layers.last()));
    update(&mut model, at(13), key("esc"));
    assert_eq!(model.layers, vec![]);
    act(&mut model, "change colour");
    tell(&mut model, SettingsEvent::Listed(all()));
    let told = &model.toasts.last().unwrap().text;
    assert!(told.starts_with("no setting is called `colour`"), "{told}");
}
