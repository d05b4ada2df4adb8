//! The binary: hands the arguments to [`hearsay::cli`] and the outcome to the system.

use std::process::ExitCode;

fn main() -> ExitCode {
    hearsay::cli::main()
}
