#!/usr/bin/env bash
# Puts together what is in the image: OUT/root becomes /, and OUT/volume/data becomes /data, which belongs to the program.
#
#   docker/rootfs.sh [--binary PROGRAM] [--ui WHEEL] OUT
#
# Without --binary the program is built, as PROFILE says (release, or dev for tests); with it, a static program that was
# built before is taken. Without --ui there is no MLflow web UI in the image. Every file gets the time SOURCE_DATE_EPOCH,
# in seconds since 1970: the same sources and the same tools give the same bytes.
#
# Runs on Debian: the certificates, OpenSSL and the C library come from its packages and are named in the SBOM.
set -euo pipefail
umask 022
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/.."

profile=${PROFILE:-release} binary='' ui=''
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-0}

say() { printf '[image %4ds] %s\n' "$SECONDS" "$*"; }
fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# Everything is linked into the program, OpenSSL and the C library included. OpenSSL's folder is named, because pkg-config
# would rather take the shared one. Paths of this machine do not belong into the program.
build() {
    local arch target
    arch=$(cc -print-multiarch)
    target=${CARGO_TARGET_DIR:-target}
    export OPENSSL_STATIC=1 OPENSSL_LIB_DIR=${OPENSSL_LIB_DIR:-/usr/lib/$arch} OPENSSL_INCLUDE_DIR=${OPENSSL_INCLUDE_DIR:-/usr/include}
    [ -e "$OPENSSL_LIB_DIR/libssl.a" ] || fail "$OPENSSL_LIB_DIR/libssl.a is missing: install libssl-dev"
    local crates=${CARGO_HOME:-$HOME/.cargo}/registry/src
    # The tests' program has to share what cargo has compiled already, so its flags are the usual ones.
    if [ "$profile" = release ]; then
        export RUSTFLAGS="--remap-path-prefix=$PWD=. --remap-path-prefix=$crates=crates" CFLAGS="-ffile-prefix-map=$PWD=. -ffile-prefix-map=$crates=crates"
    fi
    cargo rustc --locked --profile "$profile" --bin tracklet -- -C target-feature=+crt-static
    [ "$profile" = dev ] && profile=debug
    binary=$target/$profile/tracklet
}

# A program that needs a loader or a library would start everywhere but in the image.
check_static() {
    if readelf --program-headers --dynamic "$binary" | grep -E 'INTERP|NEEDED' >&2; then
        fail "$binary is not static"
    fi
}

assemble() {
    local root=$1
    cp -r --no-preserve=mode docker/root "$root"
    # Where programs look for them: rustls, then OpenSSL, which is libpq's.
    mkdir -p "$root"/{dev,proc,sys,tmp,etc/ssl/certs,usr/lib/ssl,usr/local/bin,usr/share/doc/tracklet}
    cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
    ln -s /etc/ssl/certs/ca-certificates.crt "$root/usr/lib/ssl/cert.pem"
    cp "$binary" "$root/usr/local/bin/tracklet"
    ln -s tracklet "$root/usr/local/bin/mlflow"
    if [ -n "$ui" ]; then
        "$binary" ui install --from "$ui" --dir "$root/usr/share/tracklet/ui"
    fi
    cp LICENSE "$root/usr/share/doc/tracklet/"
    python3 docker/sbom.py ${ui:+--ui "$ui"} --out "$root/usr/share/doc/tracklet"
}

# The same bytes for everybody, whoever builds: permissions and times.
normalise() {
    chmod -R u=rwX,go=rX "$1"
    chmod 755 "$1/root/usr/local/bin/tracklet"
    chmod 1777 "$1/root/tmp"
    # Members of the group may write: OpenShift runs containers as a user of its own choice, in group 0.
    chmod 775 "$1/volume/data"
    find "$1" -exec touch --no-dereference --date "@$SOURCE_DATE_EPOCH" {} +
}

while [ $# -gt 1 ]; do
    case $1 in
    --binary) binary=$2 ;;
    --ui) ui=$2 ;;
    *) fail "unknown option $1" ;;
    esac
    shift 2
done
out=${1:-}
[ -n "$out" ] || fail "usage: $0 [--binary PROGRAM] [--ui WHEEL] OUT"
[ -z "$ui" ] || [ -f "$ui" ] || fail "there is no wheel $ui"
[ ! -e "$out" ] || [ -d "$out/root" ] || fail "$out is there and was not made by this script"

[ -n "$binary" ] || { say "building the program ($profile)" && build; }
check_static
say "putting together $out"
rm -rf "$out"
mkdir -p "$out/volume/data"
assemble "$out/root"
normalise "$out"
say "done: $(du -sh "$out/root" | cut -f 1), of which the program is $(du -h "$binary" | cut -f 1)"
