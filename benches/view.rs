//! Measures drawing and deciding with a conversation of 10,000 messages, and a reply that grows.
//!
//! `cargo bench --bench view` prints one line each: median, 95th percentile and the target. Times
//! are of the processor where it can be asked, so that a busy machine does not spoil them; where a
//! target is about growth, the line shows a ratio of two figures from the same run.

use hearsay::core::backend::{Down, Greeting};
use hearsay::core::chord::{Chord, Code};
use hearsay::core::ids::{ConversationId, Epoch, Seed};
use hearsay::core::line::{Health, Line, LinkEvent};
use hearsay::core::model::{Drawn, Model, Setup};
use hearsay::core::msg::{Msg, Phase};
use hearsay::core::record::{Kept, Summary};
use hearsay::core::time::{Moment, Now, Wall};
use hearsay::core::transcript::{Ending, Message, Role, Stored};
use hearsay::core::update::update;
use hearsay::view::text::stream::{Kind, Stream};
use hearsay::view::{self, Cache};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::io::{self, Write};
use std::time::Duration;

const MESSAGES: usize = 10_000;
const SIZE: (u16, u16) = (200, 60);
const TIMES: usize = 300;

const VIEW: Duration = Duration::from_millis(2);
const UPDATE: Duration = Duration::from_micros(50);
const FRAME: Duration = Duration::from_millis(16);
/// Work for each token late in a reply, against work for each token early in it.
const GROWTH: f64 = 1.2;

/// A reply with everything in it that markdown has, to be repeated.
const ANSWER: &str = "## What to see\n\n\
    Start **early**, walk *slowly*, and keep `IC card` credit. 先去伏见稻荷，再去岚山。\n\n\
    1. Fushimi Inari at sunrise\n   - two hours to the summit\n2. Nishiki market\n\n\
    | day | where | yen |\n|-----|:------|----:|\n| 1 | Inari 伏見 | 0 |\n| 2 | Arashiyama | 500 |\n\n\
    > Temples close at four.\n\n\
    ```rust\nfn euro(yen: f64) -> f64 {\n    yen * 0.0061 // today\n}\n```\n\n";

fn main() -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    let mut bench = Bench::new()?;

    writeln!(out, "{MESSAGES} messages, {} x {} cells", SIZE.0, SIZE.1)?;
    let times = sample(20, || {
        bench.cache = Cache::default();
        bench.draw()
    });
    line(&mut out, "view, nothing kept", &times, FRAME)?;
    let times = sample(TIMES, || bench.draw());
    line(&mut out, "view", &times, VIEW)?;
    let times = sample(TIMES, || {
        bench.press(Code::Char('x'));
        bench.draw()
    });
    line(&mut out, "view after a key", &times, VIEW)?;
    let times = sample(TIMES, || measure(|| bench.press(Code::Char('x'))));
    line(&mut out, "update, a key", &times, UPDATE)?;

    let mut wide = false;
    let times = sample(40, || {
        wide = !wide;
        // So narrow that the text has to be broken anew.
        bench.resize((if wide { 100 } else { 90 }, SIZE.1));
        bench.draw()
    });
    line(&mut out, "view after a resize", &times, FRAME)?;
    bench.resize(SIZE);

    let times = sample(TIMES, || {
        let decided = measure(|| bench.press(Code::PageUp));
        decided + bench.draw()
    });
    line(&mut out, "page up", &times, FRAME)?;
    assert!(bench.model.unseen > 0, "it did scroll");
    let times = sample(40, || {
        bench.tell(Msg::Act("top".parse().expect("`top` is an action")));
        let up = bench.draw();
        bench.tell(Msg::Act("bottom".parse().expect("`bottom` is an action")));
        up + bench.draw()
    });
    line(&mut out, "to the first message and back", &times, FRAME)?;

    bench.ask();
    let tokens: Vec<&str> = tokens().collect();
    let mut next = tokens.iter().cycle();
    let times = sample(TIMES, || {
        let more = next.next().expect("a cycle has no end");
        measure(|| bench.say(more))
    });
    line(&mut out, "update, a chunk", &times, UPDATE)?;
    let times = sample(TIMES, || {
        bench.say(next.next().expect("a cycle has no end"));
        bench.draw()
    });
    line(&mut out, "view after a chunk", &times, VIEW)?;

    writeln!(out, "\na reply that grows, set anew after each token")?;
    let costs: Vec<(usize, f64)> = [16, 32, 64]
        .into_iter()
        .map(|kilobytes| (kilobytes, parse(&tokens, kilobytes << 10)))
        .collect();
    for pair in costs.windows(2) {
        let [(half, less), (whole, more)] = pair else {
            continue;
        };
        ratio(
            &mut out,
            &format!("{whole} kB: {more:.2} us a token, against {half} kB: {less:.2}"),
            more / less,
        )?;
    }
    let (early, late) = grow(&mut bench, &tokens);
    ratio(
        &mut out,
        &format!("update and view: {late:.1} us at token 20,000, against {early:.1} at 1,000"),
        late / early,
    )?;
    Ok(())
}

