//! What the store as a whole promises.

use super::*;
use crate::core::backend::Usage;
use crate::core::backend::{By, Earlier, Say, ToolUse};
use crate::core::ids::{ConversationId, MessageId, TurnId};
use crate::core::past::{Count, LineStats};
use crate::core::record::{StoreTrouble, TurnTimes};
use crate::core::time::Wall;
use crate::core::transcript::{Above, Ending, Message, Role, Stored};
use crate::core::trips::Trips;
use crate::core::words::Lang;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::time::Duration;

const TALK: ConversationId = ConversationId(0xabcd_0001 << 96);

fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = Store::open(&folder.path().join("x.db")).expect("a new store");
    (folder, store)
}

fn said(number: u32, role: Role, text: &str) -> Message {
    let mut message = Message::new(
        MessageId(number.into()),
        TurnId(u128::from(number) / 2),
        role,
        Wall(i64::from(number) * 1000),
    );
    message.text = text.to_owned();
    message.ending = Ending::Complete;
    message.stored = Stored::Yes;
    message
}

fn write(store: &mut Store, conversation: ConversationId, message: &Message) {
    let keep = Keep::Message {
        conversation,
        persona: None,
        message: message.clone(),
    };
    let expected = Kept::Message {
        message: message.id,
        revision: message.revision,
    };
    assert_eq!(store.carry_out(keep), Some(expected));
}

fn trouble(kept: Option<Kept>) -> StoreTrouble {
    match kept {
        Some(Kept::Trouble { trouble, .. }) => trouble,
        other => panic!("expected trouble, got {other:?}"),
    }
}

#[test]
fn a_message_comes_back_as_it_was_written() {
    let (_folder, mut store) = store();
    let mut message = said(1, Role::Assistant, "好的 👍\nsecond line\0");
    message.reasoning = "hm".into();
    message.tools = vec![ToolUse {
        name: "dice".into(),
        arguments: "{\"sides\":6}".into(),
        outcome: Some(Err("lost".into())),
    }];
    message.by = Some(By {
        brain: "builtin".into(),
        model: None,
    });
    message.ending = Ending::Cut("the line went down".into());
    message.revision = 7;
    write(&mut store, TALK, &message);
    assert_eq!(store.load(TALK, None, 10).unwrap(), (vec![message], None));
}

#[test]
fn a_message_that_did_not_come_to_its_end_is_open_for_ever() {
    let (_folder, mut store) = store();
    let mut message = said(1, Role::Assistant, "half an ans");
    message.ending = Ending::Open;
    write(&mut store, TALK, &message);
    assert_eq!(store.load(TALK, None, 10).unwrap(), (vec![message], None));
}

#[test]
fn an_older_revision_never_overwrites_a_newer_one() {
    let (_folder, mut store) = store();
    let mut message = said(1, Role::Assistant, "newest words");
    message.revision = 5;
    write(&mut store, TALK, &message);
    let mut stale = said(1, Role::Assistant, "stale words");
    stale.revision = 4;
    write(&mut store, TALK, &stale);
    assert_eq!(store.load(TALK, None, 10).unwrap().0, [message.clone()]);
    assert_eq!(store.search("stale", 9).unwrap(), []);
    message.text = "same revision".into();
    write(&mut store, TALK, &message);
    assert_eq!(store.load(TALK, None, 10).unwrap().0, [message]);
    assert_eq!(store.search("newest", 9).unwrap(), []);
    assert_eq!(store.search("same", 9).unwrap().len(), 1);
}

#[test]
fn a_long_conversation_is_loaded_page_by_page() {
    let (_folder, mut store) = store();
    let all: Vec<Message> = (1..=25).map(|n| said(n, Role::User, "x")).collect();
    for message in &all {
        write(&mut store, TALK, message);
        let mut elsewhere = message.clone();
        elsewhere.id = MessageId(message.id.0 + 1000);
        write(&mut store, ConversationId(9), &elsewhere);
    }
    let page = |before, limit| store.load(TALK, before, limit).unwrap();
    let above = |n: i64| {
        Some(Above {
            before: n + 1,
            count: usize::try_from(n).unwrap(),
        })
    };
    assert_eq!(page(None, 10), (all[15..].to_vec(), above(15)));
    assert_eq!(page(Some(16), 10), (all[5..15].to_vec(), above(5)));
    assert_eq!(page(Some(6), 10), (all[..5].to_vec(), None));
    assert_eq!(page(None, usize::MAX), (all.clone(), None));
    assert_eq!(page(Some(1), 10), (vec![], None));
}

