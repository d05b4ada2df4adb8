//! Files that are no models, models that are no good, and processes that end.

use super::support::onnx::{Graph, Kind, Set};
use super::support::{planted, planted_frames, planted_voice};
use super::{hear, listener, recording, wanted};
use hearsay::core::words::Lang;
use hearsay::mind::SpeechError;
use hearsay::mind::ears::{self, Recording};
use hearsay::mind::speech::Limits;
use hearsay::mind::voice;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// What is said about a model that cannot hear.
async fn told(models: &Path, name: &str) -> String {
    let choice = format!("model:{name}");
    let error = match ears::choose(&wanted(models, &choice), Lang::En) {
        Err(error) => error,
        Ok(ears) => hear(&*ears, recording(&["one"])).await.0.unwrap_err(),
    };
    assert!(
        error.hint(Lang::En).is_some_and(|hint| !hint.is_empty()),
        "{error}"
    );
    assert!(!error.tell(Lang::Zh).is_empty());
    error
        .to_string()
        .replace(&models.display().to_string(), "MODELS")
}

#[tokio::test]
async fn whatever_is_wrong_with_a_model_is_said_in_a_sentence() {
    let root = tempfile::tempdir().unwrap();
    let models = root.path();
    let good = models.join("good");
    planted::moonshine(&good);
    let with = |name: &str, file: &str, bytes: &[u8]| {
        let folder = models.join(name);
        planted::moonshine(&folder);
        fs::write(folder.join(file), bytes).unwrap();
    };
    let encoder = fs::read(good.join("encoder_model.onnx")).unwrap();
    with("short", "encoder_model.onnx", &encoder[..encoder.len() / 2]);
    with(
        "page",
        "encoder_model.onnx",
        b"<!DOCTYPE html><title>404</title>",
    );
    with(
        "pointer",
        "decoder_model_merged.onnx",
        b"version https://git-lfs.github.com/spec/v1\n",
    );
    with("empty", "encoder_model.onnx", b"");
    with(
        "swapped",
        "encoder_model.onnx",
        &fs::read(good.join("decoder_model_merged.onnx")).unwrap(),
    );
    with("words", "tokenizer.json", b"{\"model\": 7}");
    planted::moonshine(&models.join("listless"));
    fs::remove_file(models.join("listless/tokenizer.json")).unwrap();
    planted::moonshine(&models.join("half"));
    fs::remove_file(models.join("half/decoder_model_merged.onnx")).unwrap();
    planted_voice::vits(&models.join("amy"), "en_US-amy");
    fs::create_dir(models.join("nothing")).unwrap();
    let table = [
        (
            "short",
            "the model file MODELS/short/encoder_model.onnx cannot be used: what begins at byte ",
        ),
        (
            "page",
            "the model file MODELS/page/encoder_model.onnx cannot be used: it is a web page",
        ),
        (
            "pointer",
            "the model file MODELS/pointer/decoder_model_merged.onnx cannot be used: it is a \
             pointer of Git LFS, and not the file itself",
        ),
        (
            "empty",
            "the model file MODELS/empty/encoder_model.onnx cannot be used: it holds no graph",
        ),
        (
            "swapped",
            "MODELS/swapped/encoder_model.onnx is a model of another kind: it has no `input_values`",
        ),
        (
            "words",
            "the model file MODELS/words/tokenizer.json cannot be used: invalid type",
        ),
        (
            "listless",
            "the model in MODELS/listless lacks its file tokenizer.json",
        ),
        (
            "half",
            "the model in MODELS/half lacks its file decoder_model_merged.onnx",
        ),
        ("amy", "`amy` speaks, and neither hears nor answers"),
        ("nothing", "there is no model in MODELS/nothing"),
        ("missing", "`missing` is not on this machine"),
        ("../good", "`../good` is not on this machine"),
    ];
    for (name, begins) in table {
        let told = told(models, name).await;
        assert!(told.starts_with(begins), "{name}: {told}");
    }
    let error = voice::choose(&wanted(models, "model:good"), Lang::En)
        .err()
        .unwrap();
    assert_eq!(
        error.to_string(),
        "`good` hears, and neither speaks nor answers"
    );
}

