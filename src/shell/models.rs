//! What the settings say of models: which there are, where they are, and where they come from.

use crate::config::{ConfigError, Loaded, Secret};
use crate::mind;
use crate::mind::models::{Catalogue, Hub, ModelsError, Shelf, USUAL};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The user's own list of models, beside the configuration.
const LIST: &str = "models.toml";
/// No list is longer. A film named by mistake is not read to its end.
const LONGEST: u64 = 1 << 20;

/// The folder that holds the models of this machine.
pub fn shelf(loaded: &Loaded) -> Shelf {
    Shelf::new(&loaded.settings.data_dir)
}

/// The models that the program knows, and those that the user's list adds.
pub fn catalogue(loaded: &Loaded) -> Result<Catalogue, ModelsError> {
    let folder = loaded.file.as_deref().and_then(Path::parent);
    let Some(path) = folder.map(|folder| folder.join(LIST)) else {
        return Ok(Catalogue::default());
    };
    match read(&path) {
        Ok(text) => Catalogue::with(&text).map_err(|flaw| ModelsError::Catalogue { path, flaw }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Catalogue::default()),
        Err(source) => Err(ModelsError::Disk { path, source }),
    }
}

fn read(path: &PathBuf) -> io::Result<String> {
    if fs::metadata(path)?.len() > LONGEST {
        return Err(io::Error::other("it is too long for a list of models"));
    }
    fs::read_to_string(path)
}

/// Where models are fetched from. The token is read only now, for reading it may run a program.
pub fn hub(loaded: &Loaded) -> Result<Hub, ConfigError> {
    let models = &loaded.settings.models;
    Ok(Hub {
        base: models.hub.clone().unwrap_or_else(|| USUAL.to_owned()),
        mirrors: models.mirrors.clone(),
        offline: models.offline,
        token: token(&models.token)?,
    })
}

fn token(secret: &Secret) -> Result<Option<mind::Secret>, ConfigError> {
    Ok(secret.read()?.map(mind::Secret::new))
}
