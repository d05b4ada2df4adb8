//! Draws the part of the conversation that is on screen.
//!
//! Only messages on screen are set; the height of what lies below is known for those that were
//! set lately and estimated for the rest, so ten thousand messages cost no more than twenty.

use super::Cache;
use super::find::{finder, marks, row_of};
use super::message::{Circumstances, Heard, Set, Setting};
use super::scroll::{Shown, resolve};
use super::text::wrap::wrap;
use super::text::{Row, Run, put, width};
use super::theme::{Ink, Role, Theme};
use super::welcome::{self, Keys};
use super::words::{current_badge, key, say};
use crate::core::action::Plain;
use crate::core::ids::MessageId;
use crate::core::keys::Context;
use crate::core::model::{Anchor, Drawn, Model};
use crate::core::transcript::{Ending, Message, Role as Speaker};
use crate::core::words::{Word, fill};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use std::ops::Range;

/// Text wider than this is tiring to read.
pub(super) const WIDEST: u16 = 110;

/// The chat as it was drawn.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    pub drawn: Drawn,
    /// The first loaded message begins on screen.
    pub at_top: bool,
    /// Not every line below was counted.
    pub estimated: bool,
}

/// So many messages below the top of the screen are set to know how many lines they take.
const NEAR: usize = 32;

/// Draws the conversation into an area.
pub(super) fn draw(area: Rect, buffer: &mut Buffer, model: &Model, cache: &mut Cache) -> Seen {
    let messages = &Messages::of(model);
    let page = usize::from(area.height);
    begin(area.width, model, cache);
    if messages.told.is_empty() {
        empty(area, buffer, model, cache);
        return Seen {
            drawn: Drawn {
                page: area.height,
                near_top: true,
                ..Drawn::default()
            },
            at_top: true,
            estimated: false,
        };
    }
    if page == 0 {
        let anchor = model.scroll.anchor;
        return Seen {
            drawn: Drawn {
                anchor,
                ..Drawn::default()
            },
            ..Seen::default()
        };
    }
    let last = messages.len() - 1;
    let found = finder(model).filter(|finder| !finder.query.is_empty());
    let place = found.and_then(|finder| {
        let (message, nth) = finder.place()?;
        let index = messages.place_of(message)?;
        let set = set(model, messages, index, cache);
        Some((index, row_of(set, finder.query.text(), nth)))
    });
    let from = match place {
        // What was found stands in the upper half, with what comes before it.
        Some((index, row)) if found.is_some_and(|finder| finder.seeks) => {
            Some((index, row.saturating_sub(page / 3)))
        }
        _ => model
            .scroll
            .anchor
            .and_then(|anchor| Some((messages.place_of(anchor.message)?, anchor.line as usize))),
    };
    // A blank row follows every message but the last.
    let blank = |index: usize| usize::from(index != last);
    let Shown { top, follows } = resolve(messages.len(), page, from, model.scroll.wish, |index| {
        set(model, messages, index, cache).height() + blank(index)
    });
    let (mut index, mut from) = top;
    let mut y = area.top();
    while y < area.bottom() && index <= last {
        let unheard = unheard(model, messages, index, cache);
        let theme = cache.theme;
        let set = set(model, messages, index, cache);
        for at in from..set.height() {
            if y >= area.bottom() {
                break;
            }
            let row = Rect {
                y,
                height: 1,
                ..area
            };
            line(row, buffer, set, at, unheard, theme);
            if let Some(finder) = found
                && set.body().contains(&at)
                && let Some((indent, told)) = set.row(at)
            {
                let text = Rect {
                    x: row.x + indent,
                    width: row.width.saturating_sub(indent),
                    ..row
                };
                let words = finder.query.text();
                marks(buffer, text, told, words, place == Some((index, at)), theme);
            }
            y += 1;
        }
        y += u16::from(index != last);
        from = 0;
        index += 1;
    }
    let (below, estimated) = if follows {
        (0, false)
    } else {
        // What is near is counted, not guessed.
        for near in (top.0..messages.len()).take(NEAR) {
            set(model, messages, near, cache);
        }
        let (lines, estimated) = count(messages, top.0..messages.len(), area, cache);
        (lines.saturating_sub(top.1 + page), estimated)
    };
    let above = count(messages, top.0.saturating_sub(page)..top.0, area, cache).0;
    let above = above + top.1;
    Seen {
        drawn: Drawn {
            anchor: (!follows).then(|| Anchor {
                message: messages.at(top.0).id,
                line: top.1 as u32,
            }),
            unseen: u32::try_from(below).unwrap_or(u32::MAX),
            near_top: top.0 <= page && above < 2 * page,
            page: area.height,
            scrolled: None,
        },
        at_top: top == (0, 0),
        estimated,
    }
}

/// The messages on the way to the screen: those that were said, and the one that is awaited.
pub(super) struct Messages<'a> {
    told: &'a [Message],
    /// And where it belongs.
    awaited: Option<(usize, Message)>,
}

