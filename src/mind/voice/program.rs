//! Voices that are a program on this machine: espeak-ng, those of macOS and Windows, or any other
//! that the user names. What it is told is put together by `lines`.

use super::figured;
use super::lines;
use super::outlet::Outlet;
use super::pinyin::numbered;
use super::wish::{Asked, speed};
use super::{Pcm, Speaking, Utterance, Voice, Wanted};
use crate::codec::Decoder;
use crate::core::words::Lang;
use crate::mind::SpeechError;
use crate::mind::speech::{Limits, Program};
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::OnceCell;
use tokio::sync::mpsc::Sender;

/// How much of a file is handed on at once.
const PIECE: usize = 16 << 10;

/// Which program it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    EspeakNg,
    Espeak,
    Say,
    Sapi,
    Command,
}

impl Kind {
    /// What there may be on a system, the best first.
    pub(super) fn of(system: &str) -> &'static [Self] {
        match system {
            "macos" => &[Self::Say, Self::EspeakNg, Self::Espeak],
            "windows" => &[Self::Sapi, Self::EspeakNg, Self::Espeak],
            _ => &[Self::EspeakNg, Self::Espeak],
        }
    }

    /// What is written to choose it.
    pub(super) const fn id(self) -> &'static str {
        match self {
            Self::EspeakNg => "espeak-ng",
            Self::Espeak => "espeak",
            Self::Say => "say",
            Self::Sapi => "sapi",
            Self::Command => "command:",
        }
    }

    fn program(self) -> &'static str {
        match self {
            Self::Sapi => "powershell",
            other => other.id(),
        }
    }
}

/// A voice that is a program.
#[derive(Debug)]
pub(super) struct Speaker {
    kind: Kind,
    program: Program,
    /// What goes before everything else.
    arguments: Vec<OsString>,
    /// Whether it reads Chinese characters; found out when the first are to be spoken.
    reads_chinese: OnceCell<bool>,
}

/// What a program is to be told.
#[derive(Debug)]
struct Order {
    arguments: Vec<OsString>,
    text: String,
    /// Where the sound lands, if not on the standard output.
    file: Option<Scratch>,
}

impl Speaker {
    /// A program of this kind, if this machine has it.
    pub(super) fn find(kind: Kind, wanted: &Wanted) -> Option<Self> {
        let program = wanted.find(kind.program())?;
        Some(Self::new(
            kind,
            Program {
                name: kind.id().to_owned(),
                ..program
            },
            vec![],
        ))
    }

    /// A program of the user's own: words in, WAV out.
    pub(super) fn command(line: &str, limits: Limits) -> Self {
        let (program, arguments) = Program::shell(line, limits);
        Self::new(Kind::Command, program, arguments)
    }

    fn new(kind: Kind, program: Program, arguments: Vec<OsString>) -> Self {
        Self {
            kind,
            program,
            arguments,
            reads_chinese: OnceCell::new(),
        }
    }

    async fn order(&self, utterance: Utterance) -> Result<Order, SpeechError> {
        let Utterance { text, lang, wish } = utterance;
        let (asked, speed) = (Asked::read(&wish, lang), speed(&wish));
        let mut order = Order {
            arguments: self.arguments.clone(),
            text,
            file: None,
        };
        match (self.kind, lang) {
            (Kind::Command, _) => {}
            (Kind::EspeakNg | Kind::Espeak, _) => {
                // It reads `$4.50`, `3 km` and, in Mandarin, even `10:30` piece by piece. Two
                // brackets would begin phonemes.
                order.text = figured(&order.text, lang).replace("[[", "[ [");
                let voice = match (lang, asked) {
                    (Lang::En, _) | (_, Asked::Own(_)) => lines::espeak_english(asked).to_owned(),
                    (Lang::Zh, _) => {
                        let (voice, reads) = self.mandarin().await?;
                        if !reads {
                            order.text = numbered(&order.text);
                        }
                        voice.to_owned()
                    }
                };
                order.arguments.extend(lines::espeak(&voice, speed));
            }
            (Kind::Say, _) => {
                let file = Scratch::new();
                order
                    .arguments
                    .extend(lines::say(asked, lang, speed, &file.0));
                order.file = Some(file);
            }
            (Kind::Sapi, _) => order.arguments.extend(lines::sapi(asked, lang, speed)),
        }
        Ok(order)
    }

    /// The voice that speaks Mandarin, and whether it reads characters. Where the dictionary for
    /// them is missing, espeak-ng spells them out in English, and says so only in its phonemes.
    async fn mandarin(&self) -> Result<(&'static str, bool), SpeechError> {
        if self.kind == Kind::Espeak {
            return Ok(("zh", false));
        }
        let reads = self.reads_chinese.get_or_try_init(async || {
            let arguments = ["-q", "-x", "-b", "1", "-v", "cmn", "--stdin"].map(OsString::from);
            let mut run = self.program.start(&arguments, "你".into())?;
            let phonemes = match run.all().await {
                Ok(phonemes) => phonemes,
                Err(SpeechError::Failed { .. }) => return Ok(false),
                Err(error) => return Err(error),
            };
            let phonemes = String::from_utf8_lossy(&phonemes);
            Ok(!phonemes.contains("(en)") && !phonemes.trim().is_empty())
        });
        Ok(if *reads.await? {
            ("cmn", true)
        } else {
            ("cmn-latn-pinyin", false)
        })
    }

    async fn say(&self, utterance: Utterance, out: &Sender<Pcm>) -> Result<(), SpeechError> {
        let order = self.order(utterance).await?;
        let mut run = self
            .program
            .start(&order.arguments, order.text.into_bytes())?;
        let most = self.program.limits.output;
        let mut outlet = Outlet::new(&self.program.name, Decoder::new(), most, out);
        if let Some(file) = &order.file {
            run.all().await?;
            let path = file.0.clone();
            let read = tokio::task::spawn_blocking(|| std::fs::read(path)).await;
            let sound = read
                .map_err(std::io::Error::other)
                .flatten()
                .map_err(|error| self.program.odd(error.to_string()))?;
            for piece in sound.chunks(PIECE) {
                if !outlet.push(piece).await? {
                    return Ok(());
                }
            }
        }
        while let Some(piece) = run.next().await? {
            if !outlet.push(&piece).await? {
                return Ok(());
            }
        }
        outlet.finish().await
    }
}

impl Voice for Speaker {
    fn name(&self) -> String {
        self.program.name.clone()
    }

    fn speak(&self, utterance: Utterance, out: Sender<Pcm>) -> Speaking<'_> {
        Box::pin(async move {
            tokio::select! {
                spoken = self.say(utterance, &out) => spoken,
                () = out.closed() => Ok(()),
            }
        })
    }
}

/// A file that is gone when it is dropped. macOS, the only system where one is needed, gives each
/// user a folder for them that nobody else can look into.
#[derive(Debug)]
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("hearsay-{}-{number}.wav", std::process::id());
        Self(std::env::temp_dir().join(name))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // It may never have been written.
        let _ = std::fs::remove_file(&self.0);
    }
}
