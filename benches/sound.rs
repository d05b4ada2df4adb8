//! Measures the desk: how soon a recording leaves after it was stopped, how soon a hush is
//! silence, and what it costs to record.
//!
//! `cargo bench --bench sound` prints each figure with its target. It needs no sound hardware;
//! what a real device adds is its own buffer. With `-- --lost MINUTES` it does something else: it
//! counts what is lost through a sound server.
#![cfg(target_os = "linux")]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench measures, prints, and may fail"
)]

#[path = "sound/lost.rs"]
mod lost;
#[path = "../tests/sound/rig.rs"]
#[expect(
    dead_code,
    reason = "the rig of the tests does more than is needed here"
)]
mod rig;

use hearsay::codec::opus;
use hearsay::core::ids::{ConversationId, TurnId};
use hearsay::core::sound::{ClipPart, Hear, Sound, SoundEvent, SoundOrder, Speech};
use hearsay::sound::Pace;
use hearsay::sound::desk::{Desk, DeskSettings};
use hearsay::sound::device::{RAW_RATE, Wish};
use hearsay::sound::echo::{Canceller, EchoMode, FRAME, Sonora};
use hearsay::sound::level::{Meter, to_i16};
use hearsay::sound::polish::Polish;
use hearsay::sound::recorder::Recorder;
use hearsay::sound::ring::{Gauge, Outlet};
use hearsay::sound::sieve::Sieve;
use hearsay::sound::turn::{Change, Turns};
use hearsay::sound::vad::Vad;
use rtrb::RingBuffer;
use std::collections::VecDeque;
use std::fs;
use std::io::Read;
use std::os::fd::AsFd as _;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

const ROUNDS: u128 = 20;
const RATE: usize = 16_000;
const BLOCK: usize = RATE / 50;

fn main() -> ExitCode {
    if let Some(minutes) = lost::wished() {
        return lost::run(minutes);
    }
    let folder = tempfile::tempdir().unwrap();
    println!("stand-ins for devices; means of {ROUNDS} rounds");
    frame_to_file(folder.path());
    stop_to_part(folder.path());
    silent_stop_to_part(folder.path());
    hush_to_silence(folder.path());
    let recorded = minute(folder.path());
    ten_minutes(folder.path());
    call_minute(folder.path());
    call_half_hour();
    let packed = opus();
    println!(
        "capture, VAD, meters, file and Opus in frames of 20 ms: {:.2} % of a core",
        recorded + packed
    );
    ExitCode::SUCCESS
}

/// The program, as the rig asks it for its devices.
fn hearsay(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hearsay"));
    command.args(arguments).env("HOME", home).current_dir(home);
    command
}

/// A voice as far as a detector knows: a buzz with a changing pitch that comes and goes.
fn voice(samples: usize) -> Vec<f32> {
    (0..samples)
        .map(|n| {
            let at = n as f32 / RATE as f32;
            let edge = (at * 4.0).fract().min(1.0 - (at * 4.0).fract()) * 2.0;
            let turns = at * 140.0 + (at * 5.0).sin();
            let buzz: f32 = (1..20)
                .map(|harmonic| (turns * harmonic as f32 * std::f32::consts::TAU).sin())
                .sum();
            buzz * edge * 0.03
        })
        .collect()
}

fn write(path: &Path, samples: &[f32]) {
    let mut recorder = Recorder::create(path, RATE as u32, Duration::from_hours(1)).unwrap();
    recorder.add(samples).unwrap();
    recorder.finish().unwrap();
}

struct House {
    desk: Desk,
    events: mpsc::Receiver<(SoundEvent, Instant)>,
    parts: mpsc::Receiver<(ClipPart, Instant)>,
}

