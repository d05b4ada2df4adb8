//! Opens the store's file: makes it when it is missing, brings an older one up to date, refuses
//! what is not ours without touching it.

use super::{StoreError, private, titles};
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::path::Path;
use std::time::Duration;

/// What brings a file from format n to n + 1, oldest first. An entry never changes once a version
/// with it was published; the next change is the next entry.
const MIGRATIONS: &[&str] = &[
    include_str!("schema/1.sql"),
    include_str!("schema/2.sql"),
    include_str!("schema/3.sql"),
    include_str!("schema/4.sql"),
    include_str!("schema/5.sql"),
    include_str!("schema/6.sql"),
    include_str!("schema/7.sql"),
];

/// From this format on, the indices are what they are now; SQL alone could not fill them.
const INDEXED: usize = 6;

/// Written into the head of the file, so that we never add tables to somebody else's database.
const APPLICATION: i64 = 0x6865_6172; // "hear"

/// How long to wait for another program to finish its write.
const PATIENCE: Duration = Duration::from_secs(5);

/// Turning on the write-ahead log does not always wait for other programs, so it is tried again:
/// this often, this long apart, five seconds in all.
const TRIES: u32 = 250;
const PAUSE: Duration = Duration::from_millis(20);

/// Opens the file for reading and writing.
pub(super) fn open(path: &Path) -> Result<Connection, StoreError> {
    let of_system = |error| StoreError::of_system(&error, path);
    private::make_folder(path).map_err(of_system)?;
    private::make_file(path).map_err(of_system)?;
    let of_sqlite = |error| StoreError::of_sqlite(&error, path);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(of_sqlite)?;
    connection.busy_timeout(PATIENCE).map_err(of_sqlite)?;
    recognise(&connection, path)?;
    private::tighten(path);
    log_ahead(&connection).map_err(of_sqlite)?;
    // FULL: with the write-ahead log, only this survives a power cut and not just a kill.
    connection
        .execute_batch("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;")
        .map_err(of_sqlite)?;
    migrate(&mut connection, path)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

/// Opens a file that cannot be written, for reading only. Without a log beside it nobody is
/// writing it, so SQLite is told that it does not change; otherwise it wants to write even to
/// read.
pub(super) fn open_to_read(path: &Path) -> Option<Connection> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    if Path::new(&log).metadata().is_ok_and(|log| log.len() > 0) {
        return None;
    }
    let mut address = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'_' | b'-' => {
                address.push(char::from(*byte));
            }
            _ => {
                let digit = |half: u8| char::from_digit(half.into(), 16).unwrap_or('0');
                address.extend(['%', digit(byte >> 4), digit(byte & 15)]);
            }
        }
    }
    address.push_str("?immutable=1");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(address, flags).ok()?;
    let format = version(&connection).ok()?;
    usize::try_from(format)
        .is_ok_and(|format| format == MIGRATIONS.len())
        .then_some(connection)
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

/// Refuses a file that another program or a newer version of this one wrote.
fn recognise(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let of_sqlite = |error| StoreError::of_sqlite(&error, path);
    let application: i64 = connection
        .query_row("PRAGMA application_id", [], |row| row.get(0))
        .map_err(of_sqlite)?;
    let found = version(connection).map_err(of_sqlite)?;
    if application == APPLICATION {
        return known(found, path);
    }
    let empty: bool = connection
        .query_row("SELECT count(*) = 0 FROM sqlite_schema", [], |row| {
            row.get(0)
        })
        .map_err(of_sqlite)?;
    // Another starting program may just have finished making the file ours.
    let application: i64 = connection
        .query_row("PRAGMA application_id", [], |row| row.get(0))
        .map_err(of_sqlite)?;
    if empty || application == APPLICATION {
        return Ok(());
    }
    Err(StoreError::Damaged {
        path: path.to_path_buf(),
        why: "it is the database of another program".to_owned(),
    })
}

fn known(found: i64, path: &Path) -> Result<(), StoreError> {
    let known = MIGRATIONS.len() as i64;
    if found > known {
        return Err(StoreError::TooNew {
            path: path.to_path_buf(),
            found,
            known,
        });
    }
    Ok(())
}

