//! How much of a guess is to be relied on: what two guesses in a row agree about. Pure.

/// Follows the guesses about one recording.
#[derive(Clone, Debug, Default)]
pub(super) struct Agreement {
    last: String,
}

impl Agreement {
    /// How many bytes at the beginning of a guess the one before had, too. A word that is still
    /// being heard does not count; each Chinese character is a word.
    pub(super) fn with(&mut self, guess: &str) -> usize {
        let same = guess.char_indices().zip(self.last.chars());
        let same = same.take_while(|((_, one), other)| one == other);
        let same = same.last().map_or(0, |((at, c), _)| at + c.len_utf8());
        let whole = |text: &str| {
            let next = text.get(same..).unwrap_or_default().chars().next();
            next.is_none_or(|next| !next.is_alphabetic() || is_wide(next))
        };
        let ends = guess.get(..same).unwrap_or_default();
        let stable = if ends.ends_with(is_wide) || (whole(guess) && whole(&self.last)) {
            same
        } else {
            let space = ends.rfind(|c: char| !c.is_alphabetic() || is_wide(c));
            space.map_or(0, |at| {
                at + ends
                    .get(at..)
                    .and_then(|rest| rest.chars().next())
                    .map_or(0, char::len_utf8)
            })
        };
        guess.clone_into(&mut self.last);
        stable
    }
}

/// Of a script in which each character is a word.
fn is_wide(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_two_guesses_agree_about_is_stable() {
        let mut agreement = Agreement::default();
        let table = [
            ("what", ""),
            ("what is", "what"),
            ("what is the", "what is"),
            ("what is then", "what is "),
            ("what is then", "what is then"),
            ("water", ""),
            ("现在", ""),
            ("现在几", "现在"),
            ("现在几点", "现在几"),
        ];
        for (guess, stable) in table {
            assert_eq!(guess.get(..agreement.with(guess)), Some(stable), "{guess}");
        }
    }

    proptest! {
        #[test]
        fn what_is_stable_is_the_beginning_of_both(one in "[a你 ]{0,8}", other in "[a你 ]{0,8}") {
            let mut agreement = Agreement::default();
            agreement.with(&one);
            let stable = agreement.with(&other);
            prop_assert!(one.starts_with(other.get(..stable).unwrap()));
        }
    }
}
