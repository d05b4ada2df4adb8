use super::*;
use proptest::prelude::*;

fn told(amount: &str, to: &str, lang: Lang) -> String {
    match Convert::spoken(amount, to) {
        Some(convert) => convert.tell(lang).unwrap_or_else(|error| error.to_string()),
        None => "none".to_owned(),
    }
}

#[test]
fn amounts_are_converted_in_both_languages() {
    let table = [
        ("10 miles", "km", "10 mi = 16.09344 km"),
        ("72F", "C", "72 °F ≈ 22.2222 °C"),
        ("-40 C", "F", "-40 °C = -40 °F"),
        ("100 degrees celsius", "fahrenheit", "100 °C = 212 °F"),
        ("0 K", "°C", "0 K = -273.15 °C"),
        ("-300 C", "K", "nothing is colder than absolute zero"),
        ("5 feet 11 inches", "cm", "5 ft 11 in = 180.34 cm"),
        ("5'11\"", "cm", "5 ft 11 in = 180.34 cm"),
        ("half a mile", "m", "0.5 mi = 804.672 m"),
        ("a mile", "kilometers", "1 mi = 1.609344 km"),
        ("1 GB", "MiB", "1 GB ≈ 953.674 MiB"),
        ("100 Mbit", "MB", "100 Mbit = 12.5 MB"),
        ("1 hour and 30 minutes", "seconds", "1 h 30 min = 5400 s"),
        ("60 miles per hour", "km/h", "60 mph = 96.56064 km/h"),
        ("100 km/h", "mph", "100 km/h ≈ 62.1371 mph"),
        ("10 m2", "sq ft", "10 m² ≈ 107.639 ft²"),
        ("1 kWh", "kJ", "1 kWh = 3600 kJ"),
        ("1 atm", "psi", "1 atm ≈ 14.6959 psi"),
        ("2 cups", "ml", "2 cups = 473.176473 ml"),
        ("10 stone", "kg", "10 st ≈ 63.5029 kg"),
        ("1 hp", "W", "1 hp ≈ 745.7 W"),
        ("1 light year", "km", "1 ly = 9,460,730,472,580.8 km"),
        ("5 kg", "km", "none"),
        ("5 apples", "pears", "none"),
        ("5", "km", "none"),
    ];
    for (amount, to, expected) in table {
        assert_eq!(told(amount, to, Lang::En), expected, "{amount} in {to}");
    }
    let table = [
        ("5 斤", "克", "5 斤 = 2500 克"),
        ("五两", "克", "5 两 = 250 克"),
        ("3英里", "公里", "3 英里 = 4.828032 公里"),
        ("零下五度", "华氏度", "-5 摄氏度 = 23 华氏度"),
        ("一个半小时", "分钟", "1.5 小时 = 90 分钟"),
        ("半公斤", "斤", "0.5 公斤 = 1 斤"),
        ("1小时30分", "秒", "1 小时 30 分钟 = 5400 秒"),
        ("一亩", "平方米", "1 亩 ≈ 666.667 平方米"),
    ];
    for (amount, to, expected) in table {
        assert_eq!(told(amount, to, Lang::Zh), expected, "{amount} in {to}");
    }
}

#[test]
fn every_unit_is_found_by_each_of_its_names() {
    for unit in UNITS {
        for name in unit.names().chain([unit.symbol, unit.zh]) {
            assert!(named(name).contains(&unit), "{name}");
        }
    }
}

#[test]
fn a_symbol_names_one_unit_only() {
    for (at, unit) in UNITS.iter().enumerate() {
        for other in UNITS.iter().skip(at + 1) {
            assert!(
                unit.symbol != other.symbol && unit.zh != other.zh,
                "{unit:?} {other:?}"
            );
        }
    }
}

proptest! {
    #[test]
    fn there_and_back_again_gives_the_same_number(
        value in -1_000_000_i64..1_000_000,
        from in 0..UNITS.len(),
        to in 0..UNITS.len(),
    ) {
        let (from, to) = (&UNITS[from], &UNITS[to]);
        let number = Number::ratio(i128::from(value), 1_000);
        if let Ok(base) = from.to_base(number) && from.of == to.of {
            let there = to.of_base(base).unwrap();
            let back = from.of_base(to.to_base(there).unwrap()).unwrap();
            let off = (back.float() - number.float()).abs();
            prop_assert!(off <= 1e-6 * number.float().abs().max(1e-3), "{} {}", from.symbol, to.symbol);
        }
    }

    #[test]
    fn any_text_is_survived(amount in "(\\PC|[0-9.,]|半|个|mile|hour| and a half|2){0,20}", to in "\\PC{0,8}") {
        told(&amount, &to, Lang::En);
    }
}
