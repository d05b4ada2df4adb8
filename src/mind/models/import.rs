//! Takes a model over from files that came by other ways than a hub: a folder, one file, or an
//! archive made by `tar` (packed, too), from another machine that runs this program or from a hub's own cache.

use super::catalogue::{Catalogue, Entry, File};
use super::error::ModelsError;
use super::looks::unmask;
use super::part::{Note, Part};
use super::pull::head;
use super::receipt::{self, Kept, Receipt, Trust};
use super::shelf::{Shelf, make_folder};
use super::space;
use super::tar;
use super::trouble::Trouble;
use super::unpack::{Packed, Unpacked, unpack};
use std::fs;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// What became of an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    pub model: String,
    pub taken: Vec<String>,
    /// What is still to come.
    pub missing: Vec<String>,
}

/// Folders are looked into so deep, and for so many files.
const DEEPEST: u8 = 6;
const MOST: usize = 10_000;
/// A receipt is a page, not a book.
const RECEIPT: u64 = 1 << 20;

/// A file that can be taken over.
#[derive(Debug)]
struct Found {
    /// Its path from where the search began, with `/`.
    name: String,
    path: PathBuf,
    /// What it is called where something is wrong with it.
    shown: PathBuf,
    /// Where in that file it is.
    at: u64,
    size: u64,
}

impl Found {
    fn open(&self) -> io::Result<io::Take<fs::File>> {
        let mut file = fs::File::open(&self.path)?;
        file.seek(SeekFrom::Start(self.at))?;
        Ok(file.take(self.size))
    }

    /// Whether it is the file that this names; the more of the name fits, the better.
    fn fits(&self, file: &File) -> Option<usize> {
        let ends = |name: &str| {
            let before = self.name.strip_suffix(name)?;
            (before.is_empty() || before.ends_with('/')).then_some(name.len())
        };
        ends(&file.path).max(ends(&file.name))
    }
}

impl Shelf {
    /// Takes a model over. `model`: which one it is, where it does not say so itself. `tell` hears
    /// which file is being copied. The files stay where they are, too.
    pub fn import(
        &self,
        from: &Path,
        model: Option<&str>,
        catalogue: &Catalogue,
        tell: &mut dyn FnMut(&str),
    ) -> Result<Imported, ModelsError> {
        let packed = packed(from)?;
        let unpacked = packed.map(|kind| unpack(from, kind, self.folder()));
        let unpacked = unpacked.transpose()?;
        let found = search(from, unpacked.as_ref().map_or(from, Unpacked::path))?;
        let theirs = receipt_in(&found);
        let entry = which(from, model, theirs.as_ref(), &found, catalogue)?;
        let theirs = theirs.filter(|receipt| receipt.model == entry.id);
        let fitting = |file: &File| {
            let fits = found.iter().filter_map(|one| Some((one.fits(file)?, one)));
            fits.max_by_key(|(fits, one)| (*fits, std::cmp::Reverse(one.name.len())))
                .map(|(_, one)| one)
        };
        let pairs: Vec<_> = entry
            .files
            .iter()
            .filter_map(|file| Some((file, fitting(file)?)))
            .collect();
        if pairs.is_empty() {
            return Err(ModelsError::Foreign {
                path: from.to_owned(),
                wanted: entry.files.iter().map(|file| file.path.clone()).collect(),
            });
        }
        let place = self.make(&entry.id)?;
        let _lock = self.hold(&entry.id)?;
        let needed = pairs.iter().map(|(_, one)| one.size).sum();
        if let Some(free) = space::free(&place).filter(|free| *free < needed) {
            return Err(ModelsError::Space {
                model: entry.id.clone(),
                folder: place,
                needed,
                free,
            });
        }
        let mut receipt = self.receipt(&entry.id).unwrap_or_default();
        receipt.files.retain(|kept| {
            let listed = entry.files.iter().any(|file| file.name == kept.name);
            listed && place.join(&kept.name).exists()
        });
        receipt.model.clone_from(&entry.id);
        receipt.licence.clone_from(&entry.licence);
        receipt.source = from.display().to_string();
        receipt.revision = theirs.as_ref().and_then(|theirs| theirs.revision.clone());
        for (file, one) in &pairs {
            tell(&file.name);
            let vouches = theirs.as_ref().and_then(|theirs| theirs.get(&file.name));
            receipt.whole = false;
            receipt.note(take(&place, file, one, vouches)?);
            let missing = |file: &File| receipt.get(&file.name).is_none();
            receipt.whole = !entry.files.iter().any(missing);
            self.write(&receipt)?;
        }
        let missing = entry.files.iter().map(|file| file.name.clone());
        Ok(Imported {
            model: entry.id.clone(),
            taken: pairs.iter().map(|(file, _)| file.name.clone()).collect(),
            missing: missing.filter(|name| receipt.get(name).is_none()).collect(),
        })
    }
}

/// How a file is packed; nothing if it is not, or is a folder.
fn packed(from: &Path) -> Result<Option<Packed>, ModelsError> {
    let disk = || ModelsError::disk(from);
    if fs::metadata(from).map_err(disk())?.is_dir() {
        return Ok(None);
    }
    Ok(Packed::of(&head(from).map_err(disk())?))
}