impl House {
    fn new(folder: &Path, change: impl FnOnce(&mut DeskSettings)) -> Self {
        let mut settings = DeskSettings::new(folder.join("clips"));
        settings.microphone = Wish::File(folder.join("mic.wav"));
        settings.loudspeaker = Wish::Null;
        change(&mut settings);
        let (tell, events) = mpsc::channel();
        let (hand, parts) = mpsc::channel();
        let desk = Desk::new(
            settings,
            move |event| drop(tell.send((event, Instant::now()))),
            move |part| hand.send((part, Instant::now())).is_ok(),
        );
        Self {
            desk,
            events,
            parts,
        }
    }

    fn wait(&self, wanted: impl Fn(&SoundEvent) -> bool) -> Instant {
        loop {
            let (event, at) = self.events.recv().unwrap();
            if wanted(&event) {
                return at;
            }
        }
    }
}

fn hear(turn: TurnId) -> Hear {
    Hear {
        turn,
        conversation: ConversationId(1),
        language: None,
        ears: None,
    }
}

/// From a frame in our hands to its bytes at the system, the flush of each second included.
fn frame_to_file(folder: &Path) {
    let path = folder.join("frames.wav");
    let mut recorder = Recorder::create(&path, RATE as u32, Duration::from_hours(1)).unwrap();
    let (mut longest, frames) = (Duration::ZERO, 3000);
    let samples = voice(BLOCK);
    let start = Instant::now();
    for _ in 0..frames {
        let before = Instant::now();
        recorder.add(&samples).unwrap();
        longest = longest.max(before.elapsed());
    }
    println!(
        "frame of 20 ms -> file: {:.1} us, the slowest {:.1} us",
        start.elapsed().as_micros() as f64 / f64::from(frames),
        longest.as_secs_f64() * 1e6,
    );
}

/// From a stop to its recording, and from the order to send to the first part.
fn stop_to_part(folder: &Path) {
    write(&folder.join("mic.wav"), &voice(RATE * 60));
    let tail = Duration::from_millis(300);
    let house = House::new(folder, |settings| settings.tail = tail);
    let (mut stopped, mut sent) = (0, 0);
    for round in 0..ROUNDS {
        let clip = TurnId(round);
        house.desk.ask(SoundOrder::Record { clip });
        house.wait(|event| matches!(event, SoundEvent::Hearing { .. }));
        // What was said takes half a second.
        for _ in 0..8 {
            house.wait(|event| matches!(event, SoundEvent::Level { .. }));
        }
        let before = Instant::now();
        house.desk.ask(SoundOrder::Stop { clip });
        let recorded = house.wait(|event| matches!(event, SoundEvent::Recorded { .. }));
        stopped += (recorded - before).saturating_sub(tail).as_micros();
        let before = Instant::now();
        house.desk.ask(SoundOrder::Send(hear(clip)));
        let (_begin, _) = house.parts.recv().unwrap();
        let (_more, at) = house.parts.recv().unwrap();
        sent += (at - before).as_micros();
        while !matches!(house.parts.recv().unwrap().0, ClipPart::End { .. }) {}
    }
    println!(
        "stop -> recorded: {:.1} ms after its tail of 300 ms (frames of 20 ms)",
        stopped as f64 / ROUNDS as f64 / 1000.0
    );
    println!(
        "send -> first part of 100 ms handed over: {:.2} ms (target 10 ms)",
        sent as f64 / ROUNDS as f64 / 1000.0
    );
}

/// From a stop to the first part that is handed over, by somebody who has fallen silent before.
fn silent_stop_to_part(folder: &Path) {
    let folder = &folder.join("silent");
    fs::create_dir(folder).unwrap();
    let said = [voice(RATE), vec![0.0; RATE * 59]].concat();
    write(&folder.join("mic.wav"), &said);
    let house = House::new(folder, |settings| {
        settings.tail = Duration::from_millis(300);
    });
    let (mut sum, mut most) = (Duration::ZERO, Duration::ZERO);
    for round in 0..ROUNDS {
        let clip = TurnId(round);
        house.desk.ask(SoundOrder::Record { clip });
        // A second of words, and most of another without any.
        for _ in 0..36 {
            house.wait(|event| matches!(event, SoundEvent::Level { .. }));
        }
        let before = Instant::now();
        house.desk.ask(SoundOrder::Stop { clip });
        house.wait(|event| matches!(event, SoundEvent::Recorded { .. }));
        house.desk.ask(SoundOrder::Send(hear(clip)));
        let (_begin, _) = house.parts.recv().unwrap();
        let (_more, at) = house.parts.recv().unwrap();
        sum += at - before;
        most = most.max(at - before);
        while !matches!(house.parts.recv().unwrap().0, ClipPart::End { .. }) {}
    }
    println!(
        "stop in silence -> first part handed over: {:.1} ms, at most {:.1} ms (target 10 ms)",
        sum.as_secs_f64() * 1000.0 / ROUNDS as f64,
        most.as_secs_f64() * 1000.0,
    );
}

