//! Takes whole lines, where there is no screen and nobody presses single keys: an answer to what is
//! asked, a choice of what is listed, a command, or words to be asked.

use super::super::action::{Action, Plain};
use super::super::effect::Effects;
use super::super::form::FormKind;
use super::super::mode::Mode;
use super::super::model::{Layer, Model, Tone};
use super::super::words::Word;
use super::errand::READING;
use super::{act, ask, browse, connect, export, find, listen, notice, settings};

/// A line was written.
pub(super) fn line(model: &mut Model, text: &str) -> Effects {
    let text = text.trim();
    if let Some(command) = ask::command(text) {
        return match command {
            Ok(action) => {
                let closes = action != Action::Plain(Plain::Cancel);
                // Whoever wants something else is done with the list.
                if closes
                    && matches!(
                        model.layers.last(),
                        Some(
                            Layer::Picker(_)
                                | Layer::Browser(_)
                                | Layer::Finder(_)
                                | Layer::Form(_)
                        )
                    )
                {
                    model.layers.pop();
                }
                act::act(model, &action)
            }
            Err(error) => {
                notice::warn(model, act::explain(model, &error));
                vec![]
            }
        };
    }
    let now = model.now.mono;
    match model.layers.last_mut() {
        Some(Layer::Question(question)) if now < question.ready => {
            // Whoever was writing has not read it yet, and means the chat.
            question.ready = now + READING;
            chat(model, text)
        }
        Some(Layer::Question(_)) => reply(model, text),
        Some(Layer::Picker(_)) => choose(model, text),
        Some(Layer::Browser(_)) => browse::line(model, text),
        Some(Layer::Finder(_)) => find::line(model, text),
        Some(Layer::Form(_)) => fill_in(model, text),
        Some(Layer::Page(_) | Layer::Card(_)) | None => chat(model, text),
    }
}

/// Answers the question on top, by the number of the answer, its key or its words.
fn reply(model: &mut Model, text: &str) -> Effects {
    let Some(Layer::Question(question)) = model.layers.last() else {
        return vec![];
    };
    let answer = question.yes.clone();
    let choices = answer.choices();
    let wanted = text.to_lowercase();
    let named = |(key, word): &&(char, Word)| {
        wanted == key.to_string() || wanted == word.text(model.lang).to_lowercase()
    };
    if let Some((_, word)) = numbered(text, choices).or_else(|| choices.iter().find(named)) {
        return act::answered(model, &answer, *word);
    }
    let count = choices.len().to_string();
    notice::say(model, Word::PlainReply, &[&count], Tone::Plain);
    vec![]
}

/// The entry of a list with this number, counted from 1.
fn numbered<'a, T>(text: &str, list: &'a [T]) -> Option<&'a T> {
    let number: usize = text.parse().ok()?;
    list.get(number.checked_sub(1)?)
}

/// Chooses from the list on top by number, or narrows it.
fn choose(model: &mut Model, text: &str) -> Effects {
    let Some(Layer::Picker(picker)) = model.layers.last_mut() else {
        return vec![];
    };
    if text.is_empty() {
        model.layers.pop();
        notice::say(model, Word::PlainLeft, &[], Tone::Plain);
        return vec![];
    }
    let kind = picker.kind;
    if let Some(item) = numbered(text, &picker.matches) {
        let chosen = picker.items.get(*item).map(|item| item.action.clone());
        return act::chose(model, kind, chosen, "");
    }
    picker.query.take();
    picker.paste(text);
    if !picker.matches.is_empty() {
        return vec![];
    }
    // Some lists take what they do not hold.
    let effects = act::chose(model, kind, None, text);
    if let Some(Layer::Picker(picker)) = model.layers.last_mut() {
        // The list stays as it was told.
        picker.query.take();
        picker.filter();
        notice::say(model, Word::PlainNothing, &[], Tone::Plain);
    }
    effects
}

/// Answers the form on top. An empty line leaves it, unless nothing is an answer, too.
fn fill_in(model: &mut Model, text: &str) -> Effects {
    let Some(Layer::Form(form)) = model.layers.last_mut() else {
        return vec![];
    };
    if text.is_empty() && !form.optional {
        model.layers.pop();
        notice::say(model, Word::PlainLeft, &[], Tone::Plain);
        return vec![];
    }
    form.line.take();
    form.insert(text);
    let kind = form.kind.clone();
    match kind {
        FormKind::Setting(key) => settings::entered(model, &key, text),
        FormKind::Connect(step) => connect::entered(model, step, text),
        FormKind::Export(format) => export::entered(model, &format, text),
    }
}

/// A line for the conversation. An empty one ends what is being recorded, sends what waits in the
/// composer, or asks how things stand.
fn chat(model: &mut Model, text: &str) -> Effects {
    if !text.is_empty() {
        return ask::say(model, text.to_owned());
    }
    if model.voice.recording.is_some() {
        return listen::end(model);
    }
    if !model.composer.text().trim().is_empty() {
        return ask::send(model, false);
    }
    let mode = model.modes.current();
    match mode {
        Mode::Idle => notice::say(model, Word::PlainIdle, &[], Tone::Plain),
        Mode::VoiceCall => notice::say(model, Word::PlainCall, &[], Tone::Plain),
        Mode::TextSse
        | Mode::TextTts
        | Mode::VoiceStt
        | Mode::VoiceSse
        | Mode::VoiceTts
        | Mode::Error => {
            let doing = mode.word().text(model.lang);
            notice::say(model, Word::PlainBusy, &[doing], Tone::Plain);
        }
    }
    vec![]
}
