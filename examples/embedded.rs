//! A tracking server inside another program: start it, log a metric over HTTP, read it back, stop it.
//!
//! `cargo run --example embedded`

use std::error::Error;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use serde_json::{Value, json};
use tracklet::{config::Config, server};

#[tokio::main]
pub(crate) async fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::temp_dir().join(format!("tracklet-example-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;

    let server = server::start(Config::embedded(&folder)).await?;
    println!("mlflow.set_tracking_uri(\"{}\") would reach it", server.url());
    let address = server.address();
    let metric = tokio::task::spawn_blocking(move || log_and_read(address)).await??;
    println!("accuracy is {metric}");
    server.stop().await?;

    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

/// Logs a metric to a new run and answers what the run says of it.
pub(crate) fn log_and_read(server: SocketAddr) -> std::io::Result<Value> {
    let run = call(server, "POST runs/create", &json!({ "experiment_id": "0" }))?;
    let id = run.pointer("/run/info/run_id").and_then(Value::as_str).unwrap_or_default();
    call(server, "POST runs/log-metric", &json!({ "run_id": id, "key": "accuracy", "value": 0.93, "timestamp": 1 }))?;
    let run = call(server, &format!("GET runs/get?run_id={id}"), &Value::Null)?;
    Ok(run.pointer("/run/data/metrics/0/value").cloned().unwrap_or_default())
}

/// One request without any library: `GET path` or `POST path`, JSON in and out.
fn call(server: SocketAddr, request: &str, body: &Value) -> std::io::Result<Value> {
    let (method, path) = request.split_once(' ').unwrap_or(("GET", request));
    let body = body.to_string();
    let mut stream = TcpStream::connect(server)?;
    write!(stream, "{method} /api/2.0/mlflow/{path} HTTP/1.0\r\nHost: localhost\r\n")?;
    write!(stream, "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let json = answer.split_once("\r\n\r\n").map_or("", |(_, json)| json);
    Ok(serde_json::from_str(json)?)
}
