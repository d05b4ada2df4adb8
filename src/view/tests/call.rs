//! What the screen says in a call.

use super::*;
use crate::core::sound::{Loudness, Recorded, SoundError, SoundEvent, Way};
use crate::core::words::Word;
use insta::assert_snapshot;

fn shown(scene: &mut Scene) -> String {
    let (buffer, _) = scene.draw();
    let rows = rows(&buffer);
    let rows: Vec<_> = rows.iter().map(|row| row.trim_end()).collect();
    rows.join("\n")
}

fn act(scene: &mut Scene, action: &str) {
    scene.tell(Msg::Act(action.parse().unwrap()));
}

fn sound(scene: &mut Scene, event: SoundEvent) {
    scene.tell(Msg::Sound(event));
}

fn level(scene: &mut Scene, speech: bool) {
    let loudness = Loudness {
        peak_db: if speech { -9.0 } else { -52.0 },
        rms_db: if speech { -24.0 } else { -57.0 },
    };
    let way = Way::In;
    sound(
        scene,
        SoundEvent::Level {
            way,
            loudness,
            speech,
        },
    );
}

fn attending(scene: &Scene) -> TurnId {
    scene.model.call.as_ref().unwrap().attending
}

/// Somebody called 42 seconds ago.
fn calling(columns: u16, rows: u16, lang: Lang) -> Scene {
    let mut scene = Scene::online(columns, rows);
    scene.model.lang = lang;
    act(&mut scene, "call");
    let clip = attending(&scene);
    let device = "Built-in Microphone".to_owned();
    sound(&mut scene, SoundEvent::Hearing { clip, device });
    scene.ms += 42_000;
    level(&mut scene, false);
    scene
}

/// The user has begun to speak.
fn speaking(scene: &mut Scene) -> TurnId {
    let clip = attending(scene);
    sound(scene, SoundEvent::Begun { clip });
    level(scene, true);
    clip
}

fn finished(scene: &mut Scene, clip: TurnId) {
    let recorded = Recorded {
        length_ms: 1_200,
        loudness: Loudness {
            peak_db: -9.0,
            rms_db: -24.0,
        },
        speech: true,
        clipped: 0,
        lost: 0,
        gap_ms: 0,
    };
    sound(scene, SoundEvent::Recorded { clip, recorded });
}

const ANSWER: &str = "The meeting is at **ten thirty**. Shall I move it to the afternoon?";

/// A question was asked, and its answer is being spoken: up to "The meeting".
fn answered(scene: &mut Scene) -> TurnId {
    let turn = speaking(scene);
    finished(scene, turn);
    scene.ms += 300;
    scene.hear(Down::Transcript {
        turn: Some(turn),
        text: "when is the meeting".into(),
    });
    scene.ms += 600;
    scene.say(ANSWER);
    scene.done(by_llama());
    scene.ms += 200;
    sound(scene, SoundEvent::Sounding { turn });
    let words = "The meeting is at ten thirty.".to_owned();
    sound(scene, SoundEvent::Saying { turn, words });
    scene.ms += 760;
    sound(scene, SoundEvent::Heard { turn, ms: 760 });
    level(scene, false);
    let loudness = Loudness {
        peak_db: -11.0,
        rms_db: -20.0,
    };
    sound(
        scene,
        SoundEvent::Level {
            way: Way::Out,
            loudness,
            speech: true,
        },
    );
    sound(
        scene,
        SoundEvent::Echo {
            cancelled_db: Some(37.4),
            open: true,
        },
    );
    turn
}

#[test]
fn a_microphone_that_broke_off_is_waited_for_and_its_return_is_seen() {
    for ((columns, rows), lang) in [
        ((100, 30), Lang::En),
        ((40, 12), Lang::En),
        ((40, 12), Lang::Zh),
    ] {
        let mut scene = calling(columns, rows, lang);
        let word = Word::FloorGone.text(lang);
        assert!(!shown(&mut scene).contains(word));
        sound(
            &mut scene,
            SoundEvent::Trouble {
                way: Way::In,
                clip: None,
                error: SoundError::NoSystem,
                passing: true,
            },
        );
        let screen = shown(&mut scene);
        assert!(screen.contains(word), "{screen}");
        level(&mut scene, false);
        let screen = shown(&mut scene);
        assert!(!screen.contains(word), "{screen}");
    }
}

#[test]
fn a_call_says_whose_floor_it_is() {
    let mut scene = calling(100, 30, Lang::En);
    assert_snapshot!("call_open_100x30", shown(&mut scene));
    let mut scene = calling(80, 24, Lang::Zh);
    assert_snapshot!("call_open_80x24_zh", shown(&mut scene));
    let mut scene = calling(40, 12, Lang::En);
    assert_snapshot!("call_open_40x12", shown(&mut scene));
}

#[test]
fn whoever_speaks_is_heard_and_told_when_the_answer_begins() {
    for (columns, rows, lang, name) in [
        (100, 30, Lang::En, "call_you_100x30"),
        (80, 24, Lang::Zh, "call_you_80x24_zh"),
        (40, 12, Lang::En, "call_you_40x12"),
    ] {
        let mut scene = calling(columns, rows, lang);
        speaking(&mut scene);
        sound(&mut scene, SoundEvent::Patience { left_ms: Some(600) });
        assert_snapshot!(name, shown(&mut scene));
    }
}

