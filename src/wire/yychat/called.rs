//! A call with a server that hears all of it, says where turns end, and answers them by itself.
//!
//! Such servers name neither the turns nor the ends of their answers: what was said last has the
//! name that the program gave to it, sound is told apart by its `item_id`, and an answer is over
//! when nothing more of it comes. It waits here until the program wants it.

mod answer;

use crate::codec::resample::Resampler;
use crate::core::backend::{Down, NO_TURNS, Say, Trouble, UNTOLD};
use crate::core::ids::{Seed, TurnId};
use crate::core::sound::{RATE, Sound};
use crate::core::time::Moment;
use answer::{Answer, Named};
use std::collections::VecDeque;
use std::time::Duration;

/// What such servers hear.
const THEIR_RATE: u32 = 24_000;
/// A piece of sound has 120 ms: servers want more than 100.
const PIECE: usize = THEIR_RATE as usize / 25 * 3;
/// So much of what is said before the server listens is kept: four seconds.
const EARLY: usize = 4 * THEIR_RATE as usize;
/// A server begins a call within this.
const BEGIN: Duration = Duration::from_secs(10);
/// And ends one within this.
const END: Duration = Duration::from_secs(5);
/// An answer may come so long before the words it answers.
const LOOSE: Duration = Duration::from_secs(2);
/// And the words so long after the answer to them has begun.
const LATE: Duration = Duration::from_secs(8);
/// So many turns and names are remembered.
const FEW: usize = 16;

/// What is to be said to the server.
#[derive(Debug, PartialEq)]
pub(super) enum Told {
    Start,
    /// Samples, at the server's rate.
    Sound(Vec<i16>),
    Stop,
}

/// What a call makes of what happened.
#[derive(Debug, Default, PartialEq)]
pub(super) struct News {
    pub(super) told: Vec<Told>,
    pub(super) downs: Vec<Down>,
    /// Questions whose answers are complete, with them.
    pub(super) kept: Vec<(Say, String)>,
}

/// How far a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The server is asked to begin, and has time until then.
    Asked(Moment),
    On,
    /// The server is asked to end it, and has time until then. What was opened meanwhile begins
    /// after it.
    Ending(Moment, Option<TurnId>),
}

/// A call.
pub(super) struct Call {
    stage: Stage,
    /// What its sound is called; nothing while the microphone is closed.
    sound: Option<TurnId>,
    resampler: Resampler,
    rest: Vec<i16>,
    /// The name of what is said next, as long as nothing has it.
    next: Option<TurnId>,
    /// What was said before there was a name for it.
    unnamed: VecDeque<String>,
    /// It was said to its end, and its words are awaited.
    unheard: Option<TurnId>,
    /// It was answered before its words were told, which may still be until then.
    untold: Option<(TurnId, Moment)>,
    /// What the server calls what is being said or was said last, where it has a name for it.
    said: Option<String>,
    /// The server tells what it hears.
    tells: bool,
    seed: Seed,
    /// Oldest first. The last may be one whose question is not known yet.
    answers: VecDeque<Answer>,
    /// Sound that nobody wants any more.
    gone: VecDeque<String>,
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call")
            .field("stage", &self.stage)
            .field("answers", &self.answers)
            .finish_non_exhaustive()
    }
}

impl Call {
    /// Somebody calls: all that is heard follows under this name, which is also that of the first
    /// thing that is said.
    pub(super) fn new(sound: TurnId, seed: Seed, now: Moment, news: &mut News) -> Self {
        news.told.push(Told::Start);
        Self {
            stage: Stage::Asked(now + BEGIN),
            sound: Some(sound),
            resampler: Resampler::new(RATE, THEIR_RATE),
            rest: vec![],
            next: Some(sound),
            unnamed: VecDeque::new(),
            unheard: None,
            untold: None,
            said: None,
            tells: false,
            seed,
            answers: VecDeque::new(),
            gone: VecDeque::new(),
        }
    }

    fn anew(&mut self, sound: TurnId, now: Moment, news: &mut News) -> Self {
        Self::new(sound, self.seed.clone(), now, news)
    }

    /// The microphone is open again, in a call that is not over, or begins anew when it is.
    pub(super) fn open(&mut self, sound: TurnId) {
        if let Stage::Ending(_, again) = &mut self.stage {
            *again = Some(sound);
        }
        (self.sound, self.next) = (Some(sound), Some(sound));
        self.resampler = Resampler::new(RATE, THEIR_RATE);
        self.rest.clear();
    }

