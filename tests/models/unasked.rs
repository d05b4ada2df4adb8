//! Nothing is fetched unasked: whatever the program does, no connection goes anywhere but to the
//! servers that its user runs on this machine.

use super::house::LIST;
use super::support::pty::{self, Pty};
use portable_pty::CommandBuilder;
use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tempfile::TempDir;

/// Stands for the whole network: the hub's address and every proxy lead here. Counts who comes.
struct Network {
    address: SocketAddr,
    came: Arc<AtomicUsize>,
}

impl Network {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let came = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&came);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                drop(stream);
                count.fetch_add(1, Ordering::SeqCst);
            }
        });
        Self { address, came }
    }

    /// The variables that lead here.
    fn variables(&self) -> Vec<(&'static str, String)> {
        let here = format!("http://{}", self.address);
        let names = [
            "HF_ENDPOINT",
            "http_proxy",
            "HTTP_PROXY",
            "https_proxy",
            "HTTPS_PROXY",
            "all_proxy",
            "ALL_PROXY",
        ];
        names.map(|name| (name, here.clone())).to_vec()
    }

    /// How many came before now. Connections are taken in order, so after one of ours all of
    /// those are counted.
    fn came(&self) -> usize {
        let before = self.came.load(Ordering::SeqCst);
        TcpStream::connect(self.address).unwrap();
        while self.came.load(Ordering::SeqCst) == before {
            std::thread::yield_now();
        }
        self.came.swap(0, Ordering::SeqCst) - 1
    }
}

fn home() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("models.toml"), LIST).unwrap();
    fs::write(folder.path().join("config.toml"), "").unwrap();
    folder
}

fn run(network: &Network, folder: &Path, arguments: &[&str]) -> Output {
    command(network, folder, arguments).output().unwrap()
}

fn command(network: &Network, folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hearsay"));
    command
        .args(arguments)
        .env_clear()
        .env("HOME", folder)
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("LANG", "C.UTF-8")
        .env("HEARSAY_CONFIG", folder.join("config.toml"))
        .env("HEARSAY_DATA_DIR", folder.join("data"))
        .envs(network.variables())
        .stdin(Stdio::null());
    command
}

#[test]
fn the_command_line_fetches_nothing_unless_told_to() {
    let (network, home) = (Network::new(), home());
    let folder = home.path();
    let speech = folder.join("said.wav");
    let script = folder.join("talk.toml");
    fs::write(
        &script,
        "[[step]]\ntype = \"what is 6 times 7?\"\n[[step]]\nexpect = \"42\"\n\
         [[step]]\ndo = \"speech-models\"\n[[step]]\ndo = \"pull-model tiny\"\n",
    )
    .unwrap();
    let said = format!("file:{}", speech.display());
    for arguments in [
        &["ask", "what is 6 times 7?"][..],
        &[
            "ask",
            "--speak",
            "--speaker",
            &said,
            "--fast",
            "what is 6 times 7?",
        ],
        &["script", script.to_str().unwrap()],
        &["doctor"],
        &["models", "list"],
        &["models", "list", "--json"],
        &["models", "path"],
        &["models", "verify"],
        &["models", "pull"],
        &["models", "pull", "tiny"],
        &["config", "explain", "models"],
    ] {
        let output = run(&network, folder, arguments);
        assert!(output.status.code().is_some(), "{output:?}");
        assert_eq!(network.came(), 0, "{arguments:?}: {output:?}");
    }
    let played = run(&network, folder, &["script", script.to_str().unwrap()]);
    assert!(played.status.success(), "{played:?}");
    // The count is one that can be something else. Whoever hangs up is asked again for long.
    let mut pull = command(&network, folder, &["models", "pull", "tiny", "--yes"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while network.came.load(Ordering::SeqCst) == 0 {
        assert_eq!(pull.try_wait().unwrap(), None, "nothing was fetched");
        std::thread::yield_now();
    }
    pull.kill().unwrap();
    pull.wait().unwrap();
}

#[test]
fn the_screen_fetches_nothing_unless_told_to() {
    if pty::missing() {
        return;
    }
    let (network, home) = (Network::new(), home());
    let mut command: CommandBuilder =
        pty::hearsay(home.path(), &["--mic", "null", "--speaker", "null"]);
    for (name, value) in network.variables() {
        command.env(name, value);
    }
    let mut pty = Pty::start(command, 100, 30);
    pty.wait_for_text("connected");
    pty.keys("what is 6 times 7?\r");
    pty.wait_for_text("42");
    pty.keys("/read-aloud\r");
    // A call, in which nobody says anything.
    pty.keys("\u{1b}[21~");
    pty.wait_for_text("in a call");
    pty.keys("\u{1b}[21~");
    pty.wait_for_text("call ended");
    pty.keys("/speech-models\r");
    pty.wait_for_text("models that hear and speak");
    pty.keys("tiny\r");
    pty.wait_for_text("fetch `tiny`?");
    pty.keys("n");
    pty.keys("\u{11}");
    pty.end();
    assert_eq!(network.came(), 0);
}
