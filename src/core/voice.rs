//! What goes on with microphone and loudspeaker, as far as the program must know.

use super::backend::{Engine, VoiceWish};
use super::budget::{Verdict, Watch};
use super::call::Heard;
use super::chord::Chord;
use super::control::Controls;
use super::heard;
use super::ids::TurnId;
use super::record::TurnTimes;
use super::sound::{Loudness, Way};
use super::talk::{Grip, Talk};
use super::time::Moment;
use serde::{Deserialize, Serialize};

/// Everything about hearing and speaking.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and all combinations happen"
)]
pub struct Voice {
    pub wishes: Wishes,
    /// The recording that is being made.
    pub recording: Option<Recording>,
    /// A recording was made, so the microphone stays open if that is wished for.
    pub warm: bool,
    /// The recording that was made last, and when the user was done with it.
    pub released: Option<(TurnId, Moment)>,
    /// What was being said when a call ended, until its recording is made.
    pub parting: Option<Heard>,
    /// What is being read out, or is about to be.
    pub speaking: Option<Speaking>,
    /// How loud the microphone was last, while it is open, and whether somebody speaks.
    pub level: Option<(Loudness, bool)>,
    /// When that was.
    pub metered: Option<Moment>,
    /// The devices were asked for, to choose one of this kind.
    pub choosing: Option<Way>,
    /// The microphone that is open only for its meter.
    pub listening: Option<String>,
    /// The talk key, and which one it was last.
    pub talk: Talk,
    pub key: Option<Chord>,
    /// How this terminal tells of held keys, and how the store has it.
    pub grip: Grip,
    pub kept_grip: Grip,
    /// What the backend says it hears and speaks with; `None` where it does not say.
    pub ears: Option<Engine>,
    pub mouth: Option<Engine>,
    /// The backend hears recordings while they are spoken.
    pub live: bool,
    /// In a call it says where turns begin and end.
    pub turns: bool,
    /// It hears or speaks with what this machine lends it.
    pub lent: bool,
}

/// What the user wants of hearing and speaking.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a wish of its own")]
pub struct Wishes {
    pub speak: Speak,
    /// Put what was heard into the composer, instead of sending it.
    pub review: bool,
    /// Keep recordings after their turn.
    pub keep: bool,
    /// Tell by sounds what the microphone does.
    pub chimes: bool,
    /// Tell by sounds how an answer, a call and the line stand.
    pub state_chimes: bool,
    /// The microphone stays open between recordings, in memory only.
    pub preroll: bool,
    /// Who speaks; `None` is the backend's choice.
    pub voice: Option<String>,
    pub speed: f32,
    pub volume: f32,
    /// The language that is spoken to the microphone.
    pub language: Option<String>,
    /// Which ears hear, where the backend has several.
    pub ears: Option<String>,
    /// What speaks, where the backend has several.
    pub mouth: Option<String>,
    /// The devices wished for, by their ids; `None` follows the system.
    pub microphone: Option<String>,
    pub loudspeaker: Option<String>,
    /// What may be said to a call itself.
    pub controls: Controls,
    /// What is said during an answer is asked after it, instead of ending it.
    pub ask_ahead: bool,
    /// A call in which nobody says anything for so many seconds is over; 0: never.
    pub call_silence_s: u32,
}

impl Default for Wishes {
    fn default() -> Self {
        Self {
            speak: Speak::default(),
            review: false,
            keep: false,
            chimes: false,
            state_chimes: false,
            preroll: false,
            voice: None,
            speed: 1.0,
            volume: 1.0,
            language: None,
            ears: None,
            mouth: None,
            microphone: None,
            loudspeaker: None,
            controls: Controls::default(),
            ask_ahead: false,
            call_silence_s: 600,
        }
    }
}

impl Wishes {
    /// How answers are to be spoken.
    pub fn voice(&self) -> VoiceWish {
        VoiceWish {
            voice: self.voice.clone(),
            speed: self.speed,
            engine: self.mouth.clone(),
        }
    }
}

/// Which answers are spoken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Speak {
    Never,
    /// Those to what was spoken.
    #[default]
    Spoken,
    Always,
}

impl Speak {
    /// Whether an answer is spoken.
    pub const fn to(self, spoken: bool) -> bool {
        match self {
            Self::Never => false,
            Self::Spoken => spoken,
            Self::Always => true,
        }
    }
}

/// A recording that is being made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    pub clip: TurnId,
    pub started: Moment,
    /// Since when the microphone gives sound, and which one it is.
    pub hearing: Option<(Moment, String)>,
    /// Its microphone went away, and is looked for.
    pub lost: bool,
    /// Since when the user is done; its end is being written.
    pub ended: Option<Moment>,
    /// What is heard goes into the composer.
    pub dictated: bool,
    /// What its words seem to be so far.
    pub partial: String,
}

/// Words that are being read out.
#[derive(Clone, Debug, PartialEq)]
pub struct Speaking {
    pub turn: TurnId,
    /// The first of them was heard.
    pub sounding: Option<Moment>,
    /// So much was heard.
    pub heard_ms: u64,
    /// The words that were heard before those that are being heard.
    pub said: String,
    /// The words that began last, and how much had been heard before them.
    pub saying: Option<(String, u64)>,
    pub paused: bool,
    /// How loud the loudspeaker was last.
    pub loudness: Option<Loudness>,
    /// How long it may keep silent, once all of its text is there.
    pub watch: Option<Watch>,
    /// Characters of the text.
    pub length: usize,
    /// It took longer than allowed and goes on all the same.
    pub late: bool,
    /// What the store has of its turn, and since when its time is counted.
    pub times: Option<(Moment, TurnTimes)>,
}

