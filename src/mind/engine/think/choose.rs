//! Chooses the next piece of an answer among those that are likely, by lot, where the lot is drawn
//! from the question: the same question gets the same answer. Pure.

/// Among so many of the likeliest it is chosen.
const AMONG: usize = 20;
/// None is chosen that is less likely than the likeliest by this factor.
const LEAST: f32 = 0.05;
/// Below 1, what is likely becomes likelier.
const WARMTH: f32 = 0.6;
/// What was said among the last pieces becomes less likely by this factor.
const AGAIN: f32 = 1.1;
const LAST: usize = 128;

/// The lots of one answer.
#[derive(Debug)]
pub(super) struct Lots(u64);

impl Lots {
    pub(super) fn of(question: &[usize]) -> Self {
        // FNV-1a.
        let mix = |sum: u64, piece: &usize| (sum ^ *piece as u64).wrapping_mul(0x0100_0000_01b3);
        Self(question.iter().fold(0xcbf2_9ce4_8422_2325, mix) | 1)
    }

    /// From 0 to 1. Xorshift.
    fn draw(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 40) as f32 / (1_u64 << 24) as f32
    }

    /// One of the pieces with these scores; nothing if those are no numbers.
    pub(super) fn choose(&mut self, mut scores: Vec<f32>, said: &[usize]) -> Option<usize> {
        for piece in said
            .iter()
            .rev()
            .take(LAST)
            .collect::<std::collections::HashSet<_>>()
        {
            if let Some(score) = scores.get_mut(*piece) {
                *score = if *score > 0.0 {
                    *score / AGAIN
                } else {
                    *score * AGAIN
                };
            }
        }
        let finite = scores.iter().copied().enumerate();
        let mut best: Vec<(usize, f32)> = finite.filter(|(_, score)| score.is_finite()).collect();
        let likelier = |one: &(usize, f32), other: &(usize, f32)| other.1.total_cmp(&one.1);
        if best.len() > AMONG {
            best.select_nth_unstable_by(AMONG, likelier);
            best.truncate(AMONG);
        }
        best.sort_by(likelier);
        let most = best.first()?.1;
        let weighed = best
            .iter()
            .map(|(piece, score)| (*piece, ((score - most) / WARMTH).exp()))
            .filter(|(_, weight)| *weight >= LEAST);
        let weighed: Vec<(usize, f32)> = weighed.collect();
        let mut left = self.draw() * weighed.iter().map(|(_, weight)| weight).sum::<f32>();
        for (piece, weight) in &weighed {
            left -= weight;
            if left <= 0.0 {
                return Some(*piece);
            }
        }
        weighed.first().map(|(piece, _)| *piece)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_likely_is_chosen_and_the_same_question_chooses_the_same() {
        let scores = vec![0.0, 8.0, 1.0, f32::NAN, 7.9];
        let chosen = |question: usize| {
            let mut lots = Lots::of(&[question]);
            (0..20)
                .map(|_nth| lots.choose(scores.clone(), &[]).unwrap())
                .collect::<Vec<_>>()
        };
        assert_eq!(chosen(7), chosen(7));
        let all: Vec<usize> = (0..20).flat_map(chosen).collect();
        assert!(all.contains(&1) && all.contains(&4));
        assert!(all.iter().all(|piece| [1, 4].contains(piece)));
    }

    #[test]
    fn what_was_just_said_is_less_likely() {
        let mut lots = Lots::of(&[1]);
        let scores = vec![100.0, 99.0];
        assert!((0..20).all(|_nth| lots.choose(scores.clone(), &[0]) == Some(1)));
    }

    #[test]
    fn scores_that_are_no_numbers_choose_nothing() {
        let mut lots = Lots::of(&[]);
        assert_eq!(lots.choose(vec![f32::NAN, f32::INFINITY], &[]), None);
        assert_eq!(lots.choose(vec![], &[]), None);
    }
}
