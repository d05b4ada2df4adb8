//! The models on this machine: which there are, fetching one when somebody asks for it, and knowing
//! that it is what it should be.
//!
//! [`Catalogue`] lists what can be asked for, [`Shelf`] is the folder that holds what is here, one
//! folder for each model with its files under their published names and a receipt, `model.toml`.
//! Nothing here is ever done unasked: no part of the program fetches a model by itself. Engines open
//! what [`Shelf::ready`] gives them; they never learn where it came from.
//!
//! A file that is on its way ends in `.part` and gets its name when it is whole, on the disk, and
//! has the hash that somebody vouches for: the list, else the hub, else nobody, and then the first
//! one that came is trusted and said to be. Places are asked in order and none is believed.

mod catalogue;
mod error;
mod fetch;
mod hash;
mod hub;
mod import;
mod lock;
mod looks;
mod part;
mod pull;
mod receipt;
mod reply;
mod shelf;
mod space;
mod tar;
mod trouble;
mod unpack;

pub use catalogue::{Catalogue, Entry, File, Flaw, Source};
pub use error::{ModelsError, Unfetched};
pub use hash::Hash;
pub use hub::{Hub, USUAL};
pub use import::Imported;
pub use looks::Mask;
pub use pull::{Order, Step};
pub use receipt::{Kept, Receipt, Trust};
pub use shelf::{Finding, Shelf, State, Verdict};
pub use trouble::Trouble;

use std::time::Duration;

/// How patient a pull is.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How long a place may give nothing, or next to nothing.
    pub stall: Duration,
    /// So many bytes in that time are more than nothing.
    pub least: u64,
    /// How often a place is asked in a row without getting further.
    pub tries: u32,
    /// The same while nobody has ever answered: whoever is not connected, or wrote a wrong
    /// address, waits to be told so.
    pub knocks: u32,
    /// The wait before the second try; it doubles.
    pub pause: Duration,
    /// Who asks to be left alone for longer than this is not waited for.
    pub longest_wait: Duration,
    /// How often a place may send us on.
    pub hops: u32,
    /// Progress is told this often at most.
    pub progress: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            stall: Duration::from_mins(1),
            least: 4 << 10,
            tries: 6,
            knocks: 2,
            pause: Duration::from_secs(1),
            longest_wait: Duration::from_mins(5),
            hops: 10,
            progress: Duration::from_millis(100),
        }
    }
}
