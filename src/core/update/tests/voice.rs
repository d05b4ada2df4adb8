//! What is said and heard, as sentences.

use super::super::super::backend::{Clip, Engine, Say, UNTOLD};
use super::super::super::picker::PickerKind;
use super::super::super::record::Waiting;
use super::super::super::sound::{
    Device, Loudness, Recorded, SoundError, SoundEvent, SoundOrder, Way,
};
use super::super::super::transcript::Transcript;
use super::super::super::voice::Speak;
use super::*;

const LOUD: Loudness = Loudness {
    peak_db: -6.0,
    rms_db: -20.0,
};

fn told(event: SoundEvent) -> Msg {
    Msg::Sound(event)
}

fn act(text: &str) -> Msg {
    Msg::Act(text.parse().unwrap())
}

fn recording(model: &Model) -> TurnId {
    model.voice.recording.as_ref().unwrap().clip
}

fn made(clip: TurnId) -> Msg {
    told(SoundEvent::Recorded {
        clip,
        recorded: Recorded {
            length_ms: 1500,
            loudness: LOUD,
            speech: true,
            clipped: 0,
            lost: 0,
            gap_ms: 0,
        },
    })
}

/// Talks for a while and lets go.
fn talk(model: &mut Model, ms: u64) -> (TurnId, Effects) {
    let effects = update(model, at(ms), act("talk"));
    assert_eq!(names(&effects), ["record"]);
    let clip = recording(model);
    let device = "mic".to_owned();
    update(
        model,
        at(ms + 30),
        told(SoundEvent::Hearing { clip, device }),
    );
    let effects = update(model, at(ms + 1500), act("talk"));
    assert_eq!(names(&effects), ["stop recording"]);
    (clip, update(model, at(ms + 1800), made(clip)))
}

fn transcript(turn: TurnId, text: &str) -> Msg {
    heard(Down::Transcript {
        turn: Some(turn),
        text: text.into(),
    })
}

fn answer(model: &mut Model, ms: u64, turn: TurnId, text: &str) -> Effects {
    update(
        model,
        at(ms),
        heard(Down::Done {
            turn: Some(turn),
            full: Some(text.into()),
            by: None,
            usage: None,
        }),
    )
}

#[test]
fn a_spoken_question_goes_through_the_four_states_and_its_recording_goes_when_it_is_answered() {
    let mut model = model_online();
    let (turn, effects) = talk(&mut model, 1000);
    assert_eq!(names(&effects), ["keep question", "send recording"]);
    assert_eq!(model.modes.current(), Mode::VoiceStt);
    let effects = update(&mut model, at(3000), transcript(turn, " what time is it "));
    assert_eq!(names(&effects), ["keep question", "expect speech", "say"]);
    assert_eq!(model.modes.current(), Mode::VoiceSse);
    let effects = answer(&mut model, 4000, turn, "It is noon.");
    assert_eq!(
        names(&effects),
        [
            "confirm",
            "keep message",
            "keep turn",
            "discard",
            "keep message"
        ]
    );
    assert_eq!(model.modes.current(), Mode::VoiceTts);
    update(&mut model, at(4200), told(SoundEvent::Sounding { turn }));
    let effects = update(&mut model, at(6000), told(SoundEvent::Spoken { turn }));
    let [Effect::Keep(Keep::Turn { turn: times, .. })] = &effects[..] else {
        panic!("{effects:?}");
    };
    let stage = |name: &str, ms| (name.to_owned(), ms);
    assert_eq!(
        times.stages,
        [
            // Counted from the moment the user let go.
            stage("sent", 0),
            stage("heard", 500),
            stage("text_done", 1500),
            stage("sounding", 1700),
            stage("spoken", 3500),
        ]
    );
    assert_eq!(model.modes.current(), Mode::Idle);
    let said: Vec<_> = (model.conversation.transcript.messages().iter())
        .map(|message| (message.role, message.text.as_str(), message.clip))
        .collect();
    assert_eq!(
        said,
        [
            (Role::User, "what time is it", None),
            (Role::Assistant, "It is noon.", None)
        ]
    );
    assert_eq!(model.conversation.title, "what time is it");
}

