use super::*;
use crate::core::transcript::Role;
use miniz_oxide::deflate::compress_to_vec;
use rusqlite::Connection;
use serde_json::{Value, json};
use std::fs;
use tempfile::TempDir;

struct House {
    folder: TempDir,
    store: Store,
}

impl House {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("hearsay.db")).unwrap();
        Self { folder, store }
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    fn import(&mut self, path: &Path) -> Result<Report, ImportError> {
        import(path, &mut self.store, &mut |_progress| {})
    }

    /// Title and texts of all conversations, the last used first.
    fn all(&self) -> Vec<(String, Vec<String>)> {
        let list = self.store.list(usize::MAX).unwrap().into_iter();
        list.map(|summary| {
            let (messages, _) = self.store.load(summary.id, None, usize::MAX).unwrap();
            let texts = messages.into_iter().map(|message| message.text);
            (summary.title, texts.collect())
        })
        .collect()
    }
}

/// A conversation as ChatGPT exports it: a question and an answer for each pair.
fn conversation(nth: usize, pairs: &[(&str, &str)]) -> Value {
    let mut mapping = serde_json::Map::new();
    mapping.insert("root".into(), json!({"message": null, "parent": null}));
    let mut last = "root".to_owned();
    for (at, (question, answer)) in pairs.iter().enumerate() {
        for (role, text) in [("user", question), ("assistant", answer)] {
            let id = format!("{nth}-{at}-{role}");
            let message = json!({"id": id, "author": {"role": role}, "content":
                {"content_type": "text", "parts": [text]},
                "create_time": 1_700_000_000 + nth * 1000 + at});
            mapping.insert(id.clone(), json!({"message": message, "parent": last}));
            last = id;
        }
    }
    json!({"title": format!("talk {nth}"), "create_time": 1_700_000_000 + nth * 1000,
        "conversation_id": format!("c-{nth}"), "current_node": last, "mapping": mapping})
}

fn counts(report: &Report) -> (usize, usize, usize, usize) {
    (
        report.conversations,
        report.messages,
        report.known,
        report.refused,
    )
}

#[test]
fn an_export_is_read_once_however_often_it_is_imported() {
    let mut house = House::new();
    let list = json!([
        conversation(1, &[("hi", "hello"), ("你好", "您好")]),
        conversation(2, &[("why?", "so")])
    ]);
    let path = house.write("conversations.json", list.to_string());
    assert_eq!(counts(&house.import(&path).unwrap()), (2, 6, 0, 0));
    let talk = |title: &str, texts: &[&str]| {
        (
            title.to_owned(),
            texts
                .iter()
                .map(|text| (*text).to_owned())
                .collect::<Vec<_>>(),
        )
    };
    let expected = [
        talk("talk 2", &["why?", "so"]),
        talk("talk 1", &["hi", "hello", "你好", "您好"]),
    ];
    assert_eq!(house.all(), expected);
    assert_eq!(counts(&house.import(&path).unwrap()), (0, 0, 2, 0));
    assert_eq!(house.all(), expected);
    // A later export of the same account brings what is new, and a name given here stays.
    let first = house
        .store
        .list(9)
        .unwrap()
        .into_iter()
        .find(|one| one.title == "talk 1")
        .unwrap();
    house.store.rename(first.id, "mine").unwrap();
    let list = json!([conversation(
        1,
        &[("hi", "hello"), ("你好", "您好"), ("more", "less")]
    )]);
    let path = house.write("later.json", list.to_string());
    assert_eq!(counts(&house.import(&path).unwrap()), (0, 2, 1, 0));
    assert!(house.all().contains(&talk(
        "mine",
        &["hi", "hello", "你好", "您好", "more", "less"]
    )));
    let found = house.store.search("less", 9).unwrap();
    assert_eq!(found.len(), 1, "what came in is found");
}

#[test]
fn bad_elements_are_told_with_their_place_and_passed_over() {
    let mut house = House::new();
    let good = |nth| conversation(nth, &[("q", "a")]).to_string();
    let text = format!(
        "[{},\n{{\"title\": 3}},\n17,\n{}, {{\"cut",
        good(1),
        good(2)
    );
    let path = house.write("bad.json", text);
    let report = house.import(&path).unwrap();
    assert_eq!(counts(&report), (2, 4, 0, 3));
    let places: Vec<_> = report
        .complaints
        .iter()
        .map(|one| (one.nth, one.line))
        .collect();
    assert_eq!(places, [(2, Some(2)), (3, Some(3)), (5, Some(4))]);
    assert_eq!(report.complaints[2].why, Why::Cut);
    assert_eq!(house.all().len(), 2);
    let many = "{}\n".repeat(200);
    let path = house.write("many.json", many);
    let report = house.import(&path).unwrap();
    assert_eq!((report.refused, report.complaints.len()), (200, COMPLAINTS));
}

fn little<const N: usize>(number: usize) -> Vec<u8> {
    number.to_le_bytes()[..N].to_vec()
}

