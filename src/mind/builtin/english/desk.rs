//! What is said in English about timers, things to do and notes.

use crate::mind::builtin::intent::{Intent, Rule};
use crate::mind::tools::{History, Note, Timer, Todo};

pub(super) const RULES: &[Rule] = &[
    // What was said before.
    Rule {
        phrases: &[
            "(search|look through) (|my |the |our )(history|conversations|messages) for {}",
            "(what did i say|what did we say|find what i said) about {}",
        ],
        make: |filled| {
            let words = filled.blank(0).to_owned();
            (!words.is_empty()).then(|| History { words }.into())
        },
    },
    // Timers.
    Rule {
        phrases: &[
            "(set |create |make |set me |)(|a |an |the |my |another )alarm(| for| to| at) {}",
        ],
        make: |filled| {
            let when = filled.blank(0);
            Timer::spoken(when, "", filled.now)
                .or_else(|| Timer::spoken(&format!("at {when}"), "", filled.now))
                .map(Intent::from)
        },
    },
    Rule {
        phrases: &[
            "(|set |start |create |make |set me |give me )(|a |an |the |my |another )(timer|countdown|reminder)(| of| for| at| in| to) {}",
            "(set |start |create |make |give me |set me |)(|a |an |another ){} (timer|alarm|countdown)",
            "count down (|from ){}",
        ],
        make: |filled| Timer::spoken(filled.blank(0), "", filled.now).map(Intent::from),
    },
    Rule {
        phrases: &[
            "(|set |start |create |make |set me |give me )(|a |an |the |another )(timer|alarm|countdown|reminder)(| of| for| at| in| to) {} (called|named|labelled|labeled|to|for) {}",
            "(set |start |create |make |)(|a |an |my |another ){} (timer|alarm|countdown|reminder) (called|named|labelled|labeled|to|for) {}",
        ],
        make: |filled| {
            let label = label(filled.blank(1));
            Timer::spoken(filled.blank(0), label, filled.now).map(Intent::from)
        },
    },
    Rule {
        phrases: &[
            "(set |start |create |make |)(|a |an |my |another ){} (timer|alarm|countdown|reminder) (for|at|to) {}",
        ],
        make: |filled| {
            let label = label(filled.blank(0));
            Timer::spoken(filled.blank(1), label, filled.now).map(Intent::from)
        },
    },
    Rule {
        phrases: &["(set |start |create |make |)(|a |an |another ){} {} (timer|alarm|countdown)"],
        make: |filled| {
            Timer::spoken(filled.blank(0), filled.blank(1), filled.now).map(Intent::from)
        },
    },
    Rule {
        phrases: &[
            "wake me(| up) {}",
            "(i want to|i have to|i need to) (get up|wake up) at {}",
        ],
        make: |filled| Timer::spoken(filled.blank(0), "wake up", filled.now).map(Intent::from),
    },
    Rule {
        phrases: &["remind me {+} (to|that|about|of) {}"],
        make: |filled| {
            Timer::spoken(filled.blank(0), filled.blank(1), filled.now).map(Intent::from)
        },
    },
    Rule {
        phrases: &["remind me (to|about|of|that) {} {}"],
        make: |filled| {
            Timer::spoken(filled.blank(1), filled.blank(0), filled.now).map(Intent::from)
        },
    },
    Rule {
        phrases: &["remind me {}"],
        make: |filled| Timer::spoken(filled.blank(0), "", filled.now).map(Intent::from),
    },
    Rule {
        phrases: &[
            "(|list |show |show me |what are |read |check )(|my |the |all |all my |all the )(timers|alarms|reminders)",
            "(what|which) (timers|alarms|reminders) (are|do i have)(| set| running| active)",
            "(do i have|are there) (|any )(timers|alarms|reminders)(| set| running)",
            "how (long|much time) is left(| on the timer| on my timer)",
        ],
        make: |_| Some(Timer::List.into()),
    },
    Rule {
        phrases: &[
            "(cancel|stop|delete|remove|clear|turn off|switch off|end|kill) (all|all my|all the|every) (timer|timers|alarm|alarms|reminder|reminders)",
        ],
        make: |_| {
            Some(
                Timer::Cancel {
                    which: Some("all".to_owned()),
                }
                .into(),
            )
        },
    },
    Rule {
        phrases: &[
            "(cancel|stop|delete|remove|clear|turn off|switch off|end|kill) (|the |my |that )(timer|alarm|reminder|countdown|timers|alarms|reminders)",
        ],
        make: |_| Some(Timer::Cancel { which: None }.into()),
    },
    Rule {
        phrases: &[
            "(cancel|stop|delete|remove|clear|turn off|switch off|end|kill) (|the |my )(timer|alarm|reminder) (|for |to |called |named |number |about ){}",
            "(cancel|stop|delete|remove|clear|turn off|switch off|end|kill) (|the |my ){} (timer|alarm|reminder)",
        ],
        make: |filled| {
            Some(
                Timer::Cancel {
                    which: Some(filled.blank(0).to_owned()),
                }
                .into(),
            )
        },
    },
    // Things to do. They come before notes: "add a note" has words of its own.
    Rule {
        phrases: &[
            "(add|put) {} (to|on|onto|in) (my|the) (todo|to-do|to do|task|shopping|todos|to-dos)(| list)",
            "(add|put) {} (to|on|onto) (my|the) list",
            "(add|create|new|make)(| a| an) (todo|to-do|to do|task)(| to|:) {}",
            "(todo|to-do|to do|task): {}",
        ],
        make: |filled| {
            Some(
                Todo::Add {
                    text: filled.text(0)?,
                }
                .into(),
            )
        },
    },
    Rule {
        phrases: &[
            "(|list |show |show me |read |what are |what's on |what is on )(|my |the |all |all my )(todos|to-dos|todo list|to-do list|to do list|tasks|task list|shopping list)",
            "what do i have to do(| today)",
            "what is there to do(| today)",
        ],
        make: |_| Some(Todo::List.into()),
    },
    Rule {
        phrases: &[
            "(tick off|check off|cross off|finish|complete|tick|check|mark) (todo|to-do|task|item|number) {}",
            "(tick off|check off|cross off) {}",
            "(mark|tick|check) {} (as done|as finished|as complete|as completed|done|off)",
            "mark (todo|to-do|task|item|number) {} (as done|done|as finished|as complete)",
        ],
        make: |filled| {
            Some(
                Todo::Finish {
                    which: Some(named(filled.blank(0))),
                }
                .into(),
            )
        },
    },
    Rule {
        phrases: &[
            "(remove|delete|take|drop) {} (from|off) (my|the) (todo|to-do|to do|task|shopping|todos|to-dos)(| list)",
            "(remove|delete|drop) (todo|to-do|task) {}",
            "(remove|delete|take|drop) {} (from|off) (my|the) list",
        ],
        make: |filled| {
            Some(
                Todo::Remove {
                    which: Some(named(filled.blank(0))),
                }
                .into(),
            )
        },
    },
    Rule {
        phrases: &[
            "(clear|empty|delete|erase) (my|the) (todo|to-do|to do|task|shopping) list",
            "(clear|delete|remove) all (my |the |)(todos|to-dos|tasks)",
        ],
        make: |_| {
            Some(
                Todo::Remove {
                    which: Some("all".to_owned()),
                }
                .into(),
            )
        },
    },
    // Notes.
    Rule {
        phrases: &[
            "(|take a |make a |add a |new |write a |add )note(| to self)(:| that|: that) {}",
            "(take|make|add) a note(| to| of| saying) {}",
            "(write down|note down|jot down|remember)(:| that) {}",
            "(note|jot) down {}",
        ],
        make: |filled| {
            Some(
                Note::Add {
                    text: filled.text(0)?,
                }
                .into(),
            )
        },
    },
    Rule {
        phrases: &[
            "(|list |show |show me |read |read me |what are |see )(|my |the |all |all my )notes",
            "what did i (note|write)(| down)",
            "what notes do i have",
        ],
        make: |_| Some(Note::List.into()),
    },
    Rule {
        phrases: &["(delete|remove|erase|clear|forget) (all|all my|all the|my|the) notes"],
        make: |_| {
            Some(
                Note::Remove {
                    which: Some("all".to_owned()),
                }
                .into(),
            )
        },
    },
    Rule {
        phrases: &[
            "(delete|remove|erase|forget) (|the |my )note (|about |on |number |with |that says ){}",
            "(delete|remove|erase|forget) (the|my) {} note",
        ],
        make: |filled| {
            Some(
                Note::Remove {
                    which: Some(filled.blank(0).to_owned()),
                }
                .into(),
            )
        },
    },
];
/// What a timer is for, without the little words before it.
fn label(text: &str) -> &str {
    let starts = ["the ", "my ", "a "];
    let bare = starts.iter().find_map(|start| text.strip_prefix(start));
    bare.unwrap_or(text)
}

/// A thing on a list, without the little words before it.
fn named(text: &str) -> String {
    let starts = ["number ", "item ", "the ", "todo ", "to-do ", "task "];
    let bare = starts.iter().find_map(|start| text.strip_prefix(start));
    bare.unwrap_or(text).to_owned()
}
