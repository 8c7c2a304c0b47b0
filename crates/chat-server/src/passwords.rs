//! Hashes passwords with argon2id on one thread of low priority, so that messages go first. The thread keeps its
//! memory: freeing 19 MiB after each hash would hold up every other thread of the process.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use anyhow::anyhow;
use argon2::password_hash::phc::{Output, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use chat_proto::error::Refusal;
use chat_proto::{ErrorCode, Password, UserName};
use parking_lot::Mutex;
use tokio::sync::oneshot;
use zxcvbn::zxcvbn;

use crate::error::Error;
use crate::secret::random;

/// The maximum number of passwords that wait to be hashed. Further callers are told to try again.
const WAITING: usize = 64;

/// When they may try again, in milliseconds.
const RETRY_MS: u64 = 2000;

/// The niceness of the thread: the lowest priority.
const NICENESS: i32 = 19;

/// How long the thread may be idle before it ends and frees its memory.
const IDLE: Duration = Duration::from_secs(30);

/// The length of a salt, in bytes.
const SALT_BYTES: usize = 16;

/// How many characters at the beginning and at the end of a password are compared with common passwords. The cost
/// grows with the square: 16 take at most 6 ms.
const COMMON_CHARS: usize = 16;

/// A password that can be guessed within this many tries is too common. A power of ten.
const COMMON_GUESSES: f64 = 4.0;

/// The memory of one hash.
type Memory = Vec<Block>;

type Job = Box<dyn FnOnce(&mut Memory) + Send>;

/// Hashes and verifies passwords. Cloning is cheap.
#[derive(Clone, Default)]
pub(crate) struct Passwords {
    thread: Arc<Mutex<Option<SyncSender<Job>>>>,
}

impl Passwords {
    /// Hashes a password.
    ///
    /// # Errors
    /// `rate_limited` if too many wait.
    pub(crate) async fn hash(&self, password: Password) -> Result<String, Error> {
        self.on_thread(move |memory| hash(password.normal().expose().as_bytes(), memory)).await
    }

    /// Hashes a new password of `name`. Callers call [`check`] first, which is cheap.
    ///
    /// # Errors
    /// `bad_request` if it is among the most common ones, `rate_limited` if too many wait.
    pub(crate) async fn hash_new(&self, password: Password, name: UserName) -> Result<String, Error> {
        let work = move |memory: &mut Memory| {
            let normal = password.normal();
            let text = normal.expose();
            if is_common(text, name.as_str()) { Ok(None) } else { hash(text.as_bytes(), memory).map(Some) }
        };
        let why =
            "That password is among the first that anyone would try. Choose another; a few words are best.";
        self.on_thread(work).await?.ok_or_else(|| Error::refused(ErrorCode::BadRequest, why))
    }

    /// Whether `password` is the one in the hash `stored`. `None` takes the same time and never matches.
    ///
    /// # Errors
    /// `rate_limited` if too many wait.
    pub(crate) async fn verify(&self, stored: Option<String>, password: Password) -> Result<bool, Error> {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(nobody);
        let work = move |memory: &mut Memory| {
            let normal = password.normal();
            // Older hashes were made from the password as typed, without normalization.
            Ok(verify(&stored, normal.expose().as_bytes(), memory)?
                || (normal != password && verify(&stored, password.expose().as_bytes(), memory)?))
        };
        let matches = self.on_thread(work).await?;
        Ok(matches && known)
    }

    async fn on_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Memory) -> anyhow::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        let (sender, done) = oneshot::channel();
        // The caller may have gone.
        self.queue(Box::new(move |memory| drop(sender.send(work(memory)))))?;
        let failed = |_| Error::Internal(anyhow!("hashing a password panicked"));
        done.await.map_err(failed)?.map_err(Error::Internal)
    }

    /// Queues a job for the thread, and starts the thread if it does not run.
    fn queue(&self, job: Job) -> Result<(), Error> {
        let mut thread = self.thread.lock();
        let job = match thread.as_ref() {
            Some(running) => match running.try_send(job) {
                Ok(()) => return Ok(()),
                Err(TrySendError::Full(_)) => {
                    let why = "Too many people are logging in. Try again in 2 s.";
                    let busy = Refusal::new(ErrorCode::RateLimited, why);
                    return Err(Refusal { retry_after_ms: Some(RETRY_MS), ..busy }.into());
                }
                // The thread ended because it was idle.
                Err(TrySendError::Disconnected(job)) => job,
            },
            None => job,
        };
        let (sender, jobs) = sync_channel(WAITING);
        std::thread::Builder::new()
            .name("password".to_owned())
            .spawn(move || work_off(&jobs))
            .map_err(|e| Error::Internal(anyhow!(e).context("the password thread cannot be started")))?;
        // A new channel has room.
        let _ = sender.try_send(job);
        *thread = Some(sender);
        Ok(())
    }
}

fn work_off(jobs: &Receiver<Job>) {
    // If the system does not allow it, hashing only slows other threads down.
    let _ = rustix::process::setpriority_process(None, NICENESS);
    let mut memory = Memory::new();
    loop {
        match jobs.recv_timeout(IDLE) {
            Ok(job) => job(&mut memory),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return,
        }
    }
}

fn compute(argon2: &Argon2<'_>, password: &[u8], salt: &[u8], memory: &mut Memory) -> anyhow::Result<Output> {
    let params = argon2.params();
    memory.resize(params.block_count(), Block::new());
    let mut bytes = [0; Params::DEFAULT_OUTPUT_LEN];
    argon2
        .hash_password_into_with_memory(password, salt, &mut bytes, memory.as_mut_slice())
        .map_err(|e| anyhow!("a password cannot be hashed: {e}"))?;
    Output::new(&bytes).map_err(|e| anyhow!("a password cannot be hashed: {e}"))
}

