//! Brings a model here: looks at what is there, asks for what is missing, place by place and file by
//! file, and notes each file as soon as it is whole.

use super::Limits;
use super::catalogue::{Entry, File};
use super::error::{ModelsError, Unfetched};
use super::fetch::{Came, Event, Failure, Fetch, Known};
use super::hash::Hash;
use super::hub::Hub;
use super::lock::Lock;
use super::looks::{ENOUGH, unmask};
use super::part::{self, Part};
use super::receipt::{Kept, Receipt, Trust};
use super::shelf::{Shelf, make_folder};
use super::space;
use super::trouble::Trouble;
use crate::mind::http::Clients;
use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

/// What is to be brought here, and from where.
#[derive(Debug)]
pub struct Order<'a> {
    pub entry: &'a Entry,
    pub hub: &'a Hub,
    pub limits: Limits,
}

/// What happens on the way.
#[derive(Clone, Debug, PartialEq)]
pub enum Step<'a> {
    /// Another program brings it here; we wait until that one is done.
    Waiting,
    /// A file that is here is looked at.
    Checking { file: &'a str },
    /// More of a file came, the nth of those that are missing.
    Bytes {
        file: &'a str,
        nth: usize,
        of: usize,
        done: u64,
        total: Option<u64>,
    },
    /// The same place is asked again after a while.
    Again {
        file: &'a str,
        url: &'a str,
        why: &'a Trouble,
        wait: Duration,
    },
    /// Another place is asked.
    Elsewhere {
        file: &'a str,
        url: &'a str,
        why: &'a Trouble,
        next: &'a str,
    },
    /// A file is here.
    Kept { kept: &'a Kept, new: bool },
}

impl Shelf {
    /// Brings a model here, as far as it is not here yet. Dropping it stops it; what came is kept.
    ///
    /// To be called on a thread of its own: it reads and writes files between two waits.
    pub async fn pull(
        &self,
        order: &Order<'_>,
        tell: &mut dyn FnMut(Step<'_>),
    ) -> Result<Receipt, ModelsError> {
        let entry = order.entry;
        let place = self.make(&entry.id)?;
        let _lock = Lock::wait(self.folder(), &entry.id, || tell(Step::Waiting))
            .await
            .map_err(ModelsError::disk(self.folder()))?;
        let before = self.receipt(&entry.id).unwrap_or_default();
        let mut receipt = Receipt {
            model: entry.id.clone(),
            source: entry.home(&order.hub.base),
            revision: before.revision.clone(),
            licence: entry.licence.clone(),
            whole: false,
            files: vec![],
        };
        let mut missing = vec![];
        for file in &entry.files {
            match look(&place, file, before.get(&file.name), tell)? {
                Some(kept) => receipt.note(kept),
                None => missing.push(file),
            }
        }
        if missing.is_empty() {
            receipt.whole = true;
            // Where nothing had to come, what is known of where it came from stays known.
            if !before.source.is_empty() {
                receipt.source = before.source.clone();
            }
            if receipt != before {
                self.write(&receipt)?;
            }
            return Ok(receipt);
        }
        if order.hub.offline {
            let name = |file: &&File| (file.name.clone(), order.hub.url(entry, file));
            return Err(ModelsError::Offline {
                model: entry.id.clone(),
                folder: place,
                missing: missing.iter().map(name).collect(),
            });
        }
        room(&place, entry, &missing, receipt.weight())?;
        let clients = Clients::new();
        for (nth, file) in missing.iter().enumerate() {
            let kept = before.get(&file.name);
            let known = Known {
                name: file.name.clone(),
                size: file.size.or(kept.map(|kept| kept.size)),
                hash: vouched(file, kept),
            };
            let mut run = One {
                order,
                clients: &clients,
                folder: &place,
                file,
                known,
                nth: nth + 1,
                of: missing.len(),
            };
            let came = run.bring(receipt.revision.as_deref(), tell).await?;
            if came.commit.is_some() {
                // The files that follow are to be of the same state as this one.
                receipt.revision = came.commit;
            }
            let kept = Kept {
                name: file.name.clone(),
                size: came.size,
                sha256: came.hash,
                trust: came.trust,
            };
            tell(Step::Kept {
                kept: &kept,
                new: true,
            });
            receipt.note(kept);
            let place = |kept: &Kept| entry.files.iter().position(|file| file.name == kept.name);
            receipt.files.sort_by_key(place);
            receipt.whole = nth + 1 == missing.len();
            self.write(&receipt)?;
        }
        Ok(receipt)
    }
}

/// Who vouches for a file beforehand: the list, else what came first.
fn vouched(file: &File, kept: Option<&Kept>) -> Option<(Hash, Trust)> {
    let listed = file.sha256.map(|hash| (hash, Trust::Catalogue));
    listed.or(kept.map(|kept| (kept.sha256, kept.trust)))
}

/// Looks whether a file is here and right. One that nobody has noted, as it is when somebody put it
/// there by hand, is taken as it is.
fn look(
    place: &Path,
    file: &File,
    kept: Option<&Kept>,
    tell: &mut dyn FnMut(Step<'_>),
) -> Result<Option<Kept>, ModelsError> {
    let path = place.join(&file.name);
    let name = file.name.as_str();
    tell(Step::Checking { file: name });
    let (size, hash) = match Hash::of_file(&path, &mut |_length| {}) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(ModelsError::disk(&path)(error)),
    };
    let vouched = vouched(file, kept);
    let right = vouched.is_none_or(|(expected, _)| expected == hash)
        && file.size.is_none_or(|expected| expected == size)
        && unmask(name, &head(&path).map_err(ModelsError::disk(&path))?).is_none();
    if !right {
        return Ok(None);
    }
    let kept = Kept {
        name: file.name.clone(),
        size,
        sha256: hash,
        trust: vouched.map_or(Trust::FirstUse, |(_, trust)| trust),
    };
    tell(Step::Kept {
        kept: &kept,
        new: false,
    });
    Ok(Some(kept))
}

/// How a file begins.
pub(super) fn head(path: &Path) -> io::Result<Vec<u8>> {
    let mut head = vec![];
    let file = fs::File::open(path)?;
    file.take(ENOUGH as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// Whether the disk takes what is missing, as far as its size is known. A file takes more only when
/// the hub says so, and that is looked at again then.
fn room(place: &Path, entry: &Entry, missing: &[&File], here: u64) -> Result<(), ModelsError> {
    let came: u64 = missing
        .iter()
        .filter_map(|file| fs::metadata(part::path_of(&place.join(&file.name))).ok())
        .map(|about| about.len())
        .sum();
    let needed = entry
        .weight()
        .map_or(0, |(bytes, _)| bytes.saturating_sub(here + came));
    match space::free(place) {
        Some(free) if free < needed => Err(ModelsError::Space {
            model: entry.id.clone(),
            folder: place.to_owned(),
            needed,
            free,
        }),
        _ => Ok(()),
    }
}

/// One file on its way here.
struct One<'a> {
    order: &'a Order<'a>,
    clients: &'a Clients,
    folder: &'a Path,
    file: &'a File,
    known: Known,
    nth: usize,
    of: usize,
}

impl One<'_> {
    /// Asks one place after another until one has given the file.
    async fn bring(
        &mut self,
        revision: Option<&str>,
        tell: &mut dyn FnMut(Step<'_>),
    ) -> Result<Came, ModelsError> {
        let path = self.folder.join(&self.file.name);
        let disk = |path: &Path| ModelsError::disk(path);
        if let Some(folder) = path.parent() {
            make_folder(folder).map_err(disk(folder))?;
        }
        let mut part = Part::open(&path).map_err(disk(&path))?;
        let Order { entry, hub, .. } = self.order;
        let places = hub.places(entry, self.file, revision)?;
        let mut asked: Vec<(String, Trouble)> = vec![];
        for (at, place) in places.iter().enumerate() {
            let url = place.url.to_string();
            let name = self.known.name.clone();
            let mut hear = |event: Event<'_>| match event {
                Event::Bytes { done, total } => tell(Step::Bytes {
                    file: &name,
                    nth: self.nth,
                    of: self.of,
                    done,
                    total,
                }),
                Event::Again { why, wait } => {
                    tracing::info!("{url}: {why:?}; again in {wait:?}");
                    tell(Step::Again {
                        file: &name,
                        url: &url,
                        why,
                        wait,
                    });
                }
            };
            let mut fetch = Fetch {
                clients: self.clients,
                limits: &self.order.limits,
                tell: &mut hear,
                met: self.nth > 1,
                told: None,
            };
            match fetch.fetch(place, &self.known, &mut part).await {
                Ok(came) => {
                    part.finish(&path).map_err(disk(&path))?;
                    return Ok(came);
                }
                Err(Failure::Disk(error)) => return Err(disk(&path)(error)),
                Err(Failure::Space { needed, free }) => {
                    return Err(ModelsError::Space {
                        model: entry.id.clone(),
                        folder: self.folder.to_owned(),
                        needed,
                        free,
                    });
                }
                Err(Failure::Trouble(trouble)) => {
                    tracing::warn!("{url}: {}", trouble.tell(crate::core::words::Lang::En));
                    if let Some(next) = places.get(at + 1) {
                        tell(Step::Elsewhere {
                            file: &name,
                            url: &url,
                            why: &trouble,
                            next: next.url.as_str(),
                        });
                    }
                    asked.push((url, trouble));
                }
            }
        }
        let kept = part.length();
        drop(part);
        if kept == 0 {
            // Nothing came, so nothing is to be left.
            part::discard(&path).map_err(disk(&path))?;
        }
        Err(ModelsError::Fetch(Box::new(Unfetched {
            model: entry.id.clone(),
            file: self.file.name.clone(),
            folder: self.folder.to_owned(),
            kept,
            asked,
        })))
    }
}