#[test]
fn conversations_are_listed_by_use_and_named_by_the_first_words_of_the_user() {
    let (_folder, mut store) = store();
    let (tea, rain) = (TALK, ConversationId(2));
    write(&mut store, tea, &said(1, Role::Note, "timer: tea"));
    write(&mut store, tea, &said(2, Role::User, "how long?\nexactly"));
    write(&mut store, rain, &said(3, Role::User, "明天下雨吗"));
    write(&mut store, tea, &said(4, Role::User, "and green tea?"));
    let titles = |store: &Store| -> Vec<(String, i64, i64, usize)> {
        let listed = store.list(9).unwrap().into_iter();
        listed
            .map(|c| (c.title, c.started.0, c.used.0, c.messages))
            .collect()
    };
    assert_eq!(
        titles(&store),
        [
            ("how long?".to_owned(), 1000, 4000, 3),
            ("明天下雨吗".to_owned(), 3000, 3000, 1)
        ]
    );
    let renamed = store.carry_out(Keep::Rename {
        conversation: rain,
        title: "weather".into(),
    });
    assert!(matches!(renamed, Some(Kept::Renamed { title, .. }) if title == "weather"));
    write(&mut store, rain, &said(5, Role::User, "and on Sunday?"));
    assert_eq!(titles(&store)[0].0, "weather");
    assert_eq!(store.list(1).unwrap().len(), 1);
}

#[test]
fn a_conversation_that_is_not_there_is_unknown() {
    let (_folder, mut store) = store();
    let load = Keep::Load {
        conversation: TALK,
        before: None,
        limit: 5,
        back_to: None,
    };
    let rename = Keep::Rename {
        conversation: TALK,
        title: "x".into(),
    };
    let turn = Keep::Turn {
        conversation: TALK,
        turn: TurnTimes::default(),
    };
    for keep in [load, rename, turn] {
        assert_eq!(trouble(store.carry_out(keep)), StoreTrouble::Unknown);
    }
}

#[test]
fn deleting_forgets_everything_of_one_conversation_only() {
    let (_folder, mut store) = store();
    let other = ConversationId(2);
    write(&mut store, TALK, &said(1, Role::User, "green tea"));
    write(&mut store, other, &said(2, Role::User, "black tea"));
    let turn = TurnTimes {
        turn: Some(TurnId(0)),
        stages: vec![("sent".into(), 1)],
        outcome: "done".into(),
        at: Wall(1),
        ..TurnTimes::default()
    };
    let keep = Keep::Turn {
        conversation: TALK,
        turn,
    };
    assert_eq!(store.carry_out(keep), None);
    let delete = Keep::Delete {
        conversation: TALK,
        at: Wall(50),
    };
    let deleted = Some(Kept::Deleted { conversation: TALK });
    assert_eq!(store.carry_out(delete.clone()), deleted);
    assert_eq!(store.carry_out(delete), deleted);
    let purge = |before| Keep::Purge {
        before: Wall(before),
    };
    let purged = Some(Kept::Purged(vec![]));
    assert_eq!(store.carry_out(purge(50)), purged);
    assert_eq!(
        store
            .connection
            .query_row("SELECT count(*) FROM messages", [], |row| row.get(0)),
        Ok(2)
    );
    assert_eq!(store.carry_out(purge(51)), purged);
    let found: Vec<_> = store
        .search("tea", 9)
        .unwrap()
        .into_iter()
        .map(|f| f.conversation)
        .collect();
    assert_eq!(found, [other]);
    let count = |table: &str| -> i64 {
        let sql = format!("SELECT count(*) FROM {table}");
        store
            .connection
            .query_row(&sql, [], |row| row.get(0))
            .unwrap()
    };
    assert_eq!((count("messages"), count("turns")), (1, 0));
}

