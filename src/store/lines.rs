//! Keeps what became of the lines to backends, over all runs.

use super::{Store, StoreError};
use crate::core::past::{Count, LineStats};
use crate::core::time::Wall;
use rusqlite::params;
use std::time::Duration;

impl Store {
    /// Adds what happened to the line to a backend.
    pub fn count_line(&mut self, backend: &str, count: &Count, at: Wall) -> Result<(), StoreError> {
        let whole = |figure: u128| i64::try_from(figure).unwrap_or(i64::MAX);
        let write = || {
            self.connection
                .prepare_cached(
                    "INSERT INTO lines VALUES (?1, ?2, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
                     ON CONFLICT (backend) DO UPDATE SET
                     used = max(used, excluded.used),
                     greeted = greeted + excluded.greeted,
                     lost = lost + excluded.lost,
                     refused = refused + excluded.refused,
                     given_up = given_up + excluded.given_up,
                     up = up + excluded.up,
                     trips = trips + excluded.trips,
                     trips_took = trips_took + excluded.trips_took,
                     cause = coalesce(excluded.cause, cause)",
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
                    count.cause
                ])
        };
        self.told(write()).map(drop)
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
                            cause: row.get("cause")?,
                        },
                    })
                })?
                .collect()
        };
        self.told(read())
    }
}
