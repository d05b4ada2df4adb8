//! The timeline of a turn, the ways from it and back, what is written of it, and what goes into a
//! report of a fault.

use super::super::super::backend::{Clip, PromptTold, ToolUse};
use super::super::super::bundle::Part;
use super::super::super::inspect::{
    Findings, Inspector, Kind, LogLine, Passed, Prompt, entries, told,
};
use super::super::super::log::{Level, LogEvent, LogOrder, Shown, Window};
use super::super::super::model::{Page, PageKind};
use super::*;

fn act(model: &mut Model, now: Now, action: &str) -> Effects {
    update(model, now, Msg::Act(action.parse().unwrap()))
}

/// One turn with a tool and a thousand pieces of an answer, which took a second.
fn talked() -> (Model, TurnId) {
    let mut model = model_online();
    say(&mut model, at(1_000), "how warm is it?");
    let turn = model.turn.as_ref().unwrap().id;
    let about = Some(turn);
    update(&mut model, at(1_100), heard(Down::Thinking { turn: about }));
    for outcome in [None, Some(Ok("21".to_owned()))] {
        let tool = ToolUse {
            name: "weather".into(),
            arguments: r#"{"place":"Xi'an"}"#.into(),
            outcome,
        };
        update(
            &mut model,
            at(1_200),
            heard(Down::Tool { turn: about, tool }),
        );
    }
    for n in 0..1000 {
        let more = "ab".to_owned();
        update(
            &mut model,
            at(1_300 + n / 2),
            heard(Down::Text { turn: about, more }),
        );
    }
    let done = Down::Done {
        turn: about,
        full: None,
        by: None,
        usage: None,
    };
    update(&mut model, at(2_000), heard(done));
    (model, turn)
}

fn inspector(model: &Model) -> &Inspector {
    match model.layers.last() {
        Some(Layer::Page(Page {
            kind: PageKind::Inspect(inspector),
            ..
        })) => inspector,
        other => panic!("{other:?}"),
    }
}

fn wall(ms: u64) -> Wall {
    at(ms).wall
}

fn findings(turn: TurnId) -> Msg {
    Msg::Inspected(Box::new(Findings {
        turn,
        passed: vec![Passed {
            at: wall(1_010),
            until: wall(1_010),
            up: true,
            kind: "text_message".into(),
            times: 1,
            bytes: 90,
            head: r#"{"type":"text_message","content":"how warm"}"#.into(),
        }],
        log: vec![LogLine {
            at: wall(1_005),
            level: Some(Level::Info),
            text: "a turn begins".into(),
            nth: Some(0),
        }],
        shape: vec![],
        times: None,
    }))
}

#[test]
fn a_turn_is_one_timeline_and_grows_with_what_is_found() {
    let (mut model, turn) = talked();
    let effects = act(&mut model, at(3_000), "inspect");
    let [Effect::Inspect(inquiry)] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert_eq!(inquiry.turn, turn);
    assert!(inquiry.since <= wall(1_000) && wall(2_000) <= inquiry.until);
    update(&mut model, at(3_010), findings(turn));
    let lines = told(&model, inspector(&model), true);
    let expected = [
        "+0.000 stage sent",
        "+0.000 words 15 bytes: how warm is it?",
        "+0.005 log info a turn begins",
        "+0.010 sent text_message, 90 bytes: {\"type\":\"text_message\",\"content\":\"how warm\"}",
        "+0.100 prompt this backend does not tell what it sends to its brain",
        "+0.200 tool used, 25 bytes: weather {\"place\":\"Xi'an\"}",
        "+0.200 tool answered, 10 bytes: weather 21",
        "+0.300 answer 1000 pieces, 2000 bytes, in 499 ms",
    ];
    for line in expected {
        assert!(lines.iter().any(|told| told == line), "{line}\n{lines:#?}");
    }
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with("+0.000 state idle → text_sse"))
    );
    let times: Vec<_> = entries(&model, inspector(&model))
        .iter()
        .map(|entry| entry.at)
        .collect();
    assert!(times.is_sorted(), "{times:?}");
    // Nothing of what was said is in what may be handed on.
    let plain = told(&model, inspector(&model), false).join("\n");
    for said in ["warm", "Xi'an", "21\n", "abab", "weather"] {
        assert!(!plain.contains(said), "{said}: {plain}");
    }
    update(&mut model, at(3_100), key("esc"));
    assert_eq!(model.layers, []);
}

