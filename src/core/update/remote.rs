//! Carries out what somebody else on this machine wants: what is wanted, whatever is there already.

use super::super::effect::Effects;
use super::super::events::{Signal, UserSignal};
use super::super::model::Model;
use super::super::remote::{Order, refusal};
use super::{act, ask, listen, phone, push};

/// Somebody wants something.
pub(super) fn order(model: &mut Model, order: &Order) -> Effects {
    if refusal(model, order).is_some() {
        return vec![];
    }
    match order {
        Order::Talk if model.voice.recording.is_none() => return listen::begin(model),
        Order::Stop if model.voice.recording.is_some() => return listen::end(model),
        Order::Stop | Order::Cancel => {
            push(model, Signal::User(UserSignal::Interrupt), "remote control");
        }
        Order::Mute | Order::Unmute => {
            let muted = *order == Order::Mute;
            push(
                model,
                Signal::User(UserSignal::Mute(muted)),
                "remote control",
            );
        }
        Order::Call if model.call.is_none() => return phone::toggle(model),
        Order::HangUp => return phone::hang_up(model),
        Order::Say(text) => return ask::say(model, text.trim().to_owned()),
        Order::Do(action) => return act::act(model, action),
        Order::Talk | Order::Call | Order::Status => {}
    }
    vec![]
}
