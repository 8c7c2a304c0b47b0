//! Nothing but tests: see `tests/it`. They need Chromium, its driver and tmux, which `cargo xtask test` installs,
//! and so they live outside the workspace's default members.
