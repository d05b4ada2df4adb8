//! Finds where a word begins that was cut off. Pure.

/// A gap between words is at least three windows of 10 ms.
const GAP: usize = 3;
/// A window of a gap has less than a tenth of the loudness of the rest: 20 dB.
const SOFT: f32 = 0.1;
/// Softer than this is always a gap.
const FLOOR: f32 = 0.001;

/// Where the word begins in which the samples end: after the last gap. Without one, it is at the
/// beginning; and when they end in one, no word was cut off.
pub(super) fn start(samples: &[f32], rate: u32) -> usize {
    let window = (rate / 100).max(1) as usize;
    // Counted from the end, so that the last window is whole.
    let squares: Vec<f32> = samples.rchunks_exact(window).map(mean_square).collect();
    let all = squares.iter().sum::<f32>() / squares.len().max(1) as f32;
    let soft = (all * SOFT * SOFT).max(FLOOR * FLOOR);
    let gap = squares
        .windows(GAP)
        .position(|part| part.iter().all(|square| *square < soft));
    gap.map_or(0, |windows| samples.len() - windows * window)
}

fn mean_square(samples: &[f32]) -> f32 {
    samples.iter().map(|sample| sample * sample).sum::<f32>() / samples.len().max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tones and gaps, by their lengths in milliseconds, beginning with a tone.
    fn words(lengths: &[usize], noise: f32) -> Vec<f32> {
        let mut samples = vec![];
        for (number, ms) in lengths.iter().enumerate() {
            for n in 0..ms * 16 {
                let tone = if number % 2 == 0 { 0.3 } else { noise };
                samples.push((n as f32 * 0.4).sin() * tone);
            }
        }
        samples
    }

    #[test]
    fn a_word_begins_after_the_last_gap() {
        for (lengths, noise, expected) in [
            (&[400, 60, 300][..], 0.0, 460),
            (&[400, 60, 300, 60, 5], 0.0, 820),
            (&[400, 60, 300, 60], 0.01, 820),
            (&[400, 20, 300], 0.0, 0),
            (&[400, 100, 300, 10, 200], 0.01, 500),
            (&[300], 0.0, 0),
            (&[0, 300], 0.0, 300),
            (&[], 0.0, 0),
        ] {
            let samples = words(lengths, noise);
            let found = start(&samples, 16_000) / 16;
            // A window may lie across the edge.
            assert!(found.abs_diff(expected) <= 10, "{lengths:?}: {found}");
        }
    }
}
