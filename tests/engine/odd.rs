//! What is no speech, what a model makes up, half an hour in one go, and two languages at once.

use super::support::planted::MadeUp;
use super::support::{planted, planted_frames, skip, tones};
use super::{hear, listener, recording};
use hearsay::mind::ears::Recording;
use std::f64::consts::TAU;
use std::fs;
use std::path::Path;

type Make = fn(&Path);

const ALL: [(&str, Make); 4] = [
    ("moonshine-tiny", planted::moonshine),
    ("sense-voice", planted_frames::sense_voice),
    ("whisper-base", planted::whisper),
    ("zipformer", planted_frames::zipformer),
];

/// Four chords of a guitar, again and again, that swell and die away; all of it is lower than any word.
fn music(seconds: usize) -> Vec<i16> {
    const CHORDS: [[f64; 3]; 4] = [
        [110.0, 165.0, 220.0],
        [98.0, 147.0, 196.0],
        [131.0, 165.0, 196.0],
        [87.0, 131.0, 175.0],
    ];
    let sample = |at: usize| {
        let time = at as f64 / 16_000.0;
        let chord = CHORDS[(time / 1.5) as usize % CHORDS.len()];
        let loud = 3_000.0 * (-(time % 0.75) * 3.0).exp();
        let notes = chord.iter().map(|hertz| (TAU * hertz * time).sin());
        (loud * notes.sum::<f64>()) as i16
    };
    (0..seconds * 16_000).map(sample).collect()
}

fn sound(samples: Vec<i16>) -> Recording {
    Recording {
        samples,
        ..Recording::default()
    }
}

#[tokio::test]
async fn music_is_no_words() {
    let models = tempfile::tempdir().unwrap();
    for (name, make) in ALL {
        make(&models.path().join(name));
        let ears = listener(models.path(), &format!("model:{name}"));
        let (heard, seemed) = hear(&*ears, sound(music(12))).await;
        assert_eq!(heard.unwrap().text, "", "{name}");
        assert!(seemed.iter().all(|one| one.text.is_empty()), "{seemed:?}");
        // And what is said after it is heard as ever.
        let (heard, _) = hear(&*ears, recording(&["no", "now"])).await;
        assert_eq!(heard.unwrap().text, "no now", "{name}");
    }
}

/// What a model says of music that says so many words of anything.
async fn made_up(folder: &Path, make: fn(&Path, Option<MadeUp>), made_up: MadeUp) -> String {
    let models = folder.parent().unwrap();
    make(folder, Some(made_up));
    let name = folder.file_name().unwrap().to_str().unwrap();
    let ears = listener(models, &format!("model:{name}"));
    hear(&*ears, sound(music(8))).await.0.unwrap().text
}

#[tokio::test]
async fn what_a_model_makes_up_of_music_is_not_told() {
    let models = tempfile::tempdir().unwrap();
    let folder = |name: &str| models.path().join(name);
    let guess = MadeUp {
        words: 4,
        sure: false,
        silence: None,
    };
    let chant = MadeUp {
        words: 1_000,
        sure: true,
        silence: None,
    };
    let nobody = |made_up| MadeUp {
        silence: Some(0),
        ..made_up
    };
    // It does not believe it itself.
    let told = made_up(&folder("m-guess"), planted::moonshine_that, guess).await;
    assert_eq!(told, "");
    // It goes round in circles: that much it may have heard once.
    let told = made_up(&folder("m-chant"), planted::moonshine_that, chant).await;
    assert_eq!(told, "what");
    let told = made_up(&folder("w-chant"), planted::whisper_that, chant).await;
    assert_eq!(told, "what");
    // It says that nobody speaks, and then something that nobody said.
    for (name, one) in [("w-guess", nobody(guess)), ("w-nobody", nobody(chant))] {
        let told = made_up(&folder(name), planted::whisper_that, one).await;
        assert_eq!(told, "", "{name}");
    }
}

#[tokio::test]
async fn half_an_hour_in_one_go_is_heard_word_for_word_in_bounded_memory() {
    const BREATHS: usize = 89;
    const WORDS: usize = 112;
    const KNOWN: [&str; 7] = ["what", "no", "six", "times", "one", "now", "can"];
    let models = tempfile::tempdir().unwrap();
    let folder = models.path().join("moonshine-tiny");
    planted::moonshine(&folder);
    let ears = listener(models.path(), "auto");
    // This model hears words at the places where they are when nothing but silence was cut before them. So
    // twenty seconds of words end in the only stretch of silence in which a cut may be, at its middle.
    let spoken = KNOWN.map(|word| tones::say(&[word])[..2_880].to_vec());
    let (mut samples, mut said, mut seed, mut last) = (vec![], vec![], 7_u32, 0);
    for _ in 0..BREATHS {
        for _ in 0..WORDS {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            // Nothing twice: it would be one word, only longer.
            last = (last + 1 + (seed >> 16) as usize % (KNOWN.len() - 1)) % KNOWN.len();
            samples.extend(&spoken[last]);
            said.push(KNOWN[last]);
        }
        samples.extend([0; 1_440]);
    }
    assert!(samples.len() > 30 * 60 * 16_000);
    let (heard, seemed) = hear(&*ears, sound(samples)).await;
    let text = heard.unwrap().text;
    let heard: Vec<&str> = text.split(' ').collect();
    let wrong = heard
        .iter()
        .zip(&said)
        .position(|(heard, said)| heard != said);
    assert_eq!((wrong, heard.len()), (None, said.len()));
    // Each guess is all of it so far: they become rarer as they become longer.
    assert!(seemed.len() < 1_000, "{} guesses", seemed.len());
    match most_memory(&folder) {
        // The sound itself is 58 MB, and half a minute of it is heard at once.
        Some(megabytes) => assert!(megabytes < 250, "{megabytes} MB"),
        None => skip("the memory of the engine: this system does not tell"),
    }
}

/// The most memory that the engine of this model has had so far, in MB.
fn most_memory(folder: &Path) -> Option<u64> {
    let folder = folder.display().to_string();
    let mut entries = fs::read_dir("/proc").ok()?.flatten();
    let engine = entries.find(|entry| {
        let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let words: Vec<_> = line.split(|byte| *byte == 0).collect();
        words.contains(&b"engine".as_slice()) && words.contains(&folder.as_bytes())
    })?;
    let status = fs::read_to_string(engine.path().join("status")).ok()?;
    let most = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = most.trim().trim_end_matches(" kB").parse().ok()?;
    Some(kilobytes / 1_000)
}

#[tokio::test]
async fn two_languages_in_one_sentence_are_heard_together() {
    let models = tempfile::tempdir().unwrap();
    let said = ["what", "点", "one", "点", "six", "now", "点"];
    for (name, make) in ALL {
        make(&models.path().join(name));
        let ears = listener(models.path(), &format!("model:{name}"));
        let heard = hear(&*ears, recording(&said)).await.0.unwrap();
        assert_eq!(tones::words(&heard.text), said, "{name}: {}", heard.text);
    }
}
