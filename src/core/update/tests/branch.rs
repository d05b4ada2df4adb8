//! Other versions of a conversation.

use super::super::super::compare::Difference;
use super::super::super::ids::{ConversationId, MessageId};
use super::super::super::model::{Page, PageKind};
use super::*;

fn act(model: &mut Model, now: Now, action: &str) -> Effects {
    update(model, now, Msg::Act(action.parse().unwrap()))
}

fn loaded(model: &Model, messages: Vec<Message>) -> Msg {
    Msg::Kept(Kept::Loaded {
        conversation: Summary {
            id: model.conversation.id,
            title: "tea".into(),
            persona: None,
            started: Wall(0),
            used: Wall(0),
            messages: messages.len(),
            forgotten: 0,
        },
        messages,
        above: None,
        before: None,
    })
}

/// A conversation of two questions, both answered.
fn talked() -> Model {
    let mut model = model_online();
    let said = [
        (Role::User, "tea?"),
        (Role::Assistant, "yes"),
        (Role::User, "which?"),
        (Role::Assistant, "green"),
    ];
    let messages = (1..).zip(said).map(|(n, (role, text))| Message {
        text: text.into(),
        ending: Ending::Complete,
        stored: Stored::Yes,
        ..Message::new(MessageId(n), TurnId(n / 2), role, Wall(0))
    });
    let loaded = loaded(&model, messages.collect());
    update(&mut model, at(5), loaded);
    model
}

/// What is asked of the store before the question, and the question.
fn branched(effects: &[Effect]) -> (Option<MessageId>, ConversationId, ConversationId, String) {
    let [
        Effect::Keep(Keep::Branch {
            from, before, into, ..
        }),
        Effect::Keep(Keep::Load { conversation, .. }),
        Effect::Keep(Keep::Question { say, .. }),
        ..,
    ] = effects
    else {
        panic!("{effects:?}");
    };
    assert_eq!((conversation, &say.conversation), (into, into));
    (*before, *from, *into, say.text.clone())
}

#[test]
fn another_answer_is_asked_for_in_a_copy_that_ends_before_the_question() {
    let mut model = talked();
    let first = model.conversation.id;
    let effects = update(&mut model, at(10), key("alt-g"));
    let (before, from, into, text) = branched(&effects);
    assert_eq!(
        (before, from, text.as_str()),
        (Some(MessageId(3)), first, "which?")
    );
    assert_eq!(model.conversation.id, into);
    assert_ne!(into, first);
    // It is said once the copy is there, with what was said before it.
    assert!(!names(&effects).contains(&"say"));
    let copy = loaded(&model, vec![]);
    let effects = update(&mut model, at(11), copy);
    assert_eq!(names(&effects), ["ask store", "say"]);
}

#[test]
fn an_edited_question_is_asked_in_a_copy_and_esc_leaves_it() {
    let mut model = talked();
    act(
        &mut model,
        at(10),
        &format!("edit-message {}", MessageId(1)),
    );
    assert_eq!(model.composer.text(), "tea?");
    update(&mut model, at(11), key("esc"));
    assert_eq!(
        (model.composer.text(), model.conversation.editing),
        ("", None)
    );
    update(&mut model, at(11), key("alt-e"));
    update(&mut model, at(11), key("ctrl-c"));
    assert_eq!(model.conversation.editing, None);
    update(&mut model, at(12), key("alt-e"));
    let effects = say(&mut model, at(13), " and why");
    let (before, _, _, text) = branched(&effects);
    assert_eq!(
        (before, text.as_str()),
        (Some(MessageId(3)), "which? and why")
    );
    // The next words are asked where one is.
    let copy = loaded(&model, vec![]);
    update(&mut model, at(14), copy);
    let effects = say(&mut model, at(15), "more");
    assert!(!names(&effects).contains(&"ask store"));
}

#[test]
fn versions_are_stepped_through_in_a_ring() {
    let mut model = talked();
    assert_eq!(act(&mut model, at(10), "next-version"), []);
    let here = model.conversation.id;
    let others = [ConversationId(5), ConversationId(6)];
    let opened = |model: &mut Model, chord: &str| {
        let versions = vec![others[0], here, others[1]];
        let conversation = model.conversation.id;
        let kept = Kept::Versions {
            conversation,
            versions,
        };
        update(model, at(11), Msg::Kept(kept));
        update(model, at(12), key(chord));
        model.conversation.id
    };
    assert_eq!(opened(&mut model, "alt-."), others[1]);
    assert_eq!(opened(&mut model, "alt-."), others[0]);
    assert_eq!(opened(&mut model, "alt-,"), others[1]);
    // What is told of another conversation is not believed of this one.
    let kept = Kept::Versions {
        conversation: here,
        versions: vec![],
    };
    update(&mut model, at(13), Msg::Kept(kept));
    assert_eq!(opened(&mut model, "alt-,"), here);
}

#[test]
fn a_version_is_compared_with_the_others_one_after_another() {
    let mut model = talked();
    assert_eq!(act(&mut model, at(10), "compare-versions"), []);
    assert_eq!(model.layers, []);
    let here = model.conversation.id;
    let versions = vec![ConversationId(5), here, ConversationId(6)];
    let kept = Kept::Versions {
        conversation: here,
        versions,
    };
    update(&mut model, at(11), Msg::Kept(kept));
    for other in [5, 6, 5].map(ConversationId) {
        let effects = update(&mut model, at(12), key("alt-/"));
        let one = here;
        assert_eq!(effects, [Effect::Keep(Keep::Compare { one, other })]);
        assert_eq!(model.layers.len(), 1);
    }
    let compared = |other: u128, same: usize| {
        Msg::Kept(Kept::Compared {
            one: here,
            other: ConversationId(other),
            difference: Box::new(Difference {
                same,
                ..Difference::default()
            }),
        })
    };
    let shown = |model: &Model| match model.layers.last() {
        Some(Layer::Page(Page {
            kind: PageKind::Compare(comparison),
            ..
        })) => comparison.found.as_ref().map(|found| found.same),
        other => panic!("{other:?}"),
    };
    // What was asked before is not shown as what is asked now.
    update(&mut model, at(13), compared(6, 3));
    assert_eq!(shown(&model), None);
    update(&mut model, at(14), compared(5, 2));
    assert_eq!(shown(&model), Some(2));
    update(&mut model, at(15), key("esc"));
    assert_eq!(model.layers, []);
}

#[test]
fn a_branch_of_a_running_answer_takes_what_came_of_it() {
    let mut model = model_online();
    say(&mut model, at(10), "hello");
    let effects = act(&mut model, at(11), "branch");
    assert_eq!(
        names(&effects),
        [
            "interrupt",
            "confirm",
            "keep message",
            "keep turn",
            "ask store",
            "ask store"
        ]
    );
    let mut model = model_online();
    assert_eq!(act(&mut model, at(10), "branch"), []);
    assert_eq!(act(&mut model, at(10), "edit"), []);
}
