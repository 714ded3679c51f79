"""Artifacts through the server, on a local folder."""

from parity.case import a_model, a_run, case, delete, experiment, get, post, put, raw, read, table

FILES = "${root}-artifacts/artifacts"
RUN = f"{FILES}/$exp/$run/artifacts"
SHOWN = ("content-disposition", "x-content-type-options", "content-type", "accept-ranges", "content-range", "content-length", "cache-control")

# As they stand on the request line, percent-encoded by hand.
NAMES = ["a.txt", "a%20b.txt", "a+b.txt", "%C3%BC.txt", "%E5%90%8D.txt", "a%25b.txt", "a%2541.txt", "a%23b", "a%3Fb", "a%26b", "a.b.c.txt", ".hidden",
         "a%27b", "a%22b", "a%3Bb", "a%2Cb", "%F0%9F%8E%89", "MLmodel", "conda.yaml", "x.json", "x.py", "x.html", "x.svg", "x.png", "x.csv", "x.md",
         "x.unknown", "x.tar.gz", "x.pkl", "X.TXT", "deep/er/and/deeper.txt", "sp%20ace/f.txt", "x.xml", "x.js", "x.pdf", "x.parquet", "noext", "a%5Cb",
         "a%0Ab", "a%09b", "-dash", "~tilde", "a=b", "a@b", "a(b)", "%80.txt", "CON", "a%2Fb.txt", "a:b", "x.log", "x.ipynb"]

# Paths that must not lead anywhere.
ESCAPES = ["..", "../x", "%2e%2e/x", "%2e%2e%2fx", "..%2fx", "%252e%252e%252fx", "%25252e%25252e/x", "a/../../../x", "a/..", "./a", "a/./b", "a//b", "/etc/passwd",
           "%2fetc%2fpasswd", "%2f%2fetc", "file:///etc/passwd", "file:%2f%2f%2fetc%2fpasswd", "C:%5Cx", "C:/x", "%5C%5Chost%5Cx", "..%5Cx", "..%5C..%5Cx",
           "a%00b", "%00", "a%23/../b", "~/x", "...", "..a", "a..b/c", ".", "%2e", "%2e/", "a/%2e%2e/b", "a%2f..%2f..%2fb", "%c0%ae%c0%ae/x", "%", "%zz", "a/"]

RANGES = ["bytes=0-0", "bytes=0-4", "bytes=5-", "bytes=-3", "bytes=0-99", "bytes=99-", "bytes=5-2", "bytes=a-b", "bytes=0-1,3-4", "items=0-1", "bytes=", "bytes=-0"]

LISTS = [{}, {"path": ""}, {"path": "d"}, {"path": "d/"}, {"path": "d/e"}, {"path": "a.txt"}, {"path": "none"}, {"path": "../x"}, {"path": "/d"}, {"path": "."},
         {"path": "d/../d"}, {"path": "%2e%2e"}, {"path": "d%2fe"}, {"path": "sp ace"}, {"path": "a\x00b"}, {"path": "#"}, {"path": "d\\e"}, {"path": "//"},
         {"page_token": "abc"}, {"path": "d", "page_token": ""}, {"path": "file:///etc"}]


def _round(name):
    return (a_run(), put(f"{RUN}/{name}", b"content"), get(f"{RUN}/{name}", show=SHOWN), get("artifacts/list", {"run_id": "$run"}),
            get("/get-artifact", f"run_id=$run&path={name}", show=SHOWN), delete(f"{RUN}/{name}"), get("artifacts/list", {"run_id": "$run"}))


def _escape(path):
    return (a_run(), put(f"{RUN}/keep.txt", b"keep"), get(f"{RUN}/{path}"), put(f"{RUN}/{path}", b"evil"), delete(f"{RUN}/{path}"),
            get(f"{FILES}", f"path=$exp/$run/artifacts/{path}"), get("artifacts/list", f"run_id=$run&path={path}"),
            get("/get-artifact", f"run_id=$run&path={path}"),
            raw("POST", "/ajax-api/2.0/mlflow/upload-artifact", b"evil", query=f"run_uuid=$run&path={path}"),
            get(f"{FILES}/{path}"), get(FILES, f"path={path}"), get("artifacts/list", {"run_id": "$run"}))


