//! The desk on a real sound server: what it records to the bit, and what it does when devices
//! and the server itself go away. Each test runs in a process that has the server to itself.

use super::rig::{Rig, say};
use super::{read_wav, to_i16};
use hearsay::core::ids::TurnId;
use hearsay::core::sound::{Sound, SoundEvent, SoundOrder, Speech};
use hearsay::sound::desk::{Desk, DeskSettings};
use hearsay::sound::device::{self, Wish};
use hearsay::sound::level::{from_i16, level};
use hearsay::sound::{Pace, Polled, Way};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

const CLIP: TurnId = TurnId(1);
const TURN: TurnId = TurnId(2);
/// A test that waits longer has failed.
const PATIENCE: Duration = Duration::from_mins(1);

pub(super) struct House {
    pub(super) desk: Desk,
    events: mpsc::Receiver<SoundEvent>,
}

impl House {
    pub(super) fn new(rig: &Rig, change: impl FnOnce(&mut DeskSettings)) -> Self {
        let mut settings = DeskSettings::new(rig.path("clips"));
        change(&mut settings);
        let (tell, events) = mpsc::channel();
        let desk = Desk::new(settings, move |event| drop(tell.send(event)), |_part| true);
        Self { desk, events }
    }

    pub(super) fn wait<T>(&self, wanted: impl Fn(&SoundEvent) -> Option<T>) -> T {
        loop {
            let event = self.events.recv_timeout(PATIENCE).unwrap();
            if let Some(found) = wanted(&event) {
                return found;
            }
        }
    }

    fn record(&self) {
        self.desk.ask(SoundOrder::Record { clip: CLIP });
        self.wait(|event| matches!(event, SoundEvent::Hearing { .. }).then_some(()));
    }

    /// Says a tone of so many seconds, and waits until it is heard.
    fn speak(&self, seconds: usize) {
        self.expect(seconds);
        self.wait(|event| matches!(event, SoundEvent::Sounding { .. }).then_some(()));
    }

    /// Says a tone of so many seconds.
    pub(super) fn expect(&self, seconds: usize) {
        self.desk.ask(SoundOrder::Expect { turn: TURN });
        let samples = (0..seconds * 24_000)
            .map(|n| to_i16((n as f32 * 0.1).sin() * 0.3))
            .collect();
        let sound = Sound::Samples {
            rate: 24_000,
            samples,
        };
        self.desk.speech(Speech::More { turn: TURN, sound });
        self.desk.speech(Speech::End { turn: TURN });
    }

    fn heard(&self, at_least: u64) -> u64 {
        self.wait(|event| match event {
            SoundEvent::Heard { ms, .. } => (*ms >= at_least).then_some(*ms),
            SoundEvent::Spoken { .. } => panic!("it is over"),
            _ => None,
        })
    }

    fn moved(&self, way: Way) -> String {
        self.wait(|event| match event {
            SoundEvent::Moved { way: told, device } if *told == way => Some(device.clone()),
            _ => None,
        })
    }
}

#[expect(clippy::disallowed_methods, reason = "a test that measures")]
pub(super) fn now() -> Instant {
    Instant::now()
}

