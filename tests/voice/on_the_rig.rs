//! Hearing and speaking through a real sound server, in real words: espeak-ng says them into a
//! microphone, pocketsphinx hears them, and what comes out of the loudspeaker is recorded.

use crate::rig::{Rig, skip, wait_for_file};
use crate::support::tones;
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

fn has(program: &str) -> bool {
    let found = std::env::var_os("PATH").is_some_and(|path| {
        std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
    });
    if !found {
        skip(&format!("`{program}` is not installed"));
    }
    found
}

/// A rig on which somebody can be heard.
struct Studio {
    rig: Rig,
    recorder: Option<Child>,
}

impl Studio {
    /// The sound server with everything that these tests use, or why they are skipped.
    fn open() -> Option<Self> {
        let programs = [
            "espeak-ng",
            "pocketsphinx_continuous",
            "pacat",
            "parec",
            "pactl",
        ];
        if !programs.into_iter().all(has) {
            return None;
        }
        let rig = Rig::start()?;
        let config = "[voice]\nrecognition_language = \"en-US\"\n";
        fs::write(rig.path("config.toml"), config).unwrap();
        Some(Self {
            rig,
            recorder: None,
        })
    }

    /// A program of the sound server.
    fn tool(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env("HOME", self.rig.path("."))
            .env(
                "PULSE_SERVER",
                format!("unix:{}", self.rig.path("native").display()),
            )
            .env("PULSE_COOKIE", self.rig.path("cookie"));
        command
    }

    /// Records what the loudspeaker plays.
    fn record_loudspeaker(&mut self) -> PathBuf {
        let heard = self.rig.path("heard.raw");
        let file = fs::File::create(&heard).unwrap();
        let arguments = [
            "--device=spk.monitor",
            "--raw",
            "--format=s16le",
            "--rate=48000",
            "--channels=1",
            "--latency-msec=20",
        ];
        let recorder = self.tool("parec", &arguments).stdout(file).spawn();
        self.recorder = Some(recorder.unwrap());
        // It records once there is something of it, which is silence.
        wait_for_file(&heard, 4_800);
        heard
    }

    /// Says this into the microphone, again and again, until it is dropped.
    fn speaker(&self, words: &str) -> Speaker {
        let file = self.rig.path("words.wav");
        let said = Command::new("espeak-ng")
            .args(["-v", "en-us", "-s", "130", "-w"])
            .arg(&file)
            .arg(words)
            .status();
        assert!(said.unwrap().success());
        let file = fs::read(file).unwrap();
        let (samples, rate) = tones::read_wav(&file).unwrap();
        // A pause after it.
        let mut bytes = tones::bytes(&samples);
        bytes.resize(bytes.len() + rate as usize * 2, 0);
        let rate = format!("--rate={rate}");
        let arguments = [
            "--playback",
            "--device=micfeed",
            "--raw",
            "--format=s16le",
            &rate,
            "--channels=1",
        ];
        let mut child = self
            .tool("pacat", &arguments)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        std::thread::spawn(move || {
            use std::io::Write as _;
            while stdin.write_all(&bytes).is_ok() {}
        });
        Speaker(child)
    }

