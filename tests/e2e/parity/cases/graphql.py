"""GraphQL as the web UI speaks it, and documents that are wrong in every way."""

from parity.case import a_model, a_run, batch, case, experiment, kv, metric, post, raw, run, table
from parity.graphql import GET_EXPERIMENT, GET_RUN, GET_RUN_2, METRIC_HISTORY, SEARCH_RUNS, ask, ask_by_get, typed
from parity.registry import a_version, registered, version

IRIS = {"name": "iris", "digest": "abc", "source_type": "local", "source": "{}", "schema": "{}", "profile": "{}"}


def _full():
    """A run with one of everything."""
    return (a_run(), batch(metrics=[metric("loss", 0.5, 10, 2)], params=kv(depth="3")), a_model(),
            post("runs/log-inputs", {"run_id": "$run", "datasets": [{"dataset": IRIS, "tags": kv(a="1")}], "models": [{"model_id": "$model"}]}),
            post("runs/outputs", {"run_id": "$run", "models": [{"model_id": "$model", "step": 3}]}),
            registered(), version(run_id="$run", description="d"))


def _get_run(run="$run"):
    return ask(GET_RUN, {"data": {"runId": run}}, "GetRun")


def _runs(**fields):
    return ask(SEARCH_RUNS, {"data": {"experimentIds": ["$exp"]} | fields}, "SearchRuns")


EXPERIMENT = '{ mlflowGetExperiment(input: {experimentId: "0"}) { experiment { %s } } }'
VERSIONS = "query Q($d: MlflowSearchModelVersionsInput!) { mlflowSearchModelVersions(input: $d) { modelVersions { name version } } }"
RUNS = "query Q($d: MlflowSearchRunsInput!) { mlflowSearchRuns(input: $d) { nextPageToken } }"

# Below an experiment.
SELECTIONS = [
    "name", "__typename", "a: name b: name", "name name a: name", "tags { key } tags { value }", "workspace", "... on MlflowExperiment { name }", "... { name }",
    "nope", "nam", "name { x }", "tags", "__typename { x }", "a: name a: experimentId", "tags { k: key k: value }", "... on MlflowRun { info { runId } }",
    "... on Nope { name }", "... on String { name }", "... on MlflowParam { key }", "... @include(if: true) { name }", "name @skip(if: true) experimentId",
    "name @nope", 'name @component(name: "x")', "name(x: 1)", "name(x: 1, x: 2)", "...F", "name " * 1000, "name " * 1001,
    " ".join(f"a{n}: name" for n in range(10)), " ".join(f"a{n}: name" for n in range(11)),
    " ".join(f"... {{ a{n}: name }}" for n in range(11)),
]