#[test]
fn messages_are_found_by_their_words_newest_first() {
    let (_folder, mut store) = store();
    for (n, text) in [
        (1, "Tea is ready"),
        (2, "明天会下雨吗？"),
        (3, "a teapot, and Café"),
        (4, "下了一点雨"),
        (5, "no \"quotes\" AND (no) harm*"),
        (6, "東京タワーに行く"),
        (7, "비가 내려요"),
        (8, "biáng 𰻞 面"),
    ] {
        write(&mut store, TALK, &said(n, Role::User, text));
    }
    for (words, expected) in [
        ("tea", &[3, 1][..]),
        ("TEA ready", &[1]),
        ("tea ready", &[1]),
        ("rea", &[1]),
        ("eady", &[]),
        ("下雨", &[2]),
        ("雨", &[4, 2]),
        ("雨 下", &[4, 2]),
        ("会下 明天", &[2]),
        ("cafe", &[3]),
        ("café", &[3]),
        ("\"quotes\" AND", &[5]),
        ("(no) harm*", &[5]),
        ("タワー", &[6]),
        ("京", &[6]),
        ("내려", &[7]),
        ("𰻞", &[8]),
        ("", &[]),
        ("\"", &[]),
        ("*", &[]),
    ] {
        let found: Vec<u128> = store
            .search(words, 9)
            .unwrap()
            .into_iter()
            .map(|found| found.message.0)
            .collect();
        assert_eq!(found, expected, "{words}");
    }
    let first = store.search("tea", 1).unwrap();
    assert_eq!(first.len(), 1);
    assert_eq!(first[0].excerpt, "a teapot, and Café");
    assert_eq!(first[0].marks, [(2, 8)]);
}

#[test]
fn no_search_is_an_error() {
    let (_folder, mut store) = store();
    write(&mut store, TALK, &said(1, Role::User, "a b 好"));
    let typed = (
        prop::collection::vec(any::<char>(), 0..20),
        "[\"*():^{}+ANDORNT -]{0,12}",
    );
    TestRunner::default()
        .run(&typed, |(words, also)| {
            let words: String = words.into_iter().chain(also.chars()).collect();
            prop_assert!(store.search(&words, 5).is_ok(), "{:?}", words);
            Ok(())
        })
        .unwrap();
}

#[test]
fn the_brain_recalls_the_newest_part_that_fits_with_its_turns_and_what_was_cut() {
    let (_folder, mut store) = store();
    write(&mut store, TALK, &said(2, Role::User, "0123456789"));
    let mut answer = said(3, Role::Assistant, "abc");
    answer.ending = Ending::Cut("stopped".into());
    write(&mut store, TALK, &answer);
    write(&mut store, TALK, &said(4, Role::Note, "timer"));
    write(&mut store, TALK, &said(6, Role::User, "xy"));
    write(&mut store, TALK, &said(7, Role::Assistant, ""));
    let recall = |most| store.recall(TALK, most).unwrap();
    let recalled = |turn, role, text: &str, cut| Earlier {
        turn: TurnId(turn),
        role,
        text: text.to_owned(),
        cut,
        by: None,
    };
    let all = [
        recalled(1, Role::User, "0123456789", false),
        recalled(1, Role::Assistant, "abc", true),
        recalled(3, Role::User, "xy", false),
    ];
    assert_eq!(recall(100), all);
    assert_eq!(recall(15), all);
    assert_eq!(recall(14), all[1..]);
    assert_eq!(recall(2), all[2..]);
    assert_eq!(recall(1), []);
    assert_eq!(store.recall(ConversationId(7), 100).unwrap(), []);
    let (shown, _) = store.load(TALK, None, 10).unwrap();
    store.forget(TALK).unwrap();
    assert_eq!(store.recall(TALK, 100).unwrap(), []);
    assert_eq!(store.load(TALK, None, 10).unwrap().0, shown);
}

#[test]
fn an_id_may_be_abbreviated() {
    let (_folder, mut store) = store();
    let twin = ConversationId(TALK.0 | 1);
    write(&mut store, TALK, &said(1, Role::User, "one"));
    write(&mut store, twin, &said(2, Role::User, "two"));
    for (beginning, expected) in [
        ("abcd", &[twin, TALK][..]),
        ("ABCD-0001", &[twin, TALK]),
        ("abcd0001-0000-0000-0000-000000000001", &[twin]),
        ("abce", &[]),
        ("", &[]),
        ("last", &[]),
        ("abcd0001-0000-0000-0000-0000000000011", &[]),
    ] {
        let found = store.begins_with(beginning).unwrap();
        let found: Vec<_> = found.into_iter().map(|summary| summary.id).collect();
        assert_eq!(found, expected, "{beginning}");
    }
}

