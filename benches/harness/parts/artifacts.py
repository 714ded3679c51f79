"""A large artifact through the server, from and to a local folder and S3. FastTrackML has no artifact proxy."""

import http.client
import os
import statistics
import time

from .. import load, processes, servers
from ..report import Row
from ..seaweed import BUCKET, Seaweed
from ..settings import SIZES

BLOCK = os.urandom(1 << 20)
PATH = "/api/2.0/mlflow-artifacts/artifacts/bench/large.bin"


def artifacts(_contenders):
    """Up and down in turns; the rate is the clients' view, memory is the server's above what it had after its start."""
    seaweed = Seaweed()
    rows = []
    for place, environment in [("local", {}), ("S3", seaweed.variables())]:
        contenders = [_start(kind, place, environment) for kind in servers.ALL if kind is not servers.FastTrackML]
        seen = {(server.name, way): [] for server in contenders for way in ("up", "down")}
        for _ in range(SIZES.artifact_rounds):
            for server in contenders:
                for way, transfer in (("up", _upload), ("down", _download)):
                    seen[server.name, way].append(_transfer(server, place, way, transfer))
        for server in contenders:
            server.stop()
        for way in ("up", "down"):
            rows += _rows(place, way, {server.name: seen[server.name, way] for server in contenders})
    seaweed.stop()
    return rows


def _start(kind, place, environment):
    folder = processes.scratch(kind.name)
    destination = folder / "artifacts" if place == "local" else f"s3://{BUCKET}/{kind.name}"
    server = kind(f"{kind.sqlite_scheme}{folder}/mlflow.db", artifacts=destination, env=environment, folder=folder)
    server.start()
    time.sleep(1)
    server.idle = processes.resident_mib(server.process.pid)
    _upload(server.port, 1)  # imports and connections are made by the first transfer
    return server


def _transfer(server, place, way, transfer):
    cpu = processes.cpu_seconds(server.process.pid)
    with processes.Peak(server.process.pid) as peak:
        began = time.perf_counter()
        transfer(server.port, SIZES.artifact_mib)
        seconds = time.perf_counter() - began
    cpu = processes.cpu_seconds(server.process.pid) - cpu
    print(f"  {server.name:12} {place} {way}: {SIZES.artifact_mib / seconds:.0f} MiB/s, {cpu:.2f} s CPU, "
          f"{server.idle:.1f} MiB idle, {peak.before:.1f} before, {peak.mib:.1f} peak", flush=True)
    return SIZES.artifact_mib / seconds, cpu, peak.mib - server.idle


def _rows(place, way, seen):
    size = f"{SIZES.artifact_mib} MiB {way}, {place}"
    rate = Row(f"{size}: MiB/s", {}, digits=0, more_is_better=True)
    cpu = Row(f"{size}: CPU s of the server", {}, digits=2)
    memory = Row(f"{size}: memory above idle, MiB", {}, digits=1)
    for name, transfers in seen.items():
        rates, cpus, peaks = zip(*transfers, strict=True)
        rate.values[name], cpu.values[name] = statistics.median(rates), statistics.median(cpus)
        memory.values[name] = max(peaks)
    return [rate, cpu, memory]


def _upload(port, mib):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    connection.putrequest("PUT", PATH)
    connection.putheader("Content-Length", str(mib << 20))
    connection.putheader("Content-Type", "application/octet-stream")
    connection.endheaders()
    for _ in range(mib):
        connection.sock.sendall(BLOCK)
    response = connection.getresponse()
    assert response.status == 200, response.read()
    connection.close()


def _download(port, mib):
    """Reads the artifact and compares every byte with what was sent."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    connection.request("GET", PATH)
    response = connection.getresponse()
    assert response.status == 200, response.read()
    block = bytearray(len(BLOCK))
    for number in range(mib):
        view = memoryview(block)
        while view:
            got = response.readinto(view)
            assert got, f"the artifact ended within MiB {number}"
            view = view[got:]
        assert block == BLOCK, f"MiB {number} differs"
    assert not response.read(1), "the artifact is too long"
    connection.close()
