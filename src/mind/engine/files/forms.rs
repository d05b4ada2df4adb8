//! The graphs of a folder, and which of several forms of each is taken: that of whole numbers, for it
//! is the smallest and not slower.

use std::fs;
use std::path::{Path, PathBuf};

/// The forms of a graph that can be run, the best first. Halves of fractions and quarters of
/// bytes are not among them.
const FORMS: [&str; 7] = [
    "_quantized",
    "_int8",
    ".int8",
    "_q8",
    "_uint8",
    ".quant",
    "",
];

/// Whether a name is this part of a model; some carry the run they came from.
pub(super) fn is_part(name: &str, part: &str) -> bool {
    name == part
        || name
            .strip_prefix(part)
            .is_some_and(|rest| rest.starts_with('-'))
}

/// The graphs of a folder, each in the best form that is there.
pub(super) fn graphs(folder: &Path) -> Vec<(String, PathBuf)> {
    let mut found: Vec<(usize, String, PathBuf)> = vec![];
    for folder in [folder.to_owned(), folder.join("onnx")] {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = path.file_name().and_then(|name| name.to_str());
            let Some(name) = name.and_then(|name| name.strip_suffix(".onnx")) else {
                continue;
            };
            let form = FORMS.iter().position(|form| name.ends_with(form));
            let form = form.unwrap_or(FORMS.len());
            let ending = FORMS.get(form).map_or("", |form| form);
            let stem = name.strip_suffix(ending).unwrap_or(name).to_owned();
            // Other forms end in their name, too: they are no graphs of their own.
            let other = ["_fp16", "_q4", "_q4f16", "_bnb4", ".fp16", "_int4"];
            if !other.iter().any(|other| name.ends_with(other)) {
                found.push((form, stem, path));
            }
        }
    }
    found.sort();
    let mut graphs: Vec<(String, PathBuf)> = vec![];
    for (_, stem, path) in found {
        if !graphs.iter().any(|(name, _)| *name == stem) {
            graphs.push((stem, path));
        }
    }
    graphs
}
