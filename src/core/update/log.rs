//! Leads through a log: what a key on its page means, what is typed there, and the way from a turn
//! to its lines and back. The lines themselves, and where in them one is, are with the reader.

use super::super::action::{Action, Plain};
use super::super::chord::Chord;
use super::super::composer::{Applied, Composer};
use super::super::effect::{Effect, Effects};
use super::super::ids::TurnId;
use super::super::keys::Context;
use super::super::log::{Go, Level, LogEvent, LogOrder, LogPage, Typing, Wants};
use super::super::model::{Anchor, Layer, Model, Page, PageKind, Scroll, Tone};
use super::super::words::Word;
use super::{act, inspect, notice};

/// One step to the side.
const STEP: u16 = 8;
/// No text is farther to the side than this.
const FARTHEST: u16 = 4096;

/// Lines that have room on the page: all but its edges, what it says of itself, and the status bar.
fn rows(model: &Model) -> u16 {
    model.size.1.saturating_sub(4).max(1)
}

fn page(model: &mut Model) -> Option<&mut LogPage> {
    match model.layers.last_mut() {
        Some(Layer::Page(Page {
            kind: PageKind::Log(page),
            ..
        })) => Some(page),
        _ => None,
    }
}

fn ask(order: LogOrder) -> Effects {
    vec![Effect::Log(order)]
}

/// Opens a log, or closes the one that is open if it is asked for again.
pub(super) fn open(model: &mut Model, source: Option<String>) -> Effects {
    if source.is_none() && page(model).is_some() {
        model.layers.pop();
        return vec![];
    }
    show(model, source, None)
}

/// Opens a log: with a turn, at the nth of its lines.
pub(super) fn show(
    model: &mut Model,
    source: Option<String>,
    turn: Option<(TurnId, usize)>,
) -> Effects {
    let is_log =
        |layer: &Layer| matches!(layer, Layer::Page(page) if matches!(page.kind, PageKind::Log(_)));
    model.layers.retain(|layer| !is_log(layer));
    let page = LogPage {
        search: turn.map(|(turn, _)| turn.to_string()).unwrap_or_default(),
        ..LogPage::default()
    };
    model.layers.push(Layer::Page(Page {
        kind: PageKind::Log(Box::new(page)),
        scroll: 0,
    }));
    model.reading = true;
    let rows = rows(model);
    ask(LogOrder::Open { source, turn, rows })
}

/// Opens our own log at the turn on the screen: the topmost if one scrolled up, else the last.
pub(super) fn of_turn(model: &mut Model) -> Effects {
    if let Some(turn) = inspect::on_screen(model) {
        return show(model, None, Some((turn, 0)));
    }
    notice::say(model, Word::LogTurnNone, &[], Tone::Plain);
    vec![]
}

/// Whether a log is on top.
pub(super) fn is_open(model: &mut Model) -> bool {
    page(model).is_some()
}

/// The turn that the chosen line belongs to.
pub(super) fn chosen_turn(model: &mut Model) -> Option<TurnId> {
    let window = &page(model)?.window;
    window.lines.get(window.chosen)?.turn
}

/// The screen has another size.
pub(super) fn resized(model: &Model) -> Effects {
    if model.reading {
        ask(LogOrder::Rows(rows(model)))
    } else {
        vec![]
    }
}

/// Lets the reader rest once no page shows a log, whatever closed it.
pub(super) fn left(model: &mut Model) -> Effects {
    let is_log =
        |layer: &Layer| matches!(layer, Layer::Page(page) if matches!(page.kind, PageKind::Log(_)));
    if !model.reading || model.layers.iter().any(is_log) {
        return vec![];
    }
    model.reading = false;
    ask(LogOrder::Close)
}

/// The reader told something.
pub(super) fn heard(model: &mut Model, event: LogEvent) -> Effects {
    match event {
        LogEvent::Window(window) => {
            for layer in &mut model.layers {
                if let Layer::Page(Page {
                    kind: PageKind::Log(page),
                    ..
                }) = layer
                {
                    page.window = *window;
                    break;
                }
            }
        }
        LogEvent::Wrong(why) => notice::warn(model, why),
    }
    vec![]
}

/// A text was pasted onto a page: it goes into what is being typed.
pub(super) fn paste(page: &mut Page, text: &str) {
    if let PageKind::Log(page) = &mut page.kind
        && let Some((_, typed)) = &mut page.typing
    {
        let line: String = text.chars().take_while(|c| *c != '\n').take(1000).collect();
        typed.insert(&line);
    }
}

/// A key on the page of a log.
pub(super) fn key(model: &mut Model, chord: Chord) -> Effects {
    if page(model).is_some_and(|page| page.typing.is_some()) {
        return typing(model, chord);
    }
    match model.keymap.action(Context::Log, chord).cloned() {
        Some(Action::Plain(plain)) => act(model, plain),
        Some(other) => act::act(model, &other),
        None => vec![],
    }
}