#[test]
fn a_prompt_is_asked_for_where_the_backend_tells_it() {
    let (mut model, turn) = talked();
    let greeting = Greeting {
        capabilities: vec!["prompts".into()],
        ..Greeting::default()
    };
    update(&mut model, at(2_500), heard(Down::Greeting(greeting)));
    let effects = act(&mut model, at(3_000), "inspect");
    let ask = Effect::Link(LinkOrder::Say(Up::AskPrompt { turn }));
    assert_eq!(effects.first(), Some(&ask));
    assert_eq!(inspector(&model).prompt, Prompt::Asked);
    let prompt = |turn| {
        heard(Down::Prompt(PromptTold {
            turn,
            said: vec![("system".into(), "Be kind.".into())],
            tools: vec!["weather".into()],
        }))
    };
    // One that was asked for another turn is not shown here.
    update(&mut model, at(3_050), prompt(TurnId(99)));
    assert_eq!(inspector(&model).prompt, Prompt::Asked);
    update(&mut model, at(3_100), prompt(turn));
    let entries = entries(&model, inspector(&model));
    let prompt = entries
        .iter()
        .find(|entry| entry.kind == Kind::Prompt)
        .unwrap();
    assert_eq!(prompt.label, "parts: 1, tools: 1, 8 bytes");
    assert_eq!(prompt.said, "[system] Be kind.\n[tools] weather");
}

#[test]
fn the_ways_lead_to_the_log_the_message_and_the_turns_beside_and_back() {
    let (mut model, turn) = talked();
    act(&mut model, at(3_000), "inspect");
    update(&mut model, at(3_010), findings(turn));
    let entries = entries(&model, inspector(&model));
    let place = entries
        .iter()
        .position(|entry| entry.kind == Kind::Log)
        .unwrap();
    for _ in 0..place {
        update(&mut model, at(3_020), key("down"));
    }
    assert_eq!(inspector(&model).chosen, place);
    let effects = update(&mut model, at(3_030), key("l"));
    let open = LogOrder::Open {
        source: None,
        turn: Some((turn, 0)),
        rows: 26,
    };
    assert_eq!(effects, [Effect::Log(open)]);
    // From a line of the log to the turn it belongs to.
    let window = Window {
        lines: vec![Shown {
            turn: Some(TurnId(77)),
            ..Shown::default()
        }],
        ..Window::default()
    };
    update(
        &mut model,
        at(3_040),
        Msg::Log(LogEvent::Window(Box::new(window))),
    );
    update(&mut model, at(3_050), key("i"));
    assert_eq!(inspector(&model).turn, TurnId(77));
    update(&mut model, at(3_060), key("esc"));
    // Back in the log, and out of it.
    update(&mut model, at(3_065), key("esc"));
    assert_eq!(model.layers, []);
    act(&mut model, at(3_070), "inspect");
    update(&mut model, at(3_080), key("m"));
    assert_eq!(model.layers, []);
    let question = model.conversation.transcript.messages()[0].id;
    assert_eq!(
        model.scroll.anchor.map(|anchor| anchor.message),
        Some(question)
    );
    // There is one turn only.
    act(&mut model, at(3_090), "inspect");
    let effects = update(&mut model, at(3_100), key("left"));
    assert_eq!((effects, inspector(&model).turn), (vec![], turn));
    // All changes of state of the run, in the place of the timeline.
    update(&mut model, at(3_110), key("s"));
    let states = super::super::super::inspect::entries(&model, inspector(&model));
    assert_eq!(states.len(), model.modes.history().len());
    assert!(states.iter().all(|entry| entry.kind == Kind::State));
}

#[test]
fn a_turn_that_goes_on_is_looked_up_again_when_it_is_over() {
    let mut model = model_online();
    say(&mut model, at(1_000), "hello");
    let turn = model.turn.as_ref().unwrap().id;
    act(&mut model, at(1_100), "inspect");
    assert!(inspector(&model).live);
    let more = "hi".to_owned();
    let text = Down::Text {
        turn: Some(turn),
        more,
    };
    let effects = update(&mut model, at(1_200), heard(text));
    assert!(!names(&effects).contains(&"inspect"), "{effects:?}");
    let done = Down::Done {
        turn: Some(turn),
        full: None,
        by: None,
        usage: None,
    };
    let effects = update(&mut model, at(1_300), heard(done));
    assert!(names(&effects).contains(&"inspect"), "{effects:?}");
    assert!(!inspector(&model).live);
}

