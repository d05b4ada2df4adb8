//! A hub of models on a real socket: gives files as hubs do, with ranges, tags, commits and large
//! files elsewhere, and misbehaves where its script says so. It keeps what it was asked.

use std::collections::{HashMap, VecDeque};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// What the hub does for one request, in the place of giving the file.
#[derive(Clone, Debug)]
pub enum Act {
    /// Gives the file, after it has said so many bytes of it, and hangs up.
    Cut(usize),
    /// Says so many bytes, and then nothing until the hub is dropped.
    Hold(usize),
    /// A byte now and then, until the hub is dropped.
    Drip,
    /// Gives all of it, whatever part was wanted.
    Whole,
    /// Gives it with one byte changed.
    Wrong,
    /// Gives it under another tag, as if it were another state of it.
    Retagged(&'static str),
    /// Gives the wanted part, and calls it another one.
    Misplaced,
    /// Sends on to there.
    Redirect(String),
    /// Hangs up without a word.
    HangUp,
    /// Says this, head and all.
    Say(Vec<u8>),
}

/// What the hub was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    pub path: String,
    pub range: Option<String>,
    pub if_range: Option<String>,
    pub token: Option<String>,
}

#[derive(Default)]
struct Inside {
    files: HashMap<String, Vec<u8>>,
    acts: HashMap<String, VecDeque<Act>>,
    /// Whether it tells commits and hashes, as the large hubs do.
    tells: Option<(String, HashMap<String, String>)>,
    tagless: bool,
    asked: Vec<Asked>,
    over: bool,
}

/// A hub that lives until it is dropped.
pub struct Hub {
    address: SocketAddr,
    inside: Arc<(Mutex<Inside>, Condvar)>,
    door: Option<JoinHandle<()>>,
}

/// The head of a whole answer, and its body.
pub fn say(status: &str, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Act {
    let body = body.as_ref();
    let mut head = format!("HTTP/1.1 {status}\r\nConnection: close\r\n");
    for (name, value) in headers {
        write!(head, "{name}: {value}\r\n").unwrap();
    }
    write!(head, "Content-Length: {}\r\n\r\n", body.len()).unwrap();
    Act::Say([head.as_bytes(), body].concat())
}

impl Hub {
    /// A hub that gives these files: path and bytes.
    pub fn start(files: &[(&str, &[u8])]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let inside = Inside {
            files: files
                .iter()
                .map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec()))
                .collect(),
            ..Inside::default()
        };
        let inside = Arc::new((Mutex::new(inside), Condvar::new()));
        let shared = Arc::clone(&inside);
        let door = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if shared.0.lock().unwrap().over {
                    return;
                }
                let shared = Arc::clone(&shared);
                // Whoever asks may hang up at any time.
                std::thread::spawn(move || stream.and_then(|stream| answer(&stream, &shared)));
            }
        });
        Self {
            address,
            inside,
            door: Some(door),
        }
    }

    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Does these things, one for each of the next requests for a path.
    pub fn plan(&self, path: &str, acts: impl IntoIterator<Item = Act>) {
        let mut inside = self.inside.0.lock().unwrap();
        inside.acts.entry(path.to_owned()).or_default().extend(acts);
    }

    /// Tells a commit with each file, and the hashes of these.
    pub fn tell(&self, commit: &str, hashes: &[(&str, &str)]) {
        let hashes = hashes.iter();
        let hashes = hashes.map(|(path, hash)| ((*path).to_owned(), (*hash).to_owned()));
        let mut inside = self.inside.0.lock().unwrap();
        inside.tells = Some((commit.to_owned(), hashes.collect()));
    }

    /// Tags no file.
    pub fn forget_tags(&self) {
        self.inside.0.lock().unwrap().tagless = true;
    }

    /// Gives other bytes from now on.
    pub fn replace(&self, path: &str, bytes: &[u8]) {
        let mut inside = self.inside.0.lock().unwrap();
        inside.files.insert(path.to_owned(), bytes.to_vec());
    }

    /// What it was asked for so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.inside.0.lock().unwrap().asked.clone()
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.inside.0.lock().unwrap().over = true;
        self.inside.1.notify_all();
        // Wakes the listener, which then sees that it is over.
        let _woken = TcpStream::connect(self.address);
        // From here on nobody is there.
        self.door.take().map(JoinHandle::join);
    }
}

/// The tag of some bytes, which changes with them.
pub fn tag(bytes: &[u8]) -> String {
    let sum = bytes.iter().fold(17_u32, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u32::from(*byte))
    });
    format!("\"{sum:x}\"")
}

