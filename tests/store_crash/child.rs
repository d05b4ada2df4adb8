//! What the other process does. It knows only its variables.

use hearsay::core::ids::{ConversationId, MessageId, Seed, TurnId};
use hearsay::core::record::{Keep, Kept, StoreTrouble};
use hearsay::core::time::Wall;
use hearsay::core::transcript::{Ending, Message, Role};
use hearsay::store::{self, Store, StoreError};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

/// The variables that tell a child what to do.
pub(crate) const PART: &str = "HEARSAY_CRASH_PART";
pub(crate) const FOLDER: &str = "HEARSAY_CRASH_FOLDER";
pub(crate) const WRITER: &str = "HEARSAY_CRASH_WRITER";
pub(crate) const HOW_MANY: &str = "HEARSAY_CRASH_HOW_MANY";

/// A child says so when it has done its part.
pub(crate) const DONE: &str = "the part is done";

/// All children write into one conversation.
pub(crate) const CONVERSATION: ConversationId = ConversationId(7);

/// Revisions of a message: as it arrives, longer, and complete.
const REVISIONS: u32 = 3;
/// Wishes that are under way at once.
const UNDER_WAY: usize = 4;

#[test]
#[ignore = "the other tests of this file start it in a process of its own"]
fn child() {
    let Ok(part) = std::env::var(PART) else {
        return;
    };
    let path = PathBuf::from(std::env::var_os(FOLDER).unwrap()).join("x.db");
    match part.as_str() {
        "write" => write(&path),
        "fill" => fill(&path),
        "limit" => limit(&path),
        "read_only" => read_only(&path),
        part => panic!("no such part: {part}"),
    }
    println!("{DONE}");
}

/// A message that says itself what must be in it.
pub(crate) fn message(id: MessageId, revision: u32) -> Message {
    let mut message = Message::new(id, TurnId(id.0), Role::Assistant, Wall(1));
    message.revision = revision;
    message.text = word(id);
    for n in 0..=revision * 40 {
        write!(message.text, " 第{n}句 sentence {n}").unwrap();
    }
    message.ending = match revision {
        REVISIONS => Ending::Complete,
        _ => Ending::Open,
    };
    message
}

/// A word that only this message holds.
pub(crate) fn word(id: MessageId) -> String {
    format!("word{:032x}", id.0)
}

