//! What to do after a line ended: the one table. Pure.
//!
//! Close codes are those of [RFC 6455, 7.4.1](https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1)
//! and the 4000s that backends use for "no".

use crate::core::line::Cause;

/// What had become of a line when it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    pub lived: Lived,
    /// The user was waiting for an answer.
    pub awaited: bool,
}

/// How long a line had lived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lived {
    /// It was never greeted.
    Never,
    /// It was greeted, and did not work: dialing again at once would end the same way.
    Briefly,
    /// It had worked.
    Steadily,
}

/// What helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing: we wanted it closed.
    StayDown,
    /// Nothing by itself, and nothing is wrong: the peer put an idle line away. It would do so
    /// again, so the line is dialed when the user needs it.
    Rest,
    /// Nothing by itself: the peer said no, and would say it again.
    Refused,
    /// Dial again at once, and with growing patience if that does not help.
    RetryNow,
    /// Dial again after waiting a while: the peer needs time.
    RetryLater,
}

/// Decides from how the line ended and what had become of it.
pub fn verdict(cause: &Cause, life: Life) -> Verdict {
    let greeted = life.lived != Lived::Never;
    let soon = match life.lived {
        Lived::Never | Lived::Steadily => Verdict::RetryNow,
        Lived::Briefly => Verdict::RetryLater,
    };
    match cause {
        Cause::Intentional => Verdict::StayDown,
        Cause::Nameless { .. }
        | Cause::NobodyListens { .. }
        | Cause::Unreachable { .. }
        | Cause::Lost { .. }
        | Cause::Silent { .. } => soon,
        Cause::NoGreeting { .. } => Verdict::RetryLater,
        Cause::ClosedByPeer { code, .. } => closed(*code, life),
        Cause::Denied { status, .. } => match status {
            // 408, 425 and 429 are the only answers of their kind that time can change.
            Some(408 | 425 | 429 | 500..) => Verdict::RetryLater,
            Some(_) | None => Verdict::Refused,
        },
        // Before the greeting it is somebody else's server; after it, a backend with a fault.
        Cause::Garbled { .. } if greeted => Verdict::RetryLater,
        Cause::Garbled { .. }
        | Cause::NotABackend { .. }
        | Cause::Untrusted { .. }
        | Cause::Unusable { .. } => Verdict::Refused,
    }
}

/// Whether another network may be all that is needed.
pub fn is_of_the_network(cause: &Cause) -> bool {
    match cause {
        Cause::Nameless { .. }
        | Cause::NobodyListens { .. }
        | Cause::Unreachable { .. }
        | Cause::Lost { .. }
        | Cause::Silent { .. }
        | Cause::NoGreeting { .. } => true,
        Cause::Intentional
        | Cause::ClosedByPeer { .. }
        | Cause::Denied { .. }
        | Cause::NotABackend { .. }
        | Cause::Garbled { .. }
        | Cause::Untrusted { .. }
        | Cause::Unusable { .. } => false,
    }
}

