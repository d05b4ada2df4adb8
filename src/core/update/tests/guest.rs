//! What a backend does of its own accord.

use super::super::super::backend::{Activation, ToolCall, VoiceWish};
use super::super::super::model::Page;
use super::super::super::model::PageKind;
use super::super::offers;
use super::*;

const TURN: TurnId = TurnId(77);

fn opens(heard_text: Option<&str>) -> Msg {
    heard(Down::Opens {
        turn: TURN,
        heard: heard_text.map(str::to_owned),
    })
}

fn call(name: &str, arguments: &str) -> Msg {
    heard(Down::Call(ToolCall {
        id: "1".to_owned(),
        name: name.to_owned(),
        arguments: arguments.to_owned(),
    }))
}

/// What the backend is told of the use of a tool.
fn outcome(effects: &[Effect]) -> Option<Result<String, String>> {
    effects.iter().find_map(|effect| match effect {
        Effect::Link(LinkOrder::Say(Up::Result { id, outcome })) => {
            assert_eq!(id, "1");
            Some(outcome.clone())
        }
        _ => None,
    })
}

fn done() -> Msg {
    heard(Down::Done {
        turn: Some(TURN),
        full: None,
        by: None,
        usage: None,
    })
}

#[test]
fn what_the_backend_begins_by_itself_is_followed_heard_and_kept() {
    let mut model = model_online();
    let effects = update(&mut model, at(10), opens(Some("are you there?")));
    let voice = Some(VoiceWish {
        engine: None,
        voice: None,
        speed: 1.0,
    });
    let follow = Up::Follow { turn: TURN, voice };
    assert!(effects.contains(&Effect::Link(LinkOrder::Say(follow))));
    assert!(effects.contains(&Effect::Sound(SoundOrder::Expect { turn: TURN })));
    assert_eq!(model.modes.current(), Mode::TextSse);
    let more = "I am.".to_owned();
    let turn = Some(TURN);
    update(&mut model, at(11), heard(Down::Text { turn, more }));
    update(&mut model, at(12), done());
    assert_eq!(model.modes.current(), Mode::TextTts);
    let messages = model.conversation.transcript.messages().iter();
    let said: Vec<_> = messages.map(|one| (one.role, one.text.as_str())).collect();
    assert_eq!(
        said,
        [(Role::User, "are you there?"), (Role::Assistant, "I am.")]
    );
}

#[test]
fn what_the_user_does_comes_before_what_the_backend_begins() {
    let mut model = model_online();
    say(&mut model, at(10), "hello");
    let running = running(&model);
    let effects = update(&mut model, at(11), opens(None));
    assert_eq!(names(&effects), [""; 0]);
    assert_eq!(model.turn.as_ref().map(|turn| turn.id), Some(running));
    // When that is over, it has its turn.
    let effects = update(&mut model, at(12), key("esc"));
    assert!(names(&effects).contains(&"expect speech"), "{effects:?}");
    assert_eq!(model.turn.as_ref().map(|turn| turn.id), Some(TURN));
    // On another line nobody remembers.
    let mut model = model_online();
    say(&mut model, at(10), "hello");
    update(&mut model, at(11), opens(None));
    let cause = Cause::Lost { why: String::new() };
    update(&mut model, at(12), line(Line::Resting { cause }));
    assert_eq!(model.opened, None);
}

#[test]
fn a_code_is_shown_until_it_is_entered_or_the_line_goes_another_way() {
    let shown = |model: &Model| {
        let code = |layer: &Layer| {
            matches!(
                layer,
                Layer::Page(Page {
                    kind: PageKind::Code(_),
                    ..
                })
            )
        };
        model.layers.iter().filter(|layer| code(layer)).count()
    };
    let code = |text: &str| {
        heard(Down::Activation(Some(Activation {
            code: text.to_owned(),
            message: String::new(),
            until: Moment::from_ms(300_000),
        })))
    };
    let over: [Msg; 3] = [
        heard(Down::Activation(None)),
        line(Line::Closed),
        line(Line::Up(Health::default())),
    ];
    for over in over {
        let mut model = model();
        update(&mut model, at(1), line(Line::Dialing { attempt: 1 }));
        update(&mut model, at(2), code("1"));
        update(&mut model, at(3), code("2"));
        assert_eq!(shown(&model), 1);
        // The time that is left is told every second.
        assert_eq!(deadline(&model), Some(Moment::from_ms(1_000)));
        update(&mut model, at(4), over);
        assert_eq!(shown(&model), 0);
    }
}

