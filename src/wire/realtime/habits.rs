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
}

impl Habits {
    /// Each point of the language, and how the server stands to it.
    pub(super) fn tell(&self, session: &Session, lang: Lang) -> Vec<Habit> {
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

    #[test]
    fn a_habit_shows_as_what_it_is() {
        use Standing::{Deviates, Keeps, Lacks};
        let standings = |habits: &Habits, session: &Session| {
            let told = habits.tell(session, Lang::En).into_iter();
            told.map(|habit| habit.standing).collect::<Vec<_>>()
        };
        let mut session = Session::new(Shape::Nested);
        let untried = Habits::default();
        assert_eq!(
            standings(&untried, &session),
            [Keeps, Keeps, Keeps, Lacks, Lacks, Lacks, Lacks]
        );
        session.expires_s = Some(1);
        let good = Habits {
            pieces: 3,
            told: 1,
            stops: true,
            ..Habits::default()
        };
        assert_eq!(standings(&good, &session), [Keeps; 7]);
        let mut session = Session::new(Shape::Flat);
        session.rates.0 = 16_000;
        let older = Habits {
            older_names: true,
            untold: 1,
            ..good
        };
        assert_eq!(
            standings(&older, &session),
            [Deviates, Deviates, Deviates, Lacks, Keeps, Keeps, Lacks]
        );
    }
}
