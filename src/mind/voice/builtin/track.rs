//! How the vocal tract moves through a row of sounds: from the sounds and their lengths to frames.
//! Pure.

use super::phones::{Kind, Phone};
use super::synth::{CLOSED, FRAME_MS, Frame};

/// What is happening of a sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// A closed mouth.
    Closed,
    /// It opens.
    Burst,
    /// Breath runs on.
    Breath,
    /// All there is of it.
    Whole,
}

/// A stretch of one sound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Part {
    pub(super) phone: &'static Phone,
    pub(super) stage: Stage,
    pub(super) ms: f32,
    /// How loud it is among its like.
    pub(super) loud: f32,
}

/// How fast loudness changes where nothing bursts.
const FADE_MS: f32 = 14.0;
/// How fast a mouth bursts open.
const BURST_MS: f32 = 2.5;
/// How early a vowel opens the nose for what comes.
const NOSE_MS: f32 = 45.0;
/// What the nose swallows when the mouth is closed for m, n and ng, and beside that.
const NOSE_M: f32 = 900.0;
const NOSE_N: f32 = 1_300.0;
const NOSE_NG: f32 = 1_900.0;
const NOSE_NEAR: f32 = 330.0;

/// Values at moments (ms), between which is a straight line.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Line(Vec<(f32, f32)>);

impl Line {
    /// Another moment; one before those that are known counts as the same as the last.
    pub(super) fn push(&mut self, ms: f32, value: f32) {
        let last = self.0.last().map_or(ms, |(last, _)| *last);
        self.0.push((ms.max(last), value));
    }

    /// The value at a moment. `from` is where the search begins, and is moved on.
    fn at(&self, ms: f32, from: &mut usize) -> f32 {
        while let Some((next, _)) = self.0.get(*from + 1)
            && *next <= ms
        {
            *from += 1;
        }
        let Some(&(start, value)) = self.0.get(*from) else {
            return 0.0;
        };
        match self.0.get(*from + 1) {
            Some(&(end, then)) if ms > start => {
                value + (then - value) * (ms - start) / (end - start)
            }
            _ => value,
        }
    }
}

/// The lines of everything that moves.
#[derive(Clone, Debug, Default)]
pub(super) struct Track {
    parts: Vec<Part>,
    /// When each part ends.
    ends: Vec<f32>,
    pitch: Line,
    /// Formants 1 to 3, voice, breath, noise, nose.
    lines: [Line; 7],
    /// Where each line was read last, and the pitch.
    read: [usize; 8],
    part: usize,
    /// How many frames were given.
    given: usize,
}

/// One sound with all its parts.
#[derive(Clone, Copy, Debug)]
struct Group {
    phone: &'static Phone,
    start: f32,
    /// When the next sound begins to be heard in the formants.
    end: f32,
}

impl Track {
    pub(super) fn new(parts: Vec<Part>, pitch: Line) -> Self {
        let mut track = Self {
            parts,
            pitch,
            ..Self::default()
        };
        let mut now = 0.0;
        for part in &track.parts {
            now += part.ms;
            track.ends.push(now);
        }
        let groups = track.groups();
        for formant in 0..3 {
            track.lines[formant] = formant_line(&groups, formant);
        }
        for (line, loudness) in [voice, breath, noise].into_iter().enumerate() {
            track.lines[3 + line] = track.loudness(loudness);
        }
        track.lines[6] = track.nose();
        track
    }

    fn groups(&self) -> Vec<Group> {
        let mut groups: Vec<Group> = vec![];
        let mut start = 0.0;
        for (part, end) in self.parts.iter().zip(&self.ends) {
            match groups.last_mut() {
                // The breath after a burst already has the formants of what comes.
                Some(_) if part.stage == Stage::Breath => {}
                Some(group) if part.stage == Stage::Burst => {
                    group.end = *end;
                    start = *end;
                }
                _ => {
                    groups.push(Group {
                        phone: part.phone,
                        start,
                        end: *end,
                    });
                    start = *end;
                }
            }
        }
        groups
    }

