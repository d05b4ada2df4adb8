//! Walks the golden conversations, and states each thing that real servers do.

mod call;

use super::*;
use crate::codec::opus::Encoder;
use crate::core::backend::{Clip, Down, Offer, Say, Up, VoiceWish};
use crate::core::ids::{ConversationId, TurnId};
use crate::core::line::Cause;
use crate::core::sound::{ClipPart, Hear, Sound, Speech};
use crate::core::time::Now;
use crate::core::words::Lang;
use crate::wire::golden::{NOON, walk};
use crate::wire::{Dialect, Frame, Out, Place};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

const TURN: TurnId = TurnId(1);
const NOTHING: [usize; 0] = [];

fn place(url: &str, more: &[(&'static str, &str)]) -> Place {
    Place {
        url: url.to_owned(),
        more: more
            .iter()
            .map(|(name, text)| (*name, (*text).to_owned()))
            .collect::<BTreeMap<_, _>>(),
        identity: Identity {
            device: "02:00:00:00:00:01".to_owned(),
            client: TurnId(1).to_string(),
        },
        offers: vec![Offer {
            name: "notes".to_owned(),
            description: "Keeps notes.".to_owned(),
            parameters: json!({ "type": "object" }),
        }],
        ..Place::default()
    }
}

fn golden(name: &str, url: &str, text: &str) {
    let text = text.replace("VERSION", env!("CARGO_PKG_VERSION"));
    walk(&mut Xiaozhi::new(place(url, &[]), 0), name, &text);
}

#[test]
fn a_written_conversation_reads_as_recorded() {
    let text = include_str!("golden/typed.jsonl");
    golden("typed.jsonl", "ws://h/xiaozhi/v1/", text);
}

#[test]
fn the_use_of_our_tools_reads_as_recorded() {
    let text = include_str!("golden/tools.jsonl");
    golden("tools.jsonl", "ws://h/xiaozhi/v1/", text);
}

#[test]
fn the_way_to_the_socket_reads_as_recorded() {
    let text = include_str!("golden/activation.jsonl");
    golden("activation.jsonl", "http://h:8003/xiaozhi/ota/", text);
}

/// A client on an open line, and the time.
struct Line {
    client: Xiaozhi,
    now: Now,
}

impl Line {
    fn with(more: &[(&'static str, &str)]) -> Self {
        let mut line = Self {
            client: Xiaozhi::new(place("ws://h/xiaozhi/v1/", more), 0),
            now: NOON,
        };
        line.act(Dialect::dial);
        line.act(Dialect::hello);
        line
    }

    /// The server has said hello.
    fn up(more: &[(&'static str, &str)]) -> Self {
        let mut line = Self::with(more);
        line.hear(
            &json!({"type":"hello","transport":"websocket","session_id":"s",
            "audio_params":{"sample_rate":16000,"frame_duration":20}}),
        );
        line
    }

    fn act(&mut self, act: impl FnOnce(&mut Xiaozhi, Now, &mut Out)) -> Out {
        let (client, now) = (&mut self.client, self.now);
        Out::of(|out| act(client, now, out))
    }

    fn hear(&mut self, frame: &Value) -> Vec<Down> {
        let out = self.raw(&frame.to_string());
        assert_eq!(out.over, None);
        out.downs
    }

    fn raw(&mut self, text: &str) -> Out {
        let frame = Frame::Text(text.to_owned());
        self.act(|client, now, out| client.decode(&frame, now, out))
    }

    fn tts(&mut self, state: &str) -> Vec<Down> {
        self.hear(&json!({"type":"tts","state":state,"text":"Yes."}))
    }

    fn stt(&mut self, text: &str) -> Vec<Down> {
        self.hear(&json!({"type":"stt","text":text}))
    }

    /// How many samples come of a packet, where any do.
    fn packet(&mut self, packet: &[u8]) -> Vec<usize> {
        let frame = Frame::Binary(packet.to_vec().into());
        let out = self.act(|client, now, out| client.decode(&frame, now, out));
        (out.downs.iter())
            .map(|down| match down {
                Down::Speech(Speech::More {
                    sound: Sound::Samples { samples, rate },
                    ..
                }) => {
                    assert_eq!(*rate, 24_000);
                    samples.len()
                }
                other => panic!("{other:?}"),
            })
            .collect()
    }

    fn say(&mut self, up: &Up) -> Out {
        self.act(|client, now, out| assert!(client.encode(up, now, out)))
    }

    fn clip(&mut self, part: &ClipPart) -> Vec<Frame> {
        self.act(|client, now, out| assert!(client.clip(part, now, out)))
            .frames
    }

    fn record(&mut self, turn: TurnId, samples: usize) -> Vec<Frame> {
        let mut frames = self.clip(&begin(turn));
        let samples = vec![0; samples];
        frames.extend(self.clip(&ClipPart::More { turn, samples }));
        frames.extend(self.clip(&ClipPart::End { turn }));
        frames
    }

    fn wait(&mut self, ms: u64) -> Out {
        self.now.mono = self.now.mono + Duration::from_millis(ms);
        let mut out = Out::default();
        while self
            .client
            .deadline()
            .is_some_and(|due| due <= self.now.mono)
        {
            self.client.due(self.now, &mut out);
        }
        out
    }
}

fn begin(turn: TurnId) -> ClipPart {
    ClipPart::Begin(Hear {
        turn,
        conversation: ConversationId(9),
        language: None,
        ears: None,
    })
}

fn say(turn: TurnId, text: &str, aloud: bool, clip: bool) -> Up {
    Up::Say(Say {
        turn,
        conversation: ConversationId(9),
        text: text.to_owned(),
        persona: None,
        brain: None,
        model: None,
        tools: true,
        errands: false,
        lang: Lang::En,
        voice: aloud.then_some(VoiceWish {
            engine: None,
            voice: None,
            speed: 1.0,
        }),
        clip: clip.then_some(Clip { length_ms: 500 }),
        history: vec![],
    })
}

fn interrupt(turn: TurnId) -> Up {
    Up::Interrupt {
        turn,
        conversation: ConversationId(9),
        heard: None,
    }
}

/// The kinds of our messages: their type and state, or `sound`.
fn kinds(frames: &[Frame]) -> Vec<String> {
    let kind = |frame: &Frame| match frame {
        Frame::Binary(_) => "sound".to_owned(),
        Frame::Text(text) => {
            let value: Value = serde_json::from_str(text).unwrap();
            let word = |field: &str| value[field].as_str().unwrap_or_default().to_owned();
            format!("{} {}", word("type"), word("state"))
                .trim_end()
                .to_owned()
        }
    };
    frames.iter().map(kind).collect()
}

fn transcript(text: &str) -> Down {
    Down::Transcript {
        turn: Some(TURN),
        text: text.to_owned(),
    }
}

fn is_done(downs: &[Down]) -> bool {
    downs.iter().any(|down| matches!(down, Down::Done { .. }))
}

/// A packet as servers make them.
fn packet(rate: u32, frame_ms: u32) -> Vec<u8> {
    let mut encoder = Encoder::new(rate, frame_ms).unwrap();
    let tone = |n: usize| ((n as f32 * 0.1).sin() * 9000.0) as i16;
    let samples: Vec<i16> = (0..encoder.frame()).map(tone).collect();
    encoder.encode(&samples).to_vec()
}

#[test]
fn a_recording_is_packed_heard_and_answered_when_the_answer_is_wanted() {
    let mut line = Line::up(&[]);
    // A second, in packets of 60 ms, the last of which is filled up.
    let frames = line.record(TURN, 16_000);
    let mut expected = vec!["listen start"];
    expected.extend(["sound"; 17]);
    expected.push("listen stop");
    assert_eq!(kinds(&frames), expected);
    assert_eq!(line.stt("hello there"), [transcript("hello there")]);
    // Nothing of the answer is told before the program has made room for its sound.
    assert_eq!(line.tts("start"), []);
    assert_eq!(line.tts("sentence_start"), []);
    assert_eq!(line.packet(&packet(24_000, 60)), NOTHING);
    let out = line.say(&say(TURN, "hello there", true, true));
    assert_eq!(out.frames, []);
    let told: Vec<&str> = (out.downs.iter())
        .map(|down| match down {
            Down::Thinking { .. } => "thinking",
            Down::Text { .. } => "text",
            Down::Speech(Speech::Words { .. }) => "words",
            Down::Speech(Speech::More { .. }) => "sound",
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(told, ["thinking", "text", "words", "sound"]);
    assert_eq!(line.packet(&packet(24_000, 60)), [1440]);
    assert!(is_done(&line.tts("stop")));
    assert_eq!(line.client.deadline(), None);
}

#[test]
fn packets_are_as_long_as_was_wished_and_wrapped_as_was_agreed() {
    for (more, head, packets) in [
        (&[("frame_ms", "20")][..], 0, 50),
        (&[("frame_ms", "30")], 0, 25),
        (&[("version", "2")], 16, 17),
        (&[("version", "3"), ("frame_ms", "60")], 4, 17),
        (&[("version", "9")], 0, 17),
    ] {
        let mut line = Line::up(more);
        let frames = line.record(TURN, 16_000);
        let sounds: Vec<&bytes::Bytes> = (frames.iter())
            .filter_map(|frame| match frame {
                Frame::Binary(bytes) => Some(bytes),
                Frame::Text(_) => None,
            })
            .collect();
        assert_eq!(sounds.len(), packets, "{more:?}");
        if head == 16 {
            let stamps: Vec<u8> = sounds.iter().take(3).map(|frame| frame[11]).collect();
            assert_eq!(stamps, [0, 60, 120]);
        }
        if head == 4 {
            assert_eq!(usize::from(sounds[0][3]), sounds[0].len() - head);
        }
    }
}

#[test]
fn an_answer_that_nobody_wants_is_stopped() {
    let mut line = Line::up(&[]);
    line.record(TURN, 3200);
    assert_eq!(line.stt("mm"), [transcript("mm")]);
    assert_eq!(line.tts("start"), []);
    let out = line.wait(2_000);
    assert_eq!(
        (kinds(&out.frames), out.downs),
        (vec!["abort".to_owned()], vec![])
    );
    assert_eq!(line.tts("sentence_start"), []);
    assert_eq!(line.packet(&packet(24_000, 60)), NOTHING);
    assert_eq!(line.tts("stop"), []);
}

#[test]
fn who_talks_into_an_answer_ends_it() {
    let mut line = Line::up(&[]);
    line.say(&say(TURN, "a story", true, false));
    line.tts("start");
    line.tts("sentence_start");
    let out = line.act(|client, now, out| assert!(client.clip(&begin(TurnId(2)), now, out)));
    assert!(is_done(&out.downs));
    // The microphone is deaf for a while after words that were typed.
    assert_eq!(kinds(&out.frames), ["abort"]);
    assert_eq!(kinds(&line.wait(2_000).frames), ["listen start"]);
}

#[test]
fn what_was_asked_on_an_earlier_line_is_asked_in_writing() {
    let mut line = Line::up(&[]);
    let out = line.say(&say(TURN, "hello there", true, true));
    assert_eq!(kinds(&out.frames), ["listen detect"]);
}

#[test]
fn the_answer_to_what_was_taken_back_is_for_nobody() {
    let mut line = Line::up(&[]);
    line.record(TURN, 3200);
    assert_eq!(kinds(&line.say(&interrupt(TURN)).frames), ["abort"]);
    assert_eq!(line.stt("hello"), []);
    let out = line.raw(r#"{"type":"tts","state":"start"}"#);
    assert_eq!(
        (kinds(&out.frames), out.downs),
        (vec!["abort".to_owned()], vec![])
    );
    assert_eq!(line.tts("sentence_start"), []);
    assert_eq!(line.tts("stop"), []);
    // And what is asked next is answered.
    line.say(&say(TurnId(2), "next", false, false));
    line.stt("next");
    line.tts("start");
    assert_eq!(line.tts("sentence_start").len(), 1);
}

#[test]
fn edge_01_a_server_that_stops_twice_or_for_nothing_ends_nothing_else() {
    let mut line = Line::up(&[]);
    assert_eq!(line.tts("stop"), []);
    line.say(&say(TURN, "a story", false, false));
    line.tts("start");
    line.tts("sentence_start");
    line.say(&interrupt(TURN));
    // Again: that is not said twice.
    assert_eq!(line.say(&interrupt(TURN)).frames, []);
    assert_eq!(line.tts("stop"), []);
    line.say(&say(TurnId(2), "next", false, false));
    line.stt("next");
    line.tts("start");
    assert_eq!(line.tts("stop"), [], "the second one, for the story");
    line.wait(1_000);
    assert!(is_done(&line.tts("stop")));
    assert_eq!(line.tts("stop"), []);
}

#[test]
fn edge_02_an_answer_without_anything_in_it_ends() {
    let mut line = Line::up(&[]);
    line.say(&say(TURN, "hello", true, false));
    line.tts("start");
    assert!(is_done(&line.tts("stop")));
}

#[test]
fn edge_03_a_burst_of_everything_is_kept_until_it_is_wanted() {
    let mut line = Line::up(&[]);
    line.record(TURN, 3200);
    line.stt("hello");
    line.tts("start");
    line.tts("sentence_start");
    for _ in 0..7 {
        assert_eq!(line.packet(&packet(24_000, 60)), NOTHING);
    }
    assert_eq!(line.tts("stop"), []);
    let out = line.say(&say(TURN, "hello", true, true));
    let sounds = |down: &&Down| matches!(down, Down::Speech(Speech::More { .. }));
    assert_eq!(out.downs.iter().filter(sounds).count(), 7);
    let [
        ..,
        Down::Speech(Speech::End { turn: TURN }),
        Down::Done { .. },
    ] = &out.downs[..]
    else {
        panic!("{:?}", out.downs);
    };
    assert_eq!(line.client.deadline(), None);
}

#[test]
fn edge_04_sound_that_belongs_to_nothing_is_dropped() {
    let sound = packet(24_000, 60);
    let mut line = Line::with(&[]);
    assert_eq!(line.packet(&sound), NOTHING);
    let mut line = Line::up(&[]);
    assert_eq!(line.packet(&sound), NOTHING);
    line.clip(&begin(TURN));
    assert_eq!(line.packet(&sound), NOTHING);
}

#[test]
fn edge_05_without_a_name_the_session_is_called_nothing() {
    let mut line = Line::with(&[]);
    let greeting = line.hear(&json!({"type":"hello"}));
    assert!(matches!(&greeting[..], [Down::Greeting(told)] if told.client.is_empty()));
    let out = line.say(&say(TURN, "hello", false, false));
    let Some(Frame::Text(text)) = out.frames.first() else {
        panic!("{out:?}");
    };
    assert!(text.contains(r#""session_id":"""#), "{text}");
}

#[test]
fn edge_06_a_packet_says_itself_how_long_it_is() {
    let mut line = Line::up(&[]);
    line.say(&say(TURN, "hello", true, false));
    line.tts("start");
    for (rate, ms, samples) in [
        (24_000, 60, 1440),
        (16_000, 60, 1440),
        (48_000, 20, 480),
        (8_000, 40, 960),
        (16_000, 20, 480),
    ] {
        assert_eq!(line.packet(&packet(rate, ms)), [samples], "{rate} {ms}");
    }
    // A damaged one is concealed with as much as the one before it held.
    assert_eq!(line.packet(&[0xff; 3]), [480]);
}

#[test]
fn edge_07_a_recording_that_is_never_answered_was_silence() {
    let mut line = Line::up(&[]);
    line.record(TURN, 3200);
    assert_eq!(line.wait(11_999).downs, []);
    assert_eq!(line.wait(1).downs, [transcript("")]);
    assert_eq!(line.client.deadline(), None);
    // Better late than never: then it is the server that begins.
    assert_eq!(line.stt("hello"), []);
    line.tts("start");
    let opened = line.tts("sentence_start");
    let [Down::Opens { heard, .. }] = &opened[..] else {
        panic!("{opened:?}");
    };
    assert_eq!(heard.as_deref(), Some("hello"));
}

#[test]
fn edge_08_what_is_recorded_after_typed_words_waits_until_the_server_hears() {
    let mut line = Line::up(&[]);
    line.say(&say(TURN, "hello", false, false));
    line.tts("start");
    assert!(is_done(&line.tts("stop")));
    line.wait(500);
    assert_eq!(line.record(TURN, 2_000), []);
    assert_eq!(line.wait(1_499).frames, []);
    let sent = line.wait(1).frames;
    let expected = ["listen start", "sound", "sound", "sound", "listen stop"];
    assert_eq!(kinds(&sent), expected);
    // Its answer is waited for from then on.
    assert_eq!(line.wait(11_999).downs, []);
    assert_eq!(line.wait(1).downs, [transcript("")]);

    // One that is taken back meanwhile is never sent.
    line.say(&say(TURN, "hello", false, false));
    line.tts("start");
    line.tts("stop");
    assert_eq!(line.record(TurnId(2), 2_000), []);
    assert_eq!(kinds(&line.say(&interrupt(TurnId(2))).frames), ["abort"]);
    assert_eq!(line.wait(5_000).frames, []);
}

#[test]
fn edge_09_words_may_be_missing_empty_a_tool_or_told_twice() {
    let mut line = Line::up(&[]);
    line.record(TURN, 3200);
    assert_eq!(line.stt(" "), [transcript("")]);

    line.record(TURN, 3200);
    assert_eq!(line.stt("% get_weather"), []);
    assert_eq!(line.stt("one"), [transcript("one")]);
    assert_eq!(line.stt("two"), []);
    let out = line.say(&say(TURN, "one", false, true));
    let [Down::Tool { tool, .. }] = &out.downs[..] else {
        panic!("{out:?}");
    };
    assert_eq!(tool.name, "get_weather");
    line.tts("start");
    assert!(is_done(&line.tts("stop")));

    // None at all: the recording held a word of which the server tells nothing.
    line.record(TURN, 3200);
    line.tts("start");
    let told = line.tts("sentence_start");
    assert_eq!(told[0], transcript(""));
    assert!(matches!(told[1], Down::Opens { heard: None, .. }));
}

#[test]
fn edge_10_text_that_is_no_json_is_a_reason_only_if_it_comes_first() {
    let mut line = Line::with(&[]);
    let reason = "认证失败".to_owned();
    let status = None;
    assert_eq!(
        line.raw("认证失败").over,
        Some(Cause::Denied { status, reason })
    );

    let mut line = Line::up(&[]);
    for text in [
        "认证失败",
        "17",
        "[1]",
        "{",
        "",
        "{}",
        r#"{"type":7}"#,
        "null",
    ] {
        let out = line.raw(text);
        assert_eq!(out.over, None, "{text}");
        assert!(matches!(out.downs[..], [Down::Unreadable { .. }]), "{text}");
    }
}

#[test]
fn edge_14_nothing_depends_on_an_answered_beat() {
    let mut line = Line::up(&[]);
    let out = line.act(Dialect::beat);
    assert_eq!(out, Out::default());
    let pong = json!({"type":"pong","timestamp":"2026-11-20 11:32:02"});
    assert_eq!(line.hear(&pong), [Down::Beat]);
}

#[test]
fn edge_15_text_comes_in_binary_frames_too_and_a_frame_that_lies_is_told() {
    let mut line = Line::up(&[("version", "3")]);
    let text = br#"{"type":"tts","state":"start"}"#;
    let mut frame = vec![1, 0, 0, text.len() as u8];
    frame.extend_from_slice(text);
    line.say(&say(TURN, "hello", false, false));
    let frame = Frame::Binary(frame.into());
    let out = line.act(|client, now, out| client.decode(&frame, now, out));
    assert_eq!(out.downs, [Down::Thinking { turn: Some(TURN) }]);
    let lies = Frame::Binary(vec![0, 0, 9, 9, 1].into());
    let out = line.act(|client, now, out| client.decode(&lies, now, out));
    assert!(matches!(out.downs[..], [Down::Unreadable { .. }]));
}

#[test]
fn edge_16_the_server_may_begin_to_speak_by_itself() {
    let mut line = Line::up(&[]);
    assert_eq!(line.tts("start"), []);
    let told = line.tts("sentence_start");
    let [Down::Opens { turn, heard: None }] = told[..] else {
        panic!("{told:?}");
    };
    assert_eq!(line.packet(&packet(24_000, 60)), NOTHING);
    let voice = Some(VoiceWish {
        engine: None,
        voice: None,
        speed: 1.0,
    });
    let out = line.say(&Up::Follow { turn, voice });
    assert_eq!(out.downs.len(), 3, "{out:?}");
    let ends = line.tts("stop");
    assert!(is_done(&ends) && ends.len() == 2);
    // The next one has another name.
    line.tts("start");
    let told = line.tts("sentence_start");
    assert!(matches!(told[..], [Down::Opens { turn: other, .. }] if other != turn));
}

#[test]
fn a_server_that_wants_another_way_is_told_from_one_that_talks() {
    let mut line = Line::with(&[]);
    let out = line.raw(r#"{"type":"hello","transport":"udp"}"#);
    assert!(matches!(out.over, Some(Cause::NotABackend { .. })));
    assert_eq!(out.downs, []);
}

/// What may happen on a line, well-formed and otherwise.
fn step() -> impl Strategy<Value = u8> {
    any::<u8>()
}

proptest! {
    #[test]
    fn whatever_comes_in_whatever_order_every_turn_ends_and_nothing_panics(
        steps in prop::collection::vec((step(), any::<u8>()), 0..60),
        bytes in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let mut line = Line::with(&[]);
        let sound = packet(24_000, 20);
        for (step, what) in steps {
            let turn = TurnId(u128::from(what % 3));
            match step % 18 {
                0 => drop(line.raw(r#"{"type":"hello","session_id":"s"}"#)),
                1 => drop(line.raw(r#"{"type":"stt","text":"one"}"#)),
                2 => drop(line.raw(r#"{"type":"stt"}"#)),
                3 => drop(line.raw(r#"{"type":"tts","state":"start"}"#)),
                4 => drop(line.raw(r#"{"type":"tts","state":"sentence_start","text":"x"}"#)),
                5 | 6 => drop(line.raw(r#"{"type":"tts","state":"stop"}"#)),
                7 => drop(line.raw(&String::from_utf8_lossy(&bytes))),
                8 => {
                    let frame = Frame::Binary(if what % 2 == 0 { sound.clone() } else { bytes.clone() }.into());
                    line.act(|client, now, out| client.decode(&frame, now, out));
                }
                9 => drop(line.say(&say(turn, "x", what % 2 == 0, what % 5 == 0))),
                10 => drop(line.say(&interrupt(turn))),
                11 => drop(line.clip(&begin(turn))),
                12 => drop(line.clip(&ClipPart::More { turn, samples: vec![7; 700] })),
                13 => drop(line.clip(&ClipPart::End { turn })),
                14 => drop(line.clip(&ClipPart::Broken { turn })),
                15 => drop(line.wait(u64::from(what) * 50)),
                16 => drop(line.raw(r#"{"type":"mcp","payload":{"id":1,"method":"tools/list"}}"#)),
                _ => drop(line.act(Dialect::dial)),
            }
        }
        // However it went, the next question is asked and answered.
        line.raw(r#"{"type":"hello","session_id":"s"}"#);
        line.say(&say(TurnId(77), "last", false, false));
        line.wait(4_000);
        line.raw(r#"{"type":"stt","text":"last"}"#);
        line.raw(r#"{"type":"tts","state":"start"}"#);
        let told = line.tts("sentence_start");
        prop_assert!(matches!(told[..], [Down::Text { turn: Some(TurnId(77)), .. }]), "{:?}", told);
        prop_assert!(is_done(&line.tts("stop")));
        prop_assert_eq!(line.client.deadline(), None);
    }
}
