//! How long each sound of a clause lasts, and how the pitch runs through it. Pure.

use super::mandarin::contour;
use super::phones::{Kind, Phone, SILENCE};
use super::track::{Line, Part, Stage};

/// How much weight a vowel has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Stress {
    #[default]
    None,
    Second,
    Main,
}

/// A sound in its place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sound {
    pub(super) phone: &'static Phone,
    pub(super) stress: Stress,
    /// The tone of its syllable, in Mandarin; 5 is the light one.
    pub(super) tone: Option<u8>,
    /// Whether a syllable of Mandarin or a word of English begins with it.
    pub(super) begins: bool,
}

/// How a clause ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum End {
    /// More of the same sentence follows.
    Comma,
    #[default]
    Stop,
    /// A question to be answered by yes or no.
    Question,
}

/// Words that are said in one go.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Clause {
    pub(super) sounds: Vec<Sound>,
    pub(super) end: End,
}

/// Silence after a clause.
const COMMA_MS: f32 = 170.0;
const STOP_MS: f32 = 260.0;
/// Silence before the first sound, in which the mouth takes its place.
const LEAD_MS: f32 = 10.0;
/// How long a mouth takes to burst open.
const BURST_MS: f32 = 10.0;
/// A light breath ends a sentence on p, t, k.
const LAST_BREATH_MS: f32 = 30.0;

/// The pitch that a clause begins with and, but for its end, sinks to.
const HIGH_HZ: f32 = 122.0;
const LOW_HZ: f32 = 98.0;
/// So many sounds make a clause that sinks all the way.
const LONG: f32 = 24.0;
/// Semitones between two of the five levels that tones are written with.
const STEP: f32 = 2.6;

/// Lays a clause out in time. `speed`: 2 is twice as fast.
pub(super) fn lay_out(clause: &Clause, speed: f32) -> (Vec<Part>, Line) {
    let sounds = &clause.sounds;
    let mut parts = vec![silence(LEAD_MS / speed)];
    // When each sound begins and ends.
    let mut times = vec![];
    let mut now = LEAD_MS / speed;
    for at in 0..sounds.len() {
        let start = now;
        for part in stages(sounds, at) {
            let ms = part.ms / speed;
            now += ms;
            parts.push(Part { ms, ..part });
        }
        times.push((start, now));
    }
    let pause = if clause.end == End::Comma {
        COMMA_MS
    } else {
        STOP_MS
    };
    parts.push(silence(pause / speed));
    (parts, pitch(clause, &times))
}

fn silence(ms: f32) -> Part {
    Part {
        phone: &SILENCE,
        stage: Stage::Whole,
        ms,
        loud: 0.0,
    }
}

/// What a sound consists of, and how long each of it lasts at the usual speed.
fn stages(sounds: &[Sound], at: usize) -> Vec<Part> {
    let Some(sound) = sounds.get(at) else {
        return vec![];
    };
    let phone = sound.phone;
    let before = at.checked_sub(1).and_then(|at| sounds.get(at));
    let after = sounds.get(at + 1);
    let ms = phone.least_ms + (phone.ms - phone.least_ms) * length(sounds, at);
    let loud = match (phone.kind, sound.stress, sound.tone) {
        (Kind::Vowel, Stress::None, None) => 0.75,
        (_, _, Some(5)) => 0.7,
        _ => 1.0,
    };
    let part = |stage, ms| Part {
        phone,
        stage,
        ms,
        loud,
    };
    let (breath_ms, sharp) = match phone.kind {
        Kind::Stop { breath_ms, .. } => (f32::from(breath_ms), false),
        Kind::Affricate { breath_ms, .. } => (f32::from(breath_ms), true),
        _ => return vec![part(Stage::Whole, ms)],
    };
    let stop_follows = after.is_some_and(|after| {
        matches!(
            after.phone.kind,
            Kind::Stop { .. } | Kind::Affricate { .. } | Kind::Nasal
        )
    });
    if stop_follows && !sharp {
        return vec![part(Stage::Closed, ms)];
    }
    let after_s = before.is_some_and(|before| before.phone.name == "S") && !sound.begins;
    let breath_ms = match after {
        _ if after_s || breath_ms == 0.0 => 0.0,
        None => LAST_BREATH_MS,
        Some(after) if !after.phone.is_voiced() => 8.0,
        Some(after) if after.stress == Stress::None && after.tone.is_none() && !sound.begins => {
            breath_ms * 0.6
        }
        Some(_) => breath_ms,
    };
    let burst_ms = if sharp { ms * 0.6 } else { BURST_MS };
    let closed_ms = if sharp { ms * 0.4 } else { ms - BURST_MS };
    let mut stages = vec![
        part(Stage::Closed, closed_ms.max(12.0)),
        part(Stage::Burst, burst_ms),
    ];
    if breath_ms > 0.0 {
        let part = part(Stage::Breath, breath_ms);
        let loud = if after.is_none() { 0.4 } else { part.loud };
        stages.push(Part { loud, ..part });
    }
    stages
}

