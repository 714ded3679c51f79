"""Where things are on this machine, and small helpers for processes and ports."""

import atexit
import ctypes
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[3]
RIG = pathlib.Path(os.environ.get("TRACKLET_RIG", ROOT / ".rig"))
TRACKLET = pathlib.Path(os.environ.get("TRACKLET_BIN", ROOT / "target/debug/tracklet"))
# Where a file is in memory alone, if there is room: SQLite waits for the disk at every commit, and no test is about power loss.
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) and shutil.disk_usage("/dev/shm").free > 1 << 30 else None
# This process among those that share the work (pytest -n), and how many they are.
_NUMBER, _PROCESSES = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]), int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", 1))


def environment(name):
    """The folder of programs of one of setup.sh's Python environments."""
    folder = RIG / name / "bin"
    if not folder.is_dir():
        raise RuntimeError(f"{folder} is missing: run tests/e2e/setup.sh")
    return folder


def packages(name):
    """The folder of Python packages of one of setup.sh's environments."""
    return environment(name).parent / "lib" / "python{}.{}".format(*sys.version_info) / "site-packages"


def tracklet():
    if not TRACKLET.exists():
        raise RuntimeError(f"{TRACKLET} is missing: run cargo build, or name another one in TRACKLET_BIN")
    return str(TRACKLET)


def scratch(name, below=None):
    """A temporary folder that anybody may enter (PostgreSQL runs as another user) and that is removed at exit."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix=f"tracklet-{name}-", dir=below))
    folder.chmod(0o755)
    if not os.environ.get("TRACKLET_KEEP"):
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def free_port(also=()):
    """A port nobody listens on, so that the ports at the distances `also` are free as well."""
    # Below the ports that the kernel gives to outgoing connections; each session begins elsewhere.
    first = os.getpid() * 50 % 9000
    for port in (12000 + (first + step) % 10000 for step in range(10000)):
        # Nobody listens yet on what another process has been given a moment ago.
        mine = (port - _NUMBER) % _PROCESSES == 0 and port not in _given
        if mine and all(_is_free(port + distance) for distance in (0, *also)):
            _given.add(port)
            return port
    raise RuntimeError("no free port")


_given = set()


def _is_free(port):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def spawn(command, log, env=None, user=None, cwd=None):
    """Starts a program that dies with this one.

    Call it from the main thread only: the kernel takes the end of the starting thread for the parent's death.
    """
    options = {"user": user, "group": user, "extra_groups": []} if user else {}
    with open(log, "ab") as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=env,
            cwd=cwd,
            start_new_session=True,
            preexec_fn=_die_with_parent,
            **options,
        )
    atexit.register(stop, process, signal.SIGKILL)
    return process


def _die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def stop(process, how=signal.SIGTERM, patience=15):
    """Ends a process and all its children; answers its exit code."""
    if process.poll() is None:
        _signal_group(process, how)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            pass
    _signal_group(process, signal.SIGKILL)
    return process.wait()


def _signal_group(process, how):
    try:
        os.killpg(process.pid, how)
    except ProcessLookupError:
        pass


def wait_until(ready, what, process=None, log=None, patience=90):
    """Polls `ready` until it is true; a dead process or lost patience is an error that shows the end of the log."""
    deadline = time.monotonic() + patience
    while True:
        if ready():
            return
        dead = process is not None and process.poll() is not None
        if dead or time.monotonic() > deadline:
            reason = f"ended with {process.returncode}" if dead else f"not ready after {patience} s"
            raise RuntimeError(f"{what}: {reason}\n{tail(log)}")
        time.sleep(0.05)


def tail(log, size=4000):
    if log is None or not pathlib.Path(log).exists():
        return ""
    return pathlib.Path(log).read_text(errors="replace")[-size:]


def answers(url, timeout=2):
    """Whether a GET of `url` is a 200."""
    try:
        with urllib.request.urlopen(url, timeout=timeout) as reply:
            return reply.status == 200
    except OSError:
        return False
