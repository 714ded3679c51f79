-- The highest version of a stage, without looking at all versions of the model.
CREATE INDEX IF NOT EXISTS tracklet_model_versions_stage
    ON model_versions (workspace, name, current_stage, version);

-- Searches for versions: the default order over all of them, and of one model; those of a run. Without the last one SQLite
-- would walk the first.
CREATE INDEX IF NOT EXISTS tracklet_model_versions_recent
    ON model_versions (workspace, last_updated_time DESC, name, version DESC);
CREATE INDEX IF NOT EXISTS tracklet_model_versions_of_name
    ON model_versions (workspace, name, last_updated_time DESC, version DESC);
CREATE INDEX IF NOT EXISTS tracklet_model_versions_run
    ON model_versions (workspace, run_id);

-- The history of aliases. No foreign key: it outlives its model, and MLflow's own tables must stay free to change.
CREATE TABLE IF NOT EXISTS tracklet_registry_events (
    event_id INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace VARCHAR(63) NOT NULL,
    name VARCHAR(256) NOT NULL,
    alias VARCHAR(256) NOT NULL,
    from_version INTEGER,
    to_version INTEGER,
    user_id VARCHAR(256),
    timestamp BIGINT NOT NULL
);

CREATE INDEX IF NOT EXISTS tracklet_registry_events_name ON tracklet_registry_events (workspace, name, event_id);
