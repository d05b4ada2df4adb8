//! `hearsay script`: a conversation that is written down beforehand, held by the real program
//! without a screen.

mod mistake;
mod play;
mod read;
mod report;
mod step;

pub use mistake::ScriptError;

use super::folder::Folder;
use super::{Exit, complain, warn};
use crate::config::{ConfigError, Flags, Loaded};
use crate::core::words::{Word, fill};
use crate::shell::boot::{self, Begun};
use crate::shell::logs::{self, Logs};
use crate::shell::signals;
use play::{End, Player};
use report::Report;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use step::Step;

/// The screen that the program believes to have.
const SIZE: (u16, u16) = (100, 30);

#[derive(Debug, clap::Args)]
pub struct ScriptArgs {
    /// The script, in TOML
    pub file: PathBuf,
    /// Print every step as one line of JSON
    #[arg(long)]
    pub json: bool,
    /// Go on after a step that failed
    #[arg(long)]
    pub keep_going: bool,
}

/// Plays the script. Without `--data-dir` what is said is kept in a folder that goes with the
/// program: the conversations of the user are none of a script's business, and it runs the same
/// every time.
pub fn run(args: &ScriptArgs, flags: &Flags) -> anyhow::Result<ExitCode> {
    let folder = flags
        .data_dir
        .is_none()
        .then(|| Folder::new("script"))
        .transpose()?;
    let mut flags = flags.clone();
    if let Some(folder) = &folder {
        flags.data_dir = Some(folder.text()?);
    }
    let mut loaded = super::settle(&flags)?;
    if let Some(folder) = &folder {
        loaded.settings.store.path = folder.path().join("hearsay.db");
    }
    // A microphone that hears files is open for them, and no other one is between them.
    loaded.settings.sound.preroll = Duration::ZERO;
    warn(&loaded.warnings);
    let steps = read::file(&args.file, loaded.settings.lang)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(play(args, &loaded, &steps));
    // A name lookup may still hang in a thread of the runtime; nobody waits for it.
    runtime.shutdown_background();
    outcome
}

async fn play(args: &ScriptArgs, loaded: &Loaded, steps: &[Step]) -> anyhow::Result<ExitCode> {
    let settings = &loaded.settings;
    let (keymap, conflicts) = boot::keymap(settings).map_err(ConfigError::Bad)?;
    let logs = Logs::new(Some(settings.data_dir.join(logs::NAME)));
    logs.install(settings.log_level);
    let Begun {
        mut program,
        unconnected,
        ..
    } = boot::begin(loaded, keymap, SIZE)?;
    // What a script chooses is chosen for as long as it runs.
    program.ports.settings = None;
    let doubts = unconnected.connect(loaded, &mut program)?;
    warn(&conflicts);
    warn(&doubts);
    // Who plays to standard output wants to hear nothing else there.
    let out: Box<dyn Write> = if settings.sound.loudspeaker == "stdout" {
        Box::new(io::stderr())
    } else {
        Box::new(io::stdout())
    };
    let report = Report::new(out, args.json, settings.lang);
    let signals = signals::listen()?;
    let (sound, store) = (program.ports.sound.clone(), program.ports.store.clone());
    let mut player = Player::new(program, signals, report, settings.sound.longest);
    let outcome = converse(args, &mut player, steps).await;
    let left = player.leave();
    boot::close(&sound, &store);
    let code = outcome?;
    left?;
    Ok(if player.is_stopped() {
        // The shell's way to say that the user stopped it.
        ExitCode::from(130)
    } else {
        code
    })
}

async fn converse(
    args: &ScriptArgs,
    player: &mut Player,
    steps: &[Step],
) -> anyhow::Result<ExitCode> {
    let lang = player.program.model.lang;
    match player.connect().await {
        Ok(()) => {}
        Err(End::Unmet(why)) => {
            let what = fill(Word::AskNoConnection.text(lang), &[&why]);
            complain(&what, Some(Word::AskNoConnectionHint.text(lang)));
            return Ok(Exit::NoConnection.into());
        }
        Err(End::Left) => return Ok(ExitCode::SUCCESS),
        Err(End::Broken(error)) => return Err(error.into()),
    }
    let mut is_over = false;
    for (number, step) in steps.iter().enumerate() {
        let began = player.now();
        let why = match player.step(step).await {
            Ok(()) => None,
            Err(End::Unmet(why)) => Some(why),
            Err(End::Broken(error)) => return Err(error.into()),
            Err(End::Left) => {
                is_over = true;
                // To leave is what the step was there for, if it is the last one.
                let wanted = number + 1 == steps.len() && !player.is_stopped();
                (!wanted).then(|| Word::ScriptLeft.text(lang).to_owned())
            }
        };
        let times = (began, player.now());
        player
            .report
            .step(number + 1, step, times, why.as_deref())?;
        if is_over || (why.is_some() && !args.keep_going) {
            break;
        }
    }
    player.report.end(steps.len(), player.now())?;
    Ok(if player.report.failed() == 0 {
        ExitCode::SUCCESS
    } else {
        Exit::Unanswered.into()
    })
}
