//! The usual engine, as a library that is found when the program runs. A process loads it once, for
//! all of its graphs.
//!
//! Its values are of more kinds than ours: whole numbers and truths become whole numbers of 32 bits
//! on the way here, and what they were on the way there.

use super::{Port, Runner, guarded};
use ort::environment::Environment;
use ort::session::{OutputSelector, RunOptions, Session, SessionInputValue};
use ort::value::{
    DynValue, Outlet, PrimitiveTensorElementType, Tensor, TensorElementType, TensorRef, ValueType,
};
use rten::{Value, ValueOrView, ValueView};
use rten_tensor::{Layout, TensorView};
use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt::{Debug, Display};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// What has been loaded.
static LIBRARY: OnceLock<Environment> = OnceLock::new();

/// What the library is called where the system looks for libraries, the likeliest first.
const NAMES: &[&str] = if cfg!(target_os = "windows") {
    &["onnxruntime.dll"]
} else if cfg!(target_os = "macos") {
    &["libonnxruntime.dylib", "libonnxruntime.1.dylib"]
} else {
    &["libonnxruntime.so", "libonnxruntime.so.1"]
};

/// Folders in which a system may not look by itself.
const FOLDERS: &[&str] = &[
    "/usr/local/lib",
    "/opt/homebrew/lib",
    "/opt/onnxruntime/lib",
];

/// The variable that other programs ask for it.
const VARIABLE: &str = "ORT_DYLIB_PATH";

pub(super) fn is_loaded() -> bool {
    LIBRARY.get().is_some()
}

/// Loads it from a place: a file, a folder that holds it, or wherever it is found (`auto`).
pub(super) fn load(place: &str) -> Result<(), String> {
    let named = std::env::var(VARIABLE).unwrap_or_default();
    let place = match (place, named.as_str()) {
        ("auto", "") => None,
        ("auto", named) => Some(Path::new(named)),
        (place, _) => Some(Path::new(place)),
    };
    let mut why = "no library was found".to_owned();
    for file in files(place) {
        match guarded(|| ort::init_from(&file)) {
            Ok(Ok(builder)) => {
                // Nothing of what is said here is anybody else's business.
                let builder = builder.with_name("hearsay").with_telemetry(false);
                let environment = guarded(|| builder.build())?.map_err(|error| said(&error))?;
                let _ = LIBRARY.set(environment);
                return Ok(());
            }
            Ok(Err(error)) => why = error.to_string(),
            Err(broke) => why = broke,
        }
    }
    Err(why)
}

/// The files that it may be, the likeliest first.
fn files(place: Option<&Path>) -> Vec<PathBuf> {
    let Some(place) = place else {
        let names = NAMES.iter().map(PathBuf::from);
        let folders = FOLDERS.iter().flat_map(|folder| within(Path::new(folder)));
        return names.chain(folders).collect();
    };
    if place.is_dir() {
        return within(place);
    }
    // What is looked for elsewhere, too, is not what was named.
    let place = std::path::absolute(place).unwrap_or_else(|_| place.to_owned());
    vec![place]
}

/// Those in a folder; of several versions the newest first.
fn within(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_none_or(|ending| ending != "lib"))
        .filter(|path| {
            let name = path.file_name().and_then(|name| name.to_str());
            let of = |name: &str| {
                // `libonnxruntime.so.1.31.1` and `libonnxruntime.1.31.1.dylib` are it,
                // `libonnxruntime_providers_shared.so` is not.
                NAMES.iter().any(|known| {
                    let stem = known.split('.').next().unwrap_or_default();
                    name.strip_prefix(stem)
                        .is_some_and(|rest| rest.starts_with('.'))
                })
            };
            name.is_some_and(of)
        })
        .collect();
    found.sort();
    found.reverse();
    found
}

/// A graph that it has loaded.
#[derive(Debug)]
pub(super) struct Borrowed {
    /// It wants to be alone while it runs.
    session: RefCell<Session>,
    inputs: Vec<Wants>,
}

/// What an input wants.
#[derive(Debug)]
struct Wants {
    name: String,
    kind: TensorElementType,
}

impl Borrowed {
    /// Once the library was loaded.
    pub(super) fn open(path: &Path) -> Result<Self, String> {
        let environment = LIBRARY.get().expect("it was loaded");
        let threads = std::env::var("RTEN_NUM_THREADS").ok();
        let threads = threads.and_then(|number| number.parse().ok());
        let session = Session::builder(environment)
            .map_err(|error| said(&error))?
            .with_intra_threads(threads.unwrap_or(1))
            .map_err(|error| said(&error))?
            .commit_from_file(path)
            .map_err(|error| said(&error))?;
        let wants = |input: &Outlet| match input.dtype() {
            ValueType::Tensor { ty, .. } => Some(Wants {
                name: input.name().to_owned(),
                kind: *ty,
            }),
            _ => None,
        };
        Ok(Self {
            inputs: session.inputs().iter().filter_map(wants).collect(),
            session: RefCell::new(session),
        })
    }

    fn wants(&self, name: &str) -> TensorElementType {
        let found = self.inputs.iter().find(|input| input.name == name);
        found.map_or(TensorElementType::Float32, |input| input.kind)
    }
}

impl Runner for Borrowed {
    fn ports(&self) -> (Vec<Port>, Vec<Port>) {
        let session = self.session.borrow();
        let ports = |outlets: &[Outlet]| outlets.iter().map(port).collect();
        (ports(session.inputs()), ports(session.outputs()))
    }

    fn says(&self, key: &str) -> Option<String> {
        self.session.borrow().metadata().ok()?.custom(key)
    }

