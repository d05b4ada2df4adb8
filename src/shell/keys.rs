//! Reads the terminal on a thread of its own and turns its events into messages.
//!
//! The thread blocks in the system until a key comes, so an idle program is not woken. It ends
//! with the process: there is no way to interrupt a blocked read, and nothing to clean up.

use crate::core::chord::{Chord, Code};
use crate::core::msg::{Msg, Phase};
use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
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
                if let Some(msg) = message(event)
                    && sender.blocking_send(msg).is_err()
                {
                    break;
                }
            }
        })?;
    Ok(inbox)
}

fn message(event: Event) -> Option<Msg> {
    match event {
        Event::Key(key) => key_message(key),
        Event::Paste(text) => Some(Msg::Paste(text)),
        Event::Resize(columns, rows) => Some(Msg::Resize(columns, rows)),
        Event::FocusGained => Some(Msg::Focus(true)),
        Event::FocusLost => Some(Msg::Focus(false)),
        Event::Mouse(_) => None,
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
