"""Tracking servers as processes: MLflow, the specification, and Tracklet, the subject."""

import dataclasses
import os
import pathlib
import subprocess

from . import machine

# A developer's own settings must not leak into the servers under test. Bytecode is kept: without it every one of the
# many short programs here spends most of its time on compiling what it imports.
CLEAN = {key: value for key, value in os.environ.items()
          if not key.startswith(("MLFLOW_", "AWS_", "TRACKLET_", "OTEL_", "PG")) and key not in ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE")}


@dataclasses.dataclass
class Server:
    """A server that is starting or running. `url` has no trailing slash and contains the static prefix."""

    name: str
    origin: str
    prefix: str = ""
    process: subprocess.Popen | None = None
    log: pathlib.Path | None = None
    folder: pathlib.Path | None = None
    place: str = ""  # what distinguishes this server's object-store prefix from another's

    @property
    def url(self):
        return self.origin + self.prefix

    def wait(self):
        """Returns when the server answers; raises with the end of its log when it does not."""
        # MLflow 2 has this path without the prefix alone.
        paths = (f"{self.url}/health", f"{self.origin}/health")
        machine.wait_until(lambda: any(map(machine.answers, paths)), self.name, self.process, self.log)
        return self

    def stop(self, how=machine.signal.SIGTERM):
        return machine.stop(self.process, how) if self.process else 0


def start_mlflow(backend, *flags, version="3.18.0", env=None, port=None, prefix=""):
    """Starts `mlflow server`. Wait for it with `Server.wait`.

    One worker and no job runner: the runner would add seconds and two gigabytes to every start. The pool is enlarged
    because the default one starves under a few concurrent requests.
    """
    program = machine.environment(f"mlflow-{version}") / "mlflow"
    workers = ("--workers", "1")
    extra = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_SQLALCHEMYSTORE_POOL_SIZE": "20",
             "MLFLOW_SQLALCHEMYSTORE_MAX_OVERFLOW": "20", "GIT_PYTHON_REFRESH": "quiet", "MLFLOW_DISABLE_TELEMETRY": "true",
             "PATH": f"{program.parent}:{os.environ['PATH']}"}
    return _start("mlflow", [program, "server"], backend, [*workers, *flags], extra | (env or {}), port, prefix)


def start_tracklet(backend, *flags, env=None, port=None, prefix=""):
    """Starts `tracklet server` with `mlflow server`'s flags. Wait for it with `Server.wait`."""
    return _start("tracklet", [machine.tracklet(), "server"], backend, flags, env or {}, port, prefix)


def start_subject(backend, *flags, **options):
    """Starts what is under test: Tracklet, unless TRACKLET_E2E_SUBJECT says that the tests themselves are."""
    start = {"mlflow": start_mlflow}.get(os.environ.get("TRACKLET_E2E_SUBJECT", "tracklet"), start_tracklet)
    return start(backend, *flags, **options)


def _start(name, program, backend, flags, env, port, prefix):
    folder = machine.scratch(name)
    port = port or machine.free_port()
    flags = [str(flag) for flag in flags]
    if not {"--artifacts-destination", "--default-artifact-root", "--no-serve-artifacts"} & set(flags):
        flags += ["--artifacts-destination", str(folder / "artifacts")]
    if prefix:
        flags += ["--static-prefix", prefix]
    command = [*program, "--backend-store-uri", backend, "--host", "127.0.0.1", "--port", port, *flags]
    log = folder / "log"
    process = machine.spawn(command, log, env=CLEAN | env, cwd=folder)
    return Server(name, f"http://127.0.0.1:{port}", prefix, process, log, folder)
