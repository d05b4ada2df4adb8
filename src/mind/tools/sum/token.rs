//! Cuts arithmetic, written or spoken, into tokens.

use crate::core::words::Lang;
use crate::mind::tools::number::Number;
use crate::mind::tools::numeral::to_digits;

/// A piece of arithmetic.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Token {
    Number(Number),
    Plus,
    Minus,
    Times,
    Divide,
    Power,
    Percent,
    /// "20% of 80"
    Of,
    /// "15% off 80"
    Off,
    Modulo,
    Factorial,
    Open,
    Close,
    Function(Function),
}

/// Something done to one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Abs,
    Exp,
    Factorial,
    Ln,
    Log,
    Root,
    Round,
}

impl Function {
    const fn name(self) -> &'static str {
        match self {
            Self::Abs => "abs",
            Self::Exp => "exp",
            Self::Factorial => "factorial",
            Self::Ln => "ln",
            Self::Log => "log",
            Self::Root => "√",
            Self::Round => "round",
        }
    }
}

use Token::{Close, Divide, Factorial, Minus, Modulo, Of, Off, Open, Percent, Plus, Power, Times};

const TWO: Token = Token::Number(Number::whole(2));
const THREE: Token = Token::Number(Number::whole(3));

/// How tokens are written and said. Where one is the start of another the longer comes first.
const SPELLINGS: &[(&str, &[Token])] = &[
    ("to the power of", &[Power]),
    ("multiplied by", &[Times]),
    ("square root of", &[Token::Function(Function::Root)]),
    ("factorial of", &[Token::Function(Function::Factorial)]),
    ("divided by", &[Divide]),
    ("percent", &[Percent]),
    ("squared", &[Power, TWO]),
    ("modulo", &[Modulo]),
    ("factorial", &[Factorial]),
    ("cubed", &[Power, THREE]),
    ("minus", &[Minus]),
    ("times", &[Times]),
    ("round", &[Token::Function(Function::Round)]),
    ("sqrt", &[Token::Function(Function::Root)]),
    ("plus", &[Plus]),
    ("over", &[Divide]),
    ("abs", &[Token::Function(Function::Abs)]),
    ("exp", &[Token::Function(Function::Exp)]),
    ("log", &[Token::Function(Function::Log)]),
    ("mod", &[Modulo]),
    ("off", &[Off]),
    ("ln", &[Token::Function(Function::Ln)]),
    ("of", &[Of]),
    ("x", &[Times]),
    (
        "的平方根",
        &[Power, Token::Number(Number::Exact { top: 1, bottom: 2 })],
    ),
    ("的平方", &[Power, TWO]),
    ("的立方", &[Power, THREE]),
    ("的阶乘", &[Factorial]),
    ("阶乘", &[Factorial]),
    ("的一半", &[Divide, TWO]),
    ("的1半", &[Divide, TWO]),
    ("加上", &[Plus]),
    ("加", &[Plus]),
    ("减去", &[Minus]),
    ("减", &[Minus]),
    ("乘以", &[Times]),
    ("乘上", &[Times]),
    ("乘", &[Times]),
    ("除以", &[Divide]),
    ("负", &[Minus]),
    ("根号", &[Token::Function(Function::Root)]),
    ("的", &[Of]),
    ("**", &[Power]),
    ("+", &[Plus]),
    ("-", &[Minus]),
    ("*", &[Times]),
    ("×", &[Times]),
    ("·", &[Times]),
    ("/", &[Divide]),
    ("÷", &[Divide]),
    ("^", &[Power]),
    ("²", &[Power, TWO]),
    ("³", &[Power, THREE]),
    ("%", &[Percent]),
    ("!", &[Factorial]),
    ("√", &[Token::Function(Function::Root)]),
    ("(", &[Open]),
    (")", &[Close]),
    ("[", &[Open]),
    ("]", &[Close]),
];

/// Numbers with a name of their own.
const CONSTANTS: &[(&str, f64)] = &[
    ("pi", std::f64::consts::PI),
    ("π", std::f64::consts::PI),
    ("e", std::f64::consts::E),
];

/// The tokens of a text, or `None` where something in it is no arithmetic.
pub(super) fn tokens(text: &str) -> Option<Vec<Token>> {
    let text: Vec<char> = to_digits(text).chars().collect();
    let mut tokens = Vec::new();
    let mut rest = text.as_slice();
    while let Some((first, after)) = rest.split_first() {
        if first.is_whitespace() {
            rest = after;
        } else if first.is_ascii_digit() || *first == '.' {
            let (number, after) = number(rest)?;
            rest = after;
            push_number(&mut tokens, number, &mut rest)?;
        } else if let Some((spelt, after)) = SPELLINGS
            .iter()
            .find_map(|(spelling, tokens)| Some((*tokens, after_word(rest, spelling)?)))
        {
            tokens.extend(spelt);
            rest = after;
        } else {
            let (value, after) = CONSTANTS
                .iter()
                .find_map(|(spelling, value)| Some((*value, after_word(rest, spelling)?)))?;
            tokens.push(Token::Number(Number::About(value)));
            rest = after;
        }
    }
    Some(tokens)
}

