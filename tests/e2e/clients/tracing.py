"""What people trace with the MLflow client. Run and judged as scenarios.py; spans arrive in the background."""

import asyncio
import http.server
import json
import sys
import threading
import time

from scenarios import MAJOR, MlflowClient, _experiment, _refused, _same, main, mlflow


def _flush():
    if MAJOR >= 3:
        mlflow.flush_trace_async_logging()


def _found(experiment, count, **search):
    """The traces of an experiment, once there are so many."""
    where = {"locations": [experiment]} if MAJOR >= 3 else {"experiment_ids": [experiment]}
    kind = {"return_type": "list"} if MAJOR >= 3 else {}
    _flush()
    for _ in range(100):
        found = mlflow.search_traces(**where, **kind, **search)
        if len(found) >= count:
            break
        time.sleep(0.1)
    _same(len(found), count)
    return found


def nested_spans():
    """A function that calls functions, each a span, with inputs, outputs, attributes, an event and an error."""
    experiment = _experiment("nested-spans")

    @mlflow.trace(name="look up", span_type="RETRIEVER", attributes={"index": "docs", "deep": {"a": [1, 2.5, None]}})
    def look_up(question):
        return [{"page_content": f"{question} ünï", "id": number} for number in range(2)]

    @mlflow.trace
    def answer(question, polite=True):
        with mlflow.start_span("think", span_type="LLM") as span:
            span.set_inputs({"messages": [{"role": "user", "content": question}]})
            span.set_outputs({"text": "42"})
            span.set_attribute("mlflow.chat.tokenUsage", {"input_tokens": 3, "output_tokens": 1, "total_tokens": 4})
        return f"{look_up(question)[0]['page_content']}: 42"

    @mlflow.trace
    def fail():
        raise ValueError("too bad")

    _same(answer("why?"), "why? ünï: 42")
    try:
        fail()
    except ValueError:
        pass
    trace, failed = sorted(_found(experiment, 2), key=lambda trace: trace.info.request_time)
    _same((str(trace.info.state), str(failed.info.state)), ("OK", "ERROR"))
    _same((json.loads(trace.data.request), json.loads(trace.data.response)), ({"question": "why?", "polite": True}, "why? ünï: 42"))
    spans = {span.name: span for span in trace.data.spans}
    _same(set(spans), {"answer", "think", "look up"})
    _same({spans["think"].parent_id, spans["look up"].parent_id}, {spans["answer"].span_id})
    _same((spans["look up"].span_type, spans["look up"].attributes["index"], spans["look up"].attributes["deep"]), ("RETRIEVER", "docs", {"a": [1, 2.5, None]}))
    _same(spans["think"].inputs, {"messages": [{"role": "user", "content": "why?"}]})
    _same(spans["look up"].outputs[1], {"page_content": "why? ünï", "id": 1})
    assert spans["answer"].start_time_ns <= spans["think"].start_time_ns <= spans["think"].end_time_ns <= spans["answer"].end_time_ns
    _same(trace.info.token_usage, {"input_tokens": 3, "output_tokens": 1, "total_tokens": 4})
    _same(trace.info.tags["mlflow.traceName"], "answer")
    (span,) = failed.data.spans
    _same((span.status.status_code, span.status.description), ("ERROR", "ValueError: too bad"))
    _same([event.name for event in span.events], ["exception"])
    again = mlflow.get_trace(trace.info.trace_id)
    _same([span.to_dict() for span in again.data.spans], [span.to_dict() for span in trace.data.spans])
    _same(again.info.to_dict(), trace.info.to_dict())


def concurrent_spans():
    """Threads and coroutines trace at the same time; nothing is mixed up."""
    from concurrent.futures import ThreadPoolExecutor

    experiment = _experiment("concurrent-spans")

    @mlflow.trace
    def step(number):
        return number * 2

    @mlflow.trace
    def work(number):
        return [step(number + place) for place in range(3)]

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(24)))
    traces = _found(experiment, 24)
    for trace in traces:
        number = json.loads(trace.data.request)["number"]
        _same(json.loads(trace.data.response), [number * 2, number * 2 + 2, number * 2 + 4])
        _same([span.inputs for span in trace.data.spans if span.name == "step"], [{"number": number + place} for place in range(3)])

    @mlflow.trace
    async def wait(number):
        await asyncio.sleep(0.001)
        return number

    @mlflow.trace
    async def gather():
        return await asyncio.gather(*[wait(number) for number in range(10)])

    asyncio.run(gather())
    (trace,) = [trace for trace in _found(experiment, 25) if trace.info.tags["mlflow.traceName"] == "gather"]
    root = next(span for span in trace.data.spans if span.parent_id is None)
    _same(sorted(span.outputs for span in trace.data.spans if span.parent_id == root.span_id), list(range(10)))


