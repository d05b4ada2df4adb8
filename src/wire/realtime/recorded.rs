//! Recordings on their way to a session, and the words that it makes of them.

use crate::codec::base64;
use crate::codec::resample::Resampler;
use crate::core::backend::UNTOLD;
use crate::core::ids::TurnId;
use crate::core::sound::{ClipPart, RATE};
use crate::core::time::Moment;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::time::Duration;

/// Servers refuse recordings that are shorter than this.
const SHORTEST: usize = RATE as usize / 10;
/// So long the words of a recording are waited for. The answer does not need them.
const PATIENCE: Duration = Duration::from_secs(8);
/// So many recordings are remembered.
const REMEMBERED: usize = 16;

/// The recordings of one session.
#[derive(Default)]
pub(super) struct Recorded {
    sending: Option<Sending>,
    sent: VecDeque<Sent>,
    call: Option<Call>,
}

/// A call whose turns the server cuts.
struct Call {
    /// What its sound is called.
    sound: TurnId,
    resampler: Resampler,
    /// The name of what is said next, as long as nothing has it.
    next: Option<TurnId>,
    /// What was said before we had a name for it, by the names of the session.
    unnamed: VecDeque<String>,
}

struct Sending {
    turn: TurnId,
    resampler: Resampler,
    samples: usize,
}

/// A recording that the session has.
#[derive(Debug)]
struct Sent {
    turn: TurnId,
    /// What the session calls it.
    item: Option<String>,
    /// The words so far.
    words: String,
    telling: Telling,
    /// They were said: the recording is part of the conversation.
    said: bool,
}

/// Whether the words of a recording are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Telling {
    /// They are waited for until then.
    Awaited(Moment),
    /// They are not waited for any more, and may come all the same.
    Late,
    Told,
}

impl Sent {
    fn is_awaited(&self) -> bool {
        matches!(self.telling, Telling::Awaited(_))
    }
}

impl Recorded {
    /// All that is heard follows, and the server says where turns end.
    pub(super) fn open(&mut self, first: TurnId, rate: u32) -> Vec<Value> {
        self.call = Some(Call {
            sound: first,
            resampler: Resampler::new(RATE, rate),
            next: Some(first),
            unnamed: VecDeque::new(),
        });
        let unfinished = self.sending.take();
        let clear = unfinished.filter(|sending| sending.samples > 0);
        clear.map(|_sending| cleared()).into_iter().collect()
    }

    /// The server says where turns end.
    pub(super) fn call(&self) -> Option<TurnId> {
        self.call.as_ref().map(|call| call.sound)
    }

    /// A piece of what is heard in a call; `None` if it is none.
    pub(super) fn heard(&mut self, part: &ClipPart) -> Option<Vec<Value>> {
        let call = self.call.as_mut()?;
        match part {
            ClipPart::More { turn, samples } if *turn == call.sound => {
                Some(resampled(&mut call.resampler, samples))
            }
            _ => None,
        }
    }

    /// No more of a call follows, if it is this one.
    pub(super) fn close(&mut self, sound: TurnId) -> bool {
        self.call.take_if(|call| call.sound == sound).is_some()
    }

    /// What is said next has this name. If something was said before there was one, it has it now.
    pub(super) fn attend(&mut self, turn: TurnId, now: Moment) -> bool {
        let Some(call) = &mut self.call else {
            return false;
        };
        call.next = Some(turn);
        let item = call.unnamed.pop_front();
        item.is_some_and(|item| self.took(&item, now).is_some())
    }

    /// Somebody's turn in a call is over, and is called so by the session; whose name it has.
    pub(super) fn took(&mut self, item: &str, now: Moment) -> Option<TurnId> {
        let call = self.call.as_mut()?;
        let Some(turn) = call.next.take() else {
            if call.unnamed.len() < REMEMBERED {
                call.unnamed.push_back(item.to_owned());
            }
            return None;
        };
        self.remember(turn, Some(item.to_owned()), now);
        Some(turn)
    }

    fn remember(&mut self, turn: TurnId, item: Option<String>, now: Moment) {
        if self.sent.len() == REMEMBERED {
            self.sent.pop_front();
        }
        self.sent.push_back(Sent {
            turn,
            item,
            words: String::new(),
            telling: Telling::Awaited(now + PATIENCE),
            said: false,
        });
    }

    /// What is sent for a piece of a recording at so many samples a second. Words that are known
    /// at once come as the second: there are none in too short a recording.
    pub(super) fn part(&mut self, part: &ClipPart, rate: u32, now: Moment) -> (Vec<Value>, bool) {
        match part {
            ClipPart::Begin(hear) | ClipPart::Open(hear) => {
                let unfinished = self.sending.replace(Sending {
                    turn: hear.turn,
                    resampler: Resampler::new(RATE, rate),
                    samples: 0,
                });
                let clear = unfinished.filter(|sending| sending.samples > 0);
                (clear.map(|_sending| cleared()).into_iter().collect(), false)
            }
            ClipPart::More { turn, samples } => {
                let Some(sending) = self.sending.as_mut().filter(|one| one.turn == *turn) else {
                    return (vec![], false);
                };
                sending.samples += samples.len();
                (resampled(&mut sending.resampler, samples), false)
            }
            ClipPart::End { turn } => {
                let Some(mut sending) = self.sending.take_if(|one| one.turn == *turn) else {
                    return (vec![], false);
                };
                if sending.samples < SHORTEST {
                    return (vec![cleared()], true);
                }
                let mut out = vec![];
                sending.resampler.finish(&mut out);
                let mut frames = appended(&out);
                frames.push(json!({ "type": "input_audio_buffer.commit" }));
                self.remember(*turn, None, now);
                (frames, false)
            }
            ClipPart::Broken { turn } => {
                let broken = self.sending.take_if(|one| one.turn == *turn);
                (
                    broken.map(|_sending| cleared()).into_iter().collect(),
                    false,
                )
            }
        }
    }

