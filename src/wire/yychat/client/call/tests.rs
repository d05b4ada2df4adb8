//! Calls that a server leads, as plain servers lead them and as ours does.

use super::*;
use crate::core::backend::{NO_TURNS, Up, VoiceWish};
use crate::core::sound::{Hear, Sound, Speech};
use crate::core::words::Lang;
use crate::wire::golden::{NOON, walk};
use crate::wire::{Dialect, Place};
use proptest::prelude::*;
use serde_json::Value;
use std::time::Duration;

const HERE: ConversationId = ConversationId(9);

fn golden(name: &str, golden: &str) {
    let place = Place {
        more: [("turn_detection", "server".to_owned())].into(),
        ..Place::default()
    };
    walk(&mut Yychat::new(&place), name, golden);
}

#[test]
fn a_call_with_a_plain_server_reads_as_recorded() {
    let text = include_str!("../../golden/call_plain.jsonl");
    golden("call_plain.jsonl", text);
}

#[test]
fn a_call_with_a_server_of_ours_reads_as_recorded() {
    let text = include_str!("../../golden/call_ours.jsonl");
    golden("call_ours.jsonl", text);
}

/// A line, and the time on it.
struct Line {
    yychat: Yychat,
    ms: u64,
}

impl Line {
    /// To a server with these capabilities.
    fn greeted(capabilities: &[&str]) -> Self {
        let place = Place {
            more: [("turn_detection", "server".to_owned())].into(),
            ..Place::default()
        };
        let (yychat, ms) = (Yychat::new(&place), 0);
        let mut line = Self { yychat, ms };
        let out = line.hear(
            &json!({ "type": "connection_established", "client_id": "c1",
            "capabilities": capabilities }),
        );
        assert!(matches!(&out.downs[..], [Down::Greeting(greeting)]
            if greeting.capabilities.iter().any(|can| can == "turns")));
        line
    }

    /// In a call that the server has begun, in which `TurnId(1)` is said next.
    fn called(capabilities: &[&str]) -> Self {
        let mut line = Self::greeted(capabilities);
        let out = line.open(1);
        assert_eq!(said(&out), ["start_voice_call"]);
        line.hear(&json!({ "type": "voice_call_started", "message": "x" }));
        line
    }

    fn now(&self) -> Now {
        Now {
            mono: NOON.mono + Duration::from_millis(self.ms),
            ..NOON
        }
    }

    fn hear(&mut self, frame: &Value) -> Out {
        let (now, frame) = (self.now(), Frame::Text(frame.to_string()));
        Out::of(|out| self.yychat.decode(&frame, now, out))
    }

    fn part(&mut self, part: &ClipPart) -> Out {
        let now = self.now();
        Out::of(|out| assert!(self.yychat.clip(part, now, out)))
    }

    fn open(&mut self, turn: u128) -> Out {
        self.part(&ClipPart::Open(Hear {
            turn: TurnId(turn),
            conversation: HERE,
            language: None,
            ears: None,
        }))
    }

    fn say(&mut self, up: &Up) -> Out {
        let now = self.now();
        Out::of(|out| assert!(self.yychat.encode(up, now, out)))
    }

    fn attend(&mut self, turn: u128) -> Out {
        let turn = TurnId(turn);
        self.say(&Up::Attend { turn })
    }

    /// The program wants the answer to what was said.
    fn want(&mut self, turn: u128, text: &str) -> Out {
        self.say(&Up::Say(wanted(turn, text)))
    }

    fn interrupt(&mut self, turn: u128) -> Out {
        self.say(&Up::Interrupt {
            turn: TurnId(turn),
            conversation: HERE,
            heard: None,
        })
    }

    fn wait(&mut self, ms: u64) -> Out {
        self.ms += ms;
        let now = self.now();
        Out::of(|out| {
            while (self.yychat.deadline()).is_some_and(|due| due <= now.mono) {
                self.yychat.due(now, out);
            }
        })
    }

    fn words(&mut self, text: &str) -> Out {
        self.hear(
            &json!({ "type": "transcription_result", "scenario": "voice_call",
            "role": "user", "text": text, "message_id": "voice_call_c1_1" }),
        )
    }

