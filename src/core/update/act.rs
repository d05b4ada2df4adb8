//! Carries out actions, whether a key, the palette, a slash command or a script asked for them.

use super::super::action::{Action, NotAnAction, Plain};
use super::super::backend::{Permission, Up};
use super::super::effect::{Effect, Effects};
use super::super::events::{Signal, UserSignal};
use super::super::ids::{ConversationId, MessageId, TurnId};
use super::super::keys::Context;
use super::super::line::{Line, LinkOrder};
use super::super::look;
use super::super::model::{
    Anchor, Answer, Conversation, Layer, Model, Page, PageKind, Scroll, Tone,
};
use super::super::picker::{Item, Picker, PickerKind};
use super::super::record::{Keep, Waiting};
use super::super::sound::{Device, SoundOrder, Way};
use super::super::transcript::{Message, Role};
use super::super::words::{Lang, Word, fill};
use super::engine::{self, Part};
use super::{
    FETCH, ask, branch, browse, bundle, checkup, connect, errand, export, find, guest, hear,
    import, inspect, listen, log, notice, phone, recover, settings, share, shelf, speak, talk,
};
use std::time::Duration;

/// A second press within this time quits.
const QUIT_WINDOW: Duration = Duration::from_secs(2);

/// So many choices of the palette are remembered.
const RECENT: usize = 8;

/// Does what the action says.
pub(super) fn act(model: &mut Model, action: &Action) -> Effects {
    match action {
        Action::Plain(plain) => plainly(model, *plain),
        Action::UseBrain(brain) => {
            model.choice.model = None;
            model.choice.brain = (brain != "auto").then(|| brain.clone());
            notice::say(model, Word::BrainChosen, &[brain], Tone::Good);
            vec![]
        }
        Action::UseModel(name) => {
            model.choice.model = Some(name.clone());
            notice::say(model, Word::ModelChosen, &[name], Tone::Good);
            vec![]
        }
        Action::UsePersona(persona) => {
            let known =
                model.personas.is_empty() || model.personas.iter().any(|(id, _)| id == persona);
            if known {
                model.choice.persona = Some(persona.clone());
                notice::say(model, Word::PersonaChosen, &[persona], Tone::Good);
            } else {
                notice::say(model, Word::PersonaUnknown, &[persona], Tone::Warning);
            }
            vec![]
        }
        Action::UseLang(lang) => {
            model.lang = *lang;
            vec![]
        }
        Action::UseTheme(theme) => wear(model, theme),
        Action::Open(conversation) => open(model, *conversation),
        Action::Rename(title) => {
            if model.conversation.transcript.is_empty() {
                notice::say(model, Word::NothingToRename, &[], Tone::Plain);
                return vec![];
            }
            vec![Effect::Keep(Keep::Rename {
                conversation: model.conversation.id,
                title: title.clone(),
            })]
        }
        Action::Find(words) => {
            browse::show(model, words);
            vec![]
        }
        Action::Read(message) => speak::read(model, Some(*message)),
        Action::Edit(message) => branch::edit(model, Some(*message)),
        Action::CopyMessage(message) => find::copy(model, *message),
        Action::CopyBlock(message, nth) => find::copy_block(model, *message, *nth),
        Action::Replay(message) => find::replay(model, *message),
        Action::UseMicrophone(id) => choose_device(model, Way::In, id),
        Action::UseLoudspeaker(id) => choose_device(model, Way::Out, id),
        Action::UseEars(ears) => engine::choose(model, Part::Ears, ears),
        Action::UseVoice(voice) => engine::choose(model, Part::Voice, voice),
        Action::ExportRecording(path) => with_recording(model, |clip| SoundOrder::Export {
            clip,
            to: path.into(),
        }),
        Action::PullModel(name) => shelf::want(model, name),
        Action::Say(text) => ask::say(model, text.clone()),
        Action::ReadLog(source) => log::open(model, Some(source.clone())),
        Action::Change(key) => settings::want(model, key),
        Action::Export(how) => export::begin(model, how),
        Action::BundleWith(part) => bundle::toggle(model, part),
        Action::Default(key) => settings::unset(key),
        Action::Import(path) => import::begin(model, path),
        Action::ConnectTo(what) => connect::to(model, what),
    }
}

