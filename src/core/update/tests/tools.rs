//! What is decided about tools: who is asked, what keys and words mean, what the answer waits for.

use super::super::super::backend::{Errand, Permission, Task, ToolServer, ToolState, ToolUse};
use super::super::super::call::consent;
use super::super::super::model::PageKind;
use super::*;

fn errand(model: &Model, id: &str, task: Task) -> Msg {
    heard(Down::Errand {
        turn: model.turn.as_ref().unwrap().id,
        errand: Errand {
            id: id.to_owned(),
            task,
        },
    })
}

fn permit(model: &Model, id: &str) -> Msg {
    let task = Task::Permit {
        tool: "files__read".to_owned(),
        arguments: r#"{"path":"a"}"#.to_owned(),
    };
    errand(model, id, task)
}

/// A turn that waits for the user to allow a tool.
fn asked(now: u64) -> Model {
    let mut model = model_online();
    say(&mut model, at(10), "read it");
    let msg = permit(&model, "e1");
    // It shows that the backend has the words.
    assert_eq!(names(&update(&mut model, at(now), msg)), ["confirm"]);
    model
}

fn reports(effects: &[Effect]) -> Vec<(String, Result<String, String>)> {
    let report = |effect: &Effect| match effect {
        Effect::Link(LinkOrder::Say(Up::Report {
            errand, outcome, ..
        })) => Some((errand.clone(), outcome.clone())),
        _ => None,
    };
    effects.iter().filter_map(report).collect()
}

fn decided(id: &str, permission: Permission) -> Vec<(String, Result<String, String>)> {
    vec![(id.to_owned(), Ok(permission.code().to_owned()))]
}

#[test]
fn each_key_decides_and_every_way_to_close_says_no() {
    for (chord, permission) in [
        ("y", Permission::Once),
        ("c", Permission::Conversation),
        ("a", Permission::Always),
        ("A", Permission::Always),
        ("n", Permission::No),
        ("v", Permission::Never),
        ("esc", Permission::No),
        ("ctrl-c", Permission::No),
        ("q", Permission::No),
    ] {
        let mut model = asked(100);
        let effects = update(&mut model, at(2_000), key(chord));
        assert_eq!(reports(&effects), decided("e1", permission), "{chord}");
        assert!(model.layers.is_empty() && model.errands.is_empty());
        assert!(model.turn.is_some(), "the answer goes on");
    }
    let mut model = asked(100);
    assert_eq!(update(&mut model, at(2_000), key("enter")), []);
    assert!(
        !model.layers.is_empty(),
        "what is no choice decides nothing"
    );
}

#[test]
fn who_is_typing_when_the_question_comes_up_has_not_read_it() {
    let mut model = asked(100);
    for (ms, c) in [(200, "y"), (600, "a"), (1_100, "n")] {
        assert_eq!(reports(&update(&mut model, at(ms), key(c))), []);
    }
    assert_eq!(model.composer.text(), "yan");
    // The keys count once nothing was typed for a while, and are to be shown then.
    model.focused = false;
    model.draft_due = None;
    assert_eq!(deadline(&model), Some(Moment::from_ms(1_700)));
    let effects = update(&mut model, at(1_700), key("y"));
    assert_eq!(reports(&effects), decided("e1", Permission::Once));
}

#[test]
fn one_question_is_asked_at_a_time_and_a_turn_that_ends_takes_its_own_along() {
    let mut model = asked(100);
    let msg = permit(&model, "e2");
    update(&mut model, at(110), msg);
    assert_eq!(model.layers.len(), 1);
    let effects = update(&mut model, at(2_000), key("y"));
    assert_eq!(reports(&effects), decided("e1", Permission::Once));
    assert_eq!(model.layers.len(), 1, "the next one is asked");
    assert!(model.turn.is_some());
    let interrupted = Msg::Link(LinkEvent::Heard {
        epoch: Epoch(1),
        down: Down::Interrupted {
            turn: model.turn.as_ref().map(|turn| turn.id),
        },
    });
    update(&mut model, at(2_100), interrupted);
    assert!(model.layers.is_empty() && model.errands.is_empty());
    let late = heard(Down::Errand {
        turn: TurnId(1),
        errand: Errand {
            id: "e3".to_owned(),
            task: Task::ReadClipboard,
        },
    });
    let effects = update(&mut model, at(2_200), late);
    assert_eq!(
        names(&effects),
        ["tell"],
        "for an answer that is over nothing is read"
    );
    assert!(reports(&effects)[0].1.is_err());
}