def streaming():
    """A generator is one span, with every piece as an event and the whole as its output."""
    experiment = _experiment("streaming")

    @mlflow.trace(output_reducer="".join)
    def stream(text):
        yield from text

    _same("".join(stream("abc")), "abc")
    (trace,) = _found(experiment, 1)
    (span,) = trace.data.spans
    _same(span.outputs, "abc")
    _same(len(span.events), 3)


def by_hand():
    """Spans without context, as callbacks make them, in a trace with a session and a user."""
    experiment = _experiment("by-hand")
    root = mlflow.start_span_no_context("root", inputs={"a": 1}, tags={"team": "red"}, metadata={"mlflow.trace.session": "s-1", "mlflow.trace.user": "ann"})
    child = mlflow.start_span_no_context("child", parent_span=root)
    child.set_status("ERROR")
    child.end(outputs=[1])
    root.end(outputs={"b": 2})
    (trace,) = _found(experiment, 1, filter_string="tags.team = 'red'")
    _same((trace.info.trace_metadata["mlflow.trace.session"], trace.info.trace_metadata["mlflow.trace.user"]), ("s-1", "ann"))
    _same(len(_found(experiment, 1, filter_string="metadata.`mlflow.trace.session` = 's-1' AND span.name = 'child' AND span.status = 'ERROR'")), 1)
    _same({span.name: span.status.status_code for span in trace.data.spans}, {"root": "OK", "child": "ERROR"})

    @mlflow.trace
    def updated():
        mlflow.update_current_trace(tags={"late": "yes"}, metadata={"x": "y"}, client_request_id="req-1", request_preview="asked", response_preview="told", state="ERROR")

    updated()
    (trace,) = _found(experiment, 1, filter_string="tags.late = 'yes' AND client_request_id = 'req-1'")
    _same((trace.info.request_preview, trace.info.response_preview, str(trace.info.state), trace.info.trace_metadata["x"]), ("asked", "told", "ERROR", "y"))


def searching_traces():
    """Pages, orders, data frames, runs, and spans picked out."""
    experiment = _experiment("searching-traces")

    @mlflow.trace
    def step(number):
        time.sleep(0.002)  # what begins in the same millisecond has no order by time
        return {"square": number * number}

    with mlflow.start_run() as run:
        for number in range(4):
            step(number)
    for number in range(4, 7):
        step(number)
    _found(experiment, 7)
    client = MlflowClient()
    seen, token = [], None
    while True:
        page = client.search_traces(locations=[experiment], max_results=3, order_by=["timestamp_ms ASC"], page_token=token)
        seen += [json.loads(trace.data.request)["number"] for trace in page]
        token = page.token
        if not token:
            break
    _same(seen, list(range(7)))
    _same(len(_found(experiment, 4, run_id=run.info.run_id)), 4)
    frame = mlflow.search_traces(locations=[experiment], order_by=["timestamp_ms DESC"], max_results=2)
    _same([row["square"] for row in frame["response"]], [36, 25])
    heads = client.search_traces(locations=[experiment], include_spans=False)
    _same([len(trace.data.spans) for trace in heads], [0] * 7)
    _refused(lambda: client.search_traces(locations=[experiment], filter_string="nonsense"), "INVALID_PARAMETER_VALUE")


def tags_and_deletion():
    """Tags set and deleted afterwards; traces deleted by id and by time."""
    experiment = _experiment("tags-and-deletion")

    @mlflow.trace
    def step():
        return 1

    for _ in range(3):
        step()
    traces = _found(experiment, 3)
    client, first = MlflowClient(), traces[0].info.trace_id
    mlflow.set_trace_tag(first, "a b", "ünï")
    _same(mlflow.get_trace(first).info.tags["a b"], "ünï")
    mlflow.delete_trace_tag(first, "a b")
    assert "a b" not in mlflow.get_trace(first).info.tags
    _refused(lambda: mlflow.delete_trace_tag(first, "a b"), "RESOURCE_DOES_NOT_EXIST")
    _same(client.delete_traces(experiment, trace_ids=[first]), 1)
    _same(mlflow.get_trace(first, silent=True) if MAJOR >= 3 else None, None)
    _same(client.delete_traces(experiment, max_timestamp_millis=int(time.time() * 1000), max_traces=1), 1)
    _found(experiment, 1)
    _same(client.delete_traces(experiment, max_timestamp_millis=int(time.time() * 1000)), 1)
    _same(len(mlflow.search_traces(locations=[experiment])), 0)


