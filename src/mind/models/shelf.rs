//! The folder that holds the models of this machine: what is there, whether it is right, and how it
//! goes away again.

use super::catalogue::{Catalogue, Entry};
use super::error::ModelsError;
use super::hash::Hash;
use super::lock::Lock;
use super::part;
use super::receipt::{self, Kept, Receipt, Trust};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The folder of all models.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shelf {
    folder: PathBuf,
}

/// What is here of a model, by a look at names and sizes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    Absent,
    /// Some of it came.
    Partial {
        bytes: u64,
    },
    /// It was whole, and these files of it are missing or have another length.
    Damaged {
        files: Vec<String>,
    },
    Here {
        bytes: u64,
    },
}

/// What a thorough look found of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub file: String,
    pub verdict: Verdict,
}

/// Whether a file is what it was when it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Good(Trust),
    Corrupt {
        expected: Hash,
        got: Hash,
    },
    Gone,
    /// The disk does not give it.
    Unreadable {
        why: String,
    },
}

impl Shelf {
    /// The one in a data folder.
    pub fn new(data: &Path) -> Self {
        Self {
            folder: data.join("models"),
        }
    }

    /// The folder of all models, whether there is one or not.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder of a model, whether there is one or not.
    pub fn place(&self, model: &str) -> PathBuf {
        self.folder.join(model)
    }

    /// The folder of a model that can be used: it is whole, by names and sizes.
    pub fn ready(&self, entry: &Entry) -> Option<PathBuf> {
        matches!(self.state(entry), State::Here { .. }).then(|| self.place(&entry.id))
    }

    /// How a model came here.
    pub fn receipt(&self, model: &str) -> Option<Receipt> {
        let text = fs::read_to_string(self.place(model).join(receipt::NAME)).ok()?;
        Receipt::read(&text).filter(|receipt| receipt.model == model)
    }

    /// What is here of a model.
    pub fn state(&self, entry: &Entry) -> State {
        let place = self.place(&entry.id);
        let receipt = self.receipt(&entry.id).unwrap_or_default();
        let length = |path: &Path| fs::metadata(path).ok().map(|about| about.len());
        let mut bytes = 0;
        let mut wrong = vec![];
        for file in &entry.files {
            let path = place.join(&file.name);
            let here = length(&path);
            let right = receipt.get(&file.name).map(|kept| kept.size) == here;
            if !(right && here.is_some()) {
                wrong.push(file.name.clone());
            }
            bytes += here.unwrap_or(0) + length(&part::path_of(&path)).unwrap_or(0);
        }
        if wrong.is_empty() && receipt.whole {
            State::Here { bytes }
        } else if receipt.whole {
            State::Damaged { files: wrong }
        } else if bytes > 0 {
            State::Partial { bytes }
        } else {
            State::Absent
        }
    }

    /// Models that are here though no list names them.
    pub fn strangers(&self, catalogue: &Catalogue) -> Vec<Receipt> {
        let names = fs::read_dir(&self.folder).into_iter().flatten();
        let mut strangers: Vec<_> = names
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| catalogue.get(name).is_none())
            .filter_map(|name| self.receipt(&name))
            .collect();
        strangers.sort_by(|one, other| one.model.cmp(&other.model));
        strangers
    }

    /// Reads every file of a model and tells which are what they were when they came. `tell` hears
    /// which file is being read.
    pub fn verify(
        &self,
        model: &str,
        tell: &mut dyn FnMut(&str),
    ) -> Result<Vec<Finding>, ModelsError> {
        let receipt = self.receipt(model).ok_or_else(|| ModelsError::NotHere {
            model: model.to_owned(),
        })?;
        let look = |kept: &Kept| {
            tell(&kept.name);
            let path = self.place(model).join(&kept.name);
            let verdict = match Hash::of_file(&path, &mut |_length| {}) {
                Ok((_, hash)) if hash == kept.sha256 => Verdict::Good(kept.trust),
                Ok((_, got)) => Verdict::Corrupt {
                    expected: kept.sha256,
                    got,
                },
                Err(error) if error.kind() == io::ErrorKind::NotFound => Verdict::Gone,
                Err(error) => Verdict::Unreadable {
                    why: error.to_string(),
                },
            };
            let file = kept.name.clone();
            Finding { file, verdict }
        };
        Ok(receipt.files.iter().map(look).collect())
    }

    /// What everything that came of a model weighs; `None` if nothing did.
    pub fn weight(&self, model: &str) -> Option<u64> {
        let place = self.place(model);
        place.is_dir().then(|| weight(&place, 0))
    }

    /// Removes a model and whatever came of it.
    pub fn remove(&self, model: &str) -> Result<(), ModelsError> {
        let place = self.place(model);
        let _lock = self.hold(model)?;
        // The receipt goes first: what is left of it, should this be cut, is no model.
        let receipt = place.join(receipt::NAME);
        match fs::remove_file(&receipt) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(ModelsError::disk(&receipt)(error));
            }
            _ => {}
        }
        fs::remove_dir_all(&place).map_err(ModelsError::disk(&place))
    }

    /// Makes the folder of a model, for its owner only as all data are.
    pub(super) fn make(&self, model: &str) -> Result<PathBuf, ModelsError> {
        let place = self.place(model);
        make_folder(&place).map_err(ModelsError::disk(&place))?;
        Ok(place)
    }

    /// Keeps other programs from changing a model, or says that one does.
    pub(super) fn hold(&self, model: &str) -> Result<Lock, ModelsError> {
        let lock = Lock::attempt(&self.folder, model).map_err(ModelsError::disk(&self.folder))?;
        lock.ok_or_else(|| ModelsError::Busy {
            model: model.to_owned(),
        })
    }

    /// Writes how a model came here.
    pub(super) fn write(&self, receipt: &Receipt) -> Result<(), ModelsError> {
        let path = self.place(&receipt.model).join(receipt::NAME);
        part::write_whole(&path, &receipt.write()).map_err(ModelsError::disk(&path))
    }
}

/// Makes a folder and those that are missing on the way to it, for the owner only.
pub(super) fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(path)
}

/// What the files in a folder weigh together.
fn weight(folder: &Path, depth: u8) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let weighs = |entry: fs::DirEntry| match entry.metadata() {
        Ok(about) if about.is_dir() && depth < 8 => weight(&entry.path(), depth + 1),
        Ok(about) => about.len(),
        Err(_gone) => 0,
    };
    entries.map(weighs).sum()
}
