//! Writes Chinese as numbered pinyin (`ni3 hao3`), for voices that can say Mandarin but not read
//! its characters. Pure.

use pinyin::ToPinyin;

/// Words in which a character is not read the way it usually is.
const WORDS: &[(&str, &str)] = &[
    ("音乐", "yin1 yue4"),
    ("乐器", "yue4 qi4"),
    ("乐队", "yue4 dui4"),
    ("银行", "yin2 hang2"),
    ("行业", "hang2 ye4"),
    ("一行", "yi4 hang2"),
    ("睡觉", "shui4 jiao4"),
    ("得到", "de2 dao4"),
    ("重新", "chong2 xin1"),
    ("重复", "chong2 fu4"),
    ("重试", "chong2 shi4"),
    ("重启", "chong2 qi3"),
    ("长大", "zhang3 da4"),
    ("增长", "zeng1 zhang3"),
    ("校长", "xiao4 zhang3"),
    ("目的", "mu4 di4"),
    ("首都", "shou3 du1"),
    ("成都", "cheng2 du1"),
    ("都市", "du1 shi4"),
    ("便宜", "pian2 yi5"),
    ("数数", "shu3 shu4"),
    ("几乎", "ji1 hu1"),
    ("了解", "liao3 jie3"),
    ("着急", "zhao2 ji2"),
    ("调整", "tiao2 zheng3"),
    ("空调", "kong1 tiao2"),
    ("处理", "chu3 li3"),
    ("教书", "jiao1 shu1"),
    ("假期", "jia4 qi1"),
    ("中奖", "zhong4 jiang3"),
    ("好奇", "hao4 qi2"),
    ("爱好", "ai4 hao4"),
    ("认为", "ren4 wei2"),
    ("成为", "cheng2 wei2"),
    ("以为", "yi3 wei2"),
    ("作为", "zuo4 wei2"),
    ("分为", "fen1 wei2"),
    ("头发", "tou2 fa5"),
    ("当作", "dang4 zuo4"),
    ("弹出", "tan2 chu1"),
    ("切换", "qie1 huan4"),
];

/// Characters that are read differently when they stand for themselves, as they mostly do in
/// speech.
const ALONE: &[(char, &str)] = &[('得', "de5"), ('长', "chang2"), ('谁', "shei2")];

/// The text with every Chinese character as a numbered syllable, and with plain punctuation.
pub(in crate::mind) fn numbered(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let (mut rest, mut after_syllable) = (text, false);
    while let Some(c) = rest.chars().next() {
        let word = WORDS.iter().find(|(word, _)| rest.starts_with(word));
        let (length, syllables) = match word {
            Some((word, syllables)) => (word.len(), Some((*syllables).to_owned())),
            None => (c.len_utf8(), syllable(c)),
        };
        rest = rest.get(length..).unwrap_or_default();
        // A syllable and a word or a number beside it must not run into each other.
        let alone = syllables.is_some() || (after_syllable && c.is_alphanumeric());
        if alone && !out.is_empty() && !out.ends_with(char::is_whitespace) {
            out.push(' ');
        }
        after_syllable = syllables.is_some();
        match (syllables, plain(c)) {
            (Some(syllables), _) => out.push_str(&syllables),
            (None, Some(plain)) => out.push_str(plain),
            (None, None) => out.push(c),
        }
    }
    out
}

/// How a character is read that stands for itself.
fn syllable(c: char) -> Option<String> {
    if let Some((_, syllable)) = ALONE.iter().find(|(alone, _)| *alone == c) {
        return Some((*syllable).to_owned());
    }
    let syllable = c.to_pinyin()?.with_tone_num_end();
    // The light tone has no number there.
    let light = !syllable.ends_with(|last: char| last.is_ascii_digit());
    Some(format!("{syllable}{}", if light { "5" } else { "" }))
}

/// Chinese punctuation as the voices know it.
fn plain(c: char) -> Option<&'static str> {
    Some(match c {
        '。' => ". ",
        '，' | '、' => ", ",
        '！' => "! ",
        '？' => "? ",
        '；' => "; ",
        '：' => ": ",
        '“' | '”' | '‘' | '’' | '《' | '》' | '（' | '）' | '「' | '」' | '【' | '】' => {
            " "
        }
        '％' => "%",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_become_syllables() {
        let table = [
            ("你好，世界！", "ni3 hao3, shi4 jie4! "),
            ("我在听音乐。", "wo3 zai4 ting1 yin1 yue4. "),
            ("现在是10:30", "xian4 zai4 shi4 10:30"),
            ("用Wi-Fi上网", "yong4 Wi-Fi shang4 wang3"),
            ("女儿的朋友们", "nü3 er2 de5 peng2 you3 men5"),
            ("hello", "hello"),
            ("", ""),
        ];
        for (text, pinyin) in table {
            assert_eq!(numbered(text), pinyin);
        }
    }

    #[test]
    fn no_word_is_listed_that_would_be_read_so_anyway() {
        for (word, syllables) in WORDS {
            let apart: Vec<_> = word.chars().filter_map(syllable).collect();
            assert_ne!(apart.join(" "), *syllables, "{word}");
        }
    }
}
