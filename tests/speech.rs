//! Ears and voices against real servers on real sockets and real programs, which misbehave in
//! every way known of the field.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a helper may end its test, or say why it is skipped"
)]

mod support;

use hearsay::core::backend::VoiceWish;
use hearsay::core::words::Lang;
use hearsay::mind::ears::{self, Ears, Recording};
use hearsay::mind::speech::{Limits, Part};
use hearsay::mind::voice::{self, Pcm, Utterance, Voice};
use hearsay::mind::{BrainError, Secret, SpeechError};
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};
use support::model_server::{ModelServer, Reply, sse};
use support::tones;
use tokio::sync::mpsc;

const HEAR: &str = "/v1/audio/transcriptions";
const SPEAK: &str = "/v1/audio/speech";

/// How long somebody who says nothing is waited for here.
const SHORT: Duration = Duration::from_millis(300);

/// What a refusal amounts to, for the base of the server that gave it.
type Refusal = fn(String) -> BrainError;
type Expected = Box<dyn FnOnce(String) -> SpeechError>;

fn wanted(choice: &str) -> ears::Wanted {
    ears::Wanted {
        choice: choice.to_owned(),
        ..ears::Wanted::default()
    }
}

fn hasty(choice: &str) -> ears::Wanted {
    let limits = Limits {
        patience: SHORT,
        ..Limits::default()
    };
    ears::Wanted {
        limits,
        ..wanted(choice)
    }
}

fn ears(wanted: &ears::Wanted) -> Arc<dyn Ears> {
    ears::choose(wanted, Lang::En).unwrap()
}

fn voice(wanted: &ears::Wanted) -> Arc<dyn Voice> {
    voice::choose(wanted, Lang::En).unwrap()
}

fn recording(words: &[&str]) -> Recording {
    Recording {
        samples: tones::say(words),
        ..Recording::default()
    }
}

fn utterance(text: &str) -> Utterance {
    Utterance {
        text: text.to_owned(),
        lang: Lang::En,
        wish: VoiceWish {
            voice: None,
            speed: 1.0,
            engine: None,
        },
    }
}

/// What is heard, and what it seemed to be on the way.
async fn hear(ears: &dyn Ears, recording: Recording) -> (Result<String, SpeechError>, Vec<String>) {
    let (partials, mut inbox) = mpsc::channel(64);
    let heard = ears.hear(recording, partials).await;
    let mut seemed = vec![];
    while let Ok(partial) = inbox.try_recv() {
        seemed.push(partial.text);
    }
    (heard.map(|words| words.text), seemed)
}

/// What is spoken, and how it ended.
async fn speak(voice: &dyn Voice, utterance: Utterance) -> (Pcm, Result<(), SpeechError>) {
    let (out, mut inbox) = mpsc::channel::<Pcm>(2);
    let mut spoken = Pcm::default();
    let listen = async {
        while let Some(piece) = inbox.recv().await {
            spoken.rate = piece.rate;
            spoken.samples.extend(piece.samples);
        }
    };
    let (ended, ()) = tokio::join!(voice.speak(utterance, out), listen);
    (spoken, ended)
}

fn served(part: Part, why: BrainError) -> SpeechError {
    SpeechError::Server { part, why }
}

#[test]
fn tones_say_words_and_words_are_heard_in_them_at_every_rate() {
    for rate in [8_000, 16_000, 22_050, 24_000, 44_100, 48_000] {
        let heard = tones::hear(&tones::say_at(&tones::WORDS, rate), rate);
        let known = if rate == 8_000 { 44 } else { 45 };
        assert_eq!(heard[..known], tones::WORDS[..known], "{rate} Hz");
    }
    let quiet: Vec<i16> = tones::say(&["what", "is"]).iter().map(|s| s / 8).collect();
    assert_eq!(tones::hear(&quiet, 16_000), ["what", "is"]);
    assert_eq!(
        tones::words("Hello, 2 + 3 = 你好几点了 xyz"),
        ["hello", "two", "three", "你好", "几", "点", "了", "?"]
    );
}

