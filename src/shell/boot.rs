//! Puts the parts together: from settled settings to a running loop, or to the line alone for
//! the subcommands that need no screen.
//!
//! The first frame is drawn before anything else is started: what the user sees does not wait
//! for the store, the backend or a search for model servers.

use super::clock::{self, Clock};
use super::embedded;
use super::frames::{FrameClock, Haste};
use super::logs::Logs;
use super::program::{Ports, Program};
use super::reader::reader;
use super::record::{Opening, Recorder};
use super::remote;
use super::run::Run;
use super::shelf::keeper;
use super::terminal::{Extent, Screen};
use super::tools::Tools;
use super::trace::Trace;
use super::vault::Vault;
use super::{clips, device, keys, logs, notify, panic, signals, themes};
use crate::config::settings::{self, Backend, Notify, Settings, Timeout, Where};
use crate::config::{ConfigError, Loaded};
use crate::core::action::{Action, Plain};
use crate::core::backend::Offer;
use crate::core::budget::Budget;
use crate::core::chord::Chord;
use crate::core::ids::ConversationId;
use crate::core::keys::{Conflict, Context, Keymap};
use crate::core::line::{LinkEvent, LinkOrder};
use crate::core::model::{Budgets, Choice, Model, Setup};
use crate::core::msg::Msg;
use crate::core::record::Kept;
use crate::core::sound::{ClipPart, SoundEvent, Way};
use crate::core::talk::terminal;
use crate::core::trips::Bars;
use crate::core::update::offers;
use crate::core::voice::Wishes;
use crate::link::{
    self, Candidate, Ends, Helper, LinkSettings, Play, Proxies, Remote, Standby, Tape, Target,
    Trust,
};
use crate::serve::{Personas, Workshop};
use crate::sound::Pace;
use crate::sound::desk::{Desk, DeskSettings, Polishes};
use crate::sound::device::Wish;
use crate::sound::echo::EchoMode;
use crate::sound::polish::Polish;
use crate::store;
use crate::view::Cache;
use crate::view::inline::Scrollback;
use crate::view::theme::looks::Looks;
use crate::wire::xiaozhi::Identity;
use crate::wire::{Language, Place};
use anyhow::Context as _;
use std::collections::VecDeque;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// Orders that may wait for the link; the loop keeps what exceeds them.
const ORDERS: usize = 64;
/// Events that may wait for the loop; the link stops reading the socket beyond them.
const EVENTS: usize = 256;
/// Timers that may wait to be heard.
const RINGS: usize = 16;
/// How long leaving may wait for the store.
pub(super) const LAST_WRITES: Duration = Duration::from_millis(800);
/// How long leaving may wait for the end of a recording.
const LAST_SAMPLES: Duration = Duration::from_millis(800);

/// The program's ends of the line to the backend. Dropping `orders` or `events` closes it.
pub struct LineEnds {
    pub orders: mpsc::Sender<LinkOrder>,
    pub events: mpsc::Receiver<LinkEvent>,
    /// Recordings, piece by piece.
    pub clips: mpsc::Sender<ClipPart>,
    /// What passed on it of late.
    pub tape: Tape,
}

/// Opens the screen and stays until the user leaves. `act`: what is done before anything else.
pub fn screen(
    loaded: Loaded,
    resume: Option<ConversationId>,
    act: Option<Action>,
) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(stay(loaded, resume, act));
    // A name lookup may still hang in a thread of the runtime; nobody waits for it.
    runtime.shutdown_background();
    outcome
}

