//! The built-in voice from outside: when it is chosen, how it comes, and whether somebody who
//! knows nothing of it understands what it says.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a helper may end its test, or say why it is skipped"
)]

use hearsay::core::backend::VoiceWish;
use hearsay::core::words::Lang;
use hearsay::mind::speech::Wanted;
use hearsay::mind::voice::{self, Pcm, Utterance, Voice};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::sync::mpsc;

fn wanted(choice: &str, search: &Path) -> Wanted {
    Wanted {
        choice: choice.to_owned(),
        search: search.into(),
        ..Wanted::default()
    }
}

fn utterance(text: &str, lang: Lang) -> Utterance {
    Utterance {
        text: text.to_owned(),
        lang,
        wish: VoiceWish {
            voice: None,
            speed: 1.0,
            engine: None,
        },
    }
}

/// What is spoken, and how long the first of it took.
async fn speak(voice: &dyn Voice, utterance: Utterance) -> (Pcm, Option<Duration>) {
    let start = now();
    let (out, mut inbox) = mpsc::channel::<Pcm>(2);
    let (mut spoken, mut first) = (Pcm::default(), None);
    let listen = async {
        while let Some(piece) = inbox.recv().await {
            first.get_or_insert_with(|| start.elapsed());
            spoken.rate = piece.rate;
            spoken.samples.extend(piece.samples);
        }
    };
    let (ended, ()) = tokio::join!(voice.speak(utterance, out), listen);
    ended.unwrap();
    (spoken, first)
}

#[test]
fn a_machine_with_nothing_installed_still_speaks() {
    let nowhere = Path::new("/nowhere");
    let name = |choice, lang| {
        let voice = voice::choose(&wanted(choice, nowhere), lang);
        voice
            .map(|voice| voice.name())
            .map_err(|error| error.tell(lang))
    };
    let robot = || Ok("built-in robot voice".to_owned());
    if cfg!(not(windows)) {
        assert_eq!(name("auto", Lang::En), robot());
        assert_eq!(name("auto", Lang::Zh), Ok("内置机器人语音".to_owned()));
        let none = "nothing on this machine makes speech of words".to_owned();
        assert_eq!(name("system", Lang::En), Err(none));
    }
    assert_eq!(name("builtin", Lang::En), robot());
    let known = voice::known(&wanted("auto", nowhere), Lang::En);
    assert_eq!(known, [("builtin".to_owned(), robot().unwrap())]);
    let better = "for a better voice: install `espeak-ng`, or set `voice.use` to the address of an \
                  OpenAI-compatible server such as `http://127.0.0.1:8880/v1`";
    assert_eq!(voice::better(&wanted("auto", nowhere), Lang::En), better);
}

#[cfg(target_os = "linux")]
#[test]
fn a_voice_of_the_system_comes_first_unless_the_robot_is_wanted() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    let program = folder.path().join("espeak-ng");
    fs::write(&program, "#!/bin/sh\n").unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let name = |choice| {
        let voice = voice::choose(&wanted(choice, folder.path()), Lang::En);
        voice.unwrap().name()
    };
    assert_eq!(name("auto"), "espeak-ng");
    assert_eq!(name("builtin"), "built-in robot voice");
    let better = voice::better(&wanted("builtin", folder.path()), Lang::En);
    assert_eq!(
        better,
        "for a better voice: set `voice.use` to one of: `auto`, a URL"
    );
}

#[test]
fn the_doctor_says_that_it_is_a_robot_and_that_there_are_better_voices() {
    let home = TempDir::new().unwrap();
    let told = Command::new(env!("CARGO_BIN_EXE_hearsay"))
        .args(["doctor", "--json"])
        .env_clear()
        .envs([
            ("HOME", home.path().as_os_str()),
            ("HEARSAY_BRAIN", "builtin".as_ref()),
            ("HEARSAY_VOICE", "builtin".as_ref()),
            ("HEARSAY_LANG", "en".as_ref()),
            ("ALSA_CONFIG_PATH", "/dev/null".as_ref()),
            ("PULSE_SERVER", "unix:/none".as_ref()),
            ("PATH", "/nowhere".as_ref()),
        ])
        .output()
        .unwrap();
    let report: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
    let checks = report["checks"].as_array().unwrap();
    let voice = checks
        .iter()
        .find(|check| check["part"] == "voice")
        .unwrap();
    assert_eq!(voice["state"], "limited", "{voice}");
    let found = voice["found"].as_str().unwrap();
    assert!(
        found.starts_with("`built-in robot voice` speaks: "),
        "{found}"
    );
    let hint = voice["hint"].as_str().unwrap();
    assert!(hint.contains("install `espeak-ng`"), "{hint}");
}

#[tokio::test]
async fn it_says_no_more_once_nobody_listens() {
    let voice = voice::choose(&wanted("builtin", Path::new("")), Lang::En).unwrap();
    let endless = "and so on, ".repeat(100_000);
    let (out, mut inbox) = mpsc::channel::<Pcm>(1);
    let mut heard = 0;
    let listen = async {
        while heard < 3 {
            let piece = inbox.recv().await.unwrap();
            assert_eq!((piece.rate, piece.samples.len()), (16_000, 640));
            heard += 1;
        }
        drop(inbox);
    };
    let (ended, ()) = tokio::join!(voice.speak(utterance(&endless, Lang::En), out), listen);
    assert_eq!(ended, Ok(()));
}

