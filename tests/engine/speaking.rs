//! From words to sound.

use super::support::planted_voice::{self, LETTER};
use super::wanted;
use hearsay::core::backend::VoiceWish;
use hearsay::core::words::Lang;
use hearsay::mind::SpeechError;
use hearsay::mind::voice::{self, Pcm, Utterance, Voice};
use std::path::Path;
use std::sync::Arc;
use tokio::sync::mpsc;

fn voice(models: &Path, choice: &str) -> Arc<dyn Voice> {
    voice::choose(&wanted(models, choice), Lang::En).unwrap()
}

fn utterance(text: &str) -> Utterance {
    Utterance {
        text: text.to_owned(),
        lang: Lang::En,
        wish: VoiceWish {
            engine: None,
            voice: None,
            speed: 1.0,
        },
    }
}

async fn speak(voice: &dyn Voice, utterance: Utterance) -> (Vec<Pcm>, Result<(), SpeechError>) {
    let (out, mut inbox) = mpsc::channel::<Pcm>(2);
    let mut pieces = vec![];
    let listen = async {
        while let Some(piece) = inbox.recv().await {
            pieces.push(piece);
        }
    };
    let (ended, ()) = tokio::join!(voice.speak(utterance, out), listen);
    (pieces, ended)
}

/// The letters in sound, by the tone of each.
fn letters(pieces: &[Pcm], letter: usize) -> String {
    let samples: Vec<i16> = pieces
        .iter()
        .flat_map(|piece| piece.samples.clone())
        .collect();
    let of = |row: &[i16]| {
        let crossings = row
            .windows(2)
            .filter(|pair| pair[0] < 0 && pair[1] >= 0)
            .count();
        let hertz = crossings as f64 * 16_000.0 / row.len() as f64;
        let nth = ((hertz - 200.0) / 40.0).round() as usize;
        nth.checked_sub(3)
            .and_then(|nth| planted_voice::LETTERS.chars().nth(nth))
    };
    samples.chunks_exact(letter).filter_map(of).collect()
}

#[tokio::test]
async fn a_voice_says_the_phonemes_of_the_words_as_fast_as_is_wished() {
    let models = tempfile::tempdir().unwrap();
    planted_voice::vits(&models.path().join("amy"), "en_US-amy");
    let voice = voice(models.path(), "auto");
    assert_eq!(voice.name(), "amy");
    let (pieces, ended) = speak(&*voice, utterance("Hello there.")).await;
    assert_eq!(ended, Ok(()));
    assert!(pieces.iter().all(|piece| piece.rate == 16_000));
    assert_eq!(letters(&pieces, LETTER), "hello there");
    let fast = Utterance {
        wish: VoiceWish {
            engine: None,
            voice: Some("en-US-AriaNeural".to_owned()),
            speed: 2.0,
        },
        ..utterance("Hello there.")
    };
    let (pieces, ended) = speak(&*voice, fast).await;
    assert_eq!(ended, Ok(()));
    let all: usize = pieces.iter().map(|piece| piece.samples.len()).sum();
    // Each letter is between two that fill, and there are two more at the ends.
    assert_eq!(all, (11 * 2 + 3) * LETTER / 2);
}

#[tokio::test]
async fn what_a_voice_cannot_say_is_said_by_the_one_below_it() {
    let models = tempfile::tempdir().unwrap();
    planted_voice::vits(&models.path().join("amy"), "en_US-amy");
    let voice = voice(models.path(), "model:amy");
    let chinese = Utterance {
        lang: Lang::Zh,
        ..utterance("你好")
    };
    let (pieces, ended) = speak(&*voice, chinese).await;
    assert_eq!(ended, Ok(()));
    let loud = |piece: &Pcm| {
        piece
            .samples
            .iter()
            .any(|sample| sample.unsigned_abs() > 1_000)
    };
    assert!(pieces.iter().any(loud));
}

#[tokio::test]
async fn a_hundred_kilobytes_are_spoken_piece_by_piece_and_can_be_stopped() {
    let models = tempfile::tempdir().unwrap();
    planted_voice::vits(&models.path().join("amy"), "en_US-amy");
    let voice = voice(models.path(), "auto");
    let long = "all work and no play makes jack a dull boy ".repeat(2_400);
    assert!(long.len() > 100_000);
    let (out, mut inbox) = mpsc::channel::<Pcm>(1);
    let first = {
        let speaking = voice.speak(utterance(&long), out);
        tokio::select! {
            ended = speaking => panic!("{ended:?}"),
            first = inbox.recv() => first.unwrap(),
        }
    };
    assert_eq!(first.samples.len(), 1_600);
    // It was dropped in the middle, and the same voice says the next sentence.
    let (pieces, ended) = speak(&*voice, utterance("stop")).await;
    assert_eq!((letters(&pieces, LETTER).as_str(), ended), ("stop", Ok(())));
}