#[test]
fn a_recording_stands_before_its_turn_with_its_shape() {
    let (mut model, turn) = talked();
    let question = model.conversation.transcript.messages()[0].id;
    let transcript = &mut model.conversation.transcript;
    transcript.change(question, |message| {
        message.clip = Some(Clip { length_ms: 2_500 });
    });
    act(&mut model, at(3_000), "inspect");
    let found = Findings {
        turn,
        passed: vec![],
        log: vec![],
        shape: vec![0, 50, 100],
        times: None,
    };
    update(&mut model, at(3_010), Msg::Inspected(Box::new(found)));
    let first = entries(&model, inspector(&model)).remove(0);
    assert_eq!((first.at, first.kind), (-2_500, Kind::Audio));
    assert!(first.label.ends_with("▁▅█"), "{}", first.label);
}

#[test]
fn a_report_leaves_out_what_was_said_unless_it_is_ticked() {
    let (mut model, turn) = talked();
    act(&mut model, at(3_000), "inspect");
    update(&mut model, at(3_010), key("b"));
    let Some(Layer::Picker(picker)) = model.layers.last() else {
        panic!("{:?}", model.layers);
    };
    let labels: Vec<_> = picker
        .items
        .iter()
        .map(|item| item.label.as_str())
        .collect();
    assert!(labels[6].starts_with("[x] the timeline"), "{labels:?}");
    assert!(labels[7].starts_with("[ ] what was said"), "{labels:?}");
    assert!(labels[8].starts_with("[ ] the recording"), "{labels:?}");
    // Esc leaves, and the ticks are forgotten.
    act(&mut model, at(3_020), "bundle-with texts");
    update(&mut model, at(3_030), key("esc"));
    update(&mut model, at(3_040), key("b"));
    let effects = update(&mut model, at(3_050), key("enter"));
    let [Effect::Bundle(order)] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert_eq!(order.turn, Some(turn));
    assert!(!order.parts.has(Part::Texts) && !order.parts.has(Part::Audio));
    let timeline = order.timeline.join("\n");
    assert!(timeline.contains("1000 pieces"), "{timeline}");
    assert!(!timeline.contains("warm"), "{timeline}");
    act(&mut model, at(3_060), "bundle");
    act(&mut model, at(3_070), "bundle-with texts");
    let effects = act(&mut model, at(3_080), "write-bundle");
    let [Effect::Bundle(order)] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert!(order.parts.has(Part::Texts));
    assert!(order.timeline.join("\n").contains("how warm is it?"));
}

#[test]
fn a_conversation_is_written_in_a_form_and_at_a_place_that_are_asked_for() {
    let (mut model, _) = talked();
    assert_eq!(act(&mut model, at(3_000), "export"), []);
    assert_eq!(update(&mut model, at(3_010), key("enter")), []);
    assert!(matches!(model.layers.last(), Some(Layer::Form(_))));
    type_in(&mut model, at(3_020), "~/notes");
    let effects = update(&mut model, at(3_030), key("enter"));
    let export = |format: &str, place: Option<&str>| Effect::Export {
        conversation: model.conversation.id,
        format: format.into(),
        place: place.map(Into::into),
    };
    assert_eq!(effects, [export("md", Some("~/notes"))]);
    assert_eq!(model.layers, []);
    let direct = [
        (
            "export srt /tmp/a b.srt",
            vec![export("srt", Some("/tmp/a b.srt"))],
        ),
        ("export pdf", vec![]),
    ];
    for (action, expected) in direct {
        let mut model = model.clone();
        assert_eq!(act(&mut model, at(3_100), action), expected, "{action}");
    }
    // Nothing is an answer, too, and Esc is none.
    let here = export("json", None);
    act(&mut model, at(3_200), "export json");
    assert_eq!(update(&mut model, at(3_210), key("enter")), [here]);
    act(&mut model, at(3_220), "export json");
    assert_eq!(update(&mut model, at(3_230), key("esc")), []);
    assert_eq!(model.layers, []);
    let mut empty = model_online();
    assert_eq!(act(&mut empty, at(10), "export"), []);
    assert_eq!(empty.toasts.len(), 1);
}