fn answer(stream: &TcpStream, inside: &(Mutex<Inside>, Condvar)) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let target = line.split(' ').nth(1).unwrap_or_default();
    let mut asked = Asked {
        path: target.trim_start_matches('/').to_owned(),
        ..Asked::default()
    };
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim().split_once(": ") else {
            break;
        };
        let value = Some(value.to_owned());
        match name.to_ascii_lowercase().as_str() {
            "range" => asked.range = value,
            "if-range" => asked.if_range = value,
            "authorization" => asked.token = value,
            _ => {}
        }
    }
    let (act, file, declared, tagless) = {
        let mut inside = inside.0.lock().unwrap();
        inside.asked.push(asked.clone());
        let act = inside
            .acts
            .get_mut(&asked.path)
            .and_then(VecDeque::pop_front);
        let declared = inside.tells.as_ref().map(|(commit, hashes)| {
            let hash = hashes.get(&asked.path).cloned();
            (commit.clone(), hash)
        });
        let file = inside.files.get(&asked.path).cloned();
        (act, file, declared, inside.tagless)
    };
    let mut stream = stream;
    match &act {
        Some(Act::HangUp) => return Ok(()),
        Some(Act::Say(bytes)) => return stream.write_all(bytes),
        Some(Act::Redirect(to)) => {
            let mut headers = vec![("Location".to_owned(), to.clone())];
            headers.extend(
                told(declared, file.as_deref())
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value)),
            );
            let headers: Vec<_> = headers
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect();
            let Act::Say(bytes) = say("302 Found", &headers, "moved") else {
                return Ok(());
            };
            return stream.write_all(&bytes);
        }
        _ => {}
    }
    let Some(mut bytes) = file else {
        let Act::Say(bytes) = say("404 Not Found", &[], "no such entry") else {
            return Ok(());
        };
        return stream.write_all(&bytes);
    };
    let own = match &act {
        Some(Act::Retagged(tag)) => (*tag).to_owned(),
        _ => tag(&bytes),
    };
    if matches!(act, Some(Act::Wrong)) {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
    }
    let from = asked.range.as_deref().and_then(|range| {
        let from = range.strip_prefix("bytes=")?.strip_suffix('-')?;
        from.parse::<usize>().ok()
    });
    let same = asked.if_range.as_ref().is_none_or(|tag| *tag == own);
    let from = from.filter(|_| same && !matches!(act, Some(Act::Whole)));
    let mut head = match from {
        Some(from) if from >= bytes.len() => {
            let range = format!("bytes */{}", bytes.len());
            let Act::Say(bytes) = say(
                "416 Range Not Satisfiable",
                &[("Content-Range", &range)],
                "",
            ) else {
                return Ok(());
            };
            return stream.write_all(&bytes);
        }
        Some(from) => {
            let first = from + usize::from(matches!(act, Some(Act::Misplaced)));
            let (last, all) = (bytes.len() - 1, bytes.len());
            format!("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {first}-{last}/{all}\r\n")
        }
        None => "HTTP/1.1 200 OK\r\n".to_owned(),
    };
    for (name, value) in told(declared, Some(&bytes)) {
        write!(head, "{name}: {value}\r\n").unwrap();
    }
    if !tagless {
        write!(head, "ETag: {own}\r\n").unwrap();
    }
    let body = bytes.get(from.unwrap_or(0)..).unwrap_or_default();
    write!(
        head,
        "Connection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    )
    .unwrap();
    stream.write_all(head.as_bytes())?;
    let until_over = |pace: Option<Duration>| {
        let guard = inside.0.lock().unwrap();
        match pace {
            None => drop(inside.1.wait_while(guard, |inside| !inside.over).unwrap()),
            Some(pace) => drop(inside.1.wait_timeout(guard, pace).unwrap()),
        }
    };
    match act {
        Some(Act::Cut(most)) => stream.write_all(body.get(..most).unwrap_or(body)),
        Some(Act::Hold(most)) => {
            stream.write_all(body.get(..most).unwrap_or(body))?;
            until_over(None);
            Ok(())
        }
        Some(Act::Drip) => {
            for byte in body {
                stream.write_all(&[*byte])?;
                until_over(Some(Duration::from_millis(10)));
            }
            Ok(())
        }
        _ => stream.write_all(body),
    }
}

/// What hubs tell beside a file.
fn told(
    declared: Option<(String, Option<String>)>,
    bytes: Option<&[u8]>,
) -> Vec<(&'static str, String)> {
    let Some((commit, hash)) = declared else {
        return vec![];
    };
    let mut told = vec![("X-Repo-Commit", commit)];
    if let (Some(hash), Some(bytes)) = (hash, bytes) {
        told.push(("X-Linked-Etag", format!("\"{hash}\"")));
        told.push(("X-Linked-Size", bytes.len().to_string()));
    }
    told
}
