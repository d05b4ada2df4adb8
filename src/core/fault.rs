//! What can go wrong, told in one shape: kind, severity, recovery, and a sentence for people.
//!
//! Carrying a recovery out is up to `update`; showing a fault is up to the view.

use super::time::Now;
use super::words::Word;
use serde::{Deserialize, Serialize};

/// Where a fault comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    WebsocketConnection,
    WebsocketMessage,
    StateTransition,
    Timeout,
    Validation,
    System,
}

impl FaultKind {
    /// All six.
    pub const ALL: [Self; 6] = [
        Self::WebsocketConnection,
        Self::WebsocketMessage,
        Self::StateTransition,
        Self::Timeout,
        Self::Validation,
        Self::System,
    ];

    /// The name used in traces and logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::WebsocketConnection => "websocket_connection",
            Self::WebsocketMessage => "websocket_message",
            Self::StateTransition => "state_transition",
            Self::Timeout => "timeout",
            Self::Validation => "validation",
            Self::System => "system",
        }
    }

    /// What people are told it is about.
    pub const fn word(self) -> Word {
        match self {
            Self::WebsocketConnection => Word::FaultConnection,
            Self::WebsocketMessage => Word::FaultMessage,
            Self::StateTransition => Word::FaultState,
            Self::Timeout => Word::FaultTimeout,
            Self::Validation => Word::FaultInput,
            Self::System => Word::FaultSystem,
        }
    }

    /// How much such a fault matters, unless somebody knows better.
    pub const fn severity(self) -> Severity {
        match self {
            Self::StateTransition | Self::Validation => Severity::Low,
            Self::WebsocketConnection | Self::WebsocketMessage | Self::Timeout => Severity::Medium,
            Self::System => Severity::High,
        }
    }

    /// What mends such a fault, unless somebody knows better.
    pub const fn recovery(self) -> Recovery {
        match self {
            Self::WebsocketConnection => Recovery::Reconnect,
            Self::WebsocketMessage | Self::Timeout => Recovery::Retry,
            Self::StateTransition => Recovery::Reset,
            Self::Validation => Recovery::FixInput,
            Self::System => Recovery::Stop,
        }
    }
}

/// How much a fault matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

impl Severity {
    /// All four, the least first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The name used in traces and logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// What people are told.
    pub const fn word(self) -> Word {
        match self {
            Self::Low => Word::SeverityLow,
            Self::Medium => Word::SeverityMedium,
            Self::High => Word::SeverityHigh,
            Self::Critical => Word::SeverityCritical,
        }
    }
}

/// What mends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recovery {
    Reconnect,
    Retry,
    Reset,
    Stop,
    FixInput,
}

impl Recovery {
    /// All five.
    pub const ALL: [Self; 5] = [
        Self::Reconnect,
        Self::Retry,
        Self::Reset,
        Self::Stop,
        Self::FixInput,
    ];

    /// What people are told.
    pub const fn word(self) -> Word {
        match self {
            Self::Reconnect => Word::RecoverReconnect,
            Self::Retry => Word::RecoverRetry,
            Self::Reset => Word::RecoverReset,
            Self::Stop => Word::RecoverStop,
            Self::FixInput => Word::RecoverFixInput,
        }
    }

    /// Whether the program may do it unasked. Dialing again repeats nothing and loses nothing;
    /// asking a question again may do its work twice, and a reset drops a running turn.
    pub const fn is_automatic(self) -> bool {
        match self {
            Self::Reconnect => true,
            Self::Retry | Self::Reset | Self::Stop | Self::FixInput => false,
        }
    }
}

/// One fault: what happened, why, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub kind: FaultKind,
    /// What people are told it is about.
    pub about: Word,
    pub severity: Severity,
    pub recovery: Recovery,
    pub what: String,
    pub why: Option<String>,
    pub hint: Option<String>,
    pub at: Now,
}

impl Fault {
    /// A fault with the severity and the recovery usual for its kind.
    pub fn new(kind: FaultKind, what: impl Into<String>, at: Now) -> Self {
        Self {
            kind,
            about: kind.word(),
            severity: kind.severity(),
            recovery: kind.recovery(),
            what: what.into(),
            why: None,
            hint: None,
            at,
        }
    }

    /// Is about something narrower than its kind says.
    #[must_use]
    pub fn about(self, about: Word) -> Self {
        Self { about, ..self }
    }

    /// Says why it happened.
    #[must_use]
    pub fn because(self, why: impl Into<String>) -> Self {
        let why = Some(why.into());
        Self { why, ..self }
    }

    /// Says what the user can do about it.
    #[must_use]
    pub fn advise(self, hint: impl Into<String>) -> Self {
        let hint = Some(hint.into());
        Self { hint, ..self }
    }

    /// Matters more or less than its kind usually does.
    #[must_use]
    pub fn rated(self, severity: Severity) -> Self {
        Self { severity, ..self }
    }

    /// Is mended otherwise than its kind usually is.
    #[must_use]
    pub fn mended_by(self, recovery: Recovery) -> Self {
        Self { recovery, ..self }
    }
}

/// How many faults are remembered in full.
pub const HISTORY: usize = 100;

/// A fault and how often it happened in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    /// As it was the last time.
    pub fault: Fault,
    pub times: u32,
}

/// The faults so far: the latest in full, all of them counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    recent: Vec<Noted>,
    kinds: [u64; FaultKind::ALL.len()],
    severities: [u64; Severity::ALL.len()],
}

