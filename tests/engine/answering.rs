//! From a conversation to an answer.

use super::support::{planted, planted_language, planted_voice};
use super::{Wanted, wanted};
use hearsay::core::words::Lang;
use hearsay::mind::local::{Here, Local};
use hearsay::mind::{Ask, Brain, BrainError, Finish, Said, Thought, ears};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

fn brains(models: &Path) -> Vec<Arc<Local>> {
    let here = Here {
        models: models.to_owned(),
        program: env!("CARGO_BIN_EXE_hearsay").into(),
        library: String::new(),
        patience: Duration::from_secs(30),
    };
    here.brains()
}

fn ask(lines: &[&str]) -> Ask {
    let said = lines.iter().enumerate().map(|(nth, line)| {
        let text = (*line).to_owned();
        match nth % 2 {
            0 => Said::User(text),
            _ => Said::Assistant {
                text,
                calls: vec![],
            },
        }
    });
    let system = Said::System("be".to_owned());
    Ask {
        said: [system].into_iter().chain(said).collect(),
        ..Ask::default()
    }
}

/// What is answered, what is only thought, and the pieces of both.
async fn answer(
    brain: &dyn Brain,
    ask: Ask,
) -> (Result<Finish, BrainError>, String, String, Vec<Thought>) {
    let (out, mut inbox) = mpsc::channel(10_000);
    let finish = brain.think(ask, out).await;
    let (mut text, mut thought, mut pieces) = (String::new(), String::new(), vec![]);
    while let Ok(piece) = inbox.try_recv() {
        match &piece {
            Thought::Text(more) => text.push_str(more),
            Thought::Reasoning(more) => thought.push_str(more),
            _ => {}
        }
        pieces.push(piece);
    }
    (finish, text, thought, pieces)
}

#[tokio::test]
async fn a_model_answers_piece_by_piece_and_remembers_the_conversation() {
    let models = tempfile::tempdir().unwrap();
    planted_language::language(&models.path().join("tiny-chat"), 4_096);
    let brains = brains(models.path());
    let [brain] = brains.as_slice() else {
        panic!("{brains:?}")
    };
    assert_eq!(brain.info().id, "model:tiny-chat");
    let (finish, text, thought, pieces) = answer(&**brain, ask(&["who?"])).await;
    assert_eq!(finish, Ok(Finish::Stop));
    assert_eq!((text.as_str(), thought.as_str()), ("Hello you,你", "who"));
    assert_eq!(pieces[0], Thought::Loading);
    let texts = pieces.iter().filter(|one| matches!(one, Thought::Text(_)));
    assert_eq!(texts.count(), 4, "{pieces:?}");
    let Some(Thought::Usage(usage)) = pieces.last() else {
        panic!("{pieces:?}")
    };
    assert_eq!(usage.completion, 8);

    // The same process goes on, and knows what was said at the beginning.
    let (_, text, _, pieces) = answer(&**brain, ask(&["I am Ada", "Hello Ada,你"])).await;
    assert_eq!(text, "Hello Ada,你");
    assert!(!pieces.contains(&Thought::Loading));
    let lines = ["I am Ada", "Hello Ada,你", "who?"];
    let (_, text, ..) = answer(&**brain, ask(&lines)).await;
    assert_eq!(text, "Hello Ada,你");
    // Another conversation is another one.
    let (_, text, ..) = answer(&**brain, ask(&["who?"])).await;
    assert_eq!(text, "Hello you,你");
}

#[tokio::test]
async fn an_answer_without_end_is_cut_and_one_that_nobody_reads_is_stopped() {
    let models = tempfile::tempdir().unwrap();
    planted_language::language(&models.path().join("singer"), 64);
    let brain = brains(models.path()).remove(0);
    let (finish, text, ..) = answer(&*brain, ask(&["sing"])).await;
    assert_eq!(finish, Ok(Finish::Length));
    assert!(text.starts_with("la la la"), "{text}");

    planted_language::language(&models.path().join("singer"), 4_096);
    let brain = brains(models.path()).remove(0);
    let (out, mut inbox) = mpsc::channel(1);
    let mut thinking = brain.think(ask(&["sing"]), out);
    tokio::select! {
        finish = &mut thinking => panic!("{finish:?}"),
        _first = async { while inbox.recv().await != Some(Thought::Text("la".to_owned())) {} } => {}
    }
    drop(inbox);
    assert_eq!(thinking.await, Ok(Finish::Stop));
    let (_, text, ..) = answer(&*brain, ask(&["who?"])).await;
    assert_eq!(text, "Hello you,你");
}

