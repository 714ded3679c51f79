-- The default order of runs/search, so that the first page of a large experiment is read from the index.
CREATE INDEX IF NOT EXISTS tracklet_runs_listing
    ON runs (experiment_id, lifecycle_stage, start_time DESC, run_uuid);
