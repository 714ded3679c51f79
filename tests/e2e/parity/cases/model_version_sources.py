"""What a model version may be made of: sources inside and outside of runs and logged models, and what becomes of them."""

from parity.case import a_model, case, delete, experiment, get, kv, patch, post, run, table

NOBODY, NOTHING = "0" * 32, "m-" + "0" * 32
PROMPT = kv(**{"mlflow.prompt.is_prompt": "true"})


def _try(number, request, located=True):
    """Under a name of its own, so that what happens to one request leaves the next alone."""
    fields = {"source": request} if isinstance(request, str) else request
    name = f"${{n}}_{number}"
    steps = post("registered-models/create", {"name": name}), post("model-versions/create", {"name": name} | fields)
    return (*steps, get("model-versions/get-download-uri", {"name": name, "version": "1"})) if located else steps


def sources(name, world, requests, chunk=12):
    """Cases of a few requests each, every one in a new world."""
    return [case(f"{name} {start // chunk:02d}", world, [_try(start + at, request) for at, request in enumerate(requests[start:start + chunk])])
            for start in range(0, len(requests), chunk)]


def _placed(location):
    """An experiment that keeps its artifacts at `location`, with two runs and a logged model."""
    return (post("experiments/create", {"name": "$n", "artifact_location": location}, save={"exp": "experiment_id"}), run(), run("other"),
            a_model(source_run_id="$run"), a_model("second"))


def _of(run_id, *paths):
    return [{"source": path, "run_id": run_id} for path in paths]


def _of_model(model_id, *paths):
    return [{"source": path, "model_id": model_id} for path in paths]


PROXIED = (experiment(), run(), run("other"), a_model(source_run_id="$run"), a_model("second"))
ROOT = "mlflow-artifacts:/$exp/$run/artifacts"
MODEL = "mlflow-artifacts:/$exp/models/$model/artifacts"
HTTP = "http://127.0.0.1:5000/api/2.0/mlflow-artifacts/artifacts/$exp/$run/artifacts"

REMOTE = [
    "s3://bucket/model", "S3://Bucket/Model", "s3://bucket", "s3://bucket/", "s3://bucket//model", "s3://bucket/model/", "s3://bucket/a/./b", "s3://bucket/a/../b", "s3://bucket/..", "s3://..",
    "s3://bucket/%2e%2e/b", "s3://bucket/%252e%252e/b", "s3://bucket/a%2fb", "s3://bucket/a%2f..%2fb", "s3://bucket/a+b", "s3://bucket/a%20b", "s3://bucket/a b", "s3://bucket/%00", "s3://bucket/a%2500",
    "s3://bucket/..a", "s3://bucket/a..", "s3://bucket/a\\..\\b", "s3://bucket/a?x=../b", "s3://bucket/a?x=..", "s3://bucket/a?x=/../b", "s3://bucket/a#../b", "s3://bucket/a;b", "s3://bucket/a#f", "s3:/bucket/a", "s3:bucket/a",
    "s3:", "s3://", "s3:///a", "s3://user:pw@bucket/a", "s3://[bucket/a", "s3://bucket/é", "s3://bucket/%c3%a9", "s3://bucket/%ff", "s3://bucket/a\tb", " s3://bucket/a", "s3://bucket/a\n", "gs://bucket/model", "wasbs://c@a.blob.core.windows.net/p",
    "dbfs:/model", "dbfs:/databricks/mlflow/x", "unknown://host/path", "x-y+z.1://host/path", "hf://org/model", "s3://%2e%2e/a", "s3://a%2fb/../c", "gs:/bucket//a", "models-x:/a", "1s3://bucket/a",
    {"source": "s3://bucket/model", "run_id": "$run"}, {"source": "s3://bucket/model", "run_id": NOBODY}, {"source": "s3://bucket/model", "run_id": "no such run"},
    {"source": "s3://bucket/model", "run_id": ""}, {"source": "s3://bucket/model", "run_id": None}, {"source": "s3://bucket/model", "model_id": "$model"},
    {"source": "s3://bucket/model", "model_id": NOTHING}, {"source": "s3://bucket/model", "model_id": ""}, {"source": "s3://bucket/model", "model_id": "$second"},
    {"source": "s3://bucket/model", "model_id": "$model", "run_id": "$other"}, {"source": "s3://bucket/model", "model_id": "$second", "run_id": ""},
    {"source": "s3://bucket/../model", "model_id": "$model"}, {"source": "", "run_id": "$run"}, {"run_id": "$run"}, {"source": 5}, {"source": None}, {"source": ["s3://b/a"]}, {"source": " "},
    {"source": "s3://bucket/model", "run_id": 5}, {"source": "s3://bucket/model", "model_id": 5}, {"source": "s3://bucket/model", "runId": "$run"}, {"source": "s3://bucket/model", "modelId": "$model"},
]

