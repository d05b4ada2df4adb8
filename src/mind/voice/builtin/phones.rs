//! The sounds of English and Mandarin: how the vocal tract stands for each. Pure.
//!
//! English sounds have the names of the CMU dictionary, in capitals; those of Mandarin are written
//! as pinyin writes them.

/// A noise made in front of the mouth: two bands of it (Hz, width, loudness), and all of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Hiss {
    pub(super) bands: [(f32, f32, f32); 2],
    pub(super) flat: f32,
}

/// How a sound is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Vowel,
    /// Between vowel and consonant: l, r, w, y.
    Glide,
    Nasal,
    /// A narrow place; with voice, or without.
    Fricative {
        voiced: bool,
    },
    /// A closed place that opens at once: without voice it is followed by a breath of so many
    /// milliseconds.
    Stop {
        voiced: bool,
        breath_ms: u16,
    },
    /// A closed place that becomes a narrow one, and the breath after it.
    Affricate {
        voiced: bool,
        breath_ms: u16,
    },
    /// Breath through the mouth as it stands for the next sound.
    Breath,
    Silence,
}

/// One sound.
#[derive(Debug, PartialEq)]
pub(super) struct Phone {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// The formants it begins and ends with. Of a consonant: where it pulls those of its
    /// neighbours to.
    pub(super) from: [f32; 3],
    pub(super) to: [f32; 3],
    /// How much it takes of its neighbour's formants: 0 nothing, 1 all.
    pub(super) give: f32,
    pub(super) hiss: Hiss,
    /// How loud its noise is.
    pub(super) noise: f32,
    /// How long it lasts, and how long at least however quick it is.
    pub(super) ms: f32,
    pub(super) least_ms: f32,
}

impl Phone {
    /// Whether the vocal folds sound in it.
    pub(super) const fn is_voiced(&self) -> bool {
        match self.kind {
            Kind::Vowel | Kind::Glide | Kind::Nasal => true,
            Kind::Fricative { voiced }
            | Kind::Stop { voiced, .. }
            | Kind::Affricate { voiced, .. } => voiced,
            Kind::Breath | Kind::Silence => false,
        }
    }

    /// Whether it ends as another sound than it begins.
    pub(super) fn is_double(&self) -> bool {
        let ways = self.from.iter().zip(self.to);
        ways.map(|(from, to)| (from - to).abs()).sum::<f32>() > 1.0
    }

    pub(super) fn is_vowel(&self) -> bool {
        self.kind == Kind::Vowel
    }
}

/// The sound of this name.
pub(super) fn phone(name: &str) -> Option<&'static Phone> {
    PHONES.iter().find(|phone| phone.name == name)
}

/// Nothing is said.
pub(super) static SILENCE: Phone = Phone {
    name: "-",
    kind: Kind::Silence,
    from: NEUTRAL,
    to: NEUTRAL,
    give: 1.0,
    hiss: QUIET,
    noise: 0.0,
    ms: 120.0,
    least_ms: 20.0,
};

/// A mouth at rest.
const NEUTRAL: [f32; 3] = [500.0, 1_500.0, 2_500.0];

const fn hiss(one: (f32, f32, f32), two: (f32, f32, f32), flat: f32) -> Hiss {
    let bands = [one, two];
    Hiss { bands, flat }
}

const QUIET: Hiss = hiss((1_000.0, 500.0, 0.0), (4_000.0, 500.0, 0.0), 0.0);
const LIPS: Hiss = hiss((900.0, 700.0, 0.5), (2_200.0, 1_500.0, 0.25), 0.25);
const TEETH: Hiss = hiss((6_800.0, 2_500.0, 0.5), (1_400.0, 900.0, 0.25), 0.45);
const TONGUE: Hiss = hiss((5_600.0, 2_200.0, 0.5), (1_500.0, 700.0, 0.3), 0.35);
const RIDGE: Hiss = hiss((4_900.0, 1_300.0, 1.0), (6_700.0, 1_600.0, 0.8), 0.02);
const TIP: Hiss = hiss((4_100.0, 1_500.0, 1.0), (6_000.0, 2_000.0, 0.5), 0.1);
const PALATE: Hiss = hiss((2_650.0, 500.0, 1.0), (3_900.0, 1_400.0, 0.6), 0.02);
const CURLED: Hiss = hiss((2_500.0, 500.0, 1.0), (3_400.0, 900.0, 0.6), 0.02);
const FRONT: Hiss = hiss((3_600.0, 900.0, 0.8), (5_400.0, 1_800.0, 0.9), 0.03);
const BACK: Hiss = hiss((1_900.0, 500.0, 1.0), (3_900.0, 1_500.0, 0.3), 0.05);
const THROAT: Hiss = hiss((1_300.0, 500.0, 1.0), (3_200.0, 1_200.0, 0.35), 0.03);

