//! What a call decides, as sentences.

mod course;
mod wishes;

use super::super::super::backend::{Engine, NO_TURNS, Usage};
use super::super::super::call::Floor;
use super::super::super::sound::{Loudness, Recorded, SoundError, SoundEvent, SoundOrder, Way};
use super::*;

fn told(event: SoundEvent) -> Msg {
    Msg::Sound(event)
}

fn act(text: &str) -> Msg {
    Msg::Act(text.parse().unwrap())
}

/// Somebody called, and the microphone is open.
fn in_call() -> Model {
    let mut model = model_online();
    let effects = update(&mut model, at(100), key("f10"));
    assert_eq!(names(&effects), ["attend", "hurry"]);
    let clip = attending(&model);
    let device = "mic".to_owned();
    update(
        &mut model,
        at(130),
        told(SoundEvent::Hearing { clip, device }),
    );
    model
}

fn attending(model: &Model) -> TurnId {
    model.call.as_ref().unwrap().attending
}

fn begin(model: &mut Model, ms: u64) -> (TurnId, Effects) {
    let clip = attending(model);
    (
        clip,
        update(model, at(ms), told(SoundEvent::Begun { clip })),
    )
}

fn end(model: &mut Model, ms: u64, clip: TurnId, speech: bool) -> Effects {
    let recorded = Recorded {
        length_ms: 900,
        loudness: Loudness {
            peak_db: -6.0,
            rms_db: -20.0,
        },
        speech,
        clipped: 0,
        lost: 0,
        gap_ms: 0,
    };
    update(model, at(ms), told(SoundEvent::Recorded { clip, recorded }))
}

fn transcript(model: &mut Model, ms: u64, turn: TurnId, text: &str) -> Effects {
    let (turn, text) = (Some(turn), text.to_owned());
    update(model, at(ms), heard(Down::Transcript { turn, text }))
}

/// Says something that takes a second.
fn utter(model: &mut Model, ms: u64) -> TurnId {
    let (clip, _) = begin(model, ms);
    end(model, ms + 1000, clip, true);
    clip
}

/// Asks something, and is understood.
fn ask(model: &mut Model, ms: u64, text: &str) -> TurnId {
    let clip = utter(model, ms);
    let effects = transcript(model, ms + 1200, clip, text);
    assert!(names(&effects).contains(&"say"), "{effects:?}");
    clip
}

fn answer(model: &mut Model, ms: u64, turn: TurnId, text: &str) -> Effects {
    let done = heard(Down::Done {
        turn: Some(turn),
        full: Some(text.into()),
        by: None,
        usage: None,
    });
    update(model, at(ms), done)
}

/// A call in which the assistant speaks: these words, since the given moment.
fn spoken_to(words: &str, ms: u64) -> (Model, TurnId) {
    let mut model = in_call();
    let turn = ask(&mut model, 200, "what time is it");
    answer(&mut model, ms - 100, turn, words);
    sounds(&mut model, ms, turn, words);
    (model, turn)
}

fn sounds(model: &mut Model, ms: u64, turn: TurnId, words: &str) {
    let words = words.to_owned();
    update(model, at(ms), told(SoundEvent::Sounding { turn }));
    update(model, at(ms), told(SoundEvent::Saying { turn, words }));
}

fn floor(model: &Model) -> Floor {
    model.floor().unwrap()
}

fn lost() -> Msg {
    line(Line::Waiting {
        attempt: 1,
        until: Moment::from_ms(900_000),
        cause: Cause::Lost {
            why: "reset".into(),
        },
    })
}

fn up() -> Msg {
    line(Line::Up(Health::default()))
}

/// What the user said, as the conversation has it.
fn said(model: &Model) -> Vec<&str> {
    let messages = model.conversation.transcript.messages().iter();
    messages
        .filter(|message| message.role == Role::User)
        .map(|message| message.text.as_str())
        .collect()
}

fn states(model: &Model) -> Vec<Mode> {
    model
        .modes
        .history()
        .iter()
        .map(|change| change.to)
        .collect()
}

#[test]
fn one_key_calls_and_hangs_up() {
    let mut model = in_call();
    assert_eq!(floor(&model), Floor::Open);
    let effects = update(&mut model, at(65_100), key("f10"));
    assert_eq!(names(&effects), ["close the call", "no hurry"]);
    assert_eq!(states(&model), [Mode::VoiceCall, Mode::Idle]);
    assert_eq!(
        model.toasts.last().map(|toast| toast.text.as_str()),
        Some("call ended after 1:05, 0 turns")
    );
}

#[test]
fn a_call_ends_what_is_going_on_and_begins_from_any_state() {
    let mut model = model_online();
    say(&mut model, at(10), "hello");
    let effects = update(&mut model, at(20), key("f10"));
    assert_eq!(
        names(&effects),
        [
            "interrupt",
            "confirm",
            "keep message",
            "keep turn",
            "attend",
            "hurry"
        ]
    );
    assert_eq!(model.modes.current(), Mode::VoiceCall);
}

