//! The way to another backend.

use super::*;
use crate::core::checkup::{Check, Part};
use crate::core::connect::{ConnectEvent, Draft, Kind, Step};
use insta::assert_snapshot;

const SCREENS: [(&str, u16, u16, &str); 4] = [
    ("100x30", 100, 30, "en"),
    ("40x12", 40, 12, "en"),
    ("100x30_zh", 100, 30, "zh"),
    ("40x12_zh", 40, 12, "zh"),
];

fn scene(columns: u16, rows: u16, lang: &str) -> Scene {
    let mut scene = Scene::online(columns, rows);
    scene.exchange("what is a good day?", "One with a walk.");
    scene.tell(Msg::Act(format!("use-lang {lang}").parse().unwrap()));
    scene
}

fn pair(name: &str, address: &str) -> (String, String) {
    (name.to_owned(), address.to_owned())
}

fn draft() -> Draft {
    let mut draft = Draft::new(Kind::Yychat);
    draft.answer(Step::Address, "ws://pi.local:9800/ws/chat");
    draft.answer(Step::Token, "•••••••••");
    draft.answer(Step::Name, "pi");
    draft
}

/// A step was answered and taken.
fn step(scene: &mut Scene, step: Step, draft: Draft) {
    scene.press("enter");
    let nth = scene.model.connecting.nth;
    let offers = vec![];
    scene.tell(Msg::Connect(ConnectEvent::Taken {
        nth,
        step,
        draft,
        offers,
    }));
}

#[test]
fn what_there_is_to_connect_to() {
    for (name, columns, rows, lang) in SCREENS {
        let mut scene = scene(columns, rows, lang);
        scene.tell(Msg::Connect(ConnectEvent::Looked {
            servers: vec![pair("Ollama", "http://127.0.0.1:11434/v1")],
            backends: vec![pair("home", "wss://家.example.org/ws/chat")],
        }));
        assert_snapshot!(format!("connect_{name}"), scene.picture());
    }
}

#[test]
fn a_token_is_dots() {
    for (name, columns, rows, lang) in SCREENS {
        let mut scene = scene(columns, rows, lang);
        scene.tell(Msg::Act("connect-to yychat".parse().unwrap()));
        scene.write("pi.local");
        let begun = Draft {
            token: crate::core::connect::Token::None,
            ..draft()
        };
        step(&mut scene, Step::Address, begun);
        scene.tell(Msg::Masked("•••••••••".into()));
        assert_snapshot!(format!("connect_token_{name}"), scene.picture());
    }
}

#[test]
fn a_trial_shows_what_it_finds_and_asks() {
    for (name, columns, rows, lang) in SCREENS {
        for good in [true, false] {
            let mut scene = scene(columns, rows, lang);
            scene.tell(Msg::Act("connect-to yychat".parse().unwrap()));
            scene.write("pi.local");
            step(&mut scene, Step::Name, draft());
            let nth = scene.model.connecting.nth;
            let part = |text: &str| Part::Step(text.into());
            let checks = if good {
                vec![
                    Check::good(part("greeting"), "greeted after 12 ms"),
                    Check::good(part("text"), "28 characters, the first after 140 ms"),
                ]
            } else {
                vec![Check::broken(
                    part("greeting"),
                    "pi: the backend said no: 401 the token is wrong",
                    Some("check address and token".into()),
                )]
            };
            for check in checks {
                scene.tell(Msg::Connect(ConnectEvent::Found { nth, check }));
            }
            scene.tell(Msg::Connect(ConnectEvent::Over { nth }));
            scene.wait(1000);
            let outcome = if good { "good" } else { "bad" };
            assert_snapshot!(format!("connect_{outcome}_{name}"), scene.picture());
        }
    }
}
