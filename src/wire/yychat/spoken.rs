//! Speech on its way from a server: whose it is, what kind of sound, and in which order.

use super::read::{Fields, Hot, Odd, brief};
use crate::codec::{Kind, USUAL_RATE, base64, sniff};
use crate::core::ids::{ConversationId, TurnId};
use crate::core::sound::{Pcm, Sound, Speech};
use crate::core::time::Moment;
use bytes::Bytes;
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

/// How many turns are remembered. What is spoken about an older one is treated as a stranger's.
const REMEMBERED: usize = 64;

/// When so many later pieces wait for one that is missing, it is left out.
const WINDOW: usize = 8;

/// So long a missing piece is waited for. A failed sentence never comes.
const GAP: Duration = Duration::from_millis(1500);

/// When nothing came of a written answer for so long, a plain server has nothing more to say: it
/// may never say that it is done.
const LULL: Duration = Duration::from_secs(20);

/// The same when it has said over HTTP that all is made.
const LEFT: Duration = Duration::from_secs(5);

/// The turns whose speech is awaited on one connection, oldest first.
#[derive(Debug, Default)]
pub(super) struct Spoken {
    turns: VecDeque<Turn>,
    seen: Seen,
}

/// What was seen of how a server speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) pieces: u32,
    /// Pieces that came before their turn.
    pub(super) misordered: u32,
    /// Pieces of another kind than was said.
    pub(super) mislabelled: u32,
    /// Pieces that were not for us.
    pub(super) foreign: u32,
    /// Turns whose speech ended without a word about it.
    pub(super) lapsed: u32,
}

#[derive(Debug)]
struct Turn {
    id: TurnId,
    conversation: ConversationId,
    /// The number of the piece that is due.
    next: u64,
    /// Pieces that came before their turn.
    early: BTreeMap<u64, Sound>,
    /// When those are played without the missing one.
    gap: Option<Moment>,
    /// When no more of it is expected; nothing as long as it is certain to come or to end.
    lull: Option<Moment>,
    /// All of it has come, or we wanted no more.
    over: bool,
    /// So often the server has yet to confirm that we wanted no more. What comes before that was
    /// on its way already, even if the same is to be spoken once more.
    stale: u32,
}

impl Spoken {
    /// The speech of a turn is wished for.
    pub(super) fn ask(&mut self, id: TurnId, conversation: ConversationId) {
        let known = self.turns.iter().find(|turn| turn.id == id);
        let stale = known.map_or(0, |turn| turn.stale);
        self.turns.retain(|turn| turn.id != id);
        if self.turns.len() == REMEMBERED {
            self.turns.pop_front();
        }
        self.turns.push_back(Turn::new(id, conversation, stale));
    }

    /// The answer of a plain server is written: it speaks on, or will not.
    pub(super) fn written(&mut self, id: TurnId, now: Moment) {
        self.expect(id, now + LULL);
    }

    /// The server has made all of it: what there is, is on its way.
    pub(super) fn synthesised(&mut self, id: TurnId, now: Moment) {
        self.expect(id, now + LEFT);
    }

    fn expect(&mut self, id: TurnId, until: Moment) {
        if let Some(turn) = self
            .turns
            .iter_mut()
            .find(|turn| turn.id == id && !turn.over)
        {
            turn.lull = Some(turn.lull.map_or(until, |lull| lull.min(until)));
        }
    }

    /// When [`Spoken::due`] has something to say.
    pub(super) fn deadline(&self) -> Option<Moment> {
        let open = self.turns.iter().filter(|turn| !turn.over);
        open.flat_map(|turn| [turn.gap, turn.lull]).flatten().min()
    }

    /// Time has passed: what was waited for is left out, and what ends without a word ends.
    pub(super) fn due(&mut self, now: Moment) -> Vec<Speech> {
        let (mut speech, mut lapsed) = (vec![], 0);
        for turn in self.turns.iter_mut().filter(|turn| !turn.over) {
            if turn.gap.is_some_and(|gap| gap <= now) {
                turn.skip();
                turn.ready(now, &mut |one| speech.push(one));
            }
            if turn.lull.is_some_and(|lull| lull <= now) {
                lapsed += 1;
                speech.extend(turn.finish());
            }
        }
        self.seen.lapsed += lapsed;
        speech
    }

