//! The status bar in every state of the program, one row each.

use super::*;
use crate::core::line::{Cause, Health, Quality};
use crate::core::mode::Mode;
use insta::assert_snapshot;

/// The last row of the screen.
fn bar(scene: &mut Scene) -> String {
    let (buffer, _) = scene.draw();
    rows(&buffer).pop().unwrap_or_default()
}

/// Leads the machine to a mode by steps of its table.
fn enter(scene: &mut Scene, mode: Mode) {
    let steps: &[Mode] = match mode {
        Mode::Idle => &[],
        Mode::TextSse | Mode::VoiceStt | Mode::VoiceCall | Mode::Error => &[mode],
        Mode::TextTts => &[Mode::TextSse, mode],
        Mode::VoiceSse => &[Mode::VoiceStt, mode],
        Mode::VoiceTts => &[Mode::VoiceStt, Mode::VoiceSse, mode],
    };
    let now = scene.model.now;
    for step in steps {
        scene.model.modes.enter(*step, now, "test").unwrap();
    }
}

fn lines(now: u64) -> Vec<(&'static str, Line)> {
    let until = Moment::from_ms(now + 12_300);
    let lost = || Cause::Lost {
        why: "reset by peer".into(),
    };
    vec![
        ("closed", Line::Closed),
        ("dialing", Line::Dialing { attempt: 1 }),
        ("dialing again", Line::Dialing { attempt: 4 }),
        ("up, not measured", Line::Up(Health::default())),
        (
            "up, quick",
            Line::Up(Health {
                rtt: Some(Duration::from_micros(80)),
                ..Health::default()
            }),
        ),
        (
            "up, slow",
            Line::Up(Health {
                rtt: Some(Duration::from_millis(240)),
                ..Health::default()
            }),
        ),
        (
            "up, unverified",
            Line::Up(Health {
                rtt: Some(Duration::from_millis(24)),
                unverified: true,
                ..Health::default()
            }),
        ),
        (
            "up, fair",
            Line::Up(Health {
                rtt: Some(Duration::from_millis(860)),
                quality: Quality::Fair,
                ..Health::default()
            }),
        ),
        (
            "up, poor",
            Line::Up(Health {
                rtt: Some(Duration::from_millis(2400)),
                quality: Quality::Poor,
                ..Health::default()
            }),
        ),
        (
            "waiting",
            Line::Waiting {
                attempt: 3,
                until,
                cause: lost(),
            },
        ),
        (
            "waiting, long cause",
            Line::Waiting {
                attempt: 3,
                until,
                cause: Cause::Unreachable {
                    why: "connection refused by 127.0.0.1:9800 (os error 111)".into(),
                },
            },
        ),
        (
            "resting",
            Line::Resting {
                cause: Cause::ClosedByPeer {
                    code: Some(1000),
                    reason: "idle".into(),
                },
            },
        ),
        (
            "refused",
            Line::Refused {
                cause: Cause::Denied {
                    status: Some(401),
                    reason: "unknown token".into(),
                },
            },
        ),
        (
            "given up",
            Line::GivenUp {
                attempts: 9,
                cause: lost(),
            },
        ),
    ]
}

const WIDTHS: [u16; 4] = [110, 80, 40, 20];

#[test]
fn every_mode_is_named_with_what_can_be_done() {
    let mut table = vec![];
    for lang in ["en", "zh"] {
        for width in WIDTHS {
            table.push(format!("\n{lang}, {width} columns"));
            for mode in Mode::ALL {
                let mut scene = Scene::online(width, 12);
                scene.tell(Msg::Act(format!("use-lang {lang}").parse().unwrap()));
                enter(&mut scene, mode);
                table.push(format!("{:11}|{}|", mode.name(), bar(&mut scene)));
            }
        }
    }
    assert_snapshot!("bar_modes", table.join("\n"));
}

#[test]
fn every_state_of_the_line_is_told_in_words() {
    let mut table = vec![];
    for lang in ["en", "zh"] {
        for width in WIDTHS {
            table.push(format!("\n{lang}, {width} columns"));
            for (name, line) in lines(0) {
                let mut scene = Scene::online(width, 12);
                scene.tell(Msg::Act(format!("use-lang {lang}").parse().unwrap()));
                scene.model.line = line;
                table.push(format!("{name:20}|{}|", bar(&mut scene)));
            }
        }
    }
    assert_snapshot!("bar_lines", table.join("\n"));
}

#[test]
fn a_running_turn_and_all_trouble_at_once_keep_the_state_readable() {
    let mut table = vec![];
    for width in [110, 80, 60, 40, 30, 20, 10] {
        let mut scene = Scene::online(width, 12);
        scene.ask("how far is the moon?");
        scene.wait(26_300);
        table.push(format!("late        |{}|", bar(&mut scene)));
        scene.write("and the sun?");
        scene.press("enter");
        scene.write("and Mars?");
        scene.press("enter");
        scene.model.store_down = true;
        table.push(format!("all at once |{}|", bar(&mut scene)));
    }
    assert_snapshot!("bar_trouble", table.join("\n"));
}

#[test]
fn the_state_stays_when_nothing_else_has_room() {
    for mode in Mode::ALL {
        for width in 10..60 {
            let mut scene = Scene::online(width, 6);
            enter(&mut scene, mode);
            let bar = bar(&mut scene);
            let word = mode.word().text(Lang::En);
            assert!(bar.contains(word), "{width}: {bar}");
        }
    }
}

#[test]
fn a_backend_that_is_lent_ears_and_a_voice_says_so_as_long_as_there_is_room() {
    for (lang, word) in [(Lang::En, "own voice"), (Lang::Zh, "本机语音")] {
        for (columns, shown) in [(100, true), (24, false)] {
            let mut scene = Scene::online(columns, 12);
            scene.model.lang = lang;
            assert!(!bar(&mut scene).contains(word));
            scene.hear(Down::Greeting(Greeting {
                capabilities: vec!["lent".to_owned()],
                ..Greeting::default()
            }));
            let bar = bar(&mut scene);
            assert_eq!(
                bar.replace(' ', "").contains(&word.replace(' ', "")),
                shown,
                "{bar}"
            );
        }
    }
}
