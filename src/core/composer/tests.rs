use super::*;
use proptest::prelude::*;
use unicode_segmentation::UnicodeSegmentation;

/// A composer from a picture in which `|` is the caret.
fn composer(shown: &str) -> Composer {
    let mut composer = Composer::default();
    composer.restore_draft(&shown.replace('|', ""));
    composer.caret = shown.find('|').expect("a caret in the picture");
    composer
}

fn shown(composer: &Composer) -> String {
    let (before, after) = composer.text().split_at(composer.caret());
    format!("{before}|{after}")
}

fn after(picture: &str, edits: &[Plain]) -> String {
    let mut composer = composer(picture);
    for edit in edits {
        let _ = composer.apply(*edit);
    }
    shown(&composer)
}

fn typed(composer: &mut Composer, text: &str) {
    for grapheme in text.graphemes(true) {
        composer.insert(grapheme);
    }
}

const EDITS: &[Plain] = &[
    Plain::Newline,
    Plain::Left,
    Plain::Right,
    Plain::Up,
    Plain::Down,
    Plain::WordLeft,
    Plain::WordRight,
    Plain::LineStart,
    Plain::LineEnd,
    Plain::TextStart,
    Plain::TextEnd,
    Plain::Backspace,
    Plain::DeleteRight,
    Plain::DeleteWordLeft,
    Plain::DeleteWordRight,
    Plain::KillToStart,
    Plain::KillToEnd,
    Plain::Yank,
    Plain::Transpose,
    Plain::Undo,
    Plain::Redo,
    Plain::OlderInput,
    Plain::NewerInput,
];

#[test]
fn every_edit_is_handled_and_nothing_else_is() {
    for action in Plain::ALL {
        let mut composer = composer("one\ntw|o\nthree");
        let applied = composer.apply(*action);
        assert_eq!(
            applied != Applied::Unhandled,
            EDITS.contains(action),
            "{}",
            action.name()
        );
    }
}

#[test]
fn backspace_removes_exactly_one_grapheme() {
    for grapheme in [
        "a",
        "e\u{301}",
        "你",
        "한",
        "\u{1112}\u{1161}\u{11ab}",
        "👍🏽",
        "👩‍👩‍👧",
        "❤\u{fe0f}",
        "🇩🇪",
        "क्षि",
        "\n",
        "\t",
    ] {
        for left in ["", "x", "你", "🇫🇷", "👧"] {
            let picture = format!("{left}{grapheme}|.");
            assert_eq!(
                after(&picture, &[Plain::Backspace]),
                format!("{left}|."),
                "{picture:?}"
            );
            let picture = format!("{left}|{grapheme}.");
            assert_eq!(
                after(&picture, &[Plain::DeleteRight]),
                format!("{left}|."),
                "{picture:?}"
            );
        }
    }
}