#[test]
fn what_is_said_is_recognised_asked_and_answered_and_the_microphone_listens_on() {
    let mut model = in_call();
    let (clip, effects) = begin(&mut model, 1000);
    assert_eq!((names(&effects), floor(&model)), (vec![], Floor::You));
    let effects = end(&mut model, 2000, clip, true);
    assert_eq!(names(&effects), ["attend", "send recording"]);
    assert_eq!(floor(&model), Floor::Thinking);
    let effects = transcript(&mut model, 2300, clip, " what time is it ");
    assert_eq!(names(&effects), ["keep question", "expect speech", "say"]);
    answer(&mut model, 2600, clip, "It is noon.");
    sounds(&mut model, 2700, clip, "It is noon.");
    assert_eq!(floor(&model), Floor::Assistant);
    let effects = update(
        &mut model,
        at(4000),
        told(SoundEvent::Spoken { turn: clip }),
    );
    let [Effect::Keep(Keep::Turn { turn: times, .. })] = &effects[..] else {
        panic!("{effects:?}");
    };
    let stage = |name: &str, ms| (name.to_owned(), ms);
    assert_eq!(
        times.stages,
        [
            // Counted from the moment at which the user had finished.
            stage("sent", 0),
            stage("heard", 300),
            stage("text_done", 600),
            stage("sounding", 700),
            stage("spoken", 2000),
        ]
    );
    assert_eq!(floor(&model), Floor::Open);
    ask(&mut model, 5000, "and tomorrow");
    assert_eq!(said(&model), ["what time is it", "and tomorrow"]);
    assert_eq!(states(&model), [Mode::VoiceCall]);
    assert_eq!(model.call.as_ref().unwrap().turns, 2);
}

#[test]
fn nothing_inside_a_call_leaves_its_state() {
    let trouble = |turn| Down::Trouble {
        turn: Some(turn),
        trouble: Trouble {
            code: "brain_failed".into(),
            what: "it broke".into(),
            ..Trouble::default()
        },
    };
    for nth in 0..4 {
        let mut model = in_call();
        let turn = ask(&mut model, 1000, "hello");
        let message = match nth {
            0 => heard(trouble(turn)),
            1 => lost(),
            2 => key("esc"),
            _ => heard(Down::Interrupted { turn: Some(turn) }),
        };
        update(&mut model, at(3000), message);
        update(&mut model, at(3100), up());
        assert_eq!(states(&model), [Mode::VoiceCall], "{nth}");
        assert!(model.call.is_some());
        update(&mut model, at(4000), key("f10"));
        assert_eq!(model.modes.current(), Mode::Idle);
    }
}

#[test]
fn whoever_speaks_into_the_answer_pauses_it_and_what_they_say_decides() {
    let words = "The meeting is at ten thirty tomorrow.";
    for (text, resumes) in [
        ("Mm-hm.", true),
        ("嗯。", true),
        (" ", true),
        ("the meeting is at ten", true),
        ("what about tomorrow", false),
        ("no", false),
    ] {
        let (mut model, turn) = spoken_to(words, 2000);
        let event = SoundEvent::Heard { turn, ms: 700 };
        update(&mut model, at(2700), told(event));
        let (clip, effects) = begin(&mut model, 2800);
        assert_eq!(names(&effects), ["pause"], "{text}");
        assert_eq!(floor(&model), Floor::You);
        let effects = end(&mut model, 3500, clip, true);
        assert_eq!(names(&effects), ["attend", "send recording"], "{text}");
        let effects = transcript(&mut model, 3800, clip, text);
        let (expected, count) = if resumes {
            (vec!["discard", "resume"], 1)
        } else {
            let cut = ["keep message", "hush", "keep turn", "interrupt"];
            let asked = ["keep question", "expect speech", "say"];
            ([&cut[..], &asked[..]].concat(), 2)
        };
        assert_eq!(names(&effects), expected, "{text}");
        assert_eq!(said(&model).len(), count, "{text}");
        assert_eq!(floor(&model) == Floor::Assistant, resumes, "{text}");
    }
}

#[test]
fn noise_resumes_what_it_paused() {
    let (mut model, _) = spoken_to("It is noon.", 2000);
    let (clip, _) = begin(&mut model, 2200);
    let effects = end(&mut model, 2600, clip, false);
    assert_eq!(names(&effects), ["attend", "discard", "resume"]);
    assert_eq!(floor(&model), Floor::Assistant);
}

#[test]
fn the_transcript_says_after_which_word_the_user_cut_in() {
    for (lang, expected) in [
        (Lang::En, "you cut in after “meeting”"),
        (Lang::Zh, "你在“meeting”之后打断"),
    ] {
        let words = "The meeting is at ten thirty.";
        let (mut model, turn) = spoken_to(words, 2000);
        model.lang = lang;
        // Eleven characters are said by then.
        update(
            &mut model,
            at(2760),
            told(SoundEvent::Heard { turn, ms: 760 }),
        );
        let (clip, _) = begin(&mut model, 2800);
        end(&mut model, 3500, clip, true);
        let effects = transcript(&mut model, 3800, clip, "which meeting");
        let (text, ending) = last_reply(&model);
        assert_eq!(text, words);
        assert_eq!(ending, Ending::Cut(expected.into()));
        let heard = effects.iter().find_map(|effect| match effect {
            Effect::Link(LinkOrder::Say(Up::Interrupt { heard, .. })) => Some(heard.clone()),
            _ => None,
        });
        assert_eq!(heard, Some(Some("The meeting".to_owned())));
    }
}

