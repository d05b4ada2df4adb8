//! `hearsay bench`: how well and how fast the ears, the voice and the brain of the settings do,
//! whatever they are.
//!
//! One line for each recording, sentence or question goes to standard output as it is done, and a
//! summary at the end; with `--json` each is a line of JSON.

mod brain;
mod ears;
mod score;
mod voice;

use super::{complain, harmless};
use crate::config::Loaded;
use crate::core::defuse::defuse;
use crate::core::words::{Lang, Word, fill};
use crate::mind::SpeechError;
use serde_json::Value;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub struct BenchArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Hear every WAV file of a folder, and compare with the text of the same name beside it
    #[command(
        long_about = "Hear every WAV file of a folder, and compare with the text of the same name \
            beside it (`a.wav`, `a.txt`).\n\nWords are compared in small letters, without \
            punctuation and without the apostrophes within them; each Chinese, Japanese or Korean \
            character counts as a word. Figures stay figures. A word that is missing, one too \
            many and one in place of another are one mistake each."
    )]
    Ears {
        /// The folder
        folder: PathBuf,
        /// Hand the sound over as it would be spoken, and measure the guesses on the way
        #[arg(long)]
        live: bool,
        /// Print one line of JSON for each recording, and one for all
        #[arg(long)]
        json: bool,
    },
    /// Speak sentences, and measure how soon and how fast
    Voice {
        /// A file with a sentence in each line, instead of those that are known here
        file: Option<PathBuf>,
        /// Let the ears hear what was spoken, and count what they did not understand
        #[arg(long)]
        heard: bool,
        /// Print one line of JSON for each sentence, and one for all
        #[arg(long)]
        json: bool,
    },
    /// Ask questions, and measure how soon and how fast they are answered
    Brain {
        /// A file with a question in each line, instead of those that are known here
        file: Option<PathBuf>,
        /// Print one line of JSON for each question, and one for all
        #[arg(long)]
        json: bool,
    },
}

/// Measures. Exits with 1 when something was not heard, spoken or answered.
pub fn run(args: &BenchArgs, loaded: Loaded) -> anyhow::Result<ExitCode> {
    super::warn(&loaded.warnings);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let done = runtime.block_on(async {
        match &args.what {
            What::Ears { folder, live, json } => {
                ears::measure(folder, *live, Out::new(*json, &loaded), &loaded.settings).await
            }
            What::Voice { file, heard, json } => {
                let file = file.as_deref();
                voice::measure(file, *heard, Out::new(*json, &loaded), &loaded.settings).await
            }
            What::Brain { file, json } => {
                let out = Out::new(*json, &loaded);
                brain::measure(file.as_deref(), out, loaded).await
            }
        }
    });
    runtime.shutdown_background();
    done
}

/// Where the figures go.
#[derive(Clone, Copy, Debug)]
struct Out {
    json: bool,
    lang: Lang,
}

impl Out {
    fn new(json: bool, loaded: &Loaded) -> Self {
        let lang = loaded.settings.lang;
        Self { json, lang }
    }

    /// A line about one thing: text for people, or JSON.
    fn line(self, text: &str, json: &Value) -> io::Result<()> {
        let mut out = io::stdout().lock();
        if self.json {
            writeln!(out, "{}", harmless(&json.to_string()))
        } else {
            writeln!(out, "{}", defuse(text))
        }
    }

    /// The summary: a line of people's words for each figure, or JSON.
    fn summary(self, lines: &[String], json: &Value) -> io::Result<()> {
        if !self.json {
            writeln!(io::stdout().lock())?;
        }
        self.line(&lines.join("\n"), json)
    }

    fn say(self, word: Word, arguments: &[&str]) -> String {
        fill(word.text(self.lang), arguments)
    }

    /// Nothing can be measured.
    fn speechless(self, error: &SpeechError) -> ExitCode {
        complain(&error.tell(self.lang), error.hint(self.lang).as_deref());
        super::Exit::Unanswered.into()
    }
}

/// The middle one and the slowest of times, in milliseconds.
fn times(mut times: Vec<Duration>) -> Option<(u128, u128)> {
    times.sort_unstable();
    let middle = times.get(times.len() / 2)?.as_millis();
    Some((middle, times.last()?.as_millis()))
}

/// The lines of a file that say something, or those that are known here.
fn lines(file: Option<&std::path::Path>, known: &[&str]) -> io::Result<Vec<String>> {
    let Some(path) = file else {
        return Ok(known.iter().map(|line| (*line).to_owned()).collect());
    };
    let text = std::fs::read_to_string(path)
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    Ok(lines.map(str::to_owned).collect())
}