WHOLE = [
    "{ __typename }", "mutation { __typename }", "#c\n{__typename,,,}", "\ufeff{ __typename }", "query Q { ...F } fragment F on Query { a: __typename }",
    "query Q { __typename } fragment F on Query { a: __typename }", "query Q { ...F } fragment F on Query { ...F }",
    "query Q { ...F } fragment F on Query { ...G } fragment G on Query { ...F }", "query Q { ...F } fragment F on Nope { a }", "fragment F on Query { __typename }",
    "query Q { ...F ...F } fragment F on MlflowRunInfo { runId }", "query A { __typename } query B { __typename }", "query A { __typename } query A { __typename }",
    "{ __typename } { __typename }", "query A { __typename } { __typename }", "subscription { __typename }", "subscription S { nope }", "mutation M { nope }", "{ nope }",
    "{ mlflowGetRun }", "{ mlflowGetRun { run } }", "{ mlflowGetRu { run { info { runId } } } }", "mutation { mlflowGetRun { run { info { runId } } } }",
    "query Q @component { __typename }", 'query Q @component(name: "x") { __typename }', "query Q @component(name: 1) { __typename }",
    'query Q @component(nam: "x") { __typename }', "query Q @nope { __typename }", 'query Q @component(name: "x") @component(name: "x") { __typename }',
    'query Q { ... @component(name: "x") { __typename } }', "{ ... on Mutation { __typename } }",
    "query Q($d: MlflowSearchRunsInput!) { __typename }", "query Q($d: Nope!) { __typename }", "query Q($d: MlflowRunInfo) { __typename }",
    "query Q { mlflowSearchRuns(input: $d) { nextPageToken } }", "{ mlflowSearchRuns(input: $d) { nextPageToken } }",
    "query($d: MlflowGetRunInput!) { mlflowSearchRuns(input: $d) { nextPageToken } }", "query($d: MlflowGetRunInput, $d: MlflowGetRunInput) { mlflowGetRun(input: $d) { apiError { code } } }",
    "query Q($d: [String]) { mlflowSearchRuns(input: {experimentIds: $d}) { nextPageToken } }", "query Q($d: [String!]!) { mlflowSearchRuns(input: {experimentIds: $d}) { nextPageToken } }",
    "query Q($d: String) { mlflowSearchRuns(input: {experimentIds: $d}) { nextPageToken } }", "query Q($d: Int) { mlflowSearchRuns(input: {filter: $d}) { nextPageToken } }",
    "query Q($d: Int = 3) { mlflowSearchRuns(input: {maxResults: $d}) { nextPageToken } }", 'query Q($d: Int = "x") { mlflowSearchRuns(input: {maxResults: $d}) { nextPageToken } }',
    'query Q($d: MlflowGetRunInput = {runId: "zz"}) { mlflowGetRun(input: $d) { apiError { code } } }', "query Q($d: String) @component(name: $d) { __typename }",
    'query Q($d: String = "x") @component(name: $d) { __typename }',
    "{ mlflowGetRun(input: {runId: 1}) { apiError { code } } }", "{ mlflowGetRun(input: {nope: 1}) { apiError { code } } }", "{ mlflowGetRun(input: {runI: 1}) { apiError { code } } }",
    '{ mlflowGetRun(inpu: {runId: "1"}) { apiError { code } } }', "{ mlflowGetRun(input: 3) { apiError { code } } }", '{ mlflowGetRun(input: [{runId: "x"}]) { apiError { code } } }',
    '{ mlflowGetRun(input: {runId: "1", runId: "2"}) { apiError { code } } }', "{ mlflowGetRun { apiError { code } } }", "{ mlflowGetRun(input: null) { apiError { code } } }",
    '{ mlflowGetRun(input: {runId: "a"}) { run { x: info { runId } } } mlflowGetRun(input: {runId: "a"}) { run { x: data { tags { key } } } } }',
    '{ mlflowGetRun(input: {runId: "a"}) { apiError { code } } mlflowGetRun(input: {runId: "b"}) { apiError { code } } }',
    '{ a: mlflowGetRun(input: {runId: "a"}) { apiError { code } } b: mlflowGetRun(input: {runId: "b"}) { apiError { code } } }',
    '{ mlflowGetRun(input: {runId: """x\n    y"""}) { apiError { code } } }', r'{ mlflowGetRun(input: {runId: "\u0041\t\"ü"}) { apiError { code } } }',
    '{ mlflowSearchRuns(input: {runViewType: "ALL"}) { nextPageToken } }', "{ mlflowSearchRuns(input: {runViewType: NOPE}) { nextPageToken } }",
    "{ mlflowSearchRuns(input: {runViewType: ALL}) { nextPageToken } }",
    *["{ mlflowSearchRuns(input: {maxResults: %s}) { nextPageToken } }" % value for value in ("1.5", "99999999999", "null", "0", "-1", "true", '"1"')],
    "{ mlflowSearchRuns(input: {experimentIds: [1]}) { nextPageToken } }", '{ mlflowSearchRuns(input: {experimentIds: "0", maxResults: 1, filter: "params.nope = \'x\'"}) { nextPageToken } }',
    *["{ mlflowSearchModelVersions(input: {filter: \"name = 'nobody'\", maxResults: %s}) { nextPageToken } }" % value for value in ("1.5", '"x"', "0", "-5", "5")],
    "{" + " ".join(f"a{n}: __typename" for n in range(10)) + "}", "{" + "__typename " * 11 + "}", "{a" * 10 + "}" * 10, "{a" * 11 + "}" * 11,
    "{ __schema { types { name } } }", "type A { b: String }",
]

# No documents, which make MLflow answer 500.
BROKEN = ["", " ", "{", "}", "{}", "x", "query", "query Q", "{a", "{a(", "{a(b:)}", "{a:}", "{a @}", "{...}", "{... on}", '{a"}', '"""x', "{a(b: 1.)}", "{a(b: 01)}", "{é}",
          '{a(b: "\\q")}', '{a(b: "\n")}', "fragment on on Query { a }", "query Q($d: Int = $e) { a }", "{" * 3000, "{a(b:" + "[" * 3000]

