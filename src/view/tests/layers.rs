//! Screens with something over the chat.

use super::*;
use insta::assert_snapshot;

fn talked(columns: u16, rows: u16) -> Scene {
    let mut scene = Scene::online(columns, rows);
    scene.exchange(
        "what is a good day?",
        "One with a walk, a book and *no* meeting.\n\n- morning: walk\n- noon: book\n- evening: 火锅",
    );
    scene
}

#[test]
fn help_lists_the_live_keys() {
    for (name, columns, rows) in [
        ("help_100x30", 100, 30),
        ("help_80x24", 80, 24),
        ("help_40x12", 40, 12),
    ] {
        let mut scene = talked(columns, rows);
        scene.press("f1");
        assert_snapshot!(name, scene.picture());
    }
}

#[test]
fn help_in_chinese_keeps_its_columns() {
    let mut scene = talked(100, 30);
    scene.tell(Msg::Act("use-lang zh".parse().unwrap()));
    scene.press("f1");
    assert_snapshot!("help_zh_100x30", scene.picture());
}

#[test]
fn the_palette_narrows_as_one_types() {
    let mut scene = talked(80, 24);
    scene.press("ctrl-p");
    assert_snapshot!("palette_80x24", scene.picture());
    scene.write("con");
    assert_snapshot!("palette_filter_80x24", scene.picture());
    assert_snapshot!("palette_filter_roles", scene.picture_with_roles());
    scene.write("zzz");
    assert_snapshot!("palette_nothing_80x24", scene.picture());
    let mut scene = talked(40, 12);
    scene.press("ctrl-p");
    assert_snapshot!("palette_40x12", scene.picture());
}

#[test]
fn brains_and_models_say_which_is_in_use() {
    let mut scene = talked(80, 24);
    scene.press("f2");
    assert_snapshot!("brains_80x24", scene.picture());
    scene.press("esc");
    scene.press("f3");
    assert_snapshot!("models_80x24", scene.picture());
}

#[test]
fn notices_stand_at_the_top_right_and_go_by_themselves() {
    let mut scene = talked(80, 24);
    scene.tell(Msg::Act("toggle-tools".parse().unwrap()));
    scene.press("alt-c");
    scene.tell(Msg::Warning(
        "the configuration has an unknown key `colour`; did you mean `color`?".into(),
    ));
    assert_snapshot!("toasts_80x24", scene.picture());
    assert_snapshot!("toasts_roles", scene.picture_with_roles());
    scene.wait(16_000);
    assert!(scene.model.toasts.is_empty());
    let mut scene = talked(40, 12);
    scene.tell(Msg::Warning(
        "the configuration has an unknown key `colour`".into(),
    ));
    assert_snapshot!("toasts_40x12", scene.picture());
}

#[test]
fn notices_cover_nothing_of_what_lies_over_the_chat() {
    for (name, columns, rows, chord) in [
        ("toasts_palette_100x30", 100, 30, "ctrl-p"),
        ("toasts_palette_40x12", 40, 12, "ctrl-p"),
        ("toasts_help_80x24", 80, 24, "f1"),
    ] {
        let mut scene = talked(columns, rows);
        scene.press(chord);
        scene.tell(Msg::Act("toggle-tools".parse().unwrap()));
        scene.tell(Msg::Warning(
            "the configuration has an unknown key `colour`; did you mean `color`?".into(),
        ));
        assert_snapshot!(name, scene.picture());
    }
}

#[test]
fn the_end_of_a_page_is_where_its_text_ends() {
    let mut scene = talked(40, 12);
    scene.press("f1");
    let start = scene.picture();
    scene.press("end");
    let end = scene.picture();
    assert_ne!(start, end);
    scene.press("up");
    assert_ne!(scene.picture(), end);
    scene.press("end");
    assert_eq!(scene.picture(), end);
}

fn logged() -> Vec<Shown> {
    vec![
        log_line(
            "14:02:07",
            Level::Info,
            "the line to `embedded` is up after 3 ms",
        ),
        log_line(
            "14:02:08",
            Level::Debug,
            "brain probe: http://127.0.0.1:8080/v1 refused",
        ),
        log_line(
            "14:02:09",
            Level::Warn,
            "the server sent an event of an unknown kind, `ponder`, which is skipped; its first bytes are {\"type\":\"ponder\"}",
        ),
        log_line("14:02:11", Level::Error, "写入失败：磁盘已满 \u{1b}[31mred"),
        Shown {
            text: "  at 第三层, which says no time".into(),
            ..Shown::default()
        },
        log_line("14:02:12", Level::Trace, "frame 12 drawn"),
    ]
}