    /// Whether this is what its sound is called.
    pub(super) fn is(&self, sound: TurnId) -> bool {
        self.sound == Some(sound)
    }

    /// More of what is heard.
    pub(super) fn hear(&mut self, samples: &[i16], news: &mut News) {
        let floats: Vec<f32> = samples.iter().map(|s| f32::from(*s) / 32_768.0).collect();
        let mut out = vec![];
        self.resampler.add(&floats, &mut out);
        let whole = |s: f32| (s * 32_768.0).round().clamp(-32_768.0, 32_767.0) as i16;
        self.rest.extend(out.into_iter().map(whole));
        if self.stage == Stage::On {
            self.send(news);
        } else {
            let surplus = self.rest.len().saturating_sub(EARLY);
            self.rest.drain(..surplus);
        }
    }

    fn send(&mut self, news: &mut News) {
        while self.rest.len() >= PIECE {
            let piece = self.rest.drain(..PIECE).collect();
            news.told.push(Told::Sound(piece));
        }
    }

    /// The microphone is closed. The server ends the call when it has answered.
    pub(super) fn close(&mut self, now: Moment, news: &mut News) {
        (self.sound, self.next, self.unheard) = (None, None, None);
        self.rest.clear();
        self.unnamed.clear();
        match &mut self.stage {
            Stage::Ending(_, again) => *again = None,
            Stage::Asked(_) => self.leave(now, news),
            Stage::On => self.rest_if_done(now, news),
        }
    }

    fn rest_if_done(&mut self, now: Moment, news: &mut News) {
        let answers = |answer: &Answer| answer.is_wanted();
        if self.stage == Stage::On && self.sound.is_none() && !self.answers.iter().any(answers) {
            self.leave(now, news);
        }
    }

    fn leave(&mut self, now: Moment, news: &mut News) {
        self.stage = Stage::Ending(now + END, None);
        self.answers.clear();
        news.told.push(Told::Stop);
    }

    /// The server has begun to listen.
    pub(super) fn started(&mut self, news: &mut News) {
        if let Stage::Asked(_) = self.stage {
            self.stage = Stage::On;
            self.send(news);
        }
    }

    /// The server has ended the call; `false` if there is none any more.
    pub(super) fn stopped(&mut self, why: &str, now: Moment, news: &mut News) -> bool {
        if let Stage::Ending(_, Some(again)) = self.stage {
            *self = self.anew(again, now, news);
            return true;
        }
        self.undone(why, now, news);
        false
    }

    /// The server ends or refuses what we want to go on with.
    fn undone(&mut self, why: &str, now: Moment, news: &mut News) {
        for mut answer in self.answers.drain(..) {
            answer.end(&mut news.downs);
            news.kept.extend(answer.kept());
        }
        let theirs = !matches!(self.stage, Stage::Ending(..));
        if let Some(sound) = self.sound.filter(|_sound| theirs) {
            let trouble = Trouble {
                code: NO_TURNS.to_owned(),
                what: why.to_owned(),
                ..Trouble::default()
            };
            let turn = Some(sound);
            news.downs.push(Down::Trouble { turn, trouble });
        }
        self.stage = Stage::Ending(now, None);
    }

    /// Whether an error that names nobody is about the beginning or the end of this call. It is no
    /// call any more if it should have begun.
    pub(super) fn fails(&mut self, why: &str, now: Moment, news: &mut News) -> bool {
        match self.stage {
            Stage::Asked(_) => {
                self.undone(why, now, news);
                true
            }
            // "There was nothing to cancel" and the like: what counts is that it ends.
            Stage::Ending(..) => true,
            Stage::On => false,
        }
    }

    /// It is of no use any more.
    pub(super) fn is_over(&self, now: Moment) -> bool {
        matches!(self.stage, Stage::Ending(until, None) if until <= now)
    }

    /// What is said next has this name.
    pub(super) fn attend(&mut self, turn: TurnId, now: Moment, news: &mut News) {
        self.next = Some(turn);
        if let Some(text) = self.unnamed.pop_front() {
            self.words(&text, None, now, news);
        }
    }

    /// The server hears that somebody's turn is over.
    pub(super) fn silence(&mut self, news: &mut News) {
        if self.unheard.is_none()
            && let Some(turn) = self.next.take()
        {
            self.unheard = Some(turn);
            news.downs.push(Down::Hearing { turn: Some(turn) });
        }
    }

