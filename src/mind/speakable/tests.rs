use super::*;
use proptest::prelude::*;

/// The pieces of a text that comes in pieces of so many characters.
fn pieces(text: &str, size: usize) -> Vec<String> {
    let mut cutter = Cutter::default();
    let chars: Vec<char> = text.chars().collect();
    let mut pieces = vec![];
    for more in chars.chunks(size.max(1)) {
        pieces.extend(cutter.push(&more.iter().collect::<String>()));
    }
    pieces.extend(cutter.finish());
    pieces
}

fn check(table: &[(&str, &[&str])]) {
    for (text, expected) in table {
        for size in [1, 3, usize::MAX] {
            assert_eq!(pieces(text, size), *expected, "{text:?} by {size}");
        }
    }
}

#[test]
fn sentences_end_where_a_speaker_would_breathe() {
    check(&[
        (
            "Hello there. How are you? Fine!",
            &["Hello there.", "How are you?", "Fine!"],
        ),
        (
            "你好。今天星期几？很好！",
            &["你好。", "今天星期几？", "很好！"],
        ),
        ("他说：“好的。”然后走了。", &["他说：“好的。", "然后走了。"]),
        ("One; two", &["One;", "two"]),
        ("Wait... what?! Yes.", &["Wait...", "what?!", "Yes."]),
        (
            "He said \"no.\" Then left.",
            &["He said \"no.\"", "Then left."],
        ),
        ("a line\nanother line\n\n", &["a line", "another line"]),
        ("这是 Rust. 它很快。", &["这是 Rust.", "它很快。"]),
        ("", &[]),
        (" \n … !\n", &[]),
    ]);
}

#[test]
fn a_full_stop_in_a_number_or_a_short_form_ends_nothing() {
    for text in [
        "Use tools, e.g. hammers or i.e. nails.",
        "Dr. Smith met Mrs. Jones vs. Mr. J. Doe.",
        "Pi is 3.14 and it is 10:30 now.",
        "Version v1.2 of hearsay.toml is at example.com today.",
        "It costs 5 dollars approx. 3 euros.",
        "See the file etc. for more.",
    ] {
        check(&[(text, &[text])]);
    }
    check(&[("It is 5. Then it is 6.", &["It is 5.", "Then it is 6."])]);
}

#[test]
fn the_first_piece_may_end_at_a_comma_and_no_other() {
    check(&[
        (
            "If you would like to know the time, look at the clock, which is over there, I think.",
            &[
                "If you would like to know the time,",
                "look at the clock, which is over there, I think.",
            ],
        ),
        ("Well, yes, of course.", &["Well, yes, of course."]),
        (
            "It is 1,000,000,000,000,000,000,000,000.",
            &["It is 1,000,000,000,000,000,000,000,000."],
        ),
        (
            "如果你想知道现在的时间，可以看一看墙上的钟，就在那边。",
            &["如果你想知道现在的时间，", "可以看一看墙上的钟，就在那边。"],
        ),
        ("好的，没问题。", &["好的，没问题。"]),
    ]);
}

#[test]
fn what_does_not_end_is_cut_at_a_space() {
    let words = "word ".repeat(100);
    let cut = pieces(&words, 7);
    assert!(
        cut.iter().all(|piece| piece.chars().count() <= 200),
        "{cut:?}"
    );
    assert_eq!(cut.join(" "), words.trim());
    let han = "字".repeat(450);
    let lengths: Vec<_> = pieces(&han, 1).iter().map(|p| p.chars().count()).collect();
    assert_eq!(lengths, [200, 200, 50]);
}

#[test]
fn markup_is_not_said() {
    check(&[
        (
            "This is **very** *important*, _really_ ~~not~~.",
            &["This is very important, really not."],
        ),
        ("# A title\n\nText.", &["A title", "Text."]),
        ("## 标题\n正文。", &["标题", "正文。"]),
        (
            "- one\n- two\n  * three\n+ four",
            &["one", "two", "three", "four"],
        ),
        ("- [ ] buy milk\n- [x] rest", &["buy milk", "rest"]),
        (
            "1. First\n2) Second\n10. Tenth",
            &["1, First", "2, Second", "10, Tenth"],
        ),
        ("> quoted\n> > twice", &["quoted", "twice"]),
        ("above\n\n---\n***\nbelow\n=====", &["above", "below"]),
        ("Use `cargo test` and `a_b`.", &["Use cargo test and a b."]),
        ("- **Bold**: text", &["Bold: text"]),
        (
            "**All of it.**\nNext",
            &["All of it.**".trim_end_matches('*'), "Next"],
        ),
        ("2 * 3 = 6, and 2*3 too", &["2 * 3 = 6, and 2*3 too"]),
        ("-5 degrees", &["-5 degrees"]),
        (
            "#5 is C# and snake_case is __init__",
            &["#5 is C# and snake case is init"],
        ),
        (
            "one<br>two <b>three</b> 1 < 2",
            &["one", "two three 1 < 2".replace("< ", "").as_str()],
        ),
    ]);
}

#[test]
fn tables_are_read_row_by_row() {
    check(&[(
        "| Name | Age |\n|:-----|----:|\n| Ann  | 5 |\n| **Bo** | |\n\nafter",
        &["Name, Age", "Ann, 5", "Bo", "after"],
    )]);
}