    /// A piece of sound, whose samples are its number.
    fn sound(&mut self, item: &str, number: i16) -> Out {
        let audio = base64::encode(&number.to_le_bytes());
        self.hear(
            &json!({ "type": "audio_stream", "audio": audio, "seq": number,
            "item_id": item, "event_id": "e", "message_id": format!("voice_call_c1_{number}"),
            "session_id": "voice_call_c1", "sequence_number": null, "output_index": 0,
            "content_index": 0, "timestamp": 1.5 }),
        )
    }

    fn reply(&mut self, text: &str) -> Out {
        self.hear(
            &json!({ "type": "transcription_result", "scenario": "voice_call",
            "role": "assistant", "assistant_text": text }),
        )
    }
}

fn wanted(turn: u128, text: &str) -> Say {
    Say {
        turn: TurnId(turn),
        conversation: HERE,
        text: text.to_owned(),
        persona: None,
        brain: None,
        model: None,
        tools: true,
        errands: false,
        lang: Lang::En,
        voice: Some(VoiceWish {
            voice: None,
            speed: 1.0,
            engine: None,
        }),
        clip: Some(crate::core::backend::Clip { length_ms: 900 }),
        history: vec![],
    }
}

/// What is sent, in a word each.
fn said(out: &Out) -> Vec<String> {
    let word = |frame: &Frame| {
        let Frame::Text(text) = frame else {
            panic!("{frame:?}")
        };
        let frame: Value = serde_json::from_str(text).unwrap();
        let word = frame["command"].as_str().or(frame["type"].as_str());
        word.unwrap().to_owned()
    };
    out.frames.iter().map(word).collect()
}

/// What is told, in a word each: `2:` is a turn's.
fn told(out: &Out) -> Vec<String> {
    let id = |turn: &Option<TurnId>| turn.map_or(0, |turn| turn.0);
    let word = |down: &Down| match down {
        Down::Began => "began".to_owned(),
        Down::Hearing { turn } => format!("{}: over", id(turn)),
        Down::Transcript { turn, text } => format!("{}: heard {text}", id(turn)),
        Down::Thinking { turn } => format!("{}: thinks", id(turn)),
        Down::Text { turn, more } => format!("{}: writes {more}", id(turn)),
        Down::Done { turn, .. } => format!("{}: done", id(turn)),
        Down::Interrupted { turn } => format!("{}: stopped", id(turn)),
        Down::Trouble { turn, trouble } => format!("{}: {}", id(turn), trouble.code),
        Down::Speech(Speech::Words { turn, words }) => format!("{}: says {words}", turn.0),
        Down::Speech(Speech::More {
            turn,
            sound: Sound::Samples { rate, samples },
        }) => {
            let samples: Vec<i16> = samples.iter().collect();
            format!("{}: sounds {samples:?} {rate}", turn.0)
        }
        Down::Speech(Speech::End { turn }) => format!("{}: silent", turn.0),
        Down::Opens { .. } => "opens".to_owned(),
        Down::Unreadable { .. } => "odd".to_owned(),
        other => format!("{other:?}"),
    };
    out.downs.iter().map(word).collect()
}

#[test]
fn a_call_goes_as_plain_servers_lead_it() {
    let mut line = Line::called(&[]);
    // 100 ms are less than a piece, 160 ms are one, at 24 kHz.
    let (turn, samples) = (TurnId(1), vec![0; 1600]);
    assert_eq!(said(&line.part(&ClipPart::More { turn, samples })), [""; 0]);
    let samples = vec![0; 960];
    let out = line.part(&ClipPart::More { turn, samples });
    let [Frame::Text(text)] = &out.frames[..] else {
        panic!("{out:?}")
    };
    let frame: Value = serde_json::from_str(text).unwrap();
    assert_eq!(frame["type"], "audio_stream");
    assert_eq!(frame["scenario"], "voice_call");
    let sound = base64::decode(frame["audio_base64"].as_str().unwrap()).unwrap();
    assert_eq!(sound.len(), 2 * PIECE);
    assert_eq!(
        told(&line.words("what time is it")),
        ["1: over", "1: heard what time is it"]
    );
    line.attend(2);
    assert_eq!(told(&line.sound("a", 7)), [""; 0], "nobody wants it yet");
    assert_eq!(
        told(&line.want(1, "what time is it")),
        ["1: thinks", "1: sounds [7] 24000"]
    );
    assert_eq!(told(&line.sound("a", 8)), ["1: sounds [8] 24000"]);
    assert_eq!(
        told(&line.reply("It is noon.")),
        ["1: says It is noon.", "1: writes It is noon."]
    );
    // Such a server does not say that it is done.
    assert_eq!(told(&line.wait(1400)), [""; 0]);
    assert_eq!(told(&line.wait(100)), ["1: silent", "1: done"]);
    assert_eq!(
        said(&line.part(&ClipPart::Broken { turn })),
        ["stop_voice_call"]
    );
    line.hear(&json!({ "type": "voice_call_stopped", "message": "x" }));
    assert!(line.yychat.call.is_none());
}

