"""A throw-away PostgreSQL on a loopback port."""

import glob
import os
import shutil
import subprocess

from . import machine


class Postgres:
    """One server per test session; every test takes databases of its own from it."""

    USER = "mlflow"

    def __init__(self, address="127.0.0.1", port=None, certificate=None):
        """With `certificate`, its file and its key's, nobody gets in without TLS."""
        self._address_of = address
        self._user = "postgres" if os.geteuid() == 0 else None
        self._data = machine.scratch("pg")
        self._count = 0
        self.port = port or machine.free_port()
        self.log = self._data / "log"
        if self._user:
            shutil.chown(self._data, self._user, self._user)
        cluster = self._data / "cluster"
        self._run("initdb", "-A", "trust", "-U", self.USER, "-E", "UTF8", "--locale=C.UTF-8", "-N", "-D", cluster)
        # Durability against power loss is not what these tests are about; kill -9 of a client is, and is unaffected.
        settings = {"port": self.port, "listen_addresses": address, "unix_socket_directories": "",
                    "fsync": "off", "full_page_writes": "off", "max_connections": 300, "shared_buffers": "128MB"}
        if certificate:
            settings |= self._tls(cluster, *certificate)
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        self._command = [_program("postgres"), "-D", cluster, *options]
        self.start()

    def start(self):
        self._process = machine.spawn(self._command, self.log, user=self._user, cwd=self._data)
        machine.wait_until(self._is_ready, "postgres", self._process, self.log)

    def _tls(self, cluster, certificate, key):
        """The server insists on a key of its own that others cannot read."""
        for name, source in (("server.pem", certificate), ("server.key", key)):
            shutil.copy(source, cluster / name)
            (cluster / name).chmod(0o600)
            if self._user:
                shutil.chown(cluster / name, self._user, self._user)
        (cluster / "pg_hba.conf").write_text("hostssl all all all trust\n")
        return {"ssl": "on", "ssl_cert_file": "server.pem", "ssl_key_file": "server.key"}

    def create_database(self, name=None):
        """An empty database, of its own name if none is given; answers the name."""
        self._count += 1
        name = name or f"test_{self._count}"
        self._run("createdb", *self._address(), name)
        return name

    def copy_database(self, source):
        """A copy of a database that nobody is connected to."""
        self._count += 1
        name = f"{source}_copy_{self._count}"
        self._run("createdb", *self._address(), "-T", source, name)
        return name

    def dump(self, name):
        """The database as SQL. pg_dump guards its output with a random word on lines of their own, left out here."""
        lines = self._run("pg_dump", *self._address(), name).splitlines()
        return [line for line in lines if not line.startswith(("\\restrict", "\\unrestrict"))]

    def archive(self, name):
        """A backup of the database, for `restore`."""
        file = self._data / f"{name}.dump"
        self._run("pg_dump", *self._address(), "--format=custom", "--file", file, name)
        return file

    def restore(self, file):
        """Puts a backup into a new database; answers its name."""
        name = self.create_database()
        self._run("pg_restore", *self._address(), "--exit-on-error", "--no-owner", "--dbname", name, file)
        return name

    def uri(self, database, driver="postgresql"):
        return f"{driver}://{self.USER}@{self._address_of}:{self.port}/{database}"

    def stop(self, how=machine.signal.SIGQUIT):
        machine.stop(self._process, how)

    def _address(self):
        return "-h", self._address_of, "-p", str(self.port), "-U", self.USER

    def _is_ready(self):
        done = subprocess.run([_program("pg_isready"), *self._address(), "-d", "postgres"], capture_output=True)
        return done.returncode == 0

    def _run(self, name, *arguments):
        options = {"user": self._user, "group": self._user, "extra_groups": []} if self._user else {}
        # Certificates that somebody has at home are none of its business.
        done = subprocess.run([_program(name), *map(str, arguments)], capture_output=True, text=True,
                              cwd=self._data, env=os.environ | {"HOME": str(self._data)}, **options)
        if done.returncode:
            raise RuntimeError(f"{name}: {done.stdout}{done.stderr}")
        return done.stdout


def _program(name):
    places = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: float(path.split("/")[-2]))
    found = shutil.which(name, path=os.pathsep.join([*reversed(places), os.environ.get("PATH", "")]))
    if not found:
        raise RuntimeError(f"PostgreSQL's {name} is missing: run tests/e2e/setup.sh")
    return found
