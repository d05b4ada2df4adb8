//! Tells what lies over the chat: questions and lists as numbered lines, pages as they are.

use crate::core::browser::{Browser, Entry};
use crate::core::connect::Trial;
use crate::core::fault::{Fault, Recovery};
use crate::core::finder::Finder;
use crate::core::form::Form;
use crate::core::ids::MessageId;
use crate::core::inspect::Prompt;
use crate::core::line::Line;
use crate::core::log::Feed;
use crate::core::model::{Answer, Layer, Model, PageKind, Question};
use crate::core::picker::{Picker, PickerKind};
use crate::core::words::{Word, fill};
use crate::view::layers::{conversation_day, conversation_title, page_told, picker_title};
use crate::view::words::say;

/// So many entries of a list are told.
const LISTED: usize = 20;
/// What draws a picture of time, and says nothing in words.
const BARS: &[char] = &['░', '▒', '▓', '█', '·'];

/// What lies on top, as far as it matters whether it was told.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Shown {
    #[default]
    Nothing,
    Picker {
        kind: PickerKind,
        query: String,
        matches: Vec<usize>,
        items: usize,
        /// What is ticked, where that is what changes.
        ticked: Vec<String>,
    },
    Browser {
        query: String,
        listed: Vec<Entry>,
    },
    Found {
        query: String,
        hits: Vec<(MessageId, usize)>,
    },
    Page(PageKind),
    Form {
        title: String,
        wrong: Option<String>,
    },
    Question {
        text: String,
        detail: Option<String>,
    },
}

impl Shown {
    fn of(model: &Model) -> Self {
        match model.layers.last() {
            Some(Layer::Picker(picker)) => Self::Picker {
                kind: picker.kind,
                query: picker.query.text().to_owned(),
                matches: picker.matches.clone(),
                items: picker.items.len(),
                ticked: match picker.kind {
                    PickerKind::Bundle => {
                        picker.items.iter().map(|item| item.label.clone()).collect()
                    }
                    _ => vec![],
                },
            },
            Some(Layer::Browser(browser)) if browser.is_answered() => Self::Browser {
                query: browser.query.text().to_owned(),
                listed: browser.entries.clone(),
            },
            Some(Layer::Page(page)) if is_awaited(model, &page.kind) => Self::Nothing,
            Some(Layer::Page(page)) => Self::Page(page.kind.clone()),
            Some(Layer::Finder(finder)) => Self::Found {
                query: finder.query.text().to_owned(),
                hits: finder.hits.clone(),
            },
            Some(Layer::Form(form)) => Self::Form {
                title: form.title.clone(),
                wrong: form.wrong.clone(),
            },
            // What a trial shows is told once it is over.
            Some(Layer::Question(question)) => Self::Question {
                text: question.text.clone(),
                detail: (question.yes != Answer::Connect(Trial::Running))
                    .then(|| question.detail.clone())
                    .flatten(),
            },
            Some(Layer::Browser(_) | Layer::Card(_)) | None => Self::Nothing,
        }
    }

    /// What is to be told of it, if it is another than before.
    pub(super) fn news(&mut self, model: &Model) -> Option<Vec<String>> {
        let now = Self::of(model);
        if *self == now {
            return None;
        }
        *self = now;
        if *self == Self::Nothing {
            return None;
        }
        Some(match model.layers.last()? {
            Layer::Picker(picker) => list(model, picker),
            Layer::Browser(browser) => conversations(model, browser),
            Layer::Page(page) => self::page(model, &page.kind),
            Layer::Finder(finder) => found(model, finder),
            Layer::Form(form) => self::form(model, form),
            Layer::Question(question) => self::question(model, question),
            Layer::Card(_) => return None,
        })
    }
}

/// Whether what the page is to tell is still looked up.
pub fn is_awaited(model: &Model, kind: &PageKind) -> bool {
    match kind {
        PageKind::Doctor => model.checkup.going,
        PageKind::Log(page) => {
            let window = &page.window;
            let refused = matches!(window.feed, Feed::Refused { .. });
            window.lines.is_empty() && window.done < 100 && !refused
        }
        PageKind::Compare(comparison) => comparison.found.is_none(),
        PageKind::Inspect(inspector) => {
            inspector.found.is_none()
                || inspector.prompt == Prompt::Asked && matches!(model.line, Line::Up(_))
        }
        _ => false,
    }
}

fn numbered(model: &Model, at: usize, text: &str) -> String {
    fill(
        say(model, Word::PlainNumber),
        &[&(at + 1).to_string(), text],
    )
}

fn question(model: &Model, question: &Question) -> Vec<String> {
    let mut lines = vec![fill(say(model, Word::PlainQuestion), &[&question.text])];
    let detail = question.detail.iter().flat_map(|detail| detail.lines());
    lines.extend(detail.map(str::to_owned));
    let choices = question.yes.choices();
    let choices = choices.iter().enumerate();
    lines.extend(choices.map(|(at, (_, word))| numbered(model, at, say(model, *word))));
    let count = question.yes.choices().len().to_string();
    lines.push(fill(say(model, Word::PlainReply), &[&count]));
    lines
}

