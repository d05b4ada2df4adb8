//! Sound through the real program: files and pipes in place of devices, machines without sound
//! of any kind, and a real sound server with virtual devices.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where it finds something wrong"
)]
#![cfg(unix)]

#[path = "sound/desk.rs"]
mod desk;
#[cfg(target_os = "linux")]
#[path = "sound/devices.rs"]
mod devices;
#[path = "sound/files.rs"]
mod files;
#[path = "sound/house.rs"]
mod house;
#[path = "sound/rig.rs"]
#[expect(dead_code, reason = "every test takes the part it needs")]
mod rig;

use files::{delayed_chirp, find, hearsay, ran, read_wav, write_wav};
use hearsay::sound::level::{from_i16, level, to_i16};
use hearsay::sound::loop_test::chirp;
use rig::{Rig, end, wait_for_file};
use serde_json::{Value, json};
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Stdio;

#[test]
fn a_loop_of_files_tells_the_delay_to_the_sample() {
    let home = tempfile::tempdir().unwrap();
    // The chirp is played after half a second.
    write_wav(
        &home.path().join("room.wav"),
        16_000,
        1,
        &delayed_chirp(620),
    );
    let arguments = [
        "devices",
        "--test",
        "--json",
        "--mic",
        "file:room.wav",
        "--speaker",
        "file:said.wav",
        "--keep",
        "heard.wav",
    ];
    let (code, out, err) = ran(&mut hearsay(home.path(), &arguments));
    assert_eq!((code, err.as_str()), (Some(0), ""));
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["echo"]["delay_ms"], json!(120.0));
    assert_eq!(report["microphone"], json!("room.wav"));
    let rounded: Vec<f32> = chirp().iter().map(|s| from_i16(to_i16(*s))).collect();
    // In the place of a loudspeaker a file keeps time: there is silence around the sound.
    let (rate, said) = read_wav(&home.path().join("said.wav"));
    let at = find(&said).0;
    assert_eq!(
        (rate, &said[at..at + rounded.len()]),
        (16_000, &rounded[..])
    );
    assert!(said[..at].iter().all(|sample| *sample == 0.0));
    let (rate, heard) = read_wav(&home.path().join("heard.wav"));
    assert_eq!((rate, find(&heard).0), (16_000, 620 * 16));
}

#[test]
fn the_doctor_tries_the_devices_that_are_set_and_the_way_between_them() {
    let home = tempfile::tempdir().unwrap();
    write_wav(
        &home.path().join("room.wav"),
        16_000,
        1,
        &delayed_chirp(620),
    );
    let arguments = [
        "doctor",
        "--sound",
        "--json",
        "--mic",
        "file:room.wav",
        "--speaker",
        "file:said.wav",
    ];
    let (code, out, _) = ran(&mut hearsay(home.path(), &arguments));
    let report: Value = serde_json::from_str(&out).unwrap();
    let told = |part: &str| {
        let checks = report["checks"].as_array().unwrap().iter();
        let check = checks.clone().find(|check| check["part"] == part).unwrap();
        (
            check["state"].as_str().unwrap().to_owned(),
            check["found"].as_str().unwrap().to_owned(),
        )
    };
    assert_eq!(code, Some(0));
    assert_eq!(told("loudspeaker").1, "file:said.wav");
    assert!(told("microphone").1.contains("room.wav"));
    let (state, found) = told("echo");
    assert_eq!(state, "good");
    assert!(found.contains("heard after 120 ms"), "{found}");
}

#[test]
fn a_loop_that_brings_nothing_back_says_what_may_help_and_leaves_nothing_behind() {
    let home = tempfile::tempdir().unwrap();
    let arguments = ["devices", "--test", "--mic", "null", "--speaker", "null"];
    let told = ran(&mut hearsay(home.path(), &arguments));
    let err = "error: the sound did not come back; the loudest heard: -100 dB\n\
               hint: turn the loudspeaker up, unmute the microphone, or bring them together; \
               headphones do not reach it\n";
    assert_eq!(
        told,
        (Some(1), "`null` to `null`\n".to_owned(), err.to_owned())
    );
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
}