#[test]
fn nothing_is_sent_when_nothing_was_said() {
    let mut model = model_online();
    update(&mut model, at(1000), act("talk"));
    let clip = recording(&model);
    let effects = update(
        &mut model,
        at(2000),
        told(SoundEvent::Recorded {
            clip,
            recorded: Recorded {
                length_ms: 900,
                loudness: Loudness {
                    peak_db: -58.2,
                    rms_db: -70.0,
                },
                speech: false,
                clipped: 0,
                lost: 0,
                gap_ms: 0,
            },
        }),
    );
    assert_eq!(names(&effects), ["discard"]);
    assert_eq!(model.modes.current(), Mode::Idle);
    assert_eq!(
        model.toasts.last().map(|toast| toast.text.as_str()),
        Some("heard nothing (peak -58 dB); nothing was sent")
    );
    assert!(model.conversation.transcript.is_empty());
}

#[test]
fn esc_throws_a_recording_away_and_the_microphone_closes() {
    let mut model = model_online();
    update(&mut model, at(1000), act("talk"));
    let clip = recording(&model);
    let effects = update(&mut model, at(1500), key("esc"));
    assert_eq!(effects, [Effect::Sound(SoundOrder::Discard { clip })]);
    assert_eq!(model.modes.current(), Mode::Idle);
    assert_eq!(names(&update(&mut model, at(1600), made(clip))), [""; 0]);
}

#[test]
fn what_is_said_while_the_line_is_down_waits_and_is_heard_when_it_is_back() {
    let mut model = model_online();
    update(
        &mut model,
        at(500),
        line(Line::Waiting {
            attempt: 1,
            until: Moment::from_ms(90_000),
            cause: Cause::Lost {
                why: "reset".into(),
            },
        }),
    );
    let (turn, effects) = talk(&mut model, 1000);
    assert_eq!(names(&effects), ["keep question"]);
    assert_eq!(model.modes.current(), Mode::Idle);
    assert_eq!(model.waiting.len(), 1);
    let effects = update(&mut model, at(9000), line(Line::Up(Health::default())));
    assert_eq!(names(&effects), ["send recording"]);
    assert_eq!(model.modes.current(), Mode::VoiceStt);
    update(&mut model, at(9500), transcript(turn, "hello"));
    assert_eq!(model.modes.current(), Mode::VoiceSse);
}

#[test]
fn a_line_that_is_lost_while_a_recording_is_heard_loses_nothing() {
    let mut model = model_online();
    let (turn, _) = talk(&mut model, 1000);
    let lost = Line::Waiting {
        attempt: 1,
        until: Moment::from_ms(90_000),
        cause: Cause::Lost {
            why: "reset".into(),
        },
    };
    update(&mut model, at(3000), line(lost.clone()));
    assert_eq!(
        (model.modes.current(), model.waiting.len()),
        (Mode::Idle, 1)
    );
    let effects = update(&mut model, at(4000), line(Line::Up(Health::default())));
    assert_eq!(names(&effects), ["send recording"]);
    // From the words on it is they that wait.
    update(&mut model, at(5000), transcript(turn, "hello"));
    update(&mut model, at(6000), line(lost));
    let effects = update(&mut model, at(7000), line(Line::Up(Health::default())));
    assert_eq!(names(&effects), ["expect speech", "say"]);
}

#[test]
fn a_recording_of_an_earlier_run_is_heard_again() {
    let mut model = model_online();
    let say = Say {
        turn: TurnId(5),
        conversation: model.conversation.id,
        text: String::new(),
        persona: None,
        brain: None,
        model: None,
        tools: true,
        errands: false,
        lang: Lang::En,
        voice: None,
        clip: Some(Clip { length_ms: 2000 }),
        history: vec![],
    };
    let question = Message::new(
        super::super::super::ids::MessageId(6),
        TurnId(5),
        Role::User,
        Wall(0),
    );
    model.conversation.transcript = Transcript::default();
    model.conversation.transcript.push(question.clone());
    let waiting = Waiting {
        say,
        question: question.id,
        losses: 0,
        dictated: false,
    };
    let effects = update(&mut model, at(10), Msg::Kept(Kept::Outbox(vec![waiting])));
    assert_eq!(names(&effects), ["send recording"]);
}

