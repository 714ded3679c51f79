"""From the start of the program to its first answer, and the memory it takes."""

import socket
import statistics
import time

from .. import load, processes, servers
from ..postgres import Postgres
from ..report import Row
from ..settings import SIZES
from .writes import create_run


def start(_contenders):
    """On a database that is there already, as after every restart; with the servers' default settings."""
    rows = {title: Row(title, {}, digits=digits) for title, digits in [
        ("start on SQLite, ms", 0), ("start on PostgreSQL, ms", 0),
        ("CPU time of it on SQLite, ms", 0), ("CPU time of it on PostgreSQL, ms", 0),
        ("idle memory on SQLite, MiB", 1), ("idle memory on PostgreSQL, MiB", 1),
        (f"the same after {SIZES.after:,} requests on SQLite, MiB", 1),
        (f"the same after {SIZES.after:,} requests on PostgreSQL, MiB", 1),
    ]}
    for kind in servers.ALL:
        for database in ("SQLite", "PostgreSQL"):
            milliseconds, cpu, idle, after = _one(kind, database)
            rows[f"CPU time of it on {database}, ms"].values[kind.name] = cpu
            rows[f"start on {database}, ms"].values[kind.name] = milliseconds
            rows[f"idle memory on {database}, MiB"].values[kind.name] = idle
            rows[f"the same after {SIZES.after:,} requests on {database}, MiB"].values[kind.name] = after
            print(f"  {kind.name:12} {database}: {milliseconds:.1f} ms, {cpu:.1f} ms CPU, {idle:.1f} MiB, then {after:.1f} MiB", flush=True)
    return list(rows.values())


def _one(kind, database):
    postgres = Postgres() if database == "PostgreSQL" else None
    folder = processes.scratch(kind.name)
    backend = postgres.uri(kind.database_scheme) if postgres else f"{kind.sqlite_scheme}{folder}/mlflow.db"
    server = kind(backend, default_settings=True, folder=folder)
    server.start().stop()  # creates the schema
    times, cpu, idle = [], [], []
    for _ in range(SIZES.slow_starts if kind is servers.Mlflow else SIZES.starts):
        times.append(_time_to_answer(server))
        cpu.append(processes.cpu_seconds(server.process.pid))
        time.sleep(3 if kind is servers.Mlflow else 0.5)
        idle.append(processes.resident_mib(server.process.pid))
        server.stop()
    server.start()
    after = _after_requests(server)
    server.stop()
    if postgres:
        postgres.stop()
    return statistics.median(times) * 1e3, statistics.median(cpu) * 1e3, statistics.median(idle), after


def _time_to_answer(server):
    """Seconds from the start of the program to the first 200 of /health."""
    request = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    began = time.perf_counter()
    server.spawn()
    while True:
        try:
            with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
                connection.sendall(request)
                if connection.recv(64).split(b" ")[1:2] == [b"200"]:
                    return time.perf_counter() - began
        except OSError:
            pass
        if server.process.poll() is not None or time.perf_counter() - began > 120:
            raise RuntimeError(f"{server.name} did not start: {server.log.read_text()[-2000:]}")
        time.sleep(0.0005)


def _after_requests(server):
    """Resident memory after points were logged by several clients."""
    each = SIZES.after // SIZES.clients
    body = b'{"run_id":"%s","key":"loss","value":0.5,"timestamp":1700000000000,"step":%d}'
    clients = [[("POST", "runs/log-metric", body % (create_run(server).encode(), step)) for step in range(each)]
               for _ in range(SIZES.clients)]
    load.drive(server.port, clients)
    return processes.resident_mib(server.process.pid)
