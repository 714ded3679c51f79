//! Addresses below `/tracklet` that are no page.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::app::App;
use crate::error::{Code, Error};
use crate::ui::pages::kit::site::Site;

/// Any other `GET` below `/tracklet/`
pub async fn missing(app: web::Data<App>, request: HttpRequest) -> HttpResponse {
    let what = Error::new(Code::EndpointNotFound, format!("There is no page at {}", request.path()));
    Site::of(&app, &request).answer(Err(what))
}

/// `GET /tracklet`
pub async fn to_home(app: web::Data<App>, request: HttpRequest) -> HttpResponse {
    let home = Site::of(&app, &request).home().to_string();
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, home)).finish()
}