/// The file is no worse than SQLite and its index of words can be.
pub(crate) fn assert_sound(path: &Path) {
    let connection = rusqlite::Connection::open(path).unwrap();
    let sound: String = connection
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(sound, "ok");
    let broken: i64 = connection
        .query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(broken, 0);
    connection
        .execute(
            "INSERT INTO messages_fts (messages_fts) VALUES ('integrity-check')",
            [],
        )
        .unwrap();
    let unlike: (i64, i64) = connection
        .query_row(
            "SELECT (SELECT count(*) FROM messages), (SELECT count(*) FROM messages_fts)",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .unwrap();
    assert_eq!(unlike.0, unlike.1, "messages, and messages in the index");
}

fn ids() -> impl Iterator<Item = MessageId> {
    let name = std::env::var(WRITER).unwrap_or_default();
    let seed = name
        .bytes()
        .fold(u64::from(std::process::id()), |seed, byte| {
            seed.wrapping_mul(31).wrapping_add(u64::from(byte))
        });
    let mut seed = Seed::new(seed);
    std::iter::repeat_with(move || seed.message())
}

fn keep(message: Message) -> Keep {
    Keep::Message {
        conversation: CONVERSATION,
        persona: None,
        message,
    }
}

/// Writes as the program does: through the store's thread, each message in three revisions.
fn write(path: &Path) {
    let how_many = std::env::var(HOW_MANY).map_or(usize::MAX, |n| n.parse().unwrap());
    let (done, finished) = mpsc::channel();
    let handle = store::spawn(path.to_path_buf(), move |kept| {
        let Kept::Message { message, revision } = kept else {
            panic!("{kept:?}");
        };
        let line = format!("stored {message} {revision}.\n");
        std::io::stderr().write_all(line.as_bytes()).unwrap();
        done.send(()).unwrap();
    });
    let mut under_way = 0;
    for id in ids().take(how_many) {
        for revision in 1..=REVISIONS {
            if under_way == UNDER_WAY {
                finished.recv().unwrap();
            } else {
                under_way += 1;
            }
            handle.ask(keep(message(id, revision)));
        }
    }
    assert!(handle.close(Duration::from_mins(1)));
}

/// Writes until the store says no, and answers with what it stored and why it stopped.
fn write_until_refused(store: &mut Store) -> (BTreeSet<MessageId>, StoreTrouble) {
    let mut stored = BTreeSet::new();
    for id in ids().take(10_000) {
        match store.carry_out(keep(message(id, REVISIONS))) {
            Some(Kept::Message { .. }) => stored.insert(id),
            Some(Kept::Trouble { trouble, .. }) => return (stored, trouble),
            other => panic!("{other:?}"),
        };
    }
    panic!("nothing stopped the store");
}

fn assert_holds(store: &Store, stored: &BTreeSet<MessageId>) {
    let (found, _) = store.load(CONVERSATION, None, usize::MAX).unwrap();
    let found: BTreeSet<MessageId> = found.iter().map(|message| message.id).collect();
    assert_eq!(&found, stored);
}

fn fill(path: &Path) {
    let ballast = path.with_file_name("ballast");
    fs::write(&ballast, vec![1; 200 * 1024]).unwrap();
    let mut store = Store::open(path).unwrap();
    let (mut stored, trouble) = write_until_refused(&mut store);
    assert_eq!(trouble, StoreTrouble::Full);
    assert_holds(&store, &stored);
    drop(store);
    println!("full after {} messages", stored.len());

    // The next start, on a disk without a free byte.
    let rest = path.with_file_name("rest");
    let mut filler = fs::File::create(&rest).unwrap();
    while filler.write_all(&[1; 512]).is_ok() {}
    let mut store = Store::open(path).unwrap();
    assert_holds(&store, &stored);
    // So many were never written.
    let id = ids().nth(20_000).unwrap();
    let refused = store.carry_out(keep(message(id, 1)));
    assert!(
        matches!(
            &refused,
            Some(Kept::Trouble {
                trouble: StoreTrouble::Full,
                ..
            })
        ),
        "{refused:?}"
    );
    drop(store);

    fs::remove_file(rest).unwrap();
    fs::remove_file(ballast).unwrap();
    let mut store = Store::open(path).unwrap();
    assert!(!store.is_limited());
    let kept = store.carry_out(keep(message(id, REVISIONS)));
    assert!(matches!(kept, Some(Kept::Message { .. })), "{kept:?}");
    stored.insert(id);
    assert_holds(&store, &stored);
    drop(store);
    assert_sound(path);
}

fn limit(path: &Path) {
    let mut store = Store::open(path).unwrap();
    let (stored, trouble) = write_until_refused(&mut store);
    println!("refused after {} messages: {trouble:?}", stored.len());
    assert_holds(&store, &stored);
    drop(store);
    assert_sound(path);
}

fn read_only(path: &Path) {
    let mut store = Store::open(path).unwrap();
    assert!(store.is_limited());
    assert_eq!(store.load(CONVERSATION, None, 10).unwrap().0.len(), 3);
    let (stored, trouble) = write_until_refused(&mut store);
    assert_eq!((stored.len(), trouble), (0, StoreTrouble::ReadOnly));

    let other = path.with_file_name("other.db");
    let error = Store::open(&other).expect_err("nothing can be made here");
    assert!(matches!(error, StoreError::ReadOnly { .. }), "{error}");
    assert_eq!(
        error.to_string(),
        format!("`{}` cannot be written", other.display())
    );
}
