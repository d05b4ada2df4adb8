//! A PostgreSQL of one's own: started in a folder that vanishes, on a port that was free.

use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};

const PASSWORD: &str = "canary-of-the-database";

/// It runs until it is dropped.
pub struct Cluster {
    server: Option<Child>,
    programs: PathBuf,
    folder: tempfile::TempDir,
    user: Option<(u32, u32)>,
    port: u16,
}

impl Cluster {
    /// `None`, with a word about it: there is no PostgreSQL here.
    pub fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            println!(
                "skipped: no PostgreSQL server (`initdb`, `postgres`, `psql`) is installed here"
            );
            return None;
        };
        let user = if rustix::process::geteuid().is_root() {
            let Some(user) = ["postgres", "nobody"].iter().find_map(|name| user(name)) else {
                println!("skipped: PostgreSQL does not run as root, and nobody else is here");
                return None;
            };
            Some(user)
        } else {
            None
        };
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
        let mut cluster = Self {
            server: None,
            programs,
            user,
            port: free_port(),
            folder,
        };
        cluster.init();
        cluster.resume();
        Some(cluster)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command
            .env_clear()
            .env("LC_ALL", "C")
            .env("PATH", "/usr/bin:/bin")
            .current_dir("/")
            .stdin(Stdio::null());
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        command
    }

    fn init(&self) {
        let password = self.folder.path().join("password");
        std::fs::write(&password, PASSWORD).unwrap();
        std::fs::set_permissions(&password, PermissionsExt::from_mode(0o644)).unwrap();
        let data = self.folder.path().join("data");
        std::fs::create_dir(&data).unwrap();
        if let Some((user, group)) = self.user {
            chown(&data, Some(user), Some(group)).unwrap();
        }
        let made = self
            .command("initdb")
            .args([
                "--username=ann",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--no-sync",
            ])
            .arg(format!("--pwfile={}", password.display()))
            .arg("--pgdata")
            .arg(&data)
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
        self.add(
            "postgresql.conf",
            "listen_addresses = '127.0.0.1'\nunix_socket_directories = ''\nfsync = off\n",
        );
    }

    /// Adds lines to a file of its settings, which count from its next start.
    pub fn add(&self, file: &str, lines: &str) {
        self.change(file, |text| text + lines);
    }

    /// The same, in front of what is there.
    pub fn add_before(&self, file: &str, lines: &str) {
        self.change(file, |text| lines.to_owned() + &text);
    }

    fn change(&self, file: &str, change: impl FnOnce(String) -> String) {
        let path = self.folder.path().join("data").join(file);
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        std::fs::write(&path, change(text)).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        if let Some((user, group)) = self.user {
            chown(&path, Some(user), Some(group)).unwrap();
        }
    }

    /// Starts it, and waits until it answers.
    pub fn resume(&mut self) {
        let mut child = self
            .command("postgres")
            .args(["-p", &self.port.to_string(), "-D"])
            .arg(self.folder.path().join("data"))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut told = vec![];
        loop {
            let line = log.next().unwrap_or_else(|| panic!("it ended: {told:?}"));
            let line = line.unwrap();
            if line.contains("ready to accept connections") {
                break;
            }
            told.push(line);
        }
        // Whatever it says from here on has to be read, or it would wait for that.
        std::thread::spawn(move || log.for_each(drop));
        self.server = Some(child);
    }

    /// Ends it at once, as a crash does; what was committed stays.
    pub fn stop(&mut self) {
        if let Some(mut server) = self.server.take() {
            let id = rustix::process::Pid::from_child(&server);
            let _ = rustix::process::kill_process(id, rustix::process::Signal::QUIT);
            let _ = server.wait();
        }
    }

    /// The address of one of its databases.
    pub fn url(&self, database: &str) -> String {
        format!(
            "postgres://ann:{PASSWORD}@127.0.0.1:{}/{database}",
            self.port
        )
    }

    /// Has a statement carried out, and answers what it tells, row by row.
    pub fn ask(&self, sql: &str) -> Vec<String> {
        let told = self
            .command("psql")
            .args(["-AtqX", "-v", "ON_ERROR_STOP=1", "-c", sql, "-d"])
            .arg(self.url("postgres"))
            .output()
            .unwrap();
        assert!(told.status.success(), "{sql}: {told:?}");
        let rows = String::from_utf8(told.stdout).unwrap();
        rows.lines().map(str::to_owned).collect()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A port that nobody uses. Those that the system gives to whoever dials out begin above: one of
/// them could be taken while the database is away.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = std::process::id() % 100 * 100;
    loop {
        let nth = u32::from(NEXT.fetch_add(1, Ordering::Relaxed));
        let port = 20_000 + ((start + nth) % 10_000) as u16;
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// Where its programs are: of several versions, the newest.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let mut installed: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .collect();
    installed.sort();
    folders.extend(installed.into_iter().rev());
    let all = |folder: &PathBuf| {
        let is = |program| folder.join(program).is_file();
        is("initdb") && is("postgres") && is("psql")
    };
    let found = folders.into_iter().find(all)?;
    // What stands elsewhere as well finds what belongs to it from where it really is.
    let program = std::fs::canonicalize(found.join("postgres")).ok()?;
    program.parent().map(Path::to_path_buf)
}

/// The numbers of a user and of their group.
fn user(name: &str) -> Option<(u32, u32)> {
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    let line = users
        .lines()
        .find(|line| line.split(':').next() == Some(name))?;
    let mut fields = line.split(':').skip(2);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}