#[test]
fn hanging_up_is_no_cutting_in_and_memory_holds_what_was_heard() {
    let words = "The meeting is at ten thirty.";
    let last = "the call ended after “meeting”";
    // Whoever leaves, or is not there any more, has hung up as well.
    for (leave, written) in [("call", true), ("call", false), ("quit", true)] {
        let (mut model, turn) = if written {
            spoken_to(words, 2000)
        } else {
            let mut model = in_call();
            let turn = ask(&mut model, 200, "what time is it");
            let more = words.to_owned();
            let turn_of = Some(turn);
            let text = Down::Text {
                turn: turn_of,
                more,
            };
            update(&mut model, at(1900), heard(text));
            sounds(&mut model, 2000, turn, words);
            (model, turn)
        };
        let heard_of_it = SoundEvent::Heard { turn, ms: 760 };
        update(&mut model, at(2760), told(heard_of_it));
        let effects = update(&mut model, at(2800), act(leave));
        let (text, ending) = last_reply(&model);
        assert_eq!((text, ending), (words.to_owned(), Ending::Cut(last.into())));
        let reply = model.conversation.transcript.last(Role::Assistant).unwrap();
        assert_eq!(reply.heard, Some("The meeting".len()));
        let remembered = effects.iter().find_map(|effect| match effect {
            Effect::Link(LinkOrder::Say(Up::Interrupt { heard, .. })) => Some(heard.clone()),
            _ => None,
        });
        assert_eq!(remembered, Some(Some("The meeting".to_owned())));
        let kept = effects.iter().any(
            |effect| matches!(effect, Effect::Keep(Keep::Message { message, .. }) if message.heard.is_some()),
        );
        assert!(kept, "{leave}: {effects:?}");
    }
}

#[test]
fn what_the_user_repeats_after_a_while_is_no_echo() {
    let words = "The meeting is at ten thirty tomorrow.";
    let (mut model, turn) = spoken_to(words, 2000);
    update(&mut model, at(4000), told(SoundEvent::Spoken { turn }));
    // What comes back late is still ours.
    let clip = utter(&mut model, 4900);
    let effects = transcript(&mut model, 6000, clip, "ten thirty tomorrow");
    assert_eq!(names(&effects), ["discard"]);
    let clip = utter(&mut model, 8000);
    let effects = transcript(&mut model, 9300, clip, "the meeting is at ten thirty");
    assert!(names(&effects).contains(&"say"), "{effects:?}");
}

#[test]
fn a_yes_is_an_answer_when_nothing_is_being_answered() {
    let (mut model, turn) = spoken_to("Do you want tea?", 2000);
    update(&mut model, at(4000), told(SoundEvent::Spoken { turn }));
    ask(&mut model, 4500, "yes");
    // While it is being thought about, the same says only that somebody listens.
    let clip = utter(&mut model, 6000);
    let effects = transcript(&mut model, 7300, clip, "yes");
    assert_eq!(names(&effects), ["discard", "resume"]);
    assert_eq!(said(&model), ["what time is it", "yes"]);
}

#[test]
fn who_answers_into_the_last_word_has_heard_the_question() {
    let question = "I can move it to the afternoon. Do you want that?";
    for (ms, answers) in [(400, false), (1_000, true)] {
        let (mut model, turn) = spoken_to("I can move it to the afternoon.", 2000);
        let reply = model
            .conversation
            .transcript
            .last(Role::Assistant)
            .unwrap()
            .id;
        model
            .conversation
            .transcript
            .change(reply, |reply| reply.text = question.into());
        let heard = |ms| told(SoundEvent::Heard { turn, ms });
        update(&mut model, at(4000), heard(2_000));
        let words = "Do you want that?".to_owned();
        update(
            &mut model,
            at(4000),
            told(SoundEvent::Saying { turn, words }),
        );
        update(&mut model, at(4000 + ms), heard(2_000 + ms));
        let (clip, _) = begin(&mut model, 4100 + ms);
        end(&mut model, 4500 + ms, clip, true);
        transcript(&mut model, 4800 + ms, clip, "yes");
        let expected: &[&str] = if answers {
            &["what time is it", "yes"]
        } else {
            &["what time is it"]
        };
        assert_eq!(said(&model), expected, "{ms}");
        let (_, ending) = last_reply(&model);
        assert_eq!(ending, Ending::Complete);
    }
}

#[test]
fn a_whole_utterance_may_be_an_order_in_both_languages() {
    let table: [(&[&str], &[&str]); 8] = [
        (
            &["Stop.", "别说了"],
            &["discard", "keep message", "hush", "keep turn", "interrupt"],
        ),
        (&["hold on", "等一下。"], &["discard", "mute"]),
        (&["Louder!", "大声点"], &["discard", "volume", "resume"]),
        (&["softer", "小声一点"], &["discard", "volume", "resume"]),
        (&["slower", "慢点"], &["discard", "resume"]),
        (&["faster", "快一点"], &["discard", "resume"]),
        (
            &["Say that again.", "再说一遍"],
            &[
                "discard",
                "keep message",
                "hush",
                "keep turn",
                "interrupt",
                "expect speech",
                "tell",
            ],
        ),
        (
            &["Hang up.", "再见"],
            &[
                "discard",
                "close the call",
                "keep message",
                "hush",
                "keep turn",
                "interrupt",
                "no hurry",
            ],
        ),
    ];
    for (forms, expected) in table {
        for form in forms {
            let (mut model, turn) = spoken_to("It is noon.", 2000);
            update(
                &mut model,
                at(2700),
                told(SoundEvent::Heard { turn, ms: 700 }),
            );
            let (clip, _) = begin(&mut model, 2800);
            end(&mut model, 3500, clip, true);
            let effects = transcript(&mut model, 3800, clip, form);
            assert_eq!(names(&effects), expected, "{form}");
            assert_eq!(said(&model), ["what time is it"], "{form}");
        }
    }
}

