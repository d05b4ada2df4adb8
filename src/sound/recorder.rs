//! Keeps what is heard on the disk while it is heard, so that neither a crash nor a failed
//! answer loses it. Only the owner can read it, and it ends at a longest length.

use super::level::{Level, Meter, to_i16};
use super::{SoundError, block};
use std::fs::File;
use std::io::{self, BufWriter, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The head of the file is brought up to date this often: a program that is killed loses no
/// more than this.
const BLOCKS_UNTIL_SAFE: u32 = 50;

/// A recording that is being made.
pub struct Recorder<W: Write + Seek = File> {
    writer: hound::WavWriter<BufWriter<W>>,
    path: PathBuf,
    rate: u32,
    left: u64,
    written: u64,
    since_safe: usize,
    meter: Meter,
}

/// A recording that was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Clip {
    pub path: PathBuf,
    pub length: Duration,
    pub level: Level,
}

impl Recorder {
    /// Begins a file that is not there yet. It takes samples of this rate and ends at `longest`.
    pub fn create(path: &Path, rate: u32, longest: Duration) -> Result<Self, SoundError> {
        let file = private(path).map_err(|error| SoundError::unwritable(path, &error))?;
        // Others see by this that it is still being made. Where locks are unknown they may not.
        let _ = file.try_lock();
        Self::into(file, path, rate, longest)
    }
}

impl<W: Write + Seek> Recorder<W> {
    pub(super) fn into(
        file: W,
        path: &Path,
        rate: u32,
        longest: Duration,
    ) -> Result<Self, SoundError> {
        let writer =
            wav_writer(file, rate).map_err(|error| SoundError::unwritable(path, &error))?;
        Ok(Self {
            writer,
            path: path.to_owned(),
            rate,
            left: u64::try_from(longest.as_millis()).unwrap_or(u64::MAX) * u64::from(rate) / 1000,
            written: 0,
            since_safe: 0,
            meter: Meter::default(),
        })
    }

    /// Keeps some samples. `false` says that the longest length is reached.
    pub fn add(&mut self, samples: &[f32]) -> Result<bool, SoundError> {
        let fitting = samples
            .len()
            .min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let samples = samples.get(..fitting).unwrap_or_default();
        for sample in samples {
            self.writer
                .write_sample(to_i16(*sample))
                .map_err(|error| self.broken(error))?;
        }
        self.meter.add(samples);
        self.left -= fitting as u64;
        self.written += fitting as u64;
        self.since_safe += fitting;
        if self.since_safe >= block(self.rate) * BLOCKS_UNTIL_SAFE as usize {
            self.writer.flush().map_err(|error| self.broken(error))?;
            self.since_safe = 0;
        }
        Ok(self.left > 0)
    }

    /// How loud it has been.
    pub fn level(&self) -> Level {
        self.meter.level()
    }

    /// How long it is.
    pub fn length(&self) -> Duration {
        Duration::from_millis(self.written * 1000 / u64::from(self.rate.max(1)))
    }

    /// Ends the file.
    pub fn finish(self) -> Result<Clip, SoundError> {
        let clip = Clip {
            length: self.length(),
            level: self.level(),
            path: self.path,
        };
        self.writer
            .finalize()
            .map_err(|error| SoundError::unwritable(&clip.path, &as_io(error)))?;
        Ok(clip)
    }

    fn broken(&self, error: hound::Error) -> SoundError {
        SoundError::unwritable(&self.path, &as_io(error))
    }
}

/// Copies a recording to a file that is not there yet.
pub fn copy(from: &Path, to: &Path) -> Result<(), SoundError> {
    let mut file = File::open(from).map_err(|error| SoundError::unreadable(from, &error))?;
    let broken = |error: io::Error| SoundError::unwritable(to, &error);
    let mut copy = private(to).map_err(broken)?;
    io::copy(&mut file, &mut copy).map(drop).map_err(broken)
}

/// A writer of WAV files: mono, 16 bit.
pub(super) fn wav_writer<W: Write + Seek>(
    file: W,
    rate: u32,
) -> io::Result<hound::WavWriter<BufWriter<W>>> {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: rate,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    hound::WavWriter::new(BufWriter::new(file), spec).map_err(as_io)
}

/// What the system said to the writer of WAV files.
pub(super) fn as_io(error: hound::Error) -> io::Error {
    match error {
        hound::Error::IoError(error) => error,
        other => io::Error::other(other),
    }
}

#[cfg(unix)]
fn private(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

#[cfg(not(unix))]
fn private(path: &Path) -> io::Result<File> {
    File::create_new(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sound::level::from_i16;
    use crate::sound::unpacked::Unpacked;

    fn read(path: &Path) -> (u32, Vec<f32>) {
        let mut wav = Unpacked::open(File::open(path).unwrap()).unwrap();
        let mut samples = vec![];
        wav.read(usize::MAX / 8, &mut samples).unwrap();
        (wav.rate(), samples)
    }

    #[test]
    fn a_recording_is_private_exact_and_as_long_as_it_may_be() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("clip.wav");
        let longest = Duration::from_millis(1500);
        let mut recorder = Recorder::create(&path, 16_000, longest).unwrap();
        let samples: Vec<f32> = (0..16_000).map(|n| from_i16(n as i16)).collect();
        assert_eq!(recorder.add(&samples), Ok(true));
        assert_eq!(recorder.add(&samples), Ok(false));
        assert_eq!(recorder.add(&samples), Ok(false));
        let clip = recorder.finish().unwrap();
        assert_eq!((&clip.path, clip.length), (&path, longest));
        assert!((clip.level.peak - from_i16(15_999)).abs() < 1e-9);
        let expected = [&samples[..], &samples[..8000]].concat();
        assert_eq!(read(&path), (16_000, expected));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = path.metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn what_is_recorded_is_readable_before_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("clip.wav");
        let mut recorder = Recorder::create(&path, 16_000, Duration::from_mins(1)).unwrap();
        for _ in 0..70 {
            assert_eq!(recorder.add(&[0.25; 320]), Ok(true));
        }
        assert_eq!(
            read(&path),
            (16_000, vec![0.25; 16_000]),
            "one second of 1.4"
        );
        // As when the program is killed: nothing is finished.
        std::mem::forget(recorder);
        assert_eq!(read(&path), (16_000, vec![0.25; 16_000]));
    }

    #[test]
    fn a_recording_replaces_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("clip.wav");
        std::fs::write(&path, "precious").unwrap();
        let error = Recorder::create(&path, 16_000, Duration::from_mins(1)).err();
        assert_eq!(error, Some(SoundError::Exists { path: path.clone() }));
        assert_eq!(std::fs::read(&path).unwrap(), b"precious");
    }

    /// A disk with room for so many bytes.
    struct Small(io::Cursor<Vec<u8>>, u64);

    impl Write for Small {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.0.position() + bytes.len() as u64 > self.1 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.0.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Seek for Small {
        fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
            self.0.seek(to)
        }
    }

    #[test]
    fn a_full_disk_is_told() {
        let path = Path::new("clip.wav");
        let disk = Small(io::Cursor::default(), 40_000);
        let mut recorder = Recorder::into(disk, path, 16_000, Duration::from_mins(1)).unwrap();
        let error = (0..100).find_map(|_| recorder.add(&[0.25; 320]).err());
        let path = path.to_owned();
        assert_eq!(error, Some(SoundError::NoSpace { path }));
    }
}
