//! Screens with models that hear and speak.

use super::*;
use crate::core::shelf::{Offer, Pause, Pull, ShelfEvent, Standing, Task};
use insta::assert_snapshot;

fn offer(model: &str, languages: &[&str], mb: u64, licence: &str, standing: Standing) -> Offer {
    Offer {
        model: model.to_owned(),
        task: Task::Ears,
        languages: languages.iter().map(|one| (*one).to_owned()).collect(),
        licence: licence.to_owned(),
        weight: Some((mb * 1_000_000, false)),
        pinned: false,
        source: format!("https://huggingface.co/onnx-community/{model}"),
        standing,
    }
}

fn offers() -> ShelfEvent {
    let partial = Standing::Partial { bytes: 12_345_678 };
    let here = Standing::Here { bytes: 31_000_000 };
    let sensevoice = ["zh", "yue", "en", "ja", "ko"];
    ShelfEvent::Listed(vec![
        offer("moonshine-tiny", &["en"], 35, "MIT", here),
        offer("moonshine-base", &["en"], 77, "MIT", partial),
        offer(
            "whisper-base",
            &["en", "zh", "*"],
            81,
            "Apache-2.0",
            Standing::Absent,
        ),
        offer(
            "sensevoice-small",
            &sensevoice,
            240,
            "FunASR model licence",
            Standing::Damaged,
        ),
    ])
}

fn pulling(pause: Option<Pause>) -> Msg {
    Msg::Shelf(ShelfEvent::Pulling(Pull {
        model: "moonshine-base".to_owned(),
        nth: 2,
        of: 5,
        done: 18_100_000,
        total: Some(42_400_000),
        pause,
    }))
}

fn scene(columns: u16, rows: u16, lang: &str) -> Scene {
    let mut scene = Scene::online(columns, rows);
    scene.tell(Msg::Act(format!("use-lang {lang}").parse().unwrap()));
    scene.exchange(
        "what is a good day?",
        "One with a walk, 火锅 and *no* meeting.",
    );
    scene
}

#[test]
fn the_list_says_state_size_and_licence() {
    for lang in ["en", "zh"] {
        for (columns, rows) in [(100, 30), (40, 12)] {
            let mut scene = scene(columns, rows, lang);
            scene.tell(Msg::Act("speech-models".parse().unwrap()));
            scene.tell(Msg::Shelf(offers()));
            assert_snapshot!(
                format!("speech_models_{columns}x{rows}_{lang}"),
                scene.picture()
            );
        }
    }
}

#[test]
fn the_question_says_what_it_costs() {
    for lang in ["en", "zh"] {
        for (columns, rows) in [(100, 30), (40, 12)] {
            let mut scene = scene(columns, rows, lang);
            let want = "pull-model sensevoice-small";
            scene.tell(Msg::Act(want.parse().unwrap()));
            scene.tell(Msg::Shelf(offers()));
            assert_snapshot!(
                format!("pull_question_{columns}x{rows}_{lang}"),
                scene.picture()
            );
        }
    }
}

#[test]
fn a_line_says_how_far_it_is_while_the_conversation_goes_on() {
    for lang in ["en", "zh"] {
        for (columns, rows) in [(100, 30), (40, 12)] {
            let mut scene = scene(columns, rows, lang);
            scene.tell(pulling(None));
            scene.ask("and a bad one?");
            scene.say("One in which");
            assert_snapshot!(format!("pulling_{columns}x{rows}_{lang}"), scene.picture());
        }
    }
    let mut scene = scene(60, 12, "en");
    scene.tell(pulling(Some(Pause::Again { seconds: 8 })));
    assert_snapshot!("pulling_again_60x12", scene.picture());
    scene.tell(pulling(Some(Pause::Elsewhere)));
    assert_snapshot!("pulling_elsewhere_60x12", scene.picture());
}

#[test]
fn a_pull_that_fails_says_why_and_what_to_do() {
    for (columns, rows) in [(100, 30), (40, 12)] {
        let mut scene = scene(columns, rows, "en");
        scene.tell(Msg::Shelf(ShelfEvent::Failed {
            what: "`encoder_model_quantized.onnx` of `moonshine-base` was not fetched; \
                https://huggingface.co/onnx-community/moonshine-base-ONNX/resolve/main/onnx/\
                encoder_model_quantized.onnx: no machine is called `huggingface.co`"
                .to_owned(),
            hint: Some(
                "check the network, or name a hub that can be reached with `--hub URL`; run \
                 `hearsay models pull moonshine-base` to try again"
                    .to_owned(),
            ),
        }));
        assert_snapshot!(format!("pull_failed_{columns}x{rows}"), scene.picture());
    }
}
