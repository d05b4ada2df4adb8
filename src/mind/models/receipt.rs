//! What is written beside a model about how it came here: from where, and the hash of each file.
//! Pure: it is read from a text and written to one.

use super::hash::Hash;
use std::fmt::Write;
use toml_edit::{Document, Item, TableLike, Value};

/// The file that holds it, in the model's folder.
pub(super) const NAME: &str = "model.toml";

const HEAD: &str = "\
# Written by `hearsay models`: where this model came from, and what its files are. `trust` says
# who vouches for a hash: `catalogue` (its publisher, in the program's list), `hub` (the hub it came
# from), or `first-use` (nobody; it is what came first). `whole` says that nothing is missing.
";

/// How a model came here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    pub model: String,
    /// The address it came from, or the place it was imported from.
    pub source: String,
    /// The state of the repository it is from, where the hub tells one.
    pub revision: Option<String>,
    pub licence: String,
    /// No file is missing.
    pub whole: bool,
    pub files: Vec<Kept>,
}

/// A file that is here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub name: String,
    pub size: u64,
    pub sha256: Hash,
    pub trust: Trust,
}

/// Who says that a file is the right one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// The list of models has its hash.
    Catalogue,
    /// The hub told its hash, and what came fits it.
    Hub,
    /// Nobody: it is the one that came first.
    FirstUse,
}

impl Trust {
    /// How receipts and programs write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Catalogue => "catalogue",
            Self::Hub => "hub",
            Self::FirstUse => "first-use",
        }
    }

    fn read(name: &str) -> Option<Self> {
        [Self::Catalogue, Self::Hub, Self::FirstUse]
            .into_iter()
            .find(|trust| trust.name() == name)
    }
}

impl Receipt {
    pub fn get(&self, name: &str) -> Option<&Kept> {
        self.files.iter().find(|kept| kept.name == name)
    }

    /// Notes a file in the place of its predecessor.
    pub(super) fn note(&mut self, kept: Kept) {
        match self.files.iter_mut().find(|known| known.name == kept.name) {
            Some(known) => *known = kept,
            None => self.files.push(kept),
        }
    }

    /// What its files weigh together.
    pub fn weight(&self) -> u64 {
        self.files.iter().map(|kept| kept.size).sum()
    }

    /// Reads one. Whatever makes no sense makes the whole of it worthless: it is what everything
    /// else is judged by.
    pub fn read(text: &str) -> Option<Self> {
        let document = Document::parse(text).ok()?;
        let text = |key: &str| document.get(key).and_then(Item::as_str).map(str::to_owned);
        let mut receipt = Self {
            model: text("model")?,
            source: text("source")?,
            revision: text("revision"),
            licence: text("licence")?,
            whole: document.get("whole")?.as_bool()?,
            files: vec![],
        };
        let files = document.get("file").and_then(Item::as_array_of_tables);
        for table in files.into_iter().flatten() {
            receipt.files.push(kept(table)?);
        }
        Some(receipt)
    }

    pub fn write(&self) -> String {
        let quoted = |text: &str| Value::from(text).to_string();
        let mut out = format!("{HEAD}\nmodel = {}\n", quoted(&self.model));
        // Writing into a string cannot fail.
        let _ = writeln!(out, "source = {}", quoted(&self.source));
        if let Some(revision) = &self.revision {
            let _ = writeln!(out, "revision = {}", quoted(revision));
        }
        let _ = writeln!(out, "licence = {}", quoted(&self.licence));
        let _ = writeln!(out, "whole = {}", self.whole);
        for kept in &self.files {
            let _ = write!(
                out,
                "\n[[file]]\nname = {}\nsize = {}\nsha256 = \"{}\"\ntrust = \"{}\"\n",
                quoted(&kept.name),
                kept.size,
                kept.sha256,
                kept.trust.name()
            );
        }
        out
    }
}

fn kept(table: &dyn TableLike) -> Option<Kept> {
    let text = |key: &str| table.get(key)?.as_str();
    Some(Kept {
        name: text("name")?.to_owned(),
        size: u64::try_from(table.get("size")?.as_integer()?).ok()?,
        sha256: Hash::read(text("sha256")?)?,
        trust: Trust::read(text("trust")?)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_survives_being_written() {
        let hash = Hash::read(&"ab".repeat(32)).unwrap();
        let kept = |name: &str, trust| Kept {
            name: name.to_owned(),
            size: 7,
            sha256: hash,
            trust,
        };
        let mut receipt = Receipt {
            model: "m".to_owned(),
            source: "a \"folder\"\nof mine \u{1b}".to_owned(),
            revision: Some("c0ffee".to_owned()),
            licence: "MIT".to_owned(),
            whole: true,
            files: vec![
                kept("a.onnx", Trust::Catalogue),
                kept("b/c.txt", Trust::Hub),
            ],
        };
        receipt.note(kept("a.onnx", Trust::FirstUse));
        assert_eq!(receipt.files.len(), 2);
        assert_eq!(receipt.weight(), 14);
        assert_eq!(Receipt::read(&receipt.write()), Some(receipt));
    }

    #[test]
    fn half_a_receipt_is_none() {
        let receipt = Receipt {
            model: "m".to_owned(),
            files: vec![Kept {
                name: "a".to_owned(),
                size: 1,
                sha256: Hash::read(&"ab".repeat(32)).unwrap(),
                trust: Trust::Hub,
            }],
            ..Receipt::default()
        };
        let text = receipt.write();
        assert!(Receipt::read(&text).is_some());
        for wrong in [
            text.replace("sha256 = \"ab", "sha256 = \"a"),
            text.replace("size = 1", "size = -1"),
            text.replace("trust = \"hub\"", "trust = \"me\""),
            text.replace("whole = false", ""),
            text.replace("[[file]]", "[[file"),
        ] {
            assert_eq!(Receipt::read(&wrong), None, "{wrong}");
        }
    }
}
