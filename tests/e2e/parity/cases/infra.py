"""What is outside the resources: health, version, unknown URLs, wrong methods."""

from parity.case import case, delete, get, patch, post, put, raw, table

UNKNOWN = ["nope", "experiments", "experiments/", "experiments/get/", "runs/nothing", "runs/get/more",
           "/api/2.0/nope", "/api/1.0/mlflow/experiments/get", "/api/4.0/mlflow/experiments/search", "/api", "/api/2.0/mlflow",
           "/ajax-api/2.0/mlflow/nope", "/API/2.0/mlflow/experiments/get", "//api/2.0/mlflow/experiments/get",
           "/api/2.0/preview/mlflow/experiments/get?experiment_id=0", "/health/", "/versions",
           "/api/2.0/mlflow/metrics/get-history-bulk", "/api/2.0/mlflow/experiments/search-datasets",
           "/api/2.0/mlflow/upload-artifact"]

WRONG_METHOD = [("POST", "runs/get"), ("GET", "runs/create"), ("GET", "runs/search"), ("PUT", "runs/search"),
                ("DELETE", "experiments/delete"), ("PATCH", "experiments/update"), ("POST", "experiments/get"),
                ("GET", "logged-models/search2"), ("PUT", "logged-models"), ("POST", "metrics/get-history")]


def _send(row):
    return raw(row[0], row[1], b"{}")


CASES = [
    case("health", get("/health"), get("/health", {"a": "b"})),
    case("version", get("/version"), get("/version", {"x": "y"})),
    case("server info", get("/api/3.0/mlflow/server-info"), get("/ajax-api/3.0/mlflow/server-info"),
         get("/api/2.0/mlflow/server-info")),
    case("probe methods", post("/health"), put("/health"), delete("/version"), patch("/version")),
    *table("unknown", UNKNOWN, get),
    *table("unknown post", UNKNOWN[:6], post),
    *table("method", WRONG_METHOD, _send),
]