HOSTS = [
    "http://evil.example/model", "https://evil.example/model", "HTTP://evil.example/model", "http://127.0.0.1/model", "http://localhost:5000/model", "http://", "http:/model", "http:model", "http:///model",
    "http://user:pw@evil.example/model", "http://evil.example\\@127.0.0.1/model", "http://127.0.0.1:99999/model", "http://[::1]/model", "http://[::1/model", "http://169.254.169.254/latest/meta-data",
    "ftp://evil.example/model", "FTP://evil.example/model", "sftp://evil.example/model", "hdfs://evil.example/model", "hdfs:/model", "hdfs:///model", "viewfs://evil.example/model", "r2://bucket@evil.example/model",
    "b2://bucket@evil.example/model", "abfss://c@evil.example/model", "mlflow-artifacts://evil.example/model", "MLFLOW-ARTIFACTS://evil.example/model", "mlflow-artifacts://", "mlflow-artifacts://user@/x",
    "\thttp://evil.example/model", "ht\ntp://evil.example/model", "http%3a//evil.example/model", "https://evil.example/api/2.0/mlflow-artifacts/artifacts/$exp/$run/artifacts", "http:/a/../b", "sqlite:///x", "postgresql://evil.example/x",
    "http+unix://evil.example/x", {"source": HTTP, "run_id": "$run"}, {"source": f"http:/api/2.0/mlflow-artifacts/artifacts/$exp/$run/artifacts", "run_id": "$run"},
    {"source": "mlflow-artifacts://evil.example/$exp/$run/artifacts", "run_id": "$run"}, {"source": "http://evil.example/model", "model_id": "$model"}, {"source": "http://evil.example/model", "tags": PROMPT},
]

