//! Samples as a backend sends them: still part of the bytes that came, and read where they are
//! used. Nothing is copied on the way from a socket to a loudspeaker.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// Samples of 16 bit, mono, the lower byte of each first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<i16>", into = "Vec<i16>")]
pub struct Pcm(Bytes);

impl Pcm {
    /// How many there are.
    pub const fn len(&self) -> usize {
        self.0.len() / 2
    }

    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn iter(&self) -> impl Iterator<Item = i16> {
        self.part(0, self.len())
    }

    /// So many of them, or what there is, behind as many others.
    pub fn part(&self, start: usize, most: usize) -> impl Iterator<Item = i16> {
        let (pairs, _none) = self.0.as_chunks();
        let end = start.saturating_add(most).min(pairs.len());
        let pairs = pairs.get(start..end).unwrap_or_default();
        pairs.iter().map(|pair| i16::from_le_bytes(*pair))
    }
}

/// Half a sample at the end is left out.
impl From<Bytes> for Pcm {
    fn from(mut bytes: Bytes) -> Self {
        bytes.truncate(bytes.len() & !1);
        Self(bytes)
    }
}

impl FromIterator<i16> for Pcm {
    fn from_iter<I: IntoIterator<Item = i16>>(samples: I) -> Self {
        Self(samples.into_iter().flat_map(i16::to_le_bytes).collect())
    }
}

impl From<Vec<i16>> for Pcm {
    fn from(samples: Vec<i16>) -> Self {
        samples.into_iter().collect()
    }
}

impl From<Pcm> for Vec<i16> {
    fn from(pcm: Pcm) -> Self {
        pcm.iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn half_a_sample_is_left_out() {
        for (bytes, samples) in [
            (&[][..], &[][..]),
            (&[7], &[]),
            (&[1, 0, 0xfe, 0xff], &[1, -2]),
            (&[1, 0, 9], &[1]),
        ] {
            let pcm = Pcm::from(Bytes::from_static(bytes));
            assert_eq!(pcm, Pcm::from(samples.to_vec()), "{bytes:?}");
            assert_eq!(pcm.is_empty(), samples.is_empty());
        }
    }

    proptest! {
        #[test]
        fn samples_are_what_they_were_made_of(
            samples in prop::collection::vec(any::<i16>(), 0..50),
            start in 0_usize..60,
            most in 0_usize..60,
        ) {
            let pcm = Pcm::from(samples.clone());
            prop_assert_eq!(pcm.len(), samples.len());
            let part: Vec<i16> = pcm.part(start, most).collect();
            let expected: Vec<i16> = samples.iter().copied().skip(start).take(most).collect();
            prop_assert_eq!(part, expected);
            prop_assert_eq!(Vec::from(pcm), samples);
        }
    }
}
