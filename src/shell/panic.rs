//! What happens when the program meets a fault of its own: the terminal is handed back first,
//! then a report is written and four lines say where it is.

use super::logs::Logs;
use super::terminal;
use crate::codec::is_contained;
use crate::core::defuse::defuse;
use std::backtrace::Backtrace;
use std::io::Write;
use std::path::PathBuf;

/// How many log lines a report carries.
const LINES: usize = 200;

/// Installs the hook. Any panic that is not caught, in whatever thread or task, ends the program: what is left
/// running after one is not to be trusted with a terminal or a conversation. `rescue` is given
/// the chance to write what waits to be written.
pub fn install(folder: PathBuf, logs: Logs, rescue: impl Fn() + Send + Sync + 'static) {
    std::panic::set_hook(Box::new(move |panic| {
        if is_contained() {
            return;
        }
        terminal::restore();
        let what = panic.payload_as_str().unwrap_or("unknown").to_owned();
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        let report = format!(
            "hearsay {} panicked at {place}: {what}\n\n{}\n\n{}",
            env!("CARGO_PKG_VERSION"),
            Backtrace::force_capture(),
            logs.tail(LINES),
        );
        let path = folder.join("crash.txt");
        let written = std::fs::create_dir_all(&folder)
            .and_then(|()| super::record::private(&path))
            .and_then(|mut file| file.write_all(report.as_bytes()));
        rescue();
        let mut errors = std::io::stderr().lock();
        // Nobody is left to tell about an error here.
        let _ = writeln!(
            errors,
            "error: hearsay met a fault of its own and had to stop"
        );
        let _ = writeln!(errors, "{} ({place})", defuse(&what));
        let _ = match written {
            Ok(()) => writeln!(errors, "a report is in `{}`", path.display()),
            Err(error) => writeln!(errors, "no report could be written: {error}"),
        };
        let _ = writeln!(
            errors,
            "hint: start again with `hearsay`; stored messages are safe"
        );
        leave();
    }));
}

#[expect(
    clippy::exit,
    reason = "after a panic there is no way back into the loop"
)]
fn leave() -> ! {
    std::process::exit(101)
}