#[test]
fn orders_do_what_they_say() {
    let ordered = |form: &str| {
        let (mut model, _) = spoken_to("It is noon.", 2000);
        let (clip, _) = begin(&mut model, 2800);
        end(&mut model, 3500, clip, true);
        transcript(&mut model, 3800, clip, form);
        model
    };
    assert_eq!(ordered("louder").voice.wishes.volume.to_string(), "1.1");
    assert_eq!(ordered("慢点").voice.wishes.speed.to_string(), "0.9");
    assert_eq!(floor(&ordered("wait")), Floor::Held);
    assert_eq!(floor(&ordered("停")), Floor::Open);
    assert_eq!(ordered("挂断").modes.current(), Mode::Idle);
    let model = ordered("repeat");
    let speaking = model.voice.speaking.as_ref().unwrap();
    assert_eq!((speaking.paused, speaking.length), (false, 11));
}

#[test]
fn what_was_no_word_when_the_call_ended_is_thrown_away() {
    let mut model = in_call();
    let (clip, _) = begin(&mut model, 1000);
    let effects = update(&mut model, at(1500), key("f10"));
    assert_eq!(names(&effects), ["close the call", "no hurry"]);
    // Another call has begun by the time it is known.
    update(&mut model, at(1600), key("f10"));
    assert_eq!(names(&end(&mut model, 1700, clip, false)), ["discard"]);
    assert_eq!(floor(&model), Floor::Opening);
    assert!(model.conversation.transcript.is_empty());
}

#[test]
fn what_is_typed_in_a_call_is_asked_and_its_answer_spoken() {
    let mut model = in_call();
    type_in(&mut model, at(200), "hello there");
    let effects = update(&mut model, at(300), key("enter"));
    assert_eq!(
        names(&effects),
        ["keep question", "keep draft", "expect speech", "say"]
    );
    assert_eq!(states(&model), [Mode::VoiceCall]);
}

#[test]
fn mute_closes_the_microphone_at_once_and_opens_it_again() {
    let mut model = in_call();
    let (clip, _) = begin(&mut model, 1000);
    assert_eq!(names(&update(&mut model, at(1500), key("f6"))), ["mute"]);
    assert_eq!(floor(&model), Floor::Thinking);
    // What was said until then is heard all the same.
    assert_eq!(
        names(&end(&mut model, 1600, clip, true)),
        ["send recording"]
    );
    transcript(&mut model, 1650, clip, " ");
    assert_eq!(floor(&model), Floor::Muted);
    assert_eq!(
        names(&begin(&mut model, 1700).1),
        [""; 0],
        "a late sign of a closed microphone"
    );
    let effects = update(&mut model, at(2000), key("f6"));
    let clip = attending(&model);
    assert_eq!(
        effects,
        [
            Effect::Sound(SoundOrder::Mute(false)),
            Effect::Sound(SoundOrder::Attend { clip })
        ]
    );
    assert_eq!(
        names(&update(&mut model, at(2100), act("hang-up")))[0],
        "hang up"
    );
}

#[test]
fn mute_without_a_call_says_so() {
    let mut model = model_online();
    assert_eq!(names(&update(&mut model, at(10), key("f6"))), [""; 0]);
    assert_eq!(
        model.toasts.last().map(|toast| toast.text.as_str()),
        Some("there is no call")
    );
}

#[test]
fn a_muted_call_goes_on_speaking() {
    let (mut model, _) = spoken_to("It is noon.", 2000);
    let (clip, _) = begin(&mut model, 2200);
    let effects = update(&mut model, at(2400), key("f6"));
    // It waits for what was being said, which may be nothing.
    assert_eq!(names(&effects), ["mute"]);
    let effects = update(&mut model, at(2410), told(SoundEvent::Nothing { clip }));
    assert_eq!(names(&effects), ["resume"]);
    assert_eq!(floor(&model), Floor::Assistant);
}

#[test]
fn whoever_says_nothing_after_all_stops_nobody() {
    let (mut model, _) = spoken_to("It is noon.", 2000);
    let (clip, effects) = begin(&mut model, 2200);
    assert_eq!(names(&effects), ["pause"]);
    let effects = update(&mut model, at(2400), told(SoundEvent::Nothing { clip }));
    assert_eq!(names(&effects), ["resume"]);
    assert_eq!(attending(&model), clip);
    // The same in a call that is over meanwhile.
    begin(&mut model, 2600);
    update(&mut model, at(2700), key("f10"));
    update(&mut model, at(2710), told(SoundEvent::Nothing { clip }));
    assert_eq!(model.voice.parting, None);
}

#[test]
fn who_mutes_and_speaks_on_has_said_two_things() {
    let mut model = in_call();
    let (first, _) = begin(&mut model, 1000);
    update(&mut model, at(1500), key("f6"));
    update(&mut model, at(1510), key("f6"));
    let second = attending(&model);
    assert_ne!(first, second);
    begin(&mut model, 1600);
    end(&mut model, 1700, first, true);
    end(&mut model, 2400, second, true);
    transcript(&mut model, 2500, first, "what time is it");
    transcript(&mut model, 2600, second, "in Paris");
    assert_eq!(said(&model), ["what time is it", "in Paris"]);
}

#[test]
fn a_hold_closes_and_pauses_and_the_same_or_the_mute_key_ends_it() {
    for keys in ["hold", "mute"] {
        let (mut model, _) = spoken_to("It is noon.", 2000);
        let effects = update(&mut model, at(2200), act("hold"));
        assert_eq!(names(&effects), ["mute", "pause"]);
        assert_eq!(floor(&model), Floor::Held);
        let effects = update(&mut model, at(9200), act(keys));
        assert_eq!(names(&effects), ["unmute", "attend", "resume"], "{keys}");
        assert_eq!(floor(&model), Floor::Assistant);
    }
}

