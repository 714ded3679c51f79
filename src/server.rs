//! Starts and stops the server.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::{App as HttpApp, HttpServer, web};
use tokio::task::JoinHandle;

use crate::app::{self, App};
use crate::artifacts::{Artifacts, Settings};
use crate::config::Config;
use crate::db::url::DatabaseUrl;
use crate::db::{self, Db, Prepared};
use crate::error::{Code, Error, Result};
use crate::experiments;
use crate::http::middleware::security::Guard;
use crate::http::middleware::{access_log, measure, trace};
use crate::http::security::Rules;
use crate::meter::{Kept, Meters};
use crate::otlp::{self, Exporting};
use crate::spans::Recorder;
use crate::trace_spans::turns::Turns;
use crate::ui::Bundle;

/// How long an idle connection is kept for its client's next request.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// A server that accepts requests. It goes on until [`Running::stop`].
pub struct Running {
    api: Listening,
    /// The port for Prometheus, if it has one of its own.
    metrics: Option<Listening>,
    /// Whoever sends spans to a collector.
    spans: Option<Exporting>,
}

struct Listening {
    address: SocketAddr,
    handle: ServerHandle,
    serving: JoinHandle<std::io::Result<()>>,
}

/// Prepares the database and starts to serve; requests are answered when this returns.
///
/// # Errors
///
/// The database cannot be reached or used, or the address cannot be bound.
pub async fn start(config: Config) -> Result<Running> {
    // Fails where the program that carries this server has chosen another already, which is fine.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let ui = Bundle::chosen(&config.ui)?;
    if let Some(bundle) = &ui {
        let version = bundle.marker().map(|marker| marker.version.as_str());
        tracing::info!(version, folder = %bundle.folder().display(), "serves MLflow's web UI");
    }
    let meters = Meters::new().map_err(Error::internal)?;
    let db = match &config.backend_store {
        Some(url) => {
            let db = Db::metered(url, config.pool.max_size, config.pool.max_lifetime, meters.database.clone());
            prepared(db, &config.artifacts.default_root).await?
        }
        None => Db::new(&DatabaseUrl::in_memory(), 1, None),
    };
    let mut artifacts = Settings::of_config(&config.artifacts, |name| std::env::var(name).ok())?;
    artifacts.s3.count_with(meters.object_store.clone());
    let artifacts = Artifacts::new(artifacts)?;
    let (spans, exporting) = recorder(&config, &meters)?;
    let app = App { artifacts, config, db, ui, meters, spans, turns: Turns::default(), pipeline: Kept::new() };
    serve(app, exporting)
}

/// Records for the collector, if there is one.
fn recorder(config: &Config, meters: &Meters) -> Result<(Recorder, Option<Exporting>)> {
    let Some(otlp) = &config.otlp else { return Ok((Recorder::default(), None)) };
    let started = otlp::start(otlp, meters.spans.clone());
    let (spans, exporting) = started.map_err(|failure| refuse(format!("Spans cannot be exported: {failure}")))?;
    Ok((spans, Some(exporting)))
}

/// The database with MLflow's schema and experiment 0 in it.
async fn prepared(db: Db, root: &str) -> Result<Db> {
    if db::prepare(&db).await? == Prepared::Created {
        tracing::info!(revision = db::HEAD, "created MLflow's schema in the empty database");
    }
    let root = root.to_owned();
    db.write(move |conn| experiments::store::ensure_default(conn, &root)).await?;
    Ok(db)
}

fn serve(app: App, spans: Option<Exporting>) -> Result<Running> {
    let listen = (app.config.host.clone(), app.config.port);
    let grace = app.config.shutdown_grace.as_secs();
    let rules = Arc::new(Rules::new(&app.config.security, &app.config.static_prefix));
    let app = web::Data::new(app);
    let metrics =
        app.config.monitoring.address.clone().map(|listen| serve_metrics(app.clone(), &listen)).transpose()?;
    let server = HttpServer::new(move || {
        HttpApp::new()
            .app_data(app.clone())
            .wrap(Guard::new(rules.clone()))
            .wrap(actix_web::middleware::from_fn(access_log::log))
            .wrap(actix_web::middleware::from_fn(measure::measure))
            .wrap(actix_web::middleware::from_fn(trace::trace))
            .configure(|config| app::configure(config, &app))
    })
    .keep_alive(KEEP_ALIVE)
    .shutdown_timeout(grace)
    .disable_signals()
    .bind(&listen);
    let server = server.map_err(|error| cannot_listen(&listen, &error))?;
    Ok(Running { api: listening(server.addrs(), server.run())?, metrics, spans })
}

/// The port for Prometheus. It asks Pods by their addresses, so there is no check of the host, and no page of a user's
/// browser has a reason to be able to reach this port.
fn serve_metrics(app: web::Data<App>, listen: &(String, u16)) -> Result<Listening> {
    let server = HttpServer::new(move || HttpApp::new().app_data(app.clone()).configure(app::monitoring))
        .workers(1)
        .shutdown_timeout(1)
        .disable_signals()
        .bind(listen);
    let server = server.map_err(|error| cannot_listen(listen, &error))?;
    listening(server.addrs(), server.run())
}

fn listening(addresses: Vec<SocketAddr>, server: Server) -> Result<Listening> {
    let address = addresses.first().copied().ok_or_else(|| refuse("No address to listen on."))?;
    let handle = server.handle();
    Ok(Listening { address, handle, serving: tokio::spawn(server) })
}

impl Running {
    /// The address that it listens on, with the port that the system chose where it was 0.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.api.address
    }

    /// Where Prometheus finds `/metrics`.
    #[must_use]
    pub fn metrics_address(&self) -> SocketAddr {
        self.metrics.as_ref().unwrap_or(&self.api).address
    }

    /// The tracking URI for clients on this machine.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.api.address)
    }

    /// Stops accepting, finishes what was accepted, sends the last spans, and returns. Until then Prometheus is answered.
    pub async fn stop(self) -> Result<()> {
        self.api.stop().await?;
        if let Some(spans) = self.spans {
            spans.stop().await;
        }
        match self.metrics {
            Some(metrics) => metrics.stop().await,
            None => Ok(()),
        }
    }
}

impl Listening {
    async fn stop(self) -> Result<()> {
        self.handle.stop(true).await;
        self.serving.await.map_err(Error::internal)?.map_err(Error::internal)
    }
}

fn cannot_listen((host, port): &(String, u16), error: &std::io::Error) -> Error {
    refuse(format!("Cannot listen on {host}:{port}: {error}"))
}

fn refuse(message: impl Into<String>) -> Error {
    Error::new(Code::InvalidState, message)
}
