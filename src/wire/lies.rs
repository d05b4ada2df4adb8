//! What no honest server sends, in each language: it is told, and nothing else is lost by it.

use super::xiaozhi::Identity;
use super::{Dialect, Frame, Language, Out, Place};
use crate::codec::base64;
use crate::codec::opus::Encoder;
use crate::core::backend::{Down, Offer, Say, ToolCall, Up, VoiceWish};
use crate::core::ids::{ConversationId, TurnId};
use crate::core::sound::Speech;
use crate::core::words::Lang;
use crate::wire::golden::NOON;
use crate::wire::yychat::binary;
use serde_json::{Value, json};

const TURN: TurnId = TurnId(7);
const HERE: ConversationId = ConversationId(9);

/// A line to a server of one language.
struct Line(Box<dyn Dialect>);

impl Line {
    fn new(language: Language, more: &[(&'static str, &str)]) -> Self {
        let tool = |number: usize| Offer {
            name: format!("tool{number}"),
            description: "x".to_owned(),
            parameters: json!({ "type": "object" }),
        };
        let place = Place {
            more: more
                .iter()
                .map(|(name, text)| (*name, (*text).to_owned()))
                .collect(),
            identity: Identity::default(),
            offers: (0..2).map(tool).collect(),
            ..Place::default()
        };
        let mut line = Self(language.speaker(&place));
        Out::of(|out| line.0.dial(NOON, out));
        Out::of(|out| line.0.hello(NOON, out));
        line
    }

    fn frame(&mut self, frame: &Frame) -> Out {
        Out::of(|out| self.0.decode(frame, NOON, out))
    }

    fn hear(&mut self, frame: &Value) -> Vec<Down> {
        self.frame(&Frame::Text(frame.to_string())).downs
    }

    fn bytes(&mut self, bytes: &[u8]) -> Vec<Down> {
        self.frame(&Frame::Binary(bytes.to_vec().into())).downs
    }

    fn say(&mut self, up: &Up) -> Vec<Frame> {
        Out::of(|out| assert!(self.0.encode(up, NOON, out))).frames
    }

    /// A server has greeted, and nothing else.
    fn greet(&mut self, language: Language) {
        let greeting = match language {
            Language::Yychat => json!({"type": "connection_established", "client_id": "c"}),
            Language::Xiaozhi => json!({"type": "hello", "session_id": "s"}),
            Language::Realtime => json!({"type": "session.created", "session": {"id": "s"}}),
            Language::Unknown => panic!("it says nothing"),
        };
        let told = self.hear(&greeting);
        assert!(matches!(&told[..], [Down::Greeting(_)]), "{told:?}");
    }

    /// Something was asked, and its spoken answer has begun.
    fn asked(language: Language, more: &[(&'static str, &str)]) -> Self {
        let mut line = Self::new(language, more);
        line.greet(language);
        line.say(&Up::Say(Say {
            turn: TURN,
            conversation: HERE,
            text: "x".to_owned(),
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
            clip: None,
            history: vec![],
        }));
        match language {
            Language::Yychat => drop(line.hear(&json!({"type": "processing_start"}))),
            Language::Xiaozhi => {
                line.hear(&json!({"type": "tts", "state": "start", "session_id": "s"}));
                line.hear(&json!({"type": "tts", "state": "sentence_start", "text": "Yes."}));
            }
            Language::Realtime => {
                line.hear(&json!({"type": "response.created", "response": {"id": "r"}}));
            }
            Language::Unknown => {}
        }
        line
    }

    /// A piece of speech as an honest server sends it.
    fn piece(&mut self, language: Language) -> Vec<Down> {
        let audio = base64::encode(&[1, 0]);
        match language {
            Language::Yychat => self.hear(&json!({"type": "audio_stream", "client_id": "c",
                "message_id": TURN.to_string(), "codec": "audio/pcm", "audio": audio})),
            Language::Xiaozhi => self.bytes(&packet()),
            Language::Realtime => self.hear(
                &json!({"type": "response.output_audio.delta", "response_id": "r",
                "item_id": "i", "delta": audio}),
            ),
            Language::Unknown => vec![],
        }
    }
}

const ALL: [Language; 3] = [Language::Yychat, Language::Xiaozhi, Language::Realtime];

/// 20 ms of sound.
fn packet() -> Vec<u8> {
    let mut encoder = Encoder::new(16_000, 20).unwrap();
    encoder.encode(&[100; 320]).to_vec()
}

fn is_sound(downs: &[Down]) -> bool {
    matches!(downs, [Down::Speech(Speech::More { turn: TURN, .. })])
}

fn is_told(downs: &[Down]) -> bool {
    matches!(downs, [Down::Unreadable { why }] if !why.is_empty())
}

#[test]
fn a_length_in_a_binary_head_that_lies_is_told_and_the_next_frame_is_heard() {
    let sound = packet();
    let long = |length: u32| {
        let head = [
            &[0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0][..],
            &length.to_be_bytes(),
        ]
        .concat();
        [head, sound.clone()].concat()
    };
    let short = |length: u16| [&[0, 0][..], &length.to_be_bytes(), &sound].concat();
    let length = sound.len() as u16;
    let heads = [
        (
            "2",
            [u32::from(length) + 1, 1 << 31, u32::MAX]
                .map(long)
                .to_vec(),
            long(u32::from(length)),
        ),
        (
            "3",
            [length + 1, u16::MAX].map(short).to_vec(),
            short(length),
        ),
    ];
    for (version, lies, truth) in heads {
        let mut line = Line::asked(Language::Xiaozhi, &[("version", version)]);
        for lie in lies
            .into_iter()
            .chain([vec![], vec![0], truth[..3].to_vec()])
        {
            let told = line.bytes(&lie);
            assert!(is_told(&told), "{version}: {lie:?}: {told:?}");
        }
        assert!(is_sound(&line.bytes(&truth)), "{version}");
    }
    let mut line = Line::asked(Language::Yychat, &[]);
    for lie in [&[][..], &[2], &[2; 17], &[2; 20], &[9; 40], &[1; 40]] {
        let told = line.bytes(lie);
        assert!(is_told(&told), "{lie:?}: {told:?}");
    }
    assert!(is_sound(&line.bytes(&binary::speech(TURN, 24_000, &[1]))));
    let mut line = Line::asked(Language::Realtime, &[]);
    assert!(is_told(&line.bytes(&[1; 40])));
    assert!(is_sound(&line.piece(Language::Realtime)));
}

#[test]
fn a_number_of_a_piece_that_makes_no_sense_loses_no_piece() {
    let mut line = Line::asked(Language::Yychat, &[]);
    let numbers = [
        json!(-1),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(1e300),
        json!(0.5),
        json!("0"),
        json!([0]),
        Value::Null,
    ];
    let mut played = 0;
    let count = |downs: &[Down]| {
        let sounds = |down: &&Down| matches!(down, Down::Speech(Speech::More { .. }));
        downs.iter().filter(sounds).count()
    };
    for number in &numbers {
        let piece = json!({"type": "audio_stream", "message_id": TURN.to_string(), "seq": number,
            "audio": base64::encode(&[1, 0])});
        played += count(&line.hear(&piece));
    }
    let end = json!({"type": "synthesis_complete", "message_id": TURN.to_string()});
    let end = line.hear(&end);
    played += count(&end);
    assert_eq!(played, numbers.len());
    assert_eq!(end.last(), Some(&Down::Speech(Speech::End { turn: TURN })));
}

#[test]
fn what_is_of_somebody_elses_session_is_not_heard() {
    let audio = base64::encode(&[1, 0]);
    let ours = (TURN.to_string(), HERE.to_string());
    for (language, theirs) in [
        (
            Language::Yychat,
            vec![
                json!({"type": "audio_stream", "client_id": "other", "message_id": ours.0, "audio": audio}),
                json!({"type": "audio_stream", "session_id": "conv-1", "message_id": ours.0, "audio": audio}),
                json!({"type": "audio_stream", "message_id": "msg-1", "audio": audio}),
                json!({"type": "stream_chunk", "message_id": "msg-1", "content": "x"}),
                json!({"type": "stream_end", "client_id": "other", "full_content": "x"}),
                json!({"type": "transcription_result", "client_id": "other", "text": "x"}),
                json!({"type": "synthesis_complete", "session_id": "conv-1", "message_id": ours.0}),
            ],
        ),
        (
            Language::Xiaozhi,
            vec![
                json!({"type": "tts", "state": "stop", "session_id": "other"}),
                json!({"type": "tts", "state": "sentence_start", "text": "x", "session_id": "other"}),
                json!({"type": "stt", "text": "x", "session_id": "other"}),
                json!({"type": "llm", "emotion": "sad", "session_id": "other"}),
                json!({"type": "mcp", "session_id": "other",
                    "payload": {"id": 1, "method": "tools/call", "params": {"name": "tool0"}}}),
                json!({"type": "goodbye", "session_id": "other"}),
            ],
        ),
        (
            Language::Realtime,
            vec![
                json!({"type": "response.output_audio.delta", "response_id": "x", "item_id": "y", "delta": audio}),
                json!({"type": "response.output_text.delta", "response_id": "x", "delta": "x"}),
                json!({"type": "response.function_call_arguments.done", "response_id": "x",
                    "call_id": "c", "name": "tool0", "arguments": "{}"}),
                json!({"type": "response.done", "response": {"id": "x", "status": "completed"}}),
            ],
        ),
    ] {
        let mut line = Line::asked(language, &[]);
        for frame in theirs {
            let out = line.frame(&Frame::Text(frame.to_string()));
            let told = |down: &Down| matches!(down, Down::Unreadable { .. });
            assert!(out.downs.iter().all(told), "{frame}: {out:?}");
            assert_eq!((out.over, out.frames), (None, vec![]), "{frame}");
        }
        assert!(is_sound(&line.piece(language)), "{}", language.name());
    }
}

/// A server that calls its session otherwise than in its hello does so all the time.
#[test]
fn a_session_that_never_had_the_name_of_its_greeting_is_heard() {
    let mut line = Line::new(Language::Xiaozhi, &[]);
    line.greet(Language::Xiaozhi);
    line.hear(&json!({"type": "tts", "state": "start", "session_id": "t"}));
    let frame = json!({"type": "tts", "state": "sentence_start", "text": "Hi.", "session_id": "t"});
    assert!(matches!(&line.hear(&frame)[..], [Down::Opens { .. }]));
}

#[test]
fn sound_before_the_greeting_is_dropped_and_the_greeting_still_counts() {
    for language in ALL {
        let mut line = Line::new(language, &[]);
        let told = line.piece(language);
        let dropped = |down: &Down| matches!(down, Down::Unreadable { .. });
        assert!(told.iter().all(dropped), "{}: {told:?}", language.name());
        line.greet(language);
    }
}

#[test]
fn a_thousand_uses_of_tools_are_bounded_and_the_answer_goes_on() {
    // It is told of what it uses itself, and that is shown.
    let mut line = Line::asked(Language::Yychat, &[]);
    for number in 0..1000 {
        let told = line
            .hear(&json!({"type": "tool_use", "name": format!("t{number}"), "arguments": "{}"}));
        assert!(matches!(&told[..], [Down::Tool { .. }]), "{told:?}");
    }
    let end = line.hear(&json!({"type": "stream_end", "full_content": "done"}));
    assert!(matches!(end.last(), Some(Down::Done { .. })));

    // Each is asked for by itself, and answered by its own number; how many may be under way at
    // once is the affair of who runs them.
    let mut line = Line::asked(Language::Xiaozhi, &[]);
    for number in 0..1000 {
        let call = json!({"type": "mcp", "payload": {"jsonrpc": "2.0", "id": number,
            "method": "tools/call", "params": {"name": "self.tool0"}}});
        let told = line.hear(&call);
        assert!(
            matches!(&told[..], [Down::Call(ToolCall { id, .. })] if *id == number.to_string())
        );
    }
    let stop = line.hear(&json!({"type": "tts", "state": "stop"}));
    assert!(matches!(stop.last(), Some(Down::Done { .. })));

    let mut line = Line::asked(Language::Realtime, &[]);
    let calls: Vec<Value> = (0..5000)
        .map(|number| {
            json!({"type": "function_call", "call_id": format!("c{number}"),
            "name": "tool1", "arguments": "{}"})
        })
        .collect();
    let end = json!({"type": "response.done", "response": {"id": "r", "status": "completed", "output": calls}});
    let told = line.hear(&end);
    assert_eq!(told.len(), 32);
    let mut frames = vec![];
    for down in told {
        let Down::Call(ToolCall { id, .. }) = down else {
            panic!("{down:?}");
        };
        let outcome = Ok("x".to_owned());
        frames.extend(line.say(&Up::Result { id, outcome }));
    }
    // All that are told of it, and the wish to go on.
    assert_eq!(frames.len(), 1024 + 1);
    line.hear(&json!({"type": "response.created", "response": {"id": "r2"}}));
    let end = line
        .hear(&json!({"type": "response.done", "response": {"id": "r2", "status": "completed"}}));
    assert!(matches!(end.last(), Some(Down::Done { .. })));
}

#[test]
fn base64_that_is_none_costs_its_piece_and_no_other() {
    let garbage = [
        "!",
        "A",
        "Zg==Zg==",
        "好",
        "data:audio/wav",
        "AQA=\u{0}",
        "{}",
    ];
    for garbage in garbage {
        let mut line = Line::asked(Language::Yychat, &[]);
        let piece = json!({"type": "audio_stream", "message_id": TURN.to_string(), "seq": 0, "audio": garbage});
        assert!(is_told(&line.hear(&piece)), "{garbage}");
        assert!(is_sound(&line.piece(Language::Yychat)));
        let mut line = Line::asked(Language::Realtime, &[]);
        let piece =
            json!({"type": "response.output_audio.delta", "response_id": "r", "delta": garbage});
        assert!(is_told(&line.hear(&piece)), "{garbage}");
        assert!(is_sound(&line.piece(Language::Realtime)));
    }
}
