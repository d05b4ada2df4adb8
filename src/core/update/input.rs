//! Reads keys: the topmost layer says in which context, the keymap says which action, and what
//! is no action is text.

use super::super::action::{Action, Plain};
use super::super::chord::Chord;
use super::super::composer::Applied;
use super::super::effect::{Effect, Effects};
use super::super::form::FormKind;
use super::super::keys::Context;
use super::super::line::Line;
use super::super::model::{Layer, Model, PageKind, Tone};
use super::super::msg::Phase;
use super::super::picker::PickerKind;
use super::super::record::Keep;
use super::super::talk::Verdict;
use super::super::words::Word;
use super::errand::READING;
use super::{
    DRAFT_DELAY, act, browse, checkup, connect, export, find, inspect, listen, log, notice, phone,
    recover, settings, talk,
};
use std::time::Duration;

/// A letter that meant something by itself belongs to a word that goes on within this time.
const LONE: Duration = Duration::from_millis(800);

/// A key went down.
pub(super) fn key(model: &mut Model, chord: Chord, phase: Phase) -> Effects {
    let now = model.now.mono;
    let voice = &mut model.voice;
    if phase == Phase::Release {
        voice.grip.released(chord);
    }
    let claimed = voice.key == Some(chord) && voice.talk.claims(now);
    if claimed || phase != Phase::Release && talks(model, chord) {
        return talk(model, chord, phase);
    }
    if phase == Phase::Release {
        return vec![];
    }
    let voice = &mut model.voice;
    let verdict = if phase == Phase::Press {
        voice.talk.other_key(now, &mut voice.grip)
    } else {
        Verdict::Nothing
    };
    let mut effects = follow(model, verdict);
    effects.extend(match model.layers.last() {
        Some(Layer::Question(_)) => question(model, chord),
        Some(Layer::Picker(_)) => picker(model, chord),
        Some(Layer::Browser(_)) => browse::key(model, chord),
        Some(Layer::Page(page)) if matches!(page.kind, PageKind::Log(_)) => log::key(model, chord),
        Some(Layer::Page(page)) if matches!(page.kind, PageKind::Inspect(_)) => {
            inspect::key(model, chord)
        }
        Some(Layer::Finder(_)) => find::key(model, chord),
        Some(Layer::Page(_)) => page(model, chord),
        Some(Layer::Form(_)) => form(model, chord),
        Some(Layer::Card(_)) | None => chat(model, chord),
    });
    effects
}

/// Whether a key means talking where the user is.
fn talks(model: &Model, chord: Chord) -> bool {
    matches!(model.layers.last(), Some(Layer::Card(_)) | None)
        && meaning(model, chord) == Some(&Action::Plain(Plain::Talk))
}

/// What a key means in the chat.
fn meaning(model: &Model, chord: Chord) -> Option<&Action> {
    let keymap = &model.keymap;
    if model.normal {
        let typed = chord.typed().is_some();
        let here = keymap.action(Context::Normal, chord);
        return here.or_else(|| keymap.action(Context::Chat, chord).filter(|_| !typed));
    }
    let empty = model.composer.is_empty();
    let is_down = !matches!(model.line, Line::Up(_) | Line::Dialing { .. });
    let first = empty
        .then(|| keymap.action(Context::Empty, chord))
        .flatten()
        .filter(|action| is_down || **action != Action::Plain(Plain::DialNow));
    first.or_else(|| keymap.action(Context::Chat, chord))
}

/// The talk key, in any of its phases.
fn talk(model: &mut Model, chord: Chord, phase: Phase) -> Effects {
    let (now, voice) = (model.now.mono, &mut model.voice);
    voice.key = Some(chord);
    let verdict = match phase {
        Phase::Press => voice.talk.press(now, &mut voice.grip),
        Phase::Repeat => voice.talk.repeat(now, &mut voice.grip),
        Phase::Release => voice.talk.release(now, &mut voice.grip),
    };
    follow(model, verdict)
}

