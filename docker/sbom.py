#!/usr/bin/env python3
"""What is inside of the image: a bill of materials for scanners, and the licences that whoever passes the image on owes.

    docker/sbom.py [--ui WHEEL] --out FOLDER

Writes FOLDER/tracklet.cdx.json (CycloneDX 1.6) and FOLDER/THIRD-PARTY.txt. A scanner finds no packages in a static program
on an empty base, and a list of the crates alone would leave out what most advisories are about: OpenSSL and the C library,
which come from Debian, and the SQLite, libpq and mimalloc that crates carry as C. The same sources and the same packages give
the same bytes. Needs nothing but Python, cargo and dpkg.
"""

import argparse
import datetime
import hashlib
import json
import os
import pathlib
import re
import subprocess
import tomllib
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[1]


def said_by(*command):
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


# Debian's packages of which something is linked into the program or copied into the image, and what scanners call them.
DEBIAN = {
    "libssl-dev": "openssl:openssl",
    "libc6-dev": "gnu:glibc",
    f"libgcc-{said_by('cc', '-dumpversion').split('.')[0].strip()}-dev": None,
    "ca-certificates": None,
}

# C sources that crates carry: crate, name, where the version is said, what scanners call it.
CARRIED = [
    ("libsqlite3-sys", "sqlite", "sqlite3/sqlite3.h", r'#define SQLITE_VERSION\s+"([\d.]+)"', "sqlite:sqlite", "blessing"),
    ("pq-src", "libpq", None, r"\+libpq-([\d.]+)", "postgresql:postgresql", "PostgreSQL"),
    ("libmimalloc-sys", "mimalloc", None, None, "microsoft:mimalloc", "MIT"),
]

LICENCE_FILES = re.compile(r"(?i)^(licen[cs]e|copying|copyright|notice|unlicense)([-._].*)?$")


def digest(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def crates():
    """The crates whose code is in the program, by package id: those of procedural macros and build scripts only run while it is built."""
    host = re.search(r"(?m)^host: (.*)$", said_by("rustc", "-vV"))[1]
    told = json.loads(said_by("cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", host))
    packages = {package["id"]: package for package in told["packages"]}
    nodes = {node["id"]: node for node in told["resolve"]["nodes"]}
    root, links, waiting = told["resolve"]["root"], {}, [told["resolve"]["root"]]
    while waiting:
        at = waiting.pop()
        if at in links:
            continue
        runs = [dep["pkg"] for dep in nodes[at]["deps"] if any(kind["kind"] is None for kind in dep["dep_kinds"])]
        links[at] = sorted(other for other in runs if not is_macro(packages[other]))
        waiting += links[at]
    return root, {at: packages[at] for at in sorted(links, key=lambda at: (packages[at]["name"], packages[at]["version"]))}, links


def is_macro(package):
    return any("proc-macro" in target["kind"] for target in package["targets"])


def checksums():
    lock = tomllib.loads((ROOT / "Cargo.lock").read_text())
    return {(package["name"], package["version"]): package.get("checksum") for package in lock["package"]}


def cpe(name, version):
    return f"cpe:2.3:a:{name}:{version}:*:*:*:*:*:*:*"


def component(name, version, reference, licence=None, kind="library", **more):
    """One entry; an expression of the older kind, `A/B`, becomes `A OR B`."""
    found = {"type": kind, "bom-ref": reference, "name": name, "version": version}
    if licence:
        found["licenses"] = [{"expression": licence.replace("/", " OR ")}]
    return found | {key: value for key, value in more.items() if value}


def of_crates(packages):
    sums = checksums()
    for package in packages.values():
        name, version = package["name"], package["version"]
        purl = f"pkg:cargo/{name}@{version}"
        known = sums.get((name, version))
        yield component(name, version, purl, package["license"], purl=purl,
                        hashes=[{"alg": "SHA-256", "content": known}] if known else None)


def carried(packages):
    for crate, name, file, pattern, called, licence in CARRIED:
        package = next(package for package in packages.values() if package["name"] == crate)
        source = pathlib.Path(package["manifest_path"]).parent
        if name == "mimalloc":
            version = mimalloc(source)
        else:
            found = re.search(pattern, (source / file).read_text() if file else package["version"])
            if not found:
                raise SystemExit(f"error: {crate} does not say which {name} it carries")
            version = found[1]
        yield component(name, version, f"{name}@{version}", licence, cpe=cpe(called, version))


def mimalloc(source):
    """Of the two versions in the crate, the one that is built without its feature `v2`; 30302 stands for 3.3.2."""
    header = (source / "c_src/mimalloc/v3/include/mimalloc.h").read_text()
    number = int(re.search(r"#define MI_MALLOC_VERSION\s+(\d+)", header)[1])
    return f"{number // 10000}.{number // 100 % 100}.{number % 100}"


def of_debian():
    form = "${binary:Package}\t${Version}\t${source:Package}\t${Architecture}\n"
    release = re.search(r'(?m)^VERSION_ID="?([^"\n]*)', pathlib.Path("/etc/os-release").read_text())[1]
    for name, called in DEBIAN.items():
        _, version, source, arch = said_by("dpkg-query", "--show", "--showformat", form, name).strip().split("\t")
        purl = f"pkg:deb/debian/{name}@{version}?arch={arch}&distro=debian-{release}&upstream={source}"
        upstream = re.sub(r"^\d+:|-[^-]*$", "", version)
        yield component(name, version, purl, purl=purl, cpe=cpe(called, upstream) if called else None)


def of_toolchain():
    version = said_by("rustc", "--version").split()[1]
    yield component("rust-std", version, f"rust-std@{version}", "MIT OR Apache-2.0", cpe=cpe("rust-lang:rust", version))


def of_ui(wheel):
    version = wheel.name.split("-")[1]
    purl = f"pkg:pypi/mlflow@{version}"
    yield component("mlflow", version, purl, "Apache-2.0", purl=purl, description="The web UI out of MLflow's wheel",
                    hashes=[{"alg": "SHA-256", "content": digest(wheel)}])


def bill(root, packages, links, wheel):
    mine = packages[root]
    others = {at: package for at, package in packages.items() if at != root}
    reference = {at: f"pkg:cargo/{package['name']}@{package['version']}" for at, package in packages.items()}
    linked = [*carried(packages), *of_debian(), *of_toolchain(), *(of_ui(wheel) if wheel else ())]
    made = datetime.datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), datetime.timezone.utc)
    depends = {reference[at]: [reference[other] for other in links[at]] for at in packages}
    depends[reference[root]] += [part["bom-ref"] for part in linked]
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": made.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": component(mine["name"], mine["version"], reference[root], mine["license"], "application"),
        },
        "components": [*of_crates(others), *linked],
        "dependencies": [{"ref": ref, "dependsOn": sorted(on)} for ref, on in depends.items()],
    }


