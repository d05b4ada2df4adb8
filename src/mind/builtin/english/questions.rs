//! English questions that are answered on the spot: talk, time, days, units, sums, chance.

use crate::mind::builtin::intent::{Filled, Intent, Rule};
use crate::mind::tools::when::{calendar, day};
use crate::mind::tools::{Chance, Convert, Date, Place, Sum, Time, ToolError, numeral};

pub(super) const RULES: &[Rule] = &[
    // Small talk.
    Rule {
        phrases: &[
            "(hi|hello|hey|hiya|howdy|greetings)(| there| hearsay|, hearsay| again)",
            "good (morning|afternoon|evening|day)",
        ],
        make: |_| Some(Intent::Greeting),
    },
    Rule {
        phrases: &[
            "how are you(| today| doing| doing today)",
            "how's it going",
            "how do you do",
        ],
        make: |_| Some(Intent::Mood),
    },
    Rule {
        phrases: &[
            "who are you",
            "what are you",
            "(what's|what is) your name",
            "introduce yourself",
            "are you (a |an |)(human|robot|bot|ai|language model|real person|chatgpt|llm)",
            "(which|what) (model|brain|ai|llm) are you",
        ],
        make: |_| Some(Intent::Name),
    },
    Rule {
        phrases: &[
            "(thanks|thank you|thx|cheers|many thanks)(| a lot| very much| so much)",
            "(great|ok|okay|perfect|nice|cool), (thanks|thank you)",
        ],
        make: |_| Some(Intent::Thanks),
    },
    Rule {
        phrases: &[
            "help(| me)",
            "what can you do",
            "what do you do",
            "what can i (ask|say|do)",
            "how can you help(| me)",
            "what are you able to do",
            "what (abilities|skills|tools) do you have",
            "what do you know",
        ],
        make: |_| Some(Intent::Help),
    },
    Rule {
        phrases: &[
            "(|system |your |connection |backend |show |show me the |what's your |what is your |what is the |what's the )status",
            "are you (connected|online|ok|there)",
            "how are things running",
        ],
        make: |_| Some(Intent::Status),
    },
    // The time and the date.
    Rule {
        phrases: &[
            "(what time is it|what time it is|what's the time|what is the time|whats the time|the time|time|current time|the current time|what's the current time|what is the current time)(| now| right now| here| please)",
            "(time now|got the time|have you got the time|do you have the time|local time)",
            "(what is the|what's the|whats the|the|what is today's|what's today's|whats today's|today's|todays|current|) date(| today| now)",
            "what (day|date) (is it|is today|it is)(| today| now)",
            "what (day|date) of the (week|month) is (it|today)(| today)",
            "what weekday is (it|today)(| today)",
        ],
        make: |_| Some(Time { place: None }.into()),
    },
    Rule {
        phrases: &[
            "(what time is it|what time it is|what's the time|what is the time|whats the time|what's the current time|what is the current time)(| now| right now| currently) (in|at|for) {}",
            "(what's|what is|whats|what) (|the )(date|day)(| is it)(| now| today) in {}",
            "what time is it (in|at) {} (now|right now|currently|at the moment)",
        ],
        make: |filled| asked_place(filled.blank(0)),
    },
    Rule {
        phrases: &[
            "(|the |current |local |the current )time (in|at) {}",
            "{} time(| now)",
        ],
        make: |filled| {
            let place = Place::find(filled.blank(0)).ok()?;
            Some(Time { place: Some(place) }.into())
        },
    },
    // Days.
    Rule {
        phrases: &[
            "(what|which|what's|whats) (day|date|weekday|day of the week|day of week|the date|the day)(| of the week) (is|will be|was|does|did) {}",
            "(what|which) (day|date|weekday|day of the week) (is|will|was) {} (be|on|fall on)",
            "(what's|what is) the (date|day|weekday|day of the week)(| of| on) {}",
            "(what|which) (day|weekday|day of the week) does {} fall on",
            "(what's|what is) (the date |){}(|'s date)",
            "when is {}",
        ],
        make: |filled| weekday(filled),
    },
    Rule {
        phrases: &[
            "(what|which) (day|date|weekday) (is|will it be|is it|was|was it|will be|it is) (|in ){}",
            "(what|which) (day|date|weekday) (is|will it be|is it|was it|was) (|in ){} (from now|from today|later|ago|from tomorrow)",
            "(what's|what is|what was) (the date|the day) (in |after |){}",
            "(what's|what is|) (|the date |the day ){} (from now|from today|ago)",
            "{} (from now|from today|ago)",
        ],
        make: |filled| after(filled),
    },
    Rule {
        phrases: &[
            "(how many days|how long)(| is it| are there| are left| left|'s left) (until|till|til|to|before) {}",
            "days (until|till|to) {}",
            "(how many days|how long)(| is it| has it been) since {}",
            "(how many days ago|how long ago) (was|is) {}",
        ],
        make: |filled| {
            let to = day(filled.blank(0), filled.now.date())?;
            let from = filled.now.date();
            Some(Date::Between { from, to }.into())
        },
    },
    Rule {
        phrases: &[
            "how many days(| are| are there| lie| is it) between {} and {}",
            "how many days(| are| are there| is it) from {} (to|until|till) {}",
            "days between {} and {}",
        ],
        make: |filled| {
            let today = filled.now.date();
            let (from, to) = (day(filled.blank(0), today)?, day(filled.blank(1), today)?);
            Some(Date::Between { from, to }.into())
        },
    },
    // Conversions.
    Rule {
        phrases: &[
            "(|convert |how much is |how much are |what is |what's |whats |how many is |change |turn )(|the |about ){} (in|to|into|as|=) {}",
        ],
        make: |filled| Convert::spoken(filled.blank(0), filled.blank(1)).map(Intent::from),
    },
    Rule {
        phrases: &[
            "how (many|much) {} (is|are|in|are in|are there in|is in|make|makes|make up|equal|equals|does) {}",
            "how (many|much) {} (is|are) (there |)in {}",
            "{} in {}",
        ],
        make: |filled| Convert::spoken(filled.blank(1), filled.blank(0)).map(Intent::from),
    },
    // Chance.
    Rule {
        phrases: &[
            "(flip|toss|throw)(| a| me a) coin(| for me)",
            "heads or tails",
            "coin (flip|toss)",
        ],
        make: |_| Some(Chance::Coin.into()),
    },
    Rule {
        phrases: &[
            "(roll|throw|cast)(| a| the| me a| one) (die|dice)",
            "dice roll",
        ],
        make: |_| Chance::dice("1").map(Intent::from),
    },
    Rule {
        phrases: &[
            "(roll|throw|cast)(| a| me a) {} (dice|die)",
            "(roll|throw)(| a| me a| an) {}",
        ],
        make: |filled| Chance::dice(filled.blank(0)).map(Intent::from),
    },
    Rule {
        phrases: &["{}"],
        make: |filled| {
            let text = filled.blank(0).to_lowercase();
            let dice = text.contains('d') && text.contains(|c: char| c.is_ascii_digit());
            dice.then(|| Chance::dice(&text))
                .flatten()
                .map(Intent::from)
        },
    },
    Rule {
        phrases: &[
            "(|give me |pick |choose |draw |generate |tell me |show me )(|a |one |any )(random |)(number|integer|whole number) (between|from|in) {} (and|to|-) {}",
        ],
        make: |filled| between(filled.blank(0), filled.blank(1)),
    },
    Rule {
        phrases: &[
            "(|give me |pick |choose |draw |generate |show me )(|a |one )random (number|integer|whole number)",
        ],
        make: |_| Some(Chance::between(1, 100).into()),
    },
    Rule {
        phrases: &["(add|sum) {} (and|to|plus) {}"],
        make: |filled| calculated(filled.blank(0), '+', filled.blank(1)),
    },
    Rule {
        phrases: &["subtract {} from {}", "take {} from {}"],
        make: |filled| calculated(filled.blank(1), '-', filled.blank(0)),
    },
    Rule {
        phrases: &["multiply {} (by|with|and) {}"],
        make: |filled| calculated(filled.blank(0), '*', filled.blank(1)),
    },
    Rule {
        phrases: &["divide {} by {}"],
        make: |filled| calculated(filled.blank(0), '/', filled.blank(1)),
    },
];