    fn loudness(&self, of: fn(&Part) -> f32) -> Line {
        let mut line = Line::default();
        let (mut start, mut last) = (0.0, 0.0);
        line.push(0.0, 0.0);
        for (at, (part, end)) in self.parts.iter().zip(&self.ends).enumerate() {
            let value = of(part);
            let before = at.checked_sub(1).and_then(|at| self.parts.get(at));
            let sudden = part.stage == Stage::Burst
                || before.is_some_and(|part| part.stage == Stage::Closed);
            // Into a closed mouth voice fades before, out of a burst after.
            let fade = if sudden { BURST_MS } else { FADE_MS }.min(part.ms * 0.5);
            if part.stage == Stage::Closed {
                line.push(start - FADE_MS * 0.5, last);
                line.push(start + fade * 0.3, value);
            } else {
                line.push(start, last);
                line.push(start + fade, value);
            }
            line.push(end - FADE_MS * 0.5, value);
            (start, last) = (*end, value);
        }
        line.push(start, 0.0);
        line
    }

    fn nose(&self) -> Line {
        let mut line = Line::default();
        let mut start = 0.0;
        for (at, (part, end)) in self.parts.iter().zip(&self.ends).enumerate() {
            let at_nose = |at: Option<usize>| {
                at.and_then(|at| self.parts.get(at))
                    .is_some_and(|part| part.phone.kind == Kind::Nasal)
            };
            let beside = NOSE_MS.min(part.ms * 0.5);
            match part.phone.kind {
                Kind::Nasal => {
                    let hz = match part.phone.name {
                        "M" => NOSE_M,
                        "N" => NOSE_N,
                        _ => NOSE_NG,
                    };
                    line.push(start, hz);
                    line.push(*end, hz);
                }
                Kind::Vowel | Kind::Glide => {
                    let before = at_nose(at.checked_sub(1));
                    line.push(start, if before { NOSE_NEAR } else { CLOSED });
                    line.push(start + beside, CLOSED);
                    line.push(end - beside, CLOSED);
                    let after = at_nose(Some(at + 1));
                    line.push(*end, if after { NOSE_NEAR } else { CLOSED });
                }
                _ => {
                    line.push(start, CLOSED);
                    line.push(*end, CLOSED);
                }
            }
            start = *end;
        }
        line
    }
}

impl Iterator for Track {
    type Item = Frame;

    fn next(&mut self) -> Option<Frame> {
        let ms = self.given as f32 * FRAME_MS;
        while *self.ends.get(self.part)? <= ms {
            self.part += 1;
        }
        let phone = self.parts.get(self.part)?.phone;
        self.given += 1;
        let [pitch_read, read @ ..] = &mut self.read;
        let mut values = [0.0; 7];
        for ((value, line), read) in values.iter_mut().zip(&self.lines).zip(read) {
            *value = line.at(ms, read);
        }
        let [first, second, third, voice, breath, noise, nose_hz] = values;
        let mut hiss = phone.hiss;
        if let Kind::Stop { .. } = phone.kind
            && phone.from[1] > 2_000.0
        {
            // The tongue of k and g touches where the vowel wants it.
            hiss.bands[0].0 = (second * 1.08).clamp(1_100.0, 2_900.0);
        }
        Some(Frame {
            pitch_hz: self.pitch.at(ms, pitch_read),
            voice,
            breath,
            noise,
            hiss,
            formants: [first, second, third],
            nose_hz,
        })
    }
}

