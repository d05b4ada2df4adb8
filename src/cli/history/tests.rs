//! What each subcommand prints, and to whom.

use super::*;
use crate::core::backend::{By, ToolUse, Usage};
use crate::core::defuse::is_harmless;
use crate::core::ids::{MessageId, TurnId};
use crate::core::record::TurnTimes;
use crate::core::transcript::{Ending, Message};
use clap::Parser;

const TEA: ConversationId = ConversationId(0xaaaa_0001 << 96);
const RAIN: ConversationId = ConversationId(0xaaaa_0002 << 96);

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    history: HistoryArgs,
}

/// A folder with a store of two conversations in it.
struct Desk {
    folder: tempfile::TempDir,
    emphasis: bool,
}

impl Desk {
    fn empty() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self {
            folder,
            emphasis: false,
        }
    }

    fn filled() -> Self {
        let desk = Self::empty();
        let mut store = Store::open(&desk.database()).unwrap();
        for (n, conversation, role, text) in [
            (1, RAIN, Role::User, "明天下雨吗？"),
            (2, RAIN, Role::Assistant, "会。\n带伞\u{202e}吧。"),
            (3, TEA, Role::User, "evil \x1b]0;title\x07 tea?"),
            (4, TEA, Role::Assistant, "Green tea: 2 min"),
            (5, TEA, Role::Note, "timer: tea"),
        ] {
            let at = Wall(1_700_000_000_000 + n * 60_000);
            let mut message = Message::new(MessageId(n as u128), TurnId(7), role, at);
            message.text = text.to_owned();
            message.ending = Ending::Complete;
            if n == 4 {
                message.ending = Ending::Cut("the line went down".into());
                message.by = Some(By {
                    brain: "http://x".into(),
                    model: Some("small".into()),
                });
                message.tools = vec![ToolUse {
                    name: "timer".into(),
                    arguments: "{\"min\":2}".into(),
                    outcome: Some(Ok("set\nnow".into())),
                }];
            }
            store.write_message(conversation, None, &message).unwrap();
        }
        desk
    }

    fn database(&self) -> PathBuf {
        self.folder.path().join("x.db")
    }

    fn run_into(&self, line: &[&str], out: &mut dyn Write) -> (anyhow::Result<Outcome>, String) {
        let args = Line::try_parse_from([&["history"], line].concat()).unwrap();
        let database = self.database();
        let around = Surroundings {
            database: &database,
            lang: Lang::En,
            zone: TimeZone::get("Asia/Shanghai").unwrap(),
            emphasis: self.emphasis,
        };
        let mut people = vec![];
        let outcome = run(&args.history, &around, out, &mut people);
        (outcome, String::from_utf8(people).unwrap())
    }

    /// Output, words for people, and the outcome or the error's sentence.
    fn run(&self, line: &[&str]) -> (String, String, Result<Outcome, String>) {
        let mut out = vec![];
        let (outcome, people) = self.run_into(line, &mut out);
        (
            String::from_utf8(out).unwrap(),
            people,
            outcome.map_err(|error| error.to_string()),
        )
    }

    fn out(&self, line: &[&str]) -> String {
        let (out, people, outcome) = self.run(line);
        assert_eq!((people.as_str(), outcome), ("", Ok(Outcome::Done)));
        out
    }
}

#[test]
fn the_list_is_one_line_each_and_harmless() {
    assert_eq!(
        Desk::filled().out(&["list"]),
        "aaaa0001  2023-11-15 06:18      3  evil ␛]0;title␇ tea?\n\
         aaaa0002  2023-11-15 06:15      2  明天下雨吗？\n"
    );
}

#[test]
fn looking_into_nothing_says_so_and_leaves_nothing_behind() {
    let desk = Desk::empty();
    let (out, people, outcome) = desk.run(&["list"]);
    assert_eq!(out, "");
    assert_eq!(people, "no conversation is stored yet\n");
    assert_eq!(outcome, Ok(Outcome::Done));
    assert_eq!(desk.out(&["list", "--json"]), "[]\n");
    assert_eq!(desk.out(&["search", "x", "--json"]), "[]\n");
    let (_, _, outcome) = desk.run(&["show", "last"]);
    assert_eq!(outcome, Err("no conversation is stored yet".into()));
    assert!(!desk.database().exists());
}

