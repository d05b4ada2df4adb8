//! A conversation in lines, from a pipe.

use crate::house::House;

const WELCOME: &str = "plain text: write a line and press Enter; `/talk` speaks, `/call` calls, \
    `/help` lists the commands, `/quit` leaves\n";

#[test]
fn what_is_piped_in_is_answered_before_it_leaves() {
    let house = House::new();
    let env = [("HEARSAY_BRAIN", "builtin")];
    let ran = house.run_with(&["--plain"], &env, b"what is 17 * 3?");
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    let rest = ran.out.strip_prefix(WELCOME).unwrap();
    assert_eq!(
        rest,
        "connection: connected\nstate: answering\nbuilt-in: 17 × 3 = 51\nstate: idle\n"
    );
}

#[test]
fn bytes_that_are_no_text_and_long_lines_are_taken() {
    let house = House::new();
    let env = [("HEARSAY_BRAIN", "builtin"), ("HEARSAY_PLAIN", "always")];
    let mut input = b"\xff\xfe\x1b[2J\n/nonsense\n".to_vec();
    input.extend(vec![b'a'; 3 << 20]);
    let ran = house.run_with(&["--plain"], &env, &input);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    assert!(
        ran.out
            .contains("warning: no command is called `nonsense`\n")
    );
    assert!(!ran.out.contains('\u{1b}'));
}
