#!/usr/bin/env bash
# `make run`: builds Tracklet and serves from it. HOST, PORT, DATA and ARGS come from the Makefile.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

host=${HOST:-127.0.0.1} port=${PORT:-5000} data=${DATA:-data}
program=target/debug/tracklet

tools/rust.sh
tests/e2e/setup.sh system

if [ ! -x "$program" ]; then
    echo 'The first build compiles some 200 libraries, libpq and SQLite among them: a few minutes. Later ones take seconds.'
fi
# The development profile: a quarter of the release's build time, and still faster than what it replaces.
cargo build --locked --bin tracklet

if (exec 3<>"/dev/tcp/$host/$port") 2>/dev/null; then
    echo "Something listens on $host:$port already. Stop it, or choose another port:   make run PORT=$((port + 1))" >&2
    exit 1
fi

# Runs beside the server, which replaces this shell below: waits for it to answer, and has the last word.
announce() {
    until "$program" healthcheck --host "$host" --port "$port" 2>/dev/null; do
        kill -0 "$$" 2>/dev/null || return 0
        sleep 0.1
    done
    cat <<TEXT

Tracklet serves http://$host:$port and keeps its data in $data/. Ctrl-C stops it. A first run, in Python with MLflow:

    import mlflow
    mlflow.set_tracking_uri("http://$host:$port")
    with mlflow.start_run(): mlflow.log_metric("accuracy", 0.93)

TEXT
}

mkdir -p "$data"
announce &
# What is given in ARGS wins: the last of two equal options counts.
# shellcheck disable=SC2086
exec "$program" server --host "$host" --port "$port" \
    --backend-store-uri "sqlite:///$data/mlflow.db" --artifacts-destination "$data/mlartifacts" ${ARGS:-}
