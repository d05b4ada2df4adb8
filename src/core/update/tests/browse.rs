//! The list of earlier conversations, and what is done to them.

use super::super::super::browser::{Entry, FIRST, Hit, Sought};
use super::super::super::ids::{ConversationId, MessageId};
use super::super::super::model::Anchor;
use super::*;

const TEA: ConversationId = ConversationId(0xaaaa << 96);

fn summary(id: ConversationId, title: &str) -> Summary {
    Summary {
        id,
        title: title.into(),
        persona: None,
        started: Wall(0),
        used: Wall(0),
        messages: 1,
        forgotten: 0,
    }
}

fn act(model: &mut Model, now: Now, action: &str) -> Effects {
    update(model, now, Msg::Act(action.parse().unwrap()))
}

/// A list that shows one conversation, found by a message or not.
fn browsing(words: &str, found: Option<MessageId>) -> Model {
    let mut model = model_online();
    model.size = (40, 12);
    act(&mut model, at(10), &format!("find {words}"));
    let entry = Entry {
        summary: summary(TEA, "tea"),
        pinned: false,
        hit: found.map(|message| Hit {
            message,
            role: Role::User,
            excerpt: words.into(),
            marks: vec![],
            count: 1,
        }),
    };
    let kept = Kept::Browsed {
        sought: Sought {
            words: words.into(),
            limit: FIRST,
        },
        entries: vec![entry],
        more: false,
    };
    update(&mut model, at(11), Msg::Kept(kept));
    model
}

#[test]
fn enter_opens_a_conversation_where_the_words_were_said() {
    let message = MessageId(5);
    let mut model = browsing("green", Some(message));
    let effects = update(&mut model, at(12), key("enter"));
    let load = Keep::Load {
        conversation: TEA,
        before: None,
        limit: super::super::FETCH,
        back_to: Some(message),
    };
    assert_eq!(effects, [Effect::Keep(load)]);
    assert!(model.layers.is_empty());
    let mut said = Message::new(message, TurnId(1), Role::User, Wall(0));
    said.ending = Ending::Complete;
    let loaded = Kept::Loaded {
        conversation: summary(TEA, "tea"),
        messages: vec![said],
        above: None,
        before: None,
    };
    update(&mut model, at(13), Msg::Kept(loaded));
    assert_eq!(model.scroll.anchor, Some(Anchor { message, line: 0 }));
}

#[test]
fn what_is_done_in_the_list_is_done_to_the_chosen_conversation() {
    let now = at(12).wall;
    for (chord, keep) in [
        ("f4", Keep::Pin { conversation: TEA }),
        (
            "ctrl-x",
            Keep::Delete {
                conversation: TEA,
                at: now,
            },
        ),
        (
            "alt-u",
            Keep::Undelete {
                since: Wall(now.0 - 3_600_000),
            },
        ),
    ] {
        let mut model = browsing("tea", None);
        let effects = update(&mut model, at(12), key(chord));
        assert_eq!(effects, [Effect::Keep(keep)], "{chord}");
        assert!(matches!(model.layers.last(), Some(Layer::Browser(_))));
    }
    let mut model = browsing("tea", None);
    update(&mut model, at(12), key("f2"));
    type_in(&mut model, at(13), " time");
    let rename = Keep::Rename {
        conversation: TEA,
        title: "tea time".into(),
    };
    let effects = update(&mut model, at(14), key("enter"));
    assert_eq!(effects, [Effect::Keep(rename)]);
    // Esc leaves the title first, then the list.
    update(&mut model, at(15), key("f2"));
    update(&mut model, at(16), key("esc"));
    assert_eq!(model.layers.len(), 1);
    update(&mut model, at(17), key("esc"));
    assert_eq!(model.layers.len(), 0);
}

#[test]
fn deleting_is_undone_and_the_list_is_asked_for_again_after_either() {
    let mut model = browsing("tea", None);
    let deleted = Kept::Deleted { conversation: TEA };
    let effects = update(&mut model, at(20), Msg::Kept(deleted));
    let again = Effect::Keep(Keep::Browse(Sought {
        words: "tea".into(),
        limit: FIRST,
    }));
    let before = Wall(at(20).wall.0 - 3_600_000);
    assert_eq!(
        effects,
        [Effect::Keep(Keep::Purge { before }), again.clone()]
    );
    let told = |model: &Model| model.toasts.last().map(|toast| toast.text.clone());
    assert_eq!(
        told(&model).unwrap(),
        "deleted: tea; `/undelete` brings it back within an hour"
    );
    let listed = Kept::Browsed {
        sought: Sought {
            words: "tea".into(),
            limit: FIRST,
        },
        entries: vec![],
        more: false,
    };
    update(&mut model, at(21), Msg::Kept(listed));
    let back = Kept::Undeleted(Some(summary(TEA, "tea")));
    assert_eq!(update(&mut model, at(22), Msg::Kept(back)), [again]);
    assert_eq!(told(&model).unwrap(), "back again: tea");
}

#[test]
fn what_is_purged_loses_its_recordings_after_those_nobody_knows_were_looked_for() {
    let mut model = model_online();
    let left = vec![(TurnId(1), 500)];
    let effects = update(&mut model, at(10), Msg::Left(left.clone()));
    let before = Wall(at(10).wall.0 - 3_600_000);
    assert_eq!(
        effects,
        [
            Effect::Keep(Keep::Unclaimed { clips: left }),
            Effect::Keep(Keep::Purge { before })
        ]
    );
    let purged = Kept::Purged(vec![TurnId(2)]);
    assert_eq!(
        update(&mut model, at(11), Msg::Kept(purged)),
        [Effect::Sound(SoundOrder::Discard { clip: TurnId(2) })]
    );
}

#[test]
fn a_store_that_cannot_list_closes_the_list_and_says_why() {
    let mut model = browsing("tea", None);
    let keep = Box::new(Keep::Browse(Sought {
        words: "tea".into(),
        limit: FIRST,
    }));
    let trouble = StoreTrouble::Busy;
    update(
        &mut model,
        at(12),
        Msg::Kept(Kept::Trouble { keep, trouble }),
    );
    assert!(model.layers.is_empty());
    assert_eq!(model.toasts.len(), 1);
}