PROXIED_SOURCES = [
    *_of("$run", ROOT, f"{ROOT}/", f"{ROOT}/model", f"{ROOT}/model/", f"{ROOT}//model", f"{ROOT}/a%20b", f"{ROOT}/a b", f"{ROOT}/a+b", f"{ROOT}/%2e%2e/x", f"{ROOT}/../x", f"{ROOT}/..", f"{ROOT}/%252e%252e/x", f"{ROOT}/..%2fx",
         f"{ROOT}/./model", f"{ROOT}/model?x=1", f"{ROOT}/model#x", f"{ROOT}/model;x", f"{ROOT}/%00", f"{ROOT}/..\\x", "mlflow-artifacts:/$exp/$run", "mlflow-artifacts:/$exp/$run/artifacts2", "mlflow-artifacts:/$exp/$run/artifactsx/model",
         "mlflow-artifacts:/$exp/$other/artifacts/model", "mlflow-artifacts:/", "mlflow-artifacts:", "mlflow-artifacts:$exp/$run/artifacts", "mlflow-artifacts:///$exp/$run/artifacts", "mlflow-artifacts:////$exp/$run/artifacts",
         "mlflow-artifacts:/%24exp/$run/artifacts", "MLFLOW-ARTIFACTS:/$exp/$run/artifacts/model", "mlflow-artifacts:/$exp/$run/%61rtifacts/model", "mlflow-artifacts:/$exp/$run/%2561rtifacts/model", "mlflow-artifacts:/$exp/$run%2fartifacts/model",
         "mlflow-artifacts:/$exp/x/../$run/artifacts", "mlflow-artifacts:/$exp/x%2f%2e%2e/$run/artifacts", MODEL, f"{MODEL}/x", "/$exp/$run/artifacts", "$exp/$run/artifacts", "file:/$exp/$run/artifacts", "\tmlflow-artifacts:/$exp/$run/artifacts"),
    *_of(NOBODY, ROOT), *_of("", ROOT), *_of("no such run", ROOT), *_of("$other", ROOT, f"{ROOT}/model", "mlflow-artifacts:/$exp/$other/artifacts/model"), ROOT,
    *_of_model("$model", MODEL, f"{MODEL}/", f"{MODEL}/model", f"{MODEL}/../x", f"{MODEL}/%2e%2e", "mlflow-artifacts:/$exp/models/$model", "mlflow-artifacts:/$exp/models/$second/artifacts", ROOT, MODEL.upper()),
    *_of_model(NOTHING, MODEL), *_of_model("", MODEL), MODEL, {"source": MODEL, "model_id": "$model", "run_id": "$other"}, {"source": MODEL, "model_id": "$model", "run_id": NOBODY}, {"source": ROOT, "model_id": "$model", "run_id": "$run"},
    {"source": "mlflow-artifacts:/$exp/models/$second/artifacts", "model_id": "$second"},
]

REFERENCES = [
    *_of("$run", "runs:/$run/model", "runs:/$run", "runs:/$run/", "runs:/$run/a/b", "RUNS:/$run/model", "runs:/$other/model", "runs://host/$run/model", "runs:///$run/model", "runs://$run/model", "runs:/", "runs:", "runs:$run/model", "runs://",
         "runs:/$run/../x", "runs:/$run/%2e%2e/x", "runs:/$run/a//b", "runs://$run", "runs:/%24run/model", "runs:/$run/a%2f..%2fb", "runs:/$run/./a", "runs:/$run/a?x=..", "runs:/$run#x", "runs:/$run/%00", "runs:/$run/a b", "runs:////$run/model"),
    "runs:/$run/model", f"runs:/{NOBODY}/model", *_of(NOBODY, f"runs:/{NOBODY}/model"), *_of("", "runs:/$run/model", "runs://host/x"), *_of_model("$model", "runs:/$run/model", "runs://x"),
    *_of_model("$model", "models:/$model", "models:/$model/", "models:/$model/artifacts", "models:/$second", "models:/", "models:", "models://$model", "models:///$model", "models://host/$model", "MODELS:/$model", "models:$model", "models:/%6d-x",
               "models:/ ", "models:/$model@", "models:/$model@a", "models:/@", "models:/$model/..", "models:/%2e%2e", "models:/$model#f", "models:/$model?x"),
    *_of_model("$second", "models:/$second"), "models:/$model", *_of_model(NOTHING, f"models:/{NOTHING}"), *_of_model("", "models:/$model"), *_of("$run", "models:/$model", "models://x/$model"), f"models:/{NOTHING}", "models:/forest", *_of_model("forest", "models:/forest"),
    {"source": "models:/$model", "model_id": "$model", "run_id": "$other"}, {"source": "models:/$model", "model_id": "$model", "run_id": ""}, {"source": "models:/$model", "model_id": "$model", "run_id": NOBODY},
]

ORIGINAL = (*PROXIED, post("registered-models/create", {"name": "${n}"}), post("model-versions/create", {"name": "${n}", "source": f"{ROOT}/model", "run_id": "$run"}),
            post("model-versions/create", {"name": "${n}", "source": "models:/$model", "model_id": "$model"}), post("model-versions/create", {"name": "${n}", "source": "s3://bucket/model"}),
            post("registered-models/alias", {"name": "${n}", "alias": "champion", "version": "1"}), post("registered-models/alias", {"name": "${n}", "alias": "of-model", "version": "2"}),
            post("model-versions/transition-stage", {"name": "${n}", "version": "2", "stage": "Production"}),
            post("registered-models/create", {"name": "${n}_prompt", "tags": PROMPT}), post("model-versions/create", {"name": "${n}_prompt", "source": "dummy-source", "tags": PROMPT}),
            post("registered-models/create", {"name": "${n}_empty"}))