impl Faults {
    /// Remembers a fault. One that says the same as the last one is counted there instead of
    /// repeated, so that a line that fails all night does not push everything else out.
    pub fn note(&mut self, fault: Fault) {
        self.kinds[fault.kind as usize] += 1;
        self.severities[fault.severity as usize] += 1;
        if let Some(last) = self.recent.last_mut()
            && last.fault.kind == fault.kind
            && last.fault.what == fault.what
        {
            last.fault = fault;
            last.times = last.times.saturating_add(1);
            return;
        }
        if self.recent.len() == HISTORY {
            self.recent.remove(0);
        }
        self.recent.push(Noted { fault, times: 1 });
    }

    /// The latest ones, oldest first.
    pub fn recent(&self) -> &[Noted] {
        &self.recent
    }

    /// How many of this kind there were.
    pub const fn of_kind(&self, kind: FaultKind) -> u64 {
        self.kinds[kind as usize]
    }

    /// How many of this severity there were.
    pub const fn of_severity(&self, severity: Severity) -> u64 {
        self.severities[severity as usize]
    }

    /// How many there were at all.
    pub fn total(&self) -> u64 {
        self.kinds.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::time::{Moment, Wall};
    use proptest::prelude::*;

    fn at(ms: u64) -> Now {
        Now {
            mono: Moment::from_ms(ms),
            wall: Wall(ms as i64),
        }
    }

    #[test]
    fn a_fault_takes_from_its_kind_what_nobody_said() {
        assert_eq!(
            Fault::new(FaultKind::WebsocketConnection, "the line is down", at(3)),
            Fault {
                kind: FaultKind::WebsocketConnection,
                about: Word::FaultConnection,
                severity: Severity::Medium,
                recovery: Recovery::Reconnect,
                what: "the line is down".to_owned(),
                why: None,
                hint: None,
                at: at(3),
            }
        );
        assert_eq!(
            Fault::new(FaultKind::Timeout, "no answer came", at(4))
                .about(Word::FaultAnswer)
                .because("the model is loading")
                .advise("ask again with `again`")
                .rated(Severity::Critical)
                .mended_by(Recovery::Stop),
            Fault {
                kind: FaultKind::Timeout,
                about: Word::FaultAnswer,
                severity: Severity::Critical,
                recovery: Recovery::Stop,
                what: "no answer came".to_owned(),
                why: Some("the model is loading".to_owned()),
                hint: Some("ask again with `again`".to_owned()),
                at: at(4),
            }
        );
    }

    #[test]
    fn names_are_those_of_the_files() {
        for kind in FaultKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
        for severity in Severity::ALL {
            assert_eq!(serde_json::to_value(severity).unwrap(), severity.name());
        }
    }

    #[test]
    fn only_what_repeats_and_loses_nothing_is_done_unasked() {
        let automatic: Vec<_> = Recovery::ALL
            .into_iter()
            .filter(|recovery| recovery.is_automatic())
            .collect();
        assert_eq!(automatic, [Recovery::Reconnect]);
    }

    #[test]
    fn the_same_fault_in_a_row_is_counted_and_not_repeated() {
        let mut faults = Faults::default();
        let down = |ms| Fault::new(FaultKind::WebsocketConnection, "down", at(ms));
        let bad = Fault::new(FaultKind::Validation, "down", at(7));
        faults.note(down(1));
        faults.note(down(5).because("refused").rated(Severity::High));
        faults.note(bad.clone());
        faults.note(down(9));
        assert_eq!(
            faults.recent(),
            [
                Noted {
                    fault: down(5).because("refused").rated(Severity::High),
                    times: 2
                },
                Noted {
                    fault: bad,
                    times: 1
                },
                Noted {
                    fault: down(9),
                    times: 1
                },
            ]
        );
        assert_eq!(faults.of_kind(FaultKind::WebsocketConnection), 3);
        assert_eq!(faults.of_kind(FaultKind::Validation), 1);
        assert_eq!(faults.of_kind(FaultKind::System), 0);
        assert_eq!(
            Severity::ALL.map(|severity| faults.of_severity(severity)),
            [1, 2, 1, 0]
        );
        assert_eq!(faults.total(), 4);
    }

    #[test]
    fn the_latest_hundred_are_kept_and_all_are_counted() {
        let mut faults = Faults::default();
        for n in 0..250 {
            faults.note(Fault::new(FaultKind::System, n.to_string(), at(n)));
        }
        let kept: Vec<_> = faults
            .recent()
            .iter()
            .map(|noted| noted.fault.what.clone())
            .collect();
        let latest: Vec<_> = (150..250).map(|n: u64| n.to_string()).collect();
        assert_eq!(kept, latest);
        assert_eq!(faults.total(), 250);
    }

    proptest! {
        #[test]
        fn no_fault_goes_uncounted(
            notes in prop::collection::vec((0..6_usize, 0..4_usize, 0..3_u8), 0..300),
        ) {
            let mut faults = Faults::default();
            for (kind, severity, what) in &notes {
                let fault = Fault::new(FaultKind::ALL[*kind], what.to_string(), at(0));
                faults.note(fault.rated(Severity::ALL[*severity]));
            }
            let given = notes.len() as u64;
            prop_assert_eq!(faults.total(), given);
            let severities = Severity::ALL.map(|severity| faults.of_severity(severity));
            prop_assert_eq!(severities.iter().sum::<u64>(), given);
            prop_assert!(faults.recent().len() <= HISTORY);
            let shown: u64 = faults.recent().iter().map(|noted| u64::from(noted.times)).sum();
            prop_assert!(shown <= given);
            for pair in faults.recent().windows(2) {
                prop_assert!(
                    pair[0].fault.kind != pair[1].fault.kind
                        || pair[0].fault.what != pair[1].fault.what
                );
            }
        }
    }
}