fn plainly(model: &mut Model, plain: Plain) -> Effects {
    match plain {
        Plain::Send => return ask::send(model, false),
        Plain::SendOtherWay => return ask::send(model, true),
        Plain::Talk if model.voice.recording.is_some() => return listen::end(model),
        Plain::Talk => return listen::begin(model),
        Plain::Call => return phone::toggle(model),
        Plain::Mute => {
            let muted = model.call.as_ref().is_none_or(|call| !call.muted);
            super::push(model, Signal::User(UserSignal::Mute(muted)), "the user");
        }
        Plain::Hold => return phone::hold(model),
        Plain::ReadAloud if model.voice.speaking.is_some() => {
            super::push(model, Signal::User(UserSignal::Interrupt), "the user");
        }
        Plain::ReadAloud => return speak::read(model, None),
        Plain::Messages => find::choose(model, PickerKind::Messages),
        Plain::Copies => find::choose(model, PickerKind::Copies),
        Plain::Blocks => find::choose(model, PickerKind::Blocks),
        Plain::Recordings => find::choose(model, PickerKind::Recordings),
        Plain::Pause => return speak::pause(model),
        Plain::Louder => return speak::volume(model, true),
        Plain::Softer => return speak::volume(model, false),
        Plain::Faster => speak::speed(model, true),
        Plain::Slower => speak::speed(model, false),
        Plain::ToggleSpeech => speak::choose(model),
        Plain::ToggleAskAhead => return phone::toggle_ask_ahead(model),
        Plain::ToggleReview => {
            model.voice.wishes.review = !model.voice.wishes.review;
            let word = if model.voice.wishes.review {
                Word::ReviewOn
            } else {
                Word::ReviewOff
            };
            notice::say(model, word, &[], Tone::Good);
        }
        Plain::Microphones | Plain::Loudspeakers => {
            model.voice.choosing = Some(if plain == Plain::Microphones {
                Way::In
            } else {
                Way::Out
            });
            return vec![Effect::Sound(SoundOrder::List)];
        }
        Plain::Ears => engine::list(model, Part::Ears),
        Plain::Voices => engine::list(model, Part::Voice),
        Plain::ReplayRecording => return replay(model),
        Plain::DeleteRecording => return delete_recording(model),
        Plain::Newline => model.composer.insert("\n"),
        Plain::Insert | Plain::Append | Plain::AppendEnd => {
            model.normal = false;
            let to = match plain {
                Plain::Append => Some(Plain::Right),
                Plain::AppendEnd => Some(Plain::LineEnd),
                _ => None,
            };
            // At the end there is nowhere to go.
            let _moved = to.map(|to| model.composer.apply(to));
        }
        Plain::Cancel => return cancel(model),
        Plain::Break => return break_off(model),
        Plain::Palette => {
            let items = palette(model);
            show(model, PickerKind::Palette, items);
        }
        Plain::Help => page(model, PageKind::Help),
        Plain::Log => return log::open(model, None),
        Plain::TurnLog => return log::of_turn(model),
        Plain::Inspect => return inspect::open(model),
        Plain::Bundle => return bundle::open(model),
        Plain::WriteBundle => return bundle::write(model),
        Plain::Search
        | Plain::NextHit
        | Plain::PreviousHit
        | Plain::OnlyText
        | Plain::OnlyLevel
        | Plain::OnlyTime
        | Plain::AllLines
        | Plain::Follow
        | Plain::Mark
        | Plain::NextMark
        | Plain::PreviousMark => return log::act(model, plain),
        Plain::Times => page(model, PageKind::Times),
        Plain::NewConversation => {
            let effects = talk::abandon(model);
            left_behind(model);
            fresh(model);
            model.layers.clear();
            return effects;
        }
        Plain::Conversations => browse::show(model, ""),
        Plain::Again => return ask::again(model),
        Plain::Regenerate => return branch::regenerate(model),
        Plain::EditLast => return branch::edit(model, None),
        Plain::Edits => find::choose(model, PickerKind::Edits),
        Plain::Branch => return branch::branch(model, None),
        Plain::PreviousVersion => return branch::step(model, false),
        Plain::NextVersion => return branch::step(model, true),
        Plain::Compare => return branch::compare(model),
        Plain::CopyReply => return copy(model),
        Plain::CopyAll => return find::copy_all(model),
        Plain::Export => export::formats(model),
        Plain::Find => return find::begin(model),
        Plain::TakeBack => return ask::take_back(model),
        Plain::Brains => {
            let items = brains(model);
            show(model, PickerKind::Brains, items);
        }
        Plain::LookForBrains => return say(model, Up::AskBrains { again: true }),
        Plain::Models => {
            let items = models(model);
            if items.is_empty() {
                notice::say(model, Word::NoModels, &[], Tone::Plain);
            } else {
                show(model, PickerKind::Models, items);
            }
        }
        Plain::SpeechModels => return shelf::list(model),
        Plain::StopPull => return shelf::stop(model),
        Plain::Personas => {
            let items = personas(model);
            show(model, PickerKind::Personas, items);
        }
        Plain::Themes => {
            let items = themes(model);
            show(model, PickerKind::Themes, items);
        }
        Plain::ToggleTools => {
            model.choice.tools = !model.choice.tools;
            let word = if model.choice.tools {
                Word::ToolsOn
            } else {
                Word::ToolsOff
            };
            notice::say(model, word, &[], Tone::Good);
        }
        Plain::TogglePanel => {
            let panel = !model.look.panel;
            model.look.panel = panel;
            let word = if panel { Word::PanelOn } else { Word::PanelOff };
            notice::say(model, word, &[], Tone::Plain);
        }
        Plain::ToggleMouse => {
            let mouse = !model.look.mouse;
            model.look.mouse = mouse;
            let word = if mouse { Word::MouseOn } else { Word::MouseOff };
            notice::say(model, word, &[], Tone::Plain);
            return vec![Effect::Mouse(mouse)];
        }
        Plain::ToggleDetails => {
            model.show_details = !model.show_details;
            let word = if model.show_details {
                Word::DetailsOn
            } else {
                Word::DetailsOff
            };
            notice::say(model, word, &[], Tone::Good);
        }
        Plain::Tools => {
            let kind = PageKind::Tools(model.tools.clone());
            page(model, kind);
            if matches!(model.line, Line::Up(_)) {
                let up = Up::AskTools { again: true };
                return vec![Effect::Link(LinkOrder::Say(up))];
            }
        }
        Plain::ToggleReasoning => model.show_reasoning = !model.show_reasoning,
        Plain::Status if matches!(model.line, Line::Up(_)) => return say(model, Up::AskStatus),
        // Of the line at least there is something to tell.
        Plain::Status => hear::status(model, vec![]),
        Plain::Doctor => return checkup::page(model),
        Plain::Settings => return settings::list(model),
        Plain::Connect => return connect::list(model),
        Plain::Welcome => return checkup::welcome(model),
        Plain::DialNow => return vec![Effect::Link(LinkOrder::Dial)],
        Plain::HangUp => {
            let mut effects = talk::line_lost(model);
            // From here on nothing is said into this line, whatever it still reports.
            model.line = Line::Closed;
            effects.push(Effect::Link(LinkOrder::HangUp));
            return effects;
        }
        Plain::Forget => return forget(model),
        Plain::Delete if model.conversation.transcript.is_empty() => {
            notice::say(model, Word::NothingToDelete, &[], Tone::Plain);
        }
        Plain::Delete => return browse::delete(model, model.conversation.id),
        Plain::Undelete => return vec![browse::undelete(model)],
        Plain::Pin | Plain::Retitle if model.conversation.transcript.is_empty() => {
            notice::say(model, Word::NothingToRename, &[], Tone::Plain);
        }
        Plain::Pin => return vec![browse::pin(model.conversation.id)],
        // The command is there to be finished.
        Plain::Retitle => {
            let command = format!("/rename {}", model.conversation.title);
            model.composer.set(&command);
        }
        Plain::Redraw => return vec![Effect::Redraw],
        Plain::Suspend => return vec![Effect::Suspend],
        Plain::Quit => return super::quit(model),
        Plain::ScrollUp => wish(model, -1),
        Plain::ScrollDown => wish(model, 1),
        Plain::PageUp => wish(model, -i32::from(model.page.saturating_sub(1).max(1))),
        Plain::PageDown => wish(model, i32::from(model.page.saturating_sub(1).max(1))),
        Plain::Top => model.scroll.wish = i32::MIN,
        Plain::Bottom => model.scroll = Scroll::default(),
        // These act on a text under the caret; whoever holds one has handled them.
        Plain::Left
        | Plain::Right
        | Plain::Up
        | Plain::Down
        | Plain::WordLeft
        | Plain::WordRight
        | Plain::LineStart
        | Plain::LineEnd
        | Plain::TextStart
        | Plain::TextEnd
        | Plain::Backspace
        | Plain::DeleteRight
        | Plain::DeleteWordLeft
        | Plain::DeleteWordRight
        | Plain::KillToStart
        | Plain::KillToEnd
        | Plain::Yank
        | Plain::Transpose
        | Plain::Undo
        | Plain::Redo
        | Plain::OlderInput
        | Plain::NewerInput => {
            let _nothing_to_add = model.composer.apply(plain);
        }
    }
    vec![]
}

