//! Makes samples of a recording that came in one piece: a WAV file of any form, or bare samples.

use super::error::ServeError;
use super::hear::MOST;
use crate::codec::resample::at_rate;
use crate::codec::{CodecError, to_i16, wav};
use crate::core::sound::{NotWav, RATE};
use crate::wire::yychat::binary;

/// The samples at our rate. Some who say that theirs are `bare` send a file all the same.
pub(super) fn unpack(bytes: &[u8], bare: bool) -> Result<Vec<i16>, ServeError> {
    let (samples, rate) = match wav::whole(bytes) {
        Ok(sound) => sound,
        Err(NotWav::Cut | NotWav::Empty | NotWav::Other(_)) if bare => {
            return Ok(binary::samples(bytes));
        }
        Err(why) => {
            let why = CodecError::from(why).to_string();
            return Err(ServeError::Audio { why });
        }
    };
    // Of a low rate a small file is many samples.
    let second = RATE as usize;
    if samples.len() > MOST / second * rate as usize {
        let minutes = MOST / second / 60;
        return Err(ServeError::TooLong { minutes });
    }
    let samples = at_rate(&samples, rate, RATE);
    Ok(samples.into_iter().map(to_i16).collect())
}
