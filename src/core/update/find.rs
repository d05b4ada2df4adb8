//! Searches in the open conversation, and hands out what was said in it: a message, a block of
//! code, all of it, a recording.

use super::super::action::{Action, Plain};
use super::super::chord::Chord;
use super::super::composer::Applied;
use super::super::effect::{Effect, Effects};
use super::super::finder::Finder;
use super::super::ids::MessageId;
use super::super::keys::Context;
use super::super::model::{Layer, Model, Tone};
use super::super::picker::{Item, PickerKind, one_line};
use super::super::record::Keep;
use super::super::sound::SoundOrder;
use super::super::transcript::{Message, Role};
use super::super::words::{Word, fill};
use super::{act, notice, talk};

/// How many characters of a message a picker shows.
const EXCERPT: usize = 120;
/// How many characters of a paste enter the query.
const LONGEST_PASTE: usize = 1000;

/// Begins a search. What the store still has above is fetched, to be searched as well.
pub(super) fn begin(model: &mut Model) -> Effects {
    if model.conversation.transcript.is_empty() {
        notice::say(model, Word::NothingToFind, &[], Tone::Plain);
        return vec![];
    }
    model
        .layers
        .retain(|layer| !matches!(layer, Layer::Picker(_) | Layer::Card(_) | Layer::Finder(_)));
    model.layers.push(Layer::Finder(Box::default()));
    whole(model)
}

/// Fetches what the store still has above the loaded messages.
fn whole(model: &mut Model) -> Effects {
    let Some(above) = model.conversation.transcript.above else {
        return vec![];
    };
    if model.conversation.loading {
        return vec![];
    }
    model.conversation.loading = true;
    vec![Effect::Keep(Keep::Load {
        conversation: model.conversation.id,
        before: Some(above.before),
        limit: above.count,
        back_to: None,
    })]
}

/// The open search.
pub(super) fn finder(model: &mut Model) -> Option<&mut Finder> {
    model.layers.iter_mut().find_map(|layer| match layer {
        Layer::Finder(finder) => Some(finder.as_mut()),
        _ => None,
    })
}

/// Looks through the conversation again.
pub(super) fn look(model: &mut Model) {
    let messages = model.conversation.transcript.messages();
    for layer in &mut model.layers {
        if let Layer::Finder(finder) = layer {
            finder.look(messages);
        }
    }
}

/// A text was pasted into the query.
pub(super) fn paste(model: &mut Model, text: &str) {
    let text: String = one_line(text).chars().take(LONGEST_PASTE).collect();
    if let Some(finder) = finder(model) {
        finder.query.insert(&text);
    }
    look(model);
}

/// Looks for these words; an empty line ends the search.
pub(super) fn line(model: &mut Model, text: &str) -> Effects {
    if text.is_empty() {
        model.layers.pop();
        notice::say(model, Word::PlainLeft, &[], Tone::Plain);
        return vec![];
    }
    if let Some(finder) = finder(model) {
        finder.query.take();
    }
    paste(model, text);
    vec![]
}

/// A key went down while the search is on top.
pub(super) fn key(model: &mut Model, chord: Chord) -> Effects {
    let action = model.keymap.action(Context::Picker, chord).cloned();
    let Some(Layer::Finder(finder)) = model.layers.last_mut() else {
        return vec![];
    };
    match action {
        // From the end, where a search begins, one goes back.
        Some(Action::Plain(Plain::Send | Plain::Up | Plain::Find)) => finder.step(false),
        Some(Action::Plain(Plain::Down)) => finder.step(true),
        Some(Action::Plain(Plain::Cancel)) => {
            model.layers.pop();
        }
        // The chat behind is what one looks at.
        Some(Action::Plain(
            plain @ (Plain::PageUp | Plain::PageDown | Plain::Top | Plain::Bottom),
        )) => {
            return act::act(model, &plain.into());
        }
        Some(Action::Plain(Plain::Newline | Plain::OlderInput | Plain::NewerInput)) => {}
        Some(Action::Plain(plain)) => match finder.query.apply(plain) {
            Applied::Changed => look(model),
            Applied::Moved | Applied::Nothing => {}
            Applied::Unhandled => return act::act(model, &plain.into()),
        },
        Some(other) => return act::act(model, &other),
        None => {
            if let Some(c) = chord.typed() {
                finder.query.insert(c.encode_utf8(&mut [0; 4]));
                look(model);
            }
        }
    }
    vec![]
}

/// Shows what there is of a kind, to choose from it, the newest first.
pub(super) fn choose(model: &mut Model, kind: PickerKind) {
    let messages = model.conversation.transcript.messages().iter().rev();
    let said = messages.filter(|message| message.role != Role::Note);
    let lang = model.lang;
    let who = |message: &Message| match message.role {
        Role::User => Word::RoleUser.text(lang),
        Role::Assistant | Role::Note => Word::RoleAssistant.text(lang),
    };
    let told = |message: &&Message| !message.text.trim().is_empty();
    let items: Vec<Item> = match kind {
        PickerKind::Recordings => said
            .filter(|message| message.clip.is_some())
            .map(|message| {
                act::item(
                    label(&message.text),
                    fill(Word::Recording.text(lang), &[&length(message)]),
                    Action::Replay(message.id),
                    false,
                )
            })
            .collect(),
        PickerKind::Blocks => said
            .flat_map(|message| {
                let blocks: Vec<&str> = fenced(&message.text).collect();
                let numbered = blocks.into_iter().enumerate().rev();
                numbered.map(|(nth, block)| {
                    let lines = block.lines().count().to_string();
                    let lines = fill(Word::BlockLines.text(lang), &[&lines]);
                    act::item(
                        label(block),
                        lines,
                        Action::CopyBlock(message.id, nth),
                        false,
                    )
                })
            })
            .collect(),
        PickerKind::Edits => said
            .filter(told)
            .filter(|message| message.role == Role::User)
            .map(|message| {
                let action = Action::Edit(message.id);
                act::item(label(&message.text), "", action, false)
            })
            .collect(),
        PickerKind::Copies => said
            .filter(told)
            .map(|message| {
                let action = Action::CopyMessage(message.id);
                act::item(label(&message.text), who(message), action, false)
            })
            .collect(),
        _ => said
            .filter(told)
            .map(|message| {
                let action = Action::Read(message.id);
                act::item(label(&message.text), who(message), action, false)
            })
            .collect(),
    };
    if items.is_empty() {
        let word = match kind {
            PickerKind::Recordings => Word::NoRecording,
            PickerKind::Blocks => Word::NoBlocks,
            PickerKind::Copies => Word::NothingToCopy,
            PickerKind::Edits => Word::NothingToEdit,
            _ => Word::NothingToRead,
        };
        notice::say(model, word, &[], Tone::Plain);
    } else {
        act::show(model, kind, items);
    }
}