def feedback():
    """Feedback and expectations: logged, read, changed, overridden, deleted, searched for; also while the trace goes on."""
    from mlflow.entities import AssessmentSource, Expectation, Feedback

    experiment = _experiment("feedback")

    @mlflow.trace
    def step():
        mlflow.log_feedback(trace_id=mlflow.get_active_trace_id(), name="early", value="yes")
        return 1

    step()
    (trace,) = _found(experiment, 1)
    trace_id = trace.info.trace_id
    human = AssessmentSource(source_type="HUMAN", source_id="ann")
    good = mlflow.log_feedback(trace_id=trace_id, name="good", value=True, rationale="because", source=human, metadata={"a": "b"})
    for value in (0.5, 3, "text ünï", [1, "a"], {"a": 1.5, "b": "c"}):
        mlflow.log_feedback(trace_id=trace_id, name=f"value {json.dumps(value)}", value=value)
    mlflow.log_feedback(trace_id=trace_id, name="broken", error=ValueError("too bad"))
    mlflow.log_expectation(trace_id=trace_id, name="answer", value={"facts": ["a", "b"], "count": 2}, source=human)
    mlflow.log_expectation(trace_id=trace_id, name="number", value=42, span_id=trace.data.spans[0].span_id)
    found = {assessment.name: assessment for assessment in mlflow.get_trace(trace_id).info.assessments}
    _same((found["early"].value, found["good"].value, found["good"].rationale, found["good"].source, found["good"].metadata), ("yes", True, "because", human, {"a": "b"}))
    _same([found[f"value {json.dumps(value)}"].value for value in (0.5, 3, "text ünï", [1, "a"], {"a": 1.5, "b": "c"})], [0.5, 3, "text ünï", [1, "a"], {"a": 1.5, "b": "c"}])
    _same((found["broken"].error.error_code, found["broken"].error.error_message), ("ValueError", "too bad"))
    assert "ValueError" in found["broken"].error.stack_trace
    _same((found["answer"].value, found["number"].value, found["number"].span_id), ({"facts": ["a", "b"], "count": 2}, 42, trace.data.spans[0].span_id))
    changed = mlflow.update_assessment(trace_id=trace_id, assessment_id=good.assessment_id, assessment=Feedback(name="good", value=False, rationale="no"))
    _same((changed.value, changed.rationale, changed.source), (False, "no", human))
    other = mlflow.override_feedback(trace_id=trace_id, assessment_id=good.assessment_id, value="so so")
    _same((mlflow.get_assessment(trace_id, good.assessment_id).valid, other.overrides), (False, good.assessment_id))
    mlflow.delete_assessment(trace_id=trace_id, assessment_id=other.assessment_id)
    _same(mlflow.get_assessment(trace_id, good.assessment_id).valid, True)
    mlflow.update_assessment(trace_id=trace_id, assessment_id=found["number"].assessment_id, assessment=Expectation(name="number", value=43))
    for text in ("feedback.early = 'yes'", "feedback.`value 3` > 2", "expectation.number = '43.0'", "feedback.good IS NOT NULL"):
        _found(experiment, 1, filter_string=text)
    _refused(lambda: mlflow.get_assessment(trace_id, "a-none"), "RESOURCE_DOES_NOT_EXIST")
    _refused(lambda: mlflow.log_feedback(trace_id="tr-none", name="a", value=1), "RESOURCE_DOES_NOT_EXIST")


class _Chat(http.server.BaseHTTPRequestHandler):
    """Answers as OpenAI's chat completions do, whole or in pieces."""

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        head = {"id": "c-1", "created": 1, "model": asked["model"]}
        usage = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}
        if asked.get("stream"):
            pieces = [head | {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]} for text in ("Pa", "ris")]
            body, kind = "".join(f"data: {json.dumps(piece)}\n\n" for piece in pieces) + "data: [DONE]\n\n", "text/event-stream"
        else:
            choice = {"index": 0, "message": {"role": "assistant", "content": "Paris"}, "finish_reason": "stop"}
            body, kind = json.dumps(head | {"object": "chat.completion", "choices": [choice], "usage": usage}), "application/json"
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


