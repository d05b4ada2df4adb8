//! Devices that vanish, come back, are busy or hang.

use super::machine::{Door, Machine, gone};
use super::*;

const CLIP: TurnId = TurnId(7);
const TURN: TurnId = TurnId(8);

fn house(machine: &Machine, wish: Wish) -> House {
    let change = |settings: &mut DeskSettings| {
        settings.microphone = wish.clone();
        settings.loudspeaker = wish;
    };
    House::with(change, machine.doors())
}

fn named(id: &str) -> Wish {
    Wish::Named(id.to_owned())
}

fn moved(way: Way, id: &str) -> SoundEvent {
    let device = id.to_owned();
    SoundEvent::Moved { way, device }
}

fn hearing(clip: TurnId, id: &str) -> SoundEvent {
    let device = id.to_owned();
    SoundEvent::Hearing { clip, device }
}

fn trouble(way: Way, clip: Option<TurnId>, error: SoundError, passing: bool) -> SoundEvent {
    SoundEvent::Trouble {
        way,
        clip,
        error,
        passing,
    }
}

/// Which devices are in a recording, in their order.
fn devices_in(path: &Path) -> Vec<char> {
    // Silence stands for the time without any.
    let mut found: Vec<char> = (house::read(path).1.iter())
        .filter(|sample| **sample != 0.0)
        .map(|sample| char::from(b'a' - 1 + (sample * 100.0).round() as u8))
        .collect();
    found.dedup();
    found
}

fn stop(house: &House) {
    house.desk.ask(SoundOrder::Stop { clip: CLIP });
    house.recorded();
}

/// Waits until the microphone that is open was heard.
fn heard(house: &House, level: f32) {
    house.wait(|event| match event {
        SoundEvent::Level { loudness, .. } => {
            let peak = 10f32.powf(loudness.peak_db / 20.0);
            ((peak - level).abs() < 0.001).then_some(())
        }
        _ => None,
    });
}

#[test]
fn a_recording_goes_on_with_what_is_there_when_its_microphone_vanishes() {
    let machine = Machine::new(&["a", "b"]);
    let house = house(&machine, named("b"));
    house.record(CLIP);
    assert_eq!(house.next(), hearing(CLIP, "b"));
    machine.pull_out("b");
    assert_eq!(house.next(), moved(Way::In, "a"));
    heard(&house, 0.01);
    stop(&house);
    assert_eq!(devices_in(&house.clip(CLIP)), ['b', 'a']);
}

#[test]
fn a_microphone_is_closed_when_its_recording_is_over() {
    let machine = Machine::new(&["a"]);
    let house = house(&machine, Wish::Default);
    house.record(CLIP);
    assert_eq!(house.next(), hearing(CLIP, "a"));
    stop(&house);
    machine.wait_closed(1);
    house.record(TURN);
    assert_eq!(house.next(), hearing(TURN, "a"));
    house.desk.ask(SoundOrder::Discard { clip: TURN });
    machine.wait_closed(2);
}

#[test]
fn a_microphone_that_is_not_there_is_not_metered_by_another() {
    let machine = Machine::new(&["a"]);
    let house = house(&machine, Wish::Default);
    let listen = |id: &str| house.desk.ask(SoundOrder::Listen(Some(id.to_owned())));
    listen("b");
    assert_eq!(house.next(), trouble(Way::In, None, gone("it"), false));
    listen("a");
    heard(&house, 0.01);
}

#[test]
fn a_wish_is_kept_and_returned_to_when_it_is_there_again() {
    let machine = Machine::new(&["a"]);
    let house = house(&machine, named("b"));
    house.record(CLIP);
    assert_eq!(house.next(), moved(Way::In, "a"));
    assert_eq!(house.next(), hearing(CLIP, "a"));
    machine.plug_in("b", Door::Opens);
    assert_eq!(house.next(), moved(Way::In, "b"));
    heard(&house, 0.02);
    stop(&house);
    assert_eq!(devices_in(&house.clip(CLIP)), ['a', 'b']);
}

#[test]
fn what_the_system_prefers_is_followed() {
    let machine = Machine::new(&["a", "b"]);
    let house = house(&machine, Wish::Default);
    house.record(CLIP);
    assert_eq!(house.next(), hearing(CLIP, "a"));
    machine.prefer("b");
    assert_eq!(house.next(), moved(Way::In, "b"));
    heard(&house, 0.02);
    stop(&house);
    assert_eq!(devices_in(&house.clip(CLIP)), ['a', 'b']);
}

