//! Feeds a parser mutations of a stored corpus. For tests only: every failure panics.
//!
//! A target is a test named `fuzz_…` in the crate that owns the parser, so that modules stay private. It calls [`run`] with a
//! check, which panics if an input breaks a rule. Plain `cargo test` replays the corpus and mutates for a second with a fixed
//! seed. `cargo xtask fuzz` runs the same tests for longer and with a new seed each time. Two environment variables tell them.
//!
//! Coverage does not guide the mutations: that needs compiler flags that stable Rust does not have. The corpus stands in for
//! it, with a seed for every kind of input.
//!
//! Modules in order: `corpus`, `mutation`.

#![allow(clippy::panic, clippy::expect_used, clippy::print_stderr, reason = "a test fails by panicking")]

mod corpus;
mod mutation;

use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::time::{Duration, Instant};

use self::corpus::Corpus;
use self::mutation::Mutator;

/// How long a target runs, in seconds, unless `CHAT_FUZZ_SECONDS` is set.
const SECONDS: u64 = 1;

/// The seed, unless `CHAT_FUZZ_SEED` is set.
const SEED: u64 = 1;

/// The maximum time for one input. An input that takes longer would block a thread of the server.
const PATIENCE: Duration = Duration::from_secs(10);

/// The maximum number of attempts to shrink a failing input.
const SHRINKS: usize = 200;

/// Runs `check` on every input of the target's corpus and on `seeds`, and then on mutations of them. An input that makes it
/// panic is shrunk and added to the corpus.
///
/// # Panics
/// If `check` panics on an input or takes too long.
pub fn run(target: &str, seeds: impl IntoIterator<Item = Vec<u8>>, check: impl Fn(&[u8])) {
    let corpus = Corpus::of(target);
    let inputs: Vec<Vec<u8>> = corpus.inputs().into_iter().chain(seeds).collect();
    assert!(!inputs.is_empty(), "{target} has no corpus");
    for input in &inputs {
        check(input);
    }
    let seed = number("CHAT_FUZZ_SEED").unwrap_or(SEED);
    let end = Instant::now() + Duration::from_secs(number("CHAT_FUZZ_SECONDS").unwrap_or(SECONDS));
    let mut mutator = Mutator::new(seed, &inputs);
    let mut executions = 0_u64;
    while Instant::now() < end {
        let input = mutator.next();
        executions += 1;
        let start = Instant::now();
        let is_fine = passes(&check, &input);
        let took = start.elapsed();
        if !is_fine || took > PATIENCE {
            let smallest = if is_fine { input } else { shrunk(&check, input) };
            let path = corpus.keep(&smallest);
            panic!(
                "{target}: execution {executions} with seed {seed} failed after {took:?}. The input is now {}, which \
                 `cargo xtask fuzz {target}` tries first",
                path.display()
            );
        }
    }
    eprintln!("{target}: {executions} executions of {} seeds, seed {seed}: no findings", inputs.len());
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn passes(check: &impl Fn(&[u8]), input: &[u8]) -> bool {
    // The check shares no state with later calls.
    catch_unwind(AssertUnwindSafe(|| check(input))).is_ok()
}

/// Returns a smaller input that fails as well: removes each part without which the input still fails.
fn shrunk(check: &impl Fn(&[u8]), mut input: Vec<u8>) -> Vec<u8> {
    let hook = take_hook();
    set_hook(Box::new(|_| {}));
    let mut length = input.len() / 2;
    let mut at = 0;
    for _ in 0..SHRINKS {
        if at >= input.len() {
            (at, length) = (0, length / 2);
        }
        if length == 0 {
            break;
        }
        let mut shorter = input.clone();
        shorter.drain(at..(at + length).min(input.len()));
        if passes(check, &shorter) {
            at += length;
        } else {
            input = shorter;
        }
    }
    set_hook(hook);
    input
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_is_made_as_small_as_what_fails() {
        let check = |input: &[u8]| assert!(!input.contains(&b'!'));
        assert!(passes(&check, b"fine"));
        assert_eq!(shrunk(&check, b"a long text! with a mark".to_vec()), b"!");
    }

    #[test]
    #[should_panic(expected = "has no corpus")]
    fn a_target_without_a_corpus_tests_nothing() {
        run("no-such-target", [], |_| ());
    }
}
