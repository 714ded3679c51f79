"""A server that does not serve artifacts."""

from parity.case import a_run, case, delete, get, post, put, read

FILES = "${root}-artifacts/artifacts"

CASES = [
    case("locations", a_run(), get("experiments/get", {"experiment_id": "0"}), get("experiments/get", {"experiment_id": "$exp"}), read()),
    case("proxy", get(FILES), get(f"{FILES}/a.txt"), put(f"{FILES}/a.txt", b"1"), delete(f"{FILES}/a.txt"),
         post("${root}-artifacts/mpu/create/a", {"path": "a", "num_parts": 1}), get("${root}-artifacts/presigned/a.txt")),
    case("through the server", a_run(), get("artifacts/list", {"run_id": "$run"}), get("/get-artifact", {"run_id": "$run", "path": "a"}),
         post("artifacts/presigned-upload-url", {"run_id": "$run", "path": "a"})),
    case("server info", get("/api/3.0/mlflow/server-info")),
]