BODIES = ["null", "5", '"x"', "[]", "[1]", "{}", '{"query": 5}', '{"query": null}', '{"query": "{__typename}", "variables": [1]}', '{"query": "{__typename}", "variables": "x"}',
          '{"query": "{__typename}", "variables": {"a": 1}}', '{"query": "{__typename}", "variables": null, "operationName": null, "extensions": {}}', "{", ""]

VALUES = [{}, {"d": None}, {"d": 5}, {"d": "x"}, {"d": []}, {"d": {"experimentIds": [1]}}, {"d": {"experimentIds": {"a": 1}}}, {"d": {"maxResults": "5"}}, {"d": {"maxResults": True}},
          {"d": {"maxResults": 2.0}}, {"d": {"maxResults": 1.5}}, {"d": {"maxResults": 99999999999}}, {"d": {"runViewType": "NOPE"}}, {"d": {"runViewType": 1}}, {"d": {"nope": 1}},
          {"d": {"filter": ["x"] * 12}}, {"d": {"nope": {"a": {"b": 1}}}}, {"d": {"filter": "x" * 300 + "'", "maxResults": "y" * 300}}, {"d": {}, "e": 5}, {"d": {"experimentIds": "0", "maxResults": 0}},
          {"d": {"maxResults": 50001}}, {"d": {"filter": "nope"}}, {"d": {"pageToken": "zz"}}, {"d": {"experimentIds": ["abc"]}},
          {"d": {"experimentIds": [None]}}, {"d": {"experimentIds": None}}]

LONGS = ["5", " 5 ", "x", 1, 5.0, 1.5, True, [], None, 0, 200_001, 2**63 - 1]

