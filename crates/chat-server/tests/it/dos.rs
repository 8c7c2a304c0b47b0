//! Attacks with a budget: peak memory as the system counts it, and what a bystander notices.

mod floods;
mod images;
mod searches;
mod slow_readers;
mod transfers;

use crate::support::Process;

/// Returns a figure of a process in MiB, from `/proc`.
fn mebibytes(server: &Process, figure: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with(figure)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

/// Returns a server's peak memory, in MiB.
fn peak(server: &Process) -> u64 {
    mebibytes(server, "VmHWM:")
}

/// Returns a server's current memory, in MiB.
fn resident(server: &Process) -> u64 {
    mebibytes(server, "VmRSS:")
}

/// Returns the processor time that a server has spent, in ticks of a hundredth of a second.
pub fn processor(server: &Process) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", server.id())).unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}