#[test]
fn a_full_disk_is_told_and_harms_nothing() {
    let (_folder, mut store) = store();
    let first = said(1, Role::User, "before");
    write(&mut store, TALK, &first);
    let pages: i64 = store
        .connection
        .query_row("PRAGMA page_count", [], |row| row.get(0))
        .unwrap();
    store
        .connection
        .execute_batch(&format!("PRAGMA max_page_count = {pages}"))
        .unwrap();
    let keep = Keep::Message {
        conversation: TALK,
        persona: None,
        message: said(2, Role::User, &"much text ".repeat(10_000)),
    };
    let told = store.carry_out(keep.clone());
    assert!(matches!(&told, Some(Kept::Trouble { keep: same, .. }) if **same == keep));
    assert_eq!(trouble(told), StoreTrouble::Full);
    assert_eq!(store.load(TALK, None, 10).unwrap().0, [first]);
    store
        .connection
        .execute_batch("PRAGMA max_page_count = 100000")
        .unwrap();
    assert!(matches!(store.carry_out(keep), Some(Kept::Message { .. })));
}

#[test]
fn a_store_that_cannot_be_written_can_still_be_read() {
    let (folder, mut store) = store();
    let first = said(1, Role::User, "before");
    write(&mut store, TALK, &first);
    drop(store);
    let path = folder.path().join("x.db");
    for (limit, expected) in [
        (Limit::Full, StoreTrouble::Full),
        (Limit::ReadOnly, StoreTrouble::ReadOnly),
    ] {
        let mut store = Store {
            connection: open::open_to_read(&path).expect("the file can be read"),
            path: path.clone(),
            alive: None,
            limited: Some(limit),
        };
        let keep = Keep::Draft { text: "x".into() };
        assert_eq!(trouble(store.carry_out(keep)), expected);
        let (messages, _) = store.load(TALK, None, 10).unwrap();
        assert_eq!(messages, std::slice::from_ref(&first));
        assert_eq!(store.search("before", 10).unwrap().len(), 1);
    }
}

#[test]
fn a_file_that_another_program_holds_is_busy_and_not_lost() {
    let (folder, mut store) = store();
    store.connection.busy_timeout(Duration::ZERO).unwrap();
    let other = open::open(&folder.path().join("x.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let keep = Keep::Draft { text: "x".into() };
    assert_eq!(trouble(store.carry_out(keep.clone())), StoreTrouble::Busy);
    other.execute_batch("COMMIT").unwrap();
    assert_eq!(store.carry_out(keep), None);
    assert_eq!(
        store.carry_out(Keep::LoadDraft),
        Some(Kept::Draft("x".into()))
    );
}

fn question(number: u32, text: &str) -> (Message, Say) {
    let message = said(number, Role::User, text);
    let say = Say {
        turn: message.turn,
        conversation: TALK,
        text: text.to_owned(),
        persona: None,
        brain: None,
        model: None,
        tools: true,
        errands: false,
        lang: Lang::En,
        voice: None,
        clip: None,
        history: vec![],
    };
    (message, say)
}

fn outbox(store: &mut Store) -> Vec<String> {
    let waiting = store.outbox().unwrap().into_iter();
    waiting.map(|waiting| waiting.say.text).collect()
}

#[test]
fn what_is_not_confirmed_waits_in_order() {
    let (folder, mut store) = store();
    for (number, text) in [(2, "one"), (4, "two"), (6, "three")] {
        let (message, say) = question(number, text);
        store.write_question(None, &message, &say).unwrap();
    }
    store.confirm(TurnId(2), None).unwrap();
    assert_eq!(outbox(&mut store), ["one", "three"]);
    drop(store);
    let mut store = Store::open(&folder.path().join("x.db")).unwrap();
    assert_eq!(outbox(&mut store), ["one", "three"]);
    store.delete(TALK).unwrap();
    assert_eq!(outbox(&mut store), [""; 0]);
}

#[test]
fn words_that_are_confirmed_get_the_answer_that_begins_and_only_then() {
    let (_folder, mut store) = store();
    let (message, say) = question(4, "two");
    let mut reply = said(5, Role::Assistant, "");
    reply.ending = Ending::Open;
    store.confirm(say.turn, Some(&reply)).unwrap();
    store.write_question(None, &message, &say).unwrap();
    assert_eq!(
        store.load(TALK, None, 10).unwrap().0,
        std::slice::from_ref(&message)
    );
    store.confirm(say.turn, Some(&reply)).unwrap();
    assert_eq!(outbox(&mut store), [""; 0]);
    let kept = store.load(TALK, None, 10).unwrap().0;
    assert_eq!(kept, [message, reply]);
}

#[test]
fn what_waits_belongs_to_one_running_program() {
    let (folder, mut first) = store();
    let path = folder.path().join("x.db");
    let (message, say) = question(2, "one");
    first.write_question(None, &message, &say).unwrap();
    let mut second = Store::open(&path).unwrap();
    let mut third = Store::open(&path).unwrap();
    assert_eq!(outbox(&mut second), [""; 0]);
    drop(first);
    assert_eq!(outbox(&mut second), ["one"]);
    assert_eq!(outbox(&mut third), [""; 0]);
    drop((second, third));
    let left = std::fs::read_dir(folder.path()).unwrap();
    let left = left.filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.to_string_lossy().ends_with(".alive")
    });
    assert_eq!(left.count(), 0);
}