/// The answer in the pieces a model sends.
fn tokens() -> impl Iterator<Item = &'static str> {
    ANSWER.split_inclusive([' ', '，', '\n'])
}

/// Sets a reply of so many bytes token by token: microseconds for each.
fn parse(tokens: &[&str], bytes: usize) -> f64 {
    let costs = sample(5, || {
        let mut stream = Stream::new(Kind::Markdown, 108);
        let mut text = String::new();
        measure(|| {
            for token in tokens.iter().cycle() {
                text.push_str(token);
                stream.feed(&text, false);
                if text.len() >= bytes {
                    break;
                }
            }
        })
    });
    let average = ANSWER.len() as f64 / tokens.len() as f64;
    micros(costs[costs.len() / 2]) * average / bytes as f64
}

/// Microseconds for each token around the 1,000th and the 20,000th of a reply. Means, because
/// the work differs with what the token belongs to.
fn grow(bench: &mut Bench, tokens: &[&str]) -> (f64, f64) {
    /// Whole answers, so that both windows hold the same mix of tokens.
    const ANSWERS: usize = 12;
    let window = tokens.len() * ANSWERS;
    bench.ask();
    let taken = |bench: &mut Bench, upto: usize, from: usize, measured: bool| {
        let mut total = Duration::ZERO;
        for at in from..upto {
            let token = tokens[at % tokens.len()];
            if measured {
                total += measure(|| bench.say(token)) + bench.draw();
            } else {
                bench.say(token);
                if at % 8 == 0 {
                    bench.draw();
                }
            }
        }
        micros(total) / (upto - from).max(1) as f64
    };
    taken(bench, 1_000, 0, false);
    let early = taken(bench, 1_000 + window, 1_000, true);
    taken(bench, 20_000, 1_000 + window, false);
    let late = taken(bench, 20_000 + window, 20_000, true);
    let reply = bench.model.conversation.transcript.last(Role::Assistant);
    let bytes = ANSWER.len() * (20_000 + window) / tokens.len();
    let whole = reply.is_some_and(|reply| reply.text.len().abs_diff(bytes) < ANSWER.len());
    assert!(whole, "every token is part of the reply");
    (early, late)
}

/// The program without a world.
struct Bench {
    model: Model,
    cache: Cache,
    terminal: Terminal<TestBackend>,
    now: Now,
}

impl Bench {
    /// A conversation of [`MESSAGES`] is open and drawn once.
    fn new() -> anyhow::Result<Self> {
        let model = Model::new(Setup {
            size: SIZE,
            show_reasoning: false,
            bell: false,
            ..Setup::default()
        });
        let mut bench = Self {
            model,
            cache: Cache::default(),
            terminal: Terminal::new(TestBackend::new(SIZE.0, SIZE.1))?,
            now: Now {
                mono: Moment::default(),
                wall: Wall(1_795_000_000_000),
            },
        };
        bench.tell(Msg::Start { resume: None });
        let epoch = Epoch(1);
        let line = Line::Up(Health::default());
        bench.tell(Msg::Link(LinkEvent::Line { epoch, line }));
        bench.hear(Down::Greeting(Greeting::default()));
        let conversation = ConversationId(7);
        bench.tell(Msg::Act(format!("open {conversation}").parse()?));
        bench.tell(Msg::Kept(Kept::Loaded {
            conversation: Summary {
                id: conversation,
                title: "a long one".into(),
                persona: None,
                started: Wall(0),
                used: Wall(0),
                messages: MESSAGES,
                forgotten: 0,
            },
            messages: messages(),
            above: None,
            before: None,
        }));
        bench.draw();
        Ok(bench)
    }

