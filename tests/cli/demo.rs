//! The demo, in lines: a call without anything that this machine may lack.

use crate::house::House;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

#[test]
fn the_demo_hears_answers_and_ends_its_call_by_itself() {
    let house = House::new();
    let mut demo = Command::new(env!("CARGO_BIN_EXE_hearsay"))
        .args(["demo", "--plain"])
        .env_clear()
        .env("HOME", house.home())
        .env("PATH", "/nowhere")
        .env("LANG", "C.UTF-8")
        .env("TMPDIR", house.home())
        .current_dir(house.home())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let told = BufReader::new(demo.stdout.take().unwrap());
    let mut wanted = [
        "you said: what is seventeen times three",
        "built-in: 17 × 3 = 51",
        "you said: what can you do",
        "you said: how many kilometers are there in one hundred miles",
    ]
    .iter()
    .peekable();
    let mut all = vec![];
    for line in told.lines() {
        let line = line.unwrap();
        if wanted
            .peek()
            .is_some_and(|wanted| line.starts_with(**wanted))
        {
            wanted.next();
        }
        let ended = line.contains("call ended");
        all.push(line);
        if ended {
            break;
        }
    }
    assert_eq!(wanted.next(), None, "{all:#?}");
    drop(demo.stdin.take());
    assert!(demo.wait().unwrap().success());
}
