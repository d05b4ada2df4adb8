//! The themes of this terminal: what it can show, and the files of the user's own.

use crate::config::settings::{self, Settings};
use crate::config::{Loaded, beside};
use crate::core::look::{AUTO, Look};
use crate::core::words::{Lang, Word, fill};
use crate::view::theme::looks::Looks;
use crate::view::theme::skin::Skin;
use crate::view::theme::{Background, Depth};
use std::path::Path;

/// The themes, what of them the model knows, and a sentence about every file that is none.
pub fn looks(loaded: &Loaded) -> (Looks, Look, Vec<String>) {
    let settings = &loaded.settings;
    let (depth, background) = (depth(settings), background(settings));
    let folder = loaded.file.as_deref().and_then(Path::parent);
    let base = Looks::fitting(depth, background);
    let (own, mut doubts) = match folder {
        Some(folder) => own(&folder.join("themes"), base, settings.lang),
        None => (vec![], vec![]),
    };
    let looks = Looks::new(depth, background, own);
    let mut look = Look {
        themes: looks.names(),
        theme: settings.ui.theme.clone(),
        still: settings.ui.still,
        mouse: settings.ui.mouse,
        panel: settings.ui.panel,
    };
    if !look.has(&look.theme) {
        let known = look.themes.join(", ");
        let word = Word::ThemeUnknown.text(settings.lang);
        doubts.push(fill(word, &[&look.theme, &known]));
        AUTO.clone_into(&mut look.theme);
    }
    (looks, look, doubts)
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

fn depth(settings: &Settings) -> Depth {
    match settings.ui.colors {
        settings::Colors::TrueColor => Depth::Truecolor,
        settings::Colors::Indexed256 => Depth::Indexed,
        settings::Colors::Basic16 => Depth::Sixteen,
        settings::Colors::None => Depth::None,
        settings::Colors::Auto => match variable("COLORTERM").as_str() {
            "truecolor" | "24bit" => Depth::Truecolor,
            _ if variable("TERM").contains("256color") => Depth::Indexed,
            _ => Depth::Sixteen,
        },
    }
}

fn background(settings: &Settings) -> Background {
    match settings.ui.background {
        settings::Background::Light => Background::Light,
        settings::Background::Dark => Background::Dark,
        // Some terminals tell their colours as `foreground;background`; 7 and up is light.
        settings::Background::Auto => {
            match variable("COLORFGBG")
                .rsplit(';')
                .next()
                .and_then(|last| last.parse::<u8>().ok())
            {
                Some(7 | 9..) => Background::Light,
                _ => Background::Dark,
            }
        }
    }
}

/// The themes of a folder. One that is not there holds none.
fn own(folder: &Path, base: &str, lang: Lang) -> (Vec<(String, Skin)>, Vec<String>) {
    let (mut own, mut doubts) = (vec![], vec![]);
    for file in beside::files(folder) {
        let skin = (file.text)
            .map_err(|why| (1, why))
            .and_then(|text| Skin::read(&text, base, lang));
        match skin {
            Ok(skin) => own.push((file.name, skin)),
            Err((line, why)) => {
                let parts = [&file.path.display().to_string(), &line.to_string(), &why];
                let parts = parts.map(String::as_str);
                doubts.push(fill(Word::DoubtTheme.text(lang), &parts));
            }
        }
    }
    (own, doubts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_broken_theme_is_left_out_with_a_sentence_and_the_others_are_there() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &[u8]| fs::write(folder.path().join(name), text).unwrap();
        write("mine.toml", b"user = \"red bold\"");
        write("torn.toml", b"# mine\nuser = ");
        write("odd.toml", b"\nusr = \"red\"");
        write("bytes.toml", b"\xff\xfe");
        write("note.txt", b"not a theme");
        fs::create_dir(folder.path().join("dir.toml")).unwrap();
        let (themes, doubts) = own(folder.path(), "dark", Lang::En);
        let names: Vec<_> = themes.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["mine"]);
        let place = format!("{}/", folder.path().display());
        let told: Vec<_> = doubts.iter().map(|text| text.replace(&place, "")).collect();
        assert_eq!(told.len(), 4, "{told:?}");
        assert!(told[0].starts_with("bytes.toml:1: "), "{told:?}");
        assert!(told[1].starts_with("dir.toml:1: "), "{told:?}");
        assert!(
            told[2].starts_with("odd.toml:2: no role is called `usr`"),
            "{told:?}"
        );
        assert!(told[3].starts_with("torn.toml:2: "), "{told:?}");
        assert!(
            told.iter()
                .all(|text| text.ends_with("; this theme is left out"))
        );
        let nowhere = own(&folder.path().join("none"), "dark", Lang::En);
        assert_eq!(nowhere, (vec![], vec![]));
    }
}
