//! Held against numbers that a program of plain definitions gave, in double precision and with
//! transforms written out as sums.

use super::*;
use std::f64::consts::TAU;

/// A tone that rises, another that does not, and a shift.
fn sound(samples: usize) -> Vec<f32> {
    (0..samples)
        .map(|n| {
            let at = n as f64 / 16_000.0;
            let rising = 0.3 * (TAU * (200.0 * at + 1500.0 * at * at)).sin();
            (rising + 0.1 * (TAU * 3000.0 * at).sin() + 0.01) as f32
        })
        .collect()
}

const AT: [usize; 6] = [0, 5, 20, 40, 60, 79];

fn near(found: f32, expected: f32, most: f32) {
    assert!(
        (found - expected).abs() < most,
        "{found} and not {expected}"
    );
}

#[test]
fn the_picture_for_whisper_is_the_one_it_was_taught_with() {
    let expected = [
        (0, [1.0835, 1.1663, 0.3894, 0.1536, 0.3855, 0.0481]),
        (1, [0.4496, 1.3001, -0.1174, -0.3468, -0.1244, -0.462]),
        (5, [0.5965, 0.5007, -0.5017, -0.6779, -0.6779, -0.6779]),
        (9, [0.6257, 0.2796, 0.0883, -0.5481, -0.2569, -0.5926]),
        (10, [0.6527, 0.7523, 0.5984, -0.1609, 0.2524, -0.0819]),
        (11, [0.1695, 0.2207, 0.1026, -0.6537, -0.2583, -0.5914]),
        (19, [-0.6779; 6]),
    ];
    let picture = Mel::new(80).picture(&sound(1600), 20);
    assert_eq!(picture.len(), 80 * 20);
    for (frame, bands) in expected {
        for (band, value) in AT.into_iter().zip(bands) {
            near(picture[band * 20 + frame], value, 0.002);
        }
    }
    let picture = Mel::new(128).picture(&sound(1600), 20);
    for (band, value) in [(0, 0.5312), (40, -0.6203), (127, -0.6203)] {
        near(picture[band * 20 + 3], value, 0.002);
    }
}

#[test]
fn the_filter_bank_is_that_of_kaldi_however_the_sound_comes_in_pieces() {
    type Row = (usize, [f32; 6]);
    let expected: [(Style, usize, [Row; 3]); 2] = [
        (
            Style::SenseVoice,
            8,
            [
                (0, [12.5992, 19.1064, 11.3932, 12.8334, 14.2911, 12.9422]),
                (4, [12.9156, 12.0938, 13.8449, 13.3682, 13.9063, 11.9471]),
                (7, [12.2731, 13.6007, 13.8569, 13.4095, 13.8591, 11.8104]),
            ],
        ),
        (
            Style::Zipformer,
            9,
            [
                (0, [-4.1124, -0.2951, -4.0375, -4.626, -1.5677, -6.476]),
                (
                    1,
                    [-10.0492, -2.8064, -12.2246, -15.6025, -13.1551, -15.9424],
                ),
                (
                    8,
                    [-10.1927, -9.8429, -7.1975, -15.4769, -13.1566, -15.9424],
                ),
            ],
        ),
    ];
    for (style, count, rows) in expected {
        let (mut bank, mut frames, mut pieces) = (Bank::new(style), vec![], vec![]);
        bank.push(&sound(1600), &mut frames);
        assert_eq!(frames.len(), count * Bank::BANDS);
        for (frame, row) in rows {
            for (band, value) in AT.into_iter().zip(row) {
                near(frames[frame * Bank::BANDS + band], value, 0.02);
            }
        }
        bank.reset();
        for piece in sound(1600).chunks(77) {
            bank.push(piece, &mut pieces);
        }
        assert_eq!(pieces, frames);
    }
}

#[test]
fn silence_is_quiet_and_no_endless_number() {
    let quiet = Mel::new(80).picture(&[0.0; 4000], 30);
    assert!(quiet.iter().all(|value| (value + 1.5).abs() < 1e-5));
    let mut frames = vec![];
    Bank::new(Style::SenseVoice).push(&[0.0; 4000], &mut frames);
    assert!(frames.iter().all(|value| (value + 15.94).abs() < 0.01));
}

#[test]
fn frames_are_stacked_as_long_as_whole_stacks_are_there() {
    let frames: Vec<f32> = (0..10).map(|n| n as f32).collect();
    // Five frames of two numbers, three together, two further each time.
    let stacked = stack(&frames, 2, 3, 2, &[1.0; 6], &[2.0; 6]);
    let expected = [[0, 1, 2, 3, 4, 5], [4, 5, 6, 7, 8, 9]].concat();
    let expected: Vec<f32> = expected
        .into_iter()
        .map(|n| (n as f32 + 1.0) * 2.0)
        .collect();
    assert_eq!(stacked, expected);
    assert!(stack(&frames[..4], 2, 3, 2, &[1.0; 6], &[2.0; 6]).is_empty());
}
