//! `hearsay serve`: the backend, for others.

use super::warn;
use crate::config::Loaded;
use crate::shell::logs::{Logs, SERVED};
use crate::shell::served;
use clap::Args;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Where to serve, and whom.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Listen at this address, such as 127.0.0.1:9800 or 0.0.0.0:9800
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Let in who has a token of this file; one that is not there is made
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

/// Serves until it is told to end.
pub fn run(args: ServeArgs, mut loaded: Loaded) -> anyhow::Result<ExitCode> {
    warn(&loaded.warnings);
    let settings = &mut loaded.settings;
    if let Some(listen) = args.listen {
        settings.serve.listen = listen;
    }
    if let Some(file) = args.token_file {
        settings.serve.token_file = Some(file);
    }
    let logs = Logs::new(Some(settings.data_dir.join(SERVED)));
    logs.install(settings.log_level);
    served::run(&loaded, |listening| {
        warn(&listening.doubts);
        if let Some(file) = &listening.token_file {
            // Nobody is left to tell when stderr is gone.
            let _ = writeln!(io::stderr(), "token: in `{}`", file.display());
        }
        let mut out = io::stdout().lock();
        let _ = writeln!(out, "{}", listening.url);
        let _ = out.flush();
    })?;
    Ok(ExitCode::SUCCESS)
}
