#!/usr/bin/env bash
# Prepares what the end-to-end tests stand on: system packages, and Python environments under .rig/.
#
#   tests/e2e/setup.sh           everything
#   tests/e2e/setup.sh system    only the system packages (enough to build Tracklet)
#   tests/e2e/setup.sh image     everything, and what the tests of the container image need besides
#   tests/e2e/setup.sh chart     only Helm and what goes with it
#
# Safe to run again: what is there and unchanged is left alone. Pinned versions are in requirements/.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
rig=$root/.rig
logs=$rig/logs

say() { printf '[rig %3ds] %s\n' "$SECONDS" "$*"; }

# Debian keeps the server's programs out of PATH, in one folder per major version.
postgres_found() { compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || { command -v initdb && command -v postgres; } >/dev/null; }

python=
find_python() {
    local candidate
    for candidate in python3.11 python3.12 python3 /usr/bin/python3; do
        if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' 2>/dev/null; then
            python=$candidate
            return 0
        fi
    done
    return 1
}

system_packages() {
    local missing=()
    command -v cc >/dev/null || missing+=(build-essential)
    command -v pkg-config >/dev/null || missing+=(pkg-config)
    [ -e /usr/include/openssl/ssl.h ] || missing+=(libssl-dev)
    if [ "$1" != system ]; then
        postgres_found || missing+=(postgresql)
        PATH=$PATH:/usr/sbin command -v pgbouncer >/dev/null || missing+=(pgbouncer)
        command -v chromium >/dev/null || missing+=(chromium fonts-dejavu-core)
        command -v jq >/dev/null || missing+=(jq)
        command -v promtool >/dev/null || missing+=(prometheus)
        find_python || missing+=(python3-venv)
    fi
    if [ "$1" = image ]; then
        [ -e "/usr/lib/$(cc -print-multiarch 2>/dev/null)/libssl.a" ] || missing+=(libssl-dev)
        command -v readelf >/dev/null || missing+=(binutils)
        command -v podman >/dev/null || missing+=(podman)
        command -v runc >/dev/null || missing+=(runc)
        [ -e /etc/ssl/certs/ca-certificates.crt ] || missing+=(ca-certificates)
    fi
    [ ${#missing[@]} -eq 0 ] && return 0

    local install=(apt-get install -y --no-install-recommends "${missing[@]}")
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        echo "These system packages are missing: ${missing[*]}" >&2
        echo "Install them and run this again:   sudo apt-get update && sudo ${install[*]}" >&2
        exit 1
    fi
    say "installing system packages: ${missing[*]}"
    # Without this Debian would create and start a database server of its own beside the throw-away ones.
    if [[ " ${missing[*]} " == *" postgresql "* && ! -e /etc/postgresql-common/createcluster.conf ]]; then
        mkdir -p /etc/postgresql-common
        echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
    fi
    # The same for a Prometheus and a PgBouncer of its own.
    local service
    for service in prometheus pgbouncer; do
        if [[ " ${missing[*]} " == *" $service "* && -d /run/systemd/system ]]; then
            systemctl mask "$service.service"
        fi
    done
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q
    "${install[@]}" -q -o Dpkg::Options::=--force-confold
    if [ "$1" != system ] && ! find_python; then
        echo "The end-to-end tests need Python 3.11 or 3.12 with its venv module; none was found." >&2
        exit 1
    fi
}

# environment NAME [CHECK]: a virtual environment with exactly requirements/NAME.txt in it.
#
# --no-deps because the pins are complete, and because MLflow 3.18.0 names companions of its own version that
# its wheel contains anyway. --no-compile because most of what is installed is never imported.
environment() {
    local name=$1 check=$2 target=$rig/$1 list=$here/requirements/$1.txt began=$SECONDS stamp
    stamp=$("$python" -V; sha256sum <"$list")
    if [ "$(cat "$target/.stamp" 2>/dev/null)" = "$stamp" ]; then
        say "$name: up to date"
        return 0
    fi
    say "$name: installing $(wc -l <"$list") packages"
    {
        rm -rf "$target"
        "$python" -m venv "$target"
        "$target/bin/pip" install --no-deps --no-compile --disable-pip-version-check --progress-bar off -r "$list"
        "$target/bin/python" -c "$check"
    } >"$logs/$name.log" 2>&1 || {
        say "$name: FAILED, the end of $logs/$name.log:"
        tail -n 20 "$logs/$name.log"
        return 1
    }
    printf '%s' "$stamp" >"$target/.stamp"
    say "$name: ready after $((SECONDS - began)) s"
}

environments() {
    mkdir -p "$logs"
    # Two lanes: more would only fight over two cores and the same downloads.
    {
        environment mlflow-3.18.0 'import mlflow.sklearn, mlflow.server, psycopg2, pytest; assert mlflow.__version__ == "3.18.0"' &&
        environment opentelemetry 'import opentelemetry.exporter.otlp.proto.http.trace_exporter' &&
        environment seaweedfs 'import shutil, sys, os; assert shutil.which("weed", path=os.path.dirname(sys.executable))' &&
        environment image 'import compose_spec, cyclonedx.validation.json, jsonschema' &&
        environment browser 'import playwright.sync_api, axe_playwright_python.sync_playwright, envoy' &&
        environment kserve-0.21.0 'import kserve.models, kserve_storage, boto3' &&
        chart &&
        environment checkov 'import checkov.main'
    } &
    local first=$!
    {
        environment mlflow-2.17.2 'import mlflow.sklearn, mlflow.server, psycopg2; assert mlflow.__version__ == "2.17.2"' &&
        environment mlflow-2.13.0 'import mlflow.sklearn; assert mlflow.__version__ == "2.13.0"' &&
        environment kfp-2.17.0 'import kfp.local, mlflow.sklearn; assert (kfp.__version__, mlflow.__version__) == ("2.17.0", "2.17.2")' &&
        environment mlserver-1.7.1 'import mlserver.cli.main, mlserver_mlflow, mlflow.sklearn; assert mlflow.__version__ == "3.18.0"'
    } &
    local second=$! failed=0
    wait "$first" || failed=1
    wait "$second" || failed=1
    return "$failed"
}

# Both majors of Helm, and what knows Kubernetes' types.
chart() {
    environment chart 'import kubernetes_validate, cloudcoil.models.istio.networking.v1' || return 1
    [ "$rig/chart/bin/helm4" -nt "$rig/chart/.stamp" ] && return 0
    say "Helm 3 and 4: unpacking"
    "$rig/chart/bin/python" "$here/chart/unpack.py"
}

# The wheels whose web UI `tracklet ui install` is tested with: each is what pip itself checked.
wheels() {
    local version target=$rig/wheels
    for version in 3.18.0 2.17.2; do
        [ -f "$target/mlflow-$version-py3-none-any.whl" ] && continue
        say "wheel of MLflow $version: downloading"
        "$rig/mlflow-3.18.0/bin/pip" download --no-deps --disable-pip-version-check --progress-bar off \
            --dest "$target" "mlflow==$version" >"$logs/wheel-$version.log" 2>&1 || {
            say "wheel of MLflow $version: FAILED, the end of $logs/wheel-$version.log:"
            tail -n 20 "$logs/wheel-$version.log"
            return 1
        }
    done
}

case ${1:-all} in
all | system | image) system_packages "${1:-all}" ;;
chart) ;;
*) echo "usage: $0 [system|image|chart]" >&2; exit 2 ;;
esac
[ "${1:-all}" = system ] && exit 0
find_python
if [ "${1:-all}" = chart ]; then
    mkdir -p "$logs"
    chart
    exit 0
fi
say "Python environments under $rig (with $("$python" -V))"
environments
wheels
say "everything is in place"