const fn vowel(name: &'static str, from: [f32; 3], to: [f32; 3], ms: f32) -> Phone {
    Phone {
        name,
        kind: Kind::Vowel,
        from,
        to,
        give: 0.5,
        hiss: QUIET,
        noise: 0.0,
        ms,
        least_ms: ms * 0.4,
    }
}

const fn steady(name: &'static str, formants: [f32; 3], ms: f32) -> Phone {
    vowel(name, formants, formants, ms)
}

const fn sonorant(name: &'static str, kind: Kind, at: [f32; 3], give: f32, ms: f32) -> Phone {
    let vowel = steady(name, at, ms);
    Phone {
        kind,
        give,
        least_ms: ms * 0.6,
        ..vowel
    }
}

const fn noisy(
    name: &'static str,
    kind: Kind,
    locus: [f32; 3],
    give: f32,
    (hiss, noise): (Hiss, f32),
    ms: f32,
) -> Phone {
    let sonorant = sonorant(name, kind, locus, give, ms);
    Phone {
        hiss,
        noise,
        ..sonorant
    }
}

const GLIDE: Kind = Kind::Glide;
const NASAL: Kind = Kind::Nasal;
const HISSING: Kind = Kind::Fricative { voiced: false };
const BUZZING: Kind = Kind::Fricative { voiced: true };

const fn hard(breath_ms: u16) -> Kind {
    let voiced = false;
    Kind::Stop { voiced, breath_ms }
}

const fn sharp(breath_ms: u16) -> Kind {
    let voiced = false;
    Kind::Affricate { voiced, breath_ms }
}

const SOFT: Kind = Kind::Stop {
    voiced: true,
    breath_ms: 0,
};
const DULL: Kind = Kind::Affricate {
    voiced: true,
    breath_ms: 0,
};

const LIP: [f32; 3] = [260.0, 900.0, 2_200.0];
const GUM: [f32; 3] = [260.0, 1_800.0, 2_650.0];
const SOFT_PALATE: [f32; 3] = [260.0, 2_100.0, 2_250.0];
const HARD_PALATE: [f32; 3] = [270.0, 1_950.0, 2_550.0];
const ROLLED: [f32; 3] = [280.0, 1_750.0, 2_100.0];
const Y: [f32; 3] = [270.0, 2_200.0, 2_950.0];

