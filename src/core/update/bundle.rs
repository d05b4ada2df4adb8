//! Writes a report of a fault: shows what will be in it, lets parts be ticked, and hands the wish on.

use super::super::action::{Action, Plain};
use super::super::bundle::{Order, Part, Parts};
use super::super::effect::{Effect, Effects};
use super::super::inspect::{Inspector, told};
use super::super::model::{Layer, Model, PageKind, Tone};
use super::super::picker::{Item, PickerKind};
use super::super::words::{Word, fill};
use super::{act, inspect, notice};

/// Shows what will be in it, nothing of what was said ticked.
pub(super) fn open(model: &mut Model) -> Effects {
    model.bundle = Parts::default();
    list(model);
    vec![]
}

fn list(model: &mut Model) {
    let items = items(model);
    act::show(model, PickerKind::Bundle, items);
}

fn items(model: &Model) -> Vec<Item> {
    let lang = model.lang;
    let mut items = vec![act::item(
        Word::BundleWrite.text(lang),
        "",
        Action::Plain(Plain::WriteBundle),
        false,
    )];
    items.extend(Part::ALL.map(|part| {
        let tick = if model.bundle.has(part) { "[x]" } else { "[ ]" };
        let label = format!("{tick} {}", part.word().text(lang));
        act::item(label, "", Action::BundleWith(part.name().to_owned()), false)
    }));
    items
}

/// Wants a part, or no longer; the list stays open, or opens.
pub(super) fn toggle(model: &mut Model, name: &str) -> Effects {
    let Some(part) = Part::of(name) else {
        let known = Part::ALL.map(Part::name).join(", ");
        notice::say(model, Word::BundleUnknown, &[name, &known], Tone::Warning);
        return vec![];
    };
    let open =
        |layer: &Layer| matches!(layer, Layer::Picker(picker) if picker.kind == PickerKind::Bundle);
    if !model.layers.iter().any(open) {
        list(model);
    }
    model.bundle.toggle(part);
    let items = items(model);
    if let Some(Layer::Picker(picker)) = model.layers.iter_mut().rev().find(|layer| open(layer)) {
        picker.items = items;
        picker.query.take();
        picker.filter();
        let place = Part::ALL.iter().position(|one| *one == part);
        picker.chosen = place.map_or(0, |place| place + 1);
    }
    vec![]
}

/// Writes it.
pub(super) fn write(model: &mut Model) -> Effects {
    let is_list =
        |layer: &Layer| matches!(layer, Layer::Picker(picker) if picker.kind == PickerKind::Bundle);
    model.layers.retain(|layer| !is_list(layer));
    let opened = model.layers.iter().rev().find_map(|layer| match layer {
        Layer::Page(page) => match &page.kind {
            PageKind::Inspect(inspector) => Some(Inspector::clone(inspector)),
            _ => None,
        },
        _ => None,
    });
    let inspector = opened.or_else(|| inspect::on_screen(model).map(Inspector::new));
    let parts = std::mem::take(&mut model.bundle);
    let timeline = inspector.as_ref().filter(|_| parts.has(Part::Timeline));
    let timeline = timeline.map(|inspector| told(model, inspector, parts.has(Part::Texts)));
    notice::say(model, Word::BundleMaking, &[], Tone::Plain);
    vec![Effect::Bundle(Box::new(Order {
        parts,
        place: None,
        conversation: model.conversation.id,
        turn: inspector.map(|inspector| inspector.turn),
        timeline: timeline.unwrap_or_default(),
    }))]
}

/// It is written, or why not.
pub(super) fn done(model: &mut Model, outcome: Result<String, String>) {
    match outcome {
        Ok(path) => {
            let text = fill(Word::BundleWritten.text(model.lang), &[&path]);
            notice::tell(model, text);
        }
        Err(why) => notice::warn(model, why),
    }
}
