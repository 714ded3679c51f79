//! Where a request reached the pages, what it asks, and how it is answered.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse};

use super::assets::Asset;
use super::layout::{self, Page, Section};
use super::url::Url;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::extract::query;
use crate::http::infra;
use crate::types::time::now_millis;
use crate::types::view::ViewType;

/// Nothing but our own files, no inline style or script, and nobody else's frame.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'self'";
/// What a page shows may change at any time, and is nothing that a proxy should keep.
const CACHING: &str = "private, no-cache";

/// A request for a page.
#[derive(Debug)]
pub(crate) struct Site {
    prefix: String,
    section: Section,
    /// The address by which clients of the API reach this server.
    pub(crate) tracking_uri: String,
    /// Milliseconds since the epoch.
    pub(crate) now: i64,
    pairs: Result<Vec<(String, String)>, String>,
}

impl Site {
    /// What the request says. The static prefix is part of all addresses if the request came by it.
    pub(crate) fn of(app: &App, request: &HttpRequest) -> Self {
        let prefix = &app.config.static_prefix;
        let came_by_it = request.path().strip_prefix(prefix.as_str()).is_some_and(|rest| rest.starts_with('/'));
        let prefix = if came_by_it { prefix.clone() } else { String::new() };
        let is_of_models = request.path().get(prefix.len()..).is_some_and(|path| path.starts_with("/tracklet/models"));
        let section = if is_of_models { Section::Models } else { Section::Experiments };
        let origin = infra::origin(request).unwrap_or_else(|| "http://127.0.0.1:5000".to_owned());
        let pairs = query(request).map_err(|error| error.message().to_owned());
        Self { tracking_uri: format!("{origin}{prefix}"), prefix, section, now: now_millis(), pairs }
    }

    /// The first value under a name, empty where there is none.
    pub(crate) fn given(&self, name: &str) -> &str {
        let pair = self.pairs.as_deref().unwrap_or_default().iter().find(|(given, _)| given == name);
        pair.map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// All values under a name.
    pub(crate) fn all_given<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let pairs = self.pairs.as_deref().unwrap_or_default().iter();
        pairs.filter(move |(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// Refuses a query string that cannot be read.
    pub(crate) fn check_query(&self) -> Result<()> {
        self.pairs.as_ref().map(|_| ()).map_err(|message| Error::invalid(message.clone()))
    }

    /// The number of the page, from 1.
    pub(crate) fn page(&self) -> Result<i64> {
        const LAST: i64 = 10_000_000;
        match self.given("page") {
            "" => Ok(1),
            text => text
                .parse()
                .ok()
                .filter(|page| (1..=LAST).contains(page))
                .ok_or_else(|| Error::invalid(format!("The page must be a number from 1 on, not '{text}'."))),
        }
    }

    /// Which lifecycle stages to show.
    pub(crate) fn view(&self) -> Result<ViewType> {
        match self.given("view") {
            "" | "active" => Ok(ViewType::ActiveOnly),
            "deleted" => Ok(ViewType::DeletedOnly),
            text => Err(Error::invalid(format!("The view must be 'active' or 'deleted', not '{text}'."))),
        }
    }

    /// Whether a switch such as `log=1` is on.
    pub(crate) fn is_on(&self, name: &str) -> bool {
        self.given(name) == "1"
    }

    /// The page of experiments.
    pub(crate) fn home(&self) -> Url {
        Url::new(format!("{}/tracklet/", self.prefix))
    }

    /// The page of an experiment's runs.
    pub(crate) fn experiment(&self, id: &str) -> Url {
        Url::new(format!("{}/tracklet/experiments", self.prefix)).segment(id)
    }

    /// The page of an experiment's traces.
    pub(crate) fn traces(&self, experiment_id: &str) -> Url {
        self.experiment(experiment_id).segment("traces")
    }

    /// The page of a trace.
    pub(crate) fn trace(&self, id: &str) -> Url {
        Url::new(format!("{}/tracklet/traces", self.prefix)).segment(id)
    }

    /// The address that downloads the spans of a trace.
    pub(crate) fn trace_file(&self, id: &str) -> Url {
        Url::new(format!("{}/ajax-api/3.0/mlflow/get-trace-artifact", self.prefix)).with("request_id", id)
    }

    /// The page of a run.
    pub(crate) fn run(&self, id: &str) -> Url {
        Url::new(format!("{}/tracklet/runs", self.prefix)).segment(id)
    }

    /// The page that compares runs.
    pub(crate) fn compare(&self) -> Url {
        Url::new(format!("{}/tracklet/compare", self.prefix))
    }

    /// The page of registered models.
    pub(crate) fn models(&self) -> Url {
        Url::new(format!("{}/tracklet/models", self.prefix))
    }

    /// The page of a registered model.
    pub(crate) fn model(&self, name: &str) -> Url {
        self.models().segment(name)
    }

    /// The page of a version of a model.
    pub(crate) fn version(&self, name: &str, version: &str) -> Url {
        self.model(name).segment("versions").segment(version)
    }

    /// What KServe and people download: `what` is an archive of a version, or its manifest.
    pub(crate) fn served(&self, name: &str, what: &[&str]) -> Url {
        let url = Url::new(format!("{}/kserve/models", self.prefix)).segment(name);
        what.iter().fold(url, |url, segment| url.segment(segment))
    }

    /// The address that downloads a file of a version of a model.
    pub(crate) fn version_file(&self, name: &str, version: &str, path: &str) -> Url {
        let url = Url::new(format!("{}/model-versions/get-artifact", self.prefix));
        url.with("name", name).with("version", version).with("path", path)
    }

    /// The address that downloads an artifact of a run.
    pub(crate) fn download(&self, run_id: &str, path: &str) -> Url {
        Url::new(format!("{}/get-artifact", self.prefix)).with("run_uuid", run_id).with("path", path)
    }

    /// The address of a file that pages refer to.
    pub(crate) fn asset(&self, asset: Asset) -> Url {
        Url::new(format!("{}/tracklet/static/{}", self.prefix, asset.name()))
    }

    /// The answer: the page, or one that says what is wrong.
    pub(crate) fn answer(&self, page: Result<Page>) -> HttpResponse {
        let (status, page) = match page {
            Ok(page) => (page.status, page),
            Err(error) => {
                crate::http::error::log(&error);
                (error.code().wire().1, layout::failure(self, &error, self.section))
            }
        };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        HttpResponse::build(status)
            .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
            .insert_header((header::CACHE_CONTROL, CACHING))
            .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .insert_header((header::REFERRER_POLICY, "same-origin"))
            .body(layout::document(self, &page).into_string())
    }
}
