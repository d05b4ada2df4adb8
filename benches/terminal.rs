//! Measures the whole program in a real terminal, beside the least that a program drawn with the
//! same library can do (the floor, which this program also is, when asked to).
//!
//! `cargo bench --bench terminal` prints each figure with its target. Times are taken from
//! outside: from starting the program, or from writing a key, to the bytes that answer it.
#![cfg(target_os = "linux")]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench measures, prints, and may fail"
)]

use hearsay::core::ids::Seed;
use hearsay::core::time::Wall;
use hearsay::core::transcript::{Ending, Message, Role};
use hearsay::store::Store;
use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

const COLUMNS: u16 = 100;
const ROWS: u16 = 30;
const STARTS: usize = 30;
const KEYS: usize = 300;
/// No output for this long: the program has settled.
const QUIET: Duration = Duration::from_millis(300);
const LIMIT: Duration = Duration::from_mins(1);
const FLOOR: &str = "HEARSAY_BENCH_FLOOR";

fn main() {
    if std::env::var_os(FLOOR).is_some() {
        floor();
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    println!("{COLUMNS}x{ROWS} terminal; medians of {STARTS} starts and {KEYS} keys");
    starts(folder.path());
    keys(folder.path());
    idle(folder.path());
    long_conversation(folder.path());
    stream(folder.path(), 5_000, Some(200));
    stream(folder.path(), 5_000, None);
    let per_token = |tokens| stream(folder.path(), tokens, None).as_secs_f64() / tokens as f64;
    let (few, many) = (per_token(1_000), per_token(20_000));
    println!(
        "cost of a token at 20,000 against 1,000: {:.2} (target <= 1.20)",
        many / few
    );
}

/// The least there is: an input line and a frame around it.
fn floor() {
    use ratatui::crossterm::event::{Event, KeyCode, read};
    use ratatui::widgets::{Block, Paragraph};
    let mut terminal = ratatui::init();
    let mut input = String::new();
    loop {
        terminal
            .draw(|frame| {
                let text = Paragraph::new(format!("> {input}"));
                frame.render_widget(text.block(Block::bordered()), frame.area());
            })
            .unwrap();
        match read() {
            Ok(Event::Key(key)) => match key.code {
                KeyCode::Char('q') => break,
                KeyCode::Char(c) => input.push(c),
                _ => drop(input.pop()),
            },
            Ok(_) => {}
            Err(_) => break,
        }
    }
    ratatui::restore();
}

/// A program in a terminal, and what it sends there.
struct Seen {
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    output: Receiver<(Instant, Vec<u8>)>,
    started: Instant,
    bytes: usize,
}

fn program(folder: &Path) -> CommandBuilder {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_hearsay"));
    command.env("HEARSAY_DATA_DIR", folder.join("data"));
    command.env("HEARSAY_BRAIN", "builtin");
    command.env("HOME", folder);
    command
}

fn the_floor() -> CommandBuilder {
    let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
    command.env(FLOOR, "1");
    command
}

impl Seen {
    fn start(mut command: CommandBuilder) -> Self {
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        let size = PtySize {
            rows: ROWS,
            cols: COLUMNS,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let keys = pair.master.take_writer().unwrap();
        let (sender, output) = mpsc::channel();
        std::thread::spawn(move || {
            // Keeps the terminal open as long as anybody writes to it.
            let _master = pair.master;
            let mut buffer = vec![0; 1 << 16];
            while let Ok(taken) = reader.read(&mut buffer) {
                let bytes = buffer[..taken].to_vec();
                if taken == 0 || sender.send((Instant::now(), bytes)).is_err() {
                    break;
                }
            }
        });
        let started = Instant::now();
        let child = pair.slave.spawn_command(command).unwrap();
        Self {
            child,
            keys,
            output,
            started,
            bytes: 0,
        }
    }

    /// When these bytes had come, all of them since the last call.
    fn until(&mut self, wanted: &str) -> Instant {
        let mut held = vec![];
        loop {
            let (at, bytes) = self.output.recv_timeout(LIMIT).unwrap();
            self.bytes += bytes.len();
            held.extend_from_slice(&bytes);
            if held
                .windows(wanted.len())
                .any(|window| window == wanted.as_bytes())
            {
                return at;
            }
        }
    }

    /// Waits until nothing comes any more; the moment of the last bytes.
    fn settle(&mut self) -> Instant {
        let mut last = self.started;
        loop {
            match self.output.recv_timeout(QUIET) {
                Ok((at, bytes)) => {
                    self.bytes += bytes.len();
                    last = at;
                }
                Err(RecvTimeoutError::Timeout) => return last,
                Err(RecvTimeoutError::Disconnected) => panic!("it ended"),
            }
        }
    }

    fn send(&mut self, keys: &str) -> Instant {
        let at = Instant::now();
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
        at
    }

    /// From writing each key to the bytes that show it. Types letters that stand nowhere else on
    /// the screen, and takes each back.
    fn echoes(&mut self, count: usize) -> Vec<Duration> {
        let mut found = vec![];
        for (letter, n) in ["ä", "é", "ö", "ü"].iter().cycle().zip(0..count) {
            let sent = self.send(letter);
            found.push(self.until(letter) - sent);
            // Not in step with the frames of a reply.
            std::thread::sleep(Duration::from_millis(20 + n as u64 * 7 % 16));
            self.send("\x7f");
            std::thread::sleep(Duration::from_millis(20));
            // What took the letter away is no echo of the next one.
            self.taken();
        }
        found
    }

    /// Counts what has come already.
    fn taken(&mut self) {
        while let Ok((_, bytes)) = self.output.try_recv() {
            self.bytes += bytes.len();
        }
    }

    /// Processor time of all threads.
    fn cpu(&self) -> Duration {
        let mut nanos = 0;
        for task in self.tasks() {
            let text = std::fs::read_to_string(task.join("schedstat")).unwrap_or_default();
            nanos += text
                .split(' ')
                .next()
                .and_then(|figure| figure.parse::<u64>().ok())
                .unwrap_or(0);
        }
        Duration::from_nanos(nanos)
    }

    /// How often its threads have gone to sleep by themselves: once for each time they woke.
    fn wakes(&self) -> u64 {
        self.tasks()
            .iter()
            .map(|task| figure(&task.join("status"), "voluntary_ctxt_switches:"))
            .sum()
    }

    /// Resident memory in KiB.
    fn memory(&self) -> u64 {
        figure(&self.folder().join("status"), "VmRSS:")
    }

    fn folder(&self) -> std::path::PathBuf {
        Path::new("/proc").join(self.child.process_id().unwrap().to_string())
    }

    fn tasks(&self) -> Vec<std::path::PathBuf> {
        let tasks = std::fs::read_dir(self.folder().join("task")).unwrap();
        tasks.map(|task| task.unwrap().path()).collect()
    }
}

impl Drop for Seen {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn figure(file: &Path, name: &str) -> u64 {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    text.lines()
        .find_map(|line| line.strip_prefix(name))
        .and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// The value below which this share of all lie.
fn share(times: &mut [Duration], share: f64) -> Duration {
    times.sort_unstable();
    times[((times.len() - 1) as f64 * share) as usize]
}

fn starts(folder: &Path) {
    let (mut ours, mut floors, mut work, mut floor_work) = (vec![], vec![], vec![], vec![]);
    for _round in 0..STARTS {
        let mut program = Seen::start(program(folder));
        ours.push(program.until("idle") - program.started);
        program.settle();
        work.push(program.cpu());
        let mut floor = Seen::start(the_floor());
        floors.push(floor.until(">") - floor.started);
        floor.settle();
        floor_work.push(floor.cpu());
    }
    let (ours, floors) = (share(&mut ours, 0.5), share(&mut floors, 0.5));
    let (work, floor_work) = (share(&mut work, 0.5), share(&mut floor_work, 0.5));
    println!(
        "start to first full frame: {:.2} ms, floor {:.2} ms, ratio {:.2} (target <= 1.50)",
        ms(ours),
        ms(floors),
        ms(ours) / ms(floors)
    );
    println!(
        "processor time until settled: {:.2} ms, floor {:.2} ms, ratio {:.2} (target <= 2.00)",
        ms(work),
        ms(floor_work),
        ms(work) / ms(floor_work)
    );
}

fn keys(folder: &Path) {
    let mut program = Seen::start(program(folder));
    program.until("idle");
    program.settle();
    let mut ours = program.echoes(KEYS);
    let mut floor = Seen::start(the_floor());
    floor.until(">");
    let mut floors = floor.echoes(KEYS);
    let (median, slow) = (share(&mut ours, 0.5), share(&mut ours, 0.99));
    let anchor = share(&mut floors, 0.5);
    println!(
        "key to echoed frame: median {:.2} ms, floor {:.2} ms, ratio {:.2} (target <= 1.50); \
         p99 {:.2} ms (target <= 16)",
        ms(median),
        ms(anchor),
        ms(median) / ms(anchor),
        ms(slow)
    );
}

fn idle(folder: &Path) {
    const SECONDS: u64 = 20;
    let mut program = Seen::start(program(folder));
    program.until("idle");
    program.settle();
    let (cpu, wakes, bytes) = (program.cpu(), program.wakes(), program.bytes);
    std::thread::sleep(Duration::from_secs(SECONDS));
    program.taken();
    println!(
        "idle for {SECONDS} s: {:.2} ms of processor, {} wake-ups (target <= {SECONDS}), {} bytes \
         to the terminal (target 0)",
        ms(program.cpu().saturating_sub(cpu)),
        program.wakes() - wakes,
        program.bytes - bytes
    );
    println!(
        "idle resident memory: {:.1} MiB (target <= 12)",
        program.memory() as f64 / 1024.0
    );
}

/// Opens a conversation of 10,000 messages, beside an empty one.
fn long_conversation(folder: &Path) {
    let folder = folder.join("long");
    std::fs::create_dir_all(folder.join("data")).unwrap();
    std::fs::create_dir_all(folder.join("empty")).unwrap();
    let mut store = Store::open(&folder.join("data/hearsay.db")).unwrap();
    let mut seed = Seed::new(7);
    let conversation = seed.conversation();
    for n in 0..10_000_i64 {
        let role = if n % 2 == 0 {
            Role::User
        } else {
            Role::Assistant
        };
        let mut message = Message::new(seed.message(), seed.turn(), role, Wall(n * 1000));
        message.text = format!("message {n}: **some** words, 一些文字, and `code`. ").repeat(4);
        message.ending = Ending::Complete;
        store.write_message(conversation, None, &message).unwrap();
    }
    drop(store);
    let resume = || {
        let mut command = program(&folder);
        command.args(["history", "resume"]);
        command
    };
    let (mut opens, mut empties) = (vec![], vec![]);
    for _round in 0..10 {
        let mut long = Seen::start(resume());
        opens.push(long.until("9999") - long.started);
        let mut empty = Seen::start(program(&folder.join("empty")));
        empties.push(empty.until("idle") - empty.started);
    }
    let (open, empty) = (share(&mut opens, 0.5), share(&mut empties, 0.5));
    println!(
        "10,000 messages opened: {:.2} ms, ratio to an empty start {:.2} (target <= 2.00)",
        ms(open),
        ms(open) / ms(empty)
    );
    let mut long = Seen::start(resume());
    long.until("9999");
    long.settle();
    let mut empty = Seen::start(program(&folder.join("empty")));
    empty.until("idle");
    empty.settle();
    println!(
        "10,000 messages, memory above an empty start of {:.1} MiB: {:.1} MiB (target <= 10)",
        empty.memory() as f64 / 1024.0,
        (long.memory() as f64 - empty.memory() as f64) / 1024.0
    );
    let mut echoes = long.echoes(100);
    let mut plain = empty.echoes(100);
    println!(
        "10,000 messages, key to echoed frame: {:.2} ms, in an empty conversation {:.2} ms",
        ms(share(&mut echoes, 0.5)),
        ms(share(&mut plain, 0.5))
    );
    let mut pages = vec![];
    for _page in 0..50 {
        long.taken();
        let sent = long.send("\x1b[5~");
        pages.push(long.until("\x1b[?2026l") - sent);
        std::thread::sleep(Duration::from_millis(50));
    }
    println!(
        "10,000 messages, page up: median {:.2} ms, slowest {:.2} ms (target <= 16)",
        ms(share(&mut pages, 0.5)),
        ms(share(&mut pages, 1.0))
    );
}

/// Streams a reply from a model server. Answers with the processor time it took.
fn stream(folder: &Path, tokens: usize, rate: Option<u32>) -> Duration {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, moments) = mpsc::channel();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let sender = sender.clone();
            std::thread::spawn(move || answer(connection.unwrap(), tokens, rate, &sender));
        }
    });
    let mut command = program(folder);
    command.env_remove("HEARSAY_BRAIN");
    command.env("OPENAI_BASE_URL", format!("http://127.0.0.1:{port}/v1"));
    let mut program = Seen::start(command);
    program.until("idle");
    program.settle();
    let before = program.cpu();
    program.send("go\r");
    // While a slow reply comes, somebody types. A fast one is over before its beginning is drawn.
    let begun = rate.map(|_rate| (program.until("ZZFIRST"), program.echoes(100)));
    let ended = program.until("ZZLAST");
    let (first, last) = (
        moments.recv_timeout(LIMIT).unwrap(),
        moments.recv().unwrap(),
    );
    let cpu = program.cpu().saturating_sub(before);
    let (speed, glyph, work) = rate.map_or(("at full speed".to_owned(), 33, 0.1), |rate| {
        (format!("at {rate} a second"), 16, 0.55)
    });
    println!(
        "{tokens} tokens {speed}: last byte to last glyph {:.1} ms (target <= {glyph}), processor \
         {:.2} s (target <= {work} for 5,000)",
        ms(ended.saturating_duration_since(last)),
        cpu.as_secs_f64()
    );
    if let Some((shown, mut typed)) = begun {
        println!(
            "first token to glyph {:.1} ms (target <= 16); key to echoed frame meanwhile: median \
             {:.2} ms (target <= 5), p99 {:.2} ms (target <= 20)",
            ms(shown.saturating_duration_since(first)),
            ms(share(&mut typed, 0.5)),
            ms(share(&mut typed, 0.99))
        );
    }
    cpu
}

