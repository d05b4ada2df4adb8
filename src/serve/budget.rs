//! Decides how much of a conversation a brain is shown. Pure.
//!
//! Nobody but the model's own tokenizer can count its tokens; what is needed here is an estimate
//! that does not flatter, for Latin and for Chinese text alike.

use super::memory::Exchange;
use crate::mind::Said;

/// What a message costs besides its text.
pub(super) const FRAME: usize = 4;

/// What follows an answer that ended early, so that the brain knows it did not stop by itself.
const CUT: &str = "\n[this answer was cut off here]";

/// How many tokens a text is, about: one for each character of the scripts written without
/// spaces, one for every four bytes of anything else.
pub(super) fn tokens(text: &str) -> usize {
    let (mut wide, mut bytes) = (0, 0);
    for c in text.chars() {
        if is_wide(c) {
            wide += 1;
        } else {
            bytes += c.len_utf8();
        }
    }
    wide + usize::div_ceil(bytes, 4)
}

const fn is_wide(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7ff}'
        | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ffef}'
        | '\u{20000}'..='\u{3ffff}')
}

/// What an exchange costs.
fn cost(exchange: &Exchange) -> usize {
    let answer = exchange.answer.as_ref();
    tokens(&exchange.question)
        + FRAME
        + answer.map_or(0, |answer| {
            tokens(&answer.text) + FRAME + if answer.cut { tokens(CUT) } else { 0 }
        })
}

/// How many of the newest exchanges fit.
pub(super) fn fitting(exchanges: &[Exchange], budget: usize) -> usize {
    let mut left = budget;
    let fit = exchanges.iter().rev().take_while(|exchange| {
        let rest = left.checked_sub(cost(exchange));
        left = rest.unwrap_or(0);
        rest.is_some()
    });
    fit.count()
}

/// What the brain is shown: the persona's instructions and the question whatever they cost, and
/// as many of the newest whole exchanges before it as fit. A question that does not fit alone is
/// cut, and says so.
pub(super) fn shown(
    instructions: &str,
    earlier: &[Exchange],
    question: &str,
    budget: usize,
) -> Vec<Said> {
    let left = budget.saturating_sub(tokens(instructions) + FRAME);
    let question = clipped(question, left.max(budget / 2).saturating_sub(FRAME));
    let left = left.saturating_sub(tokens(&question) + FRAME);
    let first = earlier.len() - fitting(earlier, left);
    let mut said = vec![Said::System(instructions.to_owned())];
    for exchange in earlier.iter().skip(first) {
        said.push(Said::User(exchange.question.clone()));
        if let Some(answer) = &exchange.answer {
            let mut text = answer.text.clone();
            if answer.cut {
                text.push_str(CUT);
            }
            said.push(Said::Assistant {
                text,
                calls: vec![],
            });
        }
    }
    said.push(Said::User(question));
    said
}

/// The beginning of a text that is too long, with a note about what is missing.
pub(super) fn clipped(text: &str, most: usize) -> String {
    if tokens(text) <= most {
        return text.to_owned();
    }
    let note = |left: usize| format!("\n[{left} more characters did not fit]");
    let room = most.saturating_sub(tokens(&note(text.len())));
    let (mut wide, mut bytes, mut kept) = (0, 0, String::new());
    for c in text.chars() {
        if is_wide(c) {
            wide += 1;
        } else {
            bytes += c.len_utf8();
        }
        if wide + usize::div_ceil(bytes, 4) > room {
            break;
        }
        kept.push(c);
    }
    let left = text.chars().count() - kept.chars().count();
    kept + &note(left)
}

/// The beginning of a text, at most so many bytes of it.
pub(super) fn beginning(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::memory::Answer;
    use proptest::prelude::*;

    fn exchange(question: &str, answer: Option<(&str, bool)>) -> Exchange {
        Exchange {
            turn: question.to_owned(),
            question: question.to_owned(),
            answer: answer.map(|(text, cut)| Answer {
                text: text.to_owned(),
                cut,
                by: None,
            }),
        }
    }

    fn answered(text: &str) -> Said {
        Said::Assistant {
            text: text.to_owned(),
            calls: vec![],
        }
    }

    #[test]
    fn tokens_are_estimated_for_both_kinds_of_script() {
        for (text, expected) in [
            ("", 0),
            ("abc", 1),
            ("hello", 2),
            ("你好", 2),
            ("用Rust写", 3),
        ] {
            assert_eq!(tokens(text), expected, "{text}");
        }
    }

    #[test]
    fn the_oldest_exchanges_go_first_and_whole() {
        let earlier = [
            exchange("first question", Some(("first answer", false))),
            exchange("second", Some(("half", true))),
            exchange("third", None),
        ];
        let said = |budget| shown("be kind", &earlier, "now", budget);
        let all = [
            Said::System("be kind".into()),
            Said::User("first question".into()),
            answered("first answer"),
            Said::User("second".into()),
            answered("half\n[this answer was cut off here]"),
            Said::User("third".into()),
            Said::User("now".into()),
        ];
        let without = |gone: usize| {
            let mut all = all.to_vec();
            all.drain(1..=gone);
            all
        };
        assert_eq!(said(100), all);
        assert_eq!(said(50), without(2));
        assert_eq!(said(25), without(4));
        assert_eq!(said(0).len(), 2);
    }

    #[test]
    fn a_question_that_is_too_long_is_cut_and_says_so() {
        let said = shown("x", &[], &"word ".repeat(100), 40);
        let Some(Said::User(question)) = said.last() else {
            panic!("{said:?}");
        };
        assert!(question.starts_with("word word"), "{question}");
        assert!(
            question.ends_with(" more characters did not fit]"),
            "{question}"
        );
    }

    proptest! {
        #[test]
        fn what_is_shown_never_exceeds_the_budget(
            lengths in prop::collection::vec((0_usize..400, prop::option::of((0_usize..400, any::<bool>()))), 0..12),
            question in "[a-z你好 ]{0,600}",
            budget in 100_usize..2000,
        ) {
            let earlier: Vec<_> = lengths.iter().map(|(asked, told)| {
                let told = told.map(|(length, cut)| ("好a".repeat(length), cut));
                exchange(&"q".repeat(*asked), told.as_ref().map(|(text, cut)| (text.as_str(), *cut)))
            }).collect();
            let said = shown("be kind", &earlier, &question, budget);
            let cost: usize = said.iter().map(|said| FRAME + match said {
                Said::System(text) | Said::User(text) | Said::Assistant { text, .. } | Said::Tool { text, .. } => tokens(text),
            }).sum();
            prop_assert!(cost <= budget, "{cost} of {budget}");
            prop_assert_eq!(said.first(), Some(&Said::System("be kind".into())));
        }
    }
}