#[test]
fn where_a_server_tells_of_its_devices_nobody_has_to_look() {
    let machine = Machine::new(&["a", "b"]).telling();
    let house = house(&machine, Wish::Default);
    house.record(CLIP);
    assert_eq!(house.next(), hearing(CLIP, "a"));
    machine.prefer("b");
    assert_eq!(house.next(), moved(Way::In, "b"));
    heard(&house, 0.02);
    let (way, device) = (Way::In, Some("c".to_owned()));
    house.desk.ask(SoundOrder::Use { way, device });
    assert_eq!(house.next(), moved(Way::In, "b"));
    machine.plug_in("c", Door::Opens);
    assert_eq!(house.next(), moved(Way::In, "c"));
    heard(&house, 0.03);
    stop(&house);
    assert_eq!(devices_in(&house.clip(CLIP)), ['a', 'b', 'c']);
}

#[test]
fn a_device_that_falls_silent_is_left_for_one_that_is_there() {
    let machine = Machine::new(&["a", "b"]);
    let house = house(&machine, Wish::Default);
    house.record(CLIP);
    assert_eq!(house.next(), hearing(CLIP, "a"));
    machine.prefer("b");
    machine.fall_silent("a");
    assert_eq!(house.next(), moved(Way::In, "b"));
    heard(&house, 0.02);
    // Nothing is left to move to.
    machine.fall_silent("b");
    let SoundEvent::Trouble {
        clip: None,
        passing: true,
        ..
    } = house.next()
    else {
        panic!()
    };
}

#[test]
fn another_device_may_be_chosen_while_it_records() {
    let machine = Machine::new(&["a", "b"]);
    let house = house(&machine, Wish::Default);
    house.record(CLIP);
    assert_eq!(house.next(), hearing(CLIP, "a"));
    let (way, device) = (Way::In, Some("b".to_owned()));
    house.desk.ask(SoundOrder::Use { way, device });
    heard(&house, 0.02);
    stop(&house);
    assert_eq!(devices_in(&house.clip(CLIP)), ['a', 'b']);
}

#[test]
fn a_device_that_is_chosen_and_not_there_is_waited_for_with_the_default() {
    let machine = Machine::new(&["a", "b"]);
    let house = house(&machine, named("b"));
    house.desk.ask(SoundOrder::Expect { turn: TURN });
    house.say(TURN, 48_000, rise(3000));
    house.end(TURN);
    assert_eq!(house.next(), SoundEvent::Sounding { turn: TURN });
    let (way, device) = (Way::Out, Some("c".to_owned()));
    house.desk.ask(SoundOrder::Use { way, device });
    assert_eq!(house.next(), moved(Way::Out, "a"));
    machine.plug_in("c", Door::Opens);
    assert_eq!(house.next(), moved(Way::Out, "c"));
    house.spoken(TURN);
    house.desk.close(Duration::from_mins(1));
    assert_eq!(steps(&machine, "c").iter().max(), Some(&2999));
}

#[test]
fn a_recording_ends_with_a_word_when_nothing_is_there_any_more() {
    let machine = Machine::new(&["a"]);
    let house = house(&machine, Wish::Default);
    house.record(CLIP);
    assert_eq!(house.next(), hearing(CLIP, "a"));
    machine.pull_out("a");
    assert_eq!(house.next(), trouble(Way::In, None, gone("it"), true));
    let SoundEvent::Recorded { clip: CLIP, .. } = house.next() else {
        panic!()
    };
    assert_eq!(
        house.next(),
        trouble(Way::In, Some(CLIP), gone("it"), false)
    );
    assert_eq!(devices_in(&house.clip(CLIP)), ['a']);
}

#[test]
fn a_recording_goes_on_when_something_is_there_again() {
    let machine = Machine::new(&["a"]);
    let house = house(&machine, Wish::Default);
    house.record(CLIP);
    assert_eq!(house.next(), hearing(CLIP, "a"));
    machine.pull_out("a");
    assert_eq!(house.next(), trouble(Way::In, None, gone("it"), true));
    machine.plug_in("b", Door::Opens);
    machine.prefer("b");
    assert_eq!(house.next(), moved(Way::In, "b"));
    heard(&house, 0.02);
    stop(&house);
    assert_eq!(devices_in(&house.clip(CLIP)), ['a', 'b']);
}

