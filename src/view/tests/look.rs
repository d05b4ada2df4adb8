//! Screens in other themes and with the keys of vi.

use super::*;
use crate::core::keys::{KeySet, Keymap};
use crate::core::words::Lang;
use insta::assert_snapshot;
use ratatui::style::Color;

fn choosing(columns: u16, rows: u16, lang: Lang) -> Scene {
    let mut scene = Scene::online(columns, rows);
    scene.model.lang = lang;
    scene.exchange(
        "what is **tea**?",
        "a drink of leaves 茶, hot water and 🍵 time",
    );
    scene.model.look.themes.push("my own 墨".into());
    scene.tell(Msg::Act("theme".parse().unwrap()));
    scene
}

#[test]
fn themes_are_a_list_to_choose_from() {
    for (name, columns, rows, lang) in [
        ("themes_100x30", 100, 30, Lang::En),
        ("themes_40x12_zh", 40, 12, Lang::Zh),
    ] {
        let mut scene = choosing(columns, rows, lang);
        assert_snapshot!(name, scene.picture());
    }
}

#[test]
fn the_next_frame_wears_the_theme_that_is_looked_at_and_the_one_after_esc_the_old_one() {
    let mut scene = choosing(80, 24, Lang::En);
    scene.cache = Cache::new(Looks::new(Depth::Truecolor, Background::Dark, vec![]));
    // The corner of the screen is blank: only a theme with a ground of its own paints it.
    let mut grounds = vec![];
    for key in ["down", "down", "down", "esc"] {
        scene.press(key);
        let (buffer, _) = scene.draw();
        grounds.push(buffer[(79, 2)].bg);
    }
    let (own, black) = (Color::Reset, Color::Rgb(0, 0, 0));
    assert_eq!(grounds, [own, own, black, own]);
}

#[test]
fn the_chat_of_vi_says_when_letters_are_commands() {
    for (name, columns, rows, lang) in [
        ("normal_100x30", 100, 30, Lang::En),
        ("normal_40x12_zh", 40, 12, Lang::Zh),
    ] {
        let mut scene = Scene::online(columns, rows);
        scene.model.lang = lang;
        scene.model.keymap = Keymap::of(KeySet::Vi);
        scene.press("esc");
        let empty = scene.picture();
        scene.press("i");
        scene.write("half a thought");
        scene.press("esc");
        assert_snapshot!(name, format!("{empty}\n{}", scene.picture()));
    }
}

#[test]
fn help_lists_the_commands_of_vi_only_where_there_are_some() {
    let mut scene = Scene::online(80, 240);
    scene.press("f1");
    let title = "where letters are commands";
    assert!(!scene.picture().contains(title));
    scene.model.keymap = Keymap::of(KeySet::Vi);
    assert!(scene.picture().contains(title));
}
