//! What no screen may ever show, and what no size may ever do.

use super::*;
use crate::core::action::{Action, Plain};
use crate::core::backend::{ToolUse, Trouble};
use crate::core::checkup::{Check, CheckEvent, Part};
use crate::core::defuse::is_harmless;
use crate::core::line::{Cause, Health};
use crate::core::settings::{Setting, SettingsEvent, Source};
use crate::core::shelf::{Offer, Pull, ShelfEvent, Standing, Task};
use crate::core::sound::{Loudness, Recorded, SoundEvent};
use crate::view::inline::{self, Scrollback};
use crate::view::text::stream::tests::markdown;
use proptest::prelude::*;
use ratatui::buffer::Cell;

/// Text that would move the cursor, change the title, fill the clipboard, switch the screen,
/// make the terminal answer, or turn the reading direction round.
const ATTACKS: [&str; 16] = [
    "\u{1b}]52;c;ZXZpbA==\u{7}",
    "\u{1b}]0;title\u{7}",
    "\u{1b}]8;;http://evil\u{1b}\\link\u{1b}]8;;\u{1b}\\",
    "\u{1b}[2J\u{1b}[H",
    "\u{1b}[?1049h",
    "\u{1b}[6n\u{1b}[c",
    "\u{1b}P$qm\u{1b}\\",
    "\u{1b}[?1000h\u{1b}[?1006h",
    "\u{9b}31m\u{9d}0;x\u{9c}",
    "\u{202e}drow\u{2066}x\u{2069}\u{200f}",
    "\u{7}\u{8}\u{8}\u{7f}",
    "\u{1b}[31;5mred\u{1b}[0m",
    "a\rb\u{b}c\u{c}d",
    "&#27;[31m&#x9b;2J",
    "`\u{1b}c` **\u{1b}[3J**",
    "\u{e}\u{0}\u{85}\u{2028}\u{feff}",
];

