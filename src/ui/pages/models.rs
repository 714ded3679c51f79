//! The registered models, and the prompts, which are registered models of another kind.

use actix_web::{HttpRequest, HttpResponse, web};
use maud::{Markup, html};

use super::model_head::{first_line, stage};
use super::version_facts::bounded;
use crate::app::App;
use crate::error::{Error, Result};
use crate::registry::reply::{ModelVersion, RegisteredModel, SearchRegisteredModelsResponse};
use crate::registry::rules::IS_PROMPT;
use crate::registry::search::ModelSearch;
use crate::registry::wire::SearchRegisteredModels;
use crate::search::{self, page_token};
use crate::ui::pages::kit::filter::FilterBox;
use crate::ui::pages::kit::layout::{self, Page, Section};
use crate::ui::pages::kit::site::Site;
use crate::ui::pages::kit::table::{Heading, Sort};
use crate::ui::pages::kit::text::{T, cut};
use crate::ui::pages::kit::time::ago;
use crate::ui::pages::kit::url::Url;

const PAGE: i64 = 50;
/// Bytes of lines with links. A name can be in several addresses, with up to twelve bytes for a character; the lines
/// after that many bytes have none.
const LINKED: usize = 60_000;
/// Aliases of a model in the table; its page has all of them.
const ALIASES: usize = 4;
const EXAMPLE: &str = "name ILIKE '%iris%' AND tags.team = 'nlp'";
/// What the table can be ordered by, and its name in MLflow's language.
const ORDERS: [(&str, &str); 2] = [("name", "name"), ("updated", "last_updated_timestamp")];

/// What the address says.
struct Shown<'a> {
    site: &'a Site,
    number: i64,
    prompts: bool,
    sort: Sort,
}

/// `GET /tracklet/models`
pub async fn models(app: web::Data<App>, request: HttpRequest) -> HttpResponse {
    let site = Site::of(&app, &request);
    let page = show(&app, &site).await;
    site.answer(page)
}

async fn show(app: &App, site: &Site) -> Result<Page> {
    site.check_query()?;
    let shown = Shown { site, number: site.page()?, prompts: prompts(site)?, sort: Sort::parse(site.given("sort")) };
    let wrong = search::registered_models::filter(site.given("q")).err();
    let search = ModelSearch::new(&SearchRegisteredModels {
        filter: if wrong.is_some() { String::new() } else { shown.filter() },
        max_results: PAGE,
        order_by: shown.sort.order_by(&ORDERS, "Models")?,
        page_token: if shown.number > 1 { page_token::create((shown.number - 1) * PAGE) } else { String::new() },
    })?;
    let found = match &wrong {
        Some(_) => SearchRegisteredModelsResponse { registered_models: Vec::new(), next_page_token: None },
        None => app.db.read(move |conn| search.run(conn)).await?,
    };
    let body = shown.body(&found, wrong.as_ref().map(Error::message));
    let page = Page::new(shown.title(), Section::Models, body);
    Ok(page.because_of(wrong.as_ref()))
}

fn prompts(site: &Site) -> Result<bool> {
    match site.given("view") {
        "" | "models" => Ok(false),
        "prompts" => Ok(true),
        text => Err(Error::invalid(format!("The view must be 'models' or 'prompts', not '{text}'."))),
    }
}

/// The highest version that a model has in any stage.
fn latest(model: &RegisteredModel) -> Option<&ModelVersion> {
    model.latest_versions.iter().max_by_key(|version| version.version.parse::<i64>().unwrap_or_default())
}

