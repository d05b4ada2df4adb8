//! Keeps how each terminal tells of a held key.

use super::{Store, StoreError};
use crate::core::talk::Grip;
use rusqlite::{OptionalExtension, params};
use std::time::Duration;

impl Store {
    /// What was learned of a terminal, if anything.
    pub fn grip(&self, terminal: &str) -> Result<Option<Grip>, StoreError> {
        let read = || {
            self.connection
                .prepare_cached(
                    "SELECT releases, first_repeat, repeat FROM grips WHERE terminal = ?1",
                )?
                .query_row([terminal], |row| {
                    let time = |name| {
                        let ms = row.get::<_, Option<i64>>(name);
                        ms.map(|ms| ms.map(|ms| Duration::from_millis(ms.unsigned_abs())))
                    };
                    Ok(Grip {
                        releases: row.get("releases")?,
                        first_repeat: time("first_repeat")?,
                        repeat: time("repeat")?,
                    })
                })
                .optional()
        };
        self.told(read())
    }

    /// Keeps what was learned of a terminal, instead of what was known before.
    pub fn set_grip(&mut self, terminal: &str, grip: &Grip) -> Result<(), StoreError> {
        let ms = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        let write = || {
            self.connection
                .prepare_cached("INSERT OR REPLACE INTO grips VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![
                    terminal,
                    grip.releases,
                    grip.first_repeat.map(ms),
                    grip.repeat.map(ms)
                ])
        };
        self.told(write()).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::record::{Keep, Kept};

    #[test]
    fn each_terminal_keeps_its_own_grip_and_the_last_one_counts() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("x.db");
        let mut store = Store::open(&path).expect("a new store");
        let learned = Grip {
            releases: Some(false),
            first_repeat: Some(Duration::from_millis(500)),
            repeat: Some(Duration::from_millis(33)),
        };
        let keep = |terminal: &str, grip| Keep::Grip {
            terminal: terminal.to_owned(),
            grip,
        };
        for (terminal, grip) in [
            ("kitty", Grip::default()),
            ("tmux in xterm", learned),
            (
                "kitty",
                Grip {
                    releases: Some(true),
                    ..Grip::default()
                },
            ),
        ] {
            assert_eq!(store.carry_out(keep(terminal, grip)), None);
        }
        drop(store);
        let mut store = Store::open(&path).unwrap();
        assert_eq!(store.grip("tmux in xterm").unwrap(), Some(learned));
        assert_eq!(store.grip("xterm").unwrap(), None);
        for (terminal, releases) in [("kitty", Some(true)), ("xterm", None)] {
            let terminal = terminal.to_owned();
            let grip = Grip {
                releases,
                ..Grip::default()
            };
            assert_eq!(
                store.carry_out(Keep::LoadGrip {
                    terminal: terminal.clone()
                }),
                Some(Kept::Grip { terminal, grip })
            );
        }
    }
}
