"""Artifacts through the server, stored on S3: listings, folders, multipart uploads, presigned downloads."""

from parity.case import a_run, case, delete, get, post, put, raw, table

FILES = "${root}-artifacts/artifacts"
RUN = f"{FILES}/$exp/$run/artifacts"
MPU = "${root}-artifacts/mpu"
SHOWN = ("content-disposition", "x-content-type-options", "content-type")

NAMES = ["a.txt", "a%20b.txt", "a+b.txt", "%C3%BC.txt", "a%25b.txt", "a%2541.txt", "a%23b", "a%26b", "deep/er/x.json", "a%27b", "%F0%9F%8E%89", "empty", ".hidden", "a=b",
         "a..txt", "a%2Fb.txt", "a:b", "~t", "model.pkl"]
CREATES = [{}, {"path": "a.bin"}, {"path": "a.bin", "num_parts": 2}, {"path": "/home/me/a.bin", "num_parts": 1}, {"path": "C:\\me\\a.bin", "num_parts": 1},
           {"path": "../a.bin", "num_parts": 1}, {"path": "", "num_parts": 1}, {"path": "a.bin", "num_parts": "x"}, {"path": "a.bin", "num_parts": 0}, {"path": "ü b.bin", "num_parts": 1}]


def _round(name):
    return (a_run(), put(f"{RUN}/{name}", b"" if name == "empty" else b"content"), get(f"{RUN}/{name}", show=SHOWN), get("artifacts/list", {"run_id": "$run"}),
            get(FILES, "path=$exp/$run/artifacts"), get("/get-artifact", f"run_id=$run&path={name}", show=SHOWN), delete(f"{RUN}/{name}"), get("artifacts/list", {"run_id": "$run"}))


CASES = [
    case("nothing", a_run(), get("artifacts/list", {"run_id": "$run"}), get(f"{RUN}/none"), delete(f"{RUN}/none"), get(FILES, {"path": "none"}),
         get("/get-artifact", {"run_id": "$run", "path": "none"})),
    case("folders", a_run(), *[put(f"{RUN}/{name}", name.encode()) for name in ("a.txt", "d/c.txt", "d/e/f.txt", "d.txt", "d2/x")],
         *[get("artifacts/list", {"run_id": "$run", "path": path}) for path in ("", "d", "d/", "d/e", "a.txt", "d.txt", "none")],
         get(f"{RUN}/d"), delete(f"{RUN}/d"), get("artifacts/list", {"run_id": "$run"}), get("artifacts/list", {"run_id": "$run", "path": "d2"})),
    case("overwritten", a_run(), put(f"{RUN}/a.txt", b"long content"), put(f"{RUN}/a.txt", b"short"), get(f"{RUN}/a.txt", show=SHOWN)),
    case("upload artifact", a_run(), raw("POST", "/ajax-api/2.0/mlflow/upload-artifact", b"up", query={"run_uuid": "$run", "path": "d/a.txt"}),
         get("artifacts/list", {"run_id": "$run", "path": "d"}), get(f"{RUN}/d/a.txt")),
    case("multipart aborted", a_run(), post(f"{MPU}/create/$exp/$run/artifacts", {"path": "a.bin", "num_parts": 1}, save={"upload": "upload_id"}),
         post(f"{MPU}/abort/$exp/$run/artifacts", {"path": "a.bin", "upload_id": "$upload"}), get("artifacts/list", {"run_id": "$run"})),
    case("multipart completed wrongly", a_run(), *[post(f"{MPU}/complete/$exp/$run/artifacts", body) for body in ({}, {"path": "a.bin"})]),
    case("presigned", a_run(), put(f"{RUN}/a.txt", b"1"), get("${root}-artifacts/presigned/$exp/$run/artifacts/a.txt"),
         get("${root}-artifacts/presigned/$exp/$run/artifacts/d/%C3%BC%20x.txt"), get("${root}-artifacts/presigned/../x"), get("${root}-artifacts/presigned/%2e%2e/x")),
    *[case(f"presigned {kind}", a_run(), *[post(f"artifacts/presigned-{kind}-url", body) for body in ({"run_id": "$run", "path": "a.txt"}, {"run_id": "$run"}, {})])
      for kind in ("upload", "download")],
    *table("name", NAMES, _round),
    *table("multipart", CREATES, lambda body: (a_run(), post(f"{MPU}/create/$exp/$run/artifacts", body))),
]