#[test]
fn a_recording_without_words_stays_and_can_be_tried_again() {
    let mut model = model_online();
    let (turn, _) = talk(&mut model, 1000);
    let effects = update(&mut model, at(3000), transcript(turn, " "));
    assert_eq!(names(&effects), ["confirm"]);
    assert_eq!(model.modes.current(), Mode::Idle);
    let effects = update(&mut model, at(4000), act("again"));
    assert_eq!(
        names(&effects),
        ["take back", "keep question", "send recording"]
    );
    assert_eq!(model.conversation.transcript.messages().len(), 1);
    update(&mut model, at(5000), transcript(turn, "hello"));
    assert_eq!(model.modes.current(), Mode::VoiceSse);
}

#[test]
fn ears_that_fail_leave_the_recording_and_say_why() {
    let mut model = model_online();
    let (turn, _) = talk(&mut model, 1000);
    let trouble = Trouble {
        code: "hear_failed".into(),
        what: "the recogniser broke".into(),
        ..Trouble::default()
    };
    let down = Down::Trouble {
        turn: Some(turn),
        trouble,
    };
    let effects = update(&mut model, at(3000), heard(down));
    assert!(!names(&effects).contains(&"discard"), "{effects:?}");
    assert_eq!(model.modes.current(), Mode::Error);
    let question = model.conversation.transcript.last(Role::User).unwrap();
    assert_eq!(question.clip, Some(Clip { length_ms: 1500 }));
    let effects = update(&mut model, at(4000), act("again"));
    assert!(names(&effects).contains(&"send recording"), "{effects:?}");
}

#[test]
fn a_microphone_that_cannot_be_opened_is_an_error_with_its_remedy() {
    let mut model = model_online();
    update(&mut model, at(1000), act("talk"));
    let clip = recording(&model);
    let trouble = told(SoundEvent::Trouble {
        way: Way::In,
        clip: Some(clip),
        error: SoundError::NoDevice { way: Way::In },
        passing: false,
    });
    update(&mut model, at(1100), trouble);
    assert_eq!(model.modes.current(), Mode::Error);
    assert!(matches!(model.layers.last(), Some(Layer::Card(_))));
    type_in(&mut model, at(1200), "a");
    assert_eq!(model.modes.current(), Mode::Idle);
    assert_eq!(model.composer.text(), "a");
}

#[test]
fn a_backend_without_ears_is_told_before_anything_is_recorded() {
    let mut model = model_online();
    let greeting = Greeting {
        ears: Some(Engine {
            missing: Some("install pocketsphinx".into()),
            ..Engine::default()
        }),
        ..Greeting::default()
    };
    update(&mut model, at(10), heard(Down::Greeting(greeting)));
    let effects = update(&mut model, at(1000), act("talk"));
    assert_eq!(names(&effects), [""; 0]);
    assert_eq!(model.modes.current(), Mode::Idle);
    assert_eq!(
        model.toasts.last().map(|toast| toast.text.as_str()),
        Some("the backend cannot hear: install pocketsphinx")
    );
}

#[test]
fn what_is_said_can_be_edited_before_it_is_sent() {
    let mut model = model_online();
    update(&mut model, at(10), act("toggle-review"));
    let (turn, _) = talk(&mut model, 1000);
    let effects = update(&mut model, at(3000), transcript(turn, "hello there"));
    assert_eq!(names(&effects), ["keep draft", "take back", "discard"]);
    assert_eq!(model.composer.text(), "hello there");
    assert_eq!(model.modes.current(), Mode::Idle);
    assert!(model.conversation.transcript.is_empty());
}

