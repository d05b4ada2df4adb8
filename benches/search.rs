//! Measures the store with 100,000 messages: searches (target: 50 ms at most), loading the end of
//! a conversation of 10,000 (5 ms at most), and writing one message; and the browser over 100,000
//! conversations: opening it (50 ms at most), and each key of a search (30 ms at most).
//!
//! `cargo bench --bench search` prints one line each: median and 95th percentile.

use hearsay::core::browser::{FIRST, Peek};
use hearsay::core::ids::{ConversationId, MessageId, Seed};
use hearsay::core::record::{Keep, Kept};
use hearsay::core::time::Wall;
use hearsay::core::transcript::{Ending, Message, Role};
use hearsay::store::Store;
use std::io::{self, Write};
use std::time::{Duration, Instant};

const MESSAGES: usize = 100_000;
/// Messages of the one long conversation among them.
const LONG: usize = 10_000;
/// Messages of each other conversation.
const SHORT: usize = 30;
const TARGET: Duration = Duration::from_millis(50);
/// Conversations in the store that is browsed, and messages in each.
const CONVERSATIONS: usize = 100_000;
const EACH: usize = 4;
/// What a key may cost the browser, of the store's part.
const A_KEY: Duration = Duration::from_millis(30);

/// Frequent words first, and drawn more often, as in real text.
const ENGLISH: &[&str] = &[
    "the",
    "to",
    "and",
    "a",
    "of",
    "is",
    "you",
    "that",
    "it",
    "in",
    "for",
    "can",
    "what",
    "this",
    "time",
    "tomorrow",
    "weather",
    "train",
    "table",
    "timer",
    "tea",
    "translate",
    "thermometer",
    "theatre",
    "topic",
    "together",
    "travel",
    "Tuesday",
    "telescope",
    "umbrella",
];
const CHINESE: &[&str] = &[
    "的",
    "了",
    "是",
    "我",
    "你",
    "在",
    "有",
    "不",
    "这",
    "吗",
    "什么",
    "可以",
    "时间",
    "明天",
    "天气",
    "下雨",
    "火车",
    "桌子",
    "提醒",
    "翻译",
    "一起",
    "旅行",
    "星期二",
    "望远镜",
    "雨伞",
];

fn words(seed: &mut Seed, chinese: bool) -> String {
    let table = if chinese { CHINESE } else { ENGLISH };
    let mut text = String::new();
    for _ in 0..20 + seed.draw() % 40 {
        let mut any = || seed.draw() as usize % table.len();
        let word = table[any().min(any())];
        text.push_str(word);
        match seed.draw() % 8 {
            0 if chinese => text.push('，'),
            _ if chinese => {}
            _ => text.push(' '),
        }
    }
    // A word of its own in every message, as names and figures are.
    format!("{text} {:x}", seed.draw() % 50_000)
}

fn message(seed: &mut Seed, at: usize) -> Message {
    let role = if at.is_multiple_of(2) {
        Role::User
    } else {
        Role::Assistant
    };
    let mut message = Message::new(seed.message(), seed.turn(), role, Wall(at as i64 * 60_000));
    message.text = words(seed, at % 4 < 2);
    message.ending = Ending::Complete;
    message
}

#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
fn now() -> Instant {
    Instant::now()
}

fn measure(times: usize, mut run: impl FnMut()) -> (Duration, Duration) {
    let mut taken: Vec<Duration> = (0..times)
        .map(|_| {
            let start = now();
            run();
            start.elapsed()
        })
        .collect();
    taken.sort_unstable();
    (taken[times / 2], taken[times * 95 / 100])
}

