"""Fills databases by SQL: the same rows for every server, in the schema that it has."""

METRICS, PARAMS, TAGS, SPANS = 10, 10, 5, 10
BEGAN = 1_700_000_000_000

START = f"{BEGAN} + i * 1000"
# Values that differ for all runs, in no order: 20,011 and 7,919 are primes.
VALUE = "((i + k * 104729)::bigint * 7919 %% 20011) / 20011.0"

RUNS = f"""
INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, source_version, user_id, status,
                  start_time, end_time, lifecycle_stage, artifact_uri, experiment_id)
SELECT md5('run ' || i), 'run-' || i, 'UNKNOWN', '', '', '', 'bench', 'FINISHED', {START}, {START} + 500, 'active',
       'mlflow-artifacts:/' || %s || '/' || md5('run ' || i) || '/artifacts', %s
FROM generate_series(%s, %s) i"""

_EACH = "FROM generate_series(%s, %s) i, generate_series(0, {last}) k ORDER BY i, k"
_POINT = f"'m' || k, {VALUE}, {BEGAN}, 99, false, md5('run ' || i)"


def _rows(count):
    return _EACH.format(last=count - 1)


TAG_ROWS = f"INSERT INTO tags (key, value, run_uuid) SELECT 't' || k, 'value ' || (i + k) %% 11, md5('run ' || i) {_rows(TAGS)}"
PARAM = f"SELECT 'p' || k, ((i / 3 + k) %% 7)::text, md5('run ' || i) {_rows(PARAMS)}"

MLFLOW = [
    f"INSERT INTO metrics (key, value, timestamp, step, is_nan, run_uuid) SELECT {_POINT} {_rows(METRICS)}",
    f"INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid) SELECT {_POINT} {_rows(METRICS)}",
    f"INSERT INTO params (key, value, run_uuid) {PARAM}",
    TAG_ROWS,
]
FASTTRACKML = [
    "INSERT INTO metrics (key, value, timestamp, step, is_nan, run_uuid, iter, context_id) "
    f"SELECT {_POINT}, 1, 1 {_rows(METRICS)}",
    "INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid, last_iter, context_id) "
    f"SELECT {_POINT}, 1, 1 {_rows(METRICS)}",
    f"INSERT INTO params (key, value_str, run_uuid) {PARAM}",
    TAG_ROWS,
    "UPDATE runs SET row_num = 0 WHERE row_num IS NULL",
]


def fill_runs(contender, experiment, count, after=0):
    """`count` runs with ten metrics, ten params and five tags each in one experiment. No two runs of a database may have
    the same number; theirs begin `after` one."""
    numbers = after + 1, after + count
    with contender.postgres.connect() as session:
        session.execute(RUNS, experiment, int(experiment), *numbers)
        for statement in FASTTRACKML if contender.name == "fasttrackml" else MLFLOW:
            session.execute(statement, *(numbers if "%s" in statement else []))
        session.execute("VACUUM ANALYZE")


def fill_points(contender, run, count):
    """A curve `loss` of `count` points."""
    own, values = (", iter, context_id", ", i, 1") if contender.name == "fasttrackml" else ("", "")
    with contender.postgres.connect() as session:
        session.execute(
            f"INSERT INTO metrics (key, value, timestamp, step, is_nan, run_uuid{own}) "
            f"SELECT 'loss', 1 / ln(i + 1.5), {BEGAN} + i * 100, i, false, %s{values} FROM generate_series(1, %s) i",
            run, count)
        session.execute("VACUUM ANALYZE metrics")


# A stage for every hundredth version, so that each stage has many and the highest of each is not the last one.
STAGE = "CASE i %% 100 WHEN 1 THEN 'Production' WHEN 2 THEN 'Staging' WHEN 3 THEN 'Archived' ELSE 'None' END"
VERSION = ("INSERT INTO model_versions (workspace, name, version, creation_time, last_updated_time, current_stage, source, storage_location, "
           f"run_id, status) SELECT 'default', {{name}}, {{number}}, {START}, {START}, {{stage}}, 's3://bucket/' || i, 's3://bucket/' || i, "
           "md5('run ' || i), 'READY' FROM generate_series(%s, %s) i")
VERSION_TAG = ("INSERT INTO model_version_tags (workspace, name, version, key, value) "
               "SELECT 'default', {name}, {number}, 'team', 'team ' || i %% 50 FROM generate_series(%s, %s) i")
