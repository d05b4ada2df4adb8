//! A sound server with virtual devices, as an ordinary process: PulseAudio with a loudspeaker
//! `spk`, a microphone `mic` that hears what is played to `micfeed`, and a microphone `ear` that
//! hears the loudspeaker.

#[path = "watch.rs"]
mod watch;

use std::io::Read as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::Duration;
use tempfile::TempDir;
use watch::{Kept, Watch};

/// How long the server may take to come up on a busy machine.
const PATIENCE: u32 = 600;

pub(crate) struct Rig {
    folder: PathBuf,
    server: Child,
    /// Removes the folder at the end.
    _own: Option<TempDir>,
}

impl Rig {
    /// Starts the server, or says why the test is skipped.
    pub(crate) fn start() -> Option<Self> {
        if !is_installed("pulseaudio") {
            skip("`pulseaudio` is not installed");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_owned();
        Some(Self::start_in(path, Some(folder)))
    }

    /// Runs a test of this name once more, in a process that reaches a server of its own by the
    /// environment. Gives that process its server, and nobody else one.
    pub(crate) fn within(test: &str) -> Option<Self> {
        if let Some(folder) = std::env::var_os("HEARSAY_RIG") {
            return Some(Self::start_in(folder.into(), None));
        }
        if is_complete() {
            let (passed, told) = Self::attempt(test);
            assert!(passed, "{told}");
            say(&told);
        }
        None
    }

    /// The same, for a test that is true only on a machine that keeps time: a sound server that is
    /// starved skips, and makes the way from loudspeaker to microphone jump. Nothing else of this
    /// kind runs beside it. It must pass once; unless the machine is shown to have been late in
    /// each attempt, which proves nothing, and is told.
    pub(crate) fn in_time(test: &str) -> Option<Self> {
        const ATTEMPTS: usize = 3;
        static ALONE: Mutex<()> = Mutex::new(());
        if std::env::var_os("HEARSAY_RIG").is_some() || !is_complete() {
            return Self::within(test);
        }
        let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let mut failed = vec![];
        while failed.len() < ATTEMPTS {
            let watch = Watch::begin();
            let (passed, told) = Self::attempt(test);
            let kept = watch.end();
            say(&told);
            if passed {
                return None;
            }
            say(&format!("an attempt failed; {kept}"));
            failed.push(kept);
        }
        let told: Vec<String> = failed.iter().map(Kept::to_string).collect();
        let told = told.join("; ");
        assert!(
            failed.iter().all(|kept| !kept.is_good()),
            "`{test}` failed {ATTEMPTS} times, and not for want of time: {told}"
        );
        skip(&format!("`{test}`: the machine does not keep time: {told}"));
        None
    }

    /// One run in a process of its own: whether it passed, and what it said.
    fn attempt(test: &str) -> (bool, String) {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path();
        let mut again = Command::new(std::env::current_exe().unwrap());
        again.args([test, "--exact", "--nocapture"]);
        let output = Self::surround(&mut again, here).output().unwrap();
        let [told, complaint] = [output.stdout, output.stderr].map(String::from_utf8);
        let (told, complaint) = (told.unwrap(), complaint.unwrap());
        let passed = output.status.success();
        if passed {
            assert!(told.contains("1 passed"), "there is no test `{test}`");
            return (true, told);
        }
        // Not to be taken for what the test runner says of this process.
        let told = format!("{told}\n{complaint}").replace('\n', "\n| ");
        (false, told)
    }

    /// Leads a program to a server in this folder, and to no other.
    pub(crate) fn surround<'a>(command: &'a mut Command, here: &Path) -> &'a mut Command {
        let address = format!("unix:{}", here.join("native").display());
        command
            .env("HEARSAY_RIG", here)
            .env("PULSE_SERVER", address)
            .env("PULSE_COOKIE", here.join("cookie"))
            .env("ALSA_CONFIG_PATH", "/dev/null")
    }

    pub(crate) fn start_in(folder: PathBuf, own: Option<TempDir>) -> Self {
        let here = folder.as_path();
        let script = format!(
            "load-module module-native-protocol-unix auth-anonymous=1 socket={}\n\
             load-module module-null-sink sink_name=spk norewinds=1 rate=48000 channels=2 \
             sink_properties=device.description=Loudspeaker\n\
             load-module module-null-sink sink_name=micfeed norewinds=1 rate=48000 channels=1 \
             sink_properties=device.description=Feed\n\
             load-module module-remap-source source_name=mic master=micfeed.monitor remix=no \
             source_properties=device.description=Microphone\n\
             load-module module-remap-source source_name=ear master=spk.monitor \
             source_properties=device.description=Ear\n\
             set-default-sink spk\nset-default-source mic\n",
            here.join("native").display()
        );
        std::fs::write(here.join("rig.pa"), script).unwrap();
        // The client sends one, and the server wants it to be as long as this.
        std::fs::write(here.join("cookie"), [0; 256]).unwrap();
        let server = Self::serve(here);
        let rig = Self {
            folder,
            server,
            _own: own,
        };
        rig.wait();
        rig
    }

    fn serve(here: &Path) -> Child {
        Command::new("pulseaudio")
            .args(["-n", "--daemonize=no", "--exit-idle-time=-1"])
            .args(["--use-pid-file=no", "--disable-shm=yes", "-F"])
            .arg(here.join("rig.pa"))
            .env("HOME", here)
            .env("XDG_RUNTIME_DIR", here)
            .env("XDG_CONFIG_HOME", here)
            .env("PULSE_RUNTIME_PATH", here)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    /// Starts the server again that was killed.
    pub(crate) fn start_again(&mut self) {
        self.server = Self::serve(&self.folder);
        self.wait();
    }

    fn wait(&self) {
        for _ in 0..PATIENCE {
            // The socket is there before the devices are; the last of them ends the script.
            if UnixStream::connect(self.path("native")).is_ok()
                && self
                    .output(&["devices", "--json"])
                    .contains("pulseaudio:ear")
            {
                return;
            }
            std::thread::park_timeout(Duration::from_millis(50));
        }
        panic!("the sound server did not come up");
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The program, on this server and on no other.
    pub(crate) fn hearsay(&self, arguments: &[&str]) -> Command {
        let mut command = super::hearsay(&self.folder, arguments);
        let address = format!("unix:{}", self.path("native").display());
        command
            .env("PULSE_SERVER", address)
            .env("PULSE_COOKIE", self.path("cookie"));
        command
    }

    /// What the program says on stdout.
    pub(crate) fn output(&self, arguments: &[&str]) -> String {
        let output = self.hearsay(arguments).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    /// Lets the server do something, if the tool for it is installed.
    pub(crate) fn control(&self, arguments: &[&str]) -> bool {
        if !is_installed("pactl") {
            skip("`pactl` is not installed");
            return false;
        }
        self.pactl(arguments);
        true
    }

    /// Lets the server do something, and gives its answer.
    pub(crate) fn pactl(&self, arguments: &[&str]) -> String {
        let address = format!("unix:{}", self.path("native").display());
        let output = Command::new("pactl")
            .args(arguments)
            .env("HOME", &self.folder)
            .env("PULSE_SERVER", address)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    pub(crate) fn kill_server(&mut self) {
        self.server.kill().unwrap();
        self.server.wait().unwrap();
    }

    /// The server is there and says nothing any more.
    pub(crate) fn freeze_server(&self) {
        let pid = rustix::process::Pid::from_child(&self.server);
        rustix::process::kill_process(pid, rustix::process::Signal::STOP).unwrap();
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        // It may be dead already: some tests kill it.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Waits until a running program has written so much to a file.
pub(crate) fn wait_for_file(path: &Path, bytes: u64) {
    for _ in 0..PATIENCE {
        if path.metadata().is_ok_and(|file| file.len() >= bytes) {
            return;
        }
        std::thread::park_timeout(Duration::from_millis(50));
    }
    panic!("`{}` does not grow", path.display());
}

/// How a running program ends, and what it says on stderr. A limit only keeps a test that fails
/// from hanging.
pub(crate) fn end(mut child: Child) -> (Option<i32>, String) {
    let mut stderr = child.stderr.take().unwrap();
    let (done, wait) = mpsc::channel();
    std::thread::spawn(move || {
        let mut text = String::new();
        stderr.read_to_string(&mut text).unwrap();
        done.send(text).unwrap();
    });
    match wait.recv_timeout(Duration::from_mins(1)) {
        Ok(text) => (child.wait().unwrap().code(), text),
        Err(_late) => {
            child.kill().unwrap();
            panic!("the program does not end");
        }
    }
}

pub(crate) fn skip(why: &str) {
    say(&format!("skipped: {why}"));
}

#[expect(
    clippy::print_stdout,
    reason = "a test says why it is skipped, and what it measured"
)]
pub(crate) fn say(text: &str) {
    println!("{text}");
}

fn is_installed(program: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|path| {
        std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
    })
}

/// The server and the tool for it are there, or it is said why a test is skipped.
fn is_complete() -> bool {
    let missing = ["pulseaudio", "pactl"]
        .into_iter()
        .find(|program| !is_installed(program));
    if let Some(program) = missing {
        skip(&format!("`{program}` is not installed"));
    }
    missing.is_none()
}