/// Wishes to scroll further; until a frame is drawn wishes add up.
fn wish(model: &mut Model, lines: i32) {
    if let Some(finder) = find::finder(model) {
        finder.seeks = false;
    }
    model.scroll.wish = model.scroll.wish.saturating_add(lines);
}

/// Says something to the backend, or why that is not possible now.
fn say(model: &mut Model, up: Up) -> Effects {
    if matches!(model.line, Line::Up(_)) {
        return vec![Effect::Link(LinkOrder::Say(up))];
    }
    notice::say(model, Word::NotConnected, &[], Tone::Warning);
    vec![]
}

/// Makes the backend forget what was said so far; one that cannot be told forgets nothing.
fn forget(model: &mut Model) -> Effects {
    let conversation = model.conversation.id;
    let mut effects = say(model, Up::Forget { conversation });
    if !effects.is_empty() {
        model.conversation.forgotten = model.conversation.transcript.count();
        notice::say(model, Word::Forgotten, &[], Tone::Good);
        effects.push(Effect::Keep(Keep::Forget { conversation }));
    }
    effects
}

/// A question was answered, in one of the ways it offers.
pub(super) fn answered(model: &mut Model, answer: &Answer, word: Word) -> Effects {
    if !matches!(answer, Answer::Permit | Answer::Clipboard) {
        model.layers.pop();
    }
    let yes = word == Word::Yes;
    match answer {
        Answer::Permit | Answer::Clipboard => errand::decide(
            model,
            match word {
                Word::PermitOnce => Permission::Once,
                Word::PermitConversation => Permission::Conversation,
                Word::PermitFrom => Permission::Always,
                Word::PermitNone => Permission::Never,
                _ => Permission::No,
            },
        ),
        Answer::PullModel(name) if yes => shelf::agreed(model, name),
        Answer::Copy { call, text } if yes => {
            let mut effects = vec![Effect::Copy(text.clone())];
            effects.extend(guest::used(model, call, Ok("copied".to_owned())));
            effects
        }
        Answer::Copy { call, .. } => guest::used(model, call, Err("the user said no".to_owned())),
        Answer::PullModel(_) => vec![],
        Answer::Connect(_) => connect::decided(model, word),
    }
}