fn main() -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("bench.db");
    let mut seed = Seed::new(20);
    let mut store = Store::open(&path)?;
    let long: ConversationId = seed.conversation();
    let mut short = long;
    let start = now();
    // Safe writes would measure the disk a hundred thousand times.
    let messages = (0..MESSAGES).map(|at| {
        if at.is_multiple_of(SHORT) {
            short = seed.conversation();
        }
        let conversation = if at % (MESSAGES / LONG) == 0 {
            long
        } else {
            short
        };
        let mut message = message(&mut seed, at);
        if at == 7 {
            message.text.push_str(" once upon a xylophone 鲸鱼");
        }
        (conversation, None, message)
    });
    store.write_messages(messages)?;
    let size = std::fs::metadata(&path)?.len() / (1 << 20);
    writeln!(
        out,
        "{MESSAGES} messages in {:.1?}, {size} MiB",
        start.elapsed()
    )?;

    let mut slow = 0;
    for words in [
        "xylophone",
        "the",
        "the weather",
        "t",
        "th",
        "the*",
        "weath",
        "umbrella telescope",
        "鲸鱼",
        "的",
        "天",
        "的了",
        "明天",
        "天明",
        "下雨 雨伞 望远镜",
        "雨 tea",
        "absentword",
        "伞远",
    ] {
        let mut hits = 0;
        let (median, tail) = measure(40, || hits = store.search(words, 50).map_or(0, |f| f.len()));
        slow += usize::from(median > TARGET);
        writeln!(
            out,
            "search {words:20} {hits:3} hits  median {median:9.2?}  p95 {tail:9.2?}"
        )?;
    }
    let load = Keep::Load {
        conversation: long,
        before: None,
        limit: 200,
        back_to: None,
    };
    let (median, tail) = measure(40, || {
        let kept = store.carry_out(load.clone());
        assert!(matches!(kept, Some(Kept::Loaded { messages, .. }) if messages.len() == 200));
    });
    writeln!(
        out,
        "load the last 200 of {LONG}          median {median:9.2?}  p95 {tail:9.2?}"
    )?;
    let (median, tail) = measure(40, || {
        assert!(store.list(50).is_ok_and(|listed| listed.len() == 50));
    });
    writeln!(
        out,
        "list 50 conversations             median {median:9.2?}  p95 {tail:9.2?}"
    )?;
    let mut next = MESSAGES;
    let (median, tail) = measure(40, || {
        next += 1;
        let mut message = message(&mut seed, next);
        message.id = MessageId(next as u128);
        let keep = Keep::Message {
            conversation: long,
            persona: None,
            message,
        };
        assert!(matches!(store.carry_out(keep), Some(Kept::Message { .. })));
    });
    writeln!(
        out,
        "write one message, safely         median {median:9.2?}  p95 {tail:9.2?}"
    )?;
    drop(store);
    let (median, tail) = measure(40, || drop(Store::open(&path)));
    writeln!(
        out,
        "open and close                    median {median:9.2?}  p95 {tail:9.2?}"
    )?;
    if slow > 0 {
        writeln!(out, "{slow} searches took longer than {TARGET:?}")?;
    }
    browse(&mut out)
}

/// Opens the browser over many conversations (target: 50 ms at most, with the file), types a word
/// (30 ms a key) and looks into what is found.
fn browse(out: &mut impl Write) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("browse.db");
    let mut seed = Seed::new(21);
    let mut store = Store::open(&path)?;
    let start = now();
    let mut conversation = seed.conversation();
    for part in 0..10 {
        let all = CONVERSATIONS * EACH / 10;
        let messages = (part * all..(part + 1) * all).map(|at| {
            if at.is_multiple_of(EACH) {
                conversation = seed.conversation();
            }
            (conversation, None, message(&mut seed, at))
        });
        store.write_messages(messages)?;
    }
    for entry in store.browse("", 1000)?.0 {
        store.rename(entry.summary.id, "a journey of a name, 一次旅行")?;
    }
    writeln!(
        out,
        "{CONVERSATIONS} conversations in {:.1?}, {} MiB",
        start.elapsed(),
        std::fs::metadata(&path)?.len() / (1 << 20)
    )?;
    drop(store);
    let (median, tail) = measure(40, || {
        let opened = Store::open(&path).and_then(|store| store.browse("", FIRST));
        assert!(opened.is_ok_and(|(entries, more)| entries.len() == FIRST && more));
    });
    writeln!(
        out,
        "open the file and the browser     median {median:9.2?}  p95 {tail:9.2?}"
    )?;
    let store = Store::open(&path)?;
    let mut slow = 0;
    for word in [
        "weather",
        "the journey",
        "望远镜和",
        "旅行 tea",
        "absentword",
    ] {
        let mut typed = String::new();
        let (mut worst, mut worst_tail) = (Duration::ZERO, Duration::ZERO);
        for letter in word.chars() {
            typed.push(letter);
            let (median, tail) = measure(20, || drop(store.browse(&typed, FIRST)));
            worst = worst.max(median);
            worst_tail = worst_tail.max(tail);
        }
        slow += usize::from(worst > A_KEY);
        writeln!(
            out,
            "type {word:15} slowest key  median {worst:9.2?}  p95 {worst_tail:9.2?}"
        )?;
    }
    let (entries, _) = store.browse("tea", FIRST)?;
    let mut next = entries.iter().cycle();
    let (median, tail) = measure(40, || {
        let peek = next.next().map(|entry| Peek {
            conversation: entry.summary.id,
            message: entry.hit.as_ref().map(|hit| hit.message),
        });
        assert!(peek.is_some_and(|peek| store.peek(peek, 12).is_ok()));
    });
    writeln!(
        out,
        "a glimpse of one                  median {median:9.2?}  p95 {tail:9.2?}"
    )?;
    if slow > 0 {
        writeln!(out, "{slow} words took longer than {A_KEY:?} a key")?;
    }
    Ok(())
}
