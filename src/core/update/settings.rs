//! Leads the user through the settings: the list, the line in which one is changed, and what
//! counts at once of what was written.

use super::super::action::Action;
use super::super::effect::{Effect, Effects};
use super::super::fault::{Fault, FaultKind, Recovery, Severity};
use super::super::form::{Form, FormKind};
use super::super::model::{Layer, Model, Tone};
use super::super::picker::{Item, Picker, PickerKind};
use super::super::settings::{InForce, Setting, SettingsEvent, SettingsOrder, Source};
use super::super::sound::{SoundOrder, Way};
use super::super::words::{Word, fill};
use super::{act, connect, notice};

/// The user wants to see the settings.
pub(super) fn list(model: &mut Model) -> Effects {
    want(model, "")
}

/// The user wants to change one; an empty name: to see them all.
pub(super) fn want(model: &mut Model, key: &str) -> Effects {
    model.settings.wanted = Some(key.to_owned());
    vec![Effect::Settings(SettingsOrder::List)]
}

/// The settings were told, tried or changed.
pub(super) fn heard(model: &mut Model, event: SettingsEvent) -> Effects {
    match event {
        SettingsEvent::Listed(all) => {
            model.settings.all = all;
            match model.settings.wanted.take() {
                Some(key) if key.is_empty() => show(model),
                Some(key) => open(model, &key),
                None => {}
            }
        }
        SettingsEvent::Tried { nth, wants } => {
            let lang = model.lang;
            if let (true, Some(Layer::Form(form))) =
                (nth == model.settings.tried, model.layers.last_mut())
            {
                form.wrong = wants.map(|wants| fill(Word::SettingMust.text(lang), &[&wants]));
            }
        }
        SettingsEvent::Written { key, all, now } => return written(model, &key, all, &now),
        SettingsEvent::Failed { what, hint } => {
            model.settings.wanted = None;
            // The line stays open, so nothing that was typed is lost.
            if let Some(Layer::Form(form)) = model.layers.last_mut() {
                form.wrong = Some(format!("{what}; {hint}"));
                return vec![];
            }
            let fault = Fault::new(FaultKind::Validation, what, model.now)
                .rated(Severity::Low)
                .mended_by(Recovery::FixInput)
                .advise(hint);
            model.faults.note(fault.clone());
            model
                .layers
                .retain(|layer| !matches!(layer, Layer::Card(_)));
            model.layers.push(Layer::Card(fault));
        }
    }
    vec![]
}

/// The list of all settings.
fn show(model: &mut Model) {
    let mut picker = Picker::new(PickerKind::Settings, items(model));
    picker.more = explanations(model);
    model
        .layers
        .retain(|layer| !matches!(layer, Layer::Picker(_) | Layer::Form(_) | Layer::Card(_)));
    model.layers.push(Layer::Picker(picker));
}

fn items(model: &Model) -> Vec<Item> {
    let item = |setting: &Setting| {
        let value = shown(model, setting);
        let from = setting.from.tell(model.lang);
        let action = Action::Change(setting.key.clone());
        act::item(
            setting.key.clone(),
            format!("{value} · {from}"),
            action,
            false,
        )
    };
    model.settings.all.iter().map(item).collect()
}

fn explanations(model: &Model) -> Vec<String> {
    let all = model.settings.all.iter();
    all.map(|setting| setting.about.to_lowercase()).collect()
}

/// A value as the list shows it.
fn shown(model: &Model, setting: &Setting) -> String {
    match setting.value.as_str() {
        "" => Word::Empty.text(model.lang).to_owned(),
        value => value.to_owned(),
    }
}

