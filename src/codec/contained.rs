//! Lets foreign code work on foreign bytes without trusting it not to panic. Pure.
//!
//! A panic ends the program, because what is left running after one is not to be trusted. A
//! decoder of somebody else's that stumbles over a hostile packet is another matter: it is thrown
//! away together with everything it has touched, and the packet is as good as lost.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static CONTAINED: Cell<bool> = const { Cell::new(false) };
}

/// Whether what panics on this thread is caught. A hook that ends the program asks this first.
pub fn is_contained() -> bool {
    CONTAINED.get()
}

/// What the work gives; `None` if it panicked. Whatever it was given to change must then be
/// thrown away, for nobody knows how far it came.
pub(super) fn contained<T>(work: impl FnOnce() -> T) -> Option<T> {
    let before = CONTAINED.replace(true);
    let outcome = catch_unwind(AssertUnwindSafe(work));
    CONTAINED.set(before);
    outcome.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_stays_inside_and_is_over_afterwards() {
        assert_eq!(contained(|| (is_contained(), 7)), Some((true, 7)));
        let lost: Option<()> = contained(|| panic!("on purpose"));
        assert_eq!((lost, is_contained()), (None, false));
    }
}