#[tokio::test]
async fn a_model_that_was_mended_is_heard_with_at_once() {
    let models = tempfile::tempdir().unwrap();
    let folder = models.path().join("moonshine");
    planted::moonshine(&folder);
    let encoder = fs::read(folder.join("encoder_model.onnx")).unwrap();
    fs::write(folder.join("encoder_model.onnx"), &encoder[..1_000]).unwrap();
    let ears = listener(models.path(), "model:moonshine");
    let error = hear(&*ears, recording(&["one"])).await.0.unwrap_err();
    assert!(matches!(error, SpeechError::Model(_)), "{error}");
    fs::write(folder.join("encoder_model.onnx"), &encoder).unwrap();
    assert_eq!(
        hear(&*ears, recording(&["one"])).await.0.unwrap().text,
        "one"
    );
}

/// A Moonshine whose encoder is this graph.
fn moonshine_with(folder: &Path, graph: &Graph) {
    planted::moonshine(folder);
    fs::write(folder.join("encoder_model.onnx"), graph.model(&[])).unwrap();
}

#[tokio::test]
async fn a_model_that_wants_all_memory_or_breaks_down_ends_its_own_process_only() {
    let models = tempfile::tempdir().unwrap();
    // A petabyte of zeros, whether it can be foreseen or not.
    let mut greedy = Graph::default();
    greedy.input("input_values", Kind::F32, &[-1, -1]);
    greedy.ints("sizes", &[3], &[1, 1 << 28, 1 << 20]);
    greedy.node("ConstantOfShape", &["sizes"], &["zeros"], &[]);
    greedy.node(
        "Add",
        &["zeros", "input_values"],
        &["last_hidden_state"],
        &[],
    );
    greedy.output("last_hidden_state", Kind::F32, &[-1, -1, 8]);
    moonshine_with(&models.path().join("greedy"), &greedy);
    // Doubles what it has, forty times.
    let mut growing = Graph::default();
    growing.input("input_values", Kind::F32, &[-1, -1]);
    let mut last = "input_values".to_owned();
    for round in 0..40 {
        let next = format!("r{round}");
        growing.node(
            "Concat",
            &[&last, &last],
            &[&next],
            &[("axis", Set::Int(1))],
        );
        last = next;
    }
    growing.node("Identity", &[&last], &["last_hidden_state"], &[]);
    growing.output("last_hidden_state", Kind::F32, &[-1, -1]);
    moonshine_with(&models.path().join("growing"), &growing);
    for name in ["greedy", "growing"] {
        let choice = format!("model:{name}");
        let ears = listener(models.path(), &choice);
        // Whoever asks again is told again.
        for _ in 0..2 {
            let error = hear(&*ears, recording(&["one"])).await.0.unwrap_err();
            assert!(
                matches!(error, SpeechError::Failed { .. } | SpeechError::Model(_)),
                "{name}: {error}"
            );
        }
    }
}

#[tokio::test]
async fn a_model_that_goes_on_for_ever_is_ended() {
    let models = tempfile::tempdir().unwrap();
    let mut endless = Graph::default();
    endless.input("input_values", Kind::F32, &[-1, -1]);
    endless.ints("often", &[], &[i64::from(i32::MAX)]);
    endless.ints("go", &[], &[1]);
    let mut body = Graph::default();
    body.input("round", Kind::I64, &[]);
    body.input("on", Kind::Bool, &[]);
    body.input("was", Kind::F32, &[-1, -1]);
    body.node("Identity", &["on"], &["still"], &[]);
    body.node("Identity", &["was"], &["is"], &[]);
    body.output("still", Kind::Bool, &[]);
    body.output("is", Kind::F32, &[-1, -1]);
    endless.node("Cast", &["go"], &["going"], &[("to", Set::Int(9))]);
    endless.node(
        "Loop",
        &["often", "going", "input_values"],
        &["last_hidden_state"],
        &[("body", Set::Graph(body))],
    );
    endless.output("last_hidden_state", Kind::F32, &[-1, -1]);
    moonshine_with(&models.path().join("endless"), &endless);
    let wanted = ears::Wanted {
        limits: Limits {
            patience: Duration::from_millis(500),
            ..Limits::default()
        },
        ..wanted(models.path(), "auto")
    };
    let ears = ears::choose(&wanted, Lang::En).unwrap();
    let error = hear(&*ears, recording(&["one"])).await.0.unwrap_err();
    assert!(
        matches!(error, SpeechError::Silent { .. } | SpeechError::Model(_)),
        "{error}"
    );
}

