//! What the doctor says of microphone and loudspeaker.

use crate::config::settings::Sound;
use crate::core::checkup::{Check, Part};
use crate::core::words::{Lang, Word, fill};
use crate::sound::apart::apart;
use crate::sound::device::{self, Wish};
use crate::sound::level::{Meter, decibels};
use crate::sound::loop_test::{self, Report};
use crate::sound::recorder::Recorder;
use crate::sound::{Pace, SoundError, Way};
use std::io;
use std::path::Path;
use std::time::Duration;

/// How long sound may do nothing.
const SOUND_PATIENCE: Duration = Duration::from_secs(10);
/// How long the microphone is listened to, in blocks of 20 ms.
const LISTENED: usize = 25;

/// Tries both; `aloud`: and the way from one to the other.
pub(super) fn checks(sound: &Sound, aloud: bool, lang: Lang, tell: &mut dyn FnMut(Check)) {
    tell(microphone(sound, lang));
    tell(loudspeaker(sound, lang));
    if aloud {
        tell(around(sound, lang));
    }
}

/// How fast files and pipes in the place of devices go.
pub fn pace(sound: &Sound) -> Pace {
    if sound.fast {
        Pace::Fast
    } else {
        Pace::RealTime
    }
}

/// A pipe may be silent as long as it likes; a device may not.
pub fn patience(wishes: &[&Wish]) -> Duration {
    if wishes.contains(&&Wish::Raw) {
        Duration::MAX
    } else {
        SOUND_PATIENCE
    }
}

/// Plays a short sound and listens for it. What is heard is kept there, if anywhere.
pub fn heard_again(sound: &Sound, keep: Option<&Path>) -> Result<Report, SoundError> {
    let pace = pace(sound);
    let microphone = Wish::read(&sound.microphone, Way::In);
    let loudspeaker = Wish::read(&sound.loudspeaker, Way::Out);
    let limit = patience(&[&microphone, &loudspeaker]);
    let name = format!("hearsay-test-{}.wav", std::process::id());
    let passing = std::env::temp_dir().join(name);
    let path = keep.unwrap_or(&passing).to_owned();
    let done = apart(
        limit,
        |()| {},
        move |tell| {
            let microphone = device::capture(&microphone, loop_test::RATE, pace)?;
            tell(());
            let loudspeaker = device::playback(&loudspeaker, loop_test::RATE, pace)?;
            tell(());
            let recorder = Recorder::create(&path, loop_test::RATE, loop_test::LONGEST)?;
            loop_test::run(microphone, loudspeaker, recorder, &|| tell(()))
        },
    );
    if keep.is_none() {
        // It is not there when the devices did not open.
        let _: io::Result<()> = std::fs::remove_file(passing);
    }
    done
}

/// Plays a short sound and listens for it.
fn around(sound: &Sound, lang: Lang) -> Check {
    let say = |word: Word, arguments: &[&str]| fill(word.text(lang), arguments);
    match heard_again(sound, None) {
        Ok(report) => {
            let way = say(Word::LoopWay, &[&report.loudspeaker, &report.microphone]);
            let Some(echo) = report.echo else {
                let peak = format!("{:.0}", decibels(report.clip.level.peak));
                let found = format!("{way}: {}", say(Word::LoopUnheard, &[&peak]));
                let hint = say(Word::LoopUnheardHint, &[]);
                return Check::limited(Part::Echo, found, Some(hint));
            };
            let figures = [
                format!("{:.0}", echo.delay.as_secs_f64() * 1000.0),
                format!("{:.0}", decibels(echo.level.peak)),
                format!("{:.0}", echo.alike * 100.0),
                format!("{:.0}", decibels(report.room.rms)),
            ];
            let [delay, peak, alike, room] = &figures;
            let heard = say(Word::LoopHeard, &[delay, peak, alike, room]);
            Check::good(Part::Echo, format!("{way}: {heard}"))
        }
        Err(error) => Check::limited(Part::Echo, error.tell(lang), Some(error.hint(lang))),
    }
}

/// Whether there is a microphone. None is opened.
pub(super) fn microphone_there(sound: &Sound, lang: Lang) -> Check {
    let name = match Wish::read(&sound.microphone, Way::In) {
        Wish::File(_) | Wish::Raw | Wish::Null => {
            return Check::good(Part::Microphone, sound.microphone.clone());
        }
        Wish::Default => None,
        Wish::Named(name) => Some(name),
    };
    let listed = apart(SOUND_PATIENCE, |()| {}, |_tell| device::list(false));
    let found = listed.and_then(|found| {
        let microphones = || found.iter().filter(|device| device.way == Way::In);
        let wished = name.and_then(|name| {
            microphones().find(|device| device.id == name || device.name.contains(&name))
        });
        let device = wished.or_else(|| microphones().next()).cloned();
        device.ok_or(SoundError::NoDevice { way: Way::In })
    });
    match found {
        Ok(device) => {
            let found = fill(Word::GlanceHears.text(lang), &[&device.name]);
            Check::good(Part::Microphone, found)
        }
        Err(error) => Check::limited(Part::Microphone, error.tell(lang), Some(error.hint(lang))),
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
            Check::limited(Part::Microphone, found, Some(hint))
        }
        Ok((name, level)) => {
            let peak = format!("{:.0}", decibels(level.peak));
            let found = fill(Word::DoctorHears.text(lang), &[&name, &peak]);
            Check::good(Part::Microphone, found)
        }
        Err(error) => Check::limited(Part::Microphone, error.tell(lang), Some(error.hint(lang))),
    }
}

/// Opens the loudspeaker. It stays silent: who asks for a doctor at night wants to sleep.
fn loudspeaker(sound: &Sound, lang: Lang) -> Check {
    let wish = Wish::read(&sound.loudspeaker, Way::Out);
    if matches!(wish, Wish::File(_) | Wish::Raw) {
        // Opening it would write over what is there.
        return Check::good(Part::Loudspeaker, sound.loudspeaker.clone());
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
            Check::good(Part::Loudspeaker, found)
        }
        Err(error) => Check::limited(Part::Loudspeaker, error.tell(lang), Some(error.hint(lang))),
    }
}
