"""What MLflow's web UI probes besides the API of the clients."""

from parity.case import case, delete, get, post, put, raw

TELEMETRY = "/ajax-api/3.0/mlflow/ui-telemetry"
GATEWAY = "/ajax-api/2.0/mlflow/gateway-proxy"
RECORD = {"event_name": "onView", "timestamp_ns": 1, "params": {}, "installation_id": "i", "session_id": "s"}

CASES = [
    case("telemetry", get(TELEMETRY), post(TELEMETRY, {"records": [RECORD]}), post(TELEMETRY, {"records": []}), post(TELEMETRY), post(TELEMETRY, {"records": "x"}),
         raw("POST", TELEMETRY, "{"), raw("POST", TELEMETRY, "", None), put(TELEMETRY), delete(TELEMETRY)),
    case("gateway", get(GATEWAY), get(GATEWAY, {"gateway_path": "api/2.0/endpoints/"}), get(GATEWAY, {"gateway_path": "../x"}), post(GATEWAY, {"gateway_path": "gateway/chat/invocations", "json_data": {}}),
         raw("POST", GATEWAY, "{"), raw("POST", GATEWAY, "", None), put(GATEWAY)),
    case("users", get("/ajax-api/2.0/mlflow/users/current"), get("/api/2.0/mlflow/users/current"), get("/ajax-api/2.0/mlflow/users/current/permissions")),
]
