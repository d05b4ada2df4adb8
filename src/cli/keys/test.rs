//! `hearsay keys test`: tries the talk key on the screen, grades the terminal, and keeps what was
//! learned for the assistant.

use super::super::{Exit, complain, warn};
use super::trial::{Step, Trial};
use crate::config::Loaded;
use crate::core::action::Plain;
use crate::core::chord::{Chord, Code};
use crate::core::keys::Context;
use crate::core::msg::{Msg, Phase};
use crate::core::talk::{Grip, Hint, terminal};
use crate::core::words::{Lang, Word, fill};
use crate::shell::clock::Clock;
use crate::shell::run::Signal;
use crate::shell::terminal::{Extent, Screen};
use crate::shell::{boot, keys, signals, themes};
use crate::store::Store;
use crate::view::text::wrap::wrap;
use crate::view::text::{Row, Run, put};
use crate::view::theme::{Role, Theme};
use anyhow::Context as _;
use ratatui::Frame;
use serde_json::json;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub(super) struct TestArgs {
    /// The key to try, instead of the one that is bound to `talk`
    #[arg(long, value_name = "CHORD")]
    pub(super) key: Option<Chord>,
    /// Print the grade as one JSON document
    #[arg(long)]
    pub(super) json: bool,
}

/// Where the test takes place.
struct Place {
    terminal: String,
    multiplexer: Option<&'static str>,
    lang: Lang,
    theme: Theme,
}