#[test]
fn what_a_recording_lacks_while_its_microphone_was_away_is_told() {
    let machine = Machine::new(&["a"]);
    let house = house(&machine, Wish::Default);
    house.record(CLIP);
    assert_eq!(house.next(), hearing(CLIP, "a"));
    // The fourth try comes at least 87 ms after the first.
    machine.replace("a", "b", Door::Absent(3));
    assert_eq!(house.next(), trouble(Way::In, None, gone("it"), true));
    assert_eq!(house.next(), moved(Way::In, "b"));
    heard(&house, 0.02);
    house.desk.ask(SoundOrder::Stop { clip: CLIP });
    let gap = house.recorded().gap_ms;
    assert!(gap >= 50, "{gap}");
}

#[test]
fn a_call_without_a_microphone_tells_it_once_and_takes_the_next_one() {
    let machine = Machine::new(&["a"]);
    let house = house(&machine, Wish::Default);
    house.desk.ask(SoundOrder::Attend { clip: CLIP });
    let told = || loop {
        let event = house.next();
        if matches!(
            event,
            SoundEvent::Hearing { .. } | SoundEvent::Trouble { way: Way::In, .. }
        ) {
            return event;
        }
    };
    assert_eq!(told(), hearing(CLIP, "a"));
    machine.pull_out("a");
    assert_eq!(told(), trouble(Way::In, None, gone("it"), true));
    assert_eq!(told(), trouble(Way::In, None, gone("it"), false));
    machine.plug_in("b", Door::Opens);
    machine.prefer("b");
    assert_eq!(told(), hearing(CLIP, "b"));
}

#[test]
fn another_microphone_may_be_chosen_in_a_call() {
    let machine = Machine::new(&["a", "b"]);
    let house = house(&machine, Wish::Default);
    house.desk.ask(SoundOrder::Attend { clip: CLIP });
    let heard_by = || {
        house.wait(|event| match event {
            SoundEvent::Hearing { device, .. } => Some(device.clone()),
            _ => None,
        })
    };
    assert_eq!(heard_by(), "a");
    for chosen in ["b", "a"] {
        let (way, device) = (Way::In, Some(chosen.to_owned()));
        house.desk.ask(SoundOrder::Use { way, device });
        assert_eq!(heard_by(), chosen);
    }
}

#[test]
fn without_any_microphone_that_is_told_at_once_and_no_file_is_left() {
    let machine = Machine::new(&[]);
    let house = house(&machine, Wish::Default);
    house.record(CLIP);
    assert_eq!(
        house.next(),
        trouble(Way::In, Some(CLIP), gone("it"), false)
    );
    assert!(!house.clip(CLIP).exists());
}

#[test]
fn a_busy_microphone_is_asked_again_and_that_is_told_once() {
    let machine = Machine::new(&[]);
    machine.plug_in("a", Door::Busy(3));
    machine.prefer("a");
    let house = house(&machine, Wish::Default);
    house.record(CLIP);
    let busy = SoundError::Busy {
        device: "a".to_owned(),
    };
    assert_eq!(house.next(), trouble(Way::In, None, busy, true));
    assert_eq!(house.next(), hearing(CLIP, "a"));
}

#[test]
fn a_driver_that_hangs_holds_nobody_up() {
    let machine = Machine::new(&["b"]);
    machine.plug_in("a", Door::Hangs);
    let house = house(&machine, named("a"));
    house.record(CLIP);
    house.desk.ask(SoundOrder::Expect { turn: TURN });
    house.say(TURN, 48_000, vec![100; 480]);
    // It does what can be done without it.
    house.desk.ask(SoundOrder::List);
    let SoundEvent::Devices(devices) = house.next() else {
        panic!()
    };
    assert_eq!(devices.len(), 1);
    // And gives up on it, both ways, in whichever order.
    let next =
        || house.wait(|event| matches!(event, SoundEvent::Moved { .. }).then(|| event.clone()));
    let mut told = [next(), next()];
    told.sort_by_key(|event| format!("{event:?}"));
    assert_eq!(told, [moved(Way::In, "b"), moved(Way::Out, "b")]);
}