/// Does what the talk key decided.
fn follow(model: &mut Model, verdict: Verdict) -> Effects {
    match verdict {
        Verdict::Nothing => vec![],
        // In a call the microphone is open, or lifted as long as the key is down.
        Verdict::Start if model.call.is_some() => {
            let mut effects = talk::hush(model);
            effects.extend(phone::lift(model, true));
            effects
        }
        Verdict::End { .. } if model.call.is_some() => phone::lift(model, false),
        // It was begun by other means.
        Verdict::Start if model.voice.recording.is_some() => listen::end(model),
        Verdict::Start => listen::begin(model),
        Verdict::End { .. } => listen::end(model),
    }
}

/// The terminal gained or lost the user's attention.
pub(super) fn focus(model: &mut Model) -> Effects {
    if model.focused {
        return vec![];
    }
    let (now, voice) = (model.now.mono, &mut model.voice);
    let verdict = voice.talk.focus_lost(now, &mut voice.grip);
    follow(model, verdict)
}

/// The talk key may have decided by staying silent.
pub(super) fn due(model: &mut Model) -> Effects {
    let (now, voice) = (model.now.mono, &mut model.voice);
    let verdict = voice.talk.due(now, &mut voice.grip);
    follow(model, verdict)
}

/// Frees the talk key of a recording that others ended, and keeps what was learned once there
/// is time for it.
pub(super) fn learned(model: &mut Model) -> Effects {
    let (now, voice) = (model.now.mono, &mut model.voice);
    let recording = voice.recording.as_ref();
    let lifted = model.call.as_ref().is_some_and(|call| call.lifted);
    if !lifted && recording.is_none_or(|recording| recording.ended.is_some()) {
        voice.talk.stop(now, &voice.grip);
    }
    if voice.talk.on() || voice.grip == voice.kept_grip || model.terminal.is_empty() {
        return vec![];
    }
    voice.kept_grip = voice.grip;
    vec![Effect::Keep(Keep::Grip {
        terminal: model.terminal.clone(),
        grip: voice.grip,
    })]
}

/// A whole text was pasted: it goes where typing goes.
pub(super) fn paste(model: &mut Model, text: &str) -> Effects {
    let dropped = match model.layers.last_mut() {
        Some(Layer::Picker(picker)) => {
            picker.paste(text);
            return vec![];
        }
        Some(Layer::Browser(browser)) => {
            browser.insert(text);
            return vec![];
        }
        Some(Layer::Finder(_)) => {
            find::paste(model, text);
            return vec![];
        }
        Some(Layer::Form(form)) => {
            form.insert(text);
            form.offered = None;
            return form_touched(model);
        }
        Some(Layer::Page(page)) => {
            log::paste(page, text);
            return vec![];
        }
        Some(Layer::Question(_)) => return vec![],
        Some(Layer::Card(_)) | None => {
            recover(model, "paste");
            model.normal = false;
            model.composer.paste(text).dropped_bytes
        }
    };
    if dropped > 0 {
        notice::say(
            model,
            Word::PasteCut,
            &[&dropped.to_string()],
            Tone::Warning,
        );
    }
    touched(model);
    vec![]
}

/// The composer's text changed: it will be kept soon.
fn touched(model: &mut Model) {
    model.draft_due.get_or_insert(model.now.mono + DRAFT_DELAY);
}

fn chat(model: &mut Model, chord: Chord) -> Effects {
    if let Some(action) = meaning(model, chord).cloned() {
        let alone = chord.typed().filter(|_typed| !model.normal);
        model.lone_key = alone.map(|c| (c, model.now.mono));
        return match action {
            Action::Plain(plain) => chat_action(model, plain),
            other => act::act(model, &other),
        };
    }
    if let Some(c) = chord.typed().filter(|_typed| !model.normal) {
        recover(model, "typing");
        model.quit_armed = None;
        // What meant something by itself was the beginning of a word after all.
        let now = model.now.mono;
        if let Some((first, at)) = model.lone_key.take()
            && now.since(at) < LONE
            && model.composer.is_empty()
        {
            model.composer.insert(first.encode_utf8(&mut [0; 4]));
        }
        model.composer.insert(c.encode_utf8(&mut [0; 4]));
        touched(model);
    }
    vec![]
}