/// Tries the key and prints the grade. Exits with 1 when the user left before the end.
pub(super) fn run(args: &TestArgs, loaded: &Loaded) -> anyhow::Result<ExitCode> {
    let lang = loaded.settings.lang;
    if !io::stdin().is_terminal() {
        let hint = Word::TrialNoTerminalHint.text(lang);
        complain(Word::TrialNoTerminal.text(lang), Some(hint));
        return Ok(Exit::Usage.into());
    }
    let env = |name: &str| std::env::var(name).ok();
    let place = Place {
        terminal: terminal::name(&env),
        multiplexer: terminal::multiplexer(&env),
        lang,
        theme: {
            let (looks, look, _) = themes::looks(loaded);
            looks.theme(&look.theme)
        },
    };
    let key = args.key.unwrap_or_else(|| talk_key(loaded));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let learned = runtime.block_on(tried(Trial::new(key), &place))?;
    runtime.shutdown_background();
    let Some(grip) = learned else {
        complain(Word::TrialLeft.text(lang), None);
        return Ok(Exit::Unanswered.into());
    };
    let kept = Store::open(&loaded.settings.store.path)
        .and_then(|mut store| store.set_grip(&place.terminal, &grip));
    if let Err(error) = &kept {
        warn(&[error.to_string()]);
    }
    let mut out = io::stdout().lock();
    if args.json {
        writeln!(out, "{:#}", as_json(&grip, &place, kept.is_ok()))?;
    } else {
        writeln!(out, "{}: {}", place.terminal, grade(&grip, lang))?;
        if let Some(name) = place.multiplexer {
            writeln!(out, "{}", fill(Word::TrialBetween.text(lang), &[name]))?;
        }
        if kept.is_ok() {
            let kept = fill(Word::GradeKept.text(lang), &[&place.terminal]);
            writeln!(out, "{kept}")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The key that talks while nothing is written, or else wherever one writes.
fn talk_key(loaded: &Loaded) -> Chord {
    let keymap = boot::keymap(&loaded.settings).unwrap_or_default().0;
    let talk = Plain::Talk.into();
    [Context::Empty, Context::Chat]
        .iter()
        .find_map(|context| keymap.chords(*context, &talk).first().copied())
        .unwrap_or_else(|| "space".parse().expect("a chord"))
}

fn ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn grade(grip: &Grip, lang: Lang) -> String {
    match grip.hint() {
        Hint::Hold => Word::GradeHold.text(lang).to_owned(),
        Hint::Tap => Word::GradeTap.text(lang).to_owned(),
        Hint::Either => {
            let time = |time: Option<Duration>| ms(time.unwrap_or_default()).to_string();
            fill(
                Word::GradeEither.text(lang),
                &[&time(grip.repeat), &time(grip.first_repeat)],
            )
        }
    }
}

fn as_json(grip: &Grip, place: &Place, kept: bool) -> serde_json::Value {
    let grade = match grip.hint() {
        Hint::Hold => "hold",
        Hint::Either => "either",
        Hint::Tap => "tap",
    };
    json!({
        "terminal": place.terminal,
        "multiplexer": place.multiplexer,
        "grade": grade,
        "releases": grip.releases,
        "first_repeat_ms": grip.first_repeat.map(ms),
        "repeat_ms": grip.repeat.map(ms),
        "kept": kept,
    })
}

/// The keys that leave, unless one of them is tried: the first is named on the screen.
fn leaving(key: Chord) -> impl Iterator<Item = Chord> {
    let ctrl = |c| Chord {
        ctrl: true,
        ..Chord::plain(Code::Char(c))
    };
    [Chord::plain(Code::Esc), ctrl('c'), ctrl('q')]
        .into_iter()
        .filter(move |chord| *chord != key)
}

/// Goes through the test on the screen. `None`: the user left.
async fn tried(mut trial: Trial, place: &Place) -> anyhow::Result<Option<Grip>> {
    let clock = Clock::start();
    let mut screen = Screen::enter(Extent::Whole).context("the terminal cannot be used")?;
    // One reads the terminal, the other listens to the system; both end with the program.
    let (mut inbox, mut system) = (keys::spawn(screen.size())?, signals::listen()?);
    while trial.step != Step::Over {
        let busy = screen.busy();
        if !busy {
            screen.draw(|frame| draw(frame, &trial, place))?;
        }
        let wake = trial.deadline();
        let sleep = async {
            match wake {
                Some(at) => tokio::time::sleep_until(clock.instant(at).into()).await,
                None => std::future::pending().await,
            }
        };
        // The key before the moment that would judge without it.
        tokio::select! {
            biased;
            msg = inbox.recv() => match msg {
                Some(Msg::Key { chord, phase: Phase::Press, .. })
                    if leaving(trial.key).any(|leaves| leaves == chord) => return Ok(None),
                Some(Msg::Key { chord, phase }) => trial.key(chord, phase, clock.now().mono),
                Some(Msg::Resize(columns, rows)) => screen.resize(columns, rows)?,
                Some(_) => {}
                None => return Ok(None),
            },
            signal = system.recv() => if signal.is_none_or(|it| it == Signal::Terminate) {
                return Ok(None);
            },
            flushed = screen.flush(), if busy => flushed?,
            () = sleep => trial.due(clock.now().mono),
        }
    }
    Ok(Some(trial.grip))
}

fn draw(frame: &mut Frame<'_>, trial: &Trial, place: &Place) {
    let area = frame.area();
    let room = area.width.saturating_sub(2);
    let rows = rows(trial, place, room.into(), area.height.into());
    for (y, row) in (area.top()..area.bottom()).zip(&rows) {
        put(
            frame.buffer_mut(),
            (area.left() + 1, y),
            room,
            row,
            place.theme,
        );
    }
}

/// The screen from the top: where, what to do, what came, what it means.
fn rows(trial: &Trial, place: &Place, room: usize, height: usize) -> Vec<Row> {
    let say = |word: Word, arguments: &[&str]| fill(word.text(place.lang), arguments);
    let text = |role, text: &str| wrap(&[Run::role(text, role)], room);
    let key = trial.key.label();
    let (task, again) = match trial.step {
        Step::Hold => (Word::TrialHold, Word::TrialHoldAgain),
        Step::Tap | Step::Ending { .. } | Step::Over => (Word::TrialTap, Word::TrialTapAgain),
    };
    let mut rows = text(Role::Title, &say(Word::TrialTitle, &[&place.terminal]));
    if let Some(name) = place.multiplexer {
        rows.extend(text(Role::Dim, &say(Word::TrialBetween, &[name])));
    }
    rows.push(vec![]);
    rows.extend(text(Role::Accent, &say(task, &[&key])));
    if trial.again {
        rows.extend(text(Role::Warning, &say(again, &[])));
    }
    rows.push(vec![]);
    let state = if trial.talk.latched() {
        (Role::Ok, Word::TrialLatched)
    } else if trial.talk.on() {
        (Role::Ok, Word::TrialHeld)
    } else {
        (Role::Dim, Word::TrialOff)
    };
    let leave = leaving(trial.key).next().map(Chord::label);
    let leave = say(Word::TrialLeave, &[&leave.unwrap_or_default()]);
    let mut foot = text(state.0, &say(state.1, &[]));
    foot.extend(text(Role::Dim, &leave));
    let free = height.saturating_sub(rows.len() + foot.len() + 1);
    rows.extend(seen(trial, place.lang, free));
    rows.push(vec![]);
    rows.extend(foot);
    rows
}

/// The last of what came: how long after the first, what it was, how long after the one before.
fn seen(trial: &Trial, lang: Lang, most: usize) -> Vec<Row> {
    let Some(first) = trial.seen.first() else {
        return vec![];
    };
    let before = [*first].into_iter().chain(trial.seen.iter().copied());
    let rows: Vec<Row> = trial
        .seen
        .iter()
        .zip(before)
        .map(|(seen, before)| {
            let (word, role) = match seen.phase {
                Phase::Press => (Word::TrialPress, Role::Text),
                Phase::Repeat => (Word::TrialRepeat, Role::Dim),
                Phase::Release => (Word::TrialRelease, Role::Ok),
            };
            let at = format!("{:>6} ms  ", ms(seen.at.since(first.at)));
            let gap = format!("  +{} ms", ms(seen.at.since(before.at)));
            vec![
                Run::role(&at, Role::Dim),
                Run::role(word.text(lang), role),
                Run::role(&gap, Role::Dim),
            ]
        })
        .collect();
    let hidden = rows.len().saturating_sub(most);
    rows.into_iter().skip(hidden).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::time::Moment;
    use crate::view::text::row_width;

    fn shown(trial: &Trial, lang: Lang, room: usize, height: usize) -> String {
        let place = Place {
            terminal: "tmux in xterm".to_owned(),
            multiplexer: Some("tmux"),
            lang,
            theme: Theme::default(),
        };
        let rows = rows(trial, &place, room, height);
        assert!(rows.len() <= height || height < 12, "{}", rows.len());
        assert!(rows.iter().all(|row| row_width(row) <= room));
        let text = |row: &Row| row.iter().map(|run| run.text.as_str()).collect::<String>();
        rows.iter().map(text).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_screen_says_what_to_do_and_what_came() {
        let mut trial = Trial::new("space".parse().unwrap());
        insta::assert_snapshot!(shown(&trial, Lang::En, 78, 24), @r"
        key test: tmux in xterm
        keys come through `tmux`, which usually keeps releases to itself; outside of
        it the terminal may tell more

        1 of 2: hold Space for two seconds, then let it go


        the assistant would not record now
        Esc leaves
        ");
        trial.key(trial.key, Phase::Press, Moment::from_ms(1_000));
        for n in 0..40 {
            trial.key(trial.key, Phase::Repeat, Moment::from_ms(1_500 + n * 33));
        }
        insta::assert_snapshot!(shown(&trial, Lang::Zh, 38, 16), @r"
        按键测试：tmux in xterm
        按键经由 `tmux` 传来，它通常不传递松
        开；在它之外，终端也许能告知更多

        第 1 步，共 2 步：按住 Space 两秒，然
        后松开

          1622 ms  重复  +33 ms
          1655 ms  重复  +33 ms
          1688 ms  重复  +33 ms
          1721 ms  重复  +33 ms
          1754 ms  重复  +33 ms
          1787 ms  重复  +33 ms

        助手此刻会录音，直到松开
        按 Esc 离开
        ");
    }

    #[test]
    fn each_grade_says_what_works() {
        let time = |ms| Some(Duration::from_millis(ms));
        let timed = Grip {
            releases: Some(false),
            first_repeat: time(500),
            repeat: time(33),
        };
        let told = Grip {
            releases: Some(true),
            ..timed
        };
        let grades = [told, timed, Grip::default()].map(|grip| grade(&grip, Lang::En));
        assert_eq!(
            grades,
            [
                "releases are seen: hold and tap both work",
                "no releases, repeats every 33 ms after 500: hold works by timing, tap is exact",
                "neither releases nor repeats are seen: tap to start, tap to stop",
            ]
        );
    }

    #[test]
    fn esc_leaves_unless_it_is_tried() {
        let first = |key: &str| leaving(key.parse().unwrap()).next().unwrap().to_string();
        assert_eq!(
            (first("space").as_str(), first("esc").as_str()),
            ("esc", "ctrl-c")
        );
    }
}
