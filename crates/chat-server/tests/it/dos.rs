//! Attacks with a budget: memory as the system counted it at its peak, and what a bystander notices.

mod floods;
mod images;
mod searches;
mod slow_readers;
mod transfers;

use crate::support::Process;

/// A figure of a process in MiB, as `/proc` has it.
fn mebibytes(server: &Process, figure: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with(figure)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

/// The most memory that a server ever had, in MiB.
fn peak(server: &Process) -> u64 {
    mebibytes(server, "VmHWM:")
}

/// How much a server has now, in MiB.
fn resident(server: &Process) -> u64 {
    mebibytes(server, "VmRSS:")
}

/// The processor time that a server has spent, in ticks of a hundredth of a second.
pub fn processor(server: &Process) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", server.id())).unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}