def openai_autolog():
    """What an application asks a language model is traced without a line of its own."""
    import openai

    experiment = _experiment("openai-autolog")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Chat)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    mlflow.openai.autolog()
    try:
        client = openai.OpenAI(api_key="none", base_url=f"http://127.0.0.1:{server.server_port}/v1")
        asked = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Capital of France?"}], "temperature": 0.5}
        _same(client.chat.completions.create(**asked).choices[0].message.content, "Paris")
        _same("".join(piece.choices[0].delta.content for piece in client.chat.completions.create(stream=True, **asked)), "Paris")
    finally:
        mlflow.openai.autolog(disable=True)
        server.shutdown()
    whole, pieces = sorted(_found(experiment, 2), key=lambda trace: trace.info.request_time)
    for trace in (whole, pieces):
        (span,) = trace.data.spans
        _same((span.span_type, span.inputs["messages"], span.attributes["temperature"]), ("CHAT_MODEL", asked["messages"], 0.5))
        _same(span.model_name, "gpt-4o-mini")
    _same(whole.info.token_usage, {"input_tokens": 5, "output_tokens": 2, "total_tokens": 7})
    _same(whole.info.request_preview, "Capital of France?")
    _same(whole.info.response_preview, "Paris")


def evaluation():
    """A function judged by code: a run with metrics, and every answer's assessments at its trace."""
    from mlflow.genai.scorers import scorer

    experiment = _experiment("evaluation")

    @scorer
    def exact(outputs, expectations):
        return outputs == expectations["expected_response"]

    @scorer
    def length(outputs):
        return len(outputs)

    data = [{"inputs": {"question": question}, "expectations": {"expected_response": expected}} for question, expected in (("a", "A"), ("b", "B"), ("c", "x"))]
    result = mlflow.genai.evaluate(data=data, predict_fn=lambda question: question.upper(), scorers=[exact, length])
    _same((round(result.metrics["exact/mean"], 6), result.metrics["length/mean"]), (0.666667, 1.0))
    traces = _found(experiment, 3, run_id=result.run_id)
    found = {json.loads(trace.data.response): {assessment.name: assessment.value for assessment in trace.info.assessments} for trace in traces}
    _same(found, {answer: {"exact": answer == expected, "length": 1, "expected_response": expected} for answer, expected in (("A", "A"), ("B", "B"), ("C", "x"))})
    _same({assessment.metadata["mlflow.assessment.sourceRunId"] for trace in traces for assessment in trace.info.assessments if assessment.name == "exact"}, {result.run_id})
    _found(experiment, 2, filter_string="feedback.exact = 'true'")
    again = mlflow.genai.evaluate(data=mlflow.search_traces(locations=[experiment], run_id=result.run_id), scorers=[length])
    _same(again.metrics["length/mean"], 1.0)
    MlflowClient().delete_run(result.run_id)
    left = {assessment.name for trace in _found(experiment, 3) for assessment in trace.info.assessments if assessment.metadata and assessment.metadata.get("mlflow.assessment.sourceRunId") == result.run_id}
    _same(left, set())


def older_traces():
    """Traces of clients before 3.0: started and ended on the server, spans in a file."""
    experiment = _experiment("older-traces")

    @mlflow.trace(name="inner", span_type="TOOL", attributes={"key": "value"})
    def inner(number):
        return number + 1

    @mlflow.trace
    def outer(number):
        return {"answer": inner(number)}

    outer(1)
    frame = mlflow.search_traces(experiment_ids=[experiment])
    _same(len(frame), 1)
    client = MlflowClient()
    trace = client.get_trace(frame["request_id"][0])
    _same((trace.info.status, trace.info.experiment_id, trace.info.tags["mlflow.traceName"]), ("OK", experiment, "outer"))
    _same([(span.name, span.span_type, span.inputs, span.outputs) for span in trace.data.spans],
          [("outer", "UNKNOWN", {"number": 1}, {"answer": 2}), ("inner", "TOOL", {"number": 1}, 2)])
    root = client.start_trace("by hand", inputs={"a": 1}, tags={"team": "red"}, experiment_id=experiment)
    span = client.start_span("child", root.request_id, root.span_id)
    client.end_span(root.request_id, span.span_id, outputs=2, status="ERROR")
    client.end_trace(root.request_id, outputs={"b": 2}, status="ERROR")
    client.set_trace_tag(root.request_id, "late", "yes")
    (found,) = client.search_traces([experiment], "tags.late = 'yes' AND status = 'ERROR'")
    _same((found.info.tags["team"], [span.name for span in found.data.spans]), ("red", ["by hand", "child"]))
    client.delete_trace_tag(root.request_id, "late")
    _same(client.search_traces([experiment], "tags.late = 'yes'"), [])
    _same([trace.info.tags["mlflow.traceName"] for trace in client.search_traces([experiment], order_by=["timestamp_ms ASC"])], ["outer", "by hand"])
    _same(client.delete_traces(experiment, request_ids=[root.request_id]), 1)
    _same(client.delete_traces(experiment, max_timestamp_millis=int(time.time() * 1000)), 1)
    _same(client.search_traces([experiment]), [])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], globals()))