/// One connection to the model server: a list of models, or the reply.
fn answer(
    stream: TcpStream,
    tokens: usize,
    rate: Option<u32>,
    moments: &mpsc::Sender<Instant>,
) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut out = stream.try_clone().ok()?;
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let asked = line.starts_with("POST");
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        if let Some(found) = header.to_lowercase().strip_prefix("content-length:") {
            length = found.trim().parse().ok()?;
        }
        if header.trim().is_empty() {
            break;
        }
    }
    reader.read_exact(&mut vec![0; length]).ok()?;
    if !asked {
        let list = r#"{"object":"list","data":[{"id":"bench"}]}"#;
        return write!(
            out,
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n{list}",
            list.len()
        )
        .ok();
    }
    write!(
        out,
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
    )
    .ok()?;
    let began = Instant::now();
    for n in 0..tokens {
        if let Some(rate) = rate {
            let due = began + Duration::from_secs(1) * u32::try_from(n).ok()? / rate;
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
        }
        let word = match n {
            0 => "ZZFIRST ".to_owned(),
            _ if n + 1 == tokens => " ZZLAST".to_owned(),
            _ if n % 60 == 0 => format!("\n\n## Part {n}\n\n- "),
            _ if n % 20 == 0 => "**so**\n".to_owned(),
            _ => "word ".to_owned(),
        };
        let data = format!(r#"data: {{"choices":[{{"index":0,"delta":{{"content":{word:?}}}}}]}}"#);
        out.write_all(format!("{data}\n\n").as_bytes()).ok()?;
        if n == 0 || n + 1 == tokens {
            moments.send(Instant::now()).ok()?;
        }
    }
    out.write_all(b"data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n")
        .ok()
}
