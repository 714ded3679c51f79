"""Where Tracklet deliberately answers other than MLflow 3.18.0: the one list.

A difference that is not here fails the parity suite, and so does an entry here that no longer occurs.
"""

import dataclasses
import fnmatch
import re


@dataclasses.dataclass(frozen=True)
class Difference:
    """`case` is a glob over "room/name", or several; `mlflow` and `tracklet` are regular expressions over an answer's summary line.

    With `lasting`, one of the two stored something that the other refused: where this occurred, later answers of the
    same case may differ, as long as both succeed; an entry with `follows` counts only there. With `rewrite` = (pattern, replacement), MLflow's line so changed must be Tracklet's exactly.
    """

    case: str | tuple
    mlflow: str
    tracklet: str
    reason: str
    lasting: bool = False
    follows: bool = False
    backend: str = "*"
    rewrite: tuple | None = None

    def covers(self, case, backend, mlflow, tracklet):
        if self.rewrite and re.sub(*self.rewrite, mlflow) != tracklet:
            return False
        return (self.applies_to(case, backend)
                and re.fullmatch(self.mlflow, mlflow, re.DOTALL) is not None
                and re.fullmatch(self.tracklet, tracklet, re.DOTALL) is not None)

    def applies_to(self, case, backend):
        globs = (self.case,) if isinstance(self.case, str) else self.case
        return any(fnmatch.fnmatchcase(case, glob) for glob in globs) and fnmatch.fnmatchcase(backend, self.backend)


# Cases that send values of the wrong type on purpose.
MISTYPED = ("wire/type*", "wire/numbers", "wire/body*", "batches/bad*", "datasets/*", "runs/create*", "runs/update*", "runs/*value*",
            "metrics/value*", "metrics/timestamp*", "metrics/step*", "metrics/history*", "search_runs/form*", "search_experiments/form*",
            "search_experiments/order*", "search_experiments/query", "logged_models/*", "bad_input/page size*", "bad_input/integers*",
            "experiments/rename to a bad name", "registered_models/*", "model_versions/*", "aliases/*", "latest_versions/*", "prompts/*",
            "search_registered_models/query*", "search_model_versions/query*", "traces/*", "search_traces/*", "assessments/*", "trace_metrics/*")
REGISTRY = ("registered_models/*", "model_versions/*", "aliases/*", "prompts/*", "search_registered_models/*", "search_model_versions/*")
HINT = (r"400 INVALID_PARAMETER_VALUE Invalid value .* for parameter '.*' supplied:  Hint: Value was of type '\w+'\. "
        r"See the API docs for more information about request parameters\.")
MISSING = r"400 INVALID_PARAMETER_VALUE Missing value for required parameter '\w+'\. See the API docs for more information about request parameters\."
REFUSED = r"400 (INVALID_PARAMETER_VALUE|BAD_REQUEST) .*"
CRASH = r"500 (INTERNAL_ERROR .*| <not JSON>)"
OK = r"200 .*"