/// What may happen, in few words.
#[derive(Clone, Debug)]
enum Step {
    Ask(String),
    Say(String),
    Think(String),
    Tool(String),
    Done,
    Fail(String),
    Line(String),
    Write(String),
    Press(&'static str),
    List(String),
    Warn(String),
    Figures(String),
    Ring(String),
    Log(String),
    Call(String),
    Shelf(String),
    Check(String),
    Setting(String),
    Resize(u16, u16),
    Draw,
}

const KEYS: [&str; 28] = [
    "ctrl-s",
    "f10",
    "f6",
    "f11",
    "enter",
    "esc",
    "ctrl-p",
    "f1",
    "f2",
    "f3",
    "f4",
    "f12",
    "page-up",
    "page-down",
    "ctrl-home",
    "ctrl-end",
    "up",
    "down",
    "left",
    "backspace",
    "alt-r",
    "ctrl-r",
    "ctrl-n",
    "alt-c",
    "ctrl-up",
    "alt-enter",
    "ctrl-u",
    "y",
];

fn texts() -> impl Strategy<Value = String> {
    let attack = prop::sample::select(&ATTACKS[..]).prop_map(str::to_owned);
    let wide = "[你好a 👩‍👩‍👧é\n\t]{0,40}";
    prop_oneof![
        markdown(),
        attack.clone(),
        (markdown(), attack, markdown()).prop_map(|(a, b, c)| a + &b + &c),
        wide,
        any::<String>(),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let size = prop_oneof![0..4_u16, 0..60_u16, Just(300)];
    let step = prop_oneof![
        2 => texts().prop_map(Step::Ask),
        4 => texts().prop_map(Step::Say),
        1 => texts().prop_map(Step::Think),
        1 => texts().prop_map(Step::Tool),
        2 => Just(Step::Done),
        1 => texts().prop_map(Step::Fail),
        1 => texts().prop_map(Step::Line),
        1 => texts().prop_map(Step::Write),
        4 => prop::sample::select(&KEYS[..]).prop_map(Step::Press),
        1 => texts().prop_map(Step::List),
        1 => texts().prop_map(Step::Warn),
        1 => texts().prop_map(Step::Figures),
        1 => texts().prop_map(Step::Ring),
        1 => texts().prop_map(Step::Log),
        3 => texts().prop_map(Step::Call),
        1 => texts().prop_map(Step::Shelf),
        1 => texts().prop_map(Step::Check),
        1 => texts().prop_map(Step::Setting),
        2 => (size.clone(), size).prop_map(|(columns, rows)| Step::Resize(columns, rows.min(100))),
        2 => Just(Step::Draw),
    ];
    prop::collection::vec(step, 0..25)
}

impl Scene {
    /// In a call: another microphone, words that are said and heard, and an answer to them.
    fn call(&mut self, text: &str) {
        if self.model.call.is_none() {
            self.press("f10");
        }
        let clip = self.model.call.as_ref().map(|call| call.attending);
        let clip = clip.unwrap_or(TurnId(0));
        let turn = self
            .model
            .voice
            .speaking
            .as_ref()
            .map_or(clip, |one| one.turn);
        let told = [
            SoundEvent::Hearing {
                clip,
                device: text.to_owned(),
            },
            SoundEvent::Sounding { turn },
            SoundEvent::Saying {
                turn,
                words: text.to_owned(),
            },
            SoundEvent::Heard { turn, ms: 600 },
            SoundEvent::Echo {
                cancelled_db: Some(f32::NAN),
                open: text.len().is_multiple_of(2),
            },
            SoundEvent::Begun { clip },
            SoundEvent::Recorded {
                clip,
                recorded: Recorded {
                    length_ms: 700,
                    loudness: Loudness {
                        peak_db: -9.0,
                        rms_db: f32::INFINITY,
                    },
                    speech: true,
                    clipped: 0,
                    lost: 0,
                    gap_ms: 0,
                },
            },
        ];
        for event in told {
            self.tell(Msg::Sound(event));
        }
        let (turn, text) = (Some(clip), text.to_owned());
        if text.len().is_multiple_of(3) {
            self.hear(Down::Partial { turn, text });
        } else {
            self.hear(Down::Transcript { turn, text });
        }
    }

    fn step(&mut self, step: &Step) {
        self.ms += 17;
        let turn = self.turn();
        match step.clone() {
            Step::Ask(text) => self.ask(&text),
            Step::Say(text) => self.say(&text),
            Step::Think(text) => self.think(&text),
            Step::Tool(text) => self.hear(Down::Tool {
                turn,
                tool: ToolUse {
                    name: text.clone(),
                    arguments: text.clone(),
                    outcome: Some(Err(text)),
                },
            }),
            Step::Done => self.done(by_builtin()),
            Step::Fail(text) => self.hear(Down::Trouble {
                turn,
                trouble: Trouble {
                    code: text.clone(),
                    what: text.clone(),
                    hint: Some(text),
                    retry_after_s: None,
                },
            }),
            Step::Line(why) => {
                self.line(Line::Refused {
                    cause: Cause::Lost { why },
                });
                self.line(Line::Up(Health::default()));
            }
            Step::Write(text) => self.write(&text),
            Step::Press(chord) => self.press(chord),
            Step::List(title) => {
                self.tell(Msg::Act(Action::Find(title.clone())));
                let words = title.trim().to_owned();
                self.listed(&words, &[(&title, Some(&title)), ("", None)]);
            }
            Step::Warn(text) => self.tell(Msg::Warning(text)),
            Step::Figures(text) => self.hear(Down::Status(vec![(text.clone(), text)])),
            Step::Ring(label) => self.hear(Down::Ring { label }),
            Step::Log(text) => {
                let line = Shown {
                    hits: vec![(0, text.len())],
                    ..log_line(&text, Level::Warn, &text)
                };
                let window = Window {
                    name: text.clone(),
                    feed: Feed::Polled { why: text },
                    ..window(vec![line.clone(), line])
                };
                self.tell(Msg::Log(LogEvent::Window(Box::new(window))));
            }
            Step::Call(text) => self.call(&text),
            Step::Shelf(text) => self.shelf(&text),
            Step::Check(text) => self.check(text),
            Step::Setting(text) => self.setting(&text),
            Step::Resize(columns, rows) => self.tell(Msg::Resize(columns, rows)),
            Step::Draw => {
                self.draw();
            }
        }
    }

    /// A look at everything finds this.
    fn check(&mut self, text: String) {
        self.tell(Msg::Act(Action::Plain(Plain::Doctor)));
        let look = self.model.checkup.look;
        let part = Part::Step(text.clone());
        let check = Check::broken(part, text.clone(), Some(text));
        self.tell(Msg::Check(CheckEvent::Found { look, check }));
    }

    /// A setting of this name and nature is listed, opened, and no value is right.
    fn setting(&mut self, text: &str) {
        let setting = Setting {
            key: text.to_owned(),
            value: text.to_owned(),
            from: Source::Variable(text.to_owned()),
            about: text.to_owned(),
            range: text.to_owned(),
            default: Some(text.to_owned()),
            choices: vec![text.to_owned()],
            secret: text.len().is_multiple_of(2),
        };
        let listed = || Msg::Settings(SettingsEvent::Listed(vec![setting.clone()]));
        self.tell(Msg::Act(Action::Plain(Plain::Settings)));
        self.tell(listed());
        self.draw();
        self.tell(Msg::Act(Action::Change(text.to_owned())));
        self.tell(listed());
        self.write(text);
        let (what, hint) = (text.to_owned(), text.to_owned());
        self.tell(Msg::Settings(SettingsEvent::Failed { what, hint }));
    }

    /// Models are listed, come, and do not come, and each is called this.
    fn shelf(&mut self, text: &str) {
        let offer = Offer {
            model: text.to_owned(),
            task: Task::Voice,
            languages: vec![text.to_owned()],
            licence: text.to_owned(),
            weight: None,
            pinned: false,
            source: text.to_owned(),
            standing: Standing::Absent,
        };
        let list = || Msg::Shelf(ShelfEvent::Listed(vec![offer.clone()]));
        let pull = Pull {
            model: text.to_owned(),
            ..Pull::default()
        };
        let failed = ShelfEvent::Failed {
            what: text.to_owned(),
            hint: Some(text.to_owned()),
        };
        self.tell(Msg::Shelf(failed));
        self.tell(Msg::Act(Action::Plain(Plain::SpeechModels)));
        self.tell(list());
        self.tell(Msg::Act(Action::PullModel(text.to_owned())));
        self.tell(list());
        self.tell(Msg::Shelf(ShelfEvent::Pulling(pull)));
    }
}

/// The first cell that holds what no terminal may get.
fn harmful(buffer: &Buffer) -> Option<&str> {
    let mut symbols = buffer.content.iter().map(Cell::symbol);
    symbols.find(|symbol| !symbol.chars().all(|c| is_harmless(c) && !c.is_control()))
}

#[test]
fn no_attack_reaches_a_cell_from_anywhere() {
    for attack in ATTACKS {
        let text = attack.to_owned();
        let everywhere = [
            Step::Ask(format!("x{text}")),
            Step::Tool(text.clone()),
            Step::Think(text.clone()),
            Step::Say(format!(
                "# {text}\n- {text}\n> {text}\n\n|{text}|b|\n|-|-|\n|{text}|c|\n\n```{text}\n{text}\n```\n[{text}](http://x{text})"
            )),
            Step::Draw,
            Step::Done,
            Step::Ask("y".into()),
            Step::Say("z".into()),
            Step::Fail(text.clone()),
            Step::Warn(text.clone()),
            Step::Call(text.clone()),
            Step::Call(format!("{text}12")),
            Step::Write(text.clone()),
            Step::Ring(text.clone()),
            Step::Shelf(text.clone()),
            Step::Log(text.clone()),
        ];
        let over = [
            Step::Line(text.clone()),
            Step::List(text.clone()),
            Step::Figures(text.clone()),
            Step::Check(text.clone()),
            Step::Setting(text.clone()),
            Step::Press("f12"),
        ];
        for layer in over {
            let mut scene = Scene::online(100, 60);
            scene.model.personas = vec![(text.clone(), text.clone())];
            scene.model.choice.persona = Some(text.clone());
            scene.model.backend.clone_from(&text);
            for step in everywhere.iter().chain([&layer]) {
                scene.step(step);
            }
            let (buffer, _) = scene.draw();
            assert_eq!(harmful(&buffer), None, "{attack:?} under {layer:?}");
        }
    }
}

#[test]
fn tiny_and_giant_screens_are_drawn() {
    for (columns, rows) in [
        (20, 5),
        (1, 1),
        (0, 0),
        (300, 100),
        (2, 40),
        (200, 1),
        (5, 3),
        (150, 14),
        (151, 13),
        (500, 200),
    ] {
        let layers = [
            "", "help", "palette", "log", "page-up", "theme", "doctor", "times", "call",
        ];
        for layer in layers
            .into_iter()
            .chain(["conversations", "mcp", "status", "find-here"])
        {
            let mut scene = Scene::online(columns, rows);
            scene.exchange("你好", "# 标题\n\n- a\n- b\n\n|a|b|\n|-|-|\n|1|2|");
            scene.write("再见");
            if let Ok(action) = layer.parse() {
                scene.tell(Msg::Act(action));
            }
            scene.draw();
        }
    }
}

#[test]
fn at_20x5_the_conversation_and_the_composer_are_there() {
    let mut scene = Scene::online(20, 5);
    scene.exchange("hello", "Good day to you.");
    insta::assert_snapshot!("tiny_20x5", scene.picture());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_course_of_events_breaks_the_screen(
        steps in steps(),
        columns in 0..90_u16,
        rows in 0..40_u16,
    ) {
        let mut scene = Scene::online(columns, rows);
        for step in &steps {
            scene.step(step);
        }
        let (buffer, cursor) = scene.draw();
        prop_assert_eq!(harmful(&buffer), None);
        let (columns, rows) = scene.model.size;
        prop_assert!(cursor.x < columns.max(1) && cursor.y < rows.max(1), "{:?}", cursor);
        let (size, mut told) = (scene.model.size, Scrollback::default());
        let strip = inline::draw(&scene.model, &mut scene.cache, &mut told, size, true);
        prop_assert_eq!((harmful(&strip.told), harmful(&strip.shown)), (None, None));
    }

    #[test]
    fn what_is_kept_between_frames_never_shows(steps in steps()) {
        let mut scene = Scene::online(60, 20);
        for step in &steps {
            scene.step(step);
            if !matches!(step, Step::Resize(..)) {
                scene.draw();
            }
        }
        scene.tell(Msg::Resize(60, 20));
        scene.done(by_builtin());
        let anchor = scene.model.scroll.anchor;
        let (kept, _) = scene.draw();
        scene.cache = Cache::default();
        scene.model.scroll.anchor = anchor;
        let (fresh, _) = scene.draw();
        prop_assert_eq!(rows(&kept), rows(&fresh));
    }
}
