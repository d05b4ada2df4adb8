//! Tells the user what happened: quietly as a toast, plainly as a card, always with a way out.

use super::super::events::EventName;
use super::super::fault::{Fault, FaultKind};
use super::super::mode::Refusal;
use super::super::model::{Layer, Model, Toast, Tone};
use super::super::words::{Word, fill};
use super::raise;
use std::time::Duration;

/// How long a toast stays; one that warns is there to be read in peace.
const TOAST: Duration = Duration::from_secs(5);
const WARNING: Duration = Duration::from_secs(15);
/// Never more toasts than this: the oldest make room.
const TOASTS: usize = 3;

/// Says something in passing.
pub(super) fn say(model: &mut Model, word: Word, arguments: &[&str], tone: Tone) {
    let text = fill(word.text(model.lang), arguments);
    toast(model, text, tone);
}

/// Warns in words that come from elsewhere.
pub(super) fn warn(model: &mut Model, text: String) {
    toast(model, text, Tone::Warning);
}

/// Mentions something in words that come from elsewhere.
pub(super) fn tell(model: &mut Model, text: String) {
    toast(model, text, Tone::Plain);
}

fn toast(model: &mut Model, text: String, tone: Tone) {
    model.toasts.retain(|toast| toast.text != text);
    if model.toasts.len() == TOASTS {
        model.toasts.remove(0);
    }
    let stays = match tone {
        Tone::Good | Tone::Plain => TOAST,
        Tone::Warning => WARNING,
    };
    model.toasts.push(Toast {
        text,
        tone,
        until: model.now.mono + stays,
    });
}

/// A fault the user must know of: noted, shown as a card, and the state says so.
pub(super) fn fault(model: &mut Model, fault: Fault) {
    raise(model, EventName::ErrorOccurred, &fault.what);
    model
        .layers
        .retain(|layer| !matches!(layer, Layer::Card(_)));
    model.layers.push(Layer::Card(fault.clone()));
    model.faults.note(fault);
}

/// A state change that the table forbids.
pub(super) fn refused(model: &mut Model, refusal: &Refusal) {
    let what = refusal.to_string();
    let fault = Fault::new(FaultKind::StateTransition, what, model.now);
    model.faults.note(fault);
}