    /// No more of it is wanted. `confirms`: the server says when it has stopped.
    pub(super) fn hush(&mut self, id: TurnId, confirms: bool) {
        if let Some(turn) = self.turns.iter_mut().find(|turn| turn.id == id) {
            turn.end();
            turn.stale += u32::from(confirms);
        }
    }

    /// The server has stopped.
    pub(super) fn hushed(&mut self, message_id: Option<&str>) {
        let id = message_id.and_then(|text| text.parse().ok());
        if let Some(turn) = self.turns.iter_mut().find(|turn| Some(turn.id) == id) {
            turn.stale = turn.stale.saturating_sub(1);
        }
    }

    /// Is this a turn whose speech was wished for?
    pub(super) fn knows(&self, message_id: Option<&str>) -> bool {
        let id = message_id.and_then(|text| text.parse().ok());
        self.turns.iter().any(|turn| Some(turn.id) == id)
    }

    /// Samples that came in a binary frame, which are in order.
    pub(super) fn samples(
        &mut self,
        id: TurnId,
        rate: u32,
        samples: Pcm,
    ) -> Result<Option<Speech>, Odd> {
        self.seen.pieces = self.seen.pieces.saturating_add(1);
        let Some(turn) = self.turns.iter().find(|turn| turn.id == id) else {
            return Err(Odd::Stranger {
                kind: "binary".to_owned(),
            });
        };
        let sound = Sound::Samples { rate, samples };
        Ok(turn.is_heard().then_some(Speech::More { turn: id, sound }))
    }

    /// A piece in a text frame, and the pieces behind it that waited for it.
    pub(super) fn piece(
        &mut self,
        hot: &Hot<'_>,
        now: Moment,
        say: &mut dyn FnMut(Speech),
    ) -> Result<(), Odd> {
        let audio = hot.audio.as_ref().ok_or_else(|| hot.odd("audio"))?;
        let id = hot.message_id.as_ref().map(|id| &*id.0);
        let session = hot.session_id.as_ref().map(|id| &*id.0);
        let mut seen = self.seen;
        let Some(turn) = self.get(id, session) else {
            self.seen.foreign += 1;
            return Err(Odd::Stranger {
                kind: brief(&hot.kind),
            });
        };
        if !turn.is_heard() {
            return Ok(());
        }
        let bytes = base64::decode(&audio.0).ok_or_else(|| hot.odd("audio"))?;
        let codec = hot.codec.as_ref().map_or("", |codec| &*codec.0);
        seen.pieces += 1;
        seen.misordered += u32::from(hot.number().is_some_and(|number| number != turn.next));
        seen.mislabelled += u32::from(is_mislabelled(codec, &bytes));
        turn.take(hot.number(), sound(codec, bytes), now, say);
        self.seen = seen;
        Ok(())
    }

    /// The words that the sound behind this says.
    pub(super) fn words(&mut self, fields: &Fields<'_>) -> Result<Vec<Speech>, Odd> {
        let words = fields.text("content")?.to_owned();
        let turn = self.named(fields)?;
        let id = turn.id;
        let heard = turn.is_heard() && !words.trim().is_empty();
        let words = heard.then_some(Speech::Words { turn: id, words });
        Ok(words.into_iter().collect())
    }

    /// What was seen of how this server speaks.
    pub(super) fn seen(&self) -> Seen {
        self.seen
    }

    /// All of a turn has come.
    pub(super) fn complete(&mut self, fields: &Fields<'_>) -> Result<Vec<Speech>, Odd> {
        let turn = self.named(fields)?;
        if !turn.is_heard() {
            return Ok(vec![]);
        }
        Ok(turn.finish())
    }

    /// The turn that a frame is about.
    fn named(&mut self, fields: &Fields<'_>) -> Result<&mut Turn, Odd> {
        let found = self.get(fields.maybe("message_id"), fields.maybe("session_id"));
        found.ok_or_else(|| fields.stranger())
    }

