//! A list to choose from, narrowed by typing: palette, brains, models, personas.
//!
//! Decides what matches, in which order, and which entry is chosen. What choosing means is the
//! entry's action; `core::update` carries it out.

use super::action::{Action, Plain};
use super::composer::{Applied, Composer};
use super::words::Lang;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::cmp::Reverse;

/// A list to choose from.
#[derive(Clone, Debug, PartialEq)]
pub struct Picker {
    pub kind: PickerKind,
    pub query: Composer,
    pub items: Vec<Item>,
    /// What else is searched for a whole word of the query, for each entry; empty: nothing.
    pub more: Vec<String>,
    /// Indices into `items` that match the query, best first.
    pub matches: Vec<usize>,
    /// Index into `matches`.
    pub chosen: usize,
}

/// What a picker is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PickerKind {
    Palette,
    Brains,
    Models,
    Personas,
    /// Messages to be read out.
    Messages,
    /// Questions to be asked otherwise.
    Edits,
    /// Messages to be copied.
    Copies,
    /// Blocks of code to be copied.
    Blocks,
    /// Recordings to be played.
    Recordings,
    Microphones,
    Loudspeakers,
    Ears,
    Voices,
    /// Models for hearing and speaking.
    SpeechModels,
    /// Settings, each with its value.
    Settings,
    /// Themes; the chosen one is on the screen.
    Themes,
    /// Forms in which the conversation may be written down.
    Formats,
    /// What one may connect to.
    Connect,
    /// What is in a report of a fault.
    Bundle,
}

/// One entry of a picker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub label: String,
    /// Shown dim behind the label: a key, a date, an excerpt.
    pub note: String,
    pub action: Action,
    /// It is the one in use.
    pub current: bool,
}

impl Picker {
    /// A picker with an empty query; the entry in use is chosen.
    pub fn new(kind: PickerKind, items: Vec<Item>) -> Self {
        let mut picker = Self {
            kind,
            query: Composer::default(),
            items,
            more: vec![],
            matches: vec![],
            chosen: 0,
        };
        picker.filter();
        picker
    }

    /// Types into the query and filters.
    pub fn insert(&mut self, text: &str) {
        self.query.insert(&one_line(text));
        self.filter();
    }

    /// Pastes into the query and filters. A query is one line: line breaks become spaces.
    pub fn paste(&mut self, text: &str) {
        // A longer query matches nothing anyway, and whoever pastes a file here did not mean to.
        let beginning: String = text.chars().take(LONGEST_PASTE).collect();
        let _ = self.query.paste(&one_line(&beginning));
        self.filter();
    }

    /// Edits the query and filters if it changed. A query has one line, so line breaks and what
    /// moves between lines or inputs is left to the caller.
    pub fn edit(&mut self, edit: Plain) -> Applied {
        if matches!(
            edit,
            Plain::Newline | Plain::Up | Plain::Down | Plain::OlderInput | Plain::NewerInput
        ) {
            return Applied::Unhandled;
        }
        let applied = self.query.apply(edit);
        if applied == Applied::Changed {
            self.filter();
        }
        applied
    }

    /// Finds what matches the query, best first, and chooses the best. An empty query matches
    /// all in the given order and chooses the entry in use.
    pub fn filter(&mut self) {
        let query = folded(self.query.text());
        if query.is_empty() {
            self.matches = (0..self.items.len()).collect();
            // The palette lists what can be done; what is in use there is no place to begin.
            let begin = self.kind != PickerKind::Palette;
            let in_use = self.items.iter().position(|item| item.current && begin);
            self.chosen = in_use.unwrap_or(0);
            return;
        }
        let mut scorer = Scorer::default();
        let words = self.query.text().trim().to_lowercase();
        let mut scored: Vec<(i32, usize)> = self
            .items
            .iter()
            .enumerate()
            .filter_map(|(index, item)| {
                let mut best = scorer.score(&query, &item.label);
                if self.kind == PickerKind::Palette {
                    for name in other_names(&item.action) {
                        let score = scorer.score(&query, &name);
                        best = best.max(score.map(|score| score - UNSEEN));
                    }
                }
                // An explanation is long enough to hold any few letters somewhere.
                let explained = self
                    .more
                    .get(index)
                    .is_some_and(|more| more.contains(&words));
                let best = best.or_else(|| explained.then_some(NEVER));
                Some((best?, index))
            })
            .collect();
        scored.sort_by_key(|(score, _)| Reverse(*score));
        self.matches = scored.into_iter().map(|(_, index)| index).collect();
        self.chosen = 0;
    }