#[test]
fn of_links_only_the_words_are_said_and_of_addresses_the_host() {
    check(&[
        (
            "See [the docs](https://docs.rs/x?y=1#z) now.",
            &["See the docs now."],
        ),
        (
            "![a cat](cat.png) and [![logo](l.png)](https://x.org).",
            &["a cat and logo."],
        ),
        (
            "[one][1] and [two]\n\n[1]: https://example.com/a\n",
            &["one and two"],
        ),
        ("A note[^1].\n\n[^1]: https://example.com", &["A note."]),
        (
            "Look at https://www.example.com/a/b?c=d. Good?",
            &["Look at link to example.com.", "Good?"],
        ),
        (
            "请看 https://example.com/路径。好的。",
            &["请看 example.com 的链接路径。", "好的。"],
        ),
        ("(<http://user:pw@h.org:8080/>)", &["(link to h.org)"]),
        (
            "Write to <me@example.com>, www.example.org!",
            &["Write to me@example.com, link to example.org!"],
        ),
        ("**https://a.b/c**", &["link to a.b"]),
        (
            "arr[0] and [unclosed text\nnext",
            &["arr 0 and unclosed text", "next"],
        ),
        ("[half](https://x.y/never closed\nnext", &["half", "next"]),
    ]);
}

#[test]
fn code_is_told_by_its_length() {
    check(&[
        (
            "Try this:\n```rust\nfn main() {\n}\n```\nDone.",
            &["Try this:", "code block, 2 lines", "Done."],
        ),
        (
            "试试这个：\n~~~\nls\n~~~\n好。",
            &["试试这个：", "代码块，1 行", "好。"],
        ),
        ("```\na\n``\n````\n", &["code block, 2 lines"]),
        ("```sh\nls -l | grep **x**", &["code block, 1 line"]),
        ("```\n\n# no title\n```", &["code block, 2 lines"]),
        ("in ```one``` line", &["in one line"]),
    ]);
}

#[test]
fn pictures_and_what_steers_are_dropped() {
    check(&[
        ("Great! 🎉🎉 Well done 👍🏽.", &["Great!", "Well done ."]),
        ("1️⃣ first ✅ and ❤️", &["1 first and"]),
        ("a\u{202e}b\u{200b}c\u{7}d\u{1b}[31me", &["abcd 31me"]),
        ("→ next • item", &["next item"]),
    ]);
}

#[test]
fn hostile_text_takes_neither_time_nor_room() {
    for text in ["[", "<a", "![", "[](", "**", "://", "x", "> ", "- "] {
        let said = pieces(&text.repeat(20_000), 999);
        assert!(
            said.iter().all(|piece| piece.chars().count() <= 201),
            "{text}"
        );
    }
}

#[test]
fn a_cutter_that_has_finished_begins_anew() {
    let mut cutter = Cutter::default();
    assert_eq!(cutter.push("```\ncode"), [""; 0]);
    assert_eq!(cutter.finish(), ["code block, 1 line"]);
    assert_eq!(cutter.push("Text. More"), ["Text."]);
    assert_eq!(cutter.finish(), ["More"]);
    assert_eq!(cutter.finish(), [""; 0]);
}

#[test]
fn the_language_shows_in_the_letters() {
    for (text, fallback, lang) in [
        ("hello", Lang::Zh, Lang::En),
        ("你好", Lang::En, Lang::Zh),
        ("用 Rust 写的", Lang::En, Lang::Zh),
        ("the word 你 means you", Lang::Zh, Lang::En),
        ("12:30", Lang::Zh, Lang::Zh),
    ] {
        assert_eq!(language(text, fallback), lang, "{text}");
    }
}

/// Text as models write it, and as nobody should.
fn markdown() -> impl Strategy<Value = String> {
    let bits = prop::sample::select(vec![
        "word ",
        "Dr. ",
        "你好",
        "，",
        "。",
        ". ",
        "!",
        "\n",
        "\n\n",
        "**",
        "*",
        "_",
        "__",
        "`",
        "```",
        "```rust\n",
        "\n```\n",
        "~~",
        "~~~",
        "# ",
        "- ",
        "1. ",
        "> ",
        "|",
        "| a | b |\n",
        "|---|\n",
        "[",
        "]",
        "](",
        "(",
        ")",
        "![",
        "[^1]",
        "]: ",
        "<",
        ">",
        "<br>",
        "https://",
        "http://a.b/c ",
        "www.x.org ",
        "ftp",
        "://",
        "://x ",
        "\\",
        "😀",
        "\u{202e}",
        "3.14",
        " ",
        "<https://a.b>",
        "[a](http://b.c)",
    ]);
    prop::collection::vec(bits, 0..40).prop_map(|bits| bits.concat())
}

proptest! {
    #[test]
    fn it_makes_no_difference_how_the_text_was_cut_and_no_markup_leaks(
        text in markdown(),
        size in 1_usize..12,
    ) {
        let whole = pieces(&text, usize::MAX);
        prop_assert_eq!(&pieces(&text, size), &whole);
        for piece in whole {
            for leak in ["**", "__", "```", "`", "~~", "://", "](", "\n", "😀"] {
                prop_assert!(!piece.contains(leak), "{leak:?} leaks: {piece:?} of {text:?}");
            }
            prop_assert!(piece.chars().count() <= 201, "{piece}");
        }
    }

    #[test]
    fn any_text_is_cut_without_harm(text in any::<String>(), size in 1_usize..9) {
        prop_assert_eq!(pieces(&text, size), pieces(&text, usize::MAX));
    }
}