CASES = [
    case("full", _full(), _get_run(), ask(typed(GET_RUN), {"data": {"runId": "$run"}}, "GetRun"), ask(GET_RUN_2, {"data": {"runId": "$run"}}, "GetRun"),
         ask(typed(GET_RUN_2), {"data": {"runUuid": "$run"}}, "GetRun"), _runs(), ask(typed(SEARCH_RUNS), {"data": {"experimentIds": ["$exp"]}}, "SearchRuns"),
         ask(GET_EXPERIMENT, {"input": {"experimentId": "$exp"}}, "MlflowGetExperimentQuery"), ask(typed(GET_EXPERIMENT), {"input": {"experimentId": "$exp"}})),
    case("bare", a_run(), _get_run(), ask(typed(GET_RUN), {"data": {"runId": "$run"}}), _runs(),
         post("runs/update", {"run_id": "$run", "status": "FINISHED", "end_time": 5}), _get_run()),
    case("several", experiment(), run("one"), run("two"), batch("$one", metrics=[metric("a", 1), metric("b", 2)], tags=kv(x="1", y="2")),
         _runs(orderBy=["start_time"]), _runs(orderBy=["start_time"], maxResults=1), _runs(filter="metrics.a = 1"), _runs(filter="metrics.a = 2"),
         ask("query Q($d: MlflowSearchRunsInput!) { mlflowSearchRuns(input: $d) { runs { modelVersions { name } } } }", {"d": {"experimentIds": ["$exp"]}}),
         ask("mutation M($d: MlflowSearchRunsInput!) { mlflowSearchRuns(input: $d) { runs { info { status } } } }", {"d": {"experimentIds": ["$exp"]}})),
    case("deleted", a_run(), post("runs/delete", {"run_id": "$run"}), _get_run(), _runs(), post("experiments/delete", {"experiment_id": "$exp"}), _get_run(),
         ask(GET_EXPERIMENT, {"input": {"experimentId": "$exp"}})),
    case("missing", ask(GET_EXPERIMENT, {"input": {"experimentId": "999999"}}), ask(GET_EXPERIMENT, {"input": {"experimentId": "abc"}}),
         ask("{ mlflowGetExperiment(input: {}) { experiment { experimentId name } } }"), _get_run("nope"), ask(GET_RUN, {"data": {}}), ask(GET_RUN, {"data": {"runId": None}})),
    case("not a number", a_run(), batch(metrics=[metric("n", "NaN", 2, 3), metric("i", "Infinity", 2, 3)]), _get_run(), _runs()),
    case("history", a_run(), batch(metrics=[metric("m", 1.5, 1, 0), metric("m", 2.5, 2, 9)]), ask(METRIC_HISTORY, {"data": {"runIds": ["$run"], "metricKey": "m"}}),
         ask(METRIC_HISTORY, {"data": {"runIds": ["$run"], "metricKey": "nope"}}), ask(METRIC_HISTORY, {"data": {"runIds": ["nope"], "metricKey": "m"}})),
    case("history of NaN", a_run(), batch(metrics=[metric("m", "NaN", 1, 0)]), ask(METRIC_HISTORY, {"data": {"runIds": ["$run"], "metricKey": "m"}})),
    case("history bounds", a_run(), batch(metrics=[metric("m", 1.5, 1, 0), metric("m", 2.5, 2, 9)]),
         ask(METRIC_HISTORY, {"data": {"runIds": ["$run"], "metricKey": "m", "startStep": 1, "endStep": 9, "maxResults": 5}})),
    case("versions", a_version(2), ask(VERSIONS, {"d": {"filter": "name = '$n'", "orderBy": ["version_number"]}}), ask(VERSIONS, {"d": {"filter": "name = '$n'", "maxResults": 1, "orderBy": ["version_number"]}}),
         ask("{ mlflowSearchModelVersions(input: {filter: \"name = '$n'\", orderBy: \"version_number ASC\", maxResults: 1}) { modelVersions { __typename name version currentStage description runId "
             "runLink status statusMessage tags { key value } aliases modelId modelParams { name } modelMetrics { key } userId source creationTimestamp lastUpdatedTimestamp } } }")),
    case("job state", a_version(), ask("{ mlflowSearchModelVersions(input: {filter: \"name = '$n'\"}) { modelVersions { deploymentJobState { jobId jobState } } } }")),
    case("artifacts", a_run(), ask('{ mlflowListArtifacts(input: {runId: "$run"}) { rootUri files { path isDir fileSize } nextPageToken } }'),
         raw("POST", "/ajax-api/2.0/mlflow/upload-artifact?run_uuid=${run}&path=d/a.txt", b"hello", "text/plain"),
         ask('{ mlflowListArtifacts(input: {runId: "$run"}) { __typename files { path isDir fileSize } } }'),
         ask('{ mlflowListArtifacts(input: {runUuid: "$run", path: "d"}) { files { __typename path isDir fileSize } } }'),
         ask('{ mlflowListArtifacts(input: {runId: "$run", path: "../x"}) { rootUri } }'), ask('{ mlflowListArtifacts(input: {}) { rootUri } }')),
    case("datasets", a_run(), post("runs/log-inputs", {"run_id": "$run", "datasets": [{"dataset": IRIS, "tags": kv(**{"mlflow.data.context": "train"})}]}),
         ask('mutation { mlflowSearchDatasets(input: {experimentIds: ["$exp"]}) { datasetSummaries { __typename experimentId name digest context } } }'),
         ask("mutation { mlflowSearchDatasets(input: {}) { datasetSummaries { name } } }"), ask('mutation { mlflowSearchDatasets(input: {experimentIds: ["999999"]}) { datasetSummaries { name } } }')),
    case("operation name", *[ask("query A { a: __typename } query B { b: __typename }", operation=name) for name in ("A", "B", "C", "")], ask("query A { __typename }", operation="B"),
         ask("{ __typename }", operation="")),
    case("get", ask_by_get('{"query": "{ __typename }"}'), ask_by_get('{"query": "{ nope }"}')),
    case("methods", *[raw(method, "/graphql", b"{}") for method in ("PUT", "PATCH", "DELETE")]),
    case("content type", *[raw("POST", "/graphql", '{"query": "{ __typename }"}', kind) for kind in ("application/graphql", "text/plain", None, "application/json; charset=utf-8")]),
    *table("selection", SELECTIONS, lambda selection: ask(EXPERIMENT % selection)),
    *table("document", WHOLE, ask),
    *table("broken", BROKEN, ask),
    *table("body", BODIES, lambda body: raw("POST", "/graphql", body)),
    *table("variables", VALUES, lambda variables: ask(RUNS, variables)),
    *table("long", LONGS, lambda value: ask(VERSIONS, {"d": {"filter": "name = 'nobody'", "maxResults": value}})),
]