async fn stay(
    loaded: Loaded,
    resume: Option<ConversationId>,
    act: Option<Action>,
) -> anyhow::Result<()> {
    let settings = &loaded.settings;
    let (keymap, conflicts) = keymap(settings).map_err(ConfigError::Bad)?;
    let logs = Logs::new(Some(settings.data_dir.join(logs::NAME)));
    logs.install(settings.log_level);
    let extent = if settings.ui.inline {
        Extent::Inline
    } else {
        Extent::Whole
    };
    let screen = Screen::enter(extent).context("the terminal cannot be used")?;
    // Whoever has kept nothing yet is new here.
    let new = resume.is_none() && !settings.store.path.exists();
    let Begun {
        program,
        unconnected,
        looks,
    } = begin(&loaded, keymap, screen.size())?;
    let (store, sound) = (program.ports.store.clone(), program.ports.sound.clone());
    let rescue = store.clone();
    panic::install(settings.data_dir.clone(), logs.clone(), move || {
        rescue.close(LAST_WRITES);
    });
    let mut run = Run {
        program,
        keys: keys::spawn(screen.size())?,
        signals: signals::listen()?,
        screen,
        cache: Cache::new(looks),
        scrollback: settings.ui.inline.then(Scrollback::default),
        frames: FrameClock::new(settings.ui.max_fps),
        notify: notify::Way::of(settings.ui.notify, &|name| std::env::var(name).ok()),
        over: false,
    };
    // Nobody has acted yet: what the store finds need not keep its distance from this frame.
    let now = run.program.clock.now();
    run.frames.request(now.mono, Haste::Soon);
    run.screen.mouse(settings.ui.mouse)?;
    run.draw()?;
    let doubts = unconnected.connect(&loaded, &mut run.program)?;
    run.program.ports.remote = remote::door(settings);
    for msg in first(&loaded, conflicts.into_iter().chain(doubts), resume) {
        run.take(msg)?;
    }
    // Whoever wants something already needs no welcome.
    let welcome = || new.then(|| Plain::Welcome.into());
    if let Some(act) = act.or_else(welcome) {
        run.take(Msg::Act(act))?;
    }
    // It holds everything, and would be copied about.
    let outcome = Box::pin(run.run()).await;
    remote::farewell().await;
    close(&sound, &store);
    Ok(outcome?)
}

/// What happens before anything else: what is doubtful is told, the line comes up, and what an
/// earlier run left behind is found.
pub(super) fn first(
    loaded: &Loaded,
    doubts: impl Iterator<Item = String>,
    resume: Option<ConversationId>,
) -> Vec<Msg> {
    let warnings = loaded.warnings.iter().cloned().chain(doubts);
    let mut first: Vec<Msg> = warnings
        .inspect(|warning| tracing::warn!("{warning}"))
        .map(Msg::Warning)
        .collect();
    first.push(Msg::Start { resume });
    let left = clips::left(&loaded.settings.data_dir.join("clips"));
    first.push(Msg::Left(left));
    first
}

/// Waits for what is still being recorded and written, though not for long.
pub fn close(sound: &Desk, store: &store::Handle) {
    // The recording is whole before the store says that there is one.
    sound.close(LAST_SAMPLES);
    if !store.close(LAST_WRITES) {
        tracing::warn!("the store had no time to finish");
    }
}

/// A program that has everything but a screen and a line.
pub struct Begun {
    pub program: Program,
    pub unconnected: Unconnected,
    pub looks: Looks,
}

/// What the line of a program is made of.
pub struct Unconnected {
    ends: Ends,
    /// What passes on it is noted here.
    tape: Tape,
    personas: Personas,
    doubts: Vec<String>,
}

impl Unconnected {
    /// Starts the line, which waits to be told to dial. Answers what the user should know of the
    /// personas and themes. Must be called within the program's runtime.
    pub fn connect(self, loaded: &Loaded, program: &mut Program) -> anyhow::Result<Vec<String>> {
        let (clock, store) = (program.clock, &program.ports.store);
        program.ports.tools = attach(
            loaded,
            store,
            &self.personas,
            clock,
            (self.ends, &self.tape),
        )?;
        Ok(self.doubts)
    }
}

