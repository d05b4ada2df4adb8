//! What others say in the open conversation.

use super::super::super::backend::{Down, Greeting, News, SHARED, State, Up};
use super::super::super::ids::{ConversationId, Epoch, MessageId, TurnId};
use super::*;

const THEIRS: TurnId = TurnId(0x70);

/// A model whose backend tells, and what it asks for.
fn joined() -> (Model, Effects) {
    let mut model = model_online();
    let effects = greeted(&mut model, 1);
    (model, effects)
}

fn greeted(model: &mut Model, epoch: u64) -> Effects {
    let epoch = Epoch(epoch);
    let up = Line::Up(Health::default());
    update(model, at(4), Msg::Link(LinkEvent::Line { epoch, line: up }));
    let greeting = Greeting {
        capabilities: vec![SHARED.to_owned()],
        ..Greeting::default()
    };
    let down = Down::Greeting(greeting);
    update(model, at(5), Msg::Link(LinkEvent::Heard { epoch, down }))
}

fn told(model: &mut Model, epoch: u64, news: News) -> Effects {
    let (epoch, conversation) = (Epoch(epoch), model.conversation.id);
    let down = Down::Shared { conversation, news };
    update(model, at(20), Msg::Link(LinkEvent::Heard { epoch, down }))
}

fn question(turn: TurnId, text: &str) -> News {
    let text = text.to_owned();
    News::Question { turn, text }
}

fn answer(turn: TurnId, text: &str, state: State) -> News {
    News::Answer {
        turn,
        text: text.to_owned(),
        state,
        by: None,
    }
}

fn more(turn: TurnId, more: &str) -> News {
    let more = more.to_owned();
    News::More { turn, more }
}

/// Who says what, and how it stands.
fn said(model: &Model) -> Vec<(Role, &str, bool)> {
    let messages = model.conversation.transcript.messages().iter();
    messages
        .map(|one| (one.role, one.text.as_str(), one.ending == Ending::Complete))
        .collect()
}

fn joins(effects: &Effects) -> Vec<ConversationId> {
    let joins = |effect: &Effect| match effect {
        Effect::Link(LinkOrder::Say(Up::Join { conversation })) => Some(*conversation),
        _ => None,
    };
    effects.iter().filter_map(joins).collect()
}

#[test]
fn a_conversation_is_joined_once_in_each_life_of_the_line_and_only_where_the_backend_tells() {
    let (mut model, effects) = joined();
    let here = model.conversation.id;
    assert_eq!(joins(&effects), [here]);
    assert_eq!(joins(&update(&mut model, at(6), Msg::Due)), []);
    let effects = update(&mut model, at(7), Msg::Act("new".parse().unwrap()));
    assert_eq!(joins(&effects), [model.conversation.id]);
    assert_ne!(model.conversation.id, here);
    let lost = Line::Waiting {
        attempt: 1,
        until: Moment::from_ms(99),
        cause: Cause::Lost {
            why: "x".to_owned(),
        },
    };
    update(&mut model, at(8), line(lost));
    assert_eq!(joins(&greeted(&mut model, 2)), [model.conversation.id]);
    let mut plain = model_online();
    assert_eq!(joins(&update(&mut plain, at(6), Msg::Due)), []);
}

#[test]
fn what_others_ask_and_are_answered_grows_here_and_is_written_once() {
    let (mut model, _) = joined();
    let effects = told(&mut model, 1, question(THEIRS, "tea?"));
    let Some(Effect::Keep(Keep::Shared { message, .. })) = effects.first() else {
        panic!("{effects:?}");
    };
    assert_eq!(message.id, THEIRS.question());
    assert_eq!(model.conversation.title, "tea?");
    assert_eq!(told(&mut model, 1, answer(THEIRS, "", State::Open)), []);
    told(&mut model, 1, more(THEIRS, "a "));
    told(&mut model, 1, more(THEIRS, "drink"));
    // It is nobody's turn here: the mode is as it was, and words may be asked at once.
    assert_eq!(
        (model.modes.current(), model.turn.is_none()),
        (Mode::Idle, true)
    );
    assert_eq!(
        said(&model),
        [
            (Role::User, "tea?", true),
            (Role::Assistant, "a drink", false)
        ]
    );
    let whole = answer(THEIRS, "a drink.", State::Complete);
    let effects = told(&mut model, 1, whole.clone());
    let Some(Effect::Keep(Keep::Shared { message, .. })) = effects.first() else {
        panic!("{effects:?}");
    };
    assert_eq!((message.id, &*message.text), (THEIRS.answer(), "a drink."));
    // Once more, as after a lost line.
    for again in [question(THEIRS, "tea?"), whole, more(THEIRS, "!")] {
        assert_eq!(told(&mut model, 1, again), []);
    }
    assert_eq!(
        said(&model),
        [
            (Role::User, "tea?", true),
            (Role::Assistant, "a drink.", true)
        ]
    );
}

