//! One exchange: what the user said, what comes back, and when each stage was reached.

use super::backend::Usage;
use super::budget::{Verdict, Watch};
use super::ids::{MessageId, TurnId};
use super::record::{TurnTimes, Waiting};
use super::time::{Moment, Wall};
use super::words::Word;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A stage of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The user let go: the clock starts here.
    Sent,
    /// What was recorded has become words.
    Heard,
    /// The backend confirmed that it thinks.
    Thinking,
    /// The first piece of text arrived.
    FirstText,
    /// The last piece of text arrived.
    TextDone,
    /// The first of the answer came out of the loudspeaker.
    Sounding,
    /// The last of it did.
    Spoken,
}

impl Stage {
    /// All of them, in the order in which they are usually reached.
    pub const ALL: [Self; 7] = [
        Self::Sent,
        Self::Heard,
        Self::Thinking,
        Self::FirstText,
        Self::TextDone,
        Self::Sounding,
        Self::Spoken,
    ];

    /// What people call the wait that ends with it; what ends with the speech is no wait.
    pub const fn wait(self) -> Option<Word> {
        match self {
            Self::Sent | Self::Spoken => None,
            Self::Heard => Some(Word::PartRecognising),
            Self::Thinking => Some(Word::PartSending),
            Self::FirstText => Some(Word::PartThinking),
            Self::TextDone => Some(Word::PartWriting),
            Self::Sounding => Some(Word::PartSpeech),
        }
    }

    /// The stage of this name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.name() == name)
    }

    /// The name used in the store, traces and logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Heard => "heard",
            Self::Thinking => "thinking",
            Self::FirstText => "first_text",
            Self::TextDone => "text_done",
            Self::Sounding => "sounding",
            Self::Spoken => "spoken",
        }
    }
}

/// How a turn ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    Done,
    /// The user or the end of the line cut it short.
    Cut,
    Failed,
}

impl Outcome {
    /// The name used in the store, traces and logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Cut => "cut",
            Self::Failed => "failed",
        }
    }
}

/// The exchange that is going on.
#[derive(Clone, Debug, PartialEq)]
pub struct Turn {
    pub id: TurnId,
    /// What was said, until the backend shows that it has it: a line that is lost before loses
    /// nothing.
    pub unconfirmed: Option<Waiting>,
    pub question: MessageId,
    pub reply: MessageId,
    pub started: Moment,
    /// In the order in which they were reached, each once.
    pub stages: Vec<(Stage, Moment)>,
    /// What is spoken of the reply, and how many milliseconds later each of it began.
    pub said: Vec<(u64, String)>,
    /// What the backend counted for it.
    pub usage: Option<Usage>,
    /// Its question is a recording whose words are not known yet.
    pub hearing: bool,
    /// The model server is loading its model.
    pub loading: bool,
    /// 80 % of the allowed time is over.
    pub late: bool,
    /// How often the user was asked something for it.
    pub questions: u32,
    /// How long the reply may keep silent.
    pub watch: Watch,
}

impl Turn {
    /// The question was sent just now; `watch` says how long the reply may take.
    pub fn start(
        id: TurnId,
        question: MessageId,
        reply: MessageId,
        watch: Watch,
        now: Moment,
    ) -> Self {
        Self {
            id,
            unconfirmed: None,
            question,
            reply,
            started: now,
            stages: vec![(Stage::Sent, now)],
            said: vec![],
            usage: None,
            hearing: false,
            loading: false,
            late: false,
            questions: 0,
            watch,
        }
    }

    /// The user was done before it could be sent.
    pub fn begin_at(&mut self, at: Moment) {
        self.started = at;
        self.stages = vec![(Stage::Sent, at)];
    }

    /// Something of the reply arrived: the turn is not late.
    pub fn progress(&mut self, now: Moment) {
        self.watch.progress(now);
        self.late = false;
    }

    /// Notes that a stage is reached, which is progress. Only its first time counts; answers
    /// whether this was it.
    pub fn reach(&mut self, stage: Stage, now: Moment) -> bool {
        if self.reached(stage).is_some() {
            return false;
        }
        self.stages.push((stage, now));
        self.progress(now);
        true
    }

    /// When a stage was reached.
    pub fn reached(&self, stage: Stage) -> Option<Moment> {
        self.stages
            .iter()
            .find_map(|(reached, at)| (*reached == stage).then_some(*at))
    }