/// Opens the line in which a setting is changed.
fn open(model: &mut Model, key: &str) {
    let Some(setting) = model.settings.get(key).cloned() else {
        notice::say(model, Word::SettingUnknown, &[key], Tone::Warning);
        return;
    };
    let lang = model.lang;
    let say = |word: Word, arguments: &[&str]| fill(word.text(lang), arguments);
    let now = say(
        Word::SettingNow,
        &[&shown(model, &setting), &setting.from.tell(lang)],
    );
    let mut about = vec![setting.about.clone(), now];
    if let Some(default) = setting
        .default
        .as_ref()
        .filter(|default| !default.is_empty())
    {
        about.push(say(Word::SettingDefault, &[default]));
    }
    if let Source::File(_) = setting.from {
        about.push(say(Word::SettingUnset, &[key]));
    }
    let must = if setting.secret {
        say(Word::SettingSecret, &[])
    } else {
        say(Word::SettingMust, &[&setting.range])
    };
    about.push(must);
    let text = if hidden(&setting) { "" } else { &setting.value };
    let kind = FormKind::Setting(key.to_owned());
    let mut form = Form::new(kind, setting.key.clone(), about, text);
    form.offers.clone_from(&setting.choices);
    let hides = hidden(&setting);
    for offer in [setting.value, setting.default.unwrap_or_default()] {
        if !offer.is_empty() && !hides && !form.offers.contains(&offer) {
            form.offers.push(offer);
        }
    }
    model
        .layers
        .retain(|layer| !matches!(layer, Layer::Form(_)));
    model.layers.push(Layer::Form(form));
}

/// Whether the value is not shown, or not all of it: what is shown must not be written back.
fn hidden(setting: &Setting) -> bool {
    setting.secret || setting.value.contains("://(hidden)@")
}

/// The line changed: whether that could be the value.
pub(super) fn touched(model: &mut Model, key: &str, text: &str) -> Effects {
    model.settings.tried = model.settings.tried.wrapping_add(1);
    if let Some(Layer::Form(form)) = model.layers.last_mut() {
        form.wrong = None;
    }
    vec![Effect::Settings(SettingsOrder::Try {
        key: key.to_owned(),
        text: text.to_owned(),
        nth: model.settings.tried,
    })]
}

/// The user means it. A secret itself enters no message, so only its place is taken.
pub(super) fn entered(model: &mut Model, key: &str, text: &str) -> Effects {
    let setting = model.settings.get(key);
    if text.is_empty() && setting.is_some_and(hidden) {
        // It began empty, so nothing was said: what nobody saw is not wiped out.
        model.layers.pop();
        return vec![];
    }
    let secret = setting.is_some_and(|setting| setting.secret);
    let places = ["env:", "file:", "command:"];
    if secret && !places.iter().any(|place| text.starts_with(place)) {
        let wrong = Word::SettingSecret.text(model.lang).to_owned();
        if let Some(Layer::Form(form)) = model.layers.last_mut() {
            form.wrong = Some(wrong);
        }
        return vec![];
    }
    vec![Effect::Settings(SettingsOrder::Set {
        key: key.to_owned(),
        text: text.to_owned(),
    })]
}

/// The user wants the default of a setting to count.
pub(super) fn unset(key: &str) -> Effects {
    let key = key.to_owned();
    vec![Effect::Settings(SettingsOrder::Unset { key })]
}

/// A setting stands in the file: the line closes, the list tells it, and it counts if it can.
fn written(model: &mut Model, key: &str, all: Vec<Setting>, now: &InForce) -> Effects {
    let form = |layer: &Layer| matches!(layer, Layer::Form(form) if form.kind == FormKind::Setting(key.to_owned()));
    model.layers.retain(|layer| !form(layer));
    model.settings.all = all;
    let Some(setting) = model.settings.get(key).cloned() else {
        // One without a default is gone for good.
        notice::say(model, Word::SettingGone, &[key], Tone::Good);
        refresh(model);
        return take_in(model, key, now).unwrap_or_default();
    };
    let effects = counts(model, &setting, now);
    refresh(model);
    effects
}