/// The peer closed in order.
fn closed(code: Option<u16>, life: Life) -> Verdict {
    let steady = life.lived == Lived::Steadily;
    match code {
        // Policy violation, and what backends say to wrong tokens and wrong dialects.
        Some(1008 | 4000 | 4001 | 4003 | 4004 | 4401 | 4403 | 4404) => Verdict::Refused,
        // Put away because nothing was going on. A close frame without a code reads as 1005.
        None | Some(1000 | 1001 | 1005) if steady && !life.awaited => Verdict::Rest,
        // Going away and restarting: it will be back soon.
        Some(1001 | 1012) if steady => Verdict::RetryNow,
        // An internal error, or the plea to come back later; the same from a shorter life.
        Some(1001 | 1011 | 1012 | 1013) => Verdict::RetryLater,
        // Several backends say no with a normal close, before or just after their greeting.
        None | Some(1000 | 1005) if !steady => Verdict::Refused,
        _ if life.lived == Lived::Never => Verdict::Refused,
        _ => Verdict::RetryLater,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::line::Distrust;
    use std::time::Duration;

    const fn life(lived: Lived, awaited: bool) -> Life {
        Life { lived, awaited }
    }

    const NEVER: Life = life(Lived::Never, false);
    const BRIEFLY: Life = life(Lived::Briefly, false);
    const STEADILY: Life = life(Lived::Steadily, true);

    #[test]
    fn every_close_code_has_its_answer() {
        use Verdict::{Refused, RetryLater, RetryNow};
        // The code, and the verdict for a line never greeted, one cut short, and a steady one.
        for (code, expected) in [
            (None, [Refused, Refused, RetryLater]),
            (Some(1000), [Refused, Refused, RetryLater]),
            (Some(1001), [RetryLater, RetryLater, RetryNow]),
            (Some(1002), [Refused, RetryLater, RetryLater]),
            (Some(1003), [Refused, RetryLater, RetryLater]),
            (Some(1005), [Refused, Refused, RetryLater]),
            (Some(1007), [Refused, RetryLater, RetryLater]),
            (Some(1008), [Refused, Refused, Refused]),
            (Some(1009), [Refused, RetryLater, RetryLater]),
            (Some(1010), [Refused, RetryLater, RetryLater]),
            (Some(1011), [RetryLater, RetryLater, RetryLater]),
            (Some(1012), [RetryLater, RetryLater, RetryNow]),
            (Some(1013), [RetryLater, RetryLater, RetryLater]),
            (Some(1014), [Refused, RetryLater, RetryLater]),
            (Some(3000), [Refused, RetryLater, RetryLater]),
            (Some(4000), [Refused, Refused, Refused]),
            (Some(4401), [Refused, Refused, Refused]),
            (Some(4999), [Refused, RetryLater, RetryLater]),
        ] {
            let cause = Cause::ClosedByPeer {
                code,
                reason: String::new(),
            };
            let found = [NEVER, BRIEFLY, STEADILY].map(|life| verdict(&cause, life));
            assert_eq!(found, expected, "{code:?}");
        }
    }

    #[test]
    fn an_idle_line_closed_in_order_is_left_at_rest_until_it_is_needed() {
        use Verdict::{Refused, Rest, RetryLater, RetryNow};
        let idle = life(Lived::Steadily, false);
        for (code, awaited, expected) in [
            (None, RetryLater, Rest),
            (Some(1000), RetryLater, Rest),
            (Some(1001), RetryNow, Rest),
            (Some(1005), RetryLater, Rest),
            (Some(1008), Refused, Refused),
            (Some(1011), RetryLater, RetryLater),
            (Some(1012), RetryNow, RetryNow),
            (Some(1013), RetryLater, RetryLater),
            (Some(4000), Refused, Refused),
        ] {
            let cause = Cause::ClosedByPeer {
                code,
                reason: String::new(),
            };
            let found = [STEADILY, idle].map(|life| verdict(&cause, life));
            assert_eq!(found, [awaited, expected], "{code:?}");
        }
    }

    #[test]
    fn every_answer_to_the_upgrade_has_its_answer() {
        for (status, expected) in [
            (None, Verdict::Refused),
            (Some(301), Verdict::Refused),
            (Some(302), Verdict::Refused),
            (Some(400), Verdict::Refused),
            (Some(401), Verdict::Refused),
            (Some(403), Verdict::Refused),
            (Some(404), Verdict::Refused),
            (Some(408), Verdict::RetryLater),
            (Some(426), Verdict::Refused),
            (Some(429), Verdict::RetryLater),
            (Some(500), Verdict::RetryLater),
            (Some(502), Verdict::RetryLater),
            (Some(503), Verdict::RetryLater),
        ] {
            let cause = Cause::Denied {
                status,
                reason: String::new(),
            };
            assert_eq!(verdict(&cause, NEVER), expected, "{status:?}");
        }
    }

    #[test]
    fn every_other_end_has_its_answer() {
        use Verdict::{Refused, RetryLater, RetryNow, StayDown};
        let why = String::new;
        let after = Duration::ZERO;
        for (cause, expected) in [
            (Cause::Intentional, [StayDown; 3]),
            (
                Cause::Nameless {
                    host: why(),
                    why: why(),
                },
                [RetryNow, RetryLater, RetryNow],
            ),
            (
                Cause::NobodyListens { at: why() },
                [RetryNow, RetryLater, RetryNow],
            ),
            (
                Cause::Untrusted {
                    host: why(),
                    why: Distrust::Expired,
                },
                [Refused; 3],
            ),
            (
                Cause::Unreachable { why: why() },
                [RetryNow, RetryLater, RetryNow],
            ),
            (Cause::Lost { why: why() }, [RetryNow, RetryLater, RetryNow]),
            (Cause::Silent { after }, [RetryNow, RetryLater, RetryNow]),
            (Cause::NoGreeting { after }, [RetryLater; 3]),
            (Cause::NotABackend { why: why() }, [Refused; 3]),
            (
                Cause::Garbled { why: why() },
                [Refused, RetryLater, RetryLater],
            ),
            (Cause::Unusable { why: why() }, [Refused; 3]),
        ] {
            let found = [NEVER, BRIEFLY, STEADILY].map(|life| verdict(&cause, life));
            assert_eq!(found, expected, "{cause:?}");
        }
    }
}
