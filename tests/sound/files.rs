//! The program on a machine without sound, and files of sound.

use hearsay::sound::level::to_i16;
use hearsay::sound::loop_test::chirp;
use hearsay::sound::unpacked::Unpacked;
use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};

/// The program in a home of its own, on a machine without sound.
pub(crate) fn hearsay(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hearsay"));
    command
        .args(arguments)
        .env_clear()
        .env("HOME", home)
        .env("TMPDIR", home)
        .env("LANG", "C.UTF-8")
        .env("ALSA_CONFIG_PATH", "/dev/null")
        .env("PULSE_SERVER", "unix:/none")
        .current_dir(home)
        .stdin(Stdio::null());
    command
}

/// Exit code, stdout and stderr.
pub(crate) fn ran(command: &mut Command) -> (Option<i32>, String, String) {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let code = output.status.code();
    (code, text(output.stdout), text(output.stderr))
}

pub(crate) fn write_wav(path: &Path, rate: u32, channels: u16, samples: &[f32]) {
    let spec = hound::WavSpec {
        channels,
        sample_rate: rate,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    for sample in samples {
        for _ in 0..channels {
            writer.write_sample(to_i16(*sample)).unwrap();
        }
    }
    writer.finalize().unwrap();
}

pub(crate) fn read_wav(path: &Path) -> (u32, Vec<f32>) {
    let mut wav = Unpacked::open(File::open(path).unwrap()).unwrap();
    let mut samples = vec![];
    wav.read(1 << 30, &mut samples).unwrap();
    (wav.rate(), samples)
}

/// A chirp after so many milliseconds of silence, and a second of silence after it.
pub(crate) fn delayed_chirp(ms: usize) -> Vec<f32> {
    [vec![0.0; ms * 16], chirp(), vec![0.0; 16_000]].concat()
}

/// Where the chirp is in a recording at its rate, and how much like it that part is.
pub(crate) fn find(heard: &[f32]) -> (usize, f32) {
    let chirp = chirp();
    let own: f32 = chirp.iter().map(|sample| sample * sample).sum();
    // What is as loud as a chirp lasts no longer than one, so most places need no second look.
    let mut power = vec![0.0_f64];
    for sample in heard {
        power.push(power[power.len() - 1] + f64::from(sample * sample));
    }
    let size = |at: usize| (power[at + chirp.len()] - power[at]) as f32;
    let places = 0..heard.len() - chirp.len();
    let loudest = places.clone().map(size).fold(0.0, f32::max);
    places
        .filter(|at| size(*at) > loudest * 0.9)
        .map(|at| {
            let part = &heard[at..at + chirp.len()];
            let size = size(at);
            let product: f32 = part.iter().zip(&chirp).map(|(a, b)| a * b).sum();
            (at, product / (size * own).sqrt().max(1e-6))
        })
        .max_by(|one, other| one.1.total_cmp(&other.1))
        .unwrap()
}
