//! The short sounds of our own, and how they are made: `assets/chimes` holds what [`notes`] says.

use crate::core::sound::Chime;

/// A chime as a WAV file.
pub(super) fn wav(chime: Chime) -> &'static [u8] {
    match chime {
        Chime::Open => include_bytes!("../../../assets/chimes/open.wav"),
        Chime::Closed => include_bytes!("../../../assets/chimes/closed.wav"),
        Chime::Failed => include_bytes!("../../../assets/chimes/failed.wav"),
        Chime::Thinking => include_bytes!("../../../assets/chimes/thinking.wav"),
        Chime::Answered => include_bytes!("../../../assets/chimes/answered.wav"),
        Chime::CallOver => include_bytes!("../../../assets/chimes/call-over.wav"),
        Chime::Lost => include_bytes!("../../../assets/chimes/lost.wav"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sound::level::to_i16;
    use std::path::Path;

    const RATE: u32 = 24_000;

    /// The two notes of a chime, in hertz: it climbs, falls, or stays.
    fn notes(chime: Chime) -> [f32; 2] {
        match chime {
            Chime::Open => [659.25, 880.0],
            Chime::Closed => [880.0, 659.25],
            Chime::Failed => [311.13, 293.66],
            Chime::Thinking => [523.25, 523.25],
            Chime::Answered => [523.25, 783.99],
            Chime::CallOver => [659.25, 440.0],
            Chime::Lost => [392.0, 293.66],
        }
    }

    /// Two soft notes of 60 ms, the second over the end of the first.
    fn made(chime: Chime) -> Vec<i16> {
        let mut samples = vec![0.0f64; RATE as usize * 120 / 1000];
        for (number, hertz) in notes(chime).into_iter().enumerate() {
            let start = RATE as usize * 50 / 1000 * number;
            let length = samples.len() - start;
            for (n, sample) in samples.iter_mut().skip(start).enumerate() {
                let at = n as f64 / f64::from(RATE);
                let left = (length - n) as f64 / f64::from(RATE);
                // 4 ms to come, and gone before the end.
                let edge = (at / 0.004).min(left / 0.02).min(1.0) * (-at * 30.0).exp();
                *sample += 0.16 * edge * (at * f64::from(hertz) * std::f64::consts::TAU).sin();
            }
        }
        samples
            .iter()
            .map(|sample| to_i16(*sample as f32))
            .collect()
    }

    fn file(chime: Chime) -> Vec<u8> {
        let mut bytes = std::io::Cursor::new(vec![]);
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: RATE,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut writer = hound::WavWriter::new(&mut bytes, spec).unwrap();
        for sample in made(chime) {
            writer.write_sample(sample).unwrap();
        }
        writer.finalize().unwrap();
        bytes.into_inner()
    }

    /// `HEARSAY_MAKE_CHIMES=1 cargo test chimes` writes the files anew.
    #[test]
    fn the_chimes_are_short_soft_and_as_they_are_made_here() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/chimes");
        for (chime, name) in [
            (Chime::Open, "open.wav"),
            (Chime::Closed, "closed.wav"),
            (Chime::Failed, "failed.wav"),
            (Chime::Thinking, "thinking.wav"),
            (Chime::Answered, "answered.wav"),
            (Chime::CallOver, "call-over.wav"),
            (Chime::Lost, "lost.wav"),
        ] {
            let made = file(chime);
            if std::env::var_os("HEARSAY_MAKE_CHIMES").is_some() {
                std::fs::write(folder.join(name), &made).unwrap();
                continue;
            }
            let kept = wav(chime);
            assert_eq!(made.get(..44), kept.get(..44), "{name}");
            // Machines may round a sine differently.
            let samples = |bytes: &[u8]| -> Vec<i16> {
                let pairs = bytes.chunks_exact(2).skip(22);
                pairs
                    .map(|pair| i16::from_le_bytes([pair[0], pair[1]]))
                    .collect()
            };
            let (made, kept) = (samples(&made), samples(kept));
            assert!(made.len() * 1000 <= 150 * RATE as usize, "{name}");
            let off = made
                .iter()
                .zip(&kept)
                .map(|(one, other)| one.abs_diff(*other));
            assert!(off.max() <= Some(1), "{name}");
            let loudest = made.iter().map(|sample| sample.unsigned_abs()).max();
            assert!(
                (1000..8000).contains(&loudest.unwrap()),
                "{name}: {loudest:?}"
            );
        }
    }
}