def notices(root, packages, wheel):
    """Name and texts of everything; a text that several share is written once, below all of their names."""
    owners = {}
    for at, package in packages.items():
        if at != root:
            folder = pathlib.Path(package["manifest_path"]).parent
            texts = [path for path in sorted(folder.iterdir()) if path.is_file() and LICENCE_FILES.match(path.name)]
            # What a package forgot is owed all the same.
            texts += [path for path in [ROOT / f"docker/licences/{package['name']}.txt"] if path.exists()]
            note(owners, f"{package['name']} {package['version']} ({package['license']})", [path.read_text(errors="replace") for path in texts])
    for name in DEBIAN:
        # The copyright file of a -dev package is often a link to its library's.
        note(owners, f"{name}, from Debian", [pathlib.Path(f"/usr/share/doc/{name}/copyright").read_text(errors="replace")])
    if wheel:
        with zipfile.ZipFile(wheel) as archive:
            names = [name for name in archive.namelist() if re.search(r"\.dist-info/(licenses/)?(LICENSE|NOTICE)[^/]*$", name)]
            note(owners, f"MLflow's web UI, {wheel.name}", [archive.read(name).decode() for name in sorted(names)])
    rule = "=" * 100
    return "".join(f"{rule}\n{chr(10).join(names)}\n{rule}\n\n{text}\n\n" for text, names in owners.items())


def note(owners, name, texts):
    for text in texts or ["No text of a licence is part of this package; its licence is the one that is named above."]:
        owners.setdefault(text.strip().replace("\r\n", "\n"), []).append(name)


def main():
    parser = argparse.ArgumentParser(description="Writes the bill of materials and the licences of the image.")
    parser.add_argument("--ui", type=pathlib.Path, help="MLflow's wheel, when its web UI is in the image")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="the folder for both files")
    asked = parser.parse_args()
    root, packages, links = crates()
    (asked.out / "tracklet.cdx.json").write_text(json.dumps(bill(root, packages, links, asked.ui), indent=1) + "\n")
    (asked.out / "THIRD-PARTY.txt").write_text(notices(root, packages, asked.ui))


if __name__ == "__main__":
    main()