#[test]
fn samples_go_through_pipes_and_come_back_as_they_were() {
    let home = tempfile::tempdir().unwrap();
    // At another rate and in stereo, so that both are changed on the way.
    write_wav(&home.path().join("a.wav"), 16_000, 2, &delayed_chirp(100));
    let play = [
        "devices",
        "--play",
        "a.wav",
        "--speaker",
        "stdout",
        "--fast",
    ];
    let played = hearsay(home.path(), &play).output().unwrap();
    assert_eq!((played.status.code(), played.stderr), (Some(0), vec![]));
    assert_eq!(played.stdout.len(), delayed_chirp(100).len() * 3 * 2);
    fs::write(home.path().join("raw"), &played.stdout).unwrap();
    let record = ["devices", "--record", "b.wav", "--mic", "stdin", "--fast"];
    let raw = File::open(home.path().join("raw")).unwrap();
    let told = ran(hearsay(home.path(), &record).stdin(raw));
    let out = "`b.wav`: 1.2 s, peak -8 dB\n".to_owned();
    assert_eq!(told, (Some(0), out, String::new()));
    let (_, heard) = read_wav(&home.path().join("b.wav"));
    assert_eq!(heard.len(), delayed_chirp(100).len());
    let (at, alike) = find(&heard);
    assert_eq!(at, 1600);
    assert!(alike > 0.99, "{alike}");
}

#[test]
fn a_recording_ends_in_time_is_private_and_tells_silence() {
    let home = tempfile::tempdir().unwrap();
    let record = [
        "devices",
        "--record",
        "a.wav",
        "--mic",
        "null",
        "--seconds",
        "2",
    ];
    let told = ran(&mut hearsay(home.path(), &record));
    let err = "error: heard nothing: every sample is zero\n\
               hint: unmute it, and allow this terminal to use it in the privacy settings\n";
    let out = "`a.wav`: 2.0 s, peak -100 dB\n";
    assert_eq!(told, (Some(1), out.to_owned(), err.to_owned()));
    let mode = home
        .path()
        .join("a.wav")
        .metadata()
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let (code, _, err) = ran(&mut hearsay(home.path(), &record));
    let exists = "error: there is a file `a.wav` already\nhint: choose another name or folder\n";
    assert_eq!((code, err.as_str()), (Some(1), exists));
}