#[test]
fn nothing_is_spoken_into_a_hold() {
    let mut model = in_call();
    let clip = utter(&mut model, 1000);
    update(&mut model, at(2100), act("hold"));
    let effects = transcript(&mut model, 2300, clip, "hello");
    assert_eq!(
        names(&effects),
        ["keep question", "expect speech", "pause", "say"]
    );
    let effects = update(&mut model, at(9000), act("hold"));
    assert_eq!(names(&effects), ["unmute", "attend", "resume"]);
}

#[test]
fn nobody_is_spoken_to_who_speaks_on() {
    let mut model = in_call();
    let first = utter(&mut model, 1000);
    begin(&mut model, 2100);
    let effects = transcript(&mut model, 2300, first, "hello");
    assert_eq!(
        names(&effects),
        ["keep question", "expect speech", "pause", "say"]
    );
    assert_eq!(floor(&model), Floor::You);
}

#[test]
fn the_talk_key_lifts_a_mute_while_it_is_down() {
    let space = |phase| Msg::Key {
        chord: "f9".parse().unwrap(),
        phase,
    };
    let mut model = in_call();
    update(&mut model, at(200), key("f6"));
    // This terminal tells when a key is let go.
    update(&mut model, at(300), space(Phase::Release));
    let effects = update(&mut model, at(1000), space(Phase::Press));
    assert_eq!(names(&effects), ["keep open", "unmute", "attend"]);
    let (clip, _) = begin(&mut model, 1200);
    let effects = update(&mut model, at(2500), space(Phase::Release));
    assert_eq!(names(&effects), ["let it end", "mute"]);
    assert_eq!(
        names(&end(&mut model, 2600, clip, true)),
        ["send recording"]
    );
    assert_eq!(floor(&model), Floor::Thinking);
}

#[test]
fn the_talk_key_holds_a_turn_open_while_it_is_down() {
    let space = |phase| Msg::Key {
        chord: "f9".parse().unwrap(),
        phase,
    };
    let mut model = in_call();
    update(&mut model, at(300), space(Phase::Release));
    let (clip, _) = begin(&mut model, 1000);
    let effects = update(&mut model, at(1200), space(Phase::Press));
    assert_eq!(names(&effects), ["keep open"]);
    let pause = SoundEvent::Patience { left_ms: Some(600) };
    update(&mut model, at(1500), told(pause));
    let answered = |model: &Model| model.call.as_ref().unwrap().patience;
    assert_eq!((answered(&model), floor(&model)), (None, Floor::You));
    let effects = update(&mut model, at(4000), space(Phase::Release));
    assert_eq!(names(&effects), ["let it end"]);
    assert_eq!(names(&end(&mut model, 4100, clip, true))[..1], ["attend"]);
}

#[test]
fn a_line_that_is_lost_in_mid_utterance_loses_nothing_and_the_call_goes_on() {
    let mut model = in_call();
    let (clip, _) = begin(&mut model, 1000);
    assert_eq!(names(&update(&mut model, at(1500), lost())), [""; 0]);
    let effects = end(&mut model, 2000, clip, true);
    assert_eq!(names(&effects), ["attend", "keep question"]);
    let second = utter(&mut model, 3000);
    assert_eq!((model.waiting.len(), floor(&model)), (2, Floor::Open));
    let effects = update(&mut model, at(9000), up());
    assert_eq!(names(&effects), ["send recording"]);
    let effects = transcript(&mut model, 9500, clip, "hello");
    assert_eq!(names(&effects), ["keep question", "expect speech", "say"]);
    answer(&mut model, 10_000, clip, "Good day.");
    assert_eq!(model.waiting.len(), 1, "the answer is heard first");
    let effects = update(
        &mut model,
        at(12_000),
        told(SoundEvent::Spoken { turn: clip }),
    );
    assert_eq!(names(&effects), ["keep turn", "send recording"]);
    transcript(&mut model, 12_500, second, "how are you");
    assert_eq!(said(&model), ["hello", "how are you"]);
    assert_eq!(states(&model), [Mode::VoiceCall]);
}

#[test]
fn a_line_that_is_lost_while_a_recording_is_recognised_loses_nothing() {
    for unheard_first in [false, true] {
        let mut model = in_call();
        let clip = utter(&mut model, 1000);
        let unheard = Msg::Link(LinkEvent::Unheard {
            epoch: Epoch(1),
            turn: clip,
        });
        if unheard_first {
            update(&mut model, at(2100), unheard.clone());
        }
        update(&mut model, at(2200), lost());
        if !unheard_first {
            update(&mut model, at(2300), unheard);
        }
        assert_eq!(model.waiting.len(), 1);
        let effects = update(&mut model, at(9000), up());
        assert_eq!(names(&effects), ["send recording"]);
        let effects = transcript(&mut model, 9500, clip, "hello");
        assert!(names(&effects).contains(&"say"));
    }
}

#[test]
fn recordings_are_recognised_one_after_another_in_their_order() {
    let mut model = in_call();
    let first = utter(&mut model, 1000);
    let (second, _) = begin(&mut model, 2100);
    assert_eq!(names(&end(&mut model, 2900, second, true)), ["attend"]);
    let (third, _) = begin(&mut model, 3000);
    assert_eq!(names(&end(&mut model, 3500, third, true)), ["attend"]);
    let effects = transcript(&mut model, 4000, first, "one");
    assert_eq!(
        names(&effects),
        ["keep question", "send recording", "expect speech", "say"]
    );
    let effects = transcript(&mut model, 4500, second, "mm");
    assert_eq!(names(&effects), ["discard", "send recording"]);
    let effects = transcript(&mut model, 5000, third, "three");
    assert!(names(&effects).contains(&"interrupt"), "{effects:?}");
    assert_eq!(said(&model), ["one", "three"]);
    assert!(model.waiting.is_empty());
}