#[test]
fn what_is_said_into_a_text_that_is_being_written_goes_there() {
    let mut model = model_online();
    type_in(&mut model, at(10), "note:");
    let (turn, _) = talk(&mut model, 1000);
    update(&mut model, at(3000), transcript(turn, "buy milk"));
    assert_eq!(model.composer.text(), "note: buy milk");
}

#[test]
fn which_answers_are_spoken_is_a_choice_and_each_turn_may_differ() {
    for (speak, keys, expected) in [
        (Speak::Never, "enter", false),
        (Speak::Never, "alt-s", true),
        (Speak::Spoken, "enter", false),
        (Speak::Spoken, "alt-s", true),
        (Speak::Always, "enter", true),
        (Speak::Always, "alt-s", false),
    ] {
        let mut model = model_online();
        model.voice.wishes.speak = speak;
        type_in(&mut model, at(10), "hello");
        let effects = update(&mut model, at(20), key(keys));
        let spoken = names(&effects).contains(&"expect speech");
        assert_eq!(spoken, expected, "{speak:?} {keys}");
    }
}

#[test]
fn talking_stops_what_is_being_said() {
    let mut model = model_online();
    model.voice.wishes.speak = Speak::Always;
    say(&mut model, at(10), "hello");
    let turn = model.turn.as_ref().unwrap().id;
    answer(&mut model, 100, turn, "A long answer.");
    assert_eq!(model.modes.current(), Mode::TextTts);
    let effects = update(&mut model, at(500), act("talk"));
    assert_eq!(names(&effects), ["hush", "interrupt", "record"]);
    assert_eq!(model.modes.current(), Mode::VoiceStt);
}

#[test]
fn esc_silences_speech_and_a_late_end_of_it_changes_nothing() {
    let mut model = model_online();
    model.voice.wishes.speak = Speak::Always;
    say(&mut model, at(10), "hello");
    let turn = model.turn.as_ref().unwrap().id;
    answer(&mut model, 100, turn, "A long answer.");
    let effects = update(&mut model, at(500), key("esc"));
    assert_eq!(names(&effects), ["hush", "interrupt"]);
    assert_eq!(model.modes.current(), Mode::Idle);
    assert_eq!(
        names(&update(
            &mut model,
            at(600),
            told(SoundEvent::Spoken { turn })
        )),
        [""; 0]
    );
}

#[test]
fn speech_that_never_comes_ends_by_itself_and_a_long_one_goes_on() {
    for (text, ends) in [("Short.".to_owned(), true), ("long ".repeat(300), false)] {
        let mut model = model_online();
        model.voice.wishes.speak = Speak::Always;
        say(&mut model, at(10), "hello");
        let turn = model.turn.as_ref().unwrap().id;
        answer(&mut model, 100, turn, &text);
        let mut now = 100;
        for _ in 0..20 {
            if let Some(due) = deadline(&model).filter(|_| now < 700_000) {
                now = u64::try_from(due.0.as_millis()).unwrap().max(now) + 1000;
                update(&mut model, at(now), Msg::Due);
            }
        }
        update(&mut model, at(700_000), Msg::Due);
        assert_eq!(model.modes.current() == Mode::Idle, ends, "{}", text.len());
    }
}

#[test]
fn a_pause_waits_for_the_user_and_not_for_the_clock() {
    let mut model = model_online();
    model.voice.wishes.speak = Speak::Always;
    say(&mut model, at(10), "hello");
    let turn = model.turn.as_ref().unwrap().id;
    answer(&mut model, 100, turn, "A long answer.");
    update(&mut model, at(200), told(SoundEvent::Sounding { turn }));
    assert_eq!(names(&update(&mut model, at(300), act("pause"))), ["pause"]);
    update(&mut model, at(2_000_000), Msg::Due);
    assert_eq!(model.modes.current(), Mode::TextTts);
    let effects = update(&mut model, at(2_000_100), act("pause"));
    assert_eq!(names(&effects), ["resume"]);
}

