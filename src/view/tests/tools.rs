//! Screens about tools: the question whether one may be used, the page of them, and what they did.

use super::*;
use crate::core::backend::{Errand, Rule, SUMMARY, Task, ToolInfo, ToolServer, ToolState, ToolUse};
use insta::assert_snapshot;

fn asking(columns: u16, rows: u16, lang: &str, arguments: &str) -> Scene {
    let mut scene = Scene::online(columns, rows);
    scene.tell(Msg::Act(format!("use-lang {lang}").parse().unwrap()));
    scene.write("what is in my notes? 笔记里有什么");
    scene.press("enter");
    let turn = scene.model.turn.as_ref().unwrap().id;
    scene.hear(Down::Errand {
        turn,
        errand: Errand {
            id: "e1".to_owned(),
            task: Task::Permit {
                tool: "files__read_text_file".to_owned(),
                arguments: arguments.to_owned(),
            },
        },
    });
    scene
}

#[test]
fn a_tool_is_asked_for_with_its_exact_arguments() {
    let arguments = r#"{"path":"/home/me/notes/行程.txt","head":40}"#;
    let mut scene = asking(80, 24, "en", arguments);
    assert_snapshot!("permit_unread_80x24", scene.picture());
    scene.wait(1_000);
    assert_snapshot!("permit_80x24", scene.picture());
    let mut scene = asking(40, 12, "en", arguments);
    scene.wait(1_000);
    assert_snapshot!("permit_40x12", scene.picture());
    let mut scene = asking(80, 24, "zh", arguments);
    scene.wait(1_000);
    assert_snapshot!("permit_zh_80x24", scene.picture());
}

#[test]
fn endless_and_hostile_arguments_leave_the_keys_on_the_screen() {
    let arguments = format!(
        "{{\"text\":\"{}\u{1b}[2J\u{202e}\"}}",
        "very long ".repeat(500)
    );
    let mut scene = asking(40, 12, "en", &arguments);
    scene.wait(1_000);
    assert_snapshot!("permit_endless_40x12", scene.picture());
}

fn tools() -> Vec<ToolServer> {
    let tool = |name: &str, about: &str, rule| ToolInfo {
        name: name.to_owned(),
        about: about.to_owned(),
        rule,
    };
    let server = |name: &str, state, why: &str, tools| ToolServer {
        name: name.to_owned(),
        state,
        why: why.to_owned(),
        tools,
        left_out: 0,
    };
    let files = vec![
        tool("files__read_text_file", "Reads a file.", Rule::Allowed),
        tool(
            "files__write_file",
            "Writes a file, and overwrites what was there.",
            Rule::Ask,
        ),
        tool("files__move_file", "Moves 文件。", Rule::Never),
    ];
    let mut home = server("home", ToolState::Ready, "", vec![]);
    home.left_out = 372;
    vec![
        server(
            "",
            ToolState::Ready,
            "",
            vec![tool("calculate", "Does arithmetic.", Rule::Allowed)],
        ),
        server("files", ToolState::Ready, "", files),
        server(
            "music",
            ToolState::Off,
            "the tool server `music` has ended: no token given",
            vec![],
        ),
        server("later", ToolState::Starting, "", vec![]),
        home,
    ]
}

#[test]
fn the_tools_are_listed_by_their_servers() {
    for (name, columns, rows, lang) in [
        ("mcp_80x24", 80, 24, "en"),
        ("mcp_40x12", 40, 12, "en"),
        ("mcp_zh_80x24", 80, 24, "zh"),
    ] {
        let mut scene = Scene::online(columns, rows);
        scene.tell(Msg::Act(format!("use-lang {lang}").parse().unwrap()));
        scene.hear(Down::Tools(tools()));
        scene.wait(20_000);
        scene.tell(Msg::Act("mcp".parse().unwrap()));
        assert_snapshot!(name, scene.picture());
    }
    let mut scene = Scene::online(60, 14);
    scene.tell(Msg::Act("mcp".parse().unwrap()));
    assert_snapshot!("mcp_unknown_60x14", scene.picture());
}

fn used(columns: u16, rows: u16, lang: &str) -> Scene {
    let mut scene = Scene::online(columns, rows);
    scene.tell(Msg::Act(format!("use-lang {lang}").parse().unwrap()));
    scene.write("go on");
    scene.press("enter");
    let turn = scene.model.turn.as_ref().map(|turn| turn.id);
    let uses = [
        (
            SUMMARY,
            "24",
            Ok("The user plans a trip to Kyoto. 预算是 3000 元。\nStill open: the hotel."),
        ),
        (
            "files__read_text_file",
            r#"{"path":"/home/me/notes/kyoto.txt"}"#,
            Ok("day 1: Fushimi Inari\nday 2: Arashiyama\nday 3: nothing yet"),
        ),
        (
            "home__lights",
            "{}",
            Err("the user said no to this use of the tool"),
        ),
    ];
    for (name, arguments, outcome) in uses {
        let outcome = outcome.map(str::to_owned).map_err(str::to_owned);
        let tool = ToolUse {
            name: name.to_owned(),
            arguments: arguments.to_owned(),
            outcome: Some(outcome),
        };
        scene.hear(Down::Tool { turn, tool });
    }
    scene.say("Day three is free.");
    scene
}

#[test]
fn uses_of_tools_are_folded_and_can_be_shown_in_full() {
    let mut scene = used(80, 24, "en");
    assert_snapshot!("tools_folded_80x24", scene.picture());
    scene.press("alt-t");
    scene.wait(6_000);
    assert_snapshot!("tools_unfolded_80x24", scene.picture());
    assert_snapshot!("tools_folded_zh_40x12", used(40, 12, "zh").picture());
}

#[test]
fn what_could_not_be_summarised_is_told() {
    let mut scene = Scene::online(80, 14);
    scene.write("go on");
    scene.press("enter");
    let turn = scene.model.turn.as_ref().map(|turn| turn.id);
    let why = "they do not fit any more and could not be summarised: nobody answers";
    let tool = ToolUse {
        name: SUMMARY.to_owned(),
        arguments: "24".to_owned(),
        outcome: Some(Err(why.to_owned())),
    };
    scene.hear(Down::Tool { turn, tool });
    scene.say("Well.");
    assert_snapshot!("summary_failed_80x14", scene.picture());
}
