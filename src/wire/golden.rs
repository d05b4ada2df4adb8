//! Walks golden conversations: recorded steps, and exactly what a language makes of each.

use super::{Answer, Dialect, Errand, Frame, Out, Piece};
use crate::core::backend::{Down, Up};
use crate::core::ids::TurnId;
use crate::core::line::Cause;
use crate::core::sound::{ClipPart, Hear};
use crate::core::time::{Moment, Now, Wall};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;

/// 2026-11-20, in the middle of the day.
pub(super) const NOON: Now = Now {
    mono: Moment(Duration::ZERO),
    wall: Wall(1_795_173_705_580),
};

/// What comes of one step. What a line does not name does not happen.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Outcome {
    sent: Vec<Value>,
    down: Vec<Down>,
    asked: Vec<Value>,
    /// The header lines of the upgrade request, and where it goes if elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    dial: Option<Value>,
    /// So long it is waited for somebody, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    patience: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    over: Option<Cause>,
    /// There are no words for it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    unsaid: bool,
}

/// One line of a golden conversation: its first field says what happens, the others what comes of it.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Step {
    /// A connection is wanted.
    Dial {},
    /// The socket is open.
    Open {},
    /// We say this.
    Say { up: Up },
    /// This frame arrives.
    Hear { frame: Value },
    /// This text arrives, which may be anything.
    HearRaw { text: String },
    /// This frame without text arrives, in hexadecimal digits.
    HearBinary { hex: String },
    /// We record this.
    Record { part: Part },
    /// A request beside the socket is answered.
    Answer { number: u64, piece: Told },
    /// So much time passes.
    Wait { ms: u64 },
    /// A sign of life is due.
    Beat {},
}

#[derive(Deserialize)]
enum Part {
    Begin(Hear),
    Open(Hear),
    More { turn: TurnId, samples: Vec<i16> },
    End { turn: TurnId },
    Broken { turn: TurnId },
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Told {
    Head {
        status: u16,
        kind: String,
        #[serde(default)]
        retry_after_s: Option<u64>,
    },
    Body(String),
    End,
    Failed(String),
}

impl From<Part> for ClipPart {
    fn from(part: Part) -> Self {
        match part {
            Part::Begin(hear) => Self::Begin(hear),
            Part::Open(hear) => Self::Open(hear),
            Part::More { turn, samples } => Self::More { turn, samples },
            Part::End { turn } => Self::End { turn },
            Part::Broken { turn } => Self::Broken { turn },
        }
    }
}

impl From<Told> for Piece {
    fn from(told: Told) -> Self {
        match told {
            Told::Head {
                status,
                kind,
                retry_after_s,
            } => Self::Head {
                status,
                kind,
                retry_after_s,
            },
            Told::Body(text) => Self::Body(text.into()),
            Told::End => Self::End,
            Told::Failed(why) => Self::Failed { why },
        }
    }
}

/// What a frame means to a language.
pub(super) fn heard(dialect: &mut dyn Dialect, frame: &Frame) -> Vec<Down> {
    Out::of(|out| dialect.decode(frame, NOON, out)).downs
}

/// What a language sends to say this.
pub(super) fn said(dialect: &mut dyn Dialect, up: &Up) -> Vec<Frame> {
    Out::of(|out| {
        dialect.encode(up, NOON, out);
    })
    .frames
}

/// Walks one conversation from its first line to its last.
pub(super) fn walk(dialect: &mut dyn Dialect, name: &str, golden: &str) {
    let mut now = NOON;
    dialect.dial(now, &mut Out::default());
    dialect.hello(now, &mut Out::default());
    for (at, line) in golden.lines().enumerate() {
        let at = at + 1;
        let bad = |error: serde_json::Error| -> ! { panic!("{name}:{at}: {error}") };
        let mut fields: serde_json::Map<String, Value> =
            serde_json::from_str(line).unwrap_or_else(|error| bad(error));
        let (kind, mut inner) = fields.iter_mut().next().map_or_else(
            || panic!("{name}:{at}: nothing happens"),
            |(kind, inner)| (kind.clone(), inner.take()),
        );
        let mut expected = serde_json::Map::new();
        for field in [
            "sent", "down", "asked", "dial", "patience", "over", "unsaid",
        ] {
            if let Some(value) = inner.as_object_mut().and_then(|inner| inner.remove(field)) {
                expected.insert(field.to_owned(), value);
            }
        }
        let expected: Outcome =
            serde_json::from_value(Value::Object(expected)).unwrap_or_else(|error| bad(error));
        let step: Step =
            serde_json::from_value(json!({ kind: inner })).unwrap_or_else(|error| bad(error));
        let outcome = play(dialect, step, &mut now);
        assert_eq!(outcome, expected, "{name}:{at}");
    }
}

fn play(dialect: &mut dyn Dialect, step: Step, now: &mut Now) -> Outcome {
    let mut understood = true;
    let out = Out::of(|out| match step {
        Step::Dial {} => dialect.dial(*now, out),
        Step::Open {} => dialect.hello(*now, out),
        Step::Say { up } => understood = dialect.encode(&up, *now, out),
        Step::Hear { frame } => dialect.decode(&Frame::Text(frame.to_string()), *now, out),
        Step::HearRaw { text } => dialect.decode(&Frame::Text(text), *now, out),
        Step::HearBinary { hex } => dialect.decode(&Frame::Binary(bytes(&hex).into()), *now, out),
        Step::Record { part } => understood = dialect.clip(&part.into(), *now, out),
        Step::Answer { number, piece } => {
            let piece = piece.into();
            dialect.answered(Answer { number, piece }, *now, out);
        }
        Step::Wait { ms } => {
            now.mono = now.mono + Duration::from_millis(ms);
            now.wall.0 += i64::try_from(ms).unwrap();
            // As the link does: at the moment it asked for, and as often as it asks.
            while dialect.deadline().is_some_and(|due| due <= now.mono) {
                dialect.due(*now, out);
            }
        }
        Step::Beat {} => dialect.beat(*now, out),
    });
    Outcome {
        sent: out.frames.into_iter().map(shown).collect(),
        down: out.downs,
        asked: out.errands.into_iter().map(asked).collect(),
        dial: out.dial.map(|upgrade| {
            json!({ "url": upgrade.url, "headers": upgrade.headers, "protocols": upgrade.protocols })
        }),
        patience: out.patience.map(|until| until.0.as_millis() as u64),
        over: out.over,
        unsaid: !understood,
    }
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair).unwrap();
        u8::from_str_radix(pair, 16).unwrap()
    });
    digits.collect()
}

fn shown(frame: Frame) -> Value {
    match frame {
        Frame::Text(text) => serde_json::from_str(&text).unwrap(),
        Frame::Binary(bytes) => {
            let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            json!({ "binary": digits.concat() })
        }
    }
}

fn asked(errand: Errand) -> Value {
    match errand {
        Errand::Drop(number) => json!({ "drop": number }),
        Errand::Ask(request) => {
            let body = request.body.map(|body| {
                serde_json::from_str::<Value>(&body).unwrap_or(Value::String(body.clone()))
            });
            json!({
                "number": request.number,
                "method": request.method,
                "url": request.url,
                "headers": request.headers,
                "body": body,
            })
        }
    }
}