/// What follows a number in Chinese may belong to it: 3分之1, 2的10次方, 打8折.
fn push_number(tokens: &mut Vec<Token>, number: Number, rest: &mut &[char]) -> Option<()> {
    let hundred = number == Number::whole(100);
    if let Some(after) = after_word(rest, "分之") {
        let (top, after) = self::number(after)?;
        *rest = after;
        if hundred {
            tokens.extend([Token::Number(top), Percent]);
        } else {
            tokens.extend([
                Open,
                Token::Number(top),
                Divide,
                Token::Number(number),
                Close,
            ]);
        }
        return Some(());
    }
    if let Some(after) = after_word(rest, "次方") {
        *rest = after;
        // 2的10次方: the 的 was read as "of".
        if tokens.pop() != Some(Of) {
            return None;
        }
        tokens.extend([Power, Token::Number(number)]);
        return Some(());
    }
    tokens.push(Token::Number(number));
    if let Some(after) = after_word(rest, "打") {
        let (tenths, after) = self::number(after)?;
        *rest = after_word(after, "折")?;
        let ten = if tenths.float() >= 10.0 { 100 } else { 10 };
        let part = tenths.over(Number::whole(ten)).ok()?;
        tokens.extend([Times, Token::Number(part)]);
    }
    Some(())
}

/// The number at the start; commas may separate thousands, and an exponent may follow.
fn number(text: &[char]) -> Option<(Number, &[char])> {
    let mut digits = String::new();
    let mut at = 0;
    while let Some(character) = text.get(at) {
        match character {
            '0'..='9' => digits.push(*character),
            '.' if !digits.contains('.') => digits.push('.'),
            ',' if !digits.contains('.') && is_thousand(text.get(at + 1..)?) => {}
            _ => break,
        }
        at += 1;
    }
    let rest = text.get(at..)?;
    let number = Number::read(&digits)?;
    let Some((exponent, after)) = exponent(rest) else {
        return Some((number, rest));
    };
    let power = Number::whole(10).power(Number::whole(exponent)).ok()?;
    Some((number.times(power).ok()?, after))
}

fn exponent(text: &[char]) -> Option<(i128, &[char])> {
    let after = text.strip_prefix(&['e'])?;
    let (sign, after) = match after.split_first()? {
        ('-', after) => (-1, after),
        ('+', after) => (1, after),
        _ => (1, after),
    };
    let length = after.iter().take_while(|c| c.is_ascii_digit()).count();
    let digits: String = after.get(..length)?.iter().collect();
    Some((sign * digits.parse::<i128>().ok()?, after.get(length..)?))
}

fn is_thousand(text: &[char]) -> bool {
    let digits = text.iter().take_while(|c| c.is_ascii_digit()).count();
    digits == 3
}

/// What follows `word`, if the text begins with it and the word ends there.
fn after_word<'a>(text: &'a [char], word: &str) -> Option<&'a [char]> {
    let mut rest = text;
    for expected in word.chars() {
        let (first, after) = rest.split_first()?;
        if *first != expected {
            return None;
        }
        rest = after;
    }
    let spelt = word
        .chars()
        .last()
        .is_some_and(|last| last.is_ascii_alphabetic());
    let goes_on = rest.first().is_some_and(char::is_ascii_alphabetic);
    (!(spelt && goes_on)).then_some(rest)
}

/// Writes tokens the way a textbook does.
pub(super) fn written(tokens: &[Token], lang: Lang) -> String {
    let mut text = String::new();
    let mut before: Option<Token> = None;
    for (at, token) in tokens.iter().enumerate() {
        let value_before = matches!(before, Some(Token::Number(_) | Percent | Factorial | Close));
        match token {
            Token::Number(number) => {
                if value_before {
                    text.push(' ');
                }
                text.push_str(&number.text(lang).0);
            }
            Minus if !value_before => text.push('-'),
            Plus => text.push_str(" + "),
            Minus => text.push_str(" - "),
            Times => text.push_str(" × "),
            Divide => text.push_str(" ÷ "),
            Modulo => text.push_str(" mod "),
            Of => text.push_str(if lang == Lang::Zh { " × " } else { " of " }),
            Off => text.push_str(" off "),
            Power => text.push('^'),
            Percent if matches!(tokens.get(at + 1), Some(Token::Number(_) | Open)) => {
                text.push_str(" % ");
                before = Some(Modulo);
                continue;
            }
            Percent => text.push('%'),
            Factorial => text.push('!'),
            Open => text.push('('),
            Close => text.push(')'),
            Token::Function(function) => text.push_str(function.name()),
        }
        before = Some(*token);
    }
    text.trim().to_owned()
}
