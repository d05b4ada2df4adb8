//! Arithmetic, written or spoken: precedence, powers, percentages, exact where fractions are.

mod token;
mod value;

use super::{Ability, Arguments, Told, ToolError, Toolbox};
use crate::core::words::Lang;
use serde_json::json;
use std::future::{Ready, ready};
use token::{Token, tokens, written};
use value::value;

/// Longer arithmetic is worked out, but not repeated in the answer.
const WRITTEN: usize = 60;

pub(super) const ABILITY: Ability = Ability {
    name: "calculate",
    description: "Works out arithmetic exactly. Knows + - * / ^ % ! mod sqrt ln log and \
                  parentheses, and phrases like `20% of 80`, `15% off 80`, `80 + 10%`.",
    parameters: || {
        json!({
            "type": "object",
            "properties": {
                "expression": {
                    "type": "string",
                    "description": "What to work out, like `(2 + 3) * 4^2`."
                }
            },
            "required": ["expression"],
            "additionalProperties": false
        })
    },
    read: |arguments, _now| Ok(Sum::from_arguments(arguments)?.into()),
};

/// Arithmetic to be worked out.
#[derive(Debug)]
pub(in crate::mind) struct Sum(Vec<Token>);

impl Sum {
    fn from_arguments(arguments: &Arguments) -> Result<Self, ToolError> {
        let text = arguments.needed("expression")?;
        let text = text.trim_end_matches(['=', '?', ' ']);
        let no_sum = |text: &str| ToolError::NotASum {
            text: text.to_owned(),
        };
        let tokens = tokens(text).ok_or_else(|| no_sum(text))?;
        match value(&tokens) {
            Err(ToolError::NotASum { .. }) => Err(no_sum(text)),
            _ => Ok(Self(tokens)),
        }
    }

    /// Arithmetic in a sentence: there is something to work out, and it is no date or number
    /// of a telephone (nobody begins a number in a sum with a zero).
    pub(in crate::mind) fn spoken(text: &str) -> Option<Self> {
        if is_coded(text) {
            return None;
        }
        let tokens = tokens(text)?;
        let works = tokens.iter().skip(1).any(|token| {
            !matches!(
                token,
                Token::Number(_) | Token::Open | Token::Close | Token::Percent
            )
        }) || matches!(tokens.first(), Some(Token::Function(_)));
        let numbers = tokens.iter().any(|token| matches!(token, Token::Number(_)));
        let sum = works && (numbers || tokens.len() > value::DEEPEST);
        let reads = sum && !matches!(value(&tokens), Err(ToolError::NotASum { .. }));
        reads.then_some(Self(tokens))
    }

    pub(super) fn run(self, _toolbox: &Toolbox, lang: Lang) -> Ready<Told> {
        ready(self.tell(lang))
    }

    fn tell(&self, lang: Lang) -> Told {
        let (result, exact) = value(&self.0)?.text(lang);
        let equals = if exact { "=" } else { "≈" };
        let question = written(&self.0, lang);
        Ok(if question.chars().count() <= WRITTEN {
            format!("{question} {equals} {result}")
        } else {
            format!("{equals} {result}")
        })
    }
}

