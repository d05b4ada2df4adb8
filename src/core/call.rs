//! A hands-free call: whose floor it is, what was said in it, and what was only noise.
//!
//! Pure. Sound says when somebody begins and ends to speak; here it is decided what that means.

use super::backend::Permission;
use super::ids::TurnId;
use super::time::Moment;
use std::collections::VecDeque;
use std::time::Duration;

/// What the loudspeaker said comes back through the microphone this long after it fell silent: the
/// buffers behind it, the room, and the time until it is certain that somebody speaks.
const ECHO_TAIL: Duration = Duration::from_secs(2);

/// A call that goes on.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and all combinations happen"
)]
pub struct Call {
    pub started: Moment,
    /// What is said next becomes this recording.
    pub attending: TurnId,
    /// The backend hears all of it and cuts its turns, under this name; `None`: we do.
    pub stream: Option<TurnId>,
    /// The microphone hears, and which one it is.
    pub device: Option<String>,
    /// It did hear, is gone, and is looked for.
    pub gone: bool,
    /// The user closed the microphone.
    pub muted: bool,
    /// The user is away: closed, and nothing is spoken either.
    pub held: bool,
    /// The talk key opens a muted microphone while it is down.
    pub lifted: bool,
    /// Somebody speaks, since then.
    pub talking: Option<Moment>,
    /// What was said counts as complete at this moment.
    pub patience: Option<Moment>,
    /// What they seem to have said so far.
    pub partial: String,
    /// The speech was paused because somebody spoke into it.
    pub cut_in: bool,
    /// What was being said when the microphone was closed, until its recording is made.
    pub closing: Option<Heard>,
    /// The recording whose words are awaited.
    pub hearing: Option<Heard>,
    /// What was said last seems to go on: its words wait for the rest.
    pub unfinished: Option<Unfinished>,
    /// Those behind it: one is recognised at a time, in the order in which they were said.
    pub queue: VecDeque<Heard>,
    /// How much of the loudspeaker is taken out of the microphone, if any of it is heard, and
    /// whether the microphone hears meanwhile.
    pub echo: Option<(Option<f32>, bool)>,
    /// What was said last, and when some of it was heard last: both tell our own words when they
    /// come back.
    pub said: String,
    pub sounded: Option<Moment>,
    pub turns: u32,
    /// When anything was said or done last.
    pub alive: Moment,
}

/// What was said and seems to go on.
#[derive(Clone, Debug, PartialEq)]
pub struct Unfinished {
    /// The recording of its beginning.
    pub clip: TurnId,
    pub length_ms: u32,
    pub ended: Moment,
    pub text: String,
    /// It is asked as it is from here on.
    pub until: Moment,
}

/// A recording of a call that is being recognised.
#[derive(Clone, Debug, PartialEq)]
pub struct Heard {
    pub clip: TurnId,
    /// When its speaker stopped.
    pub ended: Moment,
    pub length_ms: u32,
    pub partial: String,
    /// The backend has it, and need not be sent it.
    pub there: bool,
    /// It may be what we said ourselves.
    pub doubtful: bool,
    /// Its words are late from here on; `None` as long as they are not asked for.
    pub limit: Option<Moment>,
}

/// Whose turn it is to speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Floor {
    Opening,
    /// The user's, who says nothing yet.
    Open,
    /// The user's.
    You,
    /// Nobody's: what was said is being understood or answered.
    Thinking,
    /// The assistant's.
    Assistant,
    Muted,
    Held,
}

impl Call {
    /// Somebody called.
    pub const fn new(attending: TurnId, now: Moment) -> Self {
        Self {
            started: now,
            attending,
            stream: None,
            device: None,
            gone: false,
            muted: false,
            held: false,
            lifted: false,
            talking: None,
            patience: None,
            partial: String::new(),
            cut_in: false,
            closing: None,
            hearing: None,
            unfinished: None,
            alive: now,
            queue: VecDeque::new(),
            echo: None,
            said: String::new(),
            sounded: None,
            turns: 0,
        }
    }

    /// The microphone is open.
    pub const fn listens(&self) -> bool {
        !self.held && (!self.muted || self.lifted)
    }

    /// Whose floor it is.
    pub const fn floor(&self, answering: bool, speaking: bool) -> Floor {
        if self.held {
            Floor::Held
        } else if self.talking.is_some() {
            Floor::You
        } else if speaking && !self.cut_in {
            Floor::Assistant
        } else if answering || self.hearing.is_some() || self.closing.is_some() {
            Floor::Thinking
        } else if !self.listens() {
            Floor::Muted
        } else if self.device.is_none() {
            Floor::Opening
        } else {
            Floor::Open
        }
    }

    /// What the user seems to be saying, or to have said last.
    pub fn caption(&self) -> Option<&str> {
        let heard = self.hearing.as_ref().map(|heard| heard.partial.as_str());
        let said = |text: &&str| !text.is_empty();
        heard.filter(said).or(Some(&*self.partial).filter(said))
    }

    /// Whether what began to be said at a moment may be what the loudspeaker says.
    pub fn may_echo(&self, began: Moment) -> bool {
        self.sounded
            .is_some_and(|sounded| began <= sounded + ECHO_TAIL)
    }

    /// Somebody speaks, or spoke and it is not known yet what.
    pub fn is_undecided(&self) -> bool {
        self.talking.is_some()
            || self.closing.is_some()
            || self.hearing.is_some()
            || self.unfinished.is_some()
            || !self.queue.is_empty()
    }