/// The files below a path, or in the archive there. `at`: where that is when it was packed.
fn search(from: &Path, at: &Path) -> Result<Vec<Found>, ModelsError> {
    let disk = || ModelsError::disk(from);
    let about = fs::metadata(at).map_err(disk())?;
    let mut found = vec![];
    if about.is_dir() {
        walk(from, "", 0, &mut found).map_err(disk())?;
        return Ok(found);
    }
    let begins = head(at).map_err(disk())?;
    if tar::is_tar(&begins) {
        let mut archive = fs::File::open(at).map_err(disk())?;
        let members = tar::list(&mut archive).map_err(|error| ModelsError::Archive {
            path: from.to_owned(),
            why: error.to_string(),
        })?;
        found.extend(members.into_iter().map(|member| Found {
            name: member.name,
            path: at.to_owned(),
            shown: from.to_owned(),
            at: member.at,
            size: member.size,
        }));
        return Ok(found);
    }
    if at != from {
        return Err(ModelsError::Archive {
            path: from.to_owned(),
            why: "it holds no archive of `tar`".to_owned(),
        });
    }
    let name = from.file_name().unwrap_or_default();
    found.push(Found {
        name: name.to_string_lossy().into_owned(),
        path: from.to_owned(),
        shown: from.to_owned(),
        at: 0,
        size: about.len(),
    });
    Ok(found)
}

fn walk(folder: &Path, name: &str, depth: u8, found: &mut Vec<Found>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        // Links are followed: a hub's cache is full of them.
        let Ok(about) = fs::metadata(&path) else {
            continue;
        };
        let own = entry.file_name();
        let name = format!("{name}{}", own.to_string_lossy());
        if about.is_dir() && depth < DEEPEST {
            walk(&path, &format!("{name}/"), depth + 1, found)?;
        } else if about.is_file() && found.len() < MOST {
            let (at, size) = (0, about.len());
            found.push(Found {
                name,
                shown: path.clone(),
                path,
                at,
                size,
            });
        }
    }
    Ok(())
}

/// How the model came to where it is now, if it was there by this program.
fn receipt_in(found: &[Found]) -> Option<Receipt> {
    let named = |one: &&Found| one.name.rsplit('/').next() == Some(receipt::NAME);
    let one = found.iter().find(named)?;
    let mut text = String::new();
    one.open()
        .ok()?
        .take(RECEIPT)
        .read_to_string(&mut text)
        .ok()?;
    Receipt::read(&text)
}

/// Which model it is: the one that was said, the one that its receipt or its folder names, else the
/// only one that all of this would fit.
fn which<'a>(
    from: &Path,
    model: Option<&str>,
    theirs: Option<&Receipt>,
    found: &[Found],
    catalogue: &'a Catalogue,
) -> Result<&'a Entry, ModelsError> {
    let said = model.or(theirs.map(|receipt| receipt.model.as_str()));
    if let Some(said) = said {
        return catalogue
            .get(said)
            .ok_or_else(|| ModelsError::unknown(said, catalogue));
    }
    let folders = from.file_name().map(|name| name.to_string_lossy());
    let within = found.iter().filter_map(|one| one.name.split('/').next());
    let named = (folders.as_deref().into_iter())
        .chain(within)
        .find_map(|name| catalogue.get(name));
    if let Some(entry) = named {
        return Ok(entry);
    }
    let whole = |entry: &&Entry| {
        let here = |file: &File| found.iter().any(|one| one.fits(file).is_some());
        entry.files.iter().all(here)
    };
    let mut fitting = catalogue.all().iter().filter(whole);
    match (fitting.next(), fitting.next()) {
        (Some(only), None) => Ok(only),
        _ => Err(ModelsError::Unnamed {
            path: from.to_owned(),
            known: catalogue.all().iter().map(|one| one.id.clone()).collect(),
        }),
    }
}

/// Copies one file to its place, if it is the one that was meant.
fn take(
    place: &Path,
    file: &File,
    one: &Found,
    vouches: Option<&Kept>,
) -> Result<Kept, ModelsError> {
    let to = place.join(&file.name);
    let wrong = |trouble| ModelsError::Wrong {
        path: one.shown.clone(),
        trouble,
    };
    let listed = file.sha256.map(|hash| (hash, Trust::Catalogue));
    let vouched = listed.or(vouches.map(|kept| (kept.sha256, kept.trust)));
    if let Some(size) = file.size.filter(|size| *size != one.size) {
        let told = one.size;
        return Err(wrong(Trouble::Length { size, told }));
    }
    let disk = |path: &Path| ModelsError::disk(path);
    if let Some(folder) = to.parent() {
        make_folder(folder).map_err(disk(folder))?;
    }
    let mut part = Part::open(&to).map_err(disk(&to))?;
    part.restart(Note::default()).map_err(disk(&to))?;
    let mut source = one.open().map_err(disk(&one.path))?;
    let mut piece = vec![0; 128 << 10];
    loop {
        match source.read(&mut piece).map_err(disk(&one.path))? {
            0 => break,
            read => part.append(&piece[..read]).map_err(disk(&to))?,
        }
    }
    let got = part.hash();
    let trouble = if part.length() < one.size {
        let (got, of) = (part.length(), Some(one.size));
        Some(Trouble::Cut { got, of })
    } else {
        unmask(&file.name, part.head()).map(Trouble::Masked)
    };
    let mismatch = vouched.filter(|(expected, _)| *expected != got);
    let trouble = trouble.or(mismatch.map(|(expected, trust)| Trouble::Hash {
        expected,
        got,
        trust,
        stale: false,
    }));
    if let Some(trouble) = trouble {
        super::part::discard(&to).map_err(disk(&to))?;
        return Err(wrong(trouble));
    }
    let kept = Kept {
        name: file.name.clone(),
        size: part.length(),
        sha256: got,
        trust: vouched.map_or(Trust::FirstUse, |(_, trust)| trust),
    };
    part.finish(&to).map_err(disk(&to))?;
    Ok(kept)
}
