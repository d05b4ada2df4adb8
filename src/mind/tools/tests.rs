use super::memory::{Memory, on, toolbox};
use super::*;
use proptest::prelude::*;

const NOW: &str = "2026-11-20T15:04:05+01:00[Europe/Berlin]";

fn done(toolbox: &Toolbox, name: &str, arguments: &str) -> Result<String, String> {
    let call = Call {
        id: "1".to_owned(),
        name: name.to_owned(),
        arguments: arguments.to_owned(),
    };
    futures_util::future::FutureExt::now_or_never(toolbox.call(&call)).unwrap()
}

fn told(toolbox: &Toolbox, name: &str, arguments: &str) -> String {
    done(toolbox, name, arguments).unwrap_or_else(|error| format!("error: {error}"))
}

#[test]
fn every_tool_has_a_small_strict_schema() {
    let specs = toolbox(NOW).specs();
    assert_eq!(specs.len(), ABILITIES.len());
    for spec in specs {
        let schema = &spec.parameters;
        assert_eq!(schema["type"], "object", "{}", spec.name);
        assert_eq!(schema["additionalProperties"], false, "{}", spec.name);
        assert!(spec.parameters.to_string().len() < 700, "{}", spec.name);
        assert!(spec.description.len() < 200, "{}", spec.name);
        let properties = schema["properties"].as_object().unwrap();
        for needed in schema["required"].as_array().into_iter().flatten() {
            assert!(
                properties.contains_key(needed.as_str().unwrap()),
                "{}",
                spec.name
            );
        }
    }
}

