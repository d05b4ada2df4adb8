//! What is told where there is no screen.

use super::*;
use crate::core::backend::{Errand, Task, ToolUse};
use crate::core::line::Cause;
use crate::core::sound::{Loudness, Recorded, SoundEvent};
use crate::view::plain::Telling;
use insta::assert_snapshot;
use proptest::prelude::*;

/// A program whose news are gathered.
struct Told {
    scene: Scene,
    telling: Telling,
    lines: Vec<String>,
}

impl Told {
    fn begin(lang: Lang) -> Self {
        let mut scene = Scene::started(80, 24);
        scene.model.lang = lang;
        let mut told = Self {
            scene,
            telling: Telling::new(false),
            lines: vec![],
        };
        told.look();
        told.with(|scene| scene.line(Line::Dialing { attempt: 1 }));
        told.with(|scene| scene.line(Line::Up(Health::default())));
        told.with(|scene| scene.hear(Down::Brains(brains())));
        told
    }

    fn look(&mut self) {
        let news = self.telling.news(&self.scene.model);
        self.lines.extend(news);
    }

    /// Something happens, and what there is to tell of it is told.
    fn with(&mut self, happens: impl FnOnce(&mut Scene)) {
        happens(&mut self.scene);
        self.look();
    }

    fn write(&mut self, line: &str) {
        self.lines.push(format!("> {line}"));
        self.telling.written(line);
        self.with(|scene| {
            scene.ms += 1_000;
            scene.tell(Msg::Written(line.to_owned()));
            scene.store();
        });
    }

    fn text(&self) -> String {
        self.lines.join("\n")
    }
}

#[test]
fn a_conversation_reads_from_top_to_bottom() {
    let mut told = Told::begin(Lang::En);
    told.write("how do I make tea?");
    told.with(|scene| scene.think("The user wants tea.\n"));
    told.with(|scene| scene.say("Use **hot** water.\n\n- leaves"));
    told.with(|scene| scene.wait(100));
    told.with(|scene| scene.say("\n- patience"));
    told.with(|scene| scene.done(by_llama()));
    told.write("/toggle-tools");
    told.write("/nonsense");
    told.write("and then?");
    told.with(|scene| scene.say("Then you "));
    told.write("/cancel");
    assert_snapshot!(told.text());
}

#[test]
fn chinese_reads_as_well() {
    let mut told = Told::begin(Lang::Zh);
    told.write("怎么泡茶？");
    told.with(|scene| scene.say("用**热水**。\n"));
    told.with(|scene| scene.done(by_builtin()));
    told.write("/brains");
    told.write("2");
    told.write("");
    assert_snapshot!(told.text());
}

#[test]
fn thinking_and_tools_are_told_as_they_come() {
    let mut told = Told::begin(Lang::En);
    told.scene.model.show_reasoning = true;
    told.write("what is there?");
    told.with(|scene| scene.think("I look.\nThen I tell."));
    let tool = |outcome| ToolUse {
        name: "files__list".to_owned(),
        arguments: "{\"path\":\".\"}".to_owned(),
        outcome,
    };
    for outcome in [None, Some(Ok("a.txt\nb.txt".to_owned()))] {
        let turn = told.scene.turn();
        let tool = tool(outcome);
        told.with(|scene| scene.hear(Down::Tool { turn, tool }));
    }
    told.with(|scene| scene.say("Two files."));
    told.with(|scene| scene.done(by_llama()));
    assert_snapshot!(told.text());
}

#[test]
fn a_question_and_a_list_are_numbered_lines() {
    let mut told = Told::begin(Lang::En);
    told.write("read it");
    let turn = told.scene.turn().unwrap();
    let task = Task::Permit {
        tool: "files__read".to_owned(),
        arguments: "{\"path\":\"a\"}".to_owned(),
    };
    let id = "e1".to_owned();
    let errand = Errand { id, task };
    told.with(|scene| scene.hear(Down::Errand { turn, errand }));
    told.write("maybe");
    told.write("3");
    told.write("/brains");
    told.write("zzz");
    told.write("");
    assert_snapshot!(told.text());
}

