//! Whole screens, made the way the program makes them: messages go through `update`, and what
//! comes of it is drawn. The pictures are in `tests/snapshots`; whoever changes one reads it.

mod bar;
mod browser;
mod call;
mod chat;
mod compare;
mod connect;
mod doctor;
mod inline;
mod inspect;
mod layers;
mod look;
mod never;
mod panel;
mod plain;
mod settings;
mod shelf;
mod spots;
mod tools;
mod voice;

use super::theme::looks::Looks;
use super::theme::{Background, Depth, Role, Theme};
use super::{Cache, draw, rows};
use crate::core::backend::{BrainInfo, Brains, By, Down, Greeting};
use crate::core::ids::{Epoch, TurnId};
use crate::core::line::{Health, Line, LinkEvent};
use crate::core::log::{Feed, Level, LogEvent, Shown, Window};
use crate::core::model::{Choice, Model, Setup};
use crate::core::msg::{Msg, Phase};
use crate::core::record::Kept;
use crate::core::time::{Moment, Now, Wall};
use crate::core::transcript::Stored;
use crate::core::update::update;
use crate::core::words::Lang;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;
use ratatui::style::{Modifier, Style};
use std::time::Duration;

/// A program without a world: what happens to it is told, what it shows is looked at.
struct Scene {
    model: Model,
    ms: u64,
    cache: Cache,
}

impl Scene {
    /// Just started, not connected.
    fn started(columns: u16, rows: u16) -> Self {
        let mut scene = Self {
            model: Model::new(Setup {
                size: (columns, rows),
                choice: Choice {
                    tools: true,
                    ..Choice::default()
                },
                seed: 7,
                show_reasoning: false,
                bell: false,
                notify: false,
                ..Setup::default()
            }),
            ms: 0,
            cache: Cache::default(),
        };
        scene.tell(Msg::Start { resume: None });
        scene
    }

    /// Connected to a backend whose brain is a model server.
    fn online(columns: u16, rows: u16) -> Self {
        let mut scene = Self::started(columns, rows);
        scene.line(Line::Dialing { attempt: 1 });
        scene.line(Line::Up(Health {
            rtt: Some(Duration::from_micros(1200)),
            ..Health::default()
        }));
        scene.hear(Down::Greeting(Greeting {
            client: "one".into(),
            capabilities: vec![],
            personas: vec![("friendly".into(), "Friendly".into())],
            ..Greeting::default()
        }));
        scene.hear(Down::Brains(brains()));
        scene
    }

    fn tell(&mut self, msg: Msg) {
        let now = Now {
            mono: Moment::from_ms(self.ms),
            wall: Wall(1_795_000_000_000 + self.ms as i64),
        };
        update(&mut self.model, now, msg);
    }

    /// Time passes.
    fn wait(&mut self, ms: u64) {
        self.ms += ms;
        self.tell(Msg::Due);
    }

    fn line(&mut self, line: Line) {
        let epoch = Epoch(1);
        self.tell(Msg::Link(LinkEvent::Line { epoch, line }));
    }

    fn hear(&mut self, down: Down) {
        let epoch = Epoch(1);
        self.tell(Msg::Link(LinkEvent::Heard { epoch, down }));
    }

    fn press(&mut self, chord: &str) {
        let chord = chord.parse().unwrap();
        let phase = Phase::Press;
        self.tell(Msg::Key { chord, phase });
    }

    /// Types, which a paste of the same text equals.
    fn write(&mut self, text: &str) {
        self.tell(Msg::Paste(text.into()));
    }

    /// Asks, and the store takes the question.
    fn ask(&mut self, text: &str) {
        self.write(text);
        self.press("enter");
        self.store();
    }

    /// The running turn.
    fn turn(&self) -> Option<TurnId> {
        self.model.turn.as_ref().map(|turn| turn.id)
    }

    fn say(&mut self, more: &str) {
        let (turn, more) = (self.turn(), more.into());
        self.hear(Down::Text { turn, more });
    }

    fn think(&mut self, more: &str) {
        let (turn, more) = (self.turn(), more.into());
        self.hear(Down::Reasoning { turn, more });
    }

    fn done(&mut self, by: By) {
        let turn = self.turn();
        self.hear(Down::Done {
            turn,
            full: None,
            by: Some(by),
            usage: None,
        });
        self.store();
    }

    /// A whole exchange.
    fn exchange(&mut self, question: &str, answer: &str) {
        self.ask(question);
        self.ms += 40;
        self.say(answer);
        self.ms += 900;
        self.done(by_llama());
    }

    /// The store has written everything.
    fn store(&mut self) {
        let messages = self.model.conversation.transcript.messages().iter();
        let pending: Vec<_> = messages
            .filter(|message| message.stored == Stored::Pending)
            .map(|message| (message.id, message.revision))
            .collect();
        for (message, revision) in pending {
            self.tell(Msg::Kept(Kept::Message { message, revision }));
        }
    }