#[test]
fn any_message_can_be_read_aloud() {
    let mut model = model_online();
    say(&mut model, at(10), "hello");
    let turn = model.turn.as_ref().unwrap().id;
    answer(&mut model, 100, turn, "Good day.");
    let effects = update(&mut model, at(500), act("read-aloud"));
    assert_eq!(names(&effects), ["expect speech", "tell"]);
    assert_eq!(model.modes.current(), Mode::TextTts);
    let turn = model.voice.speaking.as_ref().unwrap().turn;
    update(&mut model, at(900), told(SoundEvent::Spoken { turn }));
    assert_eq!(model.modes.current(), Mode::Idle);
    update(&mut model, at(1000), act("read-message"));
    let Some(Layer::Picker(picker)) = model.layers.last() else {
        panic!("a picker");
    };
    assert_eq!(picker.kind, PickerKind::Messages);
    assert_eq!(picker.items.len(), 2);
    let effects = update(&mut model, at(1100), key("enter"));
    assert_eq!(names(&effects), ["expect speech", "tell"]);
}

#[test]
fn a_backend_that_cannot_read_aloud_is_told() {
    let mut model = model_online();
    say(&mut model, at(10), "hello");
    let turn = model.turn.as_ref().unwrap().id;
    answer(&mut model, 100, turn, "Good day.");
    let effects = update(&mut model, at(500), act("read-aloud"));
    let Some(Effect::Link(LinkOrder::Say(up))) = effects.last().cloned() else {
        panic!("{effects:?}");
    };
    let unsent = Msg::Link(LinkEvent::Unsent {
        epoch: Epoch(1),
        up,
    });
    update(&mut model, at(600), unsent);
    assert_eq!(model.modes.current(), Mode::Idle);
    assert_eq!(
        model.toasts.last().map(|toast| toast.text.as_str()),
        Some("this backend cannot read aloud")
    );
}

#[test]
fn the_microphone_of_the_chosen_line_is_open_for_its_meter_only_while_the_picker_is() {
    let mut model = model_online();
    assert_eq!(
        names(&update(&mut model, at(10), act("microphones"))),
        ["list devices"]
    );
    let device = |id: &str, way| Device {
        id: id.into(),
        name: id.to_uppercase(),
        way,
        default: false,
    };
    let devices = vec![
        device("a", Way::In),
        device("b", Way::In),
        device("c", Way::Out),
    ];
    let effects = update(&mut model, at(20), told(SoundEvent::Devices(devices)));
    assert_eq!(
        effects,
        [Effect::Sound(SoundOrder::Listen(Some("default".into())))]
    );
    let effects = update(&mut model, at(30), key("down"));
    assert_eq!(
        effects,
        [Effect::Sound(SoundOrder::Listen(Some("a".into())))]
    );
    let effects = update(&mut model, at(40), key("enter"));
    assert_eq!(
        effects,
        [
            Effect::Sound(SoundOrder::Use {
                way: Way::In,
                device: Some("a".into())
            }),
            Effect::Set {
                name: "sound.microphone",
                value: "a".into()
            },
            Effect::Sound(SoundOrder::Listen(None)),
        ]
    );
}