#[test]
fn a_pause_ends_only_when_everything_that_was_said_into_it_is_understood() {
    let (mut model, _) = spoken_to("It is noon.", 2000);
    let first = utter(&mut model, 2200);
    let (second, effects) = begin(&mut model, 3300);
    assert_eq!(names(&effects), [""; 0]);
    let effects = transcript(&mut model, 3500, first, "mm");
    assert_eq!(names(&effects), ["discard"], "somebody still speaks");
    let effects = end(&mut model, 3800, second, false);
    assert_eq!(names(&effects), ["attend", "discard", "resume"]);
}

#[test]
fn words_that_never_come_are_asked_for_once_more_and_then_told() {
    let mut model = in_call();
    let clip = utter(&mut model, 1000);
    let due = deadline(&model).unwrap();
    assert!(due.0 < Duration::from_secs(10), "the spinner");
    let effects = update(&mut model, at(200_000), Msg::Due);
    assert_eq!(names(&effects), ["keep question", "send recording"]);
    let effects = update(&mut model, at(400_000), Msg::Due);
    assert!(names(&effects).contains(&"interrupt"), "{effects:?}");
    assert!(matches!(model.layers.last(), Some(Layer::Card(_))));
    let question = model.conversation.transcript.last(Role::User).unwrap();
    assert_eq!((question.turn, question.clip.is_some()), (clip, true));
    assert_eq!(states(&model), [Mode::VoiceCall]);
}

#[test]
fn a_backend_that_never_answers_is_given_up_and_the_call_goes_on() {
    let mut model = in_call();
    ask(&mut model, 1000, "what time is it");
    assert!(deadline(&model).is_some());
    let effects = update(&mut model, at(60_000), Msg::Due);
    assert!(names(&effects).contains(&"interrupt"), "{effects:?}");
    assert!(model.turn.is_none() && model.voice.speaking.is_none());
    assert_eq!(said(&model), ["what time is it"]);
    // Whoever speaks next is heard, and asked.
    update(&mut model, at(60_100), key("esc"));
    let next = ask(&mut model, 61_000, "are you there");
    assert_eq!(model.turn.as_ref().map(|turn| turn.id), Some(next));
    assert_eq!(model.modes.current(), Mode::VoiceCall);
}

#[test]
fn a_backend_that_never_stops_is_cut_short_like_any_other() {
    let mut model = in_call();
    let turn = ask(&mut model, 1000, "what time is it");
    let more = |model: &mut Model, ms: u64| {
        let (turn, more) = (Some(turn), "and on ".to_owned());
        update(model, at(ms), heard(Down::Text { turn, more }));
    };
    for n in 0..400 {
        more(&mut model, 3000 + n * 1000);
        update(&mut model, at(3500 + n * 1000), Msg::Due);
    }
    // As long as it says something it is waited for.
    assert_eq!(model.turn.as_ref().map(|turn| turn.id), Some(turn));
    let next = ask(&mut model, 404_000, "stop it now please");
    assert_eq!(model.turn.as_ref().map(|turn| turn.id), Some(next));
    let length = last_reply(&model).0.len();
    more(&mut model, 406_000);
    assert_eq!(last_reply(&model).0.len(), length);
}

#[test]
fn ears_that_fail_keep_the_recording_and_the_call_goes_on() {
    let mut model = in_call();
    let clip = utter(&mut model, 1000);
    let trouble = |turn| {
        heard(Down::Trouble {
            turn,
            trouble: Trouble {
                code: "hearing_failed".into(),
                what: "the recogniser broke".into(),
                ..Trouble::default()
            },
        })
    };
    update(&mut model, at(2100), trouble(None));
    assert!(model.call.as_ref().unwrap().hearing.is_some());
    let effects = update(&mut model, at(2200), trouble(Some(clip)));
    assert_eq!(names(&effects), ["keep message"]);
    let effects = update(&mut model, at(2300), act("again"));
    assert_eq!(
        names(&effects),
        ["take back", "keep question", "send recording"]
    );
    transcript(&mut model, 2600, clip, "hello");
    assert_eq!(said(&model), ["hello"]);
}

#[test]
fn a_recording_that_cannot_be_read_is_told_and_kept() {
    let mut model = in_call();
    let clip = utter(&mut model, 1000);
    let trouble = SoundEvent::Trouble {
        way: Way::In,
        clip: Some(clip),
        error: SoundError::Hung,
        passing: false,
    };
    let effects = update(&mut model, at(2100), told(trouble));
    assert_eq!(names(&effects), ["keep message"]);
    assert_eq!(floor(&model), Floor::Open);
}

#[test]
fn a_microphone_that_breaks_is_told_and_what_was_said_into_it_is_heard() {
    let mut model = in_call();
    let (clip, _) = begin(&mut model, 1000);
    let trouble = SoundEvent::Trouble {
        way: Way::In,
        clip: Some(clip),
        error: SoundError::NoDevice { way: Way::In },
        passing: false,
    };
    let effects = update(&mut model, at(2000), told(trouble));
    assert_eq!(names(&effects), ["mute", "send recording"]);
    transcript(&mut model, 2500, clip, "hello");
    assert_eq!(said(&model), ["hello"]);
    // It can be tried again.
    let effects = update(&mut model, at(3000), key("f6"));
    assert_eq!(names(&effects), ["unmute", "attend"]);
    assert_ne!(attending(&model), clip);
}

