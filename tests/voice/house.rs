//! A home for a program that hears and speaks, with engines that know the words of the tones.

use crate::support::microphone::{self, Cue};
use crate::support::model_server::{ModelServer, Reply};
use crate::support::patience::patient;
use crate::support::pty::Pty;
use crate::support::{pty, tones};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// The paths of the engines.
pub(crate) const EARS: &str = "/v1/audio/transcriptions";
pub(crate) const VOICE: &str = "/v1/audio/speech";

pub(crate) struct House {
    folder: tempfile::TempDir,
    pub(crate) runtime: Handle,
    /// The thread ends when this is dropped.
    _stays: oneshot::Sender<()>,
}

/// How a script went.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self {
            code: output.status.code(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }

    /// Checks that every step held.
    pub(crate) fn held(self) -> Self {
        assert_eq!(
            (self.code, self.err.as_str()),
            (Some(0), ""),
            "{}",
            self.out
        );
        self
    }
}

/// The program, with an empty environment and everything it keeps below `home`.
pub(crate) fn hearsay(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hearsay"));
    command
        .args(arguments)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home)
        .env("TMPDIR", home)
        .env("LANG", "C.UTF-8")
        .env("TZ", "UTC")
        .env("HEARSAY_DATA_DIR", home.join("data"))
        .env("HEARSAY_BRAIN", "builtin")
        .env("PULSE_SERVER", "unix:/none")
        .env("ALSA_CONFIG_PATH", "/dev/null")
        .current_dir(home)
        .stdin(Stdio::null());
    let config = home.join("config.toml");
    if config.exists() {
        command.env("HEARSAY_CONFIG", config);
    }
    if let Some(profile) = std::env::var_os("LLVM_PROFILE_FILE") {
        command.env("LLVM_PROFILE_FILE", profile);
    }
    command
}

impl House {
    pub(crate) fn new() -> Self {
        Self::with("")
    }

    pub(crate) fn with(config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("config.toml"), config).unwrap();
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

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn home(&self) -> &Path {
        self.folder.path()
    }

    /// Ears and a voice. What is scripted here is answered first, once each.
    pub(crate) fn engines(&self, scripted: &[(&str, Reply)]) -> ModelServer {
        let mut server = self.runtime.block_on(ModelServer::start([])).with_speech();
        for (path, reply) in scripted {
            server = server.with(path, reply.clone());
        }
        server
    }

    /// A recording of these words, with silence after it.
    pub(crate) fn record(&self, name: &str, words: &[&str], silence_ms: usize) -> String {
        let mut samples = hummed(tones::say(words));
        samples.resize(samples.len() + silence_ms * 16, 0);
        fs::write(self.path(name), tones::wav(&samples, tones::RATE)).unwrap();
        format!("file:{}", self.path(name).display())
    }

    /// What a loudspeaker that is a file has played.
    pub(crate) fn played(&self, name: &str) -> (Vec<i16>, u32) {
        tones::read_wav(&fs::read(self.path(name)).unwrap()).unwrap()
    }

    /// The words of it.
    pub(crate) fn spoken(&self, name: &str) -> Vec<String> {
        let (samples, rate) = self.played(name);
        tones::hear(&samples, rate)
    }

    /// Plays these steps. Everything is kept in the home.
    pub(crate) fn script(&self, steps: &str, arguments: &[&str]) -> Ran {
        let mut command = self.scripted(steps, arguments);
        Ran::of(command.stdin(Stdio::null()).output().unwrap())
    }

    /// Plays these steps with a microphone that hears what these cues say.
    pub(crate) fn script_hearing(&self, steps: &str, arguments: &[&str], cues: Vec<Cue>) -> Ran {
        let arguments = [arguments, &["--mic", "stdin"]].concat();
        let child = self.scripted(steps, &arguments).spawn().unwrap();
        Ran::of(microphone::hold(child, cues))
    }

    /// The program that plays these steps, with pipes.
    fn scripted(&self, steps: &str, arguments: &[&str]) -> Command {
        fs::write(self.path("talk.toml"), patient(steps)).unwrap();
        let data = self.path("data");
        let always = ["script", "talk.toml", "--data-dir", data.to_str().unwrap()];
        let mut command = hearsay(self.home(), &[&always, arguments].concat());
        let pipe = Stdio::piped;
        command.stdin(pipe()).stdout(pipe()).stderr(pipe());
        command
    }

    /// Plays these steps until this is so, and then asks the program to end.
    pub(crate) fn left(
        &self,
        steps: &str,
        arguments: &[&str],
        until: impl Fn(&Self) -> bool,
    ) -> Ran {
        let mut command = self.scripted(steps, arguments);
        let mut child = command.stdin(Stdio::null()).spawn().unwrap();
        while !until(self) {
            assert_eq!(child.try_wait().unwrap(), None, "it ended by itself");
            std::thread::park_timeout(Duration::from_millis(10));
        }
        let pid = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        Ran::of(child.wait_with_output().unwrap())
    }

    /// What the program prints, with these arguments.
    pub(crate) fn printed(&self, arguments: &[&str]) -> String {
        let output = hearsay(self.home(), arguments).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    /// What was said in the last conversation: who, and what.
    pub(crate) fn said(&self) -> Vec<(String, String)> {
        let shown = self.printed(&["history", "export", "last", "--format", "json"]);
        let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let messages = shown["messages"].as_array().unwrap().iter();
        messages
            .map(|message| (text(&message["role"]), text(&message["text"])))
            .collect()
    }

    /// The recordings that are kept, and who may read them.
    pub(crate) fn recordings(&self) -> Vec<(PathBuf, u32)> {
        let Ok(entries) = fs::read_dir(self.path("data/clips")) else {
            return vec![];
        };
        let file = |entry: std::io::Result<fs::DirEntry>| {
            let entry = entry.unwrap();
            let rights = entry.metadata().unwrap().permissions().mode() & 0o777;
            (entry.path(), rights)
        };
        entries.map(file).collect()
    }

    /// The program on a screen, once its first frame is there.
    pub(crate) fn opened(&self, arguments: &[&str], env: &[(&str, &str)]) -> Pty {
        self.opened_at((100, 30), arguments, env)
    }

    /// The same on a screen of this many columns and rows.
    pub(crate) fn opened_at(
        &self,
        (columns, rows): (u16, u16),
        arguments: &[&str],
        env: &[(&str, &str)],
    ) -> Pty {
        let mut command = pty::hearsay(self.home(), arguments);
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

/// The arguments that choose these engines.
pub(crate) fn hearing_with(server: &ModelServer) -> [String; 4] {
    ["--ears", &server.base(), "--voice", &server.base()].map(str::to_owned)
}

/// The tones, with a quiet hum under each: high tones alone are no speech to a detector of it.
pub(crate) fn hummed(mut samples: Vec<i16>) -> Vec<i16> {
    const HERTZ: f64 = 130.0;
    let (pause, word) = (tones::PAUSE_MS as usize * 16, tones::WORD_MS as usize * 16);
    for (at, sample) in samples.iter_mut().enumerate() {
        if at % (pause + word) >= pause {
            let turn = std::f64::consts::TAU * HERTZ * at as f64 / f64::from(tones::RATE);
            let hum: f64 = (1..=8).map(|n| (turn * f64::from(n)).sin()).sum();
            *sample = sample.saturating_add((hum * 700.0) as i16);
        }
    }
    samples
}
