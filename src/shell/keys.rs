//! Reads the terminal on a thread of its own and turns its events into messages.
//!
//! The thread blocks in the system until a key comes, so an idle program is not woken. It ends
//! with the process: there is no way to interrupt a blocked read, and nothing to clean up.

use super::terminal::reports_mouse;
use crate::core::chord::{Chord, Code};
use crate::core::msg::{Msg, Phase};
use crossterm::event::{
    self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEventKind,
};
use crossterm::terminal;
use std::io;
use std::time::Duration;
use tokio::sync::mpsc;

/// Keys that may wait for the loop; a full inbox makes the thread wait, and the terminal keeps
/// what it has not handed out.
const INBOX: usize = 1024;

/// Starts reading. The inbox closes when the terminal is gone. `size` is what it was taken for.
pub fn spawn(size: (u16, u16)) -> io::Result<mpsc::Receiver<Msg>> {
    let (sender, inbox) = mpsc::channel(INBOX);
    std::thread::Builder::new()
        .name("keys".to_owned())
        .spawn(move || {
            // Changes of the size are told from the first look on. A window that was put in its place
            // just before has another one by now, and nobody would ever tell.
            let _nothing_yet = event::poll(Duration::ZERO);
            if let Ok(now) = terminal::size()
                && now != size
                && sender.blocking_send(Msg::Resize(now.0, now.1)).is_err()
            {
                return;
            }
            while let Ok(event) = event::read() {
                let events = match torn(event) {
                    Ok(events) => events,
                    Err(_gone) => break,
                };
                for msg in events.into_iter().filter_map(message) {
                    if sender.blocking_send(msg).is_err() {
                        return;
                    }
                }
            }
        })?;
    Ok(inbox)
}

/// How long the rest of a report may take that a slow line has torn behind its first byte.
const TORN: Duration = Duration::from_millis(25);

/// An event, and those behind it that it may belong to. A report of the mouse that comes in two
/// pieces looks like Esc and letters that nobody typed: it is left out.
fn torn(event: Event) -> io::Result<Vec<Event>> {
    let mut events = vec![event];
    while reports_mouse() && piece(&events) == Piece::Begun && event::poll(TORN)? {
        events.push(event::read()?);
    }
    if piece(&events) == Piece::Whole {
        events.clear();
    }
    Ok(events)
}

/// How a report of the mouse begins.
const START: &str = "\x1b[<";

/// What some events are of a report that was torn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    None,
    Begun,
    Whole,
}

fn piece(events: &[Event]) -> Piece {
    let typed = events.iter().map(|event| match event {
        Event::Key(key) if key.kind == KeyEventKind::Press => match key.code {
            KeyCode::Esc if key.modifiers.is_empty() => Some('\x1b'),
            KeyCode::Char(c) => Some(c),
            _ => None,
        },
        _ => None,
    });
    let Some(text) = typed.collect::<Option<String>>() else {
        return Piece::None;
    };
    let Some(report) = text.strip_prefix(START) else {
        return if START.starts_with(&text) {
            Piece::Begun
        } else {
            Piece::None
        };
    };
    let figures = report.trim_end_matches(['M', 'm']);
    if !figures.chars().all(|c| c.is_ascii_digit() || c == ';') || figures.len() > 20 {
        return Piece::None;
    }
    if figures.len() < report.len() {
        Piece::Whole
    } else {
        Piece::Begun
    }
}

fn message(event: Event) -> Option<Msg> {
    match event {
        Event::Key(key) => key_message(key),
        Event::Paste(text) => Some(Msg::Paste(text)),
        Event::Resize(columns, rows) => Some(Msg::Resize(columns, rows)),
        Event::FocusGained => Some(Msg::Focus(true)),
        Event::FocusLost => Some(Msg::Focus(false)),
        Event::Mouse(mouse) => match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) => Some(Msg::Click(mouse.column, mouse.row)),
            MouseEventKind::ScrollUp => Some(Msg::Wheel { up: true }),
            MouseEventKind::ScrollDown => Some(Msg::Wheel { up: false }),
            _ => None,
        },
    }
}

