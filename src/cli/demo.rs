//! `hearsay demo`: a whole call on the real screen, without a device, a model or a network.
//!
//! Our own voice says the questions beforehand, and what it said is the microphone of a call that is
//! otherwise like any other: heard, cut into turns, recognised, answered, spoken, and cut in on. Only
//! the ears are an actor: they know the lines, and tell by its length which one they hear.

use super::folder::Folder;
use super::{Exit, chat, complain, warn};
use crate::codec::wav;
use crate::config::Flags;
use crate::config::settings::{Backend, Echo, Settings};
use crate::core::action::Plain;
use crate::core::backend::VoiceWish;
use crate::core::words::Lang;
use crate::mind::voice::{BUILTIN, Pcm, Utterance};
use crate::shell::speech;
use anyhow::Context as _;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use tokio::sync::mpsc;

/// What is said in it, and for how many tenths of a second nothing is said before.
///
/// No two lines of a language are about the same length. The answer to the second one is long, and
/// the third one cuts in on it. The last one ends the call.
const fn lines(lang: Lang) -> [(u32, &'static str); 4] {
    match lang {
        Lang::En => [
            (15, "what is seventeen times three?"),
            (55, "what can you do?"),
            (60, "how many kilometers are there in one hundred miles?"),
            (75, "hang up"),
        ],
        Lang::Zh => [
            (15, "十七乘以三等于多少？"),
            (55, "你能做什么？"),
            (60, "把一百二十五公里换算成英里？"),
            (75, "挂断"),
        ],
    }
}

/// Where the ears find the lines.
const LINES: &str = "lines.json";

/// The ears of the demo: a recording comes in, its words go out.
#[derive(Debug, clap::Args)]
pub struct EarsArgs {
    pub folder: PathBuf,
}

/// Holds the call, and stays until the user leaves.
pub fn run(flags: &Flags) -> anyhow::Result<ExitCode> {
    let folder = Folder::new("demo")?;
    let mut flags = flags.clone();
    flags.data_dir = Some(folder.text()?);
    let mut loaded = super::settle(&flags)?;
    // It is about nothing the user has, and changes nothing of it.
    loaded.file = None;
    warn(&loaded.warnings);
    let settings = &mut loaded.settings;
    settings.backend = Backend::Embedded;
    settings.standby.clear();
    "builtin".clone_into(&mut settings.brain.choice);
    BUILTIN.clone_into(&mut settings.voice.choice);
    settings.tools.servers.clear();
    settings.store.path = folder.path().join("hearsay.db");
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let microphone = runtime.block_on(rehearse(settings, folder.path()))?;
    settings.ears.choice = format!("command:{}", ears(folder.path())?);
    settings.sound.microphone = format!("file:{}", microphone.display());
    if flags.speaker.is_none() {
        "null".clone_into(&mut settings.sound.loudspeaker);
    }
    settings.sound.echo = Echo::Off;
    settings.sound.preroll = Duration::ZERO;
    chat::run(loaded, None, Some(Plain::Call.into()))
}

/// Says every line once, and writes down what the microphone is to hear and what the ears know.
async fn rehearse(settings: &Settings, folder: &Path) -> anyhow::Result<PathBuf> {
    let lang = settings.lang;
    let voice =
        speech::voice(settings, None, lang).map_err(|error| anyhow::anyhow!(error.tell(lang)))?;
    let (mut heard, mut rate, mut known) = (vec![], 0, vec![]);
    for (pause, line) in lines(lang) {
        let utterance = Utterance {
            text: line.to_owned(),
            lang,
            wish: VoiceWish {
                engine: None,
                voice: None,
                speed: 1.0,
            },
        };
        let (out, mut inbox) = mpsc::channel::<Pcm>(8);
        let mut said = Pcm::default();
        let listen = async {
            while let Some(piece) = inbox.recv().await {
                said.rate = piece.rate;
                said.samples.extend(piece.samples);
            }
        };
        let (ended, ()) = tokio::join!(voice.speak(utterance, out), listen);
        ended.map_err(|error| anyhow::anyhow!(error.tell(lang)))?;
        rate = said.rate;
        heard.resize(heard.len() + (rate * pause / 10) as usize, 0);
        let loudness = said.samples.iter().map(|sample| f32::from(*sample));
        let length = length(&loudness.collect::<Vec<_>>(), rate);
        known.push((length, line.trim_end_matches(['?', '？'])));
        heard.extend(said.samples);
    }
    let microphone = folder.join("microphone.wav");
    fs::write(&microphone, wav::write(&heard, rate))?;
    fs::write(folder.join(LINES), serde_json::to_vec(&known)?)?;
    Ok(microphone)
}

/// How many seconds lie between the first and the last sound in it that is no noise.
fn length(samples: &[f32], rate: u32) -> f32 {
    let loudest = samples
        .iter()
        .fold(0.0, |loudest: f32, sample| loudest.max(sample.abs()));
    let sounds = |sample: &f32| sample.abs() > loudest / 20.0;
    let first = samples.iter().position(sounds).unwrap_or(0);
    let last = samples.iter().rposition(sounds).unwrap_or(0);
    (last - first) as f32 / rate.max(1) as f32
}

/// The line that has about this length.
fn nearest(known: &[(f32, String)], length: f32) -> Option<&str> {
    let apart = |(one, _): &&(f32, String)| (one - length).abs();
    let nearest = known
        .iter()
        .min_by(|one, other| apart(one).total_cmp(&apart(other)));
    nearest.map(|(_, line)| line.as_str())
}

/// The command line of the ears.
fn ears(folder: &Path) -> anyhow::Result<String> {
    let program = std::env::current_exe().context("this program cannot be found")?;
    let quoted = |path: &Path| {
        let path = path.to_str().context("a path is no UTF-8 text")?;
        Ok::<_, anyhow::Error>(if cfg!(windows) {
            format!("\"{path}\"")
        } else {
            format!("'{}'", path.replace('\'', r"'\''"))
        })
    };
    Ok(format!(
        "{} demo-ears {}",
        quoted(&program)?,
        quoted(folder)?
    ))
}

/// Hears one recording.
pub fn hear(args: &EarsArgs) -> anyhow::Result<ExitCode> {
    let known = fs::read(args.folder.join(LINES))?;
    let known: Vec<(f32, String)> = serde_json::from_slice(&known)?;
    let mut recording = vec![];
    io::stdin().read_to_end(&mut recording)?;
    let (samples, rate) = match wav::whole(&recording) {
        Ok(heard) => heard,
        Err(_not_wav) => {
            complain("what came in is no recording", None);
            return Ok(Exit::Unanswered.into());
        }
    };
    let line = nearest(&known, length(&samples, rate)).unwrap_or_default();
    writeln!(io::stdout(), "{line}")?;
    Ok(ExitCode::SUCCESS)
}
