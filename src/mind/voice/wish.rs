//! Reads who is wished to speak. Pure.
//!
//! A wish is a voice's own name, or one in the manner of online services, such as
//! `zh-CN-XiaoxiaoNeural`, of which other voices can serve the language and the region.

use crate::core::backend::VoiceWish;
use crate::core::words::Lang;

/// Who is wished for, as far as it fits the language of the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked<'a> {
    Anybody,
    /// Somebody of this region, such as `GB`.
    Region(&'a str),
    /// Nobody but this one.
    Own(&'a str),
}

impl<'a> Asked<'a> {
    /// Who should speak words of this language.
    pub(super) fn read(wish: &'a VoiceWish, lang: Lang) -> Self {
        let name = wish.voice.as_deref().unwrap_or_default().trim();
        // The wish may come from afar, and ends up among a program's arguments.
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '+' | ' ' | '(' | ')');
        if name.is_empty() || name.starts_with('-') || !name.chars().all(plain) {
            return Self::Anybody;
        }
        let mut parts = name.split('-');
        let spoken = match parts
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase()
            .as_str()
        {
            "en" => Some(Lang::En),
            "zh" | "cmn" => Some(Lang::Zh),
            _ => None,
        };
        let region = parts.next().unwrap_or_default();
        let of_service = region.len() == 2 && region.chars().all(|c| c.is_ascii_uppercase());
        match spoken {
            Some(spoken) if spoken != lang => Self::Anybody,
            Some(_) if of_service => Self::Region(region),
            None if of_service => Self::Anybody,
            _ => Self::Own(name),
        }
    }
}

/// The speed, within what all voices can do something with.
pub(super) fn speed(wish: &VoiceWish) -> f32 {
    if wish.speed.is_finite() {
        wish.speed.clamp(0.25, 4.0)
    } else {
        1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_counts_as_far_as_it_fits_the_words() {
        let table = [
            ("", Lang::En, Asked::Anybody),
            ("zh-CN-XiaoxiaoNeural", Lang::Zh, Asked::Region("CN")),
            ("zh-CN-XiaoxiaoNeural", Lang::En, Asked::Anybody),
            ("en-GB-SoniaNeural", Lang::En, Asked::Region("GB")),
            ("en-US", Lang::En, Asked::Region("US")),
            ("ja-JP-NanamiNeural", Lang::En, Asked::Anybody),
            ("en-gb-scotland", Lang::En, Asked::Own("en-gb-scotland")),
            ("en-gb-scotland", Lang::Zh, Asked::Anybody),
            ("Tingting", Lang::Zh, Asked::Own("Tingting")),
            (
                "Microsoft Zira Desktop",
                Lang::En,
                Asked::Own("Microsoft Zira Desktop"),
            ),
            ("-h", Lang::En, Asked::Anybody),
            ("../../etc/passwd", Lang::En, Asked::Anybody),
            ("x'; rm", Lang::En, Asked::Anybody),
        ];
        for (voice, lang, asked) in table {
            let wish = VoiceWish {
                voice: Some(voice.to_owned()),
                speed: 1.0,
                engine: None,
            };
            assert_eq!(Asked::read(&wish, lang), asked, "{voice}");
        }
    }

    #[test]
    fn a_speed_beyond_all_sense_is_bounded() {
        for (wished, speed_then) in [(0.0, 0.25), (1.5, 1.5), (99.0, 4.0), (f32::NAN, 1.0)] {
            let wish = VoiceWish {
                voice: None,
                speed: wished,
                engine: None,
            };
            assert!((speed(&wish) - speed_then).abs() < f32::EPSILON, "{wished}");
        }
    }
}
