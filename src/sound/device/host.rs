//! The parts of the system that have devices, and which of them is asked.
//!
//! The sound server's client of `cpal` is not always closed when it is dropped: its thread and its
//! files may stay behind for good. So one that nobody needs any more waits for the next who asks:
//! there are never more than are in use at the same time, and they sleep.

use super::shut;
#[cfg(target_os = "linux")]
use super::{cookie, server};
use crate::sound::SoundError;
use cpal::traits::HostTrait;
use cpal::{ErrorKind, Host, HostId};
use std::ops::Deref;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The sound server under whatever name cpal gives it. It shares devices, converts everything
/// and knows people's names for them, so it is asked first.
pub(super) const SERVER: &str = "pulseaudio";

/// Clients of the sound server that nobody uses.
static SPARE: Mutex<Vec<Host>> = Mutex::new(vec![]);

/// A part of the system, for as long as something of it is open.
pub(super) struct Lent(Option<Host>);

impl Deref for Lent {
    type Target = Host;

    fn deref(&self) -> &Host {
        self.0.as_ref().expect("it is taken when this is dropped")
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(host) = self.0.take()
            && host_name(host.id()) == SERVER
        {
            spare().push(host);
        }
    }
}

fn spare() -> MutexGuard<'static, Vec<Host>> {
    SPARE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One that waits and is still answered. One whose server is gone has ended by itself.
fn spared() -> Option<Lent> {
    if spare().is_empty() || !answers() {
        return None;
    }
    loop {
        let host = spare().pop()?;
        if host.devices().is_ok() {
            return Some(Lent(Some(host)));
        }
    }
}

/// Whether the server says anything: its client waits for that without a limit.
#[cfg(target_os = "linux")]
fn answers() -> bool {
    server::found().is_some()
}

#[cfg(not(target_os = "linux"))]
const fn answers() -> bool {
    true
}

/// The part of the system to ask: the one an id names, or the first that works. Also tells of a sound
/// server that should have been asked and does not answer, which is worth telling when there is nothing
/// else.
pub(super) fn ask(wish: Option<&str>) -> Result<(Lent, Option<SoundError>), SoundError> {
    let mut ids = cpal::available_hosts();
    // Stable, so the rest keeps the order of cpal.
    ids.sort_by_key(|id| host_name(*id) != SERVER);
    let mut dead = None;
    if let Some((host, _)) = wish.and_then(|wish| wish.split_once(':'))
        && let Some(id) = ids.iter().find(|id| host_name(**id) == host)
    {
        ids = vec![*id];
    } else if !ids.iter().any(|id| host_name(*id) == SERVER) {
        dead = shut::out();
    }
    for id in ids {
        if host_name(id) == SERVER {
            if let Some(host) = spared() {
                return Ok((host, dead));
            }
            #[cfg(target_os = "linux")]
            cookie::ensure();
        }
        match cpal::host_from_id(id) {
            Ok(host) => return Ok((Lent(Some(host)), dead)),
            Err(error) if host_name(id) == SERVER => {
                let why = error.to_string();
                dead = Some(match error.kind() {
                    ErrorKind::PermissionDenied => SoundError::ServerRefuses { why },
                    _ => shut::out().unwrap_or(SoundError::ServerDead { why }),
                });
            }
            Err(_absent) => {}
        }
    }
    Err(dead.unwrap_or(SoundError::NoSystem))
}

fn host_name(id: HostId) -> String {
    id.name().to_lowercase()
}

/// Whether a wish names the part of the system that it is of.
#[cfg(target_os = "linux")]
pub(super) fn is_of_a_host(wish: &str) -> bool {
    wish.split_once(':').is_some_and(|(host, _)| {
        let hosts = cpal::available_hosts();
        hosts.into_iter().any(|id| host_name(id) == host)
    })
}