COPIES = [
    "models:/${n}/1", "models:/${n}/2", "models:/${n}/3", "models:/${n}/4", "models:/${n}/0", "models:/${n}/99999999999999999999", "models:/${n}/01", "models:/${n}/²", "models:/${n}/latest", "models:/${n}/LATEST", "models:/${n}/Production", "models:/${n}/production",
    "models:/${n}/Staging", "models:/${n}/nostage", "models:/${n}@champion", "models:/${n}@CHAMPION", "models:/${n}@of-model", "models:/${n}@none", "models:/${n}@latest", "models:/${n}@v1", "models:/${n}@champion/1", "models:/${n}@", "models:/nobody_${n}/1",
    "models:/nobody_${n}@champion", "models:/${n}_empty/1", "models:/${n}_empty/latest", "models:/${n}_empty@champion", "models:/${n}_prompt/1", "models:/${n}_prompt/latest", "models:/${n}_prompt@x", "models://host/${n}/1", "models:///${n}/1", "models:/${n}/1/x", "models:/${n}/1/",
    "models:/${n}/1#x", "models:/${n}/1?x", "models:/${n}/ ", "models:/ /1", "models:/a:b/1", "models:/%61/1", "models:/${n}/-1", "models:/${n}/1.0", "models:/${n}/%31", "models:////${n}/1", "models:${n}/1", "models:/../1", "MODELS:/${n}/1", "models:/a%2fb/1", "models:/é/1", "models:/${n}/x/../1",
    *_of("$run", "models:/${n}/1", "models:/${n}/2", "models:/${n}/3"), *_of("$other", "models:/${n}/1"), *_of("", "models:/${n}/1", "models:/${n}/3"), *_of_model("$model", "models:/${n}/2", "models:/${n}@of-model"), *_of_model("", "models:/${n}/2"),
    {"source": "models:/${n}/1", "run_id": None}, {"source": "models:/${n}/1", "tags": PROMPT},
]

PROMPTS = [{"source": source, "tags": PROMPT} for source in ("dummy-source", "prompt-template", "Dummy-source", "dummy-source ", "s3://bucket/a", "/etc/passwd", "http://evil.example/", "runs:/$run/a", "models:/$model", "../x", "")] + [
    {"source": "dummy-source", "tags": kv(**{"mlflow.prompt.is_prompt": value})} for value in ("True", "TRUE", "yes", "", "false")] + [
    {"source": "dummy-source", "tags": PROMPT + kv(**{"mlflow.prompt.is_prompt": "false"})}, {"source": "dummy-source", "tags": kv(**{"mlflow.prompt.is_prompt": "false"}) + PROMPT},
    {"source": "dummy-source", "tags": PROMPT, "model_id": "$model"}, {"source": "dummy-source", "tags": PROMPT, "model_id": NOTHING}, {"source": "dummy-source", "tags": PROMPT, "run_id": "$run"}, {"source": "dummy-source", "tags": PROMPT, "run_id": NOBODY},
    "dummy-source", "prompt-template", {"source": "prompt-template", "run_id": "$run"}]