/// From a hush to the end of the last sound, for a loudspeaker that is handed 20 ms at a time and
/// plays them from then on. Raw sound goes to standard output in just these pieces, so that is a pipe
/// meanwhile: each piece is timed when it comes.
fn hush_to_silence(folder: &Path) {
    let stdout = std::io::stdout().as_fd().try_clone_to_owned().unwrap();
    let mut times: Vec<Duration> = (0..5 * ROUNDS)
        .map(|round| {
            let (pipe, end) = std::io::pipe().unwrap();
            rustix::stdio::dup2_stdout(&end).unwrap();
            drop(end);
            let taken = thread::spawn(move || blocks(pipe));
            let turn = TurnId(round);
            let house = House::new(folder, |settings| settings.loudspeaker = Wish::Raw);
            house.desk.ask(SoundOrder::Expect { turn });
            let samples = voice(RATE * 20).iter().map(|s| to_i16(*s)).collect();
            let rate = RATE as u32;
            let sound = Sound::Samples { rate, samples };
            house.desk.speech(Speech::More { turn, sound });
            house.wait(|event| matches!(event, SoundEvent::Heard { ms: 300.., .. }));
            // Each round at another place between two blocks.
            thread::sleep(Duration::from_micros(400 * round as u64 % 20_000));
            let before = Instant::now();
            house.desk.ask(SoundOrder::Hush);
            house.desk.close(Duration::from_secs(5));
            rustix::stdio::dup2_stdout(&stdout).unwrap();
            let taken = taken.join().unwrap();
            let last = taken.iter().rev().find_map(|(at, block)| {
                let last = block.iter().rposition(|sample| *sample != 0)?;
                Some(
                    *at + Duration::from_micros(
                        (last as u64 + 1) * 1_000_000 / u64::from(RAW_RATE),
                    ),
                )
            });
            last.unwrap().saturating_duration_since(before)
        })
        .collect();
    times.sort();
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    println!(
        "hush -> silence: median {:.1} ms, the slowest of {} {:.1} ms (target 25 ms; blocks of 20 ms)",
        ms(times[times.len() / 2]),
        times.len(),
        ms(times[times.len() - 1]),
    );
}

/// The blocks of 20 ms that come out of a pipe, each with its moment.
fn blocks(mut pipe: impl Read) -> Vec<(Instant, Vec<i16>)> {
    let mut blocks = vec![];
    let mut bytes = [0; RAW_RATE as usize / 50 * 2];
    while pipe.read_exact(&mut bytes).is_ok() {
        let at = Instant::now();
        let samples = bytes.as_chunks().0.iter().copied();
        blocks.push((at, samples.map(i16::from_le_bytes).collect()));
    }
    blocks
}

/// The time of the processor that this process has used.
fn used() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap()
        .split_whitespace()
        .collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}

/// The most memory that this process has had, in MB.
fn memory(what: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(what)).unwrap();
    let kilobytes: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kilobytes / 1024.0
}