#[test]
fn calls_are_answered_with_sentences() {
    let toolbox = toolbox(NOW);
    let table = [
        (
            "current_time",
            "",
            "It is 15:04 on Friday, 20 November 2026.",
        ),
        (
            "current_time",
            r#"{"place":null}"#,
            "It is 15:04 on Friday, 20 November 2026.",
        ),
        (
            "current_time",
            r#"{"place":"Tokyo"}"#,
            "In Tokyo it is 23:04 on Friday, 20 November 2026, 8 hours ahead of here.",
        ),
        (
            "current_time",
            r#"{"place":"Atlantis"}"#,
            "error: `Atlantis` is no place with a known time; name a large city, a zone like `Europe/Berlin`, or `UTC+8`",
        ),
        ("calendar", "{}", "Today is Friday, 20 November 2026."),
        (
            "calendar",
            r#"{"add":"45 days"}"#,
            "45 days from today is Monday, 4 January 2027.",
        ),
        (
            "calendar",
            r#"{"date":"2027-01-31","add":"1 month"}"#,
            "28 days after 31 January 2027 is Sunday, 28 February 2027.",
        ),
        (
            "calendar",
            r#"{"until":"christmas","add":""}"#,
            "It is 35 days until Friday, 25 December 2026.",
        ),
        (
            "calendar",
            r#"{"add":"99999 years"}"#,
            "error: `99999 years` is no length of time; write it like `45 days`, `2 weeks` or `1h 30m`",
        ),
        (
            "calendar",
            r#"{"add":"9999 years"}"#,
            "error: that date is beyond the calendar, which covers the years -9999 to 9999",
        ),
        (
            "calendar",
            r#"{"date":"soon"}"#,
            "error: `soon` is no date; write it like `2027-01-31`, `tomorrow` or `friday`",
        ),
        (
            "calculate",
            r#"{"expression":"0.1+0.2"}"#,
            "0.1 + 0.2 = 0.3",
        ),
        ("calculate", r#"{"expression":12}"#, "12 = 12"),
        (
            "calculate",
            r#"{"expression":"2+"}"#,
            "error: cannot read `2+` as arithmetic; write it like `(2 + 3) * 4^2` or `20% of 80`",
        ),
        ("calculate", "{}", "error: `expression` is missing"),
        (
            "convert_units",
            r#"{"value":"10","from":"miles","to":"km"}"#,
            "10 mi = 16.09344 km",
        ),
        (
            "convert_units",
            r#"{"value":-40,"from":"celsius","to":"fahrenheit"}"#,
            "-40 °C = -40 °F",
        ),
        (
            "convert_units",
            r#"{"value":1e3,"from":"g","to":"kg"}"#,
            "1000 g = 1 kg",
        ),
        (
            "convert_units",
            r#"{"value":1,"from":"kg","to":"km"}"#,
            "error: 1 kg cannot be converted to km: they measure different things",
        ),
        (
            "convert_units",
            r#"{"value":1,"from":"usd","to":"eur"}"#,
            "error: `usd` is no known unit; write it like `km`, `lb`, `fahrenheit` or `GiB`",
        ),
        (
            "timers",
            r#"{"action":"set","in":"5 minutes","label":"tea"}"#,
            "“tea” rings at 15:09:05, in 5 minutes.",
        ),
        (
            "timers",
            r#"{"action":"set","at":"07:30"}"#,
            "The timer rings at 07:30 on Saturday, 21 November 2026, in 16 hours 25 minutes.",
        ),
        (
            "timers",
            r#"{"action":"set","in":"300"}"#,
            "error: `300` is no length of time; write it like `45 days`, `2 weeks` or `1h 30m`",
        ),
        (
            "timers",
            r#"{"action":"set"}"#,
            "error: `in` or `at` must say when it rings",
        ),
        (
            "timers",
            r#"{"action":"set","at":"2020-01-01 10:00"}"#,
            "error: that moment is over",
        ),
        (
            "timers",
            r#"{"action":"set","in":"99 years"}"#,
            "error: a timer rings after 1 second to 10 years",
        ),
        (
            "timers",
            r#"{"action":"ring"}"#,
            "error: `action` must be `set`, `list` or `cancel`",
        ),
        (
            "timers",
            "{}",
            "1. 15:09:05, in 5 minutes: tea\n2. 07:30 on Saturday, 21 November 2026, in 16 hours 25 minutes",
        ),
        (
            "timers",
            r#"{"action":"cancel","label":"coffee"}"#,
            "error: there is no timer `coffee`",
        ),
        (
            "timers",
            r#"{"action":"cancel","label":"2"}"#,
            "Cancelled the timer.",
        ),
        (
            "timers",
            r#"{"action":"cancel"}"#,
            "Cancelled the timer “tea”.",
        ),
        ("timers", r#"{"action":"cancel"}"#, "No timer is set."),
        ("notes", "{}", "There are no notes."),
        (
            "notes",
            r#"{"action":"add","text":"buy milk"}"#,
            "Noted: buy milk",
        ),
        ("notes", r#"{"text":"call mum"}"#, "Noted: call mum"),
        ("notes", r#"{"action":"list"}"#, "1. buy milk\n2. call mum"),
        (
            "notes",
            r#"{"action":"remove","text":1}"#,
            "Removed the note: buy milk",
        ),
        (
            "notes",
            r#"{"action":"add","text":""}"#,
            "error: `text` must say what to note",
        ),
        (
            "todos",
            r#"{"action":"add","text":"buy milk"}"#,
            "Added to the to-do list: buy milk",
        ),
        (
            "todos",
            r#"{"action":"add","text":"call mum"}"#,
            "Added to the to-do list: call mum",
        ),
        (
            "todos",
            r#"{"action":"finish","text":"milk"}"#,
            "Done: buy milk",
        ),
        (
            "todos",
            r#"{"action":"list","text":null}"#,
            "1. ☑ buy milk\n2. ☐ call mum",
        ),
        (
            "todos",
            r#"{"action":"remove","text":"all"}"#,
            "Removed: 2 items.",
        ),
        (
            "random",
            r#"{"what":"dice","dice":"200d6"}"#,
            "error: at most 100 dice with 2 to 1,000,000 sides can be rolled at once",
        ),
        (
            "random",
            r#"{"what":"number","from":"3","to":3}"#,
            "3 (from 3 to 3)",
        ),
        (
            "weather",
            "{}",
            "error: there is no tool `weather`; there are `current_time`, `calendar`, `calculate`, `convert_units`, `timers`, `notes`, `todos`, `random`, `search_history`",
        ),
        ("notes", "[]", "error: the arguments are no JSON object"),
    ];
    for (name, arguments, expected) in table {
        assert_eq!(
            told(&toolbox, name, arguments),
            expected,
            "{name} {arguments}"
        );
    }
}

#[test]
fn a_broken_desk_is_told() {
    let broken = Memory::broken();
    let told = told(&on(broken, NOW), "notes", r#"{"text":"x"}"#);
    assert_eq!(told, "error: the desk cannot be used: the disk is full");
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        prop::sample::select(vec![
            "set",
            "add",
            "list",
            "cancel",
            "finish",
            "remove",
            "5 minutes",
            "07:30",
            "2d6",
            "dice",
            "number",
            "all",
            "1"
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::hash_map("[a-z]{1,6}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_arguments_get_a_sentence(
        ability in 0..ABILITIES.len(),
        values in proptest::collection::vec(json(), 4),
        text in "\\PC{0,20}",
    ) {
        let toolbox = toolbox(NOW);
        let ability = &ABILITIES[ability];
        let schema = (ability.parameters)();
        let names = schema["properties"].as_object().unwrap().keys().cloned();
        let arguments: Value = names.zip(values.clone()).collect::<serde_json::Map<_, _>>().into();
        for arguments in [arguments.to_string(), values[0].to_string(), text] {
            prop_assert!(!told(&toolbox, ability.name, &arguments).is_empty());
        }
    }
}
