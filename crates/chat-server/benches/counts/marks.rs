//! The marks between which callgrind counts. It finds both by name, so they are never inlined. Each does something
//! different, because identical functions may be merged.

use std::hint::black_box;

/// Counting starts at zero here.
#[inline(never)]
pub(crate) fn begin() {
    black_box(1);
}

/// The count is written here.
#[inline(never)]
pub(crate) fn end() {
    black_box(2);
}
