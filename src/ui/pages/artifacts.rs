//! The artifacts of a run: folders to browse, files to look at.

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use maud::{Markup, html};

use super::preview::{self, Preview};
use super::run_head::{Found, Tab, read};
use crate::app::App;
use crate::artifacts::path::{file_name, join, normalize, validate_path_is_safe};
use crate::artifacts::{ArtifactStore, Entry, Transfer, check_transfer, transfer};
use crate::error::{Code, Error, Result};
use crate::runs;
use crate::ui::pages::kit::layout::{self, Page};
use crate::ui::pages::kit::site::Site;
use crate::ui::pages::kit::text::{T, cut, size};
use crate::ui::pages::kit::url::Url;

/// Bytes of a listing on a page; a line costs at least [`LINE`] and its address.
const LISTED: usize = 30_000;
const LINE: usize = 160;
/// An uploaded image may be looked at, and can do nothing.
const IMAGE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/// A place in the artifacts of a run.
struct Place {
    /// From the root of the artifacts, empty for the root itself.
    path: String,
    /// The folder: the place itself, or the one around the file.
    folder: String,
    entries: Vec<Entry>,
    /// The file, if the place is one, and its size.
    file: Option<(Preview, u64)>,
}

/// `GET /tracklet/runs/{run_id}/artifacts`
pub async fn artifacts(app: web::Data<App>, id: web::Path<String>, request: HttpRequest) -> HttpResponse {
    let site = Site::of(&app, &request);
    let page = show(&app, &site, id.into_inner()).await;
    site.answer(page)
}

async fn show(app: &App, site: &Site, id: String) -> Result<Page> {
    site.check_query()?;
    let path = normalize(&validate_path_is_safe(site.given("path"))?);
    let (found, ()) = read(&app.db, id, |_, _| Ok(())).await?;
    let root = found.run.info.artifact_uri.clone().unwrap_or_default();
    // Where artifacts cannot be read, the run can still be looked at.
    let (status, body) = match look(app, &root, path).await {
        Ok(place) => (200, body(site, &found.run.info.run_id, &place)),
        Err(error) if error.code().wire().1 >= 500 => return Err(error),
        Err(error) => (error.code().wire().1, unreadable(site, &found, &error)),
    };
    Ok(Page { status, ..found.page(site, Tab::Artifacts, &body) })
}

async fn look(app: &App, root: &str, path: String) -> Result<Place> {
    let file = if path.is_empty() { None } else { file(app, root, &path).await? };
    let folder = match (&file, path.rsplit_once('/')) {
        (None, _) => path.clone(),
        (Some(_), Some((folder, _))) => folder.to_owned(),
        (Some(_), None) => String::new(),
    };
    let (store, at) = app.artifacts.resolve(root, &folder)?;
    let mut entries = store.list(&at).await?;
    entries.sort_by(|a, b| (!a.is_dir, &a.name).cmp(&(!b.is_dir, &b.name)));
    Ok(Place { path, folder, entries, file })
}

/// The file at a path; nothing if that is a folder.
async fn file(app: &App, root: &str, path: &str) -> Result<Option<(Preview, u64)>> {
    let (store, at) = app.artifacts.resolve(root, path)?;
    let object = match store.head(&at).await {
        Ok(object) => object,
        Err(error) if error.code() == Code::InvalidParameterValue => return Ok(None),
        Err(error) => return Err(error),
    };
    let preview = if app.config.artifacts.presigned_only {
        Preview::Off
    } else {
        preview::read(&store, &at, object.size).await?
    };
    Ok(Some((preview, object.size)))
}

