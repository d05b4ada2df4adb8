//! Draws what the microphone does: that it is open, since when, and how loud it hears.

use super::call::{self, tail};
use super::text::{Row, Run, clip, row_width};
use super::theme::Role;
use super::words::{key, say, seconds};
use crate::core::action::Plain;
use crate::core::checkup::Part;
use crate::core::keys::Context;
use crate::core::model::Model;
use crate::core::sound::Loudness;
use crate::core::talk::Hint;
use crate::core::words::{Word, fill};

/// Columns of a meter.
const METER: usize = 20;
/// What the lowest end of a meter stands for.
const FLOOR_DB: f32 = -60.0;
/// How high something is in one column, where there is no room for a bar.
const HEIGHTS: [&str; 9] = ["·", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
const EIGHTHS: [&str; 9] = [" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"];

/// How far a meter of so many columns is filled, in eighths of a column.
fn filled(db: f32, columns: usize) -> usize {
    let part = ((db - FLOOR_DB) / -FLOOR_DB).clamp(0.0, 1.0);
    (part * (columns * 8) as f32).round() as usize
}

/// How loud it is: a bar, and the loudest of late as a number.
pub(super) fn meter(loudness: Loudness, speech: bool, columns: usize) -> Row {
    let eighths = filled(loudness.rms_db, columns);
    let (whole, rest) = (eighths / 8, eighths % 8);
    let mut bar = "█".repeat(whole);
    if whole < columns {
        bar.push_str(EIGHTHS[rest]);
        bar.push_str(&"·".repeat(columns - whole - 1));
    }
    let peak = format!(" {:>3.0} dB", loudness.peak_db.max(-99.0));
    let role = role(loudness, speech);
    vec![Run::role(&bar, role), Run::role(&peak, Role::Dim)]
}

/// How loud it is, in one column.
pub(super) fn gauge(loudness: Loudness, speech: bool) -> Run {
    let height = HEIGHTS[filled(loudness.rms_db, 1)];
    Run::role(height, role(loudness, speech))
}

fn role(loudness: Loudness, speech: bool) -> Role {
    if loudness.peak_db > -1.0 {
        Role::Warning
    } else if speech {
        Role::Accent
    } else {
        Role::Dim
    }
}

/// The strip above the composer while something is recorded; `None` while nothing is.
pub(super) fn strip(model: &Model, room: usize) -> Option<Row> {
    let recording = model.voice.recording.as_ref()?;
    let now = model.now.mono;
    let (doing, role) = match (&recording.hearing, recording.ended) {
        (_, Some(_)) => (say(model, Word::MicrophoneClosing).to_owned(), Role::Dim),
        (None, None) => (say(model, Word::MicrophoneOpening).to_owned(), Role::Dim),
        (Some(_), None) if recording.lost => {
            (say(model, Word::MicrophoneLost).to_owned(), Role::Warning)
        }
        (Some((since, _)), None) => (seconds(now.since(*since)), Role::Error),
    };
    let mut row = vec![
        Run::role("● ", role),
        Run::role(&doing, Role::Text),
        Run::role(" ", Role::Text),
    ];
    let left = room.saturating_sub(row_width(&row));
    // Words say more than how loud they are.
    let widest = if recording.partial.is_empty() {
        METER
    } else {
        METER / 4
    };
    if let Some((loudness, speech)) = model.voice.level {
        let columns = widest.min(left.saturating_sub(8));
        if columns >= 4 {
            row.extend(meter(loudness, speech, columns));
        }
    }
    let left = room.saturating_sub(row_width(&row) + 1);
    if !recording.partial.is_empty() && left >= 8 {
        let flat = Run::role(&recording.partial, Role::User).text;
        let flat = flat.replace('\n', " ");
        let partial = tail(&flat, left.saturating_sub(1));
        row.push(Run::role(&format!(" {partial}"), Role::User));
    } else if let Some((_, device)) = &recording.hearing
        && left >= 8
        && !recording.lost
    {
        let device = clip(&Run::role(device, Role::Dim).text, left);
        row.push(Run::role(&format!(" {device}"), Role::Dim));
    }
    row.push(Run::role(" ", Role::Dim));
    Some(row)
}

/// What the user can do about a recording, by what is known of the terminal.
pub(super) fn next(model: &Model) -> Option<String> {
    let talk = key_of(model)?;
    let cancel = key(model, Context::Chat, Plain::Cancel)?;
    let held = model.voice.talk.held() && model.voice.grip.hint() != Hint::Tap;
    let word = if held {
        Word::KeyLetGo
    } else {
        Word::KeyTapEnds
    };
    Some(fill(say(model, word), &[&talk, &cancel]))
}

/// The key to talk with where the user is.
pub(super) fn key_of(model: &Model) -> Option<String> {
    let empty = model.composer.is_empty();
    let first = empty
        .then(|| key(model, Context::Empty, Plain::Talk))
        .flatten();
    first.or_else(|| key(model, Context::Chat, Plain::Talk))
}

/// What an empty composer says.
pub(super) fn placeholder(model: &Model) -> String {
    if let Some(keys) = model.call.as_ref().and_then(|call| call::next(model, call)) {
        return fill(say(model, Word::PlaceholderCall), &[&keys]);
    }
    if model.voice.recording.is_some()
        && let Some(next) = next(model)
    {
        return next;
    }
    if model.normal {
        let keys = [Plain::Insert, Plain::Palette].map(|plain| key(model, Context::Normal, plain));
        let keys = keys.map(Option::unwrap_or_default);
        let keys = keys.each_ref().map(String::as_str);
        return fill(say(model, Word::PlaceholderNormal), &keys);
    }
    let send = key(model, Context::Chat, Plain::Send).unwrap_or_default();
    let help = key(model, Context::Chat, Plain::Help).unwrap_or_default();
    let talk = key_of(model).filter(|_| model.voice.deaf().is_none());
    let Some(talk) = talk else {
        return fill(say(model, Word::Placeholder), &[&send, &help]);
    };
    let word = match model.voice.grip.hint() {
        Hint::Hold => Word::PlaceholderHold,
        Hint::Either => Word::PlaceholderEither,
        Hint::Tap => Word::PlaceholderTap,
    };
    fill(say(model, word), &[&send, &help, &talk])
}

/// Whether the microphone is open, in words; `true` if that is to be seen at any width.
pub(super) fn microphone(model: &Model) -> (&'static str, bool) {
    let voice = &model.voice;
    if let Some(call) = &model.call {
        let word = match (call.listens(), &call.device) {
            (false, _) => Word::MicrophoneMuted,
            (true, None) => Word::MicrophoneOff,
            (true, Some(_)) => Word::MicrophoneOpen,
        };
        return (say(model, word), true);
    }
    if voice.recording.is_some() || voice.listening.is_some() {
        (say(model, Word::MicrophoneOpen), true)
    } else if voice.wishes.preroll && voice.warm {
        // Between recordings it is heard, and nothing of it leaves the memory.
        (say(model, Word::MicrophoneWarm), true)
    } else if lacks_microphone(model) {
        (say(model, Word::TextOnly), false)
    } else {
        (say(model, Word::MicrophoneOff), false)
    }
}

/// Whether a look at what is here found no microphone.
fn lacks_microphone(model: &Model) -> bool {
    let none = [Word::SoundNoMicrophone, Word::SoundNoSystem].map(|word| say(model, word));
    let mut checks = model.checkup.checks.iter();
    checks.any(|check| check.part == Part::Microphone && none.contains(&check.found.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_meter_is_as_long_as_it_is_loud_and_never_longer_than_its_room() {
        let text = |rms_db, columns| {
            let loudness = Loudness {
                peak_db: -3.0,
                rms_db,
            };
            let row = meter(loudness, true, columns);
            row.iter().map(|run| run.text.clone()).collect::<String>()
        };
        for (db, expected) in [
            (0.0, "████████  -3 dB"),
            (3.0, "████████  -3 dB"),
            (-30.0, "████ ···  -3 dB"),
            (-33.0, "███▋····  -3 dB"),
            (-60.0, " ·······  -3 dB"),
            (-100.0, " ·······  -3 dB"),
            (f32::NAN, " ·······  -3 dB"),
        ] {
            assert_eq!(text(db, 8), expected, "{db}");
        }
    }
}