    /// Somebody speaks; the server calls so what they say.
    pub(super) fn begins(&mut self, name: Option<&str>, news: &mut News) {
        self.untold = None;
        self.said = name.map(str::to_owned);
        news.downs.push(Down::Began);
    }

    /// What somebody has said. `name`: what the server calls it and all that comes of it.
    pub(super) fn words(&mut self, text: &str, name: Option<&str>, now: Moment, news: &mut News) {
        let text = text.trim().to_owned();
        if text.is_empty() && self.unheard.is_none() {
            return;
        }
        if self.unheard.is_none() {
            let late = self.untold.take().filter(|(_, until)| now <= *until);
            if let Some((turn, _)) = late {
                self.tells = true;
                let turn = Some(turn);
                news.downs.push(Down::Transcript { turn, text });
                return;
            }
            self.silence(news);
        }
        let Some(turn) = self.unheard.take() else {
            if self.unnamed.len() < FEW {
                self.unnamed.push_back(text);
            }
            return;
        };
        if !text.is_empty() {
            self.tells |= text != UNTOLD;
            let unwanted = |answer: &Answer| answer.is_dropped();
            while let Some(at) = self.answers.iter().position(unwanted) {
                self.forget(at);
            }
            match self.answers.back_mut().filter(|answer| answer.is_loose()) {
                Some(loose) => loose.is_for(turn),
                None => self.answers.push_back(Answer::to(turn, now)),
            }
            if let Some(answer) = self.answers.back_mut() {
                answer.is_called(name);
                answer.is_named((name, None));
            }
            if self.answers.len() > FEW {
                self.forget(0);
            }
        }
        let turn = Some(turn);
        news.downs.push(Down::Transcript { turn, text });
    }

    fn forget(&mut self, at: usize) {
        let items = self.answers.remove(at).map(Answer::items);
        for item in items.into_iter().flatten() {
            if self.gone.len() == FEW {
                self.gone.pop_front();
            }
            self.gone.push_back(item);
        }
    }

    /// The answer to which this belongs: `None` if nobody wants it.
    fn of(&mut self, item: Option<&str>, now: Moment) -> Option<&mut Answer> {
        if item.is_some_and(|item| self.gone.iter().any(|gone| gone == item)) {
            return None;
        }
        let known = (self.answers.iter()).position(|answer| item.is_some_and(|i| answer.has(i)));
        let last = self.answers.len().checked_sub(1);
        let waits = last.filter(|at| item.is_none() || self.answers[*at].is_empty());
        let at = known.or(waits).unwrap_or_else(|| {
            self.answers.push_back(Answer::loose(now + LOOSE));
            self.answers.len() - 1
        });
        let answer = self.answers.get_mut(at)?;
        answer.is_called(item);
        Some(answer)
    }

    /// Sound of an answer. `named`: what the server calls the message and the conversation.
    pub(super) fn sound(
        &mut self,
        item: Option<&str>,
        named: (Option<&str>, Option<&str>),
        sound: Sound,
        now: Moment,
        news: &mut News,
    ) {
        if let Some(answer) = self.of(item, now) {
            answer.is_named(named);
            answer.sound(sound, now, &mut news.downs);
        }
    }

    /// The words of an answer, which are told when it is complete.
    pub(super) fn reply(&mut self, item: Option<&str>, text: &str, now: Moment, news: &mut News) {
        if let Some(answer) = self.of(item, now) {
            answer.text(text.trim(), now, &mut news.downs);
        }
    }

    /// All sound of an answer has come.
    pub(super) fn complete(&mut self, item: Option<&str>, now: Moment) {
        let known = |answer: &&mut Answer| item.is_some_and(|item| answer.has(item));
        if let Some(answer) = self.answers.iter_mut().find(known) {
            answer.is_complete(now);
        }
    }

    /// Whether this is the name of an answer in it, or of one that nobody wants any more.
    pub(super) fn knows(&self, name: &str) -> bool {
        let mut gone = self.gone.iter();
        gone.any(|gone| gone == name) || self.answers.iter().any(|answer| answer.has(name))
    }

