//! The way to another backend.

use super::super::super::checkup::{Check, Part};
use super::super::super::connect::{
    ConnectEvent, ConnectOrder, Draft, InUse, Kind, Step, Token, Trial, Written,
};
use super::super::super::form::{Form, FormKind};
use super::super::super::model::{Answer, Choice, Question};
use super::super::super::picker::PickerKind;
use super::*;

fn orders(effects: Effects) -> Vec<ConnectOrder> {
    let order = |effect| match effect {
        Effect::Connect(order) => Some(order),
        _ => None,
    };
    effects.into_iter().filter_map(order).collect()
}

fn act(model: &mut Model, action: &str) -> Effects {
    update(model, at(1000), Msg::Act(action.parse().unwrap()))
}

fn tell(model: &mut Model, event: ConnectEvent) -> Effects {
    update(model, at(1100), Msg::Connect(event))
}

fn press(model: &mut Model, chord: &str) -> Effects {
    update(model, at(2000), key(chord))
}

fn form(model: &Model) -> &Form {
    match model.layers.last() {
        Some(Layer::Form(form)) => form,
        other => panic!("{other:?}"),
    }
}

fn question(model: &Model) -> &Question {
    match model.layers.last() {
        Some(Layer::Question(question)) => question,
        other => panic!("{other:?}"),
    }
}

/// The shell takes whatever was answered last.
fn taken(model: &mut Model, effects: Effects) -> Effects {
    let order = orders(effects).pop();
    let Some(ConnectOrder::Take { nth, step, draft }) = order else {
        panic!("{order:?}");
    };
    let offers = vec![];
    tell(
        model,
        ConnectEvent::Taken {
            nth,
            step,
            draft,
            offers,
        },
    )
}

/// Everything about a yychat server was answered; it is being tried.
fn trying() -> (Model, u32, Draft) {
    let mut model = model_online();
    act(&mut model, "connect-to yychat");
    update(&mut model, at(1010), Msg::Paste("ws://h/ws".into()));
    let effects = press(&mut model, "enter");
    taken(&mut model, effects);
    update(&mut model, at(1020), Msg::Masked("•••".into()));
    let effects = press(&mut model, "enter");
    taken(&mut model, effects);
    update(&mut model, at(1030), Msg::Paste("home".into()));
    let effects = press(&mut model, "enter");
    let order = orders(taken(&mut model, effects)).pop();
    let Some(ConnectOrder::Test { nth, draft }) = order else {
        panic!("{order:?}");
    };
    (model, nth, draft)
}

fn in_use(name: &str, written: Option<Written>) -> InUse {
    InUse {
        backend: name.into(),
        choice: Choice::default(),
        personas: vec![],
        written,
    }
}

#[test]
fn the_list_tells_what_is_here_what_is_known_and_what_can_be_told() {
    let mut model = model_online();
    assert_eq!(orders(act(&mut model, "connect")), [ConnectOrder::Look]);
    let pair = |name: &str, address: &str| (name.to_owned(), address.to_owned());
    tell(
        &mut model,
        ConnectEvent::Looked {
            servers: vec![pair("Ollama", "http://127.0.0.1:11434/v1")],
            backends: vec![pair("home", "wss://h/ws")],
        },
    );
    let Some(Layer::Picker(picker)) = model.layers.last() else {
        panic!("no list");
    };
    assert_eq!(picker.kind, PickerKind::Connect);
    let actions: Vec<String> = picker
        .items
        .iter()
        .map(|item| item.action.to_string())
        .collect();
    let expected = [
        "connect-to model-server http://127.0.0.1:11434/v1",
        "connect-to model-server",
        "connect-to yychat",
        "connect-to xiaozhi",
        "connect-to realtime",
        "connect-to home",
        "connect-to embedded",
    ];
    assert_eq!(actions, expected);
    // The first one is chosen, with its address already told.
    press(&mut model, "enter");
    assert_eq!(form(&model).kind, FormKind::Connect(Step::Address));
    assert_eq!(form(&model).text(), "http://127.0.0.1:11434/v1");
}

#[test]
fn every_step_is_asked_and_the_typed_token_stays_away() {
    let (model, _, draft) = trying();
    let expected = Draft {
        kind: Kind::Yychat,
        address: "ws://h/ws".into(),
        token: Token::Typed(3),
        model: String::new(),
        name: "home".into(),
    };
    assert_eq!(draft, expected);
    let trial = Answer::Connect(Trial::Running);
    assert_eq!(question(&model).yes, trial);
}

#[test]
fn esc_leaves_at_every_step_and_what_was_written_is_there_again() {
    for steps in 0..3 {
        let mut model = model_online();
        act(&mut model, "connect-to yychat");
        let texts = ["ws://h/ws", "env:T", "home"];
        for text in &texts[..steps] {
            update(&mut model, at(1010), Msg::Paste((*text).into()));
            if form(&model).secret {
                update(&mut model, at(1011), Msg::Masked((*text).into()));
            }
            let effects = press(&mut model, "enter");
            taken(&mut model, effects);
        }
        let last = Msg::Masked(texts[steps].into());
        let msg = if form(&model).secret {
            last
        } else {
            Msg::Paste(texts[steps].into())
        };
        update(&mut model, at(1012), msg);
        press(&mut model, "esc");
        assert_eq!(model.layers, [], "{steps}");
        assert_eq!(model.backend, "embedded");
        act(&mut model, "connect-to yychat");
        for text in &texts[..=steps] {
            assert_eq!(form(&model).text(), *text);
            let effects = press(&mut model, "enter");
            taken(&mut model, effects);
        }
    }
}

