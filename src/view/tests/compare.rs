//! Two versions of a conversation: side by side, or one below the other.

use super::*;
use crate::core::compare::Difference;
use crate::core::ids::{ConversationId, MessageId, TurnId};
use crate::core::transcript::{Message, Role};
use insta::assert_snapshot;

fn compared(columns: u16, rows: u16) -> Scene {
    let mut scene = Scene::online(columns, rows);
    scene.exchange("what is a good day?", "One with a walk.");
    let here = scene.model.conversation.id;
    let other = ConversationId(5);
    scene.tell(Msg::Kept(Kept::Versions {
        conversation: here,
        versions: vec![other, here],
    }));
    scene.press("alt-/");
    let said = |role, text: &str| Message {
        text: text.into(),
        ..Message::new(MessageId(1), TurnId(1), role, Wall(0))
    };
    scene.tell(Msg::Kept(Kept::Compared {
        one: here,
        other,
        difference: Box::new(Difference {
            same: 2,
            ours: vec![
                said(Role::User, "and a bad one?"),
                said(
                    Role::Assistant,
                    "One with a meeting.\nOr with two of them, one after the other, and rain.",
                ),
            ],
            theirs: vec![said(
                Role::User,
                "晚上吃什么好呢？🍲 something hot, on a cold day in the north",
            )],
        }),
    }));
    scene
}

#[test]
fn versions_stand_side_by_side_where_there_is_room() {
    for (name, columns, rows) in [
        ("compare_100x30", 100, 30),
        ("compare_80x24", 80, 24),
        ("compare_40x12", 40, 12),
    ] {
        assert_snapshot!(name, compared(columns, rows).picture());
    }
}