pub(super) fn named(id: &str) -> Wish {
    Wish::Named(id.to_owned())
}

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
    let Some(rig) = Rig::within("desk::what_a_microphone_hears_is_recorded_to_the_bit") else {
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
    // A sound server that gets no processor for a while skips, whoever listens.
    let told: Vec<_> = (1..=4)
        .map(|attempt| (attempt, taped(&house, &rig, &said)))
        .take_while(|(_, told)| *told != (0, None))
        .collect();
    assert!(told.len() < 4, "{told:?}");
    say(&format!(
        "5 s recorded through the sound server: bit-exact, 0 samples lost, attempt {}",
        told.len() + 1
    ));
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
fn a_recording_goes_on_when_the_server_was_killed_and_is_there_again() {
    let name = "desk::a_recording_goes_on_when_the_server_was_killed_and_is_there_again";
    let Some(mut rig) = Rig::within(name) else {
        return;
    };
    let house = House::new(&rig, |_| {});
    house.record();
    rig.kill_server();
    house.wait(|event| match event {
        SoundEvent::Trouble { passing, clip, .. } => Some((*passing, *clip)),
        _ => None,
    });
    rig.start_again();
    let before = now();
    // Only what is heard is metered.
    house.wait(|event| matches!(event, SoundEvent::Level { .. }).then_some(()));
    say(&format!(
        "recording again {} ms after the server was",
        before.elapsed().as_millis()
    ));
    house.desk.ask(SoundOrder::Stop { clip: CLIP });
    house.wait(|event| matches!(event, SoundEvent::Recorded { .. }).then_some(()));
}

#[test]
fn a_sentence_goes_on_when_the_server_was_killed_and_is_there_again() {
    let name = "desk::a_sentence_goes_on_when_the_server_was_killed_and_is_there_again";
    let Some(mut rig) = Rig::within(name) else {
        return;
    };
    let house = House::new(&rig, |_| {});
    house.speak(3);
    let heard = house.heard(1000);
    rig.kill_server();
    house.wait(|event| matches!(event, SoundEvent::Trouble { passing: true, .. }).then_some(()));
    rig.start_again();
    let before = now();
    let next = house.heard(heard);
    say(&format!(
        "a sentence that was heard for {heard} ms went on at {next} ms, {} ms after the server",
        before.elapsed().as_millis()
    ));
    assert!(next < heard + 1000, "{heard} {next}");
    house.wait(|event| (*event == SoundEvent::Spoken { turn: TURN }).then_some(()));
}

#[test]
fn a_sentence_goes_on_elsewhere_while_its_loudspeaker_is_pulled_out() {
    let name = "desk::a_sentence_goes_on_elsewhere_while_its_loudspeaker_is_pulled_out";
    let Some(rig) = Rig::within(name) else {
        return;
    };
    let load = [
        "load-module",
        "module-null-sink",
        "sink_name=usb",
        "norewinds=1",
        "sink_properties=device.description=Headset",
    ];
    let module = rig.pactl(&load);
    let house = House::new(&rig, |settings| {
        settings.loudspeaker = named("pulseaudio:usb");
    });
    house.speak(8);
    let heard = house.heard(1000);
    rig.pactl(&["unload-module", &module]);
    let before = now();
    assert_eq!(house.moved(Way::Out), "Loudspeaker");
    say(&format!(
        "moved {} ms after the loudspeaker was gone",
        before.elapsed().as_millis()
    ));
    let next = house.heard(heard);
    assert!(next < heard + 1000, "{heard} {next}");
    // The wish is not forgotten.
    rig.pactl(&load);
    let before = now();
    assert_eq!(house.moved(Way::Out), "Headset");
    say(&format!(
        "back {} ms after it was plugged in again",
        before.elapsed().as_millis()
    ));
    house.wait(|event| (*event == SoundEvent::Spoken { turn: TURN }).then_some(()));
}

#[test]
fn a_new_default_is_followed_both_ways() {
    let Some(rig) = Rig::within("desk::a_new_default_is_followed_both_ways") else {
        return;
    };
    let house = House::new(&rig, |_| {});
    house.record();
    rig.pactl(&["set-default-source", "ear"]);
    let before = now();
    assert_eq!(house.moved(Way::In), "Ear");
    say(&format!(
        "a new microphone after {} ms",
        before.elapsed().as_millis()
    ));
    house.desk.ask(SoundOrder::Discard { clip: CLIP });
    house.speak(8);
    rig.pactl(&["set-default-sink", "micfeed"]);
    let before = now();
    assert_eq!(house.moved(Way::Out), "Feed");
    say(&format!(
        "a new loudspeaker after {} ms",
        before.elapsed().as_millis()
    ));
    house.heard(0);
}

#[test]
fn a_hush_is_silence() {
    let Some(rig) = Rig::within("desk::a_hush_is_silence") else {
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
    let Some(rig) = Rig::within("desk::it_hears_while_it_speaks") else {
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

/// The threads of this process but the test's own, by name, and how often they went to sleep.
fn threads() -> Vec<(String, String)> {
    let mine = std::fs::read_link("/proc/thread-self").unwrap();
    let mut threads: Vec<(String, String)> = std::fs::read_dir("/proc/self/task")
        .unwrap()
        .map(|task| task.unwrap().path())
        .filter(|task| task.file_name() != mine.file_name())
        // One may end meanwhile.
        .filter_map(|task| {
            let name = std::fs::read_to_string(task.join("comm")).ok()?;
            let status = std::fs::read_to_string(task.join("status")).ok()?;
            let sleeps = status.lines().find(|line| line.starts_with("voluntary"))?;
            Some((name.trim().to_owned(), sleeps.to_owned()))
        })
        .collect();
    threads.sort();
    threads
}

#[test]
#[cfg(target_os = "linux")]
fn nothing_runs_while_nothing_is_heard_or_said() {
    let Some(rig) = Rig::within("desk::nothing_runs_while_nothing_is_heard_or_said") else {
        return;
    };
    let before: Vec<String> = threads().into_iter().map(|(name, _)| name).collect();
    let house = House::new(&rig, |_| {});
    let names = || -> Vec<String> { threads().into_iter().map(|(name, _)| name).collect() };
    assert_eq!(names(), before, "nothing starts before it is needed");
    house.record();
    house.desk.ask(SoundOrder::Stop { clip: CLIP });
    house.wait(|event| matches!(event, SoundEvent::Recorded { .. }).then_some(()));
    house.speak(1);
    house.wait(|event| (*event == SoundEvent::Spoken { turn: TURN }).then_some(()));
    let (mut expected, before) = (before.clone(), before.len());
    expected.push("sound desk".to_owned());
    // Clients of the server that wait for the next one: as many as were in use together.
    let spare = || {
        let mut spare = names();
        for name in &expected {
            let at = spare.iter().position(|one| one == name).unwrap();
            spare.remove(at);
        }
        spare.len()
    };
    // Devices are closed in their own time.
    for _ in 0..600 {
        if spare() <= 2 {
            break;
        }
        thread::park_timeout(Duration::from_millis(10));
    }
    let then = threads();
    assert!(spare() <= 2, "{then:?}");
    assert!(house.events.recv_timeout(Duration::from_secs(2)).is_err());
    assert_eq!(threads(), then, "somebody woke up");
    drop(house);
    say(&format!(
        "idle: {} threads, which sleep",
        then.len() - before
    ));
}

#[test]
fn a_server_that_hangs_holds_nobody_up_and_hush_and_stop_are_answered() {
    let name = "desk::a_server_that_hangs_holds_nobody_up_and_hush_and_stop_are_answered";
    let Some(rig) = Rig::within(name) else {
        return;
    };
    let house = House::new(&rig, |_| {});
    house.speak(60);
    rig.freeze_server();
    house.desk.ask(SoundOrder::Hush);
    house.desk.ask(SoundOrder::Record { clip: CLIP });
    house.desk.ask(SoundOrder::Stop { clip: CLIP });
    house.wait(|event| matches!(event, SoundEvent::Recorded { .. }).then_some(()));
    let before = now();
    house.desk.close(PATIENCE);
    say(&format!(
        "closed {} ms after it hung",
        before.elapsed().as_millis()
    ));
    // Nothing is left that could end later.
    drop(house);
    thread::yield_now();
}
