//! Tells how a script goes: a line for each step, for people or as JSON.

use super::super::harmless;
use super::step::Step;
use crate::core::defuse::defuse;
use crate::core::fault::Fault;
use crate::core::model::{Layer, Model, Toast};
use crate::core::time::Moment;
use crate::core::words::{Lang, Word, fill};
use serde_json::{Value, json};
use std::io::{self, Write};

/// Where the lines go.
pub(super) struct Report {
    out: Box<dyn Write>,
    json: bool,
    lang: Lang,
    /// What the program has told the user so far, and is on its screen still.
    toasts: Vec<Toast>,
    fault: Option<Fault>,
    /// What it has told since something was asked for.
    notes: Vec<String>,
    held: usize,
    failed: usize,
}

impl Report {
    pub(super) fn new(out: Box<dyn Write>, json: bool, lang: Lang) -> Self {
        Self {
            out,
            json,
            lang,
            toasts: vec![],
            fault: None,
            notes: vec![],
            held: 0,
            failed: 0,
        }
    }

    pub(super) const fn failed(&self) -> usize {
        self.failed
    }

    /// What the user was told since something was asked for.
    pub(super) fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Something is asked for.
    pub(super) fn asked(&mut self) {
        self.notes.clear();
    }

    /// A step is over. `why` it failed, if it did.
    pub(super) fn step(
        &mut self,
        number: usize,
        step: &Step,
        (began, now): (Moment, Moment),
        why: Option<&str>,
    ) -> io::Result<()> {
        let word = if why.is_some() {
            self.failed += 1;
            Word::ScriptFailed
        } else {
            self.held += 1;
            Word::ScriptOk
        };
        if self.json {
            return self.event(&json!({"type": "step", "step": number, "line": step.line,
                "verb": step.verb.name(), "told": step.verb.to_string(), "ok": why.is_none(),
                "at_ms": ms(now), "took_ms": now.since(began).as_millis() as u64, "why": why}));
        }
        let why = why.map_or_else(String::new, |why| format!(": {why}"));
        self.line(word, now, &format!("{}{why}", step.verb))
    }

    /// Tells what the screen would tell.
    pub(super) fn news(&mut self, model: &Model) -> io::Result<()> {
        let before = self.seen(model);
        let news: Vec<_> = (self.toasts.iter())
            .filter(|toast| !before.0.contains(toast))
            .map(|toast| toast.text.clone())
            .collect();
        for text in news {
            self.note(model.now.mono, &text)?;
        }
        match self.fault.clone() {
            Some(fault) if before.1.as_ref() != Some(&fault) => {
                self.note(model.now.mono, &told(&fault))
            }
            _ => Ok(()),
        }
    }

    /// Passes over what the screen would tell now. Answers with what was there before.
    pub(super) fn seen(&mut self, model: &Model) -> (Vec<Toast>, Option<Fault>) {
        let toasts = std::mem::replace(&mut self.toasts, model.toasts.clone());
        (toasts, std::mem::replace(&mut self.fault, fault(model)))
    }

    fn note(&mut self, now: Moment, text: &str) -> io::Result<()> {
        self.notes.push(text.to_owned());
        if self.json {
            return self.event(&json!({"type": "note", "at_ms": ms(now), "text": text}));
        }
        self.line(Word::ScriptNote, now, text)
    }

    /// It is over, after so many steps.
    pub(super) fn end(&mut self, steps: usize, now: Moment) -> io::Result<()> {
        let (held, failed) = (self.held, self.failed);
        let left = steps - held - failed;
        if self.json {
            return self.event(&json!({"type": "end", "steps": steps, "held": held,
                "failed": failed, "not_played": left, "at_ms": ms(now)}));
        }
        let figures = [held, steps, failed, left].map(|figure| figure.to_string());
        let [held, steps, failed, left] = figures.each_ref().map(String::as_str);
        let seconds = format!("{:.3}", now.0.as_secs_f64());
        let arguments = [held, steps, failed, left, &seconds];
        let text = fill(Word::ScriptEnd.text(self.lang), &arguments);
        writeln!(self.out, "{text}")?;
        self.out.flush()
    }

    fn line(&mut self, word: Word, now: Moment, text: &str) -> io::Result<()> {
        let (word, seconds) = (word.text(self.lang), now.0.as_secs_f64());
        // One line for each step, whatever was typed.
        let text = defuse(text).replace('\n', " ");
        writeln!(self.out, "{word:<6}  {seconds:>7.3} s  {text}")?;
        self.out.flush()
    }

    fn event(&mut self, event: &Value) -> io::Result<()> {
        writeln!(self.out, "{}", harmless(&event.to_string()))?;
        self.out.flush()
    }
}

/// The fault on the screen, if one is there.
pub(super) fn fault(model: &Model) -> Option<Fault> {
    model.layers.iter().rev().find_map(|layer| match layer {
        Layer::Card(fault) => Some(fault.clone()),
        _ => None,
    })
}

/// A fault in one sentence.
pub(super) fn told(fault: &Fault) -> String {
    match &fault.why {
        Some(why) => format!("{}: {why}", fault.what),
        None => fault.what.clone(),
    }
}

const fn ms(now: Moment) -> u64 {
    now.0.as_millis() as u64
}
