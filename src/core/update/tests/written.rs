//! What whole lines mean, where there are no keys.

use super::super::super::backend::{BrainInfo, Brains, Errand, Permission, Task};
use super::*;

fn write(model: &mut Model, ms: u64, line: &str) -> Effects {
    update(model, at(ms), Msg::Written(line.to_owned()))
}

fn notices(model: &Model) -> Vec<&str> {
    model
        .toasts
        .iter()
        .map(|toast| toast.text.as_str())
        .collect()
}

fn act(model: &mut Model, ms: u64, action: &str) -> Effects {
    update(model, at(ms), Msg::Act(action.parse().unwrap()))
}

#[test]
fn a_line_is_asked_and_leaves_the_composer_alone() {
    let mut model = model_online();
    model.composer.insert("half a thought");
    let effects = write(&mut model, 10, "  what is tea? ");
    assert!(names(&effects).contains(&"say"), "{effects:?}");
    let asked = model.conversation.transcript.last(Role::User).unwrap();
    assert_eq!(asked.text, "what is tea?");
    assert_eq!(model.composer.text(), "half a thought");
    // An empty line sends what was left there.
    write(&mut model, 20, "");
    let asked = model.conversation.transcript.last(Role::User).unwrap();
    assert_eq!(asked.text, "half a thought");
}

#[test]
fn a_slash_is_a_command_unless_it_begins_a_path() {
    let mut model = model_online();
    write(&mut model, 10, "/toggle-tools");
    assert_eq!(notices(&model), ["tools forbidden"]);
    write(&mut model, 20, "/quti");
    assert_eq!(
        notices(&model)[1],
        "no command is called `quti`; did you mean `quit`?"
    );
    assert!(model.conversation.transcript.is_empty());
    write(&mut model, 30, "/usr/bin is what?");
    let asked = model.conversation.transcript.last(Role::User).unwrap();
    assert_eq!(asked.text, "/usr/bin is what?");
    let effects = write(&mut model, 40, "/quit");
    assert_eq!(effects.last(), Some(&Effect::Quit));
}

#[test]
fn talking_takes_one_command_and_one_empty_line() {
    let mut model = model_online();
    let effects = write(&mut model, 10, "/talk");
    assert_eq!(names(&effects), ["record"]);
    let effects = write(&mut model, 900, "");
    assert_eq!(names(&effects), ["stop recording"]);
}

#[test]
fn an_empty_line_tells_how_things_stand() {
    let mut model = model_online();
    let effects = write(&mut model, 10, "");
    assert_eq!(effects, []);
    assert!(notices(&model)[0].starts_with("idle; "));
    write(&mut model, 20, "hello");
    write(&mut model, 30, "");
    assert_eq!(notices(&model)[1], "answering; `/cancel` stops it");
}

fn asked() -> Model {
    let mut model = model_online();
    write(&mut model, 10, "read it");
    let turn = model.turn.as_ref().unwrap().id;
    let task = Task::Permit {
        tool: "files__read".to_owned(),
        arguments: "{}".to_owned(),
    };
    let errand = Errand {
        id: "e1".to_owned(),
        task,
    };
    update(&mut model, at(20), heard(Down::Errand { turn, errand }));
    model
}

#[test]
fn a_question_is_answered_by_number_key_or_words_and_by_nothing_else() {
    for (line, permission) in [
        ("1", Some(Permission::Once)),
        ("2", Some(Permission::Conversation)),
        ("c", Some(Permission::Conversation)),
        ("Always", Some(Permission::Always)),
        ("4", Some(Permission::No)),
        ("no", Some(Permission::No)),
        ("5", Some(Permission::Never)),
        ("/cancel", Some(Permission::No)),
        ("0", None),
        ("6", None),
        ("", None),
        ("yes please do", None),
    ] {
        let mut model = asked();
        let effects = write(&mut model, 5_000, line);
        let report = effects.iter().find_map(|effect| match effect {
            Effect::Link(LinkOrder::Say(Up::Report { outcome, .. })) => outcome.clone().ok(),
            _ => None,
        });
        assert_eq!(
            report.as_deref(),
            permission.map(Permission::code),
            "{line}"
        );
        assert_eq!(model.layers.is_empty(), permission.is_some(), "{line}");
        // Nothing of it is asked.
        assert_eq!(model.conversation.transcript.count(), 1, "{line}");
    }
}

#[test]
fn who_was_writing_when_a_question_came_up_has_not_read_it() {
    let mut model = asked();
    write(&mut model, 300, "1");
    assert_eq!(model.layers.len(), 1);
    let asked = model.conversation.transcript.last(Role::User).unwrap();
    assert_eq!(asked.text, "1");
}

fn with_brains() -> Model {
    let mut model = model_online();
    let brain = |id: &str, name: &str| BrainInfo {
        id: id.to_owned(),
        name: name.to_owned(),
        models: vec![],
        model: None,
    };
    let brains = Brains {
        all: vec![brain("http://a/v1", "Ollama"), brain("builtin", "built-in")],
        current: "builtin".to_owned(),
        why: String::new(),
    };
    update(&mut model, at(5), heard(Down::Brains(brains)));
    act(&mut model, 10, "brains");
    model
}

#[test]
fn a_list_is_narrowed_by_words_and_a_number_chooses() {
    let mut model = with_brains();
    write(&mut model, 20, "2");
    assert_eq!(model.choice.brain.as_deref(), Some("http://a/v1"));
    assert!(model.layers.is_empty());

    let mut model = with_brains();
    write(&mut model, 20, "built");
    write(&mut model, 30, "1");
    assert_eq!(model.choice.brain.as_deref(), Some("builtin"));

    let mut model = with_brains();
    write(&mut model, 20, "http://elsewhere/v1");
    assert_eq!(model.choice.brain.as_deref(), Some("http://elsewhere/v1"));

    let mut model = with_brains();
    write(&mut model, 20, "xyzzy");
    assert_eq!(model.layers.len(), 1);
    write(&mut model, 30, "");
    assert!(model.layers.is_empty());
    assert_eq!(model.choice.brain, None);
    assert!(model.conversation.transcript.is_empty());
}

#[test]
fn another_command_leaves_the_list() {
    let mut model = with_brains();
    let effects = write(&mut model, 20, "/talk");
    assert_eq!(names(&effects), ["record"]);
    assert!(model.layers.is_empty());
}

proptest! {
    #[test]
    fn whatever_is_written_the_program_goes_on(lines in prop::collection::vec("[ -~是否1-9/]{0,12}", 0..20)) {
        let mut model = asked();
        for (at_line, line) in lines.iter().enumerate() {
            let effects = write(&mut model, 1_000 + at_line as u64 * 700, line);
            prop_assert!(!effects.contains(&Effect::Suspend) || line.contains("suspend"));
        }
    }
}
