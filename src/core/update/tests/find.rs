//! A search in the open conversation, and what is copied and played of it.

use super::super::super::backend::Clip;
use super::super::super::finder::Finder;
use super::super::super::ids::MessageId;
use super::super::super::transcript::Above;
use super::*;

fn act(model: &mut Model, now: Now, action: &str) -> Effects {
    update(model, now, Msg::Act(action.parse().unwrap()))
}

/// A conversation that the store has more of.
fn talked() -> Model {
    let mut model = model_online();
    let said = [
        (Role::User, "how is tea made?"),
        (
            Role::Assistant,
            "So:\n```sh\nboil tea\n```\nand\n```\npour\n```\n",
        ),
        (Role::Note, "timer: tea"),
    ];
    let messages = (1..).zip(said).map(|(n, (role, text))| Message {
        text: text.into(),
        ending: Ending::Complete,
        stored: Stored::Yes,
        clip: (n == 1).then_some(Clip { length_ms: 1500 }),
        ..Message::new(MessageId(n), TurnId(7), role, Wall(0))
    });
    let loaded = Kept::Loaded {
        conversation: Summary {
            id: model.conversation.id,
            title: "tea".into(),
            persona: None,
            started: Wall(0),
            used: Wall(0),
            messages: 13,
            forgotten: 0,
        },
        messages: messages.collect(),
        above: Some(Above {
            before: 11,
            count: 10,
        }),
        before: None,
    };
    update(&mut model, at(5), Msg::Kept(loaded));
    model
}

fn finder(model: &Model) -> &Finder {
    match model.layers.last() {
        Some(Layer::Finder(finder)) => finder,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_search_fetches_what_is_above_and_goes_through_its_places() {
    let mut model = talked();
    let load = Keep::Load {
        conversation: model.conversation.id,
        before: Some(11),
        limit: 10,
        back_to: None,
    };
    assert_eq!(
        update(&mut model, at(10), key("ctrl-s")),
        [Effect::Keep(load)]
    );
    type_in(&mut model, at(11), "TEA");
    assert_eq!(finder(&model).count(), (3, 3));
    for (chord, number) in [("enter", 2), ("up", 1), ("up", 3), ("down", 1)] {
        update(&mut model, at(12), key(chord));
        assert_eq!(finder(&model).count().0, number, "{chord}");
    }
    // What is drawn has brought it onto the screen; from there on one may scroll.
    assert!(finder(&model).seeks);
    update(&mut model, at(13), key("page-up"));
    assert!(!finder(&model).seeks && model.scroll.wish < 0);
    assert!(model.composer.is_empty());
    update(&mut model, at(14), key("esc"));
    assert!(model.layers.is_empty());
}

#[test]
fn messages_blocks_and_the_whole_are_copied() {
    let copied = |action: &str| act(&mut talked(), at(10), action);
    let reply = "So:\n```sh\nboil tea\n```\nand\n```\npour\n```\n".to_owned();
    let id = MessageId(2);
    for (action, text) in [
        (format!("copy-message {id}"), reply.clone()),
        (format!("copy-block {id} 0"), "boil tea\n".to_owned()),
        (format!("copy-block {id} 1"), "pour\n".to_owned()),
        (
            "copy-conversation".to_owned(),
            format!(
                "**you:** how is tea made?\n\n**assistant:** {}",
                reply.trim_end()
            ),
        ),
    ] {
        assert_eq!(copied(&action), [Effect::Copy(text)], "{action}");
    }
    assert_eq!(copied(&format!("copy-block {id} 2")), []);
    assert_eq!(copied(&format!("copy-message {}", MessageId(9))), []);
}

#[test]
fn what_can_be_copied_or_played_is_chosen_from_a_list() {
    for (action, labels, effect) in [
        (
            "copy-code",
            vec![("pour", "1 lines"), ("boil tea", "1 lines")],
            Effect::Copy("pour\n".into()),
        ),
        (
            "recordings",
            vec![("how is tea made?", "recording, 1.5 s")],
            Effect::Sound(SoundOrder::Replay { clip: TurnId(7) }),
        ),
    ] {
        let mut model = talked();
        act(&mut model, at(10), action);
        let Some(Layer::Picker(picker)) = model.layers.last() else {
            panic!("no list");
        };
        let shown = picker.items.iter();
        let shown: Vec<_> = shown
            .map(|item| (item.label.as_str(), item.note.as_str()))
            .collect();
        assert_eq!(shown, labels);
        let effects = update(&mut model, at(11), key("enter"));
        assert_eq!(effects.last(), Some(&effect));
    }
}