    /// The entry that enter takes.
    pub fn chosen(&self) -> Option<&Item> {
        self.items.get(*self.matches.get(self.chosen)?)
    }

    /// Chooses the next entry; after the last comes the first.
    pub fn choose_next(&mut self) {
        self.chosen = (self.chosen + 1)
            .checked_rem(self.matches.len())
            .unwrap_or(0);
    }

    /// Chooses the entry before; before the first comes the last.
    pub fn choose_prev(&mut self) {
        let last = self.matches.len().saturating_sub(1);
        self.chosen = self.chosen.checked_sub(1).unwrap_or(last);
    }

    /// Moves the choice by so many rows, negative for up, and stops at the ends.
    pub fn choose_page(&mut self, rows: isize) {
        let last = self.matches.len().saturating_sub(1);
        self.chosen = self.chosen.saturating_add_signed(rows).min(last);
    }
}

/// What else somebody may call an action: by its text form, or in another language.
fn other_names(action: &Action) -> Vec<Cow<'static, str>> {
    let mut names = vec![action.to_string().into()];
    if let Action::Plain(plain) = action {
        names.extend([Lang::En, Lang::Zh].map(|lang| plain.word().text(lang).into()));
    }
    names
}

/// How many characters of a paste enter a query.
const LONGEST_PASTE: usize = 1000;

/// A text for a query of one line: line breaks and tabs become spaces.
pub(super) fn one_line(text: &str) -> String {
    text.replace("\r\n", " ").replace(['\r', '\n', '\t'], " ")
}

fn fold(c: char) -> char {
    // Most labels are ASCII, and the way through Unicode's tables is ten times as long.
    if c.is_ascii() {
        c.to_ascii_lowercase()
    } else {
        c.to_lowercase().next().unwrap_or(c)
    }
}

/// What a query asks for: its characters without regard to case, and without the blanks between
/// its words.
fn folded(query: &str) -> Vec<char> {
    query
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(fold)
        .collect()
}

/// Each matched character.
const MATCH: i32 = 16;
/// It follows the matched character before it directly: `conv` in one piece beats `c..o..n..v`.
const CONSECUTIVE: i32 = 16;
/// It starts a word: `nc` finds "new conversation". Less than `CONSECUTIVE`, lest scattered
/// initials beat the word itself.
const WORD_START: i32 = 10;
/// For each character skipped before the first match, up to `FARTHEST`.
const LATE: i32 = 1;
const FARTHEST: usize = 8;
/// For each character skipped between two matches.
const GAP: i32 = 1;

/// For a name that is not on the screen: where both fit as well, what one sees wins.
const UNSEEN: i32 = 8;

/// No match. Far enough from the end of the numbers that subtracting gaps cannot leave them.
const NEVER: i32 = i32::MIN / 2;

/// Scores labels against a query; keeps its tables between labels.
#[derive(Default)]
struct Scorer {
    label: Vec<char>,
    /// What standing at the start of a word gains, for each character.
    starts: Vec<i32>,
    /// For each character the best score of the query's beginning that ends there.
    scores: Vec<i32>,
}

