//! Writes the open conversation into a file: asks for the form and the place, and tells where it
//! went. The document itself is made where the store can be read.

use super::super::action::Action;
use super::super::effect::{Effect, Effects};
use super::super::form::{Form, FormKind};
use super::super::model::{Layer, Model, Tone};
use super::super::picker::PickerKind;
use super::super::words::Word;
use super::{act, notice};

/// The forms in which a conversation may be written down, the usual one first, and what each is.
const FORMATS: [(&str, Word); 6] = [
    ("md", Word::FormatMd),
    ("html", Word::FormatHtml),
    ("txt", Word::FormatTxt),
    ("json", Word::FormatJson),
    ("srt", Word::FormatSrt),
    ("srt-words", Word::FormatSrtWords),
];

/// Offers the forms in which the open conversation may be written down.
pub(super) fn formats(model: &mut Model) {
    if model.conversation.transcript.is_empty() {
        notice::say(model, Word::NothingToExport, &[], Tone::Plain);
        return;
    }
    let lang = model.lang;
    let items = FORMATS.map(|(format, word)| {
        let action = Action::Export(format.to_owned());
        act::item(format, word.text(lang), action, false)
    });
    act::show(model, PickerKind::Formats, items.into());
}

/// Writes it down in a form, at a place that follows; where none does, one is asked for.
pub(super) fn begin(model: &mut Model, how: &str) -> Effects {
    if model.conversation.transcript.is_empty() {
        notice::say(model, Word::NothingToExport, &[], Tone::Plain);
        return vec![];
    }
    let (format, place) = how.split_once(char::is_whitespace).unwrap_or((how, ""));
    if !FORMATS.iter().any(|(known, _)| *known == format) {
        notice::say(model, Word::ExportFormats, &[format], Tone::Warning);
        return vec![];
    }
    if !place.trim().is_empty() {
        return write(model, format, place.trim());
    }
    let lang = model.lang;
    let mut form = Form::new(
        FormKind::Export(format.to_owned()),
        Word::ExportWhere.text(lang).to_owned(),
        vec![Word::ExportAbout.text(lang).to_owned()],
        "",
    );
    form.optional = true;
    model.layers.push(Layer::Form(form));
    vec![]
}

/// The place was entered; nothing leaves it to the program.
pub(super) fn entered(model: &mut Model, format: &str, place: &str) -> Effects {
    model.layers.pop();
    write(model, format, place)
}

fn write(model: &Model, format: &str, place: &str) -> Effects {
    vec![Effect::Export {
        conversation: model.conversation.id,
        format: format.to_owned(),
        place: Some(place.into()).filter(|_| !place.is_empty()),
    }]
}

/// It is written, or why not.
pub(super) fn done(model: &mut Model, outcome: Result<String, String>) {
    match outcome {
        Ok(path) => notice::say(model, Word::HistoryExported, &[&path], Tone::Good),
        Err(why) => notice::warn(model, why),
    }
}
