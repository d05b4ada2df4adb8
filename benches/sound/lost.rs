//! Records and plays through a sound server of its own for as long as is wished, and says what of
//! it is missing and who lost it: `cargo bench --bench sound -- --lost 10` takes ten minutes.
//!
//! What the program records is played by the server's own player, what it plays is recorded by the
//! server's own recorder, and that recorder is a witness of the first, too. They keep two seconds;
//! whoever keeps 20 ms shows every sample that a starved server throws away.

use crate::rig::Rig;
use hearsay::core::ids::TurnId;
use hearsay::core::sound::{SoundEvent, SoundOrder};
use hearsay::sound::Pace;
use hearsay::sound::desk::{Desk, DeskSettings};
use hearsay::sound::device::{self, Wish};
use hearsay::sound::level::from_i16;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

const RATE: usize = 16_000;
/// So many samples in a row are like no others.
const KEY: usize = 32;
/// Nothing that is missing is longer.
const LONGEST: usize = RATE * 2;

/// The minutes that are wished for.
pub(crate) fn wished() -> Option<f64> {
    let mut arguments = std::env::args().skip_while(|argument| argument != "--lost");
    arguments.next()?;
    let minutes = arguments.next().and_then(|minutes| minutes.parse().ok());
    Some(minutes.expect("`--lost` is followed by minutes"))
}

/// Measures, in a process that reaches a server of its own by the environment.
pub(crate) fn run(minutes: f64) -> ExitCode {
    let Some(folder) = std::env::var_os("HEARSAY_RIG") else {
        let folder = tempfile::tempdir().unwrap();
        let mut again = Command::new(std::env::current_exe().unwrap());
        again.args(["--lost", &minutes.to_string()]);
        let status = Rig::surround(&mut again, folder.path()).status().unwrap();
        return if status.success() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        };
    };
    measure(&Rig::start_in(folder.into(), None), minutes);
    ExitCode::SUCCESS
}

fn measure(rig: &Rig, minutes: f64) {
    for tape in ["heard", "said"] {
        let name = format!("sink_name={tape}");
        let null = ["load-module", "module-null-sink", &name, "norewinds=1"];
        // Of the rate of recordings, so that the server changes nothing.
        rig.pactl(&[&null[..], &["rate=16000", "channels=1", "format=s16le"]].concat());
    }
    let noise = noise((minutes * 60.0 * RATE as f64) as usize);
    let raw: Vec<u8> = noise.iter().flat_map(|one| one.to_le_bytes()).collect();
    fs::write(rig.path("noise"), raw).unwrap();
    let (tell, events) = mpsc::channel();
    let mut settings = DeskSettings::new(rig.path("clips"));
    settings.microphone = Wish::Named("pulseaudio:heard.monitor".to_owned());
    settings.longest = Duration::from_secs_f64(minutes * 60.0 + 60.0);
    let desk = Desk::new(settings, move |event| drop(tell.send(event)), |_part| true);
    let clip = TurnId(1);
    desk.ask(SoundOrder::Record { clip });
    while !matches!(events.recv().unwrap(), SoundEvent::Hearing { .. }) {}
    let mut witnesses = ["heard", "said"].map(|tape| witness(rig, tape));
    for tape in ["heard", "said"] {
        // It writes as soon as it hears, and silence is sound, too.
        crate::rig::wait_for_file(&rig.path(tape), 1);
    }
    let mut playing = Command::new("paplay")
        .args(["--device=heard", "--raw", "--rate=16000", "--channels=1"])
        .args(["--format=s16le".as_ref(), rig.path("noise").as_os_str()])
        .spawn()
        .unwrap();
    let said: Vec<f32> = noise.iter().map(|one| from_i16(*one)).collect();
    let speaking = thread::spawn(move || {
        let said_to = Wish::Named("pulseaudio:said".to_owned());
        let mut mouth = device::playback(&said_to, RATE as u32, Pace::RealTime).unwrap();
        mouth.play(&said).unwrap();
        let counts = (mouth.gauge().missing(), mouth.gauge().gaps());
        mouth.finish().unwrap();
        counts
    });
    assert!(playing.wait().unwrap().success());
    let (late, gaps) = speaking.join().unwrap();
    desk.ask(SoundOrder::Stop { clip });
    let lost = loop {
        if let SoundEvent::Recorded { recorded, .. } = events.recv().unwrap() {
            break recorded.lost;
        }
    };
    witnesses.iter_mut().for_each(end);
    let file = rig.path("clips").join(format!("{clip}.wav"));
    let recorded = wav(&file);
    report("recorded by us", &noise, &recorded);
    report("heard by the witness", &noise, &samples(&rig.path("heard")));
    println!("  own count of samples lost while recording: {lost}");
    report("played by us", &noise, &samples(&rig.path("said")));
    println!("  own count of samples that were late: {late}, of gaps the system told: {gaps}");
}

