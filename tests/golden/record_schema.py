"""Records the database schema of the installed MLflow as migrations/{postgres,sqlite}/mlflow_<revision>/up.sql.

    python tests/golden/record_schema.py postgresql+psycopg2://user@host/an_empty_database

Run it in an environment with mlflow 3.18.0, psycopg2 and pg_dump. MLflow initialises an empty database of
each kind; what the catalogue then says is written down, without comments, owners and session settings.
"""

import re
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

from mlflow.store.db.utils import _initialize_tables, create_sqlalchemy_engine

MIGRATIONS = Path(__file__).parents[2] / "migrations"
FIRST_ROWS = """
INSERT INTO workspaces (name, description) VALUES ('default', 'Default workspace for legacy resources');
INSERT INTO alembic_version (version_num) VALUES ('{revision}');
"""


def write(kind, revision, ddl):
    path = MIGRATIONS / kind / f"mlflow_{revision}" / "up.sql"
    path.parent.mkdir(parents=True, exist_ok=True)
    header = f"-- The schema of MLflow 3.18.0 (revision {revision}), read from the catalogue of a database that MLflow\n"
    header += "-- initialised. Recorded by tests/golden/record_schema.py.\n\n"
    path.write_text(header + ddl.strip() + "\n" + FIRST_ROWS.format(revision=revision))


def postgres(uri):
    _initialize_tables(create_sqlalchemy_engine(uri))
    plain = uri.replace("+psycopg2", "")
    dump = subprocess.run(["pg_dump", "-s", "-O", "-x", plain], check=True, capture_output=True, text=True).stdout
    dump = re.sub(r"^(--.*|\\.*|SET .*|SELECT pg_catalog.*)\n", "", dump, flags=re.M)
    dump = re.sub(r"\n{3,}", "\n\n", dump.replace("public.", ""))
    query = ["psql", "-At", plain, "-c", "SELECT version_num FROM alembic_version"]
    revision = subprocess.run(query, check=True, capture_output=True, text=True).stdout.strip()
    write("postgres", revision, dump)


def sqlite():
    with tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/mlflow.db"
        _initialize_tables(create_sqlalchemy_engine(f"sqlite:///{file}"))
        with sqlite3.connect(file) as db:
            (revision,) = db.execute("SELECT version_num FROM alembic_version").fetchone()
            rows = db.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'")
            ddl = ";\n\n".join(re.sub(r"[ \t]+$", "", sql, flags=re.M) for (sql,) in rows) + ";"
    write("sqlite", revision, ddl)


postgres(sys.argv[1])
sqlite()