    /// Nothing is being recorded, and no words are awaited.
    pub(super) fn is_idle(&self) -> bool {
        self.sending.is_none() && !self.sent.iter().any(Sent::is_awaited)
    }

    /// Recordings are complete of which the session has said nothing yet.
    pub(super) fn is_awaited(&self) -> bool {
        let mut waiting = self.sent.iter().filter(|sent| sent.is_awaited());
        waiting.any(|sent| sent.item.is_none())
    }

    /// The session has taken the oldest recording that has no name there yet.
    pub(super) fn committed(&mut self, item: &str) {
        if let Some(sent) = self.sent.iter_mut().find(|sent| sent.item.is_none()) {
            sent.item = Some(item.to_owned());
        }
    }

    /// More of the words; all of them so far, and whose they are.
    pub(super) fn more(&mut self, item: Option<&str>, delta: &str) -> Option<(TurnId, String)> {
        let sent = self.about(item)?;
        sent.words.push_str(delta);
        Some((sent.turn, sent.words.clone()))
    }

    /// The words are known, or never will be; whose they are.
    pub(super) fn told(&mut self, item: Option<&str>) -> Option<TurnId> {
        let sent = self.about(item)?;
        sent.telling = Telling::Told;
        Some(sent.turn)
    }

    /// Whose words are waited for longest, which they are not any more.
    pub(super) fn untold(&mut self) -> Option<TurnId> {
        let sent = self.sent.iter_mut().find(|sent| sent.is_awaited())?;
        sent.telling = Telling::Late;
        Some(sent.turn)
    }

    /// Whose words are not told in time.
    pub(super) fn late(&mut self, now: Moment) -> Option<TurnId> {
        let late =
            |sent: &&mut Sent| matches!(sent.telling, Telling::Awaited(until) if until <= now);
        let sent = self.sent.iter_mut().find(late)?;
        sent.telling = Telling::Late;
        Some(sent.turn)
    }

    pub(super) fn deadline(&self) -> Option<Moment> {
        let waits = |sent: &Sent| match sent.telling {
            Telling::Awaited(until) => Some(until),
            Telling::Late | Telling::Told => None,
        };
        self.sent.iter().filter_map(waits).min()
    }

    /// The words of a recording are said, as `text`: `true` if the session has just these words.
    pub(super) fn say(&mut self, turn: TurnId, text: &str) -> bool {
        let found = self
            .sent
            .iter_mut()
            .find(|sent| sent.turn == turn && !sent.is_awaited());
        found.is_some_and(|sent| {
            sent.said = text == UNTOLD || sent.words.is_empty() || sent.words.trim() == text;
            sent.said
        })
    }

    /// The words are these.
    pub(super) fn settle(&mut self, turn: TurnId, words: &str) {
        if let Some(sent) = self.sent.iter_mut().find(|sent| sent.turn == turn) {
            words.clone_into(&mut sent.words);
        }
    }

    /// Takes out what was heard and not said, such as a murmur, or a recording nobody waits for:
    /// the conversation is to hold only what is part of it.
    pub(super) fn unsaid(&mut self, turn: Option<TurnId>) -> Vec<String> {
        let gone = |sent: &Sent| match turn {
            Some(turn) => sent.turn == turn && !sent.said,
            None => !sent.is_awaited() && !sent.said,
        };
        let (gone, kept): (Vec<_>, Vec<_>) = self.sent.drain(..).partition(gone);
        self.sent = kept.into();
        gone.into_iter().filter_map(|sent| sent.item).collect()
    }

    /// The recording of this name, whose words have not been told; where nobody names one, the
    /// oldest whose words are awaited.
    fn about(&mut self, item: Option<&str>) -> Option<&mut Sent> {
        let named = |sent: &Sent| item.is_some() && sent.item.as_deref() == item;
        let mut all = self.sent.iter();
        if let Some(at) = all.position(named) {
            return (self.sent.get_mut(at)).filter(|sent| sent.telling != Telling::Told);
        }
        let nameless = |sent: &Sent| sent.item.is_none() || item.is_none();
        let mut all = self.sent.iter_mut();
        all.find(|sent| sent.is_awaited() && nameless(sent))
    }
}

/// Silence of so many milliseconds at this rate.
pub(super) fn silence(ms: usize, rate: u32) -> Vec<Value> {
    appended(&vec![0.0; ms * rate as usize / 1000])
}

fn resampled(resampler: &mut Resampler, samples: &[i16]) -> Vec<Value> {
    let floats: Vec<f32> = samples.iter().map(|s| f32::from(*s) / 32_768.0).collect();
    let mut out = vec![];
    resampler.add(&floats, &mut out);
    appended(&out)
}

pub(super) fn cleared() -> Value {
    json!({ "type": "input_audio_buffer.clear" })
}

fn appended(samples: &[f32]) -> Vec<Value> {
    if samples.is_empty() {
        return vec![];
    }
    let sample = |sample: &f32| (sample * 32_768.0).round().clamp(-32_768.0, 32_767.0) as i16;
    let bytes: Vec<u8> = samples
        .iter()
        .flat_map(|one| sample(one).to_le_bytes())
        .collect();
    vec![json!({ "type": "input_audio_buffer.append", "audio": base64::encode(&bytes) })]
}