/// So many samples are in a piece.
const PIECE: usize = 2880;

#[test]
fn edge_20_a_call_that_ends_with_an_error_ends_all_the_same_or_after_five_seconds() {
    for ends in [true, false] {
        let mut line = Line::called(&[]);
        let turn = TurnId(1);
        line.part(&ClipPart::Broken { turn });
        let error = json!({ "type": "error", "timestamp": 1.5, "client_id": "c1", "error": {
            "message": "Cancellation failed: no active response found",
            "type": "voice_call_error", "code": "processing_failed" } });
        let odd = told(&line.hear(&error));
        assert_eq!(odd, ["odd"]);
        assert_eq!(
            told(&line.hear(&json!({ "type": "stop_playback", "message": "x" }))),
            [""; 0]
        );
        assert!(line.yychat.call.is_some(), "it is not over yet");
        // Whoever calls again meanwhile is served when it is.
        assert_eq!(said(&line.open(2)), [""; 0]);
        let out = if ends {
            line.hear(&json!({ "type": "voice_call_stopped", "message": "x" }))
        } else {
            line.wait(5000)
        };
        assert_eq!(
            (said(&out), told(&out)),
            (vec!["start_voice_call".to_owned()], vec![])
        );
    }
}

#[test]
fn edge_21_a_server_that_says_nothing_to_a_call_leaves_its_turns_to_us() {
    let mut line = Line::greeted(&[]);
    line.open(1);
    assert_eq!(told(&line.wait(9_999)), [""; 0]);
    assert_eq!(told(&line.wait(1)), [format!("1: {NO_TURNS}")]);
    assert!(line.yychat.call.is_none());
}

#[test]
fn a_server_that_cannot_call_or_does_not_any_more_leaves_its_turns_to_us() {
    let error = json!({ "type": "error", "error": { "message": "no realtime model",
        "type": "voice_call_error", "code": "processing_failed" } });
    let mut line = Line::greeted(&[]);
    line.open(1);
    assert_eq!(
        told(&line.hear(&error)),
        ["odd".to_owned(), format!("1: {NO_TURNS}")]
    );
    let mut line = Line::called(&[]);
    // In a good call it ends nothing.
    assert_eq!(told(&line.hear(&error)), ["odd", "0: processing_failed"]);
    let stopped = json!({ "type": "voice_call_stopped", "message": "upstream has gone" });
    assert_eq!(told(&line.hear(&stopped)), [format!("1: {NO_TURNS}")]);
}

#[test]
fn edge_22_what_a_server_says_on_after_an_interrupt_is_dropped_by_its_item() {
    let mut line = Line::called(&[]);
    line.words("tell me all");
    line.attend(2);
    line.want(1, "tell me all");
    line.sound("a", 1);
    let out = line.interrupt(1);
    assert_eq!(
        (said(&out), told(&out)),
        (vec!["interrupt".to_owned()], vec!["1: stopped".to_owned()])
    );
    line.hear(
        &json!({ "type": "interrupt_notification", "client_id": "c1", "session_id": null,
        "message_id": null, "interrupt_type": "user_interrupt", "timestamp": 1.5 }),
    );
    assert_eq!(told(&line.sound("a", 2)), [""; 0]);
    line.words("stop, and now?");
    line.want(2, "stop, and now?");
    assert_eq!(told(&line.sound("a", 3)), [""; 0], "it still talks on");
    assert_eq!(told(&line.sound("b", 4)), ["2: sounds [4] 24000"]);
    assert_eq!(told(&line.sound("a", 5)), [""; 0]);
}

