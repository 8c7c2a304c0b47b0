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

# What the compiler does not check: layers, lengths, features, documentation, licences.
tidy:
    cargo xtask tidy

lint:
    cargo fmt --all
    cargo clippy --workspace --all-targets -- --deny warnings

# Run the server on a folder of its own.
server *ARGS:
    cargo run --release -p chat-server -- {{ARGS}}

# Join it from a terminal.
tui *ARGS:
    cargo run --release -p chat-tui -- {{ARGS}}

# Measures everything but the soak, three times, in ten minutes, and writes the table of docs/BENCHMARKS.md.
bench:
    cargo build --release -p chat-server -p chat-load
    ./target/release/chat-load --runs 3 --seconds 2 --write docs/BENCHMARKS.md

# Counts the instructions of the hot paths and compares them with those that are committed; needs valgrind.
bench-count *ARGS:
    cargo bench --quiet -p chat-server --bench counts -- {{ARGS}}
