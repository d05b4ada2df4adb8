//! What stands where, for who points at it.

use super::*;
use crate::core::action::Plain;
use crate::core::point::Spot;

impl Scene {
    /// What stands where this text is drawn, at its first column and its last.
    fn spot(&mut self, text: &str) -> Option<Spot> {
        let (buffer, _) = self.draw();
        let rows = rows(&buffer);
        let found = rows.iter().enumerate().rev().find_map(|(y, row)| {
            let at = row.find(text)?;
            let x = super::super::text::width(row.get(..at)?);
            Some((x as u16, y as u16))
        });
        let (x, y) = found.unwrap_or_else(|| panic!("{text} is not there:\n{}", rows.join("\n")));
        let last = x + super::super::text::width(text) as u16 - 1;
        assert_eq!(self.cache.spot(x, y), self.cache.spot(last, y), "{text}");
        self.cache.spot(x, y)
    }
}

fn does(plain: Plain) -> Spot {
    Spot::Do(plain.into())
}

#[test]
fn hints_do_what_they_say_and_text_does_nothing() {
    let mut scene = Scene::online(120, 24);
    scene.exchange("hello", "Press Esc stops, F10 or mic closed.");
    assert_eq!(scene.spot("Esc stops"), None);
    assert_eq!(scene.spot("microphone off"), Some(does(Plain::Talk)));
    assert_eq!(scene.spot("llama3.2:3b"), Some(does(Plain::Models)));
    scene.write("more");
    assert_eq!(scene.spot("Enter sends"), Some(does(Plain::Send)));
    scene.press("enter");
    assert_eq!(scene.spot("Esc stops"), Some(does(Plain::Cancel)));
}

#[test]
fn addresses_are_links_and_what_only_looks_so_is_not() {
    let mut scene = Scene::online(40, 24);
    scene.model.look.mouse = true;
    scene.exchange(
        "where",
        "See [the *docs*](https://example.org/a) or <https://example.org/好/long/path/that/goes/on> \
         and [https://good.example](https://evil.example/x), [x](javascript:alert(1)).",
    );
    let link = |address: &str| Some(Spot::Link(address.to_owned()));
    assert_eq!(
        scene.spot("https://example.org/a"),
        link("https://example.org/a")
    );
    assert_eq!(scene.spot("evil.example/x"), link("https://evil.example/x"));
    assert_eq!(
        scene.spot("goes/on"),
        link("https://example.org/好/long/path/that/goes/on")
    );
    assert_eq!(scene.spot("javascript"), None);
}

#[test]
fn lists_are_pointed_at_by_their_rows_and_cover_what_is_below() {
    let mut scene = Scene::online(100, 24);
    scene.exchange("hello", "https://example.org/a");
    scene.tell(Msg::Act("theme".parse().unwrap()));
    assert_eq!(scene.spot("light"), Some(Spot::Entry(2)));
    assert_eq!(scene.spot("Esc closes"), Some(does(Plain::Cancel)));
    scene.press("esc");
    for page in ["help", "doctor", "log", "change lang"] {
        scene.tell(Msg::Act(page.parse().unwrap()));
        if scene.model.layers.is_empty() {
            continue;
        }
        assert_eq!(
            scene.spot("Esc closes"),
            Some(does(Plain::Cancel)),
            "{page}"
        );
        scene.press("esc");
    }
    scene.tell(Msg::Act("copy-messages".parse().unwrap()));
    scene.draw();
    for y in 0..24 {
        for x in 0..100 {
            let spot = scene.cache.spot(x, y);
            assert!(!matches!(spot, Some(Spot::Link(_))), "{x},{y}");
        }
    }
}
