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
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;
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

/// Which sentence the judge hears in each of the recordings; nothing if there is no judge.
fn judged(spoken: &[Vec<i16>]) -> Option<Vec<String>> {
    let folder = TempDir::new().unwrap();
    let grammar = folder.path().join("sentences.gram");
    let choices = SENTENCES.join(" | ");
    let rules = format!("#JSGF V1.0;\ngrammar sentences;\npublic <sentence> = {choices} ;\n");
    fs::write(&grammar, rules).unwrap();
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
        let judge = Command::new("pocketsphinx_continuous")
            .arg("-infile")
            .arg(&file)
            .arg("-jsgf")
            .arg(&grammar)
            .args(["-logfn", "/dev/null"])
            .output();
        let Ok(said) = judge else {
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
fn score(heard: &[String]) -> (usize, String) {
    let mut wrong = String::new();
    let mut right = 0;
    for (said, heard) in SENTENCES.iter().zip(heard) {
        if said == heard {
            right += 1;
        } else {
            write!(wrong, "\n  {said} -> {heard}").unwrap();
        }
    }
    (right, wrong)
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
    let Some(heard) = judged(&said) else { return };
    let (right, wrong) = score(&heard);
    println!("the judge picks {right} of 20 of the built-in voice{wrong}");
    let usual = Wanted {
        choice: "espeak-ng".to_owned(),
        ..Wanted::default()
    };
    match voice::choose(&usual, Lang::En) {
        Ok(espeak) => {
            let mut said = vec![];
            for sentence in SENTENCES {
                let (spoken, _) = speak(&*espeak, utterance(sentence, Lang::En)).await;
                said.push(at_16k(&spoken));
            }
            let (right, wrong) = score(&judged(&said).unwrap());
            println!("the judge picks {right} of 20 of espeak-ng{wrong}");
        }
        Err(_missing) => println!("espeak-ng is not installed, so there is nothing to compare"),
    }
    assert!(right >= 17, "{right} of 20{wrong}");
}

#[expect(clippy::disallowed_methods, reason = "to print how long it took")]
fn now() -> Instant {
    Instant::now()
}
