//! What a version is in the store of artifacts: its files, and the manifest with which KServe serves them.

use std::time::Duration;

use actix_web::rt::time::timeout;
use maud::{Markup, html};

use super::version_facts::bounded;
use crate::app::App;
use crate::error::{Error, Result};
use crate::kserve::folder::Folder;
use crate::kserve::rules::Options;
use crate::kserve::service;
use crate::kserve::store::Found as Served;
use crate::registry::reply::ModelVersion;
use crate::ui::pages::kit::layout;
use crate::ui::pages::kit::site::Site;
use crate::ui::pages::kit::text::{T, count, cut, size};

/// How long a page waits for the store.
const PATIENCE: Duration = Duration::from_secs(4);
/// Bytes of the list of files, and how many are read of a model with very many.
const LIST: usize = 14_000;
const READ: usize = 500;

/// What was found in the store, or why nothing was.
pub(super) enum Files {
    Known {
        manifest: String,
        /// The first files, by path.
        first: Vec<(String, u64)>,
        count: usize,
        bytes: u64,
    },
    Unknown(String),
}

/// Looks at the files of a version. Where they cannot be read, the version can still be looked at.
pub(super) async fn look(app: &App, site: &Site, served: &Result<Served>) -> Files {
    let served = match served {
        Ok(served) => served,
        Err(error) => return Files::unknown(error),
    };
    match timeout(PATIENCE, open(app, site, served)).await {
        Ok(Ok(files)) => files,
        Ok(Err(error)) => Files::unknown(&error),
        Err(_) => Files::Unknown("The store of the files does not answer.".to_owned()),
    }
}

async fn open(app: &App, site: &Site, served: &Served) -> Result<Files> {
    let folder = Folder::open(&app.artifacts, &served.what, &served.places).await?;
    let manifest = service::describe(served, &folder, Options::default(), Some(&site.tracking_uri)).await?.to_string();
    let mut files: Vec<_> = folder.files().collect();
    let (count, bytes) = (files.len(), files.iter().map(|(_, size)| size).sum());
    // A model is told by what is at its root.
    files.sort_unstable_by_key(|(path, _)| (path.matches('/').count(), *path));
    let first = files.into_iter().take(READ).map(|(path, size)| (path.to_owned(), size)).collect();
    Ok(Files::Known { manifest, first, count, bytes })
}

impl Files {
    fn unknown(error: &Error) -> Self {
        if error.code().wire().1 < 500 {
            return Self::Unknown(error.message().to_owned());
        }
        crate::http::error::log(error);
        Self::Unknown("The files cannot be read now.".to_owned())
    }

    /// The manifest and the files.
    pub(super) fn render(&self, app: &App, site: &Site, version: &ModelVersion) -> Markup {
        match self {
            Self::Unknown(why) => html! {
                section aria-label="Files" { h2 { "Files" } p.problem { (T(&cut(why, 1_200))) } }
            },
            Self::Known { manifest, first, count, bytes } => html! {
                (serve(site, version, manifest))
                (list(app, site, version, (first, *count, *bytes)))
            },
        }
    }
}

fn serve(site: &Site, version: &ModelVersion, manifest: &str) -> Markup {
    let url = site.served(&version.name, &[&version.version, "inferenceservice.yaml"]);
    html! {
        section aria-label="KServe" {
            h2 { "Serve with KServe" }
            (layout::program(manifest, "the manifest"))
            p.facts {
                a href=(url) { "inferenceservice.yaml" }
                span { "Its address takes " code { "?namespace=" } " and other parameters." }
            }
        }
    }
}

fn list(app: &App, site: &Site, version: &ModelVersion, (first, all, bytes): (&[(String, u64)], usize, u64)) -> Markup {
    let is_open = !app.config.artifacts.presigned_only;
    let lines = first.iter().map(|(path, length)| {
        html! {
            tr {
                th scope="row" {
                    @if is_open {
                        a href=(site.version_file(&version.name, &version.version, path)) { bdi { (T(&cut(path, 200))) } }
                    } @else { bdi { (T(&cut(path, 200))) } }
                }
                td.n { (size(*length)) }
            }
        }
    });
    let (lines, shown) = bounded(lines, LIST);
    let table = html! {
        table.listing {
            thead { tr { th scope="col" { "File" } th.n scope="col" { "Size" } } }
            tbody { (lines) }
        }
    };
    html! {
        section aria-label="Files" {
            h2 { "Files " span.quiet { (count(all, "file")) ", " (size(bytes)) } }
            (layout::region("Files", &table))
            @if shown < all { p.quiet { "The first " (shown) " of " (all) "." } }
        }
    }
}