/// The beginning of a text on one line.
fn label(text: &str) -> String {
    let beginning: String = text.chars().take(EXCERPT).collect();
    beginning.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How long the recording of a message is.
fn length(message: &Message) -> String {
    let ms = message.clip.map_or(0, |clip| clip.length_ms);
    format!("{}.{} s", ms / 1000, ms % 1000 / 100)
}

/// Copies a message.
pub(super) fn copy(model: &mut Model, id: MessageId) -> Effects {
    let text = model.conversation.transcript.get(id);
    let text = text.map(|message| message.text.clone());
    copied(model, text.filter(|text| !text.is_empty()))
}

/// Copies a block of code of a message.
pub(super) fn copy_block(model: &mut Model, id: MessageId, nth: usize) -> Effects {
    let message = model.conversation.transcript.get(id);
    let block = message.and_then(|message| fenced(&message.text).nth(nth).map(str::to_owned));
    copied(model, block)
}

/// Copies everything that was said and is loaded, as Markdown.
pub(super) fn copy_all(model: &mut Model) -> Effects {
    let mut all = String::new();
    for message in model.conversation.transcript.messages() {
        if message.role == Role::Note || message.text.trim().is_empty() {
            continue;
        }
        let who = match message.role {
            Role::User => Word::RoleUser,
            Role::Assistant | Role::Note => Word::RoleAssistant,
        };
        if !all.is_empty() {
            all.push_str("\n\n");
        }
        let said = ["**", who.text(model.lang), ":** ", message.text.trim_end()];
        all.extend(said);
    }
    let above = model.conversation.transcript.above;
    let effects = copied(model, Some(all).filter(|all| !all.is_empty()));
    if let (false, Some(above)) = (effects.is_empty(), above) {
        let count = above.count.to_string();
        notice::say(model, Word::CopiedPart, &[&count], Tone::Warning);
    }
    effects
}

fn copied(model: &mut Model, text: Option<String>) -> Effects {
    let Some(text) = text else {
        notice::say(model, Word::NothingToCopy, &[], Tone::Plain);
        return vec![];
    };
    notice::say(model, Word::Copied, &[], Tone::Good);
    vec![Effect::Copy(text)]
}

/// Plays the recording of a message.
pub(super) fn replay(model: &mut Model, id: MessageId) -> Effects {
    let message = model.conversation.transcript.get(id);
    let Some(clip) = message.and_then(|message| message.clip.map(|_| message.turn)) else {
        notice::say(model, Word::NoRecording, &[], Tone::Plain);
        return vec![];
    };
    let mut effects = talk::interrupt(model);
    effects.push(Effect::Sound(SoundOrder::Replay { clip }));
    effects
}

/// The blocks of code in a text of Markdown, without their fences.
fn fenced(text: &str) -> impl Iterator<Item = &str> {
    let mut lines = text.split_inclusive('\n');
    let mut at = 0;
    std::iter::from_fn(move || {
        let opening = loop {
            let line = lines.next()?;
            at += line.len();
            if let Some(fence) = fence(line) {
                break fence;
            }
        };
        let start = at;
        for line in lines.by_ref() {
            let end = at;
            at += line.len();
            let closes = fence(line).is_some_and(|(c, long)| {
                c == opening.0 && long >= opening.1 && line.trim().chars().all(|other| other == c)
            });
            if closes {
                return text.get(start..end);
            }
        }
        // One that is never closed goes on to the end.
        text.get(start..).filter(|rest| !rest.is_empty())
    })
}

/// The character of a fence, and how many of them it is made of.
fn fence(line: &str) -> Option<(char, usize)> {
    let line = line.trim_start();
    let first = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let long = line.chars().take_while(|c| *c == first).count();
    let rest = line.get(long..).unwrap_or_default();
    // A span of code that begins a line is no fence.
    (long >= 3 && !(first == '`' && rest.contains('`'))).then_some((first, long))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_code_are_found_as_markdown_means_them() {
        let found = |text| fenced(text).collect::<Vec<_>>();
        assert_eq!(
            found("a\n```rust\nfn a() {}\n\n```\nb\n~~~\nx\n~~~"),
            ["fn a() {}\n\n", "x\n"]
        );
        assert_eq!(
            found("````\n```\ninner\n```\n````\n"),
            ["```\ninner\n```\n"]
        );
        assert_eq!(found("  ```\n  open"), ["  open"]);
        assert_eq!(found("```one line```\nno"), [""; 0]);
        assert_eq!(found("```"), [""; 0]);
    }
}
