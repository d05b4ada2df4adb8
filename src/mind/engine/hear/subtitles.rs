//! Knows the words with which subtitles of films begin and end. Whisper learnt from millions of them, and
//! says them of music, noise and silence. Pure.

/// Whole texts, without punctuation and in small letters.
const TEXTS: &[&str] = &[
    "bye",
    "bye bye",
    "music",
    "music playing",
    "so",
    "thank you",
    "thank you for watching",
    "thank you so much for watching",
    "thank you very much",
    "thanks",
    "thanks for watching",
    "the end",
    "you",
    "多謝您的觀看",
    "多谢观看",
    "感谢观看",
    "感谢收看",
    "謝謝",
    "謝謝大家",
    "謝謝觀看",
    "谢谢",
    "谢谢大家",
    "谢谢观看",
    "ご視聴ありがとうございました",
];

/// Parts of texts: names that nobody says by chance.
const PARTS: &[&str] = &[
    "amara org",
    "like and subscribe",
    "please subscribe",
    "subscribe to my channel",
    "subtitles by",
    "transcription by",
    "不吝点赞",
    "不吝點贊",
    "字幕by",
    "字幕志愿者",
    "字幕志願者",
    "明镜与点点",
    "明鏡與點點",
];

/// Whether this is what stands in subtitles where nobody speaks. That alone is no proof: people thank each
/// other, too.
pub(super) fn is_of_subtitles(text: &str) -> bool {
    let plain: String = text
        .chars()
        .flat_map(char::to_lowercase)
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    let words: Vec<&str> = plain.split_whitespace().collect();
    let plain = words.join(" ");
    TEXTS.contains(&plain.as_str()) || PARTS.iter().any(|part| plain.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_said_is_known_by_its_words() {
        for (text, expected) in [
            ("Thank you.", true),
            (" Thanks for watching!", true),
            ("you", true),
            ("Subtitles by the Amara.org community", true),
            ("謝謝觀看", true),
            ("请不吝点赞 订阅 转发 打赏支持明镜与点点栏目", true),
            ("[Music]", true),
            ("♪ ♪", false),
            ("", false),
            ("Thank you, what time is it?", false),
            ("what time is it", false),
            ("谢谢你，明天见", false),
        ] {
            assert_eq!(is_of_subtitles(text), expected, "{text}");
        }
    }
}