/// `GET /tracklet/runs/{run_id}/image`: an image to look at, and anything else to download.
pub async fn image(app: web::Data<App>, id: web::Path<String>, request: HttpRequest) -> HttpResponse {
    let site = Site::of(&app, &request);
    let (store, at) = match image_place(&app, &site, id.into_inner()).await {
        Ok(place) => place,
        Err(error) => return site.answer(Err(error)),
    };
    if let Err(refused) = check_transfer(&app, Transfer::Download) {
        return HttpResponse::from_error(refused);
    }
    let mut response = match transfer::send_uncached(&request, &store, &at).await {
        Ok(response) => response,
        Err(error) => return site.answer(Err(error)),
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(IMAGE_POLICY));
    headers.insert(
        header::HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    );
    if let Some(image_type) = preview::image_type(&at) {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(image_type));
        headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("inline"));
    }
    response
}

async fn image_place(app: &App, site: &Site, id: String) -> Result<(ArtifactStore, String)> {
    site.check_query()?;
    let path = validate_path_is_safe(site.given("path"))?;
    let run = app.db.read(move |conn| runs::store::find(conn, &id)).await?;
    app.artifacts.resolve(run.artifact_uri.as_deref().unwrap_or_default(), &path)
}

fn unreadable(site: &Site, found: &Found, error: &Error) -> Markup {
    html! {
        div.problem role="alert" {
            p { strong { "These artifacts cannot be shown. " } (T(error.message())) }
            p { a href=(at(site, &found.run.info.run_id, "")) { "All artifacts of the run" } }
        }
    }
}

fn at(site: &Site, run_id: &str, path: &str) -> Url {
    site.run(run_id).segment("artifacts").with("path", path)
}

fn body(site: &Site, run_id: &str, place: &Place) -> Markup {
    if place.entries.is_empty() && place.path.is_empty() {
        return html! { div.empty { h2 { "No artifacts" } p { "This run has kept no files." } } };
    }
    let steps: Vec<&str> = place.path.split('/').filter(|step| !step.is_empty()).collect();
    let up_to = |index: usize| steps.iter().take(index + 1).copied().collect::<Vec<_>>().join("/");
    html! {
        nav.way aria-label="Folder" {
            ol {
                li { a href=(at(site, run_id, "")) { "artifacts" } }
                @for (index, step) in steps.iter().enumerate() {
                    li { a href=(at(site, run_id, &up_to(index))) { bdi { (T(&cut(step, 60))) } } }
                }
            }
        }
        div.files {
            (listing(site, run_id, place))
            section.preview aria-label="Preview" {
                @match &place.file {
                    None => p.quiet { "Choose a file to look at it." },
                    Some((preview, bytes)) => (file_view(site, run_id, place, preview, *bytes)),
                }
            }
        }
    }
}

fn file_view(site: &Site, run_id: &str, place: &Place, preview: &Preview, bytes: u64) -> Markup {
    let name = file_name(&place.path);
    let image = site.run(run_id).segment("image").with("path", &place.path).to_string();
    html! {
        div.head {
            h2 { bdi { (T(&cut(name, 120))) } }
            span.quiet { (size(bytes)) }
            a.button href=(site.download(run_id, &place.path)) download { "Download" }
            (layout::copy(&place.path, "the path of the file"))
        }
        (preview::render(preview, &cut(name, 120), &image))
    }
}

fn listing(site: &Site, run_id: &str, place: &Place) -> Markup {
    let mut left = LISTED;
    let mut lines = Vec::new();
    for entry in &place.entries {
        let path = join(&place.folder, &entry.name);
        let url = at(site, run_id, &path).to_string();
        let Some(rest) = left.checked_sub(LINE + url.len()) else { break };
        left = rest;
        lines.push((entry, url, path == place.path));
    }
    html! {
        div {
            ul {
                @for (entry, url, current) in &lines {
                    li {
                        a href=(url) aria-current=[current.then_some("true")] {
                            bdi { (T(&cut(&entry.name, 60))) } @if entry.is_dir { "/" }
                        }
                        @if let Some(bytes) = entry.file_size { span.quiet { (size(bytes)) } }
                    }
                }
            }
            @if lines.len() < place.entries.len() {
                p.quiet { "The first " (lines.len()) " of " (place.entries.len()) " entries." }
            }
        }
    }
}
