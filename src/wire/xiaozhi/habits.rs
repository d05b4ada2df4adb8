//! What a client has seen of its server's habits, for people who want to know why.

use crate::core::backend::{Habit, Standing};
use crate::core::words::{Lang, Word, fill};

/// The habits that show in messages.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Habits {
    /// Packets of sound that came, and those that were not as long as the first.
    packets: u32,
    uneven: u32,
    /// It gave back the words that were said, or heard.
    pub(super) words: u32,
    /// Recordings that it said nothing to.
    pub(super) unanswered: u32,
    /// Faces that it made.
    pub(super) moods: u32,
    /// Messages about our tools.
    pub(super) tools: u32,
    /// A beat of ours was answered.
    pub(super) beaten: bool,
    /// A code was entered for this line.
    pub(super) activated: bool,
    /// So often it has stopped, and so often it said so twice.
    stops: u32,
    twice: u32,
    /// It has said so since it was told to.
    stopped: bool,
    /// How long its first packet was, in samples.
    usual: Option<usize>,
}

/// What is known of the line beside that.
pub(super) struct Line<'a> {
    /// What the server calls it.
    pub(super) session: &'a str,
    /// How it says that it packs sound.
    pub(super) announced: &'a str,
    pub(super) damaged: u64,
    /// It was asked where to connect.
    pub(super) asked: bool,
}

impl Habits {
    /// It says that it has stopped; `told`: it was told to a moment ago.
    pub(super) fn stops(&mut self, told: bool) {
        self.stops += 1;
        self.twice += u32::from(told && self.stopped);
        self.stopped = told;
    }

    /// A packet came that holds so many samples.
    pub(super) fn packet(&mut self, samples: usize) {
        self.packets += 1;
        let usual = *self.usual.get_or_insert(samples);
        self.uneven += u32::from(usual != samples);
    }

    /// Each point of the language, and how the server stands to it.
    pub(super) fn tell(&self, line: &Line<'_>, lang: Lang) -> Vec<Habit> {
        use Standing::{Deviates, Keeps, Lacks};
        let plain = |word: Word| word.text(lang).to_owned();
        let say = |word: Word, count: u32| fill(word.text(lang), &[&count.to_string()]);
        let habit = |point: Word, standing: Standing, seen: String| Habit {
            point: plain(point),
            standing,
            seen,
        };
        let seen = |point: Word, word: Word, count: u32| match count {
            0 => habit(point, Lacks, plain(Word::WireUntried)),
            1.. => habit(point, Keeps, say(word, count)),
        };
        let mut habits = vec![];
        if line.asked {
            let word = if self.activated {
                Word::WireActivated
            } else {
                Word::WireBound
            };
            habits.push(habit(Word::WireActivation, Keeps, plain(word)));
        }
        habits.push(match line.session {
            "" => habit(Word::WireSession, Deviates, plain(Word::WireNoSession)),
            session => habit(Word::WireSession, Keeps, session.to_owned()),
        });
        habits.push(match line.announced {
            "" => habit(Word::WireRates, Deviates, plain(Word::WireUntold)),
            announced => habit(Word::WireRates, Keeps, announced.to_owned()),
        });
        habits.push(seen(Word::WireHears, Word::WireWordsBack, self.words));
        if self.unanswered > 0 {
            let silent = say(Word::WireUnanswered, self.unanswered);
            habits.push(habit(Word::WireHearing, Deviates, silent));
        }
        let mut pieces = vec![say(Word::WirePieces, self.packets)];
        if self.uneven > 0 {
            pieces.push(say(Word::WireUneven, self.uneven));
        }
        if line.damaged > 0 {
            let damaged = line.damaged.to_string();
            pieces.push(fill(Word::WireDamaged.text(lang), &[&damaged]));
        }
        habits.push(match (self.packets, line.damaged) {
            (0, _) => habit(Word::WireSpeech, Lacks, plain(Word::WireUntried)),
            (1.., 0) => habit(Word::WireSpeech, Keeps, pieces.join(", ")),
            (1.., 1..) => habit(Word::WireSpeech, Deviates, pieces.join(", ")),
        });
        habits.push(match (self.stops, self.twice) {
            (0, _) => habit(Word::WireStopping, Lacks, plain(Word::WireUntried)),
            (1.., 0) => habit(Word::WireStopping, Keeps, plain(Word::WireConfirmed)),
            (1.., 1..) => habit(Word::WireStopping, Deviates, plain(Word::WireTwice)),
        });
        habits.push(seen(Word::WireMoods, Word::WireMessages, self.moods));
        habits.push(seen(Word::WireTools, Word::WireMessages, self.tools));
        habits.push(if self.beaten {
            habit(Word::WireHeartbeat, Keeps, plain(Word::WirePong))
        } else {
            habit(Word::WireHeartbeat, Lacks, plain(Word::WireUntried))
        });
        habits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_point_says_how_the_server_stands_to_it() {
        let habits = Habits {
            packets: 12,
            uneven: 3,
            words: 2,
            unanswered: 1,
            moods: 2,
            tools: 3,
            stops: 3,
            twice: 1,
            ..Habits::default()
        };
        let line = Line {
            session: "",
            announced: "format opus, sample_rate 16000",
            damaged: 1,
            asked: true,
        };
        let told = habits.tell(&line, Lang::En);
        let told: Vec<String> = told
            .iter()
            .map(|habit| format!("{:?} {}: {}", habit.standing, habit.point, habit.seen))
            .collect();
        insta::assert_snapshot!(told.join("\n"), @r"
        Keeps activation: not wanted: this device is known there
        Deviates form of the session: without a name
        Keeps rates of sound: format opus, sample_rate 16000
        Keeps what was heard: told 2 times
        Deviates recording: 1 without an answer, taken as silence
        Deviates speech: 12 pieces, 3 of another length, 1 damaged
        Deviates stopping: confirmed, and once more later
        Keeps emotions: 2 messages
        Keeps tools: 3 messages
        Lacks heartbeat: not seen
        ");
        let line = Line {
            asked: false,
            damaged: 0,
            ..line
        };
        let unseen = Habits::default().tell(&line, Lang::Zh);
        let lacks = unseen
            .iter()
            .filter(|habit| habit.standing == Standing::Lacks);
        assert_eq!(lacks.count(), 6);
    }
}
