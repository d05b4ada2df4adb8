//! Takes forms apart that several parts of the program meet, and knows nothing of what they hold.
//! Pure, and imports nothing of ours.

pub mod sse;
