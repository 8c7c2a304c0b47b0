//! Nothing but tests: see `tests/it`. They need Chromium, its driver, tmux, node and tsc, which `cargo xtask test`
//! installs, and so they live outside the workspace's default members.
