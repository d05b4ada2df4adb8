use super::phones::{PHONES, Phone};
use super::prosody::Stress;
use super::track::{Line, Part, Stage};
use super::*;
use crate::core::backend::VoiceWish;
use proptest::prelude::*;
use std::f32::consts::{PI, TAU};

/// All samples of a text.
fn spoken(text: &str, lang: Lang, speed: f32) -> Vec<i16> {
    let utterance = Utterance {
        text: text.to_owned(),
        lang,
        wish: VoiceWish {
            voice: None,
            speed,
            engine: None,
        },
    };
    Speech::new(utterance).flatten().collect()
}

/// One sound, held.
fn held(phone: &'static Phone, hz: f32) -> Vec<f32> {
    let part = Part {
        phone,
        stage: Stage::Whole,
        ms: 600.0,
        loud: 0.5,
    };
    let mut pitch = Line::default();
    pitch.push(0.0, hz);
    let (mut synth, mut samples) = (Synth::default(), vec![]);
    for frame in Track::new(vec![part], pitch) {
        synth.make(&frame, &mut samples);
    }
    samples[3_200..6_400]
        .iter()
        .map(|s| f32::from(*s))
        .collect()
}

/// Linear prediction: what a filter with so many coefficients would have to be to sound so.
fn prediction(samples: &[f32], order: usize) -> Vec<f32> {
    let lag = |lag: usize| -> f32 {
        let pairs = samples.iter().zip(samples.iter().skip(lag));
        pairs.map(|(one, other)| one * other).sum()
    };
    let lags: Vec<f32> = (0..=order).map(lag).collect();
    let (mut filter, mut left) = (vec![1.0], lags[0]);
    for length in 1..=order {
        let sum: f32 = (0..length).map(|at| filter[at] * lags[length - at]).sum();
        let turn = -sum / left;
        filter.push(0.0);
        let before = filter.clone();
        for at in 0..=length {
            filter[at] += turn * before[length - at];
        }
        left *= 1.0 - turn * turn;
    }
    filter
}

/// The peaks of the spectrum that a filter of prediction stands for.
fn peaks(filter: &[f32]) -> Vec<f32> {
    let loud = |hz: f32| {
        let turn = TAU * hz / resonator::RATE;
        let (mut real, mut other) = (0.0, 0.0);
        for (at, factor) in filter.iter().enumerate() {
            real += factor * (turn * at as f32).cos();
            other += factor * (turn * at as f32).sin();
        }
        -(real * real + other * other).ln()
    };
    let grid: Vec<f32> = (0..400).map(|at| 10.0 * at as f32).collect();
    let curve: Vec<f32> = grid.iter().map(|hz| loud(*hz)).collect();
    let tops = curve.windows(3).zip(grid.iter().skip(1));
    tops.filter(|(near, hz)| near[1] > near[0] && near[1] > near[2] && **hz > 150.0)
        .map(|(_, hz)| *hz)
        .collect()
}

#[test]
fn vowels_have_the_first_two_formants_of_the_table() {
    for phone in PHONES
        .iter()
        .filter(|phone| phone.is_vowel() && !phone.is_double())
    {
        let samples = held(phone, 90.0);
        // Evens out the fall of the voice, and the edges of the stretch.
        let length = samples.len() as f32;
        let shaped: Vec<f32> = (samples.windows(2).enumerate())
            .map(|(at, pair)| {
                let window = 0.5 - 0.5 * (2.0 * PI * at as f32 / length).cos();
                (pair[1] - 0.95 * pair[0]) * window
            })
            .collect();
        let measured = peaks(&prediction(&shaped, 16));
        let near = |at: usize| {
            let hz = phone.from[at];
            let found = measured.get(at).copied().unwrap_or_default();
            (found / hz - 1.0).abs() < 0.15
        };
        assert!(near(0) && near(1), "{}: {measured:?}", phone.name);
    }
}

