//! Sound through a real sound server that is as it should be only if everybody gets the processor
//! in time. These tests are a program of their own, and one runs after the other.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    reason = "a test ends where it finds something wrong"
)]

#[path = "sound/call.rs"]
mod call;
#[path = "sound/files.rs"]
mod files;
#[path = "sound/house.rs"]
#[expect(dead_code, reason = "every test takes the part it needs")]
mod house;
#[path = "sound/rig.rs"]
#[expect(dead_code, reason = "every test takes the part it needs")]
mod rig;

use files::{delayed_chirp, find, hearsay, ran, read_wav, write_wav};
use hearsay::core::sound::{SoundEvent, SoundOrder};
use hearsay::sound::level::{from_i16, level, to_i16};
use hearsay::sound::loop_test::chirp;
use hearsay::sound::{Pace, Polled, device};
use house::{CLIP, House, TURN, named};
use rig::{Rig, end, say, wait_for_file};
use serde_json::{Value, json};
use std::process::Stdio;

/// Samples that are like no others, softly.
fn noise(samples: usize) -> Vec<f32> {
    let mut seed = 7u32;
    (0..samples)
        .map(|_| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            from_i16((seed >> 20) as i16 - 2048)
        })
        .collect()
}

#[test]
fn what_a_microphone_hears_is_recorded_to_the_bit() {
    let Some(rig) = Rig::in_time("what_a_microphone_hears_is_recorded_to_the_bit") else {
        return;
    };
    // Of the rate of recordings, so that the server changes nothing.
    let tape = ["sink_name=tape", "norewinds=1", "rate=16000", "channels=1"];
    let load = ["load-module", "module-null-sink"];
    rig.pactl(&[&load[..], &tape, &["format=s16le"]].concat());
    let house = House::new(&rig, |settings| {
        settings.microphone = named("pulseaudio:tape.monitor");
    });
    let said = noise(16_000 * 5);
    assert_eq!(taped(&house, &rig, &said), (0, None));
    say("5 s recorded through the sound server: bit-exact, 0 samples lost");
}

/// Records what is played: samples lost, and the first that is not as it was.
fn taped(house: &House, rig: &Rig, said: &[f32]) -> (u64, Option<usize>) {
    house.record();
    let mut tape = device::playback(&named("pulseaudio:tape"), 16_000, Pace::RealTime).unwrap();
    tape.play(said).unwrap();
    tape.finish().unwrap();
    house.desk.ask(SoundOrder::Stop { clip: CLIP });
    let recorded = house.wait(|event| match event {
        SoundEvent::Recorded { recorded, .. } => Some(*recorded),
        _ => None,
    });
    let (rate, heard) = read_wav(&rig.path("clips").join(format!("{CLIP}.wav")));
    house.desk.ask(SoundOrder::Discard { clip: CLIP });
    assert_eq!(rate, 16_000);
    let start = heard.iter().position(|sample| *sample != 0.0).unwrap();
    let mut part = heard.get(start..).unwrap_or_default().iter();
    let differs = |one: &f32| {
        part.next()
            .is_none_or(|other| to_i16(*one) != to_i16(*other))
    };
    let first = said.iter().position(differs);
    (recorded.lost, first)
}

#[test]
fn a_hush_is_silence() {
    let Some(rig) = Rig::in_time("a_hush_is_silence") else {
        return;
    };
    let house = House::new(&rig, |_| {});
    house.speak(60);
    let mut ear = device::capture(&named("pulseaudio:ear"), 16_000, Pace::RealTime).unwrap();
    let mut heard = vec![];
    let mut block = vec![];
    while heard.len() < 16_000 {
        ear.next(&mut block).unwrap();
        heard.append(&mut block);
    }
    assert!(level(&heard[8000..]).rms > 0.1, "{:?}", level(&heard));
    // What is on its way was heard before.
    while ear.poll(&mut block).unwrap() == Polled::Block {}
    house.desk.ask(SoundOrder::Hush);
    let mut after = vec![];
    while after.len() < 16_000 {
        ear.next(&mut block).unwrap();
        after.append(&mut block);
    }
    let last = after.iter().rposition(|sample| sample.abs() > 0.003);
    let ms = last.map_or(0, |last| (last + 1) / 16);
    say(&format!(
        "silent {ms} ms after a hush, the way to the ear included"
    ));
    assert!(ms < 500, "{ms}");
}

#[test]
fn it_hears_while_it_speaks() {
    let Some(rig) = Rig::in_time("it_hears_while_it_speaks") else {
        return;
    };
    let house = House::new(&rig, |settings| {
        settings.microphone = named("pulseaudio:ear");
    });
    house.record();
    house.speak(1);
    house.wait(|event| (*event == SoundEvent::Spoken { turn: TURN }).then_some(()));
    house.desk.ask(SoundOrder::Stop { clip: CLIP });
    house.wait(|event| matches!(event, SoundEvent::Recorded { .. }).then_some(()));
    let (_, heard) = read_wav(&rig.path("clips").join(format!("{CLIP}.wav")));
    let loud = heard.chunks(320).filter(|block| level(block).rms > 0.1);
    // A second in blocks of 20 ms.
    assert!((40..=60).contains(&loud.count()));
}

#[test]
fn what_a_loudspeaker_plays_is_heard_by_a_microphone() {
    let Some(rig) = Rig::in_time("what_a_loudspeaker_plays_is_heard_by_a_microphone") else {
        return;
    };
    let arguments = ["devices", "--test", "--mic", "ear", "--json"];
    let (code, out, err) = ran(&mut rig.hearsay(&arguments));
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    let report: Value = serde_json::from_str(&out).unwrap();
    println!(
        "loop through the sound server: {}, silent {} ms after a stop",
        report["echo"], report["stop_ms"]
    );
    assert_eq!(report["microphone"], json!("Ear"));
    assert!(report["echo"]["alike"].as_f64().unwrap() > 0.3);
    assert!(report["stop_ms"].is_number(), "{report}");
}

#[test]
fn what_is_played_to_a_microphone_is_recorded() {
    let Some(rig) = Rig::in_time("what_is_played_to_a_microphone_is_recorded") else {
        return;
    };
    write_wav(&rig.path("a.wav"), 16_000, 1, &delayed_chirp(300));
    let record = ["devices", "--record", "b.wav", "--seconds", "4", "--json"];
    let recording = rig
        .hearsay(&record)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The head of the file is written when a second is safe.
    wait_for_file(&rig.path("b.wav"), 16_000);
    let play = [
        "devices",
        "--play",
        "a.wav",
        "--speaker",
        "pulseaudio:micfeed",
    ];
    assert_eq!(ran(&mut rig.hearsay(&play)).0, Some(0));
    assert_eq!(end(recording), (Some(0), String::new()));
    let (_, heard) = read_wav(&rig.path("b.wav"));
    assert_eq!(heard.len(), 64_000);
    let (at, alike) = find(&heard);
    let part = level(&heard[at..at + chirp().len()]);
    println!("recorded through the sound server: {alike:.4} alike, {part:?}");
    assert!(alike > 0.3, "{alike}");
    assert!((0.2..0.6).contains(&part.peak), "{part:?}");
}
