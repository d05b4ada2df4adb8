//! Makes the tables, and brings those of an older version up to date.

use super::SharedError;
use super::line::Line;
use super::pool::Pool;
use std::time::Duration;
use tokio::time::timeout;

/// What brings the tables from format n to n + 1, oldest first. An entry never changes once a
/// version with it was published; the next change is the next entry.
const MIGRATIONS: &[&str] = &[include_str!("schema/1.sql")];

/// Making an index over what is there may take a while.
const PATIENCE: Duration = Duration::from_mins(10);

/// Servers that start at once do it one after the other; the number is "hearsay" in ASCII.
const LOCK: &str = "SELECT pg_advisory_xact_lock(29381064671387001)";

/// All or nothing.
pub(super) async fn migrate(pool: &Pool) -> Result<(), SharedError> {
    let mut lease = pool.borrow().await?;
    let outcome = timeout(PATIENCE, attempt(lease.line())).await;
    let outcome = outcome.unwrap_or(Err(SharedError::Busy {
        seconds: PATIENCE.as_secs(),
    }));
    lease.sound = outcome.is_ok();
    outcome
}

async fn attempt(line: &mut Line) -> Result<(), SharedError> {
    let known = MIGRATIONS.len() as i64;
    // Where there is nothing to do, nothing has to be allowed but reading.
    if format(line).await? == known {
        return Ok(());
    }
    line.order("BEGIN").await?;
    line.ask(LOCK, &[]).await?;
    let found = format(line).await?;
    if found > known {
        return Err(SharedError::TooNew { found, known });
    }
    for step in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        line.order(step).await?;
    }
    let note = format!(
        "CREATE TABLE IF NOT EXISTS hearsay_format (format bigint NOT NULL);
         DELETE FROM hearsay_format;
         INSERT INTO hearsay_format VALUES ({known});
         COMMIT"
    );
    line.order(&note).await
}

/// Which format the tables have; 0: there are none.
async fn format(line: &mut Line) -> Result<i64, SharedError> {
    let there = "SELECT to_regclass('hearsay_format') IS NOT NULL";
    let there = line.ask(there, &[]).await?;
    if !there.first().is_some_and(|row| row.truth(0)) {
        return Ok(0);
    }
    let rows = line
        .ask("SELECT max(format) FROM hearsay_format", &[])
        .await?;
    Ok(rows.first().and_then(|row| row.int(0)).unwrap_or(0))
}
