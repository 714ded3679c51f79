"""Sends spans with OpenTelemetry's own SDK, which knows nothing of MLflow. Run with the Python of the environment `opentelemetry`:

    OTEL_EXPORTER_OTLP_ENDPOINT=… OTEL_EXPORTER_OTLP_HEADERS=x-mlflow-experiment-id=… python exporting.py

Prints the id of the trace, in hexadecimal.
"""

import logging

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, SpanKind, Status, StatusCode

logging.basicConfig(level=logging.WARNING)


def main():
    provider = TracerProvider(resource=Resource.create({"service.name": "kitchen", "deployment.environment": "test"}))
    # Many small requests, so that spans of one trace come in several.
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(), max_export_batch_size=16))
    tracer = provider.get_tracer("kitchen")
    with tracer.start_as_current_span("cook", kind=SpanKind.SERVER, attributes={"dish": "soup", "portions": 4, "hot": True, "grams": [1.5, 2.0]}) as cook:
        cook.add_event("boiling", {"degrees": 100})
        with tracer.start_as_current_span("ask", kind=SpanKind.CLIENT, attributes={
                "gen_ai.operation.name": "chat", "gen_ai.request.model": "mine", "gen_ai.usage.input_tokens": 12, "gen_ai.usage.output_tokens": 5,
                "gen_ai.input.messages": '[{"role": "user", "content": "salt?"}]'}):
            pass
        try:
            with tracer.start_as_current_span("taste", links=[Link(cook.get_span_context(), {"why": "late"})]):
                raise ValueError("too hot")
        except ValueError:
            pass
        for number in range(100):
            with tracer.start_as_current_span(f"stir {number}"):
                pass
        cook.set_status(Status(StatusCode.OK))
    provider.shutdown()
    print(f"{trace.format_trace_id(cook.get_span_context().trace_id)}")


main()