#[test]
fn each_edit_does_what_its_name_says() {
    use Plain::{
        Backspace, DeleteRight, DeleteWordLeft, DeleteWordRight, Down, KillToEnd, KillToStart,
        Left, LineEnd, LineStart, Newline, Right, TextEnd, TextStart, Transpose, Up, WordLeft,
        WordRight, Yank,
    };
    for (before, edits, expected) in [
        ("ab|", &[Left][..], "a|b"),
        ("|ab", &[Left], "|ab"),
        ("👩‍👩‍👧|b", &[Left], "|👩‍👩‍👧b"),
        ("|🇩🇪🇫🇷", &[Right], "🇩🇪|🇫🇷"),
        ("a|b", &[Newline], "a\n|b"),
        ("one two|", &[WordLeft], "one |two"),
        ("one| two", &[WordRight], "one two|"),
        ("a\nbc|d\ne", &[LineStart], "a\n|bcd\ne"),
        ("a\nb|cd\ne", &[LineEnd], "a\nbcd|\ne"),
        ("a\nb|cd\ne", &[TextStart], "|a\nbcd\ne"),
        ("a\nb|cd\ne", &[TextEnd], "a\nbcd\ne|"),
        ("a\n|b", &[Backspace], "a|b"),
        ("a|\nb", &[DeleteRight], "a|b"),
        ("one two|.", &[DeleteWordLeft], "one |."),
        ("你好|", &[DeleteWordLeft], "你|"),
        ("|one two", &[DeleteWordRight], "| two"),
        ("a\nbc|d", &[KillToStart], "a\n|d"),
        ("a\n|d", &[KillToStart], "a|d"),
        ("a|bc\nd", &[KillToEnd], "a|\nd"),
        ("a|\nd", &[KillToEnd], "a|d"),
        ("a|bc\nd", &[KillToEnd, KillToEnd, Yank], "abc\n|d"),
        (
            "one two|",
            &[DeleteWordLeft, DeleteWordLeft, Yank],
            "one two|",
        ),
        (
            "one tw|o",
            &[DeleteWordLeft, KillToEnd, Yank, Yank],
            "one twotwo|",
        ),
        (
            "one two|",
            &[DeleteWordLeft, Left, DeleteWordLeft, Yank],
            "one| ",
        ),
        ("ab|", &[Transpose], "ba|"),
        ("a|bc", &[Transpose], "ba|c"),
        ("|ab", &[Transpose], "|ab"),
        ("x\n|ab", &[Transpose], "x\n|ab"),
        ("x\na|", &[Transpose], "x\na|"),
        ("👩‍👩‍👧|e\u{301}", &[Transpose], "e\u{301}👩‍👩‍👧|"),
        ("abc\nd|", &[Up], "a|bc\nd"),
        ("ab|c\nd\nefg", &[Down, Down], "abc\nd\nef|g"),
        ("ab|c\nd\nefg", &[Down, Left, Down], "abc\nd\n|efg"),
        ("你好|\nabcdef", &[Down], "你好\nabcd|ef"),
        ("abc|d\n你好", &[Down], "abcd\n你|好"),
        ("a|b\n", &[Down], "ab\n|"),
    ] {
        assert_eq!(after(before, edits), expected, "{before:?} {edits:?}");
    }
}

#[test]
fn up_and_down_leave_the_first_and_last_line_to_the_caller() {
    let mut composer = composer("on|e\ntwo");
    assert_eq!(composer.apply(Plain::Up), Applied::Unhandled);
    assert_eq!(composer.apply(Plain::Down), Applied::Moved);
    assert_eq!(composer.apply(Plain::Down), Applied::Unhandled);
    assert_eq!(shown(&composer), "one\ntw|o");
}

#[test]
fn what_glues_together_around_the_caret_is_stepped_over() {
    let mut composer = composer("👩|👧");
    composer.insert("\u{200d}");
    assert_eq!(shown(&composer), "👩\u{200d}👧|");
    assert_eq!(after("a|x\u{301}", &[Plain::DeleteRight]), "a|");
    let mut composer = self::composer("🇩x|🇪");
    assert_eq!(composer.apply(Plain::Backspace), Applied::Changed);
    assert_eq!(shown(&composer), "🇩🇪|");
    assert_eq!(composer.apply(Plain::Undo), Applied::Changed);
    assert_eq!(shown(&composer), "🇩x|🇪");
}

#[test]
fn a_typed_word_is_one_step_back_and_one_step_forth() {
    let mut composer = Composer::default();
    typed(&mut composer, "hello you\nall");
    let mut steps = vec![];
    while composer.apply(Plain::Undo) == Applied::Changed {
        steps.push(composer.text().to_owned());
    }
    assert_eq!(steps, ["hello you\n", "hello ", ""]);
    let mut steps = vec![];
    while composer.apply(Plain::Redo) == Applied::Changed {
        steps.push(composer.text().to_owned());
    }
    assert_eq!(steps, ["hello ", "hello you\n", "hello you\nall"]);
}

#[test]
fn a_held_backspace_or_delete_is_one_step_back() {
    for (picture, edit) in [
        ("👩‍👩‍👧e\u{301}你|.", Plain::Backspace),
        (".|👩‍👩‍👧e\u{301}你", Plain::DeleteRight),
    ] {
        let mut composer = composer(picture);
        for _ in 0..3 {
            let _ = composer.apply(edit);
        }
        assert_eq!(composer.text(), ".");
        let _ = composer.apply(Plain::Undo);
        assert_eq!(shown(&composer), picture);
        let _ = composer.apply(Plain::Redo);
        assert_eq!(composer.text(), ".");
    }
}

