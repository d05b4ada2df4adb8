//! `hearsay bundle`: nothing that must stay here is ever in it.

use crate::house::House;
use hearsay::codec::base64;
use hearsay::core::ids::{ConversationId, MessageId, TurnId};
use hearsay::core::record::TurnTimes;
use hearsay::core::time::Wall;
use hearsay::core::transcript::{Message, Role};
use hearsay::store::Store;
use std::fs;

const TURN: TurnId = TurnId(7);
const SECRETS: [&str; 5] = [
    "canary-brain-key-1",
    "canary-token-2",
    "canary-variable-3",
    "canary-tool-server-4",
    "sk-canarycanary5",
];
const SAID: [&str; 2] = ["canary in the question", "canary in the answer"];
const HEARD: &[u8] = b"RIFF canary in the recording, long enough to be found";

/// A home in which there is something to hide everywhere.
fn filled() -> House {
    let house = House::with_config(format!(
        "[brain]\nkey = \"{}\"\n\n\
         [backends.home]\nurl = \"ws://127.0.0.1:9/ws/chat?token={}\"\ntoken = \"{}\"\n\n\
         [mcp.files]\ncommand = \"true\"\nenv = \"KEY={}\"\n",
        SECRETS[0], SECRETS[1], SECRETS[1], SECRETS[3]
    ));
    let conversation = ConversationId(1);
    let mut store = Store::open(&house.store()).unwrap();
    for (number, (role, text)) in (1..).zip([(Role::User, SAID[0]), (Role::Assistant, SAID[1])]) {
        let mut message = Message::new(MessageId(number), TURN, role, Wall(1_775_044_800_000));
        text.clone_into(&mut message.text);
        store.write_message(conversation, None, &message).unwrap();
    }
    let times = TurnTimes {
        turn: Some(TURN),
        stages: vec![("sent".into(), 0), ("text_done".into(), 900)],
        outcome: "done".into(),
        at: Wall(1_775_044_800_000),
        said: vec![(300, SAID[1].into())],
        usage: None,
    };
    store.write_turn(conversation, &times).unwrap();
    let data = house.store().parent().unwrap().to_owned();
    fs::write(
        data.join("hearsay.log"),
        format!(
            "2026-04-01T12:00:00.000Z WARN  the server said: {} Authorization: Bearer {}\n",
            SECRETS[4], SECRETS[1]
        ),
    )
    .unwrap();
    fs::create_dir_all(data.join("clips")).unwrap();
    fs::write(data.join("clips").join(format!("{TURN}.wav")), HEARD).unwrap();
    house
}

#[test]
fn no_secret_is_ever_in_a_report_and_what_was_said_only_if_it_is_wanted() {
    let house = filled();
    let run = |more: &[&str]| {
        // What the doctor finds is this machine's, and takes a while.
        let line = [&["bundle", "-", "--yes", "--without", "doctor"], more].concat();
        let env = [("MY_API_KEY", SECRETS[2]), ("TERM", SECRETS[2])];
        house.run_with(&line, &env, b"")
    };
    let plain = run(&[]);
    assert_eq!(plain.code, Some(0), "{}", plain.err);
    let sound = base64::encode(HEARD);
    for part in ["version", "settings", "lines", "log", "timeline"] {
        assert!(
            plain.out.contains(&format!("== {part} ==")),
            "{}",
            plain.out
        );
    }
    assert!(plain.out.contains("text_done 900 ms"), "{}", plain.out);
    assert!(plain.err.contains("[x] settings"), "{}", plain.err);
    assert!(plain.err.contains("[ ] audio"), "{}", plain.err);
    for hidden in SAID.iter().chain([&sound.as_str()]) {
        assert!(!plain.out.contains(hidden), "{hidden}: {}", plain.out);
    }
    let all = run(&["--with", "texts,audio"]);
    for said in SAID {
        assert!(all.out.contains(said), "{}", all.out);
    }
    let one_line = all.out.replace('\n', "");
    assert!(one_line.contains(&sound), "{}", all.out);
    for told in [&plain.out, &plain.err, &all.out, &all.err] {
        for secret in SECRETS {
            assert!(!told.contains(secret), "{secret}: {told}");
        }
    }
}

#[test]
fn nothing_is_written_without_a_yes_and_nothing_is_written_over() {
    let house = filled();
    let file = house.store().with_file_name("report.txt");
    let name = file.to_str().unwrap();
    let asked = house.run(&["bundle", name, "--without", "doctor"]);
    assert_eq!(asked.code, Some(2), "{}", asked.err);
    assert!(!file.exists());
    let yes = ["bundle", name, "--yes", "--without", "doctor"];
    let written = house.run(&yes);
    assert_eq!(
        (written.code, written.out.as_str()),
        (Some(0), ""),
        "{}",
        written.err
    );
    let before = fs::read_to_string(&file).unwrap();
    let again = house.run(&yes);
    assert_eq!(again.code, Some(1), "{}", again.err);
    assert_eq!(fs::read_to_string(&file).unwrap(), before);
    let wrong = house.run(&["bundle", "--with", "everything"]);
    assert_eq!(wrong.code, Some(2), "{}", wrong.err);
}
