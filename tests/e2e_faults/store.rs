//! Disks and folders that do not do what they should, and programs that share them.

use super::{House, leave};
use crate::support::disk::{Mounted, fill};

#[test]
fn two_programs_on_one_folder_lose_nothing() {
    if crate::support::pty::missing() {
        return;
    }
    let house = House::new("");
    let mut one = house.opened(&[], &[]);
    let mut other = house.opened(&[], &[]);
    for round in 1..=3 {
        one.say(&format!("what is {round} + 100?"));
        other.say(&format!("what is {round} + 200?"));
        one.wait_for_text(&(round + 100).to_string());
        other.wait_for_text(&(round + 200).to_string());
    }
    for (pty, hundred) in [(one, 100), (other, 200)] {
        pty.wait_for("words that are kept", |screen| {
            !screen.contents().contains("›·")
        });
        leave(pty);
        let found = house.printed(&["history", "search", &format!("{}", hundred + 3)]);
        assert!(!found.trim().is_empty(), "{hundred}");
    }
    let list = house.printed(&["history", "list", "--json"]);
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    let counts: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["count"])
        .collect();
    assert_eq!(counts, [6, 6]);
}

#[test]
fn the_store_may_be_anywhere_that_a_database_url_says() {
    if crate::support::pty::missing() {
        return;
    }
    let house = House::new("");
    let file = house.folder.path().join("elsewhere/the store.db");
    let url = format!("sqlite:///{}", file.display());
    let mut pty = house.opened(&[], &[("DATABASE_URL", &url)]);
    pty.say("what is 6 * 7?");
    pty.wait_for_text("42");
    leave(pty);
    assert!(file.exists());
    assert!(!house.folder.path().join("data/hearsay.db").exists());
    let pty = house.opened(&["history", "resume"], &[("DATABASE_URL", &url)]);
    pty.wait_for_text("42");
    leave(pty);
}

fn talk_goes_on(house: &House, warning: &str) {
    let mut pty = house.opened(&[], &[]);
    for round in 1..=3 {
        pty.say(&format!("what is {round} * 111?"));
        pty.wait_for_text(&(round * 111).to_string());
    }
    pty.wait_for("one warning, and the state of it", |screen| {
        let text = screen.contents();
        text.matches(warning).count() == 1 && text.contains("not stored")
    });
    leave(pty);
}

#[test]
fn a_full_disk_is_told_once_and_the_talk_goes_on() {
    if crate::support::pty::missing() {
        return;
    }
    let house = House::new("");
    let Some(_disk) = Mounted::new(house.folder.path().join("data"), "size=64k") else {
        return;
    };
    talk_goes_on(&house, "the disk is full");
}

#[test]
fn a_disk_that_fills_up_later_keeps_what_it_has() {
    if crate::support::pty::missing() {
        return;
    }
    let house = House::new("");
    let data = house.folder.path().join("data");
    let Some(_disk) = Mounted::new(data.clone(), "size=1m") else {
        return;
    };
    let mut pty = house.opened(&[], &[]);
    pty.say("what is 6 * 7?");
    pty.wait_for_text("42");
    leave(pty);
    fill(&data.join("ballast"));
    talk_goes_on(&house, "the disk is full");
    std::fs::remove_file(data.join("ballast")).unwrap();
    let pty = house.opened(&["history", "resume"], &[]);
    pty.wait_for_text("42");
    leave(pty);
}

#[test]
fn a_folder_that_cannot_be_written_is_told_once_and_the_talk_goes_on() {
    if crate::support::pty::missing() {
        return;
    }
    let house = House::new("");
    let Some(_disk) = Mounted::new(house.folder.path().join("data"), "ro") else {
        return;
    };
    talk_goes_on(&house, "the data folder cannot be written");
}
