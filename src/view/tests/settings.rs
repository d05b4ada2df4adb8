//! Screens with settings.

use super::*;
use crate::core::settings::{Setting, SettingsEvent, Source};
use insta::assert_snapshot;

fn setting(key: &str, value: &str, from: Source, about: &str, range: &str) -> Setting {
    Setting {
        key: key.into(),
        value: value.into(),
        from,
        about: about.into(),
        range: range.into(),
        default: Some(value.into()),
        choices: vec![],
        secret: false,
    }
}

fn all() -> SettingsEvent {
    let bell = Setting {
        choices: vec!["true".into(), "false".into()],
        ..setting(
            "ui.bell",
            "true",
            Source::Default,
            "Rings the terminal's bell when a timer is due.",
            "`true` or `false`",
        )
    };
    let key = Setting {
        secret: true,
        ..setting(
            "brain.key",
            "(set, from `OPENAI_API_KEY`)",
            Source::Variable("OPENAI_API_KEY".into()),
            "Key of the model server.",
            "`env:NAME`, `file:PATH`, `command:CMD` or the secret itself",
        )
    };
    SettingsEvent::Listed(vec![
        setting(
            "lang",
            "auto",
            Source::File(3),
            "Language of the screen; `auto` follows LC_ALL, LC_MESSAGES and LANG.",
            "one of `auto`, `en`, `zh`",
        ),
        setting(
            "persona",
            "健康助手",
            Source::Flag("--persona".into()),
            "Who the assistant is; the palette lists the personas.",
            "a text on one line",
        ),
        key,
        setting(
            "link.ping_ms",
            "10000",
            Source::Default,
            "Silence after which the line is tested with a ping; at most, for a bad line is tested sooner.",
            "between 1000 and 600000",
        ),
        bell,
    ])
}

fn scene(columns: u16, rows: u16, lang: &str) -> Scene {
    let mut scene = Scene::online(columns, rows);
    scene.exchange("what is a good day?", "One with a walk.");
    scene.tell(Msg::Act(format!("use-lang {lang}").parse().unwrap()));
    scene.tell(Msg::Act("settings".parse().unwrap()));
    scene.tell(Msg::Settings(all()));
    scene
}

#[test]
fn the_list_tells_values_where_they_come_from_and_what_the_chosen_one_is() {
    for (name, columns, rows, lang) in [
        ("settings_100x30", 100, 30, "en"),
        ("settings_40x12", 40, 12, "en"),
        ("settings_zh_100x30", 100, 30, "zh"),
    ] {
        let mut scene = scene(columns, rows, lang);
        scene.press("down");
        assert_snapshot!(name, scene.picture());
    }
}

#[test]
fn an_explanation_is_searched_for_what_the_names_do_not_hold() {
    let mut scene = scene(80, 24, "en");
    scene.write("language");
    assert_snapshot!("settings_search_80x24", scene.picture());
}

#[test]
fn a_value_is_judged_as_it_is_typed() {
    for (name, columns, rows, lang) in [
        ("setting_100x30", 100, 30, "en"),
        ("setting_40x12", 40, 12, "en"),
        ("setting_zh_100x30", 100, 30, "zh"),
    ] {
        let mut scene = scene(columns, rows, lang);
        scene.write("ping");
        scene.press("enter");
        scene.tell(Msg::Settings(all()));
        scene.press("ctrl-u");
        scene.write("5");
        let nth = scene.model.settings.tried;
        let wants = Some("between 1000 and 600000".to_owned());
        scene.tell(Msg::Settings(SettingsEvent::Tried { nth, wants }));
        assert_snapshot!(name, scene.picture());
    }
}
