//! Looks how every part is doing, on a page of its own, while the conversation goes on.

use super::super::checkup::{AGAIN, ALOUD, Check, CheckEvent, Depth, checks};
use super::super::effect::{Effect, Effects};
use super::super::model::{Layer, Model, PageKind};
use super::act;

/// The page opens, with a new look, or closes.
pub(super) fn page(model: &mut Model) -> Effects {
    act::page(model, PageKind::Doctor);
    let open =
        matches!(model.layers.last(), Some(Layer::Page(page)) if page.kind == PageKind::Doctor);
    if open {
        look(model, Depth::Whole)
    } else {
        vec![]
    }
}

/// Says what works here: in the empty chat, where it goes away with the first words, else on a page.
pub(super) fn welcome(model: &mut Model) -> Effects {
    if model.conversation.transcript.is_empty() {
        model.welcome = true;
    } else {
        act::page(model, PageKind::Welcome);
    }
    look(model, Depth::Glance)
}

/// Looks again, unless somebody is still looking.
fn look(model: &mut Model, depth: Depth) -> Effects {
    let order = model.checkup.begin(depth, &model.backend);
    order.map(Effect::Check).into_iter().collect()
}

/// Something was found.
pub(super) fn heard(model: &mut Model, event: CheckEvent) -> Effects {
    model.checkup.hear(event);
    vec![]
}

/// A key of the page that helps with what is wrong; `None`: it is none.
pub(super) fn key(model: &mut Model, typed: char) -> Option<Effects> {
    match typed.to_ascii_lowercase() {
        AGAIN => return Some(look(model, Depth::Whole)),
        ALOUD => return Some(look(model, Depth::Aloud)),
        _ => {}
    }
    let checks = checks(model);
    let mut remedies = checks.iter().filter_map(Check::remedy);
    let remedy = remedies.find(|remedy| remedy.key == typed.to_ascii_lowercase())?;
    Some(act::act(model, &remedy.plain.into()))
}