#[test]
fn ears_and_voice_are_chosen_like_devices_and_remembered_by_the_program_they_are_in() {
    let engine = |name: &str, choices: &[(&str, &str)]| {
        let owned = |(id, name): &(&str, &str)| ((*id).to_owned(), (*name).to_owned());
        Some(Engine {
            name: name.to_owned(),
            missing: None,
            choices: choices.iter().map(owned).collect(),
        })
    };
    let greeting = || Greeting {
        ears: engine(
            "sphinx",
            &[("pocketsphinx", "sphinx"), ("whisper", "Whisper")],
        ),
        voice: engine("robot", &[("builtin", "robot")]),
        ..Greeting::default()
    };
    for (backend, remembered) in [("embedded", true), ("home", false)] {
        let mut model = model_online();
        model.backend = backend.to_owned();
        update(&mut model, at(10), heard(Down::Greeting(greeting())));
        update(&mut model, at(20), act("ears"));
        let Some(Layer::Picker(picker)) = model.layers.last() else {
            panic!("{:?}", model.layers);
        };
        assert_eq!(picker.kind, PickerKind::Ears);
        let shown = picker.items.iter().map(|item| (&*item.note, item.current));
        let expected = [("auto", false), ("pocketsphinx", true), ("whisper", false)];
        assert_eq!(shown.collect::<Vec<_>>(), expected);
        update(&mut model, at(30), key("down"));
        let effects = update(&mut model, at(40), key("enter"));
        let set = |name, value: &str| Effect::Set {
            name,
            value: value.into(),
        };
        let expected = Vec::from_iter(remembered.then(|| set("ears.use", "whisper")));
        assert_eq!(effects, expected);
        assert_eq!(model.voice.wishes.ears.as_deref(), Some("whisper"));
        let effects = update(&mut model, at(50), act("use-voice builtin"));
        let expected = Vec::from_iter(remembered.then(|| set("voice.use", "builtin")));
        assert_eq!(effects, expected);
        assert_eq!(
            model.voice.wishes.voice().engine.as_deref(),
            Some("builtin")
        );
        // An address that nobody lists is typed.
        update(&mut model, at(60), act("voices"));
        type_in(&mut model, at(70), "http://h/v1");
        update(&mut model, at(80), key("enter"));
        assert_eq!(model.voice.wishes.mouth.as_deref(), Some("http://h/v1"));
    }
    let mut model = model_online();
    update(&mut model, at(20), act("ears"));
    assert!(model.layers.is_empty());
    let told = model.toasts.last().map(|toast| toast.text.as_str());
    assert!(told.is_some_and(|told| told.contains("/use-ears")));
}

#[test]
fn leaving_in_mid_recording_keeps_what_was_said() {
    let mut model = model_online();
    update(&mut model, at(1000), act("talk"));
    let clip = recording(&model);
    let device = "mic".to_owned();
    update(
        &mut model,
        at(1030),
        told(SoundEvent::Hearing { clip, device }),
    );
    let effects = update(&mut model, at(3030), Msg::Terminate);
    let names = names(&effects);
    assert!(names.contains(&"stop recording"), "{names:?}");
    assert!(names.contains(&"keep question"), "{names:?}");
}

fn space(phase: Phase) -> Msg {
    Msg::Key {
        chord: "space".parse().unwrap(),
        phase,
    }
}

#[test]
fn holding_space_records_until_it_is_let_go_and_a_tap_until_the_next() {
    let mut model = model_online();
    let effects = update(&mut model, at(1000), space(Phase::Press));
    assert_eq!(names(&effects), ["record"]);
    update(&mut model, at(1500), space(Phase::Repeat));
    let effects = update(&mut model, at(2500), space(Phase::Release));
    assert_eq!(names(&effects), ["stop recording"]);
    let clip = recording(&model);
    update(&mut model, at(2900), made(clip));

    let mut model = model_online();
    let effects = update(&mut model, at(1000), space(Phase::Press));
    assert_eq!(names(&effects), ["record"]);
    update(&mut model, at(1100), space(Phase::Release));
    let effects = update(&mut model, at(4000), space(Phase::Press));
    assert_eq!(names(&effects), ["stop recording"]);
}

#[test]
fn a_space_is_typed_where_something_is_written_and_another_key_talks_there() {
    let mut model = model_online();
    type_in(&mut model, at(10), "a b");
    assert_eq!(model.composer.text(), "a b");
    let effects = update(&mut model, at(20), key("f9"));
    assert_eq!(names(&effects), ["record"]);
}

#[test]
fn enter_ends_a_recording_that_was_tapped() {
    let mut model = model_online();
    update(&mut model, at(1000), space(Phase::Press));
    update(&mut model, at(1100), space(Phase::Release));
    let effects = update(&mut model, at(3000), key("enter"));
    assert_eq!(names(&effects), ["stop recording"]);
}

