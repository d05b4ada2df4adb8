//! Measures a voice: how soon it is heard, how fast it speaks, and whether ears understand it.

use super::score::{Score, score};
use super::{Out, lines, times};
use crate::codec::resample;
use crate::config::Settings;
use crate::core::backend::VoiceWish;
use crate::core::sound::RATE;
use crate::core::words::Word;
use crate::mind::SpeechError;
use crate::mind::ears::Recording;
use crate::mind::speakable;
use crate::mind::voice::{Pcm, Utterance, Voice};
use crate::shell::clock::Clock;
use crate::shell::speech;
use crate::sound::level::to_i16;
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;
use tokio::sync::mpsc;

/// What is spoken where no file says otherwise.
const SENTENCES: [&str; 8] = [
    "It is half past ten.",
    "Two plus three is five.",
    "The timer is set for ten minutes.",
    "I found three files, and the newest one is from yesterday evening.",
    "Yes.",
    "现在是十点半。",
    "明天下午有雨，出门请带伞。",
    "好的，计时器已经设好了。",
];

pub(super) async fn measure(
    file: Option<&Path>,
    heard: bool,
    out: Out,
    settings: &Settings,
) -> anyhow::Result<ExitCode> {
    let voice = match speech::voice(settings, None, out.lang) {
        Ok(voice) => voice,
        Err(error) => return Ok(out.speechless(&error)),
    };
    let ears = match heard
        .then(|| speech::ears(settings, None, out.lang))
        .transpose()
    {
        Ok(ears) => ears,
        Err(error) => return Ok(out.speechless(&error)),
    };
    let clock = Clock::start();
    let (mut firsts, mut wrong, mut failed) = (vec![], Score::default(), 0);
    let (mut sound, mut work) = (Duration::ZERO, Duration::ZERO);
    for text in lines(file, &SENTENCES)? {
        let utterance = Utterance {
            lang: speakable::language(&text, out.lang),
            text: text.clone(),
            wish: VoiceWish {
                engine: None,
                voice: settings.voice.synthesis_voice.clone(),
                speed: settings.voice.synthesis_speed as f32,
            },
        };
        let language = utterance.lang.code().to_owned();
        let (first, took, spoken) = match speak(&*voice, utterance, clock).await {
            Ok(spoken) => spoken,
            Err(error) => {
                failed += 1;
                let why = error.tell(out.lang);
                let json = json!({"text": text, "error": why});
                out.line(&out.say(Word::BenchFailed, &[&text, &why]), &json)?;
                continue;
            }
        };
        let seconds = spoken.samples.len() as f64 / f64::from(spoken.rate.max(1));
        sound += Duration::from_secs_f64(seconds);
        work += took;
        firsts.push(first);
        let mut understood = None;
        if let Some(ears) = &ears {
            let recording = Recording {
                samples: resampled(&spoken),
                language: Some(language),
                ..Recording::default()
            };
            let (partials, _unread) = mpsc::channel(1);
            if let Ok(words) = ears.hear(recording, partials).await {
                wrong.add(score(&text, &words.text).0);
                understood = Some(words.text);
            }
        }
        let first = first.as_millis();
        let again = understood
            .as_ref()
            .map_or_else(String::new, |words| format!(" = {words}"));
        let line = format!("{seconds:.1} s ({first} ms): {text}{again}");
        let json = json!({
            "text": text, "seconds": seconds, "first_ms": first, "took_ms": took.as_millis(),
            "heard": understood,
        });
        out.line(&line, &json)?;
    }
    let times_as_fast = sound.as_secs_f64() / work.as_secs_f64().max(f64::MIN_POSITIVE);
    let (count, seconds) = (
        firsts.len().to_string(),
        format!("{:.1}", sound.as_secs_f64()),
    );
    let mut lines = vec![out.say(Word::BenchVoice, &[&voice.name(), &count, &seconds])];
    let first = times(firsts);
    if let Some((middle, slowest)) = first {
        let figures = [&*middle.to_string(), &*slowest.to_string()];
        lines.push(out.say(Word::BenchFirst, &figures));
        lines.push(out.say(Word::BenchSpeed, &[&format!("{times_as_fast:.1}")]));
    }
    if let Some(ears) = &ears {
        lines.push(out.say(Word::BenchHeard, &[&ears.name(), &wrong.percent()]));
    }
    let json = json!({
        "voice": voice.name(), "seconds": sound.as_secs_f64(), "times_as_fast": times_as_fast,
        "first_ms": first.map(|first| first.0), "failed": failed,
        "wer": ears.is_some().then(|| wrong.share()),
    });
    out.summary(&lines, &json)?;
    let code = if failed == 0 {
        ExitCode::SUCCESS
    } else {
        super::super::Exit::Unanswered.into()
    };
    Ok(code)
}

/// The time to the first sound, the time to all of it, and the sound.
async fn speak(
    voice: &dyn Voice,
    utterance: Utterance,
    clock: Clock,
) -> Result<(Duration, Duration, Pcm), SpeechError> {
    let (out, mut inbox) = mpsc::channel::<Pcm>(8);
    let start = clock.now().mono;
    let (mut first, mut spoken) = (None, Pcm::default());
    let listen = async {
        while let Some(piece) = inbox.recv().await {
            first.get_or_insert_with(|| clock.now().mono.since(start));
            spoken.rate = piece.rate;
            spoken.samples.extend(piece.samples);
        }
    };
    let (ended, ()) = tokio::join!(voice.speak(utterance, out), listen);
    ended?;
    let took = clock.now().mono.since(start);
    Ok((first.unwrap_or(took), took, spoken))
}

/// Sound as ears want it.
fn resampled(spoken: &Pcm) -> Vec<i16> {
    let samples = spoken
        .samples
        .iter()
        .map(|sample| f32::from(*sample) / 32_768.0);
    let at_rate = resample::at_rate(&samples.collect::<Vec<_>>(), spoken.rate, RATE);
    at_rate.into_iter().map(to_i16).collect()
}