pub(super) fn chat_action(model: &mut Model, plain: Plain) -> Effects {
    // The end of input: with nothing written it means that there will be none.
    if plain == Plain::DeleteRight && model.composer.is_empty() && !model.normal {
        return act::act(model, &Plain::Quit.into());
    }
    if plain == Plain::Send {
        model.normal = false;
    }
    if plain == Plain::Send && model.composer.is_empty() && model.voice.recording.is_some() {
        return listen::end(model);
    }
    match (model.composer.apply(plain), plain) {
        (Applied::Changed, _) => touched(model),
        (Applied::Moved | Applied::Nothing, _) => {}
        // On the first and last line the arrows walk through earlier input, as in a shell.
        (Applied::Unhandled, Plain::Up) => walk(model, Plain::OlderInput),
        (Applied::Unhandled, Plain::Down) => walk(model, Plain::NewerInput),
        (Applied::Unhandled, _) => return act::act(model, &plain.into()),
    }
    vec![]
}

fn walk(model: &mut Model, plain: Plain) {
    if model.composer.apply(plain) == Applied::Changed {
        touched(model);
    }
}

fn picker(model: &mut Model, chord: Chord) -> Effects {
    let action = model.keymap.action(Context::Picker, chord).cloned();
    let page = isize::from(i16::try_from(model.size.1 / 2).unwrap_or(10)).max(1);
    let Some(Layer::Picker(picker)) = model.layers.last_mut() else {
        return vec![];
    };
    match action {
        Some(Action::Plain(Plain::Send)) => {
            let chosen = picker.chosen().map(|item| item.action.clone());
            let kind = picker.kind;
            let query = picker.query.text().trim().to_owned();
            return act::chose(model, kind, chosen, &query);
        }
        Some(Action::Plain(Plain::Cancel)) => {
            model.layers.pop();
        }
        Some(Action::Plain(Plain::Up)) => picker.choose_prev(),
        Some(Action::Plain(Plain::Down)) => picker.choose_next(),
        Some(Action::Plain(Plain::PageUp)) => picker.choose_page(-page),
        Some(Action::Plain(Plain::PageDown)) => picker.choose_page(page),
        Some(Action::Plain(Plain::Top)) => picker.choose_page(isize::MIN),
        Some(Action::Plain(Plain::Bottom)) => picker.choose_page(isize::MAX),
        // There is nothing to delete in the query, and what is chosen can go.
        Some(Action::Plain(Plain::DeleteRight))
            if picker.kind == PickerKind::Settings && picker.query.text().is_empty() =>
        {
            if let Some(Action::Change(key)) = picker.chosen().map(|item| item.action.clone()) {
                return settings::unset(&key);
            }
        }
        Some(Action::Plain(plain)) => {
            if picker.edit(plain) == Applied::Unhandled {
                return act::act(model, &plain.into());
            }
        }
        Some(other) => return act::act(model, &other),
        None => {
            if let Some(c) = chord.typed() {
                picker.insert(c.encode_utf8(&mut [0; 4]));
            }
        }
    }
    vec![]
}

/// A line of text is asked for: its keys are those of a picker's query.
fn form(model: &mut Model, chord: Chord) -> Effects {
    let action = model.keymap.action(Context::Picker, chord).cloned();
    let Some(Layer::Form(form)) = model.layers.last_mut() else {
        return vec![];
    };
    match action {
        Some(Action::Plain(Plain::Send)) => {
            let (kind, text) = (form.kind.clone(), form.text().to_owned());
            return match kind {
                FormKind::Setting(key) => settings::entered(model, &key, &text),
                FormKind::Connect(step) => connect::entered(model, step, &text),
                FormKind::Export(format) => export::entered(model, &format, &text),
            };
        }
        Some(Action::Plain(Plain::Cancel)) => {
            let (kind, text) = (form.kind.clone(), form.text().to_owned());
            model.layers.pop();
            if let FormKind::Connect(step) = kind {
                connect::left(model, step, &text);
            }
            return vec![];
        }
        Some(Action::Plain(plain @ (Plain::Up | Plain::Down))) => form.walk(plain == Plain::Up),
        Some(Action::Plain(plain)) => match form.edit(plain) {
            Applied::Changed => form.offered = None,
            Applied::Moved | Applied::Nothing => return vec![],
            Applied::Unhandled => return act::act(model, &plain.into()),
        },
        Some(other) => return act::act(model, &other),
        None => match chord.typed() {
            Some(c) => {
                form.insert(c.encode_utf8(&mut [0; 4]));
                form.offered = None;
            }
            None => return vec![],
        },
    }
    form_touched(model)
}

