//! Measures the engine with models of the shapes of real ones, and what speaks without a model.
//!
//! `cargo bench --bench mind` prints each figure with its target. The weights are drawn by lot, so
//! the words are worth nothing; the work is that of the real models, layer by layer. What decides
//! how many pieces are said is planted: one after the other, up to the most that are allowed.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench measures, prints, and may fail"
)]

#[path = "../../tests/support/onnx.rs"]
mod onnx;
#[path = "../../tests/support/planted.rs"]
mod planted;
#[path = "../../tests/support/planted_frames.rs"]
mod planted_frames;
mod shapes;
#[expect(dead_code, unreachable_pub, reason = "the models need a part of it")]
#[path = "../../tests/support/tones.rs"]
mod tones;

use hearsay::core::backend::VoiceWish;
use hearsay::core::words::Lang;
use hearsay::mind::ears::{self, Ears, Recording};
use hearsay::mind::speakable::Cutter;
use hearsay::mind::speech::Wanted;
use hearsay::mind::voice::{self, Pcm, Utterance};
use shapes::{moonshine, whisper};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

const ROUNDS: usize = 5;

/// A voice as far as a microphone knows.
fn sound(seconds: usize) -> Vec<i16> {
    (0..seconds * 16_000)
        .map(|n| ((n as f32 * 0.05).sin() * 8_000.0 * (n as f32 * 0.0005).sin()) as i16)
        .collect()
}

async fn hear(ears: &dyn Ears, seconds: usize) -> Duration {
    let (partials, _unread) = mpsc::channel(1);
    let recording = Recording {
        samples: sound(seconds),
        language: Some("en".to_owned()),
        ..Recording::default()
    };
    let start = Instant::now();
    ears.hear(recording, partials).await.unwrap();
    start.elapsed()
}

fn ears(models: &Path, name: &str) -> Arc<dyn Ears> {
    let wanted = Wanted {
        choice: format!("model:{name}"),
        models: models.to_owned(),
        engine: env!("CARGO_BIN_EXE_hearsay").into(),
        ..Wanted::default()
    };
    ears::choose(&wanted, Lang::En).unwrap()
}

/// From the first sound to the first words, and from the last sound to the last word, when the sound
/// is handed over as it is spoken.
async fn live(ears: &dyn Ears, seconds: usize) -> (Option<Duration>, Duration) {
    let (partials, mut inbox) = mpsc::channel(1);
    let begun = Instant::now();
    let mut first = None;
    let watch = async {
        while inbox.recv().await.is_some() {
            first.get_or_insert_with(|| begun.elapsed());
        }
    };
    let (speak, rest) = mpsc::channel(64);
    let recording = Recording {
        rest: Some(rest),
        language: Some("en".to_owned()),
        ..Recording::default()
    };
    let speaking = async {
        let mut beat = tokio::time::interval(Duration::from_millis(100));
        for piece in sound(seconds).chunks(1_600) {
            beat.tick().await;
            speak.send(piece.to_vec()).await.unwrap();
        }
        drop(speak);
        Instant::now()
    };
    let hearing = async {
        ears.hear(recording, partials).await.unwrap();
        Instant::now()
    };
    let (heard, end, ()) = tokio::join!(hearing, speaking, watch);
    (first, heard.saturating_duration_since(end))
}

/// What it is worth to hand a recording over while it is spoken, and not when it is complete.
async fn gain(models: &Path, name: &str) {
    let ears = ears(models, name);
    hear(&*ears, 1).await;
    for seconds in [5, 20, 45] {
        let whole = hear(&*ears, seconds).await;
        let (first, live) = live(&*ears, seconds).await;
        println!(
            "{name}: {seconds} s of speech, from its end to the words: {whole:?} when it is handed \
             over complete, {live:?} while it is spoken; the first words {first:?} after its beginning"
        );
    }
}

