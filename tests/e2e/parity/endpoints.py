"""The endpoints of this release, as MLflow 3.18 serves them. `{}` stands for one path segment or more."""

API = ("/api/2.0/mlflow/", "/ajax-api/2.0/mlflow/")
PROXY = ("/api/2.0/mlflow-artifacts/", "/ajax-api/2.0/mlflow-artifacts/")
AJAX = ("/ajax-api/2.0/mlflow/",)
INFO = ("/api/3.0/mlflow/", "/ajax-api/3.0/mlflow/")
AJAX_3 = ("/ajax-api/3.0/mlflow/",)
ROOT = ("/",)

ENDPOINTS = [
    ("GET", ROOT, "health"),
    ("GET", ROOT, "version"),
    ("GET", ROOT, "get-artifact"),
    ("GET", INFO, "server-info"),
    *[("POST", API, f"experiments/{name}") for name in (
        "create", "delete", "delete-experiment-tag", "restore", "search", "set-experiment-tag", "update")],
    *[("GET", API, f"experiments/{name}") for name in ("get", "get-by-name", "search")],
    *[("POST", API, f"runs/{name}") for name in (
        "create", "delete", "delete-tag", "log-batch", "log-inputs", "log-metric", "log-model", "log-parameter",
        "outputs", "restore", "search", "set-tag", "update")],
    ("GET", API, "runs/get"),
    ("GET", API, "metrics/get-history"),
    ("GET", API, "metrics/get-history-bulk-interval"),
    ("GET", AJAX, "metrics/get-history-bulk"),
    ("POST", AJAX, "experiments/search-datasets"),
    ("GET", API, "artifacts/list"),
    ("POST", API, "artifacts/presigned-upload-url"),
    ("POST", API, "artifacts/presigned-download-url"),
    ("POST", AJAX, "upload-artifact"),
    ("GET", PROXY, "artifacts"),
    ("GET", PROXY, "artifacts/{}"),
    ("PUT", PROXY, "artifacts/{}"),
    ("DELETE", PROXY, "artifacts/{}"),
    ("POST", PROXY, "mpu/create/{}"),
    ("POST", PROXY, "mpu/complete/{}"),
    ("POST", PROXY, "mpu/abort/{}"),
    ("GET", PROXY, "presigned/{}"),
    ("POST", API, "logged-models"),
    ("POST", API, "logged-models/search"),
    ("GET", API, "logged-models/{}"),
    ("PATCH", API, "logged-models/{}"),
    ("DELETE", API, "logged-models/{}"),
    ("POST", API, "logged-models/{}/params"),
    ("PATCH", API, "logged-models/{}/tags"),
    ("DELETE", API, "logged-models/{}/tags/{}"),
    ("GET", API, "logged-models/{}/artifacts/directories"),
    ("GET", AJAX, "logged-models/{}/artifacts/files"),
    *[("POST", API, f"registered-models/{name}") for name in ("create", "rename", "get-latest-versions", "set-tag", "alias")],
    *[("GET", API, f"registered-models/{name}") for name in ("get", "search", "get-latest-versions", "alias")],
    ("PATCH", API, "registered-models/update"),
    *[("DELETE", API, f"registered-models/{name}") for name in ("delete", "delete-tag", "alias")],
    *[("POST", API, f"model-versions/{name}") for name in ("create", "transition-stage", "set-tag")],
    *[("GET", API, f"model-versions/{name}") for name in ("get", "get-download-uri", "search")],
    ("PATCH", API, "model-versions/update"),
    *[("DELETE", API, f"model-versions/{name}") for name in ("delete", "delete-tag")],
    ("GET", ROOT, "model-versions/get-artifact"),
    *[("POST", API, f"traces{name}") for name in ("", "/delete-traces", "/link-to-run")],
    ("PATCH", API, "traces/{}"),
    ("GET", API, "traces"),
    ("GET", API, "traces/{}/info"),
    *[(method, API, "traces/{}/tags") for method in ("PATCH", "DELETE")],
    *[("POST", INFO, f"traces{name}") for name in ("", "/batchGetInfos", "/delete-traces", "/search")],
    ("GET", INFO, "traces/{}"),
    *[(method, INFO, "traces/{}/tags") for method in ("PATCH", "DELETE")],
    *[(method, ROOT, "graphql") for method in ("GET", "POST")],
    *[(method, AJAX, "gateway-proxy") for method in ("GET", "POST")],
    *[(method, AJAX_3, "ui-telemetry") for method in ("GET", "POST")],
]