#[test]
fn an_option_that_would_do_nothing_is_refused() {
    let home = tempfile::tempdir().unwrap();
    for arguments in [
        "--seconds 3",
        "--keep a.wav",
        "--test --play a.wav",
        "--test --all",
        "--play a.wav --json",
        "--record a.wav --seconds 0",
    ] {
        let arguments: Vec<&str> = std::iter::once("devices")
            .chain(arguments.split(' '))
            .collect();
        let (code, out, err) = ran(&mut hearsay(home.path(), &arguments));
        assert_eq!((code, out.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(err.starts_with("error: "), "{err}");
    }
}

#[test]
fn a_file_that_is_no_sound_says_what_it_is() {
    let home = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(home.path().join(name), bytes).unwrap();
    write("diary.txt", b"dear diary,\x1b[2J today");
    write("empty.wav", b"");
    write("cut.wav", b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0");
    write("song.mp3", b"ID3\x04\0\0\0\0\0\0\0\0");
    fs::create_dir(home.path().join("folder.wav")).unwrap();
    for (name, sentence) in [
        (
            "diary.txt",
            "`diary.txt` is no sound file that is known here: it begins with `dear diary,\\x1b`",
        ),
        ("empty.wav", "`empty.wav` is empty"),
        ("cut.wav", "`cut.wav` ends before its sound begins"),
        (
            "song.mp3",
            "`song.mp3` holds sound in a form we cannot read: MP3 that cannot be read",
        ),
        ("folder.wav", "`folder.wav` cannot be read: "),
        ("none.wav", "`none.wav` cannot be read: "),
    ] {
        let play = ["devices", "--play", name, "--speaker", "null"];
        let (code, out, err) = ran(&mut hearsay(home.path(), &play));
        assert_eq!((code, out.as_str()), (Some(1), ""), "{name}");
        assert!(err.starts_with(&format!("error: {sentence}")), "{err}");
        assert!(err.contains("\nhint: "), "{err}");
    }
    let zh = [
        "devices",
        "--play",
        "empty.wav",
        "--speaker",
        "null",
        "--lang",
        "zh",
    ];
    let (_, _, err) = ran(&mut hearsay(home.path(), &zh));
    let expected =
        "error: `empty.wav` 是空文件\nhint: 请转换为 WAV，例如用 `ffmpeg -i FILE out.wav`\n";
    assert_eq!(err, expected);
}

#[test]
fn the_program_is_not_linked_to_alsa() {
    let home = tempfile::tempdir().unwrap();
    // It waits for samples, so it can be looked at.
    let mut command = hearsay(
        home.path(),
        &["devices", "--record", "a.wav", "--mic", "stdin"],
    );
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    wait_for_file(&home.path().join("a.wav"), 0);
    let maps = fs::read_to_string(format!("/proc/{}/maps", child.id()));
    drop(child.stdin.take());
    child.wait().unwrap();
    match maps {
        Ok(maps) => assert!(
            maps.contains("libc.so") && !maps.contains("asound"),
            "{maps}"
        ),
        Err(error) => println!("skipped: no `/proc` here: {error}"),
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_machine_without_sound_says_so_and_what_to_do() {
    let home = tempfile::tempdir().unwrap();
    // Found first, and no library.
    fs::write(home.path().join("libasound.so.2"), "").unwrap();
    let told = ran(hearsay(home.path(), &["devices"]).env("LD_LIBRARY_PATH", home.path()));
    let err = "error: no sound here: neither a sound server nor ALSA; text chat works\nhint: start \
               PulseAudio or PipeWire, or install ALSA (on Debian the package `libasound2`)\n";
    assert_eq!(told, (Some(1), String::new(), err.to_owned()));
}

#[test]
#[cfg(target_os = "linux")]
fn alsa_itself_prints_nothing_when_a_device_is_missing() {
    let home = tempfile::tempdir().unwrap();
    let conf = home.path().join("alsa.conf");
    fs::write(
        &conf,
        "pcm.!default { type hw card 99 }\nctl.!default { type hw card 99 }\n",
    )
    .unwrap();
    let test = [
        "devices",
        "--test",
        "--mic",
        "alsa:default",
        "--speaker",
        "null",
    ];
    let mut command = hearsay(home.path(), &test);
    let (code, out, err) = ran(command.env("ALSA_CONFIG_PATH", &conf));
    assert_eq!((code, out.as_str()), (Some(1), ""));
    let lines: Vec<&str> = err.lines().collect();
    let [error, hint] = lines.as_slice() else {
        panic!("{err}")
    };
    assert!(
        error.starts_with("error: ") && hint.starts_with("hint: "),
        "{err}"
    );
}

#[test]
#[cfg(target_os = "linux")]
fn alsa_is_used_where_it_is_installed_and_a_flood_of_samples_holds_nobody_up() {
    let home = tempfile::tempdir().unwrap();
    // Its plugin gives what is in a file, again and again, as fast as it is asked.
    let tone: Vec<u8> = (0..80_000)
        .flat_map(|n| to_i16((n as f32 * 0.05).sin() * 0.25).to_le_bytes())
        .collect();
    fs::write(home.path().join("mic.raw"), tone).unwrap();
    let conf = format!(
        "pcm.!default {{ type plug slave {{ pcm heard format S16_LE rate 16000 channels 1 }} \
         hint {{ show on description Tape }} }}\n\
         pcm.heard {{ type file slave.pcm nothing file /dev/null format raw infile {} }}\n\
         pcm.nothing {{ type null }}\n",
        home.path().join("mic.raw").display()
    );
    let path = home.path().join("alsa.conf");
    fs::write(&path, conf).unwrap();
    let alsa = |arguments: &[&str]| {
        let mut command = hearsay(home.path(), arguments);
        ran(command.env("ALSA_CONFIG_PATH", &path))
    };
    let (code, out, err) = alsa(&["devices"]);
    if err.contains("neither a sound server nor ALSA") {
        return rig::skip("ALSA is not installed");
    }
    let listed = "* Tape (default)\n    alsa:default\n";
    let expected = format!("microphones\n{listed}loudspeakers\n{listed}");
    assert_eq!((code, out, err), (Some(0), expected, String::new()));
    let record = [
        "devices",
        "--record",
        "a.wav",
        "--mic",
        "tape",
        "--seconds",
        "3",
    ];
    let told = "`a.wav`: 3.0 s, peak -12 dB\n".to_owned();
    assert_eq!(alsa(&record), (Some(0), told, String::new()));
}

#[test]
#[cfg(target_os = "linux")]
fn what_is_played_to_alsa_arrives_there() {
    let home = tempfile::tempdir().unwrap();
    let raw = home.path().join("played.raw");
    let conf = format!(
        "pcm.!default {{ type plug slave {{ pcm written format S16_LE rate 48000 channels 1 }} \
         hint {{ show on description Tape }} }}\n\
         pcm.written {{ type file slave.pcm nothing file {} format raw }}\n\
         pcm.nothing {{ type null }}\n",
        raw.display()
    );
    let path = home.path().join("alsa.conf");
    fs::write(&path, conf).unwrap();
    let tone: Vec<f32> = (0..48_000)
        .map(|n| (n as f32 * 0.05).sin() * 0.25)
        .collect();
    write_wav(&home.path().join("tone.wav"), 48_000, 1, &tone);
    let play = ["devices", "--play", "tone.wav", "--speaker", "alsa:default"];
    let mut command = hearsay(home.path(), &play);
    let (code, out, err) = ran(command.env("ALSA_CONFIG_PATH", &path));
    if err.contains("neither a sound server nor ALSA") {
        return rig::skip("ALSA is not installed");
    }
    assert_eq!((code, out, err), (Some(0), String::new(), String::new()));
    let bytes = fs::read(&raw).unwrap();
    let (pairs, _) = bytes.as_chunks::<2>();
    let samples: Vec<f32> = pairs
        .iter()
        .map(|pair| from_i16(i16::from_le_bytes(*pair)))
        .collect();
    // Nothing keeps its pace, so there is silence wherever it was faster than we were; and that
    // begins and ends softly.
    let sound: Vec<f32> = samples
        .into_iter()
        .filter(|sample| *sample != 0.0)
        .collect();
    let share = sound.len() as f32 / tone.len() as f32;
    assert!((0.95..1.05).contains(&share), "{share}");
    let (played, expected) = (level(&sound), level(&tone));
    assert!((played.peak - expected.peak).abs() < 0.001, "{played:?}");
    assert!((played.rms / expected.rms - 1.0).abs() < 0.1, "{played:?}");
}

#[test]
fn the_devices_of_a_server_are_listed_with_the_default_and_without_monitors() {
    let Some(rig) = Rig::start() else { return };
    let listed = |arguments: &[&str]| -> Vec<Value> {
        let list: Value = serde_json::from_str(&rig.output(arguments)).unwrap();
        list["devices"].as_array().unwrap().clone()
    };
    let device = |id: &str, name: &str, way: &str, default: bool| json!({"id": id, "name": name, "way": way, "sort": "device", "default": default});
    assert_eq!(
        listed(&["devices", "--json"]),
        [
            device("pulseaudio:mic", "Microphone", "in", true),
            device("pulseaudio:ear", "Ear", "in", false),
            device("pulseaudio:spk", "Loudspeaker", "out", true),
            device("pulseaudio:micfeed", "Feed", "out", false),
        ]
    );
    let all = listed(&["devices", "--json", "--all"]);
    let monitors = all
        .iter()
        .filter(|device| device["sort"] == "monitor")
        .count();
    assert_eq!((all.len(), monitors), (6, 2));
    let told = ran(&mut rig.hearsay(&["devices", "--test", "--mic", "nobody"]));
    let err = "error: there is no microphone `nobody`\n\
               hint: choose one of `pulseaudio:mic`, `pulseaudio:ear`\n";
    assert_eq!(told, (Some(1), String::new(), err.to_owned()));
}

#[test]
fn a_server_that_is_killed_ends_a_recording_with_a_word_and_keeps_it() {
    let Some(mut rig) = Rig::start() else { return };
    let record = ["devices", "--record", "a.wav", "--seconds", "600"];
    let mut command = rig.hearsay(&record);
    let recording = command.stderr(Stdio::piped()).spawn().unwrap();
    wait_for_file(&rig.path("a.wav"), 16_000);
    rig.kill_server();
    let (code, err) = end(recording);
    assert_eq!(code, Some(1));
    // Nothing was played to it, which is told first.
    assert!(err.contains("\nerror: the sound server "), "{err}");
    let (rate, heard) = read_wav(&rig.path("a.wav"));
    assert_eq!((rate, heard.len() >= 7_500), (16_000, true));
    let (code, _, err) = ran(&mut rig.hearsay(&["devices"]));
    assert_eq!(code, Some(1));
    assert!(err.starts_with("error: the sound server "), "{err}");
}

#[test]
fn a_server_that_hangs_is_told_from_one_that_is_dead_and_holds_nobody_up() {
    let Some(rig) = Rig::start() else { return };
    rig.freeze_server();
    let (code, out, err) = ran(&mut rig.hearsay(&["devices"]));
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(err.contains("timed out"), "{err}");
    assert!(
        err.contains("\nhint: start the sound server again"),
        "{err}"
    );
}

/// Whom nobody here knows.
const STRANGER: u32 = 65_534;

#[test]
#[cfg(target_os = "linux")]
fn a_server_of_somebody_else_is_told_from_a_dead_one() {
    let Some(mut rig) = Rig::start() else { return };
    if !rustix::process::geteuid().is_root() {
        return rig::skip("only root can be somebody else");
    }
    let open = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    let home = tempfile::tempdir().unwrap();
    open(home.path(), 0o777);
    for folder in ["closed", "asks"] {
        fs::create_dir(rig.path(folder)).unwrap();
        let socket = rig.path(folder).join("native");
        let native = [
            "load-module",
            "module-native-protocol-unix",
            "auth-group-enable=0",
            "auth-cookie-enabled=0",
            &format!("socket={}", socket.display()),
        ];
        if !rig.control(&native) {
            return;
        }
        open(&socket, 0o777);
    }
    // The server has changed some of them.
    for (folder, mode) in [("", 0o755), ("asks", 0o755), ("closed", 0o700)] {
        open(&rig.path(folder), mode);
    }
    let socket = |folder: &str| rig.path(folder).join("native").display().to_string();
    let cookie = rig.path("cookie");
    let devices = |server: &str| {
        let mut command = hearsay(home.path(), &["devices"]);
        command
            .env("PULSE_SERVER", format!("unix:{server}"))
            .env("PULSE_COOKIE", &cookie)
            .uid(STRANGER);
        command
    };
    let (closed, asks) = (socket("closed"), socket("asks"));
    match devices(&asks).output() {
        Err(error) => return rig::skip(&format!("a stranger cannot run the program: {error}")),
        Ok(output) if output.status.code() == Some(1) => {}
        Ok(output) => panic!("{output:?}"),
    }
    let hint = "hint: run this program as the user whose server it is";
    let refuses = "error: the sound server does not let us in: ";
    for (server, why) in [(&closed, "Permission denied"), (&asks, "AccessDenied")] {
        let (code, _, err) = ran(&mut devices(server));
        assert_eq!(code, Some(1), "{server}: {err}");
        assert!(err.starts_with(refuses) && err.contains(why), "{err}");
        assert!(err.contains(hint), "{err}");
    }
    rig.kill_server();
    let (_, _, err) = ran(&mut devices(&asks));
    assert!(
        err.starts_with("error: the sound server does not answer: "),
        "{err}"
    );
    assert!(err.contains("hint: start the sound server again"), "{err}");
}

#[test]
fn a_loudspeaker_that_is_pulled_out_is_gone() {
    let Some(rig) = Rig::start() else { return };
    write_wav(&rig.path("long.wav"), 16_000, 1, &vec![0.1; 16_000 * 600]);
    // The recording shows when the sound has begun.
    let record = [
        "devices",
        "--record",
        "a.wav",
        "--mic",
        "ear",
        "--seconds",
        "600",
    ];
    let mut recording = rig.hearsay(&record).stderr(Stdio::piped()).spawn().unwrap();
    let mut play = rig.hearsay(&["devices", "--play", "long.wav"]);
    let mut playing = play.stderr(Stdio::piped()).spawn().unwrap();
    wait_for_file(&rig.path("a.wav"), 64_000);
    if !rig.control(&["unload-module", "module-null-sink"]) {
        for child in [&mut recording, &mut playing] {
            child.kill().unwrap();
            child.wait().unwrap();
        }
        return;
    }
    let hint = "hint: plug it in again, or choose another device with `hearsay devices`\n";
    let gone = |name: &str| (Some(1), format!("error: `{name}` is gone\n{hint}"));
    assert_eq!(end(playing), gone("Loudspeaker"));
    assert_eq!(end(recording), gone("Ear"));
}