/// A minute of sound through everything that a recording goes through; gives what it costs, in
/// percent of a core.
fn minute(folder: &Path) -> f64 {
    let samples = voice(RATE * 60);
    let timed = |work: &mut dyn FnMut(&[f32])| {
        let start = Instant::now();
        samples.chunks(BLOCK).for_each(work);
        start.elapsed().as_secs_f64() * 1000.0
    };
    let (mut vad, mut meter) = (Vad::default(), Meter::default());
    let vad = timed(&mut |block| vad.add(block));
    let meter = timed(&mut |block| meter.add(block));
    println!("a minute of sound: VAD {vad:.0} ms, meters {meter:.1} ms of a processor");
    write_once(folder, &samples);
    let house = House::new(folder, |_| {});
    let before = used();
    let clip = TurnId(100);
    house.desk.ask(SoundOrder::Record { clip });
    house.wait(|event| matches!(event, SoundEvent::Recorded { .. }));
    let cost = used().saturating_sub(before).as_secs_f64() * 1000.0;
    println!(
        "a minute of recording in real time: {cost:.0} ms of a processor ({:.2} %), all included",
        cost / 600.0
    );
    cost / 600.0
}

fn write_once(folder: &Path, samples: &[f32]) {
    let _ = fs::remove_file(folder.join("mic.wav"));
    write(&folder.join("mic.wav"), samples);
}

/// Ten minutes of recording, and then of sending it, as fast as it goes.
fn ten_minutes(folder: &Path) {
    write_once(folder, &voice(RATE * 600));
    let house = House::new(folder, |settings| settings.pace = Pace::Fast);
    let before = memory("VmRSS");
    fs::write("/proc/self/clear_refs", "5").unwrap();
    let clip = TurnId(200);
    let start = Instant::now();
    house.desk.ask(SoundOrder::Record { clip });
    house.wait(|event| matches!(event, SoundEvent::Recorded { .. }));
    let recorded = start.elapsed();
    let most = memory("VmHWM");
    println!(
        "a recording of 10 minutes: {:.1} MB more memory at most, made in {:.1} s",
        most - before,
        recorded.as_secs_f64()
    );
    fs::write("/proc/self/clear_refs", "5").unwrap();
    let before = memory("VmRSS");
    house.desk.ask(SoundOrder::Send(hear(clip)));
    while !matches!(house.parts.recv().unwrap().0, ClipPart::End { .. }) {}
    println!(
        "sending it: {:.1} MB more memory at most",
        memory("VmHWM") - before
    );
}

/// Half an hour of a call, as fast as it goes: the assistant speaks half of the time, and is heard.
fn call_half_hour() {
    const MINUTES: usize = 30;
    let said = voice(RATE * 30);
    let gauge = Arc::new(Gauge::default());
    let (mut ring, consumer) = RingBuffer::new(RATE * 60);
    let mut outlet = Outlet::new(consumer, 1, RATE as u32, Duration::ZERO, gauge);
    let polish = Polish {
        noise: true,
        gain: false,
    };
    let mut sieve = Sieve::new(EchoMode::Auto, polish);
    sieve.hear(Box::new(outlet.taps().tap().unwrap()));
    let mut turns = Turns::default();
    // What is played is heard 120 ms later.
    let mut air: VecDeque<f32> = std::iter::repeat_n(0.0, RATE * 120 / 1000).collect();
    let (mut block, mut begun) = ([0.0f32; BLOCK], 0);
    let mut memories = vec![];
    let start = used();
    for minute in 0..MINUTES {
        ring.push_entire_slice(&said).unwrap();
        for _ in 0..60 * RATE / BLOCK {
            outlet.give(&mut block);
            air.extend(block.iter().map(|sample| sample * 0.3));
            let heard: Vec<f32> = air.drain(..BLOCK).collect();
            let speaking = turns.is_speaking();
            let turn = |_, frame| begun += usize::from(turns.add(frame) == Some(Change::Begun));
            sieve.add(&heard, speaking, |_| {}, turn);
        }
        if [1, MINUTES - 1].contains(&minute) {
            memories.push(memory("VmRSS"));
        }
    }
    let share = used().saturating_sub(start).as_secs_f64() / (MINUTES * 60) as f64 * 100.0;
    println!(
        "{MINUTES} minutes of a call: {share:.2} % of a processor for echo, noise and turns; {:+.2} MB \
         of memory since its second minute; {begun} false starts",
        memories[1] - memories[0]
    );
}