# A folder nobody has. /bin and /var/run are links of every Debian.
HERE = "/nowhere/$n"
INSIDE = f"{HERE}/$run/artifacts"
LOCAL = [
    *_of("$run", INSIDE, f"{INSIDE}/model", f"{INSIDE}/model/", f"{INSIDE}//model", f"{INSIDE}/./model", f"{INSIDE}/a/../b", f"{INSIDE}/../x", f"{INSIDE}/..", f"{INSIDE}/../artifacts/x", f"{HERE}/$run", f"{HERE}/$run/artifacts2", f"{HERE}/$other/artifacts",
         f"{INSIDE}/%2e%2e/x", f"{INSIDE}/%2e%2e%2f%2e%2e", f"{INSIDE}/%252e%252e/x", f"{INSIDE}/a%20b", f"{INSIDE}/a b", f"{INSIDE}/a+b", f"{INSIDE}/a%00b", f"{INSIDE}/%00", f"{INSIDE}/..\\x", f"{INSIDE}/a?x=../y", f"{INSIDE}/a#../y", f"{INSIDE}?/../..", f"/{INSIDE}", f"//{INSIDE}",
         f"//host{INSIDE}", f"file:{INSIDE}", f"file://{INSIDE}/model", f"FILE://{INSIDE}/model", f"file://localhost{INSIDE}/model", f"file://127.0.0.1{INSIDE}/model", f"file://localhost.evil.example{INSIDE}", f"file://./{INSIDE}", f"file://host{INSIDE}/model",
         f"file://user@localhost{INSIDE}", f"file://localhost:1{INSIDE}", f"file:{INSIDE}/../x", f"file://{INSIDE}/%2e%2e/x", f"file://{INSIDE}/%252e%252e/x", f"file:///{INSIDE}", f"file://{INSIDE}#x", f"file://{INSIDE}?x", f"file://{INSIDE}/a%00b", "file://[x", "file:", "file://", "file:///",
         "/", "", ".", "..", "~", "~root", "model", "./model", "../model", "/etc/passwd", "/etc", f"{INSIDE.upper()}", f" {INSIDE}", f"{INSIDE}\n", f"{INSIDE}/\t/x", "C:\\model", "C:/model", "c:", "\\\\host\\share", "databricks", "databricks://x", f"localhost:{INSIDE}", f"/proc/self/root{INSIDE}", "/proc/self/cwd", "nowhere", "a:b", "1:x",
         f"{HERE}/models/$model/artifacts"),
    INSIDE, f"{INSIDE}/model", "/etc/passwd", "model", "file:///etc/passwd", f"file://host{INSIDE}", *_of(NOBODY, INSIDE), *_of("", INSIDE), *_of("$other", INSIDE, f"{HERE}/$other/artifacts/model"),
    *_of_model("$model", f"{HERE}/models/$model/artifacts", f"{HERE}/models/$model/artifacts/model", f"{HERE}/models/$model", f"{HERE}/models/$second/artifacts", f"{HERE}/models/$model/artifacts/../x", f"file:{HERE}/models/$model/artifacts", INSIDE, "/etc", f"file://host{HERE}/models/$model/artifacts"),
    *_of_model(NOTHING, f"{HERE}/models/$model/artifacts"), *_of_model("", f"{HERE}/models/$model/artifacts"), {"source": INSIDE, "run_id": "$run", "model_id": "$model"},
]
LINKED = _of("$run", "/var/run/$n/$run/artifacts/model", "/run/$n/$run/artifacts/model", "/var/run/$n/$run/artifacts/../x", "/var/../run/$n/$run/artifacts", "/var/run/../run/$n/$run/artifacts", "/run/../var/run/$n/$run/artifacts", "/proc/self/root/run/$n/$run/artifacts",
             "file:///run/$n/$run/artifacts", "/bin/$n/$run/artifacts", "/run/$n", "/var/run", "/VAR/run/$n/$run/artifacts")
FILE_URI = _of("$run", "/nowhere/a b/$n/$run/artifacts/model", "/nowhere/a%20b/$n/$run/artifacts/model", "file:///nowhere/a%20b/$n/$run/artifacts/model", "file:///nowhere/a b/$n/$run/artifacts", "/nowhere/a%2520b/$n/$run/artifacts", "file:/nowhere/a%20b/$n/$run/artifacts/../../x")
ON_S3 = [*_of("$run", "s3://bucket/$n/$run/artifacts/model", "s3://bucket/elsewhere", "/bucket/$n/$run/artifacts", "mlflow-artifacts:/$n/$run/artifacts", "runs:/$run/model", "bucket/$n/$run/artifacts", "file:///etc"),
         *_of_model("$model", "s3://bucket/$n/models/$model/artifacts", "models:/$model", "/bucket/$n/models/$model/artifacts", "mlflow-artifacts:/$n/models/$model/artifacts")]