/// The server's own recorder.
fn witness(rig: &Rig, tape: &str) -> Child {
    Command::new("parecord")
        .args([&format!("--device={tape}.monitor"), "--raw", "--channels=1"])
        .args(["--rate=16000", "--format=s16le"])
        .stdout(File::create(rig.path(tape)).unwrap())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap()
}

fn end(witness: &mut Child) {
    let pid = rustix::process::Pid::from_child(witness);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    witness.wait().unwrap();
}

/// Samples that are like no others, softly.
fn noise(samples: usize) -> Vec<i16> {
    let mut seed = 7_u64;
    (0..samples)
        .map(|_| {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (seed >> 52) as i16 - 2048
        })
        .collect()
}

fn samples(raw: &Path) -> Vec<i16> {
    let bytes = fs::read(raw).unwrap();
    let (pairs, _) = bytes.as_chunks::<2>();
    pairs.iter().map(|pair| i16::from_le_bytes(*pair)).collect()
}

fn wav(path: &Path) -> Vec<i16> {
    let mut reader = hound::WavReader::open(path).unwrap();
    reader.samples::<i16>().map(Result::unwrap).collect()
}

/// Where what arrived is not what was sent.
struct Slip {
    /// In what was sent.
    at: usize,
    lost: usize,
    extra: usize,
}

fn report(what: &str, sent: &[i16], arrived: &[i16]) {
    let Some(start) = place(&sent[..KEY], arrived) else {
        println!("{what}: nothing of it arrived");
        return;
    };
    let (slips, missing) = slips(sent, &arrived[start..]);
    let sum = |of: fn(&Slip) -> usize| slips.iter().map(of).sum::<usize>();
    println!(
        "{what}: {} samples, {} lost and {} inserted in {} places, {missing} missing at the end",
        sent.len(),
        sum(|slip| slip.lost),
        sum(|slip| slip.extra),
        slips.len(),
    );
    for slip in slips {
        let ms = |samples: usize| samples as f64 * 1000.0 / RATE as f64;
        println!(
            "  at {:.3} s: {:.2} ms lost, {:.2} ms inserted",
            ms(slip.at) / 1000.0,
            ms(slip.lost),
            ms(slip.extra)
        );
    }
}

/// Where the two part, and how much of the end never came.
fn slips(sent: &[i16], arrived: &[i16]) -> (Vec<Slip>, usize) {
    let (mut at, mut here) = (0, 0);
    let mut slips = vec![];
    loop {
        let pairs = sent[at..].iter().zip(&arrived[here..]);
        let same = pairs.take_while(|(one, other)| one == other).count();
        at += same;
        here += same;
        if at == sent.len() || here == arrived.len() {
            return (slips, sent.len() - at);
        }
        let window = &arrived[here..arrived.len().min(here + LONGEST)];
        let last = sent.len().saturating_sub(KEY).min(at + LONGEST);
        let found = (at..last).find_map(|next| {
            let extra = place(&sent[next..next + KEY], window)?;
            Some((next - at, extra))
        });
        let Some((lost, extra)) = found else {
            return (slips, sent.len() - at);
        };
        slips.push(Slip { at, lost, extra });
        at += lost;
        here += extra;
    }
}

fn place(key: &[i16], samples: &[i16]) -> Option<usize> {
    samples.windows(KEY).position(|window| window == key)
}
