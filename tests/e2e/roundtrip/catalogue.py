"""What a database consists of, read from its catalogue."""

OURS = "tracklet_"

POSTGRES = {
    # The rank, not the number: a column that a migration dropped leaves a gap in the numbers.
    "columns": """SELECT table_name, column_name, rank() OVER (PARTITION BY table_name ORDER BY ordinal_position), data_type, character_maximum_length, numeric_precision,
        is_nullable, column_default, is_generated, generation_expression, collation_name
        FROM information_schema.columns WHERE table_schema = 'public'""",
    "constraints": """SELECT conrelid::regclass::text, conname, contype::text, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "triggers": "SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "functions": """SELECT proname, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace""",
    "relations": """SELECT relname, relkind::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
        AND relkind IN ('r', 'v', 'm', 'S', 'p', 'f')""",
    "types": """SELECT typname, typtype::text FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd')""",
    "sequences": "SELECT sequencename, data_type::text, start_value, increment_by, max_value FROM pg_sequences WHERE schemaname = 'public'",
}


def read(store):
    """Sets of rows by kind of object, without what belongs to Tracklet alone."""
    found = _postgres(store) if store.kind == "postgres" else _sqlite(store)
    return {kind: {row for row in rows if not any(OURS in str(part) for part in row[:2])} for kind, rows in found.items()}


def contents(store):
    """How many rows each of MLflow's tables has, and the revision."""
    tables = sorted(row[0] for row in read(store)["relations" if store.kind == "postgres" else "tables"])
    if store.kind == "postgres":
        tables = sorted(row[0] for row in read(store)["relations"] if row[1] == "r")
    counts = {table: store.query(f'SELECT count(*) FROM "{table}"')[0][0] for table in tables}
    return counts | {"revision": store.query("SELECT version_num FROM alembic_version")}


def _postgres(store):
    return {kind: {tuple(row) for row in store.query(statement)} for kind, statement in POSTGRES.items()}


def _sqlite(store):
    tables = [row[0] for row in store.query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")]
    found = {"tables": set(), "columns": set(), "foreign keys": set(), "indexes": set(), "statements": set()}
    for table in tables:
        found["tables"].add((table,))
        found["columns"] |= {(table, *row[1:]) for row in store.query(f'PRAGMA table_xinfo("{table}")')}
        found["foreign keys"] |= {(table, *row[1:]) for row in store.query(f'PRAGMA foreign_key_list("{table}")')}
        for _, index, unique, origin, partial in store.query(f'PRAGMA index_list("{table}")'):
            columns = tuple(row[2] for row in store.query(f'PRAGMA index_info("{index}")'))
            found["indexes"].add((table, index, unique, origin, partial, columns))
    for kind, name, text in store.query("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL"):
        if not name.startswith("sqlite_"):
            # Whitespace aside, the statements hold what the pragmas do not tell: checks, collations, trigger bodies.
            found["statements"].add((name, kind, _clauses(text)))
    return found


def _clauses(statement):
    """The words of a statement, its clauses sorted: MLflow's migrations write named checks in an order that varies from
    one run to the next. The pragmas tell the order of columns."""
    clauses, depth = [[]], 0
    for word in statement.replace("(", " ( ").replace(")", " ) ").replace(",", " , ").split():
        depth += {"(": 1, ")": -1}.get(word, 0)
        if word == "," and depth == 1:
            clauses.append([])
        elif not (word == "(" and depth == 1) and not (word == ")" and depth == 0):
            clauses[-1].append(word)
        else:
            clauses.append([])
    return tuple(sorted(" ".join(clause) for clause in clauses))