#[test]
fn edge_22_an_answer_that_was_stopped_before_it_began_is_not_taken_for_the_next() {
    let mut line = Line::called(&[]);
    line.words("tell me");
    line.attend(2);
    line.want(1, "tell me");
    line.interrupt(1);
    assert_eq!(told(&line.sound("a", 1)), [""; 0]);
    line.words("and now?");
    line.want(2, "and now?");
    assert_eq!(told(&line.sound("a", 2)), [""; 0]);
    assert_eq!(told(&line.sound("b", 3)), ["2: sounds [3] 24000"]);
}

#[test]
fn words_that_come_after_the_answer_has_begun_are_its_question() {
    let mut line = Line::called(&[]);
    assert_eq!(told(&line.sound("a", 1)), [""; 0]);
    assert_eq!(told(&line.words("hello")), ["1: over", "1: heard hello"]);
    line.attend(2);
    assert_eq!(
        told(&line.want(1, "hello")),
        ["1: thinks", "1: sounds [1] 24000"]
    );
    // A second item without words between is more of the same answer.
    assert_eq!(told(&line.sound("b", 2)), [""; 0]);
    assert_eq!(told(&line.wait(2000)), ["1: sounds [2] 24000"]);
    assert_eq!(told(&line.sound("b", 3)), ["1: sounds [3] 24000"]);
    assert_eq!(told(&line.wait(5000)), ["1: silent", "1: done"]);
    // And long after it, the server speaks by itself.
    line.sound("c", 4);
    let out = line.wait(2000);
    let [Down::Opens { turn, heard: None }] = out.downs[..] else {
        panic!("{out:?}")
    };
    let voice = wanted(0, "").voice;
    let out = line.say(&Up::Follow { turn, voice });
    assert!(matches!(
        out.downs[..],
        [Down::Thinking { .. }, Down::Speech(_)]
    ));
}

#[test]
fn a_server_that_tells_no_words_is_heard_all_the_same() {
    let mut line = Line::called(&[]);
    line.sound("a", 1);
    assert_eq!(told(&line.wait(2000)), ["1: over", "1: heard 🎤"]);
    line.attend(2);
    assert_eq!(
        told(&line.want(1, "🎤")),
        ["1: thinks", "1: sounds [1] 24000"]
    );
}

#[test]
fn words_that_come_late_are_those_of_what_was_answered() {
    for (ms, expected) in [
        (8000, vec!["1: heard hello"]),
        (8001, vec!["2: over", "2: heard hello"]),
    ] {
        let mut line = Line::called(&[]);
        line.sound("a", 1);
        line.wait(2000);
        line.attend(2);
        line.want(1, "🎤");
        for _ in 0..ms / 1000 {
            line.wait(1000);
            line.sound("a", 2);
        }
        line.wait(ms % 1000);
        assert_eq!(told(&line.words("hello")), expected);
    }
}

#[test]
fn what_goes_on_is_one_question_and_a_murmur_is_none() {
    let mut line = Line::called(&[]);
    line.words("set a timer for");
    line.attend(2);
    line.sound("a", 1);
    line.words("ten minutes");
    line.attend(3);
    line.sound("b", 2);
    assert_eq!(
        told(&line.want(1, "set a timer for ten minutes")),
        ["1: thinks", "1: sounds [2] 24000"]
    );
    assert_eq!(told(&line.sound("a", 3)), [""; 0]);
    // Nobody says this one.
    line.words("mm-hm");
    line.attend(4);
    line.sound("c", 4);
    assert_eq!(told(&line.sound("b", 5)), ["1: sounds [5] 24000"]);
    line.wait(30_000);
    assert_eq!(told(&line.sound("c", 6)), [""; 0]);
}

#[test]
fn a_server_of_ours_tells_who_speaks_and_when_it_is_done() {
    let mut line = Line::called(&["stream_ids", "interrupt", "call_events"]);
    assert_eq!(
        told(&line.hear(&json!({ "type": "speech_started" }))),
        ["began"]
    );
    assert_eq!(
        told(&line.hear(&json!({ "type": "speech_stopped" }))),
        ["1: over"]
    );
    line.attend(2);
    assert_eq!(told(&line.words("hello")), ["1: heard hello"]);
    line.want(1, "hello");
    line.sound("a", 1);
    line.reply("Hi.");
    line.hear(&json!({ "type": "synthesis_complete", "item_id": "a" }));
    assert_eq!(told(&line.wait(0)), ["1: silent", "1: done"]);
    // Noise ends with no words.
    line.hear(&json!({ "type": "speech_stopped" }));
    assert_eq!(told(&line.words("")), ["2: heard "]);
}