    fn run(
        &self,
        inputs: Vec<(&str, ValueOrView<'_>)>,
        outputs: &[&str],
    ) -> Result<Vec<Value>, String> {
        let views: Vec<(&str, ValueView<'_>)> = inputs
            .iter()
            .map(|(name, value)| (*name, value.as_view()))
            .collect();
        let given: Result<Vec<_>, String> = views
            .iter()
            .map(|(name, view)| Ok((Cow::from(*name), there(view, self.wants(name))?)))
            .collect();
        let selected = outputs
            .iter()
            .fold(OutputSelector::no_default(), |all, one| {
                all.with((*one).to_owned())
            });
        let options = RunOptions::new().map_err(|error| said(&error))?;
        let options = options.with_outputs(selected);
        let mut session = self.session.borrow_mut();
        let answers = session
            .run_with_options(given?, &options)
            .map_err(|error| said(&error))?;
        let here = |name: &&str| {
            let answer = answers.get(*name);
            here(answer.ok_or_else(|| format!("it does not answer with {name}"))?)
        };
        outputs.iter().map(here).collect()
    }
}

fn port(outlet: &Outlet) -> Port {
    use TensorElementType::{Bool, Int32, Int64};
    let (shape, whole) = match outlet.dtype() {
        ValueType::Tensor { ty, shape, .. } => {
            let sizes = shape.iter().map(|size| usize::try_from(*size).ok());
            let whole = matches!(ty, Bool | Int32 | Int64);
            (Some(sizes.collect()), whole)
        }
        _ => (None, false),
    };
    Port {
        name: outlet.name().to_owned(),
        shape,
        whole,
    }
}

/// One of our values as it takes them.
fn there<'a>(
    view: &'a ValueView<'_>,
    kind: TensorElementType,
) -> Result<SessionInputValue<'a>, String> {
    match view {
        ValueView::FloatTensor(tensor) => match tensor.data() {
            // Memories are large, so what lies in order is not copied.
            Some(data) => {
                let tensor = TensorRef::from_array_view((tensor.shape().to_vec(), data));
                tensor.map(Into::into).map_err(|error| said(&error))
            }
            None => owned(tensor, |one| one),
        },
        ValueView::Int32Tensor(tensor) => match kind {
            TensorElementType::Int64 => owned(tensor, i64::from),
            TensorElementType::Bool => owned(tensor, |one| one != 0),
            _ => owned(tensor, |one| one),
        },
        other => Err(format!("it is not given {}", other.dtype())),
    }
}

/// A copy, with each number as another kind of number.
fn owned<'a, T, U>(
    tensor: &TensorView<'_, T>,
    each: impl Fn(T) -> U,
) -> Result<SessionInputValue<'a>, String>
where
    T: Copy + 'static,
    U: PrimitiveTensorElementType + Clone + Debug + 'static,
{
    let data: Vec<U> = tensor.iter().map(|one| each(*one)).collect();
    let tensor = Tensor::from_array((tensor.shape().to_vec(), data));
    tensor.map(Into::into).map_err(|error| said(&error))
}

/// One of its values as ours.
fn here(value: &DynValue) -> Result<Value, String> {
    let ValueType::Tensor { ty, shape, .. } = value.dtype() else {
        return Err(format!("it answers with {}", value.dtype()));
    };
    let sizes: Vec<usize> = shape.iter().map(|size| *size as usize).collect();
    let whole = |one: i64| one.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32;
    Ok(match ty {
        TensorElementType::Float32 => super::floats(&sizes, taken(value, &sizes, |one| one)?),
        TensorElementType::Int64 => super::wholes(&sizes, taken(value, &sizes, whole)?),
        TensorElementType::Int32 => super::wholes(&sizes, taken(value, &sizes, |one| one)?),
        TensorElementType::Bool => {
            super::wholes(&sizes, taken::<bool, _>(value, &sizes, i32::from)?)
        }
        other => return Err(format!("it answers with numbers of the kind {other}")),
    })
}

/// Its numbers, each as one of ours.
fn taken<T, U>(value: &DynValue, sizes: &[usize], each: impl Fn(T) -> U) -> Result<Vec<U>, String>
where
    T: PrimitiveTensorElementType + Copy,
{
    // Of nothing there is no place in memory.
    if sizes.contains(&0) {
        return Ok(vec![]);
    }
    let found = value.try_extract_tensor::<T>();
    let (_, data) = found.map_err(|error| said(&error))?;
    Ok(data.iter().map(|one| each(*one)).collect())
}

/// What it says went wrong, in one line.
fn said(error: &dyn Display) -> String {
    let text = error.to_string();
    text.lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_library_of_a_folder_is_the_newest_and_none_of_its_helpers() {
        let folder = tempfile::tempdir().unwrap();
        let (first, last) = NAMES[0].split_once('.').unwrap();
        let names = [
            format!("{first}.{last}"),
            format!("{first}.{last}.1.17.0"),
            format!("{first}.{last}.1.31.1"),
            format!("{first}_providers_shared.{last}"),
            "notes.txt".to_owned(),
        ];
        for name in &names {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let found = files(Some(folder.path()));
        let found: Vec<_> = found.iter().filter_map(|path| path.file_name()).collect();
        assert_eq!(found, [names[2].as_str(), &names[1], &names[0]]);
    }

    #[test]
    fn what_is_no_such_library_is_told_with_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.so");
        let why = load(&file.display().to_string()).unwrap_err();
        assert!(why.contains("x.so"), "{why}");
        std::fs::write(&file, "not a library").unwrap();
        let why = load(&file.display().to_string()).unwrap_err();
        assert!(why.contains("x.so"), "{why}");
        let why = load(&folder.path().display().to_string()).unwrap_err();
        assert!(!why.is_empty());
        assert!(!is_loaded());
    }
}