#[test]
fn the_backend_hears_how_we_are_and_sets_the_volume_within_bounds() {
    let mut model = model_online();
    let effects = update(&mut model, at(10), call("get_device_status", "{}"));
    let told = outcome(&effects).unwrap().unwrap();
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["audio_speaker"]["volume"], 100.0);
    for (arguments, volume, good) in [
        (r#"{"volume":30}"#, 0.3, true),
        (r#"{"volume":0}"#, 0.0, true),
        (r#"{"volume":101}"#, 0.0, false),
        (r#"{"volume":"loud"}"#, 0.0, false),
        ("nonsense", 0.0, false),
    ] {
        let set = call("audio_speaker.set_volume", arguments);
        let effects = update(&mut model, at(11), set);
        assert_eq!(outcome(&effects).unwrap().is_ok(), good, "{arguments}");
        assert!((model.voice.wishes.volume - volume).abs() < 0.001);
    }
}

#[test]
fn the_backend_sets_the_colours_to_one_of_two() {
    for (arguments, expected) in [
        (r#"{"theme":"light"}"#, Some("light")),
        (r#"{"theme":"dark"}"#, Some("dark")),
        (r#"{"theme":"pink"}"#, None),
        ("{}", None),
    ] {
        let mut model = model_online();
        let effects = update(&mut model, at(10), call("screen.set_theme", arguments));
        assert_eq!(model.theme(), expected.unwrap_or("auto"), "{arguments}");
        assert_eq!(outcome(&effects).unwrap().is_ok(), expected.is_some());
    }
}

#[test]
fn nothing_is_copied_unless_the_user_says_yes() {
    for (chord, copied) in [("y", true), ("n", false), ("esc", false)] {
        let mut model = model_online();
        let effects = update(
            &mut model,
            at(10),
            call("clipboard.copy", r#"{"text":"a"}"#),
        );
        assert_eq!(outcome(&effects), None);
        // Whoever asks twice is told to wait.
        let again = update(
            &mut model,
            at(11),
            call("clipboard.copy", r#"{"text":"b"}"#),
        );
        assert!(outcome(&again).unwrap().is_err());
        // Whoever types on has not read the question.
        let effects = update(&mut model, at(1000), key(chord));
        assert_eq!(
            effects.contains(&Effect::Copy("a".to_owned())),
            copied,
            "{chord}"
        );
        assert_eq!(outcome(&effects).unwrap().is_ok(), copied, "{chord}");
        assert!(model.layers.is_empty());
    }
    // A backend that is gone has nothing to ask.
    let mut model = model_online();
    update(
        &mut model,
        at(10),
        call("clipboard.copy", r#"{"text":"a"}"#),
    );
    update(&mut model, at(11), line(Line::Closed));
    assert!(model.layers.is_empty());
}

#[test]
fn every_other_tool_is_used_elsewhere_and_shown_with_what_came_of_it() {
    let mut model = model_online();
    say(&mut model, at(10), "note this");
    let effects = update(&mut model, at(11), call("notes", "{}"));
    let [Effect::Use(call)] = &effects[..] else {
        panic!("{effects:?}");
    };
    let (call, outcome_told) = (call.clone(), Ok("noted".to_owned()));
    let outcome_known = outcome_told.clone();
    let effects = update(
        &mut model,
        at(12),
        Msg::Used {
            call,
            outcome: outcome_told,
        },
    );
    assert_eq!(outcome(&effects), Some(outcome_known.clone()));
    let messages = model.conversation.transcript.messages();
    let tools = &messages.last().unwrap().tools;
    assert_eq!((tools.len(), &tools[0].outcome), (1, &Some(outcome_known)));
    let names: Vec<_> = offers().into_iter().map(|offer| offer.name).collect();
    assert_eq!(names.len(), 4);
}