#[expect(clippy::disallowed_methods, reason = "a test of time looks at it")]
fn now() -> Instant {
    Instant::now()
}

#[tokio::test]
async fn who_is_dropped_stops_and_the_next_is_heard() {
    let models = tempfile::tempdir().unwrap();
    planted_frames::sense_voice(&models.path().join("sense"));
    let ears = listener(models.path(), "auto");
    // Ten minutes, of which the first windows are being heard when nobody wants them any more.
    let words = ["one", "six"].repeat(1_650);
    let long = recording(&words);
    let (partials, mut inbox) = tokio::sync::mpsc::channel(100);
    tokio::select! {
        heard = ears.hear(long, partials) => panic!("{heard:?}"),
        partial = inbox.recv() => assert!(partial.is_some()),
    }
    let start = now();
    let (heard, _) = hear(&*ears, recording(&["no", "now"])).await;
    assert_eq!(heard.unwrap().text, "no now");
    println!("heard the next after {:?}", start.elapsed());
}

#[tokio::test]
async fn a_model_that_is_not_in_use_takes_no_memory() {
    let models = tempfile::tempdir().unwrap();
    let folder = models.path().join("moonshine");
    planted::moonshine(&folder);
    let wanted = ears::Wanted {
        idle: Duration::from_millis(50),
        ..wanted(models.path(), "auto")
    };
    let ears = ears::choose(&wanted, Lang::En).unwrap();
    assert_eq!(engines(&folder), 0, "nothing runs before it is asked");
    for _ in 0..2 {
        assert_eq!(
            hear(&*ears, recording(&["one"])).await.0.unwrap().text,
            "one"
        );
        assert!(engines(&folder) <= 1);
        let mut clock = tokio::time::interval(Duration::from_millis(10));
        while engines(&folder) > 0 {
            clock.tick().await;
        }
    }
}

/// How many processes run a model.
fn engines(folder: &Path) -> usize {
    let folder = folder.display().to_string();
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| fs::read(entry.path().join("cmdline")).ok())
        .filter(|line| {
            let words: Vec<_> = line.split(|byte| *byte == 0).collect();
            words.contains(&b"engine".as_slice()) && words.contains(&folder.as_bytes())
        })
        .count()
}

#[tokio::test]
async fn a_recording_without_end_is_refused_and_the_language_may_be_unknown() {
    let models = tempfile::tempdir().unwrap();
    planted::moonshine(&models.path().join("moonshine-tiny"));
    let ears = listener(models.path(), "auto");
    let long = Recording {
        samples: vec![0; 3_601 * 16_000],
        ..Recording::default()
    };
    let error = hear(&*ears, long).await.0.unwrap_err();
    assert!(
        matches!(error, SpeechError::TooLong { most: 3_600, .. }),
        "{error}"
    );
    let german = Recording {
        language: Some("de-DE".to_owned()),
        ..recording(&["one"])
    };
    let error = hear(&*ears, german).await.0.unwrap_err();
    let expected = SpeechError::Language {
        engine: "moonshine-tiny".to_owned(),
        language: "de-DE".to_owned(),
    };
    assert_eq!(error, expected);
}