/// Esc: closes what is open, else stops the answer.
fn cancel(model: &mut Model) -> Effects {
    match model.layers.last() {
        Some(Layer::Question(question)) => {
            let answer = question.yes.clone();
            return answered(model, &answer, Word::No);
        }
        Some(
            Layer::Picker(_)
            | Layer::Browser(_)
            | Layer::Finder(_)
            | Layer::Page(_)
            | Layer::Form(_)
            | Layer::Card(_),
        ) => {
            model.layers.pop();
            recover(model, "seen");
            return vec![];
        }
        None => {}
    }
    if model.turn.is_none() && branch::leave(model) {
        return vec![];
    }
    let voice = &model.voice;
    let quiet = model.turn.is_none() && voice.recording.is_none() && voice.speaking.is_none();
    if quiet && model.keymap.has_normal() && !model.normal {
        model.normal = true;
        // From behind what was written onto it, as in vi.
        let before = &model.composer.text().get(..model.composer.caret());
        if before.is_some_and(|text| !text.is_empty() && !text.ends_with('\n')) {
            let _moved = model.composer.apply(Plain::Left);
        }
        return vec![];
    }
    recover(model, "seen");
    super::push(model, Signal::User(UserSignal::Interrupt), "the user");
    vec![]
}

/// Ctrl-C: stops the answer, else clears what is written, else leaves at the second press.
fn break_off(model: &mut Model) -> Effects {
    let busy =
        model.turn.is_some() || model.voice.recording.is_some() || model.voice.speaking.is_some();
    if !model.layers.is_empty() || busy {
        return cancel(model);
    }
    recover(model, "seen");
    if model.call.is_some() && model.composer.is_empty() {
        return phone::hang_up(model);
    }
    if !model.composer.is_empty() {
        // What was written stays within reach in the input history.
        model.composer.take();
        model.conversation.editing = None;
        return super::keep_draft(model);
    }
    if model.quit_armed.is_some_and(|until| model.now.mono < until) {
        return super::quit(model);
    }
    model.quit_armed = Some(model.now.mono + QUIT_WINDOW);
    notice::say(model, Word::PressAgainToQuit, &[], Tone::Plain);
    vec![]
}

