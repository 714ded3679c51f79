"""What is in the image: what docs/docker.md says, nothing else, and the same each time."""

import json
import os
import pathlib
import stat
import subprocess

import pytest

from support import machine
from support.containers import FILES

ROOT = FILES / "root"
SCRIPT = machine.ROOT / "docker/rootfs.sh"
WHEEL = machine.RIG / "wheels/mlflow-3.18.0-py3-none-any.whl"


def complaint(format, text):
    """What checks.py has to say against a text."""
    command = [machine.environment("image") / "python", pathlib.Path(__file__).with_name("checks.py"), format]
    done = subprocess.run(command, input=text, capture_output=True, text=True)
    assert "Traceback" not in done.stderr, done.stderr
    assert (done.returncode == 0) == (done.stderr == "")
    return done.stderr


def everything(folder):
    """Each entry below a folder: type, permissions, time, and content or target."""
    found = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        content = os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else None
        found[str(path.relative_to(folder))] = (stat.filemode(status.st_mode), int(status.st_mtime), content)
    return found


def test_nothing_else_is_in_it():
    entries = everything(ROOT)
    outside = [name for name in entries if not name.startswith("usr/share/tracklet/ui/")]
    assert sorted(name for name in outside if entries[name][2] is not None) == [
        "etc/group", "etc/nsswitch.conf", "etc/passwd", "etc/ssl/certs/ca-certificates.crt", "usr/lib/ssl/cert.pem", "usr/local/bin/mlflow",
        "usr/local/bin/tracklet", "usr/share/doc/tracklet/LICENSE", "usr/share/doc/tracklet/THIRD-PARTY.txt",
        "usr/share/doc/tracklet/tracklet.cdx.json"]
    executable = [name for name, (mode, _, content) in entries.items() if "x" in mode and mode.startswith("-")]
    assert executable == ["usr/local/bin/tracklet"]
    modes = {mode for mode, _, _ in entries.values()}
    assert modes == {"drwxr-xr-x", "drwxrwxrwt", "-rw-r--r--", "-rwxr-xr-x", "lrwxrwxrwx"}
    assert [name for name, (mode, _, _) in entries.items() if mode == "drwxrwxrwt"] == ["tmp"]
    assert everything(FILES / "volume") == {"data": ("drwxrwxr-x", entries["tmp"][1], None)}


def test_the_program_needs_no_library():
    headers = subprocess.run(["readelf", "--program-headers", "--dynamic", ROOT / "usr/local/bin/tracklet"], capture_output=True, text=True, check=True)
    assert "LOAD" in headers.stdout and "INTERP" not in headers.stdout and "NEEDED" not in headers.stdout


def test_a_program_that_needs_libraries_is_refused(tmp_path):
    done = subprocess.run([SCRIPT, "--binary", "/bin/ls", tmp_path / "out"], capture_output=True, text=True)
    assert done.returncode == 1 and "error: /bin/ls is not static" in done.stderr


def test_a_folder_of_others_is_left_alone(tmp_path):
    (tmp_path / "theirs").write_text("theirs")
    done = subprocess.run([SCRIPT, "--binary", ROOT / "usr/local/bin/tracklet", tmp_path], capture_output=True, text=True)
    assert done.returncode == 1 and "was not made by this script" in done.stderr
    assert (tmp_path / "theirs").read_text() == "theirs"


def test_it_is_the_same_each_time(tmp_path):
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder, mask in zip(folders, (0o022, 0o077)):
        subprocess.run([SCRIPT, "--binary", ROOT / "usr/local/bin/tracklet", "--ui", WHEEL, folder], check=True, capture_output=True,
                       umask=mask, env=os.environ | {"SOURCE_DATE_EPOCH": "1700000000"})
    one, two = map(everything, folders)
    assert {name for name in one | two if one.get(name) != two.get(name)} == set()
    assert {time for _, time, _ in one.values()} == {1700000000}


def test_its_layers_are_the_same_each_time(engine, image):
    engine.build("again")
    assert engine.inspect("again")["RootFS"] == engine.inspect(image)["RootFS"]


@pytest.fixture(scope="module")
def bill():
    return json.loads((ROOT / "usr/share/doc/tracklet/tracklet.cdx.json").read_text())


def test_the_bill_of_materials_is_cyclonedx(bill):
    assert complaint("bill", json.dumps(bill)) == ""
    assert "is not of type 'integer'" in complaint("bill", json.dumps(bill | {"version": "one"}))


def test_the_bill_of_materials_names_what_is_linked(bill):
    names = {part["name"] for part in bill["components"]}
    assert {"libssl-dev", "libc6-dev", "sqlite", "libpq", "mimalloc", "ca-certificates", "mlflow", "rust-std", "actix-web", "ring"} <= names
    # What only runs while the program is built, and what only its tests use.
    assert not {"clap_derive", "serde_derive", "cc", "syn", "tempfile"} & names
    for part in bill["components"]:
        if part.get("purl", "").startswith("pkg:cargo/"):
            assert part["hashes"][0]["alg"] == "SHA-256" and part["licenses"], part
    references = [part["bom-ref"] for part in bill["components"]] + [bill["metadata"]["component"]["bom-ref"]]
    assert len(references) == len(set(references))
    assert {reference for entry in bill["dependencies"] for reference in (entry["ref"], *entry["dependsOn"])} == set(references)


def test_the_bill_of_materials_is_of_this_program(bill):
    """What the program says of the libraries in it."""
    program = (ROOT / "usr/local/bin/tracklet").read_bytes()
    versions = {part["name"]: part["version"] for part in bill["components"]}
    for said in (f"GNU C Library (Debian GLIBC {versions['libc6-dev']})", versions["libssl-dev"].split("-")[0] + "\0", versions["sqlite"] + "\0"):
        assert said.encode() in program, said


def test_everybody_is_thanked():
    text = (ROOT / "usr/share/doc/tracklet/THIRD-PARTY.txt").read_text()
    without = text.split("No text of a licence is part of this package")[0].rsplit("=" * 100, 2)[1].split() if "No text of a licence" in text else []
    # Both may be used under Apache-2.0, whose text is beside this one.
    assert set(without) <= set("impl-more 0.3.10 maud 0.27.0 (MIT OR Apache-2.0)".split()), without
    for part in ("tokio 1.", "PostgreSQL Global Development Group", "The OpenSSL Project", "GNU C Library", "MLflow's web UI"):
        assert part in text, part
