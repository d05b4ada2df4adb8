//! Proves that a password is known without sending it, and that the other end knows it as well:
//! SCRAM-SHA-256, <https://www.rfc-editor.org/rfc/rfc5802> and
//! <https://www.rfc-editor.org/rfc/rfc7677>. Pure.

use crate::codec::base64;
use ring::{digest, hmac, pbkdf2};
use std::num::NonZeroU32;

/// What the way is called.
pub(super) const WAY: &str = "SCRAM-SHA-256";

/// Nothing of the line itself is part of the proof.
const UNBOUND: &str = "n,,";

/// The database decides how often the password is stirred; more often than this it only wants to
/// keep us busy.
const MOST_ROUNDS: u32 = 1_000_000;

/// A proof that has begun.
pub(super) struct Scram<'a> {
    user: &'a str,
    password: &'a str,
    nonce: String,
}

/// A proof that was sent: what the other end has to prove.
pub(super) struct Sent {
    expected: String,
}

impl<'a> Scram<'a> {
    /// `chance` is never used again. Whose password it is has been said already.
    pub(super) fn new(password: &'a str, chance: [u8; 18]) -> Self {
        Self {
            user: "",
            password,
            nonce: base64::encode(&chance),
        }
    }

    /// The first word.
    pub(super) fn first(&self) -> String {
        format!("{UNBOUND}{}", self.bare())
    }

    fn bare(&self) -> String {
        format!("n={},r={}", self.user, self.nonce)
    }

    /// The answer to the other end's first word; `None`: that makes no sense.
    pub(super) fn answer(&self, word: &str) -> Option<(String, Sent)> {
        let field = |name: &str| word.split(',').find_map(|field| field.strip_prefix(name));
        let (nonce, salt) = (field("r=")?, base64::decode(field("s=")?)?);
        let rounds: NonZeroU32 = field("i=")?.parse().ok()?;
        if !nonce.starts_with(&self.nonce) || rounds.get() > MOST_ROUNDS {
            return None;
        }
        let mut salted = [0; digest::SHA256_OUTPUT_LEN];
        let password = self.password.as_bytes();
        pbkdf2::derive(
            pbkdf2::PBKDF2_HMAC_SHA256,
            rounds,
            &salt,
            password,
            &mut salted,
        );
        let client = keyed(&salted, b"Client Key");
        let stored = digest::digest(&digest::SHA256, client.as_ref());
        let unproved = format!("c={},r={nonce}", base64::encode(UNBOUND.as_bytes()));
        let all = format!("{},{word},{unproved}", self.bare());
        let signature = keyed(stored.as_ref(), all.as_bytes());
        let proof: Vec<u8> = (client.as_ref().iter().zip(signature.as_ref()))
            .map(|(one, other)| one ^ other)
            .collect();
        let server = keyed(&salted, b"Server Key");
        let expected = keyed(server.as_ref(), all.as_bytes());
        let sent = Sent {
            expected: format!("v={}", base64::encode(expected.as_ref())),
        };
        Some((format!("{unproved},p={}", base64::encode(&proof)), sent))
    }
}

impl Sent {
    /// Does the other end know the password, too?
    pub(super) fn is_proved(&self, last: &str) -> bool {
        last.split(',').next() == Some(&self.expected)
    }
}

fn keyed(key: &[u8], text: &[u8]) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 7677.
    #[test]
    fn a_proof_is_as_the_standard_says_and_whoever_proves_nothing_back_is_not_believed() {
        let scram = Scram {
            user: "user",
            password: "pencil",
            nonce: "rOprNGfwEbeRWgbNEkqO".to_owned(),
        };
        assert_eq!(scram.first(), "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
        let nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
        let word = format!("r={nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
        let (answer, sent) = scram.answer(&word).unwrap();
        let proof = "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
        assert_eq!(answer, format!("c=biws,r={nonce},{proof}"));
        assert!(sent.is_proved("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
        assert!(!sent.is_proved("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G5="));
        assert!(!sent.is_proved("e=invalid-proof"));
        for wrong in [
            "",
            "r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
            "r=rOprNGfwEbeRWgbNEkqOx,s=!,i=4096",
            "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=0",
            "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=99999999",
        ] {
            assert!(scram.answer(wrong).is_none(), "{wrong}");
        }
    }
}
