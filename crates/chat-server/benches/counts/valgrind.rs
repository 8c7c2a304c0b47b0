//! Runs this program again, under callgrind.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, bail, ensure};

/// Fails with how to install valgrind, if it is missing.
pub(crate) fn look_for() -> anyhow::Result<()> {
    let found = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status();
    if !found.is_ok_and(|status| status.success()) {
        bail!(
            "Counting instructions needs valgrind: install it with `apt-get install valgrind` and try again."
        );
    }
    Ok(())
}

/// Runs this program with `args` and returns the number of instructions between the marks.
pub(crate) fn count(args: &[&str]) -> anyhow::Result<u64> {
    let folder = tempfile::tempdir()?;
    let out = folder.path().join("counted");
    let run = Command::new("valgrind")
        .args(["--tool=callgrind", "--zero-before=*::marks::begin", "--dump-before=*::marks::end"])
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(std::env::current_exe()?)
        .args(args)
        .output()
        .context("valgrind cannot be run")?;
    ensure!(
        run.status.success(),
        "{}\n{}{}",
        run.status,
        String::from_utf8_lossy(&run.stdout),
        String::from_utf8_lossy(&run.stderr)
    );
    // The count between the marks. The dump of the whole run has no number in its name.
    read(&out.with_extension("1"))
}

fn read(dump: &Path) -> anyhow::Result<u64> {
    let text =
        std::fs::read_to_string(dump).context("the marks were not passed: callgrind wrote no count")?;
    let total =
        text.lines().find_map(|line| line.strip_prefix("totals: ")).context("callgrind wrote no total")?;
    total.trim().parse().with_context(|| format!("no number: {total}"))
}
