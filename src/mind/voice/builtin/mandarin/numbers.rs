//! Writes figures, times, money and units as Chinese characters. Pure.

/// The text with its figures as characters; what is neither stays.
pub(in super::super) fn spell_out(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let before = out.chars().next_back();
        // A figure within a Latin name belongs to it.
        let joined = before.is_some_and(|before| before.is_ascii_alphabetic());
        let begins = c.is_ascii_digit() || matches!(c, '¥' | '￥' | '$' | '€' | '-' | '−');
        let read = if begins { read(rest, joined) } else { None };
        if let Some((words, length)) = read {
            out.push_str(&words);
            rest = rest.get(length..).unwrap_or_default();
            continue;
        }
        match sign(c) {
            Some(words) => out.push_str(words),
            None => out.push(c),
        }
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
    out
}

/// What a text begins with, in words, and how many bytes that was.
fn read(text: &str, joined: bool) -> Option<(String, usize)> {
    if let Some(found) = clock(text) {
        return Some(found);
    }
    if let Some(found) = date(text) {
        return Some(found);
    }
    let sign = text.chars().next()?;
    let money = match sign {
        '¥' | '￥' => "元",
        '$' => "美元",
        '€' => "欧元",
        _ => "",
    };
    let minus = matches!(sign, '-' | '−') && !joined;
    let skip = if money.is_empty() && !minus {
        0
    } else {
        sign.len_utf8()
    };
    let body = text.get(skip..)?;
    let whole = figures(body);
    if whole.is_empty() {
        return None;
    }
    let (plain, mut length) = grouped(body, whole);
    let after = body.get(length..)?;
    let part = after
        .strip_prefix('.')
        .map(figures)
        .filter(|part| !part.is_empty());
    let mut words = match part {
        None if after.starts_with('年') && plain.len() == 4 => digits(&plain),
        _ => cardinal(&plain),
    };
    if let Some(part) = part {
        length += 1 + part.len();
        words = format!("{words}点{}", digits(part));
    }
    let after = body.get(length..)?;
    if minus {
        words = format!("负{words}");
    }
    if let Some(rest) = after.strip_prefix(['%', '％']) {
        length += after.len() - rest.len();
        words = format!("百分之{words}");
    } else if let Some((short, name)) = UNITS.iter().find(|(short, _)| is_unit(after, short)) {
        length += short.len();
        words.push_str(name);
    } else if plain == "2" && part.is_none() && after.starts_with(MEASURES) {
        words = words.replace('二', "两");
    }
    words.push_str(money);
    Some((words, skip + length))
}

/// Characters after which two of them are 两.
const MEASURES: [char; 18] = [
    '个', '位', '次', '件', '本', '张', '条', '只', '种', '杯', '天', '年', '周', '秒', '块', '家',
    '页', '遍',
];

const UNITS: [(&str, &str); 20] = [
    ("km/h", "公里每小时"),
    ("km", "公里"),
    ("kg", "公斤"),
    ("cm", "厘米"),
    ("mm", "毫米"),
    ("mg", "毫克"),
    ("ml", "毫升"),
    ("ms", "毫秒"),
    ("m", "米"),
    ("g", "克"),
    ("L", "升"),
    ("s", "秒"),
    ("h", "小时"),
    ("℃", "摄氏度"),
    ("°C", "摄氏度"),
    ("°F", "华氏度"),
    ("℉", "华氏度"),
    ("°", "度"),
    ("元", "元"),
    ("分钟", "分钟"),
];

fn is_unit(text: &str, short: &str) -> bool {
    text.strip_prefix(short)
        .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
}