/// Starts the line of a program, with the tools for backends elsewhere. Must be called within the
/// program's runtime.
fn attach(
    loaded: &Loaded,
    store: &store::Handle,
    personas: &Personas,
    clock: Clock,
    ends: (Ends, &Tape),
) -> anyhow::Result<Tools> {
    let settings = &loaded.settings;
    let (mut offers, mut tools) = (vec![], Tools::default());
    if backends(settings).any(|backend| matches!(backend, Backend::Remote(_))) {
        let (rings, heard) = mpsc::channel(RINGS);
        let (store, clock) = (store.clone(), Arc::new(jiff::Zoned::now));
        let workshop = Workshop::start(store, clock, seed(), settings.lang, rings);
        offers.extend(self::offers());
        offers.extend(workshop.offers());
        tools = Tools::of(workshop, heard);
    }
    connect(loaded, store, personas, clock, ends, (&offers, true))?;
    Ok(tools)
}

/// A line that may take the place of another, as `Ports::exchange` does it.
pub struct NewLine {
    pub ends: LineEnds,
    pub tools: Tools,
    /// The configuration that it follows.
    pub loaded: Loaded,
    /// The personas of the backend inside the program, if that is at its end: id and name.
    pub personas: Vec<(String, String)>,
}

/// Starts a line beside the one in use. Must be called within the program's runtime.
pub fn new_line(
    loaded: Loaded,
    store: &store::Handle,
    sound: &Desk,
    clock: Clock,
) -> anyhow::Result<NewLine> {
    let (line, ends) = lanes();
    let (personas, doubts) = embedded::personas(&loaded);
    for doubt in doubts {
        tracing::warn!("{doubt}");
    }
    let mouth = sound.clone();
    let play: Play = Arc::new(move |speech| mouth.speech(speech));
    let ends = (ends(play), &line.tape);
    let tools = attach(&loaded, store, &personas, clock, ends)?;
    Ok(NewLine {
        ends: line,
        tools,
        personas: names(&loaded.settings, &personas),
        loaded,
    })
}

/// The personas of the backend in use, where they are known before it says so.
fn names(settings: &Settings, personas: &Personas) -> Vec<(String, String)> {
    match settings.backend {
        Backend::Embedded => personas.names(settings.lang),
        Backend::Remote(_) => vec![],
    }
}

