//! The desk on a real sound server: what it does when devices and the server itself go away. Each
//! test runs in a process that has the server to itself.

use crate::house::{CLIP, House, PATIENCE, TURN, named, now};
use crate::rig::{Rig, say};
use hearsay::core::sound::{SoundEvent, SoundOrder};
use hearsay::sound::Way;
use std::thread;
use std::time::Duration;

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
    house.heard(1000);
    rig.kill_server();
    house.wait(|event| matches!(event, SoundEvent::Trouble { passing: true, .. }).then_some(()));
    let heard = house.so_far.get();
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
    house.heard(1000);
    rig.pactl(&["unload-module", &module]);
    let before = now();
    assert_eq!(house.moved(Way::Out), "Loudspeaker");
    let heard = house.so_far.get();
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
