//! What the screen says while something is recorded, recognised and spoken.

use super::*;
use crate::core::sound::{Loudness, Recorded, SoundError, SoundEvent, Way};
use insta::assert_snapshot;

fn shown(scene: &mut Scene) -> String {
    let (buffer, _) = scene.draw();
    rows(&buffer)
        .iter()
        .map(|row| row.trim_end())
        .collect::<Vec<_>>()
        .join("\n")
}

fn act(scene: &mut Scene, action: &str) {
    scene.tell(Msg::Act(action.parse().unwrap()));
}

/// The microphone is open and somebody speaks.
fn talking(columns: u16, rows: u16, lang: Lang) -> Scene {
    let mut scene = Scene::online(columns, rows);
    scene.model.lang = lang;
    act(&mut scene, "talk");
    let clip = scene.model.voice.recording.as_ref().unwrap().clip;
    let device = "Built-in Microphone".to_owned();
    scene.tell(Msg::Sound(SoundEvent::Hearing { clip, device }));
    scene.ms += 3_200;
    scene.tell(Msg::Sound(SoundEvent::Level {
        way: Way::In,
        loudness: Loudness {
            peak_db: -9.0,
            rms_db: -24.0,
        },
        speech: true,
    }));
    scene
}

fn released(scene: &mut Scene) -> TurnId {
    let clip = scene.model.voice.recording.as_ref().unwrap().clip;
    act(scene, "talk");
    let recorded = Recorded {
        length_ms: 3_400,
        loudness: Loudness {
            peak_db: -9.0,
            rms_db: -24.0,
        },
        speech: true,
        clipped: 0,
        lost: 0,
        gap_ms: 0,
    };
    scene.tell(Msg::Sound(SoundEvent::Recorded { clip, recorded }));
    clip
}

#[test]
fn a_microphone_that_went_away_is_said_to_be_waited_for_until_there_is_one() {
    for (name, columns, rows, lang) in [
        ("voice_lost_100x30", 100, 30, Lang::En),
        ("voice_lost_40x12_zh", 40, 12, Lang::Zh),
    ] {
        let mut scene = talking(columns, rows, lang);
        let clip = scene.model.voice.recording.as_ref().map(|one| one.clip);
        scene.tell(Msg::Sound(SoundEvent::Trouble {
            way: Way::In,
            clip,
            error: SoundError::ServerDead {
                why: "Connection refused".into(),
            },
            passing: true,
        }));
        assert_snapshot!(name, shown(&mut scene));
        let (way, device) = (Way::In, "Headset".to_owned());
        scene.tell(Msg::Sound(SoundEvent::Moved { way, device }));
        let screen = shown(&mut scene);
        let strip = screen.lines().find(|line| line.starts_with("● 3.2 s"));
        assert!(
            strip.is_some_and(|strip| strip.contains("Headset")),
            "{screen}"
        );
    }
}

#[test]
fn an_open_microphone_is_seen_at_any_width() {
    assert_snapshot!(
        "voice_recording_100x30",
        shown(&mut talking(100, 30, Lang::En))
    );
    assert_snapshot!(
        "voice_recording_40x12_zh",
        shown(&mut talking(40, 12, Lang::Zh))
    );
    for columns in 1..60 {
        let mut scene = talking(columns, 5, Lang::En);
        let screen = shown(&mut scene);
        let told = screen.contains("microphone open") || screen.contains('●');
        assert!(told || columns < 12, "{columns}\n{screen}");
    }
}

#[test]
fn a_recording_is_a_message_before_its_words_are_known() {
    let mut scene = talking(80, 14, Lang::En);
    let turn = Some(released(&mut scene));
    scene.store();
    assert_snapshot!("voice_recognising_80x14", shown(&mut scene));
    scene.hear(Down::Transcript {
        turn,
        text: " ".into(),
    });
    assert_snapshot!("voice_no_words_80x14", shown(&mut scene));
}

#[test]
fn a_spoken_answer_says_how_to_stop_and_to_pause_it() {
    let mut scene = talking(80, 14, Lang::En);
    let turn = released(&mut scene);
    scene.hear(Down::Transcript {
        turn: Some(turn),
        text: "what time is it".into(),
    });
    scene.hear(Down::Done {
        turn: Some(turn),
        full: Some("It is noon.".into()),
        by: None,
        usage: None,
    });
    scene.tell(Msg::Sound(SoundEvent::Sounding { turn }));
    scene.store();
    assert_snapshot!("voice_speaking_80x14", shown(&mut scene));
    act(&mut scene, "pause");
    let last = shown(&mut scene).lines().last().unwrap().to_owned();
    assert!(last.starts_with("paused"), "{last}");
}

#[test]
fn the_words_appear_while_they_are_spoken() {
    for (columns, rows, lang, name, text) in [
        (100, 30, Lang::En, "voice_live_100x30", "what time is it in"),
        (40, 12, Lang::En, "voice_live_40x12", "what time is it in"),
        (
            40,
            12,
            Lang::Zh,
            "voice_live_40x12_zh",
            "明天的会议是什么时候开始的呢我想",
        ),
    ] {
        let mut scene = talking(columns, rows, lang);
        let turn = scene.model.voice.recording.as_ref().unwrap().clip;
        scene.hear(Down::Partial {
            turn: Some(turn),
            text: text.into(),
        });
        assert_snapshot!(name, shown(&mut scene));
    }
}
