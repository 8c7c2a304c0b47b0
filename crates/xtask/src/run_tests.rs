//! Runs every test and adds up the results.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::{cargo, say};

/// Runs every test, passes its output on, and adds up the results. Returns whether all passed.
pub(crate) fn run_tests(args: &[&str]) -> Result<bool, String> {
    let mut running = Command::new(cargo())
        .args(["test", "--workspace", "--no-fail-fast"])
        .args(args)
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|e| format!("cargo cannot be run: {e}"))?;
    let (mut passed, mut failed) = (0, 0);
    for line in running.stdout.take().into_iter().flat_map(|out| BufReader::new(out).lines()) {
        let line = line.map_err(|e| format!("what the tests print cannot be read: {e}"))?;
        passed += count(&line, " passed");
        failed += count(&line, " failed");
        say(&line);
    }
    let status = running.wait().map_err(|e| format!("cargo test was lost: {e}"))?;
    say(&format!("{passed} passed, {failed} failed"));
    Ok(status.success())
}

/// Returns the number before `what` in a test program's result line.
fn count(line: &str, what: &str) -> u64 {
    let result = line.strip_prefix("test result: ").and_then(|rest| rest.split(what).next());
    result.and_then(|before| before.rsplit(' ').next()?.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn results_are_counted() {
        let line = "test result: FAILED. 54 passed; 4 failed; 0 ignored; 0 measured; 0 filtered out; finished in 40.60s";
        assert_eq!((count(line, " passed"), count(line, " failed")), (54, 4));
        assert_eq!(count("test joining ... ok", " passed"), 0);
    }
}
