mod chinese;
mod english;
mod others;

use super::*;
use crate::core::action::Plain;
use crate::core::keys::{Context, KeySet, Keymap};
use crate::mind::tools::memory::{Memory, on, toolbox};
use futures_util::future::FutureExt;
use proptest::prelude::*;

const BERLIN: &str = "2026-11-20T15:04:05+01:00[Europe/Berlin]";
const SHANGHAI: &str = "2026-11-20T15:04:05+08:00[Asia/Shanghai]";

fn builtin(toolbox: Toolbox) -> Builtin {
    let status: Status = Arc::new(|lang| format!("status in {lang:?}"));
    Builtin::new(Arc::new(toolbox), status)
}

fn answers(builtin: &Builtin, lines: &[&str]) -> String {
    answers_in(Lang::En, builtin, lines)
}

fn answers_in(lang: Lang, builtin: &Builtin, lines: &[&str]) -> String {
    let said = lines.iter().map(|line| Said::User((*line).to_owned()));
    let ask = Ask {
        said: said.collect(),
        lang,
        ..Ask::default()
    };
    match builtin.answer(&ask).now_or_never().unwrap() {
        Answer::Text(text) => text,
        Answer::Call(call) => panic!("{call:?}"),
    }
}

#[test]
fn a_line_that_shows_no_language_is_answered_in_that_of_the_screen() {
    let builtin = builtin(toolbox(BERLIN));
    for (line, english, chinese) in [
        (
            "12 / 0",
            "Division by zero has no result.",
            "除以零没有结果。",
        ),
        (
            "?",
            &*words::fallback(Lang::En),
            &*words::fallback(Lang::Zh),
        ),
    ] {
        assert_eq!(answers_in(Lang::En, &builtin, &[line]), english);
        assert_eq!(answers_in(Lang::Zh, &builtin, &[line]), chinese);
    }
    assert_eq!(
        answers_in(Lang::Zh, &builtin, &["help"]),
        words::help(Lang::En)
    );
}

#[test]
fn questions_in_english_are_answered() {
    let builtin = builtin(toolbox(BERLIN));
    for (question, answer) in english::ANSWERS {
        assert_eq!(answers(&builtin, &[question]), *answer, "{question}");
    }
}

#[test]
fn questions_in_chinese_are_answered() {
    let builtin = builtin(toolbox(SHANGHAI));
    for (question, answer) in chinese::ANSWERS {
        assert_eq!(answers(&builtin, &[question]), *answer, "{question}");
    }
}

#[test]
fn what_only_sounds_like_an_ability_gets_the_honest_answer() {
    let builtin = builtin(toolbox(BERLIN));
    for line in others::LINES {
        let lang = language(line).unwrap_or_default();
        assert_eq!(answers(&builtin, &[line]), words::fallback(lang), "{line}");
    }
}

#[test]
fn help_and_status_are_told_in_the_language_of_the_question() {
    let builtin = builtin(toolbox(BERLIN));
    for (question, answer) in [
        ("help", words::help(Lang::En)),
        ("What can you do?", words::help(Lang::En)),
        ("帮助", words::help(Lang::Zh)),
        ("你能做什么？", words::help(Lang::Zh)),
        ("status", "status in En".to_owned()),
        ("状态", "status in Zh".to_owned()),
    ] {
        assert_eq!(answers(&builtin, &[question]), answer, "{question}");
    }
}

#[test]
fn every_example_of_the_help_works() {
    for (lang, now) in [(Lang::En, BERLIN), (Lang::Zh, SHANGHAI)] {
        let builtin = builtin(toolbox(now));
        let help = words::help(lang);
        let examples = help.lines().filter(|line| line.starts_with("- "));
        let examples = examples.flat_map(|line| line.split('`').skip(1).step_by(2));
        let examples: Vec<_> = examples.collect();
        assert!(examples.len() >= 13);
        for example in examples {
            let answer = answers(&builtin, &[example]);
            assert_ne!(answer, words::fallback(lang), "{example}");
        }
    }
}

#[test]
fn the_way_to_a_model_names_commands_that_exist() {
    for lang in [Lang::En, Lang::Zh] {
        let fallback = words::fallback(lang);
        for action in [Plain::Brains, Plain::LookForBrains] {
            assert!(
                fallback.contains(&format!("`/{}`", action.name())),
                "{fallback}"
            );
        }
        let (keymap, _) = Keymap::with(KeySet::Modern, &[]);
        assert!(
            !keymap
                .chords(Context::Chat, &Plain::Brains.into())
                .is_empty()
        );
    }
}