/// How high the voice is around each of some moments, as shares of the whole.
fn pitches(samples: &[i16], shares: &[f32]) -> Vec<f32> {
    let loud = |at: &usize| samples[*at].unsigned_abs() > 1_500;
    let start = (0..samples.len()).find(loud).unwrap();
    let end = (0..samples.len()).rev().find(loud).unwrap();
    let pitch = |share: &f32| {
        let middle = start as f32 + (end - start) as f32 * share;
        // Without the formants, which have a pitch of their own.
        let window: Vec<f32> = samples[middle as usize - 420..middle as usize + 420]
            .windows(20)
            .map(|near| near.iter().map(|s| f32::from(*s)).sum())
            .collect();
        let alike = |lag: usize| {
            let pairs = || window.iter().zip(window.iter().skip(lag));
            let both: f32 = pairs().map(|(one, other)| one * other).sum();
            let power: f32 = pairs().map(|(one, other)| one * one + other * other).sum();
            2.0 * both / power
        };
        let lags = || 60..260_usize;
        let best = lags().map(alike).fold(0.0, f32::max);
        // The first that is nearly as good; its multiples are too.
        let is_top = |lag: usize| alike(lag) >= alike(lag - 1) && alike(lag) >= alike(lag + 1);
        let lag = lags().find(|lag| alike(*lag) > 0.9 * best && is_top(*lag));
        resonator::RATE / lag.unwrap() as f32
    };
    shares.iter().map(pitch).collect()
}

#[test]
fn tones_are_heard_in_the_pitch() {
    let at = [0.2, 0.5, 0.8];
    let [first, second, third, fourth] =
        ["妈", "麻", "马", "骂"].map(|text| pitches(&spoken(text, Lang::Zh, 0.6), &at));
    let level = |pitch: &[f32]| pitch[2] / pitch[0];
    assert!((0.9..1.05).contains(&level(&first)), "{first:?}");
    assert!(level(&second) > 1.2, "{second:?}");
    assert!(
        third[1] < third[0] * 0.95 && third[1] < first[1] * 0.75,
        "{third:?}"
    );
    assert!(level(&fourth) < 0.75, "{fourth:?}");
    assert!(first[1] > second[0], "{first:?} {second:?}");
}

#[test]
fn a_statement_falls_and_a_question_rises() {
    let at = [0.6, 0.93];
    let said = pitches(&spoken("you are ready now", Lang::En, 0.5), &at);
    let asked = pitches(&spoken("are you ready now?", Lang::En, 0.5), &at);
    assert!(said[1] < said[0], "{said:?}");
    assert!(asked[1] > asked[0] * 1.1, "{asked:?}");
}

#[test]
fn speed_changes_the_length_and_not_the_pitch() {
    let text = "my name is all you know";
    let usual = spoken(text, Lang::En, 1.0);
    for speed in [0.25, 0.5, 2.0, 4.0] {
        let samples = spoken(text, Lang::En, speed);
        let ratio = usual.len() as f32 / samples.len() as f32 / speed;
        assert!((0.95..1.05).contains(&ratio), "{speed}: {ratio}");
    }
    let slow = pitches(&spoken(text, Lang::En, 0.5), &[0.5]);
    let middle = pitches(&usual, &[0.5]);
    assert!(
        (0.8..1.25).contains(&(slow[0] / middle[0])),
        "{slow:?} {middle:?}"
    );
}

#[test]
fn speech_is_as_loud_as_other_voices_and_never_at_the_limit() {
    let texts = [
        (
            "It is ten thirty, and the timer is set for five minutes.",
            Lang::En,
        ),
        ("I could not hear you. Please say that again!", Lang::En),
        ("现在是十点半，今天星期六，天气很好。", Lang::Zh),
        ("已经为你设置了五分钟的定时器。", Lang::Zh),
    ];
    for (text, lang) in texts {
        let samples = spoken(text, lang, 1.0);
        let power = samples.iter().map(|s| f32::from(*s).powi(2)).sum::<f32>();
        let level = 10.0 * (power / samples.len() as f32 / 32_768.0_f32.powi(2)).log10();
        let peak = samples.iter().map(|s| s.unsigned_abs()).max().unwrap();
        assert!((-21.0..-15.0).contains(&level), "{text}: {level} dB");
        assert!(peak <= 29_203, "{text}: {peak}");
    }
}

