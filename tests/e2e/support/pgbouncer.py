"""A throw-away PgBouncer on a loopback port, before the throw-away PostgreSQL."""

import os
import shutil
import socket

from . import machine


class PgBouncer:
    """`mode` is how long a client keeps a session of PostgreSQL: `session` or `transaction`. There are `size` of them."""

    def __init__(self, postgres, mode, size):
        folder = machine.scratch("pgbouncer")
        self._user = postgres.USER
        self.port = machine.free_port()
        settings = folder / "pgbouncer.ini"
        settings.write_text("\n".join([
            "[databases]", f"* = host=127.0.0.1 port={postgres.port} user={postgres.USER}",
            "[pgbouncer]", "listen_addr = 127.0.0.1", f"listen_port = {self.port}", "unix_socket_dir =", "auth_type = any",
            f"pool_mode = {mode}", f"default_pool_size = {size}", "max_client_conn = 300"]) + "\n")
        # It refuses to run as root.
        user = "postgres" if os.geteuid() == 0 else None
        program = shutil.which("pgbouncer", path="/usr/sbin:" + os.environ.get("PATH", ""))
        if not program:
            raise RuntimeError("pgbouncer is missing: run tests/e2e/setup.sh")
        log = folder / "log"
        self._process = machine.spawn([program, settings], log, user=user, cwd=folder)
        machine.wait_until(self._is_ready, "pgbouncer", self._process, log)

    def uri(self, database):
        return f"postgresql://{self._user}@127.0.0.1:{self.port}/{database}"

    def stop(self):
        machine.stop(self._process)

    def _is_ready(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0
