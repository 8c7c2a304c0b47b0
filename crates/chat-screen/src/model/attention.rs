//! Whether the person looks at the screen, as far as that can be known.

use chat_proto::Millis;

/// How long after a key the person is taken to look, in milliseconds, if the terminal does not tell.
const LOOKS_MS: i64 = 60_000;

/// See the module's description. Many terminals never tell whether they are in front (tmux by default): that is no reason
/// to take the person to look for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attention {
    /// What the terminal told last, if it ever did.
    told: Option<bool>,
    /// When a key was pressed last.
    key_at: Option<Millis>,
}

impl Attention {
    /// The terminal tells whether it is in front.
    pub fn tell(&mut self, in_front: bool) {
        self.told = Some(in_front);
    }

    /// The person pressed a key, pasted or turned the wheel.
    pub fn press(&mut self, now: Millis) {
        self.key_at = Some(now);
    }

    /// Whether what comes now is seen, so that it may count as read.
    #[must_use]
    pub fn sees(&self, now: Millis) -> bool {
        self.told.unwrap_or_else(|| self.key_at.is_some_and(|at| (0..LOOKS_MS).contains(&(now - at))))
    }

    /// Whether the person is known to look, so that no sound is needed.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        self.told == Some(true)
    }
}