#[test]
fn an_answer_that_waits_for_the_user_or_a_tool_is_not_late() {
    let mut model = asked(100);
    for ms in (1_000..600_000).step_by(10_000) {
        update(&mut model, at(ms), Msg::Due);
    }
    assert!(model.turn.is_some());
    update(&mut model, at(600_000), key("y"));
    let turn = model.turn.as_ref().map(|turn| turn.id);
    let tool = |outcome| ToolUse {
        name: "files__read".to_owned(),
        arguments: "{}".to_owned(),
        outcome,
    };
    let using = heard(Down::Tool {
        turn,
        tool: tool(None),
    });
    update(&mut model, at(600_100), using);
    for ms in (600_000..700_000).step_by(10_000) {
        update(&mut model, at(ms), Msg::Due);
    }
    assert!(model.turn.is_some());
    let used = heard(Down::Tool {
        turn,
        tool: tool(Some(Ok("done".to_owned()))),
    });
    update(&mut model, at(700_000), used);
    update(&mut model, at(760_000), Msg::Due);
    assert!(
        model.turn.is_none(),
        "from there on it is late like any other"
    );
}

#[test]
fn errands_that_need_nobody_are_run_at_once() {
    let mut model = model_online();
    say(&mut model, at(10), "louder");
    let volume = errand(&model, "v", Task::Volume { percent: Some(50) });
    let effects = update(&mut model, at(20), volume);
    assert_eq!(names(&effects), ["confirm", "volume", "tell"]);
    assert!((model.voice.wishes.volume - 0.5).abs() < 0.01);
    let text = "a".to_owned();
    let copy = errand(&model, "w", Task::WriteClipboard { text });
    assert_eq!(names(&update(&mut model, at(30), copy)), ["copy", "tell"]);
    let read = errand(&model, "r", Task::ReadClipboard);
    assert_eq!(names(&update(&mut model, at(40), read)), ["read clipboard"]);
    let found = Msg::Clipboard {
        turn: model.turn.as_ref().unwrap().id,
        errand: "r".to_owned(),
        found: Ok("what I copied".to_owned()),
    };
    let effects = update(&mut model, at(50), found);
    assert_eq!(
        reports(&effects),
        [("r".to_owned(), Ok("what I copied".to_owned()))]
    );
}

#[test]
fn whole_utterances_answer_in_both_languages() {
    for (said, permission) in [
        ("Yes.", Some(Permission::Once)),
        ("好的。", Some(Permission::Once)),
        ("可以", Some(Permission::Once)),
        ("No, thank you!", Some(Permission::No)),
        ("不行", Some(Permission::No)),
        ("always", Some(Permission::Always)),
        ("总是允许", Some(Permission::Always)),
        ("Never", Some(Permission::Never)),
        ("永远不", Some(Permission::Never)),
        ("yes for this conversation", Some(Permission::Conversation)),
        ("yes but why", None),
        ("what is that?", None),
        ("", None),
    ] {
        assert_eq!(consent(said), permission, "{said}");
    }
}

#[test]
fn what_became_worse_with_a_server_is_told_and_the_open_page_follows() {
    let mut model = model_online();
    let server = |state, why: &str| {
        heard(Down::Tools(vec![ToolServer {
            name: "files".to_owned(),
            state,
            why: why.to_owned(),
            ..ToolServer::default()
        }]))
    };
    update(&mut model, at(10), server(ToolState::Ready, ""));
    assert_eq!(model.toasts, []);
    let effects = update(&mut model, at(20), Msg::Act("mcp".parse().unwrap()));
    assert_eq!(names(&effects), ["tell"]);
    update(
        &mut model,
        at(30),
        server(ToolState::Waiting, "`files` has ended"),
    );
    let told: Vec<_> = model
        .toasts
        .iter()
        .map(|toast| toast.text.as_str())
        .collect();
    assert_eq!(told, ["`files` has ended; it will be started again"]);
    let Some(Layer::Page(page)) = model.layers.last() else {
        panic!("{:?}", model.layers)
    };
    assert_eq!(page.kind, PageKind::Tools(model.tools.clone()));
    update(&mut model, at(40), Msg::Act("mcp".parse().unwrap()));
    assert!(model.layers.is_empty(), "the same again closes it");
}

