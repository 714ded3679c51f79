"""Processes: starting and ending them, and what they used."""

import atexit
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

TICK = os.sysconf("SC_CLK_TCK")
_given = set()


def scratch(name):
    """A temporary folder that every user may enter, removed at exit."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix=f"tracklet-bench-{name}-"))
    folder.chmod(0o755)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def free_port(also=()):
    """A port that nobody listens on, so that the ports at the distances `also` are free as well."""
    for port in range(21000 + os.getpid() % 9000, 45000):
        if port not in _given and all(_is_free(port + distance) for distance in (0, *also)):
            _given.add(port)
            return port
    raise RuntimeError("no free port")


def _is_free(port):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def spawn(command, log, env=None, user=None, cwd=None):
    """Starts a program in a session of its own, with its output in the file `log`."""
    options = {"user": user, "group": user, "extra_groups": []} if user else {}
    with open(log, "ab") as output:
        process = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=output,
                                   stderr=output, env=env, cwd=cwd, start_new_session=True, **options)
    atexit.register(stop, process, signal.SIGKILL)
    return process


def stop(process, how=signal.SIGTERM, patience=5):
    """Ends a process and its children."""
    if process.poll() is None:
        _signal(process, how)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            pass
    _signal(process, signal.SIGKILL)
    process.wait()


def _signal(process, how):
    try:
        os.killpg(process.pid, how)
    except ProcessLookupError:
        pass


def wait_until(ready, process, log, patience=120):
    """Polls `ready`; a dead process or lost patience is an error that shows the end of its log."""
    deadline = time.monotonic() + patience
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{process.args[0]} did not start:\n{pathlib.Path(log).read_text()[-3000:]}")
        time.sleep(0.02)


def tree(root):
    """The process and all its living descendants."""
    children = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            stat = _stat(int(name))
            if stat:
                children.setdefault(int(stat[1]), []).append(int(name))
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting += children.get(pid, [])
    return found


def _stat(pid):
    """The fields of /proc/PID/stat from the state on, or None."""
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return text.rpartition(")")[2].split()


def cpu_seconds(root):
    """CPU time that a process and its descendants used so far, the ended ones included.

    A living process is asked by its CPU clock, which counts nanoseconds and the threads that ended; what ended
    and was waited for is in its parent's `cutime` and `cstime`.
    """
    total = 0.0
    for pid in tree(root):
        stat = _stat(pid)
        if stat is None:
            continue
        try:
            total += time.clock_gettime((~pid << 3) | 2)
        except OSError:
            continue
        total += (int(stat[13]) + int(stat[14])) / TICK
    return total


def resident_mib(root):
    """Resident memory of a process and its descendants."""
    return sum(_status(pid, "VmRSS") for pid in tree(root)) / 1024


def _status(pid, field):
    """A kB field of /proc/PID/status, 0 where there is none."""
    try:
        lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(field + ":")), 0)


class Peak:
    """The most resident memory of a process tree while the block runs: what the kernel kept as the high-water
    mark of each process, and never less than what was seen of the whole tree every 20 ms."""

    def __init__(self, root):
        self._root, self._end, self.before, self.mib = root, threading.Event(), 0.0, 0.0

    def __enter__(self):
        for pid in tree(self._root):
            try:
                pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")
            except OSError:
                pass
        self.before = self.mib = resident_mib(self._root)
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def _watch(self):
        while not self._end.wait(0.02):
            self.mib = max(self.mib, resident_mib(self._root))

    def __exit__(self, *_):
        self._end.set()
        self._thread.join()
        self.after = resident_mib(self._root)
        pids = tree(self._root)
        if len(pids) == 1:
            self.mib = max(self.mib, _status(pids[0], "VmHWM") / 1024)
