//! Why a tool did nothing, as sentences a model can act on. How the built-in brain words them is
//! its own matter.

use super::DeskError;

/// Why a tool did nothing.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ToolError {
    #[error("`{name}` {needs}")]
    Argument {
        name: &'static str,
        needs: &'static str,
    },
    #[error("the arguments are no JSON object")]
    Arguments,
    #[error("nothing is colder than absolute zero")]
    BelowAbsoluteZero,
    #[error("that date is beyond the calendar, which covers the years -9999 to 9999")]
    BeyondCalendar,
    #[error("at most 100 dice with 2 to 1,000,000 sides can be rolled at once")]
    Dice,
    #[error("the desk cannot be used: {0}")]
    Desk(#[from] DeskError),
    #[error("division by zero has no result")]
    DivisionByZero,
    #[error("there is no {kind} `{which}`")]
    NoSuch { kind: Kind, which: String },
    #[error("there is no tool `{name}`; there are {known}")]
    NoTool { name: String, known: String },
    #[error("`{text}` is no date; write it like `2027-01-31`, `tomorrow` or `friday`")]
    NotADate { text: String },
    #[error("cannot read `{text}` as arithmetic; write it like `(2 + 3) * 4^2` or `20% of 80`")]
    NotASum { text: String },
    #[error("`{text}` is no length of time; write it like `45 days`, `2 weeks` or `1h 30m`")]
    NotASpan { text: String },
    #[error(
        "`{text}` is no time to come; write it like `07:30`, `tomorrow at 9:00` or `2027-01-31 18:00`"
    )]
    NotAMoment { text: String },
    #[error("it has no value among the real numbers")]
    NotReal,
    #[error("that moment is over")]
    Past,
    #[error("a timer rings after 1 second to 10 years")]
    Range,
    #[error("several {kind}s fit, say which one: {fitting}")]
    Several { kind: Kind, fitting: String },
    #[error("more than {most} parentheses, signs or powers inside each other")]
    TooDeep { most: usize },
    #[error("the result is too large")]
    TooLarge,
    #[error("the text is longer than {most} characters")]
    TooLong { most: usize },
    #[error(
        "`{name}` is no place with a known time; name a large city, a zone like `Europe/Berlin`, or `UTC+8`"
    )]
    UnknownPlace { name: String },
    #[error("`{name}` is no known unit; write it like `km`, `lb`, `fahrenheit` or `GiB`")]
    UnknownUnit { name: String },
    #[error("{from} cannot be converted to {to}: they measure different things")]
    UnlikeUnits { from: String, to: String },
}

/// What lies on the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Note,
    Timer,
    Todo,
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Note => "note",
            Self::Timer => "timer",
            Self::Todo => "to-do",
        })
    }
}
