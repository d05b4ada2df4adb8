//! With a library of onnxruntime in the place of our own engine.

use super::support::planted;
use super::{Wanted, hear, recording, wanted};
use hearsay::core::words::Lang;
use hearsay::mind::SpeechError;
use hearsay::mind::ears;
use hearsay::mind::engine::ModelError;
use std::path::Path;

fn with(models: &Path, choice: &str, library: &str) -> Wanted {
    Wanted {
        library: library.to_owned(),
        ..wanted(models, choice)
    }
}

/// Why nothing is heard with such a library.
async fn refusal(library: &str) -> ModelError {
    let models = tempfile::tempdir().unwrap();
    planted::moonshine(&models.path().join("moonshine-tiny"));
    let wanted = with(models.path(), "auto", library);
    let ears = ears::choose(&wanted, Lang::En).unwrap();
    match hear(&*ears, recording(&["no"])).await.0 {
        Err(SpeechError::Model(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[cfg(not(feature = "onnxruntime"))]
#[tokio::test]
async fn a_build_that_has_none_says_so() {
    assert_eq!(refusal("auto").await, ModelError::Alone);
    assert!(ModelError::Alone.hint(Lang::En).contains("`onnxruntime`"));
}

#[cfg(feature = "onnxruntime")]
mod built {
    use super::super::support::{planted, planted_frames, planted_language, planted_voice};
    use super::super::{hear, recording};
    use super::{refusal, with};
    use hearsay::core::backend::VoiceWish;
    use hearsay::core::words::Lang;
    use hearsay::mind::ears;
    use hearsay::mind::engine::ModelError;
    use hearsay::mind::local::Here;
    use hearsay::mind::voice::{self, Pcm, Utterance};
    use hearsay::mind::{Ask, Brain, Said, Thought};
    use std::path::Path;
    use std::time::Duration;
    use tokio::sync::mpsc;

    /// Where one is; nothing where the tests are to do without.
    #[expect(clippy::print_stdout, reason = "a test says that it is skipped")]
    fn library() -> Option<String> {
        let named = std::env::var("ORT_DYLIB_PATH").ok();
        if named.is_none() {
            println!("skipped: `ORT_DYLIB_PATH` names no library of onnxruntime");
        }
        named
    }

    #[tokio::test]
    async fn what_is_no_such_library_is_told_with_its_place_and_with_what_helps() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("libonnxruntime.so");
        for bytes in [None, Some("no library")] {
            if let Some(bytes) = bytes {
                std::fs::write(&file, bytes).unwrap();
            }
            let why = refusal(&file.display().to_string()).await;
            let told = why.tell(Lang::En);
            assert!(matches!(why, ModelError::Library { .. }), "{told}");
            assert!(told.contains("libonnxruntime.so"), "{told}");
            assert!(why.hint(Lang::En).contains("`models.onnxruntime`"));
        }
    }

    #[tokio::test]
    async fn every_kind_of_model_hears_as_with_our_own() {
        let Some(library) = library() else { return };
        let models = tempfile::tempdir().unwrap();
        let kinds = [
            ("moonshine-tiny", planted::moonshine as fn(&Path)),
            ("sense-voice", planted_frames::sense_voice),
            ("whisper-base", planted::whisper),
            ("zipformer", planted_frames::zipformer),
        ];
        let said = ["what", "no", "six", "times", "one", "now"];
        for (name, make) in kinds {
            make(&models.path().join(name));
            let choice = format!("model:{name}");
            // The path of it, or of its folder, or as it is found.
            let folder = Path::new(&library).parent().unwrap().display().to_string();
            for place in [library.as_str(), &folder, "auto"] {
                let wanted = with(models.path(), &choice, place);
                let ears = ears::choose(&wanted, Lang::En).unwrap();
                let (heard, _) = hear(&*ears, recording(&said)).await;
                assert_eq!(heard.unwrap().text, said.join(" "), "{name}, {place}");
                let (heard, _) = hear(&*ears, recording(&["can", "one"])).await;
                assert_eq!(heard.unwrap().text, "can one", "{name}, {place}");
            }
        }
    }

    #[tokio::test]
    async fn every_kind_of_voice_speaks_as_with_our_own() {
        let Some(library) = library() else { return };
        let models = tempfile::tempdir().unwrap();
        planted_voice::vits(&models.path().join("amy"), "en_US-amy");
        planted_voice::kokoro(&models.path().join("kokoro"));
        planted_voice::melo(&models.path().join("melo-zh-en"));
        for (name, text, lang) in [
            ("amy", "Hello there.", Lang::En),
            ("kokoro", "Tea, it is.", Lang::En),
            ("melo-zh-en", "你好，hello。", Lang::Zh),
        ] {
            let mut spoken = vec![];
            for place in ["", library.as_str()] {
                let wanted = with(models.path(), &format!("model:{name}"), place);
                let voice = voice::choose(&wanted, Lang::En).unwrap();
                let (out, mut inbox) = mpsc::channel::<Pcm>(1_000);
                let wish = VoiceWish {
                    engine: None,
                    voice: None,
                    speed: 1.0,
                };
                let text = text.to_owned();
                voice
                    .speak(Utterance { text, lang, wish }, out)
                    .await
                    .unwrap();
                let mut sound = vec![];
                while let Some(piece) = inbox.recv().await {
                    sound.extend(piece.samples);
                }
                spoken.push(sound);
            }
            assert!(!spoken[0].is_empty());
            // To the last rounding of a number.
            let apart = |(one, other): (&i16, &i16)| one.abs_diff(*other);
            let most = spoken[0].iter().zip(&spoken[1]).map(apart).max();
            assert_eq!(spoken[0].len(), spoken[1].len(), "{name}");
            assert!(most <= Some(1), "{name}: {most:?}");
        }
    }

    #[tokio::test]
    async fn a_model_answers_as_with_our_own() {
        let Some(library) = library() else { return };
        let models = tempfile::tempdir().unwrap();
        planted_language::language(&models.path().join("tiny"), 4_096);
        let mut answers = vec![];
        for library in [String::new(), library] {
            let here = Here {
                models: models.path().to_owned(),
                program: env!("CARGO_BIN_EXE_hearsay").into(),
                library,
                patience: Duration::from_secs(30),
            };
            let brain = here.brains().remove(0);
            let ask = Ask {
                said: vec![Said::User("one".to_owned())],
                ..Ask::default()
            };
            let (out, mut inbox) = mpsc::channel(10_000);
            brain.think(ask, out).await.unwrap();
            let mut text = String::new();
            while let Ok(piece) = inbox.try_recv() {
                if let Thought::Text(more) = piece {
                    text.push_str(&more);
                }
            }
            answers.push(text);
        }
        assert!(!answers[0].is_empty());
        assert_eq!(answers[0], answers[1]);
    }
}
