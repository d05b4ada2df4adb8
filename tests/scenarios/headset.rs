//! The fifth: the headset is pulled out in a call: it goes on with what is there, and comes back to it.

use crate::house::{EARS, House, hearing_with, hummed};
use crate::rig::{Rig, skip};
use crate::support::model_server::Reply;
use crate::support::pty::missing;
use crate::support::tones;
use crate::{F10, leave, page};
use serde_json::json;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A headset: what is played to it is heard by its microphone.
const HEADSET: [&str; 6] = [
    "load-module",
    "module-null-sink",
    "sink_name=headset",
    "norewinds=1",
    "rate=48000",
    "sink_properties=device.description=Headset",
];

/// Somebody who says the same again and again, into a device of the rig, until dropped.
struct Speaker(Child);

impl Speaker {
    fn new(rig: &Rig, device: &str) -> Self {
        let mut child = Command::new("pacat")
            .args([
                "--playback",
                "--raw",
                "--format=s16le",
                "--rate=16000",
                "--channels=1",
            ])
            .arg(format!("--device={device}"))
            .env("HOME", rig.path("."))
            .env(
                "PULSE_SERVER",
                format!("unix:{}", rig.path("native").display()),
            )
            .env("PULSE_COOKIE", rig.path("cookie"))
            .stdin(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut said = hummed(tones::say(&crate::room::WORDS));
        said.resize(said.len() + 3 * tones::RATE as usize, 0);
        let mut mouth = child.stdin.take().unwrap();
        std::thread::spawn(move || while mouth.write_all(&tones::bytes(&said)).is_ok() {});
        Self(child)
    }
}

impl Drop for Speaker {
    fn drop(&mut self) {
        // It may be gone with its device.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn has(program: &str) -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths).any(|folder: std::path::PathBuf| folder.join(program).is_file())
}

#[test]
fn a_call_goes_on_without_its_headset_and_returns_to_it() {
    let name = "headset::a_call_goes_on_without_its_headset_and_returns_to_it";
    if missing() || !has("pacat") {
        return skip("no pseudo terminal, or `pacat` is not installed");
    }
    let Some(rig) = Rig::in_time(name) else {
        return;
    };
    let module = rig.pactl(&HEADSET);
    let house = House::with("[sound]\necho = \"off\"\n");
    let heard = |text: &str| (EARS, Reply::json(200, &json!({ "text": text })));
    let engines = house.engines(&[heard("what is 2 + 3?")]);
    let engine = hearing_with(&engines);
    let mut arguments: Vec<_> = engine.iter().map(String::as_str).collect();
    arguments.extend([
        "--mic",
        "pulseaudio:headset.monitor",
        "--speaker",
        "pulseaudio:headset",
    ]);
    let server = format!("unix:{}", rig.path("native").display());
    let cookie = rig.path("cookie");
    let env = [
        ("PULSE_SERVER", server.as_str()),
        ("PULSE_COOKIE", text(&cookie)),
        ("ALSA_CONFIG_PATH", "/dev/null"),
    ];
    let mut pty = house.opened(&arguments, &env);
    pty.wait_for_text("connected");
    pty.keys(F10);
    let somebody = Speaker::new(&rig, "headset");
    pty.wait_for_text("2 + 3 = 5");
    drop(somebody);
    page::sketch("5.1", &pty, &["2 + 3 = 5", "listening", "Headset"]);
    rig.pactl(&["unload-module", &module]);
    pty.wait_for_text("hearing with `Microphone` now");
    // Whoever speaks now is heard by what is there.
    let somebody = Speaker::new(&rig, "micfeed");
    pty.wait_for_text("what is two plus three");
    drop(somebody);
    pty.wait_for("no notice", |screen| !screen.contents().contains("` now"));
    page::sketch("5.2", &pty, &["in a call", "listening", "Microphone"]);
    rig.pactl(&HEADSET);
    pty.wait_for("the headset again", |screen| {
        screen
            .contents()
            .contains("hearing with `Monitor of Headset` now")
    });
    pty.wait_for_text("in a call");
    pty.keys(F10);
    pty.wait_for_text("call ended");
    leave(pty);
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