    /// The turn of this name, else the oldest that is not over, unless it is of another
    /// conversation.
    fn get(&mut self, named: Option<&str>, session: Option<&str>) -> Option<&mut Turn> {
        let found = match named {
            Some(text) => {
                let id = text.parse().ok();
                self.turns.iter_mut().find(|turn| Some(turn.id) == id)
            }
            None => self.turns.iter_mut().find(|turn| !turn.over),
        };
        found.filter(|turn| {
            let session = session.map(str::parse);
            session.is_none_or(|session| session == Ok(turn.conversation))
        })
    }
}

impl Turn {
    fn new(id: TurnId, conversation: ConversationId, stale: u32) -> Self {
        Self {
            id,
            conversation,
            next: 0,
            early: BTreeMap::new(),
            gap: None,
            lull: None,
            over: false,
            stale,
        }
    }

    fn is_heard(&self) -> bool {
        !self.over && self.stale == 0
    }

    fn end(&mut self) -> BTreeMap<u64, Sound> {
        self.over = true;
        std::mem::take(&mut self.early)
    }

    /// What is left of it, and its end.
    fn finish(&mut self) -> Vec<Speech> {
        let id = self.id;
        let left = self.end().into_values();
        let left = left.map(|sound| Speech::More { turn: id, sound });
        left.chain([Speech::End { turn: id }]).collect()
    }

    /// Says what can be played now that this piece is here. One without a number is in its place,
    /// and one that was given up or has come before is late.
    fn take(
        &mut self,
        number: Option<u64>,
        sound: Sound,
        now: Moment,
        say: &mut dyn FnMut(Speech),
    ) {
        if self.lull.is_some() {
            self.lull = Some(now + LULL);
        }
        // Nearly always: it is the next one, and none waits.
        let next = number == Some(self.next) && self.early.is_empty();
        let Some(number) = number.filter(|_| !next) else {
            self.next = self.next.saturating_add(u64::from(next));
            let turn = self.id;
            return say(Speech::More { turn, sound });
        };
        if number >= self.next {
            self.early.entry(number).or_insert(sound);
        }
        if self.early.len() >= WINDOW {
            self.skip();
        }
        self.ready(now, say);
    }

    /// Gives up what is missing.
    fn skip(&mut self) {
        if let Some(first) = self.early.keys().next() {
            self.next = *first;
        }
    }

    /// Says the pieces that nothing is missing in front of.
    fn ready(&mut self, now: Moment, say: &mut dyn FnMut(Speech)) {
        let turn = self.id;
        let mut none = true;
        while let Some(sound) = self.early.remove(&self.next) {
            say(Speech::More { turn, sound });
            none = false;
            self.next = self.next.saturating_add(1);
        }
        // The wait begins anew with each piece that was missing and came.
        self.gap = match self.gap {
            _ if self.early.is_empty() => None,
            Some(gap) if none => Some(gap),
            _ => Some(now + GAP),
        };
    }
}

/// What kind of sound these bytes are. The name that comes with them is often wrong; but bytes
/// that are no file of any kind are samples, at the rate that the name may hold, and so is what
/// only looks like a frame of MPEG audio where samples are promised.
pub(super) fn sound(codec: &str, bytes: Vec<u8>) -> Sound {
    let quiet = codec.contains("pcm") && bytes.first() == Some(&0xff);
    if sniff(&bytes) != Kind::Unknown && !quiet {
        return Sound::File(bytes);
    }
    let rate = codec
        .split_once("rate=")
        .and_then(|(_, rate)| rate.trim().parse().ok())
        .filter(|rate| *rate > 0);
    Sound::Samples {
        rate: rate.unwrap_or(USUAL_RATE),
        samples: Bytes::from(bytes).into(),
    }
}

