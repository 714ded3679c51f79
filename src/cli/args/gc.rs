//! The options of `tracklet gc`.

use clap::Args;

use super::Tracking;

#[derive(Debug, Args)]
#[command(after_help = GC_STATUS)]
pub(in crate::cli) struct Gc {
    /// Only what was deleted that long ago: 30d, 8h, 1d2h3m4s, 1.5h
    #[arg(long, value_name = "AGE", allow_hyphen_values = true)]
    pub(in crate::cli) older_than: Option<String>,
    /// URI of the database [default: the tracking URI if it is one, else sqlite:///mlflow.db]
    #[arg(long, value_name = "URI", allow_hyphen_values = true)]
    pub(in crate::cli) backend_store_uri: Option<String>,
    /// The server's --artifacts-destination: artifacts that it serves are deleted there, without asking it
    #[arg(long, value_name = "URI", allow_hyphen_values = true)]
    pub(in crate::cli) artifacts_destination: Option<String>,
    /// These runs, separated by commas, instead of all deleted ones
    #[arg(long, value_name = "IDS", allow_hyphen_values = true)]
    pub(in crate::cli) run_ids: Option<String>,
    /// These experiments and their runs, separated by commas, instead of all deleted ones
    #[arg(long, value_name = "IDS", allow_hyphen_values = true)]
    pub(in crate::cli) experiment_ids: Option<String>,
    /// These logged models, separated by commas, instead of all deleted ones
    #[arg(long, value_name = "IDS", allow_hyphen_values = true)]
    pub(in crate::cli) logged_model_ids: Option<String>,
    /// All finished background jobs of MLflow, too
    #[arg(long)]
    pub(in crate::cli) jobs: bool,
    /// These finished jobs, separated by commas
    #[arg(long, value_name = "IDS", allow_hyphen_values = true)]
    pub(in crate::cli) job_ids: Option<String>,
    /// The workspace; there is none but `default`
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    pub(in crate::cli) workspace: Option<String>,
    /// Ids that do not exist are no mistake
    #[arg(long)]
    pub(in crate::cli) all_workspaces: bool,
    #[command(flatten)]
    pub(in crate::cli) tracking: Tracking,
}

const GC_STATUS: &str = "\
Exit status:
  0    everything that was asked for is gone
  1    something is not: what was asked for is not deleted or too young (then nothing was touched), or its artifacts or
       rows could not be deleted (then the rest is gone, and the next gc tries again)
  2    the arguments or variables cannot be followed
  3    the database or the object store cannot be reached at the moment; the next gc goes on
  130  stopped by SIGINT, and 143 by SIGTERM: what was begun is finished by the next gc";
