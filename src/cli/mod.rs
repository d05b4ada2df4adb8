//! The command line: one file for each subcommand.

pub mod history;

use std::process::ExitCode;

/// Runs the program and answers with its exit code.
pub fn main() -> ExitCode {
    ExitCode::SUCCESS
}