    fn tell(&mut self, msg: Msg) {
        self.now.mono = self.now.mono + Duration::from_millis(5);
        update(&mut self.model, self.now, msg);
    }

    fn hear(&mut self, down: Down) {
        let epoch = Epoch(1);
        self.tell(Msg::Link(LinkEvent::Heard { epoch, down }));
    }

    fn press(&mut self, code: Code) {
        let chord = Chord {
            code,
            ctrl: false,
            alt: false,
            shift: false,
        };
        let phase = Phase::Press;
        self.tell(Msg::Key { chord, phase });
    }

    fn resize(&mut self, (columns, rows): (u16, u16)) {
        self.terminal.backend_mut().resize(columns, rows);
        self.tell(Msg::Resize(columns, rows));
    }

    fn ask(&mut self) {
        self.tell(Msg::Act("cancel".parse().expect("`cancel` is an action")));
        self.tell(Msg::Paste("and now?".into()));
        self.press(Code::Enter);
        assert!(self.model.turn.is_some(), "an answer is awaited");
    }

    fn say(&mut self, more: &str) {
        let turn = self.model.turn.as_ref().map(|turn| turn.id);
        let more = more.to_owned();
        self.hear(Down::Text { turn, more });
    }

    /// One frame: what the view took of it.
    fn draw(&mut self) -> Duration {
        let (model, cache) = (&self.model, &mut self.cache);
        let mut taken = Duration::ZERO;
        let mut drawn = Drawn::default();
        self.terminal
            .draw(|frame| taken = measure(|| drawn = view::draw(frame, model, cache)))
            .expect("a terminal in memory takes everything");
        self.tell(Msg::Drawn(drawn));
        taken
    }
}

fn messages() -> Vec<Message> {
    let mut seed = Seed::new(3);
    (0..MESSAGES)
        .map(|at| {
            let asks = at.is_multiple_of(2);
            let role = if asks { Role::User } else { Role::Assistant };
            let mut message = Message::new(seed.message(), seed.turn(), role, Wall(0));
            message.text = if asks {
                format!("question {at}: 京都有什么好玩的?")
            } else {
                ANSWER.to_owned()
            };
            message.ending = Ending::Complete;
            message.stored = Stored::Yes;
            message
        })
        .collect()
}

/// Durations of so many runs, the shortest first.
fn sample(times: usize, mut run: impl FnMut() -> Duration) -> Vec<Duration> {
    let mut taken: Vec<Duration> = (0..times).map(|_| run()).collect();
    taken.sort_unstable();
    taken
}

fn measure(run: impl FnOnce()) -> Duration {
    let start = clock();
    run();
    clock().saturating_sub(start)
}

/// The processor time of this thread.
#[cfg(unix)]
fn clock() -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// The time on the wall, where no other can be asked.
#[cfg(not(unix))]
#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
fn clock() -> Duration {
    use std::sync::LazyLock;
    use std::time::Instant;
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed()
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

fn line(out: &mut impl Write, what: &str, times: &[Duration], target: Duration) -> io::Result<()> {
    let (median, tail) = (times[times.len() / 2], times[times.len() * 95 / 100]);
    let verdict = if median <= target { "met" } else { "MISSED" };
    writeln!(
        out,
        "{what:30} median {median:9.2?}  p95 {tail:9.2?}  target {target:?}: {verdict}"
    )
}

fn ratio(out: &mut impl Write, what: &str, ratio: f64) -> io::Result<()> {
    let verdict = if ratio <= GROWTH { "met" } else { "MISSED" };
    writeln!(out, "{what}: {ratio:.2} x, target {GROWTH} x: {verdict}")
}
