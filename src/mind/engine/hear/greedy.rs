//! Lets a decoder say one piece after the other, the likeliest each time, and stops it when it
//! goes round in circles, as such models do on noise. Pure but for the decoder.

use super::seq2seq::Steps;
use super::{Halt, Run, largest, likely};

/// How often pieces of one, two, or more in a row may be said again and again.
const ROUNDS: [usize; 3] = [10, 6, 4];
/// The longest circle that is looked for.
const CIRCLE: usize = 16;

/// What a decoder may say.
pub(super) struct Rules<'a> {
    /// What ends it.
    pub(super) end: usize,
    /// How many pieces at most.
    pub(super) most: usize,
    /// Whether a piece, at this place, must not be said.
    pub(super) barred: &'a dyn Fn(usize, usize) -> bool,
}

/// What it said.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Said {
    pub(super) pieces: Vec<usize>,
    /// The mean of the logarithms of how likely each was; 0 is certain.
    pub(super) score: f32,
    /// It went round in circles.
    pub(super) circled: bool,
}

/// Says what follows on `prompt`.
pub(super) fn say(
    steps: &mut Steps<'_>,
    prompt: Vec<i32>,
    rules: &Rules<'_>,
    run: &mut Run<'_>,
    text: &dyn Fn(&[usize]) -> String,
) -> Result<Said, Halt> {
    let (mut said, mut next, mut sum) = (Said::default(), prompt, 0.0);
    loop {
        run.go_on()?;
        let scores = steps.step(next)?;
        let at = said.pieces.len();
        let open = scores.iter().enumerate().map(|(piece, score)| {
            if (rules.barred)(piece, at) {
                f32::NEG_INFINITY
            } else {
                *score
            }
        });
        let (piece, score) = largest(open);
        if !score.is_finite() {
            return Err(steps.nonsense().into());
        }
        sum += likely(score, &scores).max(f32::MIN_POSITIVE).ln();
        said.score = sum / (at + 1) as f32;
        if piece == rules.end || at + 1 >= rules.most {
            return Ok(said);
        }
        said.pieces.push(piece);
        if let Some(length) = circle(&said.pieces) {
            said.pieces.truncate(length);
            said.circled = true;
            return Ok(said);
        }
        (run.tell)(&text(&said.pieces));
        next = vec![piece as i32];
    }
}

/// Where a circle was closed for the first time, if the pieces end in one.
fn circle(pieces: &[usize]) -> Option<usize> {
    (1..=CIRCLE).find_map(|long| {
        let rounds = *ROUNDS.get(long - 1).or(ROUNDS.last())?;
        let last = pieces.len().checked_sub(long * rounds)?;
        let row = pieces.get(last..)?;
        let first = row.get(..long)?;
        (row.chunks(long).all(|round| round == first)).then_some(last + long)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_is_cut_after_its_first_round() {
        let table: &[(Vec<usize>, Option<usize>)] = &[
            (vec![], None),
            ([vec![1, 2], vec![7; 9]].concat(), None),
            ([vec![1, 2], vec![7; 10]].concat(), Some(3)),
            ([1, 2].repeat(5), None),
            ([1, 2].repeat(6), Some(2)),
            ([vec![9], [1, 2, 3].repeat(4)].concat(), Some(4)),
            ((0..100).collect(), None),
        ];
        for (pieces, kept) in table {
            assert_eq!(circle(pieces), *kept, "{pieces:?}");
        }
    }
}
