//! `hearsay devices`: which microphones and loudspeakers there are, and whether they work.

use super::Exit;
use crate::config::Settings;
use crate::config::settings::Sound;
use crate::core::defuse::defuse;
use crate::core::words::{Lang, Word, fill};
use crate::shell::doctor::{heard_again, pace, patience};
use crate::sound::apart::apart;
use crate::sound::device::{self, Found, Sort, Wish};
use crate::sound::level::{Level, decibels, level};
use crate::sound::loop_test::Report;
use crate::sound::recorder::{Clip, Recorder};
use crate::sound::{Pace, SoundError, Way};
use serde_json::json;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// The rate of recordings: what those who recognise speech want.
const RECORDED_RATE: u32 = 16_000;
/// The rate of what is played: what devices want.
const PLAYED_RATE: u32 = 48_000;

#[derive(Debug, clap::Args)]
pub struct DevicesArgs {
    /// Show monitors and parts of the sound system, too
    #[arg(long, conflicts_with = "what")]
    pub all: bool,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
    /// Play a short sound, listen for it, and tell how loud and late it came back, and how soon a
    /// sound that is stopped falls silent
    #[arg(long, group = "what")]
    pub test: bool,
    /// Keep what the test recorded
    #[arg(long, value_name = "FILE", requires = "test")]
    pub keep: Option<PathBuf>,
    /// Play a WAV file
    #[arg(long, value_name = "FILE", group = "what", conflicts_with = "json")]
    pub play: Option<PathBuf>,
    /// Record a WAV file
    #[arg(long, value_name = "FILE", group = "what")]
    pub record: Option<PathBuf>,
    /// How long to record
    #[arg(long, value_name = "SECONDS", default_value_t = 10, requires = "record",
        value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub seconds: u64,
}

/// Does what was asked. Exits with 1 when it did not work.
pub fn run(args: &DevicesArgs, settings: &Settings) -> io::Result<ExitCode> {
    let sound = &settings.sound;
    let out = Out {
        json: args.json,
        // Samples go where text would.
        quiet: sound.loudspeaker == "stdout" && args.record.is_none(),
        lang: settings.lang,
    };
    let done = if args.test {
        heard_again(sound, args.keep.as_deref()).map(|report| out.report(&report))
    } else if let Some(path) = &args.play {
        play(path, sound).map(|()| Ok(true))
    } else if let Some(path) = &args.record {
        record(path, args, sound, &out).map(|(clip, ended)| {
            let heard = out.clip(&clip)?;
            if let Some(error) = &ended {
                out.complain(error);
            }
            Ok(heard && ended.is_none())
        })
    } else {
        let all = args.all;
        apart(patience(&[]), |()| {}, move |_tell| device::list(all)).map(|found| out.list(&found))
    };
    let good = match done {
        Ok(printed) => printed?,
        Err(error) => {
            out.complain(&error);
            false
        }
    };
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        Exit::Unanswered.into()
    })
}

fn play(path: &Path, sound: &Sound) -> Result<(), SoundError> {
    let (source, pace) = (Wish::File(path.to_owned()), pace(sound));
    let loudspeaker = Wish::read(&sound.loudspeaker, Way::Out);
    apart(
        patience(&[&loudspeaker]),
        |()| {},
        move |tell| {
            let mut source = device::capture(&source, PLAYED_RATE, Pace::Fast)?;
            let mut loudspeaker = device::playback(&loudspeaker, PLAYED_RATE, pace)?;
            let mut samples = vec![];
            while source.next(&mut samples)? {
                loudspeaker.play(&samples)?;
                tell(());
            }
            loudspeaker.finish()
        },
    )
}

/// A recording, and what ended it early: what was heard until then is kept.
fn record(
    path: &Path,
    args: &DevicesArgs,
    sound: &Sound,
    out: &Out,
) -> Result<(Clip, Option<SoundError>), SoundError> {
    let (path, pace) = (path.to_owned(), pace(sound));
    let microphone = Wish::read(&sound.microphone, Way::In);
    let longest = Duration::from_secs(args.seconds);
    let mut shown = 0;
    let done = apart(
        patience(&[&microphone]),
        |(length, level): (Duration, Level)| {
            let tenths = length.as_millis() / 100;
            if tenths != shown {
                shown = tenths;
                out.meter(length, level);
            }
        },
        move |tell| {
            let mut microphone = device::capture(&microphone, RECORDED_RATE, pace)?;
            let mut recorder = Recorder::create(&path, RECORDED_RATE, longest)?;
            let mut samples = vec![];
            let ended = loop {
                match microphone.next(&mut samples) {
                    Ok(more) if more && recorder.add(&samples)? => {}
                    Ok(_end) => break None,
                    Err(error) => break Some(error),
                }
                tell((recorder.length(), level(&samples)));
            };
            Ok((recorder.finish()?, ended))
        },
    );
    out.end_meter();
    done
}

/// A loudness as people read it.
fn shown(fraction: f32) -> String {
    format!("{:.0}", decibels(fraction))
}

/// Where the answer goes.
struct Out {
    json: bool,
    quiet: bool,
    lang: Lang,
}

impl Out {
    fn say(&self, word: Word, arguments: &[&str]) -> String {
        defuse(&fill(word.text(self.lang), arguments)).into_owned()
    }

    fn json(&self, value: &serde_json::Value) -> io::Result<()> {
        self.line(&super::harmless(&format!("{value:#}")))
    }