impl Scorer {
    /// How well the label holds the query as a subsequence; `None` if it does not. The best of
    /// all ways to find it counts: a table of query times label, so linear in each.
    fn score(&mut self, query: &[char], label: &str) -> Option<i32> {
        // Most labels do not match: find that out before anything is written.
        let mut letters = label.chars().map(fold);
        if !query.iter().all(|wanted| letters.any(|c| c == *wanted)) {
            return None;
        }
        self.read(label);
        for (nth, wanted) in query.iter().enumerate() {
            // The best score without the wanted character that ends before the one at hand, and
            // the one that ends right there.
            let (mut earlier, mut adjacent) = (NEVER, NEVER);
            let columns = self.label.iter().zip(&self.starts).zip(&mut self.scores);
            for (at, ((c, start), score)) in columns.enumerate() {
                let reached = if nth == 0 {
                    -LATE * at.min(FARTHEST) as i32
                } else {
                    earlier.max(adjacent + CONSECUTIVE)
                };
                earlier = earlier.max(adjacent) - GAP;
                adjacent = *score;
                *score = if c == wanted {
                    reached + MATCH + start
                } else {
                    NEVER
                };
            }
        }
        self.scores.iter().copied().max()
    }

    /// A word starts behind what is neither letter nor digit, and at a capital behind a small
    /// letter. Characters of scripts without spaces gain nothing from standing behind each other.
    fn read(&mut self, label: &str) {
        self.label.clear();
        self.starts.clear();
        let (mut in_word, mut small) = (false, false);
        for c in label.chars() {
            let is_word = c.is_alphanumeric();
            let start = is_word && (!in_word || (small && c.is_uppercase()));
            self.starts.push(if start { WORD_START } else { 0 });
            self.label.push(fold(c));
            (in_word, small) = (is_word, c.is_lowercase());
        }
        self.scores.clear();
        self.scores.resize(self.label.len(), NEVER);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn item(label: &str) -> Item {
        Item {
            label: label.to_owned(),
            note: String::new(),
            action: Action::Plain(Plain::Help),
            current: false,
        }
    }

    fn picker(labels: &[&str]) -> Picker {
        let items = labels.iter().map(|label| item(label)).collect();
        Picker::new(PickerKind::Models, items)
    }

    #[test]
    fn the_palette_also_knows_an_action_by_its_name_and_in_the_other_language() {
        let actions = [Plain::Quit, Plain::Redraw].map(Action::Plain);
        for (query, expected) in [
            ("leave", Some(0)),
            ("quit", Some(0)),
            ("退出", Some(0)),
            ("redraw", Some(1)),
            ("重绘", Some(1)),
            ("xyzzy", None),
        ] {
            let items = actions.iter().map(|action| Item {
                action: action.clone(),
                ..item("")
            });
            let mut palette = Picker::new(PickerKind::Palette, items.collect());
            palette.insert(query);
            assert_eq!(palette.matches, Vec::from_iter(expected), "{query}");
        }
    }

    fn found<'a>(labels: &[&'a str], query: &str) -> Vec<&'a str> {
        let mut picker = picker(labels);
        picker.insert(query);
        picker.matches.iter().map(|index| labels[*index]).collect()
    }

    #[test]
    fn the_best_match_comes_first() {
        for (query, labels, expected) in [
            ("", &["b", "a"][..], &["b", "a"][..]),
            ("x", &["b", "a"], &[]),
            (
                "conv",
                &["c-o-n-v", "open conversation"],
                &["open conversation", "c-o-n-v"],
            ),
            (
                "nc",
                &["once", "new conversation"],
                &["new conversation", "once"],
            ),
            ("QWEN", &["Qwen3:8b", "llama"], &["Qwen3:8b"]),
            ("log", &["look for logs", "log"], &["log", "look for logs"]),
            ("b l", &["ball", "blue light"], &["blue light", "ball"]),
            ("pv", &["approve", "PickerView"], &["PickerView", "approve"]),
            (
                "会话",
                &["打开以前的会话", "会前对话", "发送消息"],
                &["打开以前的会话", "会前对话"],
            ),
            ("一b", &["选一b", "一个 Bot"], &["一个 Bot", "选一b"]),
            ("a", &["za", "ya", "xa"], &["za", "ya", "xa"]),
            ("É", &["café"], &["café"]),
        ] {
            assert_eq!(found(labels, query), expected, "{query:?}");
        }
    }

    #[test]
    fn a_match_may_skip_an_early_character_for_a_better_one() {
        // A greedy match would take the first `a` and miss the whole word.
        let mut scorer = Scorer::default();
        let whole = scorer.score(&folded("abc"), "a x abc");
        assert_eq!(
            whole,
            Some(3 * MATCH + WORD_START + 2 * CONSECUTIVE - 4 * LATE)
        );
    }

    #[test]
    fn the_entry_in_use_is_chosen_until_something_is_typed() {
        let mut picker = picker(&["one", "two", "twice"]);
        picker.kind = PickerKind::Models;
        picker.items[2].current = true;
        picker.filter();
        assert_eq!(picker.chosen(), Some(&picker.items[2]));
        picker.insert("tw");
        assert_eq!(picker.chosen(), Some(&picker.items[1]));
        assert_eq!(picker.edit(Plain::KillToStart), Applied::Changed);
        assert_eq!(picker.chosen(), Some(&picker.items[2]));
    }

    #[test]
    fn the_choice_goes_round_by_one_and_stops_at_the_ends_by_page() {
        let mut picker = picker(&["a", "b", "c", "d"]);
        let mut seen = vec![];
        for step in [
            Picker::choose_prev,
            Picker::choose_next,
            Picker::choose_next,
            |picker: &mut Picker| picker.choose_page(2),
            |picker: &mut Picker| picker.choose_page(2),
            |picker: &mut Picker| picker.choose_page(-9),
        ] {
            step(&mut picker);
            seen.push(picker.chosen);
        }
        assert_eq!(seen, [3, 0, 1, 3, 3, 0]);
    }

    #[test]
    fn a_list_without_matches_has_nothing_to_choose() {
        let mut picker = picker(&["a"]);
        picker.insert("x");
        picker.choose_next();
        picker.choose_prev();
        picker.choose_page(5);
        assert_eq!((picker.chosen(), picker.chosen), (None, 0));
    }

    #[test]
    fn a_query_stays_one_line_and_leaves_moving_between_lines_to_the_caller() {
        let mut picker = picker(&["a b"]);
        picker.paste("a\r\nb\n");
        assert_eq!(picker.query.text(), "a b ");
        for edit in [Plain::Newline, Plain::Up, Plain::Down, Plain::Send] {
            assert_eq!(picker.edit(edit), Applied::Unhandled);
        }
        assert_eq!(picker.edit(Plain::WordLeft), Applied::Moved);
        assert_eq!(picker.edit(Plain::TextStart), Applied::Moved);
        picker.paste(&"x".repeat(5000));
        assert_eq!(picker.query.text().len(), 1004);
    }

    proptest! {
        #[test]
        fn exactly_those_that_hold_the_query_match_each_once(
            labels in prop::collection::vec("[aAbB 你好é-]{0,8}", 0..20),
            query in "[abB 你É]{0,4}",
        ) {
            let items: Vec<Item> = labels.iter().map(|label| item(label)).collect();
            let mut picker = Picker::new(PickerKind::Models, items);
            picker.insert(&query);
            let holds = |label: &str| {
                let mut rest = label.chars().flat_map(char::to_lowercase);
                query
                    .chars()
                    .filter(|c| *c != ' ')
                    .flat_map(char::to_lowercase)
                    .all(|wanted| rest.any(|c| c == wanted))
            };
            let expected: Vec<usize> =
                (0..labels.len()).filter(|index| holds(&labels[*index])).collect();
            let mut matches = picker.matches.clone();
            matches.sort_unstable();
            prop_assert_eq!(matches, expected);
        }

        #[test]
        fn any_query_and_any_label_are_taken(labels in prop::collection::vec(any::<String>(), 0..8), query in any::<String>()) {
            let items = labels.iter().map(|label| item(label)).collect();
            let mut picker = Picker::new(PickerKind::Messages, items);
            picker.paste(&query);
            prop_assert!(picker.matches.len() <= labels.len());
        }
    }
}