impl<'a> Messages<'a> {
    pub(super) fn of(model: &'a Model) -> Self {
        let transcript = &model.conversation.transcript;
        Self {
            told: transcript.messages(),
            awaited: awaited(model).map(|reply| (transcript.place(reply.turn), reply)),
        }
    }

    pub(super) const fn len(&self) -> usize {
        self.told.len() + self.awaited.is_some() as usize
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn at(&self, index: usize) -> &Message {
        let message = match &self.awaited {
            Some((place, reply)) if index == *place => Some(reply),
            Some((place, _)) if index > *place => self.told.get(index - 1),
            _ => self.told.get(index),
        };
        message.expect("an index is less than the number of messages")
    }

    /// The place of a message among them. Recent ones are found first.
    pub(super) fn place_of(&self, id: MessageId) -> Option<usize> {
        (0..self.len()).rev().find(|index| self.at(*index).id == id)
    }
}

/// A frame begins in which messages are so many columns wide.
pub(super) fn begin(wide: u16, model: &Model, cache: &mut Cache) {
    cache.messages.begin(Setting {
        room: usize::from(wide.min(WIDEST)),
        lang: model.lang,
        show_reasoning: model.show_reasoning,
        show_details: model.show_details,
        speaker: current_badge(model),
        built_in: say(model, Word::BuiltIn).to_owned(),
        again: key(model, Context::Chat, Plain::Again),
        reveal: key(model, Context::Chat, Plain::ToggleReasoning),
    });
}

/// One of the messages, set.
pub(super) fn set<'a>(
    model: &Model,
    messages: &Messages<'_>,
    index: usize,
    cache: &'a mut Cache,
) -> &'a Set {
    let message = messages.at(index);
    let turn = model.turn.as_ref();
    let around = Circumstances {
        loading: turn.is_some_and(|turn| turn.loading && message.id == turn.reply),
        last: index + 1 == messages.len(),
        heard: heard(model, message),
    };
    cache.messages.get(message, around)
}

/// Where what was not heard of one of the messages begins: the row, and the column in it.
pub(super) fn unheard(
    model: &Model,
    messages: &Messages<'_>,
    index: usize,
    cache: &mut Cache,
) -> Option<(usize, usize)> {
    let heard = spoken(model, messages.at(index))?;
    Some(set(model, messages, index, cache).unheard(&heard))
}

/// Draws one row of a message. What is spoken, and was not heard, stands back.
pub(super) fn line(
    area: Rect,
    buffer: &mut Buffer,
    set: &Set,
    at: usize,
    unheard: Option<(usize, usize)>,
    theme: Theme,
) {
    if at == 0 {
        put(buffer, (area.x, area.y), area.width, set.mark(), theme);
    }
    let Some((indent, row)) = set.row(at) else {
        return;
    };
    let room = area.width.saturating_sub(indent);
    put(buffer, (area.x + indent, area.y), room, row, theme);
    let begins = match unheard {
        Some((first, column)) if first == at => Some(column),
        Some((first, _)) if first < at => Some(0),
        _ => None,
    };
    if let Some(column) = begins.filter(|_| set.body().contains(&at)) {
        let skip = indent.saturating_add(u16::try_from(column).unwrap_or(u16::MAX));
        let rest = Rect {
            x: area.x.saturating_add(skip),
            width: area.width.saturating_sub(skip),
            ..area
        };
        buffer.set_style(rest, Style::new().add_modifier(Modifier::DIM));
    }
}

/// Whether a message answers.
pub(super) fn is_reply(message: &Message) -> bool {
    message.role == Speaker::Assistant
}

/// The reply that has not begun, so that whoever waits sees that something goes on.
fn awaited(model: &Model) -> Option<Message> {
    let turn = model.turn.as_ref()?;
    let begun = model.conversation.transcript.get(turn.reply).is_some();
    let at = model.now.wall;
    (!begun && !turn.hearing).then(|| Message::new(turn.reply, turn.id, Speaker::Assistant, at))
}

/// The lines messages take, and whether some were estimated.
fn count(messages: &Messages<'_>, which: Range<usize>, area: Rect, cache: &Cache) -> (usize, bool) {
    /// Beyond this many messages nobody minds a rough figure.
    const EXACT: usize = 300;
    let room = usize::from(area.width.clamp(8, WIDEST));
    let mut estimated = false;
    let lines = which.enumerate().map(|(nth, index)| {
        let message = messages.at(index);
        let known = (nth < EXACT).then(|| cache.messages.known_height(message.id));
        let height = known.flatten().unwrap_or_else(|| {
            estimated = true;
            2 + message.text.len() / room
        });
        height + 1
    });
    let lines = lines.sum::<usize>().saturating_sub(1);
    (lines, estimated)
}