/// So much may still be to be heard of what is nearly over.
const NEARLY_MS: u64 = 400;

impl Speaking {
    /// Words of this turn are expected.
    pub const fn of(turn: TurnId) -> Self {
        Self {
            turn,
            sounding: None,
            heard_ms: 0,
            said: String::new(),
            saying: None,
            paused: false,
            loudness: None,
            watch: None,
            length: 0,
            late: false,
            times: None,
        }
    }

    /// These words begin to be heard, and those before them were.
    pub fn say(&mut self, words: String) {
        if let Some((before, _)) = self.saying.replace((words, self.heard_ms)) {
            self.said.push_str(before.trim());
            self.said.push(' ');
        }
    }

    /// The words that were heard, where the backend says what it says. Inside the last of them it
    /// is an estimate by their length; `speed` is 1 where they are spoken as usual.
    pub fn heard(&self, speed: f32) -> Option<String> {
        let (saying, before) = self.saying.as_ref()?;
        let ms = (self.heard_ms.saturating_sub(*before) as f32 * speed) as u64;
        let heard = format!("{}{}", self.said, heard::said_in(saying.trim(), ms));
        let heard = heard.trim_end();
        (!heard.is_empty()).then(|| heard.to_owned())
    }

    /// Whether no more than a word or two of a text that is complete is still to be heard: who
    /// speaks then does not cut in, but answers a little early.
    pub fn is_nearly_over(&self, text: &str, speed: f32) -> bool {
        let Some((saying, before)) = &self.saying else {
            return false;
        };
        let saying = saying.trim();
        let ms = self.heard_ms.saturating_sub(*before) + NEARLY_MS;
        let all = format!("{}{saying}", self.said);
        let rest = text.get(heard::part(text, &all).len()..);
        heard::said_in(saying, (ms as f32 * speed) as u64) == saying
            && rest.is_some_and(|rest| !rest.contains(char::is_alphanumeric))
    }

    /// Something was heard: it is not late.
    pub fn progress(&mut self, now: Moment) {
        self.late = false;
        if let Some(watch) = &mut self.watch {
            watch.progress(now);
        }
    }

    /// How its wait stands. What is paused waits for the user.
    pub fn verdict(&self, now: Moment) -> Verdict {
        match &self.watch {
            Some(watch) if !self.paused && !self.late => watch.verdict(now),
            _ => Verdict::InTime,
        }
    }

    /// When the verdict changes by itself.
    pub fn next(&self, now: Moment) -> Option<Moment> {
        match &self.watch {
            Some(watch) if !self.paused && !self.late => Some(watch.next(now).unwrap_or(now)),
            _ => None,
        }
    }
}

impl Voice {
    /// Nothing is heard or spoken yet.
    pub fn new(wishes: Wishes) -> Self {
        Self {
            wishes,
            recording: None,
            warm: false,
            released: None,
            parting: None,
            speaking: None,
            level: None,
            metered: None,
            choosing: None,
            listening: None,
            talk: Talk::default(),
            key: None,
            grip: Grip::default(),
            kept_grip: Grip::default(),
            ears: None,
            mouth: None,
            live: false,
            turns: false,
            lent: false,
        }
    }

    /// Why the backend can hear nothing, if it says so. Whoever wishes for other ears than it
    /// spoke of is told when they are to hear.
    pub fn deaf(&self) -> Option<&Engine> {
        let unwished = self.wishes.ears.is_none();
        (self.ears.as_ref()).filter(|ears| ears.name.is_empty() && unwished)
    }

    /// Why the backend cannot speak, if it says so.
    pub fn mute(&self) -> Option<&Engine> {
        let unwished = self.wishes.mouth.is_none();
        (self.mouth.as_ref()).filter(|mouth| mouth.name.is_empty() && unwished)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_heard_is_every_sentence_before_and_the_words_of_the_last_that_had_time() {
        let mut speaking = Speaking::of(TurnId(1));
        assert_eq!(speaking.heard(1.0), None);
        speaking.say("It is noon. ".to_owned());
        assert_eq!(speaking.heard(1.0), None);
        for (ms, speed, expected) in [
            (400, 1.0, "It is"),
            (900, 1.0, "It is noon."),
            (400, 2.0, "It is noon."),
        ] {
            speaking.heard_ms = ms;
            assert_eq!(speaking.heard(speed).as_deref(), Some(expected));
        }
        let text = "It is *noon*.";
        for (ms, nearly) in [(0, false), (400, true)] {
            speaking.heard_ms = ms;
            assert_eq!(speaking.is_nearly_over(text, 1.0), nearly, "{ms}");
            assert!(!speaking.is_nearly_over("It is noon. In Berlin.", 1.0));
        }
        speaking.heard_ms = 1_000;
        speaking.say("会议在十点。".to_owned());
        speaking.heard_ms = 1_600;
        assert_eq!(speaking.heard(1.0).as_deref(), Some("It is noon. 会议"));
    }
}
