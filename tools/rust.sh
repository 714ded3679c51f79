#!/usr/bin/env bash
# Says exactly what to do when there is no Rust, or one too old for this project.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

needed=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)

if ! command -v cargo >/dev/null; then
    echo "Rust is missing: cargo was not found in PATH. Tracklet needs Rust $needed or newer: https://www.rust-lang.org/tools/install" >&2
    exit 1
fi
found=$(rustc --version | cut -d ' ' -f 2)
if [ "$(printf '%s\n' "$needed" "${found%%-*}" | sort -V | head -n 1)" != "$needed" ]; then
    echo "Rust $found is too old: Tracklet needs $needed or newer. With rustup:   rustup update stable" >&2
    exit 1
fi