#[test]
fn moving_away_ends_the_typed_step_and_typing_forgets_what_was_undone() {
    let mut composer = Composer::default();
    typed(&mut composer, "ab");
    let _ = composer.apply(Plain::Left);
    let _ = composer.apply(Plain::Right);
    typed(&mut composer, "cd");
    let _ = composer.apply(Plain::Undo);
    assert_eq!(composer.text(), "ab");
    typed(&mut composer, "x");
    assert_eq!(composer.apply(Plain::Redo), Applied::Nothing);
    assert_eq!(composer.text(), "abx");
}

#[test]
fn only_the_last_two_hundred_steps_can_be_taken_back() {
    let mut composer = Composer::default();
    for _ in 0..300 {
        let _ = composer.paste("x");
    }
    while composer.apply(Plain::Undo) == Applied::Changed {}
    assert_eq!(composer.text().len(), 100);
}

#[test]
fn earlier_inputs_come_back_and_so_does_the_unfinished_one() {
    let mut composer = Composer::with_history(vec!["one".into(), "two".into(), "two".into()]);
    composer.insert("thr");
    let mut seen = vec![];
    for edit in [
        Plain::OlderInput,
        Plain::OlderInput,
        Plain::OlderInput,
        Plain::NewerInput,
        Plain::NewerInput,
        Plain::NewerInput,
    ] {
        let applied = composer.apply(edit);
        seen.push((
            applied,
            composer.text().to_owned(),
            composer.draft().to_owned(),
        ));
    }
    let thr = |applied, text: &str| (applied, text.to_owned(), "thr".to_owned());
    assert_eq!(
        seen,
        [
            thr(Applied::Changed, "two"),
            thr(Applied::Changed, "one"),
            thr(Applied::Nothing, "one"),
            thr(Applied::Changed, "two"),
            thr(Applied::Changed, "thr"),
            thr(Applied::Nothing, "thr"),
        ]
    );
}

#[test]
fn sending_a_recalled_input_keeps_the_unfinished_text_within_reach() {
    let mut composer = Composer::with_history(vec!["one".into()]);
    composer.insert("unfinished");
    let _ = composer.apply(Plain::OlderInput);
    composer.insert("!");
    assert_eq!(composer.draft(), "one!");
    assert_eq!(composer.take(), "one!");
    assert_eq!((composer.text(), composer.caret()), ("", 0));
    let _ = composer.apply(Plain::OlderInput);
    let _ = composer.apply(Plain::OlderInput);
    assert_eq!(composer.text(), "unfinished");
}

#[test]
fn the_newest_two_hundred_inputs_are_remembered_and_blank_ones_never() {
    let mut composer = Composer::default();
    for number in 0..250 {
        composer.insert(&number.to_string());
        let _ = composer.take();
        composer.insert("  \n");
        let _ = composer.take();
    }
    while composer.apply(Plain::OlderInput) == Applied::Changed {}
    assert_eq!(composer.text(), "50");
}

#[test]
fn a_paste_that_does_not_fit_says_how_much_was_dropped() {
    let mut composer = Composer::default();
    composer.insert("ab");
    let _ = composer.apply(Plain::Left);
    let pasted = composer.paste(&"你\r\n".repeat(400_000));
    // 1,600,000 bytes when clean; every line has four, and two bytes are taken already.
    assert_eq!(pasted.dropped_bytes, 1_600_000 - (LIMIT - 4));
    assert_eq!(composer.text().len(), LIMIT - 2);
    assert_eq!(composer.paste("你"), Pasted { dropped_bytes: 3 });
    composer.insert("xyz");
    assert_eq!(composer.text().len(), LIMIT);
    assert_eq!(composer.apply(Plain::Newline), Applied::Nothing);
    let _ = composer.apply(Plain::Undo);
    let _ = composer.apply(Plain::Undo);
    assert_eq!(shown(&composer), "a|b");
}

#[test]
fn a_set_text_can_be_undone_and_a_restored_draft_cannot() {
    let mut composer = Composer::default();
    composer.restore_draft("draft\u{1b}");
    assert_eq!(composer.apply(Plain::Undo), Applied::Nothing);
    composer.set("other");
    assert_eq!(shown(&composer), "other|");
    let _ = composer.apply(Plain::Undo);
    assert_eq!(shown(&composer), "draft|");
}