def _range(value):
    return a_run(), put(f"{RUN}/a.bin", b"0123456789"), get(f"{RUN}/a.bin", headers=(("Range", value),), show=SHOWN)


def _tree():
    return [put(f"{RUN}/{name}", name.encode()) for name in ("a.txt", "B.txt", "d/c.txt", "d/e/f.txt", "sp%20ace/g.txt", "empty.txt", "d.txt")]


def _list(query):
    return a_run(), _tree(), get("artifacts/list", {"run_id": "$run"} | query), get(FILES, _below(query))


def _below(query):
    return query | {"path": "/".join(["$exp/$run/artifacts", query["path"]])} if "path" in query else query | {"path": "$exp/$run/artifacts"}


MPU = [{}, {"path": "a.bin"}, {"path": "a.bin", "num_parts": 2}, {"path": "../a.bin", "num_parts": 1}, {"path": "a.bin", "num_parts": "x"},
       {"path": "", "num_parts": 1}, {"num_parts": 1}, {"path": "/home/me/a.bin", "num_parts": 1}, {"path": "C:\\me\\a.bin", "num_parts": 1},
       {"path": "a.bin", "num_parts": 0}, {"path": "a.bin", "num_parts": -1}]

CASES = [
    case("list nothing", a_run(), get("artifacts/list", {"run_id": "$run"}), get("artifacts/list", {"run_uuid": "$run"}), get("artifacts/list"),
         get("artifacts/list", {"run_id": "0" * 32}), get("artifacts/list", {"run_id": ""}), get(FILES), get(f"{FILES}/"), get(FILES, {"path": "none"})),
    case("list of a deleted run", a_run(), put(f"{RUN}/a.txt", b"1"), post("runs/delete", {"run_id": "$run"}), get("artifacts/list", {"run_id": "$run"}),
         get("/get-artifact", {"run_id": "$run", "path": "a.txt"})),
    case("empty file", a_run(), put(f"{RUN}/empty", b""), get(f"{RUN}/empty", show=SHOWN), get("artifacts/list", {"run_id": "$run"})),
    case("overwritten", a_run(), put(f"{RUN}/a.txt", b"long content"), put(f"{RUN}/a.txt", b"short"), get(f"{RUN}/a.txt", show=SHOWN)),
    case("binary", a_run(), put(f"{RUN}/a.bin", bytes(range(256)) * 40), get(f"{RUN}/a.bin", show=SHOWN)),
    case("content types", a_run(), raw("PUT", f"{RUN}/a.txt", b"1", content_type="application/json"), raw("PUT", f"{RUN}/b.txt", b"{}", content_type="text/html"),
         raw("PUT", f"{RUN}/c.txt", b"x=1", content_type="application/x-www-form-urlencoded"),
         raw("PUT", f"{RUN}/d.txt", b"--x\r\n", content_type="multipart/form-data; boundary=x"), get("artifacts/list", {"run_id": "$run"})),
    case("methods", a_run(), raw("POST", f"{RUN}/a.txt", b"1"), raw("PATCH", f"{RUN}/a.txt", b"1"), put(FILES, b"1"), put(f"{FILES}/", b"1"), delete(FILES)),
    case("folders", a_run(), _tree(), get(f"{RUN}/d"), get(f"{RUN}/d/"), put(f"{RUN}/d", b"1"), put(f"{RUN}/a.txt/x", b"1"), delete(f"{RUN}/d/e"),
         get("artifacts/list", {"run_id": "$run", "path": "d"}), delete(f"{RUN}/d"), get("artifacts/list", {"run_id": "$run"}), delete(f"{RUN}"),
         get("artifacts/list", {"run_id": "$run"}), delete(f"{RUN}/none")),
    case("get artifact", a_run(), _tree(), get("/get-artifact", {"run_id": "$run", "path": "d/c.txt"}, show=SHOWN),
         get("/get-artifact", {"run_uuid": "$run", "path": "d/c.txt"}, show=SHOWN), get("/get-artifact", {"run_id": "$run"}), get("/get-artifact", {"path": "a.txt"}),
         get("/get-artifact"), get("/get-artifact", {"run_id": "0" * 32, "path": "a.txt"}), get("/get-artifact", {"run_id": "$run", "path": "none"}),
         get("/get-artifact", {"run_id": "$run", "path": "d"}), get("/get-artifact", {"run_id": "$run", "path": ""})),
    case("upload artifact", a_run(), *[raw("POST", "/ajax-api/2.0/mlflow/upload-artifact", body, query=query, content_type="application/octet-stream") for query, body in (
        ({"run_uuid": "$run", "path": "a.txt"}, b"1"), ({"run_uuid": "$run", "path": "d/a.txt"}, b"1"), ({"run_uuid": "$run"}, b"1"), ({"path": "a.txt"}, b"1"),
        ({"run_uuid": "$run", "path": "b.txt"}, b""), ({"run_id": "$run", "path": "c.txt"}, b"1"), ({"run_uuid": "0" * 32, "path": "a.txt"}, b"1"),
        ({"run_uuid": "$run", "path": "big"}, b"x" * (10 * 1024 * 1024)), ({"run_uuid": "$run", "path": "bigger"}, b"x" * (10 * 1024 * 1024 + 1)),
        ({"run_uuid": "", "path": "a"}, b"1"), ({"run_uuid": "$run", "path": ""}, b"1"), ({"run_uuid": "$run", "path": "d/"}, b"1"))],
         get("artifacts/list", {"run_id": "$run"})),
    case("model artifacts", experiment(), a_model(), put(f"{FILES}/$exp/models/$model/artifacts/MLmodel", b"a: 1"),
         put(f"{FILES}/$exp/models/$model/artifacts/d/x.bin", b"\x00\xff"), get("logged-models/$model/artifacts/directories"),
         get("logged-models/$model/artifacts/directories", {"artifact_directory_path": "d"}), get("logged-models/$model/artifacts/directories", {"artifact_directory_path": "../x"}),
         get("logged-models/$model/artifacts/directories", {"artifact_directory_path": "none"}),
         *[get("/ajax-api/2.0/mlflow/logged-models/$model/artifacts/files", query, show=SHOWN) for query in (
             {"artifact_file_path": "MLmodel"}, {"artifact_file_path": "d/x.bin"}, {"artifact_file_path": "none"}, {"artifact_file_path": "../x"}, {}, {"artifact_file_path": ""},
             {"artifact_file_path": "d"}, {"artifact_file_path": "%2e%2e/x"})]),
    case("elsewhere", post("experiments/create", {"name": "$n", "artifact_location": "/nowhere/$n"}, save={"exp": "experiment_id"}),
         post("runs/create", {"experiment_id": "$exp"}, save={"run": "run.info.run_id"}), read(), get("artifacts/list", {"run_id": "$run"}),
         get("/get-artifact", {"run_id": "$run", "path": "a"})),
    case("multipart not on local storage", a_run(), *[post(f"${{root}}-artifacts/mpu/{verb}/$exp/$run/artifacts", body) for verb in ("create", "complete", "abort") for body in MPU[:4]]),
    case("presigned not on local storage", a_run(), put(f"{RUN}/a.txt", b"1"), get("${root}-artifacts/presigned/$exp/$run/artifacts/a.txt"),
         get("${root}-artifacts/presigned/"), get("${root}-artifacts/presigned/../x"), get("${root}-artifacts/presigned/%2e%2e%2fx")),
    *[case(f"presigned {kind} on local storage", a_run(), *[post(f"artifacts/presigned-{kind}-url", body) for body in (
        {}, {"run_id": "$run"}, {"path": "a.txt"}, {"run_id": "$run", "path": "a.txt"}, {"run_id": "$run", "path": "../a"}, {"run_id": "$run", "path": ""},
        {"run_id": "0" * 32, "path": "a"}, {"run_id": "$run", "path": "a", "expiration": 0}, {"run_id": "$run", "path": "a", "expiration": 604801})])
      for kind in ("upload", "download")],
    *table("name", NAMES, _round),
    *table("escape", ESCAPES, _escape),
    *table("range", RANGES, _range),
    *table("list", LISTS, _list),
    *table("multipart create", MPU, lambda body: (a_run(), post("${root}-artifacts/mpu/create/$exp/$run/artifacts", body))),
]
