//! Screens of the conversation itself.

use super::*;
use crate::core::backend::{ToolUse, Trouble};
use crate::core::record::{Keep, StoreTrouble};
use insta::assert_snapshot;

/// Everything markdown has, as a model would write it.
const MARKDOWN: &str = r"# Three days in Kyoto

Start **early**, walk *slowly*, and keep `IC card` credit for the bus.
The [city guide](https://kyoto.travel/en) lists closing days.

## Plan

1. Fushimi Inari at sunrise
   - about two hours to the summit
   - quiet before seven, and the light is best then, so take the first train
2. Nishiki market
   - [x] cash
   - [ ] umbrella

> Temples close at four.
> Nobody tells you until you stand in front of one.

| day | where | cost |
|:----|:------|-----:|
| 1 | Fushimi Inari 伏見稲荷 | 0 |
| 2 | Arashiyama | 500 |

```python
# yen to euro
def euro(yen: int) -> float:
    return yen * 0.0061
```

Ask for more when you know your hotel.";

fn kyoto(columns: u16, rows: u16) -> Scene {
    let mut scene = Scene::online(columns, rows);
    scene.exchange("plan three days in Kyoto", MARKDOWN);
    scene
}

#[test]
fn an_empty_start_says_who_answers_and_what_to_press() {
    assert_snapshot!("empty_100x30", Scene::online(100, 30).picture());
    assert_snapshot!("empty_40x12", Scene::online(40, 12).picture());
    let mut scene = Scene::online(80, 24);
    scene.hear(Down::Brains(brains_builtin()));
    scene.wait(6000);
    assert_snapshot!("empty_builtin_80x24", scene.picture());
}

#[test]
fn an_empty_start_in_chinese() {
    let mut scene = Scene::online(80, 24);
    scene.tell(Msg::Act("use-lang zh".parse().unwrap()));
    assert_snapshot!("empty_zh_80x24", scene.picture());
}

#[test]
fn markdown_is_set_at_every_width() {
    assert_snapshot!("markdown_100x48", kyoto(100, 48).picture());
    assert_snapshot!("markdown_100x30", kyoto(100, 30).picture());
    assert_snapshot!("markdown_80x24", kyoto(80, 24).picture());
    assert_snapshot!("markdown_40x12", kyoto(40, 12).picture());
}

#[test]
fn markdown_has_roles() {
    assert_snapshot!("markdown_roles", kyoto(60, 48).picture_with_roles());
}

#[test]
fn chinese_and_emoji_stand_in_their_columns() {
    let mut scene = Scene::online(40, 20);
    scene.tell(Msg::Act("use-lang zh".parse().unwrap()));
    scene.exchange(
        "周末去哪里玩比较好？我们一家三口👨‍👩‍👧，不想走太远",
        "可以去**植物园**🌷，离市区很近。\n\n| 地点 | 时间 |\n|---|---|\n| 植物园 | 半天 |\n| café\u{301} 咖啡馆 | 一小时 |\n\n- 带水💧\n- 旗子🇨🇳和🏳️‍🌈",
    );
    scene.write("好，e\u{301}👩‍👩‍👧‍👦再见");
    assert_snapshot!("chinese_40x20", scene.picture());
}

#[test]
fn a_question_waits_visibly_until_something_comes() {
    let mut scene = Scene::online(60, 12);
    scene.ask("how far is the moon?");
    scene.wait(1400);
    assert_snapshot!("waiting_60x12", scene.picture());
    let turn = scene.turn();
    scene.hear(Down::Loading { turn });
    assert_snapshot!("loading_60x12", scene.picture());
    scene.wait(26_000);
    assert_snapshot!("late_60x12", scene.picture());
}

#[test]
fn thinking_is_dim_while_it_streams_and_folds_when_the_answer_begins() {
    let mut scene = Scene::online(60, 14);
    scene.ask("how far is the moon?");
    scene.wait(300);
    scene.think("The user asks for a distance.\nMean or now? Mean is what people want.");
    assert_snapshot!("thinking_roles", scene.picture_with_roles());
    scene.wait(900);
    scene.say("About 384,400 km, ");
    assert_snapshot!("streaming_60x14", scene.picture());
    scene.say("a little more than a light second.");
    scene.done(by_llama());
    assert_snapshot!("thought_60x14", scene.picture());
    scene.press("alt-r");
    assert_snapshot!("thought_shown_60x14", scene.picture());
}

#[test]
fn a_cut_reply_says_why_and_how_to_go_on() {
    let mut scene = Scene::online(60, 12);
    scene.ask("tell me a long story");
    scene.say("Once upon a time there was a");
    scene.press("esc");
    scene.store();
    assert_snapshot!("cut_60x12", scene.picture());
}

#[test]
fn tools_show_what_was_asked_and_what_came_out() {
    let mut scene = Scene::online(60, 16);
    scene.ask("what is 15 % of 80, and the weather?");
    let turn = scene.turn();
    let uses = [
        (
            "calculate",
            r#"{"expression":"15% of 80"}"#,
            Some(Ok("12".to_owned())),
        ),
        (
            "weather",
            r#"{"place":"Kyoto, Japan, in the prefecture of the same name"}"#,
            Some(Err("no network".to_owned())),
        ),
        ("time", "{}", None),
    ];
    for (name, arguments, outcome) in uses {
        let tool = ToolUse {
            name: name.into(),
            arguments: arguments.into(),
            outcome,
        };
        scene.hear(Down::Tool { turn, tool });
    }
    scene.say("15 % of 80 is **12**.");
    assert_snapshot!("tools_60x16", scene.picture());
}

#[test]
fn what_is_not_sent_or_not_stored_says_so() {
    let mut scene = Scene::online(60, 14);
    scene.exchange("hello", "Good day.");
    scene.line(Line::Waiting {
        attempt: 2,
        until: Moment::from_ms(scene.ms + 3200),
        cause: crate::core::line::Cause::Lost {
            why: "reset by peer".into(),
        },
    });
    scene.write("are you there?");
    scene.press("enter");
    scene.write("and now?");
    scene.press("enter");
    let message = scene
        .model
        .conversation
        .transcript
        .messages()
        .last()
        .unwrap();
    let keep = Keep::Message {
        conversation: scene.model.conversation.id,
        persona: None,
        message: message.clone(),
    };
    scene.tell(Msg::Kept(Kept::Trouble {
        keep: Box::new(keep),
        trouble: StoreTrouble::Full,
    }));
    assert_snapshot!("unsent_60x14", scene.picture());
}

#[test]
fn scrolled_up_the_screen_says_what_is_below() {
    let mut scene = kyoto(80, 24);
    scene.ask("and Osaka?");
    scene.say("Osaka is *louder*.");
    scene.draw();
    scene.press("page-up");
    assert_snapshot!("scrolled_80x24", scene.picture());
    let before = scene.picture();
    scene.done(by_llama());
    let after = scene.picture();
    let still = |picture: &str| {
        picture
            .lines()
            .take(20)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(still(&before), still(&after), "reading is not disturbed");
    scene.press("ctrl-end");
    scene.draw();
    assert_eq!((scene.model.unseen, scene.model.scroll.anchor), (0, None));
}

#[test]
fn the_caret_stands_behind_wide_characters() {
    let mut scene = Scene::online(40, 12);
    let table = [
        ("", 0, (2, 10)),
        ("你好", 0, (6, 10)),
        ("你好", 1, (4, 10)),
        ("a👩‍👩‍👧b", 0, (6, 10)),
        ("a👩‍👩‍👧b", 1, (5, 10)),
        ("a👩‍👩‍👧b", 2, (3, 10)),
        ("cafe\u{301}", 0, (6, 10)),
        ("一\n二三", 1, (4, 10)),
    ];
    for (text, left, expected) in table {
        scene.press("ctrl-c");
        scene.write(text);
        for _ in 0..left {
            scene.press("left");
        }
        let cursor = scene.draw().1;
        assert_eq!(
            (cursor.x, cursor.y),
            expected,
            "{text:?}, {left} to the left"
        );
        scene.model.quit_armed = None;
    }
}

#[test]
fn a_long_text_is_written_around_its_caret() {
    let mut scene = kyoto(60, 18);
    let lines: Vec<_> = (1..=12)
        .map(|n| format!("line {n} of the letter"))
        .collect();
    scene.write(&lines.join("\n"));
    assert_snapshot!("composer_end_60x18", scene.picture());
    for _ in 0..6 {
        scene.press("up");
    }
    scene.press("ctrl-left");
    assert_snapshot!("composer_middle_60x18", scene.picture());
}

#[test]
fn a_failed_turn_shows_a_card_above_the_composer() {
    let trouble = || Trouble {
        code: "rate_limited".into(),
        what: "the model server asks for fewer questions".into(),
        hint: None,
        retry_after_s: Some(20),
    };
    for (name, columns, rows) in [("card_80x24", 80, 24), ("card_40x12", 40, 12)] {
        let mut scene = Scene::online(columns, rows);
        scene.exchange("hello", "Good day.");
        scene.ask("and tomorrow?");
        scene.say("Tomorrow");
        let turn = scene.turn();
        scene.hear(Down::Trouble {
            turn,
            trouble: trouble(),
        });
        scene.store();
        assert_snapshot!(name, scene.picture());
    }
}

#[test]
fn a_lost_line_shows_a_card_with_the_key_that_helps() {
    let mut scene = Scene::online(80, 24);
    scene.exchange("hello", "Good day.");
    scene.line(Line::Refused {
        cause: crate::core::line::Cause::Denied {
            status: Some(401),
            reason: "the token is not known".into(),
        },
    });
    assert_snapshot!("refused_80x24", scene.picture());
    scene.tell(Msg::Act("use-lang zh".parse().unwrap()));
    assert_snapshot!("refused_zh_80x24", scene.picture());
}

#[test]
fn what_the_store_still_has_above_is_told() {
    let mut scene = Scene::online(60, 12);
    scene.exchange("hello", "Good day.");
    scene.model.conversation.transcript.above = Some(crate::core::transcript::Above {
        before: 7,
        count: 3120,
    });
    assert_snapshot!("above_60x12", scene.picture());
}

#[test]
fn a_backend_that_falls_silent_is_a_fault_in_the_users_language() {
    let mut scene = Scene::online(60, 18);
    scene.tell(Msg::Act("use-lang zh".parse().unwrap()));
    scene.wait(6000);
    scene.ask("月亮有多远？");
    scene.say("大约");
    scene.wait(120_000);
    scene.store();
    assert_snapshot!("silence_zh_60x18", scene.picture());
}

#[test]
fn a_timer_that_rings_leaves_a_note() {
    let mut scene = Scene::online(60, 12);
    scene.exchange("remind me of the tea", "It rings in four minutes.");
    scene.hear(Down::Ring {
        label: "tea 🍵".into(),
    });
    scene.store();
    assert_snapshot!("ring_60x12", scene.picture());
}
