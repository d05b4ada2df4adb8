//! The command lines of the voices that systems have: what each program is told to say a sentence
//! in a language, by somebody, at a speed. Pure.

use super::wish::Asked;
use crate::core::words::Lang;
use std::ffi::OsString;
use std::path::Path;

/// Words a minute that count as the usual speed, for programs that want to know them.
const USUAL: f32 = 175.0;

/// Arguments of `espeak-ng` and of `espeak`: the text comes on the standard input, WAV goes to the
/// standard output. `voice` is a voice's name.
pub(super) fn espeak(voice: &str, speed: f32) -> Vec<OsString> {
    // Slower and faster than this it ignores or garbles.
    let rate = (USUAL * speed).round().clamp(80.0, 450.0);
    let rate = rate.to_string();
    let arguments = ["--stdin", "--stdout", "-b", "1", "-s", &rate, "-v", voice];
    arguments.iter().map(OsString::from).collect()
}

/// The voice of espeak for English.
pub(super) fn espeak_english(asked: Asked<'_>) -> &str {
    match asked {
        Asked::Own(name) => name,
        Asked::Region("GB" | "AU" | "IE" | "NZ" | "ZA" | "IN") => "en-gb",
        Asked::Region(_) | Asked::Anybody => "en-us",
    }
}

/// Arguments of `say`: it cannot write WAV into a pipe, so that goes to a file.
pub(super) fn say(asked: Asked<'_>, lang: Lang, speed: f32, file: &Path) -> Vec<OsString> {
    let voice = match (asked, lang) {
        (Asked::Own(name), _) => name,
        (Asked::Region("GB"), Lang::En) => "Daniel",
        (Asked::Region("AU"), Lang::En) => "Karen",
        (_, Lang::En) => "Samantha",
        (Asked::Region("TW"), Lang::Zh) => "Meijia",
        (Asked::Region("HK"), Lang::Zh) => "Sinji",
        (_, Lang::Zh) => "Tingting",
    };
    let rate = (USUAL * speed).round().to_string();
    let mut arguments: Vec<OsString> = vec!["-o".into(), file.into()];
    let rest = [
        "--file-format=WAVE",
        "--data-format=LEI16@22050",
        "-r",
        &rate,
        "-v",
        voice,
        "-f",
        "-",
    ];
    arguments.extend(rest.iter().map(OsString::from));
    arguments
}

/// Arguments of PowerShell: SAPI writes WAV only where it can seek, so into memory first.
pub(super) fn sapi(asked: Asked<'_>, lang: Lang, speed: f32) -> Vec<OsString> {
    // Ten steps up or down mean three times as fast or as slow.
    let rate = (10.0 * speed.ln() / 3.0_f32.ln())
        .round()
        .clamp(-10.0, 10.0);
    let culture = match (asked, lang) {
        (Asked::Region("GB"), Lang::En) => "en-GB",
        (_, Lang::En) => "en-US",
        (Asked::Region("TW"), Lang::Zh) => "zh-TW",
        (Asked::Region("HK"), Lang::Zh) => "zh-HK",
        (_, Lang::Zh) => "zh-CN",
    };
    let select = match asked {
        Asked::Own(name) => format!("$s.SelectVoice('{name}')"),
        Asked::Anybody | Asked::Region(_) => format!(
            "$s.SelectVoiceByHints('NotSet','NotSet',0,[Globalization.CultureInfo]'{culture}')"
        ),
    };
    let script = format!(
        "$ErrorActionPreference='Stop'; \
         [Console]::InputEncoding=[Text.Encoding]::UTF8; \
         Add-Type -AssemblyName System.Speech; \
         $s=New-Object System.Speech.Synthesis.SpeechSynthesizer; \
         {select}; $s.Rate={rate}; \
         $m=New-Object IO.MemoryStream; $s.SetOutputToWaveStream($m); \
         $s.Speak([Console]::In.ReadToEnd()); $s.SetOutputToNull(); \
         $o=[Console]::OpenStandardOutput(); $m.WriteTo($o); $o.Flush()"
    );
    let arguments = ["-NoProfile", "-NonInteractive", "-Command", &script];
    arguments.iter().map(OsString::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(arguments: &[OsString]) -> String {
        let words: Vec<_> = arguments.iter().map(|one| one.to_str().unwrap()).collect();
        words.join(" ")
    }

    #[test]
    fn espeak_is_told_the_voice_and_the_speed() {
        for (asked, speed, expected) in [
            (Asked::Anybody, 1.0, "-s 175 -v en-us"),
            (Asked::Region("GB"), 2.0, "-s 350 -v en-gb"),
            (Asked::Own("en-us-nyc"), 0.25, "-s 80 -v en-us-nyc"),
            (Asked::Region("US"), 4.0, "-s 450 -v en-us"),
        ] {
            let told = line(&espeak(espeak_english(asked), speed));
            assert_eq!(told, format!("--stdin --stdout -b 1 {expected}"));
        }
    }

    #[test]
    fn say_writes_a_wav_file() {
        for (asked, lang, speed, expected) in [
            (Asked::Anybody, Lang::En, 1.0, "-r 175 -v Samantha"),
            (Asked::Region("CN"), Lang::Zh, 1.0, "-r 175 -v Tingting"),
            (Asked::Region("GB"), Lang::En, 0.5, "-r 88 -v Daniel"),
            (Asked::Own("Fred"), Lang::En, 2.0, "-r 350 -v Fred"),
        ] {
            let told = line(&say(asked, lang, speed, Path::new("/t/a.wav")));
            let formats = "--file-format=WAVE --data-format=LEI16@22050";
            assert_eq!(told, format!("-o /t/a.wav {formats} {expected} -f -"));
        }
    }

    #[test]
    fn sapi_is_told_a_culture_or_a_name_and_a_rate_in_steps() {
        let by = |culture| {
            format!(
                "$s.SelectVoiceByHints('NotSet','NotSet',0,[Globalization.CultureInfo]'{culture}')"
            )
        };
        for (asked, lang, speed, select, rate) in [
            (Asked::Anybody, Lang::En, 1.0, by("en-US"), 0),
            (Asked::Region("CN"), Lang::Zh, 3.0, by("zh-CN"), 10),
            (Asked::Region("GB"), Lang::En, 0.5, by("en-GB"), -6),
            (
                Asked::Own("Microsoft Zira Desktop"),
                Lang::En,
                1.5,
                "$s.SelectVoice('Microsoft Zira Desktop')".to_owned(),
                4,
            ),
        ] {
            let told = line(&sapi(asked, lang, speed));
            let expected = format!("{select}; $s.Rate={rate}; ");
            assert!(
                told.starts_with("-NoProfile -NonInteractive -Command $Err"),
                "{told}"
            );
            assert!(told.contains(&expected), "{told}");
        }
    }
}