#[test]
fn what_is_told_of_a_turn_of_ours_changes_nothing() {
    let (mut model, _) = joined();
    say(&mut model, at(10), "ours");
    let ours = running(&model);
    told(&mut model, 1, question(ours, "not this"));
    told(&mut model, 1, answer(ours, "nor this", State::Open));
    told(&mut model, 1, more(ours, "!"));
    told(&mut model, 1, answer(ours, "nor this", State::Complete));
    assert_eq!(said(&model), [(Role::User, "ours", true)]);
}

#[test]
fn an_answer_to_others_is_cut_with_the_line_and_whole_when_it_is_back() {
    let (mut model, _) = joined();
    told(&mut model, 1, question(THEIRS, "tea?"));
    told(&mut model, 1, answer(THEIRS, "a", State::Open));
    let lost = Line::Waiting {
        attempt: 1,
        until: Moment::from_ms(99),
        cause: Cause::Lost {
            why: "x".to_owned(),
        },
    };
    update(&mut model, at(21), line(lost));
    let ending = |model: &Model| {
        let transcript = &model.conversation.transcript;
        transcript.get(THEIRS.answer()).unwrap().ending.clone()
    };
    assert_eq!(
        ending(&model),
        Ending::Cut("the connection was lost".into())
    );
    greeted(&mut model, 2);
    told(&mut model, 2, question(THEIRS, "tea?"));
    told(&mut model, 2, answer(THEIRS, "a dr", State::Open));
    assert_eq!(ending(&model), Ending::Open);
    told(&mut model, 2, answer(THEIRS, "a dr", State::Cut));
    assert_eq!(ending(&model), Ending::Cut("stopped elsewhere".into()));
    assert_eq!(
        said(&model),
        [(Role::User, "tea?", true), (Role::Assistant, "a dr", false)]
    );
}

#[test]
fn what_is_forgotten_elsewhere_is_forgotten_here_and_another_conversation_is_none_of_ours() {
    let (mut model, _) = joined();
    told(&mut model, 1, question(THEIRS, "tea?"));
    told(&mut model, 1, answer(THEIRS, "a drink", State::Complete));
    let here = model.conversation.id;
    let effects = told(&mut model, 1, News::Forgotten);
    assert_eq!(effects, [Effect::Keep(Keep::Forget { conversation: here })]);
    assert_eq!(model.conversation.forgotten, 2);
    let down = Down::Shared {
        conversation: ConversationId(1),
        news: question(TurnId(9), "not here"),
    };
    update(&mut model, at(22), heard(down));
    assert_eq!(model.conversation.transcript.count(), 2);
}

#[test]
fn an_answer_that_the_store_knows_half_goes_on() {
    let (mut model, _) = joined();
    let conversation = ConversationId(5);
    let open = format!("open {conversation}").parse().unwrap();
    assert_eq!(joins(&update(&mut model, at(6), Msg::Act(open))), []);
    let half = |role, id, text: &str, ending| Message {
        text: text.to_owned(),
        ending,
        ..Message::new(id, THEIRS, role, Wall(0))
    };
    let loaded = Kept::Loaded {
        conversation: Summary {
            id: conversation,
            title: "tea".to_owned(),
            persona: None,
            started: Wall(0),
            used: Wall(0),
            messages: 2,
            forgotten: 0,
        },
        messages: vec![
            half(Role::User, MessageId(1), "tea?", Ending::Complete),
            half(Role::Assistant, MessageId(2), "a", Ending::Open),
        ],
        above: None,
        before: None,
    };
    let effects = update(&mut model, at(7), Msg::Kept(loaded));
    assert_eq!(joins(&effects), [conversation]);
    assert_eq!(told(&mut model, 1, question(THEIRS, "tea?")), []);
    told(&mut model, 1, answer(THEIRS, "a drink", State::Complete));
    let expected = [
        (Role::User, "tea?", true),
        (Role::Assistant, "a drink", true),
    ];
    assert_eq!(said(&model), expected);
}