/// What holds the words that are looked for in the open conversation, or the wish for some.
fn found(model: &Model, finder: &Finder) -> Vec<String> {
    let ask = say(model, Word::PlainFind).to_owned();
    if finder.query.text().trim().is_empty() {
        return vec![ask];
    }
    let messages = model.conversation.transcript.messages();
    let shown = finder.hits.iter().rev().take(LISTED);
    let texts = shown.filter_map(|(id, _)| messages.iter().find(|message| message.id == *id));
    let mut lines: Vec<String> = texts.map(|message| message.text.clone()).collect();
    if lines.is_empty() {
        lines.push(say(model, Word::NothingMatches).to_owned());
    }
    lines.push(ask);
    lines
}

/// A line that is asked for: what it is about, what it is now, and what is wrong with it.
fn form(model: &Model, form: &Form) -> Vec<String> {
    let mut lines = vec![fill(say(model, Word::PlainQuestion), &[&form.title])];
    lines.extend(form.about.iter().cloned());
    if !form.text().is_empty() {
        lines.push(fill(say(model, Word::PlainInUse), &[form.text()]));
    }
    lines.extend(form.wrong.clone());
    let ends = if form.optional {
        Word::PlainFillInOrNot
    } else {
        Word::PlainFillIn
    };
    lines.push(say(model, ends).to_owned());
    lines
}

fn list(model: &Model, picker: &Picker) -> Vec<String> {
    let title = say(model, picker_title(picker.kind));
    let mut lines = vec![fill(say(model, Word::PlainList), &[title])];
    let shown = picker.matches.iter().filter_map(|at| picker.items.get(*at));
    for (at, item) in shown.take(LISTED).enumerate() {
        let label = match item.label.trim() {
            "" => say(model, Word::HistoryUntitled),
            label => label,
        };
        let mut text = label.to_owned();
        if !item.note.is_empty() && item.note != label {
            text = format!("{text} ({})", item.note);
        }
        if item.current {
            text = fill(say(model, Word::PlainInUse), &[&text]);
        }
        lines.push(numbered(model, at, &text));
    }
    let more = picker.matches.len().saturating_sub(LISTED);
    if picker.matches.is_empty() {
        lines.push(say(model, Word::NothingMatches).to_owned());
    } else if more > 0 {
        lines.push(fill(say(model, Word::PlainListMore), &[&more.to_string()]));
    }
    lines.push(say(model, Word::PlainChoose).to_owned());
    lines
}

/// The earlier conversations: title, when it was used, and where the words are in it.
fn conversations(model: &Model, browser: &Browser) -> Vec<String> {
    let title = say(model, Word::TitleConversations);
    let mut lines = vec![fill(say(model, Word::PlainList), &[title])];
    for (at, entry) in browser.entries.iter().take(LISTED).enumerate() {
        let label = conversation_title(model, entry);
        let used = conversation_day(entry.summary.used);
        let mut text = format!("{label} ({used})");
        if let Some(hit) = &entry.hit {
            text = format!("{text}: {}", hit.excerpt.trim());
        }
        if entry.summary.id == model.conversation.id {
            text = fill(say(model, Word::PlainInUse), &[&text]);
        }
        lines.push(numbered(model, at, &text));
    }
    let more = browser.entries.len().saturating_sub(LISTED);
    if browser.entries.is_empty() {
        lines.push(say(model, Word::NothingMatches).to_owned());
    } else if more > 0 {
        lines.push(fill(say(model, Word::PlainListMore), &[&more.to_string()]));
    }
    lines.push(say(model, Word::PlainChoose).to_owned());
    lines
}

fn page(model: &Model, kind: &PageKind) -> Vec<String> {
    let (title, rows) = page_told(model, kind);
    let mut lines = vec![fill(say(model, Word::PlainList), &[say(model, title)])];
    for row in rows {
        let text: String = row.iter().map(|run| run.text.as_str()).collect();
        let text = text.replace(BARS, " ");
        let words: Vec<&str> = text.split_whitespace().collect();
        if !words.is_empty() {
            lines.push(words.join(" "));
        }
    }
    if lines.len() == 1 {
        lines.push(say(model, Word::LogEmpty).to_owned());
    }
    lines
}

/// A fault: what happened and why, what to do, and the command that helps.
pub(super) fn fault(model: &Model, fault: &Fault) -> Vec<String> {
    let what = match &fault.why {
        Some(why) => fill(say(model, Word::PlainSays), &[&fault.what, why]),
        None => fault.what.clone(),
    };
    let hint = fault.hint.as_deref();
    let hint = hint.unwrap_or_else(|| say(model, fault.recovery.word()));
    let helps = match fault.recovery {
        Recovery::Reconnect => Some(("`/dial-now`", Word::KeyConnects)),
        Recovery::Retry => Some(("`/again`", Word::AsksAgain)),
        Recovery::Reset | Recovery::Stop | Recovery::FixInput => None,
    };
    let mut hint = hint.to_owned();
    if let Some((command, word)) = helps {
        hint = format!("{hint}; {}", fill(say(model, word), &[command]));
    }
    vec![
        fill(say(model, Word::PlainError), &[&what]),
        fill(say(model, Word::PlainHint), &[&hint]),
    ]
}
