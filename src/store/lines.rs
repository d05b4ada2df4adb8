//! Keeps what became of the lines to backends, over all runs.

use super::{Store, StoreError};
use crate::core::past::{Count, LineStats};
use crate::core::time::Wall;
use crate::core::trips::Trips;
use rusqlite::{OptionalExtension, TransactionBehavior, params};
use std::time::Duration;

impl Store {
    /// Adds what happened to the line to a backend.
    pub fn count_line(&mut self, backend: &str, count: &Count, at: Wall) -> Result<(), StoreError> {
        let whole = |figure: u128| i64::try_from(figure).unwrap_or(i64::MAX);
        let written = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .and_then(|transaction| {
                let before: Option<String> = transaction
                    .prepare_cached("SELECT recent FROM lines WHERE backend = ?1")?
                    .query_row([backend], |row| row.get(0))
                    .optional()?;
                let mut recent = Trips::of_text(&before.unwrap_or_default());
                recent.extend(count.recent.clone());
                transaction
                    .prepare_cached(
                        "INSERT INTO lines VALUES
                         (?1, ?2, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
                         ON CONFLICT (backend) DO UPDATE SET
                         used = max(used, excluded.used),
                         greeted = greeted + excluded.greeted,
                         lost = lost + excluded.lost,
                         refused = refused + excluded.refused,
                         given_up = given_up + excluded.given_up,
                         up = up + excluded.up,
                         trips = trips + excluded.trips,
                         trips_took = trips_took + excluded.trips_took,
                         cause = coalesce(excluded.cause, cause),
                         recent = excluded.recent",
                    )?
                    .execute(params![
                        backend,
                        at.0,
                        count.greeted,
                        count.lost,
                        count.refused,
                        count.given_up,
                        whole(count.up.as_millis()),
                        count.trips,
                        whole(count.trips_took.as_micros()),
                        count.cause,
                        recent.to_text()
                    ])?;
                transaction.commit()
            });
        self.told(written)
    }

    /// What became of all lines, the last used first.
    pub fn lines(&self) -> Result<Vec<LineStats>, StoreError> {
        let read = || {
            self.connection
                .prepare_cached("SELECT * FROM lines ORDER BY used DESC, backend")?
                .query_map([], |row| {
                    let figure = |name| row.get::<_, i64>(name).map(i64::unsigned_abs);
                    Ok(LineStats {
                        backend: row.get("backend")?,
                        since: Wall(row.get("since")?),
                        used: Wall(row.get("used")?),
                        count: Count {
                            greeted: row.get("greeted")?,
                            lost: row.get("lost")?,
                            refused: row.get("refused")?,
                            given_up: row.get("given_up")?,
                            up: Duration::from_millis(figure("up")?),
                            trips: row.get("trips")?,
                            trips_took: Duration::from_micros(figure("trips_took")?),
                            recent: Trips::of_text(&row.get::<_, String>("recent")?),
                            cause: row.get("cause")?,
                        },
                    })
                })?
                .collect()
        };
        self.told(read())
    }
}