fn log_ahead(connection: &Connection) -> rusqlite::Result<()> {
    for _ in 0..TRIES {
        let mode = connection.query_row("PRAGMA journal_mode = WAL", [], |row| {
            row.get::<_, String>(0)
        });
        match mode {
            Err(rusqlite::Error::SqliteFailure(failure, _))
                if failure.code == rusqlite::ErrorCode::DatabaseBusy =>
            {
                std::thread::park_timeout(PAUSE);
            }
            // A file system without shared memory keeps the older journal, which is as safe.
            Ok(_) => return Ok(()),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Brings the file up to date, all or nothing. Programs that start at once do it one after the
/// other, and the second finds nothing left to do.
fn migrate(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let of_sqlite = |error| StoreError::of_sqlite(&error, path);
    let found = version(connection).map_err(of_sqlite)?;
    if usize::try_from(found).is_ok_and(|found| found == MIGRATIONS.len()) {
        return Ok(());
    }
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Exclusive)
        .map_err(of_sqlite)?;
    let found = version(&transaction).map_err(of_sqlite)?;
    known(found, path)?;
    let done = usize::try_from(found).unwrap_or(0);
    for step in MIGRATIONS.iter().skip(done) {
        transaction.execute_batch(step).map_err(of_sqlite)?;
    }
    if done < INDEXED {
        titles::index_all(&transaction).map_err(of_sqlite)?;
    }
    let known = MIGRATIONS.len();
    transaction
        .execute_batch(&format!(
            "PRAGMA user_version = {known}; PRAGMA application_id = {APPLICATION};"
        ))
        .map_err(of_sqlite)?;
    transaction.commit().map_err(of_sqlite)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const NEWEST: i64 = 7;

    #[test]
    fn many_programs_that_start_at_once_all_succeed() {
        for _ in 0..5 {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let path = folder.path().join("new").join("x.db");
            let opened: Vec<_> = std::thread::scope(|scope| {
                let starts: Vec<_> = (0..8).map(|_| scope.spawn(|| open(&path))).collect();
                starts
                    .into_iter()
                    .map(|start| start.join().unwrap())
                    .collect()
            });
            for connection in opened {
                assert_eq!(version(&connection.unwrap()), Ok(NEWEST));
            }
        }
    }

    #[test]
    fn a_file_of_the_first_version_is_brought_up_to_date_and_keeps_what_it_held() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("x.db");
        let first = Connection::open(&path).unwrap();
        first.execute_batch(MIGRATIONS[0]).unwrap();
        let mark = format!(
            "PRAGMA application_id = {APPLICATION}; PRAGMA user_version = 1;
             INSERT INTO notes (text, at) VALUES ('tea', 7);
             INSERT INTO conversations (id, title, started, used) VALUES ('x', '明天 trip', 1, 2);
             INSERT INTO messages (id, conversation, number, turn, role, text, reasoning, at,
                 ending, revision)
             VALUES ('m', 'x', 1, 't', 'user', '明天 thermometer', '', 1, 'complete', 0);"
        );
        first.execute_batch(&mark).unwrap();
        drop(first);
        let opened = open(&path).unwrap();
        assert_eq!(version(&opened), Ok(NEWEST));
        let note = opened.query_row("SELECT text FROM notes", [], |row| row.get(0));
        assert_eq!(note, Ok("tea".to_owned()));
        assert_eq!(opened.execute("DELETE FROM lines", []), Ok(0));
        let found = "SELECT count(*) FROM titles_fts WHERE titles_fts MATCH '天'";
        assert_eq!(opened.query_row(found, [], |row| row.get(0)), Ok(1));
        let found = "SELECT rowid FROM messages_fts WHERE messages_fts MATCH 'th* 天'";
        assert_eq!(opened.query_row(found, [], |row| row.get(0)), Ok(1));
    }

    #[test]
    fn a_file_of_a_newer_version_is_left_alone() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("x.db");
        open(&path)
            .unwrap()
            .execute_batch("PRAGMA user_version = 99")
            .unwrap();
        let before = fs::read(&path).unwrap();
        let error = open(&path).expect_err("it is newer");
        assert!(
            matches!(
                error,
                StoreError::TooNew {
                    found: 99,
                    known: NEWEST,
                    ..
                }
            ),
            "{error}"
        );
        assert_eq!(fs::read(&path).unwrap(), before);
    }

    #[test]
    fn what_is_not_ours_is_left_alone() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("x.db");
        let other = folder.path().join("other.db");
        Connection::open(&other)
            .unwrap()
            .execute_batch("CREATE TABLE t(x)")
            .unwrap();
        let other = fs::read(other).unwrap();
        for bytes in [&b"hello"[..], &[b'x'; 9000], &other] {
            fs::write(&path, bytes).unwrap();
            let error = open(&path).expect_err("it is not ours");
            assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
            assert_eq!(fs::read(&path).unwrap(), bytes);
        }
    }

    #[cfg(unix)]
    #[test]
    fn file_and_new_folders_are_for_the_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let path = folder.path().join("a/b/x.db");
        let connection = open(&path).unwrap();
        connection
            .execute_batch("INSERT INTO notes (text, at) VALUES ('', 0)")
            .unwrap();
        assert_eq!(mode(folder.path()), 0o755);
        assert_eq!(mode(&folder.path().join("a")), 0o700);
        assert_eq!(mode(&folder.path().join("a/b")), 0o700);
        for name in ["x.db", "x.db-wal", "x.db-shm"] {
            assert_eq!(mode(&folder.path().join("a/b").join(name)), 0o600, "{name}");
        }
        drop(connection);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        drop(open(&path).unwrap());
        assert_eq!(mode(&path), 0o600);
    }

    #[test]
    fn the_odd_characters_of_a_path_survive_reading_only() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("50% ?会话#.db");
        assert!(open_to_read(&path).is_none());
        drop(open(&path).unwrap());
        assert!(open_to_read(&path).is_some());
    }
}