#[test]
fn a_log_shows_its_lines_and_where_one_is() {
    let mut scene = talked(80, 24);
    scene.press("f12");
    assert_snapshot!("log_empty_80x24", scene.picture());
    let mut window = window(logged());
    scene.tell(Msg::Log(LogEvent::Window(Box::new(window.clone()))));
    assert_snapshot!("log_80x24", scene.picture());
    // Searched, narrowed, marked, and paused at a long line.
    window.lines[1].marked = true;
    window.lines[2].hits = vec![(4, 10)];
    window.lines[3].hits = vec![(15, 21)];
    window.chosen = 2;
    window.number = 3;
    window.following = false;
    (window.hits, window.wanted, window.done) = (Some(2), Some(6), 41);
    scene.press("l");
    for key in ["/", "s", "e", "r", "v", "e", "r"] {
        scene.press(key);
    }
    assert_snapshot!("log_typing_80x24", scene.picture());
    scene.press("enter");
    scene.tell(Msg::Log(LogEvent::Window(Box::new(window))));
    assert_snapshot!("log_searched_80x24", scene.picture());
    scene.model.size = (40, 12);
    assert_snapshot!("log_searched_40x12", scene.picture());
    scene.press("right");
    assert_snapshot!("log_aside_40x12", scene.picture());
    scene.model.lang = Lang::Zh;
    scene.model.size = (80, 24);
    assert_snapshot!("log_searched_zh_80x24", scene.picture());
}

#[test]
fn a_log_that_cannot_be_had_says_why() {
    let mut scene = talked(80, 24);
    scene.press("f12");
    let mut window = window(vec![]);
    window.feed = Feed::Refused {
        why: "`logs.example` wants another code".into(),
        hint: "put it into the configuration as the token of a backend".into(),
    };
    scene.tell(Msg::Log(LogEvent::Window(Box::new(window))));
    assert_snapshot!("log_refused_80x24", scene.picture());
}

#[test]
fn the_backends_figures_are_a_page() {
    let mut scene = talked(80, 24);
    scene.hear(Down::Status(vec![
        ("uptime".into(), "2 h 4 min".into()),
        ("connections".into(), "1".into()),
        ("模型".into(), "llama3.2:3b".into()),
    ]));
    assert_snapshot!("status_80x24", scene.picture());
}

#[test]
fn the_line_is_drawn_with_its_gaps_in_any_size_and_told_in_words_without_a_screen() {
    use crate::core::line::Quality;
    use crate::core::trips::Bars;
    let trips = [12, 14, 11, 60, 0, 90, 30, 16, 12, 13, 0, 0, 40, 25, 18, 12].repeat(4);
    for (name, columns, rows, lang, bars) in [
        ("line_100x30", 100, 30, "en", Bars::Blocks),
        ("line_zh_100x30", 100, 30, "zh", Bars::Blocks),
        ("line_40x12", 40, 12, "en", Bars::Blocks),
        ("line_zh_40x12", 40, 12, "zh", Bars::Blocks),
        ("line_ascii_40x12", 40, 12, "en", Bars::Ascii),
    ] {
        let mut scene = Scene::online(columns, rows);
        scene.model.bars = bars;
        scene.tell(Msg::Act(format!("use-lang {lang}").parse().unwrap()));
        for trip in &trips {
            scene.wait(1_000);
            scene.line(Line::Up(Health {
                rtt: (*trip > 0).then(|| Duration::from_millis(*trip)),
                quality: Quality::Fair,
                ..Health::default()
            }));
        }
        scene.hear(Down::Status(vec![("uptime".into(), "7440".into())]));
        assert_snapshot!(name, scene.picture());
        let kind = crate::core::model::PageKind::Status(vec![]);
        let (_, rows) = crate::view::layers::page_told(&scene.model, &kind);
        let told: String = rows.iter().flatten().map(|run| run.text.as_str()).collect();
        let drawn = scene.model.past.trips().graph(bars, 8);
        assert!(
            told.contains("11-90 ms") && !told.contains(&drawn),
            "{told}"
        );
    }
}

#[test]
fn nothing_hides_the_state() {
    for layer in ["f1", "ctrl-p", "f12", "f2"] {
        let mut scene = talked(40, 12);
        scene.press(layer);
        let screen = scene.picture();
        assert!(
            screen.lines().nth(11).unwrap().starts_with("idle"),
            "{screen}"
        );
    }
}

#[test]
fn a_code_is_large_where_there_is_room_and_says_how_long_it_is_waited_for() {
    use crate::core::backend::Activation;
    for (name, columns, rows, lang) in [
        ("code_100x30", 100, 30, "en"),
        ("code_40x12_zh", 40, 12, "zh"),
    ] {
        let mut scene = Scene::started(columns, rows);
        let act = format!("use-lang {lang}").parse().unwrap();
        scene.tell(Msg::Act(act));
        scene.line(Line::Dialing { attempt: 1 });
        scene.hear(Down::Activation(Some(Activation {
            code: "120934".to_owned(),
            message: "xiaozhi.me\n120934".to_owned(),
            until: Moment::from_ms(scene.ms + 299_000),
        })));
        assert_snapshot!(name, scene.picture());
    }
}

#[test]
fn a_mood_is_shown_while_the_answer_lasts() {
    let mut scene = Scene::online(80, 24);
    scene.write("hello");
    scene.press("enter");
    let name = "happy".to_owned();
    scene.hear(Down::Mood { name });
    assert!(scene.picture().contains('🙂'));
    scene.press("esc");
    assert!(!scene.picture().contains('🙂'));
}