#[tokio::test]
async fn a_server_hears_the_words_of_a_recording() {
    let server = ModelServer::start([]).await.with_speech();
    let ears = ears(&ears::Wanted {
        model: "whisper-1".to_owned(),
        key: Some(Secret::new("sk-1")),
        ..wanted(&server.base())
    });
    let recording = Recording {
        language: Some("en-US".to_owned()),
        ..recording(&["what", "is", "two", "plus", "three"])
    };
    let heard = hear(&*ears, recording).await;
    assert_eq!(heard, (Ok("what is two plus three".to_owned()), vec![]));
    let asked = &server.asked()[0];
    assert_eq!((asked.method.as_str(), asked.path.as_str()), ("POST", HEAR));
    assert_eq!(asked.headers["authorization"], "Bearer sk-1");
    assert_eq!(
        asked.body,
        json!({
            "model": "whisper-1",
            "language": "en",
            "response_format": "json",
            "file": "Content-Type: audio/wav",
        })
    );
}

#[tokio::test]
async fn a_model_that_can_tells_what_it_hears_on_the_way() {
    let server = ModelServer::start([]).await.with_speech();
    let ears = ears(&ears::Wanted {
        model: "fast-hearing".to_owned(),
        ..wanted(&server.base())
    });
    let heard = hear(&*ears, recording(&["hello", "i", "am"])).await;
    let seemed = ["hello", "hello i", "hello i am"].map(str::to_owned);
    assert_eq!(heard, (Ok("hello i am".to_owned()), seemed.to_vec()));
}

#[tokio::test]
async fn a_server_that_cannot_stream_is_asked_without_once_and_for_all() {
    let no = json!({ "detail": [{ "loc": ["body", "stream"], "msg": "extra field" }] });
    let server = ModelServer::start([]).await.with_speech();
    let server = server.with(HEAR, Reply::json(422, &no));
    let ears = ears(&ears::Wanted {
        model: "m".to_owned(),
        ..wanted(&server.base())
    });
    for _ in 0..2 {
        let heard = hear(&*ears, recording(&["yes"])).await;
        assert_eq!(heard, (Ok("yes".to_owned()), vec![]));
    }
    let streams: Vec<_> = (server.asked().iter())
        .map(|asked| asked.body.get("stream").is_some())
        .collect();
    assert_eq!(streams, [true, false, false]);
}

#[tokio::test]
async fn an_address_without_v1_finds_it() {
    let server = ModelServer::start([]).await.with_speech();
    let root = server.base().trim_end_matches("/v1").to_owned();
    let server = server.with("/audio/transcriptions", Reply::json(404, &json!({})));
    let ears = ears(&wanted(&root));
    for _ in 0..2 {
        assert_eq!(
            hear(&*ears, recording(&["no"])).await.0,
            Ok("no".to_owned())
        );
    }
    let paths: Vec<_> = server.asked().into_iter().map(|asked| asked.path).collect();
    assert_eq!(paths, ["/audio/transcriptions", HEAR, HEAR]);
}

#[tokio::test]
async fn every_refusal_to_hear_is_told_apart() {
    let error = |message: &str| json!({ "error": { "message": message } });
    let table: Vec<(Reply, Refusal)> = vec![
        (Reply::json(401, &error("who?")), |base| {
            BrainError::KeyWanted {
                base,
                said: "who?".to_owned(),
            }
        }),
        (Reply::json(404, &error("no such path")), |base| {
            BrainError::NotFound {
                base,
                said: "no such path".to_owned(),
            }
        }),
        (Reply::json(404, &error("no such model")), |base| {
            BrainError::ModelUnknown {
                base,
                model: "whisper-1".to_owned(),
                said: "no such model".to_owned(),
            }
        }),
        (Reply::of(413, "text/html", "<html>"), |base| {
            BrainError::Rejected {
                base,
                status: 413,
                said: String::new(),
            }
        }),
        (
            Reply::json(429, &error("slow down")).header("Retry-After", "7"),
            |base| BrainError::Busy {
                base,
                said: "slow down".to_owned(),
                retry_after: Some(Duration::from_secs(7)),
            },
        ),
        (Reply::json(500, &error("out of memory")), |base| {
            BrainError::Faulty {
                base,
                status: 500,
                said: "out of memory".to_owned(),
                retry_after: None,
            }
        }),
        (Reply::of(200, "text/html", "<!DOCTYPE html>"), |base| {
            BrainError::Page { base }
        }),
        (Reply::of(200, "application/json", "{\"text\":"), |base| {
            BrainError::Unreadable {
                base,
                why: "{\"text\":".to_owned(),
            }
        }),
        (
            Reply::of(200, "application/json", "{\"text\":").broken(),
            |base| BrainError::Cut { base },
        ),
        (
            Reply::stream(sse(&[
                json!({ "type": "transcript.text.delta", "delta": "he" }),
            ])),
            |base| BrainError::Cut { base },
        ),
        (Reply::hang_up(), |base| BrainError::HungUp { base }),
        (Reply::silence(), |base| BrainError::Silent {
            base,
            waited: SHORT + Duration::from_secs(1),
        }),
        (
            Reply::of(200, "application/json", "{").then_hang(),
            |base| BrainError::Stalled {
                base,
                waited: SHORT,
            },
        ),
    ];
    for (reply, why) in table {
        let told = format!("{reply:?}");
        let server = ModelServer::start([]).await.with(HEAR, reply);
        let ears = ears(&ears::Wanted {
            model: "whisper-1".to_owned(),
            ..hasty(&server.base())
        });
        let (heard, _) = hear(&*ears, recording(&["yes"])).await;
        let expected = served(Part::Ears, why(server.base()));
        assert_eq!(heard, Err(expected), "{told}");
    }
}