#[test]
fn a_recording_that_is_stopped_while_the_driver_hangs_is_over() {
    let machine = Machine::new(&[]);
    machine.plug_in("a", Door::Hangs);
    let house = house(&machine, named("a"));
    house.record(CLIP);
    house.desk.ask(SoundOrder::Stop { clip: CLIP });
    assert_eq!(house.recorded().length_ms, 0);
    house.desk.ask(SoundOrder::Expect { turn: TURN });
    house.say(TURN, 48_000, vec![100; 480]);
    house.desk.ask(SoundOrder::Hush);
    house.desk.close(Duration::from_mins(1));
}

/// A rise of so many milliseconds, one step each: what was played tells what was heard.
fn rise(ms: i16) -> Vec<i16> {
    (0..ms).flat_map(|ms| [ms * 8; 48]).collect()
}

/// The steps that a device played.
fn steps(machine: &Machine, id: &str) -> Vec<i16> {
    let mut steps: Vec<i16> = (machine.played().into_iter())
        .filter(|(device, sample)| *device == id && *sample > 0.0)
        .map(|(_, sample)| crate::sound::level::to_i16(sample) / 8)
        .collect();
    steps.dedup();
    steps
}

#[test]
fn speech_goes_on_where_it_was_heard_when_its_loudspeaker_vanishes() {
    let machine = Machine::new(&["a", "b"]);
    let house = house(&machine, Wish::Default);
    house.desk.ask(SoundOrder::Expect { turn: TURN });
    house.say(TURN, 48_000, rise(1500));
    house.end(TURN);
    house.wait(|event| match event {
        SoundEvent::Heard { ms, .. } => (*ms > 300).then_some(()),
        _ => None,
    });
    machine.prefer("b");
    machine.pull_out("a");
    assert_eq!(house.next(), moved(Way::Out, "b"));
    house.spoken(TURN);
    house.desk.close(Duration::from_mins(1));
    let (first, second) = (steps(&machine, "a"), steps(&machine, "b"));
    let (last, next) = (*first.iter().max().unwrap(), *second.first().unwrap());
    // One block may be lost with a device.
    assert!((last - 21..=last + 21).contains(&next), "{last} {next}");
    assert_eq!(second.iter().max(), Some(&1499));
}

#[test]
fn speech_that_can_be_played_nowhere_any_more_ends() {
    let machine = Machine::new(&["a"]);
    let house = house(&machine, Wish::Default);
    house.desk.ask(SoundOrder::Expect { turn: TURN });
    house.say(TURN, 48_000, rise(4000));
    assert_eq!(house.next(), SoundEvent::Sounding { turn: TURN });
    machine.pull_out("a");
    assert_eq!(house.next(), trouble(Way::Out, None, gone("it"), true));
    assert_eq!(house.next(), trouble(Way::Out, None, gone("it"), false));
    assert_eq!(house.next(), SoundEvent::Spoken { turn: TURN });
}

#[test]
fn a_better_loudspeaker_is_moved_to_without_a_word_lost() {
    let machine = Machine::new(&["a"]);
    let house = house(&machine, named("b"));
    house.desk.ask(SoundOrder::Expect { turn: TURN });
    house.say(TURN, 48_000, rise(2000));
    house.end(TURN);
    assert_eq!(house.next(), moved(Way::Out, "a"));
    assert_eq!(house.next(), SoundEvent::Sounding { turn: TURN });
    machine.plug_in("b", Door::Opens);
    assert_eq!(house.next(), moved(Way::Out, "b"));
    house.spoken(TURN);
    house.desk.close(Duration::from_mins(1));
    let next = *steps(&machine, "b").first().unwrap();
    let before = steps(&machine, "a");
    // It went on for a moment while the other was opened, and is closed then.
    assert!(before.contains(&(next - 1)), "{next} {:?}", before.last());
    assert_eq!(steps(&machine, "b").iter().max(), Some(&1999));
}

#[test]
fn a_loudspeaker_is_closed_while_nothing_is_said() {
    let machine = Machine::new(&["a"]);
    let house = house(&machine, Wish::Default);
    for (turns, turn) in [TURN, CLIP].into_iter().enumerate() {
        house.desk.ask(SoundOrder::Expect { turn });
        house.say(turn, 48_000, rise(100));
        house.end(turn);
        house.spoken(turn);
        machine.wait_closed(turns + 1);
    }
    house.desk.close(Duration::from_mins(1));
    assert_eq!(machine.opened("a"), 2);
}
