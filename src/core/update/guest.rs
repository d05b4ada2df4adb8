//! Takes what a backend does of its own accord: it begins to speak, wants a code to be entered, or
//! uses what it finds here. It is a guest: nothing of the user's goes before it, and what leaves
//! the program is asked for first.

use super::super::backend::{Activation, Offer, ToolCall, ToolUse, Up};
use super::super::budget::Watch;
use super::super::effect::{Effect, Effects};
use super::super::events::EventName;
use super::super::ids::{MessageId, TurnId};
use super::super::line::{Line, LinkOrder};
use super::super::mode::Mode;
use super::super::model::{Answer, Layer, Model, Page, PageKind, Question, Tone};
use super::super::sound::SoundOrder;
use super::super::time::Moment;
use super::super::transcript::{Ending, Message, Role};
use super::super::turn::Turn;
use super::super::voice::Speaking;
use super::super::words::{Word, fill};
use super::errand::READING;
use super::{ask, notice, phone, raise, recover, reply, talk};
use serde_json::{Value, json};
use std::time::Duration;

/// The tools that work on the program itself.
const STATUS: &str = "get_device_status";
const VOLUME: &str = "audio_speaker.set_volume";
const THEME: &str = "screen.set_theme";
const CLIPBOARD: &str = "clipboard.copy";

/// What of a text is shown that is to be copied, in characters.
const SHOWN: usize = 200;

/// What the program itself can do for a backend.
pub fn offers() -> Vec<Offer> {
    let offer = |name: &str, description: &str, parameters| Offer {
        name: name.to_owned(),
        description: description.to_owned(),
        parameters,
    };
    vec![
        offer(
            STATUS,
            "Tells how this device does: the volume of its loudspeaker, what it is doing, its \
             connection, its language. Use it before you change something relative to what it is.",
            json!({ "type": "object", "properties": {} }),
        ),
        offer(
            VOLUME,
            "Sets how loud speech is, from 0 to 100, which is as the voice was made.",
            json!({
                "type": "object",
                "properties": {
                    "volume": { "type": "integer", "minimum": 0, "maximum": 100 }
                },
                "required": ["volume"]
            }),
        ),
        offer(
            THEME,
            "Sets the colours of the screen to those for a light or for a dark background.",
            json!({
                "type": "object",
                "properties": { "theme": { "type": "string", "enum": ["light", "dark"] } },
                "required": ["theme"]
            }),
        ),
        offer(
            CLIPBOARD,
            "Puts a text on the user's clipboard. The user is asked first and may say no.",
            json!({
                "type": "object",
                "properties": { "text": { "type": "string" } },
                "required": ["text"]
            }),
        ),
    ]
}

/// Begins the turn that the backend opened, when nothing of the user's waits.
pub(super) fn next(model: &mut Model) -> Effects {
    let mode = model.modes.current();
    let free = model.turn.is_none()
        && model.voice.speaking.is_none()
        && model.voice.recording.is_none()
        && matches!(model.line, Line::Up(_))
        && matches!(mode, Mode::Idle | Mode::Error | Mode::VoiceCall)
        && model.modes.locked(model.now.mono).is_none();
    if !free {
        return vec![];
    }
    let Some((id, heard)) = model.opened.take() else {
        return vec![];
    };
    recover(model, "the backend speaks");
    let mut effects = vec![];
    let question = model.seed.message();
    if let Some(text) = heard {
        effects.extend(heard_by_it(model, question, id, text));
    }
    let watch = Watch::start(model.budgets.sse, 0, model.now.mono);
    let reply = model.seed.message();
    model.turn = Some(Turn::start(id, question, reply, watch, model.now.mono));
    raise(model, EventName::TextStart, "the backend speaks");
    let aloud = model.voice.wishes.speak.to(true) && model.voice.mute().is_none();
    let voice = aloud.then(|| model.voice.wishes.voice());
    if aloud {
        model.voice.speaking = Some(Speaking::of(id));
        effects.push(Effect::Sound(SoundOrder::Expect { turn: id }));
        effects.extend(phone::give_way(model));
    }
    let follow = Up::Follow { turn: id, voice };
    effects.push(Effect::Link(LinkOrder::Say(follow)));
    effects
}

/// What the backend heard without being told to goes into the conversation like anything said.
fn heard_by_it(model: &mut Model, id: MessageId, turn: TurnId, text: String) -> Effects {
    let mut question = Message::new(id, turn, Role::User, model.now.wall);
    ask::entitle(model, &text);
    question.text = text;
    question.ending = Ending::Complete;
    let effects = vec![talk::keep(model, &question)];
    model.conversation.transcript.push(question);
    effects
}

/// The backend is gone: what it wanted of us, it wants no more.
pub(super) fn leaves(model: &mut Model) {
    model.opened = None;
    let its = |layer: &Layer| matches!(layer, Layer::Question(question) if matches!(question.yes, Answer::Copy { .. }));
    model.layers.retain(|layer| !its(layer));
}

