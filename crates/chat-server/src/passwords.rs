//! Pass-phrases: hashed with argon2id, one at a time and away from what serves messages.

use std::sync::Arc;

use anyhow::anyhow;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use chat_proto::error::Refusal;
use chat_proto::{ErrorCode, Password, UserName};
use tokio::sync::Semaphore;
use zxcvbn::zxcvbn;

use crate::error::Error;

/// How many are hashed at once. Each takes a core and 19 MiB for some 20 ms; messages need the other cores.
const AT_ONCE: usize = 1;

/// How many wait for their turn; more are told to come back.
const WAITING: usize = 64;

/// When those may come back.
const COME_BACK_MS: u64 = 2000;

/// The niceness of the thread that hashes: messages go first where there are not enough cores.
const NICENESS: i32 = 10;

/// Longer ones are in no list of common pass-phrases.
const COMMON_BYTES: usize = 32;

/// A pass-phrase that is guessed within this many tries (as a power of ten) is too common.
const COMMON_GUESSES: f64 = 4.0;

/// Hashes and verifies. Cloning is cheap.
#[derive(Clone)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    /// What an unknown name is compared with, so that it takes as long as a known one.
    nobody: Arc<str>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self::new()
    }
}

impl Passwords {
    /// Ready to hash.
    #[must_use]
    pub fn new() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            waiting: Arc::new(Semaphore::new(WAITING)),
            nobody: nobody().into(),
        }
    }

    /// The hash to store of a new pass-phrase.
    ///
    /// # Errors
    /// `rate_limited` where too many wait.
    pub async fn hash(&self, password: Password) -> Result<String, Error> {
        self.in_turn(move || hash(password.expose().as_bytes())).await
    }

    /// Whether `password` is the one that `stored` was made of; `None` takes the same time and is none.
    ///
    /// # Errors
    /// `rate_limited` where too many wait.
    pub async fn verify(&self, stored: Option<String>, password: Password) -> Result<bool, Error> {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.nobody.to_string());
        let matches = self
            .in_turn(move || {
                let parsed =
                    PasswordHash::new(&stored).map_err(|e| anyhow!("a stored hash is damaged: {e}"))?;
                Ok(Argon2::default().verify_password(password.expose().as_bytes(), &parsed).is_ok())
            })
            .await?;
        Ok(matches && known)
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> anyhow::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        let busy = || Refusal {
            retry_after_ms: Some(COME_BACK_MS),
            ..Refusal::new(ErrorCode::RateLimited, "Too many are logging in just now. Try again in 2 s.")
        };
        let _place = self.waiting.try_acquire().map_err(|_| busy())?;
        let _turn = self.turns.acquire().await.map_err(|_| busy())?;
        let work = move || {
            // Where the system does not allow it, it is only slower for others.
            let before = rustix::process::getpriority_process(None).unwrap_or(0);
            let _ = rustix::process::setpriority_process(None, before.max(NICENESS));
            work()
        };
        // A thread of its own: niceness cannot be taken back, and blocking threads are shared.
        let (sender, done) = tokio::sync::oneshot::channel();
        std::thread::Builder::new()
            .name("password".to_owned())
            .spawn(move || sender.send(work()))
            .map_err(|e| Error::Internal(anyhow!(e).context("no thread for a password")))?;
        let failed = |_| Error::Internal(anyhow!("hashing a password panicked"));
        done.await.map_err(failed)?.map_err(Error::Internal)
    }
}

/// How a hash of today's strength begins.
fn strength() -> String {
    let now = argon2::Params::DEFAULT;
    format!("$argon2id$v=19$m={},t={},p={}$", now.m_cost(), now.t_cost(), now.p_cost())
}

/// Whether a stored hash has today's strength.
#[must_use]
pub fn is_current(stored: &str) -> bool {
    stored.starts_with(&strength())
}

/// A hash of all zeros, which no pass-phrase is known to have.
fn nobody() -> String {
    format!("{}{}${}", strength(), "A".repeat(22), "A".repeat(43))
}

fn hash(password: &[u8]) -> anyhow::Result<String> {
    Ok(Argon2::default()
        .hash_password(password)
        .map_err(|e| anyhow!("a password cannot be hashed: {e}"))?
        .to_string())
}

/// Whether a new pass-phrase is good enough for `name`.
///
/// # Errors
/// `too_long`, or `bad_request` where it is too short, the name, or among the most common ones.
pub fn check(password: &Password, name: &UserName) -> Result<(), Refusal> {
    password.check_length()?;
    let text = password.expose();
    if text.to_lowercase() == name.as_str() {
        return Err(Refusal::new(ErrorCode::BadRequest, "The password is the name. Choose another."));
    }
    if text.len() <= COMMON_BYTES && zxcvbn(text, &[name.as_str()]).guesses_log10() < COMMON_GUESSES {
        let why =
            "That password is among the first that anyone would try. Choose another; a few words are best.";
        return Err(Refusal::new(ErrorCode::BadRequest, why));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_passwords_are_refused_and_others_are_not() {
        let check =
            |text: &str| check(&Password::new(text.to_owned()), &UserName::parse("margarethe").unwrap());
        for bad in
            ["short", "password", "12345678", "iloveyou", "qwertyuiop", "aaaaaaaa", "Margarethe", "football1"]
        {
            assert!(check(bad).is_err(), "{bad}");
        }
        for good in [
            "correct horse battery staple",
            "Tr0ub4dor&3x",
            "        x  ",
            "пароль из слов",
            &"x".repeat(1024),
        ] {
            assert!(check(good).is_ok(), "{good}: {:?}", check(good));
        }
        assert!(check(&"x".repeat(1025)).is_err());
    }

    #[tokio::test]
    async fn auth_20_a_hash_has_the_strength_that_is_promised() {
        let passwords = Passwords::new();
        let secret = || Password::new("correct horse".to_owned());
        let (a, b) = (passwords.hash(secret()).await.unwrap(), passwords.hash(secret()).await.unwrap());
        assert!(a.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{a}");
        assert_ne!(a, b, "each has a salt of its own");
        assert!(passwords.verify(Some(a.clone()), secret()).await.unwrap());
        assert!(!passwords.verify(Some(a), Password::new("correct horse ".to_owned())).await.unwrap());
        assert!(!passwords.verify(None, Password::new("correct horse".to_owned())).await.unwrap());
    }
}