/// A key while something is typed there: it edits as in a list.
fn typing(model: &mut Model, chord: Chord) -> Effects {
    let action = model.keymap.action(Context::Picker, chord).cloned();
    let Some(page) = page(model) else {
        return vec![];
    };
    let Some((what, typed)) = &mut page.typing else {
        return vec![];
    };
    match action {
        Some(Action::Plain(Plain::Send)) => {
            let (what, text) = (*what, typed.text().trim().to_owned());
            page.typing = None;
            match what {
                Typing::Search => {
                    page.search.clone_from(&text);
                    ask(LogOrder::Search(text))
                }
                Typing::Text => {
                    page.wants.text = text;
                    ask(LogOrder::Want(page.wants.clone()))
                }
                Typing::Span => {
                    page.wants.span = text;
                    ask(LogOrder::Want(page.wants.clone()))
                }
            }
        }
        Some(Action::Plain(Plain::Cancel)) => {
            page.typing = None;
            vec![]
        }
        Some(Action::Plain(plain @ (Plain::Quit | Plain::Redraw | Plain::Suspend))) => {
            act::act(model, &plain.into())
        }
        // It is one line.
        Some(Action::Plain(Plain::Newline)) => vec![],
        Some(Action::Plain(plain)) => {
            let _: Applied = typed.apply(plain);
            vec![]
        }
        Some(_) => vec![],
        None => {
            if let Some(c) = chord.typed() {
                typed.insert(c.encode_utf8(&mut [0; 4]));
            }
            vec![]
        }
    }
}

/// Does on the page of a log what was asked for; elsewhere there is nothing to do it with.
pub(super) fn act(model: &mut Model, plain: Plain) -> Effects {
    let Some(page) = page(model) else {
        return vec![];
    };
    let go = |go| ask(LogOrder::Go(go));
    match plain {
        Plain::Cancel => {
            model.layers.pop();
            vec![]
        }
        Plain::Up | Plain::ScrollUp => go(Go::Up),
        Plain::Down | Plain::ScrollDown => go(Go::Down),
        Plain::PageUp => go(Go::PageUp),
        Plain::PageDown => go(Go::PageDown),
        Plain::Top => go(Go::Top),
        Plain::Bottom => go(Go::Bottom),
        Plain::NextHit => go(Go::NextHit),
        Plain::PreviousHit => go(Go::PreviousHit),
        Plain::NextMark => go(Go::NextMark),
        Plain::PreviousMark => go(Go::PreviousMark),
        Plain::Follow => ask(LogOrder::Follow),
        Plain::Mark => ask(LogOrder::Mark),
        Plain::Left => {
            page.shift = page.shift.saturating_sub(STEP);
            vec![]
        }
        Plain::Right => {
            page.shift = page.shift.saturating_add(STEP).min(FARTHEST);
            vec![]
        }
        Plain::Search => begin(page, Typing::Search, ""),
        Plain::OnlyText => {
            let text = page.wants.text.clone();
            begin(page, Typing::Text, &text)
        }
        Plain::OnlyTime => {
            let text = page.wants.span.clone();
            begin(page, Typing::Span, &text)
        }
        Plain::OnlyLevel => {
            page.wants.level = match page.wants.level {
                None => Some(Level::Debug),
                Some(Level::Trace | Level::Debug) => Some(Level::Info),
                Some(Level::Info) => Some(Level::Warn),
                Some(Level::Warn) => Some(Level::Error),
                Some(Level::Error) => None,
            };
            ask(LogOrder::Want(page.wants.clone()))
        }
        Plain::AllLines => {
            page.wants = Wants::default();
            ask(LogOrder::Want(Wants::default()))
        }
        Plain::Send => to_turn(model),
        Plain::CopyReply => copy(model),
        other => act::act(model, &other.into()),
    }
}

fn begin(page: &mut LogPage, what: Typing, text: &str) -> Effects {
    let mut typed = Composer::default();
    typed.insert(text);
    page.typing = Some((what, typed));
    vec![]
}

/// Leaves the log for the turn that the chosen line belongs to.
fn to_turn(model: &mut Model) -> Effects {
    let Some(page) = page(model) else {
        return vec![];
    };
    let line = page.window.lines.get(page.window.chosen);
    let Some(turn) = line.and_then(|line| line.turn) else {
        notice::say(model, Word::LogNoTurn, &[], Tone::Plain);
        return vec![];
    };
    let mut messages = model.conversation.transcript.messages().iter();
    let Some(message) = messages.find(|message| message.turn == turn) else {
        notice::say(model, Word::LogTurnElsewhere, &[], Tone::Plain);
        return vec![];
    };
    model.scroll = Scroll {
        anchor: Some(Anchor {
            message: message.id,
            line: 0,
        }),
        wish: 0,
    };
    model.layers.pop();
    vec![]
}

fn copy(model: &mut Model) -> Effects {
    let line = page(model).and_then(|page| page.window.lines.get(page.window.chosen).cloned());
    let Some(line) = line else {
        notice::say(model, Word::NothingToCopy, &[], Tone::Plain);
        return vec![];
    };
    let level = line.level.map(Level::name).unwrap_or_default();
    let parts = [&line.day, &line.at, level, &line.text];
    let text = parts.into_iter().filter(|part| !part.is_empty());
    let text = text.collect::<Vec<_>>().join(" ");
    notice::say(model, Word::Copied, &[], Tone::Good);
    vec![Effect::Copy(text)]
}
