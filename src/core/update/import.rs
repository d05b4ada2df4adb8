//! Brings in conversations that other clients hold, while everything else goes on.

use super::super::effect::{Effect, Effects};
use super::super::fault::{Fault, FaultKind, Recovery, Severity};
use super::super::import::{ImportEvent, Progress};
use super::super::model::{Layer, Model, Page, PageKind, Tone};
use super::super::words::Word;
use super::notice;

/// The user names a file. One import goes on at a time.
pub(super) fn begin(model: &mut Model, path: &str) -> Effects {
    if model.importing.is_some() {
        notice::say(model, Word::ImportBusy, &[], Tone::Plain);
        return vec![];
    }
    model.importing = Some(Progress::default());
    vec![Effect::Import(path.into())]
}

/// It is further, or over.
pub(super) fn heard(model: &mut Model, event: ImportEvent) -> Effects {
    match event {
        ImportEvent::Going(progress) => {
            model.importing = Some(progress);
            return vec![];
        }
        ImportEvent::Done(report) => model.layers.push(Layer::Page(Page {
            kind: PageKind::Imported(report),
            scroll: 0,
        })),
        ImportEvent::Failed { what, hint } => {
            let mut fault = Fault::new(FaultKind::Validation, what, model.now)
                .rated(Severity::Low)
                .mended_by(Recovery::FixInput);
            fault.hint = hint;
            model.faults.note(fault.clone());
            model
                .layers
                .retain(|layer| !matches!(layer, Layer::Card(_)));
            model.layers.push(Layer::Card(fault));
        }
    }
    model.importing = None;
    vec![]
}
