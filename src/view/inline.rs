//! Draws for a terminal that keeps what was said: finished text goes above, once, into the
//! terminal's own memory, and a strip of a few rows below holds what still grows, the composer and
//! the status bar.
//!
//! What needs the whole screen, a list or a page or what was said before, says [`whole`] and is
//! drawn by [`super::draw`] as anywhere else.

use super::chat::{self, Messages};
use super::message::Set;
use super::spots::Spots;
use super::text::wrap::wrap;
use super::text::{Row, Run, clip, put, width};
use super::theme::{Role, Theme};
use super::welcome::{self, Keys};
use super::words::say;
use super::{Cache, PROMPT, Parts, call, composer, foot, layers, of_card};
use crate::core::ids::{ConversationId, MessageId};
use crate::core::model::{Drawn, Layer, Model};
use crate::core::transcript::{Ending, Message, Stored};
use crate::core::words::{Word, fill};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

/// So many rows are told in one frame at most; the rest follows with the next.
const MOST: usize = 500;

/// What the terminal was told of the conversation.
#[derive(Clone, Debug, Default)]
pub struct Scrollback {
    conversation: Option<ConversationId>,
    /// The last message that was told in full.
    last: Option<MessageId>,
    /// The next one was told up to this row, counted from where its text begins: what stands before
    /// that may still change its height.
    begun: Option<i64>,
    /// Something was told before this conversation.
    used: bool,
    /// It was there before it was shown: of what is old, only the end is told.
    resumed: bool,
    /// It was said which conversation this is.
    titled: bool,
}

/// One frame.
#[derive(Debug)]
pub struct Strip {
    /// Rows that are finished.
    pub told: Buffer,
    /// The rows below them, until the next frame.
    pub shown: Buffer,
    /// Where the caret is in them.
    pub caret: Position,
    pub drawn: Drawn,
    /// There is more to tell at once.
    pub more: bool,
}

/// A row that is told.
#[derive(Clone, Debug)]
enum Line {
    Blank,
    /// A row of a message: its place among the messages, and the row.
    Said(usize, usize),
    /// What separates conversations.
    Plain(Row),
}

/// Whether something needs all of the screen.
pub fn whole(model: &Model) -> bool {
    let covers = |layer: &Layer| !matches!(layer, Layer::Card(_));
    let scrolled = model.scroll.anchor.is_some() || model.scroll.wish < 0;
    model.layers.iter().any(covers) || scrolled
}

/// Draws the strip and what is to be told above it. `over`: nothing follows, so all of it is told.
pub fn draw(
    model: &Model,
    cache: &mut Cache,
    scrollback: &mut Scrollback,
    size: (u16, u16),
    over: bool,
) -> Strip {
    let (wide, high) = (size.0.max(1), size.1.max(1));
    let theme = cache.wear(model.theme());
    let messages = Messages::of(model);
    chat::begin(wide, model, cache);
    let room = usize::from(wide.saturating_sub(PROMPT)).max(1);
    let written = composer::window(model.composer.text(), model.composer.caret(), room);
    let rule = u16::from(high >= 4);
    let status = u16::from(high >= 2);
    let calls = if model.call.is_some() {
        call::more_rows(high)
    } else {
        0
    };
    let typed = written.rows.len().clamp(1, usize::from(high / 3).max(1)) as u16;
    let fixed = rule + status + calls + typed;
    let mut spare = high.saturating_sub(fixed);
    let mut take = |wanted: usize| {
        let taken = spare.min(u16::try_from(wanted).unwrap_or(u16::MAX));
        spare -= taken;
        taken
    };
    let card = take(of_card(model, wide).unwrap_or(0));
    let notices = take(usize::from(layers::toast_height(
        Rect::new(0, 0, wide, (high / 4).max(1)),
        &model.toasts,
    )));
    // More than half of the screen would push away what was said before.
    let page = usize::from((high / 2).min(spare.saturating_sub(1)));
    let mut news = News {
        model,
        messages: &messages,
        cache,
        page,
        wide,
        over,
        lines: vec![],
    };
    let growing = news.tell(scrollback);
    let lines = std::mem::take(&mut news.lines);
    let more = lines.len() >= MOST;
    let mut growing = if more { vec![] } else { growing };
    let welcome = if messages.is_empty() && model.welcome && !over {
        welcome::rows(model, usize::from(wide), Keys::Untold)
    } else {
        vec![]
    };
    growing.extend(welcome.into_iter().map(Line::Plain));
    let skip = growing.len().saturating_sub(page);
    growing.drain(..skip);
    if !growing.is_empty() {
        growing.push(Line::Blank);
    }
    let told = painted(&lines, &messages, model, cache, wide, theme);
    let grows = growing.len() as u16;
    let height = (fixed + card + notices + grows).clamp(1, high);
    let mut shown = Buffer::empty(Rect::new(0, 0, wide, height));
    let above = painted(&growing, &messages, model, cache, wide, theme);
    shown.content[..above.content.len()].clone_from_slice(&above.content);
    let mut y = grows;
    let mut next = |rows: u16| {
        let part = Rect::new(0, y.min(height), wide, rows.min(height.saturating_sub(y)));
        y = y.saturating_add(rows);
        part
    };
    let over_it = next(notices);
    layers::toasts(over_it, &mut shown, &model.toasts, theme);
    let parts = Parts {
        title: Rect::default(),
        chat: Rect::default(),
        card: next(card),
        rule: next(rule),
        call: next(calls),
        composer: next(typed),
        status: next(status),
    };
    if let Some(fault) = model.layers.iter().find_map(|layer| match layer {
        Layer::Card(fault) => Some(fault),
        _ => None,
    }) {
        let spots = &mut Spots::default();
        layers::card(parts.card, &mut shown, model, fault, spots, theme);
    }
    let caret = foot(
        &parts,
        &mut shown,
        model,
        &written,
        None,
        &mut Spots::default(),
        theme,
    );
    theme.lay(&mut shown);
    Strip {
        told,
        shown,
        caret,
        drawn: Drawn {
            page: high.saturating_sub(4).max(1),
            ..Drawn::default()
        },
        more,
    }
}

