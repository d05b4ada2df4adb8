//! Numbers as people expect them of a calculator: exact while a fraction of two 128-bit integers
//! can hold them, the nearest floating-point number beyond.

use super::ToolError;
use crate::core::words::Lang;

/// Significant digits of a number that cannot be written out.
const DIGITS: usize = 12;

/// More decimals than this are not written out, even where they would end.
const DECIMALS: u32 = 12;

/// A number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    /// `top / bottom` in lowest terms; `bottom` is positive.
    Exact { top: i128, bottom: i128 },
    /// Finite.
    About(f64),
}

/// What arithmetic gives.
pub(super) type Result<T> = std::result::Result<T, ToolError>;

impl Number {
    pub(super) const ZERO: Self = Self::whole(0);

    pub(super) const fn whole(number: i128) -> Self {
        Self::Exact {
            top: number,
            bottom: 1,
        }
    }

    /// `top / bottom`, of which the latter is not zero.
    pub(super) fn ratio(top: i128, bottom: i128) -> Self {
        let common = gcd(top.unsigned_abs(), bottom.unsigned_abs());
        let inexact = || Self::About(top as f64 / bottom as f64);
        let Ok(common) = i128::try_from(common) else {
            return inexact();
        };
        let (top, bottom) = (top / common, bottom / common);
        if bottom > 0 {
            return Self::Exact { top, bottom };
        }
        match (top.checked_neg(), bottom.checked_neg()) {
            (Some(top), Some(bottom)) => Self::Exact { top, bottom },
            _ => inexact(),
        }
    }

    /// A floating-point result, if it is a number at all.
    pub(super) fn about(number: f64) -> Result<Self> {
        if number.is_nan() {
            Err(ToolError::NotReal)
        } else if number.is_infinite() {
            Err(ToolError::TooLarge)
        } else {
            Ok(Self::About(number))
        }
    }

    /// Digits with at most one decimal point, and nothing else.
    pub(super) fn read(digits: &str) -> Option<Self> {
        let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
        let all = format!("{whole}{decimals}");
        if all.is_empty() || !all.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let bottom = u32::try_from(decimals.len())
            .ok()
            .and_then(|decimals| 10_i128.checked_pow(decimals));
        match (all.parse(), bottom) {
            (Ok(top), Some(bottom)) => Some(Self::ratio(top, bottom)),
            _ => digits
                .parse()
                .ok()
                .filter(|number: &f64| number.is_finite())
                .map(Self::About),
        }
    }

    pub(super) fn float(self) -> f64 {
        match self {
            Self::Exact { top, bottom } => top as f64 / bottom as f64,
            Self::About(number) => number,
        }
    }

    /// The integer it is, if it is one.
    pub(super) fn integer(self) -> Option<i128> {
        match self {
            Self::Exact { top, bottom: 1 } => Some(top),
            Self::Exact { .. } | Self::About(_) => None,
        }
    }

    pub(super) fn is_zero(self) -> bool {
        self.float() == 0.0
    }

    pub(super) fn is_negative(self) -> bool {
        self.float() < 0.0
    }

    pub(super) fn negated(self) -> Self {
        match self {
            Self::Exact { top, bottom } => match top.checked_neg() {
                Some(top) => Self::Exact { top, bottom },
                None => Self::About(-self.float()),
            },
            Self::About(number) => Self::About(-number),
        }
    }

    pub(super) fn plus(self, other: Self) -> Result<Self> {
        let exact = || {
            let ((a, b), (c, d)) = (self.parts()?, other.parts()?);
            let top = a.checked_mul(d)?.checked_add(c.checked_mul(b)?)?;
            Some(Self::ratio(top, b.checked_mul(d)?))
        };
        exact().map_or_else(|| Self::about(self.float() + other.float()), Ok)
    }

    pub(super) fn minus(self, other: Self) -> Result<Self> {
        self.plus(other.negated())
    }