/// Puts a program together: nothing is connected, and no device is open.
pub fn begin(loaded: &Loaded, keymap: Keymap, size: (u16, u16)) -> anyhow::Result<Begun> {
    let settings = &loaded.settings;
    let (personas, mut doubts) = embedded::personas(loaded);
    let (looks, look, more) = themes::looks(loaded);
    doubts.extend(more);
    let setup = Setup {
        lang: settings.lang,
        size,
        backend: settings.backend.name().to_owned(),
        choice: choice(settings),
        personas: names(settings, &personas),
        keymap,
        seed: seed(),
        budgets: budgets(settings),
        show_reasoning: settings.ui.show_reasoning,
        bars: Bars::of(&|name| std::env::var(name).ok()),
        bell: settings.ui.bell,
        notify: settings.ui.notify != Notify::Never,
        voice: wishes(settings),
        terminal: terminal::name(&|name| std::env::var(name).ok()),
        look,
    };
    let opening = Opening {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        seed: setup.seed,
        lang: setup.lang,
        size: setup.size,
        backend: setup.backend.clone(),
        choice: setup.choice.clone(),
        personas: setup.personas.clone(),
        voice: setup.voice.clone(),
    };
    let recorder = match &settings.record {
        Some(path) => Some(
            Recorder::create(path, &opening)
                .with_context(|| format!("cannot record to `{}`", path.display()))?,
        ),
        None => None,
    };
    let trace = match &settings.trace {
        Some(path) => Some(
            Trace::create(path).with_context(|| format!("cannot trace to `{}`", path.display()))?,
        ),
        None => None,
    };
    let (kept, inbox) = mpsc::unbounded_channel::<Kept>();
    let store = store::spawn(settings.store.path.clone(), move |answer| {
        // The loop is gone only when the program ends.
        let _ = kept.send(answer);
    });
    // The desk needs the line to hand recordings to, and the line the desk to speak through it.
    let (line, ends) = lanes();
    let (clips, lane) = watch::channel(line.clips);
    let (tell, heard) = mpsc::unbounded_channel();
    let sound = Desk::new(
        desk_settings(settings),
        move |event| {
            // As above.
            let _ = tell.send(event);
        },
        move |part| {
            let to = lane.borrow().clone();
            to.blocking_send(part).is_ok()
        },
    );
    let mouth = sound.clone();
    let (tell, shelved) = mpsc::unbounded_channel();
    let keeper = keeper(loaded, move |event| {
        // As above.
        let _ = tell.send(event);
    });
    let (tell, logged) = mpsc::unbounded_channel();
    let news = tell.clone();
    let reader = reader(loaded, move |event| {
        // As above.
        let _ = news.send(event);
    });
    let ports = Ports {
        line: line.events,
        kept: inbox,
        heard,
        shelved,
        logged: (tell, logged),
        tools: Tools::default(),
        remote: remote::Remote::default(),
        fresh: mpsc::unbounded_channel(),
        finding: mpsc::unbounded_channel(),
        orders: line.orders,
        tape: line.tape.clone(),
        clips,
        backlog: VecDeque::new(),
        store,
        sound,
        keeper,
        loaded: loaded.clone(),
        reader,
        settings: loaded.file.clone(),
    };
    let program = Program {
        clock: Clock::start(),
        model: Model::new(setup),
        ports,
        vault: Vault::default(),
        recorder,
        trace,
    };
    let unconnected = Unconnected {
        tape: line.tape,
        ends: ends(Arc::new(move |speech| mouth.speech(speech))),
        personas,
        doubts,
    };
    Ok(Begun {
        program,
        unconnected,
        looks,
    })
}

/// A loudspeaker alone, for who has no screen. Nothing is opened before something is to be heard.
pub fn mouth(settings: &Settings, tell: impl Fn(SoundEvent) + Send + Sync + 'static) -> Desk {
    Desk::new(desk_settings(settings), tell, |_nothing_is_recorded| false)
}

fn desk_settings(settings: &Settings) -> DeskSettings {
    let sound = &settings.sound;
    DeskSettings {
        microphone: Wish::read(&sound.microphone, Way::In),
        loudspeaker: Wish::read(&sound.loudspeaker, Way::Out),
        pace: if sound.fast {
            Pace::Fast
        } else {
            Pace::RealTime
        },
        folder: settings.data_dir.join("clips"),
        longest: sound.longest,
        silence: sound.silence,
        tail: sound.tail,
        preroll: sound.preroll,
        chimes: sound.chimes || sound.state_chimes,
        echo: match sound.echo {
            settings::Echo::Auto => EchoMode::Auto,
            settings::Echo::On => EchoMode::On,
            settings::Echo::Off => EchoMode::Off,
        },
        polish: polishes(sound),
        volume: settings.voice.synthesis_volume as f32,
    }
}

fn polishes(sound: &settings::Sound) -> Polishes {
    let of = |call: bool| {
        let wanted = |place: Where| match place {
            Where::Never => false,
            Where::Calls => call,
            Where::Always => true,
        };
        Polish {
            noise: wanted(sound.noise),
            gain: wanted(sound.gain),
        }
    };
    Polishes {
        recording: of(false),
        call: of(true),
    }
}

/// The line to the configured backend, without a screen. What the backend speaks goes to `speech`;
/// it may use these tools.
pub fn line(
    loaded: &Loaded,
    store: &store::Handle,
    clock: Clock,
    speech: Play,
    offers: &[Offer],
) -> anyhow::Result<LineEnds> {
    let (line, ends) = lanes();
    let (personas, doubts) = embedded::personas(loaded);
    let ends = (ends(speech), &line.tape);
    connect(loaded, store, &personas, clock, ends, (offers, false))?;
    for doubt in doubts {
        tracing::warn!("{doubt}");
    }
    Ok(line)
}

