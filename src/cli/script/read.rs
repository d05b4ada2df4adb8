//! Reads a script: steps, or everything that is wrong with it at once, each mistake with its line.

use super::mistake::{Mistake, ScriptError};
use super::step::{OPTIONS, Step, VERBS, Verb};
use crate::core::action::Action;
use crate::core::mode::Mode;
use crate::core::sound::SoundError;
use crate::core::words::{Lang, Word};
use crate::sound::unpacked::Unpacked;
use std::fs::File;
use std::io::Read as _;
use std::ops::Range;
use std::path::Path;
use std::time::Duration;
use toml_edit::{Document, Item, Key, TableLike, Value};

/// No script is longer. A recording named by mistake is not read to its end.
const LONGEST: u64 = 1024 * 1024;
/// Longer than an hour is a slip of the key.
const LONGEST_MS: i64 = 3_600_000;
/// How long what a step waits for may take, unless the step says so.
const WITHIN: Duration = Duration::from_secs(30);

/// The steps of the script in this file.
pub(super) fn file(path: &Path, lang: Lang) -> Result<Vec<Step>, ScriptError> {
    let unreadable = |source| ScriptError::Unreadable {
        path: path.to_owned(),
        source,
        lang,
    };
    let mut bytes = vec![];
    let file = File::open(path).map_err(unreadable)?;
    let mut file = file.take(LONGEST + 1);
    file.read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > LONGEST {
        return Err(ScriptError::TooLong {
            path: path.to_owned(),
            limit: LONGEST,
            lang,
        });
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let good = error.as_bytes().iter().take(good);
        ScriptError::NotText {
            path: path.to_owned(),
            line: 1 + good.filter(|byte| **byte == b'\n').count(),
            lang,
        }
    })?;
    steps(path, &text, lang)
}

/// The steps of a script.
fn steps(path: &Path, text: &str, lang: Lang) -> Result<Vec<Step>, ScriptError> {
    let document = Document::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        let before = text.get(..at).unwrap_or(text);
        let last = before.rsplit('\n').next().unwrap_or_default();
        ScriptError::Syntax {
            path: path.to_owned(),
            line: 1 + before.matches('\n').count(),
            column: 1 + last.chars().count(),
            why: error.message().lines().collect::<Vec<_>>().join(", "),
            lang,
        }
    })?;
    let mut reader = Reader {
        folder: path.parent().unwrap_or(Path::new("")),
        lines: text.match_indices('\n').map(|(at, _)| at).collect(),
        steps: vec![],
        mistakes: vec![],
    };
    reader.root(document.as_table());
    if reader.steps.is_empty() && reader.mistakes.is_empty() {
        reader.mistakes.push((1, Mistake::Empty));
    }
    if reader.mistakes.is_empty() {
        return Ok(reader.steps);
    }
    reader.mistakes.sort_by_key(|(line, _)| *line);
    Err(ScriptError::Wrong {
        path: path.to_owned(),
        lang,
        mistakes: reader.mistakes,
    })
}

struct Reader<'a> {
    /// Where the files of a script are.
    folder: &'a Path,
    /// Where the lines end.
    lines: Vec<usize>,
    steps: Vec<Step>,
    mistakes: Vec<(usize, Mistake)>,
}