    /// Plays these steps on the devices of the server.
    fn start(&self, steps: &str, arguments: &[&str]) -> Child {
        fs::write(self.rig.path("talk.toml"), steps).unwrap();
        let data = self.rig.path("data");
        let always = [
            "script",
            "talk.toml",
            "--data-dir",
            data.to_str().unwrap(),
            "--ears",
            "pocketsphinx",
            "--voice",
            "espeak-ng",
        ];
        let mut command = self.rig.hearsay(&[&always, arguments].concat());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    fn ran(&self, steps: &str, arguments: &[&str]) -> (Option<i32>, String) {
        let output = self.start(steps, arguments).wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (
            output.status.code(),
            text(output.stdout) + &text(output.stderr),
        )
    }
}

impl Drop for Studio {
    fn drop(&mut self) {
        if let Some(recorder) = &mut self.recorder {
            // The server may have ended it.
            let _ = recorder.kill();
            let _ = recorder.wait();
        }
    }
}

struct Speaker(Child);

impl Drop for Speaker {
    fn drop(&mut self) {
        // As above.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// How much of a recording is not silent, in milliseconds.
fn loud_ms(file: &PathBuf) -> usize {
    let bytes = fs::read(file).unwrap();
    let samples: Vec<_> = (bytes.chunks_exact(2))
        .map(|pair| i16::from_le_bytes([pair[0], pair[1]]))
        .collect();
    let loud = |block: &&[i16]| block.iter().any(|sample| sample.unsigned_abs() > 500);
    samples.chunks(480).filter(loud).count() * 10
}

#[test]
fn what_is_said_into_a_real_microphone_is_heard_and_the_answer_comes_out_of_the_loudspeaker() {
    let Some(mut studio) = Studio::open() else {
        return;
    };
    let heard = studio.record_loudspeaker();
    let _somebody = studio.speaker("what time is it");
    let steps = r#"
[[step]]
do = "talk"
[[step]]
pause_ms = 3000
[[step]]
do = "talk"
[[step]]
wait = "voice_sse"
[[step]]
wait = "voice_tts"
[[step]]
interrupt_after_ms = 1500
[[step]]
expect_spoken_ms = { min = 1000 }
[[step]]
expect_heard = "what"
"#;
    let (code, told) = studio.ran(steps, &["--trace", "moments"]);
    assert_eq!(code, Some(0), "{told}");
    assert!(loud_ms(&heard) >= 500, "{} ms: {told}", loud_ms(&heard));
    let said = studio
        .rig
        .output(&["history", "show", "last", "--data-dir", "data"]);
    let mut lines = said.lines().skip_while(|line| !line.starts_with("you"));
    println!("heard: {}", lines.nth(1).unwrap_or_default());
}

#[test]
fn a_sound_server_that_dies_while_somebody_talks_leaves_what_was_said() {
    let Some(mut studio) = Studio::open() else {
        return;
    };
    let somebody = studio.speaker("what time is it");
    let steps = r#"
[[step]]
do = "talk"
[[step]]
pause_ms = 2500
[[step]]
expect_note = "sound server"
[[step]]
do = "talk"
[[step]]
wait = "voice_sse"
[[step]]
type = "what is 6 * 7?"
[[step]]
expect = "42"
"#;
    let mut child = studio.start(steps, &["--keep-going"]);
    let mut told = String::new();
    let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
    while !told.contains("pause_ms 2500") {
        use std::io::BufRead as _;
        assert_ne!(out.read_line(&mut told).unwrap(), 0, "{told}");
    }
    drop(somebody);
    studio.rig.kill_server();
    std::io::Read::read_to_string(&mut out, &mut told).unwrap();
    println!("{told}");
    assert!(child.wait().unwrap().success(), "{told}");
}

#[test]
fn a_loudspeaker_that_goes_while_it_speaks_does_not_hold_up_the_conversation() {
    let Some(studio) = Studio::open() else {
        return;
    };
    let steps = r#"
[[step]]
type = "help"
[[step]]
wait = "text_tts"
[[step]]
pause_ms = 1500
[[step]]
expect_note = "loudspeaker"
[[step]]
do = "cancel"
[[step]]
type = "what is 6 * 7?"
[[step]]
expect = "42"
"#;
    let mut child = studio.start(steps, &["--speak"]);
    let mut told = String::new();
    let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
    while !told.contains("pause_ms 1500") {
        use std::io::BufRead as _;
        assert_ne!(out.read_line(&mut told).unwrap(), 0, "{told}");
    }
    assert!(studio.rig.control(&["unload-module", "module-null-sink"]));
    std::io::Read::read_to_string(&mut out, &mut told).unwrap();
    println!("{told}");
    assert!(child.wait().unwrap().success(), "{told}");
}