#[test]
fn an_answer_that_cannot_be_is_told_at_once_and_one_too_late_is_dropped() {
    let mut model = model_online();
    act(&mut model, "connect-to yychat");
    update(&mut model, at(1010), Msg::Paste("nowhere".into()));
    press(&mut model, "enter");
    let nth = model.connecting.nth;
    let refused = |nth| ConnectEvent::Refused {
        nth,
        what: "must be an address".into(),
        hint: "such as ws://h".into(),
    };
    tell(&mut model, refused(nth - 1));
    assert_eq!(form(&model).wrong, None);
    tell(&mut model, refused(nth));
    let wrong = form(&model).wrong.as_deref();
    assert_eq!(wrong, Some("must be an address; such as ws://h"));
    press(&mut model, "x");
    assert_eq!(form(&model).wrong, None);
    press(&mut model, "esc");
    let draft = Draft::new(Kind::Yychat);
    let late = ConnectEvent::Taken {
        nth,
        step: Step::Address,
        draft,
        offers: vec![],
    };
    tell(&mut model, late);
    assert_eq!(model.layers, []);
}

#[test]
fn a_trial_asks_what_is_to_become_of_it() {
    for (checks, trial, key, wanted) in [
        (
            vec![Check::good(Part::Backend, "ok")],
            Trial::Good,
            "y",
            "keep",
        ),
        (
            vec![Check::good(Part::Backend, "ok")],
            Trial::Good,
            "r",
            "test",
        ),
        (vec![Check::good(Part::Backend, "ok")], Trial::Good, "e", ""),
        (vec![Check::good(Part::Backend, "ok")], Trial::Good, "n", ""),
        (
            vec![Check::broken(Part::Backend, "no", None)],
            Trial::Bad,
            "y",
            "-",
        ),
        (
            vec![Check::broken(Part::Backend, "no", None)],
            Trial::Bad,
            "u",
            "keep",
        ),
        (
            vec![Check::broken(Part::Backend, "no", None)],
            Trial::Bad,
            "esc",
            "",
        ),
        (vec![], Trial::Bad, "r", "test"),
    ] {
        let (mut model, nth, draft) = trying();
        for check in checks {
            tell(&mut model, ConnectEvent::Found { nth, check });
            assert_eq!(question(&model).yes, Answer::Connect(Trial::Running));
        }
        tell(&mut model, ConnectEvent::Over { nth });
        assert_eq!(question(&model).yes, Answer::Connect(trial));
        let follows = orders(update(&mut model, at(3000), super::key(key)));
        let nth = model.connecting.nth;
        let expected = match wanted {
            "keep" => vec![ConnectOrder::Keep { nth, draft }],
            "test" => vec![ConnectOrder::Test { nth, draft }],
            _ => vec![],
        };
        assert_eq!(follows, expected, "{key}");
        let asks = matches!(model.layers.last(), Some(Layer::Question(_)));
        assert_eq!(asks, matches!(wanted, "test" | "-"), "{key}");
    }
}

#[test]
fn the_new_line_takes_over_what_was_not_confirmed() {
    let (mut model, nth, _) = trying();
    tell(&mut model, ConnectEvent::Over { nth });
    press(&mut model, "esc");
    say(&mut model, at(4000), "are you there?");
    assert_eq!(model.waiting.len(), 0);
    let nth = model.connecting.nth;
    let written = Some(Written {
        file: Some("config.toml".into()),
        beaten: None,
    });
    let now = in_use("home", written);
    let effects = tell(&mut model, ConnectEvent::Ready { nth, now });
    let dial = Effect::Link(LinkOrder::Dial);
    let exchange = effects.iter().position(|one| *one == Effect::Exchange);
    let dials = effects.iter().position(|one| *one == dial);
    assert!(exchange.is_some() && exchange < dials, "{effects:?}");
    assert_eq!((model.backend.as_str(), model.waiting.len()), ("home", 1));
    assert_eq!(model.line, Line::Closed);
    assert_eq!(model.connecting.draft, None);
    // Its lives are counted from the beginning.
    let epoch = Epoch(1);
    let line = Line::Dialing { attempt: 1 };
    update(
        &mut model,
        at(4100),
        Msg::Link(LinkEvent::Line { epoch, line }),
    );
    assert_eq!(model.line, Line::Dialing { attempt: 1 });
}

#[test]
fn what_could_not_be_written_changes_nothing() {
    let (mut model, nth, _) = trying();
    let before = model.backend.clone();
    let failed = ConnectEvent::Failed {
        nth,
        what: "the file cannot be written".into(),
        hint: "make it writable".into(),
    };
    tell(&mut model, failed);
    assert!(matches!(model.layers.last(), Some(Layer::Card(_))));
    assert_eq!(model.backend, before);
    assert!(model.connecting.draft.is_some());
}