    /// Something went wrong about what was said, or about the answer, of this name; `false` if
    /// there is none.
    pub(super) fn breaks(&mut self, name: &str, trouble: &Trouble, news: &mut News) -> bool {
        if self.said.as_deref() == Some(name)
            && let Some(turn) = self.unheard.take()
        {
            let (turn, trouble) = (Some(turn), trouble.clone());
            news.downs.push(Down::Trouble { turn, trouble });
            return true;
        }
        let found = self.answers.iter().position(|answer| answer.has(name));
        let Some(at) = found else {
            return false;
        };
        if let Some(answer) = self.answers.get_mut(at) {
            answer.fail(trouble, &mut news.downs);
        }
        self.forget(at);
        true
    }

    /// The program wants the answer to what was said under this name; `false` if none comes. Two
    /// things that were said one after another may be one to it: then it is the last one's.
    pub(super) fn claim(&mut self, say: &Say, now: Moment, news: &mut News) -> bool {
        let Some(from) = self.answers.iter().position(|one| one.is_to(say.turn)) else {
            return false;
        };
        let waits = |at: &usize| self.answers.get(*at).is_some_and(Answer::waits);
        let Some(at) = (from..self.answers.len()).rev().find(waits) else {
            return true;
        };
        if let Some(answer) = self.answers.get_mut(at) {
            let aloud = say.voice.is_some();
            answer.claim(say.turn, aloud, Some(say), now, &mut news.downs);
        }
        for _ in from..at {
            self.forget(from);
        }
        true
    }

    /// The program wants what the server says unasked; `false` if that is nothing of it.
    pub(super) fn follow(
        &mut self,
        turn: TurnId,
        aloud: bool,
        now: Moment,
        news: &mut News,
    ) -> bool {
        let mine = |answer: &&mut Answer| answer.is_to(turn) && answer.waits();
        let found = self.answers.iter_mut().find(mine);
        found.is_some_and(|answer| {
            answer.claim(turn, aloud, None, now, &mut news.downs);
            true
        })
    }

    /// Nobody wants the answer of this turn any more: what the server calls it, if it is one.
    pub(super) fn leave_off(
        &mut self,
        turn: TurnId,
        heard: Option<&str>,
        now: Moment,
        news: &mut News,
    ) -> Option<Named> {
        let answer = self.answers.iter_mut().find(|one| one.is_to(turn))?;
        let (named, kept) = answer.drop(heard, now);
        news.kept.extend(kept);
        news.downs.push(Down::Interrupted { turn: Some(turn) });
        self.rest_if_done(now, news);
        Some(named)
    }

    /// When something is to be done.
    pub(super) fn deadline(&self) -> Option<Moment> {
        let stage = match self.stage {
            Stage::Asked(until) | Stage::Ending(until, _) => Some(until),
            Stage::On => None,
        };
        let answers = self.answers.iter().map(Answer::deadline);
        answers.chain(stage).min()
    }

    /// Time has passed.
    pub(super) fn due(&mut self, now: Moment, news: &mut News) {
        match self.stage {
            Stage::Asked(until) if until <= now => {
                self.undone("it does not begin the call", now, news);
            }
            Stage::Ending(until, Some(again)) if until <= now => {
                *self = self.anew(again, now, news);
            }
            _ => {}
        }
        while let Some(at) = (self.answers.iter()).position(|answer| answer.deadline() <= now) {
            if self.answers[at].is_loose() {
                self.adopt(at, now, news);
                continue;
            }
            if let Some(answer) = self.answers.get_mut(at) {
                answer.end(&mut news.downs);
                news.kept.extend(answer.kept());
            }
            self.forget(at);
        }
        self.rest_if_done(now, news);
    }

    /// No words were told that this could answer: it goes on with the answer before, or answers
    /// what this server makes no words of, or nothing.
    fn adopt(&mut self, at: usize, now: Moment, news: &mut News) {
        let before = at.checked_sub(1).and_then(|at| self.answers.get(at));
        if before.is_some_and(|answer| !answer.waits())
            && let Some(loose) = self.answers.remove(at)
            && let Some(before) = self.answers.get_mut(at - 1)
        {
            before.goes_on(loose, now, &mut news.downs);
        } else if !self.tells && (self.next.is_some() || self.unheard.is_some()) {
            let turn = self.unheard.or(self.next);
            self.words(UNTOLD, None, now, news);
            self.untold = turn.map(|turn| (turn, now + LATE));
        } else if let Some(answer) = self.answers.get_mut(at) {
            let turn = self.seed.turn();
            answer.is_for(turn);
            news.downs.push(Down::Opens { turn, heard: None });
        }
    }
}