#[test]
fn the_files_of_killed_programs_are_swept_and_those_of_running_ones_stay() {
    let (folder, mut store) = store();
    let file = |name: &str| folder.path().join(format!("x.db.{name}.alive"));
    let running = std::fs::File::create(file("0123456789abcdef")).unwrap();
    running.lock().unwrap();
    for killed in ["1", "2"] {
        std::fs::write(file(killed), "").unwrap();
    }
    std::fs::write(folder.path().join("y.db.3.alive"), "").unwrap();
    assert_eq!(outbox(&mut store), [""; 0]);
    let left = std::fs::read_dir(folder.path()).unwrap();
    let names = left.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let left = names.filter(|name| name.contains(".alive")).count();
    // The running one's, our own, and that of another store.
    assert_eq!(left, 3);
    assert!(file("0123456789abcdef").exists());
}

#[test]
fn a_message_of_another_program_is_written_once_and_what_it_wrote_to_its_end_stays() {
    let (_folder, mut store) = store();
    let question = said(0, Role::User, "tea?");
    store.write_shared(TALK, None, &question).unwrap();
    let mut other = question.clone();
    (other.id, other.text) = (MessageId(99), "tea".to_owned());
    store.write_shared(TALK, None, &other).unwrap();
    let mut growing = said(1, Role::Assistant, "a");
    (growing.ending, growing.revision) = (Ending::Open, 7);
    growing.reasoning = "hm".to_owned();
    write(&mut store, TALK, &growing);
    let mut whole = said(1, Role::Assistant, "a drink");
    whole.id = MessageId(98);
    store.write_shared(TALK, None, &whole).unwrap();
    let kept = |store: &Store| store.load(TALK, None, 10).unwrap().0;
    let expected = Message {
        text: "a drink".to_owned(),
        ending: Ending::Complete,
        stored: Stored::Yes,
        ..growing.clone()
    };
    assert_eq!(kept(&store), [question.clone(), expected]);
    // Who leads the turn has the last word.
    let last = Message {
        text: "a drink.".to_owned(),
        ending: Ending::Complete,
        revision: 8,
        ..growing
    };
    write(&mut store, TALK, &last);
    store.write_shared(TALK, None, &whole).unwrap();
    assert_eq!(kept(&store)[1].text, "a drink.");
}

#[test]
fn an_answer_follows_its_question_although_others_wait_behind_it() {
    let (_folder, mut store) = store();
    let mut growing = said(1, Role::Assistant, "an");
    growing.ending = Ending::Open;
    for message in [
        &said(0, Role::User, "first"),
        &said(2, Role::User, "second"),
        &said(4, Role::User, "third"),
        &growing,
    ] {
        write(&mut store, TALK, message);
    }
    // Writing it again moves nothing.
    let mut first = said(1, Role::Assistant, "answer one");
    first.revision = 1;
    write(&mut store, TALK, &first);
    write(&mut store, TALK, &said(3, Role::Assistant, "answer two"));
    write(&mut store, TALK, &said(5, Role::Assistant, "answer three"));
    let (messages, above) = store.load(TALK, None, 10).unwrap();
    let texts: Vec<_> = messages
        .iter()
        .map(|message| message.text.as_str())
        .collect();
    let expected = [
        "first",
        "answer one",
        "second",
        "answer two",
        "third",
        "answer three",
    ];
    assert_eq!((texts.as_slice(), above), (&expected[..], None));
}

