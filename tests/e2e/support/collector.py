"""A collector of OpenTelemetry that reads what arrives with OpenTelemetry's own messages."""

import gzip
import http.server
import threading

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest, ExportTraceServiceResponse

from . import machine


class Collector:
    """`spans` is everything that was posted; it may come and go, always on the same port."""

    def __init__(self):
        self.port = machine.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.requests = []
        self._listener = None

    @property
    def spans(self):
        scopes = (scope for request in self.requests for resource in request.resource_spans for scope in resource.scope_spans)
        return [span for scope in scopes for span in scope.spans]

    def start(self):
        self._listener = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), self._handler())
        threading.Thread(target=self._listener.serve_forever, daemon=True).start()
        return self

    def stop(self):
        if self._listener:
            self._listener.shutdown()
            self._listener.server_close()
            self._listener = None

    def _handler(collector):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                fits = self.path == "/v1/traces" and self.headers["Content-Type"] == "application/x-protobuf"
                if fits:
                    collector.requests.append(ExportTraceServiceRequest.FromString(body))
                answer = ExportTraceServiceResponse().SerializeToString()
                self.send_response(200 if fits else 400)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        return Handler
