//! Strings that break editors, for the tests of this folder.

use proptest::prelude::*;

/// Pieces that glue to each other, are wide, are invisible, or steer a terminal.
pub(super) const PIECES: &[&str] = &[
    "a",
    "Z",
    "0",
    " ",
    "\n",
    "\t",
    "\r",
    "\r\n",
    "-",
    "e\u{301}",
    "\u{301}",
    "\u{308}",
    "你",
    "好",
    "，",
    "한",
    "\u{1100}",
    "\u{1161}",
    "\u{11a8}",
    "👍🏽",
    "👩",
    "\u{200d}",
    "👧",
    "👩‍👩‍👧",
    "🏽",
    "\u{fe0f}",
    "❤",
    "🇩",
    "🇪",
    "🇩🇪",
    "क",
    "\u{94d}",
    "ष",
    "\u{600}",
    "\u{1b}",
    "\u{9b}",
    "\u{202e}",
    "\u{2066}",
    "\u{0}",
    "עב",
    "テ",
];

/// Short texts of such pieces, glued at random.
pub(super) fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..12).prop_map(|pieces| pieces.concat())
}
