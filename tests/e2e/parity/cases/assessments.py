"""Assessments of traces: creating, reading, updating, overriding, deleting, with a trace and with a run."""

from parity.case import case, delete, experiment, get, patch, post, raw, run, table
from parity.traces import TRACE, V3, a_trace, read, start

OF_TRACE = f"{V3}/{TRACE}/assessments"
HEAD = {"assessment_name": "quality", "source": {"source_type": "HUMAN", "source_id": "me"}, "create_time": "2026-01-02T03:04:05.678Z",
        "last_update_time": "2026-01-02T03:04:06Z"}
ERROR = {"error_code": "E", "error_message": "m", "stack_trace": "s"}
LONG_TEXT = "s" * 10_001 + "end"

VALUES = [True, False, 1, 0.5, -3, 1e16, 1e300, 12345678901234567, -0.0, "yes", " NO ", "x", "", "NaN", "\u00e9\U0001f600\x7f", "a\0b", None, [], [1, "a", None, [True]], {}, {"a": 1.5},
          {"a": {"b": [1]}}]
SERIALIZED = ['{"b": 1, "a": [1.0, null, NaN]}', '{"a":1,"a":2}', "5", "123456789012345678901234567890", '"x"', "null", "true", "NaN", "[-Infinity]", " [1] ", '{"a": 1', "", "'a'"]

FEEDBACKS = [{"value": 1, "error": ERROR}, {"error": {}}, {"error": {"error_code": ""}}, {"error": {"error_code": "E", "stack_trace": LONG_TEXT}}, {"value": 1, "error": None}, {}, 5, "x",
             {"unknown": 1}]
EXPECTATIONS = [{}, {"value": 1, "serialized_value": {"serialization_format": "JSON_FORMAT", "value": "2"}}, {"serialized_value": {"serialization_format": "X", "value": "{}"}},
                {"serialized_value": {"value": "{}"}}, {"serialized_value": {}}, {"serializedValue": {"serializationFormat": "JSON_FORMAT", "value": "2"}}, 5]

HEADS = [{"assessment_name": ...}, {"assessment_name": ""}, {"assessment_name": "n" * 250}, {"assessment_name": "n" * 251}, {"assessment_name": 5}, {"source": ...}, {"source": {}}, {"source": None},
         {"source": {"source_type": "CODE"}}, {"source": {"source_type": "CODE", "source_id": ""}}, {"source": {"source_type": "LLM_JUDGE", "source_id": "i" * 250}},
         {"source": {"source_type": "CODE", "source_id": "i" * 251}}, {"source": {"source_type": 2}}, {"source": {"source_type": 9}}, {"source": {"source_type": "AI_JUDGE"}}, {"source": {"source_type": "human"}},
         {"source": 5}, {"create_time": ...}, {"last_update_time": ...}, {"create_time": "1970-01-01T00:00:00Z"}, {"create_time": "x"}, {"create_time": 5}, {"span_id": "s"}, {"span_id": ""},
         {"span_id": "s" * 50}, {"span_id": "s" * 51}, {"rationale": "r"}, {"rationale": ""}, {"rationale": "a\0b"}, {"rationale": 5}, {"metadata": {"a": "b"}}, {"metadata": {}}, {"metadata": {"a": 5}},
         {"metadata": [1]}, {"metadata": {"mlflow.assessment.sourceRunId": "r" * 32}}, {"metadata": {"mlflow.assessment.sourceRunId": "r" * 33}}, {"valid": False}, {"valid": True}, {"valid": "no"},
         {"overrides": "nope-$exp"}, {"overrides": ""}, {"assessment_id": "mine-$exp"}, {"assessment_id": ""}, {"assessment_id": "a" * 44 + "$exp"}, {"assessment_id": "a" * 45 + "$exp"},
         {"trace_id": "other"}, {"error": ERROR}, {"unknown": 1}, {"feedback": ...}, {"feedback": None}, {"feedback": ..., "expectation": {"value": 1}, "rationale": "r", "valid": False},
         {"expectation": {"value": 1}}, {"feedback": ..., "issue": {"issue_name": "n"}, "rationale": "r"}, {"feedback": ..., "issue": {}}]