DIFFERENCES = [
    # Bad input
    Difference("*", CRASH, REFUSED, "bad input is the client's mistake; a 500 would make clients try again for minutes", lasting=True),
    Difference(MISTYPED, OK, HINT,
               "MLflow drops a field of the wrong type and what follows it, and stores the rest; here nothing is stored", lasting=True),
    Difference(MISTYPED, r"(400 INVALID_PARAMETER_VALUE|404 RESOURCE_DOES_NOT_EXIST) .*", HINT,
               "MLflow drops a field of the wrong type and then complains about what became of the request"),
    Difference(("batches/bad*", "wire/type*", "search_runs/form*"), CRASH, OK, "null is the same as absent, as in protobuf's JSON"),
    Difference(("metrics/timestamp*", "wire/type*"), HINT, MISSING, "an empty text is no number"),
    Difference("logged_models/params*", HINT, MISSING, "the id is in the path; MLflow loses it with the mistyped list"),
    Difference(("bad_input/*", "wire/*", "artifacts/*", "search_experiments/query", "logged_models/delete tag*", "assessments/head*", *REGISTRY), r"(200 .*|40[04] .*)",
               r"400 INVALID_PARAMETER_VALUE '?.*'? cannot contain NUL \(0x00\) characters",
               "text with NUL is refused on both databases, as PostgreSQL does", lasting=True),
    Difference(("bad_input/text*", "wire/body*", "wire/bytes*"), r"(200|400|404) .*", MISSING,
               "half a surrogate pair is no text, so the body is malformed; MLflow empties the field and carries on", lasting=True),
    Difference(("bad_input/query text*", "wire/query*", "search_experiments/query", "search_registered_models/query*"), r"(400|404) \w+ .*(%, |%)(FF|ED).*", r"(400|404) \w+ .*\ufffd.*",
               "bytes that are not UTF-8 are shown as replacement characters"),
    Difference(("datasets/dataset*", "logged_models/create*", "bad_input/text*", "model_version_sources/too long*", "registered_models/*", "model_versions/create*", "traces/*", "assessments/*"), OK,
               r"400 INVALID_PARAMETER_VALUE '\w+' exceeds the maximum length of \d+ characters",
               "what does not fit PostgreSQL's columns is refused on SQLite, too", lasting=True),
    Difference(("bad_input/token*", "search_*/form*", "search_*/query*", "metrics/history*", "logged_models/form*"), OK,
               r"400 INVALID_PARAMETER_VALUE Invalid page token, parsed value=.*", "a negative offset is no place in a list"),
    Difference(("bad_input/token*", "logged_models/form*"), r"400 INVALID_PARAMETER_VALUE (Invalid page token: .*|Experiment IDs in the page token .*)",
               r"400 INVALID_PARAMETER_VALUE (Invalid page token: .*|Experiment IDs in the page token .*)", "what is wrong with a broken token, in other words"),
    Difference(("bad_input/page size*", "logged_models/form*", "wire/type*"), OK,
               r"400 INVALID_PARAMETER_VALUE Invalid value -\d+ for parameter 'max_results' supplied\. It must be a positive integer\.",
               "a negative limit has no meaning; MLflow answers an empty page with a token"),
    Difference("search_registered_models/query*", OK, r"400 INVALID_PARAMETER_VALUE Invalid value for max_results\. It must be a positive integer, but got -1",
               "a negative limit has no meaning; MLflow answers an empty page with a token"),
    Difference("experiments/id 006*", r"(404 RESOURCE_DOES_NOT_EXIST|200) .*", r"400 INVALID_PARAMETER_VALUE Invalid experiment ID '.*'\. Experiment ID must be a valid integer\.",
               "an id beyond every integer is refused on both databases", backend="postgres"),
    Difference(("bad_input/token*", "bad_input/text*", "search_*/whole*", "search_*/query*"), r"400 INVALID_PARAMETER_VALUE Invalid (page token, decoded value=|clause\(s\) in filter string: ).{4000,}",
               r"400 INVALID_PARAMETER_VALUE Invalid (page token, decoded value=|clause\(s\) in filter string: ).*", "messages are bounded"),
    Difference(("wire/patch and delete bodies", "registered_models/*", "model_versions/*", "aliases/without parameters", "traces/bodies"), r"400 INVALID_PARAMETER_VALUE Missing value .*", r"400 INVALID_PARAMETER_VALUE Bad Request\. Content-Type header is missing\.",
               "the first thing that is wrong is named"),
    Difference("bad_input/integers*", OK, r"400 INVALID_PARAMETER_VALUE Invalid value -9223372036854775808 for parameter 'timestamp' .*",
               "a number below the smallest integer is negative, too", lasting=True),
    Difference(("bad_input/integers*", "search_model_versions/filter*"), CRASH, OK, "a bound beyond every integer matches what it matches"),

    Difference(REGISTRY, r"200 .*", r"(404 RESOURCE_DOES_NOT_EXIST (Model Version|Registered Model) .*|400 INVALID_PARAMETER_VALUE Registered model alias .*)",
               "what was refused before is not there", follows=True),
    Difference(REGISTRY, r"404 RESOURCE_DOES_NOT_EXIST (Model Version|Registered Model) .*", OK, "what was not deleted or renamed before is there", follows=True),

    # Traces
    Difference("traces/*", OK, r"404 RESOURCE_DOES_NOT_EXIST Trace with ID '.*' not found\.", "what was refused before is not there", follows=True),
    Difference("assessments/*", OK, r"404 RESOURCE_DOES_NOT_EXIST (Assessment|Trace) with ID '.*' not found.*", "what was refused before is not there", follows=True),
    Difference("assessments/head*", OK, r"400 INVALID_PARAMETER_VALUE An assessment is a feedback, an expectation or an issue, and only one of them\.", "MLflow forgets all but one", lasting=True),
    Difference(("traces/again*", "traces/sent after*", "trace_metrics/spans of a trace"), OK, OK, "the answer shows what is stored; MLflow's shows the tags from before"),
    Difference("trace_metrics/form*", OK, r"400 INVALID_PARAMETER_VALUE Invalid value -1 for parameter 'max_results' supplied\. It must not be negative\.", "a negative limit has no meaning, on both databases", backend="sqlite"),
    Difference("trace_metrics/prompts*", r"400 BAD_REQUEST <SQL error>", OK, "a link that is there already stays, also when one request has it twice", lasting=True),
    Difference("search_traces/filter*", OK, r"400 INVALID_PARAMETER_VALUE Invalid comparison clause\. '=' does not take a list of values",
               "a list goes with IN on both databases", backend="postgres"),
    Difference("traces/older start 005*", CRASH, OK, "a time beyond every calendar is shown all the same"),
    Difference("search_traces/filter*", *[r"400 INVALID_PARAMETER_VALUE Invalid clause\(s\) in filter string: 'timestamp', .*"] * 2, "each piece is named once",
               rewrite=(r", 'timestamp'$", "")),

    # Spans
    Difference("otlp/*", r"500  .*", r"400  \{\"detail\": .*", "JSON of another shape is no crash"),
    Difference("otlp/before the head*", OK, OK, "the answer shows what is stored; MLflow's shows the tags from before"),
    Difference("otlp/incomplete", OK, OK, "the answer shows what is stored; MLflow's shows the tags from before"),
    Difference("otlp/resource*", CRASH, r"200 .*", "bytes are a tag as they are an attribute", lasting=True),
    Difference("otlp/resource*", r"404 RESOURCE_DOES_NOT_EXIST .*", OK, "what was not refused is there", follows=True),
    Difference("otlp/attributes*", OK, OK, "a number that JSON has no word for is a text within other values", rewrite=(r'"double_value": "NaN"(?=.*"string_value": "\{\} \{\}")', '"string_value": "NaN"')),
    Difference("otlp/files of a trace", *[r"404 RESOURCE_DOES_NOT_EXIST No such artifact: '.*'"] * 2, "what is missing is named from the root of the store"),
    Difference("otlp/a bomb", r"400  .*", r"413  .*", "a small body that unpacks to a huge one is refused on the way"),
    Difference("otlp/head of a trace of files", CRASH, OK, "traces whose spans are elsewhere are left out, as incomplete ones are"),

    # The database's words
    Difference("*", r"400 BAD_REQUEST <SQL error>", REFUSED, "the database's words, without the statement and its values"),
    Difference("*", r"400 RESOURCE_ALREADY_EXISTS Experiment\(name=.*\) already exists\. Error: <SQL error>",
               r"400 RESOURCE_ALREADY_EXISTS Experiment\(name=.*\) already exists\. Error: .*", "the reason without the statement and its values"),
    Difference("experiments/same tag twice at creation", r"400 RESOURCE_ALREADY_EXISTS .* already exists\. Error: <SQL error>",
               r"400 RESOURCE_ALREADY_EXISTS Duplicate tag keys have been submitted: .*", "it is the tag that exists already"),
    Difference("metrics/model metrics", r"400 BAD_REQUEST <SQL error>", REFUSED,
               "all or nothing: MLflow keeps the run's part of a batch whose model does not exist", lasting=True),
    Difference("runs/create 025*", r"400 BAD_REQUEST <SQL error>", OK, "an empty run name is none, in the tag as in the field", lasting=True),

    Difference("registered_models/rename onto another", r"400 RESOURCE_ALREADY_EXISTS Registered Model \(name=.*\) already exists\. Error: <SQL error>",
               r"400 RESOURCE_ALREADY_EXISTS Registered Model \(name=.*\) already exists\.", "the reason without the database's words"),
    Difference(("model_versions/number*", "model_versions/archive with*"), r"(400 BAD_REQUEST <SQL error>|500 INTERNAL_ERROR .*)",
               r"(404 RESOURCE_DOES_NOT_EXIST .*|200 .*)", "a version's number is a number, however it is written and however large it is", lasting=True),

    Difference("model_versions/number 007*", r"404 RESOURCE_DOES_NOT_EXIST Model Version \(name=.*, version=9{40}\) not found",
               r"404 RESOURCE_DOES_NOT_EXIST Model Version \(name=.*, version=9223372036854775807\) not found", "a number beyond 64 bits is the largest one",
               backend="postgres"),

    # Spellings
    Difference(("runs/run uuid*", "runs/get by both names", "metrics/history by both names", "wire/spelling*", "wire/query*", "search_experiments/query", "registered_models/spelling"),
               r"(400 INVALID_PARAMETER_VALUE|404 RESOURCE_DOES_NOT_EXIST) .*", r"(200|404 RESOURCE_DOES_NOT_EXIST|400 BAD_REQUEST) .*",
               "both spellings and run_uuid are understood everywhere; MLflow forgets them in places", lasting=True),
    Difference(("wire/query*", "search_*/query*"), OK,
               r"400 INVALID_PARAMETER_VALUE Request specifies both '\w+' and '\w+'; provide only one of them\.", "the rule for bodies holds for queries"),
    Difference("experiments/id 010*", r"(404 RESOURCE_DOES_NOT_EXIST|200) .*", r"400 INVALID_PARAMETER_VALUE Invalid experiment ID '.*'\. Experiment ID must be a valid integer\.",
               "ids are written in ASCII digits"),
    Difference("model_versions/number*", r"200 .*", r"400 INVALID_PARAMETER_VALUE Parameter 'version' must be an integer, got '\u0661'\.",
               "numbers are written in ASCII digits", lasting=True),
    Difference("experiments/id 009*", OK, OK, "an experiment's id is answered as it is, not as it was spelled in the request"),

    # Numbers
    Difference(("metrics/bulk*", "bad_input/page size*"), OK, r"400 INVALID_PARAMETER_VALUE Invalid value -\d+ for parameter 'max_results' supplied\. It must not be negative\.",
               "a negative page size is refused, not counted from the end", backend="sqlite"),
    Difference("metrics/bulk*", OK, OK, "a bare NaN is not JSON", rewrite=(r'(?<=": )NaN', '"NaN"')),

    Difference("wire/body*", r"400 INVALID_PARAMETER_VALUE Invalid value -?(NaN|Infinity) for parameter 'value' supplied: .*", OK,
               "a bare NaN or Infinity, which is no JSON, is read as the text that stands for it", lasting=True),
    Difference("wire/numbers", OK, MISSING, "a number beyond every double makes the body no JSON", lasting=True),
    Difference("metrics/value 001*", OK, OK, "zero keeps its sign on both databases", backend="postgres"),

    # Shapes of errors
    Difference("*", r'400  \{"detail": .*\}', r"400 INVALID_PARAMETER_VALUE .*", "one shape for every error"),
    Difference(("artifacts/*", "protection/host*", "model_version_artifacts/query*", "registered_logged_models/artifacts*"), r"400  <not JSON>", r"400 BAD_REQUEST Request must specify path\.", "one shape for every error"),
    Difference(("endpoints/infra", "infra/server info", "unserved/server info"), r'200 application/json .*"features_enabled": .*',
               r'200 application/json .*"features_enabled": .*"store_type": "SqlStore".*', "what this release does not serve is not announced"),
    Difference("infra/unknown*", r"(404|308) .*", r"(404|405)  <not JSON>", "what there is under /ajax-api is there under /api, too"),
    Difference("infra/unknown 017*", r"404  <not JSON>", r"400 INVALID_PARAMETER_VALUE .*", "what there is under /ajax-api is there under /api, too"),
    Difference("infra/unknown 013*", r"400 .*", r"404  <not JSON>", "a path is taken as it is written"),
    Difference(("endpoints/artifacts", "endpoints/logged models", "endpoints/model versions", "endpoints/multipart*"), r"200 application/json \{\}", r"200  ", "an upload is answered alike with and without a static prefix"),

    Difference("unserved/proxy", r'503  \{"detail": .*\}', r"503  <not JSON>", "one shape for every error"),

    # Artifacts
    Difference("artifacts/escape*", CRASH, OK, "a path with needless segments means the place it leads to", lasting=True),
    Difference("artifacts/escape*", r"400 INVALID_PARAMETER_VALUE Artifact path refers to a directory.*", r"404 RESOURCE_DOES_NOT_EXIST No such artifact: .*",
               "the folder was deleted by the request before, where MLflow crashed"),
    Difference("artifacts/escape*", OK, r"404 RESOURCE_DOES_NOT_EXIST No such artifact: .*", "the file with NUL in its name was not stored"),
    Difference(("artifacts/get artifact", "artifacts/escape 023*", "registered_logged_models/artifacts*"), r"400 INVALID_PARAMETER_VALUE Artifact path refers to a directory, not a file: '.*/'",
               r"400 INVALID_PARAMETER_VALUE Artifact path refers to a directory, not a file: '.*'", "no slash after a folder's name"),
    Difference(("artifacts/elsewhere", "model_version_artifacts/elsewhere*"), r"(200|404) .*", r"400 INVALID_PARAMETER_VALUE The artifact location .* is outside the folders that this server may use\..*",
               "no request opens a folder that the operator did not name"),
    Difference("artifacts/name 038*", r'404 ( \{"detail": "Not Found"\}|RESOURCE_DOES_NOT_EXIST .*)', OK, "a line break in a name is escaped, as MLflow does where its router lets it through", lasting=True),
    Difference("logged_models/delete tag 003*", r"404  <not JSON>", OK, "an encoded slash belongs to the key", lasting=True),
    Difference("artifacts/range*", r"(206 multipart/byteranges|400 ) ?.*", r"200 application/octet-stream .*", "several or impossible ranges are answered with the whole"),
    Difference(("endpoints/artifacts", "s3_*"), CRASH, r"404 RESOURCE_DOES_NOT_EXIST No such artifact: .*", "what is not there is not found, on S3 as in a folder"),
    Difference(("endpoints/multipart*", "s3_*"), r"404 RESOURCE_DOES_NOT_EXIST Not Found", r"404 RESOURCE_DOES_NOT_EXIST No such artifact: .*", "the error names the artifact"),
    Difference(("endpoints/multipart*", "s3_proxied/*"), CRASH, r"404 RESOURCE_DOES_NOT_EXIST No such multipart upload .*", "what is not there is not found"),

    Difference("s3_proxied/folders", r"200 application/octet-stream ", r"400 INVALID_PARAMETER_VALUE Artifact path refers to a directory, not a file: .*", "a folder is no file, on S3 as on a disk"),
    Difference("s3_direct/presigned upload", OK, r"400 INVALID_PARAMETER_VALUE expiration must be between 1 and 604800 seconds .*", "a URL that has expired already is of no use"),

    # Sources of model versions
    *[Difference("model_version_sources/*", *[rf"400 INVALID_PARAMETER_VALUE Invalid model version source: '.*'\. To use a local path as a model version source, the {name} .*"] * 2,
                 "the message names the source as it was given; MLflow's tells where a link or a relative path leads to on the server") for name in ("run_id", "model_id")],
    Difference("model_version_sources/as on disk*", r"400 INVALID_PARAMETER_VALUE Invalid model version source: .*", OK,
               "a key in an object store has nothing to do with the links on the server's own disk"),
    Difference("model_version_sources/digits of others", OK, r"400 INVALID_PARAMETER_VALUE Parameter 'version' must be an integer, got '.*'\.", "versions are written in ASCII digits"),
    Difference(("model_version_artifacts/path*", "model_version_artifacts/escape*", "model_version_artifacts/gone", "registered_logged_models/artifacts*"), r"500 INTERNAL_ERROR When an mlflow-artifacts URI was supplied, .*",
               r"(200 .*|404 RESOURCE_DOES_NOT_EXIST No such artifact: .*)", "MLflow's server cannot open runs:/ where it proxies artifacts"),
    Difference("model_version_artifacts/head", r"500  <not JSON>", OK, "MLflow's server cannot open runs:/ where it proxies artifacts"),
    Difference(("model_version_artifacts/path*", "registered_logged_models/artifacts*"), r"(400|404) .*: '.*/'", r"(400 .*|404 .*) .*: '.*[^/]'", "no slash after a folder's name"),
    Difference("model_version_artifacts/drive letter", r"(404|501) .*", r"400 INVALID_PARAMETER_VALUE Artifact storage of scheme 'c' is not supported\..*", "there are no drives here; MLflow opens a folder named c:"),
    Difference("model_version_artifacts/prompt", r"501 .*", r"404 RESOURCE_DOES_NOT_EXIST No such artifact: 'a'", "a prompt has no files, however they are asked for"),
    Difference("model_version_sources/half", OK, r"404 RESOURCE_DOES_NOT_EXIST Model Version .* not found", "all or nothing: MLflow keeps a version that it answers with an error"),
    Difference("model_version_sources/copy*", r"(500 INTERNAL_ERROR Python int too large .*|404 RESOURCE_DOES_NOT_EXIST Model Version .*9\) not found)",
               r"404 RESOURCE_DOES_NOT_EXIST Model Version .*=9223372036854775807\) not found", "a version beyond every integer is not found"),

    Difference("registered_logged_models/artifacts of a run*", CRASH, OK, "what a version has in its run's folder is served, also when its source is written as runs:/"),

    # GraphQL
    Difference("graphql/*", OK, OK, "misspelled names are not guessed", rewrite=(r" Did you mean (the enum value )?'\w+'[^?{]*\?", "")),
    Difference("graphql/*", OK, OK, "the limits are fixed", rewrite=(r" To increase the limit, set the \w+ environment variable\.", "")),
    Difference("graphql/history of NaN", OK, OK, "NaN is null without being an error, as in a run's metrics", rewrite=(r'\["Float cannot represent non numeric value: nan"\]', "null")),
    Difference("graphql/job state", OK, OK, "a state that is not there is null without being an error", rewrite=(r'\["Enum .*cannot represent value: 0"\]', "null")),
    Difference("graphql/history bounds", OK, OK, "MLflow looks for the bounds in the query string"),
    Difference("graphql/document*", r"200 .*(missing 1 required positional argument: 'input'|vars\(\) argument must have __dict__ attribute).*",
               r"200 .*Missing value for required parameter 'input'\..*", "what is missing, without Python's words"),
    Difference("graphql/document*", r"200 .*Failed to parse run_view_type field: .*", r"200 .*\"errors\": null.*", "runViewType works"),
    Difference("graphql/document*", r"200 .*\"__schema\".*", r"200 .*Cannot query field '__schema' on type 'Query'\..*", "no introspection"),
    Difference("graphql/document*", r"200 .*The 'A' definition is not executable\..*", r"400 INVALID_PARAMETER_VALUE Syntax Error: .*", "documents that define types are not read at all"),
    Difference(("graphql/variables*", "graphql/long*"), r"200 .*(It must be at most|Failed to parse experiment_ids field: null).*", r"200 .*Invalid value .* for parameter '.*' supplied:  Hint: .*",
               "the same words as for the same mistake in the REST API"),
    Difference("graphql/long*", OK, OK, "without Python's words", rewrite=(r" (invalid literal for int\(\)|int\(\) argument)[^\"]*", "")),
    Difference("graphql/long*", OK, r"200 .*Expected type 'LongString'\..*", "a fraction is no whole number, and neither is true"),

    # Protection
    Difference("protection/host 004*", r"403  <not JSON>", r"(200|400|404) .*", "host names do not depend on case"),
    Difference("protection/host 019*", r"403  <not JSON>", r"(200|400|404) .*", "every loopback address is this machine"),
    Difference(("protection/origin 002*", "protection/preflight 002*"), r"(400  <not JSON>|200 .*)", r"200 .*'access-control-allow-origin': 'https://localhost:3000'.*",
               "a page on localhost may use https"),
    Difference("protection/origin 012*", OK, r"403  <not JSON>", "a page has an http origin", lasting=True),
    Difference("protection/preflight 008*", r"400  <not JSON>", r"(204|405) .*", "an empty origin is none"),
]