#[test]
fn it_comes_in_small_pieces_and_is_the_same_each_time() {
    let utterance = || Utterance {
        text: "你好，hello. Two pieces?".to_owned(),
        lang: Lang::Zh,
        wish: VoiceWish {
            voice: None,
            speed: 1.0,
            engine: None,
        },
    };
    let pieces: Vec<Vec<i16>> = Speech::new(utterance()).collect();
    assert!(pieces.iter().all(|piece| piece.len() <= PIECE * FRAME));
    assert_eq!(pieces, Speech::new(utterance()).collect::<Vec<_>>());
}

/// What can be said of a text: its sounds by name, a syllable's tone behind it.
fn sounds_of(text: &str, lang: Lang) -> String {
    let mut names = vec![];
    for clause in Clauses::new(text.to_owned(), lang) {
        for sound in &clause.sounds {
            let weight = match (sound.tone, sound.stress) {
                (Some(tone), _) if sound.begins => tone.to_string(),
                (None, Stress::Main) => "'".to_owned(),
                _ => String::new(),
            };
            names.push(format!("{}{weight}", sound.phone.name));
        }
        names.push(format!("{:?}", clause.end));
    }
    names.join(" ")
}

#[test]
fn a_text_is_cut_into_clauses_and_languages() {
    let table = [
        (
            "Dr. No, at 3.5?",
            Lang::En,
            "D AA' K T ER N OW' Comma AE T TH R IY' P OY' N T F AY' V Question",
        ),
        ("什么？", Lang::Zh, "sh2 AX N M5 e Question"),
        (
            "用USB上网",
            Lang::Zh,
            "Y4 UH NG Y UW' EH' S B IY' sh4 AA NG W3 AA NG Stop",
        ),
        ("说 no。", Lang::Zh, "sh1 W o N OW' Stop"),
        ("... ?! 🙂", Lang::En, ""),
        ("What is it?", Lang::En, "W AH' T IH Z IH T Stop"),
    ];
    for (text, lang, sounds) in table {
        assert_eq!(sounds_of(text, lang), sounds, "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_text_is_spoken_within_bounds_and_without_a_click(
        text in prop_oneof![
            "\\PC{0,40}",
            "[ -~]{0,40}",
            "[0-9.,:$%/+-]{0,24}",
            "[一-龥0-9a-z，。]{0,24}",
        ],
        zh: bool,
        speed in 0.25_f32..4.0,
    ) {
        let lang = if zh { Lang::Zh } else { Lang::En };
        let samples = spoken(&text, lang, speed);
        let seconds = samples.len() as f32 / resonator::RATE * speed;
        prop_assert!(seconds <= 1.0 + 2.5 * text.chars().count() as f32, "{seconds} s");
        // Where two frames meet is no greater step than there is around it anyway.
        let steps: Vec<i32> = (samples.windows(2))
            .map(|pair| (i32::from(pair[0]) - i32::from(pair[1])).abs())
            .collect();
        for seam in (FRAME..steps.len()).step_by(FRAME).map(|at| at - 1) {
            let from = seam.saturating_sub(200);
            let near = steps.iter().enumerate().take(seam + 200).skip(from);
            let near = near.filter(|(at, _)| (at + 1) % FRAME != 0);
            let most = near.map(|(_, step)| *step).max().unwrap_or(0);
            let bound = most * 2 + 2_500;
            prop_assert!(steps[seam] <= bound, "a step of {} at {seam}, {most} around", steps[seam]);
        }
        // Where clauses and pieces meet there is nothing to hear.
        let quiet = |at: Option<&i16>| at.is_none_or(|sample| sample.unsigned_abs() < 200);
        prop_assert!(quiet(samples.first()) && quiet(samples.last()));
    }
}
