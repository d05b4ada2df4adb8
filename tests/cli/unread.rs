//! Whoever reads what the program prints may have gone.

use crate::house::House;
use std::process::{Command, Stdio};

#[test]
fn a_reader_that_has_gone_is_no_fault_of_ours() {
    let house = House::new();
    let question: Vec<u8> = b"what is 6 * 7?\n".repeat(3);
    for arguments in [
        "--help",
        "ask what is 6 * 7?",
        "completions bash",
        "config get",
        "history list",
        "history show last",
        "keys",
        "link stats",
        "log -n 5",
        "man",
        "models list",
        "--plain",
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let (questions, asks) = std::io::pipe().unwrap();
        std::io::Write::write_all(&mut &asks, &question).unwrap();
        drop(asks);
        let output = Command::new(env!("CARGO_BIN_EXE_hearsay"))
            .args(arguments.split(' '))
            .env_clear()
            .env("HOME", house.home())
            .env("LANG", "C.UTF-8")
            .env("HEARSAY_BRAIN", "builtin")
            .current_dir(house.home())
            .stdin(questions)
            .stdout(writer)
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        let code = output.status.code();
        assert!(
            code.is_some_and(|code| code < 100),
            "{arguments}: {code:?} {told}"
        );
        assert!(!told.contains("fault of its own"), "{arguments}: {told}");
        assert!(!told.contains("panicked"), "{arguments}: {told}");
    }
}