#[test]
fn a_short_question_is_about_what_was_asked_before() {
    let builtin = builtin(toolbox(BERLIN));
    let paris = "In Paris it is 15:04 on Friday, 20 November 2026, the same time as here.";
    let table: [(&[&str], Option<&str>); 6] = [
        (&["what time is it?", "and in Paris?"], Some(paris)),
        (
            &["time in Rome", "what about Tokyo?", "how about in Paris?"],
            Some(paris),
        ),
        (
            &["东京现在几点？", "那巴黎呢？"],
            Some("巴黎现在是 15:04，2026年11月20日星期五，与这里相同。"),
        ),
        (&["tell me a joke", "and in Paris?"], None),
        (&["what time is it?", "2 + 2", "and in Paris?"], None),
        (&["what time is it?", "and in the evening?"], None),
    ];
    for (lines, answer) in table {
        let lang = language(lines.last().unwrap()).unwrap();
        let expected = answer.map_or_else(|| words::fallback(lang), str::to_owned);
        assert_eq!(answers(&builtin, lines), expected, "{lines:?}");
    }
}

#[test]
fn a_line_without_letters_is_answered_in_the_language_spoken_before() {
    let builtin = builtin(toolbox(SHANGHAI));
    assert_eq!(answers(&builtin, &["你好", "1/0"]), "除以零没有结果。");
    assert_eq!(
        answers(&builtin, &["hello", "1/0"]),
        "Division by zero has no result."
    );
    assert_eq!(
        answers(&builtin, &["こんにちは世界"]),
        words::fallback(Lang::En)
    );
    assert_eq!(answers(&builtin, &[]), words::fallback(Lang::En));
}

#[test]
fn nesting_without_end_is_told_and_survived() {
    let builtin = builtin(toolbox(BERLIN));
    let deep = format!("{}1{}", "(".repeat(100_000), ")".repeat(100_000));
    assert_eq!(
        answers(&builtin, &[&format!("{deep} + 1")]),
        "More than 100 parentheses, signs or powers inside each other."
    );
}

#[test]
fn a_broken_desk_is_told_in_both_languages() {
    let builtin = builtin(on(Memory::broken(), BERLIN));
    assert_eq!(
        answers(&builtin, &["note: x"]),
        "The desk cannot be used: the disk is full."
    );
    assert_eq!(
        answers(&builtin, &["记一下：x"]),
        "现在无法读写笔记、待办和计时器：the disk is full。"
    );
}

#[tokio::test(start_paused = true)]
async fn an_answer_comes_in_pieces_and_stops_when_nobody_listens() {
    let builtin = builtin(toolbox(BERLIN));
    let ask = |line: &str| Ask {
        said: vec![
            Said::System("be kind".to_owned()),
            Said::User(line.to_owned()),
        ],
        ..Ask::default()
    };
    let (out, mut pieces) = mpsc::channel(64);
    assert_eq!(
        builtin.think(ask("thank you and goodbye"), out).await,
        Ok(Finish::Stop)
    );
    let mut all = Vec::new();
    while let Some(piece) = pieces.recv().await {
        all.push(piece);
    }
    assert!(all.len() > 3, "{all:?}");
    let text: String = all
        .into_iter()
        .map(|thought| match thought {
            Thought::Text(text) => text,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(text, words::fallback(Lang::En));

    let (out, pieces) = mpsc::channel(1);
    drop(pieces);
    assert_eq!(builtin.think(ask("help"), out).await, Ok(Finish::Stop));
}

proptest! {
    #[test]
    fn any_text_gets_an_answer(
        text in "(\\PC|what time is it |in |set a |timer |for |remind me |to |at |[0-9]|提醒我|几点|后|分钟|多少|是|note: |删除|待办|convert | ){0,24}",
    ) {
        let builtin = builtin(toolbox(BERLIN));
        prop_assert!(!answers(&builtin, &[&text]).trim().is_empty());
    }

    #[test]
    fn pieces_put_together_are_the_answer(text in "(\\PC|[.!?。\n ]){0,40}") {
        prop_assert_eq!(pieces(&text).concat(), text);
    }
}

#[test]
fn long_text_full_of_the_words_of_phrases_is_answered_all_the_same() {
    let builtin = builtin(toolbox(BERLIN));
    for word in [
        "in ",
        "to ",
        "remind me to ",
        "5 ",
        "and ",
        "timer for ",
        "提醒我",
        "是",
        "到",
        "后",
        "的",
    ] {
        for times in [100, 10_000] {
            let answer = answers(&builtin, &[&word.repeat(times)]);
            assert!(!answer.is_empty(), "{word}");
        }
    }
}
