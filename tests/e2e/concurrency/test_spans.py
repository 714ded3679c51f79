"""Many senders of spans of the same traces at once, beside those who send the heads of traces."""

import json
import random

from concurrency.threads import THREADS, together

EACH = 4
SPANS = THREADS * EACH
TRACES, WITH_HEAD = 12, 6
BEGAN = 1_700_000_000_000
USAGE = {"key": "mlflow.chat.tokenUsage", "value": {"stringValue": json.dumps({"input_tokens": 1, "output_tokens": 2, "total_tokens": 3})}}


def trace_id(number):
    return f"{0xfeed << 100 | number:032x}"


def span(trace, number):
    """Number 1 is the root; the others use tokens, and each begins earlier and ends later than the one before."""
    began, ended = BEGAN - number, BEGAN + number
    return {"traceId": trace_id(trace), "spanId": f"{number:016x}", "parentSpanId": "" if number == 1 else f"{1:016x}", "name": "step",
            "startTimeUnixNano": str(began * 1_000_000), "endTimeUnixNano": str(ended * 1_000_000), "attributes": [USAGE] if number > 1 else []}


def head(trace):
    location = {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "0"}}
    return {"trace_info": {"trace_id": f"tr-{trace_id(trace)}", "trace_location": location, "request_time": "2023-11-14T22:13:20Z",
                           "execution_duration": "5s", "state": "OK", "tags": {"head": "came"}}}


def test_no_span_is_lost(site):
    """Each request has a span of each trace, in an order of its own."""
    store, clients = site

    def work(thread):
        chance, client = random.Random(thread), clients[thread % len(clients)]
        for step in range(EACH):
            spans = [span(trace, thread * EACH + step + 1) for trace in range(TRACES)]
            chance.shuffle(spans)
            client.post_to("/v1/traces", [("x-mlflow-experiment-id", "0")], resourceSpans=[{"scopeSpans": [{"spans": spans}]}])
            if thread < WITH_HEAD and step == EACH // 2:
                client.post_to("/api/3.0/mlflow/traces", trace=head(thread))

    together(work)
    spans = store.query("SELECT trace_id, count(*) FROM spans GROUP BY trace_id ORDER BY trace_id")
    assert spans == [(f"tr-{trace_id(trace)}", SPANS) for trace in range(TRACES)]
    assert store.query("SELECT count(*) FROM trace_tags WHERE key = 'head'") == [(WITH_HEAD,)]
    headless = store.query("SELECT status, timestamp_ms, execution_time_ms, input_tokens, total_tokens FROM trace_info "
                           "WHERE request_id NOT IN (SELECT request_id FROM trace_tags WHERE key = 'head')")
    assert headless == [("OK", BEGAN - SPANS, 2 * SPANS, SPANS - 1, 3 * (SPANS - 1))] * (TRACES - WITH_HEAD)
