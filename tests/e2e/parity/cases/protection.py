"""Host, origin and frame protection with MLflow's defaults."""

from parity.case import Step, case, get, table

HOSTS = ["localhost", "localhost:5000", "127.0.0.1", "127.0.0.1:1", "LOCALHOST", "[::1]", "[::1]:5000", "0.0.0.0", "evil.example", "evil.example:80", "10.0.0.5",
         "192.168.1.1:5000", "172.16.0.1", "172.32.0.1", "8.8.8.8", "localhost.evil.example", "evil-localhost", "127.0.0.1.evil.example", "", "127.0.0.2", "host.docker.internal",
         "mlflow.default.svc", "169.254.1.1", "[fe80::1]"]
ORIGINS = ["http://localhost", "http://localhost:3000", "https://localhost:3000", "http://127.0.0.1:5000", "http://[::1]:3000", "http://evil.example", "https://evil.example", "null", "",
           "http://localhost.evil.example", "http://192.168.1.1", "http://127.0.0.2", "ftp://localhost", "localhost"]
# Vary and allow-credentials are left out: they say the same in more or fewer words.
CORS = ("access-control-allow-origin", "access-control-allow-methods", "access-control-allow-headers")
SHOWN = (*CORS, "x-frame-options", "x-content-type-options")


def _host(host):
    header = (("Host", host),)
    return [get(path, headers=header) for path in ("/api/2.0/mlflow/experiments/get?experiment_id=0", "/health", "/version", "/get-artifact", "/api/2.0/mlflow-artifacts/artifacts/a")]


def _origin(origin):
    header = (("Origin", origin), ("Content-Type", "application/json"))
    body = b'{"experiment_id": "0", "key": "a", "value": "b"}'
    steps = [get("/api/2.0/mlflow/experiments/get?experiment_id=0", headers=header, show=SHOWN), get("/health", headers=header, show=SHOWN)]
    for root in ("/api", "/ajax-api"):
        steps.append(Step("POST", f"{root}/2.0/mlflow/experiments/set-experiment-tag", body=body, headers=header, show=SHOWN))
    return steps


def _preflight(origin):
    header = (("Origin", origin), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "content-type"))
    return [Step("OPTIONS", path, headers=header, show=CORS)
            for path in ("/api/2.0/mlflow/runs/search", "/ajax-api/2.0/mlflow/runs/search", "/health")]


CASES = [
    *table("host", HOSTS, _host),
    *table("origin", ORIGINS, _origin),
    *table("preflight", ORIGINS, _preflight),
    case("plain", get("/health", show=SHOWN), get("/api/2.0/mlflow/experiments/get?experiment_id=0", show=SHOWN), get("/api/2.0/nope", show=SHOWN)),
]