/// Says whether it counts, and lets it.
fn counts(model: &mut Model, setting: &Setting, now: &InForce) -> Effects {
    let key = setting.key.as_str();
    let value = shown(model, setting);
    if setting.from.wins_over_the_file() {
        let winner = setting.from.tell(model.lang);
        notice::say(model, Word::SettingBeaten, &[key, &winner], Tone::Warning);
        return vec![];
    }
    let taken_in = take_in(model, key, now);
    let (word, tone) = if taken_in.is_some() {
        (Word::SettingWritten, Tone::Good)
    } else {
        (Word::SettingLater, Tone::Plain)
    };
    notice::say(model, word, &[key, &value], tone);
    taken_in.unwrap_or_default()
}

/// The list under the line tells the settings as they are now, in the language of now.
fn refresh(model: &mut Model) {
    let (items, more) = (items(model), explanations(model));
    if let Some(Layer::Picker(picker)) = model.layers.last_mut()
        && picker.kind == PickerKind::Settings
    {
        let chosen = picker.chosen;
        picker.items = items;
        picker.more = more;
        picker.filter();
        picker.chosen = chosen.min(picker.matches.len().saturating_sub(1));
    }
}

/// Lets a setting count from now on; `None`: that needs a new start.
fn take_in(model: &mut Model, key: &str, now: &InForce) -> Option<Effects> {
    let wishes = &mut model.voice.wishes;
    match key {
        "lang" => model.lang = now.lang,
        "persona" => model.choice.persona.clone_from(&now.choice.persona),
        "use_tools" => model.choice.tools = now.choice.tools,
        "brain.use" => model.choice.brain.clone_from(&now.choice.brain),
        "brain.model" => model.choice.model.clone_from(&now.choice.model),
        "ui.show_reasoning" => model.show_reasoning = now.show_reasoning,
        "ui.bell" => model.bell = now.bell,
        // How is the terminal's matter, and that is set up at the start.
        "ui.notify" if !now.notify => model.notify = false,
        "ui.theme" if model.look.has(&now.theme) => model.look.theme.clone_from(&now.theme),
        "ui.motion" => model.look.still = now.still,
        "ui.panel" => model.look.panel = now.panel,
        "ui.mouse" => {
            model.look.mouse = now.mouse;
            return Some(vec![Effect::Mouse(now.mouse)]);
        }
        "sound.speak" => wishes.speak = now.voice.speak,
        "sound.state_chimes" => wishes.state_chimes = now.voice.state_chimes,
        "sound.review" => wishes.review = now.voice.review,
        "sound.keep_recordings" => wishes.keep = now.voice.keep,
        "voice.synthesis_voice" => wishes.voice.clone_from(&now.voice.voice),
        "voice.synthesis_speed" => wishes.speed = now.voice.speed,
        "voice.synthesis_volume" => {
            wishes.volume = now.voice.volume;
            return Some(vec![Effect::Sound(SoundOrder::Volume(wishes.volume))]);
        }
        "voice.recognition_language" => wishes.language.clone_from(&now.voice.language),
        "call.ask_ahead" => wishes.ask_ahead = now.voice.ask_ahead,
        "call.silence_s" => wishes.call_silence_s = now.voice.call_silence_s,
        "call.stop" | "call.wait" | "call.louder" | "call.softer" | "call.slower"
        | "call.faster" | "call.repeat" | "call.hang_up" => {
            wishes.controls.clone_from(&now.voice.controls);
        }
        "sound.microphone" => {
            wishes.microphone.clone_from(&now.voice.microphone);
            let device = wishes.microphone.clone();
            return Some(vec![Effect::Sound(SoundOrder::Use {
                way: Way::In,
                device,
            })]);
        }
        "sound.loudspeaker" => {
            wishes.loudspeaker.clone_from(&now.voice.loudspeaker);
            let device = wishes.loudspeaker.clone();
            return Some(vec![Effect::Sound(SoundOrder::Use {
                way: Way::Out,
                device,
            })]);
        }
        "backend" | "brain.url" | "brain.key" => return Some(connect::renew(model)),
        key if ["backends.", "link.", "mcp."]
            .iter()
            .any(|table| key.starts_with(table)) =>
        {
            return Some(connect::renew(model));
        }
        _ => return None,
    }
    Some(vec![])
}