#[test]
fn words_taken_back_leave_no_gap() {
    let (_folder, mut store) = store();
    for (number, text) in [(2, "one"), (4, "two")] {
        let (message, say) = question(number, text);
        store.write_question(None, &message, &say).unwrap();
    }
    let note = said(6, Role::Note, "tea");
    write(&mut store, TALK, &note);
    store.take_back(TALK, MessageId(4), TurnId(2)).unwrap();
    assert_eq!(outbox(&mut store), ["one"]);
    let (messages, above) = store.load(TALK, None, 1).unwrap();
    assert_eq!(messages, [note]);
    assert_eq!(
        above,
        Some(Above {
            before: 2,
            count: 1
        })
    );
    assert_eq!(store.search("two", 10).unwrap(), []);
}

#[test]
fn what_became_of_lines_adds_up_over_runs() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hearsay.db");
    let count = |greeted, lost, cause: Option<&str>| Count {
        greeted,
        lost,
        up: Duration::from_millis(1_500),
        trips: 2,
        trips_took: Duration::from_micros(700),
        recent: Trips::of_text("300 - 400"),
        cause: cause.map(str::to_owned),
        ..Count::default()
    };
    let mut first = Store::open(&path).unwrap();
    first
        .count_line("home", &count(1, 0, None), Wall(10))
        .unwrap();
    first
        .count_line("home", &count(0, 1, Some("gone")), Wall(20))
        .unwrap();
    drop(first);
    let mut second = Store::open(&path).unwrap();
    second
        .count_line("spare", &count(1, 0, None), Wall(30))
        .unwrap();
    second
        .count_line("home", &count(2, 0, None), Wall(40))
        .unwrap();
    let mut home = count(3, 1, Some("gone"));
    (home.up, home.trips, home.trips_took) = (
        Duration::from_millis(4_500),
        6,
        Duration::from_micros(2_100),
    );
    home.recent = Trips::of_text("300 - 400 300 - 400 300 - 400");
    let stats = |backend: &str, since, used, count| LineStats {
        backend: backend.to_owned(),
        since: Wall(since),
        used: Wall(used),
        count,
    };
    assert_eq!(
        second.lines().unwrap(),
        [
            stats("home", 10, 40, home),
            stats("spare", 30, 30, count(1, 0, None))
        ]
    );
}

#[test]
fn what_was_heard_of_an_answer_is_kept_and_no_brain_is_told_more() {
    let (_folder, mut store) = store();
    write(&mut store, TALK, &said(2, Role::User, "what is tea"));
    let mut answer = said(3, Role::Assistant, "茶 is a drink.");
    answer.heard = Some("茶 is".len());
    write(&mut store, TALK, &answer);
    let (messages, _) = store.load(TALK, None, 9).unwrap();
    assert_eq!(
        messages.last().and_then(|answer| answer.heard),
        answer.heard
    );
    let told: Vec<String> = store
        .recall(TALK, 1000)
        .unwrap()
        .into_iter()
        .map(|one| one.text)
        .collect();
    assert_eq!(told, ["what is tea", "茶 is"]);
}

#[test]
fn the_times_of_turns_come_back_as_they_were() {
    let (_folder, mut store) = store();
    write(&mut store, TALK, &said(2, Role::User, "what is tea"));
    let turn = TurnTimes {
        turn: Some(TurnId(1)),
        stages: vec![("sent".into(), 0), ("heard".into(), 300)],
        outcome: "done".into(),
        at: Wall(1),
        said: vec![(700, "A drink.".into())],
        usage: Some(Usage {
            prompt: 3,
            completion: 2,
        }),
    };
    store.write_turn(TALK, &turn).unwrap();
    assert_eq!(store.turns(TALK).unwrap(), [turn]);
}

fn browsed(store: &Store, words: &str, limit: usize) -> (Vec<(String, Option<String>)>, bool) {
    let (entries, more) = store.browse(words, limit).unwrap();
    let shown = entries.into_iter().map(|entry| {
        let hit = entry
            .hit
            .map(|hit| format!("{} x{}", hit.excerpt, hit.count));
        (entry.summary.title, hit)
    });
    (shown.collect(), more)
}