async fn model(models: &Path, name: &str) {
    let ears = ears(models, name);
    let first = hear(&*ears, 1).await;
    println!("{name}: loaded and first second heard in {first:?}");
    for seconds in [4, 10, 25] {
        let mut best = Duration::MAX;
        for _ in 0..ROUNDS {
            best = best.min(hear(&*ears, seconds).await);
        }
        let rtf = best.as_secs_f64() / seconds as f64;
        println!("{name}: {seconds} s in {best:?}: {rtf:.3} s for each second (target 0.3)");
    }
    // Dropped in the middle: how soon the next begins to be heard.
    let (partials, mut inbox) = mpsc::channel(4);
    let recording = Recording {
        samples: sound(25),
        ..Recording::default()
    };
    tokio::select! {
        heard = ears.hear(recording, partials) => panic!("{heard:?}"),
        _ = inbox.recv() => {}
    }
    let usual = hear(&*ears, 1).await;
    let again = hear(&*ears, 1).await;
    let late = usual.saturating_sub(again);
    println!("{name}: after one that was dropped, the next was {late:?} later (target 100 ms)");
}

/// Our own voice: how soon and how fast.
async fn robot() {
    let wanted = Wanted {
        choice: "builtin".to_owned(),
        ..Wanted::default()
    };
    let voice = voice::choose(&wanted, Lang::En).unwrap();
    for (text, lang) in [
        (
            "I found three files, and the newest one is from yesterday evening.",
            Lang::En,
        ),
        ("明天下午有雨，出门请带伞。", Lang::Zh),
    ] {
        let (mut firsts, mut speeds) = (vec![], vec![]);
        for _ in 0..20 {
            let utterance = Utterance {
                text: text.to_owned(),
                lang,
                wish: VoiceWish {
                    engine: None,
                    voice: None,
                    speed: 1.0,
                },
            };
            let (out, mut inbox) = mpsc::channel::<Pcm>(1_000);
            let start = Instant::now();
            let (mut first, mut samples, mut rate) = (None, 0, 1);
            let listen = async {
                while let Some(piece) = inbox.recv().await {
                    first.get_or_insert_with(|| start.elapsed());
                    samples += piece.samples.len();
                    rate = piece.rate;
                }
            };
            let (spoken, ()) = tokio::join!(voice.speak(utterance, out), listen);
            spoken.unwrap();
            speeds.push(samples as f64 / f64::from(rate) / start.elapsed().as_secs_f64());
            firsts.push(first.unwrap());
        }
        firsts.sort_unstable();
        speeds.sort_by(f64::total_cmp);
        println!(
            "built-in voice, {}: first sound {:?} (target 20 ms), {:.0} times as fast as speech (target 50)",
            lang.code(),
            firsts[firsts.len() / 2],
            speeds[speeds.len() / 2]
        );
    }
}

/// What makes text speakable, and cuts it into sentences.
fn speakable() {
    let text = "The file `a.rs` has **12** lines; see https://example.org/x for 3 km of text. \
        It costs $4.50 on 2026-11-21, doesn't it? 现在是10:30，气温25℃。好的！";
    let rounds = 2_000;
    let (mut sentences, start) = (0, Instant::now());
    for _ in 0..rounds {
        let mut speakable = Cutter::default();
        sentences += speakable.push(text).len();
        sentences += speakable.finish().len();
    }
    let each = start.elapsed() / sentences as u32;
    println!("speakable text: {each:?} for each sentence (target 10 us)");
}

fn main() {
    let models = tempfile::tempdir().unwrap();
    moonshine(&models.path().join("moonshine-tiny"));
    whisper(&models.path().join("whisper-tiny"));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        for name in ["moonshine-tiny", "whisper-tiny"] {
            model(models.path(), name).await;
        }
        robot().await;
        planted_frames::zipformer(&models.path().join("zipformer"));
        for name in ["moonshine-tiny", "whisper-tiny", "zipformer"] {
            gain(models.path(), name).await;
        }
    });
    speakable();
}
