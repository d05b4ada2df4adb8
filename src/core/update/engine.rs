//! Chooses what hears and what speaks, of what the backend says it has.

use super::super::action::Action;
use super::super::effect::{Effect, Effects};
use super::super::model::{Model, Tone};
use super::super::picker::PickerKind;
use super::super::words::Word;
use super::act::{item, show};
use super::notice;

/// What of hearing and speaking it is about.
#[derive(Clone, Copy)]
pub(super) enum Part {
    Ears,
    Voice,
}

impl Part {
    fn action(self, id: &str) -> Action {
        match self {
            Self::Ears => Action::UseEars(id.to_owned()),
            Self::Voice => Action::UseVoice(id.to_owned()),
        }
    }
}

/// Opens the picker.
pub(super) fn list(model: &mut Model, part: Part) {
    let voice = &model.voice;
    let (kind, engine, wish, unlisted) = match part {
        Part::Ears => (
            PickerKind::Ears,
            &voice.ears,
            &voice.wishes.ears,
            Word::EarsUnlisted,
        ),
        Part::Voice => (
            PickerKind::Voices,
            &voice.mouth,
            &voice.wishes.mouth,
            Word::VoicesUnlisted,
        ),
    };
    let engine = engine.clone().unwrap_or_default();
    if engine.choices.is_empty() && engine.missing.is_none() {
        return notice::say(model, unlisted, &[], Tone::Plain);
    }
    let auto = wish.as_deref() == Some("auto");
    let preferred = Word::EngineAuto.text(model.lang);
    let mut items = vec![item(preferred, "auto", part.action("auto"), auto)];
    items.extend(engine.choices.iter().map(|(id, name)| {
        let current = match wish {
            Some(wish) => wish == id,
            None => [name, id].contains(&&engine.name),
        };
        item(name, id, part.action(id), current)
    }));
    // With nobody in it, it still says why.
    if engine.choices.is_empty()
        && let Some(why) = &engine.missing
    {
        notice::warn(model, why.clone());
    }
    show(model, kind, items);
}

/// Remembers what was chosen, here and, if it is the backend inside this program that was told, in
/// the configuration, too: others have names of their own.
pub(super) fn choose(model: &mut Model, part: Part, id: &str) -> Effects {
    let wish = Some(id.to_owned());
    let (name, word) = match part {
        Part::Ears => {
            model.voice.wishes.ears = wish;
            ("ears.use", Word::EarsChosen)
        }
        Part::Voice => {
            model.voice.wishes.mouth = wish;
            ("voice.use", Word::VoiceChosen)
        }
    };
    notice::say(model, word, &[id], Tone::Good);
    if model.backend != "embedded" {
        return vec![];
    }
    let value = id.to_owned();
    vec![Effect::Set { name, value }]
}
