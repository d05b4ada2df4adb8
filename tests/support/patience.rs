//! Patience for scripts: how long a step takes on a machine that has something else to do says
//! nothing about the program.

/// The verbs that wait for something.
const WAITS: [&str; 7] = [
    "say",
    "wait",
    "expect",
    "expect_heard",
    "expect_note",
    "expect_spoken_ms",
    "interrupt_after_ms",
];

/// These steps, each of which waits for five minutes unless it says how long.
pub fn patient(steps: &str) -> String {
    let mut patient = String::new();
    for step in steps.split_inclusive("[[step]]") {
        let (step, next) = match step.strip_suffix("[[step]]") {
            Some(step) => (step, "[[step]]"),
            None => (step, ""),
        };
        let waits = |line: &str| {
            let verb = line.split('=').next().unwrap_or_default().trim();
            WAITS.contains(&verb)
        };
        patient.push_str(step);
        if step.lines().any(waits) && !step.contains("within_ms") {
            patient.push_str("\nwithin_ms = 300000\n");
        }
        patient.push_str(next);
    }
    patient
}
