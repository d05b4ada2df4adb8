//! `hearsay replay`: plays a recorded session again, without a terminal, a socket or a store.

use crate::config::ConfigError;
use crate::config::Loaded;
use crate::core::defuse::defuse;
use crate::core::model::{Model, Setup};
use crate::core::trips::Bars;
use crate::core::update::update;
use crate::shell::record::{Opening, Recorded};
use crate::shell::{boot, themes};
use crate::view::{self, Cache};
use anyhow::Context;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// No screen is printed larger than this each way, whatever a recording says.
const LARGEST: u16 = 1000;

#[derive(Debug, clap::Args)]
pub struct ReplayArgs {
    /// A file written with `--record`
    pub file: PathBuf,
    /// Print what the program wished for after each message
    #[arg(long)]
    pub effects: bool,
}

/// Plays the file and prints the screen it ends with.
pub fn run(args: &ReplayArgs, loaded: &Loaded) -> anyhow::Result<ExitCode> {
    let name = args.file.display();
    let file = File::open(&args.file).with_context(|| format!("cannot read `{name}`"))?;
    let mut lines = BufReader::new(file).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    let opening: Opening = serde_json::from_str(&first)
        .map_err(|why| anyhow::anyhow!("`{name}` is no recording: {why}"))?;
    let settings = &loaded.settings;
    let (looks, look, _) = themes::looks(loaded);
    let mut model = Model::new(Setup {
        lang: opening.lang,
        size: opening.size,
        backend: opening.backend,
        choice: opening.choice,
        personas: opening.personas,
        keymap: boot::keymap(settings).map_err(ConfigError::Bad)?.0,
        seed: opening.seed,
        budgets: boot::budgets(settings),
        show_reasoning: settings.ui.show_reasoning,
        bars: Bars::default(),
        bell: false,
        notify: false,
        voice: opening.voice,
        terminal: String::new(),
        look,
    });
    let mut out = io::stdout().lock();
    let mut played = 0_usize;
    for (number, line) in lines.enumerate() {
        let line = line?;
        // A run that was killed may have left half a line behind.
        let Ok(recorded) = serde_json::from_str::<Recorded>(&line) else {
            writeln!(
                io::stderr(),
                "warning: line {} cannot be read; stopped there",
                number + 2
            )?;
            break;
        };
        played += 1;
        let at = recorded.now.mono.0.as_secs_f64();
        for effect in update(&mut model, recorded.now, recorded.msg) {
            if args.effects {
                writeln!(out, "{at:10.3} {}", defuse(&format!("{effect:?}")))?;
            }
        }
    }
    let (columns, rows) = model.size;
    let backend = TestBackend::new(columns.clamp(1, LARGEST), rows.clamp(1, LARGEST));
    let mut terminal = Terminal::new(backend)?;
    let mut cache = Cache::new(looks);
    terminal.draw(|frame| {
        view::draw(frame, &model, &mut cache);
    })?;
    for line in view::rows(terminal.backend().buffer()) {
        writeln!(out, "{}", line.trim_end())?;
    }
    writeln!(
        io::stderr(),
        "{played} messages, state {}",
        model.modes.current().name()
    )?;
    Ok(ExitCode::SUCCESS)
}