#[test]
fn what_was_said_is_told_as_it_was_understood() {
    let mut told = Told::begin(Lang::En);
    told.write("/talk");
    let clip = told.scene.model.voice.recording.as_ref().unwrap().clip;
    let device = "Built-in Microphone".to_owned();
    told.with(|scene| scene.tell(Msg::Sound(SoundEvent::Hearing { clip, device })));
    told.write("");
    let recorded = Recorded {
        length_ms: 3_200,
        loudness: Loudness {
            peak_db: -9.0,
            rms_db: -24.0,
        },
        speech: true,
        lost: 0,
        gap_ms: 0,
        clipped: 0,
    };
    told.with(|scene| scene.tell(Msg::Sound(SoundEvent::Recorded { clip, recorded })));
    let turn = told.scene.turn();
    told.with(|scene| {
        let text = "what time".to_owned();
        scene.hear(Down::Partial { turn, text });
    });
    told.with(|scene| {
        let text = "what time is it?".to_owned();
        scene.hear(Down::Transcript { turn, text });
    });
    told.with(|scene| scene.say("Noon."));
    told.with(|scene| scene.done(by_builtin()));
    assert_snapshot!(told.text());
}

#[test]
fn a_call_is_told_from_beginning_to_end() {
    let mut told = Told::begin(Lang::En);
    told.write("/call");
    let attending = |told: &Told| told.scene.model.call.as_ref().unwrap().attending;
    let clip = attending(&told);
    let device = "Built-in Microphone".to_owned();
    told.with(|scene| scene.tell(Msg::Sound(SoundEvent::Hearing { clip, device })));
    told.with(|scene| scene.tell(Msg::Sound(SoundEvent::Begun { clip })));
    told.write("/mute");
    told.write("/mute");
    told.write("/hold");
    told.write("/hold");
    told.write("");
    told.write("/call");
    assert_snapshot!(told.text());
}

#[test]
fn a_lost_line_is_told_once_each_time_and_the_seconds_are_not_counted() {
    let mut told = Told::begin(Lang::En);
    told.with(|scene| {
        let cause = Cause::Lost {
            why: "reset".to_owned(),
        };
        let until = Moment::from_ms(scene.ms + 4_000);
        let attempt = 2;
        scene.line(Line::Waiting {
            until,
            cause,
            attempt,
        });
    });
    told.write("are you there?");
    for _second in 0..3 {
        told.with(|scene| scene.wait(1_000));
    }
    told.with(|scene| scene.line(Line::Dialing { attempt: 2 }));
    told.with(|scene| scene.line(Line::Up(Health::default())));
    told.with(|scene| {
        let cause = Cause::Denied {
            status: Some(401),
            reason: "no such token".to_owned(),
        };
        scene.line(Line::Refused { cause });
    });
    assert_snapshot!(told.text());
}

#[test]
fn help_names_every_command() {
    let mut told = Told::begin(Lang::En);
    told.write("/help");
    let text = told.text();
    for plain in crate::core::action::Plain::ALL {
        if plain.in_palette() {
            assert!(text.contains(&format!("\n/{}: ", plain.name())), "{text}");
        }
    }
    for (name, _) in crate::core::action::WITH_ARGUMENT {
        assert!(text.contains(&format!("\n/{name}: ")), "{text}");
    }
}

proptest! {
    /// One line for one thing, nothing that a terminal would obey, and nothing told twice.
    #[test]
    fn nothing_that_is_told_steers_a_terminal(
        question in any::<String>(),
        pieces in prop::collection::vec(any::<String>(), 0..6),
    ) {
        let mut told = Told::begin(Lang::En);
        told.with(|scene| scene.tell(Msg::Written(question)));
        for piece in pieces {
            told.with(|scene| scene.say(&piece));
        }
        told.with(|scene| if scene.turn().is_some() { scene.done(by_llama()) });
        for line in &told.lines {
            prop_assert!(!line.chars().any(|c| c.is_control() && c != '\t'), "{:?}", line);
        }
        let before = told.lines.len();
        told.look();
        prop_assert_eq!(told.lines.len(), before);
    }
}
