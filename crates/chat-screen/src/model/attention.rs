//! Whether the person is looking at the screen, as far as that can be known.

use chat_proto::Millis;

/// How long after a key press the person counts as looking, in milliseconds, if the terminal does not report its
/// focus.
const LOOKS_MS: i64 = 60_000;

/// Whether the person is looking. Many terminals never report their focus (tmux by default). Then the person does not
/// count as looking for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attention {
    /// The focus that the terminal reported last, if it ever did.
    reported: Option<bool>,
    /// When a key was last pressed.
    key_at: Option<Millis>,
}

impl Attention {
    /// Notes whether the terminal has the focus.
    pub fn tell(&mut self, in_front: bool) {
        self.reported = Some(in_front);
    }

    /// Notes that the person pressed a key, pasted or turned the wheel.
    pub fn press(&mut self, now: Millis) {
        self.key_at = Some(now);
    }

    /// Whether the person sees what arrives now, so that it may count as read.
    #[must_use]
    pub fn sees(&self, now: Millis) -> bool {
        self.reported.unwrap_or_else(|| self.key_at.is_some_and(|at| (0..LOOKS_MS).contains(&(now - at))))
    }

    /// Whether the person is known to be looking, so that no sound is needed.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        self.reported == Some(true)
    }
}
