//! The pulled cable: the network swallows everything, three messages are typed, the program is
//! killed and started again, and the cable is put back. Its screens are in `docs/faults.md`.

use super::far::{Far, asked};
use super::{House, kill, leave};
use crate::support::fault_proxy::{FaultProxy, Way};
use crate::support::model_server::Reply;
use crate::support::page;
use crate::support::pty::{Pty, missing};
use hearsay::core::words::{Lang, Word, fill};

/// Finds out within seconds, and never gives up.
const HASTY: &str = "[link]\nping_ms = 1000\npong_timeout_ms = 1000\nconnect_timeout_ms = 1000\n\
     reconnect_interval_ms = 2000\nreconnect_max_ms = 2000\nreconnect_attempts = 0\n";

const DEAD: Way = Way {
    black_hole: true,
    delay: std::time::Duration::ZERO,
    jitter: std::time::Duration::ZERO,
    rate: None,
    split: None,
    merge: None,
    corrupt: None,
    ends_after: None,
};

/// What is typed: an answer that comes, and three questions that have to wait.
struct Spoken {
    lang: Lang,
    known: [&'static str; 2],
    typed: [&'static str; 3],
    answers: [&'static str; 3],
    /// How the screen says that the line is.
    down: &'static str,
}

const ENGLISH: Spoken = Spoken {
    lang: Lang::En,
    known: ["What is tea?", "A hot drink made of leaves."],
    typed: ["And green tea?", "How long does it draw?", "With milk?"],
    answers: ["Leaves that were not oxidised.", "Three minutes.", "Never."],
    down: "down",
};

const CHINESE: Spoken = Spoken {
    lang: Lang::Zh,
    known: ["什么是茶？", "用叶子泡的热饮。"],
    typed: ["绿茶呢？", "要泡多久？", "加牛奶吗？"],
    answers: ["没有发酵的叶子。", "三分钟。", "从不。"],
    down: "断线",
};

#[test]
fn what_is_typed_while_the_cable_is_out_is_delivered_once_though_the_program_is_killed() {
    for (spoken, size) in [
        (ENGLISH, (100, 30)),
        (ENGLISH, (40, 12)),
        (CHINESE, (100, 30)),
        (CHINESE, (40, 12)),
    ] {
        if missing() {
            return;
        }
        pulled(&spoken, size);
    }
}

fn pulled(spoken: &Spoken, (columns, rows): (u16, u16)) {
    let Spoken {
        lang,
        known: [known, told],
        typed,
        answers,
        down,
    } = spoken;
    let scene = |step: &str, pty: &Pty| {
        let code = lang.code();
        // What is blank at the end of a row is nobody's business.
        let picture = pty.picture();
        let rows_shown = picture.lines().map(|row| format!("{}\n", row.trim_end()));
        let name = format!("{step}, {columns}x{rows}, {code}");
        page::screen(&name, &rows_shown.collect::<String>());
    };
    let house = House::new(&format!("lang = \"{}\"\n{HASTY}", lang.code()));
    let replies = std::iter::once(told).chain(answers);
    let model = house.model(replies.map(|answer| Reply::words(&[answer])));
    let mut far = Far::closed(&house);
    far.start(&model);
    let address = ([127, 0, 0, 1], far.port).into();
    let network = house.runtime.block_on(FaultProxy::start(address));
    let url = format!("ws://{}/ws/chat", network.address);
    let open = || {
        house.opened_at(
            (columns, rows),
            &["--backend", &url, "--brain", "auto"],
            &[],
        )
    };

    let mut pty = open();
    pty.say(known);
    pty.wait_for_text(told);
    network.set(|faults| (faults.up, faults.down) = (DEAD, DEAD));
    for (before, text) in typed.iter().enumerate() {
        pty.say(text);
        // All of them have to wait, whatever the line believes of itself.
        let unsent = fill(Word::Unsent.text(*lang), &[&(before + 1).to_string()]);
        pty.wait_for("words that are kept", |screen| {
            let shown = screen.contents();
            shown.contains(&unsent) && shown.contains(&format!("› {text}"))
        });
    }
    pty.wait_for_text(down);
    scene("three messages wait", &pty);
    kill(pty);
    let pty = open();
    let unsent = fill(Word::Unsent.text(*lang), &["3"]);
    pty.wait_for("what waits", |screen| {
        let shown = screen.contents();
        shown.contains(typed[2]) && shown.contains(&unsent) && shown.contains(down)
    });
    scene("killed and started again", &pty);
    network.set(|faults| (faults.up, faults.down) = (Way::default(), Way::default()));
    pty.wait_for("the last answer", |screen| {
        let shown = screen.contents();
        // Whatever is not stored yet has a dot behind who said it.
        let stored = !shown.lines().any(|row| row.trim_end().ends_with(" ·"));
        shown.contains(answers[2]) && stored
    });
    pty.wait_for("rest", |screen| {
        screen.contents().contains(Word::StateIdle.text(*lang))
    });
    scene("the cable is back", &pty);
    leave(pty);

    let said = house.said();
    let expected: Vec<_> = std::iter::once((known, told))
        .chain(typed.iter().zip(answers))
        .flat_map(|(question, answer)| [*question, *answer])
        .collect();
    assert_eq!(said, expected);
    let questions: Vec<_> = std::iter::once(known).chain(typed).copied().collect();
    assert_eq!(asked(&model), questions);
}
