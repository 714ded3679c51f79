//! Handlers.

use actix_web::web;

use super::wire::{LogInputs, SearchDatasets, SearchDatasetsResponse};
use super::{rules, store};
use crate::app::App;
use crate::error::Result;
use crate::http::extract::Req;
use crate::http::reply::{Empty, Reply};
use crate::types::names;
use crate::{logged_models, runs};

/// `POST runs/log-inputs`
pub async fn log_inputs(app: web::Data<App>, request: Req<LogInputs>) -> Result<Reply<Empty>> {
    let Req(LogInputs { run_id, datasets, models }) = request;
    names::run_id(&run_id)?;
    datasets.iter().try_for_each(rules::input)?;
    let models: Vec<String> = models.into_iter().map(|model| model.model_id).collect();
    app.db
        .write(move |conn| {
            let run = runs::store::find_active(conn, &run_id)?;
            store::log_inputs(conn, run.experiment_id, &run_id, &datasets)?;
            logged_models::store::log_inputs(conn, &run_id, &models)
        })
        .await?;
    Ok(Reply(Empty {}))
}

/// `POST experiments/search-datasets`
pub async fn search(app: web::Data<App>, request: Req<SearchDatasets>) -> Result<Reply<SearchDatasetsResponse>> {
    let experiment_ids = rules::experiments(&request.0)?;
    let dataset_summaries = app.db.read(move |conn| store::search(conn, experiment_ids.clone())).await?;
    Ok(Reply(SearchDatasetsResponse { dataset_summaries }))
}
