use super::*;
use crate::sound::level::to_i16;
use proptest::prelude::*;

fn taken(reel: &mut Reel, samples: usize) -> Vec<i16> {
    let mut out = vec![];
    reel.take(samples, &mut out);
    out.into_iter().map(to_i16).collect()
}

#[test]
fn what_is_taken_is_what_was_added_in_order() {
    let mut reel = Reel::default();
    reel.add(48_000, vec![1, 2, 3]).unwrap();
    reel.add(48_000, vec![]).unwrap();
    reel.add(48_000, vec![4, 5]).unwrap();
    assert_eq!(taken(&mut reel, 2), [1, 2]);
    assert!(!reel.is_waiting());
    assert_eq!(taken(&mut reel, 9), [3, 4, 5]);
    assert_eq!(
        (reel.is_waiting(), reel.is_over(), reel.place()),
        (true, false, 5)
    );
    reel.end();
    assert_eq!((reel.is_waiting(), reel.is_over()), (false, true));
}

#[test]
fn it_goes_back_as_far_as_it_is_kept_and_never_forward() {
    let mut reel = Reel::default();
    reel.add(48_000, (0..1000).collect()).unwrap();
    taken(&mut reel, 500);
    reel.back_to(200);
    assert_eq!(taken(&mut reel, 3), [200, 201, 202]);
    reel.back_to(900);
    assert_eq!(taken(&mut reel, 3), [203, 204, 205]);
    let long = vec![7; KEPT + 96_000];
    reel.add(48_000, long).unwrap();
    taken(&mut reel, KEPT + 96_000);
    let place = reel.place();
    reel.back_to(0);
    assert_eq!(reel.place(), place - KEPT as u64);
}

#[test]
fn it_goes_back_to_the_word() {
    let ms = |ms: usize| ms * 48;
    let mut reel = Reel::default();
    let sound = [vec![9000; ms(300)], vec![0; ms(100)], vec![9000; ms(300)]].concat();
    reel.add(48_000, sound).unwrap();
    taken(&mut reel, ms(700));
    reel.back_to_word(ms(550) as u64);
    assert!(
        (reel.place() / 48).abs_diff(400) <= 10,
        "{}",
        reel.place() / 48
    );
}

#[test]
fn there_is_a_most_that_waits() {
    let mut reel = Reel::default();
    reel.add(48_000, vec![0; MOST / 2 - 4]).unwrap();
    assert_eq!(reel.add(48_000, vec![0; 5]), Err(Full));
    reel.add(48_000, vec![0; 4]).unwrap();
    assert_eq!(reel.add(48_000, vec![0; 1]), Err(Full));
    taken(&mut reel, MOST / 2 - 1);
    assert_eq!(reel.add(48_000, vec![0; 1]), Ok(()), "there is room again");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn the_length_is_right_whatever_the_rates(
        pieces in proptest::collection::vec((prop::sample::select(vec![8_000u32, 16_000, 22_050, 24_000, 44_100, 48_000]), 0usize..3000), 0..5),
        step in 1usize..3000,
    ) {
        let mut reel = Reel::default();
        let mut expected = 0.0;
        for (rate, length) in &pieces {
            reel.add(*rate, vec![100; *length]).unwrap();
            expected += *length as f64 * f64::from(MOUTH_RATE) / f64::from(*rate);
        }
        reel.end();
        let mut out = vec![];
        while !reel.is_over() {
            reel.take(step, &mut out);
        }
        prop_assert!((out.len() as f64 - expected).abs() <= 0.51 * (pieces.len() + 1) as f64, "{} for {expected}", out.len());
        prop_assert_eq!(out.len() as u64, reel.place());
    }
}