FEEDBACK_UPDATES = [("assessmentName", {"assessment_name": "new"}), ("assessmentName", {"assessment_name": ""}), ("assessmentName", {"assessment_name": "n" * 251}), ("feedback", {"feedback": {"value": 7}}),
                    ("feedback", {"feedback": {"value": 7, "error": ERROR}}), ("feedback", {}), ("feedback", {"expectation": {"value": 1}}), ("rationale", {"rationale": "new"}), ("rationale", {}),
                    ("metadata", {"metadata": {"c": "2", "a": "9"}}), ("metadata", {}), ("expectation", {"expectation": {"value": 1}}), ("expectation,feedback", {"expectation": {"value": 1}}), ("expectation", {}),
                    ("valid", {"valid": False}), ("nonsense", {}), ("", {}), (..., {}), (5, {}), (None, {}), ("rationale,,metadata", {"rationale": "k"}), (" rationale", {"rationale": "k"}),
                    ("rationale,metadata", {"rationale": "k", "metadata": {"z": "z"}}), ("source", {"source": {"source_type": "CODE"}}), ("rationale", {"rationale": 5}), ("rationale", ...), ("rationale", 5)]
EXPECTATION_UPDATES = [("expectation", {"expectation": {"value": [1]}}), ("expectation", {"expectation": {"value": None}}), ("feedback", {"feedback": {"value": 1}}), ("rationale", {"rationale": "x"}),
                       ("metadata", {"metadata": {"a": "b"}})]
ISSUE_UPDATES = [("rationale", {"rationale": "x"}), ("feedback", {"feedback": {"value": 1}}), ("expectation", {"expectation": {"value": 1}})]


def _given(fields):
    return {key: value for key, value in fields.items() if value is not ...}


def _assessment(**fields):
    return _given(HEAD | {"feedback": {"value": True}} | fields)


def _create(save="a", trace=TRACE, **fields):
    return post(f"{V3}/{trace}/assessments", {"assessment": _assessment(**fields)}, save={save: "assessment.assessment_id"})


def _get(assessment="$a", trace=TRACE):
    return get(f"{V3}/{trace}/assessments/{assessment}")


def _delete(assessment="$a", trace=TRACE):
    return delete(f"{V3}/{trace}/assessments/{assessment}")


def _created(fields):
    return a_trace(), _create(**fields), _get()


def _updated(**first):
    def steps(update):
        mask, assessment = update
        return (a_trace(), _create(rationale="r", span_id="s", metadata={"a": "1"}, **first),
                patch(f"{OF_TRACE}/$a", _given({"assessment": assessment, "update_mask": mask})), _get())
    return steps


