//! `hearsay ctl`: remote control of a program that runs in another terminal.

use super::Exit;
use crate::config::{Loaded, runtime_folder};
use crate::core::action::{Action, NotAnAction};
use crate::core::remote::Order;
use crate::core::words::{Word, fill};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub struct CtlArgs {
    /// Control the program with this process id; without it, the one that was started last
    #[arg(long, global = true)]
    pub pid: Option<u32>,
    #[command(subcommand)]
    pub order: Ctl,
}

#[derive(Clone, Debug, clap::Subcommand)]
pub enum Ctl {
    /// Open the microphone for a recording
    Talk,
    /// End the recording and send it; else stop what is answered or spoken
    Stop,
    /// Throw the recording away; else stop what is answered or spoken
    Cancel,
    /// Close the microphone of the call
    Mute,
    /// Open the microphone of the call again
    Unmute,
    /// Begin a call
    Call,
    /// End the call
    Hangup,
    /// Ask this
    Say {
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        text: Vec<String>,
    },
    /// Carry out an action, as it is written after a slash
    Do {
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        action: Vec<String>,
    },
    /// Tell how things stand
    Status {
        /// Go on with a line for each change, until the program ends
        #[arg(long)]
        follow: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

impl Ctl {
    fn order(&self) -> Result<Order, NotAnAction> {
        Ok(match self {
            Self::Talk => Order::Talk,
            Self::Stop => Order::Stop,
            Self::Cancel => Order::Cancel,
            Self::Mute => Order::Mute,
            Self::Unmute => Order::Unmute,
            Self::Call => Order::Call,
            Self::Hangup => Order::HangUp,
            Self::Say { text } => Order::Say(text.join(" ")),
            Self::Do { action } => Order::Do(action.join(" ").parse::<Action>()?),
            Self::Status { .. } => Order::Status,
        })
    }
}

/// Gives the order and tells what came of it: 0 it is done, 1 it makes no sense as things stand,
/// 2 there is no such action, 3 no program runs that could be asked.
pub fn run(args: &CtlArgs, loaded: &Loaded) -> anyhow::Result<ExitCode> {
    let order = match args.order.order() {
        Ok(order) => order,
        Err(error) => {
            super::complain(&error.to_string(), Some(&hint(&error)));
            return Ok(Exit::Usage.into());
        }
    };
    let lang = loaded.settings.lang;
    let folder = runtime_folder(&loaded.settings.data_dir);
    match there::ask(&folder, args, order, lang)? {
        Outcome::Done => Ok(ExitCode::SUCCESS),
        Outcome::Refused(why) => {
            super::complain(&why, None);
            Ok(Exit::Unanswered.into())
        }
        Outcome::Nobody => {
            let (what, hint) = match args.pid {
                Some(pid) => (
                    fill(Word::RemoteNoPid.text(lang), &[&pid.to_string()]),
                    Word::RemoteNoPidHint,
                ),
                None => (Word::RemoteNone.text(lang).to_owned(), Word::RemoteNoneHint),
            };
            super::complain(&what, Some(hint.text(lang)));
            Ok(Exit::NoConnection.into())
        }
    }
}

/// What may have been meant.
fn hint(error: &NotAnAction) -> String {
    match error {
        NotAnAction::Unknown {
            nearest: Some(nearest),
            ..
        } => format!("perhaps `{nearest}` was meant"),
        NotAnAction::Unknown { nearest: None, .. } => {
            "`Ctrl-P` in the program lists all of them".to_owned()
        }
        NotAnAction::Surplus { name } => format!("leave out what follows `{name}`"),
        NotAnAction::Argument { name, .. } => format!("write it after `{name}`"),
    }
}

/// What came of an order.
enum Outcome {
    Done,
    Refused(String),
    /// No program runs that could be asked.
    Nobody,
}

#[cfg(unix)]
mod there {
    use super::{Ctl, CtlArgs, Outcome};
    use crate::cli::harmless;
    use crate::core::defuse::defuse;
    use crate::core::remote::{Order, Status};
    use crate::core::words::{Lang, Word, fill};
    use crate::shell::remote::{Answer, Request};
    use std::fs;
    use std::io::{self, BufRead, BufReader, Write};
    use std::os::unix::net::UnixStream;
    use std::path::{Path, PathBuf};
    use std::time::{Duration, SystemTime};

    /// How long a program may take to answer.
    const PATIENCE: Duration = Duration::from_secs(10);

    /// The sockets there are, that of the program that was started last first.
    fn sockets(folder: &Path) -> Vec<(u32, PathBuf)> {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let mut found: Vec<(SystemTime, u32, PathBuf)> = entries
            .filter_map(|entry| {
                let path = entry.path();
                let name = path.file_name()?.to_str()?.strip_suffix(".sock")?;
                let made = entry.metadata().ok()?.modified().ok()?;
                Some((made, name.parse().ok()?, path))
            })
            .collect();
        found.sort_unstable();
        found.reverse();
        found
            .into_iter()
            .map(|(_, pid, path)| (pid, path))
            .collect()
    }

    /// Whoever answers of the programs that may be meant.
    fn reach(folder: &Path, pid: Option<u32>) -> Option<(u32, UnixStream)> {
        let meant = |(of, _): &(u32, PathBuf)| pid.is_none_or(|pid| pid == *of);
        sockets(folder)
            .into_iter()
            .filter(meant)
            .find_map(|(pid, path)| {
                match UnixStream::connect(&path) {
                    Ok(stream) => Some((pid, stream)),
                    Err(error) => {
                        if error.kind() == io::ErrorKind::ConnectionRefused {
                            // A program that was killed has left it behind.
                            let _ = fs::remove_file(&path);
                        }
                        None
                    }
                }
            })
    }

    pub(super) fn ask(
        folder: &Path,
        args: &CtlArgs,
        order: Order,
        lang: Lang,
    ) -> anyhow::Result<Outcome> {
        let Some((pid, stream)) = reach(folder, args.pid) else {
            return Ok(Outcome::Nobody);
        };
        let (follow, json) = match args.order {
            Ctl::Status { follow, json } => (follow, json),
            _ => (false, false),
        };
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut request = serde_json::to_string(&Request { order, follow })?;
        request.push('\n');
        (&stream).write_all(request.as_bytes())?;
        let mut lines = BufReader::new(&stream).lines();
        let Some(Ok(line)) = lines.next() else {
            let silent = fill(Word::RemoteSilent.text(lang), &[&pid.to_string()]);
            return Ok(Outcome::Refused(silent));
        };
        let answer: Answer = serde_json::from_str(&line)?;
        if let Some(why) = answer.refused {
            return Ok(Outcome::Refused(why));
        }
        if !matches!(args.order, Ctl::Status { .. }) {
            return Ok(Outcome::Done);
        }
        let mut out = io::stdout().lock();
        let mut print = |status: &Status| -> anyhow::Result<()> {
            if json {
                writeln!(out, "{}", harmless(&serde_json::to_string(status)?))?;
            } else {
                writeln!(out, "{}", defuse(&status.tell(lang)))?;
            }
            Ok(out.flush()?)
        };
        print(&answer.status)?;
        if follow {
            stream.set_read_timeout(None)?;
            for line in lines.map_while(Result::ok) {
                print(&serde_json::from_str(&line)?)?;
            }
        }
        Ok(Outcome::Done)
    }
}

#[cfg(not(unix))]
mod there {
    use super::{CtlArgs, Outcome};
    use crate::core::remote::Order;
    use crate::core::words::{Lang, Word};
    use std::path::Path;

    pub(super) fn ask(
        _folder: &Path,
        _args: &CtlArgs,
        _order: Order,
        lang: Lang,
    ) -> anyhow::Result<Outcome> {
        Ok(Outcome::Refused(Word::RemoteNotHere.text(lang).to_owned()))
    }
}