/// A zip with these files; the second half says how each is packed.
fn zip(files: &[(&str, &[u8], u16)]) -> Vec<u8> {
    let (mut all, mut list) = (vec![], vec![]);
    for (name, bytes, method) in files {
        let packed = match method {
            8 => compress_to_vec(bytes, 6),
            _ => bytes.to_vec(),
        };
        let at = all.len();
        let mut about = [little::<2>((*method).into()), vec![0; 8]].concat();
        about.extend([little::<4>(packed.len()), little::<4>(bytes.len())].concat());
        about.extend([little::<2>(name.len()), vec![0; 2]].concat());
        all.extend([b"PK\x03\x04".to_vec(), vec![20, 0, 0, 0], about.clone()].concat());
        all.extend([name.as_bytes(), &packed].concat());
        list.extend([b"PK\x01\x02".to_vec(), vec![20, 0, 20, 0, 0, 0], about].concat());
        list.extend([vec![0; 10], little::<4>(at), name.as_bytes().to_vec()].concat());
    }
    let end = [little::<4>(list.len()), little::<4>(all.len())].concat();
    let count = little::<2>(files.len());
    let head = [
        b"PK\x05\x06".to_vec(),
        vec![0; 4],
        count.clone(),
        count,
        end,
        vec![0; 2],
    ];
    [all, list, head.concat()].concat()
}

#[test]
fn the_zip_of_an_export_is_read_where_it_is() {
    for method in [0, 8] {
        let mut house = House::new();
        let list = json!([conversation(1, &[("in a zip?", "yes")])]).to_string();
        let more = json!([conversation(2, &[("and more?", "yes")])]).to_string();
        let files: [(&str, &[u8], u16); 3] = [
            ("chat.html", b"<html>", 8),
            ("export/conversations-000.json", list.as_bytes(), method),
            ("export/conversations-001.json", more.as_bytes(), method),
        ];
        let whole = zip(&files);
        let path = house.write("export.zip", &whole);
        assert_eq!(
            counts(&house.import(&path).unwrap()),
            (2, 4, 0, 0),
            "{method}"
        );
        // One that is cut or spoiled is told, and nothing breaks.
        for keep in (0..whole.len()).step_by(7) {
            let path = house.write("cut.zip", &whole[..keep]);
            let _ = house.import(&path);
        }
        for at in (0..whole.len()).step_by(5) {
            let mut spoiled = whole.clone();
            spoiled[at] ^= 0x55;
            let path = house.write("spoiled.zip", &spoiled);
            let _ = house.import(&path);
        }
    }
    let mut house = House::new();
    let path = house.write("other.zip", zip(&[("readme.txt", b"hi", 0)]));
    assert!(matches!(
        house.import(&path),
        Err(ImportError::Unknown { .. })
    ));
}

#[test]
fn a_session_of_aichat_grows_with_its_file() {
    let mut house = House::new();
    let begun = "model: ollama:qwen3\nmessages:\n- role: user\n  content: hi\n- role: assistant\n  content: hello\n";
    let path = house.write("greetings.yaml", begun);
    assert_eq!(counts(&house.import(&path).unwrap()), (1, 2, 0, 0));
    house.write(
        "greetings.yaml",
        format!("{begun}- role: user\n  content: bye\n"),
    );
    assert_eq!(counts(&house.import(&path).unwrap()), (0, 1, 1, 0));
    let texts = ["hi", "hello", "bye"].map(str::to_owned).to_vec();
    assert_eq!(house.all(), [("greetings".to_owned(), texts)]);
    let path = house.write("bad.yaml", "messages:\n- role: *x\n");
    let report = house.import(&path).unwrap();
    assert_eq!((report.refused, report.complaints[0].line), (1, Some(2)));
}

#[test]
fn the_database_of_oterm_is_read_and_left_as_it_is() {
    let mut house = House::new();
    let path = house.folder.path().join("store.db");
    let database = Connection::open(&path).unwrap();
    database
        .execute_batch(
            "CREATE TABLE chat (id INTEGER PRIMARY KEY, name TEXT, model TEXT NOT NULL, system TEXT);
             CREATE TABLE message (id INTEGER PRIMARY KEY, chat_id INTEGER NOT NULL, author TEXT NOT NULL,
                 text TEXT NOT NULL, images TEXT DEFAULT '[]');
             INSERT INTO chat VALUES (1, 'chat #1', 'qwen3:8b', ''), (2, '', 'qwen3:8b', ''), (3, 'odd', 'm', '');
             INSERT INTO message VALUES (1, 1, 'user', 'hi', '[]'), (2, 1, 'assistant', 'hello', '[]'),
                 (3, 1, 'system', 'quiet', '[]'), (4, 3, 'user', x'ff00', '[]');",
        )
        .unwrap();
    drop(database);
    let before = fs::read(&path).unwrap();
    let report = house.import(&path).unwrap();
    assert_eq!(counts(&report), (1, 2, 0, 1));
    assert_eq!((report.client.as_str(), report.empty), ("oterm", 1));
    assert_eq!(counts(&house.import(&path).unwrap()), (0, 0, 1, 1));
    assert_eq!(fs::read(&path).unwrap(), before);
    let id = house.store.list(1).unwrap()[0].id;
    let (messages, _) = house.store.load(id, None, 9).unwrap();
    assert_eq!(
        (messages[0].role, messages[1].role),
        (Role::User, Role::Assistant)
    );
    assert_eq!(messages[0].turn, messages[1].turn);
    let by = messages[1].by.as_ref().and_then(|by| by.model.as_deref());
    assert_eq!(by, Some("qwen3:8b"));
}

#[test]
fn what_is_nothing_of_the_kind_is_refused_whole() {
    let mut house = House::new();
    let other = house.folder.path().join("other.db");
    Connection::open(&other)
        .unwrap()
        .execute_batch("CREATE TABLE t (x)")
        .unwrap();
    let paths = [
        other,
        house.write("text.txt", "hello"),
        house.write("empty", ""),
        house.write("bytes", [0xff; 100]),
        house.folder.path().to_owned(),
        house.folder.path().join("missing"),
    ];
    for path in paths {
        let error = house.import(&path).unwrap_err();
        assert!(!error.to_string().is_empty());
    }
    assert_eq!(house.all(), []);
}
