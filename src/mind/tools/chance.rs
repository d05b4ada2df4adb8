//! Dice, coins and random numbers.

use super::numeral::to_digits;
use super::{Ability, Arguments, Told, ToolError, Toolbox};
use crate::core::words::Lang;
use serde_json::json;
use std::future::{Ready, ready};
use std::sync::atomic::{AtomicU64, Ordering};

/// The most dice at once, and the most sides.
const DICE: i64 = 100;
const SIDES: i64 = 1_000_000;

pub(super) const ABILITY: Ability = Ability {
    name: "random",
    description: "Rolls dice, flips a coin, or draws a random whole number.",
    parameters: || {
        json!({
            "type": "object",
            "properties": {
                "what": { "type": "string", "enum": ["dice", "coin", "number"] },
                "dice": {
                    "type": ["string", "null"],
                    "description": "For dice: how many with how many sides, like `2d6`."
                },
                "from": { "type": ["integer", "null"], "description": "For a number: the least." },
                "to": { "type": ["integer", "null"], "description": "For a number: the most." }
            },
            "required": ["what"],
            "additionalProperties": false
        })
    },
    read: |arguments, _now| Ok(Chance::from_arguments(arguments)?.into()),
};

/// Something left to chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::mind) enum Chance {
    Coin,
    Dice { count: i64, sides: i64 },
    Number { from: i64, to: i64 },
}

impl Chance {
    fn from_arguments(arguments: &Arguments) -> Result<Self, ToolError> {
        let dice = arguments.text("dice")?;
        let (from, to) = (arguments.integer("from")?, arguments.integer("to")?);
        let absent = if dice.is_none() && to.is_some() {
            "number"
        } else {
            "dice"
        };
        match arguments.text("what")?.as_deref().unwrap_or(absent) {
            "coin" => Ok(Self::Coin),
            "number" => Ok(Self::between(from.unwrap_or(1), to.unwrap_or(100))),
            "dice" | "die" => {
                let needs = "must be written like `2d6`";
                let wrong = ToolError::Argument {
                    name: "dice",
                    needs,
                };
                Self::dice(dice.as_deref().unwrap_or("1d6")).ok_or(wrong)
            }
            _ => {
                let needs = "must be `dice`, `coin` or `number`";
                Err(ToolError::Argument {
                    name: "what",
                    needs,
                })
            }
        }
    }

    /// `2d6`, `d20`, or how many ordinary dice.
    pub(in crate::mind) fn dice(text: &str) -> Option<Self> {
        let text = to_digits(text);
        if text.trim().is_empty() {
            return None;
        }
        let (count, sides) = text.trim().split_once('d').unwrap_or((text.trim(), "6"));
        let count = if count.is_empty() { "1" } else { count };
        let (count, sides) = (count.trim().parse().ok()?, sides.trim().parse().ok()?);
        Some(Self::Dice { count, sides })
    }

    /// A number from one to the other, whichever is less.
    pub(in crate::mind) fn between(from: i64, to: i64) -> Self {
        Self::Number {
            from: from.min(to),
            to: from.max(to),
        }
    }

    pub(super) fn run(self, toolbox: &Toolbox, lang: Lang) -> Ready<Told> {
        ready(self.tell(&toolbox.luck, lang))
    }

    fn tell(self, luck: &Luck, lang: Lang) -> Told {
        Ok(match self {
            Self::Coin => match (luck.below(2), lang) {
                (0, Lang::En) => "Heads.".to_owned(),
                (_, Lang::En) => "Tails.".to_owned(),
                (0, Lang::Zh) => "正面。".to_owned(),
                (_, Lang::Zh) => "反面。".to_owned(),
            },
            Self::Dice { count, sides } => {
                if !(1..=DICE).contains(&count) || !(2..=SIDES).contains(&sides) {
                    return Err(ToolError::Dice);
                }
                let rolls: Vec<i64> = (0..count).map(|_| luck.between(1, sides)).collect();
                let sum: i64 = rolls.iter().sum();
                let each: Vec<String> = rolls.iter().map(i64::to_string).collect();
                let each = each.join(" + ");
                let all = if count == 1 {
                    each
                } else {
                    format!("{each} = {sum}")
                };
                match lang {
                    Lang::En => format!("{count}d{sides}: {all}"),
                    Lang::Zh => format!("{count}d{sides}：{all}"),
                }
            }
            Self::Number { from, to } => {
                let drawn = luck.between(from, to);
                match lang {
                    Lang::En => format!("{drawn} (from {from} to {to})"),
                    Lang::Zh => format!("{drawn}（{from} 到 {to}）"),
                }
            }
        })
    }
}

/// A source of chance that its seed decides: SplitMix64, <https://prng.di.unimi.it/splitmix64.c>.
#[derive(Debug)]
pub(super) struct Luck(AtomicU64);

impl Luck {
    pub(super) const fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    fn next(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let state = self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 up to but without `bound`, each equally likely: the draws that would favour small
    /// numbers are thrown away. `bound` 0 stands for 2^64.
    fn below(&self, bound: u64) -> u64 {
        if bound == 0 {
            return self.next();
        }
        let unfair = (u64::MAX - bound + 1) % bound;
        loop {
            let drawn = self.next();
            if drawn >= unfair {
                return drawn % bound;
            }
        }
    }

    fn between(&self, from: i64, to: i64) -> i64 {
        let size = (to.wrapping_sub(from) as u64).wrapping_add(1);
        from.wrapping_add(self.below(size) as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn dice_are_read_as_players_write_them() {
        let dice = |count, sides| Some(Chance::Dice { count, sides });
        assert_eq!(Chance::dice("2d6"), dice(2, 6));
        assert_eq!(Chance::dice("D20"), dice(1, 20));
        assert_eq!(Chance::dice("three"), dice(3, 6));
        assert_eq!(Chance::dice("两"), dice(2, 6));
        for odd in ["", "d", "2d", "dd", "six sides", "2x6"] {
            assert_eq!(Chance::dice(odd), None, "{odd}");
        }
        let luck = Luck::new(1);
        for chance in ["0d6", "101d6", "1d1", "1d1000001"] {
            let told = Chance::dice(chance).unwrap().tell(&luck, Lang::En);
            assert_eq!(told, Err(ToolError::Dice), "{chance}");
        }
    }

    #[test]
    fn the_seed_decides_and_every_side_comes_up_about_as_often() {
        let rolls = |seed| {
            let luck = Luck::new(seed);
            (0..6_000).map(|_| luck.between(1, 6)).collect::<Vec<_>>()
        };
        assert_eq!(rolls(7), rolls(7));
        assert_ne!(rolls(7), rolls(8));
        for side in 1..=6 {
            let count = rolls(7).iter().filter(|roll| **roll == side).count();
            assert!((900..1_100).contains(&count), "{side}: {count}");
        }
    }

    proptest! {
        #[test]
        fn a_number_lies_between_its_bounds(seed: u64, a: i64, b: i64) {
            let drawn = Luck::new(seed).between(a.min(b), a.max(b));
            prop_assert!((a.min(b)..=a.max(b)).contains(&drawn));
        }
    }
}