#[test]
fn a_search_shows_where_and_emphasises_only_when_asked() {
    let mut desk = Desk::filled();
    assert_eq!(
        desk.out(&["search", "下雨"]),
        "aaaa0002  2023-11-15 06:14  明天下雨吗？\n          you: 明天下雨吗？\n"
    );
    desk.emphasis = true;
    assert_eq!(
        desk.out(&["search", "evil", "tea"]),
        "aaaa0001  2023-11-15 06:16  evil ␛]0;title␇ tea?\n          \
         you: \x1b[1mevil\x1b[22m ␛]0;title␇ \x1b[1mtea\x1b[22m?\n"
    );
    let (_, people, _) = desk.run(&["search", "a\x1bbsent"]);
    assert_eq!(people, "nothing found for `a␛bsent`\n");
}

#[test]
fn exports_to_read_name_roles_tools_and_cuts() {
    let desk = Desk::filled();
    assert_eq!(
        desk.out(&["export", "aaaa0001"]),
        "# evil ␛]0;title␇ tea?\n\n2023-11-15 06:16\n\n\
         ## you · 2023-11-15 06:16\n\nevil ␛]0;title␇ tea?\n\n\
         ## assistant · 2023-11-15 06:17 · small\n\n\
         > used the tool `timer` {\"min\":2} → set now\n\n\
         Green tea: 2 min\n\n*cut short: the line went down*\n\n\
         ## note · 2023-11-15 06:18\n\ntimer: tea\n"
    );
    assert_eq!(
        desk.out(&["show", "aaaa0002"]),
        "明天下雨吗？\n2023-11-15 06:14\n\n\
         you · 2023-11-15 06:14:\n明天下雨吗？\n\n\
         assistant · 2023-11-15 06:15:\n会。\n带伞\u{fffd}吧。\n"
    );
}

#[test]
fn json_is_harmless_and_loses_nothing() {
    let desk = Desk::filled();
    let out = desk.out(&["export", "aaaa0002", "--format", "json"]);
    assert!(out.chars().all(is_harmless), "{out}");
    let read: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(read["id"], RAIN.to_string());
    assert_eq!(read["started"], "2023-11-14T22:14:20Z");
    assert_eq!(read["messages"][1]["text"], "会。\n带伞\u{202e}吧。");
    let out = desk.out(&["show", "last", "--json"]);
    let read: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(read["messages"][1]["tools"][0]["result"], "set\nnow");
    assert_eq!(read["messages"][1]["cut"], "the line went down");
    let out = desk.out(&["search", "green", "--json"]);
    let read: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(read[0]["marks"], serde_json::json!([[0, 5]]));
    assert_eq!(read[0]["role"], "assistant");
}

#[test]
fn an_export_to_a_file_leaves_the_output_free() {
    let desk = Desk::filled();
    let file = desk.folder.path().join("tea.md");
    let name = file.to_str().unwrap();
    let (out, people, _) = desk.run(&["export", "last", "-o", name]);
    assert_eq!(
        (out, people),
        (String::new(), format!("written to `{name}`\n"))
    );
    assert_eq!(
        std::fs::read_to_string(&file).unwrap(),
        desk.out(&["export", "last", "-o", "-"])
    );
    let before = std::fs::read_to_string(&file).unwrap();
    let (_, _, outcome) = desk.run(&["export", "aaaa0002", "-o", name]);
    let there = format!("`{name}` is there already; `--force` writes over it");
    assert_eq!(outcome, Err(there));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), before);
    let (_, _, outcome) = desk.run(&["export", "aaaa0002", "-o", name, "--force"]);
    assert_eq!(outcome, Ok(Outcome::Done));
    assert_ne!(std::fs::read_to_string(&file).unwrap(), before);
    let (_, _, outcome) = desk.run(&["export", "last", "-o", "/nowhere/x.md"]);
    assert_eq!(outcome, Err("`/nowhere/x.md`".into()));
}

#[test]
fn an_id_is_looked_up_by_its_beginning() {
    let desk = Desk::filled();
    for (id, expected) in [
        ("last", Ok(Outcome::Resume(TEA))),
        ("aaaa0002", Ok(Outcome::Resume(RAIN))),
        ("AAAA-0002-0", Ok(Outcome::Resume(RAIN))),
        (
            "aaaa",
            Err("`aaaa` begins several conversations; give more of the id"),
        ),
        (
            "aaa",
            Err("`aaa` is too short for an id; give at least 4 characters, or `last`"),
        ),
        (
            "bbbb",
            Err("no conversation begins with `bbbb`; `hearsay history list` shows them"),
        ),
    ] {
        let (_, _, outcome) = desk.run(&["resume", id]);
        assert_eq!(outcome, expected.map_err(str::to_owned), "{id}");
    }
    let (_, people, _) = desk.run(&["resume", "aaaa"]);
    assert!(people.contains(&TEA.to_string()) && people.contains(&RAIN.to_string()));
}