    /// Draws, tells the model what drawing found, and hands out the screen and its cursor.
    fn draw(&mut self) -> (Buffer, Position) {
        let (columns, rows) = self.model.size;
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
        let mut drawn = None;
        terminal
            .draw(|frame| drawn = Some(draw(frame, &self.model, &mut self.cache)))
            .unwrap();
        let cursor = terminal.get_cursor_position().unwrap();
        self.tell(Msg::Drawn(drawn.unwrap()));
        (terminal.backend().buffer().clone(), cursor)
    }

    /// The screen as text, `▏` at its right edge, and the place of the cursor.
    fn picture(&mut self) -> String {
        let (buffer, cursor) = self.draw();
        let mut picture = String::new();
        for row in rows(&buffer) {
            picture.push_str(&row);
            picture.push_str("▏\n");
        }
        picture + &format!("cursor at {},{}", cursor.x, cursor.y)
    }

    /// The screen as text, and below each row that has any the roles of its cells.
    fn picture_with_roles(&mut self) -> String {
        let looks = Looks::new(Depth::Truecolor, Background::Dark, vec![]);
        let theme = looks.theme("auto");
        self.cache = Cache::new(looks);
        let (buffer, _) = self.draw();
        let mut picture = String::new();
        for (y, row) in (0..).zip(rows(&buffer)) {
            picture.push_str(row.trim_end());
            picture.push('\n');
            let marks = (0..buffer.area.width).map(|x| mark(theme, buffer[(x, y)].style()));
            let marks: String = marks.collect();
            if !marks.trim().is_empty() {
                picture.push_str(marks.trim_end());
                picture.push('\n');
            }
        }
        picture
    }
}

/// A letter for the role of a cell. Text of no role but with emphasis has one as well.
fn mark(theme: Theme, style: Style) -> char {
    const LETTERS: [(Role, char); 15] = [
        (Role::Dim, '.'),
        (Role::User, 'u'),
        (Role::Assistant, 'a'),
        (Role::Heading, 'h'),
        (Role::Code, 'c'),
        (Role::Keyword, 'k'),
        (Role::Literal, 's'),
        (Role::Number, 'n'),
        (Role::Comment, 'm'),
        (Role::Link, 'l'),
        (Role::Ok, 'o'),
        (Role::Warning, 'w'),
        (Role::Error, 'e'),
        (Role::Accent, '*'),
        (Role::Selection, '^'),
    ];
    let same = |role: Role| {
        let look = theme.of(role);
        let wanted = look.fg.unwrap_or_default() == style.fg.unwrap_or_default();
        wanted && style.add_modifier.contains(look.add_modifier)
    };
    let known = LETTERS.iter().find(|(role, _)| match role {
        // These two share a colour with another and differ in their modifier only.
        Role::Accent => same(Role::Accent) && !same(Role::User),
        Role::Selection => style.add_modifier.contains(Modifier::REVERSED),
        role => theme.of(*role).fg.is_some() && same(*role),
    });
    match known {
        Some((_, letter)) => *letter,
        None if style.add_modifier.contains(Modifier::BOLD) => 'B',
        None if style.add_modifier.contains(Modifier::ITALIC) => 'I',
        None => ' ',
    }
}

fn by_llama() -> By {
    By {
        brain: "http://127.0.0.1:11434/v1".into(),
        model: Some("llama3.2:3b".into()),
    }
}

fn by_builtin() -> By {
    By {
        brain: "builtin".into(),
        model: None,
    }
}

fn brains() -> Brains {
    Brains {
        all: vec![
            BrainInfo {
                id: "http://127.0.0.1:11434/v1".into(),
                name: "Ollama".into(),
                models: vec!["llama3.2:3b".into(), "qwen3:8b".into()],
                model: Some("llama3.2:3b".into()),
            },
            BrainInfo {
                id: "builtin".into(),
                name: "built-in".into(),
                models: vec![],
                model: None,
            },
        ],
        current: "http://127.0.0.1:11434/v1".into(),
        why: "took Ollama at http://127.0.0.1:11434/v1: it answered with 2 models".into(),
    }
}

fn brains_builtin() -> Brains {
    Brains {
        current: "builtin".into(),
        why: "no model server answers here; the built-in brain does, and `F2` chooses another"
            .into(),
        all: vec![BrainInfo {
            id: "builtin".into(),
            name: "built-in".into(),
            models: vec![],
            model: None,
        }],
    }
}

fn log_line(at: &str, level: Level, text: &str) -> Shown {
    Shown {
        day: "2026-11-20".into(),
        at: at.into(),
        level: Some(level),
        text: text.into(),
        ..Shown::default()
    }
}

/// What a reader of a log tells when these are all its lines.
fn window(lines: Vec<Shown>) -> Window {
    Window {
        name: "hearsay.log".into(),
        chosen: lines.len().saturating_sub(1),
        number: lines.len() as u64,
        total: lines.len() as u64,
        lines,
        following: true,
        done: 100,
        ..Window::default()
    }
}