#[test]
fn what_was_learned_of_the_terminal_is_kept_once() {
    let mut model = Model::new(Setup {
        terminal: "kitty".into(),
        ..Setup::default()
    });
    let effects = update(&mut model, at(0), Msg::Start { resume: None });
    assert!(effects.contains(&Effect::Keep(Keep::LoadGrip {
        terminal: "kitty".into()
    })));
    let release = |text: &str| Msg::Key {
        chord: text.parse().unwrap(),
        phase: Phase::Release,
    };
    let kept = |effects: &Effects| {
        effects
            .iter()
            .any(|effect| matches!(effect, Effect::Keep(Keep::Grip { .. })))
    };
    assert!(kept(&update(&mut model, at(100), release("x"))));
    assert!(!kept(&update(&mut model, at(200), release("x"))));
}

proptest! {
    #[test]
    fn talking_never_types_a_space_and_letting_go_never_leaves_the_microphone_open(
        steps in prop::collection::vec((0..3_u8, 0..900_u64), 1..60)
    ) {
        let mut model = model_online();
        let mut now = 1000;
        for (phase, wait) in steps {
            now += wait;
            while let Some(due) = deadline(&model).map(|due| due.0.as_millis() as u64) {
                if due > now {
                    break;
                }
                update(&mut model, at(due), Msg::Due);
                if deadline(&model).is_some_and(|next| next.0.as_millis() as u64 <= due) {
                    break;
                }
            }
            let phase = [Phase::Press, Phase::Repeat, Phase::Release][usize::from(phase)];
            update(&mut model, at(now), space(phase));
            prop_assert_eq!(model.composer.text(), "");
            prop_assert!(model.voice.recording.is_none()
                || matches!(model.modes.current(), Mode::VoiceStt));
            let ended = model.voice.recording.as_ref().filter(|made| made.ended.is_some());
            if let Some(clip) = ended.map(|made| made.clip) {
                update(&mut model, at(now), made(clip));
                update(&mut model, at(now), transcript(clip, ""));
            }
        }
    }
}

#[test]
fn sounds_tell_what_the_microphone_does_where_they_are_wished_for() {
    for chimes in [false, true] {
        let mut model = model_online();
        model.voice.wishes.chimes = chimes;
        update(&mut model, at(1000), act("talk"));
        let clip = recording(&model);
        let device = "mic".to_owned();
        let open = update(
            &mut model,
            at(1030),
            told(SoundEvent::Hearing { clip, device }),
        );
        update(&mut model, at(2000), act("talk"));
        let closed = update(&mut model, at(2400), made(clip));
        let heard = (names(&open), names(&closed).contains(&"chime"));
        let expected = if chimes { vec!["chime"] } else { vec![] };
        assert_eq!(heard, (expected, chimes));
    }
}

#[test]
fn r_dials_while_the_line_is_down_and_is_typed_if_a_word_goes_on_with_it() {
    let down = || {
        let mut model = model_online();
        let cause = Cause::Lost {
            why: "reset".into(),
        };
        update(
            &mut model,
            at(500),
            line(Line::GivenUp { attempts: 5, cause }),
        );
        update(&mut model, at(600), key("esc"));
        model
    };
    let mut model = down();
    assert_eq!(names(&update(&mut model, at(1_000), key("r"))), ["dial"]);
    update(&mut model, at(1_150), key("u"));
    assert_eq!(model.composer.text(), "ru");
    let mut model = down();
    update(&mut model, at(1_000), key("r"));
    update(&mut model, at(5_000), key("u"));
    assert_eq!(model.composer.text(), "u");
    let mut model = model_online();
    update(&mut model, at(1_000), key("r"));
    assert_eq!(model.composer.text(), "r");
}

fn partial(turn: TurnId, text: &str) -> Msg {
    heard(Down::Partial {
        turn: Some(turn),
        text: text.into(),
    })
}

