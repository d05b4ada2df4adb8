//! A call through a real sound server whose loudspeaker is heard by its microphone.

use crate::files::read_wav;
use crate::house::{CLIP, House, named, now};
use crate::rig::{Rig, say, skip};
use hearsay::core::ids::TurnId;
use hearsay::core::sound::{Sound, SoundEvent, SoundOrder, Speech};
use hearsay::sound::Pace;
use hearsay::sound::device;
use hearsay::sound::level::{level, to_i16};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const TEXT: &str = "The train to the coast leaves at half past nine from the second platform, and it \
    takes about two hours. You should bring a coat, because the wind is strong there in spring. \
    If you like, I can look for a place to have lunch; there are several by the harbour, and one \
    of them has a garden. Is there anything else that you would like to know about the journey?";

/// Something said by a machine made for it, if this system has one: its rate and samples.
fn spoken(path: &Path, voice: &str, text: &str) -> Option<(u32, Vec<f32>)> {
    let status = Command::new("espeak-ng")
        .args(["-v", voice, "-w"])
        .arg(path)
        .arg(text)
        .status();
    if status.is_ok_and(|status| status.success()) {
        Some(read_wav(path))
    } else {
        skip("`espeak-ng` is not installed");
        None
    }
}

/// What is told in a call until a reply was heard to its end.
fn reply(house: &House, turn: TurnId, (rate, samples): &(u32, Vec<f32>)) {
    house.desk.ask(SoundOrder::Expect { turn });
    let sound = Sound::Samples {
        rate: *rate,
        samples: samples.iter().map(|sample| to_i16(*sample)).collect(),
    };
    house.desk.speech(Speech::More { turn, sound });
    house.desk.speech(Speech::End { turn });
}

#[test]
fn a_call_does_not_hear_itself_and_hears_who_cuts_in() {
    let name = "call::a_call_does_not_hear_itself_and_hears_who_cuts_in";
    let Some(rig) = Rig::in_time(name) else {
        return;
    };
    let said = spoken(&rig.path("said.wav"), "en", TEXT);
    let cut = "Wait a moment please, I would rather go on Saturday.";
    let cut = spoken(&rig.path("cut.wav"), "en+f3", cut);
    let (Some(said), Some((rate, cut))) = (said, cut) else {
        return;
    };
    rig.pactl(&[
        "load-module",
        "module-loopback",
        "source=spk.monitor",
        "sink=micfeed",
        "latency_msec=100",
    ]);
    let house = House::new(&rig, |_| {});
    house.desk.ask(SoundOrder::Attend { clip: CLIP });
    house.wait(|event| matches!(event, SoundEvent::Hearing { .. }).then_some(()));
    reply(&house, TurnId(2), &said);
    let mut cancelled = vec![];
    while let Some((db, open)) = house.wait(|event| match event {
        SoundEvent::Echo { cancelled_db, open } => Some(Some((*cancelled_db, *open))),
        SoundEvent::Spoken { .. } => Some(None),
        SoundEvent::Begun { .. } | SoundEvent::Recorded { .. } => {
            panic!("it hears itself: {event:?}")
        }
        _ => None,
    }) {
        let db = db.map_or_else(|| "none".to_owned(), |db| format!("{db:.0}"));
        cancelled.push(format!("{db}{}", if open { "" } else { " (deaf)" }));
    }
    let length = said.1.len() as f32 / said.0 as f32;
    say(&format!(
        "{length:.0} s of speech through the loudspeaker and back: nobody heard, dB cancelled: {}",
        cancelled.join(" ")
    ));
    assert!(length > 15.0 && cancelled.len() > 10, "{cancelled:?}");
    // The next reply, into which somebody speaks after three seconds.
    reply(&house, TurnId(3), &said);
    house.wait(|event| matches!(event, SoundEvent::Heard { ms: 3000.., .. }).then_some(()));
    let mut feed = device::playback(&named("pulseaudio:micfeed"), rate, Pace::RealTime).unwrap();
    let before = now();
    let speaker = std::thread::spawn(move || {
        feed.play(&cut).unwrap();
        feed.finish().unwrap();
    });
    house.wait(|event| match event {
        SoundEvent::Begun { .. } => Some(()),
        SoundEvent::Spoken { .. } => panic!("nobody was heard"),
        _ => None,
    });
    let begun = before.elapsed();
    house.desk.ask(SoundOrder::Pause);
    let recorded = house.wait(|event| match event {
        SoundEvent::Recorded { recorded, .. } => Some(*recorded),
        _ => None,
    });
    speaker.join().unwrap();
    say(&format!(
        "somebody cut in: begun {} ms after they were played to the server, {} ms recorded",
        begun.as_millis(),
        recorded.length_ms
    ));
    let (_, heard) = read_wav(&rig.path("clips").join(format!("{CLIP}.wav")));
    assert!(recorded.speech && level(&heard).peak > 0.05, "{recorded:?}");
    assert!((1500..6000).contains(&recorded.length_ms), "{recorded:?}");
    house.desk.ask(SoundOrder::HangUp);
    house.desk.close(Duration::from_secs(5));
}