#[tokio::test]
async fn others_get_their_turn_between_two_pieces() {
    let voice = voice::choose(&wanted("builtin", Path::new("")), Lang::En).unwrap();
    // Room for everything, so that it never has to wait.
    let (out, mut inbox) = mpsc::channel::<Pcm>(1_000);
    let mut most = 0;
    let watch = async {
        let mut before = 0;
        loop {
            tokio::task::yield_now().await;
            let pieces = inbox.len();
            most = most.max(pieces - before);
            before = pieces;
            if inbox.is_closed() {
                break;
            }
        }
        inbox.close();
    };
    let ((), ended) = tokio::join!(
        watch,
        voice.speak(utterance("It is ten thirty.", Lang::En), out)
    );
    assert_eq!(ended, Ok(()));
    // Who is asked first changes from turn to turn.
    assert!((1..=2).contains(&most), "{most} at once");
}

/// What an assistant says.
const SENTENCES: [&str; 20] = [
    "it is ten thirty",
    "the timer is set for five minutes",
    "seventeen times three is fifty one",
    "what can i do for you",
    "i do not know the answer to that",
    "today is saturday the twenty first of november",
    "the weather is cold and windy",
    "your note has been saved",
    "there are no messages for you",
    "i will remind you tomorrow morning",
    "the volume is now at sixty percent",
    "please say that again",
    "i could not hear you",
    "one hundred divided by eight is twelve point five",
    "two miles are about three kilometers",
    "the connection to the server was lost",
    "good evening how are you",
    "the alarm will ring at seven",
    "i have deleted the last conversation",
    "that is all i have to say",
];

/// What it says in Chinese, with the sounds of it as one would write them who knows English only.
const CHINESE: [(&str, &str); 12] = [
    ("现在是十点半", "SH Y EH N|Z AY|SH ER|SH ER|D Y EH N|B AA N"),
    ("今天星期六", "JH IY N|T Y EH N|SH IY NG|CH IY|L Y UW"),
    (
        "你好，我能帮你做什么",
        "N IY|HH AW|W AO|N AH NG|B AA NG|N IY|Z W AO|SH AH N|M AH",
    ),
    (
        "已经设置了5分钟的定时器",
        "IY|JH IY NG|SH AH|JH ER|L AH|W UW|F AH N|JH UH NG|D AH|D IY NG|SH ER|CH IY",
    ),
    (
        "今天天气很好",
        "JH IY N|T Y EH N|T Y EH N|CH IY|HH AH N|HH AW",
    ),
    ("我没有听清楚", "W AO|M EY|Y OW|T IY NG|CH IY NG|CH UW"),
    (
        "17乘以3等于51",
        "SH ER|CH IY|CH AH NG|IY|S AA N|D AH NG|Y UW|W UW|SH ER|IY",
    ),
    (
        "音量是60%",
        "IY N|L Y AA NG|SH ER|B AY|F AH N|JH ER|L Y UW|SH ER",
    ),
    (
        "明天早上提醒你",
        "M IY NG|T Y EH N|Z AW|SH AA NG|T IY|SH IY NG|N IY",
    ),
    ("对不起，我不知道", "D W EY|B UW|CH IY|W AO|B UW|JH ER|D AW"),
    ("笔记已经保存", "B IY|JH IY|IY|JH IY NG|B AW|T S W AH N"),
    ("再见，祝你愉快", "Z AY|JH Y EH N|JH UW|N IY|Y UW|K W AY"),
];