fn offline() -> Msg {
    line(Line::Waiting {
        attempt: 1,
        until: Moment::from_ms(900_000),
        cause: Cause::Lost {
            why: "reset".into(),
        },
    })
}

/// Online with a backend that hears while somebody speaks.
fn hears_live() -> Model {
    let mut model = model_online();
    let greeting = Greeting {
        capabilities: vec!["live_clips".into()],
        ..Greeting::default()
    };
    update(&mut model, at(10), heard(Down::Greeting(greeting)));
    model
}

#[test]
fn words_are_shown_while_they_are_spoken() {
    let mut model = hears_live();
    let effects = update(&mut model, at(100), act("talk"));
    assert_eq!(names(&effects), ["send live", "record"]);
    let clip = recording(&model);
    update(&mut model, at(900), partial(clip, "what time"));
    update(&mut model, at(900), partial(TurnId(77), "of another"));
    assert_eq!(model.voice.recording.as_ref().unwrap().partial, "what time");
    update(&mut model, at(1500), act("talk"));
    let effects = update(&mut model, at(1800), made(clip));
    assert_eq!(names(&effects), ["keep question", "send recording"]);
    let question = model.turn.as_ref().unwrap().question;
    let shown = |model: &Model| {
        let message = model.conversation.transcript.get(question).unwrap();
        message.text.clone()
    };
    assert_eq!(shown(&model), "what time");
    update(&mut model, at(1900), partial(clip, "what time is"));
    assert_eq!(shown(&model), "what time is");
    update(&mut model, at(2000), transcript(clip, "what time is it"));
    assert_eq!(shown(&model), "what time is it");
    // Without a line nobody can hear.
    update(&mut model, at(3000), offline());
    let effects = update(&mut model, at(4000), act("talk"));
    assert!(!names(&effects).contains(&"send live"), "{effects:?}");
}

#[test]
fn what_did_not_arrive_while_it_was_spoken_is_sent_when_it_is_made() {
    let unheard = |turn| {
        let epoch = Epoch(1);
        Msg::Link(LinkEvent::Unheard { epoch, turn })
    };
    let failed = |turn| {
        heard(Down::Trouble {
            turn: Some(turn),
            trouble: Trouble::default(),
        })
    };
    let lost = |_turn| offline();
    let table: [(&str, &dyn Fn(TurnId) -> Msg); 3] =
        [("unheard", &unheard), ("failed", &failed), ("lost", &lost)];
    for (what, msg) in table {
        let mut model = hears_live();
        update(&mut model, at(100), act("talk"));
        let clip = recording(&model);
        update(&mut model, at(900), partial(clip, "what"));
        let effects = update(&mut model, at(1000), msg(clip));
        assert!(names(&effects).contains(&"withdraw"), "{what}: {effects:?}");
        assert_eq!(recording(&model), clip, "{what}");
        assert_eq!(model.voice.recording.as_ref().unwrap().partial, "");
        update(&mut model, at(1500), act("talk"));
        let effects = update(&mut model, at(1800), made(clip));
        let sent = names(&effects).contains(&"send recording");
        assert_eq!(sent, what != "lost", "{what}: {effects:?}");
    }
}

#[test]
fn words_that_come_after_their_answer_take_the_place_of_the_sign_for_them() {
    let mut model = model_online();
    let (turn, _effects) = talk(&mut model, 1000);
    update(&mut model, at(3000), transcript(turn, UNTOLD));
    assert_eq!(model.conversation.title, UNTOLD);
    answer(&mut model, 4000, turn, "It is noon.");
    for (text, expected) in [
        (" ", vec![]),
        (" what time is it ", vec!["keep message"]),
        ("something else", vec![]),
    ] {
        let effects = update(&mut model, at(13_000), transcript(turn, text));
        assert_eq!(names(&effects), expected, "{text}");
    }
    let said = model.conversation.transcript.messages();
    assert_eq!(said[0].text, "what time is it");
    assert_eq!(model.conversation.title, "what time is it");
}
