//! Where models are fetched from: a hub, those that mirror it, and whether that may be at all.

use super::catalogue::{Entry, File, Source};
use super::error::ModelsError;
use crate::mind::Secret;
use crate::mind::endpoint::Address;
use reqwest::Url;
use reqwest::header::HeaderValue;

/// The hub that is asked when nobody names another.
pub const USUAL: &str = "https://huggingface.co";

/// Where models are fetched from.
#[derive(Clone, Debug)]
pub struct Hub {
    pub base: String,
    /// Those that are asked when it does not give a file, in this order.
    pub mirrors: Vec<String>,
    /// Nothing is fetched.
    pub offline: bool,
    /// For what the hub gives to its users only. Mirrors never get it.
    pub token: Option<Secret>,
}

impl Default for Hub {
    fn default() -> Self {
        Self {
            base: USUAL.to_owned(),
            mirrors: vec![],
            offline: false,
            token: None,
        }
    }
}

/// One place that may have a file.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) url: Url,
    pub(super) bearer: Option<HeaderValue>,
}

impl Hub {
    /// The places that may have a file, in the order in which they are asked. `revision`: the state
    /// of the repository, where another one than the list says is meant.
    pub(super) fn places(
        &self,
        entry: &Entry,
        file: &File,
        revision: Option<&str>,
    ) -> Result<Vec<Place>, ModelsError> {
        let address = |base: &str| {
            Address::parse(base).map_err(|why| ModelsError::Address {
                why: why.to_string(),
            })
        };
        let (repository, listed) = match &entry.source {
            Source::Hub {
                repository,
                revision,
            } => (repository, revision),
            Source::Url(base) => {
                let url = address(base)?.at(&file.path);
                return Ok(vec![Place { url, bearer: None }]);
            }
        };
        let revision = revision.unwrap_or(listed);
        let path = format!("{repository}/resolve/{revision}/{}", file.path);
        let hub = address(&self.base)?;
        let bearer = hub
            .bearer(self.token.as_ref())
            .map_err(|why| ModelsError::Address {
                why: why.to_string(),
            })?;
        let mut places = vec![Place {
            url: hub.at(&path),
            bearer,
        }];
        for mirror in &self.mirrors {
            let url = address(mirror)?.at(&path);
            if places.iter().all(|place| place.url != url) {
                places.push(Place { url, bearer: None });
            }
        }
        Ok(places)
    }

    /// Where a file is, for people.
    pub(super) fn url(&self, entry: &Entry, file: &File) -> String {
        let places = self.places(entry, file, None);
        let first = places.ok().and_then(|places| places.into_iter().next());
        first.map_or_else(|| entry.home(&self.base), |place| place.url.to_string())
    }

    /// Whether what it sends could be read and changed by everybody on the way.
    pub fn is_plain(&self, entry: &Entry) -> bool {
        let base = match &entry.source {
            Source::Hub { .. } => &self.base,
            Source::Url(url) => url,
        };
        Address::parse(base).is_ok_and(|base| !base.is_loopback() && base.at("").scheme() == "http")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mind::models::Catalogue;

    fn urls(hub: &Hub, id: &str, revision: Option<&str>) -> Vec<String> {
        let all = Catalogue::default();
        let entry = all.get(id).unwrap();
        let places = hub.places(entry, &entry.files[0], revision).unwrap();
        places.iter().map(|place| place.url.to_string()).collect()
    }

    #[test]
    fn a_file_is_asked_of_the_hub_and_then_of_its_mirrors() {
        let hub = Hub {
            base: "http://127.0.0.1:9/hub/".to_owned(),
            mirrors: vec![
                "https://mirror.example".to_owned(),
                "http://127.0.0.1:9/hub".to_owned(),
            ],
            token: Some(Secret::new("t")),
            ..Hub::default()
        };
        let path = "onnx-community/whisper-base/resolve/main/onnx/encoder_model_quantized.onnx";
        assert_eq!(
            urls(&hub, "whisper-base", None),
            [
                format!("http://127.0.0.1:9/hub/{path}"),
                format!("https://mirror.example/{path}")
            ]
        );
        let path = path.replace("main", "c0ffee");
        assert_eq!(
            urls(&Hub::default(), "whisper-base", Some("c0ffee")),
            [format!("https://huggingface.co/{path}")]
        );
        let all = Catalogue::default();
        let entry = all.get("whisper-base").unwrap();
        let places = hub.places(entry, &entry.files[0], None).unwrap();
        let bearers: Vec<_> = places.iter().map(|place| place.bearer.is_some()).collect();
        assert_eq!(bearers, [true, false], "only the hub knows the user");
    }

    #[test]
    fn a_token_goes_nowhere_in_the_clear_and_no_address_is_told() {
        let all = Catalogue::default();
        let entry = all.get("whisper-base").unwrap();
        for base in ["http://hub.example", "hub.example", "http://u:canary@h"] {
            let hub = Hub {
                base: base.to_owned(),
                token: Some(Secret::new("canary")),
                ..Hub::default()
            };
            let error = hub.places(entry, &entry.files[0], None).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("canary"), "{base}");
        }
    }
}
