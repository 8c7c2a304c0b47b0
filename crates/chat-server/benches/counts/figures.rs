//! The committed counts, and how far a new count may differ.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Context;
use serde::Deserialize;

/// How far a count may differ, in per cent, if the file does not exist yet.
const TOLERANCE_PERCENT: f64 = 5.0;

/// The comment above the counts.
const HEAD: &str = "\
# Instructions of the release build, by `just bench-count`. New ones are written with `just bench-count --write`;
# say in the commit why they changed.
";

/// The content of `counts.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Figures {
    /// How far a count may differ, up or down, in per cent.
    pub(crate) tolerance_percent: f64,
    /// The counts, by the names of the cases.
    pub(crate) instructions: BTreeMap<String, u64>,
}

fn path() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "benches", "counts", "counts.toml"].iter().collect()
}

impl Figures {
    /// Reads the committed counts.
    pub(crate) fn read() -> anyhow::Result<Self> {
        let path = path();
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        toml::from_str(&text).with_context(|| path.display().to_string())
    }

    /// Writes `measured` as the counts to commit. The tolerance stays the same.
    pub(crate) fn write(measured: &[(&str, u64)]) -> anyhow::Result<PathBuf> {
        let tolerance = Self::read().map_or(TOLERANCE_PERCENT, |figures| figures.tolerance_percent);
        let mut text = format!("{HEAD}tolerance_percent = {tolerance:.1}\n\n[instructions]\n");
        for (name, count) in measured {
            text.push_str(&format!("{name} = {count}\n"));
        }
        let path = path();
        std::fs::write(&path, text).with_context(|| path.display().to_string())?;
        Ok(path)
    }
}
