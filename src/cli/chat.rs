//! `hearsay` itself: opens the assistant on the screen, or line by line.

use crate::config::Loaded;
use crate::core::action::Action;
use crate::core::ids::ConversationId;
use crate::shell::{boot, plain};
use std::process::ExitCode;

/// Opens the assistant and stays until the user leaves. `first`: what is done before anything else.
pub fn run(
    loaded: Loaded,
    resume: Option<ConversationId>,
    first: Option<Action>,
) -> anyhow::Result<ExitCode> {
    match plain::wanted(&loaded.settings) {
        Some(why) => plain::stay(&loaded, why, resume, first)?,
        None => boot::screen(loaded, resume, first)?,
    }
    Ok(ExitCode::SUCCESS)
}
