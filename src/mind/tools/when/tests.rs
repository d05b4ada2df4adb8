use super::*;
use jiff::Zoned;
use proptest::prelude::*;

fn now() -> Zoned {
    // A Friday.
    "2026-11-20T15:04:05+01:00[Europe/Berlin]".parse().unwrap()
}

#[test]
fn days_are_read_in_both_languages() {
    let table = [
        ("today", "2026-11-20"),
        ("the day after tomorrow", "2026-11-22"),
        ("yesterday", "2026-11-19"),
        ("monday", "2026-11-23"),
        ("friday", "2026-11-27"),
        ("next Wed", "2026-11-25"),
        ("last friday", "2026-11-13"),
        ("2027-01-31", "2027-01-31"),
        ("2027/1/31", "2027-01-31"),
        ("31.1.2027", "2027-01-31"),
        ("31/1/2027", "2027-01-31"),
        ("1/31/2027", "2027-01-31"),
        ("31 January 2027", "2027-01-31"),
        ("January 31st, 2027", "2027-01-31"),
        ("the 31st of Jan", "2027-01-31"),
        ("Nov 20", "2026-11-20"),
        ("November 19", "2027-11-19"),
        ("29 February", "2028-02-29"),
        ("Christmas", "2026-12-25"),
        ("christmas 2030", "2030-12-25"),
        ("chinese new year", "2027-02-06"),
        ("今天", "2026-11-20"),
        ("大后天", "2026-11-23"),
        ("星期三", "2026-11-25"),
        ("周五", "2026-11-20"),
        ("下周三", "2026-11-25"),
        ("上周日", "2026-11-15"),
        ("二〇二七年一月三十一日", "2027-01-31"),
        ("1月1号", "2027-01-01"),
        ("25号", "2026-11-25"),
        ("15号", "2026-12-15"),
        ("圣诞节", "2026-12-25"),
        ("2030年春节", "2030-02-03"),
        ("元旦", "2027-01-01"),
    ];
    for (text, expected) in table {
        let found = day(text, now().date()).map(|date| date.to_string());
        assert_eq!(found.as_deref(), Some(expected), "{text}");
    }
    for text in [
        "",
        "someday",
        "2027-02-30",
        "31.4.2027",
        "3/4/2027",
        "smarch 7",
        "1 2 3",
        "星期八",
        "32号",
        "99月1日",
    ] {
        assert_eq!(day(text, now().date()), None, "{text}");
    }
}

#[test]
fn moments_are_the_next_to_come() {
    let table = [
        ("7:30", "2026-11-21T07:30:00"),
        ("15:05", "2026-11-20T15:05:00"),
        ("15:04", "2026-11-21T15:04:00"),
        ("7pm", "2026-11-20T19:00:00"),
        ("7 p.m.", "2026-11-20T19:00:00"),
        ("12 am", "2026-11-21T00:00:00"),
        ("noon", "2026-11-21T12:00:00"),
        ("midnight", "2026-11-21T00:00:00"),
        ("half past seven", "2026-11-21T07:30:00"),
        ("quarter to eight in the evening", "2026-11-20T19:45:00"),
        ("6 o'clock", "2026-11-21T06:00:00"),
        ("tonight at 8", "2026-11-20T20:00:00"),
        ("8 tonight", "2026-11-20T20:00:00"),
        ("tomorrow at 9:15", "2026-11-21T09:15:00"),
        ("9 tomorrow morning", "2026-11-21T09:00:00"),
        ("monday at noon", "2026-11-23T12:00:00"),
        ("24 December at 18:00", "2026-12-24T18:00:00"),
        ("2027-01-31 18:00", "2027-01-31T18:00:00"),
        ("2027-01-31T18:00", "2027-01-31T18:00:00"),
        ("早上七点半", "2026-11-21T07:30:00"),
        ("今晚八点", "2026-11-20T20:00:00"),
        ("明天下午三点一刻", "2026-11-21T15:15:00"),
        ("明早7点", "2026-11-21T07:00:00"),
        ("下周一上午九点", "2026-11-23T09:00:00"),
        ("晚上11点20分", "2026-11-20T23:20:00"),
        ("中午12点", "2026-11-21T12:00:00"),
        ("12月24日18:00", "2026-12-24T18:00:00"),
    ];
    for (text, expected) in table {
        let found = moment(text, &now()).map(|moment| moment.datetime().to_string());
        assert_eq!(found.as_deref(), Some(expected), "{text}");
    }
    for text in [
        "",
        "25:00",
        "7:60",
        "soon",
        "7 apples",
        "tomorrow",
        "7:30:15:20",
        "13点99分",
    ] {
        assert_eq!(moment(text, &now()), None, "{text}");
    }
}

#[test]
fn a_time_that_the_clocks_skip_comes_an_hour_later_and_one_they_repeat_comes_first() {
    let spring: Zoned = "2027-03-27T20:00:00+01:00[Europe/Berlin]".parse().unwrap();
    let autumn: Zoned = "2027-10-30T20:00:00+02:00[Europe/Berlin]".parse().unwrap();
    let at = |text, now| moment(text, now).unwrap().to_string();
    assert_eq!(
        at("2:30", &spring),
        "2027-03-28T03:30:00+02:00[Europe/Berlin]"
    );
    assert_eq!(
        at("2:30", &autumn),
        "2027-10-31T02:30:00+02:00[Europe/Berlin]"
    );
}

#[test]
fn spans_are_read_in_both_languages() {
    let table = [
        ("5 minutes", 300),
        ("1h30m", 5_400),
        ("90s", 90),
        ("an hour and a half", 5_400),
        ("half an hour", 1_800),
        ("one and a half hours", 5_400),
        ("two hours and five minutes", 7_500),
        ("1 hour, 5 minutes", 3_900),
        ("a minute", 60),
        ("5-minute", 300),
        ("十分钟", 600),
        ("半小时", 1_800),
        ("一个半小时", 5_400),
        ("两个小时", 7_200),
        ("1小时30分钟", 5_400),
        ("一刻钟", 900),
        ("三天", 259_200),
    ];
    for (text, seconds) in table {
        assert_eq!(duration(text), Some(Duration::from_secs(seconds)), "{text}");
    }
    for text in ["", "5", "5 miles", "-5 minutes", "minutes", "9999999 years"] {
        assert_eq!(duration(text), None, "{text}");
    }
    assert_eq!(
        calendar("45 days").map(|span| span.to_string()).as_deref(),
        Some("P45D")
    );
    assert_eq!(
        calendar("两个月").map(|span| span.to_string()).as_deref(),
        Some("P2M")
    );
    assert_eq!(
        calendar("-2 weeks").map(|span| span.to_string()).as_deref(),
        Some("-P2W")
    );
    assert_eq!(
        calendar("1 year and 2 months")
            .map(|span| span.to_string())
            .as_deref(),
        Some("P1Y2M")
    );
    for text in ["", "days", "5", "5 miles", "99999999999 days", "3 hours"] {
        assert!(calendar(text).is_none(), "{text}");
    }
}

proptest! {
    #[test]
    fn any_text_is_survived(
        text in "(\\PC|[0-9:./-]|tomorrow|at |pm|monday|half |past |点|分|半|年|月|日|下周|晚上| days|号){0,12}",
    ) {
        day(&text, now().date());
        moment(&text, &now());
        duration(&text);
        calendar(&text);
    }
}