#[test]
fn the_words_appear_as_they_are_understood() {
    let mut scene = calling(80, 24, Lang::En);
    let clip = speaking(&mut scene);
    finished(&mut scene, clip);
    scene.hear(Down::Partial {
        turn: Some(clip),
        text: "when is the".into(),
    });
    assert_snapshot!("call_partial_80x24", shown(&mut scene));
    let mut scene = calling(40, 12, Lang::Zh);
    let clip = speaking(&mut scene);
    finished(&mut scene, clip);
    scene.hear(Down::Partial {
        turn: Some(clip),
        text: "明天的会议是什么时候开始的呢我想".into(),
    });
    assert_snapshot!("call_partial_40x12_zh", shown(&mut scene));
}

#[test]
fn what_is_spoken_is_on_the_screen_word_by_word() {
    for (columns, rows, lang, name) in [
        (100, 30, Lang::En, "call_spoken_100x30"),
        (80, 24, Lang::Zh, "call_spoken_80x24_zh"),
        (40, 12, Lang::En, "call_spoken_40x12"),
    ] {
        let mut scene = calling(columns, rows, lang);
        answered(&mut scene);
        assert_snapshot!(name, shown(&mut scene));
    }
    let mut scene = calling(80, 18, Lang::En);
    answered(&mut scene);
    assert_snapshot!("call_spoken_roles", scene.picture_with_roles());
}

#[test]
fn a_cut_answer_shows_what_was_heard_of_it() {
    let mut scene = calling(80, 24, Lang::En);
    answered(&mut scene);
    let clip = speaking(&mut scene);
    finished(&mut scene, clip);
    scene.hear(Down::Transcript {
        turn: Some(clip),
        text: "which meeting".into(),
    });
    scene.store();
    assert_snapshot!("call_cut_80x24", shown(&mut scene));
}

#[test]
fn a_closed_microphone_is_told_at_any_size() {
    for (state, name) in [("mute", "call_muted"), ("hold", "call_held")] {
        for (columns, rows, lang) in [(80, 24, Lang::En), (40, 12, Lang::Zh)] {
            let mut scene = calling(columns, rows, lang);
            act(&mut scene, state);
            let name = format!("{name}_{columns}x{rows}");
            assert_snapshot!(name, shown(&mut scene));
        }
    }
    for muted in [false, true] {
        let mut scene = calling(80, 24, Lang::En);
        if muted {
            act(&mut scene, "mute");
        }
        scene.write("typing");
        for (columns, rows) in (1..80).flat_map(|columns| (2..30).map(move |rows| (columns, rows)))
        {
            scene.model.size = (columns, rows);
            let screen = shown(&mut scene);
            let told = if muted {
                screen.contains('○') || screen.contains("muted")
            } else {
                screen.contains('●') || screen.contains("microphone open")
            };
            assert!(
                told || columns < 16 && rows < 4,
                "{columns}x{rows}\n{screen}"
            );
        }
    }
}

#[test]
fn half_duplex_is_told() {
    let mut scene = calling(80, 24, Lang::En);
    let (cancelled_db, open) = (Some(6.0), false);
    sound(&mut scene, SoundEvent::Echo { cancelled_db, open });
    assert_snapshot!("call_half_duplex_80x24", shown(&mut scene));
}

#[test]
fn where_the_time_went_is_a_page() {
    for (columns, rows, lang) in [(100, 30, Lang::En), (80, 24, Lang::Zh), (40, 12, Lang::En)] {
        let mut scene = calling(columns, rows, lang);
        let turn = answered(&mut scene);
        scene.ms += 4_000;
        sound(&mut scene, SoundEvent::Spoken { turn });
        act(&mut scene, "call");
        scene.ask("a slow one");
        scene.ms += 3_100;
        scene.say("Hm");
        scene.ms += 400;
        scene.press("esc");
        scene.ask("why");
        scene.ms += 150;
        scene.say("Because.");
        scene.ms += 40;
        scene.done(by_builtin());
        scene.model.toasts.clear();
        scene.press("f11");
        assert_snapshot!(format!("times_{columns}x{rows}"), shown(&mut scene));
    }
    let mut scene = Scene::online(40, 12);
    scene.press("f11");
    assert_snapshot!("times_empty_40x12", shown(&mut scene));
}

#[test]
fn no_size_breaks_a_call() {
    for (columns, rows) in [
        (0, 0),
        (1, 1),
        (2, 3),
        (3, 40),
        (5, 16),
        (7, 24),
        (20, 5),
        (200, 1),
        (300, 100),
    ] {
        for lang in [Lang::En, Lang::Zh] {
            let mut scene = calling(columns, rows, lang);
            scene.draw();
            answered(&mut scene);
            scene.draw();
            let clip = speaking(&mut scene);
            sound(&mut scene, SoundEvent::Patience { left_ms: Some(600) });
            scene.draw();
            finished(&mut scene, clip);
            scene.hear(Down::Partial {
                turn: Some(clip),
                text: "你好 👩‍👩‍👧 hello\nthere".into(),
            });
            scene.draw();
            act(&mut scene, "hold");
            scene.draw();
            scene.press("f11");
            scene.draw();
        }
    }
}
