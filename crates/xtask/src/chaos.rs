//! Crashes a server under load and checks that it keeps everything it acknowledged (`testbed::chaos`).

use std::path::Path;
use std::process::Command;

use crate::{cargo, number};

/// The options of `chaos`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Chaos {
    cycles: u64,
    seed: u64,
    is_release: bool,
}

impl Chaos {
    pub(crate) fn read(args: &[&str]) -> Result<Self, String> {
        let mut chaos = Self { cycles: 100, seed: 1, is_release: false };
        let mut rest = args.iter();
        while let Some(option) = rest.next() {
            match *option {
                "--cycles" => chaos.cycles = number(option, rest.next())?,
                "--seed" => chaos.seed = number(option, rest.next())?,
                "--release" => chaos.is_release = true,
                other => return Err(format!("chaos has no option {other}")),
            }
        }
        Ok(chaos)
    }

    /// Builds the server and the program that crashes it, and runs that. Returns whether no check failed.
    pub(crate) fn run(&self) -> Result<bool, String> {
        let profile = if self.is_release { "release" } else { "dev" };
        let status = Command::new(cargo())
            .args(["build", "--quiet", "--profile", profile, "-p", "chat-server", "-p", "testbed", "--bins"])
            .status()
            .map_err(|e| format!("cargo cannot be run: {e}"))?;
        if !status.success() {
            return Err("the server cannot be built".to_owned());
        }
        // This program is also in the target folder, in a profile's folder.
        let me = std::env::current_exe().map_err(|e| format!("the target folder cannot be found: {e}"))?;
        let target = me.ancestors().nth(2).unwrap_or(Path::new("target"));
        let built = target.join(if self.is_release { "release" } else { "debug" });
        let status = Command::new(built.join("chaos"))
            .arg(built.join("chat-server"))
            .args([self.cycles.to_string(), self.seed.to_string()])
            .status()
            .map_err(|e| format!("{} cannot be run: {e}", built.join("chaos").display()))?;
        Ok(status.success())
    }
}

#[cfg(test)]
mod tests {
    use super::Chaos;

    #[test]
    fn chaos_takes_its_options_in_any_order() {
        let expected = Chaos { cycles: 7, seed: 3, is_release: true };
        assert_eq!(Chaos::read(&["--seed", "3", "--release", "--cycles", "7"]), Ok(expected));
        assert!(Chaos::read(&["--cycles"]).is_err());
        assert!(Chaos::read(&["--loud"]).is_err());
    }
}