CASES = [
    *table("feedback value", VALUES, lambda value: _created({"feedback": {"value": value}})),
    *table("feedback", FEEDBACKS, lambda feedback: _created({"feedback": feedback})),
    *table("expectation value", VALUES, lambda value: _created({"feedback": ..., "expectation": {"value": value}})),
    *table("expectation text", SERIALIZED, lambda text: _created({"feedback": ..., "expectation": {"serialized_value": {"serialization_format": "JSON_FORMAT", "value": text}}})),
    *table("expectation", EXPECTATIONS, lambda expectation: _created({"feedback": ..., "expectation": expectation})),
    *table("head", HEADS, _created),
    *table("update feedback", FEEDBACK_UPDATES, _updated(feedback={"value": "x", "error": ERROR})),
    *table("update expectation", EXPECTATION_UPDATES, _updated(feedback=..., expectation={"value": 5})),
    *table("update issue", ISSUE_UPDATES, _updated(feedback=..., issue={"issue_name": "n"})),
    case("no assessment", a_trace(), post(OF_TRACE, {}), post(OF_TRACE, {"assessment": None}), post(OF_TRACE, {"assessment": {}}), post(OF_TRACE, {"assessment": 5}), raw("POST", OF_TRACE, "{"),
         raw("POST", OF_TRACE, "{}", None)),
    case("not there", a_trace(), _create(), _create(trace="nope-$exp"), _get("nope"), _get(trace="nope-$exp"), _delete("nope"), _delete(trace="nope-$exp"),
         patch(f"{OF_TRACE}/nope", {"assessment": {}, "update_mask": "rationale"}), patch(f"{V3}/nope-$exp/assessments/$a", {"assessment": {}, "update_mask": "rationale"}), _get(), _delete(), _get()),
    case("the same id twice", a_trace(), _create(assessment_id="mine-$exp"), _create(assessment_id="mine-$exp", feedback={"value": 2}), _get("mine-$exp")),
    case("overriding", a_trace(), _create("a"), _create("b", overrides="$a"), _create("c", overrides="$b"), _get("$a"), _get("$b"), _get("$c"), _delete("$b"), _get("$a"), _delete("$c"), _get("$a")),
    case("overriding what is another trace's", a_trace(), start("$exp-2"), _create("a"), _create("b", "$exp-2", overrides="$a"), _get("$a")),
    case("updating what is overridden", a_trace(), _create("a"), _create("b", overrides="$a"), patch(f"{OF_TRACE}/$a", {"assessment": {"rationale": "r"}, "update_mask": "rationale"}), _get("$a")),
    case("shown with the trace", a_trace(), _create("a"), _create("b", overrides="$a", create_time="2026-01-03T00:00:00Z"), _create("c", feedback=..., expectation={"value": [1]}, create_time="2026-01-04T00:00:00Z"),
         read(), post(f"{V3}/search", {"locations": [{"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "$exp"}}]}), post(f"{V3}/batchGetInfos", {"trace_ids": [TRACE]}),
         get(f"traces/{TRACE}/info")),
    case("sent with the trace", experiment(), start(assessments=[_assessment(assessment_id="a-$exp"), _assessment(feedback=..., expectation={"value": 1}, create_time="2026-01-03T00:00:00Z"),
                                                                _assessment(overrides="a-$exp", create_time="2026-01-04T00:00:00Z")]), read()),
    case("sent with the trace again", experiment(), start(assessments=[_assessment(assessment_id="a-$exp")]),
         start(assessments=[_assessment(assessment_id="a-$exp", feedback={"value": 2}), _assessment(assessment_id="b-$exp", create_time="2026-01-03T00:00:00Z")], state="ERROR"), read(), start(), read()),
    case("sent with another trace", experiment(), start(assessments=[_assessment(assessment_id="a-$exp")]), start("$exp-2"), start("$exp-2", assessments=[_assessment(assessment_id="a-$exp")]), read()),
    *table("sent", [[], None, 5, [5], [{}], [_assessment(assessment_name="n" * 251)], [_assessment(feedback={"value": "x"}, trace_id="other")]], lambda sent: (experiment(), start(assessments=sent), read())),
    case("of a run that is deleted", a_trace(), run(), _create("a", metadata={"mlflow.assessment.sourceRunId": "$run"}), _create("b", metadata={"run": "$run"}, create_time="2026-01-03T00:00:00Z"),
         post("runs/delete", {"run_id": "$run"}), _get("$a"), _get("$b"), post("runs/restore", {"run_id": "$run"}), read()),
    case("of a run whose experiment is deleted", a_trace(), experiment("other", "${n}_other"), run(exp="$other"), _create("a", metadata={"mlflow.assessment.sourceRunId": "$run"}),
         _create("b", create_time="2026-01-03T00:00:00Z"), patch(f"{OF_TRACE}/$b", {"assessment": {"metadata": {"mlflow.assessment.sourceRunId": "$run"}}, "update_mask": "metadata"}),
         _create("c", create_time="2026-01-04T00:00:00Z"), post("experiments/delete", {"experiment_id": "$other"}), read()),
    case("of a trace that is deleted", a_trace(), _create(), post("traces/delete-traces", {"experiment_id": "$exp", "request_ids": [TRACE]}), _get(), start(), read()),
    case("of a deleted experiment", a_trace(), _create(), post("experiments/delete", {"experiment_id": "$exp"}), _create("b"), _get(), patch(f"{OF_TRACE}/$a", {"assessment": {}, "update_mask": "rationale"}), _delete()),
]