# Keys that the server happens to have links for on its own disk.
AS_ON_DISK = ["s3://bucket/bin/model", "s3://bucket/var/run/x", "s3://bucket/proc/self/cwd"]
TOO_LONG = ["s3://bucket/" + "a" * 489, "s3://bucket/" + "a" * 5000, "s3://bucket/" + "%25" * 300, "s3://bucket/" + "é" * 489, {"source": "s3://bucket/model", "run_id": "r" * 33}]
JUST_FITS = ["s3://bucket/" + "a" * 488, "s3://bucket/" + "é" * 488, {"source": "s3://bucket/model", "run_id": "r" * 32}, "s3://bucket/..;x", *_of("$run", "/" + "a" * 400)]
GONE = [*_of("$run", ROOT, "runs:/$run/model", "s3://bucket/model"), *_of_model("$model", MODEL, "models:/$model", "s3://bucket/model"), {"source": "models:/$model", "model_id": "$model", "run_id": "$run"}]
TAG = "mlflow.modelVersions"


def _version(**fields):
    return post("model-versions/create", {"name": "$n", "source": "models:/$model", "model_id": "$model"} | fields)


def _tagged(value):
    """What is made of a tag that somebody set by hand."""
    return (PROXIED, post("registered-models/create", {"name": "$n"}), patch("logged-models/$model/tags", {"tags": kv(**{TAG: value})}),
            _version(), get("logged-models/$model"), _version(), get("logged-models/$model"))


CASES = [
    *sources("remote", PROXIED, REMOTE),
    *sources("host", PROXIED, HOSTS),
    *sources("proxied", PROXIED, PROXIED_SOURCES),
    *sources("reference", PROXIED, REFERENCES),
    *sources("copy", ORIGINAL, COPIES),
    *sources("prompt", PROXIED, PROMPTS),
    *sources("local", _placed(HERE), LOCAL),
    *sources("linked", _placed("/var/run/$n"), LINKED),
    *sources("file uri", _placed("file:///nowhere/a%20b/$n"), FILE_URI),
    *sources("s3", _placed("s3://bucket/$n"), ON_S3),
    *sources("just fits", PROXIED, JUST_FITS),
    *[case(f"{name} {number}", PROXIED, _try(number, source, located=False)) for name, tried in (("as on disk", AS_ON_DISK), ("too long", TOO_LONG)) for number, source in enumerate(tried)],
    case("digits of others", ORIGINAL, _try(0, "models:/${n}/٣", located=False)),
    case("half", PROXIED, _try(0, {"source": "s3://bucket/model", "run_id": "$run", "model_id": NOTHING})),
    *sources("gone", (*PROXIED, post("runs/delete", {"run_id": "$run"}), delete("logged-models/$model")), GONE),
    case("remembered", PROXIED, post("registered-models/create", {"name": "$n"}), _version(), _version(run_id="$other"), _version(source=MODEL), _version(source="s3://bucket/model"),
         _version(name="${n}_none"), _version(source="s3://bucket/../x"), post("registered-models/create", {"name": "$n é"}), _version(name="$n é"), _version(source="dummy-source", tags=PROMPT),
         get("logged-models/$model"), get("model-versions/get", {"name": "$n", "version": "2"})),
    *table("tag", ["", "[]", "[{}]", '[{"version": "1", "name": "x"}]', "{}", "x", "[", "1", "null", '"a"', '["a", 1.0]'], _tagged),
    *sources("lower case host", _placed("mlflow-artifacts:/x/$n"), [*_of("$run", "mlflow-artifacts:/x/$n/$run/artifacts", "mlflow-artifacts:/X/$n/$run/artifacts")]),
]