/// The lanes between the program and its line; the line's ends are whole once it is known who
/// plays what the backend speaks.
fn lanes() -> (LineEnds, impl FnOnce(Play) -> Ends) {
    let (orders, link_orders) = mpsc::channel(ORDERS);
    let (link_events, events) = mpsc::channel(EVENTS);
    let (clips, link_clips) = mpsc::channel(link::CLIPS);
    let line = LineEnds {
        orders,
        events,
        clips,
        tape: Tape::default(),
    };
    let ends = |speech| Ends {
        orders: link_orders,
        events: link_events,
        clips: link_clips,
        speech,
    };
    (line, ends)
}

/// The backends that may answer.
fn backends(settings: &Settings) -> impl Iterator<Item = &Backend> {
    std::iter::once(&settings.backend).chain(&settings.standby)
}

/// What a backend speaks, if its address or the settings say so.
pub(super) fn language(backend: &Backend) -> Option<&'static str> {
    let place = match backend {
        Backend::Embedded => Place::default(),
        Backend::Remote(named) => Place {
            url: named.url.clone(),
            more: named.more.clone(),
            ..Place::default()
        },
    };
    let language = Language::of(&place);
    (language != Language::Unknown).then(|| language.name())
}

/// Clients of those servers return within this, and so do we.
const YYCHAT_CAP: Duration = Duration::from_secs(30);

/// Starts the line, and the embedded backend with these personas where it leads there. `offers`:
/// the tools for backends elsewhere; `attended`: somebody is there to hear timers and to watch.
fn connect(
    loaded: &Loaded,
    store: &store::Handle,
    personas: &Personas,
    clock: Clock,
    (ends, tape): (Ends, &Tape),
    (offers, attended): (&[Offer], bool),
) -> anyhow::Result<()> {
    let settings = &loaded.settings;
    let mut candidates = vec![];
    for backend in backends(settings) {
        let limits = link_settings(&settings.link);
        let mut place = Place::default();
        let (target, limits) = match backend {
            Backend::Embedded => {
                let backend = embedded::backend(loaded, store, personas.clone(), attended);
                let open = move || backend.connect();
                (Target::Embedded(Box::new(open)), limits.embedded())
            }
            Backend::Remote(named) => {
                place = Place {
                    name: backend.name().to_owned(),
                    url: named.url.clone(),
                    token: named.token.read()?,
                    more: named.more.clone(),
                    identity: Identity::default(),
                    offers: offers.to_vec(),
                };
                let language = Language::of(&place);
                if let Language::Xiaozhi | Language::Unknown = language {
                    place.identity = device::identity(&settings.data_dir)?;
                }
                let mut limits = limits;
                if language == Language::Yychat {
                    limits.backoff_cap = limits.backoff_cap.min(YYCHAT_CAP);
                }
                let remote = Remote {
                    url: place.url.clone(),
                    token: place.token.clone(),
                    proxies: Proxies::read(|name| std::env::var(name).ok()),
                    trust: Trust {
                        ca_file: settings.link.ca_file.clone(),
                        anybody: settings.link.accept_invalid_certs,
                    },
                };
                (Target::Url(remote), limits)
            }
        };
        candidates.push(Candidate {
            name: backend.name().to_owned(),
            target,
            dialect: tape.beside(Language::of(&place).speaker(&place)),
            settings: limits,
        });
    }
    let standby = Standby {
        patience: settings.link.standby_after,
        warm: settings.link.standby_warm,
    };
    let clock = link::Clock::real(clock.origin().into(), clock::wall);
    // Where somebody is there, a backend that only reads and writes hears and speaks all the same.
    let elsewhere = backends(settings).any(|backend| *backend != Backend::Embedded);
    let ends = if elsewhere && attended {
        link::between(ends, helper(loaded, store), clock)
    } else {
        ends
    };
    link::standby::spawn(candidates, standby, ends, clock);
    Ok(())
}

