//! What the callbacks of sound drivers may not do: ask for memory. The allocator of this test
//! counts for each thread.

#[path = "support/counting.rs"]
mod counting;

use hearsay::sound::ring::{Gauge, Inlet, Outlet};
use rtrb::RingBuffer;
use std::sync::Arc;
use std::time::Duration;

/// How often memory was asked for or given back meanwhile.
fn asked(work: impl FnOnce()) -> u64 {
    let (asked, returned) = counting::counted();
    work();
    let (now_asked, now_returned) = counting::counted();
    now_asked - asked + now_returned - returned
}

#[test]
fn the_counter_counts() {
    assert_eq!(asked(|| drop(std::hint::black_box(vec![1]))), 2);
}

#[test]
fn a_microphones_callback_asks_for_no_memory_even_when_nobody_fetches() {
    let gauge = Arc::new(Gauge::default());
    let (producer, consumer) = RingBuffer::new(960 * 100);
    let mut inlet = Inlet::new(producer, 2, Arc::clone(&gauge));
    let (floats, shorts) = ([0.1f32; 1920], [7i16; 1920]);
    let times = asked(|| {
        for _ in 0..200 {
            inlet.take(&floats);
            inlet.take(&shorts);
            inlet.take(&floats[..2]);
        }
    });
    assert_eq!((times, gauge.dropped() > 0), (0, true));
    drop(consumer);
    assert_eq!(asked(|| inlet.take(&floats)), 0, "the listener is gone");
}

#[test]
fn a_loudspeakers_callback_asks_for_no_memory_even_when_nothing_comes() {
    let gauge = Arc::new(Gauge::default());
    let (mut producer, consumer) = RingBuffer::new(9600);
    let mut outlet = Outlet::new(
        consumer,
        2,
        48_000,
        Duration::from_millis(60),
        Arc::clone(&gauge),
    );
    producer.push_entire_slice(&vec![0.1; 9600]).unwrap();
    let (mut floats, mut shorts) = ([0.0f32; 1920], [0i16; 1920]);
    let times = asked(|| {
        for _ in 0..20 {
            outlet.give(&mut floats);
            outlet.give(&mut shorts);
        }
    });
    assert_eq!((times, gauge.missing() > 0), (0, true));
    producer.push_entire_slice(&vec![0.1; 9600]).unwrap();
    gauge.hush(2 * 9600);
    assert_eq!(asked(|| outlet.give(&mut floats)), 0, "it is hushed");
    drop(producer);
    assert_eq!(asked(|| outlet.give(&mut floats)), 0, "the speaker is gone");
}

#[test]
fn a_loudspeakers_callback_asks_for_no_memory_while_it_is_heard_and_ducked() {
    let gauge = Arc::new(Gauge::default());
    let (mut producer, consumer) = RingBuffer::new(48_000 * 4);
    let cushion = Duration::from_millis(60);
    let mut outlet = Outlet::new(consumer, 2, 48_000, cushion, Arc::clone(&gauge));
    let mut taps = outlet.taps();
    producer.push_entire_slice(&vec![0.1; 48_000 * 4]).unwrap();
    let mut floats = [0.0f32; 1920];
    // More than two seconds, which nobody fetches; another hears it, and another.
    for _ in 0..3 {
        let mut far = taps.tap().unwrap();
        far.duck(true);
        let times = asked(|| (0..120).for_each(|_| outlet.give(&mut floats)));
        assert_eq!(times, 0);
        let mut heard = vec![];
        far.read(&mut heard);
        assert!(heard.len() > 16_000 * 2, "{}", heard.len());
        drop(far);
        assert_eq!(asked(|| outlet.give(&mut floats)), 0, "nobody hears it");
    }
    drop(taps);
    assert_eq!(asked(|| outlet.give(&mut floats)), 0, "nobody can");
}