    fn complain(&self, error: &SoundError) {
        super::complain(&error.tell(self.lang), Some(&error.hint(self.lang)));
    }

    fn line(&self, line: &str) -> io::Result<()> {
        if self.quiet {
            writeln!(io::stderr(), "{line}")
        } else {
            writeln!(io::stdout(), "{line}")
        }
    }

    fn list(&self, found: &[Found]) -> io::Result<bool> {
        if self.json {
            let list: Vec<_> = found.iter().map(as_json).collect();
            self.json(&json!({ "devices": list }))?;
            return Ok(true);
        }
        for (title, way) in [(Word::Microphones, Way::In), (Word::Loudspeakers, Way::Out)] {
            self.line(&self.say(title, &[]))?;
            let mut some = false;
            for device in found.iter().filter(|device| device.way == way) {
                some = true;
                let mark = if device.default { '*' } else { ' ' };
                let mut notes = vec![];
                if device.default {
                    notes.push(self.say(Word::DevicesDefault, &[]));
                }
                match device.sort {
                    Sort::Ordinary => {}
                    Sort::Monitor => notes.push(self.say(Word::DevicesMonitor, &[])),
                    Sort::Part => notes.push(self.say(Word::DevicesPart, &[])),
                }
                let notes = match notes.as_slice() {
                    [] => String::new(),
                    notes => format!(" ({})", notes.join(", ")),
                };
                self.line(&format!("{mark} {}{notes}", defuse(&device.name)))?;
                self.line(&format!("    {}", defuse(&device.id)))?;
            }
            if !some {
                self.line(&format!("  {}", self.say(Word::DevicesNone, &[])))?;
            }
        }
        Ok(true)
    }

    fn report(&self, report: &Report) -> io::Result<bool> {
        let heard = report.echo.is_some();
        if self.json {
            let echo = report.echo.map(|echo| {
                json!({"delay_ms": echo.delay.as_secs_f64() * 1000.0,
                    "peak_db": decibels(echo.level.peak), "rms_db": decibels(echo.level.rms),
                    "alike": echo.alike})
            });
            let report = json!({"microphone": report.microphone,
                "loudspeaker": report.loudspeaker, "echo": echo,
                "stop_ms": report.stop.map(|stop| stop.as_secs_f64() * 1000.0),
                "room_db": decibels(report.room.rms), "lost": report.lost});
            self.json(&report)?;
            return Ok(heard);
        }
        let way = [report.loudspeaker.as_str(), report.microphone.as_str()];
        self.line(&self.say(Word::LoopWay, &way))?;
        if let Some(echo) = report.echo {
            let delay = format!("{:.0}", echo.delay.as_secs_f64() * 1000.0);
            let alike = format!("{:.0}", echo.alike * 100.0);
            let loud = [shown(echo.level.peak), shown(report.room.rms)];
            let [peak, room] = &loud;
            self.line(&self.say(Word::LoopHeard, &[&delay, peak, &alike, room]))?;
        }
        if let Some(stop) = report.stop {
            let stop = format!("{:.0}", stop.as_secs_f64() * 1000.0);
            self.line(&self.say(Word::LoopStopped, &[&stop]))?;
        }
        if report.lost > 0 {
            self.line(&self.say(Word::LoopLost, &[&report.lost.to_string()]))?;
        }
        if !heard {
            let what = self.say(Word::LoopUnheard, &[&shown(report.clip.level.peak)]);
            super::complain(&what, Some(&self.say(Word::LoopUnheardHint, &[])));
        }
        Ok(heard)
    }

    fn clip(&self, clip: &Clip) -> io::Result<bool> {
        let seconds = format!("{:.1}", clip.length.as_secs_f64());
        let path = clip.path.display().to_string();
        if self.json {
            let clip = json!({"path": path, "seconds": clip.length.as_secs_f64(),
                "peak_db": decibels(clip.level.peak), "rms_db": decibels(clip.level.rms)});
            self.json(&clip)?;
        } else {
            let kept = [path.as_str(), &seconds, &shown(clip.level.peak)];
            self.line(&self.say(Word::ClipKept, &kept))?;
        }
        if clip.level.is_digital_silence() {
            let hint = self.say(Word::DoctorSilentHint, &[]);
            super::complain(&self.say(Word::ClipSilent, &[]), Some(&hint));
            return Ok(false);
        }
        Ok(true)
    }

    /// A bar that moves while something is recorded, for people who watch.
    fn meter(&self, length: Duration, level: Level) {
        if !self.has_meter() {
            return;
        }
        // 60 dB in 30 columns.
        let columns = (decibels(level.peak).midpoint(60.0)).clamp(0.0, 30.0) as usize;
        let bar = "#".repeat(columns);
        let seconds = length.as_secs_f64();
        // Nobody is left to show it to when stderr is gone.
        let _ = write!(io::stderr(), "\r{seconds:5.1} s  [{bar:<30}]");
    }

    fn end_meter(&self) {
        if self.has_meter() {
            // As above.
            let _ = writeln!(io::stderr());
        }
    }

    fn has_meter(&self) -> bool {
        !self.json && io::stderr().is_terminal()
    }
}

fn as_json(device: &Found) -> serde_json::Value {
    let way = match device.way {
        Way::In => "in",
        Way::Out => "out",
    };
    let sort = match device.sort {
        Sort::Ordinary => "device",
        Sort::Monitor => "monitor",
        Sort::Part => "part",
    };
    json!({"id": device.id, "name": device.name, "way": way, "sort": sort,
        "default": device.default})
}