#[tokio::test]
async fn one_of_the_voices_of_a_model_speaks_by_its_name() {
    let models = tempfile::tempdir().unwrap();
    planted_voice::kokoro(&models.path().join("kokoro"));
    let voice = voice(models.path(), "model:kokoro");
    let mut loudest = vec![];
    for name in [None, Some("am_adam"), Some("nobody"), Some("af_heart")] {
        let utterance = Utterance {
            wish: VoiceWish {
                engine: None,
                voice: name.map(str::to_owned),
                speed: 1.0,
            },
            ..utterance("Tea, it is.")
        };
        let (pieces, ended) = speak(&*voice, utterance).await;
        assert_eq!(ended, Ok(()));
        assert!(pieces.iter().all(|piece| piece.rate == 24_000));
        let samples = pieces.iter().flat_map(|piece| &piece.samples);
        loudest.push(samples.map(|sample| sample.unsigned_abs()).max().unwrap() / 1_000);
    }
    // Who is not there is spoken for by whoever spoke last.
    assert_eq!(loudest, [9, 4, 4, 9]);
}

#[tokio::test]
async fn a_voice_of_several_languages_needs_no_other_program() {
    let models = tempfile::tempdir().unwrap();
    let folder = models.path().join("both");
    planted_voice::vits(&folder, "both");
    let path = folder.join("both.onnx.json");
    let says = std::fs::read_to_string(&path).unwrap();
    let says = says.replace("\"text\"", "\"multilingual\"").replace(
        "\"phoneme_id_map\"",
        "\"language_id_map\": {\"en\": 0, \"zh\": 1}, \"phoneme_id_map\"",
    );
    std::fs::write(&path, says).unwrap();
    let voice = voice(models.path(), "auto");
    for (text, lang, letters_of_it) in [
        // What it was not taught to say is left out: here all but plain letters.
        ("Yes, no.", Lang::En, "js no"),
        ("你妈", Lang::Zh, "nima"),
    ] {
        let (pieces, ended) = speak(
            &*voice,
            Utterance {
                lang,
                ..utterance(text)
            },
        )
        .await;
        assert_eq!(ended, Ok(()));
        assert_eq!(letters(&pieces, LETTER), letters_of_it);
    }
}

#[tokio::test]
async fn a_voice_with_a_list_of_words_says_both_languages_with_their_tones() {
    let models = tempfile::tempdir().unwrap();
    planted_voice::melo(&models.path().join("melo-zh-en"));
    planted_voice::vits(&models.path().join("amy"), "en_US-amy");
    let voice = voice(models.path(), "auto");
    let chinese = |text: &str| Utterance {
        lang: Lang::Zh,
        wish: VoiceWish {
            engine: None,
            voice: Some("zh-CN-XiaoxiaoNeural".to_owned()),
            speed: 1.0,
        },
        ..utterance(text)
    };
    for (text, said) in [
        // The first of two third tones rises; a figure is a word; the mark at the end is said.
        ("你好。", "nc ic hd od z"),
        ("3点，不是。", "sb ab dd xd bc uc qe re z"),
        // As the list says, by our own rules, and what is neither is left out.
        ("hello 你", "hh ei lh wj nd id z"),
        ("Kev", "kh ej vh z"),
        ("龘龘", ""),
    ] {
        let (pieces, ended) = speak(&*voice, chinese(text)).await;
        let told = letters(&pieces, LETTER);
        let expected = said.replace(' ', "");
        if expected.is_empty() {
            // Nothing of it is known here, so the voice below says it.
            assert_eq!((ended, pieces.is_empty()), (Ok(()), false), "{text}");
        } else {
            assert_eq!((told, ended), (expected, Ok(())), "{text}");
        }
    }
}

#[tokio::test]
async fn a_list_of_words_that_is_damaged_is_named_and_somebody_else_speaks() {
    let models = tempfile::tempdir().unwrap();
    let folder = models.path().join("melo-zh-en");
    planted_voice::melo(&folder);
    let voice = voice(models.path(), "model:melo-zh-en");
    for bytes in [&b""[..], b"\xff\xfe\x00"] {
        std::fs::write(folder.join("lexicon.txt"), bytes).unwrap();
        let (pieces, ended) = speak(&*voice, utterance("Hello.")).await;
        assert_eq!((ended, pieces.is_empty()), (Ok(()), false));
        // The built-in voice, for this one has another rate.
        assert!(pieces.iter().all(|piece| piece.rate != 22_050));
    }
}
