//! The flags every subcommand shares. Each has a `HEARSAY_` variable of the same name, which is
//! read with the other variables so that `config explain` can tell the two apart.

use std::path::PathBuf;

/// The flags every subcommand shares.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct Flags {
    /// Read this configuration file [env: HEARSAY_CONFIG]
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        help_heading = "Shared options"
    )]
    pub config: Option<PathBuf>,
    /// Keep conversations and drafts in this folder [env: HEARSAY_DATA_DIR]
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        help_heading = "Shared options"
    )]
    pub data_dir: Option<String>,
    /// Talk to this backend: a name, a URL or `embedded` [env: HEARSAY_BACKEND]
    #[arg(
        long,
        global = true,
        value_name = "NAME|URL",
        help_heading = "Shared options"
    )]
    pub backend: Option<String>,
    /// Think with `auto`, `builtin`, `local`, `model:NAME` or a URL [env: HEARSAY_BRAIN]
    #[arg(
        long,
        global = true,
        value_name = "BRAIN",
        help_heading = "Shared options"
    )]
    pub brain: Option<String>,
    /// Hear with `auto`, `none`, a program or the server at this URL [env: HEARSAY_EARS]
    #[arg(
        long,
        global = true,
        value_name = "EARS",
        help_heading = "Shared options"
    )]
    pub ears: Option<String>,
    /// Speak with `auto`, `none`, a program or the server at this URL [env: HEARSAY_VOICE]
    #[arg(
        long,
        global = true,
        value_name = "VOICE",
        help_heading = "Shared options"
    )]
    pub voice: Option<String>,
    /// Use this model [env: HEARSAY_MODEL]
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        help_heading = "Shared options"
    )]
    pub model: Option<String>,
    /// Let this persona answer [env: HEARSAY_PERSONA]
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        help_heading = "Shared options"
    )]
    pub persona: Option<String>,
    /// Speak this language: `auto`, `en` or `zh` [env: HEARSAY_LANG]
    #[arg(
        long,
        global = true,
        value_name = "LANG",
        help_heading = "Shared options"
    )]
    pub lang: Option<String>,
    /// Hear with this: a device by its id or name, `file:PATH` (WAV), `stdin` or `null` [env: HEARSAY_MIC]
    #[arg(
        long,
        global = true,
        value_name = "DEVICE",
        help_heading = "Shared options"
    )]
    pub mic: Option<String>,
    /// Play on this: a device by its id or name, `file:PATH` (WAV), `stdout` or `null` [env: HEARSAY_SPEAKER]
    #[arg(
        long,
        global = true,
        value_name = "DEVICE",
        help_heading = "Shared options"
    )]
    pub speaker: Option<String>,
    /// Let files and pipes in the place of devices go as fast as they can [env: HEARSAY_FAST]
    #[arg(long, global = true, help_heading = "Shared options")]
    pub fast: bool,
    /// Speak all answers, or these: `=never`, `=spoken` (those to speech), `=always` [env:
    /// HEARSAY_SPEAK]
    #[arg(
        long,
        global = true,
        value_name = "WHICH",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "always",
        help_heading = "Shared options"
    )]
    pub speak: Option<String>,
    /// Believe any certificate of a backend, and say so all the time [env:
    /// HEARSAY_DANGER_ACCEPT_INVALID_CERTS]
    #[arg(long, global = true, help_heading = "Shared options")]
    pub danger_accept_invalid_certs: bool,
    /// Tell everything as lines of text, without a screen [env: HEARSAY_PLAIN]
    #[arg(long, global = true, help_heading = "Shared options")]
    pub plain: bool,
    /// Leave what was said in the terminal's own memory, below what is there [env: HEARSAY_INLINE]
    #[arg(long, global = true, help_heading = "Shared options")]
    pub inline: bool,
    /// Log this much: off, error, warn, info, debug, trace [env: HEARSAY_LOG_LEVEL]
    #[arg(
        long,
        global = true,
        value_name = "LEVEL",
        help_heading = "Shared options"
    )]
    pub log_level: Option<String>,
    /// Record what happens on the screen, for `hearsay replay` [env: HEARSAY_RECORD]
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        help_heading = "Shared options"
    )]
    pub record: Option<PathBuf>,
    /// Write when it happened on the screen, as JSON lines [env: HEARSAY_TRACE]
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        help_heading = "Shared options"
    )]
    pub trace: Option<PathBuf>,
}

impl Flags {
    /// What a flag of the schema was given.
    pub(super) fn get(&self, flag: &str) -> Option<&str> {
        match flag {
            "--backend" => self.backend.as_deref(),
            "--brain" => self.brain.as_deref(),
            "--danger-accept-invalid-certs" => self.danger_accept_invalid_certs.then_some("true"),
            "--data-dir" => self.data_dir.as_deref(),
            "--ears" => self.ears.as_deref(),
            "--fast" => self.fast.then_some("true"),
            "--inline" => self.inline.then_some("true"),
            "--lang" => self.lang.as_deref(),
            "--log-level" => self.log_level.as_deref(),
            "--mic" => self.mic.as_deref(),
            "--model" => self.model.as_deref(),
            "--plain" => self.plain.then_some("always"),
            "--persona" => self.persona.as_deref(),
            "--speak" => self.speak.as_deref(),
            "--speaker" => self.speaker.as_deref(),
            "--voice" => self.voice.as_deref(),
            _ => None,
        }
    }
}
