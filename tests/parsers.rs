//! The promises of everything that reads what others wrote, tried on bytes without a pattern, on
//! bytes that each parser half understands, and on the real thing, torn and bent. The fuzzer in
//! `fuzz/` tries the same promises for longer, and so does this with more cases:
//!
//! ```sh
//! PROPTEST_CASES=100000 cargo test --test parsers -- model_file tokens archive
//! ```
#![expect(clippy::unwrap_used, reason = "what makes a model may end its test")]

#[path = "support/onnx.rs"]
mod onnx;
#[path = "../fuzz/parsers.rs"]
mod parsers;
#[path = "support/planted.rs"]
mod planted;
#[path = "support/planted_frames.rs"]
mod planted_frames;
#[path = "support/planted_language.rs"]
mod planted_language;
#[path = "support/planted_voice.rs"]
mod planted_voice;
#[expect(dead_code, unreachable_pub, reason = "the models need a part of it")]
#[path = "support/tones.rs"]
mod tones;

use proptest::prelude::*;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

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
        2 => (any::<prop::sample::Index>(), proptest::collection::vec(bend(), 0..6))
            .prop_map(|(whole, bends)| bent(&REAL[whole.index(REAL.len())], &bends)),
    ]
}

/// Real files of every kind that is read: what the protocols say, and models, sound and archives.
static REAL: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let mut real: Vec<Vec<u8>> = GOLDEN.iter().map(|text| text.as_bytes().to_vec()).collect();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let models = folder.path();
    planted::moonshine(&models.join("moonshine"));
    planted::whisper(&models.join("whisper"));
    planted_frames::sense_voice(&models.join("sense-voice"));
    planted_frames::zipformer(&models.join("zipformer"));
    planted_language::language(&models.join("language"), 4_096);
    planted_voice::vits(&models.join("vits"), "amy");
    planted_voice::kokoro(&models.join("kokoro"));
    planted_voice::melo(&models.join("melo"));
    gather(models, &mut real);
    gather(Path::new("assets/chimes"), &mut real);
    gather(Path::new("src/codec/mp3"), &mut real);
    real.push(packed(&[
        ("m/onnx/model.onnx", b"0"),
        ("m/tokens.txt", b"a 0\n"),
    ]));
    real
});

/// Every file below a folder, as far as it is worth its time.
fn gather(folder: &Path, into: &mut Vec<Vec<u8>>) {
    const LARGEST: usize = 8 * 1024;
    for entry in fs::read_dir(folder).expect("it is there").flatten() {
        let path = entry.path();
        if path.is_dir() {
            gather(&path, into);
        } else {
            let mut bytes = fs::read(&path).expect("it can be read");
            bytes.truncate(LARGEST);
            into.push(bytes);
        }
    }
}

/// An archive of these files.
fn packed(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = vec![];
    for (name, content) in files {
        let mut head = [0; 512];
        head[..name.len()].copy_from_slice(name.as_bytes());
        head[100..107].copy_from_slice(b"0000644");
        let size = format!("{:011o}", content.len());
        head[124..135].copy_from_slice(size.as_bytes());
        head[156] = b'0';
        head[257..265].copy_from_slice(b"ustar\x0000");
        head[148..156].fill(b' ');
        let sum: u32 = head.iter().map(|byte| u32::from(*byte)).sum();
        head[148..154].copy_from_slice(format!("{sum:06o}").as_bytes());
        head[154] = 0;
        bytes.extend(head);
        bytes.extend(*content);
        bytes.resize(bytes.len().next_multiple_of(512), 0);
    }
    bytes.resize(bytes.len() + 1024, 0);
    bytes
}

/// A change to a file, as those make it who want to do harm.
#[derive(Clone, Debug)]
enum Bend {
    /// Another byte.
    Byte(prop::sample::Index, u8),
    /// A number that is too large, too small, or nearly so, in the place of what is there.
    Number(prop::sample::Index, u64, usize),
    /// What is here stands there as well.
    Again(prop::sample::Index, prop::sample::Index, u8),
    /// So much is missing.
    Gone(prop::sample::Index, u8),
    /// It ends here.
    End(prop::sample::Index),
}

fn bend() -> impl Strategy<Value = Bend> {
    let place = any::<prop::sample::Index>;
    let number = proptest::sample::select(
        &[
            0,
            1,
            0x7f,
            0x80,
            0xff,
            0x7fff,
            0xffff,
            0x7fff_ffff,
            0xffff_ffff,
            i64::MAX as u64,
            u64::MAX,
        ][..],
    );
    let wide = proptest::sample::select(&[1_usize, 2, 4, 8][..]);
    prop_oneof![
        3 => (place(), any::<u8>()).prop_map(|(at, byte)| Bend::Byte(at, byte)),
        3 => (place(), number, wide).prop_map(|(at, number, wide)| Bend::Number(at, number, wide)),
        2 => (place(), place(), any::<u8>()).prop_map(|(from, to, long)| Bend::Again(from, to, long)),
        1 => (place(), any::<u8>()).prop_map(|(at, long)| Bend::Gone(at, long)),
        1 => place().prop_map(Bend::End),
    ]
}

fn bent(whole: &[u8], bends: &[Bend]) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    for bend in bends {
        if bytes.is_empty() {
            break;
        }
        let length = bytes.len();
        match *bend {
            Bend::Byte(at, byte) => bytes[at.index(length)] = byte,
            Bend::Number(at, number, wide) => {
                let at = at.index(length);
                let number = number.to_le_bytes();
                for (byte, new) in bytes[at..].iter_mut().zip(&number[..wide]) {
                    *byte = *new;
                }
            }
            Bend::Again(from, to, long) => {
                let from = from.index(length);
                let piece = bytes[from..length.min(from + usize::from(long))].to_vec();
                let to = to.index(length);
                bytes.splice(to..to, piece);
            }
            Bend::Gone(at, long) => {
                let at = at.index(length);
                bytes.drain(at..length.min(at + usize::from(long)));
            }
            Bend::End(at) => bytes.truncate(at.index(length)),
        }
    }
    bytes
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

/// How many cases of each: a few, unless more are wanted.
fn cases() -> u32 {
    let wanted = std::env::var("PROPTEST_CASES").ok();
    wanted.and_then(|wanted| wanted.parse().ok()).unwrap_or(128)
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
                cases: cases(),
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
    spoken
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

#[test]
fn models_are_taken_as_they_are_and_no_longer_when_they_are_cut() {
    let read = |bytes: &[u8]| {
        let length = bytes.len() as u64;
        hearsay::mind::engine::check(std::io::Cursor::new(bytes), length)
    };
    let folder = tempfile::tempdir().unwrap();
    planted_voice::vits(folder.path(), "amy");
    let whole = fs::read(folder.path().join("amy.onnx")).unwrap();
    assert_eq!(read(&whole), Ok(()));
    let half = whole.get(..whole.len() / 2).unwrap_or_default();
    assert!(read(half).is_err());
}
