//! The sixth: Chinese, and English in it: written with an input method, spoken, read aloud, on a small screen
//! and a large one, and exported.

use crate::house::{EARS, House, VOICE, hearing_with};
use crate::room::{Room, WORDS};
use crate::support::model_server::{ModelServer, Reply};
use crate::support::pty::{Pty, missing};
use crate::{lasted, leave, page};
use serde_json::json;

const WRITTEN: &str = "你好，GPU 用多少瓦？";
const SPOKEN: &str = "用 Rust 写一个 hello world";
const TABLE: &str = "**两种**，见 [说明](https://example.org/gpu?a=1)：\n\n\
    | 型号 | 功率 |\n|:--|--:|\n| 小 GPU | 75 |\n| 大的 | 350 |\n";
const CODE: &str = "好的，*运行* `cargo run`：\n\n```rust\nfn main() {}\n```\n";

/// The caret stands where the next character goes: there an input method shows what it offers.
fn caret_behind(pty: &Pty, text: &str) {
    pty.wait_for("the caret behind the text", |screen| {
        let (row, column) = screen.cursor_position();
        let before = screen.contents_between(row, 0, row, column);
        before.trim_end().ends_with(text) && !screen.hide_cursor()
    });
}

/// The lines of tables stand below each other, counted in columns of the terminal.
fn aligned(pty: &Pty) {
    pty.look(|screen| {
        let (rows, columns) = screen.size();
        let bars = |row: u16| -> Vec<u16> {
            let is_bar = |column: &u16| {
                let cell = screen.cell(row, *column);
                cell.is_some_and(|cell| ["│", "┼", "┬", "┴"].contains(&cell.contents()))
            };
            (0..columns.get()).filter(is_bar).collect()
        };
        let of_table = |row: &u16| {
            let text = screen.contents_between(*row, 0, *row, columns.get());
            ["GPU 　", "小 GPU", "大的", "型号"]
                .iter()
                .any(|part| text.contains(part))
        };
        let found: Vec<_> = (0..rows.get()).filter(of_table).map(bars).collect();
        assert!(found.windows(2).all(|two| two[0] == two[1]), "{found:?}");
    });
}

#[test]
fn chinese_is_written_spoken_read_shown_and_exported() {
    if missing() {
        return;
    }
    let house = House::new();
    let engines = house.engines(&[(EARS, Reply::json(200, &json!({ "text": SPOKEN })))]);
    let answers = [Reply::words(&[TABLE]), Reply::words(&[CODE])];
    let brain = house.runtime.block_on(ModelServer::start(answers));
    let (room, engine, base) = (Room::new(&house), hearing_with(&engines), brain.base());
    let mut arguments: Vec<_> = engine.iter().map(String::as_str).collect();
    arguments.extend([
        "--lang",
        "zh",
        "--brain",
        &base,
        "--model",
        "tiny",
        "--speak=always",
    ]);
    arguments.extend(["--mic", &room.microphone, "--speaker", "file:out.wav"]);
    let mut pty = house.opened_at((40, 12), &arguments, &[]);
    pty.wait_for_text("空闲");
    // An input method hands over what was chosen, piece by piece.
    let mut written = String::new();
    for piece in ["你好", "，", "GPU ", "用多少瓦", "？"] {
        pty.keys(piece);
        written += piece;
        caret_behind(&pty, written.trim_end());
    }
    pty.keys("\r");
    page::screen("6.1", &pty, &["大的", "350", "空闲"]);
    aligned(&pty);
    for (columns, rows) in [(100, 30), (57, 20), (40, 12), (80, 24)] {
        pty.resize(columns, rows);
        pty.wait_for_text("大的");
        pty.wait_for_text("350");
    }
    pty.keys(" ");
    pty.wait_for_text("麦克风开启");
    room.says(&WORDS);
    lasted(&pty, "●", 3);
    pty.keys(" ");
    pty.wait_for_text(SPOKEN);
    page::screen("6.2", &pty, &["fn main() {}", "大的", "空闲"]);
    aligned(&pty);
    leave(pty);
    let read = engines
        .asked()
        .into_iter()
        .filter(|asked| asked.path == VOICE);
    let read: Vec<_> = read
        .map(|asked| asked.body["input"].as_str().unwrap().to_owned())
        .collect();
    let all = read.concat();
    for never in ["*", "`", "http", "example", "](", "|", "星号"] {
        assert!(!all.contains(never), "{never}: {read:?}");
    }
    assert!(all.contains("两种") && all.contains("好的"), "{read:?}");
    page::text("6.3", &format!("{}\n", read.join("\n")));
    for (name, format) in [("6.4", "md"), ("6.5", "srt")] {
        let told = house.printed(&["history", "export", "last", "--format", format]);
        // Which part of a turn was the slowest differs.
        let told = told.split("\n## from the end").next().unwrap();
        page::text(name, &told.replace("```", "~~~"));
    }
    assert_eq!(house.said()[0].1, WRITTEN);
}
