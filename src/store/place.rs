//! Reads where the store is from its address.

use super::StoreError;
use std::path::PathBuf;

/// The file that an address means: `sqlite:///absolute`, `sqlite://relative` or a plain path.
pub fn path_of(address: &str) -> Result<PathBuf, StoreError> {
    let refused = || StoreError::Address {
        address: address.to_owned(),
    };
    let path = match address.split_once(':') {
        // Forms in use: three slashes and an absolute path, two and a relative one, none.
        Some(("sqlite" | "sqlite3", rest)) => rest.strip_prefix("//").unwrap_or(rest),
        Some((scheme, rest)) if rest.starts_with("//") || scheme == "file" => {
            return Err(refused());
        }
        // A letter and a colon begin a path on some systems.
        Some(_) | None => address,
    };
    // Four slashes mean an absolute path to some programs; it stays the same path.
    let path = match path.strip_prefix("//") {
        Some(rest) => format!("/{rest}"),
        None => path.to_owned(),
    };
    let (path, options) = path.split_once('?').unwrap_or((&path, ""));
    if path.is_empty() || path.ends_with('/') || path.contains(":memory:") || !options.is_empty() {
        return Err(refused());
    }
    Ok(PathBuf::from(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_files_are_read_and_others_refused() {
        for (address, expected) in [
            ("sqlite:///var/lib/x.db", Some("/var/lib/x.db")),
            ("sqlite:////var/lib/x.db", Some("/var/lib/x.db")),
            ("sqlite://data/x.db", Some("data/x.db")),
            ("sqlite:x.db", Some("x.db")),
            ("/var/lib/x.db", Some("/var/lib/x.db")),
            ("会话.db", Some("会话.db")),
            ("postgres://host/x", None),
            ("mysql://user:word@host/x", None),
            ("file:x.db", None),
            ("sqlite::memory:", None),
            (":memory:", None),
            ("sqlite:///", None),
            ("sqlite://x.db?mode=ro", None),
            ("", None),
        ] {
            assert_eq!(
                path_of(address).ok(),
                expected.map(PathBuf::from),
                "{address}"
            );
        }
    }

    #[test]
    fn a_refusal_names_what_is_supported() {
        let error = path_of("redis://host").expect_err("not a file");
        assert_eq!(
            error.to_string(),
            "`redis://host` is no address of a store: `sqlite:///path/to/file.db` or a path is"
        );
    }
}