/// Something was chosen in a picker.
pub(super) fn chose(
    model: &mut Model,
    kind: PickerKind,
    chosen: Option<Action>,
    query: &str,
) -> Effects {
    match (chosen, kind) {
        // The list stays below the line in which one is changed, and while one ticks.
        (Some(action), PickerKind::Settings | PickerKind::Bundle) => act(model, &action),
        (Some(action), _) => {
            model.layers.pop();
            if kind == PickerKind::Palette {
                model.recent.retain(|known| *known != action);
                model.recent.insert(0, action.clone());
                model.recent.truncate(RECENT);
            }
            act(model, &action)
        }
        // The palette also takes a command with its argument, as it would be typed after `/`.
        (None, PickerKind::Palette) => match query.parse::<Action>() {
            Ok(action) => {
                model.layers.pop();
                act(model, &action)
            }
            Err(error) => {
                let text = explain(model, &error);
                notice::warn(model, text);
                vec![]
            }
        },
        // A model that the server does not list may exist all the same.
        (None, PickerKind::Models) if !query.is_empty() => {
            model.layers.pop();
            act(model, &Action::UseModel(query.to_owned()))
        }
        (None, PickerKind::Brains) if query.contains("://") => {
            model.layers.pop();
            act(model, &Action::UseBrain(query.to_owned()))
        }
        (None, PickerKind::Ears) if query.contains(':') => {
            model.layers.pop();
            act(model, &Action::UseEars(query.to_owned()))
        }
        (None, PickerKind::Voices) if query.contains(':') => {
            model.layers.pop();
            act(model, &Action::UseVoice(query.to_owned()))
        }
        (None, _) => vec![],
    }
}

/// Why a text is no action, and what may have been meant.
pub(super) fn explain(model: &Model, error: &NotAnAction) -> String {
    match error {
        NotAnAction::Unknown {
            name,
            nearest: Some(nearest),
        } => fill(Word::UnknownActionNear.text(model.lang), &[name, nearest]),
        NotAnAction::Unknown {
            name,
            nearest: None,
        } => fill(Word::UnknownAction.text(model.lang), &[name]),
        NotAnAction::Surplus { name } => fill(Word::ActionTakesNothing.text(model.lang), &[name]),
        NotAnAction::Argument { name, needs } => {
            let needs = needs.text(model.lang);
            fill(Word::ActionNeeds.text(model.lang), &[name, needs])
        }
    }
}