/// How much of its full length a sound has; 0 is as short as it gets.
fn length(sounds: &[Sound], at: usize) -> f32 {
    let sound = &sounds[at];
    let vowels_follow = (sounds.iter().skip(at + 1)).any(|sound| sound.phone.is_vowel());
    let last = !vowels_follow;
    let after = sounds.get(at + 1);
    if let Some(tone) = sound.tone {
        let light = if tone == 5 { 0.3 } else { 1.0 };
        // The two halves of a double vowel, and the nasal after one, share its time.
        let shares = |near: Option<&Sound>| {
            near.is_some_and(|near| near.phone.is_vowel() && near.tone.is_some())
        };
        let after = after.filter(|after| !after.begins);
        let before = at.checked_sub(1).and_then(|at| sounds.get(at));
        let shared =
            sound.phone.is_vowel() && (after.is_some() || (!sound.begins && shares(before)));
        let share = if shared { 0.35 } else { 1.0 };
        return light * share * if last { 1.1 } else { 0.8 };
    }
    let mut length = match (sound.phone.kind, sound.stress) {
        (Kind::Vowel, Stress::Main) => 1.0,
        (Kind::Vowel, Stress::Second) => 0.75,
        (Kind::Vowel, Stress::None) => 0.45,
        _ => 0.85,
    };
    if sound.phone.is_vowel() {
        // A vowel is short before p, t, k, s and long before b, d, g, z.
        match after
            .filter(|after| !after.begins)
            .map(|after| after.phone.kind)
        {
            Some(Kind::Stop { voiced: false, .. } | Kind::Affricate { voiced: false, .. }) => {
                length *= 0.7;
            }
            Some(Kind::Fricative { voiced: true } | Kind::Stop { voiced: true, .. }) => {
                length *= 1.15;
            }
            _ => {}
        }
    }
    if last {
        length = length * 1.4 + 0.15;
    }
    length
}

/// How the pitch runs. `times`: when each sound begins and ends.
fn pitch(clause: &Clause, times: &[(f32, f32)]) -> Line {
    let sounds = &clause.sounds;
    let mut line = Line::default();
    let whole = times.last().map_or(1.0, |(_, end)| end.max(1.0));
    // What is short does not sink far.
    let sunk = (LOW_HZ - HIGH_HZ) * (sounds.len() as f32 / LONG).min(1.0);
    let base = |ms: f32| HIGH_HZ + sunk * (ms / whole).min(1.0);
    line.push(0.0, base(0.0));
    let nucleus = sounds
        .iter()
        .rposition(|sound| sound.stress == Stress::Main);
    let mut at = 0;
    let mut last_tone = 0;
    while let Some(sound) = sounds.get(at) {
        let (start, end) = times[at];
        if let Some(tone) = sound.tone {
            let length = 1
                + (sounds.iter().skip(at + 1))
                    .take_while(|next| !next.begins && next.tone.is_some())
                    .count();
            let syllable = &sounds[at..at + length];
            let voiced = syllable.iter().position(|sound| sound.phone.is_voiced());
            let from = voiced.map_or(start, |first| times[at + first].0);
            let to = times[at + length - 1].1;
            let final_one = at + length == sounds.len();
            for (share, level) in contour(tone, last_tone, final_one) {
                let ms = from + (to - from) * share;
                line.push(ms, base(ms) * 2.0_f32.powf((level - 2.6) * STEP / 12.0));
            }
            last_tone = tone;
            at += length;
            continue;
        }
        if sound.stress == Stress::Main {
            let is_nucleus = nucleus == Some(at);
            line.push(start - 30.0, base(start));
            if is_nucleus && clause.end == End::Question {
                line.push(start + (end - start) * 0.3, base(start) * 0.93);
            } else if is_nucleus {
                line.push(start + (end - start) * 0.35, base(start) * 1.2);
            } else {
                line.push(start + (end - start) * 0.4, base(start) * 1.15);
                line.push(end + 40.0, base(end + 40.0));
            }
        }
        at += 1;
    }
    if sounds.last().is_some_and(|sound| sound.tone.is_none()) {
        let target = match clause.end {
            End::Comma => LOW_HZ * 1.12,
            End::Stop => LOW_HZ * 0.82,
            End::Question => HIGH_HZ * 1.4,
        };
        line.push(whole, target);
    }
    line
}