/// What is shown before anything was said: who is there, and what to press.
fn empty(area: Rect, buffer: &mut Buffer, model: &Model, cache: &Cache) {
    let indent = if area.width > 60 {
        4
    } else {
        2.min(area.width / 8)
    };
    let room = usize::from(area.width.saturating_sub(2 * indent).min(WIDEST));
    let bold = Ink::of(Role::Text).with(Modifier::BOLD);
    let greeting = wrap(&[Run::new(say(model, Word::Welcome), bold)], room.max(1));
    let why = model.brains.as_ref().map_or("", |brains| &brains.why);
    let why = match why {
        "" => vec![],
        why => wrap(&[Run::role(why, Role::Text)], room.max(1)),
    };
    let hints = [
        (Plain::Talk, Word::HintTalk),
        (Plain::Send, Word::HintSend),
        (Plain::Palette, Word::HintPalette),
        (Plain::Help, Word::HintHelp),
    ];
    let keys: Vec<Row> = hints
        .into_iter()
        .filter_map(|(action, word)| {
            // A question that nobody could hear is no hint.
            if action == Plain::Talk && model.voice.deaf().is_some() {
                return None;
            }
            let key =
                key(model, Context::Empty, action).or_else(|| key(model, Context::Chat, action))?;
            let pad = 8_usize.saturating_sub(width(&key)).max(1);
            Some(vec![
                Run::role(&key, Role::Accent),
                Run::role(&" ".repeat(pad), Role::Text),
                Run::role(say(model, word), Role::Dim),
            ])
        })
        .collect();
    // The fullest form that fits.
    let apart = |parts: &[&Vec<Row>]| {
        let some = parts.iter().filter(|rows| !rows.is_empty());
        some.map(|rows| (*rows).clone())
            .collect::<Vec<_>>()
            .join(&vec![])
    };
    let mut forms = vec![];
    if model.welcome {
        let more = Run::role(say(model, Word::WelcomeMore), Role::Dim);
        let more = wrap(&[more], room.max(1));
        let told = welcome::rows(model, room, Keys::Chat);
        let short = welcome::rows(model, room, Keys::Untold);
        forms.push(apart(&[&greeting, &told, &more, &keys]));
        forms.push(apart(&[&greeting, &told, &more]));
        forms.push(apart(&[&greeting, &short, &more]));
        forms.push([greeting.clone(), short].concat());
    }
    forms.push(apart(&[&greeting, &why, &keys]));
    forms.push([greeting.clone(), why].concat());
    forms.push([greeting.clone(), keys].concat());
    let fits = |rows: &Vec<Row>| rows.len() <= usize::from(area.height);
    let rows = forms.into_iter().find(fits).unwrap_or(greeting);
    // A little above the middle looks like the middle.
    let spare = area.height.saturating_sub(rows.len() as u16);
    for (offset, row) in rows.iter().enumerate() {
        let at = (area.x + indent, area.y + spare * 2 / 5 + offset as u16);
        put(buffer, at, area.width - indent, row, cache.theme);
    }
}

/// The mark for what lies below the screen, if anything does.
pub(super) fn below_mark(model: &Model, seen: &Seen) -> Option<String> {
    if seen.drawn.unseen == 0 {
        return None;
    }
    let about = if seen.estimated { "~" } else { "" };
    let lines = format!("{about}{}", seen.drawn.unseen);
    let growing = model.conversation.transcript.last(Speaker::Assistant);
    let growing = growing.is_some_and(|message| message.ending == Ending::Open);
    let word = if growing {
        Word::MoreBelowGrowing
    } else {
        Word::MoreBelow
    };
    Some(fill(say(model, word), &[&lines]))
}

/// The mark for what the store still has above, if anything.
pub(super) fn above_mark(model: &Model, seen: &Seen) -> Option<String> {
    let above = model.conversation.transcript.above?;
    let word = match (model.conversation.loading, seen.at_top) {
        (true, _) => Word::LoadingEarlier,
        (false, true) => Word::Earlier,
        (false, false) => return None,
    };
    Some(fill(say(model, word), &[&above.count.to_string()]))
}

/// What was heard of an answer that is being spoken, or was cut while it was.
fn spoken(model: &Model, message: &Message) -> Option<String> {
    if message.role != Speaker::Assistant {
        return None;
    }
    if let Some(heard) = message.heard {
        return message.text.get(..heard).map(str::to_owned);
    }
    let speaking = model.voice.speaking.as_ref()?;
    if speaking.turn != message.turn || speaking.saying.is_none() {
        return None;
    }
    Some(speaking.heard(model.voice.wishes.speed).unwrap_or_default())
}

/// What becomes of the recording of a message.
fn heard(model: &Model, message: &Message) -> Heard {
    let turn = model.turn.as_ref();
    if message.clip.is_none() {
        Heard::Not
    } else if turn.is_some_and(|turn| turn.hearing && turn.question == message.id) {
        Heard::Now
    } else if (model.waiting.iter()).any(|waiting| waiting.question == message.id) {
        Heard::Waits
    } else {
        Heard::Not
    }
}
