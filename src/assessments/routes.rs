//! Handlers.

use actix_web::web;

use super::reply::AssessmentResponse;
use super::wire::{CreateAssessment, UpdateAssessment};
use super::{rules, store};
use crate::app::App;
use crate::error::Result;
use crate::http::extract::Req;
use crate::http::reply::{Empty, Reply};

/// The ids of a trace and of an assessment.
type Ids = web::Path<(String, String)>;

/// `POST 3.0/traces/{trace_id}/assessments`
pub async fn create(
    app: web::Data<App>,
    trace_id: web::Path<String>,
    request: Req<CreateAssessment>,
) -> Result<Reply<AssessmentResponse>> {
    let (assessment, rollups) = (request.0.assessment, app.config.rollups);
    rules::check(&assessment)?;
    let assessment = app.db.write(move |conn| store::create(conn, &trace_id, &assessment, rollups)).await?;
    Ok(Reply(AssessmentResponse { assessment }))
}

/// `GET 3.0/traces/{trace_id}/assessments/{assessment_id}`
pub async fn get(app: web::Data<App>, ids: Ids) -> Result<Reply<AssessmentResponse>> {
    let (trace_id, assessment_id) = ids.into_inner();
    let assessment = app.db.read(move |conn| store::get(conn, &trace_id, &assessment_id)).await?;
    Ok(Reply(AssessmentResponse { assessment }))
}

/// `PATCH 3.0/traces/{trace_id}/assessments/{assessment_id}`
pub async fn update(
    app: web::Data<App>,
    ids: Ids,
    request: Req<UpdateAssessment>,
) -> Result<Reply<AssessmentResponse>> {
    let ((trace_id, assessment_id), rollups) = (ids.into_inner(), app.config.rollups);
    rules::name(request.0.assessment_name.as_deref().unwrap_or_default())?;
    let assessment =
        app.db.write(move |conn| store::update(conn, &trace_id, &assessment_id, request.0.clone(), rollups)).await?;
    Ok(Reply(AssessmentResponse { assessment }))
}

/// `DELETE 3.0/traces/{trace_id}/assessments/{assessment_id}`
pub async fn delete(app: web::Data<App>, ids: Ids) -> Result<Reply<Empty>> {
    let ((trace_id, assessment_id), rollups) = (ids.into_inner(), app.config.rollups);
    app.db.write(move |conn| store::delete(conn, &trace_id, &assessment_id, rollups)).await?;
    Ok(Reply(Empty {}))
}
