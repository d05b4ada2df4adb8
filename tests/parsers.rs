//! The promises of everything that reads what others wrote, tried on bytes without a pattern, on
//! bytes that each parser half understands, and on torn pieces of the real thing. The fuzzer in
//! `fuzz/` tries the same promises for longer.

#[path = "../fuzz/parsers.rs"]
mod parsers;

use proptest::prelude::*;

/// What means something to at least one of the parsers.
const WORDS: &[&str] = &[
    "",
    " ",
    "\n",
    "\r\n",
    "\t",
    "\0",
    "\u{1b}[2J",
    "\u{1b}]52;c;x\u{7}",
    "\u{202e}",
    "\u{9b}31m",
    "é",
    "e\u{301}",
    "好",
    "👩‍👩‍👧",
    "🇩🇪",
    "\u{200b}",
    "`",
    "```rust\n",
    "**",
    "# ",
    "- ",
    "1. ",
    "> ",
    "| a | b |\n|---|--:|\n",
    "[x](http://y)",
    "data:",
    "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n",
    "data: [DONE]\n\n",
    "event: error\n",
    "{\"type\":\"",
    "stream_chunk",
    "text_message",
    "\",\"data\":{",
    "}",
    "\"",
    ":",
    ",",
    "[",
    "]",
    "{",
    "null",
    "1e999",
    "ws://",
    "wss://",
    "http://",
    "[::1]",
    ":65536",
    "@",
    "/",
    "?",
    "#",
    "ctrl-",
    "alt-",
    "shift-",
    "f12",
    "space",
    "quit",
    "link.ping_ms",
    " = ",
    "3000",
    "[link]\n",
    "[backends.home]\n",
    "url = \"ws://x\"\n",
    "token = \"env:X\"\n",
    "'",
    "AND",
    "NEAR(",
    "*",
    "\\",
    "[[model]]\n",
    "id = \"m\"\n",
    "task = \"ears\"\n",
    "files = [{ path = \"",
    "../",
    "\" }]\n",
    "\u{8}\u{7}:",
    "{\"model\":{\"vocab\":{",
    "<0xE4>",
    " 0\n",
    "ustar",
];

/// Bytes of a parser's own kind.
fn input() -> impl Strategy<Value = Vec<u8>> {
    let words = proptest::collection::vec(proptest::sample::select(WORDS), 0..24);
    let words = words.prop_map(|words| words.concat().into_bytes());
    let bytes = proptest::collection::vec(any::<u8>(), 0..200);
    prop_oneof![
        2 => words.clone(),
        1 => bytes.clone(),
        1 => (words, bytes).prop_map(|(words, bytes)| [words, bytes].concat()),
        1 => (proptest::sample::select(GOLDEN), any::<prop::sample::Index>(), any::<u8>())
            .prop_map(|(whole, at, byte)| torn(whole.as_bytes(), at, byte)),
    ]
}

const GOLDEN: &[&str] = &[
    include_str!("../config.example.toml"),
    include_str!("../assets/models.toml"),
    include_str!("../src/wire/realtime/golden/older.jsonl"),
    include_str!("../src/wire/realtime/golden/server_turns.jsonl"),
    include_str!("../src/wire/realtime/golden/today.jsonl"),
    include_str!("../src/wire/yychat/golden/call_ours.jsonl"),
    include_str!("../src/wire/yychat/golden/call_plain.jsonl"),
    include_str!("../src/wire/yychat/golden/http_plain.jsonl"),
    include_str!("../src/wire/xiaozhi/golden/typed.jsonl"),
    include_str!("../src/wire/xiaozhi/golden/activation.jsonl"),
    include_str!("../src/wire/yychat/golden/nonsense.jsonl"),
    include_str!("../src/wire/yychat/golden/ours.jsonl"),
    include_str!("../src/wire/yychat/golden/plain.jsonl"),
    include_str!("../src/wire/yychat/golden/voice_ours.jsonl"),
    include_str!("../src/wire/yychat/golden/voice_plain.jsonl"),
    include_str!("../fuzz/seeds/openai.sse"),
    include_str!("../fuzz/seeds/replay.jsonl"),
];

/// The real thing with one byte changed and cut somewhere after it.
fn torn(whole: &[u8], at: prop::sample::Index, byte: u8) -> Vec<u8> {
    let mut torn = whole.to_vec();
    let at = at.index(torn.len());
    torn[at] = byte;
    torn.truncate(at + 1 + usize::from(byte) * 16);
    torn
}

macro_rules! never {
    ($($parser:ident)*) => {
        #[test]
        fn every_parser_is_tried() {
            let tried = [$(stringify!($parser)),*];
            assert_eq!(tried.len(), parsers::ALL.len());
        }

        proptest! {
            #![proptest_config(ProptestConfig {
                cases: 128,
                failure_persistence: None,
                ..ProptestConfig::default()
            })]
            $(#[test]
            fn $parser(bytes in input()) {
                parsers::$parser(&bytes);
            })*
        }
    };
}

never! {
    address
    archive
    catalogue
    chord_and_action
    composer
    config
    defused
    guess
    log_frames
    model_file
    openai
    opus_packets
    realtime_client
    port
    receipt
    replay
    search
    set_markdown
    sse
    tokens
    unpacked
    wrapped
    xiaozhi_client
    yychat_client
    yychat_frames
    yychat_http
    yychat_sound
}

#[test]
fn the_real_things_are_read_by_their_parsers() {
    for whole in GOLDEN {
        for (_, parser) in parsers::ALL {
            parser(whole.as_bytes());
        }
    }
}