/// What of the conversation is new.
struct News<'a> {
    model: &'a Model,
    messages: &'a Messages<'a>,
    cache: &'a mut Cache,
    /// So many rows may wait in the strip.
    page: usize,
    wide: u16,
    over: bool,
    lines: Vec<Line>,
}

impl News<'_> {
    /// Tells what is finished, and answers with what is not.
    fn tell(&mut self, scrollback: &mut Scrollback) -> Vec<Line> {
        let here = self.model.conversation.id;
        if scrollback.conversation != Some(here) {
            *scrollback = Scrollback {
                conversation: Some(here),
                used: scrollback.used || scrollback.last.is_some(),
                resumed: !self.messages.is_empty(),
                ..Scrollback::default()
            };
        }
        let mut next = match scrollback.last {
            None => self.beginning(scrollback),
            Some(last) => self
                .messages
                .place_of(last)
                .map_or(self.messages.len(), |at| at + 1),
        };
        while next < self.messages.len() && self.lines.len() < MOST {
            let message = self.messages.at(next);
            let rows = self.height(next);
            if !self.settled(message, rows) {
                self.overflow(scrollback, next);
                break;
            }
            let from = from(self.set(next), scrollback.begun.take());
            let to = rows.min(from + MOST);
            self.lines.extend((from..to).map(|at| Line::Said(next, at)));
            if to < rows {
                scrollback.begun = Some(to as i64 - self.set(next).body().start as i64);
                break;
            }
            self.lines.push(Line::Blank);
            scrollback.last = Some(message.id);
            next += 1;
        }
        let mut growing = vec![];
        for index in next..self.messages.len() {
            if index > next {
                growing.push(Line::Blank);
            }
            let begun = scrollback.begun.filter(|_begun| index == next);
            let from = from(self.set(index), begun);
            let rows = self.height(index);
            growing.extend((from..rows).map(|at| Line::Said(index, at)));
            // Nobody sees more of it than the last page.
            let skip = growing.len().saturating_sub(self.page.max(1));
            growing.drain(..skip);
        }
        growing
    }

    /// Where a conversation begins to be told: one that was resumed, at its last page or two.
    fn beginning(&mut self, scrollback: &mut Scrollback) -> usize {
        if self.messages.is_empty() || scrollback.titled {
            return 0;
        }
        let rows = self.height(0);
        if !self.settled(self.messages.at(0), rows) {
            return 0;
        }
        scrollback.titled = true;
        let mut first = 0;
        if scrollback.resumed {
            let mut rows = 0;
            first = self.messages.len();
            while first > 0 && rows < 3 * self.page.max(4) {
                first -= 1;
                rows += self.height(first) + 1;
            }
        }
        if let Some(before) = first.checked_sub(1) {
            scrollback.last = Some(self.messages.at(before).id);
        }
        let above = self.model.conversation.transcript.above;
        let earlier = first + above.map_or(0, |above| above.count);
        if scrollback.used || earlier > 0 {
            let title = match self.model.conversation.title.as_str() {
                "" => say(self.model, Word::NewTitle),
                title => title,
            };
            let room = usize::from(self.wide);
            let title = clip(
                &Run::role(title, Role::Title).text.replace('\n', " "),
                room / 2,
            );
            let rest = "─".repeat(room.saturating_sub(width(&title) + 5));
            let row = vec![
                Run::role("── ", Role::Dim),
                Run::role(&title, Role::Title),
                Run::role(&format!(" {rest}"), Role::Dim),
            ];
            self.lines.extend([Line::Plain(row), Line::Blank]);
        }
        if earlier > 0 {
            let earlier = fill(say(self.model, Word::Earlier), &[&earlier.to_string()]);
            let rows = wrap(&[Run::role(&earlier, Role::Dim)], usize::from(self.wide));
            self.lines.extend(rows.into_iter().map(Line::Plain));
            self.lines.push(Line::Blank);
        }
        first
    }

    /// Tells the finished beginning of a reply that grows beyond the strip.
    fn overflow(&mut self, scrollback: &mut Scrollback, index: usize) {
        let message = self.messages.at(index);
        let waits = message.tools.iter().any(|tool| tool.outcome.is_none());
        if message.ending != Ending::Open || message.text.is_empty() || waits {
            return;
        }
        let page = self.page;
        let set = self.set(index);
        let from = from(set, scrollback.begun);
        let (first, end) = (set.body().start, set.body().start + set.finished());
        let to = end.min(set.height().saturating_sub(page));
        if to > from && to > first {
            let to = to.min(from + MOST);
            scrollback.begun = Some(to as i64 - first as i64);
            self.lines
                .extend((from..to).map(|at| Line::Said(index, at)));
        }
    }

    /// Whether nothing about a message changes any more.
    fn settled(&self, message: &Message, rows: usize) -> bool {
        if self.over {
            return !message.text.is_empty() || message.ending != Ending::Open;
        }
        let model = self.model;
        let waits = model
            .waiting
            .iter()
            .any(|waits| waits.question == message.id);
        let turn = model.turn.as_ref();
        let asked = turn.is_some_and(|turn| {
            turn.reply == message.id || turn.question == message.id && turn.hearing
        });
        // What is being said is marked as far as it is heard, while all of it is in sight.
        let speaking = model.voice.speaking.as_ref();
        let said = speaking.is_some_and(|speaking| {
            speaking.turn == message.turn && chat::is_reply(message) && rows <= self.page
        });
        let kept = message.stored != Stored::Pending;
        kept && message.ending != Ending::Open && !waits && !asked && !said
    }

    fn set(&mut self, index: usize) -> &Set {
        chat::set(self.model, self.messages, index, self.cache)
    }

    fn height(&mut self, index: usize) -> usize {
        self.set(index).height()
    }
}

/// The first row of a message that was not told yet.
fn from(set: &Set, begun: Option<i64>) -> usize {
    let start = set.body().start as i64;
    let row = begun.map_or(0, |rows| usize::try_from(start + rows).unwrap_or(0));
    row.min(set.height())
}

fn painted(
    lines: &[Line],
    messages: &Messages<'_>,
    model: &Model,
    cache: &mut Cache,
    wide: u16,
    theme: Theme,
) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, wide, lines.len() as u16));
    for (y, line) in (0..).zip(lines) {
        match line {
            Line::Blank => {}
            Line::Plain(row) => {
                put(&mut buffer, (0, y), wide, row, theme);
            }
            Line::Said(index, at) => {
                let unheard = chat::unheard(model, messages, *index, cache);
                let set = chat::set(model, messages, *index, cache);
                let area = Rect::new(0, y, wide, 1);
                chat::line(area, &mut buffer, set, *at, unheard, theme);
            }
        }
    }
    theme.lay(&mut buffer);
    buffer
}