fn hash(password: &[u8], memory: &mut Memory) -> anyhow::Result<String> {
    let argon2 = Argon2::default();
    let salt = Salt::new(&random::<SALT_BYTES>()?).map_err(|e| anyhow!("no salt: {e}"))?;
    let output = compute(&argon2, password, salt.as_ref(), memory)?;
    Ok(format!("{}{salt}${output}", strength()))
}

fn verify(stored: &str, password: &[u8], memory: &mut Memory) -> anyhow::Result<bool> {
    let parsed = PasswordHash::new(stored).map_err(|e| anyhow!("a stored hash is damaged: {e}"))?;
    let params = Params::try_from(&parsed).map_err(|e| anyhow!("a stored hash is damaged: {e}"))?;
    let (Some(salt), Some(expected)) = (&parsed.salt, parsed.hash) else {
        return Err(anyhow!("a stored hash is damaged: a part is missing"));
    };
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    // Outputs are compared in constant time.
    Ok(compute(&argon2, password, salt.as_ref(), memory)? == expected)
}

/// Returns the prefix of a hash with the current parameters.
fn strength() -> String {
    let now = Params::DEFAULT;
    format!("$argon2id$v=19$m={},t={},p={}$", now.m_cost(), now.t_cost(), now.p_cost())
}

/// Whether a stored hash has the current parameters.
#[must_use]
pub(crate) fn is_current(stored: &str) -> bool {
    stored.starts_with(&strength())
}

/// Returns a hash of zeros, which no known password has. The password for an unknown name is compared with it, so
/// that this takes as long as for a known name.
fn nobody() -> String {
    format!("{}{}${}", strength(), "A".repeat(22), "A".repeat(43))
}

/// Checks the length of a new password of `name`, and that it differs from the name.
///
/// # Errors
/// `too_long`, or `bad_request` if it is too short or equal to the name.
pub(crate) fn check(password: &Password, name: &UserName) -> Result<(), Refusal> {
    password.check_length()?;
    if password.expose().to_lowercase() == name.as_str() {
        return Err(Refusal::new(
            ErrorCode::BadRequest,
            "The password is the same as the name. Choose another.",
        ));
    }
    Ok(())
}

/// Whether a password would be guessed early, because both its beginning and its end are common.
fn is_common(password: &str, name: &str) -> bool {
    let is_common = |part: &str| zxcvbn(part, &[name]).guesses_log10() < COMMON_GUESSES;
    let after = password.char_indices().nth(COMMON_CHARS).map_or(password.len(), |(at, _)| at);
    let last = password.char_indices().rev().nth(COMMON_CHARS - 1).map_or(0, |(at, _)| at);
    is_common(&password[..after]) && (last == 0 || is_common(&password[last..]))
}

#[cfg(test)]
mod tests {
    use argon2::PasswordVerifier;

    use super::*;

    #[test]
    fn common_passwords_are_refused_and_others_are_not() {
        let check = |text: &str| {
            check(&Password::new(text.to_owned()), &UserName::parse("margarethe").unwrap()).is_ok()
                && !is_common(text, "margarethe")
        };
        for bad in
            ["short", "password", "12345678", "iloveyou", "qwertyuiop", "aaaaaaaa", "Margarethe", "football1"]
        {
            assert!(!check(bad), "{bad}");
        }
        for good in [
            "correct horse battery staple",
            "Tr0ub4dor&3x",
            "        x  ",
            "пароль из слов",
            "passwordpassword but then something else",
        ] {
            assert!(check(good), "{good}");
        }
        assert!(!check(&"x".repeat(1025)));
        assert!(!check(&"passwordpassword".repeat(4)) && !check(&"a".repeat(100)), "long ones as well");
    }

    #[tokio::test]
    async fn a_password_is_the_same_however_a_keyboard_composes_it() {
        let passwords = Passwords::default();
        let typed = |text: &str| Password::new(text.to_owned());
        let (composed, decomposed) = ("caf\u{e9} au lait", "cafe\u{301} au lait");
        for (first, then) in [(composed, decomposed), (decomposed, composed), ("a\u{a0}b cdef", "a b cdef")] {
            let stored = passwords.hash(typed(first)).await.unwrap();
            assert!(passwords.verify(Some(stored.clone()), typed(then)).await.unwrap(), "{then}");
            assert!(!passwords.verify(Some(stored), typed("cafe au lait")).await.unwrap());
        }
        // A hash from before passwords were normalized.
        let old = hash(decomposed.as_bytes(), &mut Memory::new()).unwrap();
        assert!(passwords.verify(Some(old), typed(decomposed)).await.unwrap());
        let odd = passwords.hash(typed("tab\there \u{fdd0}")).await.unwrap();
        assert!(
            passwords.verify(Some(odd), typed("tab\there \u{fdd0}")).await.unwrap(),
            "nothing is refused"
        );
    }

    #[tokio::test]
    async fn auth_20_a_hash_has_the_strength_that_is_promised() {
        let passwords = Passwords::default();
        let secret = || Password::new("correct horse".to_owned());
        let (a, b) = (passwords.hash(secret()).await.unwrap(), passwords.hash(secret()).await.unwrap());
        assert!(a.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{a}");
        assert_ne!(a, b, "each has a salt of its own");
        // Checked by the library itself.
        let parsed = PasswordHash::new(&a).unwrap();
        assert!(Argon2::default().verify_password(b"correct horse", &parsed).is_ok());
        assert!(passwords.verify(Some(a.clone()), secret()).await.unwrap());
        assert!(!passwords.verify(Some(a), Password::new("correct horse ".to_owned())).await.unwrap());
        assert!(!passwords.verify(None, secret()).await.unwrap());
    }
}
