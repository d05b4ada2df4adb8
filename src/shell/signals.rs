//! Listens to what the system asks of the program.

use super::run::Signal;
use std::io;
use tokio::sync::mpsc;

/// Starts listening. TERM, HUP, INT and QUIT end the program in order, TSTP suspends it.
#[cfg(unix)]
pub fn listen() -> io::Result<mpsc::Receiver<Signal>> {
    use tokio::signal::unix::{SignalKind, signal};
    // One of each kind may wait; more of the same would say nothing new.
    let (sender, inbox) = mpsc::channel(8);
    let kinds = [
        (SignalKind::terminate(), Signal::Terminate),
        (SignalKind::hangup(), Signal::Terminate),
        (SignalKind::interrupt(), Signal::Interrupt),
        (SignalKind::quit(), Signal::Terminate),
        (
            SignalKind::from_raw(signal_hook::consts::SIGTSTP),
            Signal::Suspend,
        ),
        (
            SignalKind::from_raw(signal_hook::consts::SIGCONT),
            Signal::Continue,
        ),
    ];
    for (kind, meaning) in kinds {
        let mut arrivals = signal(kind)?;
        let sender = sender.clone();
        // Ends when the loop drops its inbox.
        tokio::spawn(async move {
            while arrivals.recv().await.is_some() {
                if sender.send(meaning).await.is_err() {
                    break;
                }
            }
        });
    }
    Ok(inbox)
}

/// Elsewhere only Ctrl-C exists as a signal.
#[cfg(not(unix))]
pub fn listen() -> io::Result<mpsc::Receiver<Signal>> {
    let (sender, inbox) = mpsc::channel(8);
    tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() {
            if sender.send(Signal::Interrupt).await.is_err() {
                break;
            }
        }
    });
    Ok(inbox)
}