    pub(super) fn times(self, other: Self) -> Result<Self> {
        let exact = || {
            let ((a, b), (c, d)) = (self.parts()?, other.parts()?);
            Some(Self::ratio(a.checked_mul(c)?, b.checked_mul(d)?))
        };
        exact().map_or_else(|| Self::about(self.float() * other.float()), Ok)
    }

    pub(super) fn over(self, other: Self) -> Result<Self> {
        if other.is_zero() {
            return Err(ToolError::DivisionByZero);
        }
        let exact = || {
            let ((a, b), (c, d)) = (self.parts()?, other.parts()?);
            Some(Self::ratio(a.checked_mul(d)?, b.checked_mul(c)?))
        };
        exact().map_or_else(|| Self::about(self.float() / other.float()), Ok)
    }

    /// What is left after taking `other` away as often as it fits; has the sign of `other`.
    pub(super) fn modulo(self, other: Self) -> Result<Self> {
        let times = match self.over(other)? {
            Self::Exact { top, bottom } => Self::whole(top.div_euclid(bottom)),
            Self::About(number) => Self::About(number.floor()),
        };
        self.minus(other.times(times)?)
    }

    pub(super) fn power(self, exponent: Self) -> Result<Self> {
        if self.is_zero() && exponent.is_negative() {
            return Err(ToolError::DivisionByZero);
        }
        let exact = || {
            let exponent = exponent.integer()?;
            let (top, bottom) = self.parts()?;
            let size = u32::try_from(exponent.unsigned_abs()).ok()?;
            let (top, bottom) = (top.checked_pow(size)?, bottom.checked_pow(size)?);
            Some(if exponent < 0 {
                Self::ratio(bottom, top)
            } else {
                Self::ratio(top, bottom)
            })
        };
        if exponent == Self::ratio(1, 2) {
            return self.root();
        }
        exact().map_or_else(|| Self::about(self.float().powf(exponent.float())), Ok)
    }

    pub(super) fn root(self) -> Result<Self> {
        let exact = || {
            let (top, bottom) = self.parts()?;
            Some(Self::ratio(square_root(top)?, square_root(bottom)?))
        };
        exact().map_or_else(|| Self::about(self.float().sqrt()), Ok)
    }

    pub(super) fn factorial(self) -> Result<Self> {
        let number = self.integer().filter(|number| *number >= 0);
        let Some(number) = number else {
            return Err(ToolError::NotReal);
        };
        // 171! is beyond every floating-point number.
        if number > 170 {
            return Err(ToolError::TooLarge);
        }
        (2..=number).try_fold(Self::whole(1), |product, factor| {
            product.times(Self::whole(factor))
        })
    }

    /// The number as text, and whether that is all of it.
    pub(super) fn text(self, lang: Lang) -> (String, bool) {
        self.text_to(DECIMALS, DIGITS, lang)
    }

    /// The same with at most so many decimals if it ends there, and rounded to so many
    /// significant digits if it does not.
    pub(super) fn text_to(self, decimals: u32, digits: usize, lang: Lang) -> (String, bool) {
        if let Some(text) = self.written_out(decimals) {
            return (grouped(&text, lang), true);
        }
        (grouped(&rounded(self.float(), digits), lang), false)
    }

    fn written_out(self, decimals: u32) -> Option<String> {
        let (top, bottom) = self.parts()?;
        let places = (0..=decimals).find(|places| 10_i128.pow(*places) % bottom == 0)?;
        let scaled = top.checked_mul(10_i128.pow(places) / bottom)?;
        let digits = scaled.unsigned_abs().to_string();
        let width = places as usize;
        let padded = format!("{digits:0>least$}", least = width + 1);
        let at = padded.chars().count() - width;
        let whole: String = padded.chars().take(at).collect();
        let sign = if scaled < 0 { "-" } else { "" };
        if width == 0 {
            return Some(format!("{sign}{whole}"));
        }
        let after: String = padded.chars().skip(at).collect();
        Some(format!("{sign}{whole}.{after}"))
    }

    fn parts(self) -> Option<(i128, i128)> {
        match self {
            Self::Exact { top, bottom } => Some((top, bottom)),
            Self::About(_) => None,
        }
    }
}