/// A minute of a call in which something is played all the time.
fn call_minute(folder: &Path) {
    let samples = voice(RATE * 60);
    let mut canceller = Sonora::new(
        true,
        Polish {
            noise: true,
            gain: false,
        },
    );
    let start = Instant::now();
    for frame in samples.as_chunks::<FRAME>().0 {
        canceller.far(frame);
        let mut heard = frame.map(|sample| sample * 0.3);
        canceller.near(&mut heard);
    }
    let cancelled = start.elapsed().as_secs_f64() * 1000.0;
    println!("a minute of sound: echo and noise cancelled in {cancelled:.0} ms of a processor");
    write_once(folder, &samples);
    for playing in [false, true] {
        let house = House::new(folder, |_| {});
        let before = used();
        let (clip, turn) = (TurnId(300 + u128::from(playing)), TurnId(310));
        house.desk.ask(SoundOrder::Attend { clip });
        house.wait(|event| matches!(event, SoundEvent::Hearing { .. }));
        if playing {
            house.desk.ask(SoundOrder::Expect { turn });
            let samples = samples.iter().rev().map(|sample| to_i16(*sample)).collect();
            let rate = RATE as u32;
            let sound = Sound::Samples { rate, samples };
            house.desk.speech(Speech::More { turn, sound });
            house.desk.speech(Speech::End { turn });
            house.wait(|event| matches!(event, SoundEvent::Spoken { .. }));
        } else {
            // The longest utterance.
            house.wait(|event| matches!(event, SoundEvent::Recorded { .. }));
        }
        let cost = used().saturating_sub(before).as_secs_f64() * 1000.0;
        let seconds = if playing { 60.0 } else { 30.0 };
        let how = if playing { "both ways" } else { "one way" };
        println!(
            "{seconds:.0} s of a call in real time, {how}: {cost:.0} ms of a processor ({:.2} %), all included",
            cost / seconds / 10.0
        );
    }
}

/// A minute both ways as Opus: what is said in frames of 20 and of 60 ms, what is heard at 24 kHz.
/// Gives what packing in frames of 20 ms costs, in percent of a core.
fn opus() -> f64 {
    let mut packed = 0.0;
    let said: Vec<i16> = voice(RATE * 60).into_iter().map(to_i16).collect();
    for (frame_ms, target) in [(20, 4.0), (60, 4.0)] {
        let mut encoder = opus::Encoder::new(RATE as u32, frame_ms).unwrap();
        let mut far = opus::Encoder::new(24_000, 60).unwrap();
        let mut decoder = opus::Decoder::new(24_000).unwrap();
        let packets: Vec<Vec<u8>> = (said.chunks(far.frame()).take(1000))
            .map(|frame| far.encode(frame).to_vec())
            .collect();
        let (mut bytes, mut samples) = (0, 0);
        let start = Instant::now();
        for frame in said.chunks(encoder.frame()) {
            bytes += encoder.encode(frame).len();
        }
        let packing = start.elapsed();
        let start = Instant::now();
        for packet in &packets {
            samples += decoder.decode(packet).len();
        }
        // As much as a minute of it would take.
        let unpacking = start.elapsed().as_secs_f64() * 60.0 * 24_000.0 / samples as f64;
        let both = (packing.as_secs_f64() + unpacking) / 60.0 * 100.0;
        if frame_ms == 20 {
            packed = packing.as_secs_f64() / 60.0 * 100.0;
        }
        println!(
            "Opus both ways, frames of {frame_ms} ms: {both:.2} % of a core (target {target} %): \
             packing {:.2} %, unpacking 24 kHz {:.2} %; {} bit/s",
            packing.as_secs_f64() / 60.0 * 100.0,
            unpacking / 60.0 * 100.0,
            bytes * 8 / 60,
        );
    }
    packed
}
