//! From sound to words.

use super::support::{planted, planted_frames, tones};
use super::{hear, listener, recording, wanted};
use hearsay::core::words::Lang;
use hearsay::mind::ears::{self, Partial, Recording};
use std::path::Path;
use tokio::sync::mpsc;

const SAID: [&str; 6] = ["what", "no", "six", "times", "one", "now"];

/// More of it, and not the same again and again: that would be taken for a model that goes round in
/// circles.
const SPEECH: &str = "what no six times one now six what now no times one now one what six no \
    times no now one what times six what times no now six one";

/// What comes of it before the first guess is waited for, in samples: enough for every model.
const EARLY: usize = 67_200;

/// Puts the files of a model into a folder.
type Make = fn(&Path);

/// Each kind of model, how it is made, and the language it tells.
const ALL: [(&str, Make, Option<&str>); 4] = [
    ("moonshine-tiny", planted::moonshine, Some("en")),
    ("sense-voice", planted_frames::sense_voice, Some("zh")),
    ("whisper-base", planted::whisper, Some("zh")),
    ("zipformer", planted_frames::zipformer, None),
];

#[tokio::test]
async fn every_kind_of_model_hears_what_is_said() {
    let models = tempfile::tempdir().unwrap();
    for (name, make, language) in ALL {
        make(&models.path().join(name));
        let ears = listener(models.path(), &format!("model:{name}"));
        assert_eq!(ears.name(), name);
        let (heard, seemed) = hear(&*ears, recording(&SAID)).await;
        let heard = heard.unwrap();
        assert_eq!(heard.text, SAID.join(" "), "{name}");
        assert_eq!(heard.language.as_deref(), language, "{name}");
        let confidence = heard.confidence.unwrap();
        assert!((0.5..=1.0).contains(&confidence), "{name}: {confidence}");
        // What is told on the way is the beginning of it, and what is stable is the beginning of
        // what is told.
        for partial in &seemed {
            assert!(heard.text.starts_with(&partial.text), "{name}: {partial:?}");
            assert!(partial.text.is_char_boundary(partial.stable));
        }
        assert_eq!(seemed.is_empty(), name == "sense-voice", "{name}");
        // The same process hears the next one, and remembers nothing.
        let (heard, _) = hear(&*ears, recording(&["can", "one"])).await;
        assert_eq!(heard.unwrap().text, "can one", "{name}");
    }
}

#[tokio::test]
async fn while_somebody_speaks_the_words_so_far_are_told() {
    let models = tempfile::tempdir().unwrap();
    for (name, make, _) in ALL {
        make(&models.path().join(name));
        let ears = listener(models.path(), &format!("model:{name}"));
        let said: Vec<&str> = SPEECH.split_whitespace().collect();
        let (say, rest) = mpsc::channel(1);
        let (partials, mut inbox) = mpsc::channel(1_000);
        let recording = Recording {
            rest: Some(rest),
            ..Recording::default()
        };
        let samples = tones::say(&said);
        // Whoever is behind with hearing has no time for guesses, so each is waited for.
        let mut seemed: Vec<Partial> = vec![];
        let speak = async {
            let (early, late) = samples.split_at(EARLY);
            for part in [early, late] {
                for piece in part.chunks(1_600) {
                    say.send(piece.to_vec()).await.unwrap();
                }
                seemed.extend(inbox.recv().await);
            }
            drop(say);
        };
        let (heard, ()) = tokio::join!(ears.hear(recording, partials), speak);
        assert_eq!(heard.unwrap().text, said.join(" "), "{name}");
        while let Ok(partial) = inbox.try_recv() {
            seemed.push(partial);
        }
        let early = seemed
            .iter()
            .filter(|one| !one.text.is_empty() && one.text.len() < 125);
        assert!(early.count() >= 1, "{name}: {seemed:?}");
        assert!(
            seemed.iter().any(|one| one.stable > 0),
            "{name}: {seemed:?}"
        );
    }
}

#[tokio::test]
async fn chinese_words_need_no_spaces_and_the_language_chooses_the_model() {
    let models = tempfile::tempdir().unwrap();
    planted::moonshine(&models.path().join("moonshine-tiny"));
    planted_frames::sense_voice(&models.path().join("sense-voice"));
    let ears = listener(models.path(), "auto");
    assert_eq!(ears.name(), "moonshine-tiny, sense-voice");
    let known = ears::known(&wanted(models.path(), "auto"), Lang::En);
    let names: Vec<&str> = known.iter().map(|(choice, _)| choice.as_str()).collect();
    assert_eq!(names, ["model:moonshine-tiny", "model:sense-voice"]);
    for (language, told) in [("en-US", "en"), ("zh-CN", "zh"), ("yue", "zh")] {
        let recording = Recording {
            language: Some(language.to_owned()),
            ..recording(&["one", "点"])
        };
        let heard = hear(&*ears, recording).await.0.unwrap();
        assert_eq!(heard.text, "one 点");
        assert_eq!(heard.language.as_deref(), Some(told), "{language}");
    }
}

#[tokio::test]
async fn silence_and_noise_and_nothing_are_no_words() {
    let models = tempfile::tempdir().unwrap();
    let mut seed = 7_u32;
    let mut chance = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 16) as i16
    };
    let noise: Vec<i16> = (0..48_000).map(|_| chance() / 16).collect();
    let hiss: Vec<i16> = (0..48_000).map(|_| chance() / 2_000).collect();
    for (name, make, _) in ALL {
        make(&models.path().join(name));
        let ears = listener(models.path(), &format!("model:{name}"));
        for samples in [
            vec![],
            vec![0; 100],
            vec![0; 48_000],
            hiss.clone(),
            noise.clone(),
        ] {
            let recording = Recording {
                samples,
                ..Recording::default()
            };
            assert_eq!(hear(&*ears, recording).await.0.unwrap().text, "", "{name}");
        }
    }
}

#[tokio::test]
async fn minutes_of_speech_are_heard_in_one_go() {
    let models = tempfile::tempdir().unwrap();
    for (name, make) in [
        ("sense-voice", planted_frames::sense_voice as Make),
        ("zipformer", planted_frames::zipformer),
    ] {
        make(&models.path().join(name));
        let ears = listener(models.path(), &format!("model:{name}"));
        // A breath after every second sentence, as long as two words.
        let pause = vec![0; 2 * 2_880];
        let (mut samples, mut words) = (tones::say(&[]), vec![]);
        while samples.len() < 100 * 16_000 {
            words.extend(SAID.repeat(2));
            samples.extend(&tones::say(&SAID.repeat(2))[960..]);
            samples.extend(&pause);
        }
        let recording = Recording {
            samples,
            ..Recording::default()
        };
        let (heard, _) = hear(&*ears, recording).await;
        assert_eq!(heard.unwrap().text, words.join(" "), "{name}");
    }
}
