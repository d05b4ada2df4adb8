//! One turn on one timeline, on screens of all sizes.

use super::*;
use crate::core::backend::ToolUse;
use crate::core::inspect::{Findings, LogLine, Passed};
use insta::assert_snapshot;

fn inspected(columns: u16, rows: u16) -> Scene {
    let mut scene = Scene::online(columns, rows);
    scene.ms = 1_000;
    scene.ask("天气怎么样？ how warm is it?");
    let turn = scene.turn();
    let told = turn.unwrap();
    scene.ms += 40;
    scene.hear(Down::Thinking { turn });
    scene.ms += 200;
    let tool = ToolUse {
        name: "weather".into(),
        arguments: r#"{"place":"西安"}"#.into(),
        outcome: Some(Ok("21 °C".into())),
    };
    scene.hear(Down::Tool { turn, tool });
    for _ in 0..20 {
        scene.ms += 30;
        scene.say("It is 21 °C. ");
    }
    scene.done(by_llama());
    scene.press("shift-f11");
    let wall = |ms: i64| Wall(1_795_000_001_000 + ms);
    let passed = |ms: i64, up, kind: &str, times, head: &str| Passed {
        at: wall(ms),
        until: wall(ms + i64::from(times) * 30),
        up,
        kind: kind.into(),
        times,
        bytes: 120 * u64::from(times),
        head: head.into(),
    };
    scene.tell(Msg::Inspected(Box::new(Findings {
        turn: told,
        passed: vec![
            passed(
                1,
                true,
                "text_message",
                1,
                r#"{"type":"text_message","content":"天气"}"#,
            ),
            passed(
                250,
                false,
                "stream_chunk",
                20,
                r#"{"type":"stream_chunk","chunk":"It"}"#,
            ),
        ],
        log: vec![LogLine {
            at: wall(2),
            level: Some(Level::Info),
            text: "a turn begins turn=…".into(),
            nth: Some(0),
        }],
        shape: vec![],
        times: None,
    })));
    scene
}

#[test]
fn a_turn_is_inspected_on_screens_of_all_sizes() {
    for (name, columns, rows) in [
        ("inspect_100x30", 100, 30),
        ("inspect_80x24", 80, 24),
        ("inspect_40x12", 40, 12),
    ] {
        assert_snapshot!(name, inspected(columns, rows).picture());
    }
    let mut scene = inspected(100, 30);
    scene.tell(Msg::Act("use-lang zh".parse().unwrap()));
    assert_snapshot!("inspect_zh_100x30", scene.picture());
}

#[test]
fn a_line_unfolds_and_the_states_take_its_place() {
    let mut scene = inspected(80, 24);
    for _ in 0..5 {
        scene.press("down");
    }
    scene.press("enter");
    assert_snapshot!("inspect_unfolded_80x24", scene.picture());
    scene.press("s");
    assert_snapshot!("inspect_states_80x24", scene.picture());
}

#[test]
fn what_a_report_holds_is_ticked_in_a_list() {
    let mut scene = inspected(80, 24);
    scene.press("b");
    scene.press("end");
    scene.press("ctrl-end");
    scene.press("enter");
    assert_snapshot!("bundle_80x24", scene.picture());
}
