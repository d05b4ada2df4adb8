//! What can be pointed at. The view knows what stands where, and says it in these words, so that
//! nobody else has to know places.

use super::action::Action;
use serde::{Deserialize, Serialize};

/// What stands at a place of the screen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Spot {
    /// A hint: it does what its key does.
    Do(
        #[serde(
            serialize_with = "super::msg::as_text",
            deserialize_with = "super::msg::from_text"
        )]
        Action,
    ),
    /// The nth of what is listed on top.
    Entry(usize),
    /// An answer to the question on top: its key.
    Answer(char),
    /// A link in what was said: its address.
    Link(String),
}

/// Whether an address may be handed on: a page of the web, and nothing that hides.
pub fn is_link(address: &str) -> bool {
    let web = ["https://", "http://"].iter();
    let mut rests = web.filter_map(|scheme| address.strip_prefix(scheme));
    let plain = |c: char| !c.is_whitespace() && super::defuse::is_harmless(c);
    rests.any(|rest| !rest.is_empty()) && address.len() <= LONGEST && address.chars().all(plain)
}

/// A longer address is no address that anybody means.
const LONGEST: usize = 2000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_pages_are_links() {
        let table = [
            ("https://example.org/a?b=好", true),
            ("http://h", true),
            ("https://", false),
            ("javascript:alert(1)", false),
            ("file:///etc/passwd", false),
            ("https://a b", false),
            ("https://a\u{202e}b", false),
            ("https://a\u{1b}]52", false),
        ];
        for (address, wanted) in table {
            assert_eq!(is_link(address), wanted, "{address}");
        }
    }
}