#[tokio::test]
async fn nobody_waiting_for_the_words_hangs_up_on_the_server() {
    let mut server = ModelServer::start([]).await.with(HEAR, Reply::silence());
    let ears = ears(&wanted(&server.base()));
    let (partials, _inbox) = mpsc::channel(1);
    tokio::select! {
        heard = ears.hear(recording(&["yes"]), partials) => panic!("{heard:?}"),
        () = server.until_asked(1) => {}
    }
    server.until_hung_up().await;
}

#[tokio::test]
async fn a_recording_too_long_for_the_ears_is_not_sent() {
    let limits = Limits {
        seconds: 2,
        ..Limits::default()
    };
    let server = ModelServer::start([]).await.with_speech();
    let ears = ears(&ears::Wanted {
        limits,
        ..wanted(&server.base())
    });
    let long = Recording {
        samples: vec![0; 16_000 * 2 + 1],
        ..Recording::default()
    };
    let expected = SpeechError::TooLong {
        engine: server.base(),
        seconds: 3,
        most: 2,
    };
    assert_eq!(hear(&*ears, long).await.0, Err(expected));
    assert_eq!(server.asked(), []);
}

#[tokio::test]
async fn a_server_speaks_and_is_told_who_and_how_fast() {
    let server = ModelServer::start([]).await.with_speech();
    let voice = voice(&ears::Wanted {
        model: "tts-1".to_owned(),
        ..wanted(&server.base())
    });
    let mut utterance = utterance("Hello, 2 plus 3!");
    utterance.wish = VoiceWish {
        voice: Some("zh-CN-XiaoxiaoNeural".to_owned()),
        speed: 1.1,
        engine: None,
    };
    let (spoken, ended) = speak(&*voice, utterance).await;
    assert_eq!(ended, Ok(()));
    assert_eq!(
        tones::hear(&spoken.samples, spoken.rate),
        ["hello", "two", "plus", "three"]
    );
    assert_eq!(
        server.asked()[0].body,
        json!({
            "model": "tts-1",
            "input": "Hello, 2 plus 3!",
            "voice": "zh-CN-XiaoxiaoNeural",
            "response_format": "pcm",
            "speed": 1.1,
        })
    );
}

#[tokio::test]
async fn a_server_without_bare_samples_is_asked_for_wav_once_and_for_all() {
    let no = json!({ "error": "response_format pcm is not supported" });
    let server = ModelServer::start([]).await.with_speech();
    let server = server.with(SPEAK, Reply::json(400, &no));
    let voice = voice(&wanted(&server.base()));
    for _ in 0..2 {
        let (spoken, ended) = speak(&*voice, utterance("yes no")).await;
        assert_eq!(ended, Ok(()));
        assert_eq!(tones::hear(&spoken.samples, spoken.rate), ["yes", "no"]);
    }
    let formats: Vec<_> = (server.asked().iter())
        .map(|asked| asked.body["response_format"].clone())
        .collect();
    assert_eq!(formats, ["pcm", "wav", "wav"]);
}

