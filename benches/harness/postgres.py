"""A throw-away PostgreSQL with its default settings, fsync included."""

import glob
import os
import shutil
import subprocess

import psycopg2

from . import processes

USER = "bench"


class Postgres:
    """One cluster for each tracking server, so that its background work is counted for whom it is done."""

    def __init__(self):
        self._user = "postgres" if os.geteuid() == 0 else None
        folder = processes.scratch("postgres")
        if self._user:
            shutil.chown(folder, self._user, self._user)
        log, cluster = folder / "log", folder / "cluster"
        self.port = processes.free_port()
        options = {"user": self._user, "group": self._user, "extra_groups": []} if self._user else {}
        subprocess.run([program("initdb"), "-A", "trust", "-U", USER, "-E", "UTF8", "--locale=C.UTF-8", "-D", cluster],
                       check=True, stdout=subprocess.DEVNULL, cwd=folder, **options)
        command = [program("postgres"), "-D", cluster, "-p", self.port, "-h", "127.0.0.1", "-k", folder]
        self.process = processes.spawn(command, log, user=self._user, cwd=folder)
        processes.wait_until(self._answers, self.process, log)
        with self.connect("postgres") as connection:
            connection.execute("CREATE DATABASE mlflow")

    def uri(self, scheme="postgresql"):
        return f"{scheme}://{USER}@127.0.0.1:{self.port}/mlflow"

    def connect(self, database="mlflow"):
        return Session(psycopg2.connect(host="127.0.0.1", port=self.port, user=USER, dbname=database))

    def version(self):
        with self.connect() as session:
            return session.value("SHOW server_version")

    def stop(self):
        processes.stop(self.process, processes.signal.SIGINT)

    def _answers(self):
        try:
            self.connect("postgres").close()
        except psycopg2.OperationalError:
            return False
        return True


class Session:
    """A connection in autocommit mode."""

    def __init__(self, connection):
        self._connection = connection
        connection.autocommit = True

    def execute(self, sql, *values):
        with self._connection.cursor() as cursor:
            cursor.execute(sql, values or None)

    def value(self, sql, *values):
        with self._connection.cursor() as cursor:
            cursor.execute(sql, values or None)
            return cursor.fetchone()[0]

    def close(self):
        self._connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def program(name):
    places = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: float(path.split("/")[-2]))
    found = shutil.which(name, path=os.pathsep.join([*places, os.environ.get("PATH", "")]))
    if not found:
        raise RuntimeError(f"PostgreSQL's {name} is missing: run tests/e2e/setup.sh")
    return found
