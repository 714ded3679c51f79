#!/usr/bin/env bash
# Compares Tracklet with `mlflow server` and FastTrackML on this machine; docs/performance.md says how.
#
#   benches/run.sh                     everything, about 40 minutes
#   benches/run.sh log-metric search   some parts
#   BENCH_SMOKE=1 benches/run.sh       everything in small, to see that it works
#
# TRACKLET_BIN names another program than a fresh release build, TRACKLET_RIG another place for the Python
# environments, BENCH_SERVERS some of tracklet,fasttrackml,mlflow; benches/harness/settings.py has the sizes.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
rig=${TRACKLET_RIG:-$root/.rig}
say() { printf '[bench] %s\n' "$*"; }

if [ -z "${TRACKLET_BIN:-}" ]; then
    say "building the release program; the first time this takes minutes"
    cargo build --locked --release --bin tracklet --manifest-path "$root/Cargo.toml"
    export TRACKLET_BIN=$root/target/release/tracklet
fi
if [ ! -x "$rig/mlflow-3.18.0/bin/mlflow" ] || [ ! -x "$rig/seaweedfs/bin/weed" ]; then
    say "setting up MLflow, PostgreSQL and SeaweedFS"
    "$root/tests/e2e/setup.sh"
fi
python=$rig/mlflow-3.18.0/bin/python
if [ ! -x "$rig/fasttrackml/bin/fml" ]; then
    say "setting up FastTrackML"
    "$python" -m venv "$rig/fasttrackml"
    "$rig/fasttrackml/bin/pip" install --quiet --disable-pip-version-check fasttrackml==0.6.0
fi
export TRACKLET_RIG=$rig PYTHONPATH=$root/benches PYTHONDONTWRITEBYTECODE=1
exec "$python" -m harness "$@"
