//! Screens that tell how every part is doing.

use super::*;
use crate::core::checkup::{Check, CheckEvent, Part};
use insta::assert_snapshot;

fn found(look: u32, check: Check) -> Msg {
    Msg::Check(CheckEvent::Found { look, check })
}

/// The page is open, and some of it was found.
fn scene(columns: u16, rows: u16, lang: &str) -> Scene {
    let mut scene = Scene::online(columns, rows);
    scene.exchange("what is a good day?", "One with a walk.");
    scene.tell(Msg::Act(format!("use-lang {lang}").parse().unwrap()));
    scene.hear(Down::Brains(brains_builtin()));
    scene.tell(Msg::Act("doctor".parse().unwrap()));
    let hint = |text: &str| Some(text.to_owned());
    for check in [
        Check::good(Part::Program, "hearsay 0.1.0 on linux x86_64"),
        Check::good(Part::Terminal, "xterm-256color, 100 columns and 30 rows"),
        Check::good(
            Part::Store,
            "`/home/me/hearsay.db`: 3 conversations, 12 messages",
        ),
        Check::broken(
            Part::Standby,
            "work: nobody listens at 127.0.0.1:9",
            hint("check `backend` and its token"),
        ),
        Check::limited(
            Part::Microphone,
            "`内置麦克风` is open and hears digital silence",
            hint("unmute it"),
        ),
    ] {
        scene.tell(found(1, check));
    }
    scene
}

#[test]
fn what_is_not_known_yet_is_being_looked_at() {
    let mut scene = scene(100, 30, "en");
    assert_snapshot!("doctor_looking_100x30", scene.picture());
}

#[test]
fn every_part_says_how_it_is_and_which_key_helps() {
    for (name, columns, rows, lang) in [
        ("doctor_100x30", 100, 30, "en"),
        ("doctor_40x12", 40, 12, "en"),
        ("doctor_zh_100x30", 100, 30, "zh"),
        ("doctor_zh_40x12", 40, 12, "zh"),
    ] {
        let mut scene = scene(columns, rows, lang);
        scene.tell(Msg::Check(CheckEvent::Over { look: 1 }));
        assert_snapshot!(name, scene.picture());
    }
}

#[test]
fn the_first_start_says_what_works_and_lets_people_type() {
    for (name, columns, rows, lang) in [
        ("welcome_100x30", 100, 30, "en"),
        ("welcome_40x12", 40, 12, "en"),
        ("welcome_zh_100x30", 100, 30, "zh"),
        ("welcome_zh_40x12", 40, 12, "zh"),
    ] {
        let mut scene = Scene::online(columns, rows);
        scene.tell(Msg::Act(format!("use-lang {lang}").parse().unwrap()));
        scene.hear(Down::Brains(brains_builtin()));
        scene.tell(Msg::Act("welcome".parse().unwrap()));
        for check in [
            Check::good(Part::Terminal, "xterm-256color, 100 columns and 30 rows"),
            Check::limited(
                Part::Ears,
                "nothing on this machine makes words of speech",
                None,
            ),
            Check::limited(Part::Voice, "`built-in robot voice` speaks", None),
        ] {
            scene.tell(found(1, check));
        }
        scene.write("你好");
        assert_snapshot!(name, scene.picture());
    }
    // Later it lies over the chat.
    let mut scene = Scene::online(80, 24);
    scene.exchange("what is a good day?", "One with a walk.");
    scene.tell(Msg::Act("welcome".parse().unwrap()));
    let none = Check::limited(Part::Microphone, "no microphone found", None);
    scene.tell(found(1, none));
    assert_snapshot!("welcome_page_80x24", scene.picture());
}
