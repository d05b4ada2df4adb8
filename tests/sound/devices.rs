//! The devices of a real sound server, looked for and opened again and again: what is left behind
//! of that, and what a device says that has no room.

use crate::house::{House, named};
use crate::rig::{Rig, say};
use hearsay::core::sound::SoundEvent;
use hearsay::sound::{Pace, SoundError, Way, device};
use pulseaudio::AsPlaybackSource;
use pulseaudio::protocol::stream::StreamFlags;
use pulseaudio::protocol::{ChannelMap, PlaybackStreamParams, SampleFormat, SampleSpec};
use std::thread;
use std::time::Duration;

/// As often as somebody may look for devices in an evening.
const OFTEN: usize = 50;
/// More streams than a sound server lets one device have.
const CROWD: usize = 1000;

/// The threads and the descriptors of this process.
fn held() -> (usize, usize) {
    let count = |folder| std::fs::read_dir(folder).unwrap().count();
    (count("/proc/self/task"), count("/proc/self/fd"))
}

/// What is held when nothing has ended for a while: threads end in their own time.
fn settled() -> (usize, usize) {
    let (mut before, mut looks) = (held(), 0);
    while looks < 50 {
        thread::park_timeout(Duration::from_millis(10));
        let now = held();
        looks = if now == before { looks + 1 } else { 0 };
        before = now;
    }
    before
}

/// Waits until no more is held than before.
fn no_more_than(before: (usize, usize), after: &str) {
    let more = |now: (usize, usize)| now.0 > before.0 || now.1 > before.1;
    for _ in 0..600 {
        if !more(held()) {
            return;
        }
        thread::park_timeout(Duration::from_millis(10));
    }
    panic!("{before:?} before {after}, {:?} after", held());
}

fn opened() -> Result<(), SoundError> {
    let pace = Pace::RealTime;
    drop(device::playback(&named("pulseaudio:spk"), 48_000, pace)?);
    drop(device::capture(&named("pulseaudio:mic"), 16_000, pace)?);
    Ok(())
}

#[test]
fn who_looks_for_devices_and_opens_them_leaves_nothing_behind() {
    let name = "devices::who_looks_for_devices_and_opens_them_leaves_nothing_behind";
    let Some(_rig) = Rig::within(name) else {
        return;
    };
    let vain = || {
        let gone = device::playback(&named("pulseaudio:gone"), 48_000, Pace::RealTime);
        assert!(matches!(gone, Err(SoundError::Unknown { .. })));
    };
    let listed = device::list(true).unwrap();
    let ids = |way| {
        let of = listed.iter().filter(move |found| found.way == way);
        of.map(|found| (found.id.as_str(), found.name.as_str(), found.default))
    };
    let microphones: Vec<_> = ids(Way::In).collect();
    assert_eq!(
        microphones[..2],
        [
            ("pulseaudio:mic", "Microphone", true),
            ("pulseaudio:spk.monitor", "Monitor of Loudspeaker", false)
        ]
    );
    assert_eq!(
        ids(Way::Out).next(),
        Some(("pulseaudio:spk", "Loudspeaker", true))
    );
    let before = held();
    for _ in 0..OFTEN {
        assert_eq!(device::list(true).unwrap(), listed);
    }
    no_more_than(before, "listings");
    // Clients of the server wait for the next one.
    opened().unwrap();
    let before = settled();
    for _ in 0..OFTEN {
        vain();
    }
    no_more_than(before, "tries in vain");
    for _ in 0..OFTEN / 5 {
        opened().unwrap();
    }
    no_more_than(before, "openings");
    let (threads, files) = before;
    say(&format!(
        "{threads} threads and {files} descriptors before and after {OFTEN} listings, {OFTEN} \
         tries in vain and {} openings",
        OFTEN / 5
    ));
}

#[test]
fn a_device_that_has_no_room_for_us_is_busy_and_is_asked_again() {
    let name = "devices::a_device_that_has_no_room_for_us_is_busy_and_is_asked_again";
    let Some(rig) = Rig::within(name) else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let client = pulseaudio::Client::from_env(c"crowd").unwrap();
    let params = PlaybackStreamParams {
        sample_spec: SampleSpec {
            format: SampleFormat::S16Le,
            channels: 1,
            sample_rate: 48_000,
        },
        channel_map: ChannelMap::mono(),
        sink_name: Some(c"spk".to_owned()),
        flags: StreamFlags {
            start_corked: true,
            ..StreamFlags::default()
        },
        ..PlaybackStreamParams::default()
    };
    let silence = |_: &mut [u8]| 0;
    let crowd: Vec<_> = (0..CROWD)
        .map_while(|_| {
            let stream =
                client.create_playback_stream(params.clone(), silence.as_playback_source());
            runtime.block_on(stream).ok()
        })
        .collect();
    assert!(crowd.len() < CROWD, "it has room for everybody");
    let busy = SoundError::Busy {
        device: "Loudspeaker".to_owned(),
    };
    let opened = device::playback(&named("pulseaudio:spk"), 48_000, Pace::RealTime);
    assert_eq!(opened.err(), Some(busy.clone()));

    let house = House::new(&rig, |_| {});
    house.expect(1);
    house.wait(|event| match event {
        SoundEvent::Trouble { error, passing, .. } => {
            assert_eq!((error, passing), (&busy, &true));
            Some(())
        }
        _ => None,
    });
    for stream in crowd {
        runtime.block_on(stream.delete()).unwrap();
    }
    house.wait(|event| matches!(event, SoundEvent::Spoken { .. }).then_some(()));
    say("a loudspeaker without room was busy, was asked again, and said everything");
}
