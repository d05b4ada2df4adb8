//! Measures ears on a folder of recordings.

use super::score::{Score, score};
use super::{Out, times};
use crate::config::Settings;
use crate::core::sound::RATE;
use crate::core::words::Word;
use crate::mind::SpeechError;
use crate::mind::ears::{Ears, Partial, Recording, Words};
use crate::shell::clock::Clock;
use crate::shell::speech;
use crate::sound::level::to_i16;
use crate::sound::unpacked;
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use tokio::sync::mpsc;

/// How often sound is handed over that is being spoken.
const PIECE: Duration = Duration::from_millis(100);

/// What came of one recording.
struct Measured {
    words: Words,
    /// From its beginning to the first words.
    first: Option<Duration>,
    /// From its end to all words.
    last: Duration,
    /// All that was guessed on the way, and how much of that was stable, in bytes.
    guessed: (usize, usize),
}

pub(super) async fn measure(
    folder: &Path,
    live: bool,
    out: Out,
    settings: &Settings,
) -> anyhow::Result<ExitCode> {
    let found = match speech::ears(settings, None, out.lang) {
        Ok(found) => found,
        Err(error) => return Ok(out.speechless(&error)),
    };
    let pairs = pairs(folder)?;
    if pairs.is_empty() {
        let what = out.say(Word::BenchNoFiles, &[&folder.display().to_string()]);
        let hint = Word::BenchNoFilesHint.text(out.lang).to_owned();
        return Ok(out.speechless(&SpeechError::Missing { what, hint }));
    }
    let clock = Clock::start();
    let (mut in_words, mut in_characters) = (Score::default(), Score::default());
    let (mut firsts, mut lasts, mut guessed, mut stable) = (vec![], vec![], 0, 0);
    let (mut sound, mut work, mut failed) = (Duration::ZERO, Duration::ZERO, 0);
    for (path, said) in &pairs {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let samples: Vec<i16> = unpacked::load(path, RATE)?
            .into_iter()
            .map(to_i16)
            .collect();
        let length = Duration::from_secs_f64(samples.len() as f64 / f64::from(RATE));
        let measured = match one(&*found, samples, settings, live, clock).await {
            Ok(measured) => measured,
            Err(error) => {
                failed += 1;
                let why = error.tell(out.lang);
                let json = json!({"file": name, "error": why});
                out.line(&out.say(Word::BenchFailed, &[&name, &why]), &json)?;
                continue;
            }
        };
        let (words, characters) = score(said, &measured.words.text);
        in_words.add(words);
        in_characters.add(characters);
        sound += length;
        work += measured.last;
        firsts.extend(measured.first);
        lasts.push(measured.last);
        guessed += measured.guessed.0;
        stable += measured.guessed.1;
        let text = format!(
            "{name}: {} % ({} ms): {}",
            words.percent(),
            measured.last.as_millis(),
            measured.words.text
        );
        let json = json!({
            "file": name, "said": said, "heard": measured.words.text,
            "language": measured.words.language, "confidence": measured.words.confidence,
            "wer": words.share(), "cer": characters.share(), "seconds": length.as_secs_f64(),
            "first_ms": measured.first.map(|first| first.as_millis()),
            "final_ms": measured.last.as_millis(),
        });
        out.line(&text, &json)?;
    }
    let seconds = format!("{:.1}", sound.as_secs_f64());
    let rtf = work.as_secs_f64() / sound.as_secs_f64().max(f64::MIN_POSITIVE);
    let mut lines = vec![
        out.say(
            Word::BenchEars,
            &[&found.name(), &lasts.len().to_string(), &seconds],
        ),
        out.say(
            Word::BenchWer,
            &[
                &in_words.percent(),
                &in_words.wrong.to_string(),
                &in_words.of.to_string(),
                &in_characters.percent(),
            ],
        ),
    ];
    if !live {
        lines.push(out.say(Word::BenchRtf, &[&format!("{rtf:.3}")]));
    }
    let first = times(firsts);
    if let Some((middle, slowest)) = first {
        let share = stable * 100 / guessed.max(1);
        let figures = [middle.to_string(), slowest.to_string(), share.to_string()];
        let figures = figures.each_ref().map(String::as_str);
        lines.push(out.say(Word::BenchPartial, &figures));
    }
    let last = times(lasts);
    if let Some((middle, slowest)) = last {
        let figures = [&*middle.to_string(), &*slowest.to_string()];
        lines.push(out.say(Word::BenchFinal, &figures));
    }
    let json = json!({
        "ears": found.name(), "wer": in_words.share(), "cer": in_characters.share(),
        "seconds": sound.as_secs_f64(), "rtf": (!live).then_some(rtf), "failed": failed,
        "first_ms": first.map(|first| first.0), "final_ms": last.map(|last| last.0),
    });
    out.summary(&lines, &json)?;
    let code = if failed == 0 {
        ExitCode::SUCCESS
    } else {
        super::super::Exit::Unanswered.into()
    };
    Ok(code)
}

/// Hears one recording.
async fn one(
    found: &dyn Ears,
    samples: Vec<i16>,
    settings: &Settings,
    live: bool,
    clock: Clock,
) -> Result<Measured, SpeechError> {
    let (partials, mut inbox) = mpsc::channel::<Partial>(64);
    let start = clock.now().mono;
    let language = Some(settings.spoken_language().to_owned());
    let (recording, speak) = if live {
        let (say, rest) = mpsc::channel(1);
        let recording = Recording {
            rest: Some(rest),
            language,
            ..Recording::default()
        };
        (recording, Some((say, samples)))
    } else {
        let recording = Recording {
            samples,
            language,
            ..Recording::default()
        };
        (recording, None)
    };
    let speak = async {
        if let Some((say, samples)) = speak {
            let mut ticks = tokio::time::interval(PIECE);
            for piece in samples.chunks((RATE / 10) as usize) {
                ticks.tick().await;
                if say.send(piece.to_vec()).await.is_err() {
                    break;
                }
            }
        }
        clock.now().mono
    };
    let (mut first, mut guessed) = (None, (0, 0));
    let listen = async {
        while let Some(partial) = inbox.recv().await {
            if !partial.text.is_empty() {
                first.get_or_insert_with(|| clock.now().mono.since(start));
                guessed.0 += partial.text.len();
                guessed.1 += partial.stable;
            }
        }
    };
    let hear = async {
        let words = found.hear(recording, partials).await;
        (words, clock.now().mono)
    };
    let ((words, done), ended, ()) = tokio::join!(hear, speak, listen);
    Ok(Measured {
        words: words?,
        first,
        last: done.since(ended),
        guessed,
    })
}

/// The WAV files of a folder that have a text beside them, by name.
fn pairs(folder: &Path) -> anyhow::Result<Vec<(PathBuf, String)>> {
    let entries =
        fs::read_dir(folder).map_err(|error| anyhow::anyhow!("{}: {error}", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| {
        path.extension()
            .is_some_and(|one| one.eq_ignore_ascii_case("wav"))
    });
    paths.sort();
    let pair = |path: PathBuf| {
        let said = fs::read_to_string(path.with_extension("txt")).ok()?;
        Some((path, said.trim().to_owned()))
    };
    Ok(paths.into_iter().filter_map(pair).collect())
}
