"""The image as the Dockerfile's last stage makes it, and containers of it: Podman and runc, as root.

Images are kept in a folder of this session's own.
"""

import json
import os
import pathlib
import subprocess

from . import machine

# The Dockerfile knows the folder by this name.
FILES = pathlib.Path(os.environ.get("TRACKLET_IMAGES", machine.ROOT / "target")) / "image"


class Engine:
    """One storage of images and containers."""

    def __init__(self):
        if os.geteuid() != 0:
            raise RuntimeError("the tests of the image need root, for namespaces and users of their own: sudo make image")
        self._folder = machine.scratch("containers")
        # Podman's other runtimes and helpers want systemd.
        self._program = ["podman", "--root", self._folder / "root", "--runroot", self._folder / "run", "--runtime", "runc",
                         "--cgroup-manager", "cgroupfs", "--events-backend", "file"]
        self._count = 0

    def build(self, tag):
        """The last stage of the Dockerfile, over the files that docker/rootfs.sh has put together."""
        if not (FILES / "root").is_dir():
            raise RuntimeError(f"{FILES} is missing: run make image")
        empty = machine.scratch("context")
        self.run("build", "--quiet", "--no-cache", "--isolation", "chroot", "--format", "docker", "--file", machine.ROOT / "docker/Dockerfile",
                 "--build-context", f"build={FILES.parent}", "--tag", tag, empty)

    def inspect(self, tag):
        return json.loads(self.run("image", "inspect", tag))[0]

    def start(self, image, *command, env=None, options=()):
        """Starts a container as docs/docker.md and the Compose file do: nothing may be written but to its volumes."""
        self._count += 1
        name = f"tracklet-{os.getpid()}-{self._count}"
        log = self._folder / f"{name}.log"
        variables = [part for key, value in (env or {}).items() for part in ("--env", f"{key}={value}")]
        # The sandbox that CI runs in may not raise limits, so the container gets small ones.
        command = [*self._program, "run", "--name", name, "--rm", "--network", "host", "--no-healthcheck", "--read-only", "--read-only-tmpfs=false",
                   "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--ulimit", "nofile=1024:1024",
                   "--ulimit", "nproc=1024:1024", *variables, *options, image, *command]
        port = (env or {}).get("MLFLOW_PORT", 5000)
        return Container(self, name, f"http://127.0.0.1:{port}", machine.spawn(command, log), log)

    def run(self, *command, check=True):
        done = subprocess.run([str(part) for part in (*self._program, *command)], capture_output=True, text=True, timeout=300)
        if check and done.returncode:
            raise RuntimeError(f"podman {command[0]}: {done.stdout}{done.stderr}")
        return done.stdout if check else done

    def stop(self):
        self.run("rm", "--all", "--force", "--time", "0", check=False)
        # Overlays stay mounted after a crash; the folder is removed at exit.
        self.run("umount", "--all", "--force", check=False)


class Container:
    def __init__(self, engine, name, origin, process, log):
        self._engine, self._name, self.origin, self._process, self.log = engine, name, origin, process, log

    def wait(self):
        """Returns when the server in it answers."""
        machine.wait_until(lambda: machine.answers(f"{self.origin}/health"), self._name, self._process, self.log)
        return self

    def ended(self, patience=60):
        """Waits for the end; answers the exit status."""
        return self._process.wait(patience)

    def says(self):
        return machine.tail(self.log, 100_000)

    def execute(self, *command):
        """Runs a program in the running container; answers what subprocess.run answers."""
        return self._engine.run("exec", self._name, *command, check=False)

    def stop(self, how="TERM"):
        """Sends a signal to process 1, waits for its end, and answers the exit status."""
        self._engine.run("kill", "--signal", how, self._name, check=False)
        return self.ended(30)
