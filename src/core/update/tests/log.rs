//! What keys mean on the page of a log, and the way from a turn to its lines and back.

use super::super::super::log::{Go, Level, LogEvent, LogOrder, Shown, Wants, Window};
use super::*;

/// What the reader is asked for when these keys are pressed, one after another.
fn asked(model: &mut Model, keys: &[&str]) -> Vec<LogOrder> {
    let mut orders = vec![];
    for (nth, chord) in keys.iter().enumerate() {
        for effect in update(model, at(10_000 + nth as u64), key(chord)) {
            if let Effect::Log(order) = effect {
                orders.push(order);
            }
        }
    }
    orders
}

fn opened() -> Model {
    let mut model = model_online();
    assert_eq!(
        asked(&mut model, &["f12"]),
        [LogOrder::Open {
            source: None,
            turn: None,
            rows: 26
        }]
    );
    model
}

fn shown(turn: Option<TurnId>) -> Msg {
    Msg::Log(LogEvent::Window(Box::new(Window {
        lines: vec![Shown {
            at: "10:00:00".into(),
            level: Some(Level::Warn),
            text: "late".into(),
            turn,
            ..Shown::default()
        }],
        number: 1,
        total: 1,
        ..Window::default()
    })))
}

#[test]
fn the_keys_of_a_pager_lead_through_a_log() {
    let mut model = opened();
    for (chord, order) in [
        ("k", LogOrder::Go(Go::Up)),
        ("down", LogOrder::Go(Go::Down)),
        ("space", LogOrder::Go(Go::PageDown)),
        ("b", LogOrder::Go(Go::PageUp)),
        ("g", LogOrder::Go(Go::Top)),
        ("G", LogOrder::Go(Go::Bottom)),
        ("n", LogOrder::Go(Go::NextHit)),
        ("N", LogOrder::Go(Go::PreviousHit)),
        ("]", LogOrder::Go(Go::NextMark)),
        ("[", LogOrder::Go(Go::PreviousMark)),
        ("f", LogOrder::Follow),
        ("m", LogOrder::Mark),
    ] {
        assert_eq!(asked(&mut model, &[chord]), [order], "{chord}");
    }
    assert_eq!(asked(&mut model, &["esc", "k"]), [LogOrder::Close]);
}

#[test]
fn what_is_typed_there_narrows_and_searches() {
    let mut model = opened();
    let wants = |level, text: &str, span: &str| {
        LogOrder::Want(Wants {
            level,
            text: text.into(),
            span: span.into(),
        })
    };
    let debug = Some(Level::Debug);
    for (keys, orders) in [
        (
            &["/", "q", "x", "backspace", "enter"][..],
            vec![LogOrder::Search("q".into())],
        ),
        (&["l"], vec![wants(debug, "", "")]),
        (&["&", "f", "n", "esc"], vec![]),
        (&["&", "f", "n", "enter"], vec![wants(debug, "fn", "")]),
        (&["t", "5", "m", "enter"], vec![wants(debug, "fn", "5m")]),
        (&["&", "ctrl-u", "enter"], vec![wants(debug, "", "5m")]),
        (&["a"], vec![wants(None, "", "")]),
        (
            &["l", "l", "l", "l"],
            [Level::Debug, Level::Info, Level::Warn, Level::Error]
                .map(|level| wants(Some(level), "", ""))
                .to_vec(),
        ),
        (&["l"], vec![wants(None, "", "")]),
    ] {
        assert_eq!(asked(&mut model, keys), orders, "{keys:?}");
    }
    update(&mut model, at(20_000), key("/"));
    update(&mut model, at(20_000), Msg::Paste("a b\nc".into()));
    assert_eq!(
        asked(&mut model, &["enter"]),
        [LogOrder::Search("a b".into())]
    );
    update(
        &mut model,
        at(20_001),
        Msg::Log(LogEvent::Wrong("no".into())),
    );
    assert_eq!(
        model.toasts.last().map(|toast| toast.text.as_str()),
        Some("no")
    );
}

#[test]
fn one_gets_from_a_turn_to_its_lines_and_back() {
    let mut model = model_online();
    assert_eq!(asked(&mut model, &["shift-f12"]), []);
    say(&mut model, at(1), "hi");
    let turn = running(&model);
    assert_eq!(
        asked(&mut model, &["shift-f12"]),
        [LogOrder::Open {
            source: None,
            turn: Some((turn, 0)),
            rows: 26
        }]
    );
    update(&mut model, at(2), shown(None));
    asked(&mut model, &["enter"]);
    assert_eq!(model.layers.len(), 1);
    update(&mut model, at(3), shown(Some(TurnId(1))));
    asked(&mut model, &["enter"]);
    assert_eq!(model.layers.len(), 1);
    update(&mut model, at(4), shown(Some(turn)));
    assert_eq!(
        update(&mut model, at(5), key("c")),
        [Effect::Copy("10:00:00 warn late".into())]
    );
    assert_eq!(asked(&mut model, &["enter"]), [LogOrder::Close]);
    let anchor = model.scroll.anchor.unwrap();
    let message = model.conversation.transcript.get(anchor.message).unwrap();
    assert_eq!((message.turn, model.layers.len()), (turn, 0));
}

#[test]
fn whatever_closes_the_page_lets_the_reader_rest() {
    let mut model = opened();
    update(&mut model, at(1), Msg::Resize(40, 12));
    let effects = update(&mut model, at(2), Msg::Act("new".parse().unwrap()));
    assert!(effects.contains(&Effect::Log(LogOrder::Close)));
    let effects = update(&mut model, at(3), Msg::Resize(80, 24));
    assert_eq!(effects, []);
    let read = Msg::Act("read-log /var/log/x".parse().unwrap());
    let effects = update(&mut model, at(4), read);
    let source = Some("/var/log/x".to_owned());
    assert!(effects.contains(&Effect::Log(LogOrder::Open {
        source,
        turn: None,
        rows: 20
    })));
}
