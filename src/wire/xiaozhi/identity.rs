//! Who we are to servers that know their clients as devices.

use std::fmt;

/// A device: made up once, and kept, because servers bind an account to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// In the form of a MAC address, in lower case.
    pub device: String,
    /// A UUID.
    pub client: String,
}

impl Identity {
    /// A device that is none anybody else has; three numbers of chance decide.
    pub fn made_of(chance: [u64; 3]) -> Self {
        let [device, high, low] = chance;
        // Locally administered, and of one machine: no maker of hardware gives such an address.
        let first = (device >> 40) as u8 & 0xfc | 0x02;
        let rest = device.to_be_bytes();
        let octets: Vec<String> = std::iter::once(&first)
            .chain(&rest[3..])
            .map(|octet| format!("{octet:02x}"))
            .collect();
        let uuid = (u128::from(high) << 64) | u128::from(low);
        let uuid = uuid & !(0xf000 << 64) & !(0xc000 << 48) | (0x4000 << 64) | (0x8000 << 48);
        Self {
            device: octets.join(":"),
            client: crate::core::ids::TurnId(uuid).to_string(),
        }
    }

    /// What [`fmt::Display`] has written; `None` for anything else.
    pub fn read(text: &str) -> Option<Self> {
        let (device, client) = text.trim().split_once(char::is_whitespace)?;
        let octets = device.split(':');
        let proper = |octet: &str| octet.len() == 2 && u8::from_str_radix(octet, 16).is_ok();
        let client: crate::core::ids::TurnId = client.trim().parse().ok()?;
        (octets.clone().count() == 6 && octets.clone().all(proper)).then(|| Self {
            device: device.to_ascii_lowercase(),
            client: client.to_string(),
        })
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.device, self.client)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_is_well_formed_and_survives_its_written_form() {
        let made = Identity::made_of([0xffff_ff01_0203_0405, u64::MAX, 7]);
        assert_eq!(made.device, "fe:01:02:03:04:05");
        assert_eq!(made.client, "ffffffff-ffff-4fff-8000-000000000007");
        assert_eq!(Identity::read(&made.to_string()), Some(made));
    }

    #[test]
    fn what_is_no_identity_is_none() {
        for text in [
            "",
            "02:00:00:00:00:01",
            "02:00:00:00:00 00000000-0000-4000-8000-000000000000",
            "02:00:00:00:00:zz 00000000-0000-4000-8000-000000000000",
            "02:00:00:00:00:01 nobody",
        ] {
            assert_eq!(Identity::read(text), None, "{text}");
        }
    }
}