#[test]
fn a_closed_microphone_lets_an_answer_end_before_the_call_does() {
    let mut line = Line::called(&[]);
    line.words("hello");
    line.want(1, "hello");
    line.sound("a", 1);
    let turn = TurnId(1);
    assert_eq!(said(&line.part(&ClipPart::Broken { turn })), [""; 0]);
    assert_eq!(told(&line.sound("a", 2)), ["1: sounds [2] 24000"]);
    let out = line.wait(5000);
    assert_eq!(
        (said(&out), told(&out)),
        (
            vec!["stop_voice_call".to_owned()],
            vec!["1: silent".to_owned(), "1: done".to_owned()]
        )
    );
}

#[test]
fn what_is_said_before_the_server_listens_is_sent_when_it_does() {
    let mut line = Line::greeted(&[]);
    line.open(1);
    let (turn, samples) = (TurnId(1), vec![0; 160_000]);
    assert_eq!(said(&line.part(&ClipPart::More { turn, samples })), [""; 0]);
    let out = line.hear(&json!({ "type": "voice_call_started" }));
    let pieces = said(&out).len();
    assert_eq!(pieces, 4 * 24_000 / PIECE, "four seconds of it");
}

#[test]
fn calls_are_left_to_servers_only_where_the_user_says_so_and_they_can() {
    for (wish, capabilities, expected) in [
        ("own", &[][..], false),
        ("", &["call_events"], false),
        ("server", &[], true),
        ("server", &["stream_ids"], false),
        ("server", &["stream_ids", "call_events"], true),
    ] {
        let place = Place {
            more: [("turn_detection", wish.to_owned())].into(),
            ..Place::default()
        };
        let mut yychat = Yychat::new(&place);
        Out::of(|out| yychat.dial(NOON, out));
        let greeting = json!({ "type": "connection_established", "capabilities": capabilities });
        let greeting = Frame::Text(greeting.to_string());
        let out = Out::of(|out| yychat.decode(&greeting, NOON, out));
        let Some(Down::Greeting(greeting)) = out.downs.first() else {
            panic!("{out:?}")
        };
        let cuts = greeting.capabilities.iter().any(|can| can == "turns");
        assert_eq!(cuts, expected, "{wish} {capabilities:?}");
    }
}

proptest! {
    /// However a call goes, it can be ended, and nobody waits for ever.
    #[test]
    fn no_call_gets_stuck(steps in prop::collection::vec((0_u8..14, 1_u128..5), 0..60)) {
        let mut line = Line::called(&[]);
        for (step, n) in steps {
            let (turn, item) = (TurnId(n), ["a", "b", "c", "d"][n as usize - 1]);
            match step {
                0 => { line.words("hello"); }
                1 => { line.words(""); }
                2 => { line.sound(item, 1); }
                3 => { line.reply("yes"); }
                4 => { line.attend(n); }
                5 => { line.want(n, "hello"); }
                6 => { line.interrupt(n); }
                7 => { line.wait(700 * n as u64); }
                8 => { line.open(n); }
                9 => { let part = ClipPart::Broken { turn };
                    if line.yychat.call.as_ref().is_some_and(|call| call.is(turn)) { line.part(&part); } }
                10 => { line.hear(&json!({ "type": "voice_call_started" })); }
                11 => { line.hear(&json!({ "type": "voice_call_stopped" })); }
                12 => { line.hear(&json!({ "type": "speech_stopped" })); }
                _ => { line.hear(&json!({ "type": "error", "message": "no" })); }
            }
        }
        for n in 1..5 {
            line.interrupt(n);
            let part = ClipPart::Broken { turn: TurnId(n) };
            if line.yychat.call.as_ref().is_some_and(|call| call.is(TurnId(n))) { line.part(&part); }
        }
        line.wait(120_000);
        prop_assert!(line.yychat.call.is_none());
        prop_assert_eq!(line.yychat.call.as_ref().and_then(Call::deadline), None);
    }
}