/// Opens a stored conversation; until it is there nothing new may begin.
pub(super) fn open(model: &mut Model, conversation: ConversationId) -> Effects {
    open_at(model, conversation, None)
}

/// Opens a stored conversation where this message is.
pub(super) fn open_at(
    model: &mut Model,
    conversation: ConversationId,
    message: Option<MessageId>,
) -> Effects {
    let mut effects = talk::abandon(model);
    left_behind(model);
    share::left(model);
    model.conversation = Conversation::new(conversation);
    model.conversation.loading = true;
    model.conversation.sought = message;
    model.welcome = false;
    model.scroll = Scroll::default();
    model.layers.clear();
    model.modes.lock("opening", model.now.mono);
    effects.push(Effect::Keep(Keep::Load {
        conversation,
        before: None,
        limit: FETCH,
        back_to: message,
    }));
    effects
}

/// Messages came: the one that was sought is shown.
pub(super) fn arrive(model: &mut Model) {
    let Some(message) = model.conversation.sought.take() else {
        return;
    };
    if model.conversation.transcript.get(message).is_some() {
        let anchor = Some(Anchor { message, line: 0 });
        model.scroll = Scroll { anchor, wish: 0 };
    }
}

/// Tells what waits in the conversation that is being closed.
fn left_behind(model: &mut Model) {
    let leaving = model.conversation.id;
    let waits = |waiting: &&Waiting| waiting.say.conversation == leaving;
    let count = model.waiting.iter().filter(waits).count();
    if count > 0 {
        let title = model.conversation.title.clone();
        notice::say(
            model,
            Word::UnsentBehind,
            &[&count.to_string(), &title],
            Tone::Warning,
        );
    }
}

/// Starts a conversation anew; one that was being opened is not waited for any longer.
pub(super) fn fresh(model: &mut Model) {
    model.welcome = false;
    model.modes.unlock();
    share::left(model);
    model.conversation = Conversation::new(model.seed.conversation());
    model.scroll = Scroll::default();
}

fn copy(model: &mut Model) -> Effects {
    let mut told = model.conversation.transcript.messages().iter().rev();
    let says = |message: &&Message| message.role == Role::Assistant && !message.text.is_empty();
    let Some(reply) = told.find(says).map(|reply| reply.id) else {
        notice::say(model, Word::NothingToCopy, &[], Tone::Plain);
        return vec![];
    };
    find::copy(model, reply)
}

pub(super) fn page(model: &mut Model, kind: PageKind) {
    let same = |open: &PageKind| std::mem::discriminant(open) == std::mem::discriminant(&kind);
    let open = matches!(model.layers.last(), Some(Layer::Page(page)) if same(&page.kind));
    if open {
        model.layers.pop();
    } else {
        model.layers.push(Layer::Page(Page { kind, scroll: 0 }));
    }
}

pub(super) fn show(model: &mut Model, kind: PickerKind, items: Vec<Item>) {
    model
        .layers
        .retain(|layer| !matches!(layer, Layer::Picker(_) | Layer::Card(_)));
    model.layers.push(Layer::Picker(Picker::new(kind, items)));
}

pub(super) fn item(
    label: impl Into<String>,
    note: impl Into<String>,
    action: Action,
    current: bool,
) -> Item {
    Item {
        label: label.into(),
        note: note.into(),
        action,
        current,
    }
}

fn palette(model: &Model) -> Vec<Item> {
    let mut items: Vec<Item> = Plain::ALL
        .iter()
        .filter(|plain| plain.in_palette())
        .map(|plain| {
            let action = Action::Plain(*plain);
            let keys = model.keymap.chords(Context::Chat, &action);
            let key = keys.first().map(|chord| chord.label()).unwrap_or_default();
            item(plain.word().text(model.lang), key, action, false)
        })
        .collect();
    for (name, lang) in [("English", Lang::En), ("中文", Lang::Zh)] {
        let current = model.lang == lang;
        items.push(item(name, lang.code(), Action::UseLang(lang), current));
    }
    // What was chosen last is what is most likely wanted again.
    items.sort_by_key(|item| {
        let recent = model.recent.iter();
        recent.take_while(|known| **known != item.action).count()
    });
    items
}