#[test]
fn a_text_set_in_the_middle_of_a_walk_ends_the_walk() {
    let mut composer = Composer::with_history(vec!["one".into()]);
    composer.insert("unfinished");
    let _ = composer.apply(Plain::OlderInput);
    composer.set("other");
    assert_eq!(composer.apply(Plain::NewerInput), Applied::Nothing);
    let _ = composer.apply(Plain::OlderInput);
    assert_eq!((composer.text(), composer.draft()), ("unfinished", "other"));
}

/// Anything that can be done to a composer.
#[derive(Clone, Debug)]
enum Op {
    Apply(Plain),
    Insert(String),
    Paste(String),
    Set(String),
    Take,
}

impl Op {
    fn run(&self, composer: &mut Composer) {
        match self {
            Self::Apply(edit) => {
                let _ = composer.apply(*edit);
            }
            Self::Insert(text) => composer.insert(text),
            Self::Paste(text) => {
                let _ = composer.paste(text);
            }
            Self::Set(text) => composer.set(text),
            Self::Take => {
                let expected = composer.text().to_owned();
                assert_eq!(composer.take(), expected);
            }
        }
    }
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        8 => prop::sample::select(EDITS).prop_map(Op::Apply),
        4 => prop::sample::select(nasty::PIECES).prop_map(|piece| Op::Insert(piece.to_owned())),
        2 => nasty::text().prop_map(Op::Paste),
        1 => nasty::text().prop_map(Op::Set),
    ]
}

fn on_a_boundary(composer: &Composer) -> bool {
    composer
        .text()
        .grapheme_indices(true)
        .map(|(at, _)| at)
        .chain([composer.text().len()])
        .any(|at| at == composer.caret())
        || composer.is_empty()
}

proptest! {
    #[test]
    fn the_caret_is_always_between_graphemes_and_nothing_ever_steers_the_terminal(
        history in prop::collection::vec(nasty::text(), 0..3),
        ops in prop::collection::vec(prop_oneof![12 => op(), 1 => Just(Op::Take)], 0..60),
    ) {
        let mut composer = Composer::with_history(history);
        for op in &ops {
            op.run(&mut composer);
            prop_assert!(on_a_boundary(&composer), "{op:?} {composer:?}");
            let dirty = composer.text().chars().find(|c| {
                (c.is_control() && !matches!(c, '\t' | '\n'))
                    || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            });
            prop_assert_eq!(dirty, None);
        }
    }

    #[test]
    fn undoing_all_gives_the_original_and_redoing_all_the_final_text(
        original in nasty::text(),
        ops in prop::collection::vec(op(), 0..60),
    ) {
        let mut composer = Composer::with_history(vec!["older".into()]);
        composer.restore_draft(&original);
        let original = composer.text().to_owned();
        for op in &ops {
            op.run(&mut composer);
        }
        // What had been undone along the way is done again first, so that the end is the end.
        while composer.apply(Plain::Redo) == Applied::Changed {}
        let last = composer.text().to_owned();
        while composer.apply(Plain::Undo) == Applied::Changed {
            prop_assert!(on_a_boundary(&composer));
        }
        prop_assert_eq!(composer.text(), original);
        while composer.apply(Plain::Redo) == Applied::Changed {
            prop_assert!(on_a_boundary(&composer));
        }
        prop_assert_eq!(composer.text(), last);
    }

    #[test]
    fn backspace_at_the_end_leaves_all_graphemes_but_the_last(text in nasty::text()) {
        let mut composer = Composer::default();
        let _ = composer.paste(&text);
        let graphemes: Vec<String> =
            composer.text().graphemes(true).map(str::to_owned).collect();
        let _ = composer.apply(Plain::Backspace);
        let kept = graphemes.len().saturating_sub(1);
        prop_assert_eq!(composer.text(), graphemes.get(..kept).unwrap_or_default().concat());
    }

    #[test]
    fn any_text_at_all_can_be_pasted(text in any::<String>()) {
        let mut composer = Composer::default();
        let _ = composer.paste(&text);
        prop_assert!(!composer.text().contains(|c: char| c.is_control() && !"\t\n".contains(c)));
        prop_assert_eq!(composer.caret(), composer.text().len());
    }
}