/// Every sound there is.
#[rustfmt::skip]
pub(super) static PHONES: &[Phone] = &[
    // Vowels of English.
    steady("IY", [290.0, 2_230.0, 2_950.0], 140.0),
    steady("IH", [400.0, 1_980.0, 2_560.0], 120.0),
    vowel("EY", [480.0, 1_800.0, 2_520.0], [330.0, 2_150.0, 2_700.0], 170.0),
    steady("EH", [550.0, 1_760.0, 2_490.0], 135.0),
    steady("AE", [680.0, 1_700.0, 2_430.0], 175.0),
    steady("AA", [730.0, 1_100.0, 2_450.0], 180.0),
    steady("AO", [590.0, 880.0, 2_450.0], 185.0),
    vowel("OW", [540.0, 1_050.0, 2_350.0], [400.0, 850.0, 2_300.0], 175.0),
    steady("UH", [450.0, 1_080.0, 2_300.0], 125.0),
    vowel("UW", [320.0, 1_150.0, 2_250.0], [310.0, 950.0, 2_200.0], 150.0),
    steady("AH", [630.0, 1_220.0, 2_500.0], 130.0),
    steady("AX", [500.0, 1_450.0, 2_450.0], 90.0),
    steady("ER", [470.0, 1_300.0, 1_650.0], 160.0),
    vowel("AY", [710.0, 1_180.0, 2_450.0], [380.0, 2_000.0, 2_600.0], 210.0),
    vowel("AW", [720.0, 1_280.0, 2_500.0], [430.0, 930.0, 2_350.0], 220.0),
    vowel("OY", [540.0, 850.0, 2_400.0], [380.0, 1_950.0, 2_550.0], 230.0),
    // Consonants of English.
    sonorant("L", GLIDE, [360.0, 1_050.0, 2_700.0], 0.35, 70.0),
    sonorant("R", GLIDE, [340.0, 1_120.0, 1_500.0], 0.3, 75.0),
    sonorant("W", GLIDE, [290.0, 640.0, 2_150.0], 0.2, 75.0),
    sonorant("Y", GLIDE, Y, 0.2, 70.0),
    sonorant("M", NASAL, [300.0, 1_000.0, 2_200.0], 0.55, 75.0),
    sonorant("N", NASAL, [300.0, 1_700.0, 2_600.0], 0.45, 70.0),
    sonorant("NG", NASAL, [300.0, 2_050.0, 2_400.0], 0.55, 80.0),
    noisy("F", HISSING, LIP, 0.7, (TEETH, 0.10), 105.0),
    noisy("V", BUZZING, LIP, 0.7, (TEETH, 0.04), 65.0),
    noisy("TH", HISSING, [260.0, 1_400.0, 2_600.0], 0.55, (TONGUE, 0.09), 100.0),
    noisy("DH", BUZZING, [260.0, 1_400.0, 2_600.0], 0.55, (TONGUE, 0.03), 50.0),
    noisy("S", HISSING, GUM, 0.4, (RIDGE, 0.34), 110.0),
    noisy("Z", BUZZING, GUM, 0.4, (RIDGE, 0.20), 75.0),
    noisy("SH", HISSING, HARD_PALATE, 0.35, (PALATE, 0.42), 115.0),
    noisy("ZH", BUZZING, HARD_PALATE, 0.35, (PALATE, 0.22), 75.0),
    noisy("HH", Kind::Breath, NEUTRAL, 1.0, (QUIET, 0.0), 65.0),
    noisy("P", hard(45), LIP, 0.75, (LIPS, 0.30), 85.0),
    noisy("B", SOFT, LIP, 0.75, (LIPS, 0.22), 75.0),
    noisy("T", hard(45), GUM, 0.45, (TIP, 0.55), 75.0),
    noisy("D", SOFT, GUM, 0.45, (TIP, 0.35), 65.0),
    noisy("K", hard(50), SOFT_PALATE, 0.7, (BACK, 0.55), 80.0),
    noisy("G", SOFT, SOFT_PALATE, 0.7, (BACK, 0.40), 70.0),
    noisy("CH", sharp(15), HARD_PALATE, 0.35, (PALATE, 0.42), 115.0),
    noisy("JH", DULL, HARD_PALATE, 0.35, (PALATE, 0.28), 90.0),
    // Vowels of Mandarin.
    steady("a", [800.0, 1_280.0, 2_550.0], 170.0),
    steady("o", [520.0, 850.0, 2_450.0], 150.0),
    steady("e", [480.0, 1_180.0, 2_450.0], 160.0),
    steady("ê", [540.0, 1_850.0, 2_550.0], 140.0),
    steady("i", [285.0, 2_280.0, 3_050.0], 150.0),
    steady("u", [330.0, 700.0, 2_350.0], 150.0),
    steady("ü", [280.0, 1_950.0, 2_300.0], 150.0),
    steady("-i", [380.0, 1_350.0, 2_650.0], 150.0),
    steady("-ri", [400.0, 1_650.0, 2_050.0], 150.0),
    vowel("er", [640.0, 1_350.0, 2_100.0], [450.0, 1_500.0, 1_750.0], 180.0),
    // Consonants of Mandarin that English does not have.
    noisy("b", hard(8), LIP, 0.75, (LIPS, 0.26), 70.0),
    noisy("d", hard(8), GUM, 0.45, (TIP, 0.40), 65.0),
    noisy("g", hard(14), SOFT_PALATE, 0.75, (BACK, 0.45), 65.0),
    noisy("p", hard(70), LIP, 0.75, (LIPS, 0.32), 65.0),
    noisy("t", hard(70), GUM, 0.45, (TIP, 0.55), 60.0),
    noisy("k", hard(75), SOFT_PALATE, 0.75, (BACK, 0.55), 60.0),
    noisy("h", HISSING, [450.0, 1_300.0, 2_450.0], 0.9, (THROAT, 0.16), 90.0),
    noisy("j", sharp(0), Y, 0.3, (FRONT, 0.30), 85.0),
    noisy("q", sharp(35), Y, 0.3, (FRONT, 0.34), 120.0),
    noisy("x", HISSING, Y, 0.3, (FRONT, 0.30), 120.0),
    noisy("zh", sharp(0), ROLLED, 0.3, (CURLED, 0.32), 80.0),
    noisy("ch", sharp(35), ROLLED, 0.3, (CURLED, 0.38), 115.0),
    noisy("sh", HISSING, ROLLED, 0.3, (CURLED, 0.36), 120.0),
    noisy("r", BUZZING, [320.0, 1_600.0, 2_000.0], 0.3, (CURLED, 0.05), 75.0),
    noisy("z", sharp(0), GUM, 0.4, (RIDGE, 0.28), 80.0),
    noisy("c", sharp(35), GUM, 0.4, (RIDGE, 0.32), 115.0),
    noisy("s", HISSING, GUM, 0.4, (RIDGE, 0.32), 115.0),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sound_has_a_name_of_its_own_and_formants_in_order() {
        for (at, phone) in PHONES.iter().enumerate() {
            assert_eq!(super::phone(phone.name), Some(&PHONES[at]));
            for [first, second, third] in [phone.from, phone.to] {
                let ordered = 200.0 < first && first < second && second < third && third < 3_200.0;
                assert!(ordered, "{}", phone.name);
            }
            assert!(phone.least_ms < phone.ms, "{}", phone.name);
        }
    }
}