fn brains(model: &Model) -> Vec<Item> {
    let chosen = model.choice.brain.as_deref();
    let auto = Word::BrainAuto.text(model.lang);
    let mut items = vec![item(
        auto,
        "auto",
        Action::UseBrain("auto".into()),
        chosen.is_none(),
    )];
    for brain in model.brains.iter().flat_map(|brains| &brains.all) {
        let note = match &brain.model {
            Some(name) => format!("{} · {name}", brain.id),
            None => brain.id.clone(),
        };
        let current = chosen == Some(brain.id.as_str());
        let name = match brain.id.as_str() {
            "builtin" => Word::BuiltIn.text(model.lang),
            _ => &brain.name,
        };
        items.push(item(
            name,
            note,
            Action::UseBrain(brain.id.clone()),
            current,
        ));
    }
    items
}

fn models(model: &Model) -> Vec<Item> {
    let Some(brains) = &model.brains else {
        return vec![];
    };
    let chosen = model.choice.brain.as_deref();
    let brain = match chosen {
        Some(id) => brains.all.iter().find(|brain| brain.id == id),
        None => brains.current(),
    };
    let Some(brain) = brain else {
        return vec![];
    };
    let current = model.choice.model.as_ref().or(brain.model.as_ref());
    brain
        .models
        .iter()
        .map(|name| {
            let action = Action::UseModel(name.clone());
            item(
                name.clone(),
                brain.name.clone(),
                action,
                current == Some(name),
            )
        })
        .collect()
}

fn personas(model: &Model) -> Vec<Item> {
    let current = model.choice.persona.as_ref();
    model
        .personas
        .iter()
        .map(|(id, name)| {
            let action = Action::UsePersona(id.clone());
            item(name.clone(), id.clone(), action, current == Some(id))
        })
        .collect()
}

fn themes(model: &Model) -> Vec<Item> {
    let known = model.look.themes.iter().map(String::as_str);
    std::iter::once(look::AUTO)
        .chain(known)
        .map(|name| {
            let label = match name {
                look::AUTO => Word::ThemeAuto.text(model.lang),
                "dark" => Word::ThemeDark.text(model.lang),
                "light" => Word::ThemeLight.text(model.lang),
                "contrast" => Word::ThemeContrast.text(model.lang),
                "sixteen" => Word::ThemeSixteen.text(model.lang),
                own => own,
            };
            let action = Action::UseTheme(name.to_owned());
            item(label, name, action, model.look.theme == name)
        })
        .collect()
}

/// Looks so from now on, here and in the configuration.
fn wear(model: &mut Model, theme: &str) -> Effects {
    if !model.look.has(theme) {
        let known = model.look.themes.join(", ");
        notice::say(model, Word::ThemeUnknown, &[theme, &known], Tone::Warning);
        return vec![];
    }
    theme.clone_into(&mut model.look.theme);
    notice::say(model, Word::ThemeWorn, &[theme], Tone::Good);
    vec![Effect::Set {
        name: "ui.theme",
        value: theme.to_owned(),
    }]
}

/// The devices there are: the picker that was asked for opens.
pub(super) fn devices(model: &mut Model, devices: &[Device]) {
    let Some(way) = model.voice.choosing.take() else {
        return;
    };
    let wish = match way {
        Way::In => model.voice.wishes.microphone.clone(),
        Way::Out => model.voice.wishes.loudspeaker.clone(),
    };
    let action = |id: &str| match way {
        Way::In => Action::UseMicrophone(id.to_owned()),
        Way::Out => Action::UseLoudspeaker(id.to_owned()),
    };
    let preferred = Word::DeviceDefault.text(model.lang);
    let mut items = vec![item(
        preferred,
        "default",
        action("default"),
        wish.is_none(),
    )];
    items.extend(
        devices
            .iter()
            .filter(|device| device.way == way)
            .map(|device| {
                let current = wish.as_ref() == Some(&device.id);
                item(&device.name, &device.id, action(&device.id), current)
            }),
    );
    let kind = match way {
        Way::In => PickerKind::Microphones,
        Way::Out => PickerKind::Loudspeakers,
    };
    show(model, kind, items);
}