#[tokio::test]
async fn a_conversation_that_is_too_long_loses_its_oldest_lines() {
    let models = tempfile::tempdir().unwrap();
    planted_language::language(&models.path().join("short"), 300);
    let brain = brains(models.path()).remove(0);
    let lines = ["I am Ada", "Hello Ada,你"].repeat(10);
    let lines = [lines, vec!["who?"]].concat();
    let (finish, text, ..) = answer(&*brain, ask(&lines)).await;
    assert_eq!(finish, Ok(Finish::Stop));
    assert_eq!(text, "Hello Ada,你");
    let endless = "who?".repeat(10_000);
    let (finish, text, ..) = answer(&*brain, ask(&[endless.as_str()])).await;
    assert_eq!(finish, Ok(Finish::Stop));
    assert_eq!(text, "Hello you,你");
}

#[tokio::test]
async fn what_is_wrong_with_a_model_is_said() {
    let models = tempfile::tempdir().unwrap();
    let put = |name: &str, file: &str, change: &dyn Fn(String) -> String| {
        let folder = models.path().join(name);
        planted_language::language(&folder, 4_096);
        let path = folder.join(file);
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, change(String::from_utf8_lossy(&bytes).into_owned())).unwrap();
    };
    let tokens = "tokenizer.json";
    put("base", tokens, &|text| text.replace("<|im_start|>", "<s>"));
    put("listless", tokens, &|text| {
        text.replace("\"merges\"", "\"m\"")
    });
    put("page", "onnx/model_quantized.onnx", &|_text| {
        "<html>".to_owned()
    });
    put("half", "onnx/model_quantized.onnx", &|text| {
        text.chars().take(99).collect()
    });
    let brains = brains(models.path());
    assert_eq!(brains.len(), 4);
    for brain in brains {
        let (finish, text, ..) = answer(&*brain, ask(&["who?"])).await;
        let error = finish.unwrap_err();
        assert!(text.is_empty());
        assert!(matches!(error, BrainError::Here { .. }), "{error:?}");
        assert!(!error.hint(Lang::En).is_empty() && !error.hint(Lang::Zh).is_empty());
        let name = brain.info().name;
        let said = match name.as_str() {
            "base" => "it has no `<|im_start|>`",
            "listless" => "it lists no pairs of pieces that are joined",
            "page" => "it is a web page",
            _ => "onnx",
        };
        assert!(error.to_string().contains(said), "{name}: {error}");
    }
}

#[test]
fn a_model_is_taken_for_what_it_is() {
    let models = tempfile::tempdir().unwrap();
    planted_language::language(&models.path().join("chat"), 4_096);
    planted_voice::vits(&models.path().join("amy"), "en_US-amy");
    assert_eq!(brains(models.path()).len(), 1);
    let wanted: Wanted = wanted(models.path(), "model:chat");
    let error = ears::choose(&wanted, Lang::En).err().unwrap();
    assert_eq!(
        error.to_string(),
        "`chat` answers, and neither hears nor speaks"
    );
}

#[test]
fn the_program_answers_with_a_model_when_it_is_told_to() {
    let data = tempfile::tempdir().unwrap();
    let run = |brain: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_hearsay"))
            .arg("--data-dir")
            .arg(data.path())
            .args(["--lang", "en", "--brain", brain, "ask", "who?"])
            .env_clear()
            .env("HOME", data.path())
            .env("PATH", "/nowhere")
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (text(output.stdout), text(output.stderr))
    };
    let (_, told) = run("local");
    assert!(
        told.contains("no model on this machine that answers"),
        "{told}"
    );
    assert!(told.contains("hearsay models list"), "{told}");
    planted_language::language(&data.path().join("models/tiny"), 4_096);
    for brain in ["local", "model:tiny"] {
        let (answer, told) = run(brain);
        assert_eq!(answer.trim_end(), "Hello you,你", "{told}");
    }
    planted::whisper(&data.path().join("models/whisper"));
    let half = data.path().join("models/half");
    planted_language::language(&half, 4_096);
    fs::remove_file(half.join("tokenizer.json")).unwrap();
    for (brain, said) in [
        (
            "model:other",
            "no model on this machine answers (asked for: `model:other`)",
        ),
        ("model:../models/tiny", "no model on this machine answers"),
        (
            "model:whisper",
            "`whisper` hears, and neither speaks nor answers",
        ),
        ("model:half", "lacks its file tokenizer.json"),
    ] {
        let (_, told) = run(brain);
        assert!(told.contains(said), "{told}");
    }
}
