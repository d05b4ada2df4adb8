//! `hearsay history`, on a store that the library filled.

use crate::house::{House, ran};
use hearsay::core::ids::{ConversationId, MessageId, TurnId};
use hearsay::core::time::Wall;
use hearsay::core::transcript::{Message, Role};
use hearsay::store::Store;
use std::fs;

const TEA: ConversationId = ConversationId(0x1111_1111_0000_4000_8000_0000_0000_0001);
const TRIP: ConversationId = ConversationId(0x2222_2222_0000_4000_8000_0000_0000_0002);
/// Noon of the first of April 2026 in UTC, in milliseconds.
const NOON: i64 = 1_775_044_800_000;

/// Two conversations; the second one holds what a terminal might obey.
fn filled() -> House {
    let house = House::new();
    let mut store = Store::open(&house.store()).unwrap();
    let said = [
        (TEA, Role::User, "how long does green tea take?"),
        (TEA, Role::Assistant, "**Two minutes**, at 80 °C."),
        (TRIP, Role::User, "明天去北京旅行"),
        (TRIP, Role::Assistant, "好的\u{1b}[2J\u{202e}!"),
    ];
    for (number, (conversation, role, text)) in (1_u32..).zip(said) {
        let at = Wall(NOON + i64::from(number) * 60_000);
        let id = u128::from(number);
        let mut message = Message::new(MessageId(id), TurnId(id), role, at);
        text.clone_into(&mut message.text);
        store.write_message(conversation, None, &message).unwrap();
    }
    house
}

#[test]
fn an_empty_history_says_so_and_leaves_no_file_behind() {
    let house = House::new();
    let none = "no conversation is stored yet\n";
    assert_eq!(house.run(&["history", "list"]), ran(0, "", none));
    assert_eq!(
        house.run(&["history", "list", "--json"]),
        ran(0, "[]\n", "")
    );
    assert_eq!(
        house.run(&["history", "show", "last"]),
        ran(1, "", &format!("error: {none}"))
    );
    assert_eq!(
        house.run(&["--lang", "zh", "history", "list"]),
        ran(0, "", "还没有保存的会话\n")
    );
    assert!(!house.store().exists());
}

#[test]
fn list_shows_the_last_used_first() {
    let house = filled();
    assert_eq!(
        house.run_with(&["history", "list"], &[("TZ", "UTC")], b""),
        ran(
            0,
            "22222222  2026-04-01 12:04      2  明天去北京旅行\n\
             11111111  2026-04-01 12:02      2  how long does green tea take?\n",
            ""
        )
    );
    let told = house.run(&["history", "list", "--json", "--limit", "1"]);
    let list: serde_json::Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert_eq!(list[0]["id"], TRIP.to_string());
}

#[test]
fn search_finds_words_of_either_language_and_says_when_there_are_none() {
    let house = filled();
    for (words, id) in [("green tea", "11111111"), ("北京", "22222222")] {
        let told = house.run(&["history", "search", words]);
        assert_eq!((told.code, told.err.as_str()), (Some(0), ""));
        assert!(told.out.starts_with(id), "{}", told.out);
    }
    let told = house.run(&["history", "search", "coffee"]);
    assert_eq!((told.code, told.out.as_str()), (Some(0), ""));
    assert!(told.err.contains("coffee"), "{}", told.err);
}

#[test]
fn show_and_export_print_the_whole_conversation_harmlessly() {
    let house = filled();
    for arguments in [
        &["history", "show", "2222"][..],
        &["history", "show", "last", "--json"],
        &["history", "export", "last"],
        &["history", "export", "last", "--format", "txt"],
        &["history", "export", "last", "--format", "json"],
        &["history", "search", "好的"],
    ] {
        let told = house.run(arguments);
        assert_eq!(
            (told.code, told.err.as_str()),
            (Some(0), ""),
            "{arguments:?}"
        );
        assert!(told.out.contains("好的"), "{}", told.out);
        assert!(!told.out.contains(['\u{1b}', '\u{202e}']), "{arguments:?}");
    }
    let json = house
        .run(&["history", "export", "1111", "--format", "json"])
        .out;
    assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok());
    let markdown = house.run(&["history", "export", "1111"]).out;
    assert!(
        markdown.contains("**Two minutes**, at 80 °C."),
        "{markdown}"
    );
    let told = house.run(&["history", "export", "1111", "--output", "tea.md"]);
    assert_eq!((told.code, told.out.as_str()), (Some(0), ""));
    assert_eq!(
        fs::read_to_string(house.home().join("tea.md")).unwrap(),
        markdown
    );
    let told = house.run(&["history", "export", "1111", "--output", "missing/tea.md"]);
    assert_eq!(
        told,
        ran(
            1,
            "",
            "error: `missing/tea.md`: No such file or directory (os error 2)\n\
             hint: check the names of the file and its folder\n"
        )
    );
}

#[test]
fn rename_and_delete_change_just_the_one_that_was_named() {
    let house = filled();
    assert_eq!(
        house
            .run(&["history", "rename", "1111", "tea", "time"])
            .code,
        Some(0)
    );
    let told = house.run(&["history", "delete", "2222"]);
    assert_eq!((told.code, told.out.as_str()), (Some(1), ""));
    assert!(told.err.contains("--yes"), "{}", told.err);
    assert_eq!(
        house.run(&["history", "delete", "2222", "--yes"]).code,
        Some(0)
    );
    let list = house
        .run_with(&["history", "list"], &[("TZ", "UTC")], b"")
        .out;
    assert_eq!(list, "11111111  2026-04-01 12:02      2  tea time\n");
    for (id, why) in [("2222", "no conversation"), ("11", "4")] {
        let told = house.run(&["history", "show", id]);
        assert_eq!((told.code, told.out.as_str()), (Some(1), ""));
        assert!(told.err.contains(why), "{}", told.err);
    }
}

#[test]
fn a_conversation_is_resumed_in_a_terminal_only() {
    assert_eq!(
        filled().run(&["history", "resume"]),
        ran(
            1,
            "",
            "error: a conversation can be resumed in a terminal only\n"
        )
    );
}

#[test]
fn a_store_that_is_none_is_named_and_left_alone() {
    let house = House::new();
    house.write(".local/share/hearsay/hearsay.db", "garbage");
    assert_eq!(
        house.run(&["history", "list"]),
        ran(
            1,
            "",
            "error: `HOME/.local/share/hearsay/hearsay.db` is not a readable store: file is not \
             a database\n\
             hint: chat goes on without being saved; move \
             `HOME/.local/share/hearsay/hearsay.db` away to begin a new store\n"
        )
    );
    assert_eq!(fs::read(house.store()).unwrap(), b"garbage");
    let told = house.run_with(
        &["history", "list"],
        &[("DATABASE_URL", "mysql://x/y")],
        b"",
    );
    assert_eq!(
        told,
        ran(
            2,
            "",
            "error: `DATABASE_URL` must be a path or `sqlite:///PATH` (only SQLite is \
             supported), but is: mysql://x/y\n\
             hint: unset `DATABASE_URL`, or give it such a value\n"
        )
    );
}

#[test]
fn a_data_folder_that_cannot_be_made_is_named_by_the_doctor() {
    let house = House::new();
    let file = house.write("taken", "");
    let folder = file.join("data");
    let told = house.run(&[
        "doctor",
        "--data-dir",
        folder.to_str().unwrap(),
        "--backend",
        "ws://127.0.0.1:1/",
    ]);
    assert_eq!(told.code, Some(1));
    assert!(
        told.out
            .contains("BAD   store          `HOME/taken/data/hearsay.db` "),
        "{}",
        told.out
    );
}
