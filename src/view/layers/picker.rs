//! Draws a list to choose from: the query, and below it what matches.

use super::super::composer::window;
use super::super::spots::Spots;
use super::super::text::wrap::wrap;
use super::super::text::{Run, clip, put, width};
use super::super::theme::{Ink, Role, Theme};
use super::super::voice::meter;
use super::super::words::say;
use super::{centred, closes, frame};
use crate::core::action::Action;
use crate::core::composer::Composer;
use crate::core::keys::Context;
use crate::core::model::Model;
use crate::core::picker::{Item, Picker, PickerKind};
use crate::core::point::Spot;
use crate::core::words::{Word, fill};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Modifier;

/// Draws a picker and says where its caret is.
pub(crate) fn picker(
    area: Rect,
    buffer: &mut Buffer,
    model: &Model,
    picker: &Picker,
    spots: &mut Spots,
    theme: Theme,
) -> Position {
    let title = say(model, title(picker.kind));
    // As high as the whole list, so that the box keeps still while the query narrows it.
    let meter_rows = usize::from(picker.kind == PickerKind::Microphones);
    let high = u16::try_from(picker.items.len() + 4 + meter_rows).unwrap_or(u16::MAX);
    let area = match picker.kind {
        PickerKind::Settings => centred(area, 100, area.height),
        _ => centred(area, 72, high.clamp(8, 20)),
    };
    let inside = frame(
        area,
        buffer,
        title,
        &closes(model, Context::Picker),
        spots,
        theme,
    );
    if inside.is_empty() {
        return Position::new(area.x, area.y);
    }
    let hint = say(model, Word::TypeToNarrow);
    let caret = query(inside, buffer, "› ", &picker.query, hint, theme);
    let skip = 1 + u16::from(inside.height > 4);
    let list = Rect {
        y: inside.y + skip.min(inside.height),
        height: inside.height.saturating_sub(skip),
        ..inside
    };
    if picker.matches.is_empty() {
        let nothing = [Run::role(say(model, Word::NothingMatches), Role::Dim)];
        put(
            buffer,
            (list.x + 2.min(list.width), list.y),
            list.width.saturating_sub(2),
            &nothing,
            theme,
        );
        return caret;
    }
    let list = match picker.kind {
        PickerKind::Microphones => metered(list, buffer, model, theme),
        PickerKind::Settings => explained(list, buffer, model, picker, theme),
        _ => list,
    };
    let height = usize::from(list.height);
    let lowest = picker.matches.len().saturating_sub(height);
    let top = picker.chosen.saturating_sub(height / 2).min(lowest);
    let shown = picker.matches.iter().enumerate().skip(top);
    for (y, (index, at)) in (list.top()..list.bottom()).zip(shown) {
        if let Some(item) = picker.items.get(*at) {
            let line = Rect {
                y,
                height: 1,
                ..list
            };
            entry(line, buffer, model, item, index == picker.chosen, theme);
            spots.add(line, Spot::Entry(index));
        }
    }
    caret
}

/// What a list is called.
pub(crate) const fn title(kind: PickerKind) -> Word {
    match kind {
        PickerKind::Palette => Word::TitlePalette,
        PickerKind::Brains => Word::TitleBrains,
        PickerKind::Models => Word::TitleModels,
        PickerKind::Personas => Word::TitlePersonas,
        PickerKind::Themes => Word::TitleThemes,
        PickerKind::Messages => Word::TitleMessages,
        PickerKind::Edits => Word::TitleEdits,
        PickerKind::Copies => Word::TitleCopies,
        PickerKind::Blocks => Word::TitleBlocks,
        PickerKind::Recordings => Word::TitleRecordings,
        PickerKind::Microphones => Word::TitleMicrophones,
        PickerKind::Loudspeakers => Word::TitleLoudspeakers,
        PickerKind::Ears => Word::TitleEars,
        PickerKind::Voices => Word::TitleVoices,
        PickerKind::SpeechModels => Word::TitleSpeechModels,
        PickerKind::Settings => Word::TitleSettings,
        PickerKind::Bundle => Word::TitleBundle,
        PickerKind::Formats => Word::TitleFormats,
        PickerKind::Connect => Word::TitleConnect,
    }
}

