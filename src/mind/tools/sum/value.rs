//! Works tokens out: precedence, percentages, and a limit to how deep they may nest.

use super::token::{Function, Token};
use crate::mind::tools::ToolError;
use crate::mind::tools::number::{Number, Result};

/// How deep parentheses, signs and powers may nest; each level takes a little of the stack.
pub(super) const DEEPEST: usize = 100;

/// A number, and whether it was written as a percentage.
#[derive(Clone, Copy)]
struct Value {
    number: Number,
    percent: bool,
}

impl From<Number> for Value {
    fn from(number: Number) -> Self {
        Self {
            number,
            percent: false,
        }
    }
}

/// What the tokens come to.
pub(super) fn value(tokens: &[Token]) -> Result<Number> {
    let mut reader = Reader {
        rest: tokens,
        depth: 0,
    };
    let value = reader.sum()?;
    if reader.rest.is_empty() {
        Ok(value.number)
    } else {
        Err(no_sum())
    }
}

/// The caller, who has the text, puts it in.
fn no_sum() -> ToolError {
    ToolError::NotASum {
        text: String::new(),
    }
}

struct Reader<'a> {
    rest: &'a [Token],
    depth: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<Token> {
        self.rest.first().copied()
    }

    fn skip(&mut self) {
        self.rest = self.rest.get(1..).unwrap_or_default();
    }

    fn deeper(&mut self, read: fn(&mut Self) -> Result<Value>) -> Result<Value> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(ToolError::TooDeep { most: DEEPEST });
        }
        let value = read(self);
        self.depth -= 1;
        value
    }

    fn sum(&mut self) -> Result<Value> {
        let mut left = self.product()?;
        while let Some(sign @ (Token::Plus | Token::Minus)) = self.peek() {
            self.skip();
            let right = self.product()?;
            // "80 + 10%" adds ten percent of the 80.
            let right = if right.percent && !left.percent {
                left.number.times(right.number)?
            } else {
                right.number
            };
            let number = if sign == Token::Plus {
                left.number.plus(right)?
            } else {
                left.number.minus(right)?
            };
            left = number.into();
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Value> {
        let mut left = self.factor()?;
        loop {
            let Some(sign) = self.peek() else {
                return Ok(left);
            };
            let number = match sign {
                Token::Times => {
                    self.skip();
                    left.number.times(self.factor()?.number)?
                }
                Token::Divide => {
                    self.skip();
                    left.number.over(self.factor()?.number)?
                }
                Token::Modulo => {
                    self.skip();
                    left.number.modulo(self.factor()?.number)?
                }
                Token::Of => {
                    self.skip();
                    let right = self.factor()?;
                    if !left.percent && !right.percent {
                        return Err(no_sum());
                    }
                    left.number.times(right.number)?
                }
                Token::Off if left.percent => {
                    self.skip();
                    let kept = Number::whole(1).minus(left.number)?;
                    kept.times(self.factor()?.number)?
                }
                // "2(3 + 4)"
                Token::Open | Token::Function(_) => left.number.times(self.factor()?.number)?,
                _ => return Ok(left),
            };
            left = number.into();
        }
    }

    fn factor(&mut self) -> Result<Value> {
        match self.peek() {
            Some(Token::Minus) => {
                self.skip();
                let value = self.deeper(Self::factor)?;
                Ok(Value {
                    number: value.number.negated(),
                    percent: value.percent,
                })
            }
            Some(Token::Plus) => {
                self.skip();
                self.deeper(Self::factor)
            }
            _ => self.power(),
        }
    }

    fn power(&mut self) -> Result<Value> {
        let base = self.postfix()?;
        if self.peek() != Some(Token::Power) {
            return Ok(base);
        }
        self.skip();
        let exponent = self.deeper(Self::factor)?;
        Ok(base.number.power(exponent.number)?.into())
    }

    fn postfix(&mut self) -> Result<Value> {
        let mut value = self.atom()?;
        loop {
            match self.peek() {
                Some(Token::Factorial) => {
                    self.skip();
                    value = value.number.factorial()?.into();
                }
                Some(Token::Percent) => {
                    self.skip();
                    // "17 % 5" is what remains; a percentage has no number after it.
                    if matches!(self.peek(), Some(Token::Number(_) | Token::Open)) {
                        let right = self.power()?;
                        value = value.number.modulo(right.number)?.into();
                    } else {
                        let number = value.number.over(Number::whole(100))?;
                        value = Value {
                            number,
                            percent: true,
                        };
                    }
                }
                _ => return Ok(value),
            }
        }
    }

    fn atom(&mut self) -> Result<Value> {
        let token = self.peek().ok_or_else(no_sum)?;
        self.skip();
        match token {
            Token::Number(number) => Ok(number.into()),
            Token::Open => {
                let value = self.deeper(Self::sum)?;
                if self.peek() != Some(Token::Close) {
                    return Err(no_sum());
                }
                self.skip();
                Ok(value.number.into())
            }
            Token::Function(function) => {
                // "ln(2)^2" squares the logarithm, "ln 2^2" the two.
                let tight = self.peek() == Some(Token::Open);
                let number = self
                    .deeper(if tight { Self::atom } else { Self::factor })?
                    .number;
                Ok(apply(function, number)?.into())
            }
            _ => Err(no_sum()),
        }
    }
}

fn apply(function: Function, number: Number) -> Result<Number> {
    match function {
        Function::Abs if number.is_negative() => Ok(number.negated()),
        Function::Abs => Ok(number),
        Function::Exp => Number::about(number.float().exp()),
        Function::Factorial => number.factorial(),
        Function::Ln | Function::Log if number.is_zero() || number.is_negative() => {
            Err(ToolError::NotReal)
        }
        Function::Ln => Number::about(number.float().ln()),
        Function::Log => Number::about(number.float().log10()),
        Function::Root => number.root(),
        // Beyond this floats are whole anyway.
        Function::Round if number.float().abs() > 1e15 => Ok(number),
        Function::Round => Ok(Number::whole(number.float().round() as i128)),
    }
}
