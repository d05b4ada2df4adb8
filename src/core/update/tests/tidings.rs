//! What those are told who do not look: by a notice, by a sound.

use super::super::super::sound::Chime;
use super::*;

/// What happens.
#[derive(Clone, Copy, Debug)]
enum Course {
    Answered,
    Failed,
    Stopped,
    CallOver,
    GivenUp,
    Rings,
}

/// Lets it happen, and says what was told on the way.
fn told(course: Course, mut set: impl FnMut(&mut Model)) -> (Vec<String>, Vec<Chime>) {
    let mut model = model_online();
    set(&mut model);
    let mut effects = vec![];
    let ms = std::cell::Cell::new(100);
    let mut take = |model: &mut Model, msg| {
        ms.set(ms.get() + 10);
        effects.extend(update(model, at(ms.get()), msg));
    };
    let act = |text: &str| Msg::Act(text.parse().unwrap());
    match course {
        Course::Answered | Course::Failed | Course::Stopped => {
            take(&mut model, act("say hello"));
            let turn = running(&model);
            let more = "hi \x1b]52;c;AAAA\x07 there".to_owned();
            take(
                &mut model,
                heard(Down::Text {
                    turn: Some(turn),
                    more,
                }),
            );
            match course {
                Course::Answered => take(
                    &mut model,
                    heard(Down::Done {
                        turn: Some(turn),
                        full: None,
                        usage: None,
                        by: None,
                    }),
                ),
                Course::Failed => take(
                    &mut model,
                    heard(Down::Trouble {
                        turn: Some(turn),
                        trouble: Trouble {
                            what: "no room".to_owned(),
                            ..Trouble::default()
                        },
                    }),
                ),
                _ => take(&mut model, act("cancel")),
            }
        }
        Course::CallOver => {
            take(&mut model, act("call"));
            take(&mut model, act("call"));
        }
        Course::GivenUp => take(
            &mut model,
            line(Line::GivenUp {
                cause: Cause::Intentional,
                attempts: 3,
            }),
        ),
        Course::Rings => take(&mut model, Msg::Ring("tea".to_owned())),
    }
    let notices = effects.iter().filter_map(|effect| match effect {
        Effect::Notify(text) => Some(text.clone()),
        _ => None,
    });
    let chimes = effects.iter().filter_map(|effect| match effect {
        Effect::Sound(SoundOrder::Chime(chime)) => Some(*chime),
        _ => None,
    });
    (notices.collect(), chimes.collect())
}

#[test]
fn who_looks_elsewhere_is_told_what_ended_and_who_looks_is_not() {
    let table: &[(Course, &[&str], &[Chime])] = &[
        (
            Course::Answered,
            &["the answer is complete"],
            &[Chime::Thinking, Chime::Answered],
        ),
        (
            Course::Failed,
            &["something went wrong"],
            &[Chime::Thinking, Chime::Failed],
        ),
        (Course::Stopped, &[], &[Chime::Thinking]),
        (Course::CallOver, &["the call is over"], &[Chime::CallOver]),
        (Course::GivenUp, &["the connection is lost"], &[Chime::Lost]),
        (Course::Rings, &["time is up: tea"], &[]),
    ];
    for (course, notices, chimes) in table {
        let away = |model: &mut Model| model.focused = false;
        assert_eq!(told(*course, away).0, *notices, "{course:?}");
        let here = |model: &mut Model| model.focused = true;
        assert_eq!(told(*course, here), (vec![], vec![]), "{course:?}");
        let never = |model: &mut Model| {
            model.focused = false;
            model.notify = false;
        };
        assert_eq!(told(*course, never).0.len(), 0, "{course:?}");
        let sounds = |model: &mut Model| model.voice.wishes.state_chimes = true;
        assert_eq!(told(*course, sounds).1, *chimes, "{course:?}");
    }
}

#[test]
fn nothing_sounds_while_a_call_hears_it() {
    let mut model = model_online();
    model.voice.wishes.state_chimes = true;
    model.voice.wishes.chimes = true;
    model.focused = false;
    update(&mut model, at(100), Msg::Act("call".parse().unwrap()));
    let mut effects = update(&mut model, at(110), Msg::Act("say hello".parse().unwrap()));
    let turn = running(&model);
    let more = "hi".to_owned();
    effects.extend(update(
        &mut model,
        at(120),
        heard(Down::Text {
            turn: Some(turn),
            more,
        }),
    ));
    let done = Down::Done {
        turn: Some(turn),
        full: None,
        usage: None,
        by: None,
    };
    effects.extend(update(&mut model, at(130), heard(done)));
    let lost = Line::GivenUp {
        cause: Cause::Intentional,
        attempts: 3,
    };
    effects.extend(update(&mut model, at(140), line(lost)));
    let sounds = names(&effects)
        .iter()
        .filter(|name| **name == "chime")
        .count();
    assert_eq!(sounds, 0);
}
