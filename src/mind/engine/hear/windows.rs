//! Lets a model that hears a piece as a whole hear a recording of any length: what is too long is
//! cut where it is quiet, and what is silent is not heard at all.

use super::{Halt, Heard, Hearer, Run};

/// Samples of the stretch that has to be quiet for a cut: 100 ms.
const STRETCH: usize = 1_600;
/// What never gets louder than this holds no words: 50 dB below the loudest there is.
const SILENT: f32 = 0.003;

/// A model that hears a piece as a whole.
pub(super) trait Window: Send {
    /// The longest piece, in samples.
    fn longest(&self) -> usize;

    /// How much more sound makes another guess worth its while, in samples.
    fn pace(&self) -> usize;

    /// Hears a piece.
    fn hear(
        &mut self,
        samples: &[f32],
        language: Option<&str>,
        run: &mut Run<'_>,
    ) -> Result<Heard, Halt>;
}

/// A recording that is heard piece by piece.
pub(super) struct Windows<W> {
    window: W,
    language: Option<String>,
    live: bool,
    held: Vec<f32>,
    /// How much was held when the last guess was made.
    guessed: usize,
    done: Vec<(Heard, usize)>,
}

impl<W: Window> Windows<W> {
    pub(super) fn new(window: W) -> Self {
        Self {
            window,
            language: None,
            live: false,
            held: vec![],
            guessed: 0,
            done: vec![],
        }
    }

    /// Hears a piece that follows on what is done.
    fn hear(&mut self, samples: &[f32], run: &mut Run<'_>) -> Result<Heard, Halt> {
        run.go_on()?;
        if is_silent(samples) {
            return Ok(Heard::default());
        }
        let before = text(&self.done);
        let Run {
            tell,
            stop,
            caught_up,
        } = run;
        let mut told = |more: &str| tell(&join(&before, more));
        let mut inner = Run {
            tell: &mut told,
            stop: *stop,
            caught_up: *caught_up,
        };
        self.window
            .hear(samples, self.language.as_deref(), &mut inner)
    }
}

impl<W: Window> Hearer for Windows<W> {
    fn begin(&mut self, language: Option<&str>, live: bool) {
        self.language = language.map(str::to_owned);
        self.live = live;
        self.held.clear();
        self.guessed = 0;
        self.done.clear();
    }

    fn push(&mut self, samples: &[f32], run: &mut Run<'_>) -> Result<(), Halt> {
        self.held.extend_from_slice(samples);
        let longest = self.window.longest();
        while self.held.len() > longest {
            let at = cut(self.held.get(..longest).unwrap_or_default());
            let piece: Vec<f32> = self.held.drain(..at).collect();
            self.guessed = 0;
            let heard = self.hear(&piece, run)?;
            self.done.push((heard, piece.len()));
            (run.tell)(&text(&self.done));
        }
        // Guesses become rarer as they become dearer.
        let pace = self.window.pace().max(self.guessed / 4);
        if self.live && run.caught_up && self.held.len() >= self.guessed + pace {
            self.guessed = self.held.len();
            let held = std::mem::take(&mut self.held);
            let heard = self.hear(&held, run);
            self.held = held;
            (run.tell)(&join(&text(&self.done), &heard?.text));
        }
        Ok(())
    }

    fn finish(&mut self, run: &mut Run<'_>) -> Result<Heard, Halt> {
        let rest = std::mem::take(&mut self.held);
        if !rest.is_empty() {
            let heard = self.hear(&rest, run)?;
            self.done.push((heard, rest.len()));
        }
        let spoken = self.done.iter().filter(|(heard, _)| !heard.text.is_empty());
        let longest = spoken.clone().max_by_key(|(_, length)| *length);
        let (mut sum, mut count) = (0.0, 0.0);
        for (heard, length) in spoken {
            if let Some(confidence) = heard.confidence {
                sum += confidence * *length as f32;
                count += *length as f32;
            }
        }
        Ok(Heard {
            text: text(&self.done),
            language: longest.and_then(|(heard, _)| heard.language.clone()),
            confidence: (count > 0.0).then(|| sum / count),
        })
    }
}

fn text(done: &[(Heard, usize)]) -> String {
    done.iter()
        .fold(String::new(), |all, (heard, _)| join(&all, &heard.text))
}

