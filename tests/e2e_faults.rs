//! What goes wrong, met by the whole program in a real terminal: model servers that die, hang and
//! attack, backends that vanish, disks that are full.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may fail, and a disk can only be looked at again"
)]

#[path = "e2e_faults/attack.rs"]
mod attack;
#[path = "e2e_faults/cable.rs"]
mod cable;
#[path = "e2e_faults/far.rs"]
mod far;
#[path = "e2e_faults/flood.rs"]
mod flood;
#[path = "link_faults/frames.rs"]
#[expect(dead_code, reason = "every test takes the part it needs")]
mod frames;
#[path = "e2e_faults/leaving.rs"]
mod leaving;
#[path = "e2e_faults/line.rs"]
mod line;
#[path = "e2e_faults/long.rs"]
mod long;
#[path = "e2e_faults/model.rs"]
mod model;
#[path = "e2e_faults/once.rs"]
mod once;
#[path = "link_faults/peer.rs"]
#[expect(dead_code, reason = "every test takes the part it needs")]
mod peer;
#[path = "e2e_faults/store.rs"]
mod store;
mod support;

use support::model_server::{ModelServer, Reply};
use support::pty::{Pty, hearsay};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

const ESC: &str = "\x1b";
const CTRL_Q: &str = "\x11";
const CTRL_R: &str = "\x12";

/// A home for one program, and a thread for whoever it talks to.
struct House {
    folder: tempfile::TempDir,
    runtime: Handle,
    /// The thread ends when this is dropped.
    _stays: oneshot::Sender<()>,
}

impl House {
    fn new(config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("config.toml"), config).unwrap();
        let (stays, gone) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let handle = runtime.handle().clone();
        std::thread::spawn(move || runtime.block_on(gone));
        Self {
            folder,
            runtime: handle,
            _stays: stays,
        }
    }

    fn model(&self, replies: impl IntoIterator<Item = Reply>) -> ModelServer {
        self.runtime.block_on(ModelServer::start(replies))
    }

    /// Waits until the model was asked so many questions.
    fn until_questions(&self, server: &mut ModelServer, wanted: usize) {
        let mut requests = 1;
        self.runtime.block_on(async {
            loop {
                server.until_asked(requests).await;
                let asked = server.asked();
                let questions = asked.iter().filter(|asked| asked.method == "POST");
                if questions.count() >= wanted {
                    return;
                }
                requests = asked.len() + 1;
            }
        });
    }

    /// What the program prints, with these arguments.
    fn printed(&self, arguments: &[&str]) -> String {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_hearsay"))
            .args(arguments)
            .env("HEARSAY_DATA_DIR", self.folder.path().join("data"))
            .env("HEARSAY_CONFIG", self.folder.path().join("config.toml"))
            .output();
        String::from_utf8(output.unwrap().stdout).unwrap()
    }

    /// Waits until the store holds this text. Nobody tells us when it does.
    fn until_kept(&self, text: &str) {
        let kept = || self.printed(&["history", "show", "last"]).contains(text);
        let seen = (0..600).any(|_look| {
            kept() || {
                std::thread::sleep(std::time::Duration::from_millis(50));
                false
            }
        });
        assert!(seen, "`{text}` is not kept");
    }

    /// The program with this model server as its brain.
    fn thinking_with(&self, server: &ModelServer) -> Pty {
        self.opened(
            &[],
            &[("HEARSAY_BRAIN", &server.base()), ("HEARSAY_MODEL", "m")],
        )
    }

    /// What was said in the last conversation.
    fn said(&self) -> Vec<String> {
        let shown = self.printed(&["history", "export", "last", "--format", "json"]);
        let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
        let messages = shown["messages"].as_array().unwrap().iter();
        messages
            .map(|message| message["text"].as_str().unwrap().to_owned())
            .collect()
    }

    /// The program with these arguments and variables, once its first frame is there.
    fn opened(&self, arguments: &[&str], env: &[(&str, &str)]) -> Pty {
        self.opened_at((100, 30), arguments, env)
    }

    /// The same on a screen of this many columns and rows.
    fn opened_at(
        &self,
        (columns, rows): (u16, u16),
        arguments: &[&str],
        env: &[(&str, &str)],
    ) -> Pty {
        let mut command = hearsay(self.folder.path(), arguments);
        for (name, value) in env {
            command.env(name, value);
        }
        let pty = Pty::start(command, columns, rows);
        pty.wait_for("the first frame", |screen| {
            let text = screen.contents();
            text.contains("idle") || text.contains("空闲")
        });
        pty
    }
}

fn leave(mut pty: Pty) {
    pty.keys(CTRL_Q);
    let status = pty.end();
    assert!(status.success(), "{status:?}");
    pty.assert_restored();
}

/// Ends the program as nothing can refuse.
fn kill(mut pty: Pty) {
    let pid = pty.pid().to_string();
    let killed = std::process::Command::new("kill")
        .args(["-9", &pid])
        .status();
    assert!(killed.unwrap().success());
    pty.end();
}
