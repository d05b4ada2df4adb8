//! Reads the address of the database, as `DATABASE_URL` holds it. Pure.

use super::SharedError;
use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

const PORT: u16 = 5432;

/// Where the database is, and who asks. Never shown by `Debug`: it holds the password.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// They are tried in this order.
    pub(super) hosts: Vec<(String, u16)>,
    pub(super) user: String,
    pub(super) password: String,
    pub(super) database: String,
    pub(super) encryption: Encryption,
    /// A host that can only be read is passed over.
    pub(super) writes: bool,
    /// What the database is told besides.
    pub(super) options: Option<String>,
    pub(super) patience: Option<Duration>,
}

/// Whether the way there is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encryption {
    Never,
    /// Where the database can.
    Perhaps,
    Always,
}

impl Address {
    pub(super) fn read(url: &str) -> Result<Self, SharedError> {
        let wrong = |why: &str| SharedError::Address {
            why: why.to_owned(),
        };
        let begins = wrong("it does not begin with `postgres://`");
        let (scheme, rest) = url.trim().split_once("://").ok_or(begins.clone())?;
        // Frameworks write the driver into it.
        if !matches!(scheme.split('+').next(), Some("postgres" | "postgresql")) {
            return Err(begins);
        }
        let (rest, settings) = rest.split_once('?').unwrap_or((rest, ""));
        let (who, place) = rest.rsplit_once('@').unwrap_or(("", rest));
        let (places, database) = place.split_once('/').unwrap_or((place, ""));
        let (user, password) = who.split_once(':').unwrap_or((who, ""));
        let plain =
            |text: &str| decoded(text).ok_or_else(|| wrong("`%` begins no character in it"));
        let mut hosts = vec![];
        for place in places.split(',').filter(|place| !place.is_empty()) {
            hosts.push(host(place).ok_or_else(|| wrong("a host or a port in it is none"))?);
        }
        let mut address = Self {
            hosts,
            user: plain(user)?,
            password: plain(password)?,
            database: plain(database)?,
            encryption: Encryption::Perhaps,
            writes: false,
            options: None,
            patience: None,
        };
        for setting in settings.split('&').filter(|setting| !setting.is_empty()) {
            let (name, value) = setting.split_once('=').unwrap_or((setting, ""));
            if !address.set(name, plain(value)?) {
                // What it is set to may be a secret.
                let name: String = name.chars().take(40).collect();
                return Err(wrong(&format!("the option `{name}` is not understood")));
            }
        }
        if address.hosts.is_empty() {
            return Err(wrong("no host is in it"));
        }
        if address.user.is_empty() {
            return Err(wrong("no user is in it"));
        }
        if address.database.is_empty() {
            address.database.clone_from(&address.user);
        }
        // Nobody listens on the way to this machine, and what a database is given there for a
        // certificate is believed by nobody.
        if !address.is_elsewhere() && address.encryption == Encryption::Perhaps {
            address.encryption = Encryption::Never;
        }
        Ok(address)
    }

    /// `false`: there is no such option, or no such value of it.
    fn set(&mut self, name: &str, value: String) -> bool {
        match name {
            "host" => {
                let port = self.hosts.first().map_or(PORT, |(_, port)| *port);
                self.hosts = vec![(value, port)];
            }
            "port" => match value.parse() {
                Ok(port) => self.hosts.iter_mut().for_each(|host| host.1 = port),
                Err(_) => return false,
            },
            "user" => self.user = value,
            "password" => self.password = value,
            "dbname" => self.database = value,
            "options" => self.options = Some(value),
            "sslmode" => {
                self.encryption = match value.as_str() {
                    "disable" => Encryption::Never,
                    "allow" | "prefer" => Encryption::Perhaps,
                    // Every certificate is checked here.
                    "require" | "verify-ca" | "verify-full" => Encryption::Always,
                    _ => return false,
                }
            }
            "target_session_attrs" => match value.as_str() {
                "any" => self.writes = false,
                "read-write" | "primary" => self.writes = true,
                _ => return false,
            },
            "connect_timeout" => match value.parse() {
                Ok(seconds) => self.patience = Some(Duration::from_secs(seconds)),
                Err(_) => return false,
            },
            // Other names for what is done anyway.
            "application_name" | "client_encoding" => {}
            _ => return false,
        }
        true
    }

