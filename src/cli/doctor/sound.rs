//! What the doctor says of microphone and loudspeaker.

use super::Check;
use crate::cli::devices;
use crate::config::settings::Sound;
use crate::core::words::{Lang, Word, fill};
use crate::sound::apart::apart;
use crate::sound::device::{self, Wish};
use crate::sound::level::{Meter, decibels};
use crate::sound::{Pace, Way};
use std::time::Duration;

/// How long sound may do nothing.
const SOUND_PATIENCE: Duration = Duration::from_secs(10);
/// How long the microphone is listened to, in blocks of 20 ms.
const LISTENED: usize = 25;

/// Tries both; `aloud`: and the way from one to the other.
pub(super) fn checks(sound: &Sound, aloud: bool, lang: Lang) -> Vec<Check> {
    let mut checks = vec![microphone(sound, lang), loudspeaker(sound, lang)];
    if aloud {
        checks.push(around(sound, lang));
    }
    checks
}

/// Plays a short sound and listens for it.
fn around(sound: &Sound, lang: Lang) -> Check {
    let say = |word: Word, arguments: &[&str]| fill(word.text(lang), arguments);
    match devices::heard_again(sound, None) {
        Ok(report) => {
            let way = say(Word::LoopWay, &[&report.loudspeaker, &report.microphone]);
            let Some(echo) = report.echo else {
                let peak = format!("{:.0}", decibels(report.clip.level.peak));
                let found = format!("{way}: {}", say(Word::LoopUnheard, &[&peak]));
                let hint = say(Word::LoopUnheardHint, &[]);
                return Check::limited("echo", found, Some(hint));
            };
            let figures = [
                format!("{:.0}", echo.delay.as_secs_f64() * 1000.0),
                format!("{:.0}", decibels(echo.level.peak)),
                format!("{:.0}", echo.alike * 100.0),
                format!("{:.0}", decibels(report.room.rms)),
            ];
            let [delay, peak, alike, room] = &figures;
            let heard = say(Word::LoopHeard, &[delay, peak, alike, room]);
            Check::good("echo", format!("{way}: {heard}"))
        }
        Err(error) => Check::limited("echo", error.tell(lang), Some(error.hint(lang))),
    }
}

/// Opens the microphone and listens for a moment.
fn microphone(sound: &Sound, lang: Lang) -> Check {
    let wish = Wish::read(&sound.microphone, Way::In);
    let heard = apart(
        SOUND_PATIENCE,
        |()| {},
        move |_tell| {
            let mut microphone = device::capture(&wish, 16_000, Pace::RealTime)?;
            let (mut meter, mut block) = (Meter::default(), vec![]);
            for _ in 0..LISTENED {
                microphone.next(&mut block)?;
                meter.add(&block);
            }
            Ok((microphone.name().to_owned(), meter.level()))
        },
    );
    match heard {
        Ok((name, level)) if level.is_digital_silence() => {
            let found = fill(Word::DoctorSilent.text(lang), &[&name]);
            let hint = Word::DoctorSilentHint.text(lang).to_owned();
            Check::limited("microphone", found, Some(hint))
        }
        Ok((name, level)) => {
            let peak = format!("{:.0}", decibels(level.peak));
            let found = fill(Word::DoctorHears.text(lang), &[&name, &peak]);
            Check::good("microphone", found)
        }
        Err(error) => Check::limited("microphone", error.tell(lang), Some(error.hint(lang))),
    }
}

/// Opens the loudspeaker. It stays silent: who asks for a doctor at night wants to sleep.
fn loudspeaker(sound: &Sound, lang: Lang) -> Check {
    let wish = Wish::read(&sound.loudspeaker, Way::Out);
    if matches!(wish, Wish::File(_) | Wish::Raw) {
        // Opening it would write over what is there.
        return Check::good("loudspeaker", sound.loudspeaker.clone());
    }
    let opened = apart(
        SOUND_PATIENCE,
        |()| {},
        move |_tell| {
            let loudspeaker = device::playback(&wish, 48_000, Pace::RealTime)?;
            Ok(loudspeaker.name().to_owned())
        },
    );
    match opened {
        Ok(name) => {
            let found = fill(Word::DoctorSpeaks.text(lang), &[&name]);
            Check::good("loudspeaker", found)
        }
        Err(error) => Check::limited("loudspeaker", error.tell(lang), Some(error.hint(lang))),
    }
}