    /// Asks the watch, and remembers in `late` what it says.
    pub fn check(&mut self, now: Moment) -> Verdict {
        let verdict = self.watch.verdict(now);
        self.late = verdict != Verdict::InTime;
        verdict
    }

    /// The time since the question was sent.
    pub fn elapsed(&self, now: Moment) -> Duration {
        now.since(self.started)
    }

    /// What the store keeps about the turn.
    pub fn times(&self, outcome: Outcome, wall: Wall) -> TurnTimes {
        let ms = |at: Moment| at.since(self.started).as_millis() as u64;
        TurnTimes {
            turn: Some(self.id),
            stages: self
                .stages
                .iter()
                .map(|(stage, at)| (stage.name().to_owned(), ms(*at)))
                .collect(),
            outcome: outcome.name().to_owned(),
            at: wall,
            said: self.said.clone(),
            usage: self.usage,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::budget::SSE;

    fn turn_sent_at(ms: u64) -> Turn {
        let now = Moment::from_ms(ms);
        let watch = Watch::start(SSE, 0, now);
        Turn::start(TurnId(1), MessageId(2), MessageId(3), watch, now)
    }

    #[test]
    fn a_turn_starts_with_the_moment_it_was_sent() {
        let now = Moment::from_ms(500);
        assert_eq!(
            turn_sent_at(500),
            Turn {
                unconfirmed: None,
                id: TurnId(1),
                question: MessageId(2),
                reply: MessageId(3),
                started: now,
                stages: vec![(Stage::Sent, now)],
                said: vec![],
                usage: None,
                hearing: false,
                loading: false,
                late: false,
                questions: 0,
                watch: Watch::start(SSE, 0, now),
            }
        );
    }

    #[test]
    fn only_the_first_time_a_stage_is_reached_counts() {
        let mut turn = turn_sent_at(100);
        assert!(turn.reach(Stage::FirstText, Moment::from_ms(350)));
        assert!(!turn.reach(Stage::FirstText, Moment::from_ms(900)));
        assert!(!turn.reach(Stage::Sent, Moment::from_ms(900)));
        assert_eq!(
            turn.stages,
            [
                (Stage::Sent, Moment::from_ms(100)),
                (Stage::FirstText, Moment::from_ms(350)),
            ]
        );
        assert_eq!(turn.reached(Stage::Thinking), None);
        assert_eq!(turn.reached(Stage::FirstText), Some(Moment::from_ms(350)));
    }

    #[test]
    fn the_store_gets_milliseconds_since_the_question_in_order_of_reaching() {
        let mut turn = turn_sent_at(1_000);
        turn.reach(Stage::FirstText, Moment::from_ms(1_250));
        turn.reach(Stage::Thinking, Moment::from_ms(1_260));
        turn.reach(Stage::TextDone, Moment::from_ms(4_000));
        let stage = |name: &str, ms| (name.to_owned(), ms);
        assert_eq!(
            turn.times(Outcome::Cut, Wall(77)),
            TurnTimes {
                turn: Some(TurnId(1)),
                stages: vec![
                    stage("sent", 0),
                    stage("first_text", 250),
                    stage("thinking", 260),
                    stage("text_done", 3_000),
                ],
                outcome: "cut".to_owned(),
                at: Wall(77),
                ..TurnTimes::default()
            }
        );
        assert_eq!(
            turn.elapsed(Moment::from_ms(5_500)),
            Duration::from_millis(4_500)
        );
    }

    #[test]
    fn a_turn_is_late_until_something_arrives() {
        let mut turn = turn_sent_at(0);
        let at = Moment::from_ms;
        assert_eq!(turn.check(at(23_999)), Verdict::InTime);
        assert!(!turn.late);
        assert_eq!(turn.check(at(24_000)), Verdict::Warn);
        assert!(turn.late);
        turn.reach(Stage::FirstText, at(25_000));
        assert!(!turn.late);
        assert_eq!(turn.check(at(48_999)), Verdict::InTime);
        assert_eq!(turn.check(at(49_000)), Verdict::Warn);
        turn.progress(at(50_000));
        assert!(!turn.late);
        // A stage that was reached before is no sign of life.
        turn.reach(Stage::FirstText, at(79_000));
        assert_eq!(turn.check(at(80_000)), Verdict::Expired);
        assert!(turn.late);
    }
}