fn key_message(key: KeyEvent) -> Option<Msg> {
    let code = code(key.code)?;
    let has = |modifier| key.modifiers.contains(modifier);
    let shift = has(KeyModifiers::SHIFT) || key.code == KeyCode::BackTab;
    let chord = Chord {
        code,
        ctrl: has(KeyModifiers::CONTROL),
        alt: has(KeyModifiers::ALT),
        shift,
    };
    let phase = match key.kind {
        KeyEventKind::Press => Phase::Press,
        KeyEventKind::Repeat => Phase::Repeat,
        KeyEventKind::Release => Phase::Release,
    };
    Some(Msg::Key {
        chord: chord.normal(),
        phase,
    })
}

fn code(code: KeyCode) -> Option<Code> {
    Some(match code {
        KeyCode::Char(c) => Code::Char(c),
        KeyCode::Enter => Code::Enter,
        KeyCode::Esc => Code::Esc,
        KeyCode::Tab | KeyCode::BackTab => Code::Tab,
        KeyCode::Backspace => Code::Backspace,
        KeyCode::Delete => Code::Delete,
        KeyCode::Insert => Code::Insert,
        KeyCode::Home => Code::Home,
        KeyCode::End => Code::End,
        KeyCode::PageUp => Code::PageUp,
        KeyCode::PageDown => Code::PageDown,
        KeyCode::Left => Code::Left,
        KeyCode::Right => Code::Right,
        KeyCode::Up => Code::Up,
        KeyCode::Down => Code::Down,
        KeyCode::F(n) => Code::F(n),
        KeyCode::Null
        | KeyCode::CapsLock
        | KeyCode::ScrollLock
        | KeyCode::NumLock
        | KeyCode::PrintScreen
        | KeyCode::Pause
        | KeyCode::Menu
        | KeyCode::KeypadBegin
        | KeyCode::Media(_)
        | KeyCode::Modifier(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chord(code: KeyCode, modifiers: KeyModifiers) -> String {
        match key_message(KeyEvent::new(code, modifiers)) {
            Some(Msg::Key { chord, .. }) => chord.to_string(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_report_of_the_mouse_that_was_torn_is_no_text() {
        let typed = |text: &str| -> Vec<Event> {
            let keys = text.chars().map(|c| match c {
                '\x1b' => KeyCode::Esc,
                c => KeyCode::Char(c),
            });
            keys.map(|code| Event::Key(KeyEvent::new(code, KeyModifiers::NONE)))
                .collect()
        };
        let table = [
            ("\x1b", Piece::Begun),
            ("\x1b[<0;1", Piece::Begun),
            ("\x1b[<0;10;5M", Piece::Whole),
            ("\x1b[<64;100;5m", Piece::Whole),
            ("\x1bx", Piece::None),
            ("\x1b[<0;x", Piece::None),
            ("a", Piece::None),
        ];
        for (text, wanted) in table {
            assert_eq!(piece(&typed(text)), wanted, "{text:?}");
        }
        assert_eq!(piece(&[Event::FocusLost]), Piece::None);
    }

    #[test]
    fn the_terminal_s_keys_become_chords() {
        let none = KeyModifiers::NONE;
        assert_eq!(chord(KeyCode::Char('a'), none), "a");
        assert_eq!(chord(KeyCode::Char('A'), KeyModifiers::SHIFT), "A");
        assert_eq!(chord(KeyCode::Char('c'), KeyModifiers::CONTROL), "ctrl-c");
        assert_eq!(chord(KeyCode::Char('你'), none), "你");
        assert_eq!(chord(KeyCode::BackTab, none), "shift-tab");
        assert_eq!(chord(KeyCode::Char(' '), none), "space");
        assert_eq!(chord(KeyCode::F(1), none), "f1");
    }
}
