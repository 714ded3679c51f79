"""Empty databases of both kinds, as the backend stores of servers."""

import shutil
import sqlite3

from . import machine

KINDS = ("sqlite", "postgres")


class Sqlite:
    kind = "sqlite"

    def __init__(self, path=None):
        self.path = path or machine.scratch("sqlite", machine.MEMORY) / "mlflow.db"
        self.uri = f"sqlite:///{self.path}"

    def connect(self):
        return sqlite3.connect(self.path, timeout=30)

    def query(self, statement, parameters=()):
        """Runs one statement and commits; answers its rows."""
        connection = self.connect()
        try:
            with connection:
                return connection.execute(statement, parameters).fetchall()
        finally:
            connection.close()


class PostgresDatabase:
    kind = "postgres"

    def __init__(self, server, name=None):
        self.server = server
        self.name = name or server.create_database()
        # psycopg2 by name: SQLAlchemy 2.1 would take psycopg 3, with which parts of MLflow fail.
        self.uri = server.uri(self.name, "postgresql+psycopg2")

    def connect(self):
        import psycopg2

        return psycopg2.connect(self.server.uri(self.name))

    def query(self, statement, parameters=()):
        connection = self.connect()
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement.replace("?", "%s"), parameters)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()


def create(kind, postgres):
    return Sqlite() if kind == "sqlite" else PostgresDatabase(postgres)


def copy(store):
    """Another database with the same in it. Nobody may be connected to the first."""
    if store.kind == "postgres":
        return PostgresDatabase(store.server, store.server.copy_database(store.name))
    other = Sqlite()
    shutil.copy(store.path, other.path)
    return other
