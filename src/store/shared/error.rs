//! Why the shared database cannot be used, and what helps.

use super::wire::Trouble;
use std::io;

/// Why the shared database cannot be used. No address with a password gets in here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SharedError {
    /// What is configured is no address.
    #[error("`DATABASE_URL` is not the address of a PostgreSQL database: {why}")]
    Address { why: String },
    /// The pool is too small, or the database too slow.
    #[error("no connection to the database became free within {seconds} s")]
    Busy { seconds: u64 },
    /// It will not take this, however often it is tried.
    #[error("the database does not take this: {why}")]
    Data { why: String },
    #[error("the database has no space left")]
    Full,
    /// There is no such database.
    #[error("there is no such database at {place}: {why}")]
    Missing { place: String, why: String },
    #[error("the database at {place} does not allow this: {why}")]
    NotAllowed { place: String, why: String },
    #[error("the database failed: {why}")]
    Other { why: String },
    /// A standby, or one that is set to be read only.
    #[error("the database can only be read")]
    ReadOnly,
    /// The password, or the user.
    #[error("the database at {place} refused the user or the password: {why}")]
    Refused { place: String, why: String },
    #[error("the database at {place} cannot be reached with encryption: {why}")]
    Tls { place: String, why: String },
    #[error("the database takes no more connections: {why}")]
    TooMany { why: String },
    /// The tables were made by a newer version of the program.
    #[error("the tables were made by a newer version (format {found}, known up to {known})")]
    TooNew { found: i64, known: i64 },
    #[error("the database at {place} cannot be reached: {why}")]
    Unreachable { place: String, why: String },
    /// It wants to be shown who asks in a way that we do not go.
    #[error("the database at {place} asks for the password {way}")]
    Way { place: String, way: String },
    /// It could not be written so far, and will be as soon as that can be.
    #[error("it could not be written yet")]
    Waiting,
}

impl SharedError {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Address { .. } => "write `postgres://USER:PASSWORD@HOST:5432/DATABASE`; special characters of a password as %XX",
            Self::Busy { .. } => "raise `serve.pool_size`, or look why the database is slow",
            Self::Data { .. } | Self::Other { .. } => "the log of the database says more",
            Self::Full => "free some space; what was stored is safe",
            Self::Missing { .. } => "create it with `createdb`, or correct the name at the end of `DATABASE_URL`",
            Self::NotAllowed { .. } => "the user has to own the database, or may at least create and change tables in it",
            Self::ReadOnly => "name the primary, or several hosts and `target_session_attrs=read-write`",
            Self::Refused { .. } => "correct user and password in `DATABASE_URL`",
            Self::Tls { .. } => "name its authority in `link.ca_file`, or write `sslmode=disable` where nobody listens on the way",
            Self::TooMany { .. } => "lower `serve.pool_size`, or raise `max_connections` of the database",
            Self::TooNew { .. } => "use the newer version, or another database",
            Self::Unreachable { .. } => "start it, or correct host and port in `DATABASE_URL`",
            Self::Way { .. } => "write `scram-sha-256` for this user in its `pg_hba.conf`, and set the password anew with `password_encryption = 'scram-sha-256'`",
            Self::Waiting => "nothing has to be done: it is tried again",
        }
        .to_owned()
    }

    /// Is it about what is configured, and not about what goes on there?
    pub fn is_of_user(&self) -> bool {
        matches!(
            self,
            Self::Address { .. }
                | Self::Missing { .. }
                | Self::NotAllowed { .. }
                | Self::Refused { .. }
                | Self::Tls { .. }
                | Self::TooNew { .. }
                | Self::Way { .. }
        )
    }

    /// Is it about what was to be written, so that trying again helps nothing?
    pub(super) fn is_of_data(&self) -> bool {
        matches!(self, Self::Data { .. })
    }

    /// Was the line to the database lost, so that another one may do?
    pub(super) fn is_of_line(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::ReadOnly)
    }

    /// Sorts what the database says. `place` is where it is.
    pub(super) fn told(trouble: Trouble, place: &str) -> Self {
        let (place, why) = (place.to_owned(), trouble.why);
        // <https://www.postgresql.org/docs/current/errcodes-appendix.html>
        match trouble.code.as_str() {
            "28P01" | "28000" => Self::Refused { place, why },
            "3D000" => Self::Missing { place, why },
            "42501" => Self::NotAllowed { place, why },
            "25006" => Self::ReadOnly,
            "53300" => Self::TooMany { why },
            "53100" => Self::Full,
            // It ends, or has only begun.
            "57P01" | "57P02" | "57P03" => Self::Unreachable { place, why },
            // Values that cannot be, constraints, and limits that are built in.
            code if ["22", "23", "54"]
                .iter()
                .any(|class| code.starts_with(class)) =>
            {
                Self::Data { why }
            }
            _ => Self::Other { why },
        }
    }

    /// The line was lost, or was never there.
    pub(super) fn lost(error: &io::Error, place: &str) -> Self {
        let why = match error.kind() {
            io::ErrorKind::UnexpectedEof => "it hung up".to_owned(),
            _ => error.to_string(),
        };
        Self::Unreachable {
            place: place.to_owned(),
            why,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_database_says_is_sorted_by_what_helps() {
        let told = |code: &str| {
            let trouble = Trouble {
                code: code.to_owned(),
                why: "why".to_owned(),
            };
            SharedError::told(trouble, "db:5432")
        };
        let (place, why) = ("db:5432".to_owned(), "why".to_owned());
        for (code, expected) in [
            (
                "28P01",
                SharedError::Refused {
                    place: place.clone(),
                    why: why.clone(),
                },
            ),
            (
                "3D000",
                SharedError::Missing {
                    place: place.clone(),
                    why: why.clone(),
                },
            ),
            (
                "42501",
                SharedError::NotAllowed {
                    place: place.clone(),
                    why: why.clone(),
                },
            ),
            ("25006", SharedError::ReadOnly),
            ("53300", SharedError::TooMany { why: why.clone() }),
            ("53100", SharedError::Full),
            (
                "57P01",
                SharedError::Unreachable {
                    place,
                    why: why.clone(),
                },
            ),
            ("22021", SharedError::Data { why: why.clone() }),
            ("54000", SharedError::Data { why: why.clone() }),
            ("40P01", SharedError::Other { why }),
        ] {
            assert_eq!(told(code), expected, "{code}");
        }
    }
}