#[test]
fn renaming_and_deleting_say_what_they_did() {
    let desk = Desk::filled();
    let (_, people, _) = desk.run(&["rename", "last", "tea", "time\x1b"]);
    assert_eq!(people, "renamed to “tea time␛”\n");
    assert!(desk.out(&["list"]).contains("tea time␛\n"));
    let (_, _, outcome) = desk.run(&["rename", "last", " "]);
    assert_eq!(
        outcome,
        Err("a title needs at least one visible character".into())
    );
    let (_, _, outcome) = desk.run(&["delete", "last"]);
    assert_eq!(
        outcome,
        Err("this deletes “tea time␛” with 3 messages for good; add `--yes` to do it".into())
    );
    let (_, people, _) = desk.run(&["delete", "last", "--yes"]);
    assert_eq!(people, "deleted “tea time␛” with 3 messages\n");
    assert_eq!(desk.out(&["list"]).lines().count(), 1);
}

#[test]
fn a_reader_that_went_away_is_no_error() {
    struct Gone;
    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let desk = Desk::filled();
    for line in [
        &["list"][..],
        &["list", "--json"],
        &["show", "last"],
        &["search", "tea"],
    ] {
        assert_eq!(desk.run_into(line, &mut Gone).0.unwrap(), Outcome::Done);
    }
}

#[test]
fn what_was_spoken_is_exported_as_subtitles_and_the_times_with_everything() {
    let desk = Desk::filled();
    let (_, _, outcome) = desk.run(&["export", "last", "--format", "srt"]);
    assert_eq!(
        outcome,
        Err("nothing was spoken in this conversation".into())
    );
    let mut store = Store::open(&desk.database()).unwrap();
    let stage = |name: &str, ms| (name.to_owned(), ms);
    let turn = TurnTimes {
        turn: Some(TurnId(7)),
        stages: vec![
            stage("sent", 0),
            stage("heard", 300),
            stage("first_text", 900),
            stage("text_done", 1_000),
            stage("sounding", 1_200),
            stage("spoken", 4_200),
        ],
        outcome: "done".into(),
        at: Wall(1_700_000_001_000),
        said: vec![(1_200, "Green tea.".into()), (2_200, "Two minutes.".into())],
        usage: Some(Usage {
            prompt: 30,
            completion: 5,
        }),
    };
    store.write_turn(TEA, &turn).unwrap();
    drop(store);
    insta::assert_snapshot!("srt", desk.out(&["export", "last", "--format", "srt"]));
    insta::assert_snapshot!(
        "srt_words",
        desk.out(&["export", "last", "--format", "srt-words"])
    );
    let text = desk.out(&["export", "last", "--format", "md"]);
    let (_, times) = text.split_once("\n## from the end").unwrap();
    insta::assert_snapshot!("times", times);
    let out = desk.out(&["export", "last", "--format", "json"]);
    let read: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(read["turns"][0]["stages_ms"]["first_text"], 900);
    assert_eq!(read["turns"][0]["slowest"], "first_text");
    assert_eq!(read["times"]["all"]["p95_ms"], 1_200);
    assert_eq!(read["times"]["usage"]["completion"], 5);
}

#[test]
fn a_page_for_a_browser_holds_nothing_that_a_browser_obeys() {
    let desk = Desk::filled();
    let mut store = Store::open(&desk.database()).unwrap();
    let mut message = Message::new(MessageId(9), TurnId(9), Role::User, Wall(1_700_000_900_000));
    message.text = "<script>alert('x')</script> & \"so\"\u{202e}\n  on".to_owned();
    message.ending = Ending::Complete;
    store.write_message(TEA, None, &message).unwrap();
    store.rename(TEA, "</title><img src=x>").unwrap();
    drop(store);
    let page = desk.out(&["export", "last", "--format", "html"]);
    assert_eq!(page.matches('<').count(), page.matches('>').count());
    assert!(page.chars().all(|c| c == '\n' || is_harmless(c)));
    assert!(!page.contains("<script") && !page.contains("<img"));
    insta::assert_snapshot!("page", page);
}