/// Remembers a device, here and in the configuration.
fn choose_device(model: &mut Model, way: Way, id: &str) -> Effects {
    let device = (id != "default").then(|| id.to_owned());
    let (name, word) = match way {
        Way::In => {
            model.voice.wishes.microphone.clone_from(&device);
            ("sound.microphone", Word::MicrophoneMoved)
        }
        Way::Out => {
            model.voice.wishes.loudspeaker.clone_from(&device);
            ("sound.loudspeaker", Word::LoudspeakerMoved)
        }
    };
    notice::say(model, word, &[id], Tone::Good);
    let value = id.to_owned();
    vec![
        Effect::Sound(SoundOrder::Use { way, device }),
        Effect::Set { name, value },
    ]
}

/// Which microphone is to be open only for its meter: that of the line chosen in the picker.
pub(super) fn meter(model: &mut Model) -> Effects {
    let wish = match model.layers.last() {
        Some(Layer::Picker(picker)) if picker.kind == PickerKind::Microphones => {
            picker.chosen().and_then(|item| match &item.action {
                Action::UseMicrophone(id) => Some(id.clone()),
                _ => None,
            })
        }
        _ => None,
    };
    if model.voice.listening == wish {
        return vec![];
    }
    model.voice.level = None;
    model.voice.listening.clone_from(&wish);
    vec![Effect::Sound(SoundOrder::Listen(wish))]
}

/// The last question that has a recording.
fn last_recording(model: &Model) -> Option<&Message> {
    let mut messages = model.conversation.transcript.messages().iter().rev();
    messages.find(|message| message.clip.is_some())
}

fn with_recording(model: &mut Model, order: impl FnOnce(TurnId) -> SoundOrder) -> Effects {
    let Some(clip) = last_recording(model).map(|message| message.turn) else {
        notice::say(model, Word::NoRecording, &[], Tone::Plain);
        return vec![];
    };
    vec![Effect::Sound(order(clip))]
}

fn replay(model: &mut Model) -> Effects {
    let mut effects = talk::interrupt(model);
    effects.extend(with_recording(model, |clip| SoundOrder::Replay { clip }));
    effects
}

/// Deletes the last recording; words that were never recognised go with it.
fn delete_recording(model: &mut Model) -> Effects {
    let Some((id, clip, empty)) =
        last_recording(model).map(|message| (message.id, message.turn, message.text.is_empty()))
    else {
        notice::say(model, Word::NoRecording, &[], Tone::Plain);
        return vec![];
    };
    let mut effects = vec![];
    if model.turn.as_ref().is_some_and(|turn| turn.id == clip) {
        effects.extend(talk::interrupt(model));
    }
    let conversation = model.conversation.id;
    if empty {
        model.waiting.retain(|waiting| waiting.say.turn != clip);
        model.conversation.transcript.remove(id);
        effects.push(Effect::Keep(Keep::TakeBack {
            conversation,
            message: id,
            turn: clip,
        }));
    } else {
        let transcript = &mut model.conversation.transcript;
        transcript.change(id, |message| message.clip = None);
        if let Some(message) = model.conversation.transcript.get(id) {
            effects.push(talk::keep(model, message));
        }
    }
    effects.push(Effect::Sound(SoundOrder::Discard { clip }));
    notice::say(model, Word::RecordingDeleted, &[], Tone::Good);
    effects
}

/// The brains changed while their picker may be open.
pub(super) fn refresh(model: &mut Model) {
    let items = brains(model);
    if let Some(Layer::Picker(picker)) = model.layers.last_mut()
        && picker.kind == PickerKind::Brains
    {
        picker.items = items;
        picker.filter();
    }
}
