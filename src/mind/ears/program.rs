//! Ears that are a program on this machine: pocketsphinx, or any other that the user names.
//!
//! There are two pocketsphinxes. Up to 5prealpha, which Debian 12 has, it is
//! `pocketsphinx_continuous`, which prints the words of each sentence as a line. From 5 on it is
//! `pocketsphinx`, which prints a line of JSON. Both read bare samples from their input; the
//! language model they come with is an English one.

use super::{Ears, Hearing, Partial, Recording, Wanted, language_code, length};
use crate::core::sound::RATE;
use crate::mind::SpeechError;
use crate::mind::speech::{Limits, Program, bytes, write};
use serde_json::Value;
use std::ffi::OsString;
use tokio::sync::mpsc;

/// What a program wants to be given, and how it says the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// WAV; all it prints is words.
    Command,
    /// Bare samples; lines of words.
    Continuous,
    /// Bare samples; lines of JSON.
    Single,
}

/// Ears that are a program.
#[derive(Debug)]
pub(super) struct Listener {
    kind: Kind,
    program: Program,
    arguments: Vec<OsString>,
}

impl Listener {
    /// Whichever pocketsphinx this machine has.
    pub(super) fn pocketsphinx(wanted: &Wanted) -> Option<Self> {
        let (kind, program, arguments) = if let Some(program) = wanted.find("pocketsphinx") {
            // What is heard is one utterance: where it begins and ends was found out before.
            (Kind::Single, program, ["single", "-"].as_slice())
        } else {
            let program = wanted.find("pocketsphinx_continuous")?;
            let arguments = ["-infile", "/dev/stdin"].as_slice();
            (Kind::Continuous, program, arguments)
        };
        Some(Self {
            kind,
            program: Program {
                name: "pocketsphinx".to_owned(),
                ..program
            },
            arguments: arguments.iter().map(OsString::from).collect(),
        })
    }

    /// A program of the user's own.
    pub(super) fn command(line: &str, limits: Limits) -> Self {
        let (program, arguments) = Program::shell(line, limits);
        Self {
            kind: Kind::Command,
            program,
            arguments,
        }
    }

    async fn listen(
        &self,
        mut recording: Recording,
        partials: mpsc::Sender<Partial>,
    ) -> Result<String, SpeechError> {
        let limits = self.program.limits;
        recording.whole(limits).await;
        let length = length(&recording, limits, &self.program.name)?;
        let language = recording.language.unwrap_or_default();
        if self.kind != Kind::Command && !["", "en"].contains(&language_code(&language).as_str()) {
            return Err(SpeechError::Language {
                engine: self.program.name.clone(),
                language,
            });
        }
        let input = match self.kind {
            Kind::Command => write(&recording.samples, RATE),
            Kind::Continuous | Kind::Single => bytes(&recording.samples).collect(),
        };
        drop(recording.samples);
        let mut program = self.program.clone();
        program.limits.patience += length;
        let mut run = program.start(&self.arguments, input)?;
        let (mut said, mut words) = (vec![], String::new());
        while let Some(piece) = run.next().await? {
            said.extend(piece);
            let more = self.words(&said);
            if more != words {
                // Lines that are printed stay.
                let stable = words.len();
                words = more;
                let text = words.clone();
                // Partials are for who wants them, and the newest makes the others worthless.
                let _ = partials.try_send(Partial { text, stable });
            }
        }
        Ok(words)
    }

    /// The words in the complete lines of what it printed.
    fn words(&self, said: &[u8]) -> String {
        let text = String::from_utf8_lossy(said);
        let whole = match (self.kind, text.rsplit_once('\n')) {
            (Kind::Command, _) => &*text,
            (_, Some((whole, _))) => whole,
            (_, None) => "",
        };
        let heard = whole.lines().filter_map(|line| match self.kind {
            Kind::Command | Kind::Continuous => Some(line.to_owned()),
            Kind::Single => {
                let line: Value = serde_json::from_str(line).ok()?;
                Some(line.get("t")?.as_str()?.to_owned())
            }
        });
        let words: Vec<String> = heard
            .flat_map(|line| {
                let words = line.split_whitespace().map(str::to_owned);
                words.collect::<Vec<_>>()
            })
            .filter(|word| !is_noise(word))
            .collect();
        words.join(" ")
    }
}

/// What the model has for sounds that are no words: `<sil>`, `[NOISE]`.
fn is_noise(word: &str) -> bool {
    word.starts_with(['<', '[']) && word.ends_with(['>', ']'])
}

impl Ears for Listener {
    fn name(&self) -> String {
        self.program.name.clone()
    }

    fn hear(&self, recording: Recording, partials: mpsc::Sender<Partial>) -> Hearing<'_> {
        Box::pin(async { Ok(self.listen(recording, partials).await?.into()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_found_in_what_each_kind_prints() {
        let table = [
            (Kind::Command, " hello\nworld", "hello world"),
            (
                Kind::Continuous,
                "what is\n<sil> two [NOISE]\nunfini",
                "what is two",
            ),
            (Kind::Continuous, "", ""),
            (
                Kind::Single,
                "{\"b\":0.000,\"d\":1.4,\"p\":1.0,\"t\":\"what is two\",\"w\":[]}\n",
                "what is two",
            ),
            (Kind::Single, "what is this\n{\"t\":7}\n", ""),
        ];
        for (kind, printed, words) in table {
            let listener = Listener {
                kind,
                ..Listener::command("x", Limits::default())
            };
            assert_eq!(listener.words(printed.as_bytes()), words, "{printed}");
        }
    }
}