MODELS = [
    "INSERT INTO registered_models (workspace, name, creation_time, last_updated_time, description) "
    f"SELECT 'default', 'model-' || to_char(i, 'FM00000'), {START}, {START}, 'number ' || i FROM generate_series(%s, %s) i",
    "INSERT INTO registered_model_tags (workspace, name, key, value) "
    "SELECT 'default', 'model-' || to_char(i, 'FM00000'), 'team', 'team ' || i %% 50 FROM generate_series(%s, %s) i",
    VERSION.format(name="'model-' || to_char(i, 'FM00000')", number="1", stage="'None'"),
    VERSION_TAG.format(name="'model-' || to_char(i, 'FM00000')", number="1"),
]
VERSIONS = [
    VERSION.format(name="'many versions'", number="i", stage=STAGE),
    VERSION_TAG.format(name="'many versions'", number="i"),
]


def fill_registry(contender, models, versions):
    """Fills up to so many models of one version each, and so many versions of the model `many versions`."""
    with contender.postgres.connect() as session:
        have = session.value("SELECT count(*) FROM registered_models WHERE name LIKE 'model-%'")
        for statement in MODELS:
            session.execute(statement, have + 1, models)
        have = session.value("SELECT count(*) FROM model_versions WHERE name = %s", "many versions")
        for statement in VERSIONS:
            session.execute(statement, have + 1, versions)
        session.execute("VACUUM ANALYZE")


TRACE = "'tr-' || md5('trace ' || i)"
# A content as MLflow's clients write it; the text of no two traces is the same.
CONTENT = """'{"trace_id": "' || encode(decode(md5('trace ' || i), 'hex'), 'base64') || '", "span_id": "AAAAAAAAAAE=", "parent_span_id": null, '
    || '"name": "step ' || k || '", "kind": "SPAN_KIND_INTERNAL", "events": [], "links": [], "status": {"code": "STATUS_CODE_OK", "message": ""}, '
    || '"attributes": {"mlflow.spanType": "\\"LLM\\"", "model": "\\"large ' || (i + k) %% 991 || '\\"", "mlflow.spanInputs": "{\\"messages\\": [{\\"role\\": '
    || '\\"user\\", \\"content\\": \\"question ' || i || ' ' || repeat('about the weather of tomorrow ', 8) || '\\"}]}", "mlflow.spanOutputs": "{\\"text\\": \\"'
    || repeat('sunny ', 40) || '\\"}"}}'"""
STATUS = "CASE i %% 20 WHEN 7 THEN 'ERROR' ELSE 'OK' END"
TRACES = [
    "INSERT INTO trace_info (request_id, experiment_id, timestamp_ms, execution_time_ms, status, request_preview, response_preview, trace_name) "
    f"SELECT {TRACE}, %s, {START}, (i::bigint * 7919 %% 20011) * 100000 + i, {STATUS}, 'question', 'sunny', 'answer' FROM generate_series(1, %s) i",
    f"INSERT INTO trace_tags (key, value, request_id) SELECT t.key, t.value, {TRACE} FROM generate_series(1, %s) i, "
    "LATERAL (VALUES ('team', 'team ' || i %% 50), ('mlflow.traceName', 'answer'), ('mlflow.trace.spansLocation', 'TRACKING_STORE')) t (key, value)",
    f"INSERT INTO trace_request_metadata (key, value, request_id) SELECT t.key, t.value, {TRACE} FROM generate_series(1, %s) i, "
    "LATERAL (VALUES ('mlflow.trace_schema.version', '3'), ('mlflow.source.name', 'bench.py'), ('mlflow.user', 'bench')) t (key, value)",
    "INSERT INTO spans (trace_id, experiment_id, span_id, parent_span_id, name, type, status, start_time_unix_nano, end_time_unix_nano, content) "
    f"SELECT {TRACE}, %s, lpad(to_hex(k + 1), 16, '0'), CASE k WHEN 0 THEN NULL ELSE '0000000000000001' END, "
    "CASE WHEN i %% 1000 = 3 AND k = 5 THEN 'rare ' || i %% 7 ELSE 'step ' || k END, CASE k %% 2 WHEN 0 THEN 'TOOL' ELSE 'LLM' END, 'OK', "
    f"({START}) * 1000000 + k, ({START}) * 1000000 + 1000000 + k * 1000, {CONTENT} FROM generate_series(1, %s) i, generate_series(0, {SPANS - 1}) k",
]


def fill_traces(contender, experiment, count):
    """`count` traces with ten spans, three tags and three lines of metadata each, in one experiment."""
    with contender.postgres.connect() as session:
        for statement in TRACES:
            own = [int(experiment)] if "experiment_id" in statement else []
            session.execute(statement, *own, count)
        session.execute("VACUUM ANALYZE")
