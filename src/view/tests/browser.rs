//! The earlier conversations.

use super::*;
use crate::core::browser::{Entry, FIRST, Glimpse, Hit, Peek, Sought};
use crate::core::ids::{ConversationId, MessageId};
use crate::core::record::Summary;
use crate::core::transcript::Role as Speaker;
use insta::assert_snapshot;

impl Scene {
    /// The store answers with these titles, each with what was found in it.
    pub(super) fn listed(&mut self, words: &str, titles: &[(&str, Option<&str>)]) {
        let entries = (0_u8..).zip(titles).map(|(n, (title, found))| Entry {
            summary: Summary {
                id: match n {
                    0 => self.model.conversation.id,
                    n => ConversationId(n.into()),
                },
                title: (*title).into(),
                persona: None,
                started: Wall(1_795_000_000_000),
                used: Wall(1_795_000_000_000 - i64::from(n) * 86_400_000),
                messages: 4 + usize::from(n),
                forgotten: 0,
            },
            pinned: n == 1,
            hit: found.map(|found| Hit {
                message: MessageId(n.into()),
                role: Speaker::User,
                excerpt: found.into(),
                marks: (found.match_indices(words))
                    .map(|(at, word)| (at, at + word.len()))
                    .collect(),
                count: usize::from(n),
            }),
        });
        let entries: Vec<Entry> = entries.collect();
        let of = |entry: &Entry| Peek {
            conversation: entry.summary.id,
            message: entry.hit.as_ref().map(|hit| hit.message),
        };
        let first = entries.first().map(of);
        let sought = Sought {
            words: words.into(),
            limit: FIRST,
        };
        self.tell(Msg::Kept(Kept::Browsed {
            sought,
            entries,
            more: false,
        }));
        if let Some(of) = first {
            self.glimpsed(of, titles.first().map_or("", |(title, _)| title));
        }
    }

    pub(super) fn glimpsed(&mut self, of: Peek, text: &str) {
        let said = vec![
            (Speaker::User, text.to_owned()),
            (
                Speaker::Assistant,
                format!(
                    "**Yes**, {text}:\n\n- one 👨‍👩‍👧\n- 火锅 and a longer line that has to be wrapped"
                ),
            ),
            (Speaker::Note, "timer: tea".to_owned()),
        ];
        self.tell(Msg::Kept(Kept::Peeked(Glimpse { of, said })));
    }
}

const TITLES: [(&str, Option<&str>); 5] = [
    ("what is a good day?", None),
    ("plan three days in Kyoto", None),
    (
        "周末去哪里玩比较好？我们一家三口👨‍👩‍👧，不想走太远，也不想花太多钱，有什么推荐的地方吗",
        None,
    ),
    (
        "a very long first sentence that goes on and on until no list could hold all of it",
        None,
    ),
    ("", None),
];

#[test]
fn earlier_conversations_stand_beside_a_glimpse_of_the_chosen_one() {
    for (name, columns, rows) in [
        ("browser_100x30", 100, 30),
        ("browser_80x24", 80, 24),
        ("browser_40x12", 40, 12),
    ] {
        let mut scene = Scene::online(columns, rows);
        scene.press("ctrl-o");
        scene.listed("", &TITLES);
        assert_snapshot!(name, scene.picture());
    }
}

#[test]
fn what_is_found_is_shown_where_it_was_said() {
    let found = [
        (
            "three days",
            Some("…a day in Kyoto begins with tea, and tea again\nat noon…"),
        ),
        (
            "周末去哪里玩",
            Some("我们先喝 tea，然后去公园，晚上再吃火锅；第二天也许去更远一点的地方"),
        ),
        (
            "far away",
            Some("…it takes a good many words before anybody comes to the point, which is tea…"),
        ),
        ("tea \u{1b}[2J\u{202e}", Some("a\u{1b}]0;x\u{7} tea")),
    ];
    for (name, columns, rows, lang) in [
        ("browser_found_100x30_zh", 100, 30, "zh"),
        ("browser_found_40x12", 40, 12, "en"),
    ] {
        let mut scene = Scene::online(columns, rows);
        scene.tell(Msg::Act(format!("use-lang {lang}").parse().unwrap()));
        scene.tell(Msg::Act("find tea".parse().unwrap()));
        scene.listed("tea", &found);
        scene.press("down");
        assert_snapshot!(name, scene.picture());
    }
}

#[test]
fn a_title_is_written_where_the_search_was() {
    let mut scene = Scene::online(80, 24);
    scene.press("ctrl-o");
    scene.listed("", &TITLES);
    scene.press("down");
    scene.press("f2");
    scene.write(" 春天");
    assert_snapshot!("browser_title_80x24", scene.picture());
}

#[test]
fn an_empty_history_and_words_that_nobody_said_are_told_apart() {
    let mut scene = Scene::online(60, 14);
    scene.press("ctrl-o");
    scene.listed("", &[]);
    assert!(scene.picture().contains("no conversation is stored yet"));
    scene.write("xyzzy");
    scene.listed("xyzzy", &[]);
    assert!(scene.picture().contains("nothing matches"));
}

#[test]
fn what_is_found_in_a_conversation_is_marked_and_brought_onto_the_screen() {
    for (name, columns, rows) in [("find_80x24", 80, 24), ("find_40x12", 40, 12)] {
        let mut scene = Scene::online(columns, rows);
        scene.exchange(
            "how is tea made? 怎么泡茶",
            "Boil water.\n\n- green **tea**: 80 °C\n- 茶",
        );
        scene.exchange("and\nthen\nwhat\nof\nthe\npot?", &"a line\n\n".repeat(20));
        scene.press("ctrl-s");
        scene.write("tea");
        scene.draw();
        assert_snapshot!(name, scene.picture_with_roles());
    }
    let mut scene = Scene::online(60, 12);
    scene.tell(Msg::Act("use-lang zh".parse().unwrap()));
    scene.exchange("怎么泡茶？", "用茶壶。");
    scene.press("ctrl-s");
    assert_snapshot!("find_begun_60x12_zh", scene.picture());
    scene.write("茶");
    scene.press("up");
    assert_snapshot!("find_60x12_zh", scene.picture());
}
