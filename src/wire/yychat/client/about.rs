//! Tells whether a frame is about an answer or about a recording, where both may be meant.

use super::super::asked::{About, Asked};

/// What a frame about stopping is about: an answer, else a recording.
pub(super) fn stopped(answers: &Asked, recordings: &Asked, named: Option<&str>) -> About {
    let answer = answers.about_stopping(named);
    match recordings.about_stopping(named) {
        recording @ About::Open(_) if !matches!(answer, About::Open(_)) => recording,
        About::Over(turn) if answer == About::Stranger => About::Over(turn),
        _ => answer,
    }
}

/// What a plain server means that says it was asked to stop. It names nobody, and means nobody who
/// was not to stop: what was may be over already.
pub(super) fn notified(answers: &Asked, recordings: &Asked, named: Option<&str>) -> About {
    if named.is_some() || answers.is_stopping() || recordings.is_stopping() {
        stopped(answers, recordings, named)
    } else {
        About::Nobody
    }
}

/// What an error is about. Plain servers tell of recordings in flat errors, and of anything else
/// in nested ones.
pub(super) fn failed(
    answers: &Asked,
    recordings: &Asked,
    named: Option<&str>,
    nested: bool,
) -> About {
    let (answer, recording) = (answers.about(named), recordings.about(named));
    let (first, second) = if nested || named.is_some() {
        (answer, recording)
    } else {
        (recording, answer)
    };
    match (first, second) {
        (About::Nobody | About::Over(_), About::Open(_))
        | (About::Stranger, About::Open(_) | About::Over(_)) => second,
        _ => first,
    }
}