/// Two texts after one another: with a space, unless a script without spaces meets.
fn join(one: &str, other: &str) -> String {
    let (last, first) = (one.chars().next_back(), other.chars().next());
    let wide = |c: char| matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}');
    match (last, first) {
        (Some(last), Some(first)) if !(wide(last) && wide(first)) => format!("{one} {other}"),
        _ => format!("{one}{other}"),
    }
}

/// Where to cut: the middle of the quietest stretch in the last third.
fn cut(samples: &[f32]) -> usize {
    let from = samples.len() * 2 / 3;
    let late = samples.get(from..).unwrap_or_default();
    let energy = |stretch: &[f32]| stretch.iter().map(|one| one * one).sum::<f32>();
    let stretches = late.chunks_exact(STRETCH).map(energy).enumerate();
    let quietest = stretches.min_by(|(_, one), (_, other)| one.total_cmp(other));
    quietest.map_or(samples.len(), |(nth, _)| from + nth * STRETCH + STRETCH / 2)
}

fn is_silent(samples: &[f32]) -> bool {
    // What is no number is no sound.
    !samples.iter().any(|sample| sample.abs() >= SILENT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Hears how long a piece is, in tenths of a second.
    struct Clock(Vec<usize>);

    impl Window for Clock {
        fn longest(&self) -> usize {
            16_000
        }

        fn pace(&self) -> usize {
            4_000
        }

        fn hear(
            &mut self,
            samples: &[f32],
            _language: Option<&str>,
            _run: &mut Run<'_>,
        ) -> Result<Heard, Halt> {
            self.0.push(samples.len());
            Ok(Heard {
                text: format!("{}", samples.len() / 1_600),
                language: Some("en".to_owned()),
                confidence: Some(0.5),
            })
        }
    }

    fn hear(pieces: &[&[f32]], live: bool) -> (Heard, Vec<String>, Vec<usize>) {
        let mut windows = Windows::new(Clock(vec![]));
        windows.begin(Some("en"), live);
        let mut told = vec![];
        let mut tell = |text: &str| told.push(text.to_owned());
        let mut run = Run {
            tell: &mut tell,
            stop: &|| false,
            caught_up: true,
        };
        for piece in pieces {
            windows.push(piece, &mut run).unwrap();
        }
        let heard = windows.finish(&mut run).unwrap();
        (heard, told, windows.window.0)
    }

    #[test]
    fn what_is_long_is_cut_where_it_is_quiet() {
        let mut sound = vec![0.5; 24_000];
        sound[12_800..14_400].fill(0.0);
        let (heard, told, pieces) = hear(&[&sound], false);
        assert_eq!(pieces, [13_066, 24_000 - 13_066]);
        assert_eq!(heard.text, "8 6");
        assert_eq!(told, ["8"]);
        assert_eq!(heard.confidence, Some(0.5));
        assert_eq!(heard.language.as_deref(), Some("en"));
    }

    #[test]
    fn guesses_are_made_while_sound_comes_and_not_otherwise() {
        let sound = vec![0.5; 2_000];
        let pieces = vec![sound.as_slice(); 5];
        let (heard, told, _) = hear(&pieces, true);
        assert_eq!(
            (heard.text.as_str(), told),
            ("6", vec!["2".to_owned(), "5".to_owned()])
        );
        let (_, told, _) = hear(&pieces, false);
        assert!(told.is_empty());
    }

    #[test]
    fn of_silence_and_of_nothing_there_are_no_words() {
        for sound in [vec![], vec![0.001; 40_000], vec![f32::NAN; 40_000]] {
            let (heard, _, pieces) = hear(&[&sound], true);
            assert_eq!((heard, pieces), (Heard::default(), vec![]));
        }
    }

    #[test]
    fn scripts_without_spaces_are_joined_without() {
        let table = [
            ("a", "b", "a b"),
            ("你", "好", "你好"),
            ("好", "b", "好 b"),
            ("", "b", "b"),
        ];
        for (one, other, both) in table {
            assert_eq!(join(one, other), both);
        }
    }

    proptest! {
        #[test]
        fn every_sample_is_heard_once_whatever_the_pieces(lengths in proptest::collection::vec(0_usize..30_000, 1..8)) {
            let sound: Vec<Vec<f32>> = lengths.iter().map(|length| vec![0.5; *length]).collect();
            let pieces: Vec<&[f32]> = sound.iter().map(Vec::as_slice).collect();
            let (_, _, heard) = hear(&pieces, false);
            prop_assert_eq!(heard.iter().sum::<usize>(), lengths.iter().sum::<usize>());
            prop_assert!(heard.iter().all(|length| *length <= 16_000));
        }
    }
}