/// Whether a file is of another kind than its name says.
fn is_mislabelled(codec: &str, bytes: &[u8]) -> bool {
    let says = ["wav", "mpeg", "ogg", "flac", "pcm"];
    let says = says.into_iter().find(|kind| codec.contains(kind));
    let is = match sniff(bytes) {
        Kind::Wav => "wav",
        Kind::Mp3 => "mpeg",
        Kind::Other("Ogg") => "ogg",
        Kind::Other("FLAC") => "flac",
        Kind::Other(_) | Kind::Unknown => "pcm",
    };
    says.is_some_and(|says| says != is)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TURN: TurnId = TurnId(7);

    /// The numbers of the pieces in the order in which they are played.
    fn played(numbers: &[u64]) -> Vec<i16> {
        let mut turn = Turn::new(TURN, ConversationId(1), 0);
        let mut speech = vec![];
        for number in numbers {
            let sound = Sound::Samples {
                rate: 1,
                samples: vec![*number as i16].into(),
            };
            let mut say = |one| speech.push(one);
            turn.take(Some(*number), sound, Moment::default(), &mut say);
        }
        let rest = turn.end().into_values();
        speech.extend(rest.map(|sound| Speech::More { turn: TURN, sound }));
        let samples = speech.into_iter().flat_map(|speech| match speech {
            Speech::More {
                sound: Sound::Samples { samples, .. },
                ..
            } => Vec::from(samples),
            other => panic!("{other:?}"),
        });
        samples.collect()
    }

    #[test]
    fn pieces_are_put_in_order_and_a_gap_is_left_out_after_a_while() {
        for (came, expected) in [
            (&[0, 1, 2][..], &[0, 1, 2][..]),
            (&[1, 0, 3, 2], &[0, 1, 2, 3]),
            (&[0, 0, 1, 1, 0], &[0, 1]),
            (&[0, 2, 3], &[0, 2, 3]),
            (
                &[2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 1],
                &[2, 3, 4, 5, 6, 7, 8, 9, 10],
            ),
            (&[2, 3, 4, 5, 6, 7, 8, 1, 0], &[1, 2, 3, 4, 5, 6, 7, 8]),
            (&[u64::MAX, 0], &[0, -1]),
        ] {
            assert_eq!(played(came), expected, "{came:?}");
        }
    }

    #[test]
    fn the_bytes_say_what_kind_of_sound_they_are() {
        let file = |bytes: &[u8]| (Sound::File(bytes.to_vec()), bytes.to_vec());
        let samples = |rate, samples: &[i16], bytes: &[u8]| {
            let samples = samples.to_vec().into();
            (Sound::Samples { rate, samples }, bytes.to_vec())
        };
        for (codec, (expected, bytes)) in [
            ("audio/mpeg", file(b"RIFF....WAVE")),
            ("", file(b"ID3\x04")),
            ("audio/wav", file(b"\xff\xfb\x90\x64")),
            ("audio/mpeg", file(b"\xff\xf3\x44\xc4")),
            ("audio/pcm", file(b"OggS")),
            ("", file(b"fLaC")),
            ("", samples(24_000, &[-1, -1], &[0xff; 4])),
            ("", samples(24_000, &[-1, 0], &[0xff, 0xff, 0, 0])),
            ("audio/mpeg", samples(24_000, &[1], &[1, 0, 9])),
            (
                "audio/pcm;rate=8000",
                samples(8000, &[-1025, 1], b"\xff\xfb\x01\0"),
            ),
            ("audio/pcm; rate=x", samples(24_000, &[], b"")),
            (
                "audio/pcm;rate=16000",
                samples(16_000, &[-1025, 0x6490], b"\xff\xfb\x90\x64"),
            ),
        ] {
            assert_eq!(sound(codec, bytes.clone()), expected, "{codec} {bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn every_piece_of_a_shuffled_few_is_played_once_and_in_order(
            numbers in Just((0..8_u64).collect::<Vec<_>>()).prop_shuffle(),
        ) {
            prop_assert_eq!(played(&numbers), (0..8).collect::<Vec<i16>>());
        }

        #[test]
        fn whatever_comes_is_played_in_order(numbers in prop::collection::vec(0_u64..40, 0..60)) {
            let played = played(&numbers);
            prop_assert!(played.is_sorted_by(|a, b| a < b), "{:?}", played);
        }
    }
}