impl Shown<'_> {
    const fn title(&self) -> &'static str {
        if self.prompts { "Prompts" } else { "Registered models" }
    }

    /// The filter, in the view: models hide prompts by themselves.
    fn filter(&self) -> String {
        let given = self.site.given("q");
        match (self.prompts, given.trim()) {
            (false, _) => given.to_owned(),
            (true, "") => format!("tags.`{IS_PROMPT}` = 'true'"),
            (true, _) => format!("tags.`{IS_PROMPT}` = 'true' AND {given}"),
        }
    }

    fn view_name(&self) -> &'static str {
        if self.prompts { "prompts" } else { "" }
    }

    fn url_by(&self, sort: &Sort) -> Url {
        let url = self.site.models().with("q", self.site.given("q"));
        url.with("sort", &sort.shown()).with("view", self.view_name())
    }

    fn body(&self, found: &SearchRegisteredModelsResponse, wrong: Option<&str>) -> Markup {
        html! {
            div.head { h1 { (self.title()) } }
            (self.views())
            (self.search(wrong))
            @if wrong.is_none() {
                @if found.registered_models.is_empty() { (self.nothing()) } @else { (self.table(&found.registered_models)) }
                (layout::pager(self.number, found.next_page_token.is_some(), |page| self.url_by(&self.sort).page(page)))
            }
        }
    }

    fn views(&self) -> Markup {
        let url = || self.site.models().with("q", self.site.given("q")).with("sort", &self.sort.shown());
        let prompts = url().with("view", "prompts");
        layout::tabs("Kinds", &[("Models", url(), !self.prompts), ("Prompts", prompts, self.prompts)])
    }

    fn search(&self, error: Option<&str>) -> Markup {
        let url = self.site.models().with("sort", &self.sort.shown()).with("view", self.view_name());
        let label = if self.prompts { "Filter prompts" } else { "Filter models" };
        FilterBox { url, filter: self.site.given("q"), label, example: EXAMPLE, error, name: "name" }.render()
    }

    fn nothing(&self) -> Markup {
        let all = self.site.models().with("view", self.view_name());
        html! {
            div.empty {
                @if self.number > 1 {
                    h2 { "Nothing on this page" }
                    p { a href=(self.url_by(&self.sort)) { "To the first page" } }
                } @else if !self.site.given("q").is_empty() {
                    h2 { @if self.prompts { "No prompt matches" } @else { "No model matches" } }
                    p { a href=(all) { @if self.prompts { "All prompts" } @else { "All models" } } }
                } @else if self.prompts {
                    h2 { "No prompts yet" }
                } @else {
                    h2 { "No registered models yet" }
                    p { "Register one from any MLflow client, for instance what a run has logged:" }
                    @let snippet = format!("import mlflow\n\nmlflow.set_tracking_uri(\"{}\")\nmlflow.register_model(\"runs:/RUN_ID/model\", \"my model\")\n", self.site.tracking_uri);
                    (layout::program(&snippet, "the program"))
                }
            }
        }
    }

    fn table(&self, models: &[RegisteredModel]) -> Markup {
        let heading =
            |label, key, numeric| Heading { label, key, numeric }.render(&self.sort, |sort| self.url_by(sort));
        let table = html! {
            table {
                thead {
                    tr {
                        (heading("Name", "name", false))
                        th.n scope="col" { "Latest" }
                        th scope="col" { "Aliases" }
                        @if !self.prompts { th scope="col" { "Stages" } }
                        (heading("Changed", "updated", true))
                        th scope="col" { "Description" }
                    }
                }
                tbody { (self.rows(models)) }
            }
        };
        layout::region(self.title(), &table)
    }

    fn rows(&self, models: &[RegisteredModel]) -> Markup {
        let (linked, shown) = bounded(models.iter().map(|model| self.row(model)), LINKED);
        let columns = if self.prompts { 4 } else { 5 };
        html! {
            (linked)
            @for model in models.iter().skip(shown) {
                tr {
                    th scope="row" { bdi { (T(&cut(&model.name, 60))) } }
                    td colspan=(columns) { span.quiet { "Too long to be shown here: filter by its name." } }
                }
            }
        }
    }

    fn row(&self, model: &RegisteredModel) -> Markup {
        let name = &model.name;
        let version = |number: &str| self.site.version(name, number);
        let staged = model.latest_versions.iter().filter_map(|version| Some((stage(version)?, version)));
        html! {
            tr {
                th scope="row" { a href=(self.site.model(name)) { bdi { (T(&cut(name, 60))) } } }
                td.n {
                    @match latest(model) {
                        Some(latest) => a href=(version(&latest.version)) { (latest.version) },
                        None => span.none { "–" },
                    }
                }
                td {
                    @for alias in model.aliases.iter().take(ALIASES) {
                        a.chip href=(version(&alias.version)) { "@" bdi { (T(&cut(&alias.alias, 24))) } " → " (alias.version) } " "
                    }
                    @if model.aliases.len() > ALIASES { span.quiet { "+" (model.aliases.len() - ALIASES) } }
                }
                @if !self.prompts {
                    td {
                        @for (stage, of_stage) in staged {
                            a.chip href=(version(&of_stage.version)) { (T(&cut(stage, 24))) " " (of_stage.version) } " "
                        }
                    }
                }
                td.n { (ago(model.last_updated_timestamp, self.site.now)) }
                td.note { bdi { (T(&cut(first_line(model.description.as_deref()), 80))) } }
            }
        }
    }
}
