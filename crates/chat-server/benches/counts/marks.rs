//! Between what callgrind counts. It finds both by their names, so they are never inlined; and each does something
//! of its own, because functions that do the same may become one.

use std::hint::black_box;

/// Counting starts at zero here.
#[inline(never)]
pub(crate) fn begin() {
    black_box(1);
}

/// What was counted is written down here.
#[inline(never)]
pub(crate) fn end() {
    black_box(2);
}