#[test]
fn the_browser_lists_pinned_ones_first_and_finds_each_once_by_title_or_words() {
    let (_folder, mut store) = store();
    let [tea, rain, trip] = [1, 2, 3].map(ConversationId);
    for (n, conversation, text) in [
        (1, tea, "how long does tea take?"),
        (2, rain, "明天下雨吗"),
        (3, trip, "a trip"),
        (4, tea, "and white tea?"),
    ] {
        write(&mut store, conversation, &said(n, Role::User, text));
    }
    store.rename(trip, "the great tea journey 茶").unwrap();
    let title = |title: &str| (title.to_owned(), None::<String>);
    let all = [
        "how long does tea take?",
        "the great tea journey 茶",
        "明天下雨吗",
    ]
    .map(title);
    assert_eq!(browsed(&store, " ", 9), (all.to_vec(), false));
    assert_eq!(browsed(&store, "", 1), (all[..1].to_vec(), true));
    assert_eq!(store.pin(rain).ok(), Some(true));
    assert_eq!(browsed(&store, "", 1), (vec![title("明天下雨吗")], true));
    assert_eq!(store.pin(rain).ok(), Some(false));
    let hit = (
        "how long does tea take?".to_owned(),
        Some("and white tea? x2".to_owned()),
    );
    assert_eq!(
        browsed(&store, "tea", 9),
        (vec![title("the great tea journey 茶"), hit.clone()], false)
    );
    assert_eq!(
        browsed(&store, "茶", 9).0,
        [title("the great tea journey 茶")]
    );
    assert_eq!(browsed(&store, "!?", 9).0, []);
    // Another name, and the old one is found no more.
    store.rename(trip, "").unwrap();
    assert_eq!(browsed(&store, "tea", 9).0, [hit]);
}

#[test]
fn what_is_deleted_is_nowhere_to_be_seen_until_it_is_brought_back() {
    let (_folder, mut store) = store();
    let other = ConversationId(2);
    write(&mut store, TALK, &said(1, Role::User, "green tea"));
    write(&mut store, other, &said(2, Role::User, "black tea"));
    store.hide(TALK, Wall(70)).unwrap();
    assert_eq!(browsed(&store, "", 9).0.len(), 1);
    assert_eq!(browsed(&store, "tea", 9).0.len(), 1);
    assert_eq!(store.search("tea", 9).unwrap().len(), 1);
    assert_eq!(store.list(9).unwrap().len(), 1);
    assert!(matches!(store.summary(TALK), Err(StoreError::Unknown)));
    assert_eq!(store.begins_with(&TALK.to_string()).unwrap(), []);
    assert_eq!(store.bring_back(Wall(71)).unwrap(), None);
    let back = store.bring_back(Wall(70)).unwrap();
    assert_eq!(back.map(|summary| summary.id), Some(TALK));
    assert_eq!(browsed(&store, "tea", 9).0.len(), 2);
    // Whoever goes on talking in one takes it back as well.
    store.hide(TALK, Wall(80)).unwrap();
    write(&mut store, TALK, &said(3, Role::User, "and more"));
    assert_eq!(store.purge(Wall(99)).unwrap(), []);
    assert_eq!(store.load(TALK, None, 9).unwrap().0.len(), 2);
}

#[test]
fn a_glimpse_is_the_end_or_what_was_said_from_a_message_on() {
    use crate::core::browser::Peek;
    let (_folder, mut store) = store();
    for n in 1..=9 {
        write(&mut store, TALK, &said(n, Role::User, &format!("{n}")));
    }
    write(
        &mut store,
        TALK,
        &said(10, Role::User, &"long ".repeat(9000)),
    );
    let said = |message: Option<u128>, limit| -> Vec<String> {
        let peek = Peek {
            conversation: TALK,
            message: message.map(MessageId),
        };
        let glimpse = store.peek(peek, limit).unwrap();
        glimpse.said.into_iter().map(|(_, text)| text).collect()
    };
    assert_eq!(said(Some(3), 2), ["3", "4"]);
    let end = said(None, 2);
    assert_eq!((end[0].as_str(), end[1].len()), ("9", 2000));
    let reaching = |n| store.reaching(TALK, MessageId(n), 2).unwrap();
    assert_eq!((reaching(4), reaching(99)), (26, 2));
}
