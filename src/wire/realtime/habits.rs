//! What a client has seen of its server's habits, for people who want to know why.

use super::session::{Session, Shape, USUAL_RATE};
use crate::core::backend::{Habit, Standing};
use crate::core::words::{Lang, Word, fill};

/// The habits that show in frames.
#[derive(Debug, Default)]
pub(super) struct Habits {
    /// Events under their older names came.
    pub(super) older_names: bool,
    /// Pieces of sound that came.
    pub(super) pieces: u32,
    /// It told what it had heard, or was not able to.
    pub(super) told: u32,
    pub(super) untold: u32,
    /// An answer ended early because it was told to.
    pub(super) stops: bool,
    /// Answers of which it was told how much was heard, and that it said to have cut there.
    pub(super) cuts: u32,
    pub(super) cut: u32,
    /// Uses of our tools that it wanted.
    pub(super) uses: u32,
    /// It takes no tools of ours.
    pub(super) toolless: bool,
}

impl Habits {
    /// Each point of the language, and how the server stands to it.
    /// `limits`: what is left of the server's patience.
    pub(super) fn tell(
        &self,
        session: &Session,
        limits: &[(String, String)],
        lang: Lang,
    ) -> Vec<Habit> {
        use Standing::{Deviates, Keeps, Lacks};
        let plain = |word: Word| word.text(lang).to_owned();
        let habit = |point: Word, standing: Standing, seen: String| Habit {
            point: plain(point),
            standing,
            seen,
        };
        let (standing, shape) = match session.shape {
            Shape::Nested => (Keeps, Word::WireToday),
            Shape::Flat => (Deviates, Word::WireOlder),
        };
        let mut habits = vec![habit(Word::WireSession, standing, plain(shape))];
        let (standing, names) = if self.older_names {
            (Deviates, Word::WireOlder)
        } else {
            (Keeps, Word::WireToday)
        };
        habits.push(habit(Word::WireEvents, standing, plain(names)));
        let (up, down) = session.rates;
        let usual = session.rates == (USUAL_RATE, USUAL_RATE);
        habits.push(habit(
            Word::WireRates,
            if usual { Keeps } else { Deviates },
            fill(
                Word::WireUpDown.text(lang),
                &[&up.to_string(), &down.to_string()],
            ),
        ));
        habits.push(match (self.told, self.untold, session.transcribes) {
            (1.., 0, _) => habit(Word::WireHears, Keeps, plain(Word::WireHeardTold)),
            (0, 0, true) => habit(Word::WireHears, Lacks, plain(Word::WireUntried)),
            _ => habit(Word::WireHears, Lacks, plain(Word::WireHeardUntold)),
        });
        let pieces = fill(Word::WirePieces.text(lang), &[&self.pieces.to_string()]);
        habits.push(match self.pieces {
            0 => habit(Word::WireSpeech, Lacks, plain(Word::WireUntried)),
            1.. => habit(Word::WireSpeech, Keeps, pieces),
        });
        habits.push(if self.stops {
            habit(Word::WireStopping, Keeps, plain(Word::WireConfirmed))
        } else {
            habit(Word::WireStopping, Lacks, plain(Word::WireUntried))
        });
        habits.push(match (self.cuts, self.cut) {
            (0, _) => habit(Word::WireCutting, Lacks, plain(Word::WireUntried)),
            (1.., 0) => habit(Word::WireCutting, Deviates, plain(Word::WireCutUntold)),
            (1.., 1..) => habit(Word::WireCutting, Keeps, plain(Word::WireCutTold)),
        });
        let uses = fill(Word::WireUses.text(lang), &[&self.uses.to_string()]);
        habits.push(match (self.toolless, self.uses) {
            (true, _) => habit(Word::WireTools, Lacks, plain(Word::WireNoTools)),
            (false, 0) => habit(Word::WireTools, Lacks, plain(Word::WireUntried)),
            (false, 1..) => habit(Word::WireTools, Keeps, uses),
        });
        let left = |(name, left): &(String, String)| format!("{name} {left}");
        let left: Vec<String> = limits.iter().map(left).collect();
        habits.push(if left.is_empty() {
            habit(Word::WireLimits, Lacks, plain(Word::WireUntold))
        } else {
            habit(Word::WireLimits, Keeps, left.join(", "))
        });
        habits.push(match session.expires_s {
            Some(_) => habit(Word::WireEnd, Keeps, plain(Word::WireEndTold)),
            None => habit(Word::WireEnd, Lacks, plain(Word::WireEndUntold)),
        });
        habits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(habits: &Habits, session: &Session, limits: &[(String, String)]) -> String {
        let told = habits.tell(session, limits, Lang::En).into_iter();
        let told =
            told.map(|habit| format!("{:?} {}: {}", habit.standing, habit.point, habit.seen));
        told.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_habit_shows_as_what_it_is() {
        let mut session = Session::new(Shape::Nested);
        insta::assert_snapshot!(told(&Habits::default(), &session, &[]), @"
        Keeps form of the session: today's form
        Keeps names of events: today's form
        Keeps rates of sound: 24000 Hz up, 24000 Hz down
        Lacks what was heard: not seen
        Lacks speech: not seen
        Lacks stopping: not seen
        Lacks cutting where it was heard last: not seen
        Lacks tools: not seen
        Lacks limits: not told
        Lacks end of the session: not told beforehand
        ");
        session.expires_s = Some(1);
        let good = Habits {
            pieces: 3,
            told: 1,
            stops: true,
            cuts: 2,
            cut: 1,
            uses: 4,
            ..Habits::default()
        };
        let limits = [("tokens left".to_owned(), "10".to_owned())];
        insta::assert_snapshot!(told(&good, &session, &limits), @"
        Keeps form of the session: today's form
        Keeps names of events: today's form
        Keeps rates of sound: 24000 Hz up, 24000 Hz down
        Keeps what was heard: the words are told
        Keeps speech: 3 pieces
        Keeps stopping: confirmed: it stops
        Keeps cutting where it was heard last: confirmed
        Keeps tools: 4 uses
        Keeps limits: tokens left 10
        Keeps end of the session: told beforehand
        ");
        let mut session = Session::new(Shape::Flat);
        session.rates.0 = 16_000;
        let older = Habits {
            older_names: true,
            untold: 1,
            cut: 0,
            toolless: true,
            ..good
        };
        insta::assert_snapshot!(told(&older, &session, &[]), @"
        Deviates form of the session: the older form
        Deviates names of events: the older form
        Deviates rates of sound: 16000 Hz up, 24000 Hz down
        Lacks what was heard: the words are not told
        Keeps speech: 3 pieces
        Keeps stopping: confirmed: it stops
        Deviates cutting where it was heard last: not confirmed
        Lacks tools: tools of clients are not taken
        Lacks limits: not told
        Lacks end of the session: not told beforehand
        ");
    }
}
