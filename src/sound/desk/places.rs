//! Remembers which devices were used, to tell when sound is somewhere else than before. Pure.

use crate::sound::Way;
use crate::sound::device::Wish;

/// The ids of the devices that were used last.
#[derive(Debug, Default)]
pub(super) struct Places {
    microphone: Option<String>,
    loudspeaker: Option<String>,
}

impl Places {
    fn of(&mut self, way: Way) -> &mut Option<String> {
        match way {
            Way::In => &mut self.microphone,
            Way::Out => &mut self.loudspeaker,
        }
    }

    /// Another is wished for, so another is expected.
    pub(super) fn forget(&mut self, way: Way) {
        *self.of(way) = None;
    }

    /// A device was opened. Tells whether it is another than before, or not the one that is
    /// wished for.
    pub(super) fn moved(&mut self, way: Way, wish: &Wish, id: &str, name: &str) -> bool {
        match (self.of(way).replace(id.to_owned()), wish) {
            (Some(before), _) => before != id,
            (None, Wish::Named(wish)) => {
                wish != id && !name.to_lowercase().contains(&wish.to_lowercase())
            }
            (None, _) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_that_is_not_expected_is_told() {
        let mut places = Places::default();
        let named = |name: &str| Wish::Named(name.to_owned());
        for (wish, id, name, expected) in [
            (Wish::Default, "a", "Ann", false),
            (Wish::Default, "a", "Ann", false),
            (Wish::Default, "b", "Bob", true),
            (named("a"), "b", "Bob", false),
            (named("a"), "a", "Ann", true),
        ] {
            let told = places.moved(Way::In, &wish, id, name);
            assert_eq!(told, expected, "{wish:?} {id}");
        }
        for (wish, expected) in [("a", false), ("ann", false), ("bob", true)] {
            places.forget(Way::Out);
            let told = places.moved(Way::Out, &named(wish), "a", "Ann");
            assert_eq!(told, expected, "{wish}");
        }
    }
}
