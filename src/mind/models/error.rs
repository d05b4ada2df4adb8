//! What can go wrong with models, as data, as a sentence, and with the next command.

use super::catalogue::{Catalogue, Flaw};
use super::trouble::Trouble;
use crate::core::shelf::megabytes;
use crate::core::words::{Lang, Word, fill};
use std::io;
use std::path::{Path, PathBuf};

/// Why a model could not be fetched, read, taken over or checked.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.tell(Lang::En))]
pub enum ModelsError {
    /// The address of a hub is none, or a token may not go there.
    Address { why: String },
    /// What is to be imported is packed in a way that is not read here.
    Archive { path: PathBuf, why: String },
    /// Another program changes it just now.
    Busy { model: String },
    /// The user's list of models is wrong.
    Catalogue { path: PathBuf, flaw: Flaw },
    /// The disk says no.
    Disk { path: PathBuf, source: io::Error },
    /// No place gave a file.
    Fetch(Box<Unfetched>),
    /// Files to import are there, and none of them is one of the model.
    Foreign { path: PathBuf, wanted: Vec<String> },
    /// It is not here.
    NotHere { model: String },
    /// Fetching is forbidden; these are missing.
    Offline {
        model: String,
        folder: PathBuf,
        missing: Vec<(String, String)>,
    },
    /// The disk has not enough room.
    Space {
        model: String,
        folder: PathBuf,
        needed: u64,
        free: u64,
    },
    /// Nothing is called so.
    Unknown {
        model: String,
        nearest: Option<String>,
        known: Vec<String>,
    },
    /// It does not say which model it is.
    Unnamed { path: PathBuf, known: Vec<String> },
    /// What is to be imported is not what somebody vouches for.
    Wrong { path: PathBuf, trouble: Trouble },
}

/// A file that no place gave.
#[derive(Debug)]
pub struct Unfetched {
    pub model: String,
    pub file: String,
    /// Where the file belongs.
    pub folder: PathBuf,
    /// So much of it is here.
    pub kept: u64,
    /// Who was asked, in order, and why it did not give the file.
    pub asked: Vec<(String, Trouble)>,
}

impl ModelsError {
    pub(super) fn disk(path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Disk { path, source }
    }

    /// That nothing in the list is called so.
    pub fn unknown(model: &str, catalogue: &Catalogue) -> Self {
        Self::Unknown {
            model: model.to_owned(),
            nearest: catalogue.nearest(model).map(str::to_owned),
            known: catalogue.all().iter().map(|one| one.id.clone()).collect(),
        }
    }

    /// Nobody who was asked could even be reached.
    pub fn is_no_connection(&self) -> bool {
        let Self::Fetch(unfetched) = self else {
            return false;
        };
        let lines = |(_, trouble): &(String, Trouble)| matches!(trouble, Trouble::Line(_));
        unfetched.asked.iter().all(lines)
    }

    /// It is what was asked for that is wrong.
    pub const fn is_usage(&self) -> bool {
        match self {
            Self::Address { .. }
            | Self::Catalogue { .. }
            | Self::Unknown { .. }
            | Self::Unnamed { .. } => true,
            Self::Archive { .. }
            | Self::Busy { .. }
            | Self::Disk { .. }
            | Self::Fetch(_)
            | Self::Foreign { .. }
            | Self::NotHere { .. }
            | Self::Offline { .. }
            | Self::Space { .. }
            | Self::Wrong { .. } => false,
        }
    }

