//! The strip below what a terminal keeps, and what it is told to keep.

use super::super::inline::{self, Scrollback, Strip};
use super::super::text::width;
use super::*;
use crate::core::backend::Trouble;
use proptest::prelude::*;

/// A terminal that keeps what it is told.
struct Kept {
    scene: Scene,
    scrollback: Scrollback,
    told: Vec<String>,
}

impl Kept {
    fn online(columns: u16, rows: u16) -> Self {
        Self {
            scene: Scene::online(columns, rows),
            scrollback: Scrollback::default(),
            told: vec![],
        }
    }

    fn frame(&mut self, over: bool) -> Strip {
        let size = self.scene.model.size;
        let (model, cache) = (&self.scene.model, &mut self.scene.cache);
        let strip = inline::draw(model, cache, &mut self.scrollback, size, over);
        let told = rows(&strip.told).into_iter();
        self.told.extend(told.map(|row| row.trim_end().to_owned()));
        assert!(strip.shown.area.height <= size.1.max(1));
        assert!(strip.shown.area.contains(strip.caret) || size.0 < 3);
        for row in rows(&strip.told).iter().chain(&rows(&strip.shown)) {
            assert!(width(row) <= usize::from(size.0), "{row}");
        }
        strip
    }

    /// What is in the terminal by now: what was told, a line, and the strip.
    fn picture(&mut self) -> String {
        let strip = self.frame(false);
        let mut picture = self.told.clone();
        picture.push("~~~".to_owned());
        let shown = rows(&strip.shown).into_iter();
        picture.extend(shown.map(|row| row.trim_end().to_owned()));
        picture.push(String::new());
        picture.join("\n")
    }
}

#[test]
fn what_is_finished_is_told_once_and_what_grows_is_shown() {
    let mut kept = Kept::online(60, 16);
    insta::assert_snapshot!("inline_empty", kept.picture());
    kept.scene.ask("你好 👩‍👩‍👧, what is tea?");
    insta::assert_snapshot!("inline_asked", kept.picture());
    kept.scene.think("Leaves.");
    kept.scene.say("Tea is **a drink**. ");
    insta::assert_snapshot!("inline_answering", kept.picture());
    kept.scene.done(by_llama());
    kept.scene.write("and 咖啡");
    insta::assert_snapshot!("inline_answered", kept.picture());
    let told = kept.told.len();
    kept.picture();
    assert_eq!(kept.told.len(), told);
}

#[test]
fn a_long_answer_goes_up_as_it_grows_and_the_end_of_it_is_seen() {
    let mut kept = Kept::online(40, 12);
    kept.scene.ask("count");
    for n in 1..40 {
        kept.scene.say(&format!("{n}\n\n"));
        let strip = kept.frame(false);
        let shown = rows(&strip.shown).join("\n");
        assert!(shown.contains(&n.to_string()), "{shown}");
    }
    kept.scene.done(by_llama());
    kept.frame(false);
    let numbers = kept.told.iter().filter_map(|row| row.trim().parse().ok());
    assert_eq!(numbers.collect::<Vec<u32>>(), (1..40).collect::<Vec<_>>());
}

#[test]
fn notices_and_faults_are_in_the_strip() {
    let mut kept = Kept::online(40, 12);
    kept.scene
        .tell(Msg::Warning("the disk is nearly full".into()));
    insta::assert_snapshot!("inline_notice", kept.picture());
    kept.scene.ask("hello");
    let turn = kept.scene.turn();
    kept.scene.hear(Down::Trouble {
        turn,
        trouble: Trouble {
            what: "the model server is gone".into(),
            hint: Some("start it again".into()),
            ..Trouble::default()
        },
    });
    kept.scene.store();
    insta::assert_snapshot!("inline_fault", kept.picture());
}

#[test]
fn what_needs_the_screen_says_so() {
    let mut scene = Scene::online(60, 16);
    scene.exchange("one", &"line\n\n".repeat(60));
    let mut whole = vec![];
    for chord in ["f1", "esc", "ctrl-p", "esc", "pageup"] {
        scene.press(chord);
        whole.push(inline::whole(&scene.model));
        if inline::whole(&scene.model) {
            scene.draw();
        }
    }
    assert_eq!(whole, [true, false, true, false, true]);
    assert!(inline::whole(&scene.model));
    scene.press("ctrl-end");
    scene.draw();
    assert!(!inline::whole(&scene.model));
}

#[test]
fn another_conversation_begins_with_its_name() {
    let mut kept = Kept::online(40, 12);
    kept.scene.exchange("one", "first");
    kept.frame(false);
    kept.scene.tell(Msg::Act("new".parse().unwrap()));
    kept.frame(false);
    kept.scene.exchange("two 二", "second");
    insta::assert_snapshot!("inline_another", kept.picture());
}

#[test]
fn what_is_unfinished_is_told_at_the_end() {
    let mut kept = Kept::online(40, 12);
    kept.scene.ask("one");
    kept.scene.say("half of an ans");
    kept.frame(false);
    kept.scene.tell(Msg::Terminate);
    kept.frame(true);
    let all = kept.told.join("\n");
    assert!(
        all.contains("one") && all.contains("half of an ans"),
        "{all}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever the size, the pieces and the moments of drawing: what is told is the conversation.
    #[test]
    fn what_is_told_is_what_the_whole_screen_would_show(
        columns in 12..60_u16,
        height in 4..20_u16,
        answers in prop::collection::vec(
            prop::collection::vec("[a-z 好]{0,30}(\n\n)?", 1..12), 1..4),
        draws in prop::collection::vec(any::<bool>(), 1..20),
    ) {
        let mut kept = Kept::online(columns, height);
        kept.frame(false);
        let mut draw = draws.iter().cycle();
        for (nth, pieces) in answers.iter().enumerate() {
            kept.scene.ask(&format!("question {nth}"));
            kept.scene.say("well, ");
            for piece in pieces {
                kept.scene.say(piece);
                if *draw.next().unwrap() {
                    kept.frame(false);
                }
            }
            kept.scene.done(by_llama());
            kept.frame(false);
        }
        kept.scene.model.size = (columns, 2000);
        kept.scene.model.toasts.clear();
        let (buffer, _) = kept.scene.draw();
        let all = rows(&buffer);
        let full = |rows: &[String]| -> Vec<String> {
            let rows = rows.iter().map(|row| row.trim_end().to_owned());
            rows.filter(|row| !row.is_empty()).collect()
        };
        prop_assert_eq!(full(&kept.told), full(&all[2..all.len() - 3]));
    }

    #[test]
    fn no_size_is_too_small_or_too_large(columns in 1..501_u16, height in 1..201_u16) {
        let mut kept = Kept::online(columns, height);
        kept.frame(false);
        kept.scene.ask("你好 👩‍👩‍👧 question");
        kept.frame(false);
        kept.scene.say("| a | b |\n|---|---|\n| 好 | c |\n\n- one\n- two 👍🏽");
        kept.scene.tell(Msg::Warning("a warning".into()));
        kept.frame(false);
        kept.scene.done(by_llama());
        kept.frame(true);
    }
}
