"""`tracklet pull` when connections break, servers lie, disks hold surprises, and somebody wants it to stop."""

import base64
import datetime
import ipaddress
import json
import os
import re
import signal
import ssl
import subprocess
import threading
import time

import pytest

from support import machine
from support.pulling import Cutter, Pretender, content, fail, listed, succeed, wait_for
from support.servers import CLEAN, start_tracklet
from support.wire import Wire

MARKER = ".tracklet-pull.json"
ROUTE = Pretender.ROUTE
FILES = {f"dir/file{number}": os.urandom(200_000) for number in range(12)} | {"large": os.urandom(1_000_000) * 80}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    started = start_tracklet(f"sqlite:///{tmp_path_factory.mktemp('trouble')}/mlflow.db").wait()
    for path, data in FILES.items():
        assert Wire(started.origin).send("PUT", f"{ROUTE}/all/{path}", body=data).status == 200
    yield started
    started.stop()


@pytest.fixture
def pretender(request):
    started = []

    def pretend(*arguments, **options):
        started.append(Pretender(*arguments, **options))
        return started[-1]

    yield pretend
    for server in started:
        server.stop()


def _names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_cut_connections_are_tried_again(server, tmp_path):
    cutter = Cutter(server.origin, after=100_000, times=9)
    said = succeed("mlflow-artifacts:/all", tmp_path / "target", server=cutter.url, env={"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "7"})
    cutter.stop()
    assert cutter.cuts == 9 and "trying again in" in said
    assert content(tmp_path / "target") == FILES


def test_a_server_that_is_restarted_in_the_middle(tmp_path):
    store = f"sqlite:///{tmp_path}/mlflow.db"
    flags = ["--artifacts-destination", tmp_path / "artifacts"]
    server = start_tracklet(store, *flags).wait()
    port = int(server.origin.rsplit(":", 1)[1])
    for path, data in FILES.items():
        (tmp_path / "artifacts" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "artifacts" / path).write_bytes(data)
    # The way is slow, so that the server dies while bytes are on it.
    slow = Cutter(server.origin, after=0, times=0, pause=0.005)
    pulling = subprocess.Popen([machine.tracklet(), "pull", "mlflow-artifacts:/", tmp_path / "target"], stderr=subprocess.PIPE, text=True,
                               env=CLEAN | {"MLFLOW_TRACKING_URI": slow.url})
    wait_for(lambda: slow.passed > 5_000_000)
    server.stop(signal.SIGKILL)
    server = start_tracklet(store, *flags, port=port).wait()
    _, said = pulling.communicate(timeout=60)
    slow.stop()
    server.stop()
    assert pulling.returncode == 0, said
    assert "trying again in" in said
    assert content(tmp_path / "target") == FILES


def test_what_stays_broken_leaves_nothing_that_looks_whole(server, tmp_path):
    target = tmp_path / "target"
    cutter = Cutter(server.origin, after=100_000, times=10**9)
    said = fail(3, "mlflow-artifacts:/all", target, server=cutter.url, env={"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1"})
    cutter.stop()
    assert "gave up after 2 attempts" in said and ("file" in said or "large" in said)
    assert all(data == FILES[path] for path, data in content(target).items())
    assert _names(target) == sorted([MARKER, *content(target)]), "nothing else is left behind"
    assert '"complete": false' in (target / MARKER).read_text()
    succeed("mlflow-artifacts:/all", target, server=server.url)
    assert content(target) == FILES


def test_what_arrived_is_not_fetched_again(pretender, tmp_path):
    broken = True
    files = {f"m/f{number}": b"x" for number in range(5)}
    server = pretender(files=files, listings={"m": listed(*(name[2:] for name in files), size=1)},
                       answer=lambda path, _: (500, {}, b"") if broken and path.endswith("/f3") else None)
    fail(3, "--jobs", 1, "mlflow-artifacts:/m", tmp_path / "t", server=server.url, env={"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0"})
    assert content(tmp_path / "t") == {f"f{number}": b"x" for number in range(3)}
    broken = False
    server.requests.clear()
    succeed("mlflow-artifacts:/m", tmp_path / "t", server=server.url)
    assert sorted(path for path, _ in server.requests if path.startswith(ROUTE + "/")) == [f"{ROUTE}/m/f3", f"{ROUTE}/m/f4"]
    assert content(tmp_path / "t") == {name[2:]: data for name, data in files.items()}


def test_nobody_there(tmp_path):
    said = fail(3, "mlflow-artifacts:/all", tmp_path / "none", server="http://127.0.0.1:1", env={"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1"})
    assert "http://127.0.0.1:1 cannot be reached" in said and "Connection refused" in said


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_signals_stop_it(server, tmp_path, how):
    slow = Cutter(server.origin, after=0, times=0, pause=0.02)
    pulling = subprocess.Popen([machine.tracklet(), "pull", "mlflow-artifacts:/all", tmp_path / "target"], stderr=subprocess.PIPE, text=True,
                               env=CLEAN | {"MLFLOW_TRACKING_URI": slow.url})
    wait_for(lambda: slow.passed > 1_000_000)
    wait_for(lambda: any(path.is_file() for path in (tmp_path / "target").glob("dir/*")))
    pulling.send_signal(how)
    _, said = pulling.communicate(timeout=10)
    slow.stop()
    assert pulling.returncode == 128 + how and f"stopped by {how.name}" in said
    assert all(data == FILES[path] for path, data in content(tmp_path / "target").items())
    assert not [name for name in _names(tmp_path / "target") if name.endswith(".part")]
    recorded = json.loads((tmp_path / "target" / MARKER).read_text())["files"]
    assert {file["path"] for file in recorded} == set(content(tmp_path / "target")) != set()


@pytest.mark.parametrize("name", ["../evil", "..", "/etc/evil", "..\\evil", "a/../../evil", "a/b", "", ".", "a\u0000b", "a\nb"])
@pytest.mark.parametrize("is_dir", [False, True])
def test_no_name_leads_out(pretender, tmp_path, name, is_dir):
    server = pretender(files={"m/MLmodel": b"x"}, listings={"m": listed("MLmodel", size=1) + listed(name, size=1, is_dir=is_dir)},
                       answer=lambda path, _: None if "MLmodel" in path or "?path=m" in path else (200, {}, b'{"files": []}'))
    assert "no safe name" in fail(1, "mlflow-artifacts:/m", tmp_path / "target", server=server.url)
    assert [path.name for path in tmp_path.rglob("*")] == [], "nothing is written when a name is not safe"


def test_links_in_the_folder_are_not_followed(server, tmp_path):
    target, outside = tmp_path / "target", tmp_path / "outside"
    target.mkdir(), outside.mkdir()
    (outside / "large").write_bytes(b"kept")
    (target / "large").symlink_to(outside / "large")
    (target / MARKER).symlink_to(outside / "marker")
    (target / "dir").symlink_to(outside)
    said = fail(1, "mlflow-artifacts:/all", target, server=server.url)
    assert "symbolic link is in the way" in said
    (target / "dir").unlink()
    succeed("mlflow-artifacts:/all", target, server=server.url)
    assert content(target) == FILES and not (target / "large").is_symlink()
    assert _names(outside) == ["large"] and (outside / "large").read_bytes() == b"kept"


def test_a_server_without_end_is_left(pretender, tmp_path):
    endless = pretender(answer=lambda *_: (200, {}, b'{"files": [{"path": "d", "is_dir": true}]}'))
    assert "more than 100 deep" in fail(1, "mlflow-artifacts:/m", tmp_path / "t", server=endless.url)


def test_wrong_lengths_are_no_files(pretender, tmp_path):
    for size, body, headers in [
        (10, b"short", {}),
        (3, b"longer", {}),
        (10, b"cut", {"Content-Length": "10", "Connection": "close"}),
        # Nobody says how long it is, and the end of the connection is the end of the file.
        (10, b"cut", {"Content-Length": None, "Connection": "close"}),
        (3, b"longer", {"Content-Length": None, "Connection": "close"}),
    ]:
        server = pretender(listings={"m": listed("f", size=size)},
                           answer=lambda path, _: (200, headers, body) if path.endswith("/f") else None)
        said = fail(3, "mlflow-artifacts:/m", tmp_path / "t", server=server.url, env={"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0"})
        assert "f: " in said, said
        assert content(tmp_path / "t") == {}


def test_a_busy_server_names_the_wait(pretender, tmp_path):
    busy, lock = [], threading.Lock()

    def answer(path, _):
        with lock:
            busy.append((time.monotonic(), path))
            if len(busy) == 1:
                return 429, {"Retry-After": "2"}, b'{"error_code": "REQUEST_LIMIT_EXCEEDED", "message": "not now"}'
            return (503, {}, b"oops") if len(busy) == 3 else None

    server = pretender(files={"m/f": b"x"}, listings={"m": listed("f", size=1)}, answer=answer)
    said = succeed("mlflow-artifacts:/m", tmp_path / "t", server=server.url)
    assert "not now" in said and "503" in said and content(tmp_path / "t") == {"f": b"x"}
    assert busy[1][0] - busy[0][0] >= 2


def test_refusals_are_final_and_told_plainly(pretender, tmp_path):
    for status, body, reason in [
        (401, b"", "Set MLFLOW_TRACKING_USERNAME"),
        (403, b'{"error_code": "PERMISSION_DENIED", "message": "not for you"}', "not for you"),
        (404, b"<html>", "the address of an MLflow server?"),
        (400, b'{"error_code": "INVALID_PARAMETER_VALUE", "message": "Invalid path"}', "Invalid path"),
        (501, b"", "501"),
        (200, b"<html>log in</html>", "login page"),
    ]:
        server = pretender(answer=lambda *_: (status, {}, body))
        assert reason in fail(1, "mlflow-artifacts:/m", tmp_path / "t", server=server.url)
        assert len(server.requests) == 1


def test_credentials_are_sent_and_never_shown(pretender, tmp_path):
    basic = "Basic " + base64.b64encode(b"user:hush-hush").decode()
    wanted = ""

    def answer(_, headers):
        return None if headers.get("Authorization") == wanted else (401, {}, b"")

    server = pretender(files={"m/f": b"x"}, listings={"m": listed("f", size=1)}, answer=answer)
    host = server.url.removeprefix("http://")
    for env, url, wanted in [
        ({"MLFLOW_TRACKING_USERNAME": "user", "MLFLOW_TRACKING_PASSWORD": "hush-hush"}, server.url, basic),
        ({"MLFLOW_TRACKING_TOKEN": "hush-hush"}, server.url, "Bearer hush-hush"),
        ({"MLFLOW_TRACKING_TOKEN": "other"}, f"http://user:hush-hush@{host}/", basic),
        ({"MLFLOW_TRACKING_USERNAME": "user", "MLFLOW_TRACKING_PASSWORD": "hush-hush", "MLFLOW_TRACKING_TOKEN": "x"}, server.url, basic),
    ]:
        said = succeed("mlflow-artifacts:/m", tmp_path / wanted[:6] / url[-3:] / str(len(env)), server=url, env=env)
        assert "hush" not in said
        for path in tmp_path.rglob(MARKER):
            assert "hush" not in path.read_text()
    said = fail(1, "mlflow-artifacts:/m", tmp_path / "t", server=server.url, env={"MLFLOW_TRACKING_TOKEN": "hush-wrong"})
    assert "did not take the credentials" in said and "hush" not in said
    assert "is not the tracking server" in fail(1, "mlflow-artifacts://elsewhere:1/m", tmp_path / "t", server=server.url)
    assert "hush" not in fail(2, "mlflow-artifacts:/m", tmp_path / "t", server="ftp://user:hush@host")


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """A certificate for 127.0.0.1 that signs itself: its file and a server's TLS settings."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    folder = tmp_path_factory.mktemp("tls")
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.timezone.utc)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "tracklet test")])
    certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
                   .serial_number(1).not_valid_before(now - datetime.timedelta(days=1))
                   .not_valid_after(now + datetime.timedelta(days=1))
                   .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
                   .sign(key, hashes.SHA256()))
    (folder / "ca.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                                       serialization.NoEncryption()))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(folder / "ca.pem", folder / "key.pem")
    return folder / "ca.pem", tls


def test_certificates_of_ones_own(pretender, authority, tmp_path):
    bundle, tls = authority
    server = pretender(files={"m/f": b"x"}, listings={"m": listed("f", size=1)}, tls=tls)
    for variable in ("MLFLOW_TRACKING_SERVER_CERT_PATH", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
        succeed("mlflow-artifacts:/m", tmp_path / variable, server=server.url, env={variable: str(bundle)})
    succeed("mlflow-artifacts:/m", tmp_path / "insecure", server=server.url, env={"MLFLOW_TRACKING_INSECURE_TLS": "true"})
    said = fail(1, "mlflow-artifacts:/m", tmp_path / "none", server=server.url)
    assert "certificate" in said and "SSL_CERT_FILE" in said
    missing = {"MLFLOW_TRACKING_SERVER_CERT_PATH": "/no/such/file"}
    assert "MLFLOW_TRACKING_SERVER_CERT_PATH: /no/such/file" in fail(1, "mlflow-artifacts:/m", tmp_path / "none", server=server.url, env=missing)


def test_plain_http_needs_no_certificates(pretender, seaweed, tmp_path):
    """As in a container with nothing in it but the program."""
    empty = {"SSL_CERT_FILE": "/dev/null"}
    server = pretender(files={"m/f": b"x"}, listings={"m": listed("f", size=1)})
    succeed("mlflow-artifacts:/m", tmp_path / "a", server=server.url, env=empty)
    seaweed.client().put_object(Bucket=seaweed.BUCKET, Key="plain/f", Body=b"x")
    succeed(f"s3://{seaweed.BUCKET}/plain", tmp_path / "b", env=seaweed.environment() | empty)


def test_disks_with_surprises(server, tmp_path):
    (tmp_path / "file").write_bytes(b"x")
    assert "file" in fail(1, "mlflow-artifacts:/all", tmp_path / "file", server=server.url)
    (tmp_path / "target" / "large").mkdir(parents=True)
    said = fail(1, "mlflow-artifacts:/all", tmp_path / "target", server=server.url)
    assert "large" in said
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / MARKER).write_text("{ broken")
    succeed("mlflow-artifacts:/all", tmp_path / "again", server=server.url)
    assert content(tmp_path / "again") == FILES


def test_a_marker_that_names_others_files_removes_none(server, tmp_path):
    target, victim = tmp_path / "target", tmp_path / "victim"
    target.mkdir()
    victim.write_bytes(b"kept")
    (target / MARKER).write_text('{"uri": "x", "source": "x", "complete": true, "files": '
                                 '[{"path": "../victim", "size": 4}, {"path": "%s", "size": 4}]}' % victim)
    succeed("mlflow-artifacts:/all", target, server=server.url)
    assert victim.read_bytes() == b"kept"


def test_arguments_that_cannot_be_followed(tmp_path):
    for arguments, reason in [
        (["models:/m/1"], "2"),
        (["models:/m/1", tmp_path / "a", "models:/m/2"], "has no PATH"),
        (["models:/m/1", tmp_path / "a", "models:/m/2", f"{tmp_path}/a/"], "given twice"),
        (["gs://b/k", tmp_path / "a"], "must begin with"),
        (["models:/m/1", ""], "is empty"),
        (["--jobs", "0", "models:/m/1", tmp_path / "a"], "--jobs"),
    ]:
        assert reason in fail(2, *arguments, server="http://127.0.0.1:1"), arguments
    assert "set MLFLOW_TRACKING_URI" in fail(1, "models:/m/1", tmp_path / "a")


def test_a_terminal_sees_one_moving_line(server, tmp_path):
    slow = Cutter(server.origin, after=0, times=0, pause=0.002)
    ours, theirs = os.openpty()
    pulling = subprocess.Popen([machine.tracklet(), "pull", "mlflow-artifacts:/all", tmp_path / "target"], stderr=theirs,
                               env=CLEAN | {"MLFLOW_TRACKING_URI": slow.url})
    os.close(theirs)
    said = b""
    try:
        while chunk := os.read(ours, 65536):
            said += chunk
    except OSError:
        pass  # the other end has closed it
    os.close(ours)
    slow.stop()
    assert pulling.wait() == 0, said
    moving = re.findall(rb"\r\x1b\[K([0-9.]+ [kMG]?B of 82\.4 MB \([0-9]+ %\), [0-9]+ of 13 files, [^\r\n]*)", said)
    assert len(moving) > 3 and b" left" in moving[1], said
    assert said.count(b"\n") == 2 and b"is complete" in said.splitlines()[-1]