/// The backend inside the program, as far as it lends others its ears and its voice. It begins with
/// the first who wants them.
fn helper(loaded: &Loaded, store: &store::Handle) -> Helper {
    let (loaded, store) = (loaded.clone(), store.clone());
    let settings = link_settings(&loaded.settings.link).embedded();
    let started = OnceLock::new();
    let start = move || embedded::backend(&loaded, &store, Personas::default(), false);
    let open = move || started.get_or_init(&start).connect();
    Helper {
        target: Target::Embedded(Box::new(open)),
        dialect: Language::Yychat.speaker(&Place::default()),
        settings,
    }
}

fn link_settings(link: &settings::Link) -> LinkSettings {
    LinkSettings {
        connect_timeout: link.connect_timeout,
        greeting_timeout: link.greeting_timeout,
        heartbeat: link.heartbeat,
        ping_after: link.ping,
        pong_timeout: link.pong_timeout,
        reconnect: link.reconnect,
        attempts: link.reconnect_attempts.unwrap_or(0),
        backoff: link.reconnect_interval,
        backoff_cap: link.reconnect_max,
        seed: seed(),
        ..LinkSettings::default()
    }
}

/// A number nobody can foresee: the standard library seeds its hashers from the system.
pub fn seed() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// What the settings choose for the first turns.
pub fn choice(settings: &Settings) -> Choice {
    Choice {
        brain: Some(settings.brain.choice.clone()).filter(|brain| brain != "auto"),
        model: settings.brain.model.clone(),
        persona: Some(settings.persona.clone()),
        tools: settings.use_tools,
    }
}

/// What the settings wish of hearing and speaking.
pub fn wishes(settings: &Settings) -> Wishes {
    let (sound, voice) = (&settings.sound, &settings.voice);
    let device = |text: &str| Some(text.to_owned()).filter(|text| text != "default");
    Wishes {
        speak: sound.speak,
        review: sound.review,
        keep: sound.keep_recordings,
        chimes: sound.chimes,
        state_chimes: sound.state_chimes,
        preroll: !sound.preroll.is_zero(),
        voice: voice.synthesis_voice.clone(),
        speed: voice.synthesis_speed as f32,
        volume: voice.synthesis_volume as f32,
        language: Some(settings.spoken_language().to_owned()),
        ears: None,
        mouth: None,
        microphone: device(&sound.microphone),
        loudspeaker: device(&sound.loudspeaker),
        controls: settings.call.controls.clone(),
        ask_ahead: settings.call.ask_ahead,
        call_silence_s: u32::try_from(settings.call.silence.as_secs()).unwrap_or(u32::MAX),
    }
}

/// How long the phases of a turn may take.
pub fn budgets(settings: &Settings) -> Budgets {
    let budget = |timeout: Timeout| Budget {
        base: timeout.base,
        per_char: timeout.per_char,
        max: timeout.max,
    };
    let timeouts = &settings.timeouts;
    Budgets {
        sse: budget(timeouts.sse),
        tts: budget(timeouts.tts),
        stt: budget(timeouts.stt),
    }
}

/// The bindings in force and what the user should know about them.
pub fn keymap(settings: &Settings) -> Result<(Keymap, Vec<String>), Vec<crate::config::Problem>> {
    let mut bindings = vec![];
    let mut problems = vec![];
    for binding in &settings.keys {
        let context = binding.context.parse::<Context>();
        match (context, binding.chord.parse::<Chord>()) {
            (Ok(context), Ok(chord)) => bindings.push((context, chord, binding.action.clone())),
            _ => problems.push(binding.not_a_chord()),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let (keymap, conflicts) = Keymap::with(settings.ui.keys, &bindings);
    let tell = |conflict: &Conflict| conflict.tell(settings.lang);
    Ok((keymap, conflicts.iter().map(tell).collect()))
}