#[test]
fn a_microphone_that_goes_is_waited_for_and_what_is_missing_is_marked() {
    let mut model = in_call();
    let (clip, _) = begin(&mut model, 1000);
    let gone = |passing| {
        let (way, clip) = (Way::In, None);
        let error = SoundError::NoDevice { way };
        told(SoundEvent::Trouble {
            way,
            clip,
            error,
            passing,
        })
    };
    update(&mut model, at(1500), gone(true));
    assert!(model.call.as_ref().unwrap().device.is_none());
    // It is back before anybody took what was said as complete.
    let device = "headset".to_owned();
    update(
        &mut model,
        at(2100),
        told(SoundEvent::Hearing { clip, device }),
    );
    assert_eq!(floor(&model), Floor::You);
    let recorded = Recorded {
        length_ms: 1900,
        loudness: Loudness {
            peak_db: -6.0,
            rms_db: -20.0,
        },
        speech: true,
        clipped: 0,
        lost: 0,
        gap_ms: 580,
    };
    let effects = update(
        &mut model,
        at(3000),
        told(SoundEvent::Recorded { clip, recorded }),
    );
    let marked = effects.iter().find_map(|effect| match effect {
        Effect::Keep(Keep::Message { message, .. }) if message.role == Role::Note => {
            Some(message.text.clone())
        }
        _ => None,
    });
    let text = "0.6 s of what you said are missing: the microphone was away";
    assert_eq!(marked.as_deref(), Some(text));
    // Without any, the call goes on, says so, and takes the next one that comes.
    update(&mut model, at(4000), gone(false));
    assert_eq!(floor(&model), Floor::Thinking);
    transcript(&mut model, 4100, clip, "hm");
    assert_eq!(model.modes.current(), Mode::VoiceCall);
    let clip = attending(&model);
    let device = "mic".to_owned();
    assert!(model.call.as_ref().unwrap().gone);
    update(
        &mut model,
        at(9000),
        told(SoundEvent::Hearing { clip, device }),
    );
    assert!(!model.call.as_ref().unwrap().gone);
}

#[test]
fn a_backend_without_ears_is_told_before_the_call() {
    let mut model = model_online();
    let greeting = Greeting {
        ears: Some(Engine {
            missing: Some("install whisper".into()),
            ..Engine::default()
        }),
        ..Greeting::default()
    };
    update(&mut model, at(10), heard(Down::Greeting(greeting)));
    assert_eq!(names(&update(&mut model, at(20), key("f10"))), [""; 0]);
    assert_eq!(model.modes.current(), Mode::Idle);
    assert_eq!(
        model.toasts.last().map(|toast| toast.text.as_str()),
        Some("the backend cannot hear: install whisper")
    );
}

#[test]
fn hanging_up_and_leaving_lose_nothing_that_was_said() {
    for leave in ["call", "quit", "new"] {
        let mut model = in_call();
        let first = utter(&mut model, 1000);
        let second = utter(&mut model, 2100);
        let (third, _) = begin(&mut model, 3300);
        let mut effects = update(&mut model, at(4000), act(leave));
        assert!(model.call.is_none());
        // The recording of what was being said ends when the microphone closes.
        effects.extend(end(&mut model, 4100, third, true));
        let kept: Vec<_> = effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Keep(Keep::Question { say, .. }) => Some((say.turn, say.voice.is_some())),
                _ => None,
            })
            .collect();
        assert_eq!(
            kept,
            [(first, false), (second, false), (third, false)],
            "{leave}"
        );
        assert!(!names(&effects).contains(&"discard"));
        assert!(matches!(model.modes.current(), Mode::Idle | Mode::VoiceStt));
    }
}

#[test]
fn what_is_said_in_a_call_is_shown_while_it_is_said() {
    let mut model = model_online();
    let greeting = Greeting {
        capabilities: vec!["live_clips".into()],
        ..Greeting::default()
    };
    update(&mut model, at(10), heard(Down::Greeting(greeting)));
    let effects = update(&mut model, at(100), key("f10"));
    assert_eq!(names(&effects), ["send live", "attend", "hurry"]);
    let partial = |turn, text: &str| {
        heard(Down::Partial {
            turn: Some(turn),
            text: text.into(),
        })
    };
    let caption = |model: &Model| model.call.as_ref().unwrap().caption().map(str::to_owned);
    let device = "mic".to_owned();
    let clip = attending(&model);
    update(
        &mut model,
        at(130),
        told(SoundEvent::Hearing { clip, device }),
    );
    let (clip, _) = begin(&mut model, 200);
    update(&mut model, at(600), partial(clip, "when is"));
    assert_eq!(caption(&model).as_deref(), Some("when is"));
    let effects = end(&mut model, 900, clip, true);
    assert_eq!(names(&effects), ["send live", "attend", "send recording"]);
    assert_eq!(caption(&model).as_deref(), Some("when is"));
    // The next one is spoken while this one is still recognised.
    let next = attending(&model);
    begin(&mut model, 1000);
    update(&mut model, at(1100), partial(next, "and"));
    transcript(&mut model, 1200, clip, "when is the meeting");
    assert_eq!(caption(&model).as_deref(), Some("and"));
    update(
        &mut model,
        at(1300),
        told(SoundEvent::Nothing { clip: next }),
    );
    assert_eq!(caption(&model), None);
    // What the backend has not got is sent when it is made.
    begin(&mut model, 2000);
    let epoch = Epoch(1);
    let unheard = LinkEvent::Unheard { epoch, turn: next };
    let effects = update(&mut model, at(2100), Msg::Link(unheard));
    assert_eq!(names(&effects), ["withdraw"]);
    let effects = end(&mut model, 2500, next, true);
    assert_eq!(names(&effects), ["send live", "attend", "send recording"]);
}

