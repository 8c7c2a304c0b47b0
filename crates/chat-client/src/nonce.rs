//! Creates idempotency keys: the time followed by random bits, so that the server's index grows at its end.

use std::time::{SystemTime, UNIX_EPOCH};

/// Returns a new, unique key: 48 bits of time and 80 random bits, in hexadecimal.
#[must_use]
pub fn new() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let millis = since.as_millis() & 0xffff_ffff_ffff;
    let (high, low) = (random_u64() >> 48, random_u64());
    format!("{millis:012x}{high:04x}{low:016x}")
}

/// Returns a random number from 0 to 1.
#[must_use]
pub fn chance() -> f64 {
    // A double has 53 bits of precision.
    (random_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

fn random_u64() -> u64 {
    // Without a source of randomness, the time alone makes keys and waits differ.
    getrandom::u64().unwrap_or_else(|_| {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| u64::from(since.subsec_nanos()))
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn nonces_fit_the_protocol_and_differ() {
        let (a, b) = (super::new(), super::new());
        assert!(chat_proto::Nonce::parse(&a).is_ok() && a != b && a.len() == 32);
        assert!((0.0..1.0).contains(&super::chance()));
    }
}
