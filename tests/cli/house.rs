//! A home folder of its own for each test, and the real program in it.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use tempfile::TempDir;

/// A home that holds nothing but what a test puts there.
pub(crate) struct House {
    folder: TempDir,
}

/// What a run of the program said and how it ended. The home folder reads `HOME`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// What a run should be.
pub(crate) fn ran(code: i32, out: &str, err: &str) -> Ran {
    Ran {
        code: Some(code),
        out: out.to_owned(),
        err: err.to_owned(),
    }
}

impl House {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn home(&self) -> &Path {
        self.folder.path()
    }

    /// Where the configuration is, unless a test says otherwise.
    pub(crate) fn config(&self) -> PathBuf {
        self.home().join(".config/hearsay/config.toml")
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.home().join(".local/share/hearsay/hearsay.db")
    }

    pub(crate) fn with_config(text: impl AsRef<[u8]>) -> Self {
        let house = Self::new();
        house.write(".config/hearsay/config.toml", text);
        house
    }

    /// Writes a file that only its owner can read.
    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.home().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        rights(&path, 0o600);
        path
    }

    /// Runs the program with nothing to read.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, &[], b"")
    }

    pub(crate) fn run_with(&self, arguments: &[&str], env: &[(&str, &str)], stdin: &[u8]) -> Ran {
        self.run_fed(arguments, env, |mut child| {
            let mut input = child.stdin.take().unwrap();
            let bytes = stdin.to_vec();
            let writer = std::thread::spawn(move || {
                // The program need not read everything.
                let _: std::io::Result<()> = input.write_all(&bytes);
            });
            let output = child.wait_with_output().unwrap();
            writer.join().unwrap();
            output
        })
    }

    /// Runs the program with somebody who talks to it and waits for its end.
    pub(crate) fn run_fed(
        &self,
        arguments: &[&str],
        env: &[(&str, &str)],
        wait: impl FnOnce(Child) -> Output,
    ) -> Ran {
        let child = Command::new(env!("CARGO_BIN_EXE_hearsay"))
            .args(arguments)
            .env_clear()
            .env("HOME", self.home())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("LANG", "C.UTF-8")
            .envs(env.iter().copied())
            .current_dir(self.home())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let output = wait(child);
        let home = self.home().to_str().unwrap();
        let plain = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replace(home, "HOME");
        Ran {
            code: output.status.code(),
            out: plain(output.stdout),
            err: plain(output.stderr),
        }
    }
}

pub(crate) fn rights(path: &Path, mode: u32) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
    #[cfg(not(unix))]
    let _ = (path, mode);
}