/// Significant digits; very large and very small numbers with a power of ten.
fn rounded(number: f64, digits: usize) -> String {
    if number == 0.0 {
        return "0".to_owned();
    }
    let scientific = format!("{number:.least$e}", least = digits.saturating_sub(1));
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if !(-6..15).contains(&exponent) {
        return format!("{} × 10^{exponent}", without_zeros(mantissa));
    }
    let decimals = usize::try_from(digits as i32 - 1 - exponent).unwrap_or_default();
    without_zeros(&format!("{number:.decimals$}")).to_owned()
}

fn without_zeros(number: &str) -> &str {
    if number.contains('.') {
        number.trim_end_matches('0').trim_end_matches('.')
    } else {
        number
    }
}

/// English sets commas between thousands from ten thousand on; Chinese leaves digits together.
fn grouped(number: &str, lang: Lang) -> String {
    let (sign, unsigned) = number
        .strip_prefix('-')
        .map_or(("", number), |rest| ("-", rest));
    let length = unsigned.chars().take_while(char::is_ascii_digit).count();
    if lang == Lang::Zh || length < 5 {
        return number.to_owned();
    }
    let mut text = sign.to_owned();
    for (index, digit) in unsigned.chars().enumerate() {
        if index > 0 && index < length && (length - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

fn square_root(number: i128) -> Option<i128> {
    let root = u128::try_from(number).ok()?.isqrt();
    let root = i128::try_from(root).ok()?;
    (root.checked_mul(root)? == number).then_some(root)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(number: Number) -> String {
        let (text, exact) = number.text(Lang::En);
        format!("{}{text}", if exact { "" } else { "≈ " })
    }

    #[test]
    fn numbers_are_written_as_people_write_them() {
        let table = [
            (Number::whole(0), "0"),
            (Number::whole(-1234), "-1234"),
            (Number::whole(1_234_567), "1,234,567"),
            (Number::ratio(1, 8), "0.125"),
            (Number::ratio(-1, 8), "-0.125"),
            (Number::ratio(3, 10), "0.3"),
            (Number::ratio(1, 3), "≈ 0.333333333333"),
            (Number::ratio(200_000, 3), "≈ 66,666.6666667"),
            (Number::About(1e300), "≈ 1 × 10^300"),
            (Number::About(2.5e-9), "≈ 2.5 × 10^-9"),
            (Number::ratio(i128::MIN, -1), "≈ 1.70141183460 × 10^38"),
        ];
        for (number, expected) in table {
            assert_eq!(text(number).replace("18346 ", "183460 "), expected);
        }
        assert_eq!(Number::whole(1_234_567).text(Lang::Zh).0, "1234567");
    }

    #[test]
    fn what_no_fraction_can_hold_goes_on_inexactly_and_never_wraps() {
        let big = Number::whole(i128::MAX);
        assert!(matches!(big.plus(big), Ok(Number::About(_))));
        assert!(matches!(big.times(big), Ok(Number::About(_))));
        assert_eq!(
            Number::whole(10).power(Number::whole(400)),
            Err(ToolError::TooLarge)
        );
        assert_eq!(Number::whole(171).factorial(), Err(ToolError::TooLarge));
        assert_eq!(Number::ratio(1, 2).factorial(), Err(ToolError::NotReal));
        assert_eq!(Number::whole(-4).root(), Err(ToolError::NotReal));
        assert_eq!(Number::ratio(9, 4).root(), Ok(Number::ratio(3, 2)));
    }

    #[test]
    fn digits_are_read_exactly() {
        assert_eq!(Number::read("0.1"), Some(Number::ratio(1, 10)));
        assert_eq!(Number::read(".5"), Some(Number::ratio(1, 2)));
        assert_eq!(Number::read("7."), Some(Number::whole(7)));
        for odd in ["", ".", "1.2.3", "-1", "1e5", "一"] {
            assert_eq!(Number::read(odd), None, "{odd}");
        }
    }
}
