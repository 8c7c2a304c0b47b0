# `just` lists what there is.
default:
    @just --list

# The gate, the same at home and on the machine.
ci:
    bash .ci/run

# Every test, installing what they need beside Rust.
test:
    cargo xtask test

# The tests that need Rust alone.
test-quick:
    cargo test

lint:
    cargo fmt --all
    cargo clippy --workspace --all-targets -- --deny warnings

# Run the server on a folder of its own.
server *ARGS:
    cargo run --release -p chat-server -- {{ARGS}}

# Join it from a terminal.
tui *ARGS:
    cargo run --release -p chat-tui -- {{ARGS}}

# Figures of the release build, in one run.
measure:
    cargo build --release -p chat-server
    cargo run --release -p chat-load