/// How loud the vocal folds are.
fn voice(part: &Part) -> f32 {
    let loud = match (part.stage, part.phone.kind) {
        (_, Kind::Silence | Kind::Breath) | (Stage::Breath, _) => 0.0,
        _ if !part.phone.is_voiced() => 0.0,
        (Stage::Closed, _) => 0.12,
        (Stage::Burst, Kind::Affricate { .. }) => 0.3,
        (Stage::Burst, _) => 0.6,
        (_, Kind::Vowel) => 1.0,
        (_, Kind::Glide) => 0.8,
        (_, Kind::Nasal) => 0.7,
        (_, _) => 0.4,
    };
    loud * part.loud
}

/// How much breath there is in it.
fn breath(part: &Part) -> f32 {
    let loud = match (part.stage, part.phone.kind) {
        (Stage::Breath, _) => 0.5,
        (_, Kind::Breath) => 0.55,
        (_, Kind::Vowel) => 0.015,
        (_, _) => 0.0,
    };
    loud * part.loud
}

/// How loud the noise in front is.
fn noise(part: &Part) -> f32 {
    let loud = match (part.stage, part.phone.kind) {
        (Stage::Burst, _) | (_, Kind::Fricative { .. }) => part.phone.noise,
        (Stage::Breath, Kind::Affricate { .. }) => part.phone.noise * 0.2,
        (_, _) => 0.0,
    };
    loud * part.loud
}

/// How long the way is from a sound to a vowel beside it.
fn way_ms(phone: &Phone) -> f32 {
    match phone.kind {
        Kind::Glide => 65.0,
        Kind::Nasal | Kind::Fricative { .. } | Kind::Affricate { .. } | Kind::Stop { .. } => 45.0,
        Kind::Vowel => 50.0,
        Kind::Breath | Kind::Silence => 20.0,
    }
}

/// Where a formant stands between two sounds.
fn between(one: &Phone, other: &Phone, formant: usize) -> f32 {
    let (left, right) = (one.to[formant], other.from[formant]);
    let pulled = |locus: f32, give: f32, to: f32| locus + (to - locus) * give;
    match (one.kind, other.kind) {
        (Kind::Silence | Kind::Breath, _) => right,
        (_, Kind::Silence | Kind::Breath) => left,
        (Kind::Vowel, Kind::Vowel) => f32::midpoint(left, right),
        (Kind::Vowel, _) => pulled(right, other.give, left),
        (_, Kind::Vowel) => pulled(left, one.give, right),
        _ => f32::midpoint(left, right),
    }
}

fn formant_line(groups: &[Group], formant: usize) -> Line {
    let mut line = Line::default();
    for (at, group) in groups.iter().enumerate() {
        let phone = group.phone;
        let before = at.checked_sub(1).and_then(|at| groups.get(at));
        let after = groups.get(at + 1);
        let length = group.end - group.start;
        let left = before.map_or(phone.from[formant], |one| {
            between(one.phone, phone, formant)
        });
        let right = after.map_or(phone.to[formant], |one| between(phone, one.phone, formant));
        line.push(group.start, left);
        match phone.kind {
            Kind::Vowel => {
                let way = |one: Option<&Group>| one.map_or(0.0, |one| way_ms(one.phone));
                let (mut reached, mut left_at) = (
                    way(before).min(length * 0.45),
                    way(after).min(length * 0.45),
                );
                if phone.is_double() {
                    // A diphthong is the way between its ends.
                    reached = reached.max(length * 0.2);
                    left_at = left_at.clamp(length * 0.1, length * 0.2);
                }
                line.push(group.start + reached, phone.from[formant]);
                line.push(group.end - left_at, phone.to[formant]);
            }
            Kind::Glide | Kind::Nasal | Kind::Fricative { .. } => {
                line.push(group.start + length * 0.4, phone.from[formant]);
                line.push(group.start + length * 0.6, phone.to[formant]);
            }
            Kind::Stop { .. } | Kind::Affricate { .. } => {
                line.push(group.end - 12.0_f32.min(length * 0.4), right);
            }
            Kind::Breath | Kind::Silence => {}
        }
        line.push(group.end, right);
    }
    line
}
