//! Tells the settings, and writes them into their file. What is read or written is done beside the
//! loop, for a disk may be slow.

use super::boot;
use crate::config::settings::Notify;
use crate::config::{ConfigError, Loaded, Origin, edit, process_env};
use crate::core::settings::{InForce, Setting, SettingsEvent, SettingsOrder, Source};
use crate::core::words::{Lang, Word};
use std::path::Path;

/// Does what is asked and says in this language what came of it. `file`: where settings are written,
/// if anywhere.
pub fn answer(
    loaded: &Loaded,
    file: Option<&Path>,
    lang: Lang,
    order: &SettingsOrder,
) -> SettingsEvent {
    let done = match order {
        SettingsOrder::List => loaded
            .again()
            .map(|now| SettingsEvent::Listed(all(&now, lang))),
        SettingsOrder::Try { key, text, nth } => Ok(SettingsEvent::Tried {
            nth: *nth,
            wants: edit::check(key, text, lang).err(),
        }),
        SettingsOrder::Set { key, text } => match file {
            Some(file) => set(loaded, file, lang, key, text),
            None => Ok(no_file(lang)),
        },
        SettingsOrder::Unset { key } => match file {
            Some(file) => {
                edit::unset(file, key).and_then(|_stood_there| written(loaded, lang, key))
            }
            None => Ok(no_file(lang)),
        },
    };
    done.unwrap_or_else(|error| SettingsEvent::Failed {
        what: error.to_string(),
        hint: error.hint(),
    })
}

fn no_file(lang: Lang) -> SettingsEvent {
    SettingsEvent::Failed {
        what: Word::SettingsNoFile.text(lang).to_owned(),
        hint: Word::DoctorConfigurationHint.text(lang).to_owned(),
    }
}

fn set(
    loaded: &Loaded,
    file: &Path,
    lang: Lang,
    key: &str,
    text: &str,
) -> Result<SettingsEvent, ConfigError> {
    edit::set(file, key, text, &process_env)?;
    written(loaded, lang, key)
}

/// The settings as they are, now that one of them was written.
fn written(loaded: &Loaded, lang: Lang, key: &str) -> Result<SettingsEvent, ConfigError> {
    let now = loaded.again()?;
    Ok(SettingsEvent::Written {
        key: key.to_owned(),
        // The language may be what was set.
        all: all(
            &now,
            if key == "lang" {
                now.settings.lang
            } else {
                lang
            },
        ),
        now: in_force(&now),
    })
}

/// What of it a running program can take in.
fn in_force(loaded: &Loaded) -> InForce {
    let settings = &loaded.settings;
    InForce {
        lang: settings.lang,
        choice: boot::choice(settings),
        voice: boot::wishes(settings),
        show_reasoning: settings.ui.show_reasoning,
        bell: settings.ui.bell,
        notify: settings.ui.notify != Notify::Never,
        theme: settings.ui.theme.clone(),
        still: settings.ui.still,
        mouse: settings.ui.mouse,
        panel: settings.ui.panel,
    }
}

fn all(loaded: &Loaded, lang: Lang) -> Vec<Setting> {
    let told = loaded.explained().into_iter();
    told.map(|one| Setting {
        about: one.about(lang).to_owned(),
        range: one.range(lang),
        key: one.key,
        value: one.value,
        from: match one.origin {
            Origin::Default => Source::Default,
            Origin::File { line, .. } => Source::File(line),
            Origin::Env { name } => Source::Variable(name),
            Origin::Flag { name } => Source::Flag(name.to_owned()),
        },
        // Text without its quotes, as it would be typed.
        default: one
            .default
            .map(|default| default.trim_matches('"').to_owned()),
        choices: one.choices,
        secret: one.secret,
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Flags, load};

    #[test]
    fn what_is_written_keeps_comments_and_says_what_counts() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        std::fs::write(&file, "# mine\n[ui]\nbell = true # loud\n").unwrap();
        let flags = Flags {
            config: Some(file.clone()),
            persona: Some("professional".to_owned()),
            ..Flags::default()
        };
        let loaded = load(&flags, &|_name| None).unwrap();
        let ask = |order| answer(&loaded, Some(&file), Lang::En, &order);
        let set = |key: &str, text: &str| {
            ask(SettingsOrder::Set {
                key: key.to_owned(),
                text: text.to_owned(),
            })
        };
        let SettingsEvent::Written { all, now, .. } = set("ui.bell", "off") else {
            panic!("it was not written");
        };
        let of = |key: &str| all.iter().find(|one| one.key == key).unwrap();
        let bell = of("ui.bell");
        assert_eq!(
            (bell.value.as_str(), &bell.from),
            ("false", &Source::File(3))
        );
        assert_eq!(bell.choices, ["true", "false"]);
        assert_eq!(of("persona").from, Source::Flag("--persona".to_owned()));
        assert_eq!(of("persona").default.as_deref(), Some("friendly"));
        assert!(!now.bell);
        let text = std::fs::read_to_string(&file).unwrap();
        assert_eq!(text, "# mine\n[ui]\nbell = false # loud\n");

        let unset = ask(SettingsOrder::Unset {
            key: "ui.bell".to_owned(),
        });
        let SettingsEvent::Written { all, now, .. } = unset else {
            panic!("it is still there");
        };
        let bell = all.iter().find(|one| one.key == "ui.bell").unwrap();
        assert_eq!((&bell.from, now.bell), (&Source::Default, true));
        let text = std::fs::read_to_string(&file).unwrap();
        assert_eq!(text, "# mine\n[ui]\n#bell = false # loud\n");
        set("ui.bell", "off");

        let SettingsEvent::Failed { what, .. } = set("backend", "nobody") else {
            panic!("it was written");
        };
        assert!(what.contains("must be `embedded`"), "{what}");
        let text = std::fs::read_to_string(&file).unwrap();
        assert_eq!(text, "# mine\n[ui]\nbell = false\n");
    }

    #[test]
    fn a_value_is_tried_without_being_written() {
        let loaded = load(&Flags::default(), &|_name| None).unwrap();
        let order = |text: &str| SettingsOrder::Try {
            key: "link.ping_ms".to_owned(),
            text: text.to_owned(),
            nth: 3,
        };
        let tried = |wants: Option<&str>| SettingsEvent::Tried {
            nth: 3,
            wants: wants.map(str::to_owned),
        };
        let wants = "between 1000 and 600000";
        let ask = |lang, order| answer(&loaded, None, lang, &order);
        assert_eq!(ask(Lang::En, order("5000")), tried(None));
        assert_eq!(ask(Lang::En, order("5")), tried(Some(wants)));
        let wants = "1000 到 600000 之间的整数";
        assert_eq!(ask(Lang::Zh, order("5")), tried(Some(wants)));
        let SettingsEvent::Listed(all) = ask(Lang::Zh, SettingsOrder::List) else {
            panic!("they are not told");
        };
        let bell = all.iter().find(|one| one.key == "ui.bell").unwrap();
        assert_eq!(bell.about, "定时器或闹钟到点时响铃。");
        let set = SettingsOrder::Set {
            key: "ui.bell".to_owned(),
            text: "true".to_owned(),
        };
        let refused = ask(Lang::En, set);
        assert!(matches!(refused, SettingsEvent::Failed { .. }));
    }
}
