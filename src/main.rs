//! The `tracklet` program.
#[global_allocator]
static GLOBAL: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() {
    tracing_subscriber::fmt().init();
    let mut config = tracklet::config::Config::embedded(std::path::Path::new("/tmp/tk"));
    if let Some(url) = std::env::args().nth(1) {
        config.backend_store = url.parse().ok();
    }
    config.port = 5055;
    let server = tracklet::server::start(config).await.unwrap();
    println!("{}", server.url());
    tokio::signal::ctrl_c().await.unwrap();
    server.stop().await.unwrap();
}
