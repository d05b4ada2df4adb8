use super::*;
use rtrb::RingBuffer;

fn heard<T: Copy>(channels: u16, samples: &[T]) -> Vec<f32>
where
    f32: cpal::FromSample<T>,
{
    let (producer, mut consumer) = RingBuffer::new(8);
    Inlet::new(producer, channels, Arc::default()).take(samples);
    std::iter::from_fn(|| consumer.pop().ok()).collect()
}

#[test]
fn channels_become_one_and_the_format_is_kept_to_the_bit() {
    assert_eq!(heard(1, &[0i16, 16_384, -32_768]), [0.0, 0.5, -1.0]);
    assert_eq!(heard(2, &[16_384i16, 0, -16_384, -16_384]), [0.25, -0.5]);
    assert_eq!(heard(6, &[16_384i16; 6]), [0.5]);
    assert_eq!(heard(2, &[16_384i16]), [0.0; 0], "half a frame is none");
    assert_eq!(heard(0, &[16_384i16]), [0.5], "no channels are one");
    let nonsense = [f32::NAN, f32::INFINITY, 1e30, -1e30, 0.5];
    assert_eq!(heard(1, &nonsense), [0.0, 0.0, 1.0, -1.0, 0.5]);
}

#[test]
fn what_does_not_fit_is_dropped_and_counted_and_never_waited_for() {
    let gauge = Arc::new(Gauge::default());
    let (producer, mut consumer) = RingBuffer::new(4);
    let mut inlet = Inlet::new(producer, 1, Arc::clone(&gauge));
    inlet.take(&[0.1f32, 0.2, 0.3]);
    inlet.take(&[0.4f32, 0.5, 0.6]);
    let heard: Vec<f32> = std::iter::from_fn(|| consumer.pop().ok()).collect();
    assert_eq!((heard, gauge.dropped()), (vec![0.1, 0.2, 0.3, 0.4], 2));
}

/// An outlet at 1000 Hz, where a fade takes five samples.
fn outlet(channels: u16, cushion_ms: u64) -> (Producer<f32>, Outlet, Arc<Gauge>) {
    let gauge = Arc::new(Gauge::default());
    let (producer, consumer) = RingBuffer::new(100);
    let cushion = Duration::from_millis(cushion_ms);
    let outlet = Outlet::new(consumer, channels, 1000, cushion, Arc::clone(&gauge));
    (producer, outlet, gauge)
}

/// What is played next, in hundredths.
fn played(outlet: &mut Outlet, samples: usize) -> Vec<i32> {
    let mut frames = vec![9.0f32; samples];
    outlet.give(&mut frames);
    frames.iter().map(|f| (f * 100.0).round() as i32).collect()
}

#[test]
fn a_sound_begins_when_enough_of_it_waits_or_all_of_it() {
    let (mut producer, mut outlet, gauge) = outlet(1, 4);
    producer.push_entire_slice(&[0.5; 3]).unwrap();
    assert_eq!(played(&mut outlet, 2), [0, 0], "too little");
    producer.push_entire_slice(&[0.5; 1]).unwrap();
    gauge.complete(4);
    assert_eq!(played(&mut outlet, 5), [50, 50, 50, 50, 30], "enough");
    producer.push_entire_slice(&[0.25; 2]).unwrap();
    assert_eq!(played(&mut outlet, 3), [10, 0, 0], "too little of the next");
    gauge.complete(6);
    assert_eq!(played(&mut outlet, 4), [25, 25, 5, 0], "all of it");
    assert_eq!((gauge.missing(), gauge.played()), (0, 6));
}

#[test]
fn a_hole_in_a_sound_is_counted_and_does_not_click() {
    let (mut producer, mut outlet, gauge) = outlet(1, 2);
    producer.push_entire_slice(&[0.5; 2]).unwrap();
    assert_eq!(played(&mut outlet, 6), [50, 50, 30, 10, 0, 0]);
    assert_eq!(gauge.missing(), 4);
    producer.push_entire_slice(&[0.5; 6]).unwrap();
    assert_eq!(played(&mut outlet, 6), [10, 20, 30, 40, 50, 50]);
    gauge.complete(8);
    assert_eq!(played(&mut outlet, 3), [30, 10, 0], "the end is none");
    assert_eq!((gauge.missing(), gauge.played()), (4, 8));
}

#[test]
fn what_is_hushed_fades_and_what_comes_after_it_is_heard_from_its_start() {
    let (mut producer, mut outlet, gauge) = outlet(1, 2);
    producer.push_entire_slice(&[0.5; 60]).unwrap();
    assert_eq!(played(&mut outlet, 2), [50, 50]);
    gauge.hush(60);
    producer.push_entire_slice(&[0.25; 2]).unwrap();
    assert_eq!(played(&mut outlet, 7), [40, 30, 20, 10, 0, 25, 25]);
    assert_eq!(gauge.played(), 62);
}

#[test]
fn what_is_hushed_before_it_sounds_is_not_heard_at_all() {
    let (mut producer, mut outlet, gauge) = outlet(1, 2);
    producer.push_entire_slice(&[0.5; 60]).unwrap();
    gauge.hush(60);
    assert_eq!(played(&mut outlet, 3), [0; 3]);
    assert_eq!((gauge.missing(), gauge.played()), (0, 60));
}

#[test]
fn a_device_of_many_channels_plays_in_front_only() {
    let (mut producer, mut outlet, _gauge) = outlet(6, 0);
    producer.push_entire_slice(&[0.5]).unwrap();
    let mut frame = [9i16; 6];
    outlet.give(&mut frame);
    assert_eq!(frame, [16_384, 16_384, 0, 0, 0, 0]);
}

#[test]
fn a_flood_of_errors_is_slowed_down_and_then_given_up() {
    for (errors, expected) in [
        (1, Errors::Count),
        (9, Errors::Count),
        (10, Errors::Slow),
        (199, Errors::Slow),
        (200, Errors::GiveUp),
        (u32::MAX, Errors::GiveUp),
    ] {
        assert_eq!(after(errors), expected, "{errors}");
    }
}

#[test]
fn samples_that_move_end_a_row_of_errors() {
    let gauge = Arc::new(Gauge::default());
    let (producer, _consumer) = RingBuffer::new(8);
    let mut inlet = Inlet::new(producer, 1, Arc::clone(&gauge));
    for _ in 0..100 {
        for _ in 1..FLOOD {
            gauge.stumble(|| SoundError::Hung);
        }
        inlet.take(&[0.0f32]);
    }
    assert_eq!(gauge.trouble(), None);
}

#[test]
fn how_loud_a_loudspeaker_was_is_told_once() {
    let (mut ring, mut outlet, gauge) = outlet(2, 0);
    assert_eq!(gauge.loudest(), Level::default());
    ring.push_entire_slice(&[0.5; 8]).unwrap();
    outlet.give(&mut [0.0f32; 8]);
    outlet.give(&mut [0.0f32; 8]);
    outlet.give(&mut [0.0f32; 80]);
    let loudest = Level {
        peak: 0.5,
        rms: 0.5,
    };
    assert_eq!(gauge.loudest(), loudest);
    assert_eq!(gauge.loudest(), Level::default());
}
