//! `hearsay with-parent`: becomes another program that the system ends when the one that started
//! it ends, however that ends. For servers of tools, which are to outlive nobody; not for people,
//! so it is not listed.

use std::ffi::OsString;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub struct WithParentArgs {
    /// The process that is to end first
    pub parent: i32,
    /// The program and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    pub line: Vec<OsString>,
}

/// Becomes the program; comes back only if that cannot be.
#[cfg(target_os = "linux")]
pub fn run(args: &WithParentArgs) -> anyhow::Result<ExitCode> {
    use rustix::process::{Pid, Signal, getppid, set_parent_process_death_signal};
    use std::os::unix::process::CommandExt;

    set_parent_process_death_signal(Some(Signal::KILL))?;
    // It may have ended before that was said.
    if getppid() != Pid::from_raw(args.parent) {
        return Ok(ExitCode::FAILURE);
    }
    let mut words = args.line.iter();
    let program = words.next().map_or("".as_ref(), OsString::as_os_str);
    let error = std::process::Command::new(program).args(words).exec();
    anyhow::bail!("`{}`: {error}", program.display())
}

/// No other system can be asked for it.
#[cfg(not(target_os = "linux"))]
pub fn run(args: &WithParentArgs) -> anyhow::Result<ExitCode> {
    anyhow::bail!("{} cannot be followed on this system", args.parent)
}