#[tokio::test]
async fn sound_is_played_whatever_it_is_called_and_however_it_comes() {
    let said = tones::say_at(&["hello", "now"], 24_000);
    let bare = tones::bytes(&said);
    for reply in [
        Reply::of(200, "audio/pcm", &bare).by_bytes().chunked(),
        Reply::of(200, "application/octet-stream", &bare),
        Reply::of(200, "audio/mpeg", &bare),
        Reply::of(200, "audio/pcm", tones::wav(&said, 24_000)),
        Reply::of(200, "audio/wav", tones::wav_claiming(&said, 24_000, 0)).chunked(),
        Reply::of(
            200,
            "audio/x-wav",
            tones::wav_claiming(&said, 24_000, u32::MAX),
        ),
    ] {
        let told = format!("{:.200}", format!("{reply:?}"));
        let server = ModelServer::start([]).await.with(SPEAK, reply);
        let (spoken, ended) = speak(&*voice(&wanted(&server.base())), utterance("x")).await;
        assert_eq!(ended, Ok(()), "{told}");
        assert_eq!(spoken.samples, said, "{told}");
        assert_eq!(spoken.rate, 24_000, "{told}");
    }
}

#[tokio::test]
async fn mp3_is_played_whatever_the_server_calls_it_and_bounded_by_what_it_unfolds_into() {
    let mp3 = include_bytes!("../src/codec/mp3/mono.mp3");
    for kind in ["audio/mpeg", "audio/wav", "application/octet-stream", ""] {
        let reply = Reply::of(200, kind, mp3).chunked();
        let server = ModelServer::start([]).await.with(SPEAK, reply);
        let (spoken, ended) = speak(&*voice(&wanted(&server.base())), utterance("x")).await;
        assert_eq!(ended, Ok(()), "{kind}");
        assert_eq!((spoken.rate, spoken.samples.len()), (24_000, 15 * 576));
        let loudest = spoken.samples.iter().max();
        assert!(loudest.is_some_and(|peak| (15_000..18_000).contains(peak)));
    }
    // A second of silence for each kilobyte.
    let frame = [&[0xff, 0xe3, 0x18, 0xc4][..], &[0; 68]].concat();
    let reply = Reply::of(200, "audio/mpeg", frame.repeat(800));
    let server = ModelServer::start([]).await.with(SPEAK, reply);
    let limits = Limits {
        output: 64_000,
        ..Limits::default()
    };
    let wanted = ears::Wanted {
        limits,
        ..wanted(&server.base())
    };
    let (spoken, ended) = speak(&*voice(&wanted), utterance("x")).await;
    let engine = server.base();
    assert_eq!(ended, Err(SpeechError::Endless { engine }));
    assert!(spoken.samples.len() <= 32_000);
}

#[tokio::test]
async fn what_cannot_be_played_is_told() {
    let odd = |why: &str| {
        let why = why.to_owned();
        move |engine: String| SpeechError::Odd { engine, why }
    };
    let table: Vec<(Reply, Expected)> = vec![
        (
            Reply::of(200, "audio/mpeg", b"\xff\xf3\x84\0\0\0\0\0\0\0\0\0\0"),
            Box::new(odd("MP3 that cannot be read")),
        ),
        (
            Reply::of(200, "audio/ogg", b"OggS\0\0\0\0\0\0\0\0\0"),
            Box::new(odd("Ogg")),
        ),
        (
            Reply::of(200, "audio/wav", b"RIFF\0\0\0\0WAVE"),
            Box::new(odd("WAV that ends before the sound begins")),
        ),
        (
            Reply::of(200, "audio/pcm", ""),
            Box::new(|engine| SpeechError::Mute { engine }),
        ),
        (
            Reply::of(200, "text/html", "<html><body>sign in"),
            Box::new(|base| served(Part::Voice, BrainError::Page { base })),
        ),
        (
            Reply::json(200, &json!({ "error": { "message": "no such voice" } })),
            Box::new(|base| {
                let why = "no such voice".to_owned();
                served(Part::Voice, BrainError::Unreadable { base, why })
            }),
        ),
        (
            Reply::of(200, "audio/pcm", [0; 600]).broken(),
            Box::new(|base| served(Part::Voice, BrainError::Cut { base })),
        ),
        (
            Reply::of(200, "audio/pcm", [0; 600]).then_hang(),
            Box::new(|base| {
                let waited = SHORT;
                served(Part::Voice, BrainError::Stalled { base, waited })
            }),
        ),
        (
            Reply::of(200, "audio/pcm", vec![0; 70_000]),
            Box::new(|engine| SpeechError::Endless { engine }),
        ),
    ];
    for (reply, expected) in table {
        let told = format!("{:.200}", format!("{reply:?}"));
        let server = ModelServer::start([]).await.with(SPEAK, reply);
        let limits = Limits {
            patience: SHORT,
            output: 64_000,
            ..Limits::default()
        };
        let voice = voice(&ears::Wanted {
            limits,
            ..wanted(&server.base())
        });
        let (_, ended) = speak(&*voice, utterance("x")).await;
        assert_eq!(ended, Err(expected(server.base())), "{told}");
    }
}