fn calculated(left: &str, sign: char, right: &str) -> Option<Intent> {
    let part = |text: &str| match Sum::spoken(text) {
        Some(_) => format!("({text})"),
        None => text.to_owned(),
    };
    Sum::spoken(&format!("{} {sign} {}", part(left), part(right))).map(Intent::from)
}

/// A question for the time somewhere: a short name that is no known place is told so, more words
/// are about something else.
fn asked_place(name: &str) -> Option<Intent> {
    match Place::find(name) {
        Ok(place) => Some(Time { place: Some(place) }.into()),
        Err(unknown @ ToolError::UnknownPlace { .. }) => {
            let proper = name.split(' ').count() <= 2 && name.starts_with(char::is_uppercase);
            proper.then_some(Intent::Cannot(unknown))
        }
        Err(_) => None,
    }
}

fn weekday(filled: &Filled<'_>) -> Option<Intent> {
    Some(Date::Weekday(day(filled.blank(0), filled.now.date())?).into())
}

fn after(filled: &Filled<'_>) -> Option<Intent> {
    let text = filled.blank(0);
    let (span, past) = if let Some(text) = text.strip_suffix(" ago") {
        (calendar(text)?, true)
    } else {
        let ends = [" from now", " from today", " later"];
        let bare = ends.iter().find_map(|end| text.strip_suffix(end));
        (calendar(bare.unwrap_or(text))?, false)
    };
    let from = filled.now.date();
    let span = if past { span.negate() } else { span };
    Some(Date::After { from, span }.into())
}

fn between(from: &str, to: &str) -> Option<Intent> {
    let number = |text: &str| {
        numeral::to_digits(text)
            .trim()
            .replace(',', "")
            .parse()
            .ok()
    };
    Some(Chance::between(number(from)?, number(to)?).into())
}
