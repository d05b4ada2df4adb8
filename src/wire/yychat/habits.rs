//! What a client has seen of its server's habits, for people who want to know why.

use super::catalog::Catalog;
use super::spoken::Seen;
use crate::core::backend::{Habit, Standing};
use crate::core::words::{Lang, Word, fill};

/// The habits that show in frames.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a habit of its own")]
pub(super) struct Habits {
    /// Heartbeats sent, and answered.
    pub(super) beats: u32,
    pub(super) beaten: u32,
    /// Text came on the socket, and its frames named their message.
    pub(super) answers_here: bool,
    pub(super) names: bool,
    /// The shapes of its errors.
    pub(super) nested: bool,
    pub(super) flat: bool,
    /// What it says when it is to stop.
    pub(super) confirms: bool,
    pub(super) notifies: bool,
}

impl Habits {
    /// Each point of the language, and how the server stands to it.
    pub(super) fn tell(
        &self,
        over_http: bool,
        spoken: &Seen,
        catalog: &Catalog,
        lang: Lang,
    ) -> Vec<Habit> {
        use Standing::{Deviates, Keeps, Lacks};
        let say = |word: Word, arguments: &[&str]| fill(word.text(lang), arguments);
        let plain = |word: Word| word.text(lang).to_owned();
        let habit = |point: Word, standing: Standing, seen: String| Habit {
            point: plain(point),
            standing,
            seen,
        };
        let beats = say(
            Word::WireBeats,
            &[&self.beaten.to_string(), &self.beats.to_string()],
        );
        let beating = if self.beaten > 0 { Keeps } else { Lacks };
        let mut habits = vec![habit(Word::WireHeartbeat, beating, beats)];
        habits.push(match (self.answers_here, over_http) {
            (_, true) => habit(Word::WireText, Deviates, plain(Word::WireOverHttp)),
            (true, false) => habit(Word::WireText, Keeps, plain(Word::WireOnSocket)),
            (false, false) => habit(Word::WireText, Lacks, plain(Word::WireUntried)),
        });
        if self.answers_here {
            let (standing, word) = if self.names {
                (Keeps, Word::WireNamed)
            } else {
                (Deviates, Word::WireNameless)
            };
            habits.push(habit(Word::WireFrames, standing, plain(word)));
        }
        habits.push(speech(spoken, lang));
        let errors = match (self.nested, self.flat) {
            (true, true) => Some((Deviates, Word::WireBoth)),
            (true, false) => Some((Keeps, Word::WireNested)),
            (false, true) => Some((Deviates, Word::WireFlat)),
            (false, false) => None,
        };
        habits
            .extend(errors.map(|(standing, word)| habit(Word::WireErrors, standing, plain(word))));
        habits.push(match (self.confirms, self.notifies) {
            (true, _) => habit(Word::WireStopping, Keeps, plain(Word::WireConfirmed)),
            (false, true) => habit(Word::WireStopping, Deviates, plain(Word::WireNotified)),
            (false, false) => habit(Word::WireStopping, Lacks, plain(Word::WireUntried)),
        });
        let lists = catalog.counts();
        if !lists.is_empty() {
            habits.push(habit(Word::WireLists, Keeps, lists));
        } else if !self.names {
            // One that names its messages is ours, and lists on the socket.
            habits.push(habit(Word::WireLists, Lacks, plain(Word::WireNoLists)));
        }
        habits
    }
}

fn speech(spoken: &Seen, lang: Lang) -> Habit {
    let count = |word: Word, count: u32| {
        let told = || fill(word.text(lang), &[&count.to_string()]);
        (count > 0).then(told)
    };
    let odd = [
        count(Word::WireMisordered, spoken.misordered),
        count(Word::WireMislabelled, spoken.mislabelled),
        count(Word::WireForeign, spoken.foreign),
        (spoken.pieces > 0 && spoken.lapsed > 0)
            .then(|| Word::WireUnfinished.text(lang).to_owned()),
    ];
    let odd: Vec<String> = odd.into_iter().flatten().collect();
    let standing = match (spoken.pieces, odd.is_empty()) {
        (0, _) => Standing::Lacks,
        (_, true) => Standing::Keeps,
        (_, false) => Standing::Deviates,
    };
    let pieces = count(Word::WirePieces, spoken.pieces);
    let pieces = pieces.unwrap_or_else(|| Word::WireUntried.text(lang).to_owned());
    Habit {
        point: Word::WireSpeech.text(lang).to_owned(),
        standing,
        seen: [vec![pieces], odd].concat().join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_point_says_how_the_server_stands_to_it() {
        let habits = Habits {
            beats: 2,
            beaten: 1,
            flat: true,
            nested: true,
            notifies: true,
            ..Habits::default()
        };
        let spoken = Seen {
            pieces: 3,
            misordered: 1,
            mislabelled: 3,
            ..Seen::default()
        };
        let told = habits.tell(true, &spoken, &Catalog::default(), Lang::En);
        let told: Vec<String> = told
            .iter()
            .map(|habit| format!("{:?} {}: {}", habit.standing, habit.point, habit.seen))
            .collect();
        insta::assert_snapshot!(told.join("\n"), @r"
        Keeps heartbeat: 1 of 2 answered
        Deviates text: answered over HTTP with this connection's name; on the socket nothing follows the beginning
        Deviates speech: 3 pieces, 1 out of order, 3 of another kind than they say
        Deviates errors: told now in an object, now as plain text
        Deviates stopping: notified only: the server goes on, and the rest is dropped here
        Lacks lists: none over HTTP
        ");
        let unseen = Habits::default().tell(false, &Seen::default(), &Catalog::default(), Lang::Zh);
        assert!(unseen.iter().all(|habit| habit.standing == Standing::Lacks));
    }
}