/// What is asked for changed.
fn form_touched(model: &mut Model) -> Effects {
    let Some(Layer::Form(form)) = model.layers.last() else {
        return vec![];
    };
    let (kind, text) = (form.kind.clone(), form.text().to_owned());
    match kind {
        FormKind::Setting(key) => settings::touched(model, &key, &text),
        FormKind::Connect(_) | FormKind::Export(_) => {
            if let Some(Layer::Form(form)) = model.layers.last_mut() {
                form.wrong = None;
            }
            vec![]
        }
    }
}

/// What is in a line that nobody may see, as far as it may be shown.
pub(super) fn masked(model: &mut Model, text: &str) -> Effects {
    match model.layers.last_mut() {
        Some(Layer::Form(form)) if form.secret => {
            form.replace(text);
            form_touched(model)
        }
        _ => vec![],
    }
}

fn page(model: &mut Model, chord: Chord) -> Effects {
    let Some(action) = model.keymap.action(Context::Page, chord).cloned() else {
        let helped = matches!(model.layers.last(), Some(Layer::Page(page))
            if matches!(page.kind, PageKind::Doctor | PageKind::Welcome));
        let helps = chord.typed().filter(|_typed| helped);
        return helps
            .and_then(|typed| checkup::key(model, typed))
            .unwrap_or_default();
    };
    let rows = u32::from(model.size.1.saturating_sub(4)).max(1);
    let Some(scroll) = super::page_on_top(model) else {
        return vec![];
    };
    match action {
        Action::Plain(Plain::Cancel) => {
            model.layers.pop();
        }
        Action::Plain(Plain::Up | Plain::ScrollUp) => *scroll = scroll.saturating_sub(1),
        Action::Plain(Plain::Down | Plain::ScrollDown) => *scroll = scroll.saturating_add(1),
        Action::Plain(Plain::PageUp) => *scroll = scroll.saturating_sub(rows),
        Action::Plain(Plain::PageDown) => *scroll = scroll.saturating_add(rows),
        Action::Plain(Plain::Top) => *scroll = 0,
        Action::Plain(Plain::Bottom) => *scroll = u32::MAX,
        other => return act::act(model, &other),
    }
    vec![]
}

fn question(model: &mut Model, chord: Chord) -> Effects {
    let now = model.now.mono;
    let Some(Layer::Question(question)) = model.layers.last_mut() else {
        return vec![];
    };
    let answer = question.yes.clone();
    if let Some(typed) = chord.typed() {
        if now < question.ready {
            // Whoever types on has not read it yet, and means the chat.
            question.ready = now + READING;
            return chat(model, chord);
        }
        let typed = match typed {
            '是' => 'y',
            '否' => 'n',
            other => other.to_ascii_lowercase(),
        };
        if let Some((_, word)) = answer.choices().iter().find(|(key, _)| *key == typed) {
            return act::answered(model, &answer, *word);
        }
    }
    match model.keymap.action(Context::Page, chord).cloned() {
        Some(Action::Plain(Plain::Cancel)) => act::answered(model, &answer, Word::No),
        Some(Action::Plain(plain @ (Plain::Quit | Plain::Redraw | Plain::Suspend))) => {
            act::act(model, &plain.into())
        }
        // Nothing else goes on behind a question.
        _ => vec![],
    }
}