/// Dates, telephone numbers and the like: digits that stand for something else.
fn is_coded(text: &str) -> bool {
    let parts: Vec<&str> = text.split(['-', '/', ' ']).collect();
    let digits = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let all_digits = parts.iter().all(digits);
    let zero = parts
        .iter()
        .any(|part| digits(part) && part.len() > 1 && part.starts_with('0'));
    let slashed = parts.len() == 3 && !text.contains(' ');
    zero || (all_digits && slashed && parts.iter().any(|part| part.len() == 4))
        || matches!(text, "9/11" | "24/7" | "7/11" | "50/50")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mind::tools::number::Number;
    use proptest::prelude::*;

    fn told(text: &str, lang: Lang) -> String {
        let Some(tokens) = tokens(text) else {
            let text = String::new();
            return ToolError::NotASum { text }.to_string();
        };
        Sum(tokens)
            .tell(lang)
            .unwrap_or_else(|error| error.to_string())
    }

    #[test]
    fn arithmetic_follows_the_textbook() {
        let table = [
            ("1+2*3", "1 + 2 × 3 = 7"),
            ("(1+2)*3", "(1 + 2) × 3 = 9"),
            ("2^3^2", "2^3^2 = 512"),
            ("-2^2", "-2^2 = -4"),
            ("(-2)^2", "(-2)^2 = 4"),
            ("2^-1", "2^-1 = 0.5"),
            ("2**10", "2^10 = 1024"),
            ("0.1 + 0.2", "0.1 + 0.2 = 0.3"),
            ("1/3", "1 ÷ 3 ≈ 0.333333333333"),
            ("1/3*3", "1 ÷ 3 × 3 = 1"),
            ("1,234.5 * 2", "1234.5 × 2 = 2469"),
            ("10,000 * 1,000", "10,000 × 1000 = 10,000,000"),
            ("20% of 80", "20% of 80 = 16"),
            ("15% off 80", "15% off 80 = 68"),
            ("80 + 10%", "80 + 10% = 88"),
            ("80 - 10%", "80 - 10% = 72"),
            ("80 * 10%", "80 × 10% = 8"),
            ("10% + 5%", "10% + 5% = 0.15"),
            ("17 % 5", "17 % 5 = 2"),
            ("17 mod 5", "17 mod 5 = 2"),
            ("-7 mod 3", "-7 mod 3 = 2"),
            ("5!", "5! = 120"),
            ("3!!", "3!! = 720"),
            ("30!", "30! = 265,252,859,812,191,058,636,308,480,000,000"),
            ("100!", "100! ≈ 9.33262154439 × 10^157"),
            ("sqrt(16)", "√(16) = 4"),
            ("sqrt 2", "√2 ≈ 1.41421356237"),
            ("√9 + 1", "√9 + 1 = 4"),
            ("2(3+4)", "2(3 + 4) = 14"),
            (
                "2 pi",
                "cannot read `` as arithmetic; write it like `(2 + 3) * 4^2` or `20% of 80`",
            ),
            ("2 * pi", "2 × 3.14159265359 ≈ 6.28318530718"),
            ("1e3 + 1", "1000 + 1 = 1001"),
            ("twelve times seven", "12 × 7 = 84"),
            ("five squared", "5^2 = 25"),
            ("two to the power of ten", "2^10 = 1024"),
            ("square root of eighty-one", "√81 = 9"),
            ("twenty percent of eighty", "20% of 80 = 16"),
            ("三乘以四", "3 × 4 = 12"),
            ("一百二十加五", "120 + 5 = 125"),
            ("八十的百分之二十", "80 of 20% = 16"),
            ("2的10次方", "2^10 = 1024"),
            ("９的平方根", "9^0.5 = 3"),
            ("5的阶乘", "5! = 120"),
            ("80打八五折", "80 × 0.85 = 68"),
            ("四分之三加一", "(3 ÷ 4) + 1 = 1.75"),
            ("1/0", "division by zero has no result"),
            ("1/(2-2)", "division by zero has no result"),
            ("0^-1", "division by zero has no result"),
            ("5 mod 0", "division by zero has no result"),
            ("sqrt(-1)", "it has no value among the real numbers"),
            ("(-1)!", "it has no value among the real numbers"),
            ("10^400", "the result is too large"),
            ("171!", "the result is too large"),
            ("9^9^9^9", "the result is too large"),
        ];
        for (text, expected) in table {
            assert_eq!(told(text, Lang::En), expected, "{text}");
        }
        assert_eq!(told("八十的百分之二十", Lang::Zh), "80 × 20% = 16");
    }

    #[test]
    fn what_is_no_arithmetic_is_refused() {
        for text in [
            "",
            "1+",
            "*2",
            "(1",
            "1)",
            "1 2",
            "hello",
            "5 of 6",
            "2 + two apples",
            "()",
        ] {
            let told = told(text, Lang::En);
            assert!(told.starts_with("cannot read"), "{text}: {told}");
        }
    }

    #[test]
    fn nesting_without_end_is_a_sentence_and_no_overflow_of_the_stack() {
        let deep = "more than 100 parentheses, signs or powers inside each other";
        for unit in ["(", "-", "sqrt ", "2^", "2^("] {
            let text = format!("1+{}1", unit.repeat(100_000));
            assert_eq!(told(&text, Lang::En), deep, "{unit}");
        }
        let long = format!("1{}", "+1".repeat(100_000));
        assert_eq!(told(&long, Lang::En), "= 100,001");
    }

    #[test]
    fn a_sentence_needs_something_to_work_out() {
        for text in [
            "42",
            "-5",
            "20%",
            "2026-11-20",
            "1/1/2027",
            "020-1234",
            "9/11",
            "(7)",
            "pi",
        ] {
            assert!(Sum::spoken(text).is_none(), "{text}");
        }
        for text in ["1+1", "10/4", "5!", "-5 + 3", "100-58", "sqrt 9"] {
            assert!(Sum::spoken(text).is_some(), "{text}");
        }
    }

    /// An expression and what it comes to, as numerator and denominator.
    fn expression() -> impl Strategy<Value = (String, Option<(i64, i64)>)> {
        let leaf = (-20_i64..20).prop_map(|number| {
            let text = if number < 0 {
                format!("({number})")
            } else {
                number.to_string()
            };
            (text, Some((number, 1)))
        });
        leaf.prop_recursive(3, 12, 2, |inner| {
            (
                inner.clone(),
                prop::sample::select(vec!['+', '-', '*', '/']),
                inner,
            )
                .prop_map(|((left, a), sign, (right, b))| {
                    let value = a.zip(b).and_then(|((a, b), (c, d))| {
                        let (top, bottom) = match sign {
                            '+' => (
                                a.checked_mul(d)?.checked_add(c.checked_mul(b)?)?,
                                b.checked_mul(d)?,
                            ),
                            '-' => (
                                a.checked_mul(d)?.checked_sub(c.checked_mul(b)?)?,
                                b.checked_mul(d)?,
                            ),
                            '*' => (a.checked_mul(c)?, b.checked_mul(d)?),
                            _ => (a.checked_mul(d)?, b.checked_mul(c)?),
                        };
                        (bottom != 0).then_some((top, bottom))
                    });
                    (format!("({left} {sign} {right})"), value)
                })
        })
    }

    proptest! {
        #[test]
        fn random_expressions_agree_with_fractions_worked_out_beside((text, expected) in expression()) {
            let found = value(&tokens(&text).unwrap());
            let expected = expected
                .map(|(top, bottom)| Number::ratio(i128::from(top), i128::from(bottom)))
                .ok_or(ToolError::DivisionByZero);
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn random_sums_without_parentheses_follow_precedence(
            first in -9_i64..99,
            rest in proptest::collection::vec((prop::sample::select(vec!['+', '-', '*']), 0_i64..99), 0..8),
        ) {
            // Products first: the last term is held back until a sum sign comes.
            let (mut sum, mut term) = (0, first);
            let mut text = first.to_string();
            for (sign, number) in rest {
                text = format!("{text} {sign} {number}");
                match sign {
                    '*' => term *= number,
                    '+' => (sum, term) = (sum + term, number),
                    _ => (sum, term) = (sum + term, -number),
                }
            }
            prop_assert_eq!(value(&tokens(&text).unwrap()), Ok(Number::whole(i128::from(sum + term))));
        }

        #[test]
        fn any_text_is_survived(text in "(\\PC|[0-9+*/^%!().的加乘百分之打折-]|of |off |sqrt ){0,40}") {
            told(&text, Lang::En);
            Sum::spoken(&text);
        }
    }
}