    /// What happened.
    pub fn tell(&self, lang: Lang) -> String {
        let say = |word: Word, arguments: &[&str]| fill(word.text(lang), arguments);
        let shown = |path: &Path| path.display().to_string();
        match self {
            Self::Address { why } => why.clone(),
            Self::Archive { path, why } => say(Word::ImportArchive, &[&shown(path), why]),
            Self::Busy { model } => say(Word::ModelsBusy, &[model]),
            Self::Catalogue { path, flaw } => {
                format!("{}:{}: {flaw}", path.display(), flaw.line)
            }
            Self::Disk { path, source } => {
                say(Word::ModelsDisk, &[&shown(path), &source.to_string()])
            }
            Self::Fetch(unfetched) => {
                let Unfetched { model, file, .. } = unfetched.as_ref();
                let mut told = say(Word::PullNot, &[file, model]);
                for (url, trouble) in &unfetched.asked {
                    let why = trouble.tell(lang);
                    told.push_str(&say(Word::PullFrom, &[url, &why]));
                }
                told
            }
            Self::Foreign { path, wanted } => {
                say(Word::ImportForeign, &[&shown(path), &quoted(wanted)])
            }
            Self::NotHere { model } => say(Word::ModelsNotHere, &[model]),
            Self::Offline { model, missing, .. } => {
                let mut told = say(Word::PullOffline, &[model]);
                for (file, url) in missing {
                    told.push_str(&say(Word::PullOfflineFile, &[file, url]));
                }
                told
            }
            Self::Space {
                model,
                folder,
                needed,
                free,
            } => {
                let (needed, free) = (megabytes(*needed), megabytes(*free));
                say(Word::PullSpace, &[model, &needed, &shown(folder), &free])
            }
            Self::Unknown { model, .. } => say(Word::ModelsUnknown, &[model]),
            Self::Unnamed { path, .. } => say(Word::ImportUnnamed, &[&shown(path)]),
            Self::Wrong { path, trouble } => {
                say(Word::ImportWrong, &[&shown(path), &trouble.tell(lang)])
            }
        }
    }

    /// What to do about it.
    pub fn hint(&self, lang: Lang) -> Option<String> {
        let say = |word: Word, arguments: &[&str]| Some(fill(word.text(lang), arguments));
        match self {
            Self::Address { .. } => say(Word::PullAddressHint, &[]),
            Self::Archive { .. } => say(Word::ImportArchiveHint, &[]),
            Self::Busy { .. } => say(Word::ModelsBusyHint, &[]),
            Self::Catalogue { .. } => say(Word::ModelsCatalogueHint, &[]),
            Self::Disk { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                say(Word::ModelsFullHint, &[])
            }
            Self::Disk { .. } => say(Word::ModelsDiskHint, &[]),
            Self::Fetch(unfetched) => Some(unfetched.hint(lang)),
            Self::Foreign { .. } => say(Word::ImportForeignHint, &[]),
            Self::NotHere { model } => say(Word::ModelsNotHereHint, &[model]),
            Self::Offline { model, folder, .. } => say(
                Word::PullOfflineHint,
                &[&folder.display().to_string(), model],
            ),
            Self::Space { model, .. } => say(Word::PullSpaceHint, &[model]),
            Self::Unknown {
                nearest: Some(nearest),
                ..
            } => say(Word::ServePersonaNear, &[nearest]),
            Self::Unknown { known, .. } => say(Word::ModelsUnknownHint, &[&quoted(known)]),
            Self::Unnamed { known, .. } => say(Word::ImportUnnamedHint, &[&quoted(known)]),
            Self::Wrong { trouble, .. } => trouble
                .hint(lang)
                .or_else(|| say(Word::ImportWrongHint, &[])),
        }
    }
}

impl Unfetched {
    fn hint(&self, lang: Lang) -> String {
        let helps = self
            .asked
            .iter()
            .find_map(|(_, trouble)| trouble.hint(lang));
        let folder = self.folder.display().to_string();
        let again = if self.kept > 0 {
            fill(
                Word::PullGoOnHint.text(lang),
                &[&self.model, &megabytes(self.kept)],
            )
        } else {
            fill(Word::PullAgainHint.text(lang), &[&self.model])
        };
        let by_hand = fill(Word::PullByHandHint.text(lang), &[&folder, &self.model]);
        let all = helps.into_iter().chain([again, by_hand]);
        all.collect::<Vec<_>>().join("; ")
    }
}

fn quoted(names: &[String]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}