/// Which of some sentences the judge hears in each of the recordings; nothing if there is no
/// judge. `dictionary`: the sounds of words that it does not know.
fn judged(
    spoken: &[Vec<i16>],
    sentences: &[String],
    dictionary: Option<&str>,
) -> Option<Vec<String>> {
    let folder = TempDir::new().unwrap();
    let grammar = folder.path().join("sentences.gram");
    let choices = sentences.join(" | ");
    let rules = format!("#JSGF V1.0;\ngrammar sentences;\npublic <sentence> = {choices} ;\n");
    fs::write(&grammar, rules).unwrap();
    let words = folder.path().join("words.dict");
    fs::write(&words, dictionary.unwrap_or_default()).unwrap();
    let mut heard = vec![];
    for samples in spoken {
        let file = folder.path().join("sentence.wav");
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: 16_000,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut wav = hound::WavWriter::create(&file, spec).unwrap();
        for sample in samples {
            wav.write_sample(*sample).unwrap();
        }
        wav.finalize().unwrap();
        let mut judge = Command::new("pocketsphinx_continuous");
        judge.arg("-infile").arg(&file).arg("-jsgf").arg(&grammar);
        judge.args(["-logfn", "/dev/null"]);
        if dictionary.is_some() {
            judge.arg("-dict").arg(&words);
        }
        let Ok(said) = judge.output() else {
            println!("skipped: pocketsphinx_continuous is not installed");
            return None;
        };
        if !said.status.success() {
            println!("skipped: pocketsphinx has no model of English");
            return None;
        }
        let said = String::from_utf8_lossy(&said.stdout);
        heard.push(said.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    Some(heard)
}

/// How many sentences were heard as they were said, and what the others were taken for.
fn score(sentences: &[String], heard: &[String]) -> (usize, String) {
    let mut wrong = String::new();
    let mut right = 0;
    for (said, heard) in sentences.iter().zip(heard) {
        if said == heard {
            right += 1;
        } else {
            write!(wrong, "\n  {said} -> {heard}").unwrap();
        }
    }
    (right, wrong)
}

/// Says all of them, at the rate of the judge.
async fn say_all(voice: &dyn Voice, texts: &[&str], lang: Lang) -> Vec<Vec<i16>> {
    let mut said = vec![];
    for text in texts {
        let (spoken, _) = speak(voice, utterance(text, lang)).await;
        said.push(at_16k(&spoken));
    }
    said
}

/// At the rate of the judge.
fn at_16k(spoken: &Pcm) -> Vec<i16> {
    let step = f64::from(spoken.rate) / 16_000.0;
    let count = (spoken.samples.len() as f64 / step) as usize;
    let value = |at: usize| {
        let place = at as f64 * step;
        let (left, share) = (place as usize, place.fract());
        let sample = |at: usize| f64::from(spoken.samples.get(at).copied().unwrap_or(0));
        (sample(left) * (1.0 - share) + sample(left + 1) * share) as i16
    };
    (0..count).map(value).collect()
}

#[tokio::test]
async fn an_independent_judge_understands_what_an_assistant_says() {
    let robot = voice::choose(&wanted("builtin", Path::new("")), Lang::En).unwrap();
    let mut said = vec![];
    let (mut slowest, mut length, start) = (Duration::ZERO, 0, now());
    for sentence in SENTENCES {
        let (spoken, first) = speak(&*robot, utterance(sentence, Lang::En)).await;
        slowest = slowest.max(first.unwrap());
        length += spoken.samples.len();
        said.push(spoken.samples);
    }
    let (seconds, took) = (length as f64 / 16_000.0, start.elapsed().as_secs_f64());
    println!(
        "built-in voice: {seconds:.1} s of speech, {:.1} ms for each second, first samples after \
         {slowest:?} at most",
        took * 1_000.0 / seconds
    );
    let sentences = SENTENCES.map(str::to_owned);
    let Some(heard) = judged(&said, &sentences, None) else {
        return;
    };
    let (right, wrong) = score(&sentences, &heard);
    println!("the judge picks {right} of 20 of the built-in voice{wrong}");
    if let Some(espeak) = espeak() {
        let said = say_all(&*espeak, &SENTENCES, Lang::En).await;
        let heard = judged(&said, &sentences, None).unwrap();
        let (right, wrong) = score(&sentences, &heard);
        println!("the judge picks {right} of 20 of espeak-ng{wrong}");
    }
    assert!(right >= 17, "{right} of 20{wrong}");
}

#[tokio::test]
async fn an_independent_judge_tells_chinese_sentences_apart_by_their_sounds() {
    let texts = CHINESE.map(|(text, _)| text);
    let name = |sounds: &str| format!("x{}", sounds.replace(' ', "").to_lowercase());
    let sentences = CHINESE.map(|(_, syllables)| {
        let names: Vec<_> = syllables.split('|').map(name).collect();
        names.join(" ")
    });
    let syllables: BTreeSet<_> = CHINESE
        .iter()
        .flat_map(|(_, syllables)| syllables.split('|'))
        .collect();
    let mut dictionary = String::new();
    for sounds in syllables {
        writeln!(dictionary, "{} {sounds}", name(sounds)).unwrap();
    }
    let robot = voice::choose(&wanted("builtin", Path::new("")), Lang::En).unwrap();
    let said = say_all(&*robot, &texts, Lang::Zh).await;
    let Some(heard) = judged(&said, &sentences, Some(&dictionary)) else {
        return;
    };
    let (right, wrong) = score(&sentences, &heard);
    println!("the judge picks {right} of 12 of the built-in voice{wrong}");
    if let Some(espeak) = espeak() {
        let said = say_all(&*espeak, &texts, Lang::Zh).await;
        let heard = judged(&said, &sentences, Some(&dictionary)).unwrap();
        let (right, wrong) = score(&sentences, &heard);
        println!("the judge picks {right} of 12 of espeak-ng{wrong}");
    }
    assert!(right >= 10, "{right} of 12{wrong}");
}

/// Who it is compared with.
fn espeak() -> Option<Arc<dyn Voice>> {
    let wanted = Wanted {
        choice: "espeak-ng".to_owned(),
        ..Wanted::default()
    };
    let espeak = voice::choose(&wanted, Lang::En).ok();
    if espeak.is_none() {
        println!("espeak-ng is not installed, so there is nothing to compare");
    }
    espeak
}

#[expect(clippy::disallowed_methods, reason = "to print how long it took")]
fn now() -> Instant {
    Instant::now()
}
