//! Coverage-guided fuzzing of one parser, which `HEARSAY_PARSER` names. `fuzz/run.sh` builds and
//! runs it; what may not happen is in `parsers.rs`.

#![no_main]

mod parsers;

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static PARSER: LazyLock<parsers::Parser> = LazyLock::new(|| {
    let name = std::env::var("HEARSAY_PARSER").unwrap_or_default();
    let known = parsers::ALL.iter().find(|(known, _)| *known == name);
    known.map_or_else(|| panic!("no such parser: {name}"), |(_, parser)| *parser)
});

fuzz_target!(|bytes: &[u8]| PARSER(bytes));