fn greeted(capabilities: &[&str]) -> Msg {
    heard(Down::Greeting(Greeting {
        capabilities: capabilities.iter().map(|can| (*can).to_owned()).collect(),
        ..Greeting::default()
    }))
}

/// A call with a backend that says where turns begin and end.
fn in_their_call() -> Model {
    let mut model = model_online();
    update(&mut model, at(10), greeted(&["turns"]));
    let effects = update(&mut model, at(100), key("f10"));
    assert_eq!(names(&effects), ["stream", "attend", "hurry"]);
    let clip = attending(&model);
    let device = "mic".to_owned();
    update(
        &mut model,
        at(130),
        told(SoundEvent::Hearing { clip, device }),
    );
    model
}

/// The backend hears a turn to its end.
fn cut(model: &mut Model, ms: u64) -> (TurnId, Effects) {
    let turn = attending(model);
    let mut effects = update(model, at(ms), heard(Down::Began));
    let over = heard(Down::Hearing { turn: Some(turn) });
    let next = update(model, at(ms + 900), over);
    assert_eq!(names(&next), ["tell", "attend"]);
    effects.extend(next);
    (turn, effects)
}

#[test]
fn a_backend_that_cuts_the_turns_is_obeyed() {
    let mut model = in_their_call();
    assert_eq!(floor(&model), Floor::Open);
    update(&mut model, at(200), heard(Down::Began));
    assert_eq!(floor(&model), Floor::You);
    let (turn, _) = cut(&mut model, 300);
    assert_eq!(floor(&model), Floor::Thinking);
    let next = attending(&model);
    assert_ne!(turn, next);
    // The recording of what it has is no turn of its own.
    let effects = end(&mut model, 1250, turn, true);
    assert_eq!(names(&effects), Vec::<&str>::new());
    let effects = transcript(&mut model, 1300, turn, "what time is it");
    assert!(names(&effects).contains(&"say"), "{effects:?}");
    answer(&mut model, 1500, turn, "It is noon in most of the places.");
    sounds(&mut model, 1600, turn, "It is noon in most of the places.");
    // A murmur pauses what is said, and no more.
    let (murmur, effects) = cut(&mut model, 1700);
    assert!(names(&effects).contains(&"pause"), "{effects:?}");
    let effects = transcript(&mut model, 2700, murmur, "mm-hm");
    assert_eq!(names(&effects), ["discard", "resume"]);
    // What is more ends it.
    let (question, _) = cut(&mut model, 3000);
    let effects = transcript(&mut model, 4000, question, "and in Rome");
    let names = names(&effects);
    assert!(
        names.contains(&"hush") && names.contains(&"say"),
        "{effects:?}"
    );
    assert_eq!(said(&model), ["what time is it", "and in Rome"]);
}

#[test]
fn a_closed_microphone_is_closed_to_who_cuts_the_turns() {
    for action in ["mute", "hold"] {
        let mut model = in_their_call();
        update(&mut model, at(200), heard(Down::Began));
        update(&mut model, at(900), act(action));
        assert_eq!(model.call.as_ref().unwrap().stream, None, "{action}");
        // What was being said is a recording as any other.
        let clip = model.call.as_ref().unwrap().closing.as_ref().unwrap().clip;
        let effects = end(&mut model, 950, clip, true);
        assert_eq!(names(&effects), ["send recording"], "{action}");
        transcript(&mut model, 1200, clip, "hello");
        update(&mut model, at(2000), act(action));
        let clip = attending(&model);
        let device = "mic".to_owned();
        update(
            &mut model,
            at(2010),
            told(SoundEvent::Hearing { clip, device }),
        );
        assert_eq!(model.call.as_ref().unwrap().stream, Some(clip), "{action}");
    }
}

#[test]
fn what_was_being_said_when_the_line_broke_is_said_again_and_then_it_cuts_again() {
    let mut model = in_their_call();
    let clip = attending(&model);
    update(&mut model, at(200), heard(Down::Began));
    let effects = update(&mut model, at(900), lost());
    assert!(names(&effects).contains(&"withdraw"), "{effects:?}");
    // From here on we cut: it is told from here that somebody speaks, and when they stop.
    begin(&mut model, 920);
    end(&mut model, 1800, clip, true);
    assert_eq!(model.waiting.len(), 1);
    let effects = update(&mut model, at(2500), up());
    assert!(names(&effects).contains(&"send recording"), "{effects:?}");
    assert_eq!(model.call.as_ref().unwrap().stream, None);
    update(&mut model, at(2510), greeted(&["turns"]));
    let effects = transcript(&mut model, 3000, clip, "what time is it");
    assert!(names(&effects).contains(&"stream"), "{effects:?}");
    assert_eq!(said(&model), ["what time is it"]);
}

#[test]
fn a_backend_that_does_not_cut_after_all_leaves_it_to_us() {
    let mut model = in_their_call();
    let clip = attending(&model);
    let trouble = Trouble {
        code: NO_TURNS.into(),
        ..Trouble::default()
    };
    let turn = Some(clip);
    let effects = update(&mut model, at(200), heard(Down::Trouble { turn, trouble }));
    assert_eq!(names(&effects), ["withdraw"]);
    begin(&mut model, 300);
    let effects = end(&mut model, 1300, clip, true);
    assert_eq!(names(&effects), ["attend", "send recording"]);
}
