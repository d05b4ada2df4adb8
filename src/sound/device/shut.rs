//! A sound server that is here, but not for us: its socket belongs to somebody else.

use crate::sound::SoundError;
#[cfg(unix)]
use std::path::PathBuf;

/// What keeps us out, if that is so. Whoever lacks the right to a socket is not told by the client
/// of the server: to that there is none.
#[cfg(unix)]
pub(super) fn out() -> Option<SoundError> {
    use std::io::ErrorKind;
    use std::os::unix::net::UnixStream;
    sockets(&|name| std::env::var(name).ok())
        .into_iter()
        .find_map(|path| {
            let error = UnixStream::connect(&path).err()?;
            (error.kind() == ErrorKind::PermissionDenied).then(|| {
                let why = format!("`{}`: {error}", path.display());
                SoundError::ServerRefuses { why }
            })
        })
}

#[cfg(not(unix))]
pub(super) const fn out() -> Option<SoundError> {
    None
}

/// Where the server may listen, as its clients look for it.
#[cfg(unix)]
fn sockets(env: &dyn Fn(&str) -> Option<String>) -> Vec<PathBuf> {
    let named = env("PULSE_SERVER").and_then(|server| {
        let path = server.strip_prefix("unix:")?;
        Some(PathBuf::from(path))
    });
    let folders = ["PULSE_RUNTIME_PATH", "XDG_RUNTIME_DIR"];
    let usual = folders.into_iter().filter_map(env);
    let usual = usual.map(|folder| PathBuf::from(folder).join("pulse/native"));
    named.into_iter().chain(usual).collect()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn sockets_are_looked_for_where_the_variables_say() {
        let env = |name: &str| match name {
            "PULSE_SERVER" => Some("unix:/a/native".to_owned()),
            "XDG_RUNTIME_DIR" => Some("/run/user/7".to_owned()),
            _ => None,
        };
        let expected = ["/a/native", "/run/user/7/pulse/native"].map(PathBuf::from);
        assert_eq!(sockets(&env), expected);
        let far = |name: &str| (name == "PULSE_SERVER").then(|| "tcp:far".to_owned());
        assert_eq!(sockets(&far), Vec::<PathBuf>::new());
    }
}