/// A turn of a backend elsewhere.
fn elsewhere() -> Model {
    let mut model = model_online();
    model.backend = "office".to_owned();
    say(&mut model, at(10), "what did I copy?");
    model
}

#[test]
fn a_backend_elsewhere_gets_the_clipboard_only_if_the_user_says_so_here() {
    let write = || Task::WriteClipboard {
        text: "rm -rf".to_owned(),
    };
    let permit = |text: &str| Task::Permit {
        tool: "clipboard".to_owned(),
        arguments: text.to_owned(),
    };
    let (reading, writing) = (r#"{"action":"read"}"#, r#"{"action":"write","text":"a"}"#);
    // What it asked for before, what the user said, what it then wants, and whether it is done at once.
    let table = [
        (None, Task::ReadClipboard, false),
        (None, write(), false),
        (Some((reading, "y")), Task::ReadClipboard, true),
        (Some((reading, "y")), write(), false),
        (Some((writing, "y")), write(), true),
        (Some((writing, "y")), Task::ReadClipboard, false),
        (Some((reading, "n")), Task::ReadClipboard, false),
        (Some((reading, "v")), Task::ReadClipboard, false),
        (Some((reading, "c")), write(), true),
        (Some((reading, "a")), write(), true),
    ];
    for (nth, (asked, task, at_once)) in table.into_iter().enumerate() {
        let mut model = elsewhere();
        if let Some((arguments, said)) = asked {
            let msg = errand(&model, "p", permit(arguments));
            update(&mut model, at(20), msg);
            update(&mut model, at(2_000), key(said));
        }
        let msg = errand(&model, "w", task);
        let effects = update(&mut model, at(3_000), msg);
        let done = |effects: &[Effect]| {
            let names = names(effects);
            names.contains(&"copy") || names.contains(&"read clipboard")
        };
        assert_eq!(done(&effects), at_once, "{nth}");
        assert_eq!(model.layers.is_empty(), at_once, "{nth}");
        if at_once {
            continue;
        }
        // It is asked for now.
        let mut refused = model.clone();
        let no = update(&mut refused, at(5_000), key("n"));
        assert_eq!(
            reports(&no),
            [("w".to_owned(), Err("the user said no".to_owned()))]
        );
        assert!(done(&update(&mut model, at(5_000), key("y"))), "{nth}");
        // And that was for once.
        let again = errand(&model, "x", Task::ReadClipboard);
        assert!(!done(&update(&mut model, at(6_000), again)), "{nth}");
    }
}

#[test]
fn nobody_is_asked_without_end_for_one_answer() {
    let mut model = asked(100);
    let mut refused = 0;
    for nth in 2..=200 {
        let msg = permit(&model, &format!("e{nth}"));
        let told = reports(&update(&mut model, at(200), msg));
        refused += told.iter().filter(|(_, told)| told.is_err()).count();
    }
    assert_eq!((model.errands.len(), refused), (32, 168));
    // Nor one after the other.
    let mut now = 2_000;
    while !model.errands.is_empty() {
        update(&mut model, at(now), key("n"));
        now += 2_000;
    }
    let msg = permit(&model, "last");
    assert_eq!(reports(&update(&mut model, at(now), msg)).len(), 1);
    assert!(model.layers.is_empty());
    assert!(model.turn.is_some(), "the answer goes on without");
}

#[test]
fn of_uses_of_tools_without_end_the_last_ones_are_remembered_as_far_as_is_bearable() {
    let mut model = model_online();
    say(&mut model, at(10), "use them all");
    let turn = model.turn.as_ref().map(|turn| turn.id);
    let tool = |nth: usize, outcome| ToolUse {
        name: format!("t{nth}"),
        arguments: "好".repeat(100_000),
        outcome,
    };
    for nth in 0..600 {
        for outcome in [None, Some(Ok("好".repeat(100_000)))] {
            let tool = tool(nth, outcome);
            update(&mut model, at(20), heard(Down::Tool { turn, tool }));
        }
    }
    let reply = model.conversation.transcript.last(Role::Assistant).unwrap();
    assert_eq!(reply.tools.len(), 512);
    assert_eq!(reply.tools.last().unwrap().name, "t599");
    for tool in &reply.tools {
        let Some(Ok(told)) = &tool.outcome else {
            panic!("{} is still running", tool.name);
        };
        assert!(tool.arguments.len() <= 65_536 && told.len() <= 65_536);
    }
}
