//! Prints the counts.

use std::io::Write;

use crate::figures::Figures;

/// Prints a line.
pub(crate) fn say(line: &str) {
    // If nobody reads the output, the program continues.
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Prints each count beside the committed one. Returns whether all are within the tolerance.
pub(crate) fn compare(committed: &Figures, measured: &[(&str, u64)]) -> anyhow::Result<bool> {
    say(&format!("{:<24} {:>12} {:>12} {:>10}", "instructions", "committed", "measured", "difference"));
    let mut within = true;
    for (name, count) in measured {
        let Some(before) = committed.instructions.get(*name) else {
            within = false;
            say(&format!("{name:<24} {:>12} {count:>12}             new", "none"));
            continue;
        };
        let percent = (*count as f64 / *before as f64 - 1.0) * 100.0;
        let verdict = match percent {
            p if p > committed.tolerance_percent => "  too many",
            p if p < -committed.tolerance_percent => "  fewer than committed",
            _ => "",
        };
        within &= verdict.is_empty();
        say(&format!("{name:<24} {before:>12} {count:>12} {percent:>+9.2}%{verdict}"));
    }
    for gone in committed.instructions.keys().filter(|name| !measured.iter().any(|(is, _)| is == name)) {
        within = false;
        say(&format!("{gone:<24} is committed, but no longer measured"));
    }
    if !within {
        say(&format!(
            "Not within {} %. Where that is meant, `just bench-count --write` writes the new figures; commit them \
             with what changed them.",
            committed.tolerance_percent
        ));
    }
    Ok(within)
}

/// Stores `measured` as the counts to commit.
pub(crate) fn write(measured: &[(&str, u64)]) -> anyhow::Result<bool> {
    for (name, count) in measured {
        say(&format!("{name:<24} {count:>12}"));
    }
    let path = Figures::write(measured)?;
    say(&format!("written to {}", path.display()));
    Ok(true)
}