/// A code has to be entered elsewhere, or not any more.
pub(super) fn activation(model: &mut Model, activation: Option<Activation>) {
    let is_code = |layer: &Layer| matches!(layer, Layer::Page(page) if matches!(page.kind, PageKind::Code(_)));
    let before = model.layers.len();
    model.layers.retain(|layer| !is_code(layer));
    match activation {
        Some(activation) => model.layers.push(Layer::Page(Page {
            kind: PageKind::Code(activation),
            scroll: 0,
        })),
        None if model.layers.len() < before => {
            notice::say(model, Word::CodeOver, &[], Tone::Plain);
        }
        None => {}
    }
}

/// When the time that is left for a code has changed.
pub(super) fn deadline(model: &Model) -> Option<Moment> {
    let now = model.now.mono;
    let shown = model.layers.iter().find_map(|layer| match layer {
        Layer::Page(Page {
            kind: PageKind::Code(activation),
            ..
        }) => Some(activation.until),
        _ => None,
    });
    let left = shown
        .filter(|until| model.focused && now < *until)?
        .since(now);
    let nanos = u64::from(left.subsec_nanos()).max(1_000_000);
    Some(now + Duration::from_nanos(nanos))
}

/// The backend uses a tool.
pub(super) fn call(model: &mut Model, call: ToolCall) -> Effects {
    let shown = ToolUse {
        name: call.name.clone(),
        arguments: call.arguments.clone(),
        outcome: None,
    };
    reply::tool(model, None, shown);
    let arguments: Value = serde_json::from_str(&call.arguments).unwrap_or(Value::Null);
    match call.name.as_str() {
        STATUS => {
            let status = status(model);
            used(model, &call, Ok(status))
        }
        VOLUME => set_volume(model, &call, &arguments),
        THEME => set_theme(model, &call, &arguments),
        CLIPBOARD => copy(model, call, &arguments),
        _ => vec![Effect::Use(call)],
    }
}

/// Something came of the use of a tool.
pub(super) fn used(model: &mut Model, call: &ToolCall, outcome: Result<String, String>) -> Effects {
    let shown = ToolUse {
        name: call.name.clone(),
        arguments: call.arguments.clone(),
        outcome: Some(outcome.clone()),
    };
    reply::tool(model, None, shown);
    let id = call.id.clone();
    vec![Effect::Link(LinkOrder::Say(Up::Result { id, outcome }))]
}

fn status(model: &Model) -> String {
    let health = match &model.line {
        Line::Up(health) => Some(health),
        _ => None,
    };
    json!({
        "audio_speaker": { "volume": (model.voice.wishes.volume * 100.0).round().min(100.0) },
        "screen": { "columns": model.size.0, "rows": model.size.1 },
        "network": {
            "round_trip_ms": health.and_then(|up| up.rtt).map(|rtt| rtt.as_millis() as u64),
        },
        "doing": model.modes.current().name(),
        "language": model.lang.code(),
    })
    .to_string()
}

fn set_volume(model: &mut Model, call: &ToolCall, arguments: &Value) -> Effects {
    let wanted = arguments.get("volume").and_then(Value::as_f64);
    let Some(wanted) = wanted.filter(|volume| (0.0..=100.0).contains(volume)) else {
        let why = "`volume` must be a number from 0 to 100".to_owned();
        return used(model, call, Err(why));
    };
    let volume = (wanted / 100.0) as f32;
    model.voice.wishes.volume = volume;
    let shown = format!("{:.0} %", volume * 100.0);
    notice::say(model, Word::VolumeIs, &[&shown], Tone::Good);
    let mut effects = vec![Effect::Sound(SoundOrder::Volume(volume))];
    effects.extend(used(
        model,
        call,
        Ok(format!("the volume is {wanted:.0} of 100")),
    ));
    effects
}

fn set_theme(model: &mut Model, call: &ToolCall, arguments: &Value) -> Effects {
    let Some(theme @ ("light" | "dark")) = arguments.get("theme").and_then(Value::as_str) else {
        let why = "`theme` must be `light` or `dark`".to_owned();
        return used(model, call, Err(why));
    };
    theme.clone_into(&mut model.look.theme);
    used(model, call, Ok("the colours are set".to_owned()))
}

/// Asks the user before the clipboard changes.
fn copy(model: &mut Model, call: ToolCall, arguments: &Value) -> Effects {
    let text = arguments.get("text").and_then(Value::as_str);
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        let why = "`text` must say what to copy".to_owned();
        return used(model, &call, Err(why));
    };
    let asked = |layer: &Layer| matches!(layer, Layer::Question(_));
    if model.layers.iter().any(asked) {
        let why = "the user is asked something else at the moment".to_owned();
        return used(model, &call, Err(why));
    }
    let mut start: String = text.chars().take(SHOWN).collect();
    if text.chars().nth(SHOWN).is_some() {
        start.push('…');
    }
    let question = fill(Word::AskCopy.text(model.lang), &[&model.backend, &start]);
    let text = text.to_owned();
    model.layers.push(Layer::Question(Question {
        text: question,
        detail: None,
        // It comes unasked: whoever types on has not read it.
        ready: model.now.mono + READING,
        yes: Answer::Copy { call, text },
    }));
    vec![]
}
