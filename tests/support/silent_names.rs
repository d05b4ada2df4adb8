//! A machine whose server for names takes every question and never answers.

use std::net::UdpSocket;
use std::path::PathBuf;
use std::process::Command;

/// Tells a test that it runs on that machine, and where its files are.
const HERE: &str = "HEARSAY_SILENT_NAMES";
/// Shows this machine's files to whoever runs on it, and nobody else's network.
const ENTER: &str = "for file in resolv.conf nsswitch.conf hosts; do \
     mount --bind \"$0/$file\" \"/etc/$file\" || exit 1; done; \
     ip link set lo up && exec \"$@\"";

/// The server for names, and what the machine knows without it.
pub struct SilentNames {
    _server: UdpSocket,
    hosts: PathBuf,
}

impl SilentNames {
    /// Runs a test of this name once more, on such a machine. Gives that process its server, and
    /// nobody else one.
    pub fn within(test: &str) -> Option<Self> {
        if let Some(folder) = std::env::var_os(HERE) {
            return Some(Self {
                _server: UdpSocket::bind("127.0.0.1:53").unwrap(),
                hosts: PathBuf::from(folder).join("hosts"),
            });
        }
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [
            (
                "resolv.conf",
                "nameserver 127.0.0.1\noptions timeout:30 attempts:2\n",
            ),
            ("nsswitch.conf", "hosts: files dns\n"),
            ("hosts", "127.0.0.1 localhost\n"),
        ] {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let machine = |command: &[&str]| {
            let mut unshare = Command::new("unshare");
            unshare
                .args(["--user", "--map-root-user", "--net", "--mount"])
                .args(["sh", "-c", ENTER])
                .arg(folder.path())
                .args(command)
                .env(HERE, folder.path());
            unshare
        };
        match machine(&["true"]).output() {
            Ok(output) if output.status.success() => {}
            reason => {
                super::skip(&format!(
                    "no machine of our own can be made here: {reason:?}"
                ));
                return None;
            }
        }
        let ourselves = std::env::current_exe().unwrap();
        let ourselves = ourselves.to_str().unwrap();
        let output = machine(&[ourselves, test, "--exact", "--nocapture"])
            .output()
            .unwrap();
        let [said, wrong] = [output.stdout, output.stderr]
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        assert!(output.status.success(), "{said}\n{wrong}");
        assert!(said.contains("1 passed"), "there is no test `{test}`");
        for row in said.lines().filter(|line| line.starts_with("| ")) {
            println!("{row}");
        }
        None
    }

    /// The machine knows this name from here on: it is its own.
    pub fn learn(&self, name: &str) {
        std::fs::write(&self.hosts, format!("127.0.0.1 localhost {name}\n")).unwrap();
    }
}
