//! The handler.

use std::sync::Arc;

use actix_web::web;
use serde_json::{Map, Value, json};

use super::plan::{Selected, What};
use super::prepare::prepare;
use super::resolve::{self, Input};
use super::select::select;
use super::wire::{Graphql, GraphqlResponse};
use crate::app::App;
use crate::artifacts::path::validate_path_is_safe;
use crate::artifacts::wire::FileInfo;
use crate::error::{Code, Error, Result};
use crate::http::extract::Req;
use crate::http::reply::Reply;
use crate::runs;

/// `GET` and `POST /graphql`
pub async fn graphql(app: web::Data<App>, request: Req<Graphql>) -> Result<Reply<GraphqlResponse>> {
    let plan = match prepare(&request.0)? {
        Ok(plan) => plan,
        Err(errors) => return Ok(Reply(GraphqlResponse { data: None, errors: Some(errors) })),
    };
    let (mut data, mut errors) = (Map::new(), Vec::new());
    for line in plan {
        let key = line.key.clone();
        let value = match root(&app, line).await {
            Err(error) if is_clients(&error) => {
                errors.push(error.message().to_owned());
                Value::Null
            }
            answer => answer?,
        };
        data.insert(key, value);
    }
    Ok(Reply(GraphqlResponse { data: Some(data), errors: Some(errors).filter(|errors| !errors.is_empty()) }))
}

/// Whether the client made a mistake. What is the server's fault, or passes, is the answer to the whole request.
fn is_clients(error: &Error) -> bool {
    error.code() != Code::RequestLimitExceeded && error.code().wire().1 < 500 || error.code() == Code::NotImplemented
}

async fn root(app: &App, line: Selected) -> Result<Value> {
    let (field, input) = match &line.what {
        What::TypeName(name) => return Ok(Value::from(*name)),
        What::Field { field, input, .. } => (field.name, input.clone()),
    };
    let input = input.ok_or_else(|| Error::invalid("Missing value for required parameter 'input'."))?;
    if field == "mlflowListArtifacts" {
        return Ok(select(&line.inner, &list_artifacts(app, &input).await?));
    }
    let line = Arc::new(line);
    app.db.read(move |conn| Ok(select(&line.inner, &resolve::answer(conn, field, &input, &line)?))).await
}

async fn list_artifacts(app: &App, input: &Input) -> Result<Value> {
    let dir = validate_path_is_safe(&resolve::text(input, "path")?)?;
    let run_id = resolve::run_id(input)?;
    let run = app.db.read(move |conn| runs::store::find(conn, &run_id)).await?;
    let root_uri = run.artifact_uri.unwrap_or_default();
    let (store, path) = app.artifacts.resolve(&root_uri, &dir)?;
    let files: Vec<FileInfo> = store.list(&path).await?.into_iter().map(|entry| FileInfo::of(entry, &dir)).collect();
    Ok(json!({ "root_uri": root_uri, "files": resolve::message(&files)? }))
}