fn figures(text: &str) -> &str {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

/// Figures without the commas between thousands, and how many bytes they took.
fn grouped(text: &str, whole: &str) -> (String, usize) {
    let (mut plain, mut length) = (whole.to_owned(), whole.len());
    if whole.len() <= 3 {
        while let Some(group) = text
            .get(length..)
            .and_then(|rest| rest.strip_prefix(','))
            .map(figures)
            .filter(|group| group.len() == 3)
        {
            plain.push_str(group);
            length += 4;
        }
    }
    (plain, length)
}

/// `10:30` as a time of day.
fn clock(text: &str) -> Option<(String, usize)> {
    let hour = figures(text);
    let rest = text.get(hour.len()..)?.strip_prefix([':', '：'])?;
    let minute = figures(rest);
    let length = text.len() - rest.len() + minute.len();
    let fits = |part: &str, most: u32| part.parse().ok().filter(|value: &u32| *value <= most);
    if minute.len() != 2 || hour.len() > 2 {
        return None;
    }
    fits(hour, 24)?;
    let minutes = match fits(minute, 59)? {
        0 => String::new(),
        30 => "半".to_owned(),
        1..10 => format!("零{}分", cardinal(minute.trim_start_matches('0'))),
        _ => format!("{}分", cardinal(minute)),
    };
    let hours = match hour.trim_start_matches('0') {
        "" => "零".to_owned(),
        "2" => "两".to_owned(),
        hour => cardinal(hour),
    };
    Some((format!("{hours}点{minutes}"), length))
}

/// `2026-11-05`.
fn date(text: &str) -> Option<(String, usize)> {
    let year = figures(text);
    let rest = text.get(year.len()..)?.strip_prefix('-')?;
    let month = figures(rest);
    let rest = rest.get(month.len()..)?.strip_prefix('-')?;
    let day = figures(rest);
    let lengths = (year.len(), month.len(), day.len());
    let sensible = (1..=12).contains(&month.parse().unwrap_or(0))
        && (1..=31).contains(&day.parse().unwrap_or(0));
    if lengths != (4, 2, 2) || !sensible {
        return None;
    }
    let plain = |part: &str| cardinal(part.trim_start_matches('0'));
    let words = format!("{}年{}月{}日", digits(year), plain(month), plain(day));
    Some((words, 10))
}

const DIGITS: [char; 10] = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];

fn digit(value: u64) -> char {
    DIGITS[(value % 10) as usize]
}

fn digits(figures: &str) -> String {
    let values = figures.chars().filter_map(|c| c.to_digit(10));
    values.map(|value| digit(u64::from(value))).collect()
}

/// How many. Longer numbers than anybody counts, and those that begin with nothing, one by one.
fn cardinal(figures: &str) -> String {
    let by_one = figures.len() > 12 || (figures.len() > 1 && figures.starts_with('0'));
    match figures.parse::<u64>() {
        Ok(value) if !by_one => {
            let words = counted(value);
            // Ten is not one ten.
            match words.strip_prefix("一十") {
                Some(rest) => format!("十{rest}"),
                None => words,
            }
        }
        _ => digits(figures),
    }
}

fn counted(value: u64) -> String {
    let sizes = [
        (100_000_000, '亿'),
        (10_000, '万'),
        (1_000, '千'),
        (100, '百'),
        (10, '十'),
    ];
    let Some((size, name)) = sizes.into_iter().find(|(size, _)| value >= *size) else {
        return digit(value).to_string();
    };
    let rest = value % size;
    let mut words = format!("{}{name}", counted(value / size));
    if rest > 0 {
        // A place that is empty is named once.
        if rest < size / 10 {
            words.push('零');
        }
        words.push_str(&counted(rest));
    }
    words
}

/// A sign that stands for a word.
fn sign(c: char) -> Option<&'static str> {
    Some(match c {
        '+' | '＋' => "加",
        '×' => "乘以",
        '÷' => "除以",
        '=' | '＝' => "等于",
        '%' | '％' => "百分号",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_become_characters() {
        let table = [
            ("0", "零"),
            ("10", "十"),
            ("12", "十二"),
            ("20", "二十"),
            ("105", "一百零五"),
            ("110", "一百一十"),
            ("1,234", "一千二百三十四"),
            ("1005", "一千零五"),
            ("10086", "一万零八十六"),
            ("120000", "十二万"),
            ("300000001", "三亿零一"),
            ("13800138000", "一百三十八亿零一十三万八千"),
            ("1234567890123", "一二三四五六七八九零一二三"),
            ("007", "零零七"),
            ("3.14", "三点一四"),
            ("-5", "负五"),
            ("现在是10:30。", "现在是十点半。"),
            ("9:05", "九点零五分"),
            ("2:00", "两点"),
            ("14:45", "十四点四十五分"),
            ("2026年11月5日", "二零二六年十一月五日"),
            ("2026-11-05", "二零二六年十一月五日"),
            ("50%", "百分之五十"),
            ("2个", "两个"),
            ("2米", "二米"),
            ("12个", "十二个"),
            ("¥5.5", "五点五元"),
            ("5km", "五公里"),
            ("25°C", "二十五摄氏度"),
            ("17×3=51", "十七乘以三等于五十一"),
            ("用 mp3", "用 mp三"),
            ("hello", "hello"),
        ];
        for (text, words) in table {
            assert_eq!(spell_out(text), words, "{text}");
        }
    }
}
