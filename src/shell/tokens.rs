//! The file of the tokens that let clients in: one in a line, or a name and a token. One that is
//! not there is made, with a token that nobody can guess.

use super::served::ServedError;
use crate::serve::port::{NAMELESS, Tokens};
use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

/// Below this, a token can be guessed.
const SHORTEST: usize = 16;

/// How many bytes of chance are in a token of ours.
const BYTES: usize = 32;

/// The tokens of this file, and whether it was made. The second half says what is doubtful.
pub(super) fn load(path: &Path) -> Result<(Tokens, bool, Option<String>), ServedError> {
    let unusable = |why: String| ServedError::Tokens {
        file: path.to_owned(),
        why,
    };
    let made = make(path).map_err(|error| unusable(error.to_string()))?;
    let text = std::fs::read_to_string(path).map_err(|error| unusable(error.to_string()))?;
    let tokens = read(&text).map_err(|(line, why)| unusable(format!("line {line}: {why}")))?;
    Ok((Tokens::new(tokens), made, open_to_others(path)))
}

#[cfg(unix)]
fn open_to_others(path: &Path) -> Option<String> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).ok()?.permissions().mode();
    (mode & 0o077 != 0).then(|| {
        let shown = path.display();
        format!("`{shown}` can be read by others; `chmod 600 {shown}` mends that")
    })
}

#[cfg(not(unix))]
fn open_to_others(_path: &Path) -> Option<String> {
    None
}

/// Makes the file, unless it is there. `true`: it was made.
fn make(path: &Path) -> std::io::Result<bool> {
    if path.exists() {
        return Ok(false);
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = match options.open(path) {
        // Another one was quicker.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(false),
        opened => opened?,
    };
    let written = writeln!(file, "{}", random()?).and_then(|()| file.sync_all());
    if written.is_err() {
        // Half of one would be in the way of the next attempt.
        let _ = std::fs::remove_file(path);
    }
    written.map(|()| true)
}

/// A token that nobody can guess.
fn random() -> std::io::Result<String> {
    let mut bytes = [0; BYTES];
    let chance = rustls::crypto::ring::default_provider().secure_random;
    chance
        .fill(&mut bytes)
        .map_err(|_no_chance| std::io::Error::other("the system gives no random numbers"))?;
    Ok(bytes.iter().fold(String::new(), |mut token, byte| {
        // Writing into a string cannot fail.
        let _ = write!(token, "{byte:02x}");
        token
    }))
}

/// The names and tokens in a text, or the line that is none, and why.
fn read(text: &str) -> Result<Vec<(String, String)>, (usize, String)> {
    let mut tokens: Vec<(String, String)> = vec![];
    for (at, line) in text.lines().enumerate() {
        let mut words = line.split_whitespace();
        let (first, second) = match (words.next(), words.next()) {
            (None, _) => continue,
            (Some(first), _) if first.starts_with('#') => continue,
            (Some(first), second) => (first, second),
        };
        let wrong = |why: String| Err((at + 1, why));
        if words.next().is_some() {
            return wrong("more than a name and a token".to_owned());
        }
        let (name, token) = second.map_or((NAMELESS, first), |token| (first, token));
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if !name.chars().all(plain) || name.len() > 40 {
            return wrong("a name is up to 40 letters, digits, `-` and `_`".to_owned());
        }
        if token.len() < SHORTEST {
            return wrong(format!(
                "a token shorter than {SHORTEST} characters can be guessed"
            ));
        }
        if tokens.iter().any(|(_, known)| known == token) {
            return wrong("this token is there already".to_owned());
        }
        tokens.push((name.to_owned(), token.to_owned()));
    }
    if tokens.is_empty() {
        return Err((1, "no token in it".to_owned()));
    }
    Ok(tokens)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_a_token_or_is_told() {
        let token = "0123456789abcdef";
        let fine = format!("# for the house\n\n{token}\nann {token}1\n  bob\t{token}2 \n");
        let names: Vec<String> = read(&fine)
            .unwrap()
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(names, ["default", "ann", "bob"]);
        for (text, line) in [
            ("", 1),
            ("# nothing\n", 1),
            ("short\n", 1),
            (&format!("{token}\nann {token} more\n"), 2),
            (&format!("../up {token}\n"), 1),
            (&format!("ann {token}\nbob {token}\n"), 2),
        ] {
            let (at, why) = read(text).unwrap_err();
            assert_eq!(at, line, "{why}");
            assert!(!why.contains(token), "{why}");
        }
    }

    #[test]
    #[cfg(unix)]
    fn a_file_is_made_once_for_its_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/token");
        let (_, made, doubt) = load(&path).unwrap();
        let first = std::fs::read_to_string(&path).unwrap();
        assert!(made && doubt.is_none() && first.trim().len() == 2 * BYTES);
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert!(!load(&path).unwrap().1);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), first);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(load(&path).unwrap().2.is_some());
    }
}
