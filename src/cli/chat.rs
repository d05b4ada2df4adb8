//! `hearsay` itself: opens the assistant on the screen.

use crate::config::Loaded;
use crate::core::ids::ConversationId;
use crate::shell::boot;
use std::process::ExitCode;

/// Opens the assistant and stays until the user leaves.
pub fn run(loaded: Loaded, resume: Option<ConversationId>) -> anyhow::Result<ExitCode> {
    boot::screen(loaded, resume)?;
    Ok(ExitCode::SUCCESS)
}