impl Reader<'_> {
    fn root(&mut self, table: &dyn TableLike) {
        for (name, item) in table.iter() {
            let line = self.line(table.key(name), item);
            if name != "step" {
                let nearest = nearest(name, ["step"]);
                self.mistake(line, Mistake::Unknown(name.to_owned(), nearest));
                continue;
            }
            match item {
                Item::ArrayOfTables(tables) => {
                    for table in tables {
                        let line = self.line_of(table.span());
                        self.step(line, table);
                    }
                }
                Item::Value(Value::Array(array)) if array.iter().all(Value::is_inline_table) => {
                    for table in array.iter().filter_map(Value::as_inline_table) {
                        let line = self.line_of(table.span());
                        self.step(line, table);
                    }
                }
                _ => self.wrong(line, "step", Word::ScriptSteps, item),
            }
        }
    }

    fn step(&mut self, line: usize, table: &dyn TableLike) {
        let mistakes = self.mistakes.len();
        let mut verbs = vec![];
        for (name, item) in table.iter() {
            if VERBS.iter().any(|(verb, _)| *verb == name) {
                verbs.push((name, item));
            } else if OPTIONS.iter().all(|(option, _)| *option != name) {
                let known = VERBS.iter().map(|(verb, _)| *verb);
                let known = known.chain(OPTIONS.iter().map(|(option, _)| *option));
                let at = self.line(table.key(name), item);
                let nearest = nearest(name, known);
                self.mistake(at, Mistake::Unknown(name.to_owned(), nearest));
            }
        }
        let (name, item) = match verbs.as_slice() {
            [verb] => *verb,
            // A verb that is misspelt is told already.
            [] if self.mistakes.len() > mistakes => return,
            [] => return self.mistake(line, Mistake::NoVerb),
            several => {
                let names = several.iter().map(|(name, _)| (*name).to_owned()).collect();
                return self.mistake(line, Mistake::Verbs(names));
            }
        };
        let mut option = |wanted: &str| self.option(table, name, wanted);
        let (within, stop) = (option("within_ms"), option("for_ms"));
        let line = self.line(table.key(name), item);
        if let Some(verb) = self.verb(line, name, item, stop) {
            let within = within.unwrap_or(WITHIN);
            self.steps.push(Step { line, verb, within });
        }
    }

    /// The time that an option names, if it is there and belongs to the verb.
    fn option(&mut self, table: &dyn TableLike, verb: &str, wanted: &str) -> Option<Duration> {
        let (name, verbs) = *OPTIONS.iter().find(|(name, _)| *name == wanted)?;
        let item = table.get(name)?;
        let line = self.line(table.key(name), item);
        if !verbs.contains(&verb) {
            self.mistake(line, Mistake::Stray(name, verbs));
            return None;
        }
        self.time(line, name, item)
    }

    fn verb(
        &mut self,
        line: usize,
        name: &str,
        item: &Item,
        stop: Option<Duration>,
    ) -> Option<Verb> {
        Some(match name {
            "type" => Verb::Type(self.text(line, name, item)?),
            "say" => self.say(line, item, stop)?,
            "wait" => Verb::Wait(self.state(line, name, item)?),
            "expect" => Verb::Expect(self.text(line, name, item)?),
            "expect_heard" => Verb::ExpectHeard(self.text(line, name, item)?),
            "expect_note" => Verb::ExpectNote(self.text(line, name, item)?),
            "expect_state" => Verb::ExpectState(self.state(line, name, item)?),
            "expect_spoken_ms" => self.spoken(line, item)?,
            "interrupt_after_ms" => Verb::Interrupt(self.time(line, name, item)?),
            "pause_ms" => Verb::Pause(self.time(line, name, item)?),
            _ => self.action(line, item)?,
        })
    }

    fn say(&mut self, line: usize, item: &Item, stop: Option<Duration>) -> Option<Verb> {
        let told = self.text(line, "say", item)?;
        let file = self.folder.join(&told);
        let opened = File::open(&file)
            .map_err(|error| SoundError::unreadable(&file, &error))
            .and_then(|wav| Unpacked::open(wav).map_err(|error| error.of(&file)));
        if let Err(error) = opened {
            self.mistake(line, Mistake::Sound(error));
            return None;
        }
        Some(Verb::Say { file, told, stop })
    }

    fn spoken(&mut self, line: usize, item: &Item) -> Option<Verb> {
        let name = "expect_spoken_ms";
        let Some(table) = item.as_table_like() else {
            self.wrong(line, name, Word::ScriptRange, item);
            return None;
        };
        let (mut min, mut max) = (0, u64::MAX);
        for (key, item) in table.iter() {
            let line = self.line(table.key(key), item);
            let bound = match key {
                "min" => &mut min,
                "max" => &mut max,
                _ => {
                    let nearest = nearest(key, ["min", "max"]);
                    self.mistake(line, Mistake::Unknown(key.to_owned(), nearest));
                    continue;
                }
            };
            *bound = self.time(line, key, item)?.as_millis() as u64;
        }
        if table.is_empty() || min > max {
            self.wrong(line, name, Word::ScriptRange, item);
            return None;
        }
        Some(Verb::ExpectSpoken(min..=max))
    }

    fn action(&mut self, line: usize, item: &Item) -> Option<Verb> {
        match self.text(line, "do", item)?.parse() {
            Ok(action) => Some(Verb::Do(self.here(action))),
            Err(error) => {
                self.mistake(line, Mistake::Action(error));
                None
            }
        }
    }

    /// The action, with the files it names looked for beside the script.
    fn here(&self, action: Action) -> Action {
        let place = |file: &str| self.folder.join(file).display().to_string();
        let device = |id: String| match id.strip_prefix("file:") {
            Some(file) => format!("file:{}", place(file)),
            None => id,
        };
        match action {
            Action::UseMicrophone(id) => Action::UseMicrophone(device(id)),
            Action::UseLoudspeaker(id) => Action::UseLoudspeaker(device(id)),
            Action::ExportRecording(file) => Action::ExportRecording(place(&file)),
            other => other,
        }
    }

    fn text(&mut self, line: usize, name: &str, item: &Item) -> Option<String> {
        let text = item.as_str().filter(|text| !text.trim().is_empty());
        if text.is_none() {
            self.wrong(line, name, needs(name), item);
        }
        text.map(str::to_owned)
    }

    fn state(&mut self, line: usize, name: &str, item: &Item) -> Option<Mode> {
        let text = self.text(line, name, item)?;
        let known = Mode::ALL.into_iter().find(|mode| mode.name() == text);
        if known.is_none() {
            let distance = |mode: &Mode| strsim::damerau_levenshtein(mode.name(), &text);
            let nearest = Mode::ALL.into_iter().min_by_key(distance);
            let nearest = nearest.unwrap_or_default();
            self.mistake(
                line,
                Mistake::State {
                    found: text,
                    nearest,
                },
            );
        }
        known
    }

    fn time(&mut self, line: usize, name: &str, item: &Item) -> Option<Duration> {
        let ms = item.as_integer().filter(|ms| (0..=LONGEST_MS).contains(ms));
        if ms.is_none() {
            self.wrong(line, name, Word::ScriptMs, item);
        }
        ms.map(|ms| Duration::from_millis(ms.unsigned_abs()))
    }

    fn wrong(&mut self, line: usize, key: &str, needs: Word, found: &Item) {
        let key = key.to_owned();
        let found = match found.as_value() {
            Some(Value::String(text)) => format!("\"{}\"", text.value()),
            Some(value) => value.to_string().trim().to_owned(),
            None => "[..]".to_owned(),
        };
        self.mistake(line, Mistake::Value { key, needs, found });
    }

    fn mistake(&mut self, line: usize, mistake: Mistake) {
        self.mistakes.push((line, mistake));
    }

    fn line(&self, key: Option<&Key>, item: &Item) -> usize {
        self.line_of(key.and_then(Key::span).or_else(|| item.span()))
    }

    fn line_of(&self, span: Option<Range<usize>>) -> usize {
        let start = span.map_or(0, |span| span.start);
        1 + self.lines.partition_point(|end| *end < start)
    }
}

fn needs(verb: &str) -> Word {
    let known = VERBS.iter().find(|(name, _)| *name == verb);
    known.map_or(Word::ScriptText, |(_, needs)| *needs)
}

/// The name that is most like this one, if any is like it at all.
fn nearest(name: &str, known: impl IntoIterator<Item = &'static str>) -> Option<&'static str> {
    let distance = |known: &'static str| (strsim::damerau_levenshtein(known, name), known);
    let near = known.into_iter().map(distance);
    let near = near.filter(|(distance, known)| *distance <= 1 + known.len() / 3);
    near.min().map(|(_, known)| known)
}

#[cfg(test)]
mod tests;