    /// Does everything that is written there go over the network as it is?
    pub(super) fn is_open(&self) -> bool {
        self.is_elsewhere() && self.encryption != Encryption::Always
    }

    pub(super) fn is_elsewhere(&self) -> bool {
        self.hosts.iter().any(|(host, _)| {
            let address = host.parse::<IpAddr>();
            let here = host == "localhost" || is_folder(host);
            !here && !address.is_ok_and(|address| address.is_loopback())
        })
    }
}

/// Where it is, for people: no user and no password.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (host, port)) in self.hosts.iter().enumerate() {
            let comma = if at > 0 { ", " } else { "" };
            if is_folder(host) {
                write!(f, "{comma}{host}")?;
            } else {
                write!(f, "{comma}{host}:{port}")?;
            }
        }
        Ok(())
    }
}

/// A socket in a folder of this machine, and no name.
pub(super) fn is_folder(host: &str) -> bool {
    host.starts_with('/')
}

fn host(text: &str) -> Option<(String, u16)> {
    let (name, port) = match text.rsplit_once(':') {
        // A colon within brackets belongs to the address.
        Some((name, port)) if !port.ends_with(']') => (name, port.parse().ok()?),
        _ => (text, PORT),
    };
    let name = decoded(name.trim_start_matches('[').trim_end_matches(']'))?;
    (!name.is_empty()).then_some((name, port))
}

/// `%20` and its like as what they mean.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = vec![];
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(if byte == b'%' {
            let mut digit = || char::from(rest.next()?).to_digit(16);
            u8::try_from(digit()? * 16 + digit()?).ok()?
        } else {
            byte
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_what_is_none_is_told_without_its_password() {
        for (url, expected) in [
            ("postgres://ann@db", Ok("db:5432 ann  ann")),
            (
                " postgresql://ann:canary@db:6000/x\n",
                Ok("db:6000 ann canary x"),
            ),
            (
                "postgresql+asyncpg://ann:c%40n%2Fry@10.0.0.1/x",
                Ok("10.0.0.1:5432 ann c@n/ry x"),
            ),
            ("postgres://ann:c@n@ry@[::1]:1/x", Ok("::1:1 ann c@n@ry x")),
            (
                "postgres://ann@a:1,b:2/x?sslmode=verify-full",
                Ok("a:1, b:2 ann  x"),
            ),
            (
                "postgres:///x?host=/run/postgresql&user=ann",
                Ok("/run/postgresql ann  x"),
            ),
            ("", Err("begin")),
            ("mysql://ann:canary@db/x", Err("begin")),
            ("postgres://", Err("host")),
            ("postgres://db/x", Err("user")),
            ("postgres://ann:canary@db:port/x", Err("port")),
            ("postgres://ann:canary%4@db/x", Err("%")),
            ("postgres://ann:canary@db/x?colour=canary", Err("`colour`")),
            (
                "postgres://ann:canary@db/x?sslmode=canary",
                Err("`sslmode`"),
            ),
        ] {
            match (Address::read(url), expected) {
                (Ok(found), Ok(expected)) => {
                    let (user, password) = (&found.user, &found.password);
                    let told = format!("{found} {user} {password} {}", found.database);
                    assert_eq!(told, expected, "{url}");
                }
                (Err(error), Err(part)) => {
                    let told = format!("{error} {error:?} {}", error.hint());
                    assert!(
                        told.contains(part) && !told.contains("canary"),
                        "{url}: {told}"
                    );
                }
                (found, _) => panic!("{url}: {:?}", found.map(|found| found.to_string())),
            }
        }
    }

    #[test]
    fn what_goes_over_a_network_unencrypted_is_known() {
        for (url, open) in [
            ("postgres://ann@localhost/x", false),
            ("postgres://ann@127.0.0.1/x?sslmode=disable", false),
            ("postgres://ann@/x?host=/run/postgresql", false),
            ("postgres://ann@db/x", true),
            ("postgres://ann@db/x?sslmode=prefer", true),
            ("postgres://ann@db/x?sslmode=require", false),
            ("postgres://ann@db/x?sslmode=verify-full", false),
        ] {
            assert_eq!(Address::read(url).unwrap().is_open(), open, "{url}");
        }
    }
}