    /// How long it has lasted.
    pub fn lasted(&self, now: Moment) -> Duration {
        now.since(self.started)
    }
}

/// Utterances that only say that somebody listens.
const MURMURS: &[&str] = &[
    "mm", "mmm", "mhm", "mm hm", "mmhm", "mm-hm", "hm", "hmm", "uh huh", "uh-huh", "uh", "um",
    "ah", "oh", "yeah", "yep", "yes", "right", "okay", "ok", "sure", "i see", "嗯", "嗯嗯", "哦",
    "噢", "啊", "对", "好", "好的", "是", "是的",
];

/// The words of an utterance without what is not heard of it.
pub(super) fn bare(text: &str) -> String {
    let kept = |c: char| {
        if c.is_alphanumeric() || c == '\'' {
            c.to_lowercase().next().unwrap_or(c)
        } else {
            ' '
        }
    };
    let spaced: String = text.chars().map(kept).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whole utterances that answer whether a tool may be used, in both languages.
const CONSENTS: &[(Permission, &[&str])] = &[
    (
        Permission::Once,
        &[
            "yes",
            "yes please",
            "yeah",
            "yep",
            "ok",
            "okay",
            "sure",
            "go ahead",
            "do it",
            "allow",
            "allow it",
            "you may",
            "是",
            "是的",
            "可以",
            "好",
            "好的",
            "行",
            "允许",
            "同意",
            "用吧",
        ],
    ),
    (
        Permission::Conversation,
        &[
            "yes for this conversation",
            "in this conversation",
            "for this conversation",
            "本次会话可以",
            "这次会话可以",
        ],
    ),
    (
        Permission::Always,
        &[
            "always",
            "yes always",
            "always allow",
            "总是",
            "总是可以",
            "一直可以",
            "总是允许",
        ],
    ),
    (
        Permission::No,
        &[
            "no",
            "no thanks",
            "no thank you",
            "nope",
            "don't",
            "do not",
            "deny",
            "don't do it",
            "不",
            "不行",
            "不要",
            "不可以",
            "不用",
            "不允许",
            "否",
            "别",
        ],
    ),
    (
        Permission::Never,
        &[
            "never",
            "no never",
            "never allow",
            "永远不",
            "永远不要",
            "从不",
            "永不",
        ],
    ),
];

/// What a whole utterance says to the question whether a tool may be used.
pub fn consent(text: &str) -> Option<Permission> {
    let said = bare(text);
    let found = CONSENTS
        .iter()
        .find(|(_, all)| all.contains(&said.as_str()));
    found.map(|(permission, _)| *permission)
}

/// Whether an utterance only says that somebody listens, or nothing at all.
pub fn is_murmur(text: &str) -> bool {
    let said = bare(text);
    said.is_empty() || MURMURS.iter().any(|form| bare(form) == said)
}

/// Whether what was heard is what was just said by ourselves: most of its words, in their order.
///
/// One or two words prove nothing: people repeat those.
pub fn is_echo(heard: &str, said: &str) -> bool {
    let units = |text: &str| -> Vec<String> {
        let mut units = vec![];
        for word in bare(text).split(' ').filter(|word| !word.is_empty()) {
            if word.is_ascii() {
                units.push(word.to_owned());
            } else {
                // Each Chinese character is a word of its own.
                units.extend(word.chars().map(String::from));
            }
        }
        units
    };
    let (heard, said) = (units(heard), units(said));
    if heard.len() < 3 {
        return false;
    }
    common(&heard, &said) * 10 >= heard.len() * 7
}

/// How many of these words come in those, in the same order.
fn common(these: &[String], those: &[String]) -> usize {
    let mut row = vec![0; those.len() + 1];
    for one in these {
        let mut before = 0;
        for (at, other) in those.iter().enumerate() {
            let above = row[at + 1];
            row[at + 1] = if one == other {
                before + 1
            } else {
                above.max(row[at])
            };
            before = above;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_murmur_is_no_turn() {
        for (text, expected) in [
            ("", true),
            ("Mm-hm.", true),
            ("uh huh", true),
            ("嗯。", true),
            ("okay", true),
            ("okay but why", false),
            ("no", false),
        ] {
            assert_eq!(is_murmur(text), expected, "{text}");
        }
    }

    #[test]
    fn what_we_said_ourselves_is_no_turn_and_what_somebody_else_says_is() {
        let said = "The meeting is at ten thirty tomorrow morning in the small room.";
        for (heard, expected) in [
            ("the meeting is at ten thirty", true),
            ("meeting is at ten thirsty tomorrow", true),
            ("tomorrow morning in the small room", true),
            ("the room", false),
            ("no the other one please", false),
            ("is the meeting really at nine or was it moved again", false),
        ] {
            assert_eq!(is_echo(heard, said), expected, "{heard}");
        }
        assert!(is_echo("会议在明天上午", "会议在明天上午十点半。"));
        assert!(!is_echo("换一个时间吧", "会议在明天上午十点半。"));
    }

    proptest! {
        #[test]
        fn whatever_part_of_our_speech_comes_back_is_known(
            words in prop::collection::vec("[a-z]{2,8}", 6..40),
            from in 0..20_usize,
            length in 3..20_usize,
        ) {
            let said = words.join(" ");
            let from = from % (words.len() - 3);
            let to = (from + length).min(words.len());
            let heard = words[from..to].join(" ");
            prop_assert!(is_echo(&heard, &said));
        }
    }
}
