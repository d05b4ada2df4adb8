//! Looks up what is known of a turn beside the model: what passed on the line, what the log says,
//! how loud its recording is, what an earlier run kept of its times.

use super::logs;
use crate::codec::wav;
use crate::core::ids::TurnId;
use crate::core::inspect::{Findings, Inquiry, LogLine};
use crate::core::log::head::head;
use crate::core::record::TurnTimes;
use crate::link::Tape;
use crate::store::Store;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

/// So many lines of the log are shown at most: the last ones.
const LINES: usize = 200;
/// Nothing longer is read of a line.
const LONGEST: u64 = 4096;
/// So many levels make the shape of a recording.
const LEVELS: usize = 24;

/// Where it is looked up.
pub(super) struct Places {
    pub(super) data: PathBuf,
    pub(super) database: PathBuf,
    pub(super) tape: Tape,
}

/// Looks everything up; reads files, so somebody has to be able to wait for it.
pub(super) fn find(places: &Places, inquiry: &Inquiry) -> Findings {
    let log = places.data.join(logs::NAME);
    let clip = places
        .data
        .join("clips")
        .join(format!("{}.wav", inquiry.turn));
    Findings {
        turn: inquiry.turn,
        passed: places.tape.between(inquiry.since, inquiry.until),
        log: lines(&log, inquiry),
        shape: if inquiry.recorded {
            shape(&clip)
        } else {
            vec![]
        },
        times: times(&places.database, inquiry),
    }
}

/// The lines of our log that name a turn, and those of its time that name none.
fn lines(log: &Path, inquiry: &Inquiry) -> Vec<LogLine> {
    let name = inquiry.turn.to_string();
    let mut found = std::collections::VecDeque::new();
    let mut nth = 0;
    let aside = (1..=logs::KEPT_FILES).rev();
    let aside = aside.map(|nth| log.with_extension(format!("log.{nth}")));
    for path in aside.chain([log.to_owned()]) {
        // One that is not there has no lines.
        let Ok(file) = File::open(path) else {
            continue;
        };
        let mut file = BufReader::new(file);
        let mut line = vec![];
        loop {
            line.clear();
            let mut piece = std::io::Read::take(&mut file, LONGEST);
            if piece.read_until(b'\n', &mut line).unwrap_or(0) == 0 {
                break;
            }
            let text = String::from_utf8_lossy(&line);
            let text = text.trim_end();
            let ours = text.contains(&name);
            // Our log is written in UTC and says so.
            let head = head(text.as_bytes(), 0);
            let Some(at) = head.at else {
                continue;
            };
            let then = inquiry.since <= at && at <= inquiry.until;
            if !ours && (!then || names_a_turn(text)) {
                continue;
            }
            if found.len() == LINES {
                found.pop_front();
            }
            let said = text.get(head.text..).unwrap_or(text);
            let said = said.replace(&name, "…");
            found.push_back(LogLine {
                at,
                level: head.level,
                text: said.trim().to_owned(),
                nth: ours.then_some(nth),
            });
            nth += usize::from(ours);
        }
    }
    found.into()
}

/// Whether a line is about some turn.
fn names_a_turn(text: &str) -> bool {
    let named = text.split("turn=").nth(1);
    named.is_some_and(|rest| {
        rest.get(..36)
            .is_some_and(|id| id.parse::<TurnId>().is_ok())
    })
}

/// How loud a recording is from its beginning to its end, in hundredths of the loudest in it;
/// nothing if it is not there.
pub(super) fn shape(clip: &Path) -> Vec<u8> {
    let Some((samples, _)) = std::fs::read(clip)
        .ok()
        .and_then(|file| wav::whole(&file).ok())
    else {
        return vec![];
    };
    let long = samples.len().div_ceil(LEVELS).max(1);
    let peaks: Vec<f32> = samples
        .chunks(long)
        .map(|some| {
            some.iter()
                .fold(0.0, |peak: f32, sample| peak.max(sample.abs()))
        })
        .collect();
    let most = peaks.iter().copied().fold(0.01, f32::max);
    peaks
        .iter()
        .map(|peak| (peak / most * 100.0) as u8)
        .collect()
}

/// The times of a turn, as the store has them.
fn times(database: &Path, inquiry: &Inquiry) -> Option<TurnTimes> {
    // Looking must not leave an empty store behind.
    if !database.exists() {
        return None;
    }
    let turns = Store::open(database).and_then(|store| store.turns(inquiry.conversation));
    match turns {
        Ok(turns) => turns
            .into_iter()
            .rev()
            .find(|times| times.turn == Some(inquiry.turn)),
        Err(error) => {
            tracing::warn!("the times of a turn are not known: {error}");
            None
        }
    }
}

/// The last lines of a log.
pub(super) fn tail(log: &Path, most: usize) -> String {
    let inquiry = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&inquiry);
    let lines: Vec<&str> = text.lines().collect();
    let from = lines.len().saturating_sub(most);
    lines.get(from..).unwrap_or_default().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::ids::ConversationId;
    use crate::core::log::Level;
    use crate::core::time::Wall;

    const TURN: TurnId = TurnId(7);

    fn inquiry() -> Inquiry {
        Inquiry {
            turn: TURN,
            conversation: ConversationId(1),
            recorded: true,
            since: Wall(1_704_110_400_000),
            until: Wall(1_704_110_410_000),
        }
    }

    #[test]
    fn lines_of_the_turn_are_found_and_those_of_its_time() {
        let folder = tempfile::tempdir().unwrap();
        let other = TurnId(8);
        let log = folder.path().join(logs::NAME);
        let put = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        put(
            "hearsay.log.1",
            &format!("2024-01-01T11:00:00.000Z INFO  a turn begins turn={TURN}\n"),
        );
        put(
            logs::NAME,
            &format!(
                "2024-01-01T11:59:00.000Z INFO  long before\n\
                 2024-01-01T12:00:01.000Z WARN  the line is down\n\
                 2024-01-01T12:00:02.000Z INFO  another turn={other}\n\
                 nonsense\n\
                 2024-01-01T12:00:03.500Z INFO  the turn is over turn={TURN}\n\
                 2024-01-01T13:00:00.000Z INFO  long after\n"
            ),
        );
        let found = lines(&log, &inquiry());
        let told: Vec<_> = found
            .iter()
            .map(|line| (line.level, line.text.as_str(), line.nth))
            .collect();
        assert_eq!(
            told,
            [
                (Some(Level::Info), "a turn begins turn=…", Some(0)),
                (Some(Level::Warn), "the line is down", None),
                (Some(Level::Info), "the turn is over turn=…", Some(1)),
            ]
        );
        assert_eq!(found[2].at, Wall(1_704_110_403_500));
        assert_eq!(lines(&folder.path().join("none.log"), &inquiry()), []);
        assert_eq!(tail(&log, 1), "2024-01-01T13:00:00.000Z INFO  long after");
    }

    #[test]
    fn a_recording_has_a_shape_and_one_that_is_gone_has_none() {
        let folder = tempfile::tempdir().unwrap();
        let clip = folder.path().join("x.wav");
        let mut samples = vec![0_i16; 12_000];
        samples.resize(24_000, 16_000);
        std::fs::write(&clip, wav::write(&samples, 16_000)).unwrap();
        let found = shape(&clip);
        assert_eq!(found.len(), LEVELS);
        assert_eq!((found.first(), found.last()), (Some(&0), Some(&100)));
        assert_eq!(shape(&folder.path().join("gone.wav")), [0; 0]);
    }
}