#[tokio::test]
async fn nobody_listening_any_more_hangs_up_on_the_server() {
    let reply = Reply::of(200, "audio/pcm", [0; 600]).then_hang();
    let mut server = ModelServer::start([]).await.with(SPEAK, reply);
    let voice = voice(&wanted(&server.base()));
    let (out, mut inbox) = mpsc::channel(1);
    let listen = async {
        inbox.recv().await.unwrap();
        drop(inbox);
    };
    let (ended, ()) = tokio::join!(voice.speak(utterance("x"), out), listen);
    assert_eq!(ended, Ok(()));
    server.until_hung_up().await;
}

#[cfg(unix)]
mod programs {
    use super::*;
    use std::fs;
    use std::path::Path;
    use tempfile::TempDir;

    /// A folder of programs, each a script of the shell.
    fn folder(programs: &[(&str, &str)]) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, script) in programs {
            support::program(&folder.path().join(name), script);
        }
        folder
    }

    fn within(folder: &Path, choice: &str) -> ears::Wanted {
        ears::Wanted {
            search: folder.into(),
            ..wanted(choice)
        }
    }

    /// Whether a process is there in any form, a zombie too.
    fn is_there(pid: &str) -> bool {
        Path::new("/proc").join(pid.trim()).exists()
    }

    /// Waits until it is not.
    async fn until_gone(pid: &str) {
        let mut clock = tokio::time::interval(Duration::from_millis(5));
        while is_there(pid) {
            clock.tick().await;
        }
    }

    async fn until_written(path: &Path) -> String {
        let mut clock = tokio::time::interval(Duration::from_millis(5));
        loop {
            clock.tick().await;
            match fs::read_to_string(path) {
                Ok(text) if text.ends_with('\n') => return text,
                _ => {}
            }
        }
    }

    #[tokio::test]
    async fn a_program_speaks_and_is_told_the_words_on_its_input() {
        let folder = folder(&[(
            "espeak-ng",
            "cd \"$(dirname \"$0\")\"; echo \"$@\" >> args; /bin/cat > text; /bin/cat sound.wav",
        )]);
        let at = |name: &str| folder.path().join(name);
        let said = tones::say_at(&["hello"], 22_050);
        fs::write(
            at("sound.wav"),
            tones::wav_claiming(&said, 22_050, 0x7fff_f000),
        )
        .unwrap();
        let wanted = ears::Wanted {
            search: std::env::join_paths([folder.path(), Path::new("/usr/bin"), Path::new("/bin")])
                .unwrap(),
            ..wanted("espeak-ng")
        };
        let mut utterance = utterance("-h; rm [[x");
        utterance.wish.voice = Some("en-GB-SoniaNeural".to_owned());
        utterance.wish.speed = 2.0;
        let (spoken, ended) = speak(&*voice(&wanted), utterance).await;
        assert_eq!(ended, Ok(()));
        assert_eq!((spoken.rate, spoken.samples), (22_050, said));
        let told = ["args", "text"].map(|name| fs::read_to_string(at(name)).unwrap());
        let args = "--stdin --stdout -b 1 -s 350 -v en-gb\n";
        assert_eq!(told, [args.to_owned(), "-h; rm [ [x".to_owned()]);
    }

    #[tokio::test]
    async fn a_program_that_cannot_read_chinese_is_given_pinyin_and_is_asked_only_once() {
        for (phonemes, voice_name, text) in [
            ("(en)nI55Tr'i:55(cmn)_|", "cmn-latn-pinyin", "ni3 hao3"),
            ("n'i21_|", "cmn", "你好"),
        ] {
            let script = format!(
                "case \"$*\" in *-x*) echo asked >> \"$0.asked\"; echo \"{phonemes}\";; \
                 *) echo \"$*\" > \"$0.args\"; cat > \"$0.text\"; cat \"$0.wav\";; esac"
            );
            let folder = folder(&[("espeak-ng", &format!("PATH=/usr/bin:/bin\n{script}"))]);
            let at = |name: &str| folder.path().join(format!("espeak-ng.{name}"));
            fs::write(at("wav"), tones::wav(&[1, 2], 22_050)).unwrap();
            let voice = voice(&within(folder.path(), "auto"));
            for _ in 0..2 {
                let chinese = Utterance {
                    lang: Lang::Zh,
                    ..utterance("你好")
                };
                assert_eq!(speak(&*voice, chinese).await.1, Ok(()));
            }
            let told = ["args", "text", "asked"].map(|name| fs::read_to_string(at(name)).unwrap());
            let args = format!("--stdin --stdout -b 1 -s 175 -v {voice_name}\n");
            assert_eq!(told, [args, text.to_owned(), "asked\n".to_owned()]);
        }
    }

    #[tokio::test]
    async fn a_program_that_misbehaves_is_stopped_and_told() {
        let failed = |why: &str| SpeechError::Failed {
            engine: "espeak-ng".to_owned(),
            why: why.to_owned(),
        };
        let odd = |why: &str| SpeechError::Odd {
            engine: "espeak-ng".to_owned(),
            why: why.to_owned(),
        };
        let engine = || "espeak-ng".to_owned();
        let flood = "printf 'RIFF\\377\\377\\377\\377WAVEfmt \\020\\0\\0\\0\\001\\0\\001\\0\\042V\\0\\0\\104\\254\\0\\0\\002\\0\\020\\0data\\377\\377\\377\\377'; exec cat /dev/zero";
        let table = [
            ("exit 0", SpeechError::Mute { engine: engine() }),
            ("exit 3", failed("exit status: 3")),
            (
                "printf 'warming up\\n\\033[31mno such voice.\\n\\n' >&2; exit 1",
                failed("[31mno such voice"),
            ),
            ("echo usage: espeak-ng", odd("\"usage: espeak-ng.\"")),
            (
                "exec sleep 600",
                SpeechError::Silent {
                    engine: engine(),
                    waited: SHORT,
                },
            ),
            (
                "exec yes",
                odd("\"y.y.y.y.y.y.y.y.y.y.y.y.y.y.y.y.y.y.y.y.\""),
            ),
            (flood, SpeechError::Endless { engine: engine() }),
        ];
        for (script, expected) in table {
            let script = format!("PATH=/usr/bin:/bin\necho $$ > \"$0.pid\"\n{script}");
            let folder = folder(&[("espeak-ng", &script)]);
            let silent = matches!(expected, SpeechError::Silent { .. });
            let usual = Limits::default();
            let limits = Limits {
                patience: if silent { SHORT } else { usual.patience },
                output: 1 << 20,
                ..usual
            };
            let voice = voice(&ears::Wanted {
                limits,
                ..within(folder.path(), "espeak-ng")
            });
            let (_, ended) = speak(&*voice, utterance("hello")).await;
            assert_eq!(ended, Err(expected), "{script}");
            until_gone(&until_written(&folder.path().join("espeak-ng.pid")).await).await;
        }
    }

    #[tokio::test]
    async fn a_program_nobody_listens_to_is_killed_with_all_it_started() {
        let script = "PATH=/usr/bin:/bin\nsleep 600 &\necho $$ $! > \"$0.pids\"\nwait";
        let folder = folder(&[("espeak-ng", script)]);
        let voice = voice(&within(folder.path(), "espeak-ng"));
        let (out, _inbox) = mpsc::channel(1);
        let path = folder.path().join("espeak-ng.pids");
        let pids = tokio::select! {
            ended = voice.speak(utterance("hello"), out) => panic!("{ended:?}"),
            pids = until_written(&path) => pids,
        };
        // The child it started is collected by the system, which may be slow to.
        until_gone(pids.split(' ').next().unwrap()).await;
        let orphan = Path::new("/proc").join(pids.split_whitespace().nth(1).unwrap());
        let mut clock = tokio::time::interval(Duration::from_millis(5));
        while fs::read_to_string(orphan.join("stat")).is_ok_and(|stat| !stat.contains(") Z ")) {
            clock.tick().await;
        }
    }

    #[tokio::test]
    async fn a_programs_ears_give_words_as_they_print_them() {
        let script = "PATH=/usr/bin:/bin\ncat > \"$0.raw\"\necho what is\necho '<sil> two'";
        let folder = folder(&[("pocketsphinx_continuous", script)]);
        let ears = ears(&within(folder.path(), "auto"));
        assert_eq!(ears.name(), "pocketsphinx");
        let recording = recording(&["what"]);
        let samples = recording.samples.clone();
        let (heard, seemed) = hear(&*ears, recording).await;
        assert_eq!(heard, Ok("what is two".to_owned()));
        assert_eq!(seemed.last().map(String::as_str), Some("what is two"));
        let given = fs::read(folder.path().join("pocketsphinx_continuous.raw")).unwrap();
        assert_eq!(given, tones::bytes(&samples));
        let chinese = Recording {
            samples: vec![0; 160],
            language: Some("zh-CN".to_owned()),
            ..Recording::default()
        };
        let expected = SpeechError::Language {
            engine: "pocketsphinx".to_owned(),
            language: "zh-CN".to_owned(),
        };
        assert_eq!(hear(&*ears, chinese).await.0, Err(expected));
    }

    #[tokio::test]
    async fn a_line_of_the_users_own_hears_and_speaks() {
        let folder = tempfile::tempdir().unwrap();
        let wav = folder.path().join("a.wav");
        let said = tones::say(&["yes"]);
        fs::write(&wav, tones::wav(&said, 16_000)).unwrap();
        let speaks = wanted(&format!("command:cat '{}'", wav.display()));
        let (spoken, ended) = speak(&*voice(&speaks), utterance("hello")).await;
        assert_eq!((spoken.samples, ended), (said, Ok(())));
        let hears = wanted("command:head -c 4; echo; echo ' and more'");
        let heard = hear(&*ears(&hears), recording(&["yes"])).await.0;
        assert_eq!(heard, Ok("RIFF and more".to_owned()));
    }

    #[test]
    fn what_is_missing_is_told_with_the_ways_to_get_it() {
        let folder = folder(&[("apt-get", "")]);
        let told = |found: Result<String, SpeechError>, lang| {
            let error = found.unwrap_err();
            (error.tell(lang), error.hint(lang).unwrap())
        };
        let ears_told = |choice, lang| {
            let found = ears::choose(&within(folder.path(), choice), lang);
            told(found.map(|ears| ears.name()), lang)
        };
        let voice_told = |choice, lang| {
            let found = voice::choose(&within(folder.path(), choice), lang);
            told(found.map(|voice| voice.name()), lang)
        };
        let pair = |what: &str, hint: &str| (what.to_owned(), hint.to_owned());
        assert_eq!(
            ears_told("auto", Lang::En),
            pair(
                "nothing on this machine makes words of speech",
                "install it: `sudo apt install pocketsphinx pocketsphinx-en-us` (modest, English \
                 only), or set `ears.use` to the address of an OpenAI-compatible server such as \
                 `http://127.0.0.1:8000/v1`"
            )
        );
        assert_eq!(
            voice_told("espeak-ng", Lang::Zh),
            pair(
                "本机没有 `espeak-ng`",
                "请安装：`sudo apt install espeak-ng`，或把 `voice.use` 设为 OpenAI \
                 兼容服务器的地址，例如 `http://127.0.0.1:8880/v1`"
            )
        );
        assert_eq!(
            voice_told("none", Lang::En).0,
            "nothing is spoken: `voice.use` is `none`"
        );
        assert_eq!(
            ears_told("whisper", Lang::En),
            pair(
                "`whisper` is nothing that can be chosen",
                "set `ears.use` to one of: `auto`, `none`, `model:NAME`, `pocketsphinx`, \
                 `command:CMD`, a URL"
            )
        );
    }

    #[test]
    fn what_can_be_chosen_here_is_listed() {
        let folder = folder(&[("espeak", ""), ("espeak-ng", ""), ("pocketsphinx", "")]);
        let pair = |id: &str, name: &str| (id.to_owned(), name.to_owned());
        let url = within(folder.path(), "http://h/v1");
        let by_url = pair("http://h/v1", "http://h/v1");
        if cfg!(target_os = "linux") {
            assert_eq!(
                voice::known(&url, Lang::En),
                [
                    pair("espeak-ng", "espeak-ng"),
                    pair("espeak", "espeak"),
                    pair("builtin", "built-in robot voice"),
                    by_url.clone()
                ]
            );
        }
        assert_eq!(
            ears::known(&url, Lang::En),
            [pair("pocketsphinx", "pocketsphinx (English)"), by_url]
        );
        let nothing = within(Path::new("/nowhere"), "auto");
        assert_eq!(ears::known(&nothing, Lang::En), []);
    }

    #[tokio::test]
    async fn the_real_espeak_speaks_english_and_mandarin() {
        let Ok(voice) = voice::choose(&wanted("espeak-ng"), Lang::En) else {
            println!("skipped: espeak-ng is not installed");
            return;
        };
        for (text, lang) in [
            ("What is two plus three?", Lang::En),
            ("你好，今天星期六。", Lang::Zh),
        ] {
            let utterance = Utterance {
                lang,
                ..utterance(text)
            };
            let start = now();
            let (out, mut inbox) = mpsc::channel::<Pcm>(64);
            let listen = async {
                let (mut first, mut samples, mut rate) = (None, vec![], 0);
                while let Some(piece) = inbox.recv().await {
                    first.get_or_insert_with(|| start.elapsed());
                    rate = piece.rate;
                    samples.extend(piece.samples);
                }
                (first, samples, rate)
            };
            let (ended, (first, samples, rate)) = tokio::join!(voice.speak(utterance, out), listen);
            assert_eq!(ended, Ok(()));
            let seconds = samples.len() as f64 / f64::from(rate);
            let loud = samples.iter().any(|sample| sample.unsigned_abs() > 3_000);
            assert!(loud && (0.8..6.0).contains(&seconds), "{text}: {seconds} s");
            println!(
                "espeak-ng: {text}: first after {first:?}, {seconds:.1} s in {:?}",
                start.elapsed()
            );
        }
    }

    /// What pocketsphinx hears in a recording, with a line about it.
    async fn understood(samples: Vec<i16>) -> Option<String> {
        let Ok(ears) = ears::choose(&wanted("pocketsphinx"), Lang::En) else {
            println!("skipped: pocketsphinx is not installed");
            return None;
        };
        let (seconds, start) = (samples.len() as f64 / 16_000.0, now());
        let recording = Recording {
            samples,
            language: Some("en-US".to_owned()),
            ..Recording::default()
        };
        let heard = hear(&*ears, recording).await.0.unwrap();
        let took = start.elapsed();
        println!("pocketsphinx: {seconds:.1} s in {took:?}: {heard}");
        Some(heard)
    }

    #[tokio::test]
    async fn the_real_pocketsphinx_understands_a_person() {
        let path = "/usr/share/pocketsphinx/test/data/something.raw";
        let Ok(bytes) = fs::read(path) else {
            println!("skipped: pocketsphinx-testdata is not installed");
            return;
        };
        let pairs = bytes.chunks_exact(2);
        let samples = pairs.map(|pair| i16::from_le_bytes([pair[0], pair[1]]));
        if let Some(heard) = understood(samples.collect()).await {
            assert_eq!(heard, "go somewhere and do something");
        }
    }

    #[tokio::test]
    async fn the_real_pocketsphinx_understands_some_of_what_the_real_espeak_says() {
        let Ok(voice) = voice::choose(&wanted("espeak-ng"), Lang::En) else {
            println!("skipped: espeak-ng is not installed");
            return;
        };
        let (spoken, _) = speak(&*voice, utterance("what is two plus three")).await;
        // To the rate of recordings, by the mean of what lies around.
        let step = f64::from(spoken.rate) / 16_000.0;
        let count = (spoken.samples.len() as f64 / step) as usize - 2;
        let mean = |at: usize| {
            let from = (at as f64 * step) as usize;
            let around: i32 = spoken.samples[from..from + 2]
                .iter()
                .map(|s| i32::from(*s))
                .sum();
            (around / 2) as i16
        };
        if let Some(heard) = understood((0..count).map(mean).collect()).await {
            assert!(
                heard.starts_with("what ") && heard.ends_with(" three"),
                "{heard}"
            );
        }
    }

    #[expect(clippy::disallowed_methods, reason = "to print how long it took")]
    fn now() -> Instant {
        Instant::now()
    }
}