/// How loud the chosen microphone is, below the list; answers with what is left for the list.
fn metered(list: Rect, buffer: &mut Buffer, model: &Model, theme: Theme) -> Rect {
    if list.height < 3 {
        return list;
    }
    let height = list.height - 1;
    if let Some((loudness, speech)) = model.voice.level {
        let row = meter(loudness, speech, usize::from(list.width.saturating_sub(12)));
        let at = (list.x + 2.min(list.width), list.bottom() - 1);
        put(buffer, at, list.width.saturating_sub(2), &row, theme);
    }
    Rect { height, ..list }
}

/// Rows that an explanation takes: as many whatever is chosen, so that the list keeps still.
const EXPLANATION: u16 = 5;

/// What the chosen setting is, below the list; answers with what is left for the list.
fn explained(
    list: Rect,
    buffer: &mut Buffer,
    model: &Model,
    picker: &Picker,
    theme: Theme,
) -> Rect {
    let high = EXPLANATION.min(list.height / 3);
    let setting = picker.chosen().and_then(|item| match &item.action {
        Action::Change(key) => model.settings.get(key),
        _ => None,
    });
    if let (Some(setting), 1..) = (setting, high) {
        let about = Rect {
            y: list.bottom() - high,
            height: high,
            ..list
        };
        let must = fill(say(model, Word::SettingMust), &[&setting.range]);
        let room = usize::from(about.width);
        let mut text = wrap(&[Run::role(&setting.about, Role::Text)], room);
        text.extend(wrap(&[Run::role(&must, Role::Dim)], room));
        super::rows(about, buffer, &text, theme);
    }
    let gap = u16::from(high > 2);
    Rect {
        height: list.height - high - gap,
        ..list
    }
}

/// A line to write in behind a mark, or a hint as long as nothing is written; says where the caret
/// is.
pub(in crate::view) fn query(
    inside: Rect,
    buffer: &mut Buffer,
    mark: &str,
    written: &Composer,
    hint: &str,
    theme: Theme,
) -> Position {
    let mark = [Run::role(mark, Role::Accent)];
    let wide = put(buffer, (inside.x, inside.y), inside.width, &mark, theme);
    let line = Rect {
        x: inside.x + wide.min(inside.width - 1),
        width: inside.width.saturating_sub(wide).max(1),
        height: 1,
        ..inside
    };
    if written.text().is_empty() {
        let hint = [Run::role(hint, Role::Dim)];
        put(buffer, (line.x, line.y), line.width, &hint, theme);
        return Position::new(line.x, line.y);
    }
    let query = window(written.text(), written.caret(), line.width.into());
    super::super::composer::draw(line, buffer, &query, theme)
}

fn entry(line: Rect, buffer: &mut Buffer, model: &Model, item: &Item, chosen: bool, theme: Theme) {
    let role = |role: Role| if chosen { Role::Selection } else { role };
    let room = usize::from(line.width);
    if chosen {
        buffer.set_style(line, theme.of(Role::Selection));
    }
    let marks = format!(
        "{} {} ",
        if chosen { "›" } else { " " },
        if item.current { "✓" } else { " " }
    );
    let label_ink = Ink::of(role(Role::Text)).with(if item.current {
        Modifier::BOLD
    } else {
        Modifier::empty()
    });
    let text_room = room.saturating_sub(4);
    let label = Run::new(&item.label, label_ink).text;
    let label = match label.trim() {
        "" => say(model, Word::HistoryUntitled),
        _ => &label,
    };
    // A long label leaves a third of the line to the note, so that a date is never pushed out.
    let note = Run::role(&item.note, Role::Dim).text;
    let kept = width(&note).min(text_room / 3);
    let kept = if note.is_empty() { 0 } else { kept + 3 };
    let label = clip(label, text_room.saturating_sub(kept));
    let row = [
        Run::role(&marks, role(Role::Accent)),
        Run::new(&label, label_ink),
    ];
    let taken = usize::from(put(buffer, (line.x, line.y), line.width, &row, theme));
    let note_room = room.saturating_sub(taken + 3);
    if !note.is_empty() && note_room >= 3 {
        let note = clip(&note, note_room);
        let wide = width(&note) as u16;
        let at = (line.right() - wide - u16::from(line.width > 20), line.y);
        let note = [Run::role(&note, role(Role::Dim))];
        put(buffer, at, wide, &note, theme);
    }
}
